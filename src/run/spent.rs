//! Duties for each calendar period: what is owed once a period has ended.

use super::doubt::Why;
use super::duty::{DutySlot, Early, Item, Items};
use super::finding::Positions;
use super::moment::{Deadline, Moment, Truth};
use super::program::Program;
use super::state::{Happening, Inst};
use super::step::Run;
use super::value::{Sym, Value};
use crate::ids::{CalendarId, EventId, FieldId};
use crate::ir::{Duty, Period as CalendarPeriod};
use crate::time::{Instant, Stamp, Unit};

/// The period for which something is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spent {
    /// What it is called.
    pub name: String,
    /// The row of its calendar, where it is one.
    pub row: Option<(CalendarId, usize)>,
}

impl Program<'_> {
    /// What the period that holds an instant is called: as its calendar names it, else by its date.
    pub(crate) fn spent(&self, at: Instant, period: CalendarPeriod) -> Option<Spent> {
        match period {
            CalendarPeriod::Unit(unit) => {
                let (start, _) = self.zone.period(at, unit);
                let date = self.zone.date(start);
                // `2025-03-01`: a year and a month are the beginning of that.
                let shown = match unit {
                    Unit::Year => date.rsplitn(3, '-').last(),
                    Unit::Month => date.rsplit_once('-').map(|(month, _)| month),
                    _ => Some(date.as_str()),
                };
                Some(Spent {
                    name: shown.unwrap_or(&date).to_owned(),
                    row: None,
                })
            }
            CalendarPeriod::Cycle(calendar) => {
                let (index, row) = self.row(calendar, at)?;
                let name = row.name.clone();
                Some(Spent {
                    name: name.unwrap_or_else(|| self.zone.date(row.start.at)),
                    row: Some((calendar, index)),
                })
            }
        }
    }

    /// Whether something is a period that has not ended by an instant, and is known by this name.
    fn still_to_end(&self, name: &str, at: Instant, period: CalendarPeriod) -> bool {
        match period {
            CalendarPeriod::Unit(_) => self.spent(at, period).is_some_and(|s| s.name == name),
            CalendarPeriod::Cycle(calendar) => {
                let rows = self.model.calendars.get(calendar.index()).map(|c| &c.rows);
                let mut open = rows.into_iter().flatten().filter(|row| row.end.at > at);
                open.any(|row| row.name.as_deref() == Some(name))
            }
        }
    }
}

impl Run<'_> {
    /// A duty for each period stands: the present one is waited for.
    pub fn follow_spent(
        &mut self,
        duty: &Duty,
        unit: CalendarPeriod,
        inst: Inst,
        holder: Option<Sym>,
        slot: &mut DutySlot,
    ) {
        self.keep_bearers(duty, inst, holder, slot);
        if slot.period.is_none() {
            if self.acts_seen(duty).is_none() {
                self.doubt(duty, inst, Why::Acts, None);
            }
            self.await_period(unit, inst, self.state.now, slot);
        }
        self.renew_due(duty, inst, holder, slot);
    }

    fn await_period(
        &mut self,
        unit: CalendarPeriod,
        inst: Inst,
        began: Instant,
        slot: &mut DutySlot,
    ) {
        let period = self.period_from(unit, began, None);
        self.due(
            inst,
            Deadline {
                at: period.end,
                day: true,
            },
        );
        slot.period = Some(Box::new(period));
    }

    /// A period has ended in which the duty stood: what is owed for it arises, unless it was done.
    pub fn end_period(
        &mut self,
        duty: &Duty,
        (unit, names): (CalendarPeriod, &[(EventId, FieldId)]),
        inst: Inst,
        holder: Option<Sym>,
        slot: &mut DutySlot,
    ) {
        let now = self.state.now;
        let Some(over) = slot.period.take_if(|period| period.end <= now) else {
            return;
        };
        let (start, end) = (over.start, over.end);
        let spent = start.and_then(|start| self.p.spent(start, unit));
        let (owed, doubt) = self.doubted_guard(duty, inst, holder);
        if let (Some(start), Some(spent)) = (start, spent)
            && owed != Truth::No
        {
            let early = slot.beforehand.as_mut().and_then(|before| {
                let at = before.early.iter().position(|e| e.period == spent.name)?;
                Some(before.early.swap_remove(at))
            });
            let seen = self.acts_seen(duty);
            let doubt = doubt.or(seen.is_none().then_some(Why::Acts)).or(over.doubt);
            // What names its period may have been done before it ended, and so before it was observed.
            let from = slot
                .since
                .map_or(start, |since| since.earliest.at.max(start));
            let uncertain = !names.is_empty() && seen.is_some_and(|seen| seen > from);
            let arose = Moment::exact(Stamp {
                at: end,
                day: false,
            });
            if let Some(early) = early {
                if owed == Truth::Yes {
                    let period = Some(early.period);
                    self.in_time(duty, inst, holder, period, early.at, &early.events);
                }
            } else if let Some(why) = doubt {
                self.doubt(duty, inst, why, Some(spent.name));
            } else {
                for bearer in self.bearers(duty, inst, holder) {
                    let mut item = Item::new(bearer, arose, Positions::new());
                    item.uncertain = uncertain;
                    item.more().period = Some(spent.clone());
                    slot.items.push(item);
                }
            }
        }
        self.await_period(unit, inst, end, slot);
        self.renew_due(duty, inst, holder, slot);
    }

    /// Something was done, and it is not known for which period: whether it was for any that is owed, or
    /// for the present one, is undecided from then on.
    pub fn met_unsaid(&mut self, duty: &Duty, act: &Happening, inst: Inst, slot: &mut DutySlot) {
        let own = |item: &Item| item.bearer.is_none_or(|who| act.actors.contains(&who));
        let items = std::mem::take(&mut slot.items).into_iter();
        let (doubted, kept): (Items, Items) = items.partition(own);
        slot.items = kept;
        for item in doubted {
            let period = item.spent();
            self.doubt(duty, inst, Why::Unsaid, period);
            self.end_item(item, &act.positions);
        }
        if let Some(period) = &mut slot.period {
            period.doubt = Some(Why::Unsaid);
        }
    }

    /// Keeps in mind that something was done for a period before its end.
    pub fn keep_early(
        &mut self,
        (unit, names): (CalendarPeriod, &[(EventId, FieldId)]),
        act: &Happening,
        slot: &mut DutySlot,
    ) {
        let Some(named) = period_of(names, act) else {
            return;
        };
        let open = self.p.still_to_end(&named, self.state.now, unit);
        let early = &mut slot.beforehand().early;
        if open && !early.iter().any(|early| early.period == named) {
            early.push(Early {
                period: named,
                at: act.stamp.at,
                events: act.positions.clone(),
            });
        }
    }
}

/// Whether the record says that it is not known for which period an act is.
pub(crate) fn is_for_unsaid(names: &[(EventId, FieldId)], act: &Happening) -> bool {
    let named = names.iter().find(|(event, _)| *event == act.event);
    named.is_some_and(|(_, field)| act.fields.get(field.index()) == Some(&Value::Unknown))
}

/// Whether an act is for the period for which something is owed: it names that, or none.
pub(crate) fn is_for(names: &[(EventId, FieldId)], item: &Item, act: &Happening) -> bool {
    match (item.period(), period_of(names, act)) {
        (Some(period), Some(named)) => period.name == named,
        _ => true,
    }
}

/// The period that an act names.
fn period_of(names: &[(EventId, FieldId)], act: &Happening) -> Option<String> {
    let (_, field) = names.iter().find(|(event, _)| *event == act.event)?;
    match act.fields.get(field.index())? {
        Value::Text(text) => Some(text.as_ref().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
