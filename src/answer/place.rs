//! Where in the notes is this spoken of?
//!
//! Plain retrieval, beside the reading of claims: how much of the question a line and its section hold, rare words more,
//! long texts less (Okapi BM25, Robertson & Zaragoza 2009, with every word counted once). A claim well read in the wrong
//! place is no answer.

use super::question::{Question, Variant};
use crate::claim::Claim;
use crate::generation::Entry;
use crate::text::Term;

/// How soon more of a word counts less (k1), and how much long texts are held back (b).
const SATURATION: f32 = 1.2;
const LENGTH: f32 = 0.75;
/// Terms of a line and of a section that are neither long nor short.
const LINE_TERMS: f32 = 14.0;
const SECTION_TERMS: f32 = 80.0;
/// How much words in the headings above count.
const HEADINGS: f32 = 0.5;

/// Returns how much of a question stands where a claim does, from 0 to about 2. `section` is the share that its section
/// has in it, the rest is its line's. Cost: linear in the claim's terms.
pub fn plain(claim: &Claim, parts: &[Vec<Term>], entry: &Entry, question: &Question, section: f32) -> f32 {
    let mut line: Vec<Term> = parts.iter().flatten().copied().collect();
    line.sort_unstable();
    line.dedup();
    let under = &entry.section_terms[claim.section];
    let mut above = vec![entry.heading_terms[0].as_slice()];
    let mut at = claim.section;
    while at != 0 {
        above.push(&entry.heading_terms[at]);
        at = entry.note.sections[at].parent;
    }
    let (of_line, of_section) = (norm(line.len(), LINE_TERMS), norm(under.len(), SECTION_TERMS));
    let met = |variant: &Variant| {
        let in_headings = above.iter().any(|terms| holds(terms, &variant.terms));
        let headings = if in_headings { HEADINGS } else { 0.0 };
        let in_line = if holds(&line, &variant.terms) { of_line } else { headings };
        let in_section = if holds(under, &variant.terms) { of_section } else { 0.0 };
        variant.similarity * ((1.0 - section) * in_line + section * (in_section + headings))
    };
    let weight: f32 = question.needs.iter().map(|need| need.weight).sum();
    let needs = question.needs.iter().map(|need| need.weight * need.variants.iter().map(met).fold(0.0, f32::max));
    needs.sum::<f32>() / weight.max(0.001)
}

fn norm(length: usize, usual: f32) -> f32 {
    (1.0 + SATURATION) / (1.0 + SATURATION * (1.0 - LENGTH + LENGTH * length as f32 / usual))
}

fn holds(terms: &[Term], wanted: &[Term]) -> bool {
    !wanted.is_empty() && wanted.iter().all(|term| terms.binary_search(term).is_ok())
}
