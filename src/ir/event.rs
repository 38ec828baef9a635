//! What can happen: the event table, and the arms by which rules name its rows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Cond, Field, Origin};
use crate::ids::*;

/// A row of the event table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Its name: `nominated`, `lead.added`, `formation.form`.
    pub name: String,
    /// How records spell it; the name, where nothing else is said.
    pub spelled: String,
    /// The kind of its subject. For an event of the record this is the document: each of its
    /// reactions says by its own scope which instance it concerns.
    pub kind: KindId,
    /// Its parameters.
    pub fields: Vec<Field>,
    /// The parameter that holds whom it is about.
    pub about: Option<FieldId>,
    /// Where it comes from.
    pub source: EventSource,
    /// Its place.
    pub origin: Origin,
}

/// Where an event comes from, and so what it does by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EventSource {
    /// Declared by the spec.
    Declared,
    /// Declared by the mapping of a record.
    Record,
    /// A holding begins.
    RoleAdded(RoleId),
    /// A holding ends.
    RoleRemoved(RoleId),
    /// An instance begins.
    KindAdded(KindId),
    /// A case opens.
    Opened(DecisionId),
    /// A case closes; said by the run beside the outcome.
    Closed(DecisionId),
    /// A case is withdrawn.
    Withdrawn(DecisionId),
    /// A ballot, or any ballot where it is `voted`: its last field is then the choice.
    Ballot(DecisionId, Ballot),
    /// An outcome, counted in the `outcomes` of the decision: computed, or claimed by the record.
    Outcome(DecisionId, u32),
    /// A duty was missed; said by the run.
    Missed(ClauseId),
    /// A duty was met; said by the run.
    Met(ClauseId),
    /// A rule was broken; said by the run.
    Broken(ClauseId),
    /// A rule holds again; said by the run.
    Mended(ClauseId),
}

impl EventSource {
    /// The decision that an event belongs to.
    pub fn decision(self) -> Option<DecisionId> {
        match self {
            EventSource::Opened(id)
            | EventSource::Closed(id)
            | EventSource::Withdrawn(id)
            | EventSource::Ballot(id, _)
            | EventSource::Outcome(id, _) => Some(id),
            _ => None,
        }
    }
}

/// What a ballot says.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Ballot {
    /// For.
    Yes,
    /// Against.
    Against,
    /// Present, but neither.
    Abstain,
    /// Out of the electorate.
    Recused,
    /// `voted`: any of the above or an option, by the event's last field.
    Named,
}

/// One kind of occurrence: an event, and which of its occurrences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// The event.
    pub event: EventId,
    /// Which occurrences, judged when the event occurs, with its fields.
    pub filter: Option<Cond>,
}

impl Arm {
    /// Narrows it by one more condition.
    pub fn also(&mut self, cond: Cond) {
        self.filter = Some(match self.filter.take() {
            Some(known) => Cond::All(vec![known, cond]),
            None => cond,
        });
    }
}
