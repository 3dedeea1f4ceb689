//! How was each block of this note read, and why?
//!
//! Goes through a note as reading does and keeps what was decided for each table, list and tree, for people who wonder
//! and for `check`. Claims come from the same walk, so that what is told is what was done.

use super::typing::{Way, hinted, hinted_way, ways};
use super::{Claim, Context, Field, Kind, Stance, table, walk};
use crate::note::{Block, BlockKind, ColumnRole, Directive, Note};

/// How a block was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Typed {
    /// Index in [`Note::blocks`].
    pub block: usize,
    /// `table`, `list` or `tree`.
    pub shape: &'static str,
    /// The readings, best first; none where nothing was read.
    pub ways: Vec<Way>,
    /// The line of the hint that says so.
    pub hint: Option<u32>,
    /// Another reading comes close.
    pub is_unsure: bool,
    /// How many claims were read.
    pub n_claims: usize,
}

/// A second reading of a table that is this sure may as well be the first.
const CLOSE: f32 = 0.85;

/// Returns how the blocks of a note were read. Cost: that of reading the note.
pub fn typed(note: &Note, context: &Context<'_>) -> Vec<Typed> {
    let mut typed = Vec::new();
    walk(note, context, &mut |at, scope, claims| {
        let block = &note.blocks[at];
        let whole = note.hints.first().filter(|hint| hint.block.is_none());
        let hint = note.hint(at).or(whole);
        let claims: Vec<&Claim> =
            claims.iter().filter(|claim| !claim.picks.is_empty() && !claim.parts.is_empty()).collect();
        let (shape, ways) = match &block.kind {
            BlockKind::Table(table) => {
                let (table, around) = table::surrounded(table, scope, context);
                let ways = match hint.map(|hint| &hint.says) {
                    None => ways(&table, &around, context),
                    Some(says) => {
                        let roles = if let Directive::Reads(roles) = says { Some(roles.as_slice()) } else { None };
                        let layout = hinted(says, &table, &around, context);
                        layout.map(|layout| hinted_way(&layout, roles, &table, &around, context)).into_iter().collect()
                    }
                };
                ("table", ways)
            }
            BlockKind::List(_) => ("list", list_ways(&claims)),
            BlockKind::Code { .. } if !claims.is_empty() => ("tree", list_ways(&claims)),
            _ => return,
        };
        let is_unsure = hint.is_none() && is_unsure(block, &ways, &claims);
        let hint = hint.map(|hint| hint.line);
        typed.push(Typed { block: at, shape, ways, hint, is_unsure, n_claims: claims.len() });
    });
    typed
}

fn is_unsure(block: &Block, ways: &[Way], claims: &[&Claim]) -> bool {
    match &block.kind {
        BlockKind::Table(_) => ways.get(1).is_some_and(|second| second.prior >= CLOSE),
        BlockKind::List(items) => {
            // A lead read as the need and as the option at once.
            let is_need = |claim: &&&Claim| claim.kind == Kind::Lead && claim.parts[0].field == Field::Need;
            let is_option =
                |line: u32| claims.iter().any(|claim| claim.lines.0 == line && claim.parts[0].field == Field::Option);
            let n_both = claims.iter().filter(is_need).filter(|claim| is_option(claim.lines.0)).count();
            n_both > 1 && n_both * 2 > items.len() && ways.iter().take(2).all(|way| way.roles.len() == 2)
        }
        _ => false,
    }
}

/// Returns what lead and rest of the items are taken for, the most frequent reading first.
fn list_ways(claims: &[&Claim]) -> Vec<Way> {
    let mut ways: Vec<(Way, usize)> = Vec::new();
    for claim in claims {
        let Some((layout, roles)) = item_roles(claim) else { continue };
        match ways.iter_mut().find(|(way, _)| way.roles == roles && way.layout == layout) {
            Some((_, n_times)) => *n_times += 1,
            None => {
                let why = vec![Vec::new(); roles.len()];
                ways.push((Way { layout, why, roles, is_named: false, prior: claim.prior }, 1));
            }
        }
    }
    ways.sort_by(|(a, n_a), (b, n_b)| n_b.cmp(n_a).then(b.prior.total_cmp(&a.prior)));
    ways.into_iter().map(|(way, _)| way).collect()
}

fn item_roles(claim: &Claim) -> Option<(&'static str, Vec<ColumnRole>)> {
    let first = claim.parts.first()?;
    let is_against = claim.picks.iter().all(|pick| pick.stance == Stance::Against);
    let choice = if is_against { ColumnRole::Wrong } else { ColumnRole::Choice };
    let has = |field: Field| claim.parts.iter().any(|part| part.field == field);
    Some(match (claim.kind, first.field) {
        (Kind::UseList, Field::Value) if first.stance == Stance::Against => ("advantages", vec![ColumnRole::Con]),
        (Kind::UseList, Field::Value) => ("advantages", vec![ColumnRole::Pro]),
        // The need of a list of options is the heading above, and the item itself stands beside it.
        (Kind::UseList, _) if has(Field::Value) => ("options", vec![choice]),
        (Kind::UseList, _) => ("needs", vec![ColumnRole::Need]),
        (Kind::Lead, Field::Option) => ("leads", vec![ColumnRole::Option, ColumnRole::Need]),
        (Kind::Lead, _) => ("leads", vec![ColumnRole::Need, choice]),
        (Kind::Topic, Field::Header) => ("leads", vec![ColumnRole::Criterion, ColumnRole::Value]),
        (Kind::Topic, Field::Option) => ("leads", vec![ColumnRole::Option, ColumnRole::Value]),
        (Kind::Tree, _) => ("tree", vec![ColumnRole::Need, choice]),
        (Kind::Rule | Kind::Mention | Kind::Topic, _) => ("sentences", Vec::new()),
        _ => return None,
    })
}
