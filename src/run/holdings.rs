//! Who holds what since when, and the attributes of persons.

use super::moment::Moment;
use super::state::{Holding, Inst, NoteKey};
use super::step::Run;
use super::value::{Sym, Value};
use crate::ids::*;

impl Run<'_> {
    /// Sets an attribute of a person; whatever he holds a role in may be concerned.
    pub fn set_attribute(&mut self, person: Sym, field: FieldId, value: Value) {
        self.attribute_by(person, field, value, &[], None);
    }

    pub fn attribute_by(
        &mut self,
        person: Sym,
        field: FieldId,
        value: Value,
        positions: &[u32],
        by: Option<ClauseId>,
    ) {
        let count = self.p.model.attributes.len();
        if field.index() >= count {
            return;
        }
        let known = self.state.people.entry(person).or_default();
        if known.attributes.len() < count {
            known.attributes.resize(count, Value::Empty);
        }
        let Some(slot) = known.attributes.get_mut(field.index()) else {
            return;
        };
        if *slot == value {
            return;
        }
        let differs = !slot.is_empty() && !value.is_empty();
        *slot = value;
        let mut held: Vec<Inst> = known.held.iter().map(|(_, inst)| *inst).collect();
        held.sort_unstable();
        held.dedup();
        if differs
            && held.len() > 1
            && let Some(clause) = by
            && self.state.notes.insert(NoteKey::Company(person, field))
        {
            let declared = self.p.model.attributes.get(field.index());
            let name = declared.map_or("", |a| a.name.as_str());
            let who = self.state.names.text(person);
            let message = format!(
                "the record changes `{name}` of {who}, who holds roles in several places; the last \
                 entry is taken for all of them"
            );
            self.note(clause, None, Some(person), message, positions);
        }
        for inst in held {
            self.state.touch(inst, positions);
        }
        for index in 0..self.p.attribute_readers.len() {
            let Some(&kind) = self.p.attribute_readers.get(index) else {
                break;
            };
            let living: Vec<Inst> = self.state.living(kind).collect();
            for inst in living {
                self.state.mark(inst);
            }
        }
    }

    pub fn holds(&self, role: RoleId, inst: Inst, value: Option<&Value>) -> bool {
        let sym = match value {
            Some(Value::Name(sym)) => Some(*sym),
            Some(Value::Text(text)) => self.state.names.find(text),
            _ => None,
        };
        let holdings = self.state.holders(self.p, role, inst);
        sym.is_some_and(|sym| holdings.iter().any(|h| h.holder == sym))
    }

    pub fn name_of(&mut self, value: Option<&Value>) -> Option<Sym> {
        match value {
            Some(Value::Name(sym)) => Some(*sym),
            Some(Value::Text(text)) if !text.is_empty() => Some(self.state.names.intern(text)),
            _ => None,
        }
    }

    /// A holding begins, unless there is one. Ended and taken up again in one instant, it goes on.
    pub fn hold(&mut self, role: RoleId, inst: Inst, holder: Sym, since: Moment) {
        let p = self.p;
        let Some(&slot) = p.role_slot.get(role.index()) else {
            return;
        };
        let fits = self.state.inst(inst).map(|i| i.kind)
            == p.model.roles.get(role.index()).map(|r| r.kind);
        let list = self
            .state
            .inst_mut(inst)
            .and_then(|i| i.holders.get_mut(slot));
        let Some(list) = list.filter(|_| fits) else {
            return;
        };
        if let Some(holding) = list.iter_mut().find(|h| h.holder == holder) {
            // Given once more, it is one holding; a term begins anew.
            holding.renewed = since;
            self.state.mark(inst);
            return;
        }
        let renewed = since;
        let before = self
            .state
            .ended_now
            .iter()
            .find(|(r, i, h, _)| *r == role && *i == inst && *h == holder);
        let since = before.map_or(since, |(.., since)| *since);
        if let Some(list) = self
            .state
            .inst_mut(inst)
            .and_then(|i| i.holders.get_mut(slot))
        {
            list.push(Holding {
                holder,
                since,
                renewed,
            });
        }
        let person = self.state.people.entry(holder).or_default();
        person.held.push((role, inst));
        for &union in p.unions_of.get(role.index()).map_or(&[][..], |u| u) {
            let anywhere = p.unions.get(union).is_some_and(|u| u.anywhere);
            let key = (union, holder, (!anywhere).then_some(inst));
            let before = self
                .state
                .unions_ended
                .iter()
                .find(|(u, h, i, _)| (*u, *h, *i) == key);
            let since = before.map_or(since, |(.., since)| *since);
            self.state.unions.entry(key).or_insert(since);
        }
        self.state.mark(inst);
    }

    /// A holding ends.
    pub fn release(&mut self, role: RoleId, inst: Inst, holder: Sym) {
        let p = self.p;
        let Some(&slot) = p.role_slot.get(role.index()) else {
            return;
        };
        let list = self
            .state
            .inst_mut(inst)
            .and_then(|i| i.holders.get_mut(slot));
        let Some(list) = list else { return };
        let Some(at) = list.iter().position(|h| h.holder == holder) else {
            return;
        };
        let ended = list.remove(at);
        self.state.ended_now.push((role, inst, holder, ended.since));
        let mut held = Vec::new();
        if let Some(person) = self.state.people.get_mut(&holder) {
            person.held.retain(|h| *h != (role, inst));
            held.clone_from(&person.held);
        }
        for &index in p.unions_of.get(role.index()).map_or(&[][..], |u| u) {
            let Some(union) = p.unions.get(index) else {
                continue;
            };
            let goes_on = held
                .iter()
                .any(|(r, i)| union.roles.contains(r) && (union.anywhere || *i == inst));
            if !goes_on {
                let key = (index, holder, (!union.anywhere).then_some(inst));
                if let Some(since) = self.state.unions.remove(&key) {
                    self.state.unions_ended.push((key.0, key.1, key.2, since));
                }
            }
        }
        self.state.mark(inst);
    }

    /// A life ends: its holdings and cases end with it, unjudged.
    pub fn end_life(&mut self, inst: Inst) {
        let p = self.p;
        let Some(instance) = self.state.inst_mut(inst) else {
            return;
        };
        instance.cases.clear();
        let Some(rules) = p.kinds.get(instance.kind.index()) else {
            return;
        };
        for &role in &rules.roles {
            let role = RoleId::new(role);
            let holders: Vec<Sym> = self
                .state
                .holders(p, role, inst)
                .iter()
                .map(|h| h.holder)
                .collect();
            for holder in holders {
                self.release(role, inst, holder);
            }
        }
        self.release_all_of(inst);
    }

    /// What an instance holds elsewhere ends with its life.
    fn release_all_of(&mut self, inst: Inst) {
        let Some((kind, id)) = self.state.inst(inst).map(|i| (i.kind, i.id)) else {
            return;
        };
        let held = self
            .state
            .people
            .get(&id)
            .map_or(Vec::new(), |p| p.held.clone());
        for (role, at) in held {
            let declared = self.p.model.roles.get(role.index());
            if declared.is_some_and(|r| r.holders.contains(&kind)) {
                self.release(role, at, id);
            }
        }
    }
}
