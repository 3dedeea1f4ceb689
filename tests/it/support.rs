//! A folder of notes with its index, and the program run on it.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use fingerpost::answer::Answer;
use fingerpost::generation::Generation;

/// A temporary place with `notes` and `index`; gone when dropped.
pub struct Vault {
    folder: tempfile::TempDir,
}

/// What one run of the program did.
#[derive(Debug, PartialEq)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// A small vault about baking: a matrix, a comparison, an alias and a link.
pub const BAKING: &str = "\
//- /Flour.md
# Which flour

| Baking | Flour |
|---|---|
| Sourdough bread | Strong white |
| Shortcrust pastry | Plain |
| Bánh bông lan | Bột mì số 8 |

See [[Ovens|the ovens]] and [[Nowhere]].
//- /Ovens.md
---
aliases: [Bakery ovens]
tags: [kitchen]
---
# Deck or rack oven

| Criterion | Deck oven | Rack oven |
|---|---|---|
| Steam | ✅ | ❌ |
| Loaves an hour | 60 | 240 |

![[Flour#Which flour]] ^embed
";

impl Vault {
    /// Makes a vault from notes in one string, each under a line `//- /path`.
    pub fn new(notes: &str) -> Self {
        let vault = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        std::fs::create_dir(vault.notes()).expect("the notes folder");
        let mut parts = notes.split("//- /");
        assert_eq!(parts.next(), Some(""), "notes start with a line `//- /path`");
        for part in parts {
            let (path, text) = part.split_once('\n').expect("a path and a text");
            vault.write(path, text);
        }
        vault
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    pub fn notes(&self) -> PathBuf {
        self.folder.path().join("notes")
    }

    pub fn index(&self) -> PathBuf {
        self.folder.path().join("index")
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.notes().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the note's folder");
        std::fs::write(path, text).expect("a note");
    }

    /// Returns the program, ready to run in the vault's folder without any setting of the tester's own.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fingerpost"));
        command.current_dir(self.root()).args(arguments).stdin(Stdio::null());
        for name in ["FINGERPOST_NOTES", "FINGERPOST_INDEX", "FINGERPOST_CONFIG", "COLUMNS", "RUST_BACKTRACE"] {
            command.env_remove(name);
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        finish(self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()), "")
    }

    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Run {
        let mut command = self.command(arguments);
        finish(command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()), input)
    }

    /// Returns every file under the index folder that holds something.
    pub fn index_files(&self) -> Vec<PathBuf> {
        let mut folders = vec![self.index()];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("an index folder").flatten() {
                let metadata = entry.metadata().expect("metadata");
                if metadata.is_dir() {
                    folders.push(entry.path());
                } else if metadata.len() > 0 {
                    files.push(entry.path());
                }
            }
        }
        files.sort();
        files
    }
}

/// Runs a command to its end.
pub fn finish(command: &mut Command, input: &str) -> Run {
    let mut child = command.spawn().expect("the program starts");
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes()).expect("the program reads its input");
    }
    let output = child.wait_with_output().expect("the program ends");
    Run {
        code: output.status.code().expect("an exit code"),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

impl Run {
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Returns an answer's JSON without the time it took.
pub fn timeless(line: &str) -> String {
    let (before, after) = line.split_once("\"elapsed_us\":").expect("an answer");
    format!("{before}{}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
}

/// Returns how a note's lines are found, as a reader of the file counts them.
pub fn sources(generation: &Generation) -> impl Fn(&str) -> Option<Vec<String>> {
    |path| {
        let entry = generation.entries.iter().find(|entry| entry.note.path == path)?;
        Some((1..=entry.note.n_lines()).map(|line| entry.note.line(line).to_owned()).collect())
    }
}

/// Checks that each line of each quote is the line of the note that it says it is.
#[track_caller]
pub fn check_quotes(answer: &Answer, generation: &Generation) {
    let source = sources(generation);
    let beside = answer.why_not.iter().flat_map(|why_not| &why_not.evidence);
    for quote in answer.evidence.iter().chain(&answer.conflicts).chain(beside) {
        let lines = source(&quote.note).unwrap_or_else(|| panic!("a quote of no note: {quote:?}"));
        let (first, last) = quote.lines;
        assert!(1 <= first && first <= last && last as usize <= lines.len(), "{quote:?}");
        for row in &quote.rows {
            assert!((first..=last).contains(&row.line), "{quote:?}");
            assert_eq!(row.text, lines[row.line as usize - 1], "{quote:?}");
        }
        // Lines come in order, and a line `…` stands for those left out: where may the next quoted line stand?
        let mut next = BTreeSet::from([first as usize - 1]);
        for quoted in quote.markdown.split('\n') {
            let here = next.iter().filter(|at| lines.get(**at).is_some_and(|line| line == quoted)).map(|at| at + 1);
            let mut after: BTreeSet<usize> = here.collect();
            if let Some(at) = next.first().filter(|_| quoted == "…") {
                after.extend(at + 1..last as usize);
            }
            assert!(!after.is_empty(), "`{quoted}` is not where `{}` has it: {quote:?}", quote.note);
            next = after;
        }
        assert!(next.contains(&(last as usize)), "the quote does not end on its last line: {quote:?}");
    }
}
