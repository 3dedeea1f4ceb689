//! Which claims meet the needs of this question, and how well?
//!
//! Candidates come from the full-text index by their terms; each is then met need by need, the best variant in the
//! best field, with the stance of the words that met it.

use std::cell::OnceCell;
use std::ops::{self, ControlFlow};

use rustc_hash::FxHashMap;

use super::measure::{self, Range};
use super::place::Place;
use super::question::{Question, Variant};
use super::{Switches, Weights};
use crate::claim::{Claim, Field, Kind, Part, Stance};
use crate::generation::{self, ClaimId, Entry, Generation};
use crate::language::Languages;
use crate::text::Term;

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

/// Adds up what claims or sections, by their numbers, are found by: of each need the surest way alone.
pub struct Tally {
    sums: Vec<f32>,
    /// Of each number the last need that it was counted for, from 1.
    needs: Vec<u16>,
    need: u16,
}

impl Tally {
    /// Returns the tally of things that are numbered below `n`. Cost: linear in `n`, with a tiny factor.
    pub fn new(n: usize) -> Self {
        Self { sums: vec![0.0; n], needs: vec![0; n], need: 0 }
    }

    /// Goes on to the next need.
    pub fn next_need(&mut self) {
        self.need += 1;
    }

    /// Counts what the current need finds. Surer ways have to come first: the later ones of the same need are not counted.
    pub fn add(&mut self, number: u32, score: f32) {
        let number = number as usize;
        // Without a branch: which documents were counted before is anybody's guess.
        let is_new = self.needs[number] != self.need;
        self.sums[number] += if is_new { score } else { 0.0 };
        self.needs[number] = self.need;
    }

    /// Returns those of the highest sums over 0, of equal ones the lowest numbers, in no order.
    pub fn best(&self, limit: usize) -> Vec<(u32, f32)> {
        let mut best: Vec<(u32, f32)> = Vec::with_capacity(2 * limit);
        let mut bar = 0.0;
        for (sum, number) in self.sums.iter().zip(0..) {
            // Of equal sums the first stay: numbers rise.
            if *sum > bar {
                best.push((number, *sum));
                if best.len() == 2 * limit {
                    best.select_nth_unstable_by(limit - 1, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
                    best.truncate(limit);
                    bar = best[limit - 1].1;
                }
            }
        }
        if best.len() > limit {
            best.select_nth_unstable_by(limit - 1, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            best.truncate(limit);
        }
        best
    }
}

/// Finds and meets the candidates, in order of place.
pub fn meet(question: &Question, generation: &Generation, languages: &Languages, switches: &Switches) -> Vec<Met> {
    let places = generation.places();
    let mut wanted = Wanted::of(question);
    let mut tally = Tally::new(places.n_claims());
    for need in &question.needs {
        tally.next_need();
        let mut variants: Vec<&Variant> = need.variants.iter().collect();
        variants.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
        let mut seen: Vec<Term> = Vec::new();
        for variant in variants {
            find(variant, need.weight * variant.similarity, generation, &mut wanted, &mut seen, &mut tally);
        }
    }
    let mut candidates = tally.best(CANDIDATES);
    candidates.sort_unstable_by_key(|(number, _)| *number);
    let ids = candidates.into_iter().map(|(number, _)| places.claim(number));
    ids.map(|id| met(id, question, &mut wanted, generation, languages, &switches.weights)).collect()
}

/// Counts the claims that a variant finds. `seen` are the terms that surer variants of the same need went through.
fn find(
    variant: &Variant,
    score: f32,
    generation: &Generation,
    wanted: &mut Wanted,
    seen: &mut Vec<Term>,
    tally: &mut Tally,
) {
    if let Some(concept) = variant.concept {
        for (note, ordinal) in generation.graph.claims_about(concept) {
            tally.add(generation.places().number_of(ClaimId { note: *note, ordinal: *ordinal }), score);
        }
        return;
    }
    // Of several terms that must stand together the rarest finds the candidates.
    let rarest = variant.terms.iter().min_by_key(|term| generation.counts.get(term).copied().unwrap_or(0));
    let Some(rarest) = rarest.filter(|rarest| !seen.contains(rarest)) else { return };
    seen.push(*rarest);
    let mut sections = SectionSet::new(generation.places().n_sections());
    generation.visit(*rarest, |place| {
        match place {
            generation::Place::Claim(number) => tally.add(number, score),
            generation::Place::Section(number) => sections.add(number),
        }
        ControlFlow::Continue(())
    });
    let _ = wanted.sections[wanted.numbers[rarest] as usize].set(sections);
}

/// Some of all sections, a bit each.
struct SectionSet(Vec<u64>);

impl SectionSet {
    fn new(n_sections: usize) -> Self {
        Self(vec![0; n_sections.div_ceil(64)])
    }

    /// Returns the sections that hold a term.
    fn of(term: Term, generation: &Generation) -> Self {
        let mut sections = Self::new(generation.places().n_sections());
        generation.visit(term, |place| {
            if let generation::Place::Section(number) = place {
                sections.add(number);
            }
            ControlFlow::Continue(())
        });
        sections
    }

    fn add(&mut self, section: u32) {
        self.0[section as usize / 64] |= 1 << (section % 64);
    }

    fn holds_any(&self, sections: ops::Range<u32>) -> bool {
        // A note may have more sections than one can ask for one by one.
        let (start, end) = (sections.start as usize, sections.end as usize);
        let words = start / 64..end.div_ceil(64);
        words.into_iter().any(|at| {
            let before = u64::MAX << start.saturating_sub(at * 64).min(63);
            let after = u64::MAX >> (at * 64 + 64).saturating_sub(end).min(63);
            start < end && self.0[at] & before & after != 0
        })
    }
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

/// The terms of a question, numbered: a text is looked through once for all of them, and variants compare numbers.
struct Wanted {
    terms: Vec<Term>,
    numbers: FxHashMap<Term, u32>,
    /// The numbers of the terms of each variant of each need.
    needs: Vec<Vec<Vec<u32>>>,
    /// The sections that hold each term, once it is looked for.
    sections: Vec<OnceCell<SectionSet>>,
    /// What the terms of claims tell, as far as it was asked for.
    idf: FxHashMap<Term, f32>,
}

impl Wanted {
    fn of(question: &Question) -> Self {
        let mut terms: Vec<Term> = Vec::new();
        let mut numbers: FxHashMap<Term, u32> = FxHashMap::default();
        let mut number = |term: &Term| {
            *numbers.entry(*term).or_insert_with(|| {
                terms.push(*term);
                terms.len() as u32 - 1
            })
        };
        let needs = question
            .needs
            .iter()
            .map(|need| need.variants.iter().map(|variant| variant.terms.iter().map(&mut number).collect()).collect());
        let needs = needs.collect();
        let sections = terms.iter().map(|_| OnceCell::new()).collect();
        Self { terms, numbers, needs, sections, idf: FxHashMap::default() }
    }

    /// Returns the numbers of those that stand among some terms.
    fn among(&self, terms: &[Term]) -> Vec<u32> {
        terms.iter().filter_map(|term| self.numbers.get(term).copied()).collect()
    }

    /// True when each of some terms stands in one of the sections.
    fn stand_in(&self, wanted: &[u32], sections: ops::Range<u32>, generation: &Generation) -> bool {
        let stands = |number: &u32| {
            let number = *number as usize;
            let found = self.sections[number].get_or_init(|| SectionSet::of(self.terms[number], generation));
            found.holds_any(sections.clone())
        };
        !wanted.is_empty() && wanted.iter().all(stands)
    }
}

fn holds(found: &[u32], wanted: &[u32]) -> bool {
    !wanted.is_empty() && wanted.iter().all(|number| found.contains(number))
}

fn met(
    id: ClaimId,
    question: &Question,
    wanted: &mut Wanted,
    generation: &Generation,
    languages: &Languages,
    weights: &Weights,
) -> Met {
    let (entry, claim) = generation.claim(id);
    let terms = entry.part_terms.of(id.ordinal as usize);
    let precision = precision(claim, terms.clone(), wanted, generation);
    let n_terms = terms.clone().map(<[Term]>::len).sum();
    let wanted = &*wanted;
    let mut is_near = vec![false; wanted.terms.len()];
    let parts: Vec<(&Part, Vec<u32>)> =
        claim.parts.iter().zip(terms).map(|(part, terms)| (part, wanted.among(terms))).collect();
    let headings: Vec<(f32, Vec<u32>)> =
        headings(entry, claim, weights).into_iter().map(|(weight, terms)| (weight, wanted.among(terms))).collect();
    let found = parts.iter().map(|(_, found)| found).chain(headings.iter().map(|(_, found)| found));
    found.flatten().for_each(|number| is_near[*number as usize] = true);
    let note = generation.places().sections_of(id.note);
    let section = note.start + claim.section as u32;
    let mut cover = vec![0.0f32; question.needs.len()];
    let mut via = vec![None; question.needs.len()];
    let mut by_name = vec![false; question.needs.len()];
    let place = Place::of(n_terms, entry.section_terms[claim.section].len(), weights);
    let (mut plain, mut asked) = (0.0f32, 0.001f32);
    for (at, need) in question.needs.iter().enumerate() {
        let (mut best, mut found_plainly) = (0.0f32, 0.0f32);
        for (number, variant) in need.variants.iter().enumerate() {
            if let Some(concept) = variant.concept {
                if generation.graph.mentions(id.note, id.ordinal, concept) && variant.similarity > best.abs() {
                    best = variant.similarity;
                    via[at] = Some(number);
                }
                continue;
            }
            let sought = &wanted.needs[at][number];
            let is_near = sought.iter().all(|number| is_near[*number as usize]);
            let in_note = wanted.stand_in(sought, note.clone(), generation);
            // Most variants stand nowhere near most claims.
            if !is_near && !in_note {
                continue;
            }
            let in_line = is_near && parts.iter().any(|(_, found)| holds(found, sought));
            let in_headings = is_near && headings.iter().any(|(_, found)| holds(found, sought));
            let in_section = in_note && wanted.stand_in(sought, section..section + 1, generation);
            found_plainly = found_plainly.max(variant.similarity * place.holds(in_line, in_section, in_headings));
            for (part, found) in parts.iter().filter(|_| is_near) {
                // No stance makes a part count for more than its place does.
                if (field_weight(part.field, weights) * variant.similarity).abs() > best.abs() && holds(found, sought) {
                    // `No code` as a header has the negation in itself.
                    let is_negated = need.is_negated && !says_negation(found, question, wanted);
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
            let mut stands_around = |weight: f32, stands: &dyn Fn() -> bool| {
                let value = weight * variant.similarity;
                if value > best.abs() && stands() {
                    best = value;
                    by_name[at] = false;
                    via[at] = Some(number);
                }
            };
            for (weight, found) in headings.iter().filter(|_| is_near) {
                stands_around(*weight, &|| holds(found, sought));
            }
            stands_around(weights.section, &|| in_section);
            stands_around(weights.note, &|| in_note);
        }
        cover[at] = best;
        plain += need.weight * found_plainly;
        asked += need.weight;
    }
    let plain = plain / asked;
    let sum = |keep: &dyn Fn(usize) -> bool| {
        (0..cover.len())
            .filter(|at| keep(*at) && cover[*at] > 0.3)
            .map(|at| cover[at] * question.needs[at].weight)
            .sum::<f32>()
    };
    let own_share = sum(&|at| by_name[at]) / sum(&|_| true).max(0.001);
    discount_isolated(&mut cover, question);
    let amount = amount_fit(claim, question, languages);
    let is_asked_kind =
        question.needs.iter().zip(&wanted.needs).filter(|(need, _)| need.is_asked).any(|(need, sought)| {
            let heads = parts.iter().filter(|(part, _)| part.field == Field::Kind);
            heads.into_iter().any(|(_, found)| {
                need.variants
                    .iter()
                    .zip(sought)
                    .any(|(variant, sought)| variant.similarity > 0.55 && holds(found, sought))
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
        precision,
        plain,
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

/// Returns the terms of the headings over a claim, each with its weight. Those of a table hold for each of its rows.
fn headings<'a>(entry: &'a Entry, claim: &Claim, weights: &Weights) -> Vec<(f32, &'a [Term])> {
    let is_row = matches!(claim.kind, Kind::Decision | Kind::ColumnCell | Kind::OptionRow | Kind::Lookup | Kind::Tree);
    let (heading, outer, title) = if is_row {
        (weights.row_heading, weights.row_outer, weights.row_title)
    } else {
        (weights.heading, weights.outer, weights.title)
    };
    let mut headings = Vec::new();
    let mut section = claim.section;
    let mut weight = heading;
    while section != 0 {
        headings.push((weight, &entry.heading_terms[section]));
        weight = outer;
        section = entry.note.sections[section].parent;
    }
    headings.push((title, &entry.heading_terms[0]));
    headings
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
fn says_negation(found: &[u32], question: &Question, wanted: &Wanted) -> bool {
    let negations = question.needs.iter().zip(&wanted.needs).filter(|(need, _)| need.is_negation);
    negations.flat_map(|(_, variants)| variants).any(|sought| holds(found, sought))
}

/// Returns which share of the claim's need words, by weight, the question has.
fn precision<'a>(
    claim: &Claim,
    parts: impl Iterator<Item = &'a [Term]>,
    wanted: &mut Wanted,
    generation: &Generation,
) -> f32 {
    let (mut met, mut all) = (0.0f32, 0.0f32);
    for (_, terms) in claim.parts.iter().zip(parts).filter(|(part, _)| matches!(part.field, Field::Need)) {
        for term in terms {
            let idf = *wanted.idf.entry(*term).or_insert_with(|| generation.idf(*term).min(8.0));
            all += idf;
            met += if wanted.numbers.contains_key(term) { idf } else { 0.0 };
        }
    }
    if all > 0.0 { met / all } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_sections_are_asked_to_the_bit() {
        let mut set = SectionSet::new(300);
        let members = [0, 63, 64, 130, 299];
        members.iter().for_each(|section| set.add(*section));
        for start in 0..300 {
            for end in start..=300 {
                let expected = members.iter().any(|section| (start..end).contains(section));
                assert_eq!(set.holds_any(start..end), expected, "{start}..{end}");
            }
        }
    }
}
