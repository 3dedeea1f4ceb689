//! What is wrong in these notes, and what puts it right?
//!
//! Gathers what reading noticed (problems of notes, faults of files) and looks for what only the whole vault shows:
//! links that lead nowhere, names that clash, decisions that are left open, notes that contradict each other. Writes
//! nothing and reads no file; other files of the folder come in as a list of paths.

mod codes;
mod contradictions;
mod decisions;
mod links;
mod mend;
mod names;
mod strict;

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::Serialize;

pub use codes::{CODES, Code, Severity, code};
pub use mend::{Mended, mended};

use crate::claim::{Context, Typed, typed};
use crate::generation::{Entry, Generation};
use crate::language::Languages;
use crate::note::Note;

/// One fault with its place and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// Path of the note or file, relative to the notes folder.
    pub path: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Which fault; one of [`CODES`].
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What happened and what to do.
    pub message: String,
    /// A change that puts it right without a doubt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
}

/// A change of a note's text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fix {
    /// First and last byte, the last one excluded, in the decoded text.
    pub span: (u32, u32),
    /// What stands there instead.
    pub text: String,
}

impl Finding {
    /// Returns a finding without a fix. A code that is not listed is our own mistake, and counts as a warning.
    fn new(path: &str, line: u32, column: u32, name: &str, message: impl Into<String>) -> Self {
        let (name, severity) = code(name).map_or(("unknown", Severity::Warning), |code| (code.name, code.severity));
        Self { path: path.to_owned(), line, column, code: name, severity, message: message.into(), fix: None }
    }
}

/// Findings of one kind in one note beyond this are counted, not told: nobody reads a thousand of them.
const PER_NOTE: usize = 100;

/// What the checks look at.
struct Vault<'a> {
    generation: &'a Generation,
    languages: &'a Languages,
    /// Files of the folder that are no notes, by path.
    files: &'a [String],
    /// How each block of each note was read.
    typed: Vec<Vec<Typed>>,
}

impl Vault<'_> {
    fn entries(&self) -> impl Iterator<Item = (u32, &Entry)> {
        self.generation.entries.iter().enumerate().map(|(at, entry)| (at as u32, &**entry))
    }
}

/// The checks of the whole vault; each adds what it finds.
const CHECKS: [fn(&Vault<'_>, &mut Vec<Finding>); 5] =
    [links::check, names::check, decisions::check, contradictions::check, strict::check];

/// Returns the faults of a vault, by path, line and column.
///
/// `files` are the paths of all other files in the folder, sorted. Cost: that of reading the claims of all notes once.
pub fn check(generation: &Generation, languages: &Languages, files: &[String]) -> Vec<Finding> {
    generation.entries.fetch_all();
    let entries = &generation.entries;
    let typed = |at: usize| {
        let entry = entries.get(at);
        typed(&entry.note, &Context { languages, names: &generation.names, lang: entry.lang })
    };
    let typed = (0..entries.len()).into_par_iter().map(typed).collect();
    let vault = Vault { generation, languages, files, typed };
    let mut findings = Vec::new();
    for (_, entry) in vault.entries() {
        findings.extend(noticed(&entry.note));
    }
    for fault in &generation.faults {
        let path = if fault.path.is_empty() { "." } else { &fault.path };
        findings.push(Finding::new(path, 1, 1, &fault.code, &fault.message));
    }
    for check in CHECKS {
        check(&vault, &mut findings);
    }
    findings.sort();
    findings.dedup();
    shortened(findings)
}

/// Returns what reading noticed of a note.
fn noticed(note: &Note) -> impl Iterator<Item = Finding> {
    note.problems.iter().map(|problem| {
        let fix = (problem.code == "broken-table").then(|| strict::dashes(note, problem.line)).flatten();
        Finding { fix, ..Finding::new(&note.path, problem.line, problem.column, &problem.code, &problem.message) }
    })
}

/// Leaves out what is too much of one kind in one note, and says so in the last one that is told.
fn shortened(findings: Vec<Finding>) -> Vec<Finding> {
    let mut counts: FxHashMap<(String, &str), usize> = FxHashMap::default();
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        let count = counts.entry((finding.path.clone(), finding.code)).or_default();
        *count += 1;
        if *count <= PER_NOTE {
            kept.push(finding);
        }
    }
    counts.retain(|_, count| *count > PER_NOTE);
    for finding in kept.iter_mut().rev() {
        if counts.is_empty() {
            break;
        }
        if let Some(count) = counts.remove(&(finding.path.clone(), finding.code)) {
            finding.message.push_str(&format!(" (and {} more of this kind in the note)", count - PER_NOTE));
        }
    }
    kept
}
