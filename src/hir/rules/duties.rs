//! What is owed: when it arises and when it is due.

use super::phrases::{Phrases, both};
use crate::hir::Said;
use crate::hir::collect::{Block, Builder};
use crate::hir::error::ResolveError;
use crate::hir::terms::at_least;
use crate::ids::*;
use crate::ir::{About, Arises, Arm, Cond, Due, Keep, Who, Window};
use crate::syntax::ast::{Clause as Node, Path, Tail};

impl Builder<'_> {
    /// A duty; a power too where it moves a state, a permission of its bearer where it names one.
    #[expect(clippy::too_many_arguments, reason = "the parts of one clause")]
    pub(super) fn owe(
        &mut self,
        id: ClauseId,
        node: &Node,
        block: &Block,
        arms: Vec<Arm>,
        by: Option<Who>,
        target: Option<StateId>,
        said: &Phrases<'_>,
        body: &[Node],
    ) {
        let ctx = self.ctx(block);
        let guard = self.guards(&[said.guard], &ctx);
        let mut arises = Arises::Entry;
        let mut due = Due::Open;
        let mut matches = Vec::new();
        let mut power = None;
        let mut excepted = None;
        if let Some((duration, except)) = said.every {
            if let Some(path) = except {
                excepted = self.excepted(path, &ctx);
            }
            let Some(duration) = self.duration(duration, &ctx) else {
                return;
            };
            arises = Arises::Every(duration);
        }
        if let Some((count, period)) = said.per {
            let path = Path {
                parts: vec![period.clone()],
                span: period.span,
            };
            let (Some(bounds), Some(unit)) = (self.bounds(count, &ctx), self.period(&path)) else {
                return;
            };
            arises = Arises::Per(bounds, unit);
        }
        if said.periodic()
            && (said.after.is_some() || said.within.is_some() || said.before.is_some())
            || said.every.is_some() && said.per.is_some()
        {
            self.refuse_time(
                node,
                "a periodic duty is due by its period alone",
                "due by its period and otherwise",
                "write two clauses",
            );
            return;
        }
        if let Some(after) = said.after
            && let Some((name, period)) = self.ended_period(after, &ctx)
        {
            if let Some(target) = target {
                let state = &self.spec.kinds[block.kind().index()].states[target.index()].name;
                let help = format!(
                    "say both in clauses of their own: `must EVENT after {name}`, and `may EVENT -> \
                     {state}`"
                );
                self.complain(ResolveError::Conflict {
                    what: "a period ends again and again, and a state is left once".to_owned(),
                    span: after.span(),
                    label: "owed for each period, and a way out",
                    help,
                });
                return;
            }
            arises = Arises::Ended(period, self.naming(&arms, &name));
        } else if let Some(after) = said.after {
            match self.trigger_arms(after, &ctx) {
                Some((triggers, place)) => {
                    if !self.whose(&triggers, &ctx, after.span()) {
                        return;
                    }
                    let Some(triggers) = self.of_one(triggers, &place, &ctx, after.span()) else {
                        return;
                    };
                    matches = self.matches(&triggers, &arms);
                    let keep = Keep {
                        instants: true,
                        people: false,
                        fields: false,
                        every: false,
                    };
                    let (log, place) = self.log_for(triggers.clone(), place, keep, &ctx);
                    power = Some(Cond::Happened {
                        log,
                        place,
                        about: About::Any,
                        by: None,
                        window: if ctx.states.is_some() {
                            Window::Entry
                        } else {
                            Window::Life
                        },
                        bounds: at_least(1),
                    });
                    arises = Arises::After(triggers);
                }
                None => {
                    let cond = self.standing(after, &ctx);
                    power = Some(cond.clone());
                    arises = Arises::While(cond);
                }
            }
            if target.is_some() {
                due = Due::EndOfDay;
            }
        }
        if let Some((within, _)) = said.within {
            let Some(duration) = self.duration(within, &ctx) else {
                return;
            };
            due = Due::Within(duration);
        }
        if let Some((offset, cond)) = said.before {
            match self.before(offset, cond, &ctx) {
                Some(before) => due = before,
                None => return,
            }
        }
        let end_of_day = node.tails.iter().any(|tail| match tail {
            Tail::UntilName(name) if name.text == "end-of-day" => true,
            Tail::UntilName(name) => {
                self.complain(ResolveError::unknown(
                    "moment",
                    name,
                    ["end-of-day"],
                    "(there is `end-of-day`)",
                ));
                false
            }
            _ => false,
        });
        if target.is_some() || by.is_some() {
            let empowered = if target.is_some() {
                both(guard.clone(), power)
            } else {
                guard.clone()
            };
            self.permit(
                id,
                block,
                arms.clone(),
                by.clone(),
                target.is_some(),
                target,
                empowered,
                body,
            );
        } else if !body.is_empty() {
            self.permit(
                id,
                block,
                arms.clone(),
                None,
                false,
                None,
                guard.clone(),
                body,
            );
        }
        self.push(
            id,
            block,
            guard,
            Said::Owe {
                arms,
                by,
                arises,
                due,
                end_of_day,
                matches,
                except: excepted,
                moves: target.is_some(),
            },
        );
    }
}
