//! The numbers of things.
