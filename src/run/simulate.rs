//! A trace against a model, from the first event to the report.

use std::collections::BTreeMap;
use std::io::BufRead;

use super::trace::{self, TraceErrors, TraceReader};
use super::{Program, Report, State, program, report, step};
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
    /// Note what acts were asked and was so, too.
    pub kept: bool,
    /// From when events of a record are observed ([`trace::observation`]).
    pub observed: BTreeMap<EventId, Instant>,
    /// No event is taken as routine ([`program::Options::one_by_one`]).
    pub one_by_one: bool,
}

/// How many inputs are read ahead.
const AHEAD: usize = 192;

/// Simulates the trace `input`, called `name` in messages. The same model and trace always give the
/// same report.
pub fn simulate(
    model: &Model,
    input: impl BufRead,
    name: &str,
    options: Options,
) -> Result<Report, TraceErrors> {
    let settings = program::Options {
        lower_will: options.lower_will,
        kept: options.kept,
        observed: options.observed,
        one_by_one: options.one_by_one,
        ..program::Options::default()
    };
    let program = Program::new(model, settings);
    let mut state = State::new(&program);
    let mut reader = TraceReader::new(model, input, name, options.trace);
    let mut findings = Vec::new();
    // Some are read before any is judged: the code of neither fits the innermost cache with the other.
    let mut ahead = Vec::with_capacity(AHEAD);
    loop {
        while ahead.len() < AHEAD
            && let Some(input) = reader.next(&mut state.names)?
        {
            ahead.push(input);
        }
        if ahead.is_empty() {
            break;
        }
        state.look_ahead(&program, &ahead);
        for input in ahead.drain(..) {
            step(&program, &mut state, input, &mut findings);
        }
    }
    Ok(report::assemble(model, findings, reader.reading()))
}
