//! Which note does this link mean?
//!
//! The order that Obsidian resolves in (SEMANTICS B.2): exact path, then path suffix, notes under the source's folder
//! first, shortest path, byte order. Aliases come last and are an addition of ours.

use rustc_hash::FxHashMap;

use crate::text::nfc;
use crate::vault::path_key;

/// Paths and names of the vault, for resolving.
#[derive(Default)]
pub struct Resolver {
    by_base: FxHashMap<String, Vec<(u32, String)>>,
    /// Paths as they are, of those whose key another has too.
    written: FxHashMap<u32, String>,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Index of the note.
    pub note: u32,
}

impl Resolver {
    /// Takes the vault's paths in order of their index.
    pub fn new<'a>(paths: impl Iterator<Item = &'a str>) -> Self {
        let mut resolver = Self::default();
        let mut by_key: FxHashMap<String, (u32, &str)> = FxHashMap::default();
        for (at, path) in paths.enumerate() {
            let (at, key) = (at as u32, path_key(path));
            if let Some((other, other_path)) = by_key.get(&key) {
                resolver.written.insert(*other, (*other_path).to_owned());
                resolver.written.insert(at, path.to_owned());
            } else {
                by_key.insert(key.clone(), (at, path));
            }
            let base = key.rsplit('/').next().unwrap_or(&key).to_owned();
            resolver.by_base.entry(base).or_default().push((at, key));
        }
        resolver
    }

    /// Resolves the path part of a link that stands in the note at `source`.
    pub fn resolve(&self, link: &str, source: u32, source_path: &str) -> Option<Target> {
        let link = link.trim();
        if link.is_empty() {
            return Some(Target { note: source });
        }
        let folder = source_path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if link.starts_with("./") || link.starts_with("../") {
            let path = joined(folder, link)?;
            return self.exact(&path);
        }
        if let Some(rooted) = link.strip_prefix('/') {
            return self.exact(rooted);
        }
        self.by_suffix(link, folder)
            .or_else(|| link.contains('\\').then(|| self.by_suffix(&link.replace('\\', "/"), folder))?)
    }

    /// Returns the notes that a link may mean equally well: it names no exact path, and they are as near to the note
    /// that it stands in. Fewer than two where the link is clear.
    pub fn rivals(&self, link: &str, source_path: &str) -> Vec<u32> {
        let link = link.trim();
        if link.is_empty() || link.starts_with(['/', '.']) {
            return Vec::new();
        }
        let folder = source_path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let (key, candidates) = self.candidates(link);
        if candidates.iter().any(|(_, path)| *path == key) {
            return Vec::new();
        }
        let (suffix, home) = (format!("/{key}"), format!("{}/", path_key(folder)));
        let fitting: Vec<&(u32, String)> = candidates.iter().filter(|(_, path)| path.ends_with(&suffix)).collect();
        let at_home: Vec<u32> =
            fitting.iter().filter(|(_, path)| path.starts_with(&home)).map(|(note, _)| *note).collect();
        if at_home.is_empty() { fitting.into_iter().map(|(note, _)| *note).collect() } else { at_home }
    }

    fn candidates(&self, link: &str) -> (String, &[(u32, String)]) {
        let key = path_key(link);
        let base = key.rsplit('/').next().unwrap_or(&key);
        if let Some(found) = self.by_base.get(base) {
            return (key, found);
        }
        let with_extension = format!("{key}.md");
        let base = with_extension.rsplit('/').next().unwrap_or(&with_extension);
        let found = self.by_base.get(base).map_or(&[][..], Vec::as_slice);
        (with_extension, found)
    }

    fn exact(&self, path: &str) -> Option<Target> {
        let (key, candidates) = self.candidates(path);
        self.best(candidates.iter().filter(|(_, path)| *path == key), path)
    }

    /// Of notes whose paths are one but for case and Unicode form, the one that is written as the link is.
    fn best<'a>(&self, mut same: impl Iterator<Item = &'a (u32, String)>, link: &str) -> Option<Target> {
        let first = same.next()?.0;
        let as_written = |note: &u32, fold: fn(&str) -> String| {
            let path = self.written.get(note).map(|path| fold(path));
            path.is_some_and(|path| path.ends_with(&fold(link)) || path.ends_with(&fold(&format!("{link}.md"))))
        };
        let notes: Vec<u32> = std::iter::once(first).chain(same.map(|(note, _)| *note)).collect();
        let exact = notes.iter().find(|note| as_written(note, str::to_owned));
        let note = exact.or_else(|| notes.iter().find(|note| as_written(note, nfc)));
        Some(Target { note: *note.unwrap_or(&first) })
    }

    fn by_suffix(&self, link: &str, folder: &str) -> Option<Target> {
        let (key, candidates) = self.candidates(link);
        if let Some(target) = self.best(candidates.iter().filter(|(_, path)| *path == key), link) {
            return Some(target);
        }
        let suffix = format!("/{key}");
        let home = format!("{}/", path_key(folder));
        let fitting = candidates.iter().filter(|(_, path)| path.ends_with(&suffix));
        let under_home = |path: &str| folder.is_empty() || path.starts_with(&home);
        let order = |path: &str| (!under_home(path), path.encode_utf16().count());
        let (_, first) = fitting.clone().min_by(|(_, a), (_, b)| order(a).cmp(&order(b)).then_with(|| a.cmp(b)))?;
        self.best(fitting.filter(|(_, path)| path == first), link)
    }
}

fn joined(folder: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in link.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(link: &str, from: &str, expected: Option<&str>) {
        let paths = ["Oak.md", "wood/Oak.md", "wood/Larch.md", "deep/er/Larch.md", "Gỗ sồi.md", "a/x.y.md"];
        let resolver = Resolver::new(paths.into_iter());
        let found = resolver.resolve(link, 99, from).map(|target| paths[target.note as usize]);
        assert_eq!(found, expected, "{link} from {from}");
    }

    #[test]
    fn links_resolve_in_obsidians_order() {
        check("Oak", "wood/Pine.md", Some("Oak.md"));
        check("oak.MD", "b.md", Some("Oak.md"));
        check("Larch", "deep/er/z.md", Some("deep/er/Larch.md"));
        check("Larch", "z.md", Some("wood/Larch.md"));
        check("./Oak", "wood/z.md", Some("wood/Oak.md"));
        check("../Oak", "wood/z.md", Some("Oak.md"));
        check("/Larch", "wood/z.md", None);
        check("Gỗ sồi", "z.md", Some("Gỗ sồi.md"));
        check("x.y", "z.md", Some("a/x.y.md"));
        check("Nothing", "z.md", None);
    }
}
