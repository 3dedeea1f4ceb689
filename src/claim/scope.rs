//! Which headings and leads govern this line, and what do they say together?

use super::head::{self, Head, HeadKind};
use super::{Claim, Context, Joined, Kind, Part, Pick, Stance};
use crate::note::{Block, Note, Rich};

/// The heads that govern a block: its headings and the label or lead just above.
pub struct Scope<'a> {
    note: &'a Note,
    heads: &'a [Head],
    section: usize,
    /// The block is the first one under its heading.
    opens: bool,
    /// Labels in force: whether each lasts beyond the next block.
    labels: Vec<(Head, bool)>,
    /// The lead that the next block uses up.
    used: bool,
}

/// What the heads above a line say together.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// The option that the place is about.
    pub subject: Option<String>,
    /// How items relate to it or to the need.
    pub lead: Relation,
    /// Needs named by leads and parent items, outermost first; headings are known from the section.
    pub path: Vec<String>,
    /// The innermost heading or lead that may be a need.
    pub need: Option<String>,
    /// Options that the place compares.
    pub options: Vec<String>,
    /// The nearest heading, option or not, else the title: what a sentence is about where nothing better is known.
    pub about: String,
    /// That heading asks, so it names no option.
    pub about_asks: bool,
    /// A verdict on the option above.
    pub verdict: Option<Stance>,
    /// Leads of the list name criteria of the option above.
    pub leads_are_labels: bool,
    /// The nearest heading is a label under the heading of an option: what follows is said of it.
    pub is_attribute: bool,
    /// The question that heads the place, which the first words answer.
    pub asked: Option<String>,
    /// Leads of the list name needs, and what follows them the options.
    pub leads_are_needs: bool,
}

/// How the items under a head relate to its option or need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Relation {
    /// They speak of it.
    #[default]
    About,
    /// They are needs for which it is right.
    Needs,
    /// They are needs for which it is wrong.
    WrongNeeds,
    /// They are the right options for the need.
    Options,
    /// They are the wrong options for the need.
    WrongOptions,
    /// They are its advantages.
    Pros,
    /// They are its disadvantages.
    Cons,
}

impl<'a> Scope<'a> {
    /// Starts at the top of a note.
    pub fn new(note: &'a Note, heads: &'a [Head]) -> Self {
        Self { note, heads, section: 0, opens: true, labels: Vec::new(), used: false }
    }

    /// Moves to the next block; a label ends with its section, a lead with the block after it.
    pub fn enter(&mut self, block: &Block, _context: &Context<'_>) {
        self.opens = block.section != self.section;
        if self.opens {
            self.section = block.section;
            self.labels.clear();
        } else if self.used {
            self.labels.retain(|(_, stays)| *stays);
        }
        self.used = true;
    }

    /// Puts a label in force until the next one.
    pub fn label(&mut self, label: &Rich, context: &Context<'_>) {
        self.labels.clear();
        self.labels.push((head::read(label, context), true));
        self.used = false;
    }

    /// Puts a lead in force: for the next block, or until the next label where it stays.
    pub fn lead(&mut self, text: &Rich, stays: bool, context: &Context<'_>) {
        let head = head::read(text, context);
        if stays {
            self.labels.clear();
        }
        self.labels.push((head, stays));
        self.used = false;
    }

    /// The options that the nearest heading or the title compares.
    pub fn versus(&self) -> Vec<String> {
        let mut at = self.section;
        loop {
            if let HeadKind::Versus(sides) = &self.heads[at].kind {
                return sides.clone();
            }
            if at == 0 {
                return Vec::new();
            }
            at = self.note.sections[at].parent;
        }
    }

    /// The headings above, nearest first, then the title.
    pub fn headings(&self) -> Vec<String> {
        let mut headings = Vec::new();
        let mut at = self.section;
        while at != 0 {
            headings.push(self.note.sections[at].text.clone());
            at = self.note.sections[at].parent;
        }
        headings.push(self.note.title.clone());
        headings
    }

    /// A title or top heading is an option only where something else names it as one.
    fn weakened(&self, at: usize, context: &Context<'_>) -> Head {
        let mut head = self.heads[at].clone();
        let is_top = at == 0 || self.note.sections[at].level == 1;
        if is_top
            && head.kind == HeadKind::Topic
            && !head.is_rule
            && head.option.as_deref().is_some_and(|option| !context.names.is_named_elsewhere(option))
        {
            head.option = None;
        }
        head
    }

    /// Returns what the heads above say together.
    pub fn frame(&self, context: &Context<'_>) -> Frame {
        let mut chain = Vec::new();
        let mut at = self.section;
        while at != 0 {
            chain.push(at);
            at = self.note.sections[at].parent;
        }
        let mut frame = Frame::default();
        frame.push(&self.weakened(0, context), false);
        for at in chain.into_iter().rev() {
            frame.push(&self.weakened(at, context), false);
        }
        for (head, _) in &self.labels {
            frame.push(head, true);
        }
        let asks = self.opens && self.labels.is_empty() && self.heads[self.section].kind == HeadKind::Question;
        frame.asked = asks.then(|| self.heads[self.section].text.clone());
        frame
    }
}

impl Frame {
    /// Adds the next inner head. Heads that are no headings also lend their words to the claims under them.
    pub fn push(&mut self, head: &Head, lends_words: bool) {
        self.about.clone_from(&head.text);
        self.about_asks = head.kind == HeadKind::Question;
        self.is_attribute = false;
        let named = head.option.clone();
        let relation = match &head.kind {
            HeadKind::Versus(sides) => {
                self.options.clone_from(sides);
                self.subject = None;
                Relation::About
            }
            HeadKind::Topic => {
                self.need = Some(head.text.clone());
                if let Some(option) = named {
                    self.subject = Some(option);
                }
                self.verdict = head.verdict;
                Relation::About
            }
            HeadKind::Question => {
                self.need = Some(head.text.clone());
                self.subject = None;
                Relation::About
            }
            HeadKind::Rule { need, choice } => {
                self.need = Some(need.clone());
                self.subject = choice.picks.first().map(|pick| pick.name.clone());
                Relation::About
            }
            HeadKind::Label => {
                self.is_attribute = self.subject.is_some();
                self.lead
            }
            kind => {
                let relation = match kind {
                    HeadKind::Use => Relation::Needs,
                    HeadKind::Avoid => Relation::WrongNeeds,
                    HeadKind::UseBare => Relation::Options,
                    HeadKind::AvoidBare => Relation::WrongOptions,
                    HeadKind::Pro => Relation::Pros,
                    _ => Relation::Cons,
                };
                let can_hold = matches!(relation, Relation::Options | Relation::WrongOptions);
                match named {
                    Some(option) if !can_hold => self.subject = Some(option),
                    _ => {}
                }
                relation
            }
        };
        self.lead = relation;
        if lends_words && !matches!(head.kind, HeadKind::UseBare | HeadKind::AvoidBare) {
            self.path.push(head.text.clone());
        }
    }
}

/// Where a line stands.
#[derive(Clone, Copy)]
pub struct Place {
    /// Block of the note.
    pub block: usize,
    /// Its lines.
    pub lines: (u32, u32),
}

impl Place {
    /// Returns a claim that stands here.
    pub fn claim(self, kind: Kind, parts: Vec<Part>, picks: Vec<Pick>, join: Joined) -> Claim {
        Claim { kind, block: Some(self.block), section: 0, lines: self.lines, parts, picks, join, prior: 1.0 }
    }
}
