//! Reading traces: what happened, as JSON, to the inputs of [`step`](super::step::step).
//!
//! A trace is one JSON document or JSON lines; which, the content says. It is of one of two kinds.
//!
//! **A native trace** tells of the spec's own events, one object each:
//!
//! ```json
//! {"format": "govc-trace", "version": 1, "spec": "charter.gov",
//!  "observed": {"from": "2025-01-01", "until": "2025-07-01"},
//!  "given": [{"kind": "SIG", "group": "sdk", "state": "active", "since": "2024-06-01"},
//!            {"role": "lead", "group": "sdk", "person": ["ann", "bo"], "since": "2024-06-01"},
//!            {"person": "ann", "org": "Acme"}]}
//! {"time": "2025-01-14", "event": "meet", "group": "sdk", "by": "ann", "present": 4}
//! {"time": "2025-02-03T17:00:00Z", "event": "lead.removed", "group": "sdk", "person": "bo"}
//! ```
//!
//! | key of an event | holds |
//! |---|---|
//! | `time` | a date (the beginning of that day in the spec's zone) or an RFC 3339 time |
//! | `event` | its name, or `Kind.name` where several kinds have it |
//! | `group` | the group it happens in; left out for events of the document and of bodies |
//! | `by` | who did it: a name or a list of names |
//! | `change` | a number or text: contiguous events of one change and time form one change |
//! | `opening` | true where it only states what was already so |
//! | anything else | a field of the event, as the spec spells it; `null` is the same as leaving it out |
//!
//! The first line may be a header, which has no `event`; as a document, the header's object holds
//! the events as a list `events`, or the events alone are a list. Every key of the header may be
//! left out. `spec` is the path of the spec, relative to the trace. Without `observed` the
//! observation goes from the first event to the last. `given` says what was so when it began:
//!
//! | an object of `given` | says |
//! |---|---|
//! | `kind`, `group`, `state`, `since`, `in`, fields | a group, its state, the group that encloses it |
//! | `role`, `group`, `person`, `since` | who holds a role; `person` may be a list |
//! | `person`, attributes | what is known of a person |
//!
//! **A record** is somebody else's log, read through the mapping of a `trace` block
//! ([`Record`](crate::ir::Record)). The mapping names the fields; others are carried along. Events
//! it does not list are counted. What does not fit its type is read as empty, with a note. It may
//! open with the same header.
//!
//! Nothing is skipped silently: whatever cannot be read is an error with its place, and what is
//! passed over by rule is counted in [`Reading`].
//!
//! | file | does |
//! |---|---|
//! | this one | [`TraceReader`]: one input after the other, and the mistakes of the trace |
//! | `records` | cuts the input into records |
//! | `json` | objects, lists and scalars, each with its place |
//! | `header` | the header: what was observed, and what was so before |
//! | `judge` | what a record means, with `envelope` for the keys of all events, `resolve` for the event meant, `order` for its time, `fields` for the rest |
//! | `typed` | a value of JSON as its type wants it |
//! | `plain`, `scan` | the short way through a record with nothing unusual about it |
//! | `observation` | from when each event of a record is observed |
//! | `error` | the mistakes, and how they are shown |

mod envelope;
mod error;
mod fields;
mod header;
mod json;
mod judge;
mod observation;
mod order;
mod plain;
mod records;
mod resolve;
mod scan;
mod typed;

use std::collections::{BTreeMap, VecDeque};
use std::io::BufRead;

pub use error::{Excerpt, MAX_SHOWN, TraceError, TraceErrors};
pub use header::spec_of;
pub use observation::observation;

use json::Raw;
use judge::Judge;
use records::{Place, Records};
use scan::Fit;
use typed::Bad;

use super::finding::TraceNote;
use super::{Input, Names};
use crate::diag::Code;
use crate::ir::Model;
use crate::time::Instant;

/// How a trace is to be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Events that the mapping of a record does not list are errors.
    pub strict: bool,
    /// An event older than the one before is taken at the time of that one, with a note.
    pub allow_late: bool,
    /// Every record is read the long way, as if something were unusual about it: the result is the
    /// same, later. For tests.
    pub long_way: bool,
}

/// What was noticed in reading a trace, beside its events.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// When the observation began.
    pub observed_from: Option<Instant>,
    /// When it ended.
    pub observed_to: Option<Instant>,
    /// How many events were read.
    pub events: u64,
    /// How many events of the record the mapping does not list, by name.
    pub unmapped: BTreeMap<String, u64>,
    /// What was read otherwise than it stands.
    pub notes: Vec<TraceNote>,
}

/// A trace being read: an iterator of [`Input`]s in the order of the file.
#[derive(Debug)]
pub struct TraceReader<'m, R> {
    name: String,
    records: Records<R>,
    judge: Judge<'m>,
    queue: VecDeque<Input>,
    opened: bool,
    ended: bool,
    shown: Vec<TraceError>,
    more: u64,
}

impl<'m, R: BufRead> TraceReader<'m, R> {
    /// A reader of the trace `input`, called `name` in messages.
    pub fn new(model: &'m Model, input: R, name: &str, options: Options) -> TraceReader<'m, R> {
        let event_key = model.record.as_ref().map_or("event", |r| r.event.as_str());
        TraceReader {
            name: name.to_owned(),
            records: Records::new(input, event_key),
            judge: Judge::new(model, options),
            queue: VecDeque::new(),
            opened: false,
            ended: false,
            shown: Vec::new(),
            more: 0,
        }
    }

    /// The next input; `None` after the last. From the first mistake on, the rest is only looked
    /// through for more of them, and all are returned together.
    pub fn next(&mut self, names: &mut Names) -> Result<Option<Input>, TraceErrors> {
        loop {
            if self.shown.is_empty() {
                if let Some(input) = self.queue.pop_front() {
                    return Ok(Some(input));
                }
                if self.ended {
                    return Ok(None);
                }
            } else {
                // What is read after a mistake is of no use.
                self.queue.clear();
                if self.ended {
                    return Err(TraceErrors {
                        name: self.name.clone(),
                        shown: self.shown.clone(),
                        more: self.more,
                    });
                }
            }
            if !self.opened {
                self.opened = true;
                match self.records.open() {
                    Ok(true) => self.header(names),
                    Ok(false) => {}
                    Err(error) => self.report(*error),
                }
                continue;
            }
            let input = self.ready(names);
            if input.is_some() {
                if self.shown.is_empty() {
                    return Ok(input);
                }
                continue;
            }
            match self.records.advance() {
                Ok(Some(place)) => {
                    let input = self.record(&place, names);
                    if input.is_some() && self.shown.is_empty() {
                        return Ok(input);
                    }
                }
                Ok(None) => self.end(),
                Err(error) => {
                    self.judge.position = self.judge.position.saturating_add(1);
                    self.report(*error);
                }
            }
        }
    }

    /// What was noticed, once the trace has been read.
    pub fn reading(self) -> Reading {
        let judge = self.judge;
        Reading {
            observed_from: judge.begun,
            observed_to: judge.ended,
            events: u64::from(judge.position),
            unmapped: judge.unmapped,
            notes: judge.notes.into_values().collect(),
        }
    }

    fn report(&mut self, error: TraceError) {
        if self.shown.len() < MAX_SHOWN {
            self.shown.push(error);
        } else {
            self.more += 1;
        }
    }

    fn report_all(&mut self, bad: Vec<Bad>, prefix: impl Fn(Option<&str>) -> Option<String>) {
        for bad in bad {
            if self.shown.len() >= MAX_SHOWN {
                self.more += 1;
                continue;
            }
            let mut error = self.records.at(bad.code, bad.message, bad.span);
            error.path = prefix(bad.key.as_deref());
            error.notes = bad.notes;
            error.help = bad.help;
            self.shown.push(error);
        }
    }

    fn header(&mut self, names: &mut Names) {
        let mut bad = Vec::new();
        let whole = self.records.text().trim_ascii();
        let base = self.records.text().len() - self.records.text().trim_ascii_start().len();
        let read = json::object(whole, base).map(|members| {
            let queue = &mut self.queue;
            self.judge.header(&members, names, &mut bad, queue);
        });
        if let Err(syntax) = read {
            let error = self.records.syntax(&syntax, "header");
            return self.report(error);
        }
        self.report_all(bad, |key| key.map(str::to_owned));
    }

    /// Reads the next line where the input holds it, if that is whole and plain.
    fn ready(&mut self, names: &mut Names) -> Option<Input> {
        let ready = self.records.ready()?;
        let (fit, input) = self.judge.plain(ready, names);
        if let (Fit::Yes(length), true) = (fit, input.is_some()) {
            self.records.pass(length);
        }
        input
    }

    /// Reads the record at `place`: the short way, and returns what happened, or the long one.
    fn record(&mut self, place: &Place, names: &mut Names) -> Option<Input> {
        let whole = self.records.text().get(place.range.clone()).unwrap_or("");
        let line = whole.trim_ascii_start();
        let base = place.range.start + (whole.len() - line.len());
        let (fit, input) = self.judge.plain(line.as_bytes(), names);
        if input.is_some() {
            return input;
        }
        self.judge.position = self.judge.position.saturating_add(1);
        let text = line.trim_ascii_end();
        let mut bad = Vec::new();
        if text.starts_with('{') {
            let read = json::object(text, base).map(|members| {
                let queue = &mut self.queue;
                self.judge.record(&members, base, names, &mut bad, queue);
                // A last line without its end is like no other.
                let is_whole = line.ends_with('\n') || place.index.is_some();
                if fit == Fit::No && is_whole && bad.is_empty() {
                    self.judge.learn(line, base, &members);
                }
            });
            if let Err(syntax) = read {
                let error = self.records.syntax(&syntax, "event");
                self.report(error);
                return None;
            }
        } else if let Err(syntax) = json::validate(text, base) {
            let error = self.records.syntax(&syntax, "event");
            self.report(error);
            return None;
        } else {
            let raw = Raw { text, at: base };
            let message = format!("an event is an object, and this is {}", raw.found());
            bad.push(Bad::new(Code::NotAnEvent, message, raw.span()));
        }
        if !bad.is_empty() {
            self.report_all(bad, |key| place.path(key));
        } else if let Some((sym, span)) = self.judge.found.take() {
            let shown = match place.path(self.judge.envelope.group) {
                Some(path) => path,
                None => self.records.place(span.start),
            };
            names.found_at(sym, shown);
        }
        None
    }

    fn end(&mut self) {
        self.ended = true;
        if !self.shown.is_empty() {
            return;
        }
        if self.records.is_empty() {
            let mut error = TraceError::whole(Code::EmptyTrace, "the trace is empty");
            error.help = Some("a trace holds at least one event or a header".to_owned());
            return self.report(error);
        }
        if let Err(error) = self.judge.end(&mut self.queue) {
            self.report(*error);
        }
    }
}
