//! What do these items and sentences claim, given the headings and leads they stand under?

use super::arrow::{inline_list, ranking, read_arrow};
use super::head::{self, Head, HeadKind};
use super::lead::{lead, trimmed};
use super::scope::{Frame, Place, Relation, Scope};
use super::typing::is_name_like;
use super::{Claim, Context, Field, Joined, Kind, Part, Pick, Stance, choice, part, prose};
use crate::language::{Cue, Lead, Rule, Sign};
use crate::note::{Item, Line, MarkKind, Rich};
use crate::text::{atoms, n_atoms};

/// Reads a list.
pub fn read(block: usize, items: &[Item], scope: &Scope<'_>, context: &Context<'_>, claims: &mut Vec<Claim>) {
    let mut base = scope.frame(context);
    base.leads_are_labels = leads_are_labels(items, &base, context);
    base.leads_are_needs = leads_are_needs(items, context);
    let mut parents: Vec<(u8, Head, bool)> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        parents.retain(|(depth, ..)| *depth < item.depth);
        let has_children = items.get(at + 1).is_some_and(|next| next.depth > item.depth);
        let mut frame = base.clone();
        for (_, head, names_option) in &parents {
            let mut head = head.clone();
            if !names_option {
                head.option = None;
            }
            frame.push(&head, true);
        }
        let place = Place { block, lines: (item.line, item.last_line.max(item.line)) };
        if has_children {
            let lead = lead(&item.rich).map_or_else(|| item.rich.clone(), |(lead, _)| lead);
            let names_option = is_name_like(&lead) && lead.text.len() < item.rich.text.len().max(lead.text.len() + 1);
            parents.push((item.depth, head::read(&lead, context), names_option));
            if item.rich.ends_open() {
                continue;
            }
        }
        read_line(&item.rich, place, &frame, context, claims);
    }
}

/// True when the leads of a list are criteria of the option above, as `Light`, `Water`, `Price` are: other sections
/// have the same ones.
fn leads_are_labels(items: &[Item], frame: &Frame, context: &Context<'_>) -> bool {
    if frame.subject.is_none() {
        return false;
    }
    let leads: Vec<String> = items.iter().filter_map(|item| lead(&item.rich)).map(|(lead, _)| lead.text).collect();
    let repeats = |lead: &&String| {
        let found = context.names.of(lead);
        found.n_lead_sections > 1 && found.n_titles + found.n_versus + found.n_first_cells + found.n_choices == 0
    };
    leads.len() > 1 && leads.iter().filter(repeats).count() * 5 >= leads.len() * 2
}

/// True when most leads of a list are followed by a rule that names something else: `**Stairs** - take oak`.
fn leads_are_needs(items: &[Item], context: &Context<'_>) -> bool {
    let leads: Vec<(Rich, Rich)> = items.iter().filter_map(|item| lead(&item.rich)).collect();
    let is_ruled = |(lead, rest): &&(Rich, Rich)| {
        let rules = prose::rules(&trimmed(rest), None, context);
        context.names.known(&lead.text) < 0.5
            && rules.first().is_some_and(|rule| rule.picks.iter().all(|pick| pick.stance == Stance::For))
    };
    leads.len() > 1 && leads.iter().filter(is_ruled).count() * 3 >= leads.len() * 2
}

/// Reads running text: lines that stand for themselves as items, the rest as sentences.
pub fn read_paragraph(
    block: usize,
    lines: &[Line],
    scope: &mut Scope<'_>,
    context: &Context<'_>,
    claims: &mut Vec<Claim>,
) {
    let is_lead = |line: &Line| line.rich.is_all(MarkKind::Bold) || line.rich.ends_open();
    if let [line] = lines
        && is_lead(line)
        && line.rich.text.len() < 200
    {
        let stays = line.rich.is_all(MarkKind::Bold);
        scope.lead(&line.rich, stays, context);
        if stays {
            return;
        }
    }
    let mut frame = scope.frame(context);
    if let (Some(asked), [first, ..]) = (frame.asked.take(), lines) {
        let place = Place { block, lines: (first.line, first.line) };
        read_answer(&first.rich, &asked, place, context, claims);
    }
    // Lines that all have a lead are a list without markers.
    let n_leads = lines.iter().filter(|line| lead(&line.rich).is_some()).count();
    let is_list = lines.len() > 1 && n_leads * 4 >= lines.len() * 3;
    let is_item = |rich: &Rich| stands_alone(rich, context) || is_list && lead(rich).is_some();
    let mut asked: Option<String> = None;
    let mut at = 0;
    while at < lines.len() {
        let place = Place { block, lines: (lines[at].line, lines[at].line) };
        if let Some((kind, rest)) = question_or_answer(&lines[at].rich, context) {
            match (kind, asked.take()) {
                (Lead::Asked, _) => asked = Some(rest.text.trim().to_owned()),
                (_, was_asked) => {
                    if let Some(asked) = &was_asked {
                        read_answer(&rest, asked, place, context, claims);
                    }
                    let mut frame = frame.clone();
                    frame.path.extend(was_asked);
                    read_run(&rest, |_, _| place, &frame, context, claims);
                }
            }
            at += 1;
            continue;
        }
        if is_item(&lines[at].rich) {
            read_line(&lines[at].rich, place, &frame, context, claims);
            at += 1;
            continue;
        }
        let n_lines = 1 + lines[at + 1..].iter().take_while(|line| !is_item(&line.rich)).count();
        read_sentences(&lines[at..at + n_lines], block, &frame, context, claims);
        at += n_lines;
    }
    if lines.len() > 1
        && let Some(last) = lines.last().filter(|line| is_lead(line) && line.rich.text.len() < 200)
    {
        scope.lead(&last.rich, last.rich.is_all(MarkKind::Bold), context);
    }
}

/// Splits `Q: …` and `Answer: …`.
fn question_or_answer(rich: &Rich, context: &Context<'_>) -> Option<(Lead, Rich)> {
    let (head, rest) = lead(rich)?;
    let cut = atoms(&head.text);
    let kind = context.languages.hits(&cut).into_iter().find_map(|hit| match hit.cue {
        Cue::Lead(kind @ (Lead::Asked | Lead::Answered)) if hit.start == 0 && hit.end == cut.len() => {
            context.owns(hit.lang).then_some(kind)
        }
        _ => None,
    })?;
    Some((kind, trimmed(&rest)))
}

/// Reads the answer to a question: its first words name the option.
fn read_answer(rich: &Rich, asked: &str, place: Place, context: &Context<'_>, claims: &mut Vec<Claim>) {
    let Some((start, end)) = prose::sentences(&rich.text).into_iter().next() else { return };
    let first = trimmed(&rich.slice(start, end));
    let need = |value: &str| vec![part(Field::Need, asked), part(Field::Value, value)];
    if let Some(rule) = prose::rules(&first, None, context).into_iter().next() {
        claims.push(place.claim(Kind::Lead, need(&rich.text), rule.picks, rule.join));
        return;
    }
    let named = first.text.split([',', '，', '、', ';']).next().unwrap_or_default().trim_end_matches(['.', '。']);
    let name = Rich { text: prose::without_articles(named.trim(), context), marks: Vec::new() };
    if is_name_like(&name)
        && let Some(read) = choice::read(&name, &[], context)
    {
        claims.push(place.claim(Kind::Lead, need(&rich.text), read.picks, read.join));
    }
}

/// True for a line that is an item in all but its marker: a sign, a bold lead, an arrow.
fn stands_alone(rich: &Rich, context: &Context<'_>) -> bool {
    let bold_lead = rich.marks.first().is_some_and(|mark| mark.kind == MarkKind::Bold && mark.start == 0);
    bold_lead
        || context.languages.leading_sign(&rich.text).is_some()
        || context.languages.split_arrow(&rich.text).is_some()
}

fn read_sentences(lines: &[Line], block: usize, frame: &Frame, context: &Context<'_>, claims: &mut Vec<Claim>) {
    let mut joined = Rich::default();
    let mut starts = Vec::new();
    for line in lines {
        if !joined.text.is_empty() {
            joined.text.push(' ');
        }
        let base = joined.text.len() as u32;
        starts.push((base as usize, line.line));
        joined.text.push_str(&line.rich.text.replace('\n', " "));
        joined.marks.extend(line.rich.marks.iter().map(|mark| crate::note::Mark {
            start: mark.start + base,
            end: mark.end + base,
            ..mark.clone()
        }));
    }
    let line_of = |offset: usize| starts.iter().rfind(|(start, _)| *start <= offset).map_or(1, |(_, line)| *line);
    let line_range = |start: usize, end: usize| (line_of(start), line_of(end.saturating_sub(2).max(start)));
    read_run(&joined, |start, end| Place { block, lines: line_range(start, end) }, frame, context, claims);
}

/// Reads the sentences of a text; one that answers the question before it holds for that question.
fn read_run(
    rich: &Rich,
    place: impl Fn(usize, usize) -> Place,
    frame: &Frame,
    context: &Context<'_>,
    claims: &mut Vec<Claim>,
) {
    let mut asked: Option<(usize, String)> = None;
    for (start, end) in prose::sentences(&rich.text) {
        let sentence = rich.slice(start, end);
        let text = sentence.text.trim();
        let mut frame = frame.clone();
        let from = asked.as_ref().map_or(start, |(from, _)| *from);
        if let Some((_, question)) = asked.take() {
            frame.path.push(question);
        }
        if text.ends_with(['?', '？']) {
            asked = Some((start, text.to_owned()));
        }
        // `Under fifty: text. Older: phone.`: each sentence may have a lead of its own.
        let is_part = end - start < rich.text.trim().len();
        let own_lead =
            lead(&trimmed(&sentence)).filter(|(head, rest)| is_part && !rest.is_blank() && head.text.len() < 80);
        if let Some((head, rest)) = own_lead
            && read_lead(&head, &rest, place(from, end), &frame, context, claims)
        {
            continue;
        }
        read_sentence(&sentence, place(from, end), &frame, context, claims);
    }
}

/// Reads one item or line.
pub fn read_line(rich: &Rich, place: Place, frame: &Frame, context: &Context<'_>, claims: &mut Vec<Claim>) {
    let (sign, skipped) = match context.languages.leading_sign(&rich.text) {
        Some((sign, rest)) if !rest.is_empty() => (Some(sign), rich.text.len() - rest.len()),
        _ => (None, 0),
    };
    let rich = &rich.slice(skipped, rich.text.len());
    if rich.is_blank() {
        return;
    }
    if read_arrow(rich, place, frame, context, claims) || ranking(rich, place, frame, claims) {
        return;
    }
    let relation = match (frame.lead, sign) {
        (Relation::About, Some(Sign::Yes)) => Relation::Needs,
        (Relation::About | Relation::Needs, Some(Sign::No | Sign::Avoid)) => Relation::WrongNeeds,
        (relation, _) => relation,
    };
    let path = || frame.path.iter().map(|step| part(Field::Path, step.clone()));
    match relation {
        Relation::Needs | Relation::WrongNeeds if frame.subject.is_some() => {
            let stance = if relation == Relation::Needs { Stance::For } else { Stance::Against };
            let subject = frame.subject.clone().unwrap_or_default();
            let parts = std::iter::once(part(Field::Need, rich.text.clone())).chain(path()).collect();
            claims.push(place.claim(Kind::UseList, parts, vec![Pick::new(subject, stance)], Joined::One));
            return;
        }
        Relation::Options | Relation::WrongOptions if frame.need.is_some() => {
            if let Some(mut read) = choice::read(rich, &frame.options, context) {
                if relation == Relation::WrongOptions {
                    read.picks.iter_mut().for_each(|pick| pick.stance = Stance::Against);
                }
                let need = frame.need.clone().unwrap_or_default();
                let parts = [part(Field::Need, need), part(Field::Value, rich.text.clone())]
                    .into_iter()
                    .chain(path())
                    .collect();
                claims.push(place.claim(Kind::UseList, parts, read.picks, read.join));
                return;
            }
        }
        Relation::Pros | Relation::Cons if frame.subject.is_some() => {
            let stance = if relation == Relation::Pros { Stance::For } else { Stance::Against };
            let subject = frame.subject.clone().unwrap_or_default();
            let parts = vec![Part { field: Field::Value, stance, text: rich.text.clone() }];
            claims.push(place.claim(Kind::UseList, parts, vec![Pick::new(subject, Stance::For)], Joined::One));
            return;
        }
        _ => {}
    }
    if let Some((lead, rest)) = lead(rich)
        && read_lead(&lead, &rest, place, frame, context, claims)
    {
        return;
    }
    // A name alone says nothing of what it stands under.
    if !is_name_like(rich) || rich.marks.is_empty() {
        read_run(rich, |_, _| place, frame, context, claims);
    }
    inline_list(rich, place, frame, claims);
    // A bare name in a list is an option for the need of its heading.
    let bare = rich.opening_mark();
    let name = match bare {
        Some(mark) if !rich.marked(mark).trim().is_empty() => Some(rich.marked(mark).trim().to_owned()),
        _ if is_name_like(rich) => Some(rich.text.trim().to_owned()),
        _ => None,
    };
    if let (Some(name), Some(need)) = (name, &frame.need) {
        let parts = [part(Field::Need, need.clone()), part(Field::Value, rich.text.clone())]
            .into_iter()
            .chain(path())
            .collect();
        let stance = frame.verdict.unwrap_or(Stance::For);
        let mut claim = place.claim(Kind::Mention, parts, vec![Pick::new(name, stance)], Joined::One);
        if frame.is_attribute {
            claim.prior = BESIDE_RULE;
        }
        claims.push(claim);
    }
}

/// True for a text that is a condition: it opens with `if` and its like, or closes so in languages that put it last.
fn is_conditional(text: &str, context: &Context<'_>) -> bool {
    let cut = atoms(text);
    context.languages.hits(&cut).iter().any(|hit| {
        let at_end = hit.end == cut.len() && hit.start > 0 && cut[hit.start].script.is_dense();
        let own = context.owns(hit.lang);
        own && matches!(hit.cue, Cue::Rule(Rule::Condition)) && (hit.start == 0 && hit.end < cut.len() || at_end)
    })
}

/// Reads a lead with its text; false where it says nothing by itself.
fn read_lead(
    lead: &Rich,
    rest: &Rich,
    place: Place,
    frame: &Frame,
    context: &Context<'_>,
    claims: &mut Vec<Claim>,
) -> bool {
    let head = head::read(lead, context);
    let rest_text = rest.text.trim().to_owned();
    if rest_text.is_empty() {
        return false;
    }
    let path = || frame.path.iter().map(|step| part(Field::Path, step.clone()));
    let subject = head.option.clone().or_else(|| frame.subject.clone());
    let stance = match head.kind {
        HeadKind::Use => Some((Field::Need, Stance::Plain, Stance::For)),
        HeadKind::Avoid => Some((Field::Need, Stance::Plain, Stance::Against)),
        HeadKind::Pro => Some((Field::Value, Stance::For, Stance::For)),
        HeadKind::Con => Some((Field::Value, Stance::Against, Stance::For)),
        _ => None,
    };
    match (stance, subject) {
        (Some((field, part_stance, pick_stance)), Some(subject)) => {
            let parts = std::iter::once(Part { field, stance: part_stance, text: rest_text }).chain(path()).collect();
            claims.push(place.claim(Kind::UseList, parts, vec![Pick::new(subject, pick_stance)], Joined::One));
            return true;
        }
        (Some(_), None) => {}
        (None, _) => {}
    }
    if matches!(head.kind, HeadKind::UseBare | HeadKind::AvoidBare | HeadKind::Use | HeadKind::Avoid) {
        let Some(mut read) = choice::read(&trimmed(rest), &frame.options, context) else {
            return false;
        };
        if matches!(head.kind, HeadKind::AvoidBare | HeadKind::Avoid) {
            read.picks.iter_mut().for_each(|pick| pick.stance = Stance::Against);
        }
        let need = frame.need.clone().unwrap_or_default();
        let parts = std::iter::once(part(Field::Need, need)).chain(path()).collect();
        claims.push(place.claim(Kind::UseList, parts, read.picks, read.join));
        return true;
    }
    let lead_text = super::names::strip_numbering(&lead.text).to_owned();
    let lead_known = context.names.known(&lead_text);
    let rest_rich = trimmed(rest);
    let rest_marked = rest_rich.opening_mark().is_some();
    let rest_known = context.names.known(rest_rich.text.split(['(', '（', ',', '.', '。']).next().unwrap_or_default());
    let lead_set_off = lead.marks.iter().any(|mark| mark.kind.sets_off());
    let is_need_first = match frame.lead {
        Relation::Options => false,
        _ => {
            rest_marked && !lead_set_off
                || rest_known > lead_known.max(0.35) && is_name_like(&rest_rich)
                || rest_marked && rest_known > lead_known
        }
    };
    let is_label = frame.leads_are_labels && lead_known < 0.95
        || context.names.is_label(&lead_text)
        || matches!(head.kind, HeadKind::Label | HeadKind::Question);
    if is_need_first {
        // `Cold climate: **larch**`: the lead is the need, what follows the choice.
        if let Some(read) = choice::read(&rest_rich, &frame.options, context) {
            let parts = std::iter::once(part(Field::Need, lead_text)).chain(path()).collect();
            claims.push(place.claim(Kind::Lead, parts, read.picks, read.join));
            return true;
        }
    }
    if is_label && frame.subject.is_none() {
        return false;
    }
    if let (true, Some(subject)) = (is_label, &frame.subject) {
        let parts = [part(Field::Header, lead_text), part(Field::Value, rest_text)].into_iter().chain(path()).collect();
        claims.push(place.claim(Kind::Topic, parts, vec![Pick::new(subject, Stance::For)], Joined::One));
        return true;
    }
    // `External characters: adopt plan B or plan D`: what follows is a rule for the lead.
    if let Some(rule) = prose::rules(&rest_rich, None, context).into_iter().next().filter(|_| lead_known < 0.5) {
        let parts = [part(Field::Need, lead_text.clone()), part(Field::Value, rest_text.clone())]
            .into_iter()
            .chain(path())
            .collect();
        let is_sure = frame.leads_are_needs
            || rule.picks.iter().any(|pick| {
                context.names.known(&pick.name) > lead_known
                    || rest_rich.marks.iter().any(|mark| rest_rich.marked(mark) == pick.name)
            });
        let mut claim = place.claim(Kind::Lead, parts, rule.picks, rule.join);
        if !is_sure {
            claim.prior = EITHER_WAY;
        }
        claims.push(claim);
        if is_sure {
            return true;
        }
    }
    // `When it must be checked alone: …` under the heading of an option is a need of it.
    if let Some(subject) = frame.subject.as_ref().filter(|_| is_conditional(&lead_text, context)) {
        let parts = [part(Field::Need, lead_text), part(Field::Value, rest_text)].into_iter().chain(path()).collect();
        claims.push(place.claim(Kind::UseList, parts, vec![Pick::new(subject, Stance::For)], Joined::One));
        return true;
    }
    // Neither side is known: `Cold climate: larch` may be read both ways.
    let names_both = is_name_like(&rest_rich) && !is_label && lead_known < 0.5;
    if names_both && let Some(read) = choice::read(&rest_rich, &frame.options, context) {
        let conditions: Vec<Part> = read
            .picks
            .iter()
            .filter_map(|pick| pick.condition.clone())
            .map(|condition| part(Field::Value, condition))
            .collect();
        let parts = std::iter::once(part(Field::Need, lead_text.clone())).chain(conditions).chain(path()).collect();
        let mut claim = place.claim(Kind::Lead, parts, read.picks, read.join);
        claim.prior = EITHER_WAY;
        claims.push(claim);
    }
    let pick_stance = head.verdict.unwrap_or(match frame.lead {
        Relation::WrongOptions => Stance::Against,
        _ => Stance::For,
    });
    let name = head.option.unwrap_or(lead_text);
    let parts: Vec<Part> =
        [part(Field::Option, name.clone()), part(Field::Need, rest_text.clone())].into_iter().chain(path()).collect();
    let kind = if lead_set_off || lead_known > 0.4 { Kind::Lead } else { Kind::Topic };
    claims.push(place.claim(kind, parts, vec![Pick::new(name.clone(), pick_stance)], Joined::One));
    // Under the heading of an option the lead may name a criterion of it.
    if let Some(subject) =
        frame.subject.as_ref().filter(|subject| lead_known < 0.8 && !lead_set_off && **subject != name)
    {
        let parts = [part(Field::Header, name), part(Field::Value, rest_text)].into_iter().chain(path()).collect();
        claims.push(place.claim(Kind::Topic, parts, vec![Pick::new(subject, Stance::For)], Joined::One));
    }
    true
}

/// How sure it is that what a sentence is about is the nearest heading, where that is no option.
const ABOUT_HEADING: f32 = 0.8;
/// How sure one of two readings of a lead is.
const EITHER_WAY: f32 = 0.85;
/// How sure another reading of a sentence is that states a rule.
const BESIDE_RULE: f32 = 0.6;

fn read_sentence(sentence: &Rich, place: Place, frame: &Frame, context: &Context<'_>, claims: &mut Vec<Claim>) {
    let path = || frame.path.iter().map(|step| part(Field::Path, step.clone()));
    let subject = frame.subject.as_deref();
    let text = sentence.text.trim().to_owned();
    ranking(sentence, place, frame, claims);
    let rules = prose::rules(sentence, subject, context);
    let is_ruled = !rules.is_empty();
    for read in rules {
        let parts = std::iter::once(part(Field::Need, text.clone())).chain(path()).collect();
        claims.push(place.claim(Kind::Rule, parts, read.picks, read.join));
    }
    let marked = sentence.marks.iter().filter(|mark| mark.kind.sets_off());
    let mut seen: Vec<&str> = Vec::new();
    for mark in marked {
        let name = sentence.marked(mark).trim();
        let is_name =
            (1..=6).contains(&n_atoms(name)) && Some(name) != subject && !seen.contains(&name) && name != text;
        if is_name && seen.len() < 3 {
            seen.push(name);
            let parts = std::iter::once(part(Field::Need, text.clone())).chain(path()).collect();
            claims.push(place.claim(Kind::Mention, parts, vec![Pick::new(name, Stance::For)], Joined::One));
        }
    }
    let (field, stance) = match frame.lead {
        Relation::Pros => (Field::Value, Stance::For),
        Relation::Cons => (Field::Value, Stance::Against),
        Relation::Needs => (Field::Need, Stance::For),
        _ => (Field::Value, Stance::Plain),
    };
    let pick_stance = if frame.lead == Relation::WrongNeeds { Stance::Against } else { Stance::For };
    let parts = std::iter::once(Part { field, stance, text }).chain(path()).collect();
    // No sentence is lost: one that stands under no option is about its heading, which is seldom the answer.
    let about = subject.unwrap_or(&frame.about);
    let mut claim = place.claim(Kind::Topic, parts, vec![Pick::new(about, pick_stance)], Joined::One);
    if subject.is_none() {
        claim.prior = if is_ruled || frame.about_asks { BESIDE_RULE } else { ABOUT_HEADING };
    }
    claims.push(claim);
}
