//! Workload WG1: the lifecycle of many working groups, run through its rules and compared with the
//! reference verdicts of the hand-written loop.
//!
//! The trace is made here by the recipe that all who measure this workload share: SplitMix64, a heap
//! of groups by their next time, one event each.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::fmt::Write;
use std::io::Cursor;

use govc::run::trace::{Options, TraceReader};
use govc::run::{Finding, Program, State, program, step};

const DAY: i64 = 86_400;
const START: i64 = 1_577_836_800;

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }
}

/// As much of a group as the generator has to know to choose the next event.
#[derive(Clone, Default)]
struct Group {
    state: usize,
    approver: Option<u64>,
    meeting: i64,
    message: i64,
    approvals: u64,
}

impl Group {
    fn advance(&mut self, now: i64) {
        let (warn, disband) = (self.meeting + 60 * DAY, self.message + 90 * DAY);
        if self.state == 3 && warn < now && warn < disband {
            self.state = 4;
        }
        if matches!(self.state, 3 | 4) && disband < now {
            self.state = 5;
        }
    }

    fn take(&mut self, now: i64, event: &str, actor: u64) {
        match (self.state, event) {
            (0 | 5, "propose") => (self.state, self.approver) = (1, None),
            (1, "approve") if self.approver.is_some_and(|known| known != actor) => self.state = 2,
            (1, "approve") => self.approver = Some(actor),
            (2, "kickoff") => (self.state, self.meeting, self.message) = (3, now, now),
            (3 | 4, "meeting") => (self.state, self.meeting) = (3, now),
            (3 | 4, "message") => self.message = now,
            _ => {}
        }
    }
}

fn trace(events: u64, groups: u64) -> String {
    let mut random = Random(1);
    let per = (events / groups).max(1);
    let gap = (5500 * DAY as u64 / per).max(2);
    let pause = (per / 10).max(1);
    let mut all = vec![Group::default(); groups as usize];
    let mut heap = BinaryHeap::new();
    for group in 0..groups {
        heap.push(Reverse((START + random.below(gap) as i64, group)));
    }
    let mut text = String::new();
    for _ in 0..events {
        let Reverse((at, number)) = heap.pop().unwrap();
        let group = &mut all[number as usize];
        group.advance(at);
        let die = random.below(100);
        let mut actor = random.below(1000);
        let event = match group.state {
            0 | 5 if die < 97 => "propose",
            1 if die < 95 => {
                group.approvals += 1;
                actor = 7 * group.approvals % 1000;
                "approve"
            }
            1 => "kickoff",
            2 if die < 95 => "kickoff",
            2 => "meeting",
            3 | 4 if die < 10 => "meeting",
            _ => "message",
        };
        group.take(at, event, actor);
        let _ = writeln!(
            text,
            "{{\"ts\":{at},\"group\":\"g{number:05}\",\"event\":\"{event}\",\"actor\":\"p{actor}\"}}"
        );
        let wait = if random.below(pause) == 0 {
            (30 + random.below(121)) as i64 * DAY
        } else {
            1 + random.below(gap) as i64
        };
        heap.push(Reverse((at + wait, number)));
    }
    text
}

/// What the rules make of it: warned, disbanded, bad, after, and the sums of the deadlines' times.
#[derive(Debug, PartialEq)]
struct Verdict {
    warned: u64,
    disbanded: u64,
    bad: u64,
    after: u64,
    warn_sum: i64,
    disband_sum: i64,
    end: [usize; 6],
}

fn verdict(text: &str) -> Verdict {
    let (sources, compiled) = common::compile("tests/bench/wg1-record.gov");
    let model = compiled
        .model
        .as_ref()
        .unwrap_or_else(|| panic!("{}", common::messages(&sources, &compiled)));
    let program = Program::new(model, program::Options::default());
    let mut state = State::new(&program);
    let mut reader = TraceReader::new(model, Cursor::new(text), "wg1", Options::default());
    let mut findings: Vec<Finding> = Vec::new();
    while let Some(input) = reader
        .next(&mut state.names)
        .unwrap_or_else(|e| panic!("{}", e.to_text(false)))
    {
        step(&program, &mut state, input, &mut findings);
    }
    let mut verdict = Verdict {
        warned: 0,
        disbanded: 0,
        bad: 0,
        after: 0,
        warn_sum: 0,
        disband_sum: 0,
        end: [0; 6],
    };
    let mut others: BTreeMap<String, u64> = BTreeMap::new();
    for finding in &findings {
        let from = finding.from.0 / 1_000_000;
        match finding.clause.as_str() {
            "WorkingGroup.meets" => {
                verdict.warned += 1;
                verdict.warn_sum += from;
            }
            "WorkingGroup.speaks" => {
                verdict.disbanded += 1;
                verdict.disband_sum += from;
            }
            "WorkingGroup.afterwards" => verdict.after += 1,
            // A group is first mentioned by its first event.
            "WorkingGroup.added" => {}
            clause => *others.entry(clause.to_owned()).or_default() += 1,
        }
    }
    for (clause, count) in others {
        let event = clause.strip_prefix("WorkingGroup.").unwrap();
        assert!(["propose", "approve", "kickoff", "meeting", "message"].contains(&event));
        verdict.bad += count;
    }
    let kind = model.kinds.iter().position(|k| k.name == "WorkingGroup");
    let kind = govc::ids::KindId::new(kind.unwrap());
    let names = [
        "none",
        "proposed",
        "chartered",
        "active",
        "warned",
        "disbanded",
    ];
    for (_, at) in state.instances_of(kind) {
        let name = &model.kinds[kind.index()].states[at.index()].name;
        verdict.end[names.iter().position(|n| n == name).unwrap()] += 1;
    }
    verdict
}

#[test]
fn s_ten_thousand_events_of_a_hundred_groups() {
    let expected = Verdict {
        warned: 1041,
        disbanded: 499,
        bad: 88,
        after: 18,
        warn_sum: 1_789_878_757_079,
        disband_sum: 865_328_229_429,
        end: [0, 11, 7, 22, 51, 9],
    };
    assert_eq!(verdict(&trace(10_000, 100)), expected);
}

#[test]
fn x_ten_thousand_events_of_a_thousand_groups() {
    let expected = Verdict {
        warned: 1591,
        disbanded: 1441,
        bad: 327,
        after: 46,
        warn_sum: 2_611_278_247_229,
        disband_sum: 2_369_373_177_265,
        end: [0, 410, 227, 116, 171, 76],
    };
    assert_eq!(verdict(&trace(10_000, 1000)), expected);
}

#[test]
fn t_a_hundred_thousand_events_of_a_thousand_groups() {
    let expected = Verdict {
        warned: 10_064,
        disbanded: 4826,
        bad: 902,
        after: 131,
        warn_sum: 17_342_872_371_590,
        disband_sum: 8_349_413_704_877,
        end: [0, 96, 43, 198, 618, 45],
    };
    assert_eq!(verdict(&trace(100_000, 1000)), expected);
}
