//! Which name is meant by these first letters?
//!
//! Completes names of options, notes and concepts out of the graph, whatever their case and diacritics and with a
//! mistyped letter or two. Knows nothing of Discord but how many choices it shows.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::claim::{Says, facts};
use crate::generation::Generation;
use crate::graph::ConceptId;
use crate::text::{distance, key};

/// Choices that Discord shows.
const LIMIT: usize = 25;
/// Characters that a choice may have.
const LENGTH: usize = 100;

/// Names of one generation, ready to be completed.
pub(super) struct Names(Vec<Name>);

struct Name {
    key: String,
    /// As it is shown: the name, with the one it stands for where that is another.
    shown: String,
    /// What is filled in.
    value: String,
    kind: Kind,
}

/// What a name is a name of; the first kinds are asked for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Option,
    Note,
    Other,
    Criterion,
}

/// What is completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Options before notes.
    Option,
    /// Notes before options.
    Note,
    /// What options are compared on.
    Criterion,
}

impl Names {
    /// Gathers what may be wanted. Cost: linear in names; for criteria in claims, and every note is fetched.
    pub fn gather(generation: &Generation, wanted: Wanted) -> Self {
        match wanted {
            Wanted::Criterion => Self(criteria(generation)),
            Wanted::Option | Wanted::Note => Self::of_graph(generation),
        }
    }

    fn of_graph(generation: &Generation) -> Self {
        let graph = &generation.graph;
        let mut known: FxHashMap<(ConceptId, String), ()> = FxHashMap::default();
        let mut names = Vec::new();
        for name in graph.all_names() {
            let key = key(name);
            let is_short = |text: &str| (1..=LENGTH).contains(&text.encode_utf16().count());
            let Some(concept) = graph.option(name).filter(|_| !key.is_empty() && is_short(name)) else { continue };
            let main = graph.name(concept);
            let kind = match (generation.is_option(concept), graph.note(concept)) {
                (true, _) => Kind::Option,
                (false, Some(_)) => Kind::Note,
                (false, None) => Kind::Other,
            };
            if known.insert((concept, key.clone()), ()).is_some() {
                continue;
            }
            let both = format!("{name} ({main})");
            let is_alias = self::key(main) != key;
            let shown = if is_alias && is_short(&both) { both } else { name.to_owned() };
            let value = if is_alias && is_short(main) { main } else { name };
            names.push(Name { key, shown, value: value.to_owned(), kind });
        }
        names.sort_by(|a, b| (&a.key, &a.value).cmp(&(&b.key, &b.value)));
        Self(names)
    }

    /// Returns what is shown and what is filled in, best first, each value once.
    pub fn complete(&self, typed: &str, wanted: Wanted) -> Vec<(&str, &str)> {
        let typed = key(typed);
        let mut found: Vec<(u32, bool, usize, &Name)> = self
            .0
            .iter()
            .filter_map(|name| {
                let is_second = match wanted {
                    Wanted::Option => name.kind != Kind::Option,
                    Wanted::Note => name.kind == Kind::Other,
                    Wanted::Criterion => false,
                };
                Some((fit(&typed, &name.key)?, is_second, name.key.len(), name))
            })
            .collect();
        // A name with a later word that begins so comes first when it is of the kind that is wanted.
        let order = |fit: u32, is_second: bool| (fit > 0, fit > BEGINS, is_second, fit);
        found.sort_by(|a, b| {
            let ends = |one: &(u32, bool, usize, &Name)| (order(one.0, one.1), one.2);
            ends(a).cmp(&ends(b)).then_with(|| (&a.3.key, a.3.kind).cmp(&(&b.3.key, b.3.kind)))
        });
        let mut choices: Vec<(&str, &str)> = Vec::new();
        for (_, _, _, name) in found {
            if choices.len() < LIMIT && !choices.iter().any(|(_, value)| *value == name.value) {
                choices.push((&name.shown, &name.value));
            }
        }
        choices
    }
}

/// Gathers what options have, lack or have values for, as the notes word it first.
fn criteria(generation: &Generation) -> Vec<Name> {
    let stated = |says: Says| matches!(says, Says::Has | Says::Partly | Says::Lacks | Says::Value);
    let mut known: FxHashSet<String> = FxHashSet::default();
    let mut criteria = Vec::new();
    for entry in &generation.entries {
        let facts = entry.claims.iter().flat_map(facts).filter(|fact| stated(fact.says));
        for need in facts.flat_map(|fact| fact.needs).filter(|need| !need.is_label) {
            let (text, key) = (need.text.trim(), key(need.text));
            let is_name = (1..=LENGTH).contains(&text.encode_utf16().count()) && !text.contains('\n');
            if is_name && !key.is_empty() && known.insert(key.clone()) {
                let (shown, value) = (text.to_owned(), text.to_owned());
                criteria.push(Name { key, shown, value, kind: Kind::Criterion });
            }
        }
    }
    criteria.sort_by(|a, b| a.key.cmp(&b.key));
    criteria
}

/// How far a name is of which a word begins so.
const BEGINS: u32 = 2;

/// Returns how far a name is from what was typed, or nothing when it is too far.
fn fit(typed: &str, name: &str) -> Option<u32> {
    if name == typed {
        return Some(0);
    }
    if name.starts_with(typed) {
        return Some(1);
    }
    let mut words = name.split(' ').scan(0, |start, word| {
        let at = *start;
        *start += word.len() + 1;
        Some(at)
    });
    if words.clone().any(|at| name[at..].starts_with(typed)) {
        return Some(2);
    }
    if name.contains(typed) {
        return Some(3);
    }
    let n_typed = typed.chars().count();
    let limit = match n_typed {
        0..3 => return None,
        3..6 => 1,
        _ => 2,
    };
    let near = words.find_map(|at| {
        // A letter may be missing or one too many: the start of the name is compared with some play.
        (n_typed.saturating_sub(1)..=n_typed + 1).find_map(|n_chars| {
            let start: String = name[at..].chars().take(n_chars).collect();
            distance(typed, &start, limit)
        })
    });
    near.map(|n_wrong| 3 + n_wrong as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Languages;

    fn names() -> (tempfile::TempDir, Names) {
        let note = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        let folder = tempfile::tempdir().expect("a folder");
        let table = "| Need | Choice |\n|---|---|\n| Sourdough | Strong white |\n| Shortcrust | Plain |\n| Bánh bông lan | Bột mì số 8 |\n";
        let files = vec![
            note("Flour.md", &format!("# Which flour\n\n{table}")),
            note("Ovens.md", "---\naliases: [Bakery ovens]\n---\n# Deck or rack oven\n"),
        ];
        let generation = Generation::build(1, files, Vec::new(), folder.path(), &Languages::builtin());
        let names = Names::gather(&generation.expect("a generation"), Wanted::Option);
        (folder, names)
    }

    #[track_caller]
    fn check(typed: &str, first: &str) {
        let (_folder, names) = names();
        let choices = names.complete(typed, Wanted::Option);
        assert_eq!(choices.first().map(|(_, value)| *value), Some(first), "{typed}: {choices:?}");
    }

    #[test]
    fn three_letters_will_do() {
        check("str", "Strong white");
        check("whi", "Strong white");
        check("bot", "Bột mì số 8");
        check("Bột", "Bột mì số 8");
        check("pla", "Plain");
    }

    #[test]
    fn typing_mistakes_are_forgiven() {
        check("stornk", "Strong white");
        check("plian", "Plain");
    }

    #[test]
    fn other_names_lead_to_the_one() {
        let (_folder, names) = names();
        let choices = names.complete("bakery", Wanted::Note);
        assert_eq!(choices, [("Bakery ovens (Deck or rack oven)", "Deck or rack oven")]);
        assert!(names.complete("", Wanted::Option).len() >= 4, "without letters the first are shown");
        assert!(names.complete("qqqqqq", Wanted::Option).is_empty());
    }

    /// The folder of notes that comes with the program.
    fn shipped() -> Vec<(String, String)> {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("notes");
        let (mut folders, mut files) = (vec![root], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "md") {
                    let name = path.file_name().expect("a name").to_string_lossy().into_owned();
                    files.push((name, std::fs::read_to_string(&path).expect("a note")));
                }
            }
        }
        files.sort();
        files
    }

    #[test]
    fn nine_names_of_ten_are_there_after_three_letters() {
        let folder = tempfile::tempdir().expect("a folder");
        let generation =
            Generation::build(1, shipped(), Vec::new(), folder.path(), &Languages::builtin()).expect("a generation");
        let names = Names::gather(&generation, Wanted::Option);
        let is_found = |name: &&Name| {
            let typed: String = name.key.chars().take(3).collect();
            let wanted = if name.kind == Kind::Option { Wanted::Option } else { Wanted::Note };
            names.complete(&typed, wanted).iter().any(|(_, value)| *value == name.value)
        };
        let asked: Vec<&Name> = names.0.iter().filter(|name| name.kind != Kind::Other).collect();
        let n_found = asked.iter().filter(|name| is_found(name)).count();
        assert!(asked.len() > 50 && n_found * 10 >= asked.len() * 9, "{n_found} of {}", asked.len());
    }
}
