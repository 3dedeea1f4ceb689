//! What was answered, and what could not be?
//!
//! An embedded database (redb) of answers, so that their buttons work after a restart, and of gaps: questions that the
//! notes do not answer. Users stand in it as keyed hashes only. Knows nothing of chats or of the notes themselves.
//!
//! The file is opened for each use and closed again, so that the command line may read it while the bot runs.

mod cluster;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition, TableError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use cluster::{Cluster, clusters};

const ANSWERS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("answers");
/// From the id of a message to the answer that it shows.
const MESSAGES: TableDefinition<'_, u64, u64> = TableDefinition::new("messages");
const GAPS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("gaps");
const VALUES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("values");
const SALT: &str = "salt";
/// How long to wait for another process that uses the file at this moment.
const PATIENCE: Duration = Duration::from_secs(5);
const DAY: u64 = 86_400;

/// Why something cannot be kept or read back.
#[derive(Debug, thiserror::Error)]
#[error("the store `{}` cannot be used ({reason})", .path.display())]
pub struct StoreError {
    path: PathBuf,
    reason: String,
}

impl StoreError {
    /// Returns the next step, as a whole sentence.
    pub fn hint(&self) -> &'static str {
        "Check the permissions and the space on its disk, or name another file as `path` in `[store]` of bot.toml; the \
         file may be deleted, and answers and gaps are forgotten then."
    }
}

/// A line that decided an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Path of the note.
    pub note: String,
    /// Line, from 1.
    pub line: u32,
    /// The line.
    pub text: String,
}

/// An answer that buttons refer to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The question as the engine got it.
    pub question: String,
    /// Language of the answer.
    pub lang: String,
    /// Folder of the notes that it was limited to; empty for all.
    pub scope: String,
    /// Hash of who asked.
    pub asker: u64,
    /// The channel.
    pub channel: u64,
    /// The message; 0 until it is sent.
    pub message: u64,
    /// Seen by the asker alone.
    pub is_private: bool,
    /// When, in seconds since 1970.
    pub at: u64,
    /// Number of the generation that answered.
    pub generation: u64,
    /// The options that were chosen.
    pub choices: Vec<String>,
    /// All options that took part.
    pub options: Vec<String>,
    /// The deciding lines.
    pub rows: Vec<Row>,
    /// Is told when it changes.
    pub is_followed: bool,
}

/// Why a question is a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapKind {
    /// The notes do not say.
    Unknown,
    /// Somebody logged it with the button.
    Logged,
    /// Somebody said that the answer is wrong.
    Wrong,
}

/// A question that the notes do not answer well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The question.
    pub question: String,
    /// Its language.
    pub lang: String,
    /// Why it is one.
    pub kind: GapKind,
    /// What the user wrote about it.
    pub reason: String,
    /// Words that no note has.
    pub missing: Vec<String>,
    /// Hash of the user.
    pub user: u64,
    /// When, in seconds since 1970.
    pub at: u64,
    /// Number of the generation that answered.
    pub generation: u64,
}

/// The file.
pub struct Store {
    path: PathBuf,
    // One use at a time: the file is locked against ourselves too.
    turn: Mutex<()>,
    salt: [u8; 32],
}

impl Store {
    /// Opens the file, or makes it with its folder.
    ///
    /// # Errors
    /// When it cannot be written or is no store.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let failed = |reason: String| StoreError { path: path.to_owned(), reason };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
        }
        let mut store = Self { path: path.to_owned(), turn: Mutex::new(()), salt: [0; 32] };
        let mut fresh = [0; 32];
        getrandom::fill(&mut fresh).map_err(|error| failed(error.to_string()))?;
        store.salt = store.write(|tables| {
            let known = tables.values.get(SALT)?.and_then(|salt| <[u8; 32]>::try_from(salt.value()).ok());
            if known.is_none() {
                tables.values.insert(SALT, fresh.as_slice())?;
            }
            Ok(known.unwrap_or(fresh))
        })?;
        Ok(store)
    }

    /// Returns the hash under which a user stands in the store; without the file it leads back to nobody.
    pub fn hash(&self, user: u64) -> u64 {
        let hash = blake3::keyed_hash(&self.salt, &user.to_le_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&hash.as_bytes()[..8]);
        u64::from_le_bytes(first)
    }

    /// Returns an id that no answer has yet.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn fresh_id(&self) -> Result<u64, StoreError> {
        getrandom::u64().map_err(|error| self.failed(error.to_string()))
    }

    /// Keeps an answer.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(&self, id: u64, kept: &Kept) -> Result<(), StoreError> {
        let bytes = self.bytes(kept)?;
        self.write(|tables| {
            tables.answers.insert(id, bytes.as_slice())?;
            if kept.message != 0 {
                tables.messages.insert(kept.message, id)?;
            }
            Ok(())
        })
    }

    /// Notes which message shows an answer.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn sent(&self, id: u64, channel: u64, message: u64) -> Result<(), StoreError> {
        if let Some(mut kept) = self.answer(id)? {
            (kept.channel, kept.message) = (channel, message);
            self.keep(id, &kept)?;
        }
        Ok(())
    }

    /// Returns an answer, if it is still known.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn answer(&self, id: u64) -> Result<Option<Kept>, StoreError> {
        self.read(|database| match database.open_table(ANSWERS) {
            Ok(table) => Ok(table.get(id)?.and_then(|bytes| value(bytes.value()))),
            Err(error) => absent(error, None),
        })
    }

    /// Returns the answer that a message shows, with its id.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn shown_by(&self, message: u64) -> Result<Option<(u64, Kept)>, StoreError> {
        let id = self.read(|database| match database.open_table(MESSAGES) {
            Ok(table) => Ok(table.get(message)?.map(|id| id.value())),
            Err(error) => absent(error, None),
        })?;
        match id {
            Some(id) => Ok(self.answer(id)?.map(|kept| (id, kept))),
            None => Ok(None),
        }
    }

    /// Returns the answers since a time, newest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn answers_since(&self, time: u64) -> Result<Vec<(u64, Kept)>, StoreError> {
        let mut answers: Vec<(u64, Kept)> = self.read(|database| match database.open_table(ANSWERS) {
            Ok(table) => all(&table),
            Err(error) => absent(error, Vec::new()),
        })?;
        answers.retain(|(_, kept)| kept.at >= time);
        answers.sort_by_key(|(id, kept)| (u64::MAX - kept.at, *id));
        Ok(answers)
    }

    /// Keeps a gap.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add_gap(&self, gap: &Gap) -> Result<(), StoreError> {
        let (id, bytes) = (self.fresh_id()?, self.bytes(gap)?);
        self.write(|tables| {
            tables.gaps.insert(id, bytes.as_slice())?;
            Ok(())
        })
    }

    /// Returns the gaps, newest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn gaps(&self) -> Result<Vec<Gap>, StoreError> {
        let mut gaps: Vec<(u64, Gap)> = self.read(|database| match database.open_table(GAPS) {
            Ok(table) => all(&table),
            Err(error) => absent(error, Vec::new()),
        })?;
        gaps.sort_by_key(|(id, gap)| (u64::MAX - gap.at, *id));
        Ok(gaps.into_iter().map(|(_, gap)| gap).collect())
    }

    /// Forgets what is older than so many days; returns how many answers and gaps that were.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn forget_before(&self, now: u64, keep_days: u32) -> Result<usize, StoreError> {
        let since = now.saturating_sub(u64::from(keep_days) * DAY);
        self.forget(&|kept| kept.at < since, &|gap| gap.at < since)
    }

    /// Forgets everything that a user asked or said; returns how many answers and gaps that were.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn forget_user(&self, user: u64) -> Result<usize, StoreError> {
        let hash = self.hash(user);
        self.forget(&|kept| kept.asker == hash, &|gap| gap.user == hash)
    }

    fn forget(&self, answer: &dyn Fn(&Kept) -> bool, gap: &dyn Fn(&Gap) -> bool) -> Result<usize, StoreError> {
        self.write(|tables| {
            let (mut n_forgotten, mut messages) = (0, Vec::new());
            tables.answers.retain(|_, bytes| {
                let kept: Option<Kept> = value(bytes);
                let is_kept = kept.as_ref().is_some_and(|kept| !answer(kept));
                if !is_kept {
                    n_forgotten += 1;
                    messages.extend(kept.map(|kept| kept.message));
                }
                is_kept
            })?;
            for message in messages {
                tables.messages.remove(message)?;
            }
            tables.gaps.retain(|_, bytes| {
                let is_kept = value(bytes).is_some_and(|kept| !gap(&kept));
                n_forgotten += usize::from(!is_kept);
                is_kept
            })?;
            Ok(n_forgotten)
        })
    }

    /// Returns a value under a name.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn get(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.read(|database| match database.open_table(VALUES) {
            Ok(table) => Ok(table.get(name)?.and_then(|text| String::from_utf8(text.value().to_vec()).ok())),
            Err(error) => absent(error, None),
        })
    }

    /// Keeps a value under a name.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn set(&self, name: &str, text: &str) -> Result<(), StoreError> {
        self.write(|tables| {
            tables.values.insert(name, text.as_bytes())?;
            Ok(())
        })
    }

    fn failed(&self, reason: String) -> StoreError {
        StoreError { path: self.path.clone(), reason }
    }

    fn bytes(&self, value: &impl Serialize) -> Result<Vec<u8>, StoreError> {
        serde_json::to_vec(value).map_err(|error| self.failed(error.to_string()))
    }

    /// Opens the file for one use, waiting for others that do the same.
    fn with<T>(&self, run: impl FnOnce(&Database) -> Result<T, redb::Error>) -> Result<T, StoreError> {
        let _turn = self.turn.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let start = Instant::now();
        let database = loop {
            match Database::create(&self.path) {
                Err(DatabaseError::DatabaseAlreadyOpen) if start.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                opened => break opened.map_err(|error| self.failed(error.to_string()))?,
            }
        };
        run(&database).map_err(|error| self.failed(error.to_string()))
    }

    fn read<T>(&self, run: impl FnOnce(&redb::ReadTransaction) -> Result<T, redb::Error>) -> Result<T, StoreError> {
        self.with(|database| run(&database.begin_read()?))
    }

    fn write<T>(&self, run: impl FnOnce(&mut Tables<'_>) -> Result<T, redb::Error>) -> Result<T, StoreError> {
        self.with(|database| {
            let transaction = database.begin_write()?;
            let value = {
                let mut tables = Tables {
                    answers: transaction.open_table(ANSWERS)?,
                    messages: transaction.open_table(MESSAGES)?,
                    gaps: transaction.open_table(GAPS)?,
                    values: transaction.open_table(VALUES)?,
                };
                run(&mut tables)?
            };
            transaction.commit()?;
            Ok(value)
        })
    }
}

struct Tables<'a> {
    answers: redb::Table<'a, u64, &'static [u8]>,
    messages: redb::Table<'a, u64, u64>,
    gaps: redb::Table<'a, u64, &'static [u8]>,
    values: redb::Table<'a, &'static str, &'static [u8]>,
}

/// A table that nothing was written to yet holds nothing.
fn absent<T>(error: TableError, nothing: T) -> Result<T, redb::Error> {
    match error {
        TableError::TableDoesNotExist(_) => Ok(nothing),
        error => Err(error.into()),
    }
}

/// Reads a value; one of another version counts as not there.
fn value<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    serde_json::from_slice(bytes).ok()
}

fn all<T: DeserializeOwned>(table: &impl ReadableTable<u64, &'static [u8]>) -> Result<Vec<(u64, T)>, redb::Error> {
    let mut values = Vec::new();
    for pair in table.iter()? {
        let (id, bytes) = pair?;
        values.extend(value(bytes.value()).map(|value| (id.value(), value)));
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(asker: u64, at: u64) -> Kept {
        Kept {
            question: "which flour?".to_owned(),
            lang: "en".to_owned(),
            scope: String::new(),
            asker,
            channel: 1,
            message: 0,
            is_private: false,
            at,
            generation: 1,
            choices: vec!["Rye".to_owned()],
            options: vec!["Rye".to_owned(), "Spelt".to_owned()],
            rows: Vec::new(),
            is_followed: true,
        }
    }

    fn gap(user: u64, at: u64) -> Gap {
        Gap {
            question: "which tyre?".to_owned(),
            lang: "en".to_owned(),
            kind: GapKind::Unknown,
            reason: String::new(),
            missing: vec!["tyre".to_owned()],
            user,
            at,
            generation: 1,
        }
    }

    #[test]
    fn what_is_kept_is_there_after_opening_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("deep").join("store");
        let store = Store::open(&path).expect("a store");
        let hash = store.hash(7);
        store.keep(5, &kept(hash, 100)).expect("kept");
        store.sent(5, 8, 9).expect("sent");
        store.add_gap(&gap(hash, 100)).expect("kept");
        store.set("name", "value").expect("kept");
        let again = Store::open(&path).expect("a store");
        assert_eq!(again.hash(7), hash, "the same user has the same hash");
        let (id, answer) = again.shown_by(9).expect("read").expect("known");
        assert_eq!((id, answer.channel, answer.choices), (5, 8, vec!["Rye".to_owned()]));
        assert_eq!(again.gaps().expect("read"), [gap(hash, 100)]);
        assert_eq!(again.get("name").expect("read").as_deref(), Some("value"));
        assert_eq!(again.answer(6).expect("read"), None);
        let other = Store::open(&folder.path().join("other")).expect("a store");
        assert_ne!(other.hash(7), hash, "another store has other hashes");
    }

    #[test]
    fn time_and_users_can_be_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("store")).expect("a store");
        for (id, user, day) in [(1, 7, 1), (2, 8, 1), (3, 7, 9), (4, 8, 9)] {
            store.keep(id, &kept(store.hash(user), day * DAY)).expect("kept");
            store.add_gap(&gap(store.hash(user), day * DAY)).expect("kept");
        }
        assert_eq!(store.forget_before(10 * DAY, 5).expect("forgotten"), 4);
        assert_eq!(store.forget_user(7).expect("forgotten"), 2);
        let left: Vec<u64> = store.answers_since(0).expect("read").into_iter().map(|(id, _)| id).collect();
        assert_eq!((left, store.gaps().expect("read").len()), (vec![4], 1));
    }

    #[test]
    fn a_file_that_is_no_store_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("store");
        std::fs::write(&path, "no store ".repeat(1_000)).expect("a file");
        let error = Store::open(&path).err().expect("refused");
        assert!(error.to_string().contains("cannot be used"), "{error}");
    }
}
