//! What follows by itself: `on`, and the effects in a block.

use super::{Outer, slug};
use crate::hir::Said;
use crate::hir::collect::{Block, Builder};
use crate::hir::error::ResolveError;
use crate::hir::names::{Ctx, Meaning, fits};
use crate::ids::*;
use crate::ir::{Action, Expr, Modality, Place, RoleRef, Set, Trigger, Type};
use crate::syntax::ast::{self, Clause as Node, Head, Path};

impl Builder<'_> {
    /// `on C if G -> S { … }`
    pub(super) fn on(
        &mut self,
        node: &Node,
        block: &Block,
        outer: &Outer,
        section: &Option<String>,
    ) {
        let Head::On {
            trigger,
            guard,
            target,
        } = &node.head
        else {
            return;
        };
        let derived = format!("on-{}", slug(&self.words(trigger.span())));
        let Some(id) = self.clause(node, block, outer, section, &derived, Modality::None) else {
            return;
        };
        let state = match target {
            Some(name) => match self.state_named(block.kind(), name) {
                Some(state) => Some(state),
                None => return,
            },
            None => None,
        };
        let ctx = self.ctx(block);
        let body: &[Node] = node.body.as_ref().map_or(&[], |b| &b.clauses);
        if state.is_none() && body.is_empty() {
            self.complain(ResolveError::Missing {
                what: "what follows".to_owned(),
                span: node.head_span,
                help: "write `-> state`, or a block with `grant`, `revoke`, `set` or `do`"
                    .to_owned(),
            });
            return;
        }
        match self.trigger_arms(trigger, &ctx) {
            Some((arms, place)) => {
                if !self.whose(&arms, &ctx, trigger.span()) {
                    return;
                }
                let Some(arms) = self.of_one(arms, &place, &ctx, trigger.span()) else {
                    return;
                };
                for arm in arms {
                    let inner = Ctx {
                        event: Some(arm.event),
                        ..ctx.clone()
                    };
                    let guard = self.guards(&[guard.as_ref()], &inner);
                    let actions = self.actions(body, block, Some(arm.event));
                    let said = Said::React {
                        trigger: Trigger::Event(arm),
                        target: state,
                        actions,
                        recorded: false,
                    };
                    self.push(id, block, guard, said);
                }
            }
            None => {
                let cond = self.cond(trigger, &ctx);
                let guard = self.guards(&[guard.as_ref()], &ctx);
                let actions = self.actions(body, block, None);
                let said = Said::React {
                    trigger: Trigger::Becomes(cond),
                    target: state,
                    actions,
                    recorded: false,
                };
                self.push(id, block, guard, said);
            }
        }
    }

    /// The effects in a block.
    pub fn actions(&mut self, body: &[Node], block: &Block, event: Option<EventId>) -> Vec<Action> {
        let ctx = Ctx {
            event,
            subject: event
                .and_then(|e| self.spec.events[e.index()].about())
                .map(Expr::Param),
            ..self.ctx(block)
        };
        body.iter()
            .filter_map(|node| match &node.head {
                Head::Grant(role, to) => {
                    let (role, place) = self.role_ref(role, &ctx)?;
                    let set = self.people(to, &ctx)?;
                    Some(Action::Grant(role, place, set))
                }
                Head::Revoke(role, from) => {
                    let (role, place) = self.role_ref(role, &ctx)?;
                    let set = self.people(from, &ctx)?;
                    Some(Action::Revoke(role, place, set))
                }
                Head::Set(path, value) => self.assign(path, value, &ctx),
                Head::Do(path, args) => self.emit(path, args, &ctx),
                Head::Error => None,
                _ => {
                    self.misplaced(
                        node,
                        "outside: here stand `grant`, `revoke`, `set` and `do`",
                    );
                    None
                }
            })
            .collect()
    }

    pub(super) fn people(&mut self, path: &Path, ctx: &Ctx) -> Option<Set> {
        let meaning = self.path(path, ctx, false)?;
        self.as_set(meaning, path.span, ctx).map(|(set, _)| set)
    }

    pub(super) fn role_ref(&mut self, path: &Path, ctx: &Ctx) -> Option<(RoleRef, Place)> {
        match self.path(path, ctx, true)? {
            // `assets.owner`: in each of the groups that the list holds.
            Meaning::Many {
                set: Set::HoldersOf(within, role),
                ..
            } => {
                let list = match *within {
                    Set::Values(list) => list,
                    other => Expr::Elements(Box::new(other)),
                };
                Some((RoleRef::Role(role), Place::Of(Box::new(list))))
            }
            Meaning::Many { roles, place, .. } if !roles.is_empty() => {
                let role = *roles.first()?;
                let kind = self.spec.roles[role.index()].kind;
                let seen = kind == ctx.kind || self.encloses(kind, ctx.kind);
                // Of no one group at hand, it is the role in each of them.
                let place = place.unwrap_or_else(|| match seen {
                    true => Place::Within(kind),
                    false => Place::Of(Box::new(Expr::Elements(Box::new(Set::Instances(
                        kind, None,
                    ))))),
                });
                Some((RoleRef::Role(role), place))
            }
            Meaning::Value(expr, Type::Role(roles)) => {
                let role = *roles.first()?;
                Some((RoleRef::Value(expr), self.place_of_role(role, ctx)))
            }
            other => {
                self.complain(ResolveError::Wrong {
                    name: path.dotted(),
                    span: path.span,
                    is: other.describe(),
                    wanted: "a role".to_owned(),
                    help: None,
                });
                None
            }
        }
    }

    pub(super) fn assign(&mut self, path: &Path, value: &ast::Value, ctx: &Ctx) -> Option<Action> {
        // Left of `set` is never a parameter of the event, but a path may go through one.
        let plain = path.parts.len() == 1;
        let left = Ctx {
            event: ctx.event.filter(|_| !plain),
            ..ctx.clone()
        };
        let Meaning::Value(target, ty) = self.path(path, &left, false)? else {
            self.complain(ResolveError::Wrong {
                name: path.dotted(),
                span: path.span,
                is: "no field".to_owned(),
                wanted: "a field that can be set".to_owned(),
                help: None,
            });
            return None;
        };
        let (expr, found) = self.value(value, ctx, Some(&ty))?;
        if !fits(&found, &ty) {
            self.mismatched(value.span(), &ty, &found);
            return None;
        }
        match target {
            Expr::Field(place, field) => Some(Action::SetField(place, field, expr)),
            Expr::Attribute(of, attribute) => Some(Action::SetAttribute(*of, attribute, expr)),
            _ => {
                self.complain(ResolveError::Wrong {
                    name: path.dotted(),
                    span: path.span,
                    is: "a value of the moment".to_owned(),
                    wanted: "a field that can be set".to_owned(),
                    help: None,
                });
                None
            }
        }
    }

    pub(super) fn emit(&mut self, path: &Path, args: &[ast::Arg], ctx: &Ctx) -> Option<Action> {
        // The record's own events come first in a mapping, but what is done is the spec's.
        let spec_only = Ctx {
            record: false,
            ..ctx.clone()
        };
        // A parameter is whose event it is, never an event.
        let of_param = path.parts.len() > 1
            && ctx.event.is_some_and(|event| {
                let fields = &self.spec.events[event.index()].fields;
                path.parts
                    .first()
                    .is_some_and(|p| fields.iter().any(|f| f.name == p.text))
            });
        let inner = Ctx {
            event: ctx.event.filter(|_| of_param),
            ..spec_only
        };
        let (arms, place) = self.arms(path, &inner)?;
        let [arm] = arms.as_slice() else {
            self.complain(ResolveError::Conflict {
                what: "one event is done at a time".to_owned(),
                span: path.span,
                label: "several events",
                help: "write a `do` for each".to_owned(),
            });
            return None;
        };
        let event = arm.event;
        let mut list = Vec::new();
        for (index, arg) in args.iter().enumerate() {
            let fields = &self.spec.events[event.index()].fields;
            let field = match &arg.name {
                Some(name) => match fields.iter().position(|f| f.name == name.text) {
                    Some(at) => at,
                    None => {
                        let names: Vec<String> = fields.iter().map(|f| f.name.clone()).collect();
                        let error = ResolveError::unknown(
                            "field",
                            name,
                            names.iter().map(String::as_str),
                            format!("in `{}`", path.dotted()),
                        );
                        self.complain(error);
                        continue;
                    }
                },
                None => index,
            };
            let Some(declared) = fields.get(field) else {
                let taken = fields.len();
                let values = if taken == 1 { "value" } else { "values" };
                self.complain(ResolveError::Mismatch {
                    span: arg.value.span(),
                    expected: format!("at most {taken} {values} for `{}`", path.dotted()),
                    found: "one more".to_owned(),
                    help: Some("leave it out, or declare a field for it".to_owned()),
                });
                continue;
            };
            let ty = declared.ty.clone();
            let Some((expr, found)) = self.value(&arg.value, ctx, Some(&ty)) else {
                continue;
            };
            if fits(&found, &ty) {
                list.push((FieldId::new(field), expr));
            } else {
                self.mismatched(arg.value.span(), &ty, &found);
            }
        }
        Some(Action::Emit {
            event,
            place,
            args: list,
        })
    }
}
