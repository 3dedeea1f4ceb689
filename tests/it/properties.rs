//! What holds for every note and every question?
//!
//! Notes are made of pieces of Markdown, so that half-open tables, fences and brackets meet in every order.
//! Cases are few and always the same by default; `RUN_SLOW_TESTS=1` makes more of them, `PROPTEST_RNG_SEED` others.

use std::sync::LazyLock;

use fingerpost::answer::{Answer, Switches, ask};
use fingerpost::claim::{self, Claim, Context, Names};
use fingerpost::generation::Generation;
use fingerpost::language::Languages;
use fingerpost::note::{BlockKind, Note, Rich, Row};
use fingerpost::parse::parse;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;

use crate::support::check_quotes;

static LANGUAGES: LazyLock<Languages> = LazyLock::new(Languages::builtin);

/// Where a piece may break the one before it: markers, ends of lines, characters of several bytes.
const PIECES: &[&str] = &[
    "| ",
    " | ",
    "|",
    "\\|",
    "|---|---|\n",
    "|:-:|\n",
    "| A | B |\n|---|---|\n| c | d |\n",
    "\n| x |\n",
    "||\n",
    "# ",
    "## ",
    " ##\n",
    "\n===\n",
    "\n---\n",
    "---\n",
    "aliases: [a, \"b\"]\n",
    "tags:\n  - x\n",
    "title: 'y'\n",
    "```\n",
    "```mermaid\n",
    "~~~",
    "    ",
    "\t",
    "flowchart TD\n",
    "A{x?} -->|yes| B[y]\n",
    "├── ",
    "│   ",
    "└─ ",
    "+---+---+\n",
    "| a | b |\n+===+===+\n",
    "┌──┬──┐\n",
    "- ",
    "* ",
    "1. ",
    "2) ",
    "- [x] ",
    "  - ",
    "> ",
    "> [!tip] ",
    ">",
    ":::tip ",
    "\n:::\n",
    "=== \"tab\"\n",
    "**",
    "*",
    "__",
    "_",
    "`",
    "``",
    "~~",
    "==",
    "[[",
    "]]",
    "![[",
    "|",
    "#",
    "[",
    "](",
    ")",
    "][",
    "[^1]: ",
    "<",
    ">",
    "<br>",
    "<table><tr><td>",
    "</td></tr></table>",
    "<!--",
    "-->",
    "%%",
    "&nbsp;",
    "&amp;",
    "{#id}",
    " ^block",
    "#tag",
    "$$",
    "\\",
    "\\\\",
    "→",
    " -> ",
    " => ",
    "⇒",
    "✅",
    "❌",
    "⭐⭐",
    "👍🏽",
    "👩‍👩‍👧",
    "🇻🇳",
    "e\u{301}",
    "a\u{323}\u{302}",
    "\u{301}",
    "đường",
    "ế",
    "Đ",
    "ß",
    "İ",
    "ﬁ",
    "選ぶ",
    "なら",
    "场景",
    "选择",
    "用",
    "。",
    "、",
    ":",
    ":",
    "값",
    "が",
    "が",
    "\u{200b}",
    "\u{feff}",
    "\u{a0}",
    "\u{3000}",
    "\u{2028}",
    "\0",
    "\r\n",
    "\n",
    "\n\n",
    "\r\n\r\n",
    " ",
    ".",
    ",",
    ";",
    ": ",
    " — ",
    " vs ",
    " or ",
    " và ",
    " hoặc ",
    "/",
    "(",
    ")",
    "\"",
    "“",
    "”",
    "use ",
    "when ",
    "if ",
    "not ",
    "instead of ",
    "dùng ",
    "khi ",
    "nếu ",
    "thì ",
    "không ",
    "ou ",
    "Postgres",
    "Kafka",
    "rust",
    "bột mì",
    "over 10 GB",
    "< 5 ms",
    "10,5 %",
    "2 €",
    "Choice",
    "Scenario",
    "Pros:",
    "When to use Kafka",
    "Q: ",
    "A: ",
    "default",
    "1",
    "१",
];

/// A note of some pieces; now and then one is a character of any kind, or stands many times in a row.
fn text(n_pieces: usize) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        60 => select(PIECES).prop_map(str::to_owned),
        2 => any::<char>().prop_filter("alone it ends no line", |c| *c != '\r').prop_map(String::from),
        1 => (select(PIECES), 2..150_usize).prop_map(|(piece, n_times)| piece.repeat(n_times)),
    ];
    prop::collection::vec(piece, 0..n_pieces).prop_map(|pieces| pieces.concat())
}

/// A table, list or sentence that says something, so that questions have what to meet.
fn saying() -> impl Strategy<Value = String> {
    let word = || {
        select(&["flour", "bột mì", "Kafka", "面粉", "fast oven", "rye 🍞", "`x|y`", "[[Rye]]", "**e\u{301}clair**"])
    };
    (word(), word(), word(), 0..6_usize, text(4)).prop_map(|(need, choice, other, shape, noise)| match shape {
        0 => format!("\n\n| Scenario | Choice |\n|---|---|\n| {need} | {choice} |\n| {other} | {need}{noise} |\n\n"),
        1 => format!("\n\n| | {choice} | {other} |\n|---|---|---|\n| {need} | ✅ | ❌ |\r\n| {noise} | 1 | 2 |\n\n"),
        2 => format!("\n\n- **{choice}**: use it for {need}\n- {other}: {noise}\n\n"),
        3 => format!("\n\n```\n{need}? → {choice}\n├── {noise} → {other}\n```\n\n"),
        4 => format!("\n\n## When to use {choice}\n\n- {need}\n- {noise}\n\n"),
        _ => format!("\n\nIf you bake {need}, use {choice} instead of {other}. {noise}\n\n"),
    })
}

fn note() -> impl Strategy<Value = String> {
    (text(8), prop::collection::vec(saying(), 0..4), text(12)).prop_map(|(a, b, c)| format!("{a}{}{c}", b.concat()))
}

fn question() -> impl Strategy<Value = String> {
    let frame = select(&[
        "which for {}?",
        "{} or {}?",
        "when to use {}",
        "nên dùng gì cho {}",
        "compare {} and {}",
        "{}用哪个？",
        "what is {}",
        "{}",
    ]);
    let words = select(&[
        "flour",
        "bot mi",
        "Kafka",
        "面粉",
        "a fast oven",
        "rye",
        "éclair",
        "x|y",
        "not rye",
        "forecasting",
        "RAG",
        "dự báo",
        "fine-tune",
        "under 10 GB",
        "endpoint",
        "vector store",
        "👩‍👩‍👧",
        "10",
        "?!",
        "\u{301}",
    ]);
    (frame, words.clone(), words).prop_map(|(frame, a, b)| frame.replacen("{}", a, 1).replace("{}", b))
}

fn config(cases: u32) -> ProptestConfig {
    let is_slow = std::env::var_os("RUN_SLOW_TESTS").is_some();
    let default = ProptestConfig::default();
    let rng_seed = match default.rng_seed {
        RngSeed::Random => RngSeed::Fixed(7),
        seed => seed,
    };
    // A note that broke a rule becomes a test of its own: no file of seeds beside the tests.
    ProptestConfig { cases: if is_slow { cases * 20 } else { cases }, rng_seed, failure_persistence: None, ..default }
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn notes_of_any_text_are_read(text in text(60)) {
        check(&text);
    }

    #[test]
    fn notes_with_line_ends_of_old_are_read(text in note()) {
        check(&text.replace('\n', "\r"));
    }

    #[test]
    fn notes_that_say_something_are_read(text in note()) {
        check(&text);
    }

    #[test]
    fn cells_of_any_text_are_read(text in text(12)) {
        check_rich(&fingerpost::parse::rich(&text));
    }
}

proptest! {
    #![proptest_config(config(12))]

    #[test]
    fn every_quote_is_the_note(
        notes in prop::collection::vec(note(), 1..4),
        questions in prop::collection::vec(question(), 12),
    ) {
        let files = notes.into_iter().enumerate().map(|(at, text)| (format!("{at}/Note {at}.md"), text)).collect();
        let vault = Built::new(files);
        for question in &questions {
            vault.check(question);
        }
    }
}

proptest! {
    #![proptest_config(config(100))]

    #[test]
    fn every_quote_is_a_note_that_ships(question in question()) {
        SHIPPED.check(&question);
    }
}

/// A return alone ends a line for quotes, links and blocks alike.
#[test]
fn lines_that_end_with_a_return_alone() {
    let note = parse("Note.md", "Rye\rand wheat\n\n- dark bread\n".to_owned());
    let line = note.blocks.last().expect("the list").lines.0;
    assert_eq!((note.n_lines(), line, note.line(line)), (4, 4, "- dark bread"));
}

/// Nothing that can be seen is underlined: a heading without text, never one that shows its underline.
#[test]
fn an_underlined_space_that_does_not_break() {
    let note = parse("Note.md", "\u{a0}\n===\n".to_owned());
    assert_eq!(note.sections[1].text, "");
}

/// The same files give the same answers however often they are read, byte for byte.
#[test]
fn the_same_notes_and_question_give_the_same_bytes() {
    let again = Built::new(shipped());
    let text = include_str!("../questions/notes.jsonl");
    for line in text.lines().step_by(if std::env::var_os("RUN_SLOW_TESTS").is_some() { 1 } else { 4 }) {
        let case: fingerpost::eval::Case = serde_json::from_str(line).expect("a question");
        assert_eq!(json(&SHIPPED.check(&case.question)), json(&again.check(&case.question)));
    }
}

static SHIPPED: LazyLock<Built> = LazyLock::new(|| Built::new(shipped()));

fn shipped() -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("notes");
    let (entries, _) = fingerpost::vault::scan(&folder).expect("the notes that ship");
    let text = |path: &str| fingerpost::vault::read(&folder, path).text;
    entries.into_iter().map(|entry| (entry.path.clone(), text(&entry.path))).collect()
}

/// A generation and the folder of its index.
struct Built {
    generation: Generation,
    _folder: tempfile::TempDir,
}

impl Built {
    fn new(files: Vec<(String, String)>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let generation = Generation::build(1, files, Vec::new(), &folder.path().join("index"), &LANGUAGES)
            .expect("an index in a folder of our own");
        Self { generation, _folder: folder }
    }

    /// Asks twice, and checks the quotes and that both answers are the same.
    #[track_caller]
    fn check(&self, question: &str) -> Answer {
        let answer = ask(question, &self.generation, &LANGUAGES, &Switches::default(), true);
        check_quotes(&answer, &self.generation);
        let again = ask(question, &self.generation, &LANGUAGES, &Switches::default(), true);
        assert_eq!(json(&answer), json(&again));
        answer
    }
}

fn json(answer: &Answer) -> String {
    serde_json::to_string(answer).expect("an answer has a JSON form")
}

/// Checks that a note is read with every place inside it, and so are its claims.
#[track_caller]
fn check(text: &str) {
    let note = parse("Folder/Some note.md", text.to_owned());
    assert_eq!(note.text, text);
    check_note(&note);
    let names = Names::gather(std::iter::once(&note), &LANGUAGES);
    let lang = claim::language_of(&note, &LANGUAGES);
    for claim in claim::read(&note, &Context { languages: &LANGUAGES, names: &names, lang }) {
        check_claim(&claim, &note);
    }
}

#[track_caller]
fn check_note(note: &Note) {
    let lines =
        |first: u32, last: u32| assert!(1 <= first && first <= last && last <= note.n_lines(), "{first}-{last}");
    let row = |row: &Row| {
        // A table may have no header of its own.
        if row.line > 0 {
            lines(row.line, row.last_line);
        }
        row.cells.iter().for_each(check_rich);
    };
    // What a return alone ends is counted in two ways; see `lines_that_end_with_a_return_alone`.
    let has_plain_ends = !note.text.replace("\r\n", "").contains('\r');
    for start in &note.line_starts {
        assert!(note.text.is_char_boundary(*start as usize));
    }
    for (at, section) in note.sections.iter().enumerate() {
        lines(section.line, section.line);
        assert!(section.parent < at || at == 0, "{section:?}");
        if at > 0 && has_plain_ends {
            let word = section.raw.split_whitespace().next().unwrap_or_default();
            let line = note.line(section.line);
            // See `an_underlined_space_that_does_not_break`.
            let is_blank = !line.is_empty() && !line.contains(char::is_alphanumeric);
            assert!(is_blank || line.contains(word), "{section:?}");
        }
    }
    for block in &note.blocks {
        lines(block.lines.0, block.lines.1);
        assert!(block.section < note.sections.len(), "{block:?}");
        match &block.kind {
            BlockKind::Paragraph(inner) => inner.iter().for_each(|line| {
                lines(line.line, line.line);
                check_rich(&line.rich);
            }),
            BlockKind::Label(rich) => check_rich(rich),
            BlockKind::List(items) => items.iter().for_each(|item| {
                lines(item.line, item.last_line);
                check_rich(&item.rich);
                let letter = item.rich.text.chars().find(|c| c.is_alphanumeric());
                let mut own = (item.line..=item.last_line).map(|line| note.line(line));
                assert!(
                    !has_plain_ends || letter.is_none_or(|letter| own.any(|line| line.contains(letter))),
                    "{item:?}"
                );
            }),
            BlockKind::Table(table) => [&table.header].into_iter().chain(&table.rows).for_each(row),
            BlockKind::Code { lines: inner, .. } => inner.iter().for_each(|(line, _)| lines(*line, *line)),
        }
    }
    for link in &note.links {
        let (start, end) = (link.span.0 as usize, link.span.1 as usize);
        assert!(start < end && note.text.get(start..end).is_some(), "{link:?}");
        lines(link.line, link.line);
        assert_eq!(link.line, note.line_of(start), "{link:?}");
        let before = &note.text[note.line_starts[link.line as usize - 1] as usize..start];
        assert_eq!(link.column as usize, before.chars().count() + 1, "{link:?}");
    }
    note.block_ids.iter().for_each(|(_, line)| lines(*line, *line));
    note.problems.iter().for_each(|problem| lines(problem.line, problem.line));
}

#[track_caller]
fn check_rich(rich: &Rich) {
    for mark in &rich.marks {
        assert!(rich.text.get(mark.start as usize..mark.end as usize).is_some(), "{rich:?}");
    }
    assert!(rich.marks.is_sorted_by_key(|mark| mark.start), "{rich:?}");
}

#[track_caller]
fn check_claim(claim: &Claim, note: &Note) {
    let (first, last) = claim.lines;
    assert!(1 <= first && first <= last && last <= note.n_lines(), "{claim:?}");
    assert!(claim.section < note.sections.len() && claim.block.is_none_or(|at| at < note.blocks.len()), "{claim:?}");
    assert!(!claim.picks.is_empty() && claim.picks.iter().all(|pick| !pick.name.trim().is_empty()), "{claim:?}");
    assert!((0.0..=1.0).contains(&claim.prior), "{claim:?}");
}
