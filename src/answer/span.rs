//! Which words of a sentence answer the question?
//!
//! A sentence that meets the needs names its option in its other words. Candidates are its runs of words between
//! function words and signs, what is set off in it, and what it was read as; what the question says already is none.
//! Each has traits, from 0 to 1, whose weights were learned (`weights.toml`) by a conditional logit over the candidates
//! of a sentence (McFadden 1974).

use rustc_hash::{FxHashMap, FxHashSet};

use super::question::{Need, Question};
use super::weigh::Scored;
use super::{Weights, above};
use crate::claim::{Claim, Field, Joined, Kind, Pick, Stance, sentences};
use crate::generation::{ClaimId, Entry, Generation};
use crate::language::{Ask, Cue, Hit, Join, Languages, Rule};
use crate::note::{Note, Rich};
use crate::text::{Atom, Script, Term, atoms, key};

/// Sentences that are read closely.
const SENTENCES: usize = 16;
/// Longest run of words that is a name.
const LONGEST: f32 = 6.0;
/// Candidates of one sentence at most.
const SPANS_LIMIT: usize = 200;
/// Words that mean a word of the question less surely than this leave it open.
const MEANS: f32 = 0.4;
/// How much likelier other words have to be than those that a rule or a lead was read as.
const READ_WITH_CARE: f32 = 4.0;
/// As far from all words of the question as counts, in words.
const FAR: usize = 10;

macro_rules! traits {
    ($($(#[$doc:meta])* $name:ident => $weight:ident),* $(,)?) => {
        /// What speaks for and against a run of words, from 0 to 1 each.
        #[derive(Clone, Copy, Debug, Default)]
        pub struct Traits { $($(#[$doc])* $name: f32),* }

        impl Traits {
            /// Names of the weights, in the order of [`Traits::values`].
            pub const WEIGHTS: &'static [&'static str] = &[$(stringify!($weight)),*];

            fn score(&self, weights: &Weights) -> f32 {
                0.0 $(+ self.$name * weights.$weight)*
            }

            /// Returns all numbers.
            pub fn values(&self) -> Vec<f32> {
                vec![$(self.$name),*]
            }
        }
    };
}

traits! {
    /// Share of its words that the question does not have.
    novel => span_novel,
    /// It is set off by markup as a whole.
    marked => span_marked,
    /// It stands inside something set off.
    in_mark => span_in_mark,
    /// It stands between quotation marks.
    quoted => span_quoted,
    /// It is written as a name inside the sentence.
    capital => span_capital,
    /// It is in another script than the sentence.
    foreign => span_foreign,
    /// How surely the vault knows it as a name.
    known => span_known,
    /// A verb that recommends stands before it.
    chosen => span_chosen,
    /// A verb that recommends what stands before it follows.
    suited => span_suited,
    /// The sentence speaks against it, and the question asks for what is right.
    opposed => span_opposed,
    /// The sentence speaks against it, and the question asks for what is wrong.
    ruled_out => span_ruled_out,
    /// It opens the sentence.
    first => span_first,
    /// It closes the sentence.
    last => span_last,
    /// Share of the question's words in the sentence that stand in its clause.
    in_clause => span_in_clause,
    /// It names the kind of thing asked for.
    kind => span_kind,
    /// The kind of thing asked for stands beside it.
    beside_kind => span_beside_kind,
    /// It holds a number.
    number => span_number,
    /// It is one of the options that the question puts side by side.
    named => span_named,
    /// A rule was read from the sentence with this option.
    rule => span_rule,
    /// It was read as a name in the sentence.
    mention => span_mention,
    /// It was read as the lead of the line.
    lead => span_lead,
    /// It is a heading above.
    heading => span_heading,
    /// It is a heading above that cells, leads or links name as well.
    heading_known => span_heading_known,
    /// It is what the section is about, beyond its heading.
    subject => span_subject,
    /// It stands above the line: a step of the way there.
    above => span_above,
    /// It opens the line that the sentence stands in.
    opening => span_opening,
    /// How long it is.
    length => span_length,
    /// It is one word.
    single => span_single,
    /// Share of words that say little.
    common => span_common,
    /// How rare its rarest word is in the vault.
    rarity => span_rarity,
    /// How far the nearest word of the question is.
    distance => span_distance,
    /// A word that opens a condition, a reason or a purpose stands before it.
    conditional => span_conditional,
    /// A function word stands inside.
    bridged => span_bridged,
    /// Share of the question's words before it, where a colon or its like parts them.
    after_colon => span_after_colon,
    /// Share of the question's words behind it, where a colon or its like parts them.
    before_colon => span_before_colon,
}

/// A run of words that may answer.
pub struct Span {
    /// As written.
    pub text: String,
    key: String,
    stance: Stance,
    /// What speaks for and against it.
    pub traits: Traits,
}

/// A sentence that was read closely.
pub struct Reading {
    /// Index of the note.
    pub note: u32,
    /// First and last line.
    pub lines: (u32, u32),
    /// Claims read from it.
    claims: Vec<ClaimId>,
    /// What may answer.
    pub spans: Vec<Span>,
}

/// Reads the best sentences against the question. Cost: linear in their length.
pub fn read(claims: &[Scored], question: &Question, generation: &Generation, languages: &Languages) -> Vec<Reading> {
    let mut found: Vec<Found> = Vec::new();
    for scored in claims.iter().filter(|scored| scored.score > 0.0) {
        let id = scored.met.id;
        let (entry, claim) = generation.claim(id);
        let Some(text) = sentence(claim) else { continue };
        let is_known = |found: &Found| found.note == id.note && found.lines == claim.lines;
        if found.len() == SENTENCES && !found.iter().any(is_known) {
            continue;
        }
        let line = line_text(&entry.note, claim.lines);
        // A lead belongs to its line.
        let text = if line.contains(text) && sentences(&line).len() == 1 { line.as_str() } else { text };
        match found.iter().position(|found| is_known(found) && found.text == text) {
            Some(at) => found[at].claims.push(id),
            None if found.len() < SENTENCES => {
                let (note, lines) = (id.note, claim.lines);
                found.push(Found { note, lines, text: text.to_owned(), claims: vec![id] });
            }
            None => {}
        }
    }
    let asked = Asked::of(question);
    let reading = |Found { note, lines, text, claims }: Found| {
        let entry = &generation.entries[note as usize];
        let own: Vec<&Claim> = claims.iter().map(|id| generation.claim(*id).1).collect();
        // What the sentence does not name itself, an item above or the start of its paragraph may.
        let opening = above::opening(&entry.note, own[0]).filter(|opening| !opening.contains(&text));
        let cut = |text| Sentence::cut(text, own[0], entry, &asked, question, generation, languages);
        let sentence = cut(&text);
        let mut spans = sentence.spans(&own);
        add(opening.as_ref().map(|opening| cut(opening).opening()).unwrap_or_default(), &mut spans);
        let names = above::names(&entry.note, own[0]);
        add(names.iter().map(|name| sentence.above(name)).collect(), &mut spans);
        Reading { note, lines, claims, spans }
    };
    found.into_iter().map(reading).collect()
}

/// Adds what may answer; of what is known already only where it stands.
fn add(more: Vec<Span>, spans: &mut Vec<Span>) {
    for span in more {
        match spans.iter().position(|known| known.key == span.key) {
            Some(at) => {
                let known = &mut spans[at].traits;
                known.above = known.above.max(span.traits.above);
                known.opening = known.opening.max(span.traits.opening);
            }
            None if spans.len() < SPANS_LIMIT => spans.push(span),
            None => {}
        }
    }
}

/// A sentence before it is cut.
struct Found {
    note: u32,
    lines: (u32, u32),
    text: String,
    claims: Vec<ClaimId>,
}

/// Sentences as they are read for one question.
#[derive(Default)]
pub struct Resolved {
    /// Claims that name another option for this question than by themselves.
    pub claims: FxHashMap<ClaimId, Claim>,
    /// How sure it is that the words chosen from a claim's sentence are the right ones, from 0 to 1.
    pub sure: FxHashMap<ClaimId, f32>,
}

impl Resolved {
    /// Returns a claim as it is read for this question.
    pub fn claim<'a>(&'a self, id: ClaimId, generation: &'a Generation) -> (&'a Entry, &'a Claim) {
        let (entry, claim) = generation.claim(id);
        (entry, self.claims.get(&id).unwrap_or(claim))
    }
}

/// Chooses from each sentence the words that answer best.
pub fn resolve(readings: &[Reading], generation: &Generation, weights: &Weights) -> Resolved {
    let mut resolved = Resolved::default();
    for reading in readings {
        let scores: Vec<f32> = reading.spans.iter().map(|span| span.traits.score(weights).exp()).collect();
        let best = (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b]));
        let Some(at) = best else { continue };
        let best = &reading.spans[at];
        let sure = scores[at] / scores.iter().sum::<f32>();
        for id in &reading.claims {
            resolved.sure.insert(*id, sure);
            let claim = generation.claim(*id).1;
            let keys: Vec<String> = claim.picks.iter().map(|pick| key(&pick.name)).collect();
            let is_own = |span: &Span| keys.contains(&span.key);
            let own = reading.spans.iter().zip(&scores).filter(|(span, _)| is_own(span)).map(|(_, score)| *score);
            // A rule or a lead was read with care: other words have to be clearly better.
            let lead = if matches!(claim.kind, Kind::Rule | Kind::Lead) { READ_WITH_CARE } else { 1.0 };
            if scores[at] > lead * own.fold(0.0, f32::max) {
                let picks = vec![Pick::new(best.text.clone(), best.stance)];
                resolved.claims.insert(*id, Claim { picks, join: Joined::One, ..claim.clone() });
            }
        }
    }
    resolved
}

/// Returns the text of some lines without their marker.
fn line_text(note: &Note, lines: (u32, u32)) -> String {
    let source: Vec<&str> = lines_of(note, lines).collect();
    let text = crate::parse::rich(&source.join(" ")).text;
    let trimmed = text.trim_start_matches(['-', '*', '+', '>', ' ', '#']);
    let after_number = trimmed.trim_start_matches(|c: char| c.is_ascii_digit());
    match after_number.strip_prefix(['.', ')', '、', '．']) {
        Some(rest) if after_number.len() < trimmed.len() => rest.trim().to_owned(),
        _ => trimmed.to_owned(),
    }
}

/// Returns the sentence or item that a claim was read from; none for rows, trees and lists of uses.
fn sentence(claim: &Claim) -> Option<&str> {
    if !matches!(claim.kind, Kind::Rule | Kind::Topic | Kind::Mention | Kind::Lead) {
        return None;
    }
    let part = claim.parts.iter().rfind(|part| matches!(part.field, Field::Need | Field::Value))?;
    (!part.text.trim().is_empty()).then_some(part.text.as_str())
}

/// The terms under which the question's words stand in notes, and those of the kind of thing that it asks for.
struct Asked {
    words: FxHashSet<Term>,
    kinds: FxHashSet<Term>,
}

impl Asked {
    fn of(question: &Question) -> Self {
        let terms = |keep: &dyn Fn(&Need) -> bool| {
            let variants = question.needs.iter().filter(|need| keep(need)).flat_map(|need| &need.variants);
            variants.filter(|variant| variant.similarity >= MEANS).flat_map(|variant| variant.terms.clone()).collect()
        };
        Self { words: terms(&|_| true), kinds: terms(&|need| need.is_asked) }
    }
}

/// A sentence cut into words, with what is known of each.
struct Sentence<'a> {
    text: &'a str,
    cut: Vec<Atom>,
    hits: Vec<Hit>,
    terms: Vec<Option<Term>>,
    is_asked: Vec<bool>,
    is_kind: Vec<bool>,
    /// Words that no name holds.
    is_break: Vec<bool>,
    /// Of those, words that may stand inside a longer name.
    is_soft: Vec<bool>,
    /// What markup or quotation marks set off.
    marked: Vec<String>,
    /// Keys of the title and the headings above.
    headings: Vec<String>,
    question: &'a Question,
    generation: &'a Generation,
}

impl<'a> Sentence<'a> {
    fn cut(
        text: &'a str,
        claim: &Claim,
        entry: &'a Entry,
        asked: &Asked,
        question: &'a Question,
        generation: &'a Generation,
        languages: &Languages,
    ) -> Self {
        let analysis = languages.analyze(text, entry.lang);
        let own = |hit: &Hit| hit.lang == entry.lang || hit.lang == languages.english();
        let hits: Vec<Hit> = languages.hits(&analysis.atoms).into_iter().filter(own).collect();
        let n = analysis.atoms.len();
        let (mut is_asked, mut is_kind, mut terms) = (vec![false; n], vec![false; n], vec![None; n]);
        let units = analysis.units.iter().map(|unit| (unit.start, unit.end, vec![unit.marked, unit.folded, unit.stem]));
        let concepts = analysis.concepts.iter().map(|(start, end, term)| (*start, *end, vec![*term]));
        for (start, end, found) in units.chain(concepts) {
            let is_in = |terms: &FxHashSet<Term>| found.iter().any(|term| terms.contains(term));
            is_asked[start..end].iter_mut().for_each(|flag| *flag |= is_in(&asked.words));
            is_kind[start..end].iter_mut().for_each(|flag| *flag |= is_in(&asked.kinds));
            terms[start] = terms[start].or(Some(found[found.len() / 2]));
        }
        let (is_break, is_soft) = breaks(text, &analysis.atoms, &hits);
        let note = &entry.note;
        let source: Vec<&str> = lines_of(note, claim.lines).collect();
        let rich: Rich = crate::parse::rich(&source.join(" "));
        let marks = rich.marks.iter().map(|mark| rich.marked(mark).trim().to_owned());
        let marked = marks.filter(|name| !name.is_empty() && name.len() < text.len() && text.contains(name.as_str()));
        let above = note.heading_path(claim.section).into_iter().map(|section| key(&section.text));
        Self {
            text,
            hits,
            terms,
            is_asked,
            is_kind,
            is_break,
            is_soft,
            marked: marked.collect(),
            headings: above.chain([key(&note.title)]).collect(),
            question,
            generation,
            cut: analysis.atoms,
        }
    }

    /// The text between two atoms parts names.
    fn parts(&self, at: usize) -> bool {
        let gap = &self.text[self.cut[at].end..self.cut[at + 1].start];
        let tight = !gap.contains(' ');
        gap.chars().any(|c| match c {
            ' ' | '-' | '\'' | '’' | '°' | '&' | '#' | '@' | '_' | '·' | '×' => false,
            '.' | '/' | '–' | '+' | ':' => !tight,
            _ => true,
        })
    }

    /// Runs of atoms between breaks.
    fn runs(&self, breaks: &[bool]) -> Vec<(usize, usize)> {
        let mut runs = Vec::new();
        let mut start = None;
        for (at, is_break) in breaks.iter().enumerate() {
            if *is_break {
                runs.extend(start.take().map(|start| (start, at)));
                continue;
            }
            start.get_or_insert(at);
            if at + 1 == self.cut.len() || self.parts(at) {
                runs.extend(start.take().map(|start| (start, at + 1)));
            }
        }
        runs
    }

    fn spans(&self, own: &[&Claim]) -> Vec<Span> {
        let mut ranges = self.runs(&self.is_break);
        // `twice the distance`: function words may stand inside a name.
        let is_bridge = |end: usize, next: usize| {
            (1..=2).contains(&(next - end))
                && (end..next).all(|at| self.is_soft[at])
                && (end - 1..next).all(|at| !self.parts(at))
        };
        let bridged = ranges.windows(2).filter(|pair| is_bridge(pair[0].1, pair[1].0));
        ranges.extend(bridged.map(|pair| (pair[0].0, pair[1].1)).collect::<Vec<_>>());
        // Japanese writes its endings and particles in Hiragana, most names not.
        let is_hiragana = |atom: &Atom| atom.script == Script::Hiragana;
        if self.cut.iter().any(is_hiragana) {
            let breaks = self.cut.iter().zip(&self.is_break).map(|(atom, is_break)| *is_break || is_hiragana(atom));
            ranges.extend(self.runs(&breaks.collect::<Vec<_>>()));
        }
        // Without the question's words at either end.
        for (start, end) in ranges.clone() {
            let from = (start..end).find(|at| !self.is_asked[*at]);
            let to = (start..end).rfind(|at| !self.is_asked[*at]);
            if let (Some(from), Some(to)) = (from, to) {
                ranges.push((from, to + 1));
            }
        }
        for name in self.marked.iter().map(String::as_str).chain(quoted(self.text)) {
            ranges.extend(self.range_of(name));
        }
        for option in &self.question.named {
            ranges.extend(self.range_of(&option.text));
        }
        for claim in own.iter().filter(|claim| claim.kind != Kind::Topic) {
            ranges.extend(claim.picks.iter().filter_map(|pick| self.range_of(&pick.name)));
        }
        ranges.sort_unstable();
        ranges.dedup();
        let n_words = |range: &(usize, usize)| self.cut[range.0..range.1].iter().map(Atom::n_words).sum::<f32>();
        ranges.retain(|range| n_words(range) <= LONGEST);
        let mut spans: Vec<Span> = ranges.iter().filter_map(|range| self.span(*range, own)).collect();
        let read = own.iter().flat_map(|claim| claim.picks.iter().map(|pick| (pick, Some(claim.kind))));
        add(read.map(|(pick, kind)| self.elsewhere(&pick.name, pick.stance, kind)).collect(), &mut spans);
        spans
    }

    fn range_of(&self, name: &str) -> Option<(usize, usize)> {
        let from = self.text.find(name)?;
        let to = from + name.len();
        let start = self.cut.iter().position(|atom| atom.start >= from)?;
        let end = self.cut.iter().rposition(|atom| atom.end <= to)? + 1;
        (start < end).then_some((start, end))
    }

    fn clause(&self, start: usize, end: usize) -> (usize, usize) {
        let ends = |at: usize| {
            let gap = &self.text[self.cut[at].end..self.cut[at + 1].start];
            gap.contains([',', '，', ';', '；', '。', ':', '：', '(', '（', '—', '、'])
        };
        let from = (0..start).rfind(|at| ends(*at)).map_or(0, |at| at + 1);
        let to = (end.max(1) - 1..self.cut.len() - 1).find(|at| ends(*at)).map_or(self.cut.len(), |at| at + 1);
        (from, to)
    }

    /// Returns a run of words with its traits; none where the question says it already.
    fn span(&self, (start, end): (usize, usize), own: &[&Claim]) -> Option<Span> {
        let (mut from, mut to) = (self.cut[start].start, self.cut[end - 1].end);
        while let Some(c) = self.text[..from].chars().next_back().filter(|c| matches!(c, '#' | '@')) {
            from -= c.len_utf8();
        }
        while let Some(c) = self.text[to..].chars().next().filter(|c| matches!(c, '%' | '°' | '+')) {
            to += c.len_utf8();
        }
        let text = &self.text[from..to];
        let own_key = key(text);
        let words = |range: std::ops::Range<usize>, keep: &dyn Fn(usize) -> bool| {
            range.filter(|at| keep(*at)).map(|at| self.cut[at].n_words()).sum::<f32>()
        };
        let is_asked = |at: usize| self.is_asked[at];
        let all = words(start..end, &|_| true).max(0.01);
        let novel = 1.0 - words(start..end, &is_asked) / all;
        let is_named = self.is_named(&own_key);
        if novel <= 0.0 && !is_named {
            return None;
        }
        let all_asked = words(0..self.cut.len(), &is_asked).max(0.01);
        let clause = self.clause(start, end);
        let before = |reach: usize, cue: &dyn Fn(Cue) -> bool| {
            let near = |hit: &Hit| hit.end <= start && start - hit.end < reach && hit.start >= clause.0;
            self.hits.iter().any(|hit| near(hit) && cue(hit.cue))
        };
        let after = |reach: usize, cue: &dyn Fn(Cue) -> bool| {
            let near = |hit: &Hit| hit.start >= end && hit.start - end < reach && hit.end <= clause.1;
            self.hits.iter().any(|hit| near(hit) && cue(hit.cue))
        };
        let is_opposed = before(3, &|cue| {
            matches!(cue, Cue::Rule(Rule::Avoid) | Cue::Not | Cue::Without | Cue::Join(Join::Instead | Join::Versus))
        }) || after(3, &|cue| cue == Cue::Rule(Rule::Misfits));
        let asks_wrong = self.question.intent == Ask::Avoid || self.question.is_negative;
        let is_name =
            text.chars().next().is_some_and(char::is_uppercase) && from > 0 && !opens_sentence(&self.text[..from]);
        let n_dense = self.cut.iter().filter(|atom| atom.script.is_dense()).count();
        let scripts = || self.cut[start..end].iter().map(|atom| atom.script);
        let is_foreign = n_dense * 2 > self.cut.len()
            && scripts().all(|script| matches!(script, Script::Spaced | Script::Number | Script::Katakana))
            && scripts().any(|script| script != Script::Number);
        let is_marked = self.marked.iter().any(|name| name == text);
        let said = |at: usize| self.hits.iter().filter(move |hit| (hit.start..hit.end).contains(&at));
        let says_little = |at: usize| said(at).any(|hit| matches!(hit.cue, Cue::Common | Cue::Generic));
        let outside = (0..self.cut.len()).filter(|at| !(start..end).contains(at));
        let steps = |at: usize| if at < start { start - at } else { at + 1 - end };
        let distance = outside.filter(|at| is_asked(*at)).map(steps).min().unwrap_or(FAR);
        let beside = start.saturating_sub(3)..(end + 3).min(self.cut.len());
        let reads = |kind: Kind| {
            let names = own.iter().filter(|claim| claim.kind == kind).flat_map(|claim| &claim.picks);
            names.into_iter().any(|pick| key(&pick.name) == own_key)
        };
        let colon = |c: Option<char>| flag(matches!(c, Some(':' | '：' | '→' | '=' | '–' | '—' | '-')));
        let rarity = self.terms[start..end].iter().flatten().map(|term| self.generation.idf(*term)).fold(0.0, f32::max);
        let traits = Traits {
            novel,
            marked: flag(is_marked),
            in_mark: flag(!is_marked && self.marked.iter().any(|name| name.contains(text))),
            quoted: flag(quoted(self.text).any(|name| name == text)),
            capital: flag(is_name),
            foreign: flag(is_foreign),
            known: self.generation.names.known(text),
            chosen: flag(!is_opposed && before(3, &|cue| cue == Cue::Rule(Rule::Choose))),
            suited: flag(!is_opposed && after(3, &|cue| matches!(cue, Cue::Rule(Rule::Suits | Rule::Choose)))),
            opposed: flag(is_opposed && !asks_wrong),
            ruled_out: flag(is_opposed && asks_wrong),
            first: flag(start == 0),
            last: flag(end == self.cut.len()),
            in_clause: words(clause.0..clause.1, &is_asked) / all_asked,
            kind: flag((start..end).any(|at| self.is_kind[at])),
            beside_kind: flag(beside.into_iter().any(|at| self.is_kind[at] && !(start..end).contains(&at))),
            number: flag(scripts().any(|script| script == Script::Number)),
            named: flag(is_named),
            rule: flag(reads(Kind::Rule)),
            mention: flag(reads(Kind::Mention)),
            lead: flag(reads(Kind::Lead)),
            length: (all / 5.0).min(1.5),
            single: flag(all <= 1.0),
            common: words(start..end, &says_little) / all,
            rarity: rarity / 8.0,
            distance: distance.min(FAR) as f32 / FAR as f32,
            conditional: flag(before(2, &|cue| {
                matches!(cue, Cue::Rule(Rule::Condition | Rule::Because | Rule::Purpose))
            })),
            bridged: flag((start..end).any(|at| self.is_soft[at])),
            after_colon: colon(self.text[..from].trim_end().chars().next_back()) * words(0..start, &is_asked)
                / all_asked,
            before_colon: colon(self.text[to..].trim_start().chars().next()) * words(end..self.cut.len(), &is_asked)
                / all_asked,
            ..Traits::default()
        };
        let stance = if is_opposed { Stance::Against } else { Stance::For };
        Some(Span { text: text.to_owned(), key: own_key, stance, traits })
    }

    /// Returns what opens this sentence, as it counts for those that follow.
    fn opening(&self) -> Vec<Span> {
        let first = self.runs(&self.is_break).into_iter().next();
        let marked = self.marked.iter().filter_map(|name| self.range_of(name));
        let spans = first.into_iter().chain(marked).filter_map(|range| self.span(range, &[]));
        let opens = |span: Span| {
            let Traits { novel, marked, quoted, foreign, known, kind, number, .. } = span.traits;
            let Traits { length, single, common, rarity, bridged, .. } = span.traits;
            let own = Traits { novel, marked, quoted, foreign, known, kind, number, ..Traits::default() };
            Span { traits: Traits { length, single, common, rarity, bridged, opening: 1.0, ..own }, ..span }
        };
        spans.filter(|span| span.traits.length <= LONGEST / 5.0).map(opens).collect()
    }

    /// Returns what stands above the sentence's line as it may answer.
    fn above(&self, name: &str) -> Span {
        let span = self.elsewhere(name, Stance::For, None);
        Span { traits: Traits { above: 1.0, ..span.traits }, ..span }
    }

    /// What a claim was read as where that does not stand in the sentence: a heading, a subject, a lead.
    fn elsewhere(&self, name: &str, stance: Stance, read_as: Option<Kind>) -> Span {
        let own_key = key(name);
        let said = &self.question.key;
        let cut = atoms(name);
        let novel = if cut.first().is_some_and(|atom| atom.script.is_dense()) {
            flag(!said.contains(&own_key))
        } else {
            let words: Vec<&str> = own_key.split(' ').collect();
            let n_said = words.iter().filter(|word| said.split(' ').any(|asked| asked == **word)).count();
            1.0 - n_said as f32 / words.len() as f32
        };
        let is_heading = self.headings.contains(&own_key);
        let names = &self.generation.names;
        let traits = Traits {
            novel,
            known: if is_heading { 0.0 } else { names.known(name) },
            named: flag(self.is_named(&own_key)),
            rule: flag(read_as == Some(Kind::Rule)),
            lead: flag(read_as == Some(Kind::Lead)),
            heading: flag(is_heading),
            heading_known: flag(is_heading && names.is_named_elsewhere(name)),
            subject: flag(read_as == Some(Kind::Topic) && !is_heading),
            length: (cut.iter().map(Atom::n_words).sum::<f32>() / 5.0).min(1.5),
            ..Traits::default()
        };
        Span { text: name.to_owned(), key: own_key, stance, traits }
    }

    /// True for one of the options that the question puts side by side.
    fn is_named(&self, own_key: &str) -> bool {
        let mut named = self.question.named.iter().filter(|option| option.is_alternative && !option.is_excluded);
        named.any(|option| key(&option.text) == own_key)
    }
}

/// Which words no name holds, and which of those may stand inside a longer one.
fn breaks(text: &str, cut: &[Atom], hits: &[Hit]) -> (Vec<bool>, Vec<bool>) {
    let (mut is_break, mut is_soft) = (vec![false; cut.len()], vec![false; cut.len()]);
    for hit in hits.iter().filter(|hit| hit.cue == Cue::Stop) {
        is_break[hit.start..hit.end].fill(true);
        is_soft[hit.start..hit.end].fill(true);
    }
    for hit in hits {
        if matches!(hit.cue, Cue::Ask(_) | Cue::Join(_) | Cue::Not | Cue::Without | Cue::Rule(_)) {
            is_break[hit.start..hit.end].fill(true);
            if hit.cue != Cue::Join(Join::And) {
                is_soft[hit.start..hit.end].fill(false);
            }
        }
    }
    // `l'heure`, `d'un`: a word cut short is a function word.
    for at in 0..cut.len().saturating_sub(1) {
        let gap = &text[cut[at].end..cut[at + 1].start];
        if matches!(gap, "'" | "’") && cut[at].end - cut[at].start <= 2 {
            is_break[at] = true;
            is_soft[at] = true;
        }
    }
    (is_break, is_soft)
}

fn flag(is: bool) -> f32 {
    f32::from(u8::from(is))
}

/// True when the next word opens a sentence, a quote or what is set off, where names and others have capitals alike.
fn opens_sentence(before: &str) -> bool {
    before.trim_end().ends_with(['.', '!', '?', ':', '。', '*', '"', '“'])
}

fn lines_of(note: &Note, lines: (u32, u32)) -> impl Iterator<Item = &str> {
    (lines.0..=lines.1.min(lines.0 + 20)).map(|line| note.line(line).trim())
}

/// What stands between quotation marks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    const PAIRS: [(char, char); 8] =
        [('“', '”'), ('"', '"'), ('「', '」'), ('『', '』'), ('«', '»'), ('《', '》'), ('‘', '’'), ('„', '“')];
    PAIRS.into_iter().flat_map(move |(open, close)| {
        let mut found = Vec::new();
        let mut rest = text;
        while let Some(from) = rest.find(open) {
            let inner = &rest[from + open.len_utf8()..];
            let Some(to) = inner.find(close) else { break };
            let name = inner[..to].trim();
            if !name.is_empty() && name.len() < 80 {
                found.push(name);
            }
            rest = &inner[to + close.len_utf8()..];
        }
        found
    })
}
