//! Which notes contradict each other?
//!
//! Two facts contradict when they are of the same option and the same needs, in the same surroundings, and cannot both
//! hold: has and lacks, recommended and opposed, two numbers of one unit. A mark with a remark, a range or a word of
//! degree contradicts nothing: it is better to miss one than to invent one. Settles nothing: both sides are quoted.

use rustc_hash::{FxHashMap, FxHashSet};

use super::question::{Need, Question, Variant};
use super::span::Resolved;
use super::weigh::Ranking;
use super::{Evidence, measure, quote};
use crate::claim::{Claim, Fact, Kind, Says, facts};
use crate::generation::{ClaimId, Entry, Generation};
use crate::graph::ConceptId;
use crate::language::{Ask, Cue, Lang, Languages};
use crate::note::{BlockKind, Note};
use crate::text::{Script, Term, atoms, key};

/// Quotes of contradictions in one answer, at most.
const QUOTES_LIMIT: usize = 4;
/// A thing with more different numbers than this is measured again and again, not disputed.
const NUMBERS_LIMIT: usize = 3;
/// Places that state the same need of one option at most.
const STATED_LIMIT: usize = 24;
/// Claims that count as nearly quoted: so many, with this share of the best score.
const CLOSE_LIMIT: usize = 12;
const CLOSE: f32 = 0.5;
/// A variant below this is another word.
const SAME_WORD: f32 = 0.6;
/// Names of up to this many words are looked for in headings.
const NAME_WORDS: usize = 6;

/// Places that cannot all be right.
#[derive(Clone, Debug, PartialEq)]
pub struct Contradiction {
    /// The option that they speak of.
    pub option: String,
    /// The criterion or need, as one of them words it.
    pub need: String,
    /// The places, those changed last first.
    pub quotes: Vec<Evidence>,
}

/// A fact in the form in which two can be compared.
#[derive(Clone, Debug)]
struct Statement {
    id: ClaimId,
    option: ConceptId,
    /// Keys of the needs, sorted.
    needs: Vec<String>,
    need: String,
    side: Side,
    /// What headings say beside names and common words.
    surroundings: Vec<String>,
}

/// What excludes what.
#[derive(Clone, Debug, PartialEq)]
enum Side {
    Has(bool),
    Recommended(bool),
    Number(f64, String),
}

impl Side {
    fn excludes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Has(a), Self::Has(b)) | (Self::Recommended(a), Self::Recommended(b)) => a != b,
            (Self::Number(a, unit), Self::Number(b, other)) => unit == other && a != b,
            _ => false,
        }
    }
}

/// Returns all contradictions of the notes, by the note and line of their first place. Cost: linear in the claims.
pub fn contradictions(generation: &Generation, languages: &Languages) -> Vec<Contradiction> {
    let mut same: FxHashMap<(ConceptId, Vec<String>), Vec<Statement>> = FxHashMap::default();
    for (note, entry) in generation.entries.iter().enumerate() {
        let mut reader = Reader::new(generation, languages, note as u32);
        for ordinal in 0..entry.claims.len() {
            for statement in reader.statements(ordinal as u32) {
                same.entry((statement.option, statement.needs.clone())).or_default().push(statement);
            }
        }
    }
    let mut found: Vec<(ClaimId, Contradiction)> = Vec::new();
    for statements in same.into_values().filter(|statements| statements.len() > 1) {
        let ids = contradicting(&statements, generation);
        if let Some(first) = ids.iter().min_by_key(|id| (id.note, id.ordinal)) {
            let shown = statements.iter().find(|statement| statement.id == *first).unwrap_or(&statements[0]);
            let option = generation.graph.name(shown.option).to_owned();
            let quotes = quotes(&ids, generation);
            found.push((*first, Contradiction { option, need: shown.need.clone(), quotes }));
        }
    }
    found.sort_by(|(a, x), (b, y)| (a.note, a.ordinal, &x.need).cmp(&(b.note, b.ordinal, &y.need)));
    found.into_iter().map(|(_, contradiction)| contradiction).collect()
}

/// Returns quotes that contradict what answers a question, with those that they contradict, newest first.
///
/// What answers is what is quoted and what nearly was; of a row with many cells, those that the question's words meet.
/// Both sides stand among the claims that these words led to.
pub(super) fn of_answer(
    question: &Question,
    quoted: &[ClaimId],
    ranking: &Ranking,
    generation: &Generation,
    languages: &Languages,
) -> Vec<Evidence> {
    let best = ranking.claims.first().map_or(0.0, |scored| scored.score);
    let close = ranking.claims.iter().take(CLOSE_LIMIT).filter(|scored| scored.score >= CLOSE * best);
    let mut ids: Vec<ClaimId> = quoted.to_vec();
    let asks_about = matches!(question.intent, Ask::Compare | Ask::When | Ask::Describe);
    if !asks_about {
        ids.extend(close.map(|scored| scored.met.id));
    }
    ids.sort_unstable();
    ids.dedup();
    let read = |id: &ClaimId| Reader::new(generation, languages, id.note).statements(id.ordinal);
    let mut own: Vec<Statement> = ids.iter().flat_map(read).collect();
    own.retain(|own| asks_about || is_asked(own, question, generation, languages));
    if own.is_empty() {
        return Vec::new();
    }
    // Equal needs have equal terms: cheaper to compare than names, which most claims would be asked for in vain.
    let terms = |id: ClaimId| {
        let terms = generation.entries[id.note as usize].part_terms.of(id.ordinal as usize);
        terms.filter(|terms| !terms.is_empty())
    };
    let own_terms: FxHashSet<&[Term]> = own.iter().flat_map(|own| terms(own.id)).collect();
    let named: FxHashSet<ConceptId> = own.iter().map(|statement| statement.option).collect();
    let mut keyed = Keyed::default();
    let mut readers: FxHashMap<u32, Reader<'_>> = FxHashMap::default();
    let mut found: Vec<ClaimId> = Vec::new();
    for scored in &ranking.claims {
        let id = scored.met.id;
        let (_, claim) = generation.claim(id);
        let is_same = |name: &str| generation.graph.option(name).is_some_and(|option| named.contains(&option));
        if !may_state(claim)
            || !terms(id).any(|terms| own_terms.contains(terms))
            || !claim.picks.iter().any(|pick| is_same(&pick.name))
        {
            continue;
        }
        let reader = readers.entry(id.note).or_insert_with(|| Reader::new(generation, languages, id.note));
        for statement in reader.statements(id.ordinal) {
            for own in &own {
                if !contradict(own, &statement, generation, &mut keyed) {
                    continue;
                }
                found.extend([own.id, id].iter().filter(|id| !found.contains(id)).copied().collect::<Vec<_>>());
            }
        }
    }
    let mut quotes = quotes(&found, generation);
    quotes.truncate(QUOTES_LIMIT);
    quotes
}

/// True when the question's words meet the need.
fn is_asked(own: &Statement, question: &Question, generation: &Generation, languages: &Languages) -> bool {
    let terms = languages.analyze(&own.need, generation.entries[own.id.note as usize].lang).terms();
    let is_met = |need: &Need| {
        let by = |variant: &Variant| {
            variant.similarity >= SAME_WORD
                && !variant.terms.is_empty()
                && variant.terms.iter().all(|term| terms.binary_search(term).is_ok())
        };
        need.variants.iter().any(by)
    };
    question.needs.iter().any(is_met)
}

/// True when two facts of one option and one need cannot both hold, whatever surrounds them.
pub(super) fn exclude(a: &Fact<'_>, b: &Fact<'_>, languages: &Languages) -> bool {
    side(a, languages).zip(side(b, languages)).is_some_and(|(a, b)| a.excludes(&b))
}

/// Quotes each place once, newest first.
fn quotes(ids: &[ClaimId], generation: &Generation) -> Vec<Evidence> {
    let mut places: Vec<(u32, u32)> = Vec::new();
    let mut dated: Vec<(Option<i64>, Evidence)> = Vec::new();
    for id in ids {
        let place = (id.note, generation.claim(*id).1.lines.0);
        if !places.contains(&place) {
            places.push(place);
            dated.push((generation.changed(id.note), quote::evidence(&[*id], &Resolved::default(), generation)));
        }
    }
    dated.sort_by(|(a, x), (b, y)| b.cmp(a).then_with(|| (&x.note, x.lines).cmp(&(&y.note, y.lines))));
    dated.into_iter().map(|(_, quote)| quote).collect()
}

/// Returns the claims that contradict at least one other.
///
/// What is stated very often is data, not a decision that somebody forgot to correct.
fn contradicting(statements: &[Statement], generation: &Generation) -> Vec<ClaimId> {
    let mut ids = Vec::new();
    if statements.len() > STATED_LIMIT {
        return ids;
    }
    let mut keyed = Keyed::default();
    for (at, a) in statements.iter().enumerate() {
        for b in &statements[at + 1..] {
            if contradict(a, b, generation, &mut keyed) {
                ids.extend([a.id, b.id]);
            }
        }
    }
    ids.sort_unstable_by_key(|id| (id.note, id.ordinal));
    ids.dedup();
    let numbers = statements.iter().filter_map(|statement| match &statement.side {
        Side::Number(number, _) => Some(number.to_bits()),
        _ => None,
    });
    if numbers.collect::<FxHashSet<_>>().len() > NUMBERS_LIMIT {
        ids.clear();
    }
    ids
}

fn contradict(a: &Statement, b: &Statement, generation: &Generation, keyed: &mut Keyed) -> bool {
    a.option == b.option
        && a.needs == b.needs
        && a.side.excludes(&b.side)
        && a.surroundings == b.surroundings
        && (a.id.note != b.id.note || in_one_note(a, b, generation, keyed))
}

/// True for two places of one note that speak of the same thing: rows of a table that nothing but their mark tells
/// apart, or lists under one top heading.
fn in_one_note(a: &Statement, b: &Statement, generation: &Generation, keyed: &mut Keyed) -> bool {
    let ((entry, first), (_, second)) = (generation.claim(a.id), generation.claim(b.id));
    let top = |claim: &Claim| {
        entry.note.heading_path(claim.section).into_iter().find(|section| section.level < 2).map(|section| section.line)
    };
    if first.lines == second.lines || top(first) != top(second) {
        return false;
    }
    match (first.kind, second.kind) {
        (Kind::ColumnCell, Kind::ColumnCell) => {
            !matches!(a.side, Side::Number(..))
                && first.block == second.block
                && has_first_cell(entry, first)
                && has_first_cell(entry, second)
                && *keyed.entry((a.id.note, first.block)).or_insert_with(|| is_keyed_by_criterion(entry, first))
        }
        (Kind::OptionRow | Kind::ColumnCell, _) | (_, Kind::OptionRow | Kind::ColumnCell) => false,
        (Kind::Decision, Kind::Decision) => first.block != second.block,
        _ => true,
    }
}

/// True when the table of a cell has one column beside its options, so that equal criteria make equal rows.
fn is_keyed_by_criterion(entry: &Entry, claim: &Claim) -> bool {
    let Some(BlockKind::Table(table)) = claim.block.map(|at| &entry.note.blocks[at].kind) else { return false };
    let mut options: Vec<&str> = entry
        .claims
        .iter()
        .filter(|other| other.block == claim.block && other.kind == Kind::ColumnCell)
        .filter_map(|other| other.picks.first().map(|pick| pick.name.as_str()))
        .collect();
    options.sort_unstable();
    options.dedup();
    table.header.cells.len() == options.len() + 1
}

/// True when the row of a cell says what it is about.
fn has_first_cell(entry: &Entry, claim: &Claim) -> bool {
    let Some(BlockKind::Table(table)) = claim.block.map(|at| &entry.note.blocks[at].kind) else { return false };
    let at = table.rows.partition_point(|row| row.line < claim.lines.0);
    let row = table.rows.get(at).filter(|row| row.line == claim.lines.0);
    row.and_then(|row| row.cells.first()).is_some_and(|cell| !cell.is_blank())
}

/// Which tables were found to have one column beside their options.
type Keyed = FxHashMap<(u32, Option<usize>), bool>;

/// True for claims whose facts can exclude others.
fn may_state(claim: &Claim) -> bool {
    match claim.kind {
        // Of a table that may be read in two ways, what the better one says.
        Kind::Decision | Kind::ColumnCell | Kind::OptionRow => claim.prior >= 1.0,
        Kind::UseList | Kind::Lead | Kind::Rule => true,
        Kind::Lookup | Kind::Tree | Kind::Topic | Kind::Mention => false,
    }
}

fn side(fact: &Fact<'_>, languages: &Languages) -> Option<Side> {
    let is_bare = fact.text.is_none_or(|text| text.trim().is_empty());
    match fact.says {
        Says::Has if is_bare => Some(Side::Has(true)),
        Says::Lacks if is_bare => Some(Side::Has(false)),
        Says::Recommended => Some(Side::Recommended(true)),
        Says::Opposed => Some(Side::Recommended(false)),
        Says::Value => number(fact.text?, languages),
        _ => None,
    }
}

/// Reads a cell that holds one number and at most a word for its unit.
fn number(text: &str, languages: &Languages) -> Option<Side> {
    // `~60`, `60+`, `< 60` leave room for the other number.
    if text.contains(['~', '≈', '+', '<', '>', '≤', '≥', '?', '*', '★']) {
        return None;
    }
    measure::sole_amount(text, languages).map(|(number, unit)| Side::Number(number, unit))
}

/// Reads the claims of one note into statements.
struct Reader<'a> {
    generation: &'a Generation,
    languages: &'a Languages,
    note: u32,
    /// By section, once they were asked for.
    surroundings: FxHashMap<usize, Vec<String>>,
}

impl<'a> Reader<'a> {
    fn new(generation: &'a Generation, languages: &'a Languages, note: u32) -> Self {
        Self { generation, languages, note, surroundings: FxHashMap::default() }
    }

    fn statements(&mut self, ordinal: u32) -> Vec<Statement> {
        let id = ClaimId { note: self.note, ordinal };
        let (entry, claim) = self.generation.claim(id);
        if !may_state(claim) {
            return Vec::new();
        }
        let own = self.generation.graph.of_note(self.note);
        let is_on_an_option = self.generation.is_option(own);
        let mut statements = Vec::new();
        for fact in facts(claim) {
            let Some(side) = side(&fact, self.languages) else { continue };
            let Some(option) = self.generation.graph.option(&fact.pick.name) else { continue };
            // A list on the page of one option is of that option, whatever its rows name: `Level` on the page of each. A
            // table that has options side by side is of these.
            if is_on_an_option && option != own && claim.kind == Kind::OptionRow {
                continue;
            }
            // A number or `Description` names no criterion, only a place.
            if !fact.needs.iter().any(|need| telling(need.text, entry.lang, None, self.languages).next().is_some()) {
                continue;
            }
            let mut needs: Vec<String> = fact
                .needs
                .iter()
                .map(|need| format!("{}{}", if need.is_negated { "-" } else { "" }, key(need.text)))
                .collect();
            if needs.is_empty() || needs.iter().any(|need| need.trim_start_matches('-').is_empty()) {
                continue;
            }
            needs.sort_unstable();
            needs.dedup();
            let surroundings = self.around(&entry.note, claim.section, entry.lang).to_vec();
            let need = fact.needs.iter().map(|need| need.text.trim()).collect::<Vec<_>>().join(", ");
            statements.push(Statement { id, option, needs, need, side, surroundings });
        }
        statements
    }

    /// Returns what the headings above add: a table under "in winter" says nothing of one under "in summer".
    fn around(&mut self, note: &Note, section: usize, lang: Lang) -> &[String] {
        let (generation, languages) = (self.generation, self.languages);
        self.surroundings.entry(section).or_insert_with(|| {
            let headings = note.heading_path(section).into_iter().filter(|heading| heading.level > 1);
            let mut words: Vec<String> =
                headings.flat_map(|heading| telling(&heading.text, lang, Some(generation), languages)).collect();
            words.sort_unstable();
            words.dedup();
            words
        })
    }
}

/// Returns the words of a heading or criterion that are neither names of options nor words that any may have.
fn telling(
    heading: &str,
    lang: Lang,
    names: Option<&Generation>,
    languages: &Languages,
) -> impl Iterator<Item = String> + use<> {
    let cut = atoms(heading);
    let mut is_plain: Vec<bool> = cut.iter().map(|atom| atom.script == Script::Number).collect();
    let english = languages.english();
    for hit in languages.hits(&cut).into_iter().filter(|hit| hit.lang == lang || hit.lang == english) {
        let is_common = matches!(
            hit.cue,
            Cue::Stop
                | Cue::Generic
                | Cue::Ask(_)
                | Cue::Join(_)
                | Cue::Not
                | Cue::Role(_)
                | Cue::Lead(_)
                | Cue::Rule(_)
        );
        is_plain[hit.start..hit.end].iter_mut().for_each(|plain| *plain |= is_common);
    }
    for (generation, start) in names.into_iter().flat_map(|names| (0..cut.len()).map(move |start| (names, start))) {
        for end in (start + 1..=(start + NAME_WORDS).min(cut.len())).rev() {
            let named = generation.graph.named(&heading[cut[start].start..cut[end - 1].end]);
            if named.iter().any(|concept| generation.is_option(*concept)) {
                is_plain[start..end].fill(true);
                break;
            }
        }
    }
    cut.into_iter().zip(is_plain).filter(|(_, plain)| !plain).map(|(atom, _)| atom.folded.into())
}
