//! The sentences of the charter: what findings name, and where each is written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::ClauseId;
use crate::time::Stamp;

/// A document that citations name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Its short name.
    pub name: String,
    /// Its title or file.
    pub title: String,
}

/// A place in the source.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The file, counted in the `files` of the model.
    pub file: u32,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// How strongly a clause binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Modality {
    /// A breach is a violation.
    Must,
    /// A breach is a violation, unless `will` is lowered to an advisory.
    Will,
    /// A breach is an advisory.
    Should,
    /// A permission.
    May,
    /// A clause without modality (a decision, a transition): a breach is a violation.
    None,
}

/// One sentence of the charter: what findings name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Its stable name, unique: `WorkingGroup.two-or-three`.
    pub name: String,
    /// Its modality.
    pub modality: Modality,
    /// What it says, as written, on one line, without name and citation.
    pub text: String,
    /// Where the document says so.
    pub cite: Vec<Cite>,
    /// Its place.
    pub origin: Origin,
    /// In force from this moment (`None`: always).
    pub from: Option<Stamp>,
    /// In force before this moment (`None`: for good).
    pub until: Option<Stamp>,
    /// The clauses it silences while it holds.
    pub overrides: Vec<ClauseId>,
}

/// A place in a cited document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cite {
    /// The document, where one is named.
    pub source: Option<String>,
    /// The heading: of the citation, else of the section.
    pub heading: Option<String>,
    /// The id or number; empty where only a source and heading are named.
    pub label: String,
}
