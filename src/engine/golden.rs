//! Does a new generation lose the answer to a golden question?
//!
//! Asks both generations the questions that the operator wrote down. A question that neither answers is no loss: the
//! guard is against a change that breaks what worked, not a bar.

use std::path::Path;

use crate::answer::{Answer, Switches, ask};
use crate::eval::{self, Case};
use crate::generation::Generation;
use crate::language::Languages;

/// Reads the golden questions of a file.
///
/// # Errors
/// When it cannot be read or holds something else, with the place.
pub fn read(path: &Path) -> Result<Vec<Case>, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("the golden questions in `{}` cannot be read: {error}", path.display()))?;
    eval::cases(&text).map_err(|fault| {
        format!("`{}:{}:{}` is no golden question: {}", path.display(), fault.line, fault.column, fault.reason)
    })
}

/// Returns which golden question the new generation answers wrong and the old one right, and how; the first of them,
/// with how many there are. Cost: two answers a question.
pub fn lost(cases: &[Case], old: &Generation, new: &Generation, languages: &Languages) -> Option<String> {
    let switches = Switches::default();
    let is_right = |case: &Case, answer: &Answer| eval::judge(case, Some(answer), &|_| None).choice;
    let mut losses = cases.iter().filter_map(|case| {
        let now = ask(&case.question, new, languages, &switches, false);
        if is_right(case, &now) {
            return None;
        }
        let before = ask(&case.question, old, languages, &switches, false);
        is_right(case, &before).then(|| told(case, &before, &now))
    });
    let first = losses.next()?;
    Some(match losses.count() {
        0 => first,
        n => format!("{first}; {n} more would be lost"),
    })
}

fn told(case: &Case, before: &Answer, now: &Answer) -> String {
    let said = |answer: &Answer| match answer.choices.as_slice() {
        [] => format!("{:?}", answer.verdict).to_lowercase(),
        choices => choices.iter().map(|choice| format!("`{}`", choice.name)).collect::<Vec<_>>().join(", "),
    };
    let place = before.evidence.first().map_or(case.note.as_str(), |quote| quote.note.as_str());
    format!(
        "golden question `{}` (\"{}\") would lose its answer from `{place}`: {} instead of {}",
        case.id,
        case.question,
        said(now),
        said(before)
    )
}
