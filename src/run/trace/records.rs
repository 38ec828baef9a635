//! Cutting the input into records: the lines of JSON lines, or the events of one document.
//!
//! Which of the two it is, the content says. A first line that is a whole object without a list
//! `events` opens JSON lines; anything else that begins with `{` or `[` is a document.

use std::io::{BufRead, ErrorKind, Read};
use std::ops::Range;
use std::string::FromUtf8Error;

use super::error::{Excerpt, TraceError};
use super::json::{self, Raw, Syntax};
use crate::diag::Code;

/// The longest line of JSON lines, in bytes.
pub(super) const MAX_LINE: usize = 16 << 20;
/// The longest document, in bytes.
pub(super) const MAX_DOCUMENT: usize = 1 << 30;

/// The keys that a header has and an event has not.
pub(super) const HEADER: [&str; 6] = ["format", "version", "spec", "observed", "given", "events"];

/// The records of an input, one after the other.
#[derive(Debug)]
pub(super) struct Records<R> {
    input: R,
    /// The field that holds an event's name: a first line that has it is no header.
    event_key: String,
    state: State,
    /// The present line, or the whole document.
    text: String,
    /// The line on which the text begins, from 1.
    line: u64,
}

#[derive(Debug)]
enum State {
    Unread,
    /// The text held is the first record.
    Held,
    Lines,
    Document {
        events: Vec<Range<usize>>,
        next: usize,
        /// Whether the events are the member `events`, and not the whole document.
        named: bool,
    },
    Done,
}

/// Where the present record stands.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Its bytes in [`Records::text`].
    pub range: Range<usize>,
    /// Its number among the events of a document, and whether they are a member of it.
    pub index: Option<(usize, bool)>,
}

impl Place {
    /// The path of the record, or of a member of it; nothing in JSON lines.
    pub fn path(&self, key: Option<&str>) -> Option<String> {
        let (index, named) = self.index?;
        let mut path = if named {
            format!("events[{index}]")
        } else {
            format!("[{index}]")
        };
        if let Some(key) = key {
            path.push('.');
            path.push_str(key);
        }
        Some(path)
    }
}

impl<R: BufRead> Records<R> {
    pub fn new(input: R, event_key: &str) -> Records<R> {
        Records {
            input,
            event_key: event_key.to_owned(),
            state: State::Unread,
            text: String::new(),
            line: 0,
        }
    }

    /// Reads the beginning. Returns whether the text held is, or has, a header.
    pub fn open(&mut self) -> Result<bool, Box<TraceError>> {
        self.state = State::Done;
        loop {
            if !self.read_line(MAX_DOCUMENT)? {
                return Ok(false);
            }
            if self.line == 1 && self.text.starts_with('\u{feff}') {
                self.text.drain(..'\u{feff}'.len_utf8());
            }
            if !self.text.trim_ascii().is_empty() {
                break;
            }
        }
        let first = self.text.trim_ascii_start();
        if first.starts_with('[') {
            return self.document();
        }
        if !first.starts_with('{') {
            let at = self.text.len() - first.len();
            let mut error = self.at(
                Code::TraceSyntax,
                "a trace is JSON, and this is something else",
                at..at + 1,
            );
            error.notes.push(
                "a trace is one JSON document, or JSON lines: one object for each event".to_owned(),
            );
            return Err(Box::new(error));
        }
        let read = json::object(&self.text, 0).map(|members| {
            let has = |key: &str| members.iter().any(|m| m.key == key);
            let said = members
                .iter()
                .any(|m| m.key == "format" && m.value.text == "\"govc-trace\"");
            let header = said || !has(&self.event_key) && HEADER.iter().any(|key| has(key));
            (header, has("events"))
        });
        match read {
            Ok((header, whole)) => {
                if header && whole {
                    return self.document();
                }
                self.state = if header { State::Lines } else { State::Held };
                Ok(header)
            }
            Err(syntax) if syntax.ends && !syntax.in_text => self.document(),
            Err(_) => {
                self.state = State::Held;
                Ok(false)
            }
        }
    }

    /// Goes on to the next record.
    pub fn advance(&mut self) -> Result<Option<Place>, Box<TraceError>> {
        match &mut self.state {
            State::Held => self.state = State::Lines,
            State::Lines => loop {
                if !self.read_line(MAX_LINE)? {
                    return Ok(None);
                }
                if !self.text.trim_ascii().is_empty() {
                    break;
                }
            },
            State::Document {
                events,
                next,
                named,
            } => {
                let Some(range) = events.get(*next).cloned() else {
                    return Ok(None);
                };
                let index = Some((*next, *named));
                *next += 1;
                return Ok(Some(Place { range, index }));
            }
            State::Unread | State::Done => return Ok(None),
        }
        Ok(Some(Place {
            range: 0..self.text.len(),
            index: None,
        }))
    }

    /// What the input holds ready of the lines that are next, where the records are lines.
    pub fn ready(&mut self) -> Option<&[u8]> {
        if !matches!(self.state, State::Lines) {
            return None;
        }
        let ready = self.input.fill_buf().ok()?;
        Some(ready.get(..MAX_LINE).unwrap_or(ready))
    }

    /// Passes over a line of so many bytes that has been read there.
    pub fn pass(&mut self, length: usize) {
        self.input.consume(length);
        self.line += 1;
    }

    /// Whether the input, once opened, has turned out to hold nothing.
    pub fn is_empty(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// What [`Place::range`] counts in: the present line, or the document.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Reads the rest of a document whose first line is held.
    fn document(&mut self) -> Result<bool, Box<TraceError>> {
        let mut bytes = std::mem::take(&mut self.text).into_bytes();
        let room = (MAX_DOCUMENT + 1).saturating_sub(bytes.len());
        let read = self
            .input
            .by_ref()
            .take(room as u64)
            .read_to_end(&mut bytes);
        if let Err(error) = read {
            return Err(Box::new(unreadable(&error)));
        }
        if bytes.len() > MAX_DOCUMENT {
            return Err(Box::new(self.too_long(MAX_DOCUMENT)));
        }
        self.hold(bytes)?;
        let text = self.text.trim_ascii_start();
        let base = self.text.len() - text.len();
        let whole = Raw { text, at: base };
        let (events, named) = if text.starts_with('[') {
            (Some(whole), false)
        } else {
            let members = json::object(text, base)
                .map_err(|syntax| Box::new(self.syntax(&syntax, "document")))?;
            let events = members.iter().find(|m| m.key == "events");
            (events.map(|m| m.value), true)
        };
        let Some(events) = events else {
            let mut error = self.at(
                Code::NotAnEvent,
                "this document holds no events",
                base..base + 1,
            );
            error.help = Some("add a list `events`".to_owned());
            return Err(Box::new(error));
        };
        if !events.text.starts_with('[') {
            let message = format!("`events` must be a list, but is {}", events.found());
            return Err(Box::new(self.at(Code::WrongType, message, events.span())));
        }
        let events = json::list(events.text, events.at)
            .map_err(|syntax| Box::new(self.syntax(&syntax, "document")))?
            .into_iter()
            .map(Raw::span)
            .collect();
        self.state = State::Document {
            events,
            next: 0,
            named,
        };
        Ok(named)
    }

    /// Reads one line into the text held; `false` at the end.
    fn read_line(&mut self, limit: usize) -> Result<bool, Box<TraceError>> {
        let mut bytes = std::mem::take(&mut self.text).into_bytes();
        bytes.clear();
        // Most lines lie whole in what the input holds ready.
        let used = match self.input.fill_buf() {
            Ok(ready) => {
                let end = memchr::memchr(b'\n', ready).filter(|&end| end < limit);
                let line = end.and_then(|end| ready.get(..=end)).unwrap_or_default();
                bytes.extend_from_slice(line);
                Ok(line.len())
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(0),
            Err(error) => Err(error),
        };
        let read = match used {
            Ok(0) => {
                let mut line = self.input.by_ref().take(limit as u64 + 1);
                line.read_until(b'\n', &mut bytes)
            }
            Ok(used) => {
                self.input.consume(used);
                Ok(used)
            }
            Err(error) => Err(error),
        };
        match read {
            Ok(0) => return Ok(false),
            Ok(_) => {}
            Err(error) => {
                self.state = State::Done;
                return Err(Box::new(unreadable(&error)));
            }
        }
        self.line += 1;
        if bytes.len() > limit {
            if !bytes.ends_with(b"\n") {
                self.skip_line()?;
            }
            return Err(Box::new(self.too_long(limit)));
        }
        self.hold(bytes)?;
        Ok(true)
    }

    /// Keeps these bytes as the text held.
    fn hold(&mut self, bytes: Vec<u8>) -> Result<(), Box<TraceError>> {
        self.text = String::from_utf8(bytes).map_err(|error| self.not_utf8(error))?;
        Ok(())
    }

    fn not_utf8(&mut self, error: FromUtf8Error) -> Box<TraceError> {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.into_bytes();
        let utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
        let byte = bytes.get(at).copied().unwrap_or_default();
        self.text = String::from_utf8_lossy(&bytes).into_owned();
        let message = format!("this is not UTF-8: the byte {byte:#04x} belongs to nothing");
        let mut error = self.at(Code::TraceNotUtf8, message, at..at + 1);
        error.help = Some(if utf16 {
            "this looks like UTF-16: save it as UTF-8".to_owned()
        } else {
            "save the trace as UTF-8".to_owned()
        });
        Box::new(error)
    }

    /// Passes over the rest of a line.
    fn skip_line(&mut self) -> Result<(), Box<TraceError>> {
        loop {
            let read = self.input.fill_buf();
            let Ok(buffer) = read else {
                self.state = State::Done;
                return read
                    .map(|_| ())
                    .map_err(|error| Box::new(unreadable(&error)));
            };
            if buffer.is_empty() {
                return Ok(());
            }
            let end = buffer.iter().position(|&b| b == b'\n');
            let used = end.map_or(buffer.len(), |n| n + 1);
            self.input.consume(used);
            if end.is_some() {
                return Ok(());
            }
        }
    }

    fn too_long(&self, limit: usize) -> TraceError {
        let (what, help) = if limit == MAX_LINE {
            ("this line", "write one event on each line")
        } else {
            (
                "this document",
                "write it as JSON lines, which have no limit",
            )
        };
        let message = format!("{what} is longer than {} MiB", limit >> 20);
        let mut error = TraceError::whole(Code::LineTooLong, message);
        error.line = self.line;
        error.help = Some(help.to_owned());
        error
    }

    /// Where a byte of the line held stands, in words.
    pub fn place(&self, at: usize) -> String {
        let before = self.text.get(..at).unwrap_or("");
        format!("line {}, column {}", self.line, before.chars().count() + 1)
    }

    /// An error that points at some bytes of the text held.
    pub fn at(&self, code: Code, message: impl Into<String>, bytes: Range<usize>) -> TraceError {
        let text = self.text.as_str();
        let mut start = bytes.start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let before = text.get(..start).unwrap_or("");
        let rest = text.get(start..).unwrap_or("");
        let line_start = before.rfind('\n').map_or(0, |n| n + 1);
        let line_end = rest.find('\n').map_or(text.len(), |n| start + n);
        let mut error = TraceError::whole(code, message);
        error.line = self.line + before.matches('\n').count() as u64;
        let column = before.get(line_start..).map_or(0, |s| s.chars().count());
        error.column = Some(column as u64 + 1);
        error.excerpt = Some(Excerpt::of(
            text.get(line_start..line_end).unwrap_or(""),
            start - line_start,
            bytes.end.min(line_end).saturating_sub(line_start),
        ));
        error
    }

    /// The error that a text is not JSON; `what` it should have been.
    pub fn syntax(&self, syntax: &Syntax, what: &str) -> TraceError {
        if syntax.ends {
            let end = self.text.trim_ascii_end().len();
            let message = format!("the input ends in the middle of the {what}");
            let mut error = self.at(Code::Truncated, message, end..end + 1);
            error
                .notes
                .push(format!("{}, at the end", plain(&syntax.message)));
            error.help = Some(
                "the file was cut off, or a closing quote, bracket or brace is missing".to_owned(),
            );
            return error;
        }
        // serde_json stops behind the sign of `-Infinity`.
        let signed = self.text.get(..syntax.at).is_some_and(|s| s.ends_with('-'));
        let at = syntax.at - usize::from(signed);
        let rest = self.text.get(at..).unwrap_or("");
        let word: String = rest
            .chars()
            .take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '+' | '_'))
            .take(24)
            .collect();
        let end = at + word.len().max(1);
        let (message, help) = match word.trim_start_matches(['-', '+']) {
            "NaN" | "nan" | "Infinity" | "inf" | "Inf" => (
                format!("`{word}` is no value of JSON"),
                Some("write null where nothing is known"),
            ),
            "None" | "nil" | "undefined" | "NULL" | "Null" => (
                format!("`{word}` is no value of JSON"),
                Some("write `null`"),
            ),
            "True" | "TRUE" => (
                format!("`{word}` is no value of JSON"),
                Some("write `true`"),
            ),
            "False" | "FALSE" => (
                format!("`{word}` is no value of JSON"),
                Some("write `false`"),
            ),
            _ if syntax.message == "trailing characters" => (
                format!("something stands after the end of the {what}"),
                Some("one value on each line, or one document in the file"),
            ),
            _ if rest.starts_with('\'') => (
                "a text of JSON stands in double quotes".to_owned(),
                Some("write `\"` for `'`"),
            ),
            _ if syntax.message == "key must be a string" => (
                "a key stands in double quotes".to_owned(),
                Some("write `\"` before and after the key"),
            ),
            _ => (
                format!("this is not JSON: {}", plain(&syntax.message)),
                None,
            ),
        };
        let mut error = self.at(Code::TraceSyntax, message, at..end);
        error.help = help.map(str::to_owned);
        error
    }
}

/// serde_json's words, without those that speak of its types.
fn plain(message: &str) -> String {
    let message = message.replace("EOF while parsing", "missing the rest of");
    if message.contains("hex escape") || message.contains("surrogate") {
        return "a \\u escape needs four hexadecimal digits, and a \\ud8… its second half"
            .to_owned();
    }
    if message.starts_with("control character") {
        return "a text holds a raw line break or control character; write it as \\n, \\t or \\u…"
            .to_owned();
    }
    message
}

fn unreadable(error: &std::io::Error) -> TraceError {
    TraceError::whole(
        Code::CannotRead,
        format!("the trace cannot be read: {error}"),
    )
}
