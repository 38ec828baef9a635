//! For how long something has been so: `C for D`.

use super::nothing;
use super::sets::is_one;
use super::values::number;
use crate::hir::collect::Builder;
use crate::hir::error::ResolveError;
use crate::hir::names::{Ctx, Meaning};
use crate::ids::*;
use crate::ir::{About, Bounds, Cond, Expr, Keep, Place, Set, Window};
use crate::syntax::ast::{self, CountKind};

impl Builder<'_> {
    /// `C for D`.
    pub(super) fn held(
        &mut self,
        test: &ast::Test,
        meaning: Meaning,
        duration: Expr,
        ctx: &Ctx,
    ) -> Cond {
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
}

pub(super) fn is_none(bounds: &Bounds) -> bool {
    bounds.max == Some(number(0))
}

/// Whether a condition speaks of an element or of the fields of an event, which last only a moment.
pub(super) fn speaks_of_moment(cond: &Cond) -> bool {
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
