//! How the lines of a record are read as events.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a record is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// What it is a record of.
    pub name: String,
    /// The field that holds the time: RFC 3339 or a date, or a number of epoch seconds.
    pub time: String,
    /// The field that holds the event's name.
    pub event: String,
    /// The fields that hold the subject: of each event the first one that it has.
    pub subject: Vec<String>,
    /// The field that holds who did it.
    pub actor: Option<String>,
    /// The field whose equal values join contiguous records into one change.
    pub change: Option<String>,
    /// The field that is true where a record only states what was already so.
    pub opening: Option<String>,
    /// The name of the event that begins the observation.
    pub start: Option<String>,
    /// The name of the event that ends the observation.
    pub stop: Option<String>,
    /// The text by which the record says that there is nothing: such a value is empty.
    pub empty: Option<String>,
    /// The texts by which the record says that a value is not known; an empty text stands for what
    /// is left out.
    pub unknown: Vec<String>,
}
