//! Kinds, their states, and the specs that are imported.

use super::Builder;
use crate::hir::error::ResolveError;
use crate::hir::{Entity, Event, Field, Kind, State};
use crate::ids::*;
use crate::ir::{Document, EventSource, Form};
use crate::syntax::ast::{Clause as Node, Head, KindWord, Name};
use crate::time::Zone;

impl Builder<'_> {
    /// Takes the time zone of the document from one of its files.
    pub fn collect_zone(&mut self, clauses: &[Node]) {
        for clause in clauses {
            if let Head::Timezone(text) = &clause.head
                && let Some(zone) = Zone::find(&text.value)
            {
                self.spec.zone = zone;
            }
        }
    }

    pub(super) fn collect_header(&mut self, clauses: &[Node]) {
        let mut governed = None;
        for clause in clauses {
            match &clause.head {
                Head::Governance(name, _) if governed.is_some() => {
                    self.complain(ResolveError::Twice {
                        name: "governance".to_owned(),
                        span: name.span,
                        first: governed.unwrap_or_default(),
                        help: "leave one of them out, or put it into a file of its own".to_owned(),
                    });
                }
                Head::Governance(name, title) if self.document == KindId::DOCUMENT => {
                    governed = Some(name.span);
                    self.spec.name = name.text.clone();
                    self.spec.title = title.value.clone();
                }
                Head::Source(name, title) => self.spec.sources.push(Document {
                    name: name.text.clone(),
                    title: title.value.clone(),
                }),
                Head::Timezone(text) => match Zone::find(&text.value) {
                    Some(_) if self.document == KindId::DOCUMENT => {}
                    Some(zone) if zone == self.spec.zone => {}
                    Some(_) => self.complain(ResolveError::Conflict {
                        what: "an imported spec has the time zone of the one that imports it"
                            .to_owned(),
                        span: text.span,
                        label: "another zone",
                        help: "write the same `timezone` in both: they are run in one world, \
                               with one calendar"
                            .to_owned(),
                    }),
                    None => self.complain(ResolveError::BadValue {
                        what: "time zone",
                        text: text.value.clone(),
                        span: text.span,
                    }),
                },
                _ => {}
            }
        }
    }

    pub(super) fn collect_kinds(&mut self, clauses: &[Node], parent: KindId) {
        let mut enclosed = Vec::new();
        for clause in clauses {
            let Head::Kind(word, name, within) = &clause.head else {
                continue;
            };
            let known = self.entity(self.document, &name.text);
            let id = match (word, known) {
                (KindWord::Body, Some(Entity::Kind(id)))
                    if self.spec.kinds[id.index()].form == Form::Body =>
                {
                    id
                }
                _ => {
                    let id = KindId::new(self.spec.kinds.len());
                    if !self.declare(self.document, name, Entity::Kind(id)) {
                        continue;
                    }
                    self.spec.kinds.push(Kind {
                        name: name.text.clone(),
                        span: name.span,
                        form: match word {
                            KindWord::Body => Form::Body,
                            KindWord::Group => Form::Group,
                            KindWord::Thing => Form::Thing,
                        },
                        parent: Some(parent),
                        module: false,
                        states: Vec::new(),
                        fields: Vec::new(),
                        added: None,
                        names: Default::default(),
                    });
                    id
                }
            };
            enclosed.extend(within.as_ref().map(|within| (id, within)));
            if let Some(body) = &clause.body {
                self.collect_kinds(&body.clauses, id);
            }
        }
        // The order of the text says nothing: what encloses may stand below.
        for (id, within) in enclosed {
            match self.entity(self.document, &within.text) {
                Some(Entity::Kind(outer)) if !self.encloses(id, outer) => {
                    self.spec.kinds[id.index()].parent = Some(outer);
                }
                Some(Entity::Kind(_)) => self.complain(ResolveError::Circular {
                    name: self.spec.kinds[id.index()].name.clone(),
                    span: self.spec.kinds[id.index()].span,
                    needed: within.span,
                }),
                _ => {
                    let names = self.kind_names();
                    self.complain(ResolveError::unknown(
                        "kind",
                        within,
                        names.iter().map(String::as_str),
                        "in this spec",
                    ));
                }
            }
        }
    }

    /// Makes the body that an imported spec is: its document is a namespace of its own.
    pub fn add_module(&mut self, name: &Name, importer: KindId) -> KindId {
        let id = KindId::new(self.spec.kinds.len());
        self.spec.kinds[importer.index()]
            .names
            .entry(name.text.clone())
            .or_insert((Entity::Kind(id), name.span));
        self.spec.kinds.push(Kind {
            name: name.text.clone(),
            span: name.span,
            form: Form::Body,
            parent: Some(KindId::DOCUMENT),
            module: true,
            states: Vec::new(),
            fields: Vec::new(),
            added: None,
            names: Default::default(),
        });
        id
    }

    pub(super) fn kind_called(&self, name: &Name) -> Option<KindId> {
        match self.entity(self.document, &name.text) {
            Some(Entity::Kind(id)) => Some(id),
            _ => None,
        }
    }

    pub(super) fn add_state(&mut self, kind: KindId, name: &Name, mark: Option<&Name>) {
        let (initial, is_final) = match mark.map(|m| m.text.as_str()) {
            Some("initial") => (true, false),
            Some("final") => (false, true),
            Some(_) => {
                if let Some(mark) = mark {
                    self.complain(ResolveError::unknown(
                        "mark of a state",
                        mark,
                        ["initial", "final"],
                        "(there are `initial` and `final`)",
                    ));
                }
                (false, false)
            }
            None => (false, false),
        };
        if let Some(Entity::State(id)) = self.entity(kind, &name.text) {
            let state = &mut self.spec.kinds[kind.index()].states[id.index()];
            state.initial |= initial;
            state.is_final |= is_final;
            return;
        }
        if kind == KindId::DOCUMENT {
            self.complain(ResolveError::Misplaced {
                word: "state".to_owned(),
                span: name.span,
                belongs: "in a group, body or thing".to_owned(),
            });
            return;
        }
        let id = StateId::new(self.spec.kinds[kind.index()].states.len());
        if self.declare(kind, name, Entity::State(id)) {
            self.spec.kinds[kind.index()].states.push(State {
                name: name.text.clone(),
                span: name.span,
                initial,
                is_final,
            });
        }
    }

    pub(super) fn add_kind_event(&mut self, kind: KindId) {
        let declared = &self.spec.kinds[kind.index()];
        let bodily = matches!(declared.form, Form::Document | Form::Body);
        if bodily || declared.added.is_some() {
            return;
        }
        let fields = declared
            .fields
            .iter()
            .enumerate()
            .map(|(index, field)| Field {
                default: None,
                stores: Some(FieldId::new(index)),
                ..field.clone()
            });
        let event = Event {
            name: format!("{}.added", declared.name),
            spelled: format!("{}.added", declared.name),
            span: declared.span,
            kind,
            fields: fields.collect(),
            source: EventSource::KindAdded(kind),
        };
        self.spec.kinds[kind.index()].added = Some(EventId::new(self.spec.events.len()));
        self.spec.events.push(event);
    }
}
