//! Decisions and the events that come with them.

use super::Builder;
use crate::hir::error::ResolveError;
use crate::hir::{Decision, Entity, Event, Field, Outcome};
use crate::ids::*;
use crate::ir::{Ballot, EventSource, Fixed, Type};
use crate::source::Span;
use crate::syntax::ast::{Clause as Node, Head, Name};

impl Builder<'_> {
    pub(super) fn add_decision(&mut self, kind: KindId, clause: &Node) {
        let Head::Decision {
            name,
            params,
            fixed,
            ..
        } = &clause.head
        else {
            return;
        };
        let id = DecisionId::new(self.spec.decisions.len());
        if !self.declare(kind, name, Entity::Decision(id)) {
            return;
        }
        let fixed = match fixed.as_ref().map(|f| (f, f.text.as_str())) {
            None | Some((_, "open")) => Fixed::Open,
            Some((_, "close")) => Fixed::Close,
            Some((_, "all-times")) => Fixed::AllTimes,
            Some((word, _)) => {
                self.complain(ResolveError::unknown(
                    "moment",
                    word,
                    ["open", "close", "all-times"],
                    "(an electorate is fixed at `open`, `close` or `all-times`)",
                ));
                Fixed::Open
            }
        };
        let params = self.params(kind, params, false);
        let body: &[Node] = clause.body.as_ref().map_or(&[], |b| &b.clauses);
        let mut options: Vec<Name> = Vec::new();
        for inner in body {
            if let Head::Options(list) = &inner.head {
                options.extend(list.iter().map(|(name, _)| name.clone()));
            }
        }
        let add = |builder: &mut Self, what: &str, source, extra: Option<Field>| {
            let event = EventId::new(builder.spec.events.len());
            let mut fields = params.clone();
            fields.extend(extra);
            builder.spec.events.push(Event {
                name: format!("{}.{what}", name.text),
                spelled: format!("{}.{what}", name.text),
                span: name.span,
                kind,
                fields,
                source,
            });
            event
        };
        let opened = add(self, "opened", EventSource::Opened(id), None);
        add(self, "closed", EventSource::Closed(id), None);
        add(self, "withdrawn", EventSource::Withdrawn(id), None);
        let ballots = [
            ("yes", Ballot::Yes),
            ("against", Ballot::Against),
            ("abstain", Ballot::Abstain),
            ("recused", Ballot::Recused),
        ];
        for (what, ballot) in ballots {
            add(self, what, EventSource::Ballot(id, ballot), None);
        }
        let mut words: Vec<String> = options.iter().map(|o| o.text.clone()).collect();
        let more = ["yes", "against", "abstain", "recused"];
        words.extend(more.iter().map(|w| (*w).to_owned()));
        let choice = Field {
            name: "choice".to_owned(),
            span: name.span,
            spelled: "choice".to_owned(),
            ty: Type::Choice(words),
            default: None,
            stores: None,
        };
        let named = EventSource::Ballot(id, Ballot::Named);
        add(self, "voted", named, Some(choice));
        let is_options = !options.is_empty();
        let mut names: Vec<(String, Span)> = if is_options {
            options.iter().map(|o| (o.text.clone(), o.span)).collect()
        } else {
            vec![
                ("passed".to_owned(), name.span),
                ("failed".to_owned(), name.span),
            ]
        };
        names.push(("no-quorum".to_owned(), name.span));
        let mut outcomes = Vec::new();
        for (index, (what, span)) in names.into_iter().enumerate() {
            let number = u32::try_from(index).unwrap_or(u32::MAX);
            let event = add(self, &what, EventSource::Outcome(id, number), None);
            outcomes.push(Outcome {
                name: what,
                span,
                event,
                target: None,
            });
        }
        self.spec.decisions.push(Decision {
            name: name.text.clone(),
            span: name.span,
            clause: ClauseId(0),
            kind,
            params: u32::try_from(params.len()).unwrap_or(0),
            electorate: None,
            electorate_role: None,
            fixed,
            outcomes,
            options: is_options,
            quorum: None,
            passes: None,
            early: false,
            after: None,
            on: None,
            soft: false,
            closes: false,
            fails: false,
            tie: None,
            opened,
        });
    }
}
