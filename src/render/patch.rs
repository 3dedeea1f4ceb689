//! How is a change of a note shown before it is made?

use similar::TextDiff;

use super::{Ink, Style, clean};

/// Returns the change as other programs apply it: `git apply`, `patch -p1`.
pub fn exact(path: &str, before: &str, after: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    diff.unified_diff().header(&format!("a/{path}"), &format!("b/{path}")).to_string()
}

/// Returns the change as a person reads it.
pub fn shown(path: &str, before: &str, after: &str, style: Style) -> String {
    let mut out = String::new();
    for line in exact(path, before, after).lines() {
        let ink = match line.as_bytes().first() {
            Some(b'+') => Some(Ink::Deciding),
            Some(b'-') => Some(Ink::Warning),
            Some(b'@') => Some(Ink::Faint),
            _ => None,
        };
        let line = clean(line);
        out.push_str(&ink.map_or_else(|| line.clone(), |ink| style.paint(ink, &line)));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_keeps_every_byte() {
        let patch = exact("a b.md", "one\r\ntwo\r\nthree", "one\r\n2\r\nthree");
        assert_eq!(
            patch,
            "--- a/a b.md\n+++ b/a b.md\n@@ -1,3 +1,3 @@\n one\r\n-two\r\n+2\r\n three\n\\ No newline at end of file\n"
        );
        let style = Style { colour: false, width: 80 };
        assert!(shown("a.md", "\u{1b}[2J\n", "x\n", style).contains("-\u{fffd}[2J\n"));
    }
}
