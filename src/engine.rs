//! Who computes the answer?
//!
//! Keeps one generation up to date with the notes folder and asks it. `update` decides when to load, build and save, and
//! what to do when something is in the way: a person who asks gets an answer from what there is. Prints nothing: what a
//! person should know is a [`Notice`].

mod dates;
mod golden;
mod said;
mod status;
mod update;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use crate::answer::{self, Answer, Switches};
use crate::generation::{Generation, Report};
use crate::language::Languages;
use crate::snapshot::Files;

pub use said::{EngineError, Notice, QUESTION_LIMIT, QuestionError};
pub use status::{Status, Trouble, status, tell_trouble};
pub use update::last_number;

use update::{Look, Progress, bring_up, known};

/// Where things are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The notes folder.
    pub notes: PathBuf,
    /// The index folder.
    pub index: PathBuf,
    /// Golden questions that a new generation has to answer as well as the one before; none where nothing is asked.
    pub golden: Option<PathBuf>,
}

/// What [`Engine::refresh`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// The generation is that of before.
    Kept,
    /// A new one answers from now on.
    Replaced,
}

/// One notes folder and its index, ready to be asked.
pub struct Engine {
    settings: Settings,
    languages: Arc<Languages>,
    generation: Arc<Generation>,
    files: Files,
    notices: Vec<Notice>,
}

/// How much is built, and whether golden questions have a say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// What changed.
    Changes,
    /// What changed, whatever becomes of the golden questions.
    Accepted,
    /// Everything.
    Full,
    /// Everything, whatever becomes of the golden questions.
    FullAccepted,
}

impl Extent {
    fn is_full(self) -> bool {
        matches!(self, Self::Full | Self::FullAccepted)
    }

    fn is_guarded(self) -> bool {
        matches!(self, Self::Changes | Self::Full)
    }
}

impl Engine {
    /// Opens the index of a notes folder, after bringing it up to date.
    ///
    /// # Errors
    /// When there is nothing to answer from: no notes, or no generation and none can be written.
    pub fn open(settings: Settings, extent: Extent, report: Report<'_>) -> Result<Self, EngineError> {
        refuse_taken(&settings)?;
        let mut notices = Vec::new();
        // The word lists, the index and the folder know nothing of each other, and each takes a while.
        let (languages, look, known) = std::thread::scope(|scope| {
            let languages = scope.spawn(Languages::builtin);
            let look = scope.spawn(|| Look::take(&settings.notes));
            let known = known(&settings, &mut notices);
            (languages.join(), look.join(), known)
        });
        let languages = Arc::new(languages.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        let look = look.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let progress = Progress { settings: &settings, languages: &languages, extent, report };
        let (generation, files) = bring_up(&progress, known?, look?, &mut notices)?;
        Ok(Self { settings, languages, generation, files, notices })
    }

    /// Brings the generation up to date with the notes. A question in flight keeps the generation it started with.
    ///
    /// # Errors
    /// When the notes folder cannot be read; the generation of before stays.
    pub fn refresh(&mut self, report: Report<'_>) -> Result<Refreshed, EngineError> {
        let known = Some((Arc::clone(&self.generation), self.files.clone()));
        let progress =
            Progress { settings: &self.settings, languages: &self.languages, extent: Extent::Changes, report };
        let look = Look::take(&self.settings.notes)?;
        let (generation, files) = bring_up(&progress, known, look, &mut self.notices)?;
        let is_kept = generation.number == self.generation.number;
        (self.generation, self.files) = (generation, files);
        Ok(if is_kept { Refreshed::Kept } else { Refreshed::Replaced })
    }

    /// Answers one question.
    ///
    /// # Errors
    /// When it is no question: empty, without words, too long.
    pub fn ask(&self, question: &str, switches: &Switches, explain: bool) -> Result<Answer, QuestionError> {
        ask(question, &self.generation, &self.languages, switches, explain)
    }

    /// Returns the generation that answers now.
    pub fn generation(&self) -> &Arc<Generation> {
        &self.generation
    }

    /// Returns the word lists that questions and notes are read with.
    pub fn languages(&self) -> &Arc<Languages> {
        &self.languages
    }

    /// Returns where things are.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns what a person should know, and forgets it.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }
}

/// Answers one question from a generation. Cost: for most questions under a millisecond for a thousand notes.
///
/// # Errors
/// When it is no question: empty, without words, too long.
pub fn ask(
    question: &str,
    generation: &Generation,
    languages: &Languages,
    switches: &Switches,
    explain: bool,
) -> Result<Answer, QuestionError> {
    let question = question.trim();
    check(question)?;
    let start = Instant::now();
    let mut answer = answer::ask(question, generation, languages, switches, explain);
    answer.elapsed_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    Ok(answer)
}

/// Refuses what is no question.
///
/// # Errors
/// When it is empty, without words or too long.
pub fn check(question: &str) -> Result<(), QuestionError> {
    let n_chars = question.chars().count();
    if n_chars > QUESTION_LIMIT {
        Err(QuestionError::TooLong(n_chars))
    } else if question.trim().is_empty() {
        Err(QuestionError::Empty)
    } else if !question.chars().any(char::is_alphanumeric) {
        Err(QuestionError::NoWords)
    } else {
        Ok(())
    }
}

/// Refuses an index folder that would write over or beside what is not ours.
fn refuse_taken(settings: &Settings) -> Result<(), EngineError> {
    let taken = |reason| Err(EngineError::Taken { path: settings.index.clone(), reason });
    let is_same = std::fs::canonicalize(&settings.notes)
        .is_ok_and(|notes| std::fs::canonicalize(&settings.index).is_ok_and(|index| notes == index));
    if is_same {
        return taken("the notes are in it");
    }
    if crate::snapshot::is_foreign(&settings.index) {
        return taken("it holds a file `snapshot` that fingerpost did not write");
    }
    Ok(())
}
