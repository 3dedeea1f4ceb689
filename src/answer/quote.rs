//! Which lines of which note are quoted for a claim?
//!
//! Every line of a quote is a line of the note, byte for byte; left-out rows are one line `…`.

use super::span::Resolved;
use super::{Evidence, EvidenceKind, PathStep, QuotedRow};
use crate::claim::{Claim, Field, Kind, Stance};
use crate::generation::{ClaimId, Generation};
use crate::note::{Block, BlockKind, Note};

/// Quotes the claims, which stand in one block, as one piece of evidence.
pub fn evidence(ids: &[ClaimId], resolved: &Resolved, generation: &Generation) -> Evidence {
    let first = ids[0];
    let (entry, claim) = resolved.claim(first, generation);
    let note = &entry.note;
    let mut rows: Vec<u32> = ids
        .iter()
        .flat_map(|id| {
            let (_, claim) = resolved.claim(*id, generation);
            claim.lines.0..=claim.lines.1.min(claim.lines.0 + 20)
        })
        .collect();
    let first_row = rows[0];
    rows.sort_unstable();
    rows.dedup();
    let block = claim.block.map(|at| &note.blocks[at]);
    let (lines, markdown) = quoted(note, block, &rows);
    let mut supports = Vec::new();
    let mut opposes = Vec::new();
    for id in ids {
        let (_, claim) = resolved.claim(*id, generation);
        for pick in &claim.picks {
            let side = if pick.stance == Stance::Against { &mut opposes } else { &mut supports };
            if !side.contains(&pick.name) {
                side.push(pick.name.clone());
            }
        }
    }
    // The deciding row comes first: readers of the JSON look at the first rows.
    rows.sort_by_key(|row| (*row != first_row, *row));
    Evidence {
        note: note.path.clone(),
        headings: headings(note, claim.section),
        kind: kind(claim, block),
        lines,
        rows: rows.iter().map(|row| QuotedRow { line: *row, text: note.line(*row).to_owned() }).collect(),
        markdown,
        supports,
        opposes,
        path: ids.iter().take(3).map(|id| step(*id, resolved, generation)).collect(),
    }
}

/// Returns the headings above a section; a note without headings goes by its title.
pub fn headings(note: &Note, section: usize) -> Vec<String> {
    let headings: Vec<String> = note.heading_path(section).into_iter().map(|section| section.text.clone()).collect();
    if headings.is_empty() { vec![note.title.clone()] } else { headings }
}

fn quoted(note: &Note, block: Option<&Block>, rows: &[u32]) -> ((u32, u32), String) {
    let mut shown: Vec<u32> = Vec::new();
    if let Some(BlockKind::Table(table)) = block.map(|block| &block.kind) {
        // The header and its delimiter stay.
        if table.header.line > 0 {
            shown.extend(table.header.line..=table.header.last_line);
            if note.line(table.header.last_line + 1).contains("--") {
                shown.push(table.header.last_line + 1);
            }
        }
    }
    shown.extend(rows);
    shown.sort_unstable();
    shown.dedup();
    let (first, last) = (shown[0], shown[shown.len() - 1]);
    let mut markdown = String::new();
    let mut previous = first;
    for (at, line) in shown.iter().enumerate() {
        if at > 0 {
            markdown.push('\n');
        }
        if *line > previous + 1 && *line != first {
            markdown.push_str("…\n");
        }
        markdown.push_str(note.line(*line));
        previous = *line;
    }
    ((first, last), markdown)
}

fn kind(claim: &Claim, block: Option<&Block>) -> EvidenceKind {
    match (block.map(|block| &block.kind), claim.kind) {
        (Some(BlockKind::Table(_)), Kind::Decision) => EvidenceKind::DecisionTable,
        (Some(BlockKind::Table(_)), Kind::ColumnCell | Kind::OptionRow) => EvidenceKind::ComparisonTable,
        (Some(BlockKind::Table(_)), Kind::Tree) => EvidenceKind::Tree,
        (Some(BlockKind::Table(_)), _) => EvidenceKind::Table,
        (Some(BlockKind::Code { info, .. }), _) if info.starts_with("mermaid") => EvidenceKind::Diagram,
        (_, Kind::Tree) => EvidenceKind::Tree,
        (Some(BlockKind::List(_)), _) => EvidenceKind::List,
        _ => EvidenceKind::Prose,
    }
}

fn step(id: ClaimId, resolved: &Resolved, generation: &Generation) -> PathStep {
    let (entry, claim) = resolved.claim(id, generation);
    let need = claim
        .parts
        .iter()
        .find(|part| part.field == Field::Need && !part.text.is_empty())
        .or_else(|| claim.parts.iter().find(|part| part.field == Field::Value));
    let pick = &claim.picks[0];
    let edge = match (claim.kind, need.map(|need| need.stance), pick.stance) {
        (_, _, Stance::Against) => "opposes",
        (Kind::ColumnCell | Kind::OptionRow, Some(Stance::For), _) => "has",
        (Kind::ColumnCell | Kind::OptionRow, Some(Stance::Against), _) => "lacks",
        (Kind::ColumnCell | Kind::OptionRow, ..) => "value",
        (Kind::Topic | Kind::Mention, ..) => "mentions",
        _ => "recommends",
    };
    PathStep {
        from: need.map_or_else(|| entry.note.title.clone(), |need| need.text.clone()),
        edge: edge.to_owned(),
        to: pick.name.clone(),
        note: entry.note.path.clone(),
        line: claim.lines.0,
    }
}
