//! Cases, ballots, outcomes.

use govc::ids::*;
use govc::ir::*;
use govc::run::value::Value;
use govc::time::Unit;

use crate::build::*;
use crate::world::World;

/// A SIG that nine members of the TSC decide on: two thirds of the electorate.
fn sig(change: impl Fn(&mut Decision)) -> (Spec, KindId, RoleId, Vote) {
    let mut spec = Spec::new();
    let tsc = spec.kind("TSC", Form::Body, &[""]);
    let member = spec.role("member", tsc);
    let sig = spec.group("SIG", &["proposed", "active", "rejected!"]);
    let passes = yes_at_least(2, 3, Denominator::Electorate);
    let outcomes = [("passed", Some(1)), ("failed", Some(2))];
    let electorate = Set::Holders(member, Place::Within(tsc));
    let vote = spec.decision(sig, electorate, Some(passes), &outcomes);
    change(spec.decision_mut(vote.id));
    (spec, sig, member, vote)
}

const NINE: [&str; 9] = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];

fn open<'m>(spec: &'m Spec, sig: KindId, member: RoleId, vote: &Vote) -> World<'m> {
    let mut w = World::new(&spec.model);
    w.begin("2024-01-01")
        .given(sig, "sdk", 0, Some("2024-01-01"))
        .holds(member, None, &NINE, Some("2024-01-01"))
        .on("2025-01-25", vote.opened, "sdk");
    w
}

#[test]
fn five_of_nine_is_not_two_thirds_of_nine() {
    let (spec, sig, member, vote) = sig(|d| {
        d.early = true;
        d.fixed = Fixed::Close;
    });
    let mut w = open(&spec, sig, member, &vote);
    for who in &NINE[..5] {
        w.by("2025-01-26", vote.yes, "sdk", &[who], &[]);
    }
    w.by("2025-02-01", vote.outcomes[0], "sdk", &["a"], &[])
        .wait("2025-02-02");
    assert_eq!(w.in_state(sig, "sdk"), 0);
    w.by("2025-02-03", vote.yes, "sdk", &["f"], &[])
        .wait("2025-02-03");
    assert_eq!(w.in_state(sig, "sdk"), 1);
    w.end("2025-03-01");
    assert_eq!(w.findings(), ["vote sdk a 2025-02-01"]);
}

/// That the vote has passed, as a check of an event of the group.
fn formed(spec: &mut Spec, sig: KindId, vote: &Vote) -> EventId {
    let formed = spec.event("formed", sig, &[]);
    let passed = spec.log(sig, vec![arm(vote.outcomes[0])]);
    let cond = Cond::Happened {
        log: passed,
        place: Place::This,
        about: About::Any,
        by: None,
        window: Window::Life,
        bounds: at_least(1),
    };
    let scope = spec.everywhere(sig);
    spec.check("vote-first", scope, formed, cond);
    formed
}

#[test]
fn what_asks_for_a_vote_is_asked_once_more_when_the_vote_has_closed() {
    let (mut spec, sig, member, vote) = sig(|d| d.early = true);
    let formed = formed(&mut spec, sig, &vote);
    // In one change with the last ballot, and in a change before it, of the same instant.
    for together in [true, false] {
        let mut w = open(&spec, sig, member, &vote);
        for who in &NINE[..5] {
            w.by("2025-01-26", vote.yes, "sdk", &[who], &[]);
        }
        w.by("2025-02-03", formed, "sdk", &["a"], &[]);
        if together {
            w.also("2025-02-03", vote.yes, "sdk", &["f"], &[]);
        } else {
            w.by("2025-02-03", vote.yes, "sdk", &["f"], &[]);
        }
        w.end("2025-03-01");
        assert_eq!(w.findings(), Vec::<String>::new(), "{together}");
    }
}

#[test]
fn what_asks_for_a_vote_a_day_too_early_is_a_finding() {
    let (mut spec, sig, member, vote) = sig(|d| d.early = true);
    let formed = formed(&mut spec, sig, &vote);
    let mut w = open(&spec, sig, member, &vote);
    for who in &NINE[..5] {
        w.by("2025-01-26", vote.yes, "sdk", &[who], &[]);
    }
    w.by("2025-02-02", formed, "sdk", &["a"], &[])
        .by("2025-02-03", vote.yes, "sdk", &["f"], &[])
        .end("2025-03-01");
    assert_eq!(w.findings(), ["vote-first sdk a 2025-02-02"]);
}

#[test]
fn who_vote_together_cast_a_ballot_each() {
    let (mut spec, sig, member, vote) = sig(|d| d.early = true);
    let log = spec.log(sig, vec![arm(vote.yes)]);
    let mut w = open(&spec, sig, member, &vote);
    w.by("2025-01-26", vote.yes, "sdk", &["a", "b", "zoe", "c"], &[])
        .wait("2025-01-26");
    let three = Cond::Happened {
        log,
        place: Place::This,
        about: About::Any,
        by: None,
        window: Window::Life,
        bounds: between(3, 3),
    };
    assert_eq!(w.asks(&three, sig, "sdk"), Some(true));
    assert_eq!(w.findings(), ["vote sdk zoe 2025-01-26"]);
}

#[test]
fn it_closes_early_only_when_nothing_can_change_it() {
    let (spec, sig, member, vote) = sig(|d| d.early = true);
    let mut w = open(&spec, sig, member, &vote);
    for who in &NINE[..3] {
        w.by("2025-01-26", vote.against, "sdk", &[who], &[]);
    }
    w.wait("2025-01-27");
    assert_eq!(w.in_state(sig, "sdk"), 0); // six may still say yes
    w.by("2025-01-28", vote.abstain, "sdk", &["d"], &[])
        .wait("2025-01-28");
    assert_eq!(w.in_state(sig, "sdk"), 2);
}

#[test]
fn ballots_at_the_deadline_count_and_later_ones_do_not() {
    let (spec, sig, member, vote) = sig(|d| d.after = Some(days(14)));
    let mut w = open(&spec, sig, member, &vote);
    for who in &NINE[..5] {
        w.by("2025-02-01", vote.yes, "sdk", &[who], &[]);
    }
    w.by("2025-02-08", vote.yes, "sdk", &["f"], &[])
        .wait("2025-02-08");
    assert_eq!(w.in_state(sig, "sdk"), 0); // the day has not ended
    w.by("2025-02-09", vote.against, "sdk", &["a"], &[]);
    assert_eq!(w.in_state(sig, "sdk"), 1);
    w.end("2025-03-01");
    assert_eq!(w.findings(), ["vote sdk a 2025-02-09"]);
}

#[test]
fn a_deadline_at_an_instant_includes_it() {
    let (spec, sig, member, vote) = sig(|d| d.after = Some(lasting(72, Unit::Hour)));
    let mut w = World::new(&spec.model);
    w.begin("2024-01-01")
        .given(sig, "sdk", 0, Some("2024-01-01"))
        .holds(member, None, &NINE, Some("2024-01-01"))
        .on("2025-01-25T12:00Z", vote.opened, "sdk");
    for who in &NINE[..6] {
        w.by("2025-01-28T12:00Z", vote.yes, "sdk", &[who], &[]);
    }
    w.end("2025-03-01");
    assert_eq!(w.in_state(sig, "sdk"), 1);
    assert!(w.findings().is_empty(), "{:?}", w.findings());
}

#[test]
fn a_deadline_is_not_forgotten_where_something_else_is_due_before() {
    let (mut spec, sig, member, vote) = sig(|d| d.after = Some(lasting(72, Unit::Hour)));
    let chair = spec.role("chair", sig);
    let scope = spec.living(sig);
    let cond = count(holders(chair), at_least(1));
    spec.rule("chaired", scope, cond, Some(lasting(48, Unit::Hour)));
    let removed = spec.model.roles[chair.index()].removed;
    let mut w = World::new(&spec.model);
    w.begin("2024-01-01")
        .given(sig, "sdk", 0, Some("2024-01-01"))
        .holds(member, None, &NINE, Some("2024-01-01"))
        .holds(chair, Some("sdk"), &["a"], Some("2024-01-01"))
        .on("2025-01-25T12:00Z", vote.opened, "sdk")
        .about("2025-01-25T13:00Z", removed, "sdk", "a");
    for who in &NINE[..6] {
        w.by("2025-01-26T12:00Z", vote.yes, "sdk", &[who], &[]);
    }
    w.wait("2025-02-01");
    assert_eq!(w.in_state(sig, "sdk"), 1);
}

#[test]
fn outsiders_do_not_count_and_later_ballots_replace_former_ones() {
    let (spec, sig, member, vote) = sig(|d| d.after = Some(days(14)));
    let mut w = open(&spec, sig, member, &vote);
    for who in &NINE[..6] {
        w.by("2025-01-26", vote.yes, "sdk", &[who], &[]);
    }
    w.by("2025-01-27", vote.yes, "sdk", &["zoe"], &[])
        .by("2025-01-28", vote.against, "sdk", &["f"], &[])
        .end("2025-03-01");
    assert_eq!(w.in_state(sig, "sdk"), 2);
    assert_eq!(w.findings(), ["vote sdk zoe 2025-01-27"]);
}

#[test]
fn recusal_leaves_every_denominator() {
    let (spec, sig, member, vote) = sig(|d| d.after = Some(days(14)));
    let mut w = open(&spec, sig, member, &vote);
    for who in &NINE[..4] {
        w.by("2025-01-26", vote.yes, "sdk", &[who], &[]);
    }
    for who in &NINE[6..] {
        w.by("2025-01-26", vote.recused, "sdk", &[who], &[]);
    }
    w.end("2025-03-01");
    assert_eq!(w.in_state(sig, "sdk"), 1); // four of six
}

#[test]
fn without_a_quorum_it_has_no_result_of_its_own() {
    let (mut spec, sig, member, vote) = sig(|d| {
        d.after = Some(days(14));
        d.passes = Some(yes_at_least(2, 3, Denominator::Cast));
        d.quorum = Some(VoteCond::Tally {
            what: Tally::Present,
            quota: Quota::Fraction {
                num: 1,
                den: 2,
                strict: false,
                of: Denominator::Electorate,
            },
        });
    });
    let source = EventSource::Outcome(vote.id, 2);
    let event = spec.source("vote.no-quorum", sig, &[], source);
    spec.decision_mut(vote.id).outcomes.push(Outcome {
        name: "no-quorum".to_owned(),
        event,
        target: Some(StateId(2)),
    });
    let log = spec.log(sig, vec![arm(event)]);
    let run = |voters: usize| {
        let mut w = open(&spec, sig, member, &vote);
        for who in &NINE[..voters] {
            w.by("2025-01-26", vote.yes, "sdk", &[who], &[]);
        }
        w.wait("2025-03-01");
        let said = Cond::Happened {
            log,
            place: Place::This,
            about: About::Any,
            by: None,
            window: Window::Life,
            bounds: at_least(1),
        };
        let said = w.asks(&said, sig, "sdk");
        (w.in_state(sig, "sdk"), said)
    };
    assert_eq!(run(4), (2, Some(true)));
    assert_eq!(run(5), (1, Some(false)));
}

#[test]
fn options_that_tie_are_decided_as_the_decision_says() {
    let mut spec = Spec::new();
    let member = spec.role("member", DOC);
    let wg = spec.group("WG", &["proposed", "form", "refuse"]);
    let half = yes_at_least(1, 2, Denominator::Cast);
    let outcomes = [("form", Some(1)), ("refuse", Some(2))];
    let electorate = Set::Holders(member, Place::Within(DOC));
    let vote = spec.decision(wg, electorate, Some(half), &outcomes);
    let decision = spec.decision_mut(vote.id);
    decision.options = true;
    decision.after = Some(days(7));
    decision.tie = Some(Tie::Outcome(1));
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .holds(member, None, &["a", "b", "c"], Some("2025-01-01"));
    for (group, words) in [("tied", ["form", "refuse"]), ("agreed", ["form", "form"])] {
        w.given(wg, group, 0, Some("2025-01-01"));
        w.on("2025-01-02", vote.opened, group);
        for (who, word) in ["a", "b"].iter().zip(words) {
            let word = Value::Text(word.into());
            w.by("2025-01-02", vote.voted, group, &[who], &[word]);
        }
    }
    w.end("2025-02-01");
    assert_eq!(w.in_state(wg, "tied"), 2);
    assert_eq!(w.in_state(wg, "agreed"), 1);
}

#[test]
fn a_second_case_is_void_while_one_is_open() {
    let (spec, sig, member, vote) = sig(|d| d.after = Some(days(14)));
    let mut w = open(&spec, sig, member, &vote);
    w.by("2025-01-27", vote.opened, "sdk", &["a"], &[])
        .on("2025-02-20", vote.yes, "sdk")
        .end("2025-03-01");
    assert_eq!(
        w.findings(),
        ["vote sdk 2025-02-20", "vote sdk a 2025-01-27"]
    );
}

#[test]
fn what_only_the_record_decides_is_void_by_an_outsider() {
    let (spec, sig, member, vote) = sig(|d| d.passes = None);
    let mut w = World::new(&spec.model);
    w.begin("2024-01-01")
        .given(sig, "sdk", 0, Some("2024-01-01"))
        .holds(member, None, &NINE, Some("2024-01-01"))
        .by("2025-01-05", vote.outcomes[0], "sdk", &["zoe"], &[]);
    assert_eq!(w.in_state(sig, "sdk"), 0);
    w.by("2025-01-06", vote.outcomes[0], "sdk", &["TSC"], &[])
        .end("2025-02-01");
    assert_eq!(w.in_state(sig, "sdk"), 1);
    assert_eq!(w.findings(), ["vote sdk zoe 2025-01-05"]);
}

#[test]
fn the_electorate_is_that_of_the_opening_unless_it_says_otherwise() {
    for (fixed, state) in [(Fixed::Open, 2), (Fixed::Close, 1)] {
        let (spec, sig, member, vote) = sig(|d| {
            d.after = Some(days(14));
            d.fixed = fixed;
        });
        let removed = spec.model.roles[0].removed;
        let mut w = open(&spec, sig, member, &vote);
        for who in &NINE[..4] {
            w.by("2025-01-26", vote.yes, "sdk", &[who], &[]);
        }
        for who in &NINE[6..] {
            w.about("2025-02-01", removed, "", who);
        }
        w.end("2025-03-01");
        assert_eq!(w.in_state(sig, "sdk"), state, "{fixed:?}");
    }
}

#[test]
fn nobody_to_vote_decides_nothing_early() {
    let (spec, sig, member, vote) = sig(|d| d.early = true);
    let mut w = World::new(&spec.model);
    let _ = member;
    w.begin("2025-01-01")
        .given(sig, "sdk", 0, Some("2025-01-01"))
        .on("2025-01-02", vote.opened, "sdk")
        .on("2025-01-03", vote.yes, "sdk")
        .end("2025-02-01");
    assert_eq!(w.in_state(sig, "sdk"), 0);
}

#[test]
fn an_outcome_obeys_the_to_block_and_what_it_claims_is_taken_over() {
    let (mut spec, sig, member, vote) = sig(|d| d.early = true);
    let passed = vote.outcomes[0];
    let scope = spec.field(sig, "scope", Type::Text);
    let mut parameter = field("scope", Type::Text);
    parameter.stores = Some(scope);
    spec.model.events[passed.index()].fields.push(parameter);
    let at = spec.living(sig);
    let filled = Cond::Filled(Expr::Field(Place::This, scope));
    spec.check("has-scope", at, passed, filled);
    for (text, findings) in [("all", 0), ("", 1)] {
        let mut w = open(&spec, sig, member, &vote);
        for who in &NINE[..6] {
            w.by("2025-01-26", vote.yes, "sdk", &[who], &[]);
        }
        let value = match text {
            "" => Value::Empty,
            text => Value::Text(text.into()),
        };
        w.by("2025-01-26", passed, "sdk", &["a"], &[value])
            .end("2025-02-01");
        assert_eq!(w.in_state(sig, "sdk"), 1);
        assert_eq!(w.findings().len(), findings, "{:?}", w.findings());
    }
}
