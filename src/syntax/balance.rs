//! Mends the token list before the parser sees it, so that one slip costs one clause.
//!
//! - A missing `}` is put back before a declaration (`governance group thing body scenario trace`)
//!   that begins a line no deeper indented than the block that is still open, and at the end of
//!   the file. A declaration that is indented deeper is left where it stands.
//! - A missing `)` or `]` is put back before a brace, before a reserved word that begins a line
//!   and cannot stand inside, and at the end of the file.
//! - A closing sign without its opening one is dropped.
//! - A reserved word where only a name can stand becomes a name.
//! - Nesting beyond [`DEPTH`] is flattened: the signs go, what is inside stays.
//!
//! Each has its diagnostic. Invariant: braces, brackets and parentheses balance afterwards, no
//! deeper than [`DEPTH`], runs of `not` included; all recursion over the tree is bounded by that.

use super::error::SyntaxError;
use super::lexer::Lexeme;
use super::token::Token;
use crate::source::{SourceId, Span};

/// How deep brackets of all kinds and runs of `not` may nest.
pub const DEPTH: usize = 128;

/// The tokens, balanced, and what was mended.
pub fn balance<'s>(
    source: SourceId,
    tokens: Vec<Lexeme<'s>>,
) -> (Vec<Lexeme<'s>>, Vec<SyntaxError>) {
    let mut work = Balance {
        source,
        out: Vec::with_capacity(tokens.len()),
        open: Vec::new(),
        depth: 0,
        nots: 0,
        too_deep: false,
        suspect: None,
        problems: Vec::new(),
    };
    for (at, lexeme) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1);
        work.take(*lexeme, next.map(|l| l.token));
    }
    while !work.open.is_empty() {
        work.close(None);
    }
    (work.out, work.problems)
}

/// A sign that is still open.
struct Open {
    sign: char,
    span: Span,
    /// How far its line is indented.
    indent: usize,
    /// What it adds to the depth: itself and the `not`s before it. 0 where it was dropped.
    weight: usize,
}

struct Balance<'s> {
    source: SourceId,
    out: Vec<Lexeme<'s>>,
    open: Vec<Open>,
    depth: usize,
    /// The `not`s whose operand has not ended.
    nots: usize,
    too_deep: bool,
    /// The first block whose `}` was indented differently: it may lack its own.
    suspect: Option<Span>,
    problems: Vec<SyntaxError>,
}

impl<'s> Balance<'s> {
    fn take(&mut self, mut lexeme: Lexeme<'s>, next: Option<Token<'s>>) {
        use Token::*;
        if let Some(word) = lexeme.token.word()
            && self.only_a_name(lexeme, next)
        {
            let span = self.span(lexeme);
            self.problems.push(SyntaxError::ReservedName { span, word });
            lexeme.token = Name(word);
        }
        if lexeme.first && lexeme.token.is_opener() && !matches!(lexeme.token, Each | Seats | To) {
            self.close_brackets(lexeme);
        }
        if lexeme.first && is_declaration(lexeme.token) {
            while self.open.last().is_some_and(|o| o.indent >= lexeme.indent) {
                self.close(Some(lexeme));
            }
        }
        match lexeme.token {
            OpenBrace => {
                self.close_brackets(lexeme);
                self.open(lexeme, '{');
            }
            OpenParen => self.open(lexeme, '('),
            OpenBracket | OpenCitation => self.open(lexeme, '['),
            CloseBrace => {
                self.close_brackets(lexeme);
                self.closing(lexeme, '{');
            }
            CloseParen => self.closing(lexeme, '('),
            CloseBracket => self.closing(lexeme, '['),
            Not => {
                if self.depth + self.nots < DEPTH {
                    self.nots += 1;
                    self.out.push(lexeme);
                } else {
                    self.report_depth(lexeme);
                }
            }
            token => {
                if matches!(token, And | Or | Comma | Day(_)) || token.is_opener() {
                    self.nots = 0;
                }
                self.out.push(lexeme);
            }
        }
    }

    fn span(&self, lexeme: Lexeme) -> Span {
        Span::new(self.source, lexeme.start, lexeme.end)
    }

    /// Whether a name, and nothing else, can stand where this reserved word stands.
    fn only_a_name(&self, lexeme: Lexeme, next: Option<Token>) -> bool {
        use Token::*;
        if next == Some(Colon) {
            return true;
        }
        let Some(before) = self.out.last() else {
            return false;
        };
        match before.token {
            Dot => before.end == lexeme.start && lexeme.token != By,
            _ if lexeme.first => false,
            Governance | Source | Import | Body | Group | Thing | Role | Ladder | State | Event
            | Define | Calendar | Decision | Options | Grant | Revoke | Set | Do | Given
            | Finding | As | Overrides | Arrow => true,
            _ => false,
        }
    }

    fn open(&mut self, lexeme: Lexeme<'s>, sign: char) {
        let mut open = Open {
            sign,
            span: self.span(lexeme),
            indent: lexeme.indent,
            weight: 0,
        };
        if self.depth + self.nots < DEPTH {
            open.weight = 1 + self.nots;
            self.depth += open.weight;
            self.nots = 0;
            self.out.push(lexeme);
        } else {
            self.report_depth(lexeme);
        }
        self.open.push(open);
    }

    fn report_depth(&mut self, lexeme: Lexeme) {
        if !self.too_deep {
            self.too_deep = true;
            let span = self.span(lexeme);
            self.problems.push(SyntaxError::TooDeep { span });
        }
    }

    /// A closing sign: closes its partner, what is open inside first; without one, it goes.
    fn closing(&mut self, lexeme: Lexeme<'s>, partner: char) {
        let within = |open: &&Open| partner == '{' || open.sign != '{';
        let known = self.open.iter().rev().take_while(within);
        if !known.into_iter().any(|open| open.sign == partner) {
            let span = self.span(lexeme);
            self.problems.push(SyntaxError::Stray { span, partner });
            return;
        }
        while self.open.last().is_some_and(|open| open.sign != partner) {
            self.close(Some(lexeme));
        }
        if let Some(open) = self.open.pop() {
            if partner == '{' && lexeme.first && lexeme.indent < open.indent {
                self.suspect.get_or_insert(open.span);
            }
            self.depth -= open.weight;
            self.nots = 0;
            if open.weight > 0 {
                self.out.push(lexeme);
            }
            if self.open.is_empty() {
                self.suspect = None;
            }
        }
    }

    fn close_brackets(&mut self, before: Lexeme<'s>) {
        while self.open.last().is_some_and(|open| open.sign != '{') {
            self.close(Some(before));
        }
    }

    /// Puts back the sign that closes the innermost open one.
    fn close(&mut self, before: Option<Lexeme<'s>>) {
        let Some(open) = self.open.pop() else {
            return;
        };
        self.depth -= open.weight;
        self.nots = 0;
        // A comma with nothing after it goes, or the bracket would not be whole.
        let comma = self
            .out
            .pop_if(|l| open.sign != '{' && l.token == Token::Comma);
        let end = self.out.last().map_or(open.span.end as usize, |l| l.end);
        let place = comma.map_or(Span::new(self.source, end, end), |c| self.span(c));
        let (token, suspect) = match open.sign {
            '{' => (Token::CloseBrace, self.suspect.take()),
            '(' => (Token::CloseParen, None),
            _ => (Token::CloseBracket, None),
        };
        self.problems.push(SyntaxError::Unclosed {
            open: open.span,
            sign: open.sign,
            before: before.map(|b| self.span(b)),
            place,
            suspect: suspect.filter(|s| *s != open.span),
        });
        if open.weight > 0 {
            self.out.push(Lexeme {
                token,
                start: end,
                end,
                first: false,
                indent: open.indent,
            });
        }
    }
}

fn is_declaration(token: Token) -> bool {
    use Token::*;
    matches!(token, Governance | Group | Thing | Body | Scenario | Trace)
}
