//! What is owed: idle, pending, met or overdue, per instance, and per holder where it says so.
//!
//! Acts and triggers are taken as they happen; whether a duty stands at all is followed up when an
//! instant settles, so that a state entered and left in one instant creates none.

use std::sync::Arc;

use super::eval::{Ctx, Trail};
use super::finding::Finding;
use super::moment::{Deadline, Moment, Truth};
use super::observe::Seen;
use super::state::{Happening, Inst, NoteKey};
use super::step::{Run, With};
use super::value::{Sym, Value};
use super::words::{event_name, required};
use crate::ir::{Arises, Arm, Due, Duty, Period as CalendarPeriod, Quantity};
use crate::time::{Instant, Stamp};

/// What is known of one duty at one instance, of one holder where it says `each`.
#[derive(Debug, Clone, Default)]
pub(crate) struct DutySlot {
    /// The duty stood when it was last followed up.
    inside: bool,
    /// Its `if` (and `after`) held then.
    standing: bool,
    /// When it began to stand.
    since: Option<Moment>,
    /// It was met: for good, or as long as its condition stands.
    done: bool,
    done_by: Vec<Sym>,
    items: Vec<Item>,
    /// The last act that fits, and how many did at that instant.
    fit: Option<Fit>,
    period: Option<Period>,
}

/// One thing owed.
#[derive(Debug, Clone)]
struct Item {
    /// Who owes it, where each does.
    bearer: Option<Sym>,
    arose: Moment,
    /// What it followed from.
    trigger: Option<Arc<Happening>>,
    events: Vec<u32>,
    due: Option<Deadline>,
    /// What it had to be done before has happened.
    limit: Option<(Stamp, Vec<u32>)>,
    /// It may have been done before the observation.
    uncertain: bool,
    /// Who has done it so far, where several must.
    actors: Vec<Sym>,
    /// The finding, once it is overdue.
    late: Option<Box<Finding>>,
}

#[derive(Debug, Clone)]
struct Fit {
    at: Instant,
    seq: u64,
    stamp: Stamp,
    actors: Vec<Sym>,
    count: u64,
}

/// A calendar period in which something is owed.
#[derive(Debug, Clone)]
struct Period {
    end: Instant,
    /// The duty stood in all of it.
    whole: bool,
    count: u64,
    events: Vec<u32>,
}

impl Run<'_> {
    fn take_slot(&mut self, index: usize, inst: Inst, holder: Option<Sym>) -> DutySlot {
        let slot = self.p.duty_slot.get(index).copied();
        let slots = slot.and_then(|slot| self.state.inst_mut(inst)?.duties.get_mut(slot));
        slots.map_or_else(DutySlot::default, |s| std::mem::take(s.get_mut(holder)))
    }

    fn put_slot(&mut self, index: usize, inst: Inst, holder: Option<Sym>, slot: DutySlot) {
        if !slot.items.is_empty() || slot.period.is_some() {
            self.state
                .coverage
                .touch(super::coverage::Part::Duty(index));
        }
        let at = self.p.duty_slot.get(index).copied();
        let slots = at.and_then(|at| self.state.inst_mut(inst)?.duties.get_mut(at));
        if let Some(slots) = slots {
            *slots.get_mut(holder) = slot;
        }
    }

    /// Nobody in particular, and all holders of whom something is known.
    fn known_holders(&self, index: usize, inst: Inst) -> Vec<Option<Sym>> {
        let slot = self.p.duty_slot.get(index).copied();
        let slots = slot.and_then(|slot| self.state.inst(inst)?.duties.get(slot));
        slots.map_or(Vec::new(), |s| {
            let each = s.each.keys().copied().map(Some);
            std::iter::once(None).chain(each).collect()
        })
    }

    /// Since when the acts of a duty are observed; `None`: the record cannot show them.
    fn acts_seen(&self, duty: &Duty) -> Option<Instant> {
        let mut from: Option<Instant> = None;
        for arm in &duty.arms {
            let seen = self.p.observed.events.get(arm.event.index()).copied();
            let at = match seen.unwrap_or(Seen::Always) {
                Seen::Never => continue,
                Seen::Always => Instant::MIN,
                Seen::Begin => self.state.begun.unwrap_or(Instant::MIN),
                Seen::From(at) => at,
            };
            from = Some(from.map_or(at, |f: Instant| f.max(at)));
        }
        from
    }

    /// Says once that a duty cannot be judged.
    fn unobserved_duty(&mut self, duty: &Duty) {
        if self.state.notes.insert(NoteKey::Unobserved(duty.clause)) {
            let text = self.clause_text(duty.clause);
            let message =
                format!("whether `{text}` is done is not in the record: it is not judged");
            self.note(duty.clause, None, None, message, Vec::new());
        }
    }

    /// Follows up a duty at an instance whose world has changed, or whose time has come.
    pub fn follow_duty(&mut self, index: usize, inst: Inst) {
        let p = self.p;
        let Some(duty) = p.model.duties.get(index) else {
            return;
        };
        let holders: Vec<Option<Sym>> = self.each(&duty.scope, inst).collect();
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
            self.follow_slot(duty, inst, holder, &mut slot);
            self.put_slot(index, inst, holder, slot);
        }
    }

    fn follow_slot(&mut self, duty: &Duty, inst: Inst, holder: Option<Sym>, slot: &mut DutySlot) {
        let p = self.p;
        let (stands, in_state) = {
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
            let triggered = std::mem::take(&mut slot.items);
            let fit = slot.fit.take();
            *slot = DutySlot {
                inside: true,
                since: Some(since),
                items: triggered,
                fit,
                ..DutySlot::default()
            };
        }
        let since = slot.since.unwrap_or(Moment::exact(self.state.stamp));
        let guard = match duty.arises {
            // Judged at the trigger.
            Arises::After(_) => Truth::Yes,
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
                    slot.done_by.clear();
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
                let (every, except) = {
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
                if let Some(fit) = slot.fit.as_ref().filter(|f| f.at == self.state.now) {
                    start = Moment::exact(fit.stamp);
                }
                slot.standing = active;
                self.keep_items(duty, inst, holder, slot, active, start, true);
                if let Some(every) = every {
                    for item in slot.items.iter_mut().filter(|i| i.late.is_none()) {
                        let due = p.add_except(item.arose.at, every, &except);
                        let deadline = Deadline::of(&p.zone, due);
                        item.due = Some(self.rounded(duty, deadline));
                    }
                }
                self.schedule(inst, slot);
            }
            Arises::Per(_, unit) => {
                if guard != Truth::Yes {
                    slot.period = None;
                } else if slot.period.is_none() {
                    let Some(seen) = self.acts_seen(duty) else {
                        self.unobserved_duty(duty);
                        return;
                    };
                    let began = if entering {
                        since.at.at
                    } else {
                        self.state.now
                    };
                    let fits = slot.fit.as_ref().filter(|f| f.at == self.state.now);
                    let period = self.period_from(*unit, began.max(seen), fits);
                    let end = period.end;
                    slot.period = Some(period);
                    self.due(inst, Deadline { at: end, day: true });
                }
            }
        }
    }

    /// When a duty began to stand.
    fn stands_since(
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

    fn fit_now(&self, slot: &DutySlot, after: u64) -> bool {
        let fit = slot.fit.as_ref();
        fit.is_some_and(|f| f.at == self.state.now && f.seq > after)
    }

    /// What was done in the instant of entry, after it, meets the duty.
    fn met_on_entry(&mut self, duty: &Duty, inst: Inst, holder: Option<Sym>, slot: &mut DutySlot) {
        let entered = self.state.inst(inst).map_or(0, |i| i.entered_seq);
        if !self.fit_now(slot, entered) {
            return;
        }
        if is_each(duty) {
            slot.done_by = slot.fit.as_ref().map_or(Vec::new(), |f| f.actors.clone());
        } else {
            slot.done = true;
            self.say_met(duty, inst, holder, None);
        }
    }

    /// Sees to it that what is owed is owed by whoever owes it, and nothing else.
    #[expect(clippy::too_many_arguments, reason = "one place where items begin")]
    fn keep_items(
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
            self.unobserved_duty(duty);
            return;
        };
        self.keep_bearers(duty, inst, holder, slot);
        let arose = if arises || since.at.at == self.state.now {
            since
        } else {
            Moment::exact(self.state.stamp)
        };
        let bearers = self.bearers(duty, inst, holder);
        for bearer in bearers {
            let there = slot.items.iter().any(|i| i.bearer == bearer);
            let done = bearer.is_some_and(|b| slot.done_by.contains(&b));
            if there || done {
                continue;
            }
            let once = matches!(duty.arises, Arises::Entry);
            let uncertain = once && (!arose.is_exact() || arose.at.at < seen);
            let events = self.fresh_events(inst);
            slot.items.push(Item {
                bearer,
                arose,
                trigger: None,
                events,
                due: None,
                limit: None,
                uncertain,
                actors: Vec::new(),
                late: None,
            });
        }
        self.renew_due(duty, inst, holder, slot);
    }

    /// The positions of the events of this instant that touched an instance.
    fn fresh_events(&self, inst: Inst) -> Vec<u32> {
        let instance = self.state.inst(inst);
        let fresh = instance.filter(|i| i.events_at == self.state.now);
        fresh.map_or(Vec::new(), |i| i.events.clone())
    }

    /// Whoever owes a duty: nobody by name, or each of a set.
    fn bearers(&self, duty: &Duty, inst: Inst, holder: Option<Sym>) -> Vec<Option<Sym>> {
        match &duty.by {
            Some(by) if by.quantity == Quantity::Each => {
                let trail = Trail::new();
                let ctx = With::now(holder).ctx(self.p, self.state, inst, &trail);
                ctx.people_in(&by.set).into_iter().map(Some).collect()
            }
            _ => vec![None],
        }
    }

    /// What somebody owes who is no longer one of those who do, lapses.
    fn keep_bearers(&mut self, duty: &Duty, inst: Inst, holder: Option<Sym>, slot: &mut DutySlot) {
        if !is_each(duty) {
            return;
        }
        let bearers = self.bearers(duty, inst, holder);
        let (kept, gone): (Vec<Item>, Vec<Item>) = std::mem::take(&mut slot.items)
            .into_iter()
            .partition(|i| bearers.contains(&i.bearer));
        slot.items = kept;
        self.drop_items(gone);
    }

    /// Works out anew when things are due; a date may have been set meanwhile.
    fn renew_due(&mut self, duty: &Duty, inst: Inst, holder: Option<Sym>, slot: &mut DutySlot) {
        let changes = matches!(duty.due, Due::ByDate(..));
        for item in &mut slot.items {
            if item.late.is_none() && (changes || item.due.is_none()) {
                item.due = self.due_of(duty, inst, holder, item.arose, item.trigger.as_deref());
            }
        }
        self.schedule(inst, slot);
    }

    fn schedule(&mut self, inst: Inst, slot: &DutySlot) {
        for item in &slot.items {
            if let (Some(due), None) = (item.due, &item.late) {
                self.due(inst, due);
            }
        }
    }

    fn rounded(&self, duty: &Duty, deadline: Deadline) -> Deadline {
        if duty.end_of_day && !deadline.day {
            Deadline::end_of_day(&self.p.zone, deadline.at)
        } else {
            deadline
        }
    }

    fn due_of(
        &self,
        duty: &Duty,
        inst: Inst,
        holder: Option<Sym>,
        arose: Moment,
        trigger: Option<&Happening>,
    ) -> Option<Deadline> {
        let zone = &self.p.zone;
        let trail = Trail::new();
        let mut ctx = With::now(holder).ctx(self.p, self.state, inst, &trail);
        ctx.act = trigger;
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

    /// What is no longer owed: its finding ends, if there was one.
    fn drop_items(&mut self, items: Vec<Item>) {
        for item in items {
            self.end_item(item, &[]);
        }
    }

    fn end_item(&mut self, item: Item, events: &[u32]) {
        let Some(late) = item.late else { return };
        let mut finding = *late;
        finding.to = Some(self.state.now.max(finding.from));
        for position in events {
            if !finding.events.contains(position) {
                finding.events.push(*position);
            }
        }
        self.out.push(finding);
    }

    /// The state is left, or the rule is no longer in force: what is pending lapses. Only what was
    /// owed plainly by entering the state, and was not done, is a finding.
    fn leave(
        &mut self,
        duty: &Duty,
        inst: Inst,
        holder: Option<Sym>,
        slot: &mut DutySlot,
        left_state: bool,
    ) {
        let plain = matches!(duty.arises, Arises::Entry) && !duty.moves && left_state;
        for item in std::mem::take(&mut slot.items) {
            let owed = match duty.due {
                Due::ByDate(..) => item.due.is_some(),
                _ => true,
            };
            if plain && owed && item.late.is_none() {
                let events = self.fresh_events(inst);
                let text = self.clause_text(duty.clause);
                let acts = acts(self, duty);
                let message = format!("{acts} was not done: {text}");
                let now = self.state.now;
                self.report(duty, inst, holder, &item, message, (now, Some(now)), events);
            } else {
                self.end_item(item, &[]);
            }
        }
        let since = slot.since;
        *slot = DutySlot {
            since,
            ..DutySlot::default()
        };
    }

    /// A finding about something owed; a note where it may have been done before the observation.
    #[expect(clippy::too_many_arguments, reason = "the parts of a finding")]
    fn report(
        &mut self,
        duty: &Duty,
        inst: Inst,
        holder: Option<Sym>,
        item: &Item,
        message: String,
        (from, to): (Instant, Option<Instant>),
        more: Vec<u32>,
    ) {
        if item.uncertain {
            self.uncertain_duty(duty, inst);
            return;
        }
        let mut events = item.events.clone();
        events.extend(more);
        let message = self.with_bearer(duty, inst, holder, message);
        let finding = Finding {
            message,
            to,
            events,
            ..self.finding(duty.clause, Some(inst), holder.or(item.bearer), from)
        };
        self.out.push(finding);
    }

    fn uncertain_duty(&mut self, duty: &Duty, inst: Inst) {
        if self
            .state
            .notes
            .insert(NoteKey::Uncertain(duty.clause, inst))
        {
            let text = self.clause_text(duty.clause);
            let message = format!("`{text}` may have been done before the observation began");
            self.note(duty.clause, Some(inst), None, message, Vec::new());
        }
    }

    /// Says as well where there is nobody to do it.
    fn with_bearer(&self, duty: &Duty, inst: Inst, holder: Option<Sym>, message: String) -> String {
        let empty = duty
            .by
            .as_ref()
            .and_then(|by| self.empty_bearer(&by.set, inst, holder));
        match empty {
            Some(role) => format!("{message} (nobody holds `{role}`)"),
            None => message,
        }
    }

    /// What is due and has not been done is overdue: at the end of a day, or when an instant settles.
    pub fn time_duty(&mut self, index: usize, inst: Inst, day_end: bool) {
        let p = self.p;
        let Some(duty) = p.model.duties.get(index) else {
            return;
        };
        for holder in self.known_holders(index, inst) {
            let mut slot = self.take_slot(index, inst, holder);
            self.time_slot(duty, inst, holder, &mut slot, day_end);
            self.put_slot(index, inst, holder, slot);
        }
    }

    /// The present period of a duty that has stood since `began`. Where a calendar has no row, one
    /// in which nothing is owed.
    fn period_from(&self, unit: CalendarPeriod, began: Instant, fits: Option<&Fit>) -> Period {
        let now = self.state.now;
        let period = self.p.period(now, unit);
        Period {
            end: period.map_or_else(|| self.p.period_turn(now, unit), |(_, end)| end),
            whole: period.is_some_and(|(start, _)| began <= start),
            count: fits.map_or(0, |f| f.count),
            events: Vec::new(),
        }
    }

    fn time_slot(
        &mut self,
        duty: &Duty,
        inst: Inst,
        holder: Option<Sym>,
        slot: &mut DutySlot,
        day_end: bool,
    ) {
        let p = self.p;
        let now = self.state.now;
        let mut gone = Vec::new();
        for (at, item) in slot.items.iter_mut().enumerate() {
            if item.late.is_some() {
                continue;
            }
            let limit = item.limit.take().filter(|_| !day_end);
            let due = item.due.filter(|d| d.at <= now && (d.day || !day_end));
            let (from, more) = match (limit, due) {
                (Some((stamp, events)), _) => (stamp.at, events),
                (None, Some(due)) => (due.at, Vec::new()),
                (None, None) => continue,
            };
            if item.uncertain {
                gone.push(at);
                self.uncertain_duty(duty, inst);
                continue;
            }
            let text = self.clause_text(duty.clause);
            let message = format!("{} is overdue: {text}", acts(self, duty));
            let message = self.with_bearer(duty, inst, holder, message);
            let mut events = item.events.clone();
            events.extend(more);
            let from = from.max(item.arose.at.at);
            let finding = Finding {
                message,
                to: None,
                or_earlier: !item.arose.is_exact(),
                events,
                ..self.finding(duty.clause, Some(inst), holder.or(item.bearer), from)
            };
            item.late = Some(Box::new(finding));
            if let Some(event) = self.p.said.get(duty.clause.index()).and_then(|s| s.missed) {
                self.say(event, inst, holder.or(item.bearer));
            }
        }
        for at in gone.into_iter().rev() {
            slot.items.remove(at);
            slot.done = true;
        }
        if let Arises::Per(bounds, unit) = &duty.arises
            && let Some(period) = slot.period.take_if(|period| period.end <= now)
        {
            if period.whole {
                let trail = Trail::new();
                let ctx = With::now(holder).ctx(self.p, self.state, inst, &trail);
                let missed = ctx.within(period.count, Some(period.count), bounds) == Truth::No;
                let min = ctx.number(&bounds.min).unwrap_or(0);
                let max = bounds.max.as_ref().and_then(|max| ctx.number(max));
                if missed {
                    let required = required(min, max, bounds.strict);
                    let message = format!(
                        "{} happened {} times in the {}, where {required} times are required",
                        acts(self, duty),
                        period.count,
                        p.period_name(*unit)
                    );
                    let message = self.with_bearer(duty, inst, holder, message);
                    let finding = Finding {
                        message,
                        events: period.events,
                        found: Some(period.count.to_string()),
                        required: Some(required),
                        ..self.finding(duty.clause, Some(inst), holder, period.end)
                    };
                    self.out.push(finding);
                    let said = self.p.said.get(duty.clause.index());
                    if let Some(event) = said.and_then(|s| s.missed) {
                        self.say(event, inst, holder);
                    }
                }
            }
            let next = self.period_from(*unit, period.end, None);
            let end = next.end;
            slot.period = Some(next);
            self.due(inst, Deadline { at: end, day: true });
        }
    }

    /// An act meets the duties it fits: of each, the oldest that matches.
    pub fn meet_duties(&mut self, act: &Arc<Happening>) {
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
            }
        }
    }

    fn fits(&self, arms: &[Arm], act: &Happening, inst: Inst, holder: Option<Sym>) -> Truth {
        let trail = Trail::new();
        let ctx = With::act(act, holder).ctx(self.p, self.state, inst, &trail);
        let mut fits = Truth::No;
        for arm in arms.iter().filter(|arm| arm.event == act.event) {
            fits = fits.max(ctx.guard(arm.filter.as_ref()));
        }
        fits
    }

    /// Whether an act is done by those who owe it. Who did it is not said: it is taken so, with a note.
    fn by_bearer(
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

    fn meet_slot(
        &mut self,
        duty: &Duty,
        act: &Arc<Happening>,
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
                Arises::Entry | Arises::While(_) | Arises::After(_)
            )
        {
            // Several acts add up to one.
            let at = slot.items.iter().position(|i| self.answers(duty, i, act));
            if let Some(item) = at.and_then(|at| slot.items.get_mut(at)) {
                for actor in &act.actors {
                    if !item.actors.contains(actor) {
                        item.actors.push(*actor);
                    }
                }
                let actors = item.actors.clone();
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
        let before = slot.fit.take().filter(|f| f.at == now);
        let mut actors = before.as_ref().map_or(Vec::new(), |f| f.actors.clone());
        actors.extend(&act.actors);
        slot.fit = Some(Fit {
            at: now,
            seq: act.seq,
            stamp: act.stamp,
            actors,
            count: before.map_or(0, |f| f.count) + 1,
        });
        self.state.mark(inst);
        match &duty.arises {
            Arises::Entry | Arises::While(_) | Arises::After(_) => {
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
                if let Some(at) = at {
                    self.met(duty, act, inst, holder, slot, at);
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
                    item.events.clone_from(&act.positions);
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
                    period.events.extend(&act.positions);
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

    fn met(
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
        if !matches!(duty.arises, Arises::After(_)) {
            match item.bearer {
                Some(bearer) => slot.done_by.push(bearer),
                None => slot.done = true,
            }
        }
        let who = holder.or(item.bearer);
        self.end_item(item, &act.positions);
        self.say_met(duty, inst, who, Some(act));
    }

    fn say_met(&mut self, duty: &Duty, inst: Inst, holder: Option<Sym>, act: Option<&Happening>) {
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
    fn answers(&self, duty: &Duty, item: &Item, act: &Happening) -> bool {
        let Some(trigger) = &item.trigger else {
            return true;
        };
        let pair = duty
            .matches
            .iter()
            .filter(|m| m.trigger == trigger.event && m.act == act.event);
        pair.flat_map(|m| &m.fields).all(|(from, to)| {
            match (trigger.fields.get(from.index()), act.fields.get(to.index())) {
                (Some(from), Some(to)) if !from.is_empty() && !to.is_empty() => {
                    super::compare::same(self.p, self.state, from, to)
                }
                _ => true,
            }
        })
    }

    /// An event triggers the duties that follow from it, in the state it led to.
    pub fn trigger_duties(&mut self, act: &Arc<Happening>) {
        let p = self.p;
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
                        self.unobserved_duty(duty);
                        continue;
                    }
                    self.state.touch(inst, &act.positions);
                    let mut slot = self.take_slot(index, inst, holder);
                    let arose = Moment::exact(act.stamp);
                    let due = self.due_of(duty, inst, holder, arose, Some(act));
                    for bearer in self.bearers(duty, inst, holder) {
                        slot.items.push(Item {
                            bearer,
                            arose,
                            trigger: Some(act.clone()),
                            events: act.positions.clone(),
                            due,
                            limit: None,
                            uncertain: false,
                            actors: Vec::new(),
                            late: None,
                        });
                    }
                    self.put_slot(index, inst, holder, slot);
                }
            }
        }
    }

    /// What had to be done before an event, and has not been, is overdue once the instant settles.
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
                        let own = item.trigger.as_ref().is_some_and(|t| t.seq == act.seq);
                        if item.late.is_none() && item.limit.is_none() && !own {
                            item.limit = Some((act.stamp, act.positions.clone()));
                        }
                    }
                    self.put_slot(index, inst, holder, slot);
                    self.state.touch(inst, &act.positions);
                }
            }
        }
    }

    /// Reports what is owed at the end: what is overdue, and what had no due date. Or, where
    /// a life ends, ends it all.
    pub fn close_duties(&mut self, inst: Inst, lasting: bool) {
        let p = self.p;
        let Some(kind) = self.state.inst(inst).map(|i| i.kind) else {
            return;
        };
        for &index in p.kinds.get(kind.index()).map_or(&[][..], |k| &k.duties) {
            let Some(duty) = p.model.duties.get(index) else {
                continue;
            };
            for holder in self.known_holders(index, inst) {
                let mut slot = self.take_slot(index, inst, holder);
                if !lasting {
                    self.leave(duty, inst, holder, &mut slot, true);
                    continue;
                }
                for item in slot.items {
                    if let Some(late) = item.late {
                        self.out.push(*late);
                    } else if matches!(duty.due, Due::Open | Due::Within(_)) && item.due.is_none() {
                        // No due date: none is written, or what it names is not set.
                        let text = self.clause_text(duty.clause);
                        let message = format!("{} has not been done: {text}", acts(self, duty));
                        let from = item.arose.at.at;
                        self.report(duty, inst, holder, &item, message, (from, None), Vec::new());
                    }
                }
            }
        }
    }
}

fn is_each(duty: &Duty) -> bool {
    let by = duty.by.as_ref();
    by.is_some_and(|by| by.quantity == Quantity::Each)
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

/// The acts of a duty, in words.
fn acts(run: &Run<'_>, duty: &Duty) -> String {
    let mut names: Vec<String> = Vec::new();
    for arm in &duty.arms {
        let name = format!("`{}`", event_name(run.p, arm.event));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(" or ")
}
