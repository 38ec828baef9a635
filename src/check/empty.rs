//! What waits for somebody who need not be there: a duty without a bearer, an approval that nobody
//! can give.
//!
//! Only where nothing takes care of it ([`super::filled`]), and only of what binds: what is merely
//! advised can be left undone.

use crate::hir::{Rule, Said, Spec};
use crate::ids::*;
use crate::ir::{Arises, Arm, Cond, Modality, Quantity, Scope, Set, Who};

use super::conflict;
use super::error::{CheckError, Named};
use super::filled::{self, Need, conjuncts};

/// Judges what needs somebody.
pub fn nobody(spec: &Spec, found: &mut Vec<CheckError>) {
    for rule in &spec.rules {
        bearer(spec, rule, found);
        steps(spec, rule, found);
        power(spec, rule, found);
    }
    votes(spec, found);
}

/// Whether a clause binds.
pub fn binds(spec: &Spec, clause: ClauseId) -> bool {
    let modality = spec.clauses[clause.index()].modality;
    matches!(modality, Modality::Must | Modality::Will)
}

/// Somebody is needed by a rule, where its guard and these hold, after one of these acts.
pub fn need<'a>(rule: &'a Rule, conds: &[&'a Cond], after: &'a [Arm]) -> Need<'a> {
    let mut all = Vec::new();
    let filters = after.iter().filter_map(|arm| arm.filter.as_ref());
    // Of several acts, the filter of one says nothing of the others.
    let filters = filters.filter(|_| after.len() == 1);
    let conds = conds.iter().copied();
    for cond in rule.guard.iter().chain(filters).chain(conds) {
        conjuncts(cond, &mut all);
    }
    Need {
        clause: rule.clause,
        scope: &rule.scope,
        conds: all,
        after,
    }
}

/// The roles of a set, as a clause of this kind would name them, and where the first is declared.
pub fn named(spec: &Spec, set: &Set, from: KindId) -> Named {
    let roles = filled::roles(set).unwrap_or_default();
    let name = |id: &RoleId| {
        let role = &spec.roles[id.index()];
        let kind = &spec.kinds[role.kind.index()];
        match role.kind == from || kind.name.is_empty() {
            true => role.name.clone(),
            false => format!("{}.{}", kind.name, role.name),
        }
    };
    let names: Vec<String> = roles.iter().map(name).collect();
    let first = roles.first().map(|id| spec.roles[id.index()].span);
    (names.join(" or "), first.unwrap_or_default())
}

fn acts(spec: &Spec, arms: &[Arm]) -> String {
    let name = |arm: &Arm| spec.events[arm.event.index()].name.clone();
    let names: Vec<String> = arms.iter().map(name).collect();
    names.join(" or ")
}

// ---------------------------------------------------------------- duties

/// A duty of a role that may have no holder.
fn bearer(spec: &Spec, rule: &Rule, found: &mut Vec<CheckError>) {
    let Said::Owe {
        arms,
        by: Some(who),
        arises,
        ..
    } = &rule.said
    else {
        return;
    };
    let (conds, after): (&[&Cond], &[Arm]) = match arises {
        Arises::After(arms) => (&[], arms),
        Arises::While(cond) => (&[cond], &[]),
        _ => (&[], &[]),
    };
    // Of each for himself nothing is owed where there is nobody, and where nobody may be there the
    // two clauses cannot both be kept.
    let each = who.quantity == Quantity::Each;
    let ruled_out = spec.rules.iter().any(|r| conflict::bereaves(spec, r, rule));
    if !each
        && !ruled_out
        && binds(spec, rule.clause)
        && !filled::filled(spec, &who.set, &need(rule, conds, after))
    {
        found.push(CheckError::NoBearer {
            act: acts(spec, arms),
            span: spec.clauses[rule.clause.index()].span,
            role: named(spec, &who.set, rule.scope.kind),
        });
    }
}

// ---------------------------------------------------------------- approvals

/// Those by whom something must have been done for this to hold, with what else is asked.
fn actors(cond: &Cond) -> Vec<(&Who, Vec<&Cond>)> {
    let mut parts = Vec::new();
    conjuncts(cond, &mut parts);
    let mut found = Vec::new();
    for part in &parts {
        if let Cond::Happened { by: Some(who), .. } = part {
            let others = parts.iter().copied().filter(|other| other != part);
            found.push((who, others.collect()));
        }
    }
    found
}

/// A step of a `to` block that only holders of a role can do.
fn steps(spec: &Spec, rule: &Rule, found: &mut Vec<CheckError>) {
    let Said::Check { on, cond } = &rule.said else {
        return;
    };
    if !binds(spec, rule.clause) {
        return;
    }
    let on = std::slice::from_ref(on);
    for (who, others) in actors(cond) {
        if !filled::filled(spec, &who.set, &need(rule, &others, on)) {
            found.push(CheckError::NoApprover {
                what: acts(spec, on),
                span: spec.clauses[rule.clause.index()].span,
                role: named(spec, &who.set, rule.scope.kind),
            });
        }
    }
}

/// A power that only holders of a role have, or that only their act opens, where nothing else leads to
/// the same state.
fn power(spec: &Spec, rule: &Rule, found: &mut Vec<CheckError>) {
    let Said::Permit {
        arms,
        target: Some(to),
        ..
    } = &rule.said
    else {
        return;
    };
    let Some(set) = waits_for(spec, rule) else {
        return;
    };
    // A duty that is a power too is judged as a duty.
    let owed = |r: &Rule| r.clause == rule.clause && matches!(r.said, Said::Owe { .. });
    let another = |r: &Rule| {
        let leads = match &r.said {
            Said::Permit { target, .. } => *target == Some(*to) && waits_for(spec, r).is_none(),
            Said::React { target, .. } => *target == Some(*to),
            _ => false,
        };
        let mut states = r.scope.states.iter();
        leads && r.scope.kind == rule.scope.kind && states.any(|s| rule.scope.states.contains(s))
    };
    let decided = spec.decisions.iter().any(|d| {
        let mut outcomes = d.outcomes.iter();
        d.kind == rule.scope.kind && outcomes.any(|o| o.target == Some(*to))
    });
    if !decided && !spec.rules.iter().any(|r| owed(r) || another(r)) {
        found.push(CheckError::NoApprover {
            what: acts(spec, arms),
            span: spec.clauses[rule.clause.index()].span,
            role: named(spec, set, rule.scope.kind),
        });
    }
}

/// Those for whom a permission waits though there may be none.
fn waits_for<'a>(spec: &Spec, rule: &'a Rule) -> Option<&'a Set> {
    let Said::Permit { by, .. } = &rule.said else {
        return None;
    };
    // That they must have acted does not say that there are any.
    let mut need = need(rule, &[], &[]);
    need.conds.retain(|c| !matches!(c, Cond::Happened { .. }));
    let asked = rule.guard.iter().flat_map(actors).map(|(who, _)| who);
    let mut sets = by.iter().chain(asked).map(|who| &who.set);
    sets.find(|set| !filled::filled(spec, set, &need))
}

/// A decision of those who may be none.
fn votes(spec: &Spec, found: &mut Vec<CheckError>) {
    for decision in &spec.decisions {
        let scope = Scope {
            kind: decision.kind,
            states: spec.kinds[decision.kind.index()].living(),
            each: None,
        };
        let need = Need {
            clause: decision.clause,
            scope: &scope,
            conds: Vec::new(),
            after: &[],
        };
        if let Some(set) = &decision.electorate
            && !filled::filled(spec, set, &need)
        {
            found.push(CheckError::NoApprover {
                what: decision.name.clone(),
                span: decision.span,
                role: named(spec, set, decision.kind),
            });
        }
    }
}
