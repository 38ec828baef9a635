//! Roles and ladders.

use super::{Block, Builder};
use crate::hir::error::ResolveError;
use crate::hir::{Entity, Event, Field, Ladder, Role};
use crate::ids::*;
use crate::ir::{EventSource, Type};
use crate::syntax::ast::{self, Clause as Node, Head, Name, Tail};

impl Builder<'_> {
    pub(super) fn collect_roles(&mut self, clauses: &[Node], block: &Block) {
        let kind = block.kind();
        for clause in clauses {
            match &clause.head {
                Head::Role {
                    name,
                    spelled,
                    scope,
                    holder,
                } => {
                    let at = match scope {
                        Some(scope) => match self.kind_called(scope) {
                            Some(id) => id,
                            None => {
                                let names = self.kind_names();
                                self.complain(ResolveError::unknown(
                                    "kind",
                                    scope,
                                    names.iter().map(String::as_str),
                                    "in this spec",
                                ));
                                continue;
                            }
                        },
                        None => kind,
                    };
                    let known = match scope {
                        Some(_) => self.entity(at, &name.text),
                        None => self.visible(at, &name.text).map(|(_, e)| e),
                    };
                    // A role is taken up again with its block; a second bare line declares it twice.
                    let again = clause.body.is_some() && matches!(known, Some(Entity::Role(_)));
                    if !again {
                        let role = self.add_role(at, name, spelled, holder.as_ref());
                        // `role reviewer in Module` is known where it is declared too: used bare, it
                        // means any scope.
                        if let (Some(role), true) = (role, at != kind) {
                            self.declare(kind, name, Entity::Role(role));
                        }
                    }
                }
                Head::State(name, mark) => self.add_state(kind, name, mark.as_ref()),
                Head::Calendar(name) => self.add_calendar(kind, name, clause),
                _ => {}
            }
            for tail in &clause.tails {
                if let Tail::As(name) = tail {
                    self.named.push((kind, name.clone()));
                }
            }
            if let Some(body) = &clause.body {
                let inner = self.block_of(clause, block);
                self.collect_roles(&body.clauses, &inner);
            }
        }
    }

    /// Ladders come after roles: a rung is a role that is declared, or else one that this declares.
    pub(super) fn collect_ladders(&mut self, clauses: &[Node], block: &Block) {
        let kind = block.kind();
        for clause in clauses {
            if let Head::Ladder(name, rungs) = &clause.head {
                let mut roles = Vec::new();
                for rung in rungs {
                    match self.entity(kind, &rung.text) {
                        Some(Entity::Role(role)) => roles.push(role),
                        _ => roles.extend(self.add_role(kind, rung, &[], None)),
                    }
                }
                roles.iter().for_each(|&role| self.mention(role));
                let id = LadderId::new(self.spec.ladders.len());
                if self.declare(kind, name, Entity::Ladder(id)) {
                    self.spec.ladders.push(Ladder {
                        name: name.text.clone(),
                        rungs: roles,
                    });
                }
            }
            if let Some(body) = &clause.body {
                let inner = self.block_of(clause, block);
                if matches!(inner, Block::Kind(_)) {
                    self.collect_ladders(&body.clauses, &inner);
                }
            }
        }
    }

    /// The kinds that hold roles, now that all kinds and roles are known.
    pub(super) fn collect_holders(&mut self) {
        for (role, kind, ty) in std::mem::take(&mut self.holders) {
            let mut holders = Vec::new();
            for path in &ty.paths {
                match self.entity_at(kind, path) {
                    Some(Entity::Kind(id)) => holders.push(id),
                    Some(Entity::Role(of)) => {
                        self.spec.roles[role.index()].persons = true;
                        self.mention(of);
                    }
                    _ => {
                        if let Some(name) = path.parts.last() {
                            let names = self.kind_names();
                            self.complain(ResolveError::unknown(
                                "kind",
                                name,
                                names.iter().map(String::as_str),
                                "in this spec",
                            ));
                        }
                    }
                }
            }
            let events = [
                self.spec.roles[role.index()].added,
                self.spec.roles[role.index()].removed,
            ];
            for event in events {
                if let (Some(field), false) = (
                    self.spec.events[event.index()].fields.first_mut(),
                    holders.is_empty(),
                ) {
                    field.ty = Type::Instance(holders.clone());
                }
            }
            self.spec.roles[role.index()].holders = holders;
        }
    }

    pub(super) fn add_role(
        &mut self,
        kind: KindId,
        name: &Name,
        spelled: &[ast::Text],
        holder: Option<&ast::Type>,
    ) -> Option<RoleId> {
        let id = RoleId::new(self.spec.roles.len());
        if !self.declare(kind, name, Entity::Role(id)) {
            return None;
        }
        for text in spelled {
            // A record that says so must mean one role.
            let mut others = self.spec.roles.iter().filter(|r| r.kind == kind);
            if let Some(first) = others.find(|r| r.spelled.contains(&text.value)) {
                let first = first.span;
                self.complain(ResolveError::Twice {
                    name: text.value.clone(),
                    span: text.span,
                    first,
                    help: "leave one of them out".to_owned(),
                });
            }
        }
        if let Some(ty) = holder {
            self.holders.push((id, kind, ty.clone()));
        }
        let person = Field {
            name: "person".to_owned(),
            span: name.span,
            spelled: "person".to_owned(),
            ty: Type::Person,
            default: None,
            stores: None,
        };
        let event = |what: &str, source| Event {
            name: format!("{}.{what}", name.text),
            spelled: format!("{}.{what}", name.text),
            span: name.span,
            kind,
            fields: vec![person.clone()],
            source,
        };
        let added = EventId::new(self.spec.events.len());
        let removed = EventId::new(self.spec.events.len() + 1);
        self.spec
            .events
            .push(event("added", EventSource::RoleAdded(id)));
        self.spec
            .events
            .push(event("removed", EventSource::RoleRemoved(id)));
        let mut all = vec![name.text.clone()];
        all.extend(spelled.iter().map(|t| t.value.clone()));
        self.spec.roles.push(Role {
            name: name.text.clone(),
            span: name.span,
            spelled: all,
            kind,
            holders: Vec::new(),
            persons: false,
            seats: None,
            named: false,
            added,
            removed,
        });
        Some(id)
    }
}
