//! Due dates against a calendar written independently: proleptic Gregorian days counted by hand, and
//! the clock changes of Paris by their rule.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use govc::time::{Duration, Instant, Stamp, Unit, Zone};
use proptest::prelude::*;

const MICRO: i64 = 1_000_000;
const DAY: i64 = 86_400;

fn leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01, counted year by year and month by month.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let mut n = 0;
    for y in 1970..year {
        n += if leap(y) { 366 } else { 365 };
    }
    for m in 1..month {
        n += days_in(year, m);
    }
    n + day - 1
}

fn civil(mut n: i64) -> (i64, i64, i64) {
    let mut year = 1970;
    loop {
        let length = if leap(year) { 366 } else { 365 };
        if n < length {
            break;
        }
        n -= length;
        year += 1;
    }
    let mut month = 1;
    while n >= days_in(year, month) {
        n -= days_in(year, month);
        month += 1;
    }
    (year, month, n + 1)
}

/// The day of the last Sunday of a month, in days since 1970-01-01 (a Thursday).
fn last_sunday(year: i64, month: i64) -> i64 {
    let last = days(year, month, days_in(year, month));
    last - (last + 4) % 7
}

/// The offset of Paris at an instant, in seconds: summer time from the last Sunday of March to that
/// of October, both at 01:00 UTC (the rule since 1996).
fn paris(at: i64) -> i64 {
    let (year, _, _) = civil(at.div_euclid(DAY));
    let from = last_sunday(year, 3) * DAY + 3600;
    let to = last_sunday(year, 10) * DAY + 3600;
    if (from..to).contains(&at) { 7200 } else { 3600 }
}

/// The instant of a local time: of two, the first; of none, as much later as the clock skipped.
fn instant(local: i64, offset: fn(i64) -> i64) -> i64 {
    // The greater offset gives the earlier instant.
    let fitting = [7200, 3600, 0]
        .into_iter()
        .find(|off| offset(local - off) == *off);
    // A time that the clock skips: the offset before the change counts.
    local - fitting.unwrap_or(3600)
}

fn utc(_: i64) -> i64 {
    0
}

fn add(at: i64, n: i64, unit: Unit, offset: fn(i64) -> i64) -> i64 {
    let seconds = match unit {
        Unit::Second => Some(1),
        Unit::Minute => Some(60),
        Unit::Hour => Some(3600),
        _ => None,
    };
    if let Some(seconds) = seconds {
        return at + n * seconds;
    }
    let local = at + offset(at);
    let (day, time) = (local.div_euclid(DAY), local.rem_euclid(DAY));
    let later = match unit {
        Unit::Day => day + n,
        Unit::Week => day + 7 * n,
        _ => {
            let (year, month, dom) = civil(day);
            let months = if unit == Unit::Year { 12 * n } else { n };
            let index = year * 12 + month - 1 + months;
            let (year, month) = (index / 12, index % 12 + 1);
            days(year, month, dom.min(days_in(year, month)))
        }
    };
    instant(later * DAY + time, offset)
}

fn units() -> impl Strategy<Value = Unit> {
    prop::sample::select(Unit::ALL.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn durations_are_added_as_by_hand(at in 946_684_800i64..2_500_000_000, n in 0u32..40, unit in units()) {
        let from = Stamp::instant(Instant(at * MICRO));
        let later = Zone::utc().add(from, Duration { count: n, unit });
        prop_assert_eq!(later.at.0 / MICRO, add(at, i64::from(n), unit, utc));
    }

    #[test]
    fn clock_changes_keep_the_local_time(at in 946_684_800i64..2_500_000_000, n in 0u32..40, unit in units()) {
        let zone = Zone::find("Europe/Paris").unwrap();
        let from = Stamp::instant(Instant(at * MICRO));
        let later = zone.add(from, Duration { count: n, unit });
        prop_assert_eq!(later.at.0 / MICRO, add(at, i64::from(n), unit, paris));
    }

    #[test]
    fn a_date_ends_with_its_day(day in 10_957i64..25_000) {
        let (year, month, dom) = civil(day);
        let text = format!("{year:04}-{month:02}-{dom:02}");
        let zone = Zone::find("Europe/Paris").unwrap();
        let stamp = zone.parse(&text).unwrap();
        prop_assert!(stamp.day);
        prop_assert_eq!(stamp.at.0 / MICRO, instant(day * DAY, paris));
        prop_assert_eq!(zone.deadline(stamp).0 / MICRO, instant((day + 1) * DAY, paris));
        prop_assert_eq!(zone.date(stamp.at), text);
        let (start, end) = zone.period(stamp.at, Unit::Month);
        prop_assert_eq!(start.0 / MICRO, instant(days(year, month, 1) * DAY, paris));
        let (ny, nm) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        prop_assert_eq!(end.0 / MICRO, instant(days(ny, nm, 1) * DAY, paris));
    }
}

#[test]
fn month_ends_and_leap_years_clamp() {
    let zone = Zone::utc();
    let month = |n| Duration {
        count: n,
        unit: Unit::Month,
    };
    for (from, n, to) in [
        ("2025-01-31", 1, "2025-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2025-01-31", 2, "2025-03-31"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2023-10-31", 4, "2024-02-29"),
    ] {
        let later = zone.add(zone.parse(from).unwrap(), month(n));
        assert!(later.day);
        assert_eq!(zone.date(later.at), to, "{from} plus {n} months");
    }
    assert!(zone.parse("2025-02-29").is_none());
    assert!(zone.parse("2024-02-30").is_none());
}
