//! The header of a trace: what it is a trace of, when it was observed, and what was so before.

use std::collections::VecDeque;
use std::io::BufRead;

use super::envelope::whole_members;
use super::json::{self, Member, Raw, Scalar, short};
use super::judge::Judge;
use super::records::{HEADER, Records};
use super::typed::{Bad, What, did_you_mean, listed};
use crate::diag::Code;
use crate::ids::{KindId, RoleId};
use crate::ir::Form;
use crate::run::{Given, Input, Names, Sym};
use crate::time::Stamp;

impl Judge<'_> {
    pub(super) fn header(
        &mut self,
        members: &[Member<'_>],
        names: &mut Names,
        bad: &mut Vec<Bad>,
        queue: &mut VecDeque<Input>,
    ) {
        let before = bad.len();
        whole_members(members, bad);
        for member in members {
            let raw = member.value;
            let wrong = |expected: &str| {
                let message = format!(
                    "`{}` must be {expected}, but is {}",
                    member.key,
                    raw.found()
                );
                Bad::new(Code::WrongType, message, raw.span()).key(&member.key)
            };
            match &*member.key {
                "format" if raw.text != "\"govc-trace\"" => {
                    let message = format!("this is no trace: its format is {}", raw.found());
                    bad.push(
                        Bad::new(Code::UnknownFormat, message, raw.span())
                            .key("format")
                            .help("the format of a trace is `govc-trace`"),
                    );
                }
                "version" if raw.text != "1" => {
                    let message = format!(
                        "version {} of the trace format is not known",
                        short(raw.text)
                    );
                    bad.push(
                        Bad::new(Code::UnknownFormat, message, raw.span())
                            .key("version")
                            .note("this program reads version 1"),
                    );
                }
                "format" | "version" | "events" => {}
                "spec" => match raw.read() {
                    Ok(Scalar::Text(_) | Scalar::Null) => {}
                    _ => bad.push(wrong("the path of a spec, as text")),
                },
                "observed" => match raw.read() {
                    Ok(Scalar::Object) => self.observed(raw, names, bad),
                    Ok(Scalar::Null) => {}
                    _ => bad.push(wrong("an object with `from` and `until`")),
                },
                "given" => match raw.read() {
                    Ok(Scalar::List) => match json::list(raw.text, raw.at) {
                        Ok(list) => {
                            for (index, item) in list.into_iter().enumerate() {
                                self.given(item, index, names, bad);
                            }
                        }
                        Err(syntax) => bad.push(syntax.into()),
                    },
                    Ok(Scalar::Null) => {}
                    _ => bad.push(wrong("a list")),
                },
                key if self.record.is_none() => {
                    let end = member.key_at + key.len();
                    let message = format!("the header of a trace has no `{}`", short(key));
                    bad.push(
                        Bad::new(Code::UnknownKey, message, member.key_at..end)
                            .key(key)
                            .note(format!("its keys are {}", listed(&HEADER)))
                            .maybe_help(did_you_mean(key, HEADER)),
                    );
                }
                _ => {}
            }
        }
        if let Some(from) = self.from
            && bad.len() == before
        {
            self.begin(from, queue);
        }
    }

    fn observed(&mut self, raw: Raw<'_>, names: &mut Names, bad: &mut Vec<Bad>) {
        let members = match json::object(raw.text, raw.at) {
            Ok(members) => members,
            Err(syntax) => return bad.push(syntax.into()),
        };
        whole_members(&members, bad);
        for member in &members {
            let key = format!("observed.{}", member.key);
            let what = What::Key(&key);
            match &*member.key {
                "from" | "until" => match self.reader(names).time(member.value, what) {
                    Ok(stamp) if member.key == "from" => self.from = stamp.map(|s| s.at),
                    Ok(stamp) => self.until = stamp.map(|s| s.at),
                    Err(wrong) => bad.push(wrong.key(&key)),
                },
                other => {
                    let end = member.key_at + other.len();
                    let message = format!("`observed` has no `{}`", short(other));
                    bad.push(
                        Bad::new(Code::UnknownKey, message, member.key_at..end)
                            .key(&key)
                            .note("its keys are `from` and `until`")
                            .maybe_help(did_you_mean(other, ["from", "until"])),
                    );
                }
            }
        }
        if let (Some(from), Some(until)) = (self.from, self.until)
            && until < from
        {
            bad.push(
                Bad::new(
                    Code::OutsideObservation,
                    "the observation ends before it begins",
                    raw.span(),
                )
                .key("observed"),
            );
        }
    }

    /// One object of `given`.
    fn given(&mut self, raw: Raw<'_>, index: usize, names: &mut Names, bad: &mut Vec<Bad>) {
        let mut wrong = Vec::new();
        let result = self.given_parts(raw, names, &mut wrong);
        wrong.extend(result.err());
        bad.extend(wrong.into_iter().map(|mut bad| {
            bad.key = Some(match bad.key {
                Some(key) => format!("given[{index}].{key}"),
                None => format!("given[{index}]"),
            });
            bad
        }));
    }

    fn given_parts(
        &mut self,
        raw: Raw<'_>,
        names: &mut Names,
        bad: &mut Vec<Bad>,
    ) -> Result<(), Bad> {
        if !raw.text.starts_with('{') {
            let message = format!(
                "each element of `given` is an object, but this is {}",
                raw.found()
            );
            return Err(Bad::new(Code::WrongType, message, raw.span()));
        }
        let members = json::object(raw.text, raw.at)?;
        whole_members(&members, bad);
        let find = |key: &str| members.iter().find(|m| m.key == key);
        let since = match find("since") {
            Some(member) => self
                .reader(names)
                .time(member.value, What::Key("since"))
                .map_err(|bad| bad.key("since"))?,
            None => None,
        };
        let group = match find("group") {
            Some(member) => self
                .reader(names)
                .name(member.value, What::Key("group"))
                .map_err(|bad| bad.key("group"))?,
            None => None,
        };
        if let Some(kind) = find("kind") {
            return self.given_instance(raw, &members, kind, group, since, names, bad);
        }
        if let Some(role) = find("role") {
            return self.given_holding(raw, &members, role, group, since, names, bad);
        }
        let Some(person) = find("person") else {
            return Err(Bad::new(
                Code::NotAnEvent,
                "this says nothing: it has neither `kind`, `role` nor `person`",
                raw.at..raw.at + 1,
            ));
        };
        let name = self
            .reader(names)
            .name(person.value, What::Key("person"))
            .map_err(|bad| bad.key("person"))?;
        let Some(name) = name else {
            return Ok(());
        };
        let model = self.model;
        for member in members.iter().filter(|m| m.key != "person") {
            let attribute = model
                .attributes
                .iter()
                .position(|f| f.spelled == member.key);
            let Some((index, field)) =
                attribute.and_then(|index| Some((index, model.attributes.get(index)?)))
            else {
                let known: Vec<&str> = model
                    .attributes
                    .iter()
                    .map(|f| f.spelled.as_str())
                    .collect();
                bad.push(unknown_key("a person", member, &known, &["person"]));
                continue;
            };
            let what = What::Key(&member.key);
            match self.reader(names).value(&field.ty, member.value, what) {
                Ok(value) => self.given.push(Given::Attribute {
                    person: name,
                    attribute: number(index),
                    value,
                }),
                Err(wrong) => bad.push(wrong.key(&member.key)),
            }
        }
        Ok(())
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one object, read once"
    )]
    fn given_instance(
        &mut self,
        raw: Raw<'_>,
        members: &[Member<'_>],
        kind: &Member<'_>,
        group: Option<Sym>,
        since: Option<Stamp>,
        names: &mut Names,
        bad: &mut Vec<Bad>,
    ) -> Result<(), Bad> {
        const KEYS: [&str; 5] = ["kind", "group", "state", "since", "in"];
        let model = self.model;
        let word = text_of(kind)?;
        let kinds = model.kinds.iter().skip(1);
        let Some(kind_index) = model.kinds.iter().skip(1).position(|k| k.name == word) else {
            let known: Vec<&str> = kinds.map(|k| k.name.as_str()).collect();
            return Err(unknown_name("kind", kind, &word, &known));
        };
        let kind_id = KindId::new(kind_index + 1);
        let Some(kind) = model.kinds.get(kind_id.index()) else {
            return Ok(());
        };
        let id = match (group, kind.form) {
            (Some(group), _) => group,
            (None, Form::Body) => names.intern(&kind.name),
            (None, _) => {
                let message = format!("this {} has no name", kind.name);
                return Err(Bad::new(Code::WrongSubject, message, raw.at..raw.at + 1)
                    .help("add `\"group\": \"…\"`"));
            }
        };
        let mut state = None;
        let mut parent = None;
        let mut fields = Vec::new();
        for member in members {
            match &*member.key {
                "state" => {
                    let word = text_of(member)?;
                    state = kind.states.iter().position(|s| s.name == word);
                    if state.is_none() {
                        let known: Vec<&str> =
                            kind.states.iter().map(|s| s.name.as_str()).collect();
                        bad.push(unknown_name("state", member, &word, &known));
                    }
                }
                "in" => {
                    parent = self
                        .reader(names)
                        .name(member.value, What::Key("in"))
                        .map_err(|bad| bad.key("in"))?;
                }
                key if KEYS.contains(&key) => {}
                key => match kind.fields.iter().position(|f| f.spelled == key) {
                    Some(index) => {
                        let Some(field) = kind.fields.get(index) else {
                            continue;
                        };
                        let what = What::Key(key);
                        match self.reader(names).value(&field.ty, member.value, what) {
                            Ok(value) => fields.push((number(index), value)),
                            Err(wrong) => bad.push(wrong.key(key)),
                        }
                    }
                    None => {
                        let known: Vec<&str> =
                            kind.fields.iter().map(|f| f.spelled.as_str()).collect();
                        let what = format!("a {}", kind.name);
                        bad.push(unknown_key(&what, member, &known, &KEYS));
                    }
                },
            }
        }
        self.is_of_kind(id, kind_id);
        self.given.push(Given::Instance {
            kind: kind_id,
            id,
            parent,
            state: state.map(number),
            fields,
            since,
        });
        Ok(())
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one object, read once"
    )]
    fn given_holding(
        &mut self,
        raw: Raw<'_>,
        members: &[Member<'_>],
        role: &Member<'_>,
        group: Option<Sym>,
        since: Option<Stamp>,
        names: &mut Names,
        bad: &mut Vec<Bad>,
    ) -> Result<(), Bad> {
        const KEYS: [&str; 4] = ["role", "group", "person", "since"];
        let model = self.model;
        let word = text_of(role)?;
        let kind_name = |id: KindId| model.kinds.get(id.index()).map_or("", |k| &k.name);
        let candidates: Vec<(RoleId, KindId, Form)> = (0..)
            .map(RoleId)
            .zip(&model.roles)
            .filter(|(_, r)| {
                r.name == word
                    || r.spelled.contains(&word)
                    || word
                        .strip_suffix(r.name.as_str())
                        .and_then(|kind| kind.strip_suffix('.'))
                        .is_some_and(|kind| kind == kind_name(r.kind))
            })
            .filter_map(|(id, r)| Some((id, r.kind, model.kinds.get(r.kind.index())?.form)))
            .collect();
        if candidates.is_empty() {
            let mut known: Vec<&str> = Vec::new();
            for word in model
                .roles
                .iter()
                .flat_map(|r| std::iter::once(&r.name).chain(&r.spelled))
            {
                if !known.contains(&word.as_str()) {
                    known.push(word);
                }
            }
            return Err(unknown_name("role", role, &word, &known));
        }
        let (chosen, subject): (Vec<&(RoleId, KindId, Form)>, _) = match group {
            None => (
                candidates
                    .iter()
                    .filter(|c| matches!(c.2, Form::Document | Form::Body))
                    .collect(),
                None,
            ),
            Some(sym) => {
                let text = names.text(sym);
                let body: Vec<_> = candidates
                    .iter()
                    .filter(|c| c.2 == Form::Body && kind_name(c.1) == text)
                    .collect();
                if body.is_empty() {
                    let known = self.kinds_of(sym);
                    let grouped = candidates
                        .iter()
                        .filter(|c| matches!(c.2, Form::Group | Form::Thing))
                        .filter(|c| known.is_empty() || known.contains(&c.1))
                        .collect();
                    (grouped, Some(sym))
                } else {
                    (body, None)
                }
            }
        };
        let [chosen_role] = chosen.as_slice() else {
            let kinds: Vec<&str> = candidates.iter().map(|c| kind_name(c.1)).collect();
            let what = if chosen.is_empty() {
                match group {
                    Some(sym) => format!("`{}` has no role `{word}`", short(names.text(sym))),
                    None => format!("`{word}` is held in a group, and none is named"),
                }
            } else {
                format!("`{word}` may be a role of {}", kinds.join(" or "))
            };
            return Err(Bad::new(Code::WrongSubject, what, role.value.span())
                .key("role")
                .help("name the group, and list it as `kind` before its roles"));
        };
        let &&(role_id, kind, _) = chosen_role;
        let Some(person) = members.iter().find(|m| m.key == "person") else {
            let message = format!("nobody is named who holds `{word}`");
            return Err(Bad::new(Code::NotAnEvent, message, raw.at..raw.at + 1)
                .help("add `\"person\": \"…\"`"));
        };
        let holders = self
            .reader(names)
            .people(person.value, What::Key("person"))
            .map_err(|bad| bad.key("person"))?;
        for member in members {
            if !KEYS.contains(&&*member.key) {
                bad.push(unknown_key("a holding", member, &[], &KEYS));
            }
        }
        if let Some(subject) = subject {
            self.is_of_kind(subject, kind);
        }
        for holder in holders {
            self.given.push(Given::Holding {
                role: role_id.0,
                subject,
                holder,
                since,
            });
        }
        Ok(())
    }
}

fn text_of(member: &Member<'_>) -> Result<String, Bad> {
    match member.value.read()? {
        Scalar::Text(text) => Ok(text.into_owned()),
        _ => {
            let message = format!(
                "`{}` must be a text, but is {}",
                member.key,
                member.value.found()
            );
            Err(Bad::new(Code::WrongType, message, member.value.span()).key(&member.key))
        }
    }
}

fn unknown_name(what: &str, member: &Member<'_>, word: &str, known: &[&str]) -> Bad {
    let message = format!("the spec has no {what} `{}`", short(word));
    let bad = Bad::new(Code::UnknownWord, message, member.value.span()).key(&member.key);
    let bad = match known {
        [] => bad,
        _ => bad.note(format!("it has {}", listed(known))),
    };
    bad.maybe_help(did_you_mean(word, known.iter().copied()))
}

fn unknown_key(what: &str, member: &Member<'_>, known: &[&str], keys: &[&str]) -> Bad {
    let end = member.key_at + member.key.len();
    let all: Vec<&str> = keys.iter().chain(known).copied().collect();
    let message = format!("{what} has no `{}`", short(&member.key));
    Bad::new(Code::UnknownKey, message, member.key_at..end)
        .key(&member.key)
        .note(format!("its keys are {}", listed(&all)))
        .maybe_help(did_you_mean(&member.key, all.iter().copied()))
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

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
