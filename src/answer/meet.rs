//! Which claims meet the needs of this question, and how well?
//!
//! Candidates come from the full-text index by their terms; each is then met need by need, the best variant in the
//! best field, with the stance of the words that met it.

use rustc_hash::FxHashMap;

use super::measure::{self, Range};
use super::question::{Need, Question, Variant};
use super::{Switches, Weights, place};
use crate::claim::{Claim, Field, Kind, Stance};
use crate::generation::{ClaimId, Entry, Generation};
use crate::language::Languages;
use crate::text::Term;

/// Documents looked at per term; commoner words tell too little to be worth more.
const POSTINGS_LIMIT: usize = 30_000;
/// Claims that are weighed in full.
const CANDIDATES: usize = 250;

/// A claim and how it meets each need.
#[derive(Clone, Debug)]
pub struct Met {
    /// Which claim.
    pub id: ClaimId,
    /// For each need, from -1 (the option lacks it) to 1.
    pub cover: Vec<f32>,
    /// For each need, how it was met.
    pub via: Vec<Option<usize>>,
    /// Share of what is met that only the option's own name meets.
    pub own_share: f32,
    /// The signpost that led here.
    pub hop: Option<Hop>,
    /// Its line sends the reader elsewhere.
    pub is_signpost: bool,
    /// The kind of thing asked for is what heads the option.
    pub is_asked_kind: bool,
    /// The option is a range that holds an amount of the question.
    pub is_own_range: bool,
    /// How the claim's ranges hold the question's amounts, from -1 to 1; 0 where there is nothing to compare.
    pub amount: f32,
    /// Share of the claim's own need words that the question has.
    pub precision: f32,
    /// How much of the question stands where the claim does, whatever it is read as.
    pub plain: f32,
}

/// A signpost that led to a claim.
#[derive(Clone, Debug)]
pub struct Hop {
    /// Note of the line that explains the question's words.
    pub note: u32,
    /// The line.
    pub line: u32,
    /// Heading of the section that it links to.
    pub to: String,
}

impl Met {
    /// Returns a claim that is met through a signpost alone.
    pub fn carried(id: ClaimId, question: &Question, hop: Hop) -> Self {
        Self {
            id,
            cover: vec![0.0; question.needs.len()],
            via: vec![None; question.needs.len()],
            own_share: 0.0,
            is_asked_kind: false,
            is_own_range: false,
            amount: 0.0,
            precision: 1.0,
            plain: 0.0,
            hop: Some(hop),
            is_signpost: false,
        }
    }
}

/// Finds and meets the candidates, in order of place.
pub fn meet(question: &Question, generation: &Generation, languages: &Languages, switches: &Switches) -> Vec<Met> {
    let mut scores: FxHashMap<ClaimId, f32> = FxHashMap::default();
    let mut per_need: FxHashMap<ClaimId, f32> = FxHashMap::default();
    for need in &question.needs {
        per_need.clear();
        for variant in &need.variants {
            find(variant, need, generation, &mut per_need);
        }
        for (id, score) in &per_need {
            *scores.entry(*id).or_default() += score;
        }
    }
    let mut candidates: Vec<(ClaimId, f32)> = scores.into_iter().collect();
    candidates.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    candidates.truncate(CANDIDATES);
    candidates.sort_unstable_by_key(|(id, _)| *id);
    candidates.into_iter().map(|(id, _)| met(id, question, generation, languages, &switches.weights)).collect()
}

fn find(variant: &Variant, need: &Need, generation: &Generation, found: &mut FxHashMap<ClaimId, f32>) {
    let score = need.weight * variant.similarity;
    let mut keep = |id: ClaimId| {
        let known = found.entry(id).or_default();
        *known = known.max(score);
    };
    if let Some(concept) = variant.concept {
        for (note, ordinal) in generation.graph.claims_about(concept) {
            keep(ClaimId { note: *note, ordinal: *ordinal });
        }
        return;
    }
    // Of several terms that must stand together the rarest finds the candidates.
    let rarest = variant.terms.iter().min_by_key(|term| generation.counts.get(term).copied().unwrap_or(0));
    let Some(rarest) = rarest else { return };
    generation.postings.visit(*rarest, POSTINGS_LIMIT, |posting| {
        if let Some(id) = generation.claim_of(posting) {
            keep(id);
        }
    });
}

/// How much words count by where they stand.
fn field_weight(field: Field, weights: &Weights) -> f32 {
    match field {
        Field::Need => weights.field_need,
        Field::Value => weights.field_value,
        Field::Path => weights.field_path,
        Field::Option => weights.field_option,
        Field::Why => weights.field_why,
        Field::Header | Field::Kind => weights.field_header,
    }
}

fn met(id: ClaimId, question: &Question, generation: &Generation, languages: &Languages, weights: &Weights) -> Met {
    let (entry, claim) = generation.claim(id);
    let parts = &entry.part_terms[id.ordinal as usize];
    let contexts = contexts(entry, claim, weights);
    let mut cover = vec![0.0f32; question.needs.len()];
    let mut via = vec![None; question.needs.len()];
    let mut by_name = vec![false; question.needs.len()];
    for (at, need) in question.needs.iter().enumerate() {
        let mut best = 0.0f32;
        for (number, variant) in need.variants.iter().enumerate() {
            if let Some(concept) = variant.concept {
                if generation.graph.mentions(id.note, id.ordinal, concept) && variant.similarity > best.abs() {
                    best = variant.similarity;
                    via[at] = Some(number);
                }
                continue;
            }
            for (part, terms) in claim.parts.iter().zip(parts) {
                if holds(terms, &variant.terms) {
                    // `No code` as a header has the negation in itself.
                    let is_negated = need.is_negated && !says_negation(terms, question);
                    let value = field_weight(part.field, weights)
                        * variant.similarity
                        * sign(part.stance, claim, is_negated, question);
                    if value.abs() > best.abs() {
                        best = value;
                        via[at] = Some(number);
                        by_name[at] =
                            part.field == Field::Option || claim.kind == Kind::Lookup && part.field == Field::Value;
                    }
                }
            }
            for (weight, terms) in &contexts {
                let value = weight * variant.similarity;
                if value > best.abs() && holds(terms, &variant.terms) {
                    best = value;
                    by_name[at] = false;
                    via[at] = Some(number);
                }
            }
        }
        cover[at] = best;
    }
    let sum = |keep: &dyn Fn(usize) -> bool| {
        (0..cover.len())
            .filter(|at| keep(*at) && cover[*at] > 0.3)
            .map(|at| cover[at] * question.needs[at].weight)
            .sum::<f32>()
    };
    let own_share = sum(&|at| by_name[at]) / sum(&|_| true).max(0.001);
    discount_isolated(&mut cover, question);
    let amount = amount_fit(claim, question, languages);
    let is_asked_kind = question.needs.iter().filter(|need| need.is_asked).any(|need| {
        let heads = claim.parts.iter().zip(parts).filter(|(part, _)| part.field == Field::Kind);
        heads.into_iter().any(|(_, terms)| {
            need.variants.iter().any(|variant| variant.similarity > 0.55 && holds(terms, &variant.terms))
        })
    });
    let is_own_range = !question.amounts.is_empty()
        && claim.picks.iter().any(|pick| {
            let ranges = measure::ranges(&pick.name, languages);
            ranges.iter().any(|range| {
                range.is_bounded && question.amounts.iter().any(|amount| range.holds(amount) == Some(true))
            })
        });
    Met {
        id,
        cover,
        via,
        hop: None,
        is_signpost: false,
        is_own_range,
        own_share,
        is_asked_kind,
        amount,
        precision: precision(claim, parts, question, generation),
        plain: place::plain(claim, parts, entry, question, weights.place_section),
    }
}

/// A syllable of a longer word that is met without its neighbours is probably part of another word.
fn discount_isolated(cover: &mut [f32], question: &Question) {
    if !question.is_syllabic {
        return;
    }
    let met: Vec<bool> = cover.iter().map(|cover| *cover != 0.0).collect();
    for at in 0..cover.len() {
        let touches = |other: usize| {
            let (a, b) = (&question.needs[at.min(other)], &question.needs[at.max(other)]);
            a.atoms.1 == b.atoms.0
        };
        let beside: Vec<usize> = [at.checked_sub(1), Some(at + 1).filter(|next| *next < cover.len())]
            .into_iter()
            .flatten()
            .filter(|other| touches(*other))
            .collect();
        if !beside.is_empty() && !beside.iter().any(|other| met[*other]) {
            cover[at] *= 0.65;
        }
    }
}

/// Compares the amounts of a question with the ranges of a claim.
fn amount_fit(claim: &Claim, question: &Question, languages: &Languages) -> f32 {
    if question.amounts.is_empty() {
        return 0.0;
    }
    let texts = claim
        .parts
        .iter()
        .filter(|part| matches!(part.field, Field::Need | Field::Value | Field::Path | Field::Option));
    let ranges: Vec<Range> = texts
        .filter(|part| part.text.bytes().any(|byte| byte.is_ascii_digit()))
        .flat_map(|part| measure::ranges(&part.text, languages))
        .collect();
    let fits = question.amounts.iter().map(|amount| {
        let verdicts: Vec<(bool, bool)> =
            ranges.iter().filter_map(|range| Some((range.holds(amount)?, range.is_bounded))).collect();
        match () {
            () if verdicts.iter().any(|(holds, is_bounded)| *holds && *is_bounded) => 1.0,
            () if verdicts.iter().any(|(holds, _)| *holds) => 0.4,
            () if verdicts.iter().any(|(_, is_bounded)| *is_bounded) => -0.6,
            () if !verdicts.is_empty() => -0.2,
            () => 0.0,
        }
    });
    fits.fold(0.0, |sum: f32, fit: f32| sum + fit).clamp(-1.0, 1.0)
}

fn holds(terms: &[Term], wanted: &[Term]) -> bool {
    !wanted.is_empty() && wanted.iter().all(|term| terms.binary_search(term).is_ok())
}

/// Returns what stands around a claim with its weight. The headings of a table hold for each of its rows.
fn contexts<'a>(entry: &'a Entry, claim: &Claim, weights: &Weights) -> Vec<(f32, &'a [Term])> {
    let is_row = matches!(claim.kind, Kind::Decision | Kind::ColumnCell | Kind::OptionRow | Kind::Lookup | Kind::Tree);
    let (heading, outer, title) = if is_row {
        (weights.row_heading, weights.row_outer, weights.row_title)
    } else {
        (weights.heading, weights.outer, weights.title)
    };
    let mut contexts = Vec::new();
    let mut section = claim.section;
    let mut weight = heading;
    while section != 0 {
        contexts.push((weight, entry.heading_terms[section].as_slice()));
        weight = outer;
        section = entry.note.sections[section].parent;
    }
    contexts.push((title, entry.heading_terms[0].as_slice()));
    contexts.push((weights.section, entry.section_terms[claim.section].as_slice()));
    contexts.push((weights.note, entry.note_terms.as_slice()));
    contexts
}

/// Whether words that met a need speak for the option: marks do or do not, sentences lean.
fn sign(stance: Stance, claim: &Claim, is_negated: bool, question: &Question) -> f32 {
    let is_mark = matches!(claim.kind, Kind::ColumnCell | Kind::OptionRow);
    if claim.kind == Kind::Tree {
        // The branch taken when the question has what is asked, or says that it has not.
        return match (stance, is_negated) {
            (Stance::For, false) | (Stance::Against, true) => 1.0,
            (Stance::For, true) | (Stance::Against, false) => -0.4,
            _ => 1.0,
        };
    }
    // `has no chargebacks`: the cell that says no is the one.
    let is_negative = question.is_negative || is_negated && is_mark;
    match (stance, is_negative, is_mark) {
        (Stance::Plain, ..) => 1.0,
        (Stance::For, false, _) | (Stance::Against, true, _) => 1.0,
        (Stance::For, true, true) | (Stance::Against, false, true) => -1.0,
        (Stance::For, true, false) => 0.5,
        (Stance::Against, false, false) => 0.75,
        (Stance::Partly, ..) => 0.6,
    }
}

/// True when the question's word of negation stands in a part itself.
fn says_negation(terms: &[Term], question: &Question) -> bool {
    let negations = question.needs.iter().filter(|need| need.is_negation);
    negations.flat_map(|need| &need.variants).any(|variant| holds(terms, &variant.terms))
}

/// Returns which share of the claim's need words, by weight, the question has.
fn precision(claim: &Claim, parts: &[Vec<Term>], question: &Question, generation: &Generation) -> f32 {
    let (mut met, mut all) = (0.0f32, 0.0f32);
    for (_, terms) in claim.parts.iter().zip(parts).filter(|(part, _)| matches!(part.field, Field::Need)) {
        for term in terms {
            let idf = generation.idf(*term).min(8.0);
            all += idf;
            let is_met =
                question.needs.iter().any(|need| need.variants.iter().any(|variant| variant.terms.contains(term)));
            met += if is_met { idf } else { 0.0 };
        }
    }
    if all > 0.0 { met / all } else { 0.0 }
}
