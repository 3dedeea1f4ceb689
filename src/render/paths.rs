//! How do the ways between two names look?

use std::fmt::Write;

use serde::Serialize;

use super::{Ink, Style, clean};
use crate::generation::Generation;
use crate::graph::{ConceptId, Path, UnknownName, View};
use crate::text::key;

/// The ways between two names: plain data, the same bytes for the same generation and names.
#[derive(Clone, Debug, Serialize)]
pub struct Ways {
    schema: u32,
    from: End,
    to: End,
    /// The shortest first.
    paths: Vec<Way>,
    generation: u64,
}

#[derive(Clone, Debug, Serialize)]
struct End {
    asked: String,
    name: String,
    /// Why the one is a name of the other, where they differ.
    why: Option<&'static str>,
}

#[derive(Clone, Debug, Serialize)]
struct Way {
    steps: Vec<Step>,
}

/// One edge, from the end of the step before to the start of the next.
#[derive(Clone, Debug, Serialize)]
struct Step {
    from: String,
    edge: &'static str,
    to: String,
    /// The line states the edge the other way round.
    is_backwards: bool,
    value: Option<String>,
    note: String,
    line: u32,
    /// The line, byte for byte.
    text: String,
}

impl Ways {
    /// True when nothing connects the names.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Returns the two names as the notes have them.
    pub fn ends(&self) -> (&str, &str) {
        (&self.from.name, &self.to.name)
    }
}

/// Finds up to `k` ways between two names.
///
/// # Errors
/// When nothing has one of the names.
pub fn ways(from: &str, to: &str, k: usize, generation: &Generation, view: &View) -> Result<Ways, UnknownName> {
    let [start, goal] = [generation.find(from)?[0], generation.find(to)?[0]];
    let paths = view.paths(view.of(start), view.of(goal), k);
    Ok(Ways {
        schema: 1,
        from: end(from, start, generation, view),
        to: end(to, goal, generation, view),
        paths: paths.iter().map(|path| way(path, generation, view)).collect(),
        generation: generation.number,
    })
}

fn end(asked: &str, concept: ConceptId, generation: &Generation, view: &View) -> End {
    let (name, asked) = (view.node(view.of(concept)).name.as_str(), asked.trim());
    let names = generation.graph.names(concept).into_iter();
    let why = names.filter(|(other, _)| key(other) == key(asked)).map(|(_, why)| why.label()).next();
    let why = why.filter(|_| key(name) != key(asked));
    End { asked: asked.to_owned(), name: name.to_owned(), why }
}

fn way(path: &Path, generation: &Generation, view: &View) -> Way {
    let ends = path.nodes.iter().zip(path.nodes.iter().skip(1));
    let steps = path.steps.iter().zip(ends).map(|(stated, (from, to))| {
        let note = &generation.entries[stated.note as usize].note;
        Step {
            from: view.node(*from).name.clone(),
            edge: stated.edge,
            to: view.node(*to).name.clone(),
            is_backwards: stated.from != *from,
            value: stated.text.clone(),
            note: note.path.clone(),
            line: stated.line,
            text: note.line(stated.line).to_owned(),
        }
    });
    Way { steps: steps.collect() }
}

/// Returns the ways as a person reads them: each step with the line that says so.
pub fn text(ways: &Ways, style: Style) -> String {
    let mut out = String::new();
    let one_line = |text: &str| clean(text).replace('\n', " ");
    for end in [&ways.from, &ways.to] {
        if let Some(why) = end.why {
            let _ = writeln!(out, "“{}” is {} ({why})", one_line(&end.asked), one_line(&end.name));
        }
    }
    for (at, way) in ways.paths.iter().enumerate() {
        if !out.is_empty() {
            out.push('\n');
        }
        let names = way.steps.iter().map(|step| one_line(&step.to));
        let title: Vec<String> = std::iter::once(one_line(&ways.from.name)).chain(names).collect();
        let _ = writeln!(out, "{}", style.paint(Ink::Strong, &format!("{}. {}", at + 1, title.join(" · "))));
        for step in &way.steps {
            let (from, to) = (one_line(&step.from), one_line(&step.to));
            let edge = match &step.value {
                Some(value) => format!("{} ({})", step.edge, one_line(value)),
                None => step.edge.to_owned(),
            };
            let arrow = if step.is_backwards { format!("←{edge}—") } else { format!("—{edge}→") };
            let _ = writeln!(out, "   {from} {arrow} {to}");
            let place = format!("{}:{}", one_line(&step.note), step.line);
            let _ = writeln!(out, "     {}  {}", style.paint(Ink::Faint, &place), one_line(step.text.trim()));
        }
    }
    out
}
