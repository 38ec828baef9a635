//! What is owed: periods, deadlines, triggers, conditions, bearers.

use govc::ids::*;
use govc::ir::*;
use govc::run::value::Value;
use govc::time::Unit;

use crate::build::*;
use crate::world::World;

fn group() -> (Spec, KindId, EventId) {
    let mut spec = Spec::new();
    let wg = spec.group("WG", &["active", "over!"]);
    let meet = spec.event("meet", wg, &[]);
    (spec, wg, meet)
}

fn group_that_meets_monthly() -> (Spec, KindId, EventId) {
    let (mut spec, wg, meet) = group();
    let scope = spec.living(wg);
    let per = Arises::Per(at_least(1), Period::Unit(Unit::Month));
    spec.duty("monthly", scope, meet, per, Due::Open);
    (spec, wg, meet)
}

#[test]
fn a_gap_is_overdue_when_its_day_has_ended() {
    let (mut spec, wg, meet) = group();
    let scope = spec.living(wg);
    let every = Arises::Every(lasting(2, Unit::Week));
    spec.duty("meets", scope, meet, every, Due::Open);
    let run = |acts: &[&str]| {
        let mut w = World::new(&spec.model);
        w.begin("2025-01-01").given(wg, "x", 0, Some("2025-01-01"));
        for when in acts {
            w.on(when, meet, "x");
        }
        w.end("2025-02-01");
        w.findings()
    };
    assert_eq!(run(&["2025-01-15", "2025-01-29"]), [""; 0]);
    assert_eq!(run(&["2025-01-16", "2025-01-30"]), ["meets x 2025-01-16"]);
    assert_eq!(run(&["2025-01-20"]), ["meets x 2025-01-16..2025-01-20"]);
    assert_eq!(run(&[]), ["meets x 2025-01-16.."]);
    // An instant keeps its time of day, and what is done at it is in time.
    assert_eq!(run(&["2025-01-10T12:00Z", "2025-01-24T12:00Z"]), [""; 0]);
    assert_eq!(
        run(&["2025-01-10T12:00Z", "2025-01-24T12:01Z"]),
        ["meets x 2025-01-24T12:00Z..2025-01-24T12:01Z"]
    );
}

#[test]
fn days_that_do_not_count_lengthen_a_gap() {
    let (mut spec, wg, meet) = group();
    let holidays = spec.field(wg, "holidays", Type::List(Box::new(Type::Date)));
    let scope = spec.living(wg);
    let every = Arises::Every(lasting(2, Unit::Week));
    spec.duty("meets", scope, meet, every, Due::Open).except =
        Some(Expr::Field(Place::This, holidays));
    let days = Value::Dates(at("2025-10-01"), at("2025-10-08"));
    let mut w = World::new(&spec.model);
    w.begin("2025-09-22")
        .given(wg, "raft", 0, Some("2025-09-22"));
    let id = w.name("raft");
    w.feed(govc::run::Input::Given(govc::run::Given::Instance {
        kind: wg,
        id,
        parent: None,
        state: None,
        fields: vec![(holidays.0, Value::List(vec![days].into()))],
        since: None,
    }));
    w.on("2025-09-22", meet, "raft")
        .on("2025-10-13", meet, "raft")
        .on("2025-11-03", meet, "raft")
        .end("2025-11-04");
    assert_eq!(w.findings(), ["meets raft 2025-10-28..2025-11-03"]);
}

#[test]
fn a_period_that_falls_short_is_a_finding_at_its_end() {
    let (spec, wg, meet) = group_that_meets_monthly();
    let mut w = World::new(&spec.model);
    w.begin("2024-12-15")
        .given(wg, "sdk", 0, Some("2024-12-15")) // December is not whole
        .on("2025-01-14", meet, "sdk")
        .on("2025-03-01", meet, "sdk") // of March, though the boundary is the same instant
        .end("2025-04-01");
    assert_eq!(w.findings(), ["monthly sdk 2025-03-01"]);
    let finding = w.only();
    assert_eq!(finding.found.as_deref(), Some("0"));
    assert_eq!(finding.required.as_deref(), Some("at least 1"));
}

#[test]
fn an_answer_meets_the_oldest_request_that_it_agrees_with() {
    let mut spec = Spec::new();
    let wg = spec.group("WG", &["active"]);
    let topic = [("topic", Type::Text)];
    let request = spec.event("request", wg, &topic);
    let reply = spec.event("reply", wg, &topic);
    let scope = spec.living(wg);
    let duty = spec.duty(
        "answered",
        scope,
        reply,
        Arises::After(vec![arm(request)]),
        Due::Within(days(14)),
    );
    duty.matches = vec![Match {
        trigger: request,
        act: reply,
        fields: vec![(FieldId(0), FieldId(0))],
    }];
    let text = |t: &str| vec![Value::Text(t.into())];
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .given(wg, "x", 0, Some("2025-01-01"))
        .by("2025-01-01", request, "x", &[], &text("red"))
        .by("2025-01-02", request, "x", &[], &text("blue"))
        .by("2025-01-03", request, "x", &[], &text("red"))
        .by("2025-01-10", reply, "x", &[], &text("blue"))
        .by("2025-01-16", reply, "x", &[], &text("red")) // the first, a day late
        .by("2025-01-17", reply, "x", &[], &text("red"))
        .end("2025-02-01");
    assert_eq!(w.findings(), ["answered x 2025-01-16"]);
    assert_eq!(w.only().events.as_slice(), [1, 5]);
}

#[test]
fn a_duty_stands_while_its_condition_does() {
    let mut spec = Spec::new();
    let wg = spec.group("WG", &["active", "over!"]);
    let lead = spec.role("lead", wg);
    let disband = spec.event("disband", wg, &[]);
    let active = spec.within(wg, 0);
    let vacant = count(holders(lead), between(0, 0));
    let clock = spec.clock(wg, vec![StateId(0)], vacant);
    let for_six_weeks = Cond::Held(clock, Place::This, lasting(6, Unit::Week));
    spec.permit("disbands", active.clone(), disband, None, Some(1))
        .guard = Some(for_six_weeks.clone());
    spec.duty(
        "must-disband",
        active,
        disband,
        Arises::While(for_six_weeks),
        Due::EndOfDay,
    )
    .moves = true;
    let (added, removed) = (spec.model.roles[0].added, spec.model.roles[0].removed);
    let mut w = World::new(&spec.model);
    w.begin("2024-10-01");
    for group in ["early", "day", "late", "filled", "kept"] {
        w.given(wg, group, 0, Some("2024-10-01")).holds(
            lead,
            Some(group),
            &["ann"],
            Some("2024-10-01"),
        );
    }
    for group in ["early", "day", "late", "filled", "kept"] {
        w.about("2025-01-06", removed, group, "ann");
    }
    w.on("2025-01-27", disband, "early")
        .about("2025-02-01", added, "kept", "bo")
        .on("2025-02-17", disband, "day")
        .on("2025-02-20", disband, "late")
        .about("2025-02-25", added, "filled", "bo")
        .end("2025-03-01");
    assert_eq!(
        w.findings(),
        [
            "WG.disband early 2025-01-27",
            "must-disband early 2025-02-18..",
            "must-disband filled 2025-02-18..2025-02-25",
            "must-disband late 2025-02-18..2025-02-20",
        ]
    );
    assert_eq!(w.in_state(wg, "early"), 0);
    assert_eq!(w.in_state(wg, "day"), 1);
    assert_eq!(w.in_state(wg, "late"), 1);
}

#[test]
fn a_plain_duty_is_unmet_when_its_state_is_left_or_the_record_ends() {
    let mut spec = Spec::new();
    let wg = spec.group("WG", &["proposed", "active"]);
    let submit = spec.event("submit", wg, &[]);
    let start = spec.event("start", wg, &[]);
    let proposed = spec.within(wg, 0);
    spec.duty(
        "submits",
        proposed.clone(),
        submit,
        Arises::Entry,
        Due::Open,
    );
    spec.permit("starts", proposed, start, None, Some(1));
    let added = spec.model.kinds[wg.index()].added.unwrap();
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .on("2025-01-01", added, "left")
        .on("2025-01-01", added, "open")
        .on("2025-01-01", added, "done")
        .on("2025-01-01", added, "once")
        .on("2025-01-05", submit, "done")
        .on("2025-01-06", start, "done")
        .on("2025-01-06", start, "left")
        .by("2025-01-07", added, "flash", &[], &[])
        .also("2025-01-07", start, "flash", &[], &[])
        .on("2025-01-07", submit, "once")
        .end("2025-02-01");
    // A state entered and left in one instant creates no duties.
    assert_eq!(
        w.findings(),
        ["submits left 2025-01-06", "submits open 2025-01-01.."]
    );
}

#[test]
fn each_holder_owes_for_himself_and_an_empty_post_is_said() {
    let mut spec = Spec::new();
    let wg = spec.group("WG", &["active"]);
    let liaison = spec.role("liaison", wg);
    let chair = spec.role("chair", wg);
    let asked = spec.event("asked", wg, &[]);
    let answered = spec.event("answered", wg, &[]);
    let noted = spec.event("noted", wg, &[]);
    let scope = spec.living(wg);
    spec.duty(
        "each-answers",
        scope.clone(),
        answered,
        Arises::After(vec![arm(asked)]),
        Due::Within(days(10)),
    )
    .by = Some(Who {
        quantity: Quantity::Each,
        set: holders(liaison),
    });
    spec.duty(
        "chair-notes",
        scope,
        noted,
        Arises::After(vec![arm(asked)]),
        Due::Within(days(10)),
    )
    .by = Some(one_of(holders(chair)));
    let removed = spec.model.roles[0].removed;
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .given(wg, "x", 0, Some("2025-01-01"))
        .holds(liaison, Some("x"), &["ann", "bo", "cy"], Some("2025-01-01"))
        .on("2025-01-02", asked, "x")
        .by("2025-01-05", answered, "x", &["ann"], &[])
        .by("2025-01-05", noted, "x", &["ann"], &[]) // she is not the chair
        .about("2025-01-06", removed, "x", "cy")
        .end("2025-02-01");
    assert_eq!(
        w.findings(),
        [
            "chair-notes x 2025-01-13..",
            "each-answers x bo 2025-01-13.."
        ]
    );
    let notes = w
        .found
        .iter()
        .find(|f| &*f.clause == "chair-notes")
        .unwrap();
    assert!(
        notes.message.contains("nobody holds `chair`"),
        "{}",
        notes.message
    );
}

#[test]
fn a_date_that_is_not_set_is_not_due() {
    let (mut spec, wg, meet) = group();
    let summit = spec.field(wg, "summit", Type::Date);
    let planned = spec.event("planned", wg, &[("summit", Type::Date)]);
    spec.model.events[planned.index()].fields[0].stores = Some(summit);
    let scope = spec.living(wg);
    let week = govc::time::Duration {
        count: 1,
        unit: Unit::Week,
    };
    let due = Due::ByDate(Expr::Field(Place::This, summit), Some(week));
    spec.duty("meets-before", scope, meet, Arises::Entry, due);
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .given(wg, "x", 0, Some("2025-01-01"))
        .given(wg, "y", 0, Some("2025-01-01"))
        .by(
            "2025-01-05",
            planned,
            "x",
            &[],
            &[Value::Date(at("2025-02-20"))],
        )
        .end("2025-03-01");
    assert_eq!(w.findings(), ["meets-before x 2025-02-14.."]);
}

#[test]
fn what_is_due_before_an_event_may_come_in_the_same_instant() {
    let (mut spec, wg, meet) = group();
    let agenda = spec.event("agenda", wg, &[]);
    let scope = spec.living(wg);
    spec.duty(
        "agenda-first",
        scope,
        agenda,
        Arises::Entry,
        Due::Before(vec![arm(meet)]),
    );
    let added = spec.model.kinds[wg.index()].added.unwrap();
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .on("2025-01-01", added, "late")
        .on("2025-01-01", added, "same")
        .on("2025-01-01", added, "never")
        .on("2025-01-10", meet, "late")
        .on("2025-01-12", agenda, "late")
        .on("2025-01-13", meet, "same")
        .on("2025-01-13", agenda, "same")
        .end("2025-03-01");
    assert_eq!(w.findings(), ["agenda-first late 2025-01-10..2025-01-12"]);
}

#[test]
fn a_missed_duty_may_have_consequences() {
    let (mut spec, wg, meet) = group_that_meets_monthly();
    let scope = spec.living(wg);
    let missed = spec.source("monthly.missed", wg, &[], EventSource::Missed(ClauseId(0)));
    spec.reaction("ends", scope, Trigger::Event(arm(missed)))
        .target = Some(StateId(1));
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .given(wg, "x", 0, Some("2025-01-01"))
        .on("2025-01-20", meet, "x")
        .wait("2025-02-28");
    assert_eq!(w.in_state(wg, "x"), 0);
    w.wait("2025-03-01");
    assert_eq!(w.in_state(wg, "x"), 1);
    w.end("2025-09-01");
    assert_eq!(w.findings(), ["monthly x 2025-03-01"]);
}

#[test]
fn what_was_owed_before_the_observation_may_have_been_done() {
    let (mut spec, wg, meet) = group();
    let scope = spec.living(wg);
    spec.duty("met-once", scope.clone(), meet, Arises::Entry, Due::Open);
    spec.duty("meets", scope, meet, Arises::Every(days(10)), Due::Open);
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .given(wg, "x", 0, None)
        .end("2025-02-01");
    assert_eq!(w.findings(), ["meets x 2025-01-12.. or earlier"]);
    assert_eq!(w.notes(), ["met-once x 2025-02-01"]);
}
