//! How are two names connected, and what is around one?
//!
//! The graph as a person looks at it: notes, options, and the needs and criteria that claims join them by, each edge
//! with the line that states it. Made from notes and claims when it is asked for, since questions need none of it.
//! Paths are the k shortest without loops (Yen's algorithm over petgraph's A*), where a node that joins everything, such
//! as an index note, costs more to pass.

use std::collections::BTreeSet;

use petgraph::algo::astar;
use petgraph::graph::{NodeIndex, UnGraph};
use petgraph::visit::{EdgeFiltered, EdgeRef};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{ConceptId, Graph, NOWHERE, Source};
use crate::claim::{Joined, Kind, Says, facts};
use crate::note::LinkKind;
use crate::text::key;

/// A need longer than this is a sentence, and no node.
const NEED_LIMIT: usize = 160;

/// What a node stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeKind {
    /// A note, which may be an option too.
    Note,
    /// An option of some claim.
    Option,
    /// A need or criterion.
    Need,
    /// What links lead to, nobody wrote and nothing is stated of.
    Missing,
}

impl NodeKind {
    /// Returns the word for JSON and legends.
    pub fn label(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Option => "option",
            Self::Need => "need",
            Self::Missing => "missing",
        }
    }
}

/// A node as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The name it goes by.
    pub name: String,
    /// What it stands for.
    pub kind: NodeKind,
    /// Index of its note, where it has one.
    pub note: Option<u32>,
}

/// An edge as a line of a note states it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stated {
    /// Node where it starts.
    pub from: u32,
    /// Node where it leads.
    pub to: u32,
    /// What connects: `recommends`, `has`, `links` and so on.
    pub edge: &'static str,
    /// Index of the note that says so.
    pub note: u32,
    /// The line.
    pub line: u32,
    /// The value, where the edge has one.
    pub text: Option<String>,
}

/// One way from a name to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Its edges in the order of the way; each may be gone against its direction.
    pub steps: Vec<Stated>,
    /// The nodes on the way, the two ends included.
    pub nodes: Vec<u32>,
}

/// A part of the graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Piece {
    /// Its nodes, nearest first.
    pub nodes: Vec<u32>,
    /// The edges among them, one for each pair, direction and kind.
    pub edges: Vec<Stated>,
    /// How many nodes within reach were left out.
    pub n_left_out: usize,
}

/// Two nodes that lines connect.
struct Joint {
    /// The line that says it best, in [`View::stated`].
    best: usize,
    cost: u32,
}

/// Notes, options and needs with the lines that connect them.
pub struct View {
    nodes: Vec<Node>,
    stated: Vec<Stated>,
    graph: UnGraph<(), Joint>,
}

/// Returns how far apart an edge of a kind leaves its ends: what a line decides is nearer than what it mentions.
fn cost(edge: &str) -> u32 {
    match edge {
        "mentions" => 14,
        "pro" | "con" | "alternative" => 11,
        _ => 10,
    }
}

impl View {
    /// Builds the view. Cost: linear in notes, links and claims.
    pub fn build(graph: &Graph, sources: &[Source<'_>]) -> Self {
        let mut building = Building { graph, nodes: Vec::new(), needs: FxHashMap::default(), stated: Vec::new() };
        building.nodes.extend((0..graph.n_nodes).map(|node| {
            let concept = ConceptId(node);
            let note = graph.note(concept);
            let kind = match (note, graph.resolved[node as usize], graph.is_option(concept)) {
                (Some(_), ..) => NodeKind::Note,
                // Until something is stated of it.
                (None, 0, _) => NodeKind::Missing,
                (None, _, true) => NodeKind::Option,
                (None, _, false) => NodeKind::Need,
            };
            Node { name: graph.name(concept).to_owned(), kind, note }
        }));
        for (at, source) in sources.iter().enumerate() {
            let linked = building.links(at as u32, source);
            building.claims(at as u32, source, linked);
        }
        building.finish()
    }

    /// Returns a node.
    pub fn node(&self, node: u32) -> &Node {
        &self.nodes[node as usize]
    }

    /// Returns the node of a concept.
    pub fn of(&self, concept: ConceptId) -> u32 {
        concept.0
    }

    /// Returns up to `k` ways between two nodes, shortest first; none where nothing connects them.
    ///
    /// Cost: for each a search of the graph from each of its nodes.
    pub fn paths(&self, from: u32, to: u32, k: usize) -> Vec<Path> {
        let (from, to) = (NodeIndex::new(from as usize), NodeIndex::new(to as usize));
        let mut found: Vec<Vec<NodeIndex>> = Vec::new();
        let mut open: BTreeSet<(u32, Vec<NodeIndex>)> = BTreeSet::new();
        if from == to {
            return Vec::new();
        }
        open.extend(self.search(from, to, &FxHashSet::default(), &FxHashSet::default()));
        while let Some((_, path)) = open.pop_first() {
            found.push(path);
            if found.len() >= k {
                break;
            }
            // The next best way leaves one of the ways found at some node of it.
            let last = &found[found.len() - 1];
            for spur in 0..last.len() - 1 {
                let root = &last[..=spur];
                let closed: FxHashSet<NodeIndex> = root[..spur].iter().copied().collect();
                let taken: FxHashSet<(NodeIndex, NodeIndex)> = found
                    .iter()
                    .filter(|path| path.len() > spur + 1 && path[..=spur] == *root)
                    .flat_map(|path| [(path[spur], path[spur + 1]), (path[spur + 1], path[spur])])
                    .collect();
                if let Some((_, rest)) = self.search(last[spur], to, &closed, &taken) {
                    let path = [&root[..spur], &rest].concat();
                    open.insert((self.length(&path), path));
                }
            }
            open.retain(|(_, path)| !found.contains(path));
        }
        found.into_iter().map(|path| self.told(&path)).collect()
    }

    fn search(
        &self,
        from: NodeIndex,
        to: NodeIndex,
        closed: &FxHashSet<NodeIndex>,
        taken: &FxHashSet<(NodeIndex, NodeIndex)>,
    ) -> Option<(u32, Vec<NodeIndex>)> {
        let open = EdgeFiltered::from_fn(&self.graph, |edge: petgraph::graph::EdgeReference<'_, Joint>| {
            !closed.contains(&edge.source())
                && !closed.contains(&edge.target())
                && !taken.contains(&(edge.source(), edge.target()))
        });
        astar(&open, from, |node| node == to, |edge| edge.weight().cost + self.toll(edge.target(), to), |_| 0)
    }

    /// What it costs to pass a node: one that joins everything explains nothing.
    fn toll(&self, node: NodeIndex, end: NodeIndex) -> u32 {
        if node == end { 0 } else { 2 * self.graph.edges(node).count().max(1).ilog2() }
    }

    fn length(&self, path: &[NodeIndex]) -> u32 {
        let Some(end) = path.last() else { return 0 };
        let edges = path.windows(2).filter_map(|pair| {
            let edge = self.graph.find_edge(pair[0], pair[1])?;
            Some(self.graph[edge].cost + self.toll(pair[1], *end))
        });
        edges.sum()
    }

    fn told(&self, path: &[NodeIndex]) -> Path {
        let steps = path.windows(2).filter_map(|pair| {
            let edge = self.graph.find_edge(pair[0], pair[1])?;
            Some(self.stated[self.graph[edge].best].clone())
        });
        Path { steps: steps.collect(), nodes: path.iter().map(|node| node.index() as u32).collect() }
    }

    /// Returns what is at most `depth` edges from a node, at most `limit` nodes: the nearest, those with more edges
    /// first. Cost: linear in what is within reach.
    pub fn around(&self, center: u32, depth: usize, limit: usize) -> Piece {
        let center = NodeIndex::new(center as usize);
        let mut seen = FxHashSet::from_iter([center]);
        let mut nodes = vec![center];
        let mut rim = vec![center];
        for _ in 0..depth {
            let mut next: Vec<NodeIndex> = Vec::new();
            for node in rim {
                next.extend(self.graph.neighbors(node).filter(|other| seen.insert(*other)));
            }
            self.sort(&mut next);
            nodes.extend(&next);
            rim = next;
        }
        self.piece(nodes, limit)
    }

    /// Returns the whole graph, at most `limit` nodes: those with more edges first.
    pub fn whole(&self, limit: usize) -> Piece {
        let mut nodes: Vec<NodeIndex> = self.graph.node_indices().collect();
        self.sort(&mut nodes);
        self.piece(nodes, limit)
    }

    fn sort(&self, nodes: &mut [NodeIndex]) {
        nodes.sort_by_cached_key(|node| {
            let name = &self.nodes[node.index()].name;
            (usize::MAX - self.graph.edges(*node).count(), name.clone(), *node)
        });
    }

    fn piece(&self, mut nodes: Vec<NodeIndex>, limit: usize) -> Piece {
        let n_left_out = nodes.len().saturating_sub(limit);
        nodes.truncate(limit);
        let nodes: Vec<u32> = nodes.into_iter().map(|node| node.index() as u32).collect();
        let inside: FxHashSet<u32> = nodes.iter().copied().collect();
        let mut edges: Vec<Stated> = Vec::new();
        let mut seen: FxHashSet<(u32, u32, &str)> = FxHashSet::default();
        // They are sorted, so that the first of a kind is the first in the notes.
        for stated in &self.stated {
            let is_inside = inside.contains(&stated.from) && inside.contains(&stated.to);
            if is_inside && seen.insert((stated.from, stated.to, stated.edge)) {
                edges.push(stated.clone());
            }
        }
        Piece { nodes, edges, n_left_out }
    }
}

/// The view as it grows.
struct Building<'a> {
    graph: &'a Graph,
    nodes: Vec<Node>,
    /// Nodes of needs that are no name, by their key.
    needs: FxHashMap<String, u32>,
    stated: Vec<Stated>,
}

impl Building<'_> {
    /// Adds the links of a note and returns where they lead.
    fn links(&mut self, note: u32, source: &Source<'_>) -> FxHashSet<u32> {
        let mut linked = FxHashSet::default();
        for (at, link) in source.note.links.iter().enumerate().filter(|(_, link)| link.kind != LinkKind::External) {
            let to = match self.graph.target(note, at) {
                Some(target) => Some(target.note),
                None if link.path.is_empty() => None,
                None => self.graph.named(&link.path).first().map(|concept| concept.0),
            };
            let edge = if link.kind == LinkKind::Embed { "embeds" } else { "links" };
            if let Some(to) = to.filter(|to| *to != note && *to != NOWHERE) {
                self.stated.push(Stated { from: note, to, edge, note, line: link.line, text: None });
                linked.insert(to);
            }
        }
        linked
    }

    /// Adds what a note claims; what it links to needs no edge that says it is spoken of.
    fn claims(&mut self, note: u32, source: &Source<'_>, mut spoken: FxHashSet<u32>) {
        for claim in source.claims {
            // Of a table that may be read in two ways, what the better one says.
            let is_table = matches!(claim.kind, Kind::Decision | Kind::ColumnCell | Kind::OptionRow);
            if is_table && claim.prior < 1.0 {
                continue;
            }
            let line = claim.lines.0;
            for fact in facts(claim) {
                let Some(option) = self.graph.option(&fact.pick.name).map(|option| option.0) else { continue };
                if spoken.insert(option) && option != note {
                    let edge = Says::Mentioned.label();
                    self.stated.push(Stated { from: note, to: option, edge, note, line, text: None });
                }
                if fact.says == Says::Mentioned {
                    continue;
                }
                if let Some(node) = self.nodes.get_mut(option as usize).filter(|node| node.kind == NodeKind::Missing) {
                    node.kind = NodeKind::Option;
                    // So far it went by the address that links have for it.
                    fact.pick.name.trim().clone_into(&mut node.name);
                }
                for need in fact.needs.iter().filter(|need| !need.is_label) {
                    let Some(need) = need_node(self.graph, &mut self.nodes, &mut self.needs, need.text) else {
                        continue;
                    };
                    let edge = fact.says.label();
                    let text = fact.text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
                    let (from, to) = match fact.says {
                        Says::Recommended | Says::Alternative | Says::Opposed => (need, option),
                        _ => (option, need),
                    };
                    if from != to {
                        self.stated.push(Stated { from, to, edge, note, line, text });
                    }
                }
            }
            if claim.join == Joined::Combine && claim.kind != Kind::Lookup {
                for pair in claim.picks.windows(2) {
                    let ends = self.graph.option(&pair[0].name).zip(self.graph.option(&pair[1].name));
                    if let Some((from, to)) = ends.filter(|(from, to)| from != to) {
                        let (from, to) = (from.0, to.0);
                        self.stated.push(Stated { from, to, edge: "with", note, line, text: None });
                    }
                }
            }
        }
    }

    fn finish(mut self) -> View {
        let order = |stated: &Stated| (stated.from.min(stated.to), stated.from.max(stated.to), cost(stated.edge));
        self.stated.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| (a.note, a.line, a).cmp(&(b.note, b.line, b))));
        self.stated.dedup();
        let mut graph = UnGraph::with_capacity(self.nodes.len(), self.stated.len());
        for _ in &self.nodes {
            graph.add_node(());
        }
        let mut last = None;
        for (best, stated) in self.stated.iter().enumerate() {
            let (low, high, cost) = order(stated);
            if last != Some((low, high)) {
                last = Some((low, high));
                graph.add_edge(NodeIndex::new(low as usize), NodeIndex::new(high as usize), Joint { best, cost });
            }
        }
        View { nodes: self.nodes, stated: self.stated, graph }
    }
}

/// Returns the node of a need: that of its name where it is one, else one of its own.
fn need_node(graph: &Graph, nodes: &mut Vec<Node>, needs: &mut FxHashMap<String, u32>, text: &str) -> Option<u32> {
    let key = key(text);
    if key.is_empty() || text.len() > NEED_LIMIT {
        return None;
    }
    if let Some(concept) = graph.option(text) {
        return Some(concept.0);
    }
    Some(*needs.entry(key).or_insert_with(|| {
        nodes.push(Node { name: text.trim().replace(['\n', '\r'], " "), kind: NodeKind::Need, note: None });
        nodes.len() as u32 - 1
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nodes 0 to 4; the hub 4 joins everything, the way over 1 and 2 is longer by one edge.
    fn view() -> View {
        let edges = [(0, 1), (1, 2), (2, 3), (0, 4), (4, 3), (4, 5), (4, 6), (4, 7), (4, 8), (4, 9), (4, 10), (4, 11)];
        let node = |at: usize| Node { name: format!("n{at}"), kind: NodeKind::Need, note: None };
        let stated = |(from, to)| Stated { from, to, edge: "links", note: 0, line: from * 10 + to, text: None };
        let graph = Graph::default();
        let building = Building {
            graph: &graph,
            nodes: (0..13).map(node).collect(),
            needs: FxHashMap::default(),
            stated: edges.map(stated).to_vec(),
        };
        building.finish()
    }

    #[test]
    fn paths_come_by_length_and_have_no_loops() {
        let view = view();
        let paths: Vec<Vec<u32>> = view.paths(0, 3, 5).into_iter().map(|path| path.nodes).collect();
        assert_eq!(paths, [vec![0, 4, 3], vec![0, 1, 2, 3]]);
        let lines: Vec<u32> = view.paths(3, 0, 1)[0].steps.iter().map(|step| step.line).collect();
        assert_eq!(lines, [43, 4], "each step has its line, also against its direction");
        assert_eq!((view.paths(0, 12, 3), view.paths(1, 1, 3)), (Vec::new(), Vec::new()));
    }

    #[test]
    fn a_piece_keeps_what_is_near() {
        let view = view();
        let piece = view.around(1, 1, 10);
        assert_eq!((piece.nodes, piece.edges.len(), piece.n_left_out), (vec![1, 0, 2], 2, 0));
        let piece = view.around(0, 2, 3);
        assert_eq!((piece.nodes, piece.n_left_out), (vec![0, 4, 1], 9));
        assert_eq!(view.whole(2).nodes, [4, 0]);
    }
}
