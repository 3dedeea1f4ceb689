//! Each way to ask and each button, as a person uses them.

use serde_json::{Value, json};

use super::standin::{BOT, Recorded};
use super::talk::{Asked, Talk};

/// Two options with a criterion each, a table of choices, and a note that links to them.
const NOTES: &str = "\
//- /Databases.md
# Which database

| Need | Choice |
|---|---|
| Full-text search in a small app | SQLite |
| Many [[Locks\\|writers]] at once | PostgreSQL |
| Edge deployment | SQLite |
| Bản đồ và toạ độ | PostgreSQL |

See [[PostgreSQL]].
//- /Locks.md
# Locks

Rows or tables.
//- /PostgreSQL.md
---
aliases: [Postgres]
---
# PostgreSQL

When to use:

- many writers at once
- maps

| Criterion | PostgreSQL | SQLite |
|---|---|---|
| Cost of running | A server | A file |
| Writers | many | one |
";

const WRITERS: &str = "which database for many writers at once?";

fn option(name: &str, value: &str) -> Value {
    json!({"type": 3, "name": name, "value": value})
}

fn ask(talk: &Talk, question: &str) -> Recorded {
    talk.filled(&talk.command("ask", json!([option("question", question)]), 7))
}

#[track_caller]
fn text(sent: &Recorded) -> &str {
    sent.body["content"].as_str().or(sent.body["data"]["content"].as_str()).expect("a text")
}

#[track_caller]
fn check(sent: &Recorded, words: &[&str]) {
    for word in words {
        assert!(text(sent).contains(word), "no `{word}` in {}", text(sent));
    }
}

#[test]
fn options_are_compared_and_told_when_to_use() {
    let talk = Talk::start(NOTES, "");
    let options = json!([option("a", "PostgreSQL"), option("b", "SQLite"), option("on", "cost of running")]);
    let compared = talk.filled(&talk.command("compare", options, 7));
    let row = "**Cost of running**\n- PostgreSQL: A server (PostgreSQL:13)\n- SQLite: A file (PostgreSQL:13)";
    check(&compared, &["**PostgreSQL / SQLite, compared by the notes:**", row]);
    assert!(!text(&compared).contains("Writers"), "only what was asked for: {}", text(&compared));
    // Over all notes, with what is said of one side only; without names that can be compared it is a question.
    let options = json!([option("a", "PostgreSQL"), option("b", "SQLite")]);
    let compared = talk.filled(&talk.command_in("compare", options, 7, "vi"));
    check(
        &compared,
        &["- PostgreSQL: many (PostgreSQL:14)", "**Edge deployment**\n- PostgreSQL: —\n- SQLite: ✔ (Databases:7)"],
    );
    let options = json!([option("a", "PostgreSQL"), option("b", "Redis")]);
    check(&talk.filled(&talk.command("compare", options, 7)), &["PostgreSQL"]);
    let options = json!([option("option", "PostgreSQL")]);
    check(&talk.filled(&talk.command("when", options.clone(), 7)), &["When to use PostgreSQL", "A server"]);
    let answer = talk.filled(&talk.command_in("when", options, 7, "vi"));
    check(&answer, &["Khi nào dùng PostgreSQL"]);
    talk.end();
}

#[test]
fn a_note_is_shown_to_who_asked_for_it() {
    let talk = Talk::start(NOTES, "");
    let asked = talk.command("note", json!([option("name", "postgres")]), 7);
    assert_eq!(talk.callback(&asked).body["data"]["flags"], 64);
    check(&talk.filled(&asked), &["**PostgreSQL**", "Also called: Postgres", "What the notes say"]);
    let unknown = talk.filled(&talk.command("note", json!([option("name", "Postgress")]), 7));
    check(&unknown, &["No note or concept is named “Postgress”. Did you mean “Postgres”?"]);
    talk.end();
}

#[test]
fn names_are_completed() {
    let talk = Talk::start(NOTES, "");
    assert_eq!(talk.complete("when", "option", "pos")[0], "PostgreSQL");
    assert_eq!(talk.complete("compare", "b", "sqilte")[0], "SQLite");
    assert_eq!(talk.complete("note", "name", "data")[0], "Which database");
    assert!(talk.complete("when", "option", "").len() >= 3);
    assert_eq!(talk.complete("compare", "on", "cos"), ["Cost of running"]);
    assert_eq!(talk.complete("compare", "on", "runing"), ["Cost of running"]);
    assert_eq!(talk.complete("compare", "on", ""), ["Writers", "Cost of running"]);
    talk.end();
}

#[test]
fn a_message_can_be_asked_about() {
    let talk = Talk::start(NOTES, "");
    let message = talk.message(WRITERS, 8, Value::Null);
    check(&talk.filled(&talk.about(&message, 7)), &["PostgreSQL"]);
    let empty = talk.callback(&talk.about(&talk.message("", 8, Value::Null), 7));
    check(&empty, &["no text"]);
    talk.end();
}

#[test]
fn a_follow_up_keeps_the_options() {
    let talk = Talk::start(NOTES, "");
    let first = ask(&talk, WRITERS);
    check(&first, &["According to the notes: PostgreSQL."]);
    let shown = talk.standin.message(super::standin::number(&first.response["id"])).expect("a message");
    let reply = talk.reply_to(talk.say(&format!("<@{BOT}> and for edge deployment?"), 7, shown));
    check(&reply, &["According to the notes: SQLite."]);
    let form = talk.callback(&talk.press(&first, "follow_up", 8));
    check(&talk.filled(&talk.submit(&form, "and for edge deployment?", 8)), &["According to the notes: SQLite."]);
    let mention = talk.reply_to(talk.say(&format!("<@{BOT}> and for edge deployment?"), 7, Value::Null));
    check(&mention, &["SQLite"]);
    talk.end();
}

#[test]
fn a_thread_of_an_answer_is_read_where_the_operator_allows_it() {
    for is_read in [true, false] {
        let talk = Talk::start(NOTES, &format!("[discord]\nmessage_content = {is_read}\n"));
        let answer = talk.reply_to(talk.say(&format!("<@{BOT}> {WRITERS}"), 7, Value::Null));
        check(&answer, &["According to the notes: PostgreSQL."]);
        // Its answer is noted a moment after it is sent.
        std::thread::sleep(std::time::Duration::from_millis(300));
        // A thread has the id of the message that it hangs on.
        let thread = &answer.response["id"];
        let mut message = talk.message("and for edge deployment?", 8, Value::Null);
        message["channel_id"] = thread.clone();
        talk.standin.dispatch("MESSAGE_CREATE", message.clone());
        let elsewhere = talk.say("and for edge deployment?", 8, Value::Null);
        if is_read {
            let reply = talk.reply_to(super::standin::number(&message["id"]));
            check(&reply, &["According to the notes: SQLite."]);
            assert_eq!(reply.path, format!("/channels/{}/messages", thread.as_str().expect("an id")));
        }
        std::thread::sleep(std::time::Duration::from_millis(500));
        let sent = talk.standin.recorded();
        let is_reply = |sent: &&Recorded| sent.method == "POST" && sent.path.ends_with("/messages");
        assert_eq!(sent.iter().filter(is_reply).count(), 1 + usize::from(is_read), "{elsewhere} is not for the bot");
        talk.end();
    }
}

/// Presses a button and returns what is shown to that person alone.
#[track_caller]
fn explained(talk: &Talk, shown: &Recorded, action: &str) -> Recorded {
    private(talk, &talk.press(shown, action, 8))
}

#[track_caller]
fn private(talk: &Talk, asked: &Asked) -> Recorded {
    let first = talk.callback(asked);
    assert_eq!(first.body["data"]["flags"].as_u64().unwrap_or_default() & 64, 64, "{}", first.body);
    if first.body["type"] == 5 { talk.filled(asked) } else { first }
}

#[test]
fn buttons_explain_an_answer() {
    let talk = Talk::start(NOTES, "");
    let answer = ask(&talk, WRITERS);
    check(&explained(&talk, &answer, "why"), &["→ **PostgreSQL**", "Databases:"]);
    check(&explained(&talk, &answer, "why_not"), &["Why not SQLite"]);
    let related = explained(&talk, &answer, "related");
    check(&private(&talk, &talk.pick(&related, "Locks", 8)), &["**Locks**"]);
    check(&explained(&talk, &answer, "good"), &["Thank you."]);
    let form = talk.callback(&talk.press(&answer, "wrong", 8));
    check(&private(&talk, &talk.submit(&form, "we moved away from it", 8)), &["Thank you."]);
    talk.end();
}

#[test]
fn what_the_notes_do_not_say_can_be_logged() {
    let talk = Talk::start(NOTES, "");
    let answer = ask(&talk, "which tyre is best on wet gravel?");
    check(&answer, &["The notes do not say.", "tyre"]);
    check(&explained(&talk, &answer, "log_gap"), &["Logged as a gap."]);
    talk.end();
}

#[test]
fn buttons_work_after_a_restart_and_tell_of_changes() {
    let mut talk = Talk::start(NOTES, "[discord]\nfollow_changes = false\n");
    let answer = ask(&talk, WRITERS);
    assert_eq!(talk.stop(), 0);
    talk.again();
    let why = explained(&talk, &answer, "why");
    assert!(!text(&why).contains("have changed"), "{}", text(&why));
    let path = talk.vault.notes().join("Databases.md");
    let note = std::fs::read_to_string(&path).expect("a note");
    std::fs::write(&path, note.replace("at once | PostgreSQL", "at once | MySQL")).expect("a note");
    talk.wait_log("the notes have changed");
    check(&explained(&talk, &answer, "why"), &["The notes have changed since this answer.", "MySQL"]);
    // The store is gone: the answer is forgotten, and nothing else breaks.
    std::fs::remove_file(talk.vault.root().join("store.redb")).expect("a store");
    check(&explained(&talk, &answer, "why"), &["I do not remember this answer any more."]);
    talk.end();
}

#[test]
fn gaps_are_listed_for_those_who_look_after_the_notes() {
    let talk = Talk::start(NOTES, "[discord]\noperators = [77]\n");
    for (question, user) in
        [("which tyre on wet gravel?", 7), ("Which tyre on wet gravel", 8), ("which boat for a calm lake?", 8)]
    {
        talk.filled(&talk.command("ask", json!([option("question", question)]), user));
    }
    let answer = ask(&talk, WRITERS);
    let form = talk.callback(&talk.press(&answer, "wrong", 8));
    talk.callback(&talk.submit(&form, "we moved away from it", 8));
    check(&talk.callback(&talk.command("gaps", json!([]), 7)), &["for those who look after the notes"]);
    let listed = talk.filled(&talk.command_as("gaps", 7, &["77"], "0"));
    check(&listed, &["**2×** ", "hich tyre on wet gravel", "**1×** which boat", "👎 1"]);
    // The command line reads the same store while the bot runs.
    let run = talk.vault.run(&["gaps"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert!(run.out.starts_with("times  wrong  last        question\n    2      0  2"), "{}", run.out);
    assert!(run.out.contains("“we moved away from it”"), "{}", run.out);
    let json: Vec<Value> =
        talk.vault.run(&["gaps", "--json"]).out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((json.len(), &json[0]["times"]), (3, &json!(2)));
    assert!(!talk.vault.run(&["gaps", "--json"]).out.contains("\"user\""), "users are told to nobody");
    let forgotten = talk.vault.run(&["gaps", "--forget", "8"]);
    assert_eq!(forgotten.out, "5 answers and gaps forgotten\n");
    assert_eq!(talk.vault.run(&["gaps", "--json"]).out.lines().count(), 1);
    talk.end();
}

#[test]
fn operators_see_figures_and_read_the_notes_again() {
    let talk = Talk::start(NOTES, "");
    check(&talk.callback(&talk.command("status", json!([]), 7)), &["for those who look after the notes"]);
    // Whoever manages the server may, without a role.
    check(&talk.filled(&talk.command_as("status", 7, &[], "32")), &["3 notes, ", "generation 1"]);
    talk.vault.write("New.md", "# New\n");
    check(&talk.filled(&talk.command_as("reindex", 7, &[], "32")), &["Generation 2, 4 notes."]);
    talk.end();
}

#[test]
fn a_channel_can_be_limited_to_a_folder() {
    let notes = "\
//- /all.md
# Drinks

| Need | Choice |
|---|---|
| Hot morning | Tea |
//- /kitchen/Ovens.md
# Ovens

| Need | Choice |
|---|---|
| Steam for bread | Deck oven |
";
    let channel = super::standin::CHANNEL;
    let settings = format!(
        "[discord]\nlanguage = \"vi\"\nfolders = {{ \"{channel}\" = \"kitchen\" }}\n\
         [links]\ntemplate = \"https://forge.example/{{path}}#L{{line}}\"\n\
         [log]\njson = true\nquestions = true\nhealth = \"health.json\"\n"
    );
    let talk = Talk::start(notes, &settings);
    let answer = ask(&talk, "what to use for steam for bread?");
    check(&answer, &["**Theo ghi chú: Deck oven.**", "[kitchen/Ovens:5](<https://forge.example/kitchen/Ovens.md#L5>)"]);
    check(&ask(&talk, "what to use on a hot morning?"), &["Ghi chú không nói"]);
    // It is written every few seconds, the first time before there is a connection.
    let health = || -> Value {
        let text = std::fs::read_to_string(talk.vault.root().join("health.json")).expect("a health file");
        serde_json::from_str(&text).expect("JSON")
    };
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while health()["connected"] != true {
        assert!(std::time::Instant::now() < end, "{}", health());
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!((&health()["identified"], &health()["generation"]), (&json!(1), &json!(1)));
    let log = talk.end();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(lines.iter().any(|line| line["question"] == "what to use for steam for bread?"), "{log}");
}

#[cfg(feature = "picture")]
#[test]
fn a_whole_table_is_shown_as_a_picture_and_as_a_file() {
    let talk = Talk::start(NOTES, "");
    let answer = ask(&talk, WRITERS);
    let picture = explained(&talk, &answer, "picture");
    let (name, bytes) = &picture.files[0];
    assert_eq!((name.as_str(), &bytes[1..4]), ("table.png", b"PNG".as_slice()));
    let alt = picture.body["attachments"][0]["description"].as_str().expect("words for it");
    assert!(alt.contains("▶ Need: Many writers at once, Choice: PostgreSQL"), "{alt}");
    check(&picture, &["Databases › Which database:6"]);
    let file = explained(&talk, &picture, "file");
    let (name, bytes) = &file.files[0];
    let note = std::fs::read_to_string(talk.vault.notes().join("Databases.md")).expect("a note");
    let text = String::from_utf8(bytes.clone()).expect("UTF-8");
    assert_eq!(name, "table.md");
    let table = text.trim_start_matches("Databases.md:6").trim();
    assert!(table.lines().count() == 6 && note.contains(table), "{text}");
    talk.end();
}

#[test]
fn a_decision_tree_is_walked_by_buttons() {
    let notes = "\
//- /fall.md
# After a fall on the trail

```
Can the person stand?
├── Yes
│   ├── Pain in the ankle?
│   │   ├── Yes ── Elastic bandage
│   │   └── No ── Short rest
└── No
    ├── Is it getting dark?
    │   ├── Yes ── Rescue call
    │   └── No ── Stretcher
```
";
    let talk = Talk::start(notes, "");
    let answer = ask(&talk, "which one after a fall, with pain in the ankle?");
    check(&answer, &["Elastic bandage"]);
    let first = explained(&talk, &answer, "tree");
    check(&first, &["**Can the person stand?**"]);
    let second = talk.callback(&talk.press_in(&first.body["data"], ":s1", 8));
    assert_eq!(second.body["type"], 7);
    check(&second, &["**Is it getting dark?**", "Can the person stand? › No"]);
    let third = talk.callback(&talk.press_in(&second.body["data"], ":s1.0", 8));
    check(&third, &["▶ **Rescue call**", "fall › After a fall on the trail:11"]);
    let back = talk.callback(&talk.press_in(&third.body["data"], ":s1", 8));
    check(&back, &["**Is it getting dark?**"]);
    talk.end();
}
