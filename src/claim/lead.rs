//! Where does the lead of this line end?

use crate::note::Rich;
use crate::text::{atoms, n_atoms};

/// Splits `**X**: rest`, `X: rest`, `**X** — rest`.
pub fn lead(rich: &Rich) -> Option<(Rich, Rich)> {
    let text = rich.text.as_str();
    let bold_end = rich.opening_mark().map_or(0, |mark| mark.end as usize);
    let inside = text[..bold_end].trim_end();
    if let Some(inner) = inside.strip_suffix([':', '：']) {
        return Some((rich.slice(0, inner.len()), rich.slice(bold_end, text.len())));
    }
    // `**Name.** What it is`.
    if let Some(inner) = inside.strip_suffix(['.', '。'])
        && n_atoms(inner) <= SHORT
        && text[bold_end..].trim().chars().count() > 8
    {
        return Some((rich.slice(0, inner.len()), rich.slice(bold_end, text.len())));
    }
    let rest = &text[bold_end..];
    // `[Name](link). What it is`, `Name. What it is`.
    let stop = if bold_end > 0 { rest.starts_with(['.', '!', '。']).then_some(0) } else { short_first_sentence(text) };
    if let Some(at) = stop {
        let width = rest[at..].chars().next().map_or(1, char::len_utf8);
        if rest[at + width..].trim().chars().count() > 8 {
            return Some((rich.slice(0, bold_end + at), rich.slice(bold_end + at + width, text.len())));
        }
    }
    let cut = rest.char_indices().find_map(|(at, c)| {
        let next = rest[at + c.len_utf8()..].chars().next();
        let spaced = next.is_none_or(char::is_whitespace) && (at == 0 || rest[..at].ends_with(char::is_whitespace));
        match c {
            '：' => Some((at, c.len_utf8())),
            ':' if next.is_none_or(|next| next.is_whitespace() || !next.is_ascii()) => Some((at, 1)),
            '—' | '–' if spaced || next.is_some_and(|next| next == c) => Some((at, c.len_utf8())),
            '-' if spaced => Some((at, 1)),
            '=' if spaced => Some((at, 1)),
            _ => None,
        }
    });
    let (at, width) = cut?;
    let lead_text = &text[..bold_end + at];
    // A bold lead may be followed by a bracket; other text between it and the colon makes it a sentence.
    let n_words = atoms(lead_text).iter().map(|atom| if atom.script.is_dense() { 1 } else { 2 }).sum::<usize>();
    let is_short = n_words <= if bold_end > 0 { 24 } else { 14 };
    let opens_sentence = lead_text.contains(['.', '。', '?', '？']) && !lead_text.contains("vs.") && bold_end == 0;
    if !is_short || opens_sentence || lead_text.trim().is_empty() {
        return None;
    }
    Some((rich.slice(0, lead_text.trim_end().len()), rich.slice(bold_end + at + width, text.len())))
}

/// Words of a bold sentence that is a name.
const SHORT: usize = 6;

/// Returns the end of a first sentence that is a name: a few words, the first a capital.
fn short_first_sentence(text: &str) -> Option<usize> {
    let at = text.find(". ")?;
    let is_name = text.starts_with(char::is_uppercase)
        && !text[..at].contains([',', ':', '?'])
        && (1..=4).contains(&n_atoms(&text[..at]));
    is_name.then_some(at)
}

/// Returns a text without blanks at its ends.
pub fn trimmed(rich: &Rich) -> Rich {
    let start = rich.text.len() - rich.text.trim_start().len();
    rich.slice(start, rich.text.trim_end().len().max(start))
}
