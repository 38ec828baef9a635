//! What an event does: holdings, fields, logs, states, and what follows from it.

use std::sync::Arc;

use super::Occurrence;
use super::admit::{Open, Verdict};
use super::eval::{Ctx, Spot, Trail, in_scope};
use super::finding::{Finding, Severity};
use super::moment::{BEFORE, Moment, Truth};
use super::program::Relation;
use super::state::{Chain, Entry, Happening, Holding, Inst, Instance, Last, NoteKey};
use super::step::{Run, With};
use super::value::{Sym, Value};
use super::words::{event_clause, event_name};
use crate::ids::*;
use crate::ir::{Action, EventSource, Reaction, RoleRef, Scope, Trigger};
use crate::time::Stamp;

/// A reaction that an event sets off, if its conditions hold then. Without an instance, one begins.
pub(crate) struct Ready {
    reaction: usize,
    inst: Option<Inst>,
    holder: Option<Sym>,
}

impl Run<'_> {
    /// Something happens: it is judged and applied, and so is what follows from it.
    pub fn occur(&mut self, occurrence: Occurrence) {
        if self.state.change.is_some_and(|c| c != occurrence.change) {
            self.retry_checks();
            self.drain();
        }
        self.state.change = Some(occurrence.change);
        self.state.open = true;
        self.state.stamp = Stamp {
            at: self.state.now,
            day: occurrence.at.day && occurrence.at.at == self.state.now,
        };
        if let Some(act) = self.resolve(occurrence) {
            self.happen(act);
            self.drain();
        }
    }

    /// Finds the subject, which begins with this event where it is new.
    fn resolve(&mut self, occurrence: Occurrence) -> Option<Happening> {
        let event = self.p.model.events.get(occurrence.event.index())?;
        let stamp = self.state.stamp;
        let mut fields = occurrence.fields;
        fields.resize(event.fields.len(), Value::Empty);
        let mut act = Happening {
            event: occurrence.event,
            stamp,
            subject: Inst::DOCUMENT,
            named: occurrence.subject,
            actors: occurrence.actors,
            fields,
            positions: vec![occurrence.position],
            opening: occurrence.opening,
            seq: 0,
            emitted: false,
            computed: false,
            rules_of: None,
            chain: None,
        };
        if event.source == EventSource::Record {
            return Some(act);
        }
        if self.p.is_single(event.kind) {
            act.subject = self.state.single(event.kind)?;
            return Some(act);
        }
        let Some(id) = occurrence.subject else {
            let kind = self.p.model.kinds.get(event.kind.index());
            let finding = Finding {
                message: format!(
                    "`{}` does not say which {} it concerns: it has no effect",
                    event.name,
                    kind.map_or("group", |k| k.name.as_str())
                ),
                ..self.event_finding(&act, Severity::Note)
            };
            self.out.push(finding);
            return None;
        };
        let begins = event.source == EventSource::KindAdded(event.kind);
        act.subject = match self.state.named(event.kind, id) {
            Some(inst) => {
                let over = self.state.inst(inst).is_some_and(|i| i.is_final);
                if begins && over {
                    self.begin_again(inst, act_moment(&act));
                }
                inst
            }
            None => {
                let parent = self.parent_named(&act, event.kind);
                let parent = self.parent_of(event.kind, parent);
                let began = act_moment(&act);
                let inst = self.state.create(self.p, event.kind, id, parent, began);
                self.state.mark(inst);
                if act.opening {
                    self.opened(inst);
                }
                if !begins {
                    self.first_mention(&act, inst);
                }
                inst
            }
        };
        Some(act)
    }

    fn first_mention(&mut self, act: &Happening, inst: Inst) {
        let Some(instance) = self.state.inst(inst) else {
            return;
        };
        let Some(kind) = self.p.model.kinds.get(instance.kind.index()) else {
            return;
        };
        let id = self.state.names.text(instance.id);
        let state = kind.states.get(instance.state.index());
        let state = state.map_or("", |s| s.name.as_str());
        let taken = match state {
            "" => format!("a {}", kind.name),
            state => format!("a {} in state `{state}`", kind.name),
        };
        let message = format!(
            "{id} is first mentioned by `{}` and taken to be {taken}",
            event_name(self.p, act.event)
        );
        let clause = match kind.added {
            Some(added) => event_clause(self.p, added),
            None => kind.name.clone(),
        };
        let finding = Finding {
            clause,
            message,
            group: self.group_name(inst),
            person: None,
            ..self.event_finding(act, Severity::Note)
        };
        self.out.push(finding);
    }

    /// The enclosing instance, where a parameter of `K.added` names one.
    fn parent_named(&self, act: &Happening, kind: KindId) -> Option<Sym> {
        let outer = self.p.enclosing(kind)?;
        let event = self.p.model.events.get(act.event.index())?;
        let field = event.fields.iter().position(|f| match &f.ty {
            crate::ir::Type::Instance(kinds) => kinds.contains(&outer),
            _ => false,
        })?;
        match act.fields.get(field) {
            Some(Value::Name(sym)) => Some(*sym),
            _ => None,
        }
    }

    /// A new life under an old id. What the rules ask is asked of settled instants only: of a group
    /// that ends and begins in one, it is as if it had gone on.
    fn begin_again(&mut self, inst: Inst, began: Moment) {
        self.close_duties(inst, false);
        let seq = self.state.seq;
        let Some(old) = self.state.inst_mut(inst) else {
            return;
        };
        let mut fresh = Instance::new(self.p, old.kind, old.id, old.parent, began, seq);
        fresh.dirty = old.dirty;
        fresh.touched = old.touched;
        fresh.events = std::mem::take(&mut old.events);
        fresh.events_at = old.events_at;
        fresh.invariants = std::mem::take(&mut old.invariants);
        let wake = old.wake;
        *old = fresh;
        self.state.wakes.remove(&(wake, inst));
        self.state.mark(inst);
    }

    fn opened(&mut self, inst: Inst) {
        let now = self.state.now;
        if let Some(instance) = self.state.inst_mut(inst) {
            instance.opened_at = Some(now);
        }
    }

    /// A finding named by an event.
    pub fn event_finding(&self, act: &Happening, severity: Severity) -> Finding {
        Finding {
            clause: event_clause(self.p, act.event),
            severity,
            message: String::new(),
            group: self.group_name(act.subject),
            person: self
                .concerned(act)
                .map(|p| self.state.names.text(p).to_owned()),
            from: act.stamp.at,
            to: Some(act.stamp.at),
            or_earlier: false,
            cite: Vec::new(),
            events: act.positions.clone(),
            found: None,
            required: None,
        }
    }

    /// All that was brought about happens, first in first out.
    pub fn drain(&mut self) {
        while let Some(act) = self.queue.pop_front() {
            if self.budget == 0 {
                let finding = Finding {
                    message: "too much follows from one event: the rules never come to rest"
                        .to_owned(),
                    ..self.event_finding(&act, Severity::Violation)
                };
                self.out.push(finding);
                self.queue.clear();
                return;
            }
            self.budget -= 1;
            self.happen(act);
        }
    }

    fn happen(&mut self, mut act: Happening) {
        self.state.seq += 1;
        act.seq = self.state.seq;
        if act.opening {
            self.store(&act);
            let open = self.authority(&act);
            self.apply(act, open);
            return;
        }
        match self.admit(&mut act) {
            Verdict::Stands(open) => self.apply(act, open),
            Verdict::Void | Verdict::Absorbed | Verdict::Partial => {}
        }
    }

    fn apply(&mut self, act: Happening, open: Vec<Open>) {
        let Some(event) = self.p.model.events.get(act.event.index()) else {
            return;
        };
        if let EventSource::RoleRemoved(role) = event.source
            && act.emitted
            && !self.holds(role, act.subject, act.fields.first())
        {
            // There is nothing to end.
            return;
        }
        let ready = self.ready(&act);
        if event.source != EventSource::Record {
            self.state.touch(act.subject, &act.positions);
            if act.opening {
                self.opened(act.subject);
            }
        }
        self.built_in(event.source, &act);
        self.log(&act);
        let act = Arc::new(act);
        if !act.opening {
            self.meet_duties(&act);
        }
        let mut moved: Vec<(Inst, StateId)> = Vec::new();
        if let EventSource::Outcome(decision, index) = event.source {
            let decision = self.p.model.decisions.get(decision.index());
            let outcome = decision.and_then(|d| d.outcomes.get(index as usize));
            if let Some(target) = outcome.and_then(|o| o.target) {
                self.move_once(act.subject, target, &act, &mut moved);
            }
        }
        for Open {
            permit,
            inst,
            holder,
        } in open
        {
            let Some(permit) = self.p.model.permits.get(permit) else {
                continue;
            };
            if let Some(target) = permit.target {
                self.move_once(inst, target, &act, &mut moved);
            }
            if !act.opening {
                self.perform(&permit.actions, inst, holder, Some(&act), act.chain.clone());
            }
        }
        self.react(ready, &act, &mut moved);
        if !act.opening {
            self.trigger_duties(&act);
            self.limit_duties(&act);
        }
    }

    /// Stores parameters in fields of the subject.
    pub fn store(&mut self, act: &Happening) {
        let Some(event) = self.p.model.events.get(act.event.index()) else {
            return;
        };
        for (field, value) in event.fields.iter().zip(&act.fields) {
            if let Some(stored) = field.stores
                && !value.is_empty()
            {
                self.set_field(act.subject, stored, value.clone(), &act.positions);
            }
        }
    }

    fn set_field(&mut self, inst: Inst, field: FieldId, value: Value, positions: &[u32]) {
        let slot = self
            .state
            .inst_mut(inst)
            .and_then(|i| i.fields.get_mut(field.index()));
        if let Some(slot) = slot
            && *slot != value
        {
            *slot = value;
            self.state.touch(inst, positions);
        }
    }

    /// Sets an attribute of a person; whatever he holds a role in may be concerned.
    pub fn set_attribute(&mut self, person: Sym, field: FieldId, value: Value) {
        self.attribute_by(person, field, value, &[], None);
    }

    fn attribute_by(
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
            self.note(clause, None, Some(person), message, positions.to_vec());
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

    fn holds(&self, role: RoleId, inst: Inst, value: Option<&Value>) -> bool {
        let sym = match value {
            Some(Value::Name(sym)) => Some(*sym),
            Some(Value::Text(text)) => self.state.names.find(text),
            _ => None,
        };
        let holdings = self.state.holders(self.p, role, inst);
        sym.is_some_and(|sym| holdings.iter().any(|h| h.holder == sym))
    }

    fn name_of(&mut self, value: Option<&Value>) -> Option<Sym> {
        match value {
            Some(Value::Name(sym)) => Some(*sym),
            Some(Value::Text(text)) if !text.is_empty() => Some(self.state.names.intern(text)),
            _ => None,
        }
    }

    fn built_in(&mut self, source: EventSource, act: &Happening) {
        match source {
            EventSource::RoleAdded(role) => {
                if let Some(holder) = self.name_of(act.fields.first()) {
                    self.hold(role, act.subject, holder, act_moment(act));
                }
            }
            EventSource::RoleRemoved(role) => {
                if let Some(holder) = self.name_of(act.fields.first()) {
                    self.release(role, act.subject, holder);
                }
            }
            EventSource::Opened(_)
            | EventSource::Closed(_)
            | EventSource::Withdrawn(_)
            | EventSource::Ballot(..)
            | EventSource::Outcome(..) => self.decision_event(source, act),
            EventSource::Declared
            | EventSource::Record
            | EventSource::KindAdded(_)
            | EventSource::Missed(_)
            | EventSource::Met(_)
            | EventSource::Broken(_)
            | EventSource::Mended(_) => {}
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

    /// The instances of a kind that an event concerns.
    pub fn reach(&self, act: &Happening, kind: KindId) -> Reach {
        let state = &self.state;
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

    /// Nobody in particular, or each present holder of the role of a rule for each.
    pub fn each(&self, scope: &Scope, inst: Inst) -> impl Iterator<Item = Option<Sym>> + use<> {
        let holders: Vec<Sym> = match scope.each {
            None => Vec::new(),
            Some(role) => self.holders_around(role, inst),
        };
        let nobody = scope.each.is_none().then_some(None);
        nobody.into_iter().chain(holders.into_iter().map(Some))
    }

    fn holders_around(&self, role: RoleId, inst: Inst) -> Vec<Sym> {
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

    /// Keeps an occurrence in the logs that ask for it.
    fn log(&mut self, act: &Happening) {
        let p = self.p;
        let Some(rules) = p.events.get(act.event.index()) else {
            return;
        };
        for &index in &rules.logs {
            let (Some(log), Some(keep), Some(&slot)) = (
                p.model.logs.get(index),
                p.keep.get(index),
                p.log_slot.get(index),
            ) else {
                continue;
            };
            for inst in self.reach(act, log.kind) {
                let trail = Trail::new();
                let mut ctx = Ctx::new(p, self.state, inst, &trail);
                ctx.act = Some(act);
                let mut truth = Truth::No;
                for arm in log.arms.iter().filter(|arm| arm.event == act.event) {
                    truth = truth.max(ctx.guard(arm.filter.as_ref()));
                }
                if truth == Truth::No {
                    continue;
                }
                let about = ctx.about(act.event, &act.fields);
                let certain = truth == Truth::Yes;
                let at = act_moment(act);
                let data = self.state.inst_mut(inst).and_then(|i| i.logs.get_mut(slot));
                if let Some(data) = data {
                    if certain {
                        data.count += 1;
                        data.last = Some(Last {
                            at,
                            fields: if keep.fields {
                                act.fields.clone()
                            } else {
                                Vec::new()
                            },
                            actors: if keep.fields {
                                act.actors.clone()
                            } else {
                                Vec::new()
                            },
                        });
                    } else {
                        data.possible += 1;
                    }
                    if keep.instants || keep.people {
                        data.entries.push_back(Entry {
                            at,
                            seq: act.seq,
                            certain,
                            about: about.filter(|_| keep.people),
                            actors: if keep.people {
                                act.actors.as_slice().into()
                            } else {
                                Box::default()
                            },
                        });
                    }
                }
                self.state.touch(inst, &act.positions);
            }
        }
    }

    /// Moves an instance, unless this event has moved it elsewhere.
    fn move_once(
        &mut self,
        inst: Inst,
        target: StateId,
        act: &Happening,
        moved: &mut Vec<(Inst, StateId)>,
    ) {
        match moved.iter().find(|(i, _)| *i == inst) {
            Some((_, to)) if *to == target => {}
            Some(_) => {
                let finding = Finding {
                    message: format!(
                        "`{}` leads to two states at once; the first is taken",
                        event_name(self.p, act.event)
                    ),
                    ..self.event_finding(act, Severity::Violation)
                };
                self.out.push(finding);
            }
            None => {
                moved.push((inst, target));
                self.move_to(inst, target, act_moment(act), &act.positions);
            }
        }
    }

    /// An instance enters a state. A state it is in already it does not enter.
    pub fn move_to(&mut self, inst: Inst, target: StateId, at: Moment, positions: &[u32]) {
        let p = self.p;
        let seq = self.state.seq;
        let Some(instance) = self.state.inst_mut(inst) else {
            return;
        };
        if instance.state == target {
            return;
        }
        let kind = p.model.kinds.get(instance.kind.index());
        let Some(state) = kind.and_then(|k| k.states.get(target.index())) else {
            return;
        };
        instance.state = target;
        instance.is_final = state.is_final;
        instance.entered = at;
        instance.entered_seq = seq;
        instance.partials.clear();
        for log in &mut instance.logs {
            log.count_at_entry = log.count;
            log.possible_at_entry = log.possible;
        }
        self.state.touch(inst, positions);
        if state.is_final {
            self.end_life(inst);
        }
    }

    /// A life ends: its holdings and cases end with it, unjudged.
    fn end_life(&mut self, inst: Inst) {
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
    }

    /// The reactions that an event may set off: where they stand is judged of the state before it.
    fn ready(&self, act: &Happening) -> Vec<Ready> {
        let p = self.p;
        let mut ready = Vec::new();
        for &index in p
            .events
            .get(act.event.index())
            .map_or(&[][..], |e| &e.reactions)
        {
            let Some(reaction) = p.model.reactions.get(index) else {
                continue;
            };
            // An opening sets nothing off; it only means something.
            if act.opening && !reaction.recorded {
                continue;
            }
            let mut found = false;
            for inst in self.reach(act, reaction.scope.kind) {
                found = true;
                let stands = self
                    .state
                    .inst(inst)
                    .is_some_and(|i| reaction.recorded || in_scope(&reaction.scope, i));
                if stands {
                    ready.extend(self.each(&reaction.scope, inst).map(|holder| Ready {
                        reaction: index,
                        inst: Some(inst),
                        holder,
                    }));
                }
            }
            if !found && reaction.recorded && act.named.is_some() {
                ready.push(Ready {
                    reaction: index,
                    inst: None,
                    holder: None,
                });
            }
        }
        ready
    }

    fn react(&mut self, ready: Vec<Ready>, act: &Arc<Happening>, moved: &mut Vec<(Inst, StateId)>) {
        let p = self.p;
        for Ready {
            reaction: index,
            inst,
            holder,
        } in ready
        {
            let Some(reaction) = p.model.reactions.get(index) else {
                continue;
            };
            let Trigger::Event(arm) = &reaction.trigger else {
                continue;
            };
            // Another reaction may have begun the life meanwhile.
            let inst = inst.or_else(|| {
                let id = act.named?;
                self.state.named(reaction.scope.kind, id)
            });
            let at = inst.unwrap_or(Inst::DOCUMENT);
            let with = With::act(act, holder);
            let sets_off = self.judge(
                reaction.clause,
                at,
                |ctx| {
                    if !ctx.in_force(reaction.clause) || ctx.silenced(reaction.clause) {
                        return Truth::No;
                    }
                    ctx.guard(arm.filter.as_ref())
                        .min(ctx.guard(reaction.guard.as_ref()))
                },
                &with,
            );
            let guarded = reaction.guard.is_some();
            let coverage = &mut self.state.coverage;
            coverage.guard(reaction.clause, guarded, sets_off == Truth::Yes);
            if sets_off != Truth::Yes {
                continue;
            }
            let inst = match inst {
                Some(inst) => {
                    self.revive(inst, reaction, act);
                    inst
                }
                None => match self.recorded_life(reaction, act) {
                    Some(inst) => inst,
                    None => continue,
                },
            };
            if Chain::has(&act.chain, index, inst) {
                self.loop_found(reaction.clause, inst, act.positions.clone());
                continue;
            }
            let coverage = &mut self.state.coverage;
            coverage.touch(super::coverage::Part::Reaction(index));
            self.state.touch(inst, &act.positions);
            if act.opening {
                self.opened(inst);
            }
            if let Some(target) = reaction.target {
                self.move_once(inst, target, act, moved);
            }
            let chain = Some(Arc::new(Chain {
                reaction: index,
                inst,
                before: act.chain.clone(),
            }));
            self.perform_by(
                &reaction.actions,
                inst,
                holder,
                Some(act),
                chain,
                Some(reaction.clause),
            );
        }
    }

    /// What the record says of a group that has ended, and that leads it back, begins it anew.
    fn revive(&mut self, inst: Inst, reaction: &Reaction, act: &Happening) {
        let kind = self.p.model.kinds.get(reaction.scope.kind.index());
        let target = reaction.target.and_then(|t| kind?.states.get(t.index()));
        let lives = target.is_some_and(|t| !t.is_final);
        if reaction.recorded && lives && self.state.inst(inst).is_some_and(|i| i.is_final) {
            self.begin_again(inst, act_moment(act));
        }
    }

    fn recorded_life(&mut self, reaction: &Reaction, act: &Happening) -> Option<Inst> {
        let id = act.named?;
        let kind = reaction.scope.kind;
        let parent = self.parent_of(kind, None);
        let inst = self.state.create(self.p, kind, id, parent, act_moment(act));
        if act.opening {
            self.opened(inst);
        }
        if reaction.target.is_none() {
            self.first_mention(act, inst);
        }
        Some(inst)
    }

    pub fn loop_found(&mut self, clause: ClauseId, inst: Inst, events: Vec<u32>) {
        let text = self.clause_text(clause);
        let finding = Finding {
            message: format!("loop: `{text}` sets itself off; it is done once"),
            severity: Severity::Violation,
            events,
            ..self.finding(clause, Some(inst), None, self.state.stamp.at)
        };
        self.out.push(finding);
    }

    /// Carries out effects, seen from an instance.
    pub fn perform(
        &mut self,
        actions: &[Action],
        inst: Inst,
        holder: Option<Sym>,
        act: Option<&Happening>,
        chain: Option<Arc<Chain>>,
    ) {
        self.perform_by(actions, inst, holder, act, chain, None);
    }

    fn perform_by(
        &mut self,
        actions: &[Action],
        inst: Inst,
        holder: Option<Sym>,
        act: Option<&Happening>,
        chain: Option<Arc<Chain>>,
        by: Option<ClauseId>,
    ) {
        for action in actions {
            let trail = Trail::new();
            let mut ctx = Ctx::new(self.p, self.state, inst, &trail);
            ctx.act = act;
            ctx.holder = holder;
            match action {
                Action::Grant(role, place, set) | Action::Revoke(role, place, set) => {
                    let grants = matches!(action, Action::Grant(..));
                    let role = match role {
                        RoleRef::Role(role) => Some(*role),
                        RoleRef::Value(expr) => role_of(&ctx, ctx.value(expr)),
                    };
                    let Some(declared) = role.and_then(|r| self.p.model.roles.get(r.index()))
                    else {
                        continue;
                    };
                    let spots = ctx.spots(place);
                    let members = ctx.members(set);
                    let event = if grants {
                        declared.added
                    } else {
                        declared.removed
                    };
                    for at in spots {
                        let Some(at) = self.state.within(self.p, at, declared.kind) else {
                            continue;
                        };
                        for (value, truth) in &members.list {
                            if *truth == Truth::Yes {
                                let args = vec![(FieldId(0), value.clone())];
                                self.emit(event, at, args, act, chain.clone());
                            }
                        }
                    }
                }
                Action::SetField(place, field, expr) => {
                    let (Spot::At(at), Some(value)) = (ctx.spot(place), ctx.value(expr)) else {
                        continue;
                    };
                    let positions = act.map_or(Vec::new(), |a| a.positions.clone());
                    self.set_field(at, *field, value, &positions);
                }
                Action::SetAttribute(of, field, expr) => {
                    let (Some(of), Some(value)) = (ctx.value(of), ctx.value(expr)) else {
                        continue;
                    };
                    let positions = act.map_or(Vec::new(), |a| a.positions.clone());
                    let list = match of {
                        Value::List(list) => list.to_vec(),
                        one => vec![one],
                    };
                    for one in list {
                        if let Some(person) = self.name_of(Some(&one)) {
                            self.attribute_by(person, *field, value.clone(), &positions, by);
                        }
                    }
                }
                Action::Emit { event, place, args } => {
                    let Spot::At(at) = ctx.spot(place) else {
                        continue;
                    };
                    let mut values = Vec::new();
                    for (field, expr) in args {
                        values.push((*field, ctx.value(expr).unwrap_or_default()));
                    }
                    let kind = self.p.model.events.get(event.index()).map(|e| e.kind);
                    let Some(at) = kind.and_then(|k| self.state.within(self.p, at, k)) else {
                        continue;
                    };
                    self.emit(*event, at, values, act, chain.clone());
                }
            }
        }
    }

    /// Puts an event into the queue.
    pub fn emit(
        &mut self,
        event: EventId,
        subject: Inst,
        args: Vec<(FieldId, Value)>,
        by: Option<&Happening>,
        chain: Option<Arc<Chain>>,
    ) {
        let Some(declared) = self.p.model.events.get(event.index()) else {
            return;
        };
        let mut fields = vec![Value::Empty; declared.fields.len()];
        for (field, value) in args {
            if let Some(slot) = fields.get_mut(field.index()) {
                *slot = value;
            }
        }
        let positions = self.positions(subject, by);
        // What a record means is judged like any act; what the rules bring about needs no leave.
        let recorded = by.is_some_and(|by| {
            let source = self.p.model.events.get(by.event.index());
            source.is_some_and(|e| e.source == EventSource::Record)
        });
        self.queue.push_back(Happening {
            event,
            stamp: by.map_or(self.state.stamp, |by| by.stamp),
            subject,
            named: self.state.inst(subject).map(|i| i.id),
            actors: by.map_or(Vec::new(), |by| by.actors.clone()),
            fields,
            positions,
            opening: by.is_some_and(|by| by.opening),
            seq: 0,
            emitted: !recorded,
            computed: false,
            rules_of: None,
            chain,
        });
    }
}

/// When what an event brings about begins: then, or at some time before, for an opening.
pub(crate) fn act_moment(act: &Happening) -> Moment {
    if act.opening {
        Moment {
            at: act.stamp,
            earliest: BEFORE,
        }
    } else {
        Moment::exact(act.stamp)
    }
}

/// The role that a value names.
fn role_of(ctx: &Ctx<'_>, value: Option<Value>) -> Option<RoleId> {
    let text = match value? {
        Value::Role(role) => return Some(role),
        Value::Name(sym) => ctx.s.names.text(sym).to_owned(),
        Value::Text(text) => text.as_ref().to_owned(),
        _ => return None,
    };
    let roles = &ctx.p.model.roles;
    let at = roles
        .iter()
        .position(|r| r.name == text || r.spelled.contains(&text));
    at.map(RoleId::new)
}

/// The instances that an event concerns.
pub(crate) struct Reach {
    one: Option<Inst>,
    many: Vec<Inst>,
}

impl Reach {
    fn one(inst: Option<Inst>) -> Reach {
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
