//! Which rule does this sentence state?

use super::choice::{self, Choice};
use super::{Context, Pick, Stance};
use crate::language::{Cue, Join, Rule};
use crate::note::{MarkKind, Rich};
use crate::text::{Atom, atoms};

/// Names of up to this many atoms are looked up in running text.
const NAME_ATOMS: usize = 5;

/// Returns what a sentence recommends or opposes, if it is a rule. `subject` is the option it stands under.
pub fn rule(sentence: &Rich, subject: Option<&str>, context: &Context<'_>) -> Option<Choice> {
    let text = sentence.text.as_str();
    let cut = atoms(text);
    let hits = context.languages.hits(&cut);
    let own = |lang| context.owns(lang);
    if let Some(bare) = bare_rule(text, &cut, &hits, context) {
        return Some(bare);
    }
    let verb = hits
        .iter()
        .filter(|hit| own(hit.lang))
        .filter_map(|hit| match hit.cue {
            Cue::Rule(Rule::Avoid) => Some((hit.start, hit.end, Stance::Against)),
            Cue::Rule(Rule::Choose) => Some((hit.start, hit.end, Stance::For)),
            _ => None,
        })
        .max_by_key(|(start, end, stance)| (end - start, *stance == Stance::Against, usize::MAX - start))?;
    let (start, end, stance) = verb;
    let stance = if stance == Stance::For && is_negated(&hits, start) { Stance::Against } else { stance };
    let after = &text[cut[end - 1].end..];
    let after_choice = side_after(sentence, after, context);
    // `This is suitable for …`: the sentence speaks of what it stands under.
    let points_back = hits.iter().any(|hit| {
        hit.cue == Cue::Rule(Rule::This)
            && own(hit.lang)
            && hit.end <= start
            && start - hit.end <= 2
            && clause_start(text, &cut, start) <= cut[hit.start].start
    });
    if points_back && let Some(subject) = subject {
        return Some(Choice { picks: vec![Pick::new(subject, stance)], join: super::Joined::One });
    }
    let before = subject_before(sentence, &cut, start, context);
    let weight = |choice: &Option<Choice>| {
        choice.as_ref().map_or(0.0, |choice| name_weight(&choice.picks[0].name, sentence, context))
    };
    let before_choice = before.map(|name| {
        let several = choice::read(&Rich { text: name.clone(), marks: Vec::new() }, &[], context);
        let several = several.filter(|choice| choice.picks.len() > 1);
        several.unwrap_or(Choice { picks: vec![Pick::new(name, Stance::For)], join: super::Joined::One })
    });
    let mut chosen = if weight(&after_choice) >= weight(&before_choice) && after_choice.is_some() {
        after_choice
    } else {
        before_choice
    }?;
    if name_weight(&chosen.picks[0].name, sentence, context) < 0.15 {
        // The sentence names nothing: it is no rule, but something said of what it stands under.
        return None;
    }
    if stance == Stance::Against {
        chosen.picks.iter_mut().for_each(|pick| pick.stance = Stance::Against);
    }
    Some(chosen)
}

/// Reads `Varnish when the wood stays outside`: a few words, then their condition.
fn bare_rule(text: &str, cut: &[Atom], hits: &[crate::language::Hit], context: &Context<'_>) -> Option<Choice> {
    let condition = hits.iter().find(|hit| {
        let own = context.owns(hit.lang);
        own && hit.cue == Cue::Rule(Rule::Condition)
            && (1..=3).contains(&hit.start)
            && !cut[hit.start].script.is_dense()
            && hit.end + 1 < cut.len()
    })?;
    // `for` and its like open no clause: only words that may start a question of time or case do.
    let opens_clause =
        hits.iter().any(|hit| hit.start == condition.start && matches!(hit.cue, Cue::Role(_) | Cue::Ask(_)));
    let name = text[..cut[condition.start].start].trim();
    let has_rule =
        hits.iter().any(|hit| hit.start < condition.start && matches!(hit.cue, Cue::Rule(_) | Cue::Stop | Cue::Not));
    (opens_clause && !has_rule && !name.is_empty())
        .then(|| Choice { picks: vec![Pick::new(name, Stance::For)], join: super::Joined::One })
}

fn is_negated(hits: &[crate::language::Hit], start: usize) -> bool {
    hits.iter().any(|hit| hit.cue == Cue::Not && hit.end <= start && hit.end + 2 > start)
}

/// What the verb recommends: the choice grammar up to the condition.
fn side_after(sentence: &Rich, after: &str, context: &Context<'_>) -> Option<Choice> {
    let offset = sentence.text.len() - after.len();
    let cut = atoms(after);
    let opens_condition = context.languages.hits(&cut).iter().any(|hit| {
        hit.start == 0
            && matches!(hit.cue, Cue::Rule(Rule::Condition | Rule::Because | Rule::Unless) | Cue::Join(Join::Instead))
    });
    if opens_condition || cut.is_empty() {
        return None;
    }
    let named = &after[..purpose_start(after, &cut, context)];
    let mut choice = choice::read(&Rich { text: named.trim().to_owned(), marks: Vec::new() }, &[], context)?;
    // Names set off in the text end where their markup ends.
    let marked = sentence.marks.iter().filter(|mark| {
        mark.start as usize >= offset && matches!(mark.kind, MarkKind::Bold | MarkKind::Code | MarkKind::Link)
    });
    let names: Vec<&str> = marked.map(|mark| sentence.marked(mark).trim()).filter(|name| !name.is_empty()).collect();
    for pick in &mut choice.picks {
        if let Some(name) = names.iter().find(|name| pick.name.contains(**name)) {
            (*name).clone_into(&mut pick.name);
        } else if let Some(name) = known_prefix(&pick.name, context) {
            pick.name = name;
        } else {
            pick.name = without_articles(&pick.name, context);
        }
    }
    let first = choice.picks[0].name.clone();
    choice.picks.retain(|pick| {
        (1..=8).contains(&atoms(&pick.name).len())
            && (pick.name == first
                || name_weight(&pick.name, sentence, context) >= 0.45
                || choice.join == super::Joined::Either && atoms(&pick.name).len() <= 3)
    });
    if choice.picks.len() == 1 {
        choice.join = super::Joined::One;
    }
    (!choice.picks.is_empty()).then_some(choice)
}

/// Returns where `to do this` starts after a name; `Playing to Win` is all name.
fn purpose_start(after: &str, cut: &[Atom], context: &Context<'_>) -> usize {
    let hits = context.languages.hits(cut);
    let opens = hits.iter().filter(|hit| hit.start > 0 && hit.end < cut.len() && hit.cue == Cue::Rule(Rule::Purpose));
    let small = |hit: &&crate::language::Hit| !after[cut[hit.end].start..].starts_with(char::is_uppercase);
    opens
        .filter(|hit| context.owns(hit.lang))
        .filter(small)
        .map(|hit| cut[hit.start].start)
        .min()
        .unwrap_or(after.len())
}

/// What stands before `is recommended for …`: the name nearest before the verb in its clause.
fn subject_before(sentence: &Rich, cut: &[Atom], start: usize, context: &Context<'_>) -> Option<String> {
    let end = cut.get(start)?.start;
    let before = &sentence.text[..end];
    let clause = clause_start(&sentence.text, cut, start);
    let marked = sentence.marks.iter().rfind(|mark| {
        mark.end as usize <= end && matches!(mark.kind, MarkKind::Bold | MarkKind::Code | MarkKind::Link)
    });
    if let Some(mark) = marked.filter(|mark| mark.start as usize >= clause) {
        return Some(sentence.marked(mark).trim().to_owned());
    }
    if let Some((from, to)) = known_names(before, context).into_iter().rfind(|(from, _)| *from >= clause) {
        return Some(before[from..to].to_owned());
    }
    let name = without_articles(before[clause..].trim(), context);
    (1..=5).contains(&atoms(&name).len()).then_some(name)
}

/// Returns the byte at which the clause starts that atom `at` stands in.
fn clause_start(text: &str, cut: &[Atom], at: usize) -> usize {
    let before = &text[..cut[at].start];
    let stop = before.rfind([',', '，', ';', '；', '.', '。', ':', '：']);
    stop.map_or(0, |stop| stop + before[stop..].chars().next().map_or(1, char::len_utf8))
}

/// How surely a text is a name: known in the vault, set off by markup, or written as a name.
fn name_weight(name: &str, sentence: &Rich, context: &Context<'_>) -> f32 {
    let known = context.names.known(name);
    let is_marked = sentence.marks.iter().any(|mark| sentence.marked(mark).trim() == name);
    let capital = name.chars().next().is_some_and(char::is_uppercase) && !sentence.text.starts_with(name);
    let cut = atoms(name);
    let is_stop =
        context.languages.hits(&cut).iter().any(|hit| hit.cue == Cue::Stop && hit.start == 0 && hit.end == cut.len());
    let plain = if cut.len() <= 4 && !is_stop { 0.2 } else { 0.0 };
    known + if is_marked { 0.6 } else { 0.0 } + if capital { 0.25 } else { 0.0 } + plain
}

fn without_articles(name: &str, context: &Context<'_>) -> String {
    let cut = atoms(name);
    let hits = context.languages.hits(&cut);
    let is_stop = |at: usize| hits.iter().any(|hit| hit.cue == Cue::Stop && hit.start == at && hit.end == at + 1);
    let start = (0..cut.len()).find(|at| !is_stop(*at) || cut[*at].script.is_dense());
    start.map_or_else(|| name.to_owned(), |start| name[cut[start].start..].trim().to_owned())
}

fn known_prefix(text: &str, context: &Context<'_>) -> Option<String> {
    known_names(text, context).into_iter().find(|(from, _)| *from < 5).map(|(from, to)| text[from..to].to_owned())
}

/// Returns the byte ranges of names that the vault knows, longest first at each place.
pub fn known_names(text: &str, context: &Context<'_>) -> Vec<(usize, usize)> {
    let cut = atoms(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < cut.len() {
        let longest = (at + 1..=(at + NAME_ATOMS).min(cut.len())).rev().find(|end| {
            let name = &text[cut[at].start..cut[end - 1].end];
            name.chars().count() > 1 && context.names.known(name) >= 0.6 && !is_common(name, context)
        });
        if let Some(end) = longest {
            found.push((cut[at].start, cut[end - 1].end));
            at = end;
        } else {
            at += 1;
        }
    }
    found
}

fn is_common(name: &str, context: &Context<'_>) -> bool {
    let cut = atoms(name);
    context.languages.hits(&cut).iter().any(|hit| {
        hit.start == 0
            && hit.end == cut.len()
            && matches!(hit.cue, Cue::Stop | Cue::Generic | Cue::Role(_) | Cue::Lead(_) | Cue::Sign(_) | Cue::Rule(_))
    })
}

/// Cuts text into sentences: byte ranges.
pub fn sentences(text: &str) -> Vec<(usize, usize)> {
    let mut sentences = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let ends = match c {
            '。' | '！' | '？' | '；' | '\n' => true,
            '.' | '!' | '?' | ';' => next.is_none_or(char::is_whitespace) && !is_abbreviation(&text[start..at]),
            _ => false,
        };
        if ends {
            let end = at + c.len_utf8();
            if text[start..end].chars().any(char::is_alphanumeric) {
                sentences.push((start, end));
            }
            start = end;
        }
    }
    if text[start..].chars().any(char::is_alphanumeric) {
        sentences.push((start, text.len()));
    }
    sentences
}

fn is_abbreviation(before: &str) -> bool {
    let word = before.rsplit([' ', '(']).next().unwrap_or_default();
    word.chars().count() <= 1 && !word.chars().any(char::is_numeric)
        || matches!(word, "e.g" | "i.e" | "vs" | "etc" | "approx" | "ca" | "z.B" | "p.ex" | "vd" | "VD")
}
