//! The reports on the real histories are kept beside them, and the figures in the words of their READMEs
//! are those of the reports.
//!
//! `GOVC_UPDATE=1 cargo test --test reports` writes the reports anew, and without that the test compares.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use serde_json::{Value, json};

const HISTORIES: [&str; 5] = [
    "flyte",
    "istio",
    "kubernetes",
    "openstack",
    "tikv-community",
];

const DAY: i64 = 86_400 * 1_000_000;
const HOUR: i64 = DAY / 24;

/// What a command of a README prints.
fn output(command: &str) -> String {
    let args: Vec<&str> = command.split_whitespace().skip(1).collect();
    let ran = Command::new(env!("CARGO_BIN_EXE_govc"))
        .args(args)
        .current_dir(common::root())
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert!(ran.stderr.is_empty(), "{command}");
    String::from_utf8(ran.stdout).unwrap()
}

/// The command by which a README tells to simulate its history.
fn command(history: &str) -> String {
    let text = common::read(&format!("examples/{history}/README.md"));
    let line = text.lines().find(|l| l.starts_with("$ govc simulate"));
    line.unwrap()[2..].to_owned()
}

#[test]
fn each_history_stands_beside_its_report() {
    for history in HISTORIES {
        let path = common::root().join(format!("examples/{history}/report.txt"));
        let made = output(&command(history));
        if std::env::var_os("GOVC_UPDATE").is_some() {
            fs::write(path, made).unwrap();
            continue;
        }
        let kept = fs::read_to_string(path).unwrap_or_default();
        assert!(
            kept == made,
            "examples/{history}/report.txt is not what `{}` prints; run with GOVC_UPDATE=1",
            command(history)
        );
    }
}

/// A report, and the words about it.
struct Told {
    report: Value,
    /// The README, its line ends taken away.
    words: String,
    rows: Vec<Vec<String>>,
}

impl Told {
    fn of(history: &str) -> Told {
        let report = output(&format!("{} --format json", command(history)));
        let text = common::read(&format!("examples/{history}/README.md"));
        let rows = text.lines().filter(|l| l.starts_with('|'));
        let cells = |row: &str| -> Vec<String> {
            let cells = row.trim_matches('|').split('|');
            cells.map(|c| c.trim().replace("**", "")).collect()
        };
        Told {
            report: serde_json::from_str(&report).unwrap(),
            rows: rows.map(cells).collect(),
            words: text.split_whitespace().collect::<Vec<_>>().join(" "),
        }
    }

    /// The words hold these ones.
    fn say(&self, words: &str) {
        assert!(
            self.words.contains(words),
            "the README does not say: {words}"
        );
    }

    /// The findings of a clause that are of some severity.
    fn found(&self, clause: &str, severity: &str) -> Vec<&Value> {
        let all = common::findings(&self.report).iter();
        all.filter(|f| f["clause"] == clause && f["severity"] == severity)
            .collect()
    }

    /// For how long a finding lasted, in microseconds.
    fn lasted(&self, finding: &Value) -> i64 {
        let to = if finding["to"].is_null() {
            &self.report["observed_to"]
        } else {
            &finding["to"]
        };
        time(to) - time(&finding["from"])
    }

    fn number_of(&self, severity: &str) -> usize {
        let all = common::findings(&self.report).iter();
        all.filter(|f| f["severity"] == severity).count()
    }
}

fn time(value: &Value) -> i64 {
    let instant: govc::time::Instant = serde_json::from_value(value.clone()).unwrap();
    instant.0
}

/// A small number as English writes it.
fn word(number: usize) -> &'static str {
    const WORDS: [&str; 11] = [
        "none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    ];
    WORDS[number]
}

/// How many groups findings are about.
fn groups(findings: &[&Value]) -> usize {
    let names: BTreeSet<&str> = findings
        .iter()
        .map(|f| f["group"].as_str().unwrap())
        .collect();
    names.len()
}

#[test]
fn the_figures_about_kubernetes_are_those_of_the_report() {
    let told = Told::of("kubernetes");
    let mut reports = told.found("SIG.yearly-report", "violation");
    reports.extend(told.found("WG.yearly-report", "violation"));
    told.say(&format!(
        "{} of the {} violations",
        reports.len(),
        told.number_of("violation")
    ));

    // Year by year: what was owed and in time is of the count, the rest of the report.
    let mut owed: BTreeMap<u64, (usize, usize)> = BTreeMap::new();
    for row in common::counted("kubernetes")["real"]["reports"]
        .as_array()
        .unwrap()
    {
        let year = owed.entry(row[0].as_u64().unwrap()).or_default();
        year.0 += 1;
        year.1 += usize::from(row[2] == "in time");
    }
    for (year, (all, in_time)) in owed {
        let of_year = |f: &&&Value| {
            let message = f["message"].as_str().unwrap();
            message.contains(&format!(" for {year} "))
        };
        let never = |f: &&&Value| f["message"].as_str().unwrap().ends_with("never done");
        let late: Vec<i64> = reports
            .iter()
            .filter(of_year)
            .filter(|f| !never(f))
            .map(|f| told.lasted(f) / DAY)
            .collect();
        let never = reports.iter().filter(of_year).filter(never).count();
        assert_eq!(all, in_time + late.len() + never, "{year}");
        let due = if year == 2020 {
            "2021-04-08".to_owned()
        } else {
            format!("{}-03-01", year + 1)
        };
        let row = vec![
            year.to_string(),
            due,
            all.to_string(),
            in_time.to_string(),
            late.len().to_string(),
            format!("{} days", late.iter().max().unwrap()),
            never.to_string(),
        ];
        assert!(told.rows.contains(&row), "no such row: {row:?}");
    }

    let chairs = told.found("SIG.two-or-three-chairs", "violation");
    let four = chairs.iter().filter(|f| f["found"] == "4");
    told.say(&format!(
        "{} of the {} times a SIG had four chairs",
        word(four.count()),
        word(chairs.len())
    ));
    let longest = chairs.iter().max_by_key(|f| told.lasted(f)).unwrap();
    told.say(&format!(
        "{} for {} days without a break",
        longest["group"].as_str().unwrap(),
        told.lasted(longest) / DAY
    ));
    let charter = told.found("SIG.charter", "violation");
    let longest = charter.iter().map(|f| told.lasted(f)).max().unwrap();
    let last = charter.iter().filter(|f| told.lasted(f) == longest).count();
    told.say(&format!(
        "{} of the eight SIGs had none; the last {} had one {} days later",
        word(charter.len()),
        word(last),
        longest / DAY
    ));
    let tech_leads = told.found("SIG.two-tech-leads", "violation");
    let at_once = tech_leads
        .iter()
        .filter(|f| f["from"] == "2023-03-18T00:00:00Z");
    told.say(&format!(
        "on that day {} of the seven did not have them",
        word(at_once.count())
    ));
}

#[test]
fn the_figures_about_openstack_are_those_of_the_report() {
    let told = Told::of("openstack");
    let vacant = told.found("Team.one-ptl", "violation");
    let lasted = vacant.iter().map(|f| told.lasted(f));
    let (whole, longest) = (lasted.clone().sum::<i64>(), lasted.max().unwrap());
    told.say(&format!(
        "{} times a team had none, {} days in all, once for half a year ({} days, {} hours)",
        vacant.len(),
        whole / DAY,
        longest / DAY,
        longest % DAY / HOUR
    ));
    let events = common::read("examples/openstack/events.jsonl");
    let without_candidate: Vec<Value> = events
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|e| e["event"] == "ptl_election_without_candidate")
        .collect();
    let expected = vacant.iter().filter(|f| {
        let mut of_team = without_candidate.iter().filter(|e| e["team"] == f["group"]);
        of_team.any(|e| (0..=35 * DAY).contains(&(time(&f["from"]) - time(&e["time"]))))
    });
    told.say(&format!(
        "In {} of them a list of candidates had closed without one in the five weeks before",
        expected.count()
    ));
    let too_many = |clause: &str| told.found(clause, "violation").len();
    told.say(&format!(
        "By the charter's count {} changes were too many; without the reset \
         (`one-switch-without-resets`) {}; without what undoes it (`one-switch-but-renewals`) {}.",
        word(too_many("Team.one-switch-a-cycle")),
        word(too_many("Team.one-switch-without-resets")),
        word(too_many("Team.one-switch-but-renewals"))
    ));
    // One note may speak of several acts.
    let count = &common::counted("openstack")["real"];
    let in_time = count["in time"].as_array().unwrap().len();
    assert!(told.found("Team.received-by-R-5", "advisory").is_empty());
    assert!(
        told.found("Team.merged-before-nominations", "advisory")
            .is_empty()
    );
    told.say(&format!("**In time** were all {} requests", word(in_time)));
    let committee = told.found("Team.tc-liaison-filled", "violation");
    let [one] = committee.as_slice() else {
        panic!("one spell without the committee's liaison")
    };
    told.say(&format!("for {} days", told.lasted(one) / DAY));
    let listed = told.found("Team.listed-in-releases", "violation");
    told.say(&format!(
        "missing in the release team's list in {} teams",
        word(groups(&listed))
    ));
    for clause in [
        "release-filled",
        "tact-sig-filled",
        "security-filled",
        "release-named",
        "tact-sig-named",
        "security-named",
    ] {
        assert!(
            told.found(&format!("Team.{clause}"), "violation")
                .is_empty()
        );
    }
    told.say("**The three required liaisons** were there at each opt-in and ever after");
}

#[test]
fn the_figures_about_tikv_are_those_of_the_report() {
    let told = Told::of("tikv-community");
    let leads = told.found("Group.two-or-three", "violation");
    for spell in &leads {
        told.say(&format!("{} days", told.lasted(spell) / DAY));
    }
    told.say(&format!(
        "all {} special interest groups",
        word(groups(&leads))
    ));
    assert!(leads.iter().all(|f| f["found"].as_str().unwrap() < "2"));
    let entries = told.found("Group.enters-at-the-lowest", "advisory").len();
    let passed_by = told.found("Group.reviewers-from-active", "violation").len();
    let unranked = passed_by
        + told
            .found("Group.committers-from-reviewers", "violation")
            .len();
    told.say(&format!(
        "{entries} people were written down as reviewer or committer when they joined, and of these \
         {unranked} held no rank"
    ));
    told.say(&format!("passed by {} times", word(passed_by)));

    let mut unfollowed = told.found("Vote.reviewer-vote", "violation");
    unfollowed.extend(told.found("Vote.committer-vote", "violation"));
    let votes = common::counted("tikv")["real"]["votes"].clone();
    let votes = votes.as_array().unwrap();
    told.say(&format!(
        "F{} of the {} results do not follow",
        &word(unfollowed.len())[1..],
        votes.len()
    ));
    let mut claims = told.found("Vote.no-binding-ballot-for-reviewer", "violation");
    claims.extend(told.found("Vote.no-binding-ballot-for-committer", "violation"));
    told.say(&format!(
        "F{} ballots are called binding",
        &word(claims.len())[1..]
    ));

    for vote in votes {
        let open = time(&vote["closed"]) - time(&vote["opened"]);
        let follows = !unfollowed.iter().any(|f| f["group"] == vote["vote"]);
        assert_eq!(vote["follows"], json!(follows));
        let number = &vote["vote"].as_str().unwrap()[..4];
        let row = told.rows.iter().find(|r| r[0] == number).unwrap();
        let cells = [
            vote["yes"].to_string(),
            if follows { "yes" } else { "no" }.to_owned(),
            vote["days"].to_string(),
            format!("{} d {} h", open / DAY, open % DAY / HOUR),
            if vote["announced"].is_null() {
                "–"
            } else {
                "72 h"
            }
            .to_owned(),
        ];
        assert_eq!(row[3..], cells, "{number}");
    }
}

#[test]
fn the_figures_about_flyte_are_those_of_the_report() {
    let told = Told::of("flyte");
    let gaps = told.found("RecurringMeeting.month-between", "advisory");
    let [one, other, _still] = gaps.as_slice() else {
        panic!("three gaps")
    };
    told.say(&format!(
        "(by {} and by {} days)",
        told.lasted(one) / DAY,
        told.lasted(other) / DAY
    ));
    let months = told.found("RecurringMeeting.monthly-meeting", "advisory");
    told.say(&format!("{} calendar months", months.len()));
    let silent = told.found("WG.channels-silent", "violation");
    let [silent] = silent.as_slice() else {
        panic!("one group is silent")
    };
    told.say(&format!(
        "to be disbanded on {}",
        day_before(&silent["from"])
    ));
    told.say(&format!("after {} days", told.lasted(silent) / DAY));
}

/// The day before a midnight.
fn day_before(midnight: &Value) -> String {
    let before = govc::time::Instant(time(midnight) - DAY);
    let text = serde_json::to_value(before).unwrap();
    text.as_str().unwrap()[..10].to_owned()
}
