//! Conditions, sets and values of a moment at random.

use govc::ids::*;
use govc::ir::*;
use proptest::prelude::*;

use super::values::{constant, duration, period};

/// How far numbers may point: what is there, and a little beyond.
#[derive(Debug, Clone, Copy)]
pub struct Reach {
    pub kinds: u32,
    pub roles: u32,
    pub logs: u32,
    pub clocks: u32,
    pub fields: u32,
    /// Whether an event is being judged.
    pub judged: bool,
}

pub const VALID: Reach = Reach {
    kinds: 4,
    roles: 2,
    logs: 2,
    clocks: 1,
    fields: 1,
    judged: false,
};

pub const BEYOND: Reach = Reach {
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

pub fn expr(r: Reach) -> BoxedStrategy<Expr> {
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

pub fn place(r: Reach) -> impl Strategy<Value = Place> {
    prop_oneof![
        Just(Place::This),
        (0..r.kinds).prop_map(|k| Place::Within(KindId(k))),
        expr(r).prop_map(|e| Place::Of(Box::new(e))),
    ]
}

pub fn set(r: Reach) -> BoxedStrategy<Set> {
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
        period().prop_map(|u| Window::Period(Period::Unit(u))),
        (0..r.clocks).prop_map(|c| Window::Period(Period::Cycle(CalendarId(c)))),
    ]
}

pub fn who(r: Reach) -> impl Strategy<Value = Who> {
    let quantity = prop_oneof![
        any::<u32>().prop_map(Quantity::AtLeast),
        Just(Quantity::All),
        Just(Quantity::Each),
    ];
    (quantity, set(r)).prop_map(|(quantity, set)| Who { quantity, set })
}

pub fn cond(r: Reach) -> BoxedStrategy<Cond> {
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
