//! Moments that may lie before what was observed, and deadlines.

use crate::time::{Duration, Instant, Stamp, Zone};

/// The first possible stamp: "at an unknown time before".
pub(crate) const BEFORE: Stamp = Stamp {
    at: Instant::MIN,
    day: false,
};

/// Whether something is so, as far as the observed span can settle it (Kleene). In this order the
/// smaller of two is their "and", the greater their "or".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// It is not so.
    No,
    /// What was observed does not say.
    Unknown,
    /// It is so.
    Yes,
}

impl Truth {
    /// Yes or no.
    pub fn of(so: bool) -> Truth {
        if so { Truth::Yes } else { Truth::No }
    }

    /// The opposite; the unknown stays unknown.
    pub fn negate(self) -> Truth {
        match self {
            Truth::No => Truth::Yes,
            Truth::Unknown => Truth::Unknown,
            Truth::Yes => Truth::No,
        }
    }
}

/// When something began: at `at`, or (for what was already so when the observation began) at some
/// time from `earliest` to `at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The latest time at which it can have begun.
    pub at: Stamp,
    /// The earliest.
    pub earliest: Stamp,
}

impl Moment {
    /// It began then.
    pub(crate) fn exact(at: Stamp) -> Moment {
        Moment { at, earliest: at }
    }

    /// It began then or before.
    pub(crate) fn by(at: Stamp) -> Moment {
        Moment {
            at,
            earliest: BEFORE,
        }
    }

    /// Whether it is known when it began.
    pub(crate) fn is_exact(self) -> bool {
        self.earliest.at == self.at.at
    }

    /// The later of two: when both had begun.
    pub(crate) fn later(self, other: Moment) -> Moment {
        Moment {
            at: self.at.max(other.at),
            earliest: self.earliest.max(other.earliest),
        }
    }

    /// Whether it is `age` old, and the next instant at which that answer changes by itself.
    /// What is exactly so old is.
    pub(crate) fn aged(self, zone: &Zone, age: Duration, now: Instant) -> (Truth, Instant) {
        let full = zone.add(self.at, age).at;
        if full <= now {
            return (Truth::Yes, Instant::MAX);
        }
        if self.is_exact() {
            return (Truth::No, full);
        }
        if self.earliest.at == Instant::MIN {
            return (Truth::Unknown, full);
        }
        let possible = zone.add(self.earliest, age).at;
        if possible > now {
            (Truth::No, possible)
        } else {
            (Truth::Unknown, full)
        }
    }
}

/// When something is late: at the end of a day, before anything that is stamped with the next; or
/// at an instant, after all that is stamped with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deadline {
    /// The first instant of the next day, or the instant.
    pub at: Instant,
    /// Whether it is the end of a day.
    pub day: bool,
}

impl Deadline {
    /// The deadline of what is due at a stamp.
    pub fn of(zone: &Zone, due: Stamp) -> Deadline {
        Deadline {
            at: zone.deadline(due),
            day: due.day,
        }
    }

    /// The end of the local day of an instant.
    pub fn end_of_day(zone: &Zone, at: Instant) -> Deadline {
        Deadline {
            at: zone.end_of_day(at),
            day: true,
        }
    }

    /// Whether something that is done now is done too late.
    pub fn passed(self, now: Instant) -> bool {
        if self.day {
            self.at <= now
        } else {
            self.at < now
        }
    }

    /// The first instant at which it has passed.
    pub fn passes_at(self) -> Instant {
        if self.day {
            self.at
        } else {
            Instant(self.at.0.saturating_add(1))
        }
    }
}

/// The later of two stamps.
pub(crate) fn latest(a: Stamp, b: Stamp) -> Stamp {
    if b.at > a.at { b } else { a }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::time::Unit;

    #[test]
    fn an_age_is_full_at_exactly_that_age() {
        let zone = Zone::utc();
        let at = |text: &str| zone.parse(text).unwrap();
        let year = Duration {
            count: 1,
            unit: Unit::Year,
        };
        let exact = Moment::exact(at("2024-06-01"));
        let early = exact.aged(&zone, year, at("2025-05-31").at);
        assert_eq!(early, (Truth::No, at("2025-06-01").at));
        let full = exact.aged(&zone, year, at("2025-06-01").at);
        assert_eq!(full, (Truth::Yes, Instant::MAX));
        let before = Moment::by(at("2024-06-01"));
        let perhaps = before.aged(&zone, year, at("2024-07-01").at);
        assert_eq!(perhaps, (Truth::Unknown, at("2025-06-01").at));
        let since = Moment {
            at: at("2024-06-01"),
            earliest: at("2024-01-01"),
        };
        let not_yet = since.aged(&zone, year, at("2024-07-01").at);
        assert_eq!(not_yet, (Truth::No, at("2025-01-01").at));
    }

    #[test]
    fn a_date_is_late_when_its_day_has_ended_and_an_instant_after_itself() {
        let zone = Zone::utc();
        let day = Deadline::of(&zone, zone.parse("2025-02-17").unwrap());
        assert!(!day.passed(zone.parse("2025-02-17T23:59Z").unwrap().at));
        assert!(day.passed(zone.parse("2025-02-18").unwrap().at));
        let noon = zone.parse("2025-02-17T12:00Z").unwrap();
        let instant = Deadline::of(&zone, noon);
        assert!(!instant.passed(noon.at));
        assert!(instant.passed(Instant(noon.at.0 + 1)));
    }
}
