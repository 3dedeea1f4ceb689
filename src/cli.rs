//! What did the person at the command line ask for?
//!
//! Reads arguments, opens the engine, prints results to standard output and everything else to standard error, and
//! chooses the exit code. Computes nothing.

mod check;
mod doctor;
mod explore;

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::builder::PossibleValuesParser;
use clap::{Args, CommandFactory, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::answer::{Answer, MECHANISMS, Switches, Verdict};
use crate::config::{self, ConfigError, Given};
use crate::engine::{self, Engine, EngineError, Extent, Notice, QuestionError, Settings, Status};
use crate::eval::{self, Case};
use crate::generation::{Generation, Stage};
use crate::render::{Phrases, Style, reading, show, terminal, wire};
use crate::vault;
use crate::watch::{self, News, Watcher};

const UNKNOWN: u8 = 1;
const USAGE: u8 = 2;
const FAULTS: u8 = 3;
const INTERNAL: u8 = 70;
/// Updates quicker than this show no bar: one that flashes up tells nothing.
const BAR_DELAY: Duration = Duration::from_millis(300);
/// Width of lines where nobody says how wide the place is.
const WIDTH_DEFAULT: usize = 100;

/// Answers "which should I use for X" from a folder of Markdown notes, quoting the deciding rows.
#[derive(Parser)]
#[command(name = "fingerpost", version, about, arg_required_else_help = true, max_term_width = 100)]
struct Arguments {
    /// Configuration to read instead of bot.toml
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of Markdown notes
    #[arg(long, global = true, value_name = "DIR")]
    notes: Option<PathBuf>,
    /// Folder to keep the index in
    #[arg(long, global = true, value_name = "DIR")]
    index: Option<PathBuf>,
    /// Say nothing but results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say what is done and how long it takes
    #[arg(short, long, global = true)]
    verbose: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answer a question from the notes
    Ask(Ask),
    /// Put two options side by side
    Compare(explore::Compare),
    /// Show how two concepts are connected, with the lines that say so
    Path(explore::Path),
    /// Draw what is around a name, or all of it
    Graph(explore::Graph),
    /// Show a note or concept as the index sees it
    Show {
        /// Path, title or alias of a note, or the name of an option
        #[arg(required = true)]
        name: Vec<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Look for faults in the notes: broken links and tables, open decisions, names that clash
    Check(check::Check),
    /// Show what is indexed, and whether it is up to date
    Status {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Bring the index up to date
    Index {
        /// Build everything again
        #[arg(long)]
        full: bool,
        /// Take the notes as they are, even where golden questions lose their answers
        #[arg(long)]
        accept: bool,
    },
    /// Keep the index up to date, until it is stopped
    Watch,
    /// Answer in Discord
    Bot,
    /// List questions that the notes did not answer in Discord
    Gaps(Gaps),
    /// Measure answers against golden questions
    Eval(Eval),
    /// Learn the weights of answers from golden questions over many vaults
    Learn(Learn),
    /// Tell what is set up, what is missing and what to do about it
    Doctor,
    /// Print a script that completes commands and options in a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Args)]
struct Ask {
    /// The question; `-` with --json reads one a line from standard input
    #[arg(required = true)]
    question: Vec<String>,
    /// Print JSON, one answer a line
    #[arg(long)]
    json: bool,
    /// Show how the answer was found
    #[arg(long)]
    explain: bool,
    /// Show at most this many quotes
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    #[command(flatten)]
    without: Without,
}

#[derive(Args)]
struct Gaps {
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Forget everything that a user asked or said, by the id that Discord copies
    #[arg(long, value_name = "USER")]
    forget: Option<u64>,
}

#[derive(Args)]
struct Eval {
    /// Golden questions, one JSON object a line
    file: PathBuf,
    /// Fail with exit code 3 when fewer percent of the choices are right
    #[arg(long, value_name = "PERCENT")]
    min_choice: Option<f64>,
    #[command(flatten)]
    without: Without,
}

#[derive(Args)]
struct Learn {
    /// Golden questions with their vault, one JSON object a line
    file: PathBuf,
    /// Folder that holds the vaults
    vaults: PathBuf,
    /// Vaults to hold out: the first letters of their names, as in `m-z`
    #[arg(long, value_name = "A-B")]
    held_out: Option<String>,
    /// How often each weight is tried
    #[arg(long, value_name = "N", default_value_t = 2)]
    rounds: usize,
    /// Where to write the weights
    #[arg(long, value_name = "FILE", default_value = "weights.toml")]
    out: PathBuf,
}

#[derive(Args)]
struct Without {
    /// Switch a mechanism off, to measure what it adds
    #[arg(long, value_name = "MECHANISM", value_delimiter = ',', value_parser = PossibleValuesParser::new(MECHANISMS))]
    without: Vec<String>,
}

impl Without {
    fn switches(&self) -> Switches {
        Switches { off: self.without.clone(), ..Switches::default() }
    }
}

/// What ends a command early.
enum Failure {
    /// Shown as error and hint, with the exit code.
    Told { code: u8, message: String, hint: String },
    /// Standard output cannot be written.
    Output(std::io::Error),
}

impl Failure {
    fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Told { code: USAGE, message: message.into(), hint: hint.into() }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.to_string(), error.hint())
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        let code = if error.is_internal() { INTERNAL } else { USAGE };
        Self::Told { code, message: error.to_string(), hint: error.hint() }
    }
}

impl From<QuestionError> for Failure {
    fn from(error: QuestionError) -> Self {
        Self::usage(error.to_string(), error.hint())
    }
}

#[cfg(feature = "discord")]
impl From<crate::discord::StartError> for Failure {
    fn from(error: crate::discord::StartError) -> Self {
        Self::Told { code: error.code, message: error.to_string(), hint: error.hint().to_owned() }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Told {
            code: INTERNAL,
            message: format!("a result has no JSON form ({error})"),
            hint: "This is a fault in fingerpost; please report it with this message.".to_owned(),
        }
    }
}

/// Runs the program with the arguments of the process and returns its exit code.
pub fn run() -> ExitCode {
    let arguments = Arguments::try_parse().unwrap_or_else(|error| error.exit());
    match execute(arguments) {
        Ok(code) => ExitCode::from(code),
        // Whoever read the output has seen enough.
        Err(Failure::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Failure::Output(error)) => {
            tell("error", &format!("the result cannot be written ({error})"));
            tell("hint", "Check the space on the disk that standard output goes to.");
            ExitCode::from(INTERNAL)
        }
        Err(Failure::Told { code, message, hint }) => {
            tell("error", &message);
            tell("hint", &hint);
            ExitCode::from(code)
        }
    }
}

/// Standard error may be closed: there is nobody left to tell, then.
fn tell(label: &str, text: &str) {
    let _ = writeln!(std::io::stderr(), "{label}: {text}");
}

fn execute(arguments: Arguments) -> Result<u8, Failure> {
    let given = Given { config: arguments.config, notes: arguments.notes, index: arguments.index };
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    match &arguments.command {
        // What is asked for when something is wrong must not fail for that reason.
        Command::Doctor => return doctor::report(&given, &variable, style()),
        Command::Completions { shell } => return completions(*shell),
        Command::Check(check) if check.explain.is_some() => return check::explained(check, style()),
        _ => {}
    }
    let settings = config::settings(given.clone(), &variable)?;
    let upkeep = config::upkeep(given.clone(), &variable)?;
    let voice = match (arguments.quiet, arguments.verbose) {
        (true, _) => Voice::Quiet,
        (_, true) => Voice::Verbose,
        _ => Voice::Plain,
    };
    match arguments.command {
        Command::Ask(ask) => answer(&ask, settings, voice),
        Command::Compare(compare) => explore::compared(&compare, settings, voice),
        Command::Path(path) => explore::connected(&path, settings, voice),
        Command::Graph(graph) => explore::drawn(&graph, settings, voice),
        Command::Show { name, json } => shown(&name.join(" "), json, settings, voice),
        Command::Check(check) => check::checked(&check, settings, voice),
        Command::Status { json } => figures(json, &settings),
        Command::Index { full, accept } => {
            let extent = match (full, accept) {
                (false, false) => Extent::Changes,
                (false, true) => Extent::Accepted,
                (true, false) => Extent::Full,
                (true, true) => Extent::FullAccepted,
            };
            let (engine, notices) = open_noticing(settings, extent, voice)?;
            let generation = engine.generation();
            let n_claims = generation.figures.n_claims;
            let mut out = std::io::stdout().lock();
            let n_notes = generation.entries.len();
            writeln!(out, "generation {}: {n_notes} notes, {n_claims} claims", generation.number)?;
            // Golden questions that cannot be read are a fault of the configuration.
            let is_unjudged = notices.iter().any(|notice| matches!(notice, Notice::Unjudged { .. }));
            Ok(if is_unjudged { USAGE } else { 0 })
        }
        Command::Watch => kept_up(settings, upkeep.watch.options(), voice),
        Command::Bot => bot(given, &settings, upkeep.watch.options()),
        Command::Gaps(gaps) => listed(&gaps, given),
        Command::Eval(eval) => measure(&eval, settings, voice),
        Command::Learn(learn) => learned(&learn),
        Command::Doctor | Command::Completions { .. } => unreachable!("these need no settings and are done above"),
    }
}

fn completions(shell: clap_complete::Shell) -> Result<u8, Failure> {
    // The generator panics where it cannot write, as into a closed pipe.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "fingerpost", &mut script);
    let mut out = std::io::stdout().lock();
    out.write_all(&script)?;
    out.flush()?;
    Ok(0)
}

/// Runs the bot until it is told to end.
#[cfg(feature = "discord")]
fn bot(given: Given, settings: &Settings, options: watch::Options) -> Result<u8, Failure> {
    let chosen = config::bot(given, &|name| std::env::var_os(name).map(PathBuf::from))?;
    crate::discord::run(settings, options, chosen, &|name| std::env::var(name).ok())?;
    Ok(0)
}

/// Lists gaps, or forgets a user.
#[cfg(feature = "discord")]
fn listed(gaps: &Gaps, given: Given) -> Result<u8, Failure> {
    let refused = |error: crate::store::StoreError| Failure::usage(error.to_string(), error.hint());
    let chosen = config::bot(given, &|name| std::env::var_os(name).map(PathBuf::from))?;
    let path = crate::discord::store_path(&chosen)?;
    // Who only looks makes no file.
    let store = path.exists().then(|| crate::store::Store::open(&path)).transpose().map_err(refused)?;
    let mut out = std::io::stdout().lock();
    if let Some(user) = gaps.forget {
        let n_forgotten = store.map_or(Ok(0), |store| store.forget_user(user)).map_err(refused)?;
        writeln!(out, "{n_forgotten} answers and gaps forgotten")?;
        return Ok(0);
    }
    let gaps_kept = store.map_or_else(|| Ok(Vec::new()), |store| store.gaps()).map_err(refused)?;
    let clusters = crate::store::clusters(&gaps_kept);
    if gaps.json {
        for cluster in &clusters {
            writeln!(out, "{}", wire::json(cluster)?)?;
        }
    } else {
        write!(out, "{}", gaps_text(&clusters))?;
    }
    out.flush()?;
    Ok(0)
}

#[cfg(feature = "discord")]
fn gaps_text(clusters: &[crate::store::Cluster]) -> String {
    if clusters.is_empty() {
        return "no gaps so far\n".to_owned();
    }
    let mut text = "times  wrong  last        question\n".to_owned();
    for cluster in clusters {
        let (times, wrong, date) = (cluster.times, cluster.wrong, wire::date(cluster.last));
        let date = date.split(' ').next().unwrap_or_default();
        // A question of somebody else must not steer this terminal.
        let question: String = cluster.question.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        text.push_str(&format!("{times:>5}  {wrong:>5}  {date}  {question}\n"));
        for reason in &cluster.reasons {
            let reason: String = reason.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            text.push_str(&format!("                           “{reason}”\n"));
        }
    }
    text
}

#[cfg(not(feature = "discord"))]
fn listed(_: &Gaps, _: Given) -> Result<u8, Failure> {
    Err(without_discord())
}

#[cfg(not(feature = "discord"))]
fn bot(_: Given, _: &Settings, _: watch::Options) -> Result<u8, Failure> {
    Err(without_discord())
}

#[cfg(not(feature = "discord"))]
fn without_discord() -> Failure {
    Failure::usage(
        "this fingerpost was built without the Discord bot",
        "Build it with `cargo build --release`, without `--no-default-features`, or with `--features discord`.",
    )
}

/// How much is said beside the result.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Voice {
    Quiet,
    Plain,
    Verbose,
}

fn open(settings: Settings, extent: Extent, voice: Voice) -> Result<Engine, EngineError> {
    Ok(open_noticing(settings, extent, voice)?.0)
}

/// Opens the index and returns it with what was told of it.
fn open_noticing(settings: Settings, extent: Extent, voice: Voice) -> Result<(Engine, Vec<Notice>), EngineError> {
    let bar = Bar::new(voice);
    let start = Instant::now();
    let opened = Engine::open(settings, extent, &|stage, n_done, n_notes| bar.report(stage, n_done, n_notes));
    bar.finish();
    let mut engine = opened?;
    let notices = engine.take_notices();
    for notice in notices.iter().filter(|_| voice != Voice::Quiet) {
        tell("warning", &notice.to_string());
        if notice.is_held_back() {
            tell("hint", notice.hint());
        }
    }
    if voice == Voice::Verbose {
        let generation = engine.generation();
        let (n_notes, took) = (generation.entries.len(), start.elapsed().as_millis());
        tell("info", &format!("generation {} with {n_notes} notes is ready after {took} ms", generation.number));
    }
    Ok((engine, notices))
}

/// Keeps the index up to date until a signal comes, and prints a line for each generation.
fn kept_up(settings: Settings, options: watch::Options, voice: Voice) -> Result<u8, Failure> {
    let engine = open(settings, Extent::Changes, voice)?;
    let generation = engine.generation();
    said_generation(generation, "watching")?;
    let told = Arc::new(Mutex::new(Ok(())));
    let outcome = Arc::clone(&told);
    let tell_news = move |news: News| {
        let (label, text) = match news {
            News::Replaced { generation, n_read, took } => {
                let said = said_generation(&generation, &format!("{n_read} read in {} ms", took.as_millis()));
                *outcome.lock().unwrap_or_else(PoisonError::into_inner) = said;
                return;
            }
            News::Polling(reason) => ("info", format!("the folder is looked at now and then: {reason}")),
            News::Failed { message, hint } => ("error", format!("{message}\nhint: {hint}")),
            News::Recovered => ("info", "up to date again".to_owned()),
            News::Notice(notice) => ("warning", notice.to_string()),
        };
        if voice != Voice::Quiet {
            tell(label, &text);
        }
    };
    let watcher = Watcher::start(engine, options, tell_news).map_err(|error| {
        let message = format!("the system gives no word of changes in the notes folder ({error})");
        Failure::usage(message, watch::NATIVE_HINT)
    })?;
    let stop = watcher.stopper();
    ctrlc::set_handler(move || stop.stop()).map_err(|error| Failure::Told {
        code: INTERNAL,
        message: format!("signals cannot be received ({error})"),
        hint: "This is a fault in fingerpost; please report it with this message.".to_owned(),
    })?;
    watcher.join();
    let told = std::mem::replace(&mut *told.lock().unwrap_or_else(PoisonError::into_inner), Ok(()));
    told.map(|()| 0).map_err(Failure::Output)
}

fn said_generation(generation: &Generation, more: &str) -> std::io::Result<()> {
    let n_claims = generation.figures.n_claims;
    let mut out = std::io::stdout().lock();
    writeln!(out, "generation {}: {} notes, {n_claims} claims, {more}", generation.number, generation.entries.len())?;
    out.flush()
}

fn answer(ask: &Ask, settings: Settings, voice: Voice) -> Result<u8, Failure> {
    let question = ask.question.join(" ");
    if ask.json && question == "-" {
        return batch(ask, settings, voice);
    }
    // A question that will be refused need not wait for the index.
    engine::check(&question)?;
    let engine = open(settings, Extent::Changes, voice)?;
    let mut answer = engine.ask(&question, &ask.without.switches(), ask.explain)?;
    let mut out = std::io::stdout().lock();
    if ask.json {
        shorten(&mut answer, ask.limit);
        writeln!(out, "{}", wire::json(&answer)?)?;
    } else {
        let n_quotes = ask.limit.unwrap_or(terminal::QUOTES_SHOWN);
        write!(out, "{}", terminal::answer(&answer, n_quotes, &Phrases::builtin(), style()))?;
    }
    out.flush()?;
    if voice == Voice::Verbose {
        tell("info", &format!("answered in {} µs", answer.elapsed_us));
    }
    // The process ends: giving back a large index piece by piece takes longer than the answer did.
    std::mem::forget(engine);
    Ok(if answer.verdict == Verdict::Unknown { UNKNOWN } else { 0 })
}

/// Learns weights, writes them and prints how the vaults held out fare after each round.
fn learned(learn: &Learn) -> Result<u8, Failure> {
    let told = |error: anyhow::Error| {
        Failure::usage(format!("{error:#}"), "Check the questions, the vaults and the file to write.")
    };
    let languages = crate::language::Languages::builtin();
    let text = std::fs::read_to_string(&learn.file)
        .map_err(|error| told(anyhow::anyhow!("`{}` cannot be read ({error})", learn.file.display())))?;
    let exams = crate::learn::exams(&text, &learn.vaults, &languages).map_err(told)?;
    let held = |vault: &str| {
        let range = learn.held_out.as_deref().and_then(|range| range.split_once('-'));
        range.is_some_and(|(first, last)| vault.get(..1).is_some_and(|letter| (first..=last).contains(&letter)))
    };
    let mut out = std::io::stdout().lock();
    let mut start = crate::answer::Weights::builtin();
    let (n_right, n_sentences) = crate::learn::fit_spans(&exams, &mut start, &languages);
    writeln!(out, "words of a sentence: right in {n_right} of {n_sentences}, each family of vaults held out in turn")?;
    let mut failed = None;
    let best = crate::learn::search(&exams, &held, &start, &languages, learn.rounds, |round| {
        failed = writeln!(out, "{round}").and_then(|()| out.flush()).err().or(failed.take());
    });
    if let Some(error) = failed {
        return Err(error.into());
    }
    let mut best = best;
    let table = crate::learn::fit_doubt(&exams, &mut best, &languages);
    write!(out, "{table}")?;
    std::fs::write(&learn.out, best.to_toml())
        .map_err(|error| told(anyhow::anyhow!("`{}` cannot be written ({error})", learn.out.display())))?;
    Ok(0)
}

fn shorten(answer: &mut Answer, limit: Option<usize>) {
    answer.evidence.truncate(limit.unwrap_or(usize::MAX));
}

/// Answers questions from standard input, one a line, each as soon as it is read.
fn batch(ask: &Ask, settings: Settings, voice: Voice) -> Result<u8, Failure> {
    let engine = open(settings, Extent::Changes, voice)?;
    let switches = ask.without.switches();
    let mut out = std::io::stdout().lock();
    let mut input = std::io::stdin().lock();
    let mut line = Vec::new();
    loop {
        line.clear();
        let n_read = input.read_until(b'\n', &mut line).map_err(|error| {
            Failure::usage(format!("standard input cannot be read ({error})"), "Pipe questions in, one a line.")
        })?;
        if n_read == 0 {
            return Ok(0);
        }
        // One line that is not UTF-8 must not cost the answers to the others.
        let text = String::from_utf8_lossy(&line);
        let question = text.trim_end_matches(['\n', '\r']);
        match engine.ask(question, &switches, ask.explain) {
            Ok(mut answer) => {
                shorten(&mut answer, ask.limit);
                writeln!(out, "{}", wire::json(&answer)?)?;
            }
            Err(error) => {
                let refusal = wire::Refusal::new(question, error.code(), error.to_string(), error.hint().to_owned());
                writeln!(out, "{}", wire::json(&refusal)?)?;
            }
        }
        out.flush()?;
    }
}

fn shown(name: &str, json: bool, settings: Settings, voice: Voice) -> Result<u8, Failure> {
    let notes = settings.notes.clone();
    let engine = open(settings, Extent::Changes, voice)?;
    let mut shown = show::show(name, engine.generation()).map_err(|error| Failure::Told {
        code: UNKNOWN,
        message: error.to_string(),
        hint: error.hint(),
    })?;
    reading::add(&mut shown, engine.generation(), engine.languages());
    if shown.has_open_links() {
        shown.lead_to_files(&vault::others(&notes));
    }
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{}", wire::json(&shown)?)?;
    } else {
        write!(out, "{}", shown.text(style()))?;
    }
    out.flush()?;
    Ok(0)
}

fn figures(json: bool, settings: &Settings) -> Result<u8, Failure> {
    let status = engine::status(settings)?;
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{}", wire::json(&status)?)?;
    } else {
        write!(out, "{}", described(&status))?;
    }
    out.flush()?;
    Ok(0)
}

fn described(status: &Status) -> String {
    let ago = |time: Option<u64>| time.map_or_else(|| "-".to_owned(), wire::date);
    let state = match status.state {
        "ready" => "up to date".to_owned(),
        "stale" => format!("stale since {}; the next question brings it up to date", ago(status.stale_since)),
        "missing" => "not built yet; `fingerpost index` builds it".to_owned(),
        "damaged" => "damaged; the next question builds it again".to_owned(),
        "outdated" => "written by another version; the next question builds it again".to_owned(),
        _ => "written by a newer fingerpost; use that one, or another folder with `--index DIR`".to_owned(),
    };
    let number = status.generation.map_or_else(|| "-".to_owned(), |number| number.to_string());
    let took = status.took_ms.map(|took| format!(" in {took} ms")).unwrap_or_default();
    let mut text = format!(
        "notes       {} in {}\nindex       {} ({state})\ngeneration  {number}\nbuilt       {}{took}\n",
        status.notes,
        status.notes_folder,
        status.index_folder,
        ago(status.built)
    );
    if let Some(error) = &status.last_error {
        text.push_str(&format!("last error  {} ({})\n", error.message, wire::date(error.time)));
    }
    if status.generation.is_some() {
        let nowhere = match status.unresolved_links {
            0 => String::new(),
            n => format!(" ({n} lead nowhere)"),
        };
        text.push_str(&format!(
            "links       {}{nowhere}\nclaims      {}\nconcepts    {}\n",
            status.links, status.claims, status.concepts
        ));
    }
    for fault in &status.faults {
        text.push_str(&format!("{}: {} {}\n", fault.path, fault.code, fault.message));
    }
    text
}

fn measure(eval: &Eval, settings: Settings, voice: Voice) -> Result<u8, Failure> {
    let cases = cases(&eval.file)?;
    let notes = settings.notes.clone();
    let engine = open(settings, Extent::Changes, voice)?;
    let switches = eval.without.switches();
    let source = |note: &str| {
        let content = vault::read(&notes, note);
        content.fault.is_none().then(|| content.text.split('\n').map(str::to_owned).collect())
    };
    let judged: Vec<eval::Judged> = cases
        .iter()
        .map(|case| eval::judge(case, engine.ask(&case.question, &switches, false).ok().as_ref(), &source))
        .collect();
    let mut out = std::io::stdout().lock();
    write!(out, "{}", eval::table(&judged))?;
    out.flush()?;
    let choice = eval::choice(&judged);
    match eval.min_choice {
        Some(bar) if choice < bar => Err(Failure::Told {
            code: FAULTS,
            message: format!("{choice:.1} % of the choices are right, and the bar is {bar} %"),
            hint: "Ask the questions that fail with `fingerpost ask --explain`.".to_owned(),
        }),
        _ => Ok(0),
    }
}

fn cases(file: &std::path::Path) -> Result<Vec<Case>, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        let hint = "Name a file of golden questions, one JSON object a line.";
        Failure::usage(format!("`{}` cannot be read ({error})", file.display()), hint)
    })?;
    let cases = eval::cases(&text).map_err(|fault| {
        let place = format!("{}:{}:{}", file.display(), fault.line, fault.column);
        let hint = "Each line needs id, kind, lang, question, verdict and choices, and may have note, notes, evidence \
                    and row.";
        Failure::usage(format!("{place}: not a golden question ({})", fault.reason), hint)
    })?;
    if cases.is_empty() {
        let hint = "Put one JSON object a line into it.";
        return Err(Failure::usage(format!("`{}` holds no golden questions", file.display()), hint));
    }
    Ok(cases)
}

/// What standard output can show. A width in the environment is believed off a terminal too.
fn style() -> Style {
    let is_terminal = std::io::stdout().is_terminal();
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let width = terminal_size::terminal_size().filter(|_| is_terminal).map(|(width, _)| usize::from(width.0));
    Style {
        colour: is_terminal && !is_set("NO_COLOR") && !is_dumb,
        width: width.or(columns).unwrap_or(WIDTH_DEFAULT).max(20),
    }
}

/// A progress bar that appears only on a terminal and only when it takes long.
struct Bar {
    start: Instant,
    is_shown: bool,
    bar: Mutex<Option<(Stage, ProgressBar)>>,
}

impl Bar {
    fn new(voice: Voice) -> Self {
        let is_coloured = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let is_shown = voice != Voice::Quiet && is_coloured && std::io::stderr().is_terminal();
        Self { start: Instant::now(), is_shown, bar: Mutex::new(None) }
    }

    fn report(&self, stage: Stage, n_done: usize, n_notes: usize) {
        if !self.is_shown || self.start.elapsed() < BAR_DELAY {
            return;
        }
        // Another thread is drawing: its picture is as good as ours.
        let Ok(mut bar) = self.bar.try_lock() else {
            return;
        };
        let (shown, bar) = bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(Some(n_notes as u64), ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{msg:22} {wide_bar} {pos}/{len}") {
                bar.set_style(style);
            }
            bar.set_message(label(stage));
            (stage, bar)
        });
        if *shown != stage {
            *shown = stage;
            bar.set_message(label(stage));
            bar.set_length(n_notes as u64);
        }
        bar.set_position(n_done as u64);
    }

    fn finish(&self) {
        if let Ok(Some((_, bar))) = self.bar.lock().as_deref() {
            bar.finish_and_clear();
        }
    }
}

fn label(stage: Stage) -> &'static str {
    match stage {
        Stage::Waiting => "waiting for the index",
        Stage::Reading => "reading files",
        Stage::Parsing => "parsing notes",
        Stage::Claiming => "reading claims",
        Stage::Indexing => "writing the index",
    }
}
