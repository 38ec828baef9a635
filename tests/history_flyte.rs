//! The history of Flyte's meetings and working groups against a count made without the library, and a
//! made-up one of the same shape.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;

use serde_json::{Value, json};

const SPEC: &str = "examples/flyte/history.gov";

/// Every violation and advisory: rule without the kind of the group, group, beginning, end.
fn spells(report: &Value) -> BTreeSet<String> {
    let broken = common::findings(report).iter();
    let broken = broken.filter(|f| f["severity"] != "note");
    broken
        .map(|f| {
            let clause = f["clause"].as_str().unwrap();
            let rule = clause.split_once('.').map_or(clause, |(_, rule)| rule);
            json!([rule, f["group"], f["from"], f["to"]]).to_string()
        })
        .collect()
}

fn expected(list: &[(&str, &str, &str, Option<&str>)]) -> BTreeSet<String> {
    let list = list.iter();
    list.map(|(rule, group, from, to)| json!([rule, group, from, to]).to_string())
        .collect()
}

fn compare(history: &str, log: &str) {
    let counted = &common::counted("flyte")[history];
    let mut wanted = BTreeSet::new();
    for (list, rule) in [
        ("gaps", "month-between"),
        ("empty_months", "monthly-meeting"),
        ("chairs", "one-chair"),
        ("leads", "no-lead"),
        ("silent", "channels-silent"),
        ("retire_soon", "retire-soon"),
        ("retire_now", "retire-now"),
        ("groundless", "retire"),
    ] {
        for spell in counted[list].as_array().unwrap() {
            // What is a matter of a moment has no end of its own.
            let to = spell.get(2).unwrap_or(&spell[1]);
            wanted.insert(json!([rule, spell[0], spell[1], to]).to_string());
        }
    }
    let report = common::simulate(SPEC, log, false);
    assert_eq!(spells(&report), wanted, "{history}");
}

#[test]
fn flyte_comes_out_as_the_independent_count_has_it() {
    compare("real", &common::read("examples/flyte/events.jsonl"));
}

/// Three SIGs, three working groups, recurring meetings, and something that is none of these, two years
/// long: they begin before the records or in them, lose and find their leads, and are retired or not.
#[test]
fn other_groups_come_out_as_counted() {
    compare("made-up", &common::read("tests/oracle/flyte.made-up.jsonl"));
}

/// In whatever order a commit is written down, it comes out the same.
#[test]
fn the_order_inside_of_a_commit_means_nothing() {
    for (history, log) in [
        ("real", "examples/flyte/events.jsonl"),
        ("made-up", "tests/oracle/flyte.made-up.jsonl"),
    ] {
        compare(history, &common::turned_round(&common::read(log), "tx"));
    }
}

/// Nothing is fitted to the groups of the real log: a SIG that loses count of its chairs and meets too
/// rarely, and a working group that nobody leads, retired late; another one that nobody speaks of.
#[test]
fn groups_that_never_were_come_out_right() {
    let mut lines = Vec::new();
    let mut add = |at: &str, event: &str, group: &str, more: Value| {
        let mut line = json!({"at": format!("{at}T00:00:00Z"), "event": event, "group": group});
        line["tx"] = json!(lines.len());
        for (key, value) in more.as_object().unwrap() {
            line[key] = value.clone();
        }
        lines.push(line.to_string());
    };
    let none = || json!({});
    let who = |person: &str| json!({"person": person});
    add("2024-01-01", "observation_start", "", none());
    add(
        "2024-01-15",
        "group_created",
        "sig-sdk",
        json!({"kind": "sig"}),
    );
    add(
        "2024-01-31",
        "meeting_held",
        "sig-sdk",
        json!({"attendees": 4}),
    );
    add("2024-02-01", "chair_added", "sig-sdk", who("ann"));
    add(
        "2024-02-10",
        "group_created",
        "wg-idle",
        json!({"kind": "wg"}),
    );
    add(
        "2024-02-20",
        "group_created",
        "wg-quiet",
        json!({"kind": "wg"}),
    );
    add("2024-02-20", "chair_added", "wg-quiet", who("cy"));
    // A month after 31 January is 29 February; a meeting on that day is in time.
    add("2024-02-29", "meeting_held", "sig-sdk", none());
    add("2024-03-30", "meeting_held", "sig-sdk", none());
    add("2024-04-01", "chair_added", "sig-sdk", who("bo"));
    add("2024-04-15", "group_retired", "wg-idle", none());
    add(
        "2024-05-01",
        "group_activity",
        "wg-quiet",
        json!({"status": "reported"}),
    );
    add("2024-06-05", "meeting_held", "sig-sdk", none());
    add(
        "2024-06-20",
        "group_activity",
        "wg-quiet",
        json!({"status": "halted"}),
    );
    add(
        "2024-08-10",
        "group_activity",
        "wg-quiet",
        json!({"status": "reported"}),
    );
    add("2024-08-20", "observation_end", "", none());
    let wanted = expected(&[
        (
            "one-chair",
            "sig-sdk",
            "2024-01-15T00:00:00Z",
            Some("2024-02-01T00:00:00Z"),
        ),
        ("one-chair", "sig-sdk", "2024-04-01T00:00:00Z", None),
        (
            "month-between",
            "sig-sdk",
            "2024-03-30T00:00:00Z",
            Some("2024-03-30T00:00:00Z"),
        ),
        (
            "month-between",
            "sig-sdk",
            "2024-05-01T00:00:00Z",
            Some("2024-06-05T00:00:00Z"),
        ),
        ("month-between", "sig-sdk", "2024-07-06T00:00:00Z", None),
        (
            "monthly-meeting",
            "sig-sdk",
            "2024-05-01T00:00:00Z",
            Some("2024-05-01T00:00:00Z"),
        ),
        (
            "monthly-meeting",
            "sig-sdk",
            "2024-06-01T00:00:00Z",
            Some("2024-06-01T00:00:00Z"),
        ),
        (
            "monthly-meeting",
            "sig-sdk",
            "2024-08-01T00:00:00Z",
            Some("2024-08-01T00:00:00Z"),
        ),
        (
            "no-lead",
            "wg-idle",
            "2024-03-24T00:00:00Z",
            Some("2024-04-15T00:00:00Z"),
        ),
        (
            "channels-silent",
            "wg-quiet",
            "2024-08-02T00:00:00Z",
            Some("2024-08-10T00:00:00Z"),
        ),
    ]);
    assert_eq!(
        spells(&common::simulate(SPEC, &lines.join("\n"), false)),
        wanted
    );
}
