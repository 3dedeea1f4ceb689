//! What do the notes say now?
//!
//! Keeps a watcher on all notes, and one on each folder that a channel is limited to, and hands out their generations.
//! Work on one runs on a thread of its own, a few at a time, within a deadline. The only place where the bot meets the
//! engine.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;

use super::StartError;
use super::ask::Sides;
use crate::answer::{self, Answer, Comparison, Switches};
use crate::engine::{Engine, Extent, Settings};
use crate::generation::Generation;
use crate::language::Languages;
use crate::watch::{NATIVE_HINT, News, Options, Watcher};

/// One generation with what is needed to ask it. A question takes one and keeps it.
#[derive(Clone)]
pub(super) struct Reader {
    pub generation: Arc<Generation>,
    languages: Arc<Languages>,
    switches: Arc<Switches>,
}

impl Reader {
    pub fn ask(&self, question: &str) -> Answer {
        let start = std::time::Instant::now();
        let mut answer = answer::ask(question.trim(), &self.generation, &self.languages, &self.switches, false);
        answer.elapsed_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        answer
    }
}

impl Reader {
    /// Puts two options side by side; none where the notes do not name or compare them.
    pub fn compare(&self, sides: &Sides) -> Option<Comparison> {
        let names = sides.names.each_ref().map(String::as_str);
        answer::compare(names, sides.on.as_deref(), &self.generation, &self.languages).ok()
    }
}

/// Why work was not done.
#[derive(Debug)]
pub(super) enum Undone {
    /// It did not end in time, or did not even start.
    Late,
    /// It panicked.
    Failed(String),
}

/// All notes that the bot answers from.
pub(super) struct Live {
    /// By folder; the empty one is all notes.
    scopes: BTreeMap<String, Watcher>,
    /// Tells of every new generation, of whichever scope.
    changes: watch::Sender<()>,
    languages: Arc<Languages>,
    switches: Arc<Switches>,
    turns: Arc<Semaphore>,
}

impl Live {
    /// Opens the notes, and each of the folders by itself, and follows them from then on.
    pub fn open<'a>(
        settings: &Settings,
        options: Options,
        folders: impl Iterator<Item = &'a str>,
    ) -> Result<Self, StartError> {
        let (changes, _) = watch::channel(());
        let mut scopes = BTreeMap::new();
        for folder in std::iter::once("").chain(folders) {
            let folder = folder.trim_matches('/');
            if scopes.contains_key(folder) {
                continue;
            }
            let mut settings = settings.clone();
            if !folder.is_empty() {
                // Golden questions are about all notes.
                settings.golden = None;
                settings.notes.push(folder);
                settings.index.push("folders");
                settings.index.push(blake3::hash(folder.as_bytes()).to_hex().as_str());
            }
            let engine = Engine::open(settings, Extent::Changes, &|_, _, _| {})?;
            let (own, changes) = (folder.to_owned(), changes.clone());
            let tell = move |news: News| {
                let is_new = matches!(news, News::Replaced { .. });
                log(&own, news);
                if is_new {
                    changes.send_replace(());
                }
            };
            let watcher = Watcher::start(engine, options, tell).map_err(|error| {
                let message = format!("the system gives no word of changes in the notes folder ({error})");
                StartError::usage(message, NATIVE_HINT)
            })?;
            scopes.insert(folder.to_owned(), watcher);
        }
        let n_turns = std::thread::available_parallelism().map_or(2, usize::from);
        Ok(Self {
            scopes,
            changes,
            languages: Arc::new(Languages::builtin()),
            switches: Arc::new(Switches::default()),
            turns: Arc::new(Semaphore::new(n_turns)),
        })
    }

    /// Returns the generation that answers now.
    pub fn reader(&self, scope: &str) -> Reader {
        let scope = self.scopes.get(scope.trim_matches('/')).or_else(|| self.scopes.get(""));
        let scope = scope.expect("the scope of all notes is always there");
        let generation = scope.generation();
        Reader { generation, languages: Arc::clone(&self.languages), switches: Arc::clone(&self.switches) }
    }

    /// Returns a receiver that is told of every new generation.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// Runs work on a thread of its own, when it is its turn.
    pub async fn compute<T: Send + 'static>(
        &self,
        deadline: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Undone> {
        let end = Instant::now() + deadline;
        let turn = tokio::time::timeout_at(end, Arc::clone(&self.turns).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(Undone::Late);
        };
        // The turn ends with the work, also where nobody waits for it any more.
        let running = tokio::task::spawn_blocking(move || {
            let value = work();
            drop(turn);
            value
        });
        match tokio::time::timeout_at(end, running).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(Undone::Failed(error.to_string())),
            Err(_) => Err(Undone::Late),
        }
    }

    /// Looks at all notes now and waits until what changed is taken over; returns the first thing that was in the way.
    pub async fn look(&self, deadline: Duration) -> Result<(), String> {
        let end = std::time::Instant::now() + deadline;
        let looks: Vec<_> = self.scopes.values().map(Watcher::look).collect();
        let looked = tokio::task::spawn_blocking(move || {
            let mut failed = None;
            for look in looks {
                match look.recv_timeout(end.saturating_duration_since(std::time::Instant::now())) {
                    Ok(state) => failed = failed.or(state.last_error),
                    Err(RecvTimeoutError::Timeout) => {
                        return Err(format!("the notes are not read after {} s; it goes on", deadline.as_secs()));
                    }
                    Err(RecvTimeoutError::Disconnected) => return Err("nobody looks at the notes any more".to_owned()),
                }
            }
            failed.map_or(Ok(()), Err)
        });
        looked.await.unwrap_or_else(|error| Err(error.to_string()))
    }

    /// Asks all watchers to end after what they are at.
    pub fn stop(&self) {
        self.scopes.values().for_each(|watcher| watcher.stopper().stop());
    }

    /// Ends all watchers, or leaves them to themselves after a while. Returns whether all have ended.
    pub fn end(&self, limit: Duration) -> bool {
        let end = std::time::Instant::now() + limit;
        self.stop();
        let left = || end.saturating_duration_since(std::time::Instant::now());
        // Each is waited for, also after one that was late.
        self.scopes.values().filter(|watcher| !watcher.end(left())).count() == 0
    }
}

/// Writes what happened to the notes into the log; a watcher tells each thing once.
fn log(folder: &str, news: News) {
    match news {
        News::Replaced { generation, n_read, took } => {
            let (number, n_notes) = (generation.number, generation.entries.len());
            let duration_ms = took.as_millis();
            tracing::info!(folder, generation = number, notes = n_notes, n_read, duration_ms, "the notes have changed");
        }
        News::Polling(reason) => tracing::info!(folder, reason, "the notes are looked at now and then"),
        News::Failed { message, hint } => {
            tracing::warn!(
                folder,
                reason = message,
                hint,
                "the notes cannot be taken over; the last generation answers"
            );
        }
        News::Recovered => tracing::info!(folder, "the notes are up to date again"),
        News::Notice(notice) => tracing::warn!(folder, %notice, hint = notice.hint(), "while reading the notes"),
    }
}

/// True when the folder is inside the notes.
pub(super) fn is_inside(notes: &Path, folder: &str) -> bool {
    let is_plain = !folder.is_empty() && !folder.split(['/', '\\']).any(|part| part == "..");
    is_plain && notes.join(folder.trim_matches('/')).is_dir()
}
