//! Tokens to tree. The only file that knows the parser generator.

use lalrpop_util::{ErrorRecovery, ParseError, lalrpop_mod};

use super::ast;
use super::balance::balance;
use super::error::{SyntaxError, describe};
use super::expected::{Expected, meant_opener};
use super::lexer::{Comment, Lexed, Lexeme, lex};
use super::token::Token;
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
            build.failures.push(Failure::new(error));
            ast::File {
                clauses: vec![build.lost(0, text.len())],
            }
        });

    let mut lines = Lines::new(text);
    lines.mark(&problems);
    build.failures.sort_by_key(|f| f.start);
    for failure in &build.failures {
        if let Some(problem) = failure.explain(source, text, &tokens)
            && lines.fresh(&problem)
            && lines.is_fresh(failure.start)
        {
            lines.mark_at(failure.start);
            lines.mark(std::slice::from_ref(&problem));
            problems.push(problem);
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

/// A place where the parser could not go on.
struct Failure {
    start: usize,
    expected: Expected,
}

impl Failure {
    fn new<E>(error: ParseError<usize, Token<'_>, E>) -> Failure {
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
            expected: Expected::new(&expected),
        }
    }

    /// What to say about it; nothing where the lexer has spoken.
    fn explain(&self, source: SourceId, text: &str, tokens: &[Lexeme]) -> Option<SyntaxError> {
        let span = |l: &Lexeme| Span::new(source, l.start, l.end);
        let at = tokens.partition_point(|l| l.start < self.start);
        let before = at.checked_sub(1).and_then(|before| tokens.get(before));
        let expected = self.expected.clone();
        let Some(lexeme) = tokens.get(at) else {
            let place = before.map_or(Span::new(source, text.len(), text.len()), span);
            return Some(SyntaxError::Unfinished {
                span: place,
                expected,
            });
        };
        if lexeme.token == Token::Unknown {
            return None;
        }
        let name = match lexeme.token {
            Token::Name(name) => Some(name),
            _ => None,
        };

        // A name where a clause begins, or further back at the beginning of this line.
        let opens = lexeme.first || before.is_some_and(|b| is_brace(b.token));
        if let Some(word) = name
            && opens
            && expected.clause
            && (meant_opener(word).is_some() || expected.meant(word).is_none())
        {
            return Some(SyntaxError::UnknownClause {
                span: span(lexeme),
                word: word.to_owned(),
            });
        }
        let line = tokens.get(..=at).unwrap_or(tokens);
        let head = line
            .iter()
            .enumerate()
            .rev()
            .find(|(i, l)| {
                l.first || *i == 0 || is_brace(line.get(i - 1).map_or(l.token, |b| b.token))
            })
            .map(|(_, l)| l);
        if let Some(head) = head
            && let Token::Name(word) = head.token
            && !opens
            && meant_opener(word).is_some()
        {
            return Some(SyntaxError::UnknownClause {
                span: span(head),
                word: word.to_owned(),
            });
        }

        let ends = lexeme.token == Token::CloseBrace
            || matches!(lexeme.token, Token::Day(_))
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
        {
            return Some(SyntaxError::ReservedName {
                span: span(lexeme),
                word,
            });
        }
        Some(SyntaxError::Unexpected {
            span: span(lexeme),
            found: describe(lexeme.token),
            name: name.map(str::to_owned),
            note: rule(lexeme.token, before.map(|b| b.token), line),
            expected,
        })
    }
}

fn is_brace(token: Token) -> bool {
    matches!(token, Token::OpenBrace | Token::CloseBrace)
}

/// The rule that this token most likely breaks here.
fn rule(token: Token, before: Option<Token>, line: &[Lexeme]) -> Option<&'static str> {
    use Token::*;
    match (token, before) {
        (Slash, Some(Number(_))) | (Number(_), Some(Slash)) => {
            Some("a fraction stands after `at least`, `at most` or `more than`")
        }
        (If | Every | Per | Within | After | Before | At, _) => {
            let clause = line.iter().rposition(|l| l.token.is_opener());
            let clause = clause.and_then(|from| line.get(from..)).unwrap_or(line);
            clause
                .iter()
                .any(|l| matches!(l.token, Arrow | As | OpenCitation | Overrides))
                .then_some("conditions and times stand before `->`, `as` and citations")
        }
        (And | Or, _) => line
            .iter()
            .any(|l| l.token == Where)
            .then_some("`where` takes one comparison; more than one stands in parentheses"),
        (Arrow, _) => Some("the state that a clause leads to stands before `as` and citations"),
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

    fn mark_at(&mut self, at: usize) {
        let line = self.line(at);
        if let Some(marked) = self.marked.get_mut(line) {
            *marked = true;
        }
    }

    fn fresh(&self, problem: &SyntaxError) -> bool {
        problem
            .places()
            .iter()
            .all(|place| self.is_fresh(place.start as usize))
    }

    fn mark(&mut self, problems: &[SyntaxError]) {
        for place in problems.iter().flat_map(SyntaxError::places) {
            self.mark_at(place.start as usize);
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
            match (c, c == '\\') {
                (_, true) => match chars.next() {
                    Some('n') => value.push('\n'),
                    Some('t') => value.push('\t'),
                    Some(other) => value.push(other),
                    None => {}
                },
                _ => value.push(c),
            }
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
        self.failures.push(Failure::new(error.error));
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
