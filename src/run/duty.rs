//! What is owed: idle, pending, met or overdue, per instance, and per holder where it says so.
//!
//! Acts and triggers are taken as they happen; whether a duty stands at all is followed up when an
//! instant settles, so that a state entered and left in one instant creates none.

use std::sync::Arc;

use smallvec::{SmallVec, smallvec};

use super::doubt::Why;
use super::eval::Trail;
use super::finding::{Finding, Positions};
use super::moment::{Deadline, Moment, Truth};
use super::observe::Seen;
use super::spent::Spent;
use super::state::{Happening, Inst};
use super::step::{Run, With};
use super::value::{Sym, Syms, Value};
use crate::ir::{Arises, Due, Duty, Expr, Quantity};
use crate::time::{Instant, Stamp};

/// What is known of one duty at one instance, of one holder where it says `each`.
#[derive(Debug, Clone, Default)]
pub(crate) struct DutySlot {
    /// The duty stood when it was last followed up.
    pub inside: bool,
    /// Its `if` (and `after`) held then.
    pub standing: bool,
    /// When it began to stand.
    pub since: Option<Moment>,
    /// It was met: for good, or as long as its condition stands.
    pub done: bool,
    pub items: Items,
    /// The last act that fits, and how many did at that instant.
    pub fit: Option<Fit>,
    pub period: Option<Box<Period>>,
    pub beforehand: Option<Box<Beforehand>>,
}

/// What was done of a duty that still stands; only of some is any of this asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Beforehand {
    /// Who has done it, where each must.
    pub by: Vec<Sym>,
    /// The periods for which it was done before they ended.
    pub early: Vec<Early>,
}

/// What is owed; mostly one thing.
pub(crate) type Items = SmallVec<[Item; 1]>;

/// One thing owed.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// Who owes it, where each does.
    pub bearer: Option<Sym>,
    pub arose: Moment,
    pub events: Positions,
    pub due: Option<Deadline>,
    /// It may have been done before the observation.
    pub uncertain: bool,
    /// The finding, once it is overdue.
    pub late: Option<Box<Finding>>,
    /// Most have none of this, and there are many of them.
    pub more: Option<Box<More>>,
}

/// What only some things owed have.
#[derive(Debug, Clone, Default)]
pub(crate) struct More {
    /// What it followed from.
    pub trigger: Option<Arc<Happening>>,
    /// The period for which it is owed.
    pub period: Option<Spent>,
    /// What it had to be done before has happened.
    pub limit: Option<(Stamp, Positions)>,
    /// Who has done it so far, where several must.
    pub actors: Vec<Sym>,
}

impl Item {
    /// Something owed from a moment on, because of these events.
    pub fn new(bearer: Option<Sym>, arose: Moment, events: Positions) -> Item {
        Item {
            bearer,
            arose,
            events,
            due: None,
            uncertain: false,
            late: None,
            more: None,
        }
    }

    pub fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    /// What it followed from.
    pub fn trigger(&self) -> Option<&Arc<Happening>> {
        self.more.as_ref()?.trigger.as_ref()
    }

    /// The period for which it is owed.
    pub fn period(&self) -> Option<&Spent> {
        self.more.as_ref()?.period.as_ref()
    }

    /// What it is owed for, in words.
    pub fn spent(&self) -> Option<String> {
        self.period().map(|period| period.name.clone())
    }

    /// What it had to be done before has happened.
    pub fn is_limited(&self) -> bool {
        self.more.as_ref().is_some_and(|more| more.limit.is_some())
    }
}

/// The last act that fits a duty.
#[derive(Debug, Clone)]
pub(crate) struct Fit {
    pub seq: u64,
    pub stamp: Stamp,
    pub actors: Syms,
    /// How many there were at that instant.
    pub count: u32,
}

impl Fit {
    pub fn is_at(&self, now: Instant) -> bool {
        self.stamp.at == now
    }
}

/// Something done for a period before it ended.
#[derive(Debug, Clone)]
pub(crate) struct Early {
    /// What the period is called.
    pub period: String,
    pub at: Instant,
    pub events: Positions,
}

/// A calendar period in which something is owed.
#[derive(Debug, Clone)]
pub(crate) struct Period {
    /// Its beginning; `None` between the rows of a calendar.
    pub start: Option<Instant>,
    pub end: Instant,
    /// The duty stood in all of it.
    pub whole: bool,
    /// It is not known whether it did, or whether it was met.
    pub doubt: Option<Why>,
    pub count: u64,
    pub events: Positions,
}

impl DutySlot {
    pub fn beforehand(&mut self) -> &mut Beforehand {
        self.beforehand.get_or_insert_default()
    }

    /// Whether somebody has done his part of what each owes.
    fn has_done(&self, who: Sym) -> bool {
        let before = self.beforehand.as_ref();
        before.is_some_and(|before| before.by.contains(&who))
    }

    /// When the first of what is owed, after an instant, is due: at an instant, and not at the end
    /// of a day.
    pub fn next_due(&self, after: Instant) -> Option<Instant> {
        let mut next = None;
        for item in &self.items {
            if let (None, Some(due)) = (&item.late, item.due)
                && !due.day
                && due.at > after
            {
                next = Some(next.map_or(due.at, |next: Instant| next.min(due.at)));
            }
        }
        next
    }

    /// Whether something owed is due now or has met its limit, or a period is over.
    fn is_timed(&self, now: Instant) -> bool {
        let timed = |item: &Item| item.is_limited() || item.due.is_some_and(|d| d.at <= now);
        let mut items = self.items.iter();
        items.any(|item| item.late.is_none() && timed(item))
            || self.period.as_ref().is_some_and(|p| p.end <= now)
    }
}

impl Run<'_> {
    pub fn take_slot(&mut self, index: usize, inst: Inst, holder: Option<Sym>) -> DutySlot {
        self.state.sync(inst);
        let slot = self.p.duty_slot.get(index).copied();
        let slots = slot.and_then(|slot| self.state.inst_mut(inst)?.duties.get_mut(slot));
        slots
            .and_then(|slots| slots.get_mut(holder).take())
            .unwrap_or_default()
    }

    pub fn put_slot(&mut self, index: usize, inst: Inst, holder: Option<Sym>, slot: DutySlot) {
        if !slot.items.is_empty() || slot.period.is_some() {
            self.state
                .coverage
                .touch(super::coverage::Part::Duty(index));
        }
        let at = self.p.duty_slot.get(index).copied();
        let slots = at.and_then(|at| self.state.inst_mut(inst)?.duties.get_mut(at));
        if let Some(slots) = slots {
            *slots.get_mut(holder) = Some(slot);
        }
    }

    /// Whether time may have something to say of a duty: something owed is due, or a period over.
    pub fn is_timed(&self, index: usize, inst: Inst) -> bool {
        let now = self.state.now;
        let at = self.p.duty_slot.get(index).copied();
        let slots = at.and_then(|at| self.state.inst(inst)?.duties.get(at));
        slots.is_some_and(|slots| slots.any(|slot| slot.is_timed(now)))
    }

    /// Whether a duty neither stands at an instance nor has anything to be followed up there.
    fn is_idle(&self, index: usize, duty: &Duty, inst: Inst) -> bool {
        let at = self.p.duty_slot.get(index).copied();
        let Some(instance) = self.state.inst(inst) else {
            return true;
        };
        let slots = at.and_then(|at| instance.duties.get(at));
        !super::eval::in_scope(&duty.scope, instance)
            && slots.is_none_or(|slots| {
                let one = slots.one.as_ref();
                slots.each.is_empty() && one.is_none_or(|s| !s.inside && s.items.is_empty())
            })
    }

    /// Nobody in particular, and all holders of whom something is known.
    pub fn known_holders(&self, index: usize, inst: Inst) -> SmallVec<[Option<Sym>; 4]> {
        let slot = self.p.duty_slot.get(index).copied();
        let slots = slot.and_then(|slot| self.state.inst(inst)?.duties.get(slot));
        match slots {
            None => SmallVec::new(),
            Some(slots) if slots.each.is_empty() => smallvec![None],
            Some(slots) => {
                let each = slots.each.keys().copied().map(Some);
                std::iter::once(None).chain(each).collect()
            }
        }
    }

    /// Since when the acts of a duty are observed; `None`: the record cannot show them.
    pub fn acts_seen(&self, duty: &Duty) -> Option<Instant> {
        let mut from: Option<Instant> = None;
        for arm in &duty.arms {
            let seen = self.p.observed.events.get(arm.event.index()).copied();
            let at = match seen.unwrap_or(Seen::Always) {
                Seen::Never => continue,
                // Of what was there before, the acts before the observation are not told.
                Seen::Always => self.state.begun.unwrap_or(Instant::MIN),
                Seen::Begin => self.state.begun.unwrap_or(Instant::MIN),
                Seen::From(at) => at,
            };
            from = Some(from.map_or(at, |f: Instant| f.max(at)));
        }
        from
    }

    /// Follows up a duty at an instance whose world has changed, or whose time has come.
    pub fn follow_duty(&mut self, index: usize, inst: Inst) {
        if let Some(duty) = self.p.model.duties.get(index)
            && !self.is_idle(index, duty, inst)
            && !self.is_at_rest(index, inst)
        {
            self.follow_holders(index, duty, inst);
        }
    }

    #[inline(never)]
    fn follow_holders(&mut self, index: usize, duty: &Duty, inst: Inst) {
        let p = self.p;
        let holders = self.each(&duty.scope, inst);
        if duty.scope.each.is_some() {
            for holder in self.known_holders(index, inst) {
                let Some(sym) = holder.filter(|_| !holders.contains(&holder)) else {
                    continue;
                };
                // It is owed by present holders.
                let slot = self.take_slot(index, inst, holder);
                self.drop_items(slot.items);
                let at = p.duty_slot.get(index).copied();
                let slots = at.and_then(|at| self.state.inst_mut(inst)?.duties.get_mut(at));
                if let Some(slots) = slots {
                    slots.each.remove(&sym);
                }
            }
        }
        for holder in holders {
            let mut slot = self.take_slot(index, inst, holder);
            self.follow_slot(index, duty, inst, holder, &mut slot);
            self.put_slot(index, inst, holder, slot);
        }
    }

    fn follow_slot(
        &mut self,
        index: usize,
        duty: &Duty,
        inst: Inst,
        holder: Option<Sym>,
        slot: &mut DutySlot,
    ) {
        let p = self.p;
        let plain = self.plain_guard(index, inst);
        let (stands, in_state) = if plain.is_some() {
            (true, true)
        } else {
            let trail = Trail::new();
            let ctx = With::now(holder).ctx(p, self.state, inst, &trail);
            let in_state = self
                .state
                .inst(inst)
                .is_some_and(|i| super::eval::in_scope(&duty.scope, i));
            (ctx.stands(duty.clause, &duty.scope), in_state)
        };
        if !stands {
            if slot.inside || !slot.items.is_empty() {
                self.leave(duty, inst, holder, slot, !in_state);
            }
            return;
        }
        let entering = !slot.inside;
        if entering {
            let since = self.stands_since(duty, inst, holder, slot);
            slot.inside = true;
            slot.standing = false;
            slot.since = Some(since);
            slot.done = false;
            slot.period = None;
            if let Some(before) = &mut slot.beforehand {
                before.by.clear();
            }
        }
        let since = slot.since.unwrap_or(Moment::exact(self.state.stamp));
        let mut doubt = None;
        let guard = match duty.arises {
            _ if plain.is_some() => Truth::of(plain == Some(true)),
            // Judged at the trigger.
            Arises::After(_) | Arises::Ended(..) => Truth::Yes,
            Arises::Per(..) => {
                let (guard, why) = self.doubted_guard(duty, inst, holder);
                doubt = why;
                guard
            }
            _ => self.judge(
                duty.clause,
                inst,
                |ctx| ctx.guard(duty.guard.as_ref()),
                &With::now(holder),
            ),
        };
        match &duty.arises {
            Arises::Entry => {
                if entering {
                    // A state entered before the clause was in force is an earlier trigger.
                    let entered = self.state.inst(inst).map(|i| i.entered.at.at);
                    let from = p
                        .model
                        .clauses
                        .get(duty.clause.index())
                        .and_then(|c| c.from);
                    slot.done = from.is_some_and(|from| entered.is_some_and(|e| e < from.at));
                    self.met_on_entry(duty, inst, holder, slot);
                }
                let stands = guard == Truth::Yes && !slot.done;
                self.keep_items(duty, inst, holder, slot, stands, since, entering);
            }
            Arises::While(cond) => {
                let holds = if guard == Truth::No {
                    Truth::No
                } else {
                    self.judge(duty.clause, inst, |ctx| ctx.holds(cond), &With::now(holder))
                };
                let stands = guard.min(holds) == Truth::Yes;
                let arises = stands && !slot.standing;
                if arises {
                    slot.done = self.fit_now(slot, 0);
                    if let Some(before) = &mut slot.beforehand {
                        before.by.clear();
                    }
                }
                slot.standing = stands;
                let told = self.state.fresh
                    || self.state.inst(inst).and_then(|i| i.opened_at) == Some(self.state.now);
                let arose = if told {
                    Moment::by(self.state.stamp)
                } else {
                    Moment::exact(self.state.stamp)
                };
                let owed = stands && !slot.done;
                self.keep_items(duty, inst, holder, slot, owed, arose, arises);
            }
            Arises::After(_) => {
                self.keep_bearers(duty, inst, holder, slot);
                self.renew_due(duty, inst, holder, slot);
            }
            Arises::Every(every) => {
                let fixed = matches!(every, Expr::Const(_)) && duty.except.is_none();
                let (every, except) = if let Some(every) = p.plain_every(duty) {
                    (Some(every), Vec::new())
                } else {
                    let trail = Trail::new();
                    let ctx = With::now(holder).ctx(p, self.state, inst, &trail);
                    let except = duty.except.as_ref().and_then(|expr| ctx.value(expr));
                    let except = match except {
                        Some(Value::List(list)) => list.to_vec(),
                        other => other.into_iter().collect(),
                    };
                    (ctx.duration(every), except)
                };
                let active = guard == Truth::Yes && every.is_some();
                let seen = self.acts_seen(duty);
                // Acts before their observation do not show: the clock starts with it.
                let mut start = if entering || !slot.standing && since.at.at == self.state.now {
                    since
                } else {
                    Moment::exact(self.state.stamp)
                };
                if let Some(seen) = seen
                    && seen > start.at.at
                {
                    start.at = super::eval::stamp_at(&p.zone, seen);
                }
                if let Some(fit) = slot.fit.as_ref().filter(|f| f.is_at(self.state.now)) {
                    start = Moment::exact(fit.stamp);
                }
                slot.standing = active;
                self.keep_items(duty, inst, holder, slot, active, start, true);
                if let Some(every) = every {
                    for item in slot.items.iter_mut().filter(|i| i.late.is_none()) {
                        // A fixed interval of all days does not change its end.
                        if item.due.is_some() && fixed {
                            continue;
                        }
                        let due = p.add_except(item.arose.at, every, &except);
                        let deadline = Deadline::of(&p.zone, due);
                        item.due = Some(self.rounded(duty, deadline));
                    }
                }
                self.schedule(inst, slot);
            }
            Arises::Ended(unit, _) => self.follow_spent(duty, *unit, inst, holder, slot),
            Arises::Per(_, unit) => {
                if guard == Truth::No {
                    slot.period = None;
                    return;
                }
                let seen = self.acts_seen(duty);
                if seen.is_none() {
                    doubt = Some(Why::Acts);
                    self.doubt(duty, inst, Why::Acts, None);
                }
                if slot.period.is_none() {
                    let seen = seen.unwrap_or(Instant::MIN);
                    let began = if entering {
                        since.at.at
                    } else {
                        self.state.now
                    };
                    let fits = slot.fit.as_ref().filter(|f| f.is_at(self.state.now));
                    let period = self.period_from(*unit, began.max(seen), fits);
                    let end = period.end;
                    slot.period = Some(Box::new(period));
                    self.due(inst, Deadline { at: end, day: true });
                }
                if let Some(period) = &mut slot.period {
                    period.doubt = period.doubt.or(doubt);
                }
            }
        }
    }

    /// When a duty began to stand.
    pub fn stands_since(
        &self,
        duty: &Duty,
        inst: Inst,
        holder: Option<Sym>,
        slot: &DutySlot,
    ) -> Moment {
        let now = Moment::exact(self.state.stamp);
        let Some(instance) = self.state.inst(inst) else {
            return now;
        };
        let again = slot.since.is_some();
        let mut since = if duty.scope.states.len() <= 1 || again {
            instance.entered
        } else {
            instance.began
        };
        if let (Some(role), Some(holder)) = (duty.scope.each, holder) {
            let declared = self.p.model.roles.get(role.index());
            let at = declared.and_then(|r| self.state.within(self.p, inst, r.kind));
            let held = at.and_then(|at| {
                let holdings = self.state.holders(self.p, role, at);
                holdings.iter().find(|h| h.holder == holder)
            });
            if let Some(held) = held {
                since = since.later(held.since);
            }
        }
        let clause = self.p.model.clauses.get(duty.clause.index());
        if let Some(from) = clause.and_then(|c| c.from)
            && from.at > since.earliest.at
        {
            since = since.later(Moment::exact(from));
        }
        if again && since.at.at < self.state.now {
            return now;
        }
        since
    }

    pub fn fit_now(&self, slot: &DutySlot, after: u64) -> bool {
        let fit = slot.fit.as_ref();
        fit.is_some_and(|f| f.is_at(self.state.now) && f.seq > after)
    }

    /// What was done in the instant of entry, after it, meets the duty.
    pub fn met_on_entry(
        &mut self,
        duty: &Duty,
        inst: Inst,
        holder: Option<Sym>,
        slot: &mut DutySlot,
    ) {
        let entered = self.state.inst(inst).map_or(0, |i| i.entered_seq);
        if !self.fit_now(slot, entered) {
            return;
        }
        if is_each(duty) {
            let by = slot.fit.as_ref().map_or(Vec::new(), |f| f.actors.to_vec());
            slot.beforehand().by = by;
        } else {
            slot.done = true;
            let events = self.fresh_events(inst);
            self.in_time(duty, inst, holder, None, self.state.now, &events);
            self.say_met(duty, inst, holder, None);
        }
    }

    /// Sees to it that what is owed is owed by whoever owes it, and nothing else.
    #[expect(clippy::too_many_arguments, reason = "one place where items begin")]
    pub fn keep_items(
        &mut self,
        duty: &Duty,
        inst: Inst,
        holder: Option<Sym>,
        slot: &mut DutySlot,
        owed: bool,
        since: Moment,
        arises: bool,
    ) {
        if !owed {
            let items = std::mem::take(&mut slot.items);
            self.drop_items(items);
            return;
        }
        let Some(seen) = self.acts_seen(duty) else {
            self.doubt(duty, inst, Why::Acts, None);
            return;
        };
        self.keep_bearers(duty, inst, holder, slot);
        if !is_each(duty) && !slot.items.is_empty() {
            // It is owed already.
            self.renew_due(duty, inst, holder, slot);
            return;
        }
        let arose = if arises || since.at.at == self.state.now {
            since
        } else {
            Moment::exact(self.state.stamp)
        };
        let bearers = self.bearers(duty, inst, holder);
        for bearer in bearers {
            let there = slot.items.iter().any(|i| i.bearer == bearer);
            let done = bearer.is_some_and(|b| slot.has_done(b));
            if there || done {
                continue;
            }
            let once = matches!(duty.arises, Arises::Entry);
            let uncertain = once && (!arose.is_exact() || arose.at.at < seen);
            let events = self.fresh_events(inst);
            slot.items.push(Item {
                uncertain,
                ..Item::new(bearer, arose, events)
            });
        }
        self.renew_due(duty, inst, holder, slot);
    }

    /// The positions of the events of this instant that touched an instance.
    pub fn fresh_events(&self, inst: Inst) -> Positions {
        let instance = self.state.inst(inst);
        let fresh = instance.filter(|i| i.events_at == self.state.now);
        fresh.map_or(Positions::new(), |i| i.events.clone())
    }

    /// Whoever owes a duty: nobody by name, or each of a set.
    pub fn bearers(
        &self,
        duty: &Duty,
        inst: Inst,
        holder: Option<Sym>,
    ) -> SmallVec<[Option<Sym>; 4]> {
        match &duty.by {
            Some(by) if by.quantity == Quantity::Each => {
                let trail = Trail::new();
                let ctx = With::now(holder).ctx(self.p, self.state, inst, &trail);
                ctx.people_in(&by.set).into_iter().map(Some).collect()
            }
            _ => smallvec![None],
        }
    }

    /// What somebody owes who is no longer one of those who do, lapses.
    pub fn keep_bearers(
        &mut self,
        duty: &Duty,
        inst: Inst,
        holder: Option<Sym>,
        slot: &mut DutySlot,
    ) {
        if !is_each(duty) {
            return;
        }
        let bearers = self.bearers(duty, inst, holder);
        let (kept, gone): (Items, Items) = std::mem::take(&mut slot.items)
            .into_iter()
            .partition(|i| bearers.contains(&i.bearer));
        slot.items = kept;
        self.drop_items(gone);
    }

    /// Works out anew when things are due; a date may have been set meanwhile.
    pub fn renew_due(&mut self, duty: &Duty, inst: Inst, holder: Option<Sym>, slot: &mut DutySlot) {
        let changes = matches!(duty.due, Due::ByDate(..));
        for item in &mut slot.items {
            if item.late.is_none() && (changes || item.due.is_none()) {
                item.due = self.due_of(duty, inst, holder, item);
            }
        }
        self.schedule(inst, slot);
    }

    pub fn schedule(&mut self, inst: Inst, slot: &DutySlot) {
        for item in &slot.items {
            if let (Some(due), None) = (item.due, &item.late) {
                self.owed_at(inst, due);
            }
        }
    }

    /// Asks for what is owed to be looked at when it is due.
    pub fn owed_at(&mut self, inst: Inst, due: Deadline) {
        if due.day || due.at <= self.state.now || due.at == Instant::MAX {
            self.due(inst, due);
        } else {
            self.state.time(inst, due.at);
        }
    }

    pub fn rounded(&self, duty: &Duty, deadline: Deadline) -> Deadline {
        if duty.end_of_day && !deadline.day {
            Deadline::end_of_day(&self.p.zone, deadline.at)
        } else {
            deadline
        }
    }

    pub fn due_of(
        &self,
        duty: &Duty,
        inst: Inst,
        holder: Option<Sym>,
        item: &Item,
    ) -> Option<Deadline> {
        let zone = &self.p.zone;
        let trail = Trail::new();
        let mut ctx = With::now(holder).ctx(self.p, self.state, inst, &trail);
        let arose = item.arose;
        ctx.act = item.trigger().map(|trigger| &**trigger);
        ctx.row = item.period().and_then(|period| period.row);
        let deadline = match &duty.due {
            Due::Open | Due::Before(_) => return None,
            Due::Within(expr) => Deadline::of(zone, zone.add(arose.at, ctx.duration(expr)?)),
            Due::EndOfDay => Deadline::end_of_day(zone, arose.at.at),
            Due::ByDate(expr, offset) => {
                let stamp = match ctx.value(expr)? {
                    Value::Date(stamp) | Value::Dates(stamp, _) => stamp,
                    _ => return None,
                };
                let stamp = offset.map_or(stamp, |d| zone.sub(stamp, d));
                Deadline::of(zone, stamp)
            }
        };
        Some(self.rounded(duty, deadline))
    }
}

/// Whether each of those who owe a duty owes it for himself.
pub(crate) fn is_each(duty: &Duty) -> bool {
    let by = duty.by.as_ref();
    by.is_some_and(|by| by.quantity == Quantity::Each)
}
