//! Clocks that another always beats.
//!
//! Where a state is left by itself after four weeks without a meeting, a clause of that state that waits
//! for eight weeks without one waits for ever: silence of eight weeks was silence of four before.
//! A deadline that is longer than its state can last never comes either.
//!
//! Only a transition that happens by itself beats another clock (`on … -> STATE`, or one on the
//! `missed` of a duty): what people must or may do, they can leave undone.

use crate::hir::{Rule, Said, Spec};
use crate::ids::*;
use crate::ir::{
    About, Arises, Arm, Bounds, Cond, Const, Due, EventSource, Expr, Place, Set, Trigger, Who,
};
use crate::time::{Duration, Unit};

use super::conflict::together;
use super::error::CheckError;

/// What a clock waits for, and what sets it back.
enum Waits<'a> {
    /// Nothing: it runs from the entry into the state.
    Entry,
    /// From something that happens in the state.
    Later,
    /// That none of these acts is done: each sets it back.
    Silence(Acts<'a>),
    /// That none of these acts is done from the entry on: the first stops it for good.
    Undone(Acts<'a>),
    /// That this holds without a break.
    Held(&'a Cond),
}

/// Acts, by whom and about whom.
struct Acts<'a> {
    arms: &'a [Arm],
    by: Option<&'a Who>,
    about: &'a About,
}

/// Something that comes about once a time has passed.
struct Timer<'a> {
    rule: &'a Rule,
    waits: Waits<'a>,
    length: Duration,
    /// Whether it counts from the entry into the state at the earliest, or over the whole life.
    entry: bool,
}

/// Judges the clocks of each kind in pairs.
pub fn beaten(spec: &Spec, found: &mut Vec<CheckError>) {
    let shorter: Vec<(Timer<'_>, StateId)> =
        spec.rules.iter().flat_map(|r| leaving(spec, r)).collect();
    let mut told: Vec<ClauseId> = Vec::new();
    for rule in &spec.rules {
        if rule.scope.each.is_some() || told.contains(&rule.clause) {
            continue;
        }
        let first = |timer: &Timer<'_>| {
            let mut all = shorter.iter();
            all.find(|(short, to)| beats(spec, short, *to, timer))
                .map(|(short, _)| (timer.length, short.length, short.rule.clause))
        };
        let conds = rule.guard.iter().chain(trigger(rule));
        let mut lost = conds.filter_map(|cond| dead(spec, rule, cond, &first));
        let own = || deadline(spec, rule).and_then(|timer| first(&timer));
        if let Some((long, short, by)) = lost.next().or_else(own) {
            told.push(rule.clause);
            found.push(CheckError::BeatenClock {
                span: spec.clauses[rule.clause.index()].span,
                long: long.to_string(),
                short: short.to_string(),
                by: spec.clauses[by.index()].span,
            });
        }
    }
}

/// The condition that sets a rule off.
fn trigger(rule: &Rule) -> Option<&Cond> {
    match &rule.said {
        Said::React {
            trigger: Trigger::Becomes(cond),
            ..
        }
        | Said::Owe {
            arises: Arises::While(cond),
            ..
        } => Some(cond),
        _ => None,
    }
}

/// Which clock of a condition is beaten, where the condition can then never hold.
fn dead<T>(
    spec: &Spec,
    rule: &Rule,
    cond: &Cond,
    first: &dyn Fn(&Timer<'_>) -> Option<T>,
) -> Option<T> {
    match cond {
        Cond::All(list) => list.iter().find_map(|c| dead(spec, rule, c, first)),
        Cond::Any(list) => {
            let each: Option<Vec<T>> = list.iter().map(|c| dead(spec, rule, c, first)).collect();
            each?.into_iter().next()
        }
        cond => first(&clock(spec, rule, cond)?),
    }
}

/// The clock that a condition is.
fn clock<'a>(spec: &'a Spec, rule: &'a Rule, cond: &'a Cond) -> Option<Timer<'a>> {
    let (waits, entry, length) = match cond {
        Cond::Silent {
            log,
            place: Place::This,
            entry,
            about,
            duration,
        } => {
            let acts = Acts {
                arms: &spec.logs[log.index()].arms,
                by: None,
                about,
            };
            (Waits::Silence(acts), *entry, duration)
        }
        Cond::Held(clock, Place::This, duration) => {
            let clock = &spec.clocks[clock.index()];
            let entry = !clock.states.is_empty();
            // `on active for 3 months` in the state itself: as long as that lasts.
            let stays = matches!(&clock.cond, Cond::State(Place::This, list)
                if rule.scope.states.iter().all(|s| list.contains(s)));
            let waits = match stays && entry {
                true => Waits::Entry,
                false => Waits::Held(&clock.cond),
            };
            (waits, entry, duration)
        }
        _ => return None,
    };
    Some(Timer {
        rule,
        waits,
        length: constant(length)?,
        entry,
    })
}

/// The clock of a duty: when it is overdue.
fn deadline<'a>(spec: &Spec, rule: &'a Rule) -> Option<Timer<'a>> {
    let Said::Owe {
        arms,
        by,
        arises,
        due,
        except: None,
        ..
    } = &rule.said
    else {
        return None;
    };
    let acts = Acts {
        arms,
        by: by.as_ref(),
        about: &About::Any,
    };
    let (waits, length) = match (arises, due) {
        (Arises::Every(every), _) => (Waits::Silence(acts), every),
        (Arises::Entry, Due::Within(within)) => (Waits::Undone(acts), within),
        (Arises::After(_), Due::Within(within)) => (Waits::Later, within),
        _ => return None,
    };
    let living = spec.kinds[rule.scope.kind.index()].living();
    Some(Timer {
        rule,
        waits,
        length: constant(length)?,
        entry: rule.in_state || living.len() == 1,
    })
}

/// The clocks of a rule at which its group goes to another state by itself, and which.
fn leaving<'a>(spec: &'a Spec, rule: &'a Rule) -> Vec<(Timer<'a>, StateId)> {
    if rule.scope.each.is_some() {
        return Vec::new();
    }
    if let Said::React {
        trigger: Trigger::Becomes(cond),
        target: Some(to),
        recorded: false,
        ..
    } = &rule.said
    {
        let alternatives = match cond {
            Cond::Any(list) => list.as_slice(),
            cond => std::slice::from_ref(cond),
        };
        let clocks = alternatives.iter().filter_map(|c| clock(spec, rule, c));
        return clocks.map(|timer| (timer, *to)).collect();
    }
    let missed = |other: &Rule| match &other.said {
        Said::React {
            trigger: Trigger::Event(arm),
            target: Some(to),
            ..
        } => {
            let own = spec.events[arm.event.index()].source == EventSource::Missed(rule.clause);
            let stands = rule
                .scope
                .states
                .iter()
                .all(|s| other.scope.states.contains(s));
            (own && stands && other.guard.is_none() && arm.filter.is_none()).then_some(*to)
        }
        _ => None,
    };
    let to = spec.rules.iter().find_map(missed);
    match (to, deadline(spec, rule)) {
        (Some(to), Some(timer)) if !matches!(timer.waits, Waits::Later) => vec![(timer, to)],
        _ => Vec::new(),
    }
}

/// Whether the first clock has always taken the group elsewhere before the second comes about.
fn beats(spec: &Spec, short: &Timer<'_>, to: StateId, long: &Timer<'_>) -> bool {
    let (a, b) = (short.rule, long.rule);
    let clause = |rule: &Rule| &spec.clauses[rule.clause.index()];
    let always = |rule: &Rule| clause(rule).from.is_none() && clause(rule).until.is_none();
    let dates = |rule: &Rule| (clause(rule).from, clause(rule).until);
    a.scope.kind == b.scope.kind
        && b.scope.states.iter().all(|s| a.scope.states.contains(s))
        && !b.scope.states.contains(&to)
        && (a.guard.is_none() || a.guard == b.guard)
        && (always(a) || dates(a) == dates(b))
        && together(spec, a.clause, b.clause)
        && (long.entry || !short.entry)
        && shorter(short.length, long.length)
        && sooner(&short.waits, &long.waits)
}

/// Whether what the second waits for is, all the while, what the first waits for.
fn sooner(short: &Waits<'_>, long: &Waits<'_>) -> bool {
    match (short, long) {
        (Waits::Entry, _) => true,
        (Waits::Silence(few), Waits::Silence(many) | Waits::Undone(many))
        | (Waits::Undone(few), Waits::Undone(many)) => among(few, many),
        (Waits::Held(weak), Waits::Held(strong)) => implies(strong, weak),
        _ => false,
    }
}

/// Whether each of the first acts is one of the second.
fn among(few: &Acts<'_>, many: &Acts<'_>) -> bool {
    few.about == many.about
        && (many.by.is_none() || many.by == few.by)
        && few.arms.iter().all(|one| {
            let fits = |other: &Arm| {
                other.event == one.event && (other.filter.is_none() || other.filter == one.filter)
            };
            many.arms.iter().any(fits)
        })
}

/// Whether the second holds wherever the first does, as far as their form shows it.
fn implies(strong: &Cond, weak: &Cond) -> bool {
    match (strong, weak) {
        _ if strong == weak => true,
        (Cond::All(list), weak) => list.iter().any(|c| implies(c, weak)),
        (strong, Cond::Any(list)) => list.iter().any(|c| implies(strong, c)),
        (
            Cond::Count {
                set: Set::Union(many),
                bounds: a,
                ..
            },
            Cond::Count { set, bounds: b, .. },
        ) => none(a) && none(b) && many.contains(set),
        _ => false,
    }
}

fn none(bounds: &Bounds) -> bool {
    bounds.max == Some(Expr::Const(Const::Number(0)))
}

fn constant(expr: &Expr) -> Option<Duration> {
    match expr {
        Expr::Const(Const::Duration(duration)) => Some(*duration),
        _ => None,
    }
}

/// Whether the first is over before the second, on whatever day both begin.
fn shorter(first: Duration, second: Duration) -> bool {
    match first.unit == second.unit {
        true => first.count < second.count,
        false => seconds(first).1 < seconds(second).0,
    }
}

/// The fewest and the most seconds that a duration takes: a day may be 23 or 25 hours long, a month
/// 28 to 31 days.
fn seconds(duration: Duration) -> (u64, u64) {
    const HOUR: u64 = 3_600;
    const DAY: u64 = 24 * HOUR;
    let n = u64::from(duration.count);
    let days = |least: u64, most: u64| ((least * DAY).saturating_sub(HOUR), most * DAY + HOUR);
    match duration.unit {
        Unit::Second => (n, n),
        Unit::Minute => (n * 60, n * 60),
        Unit::Hour => (n * HOUR, n * HOUR),
        Unit::Day => days(n, n),
        Unit::Week => days(n * 7, n * 7),
        Unit::Month => days(n / 12 * 365 + n % 12 * 28, n / 12 * 366 + n % 12 * 31),
        Unit::Year => days(n * 365, n * 366),
    }
}
