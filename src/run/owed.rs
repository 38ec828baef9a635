//! Duties and what happens: acts that meet them, events that trigger them, events before which they
//! are due.

use std::sync::Arc;

use super::compare::agree;
use super::doubt::Why;
use super::duty::{DutySlot, Fit, Item, is_each};
use super::eval::{Ctx, Trail};
use super::finding::{Finding, Severity};
use super::moment::{Deadline, Moment, Truth};
use super::spent::{is_for, is_for_unsaid};
use super::state::{Happening, Inst};
use super::step::{Run, With};
use super::value::{Sym, Syms, Value};
use crate::ir::{Arises, Arm, Due, Duty, Quantity};
use crate::time::{Duration, Instant, Stamp};

impl Run<'_> {
    /// An act meets the duties it fits: of each, the oldest that matches.
    #[inline(never)]
    pub fn meet_duties(&mut self, act: &Happening) {
        let p = self.p;
        for &index in p.events.get(act.event.index()).map_or(&[][..], |e| &e.acts) {
            let Some(duty) = p.model.duties.get(index) else {
                continue;
            };
            for inst in self.reach(act, duty.scope.kind) {
                let stands = self
                    .state
                    .inst(inst)
                    .is_some_and(|i| super::eval::in_scope(&duty.scope, i));
                if !stands {
                    continue;
                }
                for holder in self.each(&duty.scope, inst) {
                    if self.fits(&duty.arms, act, inst, holder) == Truth::No {
                        continue;
                    }
                    let mut slot = self.take_slot(index, inst, holder);
                    self.meet_slot(duty, act, inst, holder, &mut slot);
                    self.put_slot(index, inst, holder, slot);
                }
                // Where an interval has begun anew nothing else need be followed up.
                self.state.rest_again(p, inst);
            }
        }
    }

    pub fn fits(&self, arms: &[Arm], act: &Happening, inst: Inst, holder: Option<Sym>) -> Truth {
        let own = arms.iter().filter(|arm| arm.event == act.event);
        if own.clone().any(|arm| arm.filter.is_none()) {
            return Truth::Yes;
        }
        let trail = Trail::new();
        let ctx = With::act(act, holder).ctx(self.p, self.state, inst, &trail);
        let mut fits = Truth::No;
        for arm in own {
            fits = fits.max(ctx.guard(arm.filter.as_ref()));
        }
        fits
    }

    /// Whether an act is done by those who owe it. Who did it is not said: it is taken so, with a note.
    pub fn by_bearer(
        &mut self,
        duty: &Duty,
        actors: &[Sym],
        inst: Inst,
        holder: Option<Sym>,
        act: &Happening,
    ) -> Truth {
        let Some(by) = &duty.by else {
            return Truth::Yes;
        };
        let trail = Trail::new();
        let with = With::act(act, holder);
        let ctx = with.ctx(self.p, self.state, inst, &trail);
        let truth = ctx.done_by(by, actors);
        if truth == Truth::Unknown {
            self.note_unknown(duty.clause, inst, &trail, &with);
            return Truth::Yes;
        }
        truth
    }

    pub fn meet_slot(
        &mut self,
        duty: &Duty,
        act: &Happening,
        inst: Inst,
        holder: Option<Sym>,
        slot: &mut DutySlot,
    ) {
        let joint = match duty.by.as_ref().map(|by| &by.quantity) {
            Some(Quantity::AtLeast(n)) => *n > 1,
            Some(Quantity::All) => true,
            _ => false,
        };
        if joint
            && matches!(
                duty.arises,
                Arises::Entry | Arises::While(_) | Arises::After(_) | Arises::Ended(..)
            )
        {
            // Several acts add up to one.
            let at = slot.items.iter().position(|i| self.answers(duty, i, act));
            if let Some(item) = at.and_then(|at| slot.items.get_mut(at)) {
                let so_far = &mut item.more().actors;
                for actor in &act.actors {
                    if !so_far.contains(actor) {
                        so_far.push(*actor);
                    }
                }
                let actors = so_far.clone();
                if self.by_bearer(duty, &actors, inst, holder, act) == Truth::Yes
                    && let Some(at) = at
                {
                    self.met(duty, act, inst, holder, slot, at);
                }
                return;
            }
        }
        if self.by_bearer(duty, &act.actors, inst, holder, act) != Truth::Yes {
            return;
        }
        let now = self.state.now;
        let before = slot.fit.take().filter(|f| f.is_at(now));
        let mut actors = before.as_ref().map_or(Syms::new(), |f| f.actors.clone());
        actors.extend_from_slice(&act.actors);
        slot.fit = Some(Fit {
            seq: act.seq,
            stamp: Stamp {
                at: now,
                ..act.stamp
            },
            actors,
            count: before.map_or(0, |f| f.count) + 1,
        });
        if let Some(every) = self.p.plain_every(duty)
            && self.renew(duty, act, inst, slot, every)
        {
            self.say_met(duty, inst, holder, Some(act));
            return;
        }
        self.state.mark_in(inst, 0);
        match &duty.arises {
            Arises::Ended(_, names) if is_for_unsaid(names, act) => {
                self.met_unsaid(duty, act, inst, slot);
            }
            Arises::Entry | Arises::While(_) | Arises::After(_) | Arises::Ended(..) => {
                if is_each(duty) && !act.actors.is_empty() {
                    for actor in &act.actors {
                        let at = slot
                            .items
                            .iter()
                            .position(|i| i.bearer == Some(*actor) && self.answers(duty, i, act));
                        if let Some(at) = at {
                            self.met(duty, act, inst, holder, slot, at);
                        }
                    }
                    return;
                }
                let at = slot.items.iter().position(|i| self.answers(duty, i, act));
                match (at, &duty.arises) {
                    (Some(at), _) => self.met(duty, act, inst, holder, slot, at),
                    (None, Arises::Ended(unit, names)) => {
                        self.keep_early((*unit, names), act, slot)
                    }
                    (None, _) => {}
                }
            }
            Arises::Every(_) => {
                let mut late = Vec::new();
                for item in &mut slot.items {
                    let own = item.bearer.is_none_or(|b| act.actors.contains(&b));
                    if !own {
                        continue;
                    }
                    late.push(Item {
                        late: item.late.take(),
                        ..item.clone()
                    });
                    item.arose = Moment::exact(act.stamp);
                    item.events.clear();
                    item.events.extend_from_slice(&act.positions);
                    item.due = None;
                }
                for item in late {
                    let who = holder.or(item.bearer);
                    self.end_item(item, &act.positions);
                    self.say_met(duty, inst, who, Some(act));
                }
            }
            Arises::Per(bounds, _) => {
                if let Some(period) = &mut slot.period {
                    period.count += 1;
                    period.events.extend_from_slice(&act.positions);
                    let trail = Trail::new();
                    let ctx = With::act(act, holder).ctx(self.p, self.state, inst, &trail);
                    let enough = |n: u64| ctx.within(n, Some(n), bounds) == Truth::Yes;
                    if enough(period.count) && !enough(period.count - 1) {
                        self.say_met(duty, inst, holder, Some(act));
                    }
                }
            }
        }
    }

    /// Begins the interval of a duty anew, where that is all that an act changes: it is owed once,
    /// is not late, and the interval is always the same. Nothing need be followed up then.
    fn renew(
        &mut self,
        duty: &Duty,
        act: &Happening,
        inst: Inst,
        slot: &mut DutySlot,
        every: Duration,
    ) -> bool {
        let zone = &self.p.zone;
        let due = Deadline::of(zone, zone.add(act.stamp, every));
        let due = self.rounded(duty, due);
        let [item] = slot.items.as_mut_slice() else {
            return false;
        };
        if !slot.inside || item.late.is_some() {
            return false;
        }
        item.arose = Moment::exact(act.stamp);
        item.events.clear();
        item.events.extend_from_slice(&act.positions);
        item.due = Some(due);
        self.owed_at(inst, due);
        true
    }

    pub fn met(
        &mut self,
        duty: &Duty,
        act: &Happening,
        inst: Inst,
        holder: Option<Sym>,
        slot: &mut DutySlot,
        at: usize,
    ) {
        if at >= slot.items.len() {
            return;
        }
        let item = slot.items.remove(at);
        if !matches!(duty.arises, Arises::After(_) | Arises::Ended(..)) {
            match item.bearer {
                Some(bearer) => slot.beforehand().by.push(bearer),
                None => slot.done = true,
            }
        }
        let who = holder.or(item.bearer);
        if item.late.is_none() {
            let period = item.spent();
            self.in_time(duty, inst, who, period, act.stamp.at, &act.positions);
        }
        self.end_item(item, &act.positions);
        self.say_met(duty, inst, who, Some(act));
    }

    /// Notes that a duty was met in time, and for which period, where such notes are asked for.
    pub fn in_time(
        &mut self,
        duty: &Duty,
        inst: Inst,
        who: Option<Sym>,
        period: Option<String>,
        at: Instant,
        events: &[u32],
    ) {
        if !self.p.kept {
            return;
        }
        let acts = super::words::acts(self.p.model, duty);
        let text = self.clause_text(duty.clause);
        let finding = Finding {
            severity: Severity::Note,
            message: format!("{acts} was done in time: {text}").into(),
            events: events.into(),
            periods: period.into_iter().collect(),
            ..self.finding(duty.clause, Some(inst), who, at)
        };
        self.out.push(finding);
    }

    pub fn say_met(
        &mut self,
        duty: &Duty,
        inst: Inst,
        holder: Option<Sym>,
        act: Option<&Happening>,
    ) {
        let said = self.p.said.get(duty.clause.index());
        let Some(event) = said.and_then(|s| s.met) else {
            return;
        };
        let Some(declared) = self.p.model.events.get(event.index()) else {
            return;
        };
        let Some(at) = self.state.within(self.p, inst, declared.kind) else {
            return;
        };
        let args = match (declared.about, holder) {
            (Some(about), Some(holder)) => vec![(about, Value::Name(holder))],
            _ => Vec::new(),
        };
        self.emit(event, at, args, act, act.and_then(|a| a.chain.clone()));
    }

    /// Whether an act answers what a thing owed followed from.
    pub fn answers(&self, duty: &Duty, item: &Item, act: &Happening) -> bool {
        if let Arises::Ended(_, names) = &duty.arises
            && !is_for(names, item, act)
        {
            return false;
        }
        let Some(trigger) = item.trigger() else {
            return true;
        };
        let mut pairs = duty
            .matches
            .iter()
            .filter(|m| m.trigger == trigger.event && m.act == act.event);
        pairs.all(|m| agree(self.p, self.state, &m.fields, &trigger.fields, &act.fields))
    }

    /// An event triggers the duties that follow from it, in the state it led to.
    #[inline(never)]
    pub fn trigger_duties(&mut self, act: &Happening) {
        let p = self.p;
        let mut shared: Option<Arc<Happening>> = None;
        for &index in p
            .events
            .get(act.event.index())
            .map_or(&[][..], |e| &e.triggers)
        {
            let Some(duty) = p.model.duties.get(index) else {
                continue;
            };
            let Arises::After(arms) = &duty.arises else {
                continue;
            };
            for inst in self.reach(act, duty.scope.kind) {
                for holder in self.each(&duty.scope, inst) {
                    let with = With::act(act, holder);
                    let arises = self.judge(
                        duty.clause,
                        inst,
                        |ctx| triggers(ctx, duty, arms, act),
                        &with,
                    );
                    if arises != Truth::Yes {
                        continue;
                    }
                    if self.acts_seen(duty).is_none() {
                        self.doubt(duty, inst, Why::Acts, None);
                        continue;
                    }
                    self.state.touch_in(inst, &act.positions, 0);
                    let mut slot = self.take_slot(index, inst, holder);
                    let arose = Moment::exact(act.stamp);
                    let trigger = shared.get_or_insert_with(|| Arc::new(act.clone()));
                    let trigger = trigger.clone();
                    for bearer in self.bearers(duty, inst, holder) {
                        let mut item = Item::new(bearer, arose, act.positions.clone());
                        item.more().trigger = Some(trigger.clone());
                        item.due = self.due_of(duty, inst, holder, &item);
                        slot.items.push(item);
                    }
                    self.put_slot(index, inst, holder, slot);
                }
            }
        }
    }

    /// What had to be done before an event, and has not been, is overdue once the instant settles.
    #[inline(never)]
    pub fn limit_duties(&mut self, act: &Happening) {
        let p = self.p;
        for &index in p
            .events
            .get(act.event.index())
            .map_or(&[][..], |e| &e.limits)
        {
            let Some(duty) = p.model.duties.get(index) else {
                continue;
            };
            let Due::Before(arms) = &duty.due else {
                continue;
            };
            for inst in self.reach(act, duty.scope.kind) {
                for holder in self.each(&duty.scope, inst) {
                    if self.fits(arms, act, inst, holder) != Truth::Yes {
                        continue;
                    }
                    let mut slot = self.take_slot(index, inst, holder);
                    for item in &mut slot.items {
                        let own = item.trigger().is_some_and(|t| t.seq == act.seq);
                        if item.late.is_none() && !item.is_limited() && !own {
                            item.more().limit = Some((act.stamp, act.positions.clone()));
                        }
                    }
                    self.put_slot(index, inst, holder, slot);
                    self.state.touch_in(inst, &act.positions, 0);
                }
            }
        }
    }
}

fn triggers(ctx: &Ctx<'_>, duty: &Duty, arms: &[Arm], act: &Happening) -> Truth {
    if !ctx.stands(duty.clause, &duty.scope) {
        return Truth::No;
    }
    let mut fits = Truth::No;
    for arm in arms.iter().filter(|arm| arm.event == act.event) {
        fits = fits.max(ctx.guard(arm.filter.as_ref()));
    }
    if fits == Truth::No {
        return Truth::No;
    }
    fits.min(ctx.guard(duty.guard.as_ref()))
}
