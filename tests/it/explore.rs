//! What do `compare`, `path` and `graph` show, through the real program?

use crate::support::{BAKING, Run, Vault};
use expect_test::expect;

/// Three notes about stoves: two tables that overlap, a matrix, a link that leads nowhere.
const STOVES: &str = "\
//- /Stoves.md
---
date: 2023-05-01
---
# Gas or induction

| Criterion | Gas hob | Induction hob |
|---|---|---|
| Wok | ✅ | ❌ |
| Noise | silent | a hum |
| Running cost | 9 € | 6 € |

| Dish | Hob |
|---|---|
| Flambé | Gas hob |
| Milk that must not burn | Induction hob |

See [[Induction hob]] and [[Wood stove]].
//- /Induction hob.md
---
aliases: [IH]
date: 2024-02-10
---
# Induction hob

Needs [[Flat pans]].
//- /Prices.md
---
date: 2024-09-01
---
# What each hob costs

| Hob | Purchase | Running cost |
|---|---|---|
| Gas hob | 300 € | 11 € |
| Induction hob | 700 € | 6 € |
| Ceramic hob | 250 € | 8 € |
//- /Flat pans.md
# Flat pans

Steel ones last longest.
//- /Garden.md
# Garden

| Bed | Plant |
|---|---|
| Shade | Fern |
";

fn stoves(arguments: &[&str]) -> Run {
    Vault::new(STOVES).run(arguments)
}

#[test]
fn two_options_stand_side_by_side_over_all_notes() {
    let run = stoves(&["compare", "gas hob", "IH"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    expect![[r#"
                                │ Gas hob        │ Induction hob
        ────────────────────────┼────────────────┼───────────────
        Purchase                │ 300 €          │ 700 €
                                │   Prices.md:8  │   Prices.md:9
        ⚠ Running cost          │ 11 €           │ 6 €
                                │   Prices.md:8  │   Prices.md:9
                                │ 9 €            │   Stoves.md:10
                                │   Stoves.md:10 │
        Wok                     │ ✅             │ ❌
                                │   Stoves.md:8  │   Stoves.md:8
        Noise                   │ silent         │ a hum
                                │   Stoves.md:9  │   Stoves.md:9
        Flambé                  │ ✔              │ —
                                │   Stoves.md:14 │
        Milk that must not burn │ —              │ ✔
                                │                │   Stoves.md:15

        Both stand in: Prices.md, Stoves.md
        — nothing is said (2)
        ⚠ the notes disagree (1)
    "#]]
    .assert_eq(&run.out);
}

#[test]
fn a_comparison_as_json_has_the_place_of_each_cell() {
    let found = stoves(&["compare", "--json", "Gas hob", "Induction hob"]).json();
    assert_eq!((&found["schema"], &found["generation"]), (&1.into(), &1.into()));
    assert_eq!(found["options"][1], serde_json::json!({"asked": "Induction hob", "name": "Induction hob"}));
    let row = |criterion: &str| {
        let rows = found["rows"].as_array().expect("rows");
        rows.iter()
            .find(|row| row["criterion"] == criterion)
            .unwrap_or_else(|| panic!("no {criterion}: {found}"))
            .clone()
    };
    let cost = row("Running cost");
    let cell = |text: &str, note: &str, line: u32| serde_json::json!({"text": text, "says": "value", "note": note, "line": line});
    assert_eq!(cost["cells"][0], serde_json::json!([cell("11 €", "Prices.md", 8), cell("9 €", "Stoves.md", 10)]));
    assert_eq!((&cost["is_conflict"], &cost["is_gap"]), (&true.into(), &false.into()));
    let wok = row("Wok");
    assert_eq!(wok["cells"][1][0], serde_json::json!({"text": "❌", "says": "lacks", "note": "Stoves.md", "line": 8}));
    assert_eq!(wok["is_conflict"], false);
    let flambe = row("Flambé");
    assert_eq!((&flambe["cells"][0][0]["says"], &flambe["is_gap"]), (&"recommends".into(), &true.into()));
    assert_eq!(found["notes"], serde_json::json!(["Prices.md", "Stoves.md"]));
}

#[test]
fn one_criterion_can_be_asked_for() {
    let of = |on: &str| {
        let found = stoves(&["compare", "Gas hob", "Induction hob", "--json", "--on", on]).json();
        let rows = found["rows"].as_array().expect("rows").clone();
        rows.into_iter().map(|row| row["criterion"].as_str().expect("a text").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(of("cost running"), ["Running cost"]);
    assert_eq!(of("NOISE"), ["Noise"]);
    let run = stoves(&["compare", "Gas hob", "Induction hob", "--on", "noize"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert_eq!(
        run.err,
        "error: the notes do not compare `Gas hob` and `Induction hob` on `noize`\nhint: They do on `Noise`.\n"
    );
}

#[test]
fn what_cannot_be_compared_exits_1_and_says_why() {
    let check = |arguments: &[&str], told: &str| {
        let run = stoves(arguments);
        assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (1, "", told));
    };
    check(
        &["compare", "Gas hob", "Inducton hob"],
        "error: no note or concept named `Inducton hob`\nhint: Did you mean `Induction hob`?\n",
    );
    check(
        &["compare", "hob", "IH"],
        "error: no note or concept named `hob`\nhint: Did you mean `Gas hob`, `Ceramic hob` or `Induction hob`?\n",
    );
    check(
        &["compare", "IH", "induction hob"],
        "error: `IH` and `induction hob` are two names of one thing, `Induction hob`\n\
         hint: Compare it with another option.\n",
    );
    check(
        &["compare", "IH", "Flat pans"],
        "error: the notes state nothing of `Flat pans` that could be compared\n\
         hint: `fingerpost show Flat pans` prints what the notes hold of it.\n",
    );
}

#[test]
fn names_are_connected_step_by_step() {
    let run = stoves(&["path", "Flambé", "IH"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    expect![[r#"
        “IH” is Induction hob (alias)

        1. Flambé · Gas hob · Noise · Induction hob
           Flambé —recommends→ Gas hob
             Stoves.md:14  | Flambé | Gas hob |
           Gas hob —value (silent)→ Noise
             Stoves.md:9  | Noise | silent | a hum |
           Noise ←value (a hum)— Induction hob
             Stoves.md:9  | Noise | silent | a hum |

        2. Flambé · Gas hob · Wok · Induction hob
           Flambé —recommends→ Gas hob
             Stoves.md:14  | Flambé | Gas hob |
           Gas hob —has→ Wok
             Stoves.md:8  | Wok | ✅ | ❌ |
           Wok ←lacks— Induction hob
             Stoves.md:8  | Wok | ✅ | ❌ |

        3. Flambé · Gas hob · Running cost · Induction hob
           Flambé —recommends→ Gas hob
             Stoves.md:14  | Flambé | Gas hob |
           Gas hob —value (11 €)→ Running cost
             Prices.md:8  | Gas hob | 300 € | 11 € |
           Running cost ←value (6 €)— Induction hob
             Prices.md:9  | Induction hob | 700 € | 6 € |
    "#]]
    .assert_eq(&run.out);
}

#[test]
fn paths_as_json_quote_each_line() {
    let found = stoves(&["path", "--json", "Stoves", "Flat pans"]).json();
    let steps = found["paths"][0]["steps"].as_array().expect("steps");
    let told: Vec<String> = steps
        .iter()
        .map(|step| format!("{} {} {} {}:{}", step["from"], step["edge"], step["to"], step["note"], step["line"]))
        .collect();
    assert_eq!(
        told,
        [
            "\"Gas or induction\" \"links\" \"Induction hob\" \"Stoves.md\":17",
            "\"Induction hob\" \"links\" \"Flat pans\" \"Induction hob.md\":7"
        ]
    );
    assert_eq!(steps[1]["text"], "Needs [[Flat pans]].");
    assert_eq!(steps[1]["is_backwards"], false);
    let back = stoves(&["path", "--json", "Flat pans", "Stoves"]).json();
    assert_eq!(back["paths"][0]["steps"][0]["is_backwards"], true);
    assert!(found["paths"].as_array().is_some_and(|paths| paths.len() <= 3));
}

#[test]
fn names_without_a_way_between_exit_1() {
    let run = stoves(&["path", "Fern", "IH"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert!(run.err.starts_with("error: `Fern` and `Induction hob` are not connected by the notes\nhint: "), "{run:?}");
    let json = stoves(&["path", "--json", "Fern", "IH"]);
    assert_eq!((json.code, &json.json()["paths"]), (1, &serde_json::json!([])));
    let unknown = stoves(&["path", "Ferm", "IH"]);
    assert_eq!((unknown.code, unknown.err.lines().last()), (1, Some("hint: Did you mean `Fern`?")));
}

#[test]
fn the_graph_around_a_name_is_drawn() {
    let run = Vault::new(BAKING).run(&["graph", "--around", "Rack oven", "--format", "mermaid"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    expect![[r#"
        flowchart LR
          n0(["Rack oven"]):::option
          n1[["Deck or rack oven"]]:::note
          n2["Loaves an hour"]:::need
          n3["Steam"]:::need
          n1 -.->|"mentions"| n0
          n0 -->|"lacks"| n3
          n0 -->|"value: 240"| n2
          classDef note fill:#eef2f6,stroke:#6b7d90,color:#1b1f24
          classDef option fill:#dff3e4,stroke:#2f8f4e,color:#1b1f24
          classDef need fill:#fff5dc,stroke:#b98a1d,color:#1b1f24
          classDef missing fill:#fbe9e7,stroke:#c0392b,color:#1b1f24,stroke-dasharray:4 3
    "#]]
    .assert_eq(&run.out);
    let dot = Vault::new(BAKING).run(&["graph", "--around", "Nowhere", "--format", "dot"]);
    assert_eq!((dot.code, dot.err.as_str()), (0, ""));
    expect![[r##"
        digraph notes {
          rankdir=LR;
          node [shape=box, style="rounded,filled", fontname="sans-serif"];
          edge [fontname="sans-serif", fontsize=10];
          n0 [label="Nowhere", tooltip="Nowhere", fillcolor="#fbe9e7", color="#c0392b"];
          n1 [label="Which flour", tooltip="Flour.md", fillcolor="#eef2f6", color="#6b7d90"];
          n1 -> n0 [label="links", tooltip="Flour.md:9", style=dashed];
        }
    "##]]
    .assert_eq(&dot.out);
}

#[test]
fn the_graph_as_json_reaches_as_far_as_asked() {
    let nodes = |depth: &str| {
        let found = stoves(&["graph", "--around", "Flambé", "--depth", depth, "--format", "json"]).json();
        let nodes = found["nodes"].as_array().expect("nodes").clone();
        nodes.into_iter().map(|node| node["name"].as_str().expect("a text").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(nodes("0"), ["Flambé"]);
    assert_eq!(nodes("1"), ["Flambé", "Gas hob"]);
    assert!(nodes("2").contains(&"Running cost".to_owned()), "{:?}", nodes("2"));
    let whole = stoves(&["graph", "--format", "json"]).json();
    assert!(whole["nodes"].as_array().is_some_and(|nodes| nodes.iter().any(|node| node["name"] == "Fern")));
    let missing = whole["nodes"].as_array().expect("nodes").iter().find(|node| node["name"] == "Wood stove");
    assert_eq!(missing.expect("a node for what links lead to")["kind"], "missing");
    let unknown = stoves(&["graph", "--around", "Flambee", "--format", "json"]);
    assert_eq!((unknown.code, unknown.err.lines().last()), (1, Some("hint: Did you mean `Flambé`?")));
}

#[test]
fn a_drawing_too_large_to_read_is_cut_and_says_so() {
    let rows: String = (0..400).map(|at| format!("| Case {at} | Everything |\n")).collect();
    let vault = Vault::new(&format!("//- /Wide.md\n# Wide\n\n| Situation | Choice |\n|---|---|\n{rows}"));
    let run = vault.run(&["graph", "--around", "Everything", "--format", "dot"]);
    assert_eq!((run.code, run.out.matches("label=\"Case").count()), (0, 299));
    assert!(run.err.starts_with("warning: 102 more nodes are not drawn"), "{}", run.err);
    let json = vault.run(&["graph", "--around", "Everything", "--format", "json"]);
    assert_eq!((json.err.as_str(), json.json()["nodes"].as_array().map(Vec::len)), ("", Some(402)));
}

#[cfg(target_os = "linux")]
#[test]
fn notes_whose_paths_differ_in_case_are_shown_by_path() {
    let vault = Vault::new("//- /Oak.md\n# Upper\n//- /oak.md\n# Lower\n//- /wood/Oak.md\n# Nested\n");
    for (name, path) in [
        ("Oak.md", "Oak.md"),
        ("oak.md", "oak.md"),
        ("Oak", "Oak.md"),
        ("oak", "oak.md"),
        ("wood/oak", "wood/Oak.md"),
        ("WOOD/OAK.MD", "wood/Oak.md"),
    ] {
        assert_eq!(vault.run(&["show", "--json", name]).json()["path"], path, "{name}");
    }
    let others = vault.run(&["show", "--json", "oak"]).json()["others"].clone();
    assert_eq!(others, serde_json::json!(["Oak.md", "wood/Oak.md"]));
}

/// Three hundred nodes with as many lines again between them, as a picture with every label, in under a second.
#[test]
fn a_large_neighbourhood_is_drawn_in_time() {
    let criteria: Vec<String> = (0..60).map(|at| format!("Criterion <{at}> & more")).collect();
    let mut notes = String::new();
    for board in 0..6 {
        let header: Vec<String> = (0..39).map(|at| format!("Board {}", board * 39 + at)).collect();
        notes.push_str(&format!("//- /Table {board}.md\n# Table {board}\n\n| Criterion | {} |\n", header.join(" | ")));
        notes.push_str(&format!("|---|{}\n", "---|".repeat(39)));
        for criterion in &criteria[board * 10..board * 10 + 10] {
            let cells: Vec<&str> = (0..39).map(|at| if at % 3 == 0 { "✅" } else { "❌" }).collect();
            notes.push_str(&format!("| {criterion} | {} |\n", cells.join(" | ")));
        }
        notes.push_str("\nSee [[Table 0]].\n");
    }
    let vault = Vault::new(&notes);
    vault.run(&["index"]);
    let start = std::time::Instant::now();
    let run = vault.run(&["graph", "--around", "Table 0", "--depth", "3", "--format", "svg"]);
    let took = start.elapsed();
    assert_eq!(run.code, 0, "{}", run.err);
    println!("{} boxes drawn in {took:?}", run.out.matches("rx=\"12\"").count());
    assert!(run.out.starts_with("<svg ") && run.out.ends_with("</svg>\n"));
    assert_eq!(run.out.matches("text-anchor=\"middle\" fill=\"#1b1f24\"").count(), 300);
    for criterion in &criteria {
        let label = criterion.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        assert!(run.out.contains(&format!(">{label}</text>")), "{label}");
        assert!(!run.out.contains(criterion.as_str()), "a name ends its label");
    }
    // A debug build that shares its machine gets more time.
    let limit = if cfg!(debug_assertions) { 5.0 } else { 1.0 };
    assert!(took.as_secs_f64() < limit, "{took:?}");
}
