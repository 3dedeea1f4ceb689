//! Who computes the answer?
//!
//! Keeps one generation up to date with the notes folder and asks it. Decides when to load, build and save, who may
//! write, and what to do when something is in the way: a person who asks gets an answer from what there is. Prints
//! nothing: what a person should know is a [`Notice`].

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::answer::{self, Answer, Switches};
use crate::generation::{Change, Entry, Generation, Origin, Report, Stage};
use crate::index::IndexError;
use crate::language::Languages;
use crate::snapshot::{self, Files, Loaded, Place};
use crate::vault::{self, Fault, VaultError};

/// Questions longer than this many characters are refused: no person types them, and each word costs time.
pub const QUESTION_LIMIT: usize = 4_000;
/// How long a first question waits for another process that builds the first generation.
const PATIENCE: Duration = Duration::from_secs(30);
/// Time stamps of files are this coarse where they are coarsest (FAT); a file as young as the snapshot is read again.
const COARSENESS: u64 = 2_000_000_000;

/// Where things are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The notes folder.
    pub notes: PathBuf,
    /// The index folder.
    pub index: PathBuf,
}

/// Why there is no generation to answer from.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The notes folder cannot be read.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// There is no generation, and none can be written.
    #[error("the index folder `{}` cannot be written ({reason})", .path.display())]
    NotWritable {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The index is of a newer format.
    #[error("the index in `{}` has format {found}, and this program reads up to {}", .path.display(), snapshot::FORMAT)]
    Newer {
        /// The folder.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// Another process builds the first generation.
    #[error("another process is writing the index in `{}`, and there is no complete one yet", .0.display())]
    Locked(PathBuf),
    /// Our own fault.
    #[error("the index in `{}` was written and cannot be read ({reason})", .path.display())]
    Internal {
        /// The folder.
        path: PathBuf,
        /// What happened.
        reason: String,
    },
}

impl EngineError {
    /// Returns the next step, as whole sentences.
    pub fn hint(&self) -> String {
        match self {
            Self::Vault(error) => error.hint().to_owned(),
            Self::NotWritable { .. } => {
                "Check its permissions and the space on its disk, or name another folder with `--index DIR`.".to_owned()
            }
            Self::Newer { path, .. } => format!(
                "Nothing was changed. Use the newer fingerpost that wrote it, or name another folder with `--index \
                 DIR`; if you do not need it any more, delete `{}` and ask again.",
                path.display()
            ),
            Self::Locked(_) => {
                "Ask again in a moment. If nothing else should be running, look for a `fingerpost` that \
                                hangs."
                    .to_owned()
            }
            Self::Internal { .. } => "This is a fault in fingerpost; please report it with this message.".to_owned(),
        }
    }

    /// True when the fault is ours, not the caller's or the system's.
    pub fn is_internal(&self) -> bool {
        matches!(self, Self::Internal { .. })
    }
}

/// Why a question is not answered at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuestionError {
    /// Nothing was asked.
    #[error("the question is empty")]
    Empty,
    /// Only signs.
    #[error("the question has no words, only signs")]
    NoWords,
    /// Over [`QUESTION_LIMIT`].
    #[error("the question has {0} characters, and the limit is {QUESTION_LIMIT}")]
    TooLong(usize),
}

impl QuestionError {
    /// Returns a stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty-question",
            Self::NoWords => "no-words",
            Self::TooLong(_) => "question-too-long",
        }
    }

    /// Returns the next step, as a whole sentence.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Empty | Self::NoWords => {
                "Ask in a sentence, such as `fingerpost ask which one should I use for nightly reports`."
            }
            Self::TooLong(_) => "Ask for one decision in a sentence or two; leave logs and listings out.",
        }
    }
}

/// Something a person should know though the question was answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Notice {
    /// The index could not be used.
    #[error("the index was damaged ({0}) and has been built again")]
    Rebuilt(String),
    /// The index was of another version.
    #[error("the index was written by another version of fingerpost and has been built again")]
    Outdated,
    /// Another process writes.
    #[error("another process is updating the index; answering from generation {0}, which misses the latest changes")]
    Locked(u64),
    /// The index cannot be written.
    #[error(
        "the index cannot be written ({reason}); answering from generation {number}, which misses the latest changes"
    )]
    NotWritable {
        /// Of the generation that answers.
        number: u64,
        /// What the system says.
        reason: String,
    },
    /// Some files could not be read as they are.
    #[error("{0} of the files could not be read as they are; `fingerpost status` lists them")]
    Faults(usize),
}

/// What [`Engine::refresh`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// The generation is that of before.
    Kept,
    /// A new one answers from now on.
    Replaced,
}

/// What there is, in figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Status {
    /// Version of this form.
    pub schema: u32,
    /// `ready`, `stale`, `missing`, `damaged`, `outdated` or `newer`.
    pub state: &'static str,
    /// The notes folder.
    pub notes_folder: String,
    /// The index folder.
    pub index_folder: String,
    /// Notes in the folder now.
    pub notes: usize,
    /// Links in the generation, those that leave the vault aside.
    pub links: usize,
    /// Of these, links that lead nowhere.
    pub unresolved_links: usize,
    /// Claims.
    pub claims: usize,
    /// Concepts, notes among them.
    pub concepts: usize,
    /// Number of the generation that would answer.
    pub generation: Option<u64>,
    /// When it was built, in seconds since 1970.
    pub built: Option<u64>,
    /// Since when notes differ from it, in seconds since 1970.
    pub stale_since: Option<u64>,
    /// Files that could not be read as they are.
    pub faults: Vec<Fault>,
}

/// One notes folder and its index, ready to be asked.
pub struct Engine {
    settings: Settings,
    languages: Languages,
    generation: Arc<Generation>,
    files: Files,
    notices: Vec<Notice>,
}

/// How much is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// What changed.
    Changes,
    /// Everything, whatever there is.
    Full,
}

impl Engine {
    /// Opens the index of a notes folder, after bringing it up to date.
    ///
    /// # Errors
    /// When there is nothing to answer from: no notes, or no generation and none can be written.
    pub fn open(settings: Settings, extent: Extent, report: Report<'_>) -> Result<Self, EngineError> {
        let languages = Languages::builtin();
        let mut notices = Vec::new();
        let known = known(&settings.index, &mut notices)?;
        let (generation, files) = bring_up(&settings, &languages, known, extent, &mut notices, report)?;
        Ok(Self { settings, languages, generation, files, notices })
    }

    /// Brings the generation up to date with the notes. A question in flight keeps the generation it started with.
    ///
    /// # Errors
    /// When the notes folder cannot be read; the generation of before stays.
    pub fn refresh(&mut self, report: Report<'_>) -> Result<Refreshed, EngineError> {
        let known = Some((Arc::clone(&self.generation), self.files.clone()));
        let (generation, files) =
            bring_up(&self.settings, &self.languages, known, Extent::Changes, &mut self.notices, report)?;
        let is_kept = generation.number == self.generation.number;
        (self.generation, self.files) = (generation, files);
        Ok(if is_kept { Refreshed::Kept } else { Refreshed::Replaced })
    }

    /// Answers one question.
    ///
    /// # Errors
    /// When it is no question: empty, without words, too long.
    pub fn ask(&self, question: &str, switches: &Switches, explain: bool) -> Result<Answer, QuestionError> {
        let question = question.trim();
        check(question)?;
        let start = Instant::now();
        let mut answer = answer::ask(question, &self.generation, &self.languages, switches, explain);
        answer.elapsed_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        Ok(answer)
    }

    /// Returns the generation that answers now.
    pub fn generation(&self) -> &Arc<Generation> {
        &self.generation
    }

    /// Returns where things are.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns what a person should know, and forgets it.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// Returns the figures of this engine.
    ///
    /// # Errors
    /// When the notes folder cannot be read.
    pub fn status(&self) -> Result<Status, EngineError> {
        let look = Look::take(&self.settings.notes)?;
        Ok(figures(&self.settings, &look, Some((&self.generation, &self.files)), "ready"))
    }
}

/// Returns the figures of what is on disk, without bringing it up to date.
///
/// # Errors
/// When the notes folder cannot be read.
pub fn status(settings: &Settings) -> Result<Status, EngineError> {
    let look = Look::take(&settings.notes)?;
    let (known, state) = match snapshot::load(&settings.index) {
        Loaded::Complete(known) => (Some(known), "ready"),
        Loaded::Missing => (None, "missing"),
        Loaded::Damaged(_) => (None, "damaged"),
        Loaded::Outdated => (None, "outdated"),
        Loaded::Newer(_) => (None, "newer"),
    };
    Ok(figures(settings, &look, known.as_deref().map(|(generation, files)| (generation, files)), state))
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

type Known = (Arc<Generation>, Files);

/// The notes folder as it stands at one time.
struct Look {
    time: u64,
    entries: Vec<vault::Entry>,
    faults: Vec<Fault>,
}

impl Look {
    fn take(notes: &Path) -> Result<Self, VaultError> {
        let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos() as u64);
        let (entries, faults) = vault::scan(notes)?;
        Ok(Self { time, entries, faults })
    }
}

/// How the notes folder compares with what a generation was made of.
enum Fit {
    /// Nothing changed.
    Same,
    /// Only time stamps did, or are too young to tell by; these are the files now.
    Touched(Files),
    /// Notes changed, the first of them at this time, in nanoseconds since 1970.
    Changed(u64),
}

fn compare(files: &Files, look: &Look, notes: &Path) -> Fit {
    let old: Vec<&str> = files.files.iter().map(|file| file.entry.path.as_str()).collect();
    if !look.entries.iter().map(|entry| entry.path.as_str()).eq(old.iter().copied()) {
        let first_new = look
            .entries
            .iter()
            .filter(|entry| old.binary_search(&entry.path.as_str()).is_err())
            .map(|entry| entry.modified.max(entry.changed))
            .min();
        return Fit::Changed(first_new.unwrap_or(look.time));
    }
    let mut touched: Option<Files> = None;
    let mut first_changed: Option<u64> = None;
    for (at, (file, entry)) in files.files.iter().zip(&look.entries).enumerate() {
        if is_unchanged(file, entry, files) {
            continue;
        }
        let is_same = (file.entry.size == entry.size) && vault::read(notes, &entry.path).hash == file.hash;
        if is_same {
            let touched = touched.get_or_insert_with(|| Files { scanned: look.time, ..files.clone() });
            touched.files[at].entry = entry.clone();
        } else {
            first_changed = Some(first_changed.unwrap_or(u64::MAX).min(entry.modified.max(entry.changed)));
        }
    }
    match (first_changed, touched) {
        (Some(time), _) => Fit::Changed(time),
        (None, Some(files)) => Fit::Touched(files),
        (None, None) => Fit::Same,
    }
}

/// Loads the last complete generation; none where it cannot be used, with a notice where that needs one.
fn known(index: &Path, notices: &mut Vec<Notice>) -> Result<Option<Known>, EngineError> {
    match snapshot::load(index) {
        Loaded::Complete(known) => {
            let (generation, files) = *known;
            return Ok(Some((Arc::new(generation), files)));
        }
        Loaded::Newer(found) => return Err(EngineError::Newer { path: index.to_owned(), found }),
        Loaded::Missing => {}
        Loaded::Damaged(reason) => notices.push(Notice::Rebuilt(reason)),
        Loaded::Outdated => notices.push(Notice::Outdated),
    }
    Ok(None)
}

/// Returns a generation that fits the notes, or the last complete one where something is in the way.
fn bring_up(
    settings: &Settings,
    languages: &Languages,
    known: Option<Known>,
    extent: Extent,
    notices: &mut Vec<Notice>,
    report: Report<'_>,
) -> Result<Known, EngineError> {
    // The usual case writes nothing and needs no lock.
    let look = Look::take(&settings.notes)?;
    if let (Some((generation, files)), Extent::Changes) = (&known, extent) {
        match compare(files, &look, &settings.notes) {
            Fit::Same => return Ok((Arc::clone(generation), files.clone())),
            Fit::Touched(files) => {
                let files = renew(&settings.index, generation, files);
                return Ok((Arc::clone(generation), files));
            }
            Fit::Changed(_) => {}
        }
    }
    let _guard = match lock(&settings.index, known.is_some(), report) {
        Lock::Ours(guard) => guard,
        Lock::Busy => {
            let Some(known) = known else {
                return Err(EngineError::Locked(settings.index.clone()));
            };
            notices.push(Notice::Locked(known.0.number));
            return Ok(known);
        }
        Lock::NotWritable(reason) => return fall_back(known, settings, reason, notices),
    };
    // Another process may have done the work between the first look and the lock, or some of it.
    let look = Look::take(&settings.notes)?;
    let mut known = known;
    let is_news = known.as_ref().is_none_or(|(known, _)| known.number != snapshot::last_number(&settings.index));
    if is_news && let Loaded::Complete(found) = snapshot::load(&settings.index) {
        let (generation, files) = *found;
        let is_done = matches!(compare(&files, &look, &settings.notes), Fit::Same | Fit::Touched(_));
        known = Some((Arc::new(generation), files));
        if extent == Extent::Changes {
            notices.retain(|notice| !matches!(notice, Notice::Rebuilt(_) | Notice::Outdated));
            if let (true, Some(known)) = (is_done, &known) {
                return Ok(known.clone());
            }
        }
    }
    let last = known.as_ref().map_or(0, |(generation, _)| generation.number);
    let number = last.max(snapshot::last_number(&settings.index)) + 1;
    let base = known.as_ref().filter(|_| extent == Extent::Changes);
    match build(settings, languages, base, look, number, report) {
        Ok((generation, files)) => {
            if !generation.faults.is_empty() {
                notices.push(Notice::Faults(generation.faults.len()));
            }
            Ok((Arc::new(generation), files))
        }
        Err(EngineError::NotWritable { reason, .. }) => {
            // What was half written takes room that may be short.
            let _ = std::fs::remove_dir_all(snapshot::postings_folder(&settings.index, number));
            fall_back(known, settings, reason, notices)
        }
        Err(error) => Err(error),
    }
}

fn fall_back(
    known: Option<Known>,
    settings: &Settings,
    reason: String,
    notices: &mut Vec<Notice>,
) -> Result<Known, EngineError> {
    let known =
        known.ok_or_else(|| EngineError::NotWritable { path: settings.index.clone(), reason: reason.clone() })?;
    notices.push(Notice::NotWritable { number: known.0.number, reason });
    Ok(known)
}

/// Builds the generation after `base`, or everything, writes it and makes it the last complete one. The caller holds
/// the lock.
fn build(
    settings: &Settings,
    languages: &Languages,
    base: Option<&Known>,
    look: Look,
    number: u64,
    report: Report<'_>,
) -> Result<(Generation, Files), EngineError> {
    let Look { time, entries, mut faults } = look;
    let before: FxHashMap<&str, usize> = base
        .map_or(&[][..], |(_, files)| &files.files)
        .iter()
        .enumerate()
        .map(|(at, file)| (file.entry.path.as_str(), at))
        .collect();
    let before = |entry: &vault::Entry| {
        let (_, files) = base?;
        let at = *before.get(entry.path.as_str())?;
        Some((at, &files.files[at], is_unchanged(&files.files[at], entry, files)))
    };
    let unread: Vec<vault::Entry> =
        entries.iter().filter(|entry| before(entry).is_none_or(|(_, _, is_kept)| !is_kept)).cloned().collect();
    let n_unread = unread.len();
    let mut contents =
        vault::read_all(&settings.notes, &unread, &|n_done| report(Stage::Reading, n_done, n_unread)).into_iter();
    let mut files = Vec::with_capacity(entries.len());
    let mut notes = Vec::with_capacity(entries.len());
    for entry in entries {
        let old = before(&entry);
        let content = if old.is_some_and(|(.., is_kept)| is_kept) { None } else { contents.next() };
        let hash =
            content.as_ref().map_or_else(|| old.map_or([0; 32], |(_, file, _)| file.hash), |content| content.hash);
        // A file that could not be read has no hash, and is always news.
        let kept = old.filter(|(_, file, is_kept)| *is_kept || file.hash == hash && hash != [0; 32]);
        let origin = match (kept, content) {
            (Some((at, ..)), content) => {
                let fault = |fault: &&Fault| fault.path == entry.path;
                match content {
                    Some(content) => faults.extend(content.fault),
                    None => faults.extend(base.iter().flat_map(|(old, _)| &old.faults).filter(fault).cloned()),
                }
                Origin::Kept(at as u32)
            }
            (None, content) => {
                let content = content.unwrap_or_else(|| vault::read(&settings.notes, &entry.path));
                faults.extend(content.fault);
                Origin::Text(content.text)
            }
        };
        notes.push((entry.path.clone(), origin));
        files.push(snapshot::File { entry, hash, place: None });
    }
    let folder = snapshot::postings_folder(&settings.index, number);
    let not_writable = |reason: String| EngineError::NotWritable { path: settings.index.clone(), reason };
    let base_folder = base.map(|(old, _)| snapshot::postings_folder(&settings.index, old.number));
    let old = base.zip(base_folder.as_deref()).map(|((old, _), folder)| (&**old, folder));
    let built = Generation::next(old, Change { number, notes, faults }, &folder, languages, report);
    let generation = built.map_err(|error| match error {
        IndexError::NotWritable { reason, .. } => not_writable(reason),
        IndexError::Locked(path) => EngineError::Locked(path),
        IndexError::Damaged { path, reason } => EngineError::Internal { path, reason },
    })?;
    // A note whose claims were read again is kept anew.
    if let Some((old, before)) = base {
        let places: FxHashMap<*const Entry, Option<Place>> =
            old.entries.iter().map(Arc::as_ptr).zip(before.files.iter().map(|file| file.place)).collect();
        for (file, entry) in files.iter_mut().zip(&generation.entries) {
            file.place = places.get(&Arc::as_ptr(entry)).copied().flatten();
        }
    }
    let mut files = Files::new(time, files, base.map(|(_, files)| files));
    snapshot::save(&settings.index, &generation, &mut files).map_err(|error| not_writable(error.to_string()))?;
    snapshot::remove_others(&settings.index, number, &files);
    Ok((generation, files))
}

/// True when a file needs no reading to know that it is as it was.
fn is_unchanged(file: &snapshot::File, entry: &vault::Entry, files: &Files) -> bool {
    let is_young = entry.modified.max(entry.changed) + COARSENESS >= files.scanned;
    file.entry == *entry && !is_young
}

/// Writes down new time stamps, so that the next question need not read the same files again. It may fail: they are
/// read again then.
fn renew(index: &Path, generation: &Generation, mut files: Files) -> Files {
    if let Lock::Ours(_guard) = try_lock(index)
        && snapshot::last_number(index) == generation.number
    {
        let _ = snapshot::save(index, generation, &mut files);
    }
    files
}

enum Lock {
    /// Held until the file is dropped.
    Ours(File),
    Busy,
    NotWritable(String),
}

/// Takes the lock on the whole update. Waits for another process only when there is nothing to answer from.
fn lock(index: &Path, has_known: bool, report: Report<'_>) -> Lock {
    let start = Instant::now();
    loop {
        match try_lock(index) {
            Lock::Busy if !has_known && start.elapsed() < PATIENCE => {
                report(Stage::Waiting, 0, 0);
                std::thread::sleep(Duration::from_millis(50));
            }
            lock => return lock,
        }
    }
}

fn try_lock(index: &Path) -> Lock {
    let opened = std::fs::create_dir_all(index)
        .and_then(|()| File::options().create(true).truncate(false).write(true).open(index.join("lock")));
    match opened.map(|file| (file.try_lock(), file)) {
        Ok((Ok(()), file)) => Lock::Ours(file),
        Ok((Err(TryLockError::WouldBlock), _)) => Lock::Busy,
        Ok((Err(TryLockError::Error(error)), _)) | Err(error) => Lock::NotWritable(error.to_string()),
    }
}

fn figures(settings: &Settings, look: &Look, known: Option<(&Generation, &Files)>, state: &'static str) -> Status {
    let mut status = Status {
        schema: 1,
        state,
        notes_folder: settings.notes.display().to_string(),
        index_folder: settings.index.display().to_string(),
        notes: look.entries.len(),
        links: 0,
        unresolved_links: 0,
        claims: 0,
        concepts: 0,
        generation: None,
        built: None,
        stale_since: None,
        faults: look.faults.clone(),
    };
    let Some((generation, files)) = known else {
        return status;
    };
    if let Fit::Changed(time) = compare(files, look, &settings.notes) {
        status.state = "stale";
        status.stale_since = Some(time / 1_000_000_000);
    }
    for (note, entry) in generation.entries.iter().enumerate() {
        status.claims += entry.claims.len();
        for (at, link) in entry.note.links.iter().enumerate() {
            if link.kind != crate::note::LinkKind::External {
                status.links += 1;
                status.unresolved_links += usize::from(generation.graph.target(note as u32, at).is_none());
            }
        }
    }
    status.concepts = generation.graph.size().0;
    status.generation = Some(generation.number);
    status.built = Some(files.built);
    status.faults.clone_from(&generation.faults);
    status
}
