//! What do the notes say now?
//!
//! Keeps an engine for all notes, and one for each folder that a channel is limited to, up to date on a timer, and
//! hands out their generations. Work on one runs on a thread of its own, a few at a time, within a deadline. The only
//! place where the bot meets the engine: whoever else brings generations changes this file.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;

use crate::answer::{self, Answer, Switches};
use crate::engine::{Engine, EngineError, Extent, Refreshed, Settings};
use crate::generation::Generation;
use crate::language::Languages;

/// How often the notes are looked at.
const EVERY: Duration = Duration::from_secs(2);

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

/// Why work was not done.
#[derive(Debug)]
pub(super) enum Undone {
    /// It did not end in time, or did not even start.
    Late,
    /// It panicked.
    Failed(String),
}

struct Scope {
    engine: Arc<Mutex<Engine>>,
    sender: watch::Sender<Arc<Generation>>,
}

/// All engines of the bot.
pub(super) struct Live {
    /// By folder; the empty one is all notes.
    scopes: BTreeMap<String, Scope>,
    languages: Arc<Languages>,
    switches: Arc<Switches>,
    turns: Arc<Semaphore>,
}

impl Live {
    /// Opens the notes, and each of the folders by itself.
    pub fn open<'a>(settings: &Settings, folders: impl Iterator<Item = &'a str>) -> Result<Self, EngineError> {
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
            let (sender, _) = watch::channel(Arc::clone(engine.generation()));
            scopes.insert(folder.to_owned(), Scope { engine: Arc::new(Mutex::new(engine)), sender });
        }
        let n_turns = std::thread::available_parallelism().map_or(2, usize::from);
        Ok(Self {
            scopes,
            languages: Arc::new(Languages::builtin()),
            switches: Arc::new(Switches::default()),
            turns: Arc::new(Semaphore::new(n_turns)),
        })
    }

    /// Returns the generation that answers now.
    pub fn reader(&self, scope: &str) -> Reader {
        let scope = self.scopes.get(scope.trim_matches('/')).or_else(|| self.scopes.get(""));
        let scope = scope.expect("the scope of all notes is always there");
        let generation = Arc::clone(&scope.sender.borrow());
        Reader { generation, languages: Arc::clone(&self.languages), switches: Arc::clone(&self.switches) }
    }

    /// Returns a receiver that is told of every new generation of all notes.
    pub fn changes(&self) -> watch::Receiver<Arc<Generation>> {
        self.scopes[""].sender.subscribe()
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

    /// Looks at the notes on a timer, for ever.
    pub async fn watch(&self) {
        loop {
            tokio::time::sleep(EVERY).await;
            if let Err(error) = self.refresh().await {
                tracing::warn!(reason = error, "the notes cannot be read; the last generation answers");
            }
        }
    }

    /// Brings all generations up to date; returns the first thing that was in the way.
    pub async fn refresh(&self) -> Result<(), String> {
        let mut failed = None;
        for (folder, scope) in &self.scopes {
            let engine = Arc::clone(&scope.engine);
            let refreshed = tokio::task::spawn_blocking(move || {
                let mut engine = engine.lock().unwrap_or_else(PoisonError::into_inner);
                let refreshed = engine.refresh(&|_, _, _| {});
                let notices: Vec<String> = engine.take_notices().iter().map(ToString::to_string).collect();
                refreshed.map(|refreshed| (refreshed, Arc::clone(engine.generation()), notices))
            });
            match refreshed.await {
                Ok(Ok((refreshed, generation, notices))) => {
                    notices.iter().for_each(|notice| tracing::warn!(notice, "while reading the notes"));
                    if refreshed == Refreshed::Replaced {
                        let n_notes = generation.entries.len();
                        let number = generation.number;
                        tracing::info!(folder, generation = number, notes = n_notes, "the notes have changed");
                        scope.sender.send_replace(generation);
                    }
                }
                Ok(Err(error)) => failed = failed.or(Some(error.to_string())),
                Err(error) => failed = failed.or(Some(error.to_string())),
            }
        }
        failed.map_or(Ok(()), Err)
    }
}

/// True when the folder is inside the notes.
pub(super) fn is_inside(notes: &Path, folder: &str) -> bool {
    let is_plain = !folder.is_empty() && !folder.split(['/', '\\']).any(|part| part == "..");
    is_plain && notes.join(folder.trim_matches('/')).is_dir()
}
