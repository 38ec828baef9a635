//! The parts of a norm after its act: when, how often, on what condition.

use crate::hir::Entity;
use crate::hir::collect::{Builder, bare_name};
use crate::hir::error::ResolveError;
use crate::hir::names::{Ctx, Meaning};
use crate::ir::{Cond, Due, Expr, Period, Type};
use crate::source::Span;
use crate::syntax::ast::{self, Clause as Node, Path, Phrase, PhraseKind};
use crate::time::{Duration, Unit};

/// The phrases of a clause, each at most once.
#[derive(Default)]
pub(super) struct Phrases<'a> {
    pub(super) guard: Option<&'a ast::Cond>,
    pub(super) every: Option<(&'a ast::Duration, Option<&'a Path>)>,
    pub(super) per: Option<(&'a ast::Count, &'a ast::Name)>,
    pub(super) within: Option<(&'a ast::Duration, Span)>,
    pub(super) after: Option<&'a ast::Cond>,
    pub(super) before: Option<(Option<&'a (ast::Number, ast::Name)>, &'a ast::Cond)>,
}

impl Phrases<'_> {
    /// Whether it says how often.
    pub(super) fn periodic(&self) -> bool {
        self.every.is_some() || self.per.is_some()
    }
}

impl Builder<'_> {
    pub(super) fn phrases<'p>(&mut self, phrases: &'p [Phrase]) -> Phrases<'p> {
        let mut found = Phrases::default();
        for phrase in phrases {
            let twice = match &phrase.kind {
                PhraseKind::If(cond) => found.guard.replace(cond).is_some(),
                PhraseKind::Every(duration, except) => {
                    found.every.replace((duration, except.as_ref())).is_some()
                }
                PhraseKind::Per(count, period) => found.per.replace((count, period)).is_some(),
                PhraseKind::Within(duration) => {
                    found.within.replace((duration, phrase.span)).is_some()
                }
                PhraseKind::After(cond) => found.after.replace(cond).is_some(),
                PhraseKind::Before(offset, cond) => {
                    found.before.replace((offset.as_ref(), cond)).is_some()
                }
            };
            if twice {
                self.complain(ResolveError::Conflict {
                    what: "this part is said twice".to_owned(),
                    span: phrase.span,
                    label: "said again",
                    help: "leave one of them out, or write two clauses".to_owned(),
                });
            }
        }
        found
    }

    /// A state of affairs is so all the time: it takes no other time than a grace.
    pub(super) fn only_if_and_within(&mut self, said: &Phrases<'_>, node: &Node) {
        if said.periodic() || said.after.is_some() || said.before.is_some() {
            self.refuse_time(
                node,
                "a state of affairs takes `if` and `within`, no other time",
                "takes another time",
                "say `must E …` of an event, or leave the other times out",
            );
        }
    }

    /// Complains of a time that the clause cannot have.
    pub(super) fn refuse_time(&mut self, node: &Node, what: &str, label: &'static str, help: &str) {
        self.complain(ResolveError::Conflict {
            what: what.to_owned(),
            span: node.head_span,
            label,
            help: help.to_owned(),
        });
    }

    pub(super) fn guards(&mut self, parts: &[Option<&ast::Cond>], ctx: &Ctx) -> Option<Cond> {
        let mut conds: Vec<Cond> = parts
            .iter()
            .flatten()
            .map(|cond| self.cond(cond, ctx))
            .collect();
        match conds.len() {
            0 => None,
            1 => conds.pop(),
            _ => Some(Cond::All(conds)),
        }
    }

    /// The calendar or unit that a condition is nothing but the name of, and what it is called.
    pub(super) fn ended_period(&mut self, cond: &ast::Cond, ctx: &Ctx) -> Option<(String, Period)> {
        let name = bare_name(cond)?;
        let period = match self.visible(ctx.kind, &name.text) {
            Some((_, Entity::Calendar(calendar))) => Period::Cycle(calendar),
            Some(_) => return None,
            None => {
                let unit = Unit::find(&name.text).filter(|unit| Unit::PERIODS.contains(unit));
                Period::Unit(unit?)
            }
        };
        Some((name.text.clone(), period))
    }

    /// The dates that do not count in a largest gap.
    pub(super) fn excepted(&mut self, path: &Path, ctx: &Ctx) -> Option<Expr> {
        match self.path(path, ctx, false)? {
            Meaning::Value(expr, Type::Date) => Some(expr),
            Meaning::Value(expr, Type::List(inner)) if *inner == Type::Date => Some(expr),
            other => {
                self.complain(ResolveError::Wrong {
                    name: path.dotted(),
                    span: path.span,
                    is: other.describe(),
                    wanted: "dates".to_owned(),
                    help: Some("name a field of type `list of date`".to_owned()),
                });
                None
            }
        }
    }

    pub(super) fn before(
        &mut self,
        offset: Option<&(ast::Number, ast::Name)>,
        cond: &ast::Cond,
        ctx: &Ctx,
    ) -> Option<Due> {
        let offset = match offset {
            Some((n, unit)) => match (u32::try_from(n.value), Unit::find(&unit.text)) {
                (Ok(count), Some(unit)) => Some(Duration { count, unit }),
                _ => {
                    self.complain(ResolveError::BadValue {
                        what: "duration",
                        text: format!("{} {}", n.value, unit.text),
                        span: unit.span,
                    });
                    return None;
                }
            },
            None => None,
        };
        if let Some((arms, place)) = self.trigger_arms(cond, ctx) {
            let arms = self.of_one(arms, &place, ctx, cond.span())?;
            if offset.is_some() {
                self.complain(ResolveError::Conflict {
                    what: "nobody knows in advance when an event will happen".to_owned(),
                    span: cond.span(),
                    label: "an event, not a date",
                    help: "write `before` without a duration, or name a date".to_owned(),
                });
                return None;
            }
            return Some(Due::Before(arms));
        }
        let named = match cond {
            ast::Cond::Test(test) if test.held.is_none() && test.count.is_none() => {
                self.atom(&test.noun.atom, ctx)?
            }
            _ => Meaning::Holds(self.cond(cond, ctx)),
        };
        match named {
            Meaning::Value(expr, Type::Date) => Some(Due::ByDate(expr, offset)),
            other => {
                self.complain(ResolveError::Wrong {
                    name: self.words(cond.span()),
                    span: cond.span(),
                    is: other.describe(),
                    wanted: "an event or a date".to_owned(),
                    help: Some(
                        "nobody knows in advance when a condition will become true: name an \
                         event or a date; or say as a rule what must have happened while it holds, \
                         `must have EVENT if CONDITION`"
                            .to_owned(),
                    ),
                });
                None
            }
        }
    }
}

pub(super) fn both(a: Option<Cond>, b: Option<Cond>) -> Option<Cond> {
    match (a, b) {
        (Some(a), Some(b)) => Some(Cond::All(vec![a, b])),
        (a, b) => a.or(b),
    }
}
