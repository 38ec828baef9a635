//! Powers, permissions, prohibitions, caps, checks, reactions.

use govc::ids::*;
use govc::ir::*;
use govc::run::value::Value;
use govc::time::Unit;

use crate::build::*;
use crate::world::World;

#[test]
fn an_act_without_power_is_void_and_a_permitted_one_moves() {
    let mut spec = Spec::new();
    let toc = spec.kind("TOC", Form::Body, &[""]);
    let seat = spec.role("seat", toc);
    let wg = spec.group("WG", &["active", "over!"]);
    let dissolve = spec.event("dissolve", wg, &[]);
    let report = spec.event("report", wg, &[]);
    let scope = spec.within(wg, 0);
    let by = Some(one_of(Set::Body(toc)));
    spec.permit("toc-dissolves", scope.clone(), dissolve, by, Some(1));
    // A duty that the void act must not meet.
    spec.duty("dissolved", scope, dissolve, Arises::Entry, Due::Open);
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .given(wg, "x", 0, Some("2025-01-01"))
        .holds(seat, None, &["ann"], Some("2025-01-01"))
        .by("2025-01-10", dissolve, "x", &["bo"], &[])
        .on("2025-01-11", report, "x");
    assert_eq!(w.in_state(wg, "x"), 0);
    w.by("2025-02-01", dissolve, "x", &["ann"], &[])
        .end("2025-03-01");
    assert_eq!(w.in_state(wg, "x"), 1);
    assert_eq!(w.findings(), ["WG.dissolve x bo 2025-01-10"]);
    let finding = w.only();
    assert_eq!(*finding.cite, ["TOC-DISSOLVES"]);
    assert!(
        finding.message.contains("bo did `dissolve`"),
        "{}",
        finding.message
    );
}

#[test]
fn the_body_itself_acts_and_an_act_by_nobody_passes_with_a_note() {
    let mut spec = Spec::new();
    let toc = spec.kind("TOC", Form::Body, &[""]);
    spec.role("seat", toc);
    let wg = spec.group("WG", &["active", "over!"]);
    let dissolve = spec.event("dissolve", wg, &[]);
    let scope = spec.within(wg, 0);
    spec.permit(
        "dissolves",
        scope,
        dissolve,
        Some(one_of(Set::Body(toc))),
        Some(1),
    );
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .given(wg, "x", 0, Some("2025-01-01"))
        .given(wg, "y", 0, Some("2025-01-01"))
        .given(wg, "z", 0, Some("2025-01-01"))
        .by("2025-01-10", dissolve, "x", &["TOC"], &[])
        .on("2025-01-11", dissolve, "y")
        .on("2025-01-12", dissolve, "z")
        .end("2025-03-01");
    assert!(w.findings().is_empty(), "{:?}", w.findings());
    assert_eq!(w.in_state(wg, "x"), 1);
    assert_eq!(w.in_state(wg, "y"), 1);
    assert_eq!(w.notes(), ["dissolves 2025-01-11"]);
}

#[test]
fn may_only_makes_a_finding_and_lets_the_act_stand() {
    let mut spec = Spec::new();
    let wg = spec.group("WG", &["active"]);
    let lead = spec.role("lead", wg);
    let set = spec.event("agenda-set", wg, &[]);
    let scope = spec.everywhere(wg);
    spec.permit(
        "leads-set",
        scope.clone(),
        set,
        Some(one_of(holders(lead))),
        None,
    );
    let log = spec.log(wg, vec![arm(set)]);
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .given(wg, "x", 0, Some("2025-01-01"))
        .holds(lead, Some("x"), &["ann"], Some("2025-01-01"))
        .by("2025-01-10", set, "x", &["ann"], &[])
        .by("2025-01-11", set, "x", &["bo"], &[])
        .wait("2025-01-12");
    let twice = Cond::Happened {
        log,
        place: Place::This,
        about: About::Any,
        by: None,
        window: Window::Life,
        bounds: between(2, 2),
    };
    assert_eq!(w.asks(&twice, wg, "x"), Some(true));
    assert_eq!(w.findings(), ["WG.agenda-set x bo 2025-01-11"]);
}

#[test]
fn two_must_act_and_the_second_one_moves() {
    let mut spec = Spec::new();
    let wg = spec.group("WG", &["proposed", "chartered"]);
    let approve = spec.event("approve", wg, &[]);
    let scope = spec.within(wg, 0);
    let two = Who {
        quantity: Quantity::AtLeast(2),
        set: Set::Anyone,
    };
    spec.permit("approved", scope, approve, Some(two), Some(1));
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .given(wg, "x", 0, Some("2025-01-01"))
        .by("2025-01-10", approve, "x", &["ann"], &[])
        .by("2025-01-11", approve, "x", &["ann"], &[]);
    assert_eq!(w.in_state(wg, "x"), 0);
    w.by("2025-01-12", approve, "x", &["bo"], &[]);
    assert_eq!(w.in_state(wg, "x"), 1);
    w.end("2025-02-01");
    assert!(w.findings().is_empty(), "{:?}", w.findings());
}

#[test]
fn two_targets_at_once_are_void() {
    let mut spec = Spec::new();
    let wg = spec.group("WG", &["a", "b", "c"]);
    let go = spec.event("go", wg, &[]);
    let scope = spec.within(wg, 0);
    spec.permit("to-b", scope.clone(), go, None, Some(1));
    spec.permit("to-c", scope, go, None, Some(2));
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .given(wg, "x", 0, Some("2025-01-01"))
        .on("2025-01-10", go, "x")
        .end("2025-02-01");
    assert_eq!(w.in_state(wg, "x"), 0);
    assert_eq!(w.findings(), ["WG.go x 2025-01-10"]);
}

#[test]
fn what_is_forbidden_stands_and_is_a_finding() {
    let mut spec = Spec::new();
    let wg = spec.group("WG", &["active"]);
    let refuse = spec.event(
        "refuse",
        wg,
        &[("person", Type::Person), ("fair", Type::Flag)],
    );
    let clause = spec.clause("open-to-all", Modality::Should);
    let unfair = Cond::Not(Box::new(Cond::Filled(Expr::Param(FieldId(1)))));
    spec.model.prohibitions.push(Prohibition {
        clause,
        scope: spec.living(wg),
        arm: Arm {
            event: refuse,
            filter: Some(unfair),
        },
        by: None,
        guard: None,
    });
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01").given(wg, "x", 0, Some("2025-01-01"));
    let (ann, bo) = (Value::Name(w.name("ann")), Value::Name(w.name("bo")));
    w.by(
        "2025-01-10",
        refuse,
        "x",
        &["cy"],
        &[ann, Value::Flag(true)],
    )
    .by("2025-01-11", refuse, "x", &["cy"], &[bo, Value::Empty])
    .end("2025-02-01");
    assert_eq!(w.findings(), ["open-to-all x bo 2025-01-11"]);
}

#[test]
fn a_cap_counts_the_calendar_period() {
    let mut spec = Spec::new();
    let wg = spec.group("WG", &["active"]);
    let switch = spec.event("switch", wg, &[]);
    let log = spec.log(wg, vec![arm(switch)]);
    let clause = spec.must("once-a-year");
    spec.model.caps.push(Cap {
        clause,
        scope: spec.living(wg),
        log,
        events: vec![switch],
        max: number(1),
        period: Period::Unit(Unit::Year),
    });
    let mut w = World::new(&spec.model);
    w.begin("2024-01-01")
        .given(wg, "x", 0, Some("2024-01-01"))
        .on("2024-12-31", switch, "x")
        .on("2025-01-01", switch, "x")
        .on("2025-12-31", switch, "x")
        .end("2026-02-01");
    assert_eq!(w.findings(), ["once-a-year x 2025-12-31"]);
    assert_eq!(w.only().found.as_deref(), Some("2"));
}

#[test]
fn the_order_within_a_change_means_nothing() {
    let mut spec = Spec::new();
    let wg = spec.group("WG", &["active"]);
    let member = spec.role("member", DOC);
    let nominated = spec.event("nominated", wg, &[("person", Type::Person)]);
    let cond = Cond::In(
        Expr::Param(FieldId(0)),
        Set::Holders(member, Place::Within(DOC)),
    );
    let scope = spec.living(wg);
    spec.check("is-member", scope, nominated, cond);
    let added = spec.model.roles[0].added;
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01").given(wg, "x", 0, Some("2025-01-01"));
    let (ann, bo) = (Value::Name(w.name("ann")), Value::Name(w.name("bo")));
    // In one change: nominated first, a member by its end.
    w.by(
        "2025-02-01T10:00Z",
        nominated,
        "x",
        &[],
        std::slice::from_ref(&ann),
    )
    .also("2025-02-01T10:00Z", added, "", &[], &[ann])
    // In two changes of one time.
    .by(
        "2025-03-01T10:00Z",
        nominated,
        "x",
        &[],
        std::slice::from_ref(&bo),
    )
    .by("2025-03-01T10:00Z", added, "", &[], &[bo])
    .end("2025-04-01");
    assert_eq!(w.findings(), ["is-member x bo 2025-03-01T10:00Z"]);
}

#[test]
fn a_step_counts_since_the_last_time() {
    let mut spec = Spec::new();
    let wg = spec.group("WG", &["active"]);
    let vetted = spec.event("vetted", wg, &[("person", Type::Person)]);
    let nominated = spec.event("nominated", wg, &[("person", Type::Person)]);
    let steps = spec.log(wg, vec![arm(vetted)]);
    let last = spec.log(wg, vec![arm(nominated)]);
    let cond = Cond::Happened {
        log: steps,
        place: Place::This,
        about: About::Person(Expr::Param(FieldId(0))),
        by: None,
        window: Window::SinceLast {
            last,
            matches: Vec::new(),
        },
        bounds: at_least(1),
    };
    let scope = spec.living(wg);
    spec.check("vetted-first", scope, nominated, cond);
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .given(wg, "x", 0, Some("2025-01-01"))
        .about("2025-01-10", vetted, "x", "ann")
        .about("2025-01-11", vetted, "x", "bo")
        .about("2025-01-12", nominated, "x", "bo")
        .about("2025-01-13", nominated, "x", "ann") // bo's nomination has not used it up
        .about("2025-01-14", nominated, "x", "ann") // but her own has
        .end("2025-04-01");
    assert_eq!(w.findings(), ["vetted-first x ann 2025-01-14"]);
}

/// A report and a review that share a topic; a review is asked for at each report.
fn reports() -> (Spec, KindId, EventId, EventId) {
    let mut spec = Spec::new();
    let wg = spec.group("WG", &["active"]);
    let topic = [("topic", Type::Text)];
    let review = spec.event("review", wg, &topic);
    let report = spec.event("report", wg, &topic);
    let steps = spec.log(wg, vec![arm(review)]);
    let last = spec.log(wg, vec![arm(report)]);
    let cond = Cond::Happened {
        log: steps,
        place: Place::This,
        about: About::Any,
        by: None,
        window: Window::SinceLast {
            last,
            matches: vec![Match {
                trigger: report,
                act: review,
                fields: vec![(FieldId(0), FieldId(0))],
            }],
        },
        bounds: at_least(1),
    };
    let scope = spec.living(wg);
    spec.check("reviewed", scope, report, cond);
    (spec, wg, review, report)
}

#[test]
fn a_step_is_matched_by_the_fields_it_shares() {
    let (spec, wg, review, report) = reports();
    let mut w = World::new(&spec.model);
    let [a, b] = ["a", "b"].map(|t| [Value::Text(t.into())]);
    w.begin("2025-01-01")
        .given(wg, "x", 0, Some("2025-01-01"))
        .by("2025-01-10", review, "x", &[], &a)
        .by("2025-01-11", report, "x", &[], &b) // of another topic
        .by("2025-01-12", report, "x", &[], &a)
        .by("2025-01-13", report, "x", &[], &a) // used up
        .end("2025-04-01");
    assert_eq!(
        w.findings(),
        ["reviewed x 2025-01-11", "reviewed x 2025-01-13"]
    );
}

#[test]
fn what_is_not_filled_in_both_keeps_no_step_apart() {
    let (spec, wg, review, report) = reports();
    let mut w = World::new(&spec.model);
    let a = [Value::Text("a".into())];
    w.begin("2025-01-01")
        .given(wg, "x", 0, Some("2025-01-01"))
        .by("2025-01-10", review, "x", &[], &a)
        .by("2025-01-11", report, "x", &[], &[]) // of no topic: any review will do
        .by("2025-01-12", report, "x", &[], &a) // which that one used up
        .end("2025-04-01");
    assert_eq!(w.findings(), ["reviewed x 2025-01-12"]);
}

#[test]
fn an_act_by_nobody_who_is_named_is_not_known_to_be_by_a_lead() {
    let mut spec = Spec::new();
    let wg = spec.group("WG", &["active", "opened"]);
    let lead = spec.role("lead", wg);
    let open = spec.event("open", wg, &[]);
    let mut by_lead = arm(open);
    by_lead.also(Cond::DoneBy(one_of(holders(lead))));
    let scope = spec.everywhere(wg);
    let opens = spec.reaction("opens", scope, Trigger::Event(by_lead));
    opens.target = Some(StateId(1));
    // Whom the trace names, the state it leads to, and how many notes there are.
    for (who, state, notes) in [(&[][..], 0, 1), (&["bo"], 0, 0), (&["bo", "ann"], 1, 0)] {
        let mut w = World::new(&spec.model);
        w.begin("2025-01-01")
            .given(wg, "x", 0, Some("2025-01-01"))
            .holds(lead, Some("x"), &["ann"], Some("2025-01-01"))
            .by("2025-02-01", open, "x", who, &[])
            .wait("2025-02-02");
        assert_eq!(w.in_state(wg, "x"), state, "{who:?}");
        assert_eq!(w.notes().len(), notes, "{who:?}: {:?}", w.notes());
    }
}

#[test]
fn effects_follow_first_in_first_out_and_need_no_permission() {
    let mut spec = Spec::new();
    let wg = spec.group("WG", &["active"]);
    let lead = spec.role("lead", wg);
    let person = [("person", Type::Person), ("next", Type::Person)];
    let handover = spec.event("handover", wg, &person);
    let (added, removed) = (spec.model.roles[0].added, spec.model.roles[0].removed);
    let scope = spec.everywhere(wg);
    spec.permit(
        "nobody-adds",
        scope.clone(),
        added,
        Some(one_of(Set::Union(vec![]))),
        None,
    );
    let reaction = spec.reaction("hands-over", scope.clone(), Trigger::Event(arm(handover)));
    reaction.actions = vec![
        Action::Revoke(
            RoleRef::Role(lead),
            Place::This,
            Set::Values(Expr::Param(FieldId(0))),
        ),
        Action::Grant(
            RoleRef::Role(lead),
            Place::This,
            Set::Values(Expr::Param(FieldId(1))),
        ),
    ];
    let never_empty = count(holders(lead), at_least(1));
    spec.check("never-empty", scope, removed, never_empty);
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .given(wg, "x", 0, Some("2025-01-01"))
        .holds(lead, Some("x"), &["ann"], Some("2025-01-01"));
    let (ann, bo) = (Value::Name(w.name("ann")), Value::Name(w.name("bo")));
    w.by("2025-02-01", handover, "x", &["ann"], &[ann, bo.clone()])
        .wait("2025-02-02");
    let led_by_bo = Cond::In(Expr::Const(Const::Name("bo".to_owned())), holders(lead));
    assert_eq!(w.asks(&led_by_bo, wg, "x"), Some(true));
    w.by("2025-03-01", added, "x", &["cy"], &[bo])
        .end("2025-04-01");
    assert_eq!(w.findings(), ["WG.lead.added x bo 2025-03-01"]);
}

#[test]
fn rules_that_set_each_other_off_are_a_loop() {
    let mut spec = Spec::new();
    let wg = spec.group("WG", &["a", "b"]);
    let (a, b) = (spec.within(wg, 0), spec.within(wg, 1));
    let always = Trigger::Becomes(Cond::All(Vec::new()));
    spec.reaction("to-b", a, always.clone()).target = Some(StateId(1));
    spec.reaction("to-a", b, always).target = Some(StateId(0));
    let added = spec.model.kinds[wg.index()].added.unwrap();
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .on("2025-01-02", added, "x")
        .end("2025-02-01");
    assert!(
        w.findings().iter().any(|f| f == "to-b x 2025-01-02"),
        "{:?}",
        w.findings()
    );
    assert!(w.found.iter().any(|f| f.message.starts_with("loop")));
}

#[test]
fn an_event_that_names_a_new_group_begins_its_life_with_a_note() {
    let mut spec = Spec::new();
    let wg = spec.group("WG", &["active"]);
    let meet = spec.event("meet", wg, &[]);
    let added = spec.model.kinds[wg.index()].added.unwrap();
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .on("2025-01-02", added, "x")
        .on("2025-01-03", meet, "x")
        .on("2025-01-04", meet, "y")
        .end("2025-02-01");
    assert_eq!(w.notes(), ["WG.added y 2025-01-04"]);
}

#[test]
fn a_clause_is_silenced_by_another() {
    let mut spec = Spec::new();
    let wg = spec.group("WG", &["active"]);
    let resting = spec.field(wg, "resting", Type::Flag);
    let meet = spec.event("meet", wg, &[]);
    let rest = spec.event("rest", wg, &[("resting", Type::Flag)]);
    spec.model.events[rest.index()].fields[0].stores = Some(resting);
    let scope = spec.living(wg);
    spec.duty(
        "meets",
        scope.clone(),
        meet,
        Arises::Every(days(14)),
        Due::Open,
    );
    let meets = ClauseId(0);
    let clause = spec.must("rests");
    spec.model.clauses[clause.index()].overrides = vec![meets];
    spec.model.prohibitions.push(Prohibition {
        clause,
        scope,
        arm: arm(meet),
        by: None,
        guard: Some(Cond::Filled(Expr::Field(Place::This, resting))),
    });
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .given(wg, "x", 0, Some("2025-01-01"))
        .by("2025-01-10", rest, "x", &[], &[Value::Flag(true)])
        .on("2025-02-20", meet, "x")
        .by("2025-03-01", rest, "x", &[], &[Value::Flag(false)])
        .end("2025-03-20");
    assert_eq!(w.findings(), ["meets x 2025-03-16..", "rests x 2025-02-20"]);
}
