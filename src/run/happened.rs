//! What has happened: numbers, shares and silences, from the logs.

use super::compare::agree;
use super::eval::{Ctx, Spot};
use super::moment::{Moment, Truth, latest};
use super::observe::Seen;
use super::past::{Latest, Number, leaves};
use super::state::{Entry, Inst, Last, LogData};
use super::value::{Sym, Value};
use crate::ids::*;
use crate::ir::{About, Bounds, Expr, Match, Period, Place, Quantity, Set, Who, Window};
use crate::time::{Duration, Instant};

/// By how much, in microseconds, an occurrence may leave a window before one that came earlier: the ends
/// of months are up to three days apart, a day is left as a whole, and a clock may be put back. Eight
/// days are more than enough.
const UNEVEN: i64 = 8 * 86_400 * 1_000_000;

/// Which occurrences of a log are meant.
enum Span {
    /// All of them.
    All,
    /// Those since the present state was entered.
    Entry,
    /// Those after so many things had happened.
    After(u64),
    /// Those that are not longer ago; what was before this instant certainly is.
    Last(Duration, Instant),
    /// Those from one instant to before another.
    Between(Instant, Instant),
    /// No such time is over yet.
    NotYet,
}

impl Ctx<'_> {
    pub fn log(&self, log: LogId, inst: Inst) -> Option<&LogData> {
        let declared = self.p.model.logs.get(log.index())?;
        let instance = self.s.inst(inst).filter(|i| i.kind == declared.kind)?;
        instance.logs.get(*self.p.log_slot.get(log.index())?)
    }

    /// The instance that keeps a log, seen from a place.
    fn keeper(&self, log: LogId, place: &Place) -> Spot {
        let spot = self.spot(place);
        let Some(kind) = self.p.model.logs.get(log.index()).map(|l| l.kind) else {
            return Spot::Nowhere;
        };
        match spot {
            Spot::At(inst) if self.s.inst(inst).is_some_and(|i| i.kind != kind) => {
                match self.s.within(self.p, inst, kind) {
                    Some(inst) => Spot::At(inst),
                    None => Spot::Unknown,
                }
            }
            spot => spot,
        }
    }

    /// Since when the occurrences of a log are observed; `None`: the record cannot show them.
    fn log_seen(&self, log: LogId) -> Option<Instant> {
        let arms = self
            .p
            .model
            .logs
            .get(log.index())
            .map(|l| l.arms.as_slice());
        let mut from = Instant::MIN;
        for arm in arms.unwrap_or(&[]) {
            let seen = self.p.observed.events.get(arm.event.index()).copied();
            match seen.unwrap_or(Seen::Always) {
                Seen::Always => {}
                Seen::Never => return None,
                Seen::Begin => from = from.max(self.s.begun.unwrap_or(Instant::MIN)),
                Seen::From(at) => from = from.max(at),
            }
        }
        Some(from)
    }

    /// A part of the last occurrence in a log.
    pub fn last(&self, log: LogId, place: &Place, part: impl Fn(&Last) -> Value) -> Option<Value> {
        let inst = match self.keeper(log, place) {
            Spot::At(inst) => inst,
            Spot::Nowhere => return Some(Value::Empty),
            Spot::Unknown => {
                self.undecided();
                return None;
            }
        };
        if let Some(last) = self.log(log, inst).and_then(|data| data.last.as_ref()) {
            return Some(part(last));
        }
        match self.log_seen(log) {
            None => {
                self.unobserved();
                None
            }
            Some(from) if self.life_is_seen(inst, from) => Some(Value::Empty),
            Some(_) => {
                self.undecided();
                None
            }
        }
    }

    /// Whether all of a life has been observed, by an observation since `from`.
    fn life_is_seen(&self, inst: Inst, from: Instant) -> bool {
        let began = self.s.inst(inst).map(|i| i.began.earliest.at);
        from == Instant::MIN || began.is_some_and(|began| began >= from)
    }

    /// The occurrences that a window means, in a log kept by `inst`, and when they begin.
    fn span(&self, inst: Inst, about: &About, window: &Window) -> Option<(Span, Instant)> {
        let instance = self.s.inst(inst)?;
        Some(match window {
            Window::Life => (Span::All, instance.began.earliest.at),
            Window::Entry if inst == self.this => (Span::Entry, instance.entered.earliest.at),
            Window::Entry => {
                let own = self.s.inst(self.this)?;
                (Span::After(own.entered_seq), own.entered.earliest.at)
            }
            Window::SinceLast { last, matches } => self.since_last(*last, about, matches, inst),
            Window::Last(duration) => {
                let duration = self.duration(duration)?;
                let start = self.p.zone.sub(self.s.stamp, duration).at;
                let certain = Instant(start.0.saturating_sub(UNEVEN));
                (Span::Last(duration, certain), start)
            }
            Window::Period(period) => {
                self.until(self.s.period_turn(self.p, *period));
                if self.settled {
                    let Some((from, to)) = self.s.period_before(self.p, *period) else {
                        return Some((Span::NotYet, Instant::MAX));
                    };
                    // Only a period of which the instance has seen something is judged.
                    let own = self.s.inst(self.this).unwrap_or(instance);
                    let entered = own.entered.at.at;
                    if entered >= to {
                        (Span::NotYet, Instant::MAX)
                    } else {
                        (Span::Between(from, to), from)
                    }
                } else {
                    let (start, end) = self.s.period(self.p, *period)?;
                    (Span::Between(start, end), start)
                }
            }
        })
    }

    /// After the last occurrence before the one being judged: about the same person, where that is
    /// asked, and like it in the fields by which it is matched.
    fn since_last(
        &self,
        last: LogId,
        about: &About,
        matches: &[Match],
        inst: Inst,
    ) -> (Span, Instant) {
        let kind = self.p.model.logs.get(last.index()).map(|l| l.kind);
        let subject = self.act.map(|act| act.subject);
        let of_kind = |inst: &Inst| self.s.inst(*inst).map(|i| i.kind) == kind;
        let keeper = subject
            .filter(of_kind)
            .or(Some(inst).filter(of_kind))
            .or_else(|| kind.and_then(|kind| self.s.within(self.p, inst, kind)));
        let before = self.act.map_or(u64::MAX, |act| act.seq);
        let about = self
            .act
            .filter(|_| *about != About::Any)
            .and_then(|act| self.about(act.event, &act.fields));
        let key: Vec<(FieldId, FieldId)> = matches
            .iter()
            .flat_map(|m| &m.fields)
            .map(|(field, _)| (*field, *field))
            .collect();
        let found = keeper
            .and_then(|keeper| self.log(last, keeper))
            .and_then(|data| {
                let entries = data.entries.iter().rev();
                let mut earlier = entries.filter(|e| e.seq < before);
                earlier.find(|e| {
                    (about.is_none() || e.about.is_none() || e.about == about)
                        && self.agrees(&key, e)
                })
            });
        match found {
            Some(entry) => (Span::After(entry.seq), entry.at.at.at),
            None => {
                let began = self.s.inst(inst).map(|i| i.began.earliest.at);
                // All of them, but each is looked at where it must match.
                let all = if matches.is_empty() {
                    Span::All
                } else {
                    Span::After(0)
                };
                (all, began.unwrap_or(Instant::MIN))
            }
        }
    }

    /// Whether the event being judged and an occurrence agree in pairs of their fields.
    fn agrees(&self, pairs: &[(FieldId, FieldId)], entry: &Entry) -> bool {
        match (self.act, &entry.deed) {
            (Some(act), Some(deed)) => agree(self.p, self.s, pairs, &act.fields, &deed.1),
            _ => true,
        }
    }

    /// Whether an occurrence is like the event whose `to` block asks for it.
    fn matched(&self, window: &Window, entry: &Entry) -> Truth {
        let (Window::SinceLast { matches, .. }, Some(deed)) = (window, &entry.deed) else {
            return Truth::Yes;
        };
        let mut own = matches.iter().filter(|m| m.act == deed.0);
        Truth::of(own.all(|m| self.agrees(&m.fields, entry)))
    }

    /// Whom an event is about.
    pub fn about(&self, event: EventId, fields: &[Value]) -> Option<Sym> {
        let declared = self.p.model.events.get(event.index())?;
        self.sym(fields.get(declared.about?.index())?)
    }

    fn in_span(&self, span: &Span, inst: Inst, entry: &Entry) -> Truth {
        match span {
            Span::All => Truth::Yes,
            Span::Entry => {
                let entered = self.s.inst(inst).map_or(0, |i| i.entered_seq);
                Truth::of(entry.seq > entered)
            }
            Span::After(seq) => Truth::of(entry.seq > *seq),
            Span::Last(duration, _) => {
                let leaves = leaves(self.p, entry.at, *duration);
                if leaves.passed(self.now()) {
                    Truth::No
                } else {
                    self.until(leaves.passes_at());
                    if entry.at.is_exact() {
                        Truth::Yes
                    } else {
                        Truth::Unknown
                    }
                }
            }
            Span::Between(from, to) => {
                let at = entry.at.at.at;
                if at < *from || at >= *to {
                    Truth::No
                } else if entry.at.is_exact() {
                    Truth::Yes
                } else {
                    Truth::Unknown
                }
            }
            Span::NotYet => Truth::No,
        }
    }

    /// Whether entries that are further back can still be in a span.
    fn goes_on(&self, span: &Span, truth: Truth, entry: &Entry) -> bool {
        match span {
            _ if self.p.one_by_one => true,
            Span::After(_) | Span::Entry => truth != Truth::No,
            Span::Last(_, certain) => entry.at.at.at >= *certain,
            Span::All | Span::Between(..) | Span::NotYet => true,
        }
    }

    fn concerns(&self, about: &About, entry: &Entry) -> Truth {
        let (expr, parties): (&Expr, &[Sym]) = match about {
            About::Any => return Truth::Yes,
            About::Person(expr) => (expr, entry.about.as_slice()),
            About::DoneBy(_) if entry.actors.is_empty() => return Truth::Unknown,
            About::DoneBy(set) => {
                let did = entry.actors.iter();
                return did
                    .map(|&actor| self.contains(set, &Value::Name(actor)))
                    .fold(Truth::No, Truth::max);
            }
        };
        if parties.is_empty() {
            return Truth::No;
        }
        match self.value(expr) {
            None => Truth::Unknown,
            Some(value) => {
                let wanted = self.parties(&value);
                Truth::of(wanted.iter().any(|sym| parties.contains(sym)))
            }
        }
    }

    /// How many occurrences of a log are meant: at least, and at most where that is known.
    fn occurrences(
        &self,
        log: LogId,
        inst: Inst,
        about: &About,
        window: &Window,
    ) -> Option<(u64, Option<u64>, bool)> {
        let (span, start) = self.span(inst, about, window)?;
        if matches!(span, Span::NotYet) {
            return Some((0, Some(0), true));
        }
        let Some(data) = self.log(log, inst) else {
            let known = self.whole_span_seen(log, start);
            return Some((0, known.then_some(0), false));
        };
        let number = match about {
            About::Any => self.kept_number(log, data, window, &span),
            _ => None,
        };
        let (mut least, mut most) = number.unwrap_or((0, 0));
        match (&span, about) {
            _ if number.is_some() => {}
            (Span::All, About::Any) => {
                least = data.count;
                most = data.count + data.possible;
            }
            // Counted along where the state is that of the instance that keeps the log.
            (Span::Entry, About::Any) => {
                least = data.count.saturating_sub(data.count_at_entry);
                most = least + data.possible.saturating_sub(data.possible_at_entry);
            }
            _ => {
                for entry in data.entries.iter().rev() {
                    let there = self.in_span(&span, inst, entry);
                    if !self.goes_on(&span, there, entry) {
                        break;
                    }
                    let certain = if entry.certain {
                        Truth::Yes
                    } else {
                        Truth::Unknown
                    };
                    let meant = self.concerns(about, entry).min(self.matched(window, entry));
                    match there.min(meant).min(certain) {
                        Truth::Yes => {
                            least += 1;
                            most += 1;
                        }
                        Truth::Unknown => most += 1,
                        Truth::No => {}
                    }
                }
            }
        }
        let known = self.whole_span_seen(log, start);
        Some((least, known.then_some(most), false))
    }

    /// How many occurrences a span means, where a log keeps that number.
    fn kept_number(
        &self,
        log: LogId,
        data: &LogData,
        window: &Window,
        span: &Span,
    ) -> Option<Number> {
        let past = self.p.pasts.get(log.index())?;
        match (span, window) {
            (Span::Last(duration, _), _) => {
                let at = past.sliding.iter().position(|d| d == duration)?;
                let (number, next) = data.numbers.sliding(at, self.now());
                self.until(next);
                Some(number)
            }
            (Span::Between(from, _), Window::Period(Period::Unit(unit))) => {
                let at = past.counted.iter().position(|u| u == unit)?;
                Some(data.numbers.counted(at, *from))
            }
            _ => None,
        }
    }

    /// Whether all of a span has been observed.
    fn whole_span_seen(&self, log: LogId, start: Instant) -> bool {
        match self.log_seen(log) {
            None => {
                self.unobserved();
                false
            }
            Some(from) if from <= start => true,
            Some(_) => {
                self.undecided();
                false
            }
        }
    }

    /// Whether something has happened often enough.
    pub fn happened(
        &self,
        log: LogId,
        place: &Place,
        about: &About,
        by: Option<&Who>,
        window: &Window,
        bounds: &Bounds,
    ) -> Truth {
        let inst = match self.keeper(log, place) {
            Spot::At(inst) => inst,
            Spot::Nowhere => return self.within(0, Some(0), bounds),
            Spot::Unknown => return self.undecided(),
        };
        if let Some(by) = by {
            return self.happened_by(log, inst, about, by, window);
        }
        let Some((least, most, not_yet)) = self.occurrences(log, inst, about, window) else {
            return self.undecided();
        };
        if not_yet {
            return Truth::Unknown;
        }
        let truth = self.within(least, most, bounds);
        // So many are wanted in a time only once so much time has been spent.
        if truth == Truth::No
            && self.settled
            && let Window::Last(duration) = window
            && self.within(u64::MAX, Some(u64::MAX), bounds) != Truth::No
            && let Some(duration) = self.duration(duration)
            && let Some(instance) = self.s.inst(inst)
        {
            let full = self.p.zone.add(instance.entered.at, duration).at;
            if full > self.now() {
                self.until(full);
                return Truth::Unknown;
            }
        }
        truth
    }

    fn happened_by(
        &self,
        log: LogId,
        inst: Inst,
        about: &About,
        by: &Who,
        window: &Window,
    ) -> Truth {
        let Some((span, start)) = self.span(inst, about, window) else {
            return self.undecided();
        };
        if matches!(span, Span::NotYet) {
            return Truth::Unknown;
        }
        let entries = self.log(log, inst).map(|data| &data.entries);
        let mut actors: Vec<Sym> = Vec::new();
        let mut perhaps: Vec<Sym> = Vec::new();
        let mut nameless = 0_usize;
        for entry in entries.into_iter().flatten().rev() {
            let there = self.in_span(&span, inst, entry);
            if !self.goes_on(&span, there, entry) {
                break;
            }
            let like = self.matched(window, entry);
            let meant = there.min(self.concerns(about, entry)).min(like);
            let list = match meant {
                Truth::No => continue,
                Truth::Yes if entry.certain => &mut actors,
                _ => &mut perhaps,
            };
            if entry.actors.is_empty() {
                nameless += 1;
            }
            for actor in &entry.actors {
                if !list.contains(actor) {
                    list.push(*actor);
                }
            }
        }
        let by = Who {
            // Whoever did it, did it; that each of them did is asked of duties.
            quantity: match &by.quantity {
                Quantity::Each => Quantity::AtLeast(1),
                other => other.clone(),
            },
            set: by.set.clone(),
        };
        let certain = match (actors.is_empty(), &by.quantity) {
            (true, Quantity::All) if nameless == 0 && perhaps.is_empty() => {
                // Over nobody it is not satisfied either.
                self.done_by(&by, &[Sym(u32::MAX)])
            }
            (true, _) => Truth::No,
            (false, _) => self.done_by(&by, &actors),
        };
        if certain == Truth::Yes {
            return Truth::Yes;
        }
        perhaps.extend(&actors);
        let possible = if perhaps.is_empty() {
            certain
        } else {
            self.done_by(&by, &perhaps)
        };
        if nameless > 0 {
            self.trail.no_actor.set(true);
            return self.undecided();
        }
        if !self.whole_span_seen(log, start) || possible == Truth::Yes {
            return self.undecided();
        }
        certain.max(possible)
    }

    /// Whether a share of the occurrences satisfies.
    pub fn share(
        &self,
        part: LogId,
        whole: LogId,
        place: &Place,
        window: &Window,
        (num, den, strict): (u32, u32, bool),
    ) -> Truth {
        let inst = match self.keeper(whole, place) {
            Spot::At(inst) => inst,
            Spot::Nowhere => return Truth::No,
            Spot::Unknown => return self.undecided(),
        };
        let parts = self.occurrences(part, inst, &About::Any, window);
        let wholes = self.occurrences(whole, inst, &About::Any, window);
        let (Some((part, part_most, not_yet)), Some((whole, whole_most, _))) = (parts, wholes)
        else {
            return self.undecided();
        };
        if not_yet {
            return Truth::Unknown;
        }
        if part_most != Some(part) || whole_most != Some(whole) {
            return self.undecided();
        }
        if whole == 0 {
            return Truth::No;
        }
        let left = u128::from(part) * u128::from(den);
        let right = u128::from(whole) * u128::from(num);
        Truth::of(if strict { left > right } else { left >= right })
    }

    /// The numbers of a share, for a message.
    pub fn shares(
        &self,
        part: LogId,
        whole: LogId,
        place: &Place,
        window: &Window,
    ) -> Option<(u64, u64)> {
        let inst = self.asked(place)?;
        let (part, ..) = self.occurrences(part, inst, &About::Any, window)?;
        let (whole, ..) = self.occurrences(whole, inst, &About::Any, window)?;
        Some((part, whole))
    }

    /// The number of occurrences, for a message.
    pub fn times(&self, log: LogId, place: &Place, about: &About, window: &Window) -> Option<u64> {
        let inst = self.asked(place)?;
        self.occurrences(log, inst, about, window).map(|(n, ..)| n)
    }

    /// Whether nothing has happened for so long.
    pub fn silent(
        &self,
        log: LogId,
        place: &Place,
        entry: bool,
        about: &About,
        duration: &Expr,
    ) -> Truth {
        let Some(duration) = self.duration(duration) else {
            return self.undecided();
        };
        let inst = match self.keeper(log, place) {
            Spot::At(inst) => inst,
            Spot::Nowhere => return Truth::No,
            Spot::Unknown => return self.undecided(),
        };
        let Some(since) = self.silent_since(log, inst, entry, about) else {
            return self.unobserved();
        };
        self.aged(since, duration)
    }

    /// Since when nothing has happened.
    fn silent_since(&self, log: LogId, inst: Inst, entry: bool, about: &About) -> Option<Moment> {
        // In a `state` block the clock starts with the state of the rule's own instance.
        let counted = if entry { self.this } else { inst };
        let instance = self.s.inst(counted)?;
        let start = if entry {
            instance.entered
        } else {
            instance.began
        };
        let data = self.log(log, inst);
        let mut since: Option<Moment> = None;
        if let Some(data) = data {
            if *about == About::Any {
                since = data.last.as_ref().map(|last| last.at);
                // The last possible occurrence may have been one.
                if let Some(possible) = data.last_possible {
                    since = Some(Moment {
                        at: since.map_or(possible.at, |s| latest(s.at, possible.at)),
                        earliest: since.map_or(start.earliest, |s| s.earliest),
                    });
                }
            } else {
                let (last, truth) = self.last_of(log, data, about);
                since = last.map(|at| match truth {
                    Truth::Yes => at,
                    _ => Moment {
                        at: at.at,
                        earliest: start.earliest,
                    },
                });
            }
        }
        if let Some(since) = since {
            return Some(since.later(start));
        }
        // Nothing was seen: it may have happened before the observation.
        let from = self.log_seen(log)?;
        let mut start = start;
        if from > start.at.at {
            start.at = super::eval::stamp_at(&self.p.zone, from);
        }
        Some(start)
    }

    /// The last occurrence that concerns those who are meant, and whether it certainly does.
    fn last_of(&self, log: LogId, data: &LogData, about: &About) -> (Option<Moment>, Truth) {
        let past = self.p.pasts.get(log.index());
        if past.is_some_and(|past| past.all) {
            for entry in data.entries.iter().rev() {
                let truth = self.concerns(about, entry);
                if truth != Truth::No {
                    return (Some(entry.at), truth);
                }
            }
            return (None, Truth::No);
        }
        let of = |latest: &Latest, whom: &[Sym]| match latest.of(whom) {
            None => (None, Truth::No),
            Some((at, true)) => (Some(at), Truth::Yes),
            Some((at, false)) => (Some(at), Truth::Unknown),
        };
        match about {
            About::Any => (data.last.as_ref().map(|last| last.at), Truth::Yes),
            About::Person(expr) => match data.about.all().next() {
                None => (None, Truth::No),
                Some((last, _)) => match self.value(expr) {
                    None => (Some(last), Truth::Unknown),
                    Some(value) => of(&data.about, &self.parties(&value)),
                },
            },
            About::DoneBy(set) => {
                if let Set::Values(expr) = set
                    && let Some(Value::Name(name)) = self.value(expr)
                {
                    return of(&data.done_by, &[name]);
                }
                for (at, whom) in data.done_by.all() {
                    let did = whom.iter();
                    let truth = did.map(|&who| self.contains(set, &Value::Name(who))).max();
                    match truth.unwrap_or(Truth::Unknown) {
                        Truth::No => {}
                        truth => return (Some(at), truth),
                    }
                }
                (None, Truth::No)
            }
        }
    }
}
