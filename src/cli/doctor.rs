//! What is set up, what is missing, and what helps?
//!
//! Looks at configuration, notes, index and terminal, each for itself, so that one that is broken hides no other.
//! Changes nothing and never prints a secret.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::{Failure, USAGE};
use crate::config::{self, Given};
use crate::engine::{self, Settings};
use crate::render::Style;

/// One thing that was looked at.
struct Line {
    state: State,
    what: &'static str,
    text: String,
    /// What to do about it.
    advice: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Fine,
    /// Works without.
    Missing,
    /// Does not work.
    Broken,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Missing => "none",
            Self::Broken => "broken",
        }
    }
}

/// Prints what is set up. Ends with the code of wrong configuration where questions cannot be answered.
pub fn report(given: &Given, variable: &dyn Fn(&str) -> Option<PathBuf>, style: Style) -> Result<u8, Failure> {
    let mut lines = vec![Line {
        state: State::Fine,
        what: "program",
        text: format!(
            "fingerpost {} for {} {}",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            std::env::consts::ARCH
        ),
        advice: None,
    }];
    let settings = config::settings(given.clone(), variable);
    lines.push(configuration(given, variable, settings.as_ref().err()));
    if let Ok(settings) = &settings {
        lines.extend(sources(given, variable, settings));
        lines.extend(folders(settings));
        lines.push(golden(settings));
    }
    lines.push(terminal(style));
    lines.extend(discord(given, variable));
    let mut out = std::io::stdout().lock();
    for line in &lines {
        writeln!(out, "{:7} {:13} {}", line.state.word(), line.what, line.text)?;
        if let Some(advice) = &line.advice {
            writeln!(out, "{:21} → {advice}", "")?;
        }
    }
    out.flush()?;
    Ok(if lines.iter().any(|line| line.state == State::Broken) { USAGE } else { 0 })
}

fn configuration(
    given: &Given,
    variable: &dyn Fn(&str) -> Option<PathBuf>,
    error: Option<&config::ConfigError>,
) -> Line {
    let what = "configuration";
    let named = given.config.clone().or_else(|| variable("FINGERPOST_CONFIG"));
    let path = named.unwrap_or_else(|| PathBuf::from("bot.toml"));
    let upkeep = config::upkeep(given.clone(), variable).err();
    if let Some(error) = error.or(upkeep.as_ref()) {
        return Line { state: State::Broken, what, text: error.to_string(), advice: Some(error.hint()) };
    }
    if path.exists() {
        return Line { state: State::Fine, what, text: path.display().to_string(), advice: None };
    }
    let text = format!("no `{}` here, so the defaults hold", path.display());
    let advice = "Write one, or name it with `--config FILE`, to say once where notes and index are.".to_owned();
    Line { state: State::Missing, what, text, advice: Some(advice) }
}

/// Tells who chose each folder.
fn sources(given: &Given, variable: &dyn Fn(&str) -> Option<PathBuf>, settings: &Settings) -> Vec<Line> {
    let is_set = |name: &str| variable(name).is_some_and(|value| !value.as_os_str().is_empty());
    let source = |at: usize, option: &Option<PathBuf>, folder: &Path| {
        let key = config::KEYS[at];
        if option.is_some() {
            format!("by `--{}`", key.name)
        } else if is_set(key.variable) {
            format!("by {}", key.variable)
        } else if folder == Path::new(key.default) {
            "by default".to_owned()
        } else {
            "by the configuration".to_owned()
        }
    };
    let fine = |what: &'static str, folder: &Path, source: String| Line {
        state: State::Fine,
        what,
        text: format!("`{}`, {source}", folder.display()),
        advice: None,
    };
    vec![
        fine("notes folder", &settings.notes, source(0, &given.notes, &settings.notes)),
        fine("index folder", &settings.index, source(1, &given.index, &settings.index)),
    ]
}

fn folders(settings: &Settings) -> Vec<Line> {
    let status = match engine::status(settings) {
        Ok(status) => status,
        Err(error) => {
            let (text, advice) = (error.to_string(), Some(error.hint()));
            return vec![Line { state: State::Broken, what: "notes", text, advice }];
        }
    };
    let mut lines = vec![Line {
        state: State::Fine,
        what: "notes",
        text: match status.notes {
            1 => "1 note".to_owned(),
            n => format!("{n} notes"),
        },
        advice: None,
    }];
    if !status.faults.is_empty() {
        let n_faults = status.faults.len();
        lines.push(Line {
            state: State::Missing,
            what: "files",
            text: format!("{n_faults} could not be read as they are"),
            advice: Some("`fingerpost status` lists them, `fingerpost check` tells what helps.".to_owned()),
        });
    }
    let number = status.generation.map_or_else(String::new, |number| format!("generation {number}, "));
    let (state, text, advice) = match status.state {
        "ready" => (State::Fine, format!("{number}up to date"), None),
        "stale" => {
            let advice = "The next question brings it up to date; `fingerpost watch` keeps it so.";
            (State::Fine, format!("{number}older than the notes"), Some(advice))
        }
        "missing" => {
            let advice = "The first question builds it, or `fingerpost index` does.";
            (State::Missing, "not built yet".to_owned(), Some(advice))
        }
        "damaged" => (State::Missing, "damaged".to_owned(), Some("The next question builds it again.")),
        "outdated" => {
            let advice = "The next question builds it again.";
            (State::Missing, "written by another version".to_owned(), Some(advice))
        }
        _ => {
            let advice = "Use the newer fingerpost that wrote it, or another folder with `--index DIR`.";
            (State::Broken, "written by a newer fingerpost".to_owned(), Some(advice))
        }
    };
    lines.push(Line { state, what: "index", text, advice: advice.map(str::to_owned) });
    if let Some(trouble) = &status.last_error {
        lines.push(Line {
            state: State::Missing,
            what: "last update",
            text: format!("failed: {}", trouble.message),
            advice: Some("`fingerpost index` tries again and tells what is in the way.".to_owned()),
        });
    }
    lines
}

fn golden(settings: &Settings) -> Line {
    let what = "golden";
    match &settings.golden {
        None => Line {
            state: State::Missing,
            what,
            text: "no golden questions guard the answers".to_owned(),
            advice: Some("Name a file of questions as `file` under `[golden]` in bot.toml.".to_owned()),
        },
        Some(file) if file.is_file() => {
            Line { state: State::Fine, what, text: format!("`{}`", file.display()), advice: None }
        }
        Some(file) => Line {
            state: State::Broken,
            what,
            text: format!("there is no file `{}`", file.display()),
            advice: Some("Correct `file` under `[golden]` in bot.toml.".to_owned()),
        },
    }
}

fn terminal(style: Style) -> Line {
    let what = "terminal";
    if !std::io::stdout().is_terminal() {
        let text = format!("output goes elsewhere: no colour, {} columns", style.width);
        return Line { state: State::Fine, what, text, advice: None };
    }
    let colour = if style.colour { "colour" } else { "no colour" };
    let text = format!("{colour}, {} columns", style.width);
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty());
    let is_utf8 = locale.is_none_or(|locale| {
        let locale = locale.to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    });
    if is_utf8 || cfg!(windows) {
        Line { state: State::Fine, what, text, advice: None }
    } else {
        Line {
            state: State::Missing,
            what,
            text: format!("{text}; its locale is not UTF-8, so that letters may look wrong"),
            advice: Some("Set LANG to a locale that ends in `.UTF-8`.".to_owned()),
        }
    }
}

#[cfg(feature = "discord")]
fn discord(given: &Given, variable: &dyn Fn(&str) -> Option<PathBuf>) -> Vec<Line> {
    let what = "discord";
    let mut lines = Vec::new();
    if let Err(error) = config::bot(given.clone(), variable) {
        lines.push(Line { state: State::Broken, what, text: error.to_string(), advice: Some(error.hint()) });
    }
    let has_token = std::env::var_os("DISCORD_TOKEN").is_some_and(|token| !token.is_empty());
    lines.push(if has_token {
        Line { state: State::Fine, what, text: "DISCORD_TOKEN is set".to_owned(), advice: None }
    } else {
        Line {
            state: State::Missing,
            what,
            text: "DISCORD_TOKEN is not set, which `fingerpost bot` alone needs".to_owned(),
            advice: Some("Copy the token from Discord's developer portal into the environment.".to_owned()),
        }
    });
    lines
}

#[cfg(not(feature = "discord"))]
fn discord(_: &Given, _: &dyn Fn(&str) -> Option<PathBuf>) -> Vec<Line> {
    let text = "this fingerpost was built without the Discord bot".to_owned();
    let advice = Some("Build it with `--features discord` if you want it.".to_owned());
    vec![Line { state: State::Missing, what: "discord", text, advice }]
}
