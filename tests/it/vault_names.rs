//! Does the source repeat what a vault says that only measures it?
//!
//! Vaults to measure with lie in `../shared/vaults`, where there are any. A phrase of theirs in `src/` would make the
//! numbers tell less. Words that everybody uses are no such phrase, or each second comment would be one.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use fingerpost::text::nfc;

/// So many words in a row are no chance any more.
const N_WORDS: usize = 4;
/// At least so many different ones of them tell something: `the header of the` is nobody's.
const N_TELLING: usize = 2;
/// An entry of a word list is a phrase by nature; one this long is a sentence.
const N_WORDS_LISTED: usize = 8;
/// From so many words on, entries are printed for a person to look at.
const N_WORDS_SHOWN: usize = 5;

/// A line of the source, or an entry of a word list.
struct Piece {
    place: String,
    words: Vec<String>,
    is_listed: bool,
}

#[test]
fn no_phrase_of_a_test_vault_stands_in_the_source() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = root.join("../shared/vaults");
    let Ok(folders) = std::fs::read_dir(&shared) else {
        println!("no vaults beside the repository: nothing to compare with");
        return;
    };
    let pieces = pieces(&root.join("src"));
    let mut phrases: HashMap<&[String], BTreeSet<usize>> = HashMap::new();
    let mut n_vaults_with: HashMap<String, usize> = HashMap::new();
    for piece in &pieces {
        phrases.extend(piece.words.windows(N_WORDS).map(|window| (window, BTreeSet::new())));
    }
    let mut vaults: Vec<PathBuf> = folders.map(|folder| folder.expect("a vault").path()).collect();
    vaults.sort();
    for (vault, folder) in vaults.iter().enumerate() {
        let mut seen = BTreeSet::new();
        for file in files(folder, &["md"]) {
            let words = words(&String::from_utf8_lossy(&std::fs::read(file).expect("a note")));
            for window in words.windows(N_WORDS) {
                if let Some(found) = phrases.get_mut(window) {
                    found.insert(vault);
                }
            }
            seen.extend(words);
        }
        for word in seen {
            *n_vaults_with.entry(word).or_default() += 1;
        }
    }

    let asking: BTreeSet<&String> = pieces
        .iter()
        .filter(|piece| piece.is_listed && piece.place.contains(".toml"))
        .flat_map(|piece| &piece.words)
        .collect();
    let tells = |word: &String| {
        let is_common = n_vaults_with.get(word).is_some_and(|n_vaults| n_vaults * 3 > vaults.len());
        word.chars().filter(|c| c.is_alphabetic()).count() >= 3 && !is_common && !asking.contains(word)
    };
    let mut faults: BTreeMap<String, String> = BTreeMap::new();
    for piece in &pieces {
        for run in runs(&piece.words, |window| !phrases[window].is_empty()) {
            let told = format!("{}: {}", piece.place, run.join(" "));
            if piece.is_listed {
                if run.len() >= N_WORDS_LISTED {
                    faults.insert(told, "listed".to_owned());
                } else if run.len() >= N_WORDS_SHOWN {
                    println!("listed, and in a vault: {told}");
                }
            } else if run.iter().filter(|word| tells(word)).collect::<BTreeSet<_>>().len() >= N_TELLING {
                let first = phrases[&run[..N_WORDS]].first().map(|vault| vaults[*vault].display().to_string());
                faults.insert(told, first.unwrap_or_default());
            }
        }
    }
    assert!(faults.is_empty(), "phrases of vaults that only measure: {faults:#?}");
}

#[test]
fn runs_are_as_long_as_they_can_be() {
    let words = words("One two, `three` — four five. Six!");
    let all: Vec<String> = runs(&words, |_| true).iter().map(|run| run.join(" ")).collect();
    assert_eq!(all, ["one two three four five six"]);
    let some: Vec<usize> = runs(&words, |window| window[0] != "two").iter().map(|run| run.len()).collect();
    assert_eq!(some, [4, 4]);
    assert_eq!(super::vault_names::words("L'eau qu’on boit à Đà Nẵng"), ["l'eau", "qu'on", "boit", "à", "đà", "nẵng"]);
}

/// Returns the longest stretches of words whose windows all are as `is_wanted` says.
fn runs(words: &[String], is_wanted: impl Fn(&[String]) -> bool) -> Vec<&[String]> {
    let (mut runs, mut start) = (Vec::new(), None);
    for (at, window) in words.windows(N_WORDS).enumerate() {
        match (is_wanted(window), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                runs.push(&words[from..at + N_WORDS - 1]);
                start = None;
            }
            _ => {}
        }
    }
    runs.extend(start.map(|from| &words[from..]));
    runs
}

/// Returns the words in lower case, NFC, without signs; an apostrophe holds its word together.
fn words(text: &str) -> Vec<String> {
    let text = nfc(text).to_lowercase().replace('’', "'");
    text.split(|c: char| !c.is_alphanumeric() && c != '\'')
        .map(|word| word.trim_matches('\''))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn pieces(src: &Path) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for file in files(src, &["rs", "toml", "txt"]) {
        let is_listed = file.extension().is_some_and(|extension| extension != "rs");
        let name = file.strip_prefix(src).expect("under src").display().to_string();
        let text = std::fs::read_to_string(&file).expect("a source file");
        for (at, line) in text.lines().enumerate() {
            // Comments in lists are for people, as those in code.
            let is_listed = is_listed && !line.starts_with('#');
            let parts: Vec<&str> = if is_listed { line.split(['"', ',', '|', '=']).collect() } else { vec![line] };
            let place = format!("src/{name}:{}", at + 1);
            pieces.extend(parts.iter().map(|part| Piece { place: place.clone(), words: words(part), is_listed }));
        }
    }
    pieces
}

fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let (mut folders, mut files) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path);
            } else if path.extension().and_then(|extension| extension.to_str()).is_some_and(|e| extensions.contains(&e))
            {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
