//! Which links lead nowhere, elsewhere or to a part that is not there?

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Finding, PER_NOTE, Vault};
use crate::graph::Resolver;
use crate::note::{Link, LinkKind, Note, stem};
use crate::text::{self, distance, key, nfc};
use crate::vault::path_key;

/// Distinct targets of one vault for which a near name is looked for: it costs time, and nobody reads more.
const SUGGESTION_LIMIT: usize = 2_000;
/// Longest id of an element that a link can name, in bytes.
const ID_LIMIT: usize = 256;
/// Candidates of an ambiguous link that are named.
const RIVALS_TOLD: usize = 3;

pub fn check(vault: &Vault<'_>, findings: &mut Vec<Finding>) {
    let graph = &vault.generation.graph;
    let paths: Vec<&str> = vault.entries().map(|(_, entry)| entry.note.path.as_str()).collect();
    let notes = Resolver::new(paths.iter().copied());
    let files = Resolver::new(vault.files.iter().map(String::as_str));
    let folders: FxHashSet<String> = folders(paths.iter().copied().chain(vault.files.iter().map(String::as_str)));
    let mut near = Near::new(vault);
    let mut anchors: FxHashMap<u32, Anchors> = FxHashMap::default();
    for (at, entry) in vault.entries() {
        let note = &entry.note;
        let mut told: FxHashSet<&str> = FxHashSet::default();
        let mut n_missing = 0;
        for (ordinal, link) in note.links.iter().enumerate() {
            if link.kind == LinkKind::External || link.in_comment || is_template(&link.target) {
                continue;
            }
            let by_path = notes.resolve(&link.path, at, &note.path);
            match graph.target(at, ordinal) {
                Some(target) => {
                    let other = &vault.generation.entries[target.note as usize].note;
                    if by_path.is_none() && !folders.contains(&folder_key(&link.path, &note.path)) {
                        let what = if other.aliases.iter().any(|alias| key(alias) == key(&link.path)) {
                            "an alias"
                        } else {
                            "the title"
                        };
                        let shown = &link.display;
                        let written = if link.kind == LinkKind::Markdown {
                            format!("[{shown}]({})", other.path.replace(' ', "%20"))
                        } else {
                            format!("[[{}|{shown}]]", other.path.strip_suffix(".md").unwrap_or(&other.path))
                        };
                        let message = format!(
                            "`{}` is {what} of `{}`; write `{written}` for programs that follow file names only",
                            link.path, other.path
                        );
                        findings.push(place(note, link, "link-by-alias", message));
                    }
                    let rivals = notes.rivals(&link.path, &note.path);
                    if rivals.len() > 1 && told.insert(&link.path) {
                        let named =
                            rivals.iter().take(RIVALS_TOLD).map(|rival| format!("`{}`", paths[*rival as usize]));
                        let named = named.collect::<Vec<_>>().join(", ");
                        let more = rivals.len().saturating_sub(RIVALS_TOLD);
                        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                        let message = format!(
                            "`{}` may be {named}{more}; it leads to `{}`: write more of the path",
                            link.path, other.path
                        );
                        findings.push(place(note, link, "ambiguous-link", message));
                    }
                    if !link.subpath.is_empty() {
                        let anchors = anchors.entry(target.note).or_insert_with(|| Anchors::of(other));
                        let missing = part(note, link, other, anchors, n_missing < PER_NOTE);
                        n_missing += usize::from(missing.is_some());
                        findings.extend(missing);
                    }
                }
                None if files.resolve(&link.path, u32::MAX, &note.path).is_some() => {}
                None if folders.contains(&folder_key(&link.path, &note.path)) => {}
                None => findings.push(nowhere(note, link, &mut near)),
            }
        }
    }
}

fn place(note: &Note, link: &Link, code: &str, message: String) -> Finding {
    Finding::new(&note.path, link.line, link.column, code, message)
}

/// True for a target that another program fills in.
fn is_template(target: &str) -> bool {
    target.contains("{{") || target.contains("<%")
}

fn folders<'a>(paths: impl Iterator<Item = &'a str>) -> FxHashSet<String> {
    let mut folders = FxHashSet::default();
    for path in paths {
        let key = path_key(path);
        for (at, _) in key.match_indices('/') {
            folders.insert(key[..at].to_owned());
        }
    }
    folders
}

/// Returns the folder that a link names, as seen from the folder of its note; as written where it leaves the notes.
fn folder_key(link: &str, source: &str) -> String {
    let link = path_key(link);
    let rooted = link.starts_with('/');
    let source = path_key(source);
    let home = source.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = if rooted || !link.starts_with('.') { Vec::new() } else { home.split('/').collect() };
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join("/")
}

fn nowhere(note: &Note, link: &Link, near: &mut Near) -> Finding {
    let name = link.path.rsplit(['/', '\\']).next().unwrap_or(&link.path);
    if link.path.starts_with("www.") {
        let message = format!("`{0}` is no note; write `https://{0}` for an address", link.path);
        return place(note, link, "unresolved-link", message);
    }
    if is_file_name(name) {
        let message =
            format!("there is no file `{}` in the notes folder; correct the name, or put it there", link.path);
        return place(note, link, "missing-file", message);
    }
    let message = match near.of(&link.path) {
        Some(near) => format!("no note is named `{}`; did you mean `{near}`?", link.path),
        None => format!("no note is named `{}`; correct it, or write the note", link.path),
    };
    place(note, link, "unresolved-link", message)
}

/// True for a name with the extension of a file that is no note: short, ASCII, with a letter first, and not `md`.
fn is_file_name(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| {
        (2..=5).contains(&extension.len())
            && extension.chars().all(|c| c.is_ascii_alphanumeric())
            && extension.starts_with(|c: char| c.is_ascii_lowercase())
            && extension != "md"
    })
}

/// The places inside a note that links can lead to.
struct Anchors {
    /// Sections by the key of their heading, in order.
    headings: FxHashMap<String, Vec<usize>>,
    slugs: FxHashSet<String>,
    /// Ids of blocks and of elements, in lower case.
    ids: FxHashSet<String>,
}

impl Anchors {
    fn of(note: &Note) -> Self {
        let mut anchors =
            Self { headings: FxHashMap::default(), slugs: FxHashSet::default(), ids: FxHashSet::default() };
        for (at, section) in note.sections.iter().enumerate().skip(1) {
            for key in [heading_key(&section.text), heading_key(&section.raw)] {
                let sections = anchors.headings.entry(key).or_default();
                if sections.last() != Some(&at) {
                    sections.push(at);
                }
            }
            anchors.slugs.insert(slug(&section.text));
        }
        anchors.ids.extend(note.block_ids.iter().map(|(id, _)| format!("^{}", id.to_lowercase())));
        for before in ["id=\"", "name=\"", "id='", "name='", "{#", "{: #"] {
            for (at, _) in note.text.match_indices(before) {
                let rest = &note.text[at + before.len()..];
                let rest = &rest[..rest.floor_char_boundary(ID_LIMIT)];
                if let Some(end) = rest.find(['"', '\'', '}', ' ', '>']) {
                    anchors.ids.insert(rest[..end].to_lowercase());
                }
            }
        }
        anchors
    }

    /// Returns the first heading of a name below another one; 0 is the note itself.
    fn section(&self, note: &Note, name: &str, above: usize) -> Option<usize> {
        self.headings.get(&heading_key(name))?.iter().copied().find(|at| is_below(note, *at, above))
    }

    /// True when there is a place that a Markdown link can name: a heading as an anchor, or an id of its own.
    fn has(&self, anchor: &str) -> bool {
        let wanted = slug(anchor);
        // `#setup-1` is the second heading of the name; some sites put `id` before figures.
        let bare = wanted.trim_end_matches(|c: char| c.is_ascii_digit());
        self.slugs.contains(&wanted)
            || self.slugs.contains(bare)
            || wanted.strip_prefix("id").is_some_and(|rest| self.slugs.contains(rest))
            || self.ids.contains(&anchor.to_lowercase())
    }
}

/// Says what is wrong with the part behind `#`, with the nearest one where `suggests` says so.
fn part(note: &Note, link: &Link, other: &Note, anchors: &Anchors, suggests: bool) -> Option<Finding> {
    let last = link.subpath.last()?;
    if let Some(id) = last.strip_prefix('^') {
        if anchors.ids.contains(&last.to_lowercase()) {
            return None;
        }
        let ids = other.block_ids.iter().map(|(id, _)| id.as_str()).filter(|_| suggests);
        let near = text::nearest(id, ids).map_or_else(String::new, |near| format!("; did you mean `^{near}`?"));
        let message = format!("no block of `{}` has the id `^{id}`{near}", other.path);
        return Some(place(note, link, "missing-block", message));
    }
    let mut above = 0;
    for (nth, part) in link.subpath.iter().enumerate() {
        let Some(found) = anchors.section(other, part, above) else {
            // Anchors of sites are not written as headings are.
            if link.kind == LinkKind::Markdown && anchors.has(part) {
                return None;
            }
            let headings = other.sections.iter().skip(1).map(|section| section.text.as_str());
            let near = text::nearest(part, headings.filter(|_| suggests));
            let near = near.map_or_else(String::new, |near| format!("; did you mean `#{near}`?"));
            let under = link.subpath[..nth].last().map_or_else(String::new, |above| format!(" under `{above}`"));
            let message = format!("`{}` has no heading `{part}`{under}{near}", other.path);
            return Some(place(note, link, "missing-heading", message));
        };
        above = found;
    }
    None
}

fn is_below(note: &Note, section: usize, above: usize) -> bool {
    let mut at = note.sections[section].parent;
    while at != above && at != 0 {
        at = note.sections[at].parent;
    }
    at == above
}

/// Returns the form in which links compare headings: without signs that mean something in a link, in lower case.
fn heading_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '[' | ']' | '|' | '#' | '^' | ':' | '%' | '\\' | '*' | '_' | '`' | '~' | '=' => {}
            c if c.is_whitespace() => {
                if !key.ends_with(' ') {
                    key.push(' ');
                }
            }
            c => key.extend(c.to_lowercase()),
        }
    }
    nfc(key.trim())
}

/// Returns a heading as an anchor. Forges and sites differ in what becomes of signs and accents, so these are left out.
fn slug(text: &str) -> String {
    text::fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Finds names near a misspelt one, each wanted name once.
struct Near {
    /// Key, set of its letters and name, of each title, alias and file name.
    names: Vec<(String, u64, String)>,
    by_key: FxHashMap<String, usize>,
    known: FxHashMap<String, Option<usize>>,
}

impl Near {
    fn new(vault: &Vault<'_>) -> Self {
        let mut near = Self { names: Vec::new(), by_key: FxHashMap::default(), known: FxHashMap::default() };
        for (_, entry) in vault.entries() {
            let note = &entry.note;
            let path = note.path.strip_suffix(".md").unwrap_or(&note.path);
            let own = [stem(&note.path), note.title.as_str()];
            for name in own.into_iter().chain(note.aliases.iter().map(String::as_str)) {
                let key = key(name);
                if !key.is_empty() && !near.by_key.contains_key(&key) {
                    near.by_key.insert(key.clone(), near.names.len());
                    near.names.push((key.clone(), letters(&key), path.to_owned()));
                }
            }
        }
        near
    }

    /// Returns the path of the note that goes by a name like this one. Cost: linear in the names, once for each name.
    fn of(&mut self, wanted: &str) -> Option<&str> {
        let name = wanted.rsplit(['/', '\\']).next().unwrap_or(wanted);
        let name = name.strip_suffix(".md").unwrap_or(name);
        let wanted = key(name);
        let found = match self.known.get(&wanted) {
            Some(found) => *found,
            None => {
                let is_open = self.known.len() < SUGGESTION_LIMIT;
                let found = self.by_key.get(&wanted).copied().or_else(|| is_open.then(|| self.nearest(&wanted))?);
                self.known.insert(wanted, found);
                found
            }
        };
        found.map(|at| self.names[at].2.as_str())
    }

    fn nearest(&self, wanted: &str) -> Option<usize> {
        let limit = (wanted.chars().count() / 4).min(3);
        let set = letters(wanted);
        let near = self.names.iter().enumerate().filter_map(|(at, (key, letters, _))| {
            // Each slip changes the set of letters by two at most.
            let may_be =
                (letters ^ set).count_ones() as usize <= 2 * limit && key.len().abs_diff(wanted.len()) <= 4 * limit;
            Some((may_be.then(|| distance(wanted, key, limit))??, at))
        });
        near.min().map(|(_, at)| at)
    }
}

fn letters(key: &str) -> u64 {
    key.chars().fold(0, |set, c| set | 1 << (c as u32 % 64))
}
