//! Messages about input: what is wrong, where, what was expected, and how to mend it.
//!
//! A [`Diagnostic`] complains about a `.gov` file, an IR or a trace. What a simulation finds out
//! about a history is a finding ([`crate::run::finding`]), another type.

pub mod codes;
pub mod render;
pub mod suggest;

use crate::source::Span;

pub use codes::Code;

/// How grave a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The input cannot be used as it stands.
    Error,
    /// The input can be used, but probably does not say what was meant.
    Warning,
}

/// A place and what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What stands there; may be empty.
    pub text: String,
}

/// A change of the text that mends the mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// What it is replaced with.
    pub text: String,
}

/// One message. Title: lower case, one sentence, no full stop, user text in backticks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The registered code.
    pub code: Code,
    /// What is wrong.
    pub title: String,
    /// The place that is wrong. `None` only for whole-file troubles.
    pub primary: Option<Label>,
    /// Other places that matter.
    pub secondary: Vec<Label>,
    /// The rule that was broken.
    pub notes: Vec<String>,
    /// A proposal, in words.
    pub help: Option<String>,
    /// The same proposal as an edit, where it is one.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// A message with this code and title at this place, labelled with what stands there.
    pub fn new(code: Code, title: impl Into<String>, span: Span, label: impl Into<String>) -> Self {
        Diagnostic {
            code,
            title: title.into(),
            primary: Some(Label {
                span,
                text: label.into(),
            }),
            secondary: Vec::new(),
            notes: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// The same, pointing at another place too.
    pub fn with_secondary(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// The same, with the rule stated.
    pub fn with_note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// The same, with a proposal.
    pub fn with_help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// The same, with an edit that mends it.
    pub fn with_fix(mut self, span: Span, text: impl Into<String>) -> Self {
        self.fix = Some(Fix {
            span,
            text: text.into(),
        });
        self
    }

    /// How grave it is, as its code says.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// Where it points, for sorting.
    pub fn place(&self) -> Span {
        self.primary.as_ref().map(|l| l.span).unwrap_or_default()
    }
}

/// Sorts messages by place, then code, then title, and drops exact repeats.
pub fn sort(list: &mut Vec<Diagnostic>) {
    list.sort_by(|a, b| (a.place(), a.code, &a.title).cmp(&(b.place(), b.code, &b.title)));
    list.dedup();
}

/// Whether one of the messages is an error.
pub fn any_error(list: &[Diagnostic]) -> bool {
    list.iter().any(|d| d.severity() == Severity::Error)
}
