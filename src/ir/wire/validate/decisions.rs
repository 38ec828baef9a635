//! Decisions and their votes.

use super::{Context, Validator};
use crate::ids::*;
use crate::ir::*;

impl Validator<'_> {
    pub(super) fn decision(&mut self, decision: &Decision) {
        let kind = decision.kind;
        let id = DecisionId::new(self.counted);
        self.clause(decision.clause);
        self.at("kind", |v| {
            v.kind(kind);
        });
        let opened = [decision.opened];
        self.at("opened", |v| {
            v.event_of(decision.opened, EventSource::Opened(id));
        });
        let context = Context {
            kind,
            events: Some(&opened),
        };
        if let Some(set) = &decision.electorate {
            self.at("electorate", |v| v.set(set, context, 0));
        }
        if decision.outcomes.is_empty() {
            self.error("a decision has at least one outcome");
        }
        self.each("outcomes", &decision.outcomes, |v, outcome| {
            let source = EventSource::Outcome(id, u32::try_from(v.counted).unwrap_or(u32::MAX));
            v.event_of(outcome.event, source);
            if let Some(target) = outcome.target {
                v.state(kind, target);
            }
        });
        for (name, cond) in [("quorum", &decision.quorum), ("passes", &decision.passes)] {
            if let Some(cond) = cond {
                self.at(name, |v| v.vote(cond, context, 0));
            }
        }
        for (name, expr) in [("after", &decision.after), ("on", &decision.on)] {
            if let Some(expr) = expr {
                self.at(name, |v| v.expr(expr, context, 0));
            }
        }
        match &decision.tie {
            None => {}
            Some(Tie::Outcome(outcome)) => self.at("tie", |v| {
                v.index("outcome", *outcome as usize, decision.outcomes.len());
            }),
            Some(Tie::By(set)) => self.at("tie", |v| v.set(set, context, 0)),
        }
    }

    fn vote(&mut self, cond: &VoteCond, context: Context<'_>, depth: usize) {
        if self.deep(depth) {
            return;
        }
        match cond {
            VoteCond::All(list) | VoteCond::Any(list) => {
                for cond in list {
                    self.vote(cond, context, depth + 1);
                }
            }
            VoteCond::Tally { quota, .. } => match quota {
                Quota::AtLeast(expr) | Quota::MoreThan(expr) | Quota::AtMost(expr) => {
                    self.expr(expr, context, depth + 1);
                }
                Quota::Fraction { den, .. } => self.denominator(*den),
                Quota::AllBut(..) => {}
            },
            VoteCond::World(cond) => self.cond(cond, context, depth + 1),
        }
    }
}
