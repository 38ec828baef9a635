//! Real histories, and made-up ones of the same shape, against counts made without the library.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const SPEC: &str = "examples/istio/community.gov";

/// Spells in which a rule was broken: group, rule, beginning, end.
type Spells = BTreeSet<(String, String, String, Option<String>)>;

/// The spells of the lead rules in a report: group, rule, beginning, end.
fn spells(report: &Value) -> Spells {
    common::findings(report)
        .iter()
        .filter_map(|f| {
            let rule = match f["clause"].as_str().unwrap() {
                "WorkingGroup.two-or-three" => {
                    let found: u32 = f["found"].as_str().unwrap().parse().unwrap();
                    if found < 2 {
                        "fewer than 2 leads"
                    } else {
                        "more than 3 leads"
                    }
                }
                "WorkingGroup.two-orgs" => "fewer than 2 organisations",
                _ => return None,
            };
            Some((
                f["group"].as_str().unwrap().to_owned(),
                rule.to_owned(),
                f["from"].as_str().unwrap().to_owned(),
                f["to"].as_str().map(str::to_owned),
            ))
        })
        .collect()
}

/// What a report says of the eligibility of a lead: `no` for a violation, `unknown` for a note.
fn verdict(report: &Value, clause: &str, person: &str, at: &str) -> &'static str {
    let found = common::findings(report)
        .iter()
        .find(|f| f["clause"] == clause && f["person"] == person && f["from"] == at);
    match found.map(|f| f["severity"].as_str().unwrap()) {
        None => "yes",
        Some("violation") => "no",
        Some("note") => "unknown",
        Some(other) => panic!("{other}"),
    }
}

#[test]
fn istio_comes_out_as_the_independent_count_has_it() {
    let log = common::read("examples/istio/events.jsonl");
    let expected = common::counted("istio");
    let report = common::simulate(SPEC, &log, false);
    let wanted: BTreeSet<_> = expected["spells"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| {
            let text = |i: usize| s[i].as_str().map(str::to_owned);
            (
                text(0).unwrap(),
                text(1).unwrap(),
                text(2).unwrap(),
                text(3),
            )
        })
        .collect();
    assert_eq!(spells(&report), wanted);
    for lead in expected["leads"].as_array().unwrap() {
        let (who, at) = (lead[1].as_str().unwrap(), lead[2].as_str().unwrap());
        let year = verdict(&report, "WorkingGroup.member-a-year", who, at);
        let months = verdict(&report, "WorkingGroup.maintainer-3-months", who, at);
        assert_eq!(
            json!([year, months]),
            json!([lead[3], lead[4]]),
            "{who} at {at}"
        );
    }
}

/// One commit of a made-up log.
#[derive(Debug, Clone)]
struct Commit {
    hours: u32,
    changes: Vec<(u8, u8, u8)>,
}

const COMPANIES: [&str; 5] = ["Acme", "acme", "Globex", "N/A", "Initech"];

/// Turns made-up commits into a log, and counts its spells on the way.
fn log_of(commits: &[Commit]) -> (String, Spells) {
    let stamp = |hours: u32| {
        let day = hours / 24;
        let (year, rest) = (2018 + day / 336, day % 336);
        let (month, day) = (1 + rest / 28, 1 + rest % 28);
        format!("{year}-{month:02}-{day:02}T{:02}:00:00Z", hours % 24)
    };
    let mut lines = vec![json!({"seq": 1, "tx": 0, "at": stamp(0), "event": "observation_start"})];
    let mut leads: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut orgs: BTreeMap<String, &str> = BTreeMap::new();
    let mut open: BTreeMap<(String, &str), String> = BTreeMap::new();
    let mut found = BTreeSet::new();
    let mut hours = 0;
    for (tx, commit) in commits.iter().enumerate() {
        hours += commit.hours.max(1);
        let at = stamp(hours);
        for &(what, group, who) in &commit.changes {
            let group = format!("g{}", group % 3);
            let person = format!("p{}", who % 6);
            let company = COMPANIES[usize::from(who / 7) % COMPANIES.len()];
            let event = match what % 5 {
                0 if !leads.contains_key(&group) => "wg_added",
                1 | 2 if leads.contains_key(&group) => "lead_added",
                3 if leads.get(&group).is_some_and(|l| l.contains(&person)) => "lead_removed",
                4 if leads.get(&group).is_some_and(|l| l.contains(&person)) => {
                    "lead_company_changed"
                }
                0 if what > 250 => "wg_removed",
                _ => continue,
            };
            match event {
                "wg_added" => {
                    leads.insert(group.clone(), BTreeSet::new());
                }
                "wg_removed" => {
                    leads.remove(&group);
                }
                "lead_added" => {
                    leads.get_mut(&group).unwrap().insert(person.clone());
                    orgs.insert(person.clone(), company);
                }
                "lead_removed" => {
                    leads.get_mut(&group).unwrap().remove(&person);
                }
                _ => {
                    orgs.insert(person.clone(), company);
                }
            }
            let mut line = json!({"tx": tx + 1, "at": at, "event": event, "group": group});
            if event.starts_with("lead") {
                line["person"] = json!(person);
                line["company"] = json!(company);
            }
            lines.push(line);
        }
        let mut groups: BTreeSet<String> = leads.keys().cloned().collect();
        groups.extend(open.keys().map(|(g, _)| g.clone()));
        for group in groups {
            let now = leads.get(&group);
            let named: BTreeSet<String> = now
                .into_iter()
                .flatten()
                .filter_map(|p| orgs.get(p))
                .filter(|o| **o != "N/A")
                .map(|o| o.to_lowercase())
                .collect();
            for (rule, broken) in [
                ("fewer than 2 leads", now.is_some_and(|l| l.len() < 2)),
                ("more than 3 leads", now.is_some_and(|l| l.len() > 3)),
                (
                    "fewer than 2 organisations",
                    now.is_some() && named.len() < 2,
                ),
            ] {
                let key = (group.clone(), rule);
                if broken {
                    open.entry(key).or_insert_with(|| at.clone());
                } else if let Some(from) = open.remove(&key) {
                    found.insert((group.clone(), rule.to_owned(), from, Some(at.clone())));
                }
            }
        }
    }
    hours += 1;
    lines.push(json!({"tx": commits.len() + 1, "at": stamp(hours), "event": "observation_end"}));
    for ((group, rule), from) in open {
        found.insert((group, rule.to_owned(), from, None));
    }
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    (text.join("\n"), found)
}

fn commits() -> impl Strategy<Value = Vec<Commit>> {
    let change = (any::<u8>(), any::<u8>(), any::<u8>());
    let commit = (1u32..2000, prop::collection::vec(change, 1..6))
        .prop_map(|(hours, changes)| Commit { hours, changes });
    prop::collection::vec(commit, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..Default::default() })]

    /// Nothing is fitted to the three groups of the real log: made-up groups come out right too.
    #[test]
    fn other_groups_come_out_as_counted(commits in commits()) {
        let (log, expected) = log_of(&commits);
        let report = common::simulate(SPEC, &log, false);
        prop_assert_eq!(spells(&report), expected);
        prop_assert_eq!(report.to_string(), common::simulate(SPEC, &log, false).to_string());
    }
}
