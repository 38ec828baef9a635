//! What checking complains about.

use crate::source::Span;

/// A name and its place.
pub type Named = (String, Span);

/// Something that cannot be meant, or that is probably wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckError {
    /// An outcome that leads nowhere, beside one that leads somewhere.
    ForgottenOutcome {
        /// The decision.
        decision: String,
        /// The outcome.
        outcome: String,
        /// Whether it is one of several options.
        options: bool,
        /// Its place.
        span: Span,
        /// The outcome that leads somewhere.
        leads: String,
        /// A state of the kind, for an example.
        state: String,
    },
    /// A decision of which nothing follows and that judges nothing.
    NothingFollows {
        /// The decision.
        decision: String,
        /// Its place.
        span: Span,
    },
    /// A vote on which nothing puts an end.
    NeverCloses {
        /// The decision.
        decision: String,
        /// Its place.
        span: Span,
        /// What passes.
        passes: Span,
    },
    /// Several options can satisfy the threshold, and nothing says which it then is.
    TieWithoutDefault {
        /// The decision.
        decision: String,
        /// The threshold.
        span: Span,
        /// Two of the options.
        options: Vec<String>,
    },
    /// As many against as for can satisfy the threshold.
    TieMeets {
        /// The decision.
        decision: String,
        /// The threshold.
        span: Span,
    },
    /// More ballots are needed than can be cast.
    OutOfReach {
        /// The decision.
        decision: String,
        /// `quorum` or `threshold`.
        what: &'static str,
        /// How many are needed.
        needed: u64,
        /// The place of the quorum or threshold.
        span: Span,
        /// What says how many there are, and where.
        bound: Named,
    },
    /// A quorum or threshold that is met whatever the ballots.
    AlwaysMet {
        /// The decision.
        decision: String,
        /// `quorum` or `threshold`.
        what: &'static str,
        /// Its place.
        span: Span,
    },
    /// States that nothing leads to.
    Unreachable {
        /// The kind.
        kind: String,
        /// The states, at least one.
        states: Vec<Named>,
        /// The state in which the kind begins.
        initial: Named,
    },
    /// A state that nothing leads out of and that is not final.
    Stuck {
        /// The kind.
        kind: String,
        /// The state.
        state: String,
        /// Its place.
        span: Span,
    },
    /// Two states marked `initial`.
    TwoStarts {
        /// The kind.
        kind: String,
        /// The first.
        first: Named,
        /// The second.
        second: Named,
    },
    /// Life ends where it begins.
    FinalStart {
        /// The kind.
        kind: String,
        /// The state.
        state: String,
        /// Its place.
        span: Span,
        /// Whether it is marked `initial`; else it is the first.
        said: bool,
    },
    /// An event to which nothing listens.
    UnheardEvent {
        /// The event.
        event: String,
        /// Its place.
        span: Span,
    },
    /// A role that nothing names.
    UnusedRole {
        /// The role.
        role: String,
        /// Its place.
        span: Span,
        /// A role of a similar name.
        near: Option<String>,
    },
    /// A role that may not be given to anybody.
    ForbiddenRole {
        /// The role.
        role: String,
        /// Its place.
        span: Span,
        /// The clause that forbids it.
        by: Span,
    },
    /// A role that only those can give, or let be given, who cannot be had either.
    ClosedRole {
        /// The role.
        role: String,
        /// Its place.
        span: Span,
        /// The clause that says who gives it, or what they have to do before.
        by: Span,
        /// Which of the two.
        how: Closed,
        /// The roles of those who give it, or do that.
        givers: Vec<String>,
    },
    /// One act that leads to two states.
    TwoTargets {
        /// The event.
        event: String,
        /// The first state, and the clause that leads there.
        first: Named,
        /// The second.
        second: Named,
        /// Whether both always stand open together.
        certain: bool,
    },
    /// Events that bring each other about.
    Circle {
        /// The events, in their order.
        events: Vec<String>,
        /// The first clause.
        span: Span,
        /// The others.
        others: Vec<Span>,
    },
    /// Two clauses that cannot both be kept.
    Opposites {
        /// The words and the place of the first.
        first: Named,
        /// Those of the second.
        second: Named,
    },
    /// A clock that another always beats.
    BeatenClock {
        /// The clause that waits.
        span: Span,
        /// For how long.
        long: String,
        /// How long it takes until the state is left.
        short: String,
        /// By which clause.
        by: Span,
    },
    /// A duty of a role that may have no holder.
    NoBearer {
        /// What is owed.
        act: String,
        /// The duty.
        span: Span,
        /// The role, or several joined with `or`, and where the first is declared.
        role: Named,
    },
    /// An approval or vote of a role that may have no holder.
    NoApprover {
        /// The act or decision that waits for it.
        what: String,
        /// The clause.
        span: Span,
        /// The role, or several joined with `or`, and where the first is declared.
        role: Named,
    },
    /// Something that is asked of all of a set that may be empty.
    OfNobody {
        /// The roles or the list, and where it is declared.
        whom: Named,
        /// The clause.
        span: Span,
    },
}

/// How a role is closed to all but the holders of some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// They alone may give it.
    Giving,
    /// They alone can do what is asked before it is given.
    Asking,
}

impl CheckError {
    /// Where the role or list is declared that may be empty, where this is about one.
    pub fn empty(&self) -> Option<Span> {
        match self {
            CheckError::NoBearer {
                role: (_, span), ..
            }
            | CheckError::NoApprover {
                role: (_, span), ..
            }
            | CheckError::OfNobody {
                whom: (_, span), ..
            } => Some(*span),
            _ => None,
        }
    }
}
