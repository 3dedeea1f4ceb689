//! What did the operator choose for the Discord bot?
//!
//! The tables of bot.toml that only `fingerpost bot` and `fingerpost gaps` look at, with their defaults. Knows types
//! and ranges; whether a server or channel exists is for Discord to say.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{ConfigError, place, tables};

/// The tables of bot.toml that are the bot's.
pub const TABLES: [&str; 5] = ["discord", "rates", "links", "store", "log"];

/// Everything that is the bot's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bot {
    /// `[discord]`
    pub discord: Discord,
    /// `[rates]`
    pub rates: Rates,
    /// `[links]`
    pub links: Links,
    /// `[store]`
    pub store: Store,
    /// `[log]`
    pub log: Log,
}

/// Where the bot answers, to whom, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Discord {
    /// Servers it answers in; all where the list is empty.
    pub guilds: Vec<Id>,
    /// Channels it answers in, with their threads; all where the list is empty.
    pub channels: Vec<Id>,
    /// Folders of the notes that channels are limited to, by the id of the channel.
    pub folders: BTreeMap<Id, String>,
    /// Roles whose members may use `/reindex`, `/status` and `/gaps`, beside those who manage the server.
    pub operators: Vec<Id>,
    /// Language of everything around quotes; that of the question where it is empty.
    pub language: String,
    /// Reads messages that do not mention the bot, in threads that it opened.
    pub message_content: bool,
    /// Says so when a later version of the notes answers differently.
    pub follow_changes: bool,
    /// How many such messages a day at most.
    pub changes_per_day: u32,
}

impl Default for Discord {
    fn default() -> Self {
        Self {
            guilds: Vec::new(),
            channels: Vec::new(),
            folders: BTreeMap::new(),
            operators: Vec::new(),
            language: String::new(),
            message_content: false,
            follow_changes: true,
            changes_per_day: 20,
        }
    }
}

/// How much is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rates {
    /// Questions a minute of one user.
    pub per_user: u32,
    /// Questions a minute in one channel.
    pub per_channel: u32,
    /// Questions that wait in one channel.
    pub queue: u32,
    /// Seconds after which a question is given up.
    pub deadline: u32,
}

impl Default for Rates {
    fn default() -> Self {
        Self { per_user: 12, per_channel: 120, queue: 32, deadline: 20 }
    }
}

/// Addresses of notes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Links {
    /// Address of a line, with `{path}`, `{line}` and `{heading}` to fill in; no links where it is empty.
    pub template: String,
}

/// What is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    /// The file; in the platform's data folder where it is empty.
    pub path: PathBuf,
    /// Days after which answers and gaps are forgotten.
    pub keep_days: u32,
}

impl Default for Store {
    fn default() -> Self {
        Self { path: PathBuf::new(), keep_days: 180 }
    }
}

/// What is written down for the operator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// Writes questions into the log.
    pub questions: bool,
    /// Writes one JSON object a line.
    pub json: bool,
    /// A file that is rewritten while the bot is well; none where it is empty.
    pub health: PathBuf,
}

/// The id of a server, channel or role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub u64);

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IdVisitor)
    }
}

struct IdVisitor;

impl Visitor<'_> for IdVisitor {
    type Value = Id;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an id of digits, as Discord copies it")
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Id, E> {
        u64::try_from(value).map_or_else(|_| Err(E::custom("an id is not negative")), |id| self.visit_u64(id))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Id, E> {
        if value == 0 { Err(E::custom("an id is not 0")) } else { Ok(Id(value)) }
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Id, E> {
        let id = value.parse().map_err(|_| E::custom(format!("`{value}` is no id of digits")))?;
        self.visit_u64(id)
    }
}

/// Reads the bot's tables; other keys are left to others.
pub(super) fn read(path: &Path, text: &str) -> Result<Bot, ConfigError> {
    let bot: Bot = tables(path, text, &TABLES)?;
    let wrong = |table: &str, key: &str, reason: &str| ConfigError::Tables {
        place: place(path, text, text.find(key).unwrap_or(0)),
        reason: format!("`{key}` in `[{table}]` {reason}"),
    };
    for (key, value, least, most) in [
        ("per_user", bot.rates.per_user, 1, 600),
        ("per_channel", bot.rates.per_channel, 1, 6_000),
        ("queue", bot.rates.queue, 1, 1_000),
        ("deadline", bot.rates.deadline, 1, 600),
    ] {
        if !(least..=most).contains(&value) {
            return Err(wrong("rates", key, &format!("is {value}, and has to be from {least} to {most}")));
        }
    }
    if bot.store.keep_days == 0 {
        return Err(wrong("store", "keep_days", "is 0, and has to be at least 1"));
    }
    let template = &bot.links.template;
    if !template.is_empty() && (!template.contains("://") || template.contains(['<', '>', ' ', '\n', ')'])) {
        return Err(wrong("links", "template", "is no address such as `https://forge.example/{path}#L{line}`"));
    }
    Ok(bot)
}
