//! What do the notes say of two options, side by side?
//!
//! Gathers the facts of both over all notes into one table: a criterion a row, each cell with its place. Merges rows by
//! the name of their criterion, decides nothing and hides nothing: what one side lacks stays open, what disagrees is
//! marked.

use rustc_hash::FxHashMap;
use serde::Serialize;

use super::conflict;
use crate::claim::{Claim, Fact, Kind, Need, Says, facts};
use crate::generation::{ClaimId, Entry, Generation};
use crate::graph::{ConceptId, UnknownName};
use crate::language::Languages;
use crate::note::{BlockKind, Note};
use crate::text::{Term, key, nearest_few};

/// Two options side by side: plain data, the same bytes for the same generation and names.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// Version of this form.
    pub schema: u32,
    /// The two options.
    pub options: [Side; 2],
    /// The criterion asked for.
    pub on: Option<String>,
    /// What is said, rows with both sides first, then in order of the notes.
    pub rows: Vec<Row>,
    /// Notes that say something of both.
    pub notes: Vec<String>,
    /// Number of the generation that answered.
    pub generation: u64,
}

/// One of the two.
#[derive(Clone, Debug, Serialize)]
pub struct Side {
    /// As it was asked for.
    pub asked: String,
    /// As the notes name it.
    pub name: String,
}

/// A criterion or need.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// As the first note words it.
    pub criterion: String,
    /// What is said of the first option and of the second; empty where nothing is.
    pub cells: [Vec<Cell>; 2],
    /// Something is said of one side only.
    pub is_gap: bool,
    /// Cells of one side cannot all be right.
    pub is_conflict: bool,
}

/// What one place says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cell {
    /// The cell of the table as a reader sees it; empty for a recommendation in other words than a table's.
    pub text: String,
    /// `has`, `lacks`, `partly`, `value`, `recommends`, `opposes`, `alternative`, `pro`, `con`.
    pub says: &'static str,
    /// Path of the note.
    pub note: String,
    /// The line.
    pub line: u32,
}

/// Why two names cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// Nothing has the name.
    #[error(transparent)]
    Unknown(#[from] UnknownName),
    /// Both name the same.
    #[error("`{0}` and `{1}` are two names of one thing, `{2}`")]
    Same(String, String, String),
    /// Nothing is said of one of them.
    #[error("the notes state nothing of `{0}` that could be compared")]
    Silent(String),
    /// Nothing is said of the criterion.
    #[error("the notes do not compare `{names}` on `{on}`")]
    NoCriterion {
        /// The two names.
        names: String,
        /// The criterion asked for.
        on: String,
        /// Criteria that there are.
        near: Vec<String>,
    },
}

impl CompareError {
    /// Returns the next step, as a whole sentence.
    pub fn hint(&self) -> String {
        match self {
            Self::Unknown(unknown) => unknown.hint(),
            Self::Same(..) => "Compare it with another option.".to_owned(),
            Self::Silent(name) => format!("`fingerpost show {name}` prints what the notes hold of it."),
            Self::NoCriterion { near, .. } if near.is_empty() => "Leave `--on` away to see all there is.".to_owned(),
            Self::NoCriterion { near, .. } => format!("They do on {}.", near.join(", ")),
        }
    }
}

/// Criteria named where the one asked for is not there, at most.
const CRITERIA_TOLD: usize = 8;

/// … and only those shorter than this; longer ones are sentences.
const CRITERION_LENGTH: usize = 60;

/// A row as it grows.
struct Growing<'a> {
    row: Row,
    facts: [Vec<Fact<'a>>; 2],
}

/// Puts two options side by side, on one criterion or on all.
///
/// Cost: linear in the claims of the notes that speak of them.
///
/// # Errors
/// When a name is unknown, both name the same, or nothing is said.
pub fn compare(
    names: [&str; 2],
    on: Option<&str>,
    generation: &Generation,
    languages: &Languages,
) -> Result<Comparison, CompareError> {
    let graph = &generation.graph;
    let mut concepts = [generation.find(names[0])?, generation.find(names[1])?];
    if concepts[0][0] == concepts[1][0] {
        let [a, b] = names.map(|name| name.trim().to_owned());
        return Err(CompareError::Same(a, b, graph.name(concepts[0][0]).to_owned()));
    }
    // A name that both may mean tells nothing of one of them.
    let shared: Vec<ConceptId> = concepts[0].iter().filter(|concept| concepts[1].contains(concept)).copied().collect();
    for side in &mut concepts {
        let own = side[0];
        side.retain(|concept| *concept == own || !shared.contains(concept));
    }
    let [first, second] = &concepts;
    let options = [0, 1].map(|side| Side {
        asked: names[side].trim().to_owned(),
        name: spelled(names[side].trim(), concepts[side][0], generation),
    });
    let notes = [first, second].map(|concepts| graph.notes_on(concepts));
    let mut table =
        Table { concepts: &concepts, generation, languages, rows: Vec::new(), by_key: FxHashMap::default() };
    let mut spoken = [Vec::new(), Vec::new()];
    let mut all: Vec<u32> = notes.concat();
    all.sort_unstable();
    all.dedup();
    for note in all {
        for side in table.read(note) {
            if !spoken[side].contains(&note) {
                spoken[side].push(note);
            }
        }
    }
    if let Some(silent) = spoken.iter().position(Vec::is_empty) {
        return Err(CompareError::Silent(options[silent].name.clone()));
    }
    let [of_first, of_second] = spoken;
    let both: Vec<u32> = of_first.into_iter().filter(|note| of_second.contains(note)).collect();
    let path_of = |note: &u32| generation.entries[*note as usize].note.path.clone();
    let notes: Vec<String> = both.iter().map(path_of).collect();
    // What a note says of one of them only is a gap where it speaks of both, and else beside the point.
    let mut rows: Vec<Row> = table
        .finish()
        .into_iter()
        .filter(|row| !row.is_gap || row.cells.iter().flatten().any(|cell| notes.contains(&cell.note)))
        .collect();
    if let Some(on) = on.map(str::trim).filter(|on| !on.is_empty()) {
        let criteria = rows.iter().map(|row| row.criterion.clone());
        let all: Vec<String> = criteria.filter(|criterion| criterion.len() < CRITERION_LENGTH).collect();
        rows.retain(|row| is_about(&row.criterion, on, languages));
        if rows.is_empty() {
            let mut near: Vec<&str> = nearest_few(on, all.iter().map(String::as_str), CRITERIA_TOLD);
            if near.is_empty() {
                near = all.iter().map(String::as_str).take(CRITERIA_TOLD).collect();
            }
            let near = near.into_iter().map(|name| format!("`{name}`")).collect();
            let names = format!("{}` and `{}", options[0].name, options[1].name);
            return Err(CompareError::NoCriterion { names, on: on.to_owned(), near });
        }
    }
    rows.sort_by_key(|row| row.is_gap);
    Ok(Comparison {
        schema: 1,
        options,
        on: on.map(|on| on.trim().to_owned()).filter(|on| !on.is_empty()),
        rows,
        notes,
        generation: generation.number,
    })
}

/// Returns the name of an option; one without a note may be known by an address alone, and is better spelled as asked.
fn spelled(asked: &str, concept: ConceptId, generation: &Generation) -> String {
    let name = generation.graph.name(concept);
    let is_same = generation.graph.note(concept).is_none() && key(asked) == key(name);
    if is_same && name.contains('/') { asked.to_owned() } else { name.to_owned() }
}

/// True when each word asked for stands in the criterion: as typed, folded, as a stem, or by the lexicon.
fn is_about(criterion: &str, on: &str, languages: &Languages) -> bool {
    let (lang, _) = languages.detect(on);
    let asked = languages.analyze(on, lang);
    let (own, _) = languages.detect(criterion);
    let mut terms = languages.analyze(criterion, own).terms();
    terms.extend(languages.analyze(criterion, lang).terms());
    let holds = |term: &Term| terms.contains(term);
    let by_concept =
        |at: usize| asked.concepts.iter().any(|(from, to, term)| (*from..*to).contains(&at) && holds(term));
    let is_met = |at: usize| {
        let of_word = asked.units.iter().filter(|unit| (unit.start..unit.end).contains(&at));
        by_concept(at) || of_word.into_iter().any(|unit| [unit.marked, unit.folded, unit.stem].iter().any(holds))
    };
    !asked.atoms.is_empty() && (0..asked.atoms.len()).all(is_met)
}

/// The table as it grows, note by note.
struct Table<'a> {
    concepts: &'a [Vec<ConceptId>; 2],
    generation: &'a Generation,
    languages: &'a Languages,
    rows: Vec<Growing<'a>>,
    by_key: FxHashMap<String, usize>,
}

impl<'a> Table<'a> {
    /// Adds what a note says and returns of which sides it says something.
    fn read(&mut self, note: u32) -> Vec<usize> {
        let generation = self.generation;
        let entry: &'a Entry = &generation.entries[note as usize];
        let mut sides = Vec::new();
        for ordinal in 0..entry.claims.len() {
            let (_, claim) = generation.claim(ClaimId { note, ordinal: ordinal as u32 });
            // Of a table that may be read in two ways, what the better one says.
            let is_table = matches!(claim.kind, Kind::Decision | Kind::ColumnCell | Kind::OptionRow);
            if is_table && claim.prior < 1.0 {
                continue;
            }
            for fact in facts(claim) {
                if fact.says == Says::Mentioned {
                    continue;
                }
                let Some(concept) = generation.graph.option(&fact.pick.name) else { continue };
                let side = self.concepts.iter().position(|concepts| concepts.contains(&concept));
                if let Some(side) = side
                    && self.add(side, entry, claim, fact)
                {
                    sides.push(side);
                }
            }
        }
        sides
    }

    fn add(&mut self, side: usize, entry: &'a Entry, claim: &'a Claim, fact: Fact<'a>) -> bool {
        let joined = |needs: &mut dyn Iterator<Item = &Need<'_>>| {
            needs.map(|need| need.text.trim()).collect::<Vec<_>>().join(", ")
        };
        let mut criterion = joined(&mut fact.needs.iter().filter(|need| !need.is_label));
        let labels = joined(&mut fact.needs.iter().filter(|need| need.is_label));
        if criterion.is_empty() {
            // A table of nothing but options: what it is about stands above it.
            entry.note.sections.get(claim.section).map_or("", |section| &section.text).clone_into(&mut criterion);
        }
        let row_key = self.row_key(&criterion, &labels, &fact, entry);
        if row_key.is_empty() {
            return false;
        }
        let at = *self.by_key.entry(row_key).or_insert_with(|| {
            let row = Row { criterion, cells: [Vec::new(), Vec::new()], is_gap: false, is_conflict: false };
            self.rows.push(Growing { row, facts: [Vec::new(), Vec::new()] });
            self.rows.len() - 1
        });
        let cell = Cell {
            text: shown(&fact, claim, &entry.note),
            says: fact.says.label(),
            note: entry.note.path.clone(),
            line: claim.lines.0,
        };
        let growing = &mut self.rows[at];
        if !growing.row.cells[side].contains(&cell) {
            growing.row.cells[side].push(cell);
            growing.facts[side].push(fact);
        }
        true
    }

    /// Criteria of tables are one where the lexicon knows both words for it; needs are worded too freely for that.
    fn row_key(&self, criterion: &str, labels: &str, fact: &Fact<'_>, entry: &Entry) -> String {
        let is_criterion = matches!(fact.says, Says::Has | Says::Lacks | Says::Partly | Says::Value);
        if is_criterion {
            let analysis = self.languages.analyze(criterion, entry.lang);
            if let [(0, end, term)] = analysis.concepts.as_slice()
                && *end == analysis.atoms.len()
            {
                return format!("concept {:x}", term.0);
            }
        }
        let own = key(criterion);
        if own.is_empty() || labels.is_empty() { own } else { format!("{own} under {}", key(labels)) }
    }

    fn finish(self) -> Vec<Row> {
        let languages = self.languages;
        let disagree = |facts: &Vec<Fact<'_>>| {
            let mut pairs = facts.iter().enumerate().flat_map(|(at, a)| facts[at + 1..].iter().map(move |b| (a, b)));
            pairs.any(|(a, b)| conflict::exclude(a, b, languages))
        };
        self.rows
            .into_iter()
            .map(|Growing { row, facts }| Row {
                is_gap: row.cells.iter().any(Vec::is_empty),
                is_conflict: facts.iter().any(disagree),
                ..row
            })
            .collect()
    }
}

/// Returns the cell that states a fact as a reader sees it, else what qualifies the fact.
fn shown(fact: &Fact<'_>, claim: &Claim, note: &Note) -> String {
    let remark = || fact.text.unwrap_or_default().trim().to_owned();
    if fact.says == Says::Value || !matches!(claim.kind, Kind::ColumnCell | Kind::OptionRow) {
        return remark();
    }
    let Some(BlockKind::Table(table)) = claim.block.map(|at| &note.blocks[at].kind) else { return remark() };
    let header = match claim.kind {
        Kind::ColumnCell => claim.parts.first().map_or("", |part| part.text.as_str()),
        _ => fact.needs.first().map_or("", |need| need.text),
    };
    let wanted = key(header);
    let column = table.header.cells.iter().position(|cell| {
        let own = key(&cell.text);
        own == wanted || !wanted.is_empty() && own.starts_with(&wanted)
    });
    let row = table.rows.iter().find(|row| row.line == claim.lines.0);
    let cell = column.zip(row).and_then(|(column, row)| row.cells.get(column));
    cell.map(|cell| cell.text.trim().to_owned()).filter(|text| !text.is_empty()).unwrap_or_else(remark)
}
