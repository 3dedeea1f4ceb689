//! Is each question of the specification answered as it says?
//!
//! A file of `tests/spec` shows one shape of notes: fences of four backticks hold the notes of a small vault, fences
//! that start with `ask` hold a question, its answer and the line that decides. What is not read yet stands in
//! `tests/spec/known-misses.txt`; `UPDATE_EXPECT=1 cargo test spec` writes that list again.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use fingerpost::answer::{Answer, Switches, Verdict, ask};
use fingerpost::eval::{Case, judge};
use fingerpost::generation::Generation;
use fingerpost::language::Languages;
use rayon::prelude::*;

use crate::support::{check_quotes, sources};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/spec");
const MISSES_HEAD: &str = "\
# Questions of the specification that are not answered as it says: file, tab, question.
# A test compares this list with what happens; `UPDATE_EXPECT=1 cargo test spec` writes it again.
";

/// One file of the specification.
struct Spec {
    name: String,
    notes: Vec<(String, String)>,
    asked: Vec<Asked>,
}

/// One question with its answer.
struct Asked {
    question: String,
    verdict: Verdict,
    choices: Vec<String>,
    row: String,
}

#[test]
fn questions_are_answered_as_the_specification_says() {
    let languages = Languages::builtin();
    let specs = specs();
    let missed: Vec<(String, String, String)> = specs.par_iter().flat_map(|spec| missed(spec, &languages)).collect();
    let asked: Vec<(&str, &str)> = specs
        .iter()
        .flat_map(|spec| spec.asked.iter().map(|asked| (spec.name.as_str(), asked.question.as_str())))
        .collect();
    let file = Path::new(FOLDER).join("known-misses.txt");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let mut list = MISSES_HEAD.to_owned();
        for (name, question, _) in &missed {
            writeln!(list, "{name}\t{question}").expect("a text takes everything");
        }
        std::fs::write(file, list).expect("the list is written");
        return;
    }
    let list = std::fs::read_to_string(file).unwrap_or_default();
    let known: BTreeSet<(&str, &str)> =
        list.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t')).collect();
    let mut faults = String::new();
    for (_, _, difference) in missed.iter().filter(|(name, question, _)| !known.contains(&(name, question))) {
        faults.push_str(difference);
    }
    for (name, question) in known {
        let told = if !asked.contains(&(name, question)) {
            "is not asked any more"
        } else if !missed.iter().any(|(in_file, missed, _)| in_file == name && missed == question) {
            "is answered right now"
        } else {
            continue;
        };
        writeln!(faults, "\n{name}: {question}\n  {told}: remove it from known-misses.txt").expect("a text");
    }
    let n_asked = asked.len();
    println!("{} of {n_asked} questions are answered as the specification says", n_asked - missed.len());
    assert!(faults.is_empty(), "{faults}\nUPDATE_EXPECT=1 writes tests/spec/known-misses.txt again.");
}

/// The specification itself: each file asks, nothing twice, and its rows stand in its notes.
#[test]
fn the_specification_is_well_formed() {
    let specs = specs();
    assert!(specs.len() >= 50, "{} files", specs.len());
    let mut faults = String::new();
    for spec in &specs {
        let mut seen = BTreeSet::new();
        let mut fault = |asked: &Asked, what: &str| {
            writeln!(faults, "{}: {}: {what}", spec.name, asked.question).expect("a text");
        };
        for asked in &spec.asked {
            if !seen.insert(&asked.question) {
                fault(asked, "is asked twice");
            }
            if !spec.notes.iter().any(|(_, text)| text.lines().any(|line| line.contains(&asked.row))) {
                fault(asked, "the row stands in no note");
            }
            let n_choices = asked.choices.len();
            let fits = match asked.verdict {
                Verdict::Choose | Verdict::When => n_choices == 1,
                Verdict::Either | Verdict::Combine | Verdict::Depends => n_choices >= 2,
                Verdict::Compare => true,
                Verdict::Describe | Verdict::Unknown => n_choices == 0,
            };
            if !fits {
                fault(asked, "has not as many choices as its verdict needs");
            }
        }
        if spec.notes.is_empty() || spec.asked.is_empty() {
            writeln!(faults, "{}: needs notes and questions", spec.name).expect("a text");
        }
    }
    assert!(faults.is_empty(), "{faults}");
}

/// Returns what is answered otherwise than the file says: file, question and how they differ.
fn missed(spec: &Spec, languages: &Languages) -> Vec<(String, String, String)> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let generation = Generation::build(1, spec.notes.clone(), Vec::new(), &folder.path().join("index"), languages)
        .expect("an index in a folder of our own");
    let mut missed = Vec::new();
    for asked in &spec.asked {
        let answer = ask(&asked.question, &generation, languages, &Switches::default(), false);
        check_quotes(&answer, &generation);
        if !is_right(asked, &answer, &generation) {
            let difference = difference(spec, asked, &answer);
            missed.push((spec.name.clone(), asked.question.clone(), difference));
        }
    }
    missed
}

fn is_right(asked: &Asked, answer: &Answer, generation: &Generation) -> bool {
    if answer.verdict != asked.verdict {
        return false;
    }
    if matches!(asked.verdict, Verdict::Describe | Verdict::Unknown) {
        return true;
    }
    // `judge` compares names only where options are chosen, and leaves their order aside.
    let chosen = |choices: &[String], answer: Answer| {
        let case = Case {
            id: String::new(),
            kind: String::new(),
            lang: String::new(),
            question: asked.question.clone(),
            verdict: Verdict::Choose,
            choices: choices.iter().map(|choice| vec![choice.clone()]).collect(),
            note: String::new(),
            notes: Vec::new(),
            evidence: Vec::new(),
            row: asked.row.clone(),
        };
        judge(&case, Some(&Answer { verdict: Verdict::Choose, ..answer }), &sources(generation))
    };
    let judged = chosen(&asked.choices, answer.clone());
    let in_order = asked.verdict != Verdict::Combine
        || asked.choices.iter().zip(&answer.choices).all(|(choice, said)| {
            chosen(std::slice::from_ref(choice), Answer { choices: vec![said.clone()], ..answer.clone() }).choice
        });
    judged.choice && judged.row_3 != Some(false) && in_order
}

fn difference(spec: &Spec, asked: &Asked, answer: &Answer) -> String {
    let told = |verdict: Verdict, choices: &[&str]| {
        let verdict = format!("{verdict:?}").to_lowercase();
        format!("{verdict} {}", choices.join("; ")).trim_end().to_owned()
    };
    let wanted: Vec<&str> = asked.choices.iter().map(String::as_str).collect();
    let got: Vec<&str> = answer.choices.iter().map(|choice| choice.name.as_str()).collect();
    let mut text = format!("\n{}: {}\n", spec.name, asked.question);
    writeln!(text, "  expected  {}", told(asked.verdict, &wanted)).expect("a text");
    if !asked.row.is_empty() {
        writeln!(text, "            {}", asked.row).expect("a text");
    }
    writeln!(text, "  got       {}", told(answer.verdict, &got)).expect("a text");
    for quote in answer.evidence.iter().take(3) {
        for row in quote.rows.iter().take(1) {
            writeln!(text, "            {} ({}:{})", row.text.trim(), quote.note, row.line).expect("a text");
        }
    }
    text
}

fn specs() -> Vec<Spec> {
    let mut files: Vec<_> = std::fs::read_dir(FOLDER)
        .expect("the specification")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    files.sort();
    files.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Spec {
    let text = std::fs::read_to_string(path).expect("a file of the specification");
    let name = path.file_name().expect("a file").to_string_lossy().into_owned();
    let mut spec = Spec { name, notes: Vec::new(), asked: Vec::new() };
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(path) = line.strip_prefix("````note ") {
            let note: Vec<&str> = lines.by_ref().take_while(|line| *line != "````").collect();
            spec.notes.push((path.trim().to_owned(), note.join("\n") + "\n"));
        } else if line == "```ask" {
            let asked: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            spec.asked.push(read_asked(&spec.name, &asked));
        }
    }
    spec.notes.sort();
    spec
}

fn read_asked(name: &str, lines: &[&str]) -> Asked {
    let field = |label: &str| lines.iter().find_map(|line| line.strip_prefix(label)).map(str::trim);
    let known = |line: &&str| ["Q:", "A:", "row:", "#"].iter().any(|label| line.starts_with(label));
    assert!(lines.iter().all(|line| line.is_empty() || known(line)), "{name}: {lines:?}");
    let question = field("Q:").unwrap_or_else(|| panic!("{name}: no question in {lines:?}"));
    let answer = field("A:").unwrap_or_else(|| panic!("{name}: no answer to `{question}`"));
    let (verdict, choices) = answer.split_once(' ').unwrap_or((answer, ""));
    Asked {
        question: question.to_owned(),
        verdict: serde_json::from_value(verdict.into()).unwrap_or_else(|_| panic!("{name}: no verdict `{verdict}`")),
        choices: choices
            .split(';')
            .map(|choice| choice.trim().to_owned())
            .filter(|choice| !choice.is_empty())
            .collect(),
        row: field("row:").unwrap_or_default().to_owned(),
    }
}
