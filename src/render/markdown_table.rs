//! Which table stands in this quote, and how is it aligned?
//!
//! Reads a quote with the parser that read the note, so that tables in quotes, boxes and HTML come out alike. The
//! source lines stay in the answer; what is made here is for the eye only.

use super::{Ink, Style, clean};
use crate::answer::{Evidence, EvidenceKind};
use crate::note::{BlockKind, Rich, Table};
use crate::parse::{parse, rich};
use crate::text::width;

pub(super) const GAP: &str = "…";
pub(super) const BETWEEN: &str = " │ ";
/// Width of the mark before a line, and of the blank in its place.
const MARGIN: usize = 2;

/// Returns the lines of a quote as a person reads them: a table aligned or, where it is too wide, stacked; other lines
/// without their markup. Deciding lines are marked.
pub(super) fn quote(evidence: &Evidence, style: Style) -> Vec<String> {
    match table(evidence) {
        Some(table) => aligned(&table, style).unwrap_or_else(|| stacked(&table, style)),
        None => lines(evidence, style),
    }
}

/// A quoted table.
pub(super) struct Quoted {
    pub header: Vec<String>,
    pub rows: Vec<QuotedRow>,
}

pub(super) struct QuotedRow {
    pub cells: Vec<String>,
    pub is_deciding: bool,
    /// Rows of the note are left out before it.
    pub follows_gap: bool,
}

/// Returns the table that is quoted, where it is one.
pub(super) fn table(evidence: &Evidence) -> Option<Quoted> {
    let is_table =
        matches!(evidence.kind, EvidenceKind::DecisionTable | EvidenceKind::ComparisonTable | EvidenceKind::Table);
    is_table.then(|| read(evidence)).flatten()
}

fn read(evidence: &Evidence) -> Option<Quoted> {
    // A line `…` would end a table that stands in a quote block: it is taken out and remembered.
    let mut text = String::new();
    let mut after_gap = Vec::new();
    let mut n_lines = 0;
    for line in evidence.markdown.split('\n') {
        if line == GAP {
            after_gap.push(n_lines + 1);
        } else {
            text.push_str(line);
            text.push('\n');
            n_lines += 1;
        }
    }
    let note = parse("", text);
    let table: &Table = note.blocks.iter().find_map(|block| match &block.kind {
        BlockKind::Table(table) if !table.rows.is_empty() => Some(table),
        _ => None,
    })?;
    let is_deciding = |line: u32, last_line: u32| {
        (line..=last_line.max(line)).any(|line| {
            let line = note.line(line);
            evidence.rows.iter().any(|row| row.text.trim_end_matches('\r') == line)
        })
    };
    let cells = |cells: &[Rich]| cells.iter().map(|cell| clean(cell.text.trim())).collect();
    let rows = table.rows.iter().map(|row| QuotedRow {
        cells: cells(&row.cells),
        is_deciding: is_deciding(row.line, row.last_line),
        follows_gap: after_gap.contains(&row.line),
    });
    Some(Quoted { header: cells(&table.header.cells), rows: rows.collect() })
}

/// Lays a table out in columns, or returns nothing where it is wider than the style allows.
fn aligned(table: &Quoted, style: Style) -> Option<Vec<String>> {
    let widths = widths(table.rows.iter().map(|row| &row.cells).chain([&table.header]));
    let total = MARGIN + widths.iter().sum::<usize>() + width(BETWEEN) * widths.len().saturating_sub(1);
    if total > style.width {
        return None;
    }
    let mut lines = Vec::new();
    if has_header(table) {
        lines.extend(row(&table.header, &widths, BETWEEN).map(|line| style.paint(Ink::Strong, &format!("  {line}"))));
        let rule: Vec<String> = widths.iter().map(|size| "─".repeat(*size)).collect();
        lines.push(style.paint(Ink::Faint, &format!("  {}", rule.join("─┼─"))));
    }
    for quoted in &table.rows {
        if quoted.follows_gap {
            lines.push(style.paint(Ink::Faint, &format!("  {GAP}")));
        }
        lines.extend(marked(row(&quoted.cells, &widths, BETWEEN), quoted.is_deciding, style));
    }
    Some(lines)
}

pub(super) fn has_header(table: &Quoted) -> bool {
    table.header.iter().any(|cell| !cell.is_empty())
}

pub(super) fn widths<'a>(rows: impl Iterator<Item = &'a Vec<String>>) -> Vec<usize> {
    let mut widths = Vec::new();
    for cells in rows {
        widths.resize(widths.len().max(cells.len()), 0);
        for (size, cell) in widths.iter_mut().zip(cells) {
            *size = cell.lines().map(width).max().unwrap_or(0).max(*size);
        }
    }
    widths
}

/// Returns the lines of one row: several where a cell has several.
pub(super) fn row<'a>(cells: &'a [String], widths: &'a [usize], between: &'a str) -> impl Iterator<Item = String> + 'a {
    let n_lines = cells.iter().map(|cell| cell.lines().count()).max().unwrap_or(0).max(1);
    (0..n_lines).map(move |at| {
        let line_of = |column: usize| cells.get(column).and_then(|cell| cell.lines().nth(at)).unwrap_or("");
        let padded: Vec<String> = widths
            .iter()
            .enumerate()
            .map(|(column, size)| {
                let text = line_of(column);
                format!("{text}{}", " ".repeat(size.saturating_sub(width(text))))
            })
            .collect();
        padded.join(between).trim_end().to_owned()
    })
}

/// Puts the mark before the first of the lines where they decide.
fn marked(lines: impl Iterator<Item = String>, is_deciding: bool, style: Style) -> Vec<String> {
    lines
        .enumerate()
        .map(|(at, line)| match (is_deciding, at) {
            (true, 0) => style.paint(Ink::Deciding, &format!("▶ {line}")),
            (true, _) => style.paint(Ink::Deciding, &format!("  {line}")),
            (false, _) => format!("  {line}"),
        })
        .collect()
}

/// Writes each row as lines of `**header** value`, for narrow places.
fn stacked(table: &Quoted, style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    for (at, quoted) in table.rows.iter().enumerate() {
        if quoted.follows_gap {
            lines.push(style.paint(Ink::Faint, &format!("  {GAP}")));
        } else if at > 0 {
            lines.push(String::new());
        }
        let mut mark = if quoted.is_deciding { "▶ " } else { "  " };
        for (column, cell) in quoted.cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let header = table.header.get(column).map(|header| header.replace('\n', " ")).unwrap_or_default();
            let head = match (header.as_str(), style.colour) {
                ("", _) => String::new(),
                (header, true) => format!("{header} "),
                (header, false) => format!("**{header}** "),
            };
            // The header is painted after the lines are cut, because colours have no width.
            let cut = wrap(&format!("{head}{}", cell.replace('\n', " ")), style.width.saturating_sub(MARGIN).max(16));
            for (at, line) in cut.into_iter().enumerate() {
                let line = match line.strip_prefix(header.as_str()).filter(|_| at == 0 && style.colour) {
                    Some(rest) => format!("{}{rest}", style.paint(Ink::Strong, &header)),
                    None => line,
                };
                lines.push(format!("{}{line}", style.paint(Ink::Deciding, mark)));
                mark = "  ";
            }
        }
    }
    lines
}

/// Cuts a text into lines of at most `size` cells, at spaces where there are any.
pub(super) fn wrap(text: &str, size: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut n_cells = 0;
    for word in text.split_inclusive(' ') {
        let is_over = n_cells + width(word.trim_end()) > size;
        if is_over && n_cells > 0 {
            lines.push(String::new());
            n_cells = 0;
        }
        if width(word) <= size {
            n_cells += width(word);
            lines.last_mut().expect("there is a first line").push_str(word);
            continue;
        }
        // A word longer than the line, or a script without spaces: cut anywhere.
        for c in word.chars() {
            let c_width = width(c.encode_utf8(&mut [0; 4]));
            if n_cells + c_width > size {
                lines.push(String::new());
                n_cells = 0;
            }
            n_cells += c_width;
            lines.last_mut().expect("there is a first line").push(c);
        }
    }
    lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
}

/// Shows lines that are no table. Drawings keep every sign; elsewhere the markup inside a line goes.
fn lines(evidence: &Evidence, style: Style) -> Vec<String> {
    let is_drawn = matches!(evidence.kind, EvidenceKind::Tree | EvidenceKind::Diagram);
    let mut lines = Vec::new();
    for line in evidence.markdown.split('\n') {
        if line == GAP {
            lines.push(style.paint(Ink::Faint, &format!("  {GAP}")));
            continue;
        }
        let is_deciding = evidence.rows.iter().any(|row| row.text == line);
        let shown = if is_drawn { line.to_owned() } else { without_markup(line) };
        lines.extend(marked(std::iter::once(clean(&shown).replace('\n', " ")), is_deciding, style));
    }
    lines
}

pub(super) fn without_markup(line: &str) -> String {
    let is_marker = |c: char| c.is_whitespace() || matches!(c, '>' | '-' | '*' | '+' | '#');
    let text = line.trim_start_matches(is_marker);
    let (marker, text) = line.split_at(line.len() - text.len());
    // `**bold** first` starts with a mark of the text, not of the list.
    let n_own = marker.len() - marker.trim_end_matches('*').len();
    let (marker, text) =
        if n_own > 0 && !text.starts_with(' ') { line.split_at(marker.len() - n_own) } else { (marker, text) };
    format!("{}{}", marker.replace('#', "").trim_start_matches(' '), rich(text).text)
}

/// Lays rows out in columns, the first to the left and numbers to the right.
pub fn columns(rows: &[Vec<String>]) -> String {
    let widths = widths(rows.iter());
    let mut text = String::new();
    for cells in rows {
        let line: Vec<String> = cells
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(column, (cell, size))| {
                let blank = " ".repeat(size.saturating_sub(width(cell)));
                if column == 0 { format!("{cell}{blank}") } else { format!("{blank}{cell}") }
            })
            .collect();
        text.push_str(line.join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::QuotedRow as Row;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(kind: EvidenceKind, markdown: &str, deciding: &str, width: usize, expected: Expect) {
        let evidence = Evidence {
            note: "Cake.md".to_owned(),
            headings: Vec::new(),
            kind,
            lines: (1, 9),
            rows: vec![Row { line: 3, text: deciding.to_owned() }],
            markdown: markdown.to_owned(),
            supports: Vec::new(),
            opposes: Vec::new(),
            path: Vec::new(),
        };
        let shown = quote(&evidence, Style { colour: false, width });
        expected.assert_eq(&shown.join("\n"));
    }

    const TABLE: &str = "| Nướng | 选择 | 👍 |\n|---|---|---|\n| **Bánh mì** | 高筋粉 | ✅ |\n…\n| [[Cake|Bánh bông lan]] | 低筋粉 | ⚠️ |";

    #[test]
    fn tables_are_aligned_by_what_a_person_sees() {
        check(
            EvidenceKind::Table,
            TABLE,
            "| **Bánh mì** | 高筋粉 | ✅ |",
            80,
            expect![[r#"
              Nướng         │ 选择   │ 👍
              ──────────────┼────────┼───
            ▶ Bánh mì       │ 高筋粉 │ ✅
              …
              Bánh bông lan │ 低筋粉 │ ⚠️"#]],
        );
    }

    #[test]
    fn narrow_places_get_stacked_rows() {
        check(
            EvidenceKind::Table,
            TABLE,
            "| **Bánh mì** | 高筋粉 | ✅ |",
            20,
            expect![[r#"
            ▶ **Nướng** Bánh mì
              **选择** 高筋粉
              **👍** ✅
              …
              **Nướng** Bánh
              bông lan
              **选择** 低筋粉
              **👍** ⚠️"#]],
        );
    }

    #[test]
    fn other_quotes_lose_their_markup_only() {
        check(
            EvidenceKind::List,
            "- **Rye**: for `dark` bread\n- *Spelt*",
            "- **Rye**: for `dark` bread",
            80,
            expect![[r#"
                ▶ - Rye: for dark bread
                  - Spelt"#]],
        );
    }

    #[test]
    fn long_words_are_cut() {
        assert_eq!(wrap("aa bbbbbbb c", 4), ["aa", "bbbb", "bbb", "c"]);
        assert_eq!(wrap("面包面包", 4), ["面包", "面包"]);
    }
}
