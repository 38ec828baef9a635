//! The mapping of a record: which fields hold what, and what each recorded event means.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::*;
use crate::ir::{Arm, Modality, Scope, Trigger, Type};
use crate::source::Span;
use crate::syntax::ast::{self, Clause as Node, Head, Path};

use super::collect::{Block, Builder};
use super::error::ResolveError;
use super::names::{Ctx, Meaning};
use super::rules::{Outer, slug};
use super::{Entity, Rule, Said};

/// What a `read` may read.
const READS: [&str; 10] = [
    "time", "name", "subject", "actor", "change", "opening", "start", "stop", "empty", "unknown",
];

impl Builder<'_> {
    /// Resolves the block of a `trace`.
    pub fn trace(&mut self, node: &Node, outer: &Outer, section: &Option<String>) {
        let body: &[Node] = node.body.as_ref().map_or(&[], |b| &b.clauses);
        // What a misspelt `read` was meant for is not missing too.
        let mut mistaken: Vec<&str> = Vec::new();
        let mut shared = Vec::new();
        for clause in body {
            match &clause.head {
                Head::Read(name, from, span) => {
                    if !READS.contains(&name.text.as_str()) {
                        mistaken.extend(crate::diag::suggest::nearest(&name.text, READS));
                        self.complain(ResolveError::unknown(
                            "part of a record",
                            name,
                            READS,
                            format!("(there are {})", READS.join(", ")),
                        ));
                        continue;
                    }
                    if span.is_some() {
                        self.complain(ResolveError::Conflict {
                            what: "what a record says at a moment does not last".to_owned(),
                            span: clause.head_span,
                            label: "has a `for`",
                            help: "leave `for …` out; it is for the columns of a calendar"
                                .to_owned(),
                        });
                    }
                    // Several texts may say that a value is not known.
                    let known = self.spec.record.as_mut().and_then(|r| {
                        let read = (from.value.clone(), name.span);
                        if name.text == "subject" {
                            let same = r.subjects.iter().find(|s| s.0 == read.0).cloned();
                            r.subjects.push(read);
                            return same;
                        }
                        if name.text == "unknown" && !r.unknown.contains(&from.value) {
                            r.unknown.push(from.value.clone());
                            return None;
                        }
                        r.reads.insert(name.text.clone(), read)
                    });
                    if let Some((_, first)) = known {
                        self.complain(ResolveError::Twice {
                            name: name.text.clone(),
                            span: name.span,
                            first,
                            help: "leave one of them out".to_owned(),
                        });
                    }
                }
                Head::On { .. } => {
                    let before = self.spec.rules.len();
                    self.recorded(clause, outer, section);
                    shared.extend(self.shared_kinds(before).map(|k| (k, clause.head_span)));
                }
                Head::Event(_) | Head::Note(_) | Head::Error => {}
                _ => {
                    let words = self.words(clause.head_span);
                    self.complain(ResolveError::Misplaced {
                        word: words.split_whitespace().next().unwrap_or("").to_owned(),
                        span: clause.head_span,
                        belongs: "outside: in a trace stand `read`, `event` and `on`".to_owned(),
                    });
                }
            }
        }
        self.refuse_unsaid_kinds(&shared);
        let reads = self.spec.record.as_ref().map(|r| r.reads.clone());
        for needed in ["time", "name"] {
            let lacks = reads.as_ref().is_some_and(|r| !r.contains_key(needed));
            if lacks && !mistaken.contains(&needed) {
                self.complain(ResolveError::Missing {
                    what: format!("the field of the record that holds the {needed}"),
                    span: node.head_span,
                    help: format!("write `read {needed} from \"…\"`"),
                });
            }
        }
    }

    fn recorded(&mut self, node: &Node, outer: &Outer, section: &Option<String>) {
        let Head::On {
            trigger, target, ..
        } = &node.head
        else {
            return;
        };
        let derived = format!("record.on-{}", slug(&self.words(trigger.span())));
        let block = Block::Trace;
        let body: &[Node] = node.body.as_ref().map_or(&[], |b| &b.clauses);
        let mut derived = derived;
        // Several reactions to one event are told apart by what they lead to.
        if self.spec.clauses.iter().any(|c| c.name == derived) {
            let more = slug(&self.words(node.span));
            derived = format!("record.{more}");
        }
        let Some(id) = self.clause(node, &block, outer, section, &derived, Modality::None) else {
            return;
        };
        let ctx = Ctx {
            trigger: true,
            ..self.ctx(&block)
        };
        let Some(Meaning::Events { arms, .. }) = self.meaning(trigger, &ctx) else {
            self.complain(ResolveError::Wrong {
                name: self.words(trigger.span()),
                span: trigger.span(),
                is: "no event of the record".to_owned(),
                wanted: "an event of the record".to_owned(),
                help: Some("declare it with `event` in the trace block".to_owned()),
            });
            return;
        };
        for arm in arms {
            for kind in self.kinds_of_reaction(node, target.as_ref(), body, arm.event) {
                self.recorded_of(kind, id, node, arm.clone());
            }
        }
    }

    /// A reaction, seen from one kind of group.
    fn recorded_of(&mut self, kind: KindId, id: ClauseId, node: &Node, arm: Arm) {
        let Head::On { guard, target, .. } = &node.head else {
            return;
        };
        let body: &[Node] = node.body.as_ref().map_or(&[], |b| &b.clauses);
        let state = match target {
            Some(name) => match self.entity(kind, &name.text) {
                Some(Entity::State(state)) => Some(state),
                _ => {
                    let declared = &self.spec.kinds[kind.index()];
                    let states: Vec<String> =
                        declared.states.iter().map(|s| s.name.clone()).collect();
                    self.complain(ResolveError::unknown(
                        "state",
                        name,
                        states.iter().map(String::as_str),
                        "in any group",
                    ));
                    return;
                }
            },
            None => None,
        };
        let inner = Block::Kind(kind);
        let at = Ctx {
            event: Some(arm.event),
            ..self.ctx(&inner)
        };
        let guard = guard.as_ref().map(|g| self.cond(g, &at));
        let actions = self.actions(body, &inner, Some(arm.event));
        let scope = Scope {
            kind,
            states: self.spec.kinds[kind.index()].all_states(),
            each: None,
        };
        self.spec.rules.push(Rule {
            clause: id,
            scope,
            in_state: false,
            guard,
            said: Said::React {
                trigger: Trigger::Event(arm),
                target: state,
                actions,
                recorded: true,
            },
        });
    }

    /// The kinds that the reactions of one clause, those from `first` on, are shared by: more than
    /// one, or none.
    fn shared_kinds(&self, first: usize) -> Option<Vec<KindId>> {
        let rules = self.spec.rules.iter().skip(first);
        let mut kinds: Vec<KindId> = rules.map(|rule| rule.scope.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        (kinds.len() > 1).then_some(kinds)
    }

    /// What several kinds share does not say of which kind a group is: something else has to.
    fn refuse_unsaid_kinds(&mut self, shared: &[(Vec<KindId>, Span)]) {
        for (kinds, span) in shared {
            let said = |kind: &&KindId| {
                self.spec.rules.iter().any(|rule| {
                    let recorded = matches!(rule.said, Said::React { recorded: true, .. });
                    let mut others = self.spec.rules.iter();
                    recorded
                        && rule.scope.kind == **kind
                        && others.all(|r| r.clause != rule.clause || r.scope.kind == **kind)
                })
            };
            if kinds.iter().all(|kind| said(&kind)) {
                continue;
            }
            let names = kinds.iter();
            let names = names.map(|k| self.spec.kinds[k.index()].name.clone());
            let error = ResolveError::Ambiguous {
                kinds: names.collect(),
                span: *span,
            };
            self.complain(error);
            return;
        }
    }

    /// The kinds of groups that a reaction speaks of: those that have all the names it uses. Where
    /// they are several, it is whichever its subject is.
    fn kinds_of_reaction(
        &mut self,
        node: &Node,
        target: Option<&ast::Name>,
        body: &[Node],
        event: EventId,
    ) -> Vec<KindId> {
        let declared = self.spec.events[event.index()].fields.iter();
        let fields: BTreeSet<String> = declared.clone().map(|f| f.name.clone()).collect();
        // A parameter that holds a role says of which group, as the role itself would.
        let roles: BTreeMap<String, KindId> = declared
            .filter_map(|f| match &f.ty {
                Type::Role(roles) => {
                    let role = self.spec.roles.get(roles.first()?.index())?;
                    Some((f.name.clone(), role.kind))
                }
                _ => None,
            })
            .collect();
        let mut names: Vec<String> = target.iter().map(|t| t.text.clone()).collect();
        let mut named_kind = None;
        let mut note = |builder: &Self, path: &Path, own: bool| {
            let Some(first) = path.parts.first() else {
                return;
            };
            if own && fields.contains(&first.text) {
                if let Some(kind) = roles.get(&first.text).filter(|k| **k != KindId::DOCUMENT) {
                    named_kind = Some(*kind);
                }
                return;
            }
            if let Some(Entity::Kind(kind)) = builder.entity(KindId::DOCUMENT, &first.text) {
                if path.parts.len() > 1 && builder.spec.kinds[kind.index()].added.is_some() {
                    named_kind = Some(kind);
                }
                return;
            }
            if builder.entity(KindId::DOCUMENT, &first.text).is_none() {
                names.push(first.text.clone());
            }
        };
        for clause in body {
            match &clause.head {
                Head::Grant(role, who) | Head::Revoke(role, who) => {
                    note(self, role, true);
                    note(self, who, true);
                }
                // Left of `set` a plain name is never a parameter.
                Head::Set(path, _) => note(self, path, path.parts.len() > 1),
                Head::Do(path, _) => note(self, path, path.parts.len() > 1),
                _ => {}
            }
        }
        if let Some(kind) = named_kind {
            return vec![kind];
        }
        if names.is_empty() {
            return vec![KindId::DOCUMENT];
        }
        let kinds = 1..self.spec.kinds.len();
        let fitting: Vec<KindId> = kinds
            .map(KindId::new)
            .filter(|&kind| names.iter().all(|name| self.entity(kind, name).is_some()))
            .collect();
        if !fitting.is_empty() {
            return fitting;
        }
        let missing = names
            .iter()
            .find(|name| {
                let all = 0..self.spec.kinds.len();
                !all.map(KindId::new).any(|k| self.entity(k, name).is_some())
            })
            .or_else(|| names.first());
        let all: Vec<String> = self
            .spec
            .kinds
            .iter()
            .flat_map(|k| k.names.keys().cloned())
            .collect();
        let name = ast::Name {
            text: missing.cloned().unwrap_or_default(),
            span: node.head_span,
        };
        self.complain(ResolveError::unknown(
            "name",
            &name,
            all.iter().map(String::as_str),
            "in a group that has all the names of this reaction",
        ));
        Vec::new()
    }
}
