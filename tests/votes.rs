//! Results of votes against a count written independently, with exact fractions by hand.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fmt::Write;

use govc::source::Sources;
use proptest::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Whole {
    Electorate,
    Cast,
    Present,
    Seats,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Rule {
    Majority(Whole),
    Supermajority(Whole),
    AtLeast(u32, u32, Whole),
    MoreThan(u32, u32, Whole),
    All(Whole),
    AllBut(u32, Whole),
    Yes(u32),
    NoAgainst,
}

impl Whole {
    fn word(self) -> &'static str {
        match self {
            Whole::Electorate => "electorate",
            Whole::Cast => "cast",
            Whole::Present => "present",
            Whole::Seats => "seats",
        }
    }
}

impl Rule {
    fn text(self) -> String {
        match self {
            Rule::Majority(w) => format!("majority of {}", w.word()),
            Rule::Supermajority(w) => format!("supermajority of {}", w.word()),
            Rule::AtLeast(a, b, w) => format!("at least {a}/{b} of {}", w.word()),
            Rule::MoreThan(a, b, w) => format!("more than {a}/{b} of {}", w.word()),
            Rule::All(w) => format!("all of {}", w.word()),
            Rule::AllBut(n, w) => format!("all but {n} of {}", w.word()),
            Rule::Yes(n) => format!("at least {n} yes"),
            Rule::NoAgainst => "no against".to_owned(),
        }
    }
}

/// A vote: how many may vote and how many seats there are, what each voter did, in order.
#[derive(Debug, Clone)]
struct Vote {
    voters: usize,
    seats: u32,
    ballots: Vec<(usize, u8)>,
    rule: Rule,
    quorum: Option<(u32, u32)>,
}

/// The outcome by hand: the last ballot of each voter counts; nobody else's does.
fn by_hand(vote: &Vote) -> &'static str {
    let mut last = vec![None; vote.voters];
    for &(who, what) in &vote.ballots {
        if who < vote.voters {
            last[who] = Some(what % 4);
        }
    }
    let count = |what: u8| last.iter().filter(|b| **b == Some(what)).count() as u64;
    let (yes, against, abstain) = (count(0), count(1), count(2));
    let (cast, present) = (yes + against, yes + against + abstain);
    // Who recused himself is out of every whole.
    let recused = count(3);
    let electorate = vote.voters as u64 - recused;
    let whole = |w: Whole| match w {
        Whole::Electorate => electorate,
        Whole::Cast => cast,
        Whole::Present => present,
        Whole::Seats => u64::from(vote.seats) - recused,
    };
    if let Some((a, b)) = vote.quorum
        && (electorate == 0 || present * u64::from(b) < electorate * u64::from(a))
    {
        return "no-quorum";
    }
    // A share of nothing is not reached; half of nobody is no majority.
    let share = |a: u32, b: u32, w: Whole, strict: bool| {
        let (left, right) = (yes * u64::from(b), whole(w) * u64::from(a));
        whole(w) > 0 && if strict { left > right } else { left >= right }
    };
    let passes = match vote.rule {
        Rule::Majority(w) => share(1, 2, w, true),
        Rule::Supermajority(w) => share(2, 3, w, false),
        Rule::AtLeast(a, b, w) => share(a, b, w, false),
        Rule::MoreThan(a, b, w) => share(a, b, w, true),
        Rule::All(w) => whole(w) > 0 && yes >= whole(w),
        Rule::AllBut(n, w) => whole(w) > 0 && yes + u64::from(n) >= whole(w),
        Rule::Yes(n) => yes >= u64::from(n),
        Rule::NoAgainst => against == 0,
    };
    if passes { "passed" } else { "failed" }
}

fn by_govc(vote: &Vote, early: bool) -> String {
    let mut text = String::from("governance Vote \"A vote\"\nbody Board {\n");
    let _ = writeln!(text, "  role member {{ seats {} }}\n}}", vote.seats);
    text.push_str(
        "group Paper {\n  state open initial\n  state passed final\n  state failed final\n",
    );
    text.push_str("  state unquorate final\n  decision adoption by Board.member {\n");
    if let Some((a, b)) = vote.quorum {
        let _ = writeln!(text, "    quorum at least {a}/{b} of electorate");
    }
    let _ = writeln!(text, "    passes {} -> passed", vote.rule.text());
    text.push_str("    fails -> failed\n    closes after 7 days\n");
    if early {
        text.push_str("    closes early\n");
    }
    text.push_str("  }\n  on adoption.no-quorum -> unquorate\n}\n");
    text.push_str("scenario \"s\" {\n  given paper: Paper -> open from 2025-01-01\n");
    for voter in 0..vote.voters {
        let _ = writeln!(text, "  given v{voter}: Board.member from 2024-01-01");
    }
    text.push_str("  2025-01-02 adoption.opened in paper\n");
    for (index, (who, what)) in vote.ballots.iter().enumerate() {
        let ballot = ["yes", "against", "abstain", "recused"][usize::from(what % 4)];
        // The last ballots come at the deadline itself: that is in time.
        let day = 2 + (index * 8 / vote.ballots.len()).min(7);
        let _ = writeln!(
            text,
            "  2025-01-{day:02} adoption.{ballot} in paper by v{who}"
        );
    }
    for (state, _) in STATES {
        let _ = writeln!(text, "  expect paper.{state} at 2025-01-20");
    }
    text.push_str("}\n");
    let names: Vec<&str> = STATES.iter().map(|(state, _)| *state).collect();
    let right: Vec<&str> = held(&text, &names)
        .into_iter()
        .map(|held| STATES.iter().find(|(state, _)| *state == held).unwrap().1)
        .collect();
    right.join(" and ")
}

/// Runs the one scenario of a text: which of these states its paper is in, going by what it expects.
fn held<'s>(text: &str, states: &[&'s str]) -> Vec<&'s str> {
    let mut sources = Sources::default();
    let root = sources.add("vote.gov", text);
    let compiled = govc::compile(&mut sources, root, &mut |_, _| Err(String::new()));
    let messages = common::messages(&sources, &compiled);
    let model = compiled
        .model
        .unwrap_or_else(|| panic!("{messages}\n{text}"));
    let outcome = govc::scenario::run(&model, &compiled.scenarios[0]);
    // All expectations but that of the state it is in fail.
    let wrong: Vec<&str> = outcome
        .differences
        .iter()
        .map(|d| sources.get(d.span.source).unwrap().slice(d.span))
        .collect();
    let right = |state: &&&str| !wrong.iter().any(|w| w.contains(&format!("paper.{state} ")));
    states.iter().filter(right).copied().collect()
}

const STATES: [(&str, &str); 4] = [
    ("open", "open"),
    ("passed", "passed"),
    ("failed", "failed"),
    ("unquorate", "no-quorum"),
];

fn wholes() -> impl Strategy<Value = Whole> {
    prop::sample::select(vec![
        Whole::Electorate,
        Whole::Cast,
        Whole::Present,
        Whole::Seats,
    ])
}

fn rules() -> impl Strategy<Value = Rule> {
    let fraction = || (1u32..6, 1u32..6).prop_map(|(a, b)| (a.min(b), a.max(b)));
    // A threshold above the number of seats is refused by the checker, so it is not drawn.
    prop_oneof![
        wholes().prop_map(Rule::Majority),
        wholes().prop_map(Rule::Supermajority),
        (fraction(), wholes()).prop_map(|((a, b), w)| Rule::AtLeast(a, b, w)),
        (fraction(), wholes()).prop_map(|((a, b), w)| Rule::MoreThan(a, b, w)),
        wholes().prop_map(Rule::All),
        (0u32..3, wholes()).prop_map(|(n, w)| Rule::AllBut(n, w)),
        (1u32..6).prop_map(Rule::Yes),
        Just(Rule::NoAgainst),
    ]
}

fn votes() -> impl Strategy<Value = Vote> {
    (1usize..8, 0u32..3).prop_flat_map(|(voters, vacant)| {
        let ballots = prop::collection::vec((0..voters, any::<u8>()), 1..12);
        let rules = rules().prop_filter("in reach", move |rule| match rule {
            Rule::Yes(n) => *n as usize <= voters,
            Rule::AllBut(n, _) => (*n as usize) < voters,
            Rule::MoreThan(a, b, _) => a < b,
            _ => true,
        });
        let quorum = prop::option::of((1u32..4, 1u32..4).prop_map(|(a, b)| (a.min(b), a.max(b))));
        (ballots, rules, quorum).prop_map(move |(ballots, rule, quorum)| Vote {
            voters,
            seats: u32::try_from(voters).unwrap() + vacant,
            ballots,
            rule,
            quorum,
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn results_are_as_counted_by_hand(vote in votes()) {
        prop_assert_eq!(by_govc(&vote, false), by_hand(&vote), "{:?}", vote);
    }
}

#[test]
fn five_of_nine_is_not_two_thirds_and_six_is() {
    let vote = |yes: usize| Vote {
        voters: 9,
        seats: 9,
        ballots: (0..yes).map(|v| (v, 0)).collect(),
        rule: Rule::Supermajority(Whole::Electorate),
        quorum: None,
    };
    assert_eq!(by_govc(&vote(5), true), "failed");
    assert_eq!(by_govc(&vote(6), true), "passed");
}

/// A vote between three options, by hand: which of them reach the threshold?
fn option_by_hand(voters: usize, ballots: &[(usize, u8)], needed: usize) -> &'static str {
    let mut last = vec![None; voters];
    for &(who, what) in ballots {
        last[who] = Some(what % 4);
    }
    let reach = |option: u8| last.iter().filter(|b| **b == Some(option)).count() >= needed;
    match (reach(0), reach(1), reach(2)) {
        (false, false, false) => "open",
        (true, false, false) => "form",
        (false, true, false) => "merge",
        (false, false, true) => "wait",
        // Several reach it: the tie is broken in favour of waiting.
        _ => "wait",
    }
}

fn option_by_govc(voters: usize, ballots: &[(usize, u8)], needed: usize) -> String {
    let mut text = format!(
        "governance Options \"A choice\"\nbody Board {{ role member }}\ngroup Paper {{\n  \
         state open initial\n  state form final\n  state merge final\n  state wait final\n  \
         state unquorate final\n  decision choice by Board.member {{\n    \
         options form -> form, merge -> merge, wait -> wait\n    passes at least {needed} yes\n    \
         closes after 7 days\n    tie wait\n  }}\n  on choice.no-quorum -> unquorate\n}}\n\
         scenario \"s\" {{\n  given paper: Paper -> open from 2025-01-01\n"
    );
    for voter in 0..voters {
        let _ = writeln!(text, "  given v{voter}: Board.member from 2024-01-01");
    }
    text.push_str("  2025-01-02 choice.opened in paper\n");
    for (who, what) in ballots {
        let ballot = ["form", "merge", "wait", "abstain"][usize::from(what % 4)];
        let _ = writeln!(
            text,
            "  2025-01-05 choice.voted(choice: {ballot}) in paper by v{who}"
        );
    }
    let states = ["open", "form", "merge", "wait"];
    for state in states {
        let _ = writeln!(text, "  expect paper.{state} at 2025-01-20");
    }
    text.push_str("}\n");
    held(&text, &states).join(" and ")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn ties_between_options_are_broken_as_written(
        (voters, ballots) in (1usize..8).prop_flat_map(|n| {
            (Just(n), prop::collection::vec((0..n, any::<u8>()), 1..12))
        }),
        needed in 1usize..4,
    ) {
        prop_assert_eq!(
            option_by_govc(voters, &ballots, needed),
            option_by_hand(voters, &ballots, needed),
            "{} voters, {} needed: {:?}", voters, needed, ballots
        );
    }
}
