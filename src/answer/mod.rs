//! Which one should I use, and why?
//!
//! A pure function of a generation and a question. The question becomes needs (`question`), needs meet claims
//! (`meet`), claims add up per option (`weigh`), how the needs are covered gives the verdict (`verdict`), and the
//! deciding lines are quoted (`quote`) with what contradicts them (`conflict`). Beside questions, `compare` puts two
//! options side by side.

mod above;
mod compare;
mod conflict;
mod doubt;
mod measure;
mod meet;
mod place;
mod question;
mod quote;
mod span;
mod verdict;
mod walk;
mod weigh;
mod weights;
mod widen;

use serde::{Deserialize, Serialize};

use crate::generation::Generation;
use crate::language::Languages;

pub use compare::{Cell, CompareError, Comparison, Row, Side, compare};
pub use conflict::{Contradiction, contradictions};
pub use question::{Need, Question};
pub use span::{Reading, Span, Traits};
pub use weights::Weights;

/// Mechanisms that can be switched off to measure what each adds.
pub const MECHANISMS: [&str; 11] = [
    "named-options",
    "negation",
    "lexicon",
    "fuzzy",
    "walk",
    "agreement",
    "join",
    "refusal",
    "numbers",
    "superlatives",
    "spans",
];

/// What an answer depends on beside notes and question: learned numbers, mechanisms that are off.
#[derive(Clone, Debug)]
pub struct Switches {
    /// Names out of [`MECHANISMS`].
    pub off: Vec<String>,
    /// How much each thing counts.
    pub weights: Weights,
}

impl Default for Switches {
    fn default() -> Self {
        Self { off: Vec::new(), weights: Weights::builtin() }
    }
}

impl Switches {
    /// True unless the mechanism was switched off.
    pub fn is_on(&self, name: &str) -> bool {
        debug_assert!(MECHANISMS.contains(&name), "unknown mechanism {name}");
        !self.off.iter().any(|off| off == name)
    }
}

/// An answer: plain data, the same bytes for the same generation and question.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// Version of this form.
    pub schema: u32,
    /// The question as asked.
    pub question: String,
    /// Two-letter code of its language.
    pub lang: String,
    /// What kind of answer it is.
    pub verdict: Verdict,
    /// The options that answer, best first.
    pub choices: Vec<ChoiceMade>,
    /// How sure, from 0 to 1.
    pub confidence: f32,
    /// Quotes, strongest first.
    pub evidence: Vec<Evidence>,
    /// What speaks against options that the question names.
    pub why_not: Vec<WhyNot>,
    /// Quotes that disagree, newest first.
    pub conflicts: Vec<Evidence>,
    /// Words of the question that nothing covers.
    pub missing: Vec<String>,
    /// Nearest headings when the notes do not say.
    pub near: Vec<Near>,
    /// Notes worth reading on.
    pub related: Vec<String>,
    /// Number of the generation that answered.
    pub generation: u64,
    /// Time taken, in microseconds.
    pub elapsed_us: u64,
    /// How it was found, for `--explain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explain: Option<Explain>,
}

/// Kinds of answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// One option.
    Choose,
    /// Any of several.
    Either,
    /// Several together, in order.
    Combine,
    /// Several, each under a condition.
    Depends,
    /// A comparison.
    Compare,
    /// When to use an option.
    When,
    /// What a thing is.
    Describe,
    /// The notes do not say.
    Unknown,
}

/// An option that answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChoiceMade {
    /// As the note names it.
    pub name: String,
    /// The condition that the note states.
    pub condition: Option<String>,
    /// From 0 to 1.
    pub score: f32,
}

/// A quote with its place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Path of the note.
    pub note: String,
    /// Headings from the outermost to the nearest.
    pub headings: Vec<String>,
    /// Shape of the block.
    pub kind: EvidenceKind,
    /// First and last line of the quoted block.
    pub lines: (u32, u32),
    /// The deciding lines.
    pub rows: Vec<QuotedRow>,
    /// The quote, source lines byte for byte.
    pub markdown: String,
    /// Options it speaks for.
    pub supports: Vec<String>,
    /// Options it speaks against.
    pub opposes: Vec<String>,
    /// How the question's words lead there.
    pub path: Vec<PathStep>,
}

/// Shapes of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// A decision matrix.
    DecisionTable,
    /// A comparison.
    ComparisonTable,
    /// Any other table.
    Table,
    /// A decision tree or arrow line.
    Tree,
    /// A list.
    List,
    /// A drawing.
    Diagram,
    /// Running text.
    Prose,
}

/// One source line of a quote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotedRow {
    /// Line, from 1.
    pub line: u32,
    /// The line, byte for byte.
    pub text: String,
}

/// One step of the walk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PathStep {
    /// Where it starts.
    pub from: String,
    /// What connects.
    pub edge: String,
    /// Where it leads.
    pub to: String,
    /// Path of the note that says so.
    pub note: String,
    /// The line.
    pub line: u32,
}

/// What speaks against an option.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WhyNot {
    /// The option.
    pub name: String,
    /// The quotes.
    pub evidence: Vec<Evidence>,
}

/// A heading near a question that the notes do not answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Near {
    /// Path of the note.
    pub note: String,
    /// The heading.
    pub heading: String,
    /// Its line.
    pub line: u32,
}

/// How an answer was found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Explain {
    /// What was understood.
    pub intent: String,
    /// What speaks for and against answering at all.
    pub signals: Vec<(String, f32)>,
    /// Words with weight and how each was met.
    pub needs: Vec<ExplainedNeed>,
    /// The best claims with the parts of their score.
    pub claims: Vec<ExplainedClaim>,
}

/// A word of the question.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExplainedNeed {
    /// The word.
    pub text: String,
    /// Its weight.
    pub weight: f32,
    /// Ways it may be met.
    pub via: Vec<String>,
}

/// A claim and its score.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExplainedClaim {
    /// Options.
    pub options: Vec<String>,
    /// Place.
    pub place: String,
    /// Shape.
    pub kind: String,
    /// Score.
    pub score: f32,
    /// Words it meets, with how well.
    pub met: Vec<String>,
}

/// Returns the sentences that a question is held against with what may answer in each, to learn from.
pub fn readings(question: &str, generation: &Generation, languages: &Languages, switches: &Switches) -> Vec<Reading> {
    let question = question::read(question, generation, languages, switches);
    let met = meet::meet(&question, generation, languages, switches);
    weigh::rank(&question, met, generation, languages, switches).readings
}

/// Answers one question. Reads no clock: the caller fills in `elapsed_us`.
pub fn ask(
    question: &str,
    generation: &Generation,
    languages: &Languages,
    switches: &Switches,
    explain: bool,
) -> Answer {
    let question = question::read(question, generation, languages, switches);
    let met = meet::meet(&question, generation, languages, switches);
    let mut ranked = weigh::rank(&question, met, generation, languages, switches);
    if switches.is_on("superlatives") {
        weigh::order_by_superlative(&question, &mut ranked, generation, languages);
    }
    verdict::answer(&question, ranked, generation, languages, switches, explain)
}
