//! Does an index that followed edits equal one that was built at once?
//!
//! Sequences of edits are made on disk, in small vaults whose notes know each other's names. A few run with every test;
//! `RUN_SLOW_TESTS=1` runs more, and `SEQUENCES=10000 cargo test --release --test it sequences` as many as it says.

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fingerpost::answer::Switches;
use fingerpost::engine::{Engine, Extent, Refreshed, Settings};
use fingerpost::generation::{self, Generation};
use fingerpost::index::{Posting, note_id};
use fingerpost::language::Languages;
use fingerpost::render::wire;
use fingerpost::text::Term;

use crate::generator::Dice;
use crate::support::{BAKING, Vault, timeless};

const N_STEPS: usize = 12;
const NAMES: &[&str] = &["Rye", "Spelt", "Deck oven", "Proofing box", "Bột mì", "Straße", "Levain (starter)"];
const FILES: &[&str] = &["Rye", "rye", "RYE", "Spelt", "Deck oven", "Bột mì", "straße", "Levain"];
const FOLDERS: &[&str] = &["", "a/", "a/b/", "Bếp/"];
const NEEDS: &[&str] = &["sourdough", "flat bread", "bánh mì", "steam", "a dense crumb", "slow days"];
const QUESTIONS: &[&str] = &[
    "which one for sourdough?",
    "bánh mì thì dùng gì",
    "Rye or Spelt?",
    "which has steam?",
    "what is Levain?",
    "nothing of this kind",
];

fn quiet(_: generation::Stage, _: usize, _: usize) {}

fn settings(vault: &Vault) -> Settings {
    Settings { notes: vault.notes(), index: vault.index(), golden: None }
}

/// Checks that an engine holds what a full build of its notes folder gives, to the last posting.
#[track_caller]
fn check(engine: &Engine, languages: &Languages, told: &dyn Fn() -> String) {
    let (entries, _) = fingerpost::vault::scan(&engine.settings().notes).expect("notes");
    let files = entries
        .iter()
        .map(|entry| (entry.path.clone(), fingerpost::vault::read(&engine.settings().notes, &entry.path).text))
        .collect();
    let notes = generation::parse_all(files);
    let names = fingerpost::claim::Names::gather(notes.iter(), languages);
    let fresh = generation::read_all(notes, &names, languages);
    let ours = engine.generation();
    assert!(ours.names == names, "names differ after {}", told());
    let paths = |entries: &[Arc<generation::Entry>]| -> Vec<String> {
        entries.iter().map(|entry| entry.note.path.clone()).collect()
    };
    let our_entries: Vec<_> = ours.entries.iter().cloned().collect();
    assert_eq!(paths(&our_entries), paths(&fresh), "{}", told());
    for (ours, fresh) in ours.entries.iter().zip(&fresh) {
        assert!(ours == fresh, "`{}` differs after {}: {ours:#?} instead of {fresh:#?}", ours.note.path, told());
    }
    let mut expected: BTreeMap<Term, Vec<Posting>> = BTreeMap::new();
    for entry in &fresh {
        let note = note_id(&entry.note.path);
        for (ordinal, terms) in generation::documents(entry).documents {
            terms.into_iter().for_each(|term| expected.entry(term).or_default().push(Posting { note, ordinal }));
        }
    }
    let documents: Vec<Option<Posting>> = ours.postings.documents().collect();
    for (term, mut expected) in expected {
        let mut found = Vec::new();
        let _ = ours.postings.walk(term, &mut |document| {
            found.extend(documents[document]);
            ControlFlow::Continue(())
        });
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected, "postings of {term:?} after {}", told());
    }
}

/// Checks that two engines answer alike, and that the graph is the same.
#[track_caller]
fn check_answers(ours: &Engine, fresh: &Engine, told: &dyn Fn() -> String) {
    for question in QUESTIONS {
        let json = |engine: &Engine| {
            let mut answer = engine.ask(question, &Switches::default(), true).expect("a question");
            answer.generation = 0;
            timeless(&wire::json(&answer).expect("JSON"))
        };
        assert_eq!(json(ours), json(fresh), "{question} after {}", told());
    }
    let shape = |generation: &Generation| {
        let names: Vec<String> = generation.graph.all_names().map(str::to_owned).collect();
        let links: Vec<_> = (0..generation.entries.len() as u32).map(|note| generation.graph.backlinks(note)).collect();
        (
            generation.graph.size(),
            names,
            links,
            generation.counts.clone(),
            generation.n_sections,
            generation.dictionary.words().to_vec(),
        )
    };
    assert!(shape(ours.generation()) == shape(fresh.generation()), "the graphs differ after {}", told());
}

fn text(dice: &mut Dice) -> String {
    let mut text = String::new();
    if dice.below(4) == 0 {
        text.push_str(&format!("---\naliases: [\"{}\"]\n---\n", dice.pick(NAMES)));
    }
    text.push_str(&format!("# {}\n\n", if dice.below(2) == 0 { dice.pick(NAMES) } else { "Which one" }));
    for _ in 0..dice.below(4) {
        match dice.below(7) {
            0 => {
                text.push_str("| When | Use |\n|---|---|\n");
                for _ in 0..1 + dice.below(3) {
                    text.push_str(&format!("| {} | {} |\n", dice.pick(NEEDS), dice.pick(NAMES)));
                }
            }
            1 => {
                let (a, b) = (dice.pick(NAMES), dice.pick(NAMES));
                text.push_str(&format!("| | {a} | {b} |\n|---|---|---|\n| {} | yes | no |\n", dice.pick(NEEDS)));
            }
            2 => text.push_str(&format!("## {} vs {}\n", dice.pick(NAMES), dice.pick(NAMES))),
            3 => {
                text.push_str(&format!("- **{}**: {}\n- {}: x\n", dice.pick(NAMES), dice.pick(NEEDS), dice.pick(NAMES)))
            }
            4 => text.push_str(&format!("See [[{}|{}]].\n", dice.pick(FILES), dice.pick(NAMES))),
            5 => text.push_str(&format!("Use {} for {}.\n", dice.pick(NAMES), dice.pick(NEEDS))),
            _ => text.push_str(&format!(
                "```\n{}?\n├── yes → {}\n└── no → {}\n```\n",
                dice.pick(NEEDS),
                dice.pick(NAMES),
                dice.pick(NAMES)
            )),
        }
        text.push('\n');
    }
    text
}

fn path(dice: &mut Dice) -> String {
    format!("{}{}.md", dice.pick(FOLDERS), dice.pick(FILES))
}

fn notes(folder: &Path) -> Vec<PathBuf> {
    let (entries, _) = fingerpost::vault::scan(folder).expect("notes");
    entries.into_iter().map(|entry| folder.join(entry.path)).collect()
}

/// Makes one edit and returns what it was, in words.
fn edit(vault: &Vault, dice: &mut Dice) -> String {
    let all = notes(&vault.notes());
    let chosen = all[dice.below(all.len())].clone();
    let to = vault.notes().join(path(dice));
    let shown = |path: &Path| path.strip_prefix(vault.notes()).expect("a note").display().to_string();
    let make_folder = || fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
    match dice.below(10) {
        0..=2 => {
            make_folder();
            let text = text(dice);
            fs::write(&to, &text).expect("a note");
            format!("write {}: {text:?}", shown(&to))
        }
        3 => {
            let text = text(dice);
            fs::write(&chosen, &text).expect("a note");
            format!("edit {}: {text:?}", shown(&chosen))
        }
        4 if all.len() > 2 => {
            fs::remove_file(&chosen).expect("a note");
            format!("delete {}", shown(&chosen))
        }
        5 => {
            make_folder();
            fs::rename(&chosen, &to).expect("a note");
            format!("move {} to {}", shown(&chosen), shown(&to))
        }
        6 => {
            // Only the case of the name changes.
            let stem = chosen.file_stem().expect("a name").to_string_lossy().into_owned();
            let other = if stem == stem.to_lowercase() { stem.to_uppercase() } else { stem.to_lowercase() };
            let to = chosen.with_file_name(format!("{other}.md"));
            fs::rename(&chosen, &to).expect("a note");
            format!("case {} to {}", shown(&chosen), shown(&to))
        }
        7 => {
            make_folder();
            fs::copy(&chosen, &to).expect("a copy");
            format!("copy {} to {}", shown(&chosen), shown(&to))
        }
        8 => {
            let mut text = fs::read_to_string(&chosen).expect("a note");
            text.push_str(&format!(
                "\n[[{}]] {} as [[{}|{}]]\n",
                dice.pick(FILES),
                dice.pick(NEEDS),
                dice.pick(FILES),
                dice.pick(NAMES)
            ));
            fs::write(&chosen, &text).expect("a note");
            format!("link in {}", shown(&chosen))
        }
        _ => {
            let text = fs::read_to_string(&chosen).expect("a note");
            fs::write(&chosen, format!("---\naliases: [\"{}\"]\n---\n{text}", dice.pick(NAMES))).expect("a note");
            format!("alias in {}", shown(&chosen))
        }
    }
}

fn run(seed: u64, languages: &Languages) {
    let mut dice = Dice(seed);
    let vault = Vault::new("//- /Bread.md\n# Which one\n\n| When | Use |\n|---|---|\n| sourdough | Rye |\n");
    for _ in 0..2 + dice.below(6) {
        let path = path(&mut dice);
        vault.write(&path, text(&mut dice));
    }
    let mut done = vec![format!("seed {seed}")];
    let mut engine = Engine::open(settings(&vault), Extent::Changes, &quiet).expect("an engine");
    for step in 0..N_STEPS {
        for _ in 0..1 + dice.below(2) {
            done.push(edit(&vault, &mut dice));
        }
        let told = || done.join("\n");
        match dice.below(4) {
            // Another process takes over, from what is on disk.
            0 => engine = Engine::open(settings(&vault), Extent::Changes, &quiet).expect("an engine"),
            _ => {
                engine.refresh(&quiet).expect("a generation");
            }
        }
        check(&engine, languages, &told);
        if step + 1 == N_STEPS {
            let fresh = Settings { index: vault.root().join("fresh"), ..settings(&vault) };
            let fresh = Engine::open(fresh, Extent::Changes, &quiet).expect("an engine");
            check_answers(&engine, &fresh, &told);
            let again = Engine::open(settings(&vault), Extent::Changes, &quiet).expect("an engine");
            assert_eq!(again.generation().number, engine.generation().number, "{}", told());
            check_answers(&again, &fresh, &told);
        }
    }
    assert!(engine.take_notices().iter().all(|notice| matches!(notice, fingerpost::engine::Notice::Faults(_))));
}

#[test]
fn sequences_of_edits_equal_a_full_build() {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let n_sequences = number("SEQUENCES").unwrap_or(if number("RUN_SLOW_TESTS").is_some() { 100 } else { 10 });
    let first = number("FIRST_SEQUENCE").unwrap_or(0);
    let languages = Languages::builtin();
    for seed in first..first + n_sequences {
        run(seed, &languages);
        if (seed + 1) % 1_000 == 0 {
            println!("{} sequences", seed + 1);
        }
    }
}

#[test]
fn a_name_that_becomes_known_turns_the_reading_of_another_note() {
    let languages = Languages::builtin();
    let vault = Vault::new(BAKING);
    for at in 0..6 {
        vault.write(&format!("Other {at}.md"), format!("# Other {at}\n\nText about nothing {at}.\n"));
    }
    vault.write("Sum.md", "# Sum\n\nUse strong white for pizza.\n\n- Spelt: dry\n- Rye: wet\n");
    let mut engine = Engine::open(settings(&vault), Extent::Changes, &quiet).expect("an engine");
    let before: Vec<_> = engine.generation().entries.iter().cloned().collect();
    vault.write("Spelt.md", "# Spelt\n");
    assert_eq!(engine.refresh(&quiet).expect("a generation"), Refreshed::Replaced);
    check(&engine, &languages, &|| "a new title".to_owned());
    // What has nothing to do with it is the same in memory, not only equal.
    let n_shared = engine.generation().entries.iter().filter(|entry| before.iter().any(|old| Arc::ptr_eq(old, entry)));
    assert!(n_shared.count() >= 6, "notes that do not mention it are shared");
    fs::remove_file(vault.notes().join("Spelt.md")).expect("a note");
    engine.refresh(&quiet).expect("a generation");
    check(&engine, &languages, &|| "the title is gone".to_owned());
}
