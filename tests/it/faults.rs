//! Faulty folders, files, settings and questions: what is said, with which exit code, and that nothing is lost.

use std::fs;

use crate::support::{BAKING, Vault, timeless};

const SOURDOUGH: &[&str] = &["ask", "--json", "which flour for sourdough bread?"];

/// Runs a command that fails and checks its exit code, its message and that a next step is named, last.
#[track_caller]
fn check(vault: &Vault, arguments: &[&str], code: i32, message: &str) {
    let run = vault.run(arguments);
    assert_eq!((run.code, run.out.as_str()), (code, ""), "{run:?}");
    let lines: Vec<&str> = run.err.lines().collect();
    assert!(lines.first().is_some_and(|line| line.starts_with("error: ") && line.contains(message)), "{run:?}");
    assert!(lines.last().is_some_and(|line| line.starts_with("hint: ") && line.ends_with(['.', '?'])), "{run:?}");
}

/// Checks that the question about sourdough is answered, and what is said beside it.
#[track_caller]
fn check_answered(vault: &Vault, beside: &str) {
    let run = vault.run(SOURDOUGH);
    assert_eq!((run.code, &run.json()["choices"][0]["name"]), (0, &"Strong white".into()), "{run:?}");
    if beside.is_empty() {
        assert_eq!(run.err, "");
    } else {
        assert!(run.err.starts_with("warning: ") && run.err.contains(beside), "{run:?}");
    }
}

#[test]
fn a_notes_folder_that_is_none() {
    let vault = Vault::new(BAKING);
    check(&vault, &["--notes", "nowhere", "ask", "which flour?"], 2, "no notes folder at `nowhere`");
    check(&vault, &["--notes", "notes/Flour.md", "ask", "which flour?"], 2, "`notes/Flour.md` is a file, not a folder");
    fs::create_dir(vault.root().join("empty")).expect("a folder");
    check(&vault, &["--notes", "empty", "ask", "which flour?"], 2, "no Markdown notes (`*.md`) in `empty`");
    for command in [&["index"][..], &["status"], &["show", "x"]] {
        check(&vault, &[&["--notes", "nowhere"], command].concat(), 2, "no notes folder at `nowhere`");
    }
}

#[test]
fn notes_that_go_away_leave_the_index_alone() {
    let vault = Vault::new(BAKING);
    vault.run(&["index"]);
    let files = vault.index_files();
    fs::rename(vault.notes(), vault.root().join("away")).expect("a folder");
    check(&vault, SOURDOUGH, 2, "no notes folder");
    assert_eq!(files, vault.index_files());
    fs::rename(vault.root().join("away"), vault.notes()).expect("a folder");
    check_answered(&vault, "");
}

#[test]
fn files_that_are_no_notes_do_not_stop_the_others() {
    let vault = Vault::new(BAKING);
    vault.write("Latin.md", b"# Caf\xe9\n\n| Drink | Cup |\n|---|---|\n| Espresso | Small |\n");
    vault.write("Picture.md", [0u8; 500]);
    fs::File::create(vault.notes().join("Huge.md")).and_then(|file| file.set_len(100 << 20)).expect("a sparse file");
    check_answered(&vault, "3 of the files could not be read as they are");
    check_answered(&vault, "");
    let status = vault.run(&["status"]).out;
    for fault in ["Latin.md: encoding not UTF-8", "Picture.md: binary-file left out", "Huge.md: over-limit left out"] {
        assert!(status.contains(fault), "{status}");
    }
    let espresso = vault.run(&["ask", "--json", "which cup for an espresso?"]).json();
    assert_eq!(espresso["evidence"][0]["note"], "Latin.md");
}

#[test]
fn a_file_without_the_right_to_read_it() {
    let vault = Vault::new(BAKING);
    vault.write("Secret.md", "# Secret\n");
    let path = vault.notes().join("Secret.md");
    let mut permissions = fs::metadata(&path).expect("metadata").permissions();
    #[cfg(unix)]
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0);
    fs::set_permissions(&path, permissions).expect("the right to take rights");
    if fs::read(&path).is_ok() {
        // The tester may read everything: nothing to be seen.
        return;
    }
    check_answered(&vault, "1 of the files could not be read");
    assert!(vault.run(&["status"]).out.contains("Secret.md: unreadable-file left out"));
}

#[test]
fn a_file_that_vanishes_while_it_is_read() {
    let vault = Vault::new(BAKING);
    let content = fingerpost::vault::read(&vault.notes(), "Gone.md");
    assert_eq!(content.text, "");
    assert_eq!(content.fault.map(|fault| fault.code), Some("unreadable-file".to_owned()));
}

#[test]
fn an_index_folder_that_cannot_be_written() {
    let vault = Vault::new(BAKING);
    fs::write(vault.root().join("file"), "").expect("a file");
    check(&vault, &["--index", "file", "ask", "which flour?"], 2, "the index folder `file` cannot be written (");
    assert_eq!(fs::read_to_string(vault.root().join("file")).expect("a file"), "", "it is left as it was");
}

#[test]
fn an_index_that_cannot_be_written_any_more_still_answers() {
    let vault = Vault::new(BAKING);
    vault.run(&["index"]);
    // A folder in the place of the lock stops even those who may write everywhere.
    fs::remove_file(vault.index().join("lock")).expect("the lock");
    fs::create_dir(vault.index().join("lock")).expect("a folder");
    check_answered(&vault, "");
    vault.write("Flour.md", "# Which flour\n\n| Baking | Flour |\n|---|---|\n| Sourdough bread | Rye |\n");
    check_answered(&vault, "answering from generation 1, which misses the latest changes");
    assert!(vault.run(&["-q", "ask", "which flour for sourdough bread?"]).err.is_empty());
}

#[test]
fn while_another_process_writes() {
    let vault = Vault::new(BAKING);
    vault.run(&["index"]);
    vault.write("Flour.md", "# Which flour\n\n| Baking | Flour |\n|---|---|\n| Sourdough bread | Rye |\n");
    let lock = fs::File::options().write(true).open(vault.index().join("lock")).expect("the lock");
    lock.lock().expect("nobody else holds it");
    check_answered(&vault, "another process is updating the index; answering from generation 1");
    drop(lock);
    assert_eq!(vault.run(SOURDOUGH).json()["choices"][0]["name"], "Rye");
}

#[test]
fn many_first_questions_at_once() {
    let vault = Vault::new(BAKING);
    let children: Vec<_> = (0..6)
        .map(|_| {
            let mut command = vault.command(SOURDOUGH);
            command
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped())
                .spawn()
                .expect("it starts")
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().expect("it ends");
        let out = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(out.contains("\"Strong white\"") && out.contains("\"generation\":1"), "{out} {:?}", output.stderr);
    }
}

#[test]
fn an_index_of_a_newer_version() {
    let vault = Vault::new(BAKING);
    vault.run(&["index"]);
    let snapshot = vault.index().join("snapshot");
    fs::write(&snapshot, "fingerpost index 999\nunknown").expect("a snapshot");
    let files = vault.index_files();
    check(&vault, SOURDOUGH, 2, "the index in `index` has format 999, and this program reads up to ");
    check(&vault, &["index", "--full"], 2, "has format 999");
    assert_eq!(files, vault.index_files(), "nothing is deleted");
    assert!(vault.run(&["status"]).out.contains("written by a newer fingerpost"));
    fs::remove_dir_all(vault.index()).expect("the hint's advice");
    check_answered(&vault, "");
}

#[test]
fn a_damaged_index_is_built_again() {
    let vault = Vault::new(BAKING);
    let first = vault.run(SOURDOUGH).out;
    let n_files = vault.index_files().len();
    assert!(n_files >= 5, "the snapshot and some files of postings");
    for at in 0..n_files {
        for is_deleted in [true, false] {
            let number = vault.run(SOURDOUGH).json()["generation"].as_u64().expect("a number");
            // Names change with each build, their number and order do not matter.
            let file = vault.index_files().swap_remove(at);
            if is_deleted {
                fs::remove_file(&file).expect("a file");
            } else {
                let size = fs::metadata(&file).expect("metadata").len();
                fs::File::options().write(true).open(&file).and_then(|file| file.set_len(size / 2)).expect("a file");
            }
            let run = vault.run(SOURDOUGH);
            assert!(run.err.starts_with("warning: the index was damaged ("), "{}: {run:?}", file.display());
            let same = run.out.replace(&format!("\"generation\":{}", number + 1), "\"generation\":1");
            assert_eq!(timeless(&same), timeless(&first));
            check_answered(&vault, "");
        }
    }
    fs::remove_dir_all(vault.index().join("tantivy")).expect("a folder");
    check_answered(&vault, "the index was damaged");
    fs::write(vault.index().join("snapshot"), "").expect("a file");
    check_answered(&vault, "the index was damaged (`snapshot` is cut short)");
}

#[test]
fn a_byte_that_turns_at_the_end_of_a_postings_file_builds_them_again() {
    let vault = Vault::new(BAKING);
    check_answered(&vault, "");
    let is_terms = |file: &std::path::PathBuf| file.extension().is_some_and(|extension| extension == "term");
    let file = vault.index_files().into_iter().find(is_terms).expect("a file of terms");
    let mut bytes = fs::read(&file).expect("a file");
    let at = bytes.len() - 95;
    bytes[at] ^= 0x80;
    fs::write(&file, bytes).expect("a file");
    let run = vault.run(SOURDOUGH);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.err.contains("warning: the index was damaged ("), "{run:?}");
}

#[test]
fn files_of_others_in_the_index_folder_stay() {
    let vault = Vault::new(BAKING);
    let theirs = ["tantivy/photos/a.md", "packs/b.md"].map(|path| vault.index().join(path));
    for path in &theirs {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, "theirs").expect("a file");
    }
    check_answered(&vault, "");
    for path in &theirs {
        assert_eq!(fs::read_to_string(path).expect("still there"), "theirs");
    }
}

#[test]
fn an_index_folder_that_is_taken() {
    let vault = Vault::new(BAKING);
    let notes = vault.notes().display().to_string();
    let run = vault.run(&["--index", &notes, "index"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("cannot be the index folder: the notes are in it"), "{run:?}");
    fs::create_dir_all(vault.index()).expect("a folder");
    fs::write(vault.index().join("snapshot"), "a picture").expect("a file");
    let run = vault.run(SOURDOUGH);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("it holds a file `snapshot` that fingerpost did not write"), "{run:?}");
    assert_eq!(fs::read_to_string(vault.index().join("snapshot")).expect("still there"), "a picture");
}

#[test]
fn a_byte_that_turns_on_the_disk_changes_no_answer() {
    let vault = Vault::new(BAKING);
    let first = vault.run(SOURDOUGH).out;
    let pack = vault.index().join("packs/1");
    let sound = fs::read(&pack).expect("a pack");
    for at in (0..sound.len()).step_by(sound.len() / 7) {
        let mut bytes = sound.clone();
        bytes[at] ^= 0x55;
        fs::write(&pack, bytes).expect("a pack");
        let run = vault.run(SOURDOUGH);
        assert_eq!((timeless(&run.out), run.err.as_str()), (timeless(&first), ""));
    }
    let snapshot = vault.index().join("snapshot");
    let mut bytes = fs::read(&snapshot).expect("a snapshot");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    fs::write(&snapshot, bytes).expect("a snapshot");
    assert!(vault.run(SOURDOUGH).err.contains("the index was damaged"));
}

#[test]
fn mistakes_in_the_configuration() {
    let vault = Vault::new(BAKING);
    let file = vault.root().join("bot.toml");
    for (text, message) in [
        ("notes = \"notes\"\nnote = \"x\"\n", "bot.toml:2:1: unknown key `note`"),
        ("# ghi chú\nindex = 7\n", "bot.toml:2:9: `index` is a number, and has to be a text in quotes"),
        ("notes = [\n", "bot.toml:"),
    ] {
        fs::write(&file, text).expect("bot.toml");
        check(&vault, SOURDOUGH, 2, message);
    }
    fs::write(&file, "note = \"x\"\n").expect("bot.toml");
    assert!(vault.run(SOURDOUGH).err.contains("Did you mean `notes`?"));
    fs::write(&file, b"notes = \"\xff\"\n").expect("bot.toml");
    check(&vault, SOURDOUGH, 2, "the configuration `bot.toml` cannot be read (it is not UTF-8)");
    check(&vault, &["--config", "other.toml", "status"], 2, "the configuration `other.toml` cannot be read");
    fs::remove_file(&file).expect("bot.toml");
    check_answered(&vault, "");
}

#[test]
fn questions_that_are_none() {
    let vault = Vault::new(BAKING);
    check(&vault, &["ask", ""], 2, "the question is empty");
    check(&vault, &["ask", "  \u{3000} "], 2, "the question is empty");
    check(&vault, &["ask", "?!", "…"], 2, "the question has no words, only signs");
    check(&vault, &["ask", &"a".repeat(10_000)], 2, "the question has 10000 characters, and the limit is 4000");
    assert_eq!(vault.run(&["ask", &"flour ".repeat(600)]).err, "");
}
