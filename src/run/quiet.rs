//! Events that change nothing but when something is next owed.
//!
//! Most of what a long history tells is routine: a meeting in a group that must meet every month. In
//! a state where such an event is permitted without a question, and nothing else listens, all it
//! does is to begin the interval of some duties anew. Which events those are, in which states, is
//! worked out of the model once; [`Run::routine`] does for them exactly what [`Run::happen`] would,
//! and leaves whatever is not so simple to it. A property test holds both to the same findings.

use super::Occurrence;
use super::duty::Fit;
use super::moment::{Deadline, Moment};
use super::program::Program;
use super::state::Inst;
use super::step::Run;
use super::value::Syms;
use crate::ids::*;
use crate::ir::{Cond, EventSource, Form, Place, Scope};
use crate::time::Duration;

/// What a routine event renews.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Renewal {
    /// The duty, counted in the model, and in its kind.
    pub duty: usize,
    pub slot: usize,
    pub every: Duration,
}

/// By state of the subject, where an event is routine in it: what it renews.
pub(crate) type Routine = Vec<Option<Vec<Renewal>>>;

impl Program<'_> {
    /// In which states an event is routine.
    pub(crate) fn routine(&self, id: EventId) -> Routine {
        let model = self.model;
        let Some(event) = model.events.get(id.index()) else {
            return Vec::new();
        };
        let Some(kind) = model.kinds.get(event.kind.index()) else {
            return Vec::new();
        };
        let plain = event.source == EventSource::Declared
            && matches!(kind.form, Form::Group | Form::Thing)
            && event.fields.iter().all(|field| field.stores.is_none());
        if !plain || !kind.states.iter().any(|state| !state.is_final) {
            return Vec::new();
        }
        let states = 0..kind.states.len();
        states
            .map(|state| self.routine_in(id, event.kind, StateId::new(state)))
            .collect()
    }

    fn routine_in(&self, id: EventId, kind: KindId, state: StateId) -> Option<Vec<Renewal>> {
        let model = self.model;
        let rules = self.events.get(id.index())?;
        let declared = model.kinds.get(kind.index())?.states.get(state.index())?;
        if declared.is_final || !rules.caps.is_empty() || !rules.logs.is_empty() {
            return None;
        }
        // A rule of another kind may look on; one of this kind only in its states.
        let silent = |scope: &Scope| scope.kind == kind && !covers(scope, state);
        let still = rules.prohibitions.iter().all(|&n| {
            let rule = model.prohibitions.get(n);
            rule.is_some_and(|r| silent(&r.scope) || r.scope.kind == kind && never(&r.guard, state))
        }) && rules
            .checks
            .iter()
            .all(|&n| model.checks.get(n).is_some_and(|c| silent(&c.scope)))
            && rules
                .reactions
                .iter()
                .all(|&n| model.reactions.get(n).is_some_and(|r| silent(&r.scope)))
            && rules
                .triggers
                .iter()
                .chain(&rules.limits)
                .all(|&n| model.duties.get(n).is_some_and(|d| silent(&d.scope)));
        if !still {
            return None;
        }
        let mut permitted = rules.permits.is_empty();
        for &index in &rules.permits {
            let permit = model.permits.get(index)?;
            if silent(&permit.scope) || permit.scope.kind == kind && never(&permit.guard, state) {
                continue;
            }
            let clause = model.clauses.get(permit.clause.index())?;
            let lasting = clause.from.is_none() && clause.until.is_none();
            let alone = self.overriders.get(permit.clause.index())?.is_empty();
            let plain = permit.scope.kind == kind
                && permit.scope.each.is_none()
                && permit.by.is_none()
                && permit.arm.filter.is_none()
                && permit.actions.is_empty()
                && permit.target.is_none();
            if !(plain && lasting && alone && always(&permit.guard, state)) {
                return None;
            }
            permitted = true;
        }
        if !permitted {
            return None;
        }
        let mut renewals = Vec::new();
        for &index in &rules.acts {
            let duty = model.duties.get(index)?;
            if silent(&duty.scope) {
                continue;
            }
            let mut arms = duty.arms.iter().filter(|arm| arm.event == id);
            let met = self.said.get(duty.clause.index())?.met;
            if duty.scope.kind != kind || met.is_some() || arms.any(|arm| arm.filter.is_some()) {
                return None;
            }
            renewals.push(Renewal {
                duty: index,
                slot: *self.duty_slot.get(index)?,
                every: self.plain_every(duty)?,
            });
        }
        Some(renewals)
    }
}

fn covers(scope: &Scope, state: StateId) -> bool {
    scope.states.is_empty() || scope.states.contains(&state)
}

/// Whether an `if` holds of every instance in a state.
fn always(guard: &Option<Cond>, state: StateId) -> bool {
    guard
        .as_ref()
        .is_none_or(|cond| known(cond, state) == Some(true))
}

/// Whether an `if` holds of no instance in a state.
fn never(guard: &Option<Cond>, state: StateId) -> bool {
    guard
        .as_ref()
        .is_some_and(|cond| known(cond, state) == Some(false))
}

/// Whether a condition holds of whatever is in a state, as far as the state says it.
fn known(cond: &Cond, state: StateId) -> Option<bool> {
    match cond {
        Cond::State(Place::This, states) => Some(states.contains(&state)),
        Cond::Not(inner) => known(inner, state).map(|so| !so),
        Cond::All(list) if list.iter().any(|c| known(c, state) == Some(false)) => Some(false),
        Cond::All(list) => list
            .iter()
            .all(|c| known(c, state) == Some(true))
            .then_some(true),
        Cond::Any(list) if list.iter().any(|c| known(c, state) == Some(true)) => Some(true),
        Cond::Any(list) => list
            .iter()
            .all(|c| known(c, state) == Some(false))
            .then_some(false),
        _ => None,
    }
}

impl Run<'_> {
    /// Does what a routine event does; `false`, and nothing done, where it is none.
    pub fn routine(&mut self, occurrence: &Occurrence) -> bool {
        let p = self.p;
        let Some(routine) = p.routines.get(occurrence.event.index()) else {
            return false;
        };
        let Some(id) = occurrence.subject else {
            return false;
        };
        // What is covered by which clause is noted only the long way.
        if routine.is_empty() || occurrence.opening || self.state.coverage.is_kept() {
            return false;
        }
        let Some(kind) = p.model.events.get(occurrence.event.index()).map(|e| e.kind) else {
            return false;
        };
        let Some(inst) = self.state.named(kind, id) else {
            return false;
        };
        let Some(instance) = self.state.instances.get_mut(inst.index()) else {
            return false;
        };
        let Some(Some(renewals)) = routine.get(instance.state.index()) else {
            return false;
        };
        let simple = renewals.iter().all(|renewal| {
            let slots = instance.duties.get(renewal.slot);
            let slot = slots.and_then(|slots| slots.one.as_deref());
            slot.is_some_and(|slot| match slot.items.as_slice() {
                [item] => slot.inside && item.late.is_none(),
                _ => false,
            })
        });
        if !simple || instance.gone {
            return false;
        }
        let (now, stamp) = (self.state.now, self.state.stamp);
        self.state.seq += 1;
        let seq = self.state.seq;
        if instance.events_at != now {
            instance.events_at = now;
            instance.events.clear();
        }
        if !instance.events.contains(&occurrence.position) {
            instance.events.push(occurrence.position);
        }
        let zone = &p.zone;
        for renewal in renewals {
            let slots = instance.duties.get_mut(renewal.slot);
            let Some(slot) = slots.and_then(|slots| slots.one.as_deref_mut()) else {
                continue;
            };
            let again = slot.fit.as_ref().is_some_and(|fit| fit.at == now);
            let fit = slot.fit.get_or_insert_with(|| Fit {
                at: now,
                seq,
                stamp,
                actors: Syms::new(),
                count: 0,
            });
            if !again {
                fit.actors.clear();
                fit.count = 0;
            }
            fit.at = now;
            fit.seq = seq;
            fit.stamp = stamp;
            fit.actors.extend_from_slice(&occurrence.actors);
            fit.count += 1;
            for item in &mut slot.items {
                item.arose = Moment::exact(stamp);
                item.events.clear();
                item.events.push(occurrence.position);
                let due = Deadline::of(zone, zone.add(stamp, renewal.every));
                item.due = Some(due);
            }
        }
        self.routine_timers(inst, renewals);
        true
    }

    /// Sees to it that what a routine event has put off is looked at when it is due.
    fn routine_timers(&mut self, inst: Inst, renewals: &[Renewal]) {
        for renewal in renewals {
            let Some(duty) = self.p.model.duties.get(renewal.duty) else {
                continue;
            };
            let Some(instance) = self.state.instances.get_mut(inst.index()) else {
                continue;
            };
            let slot = instance.duties.get_mut(renewal.slot);
            let slot = slot.and_then(|slots| slots.one.as_deref_mut());
            let Some(item) = slot.and_then(|slot| slot.items.first_mut()) else {
                continue;
            };
            let Some(due) = item.due else { continue };
            let due = if duty.end_of_day && !due.day {
                Deadline::end_of_day(&self.p.zone, due.at)
            } else {
                due
            };
            item.due = Some(due);
            self.owed_at(inst, due);
        }
    }
}
