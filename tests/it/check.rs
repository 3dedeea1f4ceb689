//! Does `check` find each fault, say where it is and what helps?

use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use fingerpost::check::{CODES, Severity};

use crate::support::{BAKING, Vault};

/// Checks the findings of a vault, all hints included.
#[track_caller]
fn check(notes: &str, expected: Expect) {
    check_in(&Vault::new(notes), expected);
}

#[track_caller]
fn check_in(vault: &Vault, expected: Expect) {
    let run = vault.run(&["check", "--all", "-q"]);
    expected.assert_eq(&run.out);
    assert_eq!(run.err, "");
    let severities: BTreeSet<Severity> = vault.run(&["check", "--json"]).json()["faults"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|fault| fingerpost::check::code(fault["code"].as_str().expect("a code")).expect("listed").severity)
        .collect();
    let is_fault = severities.iter().any(|severity| *severity != Severity::Hint);
    assert_eq!(run.code, if is_fault { 3 } else { 0 }, "{run:?}");
}

/// Joined by a link each way, so that none is an orphan.
const OVENS: &str = "\
//- /Ovens.md
# Ovens

See [[Flour]].
//- /Flour.md
# Flour

";

fn flour(text: &str) -> String {
    format!("{OVENS}{text}")
}

#[test]
fn links_that_lead_nowhere() {
    check(
        &flour(
            "[[Oven]] and [[Nowhere at all]], [x](Ovenz.md), ![[picture.png]], [there](file.pdf#page=2), [[{{date}}]]\n",
        ),
        expect![[r#"
            Flour.md:3:1 unresolved-link no note is named `Oven`; did you mean `Ovens`?
            Flour.md:3:14 unresolved-link no note is named `Nowhere at all`; correct it, or write the note
            Flour.md:3:34 unresolved-link no note is named `Ovenz.md`; did you mean `Ovens`?
            Flour.md:3:49 missing-file there is no file `picture.png` in the notes folder; correct the name, or put it there
            Flour.md:3:67 missing-file there is no file `file.pdf` in the notes folder; correct the name, or put it there
        "#]],
    );
}

#[test]
fn files_and_folders_are_no_faults() {
    let vault =
        Vault::new(&flour("![[picture.png]] [a](img/file.pdf) [folder](img/) [[file.pdf]] <https://x.example>\n"));
    vault.write("picture.png", [0]);
    vault.write("img/file.pdf", [0]);
    check_in(&vault, expect![""]);
}

#[test]
fn parts_that_are_not_there() {
    let other =
        "//- /Rye.md\n# Rye 🌾 bread\n\n## Dough\n\n### Water\n\nText ^first\n\nText ^first\n\n<a id=\"here\"></a>\n";
    let links = "[[Rye#Dough]] [[Rye#dough#water]] [[Rye#Water#Dough]] [[Rye#Dougg]] [[Rye#^FIRST]] [[Rye#^frist]]\n\
        [a](Rye.md#rye--bread) [b](Rye.md#-rye--bread) [c](Rye.md#here) [d](Rye.md#there) [[#Flour]] [[#Salt]]\n";
    check(
        &flour(&format!("{links}{other}")),
        expect![[r#"
            Flour.md:3:35 missing-heading `Rye.md` has no heading `Dough` under `Water`; did you mean `#Dough`?
            Flour.md:3:55 missing-heading `Rye.md` has no heading `Dougg`; did you mean `#Dough`?
            Flour.md:3:84 missing-block no block of `Rye.md` has the id `^frist`; did you mean `^first`?
            Flour.md:4:65 missing-heading `Rye.md` has no heading `there`
            Flour.md:4:94 missing-heading `Flour.md` has no heading `Salt`
            Rye.md:9:1 duplicate-block-id `^first` stands at line 7 already; links to it lead there
        "#]],
    );
}

#[test]
fn names_that_clash() {
    let notes = "\
//- /Home.md
[[Rye]] [[a/Rye]] [[Bread]]
//- /a/Rye.md
---
tags: [x]
aliases: [Dark bread, Bread]
---
[[Home]]
//- /b/Rye.md
[[Home]]
//- /b/Wheat.md
---
aliases: dark bread
---
[[Rye]]
//- /b/wheat.md
[[Home]]
//- /Lone.md
Nobody links here.
";
    let vault = Vault::new(notes);
    // The same letters, composed and decomposed; not every file system holds both.
    vault.write("B\u{1ed9}t.md", "[[Home]]\n");
    vault.write("Bo\u{323}\u{302}t.md", "[[Home]]\n");
    if vault.run(&["status", "--json"]).json()["notes"] != 8 {
        return;
    }
    check_in(
        &vault,
        expect![[r#"
            Bột.md:1:1 nfc-collision this path looks the same as `Bột.md`; rename one, or join them
            Home.md:1:1 ambiguous-link `Rye` may be `a/Rye.md`, `b/Rye.md`; it leads to `a/Rye.md`: write more of the path
            Home.md:1:19 link-by-alias `Bread` is an alias of `a/Rye.md`; write `[[a/Rye|Bread]]` for programs that follow file names only
            Lone.md:1:1 orphan-note no link joins this note to another; link it where it belongs
            a/Rye.md:3:11 ambiguous-alias `Dark bread` is a name of `b/Wheat.md` too; a link or question by it may mean either
            b/Wheat.md:2:10 ambiguous-alias `dark bread` is a name of `a/Rye.md` too; a link or question by it may mean either
            b/wheat.md:1:1 case-collision this path differs in upper and lower case alone from `b/Wheat.md`; rename one, or join them
        "#]],
    );
}

#[test]
fn tables_that_strict_readers_break() {
    check(
        &flour(
            "| Need | Choice |\n|---|---|---|\n| Rain | Tent |\n\n\
             | Need | Choice |\n| Sun | Hat |\n| Fog | Lamp |\n\n\
             | Need | Choice |\n|---|---|\n| Wind | [[Ovens|the oven]] |\n| Hail | [[Ovens\\|roof]] | helmet |\n\n\
             See [this](a note.md) and `[this](a note.md)`.\n",
        ),
        expect![[r#"
            Flour.md:3:1 broken-table a strict reader sees no table here: line 4 has 3 cells, and the header has 2; write `|---|---|` there
            Flour.md:7:1 broken-table a strict reader sees no table here: no row of dashes stands under its header; write `|---|---|` below line 7
            Flour.md:13:10 unescaped-pipe a bar in this link cuts the cell; write `[[Ovens\|the oven]]`
            Flour.md:14:1 uneven-table this row has 3 cells, and the header has 2; write `\|` for a bar inside a cell, or give the header another cell
            Flour.md:16:12 space-in-link the space makes this plain text; write `](a%20note.md)` or `](<a note.md>)`
        "#]],
    );
}

#[test]
fn decisions_that_are_left_open() {
    let notes = flour(
        "| Baking | Choice |\n|---|---|\n| Bread | Strong white |\n| Buns | Strong white |\n| Cake |  |\n| Pie | Plain |\n| Toast | - |\n\n\
         | Situation | Choose |\n|---|---|\n| Guests | Rye |\n| Children | Spelt |\n| Quick | Wheat |\n| Sunday | Emmer |\n\n\
         ## Rye\n\nDark.\n\n## Spelt\n\nNutty.\n\n## Wheat\n\nPlain.\n",
    );
    check(
        &notes,
        expect![[r#"
            Flour.md:7:1 empty-choice no choice for `Cake`: fill the cell under `Choice`
            Flour.md:16:1 undescribed-option `Emmer` is recommended here, and no note, heading or list tells what it is
        "#]],
    );
}

#[test]
fn notes_that_contradict_each_other() {
    let table = |epoxy: &str, time: &str| {
        format!(
            "| Criterion | Hide glue | Epoxy |\n|---|---|---|\n| Reversible | ✅ | ❌ |\n| Waterproof | ❌ | {epoxy} |\n\
             | Open time | {time} | 30 min |\n"
        )
    };
    let notes = |epoxy: &str, time: &str| {
        format!(
            "//- /b.md\n# Glues at the bench\n\nSee [[a]].\n\n{}//- /a.md\n# Glue course\n\nSee [[b]].\n\n{}",
            table("✅", "5 min"),
            table(epoxy, time)
        )
    };
    check(
        &notes("❌", "10 min"),
        expect![[r#"
        a.md:8:1 contradiction what is said here of `Epoxy` for `Waterproof` and `b.md:8` cannot all be right; correct what is outdated, or say what tells them apart
        a.md:9:1 contradiction what is said here of `Hide glue` for `Open time` and `b.md:9` cannot all be right; correct what is outdated, or say what tells them apart
    "#]],
    );
    // What tells them apart, and what leaves room.
    check(&notes("✅ only cured", "5-10 min"), expect![""]);
}

#[test]
fn notes_and_files_that_cannot_be_read_in_full() {
    let vault = Vault::new(&flour("%%\nopen\n"));
    vault.write("Bad.md", "---\ntitle: Rye: dark\ntags: [x]\n---\n[[Flour]]\n");
    vault.write("List.md", "---\n- a\n---\n[[Flour]]\n");
    vault.write("Latin.md", b"Caf\xe9 [[Flour]]\n");
    vault.write("Zero.md", [0u8; 500]);
    vault.write("Deep.md", format!("{}x\n\n[[Flour]]\n", ">".repeat(500)));
    check_in(
        &vault,
        expect![[r#"
            Bad.md:2:11 front-matter the front matter is not valid YAML (mapping values are not allowed in this context); put the value in quotes, or correct it
            Deep.md:1:1 over-limit read by lines only: line 1 nests deeper than 100 levels
            Flour.md:3:1 unclosed-comment this comment does not end, so that nothing below is read; write `%%` where it ends
            Latin.md:1:1 encoding not UTF-8: unreadable bytes are shown as �; save it as UTF-8
            List.md:2:1 front-matter the front matter is not a list of `key: value` lines; write each property so
            Zero.md:1:1 binary-file left out: this is no text
        "#]],
    );
}

#[test]
fn a_comment_ends_where_it_ends() {
    let vault = Vault::new(&flour("%%\nhidden\n%%\n\n| Baking | Choice |\n|---|---|\n| Bread | Strong white |\n"));
    assert_eq!(vault.run(&["check", "-q"]).out, "");
    assert_eq!(vault.run(&["ask", "--json", "which flour for bread?"]).json()["choices"][0]["name"], "Strong white");
}

#[test]
fn the_report_is_counted_and_travels_as_json() {
    let vault = Vault::new(&flour("Bread needs it. [[Nowhere]]\n"));
    let run = vault.run(&["check"]);
    assert_eq!(run.code, 3);
    assert_eq!(run.out, "Flour.md:3:17 unresolved-link no note is named `Nowhere`; correct it, or write the note\n");
    assert_eq!(
        run.err,
        "info: 1 warning in 2 notes\nhint: `fingerpost check --explain unresolved-link` tells what to do about it.\n"
    );
    let report = vault.run(&["check", "--json"]);
    assert_eq!((report.code, report.out.lines().count(), report.err.as_str()), (3, 1, ""));
    let report = report.json();
    assert_eq!((&report["schema"], &report["notes"], &report["warnings"]), (&1.into(), &2.into(), &1.into()));
    assert_eq!(
        report["faults"][0],
        serde_json::json!({"path": "Flour.md", "line": 3, "column": 17, "code": "unresolved-link", "severity": "warning",
            "message": "no note is named `Nowhere`; correct it, or write the note"})
    );
    vault.write("Nowhere.md", "# Nowhere\n");
    let clean = vault.run(&["check"]);
    assert_eq!((clean.code, clean.out.as_str(), clean.err.as_str()), (0, "", "info: no faults in 3 notes\n"));
}

#[test]
fn tools_for_review_are_told_in_sarif() {
    let table = "đo | Need | Choice |\n";
    let vault = Vault::new(&flour(&format!("{table}\n| Rye | [[Ovens|đá]] |\n|---|---|\n| a | b |\n\n[[Nowhere]]\n")));
    vault.write("phở bò/100%.md", "[[Flour]] [x](a b.md)\n");
    let run = vault.run(&["check", "--sarif"]);
    assert_eq!((run.code, run.err.as_str(), run.out.lines().count()), (3, "", 1));
    let log = run.json();
    assert_eq!((&log["version"], &log["runs"][0]["columnKind"]), (&"2.1.0".into(), &"unicodeCodePoints".into()));
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules");
    let told: Vec<(&str, String)> = log["runs"][0]["results"]
        .as_array()
        .expect("results")
        .iter()
        .map(|told| {
            let id = told["ruleId"].as_str().expect("a code");
            assert_eq!(rules[told["ruleIndex"].as_u64().expect("a number") as usize]["id"], id);
            let place = &told["locations"][0]["physicalLocation"];
            assert_eq!(place["artifactLocation"]["uriBaseId"], "%SRCROOT%");
            let fix = &told["fixes"][0]["artifactChanges"][0]["replacements"][0];
            let from = &fix["deletedRegion"];
            let fix = if fix.is_null() {
                String::new()
            } else {
                let (line, start, end) = (&from["startLine"], &from["startColumn"], &from["endColumn"]);
                format!(" {line}:{start}-{end} {}", fix["insertedContent"]["text"])
            };
            let uri = place["artifactLocation"]["uri"].as_str().expect("an address");
            let region = &place["region"];
            (id, format!("{} {uri}:{}:{}{fix}", told["level"], region["startLine"], region["startColumn"]))
        })
        .collect();
    let told: String = told.iter().map(|(id, rest)| format!("{id} {rest}\n")).collect();
    expect![[r#"
        broken-table "warning" notes/Flour.md:5:1 6:1-10 "|---|---|"
        unescaped-pipe "warning" notes/Flour.md:5:9 5:16-16 "\\"
        unresolved-link "warning" notes/Flour.md:9:1
        space-in-link "warning" notes/ph%E1%BB%9F%20b%C3%B2/100%25.md:1:15 1:15-21 "a%20b.md"
    "#]]
    .assert_eq(&told);
    // From another folder the notes have an address of their own.
    let elsewhere = vault.root().join("elsewhere");
    std::fs::create_dir(&elsewhere).expect("a folder");
    let mut command = vault.command(&["--notes", "../notes", "--index", "../index", "check", "--sarif"]);
    command.current_dir(&elsewhere).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let log = crate::support::finish(&mut command, "").json();
    let base = log["runs"][0]["originalUriBaseIds"]["NOTES"]["uri"].as_str().expect("an address").to_owned();
    assert!(base.starts_with("file:///") && base.ends_with("/notes/"), "{base}");
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!((&place["uriBaseId"], &place["uri"]), (&"NOTES".into(), &"Flour.md".into()));
}

#[test]
fn many_hints_of_a_kind_are_counted_not_shown() {
    let vault = Vault::new(&flour(""));
    for at in 0..15 {
        vault.write(&format!("Joined {at}.md"), "[[Flour]]\n");
        vault.write(&format!("Lone {at}.md"), "# Alone\n");
    }
    let some = vault.run(&["check"]);
    assert_eq!((some.code, some.out.lines().count()), (0, 10), "{some:?}");
    assert!(some.err.contains("info: 15 hints in 32 notes\ninfo: 5 more hints; `fingerpost check --all` shows them\n"));
    assert_eq!(vault.run(&["check", "--all"]).out.lines().count(), 15);
}

#[test]
fn each_code_is_explained() {
    let vault = Vault::new(BAKING);
    let names: Vec<&str> = CODES.iter().map(|code| code.name).collect();
    assert!(names.is_sorted() && BTreeSet::from_iter(&names).len() == names.len(), "{names:?}");
    for code in &CODES {
        let run = vault.run(&["check", "--explain", code.name]);
        let head = format!("{} ({}): {}\n\n", code.name, code.severity.name(), code.title);
        assert!(run.code == 0 && run.out.starts_with(&head) && run.out.contains("Do: "), "{run:?}");
    }
    let list = vault.run(&["check", "--explain"]);
    assert_eq!((list.code, list.out.lines().count()), (0, CODES.len()));
    let unknown = vault.run(&["check", "--explain", "orphan-notes"]);
    assert_eq!((unknown.code, unknown.out.as_str()), (2, ""));
    assert!(unknown.err.contains("no fault has the code `orphan-notes`\nhint: Did you mean `orphan-note`?"));
    assert!(!vault.index().exists(), "an explanation reads no notes");
}

/// Every code that stands in the sources of `parse`, `vault` and `check` is one that is explained.
#[test]
fn no_code_is_left_unexplained() {
    let sources = ["parse", "check", "vault.rs"]
        .map(|name| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(name));
    let mut text = String::new();
    for source in sources {
        let files = if source.is_dir() {
            std::fs::read_dir(source).expect("a folder").map(|entry| entry.expect("an entry").path()).collect()
        } else {
            vec![source]
        };
        for file in files.iter().filter(|file| file.is_file() && !file.ends_with("codes.rs")) {
            text.push_str(&std::fs::read_to_string(file).expect("a source"));
        }
    }
    for code in &CODES {
        assert!(text.contains(&format!("\"{}\"", code.name)), "nothing makes `{}`", code.name);
    }
    for before in ["Problem::at(", "Finding::new(", "place(note, link, ", "fault("] {
        for (at, _) in text.match_indices(before) {
            let call = &text[at..at + text[at..].find([';', '\n']).expect("an end")];
            let code = call.split('"').nth(1).filter(|code| code.contains('-') && !code.contains(' '));
            assert!(code.is_none_or(|code| fingerpost::check::code(code).is_some()), "{call}");
        }
    }
}
