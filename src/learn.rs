//! Which weights answer the golden questions best?
//!
//! Coordinate search: one weight after the other is moved, and a change is kept when the objective grows on one half of
//! the vaults and does not fall on the other: what helps one half alone was fitted to it (measured: moved freely, the
//! half that was learned from won 8 points and the other lost half a point).
//! Vaults can be held out, so that what is learned is judged on what was not looked at.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use anyhow::Context as _;
use rayon::prelude::*;
use serde::Deserialize;

use crate::answer::{Switches, Verdict, Weights, ask};
use crate::eval::{Case, judge};
use crate::generation::Generation;
use crate::language::Languages;

/// A vault with its questions.
pub struct Exam {
    vault: String,
    generation: Generation,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Line {
    vault: String,
    #[serde(flatten)]
    case: Case,
}

/// How far the search is.
pub struct Round {
    number: usize,
    learned_on: f64,
    held_out: f64,
}

impl fmt::Display for Round {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "round {}: {:.4} on what is learned from, {:.4} held out",
            self.number, self.learned_on, self.held_out
        )
    }
}

/// Reads questions and the vaults that they name; the indexes go to the system's folder for temporary files.
///
/// # Errors
/// When a line is no question, or a vault cannot be read.
pub fn exams(questions: &str, vaults: &Path, languages: &Languages) -> anyhow::Result<Vec<Exam>> {
    let mut by_vault: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    for (number, line) in questions.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let line: Line = serde_json::from_str(line).with_context(|| format!("line {} is no question", number + 1))?;
        by_vault.entry(line.vault).or_default().push(line.case);
    }
    by_vault
        .into_iter()
        .map(|(vault, cases)| {
            let folder = vaults.join(&vault);
            let index = std::env::temp_dir().join(format!("fingerpost-learn-{}", std::process::id())).join(&vault);
            let (entries, faults) = crate::vault::scan(&folder)?;
            let read =
                |entry: &crate::vault::Entry| (entry.path.clone(), crate::vault::read(&folder, &entry.path).text);
            let files = entries.iter().map(read).collect();
            let generation = Generation::build(1, files, faults, &index, languages)?;
            Ok(Exam { vault, generation, cases })
        })
        .collect()
}

/// What is to grow: right choices, with a share for the right option first, the right place and the right row.
///
/// Refusal is off: it is set apart, on what is left.
fn objective(exams: &[&Exam], weights: &Weights, languages: &Languages) -> f64 {
    let switches = Switches { off: vec!["refusal".to_owned()], weights: weights.clone() };
    let cases: Vec<(&Exam, &Case)> =
        exams.iter().flat_map(|exam| exam.cases.iter().map(|case| (*exam, case))).collect();
    let known: Vec<_> = cases.iter().filter(|(_, case)| case.verdict != Verdict::Unknown).collect();
    let points = known.par_iter().map(|(exam, case)| {
        let answer = ask(&case.question, &exam.generation, languages, &switches, false);
        let judged = judge(case, Some(&answer), &|_| None);
        let share = |measure: Option<bool>| f64::from(u8::from(measure == Some(true)));
        let place = 0.35 * share(judged.top) + 0.25 * share(judged.evidence_1) + 0.15 * share(judged.row_3);
        f64::from(u8::from(judged.choice)) + place
    });
    points.sum::<f64>() / known.len().max(1) as f64
}

/// Moves each weight up and down while that helps on the vaults that are not held out.
pub fn search(
    exams: &[Exam],
    held_out: &dyn Fn(&str) -> bool,
    start: &Weights,
    languages: &Languages,
    n_rounds: usize,
    mut report: impl FnMut(Round),
) -> Weights {
    let (held, learned): (Vec<&Exam>, Vec<&Exam>) = exams.iter().partition(|exam| held_out(&exam.vault));
    let halves: [Vec<&Exam>; 2] = [0, 1].map(|half| learned.iter().copied().skip(half).step_by(2).collect());
    let reach = |weights: &Weights| [0, 1].map(|half: usize| objective(&halves[half], weights, languages));
    let n_cases = learned.iter().map(|exam| exam.cases.len()).sum::<usize>().max(1);
    // A gain of less than half a question is noise.
    let least_gain = 1.0 / n_cases as f64;
    let mut best = start.clone();
    let mut scores = reach(&best);
    let mut told = |number: usize, scores: [f64; 2], weights: &Weights| {
        let learned_on = (scores[0] + scores[1]) / 2.0;
        report(Round { number, learned_on, held_out: objective(&held, weights, languages) });
    };
    told(0, scores, &best);
    for round in 1..=n_rounds {
        let step = 0.3 / round as f32;
        // What decides whether to answer at all is learned apart: refusal is off here.
        for name in Weights::NAMES.iter().filter(|name| !name.starts_with("doubt_") && **name != "answer_bar") {
            for factor in [1.0 + step, 1.0 - step] {
                let mut tried = best.clone();
                if let Some(value) = tried.get_mut(name) {
                    *value *= factor;
                }
                let reached = reach(&tried);
                let gains = [reached[0] - scores[0], reached[1] - scores[1]];
                if gains[0] >= 0.0 && gains[1] >= 0.0 && gains[0] + gains[1] > least_gain {
                    (best, scores) = (tried, reached);
                    break;
                }
            }
        }
        told(round, scores, &best);
    }
    best
}
