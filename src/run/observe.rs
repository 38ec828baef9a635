//! What a record can show at all, and from when on.

use std::collections::BTreeMap;

use crate::ids::*;
use crate::ir::{Action, EventSource, Expr, Model, RoleRef, Trigger, Type};
use crate::time::Instant;

use super::reads::kinds_at;

/// Since when something is observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// The record cannot show it.
    Never,
    /// Since the observation began.
    Begin,
    /// Since this instant.
    From(Instant),
    /// Always: the trace tells all there is to tell.
    Always,
}

impl Seen {
    /// By either of two ways. An opening says since when a thing is observed; one that only other
    /// ways have says nothing against it.
    fn or(self, other: Seen) -> Seen {
        match (self, other) {
            (Seen::Always, _) | (_, Seen::Always) => Seen::Always,
            (Seen::Never, seen) | (seen, Seen::Never) => seen,
            (Seen::From(a), Seen::From(b)) => Seen::From(a.min(b)),
            (Seen::From(a), Seen::Begin) | (Seen::Begin, Seen::From(a)) => Seen::From(a),
            (Seen::Begin, Seen::Begin) => Seen::Begin,
        }
    }
}

/// Since when roles, events, fields and attributes are observed.
#[derive(Debug, Clone)]
pub(crate) struct Observed {
    pub roles: Vec<Seen>,
    pub events: Vec<Seen>,
    /// By kind and field: whether anything can fill it.
    pub fields: Vec<Vec<bool>>,
    /// By attribute: whether anything can fill it.
    pub attributes: Vec<bool>,
}

/// Finds out what is observed. A trace of the spec's own events observes everything; a record only
/// what its mapping leads to.
pub(crate) fn observe(model: &Model, starts: &BTreeMap<EventId, Instant>) -> Observed {
    let all = model.tells_own_events();
    let blank = if all { Seen::Always } else { Seen::Never };
    let fields = model.kinds.iter().map(|kind| {
        let fields = kind.fields.iter();
        fields.map(|f| all || f.default.is_some()).collect()
    });
    let attributes = model.attributes.iter();
    let mut observed = Observed {
        roles: vec![blank; model.roles.len()],
        events: vec![blank; model.events.len()],
        fields: fields.collect(),
        attributes: attributes.map(|a| all || a.default.is_some()).collect(),
    };
    if all {
        return observed;
    }
    for (index, event) in model.events.iter().enumerate() {
        if let Some(seen) = observed.events.get_mut(index) {
            *seen = match event.source {
                EventSource::Record => match starts.get(&EventId::new(index)) {
                    Some(&at) => Seen::From(at),
                    None => Seen::Begin,
                },
                // Said by the run itself.
                EventSource::Missed(_)
                | EventSource::Met(_)
                | EventSource::Broken(_)
                | EventSource::Mended(_) => Seen::Begin,
                _ => Seen::Never,
            };
        }
    }
    // Each round leads at least one step further, or is the last.
    for _ in 0..=model.events.len() + model.roles.len() {
        let before = (observed.events.clone(), observed.roles.clone());
        for reaction in &model.reactions {
            let seen = match &reaction.trigger {
                Trigger::Event(arm) => of(&observed.events, arm.event.index()),
                Trigger::Becomes(_) => Seen::Begin,
            };
            let event = match &reaction.trigger {
                Trigger::Event(arm) => Some(arm.event),
                Trigger::Becomes(_) => None,
            };
            let at = (reaction.scope.kind, event);
            effects(model, at, &reaction.actions, seen, &mut observed);
        }
        for permit in &model.permits {
            let seen = of(&observed.events, permit.arm.event.index());
            let at = (permit.scope.kind, Some(permit.arm.event));
            effects(model, at, &permit.actions, seen, &mut observed);
        }
        for decision in &model.decisions {
            let seen = of(&observed.events, decision.opened.index());
            if seen != Seen::Never && decision.passes.is_some() {
                for outcome in &decision.outcomes {
                    show(&mut observed.events, outcome.event.index(), seen);
                }
            }
        }
        for (index, event) in model.events.iter().enumerate() {
            let seen = of(&observed.events, index);
            if seen == Seen::Never {
                continue;
            }
            if let EventSource::Outcome(decision, _) = event.source {
                let closed = model
                    .events
                    .iter()
                    .position(|e| e.source == EventSource::Closed(decision));
                if let Some(closed) = closed {
                    show(&mut observed.events, closed, seen);
                }
            }
        }
        if before == (observed.events.clone(), observed.roles.clone()) {
            break;
        }
    }
    observed
}

fn of(list: &[Seen], index: usize) -> Seen {
    list.get(index).copied().unwrap_or(Seen::Never)
}

fn show(list: &mut [Seen], index: usize, seen: Seen) {
    if let Some(known) = list.get_mut(index) {
        *known = known.or(seen);
    }
}

/// What the actions of a rule of a kind, on an event, can bring about.
fn effects(
    model: &Model,
    (own, event): (KindId, Option<EventId>),
    actions: &[Action],
    seen: Seen,
    observed: &mut Observed,
) {
    if seen == Seen::Never {
        return;
    }
    for action in actions {
        match action {
            Action::Grant(role, ..) => {
                for role in roles_of(model, role, event) {
                    show(&mut observed.roles, role.index(), seen);
                    if let Some(declared) = model.roles.get(role.index()) {
                        show(&mut observed.events, declared.added.index(), seen);
                    }
                }
            }
            Action::Revoke(role, ..) => {
                for role in roles_of(model, role, event) {
                    if let Some(declared) = model.roles.get(role.index()) {
                        show(&mut observed.events, declared.removed.index(), seen);
                    }
                }
            }
            Action::SetField(place, field, _) => {
                // Where the place leaves the kind open, all that fit are filled.
                let kinds = kinds_at(model, place, own)
                    .unwrap_or_else(|| (0..model.kinds.len()).map(KindId::new).collect());
                for kind in kinds {
                    let kind = observed.fields.get_mut(kind.index());
                    if let Some(known) = kind.and_then(|k| k.get_mut(field.index())) {
                        *known = true;
                    }
                }
            }
            Action::SetAttribute(_, attribute, _) => {
                if let Some(known) = observed.attributes.get_mut(attribute.index()) {
                    *known = true;
                }
            }
            Action::Emit { event, args, .. } => {
                show(&mut observed.events, event.index(), seen);
                // Only what is given is stored.
                let Some(declared) = model.events.get(event.index()) else {
                    continue;
                };
                let given = args
                    .iter()
                    .filter_map(|(at, _)| declared.fields.get(at.index()));
                for field in given.filter_map(|field| field.stores) {
                    let kind = observed.fields.get_mut(declared.kind.index());
                    if let Some(known) = kind.and_then(|k| k.get_mut(field.index())) {
                        *known = true;
                    }
                }
            }
        }
    }
}

fn roles_of(model: &Model, role: &RoleRef, event: Option<EventId>) -> Vec<RoleId> {
    match role {
        RoleRef::Role(role) => vec![*role],
        RoleRef::Value(Expr::Param(field)) => {
            let event = event.and_then(|e| model.events.get(e.index()));
            match event
                .and_then(|e| e.fields.get(field.index()))
                .map(|f| &f.ty)
            {
                Some(Type::Role(roles)) => roles.clone(),
                _ => Vec::new(),
            }
        }
        RoleRef::Value(_) => (0..model.roles.len()).map(RoleId::new).collect(),
    }
}
