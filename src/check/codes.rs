//! Which faults are there, and what is to be known of each?

use serde::Serialize;

/// How bad a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something of the notes is lost.
    Error,
    /// Readers or other programs see something else than is meant.
    Warning,
    /// Worth a look; no fault.
    Hint,
}

impl Severity {
    /// Returns the word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Hint => "hint",
        }
    }
}

/// A kind of fault.
#[derive(Debug)]
pub struct Code {
    /// Stable name.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it is, in a line.
    pub title: &'static str,
    /// What it means, why it matters, what to do.
    pub help: &'static str,
}

/// Returns a kind of fault by its name.
pub fn code(name: &str) -> Option<&'static Code> {
    CODES.iter().find(|code| code.name == name)
}

use Severity::{Error, Hint, Warning};

/// Every kind of fault, by name.
pub const CODES: [Code; 29] = [
    Code {
        name: "ambiguous-alias",
        severity: Warning,
        title: "an alias is also the name of another note",
        help: "Two notes go by the same name: one by an alias in its front matter, the other by an alias, its title or \
               its file name. A link or a question that uses the name may mean either.\n\n\
               Do: give one of them a longer alias, or remove it.",
    },
    Code {
        name: "ambiguous-link",
        severity: Warning,
        title: "a link may mean several notes",
        help: "Several notes have the name that the link gives, and nothing but the length of their paths decides. A \
               move or a new folder may change where it leads.\n\n\
               Do: write enough of the path: `[[wood/Oak|Oak]]` instead of `[[Oak]]`.",
    },
    Code {
        name: "binary-file",
        severity: Warning,
        title: "a note is no text",
        help: "The file is named as a note and holds bytes that are no text. It is left out.\n\n\
               Do: rename it, or move it out of the notes.",
    },
    Code {
        name: "broken-table",
        severity: Warning,
        title: "a table that a strict reader does not see",
        help: "Fingerpost reads these lines as a table, as a person would; other programs show them as text with \
               bars. The row of dashes under the header must have one cell for each cell of the header.\n\n\
               | Need | Choice |\n|------|--------|\n| Rain | Tent   |\n\n\
               Do: what the message says; it gives the row of dashes to write.",
    },
    Code {
        name: "case-collision",
        severity: Warning,
        title: "two paths differ in upper and lower case alone",
        help: "On Windows and macOS both are one file, and one of them is lost when the folder is copied there. Links \
               do not tell them apart either.\n\n\
               Do: rename one, or join them.",
    },
    Code {
        name: "contradiction",
        severity: Warning,
        title: "notes contradict each other about an option",
        help: "Two places speak of the same option and the same need and cannot both hold: one says that it has what the \
               other says it lacks, recommends what the other advises against, or gives another number in the same \
               unit. An answer that rests on one of them quotes both, newest first.\n\n\
               Do: correct what is outdated; where both hold, say what tells them apart, in the heading above or in a \
               remark beside the mark: `✅ only indoors`.",
    },
    Code {
        name: "duplicate-block-id",
        severity: Warning,
        title: "a block id stands twice in a note",
        help: "A link to `^id` leads to the first block with it.\n\n\
               Do: give the second one another id.",
    },
    Code {
        name: "empty-choice",
        severity: Warning,
        title: "a row of a decision table has no choice",
        help: "The row names a need, and its cell of choices is empty: a question that asks for this need cannot be \
               answered from it.\n\n\
               Do: fill the cell, or write `-` where no choice is meant; `%% not a decision %%` above the table says \
               that it decides nothing.",
    },
    Code {
        name: "encoding",
        severity: Warning,
        title: "a note is not UTF-8",
        help: "It is read as well as it goes; characters that are not ASCII may be lost.\n\n\
               Do: save it as UTF-8.",
    },
    Code {
        name: "front-matter",
        severity: Error,
        title: "the properties of a note cannot be read",
        help: "The block between the lines `---` is no YAML. Aliases, tags and title are taken from it as well as it \
               goes, other programs take nothing. Most often a value with `: `, `#`, `@`, `*` or a bracket at its start \
               needs quotes, or a line is indented with a tab.\n\n\
               title: \"Tents: which one\"\n\n\
               Do: put the value that the message names in quotes.",
    },
    Code {
        name: "link-by-alias",
        severity: Hint,
        title: "a link leads somewhere by an alias alone",
        help: "No note has this name, one has it as an alias. Fingerpost follows the link; Obsidian would make a new \
               note.\n\n\
               Do: name the note and show the alias: `[[Note|alias]]`.",
    },
    Code {
        name: "missing-block",
        severity: Warning,
        title: "a link leads to a block that is not there",
        help: "The note exists, and no block in it ends in `^id`.\n\n\
               Do: correct the id, or put ` ^id` at the end of the block that is meant.",
    },
    Code {
        name: "missing-file",
        severity: Warning,
        title: "a link leads to a file that is not there",
        help: "A picture or another file that is no note is linked or embedded, and there is none of that name.\n\n\
               Do: correct the name, or put the file into the notes folder.",
    },
    Code {
        name: "missing-heading",
        severity: Warning,
        title: "a link leads to a heading that is not there",
        help: "The note exists and has no heading of this name; the link leads to its top. A heading that was renamed \
               leaves such links behind.\n\n\
               Do: correct the heading in the link.",
    },
    Code {
        name: "nfc-collision",
        severity: Warning,
        title: "two paths look the same",
        help: "They differ only in how accents are stored (Unicode composed and decomposed). Some file systems take \
               them for one file, and nobody can tell them apart.\n\n\
               Do: join them, and remove one.",
    },
    Code {
        name: "not-a-file",
        severity: Warning,
        title: "something that is no file is named as a note",
        help: "A pipe, socket or device is left out: reading it might never end.\n\n\
               Do: move it out of the notes.",
    },
    Code {
        name: "orphan-note",
        severity: Hint,
        title: "a note that no link joins to another",
        help: "No note links to it, and it links to none. Its names reach no other note, so that a question must use \
               its own words.\n\n\
               Do: link it where it belongs.",
    },
    Code {
        name: "over-limit",
        severity: Warning,
        title: "a note or a part of it is too large to be read in full",
        help: "So that no note can hold up the others, there are limits: 64 MiB for a file, 4 MiB for tables and lists \
               to be understood, 100 levels of nesting, 100,000 links, 256 columns, 64 KiB of front matter. What is beyond is read by \
               lines or left out, as the message says.\n\n\
               Do: split the note.",
    },
    Code {
        name: "space-in-link",
        severity: Warning,
        title: "a space makes a link plain text",
        help: "In `[text](a note.md)` the space ends the target, and no program sees a link.\n\n\
               Do: write `[text](a%20note.md)` or `[text](<a note.md>)`.",
    },
    Code {
        name: "symlink",
        severity: Hint,
        title: "a symbolic link is not followed",
        help: "It may lead out of the notes or in a circle, so what it leads to is left out.\n\n\
               Do: move the notes into the folder if they should be read.",
    },
    Code {
        name: "trailing-backslash",
        severity: Warning,
        title: "a backslash too many",
        help: "A bar inside a cell is written `\\|`. Outside a table the bar of a link needs no backslash: programs take \
               it for the end of the note's name, and find no such note. Behind the last bar of a row it is a cell of \
               its own.\n\n\
               Do: take it away: `[[Oak|the oak]]`.",
    },
    Code {
        name: "uncertain-reading",
        severity: Hint,
        title: "a table or list may be meant in two ways",
        help: "It is read in the way that fits best, and another one comes close. `fingerpost show NOTE` prints both \
               and why.\n\n\
               Do: say which is meant, in a comment above the block that readers do not see:\n\n\
               %% reads: need | choice | why %%\n%% options: columns %%\n%% options: rows %%\n%% not a decision %%",
    },
    Code {
        name: "unclosed-comment",
        severity: Warning,
        title: "a comment does not end",
        help: "A line `%%` opens a comment and none closes it, so that the rest of the note is no text.\n\n\
               Do: write `%%` where it ends.",
    },
    Code {
        name: "undescribed-option",
        severity: Hint,
        title: "an option is recommended and nowhere described",
        help: "Most options of the table have a note, a heading or another place that tells what they are; this one \
               has none.\n\n\
               Do: describe it, or give the note that does its name as an alias.",
    },
    Code {
        name: "unescaped-pipe",
        severity: Warning,
        title: "a bar inside a cell cuts the table",
        help: "A bar in a link or in code ends the cell for other programs: the link is lost, and the cells behind \
               stand in the wrong column.\n\n\
               Do: write `\\|`: `[[Oak\\|the oak]]`.",
    },
    Code {
        name: "uneven-table",
        severity: Warning,
        title: "a row has more cells than its header",
        help: "A strict reader drops what is beyond the header. Most often a bar inside a cell is not escaped.\n\n\
               Do: write `\\|` for a bar inside a cell, or add a cell to the header.",
    },
    Code {
        name: "unfit-hint",
        severity: Warning,
        title: "a hint does not fit what it stands above",
        help: "A comment says how a block is to be read, and the block cannot be read so; it is read as without the \
               hint. `reads:` needs a role for each column of the table below, or for lead and rest of the items below; \
               `options:` needs a table.\n\n\
               %% reads: need | choice | why %%\n\n\
               Roles: need, choice, wrong, alternative, unless, option, criterion, value, why, pro, con, question, yes, \
               no, skip.\n\n\
               Do: correct the hint, or move it right above its block.",
    },
    Code {
        name: "unreadable-file",
        severity: Error,
        title: "a note cannot be read",
        help: "The system refuses it; the note is left out.\n\n\
               Do: check its permissions.",
    },
    Code {
        name: "unresolved-link",
        severity: Warning,
        title: "a link leads nowhere",
        help: "No note has the name. It may be misspelt, or the note was renamed, moved or not written yet.\n\n\
               Do: correct it, or write the note.",
    },
];
