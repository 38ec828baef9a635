//! What of the past a log keeps: no more than the conditions that read it can still ask for.
//!
//! Where only a number is asked for, numbers are kept: for `in last 1 year` when each occurrence
//! leaves the year, for `in month` a count for each of the last months. Where it matters whom an
//! occurrence concerns, it is kept until it has left every window; for a silence only the last one by
//! and about each. What is asked for without an end in sight (`since last`, whoever did something in a
//! whole life) is kept for ever.
//!
//! Invariant: a run that keeps everything ([`Options::one_by_one`](super::program::Options)) comes to
//! the same findings.

use std::collections::{BTreeMap, VecDeque, btree_map};

use foldhash::HashMap;

use super::moment::{Deadline, Moment};
use super::program::Program;
use super::state::{Entry, LogData};
use super::value::{Sym, Syms};
use crate::ids::{KindId, LogId};
use crate::ir::{About, Cond, Const, Expr, Model, Period, Place, Window};
use crate::time::{Duration, Instant, Unit};

/// What can be asked of a log.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Past {
    /// Every occurrence, whenever it was.
    pub all: bool,
    /// Those since the present state was entered.
    pub entry: bool,
    /// Those that are not longer ago than one of these.
    pub last: Vec<Duration>,
    /// Those of the present and of the last closed period.
    pub periods: Vec<Period>,
    /// The last by each and about each.
    pub latest: bool,
    /// How many are not longer ago than each of these.
    pub sliding: Vec<Duration>,
    /// How many there are in the present and in the last closed of each of these.
    pub counted: Vec<Unit>,
}

impl Past {
    /// Whether occurrences are kept one by one.
    pub fn keeps_entries(&self) -> bool {
        self.all || self.entry || !self.last.is_empty() || !self.periods.is_empty()
    }

    /// A number in a window is asked for.
    fn number(&mut self, window: &Window, own: bool) {
        match window {
            Window::Life => {}
            // Counted along where the state is that of the instance that keeps the log.
            Window::Entry => self.all |= !own,
            Window::Last(expr) => match **expr {
                Expr::Const(Const::Duration(duration)) => add(&mut self.sliding, duration),
                // What may be longer tomorrow.
                _ => self.all = true,
            },
            Window::Period(period) => self.number_in(*period),
            Window::SinceLast { .. } => self.all = true,
        }
    }

    /// A number in calendar periods is asked for.
    pub fn number_in(&mut self, period: Period) {
        match period {
            Period::Unit(unit) => add(&mut self.counted, unit),
            Period::Cycle(_) => add(&mut self.periods, period),
        }
    }

    /// The occurrences in a window themselves are asked for.
    fn occurrences(&mut self, window: &Window, own: bool) {
        match window {
            Window::Entry if own => self.entry = true,
            Window::Period(period) => add(&mut self.periods, *period),
            Window::Last(expr) => match **expr {
                Expr::Const(Const::Duration(duration)) => add(&mut self.last, duration),
                _ => self.all = true,
            },
            Window::Life | Window::Entry | Window::SinceLast { .. } => self.all = true,
        }
    }
}

fn add<T: PartialEq>(list: &mut Vec<T>, one: T) {
    if !list.contains(&one) {
        list.push(one);
    }
}

/// Adds what a condition of a rule of kind `own` asks of logs.
pub(crate) fn asked(model: &Model, own: KindId, cond: &Cond, pasts: &mut [Past]) {
    let is_own = |log: LogId, place: &Place| {
        let kind = model.logs.get(log.index()).map(|log| log.kind);
        *place == Place::This && kind == Some(own)
    };
    match cond {
        Cond::Happened {
            log,
            place,
            about,
            by,
            window,
            ..
        } => {
            if let Some(past) = pasts.get_mut(log.index()) {
                if *about == About::Any && by.is_none() {
                    past.number(window, is_own(*log, place));
                } else {
                    past.occurrences(window, is_own(*log, place));
                }
            }
            if let Window::SinceLast { last, .. } = window
                && let Some(past) = pasts.get_mut(last.index())
            {
                past.all = true;
            }
        }
        Cond::Silent { log, about, .. } => {
            if let Some(past) = pasts.get_mut(log.index()) {
                past.latest |= *about != About::Any;
            }
        }
        Cond::Share {
            part,
            whole,
            place,
            window,
            ..
        } => {
            for log in [part, whole] {
                if let Some(past) = pasts.get_mut(log.index()) {
                    past.number(window, is_own(*log, place));
                }
            }
        }
        _ => {}
    }
}

/// The numbers that a log keeps, in the order of [`Past::sliding`] and [`Past::counted`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Numbers {
    sliding: Vec<Sliding>,
    counted: Vec<Counted>,
}

/// How many occurrences are not longer ago than a duration.
#[derive(Debug, Clone, Default)]
struct Sliding {
    /// When each has left the window, in order, and whether it is in it for certain until then.
    leaves: VecDeque<(Instant, bool)>,
    /// How many of them are uncertain.
    unsure: usize,
}

/// How many occurrences there are in each of the last calendar periods in which there are any, the
/// latest first. Where the clock is put back at midnight, the day before goes on in the next one: a
/// third period covers that.
#[derive(Debug, Clone, Default)]
struct Counted([Bucket; 3]);

#[derive(Debug, Clone, Copy)]
struct Bucket {
    start: Instant,
    end: Instant,
    sure: u64,
    unsure: u64,
}

impl Default for Bucket {
    fn default() -> Bucket {
        Bucket {
            start: Instant::MIN,
            end: Instant::MIN,
            sure: 0,
            unsure: 0,
        }
    }
}

/// How many occurrences there are in a window: at least, and at most.
pub(crate) type Number = (u64, u64);

impl Numbers {
    /// How many are not longer ago than the duration of this number, and when that changes by itself.
    pub fn sliding(&self, at: usize, now: Instant) -> (Number, Instant) {
        let Some(Sliding { leaves, unsure }) = self.sliding.get(at) else {
            return ((0, 0), Instant::MAX);
        };
        let gone = leaves.partition_point(|(leaves, _)| *leaves <= now);
        let most = leaves.len() - gone;
        let least = match unsure {
            0 => most,
            _ => leaves.range(gone..).filter(|(_, sure)| *sure).count(),
        };
        let next = leaves.get(gone).map_or(Instant::MAX, |(leaves, _)| *leaves);
        ((least as u64, most as u64), next)
    }

    /// How many there are in the calendar period that begins at an instant.
    pub fn counted(&self, at: usize, start: Instant) -> Number {
        let buckets = self.counted.get(at).into_iter().flat_map(|c| &c.0);
        let mut own = buckets.filter(|b| b.start == start && b.end > start);
        own.next()
            .map_or((0, 0), |b| (b.sure, b.sure.saturating_add(b.unsure)))
    }

    fn add(&mut self, p: &Program<'_>, past: &Past, at: Moment, certain: bool, now: Instant) {
        let sure = certain && at.is_exact();
        self.sliding
            .resize_with(past.sliding.len(), Sliding::default);
        for (sliding, duration) in self.sliding.iter_mut().zip(&past.sliding) {
            let leaves = leaves(p, at, *duration).passes_at();
            sliding.add(leaves, sure, now);
        }
        self.counted
            .resize_with(past.counted.len(), Counted::default);
        for (counted, unit) in self.counted.iter_mut().zip(&past.counted) {
            counted.add(p, *unit, at.at.at, sure);
        }
    }
}

impl Sliding {
    fn add(&mut self, leaves: Instant, sure: bool, now: Instant) {
        while let Some(&(first, sure)) = self.leaves.front()
            && first <= now
        {
            self.leaves.pop_front();
            self.unsure -= usize::from(!sure);
        }
        self.unsure += usize::from(!sure);
        // Mostly the last to come is the last to leave; at the ends of months, and among days and
        // instants, it may not be.
        let before = self.leaves.iter().rposition(|(other, _)| *other <= leaves);
        self.leaves
            .insert(before.map_or(0, |at| at + 1), (leaves, sure));
    }
}

impl Counted {
    fn add(&mut self, p: &Program<'_>, unit: Unit, at: Instant, sure: bool) {
        let [latest, ..] = &self.0;
        if at < latest.start || at >= latest.end {
            let (mut start, mut end) = p.zone.period(at, unit);
            if at >= end {
                (start, end) = p.zone.period(end, unit);
            }
            let new = Bucket {
                start,
                end,
                ..Bucket::default()
            };
            let [latest, before, _] = self.0;
            self.0 = [new, latest, before];
        }
        let [latest, ..] = &mut self.0;
        if sure {
            latest.sure += 1;
        } else {
            latest.unsure += 1;
        }
    }
}

/// The last occurrence of each whom it concerns.
#[derive(Debug, Clone, Default)]
pub(crate) struct Latest {
    /// By the count of all things: when, and whose last it was; nobody's, where it concerns nobody.
    order: BTreeMap<u64, (Moment, Syms)>,
    of: HashMap<Sym, u64>,
    /// The last that concerns nobody.
    nobody: Option<u64>,
}

impl Latest {
    fn add(&mut self, seq: u64, at: Moment, whom: &[Sym]) {
        if whom.is_empty()
            && let Some(before) = self.nobody.replace(seq)
        {
            self.order.remove(&before);
        }
        for &who in whom {
            if let Some(before) = self.of.insert(who, seq)
                && let btree_map::Entry::Occupied(mut before) = self.order.entry(before)
            {
                let (_, others) = before.get_mut();
                others.retain(|other| *other != who);
                if others.is_empty() {
                    before.remove();
                }
            }
        }
        let mut whom = Syms::from_slice(whom);
        whom.sort_unstable();
        whom.dedup();
        self.order.insert(seq, (at, whom));
    }

    /// The last of each, the latest first.
    pub fn all(&self) -> impl Iterator<Item = (Moment, &[Sym])> {
        let all = self.order.values().rev();
        all.map(|(at, whom)| (*at, whom.as_slice()))
    }

    /// The last that concerns one of these, and the last that concerns nobody, if that came after it.
    pub fn of(&self, whom: &[Sym]) -> Option<(Moment, bool)> {
        let own = whom.iter().filter_map(|who| self.of.get(who)).max();
        let last = own.max(self.nobody.as_ref())?;
        let (at, _) = self.order.get(last)?;
        Some((*at, own == Some(last)))
    }
}

/// When an occurrence is longer ago than a duration.
pub(crate) fn leaves(p: &Program<'_>, at: Moment, duration: Duration) -> Deadline {
    Deadline::of(&p.zone, p.zone.add(at.at, duration))
}

/// What a log keeps of an occurrence, and lets go of others for it.
pub(crate) struct Keeping<'a, 'm> {
    pub p: &'a Program<'m>,
    pub past: &'a Past,
    /// The present instant.
    pub now: Instant,
    /// The count of all things when the instance entered its present state.
    pub entered: u64,
}

impl Keeping<'_, '_> {
    /// Keeps an occurrence, as far as somebody can ask for it.
    pub fn keep(&self, data: &mut LogData, at: Moment, certain: bool, entry: &dyn Fn() -> Entry) {
        data.numbers.add(self.p, self.past, at, certain, self.now);
        if self.past.latest && !self.past.all {
            let Entry {
                seq, about, actors, ..
            } = entry();
            if about.is_some() {
                data.about.add(seq, at, about.as_slice());
            }
            data.done_by.add(seq, at, &actors);
        }
        if self.past.keeps_entries() {
            while data.entries.front().is_some_and(|e| self.is_over(e)) {
                data.entries.pop_front();
            }
            data.entries.push_back(entry());
        }
    }

    /// Whether nobody can ask for an occurrence any more.
    fn is_over(&self, entry: &Entry) -> bool {
        let Past {
            all, last, periods, ..
        } = self.past;
        let at = entry.at;
        !all && (!self.past.entry || entry.seq <= self.entered)
            && last.iter().all(|d| leaves(self.p, at, *d).passed(self.now))
            && periods.iter().all(|period| at.at.at < self.begin(*period))
    }

    /// The first instant of the earliest period that somebody can ask for from now on.
    fn begin(&self, period: Period) -> Instant {
        let closed = self.p.period_before(self.now, period);
        let closed = closed.map(|(start, _)| start);
        match period {
            // One more, for where the clock is put back at midnight.
            Period::Unit(unit) => closed.map_or(Instant::MIN, |start| {
                self.p
                    .zone
                    .period(Instant(start.0.saturating_sub(1)), unit)
                    .0
            }),
            Period::Cycle(calendar) => {
                let rows = self.p.model.calendars.get(calendar.index());
                let rows = rows.into_iter().flat_map(|c| &c.rows);
                let open = rows.filter(|row| row.end.at > self.now);
                let open = open.map(|row| row.start.at);
                open.chain(closed).min().unwrap_or(Instant::MAX)
            }
        }
    }
}
