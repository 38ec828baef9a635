//! Norms about an act: permissions, prohibitions, caps.

use super::phrases::{Phrases, both};
use super::{Outer, modality, slug};
use crate::hir::Said;
use crate::hir::collect::{Block, Builder};
use crate::hir::error::ResolveError;
use crate::hir::names::Ctx;
use crate::ids::*;
use crate::ir::{Arm, Cond, Expr, Keep, Place, Quantity, Set, Who};
use crate::source::Span;
use crate::syntax::ast::{self, Clause as Node, CountKind, Deed, Head, Modal, Path};

impl Builder<'_> {
    /// `must E …`, `may E …`, `must not E …`, `must "text" by R`.
    pub(super) fn norm(
        &mut self,
        node: &Node,
        block: &Block,
        outer: &Outer,
        section: &Option<String>,
    ) {
        let Head::Norm {
            modal, not, act, ..
        } = &node.head
        else {
            return;
        };
        let derived = match &act.deed {
            Deed::Event(path) if *not => format!("not-{}", path.dotted()),
            Deed::Event(path) => path.dotted(),
            Deed::Text(text) => slug(&text.value),
        };
        let Some(id) = self.clause(node, block, outer, section, &derived, modality(*modal)) else {
            return;
        };
        self.overriding(id, node);
        if *block == Block::Person {
            self.misplaced(node, "in a group, a role or the document");
            return;
        }
        if *not && matches!(modal, Modal::May | Modal::MayOnly) {
            self.complain(ResolveError::Conflict {
                what: "`may not` can be read as forbidden and as optional".to_owned(),
                span: node.head_span,
                label: "forbidden or optional?",
                help: "write `must not` for what is forbidden".to_owned(),
            });
            return;
        }
        match (&act.deed, &outer.to) {
            (Deed::Text(text), _) => self.responsibility(id, node, text, block),
            (Deed::Event(_), Some((arms, guard))) => {
                let (arms, guard) = (arms.clone(), guard.clone());
                self.step(id, node, block, &arms, guard.as_ref());
            }
            (Deed::Event(path), None) => self.deed(id, node, path, block),
        }
    }

    /// A norm about an event, outside `to` blocks.
    pub(super) fn deed(&mut self, id: ClauseId, node: &Node, path: &Path, block: &Block) {
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
        let ctx = self.ctx(block);
        let Some((mut arms, place)) = self.arms_where(path, act.filter.as_ref(), &ctx) else {
            return;
        };
        // A permission or prohibition speaks of the act itself: `self` is whom it is about.
        let subject = match modal {
            _ if ctx.each.is_some() => None,
            Modal::May | Modal::MayOnly => self.common_subject(&arms),
            _ if *not => self.common_subject(&arms),
            _ => None,
        };
        let acting = Ctx {
            subject: subject.or(ctx.subject.clone()),
            ..ctx.clone()
        };
        let mut by = match &act.by {
            Some(who) => match self.who(who, &acting) {
                Some(who) => Some(who),
                None => return,
            },
            None => None,
        };
        if by.is_none()
            && let Some(role) = ctx.role
        {
            by = Some(Who {
                quantity: Quantity::AtLeast(1),
                set: Set::Holders(role, self.place_of_role(role, &ctx)),
            });
        }
        if ctx.each.is_some() {
            let mut concerned = false;
            for arm in &mut arms {
                if let Some(about) = self.spec.events[arm.event.index()].about() {
                    concerned = true;
                    let is_holder = Cond::In(Expr::Param(about), Set::Values(Expr::Holder));
                    arm.also(is_holder);
                }
            }
            if by.is_none() && !concerned {
                by = Some(Who {
                    quantity: Quantity::AtLeast(1),
                    set: Set::Values(Expr::Holder),
                });
            }
        }
        let state = match target {
            Some(name) => match self.state_named(block.kind(), name) {
                Some(state) => Some(state),
                None => return,
            },
            None => None,
        };
        let said = self.phrases(phrases);
        let Some(arms) = self.of_one(arms, &place, &ctx, path.span) else {
            return;
        };
        if *not {
            self.prohibit(id, node, block, arms, by, &said);
            return;
        }
        if let Some((count, period)) = said.per
            && let CountKind::AtMost(amount) = &count.kind
        {
            self.cap(id, block, arms, amount, count.span, period, &ctx);
            return;
        }
        let body: &[Node] = node.body.as_ref().map_or(&[], |b| &b.clauses);
        match modal {
            Modal::May | Modal::MayOnly => {
                if said.periodic() || said.within.is_some() {
                    self.refuse_time(
                        node,
                        "a permission has no due date",
                        "may be done, and has a time",
                        "write `if` for when it may be done, or `must` where it is owed",
                    );
                }
                // What `if` asks of an act may speak of the act's own fields.
                let acting = match arms.as_slice() {
                    [arm] => Ctx {
                        event: Some(arm.event),
                        ..ctx.clone()
                    },
                    _ => ctx.clone(),
                };
                let after = said.after.map(|c| self.standing(c, &acting));
                let guard = self.guards(&[said.guard], &acting);
                let guard = both(guard, after);
                let exclusive = *modal == Modal::MayOnly || state.is_some();
                self.permit(id, block, arms, by, exclusive, state, guard, body);
            }
            Modal::Must | Modal::Will | Modal::Should => {
                self.owe(id, node, block, arms, by, state, &said, body);
            }
        }
    }

    pub(super) fn prohibit(
        &mut self,
        id: ClauseId,
        node: &Node,
        block: &Block,
        arms: Vec<Arm>,
        by: Option<Who>,
        said: &Phrases<'_>,
    ) {
        if said.periodic() || said.within.is_some() || said.before.is_some() {
            self.refuse_time(
                node,
                "a prohibition takes `if` and `after`, no due date",
                "must not be done, and has a time",
                "leave the time out",
            );
        }
        let ctx = self.ctx(block);
        let after = said.after.map(|c| self.standing(c, &ctx));
        let guard = self.guards(&[said.guard], &ctx);
        self.push(id, block, both(guard, after), Said::Prohibit { arms, by });
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one clause")]
    pub(super) fn cap(
        &mut self,
        id: ClauseId,
        block: &Block,
        arms: Vec<Arm>,
        amount: &ast::Amount,
        span: Span,
        period: &ast::Name,
        ctx: &Ctx,
    ) {
        let Some(max) = self.amount(amount, span, ctx) else {
            return;
        };
        let path = Path {
            parts: vec![period.clone()],
            span: period.span,
        };
        let Some(period) = self.period(&path) else {
            return;
        };
        let events = arms.iter().map(|arm| arm.event).collect();
        let keep = Keep {
            instants: true,
            people: false,
            fields: false,
            every: false,
        };
        let (log, _) = self.log_for(arms, Place::This, keep, ctx);
        self.push(
            id,
            block,
            None,
            Said::Cap {
                log,
                events,
                max,
                period,
            },
        );
    }

    /// One permit for each event, since what it brings about speaks of that event's fields.
    #[expect(clippy::too_many_arguments, reason = "the parts of one clause")]
    pub(super) fn permit(
        &mut self,
        id: ClauseId,
        block: &Block,
        arms: Vec<Arm>,
        by: Option<Who>,
        exclusive: bool,
        target: Option<StateId>,
        guard: Option<Cond>,
        body: &[Node],
    ) {
        let scope = self.scope(block, true);
        let in_state = matches!(block, Block::State(..) | Block::In(..));
        for arm in arms {
            let actions = self.actions(body, block, Some(arm.event));
            let said = Said::Permit {
                arms: vec![arm],
                by: by.clone(),
                exclusive,
                target,
                actions,
            };
            self.push_scoped(id, scope.clone(), in_state, guard.clone(), said);
        }
    }
}
