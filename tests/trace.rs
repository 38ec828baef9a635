//! Traces: what they say, and what is said about them where they are wrong.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test"
)]

mod support;

use govc::diag::Code;
use govc::ir::{EventSource, Model};
use govc::run::report;
use govc::run::trace::{Options, Reading, TraceErrors, TraceReader, observation, spec_of};
use govc::run::{Finding, Given, Input, Names, Occurrence, Report, Severity, TraceNote, Value};
use govc::time::Instant;
use proptest::prelude::*;
use support::{model, record_model};

fn at(text: &str) -> Instant {
    let zone = govc::time::Zone::utc();
    zone.parse(text).expect("a time").at
}

/// Everything a trace yields.
fn read_with(
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

fn read(model: &Model, trace: &str) -> Result<(Vec<Input>, Reading, Names), TraceErrors> {
    read_with(model, trace.as_bytes(), Options::default())
}

/// The inputs as short lines.
fn told(model: &Model, trace: &str) -> String {
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

// -- what a trace says

const HEADER: &str = r#"{"format": "govc-trace", "version": 1, "spec": "small.gov", "observed": {"from": "2025-01-01", "until": "2025-07-01T00:00:00Z"}, "given": [{"kind": "SIG", "group": "sdk", "state": "active", "since": "2024-06-01", "topic": "data"}, {"role": "lead", "group": "sdk", "person": ["ann", "bo"], "since": "2024-06-01"}, {"role": "TSC.member", "person": "cy"}, {"person": "ann", "org": "Acme"}]"#;

#[test]
fn a_native_trace_as_lines() {
    let trace = format!(
        "{HEADER}}}\n\n{}\n{}\r\n{}",
        r#"{"time": "2025-01-14", "event": "meet", "group": "sdk", "by": "ann", "present": 4, "public": true, "kind": "extra", "attendees": ["ann", "bo"]}"#,
        r#"{"event": "leave", "group": "sdk", "person": "b\u006f", "by": ["ann", "cy"], "length": "P3M", "back": "2025-05-01", "to": null, "time": "2025-02-03T17:00:00.25+01:00"}"#,
        r#"{"time": "2025-03-01", "event": "promoted", "person": "bo", "into": "Chair Person", "change": 7, "opening": true}"#,
    );
    insta::assert_snapshot!(told(&model(), &trace), @r#"
begin 2025-01-01T00:00:00Z
given SIG sdk in None state Some(1) fields ["0=\"data\""] since Some("2024-06-01T00:00:00Z")
given lead of Some("sdk"): ann since Some("2024-06-01T00:00:00Z")
given lead of Some("sdk"): bo since Some("2024-06-01T00:00:00Z")
given member of None: cy since None
given ann 0="Acme"
1 2025-01-14T00:00:00Z (day) SIG.meet of Some("sdk") by ["ann"] [Number(4), Flag(true), extra, (ann bo)] change 1
2 2025-02-03T16:00:00.25Z SIG.leave of Some("sdk") by ["ann", "cy"] [bo, 3 months, 2025-05-01T00:00:00Z, –] change 2
3 2025-03-01T00:00:00Z (day) .promoted of None by [] [bo, role 0] change 3 opening
end 2025-07-01T00:00:00Z
"#);
}

#[test]
fn the_same_trace_as_a_document() {
    let lines = [
        r#"{"time": "2025-01-14", "event": "SIG.meet", "group": "sdk", "present": 4}"#,
        r#"{"time": "2025-01-14", "event": "decided"}"#,
        r#"{"time": "2025-01-14", "event": "decided", "group": "TSC", "by": "cy"}"#,
    ];
    let as_lines = told(&model(), &format!("{HEADER}}}\n{}", lines.join("\n")));
    let list = format!("[\n{}\n]", lines.join(",\n"));
    let document = format!("{HEADER},\n\"events\": {list}}}");
    assert_eq!(as_lines, told(&model(), &document));
    let one_line = document.replace('\n', "");
    assert_eq!(as_lines, told(&model(), &one_line));
    assert_eq!(
        as_lines,
        told(&model(), &format!("\u{feff}\n{one_line}\n\n"))
    );
    // Without a header the events alone decide what was observed.
    assert_eq!(told(&model(), &lines.join("\n")), told(&model(), &list));
    insta::assert_snapshot!(told(&model(), &list), @r#"
begin 2025-01-14T00:00:00Z
1 2025-01-14T00:00:00Z (day) SIG.meet of Some("sdk") by [] [Number(4), –, –, –] change 1
2 2025-01-14T00:00:00Z (day) TSC.decided of None by [] [] change 1
3 2025-01-14T00:00:00Z (day) TSC.decided of None by ["cy"] [] change 1
end 2025-01-14T00:00:00Z
"#);
}

#[test]
fn the_kind_of_a_group_decides_which_event_is_meant() {
    let trace = concat!(
        r#"{"time": "2025-01-01", "event": "SIG.added", "group": "a", "topic": "x"}"#,
        "\n",
        r#"{"time": "2025-01-02", "event": "WG.meet", "group": "b"}"#,
        "\n",
        r#"{"time": "2025-01-03", "event": "meet", "group": "a"}"#,
        "\n",
        r#"{"time": "2025-01-04", "event": "meet", "group": "b"}"#,
        "\n",
        r#"{"time": "2025-01-05", "event": "Chair Person.added", "group": "c", "person": "ann"}"#,
        "\n",
        r#"{"time": "2025-01-06", "event": "meet", "group": "c"}"#,
        "\n",
        r#"{"time": "2025-01-07", "event": "WG.added", "group": "a"}"#,
        "\n",
        r#"{"time": "2025-01-08", "event": "meet", "group": "a"}"#,
        "\n",
    );
    insta::assert_snapshot!(told(&model(), trace), @r#"
begin 2025-01-01T00:00:00Z
1 2025-01-01T00:00:00Z (day) SIG.SIG.added of Some("a") by [] ["x"] change 1
2 2025-01-02T00:00:00Z (day) WG.meet of Some("b") by [] [] change 2
3 2025-01-03T00:00:00Z (day) SIG.meet of Some("a") by [] [–, –, –, –] change 3
4 2025-01-04T00:00:00Z (day) WG.meet of Some("b") by [] [] change 4
5 2025-01-05T00:00:00Z (day) SIG.lead.added of Some("c") by [] [ann] change 5
6 2025-01-06T00:00:00Z (day) SIG.meet of Some("c") by [] [–, –, –, –] change 6
7 2025-01-07T00:00:00Z (day) WG.WG.added of Some("a") by [] [] change 7
8 2025-01-08T00:00:00Z (day) WG.meet of Some("a") by [] [] change 8
end 2025-01-08T00:00:00Z
"#);
}

#[test]
fn a_record_through_its_mapping() {
    let trace = concat!(
        r#"{"at": "2020-01-01T00:00:00Z", "what": "observation_start", "source": [[{"deep": 1}]]}"#,
        "\n",
        r#"{"at": "2020-01-01T00:00:00Z", "what": "group_added", "team": "sdk", "tx": 1, "initial": true, "seq": 2}"#,
        "\n",
        r#"{"at": 1577836801, "what": "lead_added", "team": "sdk", "tx": 1, "person": 17, "company": 7, "author": null}"#,
        "\n",
        r#"{"at": 1577836801.5, "what": "lead_added", "team": "sdk", "tx": "1", "person": "bo", "company": null, "author": "p1"}"#,
        "\n",
        r#"{"at": "2020-02-01", "what": "renamed", "team": "sdk"}"#,
        "\n",
        r#"{"what": "renamed"}"#,
        "\n",
        r#"{"at": "2020-03-01", "what": "size_said", "size": 1.5, "initial": "yes", "author": {"x": 1}, "tx": [1]}"#,
        "\n",
        r#"{"at": "2020-03-01", "what": "size_said", "size": "many", "team": ["sdk"]}"#,
        "\n",
        r#"{"at": "2020-04-01", "what": "observation_end"}"#,
        "\n",
    );
    let model = record_model();
    insta::assert_snapshot!(told(&model, trace), @r#"
begin 2020-01-01T00:00:00Z
2 2020-01-01T00:00:00Z .group_added of Some("sdk") by [] [–] change 1 opening
3 2020-01-01T00:00:01Z .lead_added of Some("sdk") by [] [17, –] change 2
4 2020-01-01T00:00:01.5Z .lead_added of Some("sdk") by ["p1"] [bo, –] change 3
7 2020-03-01T00:00:00Z (day) .size_said of None by [] [–] change 4
8 2020-03-01T00:00:00Z (day) .size_said of None by [] [–] change 4
end 2020-04-01T00:00:00Z
"#);
    let (_, reading, _) = read(&model, trace).unwrap();
    insta::assert_debug_snapshot!(reading, @r#"
Reading {
    observed_from: Some(
        Instant(
            1577836800000000,
        ),
    ),
    observed_to: Some(
        Instant(
            1585699200000000,
        ),
    ),
    events: 9,
    unmapped: {
        "renamed": 2,
    },
    notes: [
        TraceNote {
            message: "`author` of `size_said` was neither a name nor a list of names; read as empty",
            count: 1,
            events: [
                7,
            ],
        },
        TraceNote {
            message: "`company` of `lead_added` was not a text; read as empty",
            count: 1,
            events: [
                3,
            ],
        },
        TraceNote {
            message: "`initial` of `size_said` was neither true nor false; read as empty",
            count: 1,
            events: [
                7,
            ],
        },
        TraceNote {
            message: "`size` of `size_said` was not a whole number; read as empty",
            count: 2,
            events: [
                7,
                8,
            ],
        },
        TraceNote {
            message: "`team` of `size_said` was no name; read as empty",
            count: 1,
            events: [
                8,
            ],
        },
        TraceNote {
            message: "`tx` of `size_said` was neither a text nor a number; read as empty",
            count: 1,
            events: [
                7,
            ],
        },
    ],
}
"#);
    let strict = Options {
        strict: true,
        ..Options::default()
    };
    let errors = read_with(&model, trace.as_bytes(), strict).unwrap_err();
    insta::assert_snapshot!(errors.to_text(false), @r#"
error[GOV0603]: the mapping lists no event `renamed`
  ┌─ t.json:5:30
  │
5 │ {"at": "2020-02-01", "what": "renamed", "team": "sdk"}
  │                              ^^^^^^^^^
  │
  = without --strict such events are counted and passed over

error[GOV0603]: the mapping lists no event `renamed`
  ┌─ t.json:6:10
  │
6 │ {"what": "renamed"}
  │          ^^^^^^^^^
  │
  = without --strict such events are counted and passed over
"#);
}

#[test]
fn a_record_of_the_specs_own_events_under_other_names() {
    let mut model = model();
    model.record = record_model().record;
    let trace = concat!(
        r#"{"at": 1577836800, "what": "SIG.added", "team": "sdk", "topic": 7, "more": 1}"#,
        "\n",
        r#"{"at": 1577836801, "what": "meet", "team": "sdk", "author": "ann", "present": 3}"#,
        "\n",
        r#"{"at": 1577836802, "what": "decided", "team": "TSC"}"#,
        "\n",
        r#"{"at": 1577836803, "what": "moved", "team": "sdk"}"#,
    );
    insta::assert_snapshot!(told(&model, trace), @r#"
begin 2020-01-01T00:00:00Z
1 2020-01-01T00:00:00Z SIG.SIG.added of Some("sdk") by [] [–] change 1
2 2020-01-01T00:00:01Z SIG.meet of Some("sdk") by ["ann"] [Number(3), –, –, –] change 2
3 2020-01-01T00:00:02Z TSC.decided of None by [] [] change 3
end 2020-01-01T00:00:03Z
"#);
    let wrong = r#"{"at": 1577836800, "what": "report"}"#;
    insta::assert_snapshot!(told(&model, wrong), @r#"
error[GOV0615]: `report` happens in a WG, and none is named
  ┌─ t.json:1:28
  │
1 │ {"at": 1577836800, "what": "report"}
  │                            ^^^^^^^^
  │
  = help: add `"team": "…"`
"#);
}

#[test]
fn late_events_are_taken_at_the_later_time_where_that_is_allowed() {
    let trace = concat!(
        r#"{"time": "2025-01-14", "event": "meet", "group": "SIG1", "present": 1}"#,
        "\n",
        r#"{"time": "2025-01-10", "event": "SIG.meet", "group": "SIG1", "present": 2}"#,
        "\n",
    )
    .replace("\"meet\"", "\"SIG.meet\"");
    let options = Options {
        allow_late: true,
        ..Options::default()
    };
    let (inputs, reading, _) = read_with(&model(), trace.as_bytes(), options).unwrap();
    let Input::Occur(second) = &inputs[2] else {
        panic!("{inputs:?}")
    };
    assert_eq!(second.at.at, at("2025-01-14"));
    assert_eq!(reading.notes.len(), 1);
    assert_eq!(reading.notes[0].events, [2]);
    assert_eq!(
        read(&model(), &trace).unwrap_err().shown[0].code,
        Code::OutOfOrder
    );
}

#[test]
fn changes_are_contiguous_records_of_one_change_and_time() {
    let line = |time: &str, tx: &str| {
        format!(r#"{{"at": "{time}", "what": "lead_added", "person": "ann", "tx": {tx}}}"#)
    };
    let trace = [
        line("2020-01-01", "1"),
        line("2020-01-01", "1"),
        line("2020-01-02", "1"),
        line("2020-01-02", "2"),
        line("2020-01-02", "null"),
        line("2020-01-02", "null"),
        line("2020-01-03", "null"),
        line("2020-01-03", "2"),
    ]
    .join("\n");
    let (inputs, _, _) = read(&record_model(), &trace).unwrap();
    let changes: Vec<u64> = inputs
        .iter()
        .filter_map(|input| match input {
            Input::Occur(o) => Some(o.change),
            _ => None,
        })
        .collect();
    assert_eq!(changes, [1, 1, 2, 3, 4, 4, 5, 6]);
}

#[test]
fn observation_of_an_event_begins_at_its_first_record_if_that_is_an_opening() {
    let trace = concat!(
        r#"{"at": "2020-01-01", "what": "observation_start"}"#,
        "\n",
        r#"{"at": "2020-01-01", "what": "group_added", "initial": false}"#,
        "\n",
        r#"{"at": "2020-02-01", "what": "lead_added", "initial": true}"#,
        "\n",
        "not JSON\n",
        r#"{"at": "2020-03-01", "what": "lead_added", "initial": true}"#,
        "\n",
        r#"{"at": "2020-03-01", "what": "group_added", "initial": true}"#,
        "\n",
    );
    let model = record_model();
    let observed = observation(&model, trace.as_bytes());
    let by_name: Vec<(&str, Instant)> = observed
        .iter()
        .map(|(id, at)| (model.events[id.index()].name.as_str(), *at))
        .collect();
    assert_eq!(by_name, [("lead_added", at("2020-02-01"))]);
    assert!(observation(&support::model(), trace.as_bytes()).is_empty());
    assert!(model.events.iter().any(|e| e.source == EventSource::Record));
}

#[test]
fn the_spec_of_a_trace() {
    let spec = |text: &str| spec_of(text.as_bytes());
    assert_eq!(spec(&format!("{HEADER}}}")).as_deref(), Some("small.gov"));
    let document = "{\n \"events\": [],\n \"spec\": \"a/b.gov\"\n}";
    assert_eq!(spec(document).as_deref(), Some("a/b.gov"));
    assert_eq!(spec("[]"), None);
    assert_eq!(spec(""), None);
    assert_eq!(spec(r#"{"time": "2025-01-01", "event": "meet"}"#), None);
    assert_eq!(spec(r#"{"spec": 7, "format": "govc-trace"}"#), None);
}

#[test]
fn nothing_happened_in_the_time_observed() {
    let (inputs, reading, _) = read(&model(), &format!("{HEADER}}}")).unwrap();
    assert_eq!(inputs.len(), 7);
    assert_eq!(inputs[0], Input::Begin(at("2025-01-01")));
    assert_eq!(inputs[6], Input::End(at("2025-07-01")));
    assert_eq!(reading.events, 0);
    let (inputs, _, _) = read(&model(), "[]").unwrap_or_else(|e| panic!("{e:?}"));
    assert!(inputs.is_empty());
}

// -- what is said about it

/// A wrong trace of the small charter, and the code and place of its first mistake.
const WRONG: &[(&str, &str, &str)] = &[
    // Not JSON.
    ("csv", "time,event\n2025-01-01,meet", "GOV0601 1:1"),
    ("yaml", "- time: 2025-01-01", "GOV0601 1:1"),
    (
        "comma",
        r#"{"time": "2025-01-01" "event": "report"}"#,
        "GOV0601 1:23",
    ),
    (
        "second-line",
        "{\"time\": \"2025-01-01\", \"event\": \"decided\"}\n{\"time\": 2025-01-01}",
        "GOV0601 2:14",
    ),
    (
        "nan",
        r#"{"time": "2025-01-01", "event": "meet", "group": "sdk", "present": NaN}"#,
        "GOV0601 1:68",
    ),
    (
        "infinity",
        r#"{"time": "2025-01-01", "event": "meet", "group": "sdk", "present": -Infinity}"#,
        "GOV0601 1:68",
    ),
    (
        "python",
        r#"{"time": "2025-01-01", "event": "meet", "group": "sdk", "public": True}"#,
        "GOV0601 1:67",
    ),
    (
        "none",
        r#"{"time": "2025-01-01", "event": "meet", "group": None}"#,
        "GOV0601 1:50",
    ),
    ("quotes", r#"{'time': '2025-01-01'}"#, "GOV0601 1:2"),
    ("key", r#"{time: 1}"#, "GOV0601 1:2"),
    (
        "two-on-a-line",
        r#"{"time": "2025-01-01", "event": "decided"} {"time": "2025-01-01"}"#,
        "GOV0601 1:44",
    ),
    ("after-document", "[]\n[]", "GOV0601 2:1"),
    (
        "control",
        "{\"time\": \"2025-01-01\", \"event\": \"de\tcided\"}",
        "GOV0601 1:36",
    ),
    (
        "surrogate",
        r#"{"time": "2025-01-01", "event": "\ud800"}"#,
        "GOV0601 1:40",
    ),
    // Cut off.
    (
        "cut-line",
        "{\"time\": \"2025-01-01\", \"event\": \"decided\"}\n{\"time\": \"2025-01-",
        "GOV0602 2:19",
    ),
    ("cut-first", "{\"time\": \"2025-01-", "GOV0602 1:19"),
    (
        "cut-document",
        "{\"format\": \"govc-trace\",\n \"events\": [\n  {\"time\": \"2025-01-01\"}",
        "GOV0602 3:25",
    ),
    ("cut-list", "[{\"time\": \"2025-01-01\"},", "GOV0602 1:25"),
    // Names.
    (
        "event",
        r#"{"time": "2025-01-01", "event": "meeet", "group": "sdk"}"#,
        "GOV0603 1:33",
    ),
    (
        "event-far",
        r#"{"time": "2025-01-01", "event": "frobnicate", "group": "sdk"}"#,
        "GOV0603 1:33",
    ),
    (
        "field",
        r#"{"time": "2025-01-01", "event": "SIG.meet", "group": "sdk", "presnt": 4}"#,
        "GOV0604 1:62",
    ),
    (
        "field-respelled",
        r#"{"time": "2025-01-01", "event": "leave", "group": "sdk", "next": "bo"}"#,
        "GOV0604 1:59",
    ),
    (
        "field-of-none",
        r#"{"time": "2025-01-01", "event": "decided", "present": 4}"#,
        "GOV0604 1:45",
    ),
    (
        "header-key",
        r#"{"format": "govc-trace", "specs": "x.gov"}"#,
        "GOV0604 1:27",
    ),
    (
        "observed-key",
        r#"{"format": "govc-trace", "observed": {"form": "2025-01-01"}}"#,
        "GOV0604 1:40",
    ),
    (
        "given-key",
        r#"{"given": [{"kind": "SIG", "group": "sdk", "stat": "active"}]}"#,
        "GOV0604 1:45",
    ),
    (
        "given-holding-key",
        r#"{"given": [{"role": "member", "person": "a", "scince": "2025-01-01"}]}"#,
        "GOV0604 1:47",
    ),
    (
        "given-attribute",
        r#"{"given": [{"person": "ann", "orgg": "Acme"}]}"#,
        "GOV0604 1:31",
    ),
    // Times.
    ("no-time", r#"{"event": "decided"}"#, "GOV0605 1:1"),
    (
        "no-time-near",
        r#"{"tiem": "2025-01-01", "event": "decided"}"#,
        "GOV0605 1:1",
    ),
    (
        "null-time",
        r#"{"time": null, "event": "decided"}"#,
        "GOV0605 1:1",
    ),
    (
        "no-such-day",
        r#"{"time": "2025-02-30", "event": "decided"}"#,
        "GOV0606 1:10",
    ),
    (
        "no-such-month",
        r#"{"time": "2025-13-01T00:00:00Z", "event": "decided"}"#,
        "GOV0606 1:10",
    ),
    (
        "no-such-hour",
        r#"{"time": "2025-01-01T25:00:00Z", "event": "decided"}"#,
        "GOV0606 1:10",
    ),
    (
        "no-offset",
        r#"{"time": "2025-01-01T12:00:00", "event": "decided"}"#,
        "GOV0606 1:10",
    ),
    (
        "german",
        r#"{"time": "14.01.2025", "event": "decided"}"#,
        "GOV0606 1:10",
    ),
    (
        "epoch-text",
        r#"{"time": "1736812800", "event": "decided"}"#,
        "GOV0606 1:10",
    ),
    (
        "epoch",
        r#"{"time": 1736812800, "event": "decided"}"#,
        "GOV0608 1:10",
    ),
    (
        "order",
        "{\"time\": \"2025-01-14\", \"event\": \"decided\"}\n{\"time\": \"2025-01-13T23:59:59Z\", \"event\": \"decided\"}",
        "GOV0607 2:10",
    ),
    // Values.
    (
        "number",
        r#"{"time": "2025-01-01", "event": "SIG.meet", "group": "sdk", "present": "4"}"#,
        "GOV0608 1:72",
    ),
    (
        "flag",
        r#"{"time": "2025-01-01", "event": "SIG.meet", "group": "sdk", "public": "true"}"#,
        "GOV0608 1:71",
    ),
    (
        "list",
        r#"{"time": "2025-01-01", "event": "SIG.meet", "group": "sdk", "attendees": "ann"}"#,
        "GOV0608 1:74",
    ),
    (
        "element",
        r#"{"time": "2025-01-01", "event": "SIG.meet", "group": "sdk", "attendees": ["ann", 7]}"#,
        "GOV0608 1:82",
    ),
    (
        "person",
        r#"{"time": "2025-01-01", "event": "leave", "group": "sdk", "person": ["ann"]}"#,
        "GOV0608 1:68",
    ),
    (
        "empty-name",
        r#"{"time": "2025-01-01", "event": "leave", "group": "sdk", "person": ""}"#,
        "GOV0608 1:68",
    ),
    (
        "duration",
        r#"{"time": "2025-01-01", "event": "leave", "group": "sdk", "length": "3 mouths"}"#,
        "GOV0608 1:68",
    ),
    (
        "by",
        r#"{"time": "2025-01-01", "event": "decided", "by": {"name": "ann"}}"#,
        "GOV0608 1:50",
    ),
    (
        "group",
        r#"{"time": "2025-01-01", "event": "report", "group": 7}"#,
        "GOV0608 1:52",
    ),
    (
        "opening",
        r#"{"time": "2025-01-01", "event": "decided", "opening": "yes"}"#,
        "GOV0608 1:55",
    ),
    (
        "change",
        r#"{"time": "2025-01-01", "event": "decided", "change": [1]}"#,
        "GOV0608 1:54",
    ),
    (
        "event-name",
        r#"{"time": "2025-01-01", "event": 7}"#,
        "GOV0608 1:33",
    ),
    (
        "spec",
        r#"{"format": "govc-trace", "spec": 7}"#,
        "GOV0608 1:34",
    ),
    (
        "observed",
        r#"{"format": "govc-trace", "observed": "2025"}"#,
        "GOV0608 1:38",
    ),
    (
        "given",
        r#"{"format": "govc-trace", "given": {"kind": "SIG"}}"#,
        "GOV0608 1:35",
    ),
    (
        "given-element",
        r#"{"format": "govc-trace", "given": ["SIG"]}"#,
        "GOV0608 1:36",
    ),
    (
        "events",
        "{\"format\": \"govc-trace\",\n \"events\": {}}",
        "GOV0608 2:12",
    ),
    (
        "choice",
        r#"{"time": "2025-01-01", "event": "SIG.meet", "group": "sdk", "kind": "regulr"}"#,
        "GOV0609 1:69",
    ),
    (
        "role",
        r#"{"time": "2025-01-01", "event": "promoted", "into": "leed"}"#,
        "GOV0609 1:53",
    ),
    (
        "given-kind",
        r#"{"given": [{"kind": "SIGG", "group": "sdk"}]}"#,
        "GOV0609 1:21",
    ),
    (
        "given-state",
        r#"{"given": [{"kind": "SIG", "group": "sdk", "state": "activ"}]}"#,
        "GOV0609 1:53",
    ),
    (
        "given-role",
        r#"{"given": [{"role": "leader", "group": "sdk", "person": "a"}]}"#,
        "GOV0609 1:21",
    ),
    (
        "repeated",
        r#"{"time": "2025-01-01", "event": "decided", "time": "2025-01-02"}"#,
        "GOV0610 1:45",
    ),
    (
        "repeated-header",
        r#"{"format": "govc-trace", "format": "govc-trace"}"#,
        "GOV0610 1:27",
    ),
    (
        "fraction",
        r#"{"time": "2025-01-01", "event": "SIG.meet", "group": "sdk", "present": 4.5}"#,
        "GOV0611 1:72",
    ),
    (
        "whole-fraction",
        r#"{"time": "2025-01-01", "event": "SIG.meet", "group": "sdk", "present": 4.0}"#,
        "GOV0611 1:72",
    ),
    (
        "exponent",
        r#"{"time": "2025-01-01", "event": "SIG.meet", "group": "sdk", "present": 1e400}"#,
        "GOV0611 1:72",
    ),
    (
        "large",
        r#"{"time": "2025-01-01", "event": "SIG.meet", "group": "sdk", "present": 99999999999999999999}"#,
        "GOV0611 1:72",
    ),
    // Subjects.
    (
        "no-group",
        r#"{"time": "2025-01-01", "event": "report"}"#,
        "GOV0615 1:33",
    ),
    (
        "which-kind",
        r#"{"time": "2025-01-01", "event": "meet", "group": "sdk"}"#,
        "GOV0615 1:50",
    ),
    (
        "other-kind",
        "{\"time\": \"2025-01-01\", \"event\": \"WG.added\", \"group\": \"sdk\"}\n{\"time\": \"2025-01-01\", \"event\": \"leave\", \"group\": \"sdk\"}",
        "GOV0615 2:51",
    ),
    (
        "group-of-document",
        r#"{"time": "2025-01-01", "event": "promoted", "group": "sdk"}"#,
        "GOV0615 1:54",
    ),
    (
        "group-of-body",
        r#"{"time": "2025-01-01", "event": "decided", "group": "TCS"}"#,
        "GOV0615 1:53",
    ),
    (
        "given-no-group",
        r#"{"given": [{"kind": "SIG"}]}"#,
        "GOV0615 1:12",
    ),
    (
        "given-role-no-group",
        r#"{"given": [{"role": "lead", "person": "ann"}]}"#,
        "GOV0615 1:21",
    ),
    (
        "given-role-of-other",
        r#"{"given": [{"kind": "WG", "group": "g"}, {"role": "lead", "group": "g", "person": "ann"}]}"#,
        "GOV0615 1:51",
    ),
    // Observation.
    (
        "before",
        "{\"observed\": {\"from\": \"2025-01-02\"}}\n{\"time\": \"2025-01-01\", \"event\": \"decided\"}",
        "GOV0616 2:10",
    ),
    (
        "after",
        "{\"observed\": {\"until\": \"2025-01-01\"}}\n{\"time\": \"2025-01-01T00:00:01Z\", \"event\": \"decided\"}",
        "GOV0616 2:10",
    ),
    (
        "backwards",
        r#"{"observed": {"from": "2025-01-02", "until": "2025-01-01"}}"#,
        "GOV0616 1:14",
    ),
    // No events.
    (
        "not-an-object",
        "{\"time\": \"2025-01-01\", \"event\": \"decided\"}\n[1]",
        "GOV0617 2:1",
    ),
    (
        "number-line",
        "{\"time\": \"2025-01-01\", \"event\": \"decided\"}\n42",
        "GOV0617 2:1",
    ),
    ("list-of-numbers", "[1, 2]", "GOV0617 1:2"),
    (
        "no-name",
        r#"{"time": "2025-01-01", "evnt": "decided"}"#,
        "GOV0617 1:1",
    ),
    (
        "null-name",
        r#"{"time": "2025-01-01", "event": null}"#,
        "GOV0617 1:33",
    ),
    (
        "no-events",
        "{\"format\": \"govc-trace\",\n\"spec\": \"x.gov\"}",
        "GOV0617 1:1",
    ),
    (
        "given-nothing",
        r#"{"given": [{"org": "Acme"}]}"#,
        "GOV0617 1:12",
    ),
    (
        "given-nobody",
        r#"{"given": [{"role": "member"}]}"#,
        "GOV0617 1:12",
    ),
    (
        "report",
        r#"{"format": "govc-report", "version": 1}"#,
        "GOV0618 1:12",
    ),
    (
        "version",
        r#"{"format": "govc-trace", "version": 2}"#,
        "GOV0618 1:37",
    ),
    (
        "computed",
        r#"{"time": "2025-01-01", "event": "monthly.missed", "group": "sdk"}"#,
        "GOV0619 1:33",
    ),
    ("empty", "", "GOV0620 0:0"),
    ("blank", "\n \n", "GOV0620 0:0"),
    (
        "never",
        r#"{"given": [{"person": "ann", "org": "Acme"}]}"#,
        "GOV0620 0:0",
    ),
];

/// A wrong record of the small charter, the same.
const WRONG_RECORD: &[(&str, &str, &str)] = &[
    ("no-time", r#"{"what": "lead_added"}"#, "GOV0605 1:1"),
    (
        "no-such-day",
        r#"{"at": "2025-02-30", "what": "lead_added"}"#,
        "GOV0606 1:8",
    ),
    (
        "millis",
        r#"{"at": 1736812800000, "what": "lead_added"}"#,
        "GOV0606 1:8",
    ),
    (
        "exponent",
        r#"{"at": 1e9, "what": "lead_added"}"#,
        "GOV0606 1:8",
    ),
    (
        "order",
        "{\"at\": \"2025-01-14\", \"what\": \"other\"}\n{\"at\": \"2025-01-13\", \"what\": \"lead_added\"}",
        "GOV0607 2:8",
    ),
    (
        "time-type",
        r#"{"at": {}, "what": "lead_added"}"#,
        "GOV0608 1:8",
    ),
    (
        "repeated",
        r#"{"at": "2025-01-14", "what": "lead_added", "x": 1, "x": 1}"#,
        "GOV0610 1:53",
    ),
    (
        "late-start",
        "{\"at\": \"2025-01-14\", \"what\": \"lead_added\"}\n{\"at\": \"2025-01-14\", \"what\": \"observation_start\"}",
        "GOV0616 2:30",
    ),
    (
        "after-stop",
        "{\"at\": \"2025-01-14\", \"what\": \"observation_end\"}\n{\"at\": \"2025-01-14\", \"what\": \"lead_added\"}",
        "GOV0616 2:8",
    ),
    (
        "no-name",
        r#"{"at": "2025-01-14", "event": "lead_added"}"#,
        "GOV0617 1:1",
    ),
];

fn table(model: &Model, table: &[(&str, &str, &str)]) -> String {
    let mut shown = String::new();
    let mut wrong = Vec::new();
    for (name, trace, expected) in table {
        let errors = read(model, trace).expect_err(name);
        let first = &errors.shown[0];
        let place = format!(
            "{} {}:{}",
            first.code.number(),
            first.line,
            first.column.unwrap_or(0)
        );
        if place != *expected {
            wrong.push(format!("{name}: {place}, not {expected}"));
        }
        shown += &format!("-- {name}\n{}", errors.to_text(false));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    shown
}

#[test]
fn every_mistake_has_its_code_and_place() {
    insta::assert_snapshot!("wrong", table(&model(), WRONG));
}

#[test]
fn every_mistake_in_a_record_has_its_code_and_place() {
    insta::assert_snapshot!("wrong-record", table(&record_model(), WRONG_RECORD));
}

#[test]
fn all_mistakes_are_told_and_counted() {
    let good = r#"{"time": "2025-01-01", "event": "decided"}"#;
    let bad = r#"{"time": "2025-02-30", "event": "decided", "x": 1}"#;
    let trace = [good, bad, good, "{", bad, "7"].join("\n");
    let errors = read(&model(), &trace).unwrap_err();
    let places: Vec<(u64, &str)> = errors
        .shown
        .iter()
        .map(|e| (e.line, e.code.number()))
        .collect();
    assert_eq!(
        places,
        [
            (2, "GOV0606"),
            (2, "GOV0604"),
            (4, "GOV0602"),
            (5, "GOV0606"),
            (5, "GOV0604"),
            (6, "GOV0617")
        ]
    );
    let many = [bad; 30].join("\n");
    let errors = read(&model(), &many).unwrap_err();
    assert_eq!((errors.shown.len(), errors.more), (20, 40));
    assert!(
        errors
            .to_text(false)
            .ends_with("… and 40 more errors in t.json\n")
    );
}

#[test]
fn bytes_that_are_not_utf8() {
    let mut trace = br#"{"time": "2025-01-01", "event": "decided"}"#.to_vec();
    trace.extend_from_slice(b"\n{\"time\": \"2025-01-01\", \"event\": \"d\xe9cid\xe9\"}\n");
    let errors = read_with(&model(), &trace, Options::default()).unwrap_err();
    insta::assert_snapshot!(errors.to_text(false), @r#"
error[GOV0614]: this is not UTF-8: the byte 0xe9 belongs to nothing
  ┌─ t.json:2:35
  │
2 │ {"time": "2025-01-01", "event": "d�cid�"}
  │                                   ^
  │
  = help: save the trace as UTF-8
"#);
    let utf16: Vec<u8> = [0xff, 0xfe, b'{', 0, b'}', 0].to_vec();
    let errors = read_with(&model(), &utf16, Options::default()).unwrap_err();
    insta::assert_snapshot!(errors.to_text(false), @"
error[GOV0614]: this is not UTF-8: the byte 0xff belongs to nothing
  ┌─ t.json:1:1
  │
1 │ ��{�}�
  │ ^
  │
  = help: this looks like UTF-16: save it as UTF-8
");
}

#[test]
fn values_nested_too_deep_and_lines_too_long() {
    let deep = format!(
        r#"{{"time": "2025-01-01", "event": "SIG.meet", "group": "sdk", "attendees": {}{}}}"#,
        "[".repeat(1000),
        "]".repeat(1000)
    );
    let errors = read(&model(), &deep).unwrap_err();
    assert_eq!(errors.shown[0].code, Code::TraceTooDeep);
    // A field that nobody reads is held to it too, and a million brackets harm nobody.
    let deep = format!(
        r#"{{"at": "2025-01-01", "what": "lead_added", "x": {}{}}}"#,
        "[".repeat(1_000_000),
        "]".repeat(1_000_000)
    );
    let errors = read(&record_model(), &deep).unwrap_err();
    assert_eq!(errors.shown[0].code, Code::TraceTooDeep);
    let open = "[".repeat(1_000_000);
    assert_eq!(
        read(&model(), &open).unwrap_err().shown[0].code,
        Code::Truncated
    );

    let long = format!(
        "{}\n{{\"time\": \"{}\"}}\n{{\"event\": \"decided\"}}",
        r#"{"time": "2025-01-01", "event": "decided"}"#,
        "x".repeat(17 << 20)
    );
    let errors = read(&model(), &long).unwrap_err();
    let codes: Vec<_> = errors.shown.iter().map(|e| (e.line, e.code)).collect();
    assert_eq!(codes, [(2, Code::LineTooLong), (3, Code::MissingTime)]);
}

#[test]
fn what_a_terminal_would_obey_is_spelled_out() {
    let trace = "{\"time\": \"2025-01-01\", \"event\": \"\\u001b[31m\\u202e\"}";
    let text = read(&model(), trace).unwrap_err().to_text(false);
    assert!(text.contains("`\\u{1b}[31m\\u{202e}`"), "{text}");
}

#[test]
fn every_page_shows_its_mistake_and_the_cure() {
    let charter = support::compile(support::CHARTER);
    for code in Code::ALL.iter().filter(|c| c.number().starts_with("GOV06")) {
        let page = code.page();
        let number = code.number();
        assert!(page.starts_with(&format!("# {number}: ")), "{number}");
        let (wrong, right) = (
            support::fences(page, "Wrong"),
            support::fences(page, "Right"),
        );
        // Some things are too large or too odd to be shown; then the page says so.
        let shown = !page.contains("This page has no example");
        assert_eq!(
            (wrong.len(), right.len()),
            (shown.into(), shown.into()),
            "{number}"
        );
        for (_, trace) in wrong {
            let errors = read(&charter, &trace).expect_err(number);
            for error in &errors.shown {
                assert_eq!(error.code, *code, "{}", errors.to_text(false));
            }
        }
        for (_, trace) in right {
            if let Err(errors) = read(&charter, &trace) {
                panic!("{number}: {}", errors.to_text(false));
            }
        }
    }
}

// -- the report

fn finding(clause: &str, severity: Severity, from: &str, to: Option<&str>) -> Finding {
    Finding {
        clause: clause.into(),
        severity,
        message: "1 lead, where 2..3 are required".into(),
        group: Some("sdk".into()),
        person: None,
        from: at(from),
        to: to.map(at),
        or_earlier: false,
        cite: vec!["\"Leads\" S-1".to_owned()].into(),
        events: vec![3, 4].into(),
        found: Some("1".to_owned()),
        required: Some("2..3".to_owned()),
        periods: Vec::new(),
    }
}

fn a_report() -> Report {
    let must = |from, to| finding("SIG.two-or-three", Severity::Violation, from, to);
    let findings = vec![
        Finding {
            group: Some("\u{1b}[31mred".into()),
            ..must("2025-03-01", None)
        },
        must("2025-01-14T10:00:00Z", Some("2025-02-14T15:30:59Z")),
        Finding {
            or_earlier: true,
            events: (1..=20).collect(),
            ..must("2025-01-01", Some("2025-01-02T00:00:01Z"))
        },
        Finding {
            or_earlier: true,
            group: None,
            person: Some("ann".into()),
            cite: vec![].into(),
            ..must("2025-01-01", None)
        },
        Finding {
            message: "`meet` was done by somebody who may not".into(),
            found: None,
            required: None,
            periods: Vec::new(),
            person: Some("bo".into()),
            events: vec![7].into(),
            ..finding(
                "SIG.meet",
                Severity::Violation,
                "2025-02-01",
                Some("2025-02-01"),
            )
        },
        Finding {
            message: "not done in time".into(),
            ..finding(
                "SIG.monthly",
                Severity::Advisory,
                "2025-02-01",
                Some("2025-02-01T00:00:59Z"),
            )
        },
        finding(
            "SIG.monthly",
            Severity::Note,
            "2025-01-05",
            Some("2025-01-05"),
        ),
        Finding {
            group: Some("etl".into()),
            ..finding(
                "SIG.monthly",
                Severity::Note,
                "2025-01-05",
                Some("2025-01-05"),
            )
        },
    ];
    let reading = Reading {
        observed_from: Some(at("2025-01-01")),
        observed_to: Some(at("2025-03-31T12:00:00Z")),
        events: 128,
        unmapped: [("renamed".to_owned(), 3), ("moved".to_owned(), 1)].into(),
        notes: vec![TraceNote {
            message: "`company` of `lead_added` was not a text; read as empty".into(),
            count: 12,
            events: (1..=10).collect(),
        }],
    };
    report::assemble(&model(), findings, reading)
}

#[test]
fn a_report_for_people() {
    let report = a_report();
    insta::assert_snapshot!(report::to_text(&report, &model(), false), @r#"
violation SIG.two-or-three
  ann: 1 lead, where 2..3 are required
  since 2025-01-01 or earlier, at least 89 days, 12 hours so far, still so at the end  events 3, 4

violation SIG.two-or-three  ["Leads" S-1]
  sdk: 1 lead, where 2..3 are required
  from 2025-01-01 or earlier until 2025-01-02 00:00:01 UTC (at least 1 day)  events 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, …

violation SIG.two-or-three  ["Leads" S-1]
  sdk: 1 lead, where 2..3 are required
  from 2025-01-14 10:00:00 UTC until 2025-02-14 15:30:59 UTC (31 days, 5 hours)  events 3, 4

advisory SIG.monthly  ["Leads" S-1]
  sdk: not done in time (found 1, required 2..3)
  from 2025-02-01 until 2025-02-01 00:00:59 UTC (59 seconds)  events 3, 4

violation SIG.meet  ["Leads" S-1]
  sdk, bo: `meet` was done by somebody who may not
  on 2025-02-01  event 7

violation SIG.two-or-three  ["Leads" S-1]
  \u{1b}[31mred: 1 lead, where 2..3 are required
  since 2025-03-01, 30 days, 12 hours so far, still so at the end  events 3, 4

note SIG.monthly  ["Leads" S-1]
  1 lead, where 2..3 are required
  etl, 2025-01-05, events 3, 4; sdk, 2025-01-05, events 3, 4

trace 4 events that the mapping does not list are passed over: moved (1), renamed (3)
trace `company` of `lead_added` was not a text; read as empty (events 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …)

clause            violations  advisories  notes  longest            in total
SIG.two-or-three           4           –      –  89 days, 12 hours  152 days, 5 hours +
SIG.monthly                –           1      2  59 seconds         59 seconds
SIG.meet                   1           –      –  –                  –
+ still so at the end

5 violations, 1 advisory, 2 notes in 128 events, 2025-01-01 … 2025-03-31
"#);
    let colored = report::to_text(&report, &model(), true);
    let mut plain = String::new();
    let mut rest = colored.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain += before;
        rest = after.split_once('m').unwrap().1;
    }
    plain += rest;
    assert_eq!(plain, report::to_text(&report, &model(), false));
    assert!(report.fails());
}

#[test]
fn a_report_in_the_zone_of_the_spec() {
    let mut model = model();
    model.timezone = "Europe/Berlin".to_owned();
    let text = report::to_text(&a_report(), &model, false);
    assert!(
        text.contains("from 2025-01-14 11:00:00 Europe/Berlin until"),
        "{text}"
    );
}

#[test]
fn a_report_for_programs() {
    let report = a_report();
    let json = report::to_json(&report);
    assert!(json.ends_with("}\n"));
    let back: Report = serde_json::from_str(&json).unwrap();
    assert_eq!(back, report);
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["format"], "govc-report");
    assert_eq!(value["findings"][0]["group"], serde_json::Value::Null);
    // Whatever the order in which they were found.
    let mut shuffled = report.findings.clone();
    shuffled.reverse();
    let reading = Reading {
        observed_from: report.observed_from,
        observed_to: report.observed_to,
        events: report.events,
        unmapped: report.unmapped.clone(),
        notes: report.notes.clone(),
    };
    assert_eq!(
        report::to_json(&report::assemble(&model(), shuffled, reading)),
        json
    );
}

#[test]
fn a_clean_report() {
    let clean = report::assemble(&model(), vec![], Reading::default());
    assert_eq!(
        report::to_text(&clean, &model(), false),
        "no findings in 0 events\n"
    );
    assert!(!clean.fails());
}

// -- laws

/// Text that is nearly a trace.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("{\"time\": \"2025-01-01\", \"event\": \"decided\"}"),
        Just("{\"at\": 1577836800, \"what\": \"lead_added\", \"team\": \"a\"}"),
        Just("{\"at\": 1577836801, \"what\": \"lead_added\", \"team\": \"a\", \"who\": \"ann\"}\n"),
        Just(
            "{\"time\": \"2025-01-02\", \"event\": \"SIG.meet\", \"group\": \"a\", \"by\": \"ann\"}\n"
        ),
        Just(
            "{\"time\": \"2025-01-02\", \"event\": \"SIG.meet\", \"group\": \"a\", \"present\": 3}\n"
        ),
        Just("{\"format\": \"govc-trace\", \"given\": [{\"kind\": \"SIG\", \"group\": \"a\"}]}"),
        Just("{\"events\": ["),
        Just("["),
        Just("]"),
        Just("{"),
        Just("}"),
        Just(","),
        Just(":"),
        Just("\""),
        Just("\n"),
        Just("\\u"),
        Just("\"time\""),
        Just("\"event\""),
        Just("\"group\""),
        Just("\"given\""),
        Just("null"),
        Just("1e9"),
        Just("-"),
        Just("\u{feff}"),
        Just("é"),
        Just("2025-01-01"),
    ];
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        proptest::collection::vec(piece, 0..24).prop_map(|p| p.concat().into_bytes()),
        (proptest::collection::vec(any::<u8>(), 0..4), any::<proptest::sample::Index>()).prop_map(
            |(bytes, index)| {
                let mut trace = format!("{HEADER}}}\n{{\"time\": \"2025-02-01\", \"event\": \"SIG.meet\", \"group\": \"sdk\", \"present\": 3}}").into_bytes();
                let at = index.index(trace.len());
                trace.splice(at..(at + bytes.len()).min(trace.len()), bytes);
                trace
            }
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_end_without_panic_and_always_the_same(bytes in nearly()) {
        for model in [model(), record_model()] {
            // Again, and the long way at that.
            let options = Options { allow_late: true, ..Options::default() };
            let one = read_with(&model, &bytes, options);
            let two = read_with(&model, &bytes, Options { long_way: true, ..options });
            match (one, two) {
                (Ok((a, read_a, _)), Ok((b, read_b, _))) => {
                    prop_assert_eq!(&a, &b);
                    prop_assert_eq!(read_a, read_b);
                    // Begin first, End last, in order of time between.
                    if let (Some(first), Some(last)) = (a.first(), a.last()) {
                        prop_assert!(matches!(first, Input::Begin(_)));
                        prop_assert!(matches!(last, Input::End(_)));
                    }
                    let times: Vec<Instant> = a.iter().filter_map(|i| match i {
                        Input::Begin(at) | Input::End(at) => Some(*at),
                        Input::Occur(o) => Some(o.at.at),
                        Input::Given(_) => None,
                    }).collect();
                    prop_assert!(times.is_sorted());
                }
                (Err(a), Err(b)) => {
                    prop_assert_eq!(a.to_text(true), b.to_text(true));
                    prop_assert!(!a.shown.is_empty());
                }
                _ => prop_assert!(false, "two answers"),
            }
            let _ = observation(&model, &bytes[..]);
            let _ = spec_of(&bytes[..]);
        }
    }
}
