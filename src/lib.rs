//! govc: rules of governance, checked, compiled and simulated.

pub mod diag;
pub mod ids;
pub mod ir;
pub mod run;
pub mod source;
pub mod syntax;
pub mod time;
