//! What holds of every model, and of any text.

use govc::diag::Code;
use govc::ir::Model;
use govc::ir::wire::{from_json, to_json};
use proptest::prelude::*;
use serde_json::Value;

use super::VALIDATOR;
use super::models::models;
use super::support::model;
use super::terms::{BEYOND, VALID};

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_valid_model_survives_a_round_trip(model in models(VALID)) {
        let text = to_json(&model);
        match from_json(&text) {
            Ok(back) => {
                prop_assert_eq!(to_json(&back), text.clone());
                prop_assert_eq!(back, model);
            }
            Err(errors) => prop_assert!(false, "{:?}", errors),
        }
        let value: Value = serde_json::from_str(&text).unwrap();
        prop_assert!(VALIDATOR.is_valid(&value));
    }

    #[test]
    fn any_other_model_is_refused_or_the_same(model in models(BEYOND)) {
        match from_json(&to_json(&model)) {
            Ok(back) => prop_assert_eq!(back, model),
            Err(errors) => prop_assert!(errors.iter().all(|e| e.code == Code::IrInvalid)),
        }
    }

    #[test]
    fn any_text_is_answered(text in any::<String>(), at in any::<proptest::sample::Index>(), cut in 0usize..40) {
        let _ = from_json(&text);
        let mut bytes = to_json(&model()).into_bytes();
        let start = at.index(bytes.len());
        bytes.splice(start..(start + cut).min(bytes.len()), text.bytes());
        let _ = from_json(&String::from_utf8_lossy(&bytes));
    }
}

/// A short history of the small charter.
const TRACE: &str = r#"{"given": [{"kind": "SIG", "group": "sdk", "state": "active", "since": "2024-01-01"}, {"role": "lead", "group": "sdk", "person": ["ann", "bo"]}, {"role": "member", "person": "cy", "since": "2023-01-01"}]}
{"time": "2025-01-01", "event": "SIG.added", "group": "etl", "topic": "data"}
{"time": "2025-01-01", "event": "lead.added", "group": "etl", "person": "ann"}
{"time": "2025-01-14", "event": "SIG.meet", "group": "sdk", "by": ["ann", "bo"], "present": 4, "attendees": ["ann"]}
{"time": "2025-01-15", "event": "move.opened", "group": "sdk", "person": "cy", "by": "ann"}
{"time": "2025-01-16T12:00:00Z", "event": "move.yes", "group": "sdk", "person": "cy", "by": "ann"}
{"time": "2025-01-16T12:00:00Z", "event": "move.yes", "group": "sdk", "person": "cy", "by": "cy"}
{"time": "2025-01-31", "event": "leave", "group": "sdk", "person": "ann", "length": "3 months", "by": "bo"}
{"time": "2025-02-28", "event": "SIG.meet", "group": "etl"}
{"time": "2025-02-28", "event": "lead.removed", "group": "sdk", "person": "bo"}
{"time": "2025-03-31", "event": "move.passed", "group": "sdk", "person": "cy"}
{"time": "2025-12-31", "event": "decided"}
"#;

fn simulated(model: &Model, trace: &str) -> String {
    let report = govc::run::simulate(model, trace.as_bytes(), "t", Default::default());
    match report {
        Ok(report) => {
            let _ = govc::run::report::to_text(&report, model, true);
            govc::run::report::to_json(&report)
        }
        Err(errors) => errors.to_text(false),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_valid_model_runs_and_always_the_same(model in models(VALID), late in any::<bool>()) {
        let trace = if late { TRACE.replace("2025-12-31", "2035-12-31") } else { TRACE.to_owned() };
        let text = to_json(&model);
        let back = from_json(&text).unwrap();
        let one = simulated(&model, &trace);
        prop_assert!(one.contains("govc-report"), "{}", one);
        prop_assert_eq!(one, simulated(&back, &trace));
    }
}
