//! Which headings, paragraphs, lists, tables and fences make up a note?
//!
//! Follows pulldown-cmark's events for the structure and cuts the source lines for the text, so that every line
//! number is the reader's. Recovers tables that the parser refused and bodies of site generators' containers.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::{drawn, inline::rich, links, markup_tables, rows};
use crate::note::{Block, BlockKind, Item, Line, Note, Problem, Section};

/// Longer lines of text that is read by lines are found by their words alone.
const LINE_LIMIT: usize = 4 << 10;
/// So are lines beyond this many.
const BLOCK_LIMIT: usize = 100_000;
/// Of a heading that is longer, in bytes, the start counts.
const HEADING_LIMIT: usize = 4 << 10;
/// Containers inside containers are read this deep; deeper ones are text.
const NESTING_LIMIT: u8 = 4;

/// Reads the body, which starts at byte `body`, into the note.
pub fn read(text: &str, body: usize, note: &mut Note) {
    let base = note.line_of(body) - 1;
    let base = if body == text.len() && body > 0 { note.n_lines() } else { base };
    let mut collector = links::Collector::new(text, body);
    Reader::new(&text[body..], base, 0, note).read(Some(&mut collector));
    collector.finish(note);
}

/// Reads headings and paragraphs by lines alone, for text too large or too deep to parse.
pub fn read_lines_only(text: &str, body: usize, note: &mut Note) {
    let base = note.line_of(body) - 1;
    let mut collector = links::Collector::new(text, body);
    for (at, line) in super::split_lines(&text[body..]).enumerate() {
        let number = base + at as u32 + 1;
        if line.len() < LINE_LIMIT {
            let start = note.line_starts.get(number as usize - 1).map_or(body, |start| *start as usize).max(body);
            collector.see_line(start..start + line.len());
        }
        let hashes = line.len() - line.trim_start_matches('#').len();
        if (1..=6).contains(&hashes) && line[hashes..].starts_with(' ') {
            push_section(note, hashes as u8, line[hashes..].trim(), number);
        } else if !line.trim().is_empty() && line.len() < LINE_LIMIT && note.blocks.len() < BLOCK_LIMIT {
            let section = note.sections.len() - 1;
            let kind = BlockKind::Paragraph(vec![Line { line: number, rich: rich(line) }]);
            note.blocks.push(Block { section, lines: (number, number), kind });
        }
    }
    collector.finish(note);
}

fn push_section(note: &mut Note, level: u8, raw: &str, line: u32) {
    let raw = raw.trim().trim_end_matches('#').trim_end();
    let raw = &raw[..raw.floor_char_boundary(HEADING_LIMIT)];
    let (raw, block_id) = links::split_block_id(raw);
    if let Some(id) = block_id {
        note.block_ids.push((id.to_owned(), line));
    }
    // Attributes of site generators, `{#id}` and `{-}`, are no text.
    let shown = raw.rsplit_once(" {").filter(|(_, rest)| rest.ends_with('}')).map_or(raw, |(text, _)| text);
    let mut parent = note.sections.len() - 1;
    while parent != 0 && note.sections[parent].level >= level {
        parent = note.sections[parent].parent;
    }
    note.sections.push(Section { level, text: rich(shown).text, raw: raw.to_owned(), line, parent });
}

struct OpenItem {
    item: Item,
    text: Option<(usize, usize)>,
}

struct Reader<'a, 'n> {
    text: &'a str,
    line_starts: Vec<usize>,
    base: u32,
    nesting: u8,
    note: &'n mut Note,
    /// Nested lists that are open: numbered or not.
    lists: Vec<bool>,
    items: Vec<OpenItem>,
    done_items: Vec<Item>,
    quotes: u32,
    in_comment: bool,
    /// Where the comment opened that is open, or the last one that was.
    comment_line: u32,
    /// The last label opened a container whose body is indented.
    indented_body: bool,
}

impl<'a, 'n> Reader<'a, 'n> {
    fn new(text: &'a str, base: u32, nesting: u8, note: &'n mut Note) -> Self {
        let line_starts = super::line_starts(text).into_iter().map(|start| start as usize).collect();
        Self {
            text,
            line_starts,
            base,
            nesting,
            note,
            lists: Vec::new(),
            items: Vec::new(),
            done_items: Vec::new(),
            quotes: 0,
            in_comment: false,
            comment_line: 0,
            indented_body: false,
        }
    }

    fn read(&mut self, mut collector: Option<&mut links::Collector<'_>>) {
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_MATH
            | Options::ENABLE_WIKILINKS;
        let mut inside: Option<TagEnd> = None;
        for (event, range) in Parser::new_ext(self.text, options).into_offset_iter() {
            if let Some(collector) = collector.as_deref_mut() {
                collector.see(&event, range.clone());
            }
            if let Some(end) = inside {
                if matches!(event, Event::End(tag) if tag == end) {
                    inside = None;
                }
                continue;
            }
            match event {
                Event::Start(tag) => inside = self.start(tag, range.start, range.end),
                Event::End(TagEnd::Item) => self.end_item(),
                Event::End(TagEnd::List(_)) => {
                    self.lists.pop();
                    if self.lists.is_empty() {
                        self.flush_list();
                    }
                }
                Event::End(TagEnd::BlockQuote(_)) => self.quotes = self.quotes.saturating_sub(1),
                Event::Text(_)
                | Event::Code(_)
                | Event::InlineHtml(_)
                | Event::InlineMath(_)
                | Event::SoftBreak
                | Event::HardBreak
                | Event::FootnoteReference(_) => self.extend_item(range.start, range.end),
                _ => {}
            }
        }
        self.flush_list();
        if self.in_comment && self.nesting == 0 {
            let message = "this comment does not end, so that nothing below is read; write `%%` where it ends";
            self.note.problems.push(Problem::at(self.comment_line, "unclosed-comment", message));
        }
    }

    /// Opens a block; returns the end to skip to where its inner events are of no use.
    fn start(&mut self, tag: Tag<'_>, start: usize, end: usize) -> Option<TagEnd> {
        let closes = tag.to_end();
        if !matches!(tag, Tag::CodeBlock(_)) {
            self.indented_body &= matches!(tag, Tag::List(_) | Tag::Item);
        }
        match tag {
            Tag::Heading { level, .. } => {
                self.flush_list();
                self.heading(level, start, end);
            }
            Tag::Paragraph => match self.items.last_mut() {
                Some(open) if open.text.is_none() => open.text = Some((start, end)),
                Some(_) => self.continue_item(start, end),
                None => self.paragraph(start, end),
            },
            Tag::Table(_) => {
                self.suspend_list();
                let lines = self.lines(start, end);
                self.push_table(rows::table(&borrowed(&lines)), lines.first().map(|line| line.0), None);
            }
            Tag::CodeBlock(kind) => {
                self.suspend_list();
                self.code(&kind, start, end);
            }
            Tag::HtmlBlock => {
                self.suspend_list();
                self.html(start, end);
            }
            Tag::BlockQuote(_) => {
                self.quotes += 1;
                return None;
            }
            Tag::List(first) => {
                self.close_item_text();
                self.lists.push(first.is_some());
                return None;
            }
            Tag::Item => {
                self.start_item(start);
                return None;
            }
            Tag::Strong | Tag::Emphasis | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. } => {
                self.extend_item(start, end);
            }
            _ => return None,
        }
        Some(closes)
    }

    fn line_of(&self, offset: usize) -> u32 {
        self.base + self.line_starts.partition_point(|&start| start <= offset) as u32
    }

    /// Returns the source lines of a range with quote marks taken off.
    fn lines(&self, start: usize, end: usize) -> Vec<(u32, String)> {
        let first = self.line_of(start);
        let slice = self.text[start..end].trim_end_matches(['\n', '\r']);
        let lines = super::split_lines(slice).enumerate();
        lines.map(|(at, line)| (first + at as u32, unquoted(line, self.quotes).to_owned())).collect()
    }

    fn push(&mut self, first: u32, last: u32, kind: BlockKind) {
        if self.in_comment {
            return;
        }
        let section = self.note.sections.len() - 1;
        self.note.blocks.push(Block { section, lines: (first, last.max(first)), kind });
    }

    fn heading(&mut self, level: HeadingLevel, start: usize, end: usize) {
        let line = self.line_of(start);
        let slice = self.text[start..end].trim_matches([' ', '\t', '\n', '\r']);
        let raw = slice.trim_start_matches('#');
        // A setext heading ends in its underline.
        let raw =
            if slice.starts_with('#') { raw } else { raw.rsplit_once(['\n', '\r']).map_or(raw, |(above, _)| above) };
        if !self.in_comment {
            push_section(self.note, level as u8, raw.trim(), line);
        }
    }

    fn start_item(&mut self, start: usize) {
        let line = self.line_of(start);
        let depth = (self.lists.len().max(1) - 1).min(200) as u8;
        let is_ordered = self.lists.last().copied().unwrap_or(false);
        let item = Item { line, last_line: line, depth, rich: rich(""), task: None, is_ordered };
        self.items.push(OpenItem { item, text: None });
    }

    fn extend_item(&mut self, start: usize, end: usize) {
        if let Some(open) = self.items.last_mut() {
            let (first, _) = open.text.unwrap_or((start, end));
            open.text = Some((first.min(start), end));
        }
    }

    /// Takes over the text of the innermost open item, once.
    fn close_item_text(&mut self) {
        let quotes = self.quotes;
        let Some(open) = self.items.last_mut() else {
            return;
        };
        let Some((start, end)) = open.text.take() else {
            return;
        };
        let mut raw = super::split_lines(&self.text[start..end])
            .map(|line| unquoted(line, quotes).trim())
            .collect::<Vec<_>>()
            .join(" ");
        let mut marker = raw.chars();
        if let (Some('['), Some(mark), Some(']'), Some(' ') | None) =
            (marker.next(), marker.next(), marker.next(), marker.next())
        {
            open.item.task = Some(mark);
            raw = raw[2 + mark.len_utf8()..].trim_start().to_owned();
        }
        let (text, block_id) = links::split_block_id(&raw);
        open.item.rich = rich(text);
        open.item.last_line = self.base + self.line_starts.partition_point(|&at| at < end.max(1)) as u32;
        if let Some(id) = block_id {
            self.note.block_ids.push((id.to_owned(), open.item.line));
        }
        self.done_items.push(open.item.clone());
    }

    fn continue_item(&mut self, start: usize, end: usize) {
        self.close_item_text();
        let Some(open) = self.items.last() else {
            return;
        };
        let line = self.line_of(start);
        let item = Item {
            line,
            last_line: line,
            depth: open.item.depth.saturating_add(1),
            is_ordered: false,
            task: None,
            rich: rich(""),
        };
        self.items.push(OpenItem { item, text: Some((start, end)) });
        self.close_item_text();
        self.items.pop();
    }

    fn end_item(&mut self) {
        self.close_item_text();
        self.items.pop();
    }

    fn flush_list(&mut self) {
        let items = std::mem::take(&mut self.done_items);
        if let (Some(first), Some(last)) = (items.first(), items.iter().map(|item| item.last_line).max()) {
            self.push(first.line, last, BlockKind::List(items));
        }
    }

    /// A table or fence inside a list ends the list's block; its later items make a new one.
    fn suspend_list(&mut self) {
        self.close_item_text();
        self.flush_list();
    }

    fn paragraph(&mut self, start: usize, end: usize) {
        let lines = self.lines(start, end);
        let mut at = 0;
        while at < lines.len() {
            let (number, text) = &lines[at];
            if let Some(label) = self.comment_or_label(text, *number) {
                if let Some(label) = label {
                    self.push(*number, *number, BlockKind::Label(rich(&label)));
                    self.indented_body = true;
                }
                at += 1;
                let n_indented = lines[at..]
                    .iter()
                    .take_while(|(_, line)| line.starts_with("    ") || line.starts_with('\t'))
                    .count();
                if n_indented > 0 && self.indented_body {
                    self.nested(&lines[at..at + n_indented]);
                    at += n_indented;
                }
                continue;
            }
            let n_rows = table_run(&lines[at..]);
            if n_rows > 0 {
                let run = &lines[at..at + n_rows];
                let run = borrowed(run);
                self.push_table(rows::table(&run), Some(*number), Some(&rows::fault(&run)));
                at += n_rows;
                continue;
            }
            let n_lines = (1..lines.len() - at)
                .find(|n| table_run(&lines[at + n..]) > 0 || is_label_line(&lines[at + n].1))
                .unwrap_or(lines.len() - at);
            let run = &lines[at..at + n_lines];
            let kept = run.iter().map(|(line, text)| {
                let (text, block_id) = links::split_block_id(text);
                if let Some(id) = block_id {
                    self.note.block_ids.push((id.to_owned(), *line));
                }
                Line { line: *line, rich: rich(text.trim_end_matches('\\')) }
            });
            let kept: Vec<Line> = kept.filter(|line| !line.rich.is_blank()).collect();
            if !kept.is_empty() {
                self.push(*number, run[n_lines - 1].0, BlockKind::Paragraph(kept));
            }
            at += n_lines;
        }
    }

    /// Recognises lines that are no text: comment fences (`Some(None)`) and heads of containers (`Some(Some(title))`).
    fn comment_or_label(&mut self, line: &str, number: u32) -> Option<Option<String>> {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix("%%") {
            if !rest.contains("%%") {
                self.in_comment = !self.in_comment;
                self.comment_line = number;
            }
            return Some(None);
        }
        if self.in_comment && line.ends_with("%%") {
            self.in_comment = false;
            return Some(None);
        }
        label(line)
    }

    fn nested(&mut self, lines: &[(u32, String)]) {
        if self.nesting >= NESTING_LIMIT {
            return;
        }
        let indent = lines
            .iter()
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(_, line)| line.len() - line.trim_start().len())
            .min()
            .unwrap_or(0);
        let body: Vec<&str> = lines.iter().map(|(_, line)| line.get(indent..).unwrap_or("")).collect();
        let base = lines.first().map_or(self.base, |line| line.0 - 1);
        Reader::new(&body.join("\n"), base, self.nesting + 1, self.note).read(None);
    }

    fn push_table(&mut self, table: crate::note::Table, first: Option<u32>, fault: Option<&str>) {
        let last = table.rows.last().map(|row| row.last_line);
        let (Some(first), Some(last)) = (first, last) else {
            return;
        };
        let width = table.header.cells.len();
        if width > rows::COLUMN_LIMIT {
            let message =
                format!("this table has {width} columns, the limit is {}: it is read row by row", rows::COLUMN_LIMIT);
            self.note.problems.push(Problem::at(first, "over-limit", message));
        }
        if let Some(fault) = fault {
            self.note.problems.push(Problem::at(
                first,
                "broken-table",
                format!("a strict reader sees no table here: {fault}"),
            ));
        } else if let Some(row) = table.rows.iter().find(|row| width > 0 && row.cells.len() > width) {
            let message = format!(
                "this row has {} cells, and the header has {width}; write `\\|` for a bar inside a cell, or give the \
                 header another cell",
                row.cells.len()
            );
            self.note.problems.push(Problem::at(row.line, "uneven-table", message));
        }
        self.push(first, last, BlockKind::Table(table));
    }

    fn code(&mut self, kind: &CodeBlockKind<'_>, start: usize, end: usize) {
        let mut lines = self.lines(start, end);
        let info = match kind {
            CodeBlockKind::Fenced(info) => {
                lines.remove(0);
                if lines.last().is_some_and(|(_, line)| {
                    line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~")
                }) {
                    lines.pop();
                }
                info.to_lowercase()
            }
            CodeBlockKind::Indented => {
                if self.indented_body {
                    self.nested(&lines);
                    return;
                }
                String::new()
            }
        };
        let (Some(first), Some(last)) = (lines.first().map(|line| line.0), lines.last().map(|line| line.0)) else {
            return;
        };
        match drawn::table(&borrowed(&lines)) {
            Some(table) => self.push(first, last, BlockKind::Table(table)),
            None => self.push(first, last, BlockKind::Code { info, lines }),
        }
    }

    fn html(&mut self, start: usize, end: usize) {
        let lines = self.lines(start, end);
        let Some(first) = lines.first().map(|line| line.0) else {
            return;
        };
        let slice = self.text[start..end].trim_start();
        if slice.starts_with("<!--") && !slice.contains("-->\n") {
            return;
        }
        if slice.contains("<table") {
            for table in markup_tables::tables(&borrowed(&lines)) {
                let first = table
                    .rows
                    .first()
                    .map(|row| row.line.min(if table.header.line > 0 { table.header.line } else { row.line }));
                self.push_table(table, first, None);
            }
            return;
        }
        if let Some((_, rest)) = slice.split_once("<summary>") {
            let title = rest.split("</summary>").next().unwrap_or_default();
            self.push(first, first, BlockKind::Label(rich(title.trim())));
            let after = lines.iter().position(|(_, line)| line.contains("</summary>")).map_or(lines.len(), |at| at + 1);
            self.push_lines(&lines[after..]);
            return;
        }
        self.push_lines(&lines);
    }

    fn push_lines(&mut self, lines: &[(u32, String)]) {
        let shown: Vec<Line> = lines
            .iter()
            .map(|(line, text)| Line { line: *line, rich: rich(text) })
            .filter(|line| !line.rich.is_blank())
            .collect();
        if let (Some(first), Some(last)) = (shown.first().map(|line| line.line), shown.last().map(|line| line.line)) {
            self.push(first, last, BlockKind::Paragraph(shown));
        }
    }
}

fn borrowed(lines: &[(u32, String)]) -> Vec<(u32, &str)> {
    lines.iter().map(|(line, text)| (*line, text.as_str())).collect()
}

fn unquoted(line: &str, quotes: u32) -> &str {
    let mut rest = line;
    for _ in 0..quotes {
        let Some(inner) = rest.trim_start().strip_prefix('>') else {
            break;
        };
        rest = inner.strip_prefix(' ').unwrap_or(inner);
    }
    rest
}

/// Returns how many of the lines make a table that the parser did not take for one.
fn table_run(lines: &[(u32, String)]) -> usize {
    let n_rows = lines.iter().take_while(|(_, line)| rows::is_row(line) || rows::is_delimiter(line)).count();
    if n_rows < 2 {
        return 0;
    }
    let has_delimiter =
        lines[..n_rows].iter().skip(1).take(2).any(|(_, line)| rows::is_delimiter(line) && line.contains('|'));
    let all_piped =
        lines[..n_rows].iter().all(|(_, line)| line.trim().starts_with('|') && line.matches('|').count() > 2);
    if has_delimiter || all_piped { n_rows } else { 0 }
}

/// True for a line that is no text, and for one that opens or closes a comment.
fn is_label_line(line: &str) -> bool {
    let line = line.trim();
    line.starts_with("%%") || line.matches("%%").count() % 2 == 1 || label(line).is_some()
}

/// Returns the title of a callout's or container's head, `Some(None)` for its end.
fn label(line: &str) -> Option<Option<String>> {
    let quoted = |rest: &str| rest.trim().trim_matches(['"', '\'']).to_owned();
    let titled =
        |kind: &str, title: &str| Some(if title.is_empty() { kind.trim().to_owned() } else { title.to_owned() });
    if let Some((kind, rest)) = line.strip_prefix("[!").and_then(|rest| rest.split_once(']')) {
        let kind = kind.split('|').next().unwrap_or(kind);
        return Some(titled(kind, rest.trim_start_matches(['+', '-']).trim()));
    }
    if let Some(rest) = line.strip_prefix(":::") {
        let rest = rest.trim_start_matches(':').trim();
        let (kind, title) = rest.split_once([' ', '{']).unwrap_or((rest, ""));
        return Some(if rest.is_empty() { None } else { titled(kind, title.trim().trim_end_matches('}')) });
    }
    for opener in ["!!!", "???+", "???", "===+", "===!", "==="] {
        if let Some(rest) = line.strip_prefix(opener) {
            let (kind, title) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
            let has_kind = opener != "===" && !rest.trim().starts_with('"');
            let title = if has_kind { title } else { rest };
            return (!rest.trim().is_empty()).then(|| titled(kind, &quoted(title)));
        }
    }
    if let Some(inner) = line.strip_prefix("{%").and_then(|rest| rest.strip_suffix("%}")) {
        let inner = inner.trim();
        let title = inner.split_once("title=").map(|(_, rest)| rest.trim().trim_matches(['"', '\'']).to_owned());
        return Some(title.filter(|_| !inner.starts_with("end")));
    }
    None
}
