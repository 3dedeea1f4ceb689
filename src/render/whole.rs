//! What is the whole table behind a quote?
//!
//! A message shows the deciding rows; pictures and files show all of them.

use crate::answer::Evidence;
use crate::note::{BlockKind, Note, Rich};

/// A table of a note, all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// The header's cells; empty where it has none.
    pub header: Vec<String>,
    /// All rows, each with whether it decides.
    pub rows: Vec<(Vec<String>, bool)>,
    /// The source lines.
    pub markdown: String,
}

/// Returns the table that a quote stands in, out of its note.
pub fn whole(evidence: &Evidence, note: &Note) -> Option<Whole> {
    let line = evidence.rows.first()?.line;
    let is_there = |lines: (u32, u32)| (lines.0..=lines.1).contains(&line);
    let (lines, table) = note.blocks.iter().find_map(|block| match &block.kind {
        BlockKind::Table(table) if is_there(block.lines) => Some((block.lines, table)),
        _ => None,
    })?;
    let cells = |cells: &[Rich]| -> Vec<String> { cells.iter().map(|cell| cell.text.trim().to_owned()).collect() };
    let decides = |first: u32, last: u32| evidence.rows.iter().any(|row| (first..=last.max(first)).contains(&row.line));
    let rows = table.rows.iter().map(|row| (cells(&row.cells), decides(row.line, row.last_line)));
    let markdown: Vec<&str> = (lines.0..=lines.1).map(|line| note.line(line)).collect();
    Some(Whole { header: cells(&table.header.cells), rows: rows.collect(), markdown: markdown.join("\n") })
}

impl Whole {
    /// Returns the table in words, for those who do not see the picture; at most `limit` characters.
    pub fn text(&self, limit: usize) -> String {
        let mut text = String::new();
        for (cells, is_deciding) in &self.rows {
            let named = cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()).map(|(at, cell)| {
                match self.header.get(at).map(String::as_str).unwrap_or_default() {
                    "" => cell.clone(),
                    header => format!("{header}: {cell}"),
                }
            });
            let line = named.collect::<Vec<_>>().join(", ").replace('\n', " ");
            let mark = if *is_deciding { "▶ " } else { "" };
            let line = format!("{mark}{line}\n");
            if text.encode_utf16().count() + line.encode_utf16().count() > limit.saturating_sub(2) {
                text.push('…');
                break;
            }
            text.push_str(&line);
        }
        text.trim_end().to_owned()
    }
}
