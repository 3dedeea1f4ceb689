//! Which option meets the needs best?
//!
//! Claims add up per option: the best one first, then others of the same option for the needs that it leaves open,
//! those of the same line in full, those further away less.

use rustc_hash::{FxHashMap, FxHashSet};

use super::measure;
use super::meet::Met;
use super::place::Factors;
use super::question::{Direction, Question};
use super::span::{self, Reading, Resolved};
use super::{Switches, Weights};
use crate::claim::{Claim, Field, Kind, Pick, Stance};
use crate::generation::{ClaimId, Entry, Generation};
use crate::language::{Ask, Languages};
use crate::text::{Script, key, same_word};

/// A claim with its score.
#[derive(Clone, Debug)]
pub struct Scored {
    /// How it meets the needs.
    pub met: Met,
    /// From -1 to about 1.
    pub score: f32,
}

/// An option with the claims that speak for it.
#[derive(Clone, Debug)]
pub struct Ranked {
    /// Key of the option.
    pub key: String,
    /// Its total.
    pub total: f32,
    /// Share of the question's weight that its claims cover.
    pub coverage: f32,
    /// Its claims, best first, those that count.
    pub claims: Vec<Scored>,
    /// For each need, how it is covered.
    pub cover: Vec<f32>,
    /// For each need, how the best of all claims of the option meets it.
    pub profile: Vec<f32>,
}

/// Everything ranked.
pub struct Ranking {
    /// Options, best first.
    pub options: Vec<Ranked>,
    /// Claims, best first, whatever their option.
    pub claims: Vec<Scored>,
    /// Sentences that were held against the question.
    pub readings: Vec<Reading>,
    /// What they say for this question.
    pub resolved: Resolved,
}

impl Ranking {
    /// Returns a claim as it is read for this question.
    pub fn claim<'a>(&'a self, id: ClaimId, generation: &'a Generation) -> (&'a Entry, &'a Claim) {
        self.resolved.claim(id, generation)
    }
}

fn kind_weight(kind: Kind, weights: &Weights) -> f32 {
    match kind {
        Kind::Decision => weights.kind_decision,
        Kind::ColumnCell => weights.kind_column,
        Kind::OptionRow => weights.kind_row,
        Kind::Lookup => weights.kind_lookup,
        Kind::UseList => weights.kind_use,
        Kind::Tree => weights.kind_tree,
        Kind::Lead => weights.kind_lead,
        Kind::Rule => weights.kind_rule,
        Kind::Topic => weights.kind_topic,
        Kind::Mention => weights.kind_mention,
    }
}

/// Scores claims and adds them up per option.
pub fn rank(
    question: &Question,
    met: Vec<Met>,
    generation: &Generation,
    languages: &Languages,
    switches: &Switches,
) -> Ranking {
    let total_weight: f32 = question.needs.iter().map(|need| need.weight).sum::<f32>().max(0.001);
    let sides = Sides::of(question);
    let factors = Factors::of(met.iter(), generation, &switches.weights);
    let weigh = |met: &Met, claim: &Claim| {
        score(met, claim, question, &sides, total_weight, generation, &switches.weights)
            * factors.get(met, claim.section)
    };
    let mut claims: Vec<Scored> = met
        .into_iter()
        .map(|met| {
            let score = weigh(&met, generation.claim(met.id).1);
            Scored { met, score }
        })
        .collect();
    claims.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.met.id.cmp(&b.met.id)));
    if switches.is_on("walk") {
        let (carried, signposts) = super::walk::follow(question, &claims, generation);
        let mut changed: FxHashSet<ClaimId> = carried.iter().map(|met| met.id).collect();
        for scored in &mut claims {
            let (_, claim) = generation.claim(scored.met.id);
            if signposts.binary_search(&(scored.met.id.note, claim.lines.0)).is_ok() {
                scored.met.is_signpost = true;
                changed.insert(scored.met.id);
            }
            if let Ok(at) = carried.binary_search_by_key(&scored.met.id, |met| met.id) {
                let by_walk = &carried[at];
                let grows = by_walk.cover.iter().zip(&scored.met.cover).any(|(new, old)| new > old);
                for (old, new) in scored.met.cover.iter_mut().zip(&by_walk.cover) {
                    *old = old.max(*new);
                }
                if grows {
                    scored.met.hop.clone_from(&by_walk.hop);
                }
            }
        }
        let known: FxHashSet<ClaimId> = claims.iter().map(|scored| scored.met.id).collect();
        claims.extend(carried.into_iter().filter(|met| !known.contains(&met.id)).map(|met| Scored { met, score: 0.0 }));
        for scored in claims.iter_mut().filter(|scored| changed.contains(&scored.met.id)) {
            scored.score = weigh(&scored.met, generation.claim(scored.met.id).1);
        }
        claims.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.met.id.cmp(&b.met.id)));
    }
    let (mut readings, mut resolved) = (Vec::new(), Resolved::default());
    if switches.is_on("spans") && matches!(question.intent, Ask::Which | Ask::Avoid | Ask::Amount | Ask::Several) {
        readings = span::read(&claims, question, generation, languages);
        resolved = span::resolve(&readings, generation, &switches.weights);
        for scored in &mut claims {
            if let Some(claim) = resolved.claims.get(&scored.met.id) {
                scored.score = weigh(&scored.met, claim);
            }
        }
        claims.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.met.id.cmp(&b.met.id)));
    }
    let mut by_option: FxHashMap<String, Vec<&Scored>> = FxHashMap::default();
    let mut keys: FxHashMap<&str, String> = FxHashMap::default();
    for scored in claims.iter().filter(|scored| scored.score > 0.0) {
        let (_, claim) = resolved.claim(scored.met.id, generation);
        let mut keep = |key: String| {
            let kept = by_option.entry(key).or_default();
            if kept.len() < 40 {
                kept.push(scored);
            }
        };
        match sides.spoken_of(&scored.met, claim, question, generation) {
            Some(side) => keep(key(&question.named[side].text)),
            None => claim.picks.iter().filter(|pick| counts(pick, question)).for_each(|pick| {
                keep(keys.entry(&pick.name).or_insert_with(|| option_key(&pick.name, generation)).clone());
            }),
        }
    }
    let mut options: Vec<Ranked> = by_option
        .into_iter()
        .map(|(key, claims)| add_up(key, claims, question, total_weight, generation, switches))
        .collect();
    options.sort_by(|a, b| b.total.total_cmp(&a.total).then_with(|| a.key.cmp(&b.key)));
    Ranking { options, claims, readings, resolved }
}

/// Returns the key under which two names are one option: that of their concept, else of the name.
pub fn option_key(name: &str, generation: &Generation) -> String {
    match generation.graph.option(name) {
        Some(concept) => key(generation.graph.name(concept)),
        None => key(name),
    }
}

/// True for picks that can answer: right ones, or wrong ones where the question asks for those.
fn counts(pick: &Pick, question: &Question) -> bool {
    // The second best answers where it is asked for, and else where the verdict falls back on it.
    if pick.is_alternative && !question.asks_alternative {
        return false;
    }
    if question.intent == Ask::Avoid || question.is_negative { true } else { pick.stance != Stance::Against }
}

fn score(
    met: &Met,
    claim: &Claim,
    question: &Question,
    sides: &Sides,
    total_weight: f32,
    generation: &Generation,
    weights: &Weights,
) -> f32 {
    let n_asked = sides.0.len();
    let names_it = n_asked > 1 && claim.picks.iter().any(|pick| is_named(pick, question, generation, false));
    let spoken_of = sides.spoken_of(met, claim, question, generation);
    let covered: f32 = met.cover.iter().zip(&question.needs).map(|(cover, need)| cover * need.weight).sum();
    let mut score = covered / total_weight;
    // A number alone says nothing: the words have to lead to its table.
    score += met.amount * if met.amount > 0.0 { score.min(weights.amount_inside) } else { weights.amount_outside };
    score *=
        kind_weight(claim.kind, weights) * claim.prior * (1.0 - weights.precision + weights.precision * met.precision);
    // Words that only the option's name meets were given, not asked for.
    if n_asked < 2 && met.own_share > 0.6 && matches!(question.intent, Ask::Which | Ask::Avoid) {
        score *= weights.own_name;
    }
    // A line that sends its reader elsewhere is not the answer.
    if met.is_signpost {
        score *= 0.3;
    }
    // A looked-up cell answers only when its header is what is asked for.
    if claim.kind == Kind::Lookup {
        score *= if met.is_asked_kind { weights.asked_kind } else { weights.lookup_unasked };
    } else if met.is_asked_kind {
        score *= weights.asked_kind;
    }
    // `How long`: a figure answers, a name does not.
    if question.asks_amount {
        let is_figure = claim.picks.iter().any(|pick| pick.name.chars().any(char::is_numeric));
        score *= if is_figure { FIGURE } else { NO_FIGURE };
    }
    if names_other_number(met, claim, question) {
        score *= OTHER_NUMBER;
    }
    let is_wrong = claim.picks.iter().any(|pick| pick.stance == Stance::Against);
    if question.intent == Ask::Avoid {
        score *= if is_wrong { 1.1 } else { weights.avoid_right };
    } else if question.is_negative {
        score *= if is_wrong { 1.0 } else { 0.9 };
    }
    if matches!(question.intent, Ask::Which | Ask::Avoid) {
        // The answer is never what the question already has, but for one of the options that it puts side by side.
        let is_one_side = |pick: &Pick| {
            let pick = key(&pick.name);
            let sides = question.named.iter().filter(|option| option.is_alternative);
            n_asked > 1 && sides.filter(|option| stands_in(&option.text, &pick)).count() < 2
        };
        let repeats = |pick: &&Pick| stands_in(&pick.name, &question.key) && !is_one_side(pick) || met.is_own_range;
        if claim.picks.iter().filter(repeats).count() == claim.picks.len() {
            score *= weights.repeats;
        }
    }
    if !question.named.is_empty() && question.intent == Ask::Which {
        let names_excluded = claim.picks.iter().all(|pick| is_named(pick, question, generation, true));
        if names_excluded {
            score *= 0.3;
        } else if n_asked > 1 {
            score *= match names_it {
                true => weights.named,
                false if spoken_of.is_some() => 0.9,
                false => weights.not_named,
            };
        }
    }
    score
}

/// For each option that a question puts side by side: its number in [`Question::named`], the needs that are its name.
struct Sides(Vec<(usize, Vec<usize>)>);

/// A need is met by the line itself, not by what stands above it, from here on.
pub const ON_LINE: f32 = 0.6;

impl Sides {
    fn of(question: &Question) -> Self {
        let needs_in = |atoms: (usize, usize)| {
            let needs = question.needs.iter().enumerate();
            let inside = needs.filter(|(_, need)| atoms.0 <= need.atoms.0 && need.atoms.1 <= atoms.1);
            inside.map(|(at, _)| at).collect()
        };
        let named = question.named.iter().enumerate().filter(|(_, option)| option.is_alternative);
        Self(named.map(|(at, option)| (at, needs_in(option.atoms))).collect())
    }

    /// Returns the one of several options that a line speaks of though it is read as about something else.
    fn spoken_of(&self, met: &Met, claim: &Claim, question: &Question, generation: &Generation) -> Option<usize> {
        if self.0.len() < 2 || claim.picks.iter().any(|pick| is_named(pick, question, generation, false)) {
            return None;
        }
        let is_on_line = |needs: &Vec<usize>| !needs.is_empty() && needs.iter().all(|at| met.cover[*at] >= ON_LINE);
        let mut spoken = self.0.iter().filter(|(_, needs)| is_on_line(needs));
        match (spoken.next(), spoken.next()) {
            (Some((side, _)), None) => Some(*side),
            _ => None,
        }
    }
}

/// True when a claim is for another number than the question's: `error 404` is no answer to `error 503`.
fn names_other_number(met: &Met, claim: &Claim, question: &Question) -> bool {
    let is_number = |text: &str| {
        text.chars().all(|c| c.is_ascii_digit() || c == '.') && text.contains(|c: char| c.is_ascii_digit())
    };
    let is_open = question
        .needs
        .iter()
        .zip(&met.cover)
        .any(|(need, cover)| is_number(&need.text) && need.is_missing && cover.abs() < 0.3);
    let states_number = |part: &crate::claim::Part| {
        matches!(part.field, Field::Need | Field::Option) && part.text.split([' ', ',']).any(is_number)
    };
    is_open && met.amount <= 0.0 && claim.parts.iter().any(states_number)
}

/// How much a claim for another number counts.
const OTHER_NUMBER: f32 = 0.5;
/// How much a figure counts, and how much a name, where a figure is asked for.
const FIGURE: f32 = 1.3;
const NO_FIGURE: f32 = 0.7;

/// Names of this many words and more are found in a text whatever stands between their words.
const LONG_NAME: usize = 4;

/// True when a name stands in a text, both as keys, endings aside.
fn stands_in(name: &str, text: &str) -> bool {
    let name = key(name);
    if name.chars().any(|c| Script::of(c).is_some_and(Script::is_dense)) {
        return text.contains(&name);
    }
    let (name, text): (Vec<&str>, Vec<&str>) = (name.split(' ').collect(), text.split(' ').collect());
    let is_same = |(a, b): (&&str, &&str)| a == b || same_word(a, b);
    if name.len() >= LONG_NAME {
        return name.iter().all(|word| text.iter().any(|own| is_same((word, own))));
    }
    !name[0].is_empty() && text.windows(name.len()).any(|window| name.iter().zip(window).all(is_same))
}

/// Returns how much of the question each of the options put side by side covers, their names aside, best first.
///
/// With each goes the best claim that speaks of it.
pub fn beside<'a>(question: &Question, ranking: &'a Ranking, generation: &Generation) -> Vec<(f32, &'a Ranked, usize)> {
    let is_name = |at: usize| {
        let (start, end) = question.needs[at].atoms;
        question.named.iter().any(|option| option.is_alternative && option.atoms.0 <= start && end <= option.atoms.1)
    };
    let others: f32 = (0..question.needs.len()).filter(|at| !is_name(*at)).map(|at| question.needs[at].weight).sum();
    let mut beside: Vec<(f32, &Ranked, usize)> = Vec::new();
    for (number, named) in question.named.iter().enumerate().filter(|(_, named)| named.is_alternative) {
        let only = Question { named: vec![named.clone()], ..question.clone() };
        let found = ranking.options.iter().find(|option| {
            let (_, claim) = ranking.claim(option.claims[0].met.id, generation);
            claim.picks.iter().any(|pick| {
                option_key(&pick.name, generation) == option.key && is_named(pick, &only, generation, false)
            })
        });
        if let Some(option) = found {
            let covered: f32 = (0..question.needs.len())
                .filter(|at| !is_name(*at))
                .map(|at| option.cover[at].max(0.0) * question.needs[at].weight)
                .sum();
            beside.push((covered / others.max(0.001), option, number));
        }
    }
    beside.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.2.cmp(&b.2)));
    // Two names in the question may be one option of the notes.
    let mut seen: Vec<&str> = Vec::new();
    beside.retain(|(_, option, _)| {
        let is_new = !seen.contains(&option.key.as_str());
        seen.push(&option.key);
        is_new
    });
    beside
}

/// True when the question names the pick's option.
pub fn is_named(pick: &Pick, question: &Question, generation: &Generation, excluded: bool) -> bool {
    let concepts = generation.graph.named(&pick.name);
    let own = key(&pick.name);
    let holds = |words: &[&str], word: &str| {
        words.iter().any(|own| own == &word || own.trim_end_matches('s') == word.trim_end_matches('s'))
    };
    let own_words: Vec<&str> = own.split(' ').collect();
    question.named.iter().filter(|option| option.is_excluded == excluded && (excluded || option.is_alternative)).any(
        |option| {
            let named = key(&option.text);
            let named_words: Vec<&str> = named.split(' ').collect();
            option.concepts.iter().any(|concept| concepts.contains(concept))
                || named == own
                || named_words.iter().all(|word| holds(&own_words, word)) && own_words.len() <= named_words.len() + 2
                || !named.is_ascii() && (own.contains(&named) || named.contains(&own))
                || option.concepts.is_empty() && own_words.iter().all(|word| holds(&named_words, word))
        },
    )
}

fn add_up(
    key: String,
    claims: Vec<&Scored>,
    question: &Question,
    total_weight: f32,
    generation: &Generation,
    switches: &Switches,
) -> Ranked {
    let best = claims[0];
    let (_, best_claim) = generation.claim(best.met.id);
    let mut cover = best.met.cover.clone();
    let mut kept = vec![best.clone()];
    let mut total = best.score;
    if switches.is_on("join") {
        for other in claims.iter().skip(1) {
            let (_, claim) = generation.claim(other.met.id);
            let nearness = nearness(best.met.id, best_claim, other.met.id, claim, &switches.weights);
            let gain: f32 = other
                .met
                .cover
                .iter()
                .zip(&cover)
                .zip(&question.needs)
                .map(|((new, old), need)| (new * nearness - old.max(0.0)).max(0.0) * need.weight)
                .sum::<f32>()
                / total_weight;
            if gain >= switches.weights.join_gain && other.score >= 0.3 * best.score {
                for (old, new) in cover.iter_mut().zip(&other.met.cover) {
                    *old = old.max(new * nearness);
                }
                total += gain * kind_weight(claim.kind, &switches.weights);
                kept.push((*other).clone());
                if kept.len() == 4 {
                    break;
                }
            }
        }
    }
    if switches.is_on("agreement") {
        let others = claims
            .iter()
            .skip(1)
            .filter(|other| {
                other.score > 0.7 * best.score
                    && (other.met.id.note, generation.claim(other.met.id).1.block)
                        != (best.met.id.note, best_claim.block)
            })
            .count();
        total *= 1.0 + 0.02 * (others.min(3) as f32);
    }
    let coverage =
        cover.iter().zip(&question.needs).map(|(cover, need)| cover.max(0.0) * need.weight).sum::<f32>() / total_weight;
    let mut profile = vec![0.0f32; question.needs.len()];
    for scored in &claims {
        for (most, cover) in profile.iter_mut().zip(&scored.met.cover) {
            *most = most.max(*cover);
        }
    }
    Ranked { key, total, coverage, claims: kept, cover, profile }
}

/// Moves the option with the extreme value to the front where the question asks for one.
///
/// Compares cells of one row (options as columns) or of one column (options as rows), whichever the best claim is in.
pub fn order_by_superlative(
    question: &Question,
    ranking: &mut Ranking,
    generation: &Generation,
    languages: &Languages,
) {
    let (Some(direction), Some(best)) = (question.superlative, ranking.options.first()) else { return };
    let bar = 0.6 * best.claims[0].score;
    let found = ranking.claims.iter().take(40).filter(|scored| scored.score >= bar).find_map(|scored| {
        let id = extreme(scored, direction, question, generation, languages)?;
        Some((scored.clone(), id))
    });
    let Some((lead, id)) = found else { return };
    let known = ranking.claims.iter().find(|scored| scored.met.id == id);
    let met = known.map_or_else(|| Met { id, ..lead.met.clone() }, |scored| scored.met.clone());
    let (_, winner) = generation.claim(id);
    let key = option_key(&winner.picks[0].name, generation);
    let front = Ranked {
        key: key.clone(),
        total: best.total,
        coverage: best.coverage,
        cover: lead.met.cover.clone(),
        profile: best.profile.clone(),
        claims: vec![Scored { met, score: lead.score }],
    };
    ranking.options.retain(|option| option.key != key);
    ranking.options.insert(0, front);
}

/// Returns the claim with the extreme value among those beside a claim: in its row, or in the column asked for.
fn extreme(
    scored: &Scored,
    direction: Direction,
    question: &Question,
    generation: &Generation,
    languages: &Languages,
) -> Option<ClaimId> {
    let id = scored.met.id;
    let (entry, claim) = generation.claim(id);
    let column = match claim.kind {
        Kind::ColumnCell => None,
        Kind::OptionRow => Some(asked_header(id, question, generation)?),
        _ => return None,
    };
    let is_sibling = |other: &&(usize, &Claim)| {
        other.1.kind == claim.kind && other.1.block == claim.block && (column.is_some() || other.1.lines == claim.lines)
    };
    let value_of = |other: &Claim| {
        let part = match &column {
            None => other.parts.iter().find(|part| part.field == Field::Value)?,
            Some(header) => {
                let at = other.parts.iter().position(|part| part.field == Field::Header && part.text == *header)?;
                other.parts[..at].last().filter(|part| matches!(part.field, Field::Value | Field::Need | Field::Why))?
            }
        };
        measure::magnitude(&part.text, languages)
    };
    let claims: Vec<(usize, &Claim)> = entry.claims.iter().enumerate().collect();
    let siblings = claims.iter().filter(is_sibling);
    let mut values: Vec<(f64, usize)> =
        siblings.filter_map(|(ordinal, other)| Some((value_of(other)?, *ordinal))).collect();
    values.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    if direction == Direction::Most {
        values.reverse();
    }
    let (first, last) = (values.first()?, values.last()?);
    (values.len() > 1 && first.0 != last.0).then_some(ClaimId { note: id.note, ordinal: first.1 as u32 })
}

/// Returns the header of the column that the question's words name best.
fn asked_header(id: ClaimId, question: &Question, generation: &Generation) -> Option<String> {
    let (entry, claim) = generation.claim(id);
    let terms = entry.part_terms.of(id.ordinal as usize);
    let headers = claim.parts.iter().zip(terms).filter(|(part, _)| part.field == Field::Header);
    let scored = headers.map(|(part, terms)| {
        let met = |need: &&super::question::Need| {
            need.variants.iter().any(|variant| {
                !variant.terms.is_empty() && variant.terms.iter().all(|term| terms.binary_search(term).is_ok())
            })
        };
        (question.needs.iter().filter(met).map(|need| need.weight).sum::<f32>(), part.text.clone())
    });
    scored.filter(|(score, _)| *score > 0.0).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, header)| header)
}

/// How far what two claims say of an option may be added up.
fn nearness(a: ClaimId, a_claim: &Claim, b: ClaimId, b_claim: &Claim, weights: &Weights) -> f32 {
    if a.note != b.note {
        weights.near_other_note
    } else if a_claim.lines == b_claim.lines {
        1.0
    } else if a_claim.block == b_claim.block {
        if a_claim.kind == Kind::Decision { weights.near_decision } else { weights.near_rows }
    } else if a_claim.section == b_claim.section {
        weights.near_section
    } else {
        weights.near_note
    }
}
