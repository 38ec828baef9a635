//! What is wrong with a trace, where, and how it is shown.
//!
//! A trace may be far too long to be kept as a [`Source`](crate::source::Source), so an error
//! carries the one piece of a line that it shows.

use std::fmt::Write as _;

use crate::diag::Code;
use crate::run::report::{Paint, Style, clean};

/// How many errors of a trace are shown; the rest are counted.
pub const MAX_SHOWN: usize = 20;

/// Characters of a long line that are shown on either side of the mistake.
const CONTEXT: usize = 48;

/// The longest line that is shown whole, in characters.
const WHOLE: usize = 120;

/// One thing that is wrong with a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceError {
    /// The registered code.
    pub code: Code,
    /// What is wrong: lower case, no full stop, user text in backticks.
    pub message: String,
    /// The line, from 1; 0 where the trouble is with the whole input.
    pub line: u64,
    /// The column in characters, from 1, where it is known.
    pub column: Option<u64>,
    /// Where it stands within a document: `events[3].person`.
    pub path: Option<String>,
    /// The piece of the line that is wrong.
    pub excerpt: Option<Excerpt>,
    /// The rule that was broken, and other places that matter.
    pub notes: Vec<String>,
    /// A proposal.
    pub help: Option<String>,
}

/// A piece of one line, and which of its characters are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The piece, safe to show.
    pub text: String,
    /// How many characters stand before the mistake.
    pub before: usize,
    /// How many characters the mistake is long; at least 1.
    pub length: usize,
}

impl TraceError {
    /// An error of the whole input.
    pub fn whole(code: Code, message: impl Into<String>) -> TraceError {
        TraceError {
            code,
            message: message.into(),
            line: 0,
            column: None,
            path: None,
            excerpt: None,
            notes: Vec::new(),
            help: None,
        }
    }
}

/// Everything that is wrong with a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceErrors {
    /// The name of the trace, as the user gave it.
    pub name: String,
    /// The first errors, at most [`MAX_SHOWN`].
    pub shown: Vec<TraceError>,
    /// How many more there are.
    pub more: u64,
}

impl TraceErrors {
    /// All of it for people, in the look of the other diagnostics.
    pub fn to_text(&self, color: bool) -> String {
        let paint = Paint(color);
        let mut out = String::new();
        for error in &self.shown {
            error.write(&self.name, paint, &mut out);
        }
        if self.more > 0 {
            let s = if self.more == 1 { "" } else { "s" };
            let _ = writeln!(out, "… and {} more error{s} in {}", self.more, self.name);
        }
        out
    }
}

impl TraceError {
    fn write(&self, name: &str, paint: Paint, out: &mut String) {
        let frame = |text: &str| paint.put(Style::Frame, text);
        let head = paint.put(Style::Error, &format!("error[{}]", self.code.number()));
        let title = paint.put(Style::Strong, &format!(": {}", clean(&self.message)));
        let _ = writeln!(out, "{head}{title}");
        let number = match self.line {
            0 => String::new(),
            line => line.to_string(),
        };
        let blank = " ".repeat(number.len().max(1));
        let mut place = clean(name).into_owned();
        let line = Some(self.line).filter(|&line| line > 0);
        for part in [line, self.column].into_iter().flatten() {
            let _ = write!(place, ":{part}");
        }
        let _ = writeln!(out, "{blank} {} {place}", frame("┌─"));
        let bar = frame("│");
        if let Some(excerpt) = &self.excerpt {
            let caret = paint.put(Style::Error, &"^".repeat(excerpt.length));
            let before = " ".repeat(excerpt.before);
            let _ = writeln!(out, "{blank} {bar}");
            let _ = writeln!(out, "{} {bar} {}", frame(&number), excerpt.text);
            let _ = writeln!(out, "{blank} {bar} {before}{caret}");
        }
        // A key of its own says no more than the line does.
        let path = self.path.as_ref().filter(|path| path.contains(['.', '[']));
        let lines: Vec<String> = path
            .map(|path| format!("at {path}"))
            .into_iter()
            .chain(self.notes.iter().cloned())
            .chain(self.help.as_ref().map(|help| format!("help: {help}")))
            .collect();
        if !lines.is_empty() {
            let _ = writeln!(out, "{blank} {bar}");
        }
        for line in lines {
            let _ = writeln!(out, "{blank} {} {}", frame("="), clean(&line));
        }
        out.push('\n');
    }
}

impl Excerpt {
    /// The piece of `line` around the bytes `start..end`, cut where the line is long.
    pub(super) fn of(line: &str, start: usize, end: usize) -> Excerpt {
        let line = line.trim_end_matches(['\n', '\r']);
        let start = floor(line, start);
        let end = floor(line, end.max(start));
        let length = line.get(start..end).map_or(0, |s| s.chars().count());
        let left = line.get(..start).unwrap_or("");
        let right = line.get(start..).unwrap_or("");
        let context = if line.chars().take(WHOLE + 1).count() <= WHOLE {
            WHOLE
        } else {
            CONTEXT
        };
        let before: Vec<char> = left.chars().rev().take(context + 1).collect();
        let after: String = right.chars().take(context + 1).collect();
        let (mut text, cut) = if before.len() > context {
            let kept: String = before.iter().take(context).rev().collect();
            (format!("…{kept}"), true)
        } else {
            (before.iter().rev().collect(), false)
        };
        let shown_before = before.len().min(context) + usize::from(cut);
        let mut length = length.max(1);
        if after.chars().count() > context {
            text.extend(after.chars().take(context));
            text.push('…');
            length = length.min(context);
        } else {
            text.push_str(&after);
        }
        // One column for each character, whatever it is: the caret must stand under its place.
        let text = text
            .chars()
            .map(|c| if c.is_control() { '\u{fffd}' } else { c })
            .collect();
        Excerpt {
            text,
            before: shown_before,
            length,
        }
    }
}

/// The last boundary of a character at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
