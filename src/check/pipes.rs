//! Which bars inside cells cut a table, and which spaces cut a link?
//!
//! Looks at source lines, because what is lost to other programs is no event of a parser.

use super::{Finding, Fix, Vault};
use crate::note::{BlockKind, Note};

/// Longer lines are no work of people.
const LINE_LIMIT: usize = 16 << 10;

pub fn check(vault: &Vault<'_>, findings: &mut Vec<Finding>) {
    for (_, entry) in vault.entries() {
        let note = &entry.note;
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
                }
                if text.contains("](") {
                    spaces(note, line, text, findings);
                }
            }
        }
    }
}

fn finding(note: &Note, line: u32, at: usize, code: &str, message: String, fix: (usize, usize, String)) -> Finding {
    let text = note.line(line);
    let column = text[..at].chars().count() as u32 + 1;
    let base = note.line_starts[line as usize - 1];
    let fix = Fix { span: (base + fix.0 as u32, base + fix.1 as u32), text: fix.2 };
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
        findings.push(finding(note, line, start, "unescaped-pipe", message, (bar, bar, "\\".to_owned())));
    }
}

/// Finds `[text](a note.md)`. Linear in the line.
fn spaces(note: &Note, line: u32, text: &str, findings: &mut Vec<Finding>) {
    for (at, _) in text.match_indices("](") {
        let start = at + 2;
        let Some(length) = text[start..].find(')') else { return };
        let target = &text[start..start + length];
        let in_code = text[..at].matches('`').count() % 2 == 1;
        let name = target.split('#').next().unwrap_or_default();
        let is_note = name.to_lowercase().ends_with(".md");
        if in_code || !is_note || !name.contains(' ') || target.starts_with('<') || target.contains(['"', '\'']) {
            continue;
        }
        let escaped = target.replace(' ', "%20");
        let message = format!("the space makes this plain text; write `]({escaped})` or `](<{target}>)`");
        findings.push(finding(note, line, start, "space-in-link", message, (start, start + length, escaped)));
    }
}
