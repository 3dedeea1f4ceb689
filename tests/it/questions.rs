//! What do the notes that ship answer?
//!
//! Through the real program, over `notes/` and the questions of `tests/questions`.

use std::path::Path;

use fingerpost::answer::Answer;
use fingerpost::eval::{Case, judge};

use crate::support::{Run, Vault};

const NOTES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/notes");
const QUESTIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/questions");
/// How many of the 49 two-hop questions are right, and wrong without the walk: the number measured when it was set.
const MIN_TWO_HOP: usize = 30;
/// Percent of the questions over the shipped notes that are right: a little below today's number, 77.5.
const MIN_CHOICE: &str = "76";

/// An empty place for the index of the notes that ship.
fn place() -> Vault {
    Vault::new("")
}

fn run(place: &Vault, arguments: &[&str], input: &str) -> Run {
    place.run_with_input(&[&["--notes", NOTES], arguments].concat(), input)
}

fn source(note: &str) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(Path::new(NOTES).join(note)).ok()?;
    Some(text.lines().map(str::to_owned).collect())
}

/// Checks that the question is answered with the option, quoting the row of the decision matrix and its line.
#[track_caller]
fn check(question: &str, option: &str, row: &str) {
    let (place, note) = (place(), "Bedrock vs SageMaker.md");
    let line = 1 + source(note).expect("the note").iter().position(|line| line == row).expect("the row");
    let run_json = run(&place, &["ask", "--json", question], "");
    let answer: Answer = serde_json::from_str(&run_json.out).unwrap_or_else(|error| panic!("{error}: {run_json:?}"));
    let names: Vec<&str> = answer.choices.iter().map(|choice| choice.name.as_str()).collect();
    assert_eq!((run_json.code, names), (0, vec![option]), "{answer:?}");
    let quote = &answer.evidence[0];
    assert_eq!((quote.note.as_str(), quote.rows[0].text.as_str()), (note, row), "{answer:?}");
    assert_eq!(quote.rows[0].line as usize, line);
    let run_text = run(&place, &["ask", question], "");
    assert!(run_text.out.lines().next().is_some_and(|verdict| verdict.contains(option)), "{run_text:?}");
    assert!(run_text.out.contains(&format!("{note}:{line}\n")), "{run_text:?}");
}

#[test]
fn r10_forecasting() {
    check("which should I use for time-series forecasting?", "SageMaker", "| Time-series forecasting | SageMaker |");
}

#[test]
fn r10_training_from_scratch() {
    check("cần train model từ đầu thì chọn cái nào", "SageMaker", "| Train model từ số 0 | SageMaker |");
}

/// The question's words stand in one note and the deciding row in another, so that only the walk joins them.
#[test]
fn two_hop_questions_need_the_walk() {
    let text = std::fs::read_to_string(Path::new(QUESTIONS).join("two-hop.jsonl")).expect("the questions");
    let cases: Vec<Case> = text.lines().map(|line| serde_json::from_str(line).expect("a case")).collect();
    let asked: String = cases.iter().map(|case| case.question.clone() + "\n").collect();
    let place = place();
    let right = |more: &[&str]| -> Vec<bool> {
        let answers = run(&place, &[&["ask", "--json", "-"], more].concat(), &asked).out;
        assert_eq!(answers.lines().count(), cases.len());
        let answers = answers.lines().map(|line| serde_json::from_str::<Answer>(line).expect("an answer"));
        cases.iter().zip(answers).map(|(case, answer)| judge(case, Some(&answer), &source).choice).collect()
    };
    let (with, without) = (right(&[]), right(&["--without", "walk"]));
    let n_both = with.iter().zip(&without).filter(|(with, without)| **with && **without).count();
    let n_by_walk = with.iter().zip(&without).filter(|(with, without)| **with && !**without).count();
    println!("{n_by_walk} of {} are right by the walk, {n_both} also without it", cases.len());
    let table: String = cases
        .iter()
        .zip(with.iter().zip(&without))
        .map(|(case, (with, without))| format!("{with:5} {without:5}  {}\n", case.question))
        .collect();
    assert!(
        n_by_walk >= MIN_TWO_HOP,
        "only {n_by_walk} questions need the walk and are right by it\n\
        with, without:\n{table}"
    );
}

#[test]
fn the_questions_over_the_shipped_notes_stay_answered() {
    let file = format!("{QUESTIONS}/notes.jsonl");
    let run = run(&place(), &["eval", &file, "--min-choice", MIN_CHOICE], "");
    println!("{}", run.out);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
}
