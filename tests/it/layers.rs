//! Does each source file keep to its layer?
//!
//! Layers that nothing checks do not last: one table says which modules stand below which, another who may name which
//! library or cause which effect. Reads the sources as text, without comments and strings; macros are not expanded.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A module may use modules of a lower rank. Neighbours never use each other: they meet one rank up.
const RANKS: [(&str, u8); 23] = [
    ("text", 0),
    ("note", 0),
    ("packed", 1),
    ("language", 1),
    ("parse", 2),
    ("vault", 2),
    ("claim", 3),
    ("graph", 4),
    ("index", 4),
    ("generation", 5),
    ("snapshot", 6),
    ("answer", 6),
    ("check", 7),
    ("render", 8),
    ("eval", 9),
    ("engine", 10),
    ("learn", 10),
    ("store", 5),
    ("watch", 11),
    ("config", 12),
    ("discord", 13),
    ("cli", 14),
    ("main", 15),
];

/// Libraries and effects, as they are written, with the files and folders that may name them.
const OWNERS: [(&str, &[&str]); 50] = [
    ("petgraph::", &["graph"]),
    ("tantivy::", &["index"]),
    ("pulldown_cmark::", &["parse"]),
    ("serde_saphyr::", &["parse"]),
    ("ignore::", &["vault"]),
    ("notify::", &["watch"]),
    ("arc_swap::", &["watch"]),
    ("ctrlc::", &["cli"]),
    ("std::thread", &["engine", "watch", "cli", "discord", "store"]),
    ("blake3::", &["vault", "index", "snapshot", "store", "discord"]),
    ("postcard::", &["snapshot"]),
    ("rust_stemmers::", &["language"]),
    ("unicode_normalization::", &["text"]),
    ("unicode_width::", &["text"]),
    ("compact_str::", &["text"]),
    ("toml::", &["language", "config", "answer/weights", "render/phrases", "discord/words"]),
    ("clap::", &["cli"]),
    ("clap_complete::", &["cli"]),
    ("indicatif::", &["cli"]),
    ("terminal_size::", &["cli"]),
    ("serde_json::", &["render/wire", "eval", "learn", "cli", "store", "discord"]),
    ("serenity::", &["discord"]),
    ("poise::", &["discord"]),
    ("tokio::", &["discord"]),
    ("reqwest::", &["discord"]),
    ("tracing::", &["discord"]),
    ("tracing_subscriber::", &["discord"]),
    ("redb::", &["store"]),
    ("getrandom::", &["store"]),
    ("dirs::", &["discord"]),
    ("resvg::", &["render/picture"]),
    ("ttf_parser::", &["render/picture"]),
    ("rust_sugiyama::", &["render/chart"]),
    ("similar::", &["render/patch"]),
    ("percent_encoding::", &["parse/links", "render/sarif"]),
    ("rustix::", &["vault"]),
    // Beside `vault` in tests alone.
    ("tempfile::", &["vault", "store", "discord/names", "discord/tree"]),
    ("rayon::", &["vault", "generation", "snapshot", "check", "learn"]),
    ("anyhow::", &["answer/weights", "learn", "cli", "main", "discord"]),
    ("std::fs", &["vault", "snapshot", "engine", "index", "watch", "config", "cli", "learn", "store", "discord"]),
    ("std::env", &["learn", "cli"]),
    ("std::process", &["engine/dates", "learn", "cli", "main"]),
    // In a group the names after it would not be seen here.
    ("std::{", &[]),
    ("Instant::now", &["engine", "watch", "cli", "discord", "store"]),
    ("SystemTime::now", &["engine", "watch", "discord"]),
    ("stdout()", &["cli"]),
    ("stderr()", &["cli", "main"]),
    ("println!", &["cli", "main"]),
    ("eprintln!", &["cli", "main"]),
    ("async ", &["discord"]),
];

/// Past this many lines nobody reads a file to its end.
const MAX_LINES: usize = 800;

struct Source {
    /// Path under `src`, without `.rs` and `/mod`: `answer/meet`, `text`.
    name: String,
    text: String,
    /// The text without comments and strings.
    code: String,
}

#[test]
fn files_use_lower_layers_only() {
    let mut faults = String::new();
    for source in sources() {
        let module = source.module();
        let Some(rank) = rank(module) else {
            if module != "lib" {
                writeln!(faults, "`{module}` has no rank: add it to the table").expect("a text");
            }
            continue;
        };
        for used in source.used_modules() {
            let allowed = used == module || rank_of(&used) < rank;
            if !allowed {
                writeln!(faults, "`{}` uses `{used}`, which is not below it", source.name).expect("a text");
            }
        }
    }
    assert!(faults.is_empty(), "{faults}The order is the table in tests/it/layers.rs.");
}

#[test]
fn each_library_and_effect_has_its_owner() {
    let mut faults = String::new();
    for source in sources() {
        for (named, owners) in OWNERS {
            let owns = |owner: &&str| source.name == *owner || source.name.starts_with(&format!("{owner}/"));
            if names(&source.code, named) && !owners.iter().any(owns) {
                writeln!(faults, "`{}` names `{named}`, which is for {owners:?} alone", source.name).expect("a text");
            }
        }
    }
    assert!(faults.is_empty(), "{faults}The owners are the table in tests/it/layers.rs.");
}

#[test]
fn each_dependency_is_in_the_tables() {
    // These are everywhere: data, errors, hash maps.
    let shared = ["serde", "thiserror", "rustc_hash"];
    let manifest = include_str!("../../Cargo.toml");
    let (_, after) = manifest.split_once("[dependencies]").expect("dependencies");
    for line in after.lines().take_while(|line| !line.starts_with('[')) {
        let Some((name, _)) = line.split_once('=') else { continue };
        let name = name.trim().replace('-', "_");
        let is_owned = OWNERS.iter().any(|(named, _)| *named == format!("{name}::"));
        assert!(is_owned || shared.contains(&name.as_str()), "`{name}` has no owner in tests/it/layers.rs");
    }
}

#[test]
fn each_file_says_its_question_and_ends_in_time() {
    for source in sources() {
        assert!(source.text.starts_with("//! "), "`{}` does not say what it is for", source.name);
        let n_lines = source.text.lines().count();
        assert!(n_lines <= MAX_LINES, "`{}` has {n_lines} lines, and {MAX_LINES} is the end", source.name);
        assert!(!source.code.contains("#[allow"), "`{}` allows a lint without a reason: expect it", source.name);
    }
}

#[test]
fn code_is_told_from_comments_and_strings() {
    let text = "A; // b\nC /* d */ E(\"f \\\" g\", r#\"h\"i\"#, 'j', '\\'', b\"k\"); L::<'m>(N)";
    let capitals: String = code(text).chars().filter(|c| c.is_alphanumeric() && *c != 'm').collect();
    assert_eq!(capitals, "ACELN");
    let source = |name: &str, code: &str| Source { name: name.to_owned(), text: String::new(), code: code.to_owned() };
    let used = |name: &str, code: &str| source(name, code).used_modules().into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(used("parse/inline", "use crate::{claim::{self, Names}, text}; crate::note::stem"), "claim note text");
    assert_eq!(used("parse/inline", "use super::links; use super::super::note::Mark;"), "note");
    assert_eq!(used("text", "super::graph::Graph"), "graph");
    assert_eq!(used("main", "fingerpost::cli::run"), "cli");
}

fn rank(module: &str) -> Option<u8> {
    RANKS.iter().find(|(name, _)| *name == module).map(|(_, rank)| *rank)
}

fn rank_of(module: &str) -> u8 {
    rank(module).unwrap_or_else(|| panic!("`{module}` has no rank: add it to the table"))
}

/// True when the code has the words, not as the end of a longer name.
fn names(code: &str, words: &str) -> bool {
    code.match_indices(words).any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

impl Source {
    fn module(&self) -> &str {
        self.name.split('/').next().expect("a first part")
    }

    /// Returns the top modules that the file names from the root of the crate, however it spells the root.
    fn used_modules(&self) -> BTreeSet<String> {
        let up = "super::".repeat(self.name.split('/').count());
        let mut used = BTreeSet::new();
        for root in ["crate::", "fingerpost::", &up] {
            for (at, _) in self.code.match_indices(root) {
                let rest = &self.code[at + root.len()..];
                if let Some(group) = rest.strip_prefix('{') {
                    used.extend(members(group));
                } else {
                    used.extend(identifier(rest));
                }
            }
        }
        // What `super` leads to inside a file's own `mod tests` is no module of the crate.
        used.retain(|name| rank(name).is_some() || Path::new(&folder()).join(name).with_extension("rs").exists());
        used
    }
}

/// Returns the first names of the paths in a group, whose opening brace is behind.
fn members(group: &str) -> Vec<String> {
    let (mut members, mut depth, mut is_first) = (Vec::new(), 0, true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => is_first = true,
            c if c.is_alphabetic() && is_first => {
                members.extend(identifier(&group[at..]));
                is_first = false;
            }
            _ => {}
        }
    }
    members
}

fn identifier(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_owned())
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn sources() -> Vec<Source> {
    let root = folder();
    let (mut folders, mut sources) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a source folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source file");
                let name =
                    path.with_extension("").strip_prefix(&root).expect("under src").to_string_lossy().into_owned();
                let name = name.replace('\\', "/");
                let name = name.strip_suffix("/mod").unwrap_or(&name).to_owned();
                sources.push(Source { name, code: code(&text), text });
            }
        }
    }
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    sources
}

/// Returns a source text without comments and what strings and characters hold.
fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let in_name = code.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let n_skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if c == '"' {
            string_end(rest)
        } else if c == 'b' && rest[1..].starts_with('"') && !in_name {
            1 + string_end(&rest[1..])
        } else if c == 'r' && !in_name {
            raw_string_end(rest)
        } else if c == '\'' {
            char_end(rest)
        } else {
            0
        };
        if n_skipped == 0 {
            code.push(c);
            rest = &rest[c.len_utf8()..];
        } else {
            code.push(' ');
            rest = &rest[n_skipped..];
        }
    }
    code
}

fn string_end(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Returns 0 where no raw string starts.
fn raw_string_end(text: &str) -> usize {
    let hashes: String = text[1..].chars().take_while(|c| *c == '#').collect();
    let start = 1 + hashes.len();
    if !text[start..].starts_with('"') {
        return 0;
    }
    let close = format!("\"{hashes}");
    text[start + 1..].find(&close).map_or(text.len(), |end| start + 1 + end + close.len())
}

/// Returns 0 for a lifetime.
fn char_end(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((escaped, c))) => {
            let from = escaped + c.len_utf8();
            text[from..].find('\'').map_or(0, |end| from + end + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 0,
    }
}
