//! Which event of the spec a native trace means by a name, and in which group it happens.

use super::json::{Raw, short};
use super::judge::Judge;
use super::typed::{Bad, did_you_mean, listed};
use crate::diag::Code;
use crate::ids::{EventId, KindId};
use crate::ir::{Event, EventSource, Form, Model};
use crate::run::{Names, Sym};
use smallvec::SmallVec;

impl Judge<'_> {
    /// Which event of the spec a native name means, and its subject: the kind of the group decides
    /// where several kinds have an event of that name.
    pub(super) fn resolve(
        &mut self,
        name: &str,
        raw: Raw<'_>,
        subject: Option<(Sym, Raw<'_>)>,
        names: &Names,
    ) -> Result<(EventId, Option<Sym>), Bad> {
        let model = self.model;
        let group_key = self.envelope.group.unwrap_or("group");
        let bad =
            |code, message: String| Bad::new(code, message, raw.span()).key(self.envelope.event);
        let Some(ids) = self.events.get(name) else {
            return Err(self.unknown_event(name, raw, subject));
        };
        let candidates = ids.iter().filter_map(|&id| {
            let event = model.events.get(id.index())?;
            let kind = model.kinds.get(event.kind.index())?;
            Some((id, event, event.kind, kind.form))
        });
        let said: SmallVec<[(EventId, &Event, KindId, Form); 4]> = candidates
            .filter(|(_, event, _, _)| !is_computed(event.source))
            .collect();
        if said.is_empty() {
            return Err(computed(name, raw).key(self.envelope.event));
        }
        let kind_name = |id: KindId| model.kinds.get(id.index()).map_or("", |k| &k.name);
        let Some((sym, subject_raw)) = subject else {
            let alone: SmallVec<[_; 4]> = said
                .iter()
                .filter(|(_, _, _, form)| matches!(form, Form::Document | Form::Body))
                .collect();
            return match alone.as_slice() {
                [(id, ..)] => Ok((*id, None)),
                [] => {
                    let kinds: Vec<&str> = said.iter().map(|c| kind_name(c.2)).collect();
                    Err(bad(
                        Code::WrongSubject,
                        format!(
                            "`{}` happens in a {}, and none is named",
                            short(name),
                            kinds.join(" or a ")
                        ),
                    )
                    .help(format!("add `\"{group_key}\": \"…\"`")))
                }
                several => {
                    let words: Vec<String> = several
                        .iter()
                        .map(|c| format!("{}.{}", kind_name(c.2), c.1.name))
                        .collect();
                    Err(bad(
                        Code::WrongSubject,
                        format!("`{}` may be one of several events", short(name)),
                    )
                    .help(format!("write {}", listed(&words))))
                }
            };
        };
        let text = names.text(sym);
        if let Some((id, ..)) = said
            .iter()
            .find(|c| c.3 == Form::Body && kind_name(c.2) == text)
        {
            return Ok((*id, None));
        }
        let grouped: SmallVec<[_; 4]> = said
            .iter()
            .filter(|c| matches!(c.3, Form::Group | Form::Thing))
            .collect();
        if grouped.is_empty() {
            let place = match said.first() {
                Some(c) if c.3 == Form::Body => format!("the {}", kind_name(c.2)),
                _ => "the whole document".to_owned(),
            };
            return Err(Bad::new(
                Code::WrongSubject,
                format!(
                    "`{}` is an event of {place}, not of `{}`",
                    short(name),
                    short(text)
                ),
                subject_raw.span(),
            )
            .key(group_key)
            .help(format!("leave `{group_key}` out")));
        }
        let known = self.kinds_of(sym);
        let chosen = known
            .iter()
            .rev()
            .find_map(|kind| grouped.iter().find(|c| c.2 == *kind));
        let chosen = match (chosen, grouped.as_slice()) {
            (Some(chosen), _) => chosen,
            (None, [one])
                if known.is_empty() || matches!(one.1.source, EventSource::KindAdded(_)) =>
            {
                one
            }
            (None, several) if known.is_empty() => {
                let words: Vec<String> = several
                    .iter()
                    .map(|c| format!("{}.{}", kind_name(c.2), c.1.name))
                    .collect();
                let kinds: Vec<&str> = several.iter().map(|c| kind_name(c.2)).collect();
                return Err(Bad::new(
                    Code::WrongSubject,
                    format!(
                        "`{}` is not known yet, and may be a {}",
                        short(text),
                        kinds.join(" or a ")
                    ),
                    subject_raw.span(),
                )
                .key(group_key)
                .help(format!(
                    "write {}, or say first which it is",
                    listed(&words)
                )));
            }
            (None, several) => {
                let kinds: Vec<&str> = several.iter().map(|c| kind_name(c.2)).collect();
                let is = known.last().map_or("", |k| kind_name(*k));
                return Err(Bad::new(
                    Code::WrongSubject,
                    format!(
                        "`{}` is a {is}, but `{}` is an event of {}",
                        short(text),
                        short(name),
                        kinds.join(" and ")
                    ),
                    subject_raw.span(),
                )
                .key(group_key));
            }
        };
        let (id, kind) = (chosen.0, chosen.2);
        self.is_of_kind(sym, kind);
        Ok((id, Some(sym)))
    }

    pub(super) fn is_of_kind(&mut self, sym: Sym, kind: KindId) {
        if self.kinds_of(sym).last() == Some(&kind) {
            return;
        }
        let index = sym.0 as usize;
        if index >= self.kinds.len() {
            self.kinds.resize(index + 1, SmallVec::new());
        }
        if index >= self.last_kinds.len() {
            self.last_kinds.resize(index + 1, None);
        }
        if let Some(last) = self.last_kinds.get_mut(index) {
            *last = Some(kind);
        }
        if let Some(kinds) = self.kinds.get_mut(index) {
            kinds.retain(|k| *k != kind);
            kinds.push(kind);
        }
    }

    /// The kinds that an instance of this name has been of, the latest last.
    pub(super) fn kinds_of(&self, sym: Sym) -> &[KindId] {
        self.kinds
            .get(sym.0 as usize)
            .map_or(&[], SmallVec::as_slice)
    }

    pub(super) fn unknown_event(
        &self,
        name: &str,
        raw: Raw<'_>,
        subject: Option<(Sym, Raw<'_>)>,
    ) -> Bad {
        // The events of a clause are in the table only where a rule listens to them.
        let clause = [".missed", ".met", ".broken", ".mended"]
            .iter()
            .find_map(|end| name.strip_suffix(end));
        let is_clause = |of: &&str| {
            let mut names = self.model.clauses.iter().map(|c| c.name.as_str());
            names.any(|n| n == *of || n.ends_with(&format!(".{of}")))
        };
        if clause.is_some_and(|of| is_clause(&of)) {
            return computed(name, raw).key(self.envelope.event);
        }
        let known = subject.and_then(|(sym, _)| self.kinds_of(sym).last());
        let of_kind: Vec<&str> = self
            .model
            .events
            .iter()
            .filter(|event| known.is_none_or(|kind| event.kind == *kind))
            .filter(|event| !is_computed(event.source))
            .map(|event| event.name.as_str())
            .collect();
        let mut all: Vec<&str> = self.events.keys().map(String::as_str).collect();
        all.sort_unstable();
        let near = did_you_mean(name, of_kind.iter().copied())
            .or_else(|| did_you_mean(name, all.iter().copied()));
        let message = format!("the spec has no event `{}`", short(name));
        let mut bad = Bad::new(Code::UnknownEvent, message, raw.span())
            .key(self.envelope.event)
            .maybe_help(near);
        if bad.help.is_none() && !of_kind.is_empty() {
            let mut words = of_kind;
            words.dedup();
            bad = bad.note(format!("its events are {}", listed(&words)));
        }
        bad
    }
}

/// All the words by which a trace may name an event.
pub(super) fn spellings(model: &Model, event: &Event) -> Vec<String> {
    if event.source == EventSource::Record {
        return vec![event.spelled.clone()];
    }
    let mut words = vec![event.name.clone()];
    let (role, tail) = match event.source {
        EventSource::RoleAdded(role) => (model.roles.get(role.index()), "added"),
        EventSource::RoleRemoved(role) => (model.roles.get(role.index()), "removed"),
        _ => (None, ""),
    };
    words.extend(
        role.into_iter()
            .flat_map(|role| &role.spelled)
            .map(|s| format!("{s}.{tail}")),
    );
    words.push(event.spelled.clone());
    if event.kind != KindId::DOCUMENT
        && let Some(kind) = model.kinds.get(event.kind.index())
    {
        let full: Vec<String> = words.iter().map(|w| format!("{}.{w}", kind.name)).collect();
        words.extend(full);
    }
    words
}

fn computed(name: &str, raw: Raw<'_>) -> Bad {
    let name = short(name);
    let message = format!("`{name}` is what a run finds out; a trace cannot say so");
    Bad::new(Code::ComputedEvent, message, raw.span())
        .help("leave it out: it follows from the other events")
}

/// Whether a run says this event, and not a trace.
pub(super) fn is_computed(source: EventSource) -> bool {
    matches!(
        source,
        EventSource::Closed(_)
            | EventSource::Missed(_)
            | EventSource::Met(_)
            | EventSource::Broken(_)
            | EventSource::Mended(_)
    )
}
