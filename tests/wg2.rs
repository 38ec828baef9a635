//! Workload WG2, run through its rules and compared with what a loop written by hand makes of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "bench/random.rs"]
mod random;
#[path = "bench/wg2.rs"]
mod wg2;
#[path = "bench/wg2_by_hand.rs"]
mod wg2_by_hand;

use std::io::Cursor;

use govc::run::{self, Options};

fn compare(groups: u32, years: u32) {
    let mut trace = Vec::new();
    let events = wg2::write(groups, years, &mut trace).unwrap();
    let by_hand = wg2_by_hand::judge(&trace[..]).unwrap();
    assert_eq!(by_hand.events, events);
    let (sources, compiled) = common::compile(wg2::RULES);
    let model = compiled
        .model
        .as_ref()
        .unwrap_or_else(|| panic!("{}", common::messages(&sources, &compiled)));
    let report = run::simulate(model, Cursor::new(trace), "wg2", Options::default())
        .unwrap_or_else(|e| panic!("{}", e.to_text(false)));
    let found = wg2::verdict(report.events, &report.findings);
    assert_eq!(found, by_hand);
    // Each rule of the workload is broken somewhere.
    let broken: Vec<&str> = found.clauses.keys().map(String::as_str).collect();
    assert_eq!(
        broken,
        [
            "added",
            "creation",
            "four-a-year",
            "meets",
            "minuted",
            "mostly-public",
            "renewal",
            "reports",
            "three-a-month",
            "two-orgs"
        ]
    );
}

#[test]
fn many_groups() {
    compare(60, 2);
}

#[test]
fn many_years() {
    compare(10, 12);
}
