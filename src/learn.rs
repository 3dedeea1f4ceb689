//! Which weights answer the golden questions best?
//!
//! Coordinate search: one weight after the other is moved, a change is kept when the objective grows.
//! Vaults are held out by name so that what is learned can be judged on what was not looked at.

use std::path::Path;

use rayon::prelude::*;

use crate::answer::{Switches, Verdict, Weights, ask};
use crate::eval::{Case, judge};
use crate::generation::Generation;
use crate::language::Languages;

/// A vault with its questions.
pub struct Exam {
    /// Name of the vault.
    pub vault: String,
    /// What it says.
    pub generation: Generation,
    /// Its questions.
    pub cases: Vec<Case>,
}

impl Exam {
    /// Reads a vault and keeps its questions.
    ///
    /// # Errors
    /// When the vault cannot be read or the index not be written.
    pub fn load(vault: &str, folder: &Path, index: &Path, cases: Vec<Case>, languages: &Languages) -> anyhow::Result<Self> {
        let (entries, faults) = crate::vault::scan(folder)?;
        let files = entries.iter().map(|entry| (entry.path.clone(), crate::vault::read(folder, &entry.path).text)).collect();
        let generation = Generation::build(1, files, faults, index, languages)?;
        Ok(Self { vault: vault.to_owned(), generation, cases })
    }
}

/// What is to grow: right choices, with a share for the right place.
pub fn objective(exams: &[&Exam], weights: &Weights, languages: &Languages) -> f64 {
    let switches = Switches { off: vec!["refusal".to_owned()], weights: weights.clone() };
    let cases: Vec<(&Exam, &Case)> = exams.iter().flat_map(|exam| exam.cases.iter().map(|case| (*exam, case))).collect();
    let total: f64 = cases
        .par_iter()
        .filter(|(_, case)| case.verdict != Verdict::Unknown)
        .map(|(exam, case)| {
            let answer = ask(&case.question, &exam.generation, languages, &switches, false);
            let judged = judge(case, Some(&answer), &|_| None);
            let share = |measure: Option<bool>| f64::from(u8::from(measure == Some(true)));
            f64::from(u8::from(judged.choice)) + 0.35 * share(judged.top) + 0.25 * share(judged.evidence_1) + 0.15 * share(judged.row_3)
        })
        .sum();
    total / cases.len().max(1) as f64
}

/// Moves each weight up and down while that helps; `report` is called after each round.
pub fn search(exams: &[&Exam], start: &Weights, languages: &Languages, n_rounds: usize, mut report: impl FnMut(usize, f64, &Weights)) -> Weights {
    let mut best = start.clone();
    let mut score = objective(exams, &best, languages);
    report(0, score, &best);
    for round in 1..=n_rounds {
        let step = 0.3 / round as f32;
        for name in Weights::NAMES.iter().filter(|name| **name != "coverage_floor" && **name != "tie") {
            for factor in [1.0 + step, 1.0 - step] {
                let mut tried = best.clone();
                if let Some(value) = tried.get_mut(name) {
                    *value *= factor;
                }
                let reached = objective(exams, &tried, languages);
                // A gain of less than a third of a question is noise.
                if reached > score + 0.3 / exams.iter().map(|exam| exam.cases.len()).sum::<usize>() as f64 {
                    (best, score) = (tried, reached);
                    break;
                }
            }
        }
        report(round, score, &best);
    }
    best
}
