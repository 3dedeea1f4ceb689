//! Which places of the notes cannot all be right?
//!
//! Asks `answer` for them, so that `check` tells what an answer would quote and nothing else.

use super::{Finding, Vault};
use crate::answer::contradictions;

pub fn check(vault: &Vault<'_>, findings: &mut Vec<Finding>) {
    for found in contradictions(vault.generation, vault.languages) {
        let places = found.quotes.iter().filter_map(|quote| Some((quote.note.as_str(), quote.rows.first()?.line)));
        let mut places: Vec<(&str, u32)> = places.collect();
        // Told where it stands first, which a new date or a fresh copy of the notes does not move.
        places.sort_unstable();
        let Some(((path, line), others)) = places.split_first() else { continue };
        let others: Vec<String> = others.iter().map(|(path, line)| format!("`{path}:{line}`")).collect();
        let message = format!(
            "what is said here of `{}` for `{}` and {} cannot all be right; correct what is outdated, or say what tells \
             them apart",
            found.option,
            found.need,
            others.join(", "),
        );
        findings.push(Finding::new(path, *line, 1, "contradiction", message));
    }
}
