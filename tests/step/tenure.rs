//! Tenure: for how long somebody has held a role, and what of it a record cannot show.

use govc::ids::*;
use govc::ir::*;
use govc::run::value::Value;
use govc::time::Unit;

use crate::build::*;
use crate::world::World;

/// Whom the event is about has held one of these for a year.
fn for_a_year(roles: Vec<RoleId>) -> Cond {
    Cond::Tenure {
        who: Expr::Param(FieldId(0)),
        roles,
        place: Some(Place::Within(DOC)),
        duration: lasting(1, Unit::Year),
    }
}

/// Whoever is nominated in a group must have been a member for a year.
fn members_of_a_year() -> (Spec, KindId, RoleId, EventId) {
    let mut spec = Spec::new();
    let wg = spec.group("WG", &["active"]);
    let member = spec.role("member", DOC);
    let nominated = spec.event("nominated", wg, &[("person", Type::Person)]);
    let scope = spec.living(wg);
    let cond = for_a_year(vec![member]);
    spec.check("member-a-year", scope, nominated, cond);
    (spec, wg, member, nominated)
}

#[test]
fn a_year_is_full_on_its_day() {
    let (spec, wg, member, nominated) = members_of_a_year();
    let mut w = World::new(&spec.model);
    w.begin("2024-06-01")
        .given(wg, "mesh", 0, Some("2024-06-01"))
        .holds(member, None, &["ann", "bo"], Some("2024-06-01"))
        .about("2025-05-31", nominated, "mesh", "ann")
        .about("2025-06-01", nominated, "mesh", "bo")
        .end("2025-06-02");
    assert_eq!(w.findings(), ["member-a-year mesh ann 2025-05-31"]);
}

/// A record: `member_added` grants membership, `nominated_here` nominates.
fn membership_record() -> (Spec, EventId, EventId) {
    let (mut spec, wg, member, nominated) = members_of_a_year();
    let person = [("person", Type::Person)];
    let member_added = spec.source("member_added", DOC, &person, EventSource::Record);
    let said = spec.source("nominated_here", DOC, &person, EventSource::Record);
    let whom = Set::Values(Expr::Param(FieldId(0)));
    let everywhere = spec.everywhere(DOC);
    let grant = spec.reaction("grants", everywhere, Trigger::Event(arm(member_added)));
    grant.recorded = true;
    grant.actions = vec![Action::Grant(
        RoleRef::Role(member),
        Place::Within(DOC),
        whom,
    )];
    let everywhere = spec.everywhere(wg);
    let does = spec.reaction("nominates", everywhere, Trigger::Event(arm(said)));
    does.recorded = true;
    does.actions = vec![Action::Emit {
        event: nominated,
        place: Place::This,
        args: vec![(FieldId(0), Expr::Param(FieldId(0)))],
    }];
    spec.model.record = Some(Record {
        name: "log".to_owned(),
        time: "at".to_owned(),
        event: "event".to_owned(),
        subject: vec!["group".to_owned()],
        actor: None,
        change: None,
        opening: Some("initial".to_owned()),
        start: None,
        stop: None,
        unknown: Vec::new(),
        empty: None,
    });
    (spec, member_added, said)
}

#[test]
fn a_tenure_from_before_the_observation_is_unknown_until_it_is_certain() {
    let (spec, member_added, said) = membership_record();
    let observed = [(member_added, instant("2025-01-10"))].into();
    let options = govc::run::program::Options {
        observed,
        ..Default::default()
    };
    let mut w = World::with(&spec.model, options);
    let ann = Value::Name(w.name("ann"));
    let bo = Value::Name(w.name("bo"));
    w.begin("2025-01-01")
        .about("2025-01-05", said, "mesh", "ann") // before members are observed
        .opening("2025-01-10", member_added, "", std::slice::from_ref(&ann))
        .by(
            "2025-02-01",
            member_added,
            "",
            &[],
            std::slice::from_ref(&bo),
        )
        .about("2025-03-01", said, "mesh", "bo") // for a month only
        .about("2025-03-02", said, "mesh", "cy") // no member at all
        .about("2025-03-03", said, "net", "ann") // perhaps for a year
        .about("2026-01-10", said, "edge", "ann") // for a year at least
        .end("2026-02-01");
    assert_eq!(
        w.findings(),
        [
            "member-a-year mesh bo 2025-03-01",
            "member-a-year mesh cy 2025-03-02"
        ]
    );
    let undecided: Vec<String> = w
        .notes()
        .into_iter()
        .filter(|n| n.starts_with("member-a-year"))
        .collect();
    assert_eq!(
        undecided,
        [
            "member-a-year mesh ann 2025-01-05",
            "member-a-year net ann 2025-03-03"
        ]
    );
}

#[test]
fn what_a_record_cannot_show_is_no_finding_but_one_note_for_each_instance() {
    let (mut spec, ..) = membership_record();
    let chair = spec.role("chair", KindId(1));
    let scope = spec.living(KindId(1));
    spec.rule("chaired", scope, count(holders(chair), at_least(1)), None);
    let said = EventId::new(
        spec.model
            .events
            .iter()
            .position(|e| e.name == "nominated_here")
            .unwrap(),
    );
    let mut w = World::new(&spec.model);
    w.begin("2025-01-01")
        .about("2025-01-05", said, "mesh", "ann")
        .about("2025-01-06", said, "net", "ann")
        .end("2026-02-01");
    assert!(w.findings().iter().all(|f| !f.starts_with("chaired")));
    let mut notes = w.notes();
    notes.retain(|n| n.starts_with("chaired"));
    assert_eq!(notes, ["chaired mesh 2025-01-05", "chaired net 2025-01-06"]);
}

#[test]
fn a_term_ends_unless_it_is_renewed() {
    let mut spec = Spec::new();
    let tsc = spec.kind("TSC", Form::Body, &[""]);
    let chair = spec.role("chair", tsc);
    let mut scope = spec.living(tsc);
    scope.each = Some(chair);
    let over = Cond::Tenure {
        who: Expr::Holder,
        roles: vec![chair],
        place: Some(Place::This),
        duration: lasting(2, Unit::Year),
    };
    spec.rule("two-years", scope, Cond::Not(Box::new(over)), None);
    let (added, removed) = (spec.model.roles[0].added, spec.model.roles[0].removed);
    let mut w = World::new(&spec.model);
    w.begin("2020-01-01")
        .about("2020-01-01", added, "", "ann")
        .about("2020-02-01", added, "", "bo")
        .about("2021-06-01", added, "", "bo")
        .about("2022-03-01", removed, "", "ann")
        .end("2023-06-30");
    assert_eq!(
        w.findings(),
        [
            "two-years TSC ann 2022-01-01..2022-03-01",
            "two-years TSC bo 2023-06-01.."
        ]
    );
}

#[test]
fn whoever_climbs_a_ladder_has_held_the_rung_without_a_break() {
    let mut spec = Spec::new();
    let reviewer = spec.role("reviewer", DOC);
    let committer = spec.role("committer", DOC);
    let nominated = spec.event("nominated", DOC, &[("person", Type::Person)]);
    let cond = for_a_year(vec![reviewer, committer]);
    let scope = spec.living(DOC);
    spec.check("reviewer-a-year", scope, nominated, cond);
    let (up, down) = (spec.model.roles[1].added, spec.model.roles[0].removed);
    let mut w = World::new(&spec.model);
    w.begin("2024-01-01")
        .holds(reviewer, None, &["ann", "bo"], Some("2024-01-01"))
        .about("2024-06-01", up, "", "ann")
        .about("2024-07-01", down, "", "ann")
        .about("2024-07-01", down, "", "bo")
        .about("2024-08-01", up, "", "bo")
        .about("2025-01-01", nominated, "", "ann")
        .about("2025-01-01", nominated, "", "bo")
        .end("2025-02-01");
    assert_eq!(w.findings(), ["reviewer-a-year bo 2025-01-01"]);
}
