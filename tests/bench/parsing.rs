//! How fast are notes parsed, beside the bare parser?
//!
//! Two threads each, texts in memory, the best of some runs. The parser alone counts its events with their places; ours
//! also makes notes of them, with links, tags and headings, and then claims.

use std::fs;
use std::hint::black_box;
use std::time::{Duration, Instant};

use fingerpost::claim;
use fingerpost::engine::{Engine, Extent};
use fingerpost::language::Languages;
use fingerpost::note::Note;
use fingerpost::parse::parse;
use pulldown_cmark::{Options, Parser};
use rayon::prelude::*;

use super::{Row, Vault};

const N_RUNS: usize = 5;
const N_THREADS: usize = 2;

/// What one way to read the notes took.
struct Taken {
    time: Duration,
    /// Memory at its peak, beyond that at the start; none where the system does not tell.
    peak: Option<usize>,
}

impl Taken {
    fn told(&self, vault: &Vault) -> String {
        let seconds = self.time.as_secs_f64().max(1e-9);
        let (mb, notes) = (vault.n_bytes as f64 / 1e6 / seconds, vault.n_notes as f64 / seconds);
        let peak = self.peak.map_or_else(|| "-".to_owned(), |peak| format!("{:.0} MB", peak as f64 / 1e6));
        format!("{mb:.0} MB/s, {notes:.0} notes/s, peak {peak}")
    }
}

/// Parsing alone, and parsing with claims, each beside the bare parser.
pub fn rows(vault: &Vault, languages: &Languages) -> Vec<Row> {
    let engine = Engine::open(vault.settings("index"), Extent::Changes, &|_, _, _| {}).unwrap();
    let entries = &engine.generation().entries;
    let texts: Vec<(String, String)> =
        entries.iter().map(|entry| (entry.note.path.clone(), entry.note.text.clone())).collect();
    let names = engine.generation().names.clone();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(N_THREADS).build().unwrap();
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_MATH
        | Options::ENABLE_WIKILINKS;
    let bare = |_: &str, text: String| Parser::new_ext(&text, options).into_offset_iter().count();
    let claimed = |path: &str, text: String| {
        let note = parse(path, text);
        let lang = claim::language_of(&note, languages);
        let claims = claim::read(&note, &claim::Context { languages, names: &names, lang });
        (note, claims)
    };
    let limit = taken(&pool, &texts, &bare);
    let parsed = taken(&pool, &texts, &|path: &str, text: String| -> Note { parse(path, text) });
    let claims = taken(&pool, &texts, &claimed);
    let row = |what: &'static str, ours: &Taken, bar: &'static str, at_least: f64| {
        let ratio = limit.time.as_secs_f64() / ours.time.as_secs_f64().max(1e-9);
        Row {
            what,
            ours: ours.told(vault),
            limit: format!("{} (pulldown-cmark with offsets, 2 threads)", limit.told(vault)),
            ratio: format!("{ratio:.2}"),
            bar,
            is_met: ratio >= at_least,
        }
    };
    vec![
        row("parse: links, tags, headings, blocks", &parsed, "at least 0.5", 0.5),
        row("parse and claims", &claims, "at least 0.33", 1.0 / 3.0),
    ]
}

/// Reads all notes several times and returns the best time and the highest peak.
fn taken<T: Send>(
    pool: &rayon::ThreadPool,
    texts: &[(String, String)],
    read: &(impl Fn(&str, String) -> T + Sync),
) -> Taken {
    let mut best = Taken { time: Duration::MAX, peak: None };
    for _ in 0..N_RUNS {
        // Each run owns its texts, as reading files gives them.
        let own: Vec<(String, String)> = texts.to_vec();
        let before = memory("VmRSS:").filter(|_| forget_peak());
        let start = Instant::now();
        let read: Vec<T> = pool.install(|| own.into_par_iter().map(|(path, text)| read(&path, text)).collect());
        let time = start.elapsed();
        let peak = memory("VmHWM:").zip(before).map(|(peak, before)| peak.saturating_sub(before));
        drop(black_box(read));
        best = Taken { time: best.time.min(time), peak: best.peak.max(peak) };
    }
    best
}

/// Returns a figure of this process in bytes.
fn memory(name: &str) -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<usize>().ok()? * 1024)
}

/// Lets the peak start again from here; false where the system cannot.
fn forget_peak() -> bool {
    fs::write("/proc/self/clear_refs", "5").is_ok()
}
