//! The words and signs of the language.
//!
//! Every clause opens with one of the [`OPENERS`]; the [`CONTINUERS`] are reserved too, but never
//! open a clause, so that the end of a clause is always seen at the next token. Both tables come
//! out of the macro that makes the tokens and cannot diverge from them; the editors' grammars are
//! held to them by a test.

use logos::Logos;

macro_rules! tokens {
    (
        openers { $($opener:ident = $opener_word:tt,)* }
        continuers { $($continuer:ident = $continuer_word:tt,)* }
        signs { $($sign:ident = $sign_word:tt,)* }
    ) => {
        /// One token. Texts, names, numbers and dates carry what they look like in the source.
        #[derive(Logos, Debug, Clone, Copy, PartialEq, Eq)]
        #[logos(skip(r"[\s\u{feff}]+"))]
        pub enum Token<'s> {
            $(
                #[doc = concat!("`", $opener_word, "`, which opens a clause")]
                #[token($opener_word)]
                $opener,
            )*
            $(
                #[doc = concat!("`", $continuer_word, "`")]
                #[token($continuer_word)]
                $continuer,
            )*
            $(
                #[doc = concat!("`", $sign_word, "`")]
                #[token($sign_word)]
                $sign,
            )*

            /// `two-or-three`, `R-5`
            #[regex(r"\p{XID_Start}\p{XID_Continue}*(-\p{XID_Continue}+)*", priority = 2)]
            Name(&'s str),

            /// `"text"`; here without its quotes, escapes as written.
            #[regex(r#""([^"\\\n]|\\[^\n])*""#, |lex| inner(lex.slice()))]
            Text(&'s str),

            /// `12`
            #[regex(r"[0-9]+", priority = 4)]
            Number(&'s str),

            /// `2025-03-01`, `2025-03-01T12:00Z`
            #[regex(
                r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?",
                priority = 50
            )]
            Date(&'s str),

            /// A date that opens a clause of a scenario. The lexer tells it from the others by
            /// the token before it.
            Day(&'s str),

            /// The `[` of a citation. The lexer tells it from that of a list by the token before.
            OpenCitation,

            /// A citation's label: `IST-34`, `4.2(1)`, `Art. 7`.
            Label(&'s str),

            /// `# …` to the end of the line. Trivia: the parser never sees it.
            #[regex(r"#[^\n]*", allow_greedy = true)]
            Comment,

            /// A text whose closing quote is missing; becomes a [`Token::Text`].
            #[regex(r#""([^"\\\n]|\\[^\n])*\\?"#, priority = 1)]
            UnclosedText,

            /// Digits that are neither a number nor a date; becomes [`Token::Unknown`].
            #[regex(r"[0-9]\p{XID_Continue}*(-\p{XID_Continue}+)*", priority = 1)]
            #[regex(r"[0-9]+\.[0-9]+", priority = 1)]
            BadNumber,

            /// What other languages write; becomes what is meant.
            #[regex(r"==|=>|=<|<>|<-|&&?|\|\||!|;|→|≤|≥|≠", priority = 3)]
            #[regex(r"“[^”\n]*”", priority = 3)]
            #[regex(r"'[^'\n]*'", priority = 3)]
            #[regex(r"//[^\n]*", priority = 3, allow_greedy = true)]
            Slip,

            /// Characters that belong to nothing. Reported by the lexer.
            Unknown,
        }

        /// The reserved words that open a clause.
        pub const OPENERS: &[&str] = &[$($opener_word,)*];

        /// The reserved words that never open a clause.
        pub const CONTINUERS: &[&str] = &[$($continuer_word,)*];

        impl Token<'_> {
            /// The reserved word, where this is one.
            pub fn word(self) -> Option<&'static str> {
                match self {
                    $(Token::$opener => Some($opener_word),)*
                    $(Token::$continuer => Some($continuer_word),)*
                    _ => None,
                }
            }

            /// The sign, where this is one.
            pub fn sign(self) -> Option<&'static str> {
                match self {
                    $(Token::$sign => Some($sign_word),)*
                    _ => None,
                }
            }

            /// Whether this is a reserved word that opens a clause.
            pub fn is_opener(self) -> bool {
                matches!(self, $(Token::$opener)|*)
            }
        }
    };
}

tokens! {
    openers {
        Governance = "governance",
        Source = "source",
        Timezone = "timezone",
        Import = "import",
        Section = "section",
        Note = "note",
        Body = "body",
        Group = "group",
        Thing = "thing",
        Each = "each",
        Role = "role",
        Ladder = "ladder",
        Term = "term",
        Seats = "seats",
        State = "state",
        Event = "event",
        Define = "define",
        Calendar = "calendar",
        Decision = "decision",
        Options = "options",
        Quorum = "quorum",
        Passes = "passes",
        Fails = "fails",
        Closes = "closes",
        Tie = "tie",
        Must = "must",
        Will = "will",
        Should = "should",
        May = "may",
        To = "to",
        On = "on",
        Grant = "grant",
        Revoke = "revoke",
        Set = "set",
        Do = "do",
        Trace = "trace",
        Read = "read",
        Scenario = "scenario",
        Given = "given",
        Finding = "finding",
        Expect = "expect",
        Nothing = "nothing",
    }
    continuers {
        Not = "not",
        Only = "only",
        Have = "have",
        Be = "be",
        By = "by",
        If = "if",
        Every = "every",
        Except = "except",
        Per = "per",
        Within = "within",
        After = "after",
        Before = "before",
        As = "as",
        Overrides = "overrides",
        From = "from",
        Until = "until",
        At = "at",
        In = "in",
        Last = "last",
        Where = "where",
        Among = "among",
        And = "and",
        Or = "or",
        For = "for",
        No = "no",
        SomeWord = "some",
        All = "all",
        But = "but",
        Least = "least",
        Most = "most",
        More = "more",
        Than = "than",
        Of = "of",
        Distinct = "distinct",
        Exactly = "exactly",
        Majority = "majority",
        Supermajority = "supermajority",
    }
    signs {
        OpenBrace = "{",
        CloseBrace = "}",
        OpenParen = "(",
        CloseParen = ")",
        OpenBracket = "[",
        CloseBracket = "]",
        Comma = ",",
        Colon = ":",
        Dot = ".",
        DotDot = "..",
        Slash = "/",
        Bar = "|",
        Arrow = "->",
        Equal = "=",
        NotEqual = "!=",
        Less = "<",
        LessEqual = "<=",
        Greater = ">",
        GreaterEqual = ">=",
    }
}

/// What stands between the first and the last character of a text in quotes.
pub(super) fn inner(slice: &str) -> &str {
    let mut chars = slice.chars();
    chars.next();
    chars.next_back();
    chars.as_str()
}

/// Whether this word is reserved and can name nothing.
pub fn is_reserved(word: &str) -> bool {
    OPENERS.contains(&word) || CONTINUERS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_words_are_42_and_37_and_lex_as_themselves() {
        assert_eq!((OPENERS.len(), CONTINUERS.len()), (42, 37));
        for word in OPENERS.iter().chain(CONTINUERS) {
            let token = Token::lexer(word).next().and_then(Result::ok);
            assert_eq!(token.and_then(Token::word), Some(*word));
            assert_eq!(
                token.is_some_and(Token::is_opener),
                OPENERS.contains(word),
                "{word}"
            );
        }
    }
}
