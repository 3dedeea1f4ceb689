//! Each command once, with its exit code and where it prints.

use std::io::{Read, Write};
use std::process::Stdio;

use crate::support::{BAKING, Vault, timeless};
use expect_test::expect;

const SOURDOUGH: &[&str] = &["ask", "which flour for sourdough bread?"];

#[test]
fn a_question_is_answered_with_its_row() {
    let vault = Vault::new(BAKING);
    let run = vault.run(SOURDOUGH);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    expect![[r#"
        According to the notes: Strong white.

          Which flour
          Baking          │ Flour
          ────────────────┼─────────────
        ▶ Sourdough bread │ Strong white
          Flour.md:5
    "#]]
    .assert_eq(&run.out);
}

#[test]
fn narrow_places_get_stacked_rows_in_the_language_of_the_question() {
    let vault = Vault::new(BAKING);
    let run =
        vault.command(&["ask", "nên dùng bột nào cho bánh bông lan", "--limit", "1"]).env("COLUMNS", "24").output();
    let out = String::from_utf8(run.expect("it runs").stdout).expect("UTF-8");
    expect![[r#"
        Theo ghi chú: Bột mì số 8.

          Which flour
          …
        ▶ **Baking** Bánh bông
          lan
          **Flour** Bột mì số 8
          Flour.md:7
    "#]]
    .assert_eq(&out);
}

#[test]
fn what_the_notes_do_not_say_exits_1() {
    let vault = Vault::new(BAKING);
    let run = vault.run(&["ask", "which tyre is best on wet gravel?"]);
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    assert!(run.out.starts_with("The notes do not say.\nNo note speaks of: "), "{}", run.out);
    let json = vault.run(&["ask", "--json", "which tyre is best on wet gravel?"]);
    assert_eq!((json.code, json.json()["verdict"].as_str()), (1, Some("unknown")));
}

#[test]
fn one_question_as_json_is_one_line() {
    let vault = Vault::new(BAKING);
    let run = vault.run(&["ask", "--json", "which flour for sourdough bread?"]);
    let answer = run.json();
    assert_eq!((run.code, run.out.lines().count()), (0, 1));
    assert_eq!(answer["choices"][0]["name"], "Strong white");
    assert_eq!(answer["evidence"][0]["rows"][0]["text"], "| Sourdough bread | Strong white |");
    assert_eq!((&answer["schema"], &answer["generation"]), (&1.into(), &1.into()));
    assert!(answer.get("explain").is_none());
}

#[test]
fn the_same_question_gives_the_same_bytes() {
    let vault = Vault::new(BAKING);
    let ask = ["ask", "--json", "--explain", "does the deck oven have steam?"];
    let first = vault.run(&ask).out;
    assert_eq!(timeless(&first), timeless(&vault.run(&ask).out), "the index read again");
    vault.run(&["index", "--full"]);
    let built_again = vault.run(&ask).out.replace("\"generation\":2", "\"generation\":1");
    assert_eq!(timeless(&first), timeless(&built_again), "the index built again");
}

#[test]
fn a_batch_answers_each_line_in_its_place() {
    let vault = Vault::new(BAKING);
    let long = "flour ".repeat(2_000);
    let input = format!("which flour for sourdough bread?\n\n?!…\r\n{long}\nwhich flour for shortcrust pastry?");
    let run = vault.run_with_input(&["ask", "--json", "-"], &input);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let answers: Vec<serde_json::Value> =
        run.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let said: Vec<&str> = answers
        .iter()
        .map(|answer| answer["choices"][0]["name"].as_str().or(answer["error"]["code"].as_str()).expect("either"))
        .collect();
    assert_eq!(said, ["Strong white", "empty-question", "no-words", "question-too-long", "Plain"]);
    assert_eq!((&answers[2]["question"], &answers[2]["verdict"]), (&"?!…".into(), &"unknown".into()));
    assert!(answers[3]["error"]["hint"].as_str().is_some_and(|hint| !hint.is_empty()));
}

#[test]
fn a_batch_answers_before_the_next_question_is_typed() {
    let vault = Vault::new(BAKING);
    let mut command = vault.command(&["ask", "--json", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("piped");
    let mut stdout = child.stdout.take().expect("piped");
    for _ in 0..2 {
        stdin.write_all(b"which flour for shortcrust pastry?\n").expect("it reads");
        let (mut line, mut byte) = (Vec::new(), [0]);
        while byte != *b"\n" {
            stdout.read_exact(&mut byte).expect("an answer");
            line.push(byte[0]);
        }
        assert!(String::from_utf8_lossy(&line).contains("\"Plain\""));
    }
    drop(stdin);
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let vault = Vault::new(BAKING);
    vault.run(&["index"]);
    let mut command = vault.command(&["ask", "--json", "-"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    // The program may be gone before it has read everything.
    let _ = child.stdin.take().expect("piped").write_all("which flour for sourdough?\n".repeat(50).as_bytes());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn options_stand_before_or_after_the_command() {
    let vault = Vault::new(BAKING);
    let other = Vault::new("//- /Tea.md\n# Tea\n\n| Mood | Tea |\n|---|---|\n| Sleepy evening | Camomile |\n");
    let (notes, index) = (other.notes(), other.index());
    let (notes, index) = (notes.to_str().expect("UTF-8"), index.to_str().expect("UTF-8"));
    for arguments in [
        ["--notes", notes, "--index", index, "ask", "which tea for a sleepy evening?"],
        ["ask", "which tea for a sleepy evening?", "--notes", notes, "--index", index],
    ] {
        let run = vault.run(&arguments);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.out.contains("Camomile"), "{run:?}");
    }
}

#[test]
fn the_command_line_beats_the_environment_beats_the_file() {
    let vault = Vault::new(BAKING);
    std::fs::write(vault.root().join("bot.toml"), "notes = \"from-file\"\n").expect("bot.toml");
    let message = |command: &mut std::process::Command| {
        String::from_utf8(command.output().expect("it runs").stderr).expect("UTF-8")
    };
    assert!(message(&mut vault.command(SOURDOUGH)).contains("`from-file`"));
    assert!(
        message(vault.command(SOURDOUGH).env("FINGERPOST_NOTES", "from-environment")).contains("`from-environment`")
    );
    let mut given = vault.command(&["ask", "--notes", "given", "which flour?"]);
    assert!(message(given.env("FINGERPOST_NOTES", "from-environment")).contains("`given`"));
}

#[test]
fn no_colour_off_a_terminal() {
    let vault = Vault::new(BAKING);
    for arguments in [SOURDOUGH, &["show", "Flour"], &["status"]] {
        assert!(!vault.run(arguments).out.contains('\u{1b}'));
    }
}

#[test]
fn a_note_cannot_steer_the_terminal() {
    let vault = Vault::new("//- /Tea.md\n# Tea\n\n| Mood | Tea |\n|---|---|\n| Sleepy \u{1b}[2Jevening | Camomile |\n");
    let run = vault.run(&["ask", "which tea for a sleepy evening?"]);
    assert!(run.out.contains("Camomile") && !run.out.contains('\u{1b}'), "{run:?}");
}

#[test]
fn an_explanation_names_needs_and_claims() {
    let run = Vault::new(BAKING).run(&["ask", "--explain", "which flour for sourdough bread?"]);
    assert!(run.out.contains("\nHow this was found:\n"), "{}", run.out);
    assert!(run.out.contains("need “sourdough”, weight "), "{}", run.out);
    assert!(run.out.contains(" Strong white (Decision) Flour.md:5\n"), "{}", run.out);
}

#[test]
fn a_note_is_shown_as_the_index_sees_it() {
    let vault = Vault::new(BAKING);
    let shown = vault.run(&["show", "--json", "Bakery", "ovens"]).json();
    assert_eq!((&shown["path"], &shown["title"]), (&"Ovens.md".into(), &"Deck or rack oven".into()));
    assert_eq!((&shown["aliases"][0], &shown["tags"][0]), (&"Bakery ovens".into(), &"kitchen".into()));
    assert_eq!(
        shown["headings"][0],
        serde_json::json!({"text": "Deck or rack oven", "level": 1, "line": 5, "plain": "Deck or rack oven"})
    );
    assert_eq!(
        (&shown["embeds"][0]["target"], &shown["embeds"][0]["resolved"]),
        (&"Flour#Which flour".into(), &"Flour.md".into())
    );
    assert_eq!(shown["backlinks"], serde_json::json!([{"path": "Flour.md", "line": 9}]));
    assert_eq!(shown["block_ids"][0]["id"], "embed");
    let claim = shown["claims"]
        .as_array()
        .and_then(|claims| claims.iter().find(|claim| claim["options"][0]["name"] == "Rack oven"))
        .expect("a claim on the rack oven");
    assert_eq!((&claim["kind"], &claim["line"]), (&"column_cell".into(), &9.into()));

    let links = vault.run(&["show", "--json", "Flour.md"]).json();
    let nowhere = &links["links"][1];
    assert_eq!((&nowhere["target"], &nowhere["resolved"]), (&"Nowhere".into(), &serde_json::Value::Null));
    assert_eq!((&nowhere["line"], &nowhere["column"], &nowhere["kind"]), (&9.into(), &29.into(), &"wiki".into()));

    let text = vault.run(&["show", "flour"]);
    assert_eq!(text.code, 0);
    assert!(text.out.contains("\nClaims (") && text.out.contains("Nowhere → leads nowhere :9"), "{}", text.out);
}

#[test]
fn an_option_without_a_note_is_shown_too() {
    let shown = Vault::new(BAKING).run(&["show", "--json", "strong white"]).json();
    assert_eq!((&shown["kind"], &shown["path"]), (&"concept".into(), &serde_json::Value::Null));
    assert_eq!(shown["claims"][0]["parts"][0]["text"], "Sourdough bread");
}

#[test]
fn an_unknown_name_exits_1_with_the_nearest() {
    let run = Vault::new(BAKING).run(&["show", "Flower"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert_eq!(run.err, "error: no note or concept named `Flower`\nhint: Did you mean `Flour`?\n");
}

#[test]
fn status_tells_how_far_the_index_is() {
    let vault = Vault::new(BAKING);
    let status = vault.run(&["status", "--json"]).json();
    assert_eq!((&status["state"], &status["notes"]), (&"missing".into(), &2.into()));
    assert!(!vault.index().exists(), "status writes nothing");
    vault.run(&["index"]);
    let status = vault.run(&["status", "--json"]).json();
    assert_eq!((&status["state"], &status["generation"]), (&"ready".into(), &1.into()));
    assert_eq!((&status["links"], &status["unresolved_links"]), (&3.into(), &1.into()));
    vault.write("New.md", "# New\n");
    let status = vault.run(&["status", "--json"]).json();
    assert_eq!((&status["state"], &status["generation"]), (&"stale".into(), &1.into()));
    assert!(status["stale_since"].is_u64());
    assert!(vault.run(&["status"]).out.contains("stale since 2"));
}

#[test]
fn the_index_is_brought_up_to_date() {
    let vault = Vault::new(BAKING);
    assert!(vault.run(&["index"]).out.starts_with("generation 1: 2 notes, "));
    assert!(vault.run(&["index"]).out.starts_with("generation 1: "), "nothing changed");
    vault.write("Flour.md", std::fs::read(vault.notes().join("Flour.md")).expect("a note"));
    assert!(vault.run(&["index"]).out.starts_with("generation 1: "), "only the time stamp changed");
    vault.write("Flour.md", "# Which flour\n\n| Baking | Flour |\n|---|---|\n| Sourdough bread | Rye |\n");
    assert!(vault.run(SOURDOUGH).out.contains(": Rye."));
    std::fs::remove_file(vault.notes().join("Flour.md")).expect("a note");
    assert!(vault.run(&["index", "-v"]).err.contains("generation 3 with 1 notes"));
    assert!(vault.run(&["index", "--full"]).out.starts_with("generation 4: 1 notes, "));
    assert_eq!(std::fs::read_dir(vault.index().join("tantivy")).expect("a folder").count(), 1, "old ones are removed");
}

#[test]
fn an_edit_with_size_and_time_kept_is_seen() {
    let vault = Vault::new(BAKING);
    let path = vault.notes().join("Flour.md");
    vault.run(&["index"]);
    let modified = std::fs::metadata(&path).and_then(|metadata| metadata.modified()).expect("a time");
    let text = std::fs::read_to_string(&path).expect("a note").replace("Strong white", "Strong black");
    std::fs::write(&path, text).expect("a note");
    std::fs::File::options().write(true).open(&path).and_then(|file| file.set_modified(modified)).expect("a time");
    assert!(vault.run(SOURDOUGH).out.contains("Strong black"));
}

#[test]
fn golden_questions_are_measured_against_a_bar() {
    let vault = Vault::new(BAKING);
    let golden = "\
        {\"id\":\"1\",\"kind\":\"direct\",\"lang\":\"en\",\"question\":\"which flour for sourdough bread?\",\"verdict\":\"choose\",\"choices\":[[\"Strong white\"]],\"note\":\"Flour.md\",\"evidence\":[\"Which flour\"],\"row\":\"| Sourdough bread\"}\n\
        {\"id\":\"2\",\"kind\":\"unknown\",\"lang\":\"en\",\"question\":\"which tyre on wet gravel?\",\"verdict\":\"choose\",\"choices\":[[\"Plain\"]],\"note\":\"Flour.md\",\"evidence\":[],\"row\":\"\"}\n";
    std::fs::write(vault.root().join("golden.jsonl"), golden).expect("a file");
    let run = vault.run(&["eval", "golden.jsonl"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    expect![[r#"
                      n  choice    top   ev@1   ev@3  row@3  unkn  refus  faith    net
        lang en       2    50.0   50.0   50.0   50.0  100.0     -   50.0  100.0  0.500
        kind direct   1   100.0  100.0  100.0  100.0  100.0     -    0.0  100.0  1.000
        kind unknown  1     0.0    0.0    0.0    0.0      -     -  100.0      -  0.000
        all           2    50.0   50.0   50.0   50.0  100.0     -   50.0  100.0  0.500
    "#]]
    .assert_eq(&run.out);
    assert_eq!(vault.run(&["eval", "golden.jsonl", "--min-choice", "50"]).code, 0);
    let below = vault.run(&["eval", "golden.jsonl", "--min-choice", "50.5"]);
    assert_eq!(below.code, 3);
    assert!(
        below.err.starts_with("error: 50.0 % of the choices are right, and the bar is 50.5 %\nhint: "),
        "{below:?}"
    );
    std::fs::write(vault.root().join("golden.jsonl"), "{\"id\": 1}\n").expect("a file");
    let broken = vault.run(&["eval", "golden.jsonl"]);
    assert_eq!(broken.code, 2);
    assert!(broken.err.starts_with("error: golden.jsonl:1:8: not a golden question ("), "{broken:?}");
}

#[test]
fn wrong_usage_exits_2() {
    let vault = Vault::new(BAKING);
    for arguments in
        [&[][..], &["aks"], &["ask"], &["ask", "--without", "magic", "which?"], &["show"], &["eval", "no.jsonl"]]
    {
        let run = vault.run(arguments);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{arguments:?}: {run:?}");
        assert!(!run.err.is_empty(), "{arguments:?}");
    }
    let help = vault.run(&["--help"]);
    assert_eq!((help.code, help.err.as_str()), (0, ""));
}

#[test]
fn the_shipped_configuration_names_every_key() {
    let (text, _) = include_str!("../../bot.toml").split_once("\n[").expect("tables");
    let keys: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# ")?.split_once(" = \"").map(|(key, _)| key)).collect();
    assert_eq!(keys, fingerpost::config::KEYS.map(|key| key.name));
    for key in fingerpost::config::KEYS {
        assert!(text.contains(&format!("# {} = \"{}\"", key.name, key.default)) && text.contains(key.variable));
    }
}

/// Checks that every key of some tables stands in bot.toml with its default.
#[track_caller]
fn check_tables<T: serde::Serialize + PartialEq + std::fmt::Debug + Default>(
    read: impl Fn(fingerpost::config::Given) -> Result<T, fingerpost::config::ConfigError>,
) {
    let text = include_str!("../../bot.toml");
    let is_key = |line: &str| line.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '));
    let with_keys: Vec<&str> =
        text.lines().map(|line| line.strip_prefix("# ").filter(|line| is_key(line)).unwrap_or(line)).collect();
    let vault = Vault::new(BAKING);
    std::fs::write(vault.root().join("bot.toml"), with_keys.join("\n")).expect("bot.toml");
    let given = fingerpost::config::Given { config: Some(vault.root().join("bot.toml")), ..Default::default() };
    let tables = read(given).expect("no mistake");
    assert_eq!(tables, T::default());
    let tables = serde_json::to_value(tables).expect("JSON");
    for (name, table) in tables.as_object().expect("tables") {
        let (_, after) = text.split_once(&format!("[{name}]")).expect(name);
        for key in table.as_object().expect("keys").keys() {
            assert!(after.contains(&format!("\n# {key} = ")), "`{key}` of [{name}] is not in bot.toml");
        }
    }
}

#[test]
fn the_shipped_configuration_has_the_defaults_of_the_tables() {
    check_tables(|given| fingerpost::config::bot(given, &|_| None));
    check_tables(|given| fingerpost::config::upkeep(given, &|_| None));
}

#[cfg(feature = "discord")]
#[test]
fn who_lists_gaps_makes_no_store() {
    let vault = Vault::new(BAKING);
    std::fs::write(vault.root().join("bot.toml"), "[store]\npath = \"kept/store.redb\"\n").expect("a file");
    let run = vault.run(&["gaps"]);
    assert!(run.code == 0 && run.out == "no gaps so far\n", "{run:?}");
    assert!(!vault.root().join("kept").exists());
}

#[cfg(not(feature = "discord"))]
#[test]
fn a_program_without_the_bot_says_so() {
    let vault = Vault::new(BAKING);
    for command in ["bot", "gaps"] {
        let run = vault.run(&[command]);
        assert_eq!(run.code, 2);
        assert!(run.err.starts_with("error: this fingerpost was built without the Discord bot\nhint: "), "{run:?}");
    }
}

#[cfg(not(feature = "discord"))]
#[test]
fn without_the_bot_the_program_says_so() {
    let vault = Vault::new(BAKING);
    for command in ["bot", "gaps"] {
        let run = vault.run(&[command]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{run:?}");
        assert!(run.err.starts_with("error: this fingerpost was built without the Discord bot\nhint: Build it with "));
    }
    assert!(vault.run(&["doctor"]).out.contains("built without the Discord bot"));
}
