//! How does a piece of the graph travel: as Mermaid, DOT, JSON, and as a picture that `chart` draws?
//!
//! Names are shortened for drawings and whole in JSON. Whatever a name holds, it cannot end its label.

use std::fmt::Write;

use rustc_hash::FxHashMap;
use serde::Serialize;

use super::clean;
use crate::generation::Generation;
use crate::graph::{NodeKind, Piece, Stated, View};
use crate::text::width;

/// Labels are cut after this many cells.
const LABEL_WIDTH: usize = 40;
/// Values on edges are cut after this many.
const VALUE_WIDTH: usize = 20;

/// A piece of the graph with all that a drawing says of it.
#[derive(Clone, Debug, Serialize)]
pub struct Drawing {
    schema: u32,
    /// The name it was drawn around.
    around: Option<String>,
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
    /// How many nodes within reach are not drawn.
    left_out: usize,
    generation: u64,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Node {
    pub(super) id: usize,
    pub(super) name: String,
    pub(super) kind: &'static str,
    note: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) edge: &'static str,
    value: Option<String>,
    note: String,
    line: u32,
}

impl Drawing {
    /// Returns a piece of the graph, ready to be drawn.
    pub fn new(around: Option<&str>, piece: &Piece, generation: &Generation, view: &View) -> Self {
        let path_of = |note: u32| generation.entries[note as usize].note.path.clone();
        let ids: FxHashMap<u32, usize> = piece.nodes.iter().copied().zip(0..).collect();
        let at = |node: u32| ids.get(&node).copied();
        let edge = |stated: &Stated| {
            Some(Edge {
                from: at(stated.from)?,
                to: at(stated.to)?,
                edge: stated.edge,
                value: stated.text.clone(),
                note: path_of(stated.note),
                line: stated.line,
            })
        };
        let nodes = piece.nodes.iter().enumerate().map(|(id, node)| {
            let node = view.node(*node);
            Node { id, name: node.name.clone(), kind: node.kind.label(), note: node.note.map(path_of) }
        });
        Self {
            schema: 1,
            around: around.map(str::to_owned),
            nodes: nodes.collect(),
            edges: piece.edges.iter().filter_map(edge).collect(),
            left_out: piece.n_left_out,
            generation: generation.number,
        }
    }

    /// Returns how many nodes within reach are not drawn.
    pub fn n_left_out(&self) -> usize {
        self.left_out
    }

    /// Returns it as a Mermaid flowchart.
    pub fn mermaid(&self) -> String {
        let mut out = "flowchart LR\n".to_owned();
        for node in &self.nodes {
            let label = mermaid_escaped(&short(&node.name, LABEL_WIDTH));
            let _ = match node.kind {
                "note" => writeln!(out, "  n{}[[\"{label}\"]]:::note", node.id),
                "option" => writeln!(out, "  n{}([\"{label}\"]):::option", node.id),
                "need" => writeln!(out, "  n{}[\"{label}\"]:::need", node.id),
                _ => writeln!(out, "  n{}[\"{label}\"]:::missing", node.id),
            };
        }
        for edge in &self.edges {
            let arrow = if is_faint(edge.edge) { "-.->" } else { "-->" };
            let _ = writeln!(out, "  n{} {arrow}|\"{}\"| n{}", edge.from, mermaid_escaped(&edge.label()), edge.to);
        }
        for (kind, [fill, line]) in PALETTE {
            let dash = if kind == NodeKind::Missing { ",stroke-dasharray:4 3" } else { "" };
            let _ = writeln!(out, "  classDef {} fill:{fill},stroke:{line},color:#1b1f24{dash}", kind.label());
        }
        out
    }

    /// Returns it as a picture.
    pub fn svg(&self) -> String {
        super::chart::svg(self)
    }

    /// Returns it in the language of Graphviz.
    pub fn dot(&self) -> String {
        let mut out = "digraph notes {\n  rankdir=LR;\n  node [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=10];\n".to_owned();
        for node in &self.nodes {
            let [fill, line] = colours(node.kind);
            let label = dot_escaped(&short(&node.name, LABEL_WIDTH));
            let tip = dot_escaped(&clean(node.note.as_deref().unwrap_or(&node.name)).replace('\n', " "));
            let _ = writeln!(
                out,
                "  n{} [label=\"{label}\", tooltip=\"{tip}\", fillcolor=\"{fill}\", color=\"{line}\"];",
                node.id
            );
        }
        for edge in &self.edges {
            let style = if is_faint(edge.edge) { ", style=dashed" } else { "" };
            let _ = writeln!(
                out,
                "  n{} -> n{} [label=\"{}\", tooltip=\"{}\"{style}];",
                edge.from,
                edge.to,
                dot_escaped(&edge.label()),
                dot_escaped(&edge.place())
            );
        }
        out.push_str("}\n");
        out
    }
}

impl Node {
    /// Returns its whole name, and its note.
    pub(super) fn told(&self) -> String {
        match &self.note {
            Some(note) => format!("{} ({note})", self.name),
            None => self.name.clone(),
        }
    }
}

impl Edge {
    pub(super) fn label(&self) -> String {
        match &self.value {
            Some(value) => format!("{}: {}", self.edge, short(value, VALUE_WIDTH)),
            None => self.edge.to_owned(),
        }
    }

    pub(super) fn place(&self) -> String {
        format!("{}:{}", clean(&self.note).replace('\n', " "), self.line)
    }
}

/// Fill and line of each kind of node.
const PALETTE: [(NodeKind, [&str; 2]); 4] = [
    (NodeKind::Note, ["#eef2f6", "#6b7d90"]),
    (NodeKind::Option, ["#dff3e4", "#2f8f4e"]),
    (NodeKind::Need, ["#fff5dc", "#b98a1d"]),
    (NodeKind::Missing, ["#fbe9e7", "#c0392b"]),
];

pub(super) fn colours(kind: &str) -> [&'static str; 2] {
    PALETTE.iter().find(|(known, _)| known.label() == kind).map_or(PALETTE[2].1, |(_, colours)| *colours)
}

/// True for edges that decide nothing.
pub(super) fn is_faint(edge: &str) -> bool {
    matches!(edge, "links" | "embeds" | "mentions")
}

/// Returns a text in one line, cut at the width.
pub(super) fn short(text: &str, cells: usize) -> String {
    let text = clean(text).replace('\n', " ");
    if width(&text) <= cells {
        return text;
    }
    let mut cut = String::new();
    for c in text.chars() {
        if width(&cut) + width(c.encode_utf8(&mut [0; 4])) >= cells {
            break;
        }
        cut.push(c);
    }
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

/// Mermaid reads entities with `#`, HTML, and Markdown between backticks.
fn mermaid_escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' | '#' | '<' | '>' | '&' | ';' | '`' | '\\' => {
                let _ = write!(out, "#{};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

fn dot_escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_cannot_end_themselves() {
        assert_eq!(mermaid_escaped("a \"b\" <i>"), "a #34;b#34; #60;i#62;");
        assert_eq!(dot_escaped("a \"b\\"), "a \\\"b\\\\");
    }

    #[test]
    fn labels_are_cut_by_what_a_person_sees() {
        assert_eq!(short("机器学习平台", 7), "机器学…");
        assert_eq!(short("two\nlines", 20), "two lines");
    }
}
