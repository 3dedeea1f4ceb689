//! How is it told how a note was read, and why?

use serde::Serialize;

use super::show::Shown;
use crate::claim::{Context, Typed, Way, typed};
use crate::generation::Generation;
use crate::language::Languages;
use crate::note::{BlockKind, ColumnRole, Note};
use crate::vault::path_key;

/// How a table, list or tree was read.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Reading {
    block: &'static str,
    heading: String,
    lines: (u32, u32),
    claims: usize,
    /// The line of the hint that says how it is to be read.
    hint: Option<u32>,
    /// Another reading comes close.
    uncertain: bool,
    /// The readings, the one that counts first.
    ways: Vec<ShownWay>,
}

#[derive(Clone, Debug, Serialize)]
struct ShownWay {
    layout: &'static str,
    sure: f32,
    columns: Vec<Column>,
    /// A hint that says the same; empty where none can.
    as_hint: String,
}

#[derive(Clone, Debug, Serialize)]
struct Column {
    header: String,
    role: &'static str,
    polarity: Option<&'static str>,
    why: Vec<String>,
}

/// Adds to what is shown of a note how its blocks were read. Cost: that of reading the note.
pub fn add(shown: &mut Shown, generation: &Generation, languages: &Languages) {
    let Some(path) = shown.path.as_deref().map(path_key) else { return };
    let Some(entry) = generation.entries.iter().find(|entry| path_key(&entry.note.path) == path) else { return };
    let context = Context { languages, names: &generation.names, lang: entry.lang };
    shown.readings = typed(&entry.note, &context).iter().map(|typed| reading(typed, &entry.note)).collect();
}

fn reading(typed: &Typed, note: &Note) -> Reading {
    let block = &note.blocks[typed.block];
    let header = |at: usize| match &block.kind {
        BlockKind::Table(table) => table.header.cells.get(at).map_or_else(String::new, |cell| cell.text.clone()),
        _ => ["lead", "rest"].get(at).copied().unwrap_or_default().to_owned(),
    };
    let ways = typed.ways.iter().map(|way| ShownWay {
        layout: way.layout,
        sure: way.prior,
        columns: columns(way, &header),
        as_hint: as_hint(way),
    });
    Reading {
        block: typed.shape,
        heading: note.sections.get(block.section).map_or_else(String::new, |section| section.text.clone()),
        lines: block.lines,
        claims: typed.n_claims,
        hint: typed.hint,
        uncertain: typed.is_unsure,
        ways: ways.collect(),
    }
}

fn columns(way: &Way, header: &dyn Fn(usize) -> String) -> Vec<Column> {
    let columns = way.roles.iter().zip(&way.why).enumerate();
    let columns = columns.map(|(at, (role, why))| Column {
        header: if way.roles.len() == 1 && way.why[0].is_empty() { "item".to_owned() } else { header(at) },
        role: role.name(),
        polarity: polarity(*role),
        why: why.clone(),
    });
    columns.collect()
}

fn polarity(role: ColumnRole) -> Option<&'static str> {
    match role {
        ColumnRole::Choice | ColumnRole::Alternative | ColumnRole::Pro | ColumnRole::Yes => Some("for"),
        ColumnRole::Wrong | ColumnRole::Con | ColumnRole::No => Some("against"),
        _ => None,
    }
}

fn as_hint(way: &Way) -> String {
    if way.layout == "options_in_cells" {
        return "options: cells".to_owned();
    }
    if way.roles.is_empty() || way.layout == "facts" || way.layout == "tree" && way.roles.len() < 3 {
        return String::new();
    }
    let roles: Vec<&str> = way.roles.iter().map(|role| role.name()).collect();
    format!("reads: {}", roles.join(" | "))
}

impl ShownWay {
    fn words(&self) -> &'static str {
        match self.layout {
            "decision" => "rows of needs, with a column of choices",
            "wrong_choices" => "rows of needs, with a column of wrong choices",
            "options_in_rows" => "a row an option",
            "options_in_columns" => "a column an option",
            "options_in_cells" => "conditions on both sides, options in the cells",
            "facts" => "facts of the option above",
            "tree" => "conditions that lead to options",
            "needs" => "needs of the option above",
            "options" => "options for the need above",
            "advantages" => "what speaks for or against the option above",
            "leads" => "a lead and a rest in each item",
            _ => "sentences",
        }
    }
}

impl Reading {
    /// Returns lines for a person: what it was taken for, and why.
    pub(super) fn lines(&self) -> Vec<String> {
        let place = format!("{} in lines {}-{}", self.block, self.lines.0, self.lines.1);
        let Some((first, others)) = self.ways.split_first() else {
            let why = self.hint.map_or_else(String::new, |line| format!(", as line {line} says"));
            return vec![format!("{place}: decides nothing{why}")];
        };
        let said = match self.hint {
            Some(line) => format!(", as line {line} says"),
            None if self.uncertain => ", which is not sure".to_owned(),
            None => String::new(),
        };
        let n_claims = if self.claims == 1 { "1 claim".to_owned() } else { format!("{} claims", self.claims) };
        let mut lines = vec![format!("{place}: {} ({n_claims}){said}", first.words())];
        for column in &first.columns {
            let header = if column.header.trim().is_empty() { "(no header)" } else { column.header.trim() };
            let against = if column.polarity == Some("against") { ", against" } else { "" };
            let why = if self.hint.is_some() || column.why.is_empty() {
                String::new()
            } else {
                format!(": {}", column.why.join("; "))
            };
            lines.push(format!("  {} = {}{against}{why}", header.replace('\n', " "), column.role));
        }
        for other in others {
            let hint = if other.as_hint.is_empty() { String::new() } else { format!(", `%% {} %%`", other.as_hint) };
            lines.push(format!("  or, less sure ({:.2}): {}{hint}", other.sure, other.words()));
        }
        lines
    }
}
