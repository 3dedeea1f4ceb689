//! How many of the golden questions are answered right?
//!
//! Judges answers against what a careful reader of the notes would say, and counts. Asks nothing and reads no files:
//! answers and source lines come in.

use serde::Deserialize;

use crate::answer::{Answer, Evidence, Verdict};
use crate::render::columns;
use crate::text::fold;

/// One golden question with the answers that are right.
#[derive(Clone, Debug, Deserialize)]
pub struct Case {
    /// Its id.
    pub id: String,
    /// What kind of question it is.
    pub kind: String,
    /// Its language.
    pub lang: String,
    /// As a person types it.
    pub question: String,
    /// The right verdict.
    pub verdict: Verdict,
    /// The right options, each with the names it may go by.
    pub choices: Vec<Vec<String>>,
    /// The note that answers; empty where none does.
    #[serde(default)]
    pub note: String,
    /// Other notes that answer as well.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Headings of the note under which the answer stands.
    #[serde(default)]
    pub evidence: Vec<String>,
    /// A piece of the deciding line; empty where the whole block decides.
    #[serde(default)]
    pub row: String,
}

/// What is wrong with a line of golden questions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFault {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What the parser says.
    pub reason: String,
}

/// Reads golden questions, one JSON object a line; blank lines are left out.
///
/// # Errors
/// At the first line that is none.
pub fn cases(text: &str) -> Result<Vec<Case>, CaseFault> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let case = |(at, line)| {
        serde_json::from_str(line).map_err(|error| {
            let reason = error.to_string();
            let reason = reason.split(" at line ").next().unwrap_or_default().to_owned();
            CaseFault { line: at + 1, column: error.column(), reason }
        })
    };
    lines.map(case).collect()
}

/// How one answer compares; none where a measure does not apply to the question.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    kind: String,
    lang: String,
    /// Verdict and options are right.
    pub choice: bool,
    /// The first option is right.
    pub top: Option<bool>,
    /// The first quote stands in the right place.
    pub evidence_1: Option<bool>,
    evidence_3: Option<bool>,
    /// One of the first three quotes marks the deciding row.
    pub row_3: Option<bool>,
    /// Refused although the notes say.
    pub refused: Option<bool>,
    faithful: Option<bool>,
    net: i32,
}

/// Judges an answer; none stands for a question that was refused. `source` gives the lines of a note's file.
pub fn judge(case: &Case, answer: Option<&Answer>, source: &dyn Fn(&str) -> Option<Vec<String>>) -> Judged {
    let quotes = answer.map_or(&[][..], |answer| &answer.evidence);
    let said = answer.map_or(Verdict::Unknown, |answer| answer.verdict);
    let claims_answer = case.verdict != Verdict::Unknown && said != Verdict::Unknown;
    let mut judged = Judged {
        kind: case.kind.clone(),
        lang: case.lang.clone(),
        choice: said == Verdict::Unknown,
        top: None,
        evidence_1: None,
        evidence_3: None,
        row_3: None,
        refused: None,
        faithful: (!quotes.is_empty() || claims_answer)
            .then(|| !quotes.is_empty() && quotes.iter().all(|quote| is_faithful(quote, source))),
        net: if said == Verdict::Unknown { 1 } else { -1 },
    };
    if case.verdict == Verdict::Unknown {
        return judged;
    }
    let in_first = |n_quotes: usize| quotes.iter().take(n_quotes).any(|quote| stands(case, quote));
    let refused = said == Verdict::Unknown;
    (judged.refused, judged.evidence_1, judged.evidence_3) = (Some(refused), Some(in_first(1)), Some(in_first(3)));
    if !case.row.is_empty() {
        let wanted = plain(&case.row);
        judged.row_3 = Some(quotes.iter().take(3).flat_map(|quote| quote.rows.iter().take(4)).any(|row| {
            let row = plain(&row.text);
            row.contains(&wanted) || !row.is_empty() && wanted.contains(&row)
        }));
    }
    if matches!(case.verdict, Verdict::Compare | Verdict::When | Verdict::Describe) {
        judged.choice = said == case.verdict && in_first(3);
    } else {
        let names: Vec<&str> =
            answer.map_or(&[][..], |answer| &answer.choices).iter().map(|choice| choice.name.as_str()).collect();
        judged.top = Some(names.first().is_some_and(|name| is_right(case, name)));
        judged.choice = said == case.verdict
            && case.choices.iter().all(|accepted| names.iter().any(|name| is_same(name, accepted)))
            && names.iter().all(|name| is_right(case, name));
    }
    judged.net = if judged.choice { 1 } else { -i32::from(!refused) };
    judged
}

/// True for a line of a note that decides a question.
pub fn is_row(case: &Case, note: &str, line: &str) -> bool {
    let (wanted, line) = (plain(&case.row), plain(line));
    note == case.note && !wanted.is_empty() && (line.contains(&wanted) || !line.is_empty() && wanted.contains(&line))
}

/// True for the name of an option that answers a question.
pub fn is_right(case: &Case, name: &str) -> bool {
    case.choices.iter().any(|accepted| is_same(name, accepted))
}

/// Every quoted line is a line of the file, byte for byte.
fn is_faithful(quote: &Evidence, source: &dyn Fn(&str) -> Option<Vec<String>>) -> bool {
    let Some(lines) = source(&quote.note) else {
        return false;
    };
    let line = |line: u32| lines.get((line as usize).checked_sub(1)?).map(|line| line.trim_end_matches('\r'));
    let (first, last) = quote.lines;
    if first < 1 || last < first || last as usize > lines.len() {
        return false;
    }
    quote.rows.iter().all(|row| line(row.line) == Some(row.text.trim_end_matches('\r')))
        && quote.markdown.split('\n').map(|quoted| quoted.trim_end_matches('\r')).all(|quoted| {
            matches!(quoted.trim(), "" | "…" | "...") || (first..=last).any(|at| line(at) == Some(quoted))
        })
}

fn stands(case: &Case, quote: &Evidence) -> bool {
    if case.notes.contains(&quote.note) {
        return true;
    }
    let heading = plain(quote.headings.last().map_or("", String::as_str));
    quote.note == case.note && case.evidence.iter().any(|accepted| plain(accepted) == heading)
}

/// A name counts when it is an accepted one, or holds one as whole words beside at most three others.
fn is_same(said: &str, accepted: &[String]) -> bool {
    let said = plain(said);
    let n_words = |text: &str| text.split(' ').count();
    accepted.iter().map(|name| plain(name)).any(|name| {
        said == name
            || !name.is_empty()
                && format!(" {said} ").contains(&format!(" {name} "))
                && n_words(&said) <= n_words(&name) + 3
    })
}

/// Returns a text without links, tags, case, diacritics and signs.
fn plain(text: &str) -> String {
    let folded = fold(&without_links(text));
    let mut plain = String::with_capacity(folded.len());
    let mut in_tag = false;
    for (at, c) in folded.char_indices() {
        in_tag = match c {
            '<' => folded[at..].contains('>'),
            '>' => false,
            _ => in_tag,
        };
        if !in_tag && c.is_alphanumeric() {
            plain.push(c);
        } else if !(plain.is_empty() || plain.ends_with(' ') || in_tag || c == '>') {
            plain.push(' ');
        }
    }
    plain.truncate(plain.trim_end().len());
    plain
}

fn without_links(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('[') {
        shown.push_str(&rest[..open]);
        let inner = &rest[open..];
        let wiki = inner.strip_prefix("[[").and_then(|inner| inner.split_once("]]"));
        let markdown = || {
            let (text, after) = inner[1..].split_once("](")?;
            let (_, after) = after.split_once(')')?;
            Some((text, after))
        };
        if let Some((link, after)) = wiki {
            shown.push_str(link.rsplit('|').next().unwrap_or(link));
            rest = after;
        } else if let Some((text, after)) = markdown().filter(|(text, _)| !text.contains(']')) {
            shown.push_str(text);
            rest = after;
        } else {
            shown.push('[');
            rest = &inner[1..];
        }
    }
    shown.push_str(rest);
    shown
}

/// Returns the share of right choices, in percent.
pub fn choice(judged: &[Judged]) -> f64 {
    let n_right = judged.iter().filter(|judged| judged.choice).count();
    100.0 * n_right as f64 / judged.len().max(1) as f64
}

/// Returns the measures as a table: by language, by kind, and all.
pub fn table(judged: &[Judged]) -> String {
    let header = ["", "n", "choice", "top", "ev@1", "ev@3", "row@3", "unkn", "refus", "faith", "net"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    let values = |of: fn(&Judged) -> &str| {
        let mut values: Vec<&str> = judged.iter().map(of).collect();
        values.sort_unstable();
        values.dedup();
        values
    };
    for lang in values(|judged| &judged.lang) {
        rows.push(measures(&format!("lang {lang}"), judged.iter().filter(|judged| judged.lang == lang).collect()));
    }
    for kind in values(|judged| &judged.kind) {
        rows.push(measures(&format!("kind {kind}"), judged.iter().filter(|judged| judged.kind == kind).collect()));
    }
    rows.push(measures("all", judged.iter().collect()));
    columns(&rows)
}

fn measures(label: &str, judged: Vec<&Judged>) -> Vec<String> {
    let share = |values: Vec<bool>| match values.len() {
        0 => "-".to_owned(),
        n => format!("{:.1}", 100.0 * values.iter().filter(|value| **value).count() as f64 / n as f64),
    };
    let of = |measure: fn(&Judged) -> Option<bool>| share(judged.iter().filter_map(|judged| measure(judged)).collect());
    let net: i32 = judged.iter().map(|judged| judged.net).sum();
    vec![
        label.to_owned(),
        judged.len().to_string(),
        of(|judged| Some(judged.choice)),
        of(|judged| judged.top),
        of(|judged| judged.evidence_1),
        of(|judged| judged.evidence_3),
        of(|judged| judged.row_3),
        of(|judged| judged.refused.is_none().then_some(judged.choice)),
        of(|judged| judged.refused),
        of(|judged| judged.faithful),
        format!("{:.3}", f64::from(net) / judged.len().max(1) as f64),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_markup() {
        assert_eq!(plain("**[[Flour|Bột mì]]** <br> (số 8)"), "bot mi so 8");
        assert_eq!(plain("see [Rye](rye.md)!"), "see rye");
        assert!(is_same("Rye (dark)", &["rye".to_owned()]));
        assert!(!is_same("Rye with four more words of text", &["rye".to_owned()]));
        assert!(!is_same("Ryegrass", &["rye".to_owned()]));
    }
}
