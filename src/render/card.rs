//! What does a person see in a Discord message?
//!
//! The verdict first, the deciding rows, where they stand. A message has room for 2,000 characters: what does not fit
//! is left out whole, row by row, and said to be. Text in, text out; buttons and pictures are for others.

use super::comparison::{OPEN, said};
use super::markdown_table::{BETWEEN, GAP, Quoted, QuotedRow, has_header, row, table, widths, without_markup};
use super::markup::{breaks_fence, escape, shorten, units};
use super::show::Shown;
use super::{Phrases, clean};
use crate::answer::{Answer, Cell, Comparison, Evidence, EvidenceKind, PathStep, Verdict};
use crate::text::width;

/// Characters in a message.
pub const LIMIT: usize = 2_000;
/// A fence wider than this scrolls sideways on a phone.
const FENCE_WIDTH: usize = 38;
/// With more columns than this, names and values are easier to read as lines.
const FENCE_COLUMNS: usize = 3;
/// Drawings lose their meaning when they are cut: a phone scrolls them.
const DRAWING_WIDTH: usize = 72;
const QUOTES_SHOWN: usize = 3;
const NEAR_SHOWN: usize = 5;
const CHOICES_SHOWN: usize = 8;
const NAME_WIDTH: usize = 80;
/// Places shown of what is said of one option for one criterion.
const CELLS_SHOWN: usize = 3;
/// Room that the line takes which says how much is left out.
const MORE_ROOM: usize = 80;
/// Longer addresses are refused in links.
const ADDRESS_LIMIT: usize = 500;
const MARK: &str = "▶ ";

/// What a message is made with.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// The sentences.
    pub phrases: &'a Phrases,
    /// Their language; that of the question where it is none.
    pub lang: Option<&'a str>,
    /// The address of a note's line, with `{path}`, `{line}` and `{heading}` to fill in.
    pub link: Option<&'a str>,
    /// The folder that the paths of the notes count from; empty for that of all notes.
    pub folder: &'a str,
}

impl<'a> Frame<'a> {
    /// Returns the language of the sentences around an answer.
    pub fn lang(&self, answer: &'a Answer) -> &'a str {
        self.lang.unwrap_or(&answer.lang)
    }
}

/// Returns an answer as the text of a message, at most [`LIMIT`] characters.
pub fn answer(answer: &Answer, frame: Frame<'_>) -> String {
    let lang = frame.lang(answer);
    let mut page = Page::default();
    page.add(&format!("**{}**", escape(&verdict(answer, frame))));
    if answer.verdict == Verdict::Unknown && !answer.missing.is_empty() {
        let words: Vec<String> =
            answer.missing.iter().take(CHOICES_SHOWN).map(|word| format!("“{}”", shorten(word, 40))).collect();
        page.add(&escape(&frame.phrases.fill(lang, "missing", "{words}", &words.join(", "))));
    }
    if !answer.near.is_empty() && page.add(&format!("{}:", escape(frame.phrases.get(lang, "near")))) {
        for near in answer.near.iter().take(NEAR_SHOWN) {
            let place = place(&near.note, &[], near.line, Some(&near.heading), frame);
            page.add(&format!("- {} — {place}", escape(&shorten(&near.heading, NAME_WIDTH))));
        }
    }
    for evidence in answer.evidence.iter().take(QUOTES_SHOWN) {
        page.add_quote(evidence, lang, frame);
    }
    if !answer.conflicts.is_empty() && page.add(&format!("**{}**", escape(frame.phrases.get(lang, "conflicts")))) {
        answer.conflicts.iter().take(2).for_each(|evidence| page.add_quote(evidence, lang, frame));
    }
    if !answer.related.is_empty() {
        let related: Vec<String> = answer.related.iter().map(|name| escape(&shorten(name, NAME_WIDTH))).collect();
        page.add(&format!("-# {}: {}", frame.phrases.get(lang, "related"), related.join(" · ")));
    }
    page.text
}

/// Returns two options side by side: a criterion a block, below it what is said of each, with its places.
pub fn comparison(comparison: &Comparison, lang: &str, frame: Frame<'_>) -> String {
    let short = |text: &str| escape(&shorten(&text.replace('\n', " "), NAME_WIDTH));
    let [first, second] = comparison.options.each_ref().map(|option| short(&option.name));
    let mut page = Page::default();
    let title = frame.phrases.fill(lang, "compare", "{options}", &format!("{first} / {second}"));
    page.add(&format!("**{title}**"));
    let side = |name: &str, cells: &[Cell]| {
        let said = cells.iter().map(|cell| {
            let place = place(&cell.note, &[], cell.line, None, frame);
            format!("{} ({place})", escape(&shorten(&said(cell), 2 * NAME_WIDTH)))
        });
        let said: Vec<String> = said.take(CELLS_SHOWN).collect();
        format!("- {name}: {}", if said.is_empty() { OPEN.to_owned() } else { said.join("; ") })
    };
    let mut n_left_out = 0;
    for row in &comparison.rows {
        let mark = if row.is_conflict { "⚠️ " } else { "" };
        let [of_first, of_second] = &row.cells;
        let lines = [side(&first, of_first), side(&second, of_second)].join("\n");
        // Room for the line that says how many are left out.
        let block = format!("**{mark}{}**\n{lines}", short(&row.criterion));
        if n_left_out > 0 || page.room() < units(&block) + MORE_ROOM || !page.add(&block) {
            n_left_out += 1;
        }
    }
    if n_left_out > 0 {
        page.add(&format!("-# {}", escape(&frame.phrases.fill(lang, "more_rows", "{n}", &n_left_out.to_string()))));
    }
    page.text
}

/// Returns the verdict in one line, its names cut to what a line holds.
pub fn verdict(answer: &Answer, frame: Frame<'_>) -> String {
    let mut short = answer.clone();
    short.lang = frame.lang(answer).to_owned();
    let n_more = short.choices.len().saturating_sub(CHOICES_SHOWN);
    short.choices.truncate(CHOICES_SHOWN);
    for choice in &mut short.choices {
        choice.name = shorten(&choice.name, NAME_WIDTH);
        choice.condition = choice.condition.as_ref().map(|condition| shorten(condition, NAME_WIDTH));
    }
    let line = frame.phrases.verdict(&short);
    if n_more == 0 { line } else { format!("{line} (+{n_more})") }
}

/// Returns quotes under a heading as the text of a message.
pub fn quotes(heading: &str, quotes: &[Evidence], lang: &str, frame: Frame<'_>) -> String {
    let mut page = Page::default();
    page.add(&format!("**{}**", escape(&shorten(heading, 2 * NAME_WIDTH))));
    quotes.iter().take(2 * QUOTES_SHOWN).for_each(|evidence| page.add_quote(evidence, lang, frame));
    page.text
}

/// Returns the way from the question's words to the options, step by step, as lines of a message.
pub fn path(steps: &[PathStep], frame: Frame<'_>) -> Vec<String> {
    let name = |name: &str| escape(&shorten(name, NAME_WIDTH));
    let line = |step: &PathStep| {
        let place = place(&step.note, &[], step.line, None, frame);
        format!("{} —{}→ **{}** · {place}", name(&step.from), step.edge, name(&step.to))
    };
    steps.iter().map(line).collect()
}

/// Headings of what is shown of a note, in the language of the asker.
#[derive(Clone, Copy)]
pub struct Labels<'a> {
    /// Above its other names.
    pub aliases: &'a str,
    /// Above its sections.
    pub sections: &'a str,
    /// Above its claims.
    pub claims: &'a str,
    /// Above the notes that it leads to.
    pub links: &'a str,
}

/// Returns a note or concept as the text of a message.
pub fn note(shown: &Shown, labels: Labels<'_>, frame: Frame<'_>) -> String {
    let short = |text: &str| escape(&shorten(text, NAME_WIDTH));
    let mut page = Page::default();
    page.add(&format!("**{}**", short(&shown.title)));
    if let Some(path) = &shown.path {
        page.add(&format!("-# {}", place(path, &[], 1, None, frame)));
    }
    let names: Vec<String> =
        shown.names.iter().filter(|name| name.name != shown.title).take(6).map(|name| short(&name.name)).collect();
    if !names.is_empty() {
        page.add(&format!("{}: {}", labels.aliases, names.join(", ")));
    }
    let sections = shown.headings.iter().map(|heading| format!("- {} :{}", short(&heading.plain), heading.line));
    page.add_list(labels.sections, sections.take(8).collect());
    let claims = shown.claims.iter().map(|claim| {
        let options: Vec<String> = claim.options.iter().take(3).map(|option| short(&option.name)).collect();
        let parts = claim.parts.iter().filter(|part| part.field != "option" && !part.text.is_empty());
        let needs: Vec<String> = parts.take(2).map(|part| short(&part.text)).collect();
        format!(
            "- **{}** ← {} · {}",
            options.join(", "),
            needs.join(" · "),
            place(&claim.note, &[], claim.line, None, frame)
        )
    });
    page.add_list(labels.claims, claims.take(6).collect());
    let mut links: Vec<String> = shown.links.iter().filter_map(|link| link.resolved.clone()).collect();
    links.dedup();
    let links = links.iter().take(6).map(|path| format!("- {}", place(path, &[], 1, None, frame)));
    page.add_list(labels.links, links.collect());
    page.text
}

/// Joins lines of a message, leaving out whole those that would pass its limit.
pub fn page(lines: impl IntoIterator<Item = String>) -> String {
    let mut page = Page::default();
    lines.into_iter().for_each(|line| {
        page.add(&line);
    });
    page.text
}

/// Returns where something stands as a small line, with its address where there is a template for it.
pub fn place(note: &str, headings: &[String], line: u32, heading: Option<&str>, frame: Frame<'_>) -> String {
    let note = match frame.folder.trim_matches('/') {
        "" => note.to_owned(),
        folder => format!("{folder}/{note}"),
    };
    let file = note.strip_suffix(".md").unwrap_or(&note);
    let short = match width(file) > NAME_WIDTH {
        true => format!("…/{}", shorten(file.rsplit('/').next().unwrap_or(file), NAME_WIDTH)),
        false => file.to_owned(),
    };
    let mut label = short;
    let stem = file.rsplit('/').next().unwrap_or(file);
    for heading in headings.iter().rev().take(2).rev().filter(|heading| stem != heading.as_str()) {
        label = format!("{label} › {}", shorten(heading, NAME_WIDTH / 2));
    }
    let label = escape(&format!("{label}:{line}"));
    let heading = heading.or(headings.last().map(String::as_str)).unwrap_or_default();
    match frame.link.map(|template| address(template, &note, line, heading)) {
        Some(address) if address.len() <= ADDRESS_LIMIT => match is_web(&address) {
            true => format!("[{label}](<{address}>)"),
            // Only web addresses may stand behind a name.
            false => format!("{label} <{address}>"),
        },
        _ => label,
    }
}

fn is_web(address: &str) -> bool {
    address.starts_with("https://") || address.starts_with("http://")
}

fn address(template: &str, note: &str, line: u32, heading: &str) -> String {
    template
        .replace("{path}", &percent(note))
        .replace("{line}", &line.to_string())
        .replace("{heading}", &percent(heading))
}

/// Encodes what may not stand in an address; `/` stays.
fn percent(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                encoded.push(char::from(byte))
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// A message in the making.
#[derive(Default)]
struct Page {
    text: String,
    n_units: usize,
}

impl Page {
    fn room(&self) -> usize {
        LIMIT.saturating_sub(self.n_units + 1)
    }

    /// Adds a block of lines where it fits as a whole.
    fn add(&mut self, block: &str) -> bool {
        let n_units = units(block);
        if n_units > self.room() || block.is_empty() {
            return false;
        }
        if !self.text.is_empty() {
            self.text.push('\n');
            self.n_units += 1;
        }
        self.text.push_str(block);
        self.n_units += n_units;
        true
    }

    /// Adds a heading with as many of its items as fit.
    fn add_list(&mut self, heading: &str, items: Vec<String>) {
        if let Some(first) = items.first()
            && self.add(&format!("**{}**\n{first}", escape(heading)))
        {
            items.iter().skip(1).for_each(|item| {
                self.add(item);
            });
        }
    }

    /// Adds a quote with its place; as many rows as fit.
    fn add_quote(&mut self, evidence: &Evidence, lang: &str, frame: Frame<'_>) {
        let line = evidence.rows.first().map_or(evidence.lines.0, |row| row.line);
        let source = format!("-# {}", place(&evidence.note, &evidence.headings, line, None, frame));
        let more = |n: usize| format!("-# {}", escape(&frame.phrases.fill(lang, "more_rows", "{n}", &n.to_string())));
        let room = self.room().saturating_sub(units(&source) + units(&more(usize::MAX)) + 2);
        let (block, n_left_out) = match table(evidence) {
            Some(table) => rows(&table, room),
            None => lines(evidence, room),
        };
        let is_shown = !block.is_empty();
        let note = match (is_shown, n_left_out) {
            (true, 0) => String::new(),
            (true, n) => more(n),
            (false, _) if self.n_units > LIMIT / 2 => return,
            (false, _) => format!("-# {}", escape(frame.phrases.get(lang, "too_long"))),
        };
        let parts = [block, source, note];
        let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        self.add(&parts.join("\n"));
    }
}

/// Returns a table in a fence or stacked, with the number of its rows that did not fit.
fn rows(table: &Quoted, room: usize) -> (String, usize) {
    let columns = widths(table.rows.iter().map(|row| &row.cells).chain([&table.header]));
    let total = width(MARK) + columns.iter().sum::<usize>() + width(BETWEEN) * columns.len().saturating_sub(1);
    let all_cells = || table.rows.iter().flat_map(|row| &row.cells).chain(&table.header);
    let is_plain = |cell: &String| !cell.contains('\n') && !breaks_fence(cell);
    let is_narrow = columns.len() <= FENCE_COLUMNS && total <= FENCE_WIDTH;
    // Without a header nothing tells columns from text with bars in it.
    let is_fence = is_narrow && has_header(table) && all_cells().all(is_plain);
    if !is_fence {
        let row = |row: &QuotedRow| stacked(&table.header, row);
        return chosen(table, room, String::new(), "", &row);
    }
    let line = |mark: &str, cells: &Vec<String>| {
        let line: String = row(cells, &columns, BETWEEN).collect();
        format!("{mark}{line}").trim_end().to_owned()
    };
    let rule: Vec<String> = columns.iter().map(|size| "─".repeat(*size)).collect();
    let start = format!("```\n{}\n  {}", line("  ", &table.header), rule.join("─┼─"));
    let row = |row: &QuotedRow| line(if row.is_deciding { MARK } else { "  " }, &row.cells);
    chosen(table, room, start, "```", &row)
}

/// Writes the rows that fit between `start` and `end`: the first deciding one before all others.
fn chosen(
    table: &Quoted,
    room: usize,
    start: String,
    end: &str,
    write: &dyn Fn(&QuotedRow) -> String,
) -> (String, usize) {
    let gap = format!("  {GAP}");
    let mut left = room.saturating_sub(units(&start) + units(end) + units(&gap) + 3);
    let written: Vec<String> = table.rows.iter().map(write).collect();
    let first = table.rows.iter().position(|row| row.is_deciding).unwrap_or(0);
    let mut kept = vec![false; written.len()];
    // A gap may stand before each row; the deciding ones come before those around them.
    let others = |is_deciding: bool| (0..written.len()).filter(move |at| table.rows[*at].is_deciding == is_deciding);
    for at in std::iter::once(first).chain(others(true)).chain(others(false)) {
        let n_units = written.get(at).map_or(0, |text| units(text) + units(&gap) + 2);
        if kept.get(at) == Some(&false) && n_units <= left {
            kept[at] = true;
            left -= n_units;
        }
    }
    if kept.get(first) != Some(&true) {
        return (String::new(), written.len());
    }
    let mut lines = vec![start];
    let mut after_gap = false;
    for ((text, row), is_kept) in written.iter().zip(&table.rows).zip(&kept) {
        if row.follows_gap || (!is_kept && !after_gap) {
            after_gap = true;
        }
        if *is_kept {
            if after_gap {
                lines.push(gap.clone());
            }
            lines.push(text.clone());
            after_gap = false;
        }
    }
    if after_gap {
        lines.push(gap);
    }
    lines.push(end.to_owned());
    lines.retain(|line| !line.is_empty());
    (lines.join("\n"), kept.iter().filter(|is_kept| !**is_kept).count())
}

/// Writes a row as its first cell and a line for each other one.
fn stacked(header: &[String], row: &QuotedRow) -> String {
    let labelled = |column: usize| {
        let cell = row.cells.get(column).map(String::as_str).unwrap_or_default();
        match header.get(column).map(String::as_str).unwrap_or_default() {
            "" => escape(cell),
            header => format!("{}: {}", escape(header), escape(cell)),
        }
    };
    let mark = if row.is_deciding { MARK } else { "" };
    let mut lines = vec![format!("{mark}**{}**", labelled(0))];
    for column in 1..row.cells.len() {
        if !row.cells[column].is_empty() {
            lines.push(format!("- {}", labelled(column)));
        }
    }
    lines.join("\n")
}

/// Returns lines that are no table: drawings in a fence, others as a quote; with the number of lines left out.
fn lines(evidence: &Evidence, room: usize) -> (String, usize) {
    let is_deciding = |line: &str| evidence.rows.iter().any(|row| row.text == line);
    let is_drawn = matches!(evidence.kind, EvidenceKind::Tree | EvidenceKind::Diagram);
    let is_fence = is_drawn
        && !breaks_fence(&evidence.markdown)
        && evidence.markdown.split('\n').all(|line| width(line) <= DRAWING_WIDTH);
    let mut rows = Vec::new();
    let mut after_gap = false;
    for line in evidence.markdown.split('\n') {
        if line == GAP {
            after_gap = true;
            continue;
        }
        let text = if is_drawn { clean(line.trim_end_matches('\r')) } else { clean(&without_markup(line)) };
        if !text.trim().is_empty() {
            let is_deciding = is_deciding(line);
            rows.push(QuotedRow { cells: vec![text], is_deciding, follows_gap: after_gap });
            after_gap = false;
        }
    }
    let quoted = Quoted { header: Vec::new(), rows };
    let fenced = |row: &QuotedRow| {
        let mark = if row.is_deciding { MARK } else { "  " };
        format!("{mark}{}", row.cells[0])
    };
    let quote = |row: &QuotedRow| {
        let mark = if row.is_deciding { MARK } else { "" };
        format!("> {mark}{}", escape(row.cells[0].trim()))
    };
    match is_fence {
        true => chosen(&quoted, room, "```".to_owned(), "```", &fenced),
        false => chosen(&quoted, room, String::new(), "", &quote),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::{ChoiceMade, QuotedRow as Row};
    use expect_test::{Expect, expect};

    fn sample(kind: EvidenceKind, markdown: &str, deciding: &str) -> Answer {
        let evidence = Evidence {
            note: "kitchen/Cake.md".to_owned(),
            headings: vec!["Cakes".to_owned(), "Which flour".to_owned()],
            kind,
            lines: (3, 9),
            rows: vec![Row { line: 5, text: deciding.to_owned() }],
            markdown: markdown.to_owned(),
            supports: Vec::new(),
            opposes: Vec::new(),
            path: Vec::new(),
        };
        Answer {
            schema: 1,
            question: "which?".to_owned(),
            lang: "en".to_owned(),
            verdict: Verdict::Choose,
            choices: vec![ChoiceMade { name: "Rye".to_owned(), condition: None, score: 1.0 }],
            confidence: 0.9,
            evidence: vec![evidence],
            why_not: Vec::new(),
            conflicts: Vec::new(),
            missing: Vec::new(),
            near: Vec::new(),
            related: vec!["Ovens".to_owned()],
            generation: 1,
            elapsed_us: 1,
            explain: None,
        }
    }

    #[track_caller]
    fn check(kind: EvidenceKind, markdown: &str, deciding: &str, link: Option<&str>, expected: Expect) {
        let frame = Frame { phrases: &Phrases::builtin(), lang: None, link, folder: "" };
        // What takes no room is made visible.
        expected.assert_eq(&answer(&sample(kind, markdown, deciding), frame).replace('\u{200b}', "¦"));
    }

    #[test]
    fn a_narrow_table_stands_in_a_fence() {
        check(
            EvidenceKind::DecisionTable,
            "| Nướng | 选择 |\n|---|---|\n…\n| **Bánh mì** | Rye |\n| Cake | Plain |",
            "| **Bánh mì** | Rye |",
            Some("https://forge.example/{path}#L{line}"),
            expect![[r#"
                **According to the notes: Rye.**
                ```
                  Nướng   │ 选择
                  ────────┼──────
                  …
                ▶ Bánh mì │ Rye
                  Cake    │ Plain
                ```
                -# [kitchen/Cake › Cakes › Which flour:5](<https://forge.example/kitchen/Cake.md#L5>)
                -# See also: Ovens"#]],
        );
    }

    #[test]
    fn a_wide_table_is_stacked() {
        check(
            EvidenceKind::Table,
            "| Need | First | Second | Third |\n|---|---|---|---|\n| @here `now` | a ``` b | | <@1> |",
            "| @here `now` | a ``` b | | <@1> |",
            Some("obsidian://open?file={path}"),
            expect![[r#"
                **According to the notes: Rye.**
                ▶ **Need: @¦here now**
                - First: a \`\`\` b
                - Third: \<@¦1\>
                -# kitchen/Cake › Cakes › Which flour:5 <obsidian://open?file=kitchen/Cake.md>
                -# See also: Ovens"#]],
        );
    }

    #[test]
    fn other_quotes_keep_their_lines() {
        check(
            EvidenceKind::Tree,
            "Sour?\n├── yes → Rye\n└── no → Plain",
            "├── yes → Rye",
            None,
            expect![[r#"
                **According to the notes: Rye.**
                ```
                  Sour?
                ▶ ├── yes → Rye
                  └── no → Plain
                ```
                -# kitchen/Cake › Cakes › Which flour:5
                -# See also: Ovens"#]],
        );
        check(
            EvidenceKind::List,
            "- **Rye**: for `dark` bread\n- Spelt",
            "- **Rye**: for `dark` bread",
            None,
            expect![[r#"
                **According to the notes: Rye.**
                > ▶ \- Rye: for dark bread
                > \- Spelt
                -# kitchen/Cake › Cakes › Which flour:5
                -# See also: Ovens"#]],
        );
    }

    #[test]
    fn a_row_is_shown_whole_or_not_at_all() {
        let long = format!("| Bread | {} |", "x".repeat(3_000));
        let text = format!("| Need | Flour |\n|---|---|\n{long}");
        check(
            EvidenceKind::Table,
            &text,
            &long,
            None,
            expect![[r#"
                **According to the notes: Rye.**
                -# kitchen/Cake › Cakes › Which flour:5
                -# The row is too long to show here.
                -# See also: Ovens"#]],
        );
    }
}
