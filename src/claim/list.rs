//! What do these items and sentences claim, given the headings and leads they stand under?

use super::head::{self, Head, HeadKind};
use super::typing::is_name_like;
use super::{Claim, Context, Field, Joined, Kind, Part, Pick, Stance, choice, part, prose};
use crate::language::{Cue, Rule, Sign};
use crate::note::{Block, Item, Line, MarkKind, Note, Rich};
use crate::text::atoms;

/// The heads that govern a block: its headings and the label or lead just above.
pub struct Scope<'a> {
    note: &'a Note,
    heads: &'a [Head],
    section: usize,
    /// Labels in force: whether each lasts beyond the next block.
    labels: Vec<(Head, bool)>,
    /// The lead that the next block uses up.
    used: bool,
}

/// What the heads above a line say together.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// The option that the place is about.
    pub subject: Option<String>,
    /// How items relate to it or to the need.
    pub lead: Relation,
    /// Needs named by leads and parent items, outermost first; headings are known from the section.
    pub path: Vec<String>,
    /// The innermost heading or lead that may be a need.
    pub need: Option<String>,
    /// Options that the place compares.
    pub options: Vec<String>,
    verdict: Option<Stance>,
    leads_are_labels: bool,
}

/// How the items under a head relate to its option or need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Relation {
    /// They speak of it.
    #[default]
    About,
    /// They are needs for which it is right.
    Needs,
    /// They are needs for which it is wrong.
    WrongNeeds,
    /// They are the right options for the need.
    Options,
    /// They are the wrong options for the need.
    WrongOptions,
    /// They are its advantages.
    Pros,
    /// They are its disadvantages.
    Cons,
}

impl<'a> Scope<'a> {
    /// Starts at the top of a note.
    pub fn new(note: &'a Note, heads: &'a [Head]) -> Self {
        Self { note, heads, section: 0, labels: Vec::new(), used: false }
    }

    /// Moves to the next block; a label ends with its section, a lead with the block after it.
    pub fn enter(&mut self, block: &Block, _context: &Context<'_>) {
        if block.section != self.section {
            self.section = block.section;
            self.labels.clear();
        } else if self.used {
            self.labels.retain(|(_, stays)| *stays);
        }
        self.used = true;
    }

    /// Puts a label in force until the next one.
    pub fn label(&mut self, label: &Rich, context: &Context<'_>) {
        self.labels.clear();
        self.labels.push((head::read(label, context), true));
        self.used = false;
    }

    fn lead(&mut self, text: &Rich, stays: bool, context: &Context<'_>) {
        let head = head::read(text, context);
        if stays {
            self.labels.clear();
        }
        self.labels.push((head, stays));
        self.used = false;
    }

    /// The options that the nearest heading or the title compares.
    pub fn versus(&self) -> Vec<String> {
        let mut at = self.section;
        loop {
            if let HeadKind::Versus(sides) = &self.heads[at].kind {
                return sides.clone();
            }
            if at == 0 {
                return Vec::new();
            }
            at = self.note.sections[at].parent;
        }
    }

    /// The headings above, nearest first, then the title.
    pub fn headings(&self) -> Vec<String> {
        let mut headings = Vec::new();
        let mut at = self.section;
        while at != 0 {
            headings.push(self.note.sections[at].text.clone());
            at = self.note.sections[at].parent;
        }
        headings.push(self.note.title.clone());
        headings
    }

    /// A title or top heading is an option only where something else names it as one.
    fn weakened(&self, at: usize, context: &Context<'_>) -> Head {
        let mut head = self.heads[at].clone();
        let is_top = at == 0 || self.note.sections[at].level == 1;
        if is_top
            && head.kind == HeadKind::Topic
            && head.option.as_deref().is_some_and(|option| !context.names.is_named_elsewhere(option))
        {
            head.option = None;
        }
        head
    }

    /// Returns what the heads above say together.
    pub fn frame(&self, context: &Context<'_>) -> Frame {
        let mut chain = Vec::new();
        let mut at = self.section;
        while at != 0 {
            chain.push(at);
            at = self.note.sections[at].parent;
        }
        let mut frame = Frame::default();
        frame.push(&self.weakened(0, context), false, context);
        for at in chain.into_iter().rev() {
            frame.push(&self.weakened(at, context), false, context);
        }
        for (head, _) in &self.labels {
            frame.push(head, true, context);
        }
        frame
    }
}

impl Frame {
    /// Adds the next inner head. Heads that are no headings also lend their words to the claims under them.
    fn push(&mut self, head: &Head, lends_words: bool, context: &Context<'_>) {
        let named = head.option.clone();
        let relation = match &head.kind {
            HeadKind::Versus(sides) => {
                self.options.clone_from(sides);
                self.subject = None;
                Relation::About
            }
            HeadKind::Topic => {
                self.need = Some(head.text.clone());
                if let Some(option) = named {
                    self.subject = Some(option);
                }
                self.verdict = head.verdict;
                Relation::About
            }
            HeadKind::Question => {
                self.need = Some(head.text.clone());
                self.subject = None;
                Relation::About
            }
            HeadKind::Rule { need, choice } => {
                self.need = Some(need.clone());
                self.subject = choice.picks.first().map(|pick| pick.name.clone());
                Relation::About
            }
            HeadKind::Label => self.lead,
            kind => {
                let relation = match kind {
                    HeadKind::Use => Relation::Needs,
                    HeadKind::Avoid => Relation::WrongNeeds,
                    HeadKind::UseBare => Relation::Options,
                    HeadKind::AvoidBare => Relation::WrongOptions,
                    HeadKind::Pro => Relation::Pros,
                    _ => Relation::Cons,
                };
                let can_hold = matches!(relation, Relation::Options | Relation::WrongOptions);
                match named {
                    Some(option) if !can_hold => self.subject = Some(option),
                    _ => {}
                }
                relation
            }
        };
        self.lead = relation;
        if lends_words && !matches!(head.kind, HeadKind::UseBare | HeadKind::AvoidBare) {
            self.path.push(head.text.clone());
        }
        let _ = context;
    }
}

/// Reads a list.
pub fn read(block: usize, items: &[Item], scope: &Scope<'_>, context: &Context<'_>, claims: &mut Vec<Claim>) {
    let mut base = scope.frame(context);
    base.leads_are_labels = leads_are_labels(items, &base, context);
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
            frame.push(&head, true, context);
        }
        let place = Place { block, lines: (item.line, item.last_line.max(item.line)) };
        if has_children {
            let lead = lead(&item.rich, context).map_or_else(|| item.rich.clone(), |(lead, _)| lead);
            let names_option = is_name_like(&lead) && lead.text.len() < item.rich.text.len().max(lead.text.len() + 1);
            parents.push((item.depth, head::read(&lead, context), names_option));
            if item.rich.text.trim_end().ends_with([':', '：']) {
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
    let leads: Vec<String> =
        items.iter().filter_map(|item| lead(&item.rich, context)).map(|(lead, _)| lead.text).collect();
    let repeats = |lead: &&String| {
        let found = context.names.of(lead);
        found.n_lead_sections > 1 && found.n_titles + found.n_versus + found.n_first_cells + found.n_choices == 0
    };
    leads.len() > 1 && leads.iter().filter(repeats).count() * 5 >= leads.len() * 2
}

/// Reads running text: lines that stand for themselves as items, the rest as sentences.
pub fn read_paragraph(
    block: usize,
    lines: &[Line],
    scope: &mut Scope<'_>,
    context: &Context<'_>,
    claims: &mut Vec<Claim>,
) {
    let ends_open = |line: &Line| line.rich.text.trim_end().ends_with([':', '：']);
    let is_lead = |line: &Line| line.rich.is_all(MarkKind::Bold) || ends_open(line);
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
    let frame = scope.frame(context);
    let mut at = 0;
    while at < lines.len() {
        let place = Place { block, lines: (lines[at].line, lines[at].line) };
        if stands_alone(&lines[at].rich, context) {
            read_line(&lines[at].rich, place, &frame, context, claims);
            at += 1;
            continue;
        }
        let n_lines = 1 + lines[at + 1..].iter().take_while(|line| !stands_alone(&line.rich, context)).count();
        read_sentences(&lines[at..at + n_lines], block, &frame, context, claims);
        at += n_lines;
    }
    if lines.len() > 1
        && let Some(last) = lines.last().filter(|line| is_lead(line) && line.rich.text.len() < 200)
    {
        scope.lead(&last.rich, last.rich.is_all(MarkKind::Bold), context);
    }
}

/// True for a line that is an item in all but its marker: a sign, a bold lead, an arrow.
fn stands_alone(rich: &Rich, context: &Context<'_>) -> bool {
    let bold_lead = rich.marks.first().is_some_and(|mark| mark.kind == MarkKind::Bold && mark.start == 0);
    bold_lead
        || context.languages.leading_sign(&rich.text).is_some()
        || context.languages.split_arrow(&rich.text).is_some()
}

/// Where a line stands.
#[derive(Clone, Copy)]
pub struct Place {
    /// Block of the note.
    pub block: usize,
    /// Its lines.
    pub lines: (u32, u32),
}

impl Place {
    fn claim(self, kind: Kind, parts: Vec<Part>, picks: Vec<Pick>, join: Joined) -> Claim {
        Claim { kind, block: Some(self.block), section: 0, lines: self.lines, parts, picks, join, prior: 1.0 }
    }
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
    if read_arrow(rich, place, frame, context, claims) || ranking(rich, place, frame, context, claims) {
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
    if let Some((lead, rest)) = lead(rich, context)
        && read_lead(&lead, &rest, place, frame, context, claims)
    {
        return;
    }
    // A name alone says nothing of what it stands under.
    if !is_name_like(rich) || rich.marks.is_empty() {
        read_run(rich, |_, _| place, frame, context, claims);
    }
    inline_list(rich, place, frame, context, claims);
    // A bare name in a list is an option for the need of its heading.
    let bare = rich
        .marks
        .iter()
        .find(|mark| mark.start == 0 && matches!(mark.kind, MarkKind::Bold | MarkKind::Code | MarkKind::Link));
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
        claims.push(place.claim(Kind::Mention, parts, vec![Pick::new(name, stance)], Joined::One));
    }
}

/// Reads `A (resizes), B (removes marks), C (enlarges)`: several names on a line, each with its need in a bracket.
fn inline_list(rich: &Rich, place: Place, frame: &Frame, context: &Context<'_>, claims: &mut Vec<Claim>) {
    let text = rich.text.as_str();
    let segments: Vec<&str> = text.split(['&', '、', ',', '，', ';', '；', '|']).map(str::trim).collect();
    let with_bracket = |segment: &&&str| segment.find(['(', '（']).is_some_and(|at| at > 0) && segment.ends_with([')', '）']);
    if segments.len() < 3 || segments.iter().filter(with_bracket).count() < 2 {
        return;
    }
    for segment in segments.iter().filter(with_bracket) {
        let Some(open) = segment.find(['(', '（']) else { continue };
        let name = segment[..open].rsplit([':', '：']).next().unwrap_or_default().trim();
        let need = segment[open..].trim_matches(['(', ')', '（', '）', ' ']);
        if (1..=5).contains(&atoms(name).len()) && !need.is_empty() {
            let path = frame.path.iter().map(|step| part(Field::Path, step.clone()));
            let parts = [part(Field::Option, name), part(Field::Need, need)].into_iter().chain(path).collect();
            claims.push(place.claim(Kind::Lead, parts, vec![Pick::new(name, Stance::For)], Joined::One));
        }
    }
    let _ = context;
}

/// Reads `A > B > C`: the first is the answer, the others follow where it is ruled out.
fn ranking(rich: &Rich, place: Place, frame: &Frame, context: &Context<'_>, claims: &mut Vec<Claim>) -> bool {
    let steps: Vec<&str> = rich.text.split([" > ", " ＞ ", " ≻ "][usize::from(rich.text.contains(" ＞ "))]).collect();
    if steps.len() < 3 || steps.iter().skip(1).any(|step| atoms(step).len() > 8) {
        return false;
    }
    // The first step may be the end of a sentence: its last words are the name.
    let first = steps[0].trim();
    let name_start = first.rfind([':', '：', ' ', '为', '是']).map_or(0, |at| at + first[at..].chars().next().map_or(1, char::len_utf8));
    let names = std::iter::once(&first[name_start..]).chain(steps[1..].iter().map(|step| step.split(['.', '。', ',', '，', '(', '（']).next().unwrap_or(step)));
    let picks: Vec<Pick> = names.enumerate().map(|(at, name)| Pick { is_alternative: at > 0, ..Pick::new(name.trim(), Stance::For) }).collect();
    let need = if name_start > 0 { first[..name_start].to_owned() } else { frame.need.clone().unwrap_or_default() };
    let path = frame.path.iter().map(|step| part(Field::Path, step.clone()));
    let parts = [part(Field::Need, need), part(Field::Value, rich.text.clone())].into_iter().chain(path).collect();
    claims.push(place.claim(Kind::Lead, parts, picks, Joined::One));
    let _ = context;
    true
}

/// Splits `**X**: rest`, `X: rest`, `**X** — rest`.
fn lead(rich: &Rich, context: &Context<'_>) -> Option<(Rich, Rich)> {
    let text = rich.text.as_str();
    let bold_end = rich
        .marks
        .iter()
        .find(|mark| mark.start == 0 && matches!(mark.kind, MarkKind::Bold | MarkKind::Link | MarkKind::Code))
        .map_or(0, |mark| mark.end as usize);
    let inside = text[..bold_end].trim_end();
    if let Some(inner) = inside.strip_suffix([':', '：']) {
        return Some((rich.slice(0, inner.len()), rich.slice(bold_end, text.len())));
    }
    let rest = &text[bold_end..];
    // `[Name](link). What it is`, `Name. What it is`.
    let stop = if bold_end > 0 { rest.starts_with(['.', '!', '。']).then_some(0) } else { short_first_sentence(text) };
    if let Some(at) = stop {
        let width = rest[at..].chars().next().map_or(1, char::len_utf8);
        if rest[at + width..].trim().chars().count() > 8 {
            return Some((rich.slice(0, bold_end + at), rich.slice(bold_end + at + width, text.len())));
        }
    }
    let cut = rest.char_indices().find_map(|(at, c)| {
        let next = rest[at + c.len_utf8()..].chars().next();
        let spaced = next.is_none_or(char::is_whitespace) && (at == 0 || rest[..at].ends_with(char::is_whitespace));
        match c {
            '：' => Some((at, c.len_utf8())),
            ':' if next.is_none_or(|next| next.is_whitespace() || !next.is_ascii()) => Some((at, 1)),
            '—' | '–' if spaced || next.is_some_and(|next| next == c) => Some((at, c.len_utf8())),
            '-' if spaced => Some((at, 1)),
            '=' if spaced => Some((at, 1)),
            _ => None,
        }
    });
    let (at, width) = cut?;
    let lead_text = &text[..bold_end + at];
    // A bold lead may be followed by a bracket; other text between it and the colon makes it a sentence.
    let n_words = atoms(lead_text).iter().map(|atom| if atom.script.is_dense() { 1 } else { 2 }).sum::<usize>();
    let is_short = n_words <= if bold_end > 0 { 24 } else { 14 };
    let opens_sentence = lead_text.contains(['.', '。', '?', '？']) && !lead_text.contains("vs.") && bold_end == 0;
    let _ = context;
    if !is_short || opens_sentence || lead_text.trim().is_empty() {
        return None;
    }
    Some((rich.slice(0, lead_text.trim_end().len()), rich.slice(bold_end + at + width, text.len())))
}

/// Returns the end of a first sentence that is a name: a few words, the first a capital.
fn short_first_sentence(text: &str) -> Option<usize> {
    let at = text.find(". ")?;
    let words = atoms(&text[..at]);
    let is_name =
        (1..=4).contains(&words.len()) && text.starts_with(char::is_uppercase) && !text[..at].contains([',', ':', '?']);
    is_name.then_some(at)
}

/// True for a text that is a condition: it opens with `if` and its like, or closes so in languages that put it last.
fn is_conditional(text: &str, context: &Context<'_>) -> bool {
    let cut = atoms(text);
    context.languages.hits(&cut).iter().any(|hit| {
        let at_end = hit.end == cut.len() && hit.start > 0 && cut[hit.start].script.is_dense();
        let own = hit.lang == context.lang || context.languages.code(hit.lang) == "en";
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
    let rest_marked = rest_rich
        .marks
        .iter()
        .any(|mark| mark.start == 0 && matches!(mark.kind, MarkKind::Bold | MarkKind::Code | MarkKind::Link));
    let rest_known = context.names.known(rest_rich.text.split(['(', '（', ',', '.', '。']).next().unwrap_or_default());
    let lead_set_off =
        lead.marks.iter().any(|mark| matches!(mark.kind, MarkKind::Bold | MarkKind::Code | MarkKind::Link));
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
    if lead_known < 0.5
        && let Some(rule) = prose::rule(&rest_rich, None, context)
    {
                let parts = [part(Field::Need, lead_text.clone()), part(Field::Value, rest_text.clone())].into_iter().chain(path()).collect();
        let is_sure = rule.picks.iter().any(|pick| context.names.known(&pick.name) > lead_known || rest_rich.marks.iter().any(|mark| rest_rich.marked(mark) == pick.name));
        claims.push(place.claim(Kind::Lead, parts, rule.picks, rule.join));
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
        claim.prior = 0.85;
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
    if let Some(subject) = frame.subject.as_ref().filter(|subject| lead_known < 0.8 && !lead_set_off && **subject != name) {
        let parts = [part(Field::Header, name), part(Field::Value, rest_text)].into_iter().chain(path()).collect();
        claims.push(place.claim(Kind::Topic, parts, vec![Pick::new(subject, Stance::For)], Joined::One));
    }
    true
}

fn trimmed(rich: &Rich) -> Rich {
    let start = rich.text.len() - rich.text.trim_start().len();
    rich.slice(start, rich.text.trim_end().len().max(start))
}

/// Reads `need → choice`, `**A** → need`, and flows of three and more.
pub fn read_arrow(rich: &Rich, place: Place, frame: &Frame, context: &Context<'_>, claims: &mut Vec<Claim>) -> bool {
    let Some((left, right)) = context.languages.split_arrow(&rich.text) else {
        return false;
    };
    if context.languages.split_arrow(right).is_some() {
        let segments = segments(&rich.text);
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
        let need = frame.need.clone().unwrap_or_default();
        if let Some(read) = choice::read(&trimmed(rich), &[], context) {
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
    if let Some((lead, rest)) = lead(&trimmed(&rich.slice(0, left.len())), context)
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
    if left_text.is_empty() || atoms(left_text).len() <= 1 {
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
fn segments(text: &str) -> Vec<(usize, usize)> {
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
        let has_arrow = ["→", "->", "=>", "⇒", "➜", "➔"].iter().any(|arrow| text[start..end].contains(arrow));
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
    steps.iter().all(|step| atoms(step).len() <= 8)
}

fn read_sentence(sentence: &Rich, place: Place, frame: &Frame, context: &Context<'_>, claims: &mut Vec<Claim>) {
    let path = || frame.path.iter().map(|step| part(Field::Path, step.clone()));
    let subject = frame.subject.as_deref();
    let text = sentence.text.trim().to_owned();
    ranking(sentence, place, frame, context, claims);
    if let Some(read) = prose::rule(sentence, subject, context) {
        let parts = std::iter::once(part(Field::Need, text.clone())).chain(path()).collect();
        claims.push(place.claim(Kind::Rule, parts, read.picks, read.join));
    }
    let marked =
        sentence.marks.iter().filter(|mark| matches!(mark.kind, MarkKind::Bold | MarkKind::Code | MarkKind::Link));
    let mut seen: Vec<&str> = Vec::new();
    for mark in marked {
        let name = sentence.marked(mark).trim();
        let is_name =
            (1..=6).contains(&atoms(name).len()) && Some(name) != subject && !seen.contains(&name) && name != text;
        if is_name && seen.len() < 3 {
            seen.push(name);
            let parts = std::iter::once(part(Field::Need, text.clone())).chain(path()).collect();
            claims.push(place.claim(Kind::Mention, parts, vec![Pick::new(name, Stance::For)], Joined::One));
        }
    }
    if let Some(subject) = subject {
        let (field, stance) = match frame.lead {
            Relation::Pros => (Field::Value, Stance::For),
            Relation::Cons => (Field::Value, Stance::Against),
            Relation::Needs => (Field::Need, Stance::For),
            _ => (Field::Value, Stance::Plain),
        };
        let pick = Pick::new(subject, if frame.lead == Relation::WrongNeeds { Stance::Against } else { Stance::For });
        let parts = std::iter::once(Part { field, stance, text }).chain(path()).collect();
        claims.push(place.claim(Kind::Topic, parts, vec![pick], Joined::One));
    }
}
