//! Which names clash, and which notes does nothing join?

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Finding, Vault};
use crate::note::{Note, stem};
use crate::text::{key, nfc};
use crate::vault::path_key;

pub fn check(vault: &Vault<'_>, findings: &mut Vec<Finding>) {
    paths(vault, findings);
    aliases(vault, findings);
    block_ids(vault, findings);
    orphans(vault, findings);
}

fn paths(vault: &Vault<'_>, findings: &mut Vec<Finding>) {
    let mut seen: FxHashMap<String, &str> = FxHashMap::default();
    for (_, entry) in vault.entries() {
        let path = entry.note.path.as_str();
        let Some(first) = seen.insert(path_key(path), path) else { continue };
        let (code, how) = if nfc(first) == nfc(path) {
            ("nfc-collision", "looks the same as")
        } else {
            ("case-collision", "differs in upper and lower case alone from")
        };
        findings.push(Finding::new(path, 1, 1, code, format!("this path {how} `{first}`; rename one, or join them")));
    }
}

fn aliases(vault: &Vault<'_>, findings: &mut Vec<Finding>) {
    let mut owners: FxHashMap<String, Vec<u32>> = FxHashMap::default();
    for (at, entry) in vault.entries() {
        let own = [entry.note.title.as_str(), stem(&entry.note.path)];
        for name in own.into_iter().chain(entry.note.aliases.iter().map(String::as_str)) {
            let owners = owners.entry(key(name)).or_default();
            if owners.last() != Some(&at) {
                owners.push(at);
            }
        }
    }
    for (at, entry) in vault.entries() {
        for alias in &entry.note.aliases {
            let key = key(alias);
            let Some(other) = owners.get(&key).and_then(|owners| owners.iter().find(|owner| **owner != at)) else {
                continue;
            };
            let other = &vault.generation.entries[*other as usize].note.path;
            let message = format!("`{alias}` is a name of `{other}` too; a link or question by it may mean either");
            let (line, column) = in_front_matter(&entry.note, alias);
            findings.push(Finding::new(&entry.note.path, line, column, "ambiguous-alias", message));
        }
    }
}

/// Returns where the front matter has a value: line and column.
fn in_front_matter(note: &Note, value: &str) -> (u32, u32) {
    let n_lines = note.front_matter.as_ref().map_or(0, |block| block.lines().count() as u32);
    let place = (2..2 + n_lines).find_map(|line| {
        let at = note.line(line).find(value)?;
        Some((line, note.line(line)[..at].chars().count() as u32 + 1))
    });
    place.unwrap_or((1, 1))
}

fn block_ids(vault: &Vault<'_>, findings: &mut Vec<Finding>) {
    for (_, entry) in vault.entries() {
        let mut seen: FxHashMap<String, u32> = FxHashMap::default();
        for (id, line) in &entry.note.block_ids {
            let first = *seen.entry(id.to_ascii_lowercase()).or_insert(*line);
            if first != *line {
                let message = format!("`^{id}` stands at line {first} already; links to it lead there");
                findings.push(Finding::new(&entry.note.path, *line, 1, "duplicate-block-id", message));
            }
        }
    }
}

/// Finds notes without any link from or to another note, where most notes have one: a vault that uses no links needs
/// no word for each note.
fn orphans(vault: &Vault<'_>, findings: &mut Vec<Finding>) {
    let mut joined: FxHashSet<u32> = FxHashSet::default();
    for (at, entry) in vault.entries() {
        for ordinal in 0..entry.note.links.len() {
            let target = vault.generation.graph.target(at, ordinal);
            if let Some(target) = target.filter(|target| target.note != at) {
                joined.extend([at, target.note]);
            }
        }
    }
    if joined.len() * 2 < vault.generation.entries.len() {
        return;
    }
    // Of what could not be read in full, links may be missing.
    let is_whole = |note: &Note| {
        !vault.generation.faults.iter().any(|fault| fault.path == note.path)
            && !note.problems.iter().any(|problem| problem.code == "over-limit")
    };
    for (_, entry) in vault.entries().filter(|(at, entry)| !joined.contains(at) && is_whole(&entry.note)) {
        let message = "no link joins this note to another; link it where it belongs";
        findings.push(Finding::new(&entry.note.path, 1, 1, "orphan-note", message));
    }
}
