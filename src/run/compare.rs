//! When two values are the same, and which is the greater.

use std::cmp::Ordering;

use super::program::Program;
use super::state::State;
use super::value::Value;
use crate::ids::{FieldId, RoleId};
use crate::ir::Const;
use crate::time::{Duration, Instant, Stamp, Unit};

/// The value of a constant.
pub(crate) fn constant(value: &Const) -> Value {
    match value {
        Const::Text(text) | Const::Name(text) => Value::Text(text.as_str().into()),
        Const::Number(n) => Value::Number(*n),
        Const::Flag(flag) => Value::Flag(*flag),
        Const::Date(stamp) => Value::Date(*stamp),
        Const::Dates(from, to) => Value::Dates(*from, *to),
        Const::Duration(duration) => Value::Duration(*duration),
        Const::Role(role) => Value::Role(*role),
        Const::List(list) => Value::List(list.iter().map(constant).collect()),
    }
}

/// Whether two values are the same. Lists are compared as sets; a list and one value by whether the
/// value is in it. Nothing is the same as the empty value.
pub(crate) fn same(p: &Program<'_>, s: &State, a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Empty | Value::Unknown, _) | (_, Value::Empty | Value::Unknown) => false,
        (Value::Name(a), Value::Name(b)) => a == b,
        (Value::Text(a), Value::Text(b)) => a == b,
        (Value::Name(name), Value::Text(text)) | (Value::Text(text), Value::Name(name)) => {
            s.names.text(*name) == text.as_ref()
        }
        (Value::Role(a), Value::Role(b)) => a == b,
        (Value::Role(role), Value::Name(name)) | (Value::Name(name), Value::Role(role)) => {
            spelled(p, *role, s.names.text(*name))
        }
        (Value::Role(role), Value::Text(text)) | (Value::Text(text), Value::Role(role)) => {
            spelled(p, *role, text)
        }
        (Value::List(a), Value::List(b)) => {
            let all =
                |a: &[Value], b: &[Value]| a.iter().all(|a| b.iter().any(|b| same(p, s, a, b)));
            all(a, b) && all(b, a)
        }
        (Value::List(list), one) | (one, Value::List(list)) => {
            list.iter().any(|v| same(p, s, v, one))
        }
        _ => order(p, a, b) == Some(Ordering::Equal),
    }
}

/// Whether a trigger and an act agree in pairs of their fields, where both are filled.
pub(crate) fn agree(
    p: &Program<'_>,
    s: &State,
    pairs: &[(FieldId, FieldId)],
    trigger: &[Value],
    act: &[Value],
) -> bool {
    pairs.iter().all(
        |(from, to)| match (trigger.get(from.index()), act.get(to.index())) {
            (Some(from), Some(to)) if !from.is_empty() && !to.is_empty() => same(p, s, from, to),
            _ => true,
        },
    )
}

fn spelled(p: &Program<'_>, role: RoleId, text: &str) -> bool {
    let declared = p.model.roles.get(role.index());
    declared.is_some_and(|r| r.name == text || r.spelled.iter().any(|s| s == text))
}

/// Which of two values is the greater, where they can be compared. Roles are compared by their
/// ladder; a day and an instant in it are equal.
pub(crate) fn order(p: &Program<'_>, a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => Some(a.cmp(b)),
        (Value::Flag(a), Value::Flag(b)) => Some(a.cmp(b)),
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Some(durations(*a, *b)),
        (Value::Role(a), Value::Role(b)) => p.model.ladders.iter().find_map(|ladder| {
            let place = |role| ladder.rungs.iter().position(|r| r == role);
            Some(place(a)?.cmp(&place(b)?))
        }),
        _ => {
            let (from, to) = span(p, a)?;
            let (start, end) = span(p, b)?;
            Some(if to < start {
                Ordering::Less
            } else if end < from {
                Ordering::Greater
            } else {
                Ordering::Equal
            })
        }
    }
}

/// The first and the last instant of a date or of days.
pub(crate) fn span(p: &Program<'_>, value: &Value) -> Option<(Instant, Instant)> {
    let last = |stamp: Stamp| {
        if stamp.day {
            Instant(p.zone.end_of_day(stamp.at).0.saturating_sub(1))
        } else {
            stamp.at
        }
    };
    match value {
        Value::Date(stamp) => Some((stamp.at, last(*stamp))),
        Value::Dates(from, to) => Some((from.at, last(*to))),
        _ => None,
    }
}

/// Durations of like units are compared exactly, others by their usual length.
fn durations(a: Duration, b: Duration) -> Ordering {
    let months = |d: Duration| match d.unit {
        Unit::Month => Some(u64::from(d.count)),
        Unit::Year => Some(u64::from(d.count) * 12),
        _ => None,
    };
    let seconds = |d: Duration| match d.unit {
        Unit::Second => Some(u64::from(d.count)),
        Unit::Minute => Some(u64::from(d.count) * 60),
        Unit::Hour => Some(u64::from(d.count) * 3600),
        Unit::Day => Some(u64::from(d.count) * 86_400),
        Unit::Week => Some(u64::from(d.count) * 604_800),
        Unit::Month | Unit::Year => None,
    };
    match (months(a), months(b), seconds(a), seconds(b)) {
        (Some(a), Some(b), ..) => a.cmp(&b),
        (.., Some(a), Some(b)) => a.cmp(&b),
        _ => {
            let middle = |d: Duration| {
                let (short, long) = d.hours();
                short + long
            };
            middle(a).cmp(&middle(b))
        }
    }
}
