//! The history of TiKV's community against a count made without the library, and a made-up one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;

use serde_json::{Value, json};

const MAPPING: &str = "examples/tikv-community/community.gov";

/// The decisions whose recorded results are held against the ballots.
const RESULTS: [&str; 4] = [
    "Vote.reviewer-vote",
    "Vote.committer-vote",
    "Vote.infrastructure-vote",
    "Vote.community-vote",
];

/// The findings but notes whose clause has one of these names, or begins so (`Vote.six-days-*`), each as
/// the values of some keys.
fn found(report: &Value, clauses: &[&str], keys: &[&str]) -> BTreeSet<Vec<String>> {
    let findings = common::findings(report).iter();
    findings
        .filter(|f| f["severity"] != "note")
        .filter(|f| {
            let name = f["clause"].as_str().unwrap();
            clauses.iter().any(|wanted| match wanted.strip_suffix('*') {
                Some(beginning) => name.starts_with(beginning),
                None => name == *wanted,
            })
        })
        .map(|f| keys.iter().map(|key| text(&f[*key])).collect())
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or("").to_owned()
}

/// Rows of the count, each as some of its values.
fn rows(list: &Value, fits: impl Fn(&Value) -> bool, at: &[&str]) -> BTreeSet<Vec<String>> {
    let rows = list.as_array().unwrap().iter().filter(|row| fits(row));
    rows.map(|row| {
        let cell = |at: &&str| match at.parse::<usize>() {
            Ok(index) => &row[index],
            Err(_) => &row[*at],
        };
        at.iter().map(|at| text(cell(at))).collect()
    })
    .collect()
}

fn compare(history: &str, log: &str) {
    let count = &common::counted("tikv")[history];
    let report = common::simulate(MAPPING, log, true);

    // Tech leads: the number that is found says which bound is broken.
    let bounds = found(
        &report,
        &["Group.two-or-three"],
        &["group", "found", "from", "to"],
    );
    let spells: BTreeSet<Vec<String>> = bounds
        .into_iter()
        .map(|mut spell| {
            let few = spell[1].parse::<u32>().unwrap() < 2;
            spell[1] = if few { "fewer than 2" } else { "more than 3" }.to_owned();
            spell
        })
        .collect();
    assert_eq!(
        spells,
        rows(&count["spells"], |_| true, &["0", "1", "2", "3"])
    );

    let about = ["group", "person", "from"];
    let same = |clauses: &[&str], wanted: BTreeSet<Vec<String>>| {
        assert_eq!(found(&report, clauses, &about), wanted, "{clauses:?}");
    };
    same(
        &["Group.no-rank-skipped*"],
        rows(&count["skips"], |_| true, &["0", "1", "2"]),
    );
    let entries = ["0", "1", "3"];
    same(
        &[
            "Group.enters-at-the-lowest",
            "Group.enters-a-team-at-the-lowest",
        ],
        rows(&count["entries"], |_| true, &entries),
    );
    same(
        &[
            "Group.reviewers-from-active",
            "Group.committers-from-reviewers",
        ],
        rows(&count["entries"], |e| e[4] == "no", &entries),
    );
    same(
        &["Vote.no-binding-ballot*"],
        rows(&count["claims"], |_| true, &["0", "1", "2"]),
    );
    same(
        &["Group.voted-for"],
        rows(&count["unvoted"], |_| true, &["0", "1", "3"]),
    );

    // Votes: what is not found is kept.
    let kept = |clauses: &[&str], key: &str, time: &str| {
        let wanted = rows(&count["votes"], |v| v[key] == json!(false), &["vote", time]);
        assert_eq!(
            found(&report, clauses, &["group", "from"]),
            wanted,
            "{clauses:?}"
        );
    };
    kept(&RESULTS, "follows", "closed");
    let borne_out: BTreeSet<Vec<String>> = common::findings(&report)
        .iter()
        .filter(|f| RESULTS.contains(&f["clause"].as_str().unwrap()))
        .filter(|f| {
            f["message"]
                .as_str()
                .unwrap()
                .contains("which the ballots bear out")
        })
        .map(|f| vec![text(&f["group"]), text(&f["from"])])
        .collect();
    assert_eq!(
        borne_out,
        rows(
            &count["votes"],
            |v| v["follows"] == json!(true),
            &["vote", "closed"]
        ),
        "{history}: results that follow"
    );
    kept(&["Vote.three-days*", "Vote.six-days*"], "period", "closed");
    kept(&["Vote.announced*"], "announced", "opened");

    // The same where the steering committee votes with the teams: a parameter of the rules.
    let parameter = "may have steering-takes-part: flag = ";
    let other = common::compile_as(MAPPING, &|text| {
        text.replace(&format!("{parameter}false"), &format!("{parameter}true"))
    });
    let other = common::simulate_compiled(&other, log, false);
    assert_eq!(
        found(&other, &RESULTS, &["group", "from"]),
        rows(
            &count["votes"],
            |v| v["follows_with_steering"] == json!(false),
            &["vote", "closed"]
        ),
        "{history}: results with the steering committee"
    );

    // Whether a result follows or not, the report says of how many: nobody cast a ballot that counts
    // where no vote was open.
    for vote in count["votes"].as_array().unwrap() {
        let tally = format!(
            "({} yes, 0 against of {} who may vote)",
            vote["yes"],
            vote["electorate"].as_array().map_or(0, Vec::len)
        );
        let says = common::findings(&report).iter().any(|f| {
            let message = f["message"].as_str().unwrap();
            f["group"] == vote["vote"]
                && (message.contains(&tally)
                    || vote["yes"] == json!(0) && message.contains("no such vote was open"))
        });
        assert_eq!(says, vote["follows"].is_boolean(), "{}", vote["vote"]);
    }
}

#[test]
fn tikv_comes_out_as_the_independent_count_has_it() {
    compare(
        "real",
        &common::read("examples/tikv-community/events.jsonl"),
    );
}

/// The real log with lines left out, doubled, put in another order inside of a commit, or said of other
/// groups and people, and with votes of other kinds.
#[test]
fn other_groups_come_out_as_counted() {
    compare("altered", &common::read("tests/oracle/tikv.altered.jsonl"));
}

/// In whatever order a commit tells of votes it comes out the same: here results stand before the
/// ballots that they follow from, and who votes last is written down first.
#[test]
fn the_order_inside_of_a_commit_means_nothing() {
    for (history, log) in [
        ("real", "examples/tikv-community/events.jsonl"),
        ("altered", "tests/oracle/tikv.altered.jsonl"),
    ] {
        let log = common::read(log);
        let mut lines: Vec<(u64, bool, &str)> = log
            .lines()
            .map(|text| {
                let line: Value = serde_json::from_str(text).unwrap();
                let result = line["event"] == "vote_closed";
                (line["tx"].as_u64().unwrap(), !result, text)
            })
            .collect();
        lines.sort_by_key(|(tx, later, _)| (*tx, *later));
        let cast = |line: &(u64, bool, &str)| line.2.contains("\"vote_cast\"");
        for ballots in lines.chunk_by_mut(|a, b| a.0 == b.0 && cast(a) && cast(b)) {
            ballots.reverse();
        }
        let lines: Vec<&str> = lines.iter().map(|(.., text)| *text).collect();
        assert_ne!(lines.join("\n"), log.trim_end());
        compare(history, &lines.join("\n"));
    }
}

/// One change: its time, and its events without number and time.
fn log_of(changes: &[(&str, &[Value])]) -> String {
    let mut lines = String::new();
    for (tx, (at, events)) in changes.iter().enumerate() {
        for event in *events {
            let mut event = event.clone();
            event["tx"] = json!(tx);
            event["at"] = json!(at);
            lines.push_str(&event.to_string());
            lines.push('\n');
        }
    }
    lines
}

fn person(event: &str, group: &str, person: &str, role: &str) -> Value {
    json!({"event": event, "group": group, "person": person, "role": role})
}

fn founder(group: &str, name: &str, role: &str) -> Value {
    let mut event = person("member_added", group, name, role);
    event["founding"] = json!(true);
    event
}

fn opened(vote: &str, action: &str, group: &str, subject: &str) -> Value {
    json!({"event": "vote_opened", "vote": vote, "action": action, "group": group,
           "role": action.trim_start_matches("new_"), "subjects": [subject], "declared_hours": 72})
}

fn cast(vote: &str, person: &str, claimed: &str) -> Value {
    json!({"event": "vote_cast", "vote": vote, "person": person, "value": 1, "claimed": claimed})
}

fn closed(vote: &str) -> Value {
    json!({"event": "vote_closed", "vote": vote, "outcome": "approved"})
}

#[test]
fn other_groups_are_judged_by_the_same_rules() {
    let raise = |who: &str, from: &str, to: &str| json!({"event": "member_promoted", "group": "sig-x", "person": who, "from": from, "to": to});
    let log = log_of(&[
        (
            "2021-01-01T00:00:00Z",
            &[json!({"event": "observation_start"})],
        ),
        (
            "2021-01-02T00:00:00Z",
            &[
                json!({"event": "group_created", "group": "sig-x", "kind": "sig"}),
                founder("sig-x", "ann", "tech_lead"),
                founder("sig-x", "bo", "tech_lead"),
                founder("sig-x", "cy", "active_contributor"),
                founder("sig-x", "di", "reviewer"),
            ],
        ),
        // Four leads, a rank skipped, a rank not skipped: `cy` goes too far, `di` does not.
        (
            "2021-02-01T10:00:01Z",
            &[
                person("member_added", "sig-x", "eve", "tech_lead"),
                person("member_added", "sig-x", "fay", "tech_lead"),
                raise("cy", "active_contributor", "committer"),
                raise("di", "reviewer", "committer"),
            ],
        ),
        // The steering committee, and a team with two maintainers.
        (
            "2021-08-01T00:00:00Z",
            &[
                json!({"event": "group_created", "group": "team-y", "kind": "team"}),
                founder("team-y", "max", "maintainer"),
                founder("team-y", "may", "maintainer"),
                json!({"event": "committee_member_added", "group": "committee-steering", "person": "s1"}),
                json!({"event": "committee_member_added", "group": "committee-steering", "person": "s2"}),
                json!({"event": "committee_member_added", "group": "committee-steering", "person": "s3"}),
                json!({"event": "member_removed", "group": "sig-x", "person": "fay", "role": "tech_lead"}),
            ],
        ),
        (
            "2021-09-01T00:00:00Z",
            &[opened("v1", "new_reviewer", "team-y", "gil")],
        ),
        (
            "2021-09-01T00:00:01Z",
            &[opened("v2", "new_maintainer", "team-y", "hal")],
        ),
        (
            "2021-09-01T00:00:02Z",
            &[opened("v3", "governance", "committee-steering", "ivy")],
        ),
        // Exactly three days, both maintainers, one of whom is said not to count; and nobody else.
        (
            "2021-09-04T00:00:00Z",
            &[
                cast("v1", "max", "binding"),
                cast("v1", "may", "non-binding"),
                cast("v1", "gil", "non-binding"),
                closed("v1"),
                person("member_added", "team-y", "gil", "reviewer"),
            ],
        ),
        // Six days but one second. Who becomes a maintainer by the vote has none in it.
        (
            "2021-09-07T00:00:00Z",
            &[
                cast("v2", "max", "binding"),
                cast("v2", "hal", "binding"),
                closed("v2"),
                person("member_added", "team-y", "hal", "maintainer"),
                person("member_added", "team-y", "jo", "reviewer"),
            ],
        ),
        // Two of three are two thirds.
        (
            "2021-09-08T00:00:00Z",
            &[
                cast("v3", "s1", "binding"),
                cast("v3", "s2", "binding"),
                closed("v3"),
            ],
        ),
        (
            "2022-01-01T00:00:00Z",
            &[json!({"event": "observation_end"})],
        ),
    ]);
    let report = common::simulate(MAPPING, &log, false);
    let all = found(
        &report,
        &["Group.*", "Vote.*"],
        &["clause", "group", "person", "from", "to"],
    );
    let wanted = [
        [
            "Group.two-or-three",
            "sig-x",
            "",
            "2021-02-01T10:00:01Z",
            "2021-08-01T00:00:00Z",
        ],
        [
            "Group.no-rank-skipped",
            "sig-x",
            "cy",
            "2021-02-01T10:00:01Z",
            "2021-02-01T10:00:01Z",
        ],
        [
            "Vote.announced-six-days",
            "v2",
            "",
            "2021-09-01T00:00:01Z",
            "2021-09-01T00:00:01Z",
        ],
        [
            "Vote.announced-six-days",
            "v3",
            "",
            "2021-09-01T00:00:02Z",
            "2021-09-01T00:00:02Z",
        ],
        [
            "Vote.six-days-for-committer",
            "v2",
            "",
            "2021-09-07T00:00:00Z",
            "2021-09-07T00:00:00Z",
        ],
        [
            "Vote.committer-vote",
            "v2",
            "",
            "2021-09-07T00:00:00Z",
            "2021-09-07T00:00:00Z",
        ],
        [
            "Vote.no-binding-ballot-for-committer",
            "v2",
            "hal",
            "2021-09-07T00:00:00Z",
            "2021-09-07T00:00:00Z",
        ],
        [
            "Group.enters-a-team-at-the-lowest",
            "team-y",
            "hal",
            "2021-09-07T00:00:00Z",
            "2021-09-07T00:00:00Z",
        ],
        [
            "Group.voted-for",
            "team-y",
            "jo",
            "2021-09-07T00:00:00Z",
            "2021-09-07T00:00:00Z",
        ],
    ];
    let wanted: BTreeSet<Vec<String>> = wanted
        .iter()
        .map(|row| row.iter().map(|cell| (*cell).to_owned()).collect())
        .collect();
    assert_eq!(all, wanted);
}
