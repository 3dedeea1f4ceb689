//! What does this text say?
//!
//! Turns a note's text into a [`Note`]. Never fails and never panics: a fault is a [`Problem`] of the note.
//! Reads no files and resolves no links.

mod blocks;
mod drawn;
mod front_matter;
mod hints;
mod inline;
mod links;
mod markup_tables;
mod rows;

pub use inline::rich;
pub use rows::{COLUMN_LIMIT, dashes};

use crate::note::{Note, Problem, Section, stem};

/// Files over this size are read by lines only: pulldown-cmark needs up to 80 bytes of memory per byte.
const FULL_PARSE_LIMIT: usize = 4 << 20;
/// A line with more container markers than this makes block parsing quadratic.
const CONTAINER_LIMIT: usize = 100;

/// Parses a note. `path` is relative to the notes folder, with `/`.
///
/// Cost: linear in the text for all but hostile input, which falls back to headings and lines.
pub fn parse(path: &str, text: String) -> Note {
    let mut note = Note { path: path.to_owned(), line_starts: line_starts(&text), text, ..Note::default() };
    note.sections.push(Section {
        line: 1,
        text: stem(path).to_owned(),
        raw: stem(path).to_owned(),
        ..Section::default()
    });
    let text = std::mem::take(&mut note.text);
    let mut said = Vec::new();
    let body = front_matter::read(&text, &mut note, &mut said);
    if let Some(reason) = too_hostile(&text) {
        note.problems.push(Problem::at(1, "over-limit", format!("read by lines only: {reason}")));
        blocks::read_lines_only(&text, body, &mut note);
    } else {
        blocks::read(&text, body, &mut note);
    }
    note.text = text;
    hints::read(&said, &mut note);
    if note.title.is_empty() {
        let top = note.sections.iter().find(|section| section.level == 1 && !section.text.is_empty());
        note.title = top.map_or_else(|| stem(path).to_owned(), |section| section.text.clone());
    }
    note.tags.sort();
    note.tags.dedup();
    note
}

/// Returns the lines of a text without their ends; `\n`, `\r\n` and a lone `\r` end one.
fn split_lines(text: &str) -> impl Iterator<Item = &str> {
    let starts = line_starts(text);
    (0..starts.len()).map(move |at| {
        let end = starts.get(at + 1).map_or(text.len(), |end| *end as usize);
        text[starts[at] as usize..end].trim_end_matches(['\n', '\r'])
    })
}

fn line_starts(text: &str) -> Vec<u32> {
    let bytes = text.as_bytes();
    let mut starts = vec![0];
    for (at, byte) in bytes.iter().enumerate() {
        let ends = *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
        if ends && at + 1 < bytes.len() {
            starts.push(at as u32 + 1);
        }
    }
    starts
}

fn too_hostile(text: &str) -> Option<String> {
    if text.len() > FULL_PARSE_LIMIT {
        return Some(format!(
            "{:.1} MiB, the limit is {} MiB; its tables and lists are not understood: split it",
            text.len() as f64 / f64::from(1 << 20),
            FULL_PARSE_LIMIT >> 20
        ));
    }
    for (at, line) in text.lines().enumerate() {
        let mut n_markers = 0;
        let mut indent = 0;
        for byte in line.bytes() {
            match byte {
                b' ' | b'\t' => indent += 1,
                b'>' | b'*' | b'-' | b'+' => n_markers += 1,
                b'0'..=b'9' | b'.' | b')' | b'[' | b'^' | b']' | b':' => {}
                _ => break,
            }
        }
        let is_rule = line.bytes().all(|byte| matches!(byte, b'*' | b'-' | b'_' | b' ' | b'\t'));
        if (n_markers > CONTAINER_LIMIT && !is_rule) || indent > 1_000 {
            return Some(format!("line {} nests deeper than {CONTAINER_LIMIT} levels", at + 1));
        }
    }
    None
}
