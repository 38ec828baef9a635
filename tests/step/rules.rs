//! Rules at settled instants: breaches and their graces, clauses in force, lives.

use govc::ids::*;
use govc::ir::*;
use govc::run::value::Value;
use govc::run::{Given, Input};
use govc::time::Unit;

use crate::build::*;
use crate::world::World;

fn group_with_leads() -> (Spec, KindId, RoleId) {
    let mut spec = Spec::new();
    let wg = spec.group("WG", &["active", "over!"]);
    let lead = spec.role("lead", wg);
    (spec, wg, lead)
}

/// So many leads, by the clause of this name.
fn group_that_must_have(clause: &str, leads: Bounds) -> (Spec, KindId, RoleId, ClauseId) {
    let (mut spec, wg, lead) = group_with_leads();
    let scope = spec.living(wg);
    let clause = spec.rule(clause, scope, count(holders(lead), leads), None);
    (spec, wg, lead, clause)
}

#[test]
fn a_share_of_a_set_is_settled_where_its_extremes_agree() {
    let mut spec = Spec::new();
    let wg = spec.group("WG", &["active"]);
    let lead = spec.role("lead", wg);
    let org = spec.attribute("org");
    let is_acme = Cond::Compare(
        Expr::Attribute(Box::new(Expr::Element), org),
        Op::Eq,
        Expr::Const(Const::Text("Acme".to_owned())),
    );
    let share = |num, den, strict| Cond::Portion {
        part: Set::Where(Box::new(holders(lead)), Box::new(is_acme.clone())),
        whole: holders(lead),
        num,
        den,
        strict,
    };
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .given(wg, "x", 0, Some("2025-01-01"))
        .given(wg, "empty", 0, Some("2025-01-01"))
        .holds(lead, Some("x"), &["ann", "bo", "cy"], Some("2025-01-01"));
    // One of three is of Acme, and of one it is not known.
    for (who, value) in [
        ("ann", Value::Text("Acme".into())),
        ("bo", Value::Text("Widgets".into())),
        ("cy", Value::Unknown),
    ] {
        let person = w.name(who);
        w.feed(Input::Given(Given::Attribute {
            person,
            attribute: org.0,
            value,
        }));
    }
    w.wait("2025-01-02");
    for (num, den, strict, settled) in [
        (1, 3, false, Some(true)),
        (1, 3, true, None),
        (2, 3, false, None),
        (2, 3, true, Some(false)),
        (0, 1, false, Some(true)),
    ] {
        let asked = w.asks(&share(num, den, strict), wg, "x");
        assert_eq!(asked, settled, "{num}/{den} {strict}");
    }
    // A share of nothing does not hold, not even none of it.
    assert_eq!(w.asks(&share(0, 1, false), wg, "empty"), Some(false));
}

#[test]
fn a_breach_is_one_finding_with_a_beginning_and_an_end() {
    let (spec, wg, lead, _) = group_that_must_have("two-leads", between(2, 3));
    let (added, removed) = (spec.model.roles[0].added, spec.model.roles[0].removed);
    let mut w = World::new(&spec.model);
    w.begin("2024-01-01")
        .given(wg, "sec", 0, Some("2024-01-01"))
        .holds(lead, Some("sec"), &["ann", "bo"], Some("2024-01-01"))
        .about("2025-04-10", removed, "sec", "bo")
        .about("2025-04-20", removed, "sec", "ann")
        .about("2025-04-25", added, "sec", "cy")
        .about("2025-05-02", added, "sec", "di")
        .end("2025-06-01");
    assert_eq!(w.findings(), ["two-leads sec 2025-04-10..2025-05-02"]);
    let finding = w.only();
    assert_eq!(finding.found.as_deref(), Some("1"));
    assert_eq!(finding.required.as_deref(), Some("2..3"));
    assert_eq!(finding.events.as_slice(), [1, 4]);
}

#[test]
fn too_many_after_too_few_is_another_breach() {
    let (spec, wg, lead, _) = group_that_must_have("two-leads", between(2, 3));
    let added = spec.model.roles[0].added;
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .given(wg, "sec", 0, Some("2025-01-01"))
        .holds(lead, Some("sec"), &["ann"], Some("2025-01-01"));
    for who in ["bo", "cy", "di", "ed"] {
        w.also("2025-02-01", added, "sec", &[], &[]);
        let who = Value::Name(w.name(who));
        w.also("2025-02-01", added, "sec", &[], &[who]);
    }
    w.end("2025-03-01");
    assert_eq!(
        w.findings(),
        [
            "two-leads sec 2025-01-01..2025-02-01",
            "two-leads sec 2025-02-01.."
        ]
    );
}

#[test]
fn what_is_replaced_in_one_instant_leaves_no_gap() {
    let (spec, wg, lead, _) = group_that_must_have("led", at_least(1));
    let (added, removed) = (spec.model.roles[0].added, spec.model.roles[0].removed);
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .given(wg, "sec", 0, Some("2025-01-01"))
        .holds(lead, Some("sec"), &["ann"], Some("2025-01-01"))
        .about("2025-02-01T12:00Z", removed, "sec", "ann")
        .about("2025-02-01T12:00Z", added, "sec", "bo")
        .end("2025-03-01");
    assert!(w.findings().is_empty(), "{:?}", w.findings());
}

#[test]
fn a_grace_ends_with_its_day_or_at_its_instant() {
    let build = || {
        let (mut spec, wg, lead) = group_with_leads();
        let scope = spec.living(wg);
        let cond = count(holders(lead), at_least(1));
        spec.rule("led", scope, cond, Some(lasting(6, Unit::Week)));
        (spec, wg, lead)
    };
    let (spec, wg, lead) = build();
    let (added, removed) = (spec.model.roles[0].added, spec.model.roles[0].removed);
    let run = |removed_at: &str, added_at: &str| {
        let mut w = World::new(&spec.model);
        w.begin("2025-01-01")
            .given(wg, "sec", 0, Some("2025-01-01"))
            .holds(lead, Some("sec"), &["ann"], Some("2025-01-01"))
            .about(removed_at, removed, "sec", "ann")
            .about(added_at, added, "sec", "bo")
            .end("2025-04-01");
        w.findings()
    };
    // Six weeks after the 6th of January is the 17th of February.
    assert!(run("2025-01-06", "2025-02-17").is_empty());
    assert_eq!(run("2025-01-06", "2025-02-18"), ["led sec 2025-02-18"]);
    assert_eq!(
        run("2025-01-06", "2025-02-20"),
        ["led sec 2025-02-18..2025-02-20"]
    );
    assert!(run("2025-01-06T10:00Z", "2025-02-17T10:00Z").is_empty());
    assert_eq!(
        run("2025-01-06T10:00Z", "2025-02-17T10:01Z"),
        ["led sec 2025-02-17T10:00Z..2025-02-17T10:01Z"]
    );
}

#[test]
fn a_grace_is_not_forgotten_where_another_ends_before() {
    let (mut spec, wg, lead) = group_with_leads();
    for (name, weeks) in [("soon", 2), ("late", 6)] {
        let scope = spec.living(wg);
        let cond = count(holders(lead), at_least(1));
        spec.rule(name, scope, cond, Some(lasting(weeks, Unit::Week)));
    }
    let (added, removed) = (spec.model.roles[0].added, spec.model.roles[0].removed);
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .given(wg, "sec", 0, Some("2025-01-01"))
        .holds(lead, Some("sec"), &["ann"], Some("2025-01-01"))
        .about("2025-01-06T10:00Z", removed, "sec", "ann")
        .about("2025-03-01T10:00Z", added, "sec", "bo")
        .end("2025-04-01");
    assert_eq!(
        w.findings(),
        [
            "late sec 2025-02-17T10:00Z..2025-03-01T10:00Z",
            "soon sec 2025-01-20T10:00Z..2025-03-01T10:00Z"
        ]
    );
}

#[test]
fn a_rule_is_judged_from_when_it_is_in_force_until_it_is_not() {
    let (mut spec, wg, _, clause) = group_that_must_have("led", at_least(1));
    spec.model.clauses[clause.index()].from = Some(at("2025-03-01"));
    spec.model.clauses[clause.index()].until = Some(at("2025-06-01"));
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .given(wg, "sec", 0, Some("2025-01-01"))
        .end("2025-09-01");
    assert_eq!(w.findings(), ["led sec 2025-03-01..2025-06-01"]);
}

#[test]
fn what_is_broken_when_the_observation_begins_may_be_older() {
    let (spec, wg, ..) = group_that_must_have("led", at_least(1));
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .given(wg, "sec", 0, None)
        .end("2025-02-01");
    assert_eq!(w.findings(), ["led sec 2025-01-01.. or earlier"]);
}

#[test]
fn a_final_state_ends_breaches_and_holdings_and_an_added_founds_a_new_life() {
    let (mut spec, wg, lead, _) = group_that_must_have("two-leads", between(2, 3));
    let close = spec.event("close", wg, &[]);
    let everywhere = spec.everywhere(wg);
    spec.permit("closes", everywhere, close, None, Some(1));
    let added = spec.model.kinds[wg.index()].added.unwrap();
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .given(wg, "sec", 0, Some("2025-01-01"))
        .holds(lead, Some("sec"), &["ann"], Some("2025-01-01"))
        .on("2025-03-01", close, "sec");
    assert_eq!(w.in_state(wg, "sec"), 1);
    let nobody = count(holders(lead), between(0, 0));
    w.wait("2025-03-02");
    assert_eq!(w.asks(&nobody, wg, "sec"), Some(true));
    w.on("2025-04-01", added, "sec").end("2025-05-01");
    assert_eq!(
        w.findings(),
        [
            "two-leads sec 2025-01-01..2025-03-01",
            "two-leads sec 2025-04-01.."
        ]
    );
}

#[test]
fn distinct_values_look_past_letter_case_and_each_empty_one_counts() {
    let (mut spec, wg, lead) = group_with_leads();
    let org = spec.attribute("org");
    let scope = spec.living(wg);
    let orgs = Set::Attribute(Box::new(holders(lead)), org);
    let cond = Cond::Count {
        set: orgs,
        distinct: true,
        bounds: at_least(2),
    };
    spec.rule("two-orgs", scope, cond, None);
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01");
    for (group, a, b) in [
        ("same", "Acme", "ACME"),
        ("two", "Acme", "Globex"),
        ("none", "", ""),
    ] {
        w.given(wg, group, 0, Some("2025-01-01"));
        for (n, text) in [(1, a), (2, b)] {
            let who = format!("{group}{n}");
            w.holds(lead, Some(group), &[&who], Some("2025-01-01"));
            let person = w.name(&who);
            let value = match text {
                "" => Value::Empty,
                text => Value::Text(text.into()),
            };
            w.feed(govc::run::Input::Given(govc::run::Given::Attribute {
                person,
                attribute: org.0,
                value,
            }));
        }
    }
    w.end("2025-02-01");
    assert_eq!(w.findings(), ["two-orgs same 2025-01-01.."]);
}

#[test]
fn held_without_a_break_and_silence_count_from_the_entry() {
    let mut spec = Spec::new();
    let wg = spec.group("WG", &["active", "tired", "asleep"]);
    let lead = spec.role("lead", wg);
    let used = spec.event("used", wg, &[]);
    let log = spec.log(wg, vec![arm(used)]);
    let vacant = count(holders(lead), between(0, 0));
    let clock = spec.clock(wg, vec![StateId(0)], vacant);
    let empty_post = Cond::Held(clock, Place::This, lasting(6, Unit::Week));
    let silent = Cond::Silent {
        log,
        place: Place::This,
        entry: true,
        about: About::Any,
        duration: lasting(2, Unit::Month),
    };
    let active = spec.within(wg, 0);
    spec.reaction("tires", active.clone(), Trigger::Becomes(empty_post))
        .target = Some(StateId(1));
    spec.reaction("sleeps", active, Trigger::Becomes(silent))
        .target = Some(StateId(2));
    let removed = spec.model.roles[0].removed;
    let run = |acts: &[(&str, EventId)], asked: &str| {
        let mut w = World::new(&spec.model);
        w.begin("2025-01-01")
            .given(wg, "x", 0, Some("2025-01-01"))
            .holds(lead, Some("x"), &["ann"], Some("2025-01-01"));
        for (when, event) in acts {
            w.about(when, *event, "x", "ann");
        }
        w.wait(asked);
        w.in_state(wg, "x")
    };
    assert_eq!(run(&[("2025-01-10", removed)], "2025-02-20"), 0);
    assert_eq!(run(&[("2025-01-10", removed)], "2025-02-21"), 1);
    assert_eq!(run(&[], "2025-02-28"), 0);
    assert_eq!(run(&[], "2025-03-01"), 2);
    assert_eq!(run(&[("2025-01-15", used)], "2025-03-14"), 0);
    assert_eq!(run(&[("2025-01-15", used)], "2025-03-15"), 2);
}

#[test]
fn so_many_in_a_time_are_wanted_only_once_it_has_been_spent() {
    let mut spec = Spec::new();
    let wg = spec.group("WG", &["active"]);
    let meet = spec.event("meet", wg, &[]);
    let log = spec.log(wg, vec![arm(meet)]);
    let cond = Cond::Happened {
        log,
        place: Place::This,
        about: About::Any,
        by: None,
        window: Window::Last(Box::new(lasting(1, Unit::Month))),
        bounds: at_least(1),
    };
    let scope = spec.living(wg);
    spec.rule("meets", scope, cond, None);
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .given(wg, "x", 0, Some("2025-01-01"))
        .on("2025-01-10", meet, "x")
        .on("2025-03-05", meet, "x")
        .end("2025-03-10");
    // The month that closes on the 10th of February includes that day.
    assert_eq!(w.findings(), ["meets x 2025-02-11..2025-03-05"]);
}

#[test]
fn a_rule_for_each_holder_follows_the_holders_of_another_place() {
    let mut spec = Spec::new();
    let wg = spec.group("WG", &["active"]);
    let expert = spec.role("expert", DOC);
    let guest = spec.role("guest", wg);
    let mut scope = spec.living(wg);
    scope.each = Some(expert);
    let is_guest = Cond::In(Expr::Holder, holders(guest));
    spec.rule("experts-are-guests", scope, is_guest, None);
    let (added, removed) = (spec.model.roles[0].added, spec.model.roles[0].removed);
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .given(wg, "x", 0, Some("2025-01-01"))
        .about("2025-02-01", added, "", "ann")
        .about("2025-03-01", removed, "", "ann")
        .end("2025-04-01");
    assert_eq!(
        w.findings(),
        ["experts-are-guests x ann 2025-02-01..2025-03-01"]
    );
}

#[test]
fn a_rule_sees_the_clock_of_the_group_around() {
    let mut spec = Spec::new();
    let wg = spec.group("WG", &["active"]);
    let lead = spec.role("lead", wg);
    let task = spec.group("Task", &["open"]);
    spec.model.kinds[task.index()].parent = Some(wg);
    let vacant = count(holders(lead), between(0, 0));
    let clock = spec.clock(wg, Vec::new(), vacant);
    let orphaned = Cond::Held(clock, Place::Within(wg), days(10));
    let scope = spec.living(task);
    spec.rule("no-orphan", scope, Cond::Not(Box::new(orphaned)), None);
    let (added, removed) = (spec.model.roles[0].added, spec.model.roles[0].removed);
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .given(wg, "x", 0, Some("2025-01-01"))
        .holds(lead, Some("x"), &["ann"], Some("2025-01-01"))
        .given(task, "t", 0, Some("2025-01-01"))
        .about("2025-02-01", removed, "x", "ann")
        .about("2025-03-01", added, "x", "bo")
        .end("2025-04-01");
    assert_eq!(w.findings(), ["no-orphan t 2025-02-11..2025-03-01"]);
}
