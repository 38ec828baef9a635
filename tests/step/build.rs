//! Small models made by hand.

#![allow(dead_code)]

use govc::ids::*;
use govc::ir::*;
use govc::time::{Duration, Instant, Stamp, Unit, Zone};

pub const DOC: KindId = KindId::DOCUMENT;

pub fn origin() -> Origin {
    Origin {
        file: 0,
        start: 0,
        end: 0,
        line: 1,
        column: 1,
    }
}

pub fn at(text: &str) -> Stamp {
    Zone::utc().parse(text).unwrap()
}

pub fn instant(text: &str) -> Instant {
    at(text).at
}

pub fn days(count: u32) -> Expr {
    lasting(count, Unit::Day)
}

pub fn lasting(count: u32, unit: Unit) -> Expr {
    Expr::Const(Const::Duration(Duration { count, unit }))
}

pub fn number(n: i64) -> Expr {
    Expr::Const(Const::Number(n))
}

pub fn at_least(n: i64) -> Bounds {
    Bounds {
        min: number(n),
        max: None,
        strict: false,
    }
}

pub fn between(min: i64, max: i64) -> Bounds {
    Bounds {
        min: number(min),
        max: Some(number(max)),
        strict: false,
    }
}

pub fn holders(role: RoleId) -> Set {
    Set::Holders(role, Place::This)
}

pub fn count(set: Set, bounds: Bounds) -> Cond {
    Cond::Count {
        set,
        distinct: false,
        bounds,
    }
}

pub fn arm(event: EventId) -> Arm {
    Arm {
        event,
        filter: None,
    }
}

pub fn one_of(set: Set) -> Who {
    Who {
        quantity: Quantity::AtLeast(1),
        set,
    }
}

pub fn yes_at_least(num: u32, den: u32, of: Denominator) -> VoteCond {
    VoteCond::Tally {
        what: Tally::Yes,
        quota: Quota::Fraction {
            num,
            den,
            strict: false,
            of,
        },
    }
}

/// A model under construction.
pub struct Spec {
    pub model: Model,
}

impl Spec {
    pub fn new() -> Spec {
        let document = Kind {
            name: String::new(),
            form: Form::Document,
            parent: None,
            states: vec![state("", false)],
            initial: StateId(0),
            fields: Vec::new(),
            added: None,
            origin: origin(),
        };
        Spec {
            model: Model {
                name: "Test".to_owned(),
                title: "Test".to_owned(),
                timezone: "UTC".to_owned(),
                files: Vec::new(),
                sources: Vec::new(),
                clauses: Vec::new(),
                kinds: vec![document],
                attributes: Vec::new(),
                roles: Vec::new(),
                ladders: Vec::new(),
                calendars: Vec::new(),
                events: Vec::new(),
                decisions: Vec::new(),
                logs: Vec::new(),
                clocks: Vec::new(),
                permits: Vec::new(),
                prohibitions: Vec::new(),
                caps: Vec::new(),
                checks: Vec::new(),
                invariants: Vec::new(),
                duties: Vec::new(),
                reactions: Vec::new(),
                record: None,
                analysis: Vec::new(),
            },
        }
    }

    /// A group; a state whose name ends with `!` is final.
    pub fn group(&mut self, name: &str, states: &[&str]) -> KindId {
        self.kind(name, Form::Group, states)
    }

    pub fn kind(&mut self, name: &str, form: Form, states: &[&str]) -> KindId {
        let id = KindId::new(self.model.kinds.len());
        let states = states
            .iter()
            .map(|s| state(s.trim_end_matches('!'), s.ends_with('!')))
            .collect();
        self.model.kinds.push(Kind {
            name: name.to_owned(),
            form,
            parent: Some(DOC),
            states,
            initial: StateId(0),
            fields: Vec::new(),
            added: None,
            origin: origin(),
        });
        if matches!(form, Form::Group | Form::Thing) {
            let added = self.source(
                &format!("{name}.added"),
                id,
                &[],
                EventSource::KindAdded(id),
            );
            self.model.kinds[id.index()].added = Some(added);
        }
        id
    }

    pub fn field(&mut self, kind: KindId, name: &str, ty: Type) -> FieldId {
        let fields = &mut self.model.kinds[kind.index()].fields;
        fields.push(field(name, ty));
        FieldId::new(fields.len() - 1)
    }

    pub fn attribute(&mut self, name: &str) -> FieldId {
        self.model.attributes.push(field(name, Type::Text));
        FieldId::new(self.model.attributes.len() - 1)
    }

    pub fn event(&mut self, name: &str, kind: KindId, fields: &[(&str, Type)]) -> EventId {
        self.source(name, kind, fields, EventSource::Declared)
    }

    pub fn source(
        &mut self,
        name: &str,
        kind: KindId,
        fields: &[(&str, Type)],
        source: EventSource,
    ) -> EventId {
        let fields: Vec<Field> = fields.iter().map(|(n, ty)| field(n, ty.clone())).collect();
        let about = fields.iter().position(|f| f.name == "person");
        self.model.events.push(Event {
            name: name.to_owned(),
            spelled: name.to_owned(),
            kind,
            fields,
            about: about.map(FieldId::new),
            source,
            origin: origin(),
        });
        EventId::new(self.model.events.len() - 1)
    }

    pub fn role(&mut self, name: &str, kind: KindId) -> RoleId {
        let id = RoleId::new(self.model.roles.len());
        let person = [("person", Type::Person)];
        let added = self.source(
            &format!("{name}.added"),
            kind,
            &person,
            EventSource::RoleAdded(id),
        );
        let removed = self.source(
            &format!("{name}.removed"),
            kind,
            &person,
            EventSource::RoleRemoved(id),
        );
        self.model.roles.push(Role {
            name: name.to_owned(),
            spelled: vec![name.to_owned()],
            kind,
            holders: Vec::new(),
            seats: None,
            added,
            removed,
            origin: origin(),
        });
        id
    }

    pub fn clause(&mut self, name: &str, modality: Modality) -> ClauseId {
        self.model.clauses.push(Clause {
            name: name.to_owned(),
            modality,
            text: format!("must {name}"),
            cite: vec![Cite {
                source: None,
                heading: None,
                label: name.to_uppercase(),
            }],
            origin: origin(),
            from: None,
            until: None,
            overrides: Vec::new(),
        });
        ClauseId::new(self.model.clauses.len() - 1)
    }

    pub fn must(&mut self, name: &str) -> ClauseId {
        self.clause(name, Modality::Must)
    }

    /// All states of a kind but the final ones.
    pub fn living(&self, kind: KindId) -> Scope {
        let states = self.model.kinds[kind.index()].states.iter().enumerate();
        Scope {
            kind,
            states: states
                .filter(|(_, s)| !s.is_final)
                .map(|(i, _)| StateId::new(i))
                .collect(),
            each: None,
        }
    }

    pub fn within(&self, kind: KindId, state: u32) -> Scope {
        Scope {
            kind,
            states: vec![StateId(state)],
            each: None,
        }
    }

    pub fn everywhere(&self, kind: KindId) -> Scope {
        let n = self.model.kinds[kind.index()].states.len();
        Scope {
            kind,
            states: (0..n).map(StateId::new).collect(),
            each: None,
        }
    }

    pub fn log(&mut self, kind: KindId, arms: Vec<Arm>) -> LogId {
        self.model.logs.push(Log {
            kind,
            arms,
            keep: Keep {
                instants: true,
                people: true,
                fields: true,
                every: true,
            },
        });
        LogId::new(self.model.logs.len() - 1)
    }

    pub fn clock(&mut self, kind: KindId, states: Vec<StateId>, cond: Cond) -> ClockId {
        self.model.clocks.push(Clock { kind, states, cond });
        ClockId::new(self.model.clocks.len() - 1)
    }

    pub fn rule(&mut self, name: &str, scope: Scope, cond: Cond, grace: Option<Expr>) -> ClauseId {
        let clause = self.must(name);
        self.model.invariants.push(Invariant {
            clause,
            scope,
            guard: None,
            cond,
            grace,
            responsibility: None,
        });
        clause
    }

    pub fn check(&mut self, name: &str, scope: Scope, event: EventId, cond: Cond) -> ClauseId {
        let clause = self.must(name);
        self.model.checks.push(Check {
            clause,
            scope,
            arm: arm(event),
            guard: None,
            cond,
        });
        clause
    }

    /// A permission: a power where it has a target.
    pub fn permit(
        &mut self,
        name: &str,
        scope: Scope,
        event: EventId,
        by: Option<Who>,
        target: Option<u32>,
    ) -> &mut Permit {
        let clause = self.clause(name, Modality::May);
        self.model.permits.push(Permit {
            clause,
            scope,
            arm: arm(event),
            by,
            guard: None,
            exclusive: true,
            target: target.map(StateId),
            actions: Vec::new(),
        });
        self.model.permits.last_mut().unwrap()
    }

    pub fn duty(
        &mut self,
        name: &str,
        scope: Scope,
        act: EventId,
        arises: Arises,
        due: Due,
    ) -> &mut Duty {
        let clause = self.must(name);
        self.model.duties.push(Duty {
            clause,
            scope,
            arms: vec![arm(act)],
            by: None,
            guard: None,
            arises,
            due,
            matches: Vec::new(),
            moves: false,
            end_of_day: false,
            except: None,
        });
        self.model.duties.last_mut().unwrap()
    }

    pub fn reaction(&mut self, name: &str, scope: Scope, trigger: Trigger) -> &mut Reaction {
        let clause = self.clause(name, Modality::None);
        self.model.reactions.push(Reaction {
            clause,
            scope,
            trigger,
            guard: None,
            target: None,
            actions: Vec::new(),
            recorded: false,
        });
        self.model.reactions.last_mut().unwrap()
    }

    /// A decision of a kind, with the events `opened`, `yes`, `against`, `abstain`, `closed` and its
    /// outcomes; leads where the outcomes say.
    pub fn decision(
        &mut self,
        kind: KindId,
        electorate: Set,
        passes: Option<VoteCond>,
        outcomes: &[(&str, Option<u32>)],
    ) -> Vote {
        let id = DecisionId::new(self.model.decisions.len());
        let clause = self.clause("vote", Modality::None);
        let opened = self.source("vote.opened", kind, &[], EventSource::Opened(id));
        let closed = self.source("vote.closed", kind, &[], EventSource::Closed(id));
        let ballot = |spec: &mut Spec, name: &str, ballot| {
            spec.source(name, kind, &[], EventSource::Ballot(id, ballot))
        };
        let yes = ballot(self, "vote.yes", Ballot::Yes);
        let against = ballot(self, "vote.against", Ballot::Against);
        let abstain = ballot(self, "vote.abstain", Ballot::Abstain);
        let recused = ballot(self, "vote.recused", Ballot::Recused);
        let voted = self.source(
            "vote.voted",
            kind,
            &[("choice", Type::Text)],
            EventSource::Ballot(id, Ballot::Named),
        );
        let mut list = Vec::new();
        for (index, (name, target)) in outcomes.iter().enumerate() {
            let source = EventSource::Outcome(id, u32::try_from(index).unwrap());
            list.push(Outcome {
                name: (*name).to_owned(),
                event: self.source(&format!("vote.{name}"), kind, &[], source),
                target: target.map(StateId),
            });
        }
        let events = list.iter().map(|o| o.event).collect();
        self.model.decisions.push(Decision {
            name: "vote".to_owned(),
            clause,
            kind,
            electorate: Some(electorate),
            fixed: Fixed::Open,
            params: 0,
            outcomes: list,
            options: false,
            quorum: None,
            passes,
            early: false,
            after: None,
            on: None,
            soft: false,
            tie: None,
            opened,
        });
        Vote {
            id,
            opened,
            closed,
            yes,
            against,
            abstain,
            recused,
            voted,
            outcomes: events,
        }
    }

    pub fn decision_mut(&mut self, id: DecisionId) -> &mut Decision {
        &mut self.model.decisions[id.index()]
    }
}

/// The events of a decision.
pub struct Vote {
    pub id: DecisionId,
    pub opened: EventId,
    pub closed: EventId,
    pub yes: EventId,
    pub against: EventId,
    pub abstain: EventId,
    pub recused: EventId,
    pub voted: EventId,
    pub outcomes: Vec<EventId>,
}

pub fn state(name: &str, is_final: bool) -> govc::ir::State {
    govc::ir::State {
        name: name.to_owned(),
        is_final,
        origin: origin(),
    }
}

pub fn field(name: &str, ty: Type) -> Field {
    Field {
        name: name.to_owned(),
        spelled: name.to_owned(),
        ty,
        default: None,
        stores: None,
    }
}
