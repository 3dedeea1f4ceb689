//! Which gaps are the same question?
//!
//! Groups questions that share most of their words, without knowing what the words mean.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Gap, GapKind};
use crate::text::{atoms, key};

/// Questions that share this part of their words are one.
const SHARED: f32 = 0.5;
/// The newest gaps that are grouped.
const LIMIT: usize = 5_000;

/// Questions that are one gap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cluster {
    /// The newest of them.
    pub question: String,
    /// How often it was asked; the same question of the same user counts once.
    pub times: usize,
    /// How many of these had an answer that somebody found wrong.
    pub wrong: usize,
    /// When it was asked last, in seconds since 1970.
    pub last: u64,
    /// Words that no note has.
    pub missing: Vec<String>,
    /// What users wrote about it.
    pub reasons: Vec<String>,
    /// The other wordings.
    pub others: Vec<String>,
}

/// Groups gaps, the most frequent first. Cost: product of gaps and groups, for the newest 5,000.
pub fn clusters(gaps: &[Gap]) -> Vec<Cluster> {
    let mut groups: Vec<(BTreeSet<String>, Vec<&Gap>)> = Vec::new();
    for gap in gaps.iter().take(LIMIT) {
        let words: BTreeSet<String> = atoms(&gap.question).into_iter().map(|atom| atom.folded.into()).collect();
        let near = groups.iter_mut().find(|(known, _)| shared(known, &words) >= SHARED);
        match near {
            Some((_, group)) => group.push(gap),
            None => groups.push((words, vec![gap])),
        }
    }
    let mut clusters: Vec<Cluster> = groups.into_iter().map(|(_, group)| cluster(&group)).collect();
    clusters.sort_by(|a, b| (b.times, b.last, &a.question).cmp(&(a.times, a.last, &b.question)));
    clusters
}

fn shared(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f32 {
    let n_both = a.intersection(b).count() as f32;
    n_both / (a.len() + b.len()).max(1) as f32 * 2.0 - f32::from(a.is_empty() && b.is_empty())
}

/// Gaps come newest first.
fn cluster(group: &[&Gap]) -> Cluster {
    let mut asked: BTreeMap<(u64, String), bool> = BTreeMap::new();
    let (mut missing, mut reasons, mut others) = (Vec::new(), Vec::new(), Vec::new());
    let add = |list: &mut Vec<String>, text: &str| {
        if !text.trim().is_empty() && !list.iter().any(|known| key(known) == key(text)) {
            list.push(text.trim().to_owned());
        }
    };
    for gap in group {
        *asked.entry((gap.user, key(&gap.question))).or_default() |= gap.kind == GapKind::Wrong;
        gap.missing.iter().for_each(|word| add(&mut missing, word));
        add(&mut reasons, &gap.reason);
        if key(&gap.question) != key(&group[0].question) {
            add(&mut others, &gap.question);
        }
    }
    Cluster {
        question: group[0].question.clone(),
        times: asked.len(),
        wrong: asked.values().filter(|is_wrong| **is_wrong).count(),
        last: group[0].at,
        missing,
        reasons,
        others,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(user: u64, question: &str, kind: GapKind) -> Gap {
        Gap {
            question: question.to_owned(),
            lang: "en".to_owned(),
            kind,
            reason: String::new(),
            missing: Vec::new(),
            user,
            at: 1,
            generation: 1,
        }
    }

    #[test]
    fn wordings_of_one_question_are_one_gap() {
        use GapKind::{Logged, Unknown, Wrong};
        let found = clusters(&[
            gap(1, "which tyre for wet gravel?", Unknown),
            gap(1, "which tyre for wet gravel?", Logged),
            gap(2, "Which tyre on wet gravel", Wrong),
            gap(2, "dùng lốp nào trên đường sỏi?", Unknown),
        ]);
        let told: Vec<(&str, usize, usize, usize)> =
            found.iter().map(|one| (one.question.as_str(), one.times, one.wrong, one.others.len())).collect();
        assert_eq!(told, [("which tyre for wet gravel?", 2, 1, 1), ("dùng lốp nào trên đường sỏi?", 1, 0, 0)]);
        assert!(clusters(&[]).is_empty());
    }
}
