//! What do these items claim, if lead and rest are what their author says?

use super::lead::{lead, trimmed};
use super::scope::{Frame, Place, Scope};
use super::{Claim, Context, Field, Joined, Kind, Part, Pick, Stance, choice, list, part};
use crate::note::{ColumnRole, Item, Rich};

/// Reads a list whose items have one role, or two: that of the lead and that of the rest.
pub fn read(
    block: usize,
    items: &[Item],
    roles: &[ColumnRole],
    scope: &Scope<'_>,
    context: &Context<'_>,
    claims: &mut Vec<Claim>,
) {
    let base = scope.frame(context);
    let mut parents: Vec<(u8, String)> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        parents.retain(|(depth, _)| *depth < item.depth);
        let place = Place { block, lines: (item.line, item.last_line.max(item.line)) };
        let mut frame = base.clone();
        frame.path.extend(parents.iter().map(|(_, text)| text.clone()));
        if items.get(at + 1).is_some_and(|next| next.depth > item.depth) {
            parents.push((item.depth, item.rich.text.trim_end_matches([':', '：']).to_owned()));
            // A lead without a rest only heads what is below it.
            if item.rich.ends_open() {
                continue;
            }
        }
        let read = match roles {
            [role] => whole(&item.rich, *role, place, &frame, context),
            [first, second] => parts_of(&item.rich, context)
                .and_then(|(lead, rest)| halves(&lead, &rest, (*first, *second), place, &frame, context)),
            _ => None,
        };
        match read {
            Some(claim) => claims.push(claim),
            // An item that is written otherwise says what it says.
            None => list::read_line(&item.rich, place, &frame, context, claims),
        }
    }
}

fn parts_of(rich: &Rich, context: &Context<'_>) -> Option<(Rich, Rich)> {
    lead(rich).filter(|(_, rest)| !rest.is_blank()).or_else(|| {
        let (left, right) = context.languages.split_arrow(&rich.text)?;
        let start = rich.text.len() - right.len();
        Some((rich.slice(0, left.len()), rich.slice(start, rich.text.len())))
    })
}

fn path(frame: &Frame) -> impl Iterator<Item = Part> {
    frame.path.iter().map(|step| part(Field::Path, step.clone()))
}

fn subject(frame: &Frame) -> String {
    frame.subject.clone().unwrap_or_else(|| frame.about.clone())
}

fn polarity(role: ColumnRole) -> Stance {
    match role {
        ColumnRole::Pro => Stance::For,
        ColumnRole::Con => Stance::Against,
        _ => Stance::Plain,
    }
}

fn whole(rich: &Rich, role: ColumnRole, place: Place, frame: &Frame, context: &Context<'_>) -> Option<Claim> {
    let text = rich.text.trim();
    if text.is_empty() {
        return None;
    }
    let (parts, picks, join) = match role {
        ColumnRole::Choice | ColumnRole::Wrong => {
            let read = chosen(rich, role, frame, context)?;
            let need = frame.need.clone().unwrap_or_else(|| frame.about.clone());
            (vec![part(Field::Need, need), part(Field::Value, text)], read.picks, read.join)
        }
        ColumnRole::Need => (vec![part(Field::Need, text)], vec![Pick::new(subject(frame), Stance::For)], Joined::One),
        _ => {
            let part = Part { field: Field::Value, stance: polarity(role), text: text.to_owned() };
            (vec![part], vec![Pick::new(subject(frame), Stance::For)], Joined::One)
        }
    };
    Some(place.claim(Kind::UseList, parts.into_iter().chain(path(frame)).collect(), picks, join))
}

fn halves(
    lead: &Rich,
    rest: &Rich,
    (first, second): (ColumnRole, ColumnRole),
    place: Place,
    frame: &Frame,
    context: &Context<'_>,
) -> Option<Claim> {
    let lead_text = super::names::strip_numbering(&lead.text).trim().to_owned();
    let rest_text = rest.text.trim();
    let (kind, parts, picks, join) = match first {
        ColumnRole::Need => {
            let read = chosen(&trimmed(rest), second, frame, context)?;
            (Kind::Lead, vec![part(Field::Need, lead_text), part(Field::Value, rest_text)], read.picks, read.join)
        }
        ColumnRole::Criterion => {
            let parts = vec![part(Field::Header, lead_text), part(Field::Value, rest_text)];
            (Kind::Topic, parts, vec![Pick::new(subject(frame), Stance::For)], Joined::One)
        }
        _ => {
            let field = if second == ColumnRole::Need { Field::Need } else { Field::Value };
            let said = Part { field, stance: polarity(second), text: rest_text.to_owned() };
            let pick = Pick::new(lead_text.clone(), Stance::For);
            (Kind::Lead, vec![part(Field::Option, lead_text), said], vec![pick], Joined::One)
        }
    };
    Some(place.claim(kind, parts.into_iter().chain(path(frame)).collect(), picks, join))
}

fn chosen(rich: &Rich, role: ColumnRole, frame: &Frame, context: &Context<'_>) -> Option<choice::Choice> {
    let mut read = choice::read(rich, &frame.options, context)?;
    if role == ColumnRole::Wrong {
        read.picks.iter_mut().for_each(|pick| pick.stance = Stance::Against);
    }
    Some(read)
}
