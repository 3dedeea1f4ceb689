//! How do notes and claims become a graph?
//!
//! Names are merged into one concept in one place, here, each merge with its reason.

use std::collections::hash_map::Entry;

use petgraph::graph::{DiGraph, NodeIndex};
use rustc_hash::{FxHashMap, FxHashSet};

use super::resolve::{Resolver, Target};
use super::{Edge, EdgeKind, Graph, Merge, NOWHERE, Source, hashed};
use crate::claim::{Claim, Field, Part, Stance};
use crate::note::{LinkKind, Note};
use crate::text::{key, n_atoms};

/// A node: what a name stands for.
#[derive(Clone, Debug)]
struct Node {
    name: String,
    note: Option<u32>,
    /// Other names with the reason of the merge.
    names: Vec<(String, Merge)>,
    is_resolved: bool,
}

/// True for words of a claim that may be the name of what it speaks of beside its option.
fn may_name(part: &Part) -> bool {
    matches!(part.field, Field::Need | Field::Path | Field::Value) && part.text.len() < 80
}

/// Returns the hashed keys that the graph asks of some claims: of each its words that may be names, then its options.
/// They depend on the claims alone, and making them takes longer than the rest of the graph.
pub fn claim_keys(claims: &[Claim]) -> Vec<u64> {
    let keys = claims.iter().flat_map(|claim| {
        let parts = claim.parts.iter().filter(|part| may_name(part)).map(|part| part.text.as_str());
        parts.chain(claim.picks.iter().map(|pick| pick.name.as_str()))
    });
    keys.map(|name| hashed(&key(name))).collect()
}

/// The nodes of one name: nearly always one, which is found without a second look into memory.
struct Named {
    first: NodeIndex,
    others: Vec<NodeIndex>,
}

impl Named {
    fn nodes(&self) -> impl Iterator<Item = NodeIndex> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }
}

/// The graph as it grows.
pub struct Builder {
    graph: DiGraph<Node, Edge>,
    /// By the hash of the key.
    by_name: FxHashMap<u64, Named>,
    /// Whether each node is an option.
    options: Vec<bool>,
    /// Claims that mention each node in their needs, in their order.
    mentions: Vec<Vec<(u32, u32)>>,
    links: Vec<Vec<Option<Target>>>,
    /// Both ends of each edge from a note: it may have more than one can look through for each claim.
    connected: FxHashSet<(NodeIndex, NodeIndex)>,
    n_notes: usize,
}

impl Builder {
    /// Builds the graph of a vault. Cost: linear in notes, links and claims.
    pub fn build(sources: &[Source<'_>]) -> Self {
        let n_claims: usize = sources.iter().map(|source| source.claims.len()).sum();
        let mut graph = Self {
            graph: DiGraph::with_capacity(2 * sources.len(), n_claims),
            by_name: FxHashMap::default(),
            options: Vec::new(),
            mentions: Vec::new(),
            links: Vec::new(),
            connected: FxHashSet::default(),
            n_notes: sources.len(),
        };
        for (at, source) in sources.iter().enumerate() {
            let note = source.note;
            let name = note.title.clone();
            let node = graph.add_node(Node { name, note: Some(at as u32), names: Vec::new(), is_resolved: true });
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
            let mut keys = source.keys.iter().copied();
            let mut ends = (Vec::new(), Vec::new());
            for (ordinal, claim) in source.claims.iter().enumerate() {
                graph.add_claim((at as u32, ordinal as u32), source.note, claim, &mut keys, &mut ends);
            }
        }
        graph
    }

    fn add_node(&mut self, node: Node) -> NodeIndex {
        self.options.push(false);
        self.mentions.push(Vec::new());
        self.graph.add_node(node)
    }

    fn add_name(&mut self, node: NodeIndex, name: &str, merge: Merge) {
        let key = key(name);
        let hash = hashed(&key);
        if key.is_empty() {
            return;
        }
        match self.by_name.entry(hash) {
            Entry::Vacant(place) => drop(place.insert(Named { first: node, others: Vec::new() })),
            Entry::Occupied(known) if known.get().nodes().any(|known| known == node) => return,
            Entry::Occupied(mut known) => known.get_mut().others.push(node),
        }
        self.graph[node].names.push((name.to_owned(), merge));
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
                    self.connected.insert((from, to));
                    self.graph.add_edge(from, to, Edge { kind: EdgeKind::Links, note: at as u32, line: link.line });
                    // What a link shows is a name of what it leads to, unless it leads inside or is a phrase.
                    let n_words = n_atoms(&link.display);
                    let is_name = link.kind == LinkKind::Wiki && link.subpath.is_empty() && (1..=6).contains(&n_words);
                    if is_name && !self.by_name.contains_key(&hashed(&key(&link.display))) {
                        self.add_name(to, &link.display, Merge::Anchor);
                    }
                } else if link.kind != LinkKind::External && !link.path.is_empty() {
                    self.concept(&link.path, hashed(&key(&link.path)), false);
                }
                targets.push(target);
            }
            self.links.push(targets);
        }
    }

    fn by_alias(&self, name: &str) -> Option<Target> {
        let nodes = self.by_name.get(&hashed(&key(name)))?;
        let notes: Vec<u32> = nodes.nodes().filter_map(|node| self.graph[node].note).collect();
        let (first, rest) = notes.split_first()?;
        rest.is_empty().then_some(Target { note: *first })
    }

    /// Returns the node of a name, making one where there is none.
    fn concept(&mut self, name: &str, hash: u64, is_resolved: bool) -> NodeIndex {
        if let Some(named) = self.by_name.get(&hash) {
            return named.first;
        }
        let node = self.add_node(Node { name: name.trim().to_owned(), note: None, names: Vec::new(), is_resolved });
        self.add_name(node, name.trim(), Merge::Title);
        if let Some(open) = name.find(['(', '（']).filter(|at| *at > 0) {
            let (outside, inside) = (name[..open].trim(), name[open..].trim_matches(['(', ')', '（', '）', ' ']));
            for form in [outside, inside] {
                if n_atoms(form) <= 5 && !self.by_name.contains_key(&hashed(&key(form))) && form.len() > 1 {
                    self.add_name(node, form, Merge::Bracket);
                }
            }
        }
        node
    }

    /// `keys` are those of [`claim_keys`], from this claim on; `ends` is room for the needs and options of a claim.
    fn add_claim(
        &mut self,
        (note, ordinal): (u32, u32),
        source: &Note,
        claim: &Claim,
        keys: &mut impl Iterator<Item = u64>,
        ends: &mut (Vec<NodeIndex>, Vec<NodeIndex>),
    ) {
        let (needs, options) = (&mut ends.0, &mut ends.1);
        needs.clear();
        options.clear();
        for hash in keys.by_ref().take(claim.parts.iter().filter(|part| may_name(part)).count()) {
            needs.extend(self.by_name.get(&hash).into_iter().flat_map(Named::nodes));
        }
        for (pick, hash) in claim.picks.iter().zip(keys) {
            let option = self.concept(&pick.name, hash, true);
            options.push(option);
            // What has no key of its own is no option that a question can ask for.
            self.options[option.index()] |= self.by_name.contains_key(&hash);
        }
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
                if from != *option && self.connected.insert((from, *option)) {
                    self.graph.add_edge(from, *option, Edge { kind: EdgeKind::Mentions, ..edge });
                }
            }
            for need in &*needs {
                if need.index() < self.n_notes {
                    self.connected.insert((*need, *option));
                }
                self.graph.add_edge(*need, *option, edge);
            }
        }
        for node in &*needs {
            self.mentions[node.index()].push((note, ordinal));
        }
    }

    /// Returns the graph in the form that questions read.
    pub fn freeze(self) -> Graph {
        let mut graph = Graph { n_nodes: self.graph.node_count() as u32, ..Graph::default() };
        for (at, node) in self.graph.node_weights().enumerate() {
            graph.name_starts.push(graph.name_ends.len() as u32);
            graph.notes.push(node.note.unwrap_or(NOWHERE));
            graph.resolved.push(u32::from(node.is_resolved));
            let own = [(node.name.as_str(), Merge::Title)];
            for (name, merge) in own.into_iter().chain(node.names.iter().map(|(name, merge)| (name.as_str(), *merge))) {
                graph.names.push_str(name);
                graph.name_ends.push(graph.names.len() as u32);
                graph.merges.push(merge as u32);
            }
            graph.mention_starts.push(graph.mentions.len() as u32);
            graph.mentions.extend(&self.mentions[at]);
        }
        graph.name_starts.push(graph.name_ends.len() as u32);
        graph.mention_starts.push(graph.mentions.len() as u32);
        let mut keys: Vec<(u64, usize, u32)> = Vec::with_capacity(self.by_name.len());
        for (hash, nodes) in &self.by_name {
            keys.extend(nodes.nodes().enumerate().map(|(at, node)| (*hash, at, node.index() as u32)));
        }
        graph.options = (0..).zip(&self.options).filter(|(_, is_option)| **is_option).map(|(node, _)| node).collect();
        keys.sort_unstable();
        graph.keys = keys.iter().map(|(key, ..)| *key).collect();
        graph.key_nodes = keys.iter().map(|(.., node)| *node).collect();
        for links in &self.links {
            graph.link_starts.push(graph.links.len() as u32);
            graph.links.extend(links.iter().map(|target| target.as_ref().map_or(NOWHERE, |target| target.note)));
        }
        graph.link_starts.push(graph.links.len() as u32);
        graph.edges.reserve_exact(5 * self.graph.edge_count());
        for edge in self.graph.raw_edges() {
            let Edge { kind, note, line } = edge.weight;
            graph.edges.extend([edge.source().index() as u32, edge.target().index() as u32, kind as u32, note, line]);
        }
        graph
    }
}
