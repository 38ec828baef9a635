//! The history of OpenStack's teams, and a made-up one, against a count made without the library.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;

use serde_json::{Value, json};

const REAL: &str = "examples/openstack/events.jsonl";
const SPEC: &str = "examples/openstack/governance.gov";

/// The rows of a count, with the columns that are asked for.
fn rows(count: &Value, name: &str, columns: &[usize]) -> BTreeSet<String> {
    let rows = count[name].as_array().unwrap();
    let row = |row: &Value| -> Vec<Value> { columns.iter().map(|&c| row[c].clone()).collect() };
    rows.iter().map(|r| json!(row(r)).to_string()).collect()
}

/// The findings of a clause of a team, as they are asked for.
fn found(
    report: &Value,
    clause: &str,
    severities: &[&str],
    of: impl Fn(&Value) -> Value,
) -> BTreeSet<String> {
    common::findings(report)
        .iter()
        .filter(|f| f["clause"] == format!("Team.{clause}"))
        .filter(|f| severities.contains(&f["severity"].as_str().unwrap()))
        .map(|f| of(f).to_string())
        .collect()
}

fn moment(f: &Value) -> Value {
    json!([f["group"], f["from"]])
}

fn spell(f: &Value) -> Value {
    json!([f["group"], f["from"], f["to"]])
}

const BROKEN: [&str; 2] = ["violation", "advisory"];
const ASKED: [&str; 3] = ["violation", "advisory", "note"];

fn compare(history: &str, log: &str) {
    // What was asked and kept is noted, so that every change of model shows.
    let report = common::simulate(SPEC, log, true);
    let count = &common::counted("openstack")[history];

    // Every change of model, exact to the second.
    for (clause, name) in [
        ("tact-sig-named", "opt-ins"),
        ("next-ptl-in-place", "opt-outs"),
        ("renews-after-a-reset", "renewals"),
    ] {
        assert_eq!(
            found(&report, clause, &ASKED, moment),
            rows(count, name, &[0, 1]),
            "{history}: {name}"
        );
    }
    assert_eq!(
        found(&report, "reset-before-nominations", &ASKED, moment),
        rows(count, "resets", &[0, 1]),
        "{history}: resets"
    );
    assert_eq!(
        found(&report, "next-ptl-in-place", &BROKEN, moment),
        rows(count, "opt-outs without a PTL", &[0, 1]),
        "{history}: opt-outs without a PTL"
    );

    // One change a cycle, in three counts.
    for (clause, name) in [
        ("one-switch-a-cycle", "one too many"),
        ("one-switch-without-resets", "one too many without resets"),
        ("one-switch-but-renewals", "one too many but renewals"),
    ] {
        assert_eq!(
            found(&report, clause, &BROKEN, moment),
            rows(count, name, &[0, 1]),
            "{history}: {name}"
        );
    }

    // Lateness, by the version in force.
    for (clause, versions) in [
        ("received-by-R-5", &["dpl-1"][..]),
        ("merged-before-nominations", &["dpl-2", "dpl-3", "dpl-4"]),
    ] {
        let of = |name: &str| -> BTreeSet<String> {
            let rows = count[name].as_array().unwrap();
            let rows = rows
                .iter()
                .filter(|r| versions.contains(&r[2].as_str().unwrap()));
            rows.map(|r| json!([r[0], r[1]]).to_string()).collect()
        };
        assert_eq!(
            found(&report, clause, &BROKEN, moment),
            of("late"),
            "{history}: late, {clause}"
        );
        assert_eq!(
            found(&report, clause, &["note"], moment),
            of("in time"),
            "{history}: in time, {clause}"
        );
    }

    // The required liaisons, at the opt-in and after it.
    for (clause, role) in [
        ("release-named", "release"),
        ("tact-sig-named", "tact-sig"),
        ("security-named", "security"),
        ("tc-liaison-named", "tc"),
    ] {
        let missing = count["missing at opt-in"].as_array().unwrap();
        let missing = missing.iter().filter(|r| r[2] == role);
        assert_eq!(
            found(&report, clause, &BROKEN, moment),
            missing.map(|r| json!([r[0], r[1]]).to_string()).collect(),
            "{history}: missing at the opt-in, {role}"
        );
    }
    for (clause, name, rule) in [
        ("release-filled", "vacant", "release"),
        ("release-in-either", "vacant", "release in either"),
        ("tact-sig-filled", "vacant", "tact-sig"),
        ("security-filled", "vacant", "security"),
        ("tc-liaison-filled", "vacant", "tc after dpl-3"),
        ("one-ptl", "no PTL", "ptl"),
    ] {
        let spells = count[name].as_array().unwrap();
        let spells = spells.iter().filter(|r| r[1] == rule);
        assert_eq!(
            found(&report, clause, &BROKEN, spell),
            spells
                .map(|r| json!([r[0], r[2], r[3]]).to_string())
                .collect(),
            "{history}: vacant, {rule}"
        );
    }

    // A cycle without a reset is undecided: the liaisons may have voted against it, all of them.
    let clause = "reset-unless-all-against";
    assert_eq!(found(&report, clause, &BROKEN, moment), BTreeSet::new());
    let notes = common::findings(&report)
        .iter()
        .filter(|f| f["clause"] == format!("Team.{clause}"));
    let undecided: BTreeSet<String> = notes
        .flat_map(|note| {
            let periods = note["periods"].as_array().unwrap().iter();
            periods.map(|cycle| json!([note["group"], cycle]).to_string())
        })
        .collect();
    assert_eq!(
        undecided,
        rows(count, "no reset in a cycle", &[0, 1]),
        "{history}: no reset in a cycle"
    );
}

#[test]
fn the_teams_come_out_as_the_independent_count_has_them() {
    compare("real", &common::read(REAL));
}

/// Nothing is fitted to the teams of the real history.
#[test]
fn other_teams_come_out_as_counted() {
    compare(
        "made-up",
        &common::read("tests/oracle/openstack.made-up.jsonl"),
    );
    compare(
        "altered",
        &common::read("tests/oracle/openstack.altered.jsonl"),
    );
}

/// In whatever order a commit is written down, it comes out the same.
#[test]
fn the_order_inside_of_a_commit_means_nothing() {
    for (history, log) in [
        ("real", "examples/openstack/events.jsonl"),
        ("made-up", "tests/oracle/openstack.made-up.jsonl"),
        ("altered", "tests/oracle/openstack.altered.jsonl"),
    ] {
        compare(history, &common::turned_round(&common::read(log), "change"));
    }
}

#[test]
fn the_mapping_names_no_team_and_nobody() {
    let log = common::read(REAL);
    for file in ["governance.gov", "rules.gov"] {
        let text = common::read(&format!("examples/openstack/{file}"));
        let words: BTreeSet<&str> = text
            .split(|c: char| !c.is_alphanumeric() && c != '-')
            .collect();
        for line in log.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            for key in ["team", "author", "person", "from", "to"] {
                let Some(name) = line[key].as_str() else {
                    continue;
                };
                let word = ["ptl", "distributed", "inactive"].contains(&name);
                assert!(word || !words.contains(name), "{file} names {name}");
            }
        }
    }
}
