//! What do we know now?
//!
//! One immutable state of the vault: notes, claims, graph, postings, statistics. Built from files, kept on disk beside
//! the tantivy index, swapped as a whole. A question keeps the generation it started with.

use std::hash::Hash;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use crate::claim::{self, Claim, Names, NoteNames};
use crate::graph::{self, ConceptId, Graph, Source, UnknownName, View};
use crate::index::{self, Documents, IndexError, Posting, Postings, SECTION_BASE, note_id};
use crate::language::{Lang, Languages};
use crate::note::{LinkKind, Note, stem};
use crate::packed;
use crate::text::{Script, Term, nfc};
use crate::vault::{Fault, path_key};

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
    #[serde(with = "packed::nested")]
    pub part_terms: Vec<Vec<Vec<Term>>>,
    /// Terms of each heading.
    #[serde(with = "packed::lists")]
    pub heading_terms: Vec<Vec<Term>>,
    /// Terms of everything that stands under each heading, the heading included.
    #[serde(with = "packed::lists")]
    pub section_terms: Vec<Vec<Term>>,
    /// Terms of the whole note; made from those of its sections.
    #[serde(skip)]
    pub note_terms: Vec<Term>,
    /// Distinct words of four letters and more, folded, sorted.
    pub words: Vec<String>,
    /// Marks of the names that its claims were read with, sorted: while none of them changes, neither do the claims.
    #[serde(with = "packed::numbers")]
    pub asked: Vec<u32>,
    /// Names in its claims, for the graph.
    #[serde(with = "packed::long_numbers")]
    keys: Vec<u64>,
}

impl Entry {
    /// Makes what is quicker made anew than kept.
    pub fn complete(&mut self) {
        self.note_terms = self.section_terms.iter().flatten().copied().collect();
        self.note_terms.sort_unstable();
        self.note_terms.dedup();
    }
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
        for term in entry.section_terms.iter().flatten() {
            *self.counts.entry(*term).or_default() += 1;
        }
        for word in &entry.words {
            match self.words.get_mut(word) {
                Some(count) => *count += 1,
                None => drop(self.words.insert(word.clone(), 1)),
            }
        }
    }

    fn take_back(&mut self, entry: &Entry) {
        self.n_sections -= entry.section_terms.len() as u32;
        for term in entry.section_terms.iter().flatten() {
            take_one(&mut self.counts, term);
        }
        for word in &entry.words {
            take_one(&mut self.words, word);
        }
    }
}

fn take_one<K: Hash + Eq>(counts: &mut FxHashMap<K, u32>, key: &K) {
    match counts.get_mut(key) {
        Some(count) if *count > 1 => *count -= 1,
        _ => drop(counts.remove(key)),
    }
}

/// Brings a note with all that is derived from it from where it is kept.
pub type Keeper = Box<dyn Fn(usize) -> Arc<Entry> + Send + Sync>;

/// The notes of a generation, by path; of one that was kept each is read when it is first asked for.
pub struct Entries {
    slots: Vec<OnceLock<Arc<Entry>>>,
    keeper: Option<Keeper>,
}

impl Entries {
    /// Returns notes that are kept elsewhere.
    pub fn kept(n_notes: usize, keeper: Keeper) -> Self {
        Self { slots: std::iter::repeat_with(OnceLock::new).take(n_notes).collect(), keeper: Some(keeper) }
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Returns a note. Cost: constant, or linear in the note the first time.
    ///
    /// # Panics
    /// When there are not so many.
    pub fn get(&self, at: usize) -> &Arc<Entry> {
        self.slots[at].get_or_init(|| {
            let keeper = self.keeper.as_ref().expect("only notes that are kept elsewhere are not here from the start");
            keeper(at)
        })
    }

    /// Returns all of them. Cost: that of reading those that were not asked for yet.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Arc<Entry>> {
        (0..self.len()).map(|at| self.get(at))
    }

    /// Reads all that were not asked for yet, several at a time.
    pub fn fetch_all(&self) {
        if self.keeper.is_some() {
            (0..self.len()).into_par_iter().for_each(|at| {
                self.get(at);
            });
        }
    }
}

impl From<Vec<Arc<Entry>>> for Entries {
    fn from(entries: Vec<Arc<Entry>>) -> Self {
        Self { slots: entries.into_iter().map(OnceLock::from).collect(), keeper: None }
    }
}

impl std::ops::Index<usize> for Entries {
    type Output = Arc<Entry>;

    fn index(&self, at: usize) -> &Arc<Entry> {
        self.get(at)
    }
}

impl<'a> IntoIterator for &'a Entries {
    type Item = &'a Arc<Entry>;
    type IntoIter = Box<dyn Iterator<Item = &'a Arc<Entry>> + 'a>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
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
    /// Words of the notes of four letters and more, folded, sorted: for misspelt words of questions.
    pub dictionary: Vec<String>,
    by_id: FxHashMap<u64, u32>,
    /// How many claims and sections each note has.
    extents: Vec<(u32, u32)>,
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
    entry(Arc::new(crate::parse::parse(path, text)), names, languages)
}

/// Reads the claims of every note, with the names of all.
pub fn read_all(notes: Vec<Note>, names: &Names, languages: &Languages) -> Vec<Arc<Entry>> {
    notes.into_par_iter().map(|note| Arc::new(entry(Arc::new(note), names, languages))).collect()
}

fn entry(note: Arc<Note>, names: &Names, languages: &Languages) -> Entry {
    let lang = claim::language_of(&note, languages);
    let names = names.recording();
    let claims = claim::read(&note, &claim::Context { languages, names: &names, lang });
    let asked = names.asked();
    let keys = graph::claim_keys(&claims);
    let part_terms = claims
        .iter()
        .map(|claim| claim.parts.iter().map(|part| languages.analyze(&part.text, lang).terms()).collect())
        .collect();
    let heading_terms: Vec<Vec<Term>> = note
        .sections
        .iter()
        .enumerate()
        .map(|(at, section)| {
            let text = if at == 0 { &note.title } else { &section.text };
            languages.analyze(text, lang).terms()
        })
        .collect();
    let mut words = Vec::new();
    let mut section_terms = Vec::with_capacity(note.sections.len());
    for text in section_texts(&note) {
        let analysis = languages.analyze(text, lang);
        section_terms.push(analysis.terms());
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
    let mut entry = Entry {
        note,
        claims,
        lang,
        part_terms,
        heading_terms,
        section_terms,
        note_terms: Vec::new(),
        words,
        asked,
        keys,
    };
    entry.complete();
    entry
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
        let mut terms: Vec<Term> = entry.part_terms[at].iter().flatten().copied().collect();
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
        documents.push((SECTION_BASE + at as u64, terms.clone()));
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
        names: Names,
        faults: Vec<Fault>,
        postings: Postings,
        statistics: Statistics,
    ) -> Self {
        let graph = Graph::build(&sources(entries.iter()));
        let by_id = entries.iter().enumerate().map(|(at, entry)| (note_id(&entry.note.path), at as u32)).collect();
        let Statistics { counts, n_sections, words } = statistics;
        let mut dictionary: Vec<String> = words.keys().cloned().collect();
        dictionary.sort_unstable();
        let mut figures = Figures::default();
        for (note, entry) in entries.iter().enumerate() {
            figures.n_claims += entry.claims.len();
            let inside = entry.note.links.iter().enumerate().filter(|(_, link)| link.kind != LinkKind::External);
            for (at, _) in inside {
                figures.n_links += 1;
                figures.n_unresolved += usize::from(graph.target(note as u32, at).is_none());
            }
        }
        let extents =
            entries.iter().map(|entry| (entry.claims.len() as u32, entry.note.sections.len() as u32)).collect();
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
            words: self.dictionary.join("\n"),
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
            dictionary: words.split('\n').filter(|word| !word.is_empty()).map(str::to_owned).collect(),
            by_id: ids.into_iter().zip(0..).collect(),
            extents,
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

        let n_read = AtomicUsize::new(0);
        let entries: Vec<Arc<Entry>> = read
            .par_iter()
            .map(|read| match read {
                Read::Kept(entry) if !meet(&entry.asked, &changed) => Arc::clone(entry),
                Read::Kept(entry) => Arc::new(self::entry(Arc::clone(&entry.note), &names, languages)),
                Read::New(note) => Arc::new(entry(Arc::clone(note), &names, languages)),
            })
            .inspect(|_| counted(&n_read, Stage::Claiming))
            .collect();

        // A note that was read again to the same claims has the same documents.
        let is_same = |read: &Read<'_>, entry: &Entry| read.kept().is_some_and(|kept| has_same_documents(kept, entry));
        let fresh: Vec<&Entry> = read
            .iter()
            .zip(&entries)
            .filter(|(read, entry)| !is_same(read, entry))
            .map(|(_, entry)| &**entry)
            .collect();
        let n_written = AtomicUsize::new(0);
        let written = |entry| {
            counted(&n_written, Stage::Indexing);
            documents(entry)
        };
        let payload = number.to_string();
        let again = fresh.iter().map(|entry| entry.note.path.as_str());
        let removed: Vec<&str> = gone.iter().map(|entry| entry.note.path.as_str()).chain(again).collect();
        let is_small = removed.len() <= n_notes / REWRITTEN_PART;
        let updated = old.filter(|_| is_small).and_then(|(_, base)| {
            index::link(base, folder).ok()?;
            match index::update(folder, &removed, fresh.iter().copied().map(written), &payload) {
                Ok(()) => Postings::open(folder).map(|(postings, _)| Ok(postings)).ok(),
                Err(IndexError::Damaged { .. }) => None,
                Err(error) => Some(Err(error)),
            }
        });
        // Where the index before is gone or damaged there is nothing to add to, and all is written.
        let postings = match updated {
            Some(updated) => updated?,
            None => {
                index::create(folder, entries.iter().map(|entry| written(entry)), &payload)?;
                Postings::open(folder)?.0
            }
        };
        let statistics = match old {
            Some((old, _)) => old.statistics_after(
                &gone,
                entries.iter().zip(&read).filter(|(_, read)| read.kept().is_none()).map(|(entry, _)| &**entry),
            ),
            None => Statistics::of(entries.iter().map(Arc::as_ref)),
        };
        drop(read);
        Ok(Self::assemble(number, entries, names, faults, postings, statistics))
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
        let exact = forms.iter().find_map(|path| self.note_of(note_id(path)));
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

    /// Returns the claim of an index document; none for a section, and for one that damage invented.
    pub fn claim_of(&self, posting: Posting) -> Option<ClaimId> {
        let note = self.note_of(posting.note)?;
        let is_there = posting.ordinal < u64::from(self.extents[note as usize].0);
        is_there.then_some(ClaimId { note, ordinal: posting.ordinal as u32 })
    }

    /// Returns the section of an index document, as note and ordinal; none for a claim, and for one that damage invented.
    pub fn section_of(&self, posting: Posting) -> Option<(u32, u32)> {
        let note = self.note_of(posting.note)?;
        let section = posting.ordinal.checked_sub(SECTION_BASE)?;
        let is_there = section < u64::from(self.extents[note as usize].1);
        is_there.then_some((note, section as u32))
    }

    /// Returns the note of an index document.
    pub fn note_of(&self, id: u64) -> Option<u32> {
        self.by_id.get(&id).copied()
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
