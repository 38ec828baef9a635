//! Decisions: who votes, what passes, and when a case closes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Cond, Expr, Set};
use crate::ids::*;

/// A decision: a case opens, ballots are cast, it closes with an outcome. One open case per instance
/// and parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Its name.
    pub name: String,
    /// The clause.
    pub clause: ClauseId,
    /// The kind whose instances decide it.
    pub kind: KindId,
    /// Who may vote; `None`: unsaid.
    pub electorate: Option<Set>,
    /// When that is fixed.
    pub fixed: Fixed,
    /// How many parameters the case has; each event of the decision begins with them.
    pub params: u32,
    /// Its outcomes: `passed`, `failed`, `no-quorum`, or the named options (then `no-quorum` last).
    pub outcomes: Vec<Outcome>,
    /// Whether the outcomes are named options.
    pub options: bool,
    /// The quorum.
    pub quorum: Option<VoteCond>,
    /// What passes; `None`: the outcome is what the body records.
    pub passes: Option<VoteCond>,
    /// It closes as soon as the result can no longer change.
    pub early: bool,
    /// It closes so long after opening.
    pub after: Option<Expr>,
    /// It closes on this date.
    pub on: Option<Expr>,
    /// Closing late is an advisory: a recorded outcome after the deadline stands.
    pub soft: bool,
    /// How a tie between options is broken.
    pub tie: Option<Tie>,
    /// The event that opens a case.
    pub opened: EventId,
}

/// When an electorate is fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fixed {
    /// When the case opens.
    Open,
    /// When it closes.
    Close,
    /// At no time: whoever belongs to it when voting and when closing.
    AllTimes,
}

/// An outcome of a decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// The event that says so.
    pub event: EventId,
    /// The state it leads to.
    pub target: Option<StateId>,
}

/// How a tie between options is broken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Tie {
    /// This outcome, counted in [`Decision::outcomes`].
    Outcome(u32),
    /// The ballot of one of these decides.
    By(Set),
}

/// A condition on the tally of a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum VoteCond {
    /// All of them.
    All(Vec<VoteCond>),
    /// One of them.
    Any(Vec<VoteCond>),
    /// A tally reaches a quota.
    Tally {
        /// What is counted. With options, `Yes` is the ballots for the option.
        what: Tally,
        /// How many are needed.
        quota: Quota,
    },
    /// A condition on the world, judged at closing.
    World(Cond),
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Tally {
    /// Ballots for.
    Yes,
    /// Ballots against.
    Against,
    /// Abstentions.
    Abstain,
    /// Ballots for and against.
    Cast,
    /// Ballots for, against and abstentions.
    Present,
}

/// A whole of which a share is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Denominator {
    /// All who may vote.
    Electorate,
    /// Ballots for and against.
    Cast,
    /// Ballots for, against and abstentions.
    Present,
    /// The seats of the role, filled or not.
    Seats(u32),
}

/// How many are needed, exactly: fractions are compared by cross-multiplication.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Quota {
    /// At least so many.
    AtLeast(Expr),
    /// More than so many.
    MoreThan(Expr),
    /// At most so many; `no against` is at most 0.
    AtMost(Expr),
    /// At least (or more than, where strict) this fraction of a whole.
    Fraction {
        /// Numerator.
        num: u32,
        /// Denominator of the fraction, positive.
        den: u32,
        /// More than, not at least.
        strict: bool,
        /// Of what.
        of: Denominator,
    },
    /// All but so many of a whole.
    AllBut(u32, Denominator),
}
