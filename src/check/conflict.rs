//! Clauses that cannot stand side by side: one act that leads to two states, and clauses that demand
//! opposite things of one group at one time.

use std::collections::BTreeSet;

use crate::hir::{Clause, Rule, Said, Spec};
use crate::ids::*;
use crate::ir::{Arises, Bounds, Cond, Const, Expr, Op, Quantity, Set, Trigger, Who};
use crate::source::Span;

use super::error::CheckError;
use super::filled::{self, conjuncts};

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
pub fn together(spec: &Spec, one: ClauseId, other: ClauseId) -> bool {
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
    let whole: Vec<&Rule> = spec
        .rules
        .iter()
        .filter(|r| r.scope.each.is_none())
        .collect();
    for (at, one) in whole.iter().enumerate() {
        for other in &whole[at + 1..] {
            let opposed = |a: &Rule, b: &Rule| {
                disjoint(a, b) || forbidden(spec, a, b) || bereaves(spec, b, a)
            };
            if (opposed(one, other) || opposed(other, one)) && side_by_side(spec, one, other) {
                let clause = |rule: &Rule| &spec.clauses[rule.clause.index()];
                found.push(CheckError::Opposites {
                    first: (clause(one).text.clone(), clause(one).span),
                    second: (clause(other).text.clone(), clause(other).span),
                });
            }
        }
    }
}

/// Whether two clauses speak of a group in one state, at one time.
fn side_by_side(spec: &Spec, one: &Rule, other: &Rule) -> bool {
    let others = filled::stands(other);
    one.scope.kind == other.scope.kind
        && filled::stands(one).iter().any(|s| others.contains(s))
        && together(spec, one.clause, other.clause)
}

/// Whether the first clause forbids that anybody holds the roles by which the duty of the second is
/// owed, wherever it is owed. Of each for himself nothing is owed where there is nobody.
pub fn bereaves(spec: &Spec, one: &Rule, duty: &Rule) -> bool {
    let Said::Owe { by: Some(who), .. } = &duty.said else {
        return false;
    };
    let (Said::Hold { cond, .. }, None, None) = (&one.said, &one.guard, one.scope.each) else {
        return false;
    };
    let mut empty = BTreeSet::new();
    let mut parts = Vec::new();
    conjuncts(cond, &mut parts);
    for part in parts {
        if let Some(roles) = forbidden_holders(part) {
            empty.extend(roles);
        }
    }
    let owing = filled::roles(&who.set);
    let covers = |s: &StateId| one.scope.states.contains(s);
    one.scope.kind == duty.scope.kind
        && together(spec, one.clause, duty.clause)
        && who.quantity != Quantity::Each
        && duty.scope.each.is_none()
        && filled::stands(duty).iter().all(covers)
        && owing.is_some_and(|roles| !roles.is_empty() && roles.is_subset(&empty))
}

/// The roles that nobody may hold: `must have no lead`, `must not have some lead`.
fn forbidden_holders(cond: &Cond) -> Option<BTreeSet<RoleId>> {
    let whole = |set: &Set| match set {
        Set::Where(..) => None,
        set => filled::roles(set),
    };
    match cond {
        Cond::Count { set, bounds, .. } if below(bounds, &from_one()) => whole(set),
        Cond::Not(inner) => match &**inner {
            Cond::Count { set, bounds, .. } if *bounds == from_one() => whole(set),
            _ => None,
        },
        _ => None,
    }
}

/// `some`
fn from_one() -> Bounds {
    Bounds {
        min: Expr::Const(Const::Number(1)),
        max: None,
        strict: false,
    }
}

/// Two conditions that never hold together, of a group or of one act.
fn disjoint(one: &Rule, other: &Rule) -> bool {
    let (a, b) = match (&one.said, &other.said) {
        (Said::Hold { cond: a, .. }, Said::Hold { cond: b, .. }) => (a, b),
        (Said::Check { on: x, cond: a }, Said::Check { on: y, cond: b }) if x == y => (a, b),
        _ => return false,
    };
    one.guard == other.guard && exclude(&[a], &[b])
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

/// An act that must be done, and must not be done whenever it is owed.
fn forbidden(spec: &Spec, duty: &Rule, ban: &Rule) -> bool {
    let (
        Said::Owe {
            arms: owed,
            by: owing,
            arises,
            ..
        },
        Said::Prohibit { arms, by },
    ) = (&duty.said, &ban.said)
    else {
        return false;
    };
    let (mut then, mut banned) = (Vec::new(), Vec::new());
    duty.guard.iter().for_each(|g| conjuncts(g, &mut then));
    ban.guard.iter().for_each(|g| conjuncts(g, &mut banned));
    if let Arises::While(cond) = arises {
        conjuncts(cond, &mut then);
    }
    // `after T` of a ban asks whether T has happened, which it has where the duty follows it.
    let follows = |cond: &Cond| match (cond, arises) {
        (Cond::Happened { log, by: None, .. }, Arises::After(triggers)) => {
            let known = &spec.logs[log.index()].arms;
            triggers.iter().all(|t| known.contains(t))
        }
        _ => false,
    };
    (by.is_none() || by == owing)
        && banned.iter().all(|c| then.contains(c) || follows(c))
        && owed.iter().all(|o| {
            let whole = |f: &Option<Cond>| f.is_none() || *f == o.filter;
            arms.iter().any(|a| a.event == o.event && whole(&a.filter))
        })
}
