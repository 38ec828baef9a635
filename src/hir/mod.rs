//! The rules as meant: names are numbers, defaults are filled, and each sentence is one [`Rule`].
//!
//! Where the syntax tree says `must report by lead every 6 weeks`, this says which event, whose
//! holders, how often. Lowering ([`crate::lower`]) then takes each sentence apart into the
//! machines that judge it. Conditions already have their final form ([`crate::ir::Cond`]): once
//! its names are numbers, there is nothing left to lower in a condition.

pub mod calendar;
pub mod collect;
pub mod error;
pub mod from_ast;
pub mod mapping;
pub mod names;
pub mod rules;
pub mod scenario;
pub mod terms;
pub mod votes;

use std::collections::BTreeMap;

use crate::ids::*;
use crate::ir::{
    Action, Arises, Arm, Calendar, Cite, Clock, Cond, Const, Document, Due, EventSource, Expr,
    Fixed, Form, Log, Match, Modality, Period, Scope, Set, Tie, Trigger, Type, VoteCond, Who,
};
use crate::source::Span;
use crate::time::{Stamp, Zone};

pub use from_ast::{Unit as SourceUnit, from_ast};

/// A whole spec, with the mapping of a record where there is one.
#[derive(Debug, Clone)]
pub struct Spec {
    /// The name of the governance.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its zone.
    pub zone: Zone,
    /// The documents that citations name.
    pub sources: Vec<Document>,
    /// The kinds; number 0 is the document.
    pub kinds: Vec<Kind>,
    /// The attributes of persons.
    pub attributes: Vec<Field>,
    /// The roles.
    pub roles: Vec<Role>,
    /// The ladders.
    pub ladders: Vec<Ladder>,
    /// The events.
    pub events: Vec<Event>,
    /// The calendars.
    pub calendars: Vec<Calendar>,
    /// The decisions.
    pub decisions: Vec<Decision>,
    /// The occurrences that conditions ask for.
    pub logs: Vec<Log>,
    /// Since when conditions have held.
    pub clocks: Vec<Clock>,
    /// The clauses.
    pub clauses: Vec<Clause>,
    /// The sentences.
    pub rules: Vec<Rule>,
    /// How a record is read.
    pub record: Option<Record>,
    /// The scenarios.
    pub scenarios: Vec<scenario::Scenario>,
}

/// What a name in a kind's namespace stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entity {
    /// A field of the kind.
    Field(FieldId),
    /// A role scoped to the kind.
    Role(RoleId),
    /// An event whose subject is of the kind.
    Event(EventId),
    /// A state of the kind.
    State(StateId),
    /// A definition, counted in the collector's table.
    Define(usize),
    /// A decision.
    Decision(DecisionId),
    /// A kind (document namespace only).
    Kind(KindId),
    /// A ladder.
    Ladder(LadderId),
    /// A calendar.
    Calendar(CalendarId),
}

/// A kind of group.
#[derive(Debug, Clone)]
pub struct Kind {
    /// Its name; empty for the document.
    pub name: String,
    /// Where it is declared.
    pub span: Span,
    /// What it is.
    pub form: Form,
    /// The kind that encloses it.
    pub parent: Option<KindId>,
    /// Whether it stands for an imported spec.
    pub module: bool,
    /// Its states.
    pub states: Vec<State>,
    /// Its fields.
    pub fields: Vec<Field>,
    /// The event `K.added`.
    pub added: Option<EventId>,
    /// Its namespace, with the place of each declaration.
    pub names: BTreeMap<String, (Entity, Span)>,
}

impl Kind {
    /// The state in which an instance begins: the one that says so, else the first.
    pub fn initial(&self) -> StateId {
        StateId::new(self.states.iter().position(|s| s.initial).unwrap_or(0))
    }

    /// The states in which a rule outside every `state` block stands: all but the final ones.
    pub fn living(&self) -> Vec<StateId> {
        let ids = (0..self.states.len()).filter(|&i| !self.states[i].is_final);
        ids.map(StateId::new).collect()
    }

    /// All its states.
    pub fn all_states(&self) -> Vec<StateId> {
        (0..self.states.len()).map(StateId::new).collect()
    }
}

/// A state of a kind.
#[derive(Debug, Clone)]
pub struct State {
    /// Its name; empty for the one state of a kind without declared states.
    pub name: String,
    /// Where it is declared.
    pub span: Span,
    /// An instance begins in it.
    pub initial: bool,
    /// Life ends in it.
    pub is_final: bool,
}

/// A typed variable or parameter.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Where it is declared.
    pub span: Span,
    /// How records spell it.
    pub spelled: String,
    /// Its type.
    pub ty: Type,
    /// Its value where none is given.
    pub default: Option<Const>,
    /// The field of the subject in which a given parameter is stored.
    pub stores: Option<FieldId>,
}

/// A role.
#[derive(Debug, Clone)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Where it is declared.
    pub span: Span,
    /// How records spell it, the name included.
    pub spelled: Vec<String>,
    /// The kind its holdings belong to.
    pub kind: KindId,
    /// The kinds that hold it; empty where persons do.
    pub holders: Vec<KindId>,
    /// Whether persons hold it too, where kinds do.
    pub persons: bool,
    /// The number of seats.
    pub seats: Option<u32>,
    /// Whether something else than its own declaration names it.
    pub named: bool,
    /// `R.added`.
    pub added: EventId,
    /// `R.removed`.
    pub removed: EventId,
}

/// An order of roles.
#[derive(Debug, Clone)]
pub struct Ladder {
    /// Its name.
    pub name: String,
    /// From the lowest.
    pub rungs: Vec<RoleId>,
}

/// An event.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// How records spell it.
    pub spelled: String,
    /// Where it is declared.
    pub span: Span,
    /// The kind of its subject.
    pub kind: KindId,
    /// Its parameters.
    pub fields: Vec<Field>,
    /// Where it comes from.
    pub source: EventSource,
}

impl Event {
    /// The parameter that holds whom it is about: the one called `person`, else the only one of
    /// type person.
    pub fn about(&self) -> Option<FieldId> {
        let persons = || {
            let fields = self.fields.iter().enumerate();
            fields.filter(|(_, f)| f.ty == Type::Person)
        };
        let named = persons().find(|(_, f)| f.name == "person");
        let found = named.or_else(|| persons().next().filter(|_| persons().count() == 1));
        found.map(|(index, _)| FieldId::new(index))
    }
}

/// One sentence of the charter: what findings name.
#[derive(Debug, Clone)]
pub struct Clause {
    /// Its stable name.
    pub name: String,
    /// Its modality.
    pub modality: Modality,
    /// What it says, on one line.
    pub text: String,
    /// Where the document says so.
    pub cite: Vec<Cite>,
    /// Its head.
    pub span: Span,
    /// In force from.
    pub from: Option<Stamp>,
    /// In force until.
    pub until: Option<Stamp>,
    /// The clauses it silences.
    pub overrides: Vec<ClauseId>,
}

/// One sentence, resolved.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its clause.
    pub clause: ClauseId,
    /// Where it stands.
    pub scope: Scope,
    /// Whether it stands in a `state` block.
    pub in_state: bool,
    /// `if`.
    pub guard: Option<Cond>,
    /// What it says.
    pub said: Said,
}

/// What a sentence says.
#[derive(Debug, Clone)]
pub enum Said {
    /// `must have …`, `must be …`
    Hold {
        /// What must be so.
        cond: Cond,
        /// `within`.
        grace: Option<Expr>,
        /// The text of a responsibility.
        responsibility: Option<String>,
    },
    /// A sentence of a `to E { }` block.
    Check {
        /// When this happens …
        on: Arm,
        /// … this must be so.
        cond: Cond,
    },
    /// `must not E`
    Prohibit {
        /// The events.
        arms: Vec<Arm>,
        /// By whom.
        by: Option<Who>,
    },
    /// `may E at most n per P`
    Cap {
        /// What is counted.
        log: LogId,
        /// Its events.
        events: Vec<EventId>,
        /// So many.
        max: Expr,
        /// In this period.
        period: Period,
    },
    /// `may E`, `may only E`
    Permit {
        /// The events.
        arms: Vec<Arm>,
        /// By whom.
        by: Option<Who>,
        /// `may only`, or with a target.
        exclusive: bool,
        /// The state it leads to.
        target: Option<StateId>,
        /// What it brings about.
        actions: Vec<Action>,
    },
    /// `must E …`
    Owe {
        /// The acts.
        arms: Vec<Arm>,
        /// By whom.
        by: Option<Who>,
        /// When it arises.
        arises: Arises,
        /// When it is due.
        due: Due,
        /// `until end-of-day`.
        end_of_day: bool,
        /// Fields that must agree.
        matches: Vec<Match>,
        /// Dates that do not count.
        except: Option<Expr>,
        /// Its act moves the state, by a permit beside this.
        moves: bool,
    },
    /// `on …`
    React {
        /// What sets it off.
        trigger: Trigger,
        /// The state it leads to.
        target: Option<StateId>,
        /// What it brings about.
        actions: Vec<Action>,
        /// Whether it belongs to a mapping.
        recorded: bool,
    },
    /// `may have no R`: it judges nothing, and tells that nobody need hold the role.
    Admit {
        /// That there is nobody.
        cond: Cond,
    },
    /// Said for readers only: a permission in words.
    Remark,
}

/// A decision.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Its name.
    pub name: String,
    /// Where it is declared.
    pub span: Span,
    /// Its clause.
    pub clause: ClauseId,
    /// The kind whose instances decide it.
    pub kind: KindId,
    /// How many parameters a case has.
    pub params: u32,
    /// Who may vote.
    pub electorate: Option<Set>,
    /// The role the electorate is, where it is one.
    pub electorate_role: Option<RoleId>,
    /// When that is fixed.
    pub fixed: Fixed,
    /// Its outcomes, with the event that says so, the state it leads to and its place.
    pub outcomes: Vec<Outcome>,
    /// Whether the outcomes are named options.
    pub options: bool,
    /// The quorum and its place.
    pub quorum: Option<(VoteCond, Span)>,
    /// What passes and its place.
    pub passes: Option<(VoteCond, Span)>,
    /// Closes early.
    pub early: bool,
    /// Closes so long after opening.
    pub after: Option<Expr>,
    /// Closes on this date.
    pub on: Option<Expr>,
    /// `should closes`.
    pub soft: bool,
    /// Whether it says at all how it closes.
    pub closes: bool,
    /// Whether it says that it can fail, with or without a state to which that leads.
    pub fails: bool,
    /// How a tie is broken.
    pub tie: Option<Tie>,
    /// `D.opened`.
    pub opened: EventId,
}

/// An outcome of a decision.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// Its place.
    pub span: Span,
    /// The event that says so.
    pub event: EventId,
    /// The state it leads to.
    pub target: Option<StateId>,
}

/// How a record is read.
#[derive(Debug, Clone)]
pub struct Record {
    /// What it is a record of.
    pub name: String,
    /// Where it is declared.
    pub span: Span,
    /// Which field or event name plays which part.
    pub reads: BTreeMap<String, (String, Span)>,
    /// The fields that hold the subject, in order.
    pub subjects: Vec<(String, Span)>,
    /// The texts by which it says that a value is not known.
    pub unknown: Vec<String>,
    /// The record's own events, by the record's spelling.
    pub names: BTreeMap<String, (EventId, Span)>,
}
