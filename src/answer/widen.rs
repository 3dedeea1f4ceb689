//! What else may a word of the question be met by?
//!
//! Walks from words over names, links and scales to other words; each adds variants to a need, less surely than the word
//! itself.

use std::ops::ControlFlow;

use super::question::{NAME_ATOMS, Need, Variant};
use crate::generation::{Generation, Place};
use crate::language::{Lang, Languages};
use crate::text::Atom;

/// How sure it is that another name of what a question names means it.
const OTHER_NAME: f32 = 0.8;
/// How sure it is that a row means what it links to.
const MENTION: f32 = 0.75;
/// How sure it is that a word means the thing whose note alone explains it.
const EXPLAINED: f32 = 0.5;
/// A thing that links call by more names than this is not known by each of them.
const NAMES_LIMIT: usize = 64;
/// A word in more sections than this leads nowhere in particular.
const EXPLAINED_LIMIT: usize = 6;

/// Walks from names in the question to what they name, and from there to its other names and the rows that mention it.
pub fn walk_names(
    text: &str,
    atoms: &[Atom],
    needs: &mut [Need],
    generation: &Generation,
    languages: &Languages,
    lang: Lang,
) {
    for start in 0..atoms.len() {
        for end in start + 1..=(start + NAME_ATOMS).min(atoms.len()) {
            let name = &text[atoms[start].start..atoms[end - 1].end];
            if name.chars().count() < 2 {
                continue;
            }
            let concepts = generation.graph.named(name);
            // An ambiguous name leads to each of its meanings, less surely.
            let share = 1.0 / (concepts.len() as f32).sqrt();
            for concept in concepts {
                let key = crate::text::key(name);
                let names = generation.graph.names(concept);
                let others = names.iter().filter(|(other, _)| crate::text::key(other) != key).take(NAMES_LIMIT);
                let mut variants: Vec<Variant> = others
                    .map(|(other, _)| Variant {
                        over: Some(concept),
                        ..phrase(other, OTHER_NAME * share, languages, lang)
                    })
                    .filter(|variant| variant.terms.iter().all(|term| generation.has(*term)))
                    .collect();
                if !generation.graph.claims_about(concept).is_empty() {
                    let via = format!("names {}", generation.graph.name(concept));
                    variants.push(Variant {
                        terms: Vec::new(),
                        concept: Some(concept),
                        over: Some(concept),
                        similarity: MENTION * share,
                        via,
                    });
                }
                for need in needs.iter_mut().filter(|need| need.atoms.0 >= start && need.atoms.1 <= end) {
                    need.variants.extend(variants.iter().cloned());
                }
            }
        }
    }
}

fn phrase(name: &str, similarity: f32, languages: &Languages, lang: Lang) -> Variant {
    let terms = languages.analyze(name, lang).units.iter().map(|unit| unit.folded).collect();
    Variant { terms, concept: None, over: None, similarity, via: format!("other name {name}") }
}

/// Walks from a rare word to the notes that explain it, and from there to the rows elsewhere that mention their subject.
pub fn walk_notes(needs: &mut [Need], generation: &Generation, languages: &Languages) {
    for need in needs {
        let Some(term) = need
            .variants
            .iter()
            .find(|variant| variant.similarity >= 0.85 && variant.terms.len() == 1)
            .map(|variant| variant.terms[0])
        else {
            continue;
        };
        let mut notes: Vec<u32> = Vec::new();
        generation.visit(term, |place| {
            if let Place::Section(section) = place {
                let (note, _) = generation.places().section(section);
                if !notes.contains(&note) {
                    notes.push(note);
                }
            }
            if notes.len() > EXPLAINED_LIMIT { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if notes.len() > EXPLAINED_LIMIT {
            continue;
        }
        notes.sort_unstable();
        let share = 1.0 / (notes.len() as f32).sqrt();
        for note in notes {
            let concept = generation.graph.of_note(note);
            if generation.graph.claims_about(concept).iter().any(|(other, _)| *other != note) {
                let via = format!("explained in {}", generation.entries[note as usize].note.title);
                need.variants.push(Variant {
                    terms: Vec::new(),
                    concept: Some(concept),
                    over: Some(concept),
                    similarity: EXPLAINED * share,
                    via,
                });
            }
            let lang = generation.entries[note as usize].lang;
            for (name, _) in generation.graph.names(concept).into_iter().take(NAMES_LIMIT) {
                let mut variant =
                    Variant { over: Some(concept), ..phrase(name, EXPLAINED * 0.9 * share, languages, lang) };
                if (1..=4).contains(&variant.terms.len()) && variant.terms.iter().all(|term| generation.has(*term)) {
                    variant.via = format!("explained in {}", generation.entries[note as usize].note.title);
                    need.variants.push(variant);
                }
            }
        }
    }
}

/// Lets words of a scale be met by all words of it, in a question for an extreme: `cheapest` by a column of prices.
pub fn widen_to_scales(needs: &mut [Need], generation: &Generation, languages: &Languages, lang: Lang) {
    for need in needs {
        let mut variants: Vec<Variant> = languages
            .scales
            .beside(&need.text)
            .map(|word| Variant { via: format!("scale of {word}"), ..phrase(word, SCALE, languages, lang) })
            .filter(|variant| !variant.terms.is_empty() && variant.terms.iter().all(|term| generation.has(*term)))
            .collect();
        if variants.is_empty() {
            continue;
        }
        need.weight = need.weight.max(LEAST_SCALE) * SCALE_WEIGHT;
        need.is_missing = false;
        need.variants.append(&mut variants);
    }
}

/// How sure it is that a word of the same scale means what is asked for.
const SCALE: f32 = 0.7;
/// An extreme weighs at least this much as a word …
const LEAST_SCALE: f32 = 0.3;
/// … and more where the notes measure it: there it decides the question where the notes measure it.
const SCALE_WEIGHT: f32 = 1.3;
