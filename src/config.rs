//! What did the operator choose?
//!
//! Reads bot.toml, the environment and what the command line gave, in that order of growing weight. Knows every key
//! and its type, and says where a wrong one stands. Secrets are not among the keys: they come from the environment.

mod bot;
mod upkeep;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::engine::Settings;
use crate::text::nearest;

pub use bot::{Bot, Discord, Id, Links, Log, Rates, Store, TABLES};
pub use upkeep::{Golden, UPKEEP_TABLES, Upkeep, Watch};

/// Every key of bot.toml outside its tables. A test compares the file that ships with this list.
pub const KEYS: [Key; 2] = [
    Key { name: "notes", variable: "FINGERPOST_NOTES", default: "notes" },
    Key { name: "index", variable: "FINGERPOST_INDEX", default: "index" },
];
/// Environment variable that names the file.
const FILE_VARIABLE: &str = "FINGERPOST_CONFIG";
/// Where the file is looked for when nobody names one.
const FILE_DEFAULT: &str = "bot.toml";

/// A key of bot.toml outside its tables; all of them are folders.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// The environment variable that overrides it.
    pub variable: &'static str,
    /// Its value when nobody chooses.
    pub default: &'static str,
}

/// What the command line gave.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// `--config`
    pub config: Option<PathBuf>,
    /// `--notes`
    pub notes: Option<PathBuf>,
    /// `--index`
    pub index: Option<PathBuf>,
}

/// Why the configuration cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file was named and is not there, or cannot be read.
    #[error("the configuration `{}` cannot be read ({reason})", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// It is no TOML.
    #[error("{place}: not valid TOML ({reason})")]
    Syntax {
        /// Where.
        place: Place,
        /// What the parser says.
        reason: String,
    },
    /// A key that means nothing.
    #[error("{place}: unknown key `{key}`")]
    UnknownKey {
        /// Where.
        place: Place,
        /// The key.
        key: String,
        /// The known key that is nearest.
        nearest: Option<&'static str>,
    },
    /// A mistake in the tables of the bot or about upkeep.
    #[error("{place}: {reason}")]
    Tables {
        /// Where.
        place: Place,
        /// What is wrong.
        reason: String,
    },
    /// A value of another type.
    #[error("{place}: `{key}` is {found}, and has to be a text in quotes")]
    WrongType {
        /// Where.
        place: Place,
        /// The key.
        key: &'static str,
        /// What stands there.
        found: &'static str,
    },
}

impl ConfigError {
    /// Returns the next step, as whole sentences.
    pub fn hint(&self) -> String {
        let known = || KEYS.map(|key| format!("`{}`", key.name)).join(", ");
        match self {
            Self::Unreadable { .. } => {
                "Name an existing file with `--config FILE`, or leave the option out to use bot.toml or the defaults."
                    .to_owned()
            }
            Self::Syntax { .. } => "Write one `key = \"value\"` a line; texts stand in double quotes.".to_owned(),
            Self::UnknownKey { nearest: Some(nearest), .. } => {
                format!("Did you mean `{nearest}`? The keys are {}.", known())
            }
            Self::UnknownKey { nearest: None, .. } => format!("The keys are {}.", known()),
            Self::Tables { reason, .. } if reason.contains("`token`") => {
                "Take it out and change it: a token in a file is soon known. Put it into the environment as \
                 DISCORD_TOKEN."
                    .to_owned()
            }
            Self::Tables { .. } => {
                "Every key of the tables stands in the bot.toml that ships with fingerpost.".to_owned()
            }
            Self::WrongType { key, .. } => {
                let default = KEYS.iter().find(|known| known.name == *key).map_or("", |known| known.default);
                format!("Write it as `{key} = \"{default}\"`.")
            }
        }
    }
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    path: PathBuf,
    line: usize,
    column: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.path.display(), self.line, self.column)
    }
}

/// Puts the settings together: command line before environment before bot.toml before the defaults.
///
/// `variable` looks up the environment; a variable that is empty counts as not set. Folders of bot.toml are relative
/// to its own folder, all others to the working folder.
///
/// # Errors
/// When the file cannot be read, is no TOML, or holds an unknown key or a value of the wrong type.
pub fn settings(given: Given, variable: &dyn Fn(&str) -> Option<PathBuf>) -> Result<Settings, ConfigError> {
    let variable = |name: &str| variable(name).filter(|value| !value.as_os_str().is_empty());
    let (path, text) = load(given.config, &variable)?;
    let values = text.as_ref().map_or_else(|| Ok(KEYS.map(|_| None)), |text| read(&path, text))?;
    let golden = text.map_or_else(|| Ok(Upkeep::default()), |text| upkeep::read(&path, &text))?.golden.file;
    let folder = path.parent().unwrap_or(Path::new(""));
    let chosen = |at: usize, given: Option<PathBuf>| {
        given
            .or_else(|| variable(KEYS[at].variable))
            .or_else(|| values[at].as_ref().map(|value| folder.join(value)))
            .unwrap_or_else(|| PathBuf::from(KEYS[at].default))
    };
    let golden = (!golden.as_os_str().is_empty()).then(|| folder.join(golden));
    Ok(Settings { notes: chosen(0, given.notes), index: chosen(1, given.index), golden })
}

/// Returns what the operator chose about upkeep.
///
/// # Errors
/// When the file cannot be read, or its tables about upkeep hold a mistake.
pub fn upkeep(given: Given, variable: &dyn Fn(&str) -> Option<PathBuf>) -> Result<Upkeep, ConfigError> {
    let variable = |name: &str| variable(name).filter(|value| !value.as_os_str().is_empty());
    let (path, text) = load(given.config, &variable)?;
    text.map_or_else(|| Ok(Upkeep::default()), |text| upkeep::read(&path, &text))
}

/// Reads the file that is named, or the one that is looked for; nothing where nobody names one and there is none.
fn load(
    given: Option<PathBuf>,
    variable: &dyn Fn(&str) -> Option<PathBuf>,
) -> Result<(PathBuf, Option<String>), ConfigError> {
    let named = given.or_else(|| variable(FILE_VARIABLE));
    let path = named.clone().unwrap_or_else(|| PathBuf::from(FILE_DEFAULT));
    match read_start(&path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok((path, Some(text))),
            Err(_) => Err(ConfigError::Unreadable { path, reason: "it is not UTF-8".to_owned() }),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => Ok((path, None)),
        Err(error) => Err(ConfigError::Unreadable { path, reason: error.to_string() }),
    }
}

/// Returns what the operator chose for the bot. Relative paths count from the folder of bot.toml.
///
/// # Errors
/// When the file cannot be read, or its tables for the bot hold a mistake.
pub fn bot(given: Given, variable: &dyn Fn(&str) -> Option<PathBuf>) -> Result<Bot, ConfigError> {
    let variable = |name: &str| variable(name).filter(|value| !value.as_os_str().is_empty());
    let (path, text) = load(given.config, &variable)?;
    let mut bot = text.map_or_else(|| Ok(Bot::default()), |text| bot::read(&path, &text))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    for path in [&mut bot.store.path, &mut bot.log.health] {
        if !path.as_os_str().is_empty() {
            *path = folder.join(&*path);
        }
    }
    Ok(bot)
}

/// Reads some tables of the file; other keys are left to others.
fn tables<T: DeserializeOwned>(path: &Path, text: &str, names: &[&str]) -> Result<T, ConfigError> {
    let mistake = |error: toml::de::Error| ConfigError::Tables {
        place: place(path, text, error.span().map_or(0, |span| span.start)),
        reason: error.message().lines().next().unwrap_or_default().to_owned(),
    };
    let table = DeTable::parse(text).map_err(mistake)?;
    let span = table.span();
    let pairs = table.into_inner().into_iter();
    let own: DeTable<'_> = pairs.filter(|(key, _)| names.contains(&key.get_ref().as_ref())).collect();
    T::deserialize(toml::Deserializer::from(Spanned::new(span, own))).map_err(mistake)
}

/// A configuration is short; a device that never ends must not be read for ever.
const SIZE_LIMIT: u64 = 1 << 20;

fn read_start(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(SIZE_LIMIT).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads the values of [`KEYS`], in their order.
fn read(path: &Path, text: &str) -> Result<[Option<String>; KEYS.len()], ConfigError> {
    let place = |offset: usize| place(path, text, offset);
    let table = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
        place: place(error.span().map_or(0, |span| span.start)),
        reason: error.message().lines().next().unwrap_or_default().to_owned(),
    })?;
    let mut values = KEYS.map(|_| None);
    // In the order of the file, so that the first mistake is reported first.
    let mut pairs: Vec<(&Spanned<_>, &Spanned<DeValue<'_>>)> = table.get_ref().iter().collect();
    pairs.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in pairs {
        let name: &str = key.get_ref();
        let is_table = TABLES.contains(&name) || UPKEEP_TABLES.contains(&name);
        if is_table && matches!(value.get_ref(), DeValue::Table(_)) {
            continue;
        }
        let Some(at) = KEYS.iter().position(|known| known.name == name) else {
            return Err(ConfigError::UnknownKey {
                place: place(key.span().start),
                key: name.to_owned(),
                nearest: nearest(name, KEYS.iter().map(|known| known.name))
                    .and_then(|nearest| KEYS.iter().find(|known| known.name == nearest))
                    .map(|known| known.name),
            });
        };
        let Some(text) = value.get_ref().as_str() else {
            return Err(ConfigError::WrongType {
                place: place(value.span().start),
                key: KEYS[at].name,
                found: described(value.get_ref()),
            });
        };
        values[at] = Some(text.to_owned());
    }
    Ok(values)
}

fn described(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn place(path: &Path, text: &str, offset: usize) -> Place {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Place {
        path: path.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, message: &str, hint: &str) {
        let error = read(Path::new("bot.toml"), text).expect_err("a mistake");
        assert_eq!(error.to_string(), message);
        assert!(error.hint().contains(hint), "{}", error.hint());
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        check("notes = \"a\"\n  indx = \"b\"\n", "bot.toml:2:3: unknown key `indx`", "Did you mean `index`?");
        check(
            "# ghi chú\nnotes = 3\n",
            "bot.toml:2:9: `notes` is a number, and has to be a text in quotes",
            "notes = ",
        );
        check("[discrod]\n", "bot.toml:1:2: unknown key `discrod`", "The keys are");
        let error = read(Path::new("bot.toml"), "notes = \n").expect_err("a mistake");
        assert!(error.to_string().starts_with("bot.toml:1:9: not valid TOML ("), "{error}");
    }

    #[track_caller]
    fn check_bot(text: &str, message: &str, hint: &str) {
        let error = bot::read(Path::new("bot.toml"), text).expect_err("a mistake");
        assert_eq!(error.to_string(), message);
        assert!(error.hint().contains(hint), "{}", error.hint());
    }

    #[test]
    fn mistakes_in_the_tables_of_the_bot_are_told_too() {
        let fields = "`guilds`, `channels`, `folders`, `operators`, `language`, `message_content`, `follow_changes`, \
                      `changes_per_day`";
        check_bot(
            "[discord]\ntoken = \"x\"\n",
            &format!("bot.toml:2:1: unknown field `token`, expected one of {fields}"),
            "DISCORD_TOKEN",
        );
        check_bot("[discord]\nguilds = [\"x\"]\n", "bot.toml:2:11: `x` is no id of digits", "bot.toml that ships");
        let range = "`queue` in `[rates]` is 0, and has to be from 1 to 1000";
        check_bot("[rates]\nqueue = 0\n", &format!("bot.toml:2:1: {range}"), "bot.toml that ships");
        let bot = bot::read(Path::new("x"), "notes = \"a\"\n[discord]\nguilds = [7]\nfolders = { 8 = \"b\" }\n");
        let discord = bot.expect("no mistake").discord;
        assert_eq!((discord.guilds, discord.folders[&Id(8)].as_str()), (vec![Id(7)], "b"));
    }

    #[test]
    fn mistakes_in_the_tables_about_upkeep_are_told_too() {
        let check = |text: &str, message: &str| {
            let error = upkeep::read(Path::new("bot.toml"), text).expect_err("a mistake");
            assert_eq!(error.to_string(), message);
        };
        let modes = "expected one of `auto`, `native`, `poll`";
        check("[watch]\nmode = \"x\"\n", &format!("bot.toml:2:8: unknown variant `x`, {modes}"));
        check("[watch]\nwait_ms = 0\n", "bot.toml:2:1: `wait_ms` in `[watch]` is 0, and has to be from 10 to 60000");
        let upkeep = upkeep::read(Path::new("x"), "notes = \"a\"\n[watch]\nmode = \"poll\"\n").expect("no mistake");
        assert_eq!(upkeep.watch.options().mode, crate::watch::Mode::Poll);
    }

    #[test]
    fn the_command_line_beats_the_environment() {
        let environment = |name: &str| (name == "FINGERPOST_NOTES").then(|| PathBuf::from("from-environment"));
        let notes = |given: Given| settings(given, &environment).expect("no file is named").notes;
        assert_eq!(notes(Given::default()), PathBuf::from("from-environment"));
        let given = Given { notes: Some("given".into()), ..Given::default() };
        assert_eq!(notes(given), PathBuf::from("given"));
    }
}
