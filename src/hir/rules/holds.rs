//! What must be so: states of affairs, fields, and responsibilities.

use super::phrases::Phrases;
use super::{Outer, modality, slug};
use crate::hir::collect::{Block, Builder};
use crate::hir::error::ResolveError;
use crate::hir::names::Ctx;
use crate::hir::terms::at_least;
use crate::hir::{Entity, Said};
use crate::ids::*;
use crate::ir::{Cond, Expr, Place, Set};
use crate::syntax::ast::{self, Clause as Node, CountKind, Head, Modal};

impl Builder<'_> {
    /// `must have C`, `must be C`.
    pub(super) fn have(
        &mut self,
        node: &Node,
        block: &Block,
        outer: &Outer,
        section: &Option<String>,
    ) {
        let Head::Have {
            modal,
            not,
            cond,
            phrases,
            ..
        } = &node.head
        else {
            return;
        };
        let derived = slug(&self.words(cond.span()));
        let Some(id) = self.clause(node, block, outer, section, &derived, modality(*modal)) else {
            return;
        };
        self.overriding(id, node);
        let said = self.phrases(phrases);
        self.only_if_and_within(&said, node);
        if matches!(modal, Modal::May | Modal::MayOnly) {
            let plain = *modal == Modal::May && !not && phrases.is_empty() && outer.to.is_none();
            // `may have no lead`: that there may be nobody is said, for the checks to know.
            if plain
                && let ast::Cond::Test(test) = cond
                && let Some(count) = &test.count
                && matches!(count.kind, CountKind::No)
            {
                let ctx = self.ctx(block);
                let cond = self.cond(cond, &ctx);
                if matches!(cond, Cond::Count { .. }) {
                    self.push(id, block, None, Said::Admit { cond });
                    return;
                }
            }
            self.complain(ResolveError::Conflict {
                what: "a permission to have something says nothing".to_owned(),
                span: node.head_span,
                label: "permits, and declares nothing",
                help: "write a type after it, `may have x: text`, to declare a field; `may have \
                       no x`, if nobody need be; or `must have`"
                    .to_owned(),
            });
            return;
        }
        self.so(id, block, outer, &said, &mut |builder, ctx| {
            negate(builder.cond(cond, ctx), *not)
        });
    }

    /// `must have f: T`, `may have f: T = v`: the field is declared already; is it required?
    pub(super) fn have_field(
        &mut self,
        node: &Node,
        block: &Block,
        outer: &Outer,
        section: &Option<String>,
    ) {
        let Head::HaveField {
            modal,
            not,
            name,
            phrases,
            ..
        } = &node.head
        else {
            return;
        };
        if *not {
            self.complain(ResolveError::Conflict {
                what: "a field that must not be is no field".to_owned(),
                span: node.head_span,
                label: "declared and ruled out",
                help: format!("write `must not have {}` without a type", name.text),
            });
            return;
        }
        if *block == Block::Person {
            if *modal != Modal::May {
                let name = &name.text;
                self.complain(ResolveError::Conflict {
                    what: "persons are not declared, so there is nobody who must have this"
                        .to_owned(),
                    span: node.head_span,
                    label: "asked of everybody",
                    help: format!(
                        "write `may have {name}: …` here, and ask it of those who hold a role: \
                         `must have no ROLE where not {name}`"
                    ),
                });
            }
            return;
        }
        let Some(id) = self.clause(node, block, outer, section, &name.text, modality(*modal))
        else {
            return;
        };
        let said = self.phrases(phrases);
        self.only_if_and_within(&said, node);
        let field = match self.entity(block.kind(), &name.text) {
            Some(Entity::Field(field)) if !matches!(modal, Modal::May | Modal::MayOnly) => field,
            _ => {
                self.push(id, block, None, Said::Remark);
                return;
            }
        };
        let filled = Cond::Filled(Expr::Field(Place::This, field));
        self.so(id, block, outer, &said, &mut |_, _| filled.clone());
    }

    /// What must be so: when an event happens in a `to` block, elsewhere at every settled instant.
    fn so(
        &mut self,
        id: ClauseId,
        block: &Block,
        outer: &Outer,
        said: &Phrases<'_>,
        cond: &mut dyn FnMut(&mut Self, &Ctx) -> Cond,
    ) {
        let Some((arms, to_guard)) = &outer.to else {
            let ctx = self.ctx(block);
            let cond = cond(self, &ctx);
            self.hold(id, block, said, cond, None);
            return;
        };
        if let Some((_, span)) = said.within {
            self.complain(ResolveError::Conflict {
                what: "`within` says nothing in a `to` block".to_owned(),
                span,
                label: "a time where none passes",
                help: "what a `to` block asks is judged when the event happens; leave `within` \
                       out"
                .to_owned(),
            });
        }
        for arm in arms.clone() {
            let ctx = self.asked(block, arm.event);
            let cond = cond(self, &ctx);
            let guard = self.guards(&[to_guard.as_ref(), said.guard], &ctx);
            self.push(id, block, guard, Said::Check { on: arm, cond });
        }
    }

    /// What must be so at every settled instant, or again within the grace that is said.
    fn hold(
        &mut self,
        id: ClauseId,
        block: &Block,
        said: &Phrases<'_>,
        cond: Cond,
        responsibility: Option<String>,
    ) {
        let ctx = self.ctx(block);
        let guard = self.guards(&[said.guard], &ctx);
        let grace = said.within.and_then(|(d, _)| self.duration(d, &ctx));
        let said = Said::Hold {
            cond,
            grace,
            responsibility,
        };
        self.push(id, block, guard, said);
    }

    /// A responsibility: nobody can see it done, but it needs a bearer.
    pub(super) fn responsibility(
        &mut self,
        id: ClauseId,
        node: &Node,
        text: &ast::Text,
        block: &Block,
    ) {
        let Head::Norm {
            modal,
            act,
            phrases,
            target,
            ..
        } = &node.head
        else {
            return;
        };
        if let Some(target) = target {
            self.complain(ResolveError::Conflict {
                what: "a responsibility is never seen done, and leads nowhere".to_owned(),
                span: target.span,
                label: "cannot be reached",
                help: "name an event instead of a text".to_owned(),
            });
        }
        if matches!(modal, Modal::May | Modal::MayOnly) {
            self.push(id, block, None, Said::Remark);
            return;
        }
        let ctx = self.ctx(block);
        let set = match (&act.by, ctx.role, ctx.each) {
            (Some(who), _, _) => self.who(who, &ctx).map(|w| w.set),
            (None, Some(role), _) => Some(Set::Holders(role, self.place_of_role(role, &ctx))),
            (None, None, Some(_)) => {
                self.push(id, block, None, Said::Remark);
                return;
            }
            (None, None, None) => {
                self.complain(ResolveError::Missing {
                    what: "who answers for this".to_owned(),
                    span: text.span,
                    help: "write `by …` after it, or put it into a `role` block".to_owned(),
                });
                return;
            }
        };
        let Some(set) = set else { return };
        let said = self.phrases(phrases);
        self.only_if_and_within(&said, node);
        let cond = Cond::Count {
            set,
            distinct: false,
            bounds: at_least(1),
        };
        self.hold(id, block, &said, cond, Some(text.value.clone()));
    }
}

pub(super) fn negate(cond: Cond, not: bool) -> Cond {
    if not { Cond::Not(Box::new(cond)) } else { cond }
}
