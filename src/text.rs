//! Are these two pieces of text the same?
//!
//! Unicode forms, folding, splitting into words, distance, display width.
//! Knows no language: word lists live in `language`, stemming is chosen there.

use std::hash::{Hash, Hasher};
use std::ops::ControlFlow;

use rustc_hash::FxHasher;
use unicode_normalization::{
    UnicodeNormalization,
    char::{decompose_compatible, is_combining_mark},
    is_nfc,
};
use unicode_width::UnicodeWidthStr;

/// Returns the text in Unicode normalization form C.
pub fn nfc(text: &str) -> String {
    if is_nfc(text) { text.to_owned() } else { text.nfc().collect() }
}

/// Returns the text in lower case, without diacritics, in compatibility form: `Độ trễ` becomes `do tre`.
///
/// Kana voicing marks are letters, not diacritics, and stay.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    let mut push = |c: char| match c {
        'đ' | 'Đ' | 'ð' => folded.push('d'),
        'ß' => folded.push_str("ss"),
        'ø' | 'Ø' => folded.push('o'),
        'œ' | 'Œ' => folded.push_str("oe"),
        'æ' | 'Æ' => folded.push_str("ae"),
        '\u{3099}' | '\u{309a}' => folded.push(c),
        c if c.is_ascii() => folded.push(c.to_ascii_lowercase()),
        c if is_combining_mark(c) => {}
        c => folded.extend(c.to_lowercase()),
    };
    // A character at a time: the order of marks, which normalization settles, matters to none that are kept.
    text.chars().for_each(|c| match c {
        c if c.is_ascii() => push(c),
        c => decompose_compatible(c, &mut push),
    });
    // Recompose what decomposition took apart and folding keeps: Hangul syllables, voiced kana.
    if folded.is_ascii() { folded } else { folded.nfc().collect() }
}

/// Returns the form under which two spellings of a name are one: folded, and only letters, digits and single spaces.
///
/// `+` and `#` stay, so that `C`, `C++` and `C#` are three names.
pub fn key(name: &str) -> String {
    let folded;
    // ASCII is folded letter by letter below.
    let name = if name.is_ascii() {
        name
    } else {
        folded = fold(name);
        &folded
    };
    let mut key = String::with_capacity(name.len());
    for c in name.chars().map(|c| c.to_ascii_lowercase()) {
        if c.is_alphanumeric() || matches!(c, '+' | '#') {
            key.push(c);
        } else if !key.ends_with(' ') && !key.is_empty() {
            key.push(' ');
        }
    }
    key.truncate(key.trim_end_matches(' ').len());
    key
}

/// True when two folded words are the same but for a short ending: `ski`, `skis`.
pub fn same_word(a: &str, b: &str) -> bool {
    let shorter = a.chars().count().min(b.chars().count());
    let common = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    shorter >= 3 && common >= shorter && a.len().abs_diff(b.len()) <= 2
}

/// What kind of writing a word is in; decides how it is cut and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Script {
    /// Letters that stand in words between spaces.
    Spaced,
    /// Digits, with decimal points.
    Number,
    /// Chinese characters, one atom each.
    Han,
    /// Hiragana, one atom each.
    Hiragana,
    /// A run of Katakana: one word.
    Katakana,
    /// Hangul syllables, one atom each.
    Hangul,
}

impl Script {
    /// Returns the script of a letter or digit; none for signs and spaces.
    pub fn of(c: char) -> Option<Self> {
        Some(match c {
            'a'..='z' | 'A'..='Z' => Self::Spaced,
            '0'..='9' => Self::Number,
            '\0'..='\u{7f}' => return None,
            '\u{3040}'..='\u{309f}' => Self::Hiragana,
            '\u{30a0}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' | '\u{ff66}'..='\u{ff9f}' => Self::Katakana,
            '\u{4e00}'..='\u{9fff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{2fa1f}'
            | '々' => Self::Han,
            '\u{ac00}'..='\u{d7af}' | '\u{1100}'..='\u{11ff}' => Self::Hangul,
            c if c.is_numeric() => Self::Number,
            c if c.is_alphabetic() || is_combining_mark(c) => Self::Spaced,
            _ => return None,
        })
    }

    /// True for scripts that write without spaces between words, or with endings glued to them.
    pub fn is_dense(self) -> bool {
        matches!(self, Self::Han | Self::Hiragana | Self::Hangul)
    }

    /// Returns how many words an atom counts for: a character of a dense script is half of one.
    pub fn n_words(self) -> f32 {
        if self.is_dense() { 0.5 } else { 1.0 }
    }
}

/// A short text that takes no piece of memory of its own: notes are cut into words many times over.
pub type Word = compact_str::CompactString;

/// The smallest piece that phrases are made of: a word between spaces, or one character of a dense script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Atom {
    /// Lower case, NFC, diacritics kept.
    pub marked: Word,
    /// Lower case, diacritics gone.
    pub folded: Word,
    /// How it is written.
    pub script: Script,
    /// Byte range in the text it was cut from.
    pub start: usize,
    /// End of that range.
    pub end: usize,
}

impl Atom {
    /// Returns how many words it counts for: a character of a dense script is half of one.
    pub fn n_words(&self) -> f32 {
        self.script.n_words()
    }

    /// True when the atom touches `next` without a space or sign between.
    pub fn touches(&self, next: &Self) -> bool {
        self.end == next.start
    }
}

/// Cuts a text into atoms. Linear in the text's length.
pub fn atoms(text: &str) -> Vec<Atom> {
    first_atoms(text, usize::MAX)
}

/// Cuts as many atoms off the start of a text. Cost: linear in what is cut off.
pub fn first_atoms(text: &str, n: usize) -> Vec<Atom> {
    let mut atoms = Vec::new();
    let _ = cut(text, |start, end, script| {
        let slice = &text[start..end];
        let (marked, folded) = if slice.is_ascii() {
            let mut lower = Word::from(slice);
            lower.make_ascii_lowercase();
            (lower.clone(), lower)
        } else {
            (nfc(&slice.to_lowercase()).into(), fold(slice).into())
        };
        atoms.push(Atom { marked, folded, script, start, end });
        if atoms.len() < n { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    atoms
}

/// Returns how many atoms a text has. Cost: that of reading its letters; no atom is made.
pub fn n_atoms(text: &str) -> usize {
    let mut n_atoms = 0;
    let _ = cut(text, |_, _, _| {
        n_atoms += 1;
        ControlFlow::Continue(())
    });
    n_atoms
}

/// Returns how many words a text counts for, as [`Atom::n_words`] does. Cost: that of reading its letters.
pub fn n_words(text: &str) -> f32 {
    let mut n_words = 0.0;
    let _ = cut(text, |_, _, script| {
        n_words += script.n_words();
        ControlFlow::Continue(())
    });
    n_words
}

/// Shows where each atom of a text starts and ends, and its script, until `see` breaks.
fn cut(text: &str, mut see: impl FnMut(usize, usize, Script) -> ControlFlow<()>) -> ControlFlow<()> {
    let mut open: Option<(usize, Script)> = None;
    let mut previous = ' ';
    let mut close = |open: &mut Option<(usize, Script)>, end: usize| match open.take() {
        Some((start, script)) => see(start, end, script),
        None => ControlFlow::Continue(()),
    };
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let script = Script::of(c);
        let next = chars.peek().map_or(' ', |(_, next)| *next);
        match (script, open) {
            // 3.5, 1,000, C++ and C# are one word each; so is node's inner apostrophe-free dot: only between digits.
            (None, Some((_, Script::Number))) if matches!(c, '.' | ',') && next.is_ascii_digit() => {}
            (None, Some((_, Script::Spaced))) if matches!(c, '\'' | '’') && next.is_alphabetic() => {}
            (None, Some((start, Script::Spaced))) if matches!(c, '+' | '#') && (previous == '+' || at - start <= 2) => {
            }
            (None, _) => close(&mut open, at)?,
            (Some(script), Some((_, current))) if !script.is_dense() && joins(current, script) => {
                if script == Script::Spaced && current == Script::Number {
                    open = open.map(|(start, _)| (start, Script::Spaced));
                }
            }
            (Some(script), _) => {
                close(&mut open, at)?;
                open = Some((at, script));
                if script.is_dense() {
                    close(&mut open, at + c.len_utf8())?;
                }
            }
        }
        previous = c;
    }
    close(&mut open, text.len())
}

fn joins(current: Script, next: Script) -> bool {
    use Script::{Number, Spaced};
    current == next || matches!((current, next), (Number, Spaced) | (Spaced, Number))
}

/// A term of the full-text index: the stable 64-bit hash of its spelling, so that no table of words has to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Term(pub u64);

impl Term {
    /// Returns the term of a spelling under a one-letter class that keeps words, stems and concepts apart.
    pub fn new(class: u8, spelling: &str) -> Self {
        let mut hasher = FxHasher::default();
        class.hash(&mut hasher);
        spelling.hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// Returns the Damerau-Levenshtein distance (optimal string alignment) when it is at most `limit`.
///
/// Cost: product of the lengths in characters.
pub fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let substitute = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = substitute.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    (last[b.len()] <= limit).then_some(last[b.len()])
}

/// Returns how many terminal cells the text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Returns the nearest of `names` to `wanted`, for "did you mean".
pub fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    nearest_few(wanted, names, 1).into_iter().next()
}

/// Returns up to `n` names near `wanted`: those a few slips away, then those that hold all its words or stand in it.
///
/// Cost: linear in the names.
pub fn nearest_few<'a>(wanted: &str, names: impl Iterator<Item = &'a str>, n: usize) -> Vec<&'a str> {
    let wanted = key(wanted);
    let n_chars = wanted.chars().count();
    let limit = (n_chars / 3).clamp(1, 3);
    let holds = |long: &str, short: &str| format!(" {long} ").contains(&format!(" {short} "));
    let mut near: Vec<(usize, usize, &str)> = Vec::new();
    for name in names {
        let key = key(name);
        // Names that share words come after slips, the shorter ones first.
        let shares = || (n_chars > 2 && key.len() > 2 && (holds(&key, &wanted) || holds(&wanted, &key))).then_some(4);
        if let Some(far) = distance(&wanted, &key, limit).or_else(shares) {
            near.push((far, key.len(), name));
        }
    }
    near.sort_unstable();
    let mut seen: Vec<String> = Vec::new();
    near.retain(|(.., name)| {
        let key = key(name);
        let is_new = seen.len() < n && !seen.contains(&key);
        if is_new {
            seen.push(key);
        }
        is_new
    });
    near.into_iter().map(|(.., name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_takes_marks_and_keeps_letters() {
        assert_eq!(fold("Độ trễ thấp"), "do tre thap");
        assert_eq!(fold("ガード"), "ガード");
        assert_eq!(fold("한국"), "한국");
    }

    #[test]
    fn folding_needs_no_order_of_marks() {
        let whole = |text: &str| -> String {
            let kept = text.nfkd().filter(|c| matches!(c, '\u{3099}' | '\u{309a}') || !is_combining_mark(*c));
            kept.flat_map(char::to_lowercase).nfc().collect()
        };
        let is_replaced = |c: &char| c.nfkd().any(|c| "đĐðßøØœŒæÆ".contains(c));
        for c in (' '..=char::MAX).filter(|c| !is_replaced(c)) {
            for text in [format!("a{c}\u{301}b"), format!("か\u{323}{c}\u{3099}e\u{327}{c}")] {
                assert_eq!(fold(&text), whole(&text), "{text:?}");
            }
        }
    }

    #[test]
    fn keys_join_spellings() {
        assert_eq!(key("Amazon  SageMaker™"), "amazon sagemakertm");
        assert_eq!(key("fine-tuning"), key("Fine Tuning"));
        assert_ne!(key("C++"), key("C#"));
        assert_ne!(key("C"), key("C#"));
    }

    #[test]
    fn atoms_follow_the_script() {
        let cut = |text: &str| atoms(text).into_iter().map(|atom| atom.folded).collect::<Vec<_>>();
        assert_eq!(cut("Cần GPU 1.5x?"), ["can", "gpu", "1.5x"]);
        assert_eq!(cut("選 ブランチ戦略"), ["選", "フランチ".replace('フ', "ブ").as_str(), "戦", "略"]);
        assert_eq!(cut("C++ or C#"), ["c++", "or", "c#"]);
    }

    #[test]
    fn distance_counts_a_swap_as_one() {
        assert_eq!(distance("whihc", "which", 2), Some(1));
        assert_eq!(distance("bedrock", "sagemaker", 2), None);
    }
}
