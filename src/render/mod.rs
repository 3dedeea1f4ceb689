//! How does it look there, how does it travel?
//!
//! Turns answers and notes into text for a terminal, into a Discord message and into JSON. Values in, text out: prints nothing and reads no
//! environment; what the terminal can show comes in as a [`Style`].

pub mod card;
mod chart;
pub mod check;
pub mod comparison;
pub mod drawing;
mod markdown_table;
mod markup;
pub mod patch;
pub mod paths;
mod phrases;
#[cfg(feature = "picture")]
pub mod picture;
pub mod reading;
pub mod sarif;
pub mod show;
pub mod terminal;
pub mod whole;
pub mod wire;

pub use markdown_table::columns;
pub use markup::{escape, shorten};
pub use phrases::Phrases;

/// What the place that text is shown in can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Shows colours.
    pub colour: bool,
    /// Cells in a line.
    pub width: usize,
}

/// What a piece of text is, for its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ink {
    Strong,
    Deciding,
    Faint,
    Warning,
}

impl Style {
    fn paint(self, ink: Ink, text: &str) -> String {
        if !self.colour || text.is_empty() {
            return text.to_owned();
        }
        let code = match ink {
            Ink::Strong => "1",
            Ink::Deciding => "1;32",
            Ink::Faint => "2",
            Ink::Warning => "33",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// Returns a text that cannot steer the terminal: control characters of a note are shown, not sent.
fn clean(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' => ' ',
            '\n' => '\n',
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
}
