//! Is this fence a table drawn with box characters?

use super::inline::rich;
use crate::note::{Row, Table};

/// Characters that only borders are made of.
const BORDER: &str = "┌┐└┘├┤┬┴┼─━═╔╗╚╝╠╣╦╩╬╭╮╰╯┏┓┗┛┣┫┳┻╋╞╡╪+-=|│┃║ ";

fn is_border(line: &str) -> bool {
    let line = line.trim();
    line.chars().count() > 2 && line.chars().all(|c| BORDER.contains(c)) && line.chars().any(|c| "─━═-=".contains(c))
}

fn cells(line: &str) -> Option<Vec<&str>> {
    let line = line.trim();
    let inner = line.strip_prefix(['│', '┃', '║', '|'])?;
    let inner = inner.strip_suffix(['│', '┃', '║', '|']).unwrap_or(inner);
    let cells: Vec<&str> = inner.split(['│', '┃', '║', '|']).map(str::trim).collect();
    (cells.len() > 1).then_some(cells)
}

/// Returns the table that the lines draw, if they draw one.
///
/// Where borders part some rows but not all, lines between two borders are one row.
pub fn table(lines: &[(u32, &str)]) -> Option<Table> {
    let n_rows = lines.iter().filter(|(_, line)| !is_border(line) && cells(line).is_some()).count();
    let n_borders = lines.iter().filter(|(_, line)| is_border(line)).count();
    let n_other =
        lines.iter().filter(|(_, line)| !line.trim().is_empty() && !is_border(line) && cells(line).is_none()).count();
    if n_rows < 2 || n_borders == 0 || n_other > n_rows {
        return None;
    }
    let groups_split_rows = n_borders > 3;
    let mut groups: Vec<Vec<(u32, Vec<&str>)>> = vec![Vec::new()];
    let mut n_seen_borders = 0;
    for (number, line) in lines {
        if is_border(line) {
            n_seen_borders += 1;
            groups.push(Vec::new());
        } else if let Some(cells) = cells(line) {
            let is_header = n_seen_borders <= 1 && groups.iter().filter(|group| !group.is_empty()).count() <= 1;
            if !groups_split_rows && !is_header && groups.last().is_some_and(|group| !group.is_empty()) {
                groups.push(Vec::new());
            }
            if let Some(group) = groups.last_mut() {
                group.push((*number, cells));
            }
        }
    }
    let mut rows = groups.into_iter().filter(|group| !group.is_empty()).map(|group| joined(&group));
    let header = rows.next()?;
    let rows: Vec<Row> = rows.collect();
    let width = header.cells.len();
    (!rows.is_empty() && rows.iter().filter(|row| row.cells.len() == width).count() * 2 >= rows.len())
        .then_some(Table { header, rows })
}

fn joined(group: &[(u32, Vec<&str>)]) -> Row {
    let width = group.iter().map(|(_, cells)| cells.len()).max().unwrap_or(0);
    let cell = |column: usize| {
        let parts: Vec<&str> =
            group.iter().filter_map(|(_, cells)| cells.get(column).copied()).filter(|part| !part.is_empty()).collect();
        rich(&parts.join(" "))
    };
    Row {
        line: group.first().map_or(1, |(line, _)| *line),
        last_line: group.last().map_or(1, |(line, _)| *line),
        cells: (0..width).map(cell).collect(),
    }
}
