//! What does this note say about which option?
//!
//! Reads tables, lists, trees and sentences into [`Claim`]s: for this need, this option, with these words, at this line.
//! Structure decides first (which names repeat as headings, links, titles, leads, cells), listed words second.
//! Answers nothing: claims are weighed in `answer`.

mod arrow;
mod choice;
mod fact;
mod fence;
mod head;
mod hinted;
mod lead;
mod letters;
mod list;
mod names;
mod prose;
mod scope;
mod table;
mod typed;
mod typing;

pub use fact::{Fact, Need, Says, facts};
pub use names::{NameUse, Names, NoteNames};
pub use prose::sentences;
pub use typed::{Typed, typed};
pub use typing::Way;

use serde::{Deserialize, Serialize};

use crate::language::{Lang, Languages};
use crate::note::{BlockKind, Directive, Note, Rich};

/// What a note says of one or more options at one place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// The shape it was read from.
    pub kind: Kind,
    /// Index in [`Note::blocks`]; none for a claim that a heading or title makes.
    pub block: Option<usize>,
    /// Index in [`Note::sections`].
    pub section: usize,
    /// First and last deciding line.
    pub lines: (u32, u32),
    /// The words it holds for, by where they stand.
    pub parts: Vec<Part>,
    /// The options.
    pub picks: Vec<Pick>,
    /// How several picks belong together.
    pub join: Joined,
    /// How sure the reading is that made it, from 0 to 1; a table may be read in two ways.
    pub prior: f32,
}

/// The shape a claim was read from, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    /// A row of a decision matrix.
    Decision,
    /// A cell of a table with options as columns.
    ColumnCell,
    /// A row of a table with options as rows.
    OptionRow,
    /// A cell that answers for its row when its header is asked for: any table can be looked up.
    Lookup,
    /// An item under "when to use A" and its like.
    UseList,
    /// A bold or plain lead with its text.
    Lead,
    /// A leaf of a tree, an arrow line.
    Tree,
    /// A sentence with a rule.
    Rule,
    /// An item or sentence under the heading of an option.
    Topic,
    /// A name set off inside a sentence or item.
    Mention,
}

/// Some words of a claim and what they are to its option.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Where they stand.
    pub field: Field,
    /// Whether the option has what they name.
    pub stance: Stance,
    /// The words.
    pub text: String,
}

/// Where the words of a part stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Field {
    /// The need, scenario, criterion or condition.
    Need,
    /// What a cell or item says beside.
    Value,
    /// Conditions further up the tree, or the lead over the list.
    Path,
    /// The option's own name.
    Option,
    /// The column's header.
    Header,
    /// Reasons and remarks.
    Why,
    /// The word for the kind of option: the header over the names.
    Kind,
}

/// Whether an option is for or against a need, or has what is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Stance {
    /// Recommended, or has it.
    For,
    /// Named beside it without a verdict.
    Plain,
    /// Has part of it.
    Partly,
    /// Opposed, or lacks it.
    Against,
}

/// An option as a claim names it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pick {
    /// As the note writes it, without markup.
    pub name: String,
    /// For or against.
    pub stance: Stance,
    /// The condition under which, as written.
    pub condition: Option<String>,
    /// Named as second best.
    pub is_alternative: bool,
    /// Holds only under its condition, beside a default that holds else.
    pub is_exception: bool,
}

impl Pick {
    /// Returns a pick without condition.
    pub fn new(name: impl Into<String>, stance: Stance) -> Self {
        Self { name: name.into(), stance, condition: None, is_alternative: false, is_exception: false }
    }
}

/// How the picks of one claim belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Joined {
    /// There is one.
    One,
    /// Any of them.
    Either,
    /// All of them, in order.
    Combine,
    /// Each under its condition.
    Depends,
}

/// What the readers share: word lists, the vault's names, the note's language.
pub struct Context<'a> {
    /// Word lists.
    pub languages: &'a Languages,
    /// Names of the whole vault.
    pub names: &'a Names,
    /// Language of the note.
    pub lang: Lang,
}

impl Context<'_> {
    /// True for words of the note's language and of English, which stands in notes of every language.
    pub fn owns(&self, lang: Lang) -> bool {
        lang == self.lang || lang == self.languages.english()
    }
}

/// Reads what a note claims. Cost: linear in the note.
pub fn read(note: &Note, context: &Context<'_>) -> Vec<Claim> {
    walk(note, context, &mut |_, _, _| {})
}

/// Reads what a note claims, and shows each block with where it stands and what it claims.
fn walk(note: &Note, context: &Context<'_>, see: &mut dyn FnMut(usize, &scope::Scope<'_>, &[Claim])) -> Vec<Claim> {
    let mut claims = Vec::new();
    let heads = head::heads(note, context);
    let is_undecided = note.is_undecided();
    for (section, head) in heads.iter().enumerate().filter(|_| !is_undecided) {
        head::claims(note, section, head, context, &mut claims);
    }
    let letters = letters::Letters::of(note, context);
    let mut scope = scope::Scope::new(note, &heads);
    for (at, block) in note.blocks.iter().enumerate() {
        let from = claims.len();
        scope.enter(block, context);
        let says = note.hint(at).map(|hint| &hint.says);
        match &block.kind {
            BlockKind::Table(table) => table::read(at, table, says, &scope, context, &mut claims),
            BlockKind::List(items) => match says {
                Some(Directive::Reads(roles)) => hinted::read(at, items, roles, &scope, context, &mut claims),
                _ => list::read(at, items, &scope, context, &mut claims),
            },
            BlockKind::Paragraph(lines) => list::read_paragraph(at, lines, &mut scope, context, &mut claims),
            BlockKind::Code { info, lines } => fence::read(at, info, lines, &scope, context, &mut claims),
            BlockKind::Label(label) => scope.label(label, context),
        }
        // The block was read all the same: what it lends to the next one stays.
        if is_undecided || says == Some(&Directive::NoDecision) {
            claims.truncate(from);
        }
        letters.resolve(block.section, note, &mut claims[from..], context);
        for claim in &mut claims[from..] {
            claim.section = block.section;
            let in_table = matches!(claim.kind, Kind::Decision | Kind::ColumnCell | Kind::OptionRow | Kind::Lookup)
                || says.is_some();
            claim.picks.retain(|pick| {
                !pick.name.trim().is_empty()
                    && pick.name.len() < 400
                    && (in_table
                        || claim.kind == Kind::Topic
                        || !context.names.is_empty_name(&pick.name, context.languages))
            });
            // A row is where it is whatever it says; elsewhere the option has to look like one.
            if !in_table {
                let quality = claim.picks.iter().map(|pick| context.names.quality(&pick.name));
                claim.prior *= quality.fold(0.0, f32::max).max(0.4);
            }
        }
        see(at, &scope, &claims[from..]);
    }
    claims.retain(|claim| !claim.picks.is_empty());
    claims
}

/// Returns the language of a note, by its headings and the start of its text.
pub fn language_of(note: &Note, languages: &Languages) -> Lang {
    languages.detect(&note.text[..note.text.floor_char_boundary(3_000)]).0
}

fn part(field: Field, text: impl Into<String>) -> Part {
    Part { field, stance: Stance::Plain, text: text.into() }
}

fn struck(rich: &Rich) -> bool {
    rich.is_all(crate::note::MarkKind::Struck)
}
