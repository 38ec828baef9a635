//! Whatever happens: no panic, the same findings for the same inputs, and none that depend on when
//! somebody looks.

use govc::ids::*;
use govc::ir::*;
use govc::run::finding::Finding;
use govc::run::program::Options;
use govc::run::value::{Sym, Syms, Value};
use govc::run::{Given, Input, Occurrence, Program, State, advance, step};
use govc::time::{Instant, Stamp, Unit};
use proptest::prelude::*;

use crate::build::*;

/// A model with something of everything.
fn all_sorts() -> Model {
    let mut spec = Spec::new();
    let toc = spec.kind("TOC", Form::Body, &[""]);
    let seat = spec.role("seat", toc);
    let wg = spec.group("WG", &["proposed", "active", "over!"]);
    let lead = spec.role("lead", wg);
    let member = spec.role("member", DOC);
    let org = spec.attribute("org");
    let topic = [("topic", Type::Text), ("person", Type::Person)];
    let request = spec.event("request", wg, &topic);
    let reply = spec.event("reply", wg, &topic);
    let meet = spec.event("meet", wg, &[]);
    let start = spec.event("start", wg, &[]);
    let disband = spec.event("disband", wg, &[]);
    let living = spec.living(wg);
    let active = spec.within(wg, 1);
    let proposed = spec.within(wg, 0);
    let log = spec.log(wg, vec![arm(meet)]);
    let requests = spec.log(wg, vec![arm(request)]);
    spec.rule(
        "two-leads",
        active.clone(),
        count(holders(lead), between(2, 3)),
        Some(lasting(6, Unit::Week)),
    );
    let orgs = Cond::Count {
        set: Set::Attribute(Box::new(holders(lead)), org),
        distinct: true,
        bounds: at_least(2),
    };
    spec.rule("two-orgs", living.clone(), orgs, None);
    let few = count(Set::Instances(wg, None), between(0, 2));
    let doc = spec.living(DOC);
    spec.rule("few-groups", doc, few, None);
    let vacant = count(holders(lead), between(0, 0));
    let clock = spec.clock(wg, vec![StateId(1)], vacant);
    let for_six_weeks = Cond::Held(clock, Place::This, lasting(6, Unit::Week));
    let silent = Cond::Silent {
        log,
        place: Place::This,
        entry: true,
        about: About::Any,
        duration: lasting(3, Unit::Month),
    };
    let by_toc = Some(one_of(Set::Body(toc)));
    spec.permit("starts", proposed.clone(), start, by_toc, Some(1));
    spec.permit("disbands", active.clone(), disband, None, Some(2))
        .guard = Some(for_six_weeks.clone());
    spec.duty(
        "must-disband",
        active.clone(),
        disband,
        Arises::While(for_six_weeks),
        Due::EndOfDay,
    )
    .moves = true;
    spec.duty(
        "meets",
        active.clone(),
        meet,
        Arises::Every(days(14)),
        Due::Open,
    )
    .by = Some(one_of(holders(lead)));
    let per = Arises::Per(at_least(1), Period::Unit(Unit::Month));
    spec.duty("monthly", active.clone(), meet, per, Due::Open);
    let monthly = spec.model.duties.last().unwrap().clause;
    let missed = spec.source("monthly.missed", wg, &[], EventSource::Missed(monthly));
    spec.duty(
        "answers",
        living.clone(),
        reply,
        Arises::After(vec![arm(request)]),
        Due::Within(days(10)),
    )
    .matches = vec![Match {
        trigger: request,
        act: reply,
        fields: vec![(FieldId(0), FieldId(0))],
    }];
    spec.duty(
        "founded",
        proposed.clone(),
        start,
        Arises::Entry,
        Due::Within(lasting(30, Unit::Hour)),
    );
    let tenure = Cond::Tenure {
        who: Expr::Param(FieldId(1)),
        roles: vec![member],
        place: None,
        duration: lasting(2, Unit::Month),
    };
    spec.check("members-ask", living.clone(), request, tenure);
    let asked = Cond::Happened {
        log: requests,
        place: Place::This,
        about: About::Any,
        by: None,
        window: Window::Last(Box::new(days(20))),
        bounds: at_least(1),
    };
    spec.rule("asked", active.clone(), asked, Some(days(5)));
    spec.reaction("falls-asleep", active.clone(), Trigger::Becomes(silent))
        .target = Some(StateId(2));
    let reaction = spec.reaction("drops", active.clone(), Trigger::Event(arm(missed)));
    reaction.actions = vec![Action::Revoke(
        RoleRef::Role(lead),
        Place::This,
        holders(lead),
    )];
    let outcomes = [("passed", Some(1)), ("failed", Some(2))];
    let electorate = Set::Holders(seat, Place::Within(toc));
    let passes = yes_at_least(1, 2, Denominator::Cast);
    let vote = spec.decision(wg, electorate, Some(passes), &outcomes);
    let decision = spec.decision_mut(vote.id);
    decision.early = true;
    decision.after = Some(days(7));
    spec.model
}

/// One record: hours since the last, which event, which group, who did it, about whom, a flag.
type Row = (u32, u8, u8, u8, u8, bool);

fn inputs(model: &Model, rows: &[Row], state: &mut State) -> Vec<Input> {
    let begin = instant("2025-01-01");
    let mut list = vec![Input::Begin(begin)];
    let who: Vec<Sym> = (0..4)
        .map(|n| state.names.intern(&format!("p{n}")))
        .collect();
    let groups: Vec<Sym> = (0..3)
        .map(|n| state.names.intern(&format!("g{n}")))
        .collect();
    list.push(Input::Given(Given::Holding {
        role: 0,
        subject: None,
        holder: who[0],
        since: None,
    }));
    let mut now = begin.0;
    for (index, (hours, event, group, by, about, day)) in rows.iter().enumerate() {
        now += i64::from(*hours) * 3_600_000_000;
        let event = EventId::new(usize::from(*event) % model.events.len());
        let declared = &model.events[event.index()];
        let midnight = now - now.rem_euclid(86_400_000_000);
        let stamp = match *day && midnight == now {
            true => Stamp {
                at: Instant(now),
                day: true,
            },
            false => Stamp::instant(Instant(now)),
        };
        let value = |field: &Field| match field.ty {
            Type::Person => Value::Name(who[usize::from(*about) % 4]),
            _ if *about % 3 == 0 => Value::Empty,
            _ => Value::Text(format!("t{}", about % 2).into()),
        };
        list.push(Input::Occur(Occurrence {
            at: stamp,
            event,
            subject: Some(groups[usize::from(*group) % 3]),
            actors: match by % 5 {
                4 => Syms::new(),
                n => Syms::from_slice(&[who[usize::from(n)]]),
            },
            fields: declared.fields.iter().map(value).collect(),
            position: u32::try_from(index).unwrap() + 1,
            change: u64::from(group / 2),
            opening: *by == 250,
        }));
    }
    list.push(Input::End(Instant(now + 86_400_000_000 * 40)));
    list
}

fn time_of(input: &Input) -> Option<Instant> {
    match input {
        Input::Begin(at) | Input::End(at) => Some(*at),
        Input::Occur(occurrence) => Some(occurrence.at.at),
        Input::Given(_) => None,
    }
}

/// Runs the rows; where `looks` is given, time passes in so many steps between the inputs.
fn run(model: &Model, rows: &[Row], looks: Option<i64>) -> Vec<Finding> {
    run_with(model, rows, looks, Default::default())
}

fn run_with(model: &Model, rows: &[Row], looks: Option<i64>, options: Options) -> Vec<Finding> {
    let program = Program::new(model, options);
    let mut state = State::new(&program);
    let mut out = Vec::new();
    let inputs = inputs(model, rows, &mut state);
    let mut last: Option<Instant> = None;
    for (index, input) in inputs.into_iter().enumerate() {
        let next = time_of(&input);
        if let (Some(looks), Some(from), Some(to), true) = (looks, last, next, index > 2) {
            let gap = to.0 - from.0;
            for n in 1..looks {
                // Never at the instant of an input: that one settles when it is over.
                let at = from.0 + gap / looks * n;
                if at > from.0 && at < to.0 {
                    advance(&program, &mut state, Instant(at), &mut out);
                }
            }
        }
        last = next.or(last);
        step(&program, &mut state, input, &mut out);
    }
    out.sort_by_key(show_all);
    out
}

fn show_all(finding: &Finding) -> String {
    format!("{finding:?}")
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let hours = prop_oneof![
        Just(0u32),
        1u32..48,
        Just(24u32),
        (1u32..60).prop_map(|d| d * 24)
    ];
    let row = (
        hours,
        any::<u8>(),
        any::<u8>(),
        any::<u8>(),
        any::<u8>(),
        any::<bool>(),
    );
    prop::collection::vec(row, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_same_inputs_give_the_same_findings(rows in rows()) {
        let model = all_sorts();
        prop_assert_eq!(run(&model, &rows, None), run(&model, &rows, None));
    }

    #[test]
    fn what_is_cut_short_comes_to_the_same(rows in rows()) {
        let model = all_sorts();
        let plain = Options { one_by_one: true, ..Options::default() };
        prop_assert_eq!(run(&model, &rows, None), run_with(&model, &rows, None, plain));
    }

    #[test]
    fn looking_changes_nothing(rows in rows(), looks in 2i64..9) {
        let model = all_sorts();
        prop_assert_eq!(run(&model, &rows, None), run(&model, &rows, Some(looks)));
    }

    /// A finding ends no earlier than it begins, and what lasts was begun before the end.
    #[test]
    fn findings_are_in_order(rows in rows()) {
        let model = all_sorts();
        for finding in run(&model, &rows, None) {
            prop_assert!(finding.to.is_none_or(|to| finding.from <= to), "{:?}", finding);
        }
    }
}
