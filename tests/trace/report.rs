//! The report of a run, for people and for programs.

use govc::run::report;
use govc::run::trace::Reading;
use govc::run::{Finding, Report, Severity, TraceNote};

use super::at;
use super::support::model;

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
