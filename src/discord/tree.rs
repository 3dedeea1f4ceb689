//! Where does this answer lead in a decision tree?
//!
//! Walks a tree of a note one question a step: what is passed so far, what can be chosen next, where it ends. The tree
//! is read off the claims of its block, so it needs no words of any language.

use crate::claim::{Claim, Field, Kind, Stance};
use crate::generation::Entry;
use crate::text::key;

/// More choices have no room on buttons.
pub(super) const CHOICES_LIMIT: usize = 10;

/// One stop on the way.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stop {
    /// What was passed, the question of this stop last.
    pub passed: Vec<String>,
    /// What can be chosen next; empty at the end.
    pub choices: Vec<String>,
    /// Where the way ends, with its line.
    pub end: Option<(String, u32)>,
}

/// A branch of the tree: its conditions, and what it leads to.
struct Branch {
    steps: Vec<String>,
    end: String,
    line: u32,
}

/// Returns the stop after the choices made so far; nothing where the line is in no tree or the choices lead nowhere.
pub(super) fn walk(entry: &Entry, line: u32, made: &[usize]) -> Option<Stop> {
    let branches = branches(entry, line);
    let mut left: Vec<&Branch> = branches.iter().collect();
    let mut made = made.iter();
    let mut passed: Vec<String> = Vec::new();
    if left.len() < 2 {
        return None;
    }
    loop {
        let depth = passed.len();
        let mut choices: Vec<String> = Vec::new();
        for branch in &left {
            let next = branch.steps.get(depth).unwrap_or(&branch.end);
            if !choices.iter().any(|known| key(known) == key(next)) {
                choices.push(next.clone());
            }
        }
        let chosen = match (choices.as_slice(), left.as_slice()) {
            ([_], [branch]) if branch.steps.len() <= depth => {
                return Some(Stop { passed, choices: Vec::new(), end: Some((branch.end.clone(), branch.line)) });
            }
            ([one], _) => one.clone(),
            (several, _) => match made.next() {
                Some(at) => several.get(*at)?.clone(),
                None => {
                    choices.truncate(CHOICES_LIMIT);
                    return Some(Stop { passed, choices, end: None });
                }
            },
        };
        left.retain(|branch| key(branch.steps.get(depth).unwrap_or(&branch.end)) == key(&chosen));
        // What ends here ends with what was chosen.
        if let Some(branch) = left.iter().find(|branch| branch.steps.len() <= depth) {
            return Some(Stop { passed, choices: Vec::new(), end: Some((branch.end.clone(), branch.line)) });
        }
        passed.push(chosen);
    }
}

fn branches(entry: &Entry, line: u32) -> Vec<Branch> {
    let is_tree = |claim: &&Claim| claim.kind == Kind::Tree && claim.block.is_some();
    let is_there = |claim: &&Claim| (claim.lines.0..=claim.lines.1).contains(&line);
    let Some(block) = entry.claims.iter().filter(is_tree).find(is_there).map(|claim| claim.block) else {
        return Vec::new();
    };
    let own = entry.claims.iter().filter(is_tree).filter(|claim| claim.block == block);
    own.map(|claim| {
        let of = |field: Field| {
            let parts = claim.parts.iter().filter(move |part| part.field == field && part.stance != Stance::Against);
            parts.map(|part| part.text.trim().to_owned())
        };
        let mut steps: Vec<String> = of(Field::Path).chain(of(Field::Need)).filter(|text| !text.is_empty()).collect();
        steps.dedup_by(|a, b| key(a) == key(b));
        let names: Vec<&str> = claim.picks.iter().map(|pick| pick.name.as_str()).collect();
        Branch { steps, end: names.join(", "), line: claim.lines.0 }
    })
    .filter(|branch| !branch.end.is_empty())
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generation::Generation;
    use crate::language::Languages;

    const NOTE: &str = "\
# After a fall

```
Can the person stand?
├── Yes
│   ├── Pain in the ankle?
│   │   ├── Yes ── Elastic bandage
│   │   └── No ── Short rest
└── No
    ├── Is it getting dark?
    │   ├── Yes ── Rescue call
    │   └── No ── Stretcher
```
";

    #[track_caller]
    fn check(made: &[usize], passed: &str, choices: &[&str], end: Option<&str>) {
        let folder = tempfile::tempdir().expect("a folder");
        let files = vec![("Fall.md".to_owned(), NOTE.to_owned())];
        let generation =
            Generation::build(1, files, Vec::new(), folder.path(), &Languages::builtin()).expect("a generation");
        let stop = walk(&generation.entries[0], 7, made).expect("a tree");
        assert_eq!(
            (stop.passed.join(" › ").as_str(), stop.choices),
            (passed, choices.iter().map(ToString::to_string).collect())
        );
        assert_eq!(stop.end.as_ref().map(|(end, _)| end.as_str()), end);
    }

    #[test]
    fn one_question_a_step() {
        check(&[], "Can the person stand?", &["Yes", "No"], None);
        check(&[0], "Can the person stand? › Yes › Pain in the ankle?", &["Elastic bandage", "Short rest"], None);
        check(&[1, 0], "Can the person stand? › No › Is it getting dark?", &[], Some("Rescue call"));
    }

    #[test]
    fn a_line_outside_is_in_no_tree() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = vec![("Fall.md".to_owned(), NOTE.to_owned())];
        let generation =
            Generation::build(1, files, Vec::new(), folder.path(), &Languages::builtin()).expect("a generation");
        assert_eq!(walk(&generation.entries[0], 1, &[]), None);
        assert_eq!(walk(&generation.entries[0], 7, &[9]), None);
    }
}
