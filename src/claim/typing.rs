//! Which side of this table holds the options, and what is each column?
//!
//! Structure first: names that the vault knows elsewhere, repeated short cells, shares of marks and numbers, lengths.
//! Role words of the header second. The reading is a value that `show` can print.

use super::Context;
use crate::language::{Cue, Fit, Lead, Role, Sign};
use crate::note::{Rich, Table};
use crate::text::{Script, atoms, key};

/// How a table is read.
#[derive(Clone, Debug, PartialEq)]
pub enum Layout {
    /// Rows of needs, with a column of choices.
    Decision {
        /// Columns of needs.
        needs: Vec<usize>,
        /// Column of choices.
        choice: usize,
        /// Column of wrong choices.
        wrong: Option<usize>,
        /// Column of second choices.
        alternative: Option<usize>,
        /// Column of exceptions.
        unless: Option<usize>,
    },
    /// Columns of wrong choices alone.
    WrongOnly {
        /// Columns of needs.
        needs: Vec<usize>,
        /// Column of wrong choices.
        wrong: usize,
    },
    /// A row an option.
    OptionsInRows {
        /// Column of names.
        name: usize,
    },
    /// A column an option.
    OptionsInColumns {
        /// Column of criteria, where there is one.
        criterion: Option<usize>,
        /// First column of an option.
        first: usize,
    },
    /// Conditions on both sides, options in the cells.
    Grid,
    /// A tree as a table: questions and where to go.
    Jumps {
        /// Column of questions.
        question: usize,
        /// Where to go on yes.
        yes: usize,
        /// Where to go on no.
        no: usize,
    },
}

/// A column seen as a whole.
struct Column {
    roles: Vec<(Role, Fit)>,
    header: String,
    /// Mean length in atoms.
    length: f32,
    /// Share of cells that the vault knows as names.
    known: f32,
    /// Share of cells that look like names.
    name_like: f32,
    /// Share of cells that are marks.
    marks: f32,
    /// Share of cells that start with a number.
    numbers: f32,
    /// Share of different cells.
    distinct: f32,
    /// Share of cells that are blank.
    blank: f32,
}

impl Column {
    fn role(&self, role: Role) -> f32 {
        self.roles
            .iter()
            .filter(|(known, _)| *known == role)
            .map(|(_, fit)| match fit {
                Fit::Whole => 1.0,
                Fit::End => 0.8,
                Fit::Start => 0.55,
                Fit::Part => 0.35,
            })
            .fold(0.0, f32::max)
    }

    /// How surely the header names the role and no other one better.
    fn leads(&self, role: Role) -> f32 {
        let own = self.role(role);
        let other = self
            .roles
            .iter()
            .filter(|(known, _)| *known != role)
            .map(|(known, _)| self.role(*known))
            .fold(0.0, f32::max);
        if other > own { own * 0.4 } else { own }
    }
}

/// Returns how the table is read. `versus` are the options that the note's title or heading compares.
pub fn layout(table: &Table, versus: &[String], context: &Context<'_>) -> Layout {
    let n_columns = table.header.cells.len().max(table.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0));
    let columns: Vec<Column> = (0..n_columns).map(|at| column(table, at, context)).collect();
    let first = usize::from(n_columns > 2 && is_row_number(&columns[0]));
    if let Some(jumps) = jumps(&columns) {
        return jumps;
    }
    if let Some(decision) = decision(&columns, first, table, context) {
        return decision;
    }
    if n_columns < 2 {
        return Layout::OptionsInRows { name: 0 };
    }
    let in_columns = columns_score(&columns, first, table, versus, context);
    let in_rows = rows_score(&columns, first, context);
    if is_grid(&columns, first, table, context) && in_columns < 2.0 {
        return Layout::Grid;
    }
    if in_columns > in_rows {
        let all_options = versus.len() > 1 && names_side(&columns[first].header, versus);
        let criterion = (!all_options).then_some(first);
        return Layout::OptionsInColumns { criterion, first: if all_options { first } else { first + 1 } };
    }
    Layout::OptionsInRows { name: name_column(&columns, first) }
}

fn column(table: &Table, at: usize, context: &Context<'_>) -> Column {
    let header = table.header.cells.get(at).map_or("", |cell| cell.text.trim());
    let cells: Vec<&Rich> =
        table.rows.iter().filter_map(|row| row.cells.get(at)).filter(|cell| !cell.is_blank()).collect();
    let n = cells.len().max(1) as f32;
    let share = |count: usize| count as f32 / n;
    let mut keys: Vec<String> = cells.iter().map(|cell| key(&cell.text)).collect();
    keys.sort();
    keys.dedup();
    Column {
        roles: context.languages.roles(header),
        header: header.to_owned(),
        length: cells.iter().map(|cell| length(&cell.text)).sum::<f32>() / n,
        known: cells.iter().map(|cell| context.names.known(super::names::strip_numbering(&cell.text))).sum::<f32>() / n,
        name_like: share(cells.iter().filter(|cell| is_name_like(cell)).count()),
        marks: share(cells.iter().filter(|cell| is_mark(&cell.text, context)).count()),
        numbers: share(cells.iter().filter(|cell| is_number(&cell.text)).count()),
        distinct: share(keys.len()),
        blank: 1.0 - cells.len() as f32 / table.rows.len().max(1) as f32,
    }
}

/// Length in words; two characters of a dense script count as one.
fn length(text: &str) -> f32 {
    atoms(text).iter().map(|atom| if atom.script.is_dense() { 0.5 } else { 1.0 }).sum()
}

/// True for text short enough to be a name, with none of the signs of a sentence.
pub fn is_name_like(cell: &Rich) -> bool {
    let text = cell.text.trim();
    let bare = text.split(['(', '（']).next().unwrap_or(text);
    length(bare) <= 5.0
        && !text.ends_with(['.', '。', '?', '？', ':'])
        && !is_number(text)
        && bare.chars().any(char::is_alphabetic)
}

fn is_mark(text: &str, context: &Context<'_>) -> bool {
    context.languages.mark(text).is_some_and(|(sign, _)| {
        !matches!(sign, Sign::Either | Sign::Both | Sign::Depends | Sign::Ditto | Sign::Default)
    })
}

fn is_number(text: &str) -> bool {
    let trimmed = text.trim_start_matches(|c: char| "<>≤≥~≈$€£¥±+- ".contains(c));
    atoms(trimmed).first().is_some_and(|atom| atom.script == Script::Number)
        && trimmed.starts_with(|c: char| c.is_numeric())
        || text.trim().chars().all(|c| "$★☆⭐".contains(c)) && !text.trim().is_empty()
}

fn is_row_number(column: &Column) -> bool {
    let short = column.length <= 1.2;
    let named = column.leads(Role::Order) > 0.5 || column.header.is_empty() || column.header == "#";
    short && (column.numbers > 0.8 && column.distinct > 0.8 && named || column.header == "#")
}

fn jumps(columns: &[Column]) -> Option<Layout> {
    let find = |role: Role| columns.iter().position(|column| column.leads(role) >= 0.8);
    let (yes, no) = (find(Role::YesBranch)?, find(Role::NoBranch)?);
    let question = find(Role::Question).or_else(|| find(Role::Need)).unwrap_or(yes.checked_sub(1)?);
    let is_text = |at: usize| columns[at].marks < 0.5;
    (yes != no && question != yes && is_text(yes) && is_text(no)).then_some(Layout::Jumps { question, yes, no })
}

fn decision(columns: &[Column], first: usize, table: &Table, context: &Context<'_>) -> Option<Layout> {
    let usable = |at: usize| columns[at].marks < 0.5 && columns[at].numbers < 0.7;
    let find = |role: Role, bar: f32| {
        let fits = (first..columns.len()).filter(|at| usable(*at) && columns[*at].leads(role) >= bar);
        fits.max_by(|a, b| columns[*a].leads(role).total_cmp(&columns[*b].leads(role)).then(b.cmp(a)))
    };
    let wrong = find(Role::Wrong, 0.5).filter(|at| columns[*at].length <= 8.0);
    let alternative = find(Role::Alternative, 0.5);
    let unless = find(Role::Unless, 0.5);
    let named_first =
        columns[first].leads(Role::Option) >= 0.8 && columns[first].name_like > 0.6 && columns[first].distinct > 0.8;
    let taken = |at: usize| [wrong, alternative, unless].contains(&Some(at));
    let mut choice = (first..columns.len())
        .filter(|at| usable(*at) && !taken(*at) && columns[*at].leads(Role::Choice) >= 0.5)
        .max_by(|a, b| {
            let score =
                |at: usize| columns[at].leads(Role::Choice) + columns[at].known * 0.5 + columns[at].name_like * 0.2;
            score(*a).total_cmp(&score(*b)).then(b.cmp(a))
        });
    // `| Tool | Recommended |` with reasons in it is a table of options, not of needs.
    if choice.is_some_and(|at| at == first) {
        let reads_back =
            columns.len() == 2 && columns[first + 1..].iter().any(|column| column.length > columns[first].length);
        let need_follows = columns[first + 1..].iter().any(|column| column.leads(Role::Need) >= 0.5);
        if need_follows || reads_back {
            return Some(Layout::OptionsInRows { name: first });
        }
        choice = None;
    }
    if named_first
        && choice
            .is_some_and(|at| columns[at].length > columns[first].length && columns[at].known < columns[first].known)
    {
        choice = None;
    }
    if choice.is_none() && !named_first && columns.len() > first + 1 {
        // No word says it: the column of known, short, repeated names beside longer texts is the choice.
        let need = &columns[first];
        let headed = need.leads(Role::Need) >= 0.55;
        choice = (first + 1..columns.len()).filter(|at| usable(*at) && !taken(*at)).find(|at| {
            let column = &columns[*at];
            let is_why =
                column.leads(Role::Why) > 0.5 || column.leads(Role::Example) > 0.5 || column.leads(Role::Need) > 0.5;
            let names = column.known >= 0.45 && column.name_like >= 0.6 && column.known > need.known + 0.15;
            let lengths = column.length < need.length && column.length <= 4.0;
            let repeated = column.distinct < 0.85 && table.rows.len() > 2;
            !is_why
                && (headed && column.length <= 6.0 && (columns.len() == first + 2 || names)
                    || names && lengths && (repeated || columns.len() == first + 2))
        });
    }
    let anchor = match (choice, wrong) {
        (Some(choice), _) => choice,
        (None, Some(wrong)) if !named_first && wrong > first => {
            let needs = needs(columns, first, &[Some(wrong), alternative, unless], wrong);
            return (!needs.is_empty()).then_some(match alternative {
                Some(choice) => Layout::Decision { needs, choice, wrong: Some(wrong), alternative: None, unless },
                None => Layout::WrongOnly { needs, wrong },
            });
        }
        _ => return None,
    };
    let _ = context;
    let needs = needs(columns, first, &[Some(anchor), wrong, alternative, unless], anchor);
    (!needs.is_empty()).then_some(Layout::Decision { needs, choice: anchor, wrong, alternative, unless })
}

/// Columns that state the need: those before the choice that are no reasons, else all others.
fn needs(columns: &[Column], first: usize, taken: &[Option<usize>], anchor: usize) -> Vec<usize> {
    let is_need =
        |at: &usize| !taken.contains(&Some(*at)) && columns[*at].leads(Role::Why) < 0.8 && columns[*at].blank < 0.9;
    let before: Vec<usize> = (first..anchor).filter(is_need).collect();
    if before.is_empty() { (first..columns.len()).filter(is_need).collect() } else { before }
}

fn names_side(header: &str, versus: &[String]) -> bool {
    let header = key(header);
    !header.is_empty()
        && versus.iter().any(|side| {
            let side = key(side);
            side == header || side.starts_with(&format!("{header} ")) || header.starts_with(&format!("{side} "))
        })
}

fn columns_score(columns: &[Column], first: usize, table: &Table, versus: &[String], context: &Context<'_>) -> f32 {
    let corner = &columns[first];
    let rest = &columns[first + 1..];
    if rest.is_empty() || table.header.cells.iter().all(Rich::is_blank) {
        return 0.0;
    }
    let n = rest.len() as f32;
    let mean = |score: &dyn Fn(&Column) -> f32| rest.iter().map(score).sum::<f32>() / n;
    let known = mean(&|column| context.names.known(&column.header));
    let n_sides = rest.iter().filter(|column| names_side(&column.header, versus)).count();
    let roles = mean(&|column| {
        column
            .roles
            .iter()
            .map(|(role, _)| if *role == Role::Option { 0.5 } else { column.role(*role) })
            .fold(0.0, f32::max)
    });
    let blank = mean(&|column| f32::from(column.header.is_empty()));
    // Cells under an option are of one kind down no column but along each row: marks and numbers mix with text.
    let mixed =
        mean(&|column| (column.marks.min(1.0 - column.marks) + column.numbers.min(1.0 - column.numbers)).min(0.5));
    let sized = |column: &Column| length(&column.header) <= 5.0;
    2.0 * known
        + 2.0 * (n_sides as f32 / n).min(1.0)
        + if n_sides > 1 { 1.5 } else { 0.0 }
        + 2.0 * corner.leads(Role::Criterion)
        + if corner.header.is_empty() { 1.2 } else { 0.0 }
        - 1.6 * corner.leads(Role::Option)
        - 1.8 * roles
        - 2.0 * blank
        + mixed
        + if rest.iter().all(sized) { 0.2 } else { -1.0 }
        + 0.6 * mean(&|column| column.marks)
        + if rest.len() < 2 { -1.0 } else { 0.0 }
}

fn rows_score(columns: &[Column], first: usize, context: &Context<'_>) -> f32 {
    let names = &columns[name_column(columns, first)];
    let rest = &columns[first + 1..];
    let n = rest.len().max(1) as f32;
    let roles = rest
        .iter()
        .map(|column| column.roles.iter().map(|(role, _)| column.role(*role)).fold(0.0, f32::max))
        .sum::<f32>()
        / n;
    // Headers such as `Price` head columns of many tables with other first cells.
    let common = rest
        .iter()
        .filter(|column| context.names.of(&column.header).n_headers > 1 && context.names.known(&column.header) < 0.6)
        .count() as f32
        / n;
    2.2 * names.known + 2.0 * names.leads(Role::Option) - 2.0 * names.leads(Role::Criterion)
        + 1.4 * roles
        + 0.5 * common
        + 0.8 * names.name_like
        + 0.4 * f32::from(u8::from(names.distinct > 0.95))
        - if names.length > 6.0 { 1.0 } else { 0.0 }
        + 0.4 * rest.iter().map(|column| column.numbers).sum::<f32>() / n
}

/// The column that names the rows: headed as such, else the first.
fn name_column(columns: &[Column], first: usize) -> usize {
    let named = |at: &usize| columns[*at].leads(Role::Option) >= 0.8 && columns[*at].name_like > 0.5;
    if named(&first) || columns[first].name_like > 0.5 {
        return first;
    }
    (first..columns.len()).find(named).unwrap_or(first)
}

/// Conditions in the header and the first column, known names repeated in the cells.
fn is_grid(columns: &[Column], first: usize, table: &Table, context: &Context<'_>) -> bool {
    let rest = &columns[first + 1..];
    if rest.len() < 2 || table.rows.len() < 2 {
        return false;
    }
    let n = rest.len() as f32;
    let cells_known = rest.iter().map(|column| column.known).sum::<f32>() / n;
    let cells_named = rest.iter().map(|column| column.name_like).sum::<f32>() / n;
    let headers_known = rest.iter().map(|column| context.names.known(&column.header)).sum::<f32>() / n;
    let roles = rest.iter().any(|column| {
        !column.roles.is_empty() && column.roles.iter().any(|(role, fit)| *fit <= Fit::End && *role != Role::Need)
    });
    cells_named > 0.7
        && cells_known > 0.4
        && cells_known > headers_known + 0.25
        && cells_known > columns[first].known + 0.25
        && !roles
}

/// True for a header that opens a condition with its option in it: `When to rent`.
pub fn is_use_header(header: &str, context: &Context<'_>) -> bool {
    let cut = atoms(header);
    context
        .languages
        .hits(&cut)
        .iter()
        .any(|hit| matches!(hit.cue, Cue::Lead(Lead::Use)) && hit.start == 0 && hit.end < cut.len())
}
