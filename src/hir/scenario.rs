//! Scenarios: a short dated story, and what is expected of it.

use crate::ids::*;
use crate::ir::{Cond, Const, EventSource, Expr, Form, Row, Type};
use crate::source::Span;
use crate::syntax::ast::{self, Clause as Node, Head, Name, Path, Tail, Text};
use crate::time::Stamp;

use super::Entity;
use super::collect::{Block, Builder};
use super::error::ResolveError;
use super::names::{Ctx, Meaning, fits, type_name};

/// A story and what is expected of it.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// Its place.
    pub span: Span,
    /// The labels it cites: only the clauses that carry one are judged; all, where it cites none.
    pub cites: Vec<String>,
    /// Where the observation ends; `None`: at the last date in it.
    pub until: Option<Stamp>,
    /// What was so at the start.
    pub given: Vec<Given>,
    /// The rows of calendars, by name, instead of those that the spec reads.
    pub rows: Vec<(String, CalendarId, Row)>,
    /// What happened, in order of time.
    pub story: Vec<Act>,
    /// The findings that must come out.
    pub findings: Vec<Expected>,
    /// The conditions that must hold.
    pub expects: Vec<Expect>,
    /// `nothing else`: no other finding may come out.
    pub nothing: Option<Span>,
}

/// Something that was so at the start.
#[derive(Debug, Clone)]
pub enum Given {
    /// An instance, in a state.
    Instance {
        /// Its id.
        id: String,
        /// Its kind.
        kind: KindId,
        /// The instance that encloses it.
        parent: Option<String>,
        /// Its state.
        state: Option<StateId>,
        /// Its fields.
        fields: Vec<(FieldId, Const)>,
        /// Since when.
        since: Option<Stamp>,
    },
    /// A holding.
    Holding {
        /// The role.
        role: RoleId,
        /// Where.
        place: Option<String>,
        /// Who.
        holder: String,
        /// Since when.
        since: Option<Stamp>,
    },
    /// An attribute of a person.
    Attribute {
        /// The person.
        person: String,
        /// The attribute.
        attribute: FieldId,
        /// Its value.
        value: Const,
    },
}

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Act {
    /// When.
    pub at: Stamp,
    /// Where in the file.
    pub span: Span,
    /// What.
    pub event: EventId,
    /// The subject.
    pub place: Option<String>,
    /// Who did it.
    pub actors: Vec<String>,
    /// With what.
    pub fields: Vec<(FieldId, Const)>,
}

/// A finding that must come out.
#[derive(Debug, Clone)]
pub struct Expected {
    /// Where in the file.
    pub span: Span,
    /// The clause's full name, as findings show it.
    pub clause: String,
    /// The group.
    pub group: Option<String>,
    /// The person.
    pub person: Option<String>,
    /// When it began.
    pub from: Option<Stamp>,
    /// When it ended; `None`: it lasts, or is a matter of a moment.
    pub until: Option<Stamp>,
}

/// A condition that must hold.
#[derive(Debug, Clone)]
pub struct Expect {
    /// Where in the file.
    pub span: Span,
    /// The condition.
    pub cond: Cond,
    /// When, settled.
    pub at: Stamp,
}

impl Builder<'_> {
    /// Resolves a scenario.
    pub fn scenario(&mut self, node: &Node, name: &Text) {
        let body: &[Node] = node.body.as_ref().map_or(&[], |b| &b.clauses);
        let mut scenario = Scenario {
            name: name.value.clone(),
            span: node.head_span,
            cites: Vec::new(),
            until: None,
            given: Vec::new(),
            rows: Vec::new(),
            story: Vec::new(),
            findings: Vec::new(),
            expects: Vec::new(),
            nothing: None,
        };
        for tail in &node.tails {
            match tail {
                Tail::Cite(list, _) => {
                    scenario.cites.extend(list.iter().map(|c| c.label.clone()));
                }
                Tail::Until(date) => scenario.until = self.date(date),
                _ => {}
            }
        }
        if let Some(first) = self.spec.scenarios.iter().find(|s| s.name == name.value) {
            let first = first.span;
            self.complain(ResolveError::Twice {
                name: name.value.clone(),
                span: name.span,
                first,
                help: "give one of them another name".to_owned(),
            });
        }
        self.cast.clear();
        for clause in body {
            self.introduce(clause);
        }
        for clause in body {
            self.scene(clause, &mut scenario);
        }
        scenario.story.sort_by_key(|act| act.at.at);
        self.cast.clear();
        self.spec.scenarios.push(scenario);
    }

    /// Learns who is who: instances of `given` and new subjects first, everybody else is a person.
    fn introduce(&mut self, clause: &Node) {
        match &clause.head {
            Head::Given { path, .. }
                if matches!(
                    self.entity_at(self.document, path),
                    Some(Entity::Calendar(_))
                ) => {}
            Head::Given { names, path, .. } => {
                let kind = match self.entity_at(self.document, path) {
                    Some(Entity::Kind(kind)) => Some(kind),
                    _ => None,
                };
                for name in names {
                    match kind {
                        Some(kind) => {
                            let ty = Type::Instance(vec![kind]);
                            self.cast.insert(name.text.clone(), ty);
                        }
                        // A group may hold a role too.
                        None => self.person(name),
                    }
                }
            }
            Head::Story {
                path,
                place,
                actors,
                ..
            } => {
                if let Some(place) = place
                    && !self.cast.contains_key(&place.text)
                {
                    let kinds = self.kinds_with(path);
                    if let [kind] = kinds.as_slice() {
                        let ty = Type::Instance(vec![*kind]);
                        self.cast.insert(place.text.clone(), ty);
                    }
                }
                for actor in actors {
                    self.person(actor);
                }
            }
            Head::Finding {
                person: Some(person),
                ..
            } => self.person(person),
            _ => {}
        }
    }

    fn person(&mut self, name: &Name) {
        let body = matches!(
            self.entity(self.document, &name.text),
            Some(Entity::Kind(kind)) if self.spec.kinds[kind.index()].form == Form::Body
        );
        if !body {
            self.cast.entry(name.text.clone()).or_insert(Type::Person);
        }
    }

    /// The kinds of groups in which a path names an event.
    fn kinds_with(&mut self, path: &Path) -> Vec<KindId> {
        let Some(first) = path.parts.first() else {
            return Vec::new();
        };
        if path.parts.len() > 1
            && let Some(Entity::Kind(kind)) = self.entity(self.document, &first.text)
        {
            return vec![kind];
        }
        let kinds = 1..self.spec.kinds.len();
        kinds
            .map(KindId::new)
            .filter(|&kind| self.entity(kind, &first.text).is_some())
            .collect()
    }

    fn dates(&mut self, clause: &Node) -> (Option<Stamp>, Option<Stamp>) {
        let mut from = None;
        let mut until = None;
        for tail in &clause.tails {
            match tail {
                Tail::From(date) => from = self.date(date),
                Tail::Until(date) => until = self.date(date),
                _ => {}
            }
        }
        (from, until)
    }

    fn scene(&mut self, clause: &Node, scenario: &mut Scenario) {
        match &clause.head {
            Head::Given {
                names,
                path,
                place,
                target,
            } => {
                let (since, until) = self.dates(clause);
                if let Some(Entity::Calendar(calendar)) = self.entity_at(self.document, path) {
                    self.given_row(clause, names, calendar, since, until, scenario);
                    return;
                }
                for name in names {
                    let given = self.given(name, path, place.as_ref(), target.as_ref(), since);
                    scenario.given.extend(given);
                }
            }
            Head::Set(path, value) => self.given_value(path, value, scenario),
            Head::Story {
                dates,
                path,
                args,
                place,
                actors,
            } => {
                for date in dates {
                    let Some(at) = self.date(date) else { continue };
                    if let Some(act) =
                        self.act(at, clause.head_span, path, args, place.as_ref(), actors)
                    {
                        scenario.story.push(act);
                    }
                }
            }
            Head::Finding {
                path,
                place,
                person,
            } => {
                let (from, until) = self.dates(clause);
                let clause_name = self.finding_name(path, place.as_ref());
                scenario.findings.push(Expected {
                    span: clause.head_span,
                    clause: clause_name,
                    group: place.as_ref().map(|p| p.text.clone()),
                    person: person.as_ref().map(|p| p.text.clone()),
                    from,
                    until,
                });
            }
            Head::Expect(cond, date) => {
                let Some(at) = self.date(date) else { return };
                let ctx = self.ctx(&Block::Kind(self.document));
                let cond = self.cond(cond, &ctx);
                scenario.expects.push(Expect {
                    span: clause.head_span,
                    cond,
                    at,
                });
            }
            Head::Nothing(word) => {
                if let Some(word) = word
                    && word.text != "else"
                {
                    self.complain(ResolveError::unknown(
                        "word",
                        word,
                        ["else"],
                        "(write `nothing else`)",
                    ));
                }
                scenario.nothing = Some(clause.head_span);
            }
            Head::Note(_) | Head::Error => {}
            _ => {
                let words = self.words(clause.head_span);
                self.complain(ResolveError::Misplaced {
                    word: words.split_whitespace().next().unwrap_or("").to_owned(),
                    span: clause.head_span,
                    belongs: "outside of scenarios".to_owned(),
                });
            }
        }
    }

    fn given(
        &mut self,
        name: &Name,
        path: &Path,
        place: Option<&Name>,
        target: Option<&Name>,
        since: Option<Stamp>,
    ) -> Option<Given> {
        if let Some(Entity::Kind(kind)) = self.entity_at(self.document, path) {
            let state = match target {
                Some(target) => match self.entity(kind, &target.text) {
                    Some(Entity::State(state)) => Some(state),
                    _ => {
                        let declared = &self.spec.kinds[kind.index()];
                        let states: Vec<String> =
                            declared.states.iter().map(|s| s.name.clone()).collect();
                        let at = format!("in {}", declared.name);
                        self.complain(ResolveError::unknown(
                            "state",
                            target,
                            states.iter().map(String::as_str),
                            at,
                        ));
                        None
                    }
                },
                None => None,
            };
            return Some(Given::Instance {
                id: name.text.clone(),
                kind,
                parent: place.map(|p| p.text.clone()),
                state,
                fields: Vec::new(),
                since,
            });
        }
        let ctx = self.scene_ctx(place);
        match self.path(path, &ctx, true)? {
            Meaning::Many { roles, .. } if roles.len() == 1 => Some(Given::Holding {
                role: *roles.first()?,
                place: place.map(|p| p.text.clone()),
                holder: name.text.clone(),
                since,
            }),
            other => {
                self.complain(ResolveError::Wrong {
                    name: path.dotted(),
                    span: path.span,
                    is: other.describe(),
                    wanted: "a kind or a role".to_owned(),
                    help: None,
                });
                None
            }
        }
    }

    /// The context of what is said `in` a group of the cast.
    fn scene_ctx(&mut self, place: Option<&Name>) -> Ctx {
        let kind = place.and_then(|p| match self.cast.get(&p.text) {
            Some(Type::Instance(kinds)) => kinds.first().copied(),
            _ => match self.entity(self.document, &p.text) {
                Some(Entity::Kind(kind)) => Some(kind),
                _ => None,
            },
        });
        self.ctx(&Block::Kind(kind.unwrap_or(self.document)))
    }

    /// `set sdk.quorum-size = 3`: a field of a given instance, or an attribute of a person.
    fn given_value(&mut self, path: &Path, value: &ast::Value, scenario: &mut Scenario) {
        let [id, field] = path.parts.as_slice() else {
            let [name] = path.parts.as_slice() else {
                return;
            };
            self.document_value(name, value, scenario);
            return;
        };
        if let Some(at) = scenario.rows.iter().position(|(name, ..)| *name == id.text) {
            self.given_cell(field, value, &mut scenario.rows[at]);
            return;
        }
        match self.cast.get(&id.text).cloned() {
            Some(Type::Instance(kinds)) => {
                let found = kinds
                    .iter()
                    .find_map(|&kind| match self.entity(kind, &field.text) {
                        Some(Entity::Field(f)) => Some((kind, f)),
                        _ => None,
                    });
                let Some((kind, f)) = found else {
                    let names = kinds.first().map(|k| &self.spec.kinds[k.index()].names);
                    let names: Vec<String> =
                        names.map_or(Vec::new(), |n| n.keys().cloned().collect());
                    self.complain(ResolveError::unknown(
                        "field",
                        field,
                        names.iter().map(String::as_str),
                        format!("of `{}`", id.text),
                    ));
                    return;
                };
                let ty = self.spec.kinds[kind.index()].fields[f.index()].ty.clone();
                let Some(value) = self.scene_value(value, &ty) else {
                    return;
                };
                for given in &mut scenario.given {
                    if let Given::Instance {
                        id: known, fields, ..
                    } = given
                        && *known == id.text
                    {
                        fields.push((f, value.clone()));
                    }
                }
            }
            _ => {
                let index = self
                    .spec
                    .attributes
                    .iter()
                    .position(|a| a.name == field.text);
                let Some(index) = index else {
                    let names: Vec<String> = self
                        .spec
                        .attributes
                        .iter()
                        .map(|a| a.name.clone())
                        .collect();
                    self.complain(ResolveError::unknown(
                        "attribute",
                        field,
                        names.iter().map(String::as_str),
                        "of persons",
                    ));
                    return;
                };
                self.person(id);
                let ty = self.spec.attributes[index].ty.clone();
                if let Some(value) = self.scene_value(value, &ty) {
                    scenario.given.push(Given::Attribute {
                        person: id.text.clone(),
                        attribute: FieldId::new(index),
                        value,
                    });
                }
            }
        }
    }

    /// `set wg-limit = 12`: a field of the document.
    fn document_value(&mut self, name: &Name, value: &ast::Value, scenario: &mut Scenario) {
        let Some(Entity::Field(field)) = self.entity(KindId::DOCUMENT, &name.text) else {
            let names = &self.spec.kinds[0].names;
            let names: Vec<String> = names.keys().cloned().collect();
            self.complain(ResolveError::unknown(
                "field",
                name,
                names.iter().map(String::as_str),
                "of the document",
            ));
            return;
        };
        let ty = self.spec.kinds[0].fields[field.index()].ty.clone();
        if let Some(value) = self.scene_value(value, &ty) {
            scenario.given.push(Given::Instance {
                id: String::new(),
                kind: KindId::DOCUMENT,
                parent: None,
                state: None,
                fields: vec![(field, value)],
                since: None,
            });
        }
    }

    /// A value in a scenario: names are ids of persons and instances where such are wanted.
    fn scene_value(&mut self, value: &ast::Value, ty: &Type) -> Option<Const> {
        match (value, ty) {
            (ast::Value::Path(path), Type::Person | Type::Instance(_)) => {
                match (ty, path.parts.as_slice()) {
                    (Type::Person, [name]) => self.person(name),
                    (Type::Instance(kinds), _) if !self.is_instance(path, kinds) => {
                        self.no_instance(path, kinds);
                        return None;
                    }
                    _ => {}
                }
                Some(Const::Name(path.dotted()))
            }
            (ast::Value::Path(path), Type::Text | Type::Link) => Some(Const::Text(path.dotted())),
            (ast::Value::List(list, _), Type::List(inner)) => {
                let items: Option<Vec<Const>> =
                    list.iter().map(|v| self.scene_value(v, inner)).collect();
                items.map(Const::List)
            }
            (single, Type::List(inner)) => {
                let one = self.scene_value(single, inner)?;
                Some(Const::List(vec![one]))
            }
            _ => {
                let ctx = self.ctx(&Block::Kind(self.document));
                let (expr, found) = self.value(value, &ctx, Some(ty))?;
                let constant = match expr {
                    Expr::Const(constant) if fits(&found, ty) => Some(constant),
                    _ => None,
                };
                if constant.is_none() {
                    self.complain(ResolveError::Mismatch {
                        span: value.span(),
                        expected: format!("a {}", type_name(ty)),
                        found: format!("a {}", type_name(&found)),
                        help: None,
                    });
                }
                constant
            }
        }
    }

    /// Whether a parameter is the holder of a role that groups and persons hold.
    fn held_by_persons(&self, event: EventId, position: usize) -> bool {
        match self.spec.events[event.index()].source {
            EventSource::RoleAdded(role) | EventSource::RoleRemoved(role) => {
                position == 0 && self.spec.roles[role.index()].persons
            }
            _ => false,
        }
    }

    fn is_person(&self, path: &Path) -> bool {
        self.cast.get(&path.dotted()) == Some(&Type::Person)
    }

    /// Whether a name stands for an instance of one of these kinds: of the cast, or a body.
    fn is_instance(&self, path: &Path, kinds: &[KindId]) -> bool {
        match self.cast.get(&path.dotted()) {
            Some(Type::Instance(own)) => own.iter().any(|kind| kinds.contains(kind)),
            Some(_) => false,
            None => matches!(
                self.entity_at(self.document, path),
                Some(Entity::Kind(kind))
                    if kinds.contains(&kind) && self.spec.kinds[kind.index()].form == Form::Body
            ),
        }
    }

    fn no_instance(&mut self, path: &Path, kinds: &[KindId]) {
        let fitting = self.cast.iter().filter(|(_, ty)| match ty {
            Type::Instance(own) => own.iter().any(|kind| kinds.contains(kind)),
            _ => false,
        });
        let known: Vec<String> = fitting.map(|(name, _)| name.clone()).collect();
        let wanted: Vec<&str> = kinds
            .iter()
            .filter_map(|k| self.spec.kinds.get(k.index()))
            .map(|k| k.name.as_str())
            .collect();
        let name = Name {
            text: path.dotted(),
            span: path.span,
        };
        self.complain(ResolveError::unknown(
            "group",
            &name,
            known.iter().map(String::as_str),
            format!("in this scenario (wanted: {})", wanted.join(" or ")),
        ));
    }

    fn act(
        &mut self,
        at: Stamp,
        span: Span,
        path: &Path,
        args: &[ast::Arg],
        place: Option<&Name>,
        actors: &[Name],
    ) -> Option<Act> {
        if let Some(place) = place
            && !matches!(self.cast.get(&place.text), Some(Type::Instance(_)))
        {
            let kinds = self.kinds_with(path);
            let names: Vec<String> = kinds
                .iter()
                .map(|k| self.spec.kinds[k.index()].name.clone())
                .collect();
            if names.len() > 1 {
                self.complain(ResolveError::Ambiguous {
                    kinds: names,
                    span: place.span,
                });
            } else {
                let known: Vec<String> = self.cast.keys().cloned().collect();
                self.complain(ResolveError::unknown(
                    "group",
                    place,
                    known.iter().map(String::as_str),
                    "in this scenario",
                ));
            }
            return None;
        }
        let ctx = self.scene_ctx(place);
        let arms = match self.path(path, &ctx, false)? {
            Meaning::Events { arms, .. } => arms,
            other => {
                self.complain(ResolveError::Wrong {
                    name: path.dotted(),
                    span: path.span,
                    is: other.describe(),
                    wanted: "an event".to_owned(),
                    help: None,
                });
                return None;
            }
        };
        let event = arms.first()?.event;
        let mut fields = Vec::new();
        for (index, arg) in args.iter().enumerate() {
            let declared = self.spec.events[event.index()].fields.clone();
            let position = match &arg.name {
                Some(name) => declared.iter().position(|f| f.name == name.text),
                None => Some(index),
            };
            let Some((position, field)) = position.and_then(|p| Some((p, declared.get(p)?))) else {
                let names: Vec<String> = declared.iter().map(|f| f.name.clone()).collect();
                let name = arg.name.clone().unwrap_or(Name {
                    text: format!("{}", index + 1),
                    span: arg.value.span(),
                });
                self.complain(ResolveError::unknown(
                    "field",
                    &name,
                    names.iter().map(String::as_str),
                    format!("of `{}`", path.dotted()),
                ));
                continue;
            };
            let ty = match (self.held_by_persons(event, position), &arg.value) {
                (true, ast::Value::Path(path)) if self.is_person(path) => Type::Person,
                _ => field.ty.clone(),
            };
            if let Some(value) = self.scene_value(&arg.value, &ty) {
                fields.push((FieldId::new(position), value));
            }
        }
        Some(Act {
            at,
            span,
            event,
            place: place.map(|p| p.text.clone()),
            actors: actors.iter().map(|a| a.text.clone()).collect(),
            fields,
        })
    }

    /// The full name of the clause that a finding names: with the kind of its group before it.
    fn finding_name(&mut self, path: &Path, place: Option<&Name>) -> String {
        let ctx = self.scene_ctx(place);
        let kind = self.qualified(ctx.kind);
        let name = path.dotted();
        if kind.is_empty() || name.starts_with(&format!("{kind}.")) {
            name
        } else {
            format!("{kind}.{name}")
        }
    }
}
