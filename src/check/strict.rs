//! What do strict readers lose, and what gives it back without a doubt?
//!
//! Looks at source lines, because what is lost to other programs is no event of a parser. Each fault has its [`Fix`].

use super::{Finding, Fix, Vault};
use crate::note::{BlockKind, LinkKind, Note};
use crate::parse;

/// Longer lines are no work of people.
const LINE_LIMIT: usize = 16 << 10;

pub fn check(vault: &Vault<'_>, findings: &mut Vec<Finding>) {
    vault.entries().for_each(|(_, entry)| of_note(&entry.note, findings));
}

/// Finds what strict readers lose of one note. Cost: linear in the note.
pub fn of_note(note: &Note, findings: &mut Vec<Finding>) {
    for block in &note.blocks {
        if matches!(block.kind, BlockKind::Code { .. } | BlockKind::Label(_)) {
            continue;
        }
        let is_table = matches!(block.kind, BlockKind::Table(_));
        for line in block.lines.0..=block.lines.1 {
            let text = note.line(line);
            if text.len() > LINE_LIMIT {
                continue;
            }
            if is_table && text.contains('|') {
                bars(note, line, text, findings);
                row_end(note, line, text, findings);
            }
            if text.contains("](") {
                spaces(note, line, text, findings);
            }
        }
    }
    escapes(note, findings);
}

/// Returns the row of dashes that a broken table needs, whose header stands in `line`; none where the table lacks more.
pub fn dashes(note: &Note, line: u32) -> Option<Fix> {
    let is_table = |kind: &BlockKind| matches!(kind, BlockKind::Table(_));
    note.blocks.iter().find(|block| block.lines.0 == line && is_table(&block.kind))?;
    let (header, old) = (note.line(line), note.line(line + 1));
    // Quote marks and indentation stay.
    let inside = |line: &'_ str| line.len() - line.trim_start_matches(|c: char| c.is_whitespace() || c == '>').len();
    let start = inside(old);
    let text = parse::dashes(&header[inside(header)..], &old[start..])?;
    Some(fix(note, line + 1, start..old.trim_end().len(), text))
}

/// Returns the change of a piece of a line.
fn fix(note: &Note, line: u32, piece: std::ops::Range<usize>, text: String) -> Fix {
    let base = note.line_starts[line as usize - 1];
    Fix { span: (base + piece.start as u32, base + piece.end as u32), text }
}

fn finding(note: &Note, line: u32, at: usize, code: &str, message: String, fix: Fix) -> Finding {
    let column = note.line(line)[..at].chars().count() as u32 + 1;
    Finding { fix: Some(fix), ..Finding::new(&note.path, line, column, code, message) }
}

/// Finds bars that are not escaped in links and code. Linear in the line.
fn bars(note: &Note, line: u32, text: &str, findings: &mut Vec<Finding>) {
    let mut at = 0;
    while let Some(open) = text[at..].find("[[") {
        let start = at + open;
        let Some(length) = text[start..].find("]]") else { return };
        let inner = &text[start..start + length];
        at = start + length;
        // Another bracket inside belongs to another link.
        if inner[2..].contains("[[") {
            at = start + 2;
            continue;
        }
        let Some(bar) = inner.find('|').filter(|bar| !inner[..*bar].ends_with('\\')) else { continue };
        // Two bars are cells: `| [[ | x | ]] |`.
        if inner[bar + 1..].contains('|') {
            continue;
        }
        let bar = start + bar;
        let message = format!("a bar in this link cuts the cell; write `{}]]`", inner.replacen('|', "\\|", 1));
        let fix = fix(note, line, bar..bar, "\\".to_owned());
        findings.push(finding(note, line, start, "unescaped-pipe", message, fix));
    }
}

/// Finds a backslash behind the last bar of a row.
fn row_end(note: &Note, line: u32, text: &str, findings: &mut Vec<Finding>) {
    let row = text.trim_end();
    let Some(cells) = row.strip_suffix('\\').filter(|cells| cells.ends_with('|') && !cells.ends_with("\\|")) else {
        return;
    };
    let message = "this backslash is a cell of its own; end the row with its bar".to_owned();
    let fix = fix(note, line, cells.len()..row.len(), String::new());
    findings.push(finding(note, line, cells.len(), "trailing-backslash", message, fix));
}

/// Finds links whose name ends in a backslash: as cells need it, and nothing else. Linear in the note.
fn escapes(note: &Note, findings: &mut Vec<Finding>) {
    let is_table = |kind: &BlockKind| matches!(kind, BlockKind::Table(_));
    let tables: Vec<(u32, u32)> =
        note.blocks.iter().filter(|block| is_table(&block.kind)).map(|block| block.lines).collect();
    let in_table = |line: u32| {
        let before = tables.partition_point(|(first, _)| *first <= line);
        before > 0 && line <= tables[before - 1].1
    };
    // Of the line looked at last: whether another bar makes it a row that nobody took for one.
    let (mut seen, mut is_row) = (0, false);
    for link in note.links.iter().filter(|link| matches!(link.kind, LinkKind::Wiki | LinkKind::Embed)) {
        let (start, end) = (link.span.0 as usize, link.span.1 as usize);
        let Some(source) = note.text.get(start..end).filter(|source| !source.contains('\n')) else { continue };
        let Some(bar) = source.find('|').filter(|bar| source[..*bar].ends_with('\\')) else { continue };
        if seen != link.line {
            let line = note.line(link.line);
            let has_bar = || line.match_indices('|').any(|(at, _)| !line[..at].ends_with('\\'));
            (seen, is_row) = (link.line, line.len() > LINE_LIMIT || has_bar() || in_table(link.line));
        }
        if is_row {
            continue;
        }
        let (name, rest) = (&source[..bar - 1], &source[bar..]);
        let message = format!("outside a table the backslash belongs to the name of the note; write `{name}{rest}`");
        let at = start - note.line_starts[link.line as usize - 1] as usize;
        let fix = fix(note, link.line, at + bar - 1..at + bar, String::new());
        findings.push(finding(note, link.line, at, "trailing-backslash", message, fix));
    }
}

/// Finds `[text](a note.md)`. Linear in the line.
fn spaces(note: &Note, line: u32, text: &str, findings: &mut Vec<Finding>) {
    let (mut n_ticks, mut counted) = (0, 0);
    for (at, _) in text.match_indices("](") {
        n_ticks += text[counted..at].matches('`').count();
        counted = at;
        let start = at + 2;
        let Some(length) = text[start..].find(')') else { return };
        let target = &text[start..start + length];
        let in_code = n_ticks % 2 == 1;
        let name = target.split('#').next().unwrap_or_default();
        let is_note = name.to_lowercase().ends_with(".md");
        if in_code || !is_note || !name.contains(' ') || target.starts_with('<') || target.contains(['"', '\'']) {
            continue;
        }
        let escaped = target.replace(' ', "%20");
        let message = format!("the space makes this plain text; write `]({escaped})` or `](<{target}>)`");
        let fix = fix(note, line, start..start + length, escaped);
        findings.push(finding(note, line, start, "space-in-link", message, fix));
    }
}
