//! What holds for every table in a Discord message?
//!
//! It stays inside the limits, a row is whole or left out, and what is shown reads back to the cells of the note.
//! Cases are few and always the same by default; `RUN_SLOW_TESTS=1` makes more of them, `PROPTEST_RNG_SEED` others.

use fingerpost::answer::{Answer, ChoiceMade, Evidence, EvidenceKind, QuotedRow, Verdict};
use fingerpost::note::{BlockKind, Rich};
use fingerpost::parse::parse;
use fingerpost::render::Phrases;
use fingerpost::render::card::{self, Frame, LIMIT};
use fingerpost::text::width;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;

/// What cells are made of.
const PIECES: &[&str] = &[
    "a",
    "Bánh mì",
    "độ trễ",
    "高筋粉",
    "グルテン",
    "✅",
    "⚠️",
    "👨\u{200d}👩\u{200d}👧",
    "🇻🇳",
    "\\|",
    "`x`",
    "``",
    "```",
    "```rust",
    "~~~",
    "**b**",
    "_c_",
    "[[Cake|cake]]",
    "[d](https://e.f/g)",
    "https://h.i",
    "discord.gg/j",
    "@everyone",
    "<@123456789012345678>",
    "<#1>",
    "<@&2>",
    "<br>",
    "<t:1>",
    "> ",
    "# ",
    "- ",
    "1. ",
    "||k||",
    "\\",
    "…",
    "│",
    "─┼─",
    "▶ ",
    "  ",
    ": ",
    "one longer piece of text",
];

#[derive(Debug)]
struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    answer: Answer,
    deciding: usize,
}

fn cell() -> impl Strategy<Value = String> {
    prop::collection::vec(select(PIECES), 0..4).prop_map(|pieces| pieces.join(""))
}

fn tables() -> impl Strategy<Value = Option<Table>> {
    let narrow = (1usize..=3, 1usize..=8);
    let wide = (1usize..=12, prop_oneof![1usize..=6, 1usize..=200]);
    prop_oneof![narrow, wide].prop_flat_map(|(n_columns, n_rows)| {
        let row = prop::collection::vec(cell(), n_columns);
        let rows = prop::collection::vec(prop::collection::vec(cell(), n_columns), n_rows);
        (row, rows, any::<prop::sample::Index>()).prop_map(|(header, rows, deciding)| table(&header, &rows, deciding))
    })
}

/// Writes a table as a note has it, and quotes it. None where the pieces make no table.
fn table(header: &[String], rows: &[Vec<String>], deciding: prop::sample::Index) -> Option<Table> {
    let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
    let mut text = format!("{}\n|{}\n", line(header), "---|".repeat(header.len()));
    for row in rows {
        text.push_str(&line(row));
        text.push('\n');
    }
    let note = parse("Some note.md", text.clone());
    let table = note.blocks.iter().find_map(|block| match &block.kind {
        BlockKind::Table(table) if table.rows.len() == rows.len() => Some(table),
        _ => None,
    })?;
    let cells = |cells: &[Rich]| -> Vec<String> { cells.iter().map(|cell| cell.text.trim().to_owned()).collect() };
    let deciding = deciding.index(rows.len());
    let line = table.rows[deciding].line;
    let evidence = Evidence {
        note: "Some note.md".to_owned(),
        headings: vec!["A heading".to_owned()],
        kind: EvidenceKind::DecisionTable,
        lines: (1, note.n_lines()),
        rows: vec![QuotedRow { line, text: note.line(line).to_owned() }],
        markdown: text.trim_end_matches('\n').to_owned(),
        supports: Vec::new(),
        opposes: Vec::new(),
        path: Vec::new(),
    };
    let choice = |name: &String| ChoiceMade { name: name.clone(), condition: None, score: 1.0 };
    let answer = Answer {
        schema: 1,
        question: String::new(),
        lang: "vi".to_owned(),
        verdict: Verdict::Either,
        choices: rows[deciding].iter().map(choice).collect(),
        confidence: 1.0,
        evidence: vec![evidence],
        why_not: Vec::new(),
        conflicts: Vec::new(),
        missing: Vec::new(),
        near: Vec::new(),
        related: Vec::new(),
        generation: 1,
        elapsed_us: 0,
        explain: None,
    };
    Some(Table {
        header: cells(&table.header.cells),
        rows: table.rows.iter().map(|row| cells(&row.cells)).collect(),
        answer,
        deciding,
    })
}

/// Takes back what keeps text from acting.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek().is_some_and(|next| next.is_ascii_punctuation()) => plain.extend(chars.next()),
            '\u{200b}' => {}
            c => plain.push(c),
        }
    }
    plain
}

/// Cuts a line of a fence at its columns.
fn cut(line: &str, columns: &[usize]) -> Vec<String> {
    let mut rest = line;
    let mut cells = Vec::new();
    for size in columns {
        let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8()).chain([0]);
        let end = ends.filter(|end| width(&rest[..*end]) <= *size).max().expect("nothing at least");
        cells.push(rest[..end].trim().to_owned());
        rest = rest[end..].trim_start_matches(' ');
        rest = rest.strip_prefix("│ ").or(rest.strip_prefix('│')).unwrap_or(rest);
    }
    assert_eq!(rest, "", "all of the line is read: {line}");
    cells
}

/// Reads the rows that a message shows: cells, or labelled lines, with whether they are marked.
fn read_back(text: &str) -> (bool, Vec<(Vec<String>, bool)>) {
    let lines: Vec<&str> = text.lines().collect();
    let fences: Vec<usize> = (0..lines.len()).filter(|at| lines[*at] == "```").collect();
    let mark = |line: &str| line.starts_with("▶ ");
    if let [start, end] = fences[..] {
        let columns: Vec<usize> = lines[start + 2][2..].split("─┼─").map(width).collect();
        let header = cut(lines[start + 1].strip_prefix("  ").expect("a margin"), &columns);
        let rows = lines[start + 3..end].iter().filter(|line| **line != "  …").map(|line| {
            let own = line.strip_prefix("▶ ").or(line.strip_prefix("  ")).or(line.strip_prefix('▶')).unwrap_or("");
            (cut(own, &columns), mark(line) || line.starts_with('▶'))
        });
        return (true, std::iter::once((header, false)).chain(rows).collect());
    }
    let mut rows: Vec<(Vec<String>, bool)> = Vec::new();
    for line in &lines[1..] {
        let own = line.strip_prefix("▶ ").unwrap_or(line);
        if let Some(head) = own.strip_prefix("**").and_then(|own| own.strip_suffix("**")) {
            rows.push((vec![plain(head)], mark(line)));
        } else if let (Some(item), Some(row)) = (own.strip_prefix("- "), rows.last_mut()) {
            row.0.push(plain(item));
        }
    }
    (false, rows)
}

/// The lines under which a row is stacked.
fn labelled(header: &[String], row: &[String]) -> Vec<String> {
    let one_line = |text: &str| text.replace('\n', " ");
    let label = |at: usize| match header.get(at).map(String::as_str).unwrap_or_default() {
        "" => one_line(&row[at]),
        header => format!("{}: {}", one_line(header), one_line(&row[at])),
    };
    (0..row.len()).filter(|at| *at == 0 || !row[*at].is_empty()).map(label).collect()
}

/// True when the text outside of fences and addresses would act.
fn acts(text: &str) -> bool {
    let outside: String = text.split("\n```").step_by(2).collect();
    let outside = outside.replace("\\`", "");
    ["@everyone", "@here", "<@", "<#", "<t:", "://", "discord.gg", "```", "||"]
        .iter()
        .any(|sign| outside.replace("\\<", "").replace("\\|", "").contains(sign))
}

fn config() -> ProptestConfig {
    let is_slow = std::env::var_os("RUN_SLOW_TESTS").is_some();
    let seed = std::env::var("PROPTEST_RNG_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(7);
    ProptestConfig {
        cases: if is_slow { 20_000 } else { 500 },
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn tables_read_back_and_stay_inside_the_limits(table in tables()) {
        let Some(table) = table else { return Ok(()) };
        let phrases = Phrases::builtin();
        let text = card::answer(&table.answer, Frame { phrases: &phrases, lang: None, link: None, folder: "" });
        prop_assert!(text.encode_utf16().count() <= LIMIT, "{}", text);
        prop_assert!(!acts(&text), "{}", text);
        let too_long = phrases_line(&text);
        let n_columns = table.rows.iter().chain([&table.header]).map(Vec::len).max().unwrap_or_default();
        let padded = |cells: &[String]| {
            let mut cells = cells.to_vec();
            cells.resize(n_columns, String::new());
            cells
        };
        let (is_fence, rows) = read_back(&text);
        if is_fence {
            let (_, after) = text.split_once("```\n").expect("a fence");
            let (fence, _) = after.split_once("\n```").expect("its end");
            prop_assert!(fence.lines().all(|line| width(line) <= 38), "{}", text);
            prop_assert!(table.header.len() <= 3);
        }
        let mut shown = rows.as_slice();
        if is_fence {
            prop_assert_eq!(&shown[0].0, &padded(&table.header), "{}", text);
            shown = &shown[1..];
        }
        prop_assert!(!shown.is_empty() || too_long, "{}", text);
        let mut next = 0;
        for (row, is_marked) in shown {
            let expected = |at: &usize| match is_fence {
                true => padded(&table.rows[*at]),
                false => labelled(&table.header, &table.rows[*at]),
            };
            // Rows with the same text are marked together.
            let may_be_marked = |at: &usize| table.rows[*at] == table.rows[table.deciding];
            let at = (next..table.rows.len()).find(|at| &expected(at) == row && (may_be_marked(at) || !is_marked));
            prop_assert!(at.is_some(), "`{:?}` is no row of {:?}: {}", row, table.rows, text);
            next = at.unwrap_or_default() + 1;
        }
        if !too_long {
            prop_assert!(shown.iter().any(|(_, is_marked)| *is_marked), "{}", text);
        }
    }
}

/// True when the message says that the row is too long for it.
fn phrases_line(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("-# Dòng này quá dài"))
}
