//! Is the bot well, and does it keep to what Discord allows?
//!
//! Counts how often the library identifies itself: Discord takes the token away from a bot that does so too often, and
//! the library itself never gives up. Also writes the health file.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{FilterFn, LevelFilter, Targets};
use tracing_subscriber::layer::{Context, SubscriberExt};

use crate::config::Log;

/// Identifications within an hour after which the bot waits.
const IDENTIFY_LIMIT: usize = 50;
const HOUR: Duration = Duration::from_secs(3_600);
/// Where the library says that it identifies itself; it has no event for it.
const SOCKET: &str = "serenity::gateway::ws";

/// What was counted since the start.
#[derive(Default)]
pub(super) struct Counts {
    identified: Mutex<VecDeque<Instant>>,
    pub n_identified: AtomicU64,
    pub n_resumed: AtomicU64,
    pub n_unknown: AtomicU64,
    pub n_limited: AtomicU64,
    pub n_faults: AtomicU64,
    /// Discord refused the token: it has to be asked whether it still holds.
    pub refused: tokio::sync::Notify,
}

impl Counts {
    fn identified(&self) {
        self.n_identified.fetch_add(1, Ordering::Relaxed);
        let mut times = self.identified.lock().unwrap_or_else(PoisonError::into_inner);
        times.push_back(Instant::now());
    }

    /// Hears of what went wrong, for what concerns more than one answer.
    pub fn failed(&self, error: &serenity::Error) {
        if super::status(error) == Some(401) {
            self.refused.notify_one();
        }
    }

    /// Returns how long to wait before the next identification.
    pub fn pause(&self) -> Option<Duration> {
        let mut times = self.identified.lock().unwrap_or_else(PoisonError::into_inner);
        times.retain(|time| time.elapsed() < HOUR);
        let oldest = times.front().filter(|_| times.len() >= IDENTIFY_LIMIT)?;
        Some(HOUR.saturating_sub(oldest.elapsed()))
    }
}

/// Listens to what the library logs.
struct Listener(Arc<Counts>);

impl<S: Subscriber> Layer<S> for Listener {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut message = Message::default();
        event.record(&mut message);
        if event.metadata().target() == SOCKET && message.0.contains("Identifying") {
            self.0.identified();
        }
        if message.0.contains("unknown event") || message.0.contains("Unknown event") {
            self.0.n_unknown.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            let _ = write!(self.0, "{value:?}");
        }
    }
}

/// Sends the log to standard error: what the bot does, and what the library warns of.
pub(super) fn log(settings: &Log, counts: &Arc<Counts>) {
    // Spans of the library hold the token among their fields: only events of its own may pass.
    let targets =
        Targets::new().with_target("fingerpost", LevelFilter::INFO).with_target("serenity", LevelFilter::WARN);
    let shown = || tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    let listener = Listener(Arc::clone(counts)).with_filter(FilterFn::new(is_heard));
    // A subscriber that is there already stays: a test may have brought its own.
    let _ = match settings.json {
        true => install(shown().json().flatten_event(true).with_filter(targets).boxed(), listener.boxed()),
        false => install(shown().with_filter(targets).boxed(), listener.boxed()),
    };
}

type Layers = Box<dyn Layer<tracing_subscriber::Registry> + Send + Sync>;

fn install(shown: Layers, listener: Layers) -> Result<(), tracing::subscriber::SetGlobalDefaultError> {
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(vec![shown, listener]))
}

fn is_heard(metadata: &Metadata<'_>) -> bool {
    metadata.is_event() && metadata.target().starts_with("serenity::")
}

/// Writes the health file, or takes it away when the bot is not well.
pub(super) fn write_health(path: &Path, is_well: bool, generation: u64, counts: &Counts) {
    if path.as_os_str().is_empty() {
        return;
    }
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let text = format!(
        "{{\"connected\":{is_well},\"at\":{},\"generation\":{generation},\"identified\":{},\"resumed\":{},\
         \"unknown_events\":{},\"rate_limited\":{},\"faults\":{}}}\n",
        super::ask::now(),
        count(&counts.n_identified),
        count(&counts.n_resumed),
        count(&counts.n_unknown),
        count(&counts.n_limited),
        count(&counts.n_faults),
    );
    // Written beside and renamed, so that nobody reads half of it.
    let beside = path.with_extension("new");
    let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path));
    if let Err(error) = written {
        tracing::warn!(reason = %error, "the health file cannot be written");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_identifications_are_waited_out() {
        let counts = Counts::default();
        (0..IDENTIFY_LIMIT - 1).for_each(|_| counts.identified());
        assert_eq!(counts.pause(), None);
        counts.identified();
        let pause = counts.pause().expect("a pause");
        assert!(pause <= HOUR && pause > HOUR - Duration::from_secs(60), "{pause:?}");
    }
}
