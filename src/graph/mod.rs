//! What is this name, what is near it, and how are two things connected?
//!
//! A graph of notes and concepts, whose edges carry the line that states them. `build` makes it with petgraph, in full
//! for each generation, and freezes it into flat tables, which a question reads as they lie on disk; petgraph comes back
//! when neighbours are asked for. `view` is the graph as a person looks at it. Node indices never leave this module.

mod build;
mod resolve;
mod view;

use std::sync::OnceLock;

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

pub use build::claim_keys;
pub use resolve::{Resolver, Target};
pub use view::{Node, NodeKind, Path, Piece, Stated, View};

use crate::claim::Claim;
use crate::note::Note;
use crate::packed;
use crate::text::{Term, key, nearest_few};

/// A note or concept; valid within one generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConceptId(u32);

/// Why a name belongs to a concept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Merge {
    /// Title or file name.
    Title,
    /// Alias in the front matter.
    Alias,
    /// A link shows it and leads there.
    Anchor,
    /// Short form of the name in its brackets, or the name without them.
    Bracket,
}

impl Merge {
    fn of(number: u32) -> Self {
        [Self::Title, Self::Alias, Self::Anchor, Self::Bracket][number as usize & 3]
    }

    /// Returns the word for paths and explanations.
    pub fn label(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Alias => "alias",
            Self::Anchor => "link text",
            Self::Bracket => "short form",
        }
    }
}

/// Kinds of edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EdgeKind {
    /// A note links to a note.
    Links,
    /// A need's concept leads to the option recommended for it.
    Recommends,
    /// Or to the option opposed.
    Opposes,
    /// A note speaks of an option.
    Mentions,
}

impl EdgeKind {
    fn of(number: u32) -> Self {
        [Self::Links, Self::Recommends, Self::Opposes, Self::Mentions][number as usize & 3]
    }

    /// Returns the word for paths.
    pub fn label(self) -> &'static str {
        match self {
            Self::Links => "links",
            Self::Recommends => "recommends",
            Self::Opposes => "opposes",
            Self::Mentions => "mentions",
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Edge {
    kind: EdgeKind,
    note: u32,
    line: u32,
}

/// One edge of a path, as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Where it starts.
    pub from: String,
    /// What connects.
    pub edge: &'static str,
    /// Where it leads.
    pub to: String,
    /// Index of the note that says so.
    pub note: u32,
    /// The line.
    pub line: u32,
}

/// No note or concept has the name; with near ones that exist.
#[derive(Debug, thiserror::Error)]
#[error("no note or concept named `{name}`")]
pub struct UnknownName {
    name: String,
    near: Vec<String>,
}

impl UnknownName {
    /// Returns the nearest name that exists.
    pub fn nearest(&self) -> Option<&str> {
        self.near.first().map(String::as_str)
    }

    /// Returns the next step, as a whole sentence.
    pub fn hint(&self) -> String {
        let near: Vec<String> = self.near.iter().map(|name| format!("`{}`", name.replace(['\n', '\r'], " "))).collect();
        match near.as_slice() {
            [] => "A name is a note's path, title or alias, or an option as a table names it.".to_owned(),
            [one] => format!("Did you mean {one}?"),
            [more @ .., last] => format!("Did you mean {} or {last}?", more.join(", ")),
        }
    }
}

/// Near names told of an unknown one, at most.
const NEAR_NAMES: usize = 3;

/// Stands for no note and no target.
const NOWHERE: u32 = u32::MAX;
/// Numbers an edge takes in [`Graph::edges`].
const EDGE_NUMBERS: usize = 5;

fn hashed(key: &str) -> u64 {
    Term::new(b'g', key).0
}

/// The concept graph of one generation.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Graph {
    n_nodes: u32,
    /// All names, one after the other.
    names: String,
    /// Where each name ends in `names`, the one before it and 0 being its start.
    #[serde(with = "packed::numbers")]
    name_ends: Vec<u32>,
    /// Why each is one; of no meaning for the first of a node, which it goes by.
    #[serde(with = "packed::numbers")]
    merges: Vec<u32>,
    /// The first name of each node, and the end.
    #[serde(with = "packed::numbers")]
    name_starts: Vec<u32>,
    /// The note of each node, or [`NOWHERE`].
    #[serde(with = "packed::numbers")]
    notes: Vec<u32>,
    /// 0 for what links lead to and nobody wrote.
    #[serde(with = "packed::numbers")]
    resolved: Vec<u32>,
    /// Hash of each key, sorted, with its node beside; several where a name is ambiguous, in order of precedence.
    #[serde(with = "packed::long_numbers")]
    keys: Vec<u64>,
    #[serde(with = "packed::numbers")]
    key_nodes: Vec<u32>,
    /// The first mention of each node, and the end.
    #[serde(with = "packed::numbers")]
    mention_starts: Vec<u32>,
    /// Claims that mention a node in their needs, as note and ordinal, sorted.
    #[serde(with = "packed::pairs")]
    mentions: Vec<(u32, u32)>,
    /// The first link of each note, and the end.
    #[serde(with = "packed::numbers")]
    link_starts: Vec<u32>,
    /// Where each link leads, or [`NOWHERE`].
    #[serde(with = "packed::numbers")]
    links: Vec<u32>,
    /// Nodes that are the option of some claim, sorted.
    #[serde(with = "packed::numbers")]
    options: Vec<u32>,
    /// Source, target, kind, note and line of each edge.
    #[serde(with = "packed::numbers")]
    edges: Vec<u32>,
    /// Made when neighbours are asked for.
    #[serde(skip)]
    graph: OnceLock<DiGraph<(), Edge>>,
}

/// What the graph is built from: a note and its claims.
pub struct Source<'a> {
    /// The note.
    pub note: &'a Note,
    /// Its claims.
    pub claims: &'a [Claim],
    /// Their [`claim_keys`].
    pub keys: &'a [u64],
}

impl Graph {
    /// Builds the graph of a vault. Cost: linear in notes, links and claims.
    pub fn build(sources: &[Source<'_>]) -> Self {
        build::Builder::build(sources).freeze()
    }

    /// True when the tables fit together and every index leads to something.
    pub fn is_sound(&self, n_notes: usize) -> bool {
        let n_nodes = self.n_nodes as usize;
        let starts = |starts: &[u32], n: usize, end: usize| {
            starts.len() == n + 1 && starts.is_sorted() && starts.last() == Some(&(end as u32))
        };
        let below = |values: &[u32], n: usize| values.iter().all(|value| *value == NOWHERE || (*value as usize) < n);
        starts(&self.name_starts, n_nodes, self.name_ends.len())
            && self.name_starts.is_sorted_by(|a, b| a < b)
            && self.name_ends.is_sorted()
            && self.name_ends.iter().all(|end| self.names.is_char_boundary(*end as usize))
            && self.merges.len() == self.name_ends.len()
            && self.notes.len() == n_nodes
            && self.resolved.len() == n_nodes
            && self.keys.is_sorted()
            && self.keys.len() == self.key_nodes.len()
            && self.key_nodes.iter().all(|node| *node < self.n_nodes)
            && starts(&self.mention_starts, n_nodes, self.mentions.len())
            && starts(&self.link_starts, n_notes, self.links.len())
            && below(&self.links, n_notes)
            && below(&self.notes, n_notes)
            && self.edges.len().is_multiple_of(EDGE_NUMBERS)
    }

    /// True when some claim has the concept as its option. Cost: logarithmic.
    pub fn is_option(&self, concept: ConceptId) -> bool {
        self.options.binary_search(&concept.0).is_ok()
    }

    /// Returns the concepts of a name: exact, folded; several where it is ambiguous. Cost: logarithmic.
    pub fn named(&self, name: &str) -> Vec<ConceptId> {
        let key = hashed(&key(name));
        let from = self.keys.partition_point(|other| *other < key);
        let same = self.keys[from..].iter().take_while(|other| **other == key).count();
        self.key_nodes[from..from + same].iter().map(|node| ConceptId(*node)).collect()
    }

    /// Returns what is told of a name that nothing has. Cost: linear in all names.
    pub fn unknown(&self, name: &str) -> UnknownName {
        let near = nearest_few(name, self.all_names(), NEAR_NAMES).into_iter().map(str::to_owned).collect();
        UnknownName { name: name.trim().to_owned(), near }
    }

    /// Returns the concept that an option's name stands for, the first where it is ambiguous.
    pub fn option(&self, name: &str) -> Option<ConceptId> {
        self.named(name).into_iter().next()
    }

    /// Returns the name a concept goes by.
    pub fn name(&self, concept: ConceptId) -> &str {
        self.name_at(self.name_starts[concept.0 as usize] as usize)
    }

    fn name_at(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(0, |before| self.name_ends[before]);
        &self.names[start as usize..self.name_ends[at] as usize]
    }

    /// Returns all names of a concept, each with why it is one.
    pub fn names(&self, concept: ConceptId) -> Vec<(&str, Merge)> {
        let (from, to) = bounds(&self.name_starts, concept.0);
        (from + 1..to).map(|at| (self.name_at(at), Merge::of(self.merges[at]))).collect()
    }

    /// Returns the note of a concept, where it has its own.
    pub fn note(&self, concept: ConceptId) -> Option<u32> {
        Some(self.notes[concept.0 as usize]).filter(|note| *note != NOWHERE)
    }

    /// Returns the concept of a note.
    pub fn of_note(&self, note: u32) -> ConceptId {
        ConceptId(note)
    }

    /// Returns the claims that mention a concept beside their option, by note and ordinal.
    pub fn claims_about(&self, concept: ConceptId) -> &[(u32, u32)] {
        let (from, to) = bounds(&self.mention_starts, concept.0);
        &self.mentions[from..to]
    }

    /// True when the claim mentions the concept beside its option. Cost: logarithmic.
    pub fn mentions(&self, note: u32, ordinal: u32, concept: ConceptId) -> bool {
        self.claims_about(concept).binary_search(&(note, ordinal)).is_ok()
    }

    /// Returns how many links lead to no note. Cost: linear in the links.
    pub fn n_without_target(&self) -> usize {
        self.links.iter().filter(|target| **target == NOWHERE).count()
    }

    /// Returns where link number `link` of a note leads.
    pub fn target(&self, note: u32, link: usize) -> Option<Target> {
        let (from, to) = bounds(&self.link_starts, note);
        let target = self.links[from..to].get(link)?;
        (*target != NOWHERE).then_some(Target { note: *target })
    }

    /// Returns the graph with its edges. Cost: linear in these, the first time.
    fn graph(&self) -> &DiGraph<(), Edge> {
        self.graph.get_or_init(|| {
            let mut graph = DiGraph::with_capacity(self.n_nodes as usize, self.edges.len() / EDGE_NUMBERS);
            for _ in 0..self.n_nodes {
                graph.add_node(());
            }
            let (edges, _) = self.edges.as_chunks::<EDGE_NUMBERS>();
            for [from, to, kind, note, line] in edges {
                let edge = Edge { kind: EdgeKind::of(*kind), note: *note, line: *line };
                graph.add_edge(NodeIndex::new(*from as usize), NodeIndex::new(*to as usize), edge);
            }
            graph
        })
    }

    /// Returns the links that lead to a note: source note and line, sorted.
    pub fn backlinks(&self, note: u32) -> Vec<(u32, u32)> {
        let edges = self.graph().edges_directed(NodeIndex::new(note as usize), Direction::Incoming);
        let mut links: Vec<(u32, u32)> = edges
            .filter(|edge| edge.weight().kind == EdgeKind::Links)
            .map(|edge| (edge.weight().note, edge.weight().line))
            .collect();
        links.sort_unstable();
        links
    }

    /// Returns the concepts one edge away, by how many edges connect them, then by name.
    pub fn near(&self, concept: ConceptId) -> Vec<(ConceptId, Step)> {
        let node = NodeIndex::new(concept.0 as usize);
        let graph = self.graph();
        let name = |node: NodeIndex| self.name(ConceptId(node.index() as u32));
        let mut counts: FxHashMap<NodeIndex, (usize, Step)> = FxHashMap::default();
        for edge in graph.edges(node).chain(graph.edges_directed(node, Direction::Incoming)) {
            let other = if edge.source() == node { edge.target() } else { edge.source() };
            if other != node && self.resolved[other.index()] != 0 {
                let step = Step {
                    from: name(edge.source()).to_owned(),
                    edge: edge.weight().kind.label(),
                    to: name(edge.target()).to_owned(),
                    note: edge.weight().note,
                    line: edge.weight().line,
                };
                counts.entry(other).or_insert((0, step)).0 += 1;
            }
        }
        let mut near: Vec<_> = counts.into_iter().collect();
        near.sort_by(|(a, (n_a, _)), (b, (n_b, _))| n_b.cmp(n_a).then_with(|| name(*a).cmp(name(*b))).then(a.cmp(b)));
        near.into_iter().map(|(node, (_, step))| (ConceptId(node.index() as u32), step)).collect()
    }

    /// Returns the notes that claim something of a concept or are about it, sorted. Cost: linear in its edges.
    pub fn notes_on(&self, concepts: &[ConceptId]) -> Vec<u32> {
        let mut notes: Vec<u32> = Vec::new();
        for concept in concepts {
            let edges = self.graph().edges_directed(NodeIndex::new(concept.0 as usize), Direction::Incoming);
            notes.extend(edges.filter(|edge| edge.weight().kind != EdgeKind::Links).map(|edge| edge.weight().note));
            notes.extend(self.note(*concept));
        }
        notes.sort_unstable();
        notes.dedup();
        notes
    }

    /// Returns how many concepts and edges there are.
    pub fn size(&self) -> (usize, usize) {
        (self.n_nodes as usize, self.edges.len() / EDGE_NUMBERS)
    }

    /// Returns every name of the graph, for "did you mean".
    pub fn all_names(&self) -> impl Iterator<Item = &str> {
        (0..self.n_nodes).flat_map(|node| self.names(ConceptId(node)).into_iter().map(|(name, _)| name))
    }
}

/// Returns where the entries of number `at` start and end.
fn bounds(starts: &[u32], at: u32) -> (usize, usize) {
    (starts[at as usize] as usize, starts[at as usize + 1] as usize)
}
