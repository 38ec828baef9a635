//! What can be known before anything happens: states that cannot be reached, outcomes that lead
//! nowhere, quorums that can never be met. One pass over the rules as meant.
//!
//! What cannot be meant is an error, what is probably wrong a warning. Nothing is judged while a name
//! is unknown or a clause unread: a rule that was dropped would make others look wrong.

pub mod clocks;
pub mod conflict;
pub mod decision;
pub mod empty;
pub mod error;
pub mod events;
pub mod filled;
pub mod lifecycle;
pub mod message;
pub mod obtain;
pub mod roles;
pub mod universal;

use crate::diag::{self, Diagnostic, Severity};
use crate::hir::{Said, Spec};
use crate::source::{SourceId, Span};

use error::CheckError;

/// A spec without errors: the only thing that can be lowered.
#[derive(Debug, Clone)]
pub struct Checked(Spec);

impl Checked {
    /// The spec.
    pub fn spec(&self) -> &Spec {
        &self.0
    }
}

/// Checks a spec. `problems` are the complaints of the earlier phases; an error among them, or found
/// here, means that there is nothing to lower.
///
/// Warnings are about the file `root` alone: what it imports is warned about where that is checked,
/// a charter not once more with each mapping and each file of scenarios.
pub fn check(
    spec: Spec,
    root: SourceId,
    mut problems: Vec<Diagnostic>,
) -> (Option<Checked>, Vec<Diagnostic>) {
    if !diag::any_error(&problems) {
        let found = judge(&spec).into_iter().map(|e| e.to_diagnostic());
        let here = |d: &Diagnostic| d.severity() == Severity::Error || d.place().source == root;
        problems.extend(found.filter(here));
    }
    diag::sort(&mut problems);
    if diag::any_error(&problems) {
        return (None, problems);
    }
    (Some(Checked(spec)), problems)
}

/// All that is wrong with the rules.
fn judge(spec: &Spec) -> Vec<CheckError> {
    let heard = events::heard(spec);
    let mut found = Vec::new();
    decision::decisions(spec, &heard, &mut found);
    lifecycle::lifecycles(spec, &mut found);
    obtain::out_of_reach(spec, &mut found);
    events::circles(spec, &mut found);
    conflict::conflicts(spec, &mut found);
    clocks::beaten(spec, &mut found);
    empty::nobody(spec, &mut found);
    universal::of_nobody(spec, &mut found);
    // A file that says nothing of what it declares is a vocabulary, for others to import.
    if spec.rules.iter().any(|r| !matches!(r.said, Said::Remark)) || !spec.decisions.is_empty() {
        roles::unused(spec, &mut found);
        events::unheard(spec, &heard, &mut found);
    }
    // A role that is there by mistake is not missed.
    let mistaken = |e: &CheckError| match e {
        CheckError::UnusedRole { span, .. } => Some(*span),
        _ => None,
    };
    let mistaken: Vec<Span> = found.iter().filter_map(mistaken).collect();
    found.retain(|e| e.empty().is_none_or(|role| !mistaken.contains(&role)));
    found
}
