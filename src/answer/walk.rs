//! Where does a line send its reader?
//!
//! A line that explains the question's words and links to a section is a signpost: the decision stands there, in the
//! line's other words. Following it is a walk over the graph: word, line, link, section, row.

use rustc_hash::FxHashMap;

use super::meet::{Hop, Met};
use super::question::Question;
use super::weigh::Scored;
use crate::claim::Field;
use crate::generation::{ClaimId, Entry, Generation};
use crate::text::{Term, key};

/// Best claims whose lines are looked at.
const SIGNPOSTS: usize = 16;
/// Links that are followed from one place; what has more is a list of links.
const LINKS_LIMIT: usize = 64;
/// A line that meets less of the question is no signpost for it.
const LEAST_SCORE: f32 = 0.2;
/// How much of what a line meets the row behind it meets as well.
const CARRY: f32 = 0.92;
/// Rows that share less of the line's words than this are not what it points to.
const LEAST_SHARED: f32 = 0.4;

/// Follows the best claims' links; returns what the rows behind them meet, and the lines that are signposts.
pub fn follow(question: &Question, ranked: &[Scored], generation: &Generation) -> (Vec<Met>, Vec<(u32, u32)>) {
    let mut found: FxHashMap<ClaimId, Met> = FxHashMap::default();
    let mut headings = Headings::default();
    let mut signposts = Vec::new();
    for scored in ranked.iter().take(SIGNPOSTS).filter(|scored| scored.score >= LEAST_SCORE) {
        let id = scored.met.id;
        let (entry, claim) = generation.claim(id);
        let words = other_words(entry, claim.lines, question);
        for (note, section, line) in targets(id.note, entry, claim.lines, &mut headings, generation) {
            for (target, shared) in rows(note, section, &words, generation) {
                if target.note == id.note && generation.claim(target).1.lines == claim.lines {
                    continue;
                }
                let carried: Vec<f32> = scored.met.cover.iter().map(|cover| cover.max(0.0) * CARRY * shared).collect();
                let hop = Hop { note: id.note, line, to: key_of(note, section, generation) };
                let known = found.entry(target).or_insert_with(|| Met::carried(target, question, hop.clone()));
                if carried.iter().sum::<f32>() > known.cover.iter().sum() {
                    known.cover = carried;
                    known.hop = Some(hop);
                }
                signposts.push((id.note, claim.lines.0));
            }
        }
    }
    let mut found: Vec<Met> = found.into_values().collect();
    found.sort_unstable_by_key(|met| met.id);
    signposts.sort_unstable();
    signposts.dedup();
    (found, signposts)
}

fn key_of(note: u32, section: usize, generation: &Generation) -> String {
    let note = &generation.entries[note as usize].note;
    note.sections.get(section).map_or_else(|| note.title.clone(), |section| section.text.clone())
}

/// The terms of the claims on some lines that are not the question's own.
fn other_words(entry: &Entry, lines: (u32, u32), question: &Question) -> Vec<Term> {
    let on_line = entry.claims.iter().enumerate().filter(|(_, claim)| claim.lines == lines);
    let mut terms: Vec<Term> = on_line.flat_map(|(ordinal, _)| entry.part_terms.terms(ordinal)).copied().collect();
    terms.sort_unstable();
    terms.dedup();
    let is_asked = |term: &Term| {
        question
            .needs
            .iter()
            .any(|need| need.variants.iter().any(|variant| variant.similarity >= 0.9 && variant.terms.contains(term)))
    };
    terms.retain(|term| !is_asked(term));
    terms
}

/// The first section of each note that bears a heading, by its key, for the notes that links lead to.
type Headings = FxHashMap<u32, FxHashMap<String, usize>>;

/// The sections that links on some lines lead to: note, section, line. Links to whole notes send nobody anywhere.
fn targets(
    note: u32,
    entry: &Entry,
    lines: (u32, u32),
    headings: &mut Headings,
    generation: &Generation,
) -> Vec<(u32, usize, u32)> {
    let mut targets = Vec::new();
    let on_lines = entry.note.links.iter().enumerate().filter(|(_, link)| (lines.0..=lines.1).contains(&link.line));
    for (at, link) in on_lines.filter(|(_, link)| !link.subpath.is_empty()).take(LINKS_LIMIT) {
        let (Some(heading), Some(target)) = (link.subpath.last(), generation.graph.target(note, at)) else { continue };
        let sections = headings.entry(target.note).or_insert_with(|| {
            let mut known = FxHashMap::default();
            for (at, section) in generation.entries[target.note as usize].note.sections.iter().enumerate() {
                known.entry(key(&section.text)).or_insert(at);
            }
            known
        });
        targets.extend(sections.get(&key(heading)).map(|section| (target.note, *section, link.line)));
    }
    targets
}

/// The claims of a section with the share of words that they have in common with a line, those with most first.
fn rows(note: u32, section: usize, words: &[Term], generation: &Generation) -> Vec<(ClaimId, f32)> {
    let entry = &generation.entries[note as usize];
    let weigh = |terms: &[Term]| terms.iter().map(|term| generation.idf(*term)).sum::<f32>();
    let mut rows = Vec::new();
    for (ordinal, claim) in entry.claims.iter().enumerate().filter(|(_, claim)| claim.section == section) {
        let needs = claim
            .parts
            .iter()
            .zip(entry.part_terms.of(ordinal))
            .filter(|(part, _)| matches!(part.field, Field::Need | Field::Path));
        for (_, terms) in needs {
            let common: Vec<Term> = terms.iter().copied().filter(|term| words.binary_search(term).is_ok()).collect();
            let shared = weigh(&common) / weigh(terms).min(weigh(words)).max(0.001);
            if shared >= LEAST_SHARED {
                rows.push((ClaimId { note, ordinal: ordinal as u32 }, shared.min(1.0)));
            }
        }
    }
    rows.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    rows.truncate(4);
    rows
}
