//! What the engine asks of memory for an event more: allocations, counted, and not how long they take.
//! Both workloads of the benchmark are run over the first half of a trace and over all of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)]
// Of the workloads only their traces are needed.
#![allow(dead_code)]

mod common;
#[path = "bench/random.rs"]
mod random;
#[path = "bench/wg1.rs"]
mod wg1;
#[path = "bench/wg2.rs"]
mod wg2;

use std::io::Cursor;

use allocation_counter::AllocationInfo;
use govc::ir::Model;
use govc::run::trace::{Options, TraceReader};
use govc::run::{Program, State, program, step};

/// What is allowed for a workload. To be lowered when the engine needs less.
struct Bounds {
    /// Allocations for an event more, its findings included.
    each: f64,
    /// How many times the memory may be held for a trace of twice the length, findings aside.
    growth: f64,
}

const WG1: Bounds = Bounds {
    each: 3.2,
    growth: 1.05,
};

/// Memory grows with the names of new electors and leads, and with who has ever reported, which is as it
/// should be.
const WG2: Bounds = Bounds {
    each: 45.0,
    growth: 1.2,
};

/// Runs a trace; findings are dropped as soon as they are made, because there are more in a longer one.
fn run(model: &Model, trace: &[u8]) -> AllocationInfo {
    allocation_counter::measure(|| {
        let program = Program::new(model, program::Options::default());
        let mut state = State::new(&program);
        let mut reader = TraceReader::new(model, Cursor::new(trace), "trace", Options::default());
        let mut findings = Vec::new();
        while let Some(input) = reader
            .next(&mut state.names)
            .unwrap_or_else(|e| panic!("{}", e.to_text(false)))
        {
            step(&program, &mut state, input, &mut findings);
            findings.clear();
        }
    })
}

fn compare(rules: &str, trace: &[u8], bounds: &Bounds) {
    let (sources, compiled) = common::compile(rules);
    let model = compiled
        .model
        .as_ref()
        .unwrap_or_else(|| panic!("{}", common::messages(&sources, &compiled)));
    let events = trace.iter().filter(|byte| **byte == b'\n').count();
    let lines = trace.split_inclusive(|byte| *byte == b'\n');
    let half: usize = lines.take(events / 2).map(<[u8]>::len).sum();
    // What is made once in a process is not to count as that of the first run.
    run(model, &trace[..half]);
    let first = run(model, &trace[..half]);
    let all = run(model, trace);
    let more = (all.count_total - first.count_total) as f64;
    let each = more / (events - events / 2) as f64;
    println!(
        "{rules}: {each:.2} allocations for an event more; up to {} bytes for half of the events, {} for all",
        first.bytes_max, all.bytes_max
    );
    assert!(
        each <= bounds.each,
        "{rules}: {each:.2} allocations for an event more, where {} are allowed",
        bounds.each
    );
    assert!(
        all.bytes_max as f64 <= first.bytes_max as f64 * bounds.growth,
        "{rules}: up to {} bytes for all events, where half of them take {}",
        all.bytes_max,
        first.bytes_max
    );
}

#[test]
fn an_event_more_of_wg1() {
    let mut trace = Vec::new();
    wg1::write(10_000, 50, &mut trace).unwrap();
    compare(wg1::RULES, &trace, &WG1);
}

#[test]
fn an_event_more_of_wg2() {
    let mut trace = Vec::new();
    wg2::write(5, 8, &mut trace).unwrap();
    compare(wg2::RULES, &trace, &WG2);
}
