//! How would a note read with its safe faults put right?
//!
//! Makes the changes and reads the outcome again: what does not help, or harms anything else, is left as it is. Writes
//! nothing.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{Finding, Fix, noticed, strict};
use crate::generation::Generation;
use crate::note::Note;
use crate::parse;

/// Past this many changes of one note they are made together or not at all: each one alone takes a reading.
const ALONE_LIMIT: usize = 100;

/// A note with its safe faults put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    /// Its path, relative to the notes folder.
    pub path: String,
    /// Its text as it was read.
    pub before: String,
    /// Its text without the faults.
    pub after: String,
    /// How many faults are put right.
    pub n_faults: usize,
}

/// Returns the notes that can be mended, by path. Cost: that of looking at all notes, and of reading those with faults.
pub fn mended(generation: &Generation) -> Vec<Mended> {
    let entries = &generation.entries;
    // What is no UTF-8 was not read as it is on disk, and of what is read by lines nobody knows what is code.
    let is_whole = |note: &Note| {
        !generation.faults.iter().any(|fault| fault.path == note.path)
            && !note.problems.iter().any(|problem| problem.code == "over-limit")
    };
    let mend = |at: usize| Some(&entries.get(at).note).filter(|note| is_whole(note)).and_then(|note| of_note(note));
    (0..entries.len()).into_par_iter().filter_map(mend).collect()
}

fn of_note(note: &Note) -> Option<Mended> {
    let mut fixes: Vec<Fix> = faults(note).into_iter().filter_map(|finding| finding.fix).collect();
    fixes.sort();
    fixes.dedup();
    let mut kept = fixes.clone();
    let mut after = helped(note, &kept);
    if after.is_none() && fixes.len() <= ALONE_LIMIT {
        kept.retain(|fix| helped(note, std::slice::from_ref(fix)).is_some());
        after = helped(note, &kept);
    }
    let after = after.filter(|_| !kept.is_empty())?;
    Some(Mended { path: note.path.clone(), before: note.text.clone(), after, n_faults: kept.len() })
}

fn faults(note: &Note) -> Vec<Finding> {
    let mut findings: Vec<Finding> = noticed(note).collect();
    strict::of_note(note, &mut findings);
    findings
}

/// Returns the text with the changes made, where it has so many faults less, no fault more of any kind, and all its
/// links.
fn helped(note: &Note, fixes: &[Fix]) -> Option<String> {
    let text = changed(&note.text, fixes)?;
    let other = parse::parse(&note.path, text.clone());
    let count = |note: &Note| {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        faults(note).iter().for_each(|finding| *counts.entry(finding.code).or_default() += 1);
        counts
    };
    let (before, after) = (count(note), count(&other));
    let n_left: usize = after.values().sum();
    let n_before: usize = before.values().sum();
    let is_no_worse = after.iter().all(|(code, n)| before.get(code).is_some_and(|n_before| n <= n_before));
    let is_better = n_left + fixes.len() <= n_before && other.links.len() >= note.links.len();
    (is_no_worse && is_better).then_some(text)
}

/// Returns the text with changes that are in order of their place; none where two of them meet.
fn changed(text: &str, fixes: &[Fix]) -> Option<String> {
    let mut out = String::with_capacity(text.len() + 16 * fixes.len());
    let mut at = 0;
    for fix in fixes {
        let (start, end) = (fix.span.0 as usize, fix.span.1 as usize);
        out.push_str(text.get(at..start)?);
        out.push_str(&fix.text);
        at = end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_helps_is_changed() {
        let note = parse::parse("a.md", "| A | B |\n|---|\n| [[x|y]] | 1 |\n".to_owned());
        let mended = of_note(&note).expect("two faults");
        assert_eq!((mended.after.as_str(), mended.n_faults), ("| A | B |\n|---|---|\n| [[x\\|y]] | 1 |\n", 2));
        // A change that helps nothing, alone or among others.
        let useless = Fix { span: (2, 3), text: "Z".to_owned() };
        assert_eq!(helped(&note, std::slice::from_ref(&useless)), None);
        assert_eq!(changed("abc", &[Fix { span: (0, 2), ..useless.clone() }, Fix { span: (1, 3), ..useless }]), None);
    }
}
