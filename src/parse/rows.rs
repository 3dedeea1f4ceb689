//! Which cells does this table line hold?
//!
//! Cuts lines with pipes as a reader would: pipes in code, in link aliases and escaped ones do not cut,
//! outer pipes are optional, a wrong delimiter row does no harm.

use super::inline::rich;
use crate::note::{Row, Table};

/// Bytes of a link within a cell: looking to the end of a long line for each bracket would be quadratic.
const LINK_LIMIT: usize = 1 << 10;

/// A table with more columns is read row by row only.
pub const COLUMN_LIMIT: usize = 256;

/// Returns the raw cells of a table line in a table of `width` columns, 0 where that is not known.
///
/// Pipes in code do not cut where that gives the right number of cells: a strict reader would cut there, a person does not.
pub fn cells(line: &str, width: usize) -> Vec<&str> {
    let whole = cut(line, true);
    if width == 0 || whole.len() == width {
        return whole;
    }
    let strict = cut(line, false);
    if strict.len() == width { strict } else { whole }
}

fn cut(line: &str, keeps_code: bool) -> Vec<&str> {
    let trimmed = line.trim();
    let inner = trimmed.strip_prefix('|').unwrap_or(trimmed);
    let bytes = inner.as_bytes();
    let mut cells = Vec::new();
    let (mut start, mut at) = (0, 0);
    let mut may_tick = true;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'`' if keeps_code && may_tick => {
                let length = inner[at + 1..].find('`');
                may_tick = length.is_some();
                at += length.map_or(0, |length| length + 1);
            }
            b'[' if inner[at..].starts_with("[[") => {
                if let Some(length) = inner[at..inner.floor_char_boundary(at + LINK_LIMIT)]
                    .find("]]")
                    .filter(|length| inner[at..at + length].matches('|').count() < 2)
                {
                    at += length + 1;
                }
            }
            b'|' => {
                cells.push(inner[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    let last = inner.get(start..).unwrap_or_default().trim();
    if !last.is_empty() || !trimmed.ends_with('|') {
        cells.push(last);
    }
    cells
}

/// True for a line of dashes, colons and pipes under a header.
pub fn is_delimiter(line: &str) -> bool {
    let line = line.trim();
    line.contains('-')
        && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ' | '\t' | '=' | '+'))
        && (line.contains('|') || line.len() >= 3)
}

/// True when the line can be a row of a table.
pub fn is_row(line: &str) -> bool {
    let line = line.trim();
    line.len() > 1 && (line.starts_with('|') || line.contains('|') && cut(line, true).len() > 1)
}

/// Builds a table from its source lines, given as (line number, text without quote marks).
pub fn table(lines: &[(u32, &str)]) -> Table {
    let mut table = Table::default();
    let delimiter = lines.iter().position(|(_, line)| is_delimiter(line));
    let mut rows = lines.iter().enumerate().filter(|(_, (_, line))| !is_delimiter(line) && !line.trim().is_empty());
    if delimiter.is_some_and(|at| at > 0)
        && let Some((_, (line, text))) = rows.next()
    {
        table.header = row(*line, text, 0);
    }
    let width = table.header.cells.len();
    table.rows = rows
        .map(|(_, (line, text))| row(*line, text, width))
        .filter(|row| row.cells.iter().any(|cell| !cell.is_blank()))
        .collect();
    // A forgotten corner: every row has one cell more than the header.
    if width > 0 && !table.rows.is_empty() && table.rows.iter().all(|row| row.cells.len() == width + 1) {
        table.header.cells.insert(0, rich(""));
    }
    table
}

/// Says why a strict reader takes the lines for text, and what to write.
pub fn fault(lines: &[(u32, &str)]) -> String {
    let delimiter = lines.iter().position(|(_, line)| is_delimiter(line) && line.contains('|'));
    let dashes = |n_cells: usize| format!("`|{}`", "---|".repeat(n_cells.clamp(1, 40)));
    let first = lines.first().map_or(1, |(line, _)| *line);
    let header = |at: usize| lines.get(at).map_or(1, |(_, line)| cells(line, 0).len());
    match delimiter {
        None => format!("no row of dashes stands under its header; write {} below line {first}", dashes(header(0))),
        Some(0) => {
            format!("no header stands above its row of dashes; write one with {} cells above line {first}", header(0))
        }
        Some(at) => {
            let (line, text) = lines[at];
            let (n_cells, n_header) = (cells(text, 0).len(), header(at - 1));
            if n_cells != n_header {
                let dashes = dashes(n_header);
                let n_cells = if n_cells == 1 { "1 cell".to_owned() } else { format!("{n_cells} cells") };
                format!("line {line} has {n_cells}, and the header has {n_header}; write {dashes} there")
            } else {
                format!("line {line} is no row of dashes to it; write {} there", dashes(n_header))
            }
        }
    }
}

/// Returns the row of dashes that belongs under a header, in the place of one that does not fit it; its alignment stays.
/// None where the old line is no such row.
pub fn dashes(header: &str, old: &str) -> Option<String> {
    let n_cells = cells(header, 0).len();
    if !is_delimiter(old) || !old.contains(['|', '+']) || !(1..=COLUMN_LIMIT).contains(&n_cells) {
        return None;
    }
    let known = cells(old, 0);
    let dashes = (0..n_cells).map(|at| {
        let cell = known.get(at).copied().unwrap_or_default();
        let (left, right) = (cell.starts_with(':'), cell.len() > 1 && cell.ends_with(':'));
        format!("{}---{}", if left { ":" } else { "" }, if right { ":" } else { "" })
    });
    let (open, between, close) = if old.contains("| ") { ("| ", " | ", " |") } else { ("|", "|", "|") };
    let row = dashes.collect::<Vec<_>>().join(between);
    let has_edges = header.trim_start().starts_with('|');
    Some(if has_edges { format!("{open}{row}{close}") } else { row })
}

fn row(line: u32, text: &str, width: usize) -> Row {
    Row { line, last_line: line, cells: cells(text, width).into_iter().map(rich).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipes_inside_code_and_links_do_not_cut() {
        assert_eq!(cells(r"| [[A\|b]] | `a|b` | c \| d |", 0), [r"[[A\|b]]", "`a|b`", r"c \| d"]);
        assert_eq!(cells("a | [[A|b]]", 2), ["a", "[[A|b]]"]);
        assert_eq!(cells("| a | | b", 3), ["a", "", "b"]);
    }

    #[test]
    fn dashes_fit_their_header() {
        let check = |header: &str, old: &str, expected: Option<&str>| {
            assert_eq!(dashes(header, old).as_deref(), expected, "{header} over {old}");
        };
        check("| A | B |", "|---|", Some("|---|---|"));
        check("| A | B |", "| :-- | --: | :-: |", Some("| :--- | ---: |"));
        check("A | B", "---|---|---", Some("---|---"));
        check("| A | B |", "+---+---+", Some("|---|---|"));
        check("| A | B |", "| 1 | 2 |", None);
        check("A, B", "----", None);
    }

    #[test]
    fn a_long_delimiter_row_does_no_harm() {
        let table = table(&[(3, "| A | B |"), (4, "|---|---|---|"), (5, "| 1 | 2 |")]);
        assert_eq!((table.header.cells.len(), table.rows.len(), table.rows[0].line), (2, 1, 5));
    }
}
