//! Events that change nothing but when something is next owed.
//!
//! Most of what a long history tells is routine: a meeting in a group that must meet every month. In
//! a state where such an event is permitted without a question, and nothing else listens, all it
//! does is to begin the interval of some duties anew. Which events those are, in which states, is
//! worked out of the model once; [`Run::routine`] notes them beside the instance, [`State::sync`]
//! writes them down as [`Run::happen`] would have when somebody looks, and whatever is not so simple
//! happens the long way. A property test holds both to the same findings.

use smallvec::SmallVec;

use super::Occurrence;
use super::duty::Fit;
use super::finding::Positions;
use super::in_state::{always, covers, never};
use super::moment::{Deadline, Moment};
use super::program::Program;
use super::state::{Inst, State};
use super::step::Run;
use super::value::Syms;
use crate::ids::*;
use crate::ir::{EventSource, Form, Scope};
use crate::time::{Duration, Instant, Stamp};

/// What a routine event renews.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Renewal {
    /// The duty, counted in its kind.
    slot: u32,
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
            renewals.push(Renewal { slot, every });
        }
        Some(renewals)
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
    /// The last routine event, if it still has to be written down.
    last: Option<(Instant, u32)>,
    /// When the first of what is owed, but for these intervals, is due; `MAX` where nothing is.
    others: Instant,
    /// The duties of which one thing is owed, is not late and has its timer.
    intervals: SmallVec<[Interval; 2]>,
}

impl Quiet {
    const UNKNOWN: Quiet = Quiet {
        valid: false,
        state: StateId(0),
        last: None,
        others: Instant::MAX,
        intervals: SmallVec::new_const(),
    };

    /// What a routine event does here; nothing, where it is none, or something has changed.
    pub fn plan<'r>(&self, routine: &'r Routine) -> Option<&'r [Renewal]> {
        let plan = routine.get(self.state.index())?.as_deref();
        plan.filter(|_| self.valid)
    }

    /// Whether nothing is due yet at an instant.
    pub fn waits(&self, at: Instant) -> bool {
        self.valid && self.due() > at
    }

    /// Looks at all of it.
    pub fn look(&self) -> usize {
        self.intervals.len() + usize::from(self.last.is_some())
    }

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
                Some(due) if due.at >= instance.timer && slots.each.is_empty() => {
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
        if quiet.last.is_some_and(|(at, _)| at == now) {
            return false;
        }
        let Some(plan) = quiet.plan(routine) else {
            return false;
        };
        let own = |renewal: &Renewal| {
            let slot = renewal.slot;
            move |interval: &Interval| interval.slot == slot
        };
        if !plan.iter().all(|one| quiet.intervals.iter().any(own(one))) {
            return false;
        }
        quiet.last = Some((now, occurrence.position));
        for renewal in plan {
            let own = own(renewal);
            let mut intervals = quiet.intervals.iter_mut();
            let Some(interval) = intervals.find(|interval| own(interval)) else {
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
