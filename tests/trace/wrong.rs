//! Traces that are wrong: each mistake has its code and place.

use govc::ir::Model;

use super::read;
use super::support::{model, record_model};

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
    insta::assert_snapshot!("trace", table(&model(), WRONG));
}

#[test]
fn every_mistake_in_a_record_has_its_code_and_place() {
    insta::assert_snapshot!("record", table(&record_model(), WRONG_RECORD));
}
