//! The IR as JSON: a round trip changes nothing, and nothing from outside is trusted.
//!
//! Here stand the schema and the round trip; `refused` has what is told of a wrong IR, `laws` what
//! holds of models at random, which `values`, `terms` and `models` make.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test"
)]

mod laws;
mod models;
mod refused;
#[path = "../support/mod.rs"]
mod support;
mod terms;
mod values;

use std::sync::LazyLock;

use govc::ir::wire::{self, from_json, schema, to_json};
use govc::ir::*;
use serde_json::{Value, json};
use support::{model, record_model};

/// The schema, made ready once: that alone takes seconds.
pub static VALIDATOR: LazyLock<jsonschema::Validator> =
    LazyLock::new(|| jsonschema::validator_for(&schema()).unwrap());

/// Writes the schema anew if it is told to: `GOVC_WRITE_SCHEMA=1 cargo test --test wire`.
#[test]
fn the_published_schema_is_the_one_of_the_types() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/ir/schema.json");
    let now = format!("{:#}\n", schema());
    if std::env::var_os("GOVC_WRITE_SCHEMA").is_some() {
        std::fs::write(path, &now).unwrap();
    }
    let published = std::fs::read_to_string(path).unwrap();
    assert!(
        published == now,
        "src/ir/schema.json is not that of the types; GOVC_WRITE_SCHEMA=1 writes it anew, \
         and a changed schema wants a line in the changelog"
    );
}

#[test]
fn the_schema_describes_what_is_written() {
    for model in [model(), record_model(), support::compile(support::CHARTER)] {
        let value: Value = serde_json::from_str(&to_json(&model)).unwrap();
        if let Err(error) = VALIDATOR.validate(&value) {
            panic!("{error} at {}", error.instance_path);
        }
    }
    for wrong in [
        json!({}),
        json!({"format": "govc-ir", "version": 2, "model": {}}),
        json!({"format": "govc-ir", "version": 1, "model": {}}),
    ] {
        assert!(!VALIDATOR.is_valid(&wrong));
    }
    let mut more: Value = serde_json::from_str(&to_json(&model())).unwrap();
    more["model"]["more"] = json!(1);
    assert!(!VALIDATOR.is_valid(&more));
}

#[test]
fn a_round_trip_changes_nothing() {
    for model in [model(), record_model()] {
        let text = to_json(&model);
        assert!(text.ends_with("}\n"));
        let back = from_json(&text).unwrap();
        assert_eq!(back, model);
        assert_eq!(to_json(&back), text);
    }
}

#[test]
fn the_deepest_model_fits_on_a_small_stack() {
    let deep = |n: usize| {
        let mut m = model();
        let one = m.invariants[0].cond.clone();
        m.invariants[0].cond = (0..n).fold(one, |cond, _| {
            Cond::Any(vec![Cond::Count {
                set: Set::Where(Box::new(Set::Anyone), Box::new(cond)),
                distinct: false,
                bounds: Bounds {
                    min: Expr::Today,
                    max: None,
                    strict: false,
                },
            }])
        });
        m
    };
    let deepest = deep(wire::MAX_DEPTH / 3 - 1);
    assert_eq!(from_json(&to_json(&deepest)).unwrap(), deepest);
    assert!(from_json(&to_json(&deep(wire::MAX_DEPTH / 3 + 1))).is_err());
}
