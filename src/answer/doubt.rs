//! How sure is it that the notes answer this at all?
//!
//! Signals of the best option, from 0 to 1 each, weighed by a logistic rule whose numbers were learned (`weights.toml`).

use super::Weights;
use super::question::Question;
use super::weigh::{Ranked, Ranking};
use crate::claim::Kind;
use crate::generation::Generation;

/// What is known of the best option when it is decided whether to answer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Signals {
    /// Share of the question, by weight, that the option's claims cover.
    pub coverage: f32,
    /// The option's total.
    pub total: f32,
    /// Distance to the best other option, as a share of the total.
    pub margin: f32,
    /// How well the rarest word of the question is covered.
    pub rarest: f32,
    /// How well the second-rarest is.
    pub second: f32,
    /// Share of the question, by weight, that stands in no note in any form.
    pub missing: f32,
    /// Share of the words that the best claim itself meets, headings aside.
    pub met: f32,
    /// Share of the best claim's own need words that the question has.
    pub precision: f32,
    /// The kind of thing asked for heads the option.
    pub asked: f32,
    /// How far the question asks for a kind of thing that neither the claim nor what stands around it names.
    pub unasked: f32,
    /// Share of the options put side by side of which the notes know nothing.
    pub strangers: f32,
    /// The option is one of those put side by side in the question.
    pub named: f32,
    /// The question puts options side by side and this is none of them.
    pub unnamed: f32,
    /// The best claim is a row of a table or a leaf of a tree.
    pub row: f32,
    /// The best claim is a sentence or a name in one.
    pub prose: f32,
    /// How many words of the question the best claim meets, three and more counting as one.
    pub n_met: f32,
    /// Share of the question's words with a need that it does not meet in any form.
    pub unmet: f32,
    /// Share of the question, by weight, that all claims of the option together meet.
    pub profile: f32,
    /// The option is known as a name beyond its own place.
    pub known: f32,
    /// How sure it is that the right words were chosen from a sentence; 1 for rows.
    pub said: f32,
}

impl Signals {
    /// Gathers the signals of the best option.
    pub fn of(best: &Ranked, question: &Question, ranking: &Ranking, generation: &Generation) -> Self {
        let lead = &best.claims[0];
        let (_, claim) = ranking.claim(lead.met.id, generation);
        let total_weight: f32 = question.needs.iter().map(|need| need.weight).sum::<f32>().max(0.001);
        let share = |keep: &dyn Fn(usize) -> bool| {
            let kept = question.needs.iter().enumerate().filter(|(at, _)| keep(*at));
            kept.map(|(_, need)| need.weight).sum::<f32>() / total_weight
        };
        // Common and generic words weigh little; what is left carries the need.
        let content = |keep: &dyn Fn(usize) -> bool| {
            let kept = question.needs.iter().enumerate().filter(|(at, need)| need.weight >= 1.2 && keep(*at));
            kept.count() as f32
        };
        let mut by_weight: Vec<usize> = (0..question.needs.len()).collect();
        by_weight.sort_by(|a, b| question.needs[*b].weight.total_cmp(&question.needs[*a].weight).then(a.cmp(b)));
        let cover = |rank: usize| by_weight.get(rank).map_or(1.0, |at| best.cover[*at].max(0.0));
        let runner_up = ranking.options.get(1).map_or(0.0, |other| other.total);
        let asks = question.needs.iter().any(|need| need.is_asked);
        let n_beside = question.named.iter().filter(|option| option.is_alternative).count();
        let is_named = claim.picks.iter().any(|pick| super::weigh::is_named(pick, question, generation, false));
        let flag = |is: bool| f32::from(u8::from(is));
        Self {
            coverage: best.coverage,
            total: best.total.clamp(0.0, 1.2),
            margin: ((best.total - runner_up) / best.total.max(0.001)).clamp(0.0, 1.0),
            rarest: cover(0),
            second: cover(1),
            missing: share(&|at| question.needs[at].is_missing),
            met: share(&|at| lead.met.cover[at] >= 0.5),
            precision: lead.met.precision,
            asked: flag(asks && lead.met.is_asked_kind),
            unasked: question
                .needs
                .iter()
                .zip(&lead.met.cover)
                .filter(|(need, _)| need.is_asked && need.weight >= 1.2)
                .map(|(_, cover)| 1.0 - (cover.max(0.0) / 0.3).min(1.0))
                .fold(0.0, f32::max),
            strangers: question
                .named
                .iter()
                .filter(|option| option.is_alternative && is_stranger(option, question))
                .count() as f32
                / n_beside.max(1) as f32,
            named: flag(n_beside > 1 && is_named),
            unnamed: flag(n_beside > 1 && !is_named),
            row: flag(matches!(
                claim.kind,
                Kind::Decision | Kind::ColumnCell | Kind::OptionRow | Kind::Tree | Kind::Lookup
            )),
            prose: flag(matches!(claim.kind, Kind::Rule | Kind::Topic | Kind::Mention)),
            n_met: (content(&|at| lead.met.cover[at] >= 0.5) / 3.0).min(1.0),
            unmet: content(&|at| best.cover[at] < 0.25) / content(&|_| true).max(1.0),
            profile: share(&|at| best.profile[at] >= 0.4),
            known: claim.picks.iter().map(|pick| generation.names.known(&pick.name)).fold(0.0, f32::max),
            said: ranking.resolved.sure.get(&lead.met.id).copied().unwrap_or(1.0),
        }
    }

    /// Returns the probability that the option is right, by the learned rule.
    pub fn probability(&self, weights: &Weights) -> f32 {
        let sum = weights.doubt_bias
            + weights.doubt_coverage * self.coverage
            + weights.doubt_total * self.total
            + weights.doubt_margin * self.margin
            + weights.doubt_rarest * self.rarest
            + weights.doubt_second * self.second
            + weights.doubt_missing * self.missing
            + weights.doubt_met * self.met
            + weights.doubt_precision * self.precision
            + weights.doubt_asked * self.asked
            + weights.doubt_unasked * self.unasked
            + weights.doubt_strangers * self.strangers
            + weights.doubt_named * self.named
            + weights.doubt_unnamed * self.unnamed
            + weights.doubt_row * self.row
            + weights.doubt_prose * self.prose
            + weights.doubt_n_met * self.n_met
            + weights.doubt_unmet * self.unmet
            + weights.doubt_profile * self.profile
            + weights.doubt_known * self.known
            + weights.doubt_said * self.said;
        1.0 / (1.0 + (-sum).exp())
    }

    /// Returns the signals by name, for `--explain` and for learning.
    pub fn named(&self) -> Vec<(String, f32)> {
        let named = [
            ("coverage", self.coverage),
            ("total", self.total),
            ("margin", self.margin),
            ("rarest", self.rarest),
            ("second", self.second),
            ("missing", self.missing),
            ("met", self.met),
            ("precision", self.precision),
            ("asked", self.asked),
            ("unasked", self.unasked),
            ("strangers", self.strangers),
            ("named", self.named),
            ("unnamed", self.unnamed),
            ("row", self.row),
            ("prose", self.prose),
            ("n_met", self.n_met),
            ("unmet", self.unmet),
            ("profile", self.profile),
            ("known", self.known),
            ("said", self.said),
        ];
        named.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// True when no word of an option that the question names stands in any note.
fn is_stranger(option: &super::question::NamedOption, question: &Question) -> bool {
    let inside = |need: &&super::question::Need| option.atoms.0 <= need.atoms.0 && need.atoms.1 <= option.atoms.1;
    let words: Vec<_> = question.needs.iter().filter(inside).collect();
    option.concepts.is_empty() && !words.is_empty() && words.iter().all(|need| need.is_missing)
}
