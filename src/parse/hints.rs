//! What does the author say of how a block is to be read?
//!
//! Finds comments such as `%% reads: need | choice %%` in lines of their own and ties each to the block below, or to the
//! whole note where the front matter says it. One that fits nothing is a [`Problem`] and changes nothing.

use crate::note::{Block, BlockKind, ColumnRole, Directive, Hint, Note, Problem, Side};
use crate::text::nearest;

/// The key of the front matter.
pub const KEY: &str = "fingerpost";

const CODE: &str = "unfit-hint";
/// Hints of one note beyond this are not read: each is looked for among all blocks.
const HINT_LIMIT: usize = 1_000;
/// What says that a block decides nothing.
const NO_DECISION: &str = "not a decision";

/// Reads the hints of a note whose blocks are known. `said` are those of its front matter, each with its line.
pub fn read(said: &[(u32, String)], note: &mut Note) {
    let mut problems = Vec::new();
    let mut hints: Vec<Hint> = Vec::new();
    for (line, says) in comments(note) {
        let read = says.and_then(|says| {
            let block = below(note, line).ok_or("nothing stands below it that can be read so; put it right above")?;
            fits(&says, &note.blocks[block])?;
            if hints.iter().any(|hint| hint.block == Some(block)) {
                return Err("the block below has another hint already; take one of them out".to_owned());
            }
            Ok(Hint { line, block: Some(block), says })
        });
        match read {
            Ok(hint) => hints.push(hint),
            Err(reason) => problems.push(Problem::at(line, CODE, reason)),
        }
    }
    for (line, text) in said.iter().take(HINT_LIMIT) {
        let read = says(text).unwrap_or_else(|| Err(unknown(text)));
        let outcome = read.and_then(|says| {
            if says == Directive::NoDecision {
                hints.push(Hint { line: *line, block: None, says });
                return Ok(());
            }
            let is_free = |at: &usize| !hints.iter().any(|hint| hint.block == Some(*at));
            let is_table = |at: &usize| matches!(note.blocks[*at].kind, BlockKind::Table(_));
            let mut fitting: Vec<usize> =
                (0..note.blocks.len()).filter(|at| is_table(at) && fits(&says, &note.blocks[*at]).is_ok()).collect();
            if fitting.is_empty() {
                return Err("no table of the note can be read so".to_owned());
            }
            // What stands above a block beats what stands above the note.
            fitting.retain(is_free);
            hints.extend(fitting.into_iter().map(|at| Hint { line: *line, block: Some(at), says: says.clone() }));
            Ok(())
        });
        if let Err(reason) = outcome {
            problems.push(Problem::at(*line, CODE, reason));
        }
    }
    hints.sort_by_key(|hint| (hint.block, hint.line));
    note.hints = hints;
    note.problems.extend(problems);
}

/// Returns what comments in lines of their own say, with the line.
fn comments(note: &Note) -> Vec<(u32, Result<Directive, String>)> {
    if !note.text.contains("%%") && !note.text.contains("<!--") {
        return Vec::new();
    }
    let in_code = |line: u32| {
        let is_code = |block: &&Block| matches!(block.kind, BlockKind::Code { .. });
        note.blocks.iter().filter(is_code).any(|block| (block.lines.0..=block.lines.1).contains(&line))
    };
    let first = 1 + note.front_matter.as_ref().map_or(0, |block| block.lines().count() as u32 + 2);
    let mut found = Vec::new();
    for line in first..=note.n_lines() {
        let text = note.line(line).trim_start_matches(['>', ' ', '\t']).trim_end();
        let inner = ["%%", "<!--"].into_iter().zip(["%%", "-->"]).find_map(|(open, close)| {
            let inner = text.strip_prefix(open)?.strip_suffix(close)?;
            (!inner.contains(open)).then(|| inner.trim())
        });
        if let Some(said) = inner.and_then(says).filter(|_| found.len() < HINT_LIMIT && !in_code(line)) {
            found.push((line, said));
        }
    }
    found
}

/// Returns the first block below a line, where no heading stands between. A label lends its place to what it heads.
fn below(note: &Note, line: u32) -> Option<usize> {
    let at = note.blocks.iter().position(|block| block.lines.0 > line && !matches!(block.kind, BlockKind::Label(_)))?;
    (note.sections[note.blocks[at].section].line <= line).then_some(at)
}

/// Reads what a comment says; none for one that speaks of something else.
fn says(text: &str) -> Option<Result<Directive, String>> {
    if text.eq_ignore_ascii_case(NO_DECISION) {
        return Some(Ok(Directive::NoDecision));
    }
    let (word, rest) = text.split_once(':')?;
    let rest = rest.trim();
    match word.trim().to_ascii_lowercase().as_str() {
        "reads" => Some(roles(rest).map(Directive::Reads)),
        // Any sentence may open so; a hint has one word.
        "options" if !rest.contains(char::is_whitespace) => Some(match rest.to_ascii_lowercase().as_str() {
            "columns" => Ok(Directive::OptionsIn(Side::Columns)),
            "rows" => Ok(Directive::OptionsIn(Side::Rows)),
            "cells" => Ok(Directive::OptionsIn(Side::Cells)),
            _ => Err(format!("options stand in `columns`, `rows` or `cells`, not in `{rest}`")),
        }),
        _ => None,
    }
}

fn unknown(text: &str) -> String {
    format!("`{text}` says nothing known; write `reads: need | choice`, `options: columns` or `{NO_DECISION}`")
}

fn roles(text: &str) -> Result<Vec<ColumnRole>, String> {
    let names = || ColumnRole::NAMES.iter().map(|(_, name)| *name);
    let role = |word: &str| {
        let word = word.trim();
        if word == "-" {
            return Ok(ColumnRole::Skip);
        }
        let known = ColumnRole::NAMES.iter().find(|(_, name)| word.eq_ignore_ascii_case(name));
        known.map(|(role, _)| *role).ok_or_else(|| match nearest(word, names()) {
            Some(near) => format!("`{word}` is no role; did you mean `{near}`?"),
            None => format!("`{word}` is no role; there are {}", names().collect::<Vec<_>>().join(", ")),
        })
    };
    text.trim_matches('|').split('|').map(role).collect()
}

/// Says why a block cannot be read as a hint says.
fn fits(says: &Directive, block: &Block) -> Result<(), String> {
    match (says, &block.kind) {
        (Directive::NoDecision, _) => Ok(()),
        (_, BlockKind::Table(table)) => {
            let widest = table.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
            let n_columns = table.header.cells.len().max(widest);
            match says {
                Directive::Reads(roles) if roles.len() != n_columns => {
                    Err(format!("it names {} columns, and the table below has {n_columns}", roles.len()))
                }
                Directive::Reads(roles) => decides(roles),
                _ if n_columns < 2 => Err("the table below has one column".to_owned()),
                _ => Ok(()),
            }
        }
        (Directive::Reads(roles), BlockKind::List(items)) => {
            let parts = [":", "：", "—", "–", "→", " - ", " = ", "->", "=>", ". "];
            let has_lead = items.iter().any(|item| parts.iter().any(|part| item.rich.text.contains(part)));
            if roles.len() == 2 && !has_lead {
                return Err("no item below has a lead and a rest, as in `lead: rest`".to_owned());
            }
            items_decide(roles)
        }
        (Directive::OptionsIn(_), _) => Err("`options:` needs a table below it".to_owned()),
        (Directive::Reads(_), _) => Err("`reads:` needs a table or list below it".to_owned()),
    }
}

/// Says why the roles of a table's columns make no decision.
fn decides(roles: &[ColumnRole]) -> Result<(), String> {
    use ColumnRole::{Alternative, Choice, Need, No, Option, Question, Unless, Wrong, Yes};
    let n = |role: ColumnRole| roles.iter().filter(|known| **known == role).count();
    if let Some(role) = [Choice, Wrong, Alternative, Unless, Question, Yes, No].into_iter().find(|role| n(*role) > 1) {
        return Err(format!("only one column can be `{}`", role.name()));
    }
    let (answers, branches) = (n(Choice) + n(Wrong) + n(Alternative), n(Question) + n(Yes) + n(No));
    if branches == 3 && answers + n(Option) == 0 || n(Option) > 0 && answers + branches == 0 {
        return Ok(());
    }
    match (branches, answers, n(Option)) {
        (0, 0, 0) => Err("no column is the `choice` or the `option`".to_owned()),
        (0, 1.., 0) if n(Need) == 0 => Err("no column is the `need` of the choice".to_owned()),
        (0, 1.., 0) => Ok(()),
        _ => Err("a table has `need` and `choice`, or `option`, or `question`, `yes` and `no`".to_owned()),
    }
}

/// Says why the roles of lead and rest of an item make no decision.
fn items_decide(roles: &[ColumnRole]) -> Result<(), String> {
    use ColumnRole::{Choice, Con, Criterion, Need, Option, Pro, Value, Why, Wrong};
    match roles {
        [Need | Choice | Wrong | Pro | Con] => Ok(()),
        [Need, Choice | Wrong] | [Option | Choice, Need | Value | Why | Pro | Con] | [Criterion, Value] => Ok(()),
        [_] => Err("the items below can be `need`, `choice`, `wrong`, `pro` or `con`".to_owned()),
        [_, _] => {
            let ways = "`need | choice`, `need | wrong`, `option | need`, `option | value` or `criterion | value`";
            Err(format!("lead and rest of the items below can be {ways}"))
        }
        _ => Err(format!("it names {} parts, and an item has a lead and a rest", roles.len())),
    }
}
