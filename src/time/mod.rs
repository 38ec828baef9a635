//! Calendar time: instants, dates, durations and the zone that joins them.
//!
//! Invariant: nothing here reads the clock of the machine. The arithmetic is jiff's; what is ours
//! is the meaning: a deadline counted from a date is a date and ends with that day, months clamp
//! to their last day, and a local time that a clock change skips takes the later valid instant,
//! one that it doubles takes the first ("compatible", RFC 5545).

use std::fmt;
use std::str::FromStr;

use jiff::civil::{self, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan, Zoned};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An instant: microseconds since 1970-01-01T00:00:00Z, between the years -9999 and 9999.
/// Written as RFC 3339 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

impl Instant {
    /// Before everything.
    pub const MIN: Instant = Instant(i64::MIN);
    /// After everything.
    pub const MAX: Instant = Instant(i64::MAX);

    fn of(timestamp: Timestamp) -> Instant {
        Instant(timestamp.as_microsecond())
    }

    /// The instant of so many seconds since 1970-01-01T00:00:00Z, where it is in range.
    pub fn from_second(seconds: i64) -> Option<Instant> {
        Timestamp::from_second(seconds).ok().map(Instant::of)
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        })
    }
}

/// A whole second of a year of four digits, as RFC 3339 writes it.
type Written = [u8; 20];

impl Instant {
    /// How it is written, where that is always of the same length; most are. A report may hold
    /// millions of them.
    fn written(self) -> Option<Written> {
        if self.0 % 1_000_000 != 0 {
            return None;
        }
        let local = jiff::tz::Offset::UTC.to_datetime(self.timestamp());
        let year = u16::try_from(local.year()).ok()?;
        let century = u8::try_from(year / 100).ok()?;
        let two = |n: u8| (b'0' + n / 10 % 10, b'0' + n % 10);
        let (y1, y2) = two(century);
        let (y3, y4) = two(u8::try_from(year % 100).ok()?);
        let (m1, m2) = two(local.month().unsigned_abs());
        let (d1, d2) = two(local.day().unsigned_abs());
        let (h1, h2) = two(local.hour().unsigned_abs());
        let (n1, n2) = two(local.minute().unsigned_abs());
        let (s1, s2) = two(local.second().unsigned_abs());
        Some([
            y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2,
            b'Z',
        ])
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = self.written();
        match written.as_ref().map(|text| std::str::from_utf8(text)) {
            Some(Ok(text)) => f.pad(text),
            _ => write!(f, "{}", self.timestamp()),
        }
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = self.written();
        match written.as_ref().map(|text| std::str::from_utf8(text)) {
            Some(Ok(text)) => serializer.serialize_str(text),
            _ => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Timestamp::from_str(&text)
            .map(Instant::of)
            .map_err(D::Error::custom)
    }
}

impl JsonSchema for Instant {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Instant".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "date-time", "description": "RFC 3339, UTC"})
    }
}

/// When something happened or is due: an instant, or a whole day (then `at` is its first instant).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Stamp {
    /// The instant, or the first instant of the day.
    pub at: Instant,
    /// Whether a whole day is meant.
    pub day: bool,
}

impl Stamp {
    /// A stamp at this very instant.
    pub fn instant(at: Instant) -> Stamp {
        Stamp { at, day: false }
    }
}

/// A unit of duration. Hours and less are exact; days and more are calendar time.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// An exact second.
    Second,
    /// An exact minute.
    Minute,
    /// An exact hour.
    Hour,
    /// A calendar day: it keeps the local time of day.
    Day,
    /// Seven calendar days.
    Week,
    /// A calendar month, clamped to the month's last day.
    Month,
    /// Twelve calendar months.
    Year,
}

impl Unit {
    /// All units, from the smallest.
    pub const ALL: [Unit; 7] = [
        Unit::Second,
        Unit::Minute,
        Unit::Hour,
        Unit::Day,
        Unit::Week,
        Unit::Month,
        Unit::Year,
    ];

    /// The units whose calendar periods rules count in.
    pub const PERIODS: [Unit; 4] = [Unit::Day, Unit::Week, Unit::Month, Unit::Year];

    /// The unit's name in the singular.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Second => "second",
            Unit::Minute => "minute",
            Unit::Hour => "hour",
            Unit::Day => "day",
            Unit::Week => "week",
            Unit::Month => "month",
            Unit::Year => "year",
        }
    }

    /// The unit of this name, singular or plural.
    pub fn find(word: &str) -> Option<Unit> {
        let singular = word.strip_suffix('s').unwrap_or(word);
        Unit::ALL.into_iter().find(|u| u.name() == singular)
    }
}

/// So many of one unit: `3 months`. Never negative.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Duration {
    /// How many.
    pub count: u32,
    /// Of what.
    pub unit: Unit,
}

impl Duration {
    fn span(self) -> Result<Span, jiff::Error> {
        let n = i64::from(self.count);
        let zero = Span::new();
        match self.unit {
            Unit::Second => zero.try_seconds(n),
            Unit::Minute => zero.try_minutes(n),
            Unit::Hour => zero.try_hours(n),
            Unit::Day => zero.try_days(n),
            Unit::Week => zero.try_weeks(n),
            Unit::Month => zero.try_months(n),
            Unit::Year => zero.try_years(n),
        }
    }

    /// Whether it is counted in exact time and not on the calendar.
    pub fn is_exact(self) -> bool {
        matches!(self.unit, Unit::Second | Unit::Minute | Unit::Hour)
    }

    /// Its shortest and longest possible length in hours, for comparing durations of unlike units.
    pub fn hours(self) -> (i64, i64) {
        let n = i64::from(self.count);
        match self.unit {
            Unit::Second => (n / 3600, n.div_euclid(3600) + 1),
            Unit::Minute => (n / 60, n.div_euclid(60) + 1),
            Unit::Hour => (n, n),
            Unit::Day => (n * 24, n * 24),
            Unit::Week => (n * 168, n * 168),
            Unit::Month => (n * 28 * 24, n * 31 * 24),
            Unit::Year => (n * 365 * 24, n * 366 * 24),
        }
    }

    /// Reads `3 months` or an ISO 8601 duration of one unit, `P3M`, `PT72H`.
    pub fn parse(text: &str) -> Option<Duration> {
        let text = text.trim();
        if let Some(iso) = text.strip_prefix('P') {
            let (time, rest) = match iso.strip_prefix('T') {
                Some(rest) => (true, rest),
                None => (false, iso),
            };
            let split = rest.find(|c: char| !c.is_ascii_digit())?;
            let (digits, unit) = rest.split_at(split);
            let unit = match (time, unit) {
                (false, "D") => Unit::Day,
                (false, "W") => Unit::Week,
                (false, "M") => Unit::Month,
                (false, "Y") => Unit::Year,
                (true, "H") => Unit::Hour,
                (true, "M") => Unit::Minute,
                (true, "S") => Unit::Second,
                _ => return None,
            };
            return Some(Duration {
                count: digits.parse().ok()?,
                unit,
            });
        }
        let (count, unit) = text.split_once(' ')?;
        Some(Duration {
            count: count.parse().ok()?,
            unit: Unit::find(unit.trim())?,
        })
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.count == 1 { "" } else { "s" };
        write!(f, "{} {}{plural}", self.count, self.unit.name())
    }
}

/// The microseconds of a day that no clock change shortens or lengthens.
const DAY: i64 = 86_400_000_000;

/// Instants that lie well within the range of the calendar: the years 1 to 9998 or so.
const SAFE: std::ops::Range<i64> = -62_000_000_000_000_000..253_000_000_000_000_000;

/// A named time zone, with its rules compiled in.
#[derive(Debug, Clone)]
pub struct Zone {
    name: String,
    zone: TimeZone,
    /// Its distance from UTC in microseconds, where that never changes: then days are all alike.
    fixed: Option<i64>,
}

impl PartialEq for Zone {
    fn eq(&self, other: &Zone) -> bool {
        self.name == other.name
    }
}

impl Zone {
    /// Coordinated universal time.
    pub fn utc() -> Zone {
        Zone {
            name: "UTC".to_owned(),
            zone: TimeZone::UTC,
            fixed: Some(0),
        }
    }

    /// The zone of this name: an IANA name, `UTC`, or `AoE` (anywhere on earth, UTC-12).
    pub fn find(name: &str) -> Option<Zone> {
        let zone = match name {
            "UTC" => TimeZone::UTC,
            "AoE" | "anywhere-on-earth" => TimeZone::fixed(jiff::tz::offset(-12)),
            _ => TimeZone::get(name).ok()?,
        };
        let offset = zone.to_fixed_offset().ok();
        Some(Zone {
            name: name.to_owned(),
            zone,
            fixed: offset.map(|offset| i64::from(offset.seconds()) * 1_000_000),
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn zoned(&self, at: Instant) -> Zoned {
        at.timestamp().to_zoned(self.zone.clone())
    }

    /// The instant so much later, where the zone has days that are all alike and the unit is no
    /// more than a week; nothing near the ends of time.
    fn add_fixed(&self, at: Instant, duration: Duration, sign: i64) -> Option<Instant> {
        self.fixed?;
        let unit = match duration.unit {
            Unit::Second => 1_000_000,
            Unit::Minute => 60_000_000,
            Unit::Hour => 3_600_000_000,
            Unit::Day => DAY,
            Unit::Week => 7 * DAY,
            Unit::Month | Unit::Year => return None,
        };
        let span = i64::from(duration.count).checked_mul(unit)?;
        let later = at.0.checked_add(span * sign)?;
        (SAFE.contains(&at.0) && SAFE.contains(&later)).then_some(Instant(later))
    }

    fn start_of(&self, day: civil::Date) -> Option<Instant> {
        let start = day.to_zoned(self.zone.clone()).ok()?;
        Some(Instant::of(start.timestamp()))
    }

    /// Reads `2025-03-01` (that day in this zone) or an RFC 3339 instant; seconds may be left
    /// out. `None` where the text is neither, or the date does not exist.
    pub fn parse(&self, text: &str) -> Option<Stamp> {
        if text.len() == 10 {
            let day = civil::Date::from_str(text).ok()?;
            return Some(Stamp {
                at: self.start_of(day)?,
                day: true,
            });
        }
        if text.contains('[') {
            return None;
        }
        let at = Timestamp::from_str(text).ok()?;
        Some(Stamp::instant(Instant::of(at)))
    }

    /// `from` plus a duration: a date from a date, an instant from an instant, except that exact
    /// hours after a date are counted from the beginning of that day. Clamped to the range of time.
    pub fn add(&self, from: Stamp, duration: Duration) -> Stamp {
        let day = from.day && !duration.is_exact();
        if let Some(at) = self.add_fixed(from.at, duration, 1) {
            return Stamp { at, day };
        }
        let later = duration
            .span()
            .and_then(|span| self.zoned(from.at).checked_add(span));
        Stamp {
            at: later.map_or(Instant::MAX, |z| Instant::of(z.timestamp())),
            day,
        }
    }

    /// `from` minus a duration, by the same rules.
    pub fn sub(&self, from: Stamp, duration: Duration) -> Stamp {
        let day = from.day && !duration.is_exact();
        if let Some(at) = self.add_fixed(from.at, duration, -1) {
            return Stamp { at, day };
        }
        let earlier = duration
            .span()
            .and_then(|span| self.zoned(from.at).checked_sub(span));
        Stamp {
            at: earlier.map_or(Instant::MIN, |z| Instant::of(z.timestamp())),
            day,
        }
    }

    /// The first instant of a day, where all days are alike; nothing near the ends of time.
    fn day_fixed(&self, at: Instant) -> Option<Instant> {
        let offset = self.fixed?;
        let start = (at.0.checked_add(offset)?).div_euclid(DAY) * DAY - offset;
        SAFE.contains(&at.0).then_some(Instant(start))
    }

    /// The first instant after the local day of `at`.
    pub fn end_of_day(&self, at: Instant) -> Instant {
        if let Some(start) = self.day_fixed(at) {
            return Instant(start.0 + DAY);
        }
        let next = self.zoned(at).date().checked_add(1.day());
        next.ok()
            .and_then(|d| self.start_of(d))
            .unwrap_or(Instant::MAX)
    }

    /// The first instant of the local day of `at`.
    pub fn start_of_day(&self, at: Instant) -> Instant {
        if let Some(start) = self.day_fixed(at) {
            return start;
        }
        self.start_of(self.zoned(at).date()).unwrap_or(at)
    }

    /// The instant at which what is due at `stamp` is late: the end of the day for a date, the
    /// instant itself otherwise (what happens at that very instant is still in time).
    pub fn deadline(&self, stamp: Stamp) -> Instant {
        if stamp.day {
            self.end_of_day(stamp.at)
        } else {
            stamp.at
        }
    }

    /// The calendar period of `unit` that holds `at`: its first instant and the first after it.
    /// Weeks begin on Monday (ISO 8601).
    pub fn period(&self, at: Instant, unit: Unit) -> (Instant, Instant) {
        let zoned = self.zoned(at);
        let day = zoned.date();
        let (start, span) = match unit {
            Unit::Second | Unit::Minute | Unit::Hour => {
                let micros = match unit {
                    Unit::Second => 1_000_000,
                    Unit::Minute => 60_000_000,
                    _ => 3_600_000_000,
                };
                let start = at.0.div_euclid(micros) * micros;
                return (Instant(start), Instant(start.saturating_add(micros)));
            }
            Unit::Day => (Some(day), 1.day()),
            Unit::Week => {
                let back = i64::from(day.weekday().since(Weekday::Monday));
                (day.checked_sub(back.days()).ok(), 1.week())
            }
            Unit::Month => (Some(day.first_of_month()), 1.month()),
            Unit::Year => (Some(day.first_of_year()), 1.year()),
        };
        let end = start.and_then(|s| s.checked_add(span).ok());
        (
            start.and_then(|d| self.start_of(d)).unwrap_or(Instant::MIN),
            end.and_then(|d| self.start_of(d)).unwrap_or(Instant::MAX),
        )
    }

    /// The local date of `at`, as written: `2025-03-01`.
    pub fn date(&self, at: Instant) -> String {
        self.zoned(at).date().to_string()
    }

    /// `at` with this zone's offset, as written in reports: `2025-03-01T12:00:00+01:00`.
    pub fn show(&self, at: Instant) -> String {
        let zoned = self.zoned(at);
        if zoned.offset() == jiff::tz::Offset::UTC {
            at.to_string()
        } else {
            at.timestamp()
                .display_with_offset(zoned.offset())
                .to_string()
        }
    }
}
