//! Which option does a letter stand for?
//!
//! `Option A: canvas` defines a letter; `in summer take A` uses it. A letter holds in its section and below.

use rustc_hash::FxHashMap;

use super::{Claim, Context};
use crate::language::{Cue, Role};
use crate::note::{BlockKind, Note};
use crate::text::{Script, atoms};

/// Longest definition that is taken for a name, in bytes.
const DEFINITION_LIMIT: usize = 160;

/// Letters that name options; later ones are first names and units more often.
pub const LETTERS: std::ops::RangeInclusive<char> = 'A'..='H';

/// The lettered options of a note: by section and letter, the line that defines it.
#[derive(Default)]
pub struct Letters {
    defined: FxHashMap<(usize, char), String>,
}

impl Letters {
    /// Gathers what a note defines, where a section defines two letters or more.
    pub fn of(note: &Note, context: &Context<'_>) -> Self {
        let mut found: Vec<(usize, char, String)> = Vec::new();
        let mut add = |section: usize, text: &str| {
            if let Some(letter) = definition(text, context) {
                found.push((section, letter, text.trim().trim_end_matches(['.', '。']).to_owned()));
            }
        };
        for block in &note.blocks {
            match &block.kind {
                BlockKind::List(items) => items.iter().for_each(|item| add(block.section, &item.rich.text)),
                BlockKind::Paragraph(lines) => lines.iter().for_each(|line| add(block.section, &line.rich.text)),
                _ => {}
            }
        }
        for section in note.sections.iter().skip(1) {
            add(section.parent, &section.text);
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
    pub fn resolve(&self, section: usize, note: &Note, claims: &mut [Claim], context: &Context<'_>) {
        if self.defined.is_empty() {
            return;
        }
        for pick in claims.iter_mut().flat_map(|claim| &mut claim.picks) {
            let Some(letter) = letter_of(&pick.name, context) else { continue };
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
fn definition(text: &str, context: &Context<'_>) -> Option<char> {
    let text = text.trim();
    let end = text.find([':', '：', '.', ')', '）', '、']).filter(|_| text.len() <= DEFINITION_LIMIT)?;
    let (head, rest) = text.split_at(end);
    let says = rest.chars().skip(1).any(char::is_alphanumeric);
    letter_of(head.trim_start_matches(['(', '（']), context).filter(|_| says)
}

/// Returns the letter of `A`, `Option A`, `案A`, never of `Vitamin C`.
fn letter_of(name: &str, context: &Context<'_>) -> Option<char> {
    let name = name.trim();
    let letter = name.chars().next_back().filter(|c| LETTERS.contains(c))?;
    let before = &name[..name.len() - 1];
    let is_apart = before.is_empty()
        || before.ends_with(char::is_whitespace)
        || before.chars().next_back().and_then(Script::of).is_some_and(Script::is_dense);
    let cut = atoms(before);
    let names_option = context.languages.hits(&cut).iter().any(|hit| {
        let is_kind = matches!(hit.cue, Cue::Generic | Cue::Role(Role::Option | Role::Choice));
        is_kind && hit.start == 0 && hit.end == cut.len() && context.owns(hit.lang)
    });
    (is_apart && (cut.is_empty() || names_option)).then_some(letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::Names;
    use crate::language::{Lang, Languages};

    #[test]
    fn letters_are_told_from_words() {
        let languages = Languages::builtin();
        let names = Names::default();
        let in_english = Context { languages: &languages, names: &names, lang: Lang(0) };
        assert_eq!(definition("Option A: canvas", &in_english), Some('A'));
        assert_eq!(definition("C. Cream of tartar", &in_english), Some('C'));
        assert_eq!(definition("Vitamin C: helps the skin", &in_english), None);
        assert_eq!(letter_of("Plan D", &in_english), Some('D'));
        assert_eq!(letter_of("USA", &in_english), None);
        let japanese = languages.detect("これは日本語です").0;
        assert_eq!(definition("案B：一部", &Context { lang: japanese, ..in_english }), Some('B'));
    }
}
