//! How mistakes are told: all of them, counted, whatever the bytes, and each with its page.

use govc::diag::Code;
use govc::run::trace::Options;

use super::support::{self, model, record_model};
use super::{read, read_with};

#[test]
fn all_mistakes_are_told_and_counted() {
    let good = r#"{"time": "2025-01-01", "event": "decided"}"#;
    let bad = r#"{"time": "2025-02-30", "event": "decided", "x": 1}"#;
    let trace = [good, bad, good, "{", bad, "7"].join("\n");
    let errors = read(&model(), &trace).unwrap_err();
    let places: Vec<(u64, &str)> = errors
        .shown
        .iter()
        .map(|e| (e.line, e.code.number()))
        .collect();
    assert_eq!(
        places,
        [
            (2, "GOV0606"),
            (2, "GOV0604"),
            (4, "GOV0602"),
            (5, "GOV0606"),
            (5, "GOV0604"),
            (6, "GOV0617")
        ]
    );
    let many = [bad; 30].join("\n");
    let errors = read(&model(), &many).unwrap_err();
    assert_eq!((errors.shown.len(), errors.more), (20, 40));
    assert!(
        errors
            .to_text(false)
            .ends_with("… and 40 more errors in t.json\n")
    );
}

#[test]
fn bytes_that_are_not_utf8() {
    let mut trace = br#"{"time": "2025-01-01", "event": "decided"}"#.to_vec();
    trace.extend_from_slice(b"\n{\"time\": \"2025-01-01\", \"event\": \"d\xe9cid\xe9\"}\n");
    let errors = read_with(&model(), &trace, Options::default()).unwrap_err();
    insta::assert_snapshot!(errors.to_text(false), @r#"
error[GOV0614]: this is not UTF-8: the byte 0xe9 belongs to nothing
  ┌─ t.json:2:35
  │
2 │ {"time": "2025-01-01", "event": "d�cid�"}
  │                                   ^
  │
  = help: save the trace as UTF-8
"#);
    let utf16: Vec<u8> = [0xff, 0xfe, b'{', 0, b'}', 0].to_vec();
    let errors = read_with(&model(), &utf16, Options::default()).unwrap_err();
    insta::assert_snapshot!(errors.to_text(false), @"
error[GOV0614]: this is not UTF-8: the byte 0xff belongs to nothing
  ┌─ t.json:1:1
  │
1 │ ��{�}�
  │ ^
  │
  = help: this looks like UTF-16: save it as UTF-8
");
}

#[test]
fn values_nested_too_deep_and_lines_too_long() {
    let deep = format!(
        r#"{{"time": "2025-01-01", "event": "SIG.meet", "group": "sdk", "attendees": {}{}}}"#,
        "[".repeat(1000),
        "]".repeat(1000)
    );
    let errors = read(&model(), &deep).unwrap_err();
    assert_eq!(errors.shown[0].code, Code::TraceTooDeep);
    // A field that nobody reads is held to it too, and a million brackets harm nobody.
    let deep = format!(
        r#"{{"at": "2025-01-01", "what": "lead_added", "x": {}{}}}"#,
        "[".repeat(1_000_000),
        "]".repeat(1_000_000)
    );
    let errors = read(&record_model(), &deep).unwrap_err();
    assert_eq!(errors.shown[0].code, Code::TraceTooDeep);
    let open = "[".repeat(1_000_000);
    assert_eq!(
        read(&model(), &open).unwrap_err().shown[0].code,
        Code::Truncated
    );

    let long = format!(
        "{}\n{{\"time\": \"{}\"}}\n{{\"event\": \"decided\"}}",
        r#"{"time": "2025-01-01", "event": "decided"}"#,
        "x".repeat(17 << 20)
    );
    let errors = read(&model(), &long).unwrap_err();
    let codes: Vec<_> = errors.shown.iter().map(|e| (e.line, e.code)).collect();
    assert_eq!(codes, [(2, Code::LineTooLong), (3, Code::MissingTime)]);
}

#[test]
fn what_a_terminal_would_obey_is_spelled_out() {
    let trace = "{\"time\": \"2025-01-01\", \"event\": \"\\u001b[31m\\u202e\"}";
    let text = read(&model(), trace).unwrap_err().to_text(false);
    assert!(text.contains("`\\u{1b}[31m\\u{202e}`"), "{text}");
}

#[test]
fn every_page_shows_its_mistake_and_the_cure() {
    let charter = support::compile(support::CHARTER);
    for code in Code::ALL.iter().filter(|c| c.number().starts_with("GOV06")) {
        let page = code.page();
        let number = code.number();
        assert!(page.starts_with(&format!("# {number}: ")), "{number}");
        let (wrong, right) = (
            support::fences(page, "Wrong"),
            support::fences(page, "Right"),
        );
        // Some things are too large or too odd to be shown; then the page says so.
        let shown = !page.contains("This page has no example");
        assert_eq!(
            (wrong.len(), right.len()),
            (shown.into(), shown.into()),
            "{number}"
        );
        for (_, trace) in wrong {
            let errors = read(&charter, &trace).expect_err(number);
            for error in &errors.shown {
                assert_eq!(error.code, *code, "{}", errors.to_text(false));
            }
        }
        for (_, trace) in right {
            if let Err(errors) = read(&charter, &trace) {
                panic!("{number}: {}", errors.to_text(false));
            }
        }
    }
}
