//! Workload WG1: the lifecycle of many working groups, run through its rules and compared with the
//! reference verdicts. `cargo bench --bench engine -- wg1` compares the sizes that take long, too.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "bench/random.rs"]
mod random;
#[path = "bench/wg1.rs"]
mod wg1;

use std::io::Cursor;

use govc::run::{self, Options};
use sha2::{Digest, Sha256};
use wg1::{COUNTED, RULES, Size, Verdict};

fn trace(size: &Size) -> Vec<u8> {
    let mut text = Vec::new();
    wg1::write(size.events, size.groups, &mut text).unwrap();
    let sum: String = Sha256::digest(&text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(sum, size.sha256, "the trace is not that of the workload");
    text
}

fn verdict(rules: &str, trace: &[u8]) -> Verdict {
    let (sources, compiled) = common::compile(rules);
    let model = compiled
        .model
        .as_ref()
        .unwrap_or_else(|| panic!("{}", common::messages(&sources, &compiled)));
    let report = run::simulate(model, Cursor::new(trace), "wg1", Options::default())
        .unwrap_or_else(|e| panic!("{}", e.to_text(false)));
    wg1::verdict(report.events, &report.findings).unwrap()
}

fn compare(name: &str) {
    let size = wg1::named(name).unwrap();
    let trace = trace(size);
    assert_eq!(wg1::floor(&trace[..]).unwrap(), size.reference);
    assert_eq!(verdict(RULES, &trace), size.reference.found());
    assert_eq!(verdict(COUNTED, &trace), size.reference);
}

#[test]
fn s_ten_thousand_events_of_a_hundred_groups() {
    compare("s");
}

#[test]
fn x_ten_thousand_events_of_a_thousand_groups() {
    compare("x");
}

#[test]
fn t_a_hundred_thousand_events_of_a_thousand_groups() {
    compare("t");
}
