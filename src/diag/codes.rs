//! The registry of codes: number, name, severity, since when, and the page that explains it.
//!
//! `GOV01xx` reading, `02` names, `03` types and units, `04` decisions, `05` lifecycles and
//! duties, `06` traces, `09` files and internal. A code is never used again for something else. It
//! lands together with its page in `explain/`, which holds a failing example that yields exactly
//! this code and a corrected one that is clean; a test runs both.

use super::Severity;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $name:literal, $severity:ident, $since:literal;)*) => {
        /// A registered code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// All codes, in the order of their numbers.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// `GOV0203`
            pub fn number(self) -> &'static str {
                match self { $(Code::$variant => $number,)* }
            }

            /// `unknown-name`
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }

            /// How grave it is.
            pub fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity,)* }
            }

            /// The version that first had it.
            pub fn since(self) -> &'static str {
                match self { $(Code::$variant => $since,)* }
            }

            /// The page that explains it, in Markdown.
            pub fn page(self) -> &'static str {
                match self { $(Code::$variant => include_str!(concat!("explain/", $number, ".md")),)* }
            }
        }
    };
}

impl Code {
    /// The code of this number or name, letter case ignored.
    pub fn find(word: &str) -> Option<Code> {
        Code::ALL
            .iter()
            .copied()
            .find(|c| c.number().eq_ignore_ascii_case(word) || c.name().eq_ignore_ascii_case(word))
    }
}

codes! {
    /// A token that cannot stand where it stands.
    UnexpectedToken = "GOV0101", "unexpected-token", Error, "0.1.0";
    /// A character or literal that belongs to nothing.
    UnknownCharacter = "GOV0102", "unknown-character", Error, "0.1.0";
    /// A text without its closing quote.
    UnclosedText = "GOV0103", "unclosed-text", Error, "0.1.0";
    /// A brace or parenthesis without its partner.
    UnbalancedBrace = "GOV0104", "unbalanced-brace", Error, "0.1.0";
    /// Nested deeper than anything sensible.
    TooDeep = "GOV0105", "nested-too-deep", Error, "0.1.0";
    /// A number too large to hold.
    NumberTooLarge = "GOV0106", "number-too-large", Error, "0.1.0";
    /// A file that is not UTF-8.
    NotUtf8 = "GOV0107", "not-utf8", Error, "0.1.0";
    /// A first word that opens no clause.
    UnknownClause = "GOV0108", "unknown-clause", Error, "0.1.0";
    /// `and` and `or` mixed without parentheses.
    MixedAndOr = "GOV0109", "mixed-and-or", Error, "0.1.0";
}
