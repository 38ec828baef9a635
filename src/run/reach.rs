//! Whom an event concerns: which instances of a kind, and which holders there.

use smallvec::{SmallVec, smallvec};

use super::program::Relation;
use super::state::{Happening, Inst};
use super::step::Run;
use super::value::Sym;
use crate::ids::*;
use crate::ir::{EventSource, Scope};

/// The instances that an event concerns.
pub(crate) struct Reach {
    one: Option<Inst>,
    many: Vec<Inst>,
}

impl Reach {
    pub fn one(inst: Option<Inst>) -> Reach {
        Reach {
            one: inst,
            many: Vec::new(),
        }
    }
}

impl IntoIterator for Reach {
    type Item = Inst;
    type IntoIter = std::iter::Chain<std::option::IntoIter<Inst>, std::vec::IntoIter<Inst>>;

    fn into_iter(self) -> Self::IntoIter {
        self.one.into_iter().chain(self.many)
    }
}

impl Run<'_> {
    /// The instances of a kind that an event concerns.
    pub fn reach(&self, act: &Happening, kind: KindId) -> Reach {
        let state = &self.state;
        if act.named.is_some() && state.inst(act.subject).is_some_and(|i| i.kind == kind) {
            return Reach::one(Some(act.subject));
        }
        if self.p.is_single(kind) {
            return Reach::one(state.single(kind));
        }
        let event = self.p.model.events.get(act.event.index());
        if event.is_some_and(|e| e.source == EventSource::Record) {
            return Reach::one(act.named.and_then(|id| state.named(kind, id)));
        }
        let Some(subject) = state.inst(act.subject).map(|i| i.kind) else {
            return Reach::one(None);
        };
        let around = |outer: KindId| -> Vec<Inst> {
            let outer = state.within(self.p, act.subject, outer);
            let all = state.living(kind);
            match outer {
                Some(Inst::DOCUMENT) => all.collect(),
                Some(outer) => {
                    let outer_kind = state.inst(outer).map(|i| i.kind);
                    all.filter(|&inst| {
                        outer_kind.and_then(|k| state.within(self.p, inst, k)) == Some(outer)
                    })
                    .collect()
                }
                None => Vec::new(),
            }
        };
        match self.p.relation(subject, kind) {
            Relation::Single => Reach::one(state.single(kind)),
            Relation::Same => Reach::one(Some(act.subject)),
            Relation::Up => Reach::one(state.within(self.p, act.subject, kind)),
            Relation::Down => Reach {
                one: None,
                many: around(subject),
            },
            Relation::Beside(outer) => Reach {
                one: None,
                many: around(outer),
            },
        }
    }

    /// Whether an instance is in the states in which a rule stands.
    pub fn in_states(&self, scope: &Scope, inst: Inst) -> bool {
        let instance = self.state.inst(inst);
        instance.is_some_and(|i| super::eval::in_scope(scope, i))
    }

    /// Nobody in particular, or each present holder of the role of a rule for each.
    pub fn each(&self, scope: &Scope, inst: Inst) -> SmallVec<[Option<Sym>; 4]> {
        match scope.each {
            None => smallvec![None],
            Some(role) => {
                let holders = self.holders_around(role, inst);
                holders.into_iter().map(Some).collect()
            }
        }
    }

    pub fn holders_around(&self, role: RoleId, inst: Inst) -> Vec<Sym> {
        let Some(declared) = self.p.model.roles.get(role.index()) else {
            return Vec::new();
        };
        if let Some(at) = self.state.within(self.p, inst, declared.kind) {
            let holdings = self.state.holders(self.p, role, at);
            return holdings.iter().map(|h| h.holder).collect();
        }
        let mut all = Vec::new();
        for at in self.state.living(declared.kind) {
            for holding in self.state.holders(self.p, role, at) {
                if !all.contains(&holding.holder) {
                    all.push(holding.holder);
                }
            }
        }
        all
    }
}
