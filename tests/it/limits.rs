//! Does a note that is made to hold everything up cost a bounded time, become a fault in `check`, and hide no other?

use std::time::{Duration, Instant};

use crate::support::{BAKING, Run, Vault};

/// What a hostile note may cost, in a build without optimisation on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Indexes a vault with something hostile in it, checks that it is quick and that the others answer, and returns what
/// `check` says.
#[track_caller]
fn check(vault: &Vault, name: &str) -> Run {
    let start = Instant::now();
    let run = vault.run(&["index"]);
    let took = start.elapsed();
    assert!(run.code == 0 && took < PATIENCE, "{name}: {took:?}, {run:?}");
    let answer = vault.run(&["ask", "--json", "which flour for sourdough bread?"]);
    assert_eq!(answer.json()["choices"][0]["name"], "Strong white", "{name}");
    let start = Instant::now();
    let run = vault.run(&["check", "--all", "-q"]);
    assert!(start.elapsed() < PATIENCE, "{name}: checked in {:?}", start.elapsed());
    println!("{name}: {took:?}, checked in {:?}", start.elapsed());
    assert!(run.out.contains("Flour.md:9:29 unresolved-link"), "{name} hides what is wrong elsewhere: {run:?}");
    run
}

#[track_caller]
fn check_note(name: &str, text: impl AsRef<[u8]>) -> Vec<String> {
    let vault = Vault::new(BAKING);
    vault.write("Hostile.md", text);
    let run = check(&vault, name);
    let own = run.out.lines().filter_map(|line| line.strip_prefix("Hostile.md:"));
    own.map(str::to_owned).collect()
}

#[test]
fn deep_and_endless_markup() {
    let lines_only = |line: u32| format!("1:1 over-limit read by lines only: line {line} nests deeper than 100 levels");
    for (name, text) in [
        ("quotes", ">".repeat(64 << 10)),
        ("quotes with lazy lines", format!("{}b\n{}", ">".repeat(32 << 10), "b\n".repeat(16 << 10))),
        ("list markers", format!("{}x\n", "- ".repeat(32 << 10))),
        ("numbers", format!("{}x\n", "1. ".repeat(20 << 10)).replace("1. 1. ", "1. - ")),
        ("blanks", format!("- a\n{}- b\n", " ".repeat(64 << 10))),
    ] {
        assert_eq!(check_note(name, text).first(), Some(&lines_only(if name == "blanks" { 2 } else { 1 })), "{name}");
    }
    for (name, text) in [
        ("open brackets", "[".repeat(64 << 10)),
        ("open brackets with an end", format!("{}a]]", "[".repeat(64 << 10))),
        ("open embeds", "![[".repeat(20 << 10)),
        ("cut links in a table", format!("| a |\n|---|\n| {} |\n", "[[a|".repeat(16 << 10))),
        ("cells", format!("| a |\n|---|\n{}", format!("{}\n", "|a".repeat(8 << 10)).repeat(4))),
        ("links that do not end", "](a ".repeat(16 << 10)),
        ("nested lists", (0..350).map(|depth| format!("{}- x\n", " ".repeat(depth))).collect()),
        ("lists two deep each", (0..300).map(|depth| format!("{}- x\n", "  ".repeat(depth))).collect()),
        ("emphasis", "*a_".repeat(20 << 10)),
        ("backticks", "`".repeat(64 << 10)),
        ("comments", "%%".repeat(32 << 10)),
        ("bars", format!("|{}\n|{}\n", "a|".repeat(10_000), "-|".repeat(10_000))),
        ("angle brackets", "<a ".repeat(20 << 10)),
    ] {
        check_note(name, text);
    }
}

#[test]
fn too_many_columns() {
    let row = |cell: &str| format!("|{}\n", format!("{cell}|").repeat(300));
    let told = check_note("columns", format!("{}{}{}", row("a"), row("-"), row("b")));
    assert_eq!(told, ["1:1 over-limit this table has 300 columns, the limit is 256: it is read row by row"]);
}

#[test]
fn too_many_links_and_tags() {
    let left_out = "1:1 over-limit 20000 links beyond the first 100000 are left out";
    for (name, text) in [
        ("links in lines", "[[Nowhere]]\n".repeat(120_000)),
        ("links in one line", "[[Flour]] ".repeat(120_000)),
        ("links in comments", "%%[[Flour]]%% ".repeat(120_000)),
        ("links to headings", (0..120_000).map(|at| format!("[a](#x{at})\n")).collect()),
    ] {
        let told = check_note(name, text);
        assert!(told.iter().any(|line| line == left_out), "{name}: {:?}", told.first());
        assert!(told.len() <= 102, "{name}: {} lines", told.len());
    }
    let mut told = check_note("dead links", "[[Nowhere]]\n".repeat(150));
    told.retain(|line| line.contains("unresolved-link"));
    assert!(told.len() == 100 && told[99].ends_with(" (and 50 more of this kind in the note)"), "{told:?}");
    check_note("tags", (0..60_000).map(|at| format!("#t{at}\n")).collect::<String>());
}

#[test]
fn one_criterion_in_every_row() {
    let row =
        |at: usize| if at.is_multiple_of(2) { "| Waterproof | ✅ | ❌ |\n" } else { "| Waterproof | ❌ | ✅ |\n" };
    let rows: String = (0..4_000).map(row).collect();
    let told =
        check_note("marks", format!("# Epoxy vs Hide glue\n\n| Feature | Epoxy | Hide glue |\n|---|---|---|\n{rows}"));
    assert!(!told.iter().any(|line| line.contains("contradiction")), "{told:?}");
}

#[test]
fn large_notes_are_read_by_lines() {
    let filler = "Some words that fill a line of the note.\n".repeat(110_000);
    let text = format!("# Sieves\n\nSee [[Ovens|the ovens]].\n\n{filler}\n## The end\n");
    let vault = Vault::new(BAKING);
    vault.write("Hostile.md", text);
    let run = check(&vault, "4.5 MB");
    assert!(run.out.contains("Hostile.md:1:1 over-limit read by lines only: 4.3 MiB, the limit is 4 MiB"), "{run:?}");
    let shown = vault.run(&["show", "--json", "Hostile.md"]).json();
    assert_eq!(shown["headings"][1]["text"], "The end");
    assert_eq!((&shown["links"][0]["resolved"], &shown["links"][0]["line"]), (&"Ovens.md".into(), &3.into()));
}

#[test]
fn large_parts_are_cut_or_left_out() {
    let long = "x".repeat(10_000);
    let note = format!("# {long}\n\n[[{long}]] [[Flour|{long}]] #{long}\n");
    let vault = Vault::new(BAKING);
    vault.write("Hostile.md", note);
    check(&vault, "long names");
    let shown = vault.run(&["show", "--json", "Hostile.md"]).json();
    let length = |value: &serde_json::Value| value.as_str().expect("a text").len();
    assert_eq!(length(&shown["headings"][0]["text"]), 4 << 10);
    let links = shown["links"].as_array().expect("links");
    assert_eq!((links.len(), length(&links[0]["display"])), (1, 4 << 10));
    assert_eq!(shown["tags"], serde_json::json!([]));

    let front = format!("---\ntitle: x\n{}---\n# After\n", "key: value\n".repeat(7_000));
    let told = check_note("front matter", front);
    assert_eq!(told[0], "1:1 over-limit the front matter has 75 KiB, the limit is 64 KiB: it is left out");
    let bomb = "---\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n\
        d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n\
        g: [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n---\n";
    let told = check_note("aliases of aliases", bomb);
    let told_first = |note: &str, text: String, line: &str| {
        let expected = format!(
            "{line}:1 over-limit the front matter {note}: only its plain `key: value` lines are read; write less into it"
        );
        let told = check_note(note, text);
        assert!(told.contains(&expected), "{told:?}");
    };
    assert!(told.iter().any(|line| line.contains("over-limit the front matter has too many values: ")), "{told:?}");
    for n_levels in [70, 30_000] {
        told_first(
            "nests too deep",
            format!("---\ntitle: x\na: {}{}\n---\n", "[".repeat(n_levels), "]".repeat(n_levels)),
            "3",
        );
    }
    let repeated: String = (0..2_000).map(|at| format!("k{at}: *a\n")).collect();
    told_first("repeats its own parts too often", format!("---\na: &a x\n{repeated}---\n"), "2002");
}

#[test]
fn embeds_in_a_circle() {
    let vault = Vault::new(BAKING);
    vault.write("A.md", "![[B]]\n![[A]]\n");
    vault.write("B.md", "![[C]]\n");
    vault.write("C.md", "![[A]]\n");
    let run = check(&vault, "a circle");
    assert_eq!(run.out.lines().count(), 1 + run.out.matches(" uncertain-reading ").count(), "{run:?}");
    assert_eq!(vault.run(&["show", "A"]).code, 0);
}

#[test]
fn other_encodings_are_read() {
    let note = "# Cups\n\n| Drink | Cup |\n|---|---|\n| Espresso | Small |\n";
    let little: Vec<u8> = [0xff, 0xfe].into_iter().chain(note.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let big: Vec<u8> = [0xfe, 0xff].into_iter().chain(note.encode_utf16().flat_map(u16::to_be_bytes)).collect();
    let marked = [b"\xef\xbb\xbf".as_slice(), note.as_bytes()].concat();
    for (bytes, fault) in [(little, true), (big, true), (marked, false)] {
        let vault = Vault::new(BAKING);
        vault.write("Cups.md", bytes);
        let run = check(&vault, "an encoding");
        assert_eq!(run.out.contains("Cups.md:1:1 encoding read as UTF-16; save it as UTF-8"), fault, "{run:?}");
        assert_eq!(vault.run(&["ask", "--json", "which cup for espresso?"]).json()["choices"][0]["name"], "Small");
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_left_out() {
    let vault = Vault::new(BAKING);
    let outside = vault.root().join("outside");
    std::fs::create_dir(&outside).expect("a folder");
    std::fs::write(outside.join("Secret.md"), "# Secret\n\n| Need | Choice |\n|---|---|\n| Key | Copper |\n")
        .expect("a note");
    let link =
        |to: &std::path::Path, name: &str| std::os::unix::fs::symlink(to, vault.notes().join(name)).expect("a link");
    link(&outside, "linked");
    link(&outside.join("Secret.md"), "Linked.md");
    link(&vault.notes(), "circle");
    link(std::path::Path::new("nowhere"), "Dead.md");
    let fifo = std::process::Command::new("mkfifo").arg(vault.notes().join("Pipe.md")).status();
    assert!(fifo.expect("mkfifo").success());
    let socket = std::os::unix::net::UnixListener::bind(vault.notes().join("Socket.md")).expect("a socket");
    let run = check(&vault, "links and pipes");
    drop(socket);
    for fault in [
        "Dead.md:1:1 symlink left out",
        "Linked.md:1:1 symlink left out",
        "circle:1:1 symlink left out",
        "linked:1:1 symlink left out",
        "Pipe.md:1:1 not-a-file left out",
        "Socket.md:1:1 not-a-file left out",
    ] {
        assert!(run.out.contains(fault), "{fault}: {run:?}");
    }
    assert_eq!(vault.run(&["ask", "which choice for a key?"]).code, 1, "nothing outside is read");
    assert!(vault.run(&["status"]).out.contains("Pipe.md: not-a-file left out"));
}
