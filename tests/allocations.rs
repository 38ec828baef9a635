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
    each: 0.6,
    growth: 1.05,
};

/// Memory grows with the names of new electors and leads, and with who has ever reported, which is as it
/// should be.
const WG2: Bounds = Bounds {
    each: 20.0,
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

/// What ten thousand groups may take, findings aside. [`compare`] holds it to that however long the
/// trace is.
const TEN_THOUSAND_GROUPS: u64 = 64 << 20;

#[test]
fn ten_thousand_groups() {
    let mut trace = Vec::new();
    wg1::write(100_000, 10_000, &mut trace).unwrap();
    let (_, compiled) = common::compile(wg1::RULES);
    let most = run(compiled.model.as_ref().unwrap(), &trace).bytes_max;
    println!("ten thousand groups: up to {most} bytes");
    assert!(
        most <= TEN_THOUSAND_GROUPS,
        "up to {most} bytes, where {TEN_THOUSAND_GROUPS} are allowed"
    );
}

#[test]
fn a_routine_event_needs_no_memory() {
    const DAY: u64 = 86_400;
    let event = |ts: u64, event: &str, actor: &str| {
        format!("{{\"ts\":{ts},\"group\":\"g\",\"event\":\"{event}\",\"actor\":\"{actor}\"}}\n")
    };
    let mut trace = String::new();
    let begins = [
        ("propose", "a"),
        ("approve", "a"),
        ("approve", "b"),
        ("kickoff", "a"),
    ];
    for (ts, (name, actor)) in (0..).zip(begins) {
        trace.push_str(&event(ts, name, actor));
    }
    let (_, compiled) = common::compile(wg1::RULES);
    let model = compiled.model.as_ref().unwrap();
    let mut counted = Vec::new();
    // For a year, and for twenty years: the group meets and writes every day.
    for (from, to) in [(1, 365), (366, 20 * 365)] {
        for day in from..=to {
            trace.push_str(&event(day * DAY, "meeting", "a"));
            trace.push_str(&event(day * DAY + 60, "message", "b"));
        }
        run(model, trace.as_bytes());
        counted.push(run(model, trace.as_bytes()).count_total);
    }
    assert_eq!(counted.first(), counted.last());
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
