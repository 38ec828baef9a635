//! How a case comes out: its electorate, its ballots counted, and what they lead to.

use super::ballots::Choice;
use super::decision::{Electorate, Holds, Upshot, outcome_named};
use super::eval::Trail;
use super::moment::Truth;
use super::state::Inst;
use super::step::{Run, With};
use super::tally::Count;
use super::value::Sym;
use crate::ir::{Cond, Decision, Tally, Tie};

impl Run<'_> {
    /// Who may vote on a case now.
    pub fn electorate(&self, inst: Inst, at: usize) -> Option<Electorate> {
        let case = self.state.inst(inst)?.cases.get(at)?;
        if let Some(fixed) = &case.electorate {
            return Some(fixed.clone());
        }
        let decision = self.decision(case.decision)?;
        let set = decision.electorate.as_ref()?;
        let trail = Trail::new();
        let ctx = With::now(None).ctx(self.p, self.state, inst, &trail);
        Some(Electorate::of(&ctx, set))
    }

    /// The ballots of a case, counted, and how many voters remain.
    pub fn count(&self, decision: &Decision, inst: Inst, at: usize) -> (u64, Count) {
        let Some(case) = self.state.inst(inst).and_then(|i| i.cases.get(at)) else {
            return (0, Count::default());
        };
        let electorate = self.electorate(inst, at);
        // Of an electorate that is fixed, or of anybody, the ballots are counted as they are cast.
        let counted = case.electorate.is_some() || decision.electorate.is_none();
        let mut count = if counted && !self.p.one_by_one {
            case.votes.count().clone()
        } else {
            let mut count = Count::none(case.votes.count().options.len());
            let may_vote = |who: Sym| electorate.as_ref().is_none_or(|e| e.open || e.has(who));
            let votes = case.votes.all().iter();
            votes
                .filter(|vote| may_vote(vote.voter))
                .for_each(|vote| count.add(vote.choice));
            count
        };
        let voted = count.of(Tally::Present, None);
        let remaining = match &electorate {
            Some(e) if !e.open => {
                let all = e.len().saturating_sub(count.recused);
                count.electorate = Some(all);
                all.saturating_sub(voted)
            }
            _ => 1 << 40,
        };
        (remaining, count)
    }

    /// How a case would come out, by its ballots now.
    pub fn result(&self, decision: &Decision, inst: Inst, at: usize) -> Upshot {
        let (_, count) = self.count(decision, inst, at);
        self.outcome(decision, inst, at, &|rule, option, world| {
            count.satisfies(rule, option, world)
        })
    }

    pub fn outcome(&self, decision: &Decision, inst: Inst, at: usize, holds: &Holds<'_>) -> Upshot {
        let Some(case) = self.state.inst(inst).and_then(|i| i.cases.get(at)) else {
            return Upshot::Unknown;
        };
        let Some(passes) = &case.passes else {
            return Upshot::Unknown;
        };
        let trail = Trail::new();
        let ctx = With::now(None).ctx(self.p, self.state, inst, &trail);
        let world = |cond: &Cond| ctx.holds(cond);
        let failed = outcome_named(decision, "failed");
        if let Some(quorum) = &case.quorum {
            match holds(quorum, None, &world) {
                Truth::Yes => {}
                Truth::Unknown => return Upshot::Unknown,
                Truth::No => {
                    return Upshot::Known(outcome_named(decision, "no-quorum").or(failed));
                }
            }
        }
        if !decision.options {
            return match holds(passes, None, &world) {
                Truth::Yes => Upshot::Known(outcome_named(decision, "passed")),
                Truth::No => Upshot::Known(failed),
                Truth::Unknown => Upshot::Unknown,
            };
        }
        let mut winners: Vec<u32> = Vec::new();
        for (option, outcome) in decision.outcomes.iter().enumerate() {
            if matches!(outcome.name.as_str(), "no-quorum" | "failed") {
                continue;
            }
            match holds(passes, Some(option), &world) {
                Truth::Yes => winners.extend(u32::try_from(option).ok()),
                Truth::No => {}
                Truth::Unknown => return Upshot::Unknown,
            }
        }
        match winners.as_slice() {
            [] => Upshot::Known(failed),
            [one] => Upshot::Known(Some(*one)),
            several => match &decision.tie {
                None => Upshot::Known(None),
                Some(Tie::Outcome(outcome)) => Upshot::Known(Some(*outcome)),
                Some(Tie::By(set)) => {
                    let deciders = ctx.people_in(set);
                    let decided = deciders.iter().find_map(|who| {
                        let vote = case.votes.of(*who)?;
                        match vote.choice {
                            Choice::Option(option) if several.contains(&option) => Some(option),
                            _ => None,
                        }
                    });
                    Upshot::Known(decided)
                }
            },
        }
    }

    /// The outcome that no completion of the remaining ballots can change.
    pub fn settled_result(&self, decision: &Decision, inst: Inst, at: usize) -> Option<u32> {
        let (remaining, count) = self.count(decision, inst, at);
        let settled = self.outcome(decision, inst, at, &|rule, option, world| {
            count.settled(remaining, rule, option, world)
        });
        match settled {
            Upshot::Known(Some(outcome)) => {
                // The one who breaks a tie may still vote otherwise.
                let tied = matches!(decision.tie, Some(Tie::By(_))) && remaining > 0;
                (!tied).then_some(outcome)
            }
            Upshot::Known(None) => None,
            Upshot::Unknown if remaining <= 12 && !decision.options => count.every_way(
                remaining,
                &|count| match self.outcome(decision, inst, at, &|rule, option, world| {
                    count.satisfies(rule, option, world)
                }) {
                    Upshot::Known(outcome) => outcome,
                    Upshot::Unknown => None,
                },
            ),
            Upshot::Unknown => None,
        }
    }
}

/// The ballots in words.
pub(crate) fn tally_words(decision: &Decision, count: &Count) -> String {
    let mut parts: Vec<String> = Vec::new();
    if decision.options {
        for (outcome, n) in decision.outcomes.iter().zip(&count.options) {
            if *n > 0 {
                parts.push(format!("{n} {}", outcome.name));
            }
        }
    } else {
        parts.push(format!("{} yes", count.yes));
    }
    parts.push(format!("{} against", count.against));
    if count.abstain > 0 {
        parts.push(format!("{} abstained", count.abstain));
    }
    match count.electorate {
        Some(all) => format!("{} of {all} who may vote", parts.join(", ")),
        None => parts.join(", "),
    }
}
