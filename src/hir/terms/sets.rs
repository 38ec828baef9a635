//! What stands for a set: unions, what is narrowed by a `where`, those who act.

use super::values::at_least;
use super::{nothing, words};
use crate::hir::collect::Builder;
use crate::hir::error::ResolveError;
use crate::hir::names::{Ctx, Elem, Meaning};
use crate::ids::*;
use crate::ir::{Arm, Cond, Const, Expr, Op, Place, Quantity, Set, Type, Who};
use crate::source::Span;
use crate::syntax::ast::{self, Amount, CountKind};

impl Builder<'_> {
    /// The union of several sets or events; nothing where they are conditions.
    pub(super) fn unite(&mut self, parts: Vec<Meaning>, ctx: &Ctx) -> Option<Meaning> {
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
    pub(super) fn holders_of_value(
        &mut self,
        expr: &Expr,
        roles: &[RoleId],
        ctx: &Ctx,
    ) -> (Set, Elem) {
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

    pub(super) fn filter_on_element(
        &mut self,
        filter: &ast::Filter,
        elem: &Elem,
        ctx: &Ctx,
    ) -> Cond {
        let inner = Ctx {
            element: Some(elem.clone()),
            trigger: false,
            ..ctx.clone()
        };
        self.filter(filter, &inner)
    }

    pub(super) fn filter(&mut self, filter: &ast::Filter, ctx: &Ctx) -> Cond {
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

    pub(super) fn counted_set(
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
}

/// Whether one of those who are named is enough.
pub(super) fn is_one(who: &ast::Who) -> bool {
    match who.count.as_ref().map(|count| &count.kind) {
        None | Some(CountKind::Some) => true,
        Some(CountKind::Number(n) | CountKind::AtLeast(Amount::Number(n))) => n.value == 1,
        Some(_) => false,
    }
}
