//! The rules as a flat set of state machines: all that the simulator, the checker and the
//! diagrams read.
//!
//! A [`Model`] is complete: whoever has it needs no source. Everything lives in an *instance* of a
//! [`Kind`]; the document itself is the one instance of kind 0, so that a rule of the whole project
//! and a rule of a group are one thing. A kind is a state machine; what happens is an [`Event`]
//! whose subject is an instance. Rules come in seven shapes, each a small fixed machine:
//!
//! | rule | judged | a breach is |
//! |---|---|---|
//! | [`Permit`] | when its event happens | a finding; the act is void where it would move a state |
//! | [`Prohibition`] | when its event happens | a finding; the act stands |
//! | [`Cap`] | when its event happens | a finding; the act stands |
//! | [`Check`] | when its event happens, once more at the end of the instant | a finding |
//! | [`Invariant`] | when an instant has settled | a finding with a beginning and an end |
//! | [`Duty`] | at its due date | a finding from then until it is met |
//! | [`Decision`] | when an instant has settled | (an outcome, which is an event) |
//!
//! and a [`Reaction`] is what follows by itself. Conditions are trees over what is held now
//! ([`Set`]), what has happened ([`Log`]) and since when something has held ([`Clock`]).
//!
//! Invariant: nothing in this module is about text; names are kept for messages only.

pub mod visit;
pub mod wire;

mod calendar;
mod clause;
mod cond;
mod decision;
mod event;
mod kind;
mod memory;
mod record;
mod rule;

pub use calendar::{Calendar, Cell, Period, Row};
pub use clause::{Cite, Clause, Document, Modality, Origin};
pub use cond::{About, Bounds, Cond, Expr, Op, Place, Quantity, Set, Who, Window};
pub use decision::{Decision, Denominator, Fixed, Outcome, Quota, Tally, Tie, VoteCond};
pub use event::{Arm, Ballot, Event, EventSource};
pub use kind::{Const, Field, Form, Kind, Ladder, Role, State, Type};
pub use memory::{Clock, Keep, Log};
pub use record::Record;
pub use rule::{
    Action, Arises, Cap, Check, Due, Duty, Invariant, Match, Permit, Prohibition, Reaction,
    RoleRef, Scope, Trigger,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::EventId;

/// All the rules of one spec, and of the record mapping that imports it, where there is one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The name of the governance.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The time zone of its dates and days: an IANA name, `UTC`, or `AoE`.
    pub timezone: String,
    /// The names of the files that [`Origin::file`] counts.
    pub files: Vec<String>,
    /// The documents that citations name.
    pub sources: Vec<Document>,
    /// The clauses, in the order of the text.
    pub clauses: Vec<Clause>,
    /// The kinds; number 0 is the document.
    pub kinds: Vec<Kind>,
    /// The attributes of persons.
    pub attributes: Vec<Field>,
    /// The roles.
    pub roles: Vec<Role>,
    /// The ladders.
    pub ladders: Vec<Ladder>,
    /// The calendars.
    pub calendars: Vec<Calendar>,
    /// The event table.
    pub events: Vec<Event>,
    /// The decisions.
    pub decisions: Vec<Decision>,
    /// The occurrences that conditions ask for.
    pub logs: Vec<Log>,
    /// Since when conditions have held.
    pub clocks: Vec<Clock>,
    /// Powers and permissions.
    pub permits: Vec<Permit>,
    /// Prohibitions.
    pub prohibitions: Vec<Prohibition>,
    /// Caps: at most so many of an event in a period.
    pub caps: Vec<Cap>,
    /// What must be so when an event happens.
    pub checks: Vec<Check>,
    /// What must be so at every settled instant.
    pub invariants: Vec<Invariant>,
    /// What is owed.
    pub duties: Vec<Duty>,
    /// What follows by itself.
    pub reactions: Vec<Reaction>,
    /// How a record is read; `None` where the trace is of the spec's own events.
    pub record: Option<Record>,
    /// Which events each kind listens to, and whether its instances are independent.
    pub analysis: Vec<KindAnalysis>,
}

impl Model {
    /// Whether a trace tells of the spec's own events: there is no mapping, or one that declares no
    /// events and only names the fields.
    pub fn tells_own_events(&self) -> bool {
        let mut events = self.events.iter();
        !events.any(|event| event.source == EventSource::Record)
    }
}

/// What is known of a kind before any run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KindAnalysis {
    /// The events that can change what its rules say, in order.
    pub listens: Vec<EventId>,
    /// Whether no rule of an instance looks at another instance, so that a run can be cut by instance.
    pub independent: bool,
}
