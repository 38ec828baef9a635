//! Clauses that cannot stand side by side: one act that leads to two states, and clauses that demand
//! opposite things of one group at one time.

use std::collections::BTreeSet;

use crate::hir::{Clause, Rule, Said, Spec};
use crate::ids::*;
use crate::ir::{Arises, Bounds, Cond, Const, Expr, Op, Set, Trigger, Who};
use crate::source::Span;

use super::error::CheckError;

/// Judges the clauses in pairs.
pub fn conflicts(spec: &Spec, found: &mut Vec<CheckError>) {
    targets(spec, found);
    opposites(spec, found);
}

// ---------------------------------------------------------------- two states at once

/// An event moves a group.
struct Mover<'a> {
    event: EventId,
    clause: ClauseId,
    kind: KindId,
    states: BTreeSet<StateId>,
    /// What must be so for it.
    conds: Vec<&'a Cond>,
    by: Option<&'a Who>,
    target: StateId,
    span: Span,
}

/// One act that leads to two states at once: certainly, or where somebody may be two things.
fn targets(spec: &Spec, found: &mut Vec<CheckError>) {
    let movers = movers(spec);
    let mut told: BTreeSet<(ClauseId, ClauseId)> = BTreeSet::new();
    for (at, one) in movers.iter().enumerate() {
        for other in &movers[at + 1..] {
            let apart = one.event != other.event
                || one.kind != other.kind
                || one.target == other.target
                || one.states.is_disjoint(&other.states)
                || !together(spec, one.clause, other.clause)
                || exclude(&one.conds, &other.conds);
            if apart || !told.insert((one.clause, other.clause)) {
                continue;
            }
            let state = |id: StateId| spec.kinds[one.kind.index()].states[id.index()].name.clone();
            let free = one.conds.is_empty() && other.conds.is_empty();
            let anybody = one.by.is_none() || other.by.is_none() || one.by == other.by;
            found.push(CheckError::TwoTargets {
                event: spec.events[one.event.index()].name.clone(),
                first: (state(one.target), one.span),
                second: (state(other.target), other.span),
                certain: free && anybody,
            });
        }
    }
}

fn movers(spec: &Spec) -> Vec<Mover<'_>> {
    let mut movers = Vec::new();
    for rule in &spec.rules {
        let (arms, by, target) = match &rule.said {
            Said::Permit {
                arms,
                by,
                target: Some(target),
                ..
            } => (arms.as_slice(), by.as_ref(), *target),
            Said::React {
                trigger: Trigger::Event(arm),
                target: Some(target),
                recorded: false,
                ..
            } => (std::slice::from_ref(arm), None, *target),
            _ => continue,
        };
        for arm in arms {
            let mut conds = Vec::new();
            let parts = arm.filter.iter().chain(&rule.guard);
            parts.for_each(|cond| conjuncts(cond, &mut conds));
            movers.push(Mover {
                event: arm.event,
                clause: rule.clause,
                kind: rule.scope.kind,
                states: rule.scope.states.iter().copied().collect(),
                conds,
                by,
                target,
                span: spec.clauses[rule.clause.index()].span,
            });
        }
    }
    for decision in &spec.decisions {
        for outcome in &decision.outcomes {
            let Some(target) = outcome.target else {
                continue;
            };
            movers.push(Mover {
                event: outcome.event,
                clause: decision.clause,
                kind: decision.kind,
                states: spec.kinds[decision.kind.index()]
                    .living()
                    .into_iter()
                    .collect(),
                conds: Vec::new(),
                by: None,
                target,
                span: outcome.span,
            });
        }
    }
    movers
}

/// The conditions that must all hold.
fn conjuncts<'a>(cond: &'a Cond, into: &mut Vec<&'a Cond>) {
    match cond {
        Cond::All(list) => list.iter().for_each(|c| conjuncts(c, into)),
        other => into.push(other),
    }
}

/// Whether one of these and one of those can never hold together.
fn exclude(these: &[&Cond], those: &[&Cond]) -> bool {
    these
        .iter()
        .any(|a| those.iter().any(|b| opposite(a, b) || opposite(b, a)))
}

fn opposite(a: &Cond, b: &Cond) -> bool {
    match (a, b) {
        (a, Cond::Not(inner)) if **inner == *a => true,
        (Cond::Compare(a, Op::Eq, x), Cond::Compare(b, Op::Eq, y)) => {
            let constants = matches!((x, y), (Expr::Const(x), Expr::Const(y)) if x != y);
            a == b && constants
        }
        (Cond::Compare(a, Op::Eq, x), Cond::Compare(b, Op::Ne, y)) => a == b && x == y,
        (Cond::Compare(a, Op::Lt, x), Cond::Compare(b, Op::Ge, y))
        | (Cond::Compare(a, Op::Le, x), Cond::Compare(b, Op::Gt, y)) => a == b && x == y,
        (Cond::State(a, x), Cond::State(b, y)) => a == b && x.iter().all(|s| !y.contains(s)),
        (
            Cond::Count {
                set: a,
                distinct: c,
                bounds: x,
            },
            Cond::Count {
                set: b,
                distinct: d,
                bounds: y,
            },
        ) => a == b && c == d && below(x, y),
        _ => false,
    }
}

/// Whether two clauses can be in force side by side, and neither silences the other.
fn together(spec: &Spec, one: ClauseId, other: ClauseId) -> bool {
    let clause = |id: ClauseId| &spec.clauses[id.index()];
    let (a, b) = (clause(one), clause(other));
    let before = |a: &Clause, b: &Clause| match (a.until, b.from) {
        (Some(until), Some(from)) => until.at <= from.at,
        _ => false,
    };
    one != other
        && !a.overrides.contains(&other)
        && !b.overrides.contains(&one)
        && !before(a, b)
        && !before(b, a)
}

// ---------------------------------------------------------------- opposite demands

/// Two clauses that cannot both be kept, as far as that can be seen in the clauses themselves.
fn opposites(spec: &Spec, found: &mut Vec<CheckError>) {
    let plain: Vec<&Rule> = spec
        .rules
        .iter()
        .filter(|r| r.guard.is_none() && r.scope.each.is_none())
        .collect();
    for (at, one) in plain.iter().enumerate() {
        for other in &plain[at + 1..] {
            let shared = one.scope.kind == other.scope.kind
                && one
                    .scope
                    .states
                    .iter()
                    .any(|s| other.scope.states.contains(s))
                && together(spec, one.clause, other.clause);
            if shared && (disjoint(&one.said, &other.said) || forbidden(&one.said, &other.said)) {
                let clause = |rule: &Rule| &spec.clauses[rule.clause.index()];
                found.push(CheckError::Opposites {
                    first: (clause(one).text.clone(), clause(one).span),
                    second: (clause(other).text.clone(), clause(other).span),
                });
            }
        }
    }
}

/// Two numbers of one set that are never the same.
fn disjoint(one: &Said, other: &Said) -> bool {
    let count = |said: &Said| -> Option<(Set, bool, Bounds)> {
        match said {
            Said::Hold {
                cond:
                    Cond::Count {
                        set,
                        distinct,
                        bounds,
                    },
                ..
            } => Some((set.clone(), *distinct, bounds.clone())),
            _ => None,
        }
    };
    match (count(one), count(other)) {
        (Some((a, c, x)), Some((b, d, y))) => a == b && c == d && (below(&x, &y) || below(&y, &x)),
        _ => false,
    }
}

/// Whether the first ends below where the second begins.
fn below(first: &Bounds, second: &Bounds) -> bool {
    let number = |expr: &Expr| match expr {
        Expr::Const(Const::Number(n)) => Some(*n),
        _ => None,
    };
    match (first.max.as_ref().and_then(number), number(&second.min)) {
        (Some(max), Some(min)) => max < min || (max == min && second.strict),
        _ => false,
    }
}

/// An act that must be done and must not be done.
fn forbidden(one: &Said, other: &Said) -> bool {
    match (one, other) {
        (
            Said::Owe {
                arms: owed,
                by: owing,
                arises: Arises::Entry | Arises::Every(_) | Arises::Per(..),
                ..
            },
            Said::Prohibit { arms, by },
        )
        | (
            Said::Prohibit { arms, by },
            Said::Owe {
                arms: owed,
                by: owing,
                arises: Arises::Entry | Arises::Every(_) | Arises::Per(..),
                ..
            },
        ) => {
            (by.is_none() || by == owing)
                && owed.iter().all(|o| {
                    let whole = |f: &Option<Cond>| f.is_none() || *f == o.filter;
                    arms.iter().any(|a| a.event == o.event && whole(&a.filter))
                })
        }
        _ => false,
    }
}
