//! Workload WG2 judged without the engine: its rules, and only these, written out by hand. What the
//! engine finds is compared with it, and what the engine costs.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::io::{self, BufRead};
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;

use crate::wg2::{DAY, Verdict};

const WINDOW: usize = 4;
const VOTE: i64 = 14 * DAY;
const MINUTES: i64 = 14 * DAY;
const GRACE: i64 = 30 * DAY;
const REPORT: i64 = 42 * DAY;
const QUIET: i64 = 90 * DAY;

#[derive(Deserialize)]
struct Record<'a> {
    ts: i64,
    group: Option<&'a str>,
    event: &'a str,
    actor: Option<&'a str>,
    person: Option<&'a str>,
    org: Option<&'a str>,
    public: Option<bool>,
}

type Electors = Rc<FxHashSet<Box<str>>>;

/// Judges a trace.
pub fn judge(mut trace: impl BufRead) -> io::Result<Verdict> {
    let mut verdict = Verdict::default();
    let mut electors = Electors::default();
    let mut orgs: FxHashMap<Box<str>, String> = FxHashMap::default();
    let mut numbers: FxHashMap<Box<str>, usize> = FxHashMap::default();
    let mut groups: Vec<Group> = Vec::new();
    let mut last = 0;
    let mut line = String::new();
    while trace.read_line(&mut line)? > 0 {
        let record: Record<'_> = serde_json::from_str(&line)?;
        verdict.events += 1;
        last = record.ts;
        let person = record.person.unwrap_or_default();
        match (record.group, record.event) {
            (None, "elector.added") => {
                Rc::make_mut(&mut electors).insert(person.into());
            }
            (None, _) => {
                Rc::make_mut(&mut electors).remove(person);
            }
            (Some(name), _) => {
                let number = match numbers.get(name) {
                    Some(number) => *number,
                    None => {
                        groups.push(Group::default());
                        numbers.insert(name.into(), groups.len() - 1);
                        verdict.add("added", record.ts, Some(record.ts));
                        groups.len() - 1
                    }
                };
                if let Some(org) = record.org {
                    orgs.insert(person.into(), org.to_lowercase());
                }
                let group = &mut groups[number];
                group.advance(record.ts, &orgs, &mut verdict);
                group.take(&record, &electors, &orgs, &mut verdict);
            }
        }
        line.clear();
    }
    for group in &mut groups {
        group.advance(last, &orgs, &mut verdict);
        group.end_findings(None, &mut verdict);
    }
    Ok(verdict)
}

/// A vote that is open.
struct Case {
    creation: bool,
    closes: i64,
    electors: Electors,
    ballots: HashMap<Box<str>, Choice>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    Yes,
    Against,
    Abstain,
}

impl Case {
    fn count(&self, choice: Choice) -> usize {
        self.ballots.values().filter(|&&c| c == choice).count()
    }

    /// Whether it is settled, whatever those do who have not voted; and if so, how.
    fn settled(&self) -> Option<bool> {
        let (all, yes) = (self.electors.len(), self.count(Choice::Yes));
        let silent = all - self.ballots.len();
        match self.creation {
            true => None,
            false if yes * 2 > all => Some(true),
            false if (yes + silent) * 2 <= all => Some(false),
            false => None,
        }
    }

    /// How it ends when its time is over.
    fn passes(&self) -> bool {
        let (yes, against) = (self.count(Choice::Yes), self.count(Choice::Against));
        let all = self.electors.len();
        if self.creation {
            self.ballots.len() * 5 >= all && yes * 3 >= (yes + against) * 2
        } else {
            yes * 2 > all
        }
    }
}

struct Lead {
    /// The last report, or the appointment.
    heard: i64,
    overdue: bool,
}

/// What is next at a group.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Vote,
    Month,
    Minutes,
    Report,
    Quiet,
    Orgs,
    Window,
}

/// A group. Its life begins as proposed, and it is judged while it is active.
#[derive(Default)]
struct Group {
    case: Option<Case>,
    active: Option<i64>,
    /// Its life has ended: nothing is owed any more, whoever is appointed.
    closed: bool,
    leads: BTreeMap<Box<str>, Lead>,
    /// The merges that may count, and since when there are too few.
    merges: VecDeque<i64>,
    few: Option<i64>,
    /// When the present month ends; what was done in it.
    month_ends: i64,
    met: bool,
    merged: u32,
    messages: u32,
    public: u32,
    /// Since when the messages of the last months were not public enough.
    hidden: Option<i64>,
    /// Deadlines of minutes, and whether they have passed.
    minutes: VecDeque<(i64, bool)>,
    /// Since when there are too few organisations, and whether that has counted.
    one_org: Option<(i64, bool)>,
}

impl Group {
    /// The next thing that happens by itself, and when.
    fn next(&self) -> Option<(i64, Timer)> {
        let vote = self.case.as_ref().map(|case| (case.closes, Timer::Vote));
        let active = self.active.into_iter().flat_map(|active| {
            let leaves = self.merges.len().checked_sub(WINDOW);
            let leaves = leaves.map_or(0, |index| a_year_after(self.merges[index]));
            let few = leaves.max(a_year_after(active));
            let minutes = self.minutes.iter().find(|(_, passed)| !passed);
            let orgs = self.one_org.filter(|(_, counts)| !counts);
            [
                Some((self.month_ends, Timer::Month)),
                self.few.is_none().then_some((few, Timer::Window)),
                minutes.map(|(deadline, _)| (*deadline, Timer::Minutes)),
                orgs.map(|(since, _)| (since + GRACE, Timer::Orgs)),
            ]
        });
        let leads = self.leads.values().flat_map(|lead| {
            let report = (lead.heard + REPORT, Timer::Report);
            let quiet = (lead.heard + QUIET, Timer::Quiet);
            [(!lead.overdue).then_some(report), Some(quiet)]
        });
        vote.into_iter()
            .chain(active.flatten())
            .chain(leads.flatten())
            .min()
    }

    /// What happens by itself before `now`: what is done at a deadline is done in time. No event is at
    /// the end of a month.
    fn advance(&mut self, now: i64, orgs: &FxHashMap<Box<str>, String>, verdict: &mut Verdict) {
        while let Some((at, timer)) = self.next().filter(|(at, _)| *at < now) {
            match timer {
                Timer::Vote => {
                    let passes = self.case.as_ref().is_some_and(Case::passes);
                    self.close(at, passes, orgs, verdict);
                }
                Timer::Month => self.month(at, verdict),
                Timer::Minutes => {
                    if let Some(due) = self.minutes.iter_mut().find(|(_, passed)| !passed) {
                        due.1 = true;
                    }
                }
                Timer::Report => {
                    let mut leads = self.leads.values_mut();
                    let lead = leads.find(|l| !l.overdue && l.heard + REPORT == at);
                    if let Some(lead) = lead {
                        lead.overdue = true;
                    }
                }
                Timer::Quiet => {
                    let mut leads = self.leads.iter();
                    let lead = leads.find(|(_, lead)| lead.heard + QUIET == at);
                    if let Some(who) = lead.map(|(who, _)| who.clone()) {
                        self.leaves(at, &who, verdict);
                        self.count_orgs(at, orgs, verdict);
                    }
                }
                Timer::Orgs => self.one_org = self.one_org.map(|(since, _)| (since, true)),
                Timer::Window => self.few = Some(at),
            }
        }
    }

    fn take(
        &mut self,
        record: &Record<'_>,
        electors: &Electors,
        orgs: &FxHashMap<Box<str>, String>,
        verdict: &mut Verdict,
    ) {
        let now = record.ts;
        let person = record.person.unwrap_or_default();
        let is_active = self.active.is_some();
        match record.event {
            "creation.opened" | "renewal.opened" => {
                self.case = Some(Case {
                    creation: record.event == "creation.opened",
                    closes: now + VOTE,
                    electors: electors.clone(),
                    ballots: HashMap::new(),
                });
            }
            "affiliated" => self.count_orgs(now, orgs, verdict),
            "lead.added" if !self.closed => {
                let lead = Lead {
                    heard: now,
                    overdue: false,
                };
                self.leads.insert(person.into(), lead);
                self.count_orgs(now, orgs, verdict);
            }
            "lead.removed" => {
                self.leaves(now, person, verdict);
                self.count_orgs(now, orgs, verdict);
            }
            "report" => {
                if let Some(lead) = self.leads.get_mut(record.actor.unwrap_or_default()) {
                    if lead.overdue {
                        verdict.add("reports", lead.heard + REPORT, Some(now));
                    }
                    *lead = Lead {
                        heard: now,
                        overdue: false,
                    };
                }
            }
            "meet" if is_active => {
                self.met = true;
                self.minutes.push_back((now + MINUTES, false));
            }
            "minutes" if is_active => {
                if let Some((deadline, true)) = self.minutes.pop_front() {
                    verdict.add("minuted", deadline, Some(now));
                }
            }
            "merge" if is_active => {
                self.merged += 1;
                if self.merged > 3 {
                    verdict.add("three-a-month", now, Some(now));
                }
                self.merges.push_back(now);
                while self
                    .merges
                    .front()
                    .is_some_and(|&at| a_year_after(at) < now)
                {
                    self.merges.pop_front();
                }
                if self.merges.len() >= WINDOW
                    && let Some(since) = self.few.take()
                {
                    verdict.add("four-a-year", since, Some(now));
                }
            }
            "message" if is_active => {
                self.messages += 1;
                self.public += u32::from(record.public == Some(true));
            }
            event => {
                if let Some((decision, choice)) = ballot(event) {
                    let who = record.actor.unwrap_or_default();
                    self.vote(now, decision, choice, who, orgs, verdict);
                }
            }
        }
    }

    fn vote(
        &mut self,
        now: i64,
        decision: &str,
        choice: Choice,
        who: &str,
        orgs: &FxHashMap<Box<str>, String>,
        verdict: &mut Verdict,
    ) {
        let creation = decision == "creation";
        let case = self.case.as_mut().filter(|case| case.creation == creation);
        match case {
            Some(case) if case.electors.contains(who) => {
                case.ballots.insert(who.into(), choice);
                if let Some(passes) = case.settled() {
                    self.close(now, passes, orgs, verdict);
                }
            }
            _ => verdict.add(decision, now, Some(now)),
        }
    }

    /// A vote ends.
    fn close(
        &mut self,
        at: i64,
        passes: bool,
        orgs: &FxHashMap<Box<str>, String>,
        verdict: &mut Verdict,
    ) {
        self.case = None;
        if !passes {
            self.end_findings(Some(at), verdict);
            *self = Group {
                closed: true,
                ..Group::default()
            };
        } else if self.active.is_none() {
            self.active = Some(at);
            self.month_ends = month_after(at);
            self.count_orgs(at, orgs, verdict);
        }
    }

    /// A lead is a lead no more.
    fn leaves(&mut self, at: i64, who: &str, verdict: &mut Verdict) {
        if let Some(lead) = self.leads.remove(who).filter(|lead| lead.overdue) {
            verdict.add("reports", lead.heard + REPORT, Some(at));
        }
    }

    /// A month ends.
    fn month(&mut self, at: i64, verdict: &mut Verdict) {
        let whole = self.active.is_some_and(|active| month_after(active) < at);
        if whole && !self.met {
            verdict.add("meets", at, Some(at));
        }
        let hidden = self.messages > 0 && self.public * 2 <= self.messages;
        match self.hidden {
            None if hidden => self.hidden = Some(at),
            Some(since) if !hidden => {
                verdict.add("mostly-public", since, Some(at));
                self.hidden = None;
            }
            _ => {}
        }
        self.month_ends = month_after(at);
        self.met = false;
        (self.merged, self.messages, self.public) = (0, 0, 0);
    }

    fn count_orgs(&mut self, now: i64, orgs: &FxHashMap<Box<str>, String>, verdict: &mut Verdict) {
        let different: BTreeSet<_> = self
            .leads
            .keys()
            .filter_map(|lead| orgs.get(lead))
            .collect();
        let enough = different.len() >= 2 || self.active.is_none();
        match self.one_org {
            None if !enough => self.one_org = Some((now, false)),
            Some((since, counts)) if enough => {
                if counts {
                    verdict.add("two-orgs", since + GRACE, Some(now));
                }
                self.one_org = None;
            }
            _ => {}
        }
    }

    /// What is still so ends, or lasts beyond the trace.
    fn end_findings(&mut self, to: Option<i64>, verdict: &mut Verdict) {
        for lead in self.leads.values().filter(|lead| lead.overdue) {
            verdict.add("reports", lead.heard + REPORT, to);
        }
        for (deadline, _) in self.minutes.iter().filter(|(_, passed)| *passed) {
            verdict.add("minuted", *deadline, to);
        }
        if let Some((since, true)) = self.one_org {
            verdict.add("two-orgs", since + GRACE, to);
        }
        if let Some(since) = self.few {
            verdict.add("four-a-year", since, to);
        }
        if let Some(since) = self.hidden {
            verdict.add("mostly-public", since, to);
        }
    }
}

/// The decision and the choice that an event casts.
fn ballot(event: &str) -> Option<(&str, Choice)> {
    let (decision, choice) = event.split_once('.')?;
    let choice = match choice {
        "yes" => Choice::Yes,
        "against" => Choice::Against,
        "abstain" => Choice::Abstain,
        _ => return None,
    };
    Some((decision, choice))
}

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar.
fn civil(day: i64) -> (i64, i64, i64) {
    let mut year = 1970;
    let mut left = day;
    while left >= days_of(year) {
        left -= days_of(year);
        year += 1;
    }
    let mut month = 1;
    while left >= days_in(year, month) {
        left -= days_in(year, month);
        month += 1;
    }
    (year, month, left + 1)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of(year: i64) -> i64 {
    365 + i64::from(is_leap(year))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// When the month ends that holds a moment.
fn month_after(at: i64) -> i64 {
    let today = at.div_euclid(DAY);
    let (year, month, day) = civil(today);
    (today + days_in(year, month) - day + 1) * DAY
}

/// The same day of the next year, or the last of February.
fn a_year_after(at: i64) -> i64 {
    let (year, month, day) = civil(at.div_euclid(DAY));
    let passes_leap_day = if month > 2 {
        is_leap(year + 1)
    } else {
        is_leap(year)
    };
    let days = match (month, day) {
        (2, 29) => 365,
        _ => 365 + i64::from(passes_leap_day),
    };
    at + days * DAY
}
