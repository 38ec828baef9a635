//! Workload WG2: its trace, and what comes of it. It has what WG1 has not: windows that slide over a
//! year, calendar months, votes of hundreds of electors, the inactivity of each lead, counts of
//! distinct organisations, and a duty for each meeting.
//!
//! What happens to a group depends on its number and on the years only, so that with ten times the
//! groups, or the years, the same things happen ten times as often.

use std::collections::BTreeMap;
use std::io::{self, Write};

use govc::run::Finding;
use serde::{Deserialize, Serialize};

use crate::random::Random;

pub const DAY: i64 = 86_400;
const START: i64 = 1_577_836_800;

/// How many electors there are at any time. One is replaced every thirty days.
const ELECTORS: u64 = 300;

/// The rules of the workload, with a mapping of its trace.
pub const RULES: &str = "tests/bench/wg2-record.gov";

/// One event. Persons are numbers: of an elector, or of a lead within the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Act {
    at: i64,
    /// `None`: it happens to the document.
    group: Option<u32>,
    what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Joins(u64),
    Leaves(u64),
    Opens(Decision),
    Ballot(Decision, Choice, u64),
    Affiliated(u32, u64),
    Appointed(u32),
    Resigns(u32),
    Meets,
    Minutes,
    Merges,
    Writes(bool),
    Reports(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Decision {
    Creation,
    Renewal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Choice {
    Yes,
    Against,
    Abstain,
}

/// Organisations; the first two are one, written in two ways.
const ORGANISATIONS: [&str; 6] = ["Red Hat", "red hat", "Acme", "Widgets", "Globex", "Initech"];

/// Writes the trace of so many groups over so many years, and says how many events it has.
pub fn write(groups: u32, years: u32, out: &mut impl Write) -> io::Result<u64> {
    let end = START + i64::from(years) * 365 * DAY;
    let mut acts: Vec<Act> = Vec::new();
    let document = |at, what| Act {
        at,
        group: None,
        what,
    };
    acts.extend((0..ELECTORS).map(|elector| document(START, What::Joins(elector))));
    let mut at = START + 30 * DAY;
    for leaver in 0.. {
        if at >= end {
            break;
        }
        acts.push(document(at, What::Leaves(leaver)));
        acts.push(document(at, What::Joins(ELECTORS + leaver)));
        at += 30 * DAY;
    }
    for number in 0..groups {
        let mut group = Group {
            random: Random::new(u64::from(number)),
            number,
            end,
            acts: Vec::new(),
        };
        group.live();
        acts.append(&mut group.acts);
    }
    acts.sort_unstable();
    for act in &acts {
        act.write(out)?;
    }
    Ok(acts.len() as u64)
}

impl Act {
    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        write!(out, "{{\"ts\":{}", self.at)?;
        let number = self.group.unwrap_or(0);
        if self.group.is_some() {
            write!(out, ",\"group\":\"g{number:05}\"")?;
        }
        write!(out, ",\"event\":")?;
        match self.what {
            What::Joins(who) => write!(out, "\"elector.added\",\"person\":\"e{who}\""),
            What::Leaves(who) => write!(out, "\"elector.removed\",\"person\":\"e{who}\""),
            What::Opens(decision) => write!(out, "\"{}.opened\"", decision.name()),
            What::Ballot(decision, choice, who) => {
                let choice = match choice {
                    Choice::Yes => "yes",
                    Choice::Against => "against",
                    Choice::Abstain => "abstain",
                };
                write!(out, "\"{}.{choice}\",\"actor\":\"e{who}\"", decision.name())
            }
            What::Affiliated(who, org) => {
                let org = ORGANISATIONS[org as usize];
                write!(
                    out,
                    "\"affiliated\",\"person\":\"g{number:05}-{who}\",\"org\":\"{org}\""
                )
            }
            What::Appointed(who) => write!(out, "\"lead.added\",\"person\":\"g{number:05}-{who}\""),
            What::Resigns(who) => write!(out, "\"lead.removed\",\"person\":\"g{number:05}-{who}\""),
            What::Meets => write!(out, "\"meet\""),
            What::Minutes => write!(out, "\"minutes\""),
            What::Merges => write!(out, "\"merge\""),
            What::Writes(public) => write!(out, "\"message\",\"public\":{public}"),
            What::Reports(who) => write!(out, "\"report\",\"actor\":\"g{number:05}-{who}\""),
        }?;
        writeln!(out, "}}")
    }
}

impl Decision {
    fn name(self) -> &'static str {
        match self {
            Decision::Creation => "creation",
            Decision::Renewal => "renewal",
        }
    }
}

/// A group whose history is made up.
struct Group {
    random: Random,
    number: u32,
    end: i64,
    acts: Vec<Act>,
}

impl Group {
    /// So many days, give or take some seconds.
    fn days(&mut self, least: u64, more: u64) -> i64 {
        (least + self.random.below(more)) as i64 * DAY + self.random.below(3600) as i64
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.random.below(n) == 0
    }

    fn act(&mut self, at: i64, what: What) {
        self.acts.push(Act {
            at,
            group: Some(self.number),
            what,
        });
    }

    fn live(&mut self) {
        let opened = START + self.days(1, 60);
        let (cast, yes) = match self.random.below(10) {
            0 => (30 + self.random.below(25), 90),
            1 => (65 + self.random.below(40), 50),
            _ => (65 + self.random.below(40), 90),
        };
        let [yes, against, abstain] = self.vote(Decision::Creation, opened, cast, yes);
        let quorate = (yes + against + abstain) * 5 >= ELECTORS;
        if quorate && yes * 3 >= (yes + against) * 2 {
            self.work(opened + 14 * DAY);
        }
        let mut last = START;
        // Nothing happens twice at one time, or when an elector is replaced or a month begins.
        self.acts.sort_by_key(|act| act.at);
        for act in &mut self.acts {
            act.at = act.at.max(last + 1);
            if act.at % 60 == 0 {
                act.at += 1;
            }
            last = act.at;
        }
        let end = self.end;
        self.acts.retain(|act| act.at < end);
    }

    /// A vote in which so many electors cast a ballot, so many in a hundred of them in favour. Says how
    /// many are for, against and abstaining in the end.
    fn vote(&mut self, decision: Decision, opened: i64, cast: u64, yes: u64) -> [u64; 3] {
        self.act(opened, What::Opens(decision));
        let first = ((opened - START) / (30 * DAY)) as u64;
        let offset = self.random.below(ELECTORS);
        let mut counts = [0; 3];
        for index in 0..cast {
            // Each elector once: the number of electors is no multiple of seven.
            let elector = first + (offset + 7 * index) % ELECTORS;
            let choice = match self.random.below(100) {
                die if die < yes => Choice::Yes,
                die if die < 96 => Choice::Against,
                _ => Choice::Abstain,
            };
            let at = opened + 60 + self.random.below(13 * DAY as u64) as i64;
            if self.one_in(20) {
                self.act(at - 50, What::Ballot(decision, Choice::Abstain, elector));
            }
            self.act(at, What::Ballot(decision, choice, elector));
            counts[choice as usize] += 1;
        }
        // Somebody who is not an elector yet.
        if self.one_in(3) {
            let at = opened + self.days(1, 10);
            self.act(
                at,
                What::Ballot(decision, Choice::Yes, first + ELECTORS + 9),
            );
        }
        counts
    }

    /// What a group does from when it is active until it is closed.
    fn work(&mut self, active: i64) {
        let until = self.renewals(active);
        let before = self.acts.len();
        self.repeat(active, until, 10, 35, |group, at| {
            group.act(at, What::Meets);
            // Late at times, but never left out: what is owed does not pile up.
            let late = if group.one_in(7) { 30 } else { 1 };
            let later = at + group.days(late, 18);
            group.act(later, What::Minutes);
        });
        self.repeat(active, until, 1, 150, |group, at| {
            let several = if group.one_in(20) { 5 } else { 1 };
            for index in 0..several {
                group.act(at + index * 7000, What::Merges);
            }
        });
        self.repeat(active, until, 1, 20, |group, at| {
            let public = group.random.below(10) < 6;
            group.act(at, What::Writes(public));
        });
        let mut leads = 0;
        let mut appointed = active + self.days(0, 10);
        while appointed < until {
            self.lead(leads, appointed, until);
            leads += 1;
            appointed += if leads < 3 {
                self.days(1, 40)
            } else {
                self.days(60, 200)
            };
        }
        // Minutes and reports of a group that is closed by then are not written.
        let later = self.acts.split_off(before);
        self.acts
            .extend(later.into_iter().filter(|act| act.at < until));
    }

    /// Votes on going on. Says until when the group is active.
    fn renewals(&mut self, active: i64) -> i64 {
        let mut opened = active + self.days(200, 165);
        while opened + 14 * DAY < self.end {
            if self.one_in(4) {
                let (cast, yes) = match self.random.below(10) {
                    0 => (190 + self.random.below(30), 10),
                    1 => (40 + self.random.below(30), 90),
                    _ => (200 + self.random.below(40), 92),
                };
                let [yes, ..] = self.vote(Decision::Renewal, opened, cast, yes);
                if yes * 2 <= ELECTORS {
                    return opened + 12 * DAY;
                }
            }
            opened += 365 * DAY;
        }
        self.end
    }

    fn repeat(
        &mut self,
        from: i64,
        until: i64,
        least: u64,
        more: u64,
        act: impl Fn(&mut Group, i64),
    ) {
        let mut at = from + self.days(0, more);
        while at < until {
            act(self, at);
            at += self.days(least, more);
        }
    }

    /// A lead, from the appointment on.
    fn lead(&mut self, who: u32, appointed: i64, until: i64) {
        let mut org = self.random.below(ORGANISATIONS.len() as u64);
        self.act(appointed - 100, What::Affiliated(who, org));
        self.act(appointed, What::Appointed(who));
        let mut resigns = until;
        if self.one_in(5) {
            resigns = appointed + self.days(30, 600);
        }
        let mut at = appointed;
        loop {
            let pause = if self.one_in(12) {
                60 + self.random.below(50)
            } else {
                15
            };
            at += self.days(pause, 32);
            if at >= resigns.min(until) {
                break;
            }
            self.act(at, What::Reports(who));
            if self.one_in(8) {
                org = (org + 1) % ORGANISATIONS.len() as u64;
                self.act(at + 500, What::Affiliated(who, org));
            }
        }
        if resigns < until {
            self.act(resigns, What::Resigns(who));
        }
    }
}

/// What the findings of one clause come to. Sums are of seconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub count: u64,
    pub from_sum: u64,
    /// Of those that ended.
    pub to_sum: u64,
    /// How many last.
    pub open: u64,
}

/// What comes of a trace, for each clause.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub events: u64,
    pub clauses: BTreeMap<String, Tally>,
}

impl Verdict {
    /// Adds a finding of a clause of the working groups; `to` is `None` while it lasts.
    pub fn add(&mut self, clause: &str, from: i64, to: Option<i64>) {
        if !self.clauses.contains_key(clause) {
            self.clauses.insert(clause.to_owned(), Tally::default());
        }
        let Some(tally) = self.clauses.get_mut(clause) else {
            return;
        };
        tally.count += 1;
        tally.from_sum = tally.from_sum.wrapping_add(from as u64);
        match to {
            Some(to) => tally.to_sum = tally.to_sum.wrapping_add(to as u64),
            None => tally.open += 1,
        }
    }
}

/// What the findings of a run come to.
pub fn verdict(events: u64, findings: &[Finding]) -> Verdict {
    let mut verdict = Verdict {
        events,
        ..Verdict::default()
    };
    for finding in findings {
        let clause = &finding.clause;
        let clause = clause.strip_prefix("WorkingGroup.").unwrap_or(clause);
        let seconds = |at: govc::time::Instant| at.0.div_euclid(1_000_000);
        verdict.add(clause, seconds(finding.from), finding.to.map(seconds));
    }
    verdict
}
