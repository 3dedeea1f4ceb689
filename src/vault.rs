//! Which notes exist, and what do their files hold?
//!
//! Scans the notes folder and reads files into text. Never stops at one bad file: it becomes a [`Fault`].
//! Writes a note only where somebody asks for it, and only over the text that was read.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::UNIX_EPOCH;

use ignore::{WalkBuilder, WalkState};
use rayon::prelude::*;
use tempfile::NamedTempFile;

use crate::text::nfc;

/// Files over this are not read at all.
const SIZE_LIMIT: u64 = 64 << 20;

/// A note's file as the folder lists it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Entry {
    /// Path relative to the notes folder, with `/`.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// Time of the last change, in nanoseconds since 1970.
    pub modified: u64,
    /// Time of the last change of the file's name, place, rights or content, which no program can set back; 0 where
    /// the system keeps none.
    pub changed: u64,
}

/// A file or folder that could not be read; a value that `status` shows.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Fault {
    /// Path relative to the notes folder.
    pub path: String,
    /// Stable name.
    pub code: String,
    /// What happened and what to do.
    pub message: String,
}

/// Why a notes folder cannot be scanned.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// It does not exist.
    #[error("no notes folder at `{}`", .0.display())]
    Missing(PathBuf),
    /// It is a file.
    #[error("`{}` is a file, not a folder of notes", .0.display())]
    NotAFolder(PathBuf),
    /// It cannot be listed.
    #[error("the notes folder `{}` cannot be read ({reason})", .path.display())]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// It holds no notes.
    #[error("no Markdown notes (`*.md`) in `{}`", .0.display())]
    Empty(PathBuf),
}

impl VaultError {
    /// Returns the next step, as a whole sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Missing(_) => "Name the folder that holds your Markdown notes with `--notes DIR` or in bot.toml.",
            Self::NotAFolder(_) => "Name the folder that the file lies in.",
            Self::Unreadable { .. } => "Check its permissions.",
            Self::Empty(_) => "Put at least one `.md` file there, or name another folder with `--notes DIR`.",
        }
    }
}

/// Lists the notes, sorted by path. Hidden files, symbolic links and anything but regular files are left out; a fault
/// tells of links and special files that are named as notes, and of links to folders.
///
/// # Errors
/// When the folder itself is missing, no folder, unreadable or without notes.
pub fn scan(folder: &Path) -> Result<(Vec<Entry>, Vec<Fault>), VaultError> {
    let metadata = std::fs::metadata(folder).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => VaultError::Missing(folder.to_owned()),
        _ => VaultError::Unreadable { path: folder.to_owned(), reason: error.to_string() },
    })?;
    if !metadata.is_dir() {
        return Err(VaultError::NotAFolder(folder.to_owned()));
    }
    std::fs::read_dir(folder)
        .map_err(|error| VaultError::Unreadable { path: folder.to_owned(), reason: error.to_string() })?;
    // Several at a time: nearly all of it is waiting for the system.
    let (send, receive) = mpsc::channel();
    let walk = WalkBuilder::new(folder).standard_filters(false).hidden(true).follow_links(false).build_parallel();
    walk.run(|| {
        let send = send.clone();
        Box::new(move |found| {
            let found = found.map(|found| (entry(folder, &found), left_out(folder, &found)));
            let _ = send.send(found);
            WalkState::Continue
        })
    });
    drop(send);
    let (mut entries, mut faults) = (Vec::new(), Vec::new());
    for found in receive {
        match found {
            Ok((entry, fault)) => {
                entries.extend(entry);
                faults.extend(fault);
            }
            Err(error) => faults.push(Fault {
                path: String::new(),
                code: "unreadable-folder".to_owned(),
                message: format!("a folder cannot be listed ({error}); check its permissions"),
            }),
        }
    }
    faults.sort_by(|a, b| (&a.message, &a.path).cmp(&(&b.message, &b.path)));
    if entries.is_empty() {
        return Err(VaultError::Empty(folder.to_owned()));
    }
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    Ok((entries, faults))
}

/// Lists the files that are no notes, sorted by path; links to them may lead there. What cannot be listed is left out.
pub fn others(folder: &Path) -> Vec<String> {
    let is_file = |found: &ignore::DirEntry| found.file_type().is_some_and(|kind| !kind.is_dir());
    let others = walk(folder).filter_map(Result::ok).filter(|found| is_file(found) && !is_note(found));
    let mut others: Vec<String> = others.filter_map(|found| relative(folder, &found)).collect();
    others.sort();
    others
}

fn walk(folder: &Path) -> ignore::Walk {
    WalkBuilder::new(folder).standard_filters(false).hidden(true).follow_links(false).build()
}

fn is_note(found: &ignore::DirEntry) -> bool {
    found.path().extension().is_some_and(|extension| extension.eq_ignore_ascii_case("md"))
}

fn relative(folder: &Path, found: &ignore::DirEntry) -> Option<String> {
    let relative = found.path().strip_prefix(folder).ok()?;
    let parts = relative.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
    Some(parts.collect::<Vec<String>>().join("/"))
}

/// Tells of what a person may take for a note or a folder of notes, and is none.
fn left_out(folder: &Path, found: &ignore::DirEntry) -> Option<Fault> {
    let kind = found.file_type().filter(|kind| !kind.is_dir() && !kind.is_file())?;
    let (code, message) = if kind.is_symlink() {
        // Looking where it leads opens nothing; a circle is an error here.
        let leads_to_folder = std::fs::metadata(found.path()).is_ok_and(|metadata| metadata.is_dir());
        if !leads_to_folder && !is_note(found) {
            return None;
        }
        ("symlink", "left out: a symbolic link, which is not followed; move what it leads to into the notes")
    } else if is_note(found) {
        ("not-a-file", "left out: a pipe, socket or device; move it out of the notes")
    } else {
        return None;
    };
    Some(Fault { path: relative(folder, found)?, code: code.to_owned(), message: message.to_owned() })
}

fn entry(folder: &Path, found: &ignore::DirEntry) -> Option<Entry> {
    if !is_note(found) || !found.file_type()?.is_file() {
        return None;
    }
    let metadata = found.metadata().ok()?;
    let modified = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .map_or(0, |time| time.as_nanos() as u64);
    Some(Entry { path: relative(folder, found)?, size: metadata.len(), modified, changed: changed(&metadata) })
}

#[cfg(unix)]
fn changed(metadata: &std::fs::Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt;
    (metadata.ctime() as u64).wrapping_mul(1_000_000_000).wrapping_add(metadata.ctime_nsec() as u64)
}

#[cfg(not(unix))]
fn changed(_: &std::fs::Metadata) -> u64 {
    0
}

/// A note's text and what had to be done to get it.
#[derive(Debug)]
pub struct Content {
    /// The decoded text.
    pub text: String,
    /// Hash of the bytes on disk.
    pub hash: [u8; 32],
    /// What was wrong with the file.
    pub fault: Option<Fault>,
}

/// Reads one note. A file that cannot be read, is binary or too large is an empty note with a fault.
pub fn read(folder: &Path, path: &str) -> Content {
    let fault = |code: &str, message: String| Some(Fault { path: path.to_owned(), code: code.to_owned(), message });
    let full = folder.join(path);
    let bytes = match read_bytes(&full) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            let message =
                format!("left out: larger than {} MiB; split it or move it out of the notes", SIZE_LIMIT >> 20);
            return Content { text: String::new(), hash: [0; 32], fault: fault("over-limit", message) };
        }
        Err(error) => {
            let message = format!("left out: the file cannot be read ({error}); check its permissions");
            return Content { text: String::new(), hash: [0; 32], fault: fault("unreadable-file", message) };
        }
    };
    let hash = *blake3::hash(&bytes).as_bytes();
    let n_nul = bytes.iter().take(8_192).filter(|byte| **byte == 0).count();
    let is_utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    if n_nul * 100 > bytes.len().min(8_192) && !is_utf16 {
        return Content {
            text: String::new(),
            hash,
            fault: fault("binary-file", "left out: this is no text".to_owned()),
        };
    }
    match String::from_utf8(bytes) {
        Ok(text) => Content { text, hash, fault: None },
        Err(error) => {
            let bytes = error.into_bytes();
            let text = if is_utf16 { utf16(&bytes) } else { String::from_utf8_lossy(&bytes).into_owned() };
            let message = if is_utf16 {
                "read as UTF-16; save it as UTF-8"
            } else {
                "not UTF-8: unreadable bytes are shown as �; save it as UTF-8"
            };
            Content { text, hash, fault: fault("encoding", message.to_owned()) }
        }
    }
}

/// Reads many notes at once, in their order, and reports how many are done.
pub fn read_all(folder: &Path, entries: &[Entry], report: &(dyn Fn(usize) + Sync)) -> Vec<Content> {
    let n_done = AtomicUsize::new(0);
    entries
        .par_iter()
        .map(|entry| read(folder, &entry.path))
        .inspect(|_| report(n_done.fetch_add(1, Ordering::Relaxed) + 1))
        .collect()
}

/// Why a note was not replaced; it is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    /// It is not what was read any more.
    #[error("`{0}` was changed meanwhile and is left as it is")]
    Changed(String),
    /// The system refuses.
    #[error("`{path}` cannot be written and is left as it is ({reason})")]
    Refused {
        /// Path relative to the notes folder.
        path: String,
        /// What the system says.
        reason: String,
    },
}

impl ReplaceError {
    /// Returns the next step, as a whole sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Changed(_) => "Run it again.",
            Self::Refused { .. } => "Check the permissions of the note and its folder, and the space on the disk.",
        }
    }
}

/// Replaces a note that still holds `before`, in one step: nobody reads half of it, and what another program writes at
/// the same time is not lost.
///
/// # Errors
/// When it holds something else, or cannot be written.
pub fn replace(folder: &Path, path: &str, before: &str, after: &str) -> Result<(), ReplaceError> {
    let full = folder.join(path);
    let replaced = written_beside(&full, before, after).and_then(|beside| match beside {
        Some(beside) => exchanged(&full, beside.path(), before, after),
        None => Ok(false),
    });
    match replaced {
        Ok(true) => Ok(()),
        Ok(false) => Err(ReplaceError::Changed(path.to_owned())),
        Err(error) => Err(ReplaceError::Refused { path: path.to_owned(), reason: error.to_string() }),
    }
}

/// Returns what a file holds; what is gone holds nothing.
fn bytes(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes the new text into a file beside the note that is like it, and is gone when dropped; none where the note is not
/// what it was.
fn written_beside(full: &Path, before: &str, after: &str) -> std::io::Result<Option<NamedTempFile>> {
    let Ok(metadata) = std::fs::symlink_metadata(full) else { return Ok(None) };
    if !metadata.is_file() || bytes(full)?.as_deref() != Some(before.as_bytes()) {
        return Ok(None);
    }
    // A note that may not be written is not to be replaced either.
    drop(std::fs::File::options().append(true).open(full)?);
    // Hidden, so that nobody takes it for a note.
    let mut beside = tempfile::Builder::new().prefix(".fingerpost-").tempfile_in(full.parent().unwrap_or(full))?;
    beside.write_all(after.as_bytes())?;
    beside.as_file().set_permissions(metadata.permissions())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        // Only the administrator may give files away, and only they would take the note from its owner.
        let _ = std::os::unix::fs::fchown(beside.as_file(), Some(metadata.uid()), Some(metadata.gid()));
    }
    beside.as_file().sync_all()?;
    Ok(Some(beside))
}

/// Puts the file in the place of the note; false where the note was changed in the last moment, and then it stays.
///
/// The two are exchanged, so that what stood there can be looked at: between a look and a plain renaming another program
/// may write. What is no text that is known to have stood there is newer, and goes back.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn exchanged(full: &Path, beside: &Path, before: &str, after: &str) -> std::io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    let (mut placed, mut expected) = (after.as_bytes().to_vec(), before.as_bytes().to_vec());
    let mut is_ours = true;
    loop {
        match renameat_with(CWD, beside, CWD, full, RenameFlags::EXCHANGE) {
            Ok(()) => {}
            // Not every file system can.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => return renamed(full, beside, before),
            // It was taken away, and nothing is to be put there.
            Err(Errno::NOENT) if is_ours => return Ok(false),
            Err(Errno::NOENT) => return std::fs::rename(beside, full).map(|()| false),
            Err(error) => return Err(error.into()),
        }
        let displaced = bytes(beside)?.unwrap_or_default();
        if displaced == expected {
            return Ok(is_ours);
        }
        (expected, placed) = (placed, displaced);
        is_ours = false;
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn exchanged(full: &Path, beside: &Path, before: &str, _: &str) -> std::io::Result<bool> {
    renamed(full, beside, before)
}

fn renamed(full: &Path, beside: &Path, before: &str) -> std::io::Result<bool> {
    let is_same = bytes(full)?.as_deref() == Some(before.as_bytes());
    if is_same {
        std::fs::rename(beside, full)?;
    }
    Ok(is_same)
}

fn read_bytes(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    let file = std::fs::File::open(path)?;
    if file.metadata()?.len() > SIZE_LIMIT {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.take(SIZE_LIMIT + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= SIZE_LIMIT).then_some(bytes))
}

fn utf16(bytes: &[u8]) -> String {
    let big = bytes.starts_with(&[0xfe, 0xff]);
    let units = bytes.get(2..).unwrap_or_default().chunks_exact(2);
    let units: Vec<u16> = units
        .map(|pair| if big { u16::from_be_bytes([pair[0], pair[1]]) } else { u16::from_le_bytes([pair[0], pair[1]]) })
        .collect();
    String::from_utf16_lossy(&units)
}

/// Returns the form under which two paths are one to a reader: lower case by character, NFC.
///
/// Not full case folding: `ß` and `ss` are two names to Obsidian. Final sigma is a sigma.
pub fn path_key(path: &str) -> String {
    if path.is_ascii() {
        return path.to_ascii_lowercase();
    }
    let lower: String = path.chars().flat_map(char::to_lowercase).map(|c| if c == 'ς' { 'σ' } else { c }).collect();
    nfc(&lower)
}
