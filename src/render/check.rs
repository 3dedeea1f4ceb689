//! How are faults of the notes shown, and how do they travel?

use std::fmt::Write;

use rustc_hash::FxHashMap;
use serde::Serialize;

use super::{Ink, Style, clean};
use crate::check::{Code, Finding, Severity};

/// Hints of one kind that are shown where nobody asks for all.
const HINTS_SHOWN: usize = 10;

/// How many of the hints are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hints {
    /// Some of each kind.
    Some,
    /// All of them.
    All,
}

/// Faults with their counts, as JSON has them.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    schema: u32,
    notes: usize,
    errors: usize,
    warnings: usize,
    hints: usize,
    faults: &'a [Finding],
}

impl<'a> Report<'a> {
    /// Counts the faults of a vault.
    pub fn new(n_notes: usize, findings: &'a [Finding]) -> Self {
        let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
        Self {
            schema: 1,
            notes: n_notes,
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            hints: count(Severity::Hint),
            faults: findings,
        }
    }

    /// True when there is more than hints.
    pub fn has_faults(&self) -> bool {
        self.errors + self.warnings > 0
    }

    /// Returns a line for each fault, `path:line:column code message`, and how many hints are left out.
    pub fn text(&self, hints: Hints, style: Style) -> (String, usize) {
        let mut out = String::new();
        let mut n_shown: FxHashMap<&str, usize> = FxHashMap::default();
        let mut n_left_out = 0;
        for finding in self.faults {
            let n_shown = n_shown.entry(finding.code).or_default();
            *n_shown += 1;
            if finding.severity == Severity::Hint && hints == Hints::Some && *n_shown > HINTS_SHOWN {
                n_left_out += 1;
                continue;
            }
            let one_line = |text: &str| clean(text).replace('\n', " ");
            let ink = match finding.severity {
                Severity::Error => Ink::Strong,
                Severity::Warning => Ink::Warning,
                Severity::Hint => Ink::Faint,
            };
            let place = format!("{}:{}:{}", one_line(&finding.path), finding.line, finding.column);
            let _ = writeln!(out, "{place} {} {}", style.paint(ink, finding.code), one_line(&finding.message));
        }
        (out, n_left_out)
    }

    /// Returns the counts in a sentence.
    pub fn summary(&self) -> String {
        let counted = |n: usize, what: &str| match n {
            1 => format!("1 {what}"),
            n => format!("{n} {what}s"),
        };
        let counts: Vec<String> = [(self.errors, "error"), (self.warnings, "warning"), (self.hints, "hint")]
            .into_iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, what)| counted(n, what))
            .collect();
        let found = if counts.is_empty() { "no faults".to_owned() } else { counts.join(", ") };
        format!("{found} in {}", counted(self.notes, "note"))
    }
}

/// Returns what is to be known of a kind of fault, wrapped to the style's width.
pub fn help(code: &Code, style: Style) -> String {
    let mut out = format!("{} ({}): {}\n", style.paint(Ink::Strong, code.name), code.severity.name(), code.title);
    for paragraph in code.help.split("\n\n") {
        out.push('\n');
        // Examples keep their lines.
        let is_example = paragraph.starts_with(['|', '%']) || paragraph.contains('\n');
        if is_example {
            paragraph.lines().for_each(|line| out.push_str(&format!("    {line}\n")));
        } else {
            out.push_str(&wrapped(paragraph, style.width.min(100)));
        }
    }
    out
}

fn wrapped(text: &str, width: usize) -> String {
    let (mut out, mut n_cells) = (String::new(), 0);
    for word in text.split_whitespace() {
        let needed = crate::text::width(word);
        if n_cells > 0 && n_cells + 1 + needed > width {
            out.push('\n');
            n_cells = 0;
        } else if n_cells > 0 {
            out.push(' ');
            n_cells += 1;
        }
        out.push_str(word);
        n_cells += needed;
    }
    out + "\n"
}
