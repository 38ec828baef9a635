//! Which parts of a model a run has touched; kept only where somebody asks for it.

use std::collections::BTreeSet;

use crate::ids::{ClauseId, DecisionId};
use crate::ir::Model;

/// A part of a model that a run can touch, counted in the model's tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// An act was covered by this permit.
    Permit(usize),
    /// An event happened that this prohibition speaks of.
    Prohibition(usize),
    /// An occurrence was counted by this cap.
    Cap(usize),
    /// This check was asked of an act.
    Check(usize),
    /// This invariant was judged.
    Invariant(usize),
    /// This duty was owed.
    Duty(usize),
    /// This reaction was set off.
    Reaction(usize),
    /// A case closed with this outcome.
    Outcome(DecisionId, u32),
    /// The `if` of a clause was judged: held, or did not.
    Guard(ClauseId, bool),
}

/// The parts that were touched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    touched: Option<BTreeSet<Part>>,
}

impl Coverage {
    /// A coverage that is kept.
    pub fn kept() -> Coverage {
        Coverage {
            touched: Some(BTreeSet::new()),
        }
    }

    /// Whether it is kept.
    pub(crate) fn is_kept(&self) -> bool {
        self.touched.is_some()
    }

    /// Notes that a part was touched.
    pub(crate) fn touch(&mut self, part: Part) {
        if let Some(touched) = &mut self.touched {
            touched.insert(part);
        }
    }

    /// Notes how a guard was judged, where there is one.
    pub(crate) fn guard(&mut self, clause: ClauseId, guarded: bool, held: bool) {
        if guarded {
            self.touch(Part::Guard(clause, held));
        }
    }

    /// Adds what another run touched.
    pub fn merge(&mut self, other: &Coverage) {
        if let Some(more) = &other.touched {
            let touched = self.touched.get_or_insert_default();
            touched.extend(more.iter().copied());
        }
    }

    /// Whether a part was touched.
    pub fn has(&self, part: Part) -> bool {
        self.touched.as_ref().is_some_and(|t| t.contains(&part))
    }
}

/// What of a model was touched, and what was not: by kind of part, the names of those that were not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// `clauses`, `transitions`, `outcomes` or `guards`.
    pub what: &'static str,
    /// How many were touched.
    pub touched: usize,
    /// How many there are.
    pub all: usize,
    /// Those that were not, in the order of the text.
    pub missing: Vec<String>,
}

/// What of a model a coverage leaves out. The mapping of a record is not judged by scenarios.
pub fn gaps(model: &Model, coverage: &Coverage) -> Vec<Gap> {
    let name = |clause: ClauseId| {
        let declared = model.clauses.get(clause.index());
        declared.map_or(String::new(), |c| c.name.clone())
    };
    let mut clauses: Vec<(ClauseId, Part)> = Vec::new();
    let mut transitions: Vec<(ClauseId, Part)> = Vec::new();
    let mut guards: BTreeSet<ClauseId> = BTreeSet::new();
    for (index, rule) in model.permits.iter().enumerate() {
        clauses.push((rule.clause, Part::Permit(index)));
        if rule.target.is_some() {
            transitions.push((rule.clause, Part::Permit(index)));
        }
    }
    for (index, rule) in model.prohibitions.iter().enumerate() {
        clauses.push((rule.clause, Part::Prohibition(index)));
    }
    for (index, rule) in model.caps.iter().enumerate() {
        clauses.push((rule.clause, Part::Cap(index)));
    }
    for (index, rule) in model.checks.iter().enumerate() {
        clauses.push((rule.clause, Part::Check(index)));
        guards.extend(rule.guard.as_ref().map(|_| rule.clause));
    }
    for (index, rule) in model.invariants.iter().enumerate() {
        clauses.push((rule.clause, Part::Invariant(index)));
        guards.extend(rule.guard.as_ref().map(|_| rule.clause));
    }
    for (index, rule) in model.duties.iter().enumerate() {
        clauses.push((rule.clause, Part::Duty(index)));
    }
    for (index, rule) in model.reactions.iter().enumerate() {
        if rule.recorded {
            continue;
        }
        clauses.push((rule.clause, Part::Reaction(index)));
        if rule.target.is_some() {
            transitions.push((rule.clause, Part::Reaction(index)));
        }
        guards.extend(rule.guard.as_ref().map(|_| rule.clause));
    }
    let mut outcomes = Vec::new();
    for (index, decision) in model.decisions.iter().enumerate() {
        for (number, outcome) in decision.outcomes.iter().enumerate() {
            // Without a quorum there is no missing it.
            if outcome.name == "no-quorum" && decision.quorum.is_none() {
                continue;
            }
            let part = Part::Outcome(DecisionId::new(index), u32::try_from(number).unwrap_or(0));
            clauses.push((decision.clause, part));
            outcomes.push((format!("{}: {}", name(decision.clause), outcome.name), part));
        }
    }
    let by_clause = |list: &[(ClauseId, Part)], what: &'static str| {
        let all: BTreeSet<ClauseId> = list.iter().map(|(clause, _)| *clause).collect();
        let touched = |clause: &ClauseId| {
            let mut parts = list.iter().filter(|(c, _)| c == clause);
            parts.any(|(_, part)| coverage.has(*part))
        };
        let missing: Vec<String> = all
            .iter()
            .filter(|c| !touched(c))
            .map(|c| name(*c))
            .collect();
        Gap {
            what,
            touched: all.len() - missing.len(),
            all: all.len(),
            missing,
        }
    };
    let mut gaps = vec![
        by_clause(&clauses, "clauses"),
        by_clause(&transitions, "transitions"),
    ];
    let missing: Vec<String> = outcomes
        .iter()
        .filter(|(_, part)| !coverage.has(*part))
        .map(|(name, _)| name.clone())
        .collect();
    gaps.push(Gap {
        what: "outcomes",
        touched: outcomes.len() - missing.len(),
        all: outcomes.len(),
        missing,
    });
    let mut missing = Vec::new();
    for clause in &guards {
        for (held, word) in [(true, "holds"), (false, "does not hold")] {
            if !coverage.has(Part::Guard(*clause, held)) {
                missing.push(format!("{}: {word}", name(*clause)));
            }
        }
    }
    gaps.push(Gap {
        what: "guards",
        touched: guards.len() * 2 - missing.len(),
        all: guards.len() * 2,
        missing,
    });
    gaps
}
