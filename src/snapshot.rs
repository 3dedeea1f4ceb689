//! What did we know last time?
//!
//! Keeps a generation on disk, so that a question on unchanged notes parses nothing. The file `snapshot` says what there
//! is; `packs/NUMBER` hold the notes with their claims, each as the generation of that number read it, and
//! `tantivy/NUMBER` the postings. Packs and postings are never changed once they are named: an update adds a pack of
//! what it read, names it in a new snapshot, and that one replaces its predecessor in one step. This is the only commit
//! point: a reader sees the old state or the new one. Safe to delete: the next question builds it again. Decides nothing
//! about freshness.

use std::io::{BufWriter, Read as _, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use crate::claim::Names;
use crate::generation::{self, Entries, Entry, Generation, Keeper, ReadTables, Tables};
use crate::index::Postings;
use crate::language::Languages;
use crate::vault::{self, Fault};

/// The layout of the file. A file of a higher number was written by a newer program.
pub const FORMAT: u32 = 3;
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
    /// Where the note is kept; none before it is saved.
    pub place: Option<Place>,
}

/// Where a note with its claims is kept.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Number of the pack.
    pack: u64,
    /// Its first byte.
    start: u64,
    /// How many bytes it takes.
    size: u64,
    /// Start of the hash of its bytes.
    sum: u64,
}

/// The files that a generation was made of, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Files {
    /// When the notes folder was listed, in nanoseconds since 1970. What changed since then may be missing.
    pub scanned: u64,
    /// When the generation was built, in seconds since 1970.
    pub built: u64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// Number and size of each pack that the notes are kept in.
    pub packs: Vec<(u64, u64)>,
    /// The files, by path.
    pub files: Vec<File>,
}

impl Files {
    /// Returns the files of a generation that was scanned at a time, in nanoseconds since 1970. `before` are those of
    /// the generation that some of the places are from.
    pub fn new(scanned: u64, files: Vec<File>, before: Option<&Self>) -> Self {
        let packs = before.map_or_else(Vec::new, |before| before.packs.clone());
        Self { scanned, built: scanned / 1_000_000_000, took_ms: 0, packs, files }
    }
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

/// All that `snapshot` holds.
#[derive(Serialize)]
struct Written<'a> {
    number: u64,
    files: &'a Files,
    tables: Tables<'a>,
    faults: &'a [Fault],
    /// Name and size of each file of the postings: one that is cut short or gone is noticed without reading it.
    postings: Vec<(String, u64)>,
}

/// The same as it is read. Invariant: the fields of [`Written`], in its order.
#[derive(Deserialize)]
struct Read {
    number: u64,
    files: Files,
    tables: ReadTables,
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

fn pack_file(index: &Path, number: u64) -> PathBuf {
    index.join("packs").join(number.to_string())
}

/// Loads the last complete generation of an index folder. Its notes are read when they are asked for; one that does not
/// have the content it was written with any more is read out of the folder `notes` again. Cost: linear in the number of
/// notes and names, with a small factor.
pub fn load(index: &Path, notes: &Path) -> Loaded {
    match load_once(index, notes) {
        // Another process may have replaced the pair between the two halves.
        Loaded::Damaged(_) => load_once(index, notes),
        loaded => loaded,
    }
}

fn load_once(index: &Path, notes: &Path) -> Loaded {
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
            let Read { number, files, tables, faults, .. } = read;
            let entries = match keeper(index, notes, &files, tables.names()) {
                Ok(keeper) => Entries::kept(files.files.len(), keeper),
                Err(reason) => return Loaded::Damaged(reason),
            };
            match Generation::restore(number, tables, faults, postings, entries) {
                Some(generation) => Loaded::Complete(Box::new((generation, files))),
                None => Loaded::Damaged("the parts of `snapshot` do not fit together".to_owned()),
            }
        }
        Ok(_) => Loaded::Damaged("the postings belong to another generation".to_owned()),
        Err(error) => Loaded::Damaged(error.to_string()),
    }
}

/// Opens the packs and returns what reads notes out of them, or what is wrong.
fn keeper(index: &Path, notes: &Path, files: &Files, names: &Names) -> Result<Keeper, String> {
    let mut packs = FxHashMap::default();
    for (number, size) in &files.packs {
        let opened = std::fs::File::open(pack_file(index, *number)).and_then(|file| Ok((file.metadata()?.len(), file)));
        let (found, file) = opened.map_err(|error| format!("`packs/{number}` cannot be read: {error}"))?;
        if found != *size {
            return Err(format!("`packs/{number}` has {found} bytes instead of {size}"));
        }
        // It stays open: another process may remove it from the folder.
        packs.insert(*number, Mutex::new(file));
    }
    let places: Vec<(String, Option<Place>)> =
        files.files.iter().map(|file| (file.entry.path.clone(), file.place)).collect();
    let (notes, names) = (notes.to_owned(), names.clone());
    Ok(Box::new(move |at| {
        let (path, place) = &places[at];
        let entry = place.and_then(|place| read_place(&packs, place)).unwrap_or_else(|| {
            // The disk changed its mind. The file is as it was, or the generation would not be in use.
            generation::read_one(path, vault::read(&notes, path).text, &names, &Languages::builtin())
        });
        Arc::new(entry)
    }))
}

fn read_place(packs: &FxHashMap<u64, Mutex<std::fs::File>>, place: Place) -> Option<Entry> {
    let mut bytes = vec![0; usize::try_from(place.size).ok()?];
    {
        let mut pack = packs.get(&place.pack)?.lock().unwrap_or_else(PoisonError::into_inner);
        pack.seek(SeekFrom::Start(place.start)).ok()?;
        pack.read_exact(&mut bytes).ok()?;
    }
    (sum(&bytes) == place.sum).then(|| postcard::from_bytes(&bytes).ok())?
}

/// Returns the start of the hash of some bytes: enough to notice damage.
fn sum(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(blake3::hash(bytes).as_bytes()[..8].try_into().expect("a hash has 32 bytes"))
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
/// Writes the notes that have no place in `files` yet, and gives them one. Cost: linear in what these hold, and in the
/// number of all notes with a small factor.
///
/// # Errors
/// When the folder cannot be written.
pub fn save(index: &Path, generation: &Generation, files: &mut Files) -> std::io::Result<()> {
    let encoded = |error: postcard::Error| std::io::Error::other(error);
    repack(files);
    write_pack(index, generation, files)?;
    let written = Written {
        number: generation.number,
        files,
        tables: generation.tables(),
        faults: &generation.faults,
        postings: list(&postings_folder(index, generation.number)),
    };
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

/// Writes the notes that have no place as one pack.
fn write_pack(index: &Path, generation: &Generation, files: &mut Files) -> std::io::Result<()> {
    let entry = |at: usize| {
        let bytes = postcard::to_stdvec(&**generation.entries.get(at)).map_err(std::io::Error::other)?;
        let sum = sum(&bytes);
        Ok((bytes, sum))
    };
    let without: Vec<usize> = (0..files.files.len()).filter(|at| files.files[*at].place.is_none()).collect();
    // Of a full build this is the last step, and no other work is left for the other threads.
    let entries: Vec<(Vec<u8>, u64)> = without.par_iter().map(|at| entry(*at)).collect::<std::io::Result<_>>()?;
    if entries.is_empty() {
        return Ok(());
    }
    std::fs::create_dir_all(index.join("packs"))?;
    let mut pack = BufWriter::new(std::fs::File::create(pack_file(index, generation.number))?);
    let mut start = 0;
    for (at, (bytes, sum)) in without.into_iter().zip(entries) {
        pack.write_all(&bytes)?;
        let size = bytes.len() as u64;
        files.files[at].place = Some(Place { pack: generation.number, start, size, sum });
        start += size;
    }
    pack.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
    files.packs.push((generation.number, start));
    Ok(())
}

/// Chooses the packs that stay and takes the notes of the others out of them, to be written again.
///
/// A pack goes when less than half of it is still in use, or when it is small beside what is written now: packs then
/// double in size, and a note is written again only as often as there are doublings.
fn repack(files: &mut Files) {
    let n_placed = files.files.iter().filter(|file| file.place.is_some()).count();
    let n_new = files.files.len() - n_placed;
    if n_new == 0 {
        return;
    }
    let mut used: FxHashMap<u64, u64> = FxHashMap::default();
    for place in files.files.iter().filter_map(|file| file.place) {
        *used.entry(place.pack).or_default() += place.size;
    }
    files.packs.sort_by_key(|(number, size)| (*size, *number));
    // What is written now is not known in bytes yet; notes are about as large as one another.
    let mut written = used.values().sum::<u64>().checked_div(n_placed as u64).unwrap_or(0) * n_new as u64;
    let mut going: FxHashSet<u64> = FxHashSet::default();
    for (number, size) in &files.packs {
        let n_used = used.get(number).copied().unwrap_or(0);
        if n_used * 2 < *size || *size <= written * 2 {
            written += n_used;
            going.insert(*number);
        }
    }
    for file in files.files.iter_mut().filter(|file| file.place.is_some_and(|place| going.contains(&place.pack))) {
        file.place = None;
    }
    files.packs.retain(|(number, _)| !going.contains(number));
}

/// Removes the postings of all generations but one, and the packs that it does not name. What cannot be removed stays
/// until the next time.
pub fn remove_others(index: &Path, number: u64, files: &Files) {
    // Only what this program names: somebody may have chosen a folder with files of their own.
    let is_ours =
        |entry: &std::fs::DirEntry| entry.file_name().to_str().is_some_and(|name| name.parse::<u64>().is_ok());
    let keep = postings_folder(index, number);
    for entry in std::fs::read_dir(index.join("tantivy")).into_iter().flatten().flatten().filter(&is_ours) {
        if entry.path() != keep {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    let packs: FxHashSet<PathBuf> = files.packs.iter().map(|(number, _)| pack_file(index, *number)).collect();
    for entry in std::fs::read_dir(index.join("packs")).into_iter().flatten().flatten().filter(&is_ours) {
        if !packs.contains(&entry.path()) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// True when the index folder holds a file of somebody else under a name that this program writes to.
pub fn is_foreign(index: &Path) -> bool {
    let mut start = [0; MAGIC.len()];
    let read = std::fs::File::open(file(index)).and_then(|mut file| file.read_exact(&mut start));
    let is_there = std::fs::metadata(file(index)).is_ok_and(|found| found.len() > 0);
    is_there && !index.join("tantivy").exists() && (read.is_err() || start != MAGIC.as_bytes())
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
