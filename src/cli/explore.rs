//! What did the person ask to see of the notes beside answers: options side by side, paths, the graph?

use std::io::Write;

use clap::{Args, ValueEnum};

use super::{Failure, UNKNOWN, Voice, open, style, tell};
use crate::answer;
use crate::engine::{Extent, Settings};
use crate::render::drawing::Drawing;
use crate::render::{comparison, paths, wire};

/// More nodes than this make a drawing that nobody can read.
const DRAWN_LIMIT: usize = 300;
/// Mermaid draws no chart with more edges.
const MERMAID_EDGES: usize = 500;
/// Ways shown between two names.
const WAYS: usize = 3;

#[derive(Args)]
pub(super) struct Compare {
    /// Name of the first option
    a: String,
    /// Name of the second option
    b: String,
    /// The criterion to compare them on
    #[arg(long, value_name = "CRITERION")]
    on: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Path {
    /// Where to start: a note, an option, a need
    a: String,
    /// Where to end
    b: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Graph {
    /// Draw only what is around this name
    #[arg(long, value_name = "NAME")]
    around: Option<String>,
    /// How many edges away from it
    #[arg(long, value_name = "N", default_value_t = 1)]
    depth: usize,
    /// The form to print
    #[arg(long, value_enum)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A Mermaid flowchart, as notes can hold it
    Mermaid,
    /// For Graphviz
    Dot,
    /// Nodes and edges with their lines
    Json,
    /// A picture
    Svg,
}

fn unknown(message: impl ToString, hint: String) -> Failure {
    Failure::Told { code: UNKNOWN, message: message.to_string(), hint }
}

/// Puts two options side by side.
pub(super) fn compared(compare: &Compare, settings: Settings, voice: Voice) -> Result<u8, Failure> {
    let engine = open(settings, Extent::Changes, voice)?;
    let names = [compare.a.as_str(), compare.b.as_str()];
    let found = answer::compare(names, compare.on.as_deref(), engine.generation(), engine.languages());
    let found = found.map_err(|error| unknown(&error, error.hint()))?;
    let mut out = std::io::stdout().lock();
    if compare.json {
        writeln!(out, "{}", wire::json(&found)?)?;
    } else {
        write!(out, "{}", comparison::text(&found, style()))?;
    }
    out.flush()?;
    Ok(0)
}

/// Shows the ways between two names.
pub(super) fn connected(path: &Path, settings: Settings, voice: Voice) -> Result<u8, Failure> {
    let engine = open(settings, Extent::Changes, voice)?;
    let generation = engine.generation();
    let ways = paths::ways(&path.a, &path.b, WAYS, generation, &generation.view());
    let ways = ways.map_err(|error| unknown(&error, error.hint()))?;
    let mut out = std::io::stdout().lock();
    if path.json {
        writeln!(out, "{}", wire::json(&ways)?)?;
        out.flush()?;
    } else if ways.is_empty() {
        let (from, to) = ways.ends();
        let message = if from == to { "are two names of one thing" } else { "are not connected by the notes" };
        let hint = "`fingerpost graph --around NAME --format mermaid` shows what is around one of them.";
        return Err(unknown(format!("`{from}` and `{to}` {message}"), hint.to_owned()));
    } else {
        write!(out, "{}", paths::text(&ways, style()))?;
        out.flush()?;
    }
    Ok(if ways.is_empty() { UNKNOWN } else { 0 })
}

/// Draws the graph, or what is around a name.
pub(super) fn drawn(graph: &Graph, settings: Settings, voice: Voice) -> Result<u8, Failure> {
    let engine = open(settings, Extent::Changes, voice)?;
    let generation = engine.generation();
    let found = graph.around.as_deref().map(|name| generation.find(name)).transpose();
    let center = found.map_err(|error| unknown(&error, error.hint()))?.map(|concepts| concepts[0]);
    let view = generation.view();
    // Programs take it whole, people what fits a picture.
    let limit = if graph.format == Format::Json { usize::MAX } else { DRAWN_LIMIT };
    let cut = |limit: usize| match center {
        Some(center) => view.around(view.of(center), graph.depth, limit),
        None => view.whole(limit),
    };
    let mut piece = cut(limit);
    while graph.format == Format::Mermaid && piece.edges.len() > MERMAID_EDGES {
        piece = cut(piece.nodes.len() * 2 / 3);
    }
    let drawing = Drawing::new(center.map(|center| generation.graph.name(center)), &piece, generation, &view);
    let text = match graph.format {
        Format::Mermaid => drawing.mermaid(),
        Format::Dot => drawing.dot(),
        Format::Svg => drawing.svg(),
        Format::Json => wire::json(&drawing)? + "\n",
    };
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    if drawing.n_left_out() > 0 && voice != Voice::Quiet {
        let n_drawn = piece.nodes.len();
        tell("warning", &format!("{} more nodes are not drawn, beyond {n_drawn}", drawing.n_left_out()));
        tell("hint", "Choose another name, a smaller depth, or `--format json`, which holds all.");
    }
    Ok(0)
}
