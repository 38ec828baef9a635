//! Events that change nothing but when something is next owed.
//!
//! Most of what a long history tells is routine: a meeting in a group that must meet every month. In
//! a state where such an event is permitted without a question, and nothing else listens, all it
//! does is to begin the interval of some duties anew. Which events those are, in which states, is
//! worked out of the model once; [`Run::routine`] notes them beside the instance, [`State::sync`]
//! writes them down as [`Run::happen`] would have when somebody looks, and whatever is not so simple
//! happens the long way. A property test holds both to the same findings.

use std::cmp::Reverse;

use smallvec::SmallVec;

use super::duty::{Fit, Item};
use super::finding::Positions;
use super::moment::{Deadline, Moment};
use super::program::Program;
use super::state::{Inst, State};
use super::step::Run;
use super::value::Syms;
use super::{Input, Occurrence};
use crate::ids::*;
use crate::ir::{Arises, Cond, Duty, Event, EventSource, Form, Place, Scope};
use crate::time::{Duration, Instant, Stamp};

/// What a routine event renews.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Renewal {
    /// The duty, counted in its kind.
    slot: u32,
    /// The same as a bit.
    bit: u64,
    every: Duration,
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
            let slot = u32::try_from(*self.duty_slot.get(index)?).ok()?;
            let every = self.plain_every(duty).filter(|_| !duty.end_of_day)?;
            let bit = 1u64.checked_shl(slot)?;
            renewals.push(Renewal { slot, bit, every });
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

/// What the short way needs to know of an instance, and what it has done there that nobody has
/// looked at yet. It is small: the instances of a long history do not fit the cache, these do.
#[derive(Debug, Clone)]
#[repr(align(64))]
pub(crate) struct Quiet {
    /// Nothing about the instance has changed since this was worked out.
    valid: bool,
    state: StateId,
    /// By duty of the kind, one bit: one thing is owed, is not late and has its timer.
    ready: u64,
    /// The last routine event, if it still has to be written down.
    last: Option<(Instant, u32)>,
    /// When the first of what is owed, but for these intervals, is due; `MAX` where nothing is.
    others: Instant,
    intervals: SmallVec<[Interval; 2]>,
}

impl Quiet {
    const UNKNOWN: Quiet = Quiet {
        valid: false,
        state: StateId(0),
        ready: 0,
        last: None,
        others: Instant::MAX,
        intervals: SmallVec::new_const(),
    };
}

impl Quiet {
    /// When the first of what is owed is due.
    fn due(&self) -> Instant {
        let intervals = self.intervals.iter().map(|interval| interval.due);
        intervals.fold(self.others, Instant::min)
    }
}

/// The interval of a duty that a routine event may begin anew.
#[derive(Debug, Clone, Copy)]
struct Interval {
    /// The duty, counted in its kind.
    slot: u32,
    /// The event that began it anew, where that still has to be written down; else 0.
    position: u32,
    seq: u64,
    at: Instant,
    /// When it ends.
    due: Instant,
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
    pub(crate) fn plain_guard(&self, duty: &Duty) -> Vec<Option<bool>> {
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

impl State {
    /// Something about an instance changes: events there go the long way until it has settled.
    pub(crate) fn stir(&mut self, inst: Inst) {
        if let Some(quiet) = self.quiet.get_mut(inst.index()) {
            quiet.valid = false;
        }
    }

    /// An instance has settled: works out what the short way needs to know of it.
    pub(crate) fn rest(&mut self, program: &Program<'_>, inst: Inst) {
        self.sync(inst);
        let Some(instance) = self.instances.get(inst.index()) else {
            return;
        };
        if !program.routine_kinds.contains(&instance.kind) {
            return;
        }
        let valid = !instance.is_final && !instance.gone;
        if inst.index() >= self.quiet.len() {
            self.quiet.resize(inst.index() + 1, Quiet::UNKNOWN);
        }
        let Some(quiet) = self.quiet.get_mut(inst.index()) else {
            return;
        };
        quiet.state = instance.state;
        quiet.ready = 0;
        quiet.valid = valid;
        quiet.others = Instant::MAX;
        quiet.intervals.clear();
        for (slot, slots) in (0..).zip(&instance.duties) {
            let one = slots.one.as_ref().filter(|slot| slot.inside);
            let due = one.and_then(|one| match one.items.as_slice() {
                [item] if item.late.is_none() => item.due.filter(|due| !due.day),
                _ => None,
            });
            match due {
                Some(due) if slot < 64 && due.at >= instance.timer && slots.each.is_empty() => {
                    quiet.ready |= 1 << slot;
                    quiet.intervals.push(Interval {
                        slot,
                        position: 0,
                        seq: 0,
                        at: Instant::MIN,
                        due: due.at,
                    });
                }
                _ => {
                    let due = slots.next_due(Instant::MIN);
                    quiet.others = due.map_or(quiet.others, |due| quiet.others.min(due));
                }
            }
        }
    }

    /// The same for one that has not changed otherwise since it settled, but in when something is due.
    pub(crate) fn rest_again(&mut self, program: &Program<'_>, inst: Inst) {
        if self
            .quiet
            .get(inst.index())
            .is_some_and(|quiet| quiet.valid)
        {
            self.rest(program, inst);
        }
    }

    /// When the first of what an instance owes is due: at an instant, and not at the end of a day.
    pub(crate) fn first_due(&mut self, inst: Inst) -> Option<Instant> {
        let due = match self.quiet.get(inst.index()) {
            Some(quiet) if quiet.valid => quiet.due(),
            _ => {
                self.sync(inst);
                let due = self.inst(inst)?.next_due(Instant::MIN);
                due.unwrap_or(Instant::MAX)
            }
        };
        (due != Instant::MAX).then_some(due)
    }

    /// Looks at what these inputs will need, and the timers that go off meanwhile, before anything of
    /// it is judged: memory answers many questions together sooner than one after the other.
    pub(crate) fn look_ahead(&self, program: &Program<'_>, inputs: &[Input]) {
        let mut seen = 0;
        for input in inputs {
            let Input::Occur(occurrence) = input else {
                continue;
            };
            let Some(inst) = occurrence.subject.and_then(|id| self.latest_of(id)) else {
                continue;
            };
            let routine = program.routines.get(occurrence.event.index());
            let plain = |quiet: &Quiet| {
                let plans = routine.map_or(&[][..], |(_, plans)| plans);
                quiet.valid && matches!(plans.get(quiet.state.index()), Some(Some(_)))
            };
            seen += self.look_at(inst, plain);
        }
        // The first levels of the heap hold most of those that go off first.
        for Reverse((at, inst)) in self.timers.iter().take(inputs.len() / 3) {
            seen += self.look_at(*inst, |quiet| quiet.valid && quiet.due() > *at);
        }
        std::hint::black_box(seen);
    }

    /// Looks at an instance; where this holds, only at what the short way needs.
    fn look_at(&self, inst: Inst, plain: impl Fn(&Quiet) -> bool) -> usize {
        let quiet = self.quiet.get(inst.index());
        if let Some(quiet) = quiet.filter(|quiet| plain(quiet)) {
            return quiet.intervals.len() + usize::from(quiet.last.is_some());
        }
        let Some(instance) = self.inst(inst) else {
            return 0;
        };
        let mut seen = usize::from(instance.is_final) + usize::from(instance.entered.at.day);
        seen += instance.logs.len() + instance.partials.len();
        for slots in &instance.duties {
            let Some(slot) = &slots.one else { continue };
            let first = slot.items.first();
            seen += usize::from(slot.inside) + usize::from(slot.fit.is_some());
            seen += first.map_or(0, |item| usize::from(item.late.is_some()));
        }
        seen
    }

    /// Writes down what routine events have done to an instance, before anybody looks at it.
    #[inline]
    pub(crate) fn sync(&mut self, inst: Inst) {
        let quiet = self.quiet.get(inst.index());
        if quiet.is_some_and(|quiet| quiet.last.is_some()) {
            self.write_down(inst);
        }
    }

    #[inline(never)]
    fn write_down(&mut self, inst: Inst) {
        let Some(quiet) = self.quiet.get_mut(inst.index()) else {
            return;
        };
        let Some((at, position)) = quiet.last.take() else {
            return;
        };
        let Some(instance) = self.instances.get_mut(inst.index()) else {
            return;
        };
        if instance.events_at != at {
            instance.events_at = at;
            instance.events.clear();
        }
        instance.events.push(position);
        for renewed in &mut quiet.intervals {
            if renewed.position == 0 {
                continue;
            }
            let position = std::mem::take(&mut renewed.position);
            let slots = instance.duties.get_mut(renewed.slot as usize);
            let Some(slot) = slots.and_then(|slots| slots.one.as_mut()) else {
                continue;
            };
            let stamp = Stamp::instant(renewed.at);
            slot.fit = Some(Fit {
                seq: renewed.seq,
                stamp,
                actors: Syms::new(),
                count: 1,
            });
            let due = Deadline {
                at: renewed.due,
                day: false,
            };
            for item in &mut slot.items {
                item.arose = Moment::exact(stamp);
                item.events = Positions::from_slice(&[position]);
                item.due = Some(due);
            }
        }
    }
}

impl Run<'_> {
    /// Does what a routine event does; `false`, and nothing done, where it is none.
    pub fn routine(&mut self, occurrence: &Occurrence) -> bool {
        let p = self.p;
        let index = occurrence.event.index();
        let Some((kind, routine)) = p.routines.get(index) else {
            return false;
        };
        let (Some(id), false) = (occurrence.subject, routine.is_empty()) else {
            return false;
        };
        let (stamp, now) = (self.state.stamp, self.state.now);
        // What is covered by which clause is noted only the long way; so is what has a date for a
        // time, since its deadlines are days.
        if occurrence.opening || stamp.day || self.state.coverage.is_kept() {
            return false;
        }
        let Some(inst) = self.state.latest_named(*kind, id) else {
            return false;
        };
        let seq = self.state.seq + 1;
        let Some(quiet) = self.state.quiet.get_mut(inst.index()) else {
            return false;
        };
        // Several events of one instant are written down together.
        if !quiet.valid || quiet.last.is_some_and(|(at, _)| at == now) {
            return false;
        }
        let Some(Some(plan)) = routine.get(quiet.state.index()) else {
            return false;
        };
        if plan.iter().any(|renewal| quiet.ready & renewal.bit == 0) {
            return false;
        }
        quiet.last = Some((now, occurrence.position));
        for renewal in plan {
            let mut intervals = quiet.intervals.iter_mut();
            let Some(interval) = intervals.find(|interval| interval.slot == renewal.slot) else {
                continue;
            };
            interval.position = occurrence.position;
            interval.seq = seq;
            interval.at = now;
            interval.due = p.zone.deadline(p.zone.add(stamp, renewal.every));
        }
        self.state.seq = seq;
        true
    }
}
