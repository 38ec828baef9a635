//! The events that come with something, and the logs that keep what has happened.

use super::Meaning;
use crate::hir::collect::{Builder, ClauseEvent};
use crate::ids::*;
use crate::ir::{Arm, EventSource, Keep, Log, Place};
use crate::source::Span;

impl Builder<'_> {
    pub(super) fn kind_added(&mut self, kind: KindId) -> EventId {
        self.spec.kinds[kind.index()].added.unwrap_or(EventId(0))
    }

    /// The event of a clause, made when it is first asked for.
    pub(super) fn clause_event(
        &mut self,
        kind: KindId,
        clause: &str,
        which: &'static str,
    ) -> EventId {
        let key = (kind, clause.to_owned());
        let known = self
            .clause_events
            .iter()
            .find(|e| e.clause == key && e.which == which);
        if let Some(known) = known {
            return known.event;
        }
        let event = EventId::new(self.spec.events.len());
        let span = self
            .named
            .iter()
            .find(|(k, n)| *k == kind && n.text == clause)
            .map_or(Span::default(), |(_, n)| n.span);
        let source = match which {
            "missed" => EventSource::Missed(ClauseId(0)),
            "met" => EventSource::Met(ClauseId(0)),
            "broken" => EventSource::Broken(ClauseId(0)),
            _ => EventSource::Mended(ClauseId(0)),
        };
        self.spec.events.push(crate::hir::Event {
            name: format!("{clause}.{which}"),
            spelled: format!("{clause}.{which}"),
            span,
            kind,
            fields: Vec::new(),
            source,
        });
        self.clause_events.push(ClauseEvent {
            clause: key,
            which,
            event,
        });
        event
    }

    /// The log that keeps these occurrences, new or known; a known one keeps what is needed too.
    pub fn log(&mut self, kind: KindId, arms: Vec<Arm>, keep: Keep) -> LogId {
        let logs = &mut self.spec.logs;
        if let Some(at) = logs.iter().position(|l| l.kind == kind && l.arms == arms) {
            let known = &mut logs[at].keep;
            known.instants |= keep.instants;
            known.people |= keep.people;
            known.fields |= keep.fields;
            known.every |= keep.every;
            return LogId::new(at);
        }
        logs.push(Log { kind, arms, keep });
        LogId::new(logs.len() - 1)
    }
}

pub(super) fn events(event: EventId, place: Place) -> Meaning {
    Meaning::Events {
        arms: vec![Arm {
            event,
            filter: None,
        }],
        place,
    }
}
