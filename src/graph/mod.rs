//! What is this name, what is near it, and how are two things connected?
//!
//! A petgraph of notes and concepts. Names are merged into one concept in one place, here, each merge with its reason.
//! Edges carry the line that states them. Rebuilt in full for each generation; node indices never leave this module.

mod resolve;

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use rustc_hash::FxHashMap;

pub use resolve::{Resolver, Target};

use crate::claim::{Claim, Field, Stance};
use crate::note::{LinkKind, Note};
use crate::text::{atoms, key};

/// A note or concept; valid within one generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConceptId(u32);

/// A node: what a name stands for.
#[derive(Clone, Debug)]
struct Node {
    name: String,
    note: Option<u32>,
    /// Other names with the reason of the merge.
    names: Vec<(String, Merge)>,
    is_resolved: bool,
}

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

/// The concept graph of one generation.
pub struct Graph {
    graph: DiGraph<Node, Edge>,
    by_name: FxHashMap<String, Vec<NodeIndex>>,
    /// Concepts that each claim mentions in its needs, by note and claim.
    mentions: FxHashMap<NodeIndex, Vec<(u32, u32)>>,
    of_claim: FxHashMap<(u32, u32), Vec<NodeIndex>>,
    links: Vec<Vec<Option<Target>>>,
}

/// What the graph is built from: a note and its claims.
pub struct Source<'a> {
    /// The note.
    pub note: &'a Note,
    /// Its claims.
    pub claims: &'a [Claim],
}

impl Graph {
    /// Builds the graph of a vault. Cost: linear in notes, links and claims.
    pub fn build(sources: &[Source<'_>]) -> Self {
        let mut graph = Self {
            graph: DiGraph::new(),
            by_name: FxHashMap::default(),
            mentions: FxHashMap::default(),
            of_claim: FxHashMap::default(),
            links: Vec::new(),
        };
        for (at, source) in sources.iter().enumerate() {
            let note = source.note;
            let node = graph.graph.add_node(Node {
                name: note.title.clone(),
                note: Some(at as u32),
                names: Vec::new(),
                is_resolved: true,
            });
            graph.add_name(node, &note.title, Merge::Title);
            graph.add_name(node, note.stem(), Merge::Title);
        }
        for (at, source) in sources.iter().enumerate() {
            for alias in &source.note.aliases {
                graph.add_name(NodeIndex::new(at), alias, Merge::Alias);
            }
        }
        graph.add_links(sources);
        for (at, source) in sources.iter().enumerate() {
            for (ordinal, claim) in source.claims.iter().enumerate() {
                graph.add_claim(at as u32, ordinal as u32, source.note, claim);
            }
        }
        graph
    }

    fn add_name(&mut self, node: NodeIndex, name: &str, merge: Merge) {
        let key = key(name);
        let known = &mut self.graph[node];
        if key.is_empty() || known.names.iter().any(|(other, _)| self::key(other) == key) {
            return;
        }
        known.names.push((name.to_owned(), merge));
        let nodes = self.by_name.entry(key).or_default();
        if !nodes.contains(&node) {
            nodes.push(node);
        }
    }

    fn add_links(&mut self, sources: &[Source<'_>]) {
        let resolver = Resolver::new(sources.iter().map(|source| source.note.path.as_str()));
        for (at, source) in sources.iter().enumerate() {
            let mut targets = Vec::with_capacity(source.note.links.len());
            for link in &source.note.links {
                let target = if link.kind == LinkKind::External {
                    None
                } else {
                    resolver.resolve(&link.path, at as u32, &source.note.path)
                };
                let target = target.or_else(|| self.by_alias(&link.path).filter(|_| link.kind != LinkKind::External));
                if let Some(target) = &target {
                    let (from, to) = (NodeIndex::new(at), NodeIndex::new(target.note as usize));
                    self.graph.add_edge(from, to, Edge { kind: EdgeKind::Links, note: at as u32, line: link.line });
                    // What a link shows is a name of what it leads to, unless it leads inside or is a phrase.
                    let n_words = atoms(&link.display).len();
                    let is_name = link.kind == LinkKind::Wiki && link.subpath.is_empty() && (1..=6).contains(&n_words);
                    if is_name && !self.by_name.contains_key(&key(&link.display)) {
                        self.add_name(to, &link.display, Merge::Anchor);
                    }
                } else if link.kind != LinkKind::External && !link.path.is_empty() {
                    self.concept(&link.path, false);
                }
                targets.push(target);
            }
            self.links.push(targets);
        }
    }

    fn by_alias(&self, name: &str) -> Option<Target> {
        let nodes = self.by_name.get(&key(name))?;
        let notes: Vec<u32> = nodes.iter().filter_map(|node| self.graph[*node].note).collect();
        let (first, rest) = notes.split_first()?;
        rest.is_empty().then_some(Target { note: *first })
    }

    /// Returns the node of a name, making one where there is none.
    fn concept(&mut self, name: &str, is_resolved: bool) -> NodeIndex {
        if let Some(node) = self.by_name.get(&key(name)).and_then(|nodes| nodes.first()) {
            return *node;
        }
        let node =
            self.graph.add_node(Node { name: name.trim().to_owned(), note: None, names: Vec::new(), is_resolved });
        self.add_name(node, name.trim(), Merge::Title);
        if let Some(open) = name.find(['(', '（']).filter(|at| *at > 0) {
            let (outside, inside) = (name[..open].trim(), name[open..].trim_matches(['(', ')', '（', '）', ' ']));
            for form in [outside, inside] {
                if atoms(form).len() <= 5 && !self.by_name.contains_key(&key(form)) && form.len() > 1 {
                    self.add_name(node, form, Merge::Bracket);
                }
            }
        }
        node
    }

    fn add_claim(&mut self, note: u32, ordinal: u32, source: &Note, claim: &Claim) {
        let mut needs: Vec<NodeIndex> = Vec::new();
        for part in claim
            .parts
            .iter()
            .filter(|part| matches!(part.field, Field::Need | Field::Path | Field::Value) && part.text.len() < 80)
        {
            needs.extend(self.by_name.get(&key(&part.text)).into_iter().flatten());
        }
        let options: Vec<NodeIndex> = claim.picks.iter().map(|pick| self.concept(&pick.name, true)).collect();
        let first_link = source.links.partition_point(|link| link.line < claim.lines.0);
        for (link, target) in source.links[first_link..].iter().zip(&self.links[note as usize][first_link..]) {
            if link.line > claim.lines.1 {
                break;
            }
            needs.extend(target.as_ref().map(|target| NodeIndex::new(target.note as usize)));
        }
        needs.sort_unstable();
        needs.dedup();
        needs.retain(|need| !options.contains(need));
        for (option, pick) in options.iter().zip(&claim.picks) {
            let kind = if pick.stance == Stance::Against { EdgeKind::Opposes } else { EdgeKind::Recommends };
            let edge = Edge { kind, note, line: claim.lines.0 };
            if needs.is_empty() {
                let from = NodeIndex::new(note as usize);
                if from != *option && self.graph.find_edge(from, *option).is_none() {
                    self.graph.add_edge(from, *option, Edge { kind: EdgeKind::Mentions, ..edge });
                }
            }
            for need in &needs {
                self.graph.add_edge(*need, *option, edge);
            }
        }
        for node in &needs {
            self.mentions.entry(*node).or_default().push((note, ordinal));
        }
        self.of_claim.insert((note, ordinal), needs);
    }

    /// Returns the concepts of a name: exact, folded; several where it is ambiguous.
    pub fn named(&self, name: &str) -> Vec<ConceptId> {
        self.by_name.get(&key(name)).into_iter().flatten().map(|node| ConceptId(node.index() as u32)).collect()
    }

    /// Returns the concept that an option's name stands for, the first where it is ambiguous.
    pub fn option(&self, name: &str) -> Option<ConceptId> {
        self.named(name).into_iter().next()
    }

    /// Returns the name a concept goes by.
    pub fn name(&self, concept: ConceptId) -> &str {
        &self.graph[NodeIndex::new(concept.0 as usize)].name
    }

    /// Returns all names of a concept, each with why it is one.
    pub fn names(&self, concept: ConceptId) -> &[(String, Merge)] {
        &self.graph[NodeIndex::new(concept.0 as usize)].names
    }

    /// Returns the note of a concept, where it has its own.
    pub fn note(&self, concept: ConceptId) -> Option<u32> {
        self.graph[NodeIndex::new(concept.0 as usize)].note
    }

    /// Returns the concept of a note.
    pub fn of_note(&self, note: u32) -> ConceptId {
        ConceptId(note)
    }

    /// Returns the claims that mention a concept beside their option, by note and ordinal.
    pub fn claims_about(&self, concept: ConceptId) -> &[(u32, u32)] {
        self.mentions.get(&NodeIndex::new(concept.0 as usize)).map_or(&[], Vec::as_slice)
    }

    /// True when the claim mentions the concept beside its option.
    pub fn mentions(&self, note: u32, ordinal: u32, concept: ConceptId) -> bool {
        self.of_claim.get(&(note, ordinal)).is_some_and(|nodes| nodes.contains(&NodeIndex::new(concept.0 as usize)))
    }

    /// Returns where link number `link` of a note leads.
    pub fn target(&self, note: u32, link: usize) -> Option<&Target> {
        self.links[note as usize][link].as_ref()
    }

    /// Returns the links that lead to a note: source note and line, sorted.
    pub fn backlinks(&self, note: u32) -> Vec<(u32, u32)> {
        let edges = self.graph.edges_directed(NodeIndex::new(note as usize), Direction::Incoming);
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
        let mut counts: FxHashMap<NodeIndex, (usize, Step)> = FxHashMap::default();
        for edge in self.graph.edges(node).chain(self.graph.edges_directed(node, Direction::Incoming)) {
            let other = if edge.source() == node { edge.target() } else { edge.source() };
            if other != node && self.graph[other].is_resolved {
                let step = Step {
                    from: self.graph[edge.source()].name.clone(),
                    edge: edge.weight().kind.label(),
                    to: self.graph[edge.target()].name.clone(),
                    note: edge.weight().note,
                    line: edge.weight().line,
                };
                counts.entry(other).or_insert((0, step)).0 += 1;
            }
        }
        let mut near: Vec<_> = counts.into_iter().collect();
        near.sort_by(|(a, (n_a, _)), (b, (n_b, _))| {
            n_b.cmp(n_a).then_with(|| self.graph[*a].name.cmp(&self.graph[*b].name))
        });
        near.into_iter().map(|(node, (_, step))| (ConceptId(node.index() as u32), step)).collect()
    }

    /// Returns how many concepts and edges there are.
    pub fn size(&self) -> (usize, usize) {
        (self.graph.node_count(), self.graph.edge_count())
    }

    /// Returns every name of the graph, for "did you mean".
    pub fn all_names(&self) -> impl Iterator<Item = &str> {
        self.graph.node_weights().flat_map(|node| node.names.iter().map(|(name, _)| name.as_str()))
    }
}
