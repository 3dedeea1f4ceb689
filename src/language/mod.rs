//! Which words ask, negate, join, mean yes or no, or head a column, in which language?
//!
//! Every word list is a data file beside this one; adding a language is adding a file and its line in `FILES`.
//! Decides nothing: it names what a word may mean, the readers weigh it.

mod analysis;
mod cue;
mod lexicon;

pub use analysis::{Analysis, Analyst, Unit, folded_term};
pub use cue::{Ask, Cue, Join, Lead, Level, Role, Rule, Sign};
pub use lexicon::{Lexicon, Scales};

use rustc_hash::FxHashMap;

use crate::text::{Atom, Script, Word, atoms, first_atoms};

const FILES: [&str; 8] = [
    include_str!("en.toml"),
    include_str!("vi.toml"),
    include_str!("zh.toml"),
    include_str!("ja.toml"),
    include_str!("fr.toml"),
    include_str!("es.toml"),
    include_str!("de.toml"),
    include_str!("ko.toml"),
];
const LEVELS: &str = include_str!("levels.toml");
const COMMON: &str = include_str!("common.toml");
const SIGNS: &str = include_str!("marks.toml");

/// Index of a language in the order of the data files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Lang(pub u8);

/// All word lists, loaded once and passed down.
pub struct Languages {
    kinds: Vec<Kind>,
    exact: Phrases,
    plain: Phrases,
    /// Atoms of the longest phrase.
    longest: usize,
    /// Signs by their first letter, longest first.
    signs: FxHashMap<char, Vec<(String, Sign)>>,
    /// Longest first.
    arrows: Vec<String>,
    /// Which bytes an arrow starts with.
    arrow_starts: [bool; 256],
    numbers: FxHashMap<String, f64>,
    /// General words with one meaning, across languages.
    pub lexicon: Lexicon,
    /// What superlatives measure.
    pub scales: Scales,
    analysis: analysis::Stemmers,
}

/// What a data file says of its language as a whole.
struct Kind {
    code: String,
    writing: Writing,
}

/// How a language is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Writing {
    Spaced,
    Syllables,
    Han,
    Kana,
    Hangul,
}

impl Writing {
    fn named(name: &str) -> Self {
        match name {
            "syllables" => Self::Syllables,
            "han" => Self::Han,
            "kana" => Self::Kana,
            "hangul" => Self::Hangul,
            _ => Self::Spaced,
        }
    }
}

#[derive(Default)]
struct Phrases(FxHashMap<Word, Vec<Phrase>>);

struct Phrase {
    rest: Vec<Word>,
    cue: Cue,
    lang: Lang,
}

/// A phrase of the lists found in a text: a range of atoms and what it may mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// First atom.
    pub start: usize,
    /// Atom after the last.
    pub end: usize,
    /// Meaning.
    pub cue: Cue,
    /// Whose word it is.
    pub lang: Lang,
}

impl Languages {
    /// Loads the data files that are compiled in. Cost: some milliseconds.
    ///
    /// # Panics
    /// When a data file that is compiled in is not valid, which the tests rule out.
    pub fn builtin() -> Self {
        let mut languages = Self {
            kinds: Vec::new(),
            exact: Phrases::default(),
            plain: Phrases::default(),
            longest: 0,
            signs: FxHashMap::default(),
            arrows: Vec::new(),
            arrow_starts: [false; 256],
            numbers: FxHashMap::default(),
            lexicon: Lexicon::default(),
            scales: Scales::builtin(),
            analysis: analysis::Stemmers::new(),
        };
        for (at, file) in FILES.iter().enumerate() {
            languages
                .add_file(Lang(at as u8), &file.parse().expect("a language file that is compiled in is valid TOML"));
        }
        languages.add_lists("level", LEVELS);
        languages.add_lists("common", COMMON);
        languages.add_signs(&SIGNS.parse().expect("the file of signs that is compiled in is valid TOML"));
        languages.lexicon = Lexicon::builtin();
        languages
    }

    fn add_file(&mut self, lang: Lang, file: &toml::Table) {
        let text = |key: &str| file.get(key).and_then(toml::Value::as_str).unwrap_or_default();
        let kind = Kind { code: text("code").to_owned(), writing: Writing::named(text("writing")) };
        self.analysis.add(lang, text("stemmer"), kind.writing == Writing::Syllables);
        self.kinds.push(kind);
        for (section, value) in file {
            match value {
                toml::Value::Array(words) => self.add_words(lang, "", section, words),
                toml::Value::Table(lists) => {
                    for (name, list) in lists {
                        match list {
                            toml::Value::Array(words) => self.add_words(lang, section, name, words),
                            toml::Value::Table(numbers) => self.add_numbers(numbers),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Adds a file that holds one kind of list for all languages.
    fn add_lists(&mut self, section: &str, file: &str) {
        let file: toml::Table = file.parse().expect("a file of lists that is compiled in is valid TOML");
        for (code, lists) in &file {
            if let (Some(lang), Some(lists)) = (self.by_code(code), lists.as_table()) {
                for (name, words) in lists {
                    self.add_words(lang, section, name, words.as_array().map_or(&[], Vec::as_slice));
                }
            }
        }
    }

    fn add_numbers(&mut self, numbers: &toml::Table) {
        for (word, value) in numbers {
            let value = value.as_float().or_else(|| value.as_integer().map(|value| value as f64));
            self.numbers.insert(word.clone(), value.unwrap_or(1.0));
        }
    }

    fn add_words(&mut self, lang: Lang, section: &str, name: &str, words: &[toml::Value]) {
        let Some(cue) = Cue::named(section, name) else {
            return;
        };
        for word in words.iter().filter_map(toml::Value::as_str) {
            let atoms = atoms(word);
            self.exact.add(atoms.iter().map(|atom| atom.marked.clone()), cue, lang);
            self.plain.add(atoms.iter().map(|atom| atom.folded.clone()), cue, lang);
            self.longest = self.longest.max(atoms.len());
            // A sign such as `?` or `n/a` has no letters, or is told apart by its punctuation.
            if let Cue::Sign(sign) = cue
                && atoms.is_empty()
            {
                self.add_sign(word, sign);
            }
        }
    }

    fn add_sign(&mut self, word: &str, sign: Sign) {
        if let Some(first) = word.chars().next() {
            self.signs.entry(first).or_default().push((word.to_owned(), sign));
        }
    }

    fn add_signs(&mut self, file: &toml::Table) {
        for (name, value) in file {
            let words = value.as_array().into_iter().flatten().filter_map(toml::Value::as_str);
            if name == "arrow" {
                self.arrows.extend(words.map(str::to_owned));
            } else if let Some(Cue::Sign(sign)) = Cue::named("mark", name) {
                words.for_each(|word| self.add_sign(word, sign));
            }
        }
        self.signs.values_mut().for_each(|signs| signs.sort_by_key(|(sign, _)| usize::MAX - sign.len()));
        self.arrows.sort_by_key(|arrow| usize::MAX - arrow.len());
        self.arrows.iter().for_each(|arrow| self.arrow_starts[usize::from(arrow.as_bytes()[0])] = true);
    }

    /// Returns the two-letter code of a language.
    pub fn code(&self, lang: Lang) -> &str {
        &self.kinds[lang.0 as usize].code
    }

    /// True for a language that writes the syllables of a word apart.
    pub fn is_syllabic(&self, lang: Lang) -> bool {
        self.kinds[lang.0 as usize].writing == Writing::Syllables
    }

    /// Returns English: its words stand in notes and questions of every language.
    pub fn english(&self) -> Lang {
        self.by_code("en").unwrap_or(Lang(0))
    }

    /// Returns the language of a code, where it has a data file.
    pub fn by_code(&self, code: &str) -> Option<Lang> {
        self.kinds.iter().position(|kind| kind.code == code).map(|at| Lang(at as u8))
    }

    /// True when a word is one slip away from a function word of a language: `wich`, `waht`.
    pub fn is_near_stop(&self, word: &str, lang: Lang) -> bool {
        let near = |stop: &Word| stop.len() >= 4 && crate::text::distance(word, stop, 1).is_some();
        let is_stop = |phrase: &Phrase| {
            phrase.rest.is_empty() && phrase.lang == lang && matches!(phrase.cue, Cue::Stop | Cue::Ask(_))
        };
        self.plain.0.iter().any(|(first, phrases)| phrases.iter().any(is_stop) && near(first))
    }

    /// Returns every phrase that stands in the atoms, in all languages, by start, longest first.
    pub fn hits(&self, atoms: &[Atom]) -> Vec<Hit> {
        self.exact.hits(atoms, |atom| &atom.marked)
    }

    /// Returns the phrases that a text opens with, as [`Self::hits`] does, and the atoms at its start, among them one
    /// beyond the longest phrase where there are so many. Cost: independent of the length of the text.
    pub fn opening(&self, text: &str) -> (Vec<Atom>, Vec<Hit>) {
        let atoms = first_atoms(text, self.longest + 1);
        let mut hits = Vec::new();
        if !atoms.is_empty() {
            self.exact.hits_at(0, &atoms, &|atom: &Atom| &atom.marked, &mut hits);
        }
        (atoms, hits)
    }

    /// True when a whole text is one phrase with a meaning that `is` wanted.
    pub fn is_phrase(&self, text: &str, is: impl Fn(&Hit) -> bool) -> bool {
        let (atoms, hits) = self.opening(text);
        hits.iter().any(|hit| hit.end == atoms.len() && is(hit))
    }

    /// Returns phrases as [`Self::hits`] does, for a text typed without diacritics.
    pub fn plain_hits(&self, atoms: &[Atom]) -> Vec<Hit> {
        self.plain.hits(atoms, |atom| &atom.folded)
    }

    /// Returns the sign at the start of a text and the rest: `✅ only EU` is yes, `only EU`.
    pub fn leading_sign<'a>(&self, text: &'a str) -> Option<(Sign, &'a str)> {
        let text = text.trim_start();
        let signs = self.signs.get(&text.chars().next()?)?;
        let (word, sign) = signs.iter().find(|(word, _)| text.starts_with(word.as_str()))?;
        let rest = text[word.len()..].trim_start_matches(['\u{fe0f}', ' ']);
        // A sign made of plain letters or dashes is one only when it stands alone.
        let is_plain = word.chars().all(|c| c.is_ascii() || matches!(c, '–' | '—'));
        (!is_plain || rest.is_empty()).then_some((*sign, rest))
    }

    /// Returns what a whole cell means where it is a mark: a sign, or a word such as `không` or `limited`.
    ///
    /// The rest is the text that qualifies the mark.
    pub fn mark<'a>(&self, text: &'a str) -> Option<(Sign, &'a str)> {
        if let Some(found) = self.leading_sign(text) {
            return Some(found);
        }
        let (atoms, hits) = self.opening(text);
        let hit = hits.into_iter().filter(|hit| matches!(hit.cue, Cue::Sign(_))).max_by_key(|hit| hit.end)?;
        let Cue::Sign(sign) = hit.cue else {
            return None;
        };
        let end = atoms[hit.end - 1].end;
        // `On-Demand` is a name, `on - with a key` a mark with a remark.
        if text[end..].starts_with(['-', '/']) {
            return None;
        }
        let rest = text[end..].trim_start();
        let parted = rest.is_empty()
            || rest.starts_with(['(', ',', ';', ':', '-', '–', '—', '.', '/', '（', '，', '。', '、', '[']);
        // `No schema needed` is no mark; `no (beta)` and `no` are.
        parted.then(|| (sign, rest.trim_start_matches([' ', ',', ';', ':', '-', '–', '—', '.', '，', '。', '、'])))
    }

    /// Splits a text at its first arrow.
    pub fn split_arrow<'a>(&self, text: &'a str) -> Option<(&'a str, &'a str)> {
        let starts = text.bytes().enumerate().filter(|(_, byte)| self.arrow_starts[usize::from(*byte)]);
        let (at, arrow) = starts.filter_map(|(at, _)| Some((at, self.arrow_at(&text.as_bytes()[at..])?))).next()?;
        Some((&text[..at], &text[at + arrow.len()..]))
    }

    fn arrow_at(&self, text: &[u8]) -> Option<&str> {
        self.arrows.iter().map(String::as_str).find(|arrow| text.starts_with(arrow.as_bytes()))
    }

    /// Returns the factor that a word after a number stands for: 1000 for `k`.
    pub fn number_word(&self, word: &str) -> Option<f64> {
        self.numbers.get(word).copied()
    }

    /// Returns the roles that a header cell names, surest first: whole cell, its end, anywhere.
    pub fn roles(&self, header: &str) -> Vec<(Role, Fit)> {
        let atoms = atoms(header);
        let mut roles: Vec<(Role, Fit)> = Vec::new();
        for hit in self.hits(&atoms) {
            let Cue::Role(role) = hit.cue else { continue };
            let fit = match (hit.start, hit.end == atoms.len()) {
                (0, true) => Fit::Whole,
                (_, true) => Fit::End,
                (0, false) if !atoms[0].script.is_dense() => Fit::Start,
                _ if atoms[hit.start].script.is_dense() => continue,
                _ => Fit::Part,
            };
            match roles.iter_mut().find(|(known, _)| *known == role) {
                Some((_, known)) => *known = (*known).min(fit),
                None => roles.push((role, fit)),
            }
        }
        roles.sort_by_key(|(role, fit)| (*fit, *role));
        roles
    }

    /// Returns the language that a text is most likely written in, and whether it lacks the diacritics of that language.
    ///
    /// Scripts decide first, then which language's function words cover most of the text.
    pub fn detect(&self, text: &str) -> (Lang, bool) {
        let atoms = atoms(text);
        let count = |script: Script| atoms.iter().filter(|atom| atom.script == script).count();
        let (han, kana, hangul) =
            (count(Script::Han), count(Script::Hiragana) + count(Script::Katakana), count(Script::Hangul));
        let writing = match () {
            () if hangul > 0 && hangul >= kana => Some(Writing::Hangul),
            () if kana > 0 => Some(Writing::Kana),
            () if han > 0 => Some(Writing::Han),
            () => None,
        };
        let written = |writing: Writing| self.kinds.iter().position(|kind| kind.writing == writing);
        if let Some(at) = writing.and_then(written) {
            return (Lang(at as u8), false);
        }
        let english = self.english();
        let is_plain = atoms.iter().all(|atom| atom.marked == atom.folded);
        let exact = self.function_share(&self.hits(&atoms));
        let best = best(&exact, english);
        if !is_plain {
            let is_latin = |lang: &Lang| {
                matches!(self.kinds[lang.0 as usize].writing, Writing::Spaced | Writing::Syllables) && *lang != english
            };
            let latin = (0..self.kinds.len()).map(|at| Lang(at as u8)).filter(is_latin);
            let marked = latin.max_by_key(|lang| (exact[lang.0 as usize], usize::from(*lang == best)));
            let is_english_name = exact[english.0 as usize] > marked.map_or(0, |lang| exact[lang.0 as usize]) + 1;
            return (if is_english_name { english } else { marked.unwrap_or(best) }, false);
        }
        let plain = self.function_share(&self.plain_hits(&atoms));
        let folded = self::best(&plain, english);
        if plain[folded.0 as usize] > exact[english.0 as usize] && plain[folded.0 as usize] > exact[best.0 as usize] {
            (folded, true)
        } else {
            (best, best != english)
        }
    }

    /// Counts, for each language, the atoms that its function words cover.
    fn function_share(&self, hits: &[Hit]) -> Vec<usize> {
        // Hits come by their start, so what is covered already ends somewhere behind.
        let mut counts = vec![0; self.kinds.len()];
        let mut ends = vec![0; self.kinds.len()];
        for hit in hits.iter().filter(|hit| matches!(hit.cue, Cue::Stop | Cue::Ask(_))) {
            let lang = hit.lang.0 as usize;
            counts[lang] += hit.end.saturating_sub(hit.start.max(ends[lang]));
            ends[lang] = ends[lang].max(hit.end);
        }
        counts
    }
}

fn best(counts: &[usize], default: Lang) -> Lang {
    let mut best = default;
    for (at, count) in counts.iter().enumerate() {
        if *count > counts[best.0 as usize] {
            best = Lang(at as u8);
        }
    }
    best
}

/// How a role word stands in a header cell, surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// It is the cell.
    Whole,
    /// The cell ends in it.
    End,
    /// The cell starts with it.
    Start,
    /// It stands somewhere inside.
    Part,
}

impl Phrases {
    fn add(&mut self, mut words: impl Iterator<Item = Word>, cue: Cue, lang: Lang) {
        if let Some(first) = words.next() {
            self.0.entry(first).or_default().push(Phrase { rest: words.collect(), cue, lang });
        }
    }

    fn hits(&self, atoms: &[Atom], form: impl Fn(&Atom) -> &Word) -> Vec<Hit> {
        let mut hits = Vec::new();
        (0..atoms.len()).for_each(|start| self.hits_at(start, atoms, &form, &mut hits));
        hits
    }

    /// Adds the phrases that start at an atom, longest first.
    fn hits_at(&self, start: usize, atoms: &[Atom], form: &impl Fn(&Atom) -> &Word, hits: &mut Vec<Hit>) {
        let Some(phrases) = self.0.get(form(&atoms[start])) else {
            return;
        };
        let from = hits.len();
        for phrase in phrases {
            let end = start + 1 + phrase.rest.len();
            if end <= atoms.len()
                && phrase.rest.iter().zip(&atoms[start + 1..end]).all(|(word, atom)| word == form(atom))
            {
                hits.push(Hit { start, end, cue: phrase.cue, lang: phrase.lang });
            }
        }
        hits[from..].sort_by_key(|hit| usize::MAX - hit.end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_of_every_file_is_known() {
        for file in FILES {
            let table: toml::Table = file.parse().expect("valid TOML");
            for (section, value) in table.iter().filter(|(_, value)| value.is_table()) {
                for (name, list) in value.as_table().into_iter().flatten() {
                    assert!(list.is_table() || Cue::named(section, name).is_some(), "{section}.{name} has no meaning");
                }
            }
        }
    }

    #[test]
    fn languages_are_told_apart() {
        let languages = Languages::builtin();
        let detect = |text: &str| {
            let (lang, plain) = languages.detect(text);
            (languages.code(lang).to_owned(), plain)
        };
        assert_eq!(detect("which one should we use for search?"), ("en".into(), false));
        assert_eq!(detect("nên dùng cái nào cho search?"), ("vi".into(), false));
        assert_eq!(detect("nen dung cai nao cho search"), ("vi".into(), true));
        assert_eq!(detect("quelle base choisir pour le cache ?"), ("fr".into(), true));
        assert_eq!(detect("検索にはどれを使う？"), ("ja".into(), false));
        assert_eq!(detect("做饭用哪种油"), ("zh".into(), false));
    }

    #[test]
    fn marks_are_read_with_their_qualifier() {
        let languages = Languages::builtin();
        assert_eq!(languages.mark("✅ only EU"), Some((Sign::Yes, "only EU")));
        assert_eq!(languages.mark("Không"), Some((Sign::No, "")));
        assert_eq!(languages.mark("No schema needed"), None);
        assert_eq!(languages.mark("⚠️"), Some((Sign::Partly, "")));
    }
}
