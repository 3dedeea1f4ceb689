//! How does text of a note stand in a chat message without acting there?
//!
//! Escapes Discord's markup, so that a note or a question cannot format, mention, link, preview an address or end a
//! fence. What is escaped looks the same to a reader.

use super::clean;
use crate::text::width;

/// Takes no room and cuts what a client would act on.
const CUT: char = '\u{200b}';
/// Signs that mean something in the middle of a line.
const SIGNS: &[char] = &['\\', '*', '_', '~', '`', '|', '<', '>', '[', ']', '(', ')'];
/// Signs that mean something at the start of a line.
const FIRST_SIGNS: &[char] = &['#', '-', '+'];
/// Names of hosts whose bare addresses become an invitation.
const INVITING: &str = "discord";

/// Returns one line of text that shows itself and does nothing else.
pub fn escape(text: &str) -> String {
    let text = clean(text).replace('\n', " ");
    let mut escaped = String::with_capacity(text.len() + 8);
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        let is_first = escaped.is_empty();
        if SIGNS.contains(&c) || (is_first && FIRST_SIGNS.contains(&c)) {
            escaped.push('\\');
        }
        escaped.push(c);
        let after = &rest[c.len_utf8()..];
        let is_address = c == ':' && after.starts_with("//");
        let is_inviting = after.starts_with('.') && ends_with_folded(&text[..text.len() - after.len()], INVITING);
        if c == '@' || is_address || is_inviting {
            escaped.push(CUT);
        }
        rest = after;
    }
    escaped
}

fn ends_with_folded(text: &str, end: &str) -> bool {
    text.len().checked_sub(end.len()).and_then(|at| text.get(at..)).is_some_and(|last| last.eq_ignore_ascii_case(end))
}

/// True when the text would end the fence it stands in.
pub(super) fn breaks_fence(text: &str) -> bool {
    text.contains("```")
}

/// Returns how long Discord counts the text: UTF-16 units, the larger of the two counts that are in use.
pub(super) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Returns the text, or its beginning and `…` where it is wider than `limit` cells. For names and labels, never quotes.
pub fn shorten(text: &str, limit: usize) -> String {
    // Marks that take no room could be many.
    let is_short = |text: &str| width(text) <= limit && text.chars().count() <= 2 * limit;
    if is_short(text) {
        return text.to_owned();
    }
    let mut short = String::new();
    for c in text.chars() {
        short.push(c);
        if !is_short(&format!("{short}…")) {
            short.pop();
            break;
        }
    }
    format!("{}…", short.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_acts() {
        assert_eq!(escape("**a** `b` <@1> [x](y)"), "\\*\\*a\\*\\* \\`b\\` \\<@\u{200b}1\\> \\[x\\]\\(y\\)");
        assert_eq!(escape("@everyone"), "@\u{200b}everyone");
        assert_eq!(escape("https://a.b"), "https:\u{200b}//a.b");
        assert_eq!(escape("Discord.gg/x"), "Discord\u{200b}.gg/x");
        assert_eq!(escape("# a - b"), "\\# a - b");
        assert_eq!(escape("a\nb\u{7}"), "a b\u{fffd}");
    }

    #[test]
    fn labels_are_cut_at_characters() {
        assert_eq!(shorten("Độ trễ thấp", 6), "Độ tr…");
        assert_eq!(shorten("短い名前です", 7), "短い名…");
        assert_eq!(shorten("short", 6), "short");
    }
}
