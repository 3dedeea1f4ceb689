//! What does the bot say beside answers, and what are its commands called, in which language?
//!
//! The sentences are data (`words.toml`, `commands.toml`); this looks them up and fills them in.

use std::collections::BTreeMap;

use serde::Deserialize;

const WORDS: &str = include_str!("words.toml");
const COMMANDS: &str = include_str!("commands.toml");
const DEFAULT: &str = "en";

/// The sentences of every language, loaded once.
pub(super) struct Words(BTreeMap<String, BTreeMap<String, String>>);

impl Words {
    pub fn builtin() -> Self {
        Self(toml::from_str(WORDS).expect("the file of words that is compiled in is valid TOML"))
    }

    /// Returns a sentence in a language, in English where the language has none.
    pub fn get(&self, lang: &str, key: &str) -> &str {
        let of = |lang: &str| self.0.get(lang).and_then(|words| words.get(key));
        of(lang).or_else(|| of(DEFAULT)).map_or("", String::as_str)
    }

    /// Returns a sentence with its slots filled in; what is filled in is not searched for slots again.
    pub fn fill(&self, lang: &str, key: &str, slots: &[(&str, &str)]) -> String {
        let mut filled = String::new();
        let mut rest = self.get(lang, key);
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let (slot, after) = after.split_once('}').unwrap_or((after, ""));
            filled.push_str(slots.iter().find(|(name, _)| *name == slot).map_or("", |(_, value)| value));
            rest = after;
        }
        filled + rest
    }

    /// Returns the sentence in every language, by Discord's codes.
    pub fn everywhere(&self, key: &str) -> BTreeMap<&'static str, String> {
        let locales = [("vi", "vi"), ("zh", "zh-CN"), ("ja", "ja"), ("fr", "fr"), (DEFAULT, "en-US")];
        locales.into_iter().map(|(lang, locale)| (locale, self.get(lang, key).to_owned())).collect()
    }

    /// Returns the language of a code of Discord's: `zh-CN` is `zh`.
    pub fn lang_of<'a>(&self, locale: &'a str) -> &'a str {
        let lang = locale.split('-').next().unwrap_or_default();
        if self.0.contains_key(lang) { lang } else { "" }
    }
}

/// A command or an option of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Named {
    /// Names by code of language.
    pub name: BTreeMap<String, String>,
    /// Descriptions by code of language, and `default`.
    pub description: BTreeMap<String, String>,
    /// Options by name.
    pub options: BTreeMap<String, Named>,
}

/// Returns the commands by name.
pub(super) fn commands() -> BTreeMap<String, Named> {
    toml::from_str(COMMANDS).expect("the file of commands that is compiled in is valid TOML")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(text: &str) -> Vec<&str> {
        let mut slots: Vec<&str> =
            text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(slot, _)| slot).collect();
        slots.sort_unstable();
        slots
    }

    #[test]
    fn every_language_has_every_sentence_with_its_slots() {
        let words = Words::builtin();
        let english = &words.0[DEFAULT];
        for (lang, own) in &words.0 {
            assert!(own.keys().eq(english.keys()), "{lang} has other keys than {DEFAULT}");
            for (key, sentence) in own {
                assert_eq!(slots(sentence), slots(&english[key]), "{lang}.{key}");
            }
        }
    }

    #[test]
    fn slots_in_values_stay() {
        let words = Words::builtin();
        assert_eq!(
            words.fill("en", "changed_to", &[("before", "{after}"), ("after", "b")]),
            "This changed: {after} → b"
        );
        assert_eq!((words.lang_of("zh-TW"), words.lang_of("pt-BR")), ("zh", ""));
    }

    #[test]
    fn names_keep_to_what_discord_allows() {
        fn check(named: &Named, path: &str) {
            for (locale, name) in &named.name {
                let n_chars = name.chars().count();
                assert!((1..=32).contains(&n_chars) && name.to_lowercase() == *name, "{path}.{locale}: {name}");
                assert!(name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | 'ー')), "{path}: {name}");
            }
            assert!(named.description.contains_key("default"), "{path} has a description");
            assert!(named.description.values().all(|text| (1..=100).contains(&text.chars().count())), "{path}");
            named.options.iter().for_each(|(name, option)| check(option, &format!("{path}.{name}")));
        }
        commands().iter().for_each(|(name, command)| check(command, name));
    }
}
