//! A trace against a model, from the first event to the report.

use std::collections::BTreeMap;
use std::io::BufRead;

use super::trace::{self, TraceErrors, TraceReader};
use super::{Names, Report, report};
use crate::ids::EventId;
use crate::ir::Model;
use crate::time::Instant;

/// How a simulation goes.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How the trace is read.
    pub trace: trace::Options,
    /// What the document states without an RFC 2119 word counts as `should`.
    pub lower_will: bool,
    /// From when events of a record are observed ([`trace::observation`]).
    pub observed: BTreeMap<EventId, Instant>,
}

/// Simulates the trace `input`, called `name` in messages. The same model and trace always give the
/// same report.
pub fn simulate(
    model: &Model,
    input: impl BufRead,
    name: &str,
    options: Options,
) -> Result<Report, TraceErrors> {
    let mut names = Names::default();
    let mut reader = TraceReader::new(model, input, name, options.trace);
    let findings = Vec::new();
    while let Some(_input) = reader.next(&mut names)? {}
    Ok(report::assemble(model, findings, reader.reading()))
}
