//! What do we know now?
//!
//! One immutable state of the vault: notes, claims, graph, postings, statistics. Built from files, kept on disk beside
//! the tantivy index, swapped as a whole. A question keeps the generation it started with.

mod dictionary;
mod entries;
mod places;

use std::borrow::Borrow;
use std::hash::Hash;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use crate::claim::{self, Claim, Names, NoteNames};
use crate::graph::{self, ConceptId, Graph, Source, UnknownName, View};
use crate::index::{self, Documents, IndexError, Postings, SECTION_BASE, note_id};
use crate::language::{Analyst, Lang, Languages};
use crate::note::{LinkKind, Note, stem};
use crate::packed::{self, Lists, Nested};
use crate::text::{Script, Term, Word, nfc};
use crate::vault::{Fault, path_key};

pub use dictionary::Dictionary;
pub use entries::{Entries, Keeper};
pub use places::{Place, Places};

/// When more than one in this many notes changed, all postings are written again: no slower, and nothing deleted in them.
const REWRITTEN_PART: usize = 4;

/// A note with all that is derived from it. Generations share the entries that they have in common.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The note.
    pub note: Arc<Note>,
    /// What it claims.
    pub claims: Vec<Claim>,
    /// Its main language.
    pub lang: Lang,
    /// Terms of each part of each claim.
    pub part_terms: Nested,
    /// Terms of each heading.
    pub heading_terms: Lists,
    /// Terms of everything that stands under each heading, the heading included.
    pub section_terms: Lists,
    /// Distinct words of four letters and more, folded, sorted, a line each.
    words: String,
    /// Marks of the names that its claims were read with, sorted: while none of them changes, neither do the claims.
    #[serde(with = "packed::numbers")]
    pub asked: Vec<u32>,
    /// Names in its claims, for the graph.
    #[serde(with = "packed::long_numbers")]
    keys: Vec<u64>,
}

/// What is counted over all notes.
#[derive(Clone, Default)]
struct Statistics {
    /// In how many sections each term stands.
    counts: FxHashMap<Term, u32>,
    n_sections: u32,
    /// In how many notes each word of the dictionary stands.
    words: FxHashMap<String, u32>,
}

impl Statistics {
    fn of<'a>(entries: impl Iterator<Item = &'a Entry>) -> Self {
        let mut statistics = Self::default();
        entries.for_each(|entry| statistics.add(entry));
        statistics
    }

    fn add(&mut self, entry: &Entry) {
        self.n_sections += entry.section_terms.len() as u32;
        for term in entry.section_terms.terms() {
            *self.counts.entry(*term).or_default() += 1;
        }
        for word in entry.words.lines() {
            match self.words.get_mut(word) {
                Some(count) => *count += 1,
                None => drop(self.words.insert(word.to_owned(), 1)),
            }
        }
    }

    fn take_back(&mut self, entry: &Entry) {
        self.n_sections -= entry.section_terms.len() as u32;
        for term in entry.section_terms.terms() {
            take_one(&mut self.counts, term);
        }
        for word in entry.words.lines() {
            take_one(&mut self.words, word);
        }
    }
}

fn take_one<K: Hash + Eq + Borrow<Q>, Q: Hash + Eq + ?Sized>(counts: &mut FxHashMap<K, u32>, key: &Q) {
    match counts.get_mut(key) {
        Some(count) if *count > 1 => *count -= 1,
        _ => drop(counts.remove(key)),
    }
}

/// What there is, in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Claims.
    pub n_claims: usize,
    /// Links, those that leave the vault aside.
    pub n_links: usize,
    /// Of these, links that lead nowhere.
    pub n_unresolved: usize,
}

/// Tells when a note was changed last, by its path, in seconds since 1970, where the note does not say so itself.
pub type Dates = Box<dyn Fn(&str) -> Option<i64> + Send + Sync>;

/// One state of the vault.
pub struct Generation {
    /// Counts up with each build over the same index folder.
    pub number: u64,
    /// Notes by path.
    pub entries: Entries,
    /// What there is, in figures.
    pub figures: Figures,
    /// Names and links.
    pub graph: Graph,
    /// The full-text index.
    pub postings: Postings,
    /// In how many sections each term stands.
    pub counts: FxHashMap<Term, u32>,
    /// How many sections there are.
    pub n_sections: u32,
    /// Names of the vault.
    pub names: Names,
    /// Files that could not be read as they are.
    pub faults: Vec<Fault>,
    /// Words of the notes, for misspelt words of questions.
    pub dictionary: Dictionary,
    by_id: FxHashMap<u64, u32>,
    /// How many claims and sections each note has.
    extents: Vec<(u32, u32)>,
    /// What each document of the postings is; made when the first question asks for it.
    places: OnceLock<Places>,
    /// In how many notes each word of the dictionary stands; made when the next generation asks for it.
    words: OnceLock<FxHashMap<String, u32>>,
    /// Asked only where two notes contradict each other.
    dates: Option<Dates>,
}

/// What is written of a generation beside its notes: enough to find what a question needs of these.
#[derive(Serialize)]
pub struct Tables<'a> {
    names: &'a Names,
    graph: &'a Graph,
    #[serde(with = "packed::long_numbers")]
    terms: Vec<u64>,
    #[serde(with = "packed::numbers")]
    counts: Vec<u32>,
    n_sections: u32,
    words: String,
    #[serde(with = "packed::long_numbers")]
    ids: Vec<u64>,
    #[serde(with = "packed::pairs")]
    extents: Vec<(u32, u32)>,
    figures: Figures,
}

/// The same as it is read. Invariant: the fields of [`Tables`], in its order.
#[derive(Deserialize)]
pub struct ReadTables {
    names: Names,
    graph: Graph,
    #[serde(with = "packed::long_numbers")]
    terms: Vec<u64>,
    #[serde(with = "packed::numbers")]
    counts: Vec<u32>,
    n_sections: u32,
    words: String,
    #[serde(with = "packed::long_numbers")]
    ids: Vec<u64>,
    #[serde(with = "packed::pairs")]
    extents: Vec<(u32, u32)>,
    figures: Figures,
}

impl ReadTables {
    /// Returns the names of the vault, cheap to copy.
    pub fn names(&self) -> &Names {
        &self.names
    }
}

/// A claim's place in a generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClaimId {
    /// Index of the note.
    pub note: u32,
    /// Ordinal in the note.
    pub ordinal: u32,
}

/// What a long update is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Another process is writing.
    Waiting,
    /// Files are read.
    Reading,
    /// Notes are parsed.
    Parsing,
    /// Claims are read.
    Claiming,
    /// Postings are written.
    Indexing,
}

/// Is told how far an update is: its stage, how many notes are done, how many there are.
pub type Report<'a> = &'a (dyn Fn(Stage, usize, usize) + Sync);

/// Where a note of the next generation comes from.
#[derive(Debug)]
pub enum Origin {
    /// The generation before has it, under this index.
    Kept(u32),
    /// Its file holds this text.
    Text(String),
}

/// What the next generation is made of.
#[derive(Debug)]
pub struct Change {
    /// Its number.
    pub number: u64,
    /// Path and origin of each note, by path.
    pub notes: Vec<(String, Origin)>,
    /// Files that could not be read as they are.
    pub faults: Vec<Fault>,
}

/// Notes before they are claims: the first pass, which each note goes through alone.
pub fn parse_all(files: Vec<(String, String)>) -> Vec<Note> {
    files.into_par_iter().map(|(path, text)| crate::parse::parse(&path, text)).collect()
}

/// Reads one note as a generation with these names has it.
pub fn read_one(path: &str, text: String, names: &Names, languages: &Languages) -> Entry {
    entry(Arc::new(crate::parse::parse(path, text)), names, languages, &mut Analyst::new(languages))
}

/// Reads the claims of every note, with the names of all.
pub fn read_all(notes: Vec<Note>, names: &Names, languages: &Languages) -> Vec<Arc<Entry>> {
    let read = |analyst: &mut Analyst<'_>, note| Arc::new(entry(Arc::new(note), names, languages, analyst));
    notes.into_par_iter().map_init(|| Analyst::new(languages), read).collect()
}

fn entry(note: Arc<Note>, names: &Names, languages: &Languages, analyst: &mut Analyst<'_>) -> Entry {
    let lang = claim::language_of(&note, languages);
    let names = names.recording();
    let claims = claim::read(&note, &claim::Context { languages, names: &names, lang });
    let asked = names.asked();
    let keys = graph::claim_keys(&claims);
    // The claims of a table share most of their words.
    let mut known: FxHashMap<&str, Vec<Term>> = FxHashMap::default();
    let mut terms = |text| known.entry(text).or_insert_with(|| analyst.analyze(text, lang).terms()).clone();
    let part_terms =
        claims.iter().map(|claim| claim.parts.iter().map(|part| terms(&part.text)).collect::<Vec<_>>()).collect();
    let heading_terms = note
        .sections
        .iter()
        .enumerate()
        .map(|(at, section)| {
            let text = if at == 0 { &note.title } else { &section.text };
            analyst.analyze(text, lang).terms()
        })
        .collect();
    let mut words: Vec<Word> = Vec::new();
    let mut section_terms = Lists::default();
    for text in section_texts(&note) {
        let analysis = analyst.analyze(text, lang);
        section_terms.push(&analysis.terms());
        words.extend(
            analysis
                .atoms
                .into_iter()
                .filter(|atom| atom.script == Script::Spaced && atom.folded.chars().count() >= 4)
                .map(|atom| atom.folded),
        );
    }
    words.sort_unstable();
    words.dedup();
    Entry { note, claims, lang, part_terms, heading_terms, section_terms, words: words.join("\n"), asked, keys }
}

/// The notes by their ids, with how much each has.
struct Roll {
    by_id: FxHashMap<u64, u32>,
    extents: Vec<(u32, u32)>,
    n_links: usize,
    /// Links that leave the vault. They have no target, and are not among the others.
    n_external: usize,
}

impl Roll {
    fn of(entries: &[Arc<Entry>]) -> Self {
        let links = || entries.iter().flat_map(|entry| &entry.note.links);
        let n_external = links().filter(|link| link.kind == LinkKind::External).count();
        Self {
            by_id: entries.iter().zip(0..).map(|(entry, at)| (note_id(&entry.note.path), at)).collect(),
            extents: entries
                .iter()
                .map(|entry| (entry.claims.len() as u32, entry.note.sections.len() as u32))
                .collect(),
            n_links: links().count() - n_external,
            n_external,
        }
    }
}

/// A note on its way into the next generation.
enum Read<'a> {
    Kept(&'a Arc<Entry>),
    New(Arc<Note>),
}

impl Read<'_> {
    fn kept(&self) -> Option<&Arc<Entry>> {
        match self {
            Self::Kept(entry) => Some(entry),
            Self::New(_) => None,
        }
    }

    fn new_note(&self) -> Option<&Note> {
        match self {
            Self::Kept(_) => None,
            Self::New(note) => Some(note),
        }
    }
}

/// True when two sorted lists have an element in common. Cost: logarithmic in the first, linear in the second.
fn meet(asked: &[u32], changed: &[u32]) -> bool {
    changed.iter().any(|mark| asked.binary_search(mark).is_ok())
}

fn has_same_documents(a: &Entry, b: &Entry) -> bool {
    std::ptr::eq(a, b)
        || a.note.path == b.note.path
            && a.part_terms == b.part_terms
            && a.section_terms == b.section_terms
            && a.heading_terms == b.heading_terms
            && a.claims.iter().map(|claim| claim.section).eq(b.claims.iter().map(|claim| claim.section))
            && a.note.sections.iter().map(|at| at.parent).eq(b.note.sections.iter().map(|at| at.parent))
}

/// Returns the source text under each heading, the heading included, without deeper sections.
fn section_texts(note: &Note) -> Vec<&str> {
    let start_of = |line: u32| note.line_starts.get(line as usize - 1).map_or(note.text.len(), |start| *start as usize);
    let starts: Vec<usize> = note.sections.iter().map(|section| start_of(section.line)).collect();
    let ends = starts.iter().skip(1).copied().chain([note.text.len()]);
    starts.iter().zip(ends).map(|(start, end)| &note.text[*start..end.max(*start)]).collect()
}

/// Returns the documents of a note for the full-text index.
pub fn documents(entry: &Entry) -> Documents<'_> {
    let mut documents = Vec::with_capacity(entry.claims.len() + entry.section_terms.len());
    for (at, claim) in entry.claims.iter().enumerate() {
        let mut terms = entry.part_terms.terms(at).to_vec();
        let mut section = claim.section;
        loop {
            terms.extend(&entry.heading_terms[section]);
            if section == 0 {
                break;
            }
            section = entry.note.sections[section].parent;
        }
        terms.sort_unstable();
        terms.dedup();
        documents.push((at as u64, terms));
    }
    for (at, terms) in entry.section_terms.iter().enumerate() {
        documents.push((SECTION_BASE + at as u64, terms.to_vec()));
    }
    Documents { path: &entry.note.path, documents }
}

fn sources<'a>(entries: impl Iterator<Item = &'a Arc<Entry>>) -> Vec<Source<'a>> {
    entries.map(|entry| Source { note: &entry.note, claims: &entry.claims, keys: &entry.keys }).collect()
}

impl Generation {
    /// Puts a generation together from its notes and the postings that were written for them.
    fn assemble(
        number: u64,
        entries: Vec<Arc<Entry>>,
        (names, graph, statistics, dictionary): (Names, Graph, Statistics, Dictionary),
        Roll { by_id, extents, n_links, n_external }: Roll,
        faults: Vec<Fault>,
        postings: Postings,
    ) -> Self {
        let Statistics { counts, n_sections, words } = statistics;
        let n_claims = extents.iter().map(|(n_claims, _)| *n_claims as usize).sum();
        let figures = Figures { n_claims, n_links, n_unresolved: graph.n_without_target() - n_external };
        let entries = entries.into();
        Self {
            number,
            entries,
            figures,
            graph,
            postings,
            counts,
            n_sections,
            names,
            faults,
            dictionary,
            by_id,
            extents,
            places: OnceLock::new(),
            words: OnceLock::from(words),
            dates: None,
        }
    }

    /// Returns the statistics after some notes went and others came.
    fn statistics_after<'a>(&self, gone: &[&Entry], come: impl Iterator<Item = &'a Entry>) -> Statistics {
        let words = self.words.get_or_init(|| Statistics::of(self.entries.iter().map(Arc::as_ref)).words);
        let (counts, n_sections) = (self.counts.clone(), self.n_sections);
        let mut statistics = Statistics { counts, n_sections, words: words.clone() };
        gone.iter().for_each(|entry| statistics.take_back(entry));
        come.for_each(|entry| statistics.add(entry));
        statistics
    }

    /// Returns what has to be kept beside the notes.
    pub fn tables(&self) -> Tables<'_> {
        let mut counts: Vec<(u64, u32)> = self.counts.iter().map(|(term, count)| (term.0, *count)).collect();
        counts.sort_unstable();
        let mut ids: Vec<(u32, u64)> = self.by_id.iter().map(|(id, note)| (*note, *id)).collect();
        ids.sort_unstable();
        Tables {
            names: &self.names,
            graph: &self.graph,
            terms: counts.iter().map(|(term, _)| *term).collect(),
            counts: counts.iter().map(|(_, count)| *count).collect(),
            n_sections: self.n_sections,
            words: self.dictionary.words().join("\n"),
            ids: ids.into_iter().map(|(_, id)| id).collect(),
            extents: self.extents.clone(),
            figures: self.figures,
        }
    }

    /// Puts a generation together from what was kept; none when the parts do not fit together.
    pub fn restore(
        number: u64,
        tables: ReadTables,
        faults: Vec<Fault>,
        postings: Postings,
        entries: Entries,
    ) -> Option<Self> {
        let ReadTables { names, graph, terms, counts, n_sections, words, ids, extents, figures } = tables;
        let is_sound = graph.is_sound(entries.len())
            && terms.len() == counts.len()
            && ids.len() == entries.len()
            && extents.len() == entries.len();
        is_sound.then(|| Self {
            number,
            figures,
            postings,
            counts: terms.into_iter().map(Term).zip(counts).collect(),
            n_sections,
            names,
            faults,
            dictionary: Dictionary::new(words.split('\n').filter(|word| !word.is_empty()).map(str::to_owned).collect()),
            by_id: ids.into_iter().zip(0..).collect(),
            extents,
            places: OnceLock::new(),
            words: OnceLock::new(),
            dates: None,
            entries,
            graph,
        })
    }

    /// Builds a generation in full and writes its index to `folder`.
    ///
    /// # Errors
    /// When the index folder cannot be written.
    pub fn build(
        number: u64,
        files: Vec<(String, String)>,
        faults: Vec<Fault>,
        folder: &Path,
        languages: &Languages,
    ) -> Result<Self, IndexError> {
        let notes = files.into_iter().map(|(path, text)| (path, Origin::Text(text))).collect();
        Self::next(None, Change { number, notes, faults }, folder, languages, &|_, _, _| {})
    }

    /// Builds the generation after `old`, or the first, and writes its index to `folder`. It equals a full build.
    ///
    /// Parses only what `change` brings the text of, and reads the claims of the other notes again only where they
    /// asked for a name that is known otherwise now. `old` comes with the folder of its own index, which stays as it is.
    ///
    /// # Errors
    /// When the index folder cannot be written.
    pub fn next(
        old: Option<(&Self, &Path)>,
        change: Change,
        folder: &Path,
        languages: &Languages,
        report: Report<'_>,
    ) -> Result<Self, IndexError> {
        let Change { number, notes, faults } = change;
        let n_notes = notes.len();
        let counted = |n_done: &AtomicUsize, stage| report(stage, n_done.fetch_add(1, Ordering::Relaxed) + 1, n_notes);
        let none = Entries::from(Vec::new());
        let old_entries = old.map_or(&none, |(old, _)| &old.entries);
        old_entries.fetch_all();
        let n_parsed = AtomicUsize::new(0);
        let read: Vec<Read<'_>> = notes
            .into_par_iter()
            .map(|(path, origin)| match origin {
                Origin::Kept(at) => Read::Kept(&old_entries[at as usize]),
                Origin::Text(text) => Read::New(Arc::new(crate::parse::parse(&path, text))),
            })
            .inspect(|_| counted(&n_parsed, Stage::Parsing))
            .collect();

        let kept: FxHashSet<*const Entry> = read.iter().filter_map(Read::kept).map(Arc::as_ptr).collect();
        let gone: Vec<&Entry> =
            old_entries.iter().filter(|entry| !kept.contains(&Arc::as_ptr(entry))).map(Arc::as_ref).collect();
        let come: Vec<&Note> = read.iter().filter_map(Read::new_note).collect();
        let count = |notes: Vec<&Note>| -> Vec<NoteNames> {
            notes.into_par_iter().map(|note| NoteNames::of(note, languages)).collect()
        };
        let before = old.map_or_else(Names::default, |(old, _)| old.names.clone());
        let gone_names = count(gone.iter().map(|entry| &*entry.note).collect());
        let (names, changed) = before.updated(gone_names.into_iter(), count(come).into_iter());

        // Without a generation before, all postings are written, and each note's as soon as it is read.
        let writer = old.is_none().then(|| index::Writer::create(folder)).transpose()?;
        let n_read = AtomicUsize::new(0);
        let entries: Vec<Arc<Entry>> = read
            .par_iter()
            .map_init(
                || Analyst::new(languages),
                |analyst, read| match read {
                    Read::Kept(entry) if !meet(&entry.asked, &changed) => Arc::clone(entry),
                    Read::Kept(entry) => Arc::new(self::entry(Arc::clone(&entry.note), &names, languages, analyst)),
                    Read::New(note) => Arc::new(entry(Arc::clone(note), &names, languages, analyst)),
                },
            )
            .inspect(|entry| {
                counted(&n_read, Stage::Claiming);
                if let Some(writer) = &writer {
                    writer.add(documents(entry));
                }
            })
            .collect();

        let payload = number.to_string();
        // The graph needs none of the rest, and takes about as long.
        let ((postings, statistics, dictionary, roll), graph) = rayon::join(
            || {
                let postings = match writer {
                    Some(writer) => writer.commit(&payload).and_then(|()| Ok(Postings::open(folder)?.0)),
                    None => Self::write_postings(old, (&read, &entries, &gone), folder, &payload, &counted),
                };
                let come = entries.iter().zip(&read).filter(|(_, read)| read.kept().is_none());
                let statistics = match old {
                    Some((old, _)) => old.statistics_after(&gone, come.map(|(entry, _)| &**entry)),
                    None => Statistics::of(entries.iter().map(Arc::as_ref)),
                };
                let mut dictionary: Vec<String> = statistics.words.keys().cloned().collect();
                dictionary.sort_unstable();
                (postings, statistics, Dictionary::new(dictionary), Roll::of(&entries))
            },
            || Self::graph_of(&entries),
        );
        let postings = postings?;
        drop(read);
        Ok(Self::assemble(number, entries, (names, graph, statistics, dictionary), roll, faults, postings))
    }

    /// Brings the postings of the generation before up to date in a folder of their own, or writes all.
    fn write_postings(
        old: Option<(&Self, &Path)>,
        (read, entries, gone): (&[Read<'_>], &[Arc<Entry>], &[&Entry]),
        folder: &Path,
        payload: &str,
        counted: &(dyn Fn(&AtomicUsize, Stage) + Sync),
    ) -> Result<Postings, IndexError> {
        // A note that was read again to the same claims has the same documents.
        let is_same = |read: &Read<'_>, entry: &Entry| read.kept().is_some_and(|kept| has_same_documents(kept, entry));
        let fresh: Vec<&Entry> =
            read.iter().zip(entries).filter(|(read, entry)| !is_same(read, entry)).map(|(_, entry)| &**entry).collect();
        let n_written = AtomicUsize::new(0);
        let written = |entry| {
            counted(&n_written, Stage::Indexing);
            documents(entry)
        };
        let again = fresh.iter().map(|entry| entry.note.path.as_str());
        let removed: Vec<&str> = gone.iter().map(|entry| entry.note.path.as_str()).chain(again).collect();
        let is_small = removed.len() <= entries.len() / REWRITTEN_PART;
        let updated = old.filter(|_| is_small).and_then(|(_, base)| {
            index::link(base, folder).ok()?;
            match index::update(folder, &removed, fresh.iter().copied().map(written), payload) {
                Ok(()) => Postings::open(folder).map(|(postings, _)| Ok(postings)).ok(),
                Err(IndexError::Damaged { .. }) => None,
                Err(error) => Some(Err(error)),
            }
        });
        // Where the index before is gone or damaged there is nothing to add to, and all is written.
        updated.unwrap_or_else(|| {
            index::create(folder, entries.iter().map(|entry| written(entry)), payload)?;
            Ok(Postings::open(folder)?.0)
        })
    }

    fn graph_of(entries: &[Arc<Entry>]) -> Graph {
        let sources: Vec<Source<'_>> = entries
            .iter()
            .map(|entry| Source { note: &entry.note, claims: &entry.claims, keys: &entry.keys })
            .collect();
        Graph::build(&sources)
    }

    /// Returns how many notes this generation does not share with another. Cost: linear in the notes.
    pub fn n_unshared(&self, other: &Self) -> usize {
        let others: FxHashSet<*const Entry> = other.entries.iter().map(Arc::as_ptr).collect();
        self.entries.iter().filter(|entry| !others.contains(&Arc::as_ptr(entry))).count()
    }

    /// Returns what a person may mean by a name, surest first: the note of that path, exact before folded, then the notes
    /// and concepts of that name.
    ///
    /// # Errors
    /// When nothing has the name; looking for near ones is linear in all names.
    pub fn find(&self, name: &str) -> Result<Vec<ConceptId>, UnknownName> {
        let wanted = name.trim();
        let forms = [wanted.to_owned(), format!("{wanted}.md")];
        let exact = forms.iter().find_map(|path| self.note_at(path));
        let mut found: Vec<ConceptId> = exact.map(|note| self.graph.of_note(note)).into_iter().collect();
        // A note goes by its file's name too, so that its path need not be looked for among all.
        let last = wanted.rsplit('/').next().unwrap_or(wanted);
        let by_name = [last, stem(last)].into_iter().flat_map(|name| self.graph.named(name));
        let path_of =
            |concept: &ConceptId| self.graph.note(*concept).map(|note| &self.entries[note as usize].note.path);
        let mut by_path: Vec<(bool, ConceptId)> = by_name
            .filter_map(|concept| {
                let path = path_of(&concept)?;
                let is_same = |fold: fn(&str) -> String| forms.iter().any(|form| fold(form) == fold(path));
                is_same(path_key).then(|| (!is_same(nfc), concept))
            })
            .collect();
        by_path.sort_unstable();
        found.extend(by_path.into_iter().map(|(_, concept)| concept).chain(self.graph.named(wanted)));
        let mut seen = FxHashSet::default();
        found.retain(|concept| seen.insert(*concept));
        if found.is_empty() { Err(self.graph.unknown(wanted)) } else { Ok(found) }
    }

    /// Returns the graph as a person looks at it. Cost: linear in notes, links and claims; reads all notes.
    pub fn view(&self) -> View {
        self.entries.fetch_all();
        View::build(&self.graph, &sources(self.entries.iter()))
    }

    /// Says who knows when notes were changed that do not say so.
    pub fn set_dates(&mut self, dates: Dates) {
        self.dates = Some(dates);
    }

    /// Returns when a note was changed last, in seconds since 1970: as its front matter says, else as is known outside.
    pub fn changed(&self, note: u32) -> Option<i64> {
        let note = &self.entries[note as usize].note;
        note.dated().or_else(|| self.dates.as_ref()?(&note.path))
    }

    /// Returns a claim with its note.
    pub fn claim(&self, id: ClaimId) -> (&Entry, &Claim) {
        let entry = &self.entries[id.note as usize];
        (entry, &entry.claims[id.ordinal as usize])
    }

    /// True when some claim has the concept as its option.
    pub fn is_option(&self, concept: ConceptId) -> bool {
        self.graph.is_option(concept)
    }

    /// Returns the rows of all claims and sections. Cost: constant, or linear in the documents the first time.
    pub fn places(&self) -> &Places {
        self.places.get_or_init(|| Places::new(&self.extents, &self.postings, |id| self.note_of(id)))
    }

    /// Visits the claims that hold a term or stand under a heading that does, and the sections that do, in no order that
    /// may matter, until `visit` breaks. Cost: linear in these.
    pub fn visit(&self, term: Term, mut visit: impl FnMut(Place) -> ControlFlow<()>) {
        let places = self.places();
        let _ = self.postings.walk(term, &mut |document| match places.of_document(document) {
            Some(place) => visit(place),
            None => ControlFlow::Continue(()),
        });
    }

    /// Returns the note of an index document.
    pub fn note_of(&self, id: u64) -> Option<u32> {
        self.by_id.get(&id).copied()
    }

    /// Returns the index of the note at a path.
    pub fn note_at(&self, path: &str) -> Option<u32> {
        self.note_of(note_id(path))
    }

    /// Returns how much a term tells, by the share of sections that hold it (BM25's idf).
    pub fn idf(&self, term: Term) -> f32 {
        // Smoothed as if there were some more sections: in a vault of three notes no word is common.
        let n = self.n_sections as f32 + 20.0;
        let df = self.counts.get(&term).copied().unwrap_or(0) as f32;
        (1.0 + (n - df + 0.5) / (df + 0.5)).ln()
    }

    /// True when the term stands in a note.
    pub fn has(&self, term: Term) -> bool {
        self.counts.contains_key(&term)
    }
}
