//! Which links, tags and block ids does this text hold?
//!
//! Takes them from pulldown-cmark's events and mends what the parser leaves open (SEMANTICS B.1):
//! trailing backslashes of table cells, blank targets, links swallowed by a longer one.

use std::borrow::Cow;
use std::ops::Range;

use percent_encoding::percent_decode_str;
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
    /// The event before opened or closed markup, so that a tag may start here.
    starts_chunk: bool,
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
        Self {
            text,
            body,
            open: Vec::new(),
            found: Vec::new(),
            tags: Vec::new(),
            code: 0,
            n_dropped: 0,
            starts_chunk: true,
        }
    }

    /// Looks at one event; `range` is relative to the body.
    pub fn see(&mut self, event: &Event<'_>, range: Range<usize>) {
        let range = self.body + range.start..self.body + range.end;
        self.take(event, range);
        self.starts_chunk =
            matches!(event, Event::Start(_) | Event::End(TagEnd::Strong | TagEnd::Emphasis | TagEnd::Strikethrough));
    }

    fn take(&mut self, event: &Event<'_>, range: Range<usize>) {
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
                    self.scan_cut(range);
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
            // Of `[![[p.png]]](u)` the parser makes one picture of `u`; it is the link around the picture.
            let is_around = is_image && !target.contains("]]");
            let kind = if is_external(target) { LinkKind::External } else { LinkKind::Markdown };
            let target = if is_around { percent_decoded(target) } else { String::new() };
            self.open.push(OpenLink { target, display: String::new(), kind, range });
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

    /// A link whose alias the parser cut, so that it is in no part of the text: by an unescaped pipe, which ends a table
    /// cell, or by a link inside.
    fn scan_cut(&mut self, range: Range<usize>) {
        // The two brackets may come as texts of their own.
        let from = range.start - usize::from(self.text[..range.start].ends_with('['));
        let slice = &self.text[from..range.end];
        let Some(at) = slice.rfind("[[").filter(|at| !slice[*at..].contains("]]")) else {
            return;
        };
        let start = from + at;
        // A link is short; looking to the end of a long line for each bracket would be quadratic.
        let limit = self.text.floor_char_boundary(start + TARGET_LIMIT);
        let line_end = self.text[start..limit].find('\n').map_or(limit, |end| start + end);
        let line = &self.text[start..line_end];
        let Some((target, display)) = line.find("]]").and_then(|end| line[2..end].split_once('|')) else {
            return;
        };
        if !self.text[..start].ends_with('\\') && !target.contains("[[") {
            let is_embed = self.text[..start].ends_with('!');
            let kind = if is_embed { LinkKind::Embed } else { LinkKind::Wiki };
            let end = start + 2 + target.len() + 1 + display.len() + 2;
            self.push(target.to_owned(), display.to_owned(), kind, start - usize::from(is_embed)..end);
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
            let starts_chunk = at == 0 && self.starts_chunk;
            if before.is_some_and(|c| !c.is_whitespace()) && !starts_chunk {
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
        let formulas = formulas(&self.text[self.body..], self.body);
        let mut columns = Columns::default();
        for (target, display, kind, range) in self.found {
            if within(&formulas, range.start) {
                continue;
            }
            let in_comment = within(&comments, range.start);
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
    let is_blank = |c: char| c.is_whitespace() || is_format(c);
    if target.chars().all(|c| is_blank(c) || c == '#') || target.contains(['\n', '\r']) || target.len() > TARGET_LIMIT {
        return None;
    }
    let kind = if kind != LinkKind::External && is_external(target) { LinkKind::External } else { kind };
    // `[[##x]]` and `[[^^x]]` search all notes: they name none, and not the one that they stand in.
    let is_search = is_wiki && (target.starts_with("##") || target.starts_with("^^"));
    let (path, subpath) = if is_search { (target, "") } else { target.split_once('#').unwrap_or((target, "")) };
    let subpath: Vec<String> =
        subpath.split('#').filter(|part| !part.trim().is_empty()).map(|part| part.trim().to_owned()).collect();
    let mut display = display.trim().replace("\\|", "|");
    if kind == LinkKind::Embed || text[span.0..span.1].starts_with("![") {
        display = without_size(display, path);
    }
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

/// Takes the size off what a picture shows: `100`, `100x145`, `alt|100`. Of a note a number is text.
fn without_size(display: String, path: &str) -> String {
    let (_, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_note = name.rsplit_once('.').is_none_or(|(_, extension)| extension.eq_ignore_ascii_case("md"));
    if is_note && !is_external(path) {
        return display;
    }
    let (before, last) = display.rsplit_once('|').unwrap_or(("", &display));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_size = match last.trim().split_once('x') {
        Some((width, height)) => is_number(width) && is_number(height),
        None => is_number(last.trim()),
    };
    if is_size { before.trim().to_owned() } else { display }
}

/// True for characters that show nothing (Unicode category Cf, those that people paste).
fn is_format(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}')
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

/// Decodes `%20` and its like; what is no UTF-8 then stays as it is.
pub fn percent_decoded(target: &str) -> String {
    percent_decode_str(target).decode_utf8().map_or_else(|_| target.to_owned(), Cow::into_owned)
}

fn is_tag_char(c: char) -> bool {
    !c.is_whitespace()
        && !matches!(c, '\u{2000}'..='\u{206f}' | '\u{2e00}'..='\u{2e7f}')
        && !"'\"!#$%&()*+,.:;<=>?@^`{|}~[]\\".contains(c)
}

/// Returns the byte ranges of blocks between lines `$$`: to the parser they end at a blank line.
fn formulas(body: &str, start: usize) -> Vec<Range<usize>> {
    if !body.contains("$$") {
        return Vec::new();
    }
    let (mut formulas, mut open, mut at, mut is_fenced) = (Vec::new(), None, start, false);
    for line in body.split_inclusive('\n') {
        let trimmed = line.trim();
        is_fenced ^= open.is_none() && (trimmed.starts_with("```") || trimmed.starts_with("~~~"));
        if trimmed == "$$" && !is_fenced {
            match open.take() {
                Some(from) => formulas.push(from..at),
                None => open = Some(at),
            }
        }
        at += line.len();
    }
    formulas
}

/// Returns the byte ranges between pairs of `%%`.
fn comments(text: &str) -> Vec<Range<usize>> {
    let marks: Vec<usize> = text.match_indices("%%").map(|(at, _)| at).collect();
    marks.chunks_exact(2).map(|pair| pair[0]..pair[1]).collect()
}

/// True when a byte lies in one of the ranges, which are in order and apart. Cost: logarithmic.
fn within(ranges: &[Range<usize>], at: usize) -> bool {
    let before = ranges.partition_point(|range| range.start <= at);
    before > 0 && ranges[before - 1].contains(&at)
}
