//! Conditions, sets and values, resolved and typed.

use crate::ids::*;
use crate::ir::{
    About, Arm, Bounds, Cond, Const, Expr, Form, Keep, Op, Period, Place, Quantity, Set, Type, Who,
    Window,
};
use crate::source::Span;
use crate::syntax::ast::{self, Amount, Atom, CountKind, RelOp};
use crate::time::{Duration, Unit};

use super::Entity;
use super::collect::Builder;
use super::error::ResolveError;
use super::names::{Ctx, Elem, Meaning, fits, type_name};

/// A condition that says nothing, put where a mistake was reported.
fn nothing() -> Cond {
    Cond::All(Vec::new())
}

fn number(n: i64) -> Expr {
    Expr::Const(Const::Number(n))
}

/// At least `n`.
pub fn at_least(n: i64) -> Bounds {
    Bounds {
        min: number(n),
        max: None,
        strict: false,
    }
}

/// What occurrences must satisfy, beside being in a log.
struct Narrowed<'a> {
    by: Option<&'a ast::Who>,
    window: Option<&'a ast::Window>,
}

impl Builder<'_> {
    /// Resolves a condition.
    pub fn cond(&mut self, cond: &ast::Cond, ctx: &Ctx) -> Cond {
        match cond {
            ast::Cond::Or(list, _) => Cond::Any(list.iter().map(|c| self.cond(c, ctx)).collect()),
            ast::Cond::And(list, _) => Cond::All(list.iter().map(|c| self.cond(c, ctx)).collect()),
            ast::Cond::Not(inner, _) => Cond::Not(Box::new(self.cond(inner, ctx))),
            ast::Cond::Test(test) => self.test(test, ctx),
        }
    }

    /// What a condition means where a set or events could stand as well: `(chair or co-chair)`.
    pub fn meaning(&mut self, cond: &ast::Cond, ctx: &Ctx) -> Option<Meaning> {
        match cond {
            ast::Cond::Or(list, _) => {
                let mut parts: Option<Vec<Meaning>> = Some(Vec::new());
                for part in list {
                    let part = match part {
                        // What is broken was complained about, and makes the whole so.
                        ast::Cond::Test(test) if is_plain(test) => {
                            Some(self.noun_meaning(&test.noun, ctx)?)
                        }
                        _ => None,
                    };
                    parts = parts.zip(part).map(|(mut parts, part)| {
                        parts.push(part);
                        parts
                    });
                }
                match parts.and_then(|parts| self.unite(parts, ctx)) {
                    Some(meaning) => Some(meaning),
                    None => Some(Meaning::Holds(self.cond(cond, ctx))),
                }
            }
            ast::Cond::Test(test) if is_plain(test) && test.noun.compare.is_none() => {
                self.noun_meaning(&test.noun, ctx)
            }
            _ => Some(Meaning::Holds(self.cond(cond, ctx))),
        }
    }

    /// The union of several sets or events; nothing where they are conditions.
    fn unite(&mut self, parts: Vec<Meaning>, ctx: &Ctx) -> Option<Meaning> {
        if parts.iter().all(|p| matches!(p, Meaning::Events { .. })) {
            let mut all: Vec<Arm> = Vec::new();
            let mut at: Option<Place> = None;
            for part in parts {
                let Meaning::Events { arms, place } = part else {
                    continue;
                };
                if at.as_ref().is_some_and(|p| *p != place) {
                    return None;
                }
                at = Some(place);
                all.extend(arms);
            }
            return Some(Meaning::Events {
                arms: all,
                place: at?,
            });
        }
        let sets = parts.iter().all(|p| {
            matches!(
                p,
                Meaning::Many { .. }
                    | Meaning::Value(
                        _,
                        Type::Person | Type::Instance(_) | Type::List(_) | Type::Role(_)
                    )
            )
        });
        // Fields alone are a condition: "partners or end-condition" asks whether one is filled.
        let some_set = parts.iter().any(|p| {
            matches!(p, Meaning::Many { .. })
                || matches!(p, Meaning::Value(_, Type::Person))
                || matches!(p, Meaning::Value(_, Type::List(t)) if **t == Type::Person)
        });
        if !sets || !some_set {
            return None;
        }
        let mut union = Vec::new();
        let mut all_roles = Vec::new();
        let mut first_elem = None;
        let mut at: Option<Place> = None;
        for part in parts {
            if let Meaning::Many { roles, place, .. } = &part {
                all_roles.extend(roles.iter().copied());
                at = at.or_else(|| place.clone());
            }
            let (set, elem) = self.as_set(part, Span::default(), ctx)?;
            first_elem.get_or_insert(elem);
            union.push(set);
        }
        Some(Meaning::Many {
            set: Set::Union(union),
            elem: first_elem?,
            roles: all_roles,
            place: at,
        })
    }

    /// A noun without count or comparison, as a set or events where it is one.
    fn noun_meaning(&mut self, noun: &ast::Noun, ctx: &Ctx) -> Option<Meaning> {
        let meaning = self.atom(&noun.atom, ctx)?;
        let mut meaning = meaning;
        let mut by = noun.by.as_ref();
        if ctx.trigger
            && let Meaning::Events { arms, .. } = &mut meaning
            && let Some(one) = by.filter(|by| is_one(by))
        {
            let who = self.who(one, ctx)?;
            for arm in arms {
                arm.also(Cond::DoneBy(who.clone()));
            }
            by = None;
        }
        if by.is_some() || noun.window.is_some() {
            let cond = self.noun(noun, None, meaning, ctx);
            return Some(Meaning::Holds(cond));
        }
        let Some(filter) = &noun.filter else {
            return Some(meaning);
        };
        Some(match meaning {
            Meaning::Events { arms, place } => Meaning::Events {
                arms: self.narrow(arms, filter, ctx),
                place,
            },
            other => {
                let (set, elem) = self.as_set(other, noun.span, ctx)?;
                let cond = self.filter_on_element(filter, &elem, ctx);
                Meaning::Many {
                    set: Set::Where(Box::new(set), Box::new(cond)),
                    elem,
                    roles: Vec::new(),
                    place: None,
                }
            }
        })
    }

    /// What an atom means.
    pub fn atom(&mut self, atom: &Atom, ctx: &Ctx) -> Option<Meaning> {
        match atom {
            Atom::Path { exactly, path } => self.path(path, ctx, *exactly),
            Atom::Group(cond, _) => self.meaning(cond, ctx),
        }
    }

    /// A meaning as a set.
    pub fn as_set(&mut self, meaning: Meaning, span: Span, ctx: &Ctx) -> Option<(Set, Elem)> {
        match meaning {
            Meaning::Many { set, elem, .. } => Some((set, elem)),
            Meaning::Value(expr, Type::Role(roles)) => {
                Some(self.holders_of_value(&expr, &roles, ctx))
            }
            Meaning::Value(expr, ty) => {
                let elem = Elem::of(&ty);
                Some((Set::Values(expr), elem))
            }
            Meaning::Kind(kind) => {
                let place = ctx
                    .levels
                    .iter()
                    .find(|(k, _)| {
                        let parent = self.spec.kinds[kind.index()].parent;
                        parent == Some(*k) && *k != KindId::DOCUMENT
                    })
                    .map(|(_, place)| place.clone());
                Some((Set::Instances(kind, place), Elem::Instance(vec![kind])))
            }
            other => {
                let name = self.words(span);
                self.complain(ResolveError::Wrong {
                    name,
                    span,
                    is: other.describe(),
                    wanted: "a set of persons, groups or values".to_owned(),
                    help: None,
                });
                None
            }
        }
    }

    /// The holders of whichever role a value is: of that rung or a higher one, where it is on a ladder.
    fn holders_of_value(&mut self, expr: &Expr, roles: &[RoleId], ctx: &Ctx) -> (Set, Elem) {
        let mut elem = Elem::Person;
        let mut union = Vec::new();
        for &role in roles {
            let scope = self.spec.roles[role.index()].kind;
            let place = match self.encloses(scope, ctx.kind) {
                true if scope == ctx.kind => Some(Place::This),
                true => Some(Place::Within(scope)),
                false => None,
            };
            let Meaning::Many { set, elem: one, .. } = self.role_meaning(role, place, false) else {
                continue;
            };
            elem = one;
            let is_this = Cond::Compare(expr.clone(), Op::Eq, Expr::Const(Const::Role(role)));
            union.push(Set::Where(Box::new(set), Box::new(is_this)));
        }
        (Set::Union(union), elem)
    }

    /// A set of actors.
    pub fn who(&mut self, who: &ast::Who, ctx: &Ctx) -> Option<Who> {
        let quantity = match &who.count {
            _ if who.each => Quantity::Each,
            None => Quantity::AtLeast(1),
            Some(count) => match &count.kind {
                CountKind::Some => Quantity::AtLeast(1),
                CountKind::All => Quantity::All,
                CountKind::Number(n) | CountKind::AtLeast(Amount::Number(n)) => {
                    Quantity::AtLeast(u32::try_from(n.value).unwrap_or(u32::MAX))
                }
                CountKind::MoreThan(Amount::Number(n)) => {
                    let more = n.value.saturating_add(1);
                    Quantity::AtLeast(u32::try_from(more).unwrap_or(u32::MAX))
                }
                _ => {
                    self.complain(ResolveError::Mismatch {
                        span: count.span,
                        expected: "how many at least: a number, `all` or `each`".to_owned(),
                        found: "another count".to_owned(),
                        help: Some(
                            "after `by`, write `2 of …`, `all …` or `each …`; for a share, \
                                    use a decision"
                                .to_owned(),
                        ),
                    });
                    Quantity::AtLeast(1)
                }
            },
        };
        let meaning = self.atom(&who.atom, ctx)?;
        let (set, _) = self.as_set(meaning, who.span, ctx)?;
        Some(Who { quantity, set })
    }

    /// Narrows arms by a `where`, resolved for each event with its own fields.
    pub fn narrow(&mut self, arms: Vec<Arm>, filter: &ast::Filter, ctx: &Ctx) -> Vec<Arm> {
        arms.into_iter()
            .map(|arm| {
                let inner = Ctx {
                    event: Some(arm.event),
                    element: None,
                    asked: None,
                    trigger: false,
                    ..ctx.clone()
                };
                let mut arm = arm;
                arm.also(self.filter(filter, &inner));
                arm
            })
            .collect()
    }

    fn filter_on_element(&mut self, filter: &ast::Filter, elem: &Elem, ctx: &Ctx) -> Cond {
        let inner = Ctx {
            element: Some(elem.clone()),
            trigger: false,
            ..ctx.clone()
        };
        self.filter(filter, &inner)
    }

    fn filter(&mut self, filter: &ast::Filter, ctx: &Ctx) -> Cond {
        let test = ast::Test {
            count: None,
            of: false,
            distinct: false,
            noun: ast::Noun {
                atom: (*filter.atom).clone(),
                compare: filter
                    .compare
                    .as_ref()
                    .map(|(op, value)| (*op, (**value).clone())),
                by: None,
                filter: None,
                window: None,
                span: filter.span,
            },
            held: None,
            span: filter.span,
        };
        let cond = self.test(&test, ctx);
        if filter.not {
            Cond::Not(Box::new(cond))
        } else {
            cond
        }
    }

    fn test(&mut self, test: &ast::Test, ctx: &Ctx) -> Cond {
        // In a scenario: `5 creation.yes in sdk`, `no lead in sdk`.
        if let Some(ast::Window::Period(path)) = &test.noun.window
            && let Some(Meaning::Value(id, Type::Instance(kinds))) =
                self.cast_member(&path.dotted())
            && let Some(&kind) = kinds.first()
        {
            let mut inner = test.clone();
            inner.noun.window = None;
            let at = Ctx {
                levels: self.levels(kind, Place::Of(Box::new(id))),
                ..ctx.clone()
            };
            return self.test(&inner, &at);
        }
        if let Some(count) = &test.count
            && let Some((text, share)) = fraction_of(count)
        {
            return self.share(test, &text, share, ctx);
        }
        let Some(meaning) = self.atom(&test.noun.atom, ctx) else {
            return nothing();
        };
        let Some(held) = &test.held else {
            return self.counted(test, meaning, ctx);
        };
        let Some(duration) = self.duration(held, ctx) else {
            return nothing();
        };
        self.held(test, meaning, duration, ctx)
    }

    /// `C for D`.
    fn held(&mut self, test: &ast::Test, meaning: Meaning, duration: Expr, ctx: &Ctx) -> Cond {
        let none = matches!(test.count.as_ref().map(|c| &c.kind), Some(CountKind::No));
        match meaning {
            Meaning::Events { arms, place } if none => {
                let arms = match &test.noun.filter {
                    Some(filter) => self.narrow(arms, filter, ctx),
                    None => arms,
                };
                let about = match &test.noun.by {
                    None => self.about_of(&arms, ctx),
                    Some(by) if !is_one(by) => {
                        self.complain(ResolveError::Conflict {
                            what: "a silence ends with one act, by whomever".to_owned(),
                            span: by.span,
                            label: "asks for several",
                            help: "leave the number out; or count them, `not EVENT by 2 of … in \
                                   last 3 months`"
                                .to_owned(),
                        });
                        return nothing();
                    }
                    Some(by) => match self.who(by, ctx) {
                        Some(who) => About::DoneBy(who.set),
                        None => return nothing(),
                    },
                };
                let keep = Keep {
                    instants: about != About::Any,
                    people: about != About::Any,
                    fields: false,
                    every: false,
                };
                let (log, place) = self.log_for(arms, place, keep, ctx);
                Cond::Silent {
                    log,
                    place,
                    entry: ctx.states.is_some(),
                    about,
                    duration,
                }
            }
            Meaning::Many {
                ref roles,
                ref place,
                ..
            } if test.count.is_none() && !roles.is_empty() && test.noun.filter.is_none() => {
                let Some(who) = self.subject(ctx) else {
                    self.complain(ResolveError::Missing {
                        what: "whom this is about".to_owned(),
                        span: test.span,
                        help:
                            "say `some` or `no` before the role, or ask it in a `to` block of an \
                               event with a person"
                                .to_owned(),
                    });
                    return nothing();
                };
                Cond::Tenure {
                    who,
                    roles: roles.clone(),
                    place: place.clone(),
                    duration,
                }
            }
            Meaning::Holds(Cond::Silent {
                log,
                place,
                entry,
                about,
                ..
            }) if test.count.is_none() => Cond::Silent {
                log,
                place,
                entry,
                about,
                duration,
            },
            // `define inquorate = no meet where …`, then `inquorate for 3 months`.
            Meaning::Holds(Cond::Happened {
                log,
                place,
                about,
                by: None,
                window: Window::Life | Window::Entry,
                bounds,
            }) if test.count.is_none() && is_none(&bounds) => Cond::Silent {
                log,
                place,
                entry: ctx.states.is_some(),
                about,
                duration,
            },
            other => {
                let cond = self.counted(test, other, ctx);
                if speaks_of_moment(&cond) {
                    self.complain(ResolveError::Conflict {
                        what: "for how long this has been so is not known of one person or one act"
                            .to_owned(),
                        span: test.span,
                        label: "asked of what a `where`, a holder or an event looks at",
                        help: "ask since when somebody has a role, `ROLE for 3 months`, or when \
                               something was last done, `no EVENT for 3 months`; only of a group \
                               it is known how long any other condition has held"
                            .to_owned(),
                    });
                    return nothing();
                }
                let clocks = &mut self.spec.clocks;
                let states: Vec<StateId> = ctx.states.into_iter().collect();
                let clock = crate::ir::Clock {
                    kind: ctx.kind,
                    states,
                    cond,
                };
                let at = match clocks.iter().position(|c| *c == clock) {
                    Some(at) => at,
                    None => {
                        clocks.push(clock);
                        clocks.len() - 1
                    }
                };
                Cond::Held(ClockId::new(at), Place::This, duration)
            }
        }
    }

    /// A test without `for`.
    fn counted(&mut self, test: &ast::Test, meaning: Meaning, ctx: &Ctx) -> Cond {
        if test.distinct {
            let Some(count) = &test.count else {
                return nothing();
            };
            let Some(bounds) = self.bounds(count, ctx) else {
                return nothing();
            };
            let Some((set, _)) = self.as_set(meaning, test.noun.span, ctx) else {
                return nothing();
            };
            return Cond::Count {
                set,
                distinct: true,
                bounds,
            };
        }
        self.noun(&test.noun, test.count.as_ref(), meaning, ctx)
    }

    /// A noun with its count, comparison, actors, filter and window.
    fn noun(
        &mut self,
        noun: &ast::Noun,
        count: Option<&ast::Count>,
        meaning: Meaning,
        ctx: &Ctx,
    ) -> Cond {
        if let Some((op, value)) = &noun.compare {
            return self.compare(noun, count, meaning, *op, value, ctx);
        }
        match meaning {
            Meaning::Events { arms, place } => {
                let arms = match &noun.filter {
                    Some(filter) => self.narrow(arms, filter, ctx),
                    None => arms,
                };
                let narrowed = Narrowed {
                    by: noun.by.as_ref(),
                    window: noun.window.as_ref(),
                };
                self.happened(arms, place, count, &narrowed, ctx)
            }
            Meaning::State(place, _, state) => Cond::State(place, vec![state]),
            Meaning::Holds(cond) => match count.map(|c| &c.kind) {
                None | Some(CountKind::Some) => cond,
                Some(CountKind::No) => Cond::Not(Box::new(cond)),
                Some(_) => {
                    self.complain(ResolveError::Mismatch {
                        span: noun.span,
                        expected: "something that can be counted".to_owned(),
                        found: "a condition".to_owned(),
                        help: None,
                    });
                    nothing()
                }
            },
            Meaning::Decision(..) | Meaning::Clause(..) | Meaning::Calendar(..) => {
                let name = words(noun);
                let help = match meaning {
                    Meaning::Clause(..) => format!("say which: `{name}.missed`, `{name}.broken` …"),
                    Meaning::Calendar(..) => {
                        format!("say which date: `{name}.start`, `{name}.end` …")
                    }
                    _ => format!("say which: `{name}.passed`, `{name}.opened` …"),
                };
                self.complain(ResolveError::Wrong {
                    name,
                    span: noun.span,
                    is: meaning.describe(),
                    wanted: "one of its parts".to_owned(),
                    help: Some(help),
                });
                nothing()
            }
            Meaning::Value(expr, _) if count.is_none() && noun.filter.is_none() => {
                Cond::Filled(expr)
            }
            other => self.counted_set(noun, count, other, ctx),
        }
    }

    fn counted_set(
        &mut self,
        noun: &ast::Noun,
        count: Option<&ast::Count>,
        meaning: Meaning,
        ctx: &Ctx,
    ) -> Cond {
        let is_role = matches!(&meaning, Meaning::Many { .. });
        let Some((set, elem)) = self.as_set(meaning, noun.span, ctx) else {
            return nothing();
        };
        let set = match &noun.filter {
            Some(filter) => {
                let cond = self.filter_on_element(filter, &elem, ctx);
                Set::Where(Box::new(set), Box::new(cond))
            }
            None => set,
        };
        let Some(count) = count else {
            if !is_role {
                return Cond::Count {
                    set,
                    distinct: false,
                    bounds: at_least(1),
                };
            }
            return match self.subject(ctx) {
                Some(who) => Cond::In(who, set),
                None => {
                    let name = words(noun);
                    self.complain(ResolveError::Missing {
                        what: format!("the number of `{name}`"),
                        span: noun.span,
                        help: format!("write `some {name}`, `no {name}`, `2..3 {name}` …"),
                    });
                    nothing()
                }
            };
        };
        if let CountKind::All = count.kind {
            self.complain(ResolveError::Missing {
                what: "the set among which all of them must be".to_owned(),
                span: noun.span,
                help: format!("write `all {0} among …`", words(noun)),
            });
            return nothing();
        }
        match self.bounds(count, ctx) {
            Some(bounds) => Cond::Count {
                set,
                distinct: false,
                bounds,
            },
            None => nothing(),
        }
    }

    /// The person that a bare role speaks of: E's person, the holder, or who did E.
    fn subject(&self, ctx: &Ctx) -> Option<Expr> {
        if ctx.element.is_some() {
            return Some(Expr::Element);
        }
        match &ctx.subject {
            Some(subject) => Some(subject.clone()),
            None => ctx.asked.map(|_| Expr::Actor),
        }
    }

    /// Whom occurrences must concern.
    pub fn about_of(&self, arms: &[Arm], ctx: &Ctx) -> About {
        let Some(subject) = &ctx.subject else {
            return About::Any;
        };
        if ctx.element.is_some() {
            return About::Any;
        }
        let all_about = arms.iter().all(|arm| {
            let event = &self.spec.events[arm.event.index()];
            event.about().is_some()
        });
        let document = arms
            .iter()
            .all(|arm| self.spec.events[arm.event.index()].kind == KindId::DOCUMENT);
        if all_about {
            About::Person(subject.clone())
        } else if document {
            About::DoneBy(Set::Values(subject.clone()))
        } else {
            About::Any
        }
    }

    /// The log for arms seen at a place. Filters that look at the asking instance make the log its own.
    pub fn log_for(
        &mut self,
        arms: Vec<Arm>,
        place: Place,
        keep: Keep,
        ctx: &Ctx,
    ) -> (LogId, Place) {
        let own = arms
            .iter()
            .any(|arm| arm.filter.as_ref().is_some_and(looks_at_instance));
        let kind = arms.first().map_or(KindId::DOCUMENT, |arm| {
            self.spec.events[arm.event.index()].kind
        });
        let foreign = place == Place::Within(kind)
            && self.spec.kinds[kind.index()].form != Form::Body
            && !self.encloses(kind, ctx.kind);
        if place == Place::Within(kind) && self.defined_outside(kind, ctx) {
            // What happened in any of them, the one at hand among others.
            let document = Place::Within(KindId::DOCUMENT);
            (self.log(KindId::DOCUMENT, arms, keep), document)
        } else if own || foreign {
            (self.log(ctx.kind, arms, keep), Place::This)
        } else {
            (self.log(kind, arms, keep), place)
        }
    }

    /// A condition on how often something has happened.
    fn happened(
        &mut self,
        arms: Vec<Arm>,
        place: Place,
        count: Option<&ast::Count>,
        narrowed: &Narrowed<'_>,
        ctx: &Ctx,
    ) -> Cond {
        let by = match narrowed.by {
            Some(who) => match self.who(who, ctx) {
                Some(who) => Some(who),
                None => return nothing(),
            },
            None => None,
        };
        let about = self.about_of(&arms, ctx);
        let window = match narrowed.window {
            Some(ast::Window::Last(duration)) => match self.duration(duration, ctx) {
                Some(duration) => Window::Last(Box::new(duration)),
                None => return nothing(),
            },
            Some(ast::Window::Period(path)) => match self.period(path) {
                Some(unit) => Window::Period(unit),
                None => return nothing(),
            },
            None if ctx.states.is_some() => Window::Entry,
            None => Window::Life,
        };
        let bounds = match count {
            Some(count) => match self.bounds(count, ctx) {
                Some(bounds) => bounds,
                None => return nothing(),
            },
            None => at_least(1),
        };
        let keep = Keep {
            instants: matches!(window, Window::Last(_) | Window::Period(_) | Window::Entry),
            people: by.is_some() || about != About::Any,
            fields: false,
            every: false,
        };
        let (log, place) = self.log_for(arms, place, keep, ctx);
        Cond::Happened {
            log,
            place,
            about,
            by,
            window,
            bounds,
        }
    }

    /// `more than 1/2 of message where public in month`.
    fn share(
        &mut self,
        test: &ast::Test,
        text: &str,
        (num, den, strict): (u32, u32, bool),
        ctx: &Ctx,
    ) -> Cond {
        if !test.of {
            let span = test.count.as_ref().map_or(test.span, |c| c.span);
            self.complain(ResolveError::Fraction {
                span,
                text: text.to_owned(),
                help: format!(
                    "count, `at least 2 {0}`, or take a share of events: `{text} of … where … in \
                     month`",
                    words(&test.noun)
                ),
                fix: None,
            });
            return nothing();
        }
        if den == 0 || num > den {
            self.complain(ResolveError::BadValue {
                what: "fraction between nothing and the whole",
                text: format!("{num}/{den}"),
                span: test.count.as_ref().map_or(test.span, |c| c.span),
            });
            return nothing();
        }
        let Some(meaning) = self.atom(&test.noun.atom, ctx) else {
            return nothing();
        };
        let Some(filter) = &test.noun.filter else {
            self.complain(ResolveError::Missing {
                what: "which of them count".to_owned(),
                span: test.noun.span,
                help: format!("write `where …` after `{}`", words(&test.noun)),
            });
            return nothing();
        };
        let Meaning::Events { arms, place } = meaning else {
            if test.noun.window.is_some() {
                self.complain(ResolveError::Conflict {
                    what: "a share of a set is that of the moment".to_owned(),
                    span: test.noun.span,
                    label: "has a period",
                    help: "leave the period out; only events happen in one".to_owned(),
                });
                return nothing();
            }
            let Some((whole, elem)) = self.as_set(meaning, test.noun.span, ctx) else {
                return nothing();
            };
            let cond = self.filter_on_element(filter, &elem, ctx);
            return Cond::Portion {
                part: Set::Where(Box::new(whole.clone()), Box::new(cond)),
                whole,
                num,
                den,
                strict,
            };
        };
        let window = match &test.noun.window {
            Some(ast::Window::Period(path)) => match self.period(path) {
                Some(unit) => Window::Period(unit),
                None => return nothing(),
            },
            _ => {
                self.complain(ResolveError::Missing {
                    what: "the calendar period of this share".to_owned(),
                    span: test.span,
                    help: "write `in month` or another period after it".to_owned(),
                });
                return nothing();
            }
        };
        let keep = Keep {
            instants: true,
            people: false,
            fields: false,
            every: false,
        };
        let some = self.narrow(arms.clone(), filter, ctx);
        let (part, _) = self.log_for(some, place.clone(), keep.clone(), ctx);
        let (whole, place) = self.log_for(arms, place, keep, ctx);
        Cond::Share {
            part,
            whole,
            place,
            window,
            num,
            den,
            strict,
        }
    }

    fn compare(
        &mut self,
        noun: &ast::Noun,
        count: Option<&ast::Count>,
        meaning: Meaning,
        op: RelOp,
        value: &ast::Value,
        ctx: &Ctx,
    ) -> Cond {
        if op == RelOp::Among {
            return self.among(noun, count, meaning, value, ctx);
        }
        let Meaning::Value(left, ty) = meaning else {
            let help = match &meaning {
                Meaning::Many { .. } => Some(format!(
                    "put a number before it: `at least 2 {0}`, `2..3 {0}`",
                    words(noun)
                )),
                _ => None,
            };
            self.complain(ResolveError::Wrong {
                name: words(noun),
                span: noun.span,
                is: meaning.describe(),
                wanted: "a value that can be compared".to_owned(),
                help,
            });
            return nothing();
        };
        let Some((right, found)) = self.value(value, ctx, Some(&ty)) else {
            return nothing();
        };
        let op = match op {
            RelOp::Eq => Op::Eq,
            RelOp::Ne => Op::Ne,
            RelOp::Lt => Op::Lt,
            RelOp::Le => Op::Le,
            RelOp::Gt => Op::Gt,
            RelOp::Ge | RelOp::Among => Op::Ge,
        };
        // A person compared with those who did something: is that person one of them?
        match (&ty, &found, op) {
            (Type::List(inner), single, Op::Eq | Op::Ne) if fits(single, inner) => {
                return membership(right, left, op);
            }
            (single, Type::List(inner), Op::Eq | Op::Ne) if fits(single, inner) => {
                return membership(left, right, op);
            }
            _ => {}
        }
        if !fits(&found, &ty) {
            self.complain(ResolveError::Mismatch {
                span: value.span(),
                expected: format!("a {}", type_name(&ty)),
                found: format!("a {}", type_name(&found)),
                help: None,
            });
            return nothing();
        }
        let ordered = matches!(ty, Type::Number | Type::Date | Type::Duration);
        if !ordered && !matches!(op, Op::Eq | Op::Ne) {
            self.complain(ResolveError::Mismatch {
                span: noun.span,
                expected: "a number, date or duration".to_owned(),
                found: format!("a {}", type_name(&ty)),
                help: Some("only numbers, dates and durations have an order".to_owned()),
            });
            return nothing();
        }
        Cond::Compare(left, op, right)
    }

    fn among(
        &mut self,
        noun: &ast::Noun,
        count: Option<&ast::Count>,
        meaning: Meaning,
        value: &ast::Value,
        ctx: &Ctx,
    ) -> Cond {
        let expected = match &meaning {
            Meaning::Value(_, ty) => Some(ty.clone()),
            Meaning::Many { elem, .. } => Some(elem.ty()),
            Meaning::Kind(kind) => Some(Type::Instance(vec![*kind])),
            _ => None,
        };
        let Some(among) = self.value_set(value, ctx, expected.as_ref()) else {
            return nothing();
        };
        if let (None, Meaning::Value(expr, ty)) = (count, &meaning)
            && !matches!(ty, Type::List(_))
        {
            return Cond::In(expr.clone(), among);
        }
        let Some((set, _)) = self.as_set(meaning, noun.span, ctx) else {
            return nothing();
        };
        let Some(count) = count else {
            return match self.subject(ctx) {
                Some(who) => Cond::All(vec![Cond::In(who.clone(), set), Cond::In(who, among)]),
                None => {
                    self.complain(ResolveError::Missing {
                        what: format!("the number of `{}`", words(noun)),
                        span: noun.span,
                        help: "write `all`, `some` or `no` before it".to_owned(),
                    });
                    nothing()
                }
            };
        };
        let bounds = match count.kind {
            CountKind::All => None,
            _ => match self.bounds(count, ctx) {
                Some(bounds) => Some(bounds),
                None => return nothing(),
            },
        };
        Cond::Among { set, among, bounds }
    }

    fn value_set(&mut self, value: &ast::Value, ctx: &Ctx, expected: Option<&Type>) -> Option<Set> {
        match value {
            ast::Value::Path(path) => {
                let meaning = self.path(path, ctx, false)?;
                match meaning {
                    // A role looked up among roles, not a person among its holders.
                    Meaning::Value(expr, Type::Role(_))
                        if matches!(expected, Some(Type::Role(_))) =>
                    {
                        Some(Set::Values(expr))
                    }
                    other => self.as_set(other, path.span, ctx).map(|(set, _)| set),
                }
            }
            ast::Value::Cond(cond, span) => {
                let meaning = self.meaning(cond, ctx)?;
                self.as_set(meaning, *span, ctx).map(|(set, _)| set)
            }
            other => self
                .value(other, ctx, expected)
                .map(|(expr, _)| Set::Values(expr)),
        }
    }

    /// Resolves a value; a word of a closed list where one is expected.
    pub fn value(
        &mut self,
        value: &ast::Value,
        ctx: &Ctx,
        expected: Option<&Type>,
    ) -> Option<(Expr, Type)> {
        match value {
            ast::Value::Path(path) => self.path_value(path, ctx, expected),
            ast::Value::Text(text) => self.template(text, ctx).map(|e| (e, Type::Text)),
            ast::Value::Number(n) => Some((number(n.value), Type::Number)),
            ast::Value::Duration(n, unit) => {
                let duration = self.literal_duration(*n, unit)?;
                Some((Expr::Const(Const::Duration(duration)), Type::Duration))
            }
            ast::Value::Date(date) => {
                let stamp = self.date(date)?;
                Some((Expr::Const(Const::Date(stamp)), Type::Date))
            }
            ast::Value::Dates(from, to) => {
                let (from, to) = (self.date(from)?, self.date(to)?);
                Some((Expr::Const(Const::Dates(from, to)), Type::Date))
            }
            ast::Value::List(list, _) => {
                let inner = match expected {
                    Some(Type::List(inner)) => Some((**inner).clone()),
                    other => other.cloned(),
                };
                let mut values = Vec::new();
                let mut ty = inner.clone();
                for item in list {
                    let (expr, found) = self.value(item, ctx, inner.as_ref())?;
                    ty.get_or_insert(found);
                    values.push(expr);
                }
                let ty = Type::List(Box::new(ty.unwrap_or(Type::Text)));
                Some((Expr::List(values), ty))
            }
            ast::Value::Cond(_, span) => {
                self.complain(ResolveError::Mismatch {
                    span: *span,
                    expected: "a value".to_owned(),
                    found: "a condition".to_owned(),
                    help: None,
                });
                None
            }
        }
    }

    fn path_value(
        &mut self,
        path: &ast::Path,
        ctx: &Ctx,
        expected: Option<&Type>,
    ) -> Option<(Expr, Type)> {
        if let (Some(Type::Choice(choices)), [name]) = (expected, path.parts.as_slice()) {
            let known = ctx.event.is_some_and(|e| {
                let fields = &self.spec.events[e.index()].fields;
                fields.iter().any(|f| f.name == name.text)
            });
            if choices.contains(&name.text) && !known {
                let word = Const::Text(name.text.clone());
                return Some((Expr::Const(word), Type::Choice(choices.clone())));
            }
            if !known
                && ctx
                    .levels
                    .iter()
                    .all(|(k, _)| self.entity(*k, &name.text).is_none())
            {
                let error = ResolveError::unknown(
                    "choice",
                    name,
                    choices.iter().map(String::as_str),
                    format!("(there are {})", choices.join(", ")),
                );
                self.complain(error);
                return None;
            }
        }
        if let (Some(Type::Role(roles)), [name]) = (expected, path.parts.as_slice()) {
            let role = roles
                .iter()
                .find(|r| self.spec.roles[r.index()].name == name.text);
            if let Some(&role) = role {
                return Some((Expr::Const(Const::Role(role)), Type::Role(roles.clone())));
            }
        }
        match self.path(path, ctx, false)? {
            Meaning::Value(expr, ty) => Some((expr, ty)),
            other => {
                self.complain(ResolveError::Wrong {
                    name: path.dotted(),
                    span: path.span,
                    is: other.describe(),
                    wanted: "a value".to_owned(),
                    help: None,
                });
                None
            }
        }
    }

    /// A text with `{path}` in it.
    fn template(&mut self, text: &ast::Text, ctx: &Ctx) -> Option<Expr> {
        if !text.value.contains('{') {
            return Some(Expr::Const(Const::Text(text.value.clone())));
        }
        let mut parts = Vec::new();
        let mut rest = text.value.as_str();
        while let Some(open) = rest.find('{') {
            let (before, after) = rest.split_at(open);
            if !before.is_empty() {
                parts.push(Expr::Const(Const::Text(before.to_owned())));
            }
            let Some(close) = after.find('}') else {
                self.complain(ResolveError::BadValue {
                    what: "template",
                    text: text.value.clone(),
                    span: text.span,
                });
                return None;
            };
            let names = after[1..close].split('.').map(|part| ast::Name {
                text: part.trim().to_owned(),
                span: text.span,
            });
            let path = ast::Path {
                parts: names.collect(),
                span: text.span,
            };
            let (expr, _) = self.path_value(&path, ctx, None)?;
            parts.push(expr);
            rest = &after[close + 1..];
        }
        if !rest.is_empty() {
            parts.push(Expr::Const(Const::Text(rest.to_owned())));
        }
        Some(Expr::Template(parts))
    }

    /// A date that exists.
    pub fn date(&mut self, date: &ast::Date) -> Option<crate::time::Stamp> {
        let stamp = self.spec.zone.parse(&date.text);
        if stamp.is_none() {
            self.complain(ResolveError::BadValue {
                what: "date",
                text: date.text.clone(),
                span: date.span,
            });
        }
        stamp
    }

    fn literal_duration(&mut self, n: ast::Number, unit: &ast::Name) -> Option<Duration> {
        let Some(known) = Unit::find(&unit.text) else {
            let names = Unit::ALL.map(Unit::name);
            self.complain(ResolveError::unknown(
                "unit",
                unit,
                names,
                "(there are hours, days, weeks, months and years)",
            ));
            return None;
        };
        match u32::try_from(n.value) {
            Ok(count) if count <= 1_000_000 => Some(Duration { count, unit: known }),
            _ => {
                self.complain(ResolveError::BadValue {
                    what: "duration",
                    text: format!("{} {}", n.value, unit.text),
                    span: n.span.merge(unit.span),
                });
                None
            }
        }
    }

    /// A duration, literal or from a field.
    pub fn duration(&mut self, duration: &ast::Duration, ctx: &Ctx) -> Option<Expr> {
        match duration {
            ast::Duration::Literal(n, unit) => {
                let duration = self.literal_duration(*n, unit)?;
                Some(Expr::Const(Const::Duration(duration)))
            }
            ast::Duration::Path(path) => {
                let (expr, ty) = self.path_value(path, ctx, None)?;
                if ty != Type::Duration {
                    self.complain(ResolveError::Mismatch {
                        span: path.span,
                        expected: "a duration".to_owned(),
                        found: format!("a {}", type_name(&ty)),
                        help: None,
                    });
                    return None;
                }
                Some(expr)
            }
        }
    }

    /// A calendar period.
    pub fn period(&mut self, path: &ast::Path) -> Option<Period> {
        let name = path.dotted();
        if let Some(Entity::Calendar(calendar)) = self.entity_at(self.document, path) {
            return Some(Period::Cycle(calendar));
        }
        match Unit::find(&name) {
            Some(unit) => Some(Period::Unit(unit)),
            None => {
                if let Some(first) = path.parts.first() {
                    let names = Unit::ALL.map(Unit::name);
                    self.complain(ResolveError::unknown(
                        "period",
                        first,
                        names,
                        "(there are day, week, month, year and the calendars)",
                    ));
                }
                None
            }
        }
    }

    /// How many.
    pub fn bounds(&mut self, count: &ast::Count, ctx: &Ctx) -> Option<Bounds> {
        let exact = |n: i64| Bounds {
            min: number(n),
            max: Some(number(n)),
            strict: false,
        };
        Some(match &count.kind {
            CountKind::No => exact(0),
            CountKind::Some => at_least(1),
            CountKind::Number(n) => exact(n.value),
            CountKind::Range(from, to) => {
                if let Some(to) = to
                    && to.value < from.value
                {
                    self.complain(ResolveError::Conflict {
                        what: format!("the range {}..{} is empty", from.value, to.value),
                        span: count.span,
                        label: "ends before it begins",
                        help: format!("write {}..{}", to.value, from.value),
                    });
                }
                Bounds {
                    min: number(from.value),
                    max: to.map(|n| number(n.value)),
                    strict: false,
                }
            }
            CountKind::AtLeast(amount) => Bounds {
                min: self.amount(amount, count.span, ctx)?,
                max: None,
                strict: false,
            },
            CountKind::MoreThan(amount) => Bounds {
                min: self.amount(amount, count.span, ctx)?,
                max: None,
                strict: true,
            },
            CountKind::AtMost(amount) => Bounds {
                min: number(0),
                max: Some(self.amount(amount, count.span, ctx)?),
                strict: false,
            },
            CountKind::All
            | CountKind::AllBut(_)
            | CountKind::Majority
            | CountKind::Supermajority => {
                self.complain(ResolveError::Mismatch {
                    span: count.span,
                    expected: "a number, a range, `some` or `no`".to_owned(),
                    found: "a share".to_owned(),
                    help: Some("shares of an electorate stand in `passes` and `quorum`".to_owned()),
                });
                return None;
            }
        })
    }

    /// The amount after `at least` and its like.
    pub fn amount(&mut self, amount: &Amount, span: Span, ctx: &Ctx) -> Option<Expr> {
        match amount {
            Amount::Number(n) => Some(number(n.value)),
            Amount::Fraction(num, den) => {
                self.complain(ResolveError::Fraction {
                    span,
                    text: format!("{}/{}", num.value, den.value),
                    help: "write a number; a share stands after `at least` or `more than`"
                        .to_owned(),
                    fix: None,
                });
                None
            }
            Amount::Path(path) => {
                let (expr, ty) = self.path_value(path, ctx, None)?;
                if ty != Type::Number {
                    self.complain(ResolveError::Mismatch {
                        span: path.span,
                        expected: "a number".to_owned(),
                        found: format!("a {}", type_name(&ty)),
                        help: None,
                    });
                    return None;
                }
                Some(expr)
            }
        }
    }
}

/// A fraction as written, and its numerator, denominator and strictness.
fn fraction_of(count: &ast::Count) -> Option<(String, (u32, u32, bool))> {
    let (num, den, strict) = match &count.kind {
        CountKind::AtLeast(Amount::Fraction(num, den)) => (num.value, den.value, false),
        CountKind::MoreThan(Amount::Fraction(num, den)) => (num.value, den.value, true),
        CountKind::Majority => (1, 2, true),
        CountKind::Supermajority => (2, 3, false),
        _ => return None,
    };
    let text = match &count.kind {
        CountKind::AtLeast(_) => format!("at least {num}/{den}"),
        CountKind::MoreThan(_) => format!("more than {num}/{den}"),
        CountKind::Majority => "majority".to_owned(),
        _ => "supermajority".to_owned(),
    };
    let num = u32::try_from(num).unwrap_or(u32::MAX);
    let den = u32::try_from(den).unwrap_or(u32::MAX);
    Some((text, (num, den, strict)))
}

fn membership(one: Expr, list: Expr, op: Op) -> Cond {
    let inside = Cond::In(one, Set::Values(list));
    if op == Op::Ne {
        Cond::Not(Box::new(inside))
    } else {
        inside
    }
}

/// Whether one of those who are named is enough.
fn is_one(who: &ast::Who) -> bool {
    match who.count.as_ref().map(|count| &count.kind) {
        None | Some(CountKind::Some) => true,
        Some(CountKind::Number(n) | CountKind::AtLeast(Amount::Number(n))) => n.value == 1,
        Some(_) => false,
    }
}

fn is_plain(test: &ast::Test) -> bool {
    test.count.is_none() && test.held.is_none() && test.noun.compare.is_none() && !test.distinct
}

fn is_none(bounds: &Bounds) -> bool {
    bounds.max == Some(number(0))
}

/// The words of a noun, for messages.
fn words(noun: &ast::Noun) -> String {
    match &noun.atom {
        Atom::Path { path, .. } => path.dotted(),
        Atom::Group(..) => "( … )".to_owned(),
    }
}

/// Whether a condition looks at the instance that asks it.
fn looks_at_instance(cond: &Cond) -> bool {
    let mut found = false;
    crate::ir::visit::cond(cond, &mut |part| {
        if let crate::ir::visit::Part::Place(place) = part {
            found |= !matches!(place, Place::Within(KindId::DOCUMENT) | Place::Of(_));
        }
    });
    found
}

/// Whether a condition speaks of an element or of the fields of an event, which last only a moment.
fn speaks_of_moment(cond: &Cond) -> bool {
    use crate::ir::visit::Part;
    let mut found = false;
    let mut inside_where = 0;
    crate::ir::visit::cond(cond, &mut |part| match part {
        Part::Set(Set::Where(..)) => inside_where += 1,
        Part::Expr(Expr::Param(_) | Expr::Actor | Expr::When | Expr::Subject | Expr::Holder)
        | Part::Cond(Cond::DoneBy(_)) => found = true,
        Part::Expr(Expr::Element) if inside_where == 0 => found = true,
        _ => {}
    });
    found
}
