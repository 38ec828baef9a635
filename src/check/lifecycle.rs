//! Lifecycles: every state is reached, and none but a final one holds a group for good.

use std::collections::BTreeSet;

use crate::hir::{Kind, Said, Spec};
use crate::ids::*;
use crate::ir::{Form, Scope};

use super::error::CheckError;

/// A way from states to a state.
struct Way {
    from: Vec<StateId>,
    to: StateId,
}

/// Judges the lifecycle of each kind.
pub fn lifecycles(spec: &Spec, found: &mut Vec<CheckError>) {
    for (index, kind) in spec.kinds.iter().enumerate() {
        let id = KindId::new(index);
        // Where it is unclear how life begins, nothing more can be said of it.
        if let Some(error) = bad_start(kind) {
            found.push(error);
        } else if kind.states.len() > 1 {
            let ways = ways(spec, id, kind);
            let reached = reached(kind, &ways);
            // Where a state is not reached, the way that is missing may well lead out of another.
            if reached.len() < kind.states.len() {
                unreachable(kind, &reached, found);
            } else {
                stuck(spec, id, kind, &ways, found);
            }
        }
    }
}

/// An instance begins in one state, and its life does not end there.
fn bad_start(kind: &Kind) -> Option<CheckError> {
    let mut marked = kind
        .states
        .iter()
        .filter(|s| s.initial && !s.name.is_empty());
    if let (Some(first), Some(second)) = (marked.next(), marked.next()) {
        return Some(CheckError::TwoStarts {
            kind: kind.name.clone(),
            first: (first.name.clone(), first.span),
            second: (second.name.clone(), second.span),
        });
    }
    let initial = &kind.states[kind.initial().index()];
    initial.is_final.then(|| CheckError::FinalStart {
        kind: kind.name.clone(),
        state: initial.name.clone(),
        span: initial.span,
        said: initial.initial,
    })
}

/// All ways between the states of a kind: powers, what follows by itself, and where decisions lead.
fn ways(spec: &Spec, id: KindId, kind: &Kind) -> Vec<Way> {
    let mut ways = Vec::new();
    let mut way = |scope: &Scope, target: Option<StateId>| {
        if let (true, Some(to)) = (scope.kind == id, target) {
            let from = scope.states.clone();
            ways.push(Way { from, to });
        }
    };
    for rule in &spec.rules {
        match &rule.said {
            Said::Permit { target, .. } | Said::React { target, .. } => way(&rule.scope, *target),
            _ => {}
        }
    }
    for decision in spec.decisions.iter().filter(|d| d.kind == id) {
        let targets = decision.outcomes.iter().filter_map(|o| o.target);
        ways.extend(targets.map(|to| Way {
            from: kind.living(),
            to,
        }));
    }
    ways
}

fn reached(kind: &Kind, ways: &[Way]) -> BTreeSet<StateId> {
    let mut reached = BTreeSet::from([kind.initial()]);
    loop {
        let before = reached.len();
        for way in ways {
            if way.from.iter().any(|s| reached.contains(s)) {
                reached.insert(way.to);
            }
        }
        if reached.len() == before {
            return reached;
        }
    }
}

/// The states that are not reached: one message for all of a kind, since one arrow may be what lacks.
fn unreachable(kind: &Kind, reached: &BTreeSet<StateId>, found: &mut Vec<CheckError>) {
    let initial = &kind.states[kind.initial().index()];
    let lost = kind
        .all_states()
        .into_iter()
        .filter(|s| !reached.contains(s));
    let lost = lost.map(|s| &kind.states[s.index()]);
    found.push(CheckError::Unreachable {
        kind: kind.name.clone(),
        states: lost.map(|s| (s.name.clone(), s.span)).collect(),
        initial: (initial.name.clone(), initial.span),
    });
}

/// A state without a way out, where the kind knows final states; where it knows none, a group may
/// live on in a state that has rules of its own, and a body in any.
fn stuck(spec: &Spec, id: KindId, kind: &Kind, ways: &[Way], found: &mut Vec<CheckError>) {
    let ends = kind.states.iter().any(|s| s.is_final);
    for at in kind.all_states() {
        let state = &kind.states[at.index()];
        let leaves = ways.iter().any(|w| w.to != at && w.from.contains(&at));
        let lives = spec
            .rules
            .iter()
            .any(|r| r.scope.kind == id && r.in_state && r.scope.states.contains(&at));
        if state.is_final || leaves || (!ends && (lives || kind.form == Form::Body)) {
            continue;
        }
        found.push(CheckError::Stuck {
            kind: kind.name.clone(),
            state: state.name.clone(),
            span: state.span,
        });
    }
}
