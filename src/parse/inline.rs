//! What does a reader see of this piece of Markdown?
//!
//! Strips inline markup from a short slice (a cell, an item, a heading) and remembers what it marked.
//! Links are found for their text only; `links` reads them for the graph with the full parser.

use super::super::note::{Mark, MarkKind, Rich};

/// Returns the text of inline Markdown without its markup. Linear in its length.
pub fn rich(raw: &str) -> Rich {
    let mut reader = Reader { raw, at: 0, out: Rich::default(), open: Vec::new(), no_close: [0; 4], last_target: None };
    while reader.at < raw.len() {
        reader.step();
    }
    reader.out.marks.sort_by_key(|mark| (mark.start, u32::MAX - mark.end));
    trim(reader.out)
}

struct Reader<'a> {
    raw: &'a str,
    at: usize,
    out: Rich,
    /// Open emphasis: delimiter, kind, where its text starts.
    open: Vec<(&'static str, MarkKind, usize)>,
    /// For each bracket kind, the position before which no closer was found: keeps hostile input linear.
    no_close: [usize; 4],
    /// The last `](` or `][`, once it was looked for.
    last_target: Option<usize>,
}

const EMPHASIS: [(&str, MarkKind); 6] = [
    ("**", MarkKind::Bold),
    ("__", MarkKind::Bold),
    ("~~", MarkKind::Struck),
    ("==", MarkKind::Italic),
    ("*", MarkKind::Italic),
    ("_", MarkKind::Italic),
];

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.raw[self.at..]
    }

    fn step(&mut self) {
        let rest = self.rest();
        let n_plain = rest.bytes().position(is_markup).unwrap_or(rest.len());
        self.out.text.push_str(&rest[..n_plain]);
        self.at += n_plain;
        let rest = &rest[n_plain..];
        if rest.is_empty() {
            return;
        }
        let taken = match rest.as_bytes()[0] {
            b'\\' => self.escape(),
            b'`' => self.code(),
            b'!' if rest.starts_with("![") => self.image(),
            b'[' if rest.starts_with("[[") => self.wiki_link(),
            b'[' if rest.starts_with("[^") => self.footnote(),
            b'[' => self.markdown_link(),
            b'<' => self.tag(),
            b'&' => self.entity(),
            b'%' if rest.starts_with("%%") => self.comment(),
            b'*' | b'_' | b'~' | b'=' => self.emphasis(),
            _ => false,
        };
        if !taken {
            let c = self.rest().chars().next().unwrap_or(' ');
            self.out.text.push(c);
            self.at += c.len_utf8();
        }
    }

    fn escape(&mut self) -> bool {
        let mut chars = self.rest().chars().skip(1);
        match chars.next() {
            Some(c) if c.is_ascii_punctuation() => {
                self.out.text.push(c);
                self.at += 1 + c.len_utf8();
                true
            }
            _ => false,
        }
    }

    fn code(&mut self) -> bool {
        let rest = self.rest();
        let n_ticks = rest.len() - rest.trim_start_matches('`').len();
        let fence = &rest[..n_ticks];
        let end = rest[n_ticks..].find(fence).filter(|_| n_ticks <= 3 && self.no_close[3] <= self.at);
        let Some(end) = end else {
            // A run that closes nowhere is text, taken at once.
            self.no_close[3] = if n_ticks <= 3 { self.raw.len() } else { self.no_close[3] };
            self.out.text.push_str(fence);
            self.at += n_ticks;
            return true;
        };
        let inner = rest[n_ticks..n_ticks + end].replace("\\|", "|");
        self.mark(inner.trim(), MarkKind::Code, None);
        self.at += n_ticks * 2 + end;
        true
    }

    fn mark(&mut self, text: &str, kind: MarkKind, target: Option<String>) {
        let start = self.out.text.len() as u32;
        self.out.text.push_str(text);
        self.out.marks.push(Mark { kind, start, end: self.out.text.len() as u32, target });
    }

    fn close(&mut self, which: usize, pattern: &str, from: usize) -> Option<usize> {
        if self.no_close[which] > self.at {
            return None;
        }
        let found = self.rest().get(from..)?.find(pattern).map(|found| found + from);
        if found.is_none() {
            self.no_close[which] = self.raw.len();
        }
        found
    }

    fn image(&mut self) -> bool {
        if self.rest().starts_with("![[") {
            let Some(end) = self.close(0, "]]", 3) else {
                return false;
            };
            let inner = &self.rest()[3..end];
            let (target, display) = inner.split_once('|').unwrap_or((inner, ""));
            let is_size = display.chars().all(|c| c.is_ascii_digit() || c == 'x');
            let shown = if is_size { String::new() } else { display.to_owned() };
            self.mark(&shown, MarkKind::Link, Some(target.trim_end_matches('\\').trim().to_owned()));
            self.at += end + 2;
            return true;
        }
        let Some((text, _, length)) = bracketed_link(&self.rest()[1..]) else {
            return false;
        };
        let shown = rich(text).text;
        if !shown.chars().all(|c| c.is_ascii_digit() || c == 'x') {
            self.out.text.push_str(&shown);
        }
        self.at += 1 + length;
        true
    }

    fn wiki_link(&mut self) -> bool {
        let Some(end) = self.close(0, "]]", 2) else {
            return false;
        };
        let whole = &self.rest()[2..end];
        // The innermost pair is the link: the opening brackets before it are text.
        let inner_start = whole.rfind("[[").map_or(0, |at| at + 2);
        let inner = &whole[inner_start..];
        if inner.contains('\n') && !inner.contains('|') || inner.trim_matches(['#', ' ']).is_empty() {
            // Nothing is linked: the whole run is text, taken at once.
            let run = self.rest()[..end + 2].to_owned();
            self.out.text.push_str(&run);
            self.at += end + 2;
            return true;
        }
        let outside = self.rest()[..inner_start].to_owned();
        self.out.text.push_str(&outside);
        let (target, display) = match inner.split_once('|') {
            Some((target, display)) => (target.strip_suffix('\\').unwrap_or(target), display),
            None => (inner, ""),
        };
        let shown = if display.trim().is_empty() {
            target.trim().trim_start_matches('#').replace('#', " > ")
        } else {
            rich(&display.replace("\\|", "|")).text
        };
        self.mark(shown.trim(), MarkKind::Link, Some(target.trim().to_owned()));
        self.at += end + 2;
        true
    }

    fn footnote(&mut self) -> bool {
        let end = self.rest().bytes().take(64).position(|byte| matches!(byte, b']' | b' '));
        let Some(end) = end.filter(|end| self.rest().as_bytes()[*end] == b']') else {
            return false;
        };
        self.at += end + 1;
        true
    }

    fn last_target(&mut self) -> usize {
        let raw = self.raw;
        *self.last_target.get_or_insert_with(|| raw.rfind("](").max(raw.rfind("][")).unwrap_or(0))
    }

    fn markdown_link(&mut self) -> bool {
        if self.no_close[1] > self.at {
            return false;
        }
        let Some((text, target, length)) = bracketed_link(self.rest()) else {
            // Beyond the last place where a target can start, no bracket is a link.
            self.no_close[1] = if self.at < self.last_target() { 0 } else { self.raw.len() };
            return false;
        };
        let inner = rich(text);
        let base = self.out.text.len() as u32;
        self.out.text.push_str(&inner.text);
        let moved = inner.marks.into_iter().map(|mark| Mark { start: mark.start + base, end: mark.end + base, ..mark });
        self.out.marks.extend(moved);
        let end = self.out.text.len() as u32;
        self.out.marks.push(Mark { kind: MarkKind::Link, start: base, end, target: Some(target.to_owned()) });
        self.at += length;
        true
    }

    fn tag(&mut self) -> bool {
        let rest = self.rest();
        if rest.starts_with("<!--") {
            let length = rest.find("-->").map_or(rest.len(), |end| end + 3);
            self.at += length;
            return true;
        }
        let mut inside = rest[1..].chars();
        let opens = inside.next().is_some_and(|c| {
            c.is_ascii_alphabetic() || (c == '/' && inside.next().is_some_and(|c| c.is_ascii_alphabetic()))
        });
        if !opens {
            return false;
        }
        let Some(end) = self.close(2, ">", 1) else {
            return false;
        };
        let tag = &rest[1..end];
        let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        let after_name = tag.trim_start_matches('/')[name.len()..].chars().next();
        match after_name {
            // `<https://…>` and `<a@b.c>` are autolinks, `<your name>` a placeholder: shown.
            Some(':' | '@') => {
                let target = tag.to_owned();
                self.mark(&target, MarkKind::Link, Some(target.clone()));
            }
            None | Some(' ' | '/' | '\n' | '\t') if is_html(&name) => {
                if matches!(name.to_ascii_lowercase().as_str(), "br" | "p" | "li" | "div" | "tr") {
                    self.out.text.push('\n');
                }
            }
            _ => return false,
        }
        self.at += end + 1;
        // `<sup>2</sup>` is a footnote mark, not text.
        if name.eq_ignore_ascii_case("sup")
            && let Some(length) = self.rest().as_bytes().windows(6).take(40).position(|bytes| bytes == b"</sup>")
            && rich(&self.rest()[..length]).text.chars().all(|c| c.is_ascii_digit() || ",* ()[]†".contains(c))
        {
            self.at += length;
        }
        true
    }

    fn entity(&mut self) -> bool {
        const ENTITIES: [(&str, &str); 12] = [
            ("&amp;", "&"),
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&nbsp;", " "),
            ("&quot;", "\""),
            ("&#39;", "'"),
            ("&rarr;", "→"),
            ("&ndash;", "–"),
            ("&mdash;", "—"),
            ("&check;", "✓"),
            ("&cross;", "✗"),
            ("&#124;", "|"),
        ];
        let Some((name, text)) = ENTITIES.iter().find(|(name, _)| self.rest().starts_with(name)) else {
            return false;
        };
        self.out.text.push_str(text);
        self.at += name.len();
        true
    }

    fn comment(&mut self) -> bool {
        let Some(end) = self.rest()[2..].find("%%") else {
            return false;
        };
        self.at += end + 4;
        true
    }

    fn emphasis(&mut self) -> bool {
        let rest = self.rest();
        let Some((delimiter, kind)) = EMPHASIS.iter().find(|(delimiter, _)| rest.starts_with(delimiter)) else {
            return false;
        };
        let before = self.raw[..self.at].chars().next_back();
        let after = rest[delimiter.len()..].chars().next();
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        if delimiter.starts_with('_') && is_word(before) && is_word(after) {
            return false;
        }
        if let Some(at) = self.open.iter().rposition(|(open, ..)| open == delimiter) {
            if before.is_some_and(char::is_whitespace) && after.is_some_and(|c| !c.is_whitespace()) {
                return false;
            }
            let (_, kind, start) = self.open[at];
            self.open.truncate(at);
            self.out.marks.push(Mark { kind, start: start as u32, end: self.out.text.len() as u32, target: None });
            self.at += delimiter.len();
            return true;
        }
        // A delimiter opens only before text and where it closes later; `2 * 3` is no emphasis.
        let opens = after.is_some_and(|c| !c.is_whitespace())
            && rest[delimiter.len()..].contains(delimiter)
            && self.open.len() < 16;
        if opens {
            self.open.push((delimiter, *kind, self.out.text.len()));
            self.at += delimiter.len();
        }
        opens
    }
}

/// True for what may begin or end markup.
fn is_markup(byte: u8) -> bool {
    matches!(byte, b'\\' | b'`' | b'!' | b'[' | b'<' | b'&' | b'%' | b'*' | b'_' | b'~' | b'=')
}

/// Splits `[text](target)` or `[text][reference]` at the start of `rest`: text, target, length in bytes.
fn bracketed_link(rest: &str) -> Option<(&str, &str, usize)> {
    let mut depth = 0usize;
    let mut end = None;
    for (at, byte) in rest.bytes().enumerate().take(2_000) {
        match byte {
            b'[' => depth += 1,
            b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    end = Some(at);
                    break;
                }
            }
            _ => {}
        }
    }
    let end = end?;
    let (open, close) = match rest.as_bytes().get(end + 1)? {
        b'(' => ('(', ')'),
        b'[' => ('[', ']'),
        _ => return None,
    };
    let mut depth = 0usize;
    for (at, c) in rest[end + 1..].char_indices().take(4_096) {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                let target = &rest[end + 2..end + 1 + at];
                return Some((&rest[1..end], target, end + 1 + at + 1));
            }
        }
    }
    None
}

fn is_html(name: &str) -> bool {
    const TAGS: [&str; 48] = [
        "a",
        "abbr",
        "b",
        "big",
        "blockquote",
        "br",
        "center",
        "code",
        "dd",
        "del",
        "details",
        "div",
        "dl",
        "dt",
        "em",
        "font",
        "h1",
        "h2",
        "h3",
        "h4",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "mark",
        "ol",
        "p",
        "pre",
        "s",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
        "nobr",
        "wbr",
    ];
    TAGS.contains(&name.to_ascii_lowercase().as_str())
}

fn trim(out: Rich) -> Rich {
    let start = out.text.len() - out.text.trim_start().len();
    let end = out.text.trim_end().len().max(start);
    if start == 0 && end == out.text.len() {
        return out;
    }
    let clamp = |at: u32| (at as usize).clamp(start, end) as u32 - start as u32;
    let marks =
        out.marks.into_iter().map(|mark| Mark { start: clamp(mark.start), end: clamp(mark.end), ..mark }).collect();
    Rich { text: out.text[start..end].to_owned(), marks }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, text: &str) {
        assert_eq!(rich(raw).text, text);
    }

    #[test]
    fn markup_goes_and_text_stays() {
        check("**Bedrock**: cần `LLM` nhanh", "Bedrock: cần LLM nhanh");
        check("[[Amazon SageMaker AI\\|SageMaker]] <br> hoặc [Kendra](k.md)", "SageMaker \n hoặc Kendra");
        check("~~cũ~~ 2 * 3 * 4 snake_case_name", "cũ 2 * 3 * 4 snake_case_name");
        check("x[^1] &lt; 5 <your name>", "x < 5 <your name>");
        check("![[p.png|100]] ![alt](a.png)", "alt");
        check("", "");
    }

    #[test]
    fn marks_cover_their_text() {
        let rich = rich("a **b [c](d)** `e`");
        let marks: Vec<_> = rich.marks.iter().map(|mark| (mark.kind, rich.marked(mark))).collect();
        assert_eq!(marks, [(MarkKind::Bold, "b c"), (MarkKind::Link, "c"), (MarkKind::Code, "e")]);
    }
}
