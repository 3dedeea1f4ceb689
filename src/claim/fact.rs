//! What does a claim state of its options, one criterion at a time?
//!
//! A [`Claim`] keeps its words the way questions find them; a [`Fact`] says the same so that two of them can be put side
//! by side: for these needs, of this option, that. Judges nothing and merges no names.

use super::{Claim, Field, Kind, Part, Pick, Stance};

/// One thing that a claim states of one option.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact<'a> {
    /// The option.
    pub pick: &'a Pick,
    /// What it is said for: a criterion, or conditions that hold together. Empty where nothing is named.
    pub needs: Vec<Need<'a>>,
    /// What is said.
    pub says: Says,
    /// The value, or what qualifies a mark.
    pub text: Option<&'a str>,
}

/// A criterion or condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need<'a> {
    /// As the note words it.
    pub text: &'a str,
    /// It has to fail: the no-branch of a tree.
    pub is_negated: bool,
    /// A label above lends it to what stands below; a step of a tree is no label.
    pub is_label: bool,
}

/// What a fact says of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Says {
    /// Is right for the needs.
    Recommended,
    /// Is second best for them.
    Alternative,
    /// Is wrong for them.
    Opposed,
    /// Has the criterion.
    Has,
    /// Has part of it.
    Partly,
    /// Lacks it.
    Lacks,
    /// Has the text as its value.
    Value,
    /// An advantage.
    Pro,
    /// A disadvantage.
    Con,
    /// Is named beside.
    Mentioned,
}

impl Says {
    /// Returns the word for paths, graphs and JSON.
    pub fn label(self) -> &'static str {
        match self {
            Self::Recommended => "recommends",
            Self::Alternative => "alternative",
            Self::Opposed => "opposes",
            Self::Has => "has",
            Self::Partly => "partly",
            Self::Lacks => "lacks",
            Self::Value => "value",
            Self::Pro => "pro",
            Self::Con => "con",
            Self::Mentioned => "mentions",
        }
    }
}

/// Takes a claim apart. Looked-up cells state nothing that their row does not. Cost: linear in the claim.
pub fn facts(claim: &Claim) -> Vec<Fact<'_>> {
    match claim.kind {
        Kind::Lookup => Vec::new(),
        Kind::ColumnCell => cell(claim).into_iter().collect(),
        Kind::OptionRow => row(claim),
        _ => claim.picks.iter().map(|pick| said(claim, pick)).collect(),
    }
}

fn texts<'a>(claim: &'a Claim, fields: &'a [Field]) -> impl Iterator<Item = &'a Part> {
    claim.parts.iter().filter(move |part| fields.contains(&part.field) && !part.text.trim().is_empty())
}

fn plain(text: &str) -> Need<'_> {
    Need { text, is_negated: false, is_label: false }
}

/// A cell of a table with options as columns.
fn cell(claim: &Claim) -> Option<Fact<'_>> {
    let need = texts(claim, &[Field::Need]).next();
    let value = texts(claim, &[Field::Value]).next();
    let says = match need.map_or(Stance::Plain, |need| need.stance) {
        Stance::For => Says::Has,
        Stance::Against => Says::Lacks,
        Stance::Partly => Says::Partly,
        Stance::Plain => Says::Value,
    };
    if says == Says::Value && value.is_none() {
        return None;
    }
    let needs = need.map(|need| plain(&need.text)).into_iter().collect();
    Some(Fact { pick: claim.picks.first()?, needs, says, text: value.map(|value| value.text.as_str()) })
}

/// A row of a table with options as rows: each of its cells.
fn row(claim: &Claim) -> Vec<Fact<'_>> {
    let Some(pick) = claim.picks.first() else { return Vec::new() };
    let mut facts = Vec::new();
    if pick.stance == Stance::Against {
        facts.push(Fact { pick, needs: Vec::new(), says: Says::Opposed, text: None });
    }
    let parts: Vec<&Part> =
        claim.parts.iter().filter(|part| !matches!(part.field, Field::Option | Field::Kind)).collect();
    // A table of facts has the label first.
    if let [label, value] = parts.as_slice()
        && (label.field, value.field) == (Field::Header, Field::Value)
    {
        facts.push(Fact { pick, needs: vec![plain(&label.text)], says: Says::Value, text: Some(&value.text) });
        return facts;
    }
    let mut at = 0;
    while let Some(part) = parts.get(at) {
        let header = |at: usize| parts.get(at).filter(|part| part.field == Field::Header);
        if let Some(header) = header(at + 1) {
            facts.push(Fact { pick, needs: vec![plain(&header.text)], says: Says::Value, text: Some(&part.text) });
            at += 2;
            continue;
        }
        let says = match (part.field, part.stance) {
            (Field::Need, Stance::For) => Says::Has,
            (Field::Need, Stance::Against) => Says::Lacks,
            (Field::Need, Stance::Partly) => Says::Partly,
            _ => Says::Mentioned,
        };
        at += 1;
        if says == Says::Mentioned {
            continue;
        }
        // What qualifies a mark has no header of its own.
        let remark = parts.get(at).filter(|next| next.field == Field::Value && header(at + 1).is_none());
        facts.push(Fact { pick, needs: vec![plain(&part.text)], says, text: remark.map(|part| part.text.as_str()) });
        at += usize::from(remark.is_some());
    }
    facts
}

/// A row of a matrix, an item, a leaf, a sentence.
fn said<'a>(claim: &'a Claim, pick: &'a Pick) -> Fact<'a> {
    let need = |part: &'a Part| Need {
        text: &part.text,
        is_negated: part.stance == Stance::Against,
        is_label: part.field == Field::Path && claim.kind != Kind::Tree,
    };
    let mut needs: Vec<Need<'a>> = texts(claim, &[Field::Need, Field::Path]).map(need).collect();
    let value = texts(claim, &[Field::Value]).next();
    let mut says = match (pick.stance, claim.kind) {
        (Stance::Against, _) => Says::Opposed,
        (Stance::For, _) if pick.is_alternative => Says::Alternative,
        (Stance::For, Kind::Decision | Kind::UseList | Kind::Lead | Kind::Tree | Kind::Rule) => Says::Recommended,
        _ => Says::Mentioned,
    };
    if let Some(value) = value.filter(|_| matches!(claim.kind, Kind::Topic | Kind::Lead | Kind::UseList)) {
        match value.stance {
            Stance::For => says = Says::Pro,
            Stance::Against => says = Says::Con,
            _ => {}
        }
        if needs.iter().all(|need| need.is_label) {
            needs.insert(0, plain(&value.text));
        }
    }
    if let Some(condition) = pick.condition.as_deref().filter(|condition| !condition.trim().is_empty()) {
        needs.push(plain(condition));
    }
    Fact { pick, needs, says, text: None }
}

#[cfg(test)]
mod tests {
    use super::super::{Joined, part};
    use super::*;

    fn claim(kind: Kind, parts: Vec<Part>, stance: Stance) -> Claim {
        let picks = vec![Pick::new("Oak", stance)];
        Claim { kind, block: None, section: 0, lines: (1, 1), parts, picks, join: Joined::One, prior: 1.0 }
    }

    #[track_caller]
    fn check(claim: &Claim, expected: &[(&str, Says, Option<&str>)]) {
        let facts = facts(claim);
        let needs: Vec<String> =
            facts.iter().map(|fact| fact.needs.iter().map(|need| need.text).collect::<Vec<_>>().join(" + ")).collect();
        let said: Vec<_> =
            needs.iter().zip(&facts).map(|(needs, fact)| (needs.as_str(), fact.says, fact.text)).collect();
        assert_eq!(said, expected);
    }

    #[test]
    fn a_row_states_its_cells() {
        let marked = |stance: Stance, text: &str| Part { field: Field::Need, stance, text: text.to_owned() };
        let parts = vec![
            part(Field::Option, "Oak"),
            part(Field::Kind, "Wood"),
            marked(Stance::For, "Outdoors"),
            part(Field::Value, "oiled"),
            marked(Stance::Against, "Cheap"),
            part(Field::Value, "700 kg"),
            part(Field::Header, "Weight"),
        ];
        let expected = [
            ("Outdoors", Says::Has, Some("oiled")),
            ("Cheap", Says::Lacks, None),
            ("Weight", Says::Value, Some("700 kg")),
        ];
        check(&claim(Kind::OptionRow, parts, Stance::For), &expected);
    }

    #[test]
    fn conditions_hold_together() {
        let parts = vec![part(Field::Need, "stairs"), part(Field::Header, "Use"), part(Field::Path, "indoors")];
        check(&claim(Kind::Decision, parts.clone(), Stance::For), &[("stairs + indoors", Says::Recommended, None)]);
        check(&claim(Kind::Decision, parts, Stance::Against), &[("stairs + indoors", Says::Opposed, None)]);
    }
}
