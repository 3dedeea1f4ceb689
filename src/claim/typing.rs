//! Which side of this table holds the options, and what is each column?
//!
//! Structure first: names that the vault knows elsewhere, repeated short cells, shares of marks and numbers, lengths.
//! Role words of the header second. The reading is a value that `show` can print.

mod why;

pub use why::{Way, hinted_way, ways};

use super::Context;
use crate::language::{Ask, Cue, Fit, Hit, Lead, Level, Role, Rule, Sign};
use crate::note::{ColumnRole, Directive, Rich, Side, Table};
use crate::parse::COLUMN_LIMIT;
use crate::text::{Atom, Script, Word, atoms, first_atoms, key, n_words, same_word};

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
    /// Labels and what they say of the option that the table stands under.
    Facts,
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

/// What the place says that the table stands at.
pub struct Surroundings {
    /// The options that the nearest heading or the title compares.
    pub versus: Vec<String>,
    /// The headings above and the title.
    pub headings: Vec<String>,
    /// The words of all of these, folded, each once.
    pub words: Vec<Word>,
    /// The option that the table stands under.
    pub subject: Option<String>,
}

/// A column seen as a whole.
struct Column {
    roles: Vec<(Role, Fit)>,
    header: String,
    /// Mean length in words.
    length: f32,
    /// Share of cells that the vault knows as names, or that hold such names.
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
    /// Share of cells that hold one of the options compared above.
    versus: f32,
    /// With the first column it tells all rows apart, which the first column alone does not.
    completes_key: bool,
    /// Share of cells that are heads which never name an option: `Description`, `Notes`.
    labels: f32,
    /// The header names the kind of thing that the headings speak of, as `Oil` does under `Which oil`.
    is_kind: bool,
    /// Share of cells that end in the word for the kind, as `Classic skis` does under `Skis`.
    kind_cells: f32,
}

impl Column {
    fn role(&self, role: Role) -> f32 {
        let fits = self.roles.iter().filter(|(known, _)| *known == role);
        fits.map(|(_, fit)| match fit {
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
        let others = self.roles.iter().filter(|(known, _)| *known != role).map(|(known, _)| self.role(*known));
        if others.fold(0.0, f32::max) > own { own * 0.4 } else { own }
    }

    fn leads_any(&self, roles: &[Role]) -> f32 {
        roles.iter().map(|role| self.leads(*role)).fold(0.0, f32::max)
    }
}

/// A first column with at least this share of labels holds nothing else.
const LABELLED: f32 = 0.4;

/// A second reading whose score comes this close to the best is kept beside it, with a lower prior.
const SECOND_READING: f32 = 2.2;

/// Returns how a table is read whose author says how; none where nothing of it is to be read.
pub fn hinted(says: &Directive, table: &Table, around: &Surroundings, context: &Context<'_>) -> Option<Layout> {
    Some(match says {
        Directive::NoDecision => return None,
        Directive::OptionsIn(Side::Cells) => Layout::Grid,
        Directive::OptionsIn(side) => {
            let columns = columns(table, around, context);
            let first = usize::from(columns.len() > 2 && is_row_number(&columns[0]));
            match side {
                Side::Rows => Layout::OptionsInRows { name: name_column(&columns, first) },
                _ => Layout::OptionsInColumns { criterion: Some(first), first: first + 1 },
            }
        }
        Directive::Reads(roles) => {
            use ColumnRole::{Alternative, Choice, Criterion, Need, No, Option, Question, Unless, Wrong, Yes};
            let find = |role: ColumnRole| roles.iter().position(|known| *known == role);
            if let (Some(question), Some(yes), Some(no)) = (find(Question), find(Yes), find(No)) {
                return Some(Layout::Jumps { question, yes, no });
            }
            if let Some(first) = find(Option) {
                let criterion = find(Criterion).or_else(|| find(Need));
                let n_options = roles.iter().filter(|role| **role == Option).count();
                return Some(if n_options > 1 || find(Criterion).is_some() {
                    Layout::OptionsInColumns { criterion, first }
                } else {
                    Layout::OptionsInRows { name: first }
                });
            }
            let needs = (0..roles.len()).filter(|at| roles[*at] == Need).collect();
            let second = find(Alternative);
            match (find(Choice), second, find(Wrong)) {
                (None, None, wrong) => Layout::WrongOnly { needs, wrong: wrong? },
                (choice, second, wrong) => {
                    let alternative = second.filter(|_| choice.is_some());
                    Layout::Decision { needs, choice: choice.or(second)?, wrong, alternative, unless: find(Unless) }
                }
            }
        }
    })
}

/// Returns how the table is read, best first, each with how sure it is.
pub fn layouts(table: &Table, around: &Surroundings, context: &Context<'_>) -> Vec<(Layout, f32)> {
    readings(&columns(table, around, context), table, around, context)
}

fn columns(table: &Table, around: &Surroundings, context: &Context<'_>) -> Vec<Column> {
    let widest = table.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let n_columns = table.header.cells.len().max(widest);
    let keys: Vec<Vec<String>> =
        table.rows.iter().map(|row| row.cells.iter().map(|cell| key(&cell.text)).collect()).collect();
    (0..n_columns).map(|at| column(table, &keys, at, around, context)).collect()
}

fn readings(columns: &[Column], table: &Table, around: &Surroundings, context: &Context<'_>) -> Vec<(Layout, f32)> {
    let n_columns = columns.len();
    // Columns are compared with each other, and no person writes so many.
    if !(2..=COLUMN_LIMIT).contains(&n_columns) {
        return vec![(Layout::OptionsInRows { name: 0 }, 1.0)];
    }
    let first = usize::from(n_columns > 2 && is_row_number(&columns[0]));
    let is_unheaded = columns.iter().all(|column| column.header.is_empty());
    if n_columns == 2 && is_unheaded && around.subject.is_some() && columns[0].labels >= LABELLED {
        return vec![(Layout::Facts, 1.0)];
    }
    if let Some(jumps) = jumps(columns) {
        return vec![(jumps, 1.0)];
    }
    let mut readings: Vec<(Layout, f32)> = Vec::new();
    readings.extend(decision(columns, first));
    let name = name_column(columns, first);
    readings.push((Layout::OptionsInRows { name }, rows_score(columns, first, name, context)));
    let (in_columns, all_options) = columns_score(columns, first, table, around, context);
    let criterion = (!all_options).then_some(first);
    let in_columns_layout = Layout::OptionsInColumns { criterion, first: if all_options { first } else { first + 1 } };
    readings.push((in_columns_layout, in_columns));
    if is_grid(columns, first, table, context) {
        readings.push((Layout::Grid, 1.5 + in_columns.max(0.0)));
    }
    readings.sort_by(|a, b| b.1.total_cmp(&a.1));
    let best = readings[0].1;
    readings.retain(|(_, score)| best - score <= SECOND_READING && *score > -0.5 || *score == best);
    readings.truncate(2);
    readings.into_iter().map(|(layout, score)| (layout, prior(best - score))).collect()
}

/// Turns the distance from the best reading into a factor.
fn prior(distance: f32) -> f32 {
    if distance == 0.0 { 1.0 } else { 0.9 - 0.15 * distance }
}

/// `keys` are those of all cells, row by row.
fn column(table: &Table, keys: &[Vec<String>], at: usize, around: &Surroundings, context: &Context<'_>) -> Column {
    let header = table.header.cells.get(at).map_or("", |cell| cell.text.trim());
    let completes_key = completes_key(keys, at);
    let cells = table.rows.iter().zip(keys).filter_map(|(row, keys)| Some((row.cells.get(at)?, keys[at].as_str())));
    let (cells, mut keys): (Vec<&Rich>, Vec<&str>) = cells.filter(|(cell, _)| !cell.is_blank()).unzip();
    let n = cells.len().max(1) as f32;
    let share = |count: usize| count as f32 / n;
    let holds_side = |key: &str| around.versus.iter().any(|side| holds_words(key, &self::key(side)));
    let versus = if around.versus.len() > 1 { share(keys.iter().filter(|key| holds_side(key)).count()) } else { 0.0 };
    let kind_cells = share(keys.iter().filter(|key| is_of_kind(key, &around.words)).count());
    keys.sort_unstable();
    keys.dedup();
    Column {
        roles: context.languages.roles(header),
        // A corner such as `-` names nothing; `#` heads row numbers, but not in a table of two columns.
        header: if header.chars().any(char::is_alphanumeric) || header == "#" && table.header.cells.len() > 2 {
            header.to_owned()
        } else {
            String::new()
        },
        completes_key,
        labels: share(cells.iter().filter(|cell| is_label(&cell.text, context)).count()),
        length: cells.iter().map(|cell| length(&cell.text)).sum::<f32>() / n,
        known: cells.iter().map(|cell| known(cell, context)).sum::<f32>() / n,
        name_like: share(cells.iter().filter(|cell| is_name_like(cell)).count()),
        marks: share(cells.iter().filter(|cell| is_mark(&cell.text, context)).count()),
        numbers: share(cells.iter().filter(|cell| is_number(&cell.text)).count()),
        distinct: share(keys.len()),
        blank: 1.0 - cells.len() as f32 / table.rows.len().max(1) as f32,
        versus,
        is_kind: !header.is_empty() && around.headings.iter().any(|heading| shares_word(header, heading)),
        kind_cells,
    }
}

/// True when the first cell repeats and this column parts the rows that share it: `Steak | rare`, `Steak | done`.
fn completes_key(keys: &[Vec<String>], at: usize) -> bool {
    fn cell(row: &[String], at: usize) -> &str {
        row.get(at).map_or("", String::as_str)
    }
    let n_distinct = |mut keys: Vec<(&str, &str)>| {
        keys.sort_unstable();
        keys.dedup();
        keys.len()
    };
    at > 0
        && n_distinct(keys.iter().map(|row| (cell(row, 0), "")).collect()) < keys.len()
        && n_distinct(keys.iter().map(|row| (cell(row, 0), cell(row, at))).collect()) == keys.len()
}

/// How surely a cell is a name: the whole of it, or the parts that its signs divide.
fn known(cell: &Rich, context: &Context<'_>) -> f32 {
    let text = super::names::strip_numbering(&cell.text);
    let whole = context.names.known(text);
    let parts: Vec<&str> = text
        .split(['/', '+', ',', '→', '(', '（', '、', '\n'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    if parts.len() < 2 || length(text) > 10.0 {
        return whole;
    }
    whole.max(context.names.known(parts[0]) * 0.8)
}

fn holds_words(text: &str, words: &str) -> bool {
    let has = |words: &str| !words.is_empty() && format!(" {text} ").contains(&format!(" {words} "));
    has(words) || !words.is_ascii() && text.contains(words)
}

/// True when two texts share a word, endings aside; in dense scripts when one holds the other.
fn shares_word(a: &str, b: &str) -> bool {
    let (a, b) = (atoms(a), atoms(b));
    if a.iter().any(|atom| atom.script.is_dense()) {
        let text = |atoms: &[Atom]| atoms.iter().map(|atom| atom.folded.as_str()).collect::<String>();
        return text(&b).contains(&text(&a));
    }
    a.iter().any(|a| b.iter().any(|b| same_word(&a.folded, &b.folded)))
}

/// True when a name's first or last word is a word of the headings: `Classic skis` under `Which skis`.
fn is_of_kind(key: &str, heading_words: &[Word]) -> bool {
    let ends = key.split_once(' ').zip(key.rsplit_once(' ')).map(|((first, _), (_, last))| [first, last]);
    let in_heading = |end: &str| heading_words.iter().any(|word| same_word(word, end));
    ends.is_some_and(|ends| ends.into_iter().any(in_heading))
}

/// Length in words; two characters of a dense script count as one.
fn length(text: &str) -> f32 {
    n_words(text)
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

/// True for a text that is wholly a label or the word for a role of columns.
fn is_label(text: &str, context: &Context<'_>) -> bool {
    context.languages.is_phrase(text, |hit| {
        let labels = matches!(hit.cue, Cue::Lead(Lead::Label | Lead::Pro | Lead::Con | Lead::Use | Lead::Avoid));
        let heads = matches!(hit.cue, Cue::Role(Role::Why | Role::Criterion | Role::Example | Role::Pro | Role::Con));
        context.owns(hit.lang) && (labels || heads)
    })
}

fn is_mark(text: &str, context: &Context<'_>) -> bool {
    context.languages.mark(text).is_some_and(|(sign, _)| {
        !matches!(sign, Sign::Either | Sign::Both | Sign::Depends | Sign::Ditto | Sign::Default)
    })
}

/// True for a figure with or without its unit, and for a rating in signs.
pub fn is_number(text: &str) -> bool {
    let trimmed = text.trim_start_matches(|c: char| "<>≤≥~≈$€£¥±+- ".contains(c));
    trimmed.starts_with(|c: char| c.is_numeric())
        && first_atoms(trimmed, 1).first().is_some_and(|atom| atom.script == Script::Number)
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

/// Reads the table as needs with a column of choices; the best such column with its score.
fn decision(columns: &[Column], first: usize) -> Option<(Layout, f32)> {
    let usable = |at: usize| columns[at].marks < 0.5 && columns[at].numbers < 0.7 && columns[at].blank < 0.8;
    let find = |role: Role| {
        let fits = (first..columns.len()).filter(|at| usable(*at) && columns[*at].leads(role) >= 0.5);
        fits.max_by(|a, b| columns[*a].leads(role).total_cmp(&columns[*b].leads(role)).then(b.cmp(a)))
    };
    let wrong = find(Role::Wrong).filter(|at| columns[*at].length <= 8.0);
    let alternative = find(Role::Alternative);
    let unless = find(Role::Unless);
    let taken = |at: usize| [wrong, alternative, unless].contains(&Some(at));
    let candidates = (first..columns.len()).filter(|at| usable(*at) && !taken(*at));
    let scored = candidates.map(|at| (at, choice_score(columns, first, at)));
    let best = scored.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
    let extra = if wrong.is_some() || alternative.is_some() { 1.0 } else { 0.0 };
    let first_named =
        columns[first].leads(Role::Option) + f32::from(u8::from(columns[first].leads(Role::Option) > 0.5));
    match best {
        Some((choice, score)) if score + extra > 0.3 => {
            let needs = needs(columns, first, &[Some(choice), wrong, alternative, unless], choice);
            let layout = Layout::Decision { needs: needs.clone(), choice, wrong, alternative, unless };
            (!needs.is_empty()).then_some((layout, score + extra))
        }
        _ => {
            let wrong = wrong.filter(|wrong| *wrong > first)?;
            let needs = needs(columns, first, &[Some(wrong), alternative, unless], wrong);
            let layout = match alternative {
                Some(choice) => {
                    Layout::Decision { needs: needs.clone(), choice, wrong: Some(wrong), alternative: None, unless }
                }
                None => Layout::WrongOnly { needs: needs.clone(), wrong },
            };
            (!needs.is_empty()).then_some((layout, 1.5 - first_named))
        }
    }
}

/// How much speaks for column `at` holding the choices.
fn choice_score(columns: &[Column], first: usize, at: usize) -> f32 {
    let (column, lead) = (&columns[at], &columns[first]);
    let others = || columns.iter().enumerate().skip(first).filter(|(other, _)| *other != at).map(|(_, column)| column);
    let need = others().map(|column| column.leads(Role::Need)).fold(0.0, f32::max);
    let other_is_option = if at == first { 0.0 } else { lead.leads(Role::Option) };
    let need_follows = columns[at + 1..].iter().any(|column| column.leads(Role::Need) >= 0.5);
    let length = others().map(|column| column.length).fold(0.0, f32::max);
    let mut score = 3.0 * column.leads(Role::Choice);
    // A first column headed as the need makes what stands beside it the choice.
    score += if lead.leads(Role::Need) >= 0.55 && at != first { 2.4 * need } else { 1.4 * need };
    score += 2.0 * (column.versus - lead.versus).max(0.0);
    score += if column.is_kind && !lead.is_kind && column.leads(Role::Need) < 0.3 { 1.3 } else { 0.0 };
    score += 1.6 * (column.known - if at == first { 0.0 } else { lead.known }).clamp(-0.5, 1.0);
    score += 0.8 * (1.0 - column.distinct);
    score += if column.length < length { 0.3 } else { -0.3 };
    score += 0.4 * (column.name_like - 0.6);
    score -= 2.2 * other_is_option;
    score -= 4.0 * (column.marks + column.numbers);
    score -= 1.8
        * column.leads_any(&[
            Role::Why,
            Role::Need,
            Role::Pro,
            Role::Con,
            Role::Criterion,
            Role::Example,
            Role::Question,
        ]);
    score -= 0.35 * (columns.len() - first).saturating_sub(2) as f32;
    // Few values repeated beside distinct names are a category of theirs.
    if at != first
        && lead.name_like > 0.6
        && lead.distinct > 0.9
        && column.distinct < 0.5
        && lead.leads(Role::Need) < 0.5
    {
        score -= 1.2;
    }
    // The second half of a two-part need is no choice while a column follows that may be one.
    if halves_key(column) && at + 1 < columns.len() {
        score -= 2.5;
    }
    if at > first + 1 && halves_key(&columns[at - 1]) {
        score += 1.5;
    }
    // A choice stands after its need; before it, `Use | When` names the option.
    if at == first {
        score -= if need_follows || columns.len() == first + 2 { 3.0 } else { 1.5 };
    }
    let names_options = column.leads(Role::Option);
    score + if at != first && lead.leads(Role::Option) < 0.3 { 1.3 * names_options } else { -0.6 * names_options }
}

/// True for the second half of a two-part need.
fn halves_key(column: &Column) -> bool {
    column.completes_key && column.distinct < 0.9
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
    !header.is_empty() && versus.iter().any(|side| holds_words(&key(side), &header) || holds_words(&header, &key(side)))
}

/// How much speaks for options as columns, and whether the first column is an option too.
fn columns_score(
    columns: &[Column],
    first: usize,
    table: &Table,
    around: &Surroundings,
    context: &Context<'_>,
) -> (f32, bool) {
    let corner = &columns[first];
    let rest = &columns[first + 1..];
    if table.header.cells.iter().all(Rich::is_blank) {
        return (-5.0, false);
    }
    let n = rest.len() as f32;
    let mean = |score: &dyn Fn(&Column) -> f32| rest.iter().map(score).sum::<f32>() / n;
    let is_side = |column: &Column| names_side(&column.header, &around.versus);
    let n_sides = rest.iter().filter(|column| is_side(column)).count();
    let opens = |column: &Column| conditional_header(&column.header, context).is_some();
    let in_kind_of = |column: &Column| is_of_kind(&key(&column.header), &around.words);
    let all_open = opens(corner) && rest.iter().all(opens) && !rest.is_empty();
    let all_options = around.versus.len() > 1 && is_side(corner)
        || all_open
        || in_kind_of(corner) && rest.iter().all(in_kind_of) && !rest.is_empty();
    let known = mean(&|column| context.names.known(&column.header));
    let in_kind = mean(&|column| f32::from(u8::from(is_of_kind(&key(&column.header), &around.words))));
    let roles = mean(&|column| {
        column
            .roles
            .iter()
            .map(|(role, _)| if *role == Role::Option { 0.3 } else { column.role(*role) })
            .fold(0.0, f32::max)
    });
    let blank = mean(&|column| f32::from(u8::from(column.header.is_empty())));
    // Down a column of an option, marks, numbers and text mix; down a column of a criterion they do not.
    let mixed =
        mean(&|column| (column.marks.min(1.0 - column.marks) + column.numbers.min(1.0 - column.numbers)).min(0.5));
    let short = mean(&|column| f32::from(u8::from(length(&column.header) <= 4.0)));
    let shorter = mean(&|column| length(&column.header)) < corner.length;
    let mut score = 2.0 * known;
    score += 1.5 * in_kind;
    score += 2.0 * (n_sides as f32 / n).min(1.0) + if n_sides > 1 || all_options { 1.5 } else { 0.0 };
    score += if all_open { 3.0 } else { 0.0 };
    score += 2.2 * corner.leads(Role::Criterion) + 3.0 * corner.labels;
    score += if corner.header.is_empty() { 1.4 } else { 0.0 };
    score -= 1.8 * corner.leads(Role::Option);
    score -= if corner.is_kind && corner.leads(Role::Criterion) < 0.5 { 0.8 } else { 0.0 };
    score -= 2.0 * roles + 2.0 * blank;
    score += 1.2 * mixed + 0.5 * mean(&|column| column.marks);
    score += if shorter { 0.4 } else { 0.0 };
    score += 0.4 * short - 0.4;
    score -= if rest.len() < 2 && !all_options { 3.0 } else { 0.0 };
    score -= 0.8 * corner.leads_any(&[Role::Need, Role::Choice]);
    // Long cells everywhere under short headers: each column speaks of its header, the first one too.
    let is_prose = |column: &Column| {
        column.length > 5.0 && !column.header.is_empty() && length(&column.header) <= 3.0 && column.roles.is_empty()
    };
    if !all_options && is_prose(corner) && rest.iter().all(is_prose) && !rest.is_empty() && rest.len() < 4 {
        return (score + 3.0, true);
    }
    (score, all_options)
}

/// How much speaks for a row an option.
fn rows_score(columns: &[Column], first: usize, name: usize, context: &Context<'_>) -> f32 {
    let names = &columns[name];
    let rest: Vec<&Column> =
        columns.iter().enumerate().skip(first).filter(|(at, _)| *at != name).map(|(_, column)| column).collect();
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
    let mut score = 0.4 + 2.0 * names.known;
    score += 2.2 * names.leads(Role::Option) + if names.is_kind { 1.2 } else { 0.0 };
    score += 1.5 * names.versus + 1.5 * names.kind_cells;
    score -= 3.0 * names.labels;
    score -= 2.2 * names.leads(Role::Criterion) + 1.6 * names.leads_any(&[Role::Need, Role::Question]);
    score += 1.2 * roles + 0.5 * common;
    score += 0.6 * names.name_like + if names.distinct > 0.95 { 0.2 } else { -0.8 };
    score -= if names.length > 6.0 { 1.0 } else { 0.0 };
    score -= if rest.len() > 1 && rest.iter().any(|column| halves_key(column)) { 1.5 } else { 0.0 };
    score + 0.6 * rest.iter().map(|column| column.numbers).sum::<f32>() / n
}

/// The column that names the rows: headed as such, else the first.
fn name_column(columns: &[Column], first: usize) -> usize {
    let named = |at: &usize| columns[*at].leads(Role::Option) >= 0.8 && columns[*at].name_like > 0.5;
    if named(&first) || columns[first].name_like > 0.5 {
        return first;
    }
    (first..columns.len()).find(named).unwrap_or(first)
}

/// Conditions in the header and the first column, names in the cells that come back across rows and columns.
fn is_grid(columns: &[Column], first: usize, table: &Table, context: &Context<'_>) -> bool {
    let rest = &columns[first + 1..];
    if rest.len() < 2 || table.rows.len() < 2 {
        return false;
    }
    let n = rest.len() as f32;
    let mean = |score: &dyn Fn(&Column) -> f32| rest.iter().map(score).sum::<f32>() / n;
    let headers_known = mean(&|column| context.names.known(&column.header));
    let roles =
        rest.iter().any(|column| column.roles.iter().any(|(role, fit)| *fit <= Fit::End && *role != Role::Need));
    let cells: Vec<&Rich> =
        table.rows.iter().flat_map(|row| row.cells.iter().skip(first + 1)).filter(|cell| !cell.is_blank()).collect();
    let is_level = |cell: &&&Rich| {
        let is_level = |hit: &Hit| matches!(hit.cue, Cue::Level(Level::Low | Level::Medium | Level::High));
        context.languages.is_phrase(&cell.text, is_level)
    };
    let share = |count: usize| count as f32 / cells.len().max(1) as f32;
    let levels = share(cells.iter().filter(is_level).count());
    let mut keys: Vec<String> = cells.iter().map(|cell| key(&cell.text)).collect();
    keys.sort();
    keys.dedup();
    let repeats = share(keys.len()) < 0.8;
    let known = mean(&|column| column.known);
    let plain =
        mean(&|column| column.name_like) > 0.7 && mean(&|column| column.marks + column.numbers) < 0.15 && levels < 0.3;
    plain
        && !roles
        && (repeats && known >= headers_known || known > headers_known + 0.25 && known > columns[first].known + 0.25)
}

/// Returns the option in a header that opens a condition: `When to rent` is `rent`.
pub fn conditional_header(header: &str, context: &Context<'_>) -> Option<String> {
    let cut = atoms(header);
    let hits = context.languages.hits(&cut);
    let opener = hits.iter().filter(|hit| hit.start == 0 && hit.end < cut.len()).filter(|hit| {
        matches!(
            hit.cue,
            Cue::Lead(Lead::Use)
                | Cue::Ask(Ask::When)
                | Cue::Role(Role::Need)
                | Cue::Rule(Rule::Condition | Rule::Choose | Rule::Suits)
        )
    });
    let end = opener.map(|hit| hit.end).max()?;
    let stops = |at: usize| hits.iter().any(|hit| hit.start == at && hit.end == at + 1 && hit.cue == Cue::Stop);
    let start = (end..cut.len()).find(|at| !stops(*at)).unwrap_or(end);
    Some(header[cut[start].start..].trim_end_matches(['?', '？', ':']).trim().to_owned())
}
