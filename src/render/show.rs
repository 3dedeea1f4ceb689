//! What does the index see in this note or concept?
//!
//! Gathers a note with its links, backlinks and claims, or a concept with what is claimed of it, as plain data.

use std::fmt::Write;

use serde::Serialize;

use super::reading::Reading;
use super::{Ink, Style, clean};
use crate::claim::{Claim, Stance};
use crate::generation::{Entry, Generation};
use crate::graph::{ConceptId, Resolver, UnknownName};
use crate::note::{LinkKind, Note};
use crate::vault::path_key;

/// Notes shown beside the one that an ambiguous link leads to.
const RIVALS_SHOWN: usize = 3;

/// A note or concept as the index sees it. For a concept without a note of its own, `path` is null and the lists that
/// come from a note are empty.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    pub(super) schema: u32,
    pub(super) kind: &'static str,
    pub(super) path: Option<String>,
    pub(super) title: String,
    pub(super) aliases: Vec<String>,
    pub(super) names: Vec<Name>,
    pub(super) tags: Vec<String>,
    pub(super) date: Option<String>,
    pub(super) front_matter: Option<String>,
    pub(super) links: Vec<Link>,
    pub(super) headings: Vec<Heading>,
    pub(super) embeds: Vec<Link>,
    pub(super) block_ids: Vec<BlockId>,
    pub(super) backlinks: Vec<Place>,
    pub(super) claims: Vec<ShownClaim>,
    pub(super) tables: Vec<ShownTable>,
    pub(super) readings: Vec<Reading>,
    pub(super) near: Vec<Near>,
    pub(super) problems: Vec<Fault>,
    /// Other notes that go by the name that was asked for.
    pub(super) others: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Name {
    pub(super) name: String,
    pub(super) why: &'static str,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Link {
    pub(super) target: String,
    pub(super) path: String,
    pub(super) subpath: Vec<String>,
    pub(super) display: String,
    pub(super) kind: LinkKind,
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) span: (u32, u32),
    pub(super) in_comment: bool,
    pub(super) resolved: Option<String>,
    /// How it is resolved: `path` as Obsidian does, `name` by an alias, a title or a spelling, `file` to no note.
    pub(super) via: Option<&'static str>,
    /// Other notes that it may mean as well: nothing but the length of their paths decides.
    pub(super) rivals: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Heading {
    /// As written, without `#`s and block id.
    pub(super) text: String,
    pub(super) level: u8,
    pub(super) line: u32,
    /// What a reader sees.
    pub(super) plain: String,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct BlockId {
    pub(super) id: String,
    pub(super) line: u32,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Place {
    pub(super) path: String,
    pub(super) line: u32,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct ShownClaim {
    pub(super) kind: String,
    pub(super) note: String,
    pub(super) heading: String,
    pub(super) line: u32,
    pub(super) lines: (u32, u32),
    pub(super) join: String,
    pub(super) options: Vec<ShownOption>,
    pub(super) parts: Vec<Part>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct ShownOption {
    pub(super) name: String,
    pub(super) stance: &'static str,
    pub(super) condition: Option<String>,
    pub(super) is_alternative: bool,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Part {
    pub(super) field: String,
    pub(super) stance: &'static str,
    pub(super) text: String,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct ShownTable {
    pub(super) heading: String,
    pub(super) lines: (u32, u32),
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Row>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Row {
    pub(super) line: u32,
    pub(super) cells: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Near {
    pub(super) name: String,
    pub(super) edge: &'static str,
    pub(super) note: String,
    pub(super) line: u32,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Fault {
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) code: String,
    pub(super) message: String,
}

/// Finds a note by its path, title or alias, or a concept by any of its names.
///
/// # Errors
/// When nothing has the name.
pub fn show(name: &str, generation: &Generation) -> Result<Shown, UnknownName> {
    let graph = &generation.graph;
    let concepts = generation.find(name)?;
    let concept = concepts[0];
    let mut others: Vec<String> = concepts
        .iter()
        .filter(|other| **other != concept)
        .filter_map(|other| Some(generation.entries[graph.note(*other)? as usize].note.path.clone()))
        .collect();
    others.dedup();
    let mut shown = shown_concept(concept, generation);
    shown.others = others;
    match graph.note(concept) {
        Some(note) => fill_note(&mut shown, note, generation),
        None => shown.claims = claims_of(concept, generation),
    }
    Ok(shown)
}

fn shown_concept(concept: ConceptId, generation: &Generation) -> Shown {
    let graph = &generation.graph;
    let names = graph.names(concept).into_iter().map(|(name, why)| Name { name: name.to_owned(), why: why.label() });
    let near = graph.near(concept).into_iter().take(12).map(|(near, step)| Near {
        name: graph.name(near).to_owned(),
        edge: step.edge,
        note: generation.entries[step.note as usize].note.path.clone(),
        line: step.line,
    });
    Shown {
        schema: 1,
        kind: "concept",
        path: None,
        title: graph.name(concept).to_owned(),
        aliases: Vec::new(),
        names: names.collect(),
        tags: Vec::new(),
        date: None,
        front_matter: None,
        links: Vec::new(),
        headings: Vec::new(),
        embeds: Vec::new(),
        block_ids: Vec::new(),
        backlinks: Vec::new(),
        claims: Vec::new(),
        tables: Vec::new(),
        readings: Vec::new(),
        near: near.collect(),
        problems: Vec::new(),
        others: Vec::new(),
    }
}

fn fill_note(shown: &mut Shown, at: u32, generation: &Generation) {
    let entry = &generation.entries[at as usize];
    let note = &entry.note;
    let path_of = |note: u32| generation.entries[note as usize].note.path.clone();
    let is_inner = |link: &crate::note::Link| link.kind != LinkKind::External && !link.path.is_empty();
    let resolver = note.links.iter().any(is_inner).then(|| {
        let paths = generation.entries.iter().map(|entry| entry.note.path.as_str());
        Resolver::new(paths)
    });
    let rivals = |link: &crate::note::Link, resolved: Option<&String>| {
        let resolver = resolver.as_ref().filter(|_| is_inner(link) && resolved.is_some());
        let rivals = resolver.map_or_else(Vec::new, |resolver| resolver.rivals(&link.path, &note.path));
        let mut rivals: Vec<String> = rivals.into_iter().map(path_of).collect();
        rivals.retain(|rival| Some(rival) != resolved);
        rivals
    };
    let links = note.links.iter().enumerate().map(|(ordinal, link)| (link, generation.graph.target(at, ordinal)));
    let links = links.map(|(link, target)| (link, target.map(|target| path_of(target.note))));
    let links = links.map(|(link, resolved)| Link {
        target: link.target.clone(),
        path: link.path.clone(),
        subpath: link.subpath.clone(),
        display: link.display.clone(),
        kind: link.kind,
        line: link.line,
        column: link.column,
        span: link.span,
        in_comment: link.in_comment,
        rivals: rivals(link, resolved.as_ref()),
        via: resolved.as_ref().map(|path| if is_by_path(&link.path, path) { "path" } else { "name" }),
        resolved,
    });
    shown.kind = "note";
    shown.path = Some(note.path.clone());
    shown.title.clone_from(&note.title);
    shown.aliases.clone_from(&note.aliases);
    shown.tags.clone_from(&note.tags);
    shown.date.clone_from(&note.date);
    shown.front_matter.clone_from(&note.front_matter);
    shown.links = links.collect();
    shown.embeds = shown.links.iter().filter(|link| link.kind == LinkKind::Embed).cloned().collect();
    shown.headings = note
        .sections
        .iter()
        .skip(1)
        .map(|section| Heading {
            text: section.raw.clone(),
            level: section.level,
            line: section.line,
            plain: section.text.clone(),
        })
        .collect();
    shown.block_ids = note.block_ids.iter().map(|(id, line)| BlockId { id: id.clone(), line: *line }).collect();
    let backlinks = generation.graph.backlinks(at).into_iter();
    shown.backlinks = backlinks.map(|(from, line)| Place { path: path_of(from), line }).collect();
    shown.claims = entry.claims.iter().map(|claim| shown_claim(entry, claim)).collect();
    shown.tables = tables(note);
    shown.problems = note
        .problems
        .iter()
        .map(|problem| Fault {
            line: problem.line,
            column: problem.column,
            code: problem.code.clone(),
            message: problem.message.clone(),
        })
        .collect();
}

/// True when a link names the path that it leads to, or its end.
fn is_by_path(link: &str, path: &str) -> bool {
    let (link, path) = (path_key(&link.replace('\\', "/")), path_key(path));
    let link = link.trim_start_matches(['.', '/']);
    path.ends_with(link) || path.ends_with(&format!("{link}.md"))
}

fn tables(note: &Note) -> Vec<ShownTable> {
    let mut tables = Vec::new();
    for block in &note.blocks {
        if let crate::note::BlockKind::Table(table) = &block.kind {
            let cells = |row: &crate::note::Row| row.cells.iter().map(|cell| cell.text.clone()).collect();
            tables.push(ShownTable {
                heading: heading(note, block.section),
                lines: block.lines,
                header: cells(&table.header),
                rows: table.rows.iter().map(|row| Row { line: row.line, cells: cells(row) }).collect(),
            });
        }
    }
    tables
}

/// Returns the claims of all notes that have the concept as an option.
fn claims_of(concept: ConceptId, generation: &Generation) -> Vec<ShownClaim> {
    let mut claims = Vec::new();
    for entry in &generation.entries {
        for claim in &entry.claims {
            if claim.picks.iter().any(|pick| generation.graph.named(&pick.name).contains(&concept)) {
                claims.push(shown_claim(entry, claim));
            }
        }
    }
    claims
}

fn shown_claim(entry: &Entry, claim: &Claim) -> ShownClaim {
    ShownClaim {
        kind: snake(&format!("{:?}", claim.kind)),
        note: entry.note.path.clone(),
        heading: heading(&entry.note, claim.section),
        line: claim.lines.0,
        lines: claim.lines,
        join: snake(&format!("{:?}", claim.join)),
        options: claim
            .picks
            .iter()
            .map(|pick| ShownOption {
                name: pick.name.clone(),
                stance: stance(pick.stance),
                condition: pick.condition.clone(),
                is_alternative: pick.is_alternative,
            })
            .collect(),
        parts: claim
            .parts
            .iter()
            .map(|part| Part {
                field: snake(&format!("{:?}", part.field)),
                stance: stance(part.stance),
                text: part.text.clone(),
            })
            .collect(),
    }
}

fn heading(note: &Note, section: usize) -> String {
    note.sections.get(section).map_or_else(String::new, |section| section.text.clone())
}

fn stance(stance: Stance) -> &'static str {
    match stance {
        Stance::For => "for",
        Stance::Plain => "plain",
        Stance::Partly => "partly",
        Stance::Against => "against",
    }
}

/// `ColumnCell` becomes `column_cell`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

impl Shown {
    /// True when some link leads to no note, so that [`Self::lead_to_files`] may find where it leads.
    pub fn has_open_links(&self) -> bool {
        self.links.iter().any(|link| link.resolved.is_none() && link.kind != LinkKind::External)
    }

    /// Lets links that lead to no note lead to other files, such as pictures, in the same order of places.
    pub fn lead_to_files(&mut self, files: &[String]) {
        let Some(path) = &self.path else { return };
        let resolver = Resolver::new(files.iter().map(String::as_str));
        for link in self.links.iter_mut().chain(&mut self.embeds) {
            let is_open = link.resolved.is_none() && link.kind != LinkKind::External && !link.path.is_empty();
            if let Some(file) = is_open.then(|| resolver.resolve(&link.path, u32::MAX, path)).flatten() {
                link.resolved = files.get(file.note as usize).cloned();
                link.via = Some("file");
            }
        }
    }

    /// Returns it as a person reads it.
    pub fn text(&self, style: Style) -> String {
        let mut out = String::new();
        let one_line = |text: &str| clean(text).replace('\n', " ");
        let _ = writeln!(out, "{}", style.paint(Ink::Strong, &one_line(&self.title)));
        if let Some(path) = &self.path {
            let _ = writeln!(out, "{}", style.paint(Ink::Faint, &one_line(path)));
        }
        let also: Vec<String> = self
            .names
            .iter()
            .filter(|name| name.name != self.title)
            .map(|name| format!("{} ({})", one_line(&name.name), name.why))
            .collect();
        for (label, values) in [("Also", also), ("Tags", self.tags.iter().map(|tag| format!("#{tag}")).collect())] {
            if !values.is_empty() {
                let _ = writeln!(out, "{label}: {}", values.join(", "));
            }
        }
        if !self.others.is_empty() {
            let _ = writeln!(out, "Other notes of this name: {}", self.others.join(", "));
        }
        let headings = self.headings.iter().map(|heading| {
            let indent = "  ".repeat(usize::from(heading.level.saturating_sub(1)));
            format!("{indent}{} :{}", one_line(&heading.plain), heading.line)
        });
        let claims = self.claims.iter().map(|claim| {
            let options: Vec<String> = claim
                .options
                .iter()
                .map(|option| match option.stance {
                    "against" => format!("not {}", one_line(&option.name)),
                    _ => one_line(&option.name),
                })
                .collect();
            let parts: Vec<String> = claim
                .parts
                .iter()
                .filter(|part| part.field != "option" && !part.text.is_empty())
                .map(|part| one_line(&part.text))
                .collect();
            let place = style.paint(Ink::Faint, &format!("{}:{}", one_line(&claim.note), claim.line));
            format!("{} ← {} ({}) {place}", options.join(", "), parts.join(" · "), claim.kind)
        });
        let links = self.links.iter().map(|link| match (&link.resolved, link.kind) {
            (Some(path), _) => {
                let rivals: Vec<String> = link.rivals.iter().take(RIVALS_SHOWN).map(|rival| one_line(rival)).collect();
                let or = match link.rivals.len().saturating_sub(RIVALS_SHOWN) {
                    _ if rivals.is_empty() => String::new(),
                    0 => style.paint(Ink::Warning, &format!(" (or {})", rivals.join(", "))),
                    more => style.paint(Ink::Warning, &format!(" (or {} and {more} more)", rivals.join(", "))),
                };
                format!("{} → {}{or} :{}", one_line(&link.target), one_line(path), link.line)
            }
            (None, LinkKind::External) => format!("{} :{}", one_line(&link.target), link.line),
            (None, _) => {
                let mark = style.paint(Ink::Warning, "→ leads nowhere");
                format!("{} {mark} :{}", one_line(&link.target), link.line)
            }
        });
        let backlinks = self.backlinks.iter().map(|place| format!("{}:{}", one_line(&place.path), place.line));
        let near = self
            .near
            .iter()
            .map(|near| format!("{} ({}, {}:{})", one_line(&near.name), near.edge, one_line(&near.note), near.line));
        let problems = self
            .problems
            .iter()
            .map(|problem| format!("{}:{} {} {}", problem.line, problem.column, problem.code, problem.message));
        let readings = self.readings.iter().map(|reading| clean(&reading.lines().join("\n    ")));
        let lists: [(&str, Vec<String>); 7] = [
            ("Sections", headings.collect()),
            ("Read as", readings.collect()),
            ("Claims", claims.collect()),
            ("Links", links.collect()),
            ("Backlinks", backlinks.collect()),
            ("Near", near.collect()),
            ("Problems", problems.collect()),
        ];
        for (label, items) in lists.iter().filter(|(_, items)| !items.is_empty()) {
            let _ = writeln!(out, "\n{} ({})", style.paint(Ink::Strong, label), items.len());
            items.iter().for_each(|item| {
                let _ = writeln!(out, "  {item}");
            });
        }
        out
    }
}
