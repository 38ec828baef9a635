//! What resolution complains about.

use crate::diag::{Code, Diagnostic, suggest};
use crate::source::Span;
use crate::syntax::ast::Name;

/// A mistake found while names are resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResolveError {
    /// A name that stands for nothing here.
    Unknown {
        /// What it should be: `role`, `state`, `event` …
        what: &'static str,
        /// The name.
        name: Name,
        /// The nearest name that stands for such a thing.
        nearest: Option<String>,
        /// Where it was looked for: `in WorkingGroup`.
        place: String,
        /// A proposal, where no name is near.
        help: Option<String>,
    },
    /// A name declared twice in one namespace.
    Twice {
        /// The name.
        name: String,
        /// The second declaration.
        span: Span,
        /// The first.
        first: Span,
        /// A proposal.
        help: String,
    },
    /// A name that stands for something else than is wanted here.
    Wrong {
        /// The name.
        name: String,
        /// Its place.
        span: Span,
        /// What it is.
        is: String,
        /// What is wanted.
        wanted: String,
        /// A proposal.
        help: Option<String>,
    },
    /// A clause that does not belong in this block.
    Misplaced {
        /// The clause's first word.
        word: String,
        /// Its place.
        span: Span,
        /// Where it belongs.
        belongs: String,
    },
    /// Types that do not fit.
    Mismatch {
        /// The place.
        span: Span,
        /// What was expected.
        expected: String,
        /// What was found.
        found: String,
        /// A proposal.
        help: Option<String>,
    },
    /// A fraction without a whole, or a whole where none can be.
    Fraction {
        /// The place.
        span: Span,
        /// The fraction as written.
        text: String,
        /// A proposal.
        help: String,
        /// The same as an edit.
        fix: Option<(Span, String)>,
    },
    /// Two clauses with one name.
    SameName {
        /// The name.
        name: String,
        /// The second.
        span: Span,
        /// The first.
        first: Span,
    },
    /// A definition that needs itself.
    Circular {
        /// Its name.
        name: String,
        /// Where it is defined.
        span: Span,
        /// Where it is needed for its own definition.
        needed: Span,
    },
    /// Clauses that override each other.
    OverrideCircle {
        /// Their names.
        names: Vec<String>,
        /// Their places.
        spans: Vec<Span>,
    },
    /// A date that does not exist, a zone that nobody knows.
    BadValue {
        /// What it should be.
        what: &'static str,
        /// As written.
        text: String,
        /// Its place.
        span: Span,
    },
    /// Something that must be said and is not.
    Missing {
        /// What is missing.
        what: String,
        /// The place that lacks it.
        span: Span,
        /// A proposal.
        help: String,
    },
    /// A name in the record's mapping that fits several kinds.
    Ambiguous {
        /// The kinds.
        kinds: Vec<String>,
        /// The place.
        span: Span,
    },
    /// A part of a clause that is said twice, or that does not go with another.
    Conflict {
        /// What is wrong.
        what: String,
        /// The place.
        span: Span,
        /// What stands there.
        label: &'static str,
        /// A proposal.
        help: String,
    },
}

impl ResolveError {
    /// The message for it.
    pub fn to_diagnostic(&self) -> Diagnostic {
        match self {
            ResolveError::Unknown {
                what,
                name,
                nearest,
                place,
                help,
            } => {
                let title = format!("unknown {what} `{}`", name.text);
                let label = match *what {
                    "name" => format!("nothing is called this {place}"),
                    what => format!("no {what} of this name {place}"),
                };
                let diagnostic = Diagnostic::new(Code::UnknownName, title, name.span, label);
                match (nearest, help) {
                    (Some(near), _) => diagnostic
                        .with_help(format!("did you mean `{near}`?"))
                        .with_fix(name.span, near.clone()),
                    (None, Some(help)) => diagnostic.with_help(help.clone()),
                    (None, None) if place.starts_with('(') => {
                        diagnostic.with_help("write one of these")
                    }
                    (None, None) => {
                        diagnostic.with_help("declare it, or write a name that is declared")
                    }
                }
            }
            ResolveError::Twice {
                name,
                span,
                first,
                help,
            } => Diagnostic::new(
                Code::DeclaredTwice,
                format!("`{name}` is declared twice"),
                *span,
                "declared again here",
            )
            .with_secondary(*first, "first declared here")
            .with_note("one name stands for one thing")
            .with_help(help.clone()),
            ResolveError::Wrong {
                name,
                span,
                is,
                wanted,
                help,
            } => {
                let title = format!("`{name}` is {is}, where {wanted} is wanted");
                let diagnostic = Diagnostic::new(Code::WrongKindOfName, title, *span, is.clone());
                match help {
                    Some(help) => diagnostic.with_help(help.clone()),
                    None => diagnostic.with_help(format!("name {wanted}")),
                }
            }
            ResolveError::Misplaced {
                word,
                span,
                belongs,
            } => Diagnostic::new(
                Code::MisplacedClause,
                format!("`{word}` does not belong here"),
                *span,
                "not in this block",
            )
            .with_note(format!("`{word}` stands {belongs}"))
            .with_help("move it there, or leave it out"),
            ResolveError::Mismatch {
                span,
                expected,
                found,
                help,
            } => {
                let title = format!("expected {expected}, found {found}");
                let diagnostic =
                    Diagnostic::new(Code::TypeMismatch, title, *span, format!("this is {found}"));
                match help {
                    Some(help) => diagnostic.with_help(help.clone()),
                    None => diagnostic.with_help(format!("write {expected}")),
                }
            }
            ResolveError::Fraction {
                span,
                text,
                help,
                fix,
            } => {
                let diagnostic = Diagnostic::new(
                    Code::BareFraction,
                    format!("`{text}` is a share of nothing"),
                    *span,
                    "a share of what?",
                )
                .with_note("no denominator is hidden: a share says what it is a share of")
                .with_help(help.clone());
                match fix {
                    Some((span, text)) => diagnostic.with_fix(*span, text.clone()),
                    None => diagnostic,
                }
            }
            ResolveError::SameName { name, span, first } => Diagnostic::new(
                Code::SameClauseName,
                format!("two clauses are called `{name}`"),
                *span,
                "the same name",
            )
            .with_secondary(*first, "the first")
            .with_note("a finding names its clause, so a name stands for one clause")
            .with_help("give one of them a name of its own with `as`"),
            ResolveError::Circular { name, span, needed } => Diagnostic::new(
                Code::CircularDefinition,
                format!("`{name}` is defined through itself"),
                *span,
                "defined here",
            )
            .with_secondary(*needed, "and needed here, for its own definition")
            .with_help("define it without itself"),
            ResolveError::OverrideCircle { names, spans } => {
                let quoted: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
                let title = match quoted.as_slice() {
                    [one] => format!("{one} overrides itself"),
                    list => format!("{} override each other", list.join(" and ")),
                };
                let mut spans = spans.iter();
                let first = spans.next().copied().unwrap_or_default();
                let diagnostic = Diagnostic::new(
                    Code::CircularDefinition,
                    title,
                    first,
                    "would silence itself",
                )
                .with_note("of clauses that override each other in a circle none is left in force")
                .with_help("leave one `overrides` out");
                spans.fold(diagnostic, |diagnostic, span| {
                    diagnostic.with_secondary(*span, "in the same circle")
                })
            }
            ResolveError::BadValue { what, text, span } => Diagnostic::new(
                Code::BadValue,
                format!("`{text}` is no {what}"),
                *span,
                format!("no such {what}"),
            )
            .with_help(match *what {
                "date" => {
                    "write a date that exists, `2025-03-01`, or an instant, `2025-03-01T12:00:00Z`"
                }
                "time zone" => "write `UTC`, `AoE` or a name such as \"Europe/Paris\"",
                "unit" => "write hours, days, weeks, months or years",
                "fraction between nothing and the whole" => {
                    "write a fraction such as `1/2` or `2/3`: not over the whole, nor by nothing"
                }
                "template" => "close the brace: `{this.name}`",
                "duration" => "write a number up to 1000000 and a unit: `6 weeks`",
                _ => "write another",
            }),
            ResolveError::Missing { what, span, help } => Diagnostic::new(
                Code::Missing,
                format!("{what} is missing"),
                *span,
                "nothing says it",
            )
            .with_help(help.clone()),
            ResolveError::Ambiguous { kinds, span } => Diagnostic::new(
                Code::AmbiguousKind,
                format!("this could speak of {}", kinds.join(" or of ")),
                *span,
                "of which kind?",
            )
            .with_help(format!(
                "put the kind before a name: `{}.…`",
                kinds.first().map_or("Kind", |k| k)
            )),
            ResolveError::Conflict {
                what,
                span,
                label,
                help,
            } => {
                Diagnostic::new(Code::Conflict, what.clone(), *span, *label).with_help(help.clone())
            }
        }
    }

    /// An unknown name, with the nearest of the candidates.
    pub fn unknown<'a>(
        what: &'static str,
        name: &Name,
        candidates: impl IntoIterator<Item = &'a str>,
        place: impl Into<String>,
    ) -> ResolveError {
        // A name that is there, and yet not found, is there as something else.
        let others = candidates.into_iter().filter(|c| *c != name.text);
        let others: Vec<&str> = others.filter(|c| !c.is_empty()).collect();
        let few = matches!(
            what,
            "state" | "outcome" | "field" | "column" | "choice" | "word"
        ) && (1..=9).contains(&others.len());
        ResolveError::Unknown {
            what,
            name: name.clone(),
            nearest: suggest::nearest(&name.text, others.iter().copied()).map(str::to_owned),
            place: place.into(),
            help: few.then(|| {
                let others: Vec<String> = others.iter().map(|c| format!("`{c}`")).collect();
                format!("write one of these: {}", others.join(", "))
            }),
        }
    }
}
