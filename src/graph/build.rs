//! How do notes and claims become a graph?
//!
//! Names are merged into one concept in one place, here, each merge with its reason.

use petgraph::graph::{DiGraph, NodeIndex};
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

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

/// The graph as it grows.
pub struct Builder {
    graph: DiGraph<Node, Edge>,
    /// By the hash of the key.
    by_name: FxHashMap<u64, Vec<NodeIndex>>,
    options: FxHashSet<NodeIndex>,
    /// Claims that mention each concept in their needs, in their order.
    mentions: FxHashMap<NodeIndex, Vec<(u32, u32)>>,
    links: Vec<Vec<Option<Target>>>,
    /// Both ends of each edge: a node may have more than one can look through for each claim.
    connected: FxHashSet<(NodeIndex, NodeIndex)>,
}

impl Builder {
    /// Builds the graph of a vault. Cost: linear in notes, links and claims.
    pub fn build(sources: &[Source<'_>]) -> Self {
        let n_claims: usize = sources.iter().map(|source| source.claims.len()).sum();
        let mut graph = Self {
            graph: DiGraph::with_capacity(2 * sources.len(), n_claims),
            by_name: FxHashMap::default(),
            options: FxHashSet::default(),
            mentions: FxHashMap::default(),
            links: Vec::new(),
            connected: FxHashSet::with_capacity_and_hasher(n_claims, FxBuildHasher),
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
            let mut keys = source.keys.iter().copied();
            for (ordinal, claim) in source.claims.iter().enumerate() {
                graph.add_claim((at as u32, ordinal as u32), source.note, claim, &mut keys);
            }
        }
        graph
    }

    fn add_name(&mut self, node: NodeIndex, name: &str, merge: Merge) {
        let key = key(name);
        let hash = hashed(&key);
        if key.is_empty() {
            return;
        }
        let nodes = self.by_name.entry(hash).or_default();
        if !nodes.contains(&node) {
            nodes.push(node);
            self.graph[node].names.push((name.to_owned(), merge));
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
        let notes: Vec<u32> = nodes.iter().filter_map(|node| self.graph[*node].note).collect();
        let (first, rest) = notes.split_first()?;
        rest.is_empty().then_some(Target { note: *first })
    }

    /// Returns the node of a name, making one where there is none.
    fn concept(&mut self, name: &str, hash: u64, is_resolved: bool) -> NodeIndex {
        if let Some(node) = self.by_name.get(&hash).and_then(|nodes| nodes.first()) {
            return *node;
        }
        let node =
            self.graph.add_node(Node { name: name.trim().to_owned(), note: None, names: Vec::new(), is_resolved });
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

    /// `keys` are those of [`claim_keys`], from this claim on.
    fn add_claim(
        &mut self,
        (note, ordinal): (u32, u32),
        source: &Note,
        claim: &Claim,
        keys: &mut impl Iterator<Item = u64>,
    ) {
        let mut needs: Vec<NodeIndex> = Vec::new();
        for hash in keys.by_ref().take(claim.parts.iter().filter(|part| may_name(part)).count()) {
            needs.extend(self.by_name.get(&hash).into_iter().flatten());
        }
        let mut options: Vec<NodeIndex> = Vec::with_capacity(claim.picks.len());
        for (pick, hash) in claim.picks.iter().zip(keys) {
            options.push(self.concept(&pick.name, hash, true));
            self.options.extend(self.by_name.get(&hash).and_then(|nodes| nodes.first()));
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
            for need in &needs {
                self.connected.insert((*need, *option));
                self.graph.add_edge(*need, *option, edge);
            }
        }
        for node in &needs {
            self.mentions.entry(*node).or_default().push((note, ordinal));
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
            graph.mentions.extend(self.mentions.get(&NodeIndex::new(at)).into_iter().flatten());
        }
        graph.name_starts.push(graph.name_ends.len() as u32);
        graph.mention_starts.push(graph.mentions.len() as u32);
        let mut keys: Vec<(u64, usize, u32)> = Vec::with_capacity(self.by_name.len());
        for (hash, nodes) in &self.by_name {
            keys.extend(nodes.iter().enumerate().map(|(at, node)| (*hash, at, node.index() as u32)));
        }
        graph.options = self.options.iter().map(|node| node.index() as u32).collect();
        graph.options.sort_unstable();
        keys.sort_unstable();
        graph.keys = keys.iter().map(|(key, ..)| *key).collect();
        graph.key_nodes = keys.iter().map(|(.., node)| *node).collect();
        for links in &self.links {
            graph.link_starts.push(graph.links.len() as u32);
            graph.links.extend(links.iter().map(|target| target.as_ref().map_or(NOWHERE, |target| target.note)));
        }
        graph.link_starts.push(graph.links.len() as u32);
        for edge in self.graph.raw_edges() {
            let Edge { kind, note, line } = edge.weight;
            graph.edges.extend([edge.source().index() as u32, edge.target().index() as u32, kind as u32, note, line]);
        }
        graph
    }
}
