//! Text to tokens and comments. Never fails: what belongs to nothing becomes [`Token::Unknown`],
//! reported here and passed over in silence by the parser.
//!
//! Three things depend on the token before, and are settled here so that the grammar need not:
//!
//! - `[` opens a list after `= != < <= > >= among ( , : [`, where a value stands, and a citation
//!   everywhere else. Inside a citation the text is raw: labels such as `4.2(1)`, `Art. 7` or `§ 3`
//!   reach to the next `,`, `]` or quote. A citation whose `]` is missing ends at the end of the
//!   line, unless a comma says that it goes on, and at a brace.
//! - A date opens a clause unless the token before wants one (`from`, `until`, `at`, `,`, …).
//! - Whether a token is the first of its line, which only recovery asks.

use logos::Logos;

use super::error::SyntaxError;
use super::token::{OPENERS, Token, inner};
use crate::source::{SourceId, Span};

/// A token and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lexeme<'s> {
    /// The token.
    pub token: Token<'s>,
    /// Its first byte.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// Whether only white space stands before it on its line.
    pub first: bool,
    /// How many bytes its line is indented by.
    pub indent: usize,
}

/// A comment and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// From `#` on, without the space at its end.
    pub text: String,
    /// Its place.
    pub span: Span,
    /// Whether it has its line to itself.
    pub own_line: bool,
}

/// What a text consists of.
#[derive(Debug, Clone, Default)]
pub struct Lexed<'s> {
    /// The tokens in order.
    pub tokens: Vec<Lexeme<'s>>,
    /// The comments in order.
    pub comments: Vec<Comment>,
    /// What is wrong.
    pub problems: Vec<SyntaxError>,
}

/// The tokens and comments of a text.
pub fn lex(source: SourceId, text: &str) -> Lexed<'_> {
    let mut scan = Scan {
        source,
        text,
        seen: 0,
        fresh: true,
        line: 0,
        indent: None,
        out: Lexed::default(),
    };
    let mut lexer = Token::lexer(text);
    while let Some(token) = lexer.next() {
        let range = lexer.span();
        let (start, end) = (range.start, range.end);
        let end = scan.token(token.unwrap_or(Token::Unknown), start, end);
        if end > lexer.span().end {
            lexer.bump(end - lexer.span().end);
        } else if end < lexer.span().end {
            // An unclosed text that gave back its end.
            lexer = Token::lexer(text);
            lexer.bump(end);
        }
    }
    scan.out
}

/// The state of one run over a text.
struct Scan<'s> {
    source: SourceId,
    text: &'s str,
    /// Up to where line ends have been looked for.
    seen: usize,
    /// Whether nothing has been seen on this line yet.
    fresh: bool,
    /// Where this line begins.
    line: usize,
    /// How far this line is indented, once known.
    indent: Option<usize>,
    out: Lexed<'s>,
}

impl<'s> Scan<'s> {
    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, start, end)
    }

    fn slice(&self, start: usize, end: usize) -> &'s str {
        self.text.get(start..end).unwrap_or("")
    }

    fn report(&mut self, problem: SyntaxError) {
        self.out.problems.push(problem);
    }

    /// Takes note of line ends up to `at`; says whether something there is first of its line.
    fn reach(&mut self, at: usize) -> bool {
        if let Some(newline) = self.slice(self.seen, at).rfind('\n') {
            self.fresh = true;
            self.line = self.seen + newline + 1;
            self.indent = None;
        }
        self.seen = self.seen.max(at);
        std::mem::replace(&mut self.fresh, false)
    }

    fn push(&mut self, token: Token<'s>, start: usize, end: usize) {
        let first = self.reach(start);
        let indent = *self.indent.get_or_insert(start - self.line);
        self.seen = end;
        self.out.tokens.push(Lexeme {
            token,
            start,
            end,
            first,
            indent,
        });
    }

    fn comment(&mut self, start: usize, end: usize) {
        let own_line = self.reach(start);
        let indent = start - self.line;
        self.indent.get_or_insert(indent);
        let text = self.slice(start, end).trim_end();
        let span = self.span(start, start + text.len());
        self.seen = end;
        self.out.comments.push(Comment {
            text: text.to_owned(),
            span,
            own_line,
        });
    }

    /// Takes one token of the generated lexer; returns where to go on.
    fn token(&mut self, token: Token<'s>, start: usize, end: usize) -> usize {
        let slice = self.slice(start, end);
        match token {
            Token::Comment => self.comment(start, end),
            Token::OpenBracket if !self.wants_value() => {
                self.push(Token::OpenCitation, start, end);
                return self.citation(end);
            }
            Token::Date(date) if !self.wants_date() => self.push(Token::Day(date), start, end),
            Token::Number(digits) => {
                if digits.parse::<i64>().is_err() {
                    let span = self.span(start, end);
                    self.report(SyntaxError::NumberTooLarge { span });
                }
                self.push(token, start, end);
            }
            Token::Text(inside) => {
                self.escapes(inside, start + 1);
                self.push(token, start, end);
            }
            Token::UnclosedText => {
                let end = start + unclosed(slice);
                let inside = self.slice(start + 1, end);
                let span = self.span(start, end);
                self.report(SyntaxError::UnclosedText { span });
                self.push(Token::Text(inside), start, end);
                return end;
            }
            Token::BadNumber => {
                let (span, written) = (self.span(start, end), slice.to_owned());
                self.report(SyntaxError::BadNumber { span, written });
                self.push(Token::Unknown, start, end);
            }
            Token::Slip => self.slip(slice, start, end),
            Token::Unknown => self.unknown(start, end),
            _ => self.push(token, start, end),
        }
        end
    }

    fn last(&self) -> Option<Token<'s>> {
        self.out.tokens.last().map(|lexeme| lexeme.token)
    }

    /// Whether the token before wants a value, so that `[` opens a list.
    fn wants_value(&self) -> bool {
        use Token::*;
        matches!(
            self.last(),
            Some(
                Equal
                    | NotEqual
                    | Less
                    | LessEqual
                    | Greater
                    | GreaterEqual
                    | Among
                    | OpenParen
                    | OpenBracket
                    | Comma
                    | Colon
            )
        )
    }

    /// Whether the token before wants a date, so that a date opens no clause.
    fn wants_date(&self) -> bool {
        use Token::*;
        self.wants_value() || matches!(self.last(), Some(From | Until | At | DotDot))
    }

    fn unknown(&mut self, start: usize, end: usize) {
        if let Some(last) = self.out.tokens.last_mut()
            && last.token == Token::Unknown
            && last.end == start
            && let Some(SyntaxError::UnknownCharacter { span, .. }) = self.out.problems.last_mut()
            && span.end as usize == start
        {
            last.end = end;
            *span = Span::new(self.source, span.start as usize, end);
            self.seen = end;
            return;
        }
        let (span, first) = (self.span(start, end), self.slice(start, end).chars().next());
        self.report(SyntaxError::UnknownCharacter {
            span,
            first: first.unwrap_or(char::REPLACEMENT_CHARACTER),
        });
        self.push(Token::Unknown, start, end);
    }

    /// What other languages write is reported, and taken for what is meant.
    fn slip(&mut self, slice: &'s str, start: usize, end: usize) {
        use Token::*;
        let (meant, token) = match slice {
            "==" => ("=", Some(Equal)),
            "=>" | "→" => ("->", Some(Arrow)),
            "<-" => ("=", Some(Equal)),
            "=<" | "≤" => ("<=", Some(LessEqual)),
            "≥" => (">=", Some(GreaterEqual)),
            "<>" | "≠" => ("!=", Some(NotEqual)),
            "&" | "&&" => ("and", Some(And)),
            "||" => ("or", Some(Or)),
            "!" => ("not", Some(Not)),
            ";" => ("", None),
            _ if slice.starts_with("//") => ("#", None),
            _ => ("\"", Some(Text(inner(slice)))),
        };
        let span = self.span(start, end);
        self.report(SyntaxError::Slip {
            span,
            written: slice.to_owned(),
            meant,
        });
        match token {
            Some(token) => self.push(token, start, end),
            None if meant == "#" => self.comment(start, end),
            None => {
                self.reach(start);
                self.seen = end;
            }
        }
    }

    /// Looks for escapes that do not exist in a text that begins at `start`.
    fn escapes(&mut self, inside: &str, start: usize) {
        let mut chars = inside.char_indices();
        while let Some((at, c)) = chars.next() {
            if c == '\\'
                && let Some((_, escaped)) = chars.next()
                && !matches!(escaped, '"' | '\\' | 'n' | 't')
            {
                let begin = start + at;
                let span = self.span(begin, begin + 1 + escaped.len_utf8());
                self.report(SyntaxError::BadEscape { span, escaped });
            }
        }
    }

    /// Takes the raw inside of a citation from `at` on; returns where plain tokens go on.
    fn citation(&mut self, mut at: usize) -> usize {
        let mut separated = true;
        loop {
            let rest = self.slice(at, self.text.len());
            let trimmed = rest.trim_start();
            let gap = rest.len() - trimmed.len();
            let newline = rest.get(..gap).is_some_and(|gap| gap.contains('\n'));
            let start = at + gap;
            let Some(c) = trimmed.chars().next() else {
                return at;
            };
            match c {
                ']' => {
                    self.push(Token::CloseBracket, start, start + 1);
                    return start + 1;
                }
                ',' => {
                    self.push(Token::Comma, start, start + 1);
                    separated = true;
                    at = start + 1;
                }
                '{' | '}' | '[' => return at,
                '"' => {
                    let mut lexer = Token::lexer(trimmed);
                    let token = lexer.next().and_then(Result::ok).unwrap_or(Token::Unknown);
                    at = self.token(token, start, start + lexer.span().end);
                    separated = false;
                }
                '#' if trimmed.chars().nth(1).is_none_or(char::is_whitespace) => {
                    let length = trimmed.find('\n').unwrap_or(trimmed.len());
                    self.comment(start, start + length);
                    at = start + length;
                }
                _ => {
                    let word = trimmed
                        .split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_')
                        .next()
                        .unwrap_or("");
                    if newline && (!separated || OPENERS.contains(&word)) {
                        return at;
                    }
                    let length = label(trimmed);
                    let text = self.slice(start, start + length).trim_end();
                    self.push(Token::Label(text), start, start + text.len());
                    separated = false;
                    at = start + length;
                }
            }
        }
    }
}

/// The length of the label at the beginning of `text`, the space at its end included.
fn label(text: &str) -> usize {
    let stop = text
        .find([',', '[', ']', '"', '{', '}', '\n'])
        .unwrap_or(text.len());
    let comment = text.get(..stop).and_then(|label| label.find(" # "));
    comment.unwrap_or(stop)
}

/// How much of the rest of a line belongs to a text whose closing quote is missing: a `{` and a
/// citation at the end of the line most likely do not.
fn unclosed(slice: &str) -> usize {
    let mut text = slice.trim_end();
    if let Some(before) = text.strip_suffix('{') {
        text = before.trim_end();
    }
    if text.ends_with(']')
        && let Some(open) = text.rfind(" [")
    {
        text = text.get(..open).unwrap_or(text).trim_end();
    }
    text.len().max(1)
}
