//! Which option does a letter stand for?
//!
//! `Option A: canvas` defines a letter; `in summer take A` uses it. A letter holds in its section and below.

use rustc_hash::FxHashMap;

use super::Claim;
use crate::note::{BlockKind, Note, Rich};
use crate::text::atoms;

/// Longest definition that is taken for a name, in bytes.
const LIMIT: usize = 160;

/// The lettered options of a note: by section and letter, the line that defines it.
#[derive(Default)]
pub struct Letters {
    defined: FxHashMap<(usize, char), String>,
}

impl Letters {
    /// Gathers what a note defines, where a section defines two letters or more.
    pub fn of(note: &Note) -> Self {
        let mut found: Vec<(usize, char, String)> = Vec::new();
        let mut add = |section: usize, rich: &Rich| {
            if let Some(letter) = definition(&rich.text) {
                found.push((section, letter, rich.text.trim().trim_end_matches(['.', '。']).to_owned()));
            }
        };
        for block in &note.blocks {
            match &block.kind {
                BlockKind::List(items) => items.iter().for_each(|item| add(block.section, &item.rich)),
                BlockKind::Paragraph(lines) => lines.iter().for_each(|line| add(block.section, &line.rich)),
                _ => {}
            }
        }
        for section in note.sections.iter().skip(1) {
            add(section.parent, &Rich { text: section.text.clone(), marks: Vec::new() });
        }
        let mut letters = Self::default();
        for (section, letter, text) in &found {
            if found.iter().any(|(other, second, _)| other == section && second != letter) {
                letters.defined.entry((*section, *letter)).or_insert_with(|| text.clone());
            }
        }
        letters
    }

    /// Puts the defining line for each pick that is a letter, or a letter beside the word for an option.
    pub fn resolve(&self, section: usize, note: &Note, claims: &mut [Claim]) {
        if self.defined.is_empty() {
            return;
        }
        for pick in claims.iter_mut().flat_map(|claim| &mut claim.picks) {
            let Some(letter) = letter_of(&pick.name) else { continue };
            let mut at = section;
            loop {
                if let Some(text) = self.defined.get(&(at, letter)) {
                    pick.name.clone_from(text);
                    break;
                }
                if at == 0 {
                    break;
                }
                at = note.sections[at].parent;
            }
        }
    }
}

/// Returns the letter that a line defines: `A. canvas`, `Option A: canvas`, `案A：全体`.
fn definition(text: &str) -> Option<char> {
    let text = text.trim();
    let end = text.find([':', '：', '.', ')', '）', '、']).filter(|_| text.len() <= LIMIT)?;
    let (head, rest) = text.split_at(end);
    let says = rest.chars().skip(1).any(char::is_alphanumeric);
    letter_of(head.trim_start_matches(['(', '（'])).filter(|_| says)
}

/// Returns the letter of `A`, `Option A`, `案A`.
fn letter_of(name: &str) -> Option<char> {
    let name = name.trim();
    let letter = name.chars().next_back().filter(|c| ('A'..='H').contains(c))?;
    let before = &name[..name.len() - 1];
    let is_apart = before.is_empty()
        || before.ends_with(char::is_whitespace)
        || before.chars().next_back().is_some_and(|c| !c.is_ascii());
    (is_apart && atoms(before).len() <= 2 && !before.contains(|c: char| c.is_ascii_punctuation())).then_some(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_told_from_words() {
        assert_eq!(definition("Option A: canvas"), Some('A'));
        assert_eq!(definition("案B：一部"), Some('B'));
        assert_eq!(definition("C. Cream of tartar"), Some('C'));
        assert_eq!(definition("Vitamin C rich fruit"), None);
        assert_eq!(letter_of("Plan D"), Some('D'));
        assert_eq!(letter_of("USA"), None);
    }
}
