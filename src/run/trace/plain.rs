//! The short way to read a record: one with nothing unusual about it.
//!
//! Most records are flat objects of plain texts and numbers, written like one before, about a
//! subject already known, in the order of time. What can be found out once of all that are written
//! alike is kept with their [`Shape`], and [`Plan`] by the name of the event; the rest is one pass.
//! As soon as anything is out of the ordinary the short way gives up, having changed nothing that
//! shows, and [`Judge::record`] reads the record from its beginning: that is the meaning, and its
//! messages are the only ones. A property test holds both to the same result.

use foldhash::{HashMap, HashMapExt};
use smallvec::{SmallVec, smallvec};

use super::json::Member;
use super::judge::Judge;
use super::order::Last;
use super::resolve::is_computed;
use super::scan::{Fit, Frame, Plain, Values};
use crate::ids::{EventId, KindId};
use crate::ir::{Form, Record, Type};
use crate::run::{Input, Names, Occurrence, Sym, Syms, Value};
use crate::time::{Instant, Stamp};

/// Records that are written alike: the same keys in the same order, and the same space between.
#[derive(Debug)]
pub(super) struct Shape {
    frame: Frame,
    keys: Vec<String>,
    time: usize,
    event: usize,
    by: Option<usize>,
    /// The fields with the subject, the first that counts first.
    subject: SmallVec<[usize; 2]>,
    /// By the name of the event: what such a record says, where that is plain.
    plans: HashMap<Box<[u8]>, Plan>,
}

/// What the values of a record say that has this shape and tells of this event.
#[derive(Debug)]
struct Plan {
    /// Its name, as the record writes it.
    name: String,
    event: EventId,
    /// The kind of its subject, where the spec's own events are told.
    kind: Option<KindId>,
    change: Option<usize>,
    opening: Option<usize>,
    /// How many fields the event has.
    width: usize,
    /// The values that are fields of it, in order, and which: where in the record, and in the event.
    fields: SmallVec<[(usize, usize); 4]>,
}

impl Judge<'_> {
    /// So many shapes are kept.
    const SHAPES: usize = 16;

    /// What happened by the record with which `text` begins, read the short way, if it is written like
    /// one before. Where nothing is returned, nothing has been done, and it must go the long way.
    pub(super) fn plain(&mut self, text: &[u8], names: &mut Names) -> (Fit, Option<Input>) {
        if self.options.long_way {
            return (Fit::Odd, None);
        }
        let mut values = Values::new();
        let fit = self.fit(text, &mut values);
        if matches!(fit, Fit::Yes(_)) {
            return (fit, self.occurrence(text, &values, names));
        }
        (fit, None)
    }

    /// Whether a record is written like one before. If so, that shape is now the first, and its values
    /// go to `values`.
    fn fit<'a>(&mut self, text: &'a [u8], values: &mut Values<'a>) -> Fit {
        for (index, shape) in self.shapes.iter().enumerate() {
            let fit = shape.frame.read(text, values);
            if fit != Fit::No {
                if index > 0 {
                    // The next record is most likely written like this one.
                    self.shapes.swap(0, index);
                }
                return fit;
            }
            values.clear();
        }
        Fit::No
    }

    /// Keeps how a record is written that has these members, so that others like it can be read the
    /// short way. Its `text` begins at the byte `base` and goes on to the end of the line; no key
    /// stands twice in it.
    pub(super) fn learn(&mut self, text: &str, base: usize, members: &[Member<'_>]) {
        let find = |key: &str| members.iter().position(|m| m.key == key);
        let envelope = &self.envelope;
        let groups = envelope.groups.iter().map(String::as_str);
        let subject = envelope.group.into_iter().chain(groups);
        let (Some(time), Some(event)) = (find(envelope.time), find(envelope.event)) else {
            return;
        };
        let Some(frame) = Frame::of(text, base, members) else {
            return;
        };
        let shape = Shape {
            frame,
            keys: members.iter().map(|m| m.key.to_string()).collect(),
            time,
            event,
            by: envelope.by.and_then(find),
            subject: subject.filter_map(find).collect(),
            plans: HashMap::new(),
        };
        self.shapes.truncate(Self::SHAPES - 1);
        self.shapes.push(shape);
    }

    /// What happened by a record in `text` which has the first shape and these values.
    fn occurrence(&mut self, text: &[u8], values: &Values<'_>, names: &mut Names) -> Option<Input> {
        // The first record begins the observation, which is more than to occur.
        self.begun?;
        let value = |at: usize| values.get(at).copied();
        let present = |at: usize| value(at).filter(|value| *value != Plain::Null);
        let shape = self.shapes.first()?;
        let Plain::Text(name) = value(shape.event)? else {
            return None;
        };
        let Some(plan) = shape.plans.get(name) else {
            // This one goes the long way, and those after it have the plan.
            let plan = self.plan(&shape.keys, str::from_utf8(name).ok()?)?;
            let plans = &mut self.shapes.first_mut()?.plans;
            plans.insert(name.into(), plan);
            return None;
        };
        let at = self.plain_time(value(shape.time)?)?;
        let mut subjects = shape.subject.iter();
        let subject = subjects.find_map(|&at| present(at));
        let subject = self.plain_subject(subject, names)?;
        if let Some(kind) = plan.kind
            && self.last_kinds.get(subject?.0 as usize) != Some(&Some(kind))
        {
            return None;
        }
        let fields = match plan.width {
            0 => Vec::new(),
            _ => self.plain_fields(plan, values, names)?,
        };
        let actors = match shape.by.and_then(present) {
            None => Syms::new(),
            Some(value) => smallvec![self.plain_name(value, names)?],
        };
        let opening = match plan.opening.and_then(present) {
            None => false,
            Some(Plain::Flag(opening)) => opening,
            Some(_) => return None,
        };
        let written = match plan.change.and_then(present) {
            None => "",
            Some(Plain::Text(change)) => quoted(text, change)?,
            Some(_) => return None,
        };
        // From here on nothing can be out of the ordinary.
        let event = plan.event;
        self.position = self.position.saturating_add(1);
        match &mut self.last {
            Some(last) => last.set(at, self.position, &plan.name),
            None => self.last = Some(Last::new(at, self.position, &plan.name)),
        }
        let change = self.change_of(written, at.at);
        Some(Input::Occur(Occurrence {
            at,
            event,
            subject,
            actors,
            fields,
            position: self.position,
            change,
            opening,
        }))
    }

    /// What records say that have these keys and tell of the event of this name, if they are plain.
    fn plan(&self, keys: &[String], name: &str) -> Option<Plan> {
        let begins_or_ends = |record: &Record| {
            let turns = [record.start.as_deref(), record.stop.as_deref()];
            turns.contains(&Some(name))
        };
        if self.record.is_some_and(begins_or_ends) {
            return None;
        }
        let (event, kind) = self.only_one(name)?;
        let spelled = &self.model.events.get(event.index())?.fields;
        if spelled.iter().any(|field| field.spelled.contains('{')) {
            return None;
        }
        let mut fields = SmallVec::new();
        for (at, key) in keys.iter().enumerate() {
            let those = spelled.iter().enumerate();
            let those = those.filter(|(_, field)| field.spelled == *key);
            let before = fields.len();
            fields.extend(those.map(|(index, _)| (at, index)));
            let known = fields.len() > before || self.envelope.keys().any(|own| own == key);
            if !known && self.record.is_none() {
                return None;
            }
        }
        let own = |key: Option<&str>| {
            let at = keys.iter().position(|k| Some(&**k) == key)?;
            let is_field = fields.iter().any(|&(field, _)| field == at);
            (self.record.is_some() || !is_field).then_some(at)
        };
        Some(Plan {
            name: name.to_owned(),
            event,
            kind,
            change: own(self.envelope.change),
            opening: own(self.envelope.opening),
            width: spelled.len(),
            fields,
        })
    }

    /// The event of this name, where there is nothing to choose, and the kind that its subject must
    /// be of, if it is one of the spec's own.
    fn only_one(&self, name: &str) -> Option<(EventId, Option<KindId>)> {
        let ids = self.events.get(name)?;
        if !self.own_events {
            return Some((*ids.first()?, None));
        }
        let mut said = ids.iter().filter_map(|&id| {
            let event = self.model.events.get(id.index())?;
            (!is_computed(event.source)).then_some((id, event.kind))
        });
        let (event, kind) = said.next()?;
        let form = self.model.kinds.get(kind.index())?.form;
        let alone = said.next().is_none() && matches!(form, Form::Group | Form::Thing);
        alone.then_some((event, Some(kind)))
    }

    /// When it happened, if that fits what is known of the observation.
    fn plain_time(&self, value: Plain<'_>) -> Option<Stamp> {
        let at = match value {
            Plain::Text(text) => self.zone.parse(str::from_utf8(text).ok()?)?,
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

    /// The subject that the record names, which may be none.
    #[inline]
    fn plain_subject(&self, value: Option<Plain<'_>>, names: &mut Names) -> Option<Option<Sym>> {
        let Some(value) = value else {
            return Some(None);
        };
        let subject = self.plain_name(value, names)?;
        // Where it is named for the first time is kept; of what kind it is, is known only then.
        let known = self.own_events || names.is_placed(subject);
        known.then_some(Some(subject))
    }

    #[inline]
    fn plain_name(&self, value: Plain<'_>, names: &mut Names) -> Option<Sym> {
        match value {
            Plain::Text(text) if !text.is_empty() && !self.is_word(text) => {
                names.intern_bytes(text)
            }
            _ => None,
        }
    }

    /// Whether a text is one by which the record says that nothing is there or known.
    #[inline]
    fn is_word(&self, text: &[u8]) -> bool {
        self.record.is_some_and(|record| {
            let is = |word: &String| word.as_bytes() == text;
            record.empty.as_ref().is_some_and(is) || record.unknown.iter().any(is)
        })
    }

    /// The fields of an event that has some.
    fn plain_fields(
        &self,
        plan: &Plan,
        values: &Values<'_>,
        names: &mut Names,
    ) -> Option<Vec<Value>> {
        let left_out = self.reader(names).left_out();
        let types = &self.model.events.get(plan.event.index())?.fields;
        let mut fields = vec![left_out; plan.width];
        for &(at, index) in &plan.fields {
            let value = match (&types.get(index)?.ty, *values.get(at)?) {
                (_, Plain::Null) => continue,
                (_, Plain::Text(text)) if self.is_word(text) => return None,
                (_, Plain::Number(_)) if self.record.is_some() => return None,
                (Type::Text | Type::Link, Plain::Text(text)) => {
                    Value::Text(str::from_utf8(text).ok()?.into())
                }
                (Type::Number, Plain::Number(number)) => Value::Number(number),
                (Type::Flag, Plain::Flag(flag)) => Value::Flag(flag),
                (Type::Person | Type::Instance(_), Plain::Text(text)) if !text.is_empty() => {
                    Value::Name(names.intern_bytes(text)?)
                }
                (Type::Choice(words), Plain::Text(text))
                    if words.iter().any(|word| word.as_bytes() == text) =>
                {
                    Value::Name(names.intern_bytes(text)?)
                }
                _ => return None,
            };
            *fields.get_mut(index)? = value;
        }
        Some(fields)
    }
}

/// A text with its quotes, as it stands in its line.
fn quoted<'a>(line: &'a [u8], text: &[u8]) -> Option<&'a str> {
    let at = (text.as_ptr() as usize).checked_sub(line.as_ptr() as usize)?;
    let quoted = line.get(at.checked_sub(1)?..at + text.len() + 1)?;
    str::from_utf8(quoted).ok()
}
