//! Why is this table read as it is?
//!
//! Says of each reading what each column is taken for and what speaks for it, in the words that an author can write
//! into a hint. Decides nothing: the scores of `typing` do.

use super::{Column, Layout, Surroundings, columns, names_side, readings};
use crate::claim::Context;
use crate::language::{Fit, Role};
use crate::note::{ColumnRole, Table};

/// One way to read a table or list.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// Where the options stand.
    pub layout: &'static str,
    /// What each column is, or lead and rest of an item.
    pub roles: Vec<ColumnRole>,
    /// What speaks for each of them.
    pub why: Vec<Vec<String>>,
    /// The header says in words which column is the choice.
    pub is_named: bool,
    /// How sure the reading is, from 0 to 1; the best one is 1.
    pub prior: f32,
}

/// A share from which on it is worth a word.
const MOST: f32 = 0.5;

/// Returns how a table is read, best first, with what speaks for each column.
pub fn ways(table: &Table, around: &Surroundings, context: &Context<'_>) -> Vec<Way> {
    let columns = columns(table, around, context);
    let readings = readings(&columns, table, around, context);
    readings
        .into_iter()
        .map(|(layout, prior)| {
            let roles: Vec<ColumnRole> = (0..columns.len()).map(|at| role(&layout, &columns[at], at)).collect();
            let why = columns.iter().zip(&roles).map(|(column, role)| why(column, *role, around, context)).collect();
            let named = [Role::Choice, Role::Wrong, Role::Alternative];
            let answers = [ColumnRole::Choice, ColumnRole::Wrong, ColumnRole::Alternative];
            let is_named = columns
                .iter()
                .zip(&roles)
                .any(|(column, role)| answers.contains(role) && column.leads_any(&named) >= MOST);
            Way { layout: layout.name(), roles, why, is_named, prior }
        })
        .collect()
}

/// Returns the way that an author says.
pub fn hinted_way(
    layout: &Layout,
    roles: Option<&[ColumnRole]>,
    table: &Table,
    around: &Surroundings,
    context: &Context<'_>,
) -> Way {
    let columns = columns(table, around, context);
    let guessed = || (0..columns.len()).map(|at| role(layout, &columns[at], at)).collect();
    let roles = roles.map_or_else(guessed, <[ColumnRole]>::to_vec);
    let why = vec![vec!["the note says so".to_owned()]; roles.len()];
    Way { layout: layout.name(), roles, why, is_named: true, prior: 1.0 }
}

impl Layout {
    /// Returns the word for where the options stand.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Decision { .. } => "decision",
            Self::WrongOnly { .. } => "wrong_choices",
            Self::OptionsInRows { .. } => "options_in_rows",
            Self::OptionsInColumns { .. } => "options_in_columns",
            Self::Facts => "facts",
            Self::Grid => "options_in_cells",
            Self::Jumps { .. } => "tree",
        }
    }
}

fn role(layout: &Layout, column: &Column, at: usize) -> ColumnRole {
    let headed = |else_role: ColumnRole| {
        let (role, _) = column.roles.first().copied().unwrap_or((Role::Option, Fit::Part));
        match role {
            Role::Need => ColumnRole::Need,
            Role::Pro => ColumnRole::Pro,
            Role::Con | Role::Wrong => ColumnRole::Con,
            Role::Why | Role::Example => ColumnRole::Why,
            _ => else_role,
        }
    };
    match layout {
        Layout::Decision { needs, choice, wrong, alternative, unless } => {
            let taken = [
                (Some(*choice), ColumnRole::Choice),
                (*wrong, ColumnRole::Wrong),
                (*alternative, ColumnRole::Alternative),
                (*unless, ColumnRole::Unless),
            ];
            let taken = taken.into_iter().find(|(column, _)| *column == Some(at)).map(|(_, role)| role);
            taken.unwrap_or(if needs.contains(&at) { ColumnRole::Need } else { ColumnRole::Why })
        }
        Layout::WrongOnly { wrong, .. } if *wrong == at => ColumnRole::Wrong,
        Layout::WrongOnly { needs, .. } if needs.contains(&at) => ColumnRole::Need,
        Layout::WrongOnly { .. } => ColumnRole::Why,
        Layout::OptionsInRows { name } if *name == at => ColumnRole::Option,
        Layout::OptionsInRows { .. } => headed(ColumnRole::Value),
        Layout::OptionsInColumns { criterion, .. } if *criterion == Some(at) => ColumnRole::Criterion,
        Layout::OptionsInColumns { first, .. } if at < *first => ColumnRole::Skip,
        Layout::OptionsInColumns { .. } => {
            let is_remark =
                |(role, fit): &(Role, Fit)| *fit == Fit::Whole && !matches!(role, Role::Option | Role::Choice);
            if column.roles.iter().any(is_remark) { ColumnRole::Why } else { ColumnRole::Option }
        }
        Layout::Facts if at == 0 => ColumnRole::Criterion,
        Layout::Facts => ColumnRole::Value,
        Layout::Grid => ColumnRole::Need,
        Layout::Jumps { question, .. } if *question == at => ColumnRole::Question,
        Layout::Jumps { yes, .. } if *yes == at => ColumnRole::Yes,
        Layout::Jumps { no, .. } if *no == at => ColumnRole::No,
        Layout::Jumps { .. } => ColumnRole::Why,
    }
}

fn why(column: &Column, role: ColumnRole, around: &Surroundings, context: &Context<'_>) -> Vec<String> {
    let percent = |share: f32| (share * 100.0).round();
    let mut why = Vec::new();
    let mut say = |is_so: bool, text: String| {
        if is_so {
            why.push(text);
        }
    };
    if let Some((named, fit)) = column.roles.first() {
        let named = format!("{named:?}").to_lowercase();
        let part = if *fit == Fit::Whole { "the header means" } else { "a word of the header means" };
        say(true, format!("{part} `{named}`"));
    }
    let is_side = role == ColumnRole::Option && names_side(&column.header, &around.versus);
    if role == ColumnRole::Option {
        say(is_side, "the heading compares it".to_owned());
        say(context.names.known(&column.header) >= MOST, "the header is a name in other places too".to_owned());
    }
    say(column.is_kind && !is_side, "the header names the kind of thing in the headings".to_owned());
    let share = percent(column.known);
    say(column.known >= MOST, format!("{share} % of its cells are names in other places too"));
    say(column.versus >= MOST, "its cells are what the heading compares".to_owned());
    say(column.marks >= MOST, format!("{} % of its cells are marks", percent(column.marks)));
    say(column.numbers >= MOST, format!("{} % of its cells are figures", percent(column.numbers)));
    say(column.labels >= MOST, "its cells are labels".to_owned());
    say(column.distinct < 0.6, "its cells repeat".to_owned());
    say(column.header.is_empty(), "it has no header".to_owned());
    why
}
