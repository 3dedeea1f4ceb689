//! Which words have one meaning, and which measure one thing?
//!
//! A table of concepts, a line each, a column a language; general words only.

use rustc_hash::FxHashMap;

use super::analysis::Stemmers;
use crate::text::{Atom, atoms};

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

/// Phrases by their first word, with the concept each names.
#[derive(Default)]
pub struct Lexicon {
    phrases: FxHashMap<String, Vec<(Vec<String>, u32)>>,
    n_concepts: u32,
}

impl Lexicon {
    /// Loads the tables that are compiled in.
    pub fn builtin(stemmers: &Stemmers) -> Self {
        let mut lexicon = Self::default();
        for line in FILES.iter().flat_map(|file| file.lines()) {
            if !line.starts_with('#') {
                lexicon.add(line.split(['|', ',']), stemmers);
            }
        }
        lexicon
    }

    /// Adds a concept with its words and returns its number.
    pub fn add<'a>(&mut self, words: impl Iterator<Item = &'a str>, stemmers: &Stemmers) -> u32 {
        let concept = self.n_concepts;
        self.n_concepts += 1;
        for word in words {
            let atoms = atoms(word);
            let mut lemmas = atoms.iter().map(|atom| stemmers.lemma(atom));
            let Some(first) = lemmas.next() else { continue };
            let entry = (lemmas.collect(), concept);
            let phrases = self.phrases.entry(first).or_default();
            if !phrases.contains(&entry) {
                phrases.push(entry);
            }
        }
        concept
    }

    /// Returns the concepts that stand in the atoms; of two phrases from one start the longer counts.
    pub fn find(&self, atoms: &[Atom], stemmers: &Stemmers) -> Vec<(usize, usize, u32)> {
        let lemmas: Vec<String> = atoms.iter().map(|atom| stemmers.lemma(atom)).collect();
        let mut found = Vec::new();
        let mut covered = 0;
        for start in 0..lemmas.len() {
            let Some(phrases) = self.phrases.get(&lemmas[start]) else {
                continue;
            };
            let fits =
                |rest: &[String]| lemmas.get(start + 1..start + 1 + rest.len()).is_some_and(|lemmas| lemmas == rest);
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
}
