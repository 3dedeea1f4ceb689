//! Does the generation fit the notes, and how is it brought up to date?
//!
//! Looks at the folder, takes the lock, builds, asks the golden questions, saves. Whatever fails leaves the generation
//! of before, on disk and in memory.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustc_hash::FxHashMap;

use super::dates::dates;
use super::{EngineError, Extent, Notice, Settings, golden};
use crate::generation::{Change, Entry, Generation, Origin, Report, Stage};
use crate::index::IndexError;
use crate::language::Languages;
use crate::snapshot::{self, Files, Loaded, Place};
use crate::vault::{self, Fault, VaultError};

/// How long a first question waits for another process that builds the first generation.
const PATIENCE: Duration = Duration::from_secs(30);
/// Time stamps of files are this coarse where they are coarsest (FAT); a file as young as the snapshot is read again.
const COARSENESS: u64 = 2_000_000_000;

pub type Known = (Arc<Generation>, Files);

/// The notes folder as it stands at one time.
pub struct Look {
    time: u64,
    /// The notes, by path.
    pub entries: Vec<vault::Entry>,
    /// What could not be listed.
    pub faults: Vec<Fault>,
}

impl Look {
    /// Looks now.
    pub fn take(notes: &Path) -> Result<Self, VaultError> {
        let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos() as u64);
        let (entries, faults) = vault::scan(notes)?;
        Ok(Self { time, entries, faults })
    }
}

/// How the notes folder compares with what a generation was made of.
pub enum Fit {
    /// Nothing changed.
    Same,
    /// Only time stamps did, or are too young to tell by; these are the files now.
    Touched(Files),
    /// Notes changed, the first of them at this time, in nanoseconds since 1970.
    Changed(u64),
}

/// Compares a folder with the files of a generation. Reads those whose times do not tell.
pub fn compare(files: &Files, look: &Look, notes: &Path) -> Fit {
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
pub fn known(settings: &Settings, notices: &mut Vec<Notice>) -> Result<Option<Known>, EngineError> {
    match snapshot::load(&settings.index, &settings.notes) {
        Loaded::Complete(known) => {
            let (mut generation, files) = *known;
            generation.set_dates(dates(settings.notes.clone()));
            return Ok(Some((Arc::new(generation), files)));
        }
        Loaded::Newer(found) => return Err(EngineError::Newer { path: settings.index.clone(), found }),
        Loaded::Missing => {}
        Loaded::Damaged(reason) => notices.push(Notice::Rebuilt(reason)),
        Loaded::Outdated => notices.push(Notice::Outdated),
    }
    Ok(None)
}

/// What an update works with.
pub struct Progress<'a> {
    /// Where things are.
    pub settings: &'a Settings,
    /// Word lists.
    pub languages: &'a Languages,
    /// How much is built.
    pub extent: Extent,
    /// Is told how far it is.
    pub report: Report<'a>,
}

/// Returns a generation that fits the notes, or the last complete one where something is in the way.
pub fn bring_up(
    progress: &Progress<'_>,
    known: Option<Known>,
    look: Look,
    notices: &mut Vec<Notice>,
) -> Result<Known, EngineError> {
    let Progress { settings, extent, report, .. } = *progress;
    // The usual case writes nothing and needs no lock.
    if let (Some((generation, files)), false) = (&known, extent.is_full()) {
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
    let mut known = known;
    let is_news = known.as_ref().is_none_or(|(known, _)| known.number != snapshot::last_number(&settings.index));
    let look = if is_news { Look::take(&settings.notes)? } else { look };
    if is_news && let Loaded::Complete(found) = snapshot::load(&settings.index, &settings.notes) {
        let (mut generation, files) = *found;
        generation.set_dates(dates(settings.notes.clone()));
        let is_done = matches!(compare(&files, &look, &settings.notes), Fit::Same | Fit::Touched(_));
        known = Some((Arc::new(generation), files));
        if !extent.is_full() {
            notices.retain(|notice| !matches!(notice, Notice::Rebuilt(_) | Notice::Outdated));
            if let (true, Some(known)) = (is_done, &known) {
                return Ok(known.clone());
            }
        }
    }
    let last = known.as_ref().map_or(0, |(generation, _)| generation.number);
    let number = last.max(snapshot::last_number(&settings.index)) + 1;
    match build(progress, known.as_ref(), look, number, notices) {
        Ok((mut generation, files)) => {
            generation.set_dates(dates(settings.notes.clone()));
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
        Err(error @ (EngineError::Refused(_) | EngineError::Unjudged(_))) => {
            let _ = std::fs::remove_dir_all(snapshot::postings_folder(&settings.index, number));
            let Some(known) = known else { return Err(error) };
            let number = known.0.number;
            notices.push(match error {
                EngineError::Unjudged(reason) => Notice::Unjudged { number, reason },
                error => Notice::Refused { number, reason: error.to_string() },
            });
            Ok(known)
        }
        Err(error) => Err(error),
    }
}

/// Asks the golden questions, and fails where they refuse the generation. Without one before there is nothing to lose.
fn judge(
    progress: &Progress<'_>,
    old: Option<&Known>,
    new: &Generation,
    notices: &mut Vec<Notice>,
) -> Result<(), EngineError> {
    let Some(file) = progress.settings.golden.as_ref().filter(|_| progress.extent.is_guarded()) else { return Ok(()) };
    match (golden::read(file), old) {
        (Ok(cases), Some((old, _))) => {
            golden::lost(&cases, old, new, progress.languages).map_or(Ok(()), |lost| Err(EngineError::Refused(lost)))
        }
        (Ok(_), None) => Ok(()),
        (Err(reason), Some(_)) => Err(EngineError::Unjudged(reason)),
        (Err(reason), None) => {
            notices.push(Notice::Unguarded(reason));
            Ok(())
        }
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

/// The notes of the next generation, with the files that they come from.
struct Gathered {
    change: Change,
    files: Vec<snapshot::File>,
}

/// Builds the generation after `known`, or everything, writes it and makes it the last complete one, unless the golden
/// questions refuse it. The caller holds the lock.
fn build(
    progress: &Progress<'_>,
    known: Option<&Known>,
    look: Look,
    number: u64,
    notices: &mut Vec<Notice>,
) -> Result<(Generation, Files), EngineError> {
    let start = Instant::now();
    let Progress { settings, languages, extent, report } = *progress;
    let base = known.filter(|_| !extent.is_full());
    let time = look.time;
    let Gathered { change, mut files } = gather(progress, base, look, number);
    let folder = snapshot::postings_folder(&settings.index, number);
    let not_writable = |reason: String| EngineError::NotWritable { path: settings.index.clone(), reason };
    let base_folder = base.map(|(old, _)| snapshot::postings_folder(&settings.index, old.number));
    let old = base.zip(base_folder.as_deref()).map(|((old, _), folder)| (&**old, folder));
    let built = Generation::next(old, change, &folder, languages, report);
    let generation = built.map_err(|error| match error {
        IndexError::NotWritable { reason, .. } => not_writable(reason),
        IndexError::Locked(path) => EngineError::Locked(path),
        IndexError::Damaged { path, reason } => EngineError::Internal { path, reason },
    })?;
    judge(progress, known, &generation, notices)?;
    // What is shared with the generation before is kept where it is.
    if let Some((old, before)) = base {
        let places: FxHashMap<*const Entry, Option<Place>> =
            old.entries.iter().map(Arc::as_ptr).zip(before.files.iter().map(|file| file.place)).collect();
        for (file, entry) in files.iter_mut().zip(generation.entries.iter()) {
            file.place = places.get(&Arc::as_ptr(entry)).copied().flatten();
        }
    }
    let mut files = Files::new(time, files, base.map(|(_, files)| files));
    files.took_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    snapshot::save(&settings.index, &generation, &mut files).map_err(|error| not_writable(error.to_string()))?;
    snapshot::remove_others(&settings.index, number, &files);
    Ok((generation, files))
}

/// Reads what may have changed since `base`, and keeps what did not.
fn gather(progress: &Progress<'_>, base: Option<&Known>, look: Look, number: u64) -> Gathered {
    let Look { entries, mut faults, .. } = look;
    let (old_files, old_faults) =
        base.map_or((&[][..], &[][..]), |(old, files)| (files.files.as_slice(), old.faults.as_slice()));
    let by_path: FxHashMap<&str, usize> =
        old_files.iter().enumerate().map(|(at, file)| (file.entry.path.as_str(), at)).collect();
    let before: Vec<Option<usize>> = entries.iter().map(|entry| by_path.get(entry.path.as_str()).copied()).collect();
    let is_kept = |entry: &vault::Entry, before: Option<usize>| {
        base.zip(before).is_some_and(|((_, files), at)| is_unchanged(&files.files[at], entry, files))
    };
    let unread: Vec<vault::Entry> = entries
        .iter()
        .zip(&before)
        .filter(|(entry, before)| !is_kept(entry, **before))
        .map(|(entry, _)| entry.clone())
        .collect();
    let n_unread = unread.len();
    let notes = &progress.settings.notes;
    let contents = vault::read_all(notes, &unread, &|n_done| (progress.report)(Stage::Reading, n_done, n_unread));
    let mut contents: FxHashMap<&str, vault::Content> =
        unread.iter().map(|entry| entry.path.as_str()).zip(contents).collect();
    let mut gathered = Gathered { change: Change { number, notes: Vec::new(), faults: Vec::new() }, files: Vec::new() };
    for (entry, before) in entries.into_iter().zip(before) {
        let old = before.map(|at| (at, &old_files[at]));
        let (origin, hash) = match (contents.remove(entry.path.as_str()), old) {
            (Some(content), old) => {
                faults.extend(content.fault);
                // A file that could not be read has no hash, and is always news.
                let same = old.filter(|(_, file)| file.hash == content.hash && file.hash != [0; 32]);
                let origin = same.map_or_else(|| Origin::Text(content.text), |(at, _)| Origin::Kept(at as u32));
                (origin, content.hash)
            }
            (None, Some((at, file))) => {
                faults.extend(old_faults.iter().filter(|fault| fault.path == entry.path).cloned());
                (Origin::Kept(at as u32), file.hash)
            }
            (None, None) => unreachable!("a file that is not known is read"),
        };
        gathered.change.notes.push((entry.path.clone(), origin));
        gathered.files.push(snapshot::File { entry, hash, place: None });
    }
    gathered.change.faults = faults;
    gathered
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

/// What came of taking the lock.
enum Lock {
    /// Held until the guard is dropped.
    Ours(Guard),
    Busy,
    NotWritable(String),
}

/// Gives the lock back when it is dropped. Closing the file is not enough: a process that another thread is just
/// starting has a copy of it until it becomes another program.
struct Guard(File);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
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
        Ok((Ok(()), file)) => Lock::Ours(Guard(file)),
        Ok((Err(TryLockError::WouldBlock), _)) => Lock::Busy,
        Ok((Err(TryLockError::Error(error)), _)) | Err(error) => Lock::NotWritable(error.to_string()),
    }
}

/// Returns the number of the newest generation in the index folder, complete or not; 0 where there is none.
pub fn last_number(settings: &Settings) -> u64 {
    snapshot::last_number(&settings.index)
}
