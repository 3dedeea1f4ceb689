//! Does an index survive whatever kills the program, and whatever keeps it from writing?

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use crate::generator::Dice;
use crate::support::{BAKING, Vault, timeless};

const QUESTION: &[&str] = &["ask", "--json", "which flour for sourdough bread?"];

/// Returns an answer without time and generation.
fn plain(out: &str) -> String {
    let (before, after) = out.split_once("\"generation\":").expect("an answer");
    let rest = timeless(&format!("\"{after}"));
    format!("{before}{}", rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '"'))
}

/// `KILLS=300 cargo test --release --test it killed` does it as often as it says.
#[test]
fn killed_at_any_moment() {
    let n_kills = std::env::var("KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(12);
    let vault = Vault::new(BAKING);
    for at in 0..300 {
        let text = format!("# Note {at}\n\n| When | Use |\n|---|---|\n| case {at} | thing {} |\n", at % 7);
        vault.write(&format!("Note {at}.md"), text);
    }
    let flour = |name: &str| {
        vault.write(
            "Flour.md",
            format!("# Which flour\n\n| Baking | Flour |\n|---|---|\n| Sourdough bread | {name} |\n"),
        );
    };
    flour("Rye 0");
    vault.run(&["index"]);
    let mut dice = Dice(7);
    for at in 1..=n_kills {
        flour(&format!("Rye {at}"));
        let arguments: &[&str] = if at % 2 == 0 { &["index"] } else { &["index", "--full"] };
        let mut child =
            vault.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        std::thread::sleep(Duration::from_micros(dice.below(250_000) as u64));
        child.kill().expect("a process");
        child.wait().expect("it ends");
        // Another process holds the lock: what answers is a complete generation, the old one or the new one.
        let lock = fs::File::options().write(true).open(vault.index().join("lock")).expect("the lock");
        lock.lock().expect("nobody holds it any more");
        let run = vault.run(QUESTION);
        let name = run.json()["choices"][0]["name"].as_str().expect("a name").to_owned();
        assert!(name == format!("Rye {at}") || name == format!("Rye {}", at - 1), "{name} after kill {at}: {run:?}");
        assert!(!run.err.contains("damaged"), "{run:?}");
        lock.unlock().expect("ours");
        let run = vault.run(QUESTION);
        assert_eq!(run.json()["choices"][0]["name"], format!("Rye {at}"), "{run:?}");
        if at == n_kills || at % 50 == 0 {
            let fresh = vault.run(&[&["--index", "fresh"], QUESTION].concat());
            assert_eq!(plain(&run.out), plain(&fresh.out));
            fs::remove_dir_all(vault.root().join("fresh")).expect("the fresh index");
            assert_eq!(
                fs::read_dir(vault.index().join("tantivy")).expect("postings").count(),
                1,
                "nothing is left over"
            );
        }
    }
}

/// Runs a command that may write no file larger than some blocks of 512 bytes: a disk that is full at that place.
#[cfg(unix)]
#[test]
fn a_disk_that_is_full_at_each_write() {
    let vault = Vault::new(BAKING);
    vault.run(QUESTION);
    let program = env!("CARGO_BIN_EXE_fingerpost");
    let rye = "# Which flour\n\n| Baking | Flour |\n|---|---|\n| Sourdough bread | Rye |\n";
    vault.write("Flour.md", rye);
    let (mut n_old, mut n_new) = (0, 0);
    for blocks in [0, 1, 2, 4, 8, 12, 16, 24, 32, 64, 4_096] {
        let script =
            format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" ask --json 'which flour for sourdough bread?'");
        let mut command = std::process::Command::new("bash");
        command.args(["-c", &script, program]).current_dir(vault.root());
        let output = command.stdin(Stdio::null()).output().expect("bash runs");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if out.contains("\"name\":\"Strong white\"") {
            n_old += 1;
            assert!(err.contains("the index cannot be written") && err.contains("generation 1"), "{blocks}: {err}");
        } else {
            n_new += 1;
            assert!(out.contains("\"name\":\"Rye\""), "{blocks}: {out} {err}");
        }
    }
    assert!(n_old > 2 && n_new > 0, "{n_old} {n_new}");
}
