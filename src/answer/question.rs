//! What does this question ask, with which words?
//!
//! Language, intent, negation, the options it names, and its units: words, each with the terms it may be met under.

use crate::generation::Generation;
use crate::graph::ConceptId;
use crate::language::{Ask, Cue, Hit, Join, Lang, Languages, Role, Unit, folded_term};
use crate::text::{Atom, Script, Term};

use super::measure::Range;
use super::{Switches, Weights, widen};

/// A question as it is understood.
#[derive(Clone)]
pub struct Question {
    /// As it was typed.
    pub text: String,
    /// Its key, for finding names in it.
    pub key: String,
    /// Its language.
    pub lang: Lang,
    /// Typed without the diacritics of its language.
    pub is_plain: bool,
    /// Its language writes the syllables of a word apart.
    pub is_syllabic: bool,
    /// What it asks for.
    pub intent: Ask,
    /// It asks for what is missing or wrong.
    pub is_negative: bool,
    /// Its words with a need.
    pub needs: Vec<Need>,
    /// Options it names.
    pub named: Vec<NamedOption>,
    /// Which way a superlative points.
    pub superlative: Option<Direction>,
    /// Amounts it states.
    pub amounts: Vec<Range>,
    /// It asks for the second-best option.
    pub asks_alternative: bool,
    /// It asks for all that fit: which ones.
    pub asks_several: bool,
    /// It asks for a figure: how much, how long.
    pub asks_amount: bool,
}

/// Which end a superlative asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The highest.
    Most,
    /// The lowest.
    Least,
}

/// A word of the question.
#[derive(Clone, Debug)]
pub struct Need {
    /// As it stands in the question.
    pub text: String,
    /// Range of atoms.
    pub atoms: (usize, usize),
    /// How much it tells.
    pub weight: f32,
    /// How it may be met, best first.
    pub variants: Vec<Variant>,
    /// No note holds it in any form.
    pub is_missing: bool,
    /// The question says that it is not there: "no code", "without a server".
    pub is_negated: bool,
    /// It is the word that says so.
    pub is_negation: bool,
    /// It stands by the asking word: the kind of thing asked for.
    pub is_asked: bool,
    /// Number of the part of the question that it belongs to, where the question joins several needs.
    pub group: usize,
}

/// One way to meet a word.
#[derive(Clone, Debug)]
pub struct Variant {
    /// What has to stand in the note: all of these terms, or a mention of the concept.
    pub terms: Vec<Term>,
    /// Mentioned beside an option.
    pub concept: Option<ConceptId>,
    /// The concept over whose names it was found.
    pub over: Option<ConceptId>,
    /// How sure it is that it means the word, from 0 to 1.
    pub similarity: f32,
    /// Name of the mechanism, for `--explain`.
    pub via: String,
}

/// An option that the question names.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedOption {
    /// Its concepts.
    pub concepts: Vec<ConceptId>,
    /// As named in the question.
    pub text: String,
    /// Range of atoms.
    pub atoms: (usize, usize),
    /// It stands after "instead of".
    pub is_excluded: bool,
    /// It is one of several that the question puts side by side.
    pub is_alternative: bool,
    /// Terms of the name.
    pub terms: Vec<Term>,
}

/// Names of up to this many atoms are looked for.
pub const NAME_ATOMS: usize = 6;

/// Reads a question against a generation. Cost: linear in its length, plus one dictionary scan a misspelt word.
pub fn read(text: &str, generation: &Generation, languages: &Languages, switches: &Switches) -> Question {
    let (lang, is_plain) = languages.detect(text);
    let analysis = languages.analyze(text, lang);
    let atoms = &analysis.atoms;
    let english = languages.english();
    let own = |hit: &Hit| hit.lang == lang || hit.lang == english;
    let mut hits: Vec<Hit> = languages.hits(atoms).into_iter().filter(own).collect();
    if is_plain {
        hits.extend(languages.plain_hits(atoms).into_iter().filter(|hit| hit.lang == lang));
    }
    let joins = joins(&hits);
    let named = if switches.is_on("named-options") {
        named(text, atoms, &hits, &joins, generation, languages, lang)
    } else {
        Vec::new()
    };
    // `最少` is least, though `最` alone is most: the longest word decides.
    let superlatives = hits.iter().filter_map(|hit| match hit.cue {
        Cue::Most => Some((hit.end - hit.start, Direction::Most)),
        Cue::Least => Some((hit.end - hit.start, Direction::Least)),
        _ => None,
    });
    let superlative = superlatives
        .max_by_key(|(length, direction)| (*length, *direction == Direction::Least))
        .map(|(_, direction)| direction);
    let mut weights = vec![1.0f32; atoms.len()];
    weigh_words(&hits, atoms, &mut weights, &switches.weights);
    let mut named = named;
    let mut intent = intent(&hits, &named);
    if let Some(thing) = described(text, atoms, &weights, &hits, generation) {
        intent = Ask::Describe;
        named = vec![thing];
    }
    weigh_ruled_out(text, &hits, &joins, atoms, &mut weights);
    let avoids = intent == Ask::When && hits.iter().any(|hit| hit.cue == Cue::Ask(Ask::Avoid));
    let is_negative = switches.is_on("negation") && (avoids || is_negative(&hits, atoms, &weights, intent));
    for option in &named {
        if option.is_excluded || option.is_alternative {
            weights[option.atoms.0..option.atoms.1].fill(if option.is_excluded { 0.15 } else { 0.3 });
        }
    }
    let mut needs = Vec::new();
    for unit in &analysis.units {
        let weight = weights[unit.start..unit.end].iter().copied().fold(f32::MAX, f32::min);
        let is_single = unit.end - unit.start == 1 && atoms[unit.start].script == Script::Han;
        if weight <= 0.01 || is_single && is_inside_run(atoms, &weights, unit) {
            continue;
        }
        needs.extend(need(text, unit, weight, &analysis, generation, languages, (lang, is_plain), switches));
    }
    part_words(&mut needs, text, atoms);
    if superlative.is_some() && switches.is_on("superlatives") {
        widen::widen_to_scales(&mut needs, generation, languages, lang);
    }
    if switches.is_on("walk") {
        widen::walk_names(text, atoms, &mut needs, generation, languages, lang);
        widen::walk_notes(&mut needs, generation, languages);
    }
    group(&mut needs, &hits);
    mark_asked(&mut needs, &hits);
    mark_negated(&mut needs, &hits, atoms);
    let is_plural = |need: &Need| need.is_asked && is_plural(&need.text);
    let asks_several =
        hits.iter().any(|hit| hit.cue == Cue::Ask(Ask::Several)) || lang == english && needs.iter().any(is_plural);
    let amounts = if switches.is_on("numbers") { super::measure::ranges(text, languages) } else { Vec::new() };
    if switches.is_on("named-options") && !named.iter().any(|option| option.is_alternative) {
        named.extend(alternatives(text, atoms, &weights, &joins));
    }
    Question {
        text: text.to_owned(),
        key: crate::text::key(text),
        lang,
        is_plain,
        is_syllabic: languages.is_syllabic(lang),
        intent,
        is_negative,
        needs,
        named,
        superlative,
        amounts,
        asks_alternative: hits.iter().any(|hit| hit.cue == Cue::Role(Role::Alternative)),
        asks_several,
        asks_amount: asks_amount(&hits),
    }
}

/// A lone character counts only where its neighbours carry nothing.
fn is_inside_run(atoms: &[Atom], weights: &[f32], unit: &Unit) -> bool {
    let carries = |at: Option<usize>| {
        at.is_some_and(|at| atoms.get(at).is_some_and(|atom| atom.script.is_dense() && weights[at] > 0.01))
    };
    let before = unit.start.checked_sub(1).filter(|at| atoms[*at].touches(&atoms[unit.start]));
    let after = Some(unit.end).filter(|at| atoms.get(*at).is_some_and(|next| atoms[unit.end - 1].touches(next)));
    carries(before) || carries(after)
}

fn joins(hits: &[Hit]) -> Vec<(usize, usize, Join)> {
    let mut joins: Vec<(usize, usize, Join)> = hits
        .iter()
        .filter_map(|hit| match hit.cue {
            Cue::Join(join) => Some((hit.start, hit.end, join)),
            _ => None,
        })
        .collect();
    joins.sort_by_key(|(start, end, _)| (*start, usize::MAX - *end));
    joins.dedup_by(|later, earlier| later.0 < earlier.1);
    joins
}

fn intent(hits: &[Hit], named: &[NamedOption]) -> Ask {
    let asks = |wanted: Ask| hits.iter().filter(|hit| hit.cue == Cue::Ask(wanted)).map(|hit| hit.end - hit.start).max();
    let n_named = named.iter().filter(|option| !option.is_excluded).count();
    let n_beside = named.iter().filter(|option| option.is_alternative).count();
    let which = asks(Ask::Which).unwrap_or(0);
    // `When should I avoid A` asks for conditions, not for an option.
    if asks(Ask::When).is_some() && asks(Ask::Avoid).is_some() && n_named == 1 {
        return Ask::When;
    }
    if asks(Ask::Avoid).is_some() {
        return Ask::Avoid;
    }
    if asks(Ask::WhyNot).is_some() && n_named > 0 {
        return Ask::WhyNot;
    }
    if asks(Ask::Compare).is_some_and(|length| length >= which && n_beside > 1 || which == 0 && n_named > 1) {
        return Ask::Compare;
    }
    if asks(Ask::When).is_some_and(|length| length >= which) && n_named > 0 {
        return Ask::When;
    }
    let names_after = |hit: &Hit| named.iter().any(|option| option.atoms.0 >= hit.end && option.atoms.0 <= hit.end + 1);
    let opens = hits.iter().any(|hit| hit.cue == Cue::Ask(Ask::Describe) && hit.start <= 1 && names_after(hit));
    if which == 0 && opens && n_named > 0 {
        return Ask::Describe;
    }
    Ask::Which
}

/// True for an English noun that ends as plurals do.
fn is_plural(noun: &str) -> bool {
    noun.len() > 3 && noun.ends_with('s') && !noun.ends_with("ss") && !noun.ends_with("us") && !noun.ends_with("is")
}

/// Returns the thing of a question such as `what is A`, which says nothing but that name.
fn described(
    text: &str,
    atoms: &[Atom],
    weights: &[f32],
    hits: &[Hit],
    generation: &Generation,
) -> Option<NamedOption> {
    let asks = hits.iter().any(|hit| hit.cue == Cue::Ask(Ask::Describe));
    let says = |at: &usize| weights[*at] > 0.0;
    let (first, last) = ((0..atoms.len()).find(says)?, (0..atoms.len()).rfind(says)?);
    let is_one = asks && last - first < NAME_ATOMS;
    let name = &text[atoms[first].start..atoms[last].end];
    let concepts = if is_one { generation.graph.named(name) } else { Vec::new() };
    // A word that heads nothing may still be told of, where the question wants nothing else.
    let wants_more = hits.iter().any(|hit| matches!(hit.cue, Cue::Ask(Ask::Which) | Cue::Most | Cue::Least | Cue::Not));
    let is_word = is_one && last == first && !wants_more;
    (!concepts.is_empty() || is_word).then(|| NamedOption {
        concepts,
        text: name.to_owned(),
        atoms: (first, last + 1),
        is_excluded: false,
        is_alternative: false,
        terms: Vec::new(),
    })
}

/// True for a question that asks for a figure and for no option beside.
fn asks_amount(hits: &[Hit]) -> bool {
    let amounts: Vec<&Hit> = hits.iter().filter(|hit| hit.cue == Cue::Ask(Ask::Amount)).collect();
    let is_part = |hit: &Hit| amounts.iter().any(|amount| amount.start <= hit.start && hit.end <= amount.end);
    !amounts.is_empty() && !hits.iter().any(|hit| hit.cue == Cue::Ask(Ask::Which) && !is_part(hit))
}

/// "Which ... not" turns the question round; "without X" is a need of its own: the negation has to stand by the asking word.
fn is_negative(hits: &[Hit], atoms: &[Atom], weights: &[f32], intent: Ask) -> bool {
    if intent == Ask::Avoid {
        return true;
    }
    let whole = |hit: &&Hit| {
        !hits.iter().any(|other| {
            matches!(other.cue, Cue::Ask(_) | Cue::Stop | Cue::Without)
                && other.start <= hit.start
                && other.end >= hit.end
                && other.end - other.start > hit.end - hit.start
        })
    };
    let asking: Vec<&Hit> = hits.iter().filter(|hit| hit.cue == Cue::Ask(Ask::Which)).collect();
    let content = |from: usize, to: usize| {
        let between = weights.get(from..to).into_iter().flatten().zip(&atoms[from.min(to)..to.max(from)]);
        between.filter(|(weight, _)| **weight > 0.4).map(|(_, atom)| atom.n_words()).sum::<f32>()
    };
    hits.iter().filter(|hit| hit.cue == Cue::Not).filter(whole).any(|not| {
        asking.iter().any(|ask| {
            if ask.end <= not.start {
                // `which should I not use`: a word of the person or a modal before the negation lets more stand between.
                let after_stop = hits.iter().any(|hit| hit.cue == Cue::Stop && hit.end == not.start);
                content(ask.end, not.start) <= if after_stop { 2.0 } else { 1.0 }
            } else {
                content(not.end, ask.start.max(not.end)) <= 0.5
            }
        })
    })
}

/// Weighs atoms: function words nothing, generic nouns little.
fn weigh_words(hits: &[Hit], atoms: &[Atom], weights: &mut [f32], learned: &Weights) {
    for hit in hits {
        let weight: f32 = match hit.cue {
            Cue::Stop | Cue::Ask(_) => 0.0,
            Cue::Join(Join::Instead | Join::Versus | Join::Or | Join::And | Join::Then) => 0.0,
            Cue::Generic => learned.generic,
            Cue::Most | Cue::Least => 0.35,
            Cue::Not | Cue::Without => 0.1,
            Cue::Common => learned.common,
            Cue::Below | Cue::Above => 0.2,
            _ => continue,
        };
        // A single character of a dense script inside a longer word is no function word.
        let is_dense = atoms[hit.start].script.is_dense();
        let inside = is_dense && hit.end - hit.start == 1 && atoms[hit.start].script != Script::Hiragana && {
            let before = hit.start.checked_sub(1).is_some_and(|at| {
                atoms[at].script == atoms[hit.start].script && atoms[at].touches(&atoms[hit.start]) && weights[at] > 0.5
            });
            let after = atoms
                .get(hit.end)
                .is_some_and(|next| next.script == atoms[hit.start].script && atoms[hit.start].touches(next));
            before && after
        };
        if inside {
            continue;
        }
        for value in &mut weights[hit.start..hit.end] {
            *value = value.min(weight);
        }
    }
}

/// Weighs down what follows "instead of" and "rather than", up to the end of the clause.
fn weigh_ruled_out(text: &str, hits: &[Hit], joins: &[(usize, usize, Join)], atoms: &[Atom], weights: &mut [f32]) {
    let is_negation = |start: usize, end: usize| {
        let negates = hits.iter().filter(|hit| matches!(hit.cue, Cue::Not | Cue::Without));
        negates.clone().any(|hit| start <= hit.start && hit.end <= end)
    };
    let rules_out = joins.iter().filter(|(start, end, join)| *join == Join::Instead && !is_negation(*start, *end));
    for (_, end, _) in rules_out {
        let clause = (*end..atoms.len()).take_while(|at| {
            *at == *end
                || !text[atoms[at - 1].end..atoms[*at].start].contains([',', '，', '、', ';', '?', '？', '.', '。'])
        });
        clause.for_each(|at| weights[at] *= RULED_OUT);
    }
}

/// How much words count that the question rules out.
const RULED_OUT: f32 = 0.4;

#[expect(clippy::too_many_arguments, reason = "all of them are what a word is read against")]
fn need(
    text: &str,
    unit: &Unit,
    role: f32,
    analysis: &crate::language::Analysis,
    generation: &Generation,
    languages: &Languages,
    (lang, is_plain): (Lang, bool),
    switches: &Switches,
) -> Option<Need> {
    let atoms = &analysis.atoms[unit.start..unit.end];
    let mut variants = Vec::new();
    let mut add = |terms: Vec<Term>, similarity: f32, via: &str| {
        if terms.iter().all(|term| generation.has(*term)) {
            variants.push(Variant { terms, concept: None, over: None, similarity, via: via.to_owned() });
        }
    };
    let has_marks = atoms.iter().any(|atom| atom.marked != atom.folded);
    add(vec![unit.marked], 1.0, "word");
    if unit.folded != unit.marked {
        add(vec![unit.folded], switches.weights.unmarked, "without diacritics");
    } else if !has_marks && is_plain {
        add(vec![unit.folded], 1.0, "word");
    } else {
        add(vec![unit.folded], 0.9, "word");
    }
    if unit.stem != unit.folded {
        add(vec![unit.stem], 0.92, "word form");
    }
    let exact = variants.first().map(|variant| (variant.terms[0], variant.similarity));
    if switches.is_on("lexicon") {
        for (start, end, concept) in &analysis.concepts {
            if *start < unit.end
                && unit.start < *end
                && *start <= unit.start
                && unit.end <= *end
                && generation.has(*concept)
            {
                let similarity =
                    if exact.is_some() { switches.weights.lexicon_known } else { switches.weights.lexicon_unknown };
                variants.push(Variant {
                    terms: vec![*concept],
                    concept: None,
                    over: None,
                    similarity,
                    via: "lexicon".to_owned(),
                });
            }
        }
    }
    if switches.is_on("fuzzy") && variants.is_empty() {
        let word = &atoms[0].folded;
        // A slip in a function word is no unknown word.
        if atoms.len() == 1 && languages.is_near_stop(word, lang) {
            return None;
        }
        if atoms.len() == 1 && word.chars().count() >= 4 && atoms[0].script != Script::Number {
            for (term, similarity) in fuzzy(word, generation, &switches.weights) {
                variants.push(Variant {
                    terms: vec![term],
                    concept: None,
                    over: None,
                    similarity,
                    via: "spelling".to_owned(),
                });
            }
        }
    }
    if atoms.len() == 2 && atoms.iter().all(|atom| atom.script == Script::Han) {
        // `弄干` and `烘干` share the character that matters.
        for atom in atoms {
            let term = folded_term(&atom.folded);
            if generation.has(term) {
                variants.push(Variant {
                    terms: vec![term],
                    concept: None,
                    over: None,
                    similarity: switches.weights.character,
                    via: "character".to_owned(),
                });
            }
        }
    }
    let idf = match exact {
        Some((term, similarity)) if similarity >= 0.9 => generation.idf(term),
        _ => variants
            .iter()
            .map(|variant| generation.idf(variant.terms[0]))
            .fold(0.0, f32::max)
            .max(if variants.is_empty() { generation.idf(unit.folded) * 0.8 } else { 0.0 }),
    };
    let is_missing = variants.is_empty();
    // Pairs of characters overlap: each carries about half of what a word does.
    let share = script_share(atoms);
    let slice = &text[atoms[0].start..atoms[atoms.len() - 1].end];
    Some(Need {
        text: slice.to_owned(),
        atoms: (unit.start, unit.end),
        weight: role * idf.max(0.2) * share,
        variants,
        is_missing,
        is_negated: false,
        is_negation: false,
        is_asked: false,
        group: 0,
    })
}

/// Tells words from pairs of characters that only stand side by side, in scripts that write no spaces.
///
/// The vault is the dictionary: a pair that no note holds, between two that notes do hold, parts them. Pairs that no
/// note holds, one after the other, are one missing word.
fn part_words(needs: &mut Vec<Need>, text: &str, atoms: &[Atom]) {
    let is_pair = |need: &Need| need.atoms.1 - need.atoms.0 == 2 && atoms[need.atoms.0].script == Script::Han;
    let is_word = |need: &Need| need.variants.iter().any(|variant| variant.similarity >= WHOLE_WORD);
    let known: Vec<(usize, usize)> =
        needs.iter().filter(|need| is_pair(need) && is_word(need)).map(|need| need.atoms).collect();
    let mut parted: Vec<Need> = Vec::with_capacity(needs.len());
    for mut need in std::mem::take(needs) {
        if !is_pair(&need) || is_word(&need) {
            parted.push(need);
            continue;
        }
        let (start, end) = need.atoms;
        let before = known.iter().any(|(_, known_end)| *known_end == start + 1);
        let after = known.iter().any(|(known_start, _)| *known_start == start + 1);
        if before && after {
            continue;
        }
        if before || after {
            need.weight *= BESIDE_WORD;
        }
        match parted.last_mut() {
            Some(last) if is_pair_run(last, start, &known) => {
                last.atoms.1 = end;
                last.text = text[atoms[last.atoms.0].start..atoms[end - 1].end].to_owned();
                last.weight = last.weight.max(need.weight);
                last.variants.append(&mut need.variants);
                last.is_missing &= need.is_missing;
            }
            _ => parted.push(need),
        }
    }
    *needs = parted;
}

/// True for a run of unknown pairs that the pair at `start` goes on.
fn is_pair_run(last: &Need, start: usize, known: &[(usize, usize)]) -> bool {
    last.atoms.1 == start + 1 && !known.contains(&last.atoms) && last.atoms.1 - last.atoms.0 >= 2
}

/// A variant at least this sure means the word, not one character of it.
const WHOLE_WORD: f32 = 0.55;
/// How much a pair counts that a known word overlaps.
const BESIDE_WORD: f32 = 0.4;

/// How much of a word a unit is, by its script: pairs overlap, and endings in Hiragana tell little.
fn script_share(atoms: &[Atom]) -> f32 {
    match (atoms[0].script, atoms[atoms.len() - 1].script) {
        (Script::Hiragana, Script::Hiragana) => 0.15,
        (Script::Hiragana, _) => 0.08,
        (_, Script::Hiragana) => 0.4,
        (script, _) if script.is_dense() => 0.6,
        _ => 1.0,
    }
}

/// Returns words of the vault's names and headings within one or two slips of a word.
fn fuzzy(word: &str, generation: &Generation, weights: &Weights) -> Vec<(Term, f32)> {
    let n_chars = word.chars().count();
    let limit = if n_chars >= 8 { 2 } else { 1 };
    let found = generation.dictionary.near(word, limit, 4);
    found
        .into_iter()
        .map(|(slips, known)| (folded_term(known), if slips == 1 { weights.one_slip } else { weights.two_slips }))
        .collect()
}

/// Finds the options that a question names: names that are options of a claim, joined by "or" or asked about.
fn named(
    text: &str,
    atoms: &[Atom],
    hits: &[Hit],
    joins: &[(usize, usize, Join)],
    generation: &Generation,
    languages: &Languages,
    lang: Lang,
) -> Vec<NamedOption> {
    let mut named: Vec<NamedOption> = Vec::new();
    let mut at = 0;
    while at < atoms.len() {
        let longest = (at + 1..=(at + NAME_ATOMS).min(atoms.len())).rev().find_map(|end| {
            let name = &text[atoms[at].start..atoms[end - 1].end];
            let concepts = generation.graph.named(name);
            let is_option = concepts.iter().any(|concept| generation.is_option(*concept));
            let is_word = hits.iter().any(|hit| {
                hit.start <= at
                    && hit.end >= end
                    && matches!(hit.cue, Cue::Stop | Cue::Generic | Cue::Ask(_) | Cue::Join(_))
            });
            let is_short = name.chars().count() < 2;
            (is_option && !is_word && !is_short).then_some((end, concepts))
        });
        let Some((end, concepts)) = longest else {
            at += 1;
            continue;
        };
        let is_excluded =
            joins.iter().any(|(_, join_end, join)| *join == Join::Instead && *join_end <= at && at - join_end <= 2);
        let terms = languages
            .analyze(&text[atoms[at].start..atoms[end - 1].end], lang)
            .units
            .iter()
            .map(|unit| unit.folded)
            .collect();
        named.push(NamedOption {
            concepts,
            text: text[atoms[at].start..atoms[end - 1].end].to_owned(),
            atoms: (at, end),
            is_excluded,
            is_alternative: false,
            terms,
        });
        at = end;
    }
    let compares = hits.iter().any(|hit| hit.cue == Cue::Ask(Ask::Compare));
    mark_alternatives(text, atoms, joins, compares, &mut named);
    named
}

/// Marks names that stand side by side: joined by "or", "vs" or a comma, and by "and" in a question that compares.
fn mark_alternatives(
    text: &str,
    atoms: &[Atom],
    joins: &[(usize, usize, Join)],
    compares: bool,
    named: &mut [NamedOption],
) {
    for at in 1..named.len() {
        let (left, right) = (named[at - 1].atoms.1, named[at].atoms.0);
        let between = text[atoms[left - 1].end..atoms[right].start].trim();
        let is_joined = joins.iter().any(|(start, end, join)| {
            let reach = match join {
                Join::Or | Join::Versus | Join::Then => 3,
                Join::And if compares => 3,
                Join::And => 1,
                Join::Instead => 0,
            };
            *start >= left && *end <= right && right - left <= reach
        });
        if is_joined || matches!(between, "," | "、" | "/" | "，" | "・") {
            named[at - 1].is_alternative = true;
            named[at].is_alternative = true;
        }
    }
}

/// Returns what stands on both sides of "or" where the vault does not know it as options.
fn alternatives(text: &str, atoms: &[Atom], weights: &[f32], joins: &[(usize, usize, Join)]) -> Vec<NamedOption> {
    let Some((start, end, _)) = joins.iter().find(|(_, _, join)| matches!(join, Join::Or | Join::Versus)) else {
        return Vec::new();
    };
    let carries = |at: usize| weights[at] > 0.3;
    let limit = if atoms[start.saturating_sub(1)].script.is_dense() { 6 } else { 3 };
    let left_start = (0..*start).rev().take(limit).take_while(|at| carries(*at)).last();
    let right_first = (*end..atoms.len()).take(3).find(|at| carries(*at));
    let right_end = right_first
        .map(|first| (first..atoms.len()).take(limit).take_while(|at| carries(*at)).last().unwrap_or(first) + 1);
    let (Some(left_start), Some(right_first), Some(right_end)) = (left_start, right_first, right_end) else {
        return Vec::new();
    };
    let side = |from: usize, to: usize| NamedOption {
        concepts: Vec::new(),
        text: text[atoms[from].start..atoms[to - 1].end].to_owned(),
        atoms: (from, to),
        is_excluded: false,
        is_alternative: true,
        terms: Vec::new(),
    };
    vec![side(left_start, *start), side(right_first, right_end)]
}

/// Marks the words next to the asking word, on either side: `which pan`, `chảo nào`.
fn mark_asked(needs: &mut [Need], hits: &[Hit]) {
    let asking: Vec<&Hit> = hits.iter().filter(|hit| matches!(hit.cue, Cue::Ask(Ask::Which))).collect();
    for ask in asking {
        let after = needs.iter().position(|need| need.atoms.0 >= ask.end && need.atoms.0 <= ask.end + 1);
        let before = needs.iter().rposition(|need| need.atoms.1 <= ask.start && need.atoms.1 + 1 >= ask.start);
        for at in [after, before].into_iter().flatten() {
            needs[at].is_asked = true;
        }
    }
}

/// Marks the words that a negation governs: those right after it, or right before it in languages that negate at the end.
fn mark_negated(needs: &mut [Need], hits: &[Hit], atoms: &[Atom]) {
    for negation in hits.iter().filter(|hit| matches!(hit.cue, Cue::Not | Cue::Without)) {
        for need in needs.iter_mut() {
            need.is_negation |= negation.start <= need.atoms.0 && need.atoms.1 <= negation.end;
            let after = need.atoms.0 >= negation.end && need.atoms.0 <= negation.end + 2;
            // Japanese and Korean negate after the verb.
            let at_end = atoms[negation.start].script.is_dense()
                && need.atoms.1 <= negation.start
                && negation.start - need.atoms.1 <= 2;
            need.is_negated |= after || at_end;
        }
    }
}

/// Numbers the parts of a question that are joined by "and", commas and the like.
fn group(needs: &mut [Need], hits: &[Hit]) {
    let mut cuts: Vec<usize> =
        hits.iter().filter(|hit| matches!(hit.cue, Cue::Join(Join::And | Join::Then))).map(|hit| hit.start).collect();
    cuts.sort_unstable();
    for need in needs {
        need.group = cuts.iter().filter(|cut| **cut <= need.atoms.0).count();
    }
}
