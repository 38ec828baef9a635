//! Kinds, roles, ladders, calendars and events, with their fields and types.

use super::Validator;
use crate::ids::*;
use crate::ir::*;

impl Validator<'_> {
    pub(super) fn kinds(&mut self) {
        let model = self.model;
        match model.kinds.first() {
            Some(kind) if kind.form == Form::Document => {}
            _ => self.at("kinds", |v| v.error("kind 0 must be the document")),
        }
        self.each("kinds", &model.kinds, |v, kind| {
            let id = KindId::new(v.counted);
            if let Some(parent) = kind.parent {
                v.at("parent", |v| {
                    v.kind(parent);
                });
            }
            v.at("initial", |v| {
                v.index("state", kind.initial.index(), kind.states.len());
            });
            v.each("states", &kind.states, |v, state| v.origin(state.origin));
            v.each("fields", &kind.fields, |v, field| v.field(field, None));
            if let Some(event) = kind.added {
                v.at("added", |v| {
                    v.event_of(event, EventSource::KindAdded(id));
                });
            }
            v.origin(kind.origin);
        });
        let documents = model
            .kinds
            .iter()
            .skip(1)
            .filter(|k| k.form == Form::Document);
        if documents.count() > 0 {
            self.at("kinds", |v| v.error("there is more than one document"));
        }
        self.acyclic("kinds", "parent", model.kinds.len(), |index| {
            let parent = model.kinds.get(index).and_then(|kind| kind.parent);
            parent.into_iter().map(|id| id.index()).collect()
        });
    }

    /// Roles and ladders.
    pub(super) fn roles(&mut self) {
        let model = self.model;
        self.each("roles", &model.roles, |v, role| {
            let id = RoleId::new(v.counted);
            v.at("kind", |v| {
                v.kind(role.kind);
            });
            v.each("holders", &role.holders, |v, kind| {
                v.kind(*kind);
            });
            for (name, event, source) in [
                ("added", role.added, EventSource::RoleAdded(id)),
                ("removed", role.removed, EventSource::RoleRemoved(id)),
            ] {
                v.at(name, |v| {
                    if v.event_of(event, source) {
                        v.param(&[event], FieldId(0));
                    }
                });
            }
            v.origin(role.origin);
        });
        self.each("ladders", &model.ladders, |v, ladder| {
            v.each("rungs", &ladder.rungs, |v, role| v.role(*role));
        });
    }

    pub(super) fn calendars(&mut self) {
        let model = self.model;
        self.each("calendars", &model.calendars, |v, calendar| {
            v.each("rows", &calendar.rows, |v, row| {
                if row.cells.len() != calendar.columns.len() {
                    v.error(format!(
                        "there are {} columns, but {} cells",
                        calendar.columns.len(),
                        row.cells.len()
                    ));
                }
                if row.end.at <= row.start.at {
                    v.error("this row ends before it begins");
                }
            });
            if !calendar.rows.is_sorted_by_key(|row| row.start.at) {
                v.error("the rows are not in the order of their start");
            }
        });
    }

    pub(super) fn event_row(&mut self, event: &Event) {
        let model = self.model;
        self.at("kind", |v| {
            v.kind(event.kind);
        });
        let kind = model.kinds.get(event.kind.index());
        self.each("fields", &event.fields, |v, field| v.field(field, kind));
        if let Some(about) = event.about {
            self.at("about", |v| {
                v.index("parameter", about.index(), event.fields.len());
            });
        }
        self.origin(event.origin);
        self.at("source", |v| match event.source {
            EventSource::Declared | EventSource::Record => {}
            EventSource::RoleAdded(role) | EventSource::RoleRemoved(role) => v.role(role),
            EventSource::KindAdded(kind) => {
                v.kind(kind);
            }
            EventSource::Opened(id)
            | EventSource::Closed(id)
            | EventSource::Withdrawn(id)
            | EventSource::Ballot(id, _)
            | EventSource::Outcome(id, _) => {
                if !v.index("decision", id.index(), model.decisions.len()) {
                    return;
                }
                let Some(decision) = model.decisions.get(id.index()) else {
                    return;
                };
                if let EventSource::Outcome(_, outcome) = event.source {
                    v.index("outcome", outcome as usize, decision.outcomes.len());
                }
                let mut needed = decision.params as usize;
                if matches!(event.source, EventSource::Ballot(_, Ballot::Named)) {
                    needed = needed.saturating_add(1);
                }
                if event.fields.len() < needed {
                    v.error(format!(
                        "an event of this decision has at least {needed} parameters"
                    ));
                }
            }
            EventSource::Missed(id)
            | EventSource::Met(id)
            | EventSource::Broken(id)
            | EventSource::Mended(id) => v.clause(id),
        });
    }

    /// A field; of an event whose subject is of kind `stores`.
    pub(super) fn field(&mut self, field: &Field, stores: Option<&Kind>) {
        self.at("ty", |v| v.ty(&field.ty, 0));
        if let Some(default) = &field.default {
            self.at("default", |v| v.constant(default, 0));
        }
        if let Some(stored) = field.stores {
            let len = stores.map_or(0, |kind| kind.fields.len());
            self.at("stores", |v| {
                v.index("field", stored.index(), len);
            });
        }
    }

    fn ty(&mut self, ty: &Type, depth: usize) {
        if self.deep(depth) {
            return;
        }
        match ty {
            Type::Instance(kinds) => {
                for kind in kinds {
                    self.kind(*kind);
                }
            }
            Type::Role(roles) => {
                for role in roles {
                    self.role(*role);
                }
            }
            Type::List(of) => self.ty(of, depth + 1),
            _ => {}
        }
    }

    pub(super) fn constant(&mut self, constant: &Const, depth: usize) {
        if self.deep(depth) {
            return;
        }
        match constant {
            Const::Role(role) => self.role(*role),
            Const::List(list) => {
                for element in list {
                    self.constant(element, depth + 1);
                }
            }
            _ => {}
        }
    }
}
