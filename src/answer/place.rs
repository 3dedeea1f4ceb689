//! Where in the notes is this spoken of?
//!
//! Plain retrieval, beside the reading of claims: how much of the question a line and its section hold, rare words more,
//! long texts less (Okapi BM25, Robertson & Zaragoza 2009, with every word counted once). A claim well read in the wrong
//! place is no answer.

use rustc_hash::FxHashMap;

use super::Weights;
use super::meet::Met;
use crate::generation::Generation;

/// How soon more of a word counts less (k1), and how much long texts are held back (b).
const SATURATION: f32 = 1.2;
const LENGTH: f32 = 0.75;
/// Terms of a line and of a section that are neither long nor short.
const LINE_TERMS: f32 = 14.0;
const SECTION_TERMS: f32 = 80.0;
/// How much words in the headings above count.
const HEADINGS: f32 = 0.5;

/// What a word counts for where a claim stands.
pub struct Place {
    line: f32,
    section: f32,
    share: f32,
}

impl Place {
    /// Returns the place of a line with so many terms in a section with so many.
    pub fn of(n_line: usize, n_section: usize, weights: &Weights) -> Self {
        let norm = |length: usize, usual: f32| {
            (1.0 + SATURATION) / (1.0 + SATURATION * (1.0 - LENGTH + LENGTH * length as f32 / usual))
        };
        Self { line: norm(n_line, LINE_TERMS), section: norm(n_section, SECTION_TERMS), share: weights.place_section }
    }

    /// Returns how much a word counts that stands in the line, in the section, in the headings above; from 0 to about 2.
    pub fn holds(&self, in_line: bool, in_section: bool, in_headings: bool) -> f32 {
        let headings = if in_headings { HEADINGS } else { 0.0 };
        let line = if in_line { self.line } else { headings };
        let section = if in_section { self.section } else { 0.0 };
        (1.0 - self.share) * line + self.share * (section + headings)
    }
}

/// How much claims count for the place that they stand in.
pub struct Factors(FxHashMap<(u32, usize), f32>);

impl Factors {
    /// Weighs each section by its best line, against that of the best section.
    pub fn of<'a>(met: impl Iterator<Item = &'a Met>, generation: &Generation, weights: &Weights) -> Self {
        let mut best: FxHashMap<(u32, usize), f32> = FxHashMap::default();
        for met in met {
            let most = best.entry((met.id.note, generation.claim(met.id).1.section)).or_default();
            *most = most.max(met.plain);
        }
        let most = best.values().copied().fold(0.001, f32::max);
        best.values_mut().for_each(|value| *value = 1.0 - weights.place + weights.place * *value / most);
        Self(best)
    }

    /// Returns the factor of a claim; 1 behind a signpost, where the question's words are not looked for.
    pub fn get(&self, met: &Met, section: usize) -> f32 {
        if met.hop.is_some() { 1.0 } else { self.0.get(&(met.id.note, section)).copied().unwrap_or(1.0) }
    }
}
