//! What has happened: how often, of whom, and a share of it.

use super::values::at_least;
use super::{nothing, words};
use crate::hir::collect::Builder;
use crate::hir::error::ResolveError;
use crate::hir::names::{Ctx, Meaning};
use crate::ids::*;
use crate::ir::{About, Arm, Cond, Form, Keep, Place, Set, Window};
use crate::syntax::ast::{self, Amount, CountKind};

/// What occurrences must satisfy, beside being in a log.
pub(super) struct Narrowed<'a> {
    pub(super) by: Option<&'a ast::Who>,
    pub(super) window: Option<&'a ast::Window>,
}

impl Builder<'_> {
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
    pub(super) fn happened(
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
    pub(super) fn share(
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
}

/// A fraction as written, and its numerator, denominator and strictness.
pub(super) fn fraction_of(count: &ast::Count) -> Option<(String, (u32, u32, bool))> {
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

/// Whether a condition looks at the instance that asks it.
pub(super) fn looks_at_instance(cond: &Cond) -> bool {
    let mut found = false;
    crate::ir::visit::cond(cond, &mut |part| {
        if let crate::ir::visit::Part::Place(place) = part {
            found |= !matches!(place, Place::Within(KindId::DOCUMENT) | Place::Of(_));
        }
    });
    found
}
