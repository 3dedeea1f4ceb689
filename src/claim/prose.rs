//! Which rules does this sentence state?
//!
//! A sentence is read clause by clause: the verb that recommends or opposes, and what it governs. `X, not Y` and
//! `if …, do this` are rules without a listed verb.

use super::choice::{self, Choice};
use super::letters::LETTERS;
use super::{Context, Joined, Pick, Stance};
use crate::language::{Cue, Hit, Join, Rule};
use crate::note::Rich;
use crate::text::{Atom, atoms, n_atoms, n_words};

/// Names of up to this many atoms are looked up in running text.
const NAME_ATOMS: usize = 5;
/// Longest order that is taken for an option, in words: `ask a second doctor`.
const ORDER_WORDS: f32 = 7.0;
/// A later verb has to name something this much more surely to be the main one.
const CLEARLY_SURER: f32 = 0.1;
/// A text that is less surely a name than this names nothing.
const LEAST_NAME: f32 = 0.15;

/// A sentence with what was found in it.
struct Sentence<'a> {
    rich: &'a Rich,
    cut: Vec<Atom>,
    hits: Vec<Hit>,
    context: &'a Context<'a>,
}

/// Returns what a sentence recommends, then what it opposes. `subject` is the option it stands under.
pub fn rules(sentence: &Rich, subject: Option<&str>, context: &Context<'_>) -> Vec<Choice> {
    let cut = atoms(&sentence.text);
    let hits = context.languages.hits(&cut).into_iter().filter(|hit| context.owns(hit.lang)).collect();
    let sentence = Sentence { rich: sentence, cut, hits, context };
    if let Some(bare) = sentence.bare() {
        return vec![bare];
    }
    let mut best: [Option<(f32, Choice)>; 2] = [None, None];
    for verb in sentence.verbs() {
        let Some((weight, choice)) = sentence.governed(verb, subject) else { continue };
        let side = &mut best[usize::from(choice.picks[0].stance == Stance::Against)];
        // Of two verbs with names alike the earlier one is the main one.
        if side.as_ref().is_none_or(|(known, _)| weight > known + CLEARLY_SURER) {
            *side = Some((weight, choice));
        }
    }
    let found: Vec<Choice> = best.into_iter().flatten().map(|(_, choice)| choice).collect();
    if !found.is_empty() {
        return found;
    }
    let found = sentence.contrast().or_else(|| sentence.order().map(|order| vec![order]));
    found.or_else(|| sentence.conclusion().map(|conclusion| vec![conclusion])).unwrap_or_default()
}

/// A verb that recommends or opposes.
#[derive(Clone, Copy)]
struct Verb {
    start: usize,
    end: usize,
    stance: Stance,
    /// The option stands before it, what follows is the need: `is suitable for`.
    looks_back: bool,
}

impl Sentence<'_> {
    fn text(&self) -> &str {
        &self.rich.text
    }

    /// The verbs of the sentence in order; those that overlap or touch are one.
    fn verbs(&self) -> Vec<Verb> {
        let mut verbs: Vec<Verb> = Vec::new();
        for hit in &self.hits {
            let Cue::Rule(rule @ (Rule::Avoid | Rule::Misfits | Rule::Choose | Rule::Suits)) = hit.cue else {
                continue;
            };
            let is_against = matches!(rule, Rule::Avoid | Rule::Misfits) || self.is_negated(hit.start);
            let stance = if is_against { Stance::Against } else { Stance::For };
            verbs.push(Verb {
                start: hit.start,
                end: hit.end,
                stance,
                looks_back: matches!(rule, Rule::Suits | Rule::Misfits),
            });
        }
        verbs.sort_by_key(|verb| (verb.start, usize::MAX - verb.end));
        let mut joined: Vec<Verb> = Vec::new();
        for verb in verbs {
            match joined.last_mut() {
                Some(last) if verb.start <= last.end => {
                    if verb.end > last.end {
                        last.end = verb.end;
                        last.looks_back = verb.looks_back;
                    }
                    if verb.stance == Stance::Against {
                        last.stance = Stance::Against;
                    }
                }
                _ => joined.push(verb),
            }
        }
        joined
    }

    /// Reads `Varnish when the wood stays outside`: a few words, then their condition.
    fn bare(&self) -> Option<Choice> {
        let condition = self.hits.iter().find(|hit| {
            hit.cue == Cue::Rule(Rule::Condition)
                && (1..=3).contains(&hit.start)
                && !self.cut[hit.start].script.is_dense()
                && hit.end + 1 < self.cut.len()
        })?;
        // `for` and its like open no clause: only words that may start a question of time or case do.
        let opens_clause =
            self.hits.iter().any(|hit| hit.start == condition.start && matches!(hit.cue, Cue::Role(_) | Cue::Ask(_)));
        let name = self.text()[..self.cut[condition.start].start].trim();
        let has_rule = self
            .hits
            .iter()
            .any(|hit| hit.start < condition.start && matches!(hit.cue, Cue::Rule(_) | Cue::Stop | Cue::Not));
        (opens_clause && !has_rule && !name.is_empty()).then(|| one(name, Stance::For))
    }

    fn is_negated(&self, start: usize) -> bool {
        self.hits.iter().any(|hit| hit.cue == Cue::Not && hit.end <= start && hit.end + 2 > start)
    }

    /// Returns what a verb recommends or opposes, with how surely that is a name.
    fn governed(&self, verb: Verb, subject: Option<&str>) -> Option<(f32, Choice)> {
        // `This is suitable for …`: the sentence speaks of what it stands under.
        let points_back = self.hits.iter().any(|hit| {
            hit.cue == Cue::Rule(Rule::This)
                && hit.end <= verb.start
                && verb.start - hit.end <= 2
                && self.clause_start(verb.start) <= self.cut[hit.start].start
        });
        if points_back && let Some(subject) = subject {
            return Some((1.0, one(subject, verb.stance)));
        }
        let weight = |choice: &Option<Choice>| {
            choice.as_ref().map_or(0.0, |choice| name_weight(&choice.picks[0].name, self.rich, self.context))
        };
        // `120–140 °C: good for frying`: with nothing before it, what follows the lead is the option.
        let looks_ahead = !verb.looks_back || verb.start == 0 && subject.is_none();
        let after = if looks_ahead { self.after(&self.text()[self.cut[verb.end - 1].end..]) } else { None };
        let before = self.before(verb.start).map(|name| {
            let several = choice::read(&Rich { text: name.clone(), marks: Vec::new() }, &[], self.context);
            several.filter(|choice| choice.picks.len() > 1).unwrap_or_else(|| one(name, Stance::For))
        });
        let chosen = if weight(&after) >= weight(&before) && after.is_some() { after } else { before };
        let weight = weight(&chosen);
        let mut chosen = chosen.filter(|_| weight >= LEAST_NAME)?;
        if verb.stance == Stance::Against {
            chosen.picks.iter_mut().for_each(|pick| pick.stance = Stance::Against);
        }
        Some((weight, chosen))
    }

    /// What a verb recommends: the choice grammar up to the condition.
    fn after(&self, after: &str) -> Option<Choice> {
        let context = self.context;
        let offset = self.text().len() - after.len();
        let cut = atoms(after);
        let opens_condition = context.languages.hits(&cut).iter().any(|hit| {
            let opens =
                matches!(hit.cue, Cue::Rule(Rule::Condition | Rule::Because | Rule::Unless) | Cue::Join(Join::Instead));
            hit.start == 0 && opens
        });
        if opens_condition || cut.is_empty() {
            return None;
        }
        let named = &after[..purpose_start(after, &cut, context)];
        let mut choice = choice::read(&Rich { text: named.trim().to_owned(), marks: Vec::new() }, &[], context)?;
        // Names set off in the text end where their markup ends.
        let marked = self.rich.marks.iter().filter(|mark| mark.start as usize >= offset && mark.kind.sets_off());
        let names: Vec<&str> =
            marked.map(|mark| self.rich.marked(mark).trim()).filter(|name| !name.is_empty()).collect();
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
            (1..=16).contains(&n_atoms(&pick.name))
                && n_words(&pick.name) <= 8.0
                && (pick.name == first
                    || name_weight(&pick.name, self.rich, context) >= 0.45
                    || choice.join == Joined::Either && n_words(&pick.name) <= 4.0)
        });
        if choice.picks.len() == 1 {
            choice.join = Joined::One;
        }
        (!choice.picks.is_empty()).then_some(choice)
    }

    /// What stands before `is recommended for …`: the name nearest before the verb in its clause.
    fn before(&self, start: usize) -> Option<String> {
        let end = self.cut.get(start)?.start;
        let before = &self.text()[..end];
        let clause = self.clause_start(start);
        let marked = self.rich.marks.iter().rfind(|mark| mark.end as usize <= end && mark.kind.sets_off());
        if let Some(mark) = marked.filter(|mark| mark.start as usize >= clause) {
            return Some(self.rich.marked(mark).trim().to_owned());
        }
        if let Some((from, to)) = known_names(before, self.context).into_iter().rfind(|(from, _)| *from >= clause) {
            return Some(before[from..to].to_owned());
        }
        let name = without_articles(before[clause..].trim(), self.context);
        (1..=5).contains(&n_atoms(&name)).then_some(name)
    }

    /// Returns the byte at which the clause starts that atom `at` stands in.
    fn clause_start(&self, at: usize) -> usize {
        let before = &self.text()[..self.cut[at].start];
        let stop = before.rfind(CLAUSE_ENDS);
        stop.map_or(0, |stop| stop + before[stop..].chars().next().map_or(1, char::len_utf8))
    }

    /// Reads `Dry food, not wet food, for …`: what stands before the comma is right, what follows wrong.
    fn contrast(&self) -> Option<Vec<Choice>> {
        let opens = self.hits.iter().find(|hit| {
            let opens = matches!(hit.cue, Cue::Not | Cue::Without | Cue::Join(Join::Instead));
            opens
                && (1..=8).contains(&hit.start)
                && self.text()[..self.cut[hit.start].start].trim_end().ends_with([',', '，', '、'])
        })?;
        let right = self.text()[..self.cut[opens.start].start].trim().trim_end_matches([',', '，', '、']);
        let rest = self.text()[self.cut[opens.end - 1].end..].trim_start();
        let end = rest.find(CLAUSE_ENDS).unwrap_or(rest.len());
        let wrong = self.after(&rest[..end])?.picks.first()?.name.clone();
        let right = without_articles(right, self.context);
        let is_name = n_words(&right) <= 5.0 && !right.contains(CLAUSE_ENDS);
        is_name.then(|| vec![one(right, Stance::For), one(wrong, Stance::Against)])
    }

    /// Reads `older guests then phone`: what follows the word that draws a conclusion is what to do.
    fn conclusion(&self) -> Option<Choice> {
        let then = self
            .hits
            .iter()
            .rfind(|hit| hit.cue == Cue::Rule(Rule::Then) && hit.start > 1 && hit.end < self.cut.len())?;
        let rest = self.text()[self.cut[then.end - 1].end..].trim_start_matches([' ', ',', '，', '、']);
        let said = rest[..rest.find(CLAUSE_ENDS).unwrap_or(rest.len())].trim();
        let asks = self.text().trim_end().ends_with(['?', '？']);
        let n_words = n_words(said);
        if asks || !(1.0..=ORDER_WORDS).contains(&n_words) {
            return None;
        }
        choice::read(&Rich { text: said.to_owned(), marks: Vec::new() }, &[], self.context)
    }

    /// Reads `If it may be fatal, ask a second doctor`: the order that follows a condition is what to do.
    fn order(&self) -> Option<Choice> {
        let text = self.text().trim();
        let opens = self.hits.iter().find(|hit| hit.start == 0 && hit.cue == Cue::Rule(Rule::Condition))?;
        let is_clause = self.hits.iter().any(|hit| {
            hit.start == opens.start && hit.end == opens.end && matches!(hit.cue, Cue::Role(_) | Cue::Ask(_))
        }) || self.cut[0].script.is_dense();
        let (_, order) = text.split_once([',', '，']).filter(|_| is_clause)?;
        let order = order.trim().trim_end_matches(['.', '。', '!', '！']);
        let n_words = n_words(order);
        let is_order =
            (1.0..=ORDER_WORDS).contains(&n_words) && !order.contains(CLAUSE_ENDS) && !order.contains(['?', '？']);
        is_order.then(|| one(order, Stance::For))
    }
}

const CLAUSE_ENDS: [char; 8] = [',', '，', ';', '；', '.', '。', ':', '：'];

fn one(name: impl Into<String>, stance: Stance) -> Choice {
    Choice { picks: vec![Pick::new(name, stance)], join: Joined::One }
}

/// Returns where `to do this` starts after a name; `Playing to Win` is all name.
fn purpose_start(after: &str, cut: &[Atom], context: &Context<'_>) -> usize {
    let hits = context.languages.hits(cut);
    let opens = hits.iter().filter(|hit| hit.start > 0 && hit.end < cut.len() && hit.cue == Cue::Rule(Rule::Purpose));
    let small = |hit: &&Hit| !after[cut[hit.end].start..].starts_with(char::is_uppercase);
    opens
        .filter(|hit| context.owns(hit.lang))
        .filter(small)
        .map(|hit| cut[hit.start].start)
        .min()
        .unwrap_or(after.len())
}

/// How surely a text is a name: known in the vault, set off by markup, or written as a name.
fn name_weight(name: &str, sentence: &Rich, context: &Context<'_>) -> f32 {
    let known = context.names.known(name);
    let is_marked = sentence.marks.iter().any(|mark| sentence.marked(mark).trim() == name);
    let capital = name.chars().next().is_some_and(char::is_uppercase) && !sentence.text.starts_with(name);
    let cut = atoms(name);
    let is_stop =
        context.languages.hits(&cut).iter().any(|hit| hit.cue == Cue::Stop && hit.start == 0 && hit.end == cut.len());
    let n_words = cut.iter().map(Atom::n_words).sum::<f32>();
    let plain = if n_words <= 4.0 && !is_stop { 0.2 } else { 0.0 };
    known + if is_marked { 0.6 } else { 0.0 } + if capital { 0.25 } else { 0.0 } + plain
}

/// Returns a name without the function words before it.
pub fn without_articles(name: &str, context: &Context<'_>) -> String {
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
    // `take A.` ends a sentence: letters stand for options more often than for first names.
    let is_letter = word.len() == 1 && word.chars().all(|c| LETTERS.contains(&c)) && before.trim_end().len() > 1;
    word.chars().count() <= 1 && !word.chars().any(char::is_numeric) && !is_letter
        || matches!(word, "e.g" | "i.e" | "vs" | "etc" | "approx" | "ca" | "z.B" | "p.ex" | "vd" | "VD")
}
