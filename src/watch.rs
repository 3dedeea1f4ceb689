//! When did the notes change, and who knows of it?
//!
//! A thread that owns the engine, waits for changes and brings the generation up to date; everybody else reads the last
//! complete one without waiting. What the system reports is only a reason to look: which notes changed is found by
//! comparing the folder with the generation, so a lost, doubled or overflown report costs time and nothing else.
//!
//! Reports are gathered until it has been quiet for a while, over the whole folder. (A debouncer that waits for each
//! path by itself would cut a checkout of many notes into many updates.)

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use arc_swap::ArcSwap;
use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use serde::{Deserialize, Serialize};

use crate::answer::{Answer, Switches};
use crate::engine::{self, Engine, EngineError, Notice, QuestionError, Refreshed, Settings};
use crate::generation::Generation;
use crate::language::Languages;

/// However busy the folder is, an update comes after this.
const WAIT_LIMIT: Duration = Duration::from_secs(5);
/// The system's word is checked by a look this often.
const CHECK: Duration = Duration::from_secs(60);
/// After a failure another try comes this soon.
const RETRY: Duration = Duration::from_secs(1);

/// How changes are noticed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// By the system's word where the folder's file system gives it, else by looking.
    #[default]
    Auto,
    /// By the system's word, or not at all.
    Native,
    /// By looking at the folder now and then.
    Poll,
}

/// How the watcher works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How changes are noticed.
    pub mode: Mode,
    /// How long it must be quiet before an update.
    pub wait: Duration,
    /// How often the folder is looked at where the system gives no word.
    pub poll: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { mode: Mode::Auto, wait: Duration::from_millis(100), poll: Duration::from_secs(5) }
    }
}

/// What happened, for the log and for those who keep something that a generation outdates.
pub enum News {
    /// Changes are noticed by looking, for this reason.
    Polling(String),
    /// From now on this generation answers.
    Replaced {
        /// The generation.
        generation: Arc<Generation>,
        /// How many of its notes were read, or read again.
        n_read: usize,
        /// How long that took.
        took: Duration,
    },
    /// The generation of before answers on.
    Failed {
        /// What happened.
        message: String,
        /// What helps.
        hint: String,
    },
    /// What failed before works again.
    Recovered,
    /// Something to know beside.
    Notice(Notice),
}

/// How it stands.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Since when the generation misses changes; none where it is up to date.
    pub stale_since: Option<SystemTime>,
    /// Why the last update failed; none where it did not.
    pub last_error: Option<String>,
    /// How long the last update took.
    pub took: Duration,
}

struct Shared {
    generation: ArcSwap<Generation>,
    languages: Arc<Languages>,
    state: Mutex<State>,
}

/// What helps where the system gives no word and the operator wants nothing else.
pub const NATIVE_HINT: &str = "Choose `mode = \"auto\"` or `mode = \"poll\"` under `[watch]` in bot.toml, or raise the \
                               system's limit of watched files.";

enum Message {
    /// Something in the notes folder changed.
    Notes,
    /// The notes folder itself came, went or was replaced.
    Root,
    /// Another process may have written the index.
    Index,
    /// Somebody wants to know how it stands after a look.
    Look(Sender<State>),
    Stop,
}

/// A notes folder that is kept up to date.
pub struct Watcher {
    shared: Arc<Shared>,
    send: Sender<Message>,
    /// None once somebody waits for its end, or gave up waiting.
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Ends a watcher from elsewhere, such as the handler of a signal.
#[derive(Clone)]
pub struct Stop(Sender<Message>);

impl Stop {
    /// Asks the watcher to end after what it is at.
    pub fn stop(&self) {
        let _ = self.0.send(Message::Stop);
    }
}

impl Watcher {
    /// Watches the notes of an engine, in a thread of its own. `tell` hears of everything, in that thread: let it send
    /// on what takes time.
    ///
    /// # Errors
    /// When the mode is [`Mode::Native`] and the system gives no word of this folder.
    pub fn start(
        engine: Engine,
        options: Options,
        mut tell: impl FnMut(News) + Send + 'static,
    ) -> Result<Self, notify::Error> {
        let (send, receive) = mpsc::channel();
        let shared = Arc::new(Shared {
            generation: ArcSwap::new(Arc::clone(engine.generation())),
            languages: Arc::clone(engine.languages()),
            state: Mutex::default(),
        });
        let sentry = match Sentry::post(engine.settings(), options, &send) {
            Ok(sentry) => sentry,
            Err(error) if options.mode == Mode::Native => return Err(error),
            Err(error) => Sentry::Looking(Some(error.to_string())),
        };
        if let Sentry::Looking(Some(reason)) = &sentry {
            tell(News::Polling(reason.clone()));
        }
        let mut duty = Duty {
            engine,
            options,
            sentry,
            send: send.clone(),
            receive,
            shared: Arc::clone(&shared),
            has_failed: false,
            is_refused: false,
        };
        // What changed before the watch began.
        duty.refresh(&mut tell);
        let thread = std::thread::Builder::new().name("watch".to_owned()).spawn(move || duty.run(&mut tell))?;
        Ok(Self { shared, send, thread: Mutex::new(Some(thread)) })
    }

    /// Returns the last complete generation. Never waits.
    pub fn generation(&self) -> Arc<Generation> {
        self.shared.generation.load_full()
    }

    /// Answers a question from the last complete generation, whatever happens meanwhile.
    ///
    /// # Errors
    /// When it is no question: empty, without words, too long.
    pub fn ask(&self, question: &str, switches: &Switches, explain: bool) -> Result<Answer, QuestionError> {
        engine::ask(question, &self.generation(), &self.shared.languages, switches, explain)
    }

    /// Returns how it stands.
    pub fn state(&self) -> State {
        self.shared.state()
    }

    /// Looks at the folder now, whatever the system says and however busy it is. The receiver gets how it stands after
    /// that look; it is cut off where the watcher ends before.
    pub fn look(&self) -> Receiver<State> {
        let (send, receive) = mpsc::channel();
        let _ = self.send.send(Message::Look(send));
        receive
    }

    /// Returns what ends this watcher from elsewhere.
    pub fn stopper(&self) -> Stop {
        Stop(self.send.clone())
    }

    /// Waits until somebody stops it.
    pub fn join(self) {
        if let Some(thread) = self.take_thread() {
            let _ = thread.join();
        }
    }

    /// Stops it and waits for what it is at, but no longer than this: then the thread is left to itself, and ends after
    /// that. Returns whether it has ended.
    pub fn end(&self, limit: Duration) -> bool {
        let end = Instant::now() + limit;
        self.stopper().stop();
        let Some(thread) = self.take_thread() else { return true };
        while !thread.is_finished() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(5));
        }
        thread.is_finished()
    }

    fn take_thread(&self) -> Option<JoinHandle<()>> {
        self.thread.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Shared {
    fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.send.send(Message::Stop);
        if let Some(thread) = self.take_thread() {
            let _ = thread.join();
        }
    }
}

/// What the thread works with.
struct Duty {
    engine: Engine,
    options: Options,
    sentry: Sentry,
    send: Sender<Message>,
    receive: Receiver<Message>,
    shared: Arc<Shared>,
    has_failed: bool,
    /// Golden questions refuse the notes as they are: trying again without a change leads to the same.
    is_refused: bool,
}

impl Duty {
    fn run(mut self, tell: &mut dyn FnMut(News)) {
        // The first edit needs all notes, and would wait for those that nobody asked for yet.
        self.engine.generation().entries.fetch_all();
        loop {
            let wait = match self.sentry {
                _ if self.has_failed && !self.is_refused => RETRY,
                Sentry::Native(_) => CHECK,
                Sentry::Looking(_) => self.options.poll,
            };
            let mut is_root = false;
            let mut asking = Vec::new();
            match self.receive.recv_timeout(wait) {
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(Message::Index)
                    if engine::last_number(self.engine.settings()) == self.engine.generation().number =>
                {
                    continue;
                }
                Ok(Message::Look(asker)) => asking.push(asker),
                Ok(message) => {
                    is_root = matches!(message, Message::Root);
                    match self.settle(&mut asking) {
                        Settled::Stop => return,
                        Settled::Root => is_root = true,
                        Settled::Notes => {}
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            // The watch on a folder that was replaced watches the old one, wherever that is now.
            let is_back = self.has_failed;
            let is_good = self.refresh(tell);
            if is_good && (is_root || is_back) && self.options.mode != Mode::Poll {
                self.post_again(tell);
                self.refresh(tell);
            }
            for asker in asking {
                let _ = asker.send(self.shared.state());
            }
        }
    }

    /// Waits until it has been quiet for a while, or somebody wants a look.
    fn settle(&self, asking: &mut Vec<Sender<State>>) -> Settled {
        let start = Instant::now();
        let mut settled = Settled::Notes;
        while start.elapsed() < WAIT_LIMIT {
            match self.receive.recv_timeout(self.options.wait) {
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return Settled::Stop,
                Ok(Message::Root) => settled = Settled::Root,
                Ok(Message::Notes | Message::Index) => {}
                Ok(Message::Look(asker)) => {
                    asking.push(asker);
                    return settled;
                }
                Err(RecvTimeoutError::Timeout) => return settled,
            }
        }
        settled
    }

    fn post_again(&mut self, tell: &mut dyn FnMut(News)) {
        let was_native = matches!(self.sentry, Sentry::Native(_));
        self.sentry = Sentry::post(self.engine.settings(), self.options, &self.send)
            .unwrap_or_else(|error| Sentry::Looking(Some(error.to_string())));
        if let (true, Sentry::Looking(reason)) = (was_native, &self.sentry) {
            tell(News::Polling(reason.clone().unwrap_or_default()));
        }
    }

    /// Brings the generation up to date and returns whether it is.
    fn refresh(&mut self, tell: &mut dyn FnMut(News)) -> bool {
        let start = Instant::now();
        let before = Arc::clone(self.engine.generation());
        let refreshed = self.engine.refresh(&|_, _, _| {});
        let took = start.elapsed();
        let mut failure = refreshed.as_ref().err().map(|error: &EngineError| (error.to_string(), error.hint()));
        self.is_refused = false;
        for notice in self.engine.take_notices() {
            self.is_refused |= notice.is_held_back();
            if notice.is_stale() {
                failure = Some((notice.to_string(), notice.hint().to_owned()));
            } else {
                tell(News::Notice(notice));
            }
        }
        if matches!(refreshed, Ok(Refreshed::Replaced)) {
            let generation = Arc::clone(self.engine.generation());
            self.shared.generation.store(Arc::clone(&generation));
            let n_read = generation.n_unshared(&before);
            tell(News::Replaced { generation, n_read, took });
        }
        let is_new = self.note_state(failure.as_ref().map(|(message, _)| message), took);
        match failure {
            Some((message, hint)) if is_new => {
                engine::tell_trouble(self.engine.settings(), Some(&message));
                tell(News::Failed { message, hint });
            }
            Some(_) => {}
            None if self.has_failed => {
                engine::tell_trouble(self.engine.settings(), None);
                tell(News::Recovered);
                self.has_failed = false;
            }
            None => {}
        }
        !self.has_failed
    }

    /// Writes down how it stands, and returns whether it is another failure than before.
    fn note_state(&mut self, failure: Option<&String>, took: Duration) -> bool {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = failure.is_some() && failure != state.last_error.as_ref();
        state.stale_since = failure.map(|_| state.stale_since.unwrap_or_else(SystemTime::now));
        state.last_error = failure.cloned();
        state.took = took;
        self.has_failed |= failure.is_some();
        is_new
    }
}

enum Settled {
    Notes,
    Root,
    Stop,
}

/// What notices changes.
enum Sentry {
    /// The system gives word as long as this lives.
    Native(#[expect(dead_code, reason = "it works as long as it lives")] RecommendedWatcher),
    /// Nothing does, for this reason; none where the operator wants it so.
    Looking(Option<String>),
}

impl Sentry {
    fn post(settings: &Settings, options: Options, send: &Sender<Message>) -> Result<Self, notify::Error> {
        if options.mode == Mode::Poll {
            return Ok(Self::Looking(None));
        }
        let root = std::fs::canonicalize(&settings.notes)?;
        if options.mode == Mode::Auto
            && let Some(file_system) = silent_file_system(&root)
        {
            let reason = format!("the notes lie on `{file_system}`, which does not report what others change");
            return Ok(Self::Looking(Some(reason)));
        }
        let index = std::fs::canonicalize(&settings.index).ok();
        let (filter, send) = (Filter { root: root.clone(), index: index.clone() }, send.clone());
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if let Some(message) = filter.message(event) {
                let _ = send.send(message);
            }
        })?;
        watcher.watch(&root, RecursiveMode::Recursive)?;
        // Both only make it quicker: a look now and then would notice too.
        if let Some(parent) = root.parent() {
            let _ = watcher.watch(parent, RecursiveMode::NonRecursive);
        }
        if let Some(index) = index {
            let _ = watcher.watch(&index, RecursiveMode::NonRecursive);
        }
        Ok(Self::Native(watcher))
    }
}

/// Tells reports that matter from others.
struct Filter {
    root: PathBuf,
    index: Option<PathBuf>,
}

impl Filter {
    fn message(&self, event: notify::Result<notify::Event>) -> Option<Message> {
        // What could not be read, or was too much, may be anything.
        let Ok(event) = event else { return Some(Message::Notes) };
        if event.need_rescan() {
            return Some(Message::Root);
        }
        if matches!(event.kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write)) {
            return None;
        }
        event.paths.iter().filter_map(|path| self.of(path)).max_by_key(|message| matches!(message, Message::Root))
    }

    fn of(&self, path: &Path) -> Option<Message> {
        if path == self.root {
            return Some(Message::Root);
        }
        if let Some(inside) = self.index.as_ref().and_then(|index| path.strip_prefix(index).ok()) {
            return (inside == Path::new("snapshot")).then_some(Message::Index);
        }
        let inside = path.strip_prefix(&self.root).ok()?;
        let is_hidden = |part: std::path::Component<'_>| part.as_os_str().as_encoded_bytes().starts_with(b".");
        if inside.components().any(is_hidden) {
            return None;
        }
        // Folders have no ending as a rule, and what is gone may have been one.
        let is_note = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("md"));
        (is_note || !path.is_file()).then_some(Message::Notes)
    }
}

/// Returns the file system that a folder lies on when it reports no changes that others make.
fn silent_file_system(folder: &Path) -> Option<String> {
    const SILENT: &[&str] =
        &["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "virtiofs", "vboxsf", "drvfs", "afs", "ceph", "glusterfs"];
    let mounts = std::fs::read_to_string("/proc/self/mounts").ok()?;
    let mount = mounts
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(' ');
            let place = fields.nth(1)?.replace("\\040", " ");
            folder.starts_with(&place).then_some((place.len(), fields.next()?))
        })
        .max_by_key(|(length, _)| *length);
    mount.map(|(_, kind)| kind).filter(|kind| SILENT.contains(kind) || kind.starts_with("fuse.")).map(str::to_owned)
}
