//! The short way to read a record: one with nothing unusual about it.
//!
//! Most records are flat objects of plain texts and numbers, about a subject already known, in the
//! order of time. They are read in one pass. As soon as anything is out of the ordinary the short
//! way gives up, having changed nothing that shows, and [`Judge::record`] reads the record from its
//! beginning: that is the meaning, and its messages are the only ones. A property test holds both
//! to the same result.

use std::collections::VecDeque;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use smallvec::SmallVec;

use super::judge::Judge;
use super::order::Last;
use super::resolve::is_computed;
use crate::ids::{EventId, KindId};
use crate::ir::{Event, Form, Type};
use crate::run::{Input, Names, Occurrence, Sym, Syms, Value};
use crate::time::{Instant, Stamp};

/// A value without escapes, fractions or parts.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Plain<'a> {
    Null,
    Flag(bool),
    Number(i64),
    Text(&'a str),
}

/// The members of a flat object, in order.
#[derive(Debug)]
pub(super) struct Flat<'a>(SmallVec<[(&'a str, Plain<'a>); 8]>);

impl<'a> Flat<'a> {
    /// The object that `text` is, where it is flat and plain.
    pub fn of(text: &'a str) -> Option<Flat<'a>> {
        serde_json::from_str(text).ok()
    }

    fn find(&self, key: &str) -> Option<usize> {
        self.0.iter().position(|(k, _)| *k == key)
    }

    fn get(&self, at: Option<usize>) -> Option<Plain<'a>> {
        self.0.get(at?).map(|(_, value)| *value)
    }

    /// No key stands twice.
    fn is_sound(&self) -> bool {
        let mut keys = self.0.iter().enumerate();
        keys.all(|(n, (key, _))| self.0.iter().take(n).all(|(other, _)| other != key))
    }
}

/// The keys of a record, and where among them those stand that every event may have. Most records
/// have the keys of the one before.
#[derive(Debug, Clone, Default)]
pub(super) struct Shape {
    keys: Vec<String>,
    /// No key stands twice.
    sound: bool,
    time: Option<usize>,
    event: Option<usize>,
    by: Option<usize>,
    change: Option<usize>,
    opening: Option<usize>,
    /// The fields with the subject, the first that counts first.
    subject: SmallVec<[usize; 2]>,
    /// By key: whether it is one of those.
    own: Vec<bool>,
}

impl Shape {
    fn fits(&self, flat: &Flat<'_>) -> bool {
        self.keys.len() == flat.0.len() && self.keys.iter().zip(&flat.0).all(|(a, (b, _))| a == b)
    }
}

impl<'de> Deserialize<'de> for Flat<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Flat<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = SmallVec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Flat(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

impl<'de> Deserialize<'de> for Plain<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Scalar;
        impl<'de> Visitor<'de> for Scalar {
            type Value = Plain<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a plain value")
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Plain<'de>, E> {
                Ok(Plain::Text(text))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Plain<'de>, E> {
                i64::try_from(number)
                    .map(Plain::Number)
                    .map_err(|_| E::custom("large"))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Plain<'de>, E> {
                Ok(Plain::Number(number))
            }
            fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Plain<'de>, E> {
                Ok(Plain::Flag(flag))
            }
            fn visit_unit<E: de::Error>(self) -> Result<Plain<'de>, E> {
                Ok(Plain::Null)
            }
        }
        deserializer.deserialize_any(Scalar)
    }
}

/// An event that a name can only mean in one way.
#[derive(Debug, Clone, Copy)]
pub(super) struct OnlyOne {
    event: EventId,
    /// The kind of its subject, where the spec's own events are told.
    kind: Option<KindId>,
}

impl Judge<'_> {
    /// The events among which there is nothing to choose.
    pub(super) fn only_ones(&self) -> foldhash::HashMap<String, OnlyOne> {
        let model = self.model;
        let meant = |ids: &Vec<EventId>| {
            if !self.own_events {
                let event = *ids.first()?;
                return Some(OnlyOne { event, kind: None });
            }
            let said = ids.iter().filter_map(|&id| {
                let event = model.events.get(id.index())?;
                (!is_computed(event.source)).then_some((id, event.kind))
            });
            let said: Vec<_> = said.collect();
            let [(event, kind)] = said.as_slice() else {
                return None;
            };
            let form = model.kinds.get(kind.index())?.form;
            matches!(form, Form::Group | Form::Thing).then_some(OnlyOne {
                event: *event,
                kind: Some(*kind),
            })
        };
        let all = self.events.iter();
        all.filter_map(|(name, ids)| Some((name.clone(), meant(ids)?)))
            .collect()
    }

    /// Reads a record the short way; `None`, and nothing done, where it must go the long one. `line`
    /// is the text of which it was read.
    pub(super) fn plain(
        &mut self,
        flat: &Flat<'_>,
        line: &str,
        names: &mut Names,
        queue: &mut VecDeque<Input>,
    ) -> Option<()> {
        if !self.shape.fits(flat) {
            self.shape = self.shape_of(flat);
        }
        let Plain::Text(name) = flat.get(self.shape.event)? else {
            return None;
        };
        let OnlyOne { event: id, kind } = *self.only.get(name)?;
        let model = self.model;
        let event = model.events.get(id.index())?;
        if !self.shape.sound || self.is_turn(name) {
            return None;
        }
        let at = self.plain_time(flat)?;
        let subject = self.plain_subject(flat, names)?;
        if let Some(kind) = kind
            && self.kinds_of(subject?).last() != Some(&kind)
        {
            return None;
        }
        let fields = self.plain_fields(event, flat, names)?;
        let actors = match flat.get(self.shape.by) {
            None | Some(Plain::Null) => Syms::new(),
            Some(value) => Syms::from_slice(&[self.plain_name(value, names)?]),
        };
        let shadowed = |at: &usize| {
            let key = self.shape.keys.get(*at);
            let mut fields = event.fields.iter();
            self.record.is_none() && fields.any(|field| Some(&field.spelled) == key)
        };
        let own = |at: Option<usize>| flat.get(at.filter(|at| !shadowed(at)));
        let opening = match own(self.shape.opening) {
            None | Some(Plain::Null) => false,
            Some(Plain::Flag(opening)) => opening,
            Some(_) => return None,
        };
        let written = match own(self.shape.change) {
            None | Some(Plain::Null) => "",
            Some(Plain::Text(text)) => quoted(line, text)?,
            Some(_) => return None,
        };
        // From here on nothing can be out of the ordinary.
        let change = self.change_of(written, at.at);
        match &mut self.last {
            Some(last) => last.set(at, self.position, name),
            None => self.last = Some(Last::new(at, self.position, name)),
        }
        self.begin(at.at, queue);
        queue.push_back(Input::Occur(Occurrence {
            at,
            event: id,
            subject,
            actors,
            fields,
            position: self.position,
            change,
            opening,
        }));
        Some(())
    }

    /// Where the keys of a record stand.
    fn shape_of(&self, flat: &Flat<'_>) -> Shape {
        let find = |key: Option<&str>| key.and_then(|key| flat.find(key));
        let envelope = &self.envelope;
        let groups = envelope.groups.iter().map(String::as_str);
        let subject = envelope.group.into_iter().chain(groups);
        let is_own = |key: &str| envelope.keys().any(|own| own == key);
        Shape {
            keys: flat.0.iter().map(|(key, _)| (*key).to_owned()).collect(),
            sound: flat.is_sound(),
            time: find(Some(envelope.time)),
            event: find(Some(envelope.event)),
            by: find(envelope.by),
            change: find(envelope.change),
            opening: find(envelope.opening),
            subject: subject.filter_map(|key| flat.find(key)).collect(),
            own: flat.0.iter().map(|(key, _)| is_own(key)).collect(),
        }
    }

    /// Whether a record of this name begins or ends the observation.
    fn is_turn(&self, name: &str) -> bool {
        self.record
            .is_some_and(|r| r.start.as_deref() == Some(name) || r.stop.as_deref() == Some(name))
    }

    /// When it happened, if that fits what is known of the observation.
    fn plain_time(&self, flat: &Flat<'_>) -> Option<Stamp> {
        let at = match flat.get(self.shape.time)? {
            Plain::Text(text) => self.zone.parse(text)?,
            Plain::Number(seconds) if self.record.is_some() => {
                Stamp::instant(Instant::from_second(seconds)?)
            }
            _ => return None,
        };
        let orderly = self.last.as_ref().is_none_or(|last| last.at.at <= at.at)
            && self.from.is_none_or(|from| from <= at.at)
            && self.until.is_none_or(|until| at.at <= until)
            && self.stopped.is_none();
        orderly.then_some(at)
    }

    fn plain_subject(&self, flat: &Flat<'_>, names: &mut Names) -> Option<Option<Sym>> {
        let mut keys = self.shape.subject.iter();
        let found = keys.find_map(|at| flat.get(Some(*at)).filter(|value| *value != Plain::Null));
        let Some(value) = found else {
            return Some(None);
        };
        let subject = self.plain_name(value, names)?;
        // Where it is named for the first time is kept; of what kind it is, is known only then.
        let known = self.own_events || names.place(subject).is_some();
        known.then_some(Some(subject))
    }

    fn plain_name(&self, value: Plain<'_>, names: &mut Names) -> Option<Sym> {
        match value {
            Plain::Text(text) if !text.is_empty() && !self.is_word(text) => {
                Some(names.intern(text))
            }
            _ => None,
        }
    }

    /// Whether a text is one by which the record says that nothing is there or known.
    fn is_word(&self, text: &str) -> bool {
        self.record.is_some_and(|record| {
            record.empty.as_deref() == Some(text) || record.unknown.iter().any(|word| word == text)
        })
    }

    fn plain_fields(
        &self,
        event: &Event,
        flat: &Flat<'_>,
        names: &mut Names,
    ) -> Option<Vec<Value>> {
        if event.fields.is_empty() && self.record.is_some() {
            return Some(Vec::new());
        }
        let left_out = self.reader(names).left_out();
        let mut values = vec![left_out.clone(); event.fields.len()];
        if event.fields.iter().any(|field| field.spelled.contains('{')) {
            return None;
        }
        for ((key, value), own) in flat.0.iter().zip(&self.shape.own) {
            let mut known = *own;
            for (field, slot) in event.fields.iter().zip(&mut values) {
                if field.spelled != *key {
                    continue;
                }
                known = true;
                *slot = match (&field.ty, *value) {
                    (_, Plain::Null) => left_out.clone(),
                    (_, Plain::Text(text)) if self.is_word(text) => return None,
                    (_, Plain::Number(_)) if self.record.is_some() => return None,
                    (Type::Text | Type::Link, Plain::Text(text)) => Value::Text(text.into()),
                    (Type::Number, Plain::Number(number)) => Value::Number(number),
                    (Type::Flag, Plain::Flag(flag)) => Value::Flag(flag),
                    (Type::Person | Type::Instance(_), Plain::Text(text)) if !text.is_empty() => {
                        Value::Name(names.intern(text))
                    }
                    (Type::Choice(words), Plain::Text(text))
                        if words.iter().any(|word| word == text) =>
                    {
                        Value::Name(names.intern(text))
                    }
                    _ => return None,
                };
            }
            if !known && self.record.is_none() {
                return None;
            }
        }
        Some(values)
    }
}

/// A text with its quotes, as it stands in its line.
fn quoted<'a>(line: &'a str, text: &str) -> Option<&'a str> {
    let at = (text.as_ptr() as usize).checked_sub(line.as_ptr() as usize)?;
    line.get(at.checked_sub(1)?..at + text.len() + 1)
}
