//! What a run remembers because a condition asks for it: what has happened, and since when
//! something has held.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Arm, Cond};
use crate::ids::*;

/// The occurrences that conditions ask for, kept per instance of a kind. An event whose subject
/// encloses instances of `kind` is offered to each of them that lives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// The kind whose instances keep it.
    pub kind: KindId,
    /// What is kept.
    pub arms: Vec<Arm>,
    /// What of each occurrence is needed.
    pub keep: Keep,
}

/// What of each occurrence a log keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Keep {
    /// Every instant; else the number, the first and the last.
    pub instants: bool,
    /// Whom it was about and who did it, of every occurrence.
    pub people: bool,
    /// The fields of the last occurrence.
    pub fields: bool,
    /// The fields of every occurrence.
    pub every: bool,
}

/// Since when a condition has held without a break, per instance of a kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// The kind.
    pub kind: KindId,
    /// Counted from the entry into these states at the earliest; empty: from the beginning of the life.
    pub states: Vec<StateId>,
    /// The condition.
    pub cond: Cond,
}
