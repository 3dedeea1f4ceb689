//! What do the rows of this table claim?

use super::scope::Scope;
use super::typing::{Layout, Surroundings, conditional_header, hinted, is_number, layouts};
use super::{Claim, Context, Field, Joined, Kind, Part, Pick, Stance, choice, part, struck};
use crate::language::{Fit, Role, Sign};
use crate::note::{ColumnRole, Directive, MarkKind, Rich, Row, Table};
use crate::text::{Word, atoms, key, n_atoms};

/// Rows of one table beyond this are found as text only.
const ROW_LIMIT: usize = 100_000;
/// How much a figure in a value column weighs as an option, against a name.
const FIGURE_PRIOR: f32 = 0.8;

/// Reads one table, as its author says, else in each of the ways that it may be meant.
pub fn read(
    block: usize,
    table: &Table,
    says: Option<&Directive>,
    scope: &Scope<'_>,
    context: &Context<'_>,
    claims: &mut Vec<Claim>,
) {
    let (table, around) = surrounded(table, scope, context);
    let table = &table;
    let layouts = match says {
        Some(says) => hinted(says, table, &around, context).map(|layout| (layout, 1.0)).into_iter().collect(),
        None => layouts(table, &around, context),
    };
    let roles = if let Some(Directive::Reads(roles)) = says { Some(roles.as_slice()) } else { None };
    for (layout, prior) in layouts {
        let (options, subject) = (options(table, &around.versus), around.subject.clone());
        let reader = Reader { block, table, roles, context, options, subject, prior };
        reader.read(&layout, claims);
        if prior == 1.0 && table.header.cells.len() > 1 && !is_without_key(&layout) {
            table.rows.iter().take(ROW_LIMIT).for_each(|row| reader.lookup(row, &layout, claims));
        }
    }
}

/// Returns a table as it is read, and what the place says that it stands at.
pub fn surrounded(table: &Table, scope: &Scope<'_>, context: &Context<'_>) -> (Table, Surroundings) {
    let subject = scope.frame(context).subject;
    let headings = scope.headings();
    let mut words: Vec<Word> = headings.iter().flat_map(|heading| atoms(heading)).map(|atom| atom.folded).collect();
    words.sort_unstable();
    words.dedup();
    let around = Surroundings { versus: scope.versus(), headings, words, subject };
    (filled(table, context), around)
}

/// True for a table whose first cells are no keys to the others.
fn is_without_key(layout: &Layout) -> bool {
    matches!(layout, Layout::Jumps { .. } | Layout::Grid | Layout::OptionsInColumns { criterion: None, .. })
}

/// Carries values down: blank first cells, `ditto`, `同上`; drops repeated headers and separator rows.
fn filled(table: &Table, context: &Context<'_>) -> Table {
    let mut filled = Table { header: table.header.clone(), rows: Vec::with_capacity(table.rows.len()) };
    let header: Vec<String> = table.header.cells.iter().map(|cell| key(&cell.text)).collect();
    for row in &table.rows {
        let keys: Vec<String> = row.cells.iter().map(|cell| key(&cell.text)).collect();
        if keys == header && !header.iter().all(String::is_empty)
            || keys.iter().all(String::is_empty)
                && !row.cells.iter().any(|cell| cell.text.chars().any(|c| !"-–—=. ".contains(c)))
        {
            continue;
        }
        let mut row = row.clone();
        let above: Option<&Row> = filled.rows.last();
        for (column, cell) in row.cells.iter_mut().enumerate() {
            let is_ditto = cell.text.trim().chars().count() < 20
                && context
                    .languages
                    .mark(&cell.text)
                    .is_some_and(|(sign, rest)| sign == Sign::Ditto && rest.is_empty());
            let leans =
                is_ditto || column == 0 && cell.is_blank() && keys.iter().filter(|key| !key.is_empty()).count() > 0;
            if leans && let Some(value) = above.and_then(|above| above.cells.get(column)) {
                *cell = value.clone();
            }
        }
        filled.rows.push(row);
    }
    filled
}

/// The options of a table for cells that say "either": headers that the title compares, else the title's sides.
fn options(table: &Table, versus: &[String]) -> Vec<String> {
    if versus.len() > 1 {
        versus.to_vec()
    } else {
        table
            .header
            .cells
            .iter()
            .skip(1)
            .map(|cell| cell.text.clone())
            .filter(|text| !text.is_empty())
            .take(4)
            .collect()
    }
}

struct Reader<'a> {
    block: usize,
    table: &'a Table,
    /// What each column is, where the author says so.
    roles: Option<&'a [ColumnRole]>,
    context: &'a Context<'a>,
    options: Vec<String>,
    /// The option that the table stands under.
    subject: Option<String>,
    prior: f32,
}

impl Reader<'_> {
    fn read(&self, layout: &Layout, claims: &mut Vec<Claim>) {
        let rows = || self.table.rows.iter().take(ROW_LIMIT);
        match layout {
            Layout::Decision { needs, choice, wrong, alternative, unless } => {
                rows().for_each(|row| self.decision(row, needs, Some(*choice), *wrong, *alternative, *unless, claims));
            }
            Layout::WrongOnly { needs, wrong } => {
                rows().for_each(|row| self.decision(row, needs, None, Some(*wrong), None, None, claims));
            }
            Layout::OptionsInRows { name } => rows().for_each(|row| self.option_row(row, *name, claims)),
            Layout::OptionsInColumns { criterion, first } => {
                rows().for_each(|row| self.option_columns(row, *criterion, *first, claims));
                if self.roles.is_none() {
                    rows().for_each(|row| self.cells_with_arrows(row, *first, claims));
                }
            }
            Layout::Facts => rows().for_each(|row| self.fact(row, claims)),
            Layout::Grid => rows().for_each(|row| self.grid(row, claims)),
            Layout::Jumps { question, yes, no } => self.jumps(*question, *yes, *no, claims),
        }
    }

    fn header(&self, column: usize) -> &str {
        self.table.header.cells.get(column).map_or("", |cell| cell.text.as_str())
    }

    fn said(&self, column: usize) -> Option<ColumnRole> {
        self.roles?.get(column).copied()
    }

    fn is_skipped(&self, column: usize) -> bool {
        self.said(column) == Some(ColumnRole::Skip)
    }

    fn role(&self, column: usize) -> Option<Role> {
        if let Some(said) = self.said(column) {
            return match said {
                ColumnRole::Need => Some(Role::Need),
                ColumnRole::Pro => Some(Role::Pro),
                ColumnRole::Con | ColumnRole::Wrong => Some(Role::Con),
                ColumnRole::Why => Some(Role::Why),
                _ => None,
            };
        }
        self.context.languages.roles(self.header(column)).first().map(|(role, _)| *role)
    }

    fn claim(&self, kind: Kind, row: &Row, parts: Vec<Part>, picks: Vec<Pick>, join: Joined) -> Claim {
        Claim {
            kind,
            block: Some(self.block),
            section: 0,
            lines: (row.line, row.last_line),
            parts,
            picks,
            join,
            prior: self.prior,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one column index a role; a struct would only rename them")]
    fn decision(
        &self,
        row: &Row,
        needs: &[usize],
        choice: Option<usize>,
        wrong: Option<usize>,
        alternative: Option<usize>,
        unless: Option<usize>,
        claims: &mut Vec<Claim>,
    ) {
        let mut parts = Vec::new();
        for (column, cell) in row.cells.iter().enumerate().filter(|(_, cell)| !cell.is_blank()) {
            let taken = [choice, wrong, alternative, unless].contains(&Some(column));
            if needs.contains(&column) {
                parts.push(part(Field::Need, cell.text.clone()));
                if !self.header(column).is_empty() {
                    parts.push(part(Field::Header, self.header(column)));
                }
            } else if !taken && !self.is_skipped(column) {
                parts.push(part(Field::Why, cell.text.clone()));
            }
        }
        let cell =
            |column: Option<usize>| column.and_then(|column| row.cells.get(column)).filter(|cell| !cell.is_blank());
        if let Some(cell) = cell(choice)
            && let Some(mut read) = choice::read(cell, &self.options, self.context)
        {
            if struck(cell) {
                read.picks.iter_mut().for_each(|pick| pick.stance = Stance::Against);
            }
            self.resolve_headers(&mut read.picks);
            read.picks.extend(unless.and_then(|column| self.exception(row, column)));
            if let Some(second) = alternative
                .and_then(|at| row.cells.get(at))
                .and_then(|cell| choice::read(cell, &self.options, self.context))
            {
                read.picks.extend(second.picks.into_iter().map(|pick| Pick { is_alternative: true, ..pick }));
            }
            let conditions = read.picks.iter().filter_map(|pick| pick.condition.clone());
            let conditions: Vec<Part> = conditions.map(|condition| part(Field::Value, condition)).collect();
            let parts = [parts.clone(), conditions].concat();
            claims.push(self.claim(Kind::Decision, row, parts, read.picks, read.join));
        }
        if let Some(read) = cell(wrong).and_then(|cell| choice::read(cell, &self.options, self.context)) {
            let picks = read.picks.into_iter().map(|pick| Pick { stance: Stance::Against, ..pick }).collect();
            claims.push(self.claim(Kind::Decision, row, parts, picks, Joined::Either));
        }
    }

    /// `Unless it rains: tent`, or `it rains` with the tent in the next column: the exception under its own condition.
    fn exception(&self, row: &Row, column: usize) -> Option<Pick> {
        let cell = row.cells.get(column).filter(|cell| !cell.is_blank())?;
        let text = cell.text.as_str();
        let split = self.context.languages.split_arrow(text).or_else(|| text.split_once([':', '：']));
        let (condition, rest) = match split {
            Some((condition, rest)) => (condition, rest),
            None => (text, row.cells.get(column + 1)?.text.as_str()),
        };
        let rest = Rich { text: rest.trim().to_owned(), marks: Vec::new() };
        let pick = choice::read(&rest, &self.options, self.context)?.picks.into_iter().next()?;
        Some(Pick { condition: Some(condition.trim().to_owned()), is_exception: true, ..pick })
    }

    /// Each cell answers for its row when its header is asked for: `Season | Fruits`, "which fruits in autumn".
    fn lookup(&self, row: &Row, layout: &Layout, claims: &mut Vec<Claim>) {
        let Some(key) = row.cells.first().filter(|cell| !cell.is_blank()) else { return };
        for (column, cell) in
            row.cells.iter().enumerate().skip(1).filter(|(_, cell)| !cell.is_blank() && cell.text.len() < 160)
        {
            let is_taken = match layout {
                Layout::Decision { needs, choice, wrong, alternative, unless } => {
                    let taken = [Some(*choice), *wrong, *alternative, *unless].contains(&Some(column));
                    taken || needs.contains(&column) && needs.len() > 1 && column < *choice
                }
                Layout::WrongOnly { wrong, .. } => *wrong == column,
                _ => false,
            };
            let header = self.header(column);
            if is_taken
                || self.is_skipped(column)
                || header.is_empty()
                || self.context.languages.mark(&cell.text).is_some()
            {
                continue;
            }
            let Some(read) = choice::read(cell, &[], self.context) else { continue };
            let parts = vec![
                part(Field::Need, key.text.clone()),
                part(Field::Kind, header),
                part(Field::Value, cell.text.clone()),
            ];
            let mut claim = self.claim(Kind::Lookup, row, parts, read.picks, read.join);
            // A figure is an answer where it is asked for; beside a name it breaks no tie.
            claim.prior *= if is_number(&cell.text) { FIGURE_PRIOR } else { 1.0 };
            claims.push(claim);
        }
    }

    /// A verdict such as `GOOD` may name a column: the cell stays, its spelling becomes the header's.
    fn resolve_headers(&self, picks: &mut [Pick]) {
        for pick in picks {
            let name = key(&pick.name);
            if let Some(header) = self.table.header.cells.iter().find(|cell| key(&cell.text) == name) {
                header.text.trim().clone_into(&mut pick.name);
            }
        }
    }

    fn option_row(&self, row: &Row, name: usize, claims: &mut Vec<Claim>) {
        let Some(name_cell) = row.cells.get(name).filter(|cell| !cell.is_blank()) else {
            return;
        };
        let mut parts = vec![part(Field::Option, name_cell.text.clone())];
        if !self.header(name).is_empty() {
            parts.push(part(Field::Kind, self.header(name)));
        }
        let mut stance = Stance::For;
        for (column, cell) in row.cells.iter().enumerate().filter(|(column, cell)| *column != name && !cell.is_blank())
        {
            if self.is_skipped(column) {
                continue;
            }
            let header = self.header(column);
            let role = self.role(column);
            if let Some((sign, rest)) = self.context.languages.mark(&cell.text) {
                if sign == Sign::Unknown && rest.is_empty() {
                    continue;
                }
                let has = sign_stance(sign);
                parts.push(Part { field: Field::Need, stance: has, text: header.to_owned() });
                if !rest.is_empty() {
                    parts.push(part(Field::Value, rest));
                }
                if matches!(role, Some(Role::Choice)) && has == Stance::Against {
                    stance = Stance::Against;
                }
                continue;
            }
            let (field, part_stance) = match role {
                Some(Role::Need) => (Field::Need, Stance::For),
                Some(Role::Pro) => (Field::Value, Stance::For),
                Some(Role::Con | Role::Wrong) => (Field::Value, Stance::Against),
                Some(Role::Why | Role::Example) => (Field::Why, Stance::Plain),
                _ => (Field::Value, Stance::Plain),
            };
            parts.push(Part { field, stance: part_stance, text: cell.text.clone() });
            if !header.is_empty() {
                parts.push(part(Field::Header, header));
            }
        }
        if struck(name_cell) {
            stance = Stance::Against;
        }
        let pick = Pick::new(option_text(name_cell), stance);
        claims.push(self.claim(Kind::OptionRow, row, parts, vec![pick], Joined::One));
    }

    fn option_columns(&self, row: &Row, criterion: Option<usize>, first: usize, claims: &mut Vec<Claim>) {
        let criterion =
            criterion.and_then(|column| row.cells.get(column)).map(|cell| cell.text.clone()).unwrap_or_default();
        for (column, cell) in row.cells.iter().enumerate().skip(first) {
            let Some(header) = self.table.header.cells.get(column).filter(|header| !header.is_blank()) else {
                continue;
            };
            // `Why`, `Example` and their like head remarks, never an option.
            let roles = self.context.languages.roles(&header.text);
            let is_remark =
                |(role, fit): &(Role, Fit)| *fit == Fit::Whole && !matches!(role, Role::Option | Role::Choice);
            let is_option = self.said(column).map(|said| said == ColumnRole::Option);
            if !is_option.unwrap_or_else(|| !roles.iter().any(is_remark)) {
                continue;
            }
            let mut name = option_text(header);
            let mut parts = vec![part(Field::Option, name.clone())];
            if let Some(option) = conditional_header(&header.text, self.context) {
                name = option;
            }
            match self.context.languages.mark(&cell.text) {
                Some((Sign::Unknown, "")) => continue,
                Some((sign, rest)) => {
                    parts.push(Part { field: Field::Need, stance: sign_stance(sign), text: criterion.clone() });
                    if sign == Sign::Partly {
                        parts.push(part(Field::Value, cell.text.clone()));
                    } else if !rest.is_empty() {
                        parts.push(part(Field::Value, rest));
                    }
                }
                None => {
                    parts.push(part(Field::Need, criterion.clone()));
                    let signed = cell.text.trim_start();
                    let stance = if signed.starts_with("+ ") {
                        Stance::For
                    } else if signed.starts_with("- ") {
                        Stance::Against
                    } else {
                        Stance::Plain
                    };
                    if stance != Stance::Plain {
                        parts.push(Part { field: Field::Value, stance, text: signed[2..].to_owned() });
                    } else if !cell.is_blank() {
                        parts.push(part(Field::Value, cell.text.clone()));
                    }
                }
            }
            claims.push(self.claim(Kind::ColumnCell, row, parts, vec![Pick::new(name, Stance::For)], Joined::One));
        }
    }

    /// A cell such as `Filter → clean, bright` speaks of its own option.
    fn cells_with_arrows(&self, row: &Row, first: usize, claims: &mut Vec<Claim>) {
        for cell in row.cells.iter().skip(first) {
            let Some((left, right)) = self.context.languages.split_arrow(&cell.text) else { continue };
            let (left, right) = (left.trim(), right.trim());
            let names = Rich { text: left.to_owned(), marks: Vec::new() };
            if !left.is_empty() && !right.is_empty() && super::typing::is_name_like(&names) {
                let parts = vec![part(Field::Option, left), part(Field::Need, right)];
                claims.push(self.claim(Kind::Lead, row, parts, vec![Pick::new(left, Stance::For)], Joined::One));
            }
        }
    }

    /// `Price | 10 €` under the heading of an option.
    fn fact(&self, row: &Row, claims: &mut Vec<Claim>) {
        let (Some(subject), [label, value, ..]) = (&self.subject, row.cells.as_slice()) else { return };
        let parts = vec![
            part(Field::Option, subject),
            part(Field::Header, label.text.clone()),
            part(Field::Value, value.text.clone()),
        ];
        claims.push(self.claim(Kind::OptionRow, row, parts, vec![Pick::new(subject, Stance::For)], Joined::One));
    }

    fn grid(&self, row: &Row, claims: &mut Vec<Claim>) {
        let condition = row.cells.first().map(|cell| cell.text.clone()).unwrap_or_default();
        for (column, cell) in row.cells.iter().enumerate().skip(1).filter(|(_, cell)| !cell.is_blank()) {
            if let Some(read) = choice::read(cell, &[], self.context) {
                let parts = vec![part(Field::Need, condition.clone()), part(Field::Need, self.header(column))];
                claims.push(self.claim(Kind::Decision, row, parts, read.picks, read.join));
            }
        }
    }

    /// Follows `go to 4` from row to row; each answer that names no row is a leaf.
    fn jumps(&self, question: usize, yes: usize, no: usize, claims: &mut Vec<Claim>) {
        let rows = &self.table.rows;
        // Rows still to visit, with the conditions that lead there.
        let mut open: Vec<(usize, Vec<String>)> = vec![(0, Vec::new())];
        let mut n_steps = 0;
        while let Some((at, path)) = open.pop() {
            n_steps += 1;
            let Some(row) = rows.get(at).filter(|_| n_steps < 500 && path.len() < 40) else {
                continue;
            };
            let asked = row.cells.get(question).map(|cell| cell.text.clone()).unwrap_or_default();
            for (column, answer) in [(yes, self.header(yes)), (no, self.header(no))] {
                let Some(cell) = row.cells.get(column).filter(|cell| !cell.is_blank()) else {
                    continue;
                };
                let mut path = path.clone();
                path.push(format!("{asked} {answer}"));
                if let Some(next) = self.target_row(&cell.text) {
                    open.push((next, path));
                } else if let Some(read) = choice::read(cell, &[], self.context) {
                    let stance = if column == yes { Stance::For } else { Stance::Against };
                    let mut parts: Vec<Part> =
                        path[..path.len() - 1].iter().map(|step| part(Field::Path, step)).collect();
                    parts.push(Part { field: Field::Need, stance, text: asked.clone() });
                    claims.push(self.claim(Kind::Tree, row, parts, read.picks, read.join));
                }
            }
        }
    }

    fn target_row(&self, cell: &str) -> Option<usize> {
        let digits: String =
            cell.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
        let wanted: usize = digits.parse().ok()?;
        let n_words = n_atoms(cell);
        let by_number = self
            .table
            .rows
            .iter()
            .position(|row| row.cells.first().is_some_and(|cell| cell.text.trim().trim_end_matches('.') == digits));
        (n_words <= 5).then(|| by_number.or_else(|| wanted.checked_sub(1).filter(|at| *at < self.table.rows.len())))?
    }
}

fn sign_stance(sign: Sign) -> Stance {
    match sign {
        Sign::Yes | Sign::Best | Sign::Recommended | Sign::Both | Sign::Default => Stance::For,
        Sign::No | Sign::Avoid | Sign::Rejected | Sign::Deprecated => Stance::Against,
        Sign::Partly | Sign::Optional | Sign::Depends => Stance::Partly,
        _ => Stance::Plain,
    }
}

/// The option's name in a cell that names one: set-off words before plain ones, remarks in brackets left out.
fn option_text(cell: &Rich) -> String {
    let first_line = cell.text.split('\n').next().unwrap_or(&cell.text).trim();
    let bold = cell
        .marks
        .iter()
        .find(|mark| mark.kind == MarkKind::Bold && mark.start == 0 && !cell.marked(mark).trim().is_empty());
    let text = match bold {
        Some(mark) if mark.end as usize >= cell.text.len() / 4 => cell.marked(mark).trim(),
        _ => first_line,
    };
    let text = super::names::strip_numbering(text).trim_end_matches([':', '：']);
    match text.find(['(', '（']).filter(|at| *at > 0) {
        Some(at) if n_atoms(&text[at..]) > 3 => text[..at].trim_end().to_owned(),
        _ => text.to_owned(),
    }
}
