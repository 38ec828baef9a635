//! What a record says of its event beside the name, the group and the time.

use super::envelope::own;
use super::json::{Member, Raw, short};
use super::judge::{Judge, soft};
use super::typed::{self, Bad, What, did_you_mean, listed};
use crate::diag::Code;
use crate::ir::Event;
use crate::run::{Names, Syms, Value};
use crate::time::Instant;

impl Judge<'_> {
    /// The fields of an event, one for each that it has. In a mapped record a value of another type is
    /// read as empty, with a note.
    pub(super) fn fields(
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
    pub(super) fn fields_only(
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

    /// Who did it.
    pub(super) fn actors(
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

    /// Whether the record only states what was already so.
    pub(super) fn opening(
        &mut self,
        event: &Event,
        members: &[Member<'_>],
        bad: &mut Vec<Bad>,
    ) -> bool {
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

    /// The number of the change that a record belongs to: contiguous records of one change
    /// and time; those that name none are one by their time.
    pub(super) fn change(
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
    #[inline]
    pub(super) fn change_of(&mut self, written: &str, at: Instant) -> u64 {
        let (last, last_at) = &mut self.last_change;
        if *last_at != Some(at) || last != written {
            *last_at = Some(at);
            last.clear();
            last.push_str(written);
            self.change += 1;
        }
        self.change
    }
}
