//! Which verdict follows from how the needs are covered?

use super::doubt::Signals;
use super::meet::Tally;
use super::question::Question;
use super::weigh::{ON_LINE, Ranked, Ranking, Scored, beside, is_named, option_key};
use super::{
    Answer, ChoiceMade, Evidence, Explain, ExplainedClaim, ExplainedNeed, Near, PathStep, Switches, Verdict, WhyNot,
    conflict, quote,
};
use crate::claim::{Claim, Field, Joined, Kind, Pick, Stance};
use crate::generation::{ClaimId, Generation, Place};
use crate::language::{Ask, Languages};
use rustc_hash::FxHashMap;
use std::ops::ControlFlow;

/// Quotes in an answer at most.
const EVIDENCE_LIMIT: usize = 5;
/// Notes to read next, at most.
const RELATED_LIMIT: usize = 3;

/// Options put side by side depend where both cover the rest of the question, at least this much of it …
const APART_LEAST: f32 = 0.2;
/// … and neither this much more than the other.
const APART_MARGIN: f32 = 0.02;

/// Draws the verdict and quotes for it.
pub fn answer(
    question: &Question,
    ranking: Ranking,
    generation: &Generation,
    languages: &Languages,
    switches: &Switches,
    explain: bool,
) -> Answer {
    let mut answer = Answer {
        schema: 1,
        question: question.text.clone(),
        lang: languages.code(question.lang).to_owned(),
        verdict: Verdict::Unknown,
        choices: Vec::new(),
        confidence: 0.0,
        evidence: Vec::new(),
        why_not: Vec::new(),
        conflicts: Vec::new(),
        missing: question.needs.iter().filter(|need| need.is_missing).map(|need| need.text.clone()).collect(),
        near: Vec::new(),
        related: Vec::new(),
        generation: generation.number,
        elapsed_us: 0,
        explain: explain.then(|| explained(question, &ranking, generation)),
    };
    match question.intent {
        Ask::Compare if named_count(question) > 1 => {
            about(question, &ranking, generation, languages, Verdict::Compare, &mut answer)
        }
        Ask::When => about(question, &ranking, generation, languages, Verdict::When, &mut answer),
        Ask::Describe => about(question, &ranking, generation, languages, Verdict::Describe, &mut answer),
        _ => choose(question, &ranking, generation, languages, switches, &mut answer),
    }
    if answer.verdict == Verdict::Unknown {
        answer.choices.clear();
        answer.evidence = closest(&ranking, generation);
        answer.conflicts.clear();
        answer.near = near(question, generation);
    }
    answer.related = related(&answer, generation);
    answer
}

/// Returns the lines that come nearest to a question which the notes do not answer for sure: a reader may see what the
/// rules do not.
fn closest(ranking: &Ranking, generation: &Generation) -> Vec<Evidence> {
    let section = |id: ClaimId| (id.note, generation.claim(id).1.section);
    let mut ids: Vec<ClaimId> = Vec::new();
    for scored in ranking.claims.iter().filter(|scored| scored.score >= CLOSE) {
        if ids.len() < CLOSEST_LIMIT && !ids.iter().any(|id| section(*id) == section(scored.met.id)) {
            ids.push(scored.met.id);
        }
    }
    ids.into_iter().map(|id| quote::evidence(&[id], &ranking.resolved, generation)).collect()
}

/// Lines with a lower score are not close to anything.
const CLOSE: f32 = 0.2;
/// Lines shown where the notes do not answer.
const CLOSEST_LIMIT: usize = 3;

/// Returns the titles of notes to read next: those about the options, then those that quoted lines link to.
fn related(answer: &Answer, generation: &Generation) -> Vec<String> {
    let graph = &generation.graph;
    let about = answer
        .choices
        .iter()
        .filter_map(|choice| graph.named(&choice.name).into_iter().find_map(|concept| graph.note(concept)));
    let linked = answer.evidence.iter().flat_map(|quote| {
        let at = generation.note_at(&quote.note);
        let links = at.map(|at| (at, &generation.entries[at as usize].note.links));
        links.into_iter().flat_map(move |(at, links)| {
            let quoted =
                links.iter().enumerate().filter(|(_, link)| (quote.lines.0..=quote.lines.1).contains(&link.line));
            quoted.filter_map(move |(ordinal, _)| graph.target(at, ordinal).map(|target| target.note))
        })
    });
    let mut titles: Vec<String> = Vec::new();
    for note in about.chain(linked) {
        let note = &generation.entries[note as usize].note;
        let is_quoted = answer.evidence.iter().any(|quote| quote.note == note.path);
        if !is_quoted && !titles.contains(&note.title) && titles.len() < RELATED_LIMIT {
            titles.push(note.title.clone());
        }
    }
    titles
}

fn named_count(question: &Question) -> usize {
    question.named.iter().filter(|option| !option.is_excluded).count()
}

fn choose(
    question: &Question,
    ranking: &Ranking,
    generation: &Generation,
    languages: &Languages,
    switches: &Switches,
    answer: &mut Answer,
) {
    let Some(best) = ranking.options.first() else {
        return;
    };
    answer.confidence = rounded(Signals::of(best, question, ranking, generation).probability(&switches.weights));
    if switches.is_on("refusal") && answer.confidence < switches.weights.answer_bar {
        return;
    }
    let lead = &best.claims[0];
    let (_, claim) = ranking.claim(lead.met.id, generation);
    let mut right: Vec<&Pick> = claim
        .picks
        .iter()
        .filter(|pick| {
            !pick.is_alternative
                && (pick.stance != Stance::Against || question.is_negative || question.intent == Ask::Avoid)
        })
        .collect();
    let beside = beside(question, ranking, generation);
    let made = |pick: &Pick, score: f32| ChoiceMade {
        name: shown(&pick.name),
        condition: pick.condition.clone(),
        score: rounded(score),
    };
    // The next of a ranking where the question rules the first one out.
    let is_ruled_out = right.len() == 1 && question.key.contains(&crate::text::key(&right[0].name));
    let next = (claim.picks.len() > 1 && (is_ruled_out || question.asks_alternative))
        .then(|| {
            claim.picks.iter().find(|pick| pick.is_alternative && !question.key.contains(&crate::text::key(&pick.name)))
        })
        .flatten();
    if let Some(next) = next {
        right = vec![next];
    }
    let narrowed = narrowed(&right, question, generation, languages);
    // `A or B?` with nothing that tells them apart depends: each under what the notes say of it.
    let apart = match beside.as_slice() {
        [first, second, ..] => first.0 < APART_LEAST || first.0 - second.0 >= APART_MARGIN,
        _ => true,
    };
    if !apart && narrowed.is_none() {
        answer.verdict = Verdict::Depends;
        answer.choices = beside
            .iter()
            .map(|(_, option, _)| {
                let (_, claim) = ranking.claim(option.claims[0].met.id, generation);
                let pick = claim
                    .picks
                    .iter()
                    .find(|pick| option_key(&pick.name, generation) == option.key)
                    .unwrap_or(&claim.picks[0]);
                let need = claim
                    .parts
                    .iter()
                    .find(|part| matches!(part.field, Field::Need | Field::Value))
                    .map(|part| part.text.clone());
                ChoiceMade {
                    name: shown(&pick.name),
                    condition: pick.condition.clone().or(need),
                    score: rounded(option.total),
                }
            })
            .collect();
    } else if let Some(pick) = narrowed {
        answer.verdict = Verdict::Choose;
        answer.choices = vec![made(pick, best.total)];
    } else if right.len() > 1 {
        answer.verdict = match claim.join {
            Joined::Combine => Verdict::Combine,
            Joined::Depends => Verdict::Depends,
            _ => Verdict::Either,
        };
        answer.choices = right.iter().map(|pick| made(pick, best.total)).collect();
    } else {
        let ties = ties(best, lead, claim, ranking, question, generation, switches.weights.tie);
        if ties.len() + 1 >= LEAST_ALL && ties.len() + 1 >= n_options(lead.met.id, generation) {
            // Every row of a table does as well: the words led to the table and to none of its rows.
            return;
        }
        answer.verdict = if ties.is_empty() { Verdict::Choose } else { Verdict::Either };
        let other_part = if ties.is_empty() { other_part(best, ranking, question, generation) } else { None };
        let own = claim.picks.iter().find(|pick| option_key(&pick.name, generation) == best.key);
        let pick = next.or(own).unwrap_or(&claim.picks[0]);
        answer.choices = std::iter::once(made(pick, best.total)).chain(ties).collect();
        if let Some(option) = other_part {
            let (_, claim) = ranking.claim(option.claims[0].met.id, generation);
            let pick = claim.picks.iter().find(|pick| option_key(&pick.name, generation) == option.key);
            answer.verdict = Verdict::Combine;
            answer.choices.extend(pick.map(|pick| made(pick, option.total)));
        }
    }
    // The deciding claims of one block make one quote; other blocks of the option follow, then the runners-up.
    let mut quotes: Vec<Vec<ClaimId>> = Vec::new();
    if answer.verdict == Verdict::Depends && !apart {
        beside.iter().for_each(|(_, option, _)| add_quote(option.claims[0].met.id, &mut quotes, generation));
    }
    for scored in &best.claims {
        add_quote(scored.met.id, &mut quotes, generation);
    }
    for option in
        ranking.options.iter().skip(1).take(6).filter(|option| option.total >= switches.weights.tie * best.total)
    {
        add_quote(option.claims[0].met.id, &mut quotes, generation);
    }
    for scored in ranking.claims.iter().take(40).filter(|scored| scored.score > 0.5 * lead.score) {
        if quotes.len() < EVIDENCE_LIMIT {
            let block = |id: ClaimId| (id.note, ranking.claim(id, generation).1.section);
            if !quotes.iter().any(|quote| block(quote[0]) == block(scored.met.id)) {
                quotes.push(vec![scored.met.id]);
            }
        }
    }
    quotes.truncate(EVIDENCE_LIMIT);
    answer.evidence = quotes.iter().map(|ids| quote::evidence(ids, &ranking.resolved, generation)).collect();
    answer.conflicts = conflict::of_answer(question, &quotes.concat(), ranking, generation, languages);
    for (evidence, ids) in answer.evidence.iter_mut().zip(&quotes) {
        let walked = ranking.claims.iter().find(|scored| scored.met.id == ids[0]);
        if let Some(scored) = walked {
            evidence.path.splice(0..0, steps(scored, question, generation));
        }
    }
    why_not(question, ranking, generation, answer);
}

/// Returns the steps by which the question's words lead to a claim that does not hold them itself.
fn steps(scored: &Scored, question: &Question, generation: &Generation) -> Vec<PathStep> {
    let mut steps: Vec<PathStep> = Vec::new();
    let (entry, claim) = generation.claim(scored.met.id);
    if let Some(hop) = &scored.met.hop {
        let note = &generation.entries[hop.note as usize].note;
        let met =
            question.needs.iter().enumerate().filter(|(at, need)| scored.met.cover[*at] > 0.3 && need.weight > 0.5);
        let words = met.map(|(_, need)| need.text.as_str()).collect::<Vec<_>>().join(" ");
        let step = |from: String, edge: &str, to: String| PathStep {
            from,
            edge: edge.to_owned(),
            to,
            note: note.path.clone(),
            line: hop.line,
        };
        steps.push(step(words, "explained in", note.title.clone()));
        steps.push(step(note.title.clone(), "links", hop.to.clone()));
        return steps;
    }
    // A word that is met through a concept came over one of its names.
    for (at, need) in question.needs.iter().enumerate() {
        let variant = scored.met.via[at].and_then(|number| need.variants.get(number));
        let Some(concept) = variant.and_then(|variant| variant.over) else { continue };
        let to = generation.graph.name(concept).to_owned();
        if let Some(known) = steps.iter_mut().find(|known| known.to == to) {
            known.from = format!("{} {}", known.from, need.text);
            continue;
        }
        let own = generation.graph.note(concept).map(|note| (generation.entries[note as usize].note.path.clone(), 1));
        let (note, line) = own.unwrap_or_else(|| (entry.note.path.clone(), claim.lines.0));
        steps.push(PathStep { from: need.text.clone(), edge: "names".to_owned(), to, note, line });
    }
    steps
}

fn shown(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn rounded(score: f32) -> f32 {
    (score.clamp(0.0, 1.0) * 1000.0).round() / 1000.0
}

fn add_quote(id: ClaimId, quotes: &mut Vec<Vec<ClaimId>>, generation: &Generation) {
    let place = |id: ClaimId| {
        let (_, claim) = generation.claim(id);
        (id.note, claim.block, claim.section)
    };
    match quotes.iter_mut().find(|quote| place(quote[0]) == place(id)) {
        Some(quote) => {
            if !quote.contains(&id) && quote.len() < 4 {
                quote.push(id);
            }
        }
        None => quotes.push(vec![id]),
    }
}

/// Of several picks the one that the question singles out: it names it, or it meets its condition alone.
///
/// A default holds where the condition of no exception is met.
fn narrowed<'a>(
    picks: &[&'a Pick],
    question: &Question,
    generation: &Generation,
    languages: &Languages,
) -> Option<&'a Pick> {
    if picks.len() < 2 {
        return None;
    }
    let named: Vec<&&Pick> = picks.iter().filter(|pick| is_named(pick, question, generation, false)).collect();
    if let ([pick], true) = (named.as_slice(), question.named.iter().any(|option| option.is_alternative)) {
        return Some(pick);
    }
    let fit =
        |pick: &Pick| pick.condition.as_ref().map_or(0.0, |condition| condition_fit(condition, question, languages));
    let fits: Vec<(f32, &&Pick)> = picks.iter().map(|pick| (fit(pick), pick)).collect();
    let best = fits.iter().map(|(fit, _)| *fit).fold(0.0, f32::max);
    let met: Vec<&&Pick> =
        fits.iter().filter(|(fit, _)| *fit > 0.0 && *fit >= best * 0.99).map(|(_, pick)| *pick).collect();
    match met.as_slice() {
        [pick] => Some(pick),
        _ if picks.iter().any(|pick| pick.is_exception) => picks.iter().find(|pick| !pick.is_exception).copied(),
        _ => None,
    }
}

/// Returns how much of a condition the question has, by weight of the question's words.
fn condition_fit(condition: &str, question: &Question, languages: &Languages) -> f32 {
    let ranges = super::measure::ranges(condition, languages);
    let amounts: Vec<bool> =
        question.amounts.iter().flat_map(|amount| ranges.iter().filter_map(|range| range.holds(amount))).collect();
    if amounts.contains(&false) && !amounts.contains(&true) {
        return 0.0;
    }
    let by_amount = if amounts.contains(&true) { 10.0 } else { 0.0 };
    let terms = languages.analyze(condition, question.lang).terms();
    let met = |need: &&super::question::Need| {
        need.variants.iter().any(|variant| {
            variant.similarity >= 0.5
                && !variant.terms.is_empty()
                && variant.terms.iter().all(|term| terms.binary_search(term).is_ok())
        })
    };
    by_amount + question.needs.iter().filter(met).map(|need| need.weight).sum::<f32>()
}

/// Other options that do as well by the same needs: of the same block, or of the same note where all that fit are asked
/// for.
fn ties(
    best: &Ranked,
    lead: &Scored,
    claim: &Claim,
    ranking: &Ranking,
    question: &Question,
    generation: &Generation,
    tie: f32,
) -> Vec<ChoiceMade> {
    let mut ties = Vec::new();
    if question.superlative.is_some() {
        return ties;
    }
    for other in ranking.options.iter().skip(1).take(8) {
        let (_, other_claim) = ranking.claim(other.claims[0].met.id, generation);
        let same_place = other.claims[0].met.id.note == lead.met.id.note
            && other_claim.block == claim.block
            && claim.block.is_some()
            && other_claim.kind == claim.kind;
        let is_row = matches!(claim.kind, Kind::ColumnCell | Kind::OptionRow);
        // Items of one list tie only when the same words lead to each.
        let same_words = claim.kind != Kind::Decision && same_cover(&lead.met.cover, &other.claims[0].met.cover);
        let is_tie = same_place && (is_row || same_words) && other.total >= tie * best.total;
        // Asked for all that fit, every line of the note that meets as much answers.
        let also_fits = question.asks_several
            && other.claims[0].met.id.note == lead.met.id.note
            && other_claim.kind == claim.kind
            && other.total >= ALSO_FITS * best.total
            && meets_as_much(&lead.met.cover, &other.claims[0].met.cover);
        if (is_tie || also_fits) && other_claim.picks.len() == 1 {
            ties.push(ChoiceMade {
                name: shown(&other_claim.picks[0].name),
                condition: None,
                score: rounded(other.total),
            });
        }
    }
    if ties.len() > TIE_LIMIT && !question.asks_several { Vec::new() } else { ties }
}

/// Of a question with several parts, the option that meets the part which the best one leaves open.
fn other_part<'a>(
    best: &Ranked,
    ranking: &'a Ranking,
    question: &Question,
    generation: &Generation,
) -> Option<&'a Ranked> {
    let total: f32 = question.needs.iter().map(|need| need.weight).sum();
    let needs_of = |group: usize| (0..question.needs.len()).filter(move |at| question.needs[*at].group == group);
    let weight = |group: usize| needs_of(group).map(|at| question.needs[at].weight).sum::<f32>();
    let met = |option: &Ranked, group: usize| {
        needs_of(group).map(|at| option.cover[at].max(0.0) * question.needs[at].weight).sum::<f32>()
            / weight(group).max(0.001)
    };
    let mut groups: Vec<usize> = question.needs.iter().map(|need| need.group).collect();
    groups.dedup();
    groups.retain(|group| weight(*group) >= PART * total);
    let answered = groups.iter().copied().find(|group| met(best, *group) >= PART_MET)?;
    let open = groups.iter().copied().find(|group| met(best, *group) < PART_OPEN)?;
    let note = |option: &Ranked| option.claims[0].met.id.note;
    ranking.options.iter().skip(1).take(20).find(|option| {
        note(option) == note(best)
            && met(option, open) >= PART_MET
            && met(option, answered) < PART_OPEN
            && matches!(ranking.claim(option.claims[0].met.id, generation).1.kind, Kind::Decision | Kind::Tree)
    })
}

/// Share of a question's weight that makes a part of it one of its own.
const PART: f32 = 0.25;
/// How far an option has to meet a part to answer it …
const PART_MET: f32 = 0.55;
/// … and below what the part is open.
const PART_OPEN: f32 = 0.35;

/// How many options the block of a claim has, in the same reading.
fn n_options(id: ClaimId, generation: &Generation) -> usize {
    let (entry, claim) = generation.claim(id);
    let beside = entry.claims.iter().filter(|other| other.block == claim.block && other.kind == claim.kind);
    let mut keys: Vec<String> =
        beside.flat_map(|other| &other.picks).map(|pick| option_key(&pick.name, generation)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.len()
}

/// Options of a table from here on that all tie answer nothing; two may.
const LEAST_ALL: usize = 3;
/// More options than this that do equally well tell nothing.
const TIE_LIMIT: usize = 4;
/// Share of the best total that an option needs to fit as well where all are asked for.
const ALSO_FITS: f32 = 0.8;

/// True when the second claim meets each word well that the first one does.
fn meets_as_much(first: &[f32], second: &[f32]) -> bool {
    first.iter().zip(second).all(|(first, second)| *first < ON_LINE || *second >= 0.9 * ON_LINE)
}

/// True when two claims meet the same words equally well.
fn same_cover(a: &[f32], b: &[f32]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() < 0.05)
}

/// How much more a thing's own note tells of it than others do.
const OWN_NOTE: f32 = 1.6;

/// A section's best score, the named options that it speaks of, and its claims.
type Block = (f32, Vec<bool>, Vec<ClaimId>);

/// Answers questions about options that are named: their comparison, their conditions, what they are.
fn about(
    question: &Question,
    ranking: &Ranking,
    generation: &Generation,
    languages: &Languages,
    verdict: Verdict,
    answer: &mut Answer,
) {
    let named: Vec<_> = question.named.iter().filter(|option| !option.is_excluded).collect();
    // A block counts by its best claims, and more for each named option that it speaks of.
    let mut blocks: FxHashMap<(u32, usize), Block> = FxHashMap::default();
    for scored in ranking.claims.iter().take(300) {
        let (_, claim) = ranking.claim(scored.met.id, generation);
        let place = (scored.met.id.note, claim.section);
        let entry = blocks.entry(place).or_insert_with(|| (0.0, vec![false; named.len()], Vec::new()));
        let fits = match (verdict, claim.kind) {
            (Verdict::When, Kind::UseList | Kind::Decision) => 1.3,
            (Verdict::When, Kind::Rule | Kind::Lead | Kind::Tree | Kind::OptionRow) => 1.1,
            // A sentence that mentions the option tells less of its uses than the list of them.
            (Verdict::When, Kind::Topic) => 0.6,
            (Verdict::Compare, Kind::ColumnCell | Kind::OptionRow) => 1.15,
            _ => 1.0,
        };
        let mut speaks = false;
        for (at, option) in named.iter().enumerate() {
            let about = claim.picks.iter().any(|pick| {
                let concepts = generation.graph.named(&pick.name);
                option.concepts.iter().any(|concept| concepts.contains(concept))
            });
            entry.1[at] |= about;
            speaks |= about;
        }
        // What a thing is stands in its own note; when it is wrong, in what speaks against it.
        let is_own = named
            .iter()
            .flat_map(|option| &option.concepts)
            .any(|concept| generation.graph.note(*concept) == Some(scored.met.id.note));
        let is_against = claim.picks.iter().any(|pick| pick.stance == Stance::Against);
        let side = match verdict {
            Verdict::Describe if is_own => OWN_NOTE,
            Verdict::When if question.is_negative == is_against => OWN_NOTE,
            _ => 1.0,
        };
        let score = scored.score.max(0.05) * fits * side * if speaks { 1.5 } else { 0.8 };
        if score > entry.0 {
            entry.0 = score;
            entry.2.insert(0, scored.met.id);
        } else if entry.2.len() < 4 && speaks {
            entry.2.push(scored.met.id);
        }
    }
    // Where something speaks of the one option, the rest is beside the point.
    let is_spoken_of = verdict == Verdict::When && blocks.values().any(|(_, seen, _)| seen.contains(&true));
    let mut blocks: Vec<_> = blocks
        .into_iter()
        .filter(|(_, (_, seen, _))| !is_spoken_of || seen.contains(&true))
        .map(|(place, (score, seen, ids))| {
            let share = seen.iter().filter(|seen| **seen).count() as f32 / named.len().max(1) as f32;
            (score * (0.4 + share), place, ids)
        })
        .collect();
    blocks.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let Some((score, ..)) = blocks.first() else {
        return;
    };
    answer.confidence = score.clamp(0.0, 1.0);
    answer.verdict = verdict;
    if verdict != Verdict::Describe {
        answer.choices = named
            .iter()
            .map(|option| ChoiceMade {
                name: option
                    .concepts
                    .first()
                    .map_or_else(|| option.text.clone(), |concept| shown(generation.graph.name(*concept))),
                condition: None,
                score: rounded(*score),
            })
            .collect();
    }
    let quotes: Vec<Vec<ClaimId>> = blocks
        .iter()
        .take(3)
        .map(|(_, _, ids)| {
            let mut ids = ids.clone();
            ids.truncate(4);
            let block = ranking.claim(ids[0], generation).1.block;
            ids.retain(|id| ranking.claim(*id, generation).1.block == block);
            ids
        })
        .collect();
    answer.evidence = quotes.iter().map(|ids| quote::evidence(ids, &ranking.resolved, generation)).collect();
    answer.conflicts = conflict::of_answer(question, &quotes.concat(), ranking, generation, languages);
    // Claims of several readings may stand on the same lines.
    let mut seen = Vec::new();
    answer.evidence.retain(|quote| {
        let place = (quote.note.clone(), quote.rows.clone());
        let is_new = !seen.contains(&place);
        seen.push(place);
        is_new
    });
}

/// What speaks against the options that the question names and the answer does not.
fn why_not(question: &Question, ranking: &Ranking, generation: &Generation, answer: &mut Answer) {
    for option in question.named.iter().filter(|option| !option.is_excluded) {
        let is_chosen = answer.choices.iter().any(|choice| {
            let concepts = generation.graph.named(&choice.name);
            option.concepts.iter().any(|concept| concepts.contains(concept))
        });
        if is_chosen {
            continue;
        }
        let against = ranking.claims.iter().take(60).find(|scored| {
            let (_, claim) = ranking.claim(scored.met.id, generation);
            let about = claim.picks.iter().any(|pick| {
                let concepts = generation.graph.named(&pick.name);
                option.concepts.iter().any(|concept| concepts.contains(concept))
            });
            about && (scored.score < 0.0 || claim.picks.iter().any(|pick| pick.stance == Stance::Against))
        });
        if let Some(scored) = against {
            answer.why_not.push(WhyNot {
                name: option.text.clone(),
                evidence: vec![quote::evidence(&[scored.met.id], &ranking.resolved, generation)],
            });
        }
    }
}

/// Headings that are named where the notes do not say.
const N_NEAR: usize = 3;

/// Returns the headings of the sections that hold most of the question.
fn near(question: &Question, generation: &Generation) -> Vec<Near> {
    let mut tally = Tally::new(generation.places().n_sections());
    for need in &question.needs {
        tally.next_need();
        let mut variants: Vec<_> = need.variants.iter().filter(|variant| variant.terms.len() == 1).collect();
        variants.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
        for variant in variants {
            generation.visit(variant.terms[0], |place| {
                if let Place::Section(section) = place {
                    tally.add(section, need.weight * variant.similarity);
                }
                ControlFlow::Continue(())
            });
        }
    }
    let mut scores = tally.best(N_NEAR);
    scores.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    scores
        .into_iter()
        .map(|(number, _)| {
            let (note, section) = generation.places().section(number);
            let note = &generation.entries[note as usize].note;
            let section = &note.sections[section as usize];
            Near { note: note.path.clone(), heading: section.text.clone(), line: section.line }
        })
        .collect()
}

fn explained(question: &Question, ranking: &Ranking, generation: &Generation) -> Explain {
    let signals = ranking.options.first().map(|best| Signals::of(best, question, ranking, generation).named());
    let mut signals = signals.unwrap_or_default();
    let sides = beside(question, ranking, generation);
    signals.extend(sides.iter().take(2).enumerate().map(|(at, side)| (format!("side_{}", at + 1), side.0)));
    Explain {
        signals,
        intent: format!("{:?}{}", question.intent, if question.is_negative { ", negative" } else { "" }),
        needs: question
            .needs
            .iter()
            .map(|need| ExplainedNeed {
                text: need.text.clone(),
                weight: need.weight,
                via: need.variants.iter().map(|variant| format!("{} {:.2}", variant.via, variant.similarity)).collect(),
            })
            .collect(),
        claims: ranking
            .claims
            .iter()
            .take(400)
            .map(|scored| {
                let (entry, claim) = ranking.claim(scored.met.id, generation);
                ExplainedClaim {
                    options: claim.picks.iter().map(|pick| pick.name.clone()).collect(),
                    place: format!("{}:{}", entry.note.path, claim.lines.0),
                    kind: format!("{:?}", claim.kind),
                    score: scored.score,
                    met: scored
                        .met
                        .cover
                        .iter()
                        .zip(&question.needs)
                        .filter(|(cover, _)| **cover != 0.0)
                        .map(|(cover, need)| format!("{} {cover:.2}", need.text))
                        .collect(),
                }
            })
            .collect(),
    }
}
