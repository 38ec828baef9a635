//! What can be wrong with a text before anybody asks what it means.

use super::expected::{Expected, meant_opener};
use super::token::Token;
use crate::diag::{Code, Diagnostic};
use crate::source::Span;

/// A mistake in writing.
#[derive(Debug, Clone, PartialEq)]
pub enum SyntaxError {
    /// Characters that belong to nothing.
    UnknownCharacter {
        /// All of them.
        span: Span,
        /// The first.
        first: char,
    },
    /// What other languages write.
    Slip {
        /// Its place.
        span: Span,
        /// What stands there.
        written: String,
        /// What is meant: a sign, a word, `#`, a quote, or nothing.
        meant: &'static str,
    },
    /// Digits that are neither a number nor a date.
    BadNumber {
        /// Their place.
        span: Span,
        /// What stands there.
        written: String,
    },
    /// An escape that does not exist.
    BadEscape {
        /// With its backslash.
        span: Span,
        /// What follows the backslash.
        escaped: char,
    },
    /// A text without its closing quote.
    UnclosedText {
        /// As much as was taken for the text.
        span: Span,
    },
    /// A number that fits nowhere.
    NumberTooLarge {
        /// Its place.
        span: Span,
    },
    /// An opening sign without its closing one, which was put back.
    Unclosed {
        /// The opening sign.
        open: Span,
        /// The same.
        sign: char,
        /// What cannot stand inside; nothing at the end of the file.
        before: Option<Span>,
        /// Where the closing sign was put.
        place: Span,
        /// A block that was closed by a brace of another indentation.
        suspect: Option<Span>,
    },
    /// A closing sign without its opening one.
    Stray {
        /// Its place.
        span: Span,
        /// The opening sign it lacks.
        partner: char,
    },
    /// Nested too deep.
    TooDeep {
        /// The first sign too many.
        span: Span,
    },
    /// A reserved word where a name must stand.
    ReservedName {
        /// Its place.
        span: Span,
        /// The word.
        word: &'static str,
    },
    /// A token that cannot stand here.
    Unexpected {
        /// Its place.
        span: Span,
        /// `name \`x\``, `\`if\``, `number \`3\``
        found: String,
        /// The name, where it is one.
        name: Option<String>,
        /// What could stand here.
        expected: Expected,
        /// A rule about it.
        note: Option<&'static str>,
    },
    /// A clause that stops before it is complete.
    Unfinished {
        /// Its last token.
        span: Span,
        /// What should follow.
        expected: Expected,
    },
    /// A first word that opens no clause.
    UnknownClause {
        /// Its place.
        span: Span,
        /// The word.
        word: String,
    },
    /// `and` and `or` in one condition.
    Mixed {
        /// The condition.
        span: Span,
        /// The same with parentheses, as it was read.
        repaired: String,
    },
}

impl SyntaxError {
    /// The places whose lines it explains: where it points, and where the text was mended.
    pub fn places(&self) -> [Span; 2] {
        use SyntaxError::*;
        match *self {
            UnknownCharacter { span, .. }
            | Slip { span, .. }
            | BadNumber { span, .. }
            | BadEscape { span, .. }
            | UnclosedText { span }
            | NumberTooLarge { span }
            | Stray { span, .. }
            | TooDeep { span }
            | ReservedName { span, .. }
            | Unexpected { span, .. }
            | Unfinished { span, .. }
            | UnknownClause { span, .. }
            | Mixed { span, .. } => [span, span],
            // An open block says nothing about the rest of its first line.
            Unclosed {
                sign: '{', place, ..
            } => [place, place],
            Unclosed { open, place, .. } => [open, place],
        }
    }

    /// The message.
    pub fn to_diagnostic(&self) -> Diagnostic {
        use SyntaxError::*;
        match self {
            UnknownCharacter { span, first } => unknown_character(*span, *first),
            Slip {
                span,
                written,
                meant,
            } => slip(*span, written, meant),
            BadNumber { span, written } => bad_number(*span, written),
            BadEscape { span, escaped } => Diagnostic::new(
                Code::UnknownCharacter,
                format!("unknown escape `\\{escaped}`"),
                *span,
                "no such escape",
            )
            .with_note("the escapes in a text are `\\\"`, `\\\\`, `\\n` and `\\t`")
            .with_help(format!("write `\\\\{escaped}` for a backslash"))
            .with_fix(*span, format!("\\\\{escaped}")),
            UnclosedText { span } => Diagnostic::new(
                Code::UnclosedText,
                "this text has no closing quote",
                *span,
                "begins here and must end on this line",
            )
            .with_help("put a `\"` at its end; a line break inside is written `\\n`")
            .with_fix(
                Span {
                    start: span.end,
                    ..*span
                },
                "\"",
            ),
            NumberTooLarge { span } => Diagnostic::new(
                Code::NumberTooLarge,
                "this number is too large",
                *span,
                "more than anything can be counted to",
            )
            .with_note(format!("the largest number is {}", i64::MAX)),
            Unclosed {
                open,
                sign,
                before,
                place,
                suspect,
            } => unclosed(*open, *sign, *before, *place, *suspect),
            Stray { span, partner } => Diagnostic::new(
                Code::UnbalancedBrace,
                format!("this `{}` closes nothing", closer(*partner)),
                *span,
                format!("no `{partner}` is open here"),
            )
            .with_help("remove it")
            .with_fix(*span, ""),
            TooDeep { span } => Diagnostic::new(
                Code::TooDeep,
                "nested too deep",
                *span,
                format!("level {} and deeper", super::balance::DEPTH + 1),
            )
            .with_note(format!(
                "blocks, brackets, parentheses and runs of `not` nest {} deep at most",
                super::balance::DEPTH
            ))
            .with_help("give a part of it a name with `define`"),
            ReservedName { span, word } => Diagnostic::new(
                Code::ReservedName,
                format!("`{word}` is a reserved word and cannot be a name"),
                *span,
                "a name must stand here",
            )
            .with_help(format!(
                "choose another name, such as `the-{word}`; where records spell it so, \
                 their spelling follows in quotes: `the-{word} \"{word}\"`"
            ))
            .with_fix(*span, format!("the-{word}")),
            Unexpected {
                span,
                found,
                name,
                expected,
                note,
            } => unexpected(*span, found, name.as_deref(), expected, *note),
            Unfinished { span, expected } => Diagnostic::new(
                Code::UnexpectedToken,
                "this clause is not finished",
                *span,
                format!("expected {} after this", expected.list()),
            ),
            UnknownClause { span, word } => {
                let message = Diagnostic::new(
                    Code::UnknownClause,
                    format!("unknown clause `{word}`"),
                    *span,
                    "no clause begins with this word",
                );
                match meant_opener(word) {
                    Some(meant) => message
                        .with_help(format!("did you mean `{meant}`?"))
                        .with_fix(*span, meant),
                    None => message.with_note(
                        "every clause opens with a reserved word, \
                         such as `role`, `must`, `may` or `decision`",
                    ),
                }
            }
            Mixed { span, repaired } => {
                let message = Diagnostic::new(
                    Code::MixedAndOr,
                    "`and` and `or` need parentheses between them",
                    *span,
                    "could be read in two ways",
                );
                let message = if repaired.len() <= 100 && !repaired.contains('\n') {
                    message.with_help(format!("write `{repaired}`, or group it the other way"))
                } else {
                    message.with_help("put parentheses around what belongs together")
                };
                message.with_fix(*span, repaired.clone())
            }
        }
    }
}

fn unknown_character(span: Span, first: char) -> Diagnostic {
    let shown = if first.is_control() || (!first.is_ascii() && !first.is_alphanumeric()) {
        format!("`{}` (U+{:04X})", first.escape_debug(), first as u32)
    } else {
        format!("`{first}`")
    };
    let title = match first {
        '"' => "this quote opens no text".to_owned(),
        _ => format!("unknown character {shown}"),
    };
    let message = Diagnostic::new(Code::UnknownCharacter, title, span, "belongs to nothing");
    match first {
        '%' => message.with_help("a share is a fraction of something: `at least 1/2 of cast`"),
        '‐' | '‑' | '–' | '—' => message
            .with_help("the hyphen in a name is `-`")
            .with_fix(span, "-"),
        '_' => message.with_note("a name begins with a letter"),
        '-' => message.with_note("a hyphen stands inside a name, between letters or digits"),
        '“' | '”' | '„' | '‘' | '’' | '\'' => {
            message.with_help("texts stand between two `\"` on one line")
        }
        '+' | '*' | '^' => message.with_note("there is no arithmetic; name the value as a field"),
        _ => message,
    }
}

fn slip(span: Span, written: &str, meant: &str) -> Diagnostic {
    let (title, help, fix) = match meant {
        "" => (
            format!("`{written}` is not needed"),
            "clauses end by themselves: remove it".to_owned(),
            String::new(),
        ),
        "#" => (
            "comments begin with `#`".to_owned(),
            "write `#` for `//`".to_owned(),
            "#".to_owned(),
        ),
        "\"" => {
            let inside = super::token::inner(written);
            (
                "texts stand in straight double quotes".to_owned(),
                format!("write `\"{inside}\"`"),
                format!("\"{}\"", inside.replace('"', "\\\"")),
            )
        }
        _ => (
            format!("`{written}` is written `{meant}` here"),
            format!("write `{meant}`"),
            meant.to_owned(),
        ),
    };
    // Of a comment, only its beginning is wrong.
    let end = match meant {
        "#" => span.end.min(span.start + 2),
        _ => span.end,
    };
    let span = Span { end, ..span };
    Diagnostic::new(Code::UnknownCharacter, title, span, "")
        .with_help(help)
        .with_fix(span, fix)
}

fn bad_number(span: Span, written: &str) -> Diagnostic {
    let message = |title: String, label: &str| {
        Diagnostic::new(Code::UnknownCharacter, title, span, label.to_owned())
    };
    let parts: Vec<&str> = written.split('-').collect();
    if parts.len() >= 3
        && parts
            .iter()
            .take(2)
            .all(|p| p.bytes().all(|b| b.is_ascii_digit()))
    {
        return message(format!("`{written}` is not a date"), "looks like one")
            .with_help("dates are written `2025-03-01`, instants `2025-03-01T12:00Z`");
    }
    if written.contains('.') {
        return message(
            format!("`{written}` is not a whole number"),
            "has a decimal point",
        )
        .with_help("write a share as a fraction, such as `1/2`");
    }
    let digits = written.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = written.get(digits.len()..).unwrap_or("");
    let title = format!("`{written}` is neither a number nor a name");
    if !unit.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        let unit = match unit {
            "d" => "days",
            "w" => "weeks",
            "m" => "months",
            "y" => "years",
            "h" => "hours",
            other => other,
        };
        let repaired = format!("{digits} {unit}");
        return message(title, "begins with a digit")
            .with_help(format!("write `{repaired}`"))
            .with_fix(span, repaired);
    }
    message(title, "begins with a digit").with_note("a name begins with a letter")
}

fn closer(sign: char) -> char {
    match sign {
        '{' => '}',
        '(' => ')',
        _ => ']',
    }
}

fn unclosed(
    open: Span,
    sign: char,
    before: Option<Span>,
    place: Span,
    suspect: Option<Span>,
) -> Diagnostic {
    let closer = closer(sign);
    let what = match sign {
        '{' => "this block",
        '(' => "this parenthesis",
        _ => "this bracket",
    };
    let mut message = Diagnostic::new(
        Code::UnbalancedBrace,
        format!("{what} is never closed"),
        open,
        format!("no `{closer}` for this `{sign}`"),
    );
    if let Some(before) = before {
        message = message.with_secondary(before, format!("`{closer}` is missing before this"));
    }
    if let Some(suspect) = suspect {
        message = message.with_secondary(
            suspect,
            "perhaps for this one: the `}` that closes it is indented less",
        );
    }
    let text = if sign == '{' {
        "\n}".to_owned()
    } else {
        closer.to_string()
    };
    message
        .with_help(format!("put a `{closer}` where it should end"))
        .with_fix(place, text)
}

fn unexpected(
    span: Span,
    found: &str,
    name: Option<&str>,
    expected: &Expected,
    note: Option<&'static str>,
) -> Diagnostic {
    let mut message = Diagnostic::new(
        Code::UnexpectedToken,
        format!("unexpected {found}"),
        span,
        format!("expected {}", expected.list()),
    );
    if let Some(meant) = name.and_then(|name| expected.meant(name)) {
        message = message
            .with_help(format!("did you mean `{meant}`?"))
            .with_fix(span, meant);
    }
    if let Some(note) = note {
        message = message.with_note(note);
    }
    message
}

/// A token in words.
pub fn describe(token: Token) -> String {
    use Token::*;
    match token {
        Name(name) => format!("name `{name}`"),
        Text(text) => {
            let short: String = text.chars().take(20).collect();
            let dots = if short.len() < text.len() { "…" } else { "" };
            format!("text `\"{short}{dots}\"`")
        }
        Number(digits) => format!("number `{digits}`"),
        Date(date) | Day(date) => format!("date `{date}`"),
        Label(label) => format!("label `{label}`"),
        OpenCitation => "`[`".to_owned(),
        other => match (other.word(), other.sign()) {
            (Some(word), _) => format!("`{word}`"),
            (_, Some(sign)) => format!("`{sign}`"),
            _ => "character".to_owned(),
        },
    }
}
