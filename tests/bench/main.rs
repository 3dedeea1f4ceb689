//! How fast is it, beside the least that the same work can cost?
//!
//! `cargo bench` makes vaults of 1,000 and 10,000 notes, measures each bar together with its limit in one run, and writes
//! `tests/bench/RESULTS.md`. `SIZES=1000,10000,100000 cargo bench` measures other sizes, `cargo bench -- parse` only the
//! rows of that name after the full index, and then writes nothing. Judge ratios, not times: both sides of a row ran on the same machine in
//! the same minute.

#![expect(clippy::print_stdout, reason = "a bench tells what it is at")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on has nothing better to do than to stop")]

mod generator;
mod parsing;

use std::fmt::Write as _;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use fingerpost::answer::Switches;
use fingerpost::engine::{Engine, Extent, Settings};
use fingerpost::generation;
use fingerpost::index;
use fingerpost::language::Languages;
use fingerpost::watch::{Mode, News, Options, Watcher};

const N_COLD: usize = 15;
const N_EDITS: usize = 60;
const N_WARM: usize = 400;
const WAIT: Duration = Duration::from_millis(100);

struct Vault {
    folder: tempfile::TempDir,
    n_notes: usize,
    n_bytes: usize,
}

impl Vault {
    fn new(n_notes: usize) -> Self {
        let mut vault = Self { folder: tempfile::tempdir().unwrap(), n_notes, n_bytes: 0 };
        for at in 0..n_notes {
            let (path, text) = generator::note(at, n_notes);
            vault.n_bytes += text.len();
            let file = vault.notes().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        // Files as young as the index are read again, as they are the first seconds after an edit.
        std::thread::sleep(Duration::from_secs(3));
        vault
    }

    fn notes(&self) -> PathBuf {
        self.folder.path().join("notes")
    }

    fn settings(&self, index: &str) -> Settings {
        Settings { notes: self.notes(), index: self.folder.path().join(index), golden: None }
    }
}

/// One row of the table: what was measured, its bar and the limit beside it.
struct Row {
    what: &'static str,
    ours: String,
    limit: String,
    ratio: String,
    bar: &'static str,
    is_met: bool,
}

fn main() {
    // `cargo test` runs benches too, with this argument, to see whether they still run at all.
    let is_check = std::env::args().any(|argument| argument == "--test");
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let sizes = std::env::var("SIZES").unwrap_or_else(|_| if is_check { "60" } else { "1000,10000" }.to_owned());
    let mut text = String::from(
        "# Results\n\nWritten by `cargo bench`; each row beside its limit, measured in the same run.\n\
         Ratios are what counts: the times depend on the machine and on what else it does.\n",
    );
    for size in sizes.split(',') {
        let vault = Vault::new(size.trim().parse().unwrap());
        println!("{} notes", vault.n_notes);
        let rows = measure(&vault, wanted.as_deref().unwrap_or_default());
        let _ = write!(
            text,
            "\n## {} notes, {:.1} MB\n\n| what | ours | limit beside it | ratio | bar | met |\n|---|---|---|---|---|---|\n",
            vault.n_notes,
            vault.n_bytes as f64 / 1e6
        );
        for row in rows {
            let met = if row.is_met { "yes" } else { "no" };
            let _ =
                writeln!(text, "| {} | {} | {} | {} | {} | {met} |", row.what, row.ours, row.limit, row.ratio, row.bar);
        }
    }
    println!("{text}");
    if !is_check && wanted.is_none() {
        fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bench/RESULTS.md"), text).unwrap();
    }
}

/// Measures the rows that are named by a word; all of them where it is empty.
fn measure(vault: &Vault, wanted: &str) -> Vec<Row> {
    let languages = Languages::builtin();
    // The first builds the index that the others need.
    let measures: [(&str, &dyn Fn() -> Vec<Row>); 6] = [
        ("full", &|| vec![full(vault)]),
        ("parse", &|| parsing::rows(vault, &languages)),
        ("cold", &|| vec![cold(vault)]),
        ("warm", &|| vec![warm(vault)]),
        ("saved", &|| vec![saved(vault, &languages)]),
        ("memory", &|| vec![memory(vault)]),
    ];
    measures.iter().filter(|(name, _)| *name == "full" || name.contains(wanted)).flat_map(|(_, rows)| rows()).collect()
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() * percent / 100).min(times.len() - 1)]
}

fn ratio(ours: Duration, limit: Duration) -> f64 {
    ours.as_secs_f64() / limit.as_secs_f64().max(1e-9)
}

/// Everything from files to a saved index, beside parsing alone and tantivy alone.
fn full(vault: &Vault) -> Row {
    let start = Instant::now();
    let engine = Engine::open(vault.settings("index"), Extent::Full, &|_, _, _| {}).unwrap();
    let ours = start.elapsed();
    let (entries, _) = fingerpost::vault::scan(&vault.notes()).unwrap();
    let texts: Vec<String> =
        entries.iter().map(|entry| fs::read_to_string(vault.notes().join(&entry.path)).unwrap()).collect();
    let start = Instant::now();
    let n_events: usize = texts.iter().map(|text| pulldown_cmark::Parser::new(text).count()).sum();
    let parsed = start.elapsed();
    let start = Instant::now();
    let documents = engine.generation().entries.iter().map(|entry| generation::documents(entry));
    index::create(&vault.folder.path().join("alone"), documents, "").unwrap();
    let indexed = start.elapsed();
    assert!(n_events > 0, "the parser has parsed");
    let limit = parsed + indexed;
    Row {
        what: "full index",
        ours: ms(ours),
        limit: format!("{} (parser {}, tantivy {})", ms(limit), ms(parsed), ms(indexed)),
        ratio: format!("{:.1}", ratio(ours, limit)),
        bar: "at most 2.0",
        is_met: ratio(ours, limit) <= 2.0,
    }
}

/// One question in a process of its own, beside ripgrep's search for a word.
fn cold(vault: &Vault) -> Row {
    let settings = vault.settings("index");
    let (mut ours, mut limit) = (Vec::new(), Vec::new());
    let mut dice = generator::Dice(1);
    for _ in 0..N_COLD {
        let question = format!("which one to {}?", generator::need(&mut dice, false));
        ours.push(run(Command::new(env!("CARGO_BIN_EXE_fingerpost"))
            .args(["ask", &question, "--notes"])
            .arg(&settings.notes)
            .arg("--index")
            .arg(&settings.index)));
        limit.push(run(Command::new("rg").args(["-c", "invoices"]).arg(&settings.notes)));
    }
    let (ours, limit) = (percentile(&mut ours, 50), percentile(&mut limit, 50));
    Row {
        what: "cold `ask`, nothing changed, median",
        ours: ms(ours),
        limit: format!("{} (`rg -c WORD notes/`)", ms(limit)),
        ratio: format!("{:.2}", ratio(ours, limit)),
        bar: "at most 1.0",
        is_met: ratio(ours, limit) <= 1.0,
    }
}

fn run(command: &mut Command) -> Duration {
    let start = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("`rg` has to be installed");
    assert!(status.code().is_some_and(|code| code < 2), "{command:?}: {status}");
    start.elapsed()
}

/// One question after the other in one process, beside one look into tantivy.
fn warm(vault: &Vault) -> Row {
    let engine = Engine::open(vault.settings("index"), Extent::Changes, &|_, _, _| {}).unwrap();
    engine.generation().entries.fetch_all();
    let mut dice = generator::Dice(2);
    let mut times: Vec<Duration> = (0..N_WARM)
        .map(|at| {
            let question = format!("which one to {}?", generator::need(&mut dice, at % 3 == 0));
            let start = Instant::now();
            engine.ask(&question, &Switches::default(), false).unwrap();
            start.elapsed()
        })
        .collect();
    let generation = engine.generation();
    let terms: Vec<_> = generation.counts.keys().copied().take(N_WARM).collect();
    let mut n_found = 0;
    let start = Instant::now();
    for term in &terms {
        let _ = generation.postings.walk(*term, &mut |_| {
            n_found += 1;
            ControlFlow::Continue(())
        });
    }
    let limit = start.elapsed() / terms.len() as u32;
    let (p50, p99) = (percentile(&mut times, 50), percentile(&mut times, 99));
    let p99_bar = Duration::from_millis(if vault.n_notes > 10_000 { 20 } else { 5 });
    Row {
        what: "warm `ask` in process, p50 and p99",
        ours: format!("{}, {}", ms(p50), ms(p99)),
        limit: format!("{} (one tantivy lookup, {n_found} postings in all)", ms(limit)),
        ratio: format!("{:.0}", ratio(p50, limit)),
        bar: "p50 1 ms, p99 5 ms (20 ms at 100,000)",
        is_met: p50 <= Duration::from_millis(1) && p99 <= p99_bar,
    }
}

/// From a saved note to the generation that has it, beside a commit of the same documents by tantivy.
fn saved(vault: &Vault, languages: &Languages) -> Row {
    let engine = Engine::open(vault.settings("index"), Extent::Changes, &|_, _, _| {}).unwrap();
    let (send, receive) = mpsc::channel();
    let options = Options { mode: Mode::Auto, wait: WAIT, poll: Duration::from_secs(1) };
    let watcher = Watcher::start(engine, options, move |news| {
        if let News::Replaced { .. } = news {
            let _ = send.send(());
        }
    })
    .unwrap();
    let mut times = Vec::new();
    let (mut limits, alone) = (Vec::new(), vault.folder.path().join("alone"));
    for at in 0..N_EDITS {
        let (path, mut text) = generator::note(at * 37 % vault.n_notes, vault.n_notes);
        let _ = writeln!(text, "\n| When | Use |\n|---|---|\n| archive maps {at} | {} |", generator::option(at));
        let start = Instant::now();
        fs::write(vault.notes().join(&path), &text).unwrap();
        receive.recv_timeout(Duration::from_secs(60)).expect("a generation");
        times.push(start.elapsed().saturating_sub(WAIT));
        let names = &watcher.generation().names;
        let entry = generation::read_one(&path, text, names, languages);
        let start = Instant::now();
        index::update(&alone, &[&path], std::iter::once(generation::documents(&entry)), "").unwrap();
        index::Postings::open(&alone).unwrap();
        limits.push(start.elapsed());
    }
    let (p95, limit) = (percentile(&mut times, 95), percentile(&mut limits, 95));
    Row {
        what: "note saved -> new answer, p95 after the wait",
        ours: ms(p95),
        limit: format!("{} (tantivy commit and reload)", ms(limit)),
        ratio: format!("{:.1}", ratio(p95, limit)),
        bar: "at most 250 ms",
        is_met: p95 <= Duration::from_millis(250),
    }
}

/// Memory that is not files, of a watch that has seen an edit.
fn memory(vault: &Vault) -> Row {
    let settings = vault.settings("index");
    let mut child = Command::new(env!("CARGO_BIN_EXE_fingerpost"))
        .args(["watch", "--notes"])
        .arg(&settings.notes)
        .arg("--index")
        .arg(&settings.index)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(2));
    let (path, text) = generator::note(1, vault.n_notes);
    fs::write(vault.notes().join(path), format!("{text}\nEdited.\n")).unwrap();
    std::thread::sleep(Duration::from_secs(4));
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    child.kill().unwrap();
    child.wait().unwrap();
    let kib =
        status.lines().find_map(|line| line.strip_prefix("RssAnon:")?.trim().strip_suffix(" kB")?.trim().parse().ok());
    let ours = kib.unwrap_or(0usize) * 1024;
    let limit = 3 * vault.n_bytes + 60_000_000;
    Row {
        what: "memory of `watch` after an edit",
        ours: format!("{:.0} MB", ours as f64 / 1e6),
        limit: format!("{:.0} MB (3 x the notes + 60 MB)", limit as f64 / 1e6),
        ratio: format!("{:.1}", ours as f64 / limit as f64),
        bar: "at most 1.0",
        is_met: ours > 0 && ours <= limit,
    }
}
