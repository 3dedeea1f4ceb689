//! Which options does this choice cell name, and how do they belong together?
//!
//! The grammar of choice cells: `A (log) or B (simple)`, `A → B`, `A + B`, `cond: A <br> cond: B`, `A instead of B`,
//! `avoid A`, `A, because …`. The same grammar reads what follows an arrow or a rule's verb.

use super::{Context, Joined, Pick, Stance};
use crate::language::{Cue, Hit, Join, Rule, Sign};
use crate::note::Rich;
use crate::text::{Atom, Script, atoms, n_atoms};

/// What a choice cell says.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The options, in order.
    pub picks: Vec<Pick>,
    /// How they belong together.
    pub join: Joined,
}

/// A longer text names no choice, in bytes; bounds how deep its parts nest, too.
const CELL_LIMIT: usize = 1_200;
/// Longest name that is taken for one, in atoms.
const NAME_LIMIT: usize = 9;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Cut {
    Then,
    Plus,
    Or,
    Comma,
    Instead,
    Stop,
    Line,
}

/// Reads a choice cell. `options` are the names of the table or note, for "either" and "both".
pub fn read(cell: &Rich, options: &[String], context: &Context<'_>) -> Option<Choice> {
    let text = cell.text.trim();
    if text.is_empty() || text.len() > CELL_LIMIT {
        return None;
    }
    if let Some((sign, rest)) = context.languages.mark(text) {
        match sign {
            Sign::Either | Sign::Both | Sign::Depends if options.len() > 1 && rest.len() < 60 => {
                let join = match sign {
                    Sign::Either => Joined::Either,
                    Sign::Both => Joined::Combine,
                    _ => Joined::Depends,
                };
                return Some(Choice { picks: options.iter().map(|name| Pick::new(name, Stance::For)).collect(), join });
            }
            Sign::Avoid | Sign::Rejected if !rest.is_empty() => {
                return opposed(rest, cell, context);
            }
            Sign::Depends => return depends(rest, cell, context),
            Sign::Unknown | Sign::Either | Sign::Both => return None,
            _ if rest.is_empty() => return None,
            _ => return read_text(rest, cell, context),
        }
    }
    read_text(text, cell, context)
}

/// Reads `depends on the size: A for one, B for more`: each part with its own condition.
fn depends(text: &str, cell: &Rich, context: &Context<'_>) -> Option<Choice> {
    let rest = text.split_once([':', '：']).map_or(text, |(_, rest)| rest);
    let parts: Vec<Choice> =
        rest.split([',', '，', ';', '；', '、']).filter_map(|part| one(part.trim(), cell, context)).collect();
    let picks: Vec<Pick> = parts.into_iter().flat_map(|part| part.picks).collect();
    (picks.len() > 1 && picks.iter().all(|pick| pick.condition.is_some()))
        .then_some(Choice { picks, join: Joined::Depends })
}

fn opposed(text: &str, cell: &Rich, context: &Context<'_>) -> Option<Choice> {
    let mut choice = read_text(text, cell, context)?;
    choice.picks.iter_mut().for_each(|pick| pick.stance = Stance::Against);
    Some(choice)
}

fn read_text(text: &str, cell: &Rich, context: &Context<'_>) -> Option<Choice> {
    let cut = atoms(text);
    let hits: Vec<Hit> = context.languages.hits(&cut);
    let says_depends =
        hits.iter().find(|hit| hit.start == 0 && hit.cue == Cue::Sign(Sign::Depends) && belongs(**hit, context));
    if says_depends.is_some()
        && text.contains([':', '：'])
        && let Some(choice) = depends(text, cell, context)
    {
        return Some(choice);
    }
    // `Use A`, `dùng A`, `avoid A`: the verb goes, a negative one turns the cell round.
    let verb = hits.iter().filter(|hit| hit.start == 0 && hit.end < cut.len()).find_map(|hit| match hit.cue {
        Cue::Rule(Rule::Avoid) => Some((hit.end, true)),
        Cue::Rule(Rule::Choose) => Some((hit.end, false)),
        _ => None,
    });
    if let Some((end, negative)) = verb
        && context.names.of(text).n_titles == 0
    {
        let rest = text[cut[end - 1].end..].trim_start_matches([' ', ':', '：']);
        return if negative { opposed(rest, cell, context) } else { alternatives(rest, cell, context) };
    }
    alternatives(text, cell, context)
}

/// Reads alternatives that stand on lines of their own or between semicolons, each perhaps with its condition.
fn alternatives(text: &str, cell: &Rich, context: &Context<'_>) -> Option<Choice> {
    let lines: Vec<&str> = text.split(['\n', ';', '；']).map(str::trim).filter(|line| !line.is_empty()).collect();
    let read: Vec<Choice> = lines.iter().filter_map(|line| one(line, cell, context)).collect();
    let mut read = read.into_iter();
    let mut choice = read.next()?;
    let mut all_conditional = choice.picks.iter().all(|pick| pick.condition.is_some());
    let mut n_lines = 1;
    for more in read {
        // A second line that names nothing known is a remark on the first.
        let is_named = more
            .picks
            .iter()
            .any(|pick| context.names.known(&pick.name) > 0.3 || pick.condition.is_some() && all_conditional);
        if !is_named {
            continue;
        }
        all_conditional &= more.picks.iter().all(|pick| pick.condition.is_some());
        choice.picks.extend(more.picks);
        n_lines += 1;
    }
    if n_lines > 1 {
        choice.join = if all_conditional { Joined::Depends } else { Joined::Either };
    }
    Some(choice)
}

fn one(text: &str, cell: &Rich, context: &Context<'_>) -> Option<Choice> {
    let before_bracket = text.find(['(', '（']).unwrap_or(text.len());
    if let Some((condition, rest)) =
        conditional(text, context).filter(|(condition, _)| condition.len() < before_bracket)
    {
        let mut choice = one(rest, cell, context)?;
        choice.picks.iter_mut().for_each(|pick| pick.condition = Some(condition.to_owned()));
        return Some(choice);
    }
    let cut = atoms(text);
    let cuts = cuts(text, &cut, context);
    let mut picks: Vec<Pick> = Vec::new();
    let mut joins: Vec<Cut> = Vec::new();
    let mut start = 0;
    let mut stopped_by = None;
    for (from, to, kind) in cuts.iter().copied().chain([(text.len(), text.len(), Cut::Stop)]) {
        if from < start {
            continue;
        }
        let name = text[start..from].trim();
        start = to;
        if let Some(pick) = pick(name, context) {
            let exception = exception(name, context);
            picks.push(pick);
            joins.push(kind);
            if let Some(exception) = exception {
                picks.push(exception);
                joins.push(Cut::Or);
            }
        } else if picks.is_empty() && kind != Cut::Stop {
            continue;
        }
        if matches!(kind, Cut::Stop | Cut::Line | Cut::Instead) {
            stopped_by = Some(from);
            break;
        }
    }
    let last = picks.last_mut()?;
    // `A if the team is small`: what follows the stop is the condition.
    if let Some(from) = stopped_by
        && last.condition.is_none()
        && picks.len() == 1
    {
        let rest = text[from..].trim_matches([' ', ',', '，', '.', '—', '–', '-']);
        picks[0].condition = is_condition(rest, context).then(|| rest.to_owned());
    }
    // A long cell is a sentence: the first name set off in it is the option.
    if picks.len() == 1 && n_atoms(&picks[0].name) > NAME_LIMIT {
        let set_off = cell.marks.iter().find(|mark| mark.kind.sets_off());
        if let Some(mark) = set_off.filter(|mark| !cell.marked(mark).trim().is_empty()) {
            picks[0].name = cell.marked(mark).trim().to_owned();
        }
    }
    joins.truncate(picks.len().saturating_sub(1));
    let join = match joins.first() {
        None => Joined::One,
        Some(_) if joins.iter().any(|kind| matches!(kind, Cut::Then | Cut::Plus)) => Joined::Combine,
        Some(_) if picks.iter().all(|pick| pick.condition.is_some()) => Joined::Depends,
        Some(_) => Joined::Either,
    };
    Some(Choice { picks, join })
}

/// Splits `small team: A` and `if small: A`, where what follows the colon is a name.
fn conditional<'a>(text: &'a str, context: &Context<'_>) -> Option<(&'a str, &'a str)> {
    let (at, colon) = text.char_indices().find(|(_, c)| matches!(c, ':' | '：'))?;
    let (condition, rest) = (text[..at].trim(), text[at + colon.len_utf8()..].trim());
    let name = rest.split([',', '(', '（', '，']).next().unwrap_or(rest);
    let is_name = n_atoms(name) <= 6
        && (context.names.known(name) > 0.2 || context.names.known(condition) < 0.2 && n_atoms(rest) <= 4);
    (is_name && !rest.is_empty() && context.names.known(condition) < 0.5).then_some((condition, rest))
}

/// Finds where the text is cut, outside brackets, in order.
fn cuts(text: &str, cut: &[Atom], context: &Context<'_>) -> Vec<(usize, usize, Cut)> {
    let mut cuts = Vec::new();
    let mut depth = 0usize;
    let mut hidden = vec![false; text.len() + 1];
    for (at, c) in text.char_indices() {
        if "([（【{".contains(c) {
            depth += 1;
        }
        hidden[at] = depth > 0;
        if ")]）】}".contains(c) {
            depth = depth.saturating_sub(1);
        }
    }
    let mut rest = text;
    while let Some((left, right)) = context.languages.split_arrow(rest) {
        let from = text.len() - rest.len() + left.len();
        cuts.push((from, text.len() - right.len(), Cut::Then));
        rest = right;
    }
    let spaced = |at: usize, length: usize| {
        text[..at].ends_with(char::is_whitespace) && text[at + length..].starts_with(char::is_whitespace)
    };
    for (at, c) in text.char_indices().filter(|(at, _)| !hidden[*at]) {
        let length = c.len_utf8();
        let kind = match c {
            '+' | '&' | '＋' if spaced(at, length) || beside_dense(text, at, length) => Cut::Plus,
            '±' => Cut::Instead,
            '/' | '／' | '|' if spaced(at, length) || c == '／' || slash_parts(text, at, context) => Cut::Or,
            ',' | '、' | '，' => Cut::Comma,
            '—' | '–' => Cut::Stop,
            '-' if spaced(at, length) => Cut::Stop,
            '.' | '。' | '!' | '！' if c != '.' || text[at + 1..].starts_with(char::is_whitespace) => Cut::Stop,
            '\n' => Cut::Line,
            _ => continue,
        };
        cuts.push((at, at + length, kind));
    }
    for hit in context.languages.hits(cut) {
        let is_in_word =
            |hit: &Hit| text[..cut[hit.start].start].ends_with('-') || text[cut[hit.end - 1].end..].starts_with('-');
        if hidden[cut[hit.start].start] || hit.start == 0 || !belongs(hit, context) || is_in_word(&hit) {
            continue;
        }
        let kind = match hit.cue {
            Cue::Join(Join::Or) => Cut::Or,
            Cue::Join(Join::And) | Cue::Rule(Rule::Together) => Cut::Plus,
            Cue::Join(Join::Then) => Cut::Then,
            Cue::Join(Join::Instead | Join::Versus) => Cut::Instead,
            Cue::Rule(Rule::Condition | Rule::Unless | Rule::Because) => Cut::Stop,
            Cue::Not => Cut::Instead,
            _ => continue,
        };
        // Single Chinese characters such as 和 stand inside names: they cut only between known names.
        let (from, to) = (cut[hit.start].start, cut[hit.end - 1].end);
        if cut[hit.start].script.is_dense() && hit.end - hit.start == 1 {
            let (left, right) = (text[..from].trim(), text[to..].trim());
            let is_spaced = left.len() < from && text[to..].starts_with(' ');
            if !is_spaced && (context.names.known(left) < 0.2 || context.names.known(right) < 0.2) {
                continue;
            }
        }
        cuts.push((from, to, kind));
    }
    cuts.sort_by_key(|(from, to, _)| (*from, usize::MAX - *to));
    cuts.dedup_by(|later, earlier| later.0 < earlier.1);
    // A comma before a remark is a stop; between names it lists.
    for at in 0..cuts.len() {
        if cuts[at].2 == Cut::Comma {
            let end = cuts.get(at + 1).map_or(text.len(), |next| next.0);
            let next = text[cuts[at].1..end].trim();
            if n_atoms(next) > 4 && context.names.known(next) < 0.3 {
                cuts[at].2 = Cut::Stop;
            }
        }
    }
    cuts
}

/// `A/B` without spaces parts two names that the vault knows, never `I/O` or `TCP/IP`.
fn slash_parts(text: &str, at: usize, context: &Context<'_>) -> bool {
    let left = text[..at].rsplit([' ', ',', '、']).next().unwrap_or_default();
    let right = text[at + 1..].split([' ', ',', '、', '(']).next().unwrap_or_default();
    let is_name = |name: &str| context.names.known(name) >= 0.4;
    is_name(&text[..at]) && is_name(&text[at + 1..]) || is_name(left) && is_name(right)
}

/// True where a script without spaces stands on either side: it writes none around signs.
fn beside_dense(text: &str, at: usize, length: usize) -> bool {
    let is_dense = |c: Option<char>| c.and_then(Script::of).is_some_and(Script::is_dense);
    is_dense(text[..at].chars().next_back()) || is_dense(text[at + length..].chars().next())
}

fn belongs(hit: Hit, context: &Context<'_>) -> bool {
    context.owns(hit.lang)
}

fn is_condition(text: &str, context: &Context<'_>) -> bool {
    let cut = atoms(text);
    context.languages.hits(&cut).iter().any(|hit| hit.start == 0 && matches!(hit.cue, Cue::Rule(Rule::Condition)))
}

/// Reads the exception in `Oak (outdoors: larch)`.
fn exception(text: &str, context: &Context<'_>) -> Option<Pick> {
    let open = text.find(['(', '（']).filter(|at| *at > 0)?;
    let inside = text[open..].trim_start_matches(['(', '（']).trim_end_matches([')', '）', '.', '。']);
    let (condition, name) = conditional(inside, context)?;
    let pick = pick(name, context)?;
    Some(Pick { condition: Some(condition.to_owned()), is_exception: true, ..pick })
}

/// Reads one name with its bracket.
fn pick(text: &str, context: &Context<'_>) -> Option<Pick> {
    let text = super::names::strip_numbering(text).trim_end_matches(['.', '。', ':', '：', ',']);
    let text = if text.is_empty() { return None } else { text };
    let open = text.find(['(', '（']).filter(|at| *at > 0);
    let close = text.rfind([')', '）']);
    let mut pick = Pick::new(text, Stance::For);
    if let (Some(open), Some(close)) = (open, close)
        && open < close
    {
        let width = text[open..].chars().next().map_or(1, char::len_utf8);
        let inside = text[open + width..close].trim();
        let tail = &text[close + text[close..].chars().next().map_or(1, char::len_utf8)..];
        let sign = context.languages.mark(inside).map(|(sign, _)| sign);
        match sign {
            Some(Sign::Deprecated | Sign::Rejected | Sign::Avoid) => pick.stance = Stance::Against,
            Some(Sign::Optional) => pick.is_alternative = true,
            _ if conditional(inside, context).is_some() => {
                pick.name = text[..open].trim_end().to_owned();
                return Some(pick);
            }
            _ => {}
        }
        let stays = n_atoms(inside) <= 3 && sign.is_none() && !is_condition(inside, context) && n_atoms(tail) == 0;
        if !stays || context.names.known(&text[..open]) > 0.4 {
            pick.name = format!("{}{}", text[..open].trim_end(), tail.trim_end());
        }
        pick.condition = Some(inside.to_owned());
    }
    let n_atoms = n_atoms(&pick.name);
    (n_atoms > 0 && n_atoms <= 24).then_some(pick)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::Names;
    use crate::language::{Lang, Languages};

    #[track_caller]
    fn check(cell: &str, join: Joined, names: &[&str]) {
        let languages = Languages::builtin();
        let known = Names::default();
        let context = Context { languages: &languages, names: &known, lang: Lang(0) };
        let choice = read(&crate::parse::rich(cell), &[], &context).expect("a choice");
        assert_eq!(choice.picks.iter().map(|pick| pick.name.as_str()).collect::<Vec<_>>(), names, "{cell}");
        assert_eq!(choice.join, join, "{cell}");
    }

    #[test]
    fn choice_cells_follow_their_grammar() {
        check("**Oak**", Joined::One, &["Oak"]);
        check("Oak (stairs) or larch (terrace)", Joined::Depends, &["Oak (stairs)", "larch (terrace)"]);
        check("Sand → prime → paint", Joined::Combine, &["Sand", "prime", "paint"]);
        check("Oak + oil", Joined::Combine, &["Oak", "oil"]);
        check("Oak / larch", Joined::Either, &["Oak", "larch"]);
        check("Oak instead of pine", Joined::One, &["Oak"]);
        check("Oak — it lasts longer", Joined::One, &["Oak"]);
    }
}
