//! The history of Kubernetes' community groups against a count made without the library, and a
//! made-up one of the same shape.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;

use common::findings;
use serde_json::{Value, json};

const SPEC: &str = "examples/kubernetes/community.gov";

/// The rule of a finding, without the kind of the group.
fn rule(finding: &Value) -> &str {
    let clause = finding["clause"].as_str().unwrap();
    clause.rsplit('.').next().unwrap()
}

/// Every violation and advisory: group, rule, how it is broken, beginning, end.
fn spells(report: &Value) -> BTreeSet<String> {
    let broken = findings(report).iter().filter(|f| f["severity"] != "note");
    broken
        .map(|finding| {
            let found = finding["found"].as_str().map(|n| n.parse::<u32>().unwrap());
            let how = match (rule(finding), found) {
                ("yearly-report" | "no-chair", _) => "overdue",
                ("charter", _) => "broken",
                ("owns-no-code", _) => "above",
                (_, Some(found)) if found > 3 => "above",
                (_, Some(_)) => "below",
                (rule, None) => panic!("{rule}: {finding}"),
            };
            let rule = match rule(finding) {
                "yearly-report" => {
                    let message = finding["message"].as_str().unwrap();
                    let (_, rest) = message.split_once(" for ").unwrap();
                    format!("report {}", rest.split_whitespace().next().unwrap())
                }
                rule => rule.to_owned(),
            };
            json!([finding["group"], rule, how, finding["from"], finding["to"]]).to_string()
        })
        .collect()
}

/// What is left undecided: group, rule.
fn undecided(report: &Value) -> BTreeSet<String> {
    let notes = findings(report).iter();
    notes
        .filter(|f| f["message"].as_str().unwrap().ends_with("undecided"))
        .map(|f| json!([f["group"], rule(f)]).to_string())
        .collect()
}

fn texts(list: &Value) -> BTreeSet<String> {
    let list = list.as_array().unwrap();
    list.iter().map(Value::to_string).collect()
}

/// What became of each report that was owed and came in time: year, group, when.
fn in_time(report: &Value) -> BTreeSet<String> {
    let notes = findings(report).iter().filter(|f| {
        let message = f["message"].as_str().unwrap();
        rule(f) == "yearly-report" && message.contains("was done in time")
    });
    notes
        .map(|f| json!([f["periods"][0], f["group"], f["from"]]).to_string())
        .collect()
}

fn compare(history: &str, log: &str) -> Value {
    let expected = &common::counted("kubernetes")[history];
    let report = common::simulate(SPEC, log, true);
    assert_eq!(spells(&report), texts(&expected["spells"]), "{history}");
    assert_eq!(
        undecided(&report),
        texts(&expected["undecided"]),
        "{history}"
    );
    let reports = expected["reports"].as_array().unwrap().iter();
    let wanted = reports.filter(|r| r[2] == "in time");
    assert_eq!(
        in_time(&report),
        wanted
            .map(|r| json!([r[0].to_string(), r[1], r[3]]).to_string())
            .collect(),
        "{history}"
    );
    report
}

#[test]
fn kubernetes_comes_out_as_the_independent_count_has_it() {
    let report = compare("real", &common::read("examples/kubernetes/events.jsonl"));
    assert_eq!(report["unmapped"], json!({}), "every event is known");
}

/// The real log with lines left out, doubled, put in another order inside of a commit, or said of other
/// groups and people, with companies and intervals that are not known.
#[test]
fn other_groups_come_out_as_counted() {
    compare(
        "altered",
        &common::read("tests/oracle/kubernetes.altered.jsonl"),
    );
}

/// In whatever order a commit is written down, it comes out the same.
#[test]
fn the_order_inside_of_a_commit_means_nothing() {
    for (history, log) in [
        ("real", "examples/kubernetes/events.jsonl"),
        ("altered", "tests/oracle/kubernetes.altered.jsonl"),
    ] {
        compare(history, &common::turned_round(&common::read(log), "tx"));
    }
}

/// Of a group that the record never begins nothing is said but that: once, whatever it is.
#[test]
fn a_group_without_a_beginning_is_undecided() {
    let log = common::read("examples/kubernetes/events.jsonl");
    let all: BTreeSet<String> = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line["event"] == "group_created")
        .map(|line| line["group"].as_str().unwrap().to_owned())
        .collect();
    let whole = spells(&common::simulate(SPEC, &log, false));
    for group in all {
        let created = format!("\"group\": \"{group}\"");
        let begins = |line: &&str| line.contains("group_created") && line.contains(&created);
        let lines: Vec<&str> = log.lines().filter(|line| !begins(line)).collect();
        assert!(lines.len() < log.lines().count(), "{group}");
        let report = common::simulate(SPEC, &lines.join("\n"), false);
        let about: Vec<&Value> = findings(&report)
            .iter()
            .filter(|f| f["group"] == json!(group))
            .collect();
        let undecided = "the record does not say how it began: undecided";
        assert!(about.len() <= 1, "{about:#?}");
        assert!(
            about
                .iter()
                .all(|f| f["message"].as_str().unwrap().ends_with(undecided)),
            "{about:#?}"
        );
        let others = |spells: BTreeSet<String>| -> BTreeSet<String> {
            let own = format!("[\"{group}\",");
            spells
                .into_iter()
                .filter(|s| !s.starts_with(&own))
                .collect()
        };
        assert_eq!(others(spells(&report)), others(whole.clone()), "{group}");
    }
}

/// Nothing is fitted to the groups of the real log: groups that never were, with what that log has
/// not: a working group that loses its chairs, one that owns code, intervals that are long or
/// unclear, companies that are not known, a report ahead of its time.
#[test]
fn groups_that_never_were_come_out_right() {
    let mut lines = Vec::new();
    let mut tx = 0;
    let mut commit = |at: &str, events: Vec<Value>| {
        tx += 1;
        for mut event in events {
            event["tx"] = json!(tx);
            event["at"] = json!(format!("{at}T12:00:00Z"));
            lines.push(event.to_string());
        }
    };
    let event = |name: &str, group: &str| json!({"event": name, "group": group});
    let created =
        |group: &str, kind: &str| json!({"event": "group_created", "group": group, "kind": kind});
    let chair = |group: &str, person: &str, company: &str| json!({"event": "chair_added", "group": group, "person": person, "company": company});
    let tech = |group: &str, person: &str, company: &str| json!({"event": "tech_lead_added", "group": group, "person": person, "company": company});
    let gone = |group: &str, person: &str| json!({"event": "chair_removed", "group": group, "person": person});
    let liaison =
        |group: &str| json!({"event": "liaison_assigned", "group": group, "person": "steer"});
    let meets = |group: &str, days: u32| json!({"event": "meeting_added", "group": group, "meeting": "Regular", "every_days": days});
    let report =
        |group: &str, year: u32| json!({"event": "annual_report", "group": group, "year": year});

    commit("2023-06-01", vec![json!({"event": "observation_start"})]);
    // A SIG that does all it should, and one whose meetings are rare, then unclear, then dropped.
    for sig in ["sig-tidy", "sig-rare"] {
        commit(
            "2023-06-10",
            vec![
                created(sig, "sig"),
                chair(sig, "ann", "Acme"),
                chair(sig, "bo", "Independent"),
                tech(sig, "ann", "Acme"),
                tech(sig, "bo", "Independent"),
                event("charter_added", sig),
                liaison(sig),
                meets(sig, 14),
            ],
        );
    }
    // A working group of two people, of one of whom no company is known.
    commit(
        "2023-07-01",
        vec![
            created("wg-new", "wg"),
            chair("wg-new", "cy", "Acme"),
            json!({"event": "chair_added", "group": "wg-new", "person": "di"}),
            json!({"event": "stakeholder_added", "group": "wg-new", "sig": "Tidy"}),
            liaison("wg-new"),
        ],
    );
    let changed = |days: Value| json!({"event": "meeting_changed", "group": "sig-rare", "meeting": "Regular", "every_days": days});
    commit("2023-08-01", vec![changed(json!(28))]);
    commit("2023-09-01", vec![changed(json!(0))]);
    commit(
        "2023-10-01",
        vec![json!({"event": "meeting_removed", "group": "sig-rare", "meeting": "Regular"})],
    );
    commit("2023-12-20", vec![report("sig-tidy", 2023)]);
    // Nobody but one whose company is not known; then nobody at all; then code.
    commit("2024-02-01", vec![gone("wg-new", "cy")]);
    commit(
        "2024-02-20",
        vec![report("sig-rare", 2023), gone("wg-new", "di")],
    );
    commit(
        "2024-05-01",
        vec![json!({"event": "subproject_added", "group": "wg-new", "subproject": "tool"})],
    );
    commit("2024-06-01", vec![event("group_archived", "wg-new")]);
    // A new life, with what was there forgotten.
    commit(
        "2024-07-01",
        vec![
            created("wg-new", "wg"),
            chair("wg-new", "cy", "acme"),
            chair("wg-new", "ed", "ACME"),
        ],
    );
    commit(
        "2025-03-01",
        vec![report("sig-tidy", 2024), report("wg-new", 2024)],
    );
    commit("2025-06-01", vec![json!({"event": "observation_end"})]);

    let report = common::simulate(SPEC, &lines.join("\n"), false);
    let at = |date: &str| json!(format!("{date}T12:00:00Z"));
    let midnight = |date: &str| json!(format!("{date}T00:00:00Z"));
    let expected: BTreeSet<String> = [
        json!([
            "sig-rare",
            "meets-every-3-weeks",
            "below",
            at("2023-08-01"),
            at("2023-09-01")
        ]),
        json!([
            "sig-rare",
            "meets-every-3-weeks",
            "below",
            at("2023-10-01"),
            midnight("2023-11-01")
        ]),
        json!([
            "sig-rare",
            "meets-every-3-weeks",
            "below",
            midnight("2024-01-01"),
            midnight("2024-11-01")
        ]),
        json!([
            "sig-rare",
            "meets-every-3-weeks",
            "below",
            midnight("2025-01-01"),
            null
        ]),
        json!([
            "sig-rare",
            "report 2024",
            "overdue",
            midnight("2025-03-02"),
            null
        ]),
        json!([
            "wg-new",
            "companies",
            "below",
            at("2024-02-01"),
            at("2024-06-01")
        ]),
        json!([
            "wg-new",
            "report 2023",
            "overdue",
            midnight("2024-03-02"),
            at("2024-06-01")
        ]),
        json!([
            "wg-new",
            "no-chair",
            "overdue",
            midnight("2024-03-20"),
            at("2024-06-01")
        ]),
        json!([
            "wg-new",
            "owns-no-code",
            "above",
            at("2024-05-01"),
            at("2024-06-01")
        ]),
        json!(["wg-new", "companies", "below", at("2024-07-01"), null]),
        json!(["wg-new", "stakeholders", "below", at("2024-07-01"), null]),
        json!(["wg-new", "liaison", "below", at("2024-07-01"), null]),
    ]
    .iter()
    .map(Value::to_string)
    .collect();
    assert_eq!(spells(&report), expected);
    let doubts = json!([["sig-rare", "meets-every-3-weeks"], ["wg-new", "companies"]]);
    assert_eq!(undecided(&report), texts(&doubts));
}
