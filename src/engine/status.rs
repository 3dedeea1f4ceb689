//! What is there, in figures, and what went wrong last?

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use super::update::{Fit, Look, compare};
use super::{EngineError, Settings};
use crate::generation::Generation;
use crate::snapshot::{self, Files, Loaded};
use crate::vault::Fault;

/// What there is, in figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Status {
    /// Version of this form.
    pub schema: u32,
    /// `ready`, `stale`, `missing`, `damaged`, `outdated` or `newer`.
    pub state: &'static str,
    /// The notes folder.
    pub notes_folder: String,
    /// The index folder.
    pub index_folder: String,
    /// Notes in the folder now.
    pub notes: usize,
    /// Links in the generation, those that leave the vault aside.
    pub links: usize,
    /// Of these, links that lead nowhere.
    pub unresolved_links: usize,
    /// Claims.
    pub claims: usize,
    /// Concepts, notes among them.
    pub concepts: usize,
    /// Number of the generation that would answer.
    pub generation: Option<u64>,
    /// When it was built, in seconds since 1970.
    pub built: Option<u64>,
    /// How long that took, in milliseconds.
    pub took_ms: Option<u64>,
    /// Since when notes differ from it, in seconds since 1970.
    pub stale_since: Option<u64>,
    /// Why the last update failed; none where it did not.
    pub last_error: Option<Trouble>,
    /// Files that could not be read as they are.
    pub faults: Vec<Fault>,
}

/// Returns the figures of what is on disk, without bringing it up to date.
///
/// # Errors
/// When the notes folder cannot be read.
pub fn status(settings: &Settings) -> Result<Status, EngineError> {
    let look = Look::take(&settings.notes)?;
    let (known, state) = match snapshot::load(&settings.index, &settings.notes) {
        Loaded::Complete(known) => (Some(known), "ready"),
        Loaded::Missing => (None, "missing"),
        Loaded::Damaged(_) => (None, "damaged"),
        Loaded::Outdated => (None, "outdated"),
        Loaded::Newer(_) => (None, "newer"),
    };
    Ok(figures(settings, &look, known.as_deref().map(|(generation, files)| (generation, files)), state))
}

fn figures(settings: &Settings, look: &Look, known: Option<(&Generation, &Files)>, state: &'static str) -> Status {
    let mut status = Status {
        schema: 1,
        state,
        notes_folder: settings.notes.display().to_string(),
        index_folder: settings.index.display().to_string(),
        notes: look.entries.len(),
        links: 0,
        unresolved_links: 0,
        claims: 0,
        concepts: 0,
        generation: None,
        built: None,
        took_ms: None,
        stale_since: None,
        last_error: trouble(&settings.index),
        faults: look.faults.clone(),
    };
    let Some((generation, files)) = known else {
        return status;
    };
    if let Fit::Changed(time) = compare(files, look, &settings.notes) {
        status.state = "stale";
        status.stale_since = Some(time / 1_000_000_000);
    }
    status.claims = generation.figures.n_claims;
    status.links = generation.figures.n_links;
    status.unresolved_links = generation.figures.n_unresolved;
    status.concepts = generation.graph.size().0;
    status.generation = Some(generation.number);
    status.built = Some(files.built);
    status.took_ms = Some(files.took_ms);
    status.faults.clone_from(&generation.faults);
    status
}

/// Why an update failed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trouble {
    /// When, in seconds since 1970.
    pub time: u64,
    /// What happened.
    pub message: String,
}

/// The file that tells `status` what went wrong in another process.
const TROUBLE: &str = "last-error";

/// Writes down what went wrong, or that nothing does any more. Where even that cannot be written, nobody is told.
pub fn tell_trouble(settings: &Settings, message: Option<&str>) {
    let file = settings.index.join(TROUBLE);
    if let Some(message) = message {
        let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        let _ = std::fs::write(file, format!("{time}\n{message}\n"));
    } else {
        let _ = std::fs::remove_file(file);
    }
}

fn trouble(index: &Path) -> Option<Trouble> {
    let text = std::fs::read_to_string(index.join(TROUBLE)).ok()?;
    let (time, message) = text.split_once('\n')?;
    Some(Trouble { time: time.parse().ok()?, message: message.trim_end().to_owned() })
}
