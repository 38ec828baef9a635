//! What the type system promises: a spec that checks cleanly never fails at run time, on any trace
//! that fits its event types. Specs and traces are made at random, and held to that; and to the
//! other laws on the way: the IR survives its JSON, and the same input gives the same bytes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write;
use std::io::Cursor;

use govc::ir::{EventSource, Form, Model, Type, wire};
use govc::run::{self, report};
use govc::source::Sources;
use govc::time::{Instant, Zone};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A stream of small random numbers, all a generator needs.
struct Dice {
    rolls: Vec<u16>,
    at: usize,
}

impl Dice {
    fn new(rolls: Vec<u16>) -> Dice {
        Dice { rolls, at: 0 }
    }

    fn roll(&mut self, n: usize) -> usize {
        let roll = self.rolls[self.at % self.rolls.len()];
        let again = self.at / self.rolls.len();
        self.at += 1;
        (usize::from(roll) + again * 7919) % n
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.roll(list.len())]
    }
}

const EVENTS: [&str; 6] = ["meet", "report", "ask", "answer", "leave", "praise"];
const STATES: [&str; 4] = ["proposed", "active", "paused", "closed"];

/// A condition on the group.
fn condition(dice: &mut Dice, depth: usize) -> String {
    let n = dice.roll(4);
    let event = dice.pick(&EVENTS);
    let role = dice.pick(&["lead", "helper"]);
    let span = dice.pick(&["3 weeks", "2 months", "72 hours", "1 year", "period"]);
    match dice.roll(if depth == 0 { 21 } else { 24 }) {
        0 => format!("some {role}"),
        1 => format!("no {role}"),
        2 => format!("at least {n} {role}"),
        3 => format!("{n}..{} {role}", n + 2),
        4 => format!("at least {n} distinct {role}.org"),
        5 => format!("no {role} for {span}"),
        6 => format!("no {event} for {span}"),
        7 => format!("at least {n} {event} in last 6 weeks"),
        8 => format!("some {event} by 2 of lead"),
        9 => "size > 3".to_owned(),
        10 => "topic".to_owned(),
        11 => format!("more than {n} meet where open"),
        12 => "all lead among helpers".to_owned(),
        13 => dice
            .pick(&["active", "paused", "level = high", "today <= limit"])
            .to_owned(),
        14 => "more than 1/2 of meet where open in month".to_owned(),
        15 => format!("at least {n} {event} in last {span}"),
        16 => format!(
            "at least {n} {event} in {}",
            dice.pick(&["month", "year", "week"])
        ),
        17 => format!(
            "some {event} by lead in last {}",
            dice.pick(&["1 month", "45 days"])
        ),
        18 => format!("some {event} by 2 of helper in month"),
        19 => format!("no {event} by {role} for {span}"),
        20 => format!(
            "more than 1/3 of meet where open in {}",
            dice.pick(&["last 1 month", "week", "year"])
        ),
        21 => format!("not {}", condition(dice, depth - 1)),
        22 => format!(
            "({} or {})",
            condition(dice, depth - 1),
            condition(dice, depth - 1)
        ),
        _ => format!(
            "({} and {})",
            condition(dice, depth - 1),
            condition(dice, depth - 1)
        ),
    }
}

fn norm(dice: &mut Dice, index: usize) -> String {
    let modal = dice.pick(&["must", "will", "should"]);
    let event = dice.pick(&EVENTS);
    let other = dice.pick(&EVENTS);
    let span = dice.pick(&["2 weeks", "1 month", "10 days", "48 hours", "period"]);
    let state = dice.pick(&STATES);
    let cond = condition(dice, 2);
    let dated = dice.pick(&["", "", " from 2021-01-01", " until 2022-06-30"]);
    let name = format!(" as c{index}{dated}");
    match dice.roll(20) {
        15 => format!(
            "each lead {{ on no {event} by self for {span}{name} {{ revoke lead from self }} }}"
        ),
        16 => format!("each lead {{ {modal} have some {event} by self in last 2 months{name} }}"),
        17 => format!("may {event} at most 2 per month{name}"),
        18 => format!("to {event} {{ {modal} have at least 1 {other} in last 1 month{name} }}"),
        0 => format!("{modal} have {cond}{name}"),
        1 => format!("{modal} have {cond} within {span}{name}"),
        2 => format!("{modal} not have {cond} if {}{name}", condition(dice, 1)),
        3 => format!("{modal} {event} every {span}{name}"),
        4 => format!("{modal} {event} by lead within {span} after {other}{name}"),
        5 => format!("{modal} {event} at least 1 per month{name}"),
        6 => format!("{modal} {event} after {cond}{name}"),
        7 => format!("{modal} not {event} by helper{name}"),
        8 => format!("may only {event} by lead if {cond}{name}"),
        9 => format!("{modal} {event} after {cond} -> {state}{name}"),
        10 => format!("may {event} by 2 of helper -> {state}{name}"),
        11 => format!("to {event} {{ {modal} {other}{name} }}"),
        12 => format!("to lead.added {{ {modal} be helper for {span}{name} }}"),
        13 => format!("{modal} \"answer for it\" by lead{name}"),
        14 => format!("on {cond} -> {state}{name} {{ set size = 4 }}"),
        _ => format!("each lead {{ {modal} report by self every {span}{name} }}"),
    }
}

fn spec(dice: &mut Dice) -> String {
    let zone = dice.pick(&["UTC", "Europe/Berlin", "America/St_Johns"]);
    let mut text = format!("governance Random \"Random\"\ntimezone \"{zone}\"\n");
    text.push_str(
        "each person { may have org: text }\n\
         role member\n\
         body Board { role seat { seats 5 } }\n\
         group Team {\n  role lead\n  role helper\n\
         \x20 may have size: number = 2\n  may have topic: text\n  may have period: duration = 3 weeks\n\
         \x20 may have level: high | low\n  may have limit: date\n  may have helpers: list of person\n\
         \x20 event meet(open: flag, attendees: list of person), report(year: number)\n\
         \x20 event ask(topic: text), answer(topic: text), leave(person: person), praise(person: person)\n\
         \x20 state proposed initial\n  state active\n  state paused\n  state closed final\n\
         \x20 on ask -> active\n",
    );
    if dice.roll(2) == 0 {
        let _ = writeln!(
            text,
            "  decision plan by {} at {} {{ passes {} -> active\n fails -> closed\n closes {} }}",
            dice.pick(&["Board.seat", "lead", "helper where org"]),
            dice.pick(&["open", "close", "all-times"]),
            dice.pick(&[
                "majority of cast",
                "at least 2 yes",
                "no against",
                "all but 1 of electorate"
            ]),
            dice.pick(&["after 10 days", "early", "after 2 weeks early"]),
        );
    }
    let clauses = 1 + dice.roll(8);
    for index in 0..clauses {
        if dice.roll(3) == 0 {
            let state = dice.pick(&["proposed", "active", "paused"]);
            let _ = writeln!(text, "  state {state} {{ {} }}", norm(dice, index));
        } else {
            let _ = writeln!(text, "  {}", norm(dice, index));
        }
    }
    text.push_str("}\n");
    text
}

fn value(ty: &Type, dice: &mut Dice) -> Value {
    match ty {
        Type::Text | Type::Link => json!(dice.pick(&["a", "b", "", "\u{e9}t\u{e9}"])),
        Type::Number => json!(dice.roll(9)),
        Type::Flag => json!(dice.roll(2) == 0),
        Type::Date => json!(dice.pick(&["2021-03-31", "2024-02-29", "2022-01-01T12:00:00Z"])),
        Type::Duration => json!(dice.pick(&["3 months", "P2W", "72 hours"])),
        Type::Person => json!(dice.pick(&["ann", "bo", "cy", "di"])),
        Type::Instance(_) => json!(dice.pick(&["red", "blue"])),
        Type::Role(_) => json!("lead"),
        Type::Choice(words) => json!(words[dice.roll(words.len())]),
        Type::List(inner) => {
            let n = dice.roll(3);
            Value::Array((0..n).map(|_| value(inner, dice)).collect())
        }
    }
}

/// A trace of the spec's own events whose values fit their types.
fn trace(model: &Model, dice: &mut Dice) -> String {
    let mut lines = Vec::new();
    let mut hours: usize = 0;
    let zone = Zone::find(&model.timezone).unwrap();
    let start = zone.parse("2020-01-01").unwrap().at;
    lines.push(json!({"time": "2019-12-30", "event": "Team.added", "group": "red"}).to_string());
    // Some things happen often: else little would ever fall into one window.
    let often: Vec<usize> = (0..4).map(|_| dice.roll(model.events.len())).collect();
    let steps = match dice.roll(2) {
        0 => [0, 0, 1, 30, 200, 900, 3000],
        _ => [0, 0, 1, 7, 24, 40, 200],
    };
    for _ in 0..dice.roll(80) {
        let event = match dice.roll(3) {
            0 => dice.roll(model.events.len()),
            _ => often[dice.roll(often.len())],
        };
        let event = &model.events[event];
        let computed = matches!(
            event.source,
            EventSource::Missed(_)
                | EventSource::Met(_)
                | EventSource::Broken(_)
                | EventSource::Mended(_)
                | EventSource::Closed(_)
        );
        if computed {
            continue;
        }
        hours += steps[dice.roll(7)];
        let at = Instant(start.0 + i64::try_from(hours).unwrap() * 3_600_000_000);
        let at = match zone.start_of_day(at) == at {
            true => zone.date(at),
            false => zone.show(at),
        };
        let mut line = json!({"time": at, "event": event.name});
        let kind = &model.kinds[event.kind.index()];
        if matches!(kind.form, Form::Group | Form::Thing) {
            line["group"] = json!(dice.pick(&["red", "blue"]));
        }
        if dice.roll(4) > 0 {
            line["by"] = json!(dice.pick(&["ann", "bo", "cy", "Board"]));
        }
        for field in &event.fields {
            if dice.roll(5) > 0 {
                line[&field.spelled] = value(&field.ty, dice);
            }
        }
        lines.push(line.to_string());
    }
    lines.join("\n")
}

/// A spec of groups in which most of what happens is routine: what is owed again and again, in states
/// that are entered and left, beside rules that make some of it less simple.
fn routine_spec(dice: &mut Dice) -> String {
    let mut text = String::from(
        "governance Routine \"Routine\"\n\
         group Team {\n  role lead\n  may have no lead\n\
         \x20 event meet, talk, report(topic: text), go, stop\n\
         \x20 state young initial\n  state active\n  state warned\n  state closed final\n\
         \x20 may go if (young or warned) -> active\n  may stop by lead -> closed\n",
    );
    let events = ["meet", "talk", "report"];
    let states = [
        "young",
        "active",
        "warned",
        "(young or active)",
        "not warned",
    ];
    for index in 0..2 + dice.roll(4) {
        let event = dice.pick(&events);
        let state = dice.pick(&states);
        let span = dice.pick(&["3 days", "10 days", "2 weeks", "36 hours", "1 month"]);
        let fate = dice.pick(&["warned", "closed", "active"]);
        let line = match dice.roll(12) {
            0 | 1 => {
                format!("must {event} every {span} as c{index}\n  on c{index}.missed -> {fate}")
            }
            2 => format!(
                "must {event} every {span} if {state} as c{index}\n  on c{index}.missed -> {fate}"
            ),
            3 => format!("state active {{ should {event} every {span} as c{index} }}"),
            4 => format!("must {event} every {span} until end-of-day as c{index}"),
            5 => format!("may only {event} if {state} as c{index}"),
            6 => format!("state warned {{ may only {event} by lead as c{index} }}"),
            7 => format!("must {event} within {span} after go as c{index}"),
            8 => format!("on no {event} for {span} -> {fate} as c{index}"),
            9 => format!("must have at least 1 {event} in last {span} as c{index}"),
            10 => format!("must {event} by lead every {span} as c{index}"),
            _ => format!("must {event} at least 1 per month as c{index}"),
        };
        let _ = writeln!(text, "  {line}");
    }
    text.push_str("}\n");
    text
}

/// Events of a few groups, mostly at instants of their own, some at one, some with a date only.
fn routine_trace(dice: &mut Dice) -> String {
    let mut lines = Vec::new();
    let mut hours = 0;
    for _ in 0..40 + dice.roll(120) {
        hours += [0, 0, 0, 0, 1, 5, 20, 30, 50, 90, 200, 500][dice.roll(12)];
        let day = hours / 24;
        let at = format!(
            "{}-{:02}-{:02}",
            2020 + day / 336,
            1 + day % 336 / 28,
            1 + day % 28
        );
        // A date stands before the hours of its day, so that the order of time is kept.
        let at = if dice.roll(12) == 0 && hours % 24 == 0 {
            at
        } else {
            format!("{at}T{:02}:00:00Z", hours % 24)
        };
        let event = dice.pick(&[
            "meet",
            "meet",
            "talk",
            "talk",
            "report",
            "go",
            "lead.added",
            "stop",
        ]);
        let mut line = json!({"time": at, "event": event, "group": dice.pick(&["a", "b", "c"])});
        match event {
            "lead.added" => line["person"] = json!(dice.pick(&["ann", "bo"])),
            "report" if dice.roll(2) == 0 => line["topic"] = json!("x"),
            _ => {}
        }
        if dice.roll(3) == 0 && event != "lead.added" {
            line["by"] = json!(dice.pick(&["ann", "bo", "cy"]));
        }
        lines.push(line.to_string());
    }
    lines.join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    /// Routine events, timers that were put off and records read in one pass come to the same as
    /// everything one by one.
    #[test]
    fn what_is_cut_short_comes_to_the_same(rolls in prop::collection::vec(any::<u16>(), 200..600)) {
        let mut dice = Dice::new(rolls);
        let text = routine_spec(&mut dice);
        let mut sources = Sources::default();
        let root = sources.add("routine.gov", text.clone());
        let compiled = govc::compile(&mut sources, root, &mut |_, _| Err(String::new()));
        let Some(model) = compiled.model else {
            prop_assert!(!compiled.problems.is_empty());
            return Ok(());
        };
        let trace = routine_trace(&mut dice);
        let run = |options: run::Options| {
            let report = run::simulate(&model, Cursor::new(&trace), "trace", options);
            report.map(|r| report::to_json(&r)).map_err(|e| e.to_text(false))
        };
        let plain = run::Options {
            one_by_one: true,
            trace: run::trace::Options { long_way: true, ..Default::default() },
            ..Default::default()
        };
        let short = run(run::Options::default());
        prop_assert!(short.is_ok(), "{}\n{text}\n{trace}", short.unwrap_err());
        prop_assert_eq!(short, run(plain), "\n{}\n{}", text, trace);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_spec_that_checks_cleanly_runs(rolls in prop::collection::vec(any::<u16>(), 40..240)) {
        let mut dice = Dice::new(rolls);
        let text = spec(&mut dice);
        let mut sources = Sources::default();
        let root = sources.add("random.gov", text.clone());
        let compiled = govc::compile(&mut sources, root, &mut |_, _| Err(String::new()));
        let Some(model) = compiled.model else {
            // What does not check cleanly is refused with a message, which is all it may be.
            prop_assert!(!compiled.problems.is_empty());
            return Ok(());
        };
        let again = wire::from_json(&wire::to_json(&model));
        prop_assert_eq!(again.as_ref().ok(), Some(&model), "the IR does not survive its JSON");
        let trace = trace(&model, &mut dice);
        let run = |model: &Model, options: run::Options| {
            run::simulate(model, Cursor::new(&trace), "trace", options)
                .map(|r| report::to_json(&r))
                .map_err(|e| e.to_text(false))
        };
        let first = run(&model, run::Options::default());
        prop_assert!(first.is_ok(), "{}\n{text}\n{trace}", first.unwrap_err());
        prop_assert_eq!(&first, &run(&again.unwrap(), run::Options::default()));
        // Whatever is cut short comes to the same as the plain step.
        let plain = run::Options {
            one_by_one: true,
            trace: run::trace::Options { long_way: true, ..Default::default() },
            ..Default::default()
        };
        prop_assert_eq!(&first, &run(&model, plain), "\n{}\n{}", text, trace);
    }
}

#[test]
fn most_random_specs_check_cleanly() {
    // Else the laws above would say little.
    for (name, spec) in [
        ("random", spec as fn(&mut Dice) -> String),
        ("routine", routine_spec),
    ] {
        let mut clean = 0;
        for seed in 0..200u16 {
            let rolls = (0..120)
                .map(|i| seed.wrapping_mul(31).wrapping_add(i * 97) ^ (i << 3))
                .collect();
            let text = spec(&mut Dice::new(rolls));
            let mut sources = Sources::default();
            let root = sources.add("random.gov", text);
            let compiled = govc::compile(&mut sources, root, &mut |_, _| Err(String::new()));
            clean += usize::from(compiled.model.is_some());
        }
        assert!(clean > 100, "{name}: only {clean} of 200");
    }
}
