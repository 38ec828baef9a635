//! Running a [`Model`](crate::ir::Model) against what happened.
//!
//! One pure function, [`step::step`], takes the state of the world and an [`Input`] to the next
//! state and the findings. The simulator feeds it the records of a trace; an exhaustive search or
//! a live monitor can feed it what they like.
//!
//! Invariant: nothing here opens a file or reads a clock.

mod admit;
mod ahead;
mod apply;
mod ballots;
mod calendar;
mod closing;
mod compare;
pub mod coverage;
mod decision;
mod doubt;
mod duty;
mod eval;
mod exprs;
pub mod finding;
mod happened;
mod holdings;
mod in_state;
mod invariant;
mod lines;
mod moment;
mod observe;
mod outcome;
mod overdue;
mod owed;
mod past;
pub mod program;
mod quiet;
mod reach;
mod react;
mod reads;
pub mod report;
mod sets;
mod settle;
pub mod simulate;
mod spent;
pub mod state;
pub mod step;
mod tally;
pub mod trace;
pub mod value;
mod words;

pub use finding::{Finding, Report, Severity, TraceNote};
pub use program::Program;
pub use simulate::{Options, simulate};
pub use state::State;
pub use step::{advance, ask, step};
pub use value::{Names, Sym, Syms, Value};

use crate::ids::{EventId, KindId};
use crate::time::{Instant, Stamp};

/// One occurrence of an event, as a trace tells it, names interned.
#[derive(Debug, Clone, PartialEq)]
pub struct Occurrence {
    /// When.
    pub at: Stamp,
    /// Which event.
    pub event: EventId,
    /// The subject's id; `None` for the document, or where the trace names none.
    pub subject: Option<Sym>,
    /// Who did it; empty where the trace does not say.
    pub actors: Syms,
    /// Its parameters, one for each field of the event; empty where not given.
    pub fields: Vec<Value>,
    /// Its position in the trace, from 1.
    pub position: u32,
    /// Contiguous occurrences with the same number are one change.
    pub change: u64,
    /// It only states what was already so: nothing is judged as if it had happened now.
    pub opening: bool,
}

/// Something that was so when the observation began (a snapshot).
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// An instance, in a state (`None`: the initial one), with fields.
    Instance {
        /// Its kind.
        kind: KindId,
        /// Its id.
        id: Sym,
        /// The instance that encloses it, where it is nested.
        parent: Option<Sym>,
        /// Its state, counted in the kind.
        state: Option<u32>,
        /// Fields: index in the kind, value.
        fields: Vec<(u32, Value)>,
        /// Since when; `None`: at an unknown time before.
        since: Option<Stamp>,
    },
    /// A holding of a role.
    Holding {
        /// The role, counted in the model.
        role: u32,
        /// The id of the instance it belongs to; `None` for the document or a body.
        subject: Option<Sym>,
        /// Who holds it.
        holder: Sym,
        /// Since when; `None`: at an unknown time before.
        since: Option<Stamp>,
    },
    /// An attribute of a person.
    Attribute {
        /// The person.
        person: Sym,
        /// The attribute, counted in the model.
        attribute: u32,
        /// Its value.
        value: Value,
    },
}

/// One input of [`step::step`]. Inputs must come in order of time.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The observation begins at this instant.
    Begin(Instant),
    /// Something that was so when the observation began.
    Given(Given),
    /// Something happened.
    Occur(Occurrence),
    /// The observation ends at this instant: what is still open is reported.
    End(Instant),
}
