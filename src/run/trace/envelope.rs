//! The keys that every event may have, and the members of an object by their keys.

use super::json::{self, Member, Raw, short};
use super::typed::Bad;
use crate::diag::Code;
use crate::ir::Record;

/// The keys that every event may have, as this trace spells them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Envelope<'m> {
    pub time: &'m str,
    pub event: &'m str,
    pub group: Option<&'m str>,
    /// Further fields with the subject: of an event that has none before, the first that it has.
    pub groups: &'m [String],
    pub by: Option<&'m str>,
    pub change: Option<&'m str>,
    pub opening: Option<&'m str>,
}

impl<'m> Envelope<'m> {
    pub const NATIVE: Envelope<'static> = Envelope {
        time: "time",
        event: "event",
        group: Some("group"),
        groups: &[],
        by: Some("by"),
        change: Some("change"),
        opening: Some("opening"),
    };

    pub fn of(record: &'m Record) -> Envelope<'m> {
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

    pub fn keys(self) -> impl Iterator<Item = &'m str> {
        let named = [self.group, self.by, self.change, self.opening];
        [self.time, self.event]
            .into_iter()
            .chain(named.into_iter().flatten())
            .chain(self.groups.iter().map(String::as_str))
    }

    /// The field with the subject of an event.
    pub fn subject<'a, 'b>(self, members: &'a [Member<'b>]) -> Option<(&'m str, Raw<'b>)> {
        let keys = self.group.into_iter();
        let mut keys = keys.chain(self.groups.iter().map(String::as_str));
        keys.find_map(|key| {
            let member = members.iter().find(|m| m.key == key)?;
            (member.value.text != "null").then_some((key, member.value))
        })
    }
}

/// The member of this key.
pub(super) fn own<'a, 'b>(key: Option<&str>, members: &'a [Member<'b>]) -> Option<&'a Member<'b>> {
    let key = key?;
    members.iter().find(|m| m.key == key)
}

/// What is wrong with an object, whatever it says: repeated keys, nesting.
pub(super) fn whole_members(members: &[Member<'_>], bad: &mut Vec<Bad>) {
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
