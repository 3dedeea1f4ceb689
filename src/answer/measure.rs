//! How does a number in the notes stand to a number or superlative in the question?
//!
//! Reads ranges (`< 200`, `10+`, `1–6 h`), amounts (`$340`, `5k`), counts of signs (`★★☆`, `$$$`) and levels (`high`).

use crate::language::{Cue, Languages, Level};
use crate::text::{Atom, Script, atoms};

/// A range of numbers with its unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    /// Least number.
    pub low: f64,
    /// Greatest number.
    pub high: f64,
    /// Folded word after or sign before the number; empty where there is none.
    pub unit: String,
    /// It states a bound, not just an amount.
    pub is_bounded: bool,
}

impl Range {
    /// Returns how a question's amount stands to the range: inside, outside, or not comparable.
    pub fn holds(&self, amount: &Self) -> Option<bool> {
        let same_unit = self.unit.is_empty() || amount.unit.is_empty() || same_unit(&self.unit, &amount.unit);
        same_unit.then(|| {
            if self.is_bounded {
                self.low <= amount.high && amount.low <= self.high
            } else {
                (self.low - amount.low).abs() <= amount.low.abs() * 0.08
            }
        })
    }
}

fn same_unit(a: &str, b: &str) -> bool {
    let stem = |unit: &str| unit.trim_end_matches('s').chars().take(4).collect::<String>();
    a == b
        || stem(a) == stem(b)
        || a.chars().count() == 1 && b.starts_with(a)
        || b.chars().count() == 1 && a.starts_with(b)
}

/// Reads all ranges of a text, in order. Linear.
pub fn ranges(text: &str, languages: &Languages) -> Vec<Range> {
    let cut = atoms(text);
    let hits = languages.hits(&cut);
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < cut.len() {
        let Some((low, low_unit)) = amount(text, &cut, at, languages) else {
            at += 1;
            continue;
        };
        let sign = text[..cut[at].start].trim_end_matches([' ', '$', '€', '£', '¥', '~', '≈']);
        let between = cut.get(at + 1).map_or("", |next| text[cut[at].end..next.start].trim());
        let joins = matches!(between, "-" | "–" | "—" | "~" | "〜" | "～" | "to" | "至" | "-$" | "–$");
        let second = if joins { amount(text, &cut, at + 1, languages) } else { None };
        let bound = hits.iter().find(|hit| {
            hit.end == at || hit.start == at + 1 || hit.start == at + 2 && cut[at + 1].script != Script::Number
        });
        let cue = bound.map(|hit| hit.cue);
        let after = &text[cut[at].end..];
        let unit = low_unit.clone().unwrap_or_default();
        let range = |low: f64, high: f64, is_bounded: bool| Range { low, high, unit: unit.clone(), is_bounded };
        if let Some((high, high_unit)) = second {
            // `1-6 h`: the unit stands after the second number; `1-5k` scales both.
            let unit = high_unit.or(low_unit).unwrap_or_default();
            ranges.push(Range { low: low.min(high), high: high.max(low), unit, is_bounded: true });
            at += 2;
            continue;
        }
        ranges.push(if sign.ends_with(['<', '≤', '＜']) || cue == Some(Cue::Below) {
            range(f64::MIN, low, true)
        } else if sign.ends_with(['>', '≥', '＞']) || after.starts_with('+') || cue == Some(Cue::Above) {
            range(low, f64::MAX, true)
        } else {
            range(low, low, false)
        });
        at += 1;
    }
    ranges
}

/// Reads a text that holds one amount and nothing else: number and unit.
pub fn sole_amount(text: &str, languages: &Languages) -> Option<(f64, String)> {
    let cut = atoms(text);
    let n_units = match cut.as_slice() {
        [_] => 0,
        [_, second] if second.script != Script::Number => 1,
        _ => return None,
    };
    let (value, unit) = amount(text, &cut, 0, languages)?;
    // A second word that is neither unit nor scale says something else.
    let is_read = n_units == 0 || unit.is_some() || languages.number_word(&cut[1].marked).is_some();
    is_read.then(|| (value, unit.unwrap_or_default()))
}

/// Reads an amount at an atom: number, scale, unit.
fn amount(text: &str, cut: &[Atom], at: usize, languages: &Languages) -> Option<(f64, Option<String>)> {
    let atom = cut.get(at)?;
    if !atom.folded.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let digits_end =
        atom.folded.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',')).unwrap_or(atom.folded.len());
    let (digits, glued) = atom.folded.split_at(digits_end);
    let mut value = number(digits)?;
    let mut unit = (!glued.is_empty()).then(|| glued.to_owned());
    if let Some(scale) = languages.number_word(glued).filter(|_| !glued.is_empty()) {
        value *= scale;
        unit = None;
    }
    let mut next = at + 1;
    let word = cut.get(next).filter(|word| word.start - cut[next - 1].end <= 1 && word.script != Script::Number);
    if let Some(scale) = word.and_then(|word| languages.number_word(&word.marked)) {
        value *= scale;
        next += 1;
    }
    if unit.is_none() {
        let word = cut
            .get(next)
            .filter(|word| word.script != Script::Number && text[cut[next - 1].end..word.start].trim().is_empty());
        unit = word.map(|word| word.folded.to_string());
    }
    let before = text[..atom.start].trim_end();
    if before.ends_with(['$', '€', '£', '¥']) {
        unit = Some("dollar".to_owned());
    } else if text[atom.end..].trim_start().starts_with('%') {
        unit = Some("%".to_owned());
    }
    Some((value, unit))
}

/// Reads `1,000`, `1.4`, `1,4`.
fn number(digits: &str) -> Option<f64> {
    let groups: Vec<&str> = digits.split(',').collect();
    let is_grouped = groups.len() > 1 && groups[1..].iter().all(|group| group.len() == 3);
    let plain = if is_grouped { digits.replace(',', "") } else { digits.replace(',', ".") };
    plain.trim_end_matches('.').parse().ok()
}

/// Returns how large a value is on its own scale, for superlatives: numbers, counted signs, levels.
pub fn magnitude(text: &str, languages: &Languages) -> Option<f64> {
    let trimmed = text.trim();
    for sign in ['★', '⭐', '$', '€', '●', '🔥', '🌶'] {
        let n_signs = trimmed.chars().filter(|c| *c == sign).count();
        if n_signs > 0 && trimmed.chars().all(|c| c == sign || "☆○ \u{fe0f}".contains(c)) {
            return Some(n_signs as f64);
        }
    }
    let cut = atoms(trimmed);
    let level = languages.hits(&cut).into_iter().filter(|hit| hit.start <= 2).find_map(|hit| match hit.cue {
        Cue::Level(level) => Some((hit, level)),
        _ => None,
    });
    if let Some(range) = ranges(trimmed, languages).first()
        && cut.iter().take(3).any(|atom| atom.folded.starts_with(|c: char| c.is_ascii_digit()))
    {
        return Some(match (range.low == f64::MIN, range.high == f64::MAX) {
            (true, _) => range.high * 0.99,
            (_, true) => range.low * 1.01,
            _ => (range.low + range.high) / 2.0,
        });
    }
    let (hit, level) = level?;
    let superlative = languages
        .hits(&cut)
        .into_iter()
        .any(|other| other.start <= hit.start && other.end >= hit.end && matches!(other.cue, Cue::Most | Cue::Least));
    let is_strong = hit.start > 0 || superlative || trimmed.starts_with('最');
    Some(match level {
        Level::None => -1.0,
        Level::Low => {
            if is_strong {
                0.5
            } else {
                1.0
            }
        }
        Level::Medium => 2.0,
        Level::High => {
            if is_strong {
                3.5
            } else {
                3.0
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_people_write_them() {
        let languages = Languages::builtin();
        let read = |text: &str| {
            let range = ranges(text, &languages).remove(0);
            (range.low, range.high, range.is_bounded)
        };
        assert_eq!(read("< 200 users"), (f64::MIN, 200.0, true));
        assert_eq!(read("10+"), (10.0, f64::MAX, true));
        assert_eq!(read("1–6 h"), (1.0, 6.0, true));
        assert_eq!(read("1K-10K DAU"), (1000.0, 10000.0, true));
        assert_eq!(read("about $1,400"), (1400.0, 1400.0, false));
    }

    #[test]
    fn one_amount_stands_alone() {
        let languages = Languages::builtin();
        let read = |text: &str| sole_amount(text, &languages);
        assert_eq!(read("5 min"), Some((5.0, "min".to_owned())));
        assert_eq!(read("$1,400"), Some((1400.0, "dollar".to_owned())));
        assert_eq!(read("10k"), Some((10_000.0, String::new())));
        assert_eq!((read("5 or 6"), read("about 5"), read("v5.2 beta")), (None, None, None));
    }

    #[test]
    fn amounts_meet_ranges_of_their_unit() {
        let languages = Languages::builtin();
        let range = |text: &str| ranges(text, &languages).remove(0);
        assert_eq!(range("20–200 µL").holds(&range("60 µL")), Some(true));
        assert_eq!(range("> 200 users").holds(&range("150 users")), Some(false));
        assert_eq!(range("4–6 kb").holds(&range("5 days")), None);
    }
}
