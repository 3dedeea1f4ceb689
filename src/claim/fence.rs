//! Which rules does this fence draw?
//!
//! Arrow lines, trees by indentation or box characters, mermaid flowcharts. Program text is not read.

use rustc_hash::FxHashMap;

use super::arrow::{branch_stance, read_arrow};
use super::list::read_line;
use super::scope::{Frame, Place, Scope};
use super::typing::is_name_like;
use super::{Claim, Context, Field, Kind, Part, choice, part};
use crate::note::Rich;
use crate::parse::rich;

/// Info strings whose text people read.
const PROSE: [&str; 9] = ["", "text", "txt", "plain", "plaintext", "tree", "ascii", "md", "markdown"];
/// Longest path that is followed back through a drawing.
const PATH_LIMIT: usize = 16;

/// Reads one fence.
pub fn read(
    block: usize,
    info: &str,
    lines: &[(u32, String)],
    scope: &Scope<'_>,
    context: &Context<'_>,
    claims: &mut Vec<Claim>,
) {
    let kind = info.split([' ', '{', ',']).next().unwrap_or_default();
    if kind == "mermaid" {
        mermaid(block, lines, context, claims);
    } else if PROSE.contains(&kind) {
        tree(block, lines, &scope.frame(context), context, claims);
    }
}

/// Characters that draw branches.
const BRANCH: &str = "│├└┌┐┘┤┬┴┼─━┃┣┗┏╰╭|+`'\\- \t*•";

fn tree(block: usize, lines: &[(u32, String)], base: &Frame, context: &Context<'_>, claims: &mut Vec<Claim>) {
    let texts: Vec<(u32, usize, Rich)> = lines
        .iter()
        .filter_map(|(line, text)| {
            let text = text.replace('\t', "    ");
            let rest = text.trim_start_matches(|c: char| BRANCH.contains(c)).trim_end_matches(['│', '┃']).trim_end();
            // An arrow at the start of a line, `-> A`, is no branch.
            let rest =
                if rest.starts_with('>') && text.contains("->") { &text[text.find("->").unwrap_or(0)..] } else { rest };
            let indent =
                text[..text.len() - text.trim_start_matches(|c: char| BRANCH.contains(c)).len()].chars().count();
            (!rest.is_empty()).then(|| (*line, indent, rich(rest)))
        })
        .collect();
    let mut path: Vec<(usize, String)> = Vec::new();
    for (at, (line, indent, rich)) in texts.iter().enumerate() {
        path.retain(|(depth, _)| depth < indent);
        let place = Place { block, lines: (*line, *line) };
        let is_parent = texts.get(at + 1).is_some_and(|(_, next, _)| next > indent);
        let mut frame = base.clone();
        frame.path.extend(path.iter().map(|(_, step)| step.clone()));
        let read = read_arrow(rich, place, &frame, context, claims);
        if !read && !is_parent && !path.is_empty() && leaf(rich, place, &frame, context, claims) {
            continue;
        }
        if !read && !is_parent {
            read_line(rich, place, &frame, context, claims);
        }
        if is_parent {
            let step = drawn_branch(&rich.text).map_or(rich.text.as_str(), |(_, rest)| rest);
            path.push((*indent, step.to_owned()));
        }
    }
}

/// Splits `No ── tent` and `No ──► tent` at the drawn line.
fn drawn_branch(text: &str) -> Option<(&str, &str)> {
    let start = text.find(['─', '━', '═']).filter(|at| *at > 0)?;
    let rest = text[start..].trim_start_matches(['─', '━', '═', '►', '▶', '>', ' ']);
    (!rest.is_empty()).then(|| (text[..start].trim(), rest))
}

/// Reads a leaf without an arrow: `No: A`, `A`.
fn leaf(rich: &Rich, place: Place, frame: &Frame, context: &Context<'_>, claims: &mut Vec<Claim>) -> bool {
    let split = drawn_branch(&rich.text).or_else(|| rich.text.split_once([':', '：']));
    let (branch, name) = split.map_or(("", rich.text.as_str()), |(condition, name)| (condition.trim(), name.trim()));
    // `Is it raining? No ── tent` asks and answers on one line.
    let (own_question, condition) = match branch.split_once(['?', '？']) {
        Some((question, answer)) => (Some(question.trim()), answer.trim()),
        None => (None, branch),
    };
    let name_rich = Rich { text: name.to_owned(), marks: Vec::new() };
    if !is_name_like(&name_rich) {
        return false;
    }
    let Some(read) = choice::read(&name_rich, &frame.options, context) else {
        return false;
    };
    let mut parts: Vec<Part> = frame.path.iter().map(|step| part(Field::Path, step.clone())).collect();
    let stance = branch_stance(condition, context);
    if let Some(asked) = own_question.or(frame.path.last().map(String::as_str)) {
        parts.push(Part { field: Field::Need, stance, text: asked.to_owned() });
    }
    if stance == crate::claim::Stance::Plain && !condition.is_empty() {
        parts.push(part(Field::Need, condition));
    }
    claims.push(place.claim(Kind::Tree, parts, read.picks, read.join));
    true
}

struct Arrow {
    from: String,
    to: String,
    label: String,
    line: u32,
}

/// Reads a flowchart: for each leaf that labelled arrows lead to, the questions on the way are its conditions.
fn mermaid(block: usize, lines: &[(u32, String)], context: &Context<'_>, claims: &mut Vec<Claim>) {
    let mut nodes: FxHashMap<String, String> = FxHashMap::default();
    let mut arrows: Vec<Arrow> = Vec::new();
    for (line, text) in lines {
        for statement in text.split(';') {
            read_statement(statement.trim(), *line, &mut nodes, &mut arrows);
        }
    }
    let is_source = |id: &str| arrows.iter().any(|arrow| arrow.from == id);
    for arrow in arrows.iter().filter(|arrow| !is_source(&arrow.to)) {
        let mut steps = Vec::new();
        let mut at = arrow;
        let mut labelled = false;
        for _ in 0..PATH_LIMIT {
            labelled |= !at.label.is_empty();
            let asked = nodes.get(&at.from).cloned().unwrap_or_default();
            let stance = branch_stance(&at.label, context);
            let text = if stance == crate::claim::Stance::Plain { format!("{asked} {}", at.label) } else { asked };
            steps.push((stance, text));
            let Some(before) = arrows.iter().find(|before| before.to == at.from && before.from != at.from) else {
                break;
            };
            at = before;
        }
        // An arrow between plain boxes claims nothing.
        let Some(target) = nodes.get(&arrow.to).filter(|_| labelled) else {
            continue;
        };
        let Some(read) = choice::read(&rich(target), &[], context) else {
            continue;
        };
        let fields = std::iter::once(Field::Need).chain(std::iter::repeat(Field::Path));
        let parts = steps.into_iter().zip(fields).map(|((stance, text), field)| Part { field, stance, text }).collect();
        let place = Place { block, lines: (arrow.line, arrow.line) };
        claims.push(place.claim(Kind::Tree, parts, read.picks, read.join));
    }
}

/// Reads `A{Need?} -->|yes| B[Oak]`, `A -- yes --> B`, and chains of them.
fn read_statement(statement: &str, line: u32, nodes: &mut FxHashMap<String, String>, arrows: &mut Vec<Arrow>) {
    let mut rest = statement;
    let mut previous: Option<(String, String)> = None;
    while let Some((id, after)) = read_node(rest, nodes) {
        if let Some((from, label)) = previous.take() {
            arrows.push(Arrow { from, to: id.clone(), label, line });
        }
        let Some((label, after)) = read_link(after) else {
            return;
        };
        previous = Some((id, label));
        rest = after;
    }
}

fn read_node<'a>(text: &'a str, nodes: &mut FxHashMap<String, String>) -> Option<(String, &'a str)> {
    let text = text.trim_start();
    let length = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    if length == 0 {
        return None;
    }
    let (id, rest) = text.split_at(length);
    let Some(open) = rest.chars().next().filter(|c| "[({>".contains(*c)) else {
        if !matches!(id, "graph" | "flowchart" | "subgraph" | "end" | "style" | "classDef" | "class" | "direction") {
            nodes.entry(id.to_owned()).or_insert_with(|| id.to_owned());
            return Some((id.to_owned(), rest));
        }
        return None;
    };
    let close = match open {
        '[' | '>' => ']',
        '(' => ')',
        _ => '}',
    };
    let n_open = rest.chars().take_while(|c| "[({>/\\".contains(*c)).count();
    let inner = &rest[n_open..];
    let inner_end = match inner.strip_prefix('"') {
        Some(quoted) => quoted.find('"')? + 2,
        None => inner.find(close)?,
    };
    let label = inner[..inner_end].trim_matches(['"', ' ', '/', '\\']);
    nodes.insert(id.to_owned(), label.to_owned());
    let after = inner[inner_end..].trim_start_matches(['"', ']', ')', '}', '/', '\\']);
    let after = if let Some(class) = after.strip_prefix(":::") {
        class.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_')
    } else {
        after
    };
    Some((id.to_owned(), after))
}

/// Reads an arrow with its label, `-->|yes|`, `-- yes -->`, `-.->`, `==>`.
fn read_link(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start();
    let is_line = |c: char| matches!(c, '-' | '=' | '.' | '<');
    let first = text.trim_start_matches(is_line);
    if first.len() == text.len() {
        return None;
    }
    if let Some(after) = first.strip_prefix(['>', 'x', 'o']) {
        let after = after.trim_start();
        if let Some((label, rest)) = after.strip_prefix('|').and_then(|rest| rest.split_once('|')) {
            return Some((label.trim_matches(['"', ' ']).to_owned(), rest));
        }
        return Some((String::new(), after));
    }
    if let Some((label, rest)) = first.strip_prefix('|').and_then(|rest| rest.split_once('|')) {
        return Some((label.trim_matches(['"', ' ']).to_owned(), rest));
    }
    let end = first.find("--").or_else(|| first.find("==")).or_else(|| first.find(".-"))?;
    let label = first[..end].trim().trim_matches('"').to_owned();
    let rest = first[end..].trim_start_matches(is_line);
    Some((label, rest.strip_prefix('>').unwrap_or(rest)))
}
