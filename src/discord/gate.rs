//! May this question be asked here and now?
//!
//! Counts questions by user and channel, remembers what was answered already, and knows what is under way, so that a
//! restart can end it. Keeps everything in memory and asks nobody.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::config::Rates;

const MINUTE: Duration = Duration::from_secs(60);
/// Ids remembered, to answer none twice; events are repeated within minutes.
const SEEN_LIMIT: usize = 10_000;
/// Users and channels remembered; those who have been silent for a minute are forgotten past it.
const COUNTED_LIMIT: usize = 10_000;

/// Why a question has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// So many questions of one user or in one channel were asked within a minute; the next may come in some seconds.
    TooOften(u32, u64),
    /// Too many wait in the channel.
    Busy,
    /// The bot is about to end.
    Restarting,
}

/// What is under way, for a restart to end.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    /// Token of the interaction whose placeholder is shown; none for a message.
    pub token: Option<String>,
    /// Language of who waits.
    pub lang: String,
}

#[derive(Default)]
struct State {
    users: HashMap<u64, VecDeque<Instant>>,
    channels: HashMap<u64, VecDeque<Instant>>,
    n_waiting: HashMap<u64, u32>,
    pending: HashMap<u64, Pending>,
    seen: HashSet<u64>,
    order: VecDeque<u64>,
}

/// Counts and remembers.
pub(super) struct Gate {
    rates: Rates,
    state: Mutex<State>,
    is_closed: AtomicBool,
    next: AtomicU64,
}

/// A question under way; ends when dropped.
pub(super) struct Pass {
    gate: Arc<Gate>,
    number: u64,
    channel: u64,
}

impl Gate {
    pub fn new(rates: Rates) -> Self {
        Self { rates, state: Mutex::default(), is_closed: AtomicBool::new(false), next: AtomicU64::new(0) }
    }

    /// True the first time that an id is seen.
    pub fn is_new(&self, id: u64) -> bool {
        let mut state = self.state();
        if !state.seen.insert(id) {
            return false;
        }
        state.order.push_back(id);
        if state.order.len() > SEEN_LIMIT
            && let Some(oldest) = state.order.pop_front()
        {
            state.seen.remove(&oldest);
        }
        true
    }

    /// Lets a question in, or says why it has to wait.
    pub fn enter(self: &Arc<Self>, user: u64, channel: u64, pending: Pending) -> Result<Pass, Wait> {
        if self.is_closed.load(Ordering::Acquire) {
            return Err(Wait::Restarting);
        }
        let now = Instant::now();
        let mut state = self.state();
        let state = &mut *state;
        let is_over = |counted: &HashMap<u64, VecDeque<Instant>>, id: u64, limit: u32| {
            let times = counted.get(&id)?;
            let recent = times.iter().filter(|time| now.duration_since(**time) < MINUTE);
            let oldest = recent.clone().min()?;
            let left = MINUTE.saturating_sub(now.duration_since(*oldest)).as_secs() + 1;
            (recent.count() >= limit as usize).then_some(Wait::TooOften(limit, left))
        };
        let over = is_over(&state.users, user, self.rates.per_user)
            .or_else(|| is_over(&state.channels, channel, self.rates.per_channel));
        if let Some(wait) = over {
            return Err(wait);
        }
        let n_waiting = state.n_waiting.entry(channel).or_default();
        if *n_waiting >= self.rates.queue {
            return Err(Wait::Busy);
        }
        *n_waiting += 1;
        for (counted, id) in [(&mut state.users, user), (&mut state.channels, channel)] {
            if counted.len() > COUNTED_LIMIT {
                counted.retain(|_, times| times.back().is_some_and(|time| now.duration_since(*time) < MINUTE));
            }
            let times = counted.entry(id).or_default();
            times.retain(|time| now.duration_since(*time) < MINUTE);
            times.push_back(now);
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        state.pending.insert(number, pending);
        Ok(Pass { gate: Arc::clone(self), number, channel })
    }

    /// Lets nothing in any more.
    pub fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
    }

    /// Returns what is under way.
    pub fn pending(&self) -> Vec<Pending> {
        self.state().pending.values().cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut state = self.gate.state();
        state.pending.remove(&self.number);
        if let Some(n_waiting) = state.n_waiting.get_mut(&self.channel) {
            *n_waiting = n_waiting.saturating_sub(1);
            if *n_waiting == 0 {
                state.n_waiting.remove(&self.channel);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(per_user: u32, queue: u32) -> Arc<Gate> {
        Arc::new(Gate::new(Rates { per_user, queue, ..Rates::default() }))
    }

    fn enter(gate: &Arc<Gate>, user: u64) -> Result<Pass, Wait> {
        gate.enter(user, 1, Pending { token: None, lang: "en".to_owned() })
    }

    #[test]
    fn a_user_may_ask_so_often_a_minute() {
        let gate = gate(2, 9);
        assert!(enter(&gate, 7).is_ok() && enter(&gate, 7).is_ok() && enter(&gate, 8).is_ok());
        let wait = enter(&gate, 7).err().expect("refused");
        assert!(matches!(wait, Wait::TooOften(2, 1..=61)), "{wait:?}");
    }

    #[test]
    fn a_channel_has_so_many_places() {
        let gate = gate(9, 2);
        let passes = [enter(&gate, 1), enter(&gate, 2)];
        assert_eq!(enter(&gate, 3).err(), Some(Wait::Busy));
        assert_eq!(gate.pending().len(), 2);
        drop(passes);
        assert!(gate.pending().is_empty() && enter(&gate, 3).is_ok());
        gate.close();
        assert_eq!(enter(&gate, 3).err(), Some(Wait::Restarting));
    }

    #[test]
    fn nothing_is_new_twice() {
        let gate = gate(9, 9);
        assert!(gate.is_new(5) && !gate.is_new(5) && gate.is_new(6));
    }
}
