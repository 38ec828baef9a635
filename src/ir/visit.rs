//! Walking through conditions, sets and values.

use super::{About, Action, Arm, Bounds, Cond, Expr, Place, RoleRef, Set, Who, Window};

/// A part of a condition.
#[derive(Debug, Clone, Copy)]
pub enum Part<'a> {
    /// A condition.
    Cond(&'a Cond),
    /// A value.
    Expr(&'a Expr),
    /// A set.
    Set(&'a Set),
    /// An instance.
    Place(&'a Place),
}

/// Calls `f` for the condition and everything in it, outermost first.
pub fn cond<'a>(c: &'a Cond, f: &mut dyn FnMut(Part<'a>)) {
    f(Part::Cond(c));
    match c {
        Cond::All(list) | Cond::Any(list) => list.iter().for_each(|c| cond(c, f)),
        Cond::Not(inner) => cond(inner, f),
        Cond::Count {
            set: s, bounds: b, ..
        } => {
            set(s, f);
            bounds(b, f);
        }
        Cond::Among {
            set: s,
            among,
            bounds: b,
        } => {
            set(s, f);
            set(among, f);
            if let Some(b) = b {
                bounds(b, f);
            }
        }
        Cond::Happened {
            place: p,
            about: a,
            by,
            window: w,
            bounds: b,
            ..
        } => {
            place(p, f);
            about(a, f);
            if let Some(by) = by {
                who(by, f);
            }
            window(w, f);
            bounds(b, f);
        }
        Cond::Portion { part, whole, .. } => {
            set(part, f);
            set(whole, f);
        }
        Cond::DoneBy(by) => who(by, f),
        Cond::Share {
            place: p,
            window: w,
            ..
        } => {
            place(p, f);
            window(w, f);
        }
        Cond::Silent {
            place: p,
            about: a,
            duration,
            ..
        } => {
            place(p, f);
            about(a, f);
            expr(duration, f);
        }
        Cond::Held(_, p, duration) => {
            place(p, f);
            expr(duration, f);
        }
        Cond::Tenure {
            who,
            place: p,
            duration,
            ..
        } => {
            expr(who, f);
            if let Some(p) = p {
                place(p, f);
            }
            expr(duration, f);
        }
        Cond::Beyond { who, place: p, .. } => {
            expr(who, f);
            place(p, f);
        }
        Cond::In(e, s) => {
            expr(e, f);
            set(s, f);
        }
        Cond::State(p, _) => place(p, f),
        Cond::Compare(a, _, b) => {
            expr(a, f);
            expr(b, f);
        }
        Cond::Filled(e) => expr(e, f),
    }
}

/// Calls `f` for the value and everything in it.
pub fn expr<'a>(e: &'a Expr, f: &mut dyn FnMut(Part<'a>)) {
    f(Part::Expr(e));
    match e {
        Expr::Const(_)
        | Expr::Param(_)
        | Expr::Actor
        | Expr::When
        | Expr::Subject
        | Expr::Element
        | Expr::Holder
        | Expr::Today
        | Expr::Cell(..) => {}
        Expr::Field(p, _)
        | Expr::LastParam(_, p, _)
        | Expr::LastActor(_, p)
        | Expr::LastWhen(_, p)
        | Expr::This(p)
        | Expr::NameOf(p) => place(p, f),
        Expr::Attribute(of, _) | Expr::CellAt(_, _, of) => expr(of, f),
        Expr::Template(list) | Expr::List(list) => list.iter().for_each(|e| expr(e, f)),
        Expr::Elements(s) => set(s, f),
    }
}

/// Calls `f` for the set and everything in it.
pub fn set<'a>(s: &'a Set, f: &mut dyn FnMut(Part<'a>)) {
    f(Part::Set(s));
    match s {
        Set::Holders(_, p) => place(p, f),
        Set::HoldersAnywhere(_) | Set::Body(_) | Set::Anyone => {}
        Set::Values(e) => expr(e, f),
        Set::Instances(_, p) => {
            if let Some(p) = p {
                place(p, f);
            }
        }
        Set::Union(list) => list.iter().for_each(|s| set(s, f)),
        Set::Where(s, c) => {
            set(s, f);
            cond(c, f);
        }
        Set::Attribute(s, _) | Set::HoldersOf(s, _) | Set::FieldOf(s, _) => set(s, f),
    }
}

/// Calls `f` for the instance and everything in it.
pub fn place<'a>(p: &'a Place, f: &mut dyn FnMut(Part<'a>)) {
    f(Part::Place(p));
    if let Place::Of(e) = p {
        expr(e, f);
    }
}

/// Calls `f` for everything in the bounds.
pub fn bounds<'a>(b: &'a Bounds, f: &mut dyn FnMut(Part<'a>)) {
    expr(&b.min, f);
    if let Some(max) = &b.max {
        expr(max, f);
    }
}

/// Calls `f` for the set of the actors.
pub fn who<'a>(w: &'a Who, f: &mut dyn FnMut(Part<'a>)) {
    set(&w.set, f);
}

/// Calls `f` for the filter of an arm.
pub fn arm<'a>(a: &'a Arm, f: &mut dyn FnMut(Part<'a>)) {
    if let Some(filter) = &a.filter {
        cond(filter, f);
    }
}

fn about<'a>(a: &'a About, f: &mut dyn FnMut(Part<'a>)) {
    match a {
        About::Any => {}
        About::Person(e) => expr(e, f),
        About::DoneBy(s) => set(s, f),
    }
}

fn window<'a>(w: &'a Window, f: &mut dyn FnMut(Part<'a>)) {
    if let Window::Last(e) = w {
        expr(e, f);
    }
}

/// Calls `f` for everything in an action.
pub fn action<'a>(a: &'a Action, f: &mut dyn FnMut(Part<'a>)) {
    match a {
        Action::Grant(role, p, s) | Action::Revoke(role, p, s) => {
            if let RoleRef::Value(e) = role {
                expr(e, f);
            }
            place(p, f);
            set(s, f);
        }
        Action::SetField(p, _, e) => {
            place(p, f);
            expr(e, f);
        }
        Action::SetAttribute(of, _, e) => {
            expr(of, f);
            expr(e, f);
        }
        Action::Emit { place: p, args, .. } => {
            place(p, f);
            args.iter().for_each(|(_, e)| expr(e, f));
        }
    }
}
