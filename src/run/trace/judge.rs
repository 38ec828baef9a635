//! The judge, who decides what each record means.
//!
//! Here is what it keeps, and the long way through one record: its name ([`resolve`](super::resolve)
//! finds the event meant), its time ([`order`](super::order)), its group, and what else it says
//! ([`fields`](super::fields)).

use std::collections::{BTreeMap, VecDeque};

use foldhash::{HashMap, HashMapExt};
use smallvec::SmallVec;

use super::Options;
use super::envelope::{Envelope, whole_members};
use super::json::{Member, Raw, Scalar, short};
use super::order::Last;
use super::plain::Shape;
use super::resolve::spellings;
use super::typed::{Bad, Reader, What, did_you_mean};
use crate::diag::Code;
use crate::ids::{EventId, KindId};
use crate::ir::{EventSource, Model, Record};
use crate::run::finding::TraceNote;
use crate::run::{Given, Input, Names, Occurrence, Sym};
use crate::time::{Instant, Zone};

/// Decides what each record means.
#[derive(Debug)]
pub(super) struct Judge<'m> {
    pub model: &'m Model,
    pub record: Option<&'m Record>,
    /// Whether the events are the spec's own: no mapping, or one that only names the fields.
    pub own_events: bool,
    pub options: Options,
    pub zone: Zone,
    pub envelope: Envelope<'m>,
    /// Native: events by name, spelling and `Kind.name`. Record: its own events by spelling.
    pub events: HashMap<String, Vec<EventId>>,
    /// How the records before were written that can be read the short way, the last such first.
    pub shapes: Vec<Shape>,
    /// By name: the kinds that an instance of it has been of, the latest last.
    pub kinds: Vec<SmallVec<[KindId; 2]>>,
    /// The last of them, which is mostly all that is asked.
    pub last_kinds: Vec<Option<KindId>>,
    pub given: Vec<Given>,
    pub from: Option<Instant>,
    pub until: Option<Instant>,
    pub begun: Option<Instant>,
    pub ended: Option<Instant>,
    /// The position of the record that ended the observation.
    pub stopped: Option<u32>,
    pub position: u32,
    pub last: Option<Last>,
    /// The group that this record is the first to name, and where.
    pub found: Option<(Sym, std::ops::Range<usize>)>,
    pub change: u64,
    /// The change of the record before, as written, and its time.
    pub last_change: (String, Option<Instant>),
    pub unmapped: BTreeMap<String, u64>,
    /// By message; the first events that it concerns.
    pub notes: BTreeMap<String, TraceNote>,
}

impl<'m> Judge<'m> {
    /// A judge of the traces of this model who has read nothing yet.
    pub fn new(model: &'m Model, options: Options) -> Judge<'m> {
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
        Judge {
            model,
            record,
            own_events,
            options,
            zone: Zone::find(&model.timezone).unwrap_or_else(Zone::utc),
            envelope: record.map_or(Envelope::NATIVE, Envelope::of),
            events,
            shapes: Vec::new(),
            kinds: Vec::new(),
            last_kinds: Vec::new(),
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
        }
    }

    /// What reads its values.
    pub fn reader<'a>(&'a self, names: &'a mut Names) -> Reader<'a> {
        Reader {
            model: self.model,
            zone: &self.zone,
            names,
            foreign: self.record.is_some(),
            empty: self.record.and_then(|r| r.empty.as_deref()),
            unknown: self.record.map_or(&[], |r| &r.unknown),
        }
    }

    /// Keeps what the present record was read otherwise than it stands.
    pub fn note(&mut self, message: String) {
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

    /// What a record means: an input into `queue`, or what is wrong with it into `bad`. `at` is the byte
    /// where it begins.
    pub fn record(
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

        let Some(time) = self.time(find(self.envelope.time), &name, names, bad) else {
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
                        if !names.is_placed(s) {
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

    /// Counts an event that the mapping does not list.
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
}

/// Whether this is a matter of a type, which a mapping reads as empty.
pub(super) fn soft(bad: &Bad) -> bool {
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
