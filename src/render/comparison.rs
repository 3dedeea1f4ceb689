//! How do two options look side by side?

use std::fmt::Write;

use super::markdown_table::{row, wrap};
use super::{Ink, Style, clean};
use crate::answer::{Cell, Comparison};
use crate::text::width;

/// Stands where the notes say nothing.
pub(super) const OPEN: &str = "—";
const BETWEEN: &str = " │ ";
/// Before a place.
const INDENT: &str = "  ";
/// A column narrower than this cannot be read.
const NARROWEST: usize = 12;

/// Returns a comparison as a table of three columns, each cell with its place.
pub fn text(comparison: &Comparison, style: Style) -> String {
    let mut out = String::new();
    let one_line = |text: &str| clean(text).replace('\n', " ");
    let plain = |text: String| vec![Told { text, is_place: false }];
    let [first, second] = comparison.options.each_ref().map(|option| plain(one_line(&option.name)));
    let mut rows = vec![[plain(String::new()), first, second]];
    for compared in &comparison.rows {
        let mark = if compared.is_conflict { "⚠ " } else { "" };
        let [first, second] = compared.cells.each_ref().map(|cells| side(cells));
        rows.push([plain(format!("{mark}{}", one_line(&compared.criterion))), first, second]);
    }
    let widths = widths(&rows, style.width);
    for (at, cells) in rows.iter().enumerate() {
        let lines = |(told, size): (&Vec<Told>, usize)| {
            told.iter().flat_map(|told| told.lines(size)).collect::<Vec<String>>().join("\n")
        };
        let wrapped: Vec<String> = cells.iter().zip(widths).map(lines).collect();
        for line in row(&wrapped, &widths, BETWEEN) {
            let is_conflict = at.checked_sub(1).is_some_and(|at| comparison.rows[at].is_conflict);
            let ink = if at == 0 { Some(Ink::Strong) } else { is_conflict.then_some(Ink::Warning) };
            let _ = writeln!(out, "{}", ink.map_or_else(|| line.clone(), |ink| style.paint(ink, &line)));
        }
        if at == 0 {
            let _ = writeln!(out, "{}", widths.map(|size| "─".repeat(size)).join("─┼─"));
        }
    }
    let n_gaps = comparison.rows.iter().filter(|row| row.is_gap).count();
    let n_conflicts = comparison.rows.iter().filter(|row| row.is_conflict).count();
    let _ = writeln!(out);
    let notes: Vec<String> = comparison.notes.iter().map(|note| one_line(note)).collect();
    if !notes.is_empty() {
        let _ = writeln!(out, "Both stand in: {}", notes.join(", "));
    }
    if n_gaps > 0 {
        let _ = writeln!(out, "{OPEN} nothing is said ({n_gaps})");
    }
    if n_conflicts > 0 {
        let _ = writeln!(out, "{}", style.paint(Ink::Warning, &format!("⚠ the notes disagree ({n_conflicts})")));
    }
    out
}

/// A piece of a cell.
struct Told {
    text: String,
    /// Where it is said; stands below, indented.
    is_place: bool,
}

impl Told {
    fn width(&self) -> usize {
        width(&self.text) + if self.is_place { INDENT.len() } else { 0 }
    }

    fn lines(&self, size: usize) -> Vec<String> {
        if !self.is_place {
            return wrap(&self.text, size);
        }
        wrap(&self.text, size - INDENT.len()).into_iter().map(|line| format!("{INDENT}{line}")).collect()
    }
}

/// Returns what is said of one side: each text with its places below.
fn side(cells: &[Cell]) -> Vec<Told> {
    if cells.is_empty() {
        return vec![Told { text: OPEN.to_owned(), is_place: false }];
    }
    let mut said: Vec<(String, Vec<String>)> = Vec::new();
    for cell in cells {
        let place = format!("{}:{}", clean(&cell.note).replace('\n', " "), cell.line);
        let text = self::said(cell);
        match said.iter_mut().find(|(known, _)| *known == text) {
            Some((_, places)) => places.push(place),
            None => said.push((text, vec![place])),
        }
    }
    let told = said.into_iter().flat_map(|(text, places)| {
        let places = places.into_iter().map(|text| Told { text, is_place: true });
        std::iter::once(Told { text, is_place: false }).chain(places)
    });
    told.collect()
}

/// Returns a cell's text; signs stand for what has none.
pub(super) fn said(cell: &Cell) -> String {
    let text = clean(&cell.text).replace('\n', " ");
    let sign = match cell.says {
        "recommends" => "✔",
        "alternative" => "(✔)",
        "opposes" => "✘",
        "pro" => "+",
        "con" => "−",
        "has" if text.is_empty() => "✔",
        "lacks" if text.is_empty() => "✘",
        "partly" if text.is_empty() => "△",
        _ => "",
    };
    format!("{sign} {text}").trim().to_owned()
}

/// Shares the width: the criterion gets at most a quarter, the options half of the rest each.
fn widths(rows: &[[Vec<Told>; 3]], total: usize) -> [usize; 3] {
    let needed =
        |column: usize| rows.iter().flat_map(|cells| &cells[column]).map(Told::width).max().unwrap_or(0).max(1);
    let room = total.saturating_sub(2 * width(BETWEEN));
    let first = needed(0).min((room / 4).max(NARROWEST));
    let rest = room.saturating_sub(first);
    let (a, b) = (needed(1), needed(2));
    let half = (rest / 2).max(NARROWEST);
    // What one option does not need is the other's.
    match (a <= half, b <= half) {
        (true, true) => [first, a, b],
        (true, false) => [first, a, b.min(rest.saturating_sub(a).max(NARROWEST))],
        (false, true) => [first, a.min(rest.saturating_sub(b).max(NARROWEST)), b],
        (false, false) => [first, half, half],
    }
}
