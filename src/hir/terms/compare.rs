//! Comparisons, and what is among something.

use super::{nothing, words};
use crate::hir::collect::Builder;
use crate::hir::error::ResolveError;
use crate::hir::names::{Ctx, Meaning, fits, type_name};
use crate::ir::{Cond, Expr, Op, Set, Type};
use crate::syntax::ast::{self, CountKind, RelOp};

impl Builder<'_> {
    pub(super) fn compare(
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
            self.mismatched(value.span(), &ty, &found);
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

    pub(super) fn among(
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

    pub(super) fn value_set(
        &mut self,
        value: &ast::Value,
        ctx: &Ctx,
        expected: Option<&Type>,
    ) -> Option<Set> {
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
}

pub(super) fn membership(one: Expr, list: Expr, op: Op) -> Cond {
    let inside = Cond::In(one, Set::Values(list));
    if op == Op::Ne {
        Cond::Not(Box::new(inside))
    } else {
        inside
    }
}
