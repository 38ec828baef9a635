//! Events with their parameters, fields, and the record.

use super::{Block, Builder, Define, LIFE, bare_name};
use crate::hir::error::ResolveError;
use crate::hir::{Entity, Event, Field, Record};
use crate::ids::*;
use crate::ir::EventSource;
use crate::syntax::ast::{self, Clause as Node, Head, Name};

impl Builder<'_> {
    pub(super) fn collect_events(&mut self, clauses: &[Node], block: &Block) {
        if *block == Block::Skip {
            return;
        }
        let kind = block.kind();
        for clause in clauses {
            match &clause.head {
                Head::Event(events) => {
                    for event in events {
                        self.add_event(kind, event, *block == Block::Trace);
                    }
                }
                Head::Define(name, cond) => {
                    let index = self.defines.len();
                    if self.declare(kind, name, Entity::Define(index)) {
                        self.defines.push(Define {
                            name: name.clone(),
                            kind,
                            cond: cond.clone(),
                        });
                    }
                }
                Head::HaveField {
                    name, ty, default, ..
                } => self.add_field(block, name, ty, default.as_ref()),
                Head::Seats(number) => match block {
                    Block::Role(_, role) => {
                        let seats = u32::try_from(number.value).ok();
                        self.spec.roles[role.index()].seats = seats;
                    }
                    _ => self.complain(ResolveError::Misplaced {
                        word: "seats".to_owned(),
                        span: clause.head_span,
                        belongs: "in a role".to_owned(),
                    }),
                },
                Head::Decision { .. } => self.add_decision(kind, clause),
                Head::Trace(name) => self.open_record(name),
                _ => {}
            }
            if let Some(body) = &clause.body {
                let inner = self.block_of(clause, block);
                self.collect_events(&body.clauses, &inner);
            }
        }
    }

    pub(super) fn open_record(&mut self, name: &ast::Text) {
        if let Some(record) = &self.spec.record {
            let first = record.span;
            self.complain(ResolveError::Twice {
                name: "trace".to_owned(),
                span: name.span,
                first,
                help: "put both records into one block, or into files of their own".to_owned(),
            });
            return;
        }
        self.spec.record = Some(Record {
            name: name.value.clone(),
            span: name.span,
            reads: Default::default(),
            subjects: Vec::new(),
            unknown: Vec::new(),
            names: Default::default(),
        });
    }

    pub(super) fn add_event(&mut self, kind: KindId, decl: &ast::EventDecl, recorded: bool) {
        let Some(name) = decl.path.parts.first() else {
            return;
        };
        if decl.path.parts.len() > 1 {
            self.complain(ResolveError::Conflict {
                what: format!("`{}` cannot be declared", decl.path.dotted()),
                span: decl.path.span,
                label: "a name with a dot",
                help: "events with a dot come with a role, a decision or a clause; declare the \
                       event where it belongs and give it a plain name"
                    .to_owned(),
            });
            return;
        }
        if !recorded && LIFE.contains(&name.text.as_str()) {
            self.complain(ResolveError::Conflict {
                what: format!(
                    "`{}` is a life event, which things have by themselves",
                    name.text
                ),
                span: name.span,
                label: "declared once more",
                help: "choose another name".to_owned(),
            });
            return;
        }
        let id = EventId::new(self.spec.events.len());
        let spelled = decl
            .spelled
            .as_ref()
            .map_or_else(|| name.text.clone(), |t| t.value.clone());
        if recorded {
            if let Some(record) = &mut self.spec.record {
                if let Some((_, first)) = record.names.get(&name.text) {
                    let first = *first;
                    self.complain(ResolveError::Twice {
                        name: name.text.clone(),
                        span: name.span,
                        first,
                        help: "leave one of them out".to_owned(),
                    });
                    return;
                }
                record.names.insert(name.text.clone(), (id, name.span));
            }
        } else if !self.declare(kind, name, Entity::Event(id)) {
            return;
        }
        let fields = self.params(kind, &decl.params, recorded);
        self.spec.events.push(Event {
            name: name.text.clone(),
            spelled,
            span: name.span,
            kind,
            fields,
            source: if recorded {
                EventSource::Record
            } else {
                EventSource::Declared
            },
        });
    }

    /// Where a type is looked up that an event of a record names: a role of the spec needs no group
    /// before it, where only one group has a role of that name.
    pub(super) fn scope_of_type(&self, kind: KindId, ty: &ast::Type) -> KindId {
        let path = ty.of.as_ref().or(ty.paths.first());
        let Some(path) = path.filter(|path| self.entity_at(kind, path).is_none()) else {
            return kind;
        };
        let [name] = path.parts.as_slice() else {
            return kind;
        };
        let kinds = (0..self.spec.kinds.len()).map(KindId::new);
        let mut found = kinds.filter(|&kind| {
            matches!(
                self.entity(kind, &name.text),
                Some(Entity::Role(_) | Entity::Ladder(_) | Entity::Define(_))
            )
        });
        match (found.next(), found.next()) {
            (Some(only), None) => only,
            _ => kind,
        }
    }

    pub(super) fn params(
        &mut self,
        kind: KindId,
        params: &[ast::Param],
        recorded: bool,
    ) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        for param in params {
            if let Some(first) = fields.iter().find(|f| f.name == param.name.text) {
                let first = first.span;
                self.complain(ResolveError::Twice {
                    name: param.name.text.clone(),
                    span: param.name.span,
                    first,
                    help: "rename one of them".to_owned(),
                });
                continue;
            }
            let scope = if recorded {
                self.scope_of_type(kind, &param.ty)
            } else {
                kind
            };
            let ty = self.resolve_type(scope, &param.ty);
            fields.push(Field {
                name: param.name.text.clone(),
                span: param.name.span,
                spelled: param
                    .spelled
                    .as_ref()
                    .map_or_else(|| param.name.text.clone(), |t| t.value.clone()),
                ty,
                default: None,
                stores: None,
            });
        }
        fields
    }

    pub(super) fn add_field(
        &mut self,
        block: &Block,
        name: &Name,
        ty: &ast::Type,
        default: Option<&ast::Value>,
    ) {
        let kind = block.kind();
        let ty = self.resolve_type(kind, ty);
        let default = default.and_then(|value| self.constant(value, &ty));
        let field = Field {
            name: name.text.clone(),
            span: name.span,
            spelled: name.text.clone(),
            ty,
            default,
            stores: None,
        };
        if *block == Block::Person {
            let known = self.spec.attributes.iter().find(|f| f.name == name.text);
            if let Some(first) = known.map(|f| f.span) {
                self.complain(ResolveError::Twice {
                    name: name.text.clone(),
                    span: name.span,
                    first,
                    help: "leave one of them out".to_owned(),
                });
            } else {
                self.spec.attributes.push(field);
            }
            return;
        }
        let id = FieldId::new(self.spec.kinds[kind.index()].fields.len());
        if self.declare(kind, name, Entity::Field(id)) {
            self.spec.kinds[kind.index()].fields.push(field);
        }
    }

    /// `to E { must have f: T }` makes f an optional parameter of E, whose value is stored in the
    /// group's field before the block is judged.
    pub(super) fn collect_parameters(&mut self, clauses: &[Node], block: &Block) {
        if *block == Block::Skip {
            return;
        }
        for clause in clauses {
            let Some(body) = &clause.body else { continue };
            let inner = self.block_of(clause, block);
            if let Head::To(act, _) = &clause.head {
                let kind = block.kind();
                let arms = self.arms_of_act(act, block).map(|(arms, _)| arms);
                for event in arms.into_iter().flatten().map(|arm| arm.event) {
                    if self.spec.events[event.index()].kind != kind {
                        continue;
                    }
                    for child in &body.clauses {
                        self.add_parameter(kind, event, child);
                    }
                }
            }
            self.collect_parameters(&body.clauses, &inner);
        }
    }

    pub(super) fn add_parameter(&mut self, kind: KindId, event: EventId, child: &Node) {
        let name = match &child.head {
            Head::HaveField { name, .. } => name,
            Head::Have { cond, .. } => match bare_name(cond) {
                Some(name) => name,
                None => return,
            },
            _ => return,
        };
        let Some(Entity::Field(field)) = self.entity(kind, &name.text) else {
            return;
        };
        let declared = self.spec.kinds[kind.index()].fields[field.index()].clone();
        let event = &mut self.spec.events[event.index()];
        if event.fields.iter().any(|f| f.name == name.text) {
            return;
        }
        event.fields.push(Field {
            default: None,
            stores: Some(field),
            ..declared
        });
    }
}
