//! What a run finds out about a history, and the report of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::time::Instant;

/// How grave a finding is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// A `must` was broken.
    Violation,
    /// A `should` was broken.
    Advisory,
    /// Something to know: undecided, unobserved, assumed.
    Note,
}

/// Positions of events in a trace, from 1; few need no memory of their own.
pub type Positions = smallvec::SmallVec<[u32; 4]>;

/// One finding. A long history has many that say the same of different groups: what they say is
/// shared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The clause's stable name; for an act that no clause permits, `Kind.event`.
    pub clause: Arc<str>,
    /// How grave it is.
    pub severity: Severity,
    /// A sentence, without dates.
    pub message: Arc<str>,
    /// The group concerned.
    pub group: Option<Arc<str>>,
    /// The person concerned.
    pub person: Option<Arc<str>>,
    /// When it began.
    pub from: Instant,
    /// When it ended; `null` while it lasts; the same as `from` for what is a matter of a moment.
    pub to: Option<Instant>,
    /// Whether it may have begun earlier, before the observation did.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub or_earlier: bool,
    /// Where the document says so.
    pub cite: Arc<[String]>,
    /// The events that caused it, by position in the trace, from 1, in order.
    pub events: Positions,
    /// For numeric rules: what was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// For numeric rules: what was required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<String>,
    /// Of a duty that is left undecided: for which periods, or since which days it may be overdue.
    /// Of one that was met in time: for which period.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub periods: Vec<String>,
}

/// The report of a run: the same for the same model and trace, byte for byte.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Always `govc-report`.
    pub format: String,
    /// Always 1.
    pub version: u32,
    /// The name of the governance.
    pub spec: String,
    /// When the observation began.
    pub observed_from: Option<Instant>,
    /// When it ended.
    pub observed_to: Option<Instant>,
    /// How many events were read.
    pub events: u64,
    /// How many events of the record the mapping does not list, by name.
    pub unmapped: BTreeMap<String, u64>,
    /// What was read otherwise than it stands in the trace.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<TraceNote>,
    /// In order of their beginning, then of the clauses in the text, then group, then person.
    pub findings: Vec<Finding>,
}

impl Report {
    /// The `format` of every report.
    pub const FORMAT: &'static str = "govc-report";
    /// The `version` of every report.
    pub const VERSION: u32 = 1;

    /// Whether one of the findings is a violation: then the run fails.
    pub fn fails(&self) -> bool {
        self.findings
            .iter()
            .any(|f| f.severity == Severity::Violation)
    }
}

/// Something that was read otherwise than it stands in the trace, however often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TraceNote {
    /// What, and how it was read.
    pub message: String,
    /// How many times.
    pub count: u64,
    /// The first events concerned, by position in the trace.
    pub events: Vec<u32>,
}
