//! What does a person at a terminal see?
//!
//! The verdict first, then the quoted rows, where they stand, what speaks against, and where to read on.

use std::fmt::Write;

use super::markdown_table::quote;
use super::{Ink, Phrases, Style, clean};
use crate::answer::{Answer, Evidence, Explain, Verdict};

/// Quotes shown when nobody says how many.
pub const QUOTES_SHOWN: usize = 3;

/// Returns an answer as text, with at most `n_quotes` quotes.
pub fn answer(answer: &Answer, n_quotes: usize, phrases: &Phrases, style: Style) -> String {
    let mut out = String::new();
    let lang = answer.lang.as_str();
    line(&mut out, &style.paint(Ink::Strong, &phrases.verdict(answer)));
    if answer.verdict == Verdict::Unknown && !answer.missing.is_empty() {
        let words: Vec<String> = answer.missing.iter().map(|word| format!("“{}”", clean(word))).collect();
        line(&mut out, &phrases.fill(lang, "missing", "{words}", &words.join(", ")));
    }
    if !answer.near.is_empty() {
        heading(&mut out, phrases.get(lang, "near"), style);
        for near in &answer.near {
            let place = style.paint(Ink::Faint, &format!("{}:{}", clean(&near.note), near.line));
            line(&mut out, &format!("  {} — {place}", clean(&near.heading)));
        }
    }
    for evidence in answer.evidence.iter().take(n_quotes) {
        cited(&mut out, evidence, style);
    }
    for why_not in &answer.why_not {
        heading(&mut out, &phrases.fill(lang, "why_not", "{options}", &clean(&why_not.name)), style);
        why_not.evidence.iter().take(n_quotes).for_each(|evidence| cited(&mut out, evidence, style));
    }
    if !answer.conflicts.is_empty() {
        heading(&mut out, phrases.get(lang, "conflicts"), style);
        answer.conflicts.iter().take(n_quotes.max(2)).for_each(|evidence| cited(&mut out, evidence, style));
    }
    if !answer.related.is_empty() {
        let related: Vec<String> = answer.related.iter().map(|name| clean(name)).collect();
        line(&mut out, "");
        line(&mut out, &format!("{}: {}", phrases.get(lang, "related"), related.join(" · ")));
    }
    if let Some(explain) = &answer.explain {
        explained(&mut out, explain, answer, style);
    }
    out
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn heading(out: &mut String, text: &str, style: Style) {
    line(out, "");
    line(out, &style.paint(Ink::Warning, &format!("{text}:")));
}

/// A quote with the headings above it and the places of its rows below.
fn cited(out: &mut String, evidence: &Evidence, style: Style) {
    line(out, "");
    let headings: Vec<String> = evidence.headings.iter().map(|heading| clean(heading)).collect();
    line(out, &style.paint(Ink::Faint, &format!("  {}", headings.join(" › "))));
    quote(evidence, style).iter().for_each(|shown| line(out, shown));
    for row in &evidence.rows {
        line(out, &style.paint(Ink::Faint, &format!("  {}:{}", clean(&evidence.note), row.line)));
    }
}

fn explained(out: &mut String, explain: &Explain, answer: &Answer, style: Style) {
    heading(out, "How this was found", style);
    let _ = writeln!(out, "  asks for {}, in {}; confidence {:.2}", explain.intent, answer.lang, answer.confidence);
    for need in &explain.needs {
        let via = if need.via.is_empty() { "nothing".to_owned() } else { need.via.join(", ") };
        let _ = writeln!(out, "  need “{}”, weight {:.2}, met by {via}", clean(&need.text), need.weight);
    }
    for claim in &explain.claims {
        let options = clean(&claim.options.join(", ")).replace('\n', " ");
        let place = style.paint(Ink::Faint, &clean(&claim.place));
        let _ = writeln!(out, "  {:.3} {options} ({}) {place}", claim.score, claim.kind);
        if !claim.met.is_empty() {
            let _ = writeln!(out, "        {}", clean(&claim.met.join(", ")));
        }
    }
    for evidence in &answer.evidence {
        for step in &evidence.path {
            let (from, to) = (clean(&step.from).replace('\n', " "), clean(&step.to).replace('\n', " "));
            let _ = writeln!(out, "  {from} —{}→ {to} ({}:{})", step.edge, clean(&step.note), step.line);
        }
    }
}
