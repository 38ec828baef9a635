//! Duties and time: what is overdue, what was missed, what lapses and what is left at the end.

use std::sync::Arc;

use super::duty::{DutySlot, Fit, Item, Items, Period};
use super::eval::Trail;
use super::finding::{Finding, Positions};
use super::moment::{Deadline, Truth};
use super::state::{Inst, NoteKey};
use super::step::{Run, With};
use super::value::Sym;
use super::words::{acts, required};
use crate::ir::{Arises, Due, Duty, Period as CalendarPeriod};
use crate::time::Instant;

impl Run<'_> {
    /// What is due and has not been done is overdue: at the end of a day, or when an instant settles.
    pub fn time_duty(&mut self, index: usize, inst: Inst, day_end: bool) {
        let p = self.p;
        let Some(duty) = p.model.duties.get(index) else {
            return;
        };
        for holder in self.known_holders(index, inst) {
            let mut slot = self.take_slot(index, inst, holder);
            self.time_slot((index, duty), inst, holder, &mut slot, day_end);
            self.put_slot(index, inst, holder, slot);
        }
    }

    /// The present period of a duty that has stood since `began`. Where a calendar has no row, one
    /// in which nothing is owed.
    pub fn period_from(&self, unit: CalendarPeriod, began: Instant, fits: Option<&Fit>) -> Period {
        let period = self.state.period(self.p, unit);
        Period {
            start: period.map(|(start, _)| start),
            end: period.map_or_else(|| self.state.period_turn(self.p, unit), |(_, end)| end),
            whole: period.is_some_and(|(start, _)| began <= start),
            doubt: None,
            count: fits.map_or(0, |f| f.count.into()),
            events: Positions::new(),
        }
    }

    fn time_slot(
        &mut self,
        (index, duty): (usize, &Duty),
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
            let limit = item.more.as_mut().and_then(|more| more.limit.take());
            let limit = limit.filter(|_| !day_end);
            let due = item.due.filter(|d| d.at <= now && (d.day || !day_end));
            let (from, more) = match (limit, due) {
                (Some((stamp, events)), _) => (stamp.at, events),
                (None, Some(due)) => (due.at, Positions::new()),
                (None, None) => continue,
            };
            if item.uncertain {
                gone.push(at);
                self.uncertain_duty(duty, inst);
                continue;
            }
            if let Some(why) = self.other_acts(duty) {
                gone.push(at);
                let when = item.spent().unwrap_or_else(|| p.zone.date(from));
                self.doubt(duty, inst, why, Some(when));
                continue;
            }
            let message = match item.period() {
                None => p.wording.overdue(index),
                Some(period) => {
                    let text = self.clause_text(duty.clause);
                    let acts = acts(p.model, duty);
                    format!("{acts} for {} is overdue: {text}", period.name).into()
                }
            };
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
        if let Arises::Ended(unit, names) = &duty.arises {
            self.end_period(duty, (*unit, names), inst, holder, slot);
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
                let which = period.start.and_then(|start| p.spent(start, *unit));
                let which = which.map_or(String::new(), |which| which.name);
                let doubt = period.doubt.or_else(|| self.other_acts(duty));
                if let Some(why) = doubt.filter(|_| missed) {
                    self.doubt(duty, inst, why, Some(which));
                } else if !missed {
                    let end = period.end;
                    self.in_time(duty, inst, holder, Some(which), end, &period.events);
                } else {
                    let required = required(min, max, bounds.strict);
                    let message = format!(
                        "{} happened {} times in the {} {}, where {required} times are required",
                        acts(self.p.model, duty),
                        period.count,
                        p.period_name(*unit),
                        which
                    );
                    let message = self.with_bearer(duty, inst, holder, message.into());
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
            slot.period = Some(Box::new(next));
            self.due(inst, Deadline { at: end, day: true });
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
                        let owed = owed(self, duty, &item);
                        let message = format!("{owed} has not been done: {text}");
                        let from = item.arose.at.at;
                        self.report(duty, inst, holder, &item, message, (from, None), &[]);
                    }
                }
            }
        }
    }

    /// A finding about something owed; a note where it may have been done before the observation.
    #[expect(clippy::too_many_arguments, reason = "the parts of a finding")]
    pub fn report(
        &mut self,
        duty: &Duty,
        inst: Inst,
        holder: Option<Sym>,
        item: &Item,
        message: String,
        (from, to): (Instant, Option<Instant>),
        more: &[u32],
    ) {
        if item.uncertain {
            self.uncertain_duty(duty, inst);
            return;
        }
        if let Some(why) = self.other_acts(duty) {
            self.doubt(duty, inst, why, item.spent());
            return;
        }
        let mut events = item.events.clone();
        events.extend_from_slice(more);
        let message = self.with_bearer(duty, inst, holder, message.into());
        let finding = Finding {
            message,
            to,
            events,
            ..self.finding(duty.clause, Some(inst), holder.or(item.bearer), from)
        };
        self.out.push(finding);
    }

    #[cold]
    pub fn uncertain_duty(&mut self, duty: &Duty, inst: Inst) {
        if self
            .state
            .notes
            .insert(NoteKey::Uncertain(duty.clause, inst))
        {
            let text = self.clause_text(duty.clause);
            let message = format!("`{text}` may have been done before the observation began");
            self.note(duty.clause, Some(inst), None, message, &[]);
        }
    }

    /// Says as well where there is nobody to do it.
    pub fn with_bearer(
        &self,
        duty: &Duty,
        inst: Inst,
        holder: Option<Sym>,
        message: Arc<str>,
    ) -> Arc<str> {
        let empty = duty
            .by
            .as_ref()
            .and_then(|by| self.empty_bearer(&by.set, inst, holder));
        match empty {
            Some(role) => format!("{message} (nobody holds `{role}`)").into(),
            None => message,
        }
    }

    /// The state is left, or the rule is no longer in force: what is pending lapses. Only what was
    /// owed plainly by entering the state, and was not done, is a finding.
    pub fn leave(
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
                let acts = acts(self.p.model, duty);
                let message = format!("{acts} was not done: {text}");
                let now = self.state.now;
                self.report(
                    duty,
                    inst,
                    holder,
                    &item,
                    message,
                    (now, Some(now)),
                    &events,
                );
            } else {
                let mut item = item;
                if let Some(late) = item.late.as_mut().filter(|_| left_state && !duty.moves) {
                    late.message = self.p.wording.never_done(&late.message);
                }
                self.end_item(item, &[]);
            }
        }
        slot.inside = false;
        slot.standing = false;
        slot.done = false;
        slot.fit = None;
        slot.period = None;
        slot.beforehand = None;
    }

    /// What is no longer owed: its finding ends, if there was one.
    pub fn drop_items(&mut self, items: Items) {
        for item in items {
            self.end_item(item, &[]);
        }
    }

    pub fn end_item(&mut self, item: Item, events: &[u32]) {
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
}

/// What is owed, in words: the acts, and the period for which.
fn owed(run: &Run<'_>, duty: &Duty, item: &Item) -> String {
    match item.period() {
        Some(period) => format!("{} for {}", acts(run.p.model, duty), period.name),
        None => acts(run.p.model, duty),
    }
}
