//! Roles: something names each of them, and how many hold it at most.

use std::collections::BTreeSet;

use crate::diag::suggest;
use crate::hir::{Rule, Said, Spec};
use crate::ids::*;
use crate::ir::visit::{self, Part};
use crate::ir::{Arises, Cond, Due, Form, Set, Who};

use super::error::CheckError;

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
