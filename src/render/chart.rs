//! How does a piece of the graph look as a picture?
//!
//! An SVG whose places come from a layered layout (Sugiyama), read from left to right. Labels stand in full, as text that
//! can be searched; what connects two nodes is told by colour, by a label where there is room, and in each edge's title.

use std::fmt::Write;

use rust_sugiyama::configure::{Config, RankingType};
use rust_sugiyama::from_vertices_and_edges;
use rustc_hash::FxHashMap;

use super::clean;
use super::drawing::{Drawing, Edge, colours, is_faint, short};
use crate::text::width;

/// Cells of a label before it is cut.
const LABEL_WIDTH: usize = 48;
/// Pixels a cell takes at the size of the labels: wide enough for the widest common fonts.
const CELL: f64 = 7.6;
const BOX_HEIGHT: f64 = 26.0;
const BOX_PADDING: f64 = 20.0;
/// Room between rows.
const ROW_GAP: f64 = 12.0;
/// Room between columns, for the lines …
const COLUMN_GAP: f64 = 130.0;
/// … and their labels, where they have some.
const LABELLED_GAP: f64 = 240.0;
const MARGIN: f64 = 24.0;
/// With more lines than this their labels would hide each other.
const LABELLED_EDGES: usize = 60;
/// Height of the legend.
const LEGEND: f64 = 40.0;

/// A node's place: middle of its left side, and its width.
#[derive(Clone, Copy, Default)]
struct Place {
    x: f64,
    y: f64,
    width: f64,
}

/// Returns the drawing as SVG. Cost: under a second for 300 nodes with three edges each.
pub fn svg(drawing: &Drawing) -> String {
    let labels: Vec<String> = drawing.nodes.iter().map(|node| short(&node.name, LABEL_WIDTH)).collect();
    let joints = joints(&drawing.edges);
    let is_labelled = joints.len() <= LABELLED_EDGES;
    let places = places(&labels, &joints, if is_labelled { LABELLED_GAP } else { COLUMN_GAP });
    let right = places.iter().map(|place| place.x + place.width).fold(0.0, f64::max);
    let bottom = places.iter().map(|place| place.y + BOX_HEIGHT / 2.0).fold(0.0, f64::max);
    let (total_width, total_height) = ((right + MARGIN).max(640.0), bottom + MARGIN + LEGEND);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{total_width:.0}\" height=\"{total_height:.0}\" \
         viewBox=\"0 0 {total_width:.0} {total_height:.0}\" font-family=\"DejaVu Sans, Noto Sans, sans-serif\" \
         font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n<defs>\n"
    );
    for (name, colour) in LINES {
        let _ = writeln!(
            out,
            "<marker id=\"{name}\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
             orient=\"auto\"><path d=\"M0 0 8 4 0 8z\" fill=\"{colour}\"/></marker>"
        );
    }
    out.push_str("</defs>\n");
    let mut n_lines = vec![0; drawing.nodes.len()];
    for joint in &joints {
        n_lines[joint.from] += 1;
        n_lines[joint.to] += 1;
    }
    // Labels lie over all lines, boxes over all labels.
    let mut told = String::new();
    for joint in &joints {
        draw_line(&mut out, joint, drawing, &places);
        if is_labelled {
            draw_label(&mut told, joint, &places, &n_lines);
        }
    }
    out.push_str(&told);
    for (at, node) in drawing.nodes.iter().enumerate() {
        let Place { x, y, width } = places[at];
        let [fill, line] = colours(node.kind);
        let radius = if node.kind == "note" { 2 } else { 12 };
        let dash = if node.kind == "missing" { " stroke-dasharray=\"4 3\"" } else { "" };
        let _ = writeln!(
            out,
            "<g><title>{}</title><rect x=\"{x:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{BOX_HEIGHT}\" \
             rx=\"{radius}\" fill=\"{fill}\" stroke=\"{line}\"{dash}/><text x=\"{:.1}\" y=\"{:.1}\" \
             text-anchor=\"middle\" fill=\"#1b1f24\">{}</text></g>",
            escaped(&node.told()),
            y - BOX_HEIGHT / 2.0,
            x + width / 2.0,
            y + 4.5,
            escaped(&labels[at])
        );
    }
    legend(&mut out, total_height - LEGEND);
    out.push_str("</svg>\n");
    out
}

/// All edges between two nodes, drawn as one line.
struct Joint<'a> {
    from: usize,
    to: usize,
    edges: Vec<&'a Edge>,
}

/// Gathers the edges of each pair, the one drawn from that of its first edge.
fn joints(edges: &[Edge]) -> Vec<Joint<'_>> {
    let mut at: FxHashMap<(usize, usize), usize> = FxHashMap::default();
    let mut joints: Vec<Joint<'_>> = Vec::new();
    for edge in edges {
        let pair = (edge.from.min(edge.to), edge.from.max(edge.to));
        let at = *at.entry(pair).or_insert_with(|| {
            joints.push(Joint { from: edge.from, to: edge.to, edges: Vec::new() });
            joints.len() - 1
        });
        joints[at].edges.push(edge);
    }
    joints
}

/// Places the nodes in columns, nodes that nothing joins below each other at the end.
fn places(labels: &[String], joints: &[Joint<'_>], gap: f64) -> Vec<Place> {
    let widths: Vec<f64> = labels.iter().map(|label| width(label) as f64 * CELL + BOX_PADDING).collect();
    let mut places: Vec<Place> = widths.iter().map(|width| Place { width: *width, ..Place::default() }).collect();
    // The layout runs from top to bottom; turned on its side, a box is as wide there as it is high here. Nodes come
    // nearest first, so edges lead from the centre outwards and make no circle.
    let vertices: Vec<(u32, (f64, f64))> = (0..labels.len() as u32).map(|at| (at, (BOX_HEIGHT, 1.0))).collect();
    let edges: Vec<(u32, u32)> =
        joints.iter().map(|joint| (joint.from.min(joint.to) as u32, joint.from.max(joint.to) as u32)).collect();
    let config = Config {
        vertex_spacing: ROW_GAP,
        // Swapping neighbours costs ten times as long and takes few more crossings away.
        transpose: false,
        ranking_type: RankingType::Up,
        ..Config::default()
    };
    let mut top = MARGIN;
    for (nodes, ..) in from_vertices_and_edges(&vertices, &edges, &config) {
        let first = nodes.iter().map(|(_, (x, _))| *x).fold(f64::INFINITY, f64::min);
        let last = nodes.iter().map(|(_, (x, _))| *x).fold(f64::NEG_INFINITY, f64::max);
        // A column is as wide as its widest box, whatever the layout made of it.
        let mut levels: Vec<i64> = nodes.iter().map(|(_, (_, y))| level(*y)).collect();
        levels.sort_unstable();
        levels.dedup();
        let mut lefts: FxHashMap<i64, f64> = FxHashMap::default();
        let mut left = MARGIN;
        for found in levels {
            lefts.insert(found, left);
            let inside = nodes.iter().filter(|(_, (_, y))| level(*y) == found);
            left += inside.map(|(node, _)| widths[*node]).fold(0.0, f64::max) + gap;
        }
        for (node, (x, y)) in &nodes {
            places[*node].x = lefts[&level(*y)];
            places[*node].y = top + x - first + BOX_HEIGHT / 2.0;
        }
        top += last - first + BOX_HEIGHT + 2.0 * ROW_GAP;
    }
    places
}

/// Levels come as lengths; those of one column are equal but for rounding.
fn level(y: f64) -> i64 {
    (y * 16.0).round() as i64
}

/// Names and colours of the kinds of line.
const LINES: [(&str, &str); 4] =
    [("speaks-for", "#2f8f4e"), ("speaks-against", "#c0392b"), ("states", "#b98a1d"), ("links", "#8795a5")];

fn line_kind(edge: &str) -> usize {
    match edge {
        "recommends" | "has" | "pro" | "with" | "alternative" => 0,
        "opposes" | "lacks" | "con" => 1,
        edge if is_faint(edge) => 3,
        _ => 2,
    }
}

fn draw_line(out: &mut String, joint: &Joint<'_>, drawing: &Drawing, places: &[Place]) {
    // What decides gives the colour.
    let Some(best) = joint.edges.iter().min_by_key(|edge| line_kind(edge.edge)) else { return };
    let (name, colour) = LINES[line_kind(best.edge)];
    let (from, to) = (places[best.from], places[best.to]);
    // Lines leave and enter at the sides that face each other, in one column both on the right.
    let (start, end) = if to.x > from.x + from.width {
        (from.x + from.width, to.x)
    } else if from.x > to.x + to.width {
        (from.x, to.x + to.width)
    } else {
        (from.x + from.width, to.x + to.width)
    };
    let bend = match ((end - start).abs() / 2.0).max(36.0) {
        bend if to.x > from.x + from.width => (bend, -bend),
        bend if from.x > to.x + to.width => (-bend, bend),
        bend => (bend, bend),
    };
    let (first, second) = (start + bend.0, end + bend.1);
    let dash = if is_faint(best.edge) { " stroke-dasharray=\"5 4\"" } else { "" };
    let told: Vec<String> = joint
        .edges
        .iter()
        .map(|edge| {
            let names = (&drawing.nodes[edge.from].name, &drawing.nodes[edge.to].name);
            format!("{} —{}→ {} ({})", names.0, edge.label(), names.1, edge.place())
        })
        .collect();
    let _ = writeln!(
        out,
        "<g><title>{}</title><path d=\"M{start:.1} {:.1}C{first:.1} {:.1} {second:.1} {:.1} {end:.1} {:.1}\" \
         fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.4\"{dash} marker-end=\"url(#{name})\"/></g>",
        escaped(&told.join("\n")),
        from.y,
        from.y,
        to.y,
        to.y
    );
}

/// Writes what decides beside the end that fewer lines share: at the other one labels would hide each other.
fn draw_label(out: &mut String, joint: &Joint<'_>, places: &[Place], n_lines: &[usize]) {
    let Some(best) = joint.edges.iter().min_by_key(|edge| line_kind(edge.edge)).filter(|edge| !is_faint(edge.edge))
    else {
        return;
    };
    let (end, other) = if n_lines[best.to] <= n_lines[best.from] { (best.to, best.from) } else { (best.from, best.to) };
    let (at, other) = (places[end], places[other]);
    // In one column lines leave and enter on the right.
    let (x, anchor) =
        if other.x + other.width < at.x { (at.x - 10.0, "end") } else { (at.x + at.width + 10.0, "start") };
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\" font-size=\"10\" fill=\"{}\" stroke=\"#ffffff\" \
         stroke-width=\"3\" paint-order=\"stroke\">{}</text>",
        at.y - 3.0,
        LINES[line_kind(best.edge)].1,
        escaped(&best.label())
    );
}

fn legend(out: &mut String, top: f64) {
    let mut x = MARGIN;
    for kind in ["note", "option", "need", "missing"] {
        let [fill, line] = colours(kind);
        let _ = writeln!(
            out,
            "<rect x=\"{x:.0}\" y=\"{top:.0}\" width=\"14\" height=\"14\" rx=\"3\" fill=\"{fill}\" stroke=\"{line}\"/>\
             <text x=\"{:.0}\" y=\"{:.0}\" font-size=\"11\" fill=\"#57606a\">{kind}</text>",
            x + 20.0,
            top + 11.0
        );
        x += 84.0;
    }
    for (name, colour) in LINES {
        let dash = if name == "links" { " stroke-dasharray=\"5 4\"" } else { "" };
        let _ = writeln!(
            out,
            "<path d=\"M{x:.0} {:.0}h22\" stroke=\"{colour}\" stroke-width=\"2\"{dash}/><text x=\"{:.0}\" y=\"{:.0}\" \
             font-size=\"11\" fill=\"#57606a\">{}</text>",
            top + 7.0,
            x + 28.0,
            top + 11.0,
            name.replace('-', " ")
        );
        x += 132.0;
    }
}

fn escaped(text: &str) -> String {
    clean(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
