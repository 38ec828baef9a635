//! Reading: text to tokens, tokens to the tree of [`ast`].
//!
//! [`parse`] cannot fail. What is wrong with a text is told in [`Parsed::problems`], and what could
//! not be understood stands in the tree as [`ast::Head::Error`] among the clauses that could.
//!
//! Invariant: nothing here knows what a name means.

pub mod ast;
pub mod balance;
pub mod error;
pub mod expected;
pub mod lexer;
pub mod parser;
pub mod token;

pub use lexer::Comment;
pub use parser::{Parsed, parse};
pub use token::{CONTINUERS, OPENERS, is_reserved};
