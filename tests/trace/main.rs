//! Traces: what they say, and what is said about them where they are wrong.
//!
//! `said` has what a trace says, `wrong` a table of mistakes with the code and place of each,
//! `errors` how mistakes are told, `report` what is printed of a run, and `laws` what holds of
//! whatever bytes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test"
)]

mod errors;
mod laws;
mod report;
mod said;
#[path = "../support/mod.rs"]
mod support;
mod wrong;

use govc::ir::Model;
use govc::run::trace::{Options, Reading, TraceErrors, TraceReader};
use govc::run::{Given, Input, Names, Occurrence, Value};
use govc::time::Instant;

/// How a trace of the small charter begins; the brace is still open.
pub const HEADER: &str = r#"{"format": "govc-trace", "version": 1, "spec": "small.gov", "observed": {"from": "2025-01-01", "until": "2025-07-01T00:00:00Z"}, "given": [{"kind": "SIG", "group": "sdk", "state": "active", "since": "2024-06-01", "topic": "data"}, {"role": "lead", "group": "sdk", "person": ["ann", "bo"], "since": "2024-06-01"}, {"role": "TSC.member", "person": "cy"}, {"person": "ann", "org": "Acme"}]"#;

pub fn at(text: &str) -> Instant {
    let zone = govc::time::Zone::utc();
    zone.parse(text).expect("a time").at
}

/// Everything a trace yields.
pub fn read_with(
    model: &Model,
    trace: &[u8],
    options: Options,
) -> Result<(Vec<Input>, Reading, Names), TraceErrors> {
    let mut names = Names::default();
    let mut reader = TraceReader::new(model, trace, "t.json", options);
    let mut inputs = Vec::new();
    while let Some(input) = reader.next(&mut names)? {
        inputs.push(input);
    }
    Ok((inputs, reader.reading(), names))
}

pub fn read(model: &Model, trace: &str) -> Result<(Vec<Input>, Reading, Names), TraceErrors> {
    read_with(model, trace.as_bytes(), Options::default())
}

/// The inputs as short lines.
pub fn told(model: &Model, trace: &str) -> String {
    match read(model, trace) {
        Ok((inputs, _, names)) => inputs
            .iter()
            .map(|input| tell(model, &names, input) + "\n")
            .collect(),
        Err(errors) => errors.to_text(false),
    }
}

fn tell(model: &Model, names: &Names, input: &Input) -> String {
    let name = |sym: &govc::run::Sym| names.text(*sym).to_owned();
    match input {
        Input::Begin(at) => format!("begin {at}"),
        Input::End(at) => format!("end {at}"),
        Input::Given(Given::Instance {
            kind,
            id,
            parent,
            state,
            fields,
            since,
        }) => format!(
            "given {} {} in {:?} state {state:?} fields {:?} since {:?}",
            model.kinds[kind.index()].name,
            name(id),
            parent.as_ref().map(name),
            fields
                .iter()
                .map(|(i, v)| format!("{i}={}", value(names, v)))
                .collect::<Vec<_>>(),
            since.map(|s| s.at.to_string())
        ),
        Input::Given(Given::Holding {
            role,
            subject,
            holder,
            since,
        }) => format!(
            "given {} of {:?}: {} since {:?}",
            model.roles[*role as usize].name,
            subject.as_ref().map(name),
            name(holder),
            since.map(|s| s.at.to_string())
        ),
        Input::Given(Given::Attribute {
            person,
            attribute,
            value: v,
        }) => format!("given {} {attribute}={}", name(person), value(names, v)),
        Input::Occur(Occurrence {
            at,
            event,
            subject,
            actors,
            fields,
            position,
            change,
            opening,
        }) => format!(
            "{position} {}{} {}.{} of {:?} by {:?} [{}] change {change}{}",
            at.at,
            if at.day { " (day)" } else { "" },
            model.kinds[model.events[event.index()].kind.index()].name,
            model.events[event.index()].name,
            subject.as_ref().map(name),
            actors.iter().map(name).collect::<Vec<_>>(),
            fields
                .iter()
                .map(|v| value(names, v))
                .collect::<Vec<_>>()
                .join(", "),
            if *opening { " opening" } else { "" }
        ),
    }
}

fn value(names: &Names, v: &Value) -> String {
    match v {
        Value::Empty => "–".to_owned(),
        Value::Name(sym) => names.text(*sym).to_owned(),
        Value::Text(text) => format!("{text:?}"),
        Value::Date(stamp) => stamp.at.to_string(),
        Value::Duration(d) => d.to_string(),
        Value::Role(role) => format!("role {role}"),
        Value::List(list) => format!(
            "({})",
            list.iter()
                .map(|v| value(names, v))
                .collect::<Vec<_>>()
                .join(" ")
        ),
        other => format!("{other:?}"),
    }
}
