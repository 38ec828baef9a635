//! Workload WG1: the lifecycle of many working groups. Its trace, the loop written by hand that is the
//! floor of what it costs, and what comes of it.
//!
//! The recipe of the trace and the reference verdicts are shared by all who measure this workload.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, BufRead, Write};

use govc::run::Finding;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::random::Random;

const DAY: i64 = 86_400;
const START: i64 = 1_577_836_800;
const SEED: u64 = 1;

/// A trace of this workload, and what is to come of it.
pub struct Size {
    pub name: &'static str,
    pub events: u64,
    pub groups: u64,
    /// Of the trace.
    pub sha256: &'static str,
    pub reference: Verdict,
}

/// What comes of a trace. Sums are of seconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub events: u64,
    pub groups: u64,
    pub chartered: u64,
    pub kickoffs: u64,
    pub warned: u64,
    pub disbanded: u64,
    pub bad: u64,
    pub after: u64,
    pub warn_ts_sum: u64,
    pub disband_ts_sum: u64,
    /// How many groups end as nothing, proposed, chartered, active, warned, disbanded.
    pub end: [u64; 6],
}

#[rustfmt::skip]
pub const SIZES: [Size; 6] = [
    size("s", 10_000, 100, "2282aecd497e48b018c3e84c8af9ab0708e1d627850af5fa4e5df420e3f82d8c",
        [579, 572, 1041, 499, 88, 18], [1_789_878_757_079, 865_328_229_429], [0, 11, 7, 22, 51, 9]),
    size("x", 10_000, 1000, "a0fad71d79ddc474ad727850b2258d493b89ecf50052795378104f8af2925952",
        [1955, 1728, 1591, 1441, 327, 46], [2_611_278_247_229, 2_369_373_177_265], [0, 410, 227, 116, 171, 76]),
    size("t", 100_000, 1000, "cf77692bac8e7a6d66407ccf1fb619f49b19bfe4aba56c1be6c754043f695e61",
        [5685, 5642, 10_064, 4826, 902, 131], [17_342_872_371_590, 8_349_413_704_877], [0, 96, 43, 198, 618, 45]),
    size("m100", 1_000_000, 100, "0b01d7941c16656ea1a8c9614519a4cdb2a57173c0ceccf205379f3c27acf91d",
        [561, 561, 762, 463, 92, 19], [1_323_478_714_750, 803_849_652_258], [0, 0, 0, 94, 4, 2]),
    size("m", 1_000_000, 10_000, "b470fdbadc96640267b44a7708242eb8abeee376de38e837b3629105253f3399",
        [56_966, 56_434, 100_682, 48_499, 9309, 1440], [173_446_687_461_308, 83_923_676_456_165], [0, 1056, 532, 2061, 5874, 477]),
    size("l", 10_000_000, 10_000, "8783dde309332dbd0f90c366b7713789a33ec92969386f022236430370d292ba",
        [57_907, 57_861, 170_842, 48_471, 9438, 1535], [296_488_142_381_423, 84_270_106_580_699], [0, 118, 46, 7412, 1978, 446]),
];

const fn size(
    name: &'static str,
    events: u64,
    groups: u64,
    sha256: &'static str,
    [chartered, kickoffs, warned, disbanded, bad, after]: [u64; 6],
    [warn_ts_sum, disband_ts_sum]: [u64; 2],
    end: [u64; 6],
) -> Size {
    Size {
        name,
        events,
        groups,
        sha256,
        reference: Verdict {
            events,
            groups,
            chartered,
            kickoffs,
            warned,
            disbanded,
            bad,
            after,
            warn_ts_sum,
            disband_ts_sum,
            end,
        },
    }
}

/// The size of that name.
pub fn named(name: &str) -> Option<&'static Size> {
    SIZES.iter().find(|size| size.name == name)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Event {
    Propose,
    Approve,
    Kickoff,
    Meeting,
    Message,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    None,
    Proposed,
    Chartered,
    Active,
    Warned,
    Disbanded,
}

/// A group, by the rules of the workload written out by hand.
#[derive(Clone, Default)]
struct Group {
    stage: Stage,
    /// Who has approved, where somebody has.
    approver: Option<u32>,
    /// When they last met, and last wrote.
    meeting: i64,
    message: i64,
}

impl Group {
    /// What happens by itself before `now`.
    fn advance(&mut self, now: i64, verdict: &mut Verdict) {
        let (warn, disband) = (self.meeting + 60 * DAY, self.message + 90 * DAY);
        if self.stage == Stage::Active && warn < now && warn < disband {
            self.stage = Stage::Warned;
            verdict.warned += 1;
            verdict.warn_ts_sum = verdict.warn_ts_sum.wrapping_add(warn as u64);
        }
        if matches!(self.stage, Stage::Active | Stage::Warned) && disband < now {
            self.stage = Stage::Disbanded;
            verdict.disbanded += 1;
            verdict.disband_ts_sum = verdict.disband_ts_sum.wrapping_add(disband as u64);
        }
    }

    fn take(&mut self, now: i64, event: Event, actor: u32, verdict: &mut Verdict) {
        self.advance(now, verdict);
        verdict.events += 1;
        match (self.stage, event) {
            (Stage::None | Stage::Disbanded, Event::Propose) => {
                (self.stage, self.approver) = (Stage::Proposed, None);
            }
            (Stage::Proposed, Event::Approve) => match self.approver {
                None => self.approver = Some(actor),
                Some(known) if known == actor => {}
                Some(_) => {
                    self.stage = Stage::Chartered;
                    verdict.chartered += 1;
                }
            },
            (Stage::Chartered, Event::Kickoff) => {
                (self.stage, self.meeting, self.message) = (Stage::Active, now, now);
                verdict.kickoffs += 1;
            }
            (Stage::Active | Stage::Warned, Event::Meeting) => {
                (self.stage, self.meeting) = (Stage::Active, now);
            }
            (Stage::Active | Stage::Warned, Event::Message) => self.message = now,
            (Stage::Disbanded, _) => verdict.after += 1,
            _ => verdict.bad += 1,
        }
    }
}

/// Writes the trace of so many events of so many groups.
pub fn write(events: u64, groups: u64, out: &mut impl Write) -> io::Result<()> {
    let mut random = Random::new(SEED);
    let per = (events / groups).max(1);
    let gap = (5500 * DAY as u64 / per).max(2);
    let pause = (per / 10).max(1);
    let mut all = vec![(Group::default(), 0); groups as usize];
    let mut heap = BinaryHeap::new();
    for number in 0..all.len() {
        heap.push(Reverse((START + random.below(gap) as i64, number)));
    }
    let mut verdict = Verdict::default();
    for _ in 0..events {
        let Some(Reverse((at, number))) = heap.pop() else {
            break;
        };
        let (group, approvals) = &mut all[number];
        group.advance(at, &mut verdict);
        let die = random.below(100);
        let mut actor = random.below(1000) as u32;
        let event = match group.stage {
            Stage::None | Stage::Disbanded if die < 97 => Event::Propose,
            Stage::Proposed if die < 95 => {
                *approvals += 1;
                actor = 7 * *approvals % 1000;
                Event::Approve
            }
            Stage::Proposed => Event::Kickoff,
            Stage::Chartered if die < 95 => Event::Kickoff,
            Stage::Chartered => Event::Meeting,
            Stage::Active | Stage::Warned if die < 10 => Event::Meeting,
            _ => Event::Message,
        };
        group.take(at, event, actor, &mut verdict);
        let word = match event {
            Event::Propose => "propose",
            Event::Approve => "approve",
            Event::Kickoff => "kickoff",
            Event::Meeting => "meeting",
            Event::Message => "message",
        };
        writeln!(
            out,
            "{{\"ts\":{at},\"group\":\"g{number:05}\",\"event\":\"{word}\",\"actor\":\"p{actor}\"}}"
        )?;
        let wait = if random.below(pause) == 0 {
            (30 + random.below(121)) as i64 * DAY
        } else {
            1 + random.below(gap) as i64
        };
        heap.push(Reverse((at + wait, number)));
    }
    Ok(())
}

#[derive(Deserialize)]
struct Record<'a> {
    ts: i64,
    #[serde(borrow)]
    group: &'a str,
    event: Event,
    #[serde(borrow)]
    actor: &'a str,
}

/// The floor: what the verdict costs whoever writes these rules, and only these, by hand.
pub fn floor(mut trace: impl BufRead) -> io::Result<Verdict> {
    let mut verdict = Verdict::default();
    let mut numbers: FxHashMap<Box<str>, usize> = FxHashMap::default();
    let mut groups: Vec<Group> = Vec::new();
    let mut last = 0;
    let mut line = String::new();
    while trace.read_line(&mut line)? > 0 {
        let record: Record<'_> = serde_json::from_str(&line)?;
        let number = match numbers.get(record.group) {
            Some(number) => *number,
            None => {
                groups.push(Group::default());
                numbers.insert(record.group.into(), groups.len() - 1);
                groups.len() - 1
            }
        };
        let actor = record.actor.get(1..).and_then(|digits| digits.parse().ok());
        let actor = actor.ok_or(io::ErrorKind::InvalidData)?;
        groups[number].take(record.ts, record.event, actor, &mut verdict);
        last = record.ts;
        line.clear();
    }
    for group in &mut groups {
        group.advance(last, &mut verdict);
        verdict.end[group.stage as usize] += 1;
    }
    verdict.groups = groups.len() as u64;
    Ok(verdict)
}

/// The rules of the workload, with a mapping of its trace.
pub const RULES: &str = "tests/bench/wg1-record.gov";

/// The same rules and advice against being in any state: it is broken by each stay in a state. That
/// shows who was chartered, who kicked off, and where each group ends.
pub const COUNTED: &str = "tests/bench/wg1-counted.gov";

/// What findings come to. Those of [`RULES`] show no `chartered`, `kickoffs` and `end`.
pub fn verdict(events: u64, findings: &[Finding]) -> Result<Verdict, String> {
    let mut verdict = Verdict {
        events,
        ..Verdict::default()
    };
    for finding in findings {
        let seconds = (finding.from.0 / 1_000_000) as u64;
        let clause = finding.clause.strip_prefix("WorkingGroup.");
        let state = match clause {
            Some("meets") => {
                verdict.warned += 1;
                verdict.warn_ts_sum = verdict.warn_ts_sum.wrapping_add(seconds);
                continue;
            }
            Some("speaks") => {
                verdict.disbanded += 1;
                verdict.disband_ts_sum = verdict.disband_ts_sum.wrapping_add(seconds);
                continue;
            }
            Some("propose" | "approve" | "kickoff" | "meeting" | "message") => {
                verdict.bad += 1;
                continue;
            }
            Some("afterwards") => {
                verdict.after += 1;
                continue;
            }
            // A group is first mentioned by its first event.
            Some("added") => {
                verdict.groups += 1;
                continue;
            }
            Some("in-none") => Stage::None,
            Some("in-proposed") => Stage::Proposed,
            Some("in-chartered") => Stage::Chartered,
            Some("in-active") => Stage::Active,
            Some("in-warned") => Stage::Warned,
            Some("in-disbanded") => Stage::Disbanded,
            _ => {
                return Err(format!(
                    "no rule of the workload is called {}",
                    finding.clause
                ));
            }
        };
        let ended = finding.to.is_some();
        // Whoever is chartered can only kick off.
        verdict.chartered += u64::from(state == Stage::Chartered);
        verdict.kickoffs += u64::from(state == Stage::Chartered && ended);
        verdict.end[state as usize] += u64::from(!ended);
    }
    Ok(verdict)
}

impl Verdict {
    /// As much of it as the findings of [`RULES`] show.
    pub fn found(self) -> Verdict {
        Verdict {
            chartered: 0,
            kickoffs: 0,
            end: [0; 6],
            ..self
        }
    }
}
