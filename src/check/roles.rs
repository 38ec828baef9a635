//! Roles: somebody can get each of them, and something names it.

use std::collections::BTreeSet;

use crate::diag::suggest;
use crate::hir::{Rule, Said, Spec};
use crate::ids::*;
use crate::ir::visit::{self, Part};
use crate::ir::{Action, Arises, Cond, Due, Form, RoleRef, Set, Type, Who};

use super::error::CheckError;

// ---------------------------------------------------------------- roles that nothing names

/// A role that nothing names, beside its own block: `role reveiwer { … }` makes a new role.
pub fn unused(spec: &Spec, found: &mut Vec<CheckError>) {
    let spoken_of = spoken_of(spec);
    for (index, role) in spec.roles.iter().enumerate() {
        let id = RoleId::new(index);
        if role.named {
            continue;
        }
        let others = spec.roles.iter().filter(|r| r.name != role.name && r.named);
        let near = suggest::nearest(&role.name, others.map(|r| r.name.as_str()));
        if near.is_some() || !spoken_of.contains(&id) {
            found.push(CheckError::UnusedRole {
                role: role.name.clone(),
                span: role.span,
                near: near.map(str::to_owned),
            });
        }
    }
}

/// The roles that some rule speaks of, be it by the block in which it stands.
fn spoken_of(spec: &Spec) -> BTreeSet<RoleId> {
    let mut found = BTreeSet::new();
    let bodies = |kind: KindId| {
        let roles = spec.roles.iter().enumerate();
        let of = roles.filter(move |(_, r)| r.kind == kind);
        of.map(|(index, _)| RoleId::new(index))
    };
    let mut look = |part: Part<'_>| match part {
        Part::Set(Set::Holders(role, _) | Set::HoldersAnywhere(role) | Set::HoldersOf(_, role)) => {
            found.insert(*role);
        }
        Part::Set(Set::Body(kind)) => found.extend(bodies(*kind)),
        Part::Cond(Cond::Tenure { roles, .. }) => found.extend(roles.iter().copied()),
        Part::Cond(Cond::Beyond { role, .. }) => {
            found.insert(*role);
        }
        _ => {}
    };
    for rule in &spec.rules {
        parts(rule, &mut look);
    }
    for log in &spec.logs {
        log.arms.iter().for_each(|arm| visit::arm(arm, &mut look));
    }
    for clock in &spec.clocks {
        visit::cond(&clock.cond, &mut look);
    }
    for decision in &spec.decisions {
        decision
            .electorate
            .iter()
            .for_each(|s| visit::set(s, &mut look));
    }
    found.extend(spec.rules.iter().filter_map(|r| r.scope.each));
    found
}

/// Calls `f` for everything in a rule.
fn parts<'a>(rule: &'a Rule, f: &mut dyn FnMut(Part<'a>)) {
    let by = |who: &'a Option<Who>, f: &mut dyn FnMut(Part<'a>)| {
        who.iter().for_each(|who| visit::who(who, f));
    };
    rule.guard.iter().for_each(|c| visit::cond(c, f));
    match &rule.said {
        Said::Hold { cond, grace, .. } => {
            visit::cond(cond, f);
            grace.iter().for_each(|e| visit::expr(e, f));
        }
        Said::Check { on, cond } => {
            visit::arm(on, f);
            visit::cond(cond, f);
        }
        Said::Prohibit { arms, by: who } => {
            arms.iter().for_each(|arm| visit::arm(arm, f));
            by(who, f);
        }
        Said::Cap { max, .. } => visit::expr(max, f),
        Said::Permit {
            arms,
            by: who,
            actions,
            ..
        } => {
            arms.iter().for_each(|arm| visit::arm(arm, f));
            by(who, f);
            actions.iter().for_each(|a| visit::action(a, f));
        }
        Said::Owe {
            arms,
            by: who,
            arises,
            due,
            except,
            ..
        } => {
            arms.iter().for_each(|arm| visit::arm(arm, f));
            by(who, f);
            match arises {
                Arises::Entry | Arises::Ended(..) => {}
                Arises::After(arms) => arms.iter().for_each(|arm| visit::arm(arm, f)),
                Arises::While(cond) => visit::cond(cond, f),
                Arises::Every(every) => visit::expr(every, f),
                Arises::Per(bounds, _) => visit::bounds(bounds, f),
            }
            match due {
                Due::Open | Due::EndOfDay => {}
                Due::Within(e) | Due::ByDate(e, _) => visit::expr(e, f),
                Due::Before(arms) => arms.iter().for_each(|arm| visit::arm(arm, f)),
            }
            except.iter().for_each(|e| visit::expr(e, f));
        }
        Said::React {
            trigger, actions, ..
        } => {
            match trigger {
                crate::ir::Trigger::Event(arm) => visit::arm(arm, f),
                crate::ir::Trigger::Becomes(cond) => visit::cond(cond, f),
            }
            actions.iter().for_each(|a| visit::action(a, f));
        }
        Said::Admit { cond } => visit::cond(cond, f),
        Said::Remark => {}
    }
}

// ---------------------------------------------------------------- roles that nobody can get

/// Why nobody can get a role.
enum Bar {
    /// It may not be given.
    Forbidden(ClauseId),
    /// Only these may be given it, and none of them can be had either.
    Closed(ClauseId, Vec<RoleId>),
}

/// A role that is forbidden, or that only holders of roles can give which nobody can get either.
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
            Bar::Closed(by, givers) => CheckError::ClosedRole {
                role: role.name.clone(),
                span: role.span,
                by: clause(by),
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
    let exclusive = permits.iter().find(|(.., exclusive)| *exclusive)?;
    if granted.contains(&id) || !always(spec, exclusive.0) {
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
    Some(Bar::Closed(exclusive.0, givers))
}

fn always(spec: &Spec, clause: ClauseId) -> bool {
    let clause = &spec.clauses[clause.index()];
    clause.from.is_none() && clause.until.is_none()
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

/// At most how many members a set has, where that is known: the seats of its roles.
pub fn most(spec: &Spec, set: &Set) -> Option<u32> {
    match set {
        Set::Holders(role, _) => spec.roles[role.index()].seats,
        Set::HoldersAnywhere(role) => {
            let role = &spec.roles[role.index()];
            let single = matches!(
                spec.kinds[role.kind.index()].form,
                Form::Document | Form::Body
            );
            role.seats.filter(|_| single)
        }
        Set::Where(inner, _) => most(spec, inner),
        Set::Union(list) => {
            let each: Option<Vec<u32>> = list.iter().map(|s| most(spec, s)).collect();
            Some(each?.iter().fold(0, |sum: u32, n| sum.saturating_add(*n)))
        }
        Set::Body(kind) => {
            let roles = spec.roles.iter().filter(|r| r.kind == *kind);
            let each: Option<Vec<u32>> = roles.map(|r| r.seats).collect();
            let each = each.filter(|e| !e.is_empty())?;
            Some(each.iter().fold(0, |sum: u32, n| sum.saturating_add(*n)))
        }
        _ => None,
    }
}
