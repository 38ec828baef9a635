//! Scenarios: a short dated story, and what is expected of it.
//!
//! Here stand what a scenario is and who plays in it; `given` resolves what was so at the start,
//! `story` what happened, and `values` the values in both.

mod given;
mod story;
mod values;

use crate::ids::*;
use crate::ir::{Cond, Const, Form, Row, Type};
use crate::source::Span;
use crate::syntax::ast::{Clause as Node, Head, Name, Path, Tail, Text};
use crate::time::Stamp;

use super::Entity;
use super::collect::{Block, Builder};
use super::error::ResolveError;
use super::names::Ctx;

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
