//! What is told of a wrong IR.

use govc::diag::Code;
use govc::ids::*;
use govc::ir::wire::{WireError, from_json, to_json, validate};
use serde_json::{Value, json};

use super::support::{self, model, record_model};

fn refused(text: &str) -> String {
    let Err(errors) = from_json(text) else {
        panic!("this is taken: {}", &text[..text.len().min(400)])
    };
    errors.iter().map(|error| error.to_text("x.json")).collect()
}

/// What is said where one place of the small charter is changed.
fn changed(pointer: &str, value: Value) -> String {
    let mut document: Value = serde_json::from_str(&to_json(&record_model())).unwrap();
    let place = document.pointer_mut(pointer).expect(pointer);
    let shown = format!("{pointer} = {value}");
    *place = value;
    match from_json(&document.to_string()) {
        Err(errors) => errors.iter().map(|error| error.to_text("x.json")).collect(),
        Ok(_) => panic!("this is taken: {shown}"),
    }
}

#[test]
fn what_is_no_ir_is_refused_with_its_place() {
    let cases = [
        "",
        "[]",
        "{",
        "{} {}",
        r#"{"title": "x"}"#,
        r#"{"format": "govc-report", "version": 1}"#,
        r#"{"format": "govc-ir"}"#,
        r#"{"format": "govc-ir", "version": 2, "model": {}}"#,
        "{\n  \"format\": \"govc-ir\",\n  \"version\": 1,\n  \"model\": {\"name\": 7}\n}",
        r#"{"format": "govc-ir", "version": 1, "model": {"nam": "x"}}"#,
    ];
    let said: String = cases
        .iter()
        .map(|case| format!("-- {case}\n{}", refused(case)))
        .collect();
    insta::assert_snapshot!("no-ir", said);
}

#[test]
fn numbers_that_point_nowhere_are_refused() {
    let nested = |n: usize| (0..n).fold(json!({"all": []}), |cond, _| json!({"not": cond}));
    let loop_of_clocks = json!([{
        "kind": 1,
        "states": [],
        "cond": {"held": [0, "this", {"const": {"number": 1}}]}
    }]);
    let cases = [
        ("/model/timezone", json!("Mars/Olympus")),
        ("/model/clauses/1/name", json!("SIG.two-or-three")),
        ("/model/clauses/0/origin/file", json!(9)),
        ("/model/clauses/0/overrides", json!([7])),
        ("/model/clauses/0/overrides", json!([1, 0])),
        ("/model/kinds/0/form", json!("group")),
        ("/model/kinds/1/form", json!("document")),
        ("/model/kinds/1/parent", json!(1)),
        ("/model/kinds/1/parent", json!(44)),
        ("/model/kinds/1/initial", json!(3)),
        ("/model/kinds/1/states", json!([])),
        ("/model/kinds/1/added", json!(99)),
        ("/model/kinds/1/fields/0/ty", json!({"instance": [9]})),
        (
            "/model/kinds/1/fields/0/default",
            json!({"list": [{"role": 5}]}),
        ),
        ("/model/roles/0/kind", json!(9)),
        ("/model/roles/0/added", json!(0)),
        ("/model/roles/0/holders", json!([9])),
        ("/model/events/0/kind", json!(9)),
        ("/model/events/0/about", json!(1)),
        ("/model/events/0/source", json!({"outcome": [0, 0]})),
        ("/model/events/0/source", json!({"missed": 2})),
        ("/model/events/0/fields/0/stores", json!(2)),
        ("/model/ladders", json!([{"name": "l", "rungs": [0, 2]}])),
        (
            "/model/logs",
            json!([{"kind": 1, "arms": [{"event": 99, "filter": null}], "keep": {"instants": true, "people": true, "fields": true, "every": true}}]),
        ),
        ("/model/clocks", loop_of_clocks),
        ("/model/invariants/0/clause", json!(9)),
        ("/model/invariants/0/scope/states", json!([3])),
        ("/model/invariants/0/scope/each", json!(2)),
        ("/model/invariants/0/cond", json!({"filled": {"param": 0}})),
        (
            "/model/invariants/0/cond",
            json!({"filled": {"field": ["this", 2]}}),
        ),
        (
            "/model/invariants/0/cond",
            json!({"filled": {"field": [{"within": 7}, 0]}}),
        ),
        ("/model/invariants/0/cond", json!({"state": ["this", [3]]})),
        (
            "/model/invariants/0/cond",
            json!({"held": [0, "this", "today"]}),
        ),
        (
            "/model/invariants/0/cond",
            json!({"count": {"set": {"holders": [2, "this"]}, "distinct": false, "bounds": {"min": "today", "max": null, "strict": false}}}),
        ),
        ("/model/invariants/0/cond", nested(66)),
        (
            "/model/duties/0/arises",
            json!({"per": [{"min": "today", "max": null, "strict": false}, {"unit": "second"}]}),
        ),
        ("/model/duties/0/arms/0/event", json!(99)),
        (
            "/model/duties/0/matches",
            json!([{"trigger": 0, "act": 1, "fields": [[0, 0]]}]),
        ),
        ("/model/reactions/0/target", json!(3)),
        (
            "/model/reactions/0/actions/0",
            json!({"set-field": ["this", 2, "today"]}),
        ),
        (
            "/model/reactions/0/actions/0",
            json!({"emit": {"event": 1, "place": "this", "args": [[0, "today"]]}}),
        ),
        ("/model/analysis", json!([])),
    ];
    let said: String = cases
        .into_iter()
        .map(|(pointer, value)| {
            let mut shown = value.to_string();
            shown.truncate(120);
            format!("-- {pointer} = {shown}\n{}", changed(pointer, value))
        })
        .collect();
    insta::assert_snapshot!("nowhere", said);
}

#[test]
fn nesting_without_measure_harms_nobody() {
    let text = to_json(&model());
    let nested = format!("{}{}", "{\"not\": ".repeat(500_000), "}".repeat(500_000));
    let text = text.replace("\"grace\": null", &format!("\"grace\": {nested}"));
    insta::assert_snapshot!(refused(&text), @"
error[GOV0907]: this IR nests deeper than 400 levels
  ┌─ x.json
");
}

#[test]
fn errors_are_counted_out() {
    let mut model = model();
    for kind in &mut model.kinds {
        kind.origin.file = 7;
    }
    for event in &mut model.events {
        event.kind = KindId(50);
        event.origin.file = 7;
    }
    assert_eq!(validate(&model).len(), 20);
}

#[test]
fn every_page_of_the_ir_shows_its_mistake() {
    for code in [Code::IrSyntax, Code::IrVersion, Code::IrInvalid] {
        let wrong = support::fences(code.page(), "Wrong");
        let [(_, text)] = wrong.as_slice() else {
            panic!("{}", code.number())
        };
        let errors: Vec<WireError> = from_json(text).unwrap_err();
        assert!(errors.iter().all(|e| e.code == code), "{errors:?}");
    }
}
