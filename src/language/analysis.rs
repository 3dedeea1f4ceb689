//! Under which terms is a word found?
//!
//! One analysis for notes and questions: the word as typed, without diacritics, its stem; pairs of characters in
//! scripts without spaces; and the concepts of the lexicon that its phrases name.

use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::FxHashMap;

use super::lexicon::{self, Phrase};
use super::{Lang, Languages};
use crate::text::{Atom, Script, Term, Word, atoms};

/// Words with their diacritics.
const MARKED: u8 = b'm';
/// Words without.
const FOLDED: u8 = b'f';

/// Returns the term of a word without diacritics.
pub fn folded_term(word: &str) -> Term {
    Term::new(FOLDED, word)
}

/// Stems.
const STEM: u8 = b's';
/// Concepts of the lexicon.
const CONCEPT: u8 = b'c';
/// Bytes of the longest word that has endings; the rest is an address, a hash or an image written out.
const WORD_LIMIT: usize = 64;

/// A word, or a pair of characters in a dense script, with the terms it is found under.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Range of atoms it covers.
    pub start: usize,
    /// Atom after the last.
    pub end: usize,
    /// With its diacritics.
    pub marked: Term,
    /// Without diacritics.
    pub folded: Term,
    /// Its stem, by the language of the text.
    pub stem: Term,
}

/// A text cut into atoms, units and concepts.
#[derive(Clone, Debug, Default)]
pub struct Analysis {
    /// The atoms.
    pub atoms: Vec<Atom>,
    /// The words and pairs.
    pub units: Vec<Unit>,
    /// Concepts and the atoms their phrases cover.
    pub concepts: Vec<(usize, usize, Term)>,
}

impl Analysis {
    /// Returns each term once, sorted.
    pub fn terms(&self) -> Vec<Term> {
        let mut terms: Vec<Term> = self.units.iter().flat_map(|unit| [unit.marked, unit.folded, unit.stem]).collect();
        terms.extend(self.concepts.iter().map(|(.., term)| *term));
        terms.sort_unstable();
        terms.dedup();
        terms
    }
}

/// Snowball stemmers by language.
pub struct Stemmers {
    english: Stemmer,
    others: Vec<(Lang, Stemmer)>,
    syllabic: Vec<Lang>,
}

impl Stemmers {
    /// Creates the stemmer that serves where a language has none.
    pub fn new() -> Self {
        Self { english: Stemmer::create(Algorithm::English), others: Vec::new(), syllabic: Vec::new() }
    }

    /// Adds what a language's data file says: the name of its stemmer, and whether its words are syllables.
    pub fn add(&mut self, lang: Lang, stemmer: &str, is_syllabic: bool) {
        let algorithm = match stemmer {
            "french" => Some(Algorithm::French),
            "spanish" => Some(Algorithm::Spanish),
            "german" => Some(Algorithm::German),
            "italian" => Some(Algorithm::Italian),
            "portuguese" => Some(Algorithm::Portuguese),
            "dutch" => Some(Algorithm::Dutch),
            _ => None,
        };
        self.others.extend(algorithm.map(|algorithm| (lang, Stemmer::create(algorithm))));
        if is_syllabic {
            self.syllabic.push(lang);
        }
    }

    /// Returns the stem of an atom in a text of a language; names and English words stand in notes of any language.
    pub fn stem(&self, atom: &Atom, lang: Option<Lang>) -> Word {
        if atom.script != Script::Spaced || !(4..=WORD_LIMIT).contains(&atom.folded.len()) {
            return atom.marked.clone();
        }
        // Syllables with tone marks have no endings, and folding them would join different words.
        if !atom.marked.is_ascii() && lang.is_some_and(|lang| self.syllabic.contains(&lang)) {
            return atom.marked.clone();
        }
        let own = self.others.iter().find(|(other, _)| Some(*other) == lang);
        crate::text::fold(&own.map_or(&self.english, |(_, stemmer)| stemmer).stem(&atom.marked)).into()
    }

    /// True when the lemma of an atom is its stem in a language as well, and need not be made twice.
    fn is_lemma_stem(&self, atom: &Atom, lang: Lang) -> bool {
        atom.marked.is_ascii() && !self.others.iter().any(|(other, _)| *other == lang)
    }

    /// Returns the form under which a word stands in the lexicon: stemmed where it is plain Latin, else as written.
    pub fn lemma(&self, atom: &Atom) -> Word {
        if atom.marked.is_ascii() { self.stem(atom, None) } else { atom.marked.clone() }
    }
}

/// A word in all forms that it is found under, made once for as often as it stands in the notes.
#[derive(Clone)]
pub(super) struct Forms<'a> {
    pub(super) lemma: Word,
    /// What of the lexicon begins with the lemma.
    pub(super) phrases: &'a [Phrase],
    marked: Term,
    folded: Term,
    stem: Term,
}

/// Analyses many texts, and remembers what it made of each word.
pub struct Analyst<'a> {
    languages: &'a Languages,
    known: FxHashMap<(Lang, Word), Forms<'a>>,
}

/// Words that an analyst remembers at most; it then starts anew.
const KNOWN_LIMIT: usize = 1 << 16;

impl<'a> Analyst<'a> {
    /// Starts without a word.
    pub fn new(languages: &'a Languages) -> Self {
        Self { languages, known: FxHashMap::default() }
    }

    /// Does what [`Languages::analyze`] does.
    pub fn analyze(&mut self, text: &str, lang: Lang) -> Analysis {
        if self.known.len() > KNOWN_LIMIT {
            self.known.clear();
        }
        let atoms = atoms(text);
        let forms: Vec<Forms<'a>> = atoms.iter().map(|atom| self.forms(atom, lang)).collect();
        analysis(atoms, &forms)
    }

    fn forms(&mut self, atom: &Atom, lang: Lang) -> Forms<'a> {
        // Two words with the same diacritics may be folded differently: capital sharp s.
        if atom.marked != atom.folded {
            return self.languages.forms(atom, lang);
        }
        self.known.entry((lang, atom.marked.clone())).or_insert_with(|| self.languages.forms(atom, lang)).clone()
    }
}

impl Languages {
    /// Cuts a text into the terms it is found under. Cost: linear in its length.
    pub fn analyze(&self, text: &str, lang: Lang) -> Analysis {
        let atoms = atoms(text);
        let forms: Vec<Forms<'_>> = atoms.iter().map(|atom| self.forms(atom, lang)).collect();
        analysis(atoms, &forms)
    }

    fn forms(&self, atom: &Atom, lang: Lang) -> Forms<'_> {
        let lemma = self.analysis.lemma(atom);
        let phrases = self.lexicon.phrases(&lemma, &self.analysis);
        let folded = Term::new(FOLDED, &atom.folded);
        if atom.script.is_dense() {
            return Forms { lemma, phrases, marked: folded, folded, stem: folded };
        }
        // A word without diacritics, or without an ending, is one term, not three.
        let unless_folded = |class: u8, form: &str| if form == atom.folded { folded } else { Term::new(class, form) };
        let marked = unless_folded(MARKED, &atom.marked);
        let stem = match self.analysis.is_lemma_stem(atom, lang) {
            true => unless_folded(STEM, &lemma),
            false => unless_folded(STEM, &self.analysis.stem(atom, Some(lang))),
        };
        Forms { lemma, phrases, marked, folded, stem }
    }
}

/// Puts an analysis together from a run of atoms and their forms.
fn analysis(atoms: Vec<Atom>, forms: &[Forms<'_>]) -> Analysis {
    let units = units(&atoms, forms);
    let found = lexicon::find(&atoms, forms).into_iter();
    let concepts = found.map(|(start, end, concept)| (start, end, concept_term(concept))).collect();
    Analysis { atoms, units, concepts }
}

fn units(atoms: &[Atom], forms: &[Forms<'_>]) -> Vec<Unit> {
    let mut units = Vec::with_capacity(atoms.len());
    for (at, (atom, forms)) in atoms.iter().zip(forms).enumerate() {
        let alone = Unit { start: at, end: at + 1, marked: forms.marked, folded: forms.folded, stem: forms.stem };
        if !atom.script.is_dense() {
            units.push(alone);
            continue;
        }
        let joins = |other: Option<&Atom>, ahead: bool| {
            other.is_some_and(|other| {
                other.script.is_dense() && if ahead { atom.touches(other) } else { other.touches(atom) }
            })
        };
        let next = atoms.get(at + 1);
        if joins(next, true) {
            let next = &atoms[at + 1];
            units.push(pair(at, at + 2, &format!("{}{}", atom.folded, next.folded)));
        } else if !joins(at.checked_sub(1).and_then(|before| atoms.get(before)), false) {
            units.push(alone.clone());
        }
        // A single Chinese character can be a word; notes are found under it, questions only use it alone.
        if atom.script == Script::Han {
            units.push(alone);
        }
    }
    units
}

fn pair(start: usize, end: usize, spelling: &str) -> Unit {
    let term = Term::new(FOLDED, spelling);
    Unit { start, end, marked: term, folded: term, stem: term }
}

/// Returns the term of a lexicon concept.
fn concept_term(concept: u32) -> Term {
    Term::new(CONCEPT, &concept.to_string())
}
