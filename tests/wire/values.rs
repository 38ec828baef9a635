//! Constants and types at random.

use govc::ids::*;
use govc::ir::*;
use govc::time::{Duration, Instant, Stamp, Unit};
use proptest::prelude::*;

pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,6}",
        Just("\"\\\n\u{0}\u{1f600}\u{202e}".to_owned()),
        any::<String>(),
    ]
}

pub fn stamp() -> impl Strategy<Value = Stamp> {
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

pub fn period() -> impl Strategy<Value = Unit> {
    proptest::sample::select(Unit::PERIODS.to_vec())
}

pub fn duration() -> impl Strategy<Value = Duration> {
    (any::<u32>(), unit()).prop_map(|(count, unit)| Duration { count, unit })
}

pub fn constant() -> impl Strategy<Value = Const> {
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

pub fn ty() -> impl Strategy<Value = Type> {
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
