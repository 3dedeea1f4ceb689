//! Which words have one meaning, and which measure one thing?
//!
//! A table of concepts, a line each, a column a language; general words only.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::analysis::{Forms, Stemmers};
use crate::text::{Atom, Script, Word, atoms};

const FILES: [&str; 7] = [
    include_str!("lexicon/general.txt"),
    include_str!("lexicon/technology.txt"),
    include_str!("lexicon/work.txt"),
    include_str!("lexicon/life.txt"),
    include_str!("lexicon/everyday.txt"),
    include_str!("lexicon/computing.txt"),
    include_str!("lexicon/situations.txt"),
];

const SCALES: &str = include_str!("lexicon/scales.txt");

/// What can be measured, each scale with the words for it and for both of its ends.
#[derive(Default)]
pub struct Scales(Vec<Vec<String>>);

impl Scales {
    /// Loads the table that is compiled in.
    pub fn builtin() -> Self {
        let lines = SCALES.lines().filter(|line| !line.starts_with('#'));
        Self(lines.map(|line| line.split(['|', ',']).map(|word| word.trim().to_owned()).collect()).collect())
    }

    /// Returns all words of the scales that a word belongs to, itself among them; in dense scripts a part of a word will do.
    pub fn beside<'a>(&'a self, word: &str) -> impl Iterator<Item = &'a str> {
        let word = crate::text::fold(word);
        let is_dense = atoms(&word).first().is_some_and(|atom| atom.script.is_dense());
        let names = move |known: &String| {
            let known = crate::text::fold(known);
            known == word || is_dense && word.chars().count() > 1 && known.contains(&word)
        };
        let lines = self.0.iter().filter(move |line| line.iter().any(&names));
        lines.flatten().map(String::as_str)
    }
}

/// The lemmas that follow the first one, and the concept.
pub(super) type Phrase = (Vec<Word>, u32);

/// Phrases by their first lemma.
type Phrases = FxHashMap<Word, Vec<Phrase>>;

/// The letters that a first lemma begins with; stemming changes only what follows them.
type Start = (char, Option<char>);

/// Phrases that begin alike, as listed until one of them is looked for.
#[derive(Default)]
struct Drawer {
    listed: Vec<(&'static str, u32)>,
    read: OnceLock<Phrases>,
}

/// Phrases with the concept each names. Stems are made for those alone that a text may hold: a question needs few.
#[derive(Default)]
pub struct Lexicon {
    drawers: FxHashMap<Start, Drawer>,
}

impl Lexicon {
    /// Loads the tables that are compiled in. Cost: some milliseconds.
    pub fn builtin() -> Self {
        let mut lexicon = Self::default();
        let lines = FILES.iter().flat_map(|file| file.lines()).filter(|line| !line.starts_with('#'));
        for (concept, line) in lines.enumerate() {
            for phrase in line.split(['|', ',']) {
                if let Some(start) = start_of(phrase) {
                    lexicon.drawers.entry(start).or_default().listed.push((phrase, concept as u32));
                }
            }
        }
        lexicon
    }

    /// Returns the phrases that begin with a lemma.
    pub(super) fn phrases(&self, lemma: &str, stemmers: &Stemmers) -> &[Phrase] {
        let Some(drawer) = start_of(lemma).and_then(|start| self.drawers.get(&start)) else {
            return &[];
        };
        let read = || {
            let mut phrases = Phrases::default();
            for (phrase, concept) in &drawer.listed {
                let atoms = atoms(phrase);
                let mut lemmas = atoms.iter().map(|atom| stemmers.lemma(atom));
                let Some(first) = lemmas.next() else { continue };
                let entry = (lemmas.collect(), *concept);
                let known = phrases.entry(first).or_default();
                if !known.contains(&entry) {
                    known.push(entry);
                }
            }
            phrases
        };
        drawer.read.get_or_init(read).get(lemma).map_or(&[], Vec::as_slice)
    }
}

/// Returns the concepts that stand in the atoms, each with the atoms of its phrase; of two phrases from one start the
/// longer counts. `forms` are those of the atoms.
pub(super) fn find(atoms: &[Atom], forms: &[Forms<'_>]) -> Vec<(usize, usize, u32)> {
    let mut found = Vec::new();
    let mut covered = 0;
    for (start, Forms { phrases, .. }) in forms.iter().enumerate() {
        let fits = |rest: &[Word]| {
            let next = forms.get(start + 1..start + 1 + rest.len());
            next.is_some_and(|next| next.iter().map(|forms| &forms.lemma).eq(rest))
        };
        let longest = phrases.iter().filter(|(rest, _)| fits(rest)).map(|(rest, _)| rest.len() + 1).max();
        let Some(length) = longest else { continue };
        // In dense scripts a phrase inside a longer one is another word.
        if atoms[start].script.is_dense() && start + length <= covered {
            continue;
        }
        covered = covered.max(start + length);
        found.extend(
            phrases
                .iter()
                .filter(|(rest, _)| rest.len() + 1 == length && fits(rest))
                .map(|(_, concept)| (start, start + length, *concept)),
        );
    }
    found
}

/// Returns what the first lemma of a phrase begins with; a dense script's character is a lemma by itself.
fn start_of(phrase: &str) -> Option<Start> {
    let mut chars = phrase.chars().skip_while(|c| !c.is_alphanumeric()).flat_map(char::to_lowercase);
    let first = chars.next()?;
    if Script::of(first).is_some_and(Script::is_dense) {
        return Some((first, None));
    }
    // `dying` has the stem `die`.
    let second = chars.next().filter(|c| c.is_alphanumeric()).map(|c| if c == 'y' { 'i' } else { c });
    Some((first, second))
}
