//! Whole models at random.

use govc::ids::*;
use govc::ir::*;
use proptest::prelude::*;

use super::support::{self, model};
use super::terms::{Reach, cond, expr, place, set, who};
use super::values::{constant, stamp, text, ty};

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
pub fn models(r: Reach) -> impl Strategy<Value = Model> {
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
