//! Does `check --fix` put right what is safe, and lose nothing?

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use expect_test::expect;
use fingerpost::vault::{ReplaceError, replace};

use crate::support::Vault;

/// Each fault that is safe to put right, among lines that look like one.
const FAULTY: &str = "\
//- /Oven.md
# Oven

| Bread | Oven |
|:--|--:|---|
| Rye | [[Steam|with steam]] |
| Toast | `a|b` |\\

> | Cake | Tin |
> |---|
> | Sponge | Round |

Read [of steam](hot steam.md), `[of steam](hot steam.md)` and [[Steam\\|the other]].

- [[Steam]] and | a bar with [[Steam\\|none]]
//- /Steam.md
# Steam

See [[Oven]].
//- /hot steam.md
See [[Oven]] and [[Nowhere]].
";

fn text(vault: &Vault, path: &str) -> String {
    std::fs::read_to_string(vault.notes().join(path)).expect("a note")
}

#[test]
fn what_would_be_put_right_is_shown_first_and_written_when_asked() {
    let vault = Vault::new(FAULTY);
    let before = text(&vault, "Oven.md");
    // Line ends and the mark at the start stay as they are.
    let windows = "\u{feff}# Mill\r\n\r\n| A | B |\r\n|---|\r\n| 1 | 2 |\r\n\r\n[[Oven\\|it]]";
    vault.write("Mill.md", windows);
    let shown = vault.run(&["check", "--fix"]);
    expect![[r#"
        --- a/Mill.md
        +++ b/Mill.md
        @@ -1,7 +1,7 @@
         ﻿# Mill
 
         | A | B |
        -|---|
        +|---|---|
         | 1 | 2 |
 
        -[[Oven\|it]]
        \ No newline at end of file
        +[[Oven|it]]
        \ No newline at end of file
        --- a/Oven.md
        +++ b/Oven.md
        @@ -1,14 +1,14 @@
         # Oven
 
         | Bread | Oven |
        -|:--|--:|---|
        -| Rye | [[Steam|with steam]] |
        -| Toast | `a|b` |\
        +|:---|---:|
        +| Rye | [[Steam\|with steam]] |
        +| Toast | `a|b` |
 
         > | Cake | Tin |
        -> |---|
        +> |---|---|
         > | Sponge | Round |
 
        -Read [of steam](hot steam.md), `[of steam](hot steam.md)` and [[Steam\|the other]].
        +Read [of steam](hot%20steam.md), `[of steam](hot steam.md)` and [[Steam|the other]].
 
         - [[Steam]] and | a bar with [[Steam\|none]]
    "#]]
    .assert_eq(&shown.out.lines().map(|line| line.trim_end().to_owned() + "\n").collect::<String>());
    assert_eq!(
        (shown.code, shown.err.as_str()),
        (
            3,
            "info: 8 faults in 2 notes can be put right; nothing is written\nhint: `fingerpost check --fix --write` writes it.\n"
        )
    );
    assert_eq!((text(&vault, "Oven.md"), text(&vault, "Mill.md")), (before, windows.to_owned()), "only shown");

    // What another program makes of the patch is what is written.
    let copy = vault.root().join("copy");
    std::fs::create_dir(&copy).expect("a folder");
    for path in ["Oven.md", "Mill.md"] {
        std::fs::copy(vault.notes().join(path), copy.join(path)).expect("a copy");
    }
    let mut git = Command::new("git");
    git.args(["apply", "--whitespace=nowarn", "-"]).current_dir(&copy).env("GIT_CEILING_DIRECTORIES", vault.root());
    let applied =
        crate::support::finish(git.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()), &shown.out);
    assert_eq!(applied.code, 0, "{applied:?}");

    let written = vault.run(&["check", "--fix", "--write"]);
    let left: Vec<&str> = written.out.lines().filter(|line| !line.contains(" uncertain-reading ")).collect();
    assert_eq!(left, ["hot steam.md:1:18 unresolved-link no note is named `Nowhere`; correct it, or write the note"]);
    assert_eq!(written.code, 3, "what is left is still a fault");
    assert!(written.err.starts_with("info: `Mill.md`: 2 faults put right\ninfo: `Oven.md`: 6 faults put right\n"));
    for path in ["Oven.md", "Mill.md"] {
        let patched = std::fs::read_to_string(copy.join(path)).expect("a copy");
        assert_eq!(text(&vault, path), patched);
    }
    let again = vault.run(&["check", "--fix", "--write"]);
    assert_eq!(again.out, written.out);
    assert_eq!(vault.run(&["check", "--fix"]).err, "info: nothing that is safe to put right\n");
    let files: Vec<_> = std::fs::read_dir(vault.notes()).expect("a folder").flatten().collect();
    assert_eq!(files.len(), 4, "nothing is left beside: {files:?}");
}

#[test]
fn what_would_not_help_is_left() {
    // Bars in code that a strict reader counts; a table without a header; no UTF-8; what is read by lines only.
    let vault =
        Vault::new("//- /a.md\n| `a|b` | c |\n|---|\n| 1 | 2 |\n\n|---|---|\n| 1 | 2 |\n//- /b.md\n[[a\\|x]] [[a]]\n");
    vault.write("c.md", b"| A | B |\n|---|\n| \xe9 | 2 |\n");
    vault.write("d.md", format!("{}x\n\n[[a\\|x]]\n", ">".repeat(500)));
    let before = ["a.md", "d.md"].map(|path| text(&vault, path));
    let shown = vault.run(&["check", "--fix", "-q"]);
    assert!(shown.out.starts_with("--- a/b.md\n") && shown.out.matches("---").count() == 1, "{}", shown.out);
    vault.run(&["check", "--fix", "--write"]);
    assert_eq!(["a.md", "d.md"].map(|path| text(&vault, path)), before);
    assert_eq!(std::fs::read(vault.notes().join("c.md")).expect("a note"), b"| A | B |\n|---|\n| \xe9 | 2 |\n");
    let both = vault.run(&["check", "--fix", "--json"]);
    assert_eq!((both.code, both.out.as_str()), (2, ""));
    assert_eq!(vault.run(&["check", "--write"]).code, 2, "it needs --fix");
}

#[cfg(unix)]
#[test]
fn a_note_that_is_mended_keeps_its_rights() {
    use std::os::unix::fs::PermissionsExt;
    let vault = Vault::new("//- /a.md\n[[a\\|x]]\n");
    let path = vault.notes().join("a.md");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("rights");
    assert_eq!(vault.run(&["check", "--fix", "--write"]).code, 0);
    assert_eq!(text(&vault, "a.md"), "[[a|x]]\n");
    assert_eq!(std::fs::metadata(&path).expect("a note").permissions().mode() & 0o777, 0o640);
}

#[test]
fn a_note_changed_meanwhile_is_left_as_it_is() {
    let vault = Vault::new("//- /sub/a.md\nnew\n");
    let notes = vault.notes();
    let is_changed = |path: &str| matches!(replace(&notes, path, "old\n", "mended\n"), Err(ReplaceError::Changed(_)));
    assert!(is_changed("sub/a.md") && is_changed("sub/gone.md"));
    assert_eq!(text(&vault, "sub/a.md"), "new\n");
    #[cfg(unix)]
    {
        // A link may lead out of the notes.
        let outside = vault.root().join("outside.md");
        std::fs::write(&outside, "old\n").expect("a file");
        std::os::unix::fs::symlink(&outside, notes.join("link.md")).expect("a link");
        assert!(is_changed("link.md"));
        assert_eq!(std::fs::read_to_string(&outside).expect("a file"), "old\n");
        std::fs::remove_file(notes.join("link.md")).expect("a link");
    }
    replace(&notes, "sub/a.md", "new\n", "mended\n").expect("as it was");
    assert_eq!(text(&vault, "sub/a.md"), "mended\n");
    let left: Vec<_> = std::fs::read_dir(notes.join("sub")).expect("a folder").flatten().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

/// Another program saves the note again and again while it is replaced: its last word stays.
#[cfg(any(target_os = "linux", target_os = "macos"))]
#[test]
fn what_is_saved_at_the_same_time_is_not_lost() {
    let vault = Vault::new("//- /a.md\n0\n");
    let (notes, full) = (vault.notes(), vault.notes().join("a.md"));
    let is_done = AtomicBool::new(false);
    let n_saves = if std::env::var_os("RUN_SLOW_TESTS").is_some() { 20_000 } else { 2_000 };
    let (mut n_replaced, mut n_refused) = (0, 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let beside = notes.join(".saving");
            for n in 1..=n_saves {
                // As editors do: into a file beside, or over the old text.
                if n % 3 == 0 {
                    std::fs::write(&full, format!("{n}\n")).expect("a note");
                } else {
                    std::fs::write(&beside, format!("{n}\n")).expect("a note");
                    std::fs::rename(&beside, &full).expect("a note");
                }
            }
            is_done.store(true, Ordering::Release);
        });
        while !is_done.load(Ordering::Acquire) {
            let Ok(before) = std::fs::read_to_string(&full) else { continue };
            let number = before.lines().next().unwrap_or_default();
            match replace(&notes, "a.md", &before, &format!("{number}\nmended\n")) {
                Ok(()) => n_replaced += 1,
                Err(ReplaceError::Changed(_)) => n_refused += 1,
                Err(error) => panic!("{error}"),
            }
        }
    });
    println!("{n_replaced} replaced, {n_refused} refused");
    let last = text(&vault, "a.md");
    assert!(last.starts_with(&format!("{n_saves}\n")), "the last word is {last}");
    assert!(n_replaced > 0, "it was replaced at all");
}
