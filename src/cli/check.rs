//! What does `fingerpost check` print, and with which code does it end?

use std::io::Write;

use clap::Args;

use super::{FAULTS, Failure, Voice, open, style, tell};
use crate::check::{self, CODES};
use crate::engine::{Extent, Settings};
use crate::render::check::{Hints, Report, help};
use crate::render::{Style, wire};
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
    /// Show all hints, not only some of each kind
    #[arg(long)]
    pub all: bool,
    /// Tell what a code means and what to do about it; without a code, list all of them
    #[arg(long, value_name = "CODE", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["json", "all"])]
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

/// Checks the notes and prints what is wrong.
pub fn checked(check: &Check, settings: Settings, voice: Voice) -> Result<u8, Failure> {
    let notes = settings.notes.clone();
    let engine = open(settings, Extent::Changes, voice)?;
    let generation = engine.generation();
    let findings = check::check(generation, engine.languages(), &vault::others(&notes));
    let report = Report::new(generation.entries.len(), &findings);
    let mut out = std::io::stdout().lock();
    if check.json {
        writeln!(out, "{}", wire::json(&report)?)?;
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
            if let Some(worst) = findings.iter().min_by_key(|finding| finding.severity) {
                tell("hint", &format!("`fingerpost check --explain {}` tells what to do about it.", worst.code));
            }
        }
    }
    out.flush()?;
    Ok(if report.has_faults() { FAULTS } else { 0 })
}
