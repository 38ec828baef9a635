//! Values, durations, periods and counts.

use crate::hir::Entity;
use crate::hir::collect::Builder;
use crate::hir::error::ResolveError;
use crate::hir::names::{Ctx, Meaning, type_name};
use crate::ir::{Bounds, Const, Expr, Period, Type};
use crate::source::Span;
use crate::syntax::ast::{self, Amount, CountKind};
use crate::time::{Duration, Unit};

impl Builder<'_> {
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

    pub(super) fn path_value(
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
    pub(super) fn template(&mut self, text: &ast::Text, ctx: &Ctx) -> Option<Expr> {
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

    pub(super) fn literal_duration(
        &mut self,
        n: ast::Number,
        unit: &ast::Name,
    ) -> Option<Duration> {
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
        match Unit::find(&name).filter(|unit| Unit::PERIODS.contains(unit)) {
            Some(unit) => Some(Period::Unit(unit)),
            None => {
                if let Some(first) = path.parts.first() {
                    let names = Unit::PERIODS.map(Unit::name);
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

pub(super) fn number(n: i64) -> Expr {
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
