//! What do the properties at the top of a note say?
//!
//! Splits off the block between `---` lines itself; a block that is no YAML is scanned by lines and reported.

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::granit_parser::ErrorKind;
use serde_saphyr::{DuplicateKeyPolicy, Error, Spanned};

use super::{hints, links};
use crate::note::{LinkKind, Note, Problem};

/// Longer front matter is left out.
const SIZE_LIMIT: usize = 64 << 10;

/// Reads the front matter into the note and returns the byte at which the body starts. `said` takes what it says of how
/// the note is to be read, with its line.
pub fn read(text: &str, note: &mut Note, said: &mut Vec<(u32, String)>) -> usize {
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut at = start;
    let mut inner = None;
    for (n_lines, line) in text[start..].split_inclusive('\n').enumerate() {
        at += line.len();
        if n_lines == 0 {
            if line.trim_end() != "---" {
                return start;
            }
            inner = Some(at);
        } else if line.trim_end() == "---" {
            let inner = inner.unwrap_or(start);
            let block = &text[inner..at - line.len()];
            if block.len() <= SIZE_LIMIT {
                note.front_matter = Some(block.to_owned());
                read_block(text, block, inner, note, said);
            } else {
                // Not read as text either: it would make thousands of senseless claims.
                let message = format!(
                    "the front matter has {} KiB, the limit is {} KiB: it is left out",
                    block.len() >> 10,
                    SIZE_LIMIT >> 10
                );
                note.problems.push(Problem::at(1, "over-limit", message));
            }
            return at;
        }
    }
    start
}

fn read_block(text: &str, block: &str, offset: usize, note: &mut Note, said: &mut Vec<(u32, String)>) {
    if block.trim().is_empty() {
        return;
    }
    let options = serde_saphyr::options! {
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        duplicate_keys: DuplicateKeyPolicy::LastWins,
    };
    match serde_saphyr::from_str_with_options::<Value>(block, options) {
        Ok(Value::Map(mut entries)) => {
            entries.iter_mut().for_each(|(_, value)| value.settle(block));
            for (key, value) in &entries {
                read_property(key, value, note);
                if key.eq_ignore_ascii_case(hints::KEY) {
                    let at = block.lines().position(|line| line.starts_with(key.as_str())).unwrap_or(0);
                    let line = note.line_of(offset) + at as u32;
                    said.extend(value.statements().into_iter().map(|text| (line, text)));
                }
                value.each_string(&mut |value| read_link(text, value, key, block, offset, note));
            }
        }
        Ok(_) => {
            let line = note.line_of(offset);
            let message = "the front matter is not a list of `key: value` lines; write each property so";
            note.problems.push(Problem::at(line, "front-matter", message));
        }
        Err(error) => {
            note.problems.push(broken(&error, offset, note));
            scan_lines(block, note);
        }
    }
}

fn broken(error: &Error, offset: usize, note: &Note) -> Problem {
    // The line the parser stopped at may be that of the closing fence.
    let (line, column) = error.location().map_or((1, 1), |location| (location.line(), location.column()));
    let n_lines = note.front_matter.as_ref().map_or(1, |block| block.lines().count().max(1)) as u64;
    let line = note.line_of(offset) + line.clamp(1, n_lines) as u32 - 1;
    let error = error.without_snippet();
    if let Some(much) = too_much(error) {
        let message =
            format!("the front matter {much}: only its plain `key: value` lines are read; write less into it");
        return Problem::at(line.min(note.n_lines()), "over-limit", message);
    }
    let reason = error.to_string();
    let reason = reason.lines().next().unwrap_or_default().split(" at line ").next().unwrap_or_default();
    let message = format!("the front matter is not valid YAML ({reason}); put the value in quotes, or correct it");
    let column = u32::try_from(column).unwrap_or(1).max(1);
    Problem { line: line.min(note.n_lines()), column, ..Problem::at(1, "front-matter", message) }
}

/// Says what front matter that may be good YAML has too much of; none where it is no YAML.
fn too_much(error: &Error) -> Option<&'static str> {
    match error {
        Error::WithSnippet { error, .. } | Error::AliasError { error, .. } => too_much(error),
        Error::Budget { breach: BudgetBreach::SequenceUnbalanced, .. } => None,
        Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => Some("nests too deep"),
        Error::Budget { breach: BudgetBreach::Nodes { .. } | BudgetBreach::Events { .. }, .. } => {
            Some("has too many values")
        }
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => Some("repeats its own parts too often"),
        // The scanner's own limit comes as a text.
        Error::ExternalMessage { msg, .. } if *msg == ErrorKind::RecursionLimitExceeded.to_string() => {
            Some("nests too deep")
        }
        _ => None,
    }
}

fn read_property(key: &str, value: &Value, note: &mut Note) {
    match key.to_lowercase().as_str() {
        "title" => note.title = value.strings().into_iter().next().unwrap_or_default(),
        "aliases" | "alias" => note.aliases.extend(value.strings().into_iter().filter(|alias| !alias.is_empty())),
        "tags" | "tag" => {
            for tag in value.strings() {
                // Before version 1.9 of Obsidian one string could hold several tags.
                note.tags.extend(
                    tag.split([',', ' '])
                        .map(|tag| tag.trim_start_matches('#').to_owned())
                        .filter(|tag| !tag.is_empty()),
                );
            }
        }
        "date" | "updated" | "modified" | "created" | "last_updated" | "lastmod" => {
            let newer = value.strings().into_iter().next();
            if newer > note.date {
                note.date = newer;
            }
        }
        _ => {}
    }
}

fn read_link(text: &str, value: &str, key: &str, block: &str, offset: usize, note: &mut Note) {
    let start = offset + block.find(value).or_else(|| block.find(key)).unwrap_or(0);
    let span = (start, start + value.len());
    let value = value.trim();
    let link = if let Some(inner) = value.strip_prefix("[[").and_then(|rest| rest.strip_suffix("]]")) {
        let (target, display) = inner.split_once('|').unwrap_or((inner, inner));
        links::link(note, text, target, display, LinkKind::Property, span, false)
    } else if let Some((display, target)) =
        value.strip_prefix('[').and_then(|rest| rest.strip_suffix(')')).and_then(|rest| rest.split_once("]("))
    {
        links::link(note, text, &links::percent_decoded(target), display, LinkKind::Property, span, false)
    } else {
        None
    };
    note.links.extend(link);
}

/// What can be had of a block that is no YAML: plain `key: value` and `- item` lines.
fn scan_lines(block: &str, note: &mut Note) {
    let mut open = String::new();
    for line in block.lines() {
        let trimmed = line.trim();
        if let Some(item) = trimmed.strip_prefix("- ") {
            read_property(&open, &Value::Text(item.trim_matches(['"', '\'']).to_owned()), note);
        } else if let Some((key, value)) = trimmed.split_once(':') {
            key.trim().clone_into(&mut open);
            let value = value.trim().trim_matches(['[', ']']);
            for part in
                value.split(',').map(|part| part.trim().trim_matches(['"', '\''])).filter(|part| !part.is_empty())
            {
                read_property(&open, &Value::Text(part.to_owned()), note);
            }
        }
    }
}

/// A property's value with its scalars as written: `1.10`, `007` and dates stay text.
enum Value {
    Text(String),
    /// A number or truth value, which the parser spells anew.
    Plain(String),
    /// The same, once its bytes in the block are known.
    At(usize, usize),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
}

impl Value {
    /// Keeps where a value stands that has to be looked up there.
    fn located(spanned: Spanned<Self>) -> Self {
        let span = spanned.referenced.span();
        match (spanned.value, span.byte_offset(), span.byte_len()) {
            (Self::Plain(_), Some(start), Some(length)) => Self::At(start as usize, (start + length) as usize),
            (value, ..) => value,
        }
    }

    /// Takes numbers and truth values as the block spells them: `1.10` is no `1.1`.
    fn settle(&mut self, block: &str) {
        match self {
            Self::Plain(text) => *self = Self::Text(std::mem::take(text)),
            Self::At(start, end) => *self = Self::Text(block.get(*start..*end).unwrap_or_default().trim().to_owned()),
            Self::List(items) => items.iter_mut().for_each(|item| item.settle(block)),
            Self::Map(entries) => entries.iter_mut().for_each(|(_, value)| value.settle(block)),
            Self::Text(_) => {}
        }
    }

    fn strings(&self) -> Vec<String> {
        match self {
            Self::Text(text) => vec![text.trim().to_owned()],
            Self::List(items) => items.iter().flat_map(Self::strings).collect(),
            Self::Map(_) | Self::Plain(_) | Self::At(..) => Vec::new(),
        }
    }

    /// Returns texts as they are and `key: value` for each pair.
    fn statements(&self) -> Vec<String> {
        match self {
            Self::Text(text) => vec![text.trim().to_owned()],
            Self::List(items) => items.iter().flat_map(Self::statements).collect(),
            Self::Map(entries) => {
                let pairs = |(key, value): &(String, Self)| {
                    value.strings().into_iter().map(|text| format!("{key}: {text}")).collect::<Vec<_>>()
                };
                entries.iter().flat_map(pairs).collect()
            }
            Self::Plain(_) | Self::At(..) => Vec::new(),
        }
    }

    fn each_string(&self, read: &mut impl FnMut(&str)) {
        match self {
            Self::Text(text) => read(text),
            Self::List(items) => match items.as_slice() {
                // An unquoted `[[A]]` is a list of a list to YAML.
                [Self::List(inner)] if matches!(inner.as_slice(), [Self::Text(_)]) => {
                    if let [Self::Text(text)] = inner.as_slice() {
                        read(&format!("[[{text}]]"));
                    }
                }
                items => items.iter().for_each(|item| item.each_string(read)),
            },
            Self::Map(entries) => entries.iter().for_each(|(_, value)| value.each_string(read)),
            Self::Plain(_) | Self::At(..) => {}
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a YAML value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Plain(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Plain(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Plain(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Plain(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::List(Vec::new()))
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::List(Vec::new()))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element()? {
            items.push(Value::located(item));
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<String, Spanned<Value>>()? {
            entries.push((key, Value::located(value)));
        }
        Ok(Value::Map(entries))
    }
}
