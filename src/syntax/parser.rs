//! Tokens to tree. The only file that knows the parser generator.

use lalrpop_util::{ErrorRecovery, ParseError, lalrpop_mod};

use super::ast;
use super::balance::balance;
use super::error::{SyntaxError, describe};
use super::expected::{Expected, meant_opener};
use super::lexer::{Comment, Lexed, Lexeme, lex};
use super::token::{CONTINUERS, Token};
use crate::diag::{self, Diagnostic};
use crate::source::{SourceId, Span};

lalrpop_mod!(
    #[allow(clippy::all, clippy::pedantic, clippy::unwrap_used, clippy::expect_used)]
    #[allow(clippy::panic, unused, missing_docs, unreachable_pub)]
    #[rustfmt::skip]
    grammar,
    "/gov.rs"
);

/// What a text consists of.
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    /// The tree.
    pub file: ast::File,
    /// The comments, in order. The tree has none.
    pub comments: Vec<Comment>,
    /// What is wrong, sorted by place.
    pub problems: Vec<Diagnostic>,
}

/// Reads a text. Never fails, never panics; what could not be read is an [`ast::Head::Error`].
pub fn parse(source: SourceId, text: &str) -> Parsed {
    let Lexed {
        tokens,
        comments,
        mut problems,
    } = lex(source, text);
    let (tokens, mended) = balance(source, tokens);
    problems.extend(mended);

    let mut build = Build {
        source,
        text,
        failures: Vec::new(),
        mixed: Vec::new(),
    };
    let stream = tokens.iter().map(|l| (l.start, l.token, l.end));
    let file = grammar::FileParser::new()
        .parse(&mut build, stream)
        .unwrap_or_else(|error| {
            build.failures.push(Failure::new(error, text.len()));
            ast::File {
                clauses: vec![build.lost(0, text.len())],
            }
        });

    let mut lines = Lines::new(text);
    lines.mark(&problems);
    build.failures.sort_by_key(|f| f.start);
    for failure in &build.failures {
        for problem in failure.explain(source, text, &tokens) {
            if lines.fresh(&problem) {
                lines.mark(std::slice::from_ref(&problem));
                problems.push(problem);
            }
        }
    }
    problems.extend(build.mixed);

    let mut problems = problems.iter().map(SyntaxError::to_diagnostic).collect();
    diag::sort(&mut problems);
    Parsed {
        file,
        comments,
        problems,
    }
}

/// How many tokens a message looks back for the beginning of its clause.
const LOOK_BACK: usize = 200;

/// A place where the parser could not go on.
struct Failure {
    start: usize,
    /// Up to where tokens were passed over.
    end: usize,
    expected: Expected,
}

impl Failure {
    fn new<E>(error: ParseError<usize, Token<'_>, E>, end: usize) -> Failure {
        let (start, expected) = match error {
            ParseError::UnrecognizedToken {
                token: (start, ..),
                expected,
            } => (start, expected),
            ParseError::UnrecognizedEof { location, expected } => (location, expected),
            ParseError::InvalidToken { location } => (location, Vec::new()),
            ParseError::ExtraToken { token: (start, ..) } => (start, Vec::new()),
            ParseError::User { .. } => (0, Vec::new()),
        };
        Failure {
            start,
            end,
            expected: Expected::new(&expected),
        }
    }

    /// What to say about it.
    fn explain(&self, source: SourceId, text: &str, tokens: &[Lexeme]) -> Vec<SyntaxError> {
        let at = tokens.partition_point(|l| l.start < self.start);
        let passed = tokens.get(at..).unwrap_or(&[]).iter();
        let mut problems = Vec::from_iter(self.first(source, text, tokens, at));
        // Further on, lines that were most likely meant to be clauses.
        problems.extend(
            passed
                .skip(1)
                .take_while(|l| l.start < self.end)
                .filter_map(|l| match l.token {
                    Token::Name(word) if l.first => meant_opener(word).map(|_| (l, word)),
                    _ => None,
                })
                .map(|(l, word)| SyntaxError::UnknownClause {
                    span: Span::new(source, l.start, l.end),
                    word: word.to_owned(),
                }),
        );
        problems
    }

    /// What to say about its first token; nothing where the lexer has spoken.
    fn first(
        &self,
        source: SourceId,
        text: &str,
        tokens: &[Lexeme],
        at: usize,
    ) -> Option<SyntaxError> {
        let span = |l: &Lexeme| Span::new(source, l.start, l.end);
        let before = at.checked_sub(1).and_then(|before| tokens.get(before));
        let expected = self.expected.clone();
        let Some(lexeme) = tokens.get(at) else {
            let end = Span::new(source, text.len(), text.len());
            return Some(SyntaxError::Unfinished {
                span: before.map_or(end, span),
                expected,
            });
        };
        if lexeme.token == Token::Unknown {
            return None;
        }

        // The beginning of the clause, as far as lines and braces tell.
        let opens = |at: usize| {
            let before = at.checked_sub(1).and_then(|before| tokens.get(before));
            tokens.get(at).is_some_and(|l| l.first) || before.is_none_or(|b| is_brace(b.token))
        };
        let from = (at.saturating_sub(LOOK_BACK)..=at)
            .rev()
            .find(|at| opens(*at))
            .unwrap_or(at);
        if let Some((head, word)) = tokens.get(from).and_then(|l| match l.token {
            Token::Name(word) => Some((l, word)),
            _ => None,
        }) {
            let unknown = if from == at {
                let meant = expected.meant(word);
                expected.clause && meant.is_none_or(|meant| !goes_on(meant))
            } else {
                meant_opener(word).is_some()
            };
            if unknown {
                return Some(SyntaxError::UnknownClause {
                    span: span(head),
                    word: word.to_owned(),
                });
            }
        }

        let ends = matches!(lexeme.token, Token::CloseBrace | Token::Day(_))
            || lexeme.token.is_opener() && lexeme.first;
        if let Some(before) = before
            && !expected.clause
            && ends
        {
            return Some(SyntaxError::Unfinished {
                span: span(before),
                expected,
            });
        }
        if let Some(word) = lexeme.token.word()
            && expected.name
            && !expected.clause
            && (expected.only_name() || lexeme.token.is_opener())
        {
            return Some(SyntaxError::ReservedName {
                span: span(lexeme),
                word,
            });
        }
        let name = match lexeme.token {
            Token::Name(name) => Some(name.to_owned()),
            _ => None,
        };
        let near = tokens.get(at.saturating_sub(LOOK_BACK)..=at);
        Some(SyntaxError::Unexpected {
            span: span(lexeme),
            found: describe(lexeme.token),
            name,
            note: rule(near.unwrap_or(&[])),
            expected,
        })
    }
}

/// Whether this reserved word, or the first of these, goes on with a clause.
fn goes_on(words: &str) -> bool {
    words
        .split(' ')
        .next()
        .is_some_and(|word| CONTINUERS.contains(&word))
}

fn is_brace(token: Token) -> bool {
    matches!(token, Token::OpenBrace | Token::CloseBrace)
}

/// The rule that the last of these tokens most likely breaks.
fn rule(tokens: &[Lexeme]) -> Option<&'static str> {
    use Token::*;
    let (last, earlier) = tokens.split_last()?;
    let from = earlier.iter().rposition(|l| l.token.is_opener());
    let clause = from.and_then(|from| earlier.get(from..)).unwrap_or(earlier);
    let has = |wanted: fn(Token) -> bool| clause.iter().any(|l| wanted(l.token));
    let before = earlier.last().map(|l| l.token);
    match (last.token, before) {
        (Slash, Some(Number(_))) | (Number(_), Some(Slash)) => {
            Some("a fraction stands after `at least`, `at most` or `more than`")
        }
        (If | Every | Per | Within | After | Before | At, _) => {
            has(|t| matches!(t, Arrow | As | OpenCitation | Overrides))
                .then_some("conditions and times stand before `->`, `as` and citations")
        }
        (And | Or, _) => has(|t| t == Where)
            .then_some("`where` takes one comparison; more than one stands in parentheses"),
        (Arrow, _) => has(|t| matches!(t, As | OpenCitation | Overrides))
            .then_some("the state that a clause leads to stands before `as` and citations"),
        _ => None,
    }
}

/// Which lines have a message already: one slip gets one message.
struct Lines {
    starts: Vec<usize>,
    marked: Vec<bool>,
}

impl Lines {
    fn new(text: &str) -> Lines {
        let mut starts = vec![0];
        starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
        let marked = vec![false; starts.len()];
        Lines { starts, marked }
    }

    fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|&start| start <= at).max(1) - 1
    }

    fn is_fresh(&self, at: usize) -> bool {
        !self.marked.get(self.line(at)).is_some_and(|marked| *marked)
    }

    fn fresh(&self, problem: &SyntaxError) -> bool {
        problem
            .places()
            .iter()
            .all(|place| self.is_fresh(place.start as usize))
    }

    fn mark(&mut self, problems: &[SyntaxError]) {
        for place in problems.iter().flat_map(SyntaxError::places) {
            let line = self.line(place.start as usize);
            if let Some(marked) = self.marked.get_mut(line) {
                *marked = true;
            }
        }
    }
}

/// What the actions of the grammar build nodes with.
pub(super) struct Build<'s> {
    source: SourceId,
    text: &'s str,
    failures: Vec<Failure>,
    mixed: Vec<SyntaxError>,
}

impl Build<'_> {
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, start, end)
    }

    pub(super) fn name(&self, text: &str, start: usize, end: usize) -> ast::Name {
        ast::Name {
            text: text.to_owned(),
            span: self.span(start, end),
        }
    }

    pub(super) fn path(
        &self,
        head: ast::Name,
        rest: Vec<ast::Name>,
        start: usize,
        end: usize,
    ) -> ast::Path {
        let mut parts = vec![head];
        parts.extend(rest);
        ast::Path {
            parts,
            span: self.span(start, end),
        }
    }

    pub(super) fn text(&self, inside: &str, start: usize, end: usize) -> ast::Text {
        let mut value = String::with_capacity(inside.len());
        let mut chars = inside.chars();
        while let Some(c) = chars.next() {
            let escaped = if c == '\\' { chars.next() } else { None };
            value.push(match escaped {
                Some('n') => '\n',
                Some('t') => '\t',
                Some(other) => other,
                None => c,
            });
        }
        ast::Text {
            value,
            span: self.span(start, end),
        }
    }

    /// A name that stands for a text.
    pub(super) fn unquoted(&self, name: ast::Name) -> ast::Text {
        ast::Text {
            value: name.text,
            span: name.span,
        }
    }

    pub(super) fn number(&self, digits: &str, start: usize, end: usize) -> ast::Number {
        ast::Number {
            value: digits.parse().unwrap_or(i64::MAX),
            span: self.span(start, end),
        }
    }

    pub(super) fn date(&self, text: &str, start: usize, end: usize) -> ast::Date {
        ast::Date {
            text: text.to_owned(),
            span: self.span(start, end),
        }
    }

    pub(super) fn and(
        &self,
        first: ast::Cond,
        rest: Vec<ast::Cond>,
        start: usize,
        end: usize,
    ) -> ast::Cond {
        if rest.is_empty() {
            return first;
        }
        let mut list = vec![first];
        list.extend(rest);
        ast::Cond::And(list, self.span(start, end))
    }

    /// `and` binds tighter, so that the tree has a shape; but mixing the two is reported.
    pub(super) fn or(
        &mut self,
        first: ast::Cond,
        rest: Vec<ast::Cond>,
        start: usize,
        end: usize,
    ) -> ast::Cond {
        if rest.is_empty() {
            return first;
        }
        let mut list = vec![first];
        list.extend(rest);
        let span = self.span(start, end);
        if list.iter().any(|c| matches!(c, ast::Cond::And(..))) {
            let mut repaired = String::new();
            let mut at = start;
            for cond in &list {
                if let ast::Cond::And(_, inner) = cond {
                    let inner = inner.range();
                    repaired.push_str(self.text.get(at..inner.start).unwrap_or(""));
                    repaired.push('(');
                    repaired.push_str(self.text.get(inner.clone()).unwrap_or(""));
                    repaired.push(')');
                    at = inner.end;
                }
            }
            repaired.push_str(self.text.get(at..end).unwrap_or(""));
            self.mixed.push(SyntaxError::Mixed { span, repaired });
        }
        ast::Cond::Or(list, span)
    }

    /// A clause that could not be read.
    pub(super) fn error<E>(
        &mut self,
        error: ErrorRecovery<usize, Token<'_>, E>,
        start: usize,
        middle: usize,
        end: usize,
        body: Option<ast::Body>,
    ) -> ast::Clause {
        self.failures.push(Failure::new(error.error, middle));
        ast::Clause {
            head_span: self.span(start, middle),
            body,
            ..self.lost(start, end)
        }
    }

    fn lost(&self, start: usize, end: usize) -> ast::Clause {
        ast::Clause {
            head: ast::Head::Error,
            head_span: self.span(start, end),
            tails: Vec::new(),
            body: None,
            span: self.span(start, end),
        }
    }

    /// Gives the block of a lost clause back to the clause that it most likely belongs to: in
    /// `group WG oops { … }` the parser ends the clause before `oops`.
    pub(super) fn clauses(&self, mut clauses: Vec<ast::Clause>) -> Vec<ast::Clause> {
        for at in 1..clauses.len() {
            let (before, after) = clauses.split_at_mut(at);
            if let ([.., owner], [lost, ..]) = (before, after)
                && lost.head == ast::Head::Error
                && owner.head != ast::Head::Error
                && owner.body.is_none()
                && lost.body.is_some()
                && !self
                    .text
                    .get(owner.span.end as usize..lost.span.start as usize)
                    .is_some_and(|gap| gap.contains('\n'))
            {
                owner.body = lost.body.take();
                owner.span = owner.span.merge(lost.span);
                lost.span = lost.head_span;
            }
        }
        clauses
    }
}
