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

use crate::answer::{Reading, Span, Switches, Traits, Verdict, Weights, ask, readings};
use crate::eval::{Case, is_right, is_row, judge};
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
        for name in Weights::NAMES
            .iter()
            .filter(|name| !(name.starts_with("doubt_") || name.starts_with("span_") || **name == "answer_bar"))
        {
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

/// The runs of words of a sentence that decides a question: their traits, and whether they answer.
type Candidates = Vec<(Vec<f64>, bool)>;

/// Fits the conditional logit of `answer::span` to the sentences that decide a question, and writes it into the weights.
///
/// Returns in how many sentences the best run of words is right, and of how many, each family of vaults judged without it.
pub fn fit_spans(exams: &[Exam], weights: &mut Weights, languages: &Languages) -> (usize, usize) {
    let switches = Switches { off: vec!["refusal".to_owned()], weights: weights.clone() };
    let samples = |exam: &Exam| -> Vec<Candidates> {
        let readings = exam.cases.iter().flat_map(|case| {
            let readings = readings(&case.question, &exam.generation, languages, &switches).into_iter();
            let decides = |reading: &Reading| {
                let note = &exam.generation.entries[reading.note as usize].note;
                (reading.lines.0..=reading.lines.1).any(|line| is_row(case, &note.path, note.line(line)))
            };
            let spans = readings.filter(decides).map(|reading| {
                let values = |span: &Span| span.traits.values().into_iter().map(f64::from).collect();
                reading.spans.iter().map(|span| (values(span), is_right(case, &span.text))).collect::<Candidates>()
            });
            spans.collect::<Vec<_>>()
        });
        readings.filter(|spans| spans.iter().any(|(_, is_right)| *is_right)).collect()
    };
    let samples: Vec<Vec<Candidates>> = exams.par_iter().map(samples).collect();
    let mut n_right = 0;
    for held in families(exams) {
        let is_held = |at: &usize| family(&exams[*at]) == held;
        let (out, rest): (Vec<usize>, Vec<usize>) = (0..exams.len()).partition(is_held);
        let rule = logit(&rest.iter().flat_map(|at| &samples[*at]).collect::<Vec<_>>());
        n_right += out.iter().flat_map(|at| &samples[*at]).filter(|spans| best_is_right(spans, &rule)).count();
    }
    let all: Vec<&Candidates> = samples.iter().flatten().collect();
    for (name, factor) in Traits::WEIGHTS.iter().zip(logit(&all)) {
        if let Some(value) = weights.get_mut(name) {
            *value = factor as f32;
        }
    }
    (n_right, all.len())
}

fn best_is_right(spans: &Candidates, rule: &[f64]) -> bool {
    let score = |traits: &[f64]| traits.iter().zip(rule).map(|(trait_, factor)| trait_ * factor).sum::<f64>();
    spans.iter().max_by(|a, b| score(&a.0).total_cmp(&score(&b.0))).is_some_and(|(_, is_right)| *is_right)
}

/// Fits by gradient descent with momentum and a ridge: the right runs of words of a sentence against all of them.
fn logit(samples: &[&Candidates]) -> Vec<f64> {
    let n = Traits::WEIGHTS.len();
    let (mut rule, mut speed) = (vec![0.0; n], vec![0.0; n]);
    for _ in 0..400 {
        let mut slope: Vec<f64> = rule.iter().map(|factor| -RIDGE * factor).collect();
        for spans in samples {
            let scores: Vec<f64> = spans
                .iter()
                .map(|(traits, _)| traits.iter().zip(&rule).map(|(trait_, factor)| trait_ * factor).sum::<f64>().exp())
                .collect();
            let all: f64 = scores.iter().sum();
            let right: f64 = scores.iter().zip(*spans).filter(|(_, (_, is_right))| *is_right).map(|(s, _)| s).sum();
            for (score, (traits, is_right)) in scores.iter().zip(*spans) {
                let pull = f64::from(u8::from(*is_right)) * score / right - score / all;
                slope.iter_mut().zip(traits).for_each(|(sum, value)| *sum += pull * value);
            }
        }
        for ((factor, speed), sum) in rule.iter_mut().zip(&mut speed).zip(&slope) {
            *speed = 0.9 * *speed + sum / samples.len().max(1) as f64;
            *factor += 0.5 * *speed;
        }
    }
    rule
}

/// A vault and its sisters share their name up to the last hyphen.
fn family(exam: &Exam) -> &str {
    exam.vault.rsplit_once('-').map_or(exam.vault.as_str(), |(family, _)| family)
}

fn families(exams: &[Exam]) -> Vec<&str> {
    let mut families: Vec<&str> = exams.iter().map(family).collect();
    families.sort_unstable();
    families.dedup();
    families
}

/// What is learned of one question for deciding whether to answer: signals, right, the notes do not say.
struct Sample {
    vault: usize,
    signals: Vec<f64>,
    is_right: bool,
    is_unknown: bool,
}

/// Bars for which the table of risk and coverage has a line.
const BARS: [f64; 9] = [0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6];
/// Strength of the pull of factors towards nothing.
const RIDGE: f64 = 2.0;

/// Fits the logistic rule of `answer::doubt` to the questions, writes it into the weights and returns a table of risk and
/// coverage in which each vault is judged by a rule that was fitted without it (and without its sisters, which share its
/// name up to the last hyphen).
pub fn fit_doubt(exams: &[Exam], weights: &mut Weights, languages: &Languages) -> String {
    let (samples, names) = samples(exams, weights, languages);
    let mut judged: Vec<(f64, &Sample)> = Vec::new();
    for held in families(exams) {
        let (out, rest): (Vec<&Sample>, Vec<&Sample>) =
            samples.iter().partition(|sample| family(&exams[sample.vault]) == held);
        let rule = logistic(&rest, names.len());
        judged.extend(out.into_iter().map(|sample| (probability(&rule, &sample.signals), sample)));
    }
    let rule = logistic(&samples.iter().collect::<Vec<_>>(), names.len());
    for (name, factor) in names.iter().map(String::as_str).chain(["bias"]).zip(&rule) {
        if let Some(value) = weights.get_mut(&format!("doubt_{name}")) {
            *value = *factor as f32;
        }
    }
    risk_table(&judged)
}

fn samples(exams: &[Exam], weights: &Weights, languages: &Languages) -> (Vec<Sample>, Vec<String>) {
    let switches = Switches { off: vec!["refusal".to_owned()], weights: weights.clone() };
    let mut names = Vec::new();
    let mut samples = Vec::new();
    for (vault, exam) in exams.iter().enumerate() {
        for case in &exam.cases {
            let answer = ask(&case.question, &exam.generation, languages, &switches, true);
            let asks_about = matches!(answer.verdict, Verdict::Compare | Verdict::When | Verdict::Describe);
            let Some(explain) = answer.explain.as_ref().filter(|explain| !explain.signals.is_empty() && !asks_about)
            else {
                continue;
            };
            names = explain.signals.iter().map(|(name, _)| name.clone()).collect();
            let signals = explain.signals.iter().map(|(_, value)| f64::from(*value)).collect();
            let is_unknown = case.verdict == Verdict::Unknown;
            let is_right = !is_unknown && judge(case, Some(&answer), &|_| None).choice;
            samples.push(Sample { vault, signals, is_right, is_unknown });
        }
    }
    (samples, names)
}

fn probability(rule: &[f64], signals: &[f64]) -> f64 {
    let sum: f64 = signals.iter().zip(rule).map(|(signal, factor)| signal * factor).sum::<f64>() + rule[rule.len() - 1];
    1.0 / (1.0 + (-sum).exp())
}

/// Fits by gradient descent, with a ridge; a question that the notes do not answer counts more than one answered wrongly.
fn logistic(samples: &[&Sample], n_signals: usize) -> Vec<f64> {
    let mut rule = vec![0.0; n_signals + 1];
    let importance = |sample: &Sample| {
        if sample.is_unknown {
            1.5
        } else if sample.is_right {
            1.0
        } else {
            0.5
        }
    };
    let rate = 2.0 / samples.len().max(1) as f64;
    for _ in 0..4_000 {
        let mut slope: Vec<f64> = rule.iter().map(|factor| RIDGE * factor).collect();
        slope[n_signals] = 0.0;
        for sample in samples {
            let error =
                importance(sample) * (probability(&rule, &sample.signals) - f64::from(u8::from(sample.is_right)));
            for (sum, signal) in slope.iter_mut().zip(sample.signals.iter().chain([&1.0])) {
                *sum += error * signal;
            }
        }
        for (factor, sum) in rule.iter_mut().zip(&slope) {
            *factor -= rate * sum;
        }
    }
    rule
}

fn risk_table(judged: &[(f64, &Sample)]) -> String {
    let percent = |kept: &dyn Fn(&(f64, &Sample)) -> bool, of: &dyn Fn(&(f64, &Sample)) -> bool| {
        let all = judged.iter().filter(|sample| of(sample)).count().max(1);
        100.0 * judged.iter().filter(|sample| of(sample) && kept(sample)).count() as f64 / all as f64
    };
    let mut table = String::from("  bar  unknown said  known refused  answers right\n");
    for bar in BARS {
        let said = percent(&|(p, _)| *p < bar, &|(_, sample)| sample.is_unknown);
        let refused = percent(&|(p, _)| *p < bar, &|(_, sample)| !sample.is_unknown);
        let right = percent(&|(_, sample)| sample.is_right, &|(p, _)| *p >= bar);
        table.push_str(&format!("{bar:5.2} {said:13.1} {refused:14.1} {right:14.1}\n"));
    }
    table
}
