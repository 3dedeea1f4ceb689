//! What did the operator choose for keeping the index up to date?
//!
//! The tables of bot.toml for `fingerpost watch` and the bot, with their defaults, types and ranges.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{ConfigError, place, tables};
use crate::watch::{Mode, Options};

/// The tables of bot.toml that are about upkeep.
pub const UPKEEP_TABLES: [&str; 2] = ["watch", "golden"];

/// Everything about upkeep.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Upkeep {
    /// `[watch]`
    pub watch: Watch,
    /// `[golden]`
    pub golden: Golden,
}

/// What guards a new generation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Golden {
    /// A file of golden questions; none where it is empty.
    pub file: PathBuf,
}

/// How changes are noticed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Watch {
    /// By the system's word, by looking, or by what the folder's file system allows.
    pub mode: Mode,
    /// How long it must be quiet before an update, in milliseconds.
    pub wait_ms: u64,
    /// How often the folder is looked at where the system gives no word, in seconds.
    pub poll_seconds: u64,
}

impl Default for Watch {
    fn default() -> Self {
        let Options { mode, wait, poll } = Options::default();
        Self { mode, wait_ms: wait.as_millis() as u64, poll_seconds: poll.as_secs() }
    }
}

impl Watch {
    /// Returns the choices in the watcher's terms.
    pub fn options(&self) -> Options {
        Options {
            mode: self.mode,
            wait: Duration::from_millis(self.wait_ms),
            poll: Duration::from_secs(self.poll_seconds),
        }
    }
}

/// Reads the tables about upkeep; other keys are left to others.
pub(super) fn read(path: &Path, text: &str) -> Result<Upkeep, ConfigError> {
    let upkeep: Upkeep = tables(path, text, &UPKEEP_TABLES)?;
    for (key, value, least, most) in
        [("wait_ms", upkeep.watch.wait_ms, 10, 60_000), ("poll_seconds", upkeep.watch.poll_seconds, 1, 86_400)]
    {
        if !(least..=most).contains(&value) {
            return Err(ConfigError::Tables {
                place: place(path, text, text.find(key).unwrap_or(0)),
                reason: format!("`{key}` in `[watch]` is {value}, and has to be from {least} to {most}"),
            });
        }
    }
    Ok(upkeep)
}
