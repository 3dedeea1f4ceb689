//! What does `fingerpost check` print, and with which code does it end?

use std::io::{IsTerminal, Write};
use std::path::Path;

use clap::Args;

use super::{FAULTS, Failure, Voice, open, style, tell};
use crate::check::{self, CODES, Mended};
use crate::engine::{Engine, Extent, Settings};
use crate::render::check::{Hints, Report, help};
use crate::render::sarif::{self, Place};
use crate::render::{Style, patch, wire};
use crate::text::nearest;
use crate::vault;

/// Errors and warnings are faults and end with exit code 3; hints alone do not.
#[derive(Args)]
#[command(
    after_help = "Each line is `path:line:column code message`. Errors and warnings are faults and end with exit \
                        code 3; hints alone do not."
)]
pub struct Check {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Print SARIF, for tools that review code
    #[arg(long, conflicts_with = "json")]
    pub sarif: bool,
    /// Show all hints, not only some of each kind
    #[arg(long)]
    pub all: bool,
    /// Show, as a patch, how what is safe to put right would be put right
    #[arg(long, conflicts_with_all = ["json", "sarif", "all", "explain"])]
    pub fix: bool,
    /// With --fix: write it into the notes
    #[arg(long, requires = "fix")]
    pub write: bool,
    /// Tell what a code means and what to do about it; without a code, list all of them
    #[arg(long, value_name = "CODE", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["json", "sarif", "all"])]
    pub explain: Option<String>,
}

/// Prints what is to be known of a kind of fault, or all kinds.
pub fn explained(check: &Check, style: Style) -> Result<u8, Failure> {
    let name = check.explain.as_deref().unwrap_or_default();
    let mut out = std::io::stdout().lock();
    if name.is_empty() {
        let width = CODES.iter().map(|code| code.name.len()).max().unwrap_or(0);
        for code in &CODES {
            writeln!(out, "{:width$}  {:7}  {}", code.name, code.severity.name(), code.title)?;
        }
    } else if let Some(code) = check::code(name) {
        write!(out, "{}", help(code, style))?;
    } else {
        let near = nearest(name, CODES.iter().map(|code| code.name));
        let hint = near.map_or_else(
            || "`fingerpost check --explain` lists all codes.".to_owned(),
            |near| format!("Did you mean `{near}`? `fingerpost check --explain` lists all codes."),
        );
        return Err(Failure::usage(format!("no fault has the code `{name}`"), hint));
    }
    out.flush()?;
    Ok(0)
}

/// Checks the notes and prints what is wrong, or puts right what is safe.
pub fn checked(check: &Check, settings: Settings, voice: Voice) -> Result<u8, Failure> {
    let engine = open(settings.clone(), Extent::Changes, voice)?;
    if !check.fix {
        return reported(check, &engine, &settings.notes, voice);
    }
    let mended = check::mended(engine.generation());
    if !check.write {
        return previewed(&mended, voice);
    }
    let n_refused = mended.iter().filter(|mended| !is_written(mended, &settings.notes, voice)).count();
    // What is left is told of the notes as they are now.
    let engine = open(settings.clone(), Extent::Changes, voice)?;
    let code = reported(check, &engine, &settings.notes, voice)?;
    Ok(if n_refused > 0 { FAULTS } else { code })
}

fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// Prints the changes that would be made.
fn previewed(mended: &[Mended], voice: Voice) -> Result<u8, Failure> {
    let mut out = std::io::stdout().lock();
    let is_terminal = std::io::stdout().is_terminal();
    for Mended { path, before, after, .. } in mended {
        let text =
            if is_terminal { patch::shown(path, before, after, style()) } else { patch::exact(path, before, after) };
        out.write_all(text.as_bytes())?;
    }
    out.flush()?;
    if voice != Voice::Quiet {
        let n_faults = mended.iter().map(|mended| mended.n_faults).sum();
        let (faults, notes) = (counted(n_faults, "fault"), counted(mended.len(), "note"));
        if mended.is_empty() {
            tell("info", "nothing that is safe to put right");
        } else {
            tell("info", &format!("{faults} in {notes} can be put right; nothing is written"));
            tell("hint", "`fingerpost check --fix --write` writes it.");
        }
    }
    Ok(if mended.is_empty() { 0 } else { FAULTS })
}

/// Writes one note; false, and told, where that is refused.
fn is_written(mended: &Mended, notes: &Path, voice: Voice) -> bool {
    match vault::replace(notes, &mended.path, &mended.before, &mended.after) {
        Ok(()) => {
            if voice != Voice::Quiet {
                tell("info", &format!("`{}`: {} put right", mended.path, counted(mended.n_faults, "fault")));
            }
            true
        }
        Err(error) => {
            tell("warning", &error.to_string());
            tell("hint", error.hint());
            false
        }
    }
}

/// Prints what is wrong.
fn reported(check: &Check, engine: &Engine, notes: &Path, voice: Voice) -> Result<u8, Failure> {
    let generation = engine.generation();
    let findings = check::check(generation, engine.languages(), &vault::others(notes));
    let report = Report::new(generation.entries.len(), &findings);
    let mut out = std::io::stdout().lock();
    if check.json {
        writeln!(out, "{}", wire::json(&report)?)?;
    } else if check.sarif {
        let note = |path: &str| generation.note_at(path).map(|at| &*generation.entries[at as usize].note);
        writeln!(out, "{}", wire::json(&sarif::log(&findings, &place(notes), &note))?)?;
    } else {
        let hints = if check.all { Hints::All } else { Hints::Some };
        let (text, n_left_out) = report.text(hints, style());
        write!(out, "{text}")?;
        out.flush()?;
        if voice != Voice::Quiet {
            tell("info", &report.summary());
            if n_left_out > 0 {
                tell("info", &format!("{n_left_out} more hints; `fingerpost check --all` shows them"));
            }
            if findings.iter().any(|finding| finding.fix.is_some()) {
                tell("hint", "`fingerpost check --fix` shows what it would put right.");
            }
            if let Some(worst) = findings.iter().min_by_key(|finding| finding.severity) {
                tell("hint", &format!("`fingerpost check --explain {}` tells what to do about it.", worst.code));
            }
        }
    }
    out.flush()?;
    Ok(if report.has_faults() { FAULTS } else { 0 })
}

/// Returns where the notes are, as seen from here.
fn place(notes: &Path) -> Place {
    let full = std::fs::canonicalize(notes).unwrap_or_else(|_| notes.to_owned());
    let here = std::env::current_dir().and_then(std::fs::canonicalize).unwrap_or_default();
    let parts = |path: &Path| {
        let parts = path.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
        parts.filter(|part| part != "/").collect::<Vec<String>>().join("/")
    };
    match full.strip_prefix(&here) {
        Ok(inside) => Place::Inside(parts(inside)),
        Err(_) => Place::Outside(format!("/{}", parts(&full))),
    }
}
