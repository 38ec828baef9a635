//! What must have been done when something happens: the steps of a `to` block.

use super::holds::negate;
use crate::hir::Said;
use crate::hir::collect::{Block, Builder};
use crate::hir::error::ResolveError;
use crate::hir::names::Ctx;
use crate::hir::terms::at_least;
use crate::ids::*;
use crate::ir::{About, Arm, Cond, EventSource, Expr, Keep, Place, Who, Window};
use crate::syntax::ast::{self, Clause as Node, Deed, Head, Modal};

impl Builder<'_> {
    /// The context inside a `to` block, for one of its events.
    pub(super) fn asked(&self, block: &Block, event: EventId) -> Ctx {
        let about = self.spec.events[event.index()].about();
        let base = self.ctx(block);
        Ctx {
            event: Some(event),
            asked: Some(event),
            subject: about.map(Expr::Param).or(base.subject.clone()),
            states: None,
            ..base
        }
    }

    /// A step in a `to` block: it has happened since the last time.
    pub(super) fn step(
        &mut self,
        id: ClauseId,
        node: &Node,
        block: &Block,
        arms: &[Arm],
        to_guard: Option<&ast::Cond>,
    ) {
        let Head::Norm {
            modal,
            not,
            act,
            phrases,
            target,
        } = &node.head
        else {
            return;
        };
        let Deed::Event(path) = &act.deed else { return };
        if matches!(modal, Modal::May | Modal::MayOnly) || target.is_some() {
            self.complain(ResolveError::Conflict {
                what: "a `to` block says what must be so, not what may be done".to_owned(),
                span: node.head_span,
                label: "permits something",
                help: "move this clause out of the block".to_owned(),
            });
            return;
        }
        let said = self.phrases(phrases);
        self.only_if_and_within(&said, node);
        for arm in arms {
            let ctx = self.asked(block, arm.event);
            let Some((done, place)) = self.arms_where(path, act.filter.as_ref(), &ctx) else {
                return;
            };
            let by = match &act.by {
                Some(who) => match self.who(who, &ctx) {
                    Some(who) => Some(who),
                    None => return,
                },
                None => None,
            };
            let matches = self.matches(std::slice::from_ref(arm), &done);
            let last = self.last_time(arm.event, !matches.is_empty());
            let window = Window::SinceLast { last, matches };
            let cond = self.done_since(done, place, by, window, &ctx);
            let guard = self.guards(&[to_guard, said.guard], &ctx);
            self.push(
                id,
                block,
                guard,
                Said::Check {
                    on: arm.clone(),
                    cond: negate(cond, *not),
                },
            );
        }
    }

    /// The log from whose last occurrence a `to` block counts: E's own, or for the outcome of a
    /// decision its previous closing.
    pub(super) fn last_time(&mut self, event: EventId, matched: bool) -> LogId {
        let source = self.spec.events[event.index()].source;
        let counted = match source {
            EventSource::Outcome(decision, _) => {
                let events = self.spec.events.iter();
                let closed = events
                    .enumerate()
                    .find(|(_, e)| e.source == EventSource::Closed(decision));
                closed.map_or(event, |(at, _)| EventId::new(at))
            }
            _ => event,
        };
        let kind = self.spec.events[counted.index()].kind;
        let people = self.spec.events[counted.index()].about().is_some();
        let arm = Arm {
            event: counted,
            filter: None,
        };
        let keep = Keep {
            instants: people || matched,
            people,
            fields: false,
            every: matched,
        };
        self.log(kind, vec![arm], keep)
    }

    pub(super) fn done_since(
        &mut self,
        arms: Vec<Arm>,
        place: Place,
        by: Option<Who>,
        window: Window,
        ctx: &Ctx,
    ) -> Cond {
        let about = self.about_of(&arms, ctx);
        let keep = Keep {
            instants: true,
            people: by.is_some() || about != About::Any,
            fields: false,
            every: matches!(&window, Window::SinceLast { matches, .. } if !matches.is_empty()),
        };
        let (log, place) = self.log_for(arms, place, keep, ctx);
        Cond::Happened {
            log,
            place,
            about,
            by,
            window,
            bounds: at_least(1),
        }
    }
}
