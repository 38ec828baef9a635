//! What an event does: holdings, fields, logs, states, and what follows from it.

use super::Occurrence;
use super::admit::{Open, Opens, Verdict};
use super::eval::{Ctx, Trail};
use super::finding::{Finding, Severity};
use super::moment::{BEFORE, Moment, Truth};
use super::past::Keeping;
use super::program::EventRules;
use super::state::{ANYTHING, Entry, Happening, Inst, Instance, Last};
use super::step::Run;
use super::value::{Sym, Syms, Value};
use super::words::event_name;
use crate::ids::*;
use crate::ir::EventSource;
use crate::time::Stamp;

/// Where one event has moved instances; mostly one.
pub(crate) type Moves = smallvec::SmallVec<[(Inst, StateId); 2]>;

impl Run<'_> {
    /// Something happens: it is judged and applied, and so is what follows from it.
    pub fn occur(&mut self, occurrence: Occurrence) {
        if self.state.change.is_some_and(|c| c != occurrence.change) {
            self.weigh_early_claims();
            self.retry_checks(false);
            self.drain();
        }
        self.state.change = Some(occurrence.change);
        self.state.stamp = Stamp {
            at: self.state.now,
            day: occurrence.at.day && occurrence.at.at == self.state.now,
        };
        if self.routine(&occurrence) {
            return;
        }
        self.state.open = true;
        if let Some(act) = self.resolve(occurrence) {
            self.happen(act);
            self.drain();
        }
    }

    /// Finds the subject, which begins with this event where it is new.
    pub fn resolve(&mut self, occurrence: Occurrence) -> Option<Happening> {
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
            positions: smallvec::smallvec![occurrence.position],
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
                )
                .into(),
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

    /// Where the trace first names a group, in brackets; nothing where that is not known.
    pub fn named_at(&self, id: Sym) -> String {
        let place = self.state.names.place(id);
        place.map_or(String::new(), |place| format!(" ({place})"))
    }

    /// Notes that a group was never said to begin, where the trace names it, and what it
    /// may have meant.
    #[cold]
    pub fn first_mention(&mut self, act: &Happening, inst: Inst) {
        let known = self.state.only_mentioned(inst).to_vec();
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
        let place = self.named_at(instance.id);
        let mut message = format!(
            "{id} is first mentioned by `{}`{place} and taken to be {taken}",
            event_name(self.p.model, act.event)
        );
        match self.like(instance.id, &known) {
            Some(near) => message.push_str(&format!("; did you mean `{near}`?")),
            None if self.p.model.tells_own_events() => message.push_str(&format!(
                "; `{}.added` or `given` would say that it began",
                kind.name
            )),
            None => {}
        }
        let clause = match kind.added {
            Some(added) => self.p.wording.event(added),
            None => kind.name.as_str().into(),
        };
        let finding = Finding {
            clause,
            message: message.into(),
            group: self.group_name(inst),
            person: None,
            ..self.event_finding(act, Severity::Note)
        };
        self.out.push(finding);
    }

    /// The name of the instance that one may have meant.
    pub fn like(&self, id: Sym, known: &[Inst]) -> Option<&str> {
        let names = &self.state.names;
        let known = known.iter().filter_map(|&inst| self.state.inst(inst));
        let known = known.map(|i| names.text(i.id));
        crate::diag::suggest::nearest(names.text(id), known)
    }

    /// The enclosing instance, where a parameter of `K.added` names one.
    pub fn parent_named(&self, act: &Happening, kind: KindId) -> Option<Sym> {
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
    #[cold]
    pub fn begin_again(&mut self, inst: Inst, began: Moment) {
        self.state.sync(inst);
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
        for inner in self.state.enclosed(inst) {
            self.close_duties(inner, false);
            if let Some(instance) = self.state.inst_mut(inner) {
                instance.gone = true;
                instance.is_final = true;
            }
            self.end_life(inner);
            self.state.mark(inner);
        }
    }

    pub fn opened(&mut self, inst: Inst) {
        let now = self.state.now;
        if let Some(instance) = self.state.inst_mut(inst) {
            instance.opened_at = Some(now);
        }
    }

    /// A finding named by an event.
    pub fn event_finding(&self, act: &Happening, severity: Severity) -> Finding {
        Finding {
            clause: self.p.wording.event(act.event),
            severity,
            message: self.p.wording.no_text(),
            group: self.group_name(act.subject),
            person: self.concerned(act).map(|p| self.state.names.text(p).into()),
            from: act.stamp.at,
            to: Some(act.stamp.at),
            or_earlier: false,
            cite: self.p.wording.no_cites(),
            events: act.positions.clone(),
            found: None,
            required: None,
            periods: Vec::new(),
        }
    }

    /// All that was brought about happens, first in first out.
    pub fn drain(&mut self) {
        while let Some(act) = self.state.queue.pop_front() {
            if self.budget == 0 {
                let finding = Finding {
                    message: "too much follows from one event: the rules never come to rest".into(),
                    ..self.event_finding(&act, Severity::Violation)
                };
                self.out.push(finding);
                self.state.queue.clear();
                return;
            }
            self.budget -= 1;
            self.happen(act);
        }
    }

    pub fn happen(&mut self, mut act: Happening) {
        let source = self.p.model.events.get(act.event.index()).map(|e| e.source);
        if matches!(source, Some(EventSource::Ballot(..))) && act.actors.len() > 1 {
            // Everybody casts a ballot of his own.
            for actor in std::mem::take(&mut act.actors) {
                let mut one = act.clone();
                one.actors.push(actor);
                self.happen(one);
            }
            return;
        }
        self.state.seq += 1;
        act.seq = self.state.seq;
        let unbegun = self.state.inst(act.subject).is_some_and(|i| i.unbegun);
        if act.opening || unbegun {
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

    pub fn apply(&mut self, act: Happening, open: Opens) {
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
        let rules = self.p.events.get(act.event.index());
        let has = |list: fn(&EventRules) -> &Vec<usize>| rules.is_some_and(|r| !list(r).is_empty());
        let ready = match has(|rules| &rules.reactions) {
            true => self.ready(&act),
            false => Vec::new(),
        };
        match event.source {
            EventSource::Record => {}
            // What such an event changes touches what it changes.
            EventSource::Declared if !act.opening => {
                self.state.sync(act.subject);
                self.state.caused(act.subject, &act.positions);
            }
            _ => {
                self.state.touch(act.subject, &act.positions);
                if act.opening {
                    self.opened(act.subject);
                }
            }
        }
        self.built_in(event.source, &act);
        if has(|rules| &rules.logs) {
            self.log(&act);
        }
        if !act.opening && has(|rules| &rules.acts) {
            self.meet_duties(&act);
        }
        let mut moved = Moves::new();
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
            // What an act brings about speaks of the world that it was done in: those who lose
            // their roles with the end of a group are its members still.
            if !act.opening {
                self.perform(&permit.actions, inst, holder, Some(&act), act.chain.clone());
            }
            if let Some(target) = permit.target {
                self.move_once(inst, target, &act, &mut moved);
            }
        }
        if !ready.is_empty() {
            self.react(ready, &act, &mut moved);
        }
        if !act.opening && has(|rules| &rules.triggers) {
            self.trigger_duties(&act);
        }
        if !act.opening && has(|rules| &rules.limits) {
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
                && (!value.is_empty() || *value == Value::Unknown)
            {
                self.set_field(act.subject, stored, value.clone(), &act.positions);
            }
        }
    }

    pub fn set_field(&mut self, inst: Inst, field: FieldId, value: Value, positions: &[u32]) {
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

    #[inline(never)]
    pub fn built_in(&mut self, source: EventSource, act: &Happening) {
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

    /// Keeps an occurrence in the logs that ask for it.
    #[inline(never)]
    pub fn log(&mut self, act: &Happening) {
        let p = self.p;
        let Some(rules) = p.events.get(act.event.index()) else {
            return;
        };
        for &index in &rules.logs {
            let (Some(log), Some(keep), Some(past), Some(&slot)) = (
                p.model.logs.get(index),
                p.keep.get(index),
                p.pasts.get(index),
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
                let now = self.state.now;
                let Some(instance) = self.state.inst_mut(inst) else {
                    continue;
                };
                let entered = instance.entered_seq;
                if let Some(data) = instance.logs.get_mut(slot) {
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
                                Syms::new()
                            },
                        });
                    } else {
                        data.possible += 1;
                        data.last_possible = Some(at);
                    }
                    let entry = || Entry {
                        at,
                        seq: act.seq,
                        certain,
                        about: about.filter(|_| keep.people),
                        actors: if keep.people {
                            act.actors.as_slice().into()
                        } else {
                            Box::default()
                        },
                        deed: keep
                            .every
                            .then(|| Box::new((act.event, act.fields.clone()))),
                    };
                    let keeping = Keeping {
                        p,
                        past,
                        now,
                        entered,
                    };
                    keeping.keep(data, at, certain, &entry);
                }
                let changed = p.log_bit(index).unwrap_or(ANYTHING);
                self.state.touch_in(inst, &act.positions, changed);
            }
        }
    }

    /// Moves an instance, unless this event has moved it elsewhere.
    pub fn move_once(&mut self, inst: Inst, target: StateId, act: &Happening, moved: &mut Moves) {
        match moved.iter().find(|(i, _)| *i == inst) {
            Some((_, to)) if *to == target => {}
            Some(_) => {
                let finding = Finding {
                    message: format!(
                        "`{}` leads to two states at once; the first is taken",
                        event_name(self.p.model, act.event)
                    )
                    .into(),
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
