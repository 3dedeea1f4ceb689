//! What is in a note?
//!
//! Plain data, made by `parse` and carried unchanged to the screen; no behaviour beyond looking things up.
//! Lines count from 1, byte offsets refer to the decoded text.

use serde::{Deserialize, Serialize};

/// One Markdown file as it was read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// Path relative to the notes folder, with `/`.
    pub path: String,
    /// Front matter's `title`, else the first top heading, else the file's stem.
    pub title: String,
    /// The decoded text; every quote is a slice of it.
    pub text: String,
    /// Byte offset at which each line starts.
    pub line_starts: Vec<u32>,
    /// Names that the front matter gives the note.
    pub aliases: Vec<String>,
    /// Tags without `#`, first spelling seen, sorted.
    pub tags: Vec<String>,
    /// `date`, `updated` or `modified` of the front matter, as written.
    pub date: Option<String>,
    /// The front matter block as written, without its fences.
    pub front_matter: Option<String>,
    /// Headings in order. Invariant: the first is the note itself, level 0, line 1.
    pub sections: Vec<Section>,
    /// What stands under the headings, in order.
    pub blocks: Vec<Block>,
    /// Links in order.
    pub links: Vec<Link>,
    /// Block ids without `^`, with their line.
    pub block_ids: Vec<(String, u32)>,
    /// What the author says of how blocks are to be read. Invariant: sorted by block, at most one a block.
    pub hints: Vec<Hint>,
    /// Faults found while reading.
    pub problems: Vec<Problem>,
}

impl Note {
    /// Returns line `line` (from 1) without its line end, or an empty text past the end.
    pub fn line(&self, line: u32) -> &str {
        let at = line as usize;
        let Some(&start) = at.checked_sub(1).and_then(|at| self.line_starts.get(at)) else {
            return "";
        };
        let end = self.line_starts.get(at).map_or(self.text.len(), |end| *end as usize);
        self.text[start as usize..end].trim_end_matches(['\n', '\r'])
    }

    /// Returns how many lines the note has.
    pub fn n_lines(&self) -> u32 {
        self.line_starts.len() as u32
    }

    /// Returns the line (from 1) that holds byte `offset`. Cost: logarithmic.
    pub fn line_of(&self, offset: usize) -> u32 {
        self.line_starts.partition_point(|&start| start as usize <= offset).max(1) as u32
    }

    /// Returns the headings above `section`, outermost first, itself last; empty for the note itself.
    pub fn heading_path(&self, section: usize) -> Vec<&Section> {
        let mut path = Vec::new();
        let mut at = section;
        while at != 0 {
            path.push(&self.sections[at]);
            at = self.sections[at].parent;
        }
        path.reverse();
        path
    }

    /// Returns the day that its front matter dates it, in seconds since 1970.
    pub fn dated(&self) -> Option<i64> {
        day(self.date.as_deref()?)
    }

    /// Returns the file's name without folders and extension.
    pub fn stem(&self) -> &str {
        stem(&self.path)
    }

    /// Returns what the author says of how a block is to be read. Cost: logarithmic.
    pub fn hint(&self, block: usize) -> Option<&Hint> {
        let at = self.hints.binary_search_by_key(&Some(block), |hint| hint.block).ok()?;
        self.hints.get(at)
    }

    /// True when the author says that the note decides nothing.
    pub fn is_undecided(&self) -> bool {
        self.hints.iter().any(|hint| hint.block.is_none() && hint.says == Directive::NoDecision)
    }
}

/// Returns a path's last part without its extension.
pub fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Returns the day of a date as people write it in figures, in seconds since 1970: `2024-04-11T10:00`, `2024/4`,
/// `11.4.2024`. The year is what has four digits; without it, or with names of months, there is none.
fn day(date: &str) -> Option<i64> {
    let mut figures = date.split(|c: char| !c.is_ascii_digit()).filter(|figures| !figures.is_empty());
    let first = figures.next()?;
    let mut number = || figures.next().and_then(|figures| figures.parse::<i64>().ok());
    let (year, month, day) = if first.len() == 4 {
        (first.parse().ok()?, number().unwrap_or(1), number().unwrap_or(1))
    } else {
        let (month, year) = (number()?, number()?);
        (year, month, first.parse().ok()?)
    };
    let is_date = (1000..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    is_date.then(|| {
        // Days are counted in years that start in March (Howard Hinnant's algorithm).
        let year = if month < 3 { year - 1 } else { year };
        let month = (month + 9) % 12;
        let day_of_era = year % 400 * 365 + year % 400 / 4 - year % 400 / 100 + (153 * month + 2) / 5 + day - 1;
        (year / 400 * 146_097 + day_of_era - 719_468) * 86_400
    })
}

/// A heading and its place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// 1 to 6; 0 for the note itself.
    pub level: u8,
    /// The heading without markup.
    pub text: String,
    /// The heading as written, without `#`s, closing `#`s and block id.
    pub raw: String,
    /// Line of the heading.
    pub line: u32,
    /// The section that encloses this one; 0 for the note itself and its direct children.
    pub parent: usize,
}

/// A run of lines of one kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// Index of the nearest heading in [`Note::sections`].
    pub section: usize,
    /// First and last line.
    pub lines: (u32, u32),
    /// What it is.
    pub kind: BlockKind,
}

/// The kinds of block that carry meaning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum BlockKind {
    /// Running text, one entry a source line.
    Paragraph(Vec<Line>),
    /// A title over what follows: a callout's or tab's head, a summary.
    Label(Rich),
    /// A list, nested items flattened with their depth.
    List(Vec<Item>),
    /// A table, whatever it was drawn with.
    Table(Table),
    /// A code fence or indented code.
    Code {
        /// The info string, lower case.
        info: String,
        /// Its lines.
        lines: Vec<(u32, String)>,
    },
}

/// One source line of running text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Where.
    pub line: u32,
    /// What.
    pub rich: Rich,
}

/// One list item without its nested items.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Line of the marker.
    pub line: u32,
    /// Last line of its own text.
    pub last_line: u32,
    /// 0 for the outermost list.
    pub depth: u8,
    /// Its own text.
    pub rich: Rich,
    /// The character in `[ ]`, where there is one.
    pub task: Option<char>,
    /// Numbered.
    pub is_ordered: bool,
}

/// A table as a reader sees it. Rows may be shorter or longer than the header.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// The header row; cells may be blank.
    pub header: Row,
    /// The body, without separator rows.
    pub rows: Vec<Row>,
}

/// One row of a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// First source line.
    pub line: u32,
    /// Last source line: rows drawn in boxes take several.
    pub last_line: u32,
    /// Its cells.
    pub cells: Vec<Rich>,
}

/// Text without markup, and what the markup said of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rich {
    /// What a reader sees, `<br>` as a line end.
    pub text: String,
    /// Marked ranges of `text`, by start.
    pub marks: Vec<Mark>,
}

impl Rich {
    /// Returns the slice of the text that a mark covers.
    pub fn marked(&self, mark: &Mark) -> &str {
        &self.text[mark.start as usize..mark.end as usize]
    }

    /// True when nothing is to be seen.
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Returns what is set off at the start.
    pub fn opening_mark(&self) -> Option<&Mark> {
        self.marks.iter().find(|mark| mark.start == 0 && mark.kind.sets_off())
    }

    /// True for what says that more follows: it ends in a colon.
    pub fn ends_open(&self) -> bool {
        self.text.trim_end().ends_with([':', '：'])
    }

    /// Returns true when one mark of the kind covers the whole text.
    pub fn is_all(&self, kind: MarkKind) -> bool {
        let trimmed = self.text.trim();
        !trimmed.is_empty() && self.marks.iter().any(|mark| mark.kind == kind && self.marked(mark).trim() == trimmed)
    }

    /// Returns the slice `start..end` with the marks inside it.
    pub fn slice(&self, start: usize, end: usize) -> Self {
        let marks = self.marks.iter().filter(|mark| mark.start as usize >= start && mark.end as usize <= end);
        let shift =
            |mark: &Mark| Mark { start: mark.start - start as u32, end: mark.end - start as u32, ..mark.clone() };
        Self { text: self.text[start..end].to_owned(), marks: marks.map(shift).collect() }
    }
}

/// A range of [`Rich::text`] and its markup.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// What kind.
    pub kind: MarkKind,
    /// First byte in the text.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
    /// The target, of a link.
    pub target: Option<String>,
}

/// Kinds of inline markup that carry meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MarkKind {
    /// `**x**`
    Bold,
    /// `*x*`
    Italic,
    /// `` `x` ``
    Code,
    /// `~~x~~`
    Struck,
    /// Any link.
    Link,
}

impl MarkKind {
    /// True for markup that sets a name off in running text.
    pub fn sets_off(self) -> bool {
        matches!(self, Self::Bold | Self::Code | Self::Link)
    }
}

/// A link as the note writes it. What it means is an edge of the graph.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// Target as written, trimmed, percent-decoded for Markdown links.
    pub target: String,
    /// Path part of the target, before the first `#`.
    pub path: String,
    /// Headings or block after the first `#`, outermost first.
    pub subpath: Vec<String>,
    /// What a reader sees.
    pub display: String,
    /// How it is written.
    pub kind: LinkKind,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Byte range in the text.
    pub span: (u32, u32),
    /// Inside `%% … %%`.
    pub in_comment: bool,
}

/// How a link is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// `[[x]]`
    Wiki,
    /// `[t](x)`
    Markdown,
    /// `![[x]]` or `![t](x)`
    Embed,
    /// A property of the front matter.
    Property,
    /// Leaves the vault: a URL.
    External,
}

/// What an author says of how a block is to be read; it beats every guess. Invariant: it fits its block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hint {
    /// Where it is said.
    pub line: u32,
    /// Index in [`Note::blocks`]; none for the whole note.
    pub block: Option<usize>,
    /// What is said.
    pub says: Directive,
}

/// What a hint says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Directive {
    /// What each column is, or lead and rest of each item.
    Reads(Vec<ColumnRole>),
    /// On which side of a table the options stand.
    OptionsIn(Side),
    /// It decides nothing.
    NoDecision,
}

/// A side of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// A column an option.
    Columns,
    /// A row an option.
    Rows,
    /// Conditions on both sides, options in the cells.
    Cells,
}

/// What a column of a table, or a part of an item, is to the decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ColumnRole {
    /// The need, scenario or condition.
    Need,
    /// The right option.
    Choice,
    /// The wrong option.
    Wrong,
    /// The second-best option.
    Alternative,
    /// The exception to the choice.
    Unless,
    /// The name of the option that the row is about, or the cells of the option that the header names.
    Option,
    /// The name of what is compared.
    Criterion,
    /// What the option has.
    Value,
    /// Reasons and remarks.
    Why,
    /// Advantages.
    Pro,
    /// Disadvantages.
    Con,
    /// The question of a tree.
    Question,
    /// Where a tree goes on yes.
    Yes,
    /// Where a tree goes on no.
    No,
    /// Nothing that decides.
    Skip,
}

impl ColumnRole {
    /// All of them with the word that stands for each in a hint.
    pub const NAMES: [(Self, &'static str); 15] = [
        (Self::Need, "need"),
        (Self::Choice, "choice"),
        (Self::Wrong, "wrong"),
        (Self::Alternative, "alternative"),
        (Self::Unless, "unless"),
        (Self::Option, "option"),
        (Self::Criterion, "criterion"),
        (Self::Value, "value"),
        (Self::Why, "why"),
        (Self::Pro, "pro"),
        (Self::Con, "con"),
        (Self::Question, "question"),
        (Self::Yes, "yes"),
        (Self::No, "no"),
        (Self::Skip, "skip"),
    ];

    /// Returns the word that stands for it in a hint.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(role, _)| *role == self).map_or("skip", |(_, name)| name)
    }
}

/// A fault in a note: a value that `check` shows, never an error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Stable name, kebab-case.
    pub code: String,
    /// What happened.
    pub message: String,
}

impl Problem {
    /// Returns a problem at the start of a line.
    pub fn at(line: u32, code: &str, message: impl Into<String>) -> Self {
        Self { line, column: 1, code: code.to_owned(), message: message.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn days_are_read_as_people_write_them() {
        for date in ["2024-04-11", "2024/4/11", "2024-04-11T10:30:00+02:00", "11.04.2024"] {
            assert_eq!(day(date), Some(1_712_793_600), "{date}");
        }
        assert_eq!((day("1970"), day("2000-03")), (Some(0), Some(951_868_800)));
        assert_eq!((day("soon"), day("2024-13-01"), day("3")), (None, None, None));
    }
}
