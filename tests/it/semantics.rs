//! Are links, tags, headings, block ids and front matter read as Obsidian reads them?
//!
//! One check for each row of the table of forms, with the departures named where they are. Links are written as
//! `kind target | display`, what they lead to after an arrow.

use fingerpost::note::{BlockKind, LinkKind, Note};
use fingerpost::parse::parse;

use crate::support::Vault;

fn note(text: &str) -> Note {
    parse("Here.md", text.to_owned())
}

fn kind(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Wiki => "wiki",
        LinkKind::Markdown => "md",
        LinkKind::Embed => "embed",
        LinkKind::Property => "property",
        LinkKind::External => "external",
    }
}

/// Checks the links of a text, in order, and that each span is the link's own source.
#[track_caller]
fn links(text: &str, expected: &[&str]) {
    let note = note(text);
    let found: Vec<String> =
        note.links.iter().map(|link| format!("{} {} | {}", kind(link.kind), link.target, link.display)).collect();
    assert_eq!(found, expected, "{text}");
    for link in &note.links {
        let (start, end) = (link.span.0 as usize, link.span.1 as usize);
        let before = &text[..start];
        assert_eq!(link.line as usize, before.matches('\n').count() + 1, "{text}");
        assert_eq!(link.column as usize, before.chars().rev().take_while(|c| *c != '\n').count() + 1, "{text}");
        assert!(end > start && text.is_char_boundary(end), "{text}");
    }
}

#[track_caller]
fn tags(text: &str, expected: &[&str]) {
    assert_eq!(note(text).tags, expected, "{text}");
}

/// Rows 1 to 11: the parts of a wiki-link.
#[test]
fn wiki_links_have_target_subpath_and_display() {
    links("[[Tea]]", &["wiki Tea | Tea"]);
    links("[[Tea|green]]", &["wiki Tea | green"]);
    links("[[Tea||green]]", &["wiki Tea | |green"]);
    links("[[Tea|]]", &["wiki Tea | Tea"]);
    links("[[Tea#Brewing]]", &["wiki Tea#Brewing | Tea > Brewing"]);
    links("[[Tea#Brewing#Cold]]", &["wiki Tea#Brewing#Cold | Tea > Brewing > Cold"]);
    links("[[#Brewing]] [[#^cup]]", &["wiki #Brewing | Brewing", "wiki #^cup | ^cup"]);
    links("[[Tea#^cup-1]]", &["wiki Tea#^cup-1 | Tea > ^cup-1"]);
    links(
        "![[Tea]] ![[Tea#Brewing]] ![[Tea#^cup]]",
        &["embed Tea | Tea", "embed Tea#Brewing | Tea > Brewing", "embed Tea#^cup | Tea > ^cup"],
    );
    let parts = &note("[[Tea#Brewing#Cold]]").links[0];
    assert_eq!(
        (parts.path.as_str(), parts.subpath.as_slice()),
        ("Tea", &["Brewing".to_owned(), "Cold".to_owned()][..])
    );
}

/// Row 10: a size is no text; row 11: the parameter of a file is no heading.
#[test]
fn sizes_of_media_are_no_text() {
    links("![[pot.png|100]]", &["embed pot.png | pot.png"]);
    links("![[pot.png|100x145]]", &["embed pot.png | pot.png"]);
    links("![[pot.png|my pot|100]]", &["embed pot.png | my pot"]);
    links("![my pot|100](pot.png)", &["embed pot.png | my pot"]);
    links("![250](https://example.com/pot)", &["external https://example.com/pot | https://example.com/pot"]);
    links("![[Tea|100]]", &["embed Tea | 100"]);
    links("![[leaf.pdf#page=3]]", &["embed leaf.pdf#page=3 | leaf.pdf > page=3"]);
}

/// Rows 15 to 24: what is trimmed, and what is no link.
#[test]
fn blank_and_broken_wiki_links_are_none() {
    links("[[ Tea ]] [[ Tea | green ]]", &["wiki Tea | Tea", "wiki Tea | green"]);
    links("[[]]", &[]);
    links("[[ ]] [[\t]] [[\u{a0}]] [[\u{200b}]] [[\u{2060}]] [[#]] [[##]]", &[]);
    // Departure: Obsidian keeps both as unresolved links named `|` and `|x`.
    links("[[|]] [[|x]]", &[]);
    links("[[Tea [[Tea] [[Tea] ] [ [Tea] ]", &[]);
    links("[[Sq]uare]] [[Tea [x] Pot]]", &["wiki Sq]uare | Sq]uare", "wiki Tea [x] Pot | Tea [x] Pot"]);
    links("[[Tea|cup [1]]]", &["wiki Tea | cup [1"]);
    links("[[[Tea]]] [[[[Pot]]]]", &["wiki Tea | Tea", "wiki Pot | Pot"]);
    links("[[Outer [[Inner]]]] [[Tea [[Pot]] Cup]]", &["wiki Inner | Inner", "wiki Pot | Pot"]);
    links("[[Tea\nPot]]", &[]);
    links("> [[Tea\n> Pot]]", &[]);
    links("[[Tea|green\nleaf]]", &["wiki Tea | green leaf"]);
    links("[[Tea\\|green]]", &["wiki Tea | green"]);
}

/// Rows 25 to 39: signs inside targets, and what swallows a link.
#[test]
fn targets_are_raw_and_no_link_is_swallowed() {
    links("[[dir\\Tea]]", &["wiki dir\\Tea | dir\\Tea"]);
    links("[[Tea&amp;Pot|x &amp; y]]", &["wiki Tea&amp;Pot | x & y"]);
    links(
        "[[Tea **b** c]] [[my_note_x]] [[Vec<T>]]",
        &["wiki Tea **b** c | Tea **b** c", "wiki my_note_x | my_note_x", "wiki Vec<T> | Vec<T>"],
    );
    links("[[Tea|**b** _c_ `d`]]", &["wiki Tea | b c d"]);
    links("[[Tea|see ![[pot.png]]]]", &["wiki Tea | see ![[pot.png", "embed pot.png | pot.png"]);
    // Lost by the parser and recovered: the picture inside and the address around it.
    links(
        "[![[pot.png]]](https://example.com)",
        &["embed pot.png | pot.png", "external https://example.com | https://example.com"],
    );
    links("[[Tea$1]] and [[Pot$2]]", &["wiki Tea$1 | Tea$1", "wiki Pot$2 | Pot$2"]);
    links("[[Tea`1]] and [[Pot`2]]", &["wiki Tea`1 | Tea`1", "wiki Pot`2 | Pot`2"]);
    links("US$5 [[Tea]] US$6", &["wiki Tea | Tea"]);
    links("[[Tea]](pot.md) [[Cup]][pot]", &["wiki Tea | Tea", "wiki Cup | Cup"]);
    links("\\[[Tea]] [\\[Tea]] !\\[[Tea]]", &[]);
    links("\\![[Tea]]", &["wiki Tea | Tea"]);
    links("[[Tea\\]]", &[]);
    // Departure: an address is no note that somebody forgot to write.
    links("[[https://example.com]]", &["external https://example.com | https://example.com"]);
    links("#[[Tea]] [[Pot]]#", &["wiki Tea | Tea", "wiki Pot | Pot"]);
    links("[see [[Tea]] here](pot.md)", &["wiki Tea | Tea"]);
}

/// Section 1.2: where links count and where they do not.
#[test]
fn links_count_where_a_reader_sees_them() {
    links(
        "| a | b |\n|---|---|\n| [[Tea\\|green]] | ![[pot.png\\|100]] |",
        &["wiki Tea | green", "embed pot.png | pot.png"],
    );
    links("| a | b |\n|---|---|\n| [[Tea#Brewing\\|hot]] | x |", &["wiki Tea#Brewing | hot"]);
    // An unescaped bar cuts the cell in two; the link is what was meant.
    links("| a | b |\n|---|---|\n| [[Tea|green]] | x |", &["wiki Tea | green"]);
    links(
        "> [!tip] See [[Tea]]\n> | [[Pot\\|p]] | b |\n> |---|---|\n> | x | [[Cup]] |",
        &["wiki Tea | Tea", "wiki Pot | p", "wiki Cup | Cup"],
    );
    links("```\n[[Tea]]\n```\n\n    [[Tea]]\n\n`[[Tea]]`", &[]);
    links("```dataview\nlist from [[Tea]]\n```\n\n```mermaid\ngraph LR\nA[[Tea]]\n```", &[]);
    links("<!-- [[Tea]] -->\n\nand <!-- [[Pot]]\n[[Cup]] -->", &[]);
    links("<div>\n[[Tea]]\n</div>", &[]);
    links("<span>[[Tea]]</span><br>[[Pot]]", &["wiki Tea | Tea", "wiki Pot | Pot"]);
    links("$[[Tea]]$ and $$[[Tea]]$$", &[]);
    links("$$\n[[Tea]]\n\n[[Pot]]\n$$\n\n[[Cup]]", &["wiki Cup | Cup"]);
    links("# On [[Tea]]", &["wiki Tea | Tea"]);
    links("- [?] ask [[Tea]]\n- [x] done", &["wiki Tea | Tea"]);
    links("One[^1] and ^[see [[Pot]]]\n\n[^1]: see [[Tea]]", &["wiki Pot | Pot", "wiki Tea | Tea"]);
    links("{{date}} <% tp.file %> [[Tea]]", &["wiki Tea | Tea"]);
}

#[test]
fn links_in_comments_count_and_say_so() {
    let note = note("See %% [[Tea]] #later %% and [[Pot]]\n\n%%\n[[Cup]] #hidden\n\n# No heading\n%%\n");
    let flags: Vec<(&str, bool)> = note.links.iter().map(|link| (link.target.as_str(), link.in_comment)).collect();
    assert_eq!(flags, [("Tea", true), ("Pot", false), ("Cup", true)]);
    assert_eq!(note.tags, ["hidden", "later"]);
    assert_eq!(note.sections.len(), 1, "a comment has no headings");
}

/// Callouts of any kind, folded or not, and tasks with any mark.
#[test]
fn callouts_and_tasks_are_told_from_text() {
    let note = note(
        "> [!TIP]+ Warm the pot\n> First.\n\n> [!my-own|wide]\n> Then.\n\n- [?] ask\n- [x] done\n- [ ] open\n- [ab] text\n",
    );
    let labels: Vec<&str> = note
        .blocks
        .iter()
        .filter_map(|block| match &block.kind {
            BlockKind::Label(label) => Some(label.text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(labels, ["Warm the pot", "my-own"]);
    let marks: Vec<Option<char>> = note
        .blocks
        .iter()
        .filter_map(|block| match &block.kind {
            BlockKind::List(items) => Some(items.iter().map(|item| item.task)),
            _ => None,
        })
        .flatten()
        .collect();
    assert_eq!(marks, [Some('?'), Some('x'), Some(' '), None]);
}

/// Section 1.3.
#[test]
fn markdown_links_are_decoded() {
    links("[t](Green%20tea.md#How%20hot)", &["md Green tea.md#How hot | t"]);
    links(
        "[t](Tr%C3%A0.md) [t](Trà.md) [t](%FF.md) [t](a+b.md) [t](%+1.md)",
        &["md Trà.md | t", "md Trà.md | t", "md %FF.md | t", "md a+b.md | t", "md %+1.md | t"],
    );
    links(
        "[t](<green tea.md>) [t](a(1).md) [t](a\\(1.md) [t](a&amp;b.md) [t](a.md \"title\")",
        &["md green tea.md | t", "md a(1).md | t", "md a(1.md | t", "md a&b.md | t", "md a.md | t"],
    );
    links("[t](green tea.md)", &[]);
    links(
        "[t](Tea) [t](#Brewing) [t](x.md#a#b) [t](#^cup)",
        &["md Tea | t", "md #Brewing | t", "md x.md#a#b | t", "md #^cup | t"],
    );
    links("[t]() []()", &[]);
    links(
        "[t](https://e.com) [t](mailto:a@e.com) [t](obsidian://x) [t](//e.com) [t](C:\\tea.md)",
        &[
            "external https://e.com | t",
            "external mailto:a@e.com | t",
            "external obsidian://x | t",
            "external //e.com | t",
            "md C:\\tea.md | t",
        ],
    );
    links("[t][r] and [r]\n\n[r]: Tea.md", &["md Tea.md | t", "md Tea.md | r"]);
    links("<https://e.com> https://e.com", &["external https://e.com | https://e.com"]);
}

/// Properties that are links, quoted or not, in lists and below other keys.
#[test]
fn properties_link() {
    links(
        "---\nup: \"[[Tea]]\"\nsee:\n  - \"[[Pot|p]]\"\n  - plain [[Cup]]\nat:\n  home: '[[Cup]]'\nraw: [[Can]]\n---\n",
        &["property Tea | Tea", "property Pot | p", "property Cup | Cup", "property Can | Can"],
    );
    links(
        "---\nup: \"[tea](Green%20tea.md)\"\nout: \"[t](https://e.com)\"\n---\n",
        &["property Green tea.md | tea", "external https://e.com | t"],
    );
}

/// Section 1.4.
#[test]
fn tags_are_read_as_obsidian_reads_them() {
    tags("#tea #Tea #drink/hot #drink/ #2024 #y2024 #1/2", &["drink", "drink/hot", "tea", "y2024"]);
    tags("#trà #緑茶 #đồ-uống #a_b #☕", &["a_b", "trà", "đồ-uống", "☕", "緑茶"]);
    tags("a#no (#no) \"#no\" x/#no", &[]);
    tags("#one,#two #three.four #five!", &["five", "one", "three"]);
    tags("**#bold** *#italic* ~~#struck~~", &["bold", "italic", "struck"]);
    tags("| #cell |\n|---|\n| #other |", &["cell", "other"]);
    tags("- #item\n> #quote\n\n## A #heading", &["heading", "item", "quote"]);
    tags("`#no` $#no$ [#no](x.md) [[#no]] <b title=\"#no\">x</b>\n\n```\n#no\n```", &[]);
    tags("#a\u{200d}b", &["a"]);
    let long = "x".repeat(300);
    tags(&format!("#{long} #short"), &["short"]);
}

#[test]
fn tags_in_properties() {
    tags("---\ntags: [tea, \"#hot\"]\n---\n", &["hot", "tea"]);
    tags("---\nTags: tea\n---\n", &["tea"]);
    tags("---\ntags:\n  - tea\n  - #comment\n---\n", &["tea"]);
    // Departure: since version 1.9 Obsidian reads no tag from these; notes of before mean two.
    tags("---\ntags: tea, hot\n---\n", &["hot", "tea"]);
    tags("---\ntag: tea hot\n---\n", &["hot", "tea"]);
}

/// Section 1.5: front matter.
#[test]
fn front_matter_ends_where_it_ends() {
    let read = |text: &str| {
        let note = note(text);
        (note.front_matter.clone(), note.aliases.join(" "))
    };
    let some = |block: &str, aliases: &str| (Some(block.to_owned()), aliases.to_owned());
    assert_eq!(read("---\naliases: Chai\n---\ntext"), some("aliases: Chai\n", "Chai"));
    assert_eq!(read("\u{feff}---\r\naliases: Chai\r\n---\r\ntext"), some("aliases: Chai\r\n", "Chai"));
    assert_eq!(read("--- \naliases: Chai\n---  \ntext"), some("aliases: Chai\n", "Chai"));
    assert_eq!(read("---\n---\ntext"), some("", ""));
    assert_eq!(read("---\naliases: Chai\n...\ntext"), (None, String::new()));
    assert_eq!(read("text\n---\naliases: Chai\n---\n"), (None, String::new()));
    assert_eq!(read("---\n{\"aliases\": [\"Chai\"]}\n---\n"), some("{\"aliases\": [\"Chai\"]}\n", "Chai"));
    // A block that is no YAML is still read line by line.
    let broken = note("---\naliases: [Chai, Tè]\nbad: @x\n\t- y\n---\n# T\n");
    assert_eq!((broken.aliases.join(" "), broken.problems.len()), ("Chai Tè".to_owned(), 1));
}

#[test]
fn names_in_properties_stay_as_written() {
    let note = note("---\ntitle: 007\naliases: [1.10, 2024-01-01, yes, \"C#\"]\n---\n# Other\n");
    assert_eq!(note.title, "007");
    assert_eq!(note.aliases, ["1.10", "2024-01-01", "yes", "C#"]);
    // A string of several names is one name, as in Obsidian.
    assert_eq!(parse("x.md", "---\naliases: Chai, Tè\n---\n".to_owned()).aliases, ["Chai, Tè"]);
}

/// Section 1.5: headings.
#[test]
fn headings_keep_their_source() {
    let note = note(
        "# Of [[Tea]] and **pots** ##\nSetext *one*\n===\nSetext two\n---\n- # In a list\n\n> ## In a quote\n\n\
         ### With id ^top\n#No heading\n####### Nor this\n",
    );
    let headings: Vec<(u8, &str, u32)> =
        note.sections.iter().skip(1).map(|section| (section.level, section.raw.as_str(), section.line)).collect();
    assert_eq!(
        headings,
        [
            (1, "Of [[Tea]] and **pots**", 1),
            (1, "Setext *one*", 2),
            (2, "Setext two", 4),
            (1, "In a list", 6),
            (2, "In a quote", 8),
            (3, "With id", 10),
        ]
    );
    assert_eq!(note.sections[1].text, "Of Tea and pots");
}

/// Section 1.5: block ids.
#[test]
fn block_ids_stand_at_the_end_of_their_block() {
    let note = note(
        "A line. ^para\n\n- item ^item-1\n- other\n\n^list\n\n| a |\n|---|\n| b |\n\n^table\n\nno^id and ^not_this\n\n\
         > quote\n\n^quote\n\n## Head ^head\n",
    );
    let ids: Vec<(&str, u32)> = note.block_ids.iter().map(|(id, line)| (id.as_str(), *line)).collect();
    assert_eq!(ids, [("para", 1), ("item-1", 3), ("list", 6), ("table", 12), ("quote", 18), ("head", 20)]);
}

/// Section 2, through the real program: `from: target` and where it leads.
#[test]
fn links_lead_where_obsidian_leads_them() {
    let vault = Vault::new("//- /Tea.md\n# Tea\n");
    for path in [
        "deep/er/Pot.md",
        "zzzz/Pot.md",
        "deep/Tea.md",
        "deep/Cup.md",
        "a/v1.2.md",
        "Trà.md",
        "ΟΔΟΣ.md",
        "Straße.md",
        "x/Big Pot.md",
    ] {
        vault.write(path, "text\n");
    }
    vault.write("img/leaf.png", [0x89, b'P', b'N', b'G']);
    vault.write("deep/Named.md", "---\naliases: [Chai, Cup]\n---\ntext\n");
    #[track_caller]
    fn check(vault: &Vault, from: &str, cases: &[(&str, Option<&str>)]) {
        let text: String = cases.iter().map(|(link, _)| format!("{link}\n\n")).collect();
        vault.write(from, &text);
        let links = vault.run(&["show", "--json", from]).json()["links"].as_array().expect("links").clone();
        assert_eq!(links.len(), cases.len(), "{links:?}");
        for (link, (written, expected)) in links.iter().zip(cases) {
            assert_eq!(link["resolved"].as_str(), *expected, "{written} from {from}: {link}");
            // Departures say so.
            let by_name = ["[[Tra]]", "[[STRASSE]]", "[[Chai]]"].contains(written);
            let by_file = expected.is_some_and(|path| !path.ends_with(".md"));
            let via = if by_name {
                "name"
            } else if by_file {
                "file"
            } else {
                "path"
            };
            assert_eq!(link["via"].as_str(), expected.map(|_| via), "{written} from {from}: {link}");
        }
        std::fs::remove_file(vault.notes().join(from)).expect("the note");
    }
    check(
        &vault,
        "deep/From.md",
        &[
            // An exact path wins, even over a note beside this one; then the notes under this folder, then short paths.
            ("[[Tea]]", Some("Tea.md")),
            ("[[tea.MD]]", Some("Tea.md")),
            ("[[Pot]]", Some("deep/er/Pot.md")),
            ("[[er/pot]]", Some("deep/er/Pot.md")),
            ("[[./Tea]]", Some("deep/Tea.md")),
            ("[[../Tea]]", Some("Tea.md")),
            ("[[/Pot]]", None),
            ("[[/deep/er/Pot]]", Some("deep/er/Pot.md")),
            ("[[er\\Pot]]", Some("deep/er/Pot.md")),
            ("[[v1.2]]", Some("a/v1.2.md")),
            ("[t](Big%20Pot.md)", Some("x/Big Pot.md")),
            ("[[Big\u{a0}Pot]]", Some("x/Big Pot.md")),
            ("[[Tra\u{300}]]", Some("Trà.md")),
            // Departure: a name without its marks leads where no other note has it.
            ("[[Tra]]", Some("Trà.md")),
            ("[[οδος]]", Some("ΟΔΟΣ.md")),
            ("[[STRASSE]]", Some("Straße.md")),
            ("[[#Here]]", Some("deep/From.md")),
            ("[[Tea#No such heading]]", Some("Tea.md")),
            ("[[Nowhere]]", None),
            ("[t](https://example.com)", None),
            // Search for headings and blocks of the whole vault names no note.
            ("[[## Brewing]]", None),
            ("[[^^cup]]", None),
            // Departure: an alias that one note has leads there; a note of that name comes first.
            ("[[Chai]]", Some("deep/Named.md")),
            ("[[Cup]]", Some("deep/Cup.md")),
            ("![[leaf.png|100]]", Some("img/leaf.png")),
            ("![a leaf](img/leaf.png)", Some("img/leaf.png")),
            ("![[twig.png]]", None),
        ],
    );
    check(&vault, "From.md", &[("[[Pot]]", Some("zzzz/Pot.md")), ("[[est/Pot]]", None)]);
}

/// Names that only case or form of Unicode tells apart: the exact one first.
#[cfg(target_os = "linux")]
#[test]
fn exact_names_come_before_folded_ones() {
    let vault = Vault::new("//- /a/Tea.md\nx\n//- /a/tea.md\nx\n//- /b/From.md\n[[Tea]] [[tea]] [[a/Tea]] [[TEA]]\n");
    let links = vault.run(&["show", "--json", "b/From.md"]).json()["links"].as_array().expect("links").clone();
    let resolved: Vec<&str> = links.iter().map(|link| link["resolved"].as_str().unwrap_or("-")).collect();
    assert_eq!(resolved, ["a/Tea.md", "a/tea.md", "a/Tea.md", "a/Tea.md"]);
}

/// Section 2: ties are told, by `show` too.
#[test]
fn links_that_may_mean_several_notes_name_them() {
    let vault = Vault::new("//- /From.md\n[[Pot]] and [[deep/Pot]], [[Cup]]\n//- /Cup.md\nx\n//- /deep/Cup.md\nx\n");
    for folder in ["deep", "b", "c/c", "d/d/d", "e/e/e/e"] {
        vault.write(&format!("{folder}/Pot.md"), "text\n");
    }
    let links = vault.run(&["show", "--json", "From.md"]).json()["links"].as_array().expect("links").clone();
    let told = |at: usize| (links[at]["resolved"].as_str().expect("a path"), links[at]["rivals"].clone());
    assert_eq!(
        told(0),
        ("b/Pot.md", serde_json::json!(["c/c/Pot.md", "d/d/d/Pot.md", "deep/Pot.md", "e/e/e/e/Pot.md"]))
    );
    // A path, and a name at the top, are clear.
    assert_eq!(told(1), ("deep/Pot.md", serde_json::json!([])));
    assert_eq!(told(2), ("Cup.md", serde_json::json!([])));
    let shown = vault.run(&["show", "From.md"]).out;
    assert!(shown.contains("  Pot → b/Pot.md (or c/c/Pot.md, d/d/d/Pot.md, deep/Pot.md and 1 more) :1\n"), "{shown}");
    assert!(shown.contains("  Cup → Cup.md :1\n"), "{shown}");
}

/// What `show --json` says of a note, for programs that compare it.
#[test]
fn a_note_as_json_has_its_links_headings_tags_and_blocks() {
    let vault = Vault::new(
        "//- /Tea.md\n---\naliases: [Chai]\ntags: [drink]\n---\n# Of **tea** [[Pot|pots]]\n\nText #hot ![[Pot#Clay]] ^end\n//- /Pot.md\n# Pot\n",
    );
    let shown = vault.run(&["show", "--json", "Tea"]).json();
    assert_eq!(
        shown["links"][0],
        serde_json::json!({
            "target": "Pot", "path": "Pot", "subpath": [], "display": "pots", "kind": "wiki", "line": 5, "column": 14,
            "span": [51, 63], "in_comment": false, "resolved": "Pot.md", "via": "path",
            "rivals": []
        })
    );
    assert_eq!(
        shown["headings"],
        serde_json::json!([
            {"text": "Of **tea** [[Pot|pots]]", "level": 1, "line": 5, "plain": "Of tea pots"}
        ])
    );
    assert_eq!(
        (&shown["tags"], &shown["aliases"]),
        (&serde_json::json!(["drink", "hot"]), &serde_json::json!(["Chai"]))
    );
    assert_eq!(shown["embeds"][0]["subpath"], serde_json::json!(["Clay"]));
    assert_eq!(shown["block_ids"], serde_json::json!([{"id": "end", "line": 7}]));
    assert_eq!(shown["front_matter"], "aliases: [Chai]\ntags: [drink]\n");
}
