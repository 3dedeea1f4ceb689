//! Is a note read as its author says, and is it said how it was read?

use expect_test::{Expect, expect};

use crate::support::Vault;

/// Returns the names that answer a question over one note.
#[track_caller]
fn answer(note: &str, question: &str) -> Vec<String> {
    let vault = Vault::new(&format!("//- /Note.md\n{note}"));
    let answer = vault.run(&["ask", "--json", question]).json();
    let choices = answer["choices"].as_array().expect("a list").iter();
    choices.map(|choice| choice["name"].as_str().expect("a name").to_owned()).collect()
}

/// Checks how the blocks of a note are told to be read.
#[track_caller]
fn check_read(note: &str, expected: Expect) {
    let run = Vault::new(&format!("//- /Note.md\n{note}")).run(&["show", "Note.md"]);
    let (_, read) = run.out.split_once("\nRead as (").expect("readings");
    let (_, read) = read.split_once('\n').expect("a count");
    let lines = read.split("\n\n").next().expect("a part").lines();
    expected.assert_eq(&lines.map(|line| format!("{}\n", &line[2..])).collect::<String>());
}

/// Checks what `check` says of the hints of a note.
#[track_caller]
fn check_fault(note: &str, expected: &str) {
    let run = Vault::new(&format!("//- /Note.md\n{note}")).run(&["check", "-q"]);
    let lines: Vec<&str> = run.out.lines().filter(|line| line.contains("unfit-hint")).collect();
    let expected: Vec<String> = expected.lines().map(|line| format!("Note.md:{line}")).collect();
    assert_eq!(lines, expected, "{run:?}");
    assert_eq!(run.code, if expected.is_empty() { 0 } else { 3 });
}

/// Nobody can tell which of the two is the material without knowing both.
const JOINTS: &str = "# Joints\n\n| Larch | Dowel |\n|---|---|\n| Oak | Tenon |\n| Pine | Screw |\n| Beech | Wedge |\n";

#[test]
fn a_hint_beats_the_guess() {
    let hinted = |hint: &str| JOINTS.replace("| Larch |", &format!("{hint}\n\n| Larch |"));
    assert_eq!(answer(&hinted("%% reads: need | choice %%"), "what for oak?"), ["Tenon"]);
    assert_eq!(answer(&hinted("<!-- reads: choice | need -->"), "which for a tenon?"), ["Oak"]);
    // Right above the table, and in a quote, it counts too.
    assert_eq!(
        answer(&JOINTS.replace("| Larch", "%% reads: choice | need %%\n| Larch"), "which for a wedge?"),
        ["Beech"]
    );
    let quoted = "# Joints\n\n> [!tip] Joints\n> %% reads: choice | need %%\n>\n> | Larch | Dowel |\n> |---|---|\n> | Oak | Tenon |\n";
    assert_eq!(answer(quoted, "which for a tenon?"), ["Oak"]);
}

#[test]
fn options_stand_where_the_author_says() {
    let table = "# Stoves\n\nHINT\n\n| Camp | Gas | Wood |\n|---|---|---|\n| Hut | ✅ | ❌ |\n| Tent | ❌ | ✅ |\n";
    assert_eq!(answer(&table.replace("HINT", "%% options: columns %%"), "which for a tent?"), ["Wood"]);
    let rows = table.replace("HINT", "%% options: rows %%");
    assert_eq!(answer(&rows, "which one has gas?"), ["Hut"]);
    let cells = "# Nails\n\n%% options: cells %%\n\n| Wood | indoors | outdoors |\n|---|---|---|\n| Soft | Brad | Zinc |\n| Hard | Pin | Steel |\n";
    assert_eq!(answer(cells, "which for hard wood outdoors?"), ["Steel"]);
}

#[test]
fn each_role_does_its_part() {
    let note = "# Shelves\n\n%% reads: skip | need | wrong | choice | why %%\n\n| A | B | C | D | E |\n|---|---|---|---|---|\n\
        | x1 | Heavy books | Pine | Oak | it bends |\n| x2 | Damp cellar | Oak | Larch | it rots |\n";
    assert_eq!(answer(note, "which for heavy books?"), ["Oak"]);
    assert_eq!(answer(note, "which for a damp cellar?"), ["Larch"]);
    check_read(
        note,
        expect![[r#"
            table in lines 5-8: rows of needs, with a column of choices (8 claims), as line 3 says
                A = skip
                B = need
                C = wrong, against
                D = choice
                E = why
        "#]],
    );
}

#[test]
fn lists_have_a_lead_and_a_rest() {
    let list = "# Woods\n\nHINT\n\n- Stairs: Oak\n- Fences: Larch\n- Toys: Beech\n";
    assert_eq!(answer(&list.replace("HINT", "%% reads: need | choice %%"), "which for fences?"), ["Larch"]);
    assert_eq!(answer(&list.replace("HINT", "%% reads: option | need %%"), "which for larch?"), ["Fences"]);
    let wrong = "# Woods\n\n## Bathroom\n\n%% reads: wrong %%\n\n- Pine\n- Beech\n\n%% reads: choice %%\n\n- Teak\n";
    assert_eq!(answer(wrong, "which wood for the bathroom?"), ["Teak"]);
}

#[test]
fn what_is_no_decision_answers_nothing() {
    let note = "# Log\n\nHINT\n\n| Need | Choice |\n|---|---|\n| Rain | Tent |\n";
    assert_eq!(answer(&note.replace("HINT", ""), "which for rain?"), ["Tent"]);
    assert!(answer(&note.replace("HINT", "%% not a decision %%"), "which for rain?").is_empty());
    let whole = format!("---\nfingerpost: not a decision\n---\n{note}");
    assert!(answer(&whole, "which for rain?").is_empty());
    check_read(
        &note.replace("HINT", "%% not a decision %%"),
        expect![[r#"
            table in lines 5-7: decides nothing, as line 3 says
        "#]],
    );
}

#[test]
fn the_front_matter_speaks_for_all_tables_of_the_note() {
    for front in [
        "fingerpost: \"reads: choice | need\"",
        "fingerpost:\n  reads: choice | need",
        "fingerpost: {reads: choice | need}",
    ] {
        let note = format!("---\n{front}\n---\n{JOINTS}\n\n| A | B | C |\n|---|---|---|\n| 1 | 2 | 3 |\n");
        assert_eq!(answer(&note, "which for a tenon?"), ["Oak"], "{front}");
        check_fault(&note, "");
    }
    // What stands above a block beats what stands above the note.
    let own = format!(
        "---\nfingerpost:\n  reads: choice | need\n---\n{}",
        JOINTS.replace("| Larch |", "%% reads: need | choice %%\n\n| Larch |")
    );
    assert_eq!(answer(&own, "what for oak?"), ["Tenon"]);
    check_fault(&own, "");
    check_fault("---\nfingerpost: {options: rows}\n---\n# A\n", "2:1 unfit-hint no table of the note can be read so");
}

#[test]
fn hints_that_do_not_fit_are_told_and_change_nothing() {
    let hinted = |hint: &str| JOINTS.replace("| Larch |", &format!("{hint}\n\n| Larch |"));
    for (hint, fault) in [
        ("%% reads: need | choice | why %%", "it names 3 columns, and the table below has 2"),
        ("%% reads: need | chioce %%", "`chioce` is no role; did you mean `choice`?"),
        ("%% reads: need | why %%", "no column is the `choice` or the `option`"),
        ("%% reads: choice | choice %%", "only one column can be `choice`"),
        ("%% reads: choice | why %%", "no column is the `need` of the choice"),
        ("%% options: sideways %%", "options stand in `columns`, `rows` or `cells`, not in `sideways`"),
        ("%% options: rows %%\n\nA word.", "`options:` needs a table below it"),
        ("%% reads: need | choice %%\n\n## Below", "nothing stands below it that can be read so; put it right above"),
    ] {
        check_fault(&hinted(hint), &format!("3:1 unfit-hint {fault}"));
        assert_eq!(answer(&hinted(hint), "what for oak?"), answer(JOINTS, "what for oak?"), "{hint}");
    }
    check_fault(
        "# Woods\n\n%% reads: need | choice %%\n\n- Oak\n- Larch\n",
        "3:1 unfit-hint no item below has a lead and a rest, as in `lead: rest`",
    );
    let twice = hinted("%% reads: need | choice %%\n%% options: rows %%");
    check_fault(&twice, "4:1 unfit-hint the block below has another hint already; take one of them out");
    check_fault(
        "---\nfingerpost: choices in rows\n---\n# A\n",
        "2:1 unfit-hint `choices in rows` says nothing known; write `reads: need | choice`, `options: columns` or `not a decision`",
    );
}

#[test]
fn what_is_no_hint_is_left_alone() {
    let note = format!(
        "# Notes\n\n%% options: ask Anna first %%\n%% a reminder %%\n<!-- reads well -->\n\n```\n%% reads: nonsense %%\n```\n\n{JOINTS}"
    );
    check_fault(&note, "");
}

#[test]
fn it_is_said_how_a_note_was_read_and_why() {
    check_read(
        "# Tents vs huts\n\n| Weather | Choice |\n|---|---|\n| Snow | Hut |\n| Sun | Tent |\n| Rain | Hut |\n\n\
         | Criterion | Tents | Huts |\n|---|---|---|\n| Dry | ❌ | ✅ |\n| Light | ✅ | ❌ |\n\n\
         ## When to use huts\n\n- in winter\n- with children\n",
        expect![[r#"
            table in lines 3-7: rows of needs, with a column of choices (3 claims)
                Weather = need
                Choice = choice: the header means `choice`; 57 % of its cells are names in other places too
            table in lines 9-12: a column an option (4 claims)
                Criterion = criterion: the header means `criterion`
                Tents = option: the heading compares it; the header is a name in other places too; 100 % of its cells are marks; its cells repeat
                Huts = option: the heading compares it; the header is a name in other places too; 100 % of its cells are marks; its cells repeat
            list in lines 16-17: needs of the option above (2 claims)
                item = need
        "#]],
    );
    let note = Vault::new("//- /Note.md\n# A\n\n| Weather | Choice |\n|---|---|\n| Snow | Hut |\n| Sun | Tent |\n");
    let reading = &note.run(&["show", "--json", "Note.md"]).json()["readings"][0];
    assert_eq!(
        (&reading["block"], &reading["lines"], &reading["hint"]),
        (&"table".into(), &serde_json::json!([3, 6]), &serde_json::Value::Null)
    );
    let way = &reading["ways"][0];
    assert_eq!((&way["layout"], &way["as_hint"]), (&"decision".into(), &"reads: need | choice".into()));
    assert_eq!((&way["columns"][1]["role"], &way["columns"][1]["polarity"]), (&"choice".into(), &"for".into()));
}
