//! Which decisions are left open, and which may be read in two ways?

use rustc_hash::FxHashMap;

use super::{Finding, Vault};
use crate::claim::{Kind, Stance, Typed, Way};
use crate::generation::Entry;
use crate::note::{BlockKind, ColumnRole, Row, Table};
use crate::text::key;

pub fn check(vault: &Vault<'_>, findings: &mut Vec<Finding>) {
    let described = Described::new(vault);
    for (at, entry) in vault.entries() {
        let unsure_lists = vault.typed[at as usize].iter().filter(|typed| typed.is_unsure && typed.shape != "table");
        let n_unsure_lists = unsure_lists.count();
        let mut is_told = false;
        for typed in &vault.typed[at as usize] {
            let block = &entry.note.blocks[typed.block];
            if let BlockKind::Table(table) = &block.kind
                && let Some(way) = typed.ways.first()
            {
                empty_choices(entry, table, way, findings);
                undescribed(entry, typed, &described, findings);
            }
            // One list stands for all of a note: they are often written alike.
            let is_list = typed.shape != "table";
            if typed.is_unsure && !(is_list && is_told) {
                is_told |= is_list;
                let others = if is_list { n_unsure_lists - 1 } else { 0 };
                let message = uncertain(typed, others);
                findings.push(Finding::new(&entry.note.path, block.lines.0, 1, "uncertain-reading", message));
            }
        }
    }
}

fn cell_is_blank(row: &Row, column: usize) -> bool {
    row.cells.get(column).is_none_or(|cell| cell.is_blank() && cell.marks.is_empty())
}

/// Finds rows with a need and no choice. A table without any choice is one that is yet to be filled in: its first row
/// stands for all.
fn empty_choices(entry: &Entry, table: &Table, way: &Way, findings: &mut Vec<Finding>) {
    // Words of the header or the author say that it is the choice; what looks like one may be any other column.
    if way.layout != "decision" || !way.is_named {
        return;
    }
    let columns = |role: ColumnRole| -> Vec<usize> {
        way.roles.iter().enumerate().filter(|(_, known)| **known == role).map(|(at, _)| at).collect()
    };
    let needs = columns(ColumnRole::Need);
    let answers = [ColumnRole::Choice, ColumnRole::Wrong, ColumnRole::Alternative].map(columns).concat();
    let is_open = |row: &&Row| {
        needs.iter().any(|column| !cell_is_blank(row, *column))
            && answers.iter().all(|column| cell_is_blank(row, *column))
            // A row with one cell heads those below it.
            && row.cells.iter().filter(|cell| !cell.is_blank()).count() > usize::from(way.roles.len() > 2)
    };
    let open: Vec<&Row> = table.rows.iter().filter(is_open).collect();
    let n_told = if open.len() == table.rows.len() { 1 } else { open.len() };
    for row in open.iter().take(n_told) {
        let need = needs.iter().filter_map(|column| row.cells.get(*column)).map(|cell| cell.text.trim());
        let need = need.collect::<Vec<_>>().join(", ").replace('\n', " ");
        let choice = answers.first().and_then(|column| table.header.cells.get(*column)).map_or("", |cell| &cell.text);
        let message = format!("no choice for `{need}`: fill the cell under `{}`", choice.trim());
        findings.push(Finding::new(&entry.note.path, row.line, 1, "empty-choice", message));
    }
}

/// Returns what a hint in the note would have to say.
fn uncertain(typed: &Typed, others: usize) -> String {
    let others = match others {
        0 => String::new(),
        1 => ", as may another one of the note".to_owned(),
        n => format!(", as may {n} more of the note"),
    };
    let told = |way: &Way| {
        let roles: Vec<&str> = way.roles.iter().map(|role| role.name()).collect();
        format!("`%% reads: {} %%`", roles.join(" | "))
    };
    match typed.ways.as_slice() {
        [first, second, ..] => format!(
            "this {} may be meant in two ways{others}; it is read as {}, and {} comes close: write one of them above it",
            typed.shape,
            told(first),
            told(second)
        ),
        _ => format!("this {} may be meant in two ways{others}; write `%% reads: … %%` above it", typed.shape),
    }
}

/// What tells more of an option than that it is recommended.
struct Described {
    /// By key, of all options that something else than a decision speaks of.
    names: FxHashMap<String, ()>,
}

impl Described {
    fn new(vault: &Vault<'_>) -> Self {
        let mut names = FxHashMap::default();
        for (_, entry) in vault.entries() {
            let note = &entry.note;
            let titles = [note.title.as_str(), note.stem()].into_iter().chain(note.aliases.iter().map(String::as_str));
            let headings = note.sections.iter().map(|section| section.text.as_str());
            names.extend(titles.chain(headings).map(|name| (key(name), ())));
            names.extend(note.links.iter().map(|link| (key(&link.display), ())));
            let told = entry.claims.iter().filter(|claim| !matches!(claim.kind, Kind::Decision | Kind::Lookup));
            names.extend(told.flat_map(|claim| &claim.picks).map(|pick| (key(&pick.name), ())));
        }
        Self { names }
    }

    fn has(&self, name: &str) -> bool {
        let key = key(name);
        let without_bracket = name.split(['(', '（']).next().map(self::key).unwrap_or_default();
        self.names.contains_key(&key) || self.names.contains_key(&without_bracket)
    }
}

/// Finds options of a decision table that nothing describes, where most of its options are described.
fn undescribed(entry: &Entry, typed: &Typed, described: &Described, findings: &mut Vec<Finding>) {
    let claims = entry.claims.iter().filter(|claim| claim.block == Some(typed.block) && claim.kind == Kind::Decision);
    let sure = claims.filter(|claim| claim.prior == 1.0);
    let mut options: Vec<(String, &str, u32)> = Vec::new();
    for claim in sure {
        // What starts small is seldom a name: `ask the owner`.
        let is_name =
            |name: &str| !name.starts_with(char::is_lowercase) && !name.starts_with(|c: char| c.is_ascii_digit());
        for pick in claim.picks.iter().filter(|pick| pick.stance != Stance::Against && is_name(&pick.name)) {
            let key = key(&pick.name);
            if !options.iter().any(|(known, ..)| *known == key) {
                options.push((key, &pick.name, claim.lines.0));
            }
        }
    }
    let missing: Vec<_> = options.iter().filter(|(_, name, _)| !described.has(name)).collect();
    if options.len() < 3 || missing.len() * 3 > options.len() {
        return;
    }
    for (_, name, line) in missing {
        let message = format!("`{name}` is recommended here, and no note, heading or list tells what it is");
        findings.push(Finding::new(&entry.note.path, *line, 1, "undescribed-option", message));
    }
}
