//! Which tables does this HTML hold?

use super::inline::rich;
use crate::note::{Rich, Row, Table};

/// Returns the tables of an HTML block, given by its lines. Spans repeat their cell, as a reader sees it.
pub fn tables(lines: &[(u32, &str)]) -> Vec<Table> {
    let mut tables = Vec::new();
    let mut rows: Vec<(Row, bool)> = Vec::new();
    let mut cell: Option<(String, bool, usize)> = None;
    for &(number, line) in lines {
        let mut rest = line;
        while let Some(start) = rest.find('<') {
            if let Some((text, ..)) = &mut cell {
                text.push_str(&rest[..start]);
            }
            let length = rest[start..].find('>').map_or(rest.len() - start, |end| end + 1);
            let tag = &rest[start..start + length];
            let name: String =
                tag[1..].trim_end_matches('>').chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '/').collect();
            match name.to_ascii_lowercase().as_str() {
                "tr" => {
                    close_cell(&mut cell, &mut rows, number);
                    rows.push((Row { line: number, last_line: number, cells: Vec::new() }, false));
                }
                "td" | "th" => {
                    close_cell(&mut cell, &mut rows, number);
                    cell = Some((String::new(), name.eq_ignore_ascii_case("th"), span(tag)));
                }
                "/td" | "/th" | "/tr" => close_cell(&mut cell, &mut rows, number),
                "/table" => {
                    close_cell(&mut cell, &mut rows, number);
                    tables.extend(table(std::mem::take(&mut rows)));
                }
                _ => {
                    if let Some((text, ..)) = &mut cell {
                        text.push_str(tag);
                    }
                }
            }
            rest = &rest[start + length..];
        }
        if let Some((text, ..)) = &mut cell {
            text.push_str(rest);
            text.push(' ');
        }
    }
    tables.extend(table(rows));
    tables
}

fn span(tag: &str) -> usize {
    let value = tag.to_ascii_lowercase().split_once("colspan=").map(|(_, rest)| rest.to_owned());
    let digits: String =
        value.unwrap_or_default().trim_start_matches(['"', '\'']).chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(1).clamp(1, 32)
}

fn close_cell(cell: &mut Option<(String, bool, usize)>, rows: &mut Vec<(Row, bool)>, line: u32) {
    let Some((text, is_head, span)) = cell.take() else {
        return;
    };
    if rows.is_empty() {
        rows.push((Row { line, last_line: line, cells: Vec::new() }, false));
    }
    if let Some((row, all_heads)) = rows.last_mut() {
        *all_heads = is_head && (*all_heads || row.cells.is_empty());
        let shown: Rich = rich(text.trim());
        row.cells.extend(std::iter::repeat_n(shown, span));
        row.last_line = line;
    }
}

fn table(mut rows: Vec<(Row, bool)>) -> Option<Table> {
    rows.retain(|(row, _)| row.cells.iter().any(|cell| !cell.is_blank()));
    if rows.len() < 2 {
        return None;
    }
    let (header, _) = rows.remove(0);
    Some(Table { header, rows: rows.into_iter().map(|(row, _)| row).collect() })
}
