//! Are changes noticed, each burst once, and does nothing of it disturb an answer?

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use fingerpost::answer::Switches;
use fingerpost::engine::{Engine, Extent, Settings};
use fingerpost::watch::{Mode, News, Options, Watcher};

use crate::support::{BAKING, Vault};

/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
const RYE: &str = "# Which flour\n\n| Baking | Flour |\n|---|---|\n| Sourdough bread | Rye |\n";

fn watch(vault: &Vault, mode: Mode) -> (Watcher, Receiver<News>) {
    watch_after(vault, mode, Duration::from_millis(150))
}

fn watch_after(vault: &Vault, mode: Mode, wait: Duration) -> (Watcher, Receiver<News>) {
    let settings = Settings { notes: vault.notes(), index: vault.index(), golden: None };
    let engine = Engine::open(settings, Extent::Changes, &|_, _, _| {}).expect("an engine");
    let options = Options { mode, wait, poll: Duration::from_millis(300) };
    let (send, receive) = mpsc::channel();
    let watcher = Watcher::start(engine, options, move |news| drop(send.send(news))).expect("a watcher");
    (watcher, receive)
}

fn flour(watcher: &Watcher) -> String {
    let answer = watcher.ask("which flour for sourdough bread?", &Switches::default(), false).expect("a question");
    answer.choices.first().map(|choice| choice.name.clone()).unwrap_or_default()
}

#[track_caller]
fn wait_for(watcher: &Watcher, expected: &str) {
    let start = Instant::now();
    while flour(watcher) != expected {
        assert!(start.elapsed() < PATIENCE, "{} instead of {expected}: {:?}", flour(watcher), watcher.state());
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Returns how many generations came until it was quiet.
fn n_generations(receive: &Receiver<News>) -> usize {
    let mut n = 0;
    while let Ok(news) = receive.recv_timeout(Duration::from_millis(1_500)) {
        n += usize::from(matches!(news, News::Replaced { .. }));
    }
    n
}

#[test]
fn an_edit_is_noticed() {
    for mode in [Mode::Native, Mode::Poll, Mode::Auto] {
        let vault = Vault::new(BAKING);
        let (watcher, _receive) = watch(&vault, mode);
        assert_eq!(flour(&watcher), "Strong white");
        vault.write("Flour.md", RYE);
        wait_for(&watcher, "Rye");
        assert_eq!(watcher.generation().number, 2, "{mode:?}");
    }
}

#[test]
fn editors_that_save_beside_and_rename() {
    let vault = Vault::new(BAKING);
    let (watcher, receive) = watch(&vault, Mode::Native);
    fs::write(vault.notes().join(".Flour.md.swp"), RYE).expect("a file");
    fs::rename(vault.notes().join(".Flour.md.swp"), vault.notes().join("Flour.md")).expect("a note");
    wait_for(&watcher, "Rye");
    fs::rename(vault.notes().join("Flour.md"), vault.notes().join("Flour.md~")).expect("a backup");
    vault.write("Flour.md", RYE.replace("Rye", "Spelt"));
    wait_for(&watcher, "Spelt");
    assert_eq!(n_generations(&receive), 2);
}

#[test]
fn a_burst_of_a_thousand_files_is_one_generation() {
    let vault = Vault::new(BAKING);
    // The other tests may keep this one from writing for a while.
    let (watcher, receive) = watch_after(&vault, Mode::Native, Duration::from_millis(700));
    for at in 0..1_000 {
        vault.write(&format!("many/{}/Note {at}.md", at % 20), format!("# Note {at}\n\nNothing.\n"));
    }
    vault.write("Flour.md", RYE);
    wait_for(&watcher, "Rye");
    assert_eq!(watcher.generation().entries.len(), 1_002);
    assert_eq!(n_generations(&receive), 1);
    fs::remove_dir_all(vault.notes().join("many")).expect("the folder");
    assert_eq!(n_generations(&receive), 1);
    assert_eq!(watcher.generation().entries.len(), 2);
}

#[test]
fn a_new_folder_deep_down_is_watched_too() {
    let vault = Vault::new(BAKING);
    let (watcher, receive) = watch(&vault, Mode::Native);
    fs::create_dir_all(vault.notes().join("a/b")).expect("folders");
    n_generations(&receive);
    fs::rename(vault.notes().join("Flour.md"), vault.notes().join("a/b/Flour.md")).expect("a note");
    n_generations(&receive);
    vault.write("a/b/Flour.md", RYE);
    wait_for(&watcher, "Rye");
}

#[test]
fn what_is_no_note_makes_no_generation() {
    let vault = Vault::new(BAKING);
    let (watcher, receive) = watch(&vault, Mode::Native);
    for path in [".git/x.md", ".obsidian/workspace.json", ".trash/Flour.md", "picture.png", "a/list.txt"] {
        vault.write(path, RYE);
    }
    fs::write(vault.notes().join("Flour.md"), fs::read(vault.notes().join("Flour.md")).expect("a note")).expect("it");
    assert_eq!(n_generations(&receive), 0, "the same content is no change");
    assert_eq!(watcher.generation().number, 1);
}

#[test]
fn the_notes_folder_goes_and_comes_back() {
    for mode in [Mode::Native, Mode::Poll] {
        let vault = Vault::new(BAKING);
        let (watcher, receive) = watch(&vault, mode);
        let away = vault.root().join("away");
        fs::rename(vault.notes(), &away).expect("the folder");
        let start = Instant::now();
        while watcher.state().last_error.is_none() {
            assert!(start.elapsed() < PATIENCE, "{mode:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(flour(&watcher), "Strong white", "the generation of before answers");
        assert!(watcher.state().stale_since.is_some());
        let status = fs::read_to_string(vault.index().join("last-error")).expect("the error for `status`");
        assert!(status.contains("no notes folder"), "{status}");
        fs::rename(&away, vault.notes()).expect("the folder");
        while watcher.state().last_error.is_some() {
            assert!(start.elapsed() < PATIENCE * 2, "{mode:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
        vault.write("Flour.md", RYE);
        wait_for(&watcher, "Rye");
        // A folder in its place is another one: the watch has to move.
        fs::rename(vault.notes(), &away).expect("the folder");
        vault.write("Flour.md", RYE.replace("Rye", "Spelt"));
        wait_for(&watcher, "Spelt");
        vault.write("Flour.md", RYE.replace("Rye", "Barley"));
        wait_for(&watcher, "Barley");
        assert!(!vault.index().join("last-error").exists());
        drop(receive);
    }
}

#[test]
fn questions_during_edits_see_one_generation_each() {
    let vault = Vault::new(BAKING);
    let (watcher, _receive) = watch(&vault, Mode::Native);
    let start = Instant::now();
    let mut n_seen = std::collections::BTreeSet::new();
    let mut at = 0;
    while start.elapsed() < Duration::from_secs(3) {
        at += 1;
        // Both notes say the same at any time; half of it is a wrong answer.
        vault.write("Flour.md", RYE.replace("Rye", &format!("Flour number {at}")));
        for _ in 0..30 {
            let generation = watcher.generation();
            let name = flour(&watcher);
            assert!(name == "Strong white" || name.starts_with("Flour number"), "{name}");
            n_seen.insert(generation.number);
            std::thread::sleep(Duration::from_millis(8));
        }
    }
    assert!(n_seen.len() > 3, "{n_seen:?}");
}

#[test]
fn another_process_asks_beside_a_watch_and_a_signal_ends_it() {
    let vault = Vault::new(BAKING);
    let mut child = vault.command(&["watch"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines().map(|line| line.expect("a line"));
    let line = lines.next().expect("a line");
    assert!(line.starts_with("generation 1: 2 notes, ") && line.ends_with(" claims, watching"), "{line}");
    vault.write("Flour.md", RYE);
    let line = lines.next().expect("a line");
    assert!(line.starts_with("generation 2: 2 notes, ") && line.contains(" read in "), "{line}");
    let run = vault.run(&["ask", "--json", "which flour for sourdough bread?"]);
    assert_eq!((run.json()["choices"][0]["name"].as_str(), run.err.as_str()), (Some("Rye"), ""));
    assert_eq!(run.json()["generation"], 2);
    let status = vault.run(&["status", "--json"]).json();
    assert_eq!((&status["state"], &status["generation"]), (&"ready".into(), &2.into()));
    assert!(status["took_ms"].is_u64() && status["last_error"].is_null(), "{status}");
    #[cfg(unix)]
    {
        assert!(Command::new("kill").arg(child.id().to_string()).status().expect("`kill`").success());
        assert_eq!(child.wait().expect("it ends").code(), Some(0));
        assert_eq!(lines.next(), None);
    }
    let _ = child.kill();
}

/// One golden question about sourdough, whose answer is strong white flour.
const GOLDEN: &str = r#"{"id": "bread-1", "kind": "direct", "lang": "en", "question": "which flour for sourdough bread?", "verdict": "choose", "choices": [["Strong white"]]}"#;

#[test]
fn golden_questions_guard_the_swap() {
    let vault = Vault::new(BAKING);
    fs::write(vault.root().join("golden.jsonl"), GOLDEN).expect("questions");
    fs::write(vault.root().join("bot.toml"), "[golden]\nfile = \"golden.jsonl\"\n").expect("bot.toml");
    let ask = || vault.run(&["ask", "--json", "which flour for sourdough bread?"]);
    assert_eq!((ask().json()["choices"][0]["name"].as_str(), ask().err.as_str()), (Some("Strong white"), ""));
    vault.write("Flour.md", RYE);
    let run = ask();
    assert_eq!(run.json()["choices"][0]["name"], "Strong white", "{run:?}");
    for part in ["golden question `bread-1`", "`Flour.md`", "`Rye` instead of `Strong white`", "generation 1"] {
        assert!(run.err.contains(part), "{part}: {run:?}");
    }
    assert!(run.err.trim_end().ends_with("`fingerpost index --accept`."), "{run:?}");
    assert_eq!(vault.run(&["status", "--json"]).json()["state"], "stale");
    assert!(vault.run(&["index", "--full"]).err.contains("`bread-1`"));
    // Other changes wait with it; a change that loses nothing passes.
    vault.write("Flour.md", RYE.replace("Rye", "Strong white"));
    assert_eq!((ask().json()["generation"].as_u64(), ask().err.as_str()), (Some(2), ""));
    vault.write("Flour.md", RYE);
    assert!(vault.run(&["index", "--accept"]).out.starts_with("generation 3: "));
    assert_eq!((ask().json()["choices"][0]["name"].as_str(), ask().err.as_str()), (Some("Rye"), ""));
    // What was accepted is what there is to lose from now on, and here that is nothing.
    vault.write("Flour.md", RYE.replace("Rye", "Spelt"));
    assert_eq!(ask().json()["choices"][0]["name"], "Spelt");
}

#[test]
fn golden_questions_that_cannot_be_read_guard_too() {
    let vault = Vault::new(BAKING);
    fs::write(vault.root().join("bot.toml"), "[golden]\nfile = \"golden.jsonl\"\n").expect("bot.toml");
    let run = vault.run(&["index"]);
    assert!(run.code == 0 && run.err.contains("nothing guards this generation"), "{run:?}");
    fs::write(vault.root().join("golden.jsonl"), "{}\n").expect("questions");
    vault.write("Flour.md", RYE);
    let run = vault.run(&["index"]);
    assert!(run.out.starts_with("generation 1: ") && run.err.contains("golden.jsonl:1:2` is no golden"), "{run:?}");
    assert!(run.code == 2 && run.err.contains("hint: Correct `file` under `[golden]`"), "{run:?}");
    fs::remove_file(vault.root().join("golden.jsonl")).expect("no questions");
    let run = vault.run(&["index"]);
    assert!(run.code == 2 && run.err.contains("hint: Correct `file` under `[golden]`"), "{run:?}");
    let run = vault.run(&["index", "--accept"]);
    assert!(run.code == 0 && run.out.starts_with("generation "), "{run:?}");
}

#[test]
fn a_watch_holds_back_what_golden_questions_refuse_until_it_is_accepted() {
    let vault = Vault::new(BAKING);
    fs::write(vault.root().join("golden.jsonl"), GOLDEN).expect("questions");
    let golden = Some(vault.root().join("golden.jsonl"));
    let settings = Settings { notes: vault.notes(), index: vault.index(), golden };
    let engine = Engine::open(settings.clone(), Extent::Changes, &|_, _, _| {}).expect("an engine");
    let (send, receive) = mpsc::channel();
    let watcher = Watcher::start(engine, Options::default(), move |news| drop(send.send(news))).expect("a watcher");
    vault.write("Flour.md", RYE);
    match receive.recv_timeout(PATIENCE) {
        Ok(News::Failed { message, hint }) => assert!(message.contains("`bread-1`") && hint.contains("--accept")),
        _ => panic!("the change is refused"),
    }
    assert_eq!(flour(&watcher), "Strong white");
    let status = vault.run(&["status"]).out;
    assert!(status.contains("last error  golden question `bread-1`"), "{status}");
    // The operator overrides, in another process.
    Engine::open(settings, Extent::Accepted, &|_, _, _| {}).expect("an engine");
    wait_for(&watcher, "Rye");
    assert!(matches!(receive.recv_timeout(PATIENCE), Ok(News::Replaced { .. })));
    assert!(matches!(receive.recv_timeout(PATIENCE), Ok(News::Recovered)));
    assert!(!vault.run(&["status"]).out.contains("last error"));
}
