//! The IR as JSON: a round trip changes nothing, and nothing from outside is trusted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test"
)]

mod support;

use std::sync::LazyLock;

use govc::diag::Code;
use govc::ids::*;
use govc::ir::wire::{self, WireError, from_json, schema, to_json, validate};
use govc::ir::*;
use govc::time::{Duration, Instant, Stamp, Unit};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{model, record_model};

/// Writes the schema anew if it is told to: `GOVC_WRITE_SCHEMA=1 cargo test --test wire`.
#[test]
fn the_published_schema_is_the_one_of_the_types() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/ir/schema.json");
    let now = format!("{:#}\n", schema());
    if std::env::var_os("GOVC_WRITE_SCHEMA").is_some() {
        std::fs::write(path, &now).unwrap();
    }
    let published = std::fs::read_to_string(path).unwrap();
    assert!(
        published == now,
        "src/ir/schema.json is not that of the types; GOVC_WRITE_SCHEMA=1 writes it anew, \
         and a changed schema wants a line in the changelog"
    );
}

#[test]
fn the_schema_describes_what_is_written() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for model in [model(), record_model(), support::compile(support::CHARTER)] {
        let value: Value = serde_json::from_str(&to_json(&model)).unwrap();
        if let Err(error) = validator.validate(&value) {
            panic!("{error} at {}", error.instance_path);
        }
    }
    for wrong in [
        json!({}),
        json!({"format": "govc-ir", "version": 2, "model": {}}),
        json!({"format": "govc-ir", "version": 1, "model": {}}),
    ] {
        assert!(!validator.is_valid(&wrong));
    }
    let mut more: Value = serde_json::from_str(&to_json(&model())).unwrap();
    more["model"]["more"] = json!(1);
    assert!(!validator.is_valid(&more));
}

#[test]
fn a_round_trip_changes_nothing() {
    for model in [model(), record_model()] {
        let text = to_json(&model);
        assert!(text.ends_with("}\n"));
        let back = from_json(&text).unwrap();
        assert_eq!(back, model);
        assert_eq!(to_json(&back), text);
    }
}

fn refused(text: &str) -> String {
    let Err(errors) = from_json(text) else {
        panic!("this is taken: {}", &text[..text.len().min(400)])
    };
    errors.iter().map(|error| error.to_text("x.json")).collect()
}

/// What is said where one place of the small charter is changed.
fn changed(pointer: &str, value: Value) -> String {
    let mut document: Value = serde_json::from_str(&to_json(&record_model())).unwrap();
    let place = document.pointer_mut(pointer).expect(pointer);
    let shown = format!("{pointer} = {value}");
    *place = value;
    match from_json(&document.to_string()) {
        Err(errors) => errors.iter().map(|error| error.to_text("x.json")).collect(),
        Ok(_) => panic!("this is taken: {shown}"),
    }
}

#[test]
fn what_is_no_ir_is_refused_with_its_place() {
    let cases = [
        "",
        "[]",
        "{",
        "{} {}",
        r#"{"title": "x"}"#,
        r#"{"format": "govc-report", "version": 1}"#,
        r#"{"format": "govc-ir"}"#,
        r#"{"format": "govc-ir", "version": 2, "model": {}}"#,
        "{\n  \"format\": \"govc-ir\",\n  \"version\": 1,\n  \"model\": {\"name\": 7}\n}",
        r#"{"format": "govc-ir", "version": 1, "model": {"nam": "x"}}"#,
    ];
    let said: String = cases
        .iter()
        .map(|case| format!("-- {case}\n{}", refused(case)))
        .collect();
    insta::assert_snapshot!("no-ir", said);
}

#[test]
fn numbers_that_point_nowhere_are_refused() {
    let nested = |n: usize| (0..n).fold(json!({"all": []}), |cond, _| json!({"not": cond}));
    let loop_of_clocks = json!([{
        "kind": 1,
        "states": [],
        "cond": {"held": [0, "this", {"const": {"number": 1}}]}
    }]);
    let cases = [
        ("/model/timezone", json!("Mars/Olympus")),
        ("/model/clauses/1/name", json!("SIG.two-or-three")),
        ("/model/clauses/0/origin/file", json!(9)),
        ("/model/clauses/0/overrides", json!([7])),
        ("/model/clauses/0/overrides", json!([1, 0])),
        ("/model/kinds/0/form", json!("group")),
        ("/model/kinds/1/form", json!("document")),
        ("/model/kinds/1/parent", json!(1)),
        ("/model/kinds/1/parent", json!(44)),
        ("/model/kinds/1/initial", json!(3)),
        ("/model/kinds/1/states", json!([])),
        ("/model/kinds/1/added", json!(99)),
        ("/model/kinds/1/fields/0/ty", json!({"instance": [9]})),
        (
            "/model/kinds/1/fields/0/default",
            json!({"list": [{"role": 5}]}),
        ),
        ("/model/roles/0/kind", json!(9)),
        ("/model/roles/0/added", json!(0)),
        ("/model/roles/0/holders", json!([9])),
        ("/model/events/0/kind", json!(9)),
        ("/model/events/0/about", json!(1)),
        ("/model/events/0/source", json!({"outcome": [0, 0]})),
        ("/model/events/0/source", json!({"missed": 2})),
        ("/model/events/0/fields/0/stores", json!(2)),
        ("/model/ladders", json!([{"name": "l", "rungs": [0, 2]}])),
        (
            "/model/logs",
            json!([{"kind": 1, "arms": [{"event": 99, "filter": null}], "keep": {"instants": true, "people": true, "fields": true, "every": true}}]),
        ),
        ("/model/clocks", loop_of_clocks),
        ("/model/invariants/0/clause", json!(9)),
        ("/model/invariants/0/scope/states", json!([3])),
        ("/model/invariants/0/scope/each", json!(2)),
        ("/model/invariants/0/cond", json!({"filled": {"param": 0}})),
        (
            "/model/invariants/0/cond",
            json!({"filled": {"field": ["this", 2]}}),
        ),
        (
            "/model/invariants/0/cond",
            json!({"filled": {"field": [{"within": 7}, 0]}}),
        ),
        ("/model/invariants/0/cond", json!({"state": ["this", [3]]})),
        (
            "/model/invariants/0/cond",
            json!({"held": [0, "this", "today"]}),
        ),
        (
            "/model/invariants/0/cond",
            json!({"count": {"set": {"holders": [2, "this"]}, "distinct": false, "bounds": {"min": "today", "max": null, "strict": false}}}),
        ),
        ("/model/invariants/0/cond", nested(66)),
        ("/model/duties/0/arms/0/event", json!(99)),
        (
            "/model/duties/0/matches",
            json!([{"trigger": 0, "act": 1, "fields": [[0, 0]]}]),
        ),
        ("/model/reactions/0/target", json!(3)),
        (
            "/model/reactions/0/actions/0",
            json!({"set-field": ["this", 2, "today"]}),
        ),
        (
            "/model/reactions/0/actions/0",
            json!({"emit": {"event": 1, "place": "this", "args": [[0, "today"]]}}),
        ),
        ("/model/analysis", json!([])),
    ];
    let said: String = cases
        .into_iter()
        .map(|(pointer, value)| {
            let mut shown = value.to_string();
            shown.truncate(120);
            format!("-- {pointer} = {shown}\n{}", changed(pointer, value))
        })
        .collect();
    insta::assert_snapshot!("nowhere", said);
}

#[test]
fn nesting_without_measure_harms_nobody() {
    let text = to_json(&model());
    let nested = format!("{}{}", "{\"not\": ".repeat(500_000), "}".repeat(500_000));
    let text = text.replace("\"grace\": null", &format!("\"grace\": {nested}"));
    insta::assert_snapshot!(refused(&text), @"
error[GOV0907]: this IR nests deeper than 400 levels
  ┌─ x.json
");
}

#[test]
fn errors_are_counted_out() {
    let mut model = model();
    for kind in &mut model.kinds {
        kind.origin.file = 7;
    }
    for event in &mut model.events {
        event.kind = KindId(50);
        event.origin.file = 7;
    }
    assert_eq!(validate(&model).len(), 20);
}

#[test]
fn every_page_of_the_ir_shows_its_mistake() {
    for code in [Code::IrSyntax, Code::IrVersion, Code::IrInvalid] {
        let wrong = support::fences(code.page(), "Wrong");
        let [(_, text)] = wrong.as_slice() else {
            panic!("{}", code.number())
        };
        let errors: Vec<WireError> = from_json(text).unwrap_err();
        assert!(errors.iter().all(|e| e.code == code), "{errors:?}");
    }
}

// -- laws: models at random

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,6}",
        Just("\"\\\n\u{0}\u{1f600}\u{202e}".to_owned()),
        any::<String>(),
    ]
}

fn stamp() -> impl Strategy<Value = Stamp> {
    (
        -4_000_000_000i64..40_000_000_000,
        0i64..1_000_000,
        any::<bool>(),
    )
        .prop_map(|(s, micros, day)| {
            let at = Instant::from_second(s).unwrap();
            Stamp {
                at: Instant(at.0 + micros),
                day,
            }
        })
}

fn unit() -> impl Strategy<Value = Unit> {
    proptest::sample::select(Unit::ALL.to_vec())
}

fn duration() -> impl Strategy<Value = Duration> {
    (any::<u32>(), unit()).prop_map(|(count, unit)| Duration { count, unit })
}

fn constant() -> impl Strategy<Value = Const> {
    let leaf = prop_oneof![
        text().prop_map(Const::Text),
        text().prop_map(Const::Name),
        any::<i64>().prop_map(Const::Number),
        any::<bool>().prop_map(Const::Flag),
        stamp().prop_map(Const::Date),
        (stamp(), stamp()).prop_map(|(a, b)| Const::Dates(a, b)),
        duration().prop_map(Const::Duration),
        (0u32..2).prop_map(|r| Const::Role(RoleId(r))),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        proptest::collection::vec(inner, 0..4).prop_map(Const::List)
    })
}

fn ty() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![
        Just(Type::Text),
        Just(Type::Link),
        Just(Type::Number),
        Just(Type::Flag),
        Just(Type::Date),
        Just(Type::Duration),
        Just(Type::Person),
        proptest::collection::vec((0u32..4).prop_map(KindId), 0..3).prop_map(Type::Instance),
        proptest::collection::vec((0u32..2).prop_map(RoleId), 0..3).prop_map(Type::Role),
        proptest::collection::vec(text(), 0..3).prop_map(Type::Choice),
    ];
    leaf.prop_recursive(3, 6, 1, |inner| inner.prop_map(|t| Type::List(Box::new(t))))
}

/// How far numbers may point: what is there, and a little beyond.
#[derive(Debug, Clone, Copy)]
struct Reach {
    kinds: u32,
    roles: u32,
    logs: u32,
    clocks: u32,
    fields: u32,
    /// Whether an event is being judged.
    judged: bool,
}

const VALID: Reach = Reach {
    kinds: 4,
    roles: 2,
    logs: 2,
    clocks: 1,
    fields: 1,
    judged: false,
};

const BEYOND: Reach = Reach {
    kinds: 7,
    roles: 4,
    logs: 4,
    clocks: 3,
    fields: 4,
    judged: true,
};

fn cell(r: Reach) -> impl Strategy<Value = Cell> {
    prop_oneof![
        Just(Cell::Start),
        Just(Cell::End),
        (0..r.fields).prop_map(Cell::Span),
        (0..r.fields).prop_map(Cell::First),
        (0..r.fields).prop_map(Cell::Last),
    ]
}

fn expr(r: Reach) -> BoxedStrategy<Expr> {
    let leaf = prop_oneof![
        constant().prop_map(Expr::Const),
        Just(Expr::Actor),
        Just(Expr::When),
        Just(Expr::Subject),
        Just(Expr::Element),
        Just(Expr::Holder),
        Just(Expr::Today),
        (0..r.clocks, cell(r)).prop_map(|(c, cell)| Expr::Cell(CalendarId(c), cell)),
        (0..r.fields).prop_map(move |f| if r.judged {
            Expr::Param(FieldId(f))
        } else {
            Expr::Today
        }),
        (0..r.fields).prop_map(|f| Expr::Field(Place::Within(KindId(1)), FieldId(f))),
        (0..r.fields).prop_map(|f| Expr::Field(Place::This, FieldId(f))),
        (0..r.logs).prop_map(|l| Expr::LastActor(LogId(l), Place::This)),
        (0..r.logs).prop_map(|l| Expr::LastWhen(LogId(l), Place::This)),
        (0..r.logs, 0..r.fields).prop_map(|(l, f)| Expr::LastParam(
            LogId(l),
            Place::This,
            FieldId(f)
        )),
        Just(Expr::This(Place::This)),
        (0..r.kinds).prop_map(|k| Expr::NameOf(Place::Within(KindId(k)))),
    ];
    leaf.prop_recursive(3, 16, 3, move |inner| {
        prop_oneof![
            (inner.clone(), 0..r.fields)
                .prop_map(|(e, f)| Expr::Attribute(Box::new(e), FieldId(f))),
            (0..r.clocks, cell(r), inner.clone()).prop_map(|(c, cell, e)| Expr::CellAt(
                CalendarId(c),
                cell,
                Box::new(e)
            )),
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Expr::Template),
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Expr::List),
            (inner, 0..r.fields).prop_map(|(e, f)| Expr::Field(Place::Of(Box::new(e)), FieldId(f))),
        ]
    })
    .boxed()
}

fn place(r: Reach) -> impl Strategy<Value = Place> {
    prop_oneof![
        Just(Place::This),
        (0..r.kinds).prop_map(|k| Place::Within(KindId(k))),
        expr(r).prop_map(|e| Place::Of(Box::new(e))),
    ]
}

fn set(r: Reach) -> BoxedStrategy<Set> {
    let leaf = prop_oneof![
        (0..r.roles, place(r)).prop_map(|(role, p)| Set::Holders(RoleId(role), p)),
        (0..r.roles).prop_map(|role| Set::HoldersAnywhere(RoleId(role))),
        (0..r.kinds).prop_map(|k| Set::Body(KindId(k))),
        expr(r).prop_map(Set::Values),
        (0..r.kinds, proptest::option::of(place(r)))
            .prop_map(|(k, p)| Set::Instances(KindId(k), p)),
        Just(Set::Anyone),
    ];
    leaf.prop_recursive(3, 12, 3, move |inner| {
        let inner_cond = (expr(r), op(), expr(r)).prop_map(|(a, o, b)| Cond::Compare(a, o, b));
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Set::Union),
            (inner.clone(), inner_cond).prop_map(|(s, c)| Set::Where(Box::new(s), Box::new(c))),
            (inner.clone(), 0..r.fields).prop_map(|(s, f)| Set::Attribute(Box::new(s), FieldId(f))),
            (inner.clone(), 0..r.roles)
                .prop_map(|(s, role)| Set::HoldersOf(Box::new(s), RoleId(role))),
            (inner, 0..r.fields).prop_map(|(s, f)| Set::FieldOf(Box::new(s), FieldId(f))),
        ]
    })
    .boxed()
}

fn op() -> impl Strategy<Value = Op> {
    proptest::sample::select(vec![Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge])
}

fn bounds(r: Reach) -> impl Strategy<Value = Bounds> {
    (expr(r), proptest::option::of(expr(r)), any::<bool>()).prop_map(|(min, max, strict)| Bounds {
        min,
        max,
        strict,
    })
}

fn about(r: Reach) -> impl Strategy<Value = About> {
    prop_oneof![
        Just(About::Any),
        expr(r).prop_map(About::Person),
        set(r).prop_map(About::DoneBy),
    ]
}

fn window(r: Reach) -> impl Strategy<Value = Window> {
    prop_oneof![
        Just(Window::Life),
        Just(Window::Entry),
        (0..r.logs).prop_map(|l| Window::SinceLast {
            last: LogId(l),
            matches: Vec::new(),
        }),
        duration().prop_map(|d| Window::Last(Box::new(Expr::Const(Const::Duration(d))))),
        unit().prop_map(|u| Window::Period(Period::Unit(u))),
        (0..r.clocks).prop_map(|c| Window::Period(Period::Cycle(CalendarId(c)))),
    ]
}

fn who(r: Reach) -> impl Strategy<Value = Who> {
    let quantity = prop_oneof![
        any::<u32>().prop_map(Quantity::AtLeast),
        Just(Quantity::All),
        Just(Quantity::Each),
    ];
    (quantity, set(r)).prop_map(|(quantity, set)| Who { quantity, set })
}

fn cond(r: Reach) -> BoxedStrategy<Cond> {
    let clocks = r.clocks;
    let leaf = prop_oneof![
        (set(r), any::<bool>(), bounds(r)).prop_map(|(set, distinct, bounds)| Cond::Count {
            set,
            distinct,
            bounds
        }),
        (set(r), set(r), proptest::option::of(bounds(r)))
            .prop_map(|(set, among, bounds)| Cond::Among { set, among, bounds }),
        (
            0..r.logs,
            place(r),
            about(r),
            proptest::option::of(who(r)),
            window(r),
            bounds(r)
        )
            .prop_map(|(log, place, about, by, window, bounds)| Cond::Happened {
                log: LogId(log),
                place,
                about,
                by,
                window,
                bounds
            }),
        (
            0..r.logs,
            place(r),
            window(r),
            any::<u32>(),
            1..9u32,
            any::<bool>()
        )
            .prop_map(|(log, place, window, num, den, strict)| Cond::Share {
                part: LogId(log),
                whole: LogId(log),
                place,
                window,
                num,
                den,
                strict
            }),
        (set(r), set(r), any::<u32>(), 1..9u32, any::<bool>()).prop_map(
            |(part, whole, num, den, strict)| Cond::Portion {
                part,
                whole,
                num,
                den,
                strict
            }
        ),
        who(r).prop_map(Cond::DoneBy),
        set(r).prop_map(|s| Cond::Filled(Expr::Elements(Box::new(s)))),
        (0..r.logs, place(r), any::<bool>(), about(r), expr(r)).prop_map(
            |(log, place, entry, about, duration)| Cond::Silent {
                log: LogId(log),
                place,
                entry,
                about,
                duration
            }
        ),
        (0..clocks, place(r), expr(r)).prop_map(|(c, p, e)| Cond::Held(ClockId(c), p, e)),
        (expr(r), 0..r.roles, proptest::option::of(place(r)), expr(r)).prop_map(
            |(who, role, place, duration)| Cond::Tenure {
                who,
                roles: vec![RoleId(role)],
                place,
                duration
            }
        ),
        (expr(r), 0..r.roles, place(r), 0..r.clocks, 1u32..5).prop_map(
            |(who, role, place, calendar, rows)| Cond::Beyond {
                who,
                role: RoleId(role),
                place,
                calendar: CalendarId(calendar),
                rows
            }
        ),
        (expr(r), set(r)).prop_map(|(e, s)| Cond::In(e, s)),
        (0u32..r.fields).prop_map(|s| Cond::State(Place::This, vec![StateId(s)])),
        (expr(r), op(), expr(r)).prop_map(|(a, o, b)| Cond::Compare(a, o, b)),
        expr(r).prop_map(Cond::Filled),
    ];
    leaf.prop_recursive(3, 10, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Cond::All),
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Cond::Any),
            inner.prop_map(|c| Cond::Not(Box::new(c))),
        ]
    })
    .boxed()
}

fn action(r: Reach) -> impl Strategy<Value = Action> {
    let role = prop_oneof![
        (0..r.roles).prop_map(|x| RoleRef::Role(RoleId(x))),
        expr(r).prop_map(RoleRef::Value),
    ];
    let other = (0..r.roles).prop_map(|x| RoleRef::Role(RoleId(x)));
    prop_oneof![
        (role, place(r), set(r)).prop_map(|(a, b, c)| Action::Grant(a, b, c)),
        (other, place(r), set(r)).prop_map(|(a, b, c)| Action::Revoke(a, b, c)),
        (0..r.fields, expr(r)).prop_map(|(f, e)| Action::SetField(Place::This, FieldId(f), e)),
        (expr(r), 0..r.fields, expr(r)).prop_map(|(p, f, e)| Action::SetAttribute(
            p,
            FieldId(f),
            e
        )),
        (place(r), expr(r)).prop_map(|(place, e)| Action::Emit {
            event: EventId(6),
            place,
            args: vec![(FieldId(0), e)]
        }),
    ]
}

fn vote(r: Reach) -> BoxedStrategy<VoteCond> {
    let of = proptest::sample::select(vec![
        Denominator::Electorate,
        Denominator::Cast,
        Denominator::Present,
        Denominator::Seats(5),
    ]);
    let quota = prop_oneof![
        expr(r).prop_map(Quota::AtLeast),
        expr(r).prop_map(Quota::MoreThan),
        expr(r).prop_map(Quota::AtMost),
        (any::<u32>(), 1..9u32, any::<bool>(), of.clone()).prop_map(|(num, den, strict, of)| {
            Quota::Fraction {
                num,
                den,
                strict,
                of,
            }
        }),
        (any::<u32>(), of).prop_map(|(n, of)| Quota::AllBut(n, of)),
    ];
    let what = proptest::sample::select(vec![
        Tally::Yes,
        Tally::Against,
        Tally::Abstain,
        Tally::Cast,
        Tally::Present,
    ]);
    let leaf = prop_oneof![
        (what, quota).prop_map(|(what, quota)| VoteCond::Tally { what, quota }),
        cond(r).prop_map(VoteCond::World),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(VoteCond::All),
            proptest::collection::vec(inner, 0..3).prop_map(VoteCond::Any),
        ]
    })
    .boxed()
}

/// The small charter with conditions, fields and rules at random in it.
fn models(r: Reach) -> impl Strategy<Value = Model> {
    let judged = Reach { judged: true, ..r };
    // The one clock there is cannot look at itself.
    let unclocked = Reach { clocks: 1, ..r };
    let texts = (text(), text(), text());
    let parts = (
        cond(r),
        cond(unclocked).prop_filter("no clock looks at itself", |c| {
            let mut held = false;
            visit::cond(c, &mut |part| {
                held |= matches!(part, visit::Part::Cond(Cond::Held(..)));
            });
            !held
        }),
        cond(judged),
        proptest::option::of(who(judged)),
        proptest::collection::vec(action(judged), 0..3),
        proptest::option::of(expr(r)),
        (
            vote(judged),
            proptest::option::of(expr(judged)),
            any::<bool>(),
        ),
    );
    (
        texts,
        parts,
        ty(),
        proptest::option::of(constant()),
        proptest::option::of(stamp()),
    )
        .prop_map(
            |(
                (name, title, text),
                (world, ticking, act, by, actions, grace, vote),
                ty,
                default,
                from,
            )| {
                let mut m = model();
                m.name = name;
                m.title = title;
                m.clauses[0].text = text.clone();
                m.clauses[0].from = from;
                m.clauses[1].overrides = vec![ClauseId(0)];
                m.attributes[0] = Field {
                    default,
                    spelled: text.clone(),
                    ..support::field("org", ty)
                };
                // Enough of everything for the numbers that are valid.
                let keep = Keep {
                    instants: true,
                    people: true,
                    fields: true,
                    every: true,
                };
                for event in [6, 9] {
                    m.logs.push(Log {
                        kind: KindId(1),
                        arms: vec![Arm {
                            event: EventId(event),
                            filter: Some(act.clone()),
                        }],
                        keep: keep.clone(),
                    });
                }
                m.clocks.push(Clock {
                    kind: KindId(1),
                    states: vec![StateId(1)],
                    cond: ticking,
                });
                let row = |from: &str, until: &str| {
                    let zone = govc::time::Zone::utc();
                    let stamp = |text| zone.parse(text).unwrap();
                    Row {
                        name: None,
                        start: stamp(from),
                        end: stamp(until),
                        cells: vec![None],
                    }
                };
                m.calendars.push(Calendar {
                    name: "cycle".to_owned(),
                    columns: vec!["R-5".to_owned()],
                    rows: vec![
                        row("2024-10-01", "2025-04-01"),
                        row("2025-04-01", "2025-10-01"),
                    ],
                });
                m.invariants[0].cond = Cond::All(vec![m.invariants[0].cond.clone(), world.clone()]);
                m.invariants[0].grace = grace.clone();
                m.invariants[0].responsibility = Some(text);
                let scope = m.invariants[0].scope.clone();
                let arm = Arm {
                    event: EventId(6),
                    filter: None,
                };
                m.permits.push(Permit {
                    clause: ClauseId(0),
                    scope: scope.clone(),
                    arm: arm.clone(),
                    by: by.clone(),
                    guard: Some(act.clone()),
                    exclusive: true,
                    target: Some(StateId(1)),
                    actions: actions.clone(),
                });
                m.prohibitions.push(Prohibition {
                    clause: ClauseId(0),
                    scope: scope.clone(),
                    arm: arm.clone(),
                    by,
                    guard: None,
                });
                m.checks.push(Check {
                    clause: ClauseId(0),
                    scope: scope.clone(),
                    arm: arm.clone(),
                    guard: None,
                    cond: act,
                });
                m.reactions.push(Reaction {
                    clause: ClauseId(0),
                    scope,
                    trigger: Trigger::Event(arm),
                    guard: None,
                    target: Some(StateId(2)),
                    actions,
                    recorded: false,
                });
                m.duties[0].arises = Arises::While(world);
                let (cond, after, options) = vote;
                let at = m.events.len();
                for (name, source) in [
                    ("move.opened", EventSource::Opened(DecisionId(0))),
                    ("move.passed", EventSource::Outcome(DecisionId(0), 0)),
                    ("move.failed", EventSource::Outcome(DecisionId(0), 1)),
                    (
                        "move.yes",
                        EventSource::Ballot(DecisionId(0), govc::ir::Ballot::Yes),
                    ),
                ] {
                    let fields = vec![support::field("person", Type::Person)];
                    m.events
                        .push(support::event(name, KindId(1), fields, source));
                }
                m.decisions.push(Decision {
                    name: "move".to_owned(),
                    clause: ClauseId(0),
                    kind: KindId(1),
                    electorate: Some(Set::Holders(RoleId(0), Place::This)),
                    fixed: Fixed::Open,
                    params: 1,
                    outcomes: vec![
                        Outcome {
                            name: "passed".to_owned(),
                            event: EventId::new(at + 1),
                            target: Some(StateId(1)),
                        },
                        Outcome {
                            name: "failed".to_owned(),
                            event: EventId::new(at + 2),
                            target: None,
                        },
                    ],
                    options: false,
                    quorum: None,
                    passes: Some(cond),
                    early: options,
                    after,
                    on: None,
                    soft: false,
                    tie: Some(Tie::Outcome(1)),
                    opened: EventId::new(at),
                });
                m
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_valid_model_survives_a_round_trip(model in models(VALID)) {
        let text = to_json(&model);
        match from_json(&text) {
            Ok(back) => {
                prop_assert_eq!(to_json(&back), text.clone());
                prop_assert_eq!(back, model);
            }
            Err(errors) => prop_assert!(false, "{:?}", errors),
        }
        let value: Value = serde_json::from_str(&text).unwrap();
        static VALIDATOR: LazyLock<jsonschema::Validator> =
            LazyLock::new(|| jsonschema::validator_for(&schema()).unwrap());
        prop_assert!(VALIDATOR.is_valid(&value));
    }

    #[test]
    fn any_other_model_is_refused_or_the_same(model in models(BEYOND)) {
        match from_json(&to_json(&model)) {
            Ok(back) => prop_assert_eq!(back, model),
            Err(errors) => prop_assert!(errors.iter().all(|e| e.code == Code::IrInvalid)),
        }
    }

    #[test]
    fn any_text_is_answered(text in any::<String>(), at in any::<proptest::sample::Index>(), cut in 0usize..40) {
        let _ = from_json(&text);
        let mut bytes = to_json(&model()).into_bytes();
        let start = at.index(bytes.len());
        bytes.splice(start..(start + cut).min(bytes.len()), text.bytes());
        let _ = from_json(&String::from_utf8_lossy(&bytes));
    }
}

/// A short history of the small charter.
const TRACE: &str = r#"{"given": [{"kind": "SIG", "group": "sdk", "state": "active", "since": "2024-01-01"}, {"role": "lead", "group": "sdk", "person": ["ann", "bo"]}, {"role": "member", "person": "cy", "since": "2023-01-01"}]}
{"time": "2025-01-01", "event": "SIG.added", "group": "etl", "topic": "data"}
{"time": "2025-01-01", "event": "lead.added", "group": "etl", "person": "ann"}
{"time": "2025-01-14", "event": "SIG.meet", "group": "sdk", "by": ["ann", "bo"], "present": 4, "attendees": ["ann"]}
{"time": "2025-01-15", "event": "move.opened", "group": "sdk", "person": "cy", "by": "ann"}
{"time": "2025-01-16T12:00:00Z", "event": "move.yes", "group": "sdk", "person": "cy", "by": "ann"}
{"time": "2025-01-16T12:00:00Z", "event": "move.yes", "group": "sdk", "person": "cy", "by": "cy"}
{"time": "2025-01-31", "event": "leave", "group": "sdk", "person": "ann", "length": "3 months", "by": "bo"}
{"time": "2025-02-28", "event": "SIG.meet", "group": "etl"}
{"time": "2025-02-28", "event": "lead.removed", "group": "sdk", "person": "bo"}
{"time": "2025-03-31", "event": "move.passed", "group": "sdk", "person": "cy"}
{"time": "2025-12-31", "event": "decided"}
"#;

fn simulated(model: &Model, trace: &str) -> String {
    let report = govc::run::simulate(model, trace.as_bytes(), "t", Default::default());
    match report {
        Ok(report) => {
            let _ = govc::run::report::to_text(&report, model, true);
            govc::run::report::to_json(&report)
        }
        Err(errors) => errors.to_text(false),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_valid_model_runs_and_always_the_same(model in models(VALID), late in any::<bool>()) {
        let trace = if late { TRACE.replace("2025-12-31", "2035-12-31") } else { TRACE.to_owned() };
        let text = to_json(&model);
        let back = from_json(&text).unwrap();
        let one = simulated(&model, &trace);
        prop_assert!(one.contains("govc-report"), "{}", one);
        prop_assert_eq!(one, simulated(&back, &trace));
    }
}

#[test]
fn the_deepest_model_fits_on_a_small_stack() {
    let deep = |n: usize| {
        let mut m = model();
        let one = m.invariants[0].cond.clone();
        m.invariants[0].cond = (0..n).fold(one, |cond, _| {
            Cond::Any(vec![Cond::Count {
                set: Set::Where(Box::new(Set::Anyone), Box::new(cond)),
                distinct: false,
                bounds: Bounds {
                    min: Expr::Today,
                    max: None,
                    strict: false,
                },
            }])
        });
        m
    };
    let deepest = deep(wire::MAX_DEPTH / 3 - 1);
    assert_eq!(from_json(&to_json(&deepest)).unwrap(), deepest);
    assert!(from_json(&to_json(&deep(wire::MAX_DEPTH / 3 + 1))).is_err());
}
