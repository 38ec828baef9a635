//! What the state of an instance alone says of the rules: which stand there, and whether their `if`
//! holds. It is worked out of the model once, so that nothing need be asked of a condition that only
//! speaks of states.

use super::duty::Item;
use super::program::Program;
use super::state::Inst;
use super::step::Run;
use crate::ids::*;
use crate::ir::{Arises, Cond, Duty, Event, Form, Place, Scope};

/// Whether a rule stands in a state.
pub(super) fn covers(scope: &Scope, state: StateId) -> bool {
    scope.states.is_empty() || scope.states.contains(&state)
}

/// Whether an `if` holds of every instance in a state.
pub(super) fn always(guard: &Option<Cond>, state: StateId) -> bool {
    guard
        .as_ref()
        .is_none_or(|cond| known(cond, state) == Some(true))
}

/// Whether an `if` holds of no instance in a state.
pub(super) fn never(guard: &Option<Cond>, state: StateId) -> bool {
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

impl Program<'_> {
    /// Of the rules about an event, those that may say something in each state of its subject; none at
    /// all where a rule begins or ends at some time.
    pub(crate) fn by_state<'r>(
        &self,
        event: &Event,
        rules: &[usize],
        rule: impl Fn(usize) -> Option<(ClauseId, &'r Scope, &'r Option<Cond>)>,
    ) -> Vec<Vec<usize>> {
        let kind = self.model.kinds.get(event.kind.index());
        let grouped = kind.filter(|kind| matches!(kind.form, Form::Group | Form::Thing));
        let states = grouped.map_or(0, |kind| kind.states.len());
        let lasting = rules.iter().all(|&index| {
            let clause =
                rule(index).and_then(|(clause, ..)| self.model.clauses.get(clause.index()));
            clause.is_some_and(|c| c.from.is_none() && c.until.is_none())
        });
        if self.one_by_one || !lasting {
            return Vec::new();
        }
        let speaks = |state: usize, index: usize| {
            rule(index).is_some_and(|(_, scope, guard)| {
                let state = StateId::new(state);
                scope.kind != event.kind || covers(scope, state) && !never(guard, state)
            })
        };
        let list = |state| {
            let rules = rules.iter().copied();
            rules.filter(|&index| speaks(state, index)).collect()
        };
        (0..states).map(list).collect()
    }

    /// By state: whether the `if` of a duty holds there, where the state alone says so and the duty
    /// stands there at all times.
    pub(crate) fn guard_by_state(&self, duty: &Duty) -> Vec<Option<bool>> {
        let kind = self.model.kinds.get(duty.scope.kind.index());
        let states = kind.map_or(0, |kind| kind.states.len());
        let clause = self.model.clauses.get(duty.clause.index());
        let lasting = clause.is_some_and(|c| c.from.is_none() && c.until.is_none());
        let alone = self
            .overriders
            .get(duty.clause.index())
            .is_some_and(Vec::is_empty);
        let kept = matches!(
            duty.arises,
            Arises::Entry | Arises::While(_) | Arises::Every(_)
        );
        let plain = lasting && alone && kept && duty.scope.each.is_none() && !self.one_by_one;
        let guard = |state: usize| {
            let state = StateId::new(state);
            if !plain || !covers(&duty.scope, state) {
                return None;
            }
            duty.guard
                .as_ref()
                .map_or(Some(true), |cond| known(cond, state))
        };
        (0..states).map(guard).collect()
    }
}

impl Run<'_> {
    /// Whether a duty stands at an instance and its `if` holds, as far as the state alone says so.
    pub fn plain_guard(&self, index: usize, inst: Inst) -> Option<bool> {
        let instance = self.state.inst(inst)?;
        let guards = self.p.duty_guards.get(index)?;
        let holds = *guards.get(instance.state.index())?;
        holds.filter(|_| !instance.gone && !instance.unbegun)
    }

    /// Whether following up a duty changes nothing, as far as that is plain to see: its `if` does not
    /// hold in this state, and nothing is owed; or it does, and what is owed is not due yet.
    pub fn is_at_rest(&self, index: usize, inst: Inst) -> bool {
        let p = self.p;
        let (Some(instance), Some(holds)) = (self.state.inst(inst), self.plain_guard(index, inst))
        else {
            return false;
        };
        let slots = p
            .duty_slot
            .get(index)
            .and_then(|&at| instance.duties.get(at));
        let slot = slots.and_then(|slots| slots.one.as_ref());
        let Some(slot) = slot.filter(|slot| slot.inside && slot.standing == holds) else {
            return false;
        };
        let Some(duty) = p.model.duties.get(index).filter(|_| holds) else {
            return slot.items.is_empty();
        };
        let waits = |item: &Item| {
            let now = self.state.now;
            item.late.is_none() && item.due.is_some_and(|due| !due.day && due.at > now)
        };
        p.plain_every(duty).is_some() && matches!(slot.items.as_slice(), [item] if waits(item))
    }
}
