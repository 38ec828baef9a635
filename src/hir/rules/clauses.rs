//! The names of clauses, where they stand, and which of them silence others.

use super::Outer;
use crate::hir::collect::{Block, Builder};
use crate::hir::error::ResolveError;
use crate::hir::{Clause, Rule, Said};
use crate::ids::*;
use crate::ir::{Cite, Cond, Modality, Scope};
use crate::syntax::ast::{self, Clause as Node, Tail};

impl Builder<'_> {
    /// Numbers a clause. `None` where an identical one stands in the same block already (then the
    /// citations are united), or where the name is taken (then there was a complaint).
    pub fn clause(
        &mut self,
        clause: &Node,
        block: &Block,
        outer: &Outer,
        section: &Option<String>,
        derived: &str,
        modality: Modality,
    ) -> Option<ClauseId> {
        let kind = self.qualified(block.kind());
        let own = clause.tails.iter().find_map(|tail| match tail {
            Tail::As(name) => Some(name.text.clone()),
            _ => None,
        });
        let mut parts: Vec<&str> = Vec::new();
        if !kind.is_empty() {
            parts.push(&kind);
        }
        match &own {
            Some(own) => parts.push(own),
            None => {
                parts.extend(outer.path.iter().map(String::as_str));
                parts.push(derived);
            }
        }
        let name = parts.join(".");
        let text = self.words(clause.head_span);
        let cite = self.citations(clause, section);
        if let Some(at) = self.spec.clauses.iter().position(|c| c.name == name) {
            let known = &mut self.spec.clauses[at];
            if own.is_none() && asks(&known.text) == asks(&text) {
                for one in cite {
                    if !known.cite.contains(&one) {
                        known.cite.push(one);
                    }
                }
                return None;
            }
            let first = known.span;
            self.complain(ResolveError::SameName {
                name,
                span: clause.head_span,
                first,
            });
            return None;
        }
        let id = ClauseId::new(self.spec.clauses.len());
        self.spec.clauses.push(Clause {
            name,
            modality,
            text,
            cite,
            span: clause.head_span,
            from: outer.from,
            until: outer.until,
            overrides: Vec::new(),
        });
        Some(id)
    }

    pub(super) fn citations(&self, clause: &Node, section: &Option<String>) -> Vec<Cite> {
        let mut cites = Vec::new();
        for tail in &clause.tails {
            let Tail::Cite(list, _) = tail else { continue };
            for citation in list {
                let source = self.spec.sources.iter().find(|s| s.name == citation.label);
                let heading = citation.heading.as_ref().map(|h| h.value.clone());
                cites.push(Cite {
                    source: source.map(|s| s.name.clone()),
                    heading: heading.or_else(|| section.clone()),
                    label: if source.is_some() {
                        String::new()
                    } else {
                        citation.label.clone()
                    },
                });
            }
        }
        cites
    }

    pub(super) fn push(
        &mut self,
        clause: ClauseId,
        block: &Block,
        guard: Option<Cond>,
        said: Said,
    ) {
        let scope = self.scope(block, false);
        let in_state = matches!(block, Block::State(..) | Block::In(..));
        self.push_scoped(clause, scope, in_state, guard, said);
    }

    /// Where a rule stands. Permissions outside `state` blocks stand in every state.
    pub(super) fn scope(&self, block: &Block, permit: bool) -> Scope {
        let kind = block.kind();
        let declared = &self.spec.kinds[kind.index()];
        let mut at = block;
        while let Block::To(inner) | Block::In(_, inner) = at {
            at = inner;
        }
        let states = match block.state() {
            Some(state) => vec![state],
            None if permit => declared.all_states(),
            None => declared.living(),
        };
        let each = match at {
            Block::EachRole(_, role) => Some(*role),
            _ => None,
        };
        Scope { kind, states, each }
    }

    pub(super) fn push_scoped(
        &mut self,
        clause: ClauseId,
        scope: Scope,
        in_state: bool,
        guard: Option<Cond>,
        said: Said,
    ) {
        self.spec.rules.push(Rule {
            clause,
            scope,
            in_state,
            guard,
            said,
        });
    }

    /// Notes the clauses that this one overrides; they are looked up when all are numbered.
    pub(super) fn overriding(&mut self, id: ClauseId, node: &Node) {
        for tail in &node.tails {
            if let Tail::Overrides(path) = tail {
                self.overrides.push((id, path.clone()));
            }
        }
    }

    /// Looks up the overridden clauses: by full name, or by name within the same kind.
    pub fn resolve_overrides(&mut self) {
        for (id, path) in std::mem::take(&mut self.overrides) {
            let name = path.dotted();
            let own = &self.spec.clauses[id.index()].name;
            let sibling = own
                .rsplit_once('.')
                .map(|(kind, _)| format!("{kind}.{name}"));
            let found = self
                .spec
                .clauses
                .iter()
                .position(|c| c.name == name || Some(&c.name) == sibling.as_ref());
            match found.map(ClauseId::new) {
                Some(other) if other == id => self.complain(ResolveError::OverrideCircle {
                    names: vec![name],
                    spans: vec![path.span],
                }),
                Some(other) => self.spec.clauses[id.index()].overrides.push(other),
                None => {
                    // Clauses of the same kind are known by their names alone.
                    let own = self.spec.clauses[id.index()].name.clone();
                    let kind = own.rsplit_once('.').map_or("", |(kind, _)| kind);
                    let names: Vec<String> = self
                        .spec
                        .clauses
                        .iter()
                        .flat_map(|c| {
                            let short = c.name.strip_prefix(kind).and_then(|n| n.strip_prefix('.'));
                            [short.map(str::to_owned), Some(c.name.clone())]
                        })
                        .flatten()
                        .filter(|n| *n != own)
                        .collect();
                    let name = ast::Name {
                        text: name,
                        span: path.span,
                    };
                    self.complain(ResolveError::unknown(
                        "clause",
                        &name,
                        names.iter().map(String::as_str),
                        "in this spec",
                    ));
                }
            }
        }
        self.refuse_circles();
    }

    /// Clauses that override each other in a circle leave nothing in force.
    pub(super) fn refuse_circles(&mut self) {
        let mut told: Vec<ClauseId> = Vec::new();
        for start in (0..self.spec.clauses.len()).map(ClauseId::new) {
            if told.contains(&start) {
                continue;
            }
            // The clauses reached, each with the one before it.
            let mut reached: Vec<(ClauseId, Option<usize>)> = vec![(start, None)];
            let mut at = 0;
            while let Some(&(clause, _)) = reached.get(at) {
                let overridden = self.spec.clauses[clause.index()].overrides.clone();
                if overridden.contains(&start) {
                    let mut circle = Vec::new();
                    let mut here = Some(at);
                    while let Some((clause, before)) = here.and_then(|h| reached.get(h).copied()) {
                        circle.push(clause);
                        here = before;
                    }
                    circle.reverse();
                    let clauses = circle.iter().map(|c| &self.spec.clauses[c.index()]);
                    let error = ResolveError::OverrideCircle {
                        names: clauses.clone().map(|c| c.name.clone()).collect(),
                        spans: clauses.map(|c| c.span).collect(),
                    };
                    self.complain(error);
                    told.extend(circle);
                    break;
                }
                for more in overridden {
                    if !reached.iter().any(|(known, _)| *known == more) {
                        reached.push((more, Some(at)));
                    }
                }
                at += 1;
            }
        }
    }
}

/// What a clause asks, without the type that it may declare: `must have topic: text` and
/// `must have topic` ask the same.
pub(super) fn asks(text: &str) -> &str {
    match text.split_once(':') {
        Some((before, _)) if !before.contains(['"', '(']) => before.trim_end(),
        _ => text,
    }
}
