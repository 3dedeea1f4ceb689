//! Which cells does this table line hold?
//!
//! Cuts lines with pipes as a reader would: pipes in code, in link aliases and escaped ones do not cut,
//! outer pipes are optional, a wrong delimiter row does no harm.

use super::inline::rich;
use crate::note::{Row, Table};

/// Returns the raw cells of a table line.
pub fn cells(line: &str) -> Vec<&str> {
    let trimmed = line.trim();
    let inner = trimmed.strip_prefix('|').unwrap_or(trimmed);
    let bytes = inner.as_bytes();
    let mut cells = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'`' => {
                // Only a code span that closes before the next two pipes hides one; a stray tick does not.
                if let Some(length) =
                    inner[at + 1..].find('`').filter(|length| !inner[at + 1..at + 1 + length].contains(" | "))
                {
                    at += length + 1;
                }
            }
            b'[' if inner[at..].starts_with("[[") => {
                if let Some(length) =
                    inner[at..].find("]]").filter(|length| inner[at..at + length].matches('|').count() < 2)
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
    line.len() > 1 && (line.starts_with('|') || cells(line).len() > 1)
}

/// Builds a table from its source lines, given as (line number, text without quote marks).
pub fn table(lines: &[(u32, &str)]) -> Table {
    let mut table = Table::default();
    let delimiter = lines.iter().position(|(_, line)| is_delimiter(line));
    let mut rows = lines.iter().enumerate().filter(|(_, (_, line))| !is_delimiter(line) && !line.trim().is_empty());
    if delimiter.is_some_and(|at| at > 0)
        && let Some((_, (line, text))) = rows.next()
    {
        table.header = row(*line, text);
    }
    table.rows = rows
        .map(|(_, (line, text))| row(*line, text))
        .filter(|row| row.cells.iter().any(|cell| !cell.is_blank()))
        .collect();
    table
}

fn row(line: u32, text: &str) -> Row {
    Row { line, last_line: line, cells: cells(text).into_iter().map(rich).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipes_inside_code_and_links_do_not_cut() {
        assert_eq!(cells(r"| [[A\|b]] | `a|b` | c \| d |"), [r"[[A\|b]]", "`a|b`", r"c \| d"]);
        assert_eq!(cells("a | [[A|b]]"), ["a", "[[A|b]]"]);
        assert_eq!(cells("| a | | b"), ["a", "", "b"]);
    }

    #[test]
    fn a_long_delimiter_row_does_no_harm() {
        let table = table(&[(3, "| A | B |"), (4, "|---|---|---|"), (5, "| 1 | 2 |")]);
        assert_eq!((table.header.cells.len(), table.rows.len(), table.rows[0].line), (2, 1, 5));
    }
}
