//! Calendar periods, the rows of calendars, and dates that do not count.

use super::program::Program;
use super::state::State;
use super::value::Value;
use crate::ids::CalendarId;
use crate::ir::{Cell, Period, Row};
use crate::time::{Duration, Instant, Stamp, Unit};

/// The present calendar period of a unit, and the one before it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Present {
    unit: Unit,
    now: (Instant, Instant),
    before: (Instant, Instant),
}

/// Those that rules ask for.
pub(crate) type Presents = [Present; 3];

/// No period has been worked out yet.
pub(crate) const NO_PRESENT: Presents = {
    const fn never(unit: Unit) -> Present {
        let never = (Instant::MIN, Instant::MIN);
        Present {
            unit,
            now: never,
            before: never,
        }
    }
    [never(Unit::Week), never(Unit::Month), never(Unit::Year)]
};

impl State {
    /// The present is another instant: other periods may have begun.
    pub(crate) fn turn_periods(&mut self, p: &Program<'_>) {
        let now = self.now;
        for present in &mut self.presents {
            if now >= present.now.1 {
                let before =
                    |at: Instant| p.zone.period(Instant(at.0.saturating_sub(1)), present.unit);
                present.now = p.zone.period(now, present.unit);
                present.before = before(present.now.0);
            }
        }
    }

    fn present(&self, unit: Unit) -> Option<&Present> {
        let mut presents = self.presents.iter();
        presents.find(|present| {
            present.unit == unit && present.now.0 <= self.now && self.now < present.now.1
        })
    }

    /// The present period: its first instant and the first after it. Between the rows of a calendar
    /// there is none.
    pub(crate) fn period(&self, p: &Program<'_>, period: Period) -> Option<(Instant, Instant)> {
        if let Period::Unit(unit) = period
            && let Some(present) = self.present(unit)
        {
            return Some(present.now);
        }
        p.period(self.now, period)
    }

    /// The last period that has ended.
    pub(crate) fn period_before(
        &self,
        p: &Program<'_>,
        period: Period,
    ) -> Option<(Instant, Instant)> {
        if let Period::Unit(unit) = period
            && let Some(present) = self.present(unit)
        {
            return Some(present.before);
        }
        p.period_before(self.now, period)
    }

    /// The next instant at which a period begins or ends.
    pub(crate) fn period_turn(&self, p: &Program<'_>, period: Period) -> Instant {
        if let Period::Unit(unit) = period
            && let Some(present) = self.present(unit)
        {
            return present.now.1;
        }
        p.period_turn(self.now, period)
    }
}

impl Program<'_> {
    /// The period that holds an instant: its first instant and the first after it. Between the rows
    /// of a calendar there is none.
    fn period(&self, at: Instant, period: Period) -> Option<(Instant, Instant)> {
        match period {
            Period::Unit(unit) => Some(self.zone.period(at, unit)),
            Period::Cycle(calendar) => {
                let (_, row) = self.row(calendar, at)?;
                Some((row.start.at, row.end.at))
            }
        }
    }

    /// The last period that had ended by an instant.
    pub(crate) fn period_before(&self, at: Instant, period: Period) -> Option<(Instant, Instant)> {
        match period {
            Period::Unit(unit) => {
                let (start, _) = self.zone.period(at, unit);
                Some(self.zone.period(Instant(start.0.saturating_sub(1)), unit))
            }
            Period::Cycle(calendar) => {
                let rows = &self.model.calendars.get(calendar.index())?.rows;
                let row = rows.iter().rev().find(|row| row.end.at <= at)?;
                Some((row.start.at, row.end.at))
            }
        }
    }

    /// The first instant after `at` at which a period begins or ends.
    fn period_turn(&self, at: Instant, period: Period) -> Instant {
        match period {
            Period::Unit(unit) => self.zone.period(at, unit).1,
            Period::Cycle(calendar) => self.row_turn(calendar, at),
        }
    }

    /// What a period is called.
    pub(crate) fn period_name(&self, period: Period) -> &str {
        match period {
            Period::Unit(unit) => unit.name(),
            Period::Cycle(calendar) => {
                let calendar = self.model.calendars.get(calendar.index());
                calendar.map_or("", |c| c.name.as_str())
            }
        }
    }

    /// The row of a calendar that holds an instant, and its number.
    pub(crate) fn row(&self, calendar: CalendarId, at: Instant) -> Option<(usize, &Row)> {
        let rows = &self.model.calendars.get(calendar.index())?.rows;
        let mut rows = rows.iter().enumerate();
        rows.find(|(_, row)| row.start.at <= at && at < row.end.at)
    }

    /// The first instant after `at` at which a row of a calendar begins or ends.
    pub(crate) fn row_turn(&self, calendar: CalendarId, at: Instant) -> Instant {
        let rows = self.model.calendars.get(calendar.index()).map(|c| &c.rows);
        let turns = rows
            .into_iter()
            .flatten()
            .flat_map(|row| [row.start.at, row.end.at]);
        turns
            .filter(|turn| *turn > at)
            .min()
            .unwrap_or(Instant::MAX)
    }

    /// A cell of a row; `None` where it is blank.
    pub(crate) fn cell(&self, row: &Row, cell: Cell) -> Option<Value> {
        let days = |column: u32| row.cells.get(column as usize).copied().flatten();
        match cell {
            Cell::Start => Some(Value::Date(row.start)),
            Cell::End => Some(Value::Date(row.end)),
            Cell::Span(column) => days(column).map(|(from, to)| Value::Dates(from, to)),
            Cell::First(column) => days(column).map(|(from, _)| Value::Date(from)),
            Cell::Last(column) => days(column).map(|(_, to)| Value::Date(to)),
        }
    }

    /// `from` plus a duration, and a day more for each day in between that does not count.
    pub(crate) fn add_except(&self, from: Stamp, duration: Duration, except: &[Value]) -> Stamp {
        let plain = self.zone.add(from, duration);
        let mut skipped = 0;
        // Each round takes in more days or is the last; the days are bounded by those named.
        for _ in 0..=1000 {
            let more = Duration {
                count: skipped,
                unit: Unit::Day,
            };
            let due = self.zone.add(plain, more);
            let inside = self.days_between(from.at, due.at, except);
            if inside <= skipped {
                return due;
            }
            skipped = inside;
        }
        plain
    }

    /// How many of the days named begin after one instant and not after another.
    fn days_between(&self, after: Instant, to: Instant, days: &[Value]) -> u32 {
        let mut spans: Vec<(Instant, Instant)> = days
            .iter()
            .filter_map(|day| match day {
                Value::Date(stamp) => Some((stamp.at, stamp.at)),
                Value::Dates(from, to) => Some((from.at, to.at)),
                _ => None,
            })
            .map(|(from, to)| (self.zone.start_of_day(from), self.zone.start_of_day(to)))
            .collect();
        spans.sort_unstable();
        let mut count = 0;
        let mut reached = after;
        for (from, last) in spans {
            let mut day = from.max(self.zone.start_of_day(reached));
            while day <= last && day <= to {
                if day > reached {
                    count += 1;
                    reached = day;
                }
                let next = self.zone.end_of_day(day);
                if next <= day {
                    break;
                }
                day = next;
            }
        }
        count
    }
}
