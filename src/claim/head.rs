//! What does a heading, label or lead say of what stands under it?

use super::names::{strip_numbering, versus};
use super::{Claim, Context, Field, Joined, Kind, Pick, Stance, choice, part};
use crate::language::{Cue, Fit, Hit, Lead, Role, Rule, Sign};
use crate::note::{MarkKind, Note, Rich};
use crate::text::{Atom, atoms, n_atoms};
use rustc_hash::FxHashMap;

/// A heading, label or lead as it governs what follows.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// How it governs.
    pub kind: HeadKind,
    /// The option it names, where it names one.
    pub option: Option<String>,
    /// Its text.
    pub text: String,
    /// A verdict in it: `(recommended)`, `- not recommended`.
    pub verdict: Option<Stance>,
    /// It recommends its option in a sentence.
    pub is_rule: bool,
}

/// How a head governs what stands under it.
#[derive(Clone, Debug, PartialEq)]
pub enum HeadKind {
    /// Compares the options.
    Versus(Vec<String>),
    /// Needs of an option follow.
    Use,
    /// Needs for which the option is wrong follow.
    Avoid,
    /// Options for the need above follow.
    UseBare,
    /// Wrong options for the need above follow.
    AvoidBare,
    /// Advantages follow.
    Pro,
    /// Disadvantages follow.
    Con,
    /// Is a rule itself: need and choice.
    Rule {
        /// The need.
        need: String,
        /// The choice.
        choice: choice::Choice,
    },
    /// Asks; what follows answers.
    Question,
    /// Names neither option nor need.
    Label,
    /// Names an option or a need.
    Topic,
}

/// Longest heading that may name an option, in words; two dense characters count as one.
const OPTION_LIMIT: usize = 8;

/// Reads all headings of a note; index 0 is the note's title.
pub fn heads(note: &Note, context: &Context<'_>) -> Vec<Head> {
    let title = Rich { text: note.title.clone(), marks: Vec::new() };
    let headings = note.sections.iter().skip(1).map(|section| {
        let raw = crate::parse::rich(&section.raw);
        read(if raw.text.is_empty() { &title } else { &raw }, context)
    });

    let mut heads: Vec<Head> = std::iter::once(read(&title, context)).chain(headings).collect();
    // A heading that comes back under other headings of the note names a side of them, not an option.
    let mut parents: FxHashMap<String, (usize, bool)> = FxHashMap::default();
    for section in &note.sections {
        let known = parents.entry(crate::text::key(&section.text)).or_insert((section.parent, false));
        known.1 |= known.0 != section.parent;
    }
    for (head, section) in heads.iter_mut().zip(&note.sections).skip(1) {
        let comes_back = parents.get(&crate::text::key(&section.text)).is_some_and(|(_, several)| *several);
        if head.kind == HeadKind::Topic && section.level > 2 && comes_back {
            head.kind = HeadKind::Label;
            head.option = None;
        }
    }
    attributes(note, &mut heads);
    heads
}

/// Makes labels of all headings of a level where many are: under `## Fern`, `### Water` and `### Light` tell that
/// `### Likes fog` is no plant either.
fn attributes(note: &Note, heads: &mut [Head]) {
    let deepest = note.sections.iter().map(|section| section.level).max().unwrap_or(0);
    for level in 3..=deepest {
        let at_level: Vec<usize> = (1..note.sections.len()).filter(|at| note.sections[*at].level == level).collect();
        let n_labels = at_level.iter().filter(|at| heads[**at].kind == HeadKind::Label).count();
        let mut parents: Vec<usize> = at_level.iter().map(|at| note.sections[*at].parent).collect();
        parents.dedup();
        if n_labels >= 3 && n_labels * 5 >= at_level.len() * 2 && parents.len() > 1 {
            for at in at_level {
                if heads[at].kind == HeadKind::Topic {
                    heads[at].kind = HeadKind::Label;
                }
                // `### Benefits for the air` under `## Fern` speaks of the fern.
                if matches!(heads[at].kind, HeadKind::Label | HeadKind::Pro | HeadKind::Con) {
                    heads[at].option = None;
                }
            }
        }
    }
}

/// Reads one head.
pub fn read(rich: &Rich, context: &Context<'_>) -> Head {
    let (sign, _) = context.languages.leading_sign(&rich.text).map_or((None, ""), |(sign, rest)| (Some(sign), rest));
    let text = strip_numbering(&rich.text).trim_end_matches([':', '：', ' ']).to_owned();
    let text = text.split(" {").next().unwrap_or(&text).to_owned();
    let mut head = Head { kind: HeadKind::Topic, option: None, text: text.clone(), verdict: None, is_rule: false };
    let sides = versus(&text, context.languages);
    let orders = opens_with_order(&text, context);
    if sides.len() > 1 && !orders {
        head.kind = HeadKind::Versus(sides);
        return head;
    }
    if let Some(rule) = rule(rich, &text, context) {
        head.kind = rule;
        return head;
    }
    let cut = atoms(&text);
    let hits = context.languages.hits(&cut);
    let lead = hits
        .iter()
        .filter_map(|hit| match hit.cue {
            Cue::Lead(lead) => Some((lead, hit.start, hit.end)),

            Cue::Role(Role::Need) if hit.start == 0 && hit.end == cut.len() => Some((Lead::Use, hit.start, hit.end)),
            // `Description`, `Reason`, `Example` name a side of something.
            Cue::Role(Role::Why | Role::Criterion | Role::Example) if hit.start == 0 && hit.end == cut.len() => {
                Some((Lead::Label, hit.start, hit.end))
            }
            _ => None,
        })
        .filter(|(lead, start, end)| match lead {
            Lead::UseBare | Lead::AvoidBare | Lead::Default => *start == 0 && *end == cut.len(),
            Lead::Label => *start == 0 && *end == cut.len(),
            Lead::Compare | Lead::Asked | Lead::Answered => false,
            Lead::Use | Lead::Avoid => *start == 0 || *end == cut.len() || end - start > 1,
            Lead::Pro | Lead::Con => *start == 0 || *end == cut.len(),
        })
        .max_by_key(|(lead, start, end)| (end - start, *lead == Lead::Avoid));
    if let Some((kind, option)) = conditional_use(&text, &cut, &hits, context) {
        head.kind = kind;
        head.option = option;
        return head;
    }
    if let Some((lead, start, end)) = lead {
        head.kind = match lead {
            Lead::Use => HeadKind::Use,
            Lead::Avoid => HeadKind::Avoid,
            Lead::UseBare => HeadKind::UseBare,
            Lead::AvoidBare => HeadKind::AvoidBare,
            Lead::Pro => HeadKind::Pro,
            Lead::Con => HeadKind::Con,
            _ => HeadKind::Label,
        };
        let from = cut[start].start;
        let to = cut[end - 1].end;
        head.option = option_beside(&text[..from], &text[to..], context);
        if head.kind == HeadKind::Use && matches!(sign, Some(Sign::No | Sign::Avoid)) {
            head.kind = HeadKind::Avoid;
        }
        return head;
    }
    if matches!(sign, Some(Sign::No | Sign::Avoid | Sign::Rejected)) {
        head.verdict = Some(Stance::Against);
    }
    if text.ends_with(['?', '？'])
        || hits
            .iter()
            .any(|hit| matches!(hit.cue, Cue::Ask(_)) && hit.start == 0 && hit.end < cut.len() && cut.len() > 3)
    {
        head.kind = HeadKind::Question;
        return head;
    }
    let verdict = hits.iter().find_map(|hit| match hit.cue {
        Cue::Sign(Sign::Recommended | Sign::Best) if hit.end == cut.len() && hit.start > 0 => {
            Some((hit.start, Stance::For))
        }
        Cue::Sign(Sign::Rejected | Sign::Deprecated | Sign::Avoid) if hit.end == cut.len() && hit.start > 0 => {
            Some((hit.start, Stance::Against))
        }
        _ => None,
    });
    let mut name = text.as_str();
    if let Some((start, stance)) = verdict {
        head.verdict = Some(stance);
        name = text[..cut[start].start].trim_end_matches([' ', '-', '–', '—', '(', '（', ':', ',']);
    }
    // `Kinds of oil` names the kind, the options stand under it.
    let names_kind =
        hits.iter().any(|hit| hit.cue == Cue::Generic && hit.start == 0 && hit.end < cut.len() && cut.len() > 1);
    if names_kind {
        return head;
    }
    if let Some(recommended) = recommended(&text, context) {
        head.option = Some(recommended);
        head.is_rule = true;
    } else if is_option(name, context) {
        head.option = Some(option_name(name));
    } else if rich.is_all(MarkKind::Struck) {
        head.verdict = Some(Stance::Against);
    }
    head
}

/// Reads `Use oak when:` and `Consider this plan for`: needs of an option follow, or of what the head stands under.
fn conditional_use(
    text: &str,
    cut: &[Atom],
    hits: &[Hit],
    context: &Context<'_>,
) -> Option<(HeadKind, Option<String>)> {
    let own = |hit: &&Hit| context.owns(hit.lang);
    let verbs = hits.iter().filter(own).filter(|hit| hit.start == 0 && hit.end < cut.len());
    let (verb, kind) = verbs
        .filter_map(|hit| match hit.cue {
            Cue::Rule(Rule::Choose) => Some((hit.end, HeadKind::Use)),
            Cue::Rule(Rule::Avoid) => Some((hit.end, HeadKind::Avoid)),
            _ => None,
        })
        .max_by_key(|(end, _)| *end)?;
    let is_end = |hit: &&Hit| hit.cue == Cue::Rule(Rule::Condition) && hit.end == cut.len() && hit.start >= verb;
    let condition = hits.iter().filter(own).filter(is_end).map(|hit| hit.start).min()?;
    let option = (verb < condition).then(|| option_beside("", &text[cut[verb].start..cut[condition - 1].end], context));
    Some((kind, option.flatten()))
}

/// True for `Use rye over wheat`: it recommends, and compares nothing.
fn opens_with_order(text: &str, context: &Context<'_>) -> bool {
    let cut = atoms(text);
    let opens = |hit: &Hit| hit.start == 0 && hit.end < cut.len() && context.owns(hit.lang);
    let hits = context.languages.hits(&cut);
    hits.iter().any(|hit| opens(hit) && matches!(hit.cue, Cue::Rule(Rule::Choose | Rule::Avoid)))
        && !hits.iter().any(|hit| hit.start == 0 && matches!(hit.cue, Cue::Lead(_)) && hit.end > 1)
}

/// Returns what a head such as `Use rye for damp ground` recommends: what stands under it speaks of that.
fn recommended(text: &str, context: &Context<'_>) -> Option<String> {
    let rich = Rich { text: text.to_owned(), marks: Vec::new() };
    let rule = super::prose::rules(&rich, None, context).into_iter().next()?;
    let [pick] = rule.picks.as_slice() else { return None };
    let is_all = n_atoms(&pick.name) + 1 >= n_atoms(text);
    // In `selection criteria` the verb is part of a noun.
    let roles = context.languages.roles(&pick.name);
    let says_nothing =
        roles.iter().any(|(_, fit)| *fit == Fit::Whole) || context.names.is_empty_name(&pick.name, context.languages);
    let recommends = pick.stance == Stance::For && !is_all && !says_nothing && !announces(text, &rule.picks, context);
    recommends.then(|| pick.name.clone())
}

/// A bracket of more than three words is a remark, not part of the name.
fn option_name(name: &str) -> String {
    let open = name.find(['(', '（']).filter(|at| *at > 0);
    match open {
        Some(at) if n_atoms(&name[at..]) > 3 => name[..at].trim_end().to_owned(),
        _ => name.trim().to_owned(),
    }
}

fn is_option(name: &str, context: &Context<'_>) -> bool {
    let cut = atoms(name);
    let n = cut.iter().filter(|atom| !atom.script.is_dense()).count()
        + cut.iter().filter(|atom| atom.script.is_dense()).count() / 2;
    (1..=OPTION_LIMIT).contains(&n.max(usize::from(!cut.is_empty())))
        && !context.names.is_label(name)
        && !name.ends_with(['.', '。', '!'])
}

/// Returns the option beside a cue: `When to use [A]`, `[A]: best for`.
fn option_beside(before: &str, after: &str, context: &Context<'_>) -> Option<String> {
    let clean = |side: &str| {
        let side = side.trim_matches(|c: char| !c.is_alphanumeric() && !"()（）+#".contains(c));
        let cut = atoms(side);
        let hits = context.languages.hits(&cut);
        let is_filler = |at: usize| {
            hits.iter().any(|hit| {
                hit.start <= at && at < hit.end && matches!(hit.cue, Cue::Stop | Cue::Generic | Cue::Lead(Lead::Label))
            })
        };
        // `Consider this plan for` points back at what it stands under.
        let points_back = |hit: &Hit| hit.cue == Cue::Rule(Rule::This) && context.owns(hit.lang);
        if hits.iter().any(points_back) {
            return None;
        }
        let start = (0..cut.len()).find(|at| !is_filler(*at))?;
        let end = (0..cut.len()).rfind(|at| !is_filler(*at))?;
        Some(side[cut[start].start..side.len().min(cut[end].end)].to_owned())
    };
    let sides = [clean(after), clean(before)];
    let mut named = sides.into_iter().flatten().filter(|side| n_atoms(side) <= 8).collect::<Vec<_>>();
    named.sort_by(|a, b| context.names.known(b).total_cmp(&context.names.known(a)));
    named.into_iter().next()
}

/// Reads `Need → choice` and `Need: **choice**`.
fn rule(rich: &Rich, text: &str, context: &Context<'_>) -> Option<HeadKind> {
    if let Some((need, rest)) = context.languages.split_arrow(text) {
        if need.trim().is_empty() || context.languages.split_arrow(rest).is_some() {
            return None;
        }
        let choice = choice::read(&Rich { text: rest.trim().to_owned(), marks: Vec::new() }, &[], context)?;
        return Some(HeadKind::Rule { need: need.trim().to_owned(), choice });
    }
    let bold = rich.marks.iter().find(|mark| {
        mark.kind == MarkKind::Bold && mark.end as usize == rich.text.trim_end().len() && mark.start > 0
    })?;
    let need = rich.text[..bold.start as usize].trim();
    let need = need.strip_suffix([':', '：', '-', '–', '—'])?;
    let choice = choice::read(&Rich { text: rich.marked(bold).to_owned(), marks: Vec::new() }, &[], context)?;
    Some(HeadKind::Rule { need: strip_numbering(need).to_owned(), choice })
}

/// True for `Choosing a glue`: nothing but the verb and a common word, so the notes below choose, not the heading.
fn announces(text: &str, picks: &[Pick], context: &Context<'_>) -> bool {
    let cut = atoms(text);
    let named: Vec<Atom> = picks.iter().flat_map(|pick| atoms(&pick.name)).collect();
    let hits = context.languages.hits(&cut);
    let says_more = (0..cut.len()).any(|at| {
        let is_word = hits.iter().any(|hit| {
            (hit.start..hit.end).contains(&at) && context.owns(hit.lang) && matches!(hit.cue, Cue::Rule(_) | Cue::Stop)
        });
        !is_word && !named.iter().any(|atom| atom.marked == cut[at].marked)
    });
    !says_more && picks.iter().all(|pick| pick.name.starts_with(char::is_lowercase))
}

/// Emits the claims that headings and titles make themselves.
pub fn claims(note: &Note, section: usize, head: &Head, context: &Context<'_>, claims: &mut Vec<Claim>) {
    let line = note.sections[section].line;
    let claim = |kind, parts, picks, join| Claim {
        kind,
        block: None,
        section,
        lines: (line, line),
        parts,
        picks,
        join,
        prior: 1.0,
    };
    match &head.kind {
        HeadKind::Rule { need, choice } => {
            claims.push(claim(Kind::Tree, vec![part(Field::Need, need)], choice.picks.clone(), choice.join));
        }
        HeadKind::Topic | HeadKind::Question => {
            let rich = Rich { text: head.text.clone(), marks: Vec::new() };
            if let Some(found) = super::prose::rules(&rich, None, context).into_iter().next()
                && !announces(&head.text, &found.picks, context)
                && (section > 0 || note.sections.len() > 1 || !note.blocks.is_empty())
            {
                claims.push(claim(Kind::Rule, vec![part(Field::Need, &head.text)], found.picks, found.join));
            }
            if let (Some(option), Some(stance)) = (&head.option, head.verdict) {
                let parent = note.sections[section].parent;
                let need = note.sections[parent].text.clone();
                claims.push(claim(
                    Kind::UseList,
                    vec![part(Field::Need, need)],
                    vec![Pick::new(option, stance)],
                    Joined::One,
                ));
            }
        }
        _ => {}
    }
}
