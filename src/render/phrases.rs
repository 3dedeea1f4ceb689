//! Which sentence stands around an answer, in the language of the question?
//!
//! The sentences are data; this looks them up and fills them in.

use std::collections::BTreeMap;

use crate::answer::{Answer, ChoiceMade, Verdict};

const FILE: &str = include_str!("phrases.toml");
const DEFAULT: &str = "en";

/// The sentences of every language, loaded once.
pub struct Phrases(BTreeMap<String, BTreeMap<String, String>>);

impl Phrases {
    /// Loads the file that is compiled in.
    ///
    /// # Panics
    /// When that file is not valid, which the tests rule out.
    pub fn builtin() -> Self {
        Self(toml::from_str(FILE).expect("the file of phrases that is compiled in is valid TOML"))
    }

    /// Returns a sentence in a language, in English where the language has none.
    pub(super) fn get(&self, lang: &str, key: &str) -> &str {
        let of = |lang: &str| self.0.get(lang).and_then(|phrases| phrases.get(key));
        of(lang).or_else(|| of(DEFAULT)).map_or("", String::as_str)
    }

    pub(super) fn fill(&self, lang: &str, key: &str, slot: &str, value: &str) -> String {
        self.get(lang, key).replace(slot, value)
    }

    /// Returns the verdict in one line.
    pub fn verdict(&self, answer: &Answer) -> String {
        let (key, joint) = match answer.verdict {
            Verdict::Choose => ("choose", ", "),
            Verdict::Either => ("either", self.get(&answer.lang, "or")),
            Verdict::Combine => ("combine", " + "),
            Verdict::Depends => ("depends", "; "),
            Verdict::Compare => ("compare", " / "),
            Verdict::When => ("when", " / "),
            Verdict::Describe => ("describe", ", "),
            Verdict::Unknown => ("unknown", ", "),
        };
        let options: Vec<String> = answer.choices.iter().map(named).collect();
        self.fill(&answer.lang, key, "{options}", &options.join(joint))
    }
}

fn named(choice: &ChoiceMade) -> String {
    let name = super::clean(&choice.name).replace('\n', " ");
    match &choice.condition {
        Some(condition) if !condition.trim().is_empty() => {
            format!("{name} ({})", super::clean(condition.trim()).replace('\n', " "))
        }
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_phrase_with_its_slot() {
        let phrases = Phrases::builtin();
        let english = &phrases.0[DEFAULT];
        for (lang, own) in &phrases.0 {
            assert!(own.keys().eq(english.keys()), "{lang} has other keys than {DEFAULT}");
            for (key, phrase) in own {
                for slot in ["{options}", "{words}", "{n}"] {
                    assert_eq!(phrase.contains(slot), english[key].contains(slot), "{lang}.{key}");
                }
            }
        }
    }
}
