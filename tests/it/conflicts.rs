//! Which contradictions are told, and which are none?

use std::process::Command;

use fingerpost::answer::{Answer, contradictions};
use fingerpost::generation::Generation;
use fingerpost::language::Languages;
use fingerpost::render::Phrases;
use fingerpost::render::card::{self, Frame};

use crate::support::Vault;

/// Two notes that disagree on a mark, on a number and on a recommendation.
const GLUES: &str = "\
//- /bench.md
---
date: 2022-03-01
---
# Glues at the bench

| Criterion | Hide glue | Epoxy |
|---|---|---|
| Reversible | ✅ | ❌ |
| Waterproof | ❌ | ✅ |
| Open time | 5 min | 30 min |

## When to use epoxy

- outdoor joints
- violin repair
//- /course.md
---
date: 2024-01-20
---
# Glue course

| Glue | Reversible | Waterproof | Open time |
|---|---|---|---|
| Hide glue | yes | yes | 10 min |
| Epoxy | no | ✅ only cured | 30 min |

## When not to use epoxy

- violin repair
";

/// Returns each contradiction as option, need and places.
fn found(notes: &str) -> Vec<String> {
    let files: Vec<(String, String)> = notes
        .split("//- /")
        .skip(1)
        .map(|note| note.split_once('\n').expect("a path and a text"))
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .collect();
    let folder = tempfile::tempdir().expect("a folder");
    let languages = Languages::builtin();
    let index = folder.path().join("index");
    let generation = Generation::build(1, files, Vec::new(), &index, &languages).expect("an index");
    let told = contradictions(&generation, &languages).into_iter().map(|found| {
        let places = found.quotes.iter().map(|quote| format!("{}:{}", quote.note, quote.rows[0].line));
        format!("{} / {}: {}", found.option, found.need, places.collect::<Vec<_>>().join(" "))
    });
    told.collect()
}

#[test]
fn opposite_marks_numbers_and_advice_are_contradictions_newest_first() {
    assert_eq!(
        found(GLUES),
        [
            "Hide glue / Waterproof: course.md:8 bench.md:9",
            "Hide glue / Open time: course.md:8 bench.md:10",
            "Epoxy / violin repair: course.md:13 bench.md:15",
        ]
    );
}

#[test]
fn an_answer_quotes_both_sides() {
    let vault = Vault::new(GLUES);
    let answer = vault.run(&["ask", "--json", "which glue is waterproof?"]).json();
    let places: Vec<String> = answer["conflicts"]
        .as_array()
        .expect("conflicts")
        .iter()
        .map(|quote| format!("{}:{} {}", quote["note"], quote["rows"][0]["line"], quote["rows"][0]["text"]))
        .collect();
    assert_eq!(
        places,
        ["\"course.md\":8 \"| Hide glue | yes | yes | 10 min |\"", "\"bench.md\":9 \"| Waterproof | ❌ | ✅ |\""]
    );
    let text = vault.run(&["ask", "which glue is waterproof?"]).out;
    let (_, told) = text.split_once("The notes disagree:\n").unwrap_or_else(|| panic!("{text}"));
    let (newest, oldest) = (told.find("course.md:8"), told.find("bench.md:9"));
    assert!(newest.is_some() && newest < oldest, "{text}");
    // In a Discord message too.
    let answer: Answer = serde_json::from_value(answer).expect("an answer");
    let frame = Frame { phrases: &Phrases::builtin(), lang: None, link: None, folder: "" };
    let message = card::answer(&answer, frame);
    let (_, told) = message.split_once("**The notes disagree**\n").unwrap_or_else(|| panic!("{message}"));
    let (newest, oldest) = (told.find("Glue course:8"), told.find("Glues at the bench:9"));
    assert!(newest.is_some() && newest < oldest, "{message}");
    let agreed = vault.run(&["ask", "--json", "what glue for outdoor joints?"]).json();
    assert_eq!(agreed["conflicts"], serde_json::json!([]), "{agreed}");
}

#[test]
fn what_can_both_hold_is_no_contradiction() {
    let none = |notes: &str| assert_eq!(found(notes), Vec::<String>::new(), "{notes}");
    // Other surroundings.
    none(
        "//- /a.md\n# Tents\n\n## In winter\n\n| Need | Dome tent | Tarp |\n|---|---|---|\n| Dry | ✅ | ❌ |\n\
         //- /b.md\n# Shelter\n\n## In summer\n\n| Need | Dome tent | Tarp |\n|---|---|---|\n| Dry | ✅ | ✅ |\n",
    );
    // A remark, a range, words of degree, other units.
    none(
        "//- /a.md\n# Pans\n\n| Need | Iron pan | Steel pan |\n|---|---|---|\n| Oven | ✅ up to 200 °C | ✅ |\n\
         | Weight | 2-3 kg | light |\n| Heat-up | 3 min | 90 s |\n| Price | ~40 € | 20 € |\n\
         //- /b.md\n# More pans\n\n| Need | Iron pan | Steel pan |\n|---|---|---|\n| Oven | ❌ | ✅ |\n\
         | Weight | 4 kg | heavy |\n| Heat-up | 2 h | 2 min |\n| Price | 50 € | 20 € |\n",
    );
    // Rows that another column tells apart.
    none(
        "//- /a.md\n# Ferries\n\n| Ferry | Season | Cars |\n|---|---|---|\n| North line | summer | ✅ |\n\
         | North line | winter | ❌ |\n",
    );
    // One thing measured again and again.
    let log = |at: u32| {
        format!("//- /{at}.md\n# Log\n\n| Plant | Height |\n|---|---|\n| Old fig | {at} cm |\n| Pear | 9 cm |\n")
    };
    none(&(10..16).map(log).collect::<String>());
}

#[test]
fn rows_of_one_table_contradict_each_other_too() {
    let notes = "//- /a.md\n# Ropes\n\n| Need | Hemp rope | Nylon rope |\n|---|---|---|\n| Stretch | ❌ | ✅ |\n\
                 | Rot | ✅ | ❌ |\n| stretch | ✅ | ✅ |\n";
    assert_eq!(found(notes), ["Hemp rope / Stretch: a.md:5 a.md:7"]);
}

#[test]
fn contradictions_cross_languages_of_marks() {
    let notes = "//- /a.md\n# So sánh nồi\n\n| Tiêu chí | Nồi đất | Nồi gang |\n|---|---|---|\n| Bếp từ | không | có |\n\
                 //- /b.md\n# Bếp\n\n| Nồi | Bếp từ | Giữ nhiệt |\n|---|---|---|\n| Nồi đất | ✅ | ✅ |\n| Nồi gang | ✅ | ✅ |\n";
    assert_eq!(found(notes), ["Nồi đất / Bếp từ: a.md:5 b.md:5"]);
}

/// Without a date in the notes, that of the last commit counts, else the file's.
#[test]
fn newest_is_told_by_git_and_by_the_files() {
    let table =
        "| Criterion | Steel frame | Carbon frame |\n|---|---|---|\n| Price | low | high |\n| Rust | yes | no |\n";
    let notes = format!(
        "//- /a.md\n# Bikes\n\n{table}| Easy repair | ✅ | ❌ |\n//- /b.md\n# Frames\n\n{table}| Easy repair | ✅ | ✅ |\n"
    );
    let order = |vault: &Vault| {
        let answer = vault.run(&["ask", "--json", "which frame is easy to repair?"]).json();
        let quotes = answer["conflicts"].as_array().expect("conflicts").clone();
        quotes.iter().map(|quote| quote["note"].as_str().expect("a note").to_owned()).collect::<Vec<_>>()
    };
    let vault = Vault::new(&notes);
    let set_time = |note: &str, seconds: u64| {
        let file = std::fs::File::options().write(true).open(vault.notes().join(note)).expect("the note");
        file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds)).expect("a time");
    };
    set_time("a.md", 1_600_000_000);
    set_time("b.md", 1_700_000_000);
    assert_eq!(order(&vault), ["b.md", "a.md"], "by the files");

    let git = |arguments: &[&str], date: &str| {
        let mut git = Command::new("git");
        git.current_dir(vault.notes()).args(["-c", "user.name=n", "-c", "user.email=e@example.com"]).args(arguments);
        for name in ["GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"] {
            git.env(name, date);
        }
        git.output()
    };
    if git(&["init", "-q"], "").is_err() {
        println!("no git here: nothing to ask");
        return;
    }
    for (note, date) in [("b.md", "2021-01-01T00:00:00Z"), ("a.md", "2022-01-01T00:00:00Z")] {
        assert!(git(&["add", note], date).expect("git").status.success());
        assert!(git(&["commit", "-q", "-m", note], date).expect("git").status.success());
    }
    assert_eq!(order(&vault), ["a.md", "b.md"], "by the commits, whatever the files say");
}
