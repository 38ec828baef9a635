//! The step on small models made by hand: each rule of the meaning in a history of a few lines.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod acts;
mod build;
mod decisions;
mod duties;
mod random;
mod rules;
mod tenure;
mod world;
