//! Which names stand above a sentence?
//!
//! `It suits a boat at a dock` says nothing of what `it` is: the item above does, or the words that open the paragraph.

use crate::claim::{Claim, sentences};
use crate::note::{Block, BlockKind, Item, MarkKind, Note, Rich};
use crate::text::n_atoms;

/// Longest text above that is taken for a name, in words.
const LONGEST_NAME: usize = 8;

/// Returns the items above a claim's line, the nearest first, and the short bold line before its block.
pub fn names(note: &Note, claim: &Claim) -> Vec<String> {
    let Some(at) = claim.block else { return Vec::new() };
    let block = &note.blocks[at];
    let mut names: Vec<String> = Vec::new();
    if let BlockKind::List(items) = &block.kind
        && let Some(at) = item_at(items, claim.lines.0)
    {
        let mut depth = items[at].depth;
        for item in items[..at].iter().rev() {
            if item.depth < depth {
                depth = item.depth;
                names.extend(name(&item.rich));
            }
        }
    }
    names.extend(at.checked_sub(1).and_then(|before| label(&note.blocks[before], block.section)));
    names
}

/// Returns the sentence that opens the paragraph or item in which a claim stands.
pub fn opening(note: &Note, claim: &Claim) -> Option<String> {
    let rich = match &note.blocks[claim.block?].kind {
        BlockKind::Paragraph(lines) => &lines.first()?.rich,
        BlockKind::List(items) => &items[item_at(items, claim.lines.0)?].rich,
        _ => return None,
    };
    let (start, end) = sentences(&rich.text).into_iter().next()?;
    Some(rich.text[start..end].to_owned())
}

fn item_at(items: &[Item], line: u32) -> Option<usize> {
    items.iter().rposition(|item| item.line <= line)
}

/// Returns the name that an item or line is: what it sets off at its start, what stands before a colon, all of it.
fn name(rich: &Rich) -> Option<String> {
    let text = rich.opening_mark().map_or(rich.text.as_str(), |mark| rich.marked(mark));
    let text = text.split([':', '：']).next().unwrap_or_default().trim().trim_end_matches(['.', '。']);
    (!text.is_empty() && n_atoms(text) <= LONGEST_NAME).then(|| text.to_owned())
}

/// Returns the name that a line before a block gives to it.
fn label(before: &Block, section: usize) -> Option<String> {
    match &before.kind {
        BlockKind::Label(rich) if before.section == section => name(rich),
        BlockKind::Paragraph(lines) if before.section == section => {
            let last = &lines.last()?.rich;
            if last.is_all(MarkKind::Bold) || last.ends_open() { name(last) } else { None }
        }
        _ => None,
    }
}
