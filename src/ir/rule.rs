//! The rules that are judged, what is owed, and what follows by itself. Decisions, the seventh shape
//! of rule, are in their own file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Arm, Bounds, Cond, Expr, Period, Place, Set, Who};
use crate::ids::*;
use crate::time::Duration;

/// Where a rule stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// The kind of whose instances it speaks.
    pub kind: KindId,
    /// The states in which it stands. For a rule outside every `state` block: all but the final
    /// ones; for a permission: all.
    pub states: Vec<StateId>,
    /// One of the rule for each present holder of this role (`each R { }`).
    pub each: Option<RoleId>,
}

/// An event, permitted under conditions. Once an exclusive permit exists for an event (in any
/// state), an occurrence that no open permit covers is a finding, and void if one of the
/// permits moves a state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Permit {
    /// The clause.
    pub clause: ClauseId,
    /// Where it stands.
    pub scope: Scope,
    /// The event and which occurrences.
    pub arm: Arm,
    /// By whom; `None`: anybody.
    pub by: Option<Who>,
    /// `if`, and for a power `after`: judged at the act.
    pub guard: Option<Cond>,
    /// `may only`, or a power.
    pub exclusive: bool,
    /// The state it leads to: then it is a power.
    pub target: Option<StateId>,
    /// What the act brings about.
    pub actions: Vec<Action>,
}

/// An event that must not happen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prohibition {
    /// The clause.
    pub clause: ClauseId,
    /// Where it stands.
    pub scope: Scope,
    /// The event and which occurrences.
    pub arm: Arm,
    /// By whom; `None`: anybody.
    pub by: Option<Who>,
    /// `if`.
    pub guard: Option<Cond>,
}

/// At most so many occurrences in a calendar period, per instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// The clause.
    pub clause: ClauseId,
    /// Where it stands.
    pub scope: Scope,
    /// What is counted, together.
    pub log: LogId,
    /// The events of that log.
    pub events: Vec<EventId>,
    /// So many.
    pub max: Expr,
    /// In this period.
    pub period: Period,
}

/// What must be so when an event happens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The clause.
    pub clause: ClauseId,
    /// Where it stands.
    pub scope: Scope,
    /// The event and which occurrences.
    pub arm: Arm,
    /// `if`.
    pub guard: Option<Cond>,
    /// What must be so.
    pub cond: Cond,
}

/// What must be so at every settled instant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Invariant {
    /// The clause.
    pub clause: ClauseId,
    /// Where it stands.
    pub scope: Scope,
    /// `if`: it is judged while this holds.
    pub guard: Option<Cond>,
    /// What must be so.
    pub cond: Cond,
    /// The grace: a breach counts when it has lasted so long.
    pub grace: Option<Expr>,
    /// A responsibility: the condition is that it has a bearer.
    pub responsibility: Option<String>,
}

/// What is owed: idle, pending, met or overdue, per instance (and holder, where scope says each).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    /// The clause.
    pub clause: ClauseId,
    /// Where it stands.
    pub scope: Scope,
    /// The acts that meet it.
    pub arms: Vec<Arm>,
    /// Who owes it; `None`: the instance.
    pub by: Option<Who>,
    /// `if`.
    pub guard: Option<Cond>,
    /// When it arises.
    pub arises: Arises,
    /// When it is due.
    pub due: Due,
    /// Which fields of a trigger and an act must agree.
    pub matches: Vec<Match>,
    /// Whether its act moves the state (then it lapses silently when the state is left otherwise).
    pub moves: bool,
    /// Deadlines are rounded up to the end of their day.
    pub end_of_day: bool,
    /// Dates that do not count: a gap is longer by the days of these that fall into it.
    pub except: Option<Expr>,
}

/// When a duty arises.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Arises {
    /// When its state is entered (outside a `state` block: when the life begins); met for good by
    /// the first fitting act.
    Entry,
    /// At each occurrence.
    After(Vec<Arm>),
    /// When a condition becomes true; it stands while the condition does.
    While(Cond),
    /// On entry, and again at each fitting act: the largest gap allowed.
    Every(Expr),
    /// In each calendar period spent wholly in the state: so many.
    Per(Bounds, Period),
    /// Once a calendar period has ended that was spent in the state at its end: one for each. The
    /// parameters are those of its acts that name the period which an act is about; one that names
    /// none answers the oldest.
    Ended(Period, Vec<(EventId, FieldId)>),
}

/// When a duty is due.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Due {
    /// At the end of the record.
    Open,
    /// So long after it arose.
    Within(Expr),
    /// At the end of the local day on which it arose.
    EndOfDay,
    /// On or before a date; not owed while there is none. Of what is owed for a calendar period, a
    /// cell is that of its row.
    ByDate(Expr, Option<Duration>),
    /// Before the next occurrence.
    Before(Vec<Arm>),
}

/// Which fields of a trigger and an act must agree, where both are filled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// The trigger.
    pub trigger: EventId,
    /// The act.
    pub act: EventId,
    /// Pairs of a field of the trigger and one of the act.
    pub fields: Vec<(FieldId, FieldId)>,
}

/// What follows by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reaction {
    /// The clause.
    pub clause: ClauseId,
    /// Where it stands.
    pub scope: Scope,
    /// What sets it off.
    pub trigger: Trigger,
    /// `if`, judged then.
    pub guard: Option<Cond>,
    /// The state it leads to.
    pub target: Option<StateId>,
    /// What it brings about.
    pub actions: Vec<Action>,
    /// Whether it belongs to the mapping of a record: it may begin the life of its subject, and holds
    /// in every state.
    pub recorded: bool,
}

/// What sets a reaction off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// Each occurrence.
    Event(Arm),
    /// A condition becomes true.
    Becomes(Cond),
}

/// One effect. An effect on nobody does nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// A holding begins, for each: the event `R.added`.
    Grant(RoleRef, Place, Set),
    /// A holding ends, for each: the event `R.removed`.
    Revoke(RoleRef, Place, Set),
    /// A field of an instance is set.
    SetField(Place, FieldId, Expr),
    /// An attribute of a person is set.
    SetAttribute(Expr, FieldId, Expr),
    /// An event happens, by the same actors.
    Emit {
        /// The event.
        event: EventId,
        /// Its subject.
        place: Place,
        /// Its parameters.
        args: Vec<(FieldId, Expr)>,
    },
}

/// A role, named or given as a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RoleRef {
    /// This role.
    Role(RoleId),
    /// The role that the value is.
    Value(Expr),
}
