//! govc: rules of governance, checked, compiled and simulated.

pub mod diag;
pub mod ids;
pub mod source;
pub mod syntax;
