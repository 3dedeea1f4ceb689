//! Does `doctor` see what is wrong, and do shells take what `completions` prints?

use std::process::{Command, Stdio};

use crate::support::{BAKING, Vault, finish};

/// Returns the line that speaks of something.
#[track_caller]
fn line<'a>(out: &'a str, what: &str) -> &'a str {
    let start = format!("{what:13} ");
    out.lines().find(|line| line.get(8..).is_some_and(|rest| rest.starts_with(&start))).expect("a line")
}

#[test]
fn a_fresh_place_is_fine() {
    let vault = Vault::new(BAKING);
    let run = vault.run(&["doctor"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert!(line(&run.out, "configuration").starts_with("none ") && run.out.contains("no `bot.toml` here"), "{run:?}");
    assert!(line(&run.out, "index").contains("not built yet"), "{run:?}");
    assert!(!vault.index().exists(), "it writes nothing");
    vault.run(&["index"]);
    let run = vault.run(&["doctor"]);
    assert!(line(&run.out, "index").starts_with("ok      index         generation 1, "), "{run:?}");
    assert!(line(&run.out, "notes").starts_with("ok      notes         2 notes"), "{run:?}");
}

#[test]
fn who_chose_a_folder_is_told() {
    let vault = Vault::new(BAKING);
    let out = |command: &mut Command| String::from_utf8(command.output().expect("it runs").stdout).expect("UTF-8");
    let notes = vault.notes().display().to_string();
    let given = out(&mut vault.command(&["--notes", &notes, "doctor"]));
    assert!(given.contains(&format!("`{notes}`, by `--notes`")), "{given}");
    let variable = out(vault.command(&["doctor"]).env("FINGERPOST_INDEX", "elsewhere"));
    assert!(variable.contains("`elsewhere`, by FINGERPOST_INDEX"), "{variable}");
    std::fs::write(vault.root().join("bot.toml"), "index = \"own\"\n").expect("bot.toml");
    let file = out(&mut vault.command(&["doctor"]));
    assert!(file.contains("`own`, by the configuration") && file.contains("`notes`, by default"), "{file}");
}

#[test]
fn what_is_broken_is_told_with_advice() {
    let vault = Vault::new(BAKING);
    let missing = vault.run(&["--notes", "nowhere", "doctor"]);
    assert_eq!(missing.code, 2);
    assert!(
        line(&missing.out, "notes").starts_with("broken  notes         no notes folder at `nowhere`"),
        "{missing:?}"
    );
    assert!(missing.out.contains("→ Name the folder") && missing.out.contains(" terminal "), "the rest is told too");

    std::fs::write(vault.root().join("bot.toml"), "note = \"x\"\n").expect("bot.toml");
    let broken = vault.run(&["doctor"]);
    assert_eq!(broken.code, 2);
    assert!(line(&broken.out, "configuration").contains("bot.toml:1:1: unknown key `note`"), "{broken:?}");
    assert!(broken.out.contains("→ Did you mean `notes`?"), "{broken:?}");

    std::fs::write(vault.root().join("bot.toml"), "[golden]\nfile = \"none.jsonl\"\n").expect("bot.toml");
    let golden = vault.run(&["doctor"]);
    assert!(golden.code == 2 && line(&golden.out, "golden").contains("none.jsonl"), "{golden:?}");
    std::fs::remove_file(vault.root().join("bot.toml")).expect("bot.toml");

    vault.run(&["index"]);
    std::fs::write(vault.index().join("snapshot"), "").expect("a file");
    let damaged = vault.run(&["doctor"]);
    assert!(damaged.code == 0 && line(&damaged.out, "index").contains("damaged"), "{damaged:?}");
    std::fs::write(vault.index().join("snapshot"), "fingerpost index 999\nunknown").expect("a file");
    let newer = vault.run(&["doctor"]);
    assert!(newer.code == 2 && line(&newer.out, "index").starts_with("broken "), "{newer:?}");
}

#[test]
fn files_that_cannot_be_read_are_counted() {
    let vault = Vault::new(BAKING);
    vault.write("Zero.md", [0u8; 500]);
    vault.run(&["index"]);
    let run = vault.run(&["doctor"]);
    assert!(run.code == 0 && line(&run.out, "files").contains("1 could not be read as they are"), "{run:?}");
}

#[cfg(feature = "discord")]
#[test]
fn a_token_is_seen_and_never_shown() {
    let vault = Vault::new(BAKING);
    assert!(vault.command(&["doctor"]).env_remove("DISCORD_TOKEN").output().expect("it runs").status.success());
    let output = vault.command(&["doctor"]).env("DISCORD_TOKEN", "sesame").output().expect("it runs");
    let out = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(line(&out, "discord").contains("DISCORD_TOKEN is set") && !out.contains("sesame"), "{out}");
}

#[test]
fn five_shells_complete_commands_and_options() {
    let vault = Vault::new(BAKING);
    for (shell, check) in
        [("bash", Some("-n")), ("zsh", Some("-n")), ("fish", Some("-n")), ("powershell", None), ("elvish", None)]
    {
        let run = vault.run(&["completions", shell]);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{shell}");
        for word in ["fingerpost", "check", "explain", "doctor", "without"] {
            assert!(run.out.contains(word), "{shell} does not know `{word}`");
        }
        // The shell itself reads it where there is one.
        let mut command = Command::new(shell);
        command.args(check).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let has_shell = Command::new(shell).arg("-c").arg("exit").status().is_ok_and(|status| status.success());
        if check.is_some() && has_shell {
            let read = finish(&mut command, &run.out);
            assert_eq!((read.code, read.err.as_str()), (0, ""), "{shell}");
        }
    }
    assert_eq!(vault.run(&["completions", "tcsh"]).code, 2);
    // bash offers the commands that begin as what is typed.
    let script = vault.run(&["completions", "bash"]).out;
    let ask = "COMP_WORDS=(fingerpost compl); COMP_CWORD=1; _fingerpost fingerpost compl fingerpost; echo \"${COMPREPLY[@]}\"";
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-s"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if Command::new("bash").arg("--version").stdout(Stdio::null()).status().is_ok() {
        let offered = finish(&mut bash, &format!("{script}\n{ask}\n"));
        assert_eq!(offered.out, "completions\n", "{}", offered.err);
    }
}
