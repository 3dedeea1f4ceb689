//! What did we know last time?
//!
//! Keeps a generation on disk, so that a question on unchanged notes parses nothing. One file, `snapshot`, holds the
//! notes, their claims and the state of their files; the folder `tantivy/NUMBER` beside it holds the postings.
//! The snapshot names its folder and replaces its predecessor in one step: it is the only commit point, and a reader
//! sees the old pair or the new one. Safe to delete: the next question builds it again. Decides nothing about freshness.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use serde::{Deserialize, Serialize};

use crate::claim::Names;
use crate::generation::{Entry, Generation};
use crate::index::Postings;
use crate::vault::{self, Fault};

/// The layout of the file. A file of a higher number was written by a newer program.
pub const FORMAT: u32 = 2;
/// The file starts with this and the number of the format, in one line that a person can read.
const MAGIC: &str = "fingerpost index ";
/// Which sources read the notes; set by `build.rs`.
const READER: &str = env!("FINGERPOST_READER");
const HASH_BYTES: usize = 32;

/// The state of a note's file when it was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct File {
    /// What the folder listed.
    pub entry: vault::Entry,
    /// Hash of what was read.
    pub hash: [u8; 32],
}

/// The files that a generation was made of, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Files {
    /// When the notes folder was listed, in nanoseconds since 1970. What changed since then may be missing.
    pub scanned: u64,
    /// When the generation was built, in seconds since 1970.
    pub built: u64,
    /// The files, by path.
    pub files: Vec<File>,
}

/// What was found on disk.
pub enum Loaded {
    /// Nothing was ever built here.
    Missing,
    /// Something is there that cannot be used, for this reason.
    Damaged(String),
    /// It was written by a program that reads notes in another way.
    Outdated,
    /// It was written by a newer program, in this format.
    Newer(u32),
    /// A complete generation and the files it was made of.
    Complete(Box<(Generation, Files)>),
}

/// All that is written. Statistics and graph are quickly made anew and left out.
#[derive(Serialize)]
struct Written<'a> {
    number: u64,
    files: &'a Files,
    entries: &'a [Arc<Entry>],
    names: &'a Names,
    faults: &'a [Fault],
    /// Name and size of each file of the postings: one that is cut short or gone is noticed without reading it.
    postings: Vec<(String, u64)>,
}

/// The same as it is read. Invariant: the fields of [`Written`], in its order.
#[derive(Deserialize)]
struct Read {
    number: u64,
    files: Files,
    entries: Vec<Entry>,
    names: Names,
    faults: Vec<Fault>,
    postings: Vec<(String, u64)>,
}

/// Returns the file of the snapshot in an index folder.
pub fn file(index: &Path) -> PathBuf {
    index.join("snapshot")
}

/// Returns the folder of a generation's postings in an index folder.
pub fn postings_folder(index: &Path, number: u64) -> PathBuf {
    index.join("tantivy").join(number.to_string())
}

/// Loads the last complete generation of an index folder. Cost: linear in the notes, without parsing them.
pub fn load(index: &Path) -> Loaded {
    match load_once(index) {
        // Another process may have replaced the pair between the two halves.
        Loaded::Damaged(_) => load_once(index),
        loaded => loaded,
    }
}

fn load_once(index: &Path) -> Loaded {
    let bytes = match std::fs::read(file(index)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return match last_number(index) {
                0 => Loaded::Missing,
                _ => Loaded::Damaged("`snapshot` is missing".to_owned()),
            };
        }
        Err(error) => return Loaded::Damaged(format!("`snapshot` cannot be read: {error}")),
    };
    let read = match decode(&bytes) {
        Ok(read) => read,
        Err(loaded) => return loaded,
    };
    let folder = postings_folder(index, read.number);
    let found = list(&folder);
    for (name, size) in &read.postings {
        match found.iter().find(|(found, _)| found == name) {
            None => return Loaded::Damaged(format!("`tantivy/{}/{name}` is missing", read.number)),
            Some((_, found)) if found != size => {
                let reason = format!("`tantivy/{}/{name}` has {found} bytes instead of {size}", read.number);
                return Loaded::Damaged(reason);
            }
            Some(_) => {}
        }
    }
    match Postings::open(&folder) {
        Ok((postings, payload)) if payload == read.number.to_string() => {
            let Read { number, files, mut entries, names, faults, .. } = read;
            entries.par_iter_mut().for_each(Entry::complete);
            let entries = entries.into_iter().map(Arc::new).collect();
            Loaded::Complete(Box::new((Generation::assemble(number, entries, names, faults, postings), files)))
        }
        Ok(_) => Loaded::Damaged("the postings belong to another generation".to_owned()),
        Err(error) => Loaded::Damaged(error.to_string()),
    }
}

fn decode(bytes: &[u8]) -> Result<Read, Loaded> {
    let damaged = |reason: &str| Loaded::Damaged(format!("`snapshot` {reason}"));
    let head = bytes.iter().position(|byte| *byte == b'\n').ok_or_else(|| damaged("is cut short"))?;
    let format: u32 = std::str::from_utf8(&bytes[..head])
        .ok()
        .and_then(|line| line.strip_prefix(MAGIC)?.parse().ok())
        .ok_or_else(|| damaged("does not start as it should"))?;
    if format > FORMAT {
        return Err(Loaded::Newer(format));
    }
    if format < FORMAT {
        return Err(Loaded::Outdated);
    }
    let (hash, body) = bytes[head + 1..].split_at_checked(HASH_BYTES).ok_or_else(|| damaged("is cut short"))?;
    if blake3::hash(body).as_bytes() != hash {
        return Err(damaged("does not have the content it was written with"));
    }
    let (reader, rest) =
        postcard::take_from_bytes::<&str>(body).map_err(|_| damaged("does not name the program that wrote it"))?;
    if reader != READER {
        return Err(Loaded::Outdated);
    }
    postcard::from_bytes(rest).map_err(|error| damaged(&format!("cannot be decoded: {error}")))
}

/// Writes a generation beside its postings, in one step: a crash leaves the old one or the new one.
///
/// # Errors
/// When the folder cannot be written.
pub fn save(index: &Path, generation: &Generation, files: &Files) -> std::io::Result<()> {
    let written = Written {
        number: generation.number,
        files,
        entries: &generation.entries,
        names: &generation.names,
        faults: &generation.faults,
        postings: list(&postings_folder(index, generation.number)),
    };
    let encoded = |error: postcard::Error| std::io::Error::other(error);
    let body = postcard::to_stdvec(READER).map_err(encoded)?;
    let body = postcard::to_extend(&written, body).map_err(encoded)?;
    let temporary = index.join("snapshot.new");
    let mut file = std::fs::File::create(&temporary)?;
    writeln!(file, "{MAGIC}{FORMAT}")?;
    file.write_all(blake3::hash(&body).as_bytes())?;
    file.write_all(&body)?;
    // The name must not reach the disk before the content does.
    file.sync_all()?;
    std::fs::rename(&temporary, self::file(index))
}

/// Removes the postings of all generations but one. What cannot be removed stays until the next time.
pub fn remove_others(index: &Path, number: u64) {
    let keep = postings_folder(index, number);
    for entry in std::fs::read_dir(index.join("tantivy")).into_iter().flatten().flatten() {
        if entry.path() != keep {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Returns the highest number that a generation in this index folder ever had; 0 where there was none.
pub fn last_number(index: &Path) -> u64 {
    let folders = std::fs::read_dir(index.join("tantivy")).into_iter().flatten().flatten();
    folders.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).max().unwrap_or(0)
}

/// Returns name and size of each file of the postings in `folder`, by name. Lock files are no part of them.
pub fn list(folder: &Path) -> Vec<(String, u64)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<(String, u64)> = entries
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.metadata().ok()?.len())))
        .filter(|(name, _)| !name.ends_with(".lock"))
        .collect();
    files.sort();
    files
}
