//! What do signs between names say: arrows, orders, several names on a line?

use super::lead::{lead, trimmed};
use super::scope::{Frame, Place};
use super::typing::is_name_like;
use super::{Claim, Context, Field, Joined, Kind, Part, Pick, Stance, choice, part};
use crate::language::Sign;
use crate::note::{MarkKind, Rich};
use crate::text::n_atoms;

/// Longest line whose arrows are followed, in bytes.
const LINE_LIMIT: usize = 4_000;

/// Reads `need → choice`, `**A** → need`, and flows of three and more.
pub fn read_arrow(rich: &Rich, place: Place, frame: &Frame, context: &Context<'_>, claims: &mut Vec<Claim>) -> bool {
    let Some((left, right)) = context.languages.split_arrow(&rich.text) else {
        return false;
    };
    // A longer line is no rule; following each of its arrows to the end would be quadratic.
    if rich.text.len() > LINE_LIMIT {
        return false;
    }
    if context.languages.split_arrow(right).is_some() {
        let segments = segments(&rich.text, context);
        let has_one = |(start, end): &(usize, usize)| {
            let rest = context.languages.split_arrow(&rich.text[*start..*end]).map(|(_, rest)| rest);
            rest.is_some_and(|rest| context.languages.split_arrow(rest).is_none())
        };
        if segments.len() > 1 && segments.iter().all(has_one) {
            for (start, end) in segments {
                read_arrow(&trimmed(&rich.slice(start, end)), place, frame, context, claims);
            }
            return true;
        }
    }
    let (left_text, right_text) = (left.trim().trim_end_matches([':', '：']), right.trim());
    if right_text.is_empty() {
        return false;
    }
    let right_rich = trimmed(&rich.slice(rich.text.len() - right.len(), rich.text.len()));
    let path: Vec<Part> = frame.path.iter().map(|step| part(Field::Path, step.clone())).collect();
    if context.languages.split_arrow(right).is_some() && is_flow(rich, context) {
        // `Oak table: scrape → oil → wax`: the lead is the need.
        let (need, steps) = match lead(&trimmed(rich)).filter(|(head, _)| head.text.len() < left.len()) {
            Some((head, steps)) => (head.text, trimmed(&steps)),
            None => (frame.need.clone().unwrap_or_default(), trimmed(rich)),
        };
        if let Some(read) = choice::read(&steps, &[], context) {
            let parts =
                [part(Field::Need, need), part(Field::Value, rich.text.clone())].into_iter().chain(path).collect();
            claims.push(place.claim(Kind::Tree, parts, read.picks, Joined::Combine));
        }
        return true;
    }
    let left_known = context.names.known(left_text);
    let right_known = context.names.known(right_text.split(['(', '（', ',', '.']).next().unwrap_or_default());
    let left_is_option = left_known > 0.5 && left_known > right_known && !is_name_like(&right_rich);
    // `**A:** what it does → examples`: the lead is the option, unless a known name stands on the right.
    if let Some((lead, rest)) = lead(&trimmed(&rich.slice(0, left.len())))
        && right_known < 0.4
        && lead.marks.iter().any(|mark| mark.kind == MarkKind::Bold)
        && !rest.is_blank()
    {
        let name = lead.text.clone();
        let need = format!("{} {right_text}", rest.text.trim());
        let parts = [part(Field::Option, name.clone()), part(Field::Need, need)].into_iter().chain(path).collect();
        claims.push(place.claim(Kind::Lead, parts, vec![Pick::new(name, Stance::For)], Joined::One));
        return true;
    }
    if left_is_option {
        let parts = [part(Field::Option, left_text), part(Field::Need, right_text)].into_iter().chain(path).collect();
        claims.push(place.claim(Kind::Lead, parts, vec![Pick::new(left_text, Stance::For)], Joined::One));
        return true;
    }
    let Some(read) = choice::read(&right_rich, &frame.options, context) else {
        return false;
    };
    let mut parts = vec![part(Field::Need, left_text)];
    // In `yes → A` the need is what was asked above, in `no → B` its absence.
    if left_text.is_empty() || n_atoms(left_text) <= 1 {
        let stance = branch_stance(left_text, context);
        parts.extend(frame.path.last().map(|step| Part { field: Field::Need, stance, text: step.clone() }));
    }
    parts.extend(path);
    claims.push(place.claim(Kind::Tree, parts, read.picks, read.join));
    true
}

/// Returns whether an answer such as `yes` or `không` affirms or denies its question.
pub fn branch_stance(answer: &str, context: &Context<'_>) -> Stance {
    match context.languages.mark(answer.trim()).map(|(sign, _)| sign) {
        Some(Sign::Yes) => Stance::For,
        Some(Sign::No) => Stance::Against,
        _ => Stance::Plain,
    }
}

/// Cuts a line into the parts between semicolons, commas and the like: byte ranges.
fn segments(text: &str, context: &Context<'_>) -> Vec<(usize, usize)> {
    let mut segments = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices().filter(|(_, c)| ";；,，·、".contains(*c)) {
        segments.push((start, at));
        start = at + c.len_utf8();
    }
    segments.push((start, text.len()));
    // A comma inside one rule cuts nothing: parts without an arrow join the one before.
    let mut joined: Vec<(usize, usize)> = Vec::new();
    for (start, end) in segments {
        let has_arrow = context.languages.split_arrow(&text[start..end]).is_some();
        match joined.last_mut() {
            Some(last) if !has_arrow => last.1 = end,
            _ => joined.push((start, end)),
        }
    }
    joined
}

/// True when every step of a chain is short: an order of steps, not a rule with a long remark.
fn is_flow(rich: &Rich, context: &Context<'_>) -> bool {
    let mut rest = rich.text.as_str();
    let mut steps = Vec::new();
    while let Some((left, right)) = context.languages.split_arrow(rest) {
        steps.push(left);
        rest = right;
    }
    steps.push(rest);
    steps.iter().all(|step| n_atoms(step) <= 8)
}

/// Reads `A > B > C`: the first is the answer, the others follow where it is ruled out.
pub fn ranking(rich: &Rich, place: Place, frame: &Frame, claims: &mut Vec<Claim>) -> bool {
    let sign = [" > ", " ＞ ", " ≻ "].into_iter().find(|sign| rich.text.contains(sign)).unwrap_or(" > ");
    let steps: Vec<&str> = rich.text.split(sign).collect();
    if steps.len() < 3 || steps.iter().skip(1).any(|step| n_atoms(step) > 8) {
        return false;
    }
    // The first step may be the end of a sentence: its last words are the name.
    let first = steps[0].trim();
    let name_start = first
        .rfind([':', '：', ' ', '为', '是'])
        .map_or(0, |at| at + first[at..].chars().next().map_or(1, char::len_utf8));
    let names = std::iter::once(&first[name_start..])
        .chain(steps[1..].iter().map(|step| step.split(['.', '。', ',', '，', '(', '（']).next().unwrap_or(step)));
    let picks: Vec<Pick> = names
        .enumerate()
        .map(|(at, name)| Pick { is_alternative: at > 0, ..Pick::new(name.trim(), Stance::For) })
        .collect();
    let need = if name_start > 0 { first[..name_start].to_owned() } else { frame.need.clone().unwrap_or_default() };
    let path = frame.path.iter().map(|step| part(Field::Path, step.clone()));
    let parts = [part(Field::Need, need), part(Field::Value, rich.text.clone())].into_iter().chain(path).collect();
    claims.push(place.claim(Kind::Lead, parts, picks, Joined::One));
    true
}

/// Reads `A (resizes), B (removes marks), C (enlarges)`: several names on a line, each with its need in a bracket.
pub fn inline_list(rich: &Rich, place: Place, frame: &Frame, claims: &mut Vec<Claim>) {
    let text = rich.text.as_str();
    let segments: Vec<&str> = text.split(['&', '、', ',', '，', ';', '；', '|']).map(str::trim).collect();
    let with_bracket =
        |segment: &&&str| segment.find(['(', '（']).is_some_and(|at| at > 0) && segment.ends_with([')', '）']);
    if segments.len() < 3 || segments.iter().filter(with_bracket).count() < 2 {
        return;
    }
    for segment in segments.iter().filter(with_bracket) {
        let Some(open) = segment.find(['(', '（']) else { continue };
        let name = segment[..open].rsplit([':', '：']).next().unwrap_or_default().trim();
        let need = segment[open..].trim_matches(['(', ')', '（', '）', ' ']);
        if (1..=5).contains(&n_atoms(name)) && !need.is_empty() {
            let path = frame.path.iter().map(|step| part(Field::Path, step.clone()));
            let parts = [part(Field::Option, name), part(Field::Need, need)].into_iter().chain(path).collect();
            claims.push(place.claim(Kind::Lead, parts, vec![Pick::new(name, Stance::For)], Joined::One));
        }
    }
}
