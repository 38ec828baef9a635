//! What a trace says: the inputs that are read from it, and what is noted of it.

use govc::diag::Code;
use govc::ir::EventSource;
use govc::run::Input;
use govc::run::trace::{Options, observation, spec_of};
use govc::time::Instant;

use super::support::{self, model, record_model};
use super::{HEADER, at, read, read_with, told};

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
