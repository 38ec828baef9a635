//! What a record leaves open is said to be undecided, and the order inside of a change means nothing:
//! small records, made by hand.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;

use govc::source::Sources;
use serde_json::{Value, json};

/// The report on a record: time, change, event, and more fields, as JSON.
fn report(spec: &str, mapping: &str, lines: &[Value], kept: bool) -> Value {
    let mapping = format!(
        "{spec}\ntrace \"log\" {{\n read time from \"at\"\n read name from \"event\"\n \
         read subject from \"group\"\n read change from \"tx\"\n read actor from \"by\"\n \
         read start from \"start\"\n read stop from \"stop\"\n{mapping}\n}}\n"
    );
    let mut sources = Sources::default();
    let root = sources.add("log.gov", mapping);
    let compiled = govc::compile(&mut sources, root, &mut |path, _| Err(path.to_owned()));
    let log: Vec<String> = lines.iter().map(Value::to_string).collect();
    common::simulate_compiled(&(sources, compiled), &log.join("\n"), kept)
}

/// Each finding: severity, clause, group, and its message.
fn told(report: &Value) -> Vec<String> {
    let told = |f: &Value| {
        let text = |key: &str| f[key].as_str().unwrap_or("").to_owned();
        let periods = f["periods"].as_array().map_or(String::new(), |periods| {
            let names: Vec<&str> = periods.iter().filter_map(Value::as_str).collect();
            format!(" [{}]", names.join(", "))
        });
        format!(
            "{} {} {}: {}{periods}",
            text("severity"),
            text("clause"),
            text("group"),
            text("message")
        )
    };
    common::findings(report).iter().map(told).collect()
}

/// Lines of a record of one day each: `day group event tx`, with more fields.
fn line(at: &str, tx: u32, event: &str, group: &str) -> Value {
    json!({"at": at, "tx": tx, "event": event, "group": group})
}

fn by(mut line: Value, who: &str) -> Value {
    line["by"] = json!(who);
    line["person"] = json!(who);
    line
}

const GROUPS: &str = r#"
governance G "groups"
group Board  {
  role chair
  state active initial { must have 1 chair as one-chair [1] }
  state closed final
}
group Circle {
  role chair
  may have chartered: flag = false
  state active initial { must be chartered as charter [2]  must have 2 chair as two-chairs [3] }
  state closed final
}
"#;

const GROUPS_LOG: &str = r#"
  event created(kind: text), closed, named(person: person), chartered
  on created where kind = "board"  { do Board.added }
  on created where kind = "circle" { do Circle.added }
  on closed     -> closed
  on named      { grant chair to person }
  on chartered  { set chartered = true }
"#;

fn created(at: &str, tx: u32, group: &str, kind: &str) -> Value {
    let mut line = line(at, tx, "created", group);
    line["kind"] = json!(kind);
    line
}

/// What the record never began is not judged, of whatever kind it may be.
#[test]
fn what_the_record_only_mentions_is_undecided() {
    let lines = [
        json!({"at": "2024-01-01", "event": "start"}),
        by(line("2024-02-01", 1, "named", "x"), "ann"),
        line("2024-02-02", 2, "chartered", "y"),
        by(line("2024-02-03", 3, "named", "y"), "ann"),
        line("2024-03-01", 4, "closed", "y"),
        json!({"at": "2025-01-01", "event": "stop"}),
    ];
    assert_eq!(
        told(&report(GROUPS, GROUPS_LOG, &lines, false)),
        [
            "note record.on-named x: x is first mentioned by `named` (line 2, column 55); the record does not say how it \
             began: undecided",
            "note record.on-chartered y: y is first mentioned by `chartered` (line 3, column 48); the record does not say \
             how it began: undecided",
        ]
    );
}

/// From when the record says that it begins it is judged, and of the kind that is said then.
#[test]
fn what_begins_later_is_judged_from_then_on() {
    let lines = [
        json!({"at": "2024-01-01", "event": "start"}),
        line("2024-02-01", 1, "chartered", "x"),
        created("2024-03-01", 2, "x", "circle"),
        line("2024-02-01", 3, "chartered", "y"),
        created("2024-04-01", 4, "y", "board"),
        json!({"at": "2025-01-01", "event": "stop"}),
    ];
    let mut lines = lines.to_vec();
    lines.sort_by_key(|line| line["at"].as_str().unwrap().to_owned());
    let report = report(GROUPS, GROUPS_LOG, &lines, false);
    let broken: Vec<Value> = common::findings(&report)
        .iter()
        .filter(|f| f["severity"] == "violation")
        .map(|f| json!([f["group"], f["clause"], f["from"], f["to"]]))
        .collect();
    assert_eq!(
        broken,
        [
            json!(["x", "Circle.two-chairs", "2024-03-01T00:00:00Z", null]),
            json!(["y", "Board.one-chair", "2024-04-01T00:00:00Z", null]),
        ]
    );
}

/// In whatever order one change is written down, it comes out the same.
#[test]
fn the_order_inside_of_a_change_means_nothing() {
    let change = [
        created("2024-02-01", 1, "x", "circle"),
        by(line("2024-02-01", 1, "named", "x"), "ann"),
        by(line("2024-02-01", 1, "named", "x"), "bo"),
        line("2024-02-01", 1, "chartered", "x"),
    ];
    let told_in = |order: [usize; 4]| {
        let mut lines = vec![json!({"at": "2024-01-01", "event": "start"})];
        lines.extend(order.map(|at| change[at].clone()));
        lines.push(by(line("2024-06-01", 2, "named", "x"), "cy"));
        lines.push(json!({"at": "2025-01-01", "event": "stop"}));
        let report = report(GROUPS, GROUPS_LOG, &lines, false);
        let spells = common::findings(&report)
            .iter()
            .map(|f| json!([f["clause"], f["from"], f["to"]]).to_string());
        spells.collect::<BTreeSet<String>>()
    };
    let expected = told_in([0, 1, 2, 3]);
    let three = json!(["Circle.two-chairs", "2024-06-01T00:00:00Z", null]).to_string();
    assert_eq!(expected, BTreeSet::from([three]));
    for order in [[1, 0, 2, 3], [3, 2, 1, 0], [1, 2, 3, 0], [3, 0, 2, 1]] {
        assert_eq!(told_in(order), expected, "{order:?}");
    }
}

/// A group that ends and begins in one change has done both as written, since it was there.
#[test]
fn what_is_there_ends_before_it_begins_anew() {
    let lines = [
        json!({"at": "2024-01-01", "event": "start"}),
        created("2024-02-01", 1, "x", "board"),
        by(line("2024-02-01", 1, "named", "x"), "ann"),
        line("2024-03-01", 2, "closed", "x"),
        created("2024-03-01", 2, "x", "board"),
        json!({"at": "2025-01-01", "event": "stop"}),
    ];
    let report = report(GROUPS, GROUPS_LOG, &lines, false);
    let findings = common::findings(&report);
    assert_eq!(findings.len(), 1, "{report:#}");
    assert_eq!(findings[0]["from"], "2024-03-01T00:00:00Z");
}

const VOTES: &str = r#"
governance V "votes"
group Team {
  role member
  decision adopt by member [1] { passes at least 2 yes and no against }
  state active initial
}
"#;

const VOTES_LOG: &str = r#"
  event created, joined(person: person), aye(person: person), adopted
  on created { do Team.added }
  on joined  { grant member to person }
  on aye     { do adopt.yes }
  on adopted { do adopt.passed }
"#;

/// A result stands above the ballots of its own change: it is held against all of them.
#[test]
fn a_result_is_held_against_the_ballots_of_its_whole_change() {
    let founded = |group: &str| {
        [
            line("2024-01-02", 1, "created", group),
            by(line("2024-01-02", 1, "joined", group), "ann"),
            by(line("2024-01-02", 1, "joined", group), "bo"),
        ]
    };
    let log = |result: Vec<Value>| {
        let mut lines = vec![json!({"at": "2024-01-01", "event": "start"})];
        lines.extend(founded("x"));
        lines.extend(result);
        lines.push(json!({"at": "2025-01-01", "event": "stop"}));
        told(&report(VOTES, VOTES_LOG, &lines, false))
    };
    let opens = "note Team.adopt : the record does not show when votes on `adopt` open: the first \
                 ballot opens one";
    let at = "2024-02-01";
    let aye = |who: &str| by(line(at, 2, "aye", "x"), who);
    let adopted = || line(at, 2, "adopted", "x");
    assert_eq!(log(vec![adopted(), aye("ann"), aye("bo")]), [opens]);
    assert_eq!(log(vec![aye("ann"), adopted(), aye("bo")]), [opens]);
    assert_eq!(
        log(vec![adopted(), aye("ann")]),
        [
            opens,
            "violation Team.adopt x: `adopt.passed` happened, which the ballots do not bear out (1 yes, \
             0 against of 2 who may vote); it has no effect",
        ]
    );
    assert_eq!(
        log(vec![adopted()]),
        [
            "violation Team.adopt x: `adopt.passed` happened, but no such vote was open; it has no effect"
        ]
    );
    // The ballots of a later change come too late.
    let late = by(line("2024-02-02", 3, "aye", "x"), "ann");
    assert_eq!(
        log(vec![adopted(), late]),
        [
            "violation Team.adopt x: `adopt.passed` happened, but no such vote was open; it has no effect",
            opens,
        ]
    );
}

const DUTIES: &str = r#"
governance D "duties"
group Team {
  event reset, vote-against, review
  define settled = reset or vote-against
  state active initial {
    will settled at least 1 per month      as each-month  [1]
    will settled every 2 months            as often       [2]
    will settled after month within 5 days as afterwards  [3]
    must settled within 10 days            as at-first    [4]
    must settled                           as before-it-ends  [5]
    must review at least 1 per month       as reviewed    [6]
    will reset at least 1 per month if no vote-against in month  as unless-against  [7]
  }
  state closed final
}
"#;

const DUTIES_LOG: &str = r#"
  event created, reset, closed
  on created { do Team.added }
  on reset   { do Team.reset }
  on closed  -> closed
"#;

/// What one of several events would meet, and none that the record can show has met, is undecided: once
/// for each instance, with the periods.
#[test]
fn what_something_unseen_may_have_met_is_undecided() {
    let lines = [
        json!({"at": "2025-01-01", "event": "start"}),
        line("2025-01-01", 1, "created", "a"),
        line("2025-01-01", 2, "created", "b"),
        line("2025-02-10", 3, "reset", "a"),
        line("2025-03-10", 4, "closed", "b"),
        json!({"at": "2025-05-01", "event": "stop"}),
    ];
    let all = told(&report(DUTIES, DUTIES_LOG, &lines, false));
    let other = |text: &str| {
        format!("`vote-against`, by which `{text}` is met too, is not in the record: undecided")
    };
    let expected = BTreeSet::from([
        format!(
            "note Team.each-month a: {} [2025-01, 2025-03, 2025-04]",
            other("will settled at least 1 per month")
        ),
        format!(
            "note Team.each-month b: {} [2025-01, 2025-02]",
            other("will settled at least 1 per month")
        ),
        format!(
            "note Team.often a: {} [2025-04-11]",
            other("will settled every 2 months")
        ),
        format!(
            "note Team.often b: {} [2025-03-02]",
            other("will settled every 2 months")
        ),
        format!(
            "note Team.afterwards a: {} [2025-01, 2025-02, 2025-03]",
            other("will settled after month within 5 days")
        ),
        format!(
            "note Team.afterwards b: {} [2025-01, 2025-02]",
            other("will settled after month within 5 days")
        ),
        format!(
            "note Team.at-first a: {} [2025-01-12]",
            other("must settled within 10 days")
        ),
        format!(
            "note Team.at-first b: {} [2025-01-12]",
            other("must settled within 10 days")
        ),
        format!(
            "note Team.before-it-ends b: {}",
            other("must settled").replace("undecided", "it is not judged")
        ),
        "note Team.reviewed a: whether `must review at least 1 per month` is done is not in the record: \
         undecided [2025-01, 2025-02, 2025-03, 2025-04]"
            .to_owned(),
        "note Team.reviewed b: whether `must review at least 1 per month` is done is not in the record: \
         undecided [2025-01, 2025-02]"
            .to_owned(),
        "note Team.unless-against a: what `will reset at least 1 per month if no vote-against in month` \
         asks for is not in the record: undecided [2025-01, 2025-03, 2025-04]"
            .to_owned(),
        "note Team.unless-against b: what `will reset at least 1 per month if no vote-against in month` \
         asks for is not in the record: undecided [2025-01, 2025-02]"
            .to_owned(),
    ]);
    assert_eq!(all.len(), expected.len(), "each once: {all:#?}");
    assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), expected);
}

/// What all events show that can meet a duty is judged as ever, and so is what is not met in time where
/// each of them is seen.
#[test]
fn what_everything_shows_is_judged() {
    let shown = format!("{DUTIES_LOG}\n  event against\n  on against {{ do vote-against }}\n");
    let lines = [
        json!({"at": "2025-01-01", "event": "start"}),
        line("2025-01-01", 1, "created", "a"),
        line("2025-02-10", 2, "against", "a"),
        json!({"at": "2025-05-01", "event": "stop"}),
    ];
    let report = report(DUTIES, &shown, &lines, false);
    let of = |clause: &str| {
        let all = common::findings(&report).iter();
        all.filter(|f| f["clause"] == format!("Team.{clause}") && f["severity"] == "violation")
            .count()
    };
    assert_eq!(of("each-month"), 3);
    assert_eq!(of("often"), 1);
    assert_eq!(of("afterwards"), 3);
    assert_eq!(of("at-first"), 1);
}

/// What was done in time is noted where that is asked for, and what came late is not.
#[test]
fn what_was_done_in_time_is_noted() {
    let spec = r#"
        governance D "duties"
        group Team {
          event report(year: number), answer, ask
          state active initial {
            must report after year within 2 months  as yearly    [1]
            must answer after ask within 5 days     as answered  [2]
            will ask at least 1 per year            as asks      [3]
            must ask every 1 year                   as asks-anew [4]
          }
        }
    "#;
    let log = r#"
        event created, told(year: number), asked, answered
        on created  { do Team.added }
        on told     { do Team.report(year: year) }
        on asked    { do Team.ask }
        on answered { do Team.answer }
    "#;
    let told_for = |at: &str, tx: u32, year: u32| {
        let mut line = line(at, tx, "told", "a");
        line["year"] = json!(year);
        line
    };
    let lines = [
        json!({"at": "2020-01-01", "event": "start"}),
        line("2020-01-01", 1, "created", "a"),
        line("2020-06-01", 2, "asked", "a"),
        line("2020-06-03", 3, "answered", "a"),
        told_for("2020-12-01", 4, 2020),
        line("2021-05-30", 5, "asked", "a"),
        line("2021-06-30", 6, "answered", "a"),
        told_for("2022-02-01", 7, 2021),
        told_for("2023-04-01", 8, 2022),
        json!({"at": "2023-05-01", "event": "stop"}),
    ];
    let report_of = |kept: bool| report(spec, log, &lines, kept);
    let notes = |report: &Value| -> BTreeSet<String> {
        let all = common::findings(report).iter();
        all.filter(|f| f["severity"] == "note")
            .map(|f| json!([f["clause"], f["from"], f["periods"], f["events"]]).to_string())
            .collect()
    };
    let day = |day: &str| format!("{day}T00:00:00Z");
    let expected = [
        json!(["Team.yearly", day("2020-12-01"), ["2020"], [5]]),
        json!(["Team.yearly", day("2022-02-01"), ["2021"], [8]]),
        json!(["Team.answered", day("2020-06-03"), null, [4]]),
        json!(["Team.asks", day("2021-01-01"), ["2020"], [3]]),
        json!(["Team.asks", day("2022-01-01"), ["2021"], [6]]),
    ];
    let expected = expected.iter().map(Value::to_string).collect();
    assert_eq!(notes(&report_of(true)), expected);
    assert_eq!(notes(&report_of(false)), BTreeSet::new());
    let broken = |report: &Value| {
        let mut all = common::findings(report).clone();
        all.retain(|f| f["severity"] != "note");
        all
    };
    assert_eq!(broken(&report_of(true)), broken(&report_of(false)));
    assert_eq!(broken(&report_of(true)).len(), 4);
}

/// Of each vote whose result follows it is said of how many ballots, of how many who may vote, and what
/// was needed.
#[test]
fn what_the_ballots_bear_out_is_noted() {
    let at = "2024-02-01";
    let lines = [
        json!({"at": "2024-01-01", "event": "start"}),
        line("2024-01-02", 1, "created", "x"),
        by(line("2024-01-02", 1, "joined", "x"), "ann"),
        by(line("2024-01-02", 1, "joined", "x"), "bo"),
        by(line("2024-01-02", 1, "joined", "x"), "cy"),
        by(line(at, 2, "aye", "x"), "ann"),
        by(line(at, 2, "aye", "x"), "bo"),
        line(at, 2, "adopted", "x"),
        json!({"at": "2025-01-01", "event": "stop"}),
    ];
    let report = |spec: &str, kept: bool| report(spec, VOTES_LOG, &lines, kept);
    let notes = told(&report(VOTES, true));
    let wanted = "note Team.adopt x: `adopt.passed` happened, which the ballots bear out (2 yes, 0 \
                  against of 3 who may vote); at least 2 yes and none against are needed";
    assert!(notes.iter().any(|note| note == wanted), "{notes:#?}");
    assert!(
        !told(&report(VOTES, false))
            .iter()
            .any(|note| note == wanted)
    );
    // A vote that closes by itself, without anybody saying so.
    let quorate = VOTES.replace(
        "passes at least 2 yes and no against",
        "quorum at least 1/2 of electorate  passes majority of cast  closes early after 14 days",
    );
    let notes = told(&report(&quorate, true));
    let wanted = "which the ballots bear out (2 yes, 0 against of 3 who may vote); more than 1/2 of \
                  those cast yes, with at least 1/2 of the electorate present, are needed";
    assert!(notes.iter().any(|note| note.contains(wanted)), "{notes:#?}");
}

/// Which year a report is for is not known: whether one of those that are owed was meant, or the present
/// year, is undecided from then on. The next year is judged again.
#[test]
fn what_is_done_for_a_period_that_is_not_known_is_undecided() {
    let spec = r#"
        governance D "duties"
        group Team {
          event report(year: number)
          state active initial { must report after year within 2 months  as yearly  [1] }
        }
    "#;
    let log = r#"
        read unknown from ""
        event created, told(year: number)
        on created { do Team.added }
        on told    { do Team.report(year: year) }
    "#;
    let lines = [
        json!({"at": "2020-01-01", "event": "start"}),
        line("2020-01-01", 1, "created", "a"),
        line("2021-06-01", 2, "told", "a"),
        json!({"at": "2023-05-01", "event": "stop"}),
    ];
    let report = report(spec, log, &lines, false);
    let spells: Vec<Value> = common::findings(&report)
        .iter()
        .map(|f| json!([f["severity"], f["from"], f["to"], f["periods"]]))
        .collect();
    assert_eq!(
        spells,
        [
            // Late for a while in any case.
            json!([
                "violation",
                "2021-03-01T00:00:00Z",
                "2021-06-01T00:00:00Z",
                null
            ]),
            json!([
                "note",
                "2021-06-01T00:00:00Z",
                "2021-06-01T00:00:00Z",
                ["2020", "2021"]
            ]),
            json!(["violation", "2023-03-01T00:00:00Z", null, null]),
        ]
    );
}
