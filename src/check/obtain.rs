//! Roles: somebody can get each of them.

use std::collections::BTreeSet;

use crate::hir::{Decision, Said, Spec};
use crate::ids::*;
use crate::ir::{
    Action, Arm, Cond, EventSource, Form, Modality, Place, Quota, RoleRef, Set, Tally, Type,
    VoteCond,
};

use super::error::{CheckError, Closed};

/// Why nobody can get a role.
enum Bar {
    /// It may not be given.
    Forbidden(ClauseId),
    /// Only these may give it, or do what is asked before it is given, and none of them can be had
    /// either.
    Closed(ClauseId, Closed, Vec<RoleId>),
}

/// A role that is forbidden, or that only holders of roles can give, or let be given, which nobody
/// can get either.
pub fn out_of_reach(spec: &Spec, found: &mut Vec<CheckError>) {
    let granted = granted(spec);
    let mut open: BTreeSet<RoleId> = BTreeSet::new();
    // Whoever can get a role may give others; what remains in the end is shut off.
    loop {
        let before = open.len();
        for index in 0..spec.roles.len() {
            let role = RoleId::new(index);
            if !open.contains(&role) && bar(spec, role, &granted, &open).is_none() {
                open.insert(role);
            }
        }
        if open.len() == before {
            break;
        }
    }
    for (index, role) in spec.roles.iter().enumerate() {
        let Some(bar) = bar(spec, RoleId::new(index), &granted, &open) else {
            continue;
        };
        let clause = |id: ClauseId| spec.clauses[id.index()].span;
        found.push(match bar {
            Bar::Forbidden(by) => CheckError::ForbiddenRole {
                role: role.name.clone(),
                span: role.span,
                by: clause(by),
            },
            Bar::Closed(by, how, givers) => CheckError::ClosedRole {
                role: role.name.clone(),
                span: role.span,
                by: clause(by),
                how,
                givers: givers
                    .iter()
                    .map(|g| spec.roles[g.index()].name.clone())
                    .collect(),
            },
        });
    }
}

fn bar(
    spec: &Spec,
    id: RoleId,
    granted: &BTreeSet<RoleId>,
    open: &BTreeSet<RoleId>,
) -> Option<Bar> {
    let role = &spec.roles[id.index()];
    let kind = &spec.kinds[role.kind.index()];
    let mut permits = Vec::new();
    for rule in &spec.rules {
        match &rule.said {
            Said::Prohibit { arms, by: None }
                if rule.guard.is_none()
                    && arms
                        .iter()
                        .any(|a| a.event == role.added && a.filter.is_none())
                    && kind.living().iter().all(|s| rule.scope.states.contains(s))
                    && always(spec, rule.clause) =>
            {
                return Some(Bar::Forbidden(rule.clause));
            }
            Said::Permit {
                arms,
                by,
                exclusive,
                ..
            } if arms.iter().any(|a| a.event == role.added) => {
                permits.push((rule.clause, by.as_ref(), *exclusive));
            }
            _ => {}
        }
    }
    if granted.contains(&id) {
        return None;
    }
    let mut givers = Vec::new();
    for (_, by, _) in &permits {
        let holders = by.and_then(|who| holders(&who.set))?;
        if holders.iter().any(|h| open.contains(h)) {
            return None;
        }
        givers.extend(holders);
    }
    givers.sort();
    givers.dedup();
    match permits.iter().find(|(.., exclusive)| *exclusive) {
        Some((clause, ..)) if always(spec, *clause) => {
            Some(Bar::Closed(*clause, Closed::Giving, givers))
        }
        _ => asked(spec, id, open),
    }
}

/// What has to be done before a group's role is given, where only those can do it who hold roles
/// that nobody can get. A group begins with nobody in it; whoever holds a role of the document or of
/// a body may have held it before anything was written down.
fn asked(spec: &Spec, id: RoleId, open: &BTreeSet<RoleId>) -> Option<Bar> {
    let role = &spec.roles[id.index()];
    let kind = &spec.kinds[role.kind.index()];
    if !matches!(kind.form, Form::Group | Form::Thing) {
        return None;
    }
    spec.rules.iter().find_map(|rule| {
        let Said::Check { on, cond } = &rule.said else {
            return None;
        };
        let modality = spec.clauses[rule.clause.index()].modality;
        let whenever = on.event == role.added
            && on.filter.is_none()
            && rule.guard.is_none()
            && rule.scope.kind == role.kind
            && kind.living().iter().all(|s| rule.scope.states.contains(s));
        let binds = matches!(modality, Modality::Must | Modality::Will);
        if !whenever || !binds || !always(spec, rule.clause) {
            return None;
        }
        let mut needed = doers(spec, cond)?;
        needed.sort();
        needed.dedup();
        let shut = needed.iter().all(|role| !open.contains(role));
        shut.then_some(Bar::Closed(rule.clause, Closed::Asking, needed))
    })
}

/// The roles without whose holders a condition cannot come true; `None` where it can.
fn doers(spec: &Spec, cond: &Cond) -> Option<Vec<RoleId>> {
    match cond {
        Cond::All(list) => list.iter().find_map(|c| doers(spec, c)),
        Cond::Any(list) if !list.is_empty() => {
            let each: Option<Vec<Vec<RoleId>>> = list.iter().map(|c| doers(spec, c)).collect();
            Some(each?.concat())
        }
        Cond::Happened { by: Some(who), .. } => holders_here(&who.set),
        Cond::Happened { log, .. } => {
            let arms = &spec.logs[log.index()].arms;
            let each: Option<Vec<Vec<RoleId>>> = arms.iter().map(|a| voters(spec, a)).collect();
            Some(each?.concat()).filter(|roles| !roles.is_empty())
        }
        _ => None,
    }
}

/// The roles whose holders have to vote for an outcome, where somebody has to.
fn voters(spec: &Spec, arm: &Arm) -> Option<Vec<RoleId>> {
    let EventSource::Outcome(id, at) = spec.events[arm.event.index()].source else {
        return None;
    };
    let decision: &Decision = &spec.decisions[id.index()];
    let passed = decision.outcomes.get(at as usize)?.name == "passed" && !decision.options;
    let (passes, _) = decision.passes.as_ref()?;
    if !passed || !wants_ballots(passes) {
        return None;
    }
    holders_here(decision.electorate.as_ref()?)
}

/// Whether nothing passes for which nobody votes.
fn wants_ballots(passes: &VoteCond) -> bool {
    match passes {
        VoteCond::All(list) => list.iter().any(wants_ballots),
        VoteCond::Any(list) => list.iter().all(wants_ballots),
        VoteCond::World(_) => false,
        VoteCond::Tally { what, quota } => match quota {
            Quota::AtLeast(_) | Quota::MoreThan(_) | Quota::Fraction { .. } => {
                matches!(what, Tally::Yes | Tally::Cast | Tally::Present)
            }
            Quota::AtMost(_) | Quota::AllBut(..) => false,
        },
    }
}

/// The roles whose holders in the group itself, or around it, a set consists of.
fn holders_here(set: &Set) -> Option<Vec<RoleId>> {
    match set {
        Set::Holders(role, Place::This | Place::Within(_)) => Some(vec![*role]),
        Set::Where(inner, _) => holders_here(inner),
        Set::Union(list) => {
            let parts: Option<Vec<Vec<RoleId>>> = list.iter().map(holders_here).collect();
            Some(parts?.concat())
        }
        _ => None,
    }
}

/// Whether a clause is in force all the time, and no other ever takes its place.
fn always(spec: &Spec, id: ClauseId) -> bool {
    let clause = &spec.clauses[id.index()];
    let silenced = spec.clauses.iter().any(|c| c.overrides.contains(&id));
    clause.from.is_none() && clause.until.is_none() && !silenced
}

/// The roles whose holders a set consists of; `None` where others may be in it.
fn holders(set: &Set) -> Option<Vec<RoleId>> {
    match set {
        Set::Holders(role, _) | Set::HoldersAnywhere(role) | Set::HoldersOf(_, role) => {
            Some(vec![*role])
        }
        Set::Where(inner, _) => holders(inner),
        Set::Union(list) => {
            let parts: Option<Vec<Vec<RoleId>>> = list.iter().map(holders).collect();
            Some(parts?.concat())
        }
        _ => None,
    }
}

/// The roles that some effect gives.
fn granted(spec: &Spec) -> BTreeSet<RoleId> {
    let mut found = BTreeSet::new();
    for rule in &spec.rules {
        let (Said::Permit { actions, .. } | Said::React { actions, .. }) = &rule.said else {
            continue;
        };
        for action in actions {
            match action {
                Action::Grant(RoleRef::Role(role), ..) => {
                    found.insert(*role);
                }
                Action::Emit { event, .. } => {
                    if let EventSource::RoleAdded(role) = spec.events[event.index()].source {
                        found.insert(role);
                    }
                }
                // Which one a value is, only a run can tell.
                Action::Grant(RoleRef::Value(_), ..) => {
                    let values = spec.events.iter().flat_map(|e| &e.fields);
                    for field in values.chain(spec.kinds.iter().flat_map(|k| &k.fields)) {
                        if let Type::Role(roles) = &field.ty {
                            found.extend(roles.iter().copied());
                        }
                    }
                }
                _ => {}
            }
        }
    }
    found
}
