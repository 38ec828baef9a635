//! What is asked of all members of a set that may have none: it then holds, whatever was meant.
//!
//! A rule that must always hold (`must have all lead among member`) is meant so. Where such a
//! condition lets something happen (in a `to` block, the guard of a permission, a trigger, a
//! threshold), it is let through because nobody was there.

use crate::hir::{Rule, Said, Spec};
use crate::ids::*;
use crate::ir::{Cond, Const, Expr, Place, Scope, Set, Trigger, VoteCond};
use crate::source::Span;

use super::empty;
use super::error::{CheckError, Named};
use super::filled::{self, Need, conjuncts};

/// Judges the conditions that let something happen.
pub fn of_nobody(spec: &Spec, found: &mut Vec<CheckError>) {
    for rule in &spec.rules {
        in_rule(spec, rule, found);
    }
    for decision in &spec.decisions {
        let scope = Scope {
            kind: decision.kind,
            states: spec.kinds[decision.kind.index()].living(),
            each: None,
        };
        let Some((passes, span)) = &decision.passes else {
            continue;
        };
        let mut worlds = Vec::new();
        worlds_of(passes, &mut worlds);
        for world in worlds {
            let need = Need {
                clause: decision.clause,
                scope: &scope,
                conds: Vec::new(),
                after: &[],
            };
            judge(spec, world, &need, Asked::Gate(None), *span, found);
        }
    }
}

/// The conditions on the world in a threshold.
fn worlds_of<'a>(cond: &'a VoteCond, into: &mut Vec<&'a Cond>) {
    match cond {
        VoteCond::All(list) | VoteCond::Any(list) => list.iter().for_each(|c| worlds_of(c, into)),
        VoteCond::World(world) => into.push(world),
        VoteCond::Tally { .. } => {}
    }
}

/// How a condition is asked.
#[derive(Clone, Copy)]
enum Asked {
    /// In a `to` block, of the fields of this event.
    Step(EventId),
    /// To let something happen; of the fields of this event, where there is one.
    Gate(Option<EventId>),
}

fn in_rule(spec: &Spec, rule: &Rule, found: &mut Vec<CheckError>) {
    let span = spec.clauses[rule.clause.index()].span;
    let need = empty::need(rule, &[], &[]);
    let mut gate = |cond: &Cond, event: Option<EventId>| {
        judge(spec, cond, &need, Asked::Gate(event), span, found);
    };
    match &rule.said {
        Said::Permit { arms, .. } => {
            let event = arms.first().map(|arm| arm.event);
            rule.guard.iter().for_each(|g| gate(g, event));
        }
        Said::React {
            trigger,
            recorded: false,
            ..
        } => match trigger {
            Trigger::Event(arm) => rule.guard.iter().for_each(|g| gate(g, Some(arm.event))),
            Trigger::Becomes(cond) => {
                gate(cond, None);
                rule.guard.iter().for_each(|g| gate(g, None));
            }
        },
        Said::Check { on, cond } if empty::binds(spec, rule.clause) => {
            let need = empty::need(rule, &[], std::slice::from_ref(on));
            judge(spec, cond, &need, Asked::Step(on.event), span, found);
        }
        _ => {}
    }
}

fn judge(
    spec: &Spec,
    cond: &Cond,
    need: &Need<'_>,
    asked: Asked,
    span: Span,
    found: &mut Vec<CheckError>,
) {
    // Only what must hold in any case: of alternatives, another may be meant for nobody.
    let mut parts = Vec::new();
    conjuncts(cond, &mut parts);
    for part in &parts {
        let Cond::Among {
            set,
            among,
            bounds: None,
        } = part
        else {
            continue;
        };
        // Who may hold a role is asked of its holders, and of nobody where there are none. Who must
        // have taken part is asked of the act.
        let eligible = matches!(asked, Asked::Step(_)) && filled::roles(among).is_some();
        let mut conds = need.conds.clone();
        conds.extend(parts.iter().copied());
        let need = Need { conds, ..*need };
        let whom = match list(spec, set, asked, need.scope.kind) {
            Some(list) => (!listed(spec, &list, &need.conds)).then_some(list.named),
            None => (!eligible && !filled::filled(spec, set, &need))
                .then(|| empty::named(spec, set, need.scope.kind)),
        };
        if let Some(whom) = whom {
            found.push(CheckError::OfNobody { whom, span });
        }
    }
}

// ---------------------------------------------------------------- lists in fields

/// A list that may be empty.
struct List<'a> {
    named: Named,
    /// What holds its values.
    value: &'a Expr,
    /// The field of this kind, or of this event.
    of: Result<(KindId, FieldId), (EventId, FieldId)>,
}

/// The field that a set is the values of. A `to` block asks its own event; that a group's field may
/// stay empty is said where it is declared.
fn list<'a>(spec: &Spec, set: &'a Set, asked: Asked, kind: KindId) -> Option<List<'a>> {
    let Set::Values(value) = set else {
        return None;
    };
    let (of, field) = match (value, asked) {
        (Expr::Param(f), Asked::Step(event) | Asked::Gate(Some(event))) => (
            Err((event, *f)),
            &spec.events[event.index()].fields[f.index()],
        ),
        (Expr::Field(Place::This, f), Asked::Gate(_)) => {
            (Ok((kind, *f)), &spec.kinds[kind.index()].fields[f.index()])
        }
        _ => return None,
    };
    let plain = field.stores.is_none() && field.default.is_none();
    plain.then(|| List {
        named: (field.name.clone(), field.span),
        value,
        of,
    })
}

/// Whether something asks that the list has an element: beside it, or wherever its group or event is
/// ruled.
fn listed(spec: &Spec, list: &List<'_>, beside: &[&Cond]) -> bool {
    let some = |cond: &Cond| {
        let mut parts = Vec::new();
        conjuncts(cond, &mut parts);
        parts.iter().any(|c| has(c, list.value))
    };
    let ruled = |rule: &Rule| match (&rule.said, list.of) {
        (Said::Hold { cond, .. } | Said::Check { cond, .. }, Ok((kind, _))) => {
            rule.scope.kind == kind && some(cond)
        }
        (Said::Check { on, cond }, Err((event, _))) => on.event == event && some(cond),
        _ => false,
    };
    beside.iter().any(|c| some(c)) || spec.rules.iter().any(ruled)
}

/// Whether this holds only where the value is there.
fn has(cond: &Cond, value: &Expr) -> bool {
    match cond {
        Cond::Filled(filled) => filled == value,
        Cond::Count { set, bounds, .. } => {
            let none = bounds.min == Expr::Const(Const::Number(0)) && !bounds.strict;
            !none && *set == Set::Values(value.clone())
        }
        Cond::Among {
            set,
            bounds: Some(bounds),
            ..
        } => {
            let none = bounds.min == Expr::Const(Const::Number(0)) && !bounds.strict;
            !none && *set == Set::Values(value.clone())
        }
        _ => false,
    }
}
