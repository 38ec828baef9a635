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

mod error;
mod header;
mod json;
mod plain;
mod records;
mod resolve;
mod typed;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::BufRead;

use foldhash::{HashMap, HashMapExt};
use smallvec::SmallVec;

pub use error::{Excerpt, MAX_SHOWN, TraceError, TraceErrors};

use json::{Member, Raw, Scalar, short};
use plain::{Flat, OnlyOne, Shape};
use records::{Place, Records};
use resolve::spellings;
use typed::{Bad, Reader, What, did_you_mean, listed};

use super::finding::TraceNote;
use super::{Given, Input, Names, Occurrence, Sym, Syms, Value};
use crate::diag::Code;
use crate::ids::{EventId, KindId};
use crate::ir::{Event, EventSource, Model, Record};
use crate::time::{Instant, Stamp, Zone};

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
            if self.shown.is_empty()
                && let Some(input) = self.queue.pop_front()
            {
                return Ok(Some(input));
            }
            if self.ended {
                if self.shown.is_empty() {
                    return Ok(None);
                }
                return Err(TraceErrors {
                    name: self.name.clone(),
                    shown: self.shown.clone(),
                    more: self.more,
                });
            }
            self.queue.clear();
            if !self.opened {
                self.opened = true;
                match self.records.open() {
                    Ok(true) => self.header(names),
                    Ok(false) => {}
                    Err(error) => self.report(*error),
                }
            }
            match self.records.advance() {
                Ok(Some(place)) => self.record(&place, names),
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

    fn record(&mut self, place: &Place, names: &mut Names) {
        self.judge.position = self.judge.position.saturating_add(1);
        let text = self.records.text().get(place.range.clone()).unwrap_or("");
        let base = place.range.start + (text.len() - text.trim_ascii_start().len());
        let text = text.trim_ascii();
        let mut bad = Vec::new();
        if text.starts_with('{') {
            if !self.judge.options.long_way
                && let Some(flat) = Flat::of(text)
                && let Some(()) = self.judge.plain(&flat, text, names, &mut self.queue)
            {
                return;
            }
            let read = json::object(text, base).map(|members| {
                let queue = &mut self.queue;
                self.judge.record(&members, base, names, &mut bad, queue);
            });
            if let Err(syntax) = read {
                let error = self.records.syntax(&syntax, "event");
                return self.report(error);
            }
        } else if let Err(syntax) = json::validate(text, base) {
            let error = self.records.syntax(&syntax, "event");
            return self.report(error);
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

/// The path of the spec that the header of a trace names; nothing where it has no header, names
/// none, or cannot be read (which reading it will tell).
pub fn spec_of(input: impl BufRead) -> Option<String> {
    // No field of a record is known yet; an event is never mistaken for a header that names a spec
    // unless it has one of the header's keys.
    let mut records = Records::new(input, "event");
    if !records.open().ok()? {
        return None;
    }
    let text = records.text().trim_ascii();
    let members = json::object(text, 0).ok()?;
    let spec = members.iter().find(|m| m.key == "spec")?;
    match spec.value.read().ok()? {
        Scalar::Text(text) => Some(text.into_owned()),
        _ => None,
    }
}

/// From when each event of a record is observed, where that is not the whole time: the time of its
/// first record, if that one is an opening (R-47). A pass over the whole trace, before it is read;
/// what cannot be read is passed over, for reading will complain about it.
pub fn observation(model: &Model, input: impl BufRead) -> BTreeMap<EventId, Instant> {
    let mut observed = BTreeMap::new();
    let Some(record) = model.record.as_ref() else {
        return observed;
    };
    let Some(opening) = record.opening.as_deref() else {
        return observed;
    };
    let judge = Judge::new(model, Options::default());
    let mut seen = vec![false; model.events.len()];
    let mut unseen: BTreeSet<EventId> = judge.events.values().flatten().copied().collect();
    let mut records = Records::new(input, &record.event);
    if records.open().is_err() {
        return observed;
    }
    let mut names = Names::default();
    loop {
        let place = match records.advance() {
            Ok(Some(place)) => place,
            Ok(None) => return observed,
            Err(error) if error.code == Code::CannotRead => return observed,
            Err(_) => continue,
        };
        let text = records.text().get(place.range.clone()).unwrap_or("");
        let Ok(members) = json::object(text.trim_ascii(), 0) else {
            continue;
        };
        let find = |key: &str| members.iter().find(|m| m.key == key).map(|m| m.value);
        let Some(Ok(Scalar::Text(name))) = find(&record.event).map(Raw::read) else {
            continue;
        };
        let Some(&event) = judge.events.get(&*name).and_then(|ids| ids.first()) else {
            continue;
        };
        match seen.get_mut(event.index()) {
            Some(seen) if !*seen => *seen = true,
            _ => continue,
        }
        unseen.remove(&event);
        let is_opening = find(opening).is_some_and(|raw| raw.text == "true");
        let reader = judge.reader(&mut names);
        let time = find(&record.time).map(|raw| reader.time(raw, What::Time("")));
        if let (true, Some(Ok(Some(stamp)))) = (is_opening, time) {
            observed.insert(event, stamp.at);
        }
        if unseen.is_empty() {
            return observed;
        }
    }
}

/// The keys that every event may have, as this trace spells them.
#[derive(Debug, Clone, Copy)]
struct Envelope<'m> {
    time: &'m str,
    event: &'m str,
    group: Option<&'m str>,
    /// Further fields with the subject: of an event that has none before, the first that it has.
    groups: &'m [String],
    by: Option<&'m str>,
    change: Option<&'m str>,
    opening: Option<&'m str>,
}

impl<'m> Envelope<'m> {
    const NATIVE: Envelope<'static> = Envelope {
        time: "time",
        event: "event",
        group: Some("group"),
        groups: &[],
        by: Some("by"),
        change: Some("change"),
        opening: Some("opening"),
    };

    fn of(record: &'m Record) -> Envelope<'m> {
        Envelope {
            time: &record.time,
            event: &record.event,
            group: record.subject.first().map(String::as_str),
            groups: record.subject.get(1..).unwrap_or_default(),
            by: record.actor.as_deref(),
            change: record.change.as_deref(),
            opening: record.opening.as_deref(),
        }
    }

    fn keys(self) -> impl Iterator<Item = &'m str> {
        let named = [self.group, self.by, self.change, self.opening];
        [self.time, self.event]
            .into_iter()
            .chain(named.into_iter().flatten())
            .chain(self.groups.iter().map(String::as_str))
    }

    /// The field with the subject of an event.
    fn subject<'a, 'b>(self, members: &'a [Member<'b>]) -> Option<(&'m str, Raw<'b>)> {
        let keys = self.group.into_iter();
        let mut keys = keys.chain(self.groups.iter().map(String::as_str));
        keys.find_map(|key| {
            let member = members.iter().find(|m| m.key == key)?;
            (member.value.text != "null").then_some((key, member.value))
        })
    }
}

/// Decides what each record means.
#[derive(Debug)]
struct Judge<'m> {
    model: &'m Model,
    record: Option<&'m Record>,
    /// Whether the events are the spec's own: no mapping, or one that only names the fields.
    own_events: bool,
    options: Options,
    zone: Zone,
    envelope: Envelope<'m>,
    /// Native: events by name, spelling and `Kind.name`. Record: its own events by spelling.
    events: HashMap<String, Vec<EventId>>,
    /// Of these, those that leave nothing to choose.
    only: HashMap<String, OnlyOne>,
    /// The keys of the record read last the short way.
    shape: Shape,
    /// By name: the kinds that an instance of it has been of, the latest last.
    kinds: Vec<SmallVec<[KindId; 2]>>,
    given: Vec<Given>,
    from: Option<Instant>,
    until: Option<Instant>,
    begun: Option<Instant>,
    ended: Option<Instant>,
    /// The position of the record that ended the observation.
    stopped: Option<u32>,
    position: u32,
    last: Option<Last>,
    /// The group that this record is the first to name, and where.
    found: Option<(Sym, std::ops::Range<usize>)>,
    change: u64,
    /// The change of the record before, as written, and its time.
    last_change: (String, Option<Instant>),
    unmapped: BTreeMap<String, u64>,
    /// By message; the first events that it concerns.
    notes: BTreeMap<String, TraceNote>,
}

/// The latest event read.
#[derive(Debug)]
struct Last {
    at: Stamp,
    position: u32,
    name: String,
}

impl Last {
    fn new(at: Stamp, position: u32, name: &str) -> Last {
        let name = name.to_owned();
        Last { at, position, name }
    }

    fn set(&mut self, at: Stamp, position: u32, name: &str) {
        self.at = at;
        self.position = position;
        self.name.clear();
        self.name.push_str(name);
    }
}

impl<'m> Judge<'m> {
    fn new(model: &'m Model, options: Options) -> Judge<'m> {
        let record = model.record.as_ref();
        let own_events = model.tells_own_events();
        let mut events: HashMap<String, Vec<EventId>> = HashMap::new();
        for (index, event) in model.events.iter().enumerate() {
            let id = EventId::new(index);
            if (event.source == EventSource::Record) == own_events {
                continue;
            }
            for name in spellings(model, event) {
                let ids = events.entry(name).or_default();
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
        }
        let mut judge = Judge {
            model,
            record,
            own_events,
            options,
            zone: Zone::find(&model.timezone).unwrap_or_else(Zone::utc),
            envelope: record.map_or(Envelope::NATIVE, Envelope::of),
            events,
            only: HashMap::new(),
            shape: Shape::default(),
            kinds: Vec::new(),
            given: Vec::new(),
            from: None,
            until: None,
            begun: None,
            ended: None,
            stopped: None,
            position: 0,
            last: None,
            found: None,
            change: 0,
            last_change: (String::new(), None),
            unmapped: BTreeMap::new(),
            notes: BTreeMap::new(),
        };
        judge.only = judge.only_ones();
        judge
    }

    fn reader<'a>(&'a self, names: &'a mut Names) -> Reader<'a> {
        Reader {
            model: self.model,
            zone: &self.zone,
            names,
            foreign: self.record.is_some(),
            empty: self.record.and_then(|r| r.empty.as_deref()),
            unknown: self.record.map_or(&[], |r| &r.unknown),
        }
    }

    fn note(&mut self, message: String) {
        let position = self.position;
        let note = self
            .notes
            .entry(message)
            .or_insert_with_key(|message| TraceNote {
                message: message.clone(),
                count: 0,
                events: Vec::new(),
            });
        note.count += 1;
        if note.events.len() < TraceNote::MAX_EVENTS {
            note.events.push(position);
        }
    }

    // -- events

    fn record(
        &mut self,
        members: &[Member<'_>],
        at: usize,
        names: &mut Names,
        bad: &mut Vec<Bad>,
        queue: &mut VecDeque<Input>,
    ) {
        let before = bad.len();
        whole_members(members, bad);
        if bad.iter().any(|bad| bad.code == Code::TraceTooDeep) {
            return;
        }
        let find = |key: &str| members.iter().find(|m| m.key == key).map(|m| m.value);

        let key = self.envelope.event;
        let name = match find(key).map(|raw| (raw, raw.read())) {
            Some((raw, Ok(Scalar::Text(name)))) => (raw, name),
            Some((_, Err(syntax))) => return bad.push(Bad::from(syntax).key(key)),
            Some((raw, Ok(Scalar::Null))) => {
                let message = format!("`{key}` is null: this event has no name");
                return bad.push(Bad::new(Code::NotAnEvent, message, raw.span()).key(key));
            }
            Some((raw, Ok(_))) => {
                let message = format!(
                    "`{key}` must be the name of an event, but is {}",
                    raw.found()
                );
                return bad.push(Bad::new(Code::WrongType, message, raw.span()).key(key));
            }
            None => {
                let near = misspelt(key, members.iter().map(|m| &*m.key));
                let message = format!("this event has no name: there is no key `{key}`");
                let bad_name = Bad::new(Code::NotAnEvent, message, at..at + 1).maybe_help(near);
                return bad.push(bad_name);
            }
        };
        let (name_raw, name) = name;

        let start = self.record.and_then(|r| r.start.as_deref()) == Some(&*name);
        let stop = self.record.and_then(|r| r.stop.as_deref()) == Some(&*name);
        let mapped = self.record.is_none() || self.events.contains_key(&*name);

        let Some(time) = self.time(find(self.envelope.time), &name, at, names, bad) else {
            if bad.len() == before {
                // Only events that the mapping does not list need no time.
                if mapped || start || stop {
                    let key = self.envelope.time;
                    let near = misspelt(
                        key,
                        members
                            .iter()
                            .map(|m| &*m.key)
                            .filter(|k| self.envelope.keys().all(|known| known != *k)),
                    );
                    let message = format!("`{}` has no time: there is no `{key}`", short(&name));
                    bad.push(Bad::new(Code::MissingTime, message, at..at + 1).maybe_help(near));
                } else {
                    self.unmapped(&name, name_raw, bad);
                }
            } else if mapped && self.record.is_none() {
                self.fields_only(&name, name_raw, members, names, bad);
            }
            return;
        };
        let Some(time) = self.in_order(time, &name, find(self.envelope.time), bad) else {
            return;
        };

        if start {
            return self.start(time.at, &name, name_raw, bad, queue);
        }
        if stop && bad.len() == before {
            self.begin(time.at, queue);
            self.stopped = Some(self.position);
            self.until = Some(time.at);
            return;
        }
        if !mapped {
            self.unmapped(&name, name_raw, bad);
            return;
        }

        let subject = match self.envelope.subject(members) {
            Some((key, raw)) => {
                let what = What::Field(key, &name);
                match self.reader(names).name(raw, what) {
                    Ok(subject) => subject.map(|s| {
                        if names.place(s).is_none() {
                            self.found = Some((s, raw.span()));
                        }
                        (s, raw)
                    }),
                    Err(wrong) if self.record.is_some() && soft(&wrong) => {
                        self.note(format!("{what} was no name; read as empty"));
                        None
                    }
                    Err(wrong) => return bad.push(wrong.key(key)),
                }
            }
            None => None,
        };
        let resolved = if self.own_events {
            match self.resolve(&name, name_raw, subject, names) {
                Ok(resolved) => Some(resolved),
                Err(wrong) => return bad.push(wrong),
            }
        } else {
            let event = self.events.get(&*name).and_then(|ids| ids.first()).copied();
            event.map(|event| (event, subject.map(|(s, _)| s)))
        };
        let Some((event_id, subject)) = resolved else {
            return;
        };
        let Some(event) = self.model.events.get(event_id.index()) else {
            return;
        };
        let fields = self.fields(event, members, names, bad);
        let actors = self.actors(event, members, names, bad);
        let opening = self.opening(event, members, bad);
        let change = self.change(event, members, time.at, bad);
        if bad.len() > before {
            return;
        }
        self.begin(time.at, queue);
        queue.push_back(Input::Occur(Occurrence {
            at: time,
            event: event_id,
            subject,
            actors,
            fields,
            position: self.position,
            change,
            opening,
        }));
    }

    /// The time of a record. `None` where it has none, or where that is `bad`.
    fn time(
        &mut self,
        raw: Option<Raw<'_>>,
        name: &str,
        _at: usize,
        names: &mut Names,
        bad: &mut Vec<Bad>,
    ) -> Option<Stamp> {
        let raw = raw?;
        match self.reader(names).time(raw, What::Time(name)) {
            Ok(stamp) => stamp,
            Err(wrong) => {
                bad.push(wrong.key(self.envelope.time));
                None
            }
        }
    }

    /// The time at which a record counts, after those before it.
    fn in_order(
        &mut self,
        time: Stamp,
        name: &str,
        raw: Option<Raw<'_>>,
        bad: &mut Vec<Bad>,
    ) -> Option<Stamp> {
        let span = raw.map_or(0..1, Raw::span);
        let key = self.envelope.time;
        let mut time = time;
        if let Some(last) = &self.last
            && time.at < last.at.at
        {
            let message = format!(
                "event {}, `{}` at {}, is older than event {}, `{}` at {}",
                self.position,
                short(name),
                self.show(time),
                last.position,
                short(&last.name),
                self.show(last.at),
            );
            if !self.options.allow_late {
                bad.push(
                        Bad::new(Code::OutOfOrder, message, span)
                            .key(key)
                            .note("events stand in the order of their times; a date is the beginning of its day")
                            .help("sort the trace, or take late events at the later time with --allow-late"),
                    );
                return None;
            }
            time = last.at;
            self.note(
                "an event older than the one before was taken at the time of that one".to_owned(),
            );
        }
        if let Some(from) = self.from.filter(|&from| time.at < from) {
            let message = format!(
                "`{}` at {} is before the observation began, {}",
                short(name),
                self.show(time),
                self.show(Stamp::instant(from))
            );
            bad.push(
                Bad::new(Code::OutsideObservation, message, span)
                    .key(key)
                    .help("what was so before belongs into `given`, or `observed` began earlier"),
            );
            return None;
        }
        if let Some(stopped) = self.stopped {
            let message = format!(
                "`{}` stands after event {stopped}, which ended the observation",
                short(name)
            );
            bad.push(Bad::new(Code::OutsideObservation, message, span).key(key));
            return None;
        }
        if let Some(until) = self.until.filter(|&until| time.at > until) {
            let message = format!(
                "`{}` at {} is after the observation ended, {}",
                short(name),
                self.show(time),
                self.show(Stamp::instant(until))
            );
            bad.push(
                Bad::new(Code::OutsideObservation, message, span)
                    .key(key)
                    .help("`observed` ends no earlier than the last event"),
            );
            return None;
        }
        match &mut self.last {
            Some(last) => last.set(time, self.position, name),
            None => self.last = Some(Last::new(time, self.position, name)),
        }
        Some(time)
    }

    fn show(&self, stamp: Stamp) -> String {
        if stamp.day {
            self.zone.date(stamp.at)
        } else {
            self.zone.show(stamp.at)
        }
    }

    /// The observation begins, if it has not.
    fn begin(&mut self, at: Instant, queue: &mut VecDeque<Input>) {
        if self.begun.is_none() {
            self.begun = Some(at);
            queue.push_back(Input::Begin(at));
            queue.extend(self.given.drain(..).map(Input::Given));
        }
    }

    fn start(
        &mut self,
        at: Instant,
        name: &str,
        raw: Raw<'_>,
        bad: &mut Vec<Bad>,
        queue: &mut VecDeque<Input>,
    ) {
        if self.begun.is_some() && self.from.is_none() {
            let message = format!(
                "`{}` begins the observation, but events stand before it",
                short(name)
            );
            bad.push(Bad::new(Code::OutsideObservation, message, raw.span()));
        } else {
            self.begin(at, queue);
        }
    }

    fn unmapped(&mut self, name: &str, raw: Raw<'_>, bad: &mut Vec<Bad>) {
        if self.options.strict {
            let mut known: Vec<&str> = self.events.keys().map(String::as_str).collect();
            known.sort_unstable();
            let message = format!("the mapping lists no event `{}`", short(name));
            bad.push(
                Bad::new(Code::UnknownEvent, message, raw.span())
                    .key(self.envelope.event)
                    .note("without --strict such events are counted and passed over")
                    .maybe_help(did_you_mean(name, known)),
            );
        } else if let Some(count) = self.unmapped.get_mut(name) {
            *count += 1;
        } else {
            self.unmapped.insert(name.to_owned(), 1);
        }
    }

    fn fields(
        &mut self,
        event: &Event,
        members: &[Member<'_>],
        names: &mut Names,
        bad: &mut Vec<Bad>,
    ) -> Vec<Value> {
        let left_out = self.reader(names).left_out();
        let mut values = vec![left_out; event.fields.len()];
        if self.record.is_some() {
            for (field, value) in event.fields.iter().zip(&mut values) {
                if field.spelled.contains('{') {
                    *value = self.reader(names).composed(field, members);
                }
            }
        }
        for member in members {
            let mut known = false;
            for (field, value) in event.fields.iter().zip(&mut values) {
                if field.spelled != *member.key {
                    continue;
                }
                known = true;
                let what = What::Field(&field.spelled, &event.spelled);
                match self.reader(names).value(&field.ty, member.value, what) {
                    Ok(read) => *value = read,
                    Err(wrong) if self.record.is_some() && soft(&wrong) => {
                        let expected = typed::expected(self.model, &field.ty);
                        self.note(format!("{what} was not {expected}; read as empty"));
                    }
                    Err(wrong) => bad.push(wrong.key(&member.key)),
                }
            }
            if !known && self.record.is_none() && self.envelope.keys().all(|key| key != member.key)
            {
                let spelled: Vec<&str> = event.fields.iter().map(|f| f.spelled.as_str()).collect();
                let candidates = spelled.iter().copied().chain(self.envelope.keys());
                let renamed = event
                    .fields
                    .iter()
                    .find(|f| f.name == member.key)
                    .map(|f| format!("in a trace it is spelled `{}`", f.spelled));
                let note = if spelled.is_empty() {
                    format!("`{}` has no fields", event.name)
                } else {
                    format!("the fields of `{}` are {}", event.name, listed(&spelled))
                };
                let end = member.key_at + member.key.len();
                let message = format!("`{}` has no field `{}`", event.name, short(&member.key));
                bad.push(
                    Bad::new(Code::UnknownKey, message, member.key_at..end)
                        .key(&member.key)
                        .note(note)
                        .maybe_help(renamed.or_else(|| did_you_mean(&member.key, candidates))),
                );
            }
        }
        values
    }

    /// Looks at the fields of an event whose time is wrong, so that all its mistakes are told at once.
    fn fields_only(
        &mut self,
        name: &str,
        raw: Raw<'_>,
        members: &[Member<'_>],
        names: &mut Names,
        bad: &mut Vec<Bad>,
    ) {
        match self.events.get(name).map(Vec::as_slice) {
            Some([id]) => {
                if let Some(event) = self.model.events.get(id.index()) {
                    self.fields(event, members, names, bad);
                }
            }
            Some(_) => {}
            None => bad.push(self.unknown_event(name, raw, None)),
        }
    }

    fn actors(
        &mut self,
        event: &Event,
        members: &[Member<'_>],
        names: &mut Names,
        bad: &mut Vec<Bad>,
    ) -> Syms {
        let Some(member) = own(self.envelope.by, members) else {
            return Syms::new();
        };
        let what = What::Field(&member.key, &event.spelled);
        match self.reader(names).people(member.value, what) {
            Ok(people) => people,
            Err(wrong) if self.record.is_some() && soft(&wrong) => {
                self.note(format!(
                    "{what} was neither a name nor a list of names; read as empty"
                ));
                Syms::new()
            }
            Err(wrong) => {
                bad.push(wrong.key(&member.key));
                Syms::new()
            }
        }
    }

    fn opening(&mut self, event: &Event, members: &[Member<'_>], bad: &mut Vec<Bad>) -> bool {
        let Some(member) = own(self.envelope.opening, members) else {
            return false;
        };
        if self.record.is_none() && event.fields.iter().any(|f| f.spelled == member.key) {
            return false;
        }
        match member.value.text {
            "true" => true,
            "false" | "null" => false,
            _ => {
                let what = format!("`{}` of `{}`", member.key, event.spelled);
                if self.record.is_some() {
                    self.note(format!("{what} was neither true nor false; read as empty"));
                } else {
                    let found = member.value.found();
                    let message = format!("{what} must be true or false, but is {found}");
                    bad.push(
                        Bad::new(Code::WrongType, message, member.value.span()).key(&member.key),
                    );
                }
                false
            }
        }
    }

    /// The number of the change that a record belongs to (R-46): contiguous records of one change
    /// and time; those that name none are one by their time.
    fn change(
        &mut self,
        event: &Event,
        members: &[Member<'_>],
        at: Instant,
        bad: &mut Vec<Bad>,
    ) -> u64 {
        let mut written = "";
        if let Some(member) = own(self.envelope.change, members) {
            let field =
                self.record.is_none() && event.fields.iter().any(|f| f.spelled == member.key);
            let text = member.value.text;
            let simple = text.starts_with(|c: char| c == '"' || c == '-' || c.is_ascii_digit());
            if field || text == "null" {
            } else if simple {
                written = text;
            } else if self.record.is_some() {
                let what = format!("`{}` of `{}`", member.key, event.spelled);
                self.note(format!(
                    "{what} was neither a text nor a number; read as empty"
                ));
            } else {
                let found = member.value.found();
                let message = format!(
                    "`{}` must be a text or a number, but is {found}",
                    member.key
                );
                bad.push(Bad::new(Code::WrongType, message, member.value.span()).key(&member.key));
            }
        }
        self.change_of(written, at)
    }

    /// The number of the change that a record belongs to which names it so.
    fn change_of(&mut self, written: &str, at: Instant) -> u64 {
        let (last, last_at) = &mut self.last_change;
        if *last_at != Some(at) || last != written {
            *last_at = Some(at);
            last.clear();
            last.push_str(written);
            self.change += 1;
        }
        self.change
    }

    fn end(&mut self, queue: &mut VecDeque<Input>) -> Result<(), Box<TraceError>> {
        let last = self.until.or(self.last.as_ref().map(|last| last.at.at));
        let Some(end) = last.or(self.begun) else {
            if self.given.is_empty() {
                return Ok(());
            }
            let mut error = TraceError::whole(
                Code::EmptyTrace,
                "the trace says what was so, but not when: it has no events",
            );
            error.help = Some("add `\"observed\": {\"from\": …, \"until\": …}`".to_owned());
            return Err(Box::new(error));
        };
        self.begin(end, queue);
        self.ended = Some(end);
        queue.push_back(Input::End(end));
        Ok(())
    }
}

/// Whether this is a matter of a type, which a mapping reads as empty (R-49).
fn soft(bad: &Bad) -> bool {
    matches!(
        bad.code,
        Code::WrongType | Code::UnknownWord | Code::NumberOutOfRange | Code::NotATime
    )
}

/// "write `time` for `tiem`", where a key like the missing one is there.
fn misspelt<'a>(missing: &str, keys: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let keys = keys.into_iter().filter(|key| key.len() < 100);
    let near = crate::diag::suggest::nearest(missing, keys)?;
    Some(format!("write `{missing}` for `{}`", short(near)))
}

fn own<'a, 'b>(key: Option<&str>, members: &'a [Member<'b>]) -> Option<&'a Member<'b>> {
    let key = key?;
    members.iter().find(|m| m.key == key)
}

/// What is wrong with an object, whatever it says: repeated keys, nesting.
fn whole_members(members: &[Member<'_>], bad: &mut Vec<Bad>) {
    let repeated = |member: &Member<'_>| {
        let end = member.key_at + member.key.len();
        let message = format!(
            "the key `{}` stands twice in this object",
            short(&member.key)
        );
        Bad::new(Code::RepeatedKey, message, member.key_at..end)
            .key(&member.key)
            .help("keep one of the two")
    };
    if members.len() <= 32 {
        for (index, member) in members.iter().enumerate() {
            if members.iter().take(index).any(|m| m.key == member.key) {
                bad.push(repeated(member));
            }
        }
    } else {
        let mut seen = std::collections::HashSet::with_capacity(members.len());
        bad.extend(
            members
                .iter()
                .filter(|m| !seen.insert(&m.key))
                .map(repeated),
        );
    }
    for member in members {
        // The events of a document are looked at one by one.
        if member.key != "events" && member.key != "given" && member.value.too_deep() {
            let message = format!(
                "`{}` nests deeper than {} levels",
                short(&member.key),
                json::MAX_DEPTH
            );
            let at = member.value.at;
            bad.push(Bad::new(Code::TraceTooDeep, message, at..at + 1).key(&member.key));
        }
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
