//! Which links, tags and block ids does this text hold?
//!
//! Takes them from pulldown-cmark's events and mends what the parser leaves open (SEMANTICS B.1):
//! trailing backslashes of table cells, blank targets, links swallowed by a longer one.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Tag, TagEnd};
use rustc_hash::FxHashSet;

use crate::note::{Link, LinkKind, Note, Problem};

/// Links of one note beyond this are dropped and reported.
const LINK_LIMIT: usize = 100_000;
const TARGET_LIMIT: usize = 4 << 10;
const TAG_LIMIT: usize = 256;

/// Gathers links and tags while the block reader walks the events.
pub struct Collector<'a> {
    text: &'a str,
    body: usize,
    open: Vec<OpenLink>,
    found: Vec<(String, String, LinkKind, Range<usize>)>,
    tags: Vec<String>,
    code: u32,
    n_dropped: usize,
}

struct OpenLink {
    target: String,
    display: String,
    kind: LinkKind,
    range: Range<usize>,
}

impl<'a> Collector<'a> {
    /// Starts for a body that begins at byte `body` of `text`.
    pub fn new(text: &'a str, body: usize) -> Self {
        Self { text, body, open: Vec::new(), found: Vec::new(), tags: Vec::new(), code: 0, n_dropped: 0 }
    }

    /// Looks at one event; `range` is relative to the body.
    pub fn see(&mut self, event: &Event<'_>, range: Range<usize>) {
        let range = self.body + range.start..self.body + range.end;
        match event {
            Event::Start(Tag::CodeBlock(_)) => self.code += 1,
            Event::End(TagEnd::CodeBlock) => self.code = self.code.saturating_sub(1),
            Event::Start(Tag::Link { link_type, dest_url, .. }) => self.open(*link_type, dest_url, false, range),
            Event::Start(Tag::Image { link_type, dest_url, .. }) => self.open(*link_type, dest_url, true, range),
            Event::End(TagEnd::Link | TagEnd::Image) => self.close(),
            Event::Text(text) => {
                if let Some(open) = self.open.last_mut() {
                    open.display.push_str(text);
                } else if self.code == 0 {
                    self.scan_tags(range.clone());
                    self.scan_split_cell(range);
                }
            }
            Event::Code(text) => {
                if let Some(open) = self.open.last_mut() {
                    open.display.push_str(text);
                }
            }
            Event::SoftBreak | Event::HardBreak => {
                if let Some(open) = self.open.last_mut() {
                    open.display.push(' ');
                }
            }
            // `US$5 [[A]] US$6` is no formula: the closing sign is followed by a digit.
            Event::InlineMath(_) if self.text[range.end..].starts_with(|c: char| c.is_ascii_digit()) => {
                self.scan_lines(range)
            }
            _ => {}
        }
    }

    fn open(&mut self, link_type: LinkType, target: &str, is_image: bool, range: Range<usize>) {
        let slice = &self.text[range.clone()];
        let kind = match link_type {
            _ if is_image => LinkKind::Embed,
            LinkType::WikiLink { .. } => LinkKind::Wiki,
            _ if is_external(target) => LinkKind::External,
            _ => LinkKind::Markdown,
        };
        let swallowed = target.contains("]]")
            || (is_image && slice.starts_with("![[") && !matches!(link_type, LinkType::WikiLink { .. }));
        if swallowed {
            self.scan_lines(range.clone());
            self.open.push(OpenLink { target: String::new(), display: String::new(), kind, range });
            return;
        }
        let is_wiki = matches!(link_type, LinkType::WikiLink { .. });
        let target = if is_wiki { target.to_owned() } else { percent_decoded(target) };
        self.open.push(OpenLink { target, display: String::new(), kind, range });
    }

    fn close(&mut self) {
        let Some(open) = self.open.pop() else { return };
        if let Some(outer) = self.open.last_mut() {
            outer.display.push_str(&open.display);
        }
        self.push(open.target, open.display, open.kind, open.range);
    }

    fn push(&mut self, target: String, display: String, kind: LinkKind, range: Range<usize>) {
        if self.found.len() >= LINK_LIMIT {
            self.n_dropped += 1;
        } else if !target.is_empty() {
            self.found.push((target, display, kind, range));
        }
    }

    /// An unescaped pipe in a link's alias splits the table cell: the link is in neither half.
    fn scan_split_cell(&mut self, range: Range<usize>) {
        let slice = &self.text[range.clone()];
        let Some(at) = slice.rfind("[[").filter(|at| !slice[*at..].contains("]]")) else {
            return;
        };
        let start = range.start + at;
        // A link is short; looking to the end of a long line for each bracket would be quadratic.
        let limit = self.text.floor_char_boundary(start + TARGET_LIMIT);
        let line_end = self.text[start..limit].find('\n').map_or(limit, |end| start + end);
        let line = &self.text[start..line_end];
        if line.find("]]").is_some_and(|end| line[..end].contains('|')) && !self.text[..start].ends_with('\\') {
            self.scan_lines(start..line_end.min(start + line.find("]]").unwrap_or(0) + 2));
        }
    }

    /// Looks at one source line of a text that is not parsed; `range` is relative to the whole text.
    pub fn see_line(&mut self, range: Range<usize>) {
        self.scan_lines(range);
    }

    /// Finds wiki-links in source text that the parser read as something else. Linear but for brackets in brackets.
    fn scan_lines(&mut self, range: Range<usize>) {
        let mut at = range.start;
        while let Some(open) = self.text[at..range.end].find("[[") {
            let start = at + open;
            let Some(length) = self.text[start..range.end].find("]]") else {
                return;
            };
            let inner = &self.text[start + 2..start + length];
            at = start + length + 2;
            if inner.contains('\n') || inner.contains("[[") {
                at = start + 2;
                continue;
            }
            let is_embed = self.text[..start].ends_with('!');
            let (target, display) = inner.split_once('|').unwrap_or((inner, ""));
            let kind = if is_embed { LinkKind::Embed } else { LinkKind::Wiki };
            self.push(target.to_owned(), display.to_owned(), kind, start - usize::from(is_embed)..at);
        }
    }

    fn scan_tags(&mut self, range: Range<usize>) {
        let slice = &self.text[range.clone()];
        for (at, _) in slice.match_indices('#') {
            let before = self.text[..range.start + at].chars().next_back();
            if before.is_some_and(|c| !c.is_whitespace()) {
                continue;
            }
            let tag: String = slice[at + 1..].chars().take_while(|c| is_tag_char(*c)).collect();
            let tag = tag.trim_end_matches('/');
            if !tag.is_empty() && tag.len() <= TAG_LIMIT && !tag.chars().all(|c| c.is_ascii_digit() || c == '/') {
                self.tags.push(tag.to_owned());
            }
        }
    }

    /// Hands everything over to the note, links in order of place.
    pub fn finish(mut self, note: &mut Note) {
        self.found.sort_by_key(|(.., range)| (range.start, range.end));
        let comments = comments(self.text);
        let mut columns = Columns::default();
        for (target, display, kind, range) in self.found {
            let before = comments.partition_point(|comment| comment.start <= range.start);
            let in_comment = before > 0 && comments[before - 1].contains(&range.start);
            let span = (range.start, range.end);
            let link = link_at(note, self.text, &target, &display, kind, span, in_comment, &mut columns);
            note.links.extend(link);
        }
        let mut known: FxHashSet<String> = note.tags.iter().map(|tag| tag.to_lowercase()).collect();
        note.tags.extend(self.tags.into_iter().filter(|tag| known.insert(tag.to_lowercase())));
        if self.n_dropped > 0 {
            note.problems.push(Problem::at(
                1,
                "over-limit",
                format!("{} links beyond the first {LINK_LIMIT} are left out", self.n_dropped),
            ));
        }
    }
}

/// Counts columns of places that come in order: counting from the start of a long line each time would be quadratic.
#[derive(Default)]
struct Columns {
    line_start: usize,
    at: usize,
    n_before: u32,
}

impl Columns {
    fn of(&mut self, text: &str, line_start: usize, at: usize) -> u32 {
        if self.line_start != line_start || at < self.at || self.at < line_start {
            *self = Self { line_start, at: line_start, n_before: 0 };
        }
        self.n_before += text.get(self.at..at).map_or(0, |before| before.chars().count() as u32);
        self.at = at;
        self.n_before + 1
    }
}

/// Builds a link from its parts; nothing for targets that name nothing.
pub fn link(
    note: &Note,
    text: &str,
    target: &str,
    display: &str,
    kind: LinkKind,
    span: (usize, usize),
    in_comment: bool,
) -> Option<Link> {
    link_at(note, text, target, display, kind, span, in_comment, &mut Columns::default())
}

#[expect(clippy::too_many_arguments, reason = "the parts of a link; a struct would only rename them")]
fn link_at(
    note: &Note,
    text: &str,
    target: &str,
    display: &str,
    kind: LinkKind,
    span: (usize, usize),
    in_comment: bool,
    columns: &mut Columns,
) -> Option<Link> {
    let is_wiki = matches!(kind, LinkKind::Wiki | LinkKind::Embed | LinkKind::Property);
    let mut target = target.trim();
    if is_wiki {
        target = target.strip_suffix('\\').unwrap_or(target).trim();
    }
    let is_blank = target.chars().all(|c| c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}'));
    if is_blank || target == "#" || target.contains(['\n', '\r']) || target.len() > TARGET_LIMIT {
        return None;
    }
    let kind = if kind != LinkKind::External && is_external(target) { LinkKind::External } else { kind };
    let (path, subpath) = target.split_once('#').unwrap_or((target, ""));
    let subpath: Vec<String> =
        subpath.split('#').filter(|part| !part.trim().is_empty()).map(|part| part.trim().to_owned()).collect();
    let mut display = display.trim().replace("\\|", "|");
    if display.is_empty() || display == target || display.trim_end_matches('\\') == target {
        display = std::iter::once(path.trim())
            .filter(|path| !path.is_empty())
            .chain(subpath.iter().map(String::as_str))
            .collect::<Vec<_>>()
            .join(" > ");
    }
    let line = note.line_of(span.0);
    let line_start = note.line_starts.get(line as usize - 1).copied().unwrap_or(0) as usize;
    let column = columns.of(text, line_start, span.0);
    display.truncate(display.floor_char_boundary(TARGET_LIMIT));
    Some(Link {
        target: target.to_owned(),
        path: path.trim().replace('\u{a0}', " "),
        subpath,
        display,
        kind,
        line,
        column,
        span: (span.0 as u32, span.1 as u32),
        in_comment,
    })
}

/// Splits ` ^id` off the end of a paragraph, item or heading.
pub fn split_block_id(text: &str) -> (&str, Option<&str>) {
    let trimmed = text.trim_end();
    let Some((before, id)) = trimmed.rsplit_once('^') else {
        return (text, None);
    };
    let is_id = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if is_id && (before.is_empty() || before.ends_with([' ', '\t'])) {
        (before.trim_end(), Some(id))
    } else {
        (text, None)
    }
}

fn is_external(target: &str) -> bool {
    if target.starts_with("//") {
        return true;
    }
    let Some((scheme, _)) = target.split_once(':') else {
        return false;
    };
    scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-'))
}

fn percent_decoded(target: &str) -> String {
    let bytes = target.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = target.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (bytes[at], hex) {
            (b'%', Some(byte)) => {
                decoded.push(byte);
                at += 3;
            }
            (byte, _) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|_| target.to_owned())
}

fn is_tag_char(c: char) -> bool {
    !c.is_whitespace()
        && !matches!(c, '\u{2000}'..='\u{206f}' | '\u{2e00}'..='\u{2e7f}')
        && !"'\"!#$%&()*+,.:;<=>?@^`{|}~[]\\".contains(c)
}

/// Returns the byte ranges between pairs of `%%`.
fn comments(text: &str) -> Vec<Range<usize>> {
    let marks: Vec<usize> = text.match_indices("%%").map(|(at, _)| at).collect();
    marks.chunks_exact(2).map(|pair| pair[0]..pair[1]).collect()
}
