//! Which words of the notes is this misspelt word nearest to?
//!
//! Words of four letters and more, folded. Most are ruled out by their length and letters before they are compared.

use std::sync::OnceLock;

use crate::text::distance;

/// The words of a vault.
#[derive(Default)]
pub struct Dictionary {
    /// Invariant: sorted, each once.
    words: Vec<String>,
    /// Length in characters and letters of each; made when the first misspelt word asks for them.
    shapes: OnceLock<Vec<Shape>>,
}

/// What of a word can be compared at a glance.
#[derive(Clone, Copy)]
struct Shape {
    n_chars: u32,
    /// A bit for each letter that it has; several letters share one.
    letters: u32,
}

impl Shape {
    fn of(word: &str) -> Self {
        let (mut n_chars, mut letters) = (0, 0);
        for c in word.chars() {
            n_chars += 1;
            letters |= 1 << (u32::from(c) % 32);
        }
        Self { n_chars, letters }
    }

    /// False only for words that are more slips apart: one slip replaces one letter by another at most.
    fn may_be_near(self, other: Self, n_slips: usize) -> bool {
        self.n_chars.abs_diff(other.n_chars) as usize <= n_slips
            && (self.letters ^ other.letters).count_ones() as usize <= 2 * n_slips
    }
}

impl Dictionary {
    /// Takes words that are sorted, each once.
    pub fn new(words: Vec<String>) -> Self {
        Self { words, shapes: OnceLock::new() }
    }

    /// Returns the words.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Returns the words within so many slips of a word, nearest first, then by spelling, with their distance; no more
    /// than `limit`. Cost: linear in the words, with a tiny factor.
    pub fn near(&self, word: &str, n_slips: usize, limit: usize) -> Vec<(usize, &str)> {
        let shapes = self.shapes.get_or_init(|| self.words.iter().map(|word| Shape::of(word)).collect());
        let own = Shape::of(word);
        let like =
            shapes.iter().zip(&self.words).filter(|(shape, _)| shape.n_chars >= 4 && own.may_be_near(**shape, n_slips));
        let mut near: Vec<(usize, &str)> =
            like.filter_map(|(_, known)| Some((distance(word, known, n_slips)?, known.as_str()))).collect();
        near.sort_unstable();
        near.truncate(limit);
        near
    }
}
