//! What follows from an event by itself: reactions, and the effects of rules.

use std::sync::Arc;

use super::apply::{Moves, act_moment};
use super::eval::{Ctx, Spot, Trail, in_scope};
use super::finding::{Finding, Positions, Severity};
use super::moment::{Moment, Truth};
use super::state::{Chain, Happening, Inst, NoteKey};
use super::step::{Run, With};
use super::value::{Sym, Syms, Value};
use super::words::event_name;
use crate::ids::*;
use crate::ir::{Action, EventSource, Place, Reaction, RoleRef, Trigger};

/// A reaction that an event sets off, if its conditions hold then. Without an instance, one begins.
pub(crate) struct Ready {
    reaction: usize,
    inst: Option<Inst>,
    holder: Option<Sym>,
}

impl Run<'_> {
    /// The reactions that an event may set off: where they stand is judged of the state before it.
    #[inline(never)]
    pub fn ready(&self, act: &Happening) -> Vec<Ready> {
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
                    let holders = self.each(&reaction.scope, inst).into_iter();
                    ready.extend(holders.map(|holder| Ready {
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
        // What says how a life begins is told before what only speaks of it.
        if ready.iter().any(|ready| ready.inst.is_none()) {
            let begins = |ready: &Ready| {
                let reaction = p.model.reactions.get(ready.reaction);
                reaction.is_some_and(|reaction| p.begins_life(reaction))
            };
            ready.sort_by_key(|ready| !begins(ready));
        }
        ready
    }

    #[inline(never)]
    pub fn react(&mut self, ready: Vec<Ready>, act: &Happening, moved: &mut Moves) {
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
                None if self.is_other(reaction, act) => continue,
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
            let follows = !reaction.actions.is_empty();
            let chain = follows.then(|| {
                Arc::new(Chain {
                    reaction: index,
                    inst,
                    before: act.chain.clone(),
                })
            });
            self.perform_by(
                &reaction.actions,
                inst,
                holder,
                Some(act),
                chain,
                Some(reaction.clause),
            );
            if let Some(target) = reaction.target {
                self.move_once(inst, target, act, moved);
            }
        }
    }

    /// What the record says of a group that has ended, and that leads it back, begins it anew; and so
    /// it does with one that it had only mentioned, which keeps what was said of it.
    fn revive(&mut self, inst: Inst, reaction: &Reaction, act: &Happening) {
        if !self.p.begins_life(reaction) {
            return;
        }
        let Some(instance) = self.state.inst(inst) else {
            return;
        };
        if instance.is_final {
            self.begin_again(inst, act_moment(act));
        } else if instance.unbegun {
            let seq = self.state.seq;
            if let Some(instance) = self.state.inst_mut(inst) {
                instance.unbegun = false;
                instance.began = act_moment(act);
                instance.entered = instance.began;
                instance.entered_seq = seq;
            }
        }
    }

    /// The life that something begins which the record says of a group that is not there. Where it
    /// could say how such a group begins and does not here, nothing is judged of it.
    #[cold]
    fn recorded_life(&mut self, reaction: &Reaction, act: &Happening) -> Option<Inst> {
        let id = act.named?;
        let kind = reaction.scope.kind;
        let begins = self.p.begins_life(reaction);
        if begins {
            self.give_way(id);
        }
        let parent = self.parent_of(kind, None);
        let inst = self.state.create(self.p, kind, id, parent, act_moment(act));
        if act.opening {
            self.opened(inst);
        }
        if reaction.target.is_none() && !begins {
            if !self.p.tells_beginnings(kind) {
                self.first_mention(act, inst);
                return Some(inst);
            }
            if let Some(instance) = self.state.inst_mut(inst) {
                instance.unbegun = true;
            }
            let known = self.state.only_mentioned(inst).to_vec();
            self.unbegun(act, reaction, id, &known);
        }
        Some(inst)
    }

    /// What was only mentioned under a name is no more: the record says that something else of that
    /// name begins.
    #[cold]
    fn give_way(&mut self, id: Sym) {
        for kind in (0..self.p.model.kinds.len()).map(KindId::new) {
            let Some(inst) = self.state.named(kind, id) else {
                continue;
            };
            if let Some(instance) = self.state.inst_mut(inst)
                && instance.unbegun
            {
                instance.gone = true;
                instance.is_final = true;
                self.end_life(inst);
                self.state.forget(inst);
            }
        }
    }

    /// Whether what the record speaks of is known as a group of another kind, or a reaction that
    /// several kinds share leaves open of which it is (which is noted).
    fn is_other(&mut self, reaction: &Reaction, act: &Happening) -> bool {
        let Some(id) = act
            .named
            .filter(|_| reaction.scope.kind != KindId::DOCUMENT)
        else {
            return false;
        };
        let begins = self.p.begins_life(reaction);
        let mut kinds = (0..self.p.model.kinds.len()).map(KindId::new);
        let known = kinds.any(|kind| {
            let inst = self.state.named(kind, id);
            let instance = inst.and_then(|inst| self.state.inst(inst));
            instance.is_some_and(|instance| !(begins && instance.unbegun))
        });
        if known {
            return true;
        }
        let mut reactions = self.p.model.reactions.iter();
        let shared =
            reactions.any(|r| r.clause == reaction.clause && r.scope.kind != reaction.scope.kind);
        if shared {
            self.unbegun(act, reaction, id, &[]);
        }
        shared
    }

    /// Notes, once, that the record speaks of something and has not said how it began.
    #[cold]
    fn unbegun(&mut self, act: &Happening, reaction: &Reaction, id: Sym, known: &[Inst]) {
        if !self.state.notes.insert(NoteKey::Unbegun(id)) {
            return;
        }
        let name = self.state.names.text(id).to_owned();
        let event = event_name(self.p.model, act.event);
        let near = self.like(id, known).map(str::to_owned);
        let near = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        let place = self.named_at(id);
        let message = format!(
            "{name} is first mentioned by `{event}`{place}; the record does not say how it began: \
             undecided{near}"
        );
        let finding = Finding {
            severity: Severity::Note,
            message: message.into(),
            group: Some(name.into()),
            events: act.positions.clone(),
            ..self.finding(reaction.clause, None, None, self.state.stamp.at)
        };
        self.out.push(finding);
    }

    #[cold]
    pub fn loop_found(&mut self, clause: ClauseId, inst: Inst, events: Positions) {
        let text = self.clause_text(clause);
        let finding = Finding {
            message: format!("loop: `{text}` sets itself off; it is done once").into(),
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

    pub fn perform_by(
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
                    let Spot::At(at) = ctx.spot(place) else {
                        continue;
                    };
                    let value = ctx.value(expr).unwrap_or(Value::Unknown);
                    let positions = act.map_or(Positions::new(), |a| a.positions.clone());
                    self.set_field(at, *field, value, &positions);
                }
                Action::SetAttribute(of, field, expr) => {
                    let Some(of) = ctx.value(of) else {
                        continue;
                    };
                    let value = ctx.value(expr).unwrap_or(Value::Unknown);
                    let positions = act.map_or(Positions::new(), |a| a.positions.clone());
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
                    let spot = ctx.spot(place);
                    let named = match place {
                        Place::Of(expr) => ctx.value(expr).and_then(|v| ctx.sym(&v)),
                        _ => None,
                    };
                    let mut values = Vec::new();
                    for (field, expr) in args {
                        values.push((*field, ctx.value(expr).unwrap_or(Value::Unknown)));
                    }
                    let Some(at) = self.begun(*event, spot, named, inst, act) else {
                        continue;
                    };
                    let kind = self.p.model.events.get(event.index()).map(|e| e.kind);
                    let Some(at) = kind.and_then(|k| self.state.within(self.p, at, k)) else {
                        continue;
                    };
                    self.emit(*event, at, values, act, chain.clone());
                }
            }
        }
    }

    /// The subject of an event that is brought about; it begins with `K.added`, and anew after its
    /// end.
    fn begun(
        &mut self,
        event: EventId,
        spot: Spot,
        named: Option<Sym>,
        inst: Inst,
        act: Option<&Happening>,
    ) -> Option<Inst> {
        let source = self.p.model.events.get(event.index()).map(|e| e.source);
        let kind = match source {
            Some(EventSource::KindAdded(kind)) if named.is_some() => Some(kind),
            _ => None,
        };
        let began = act.map_or(Moment::exact(self.state.stamp), act_moment);
        match (spot, kind) {
            (Spot::At(at), Some(_)) => {
                if self.state.inst(at).is_some_and(|i| i.is_final) {
                    self.begin_again(at, began);
                }
                Some(at)
            }
            (Spot::At(at), None) => Some(at),
            (Spot::Nowhere, Some(kind)) => {
                let outer = self.p.enclosing(kind)?;
                let around = act.and_then(|act| self.state.named(outer, act.named?));
                let parent = around.or_else(|| self.state.within(self.p, inst, outer))?;
                let new = self.state.create(self.p, kind, named?, Some(parent), began);
                if act.is_some_and(|act| act.opening) {
                    self.opened(new);
                }
                Some(new)
            }
            _ => None,
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
        self.state.sync(subject);
        let mut fields = vec![Value::Empty; declared.fields.len()];
        for (field, value) in args {
            if let Some(slot) = fields.get_mut(field.index()) {
                *slot = value;
            }
        }
        let positions = Positions::from_slice(self.positions(subject, by));
        // What a record means is judged like any act; what the rules bring about needs no leave.
        let recorded = by.is_some_and(|by| {
            let source = self.p.model.events.get(by.event.index());
            source.is_some_and(|e| e.source == EventSource::Record)
        });
        self.state.queue.push_back(Happening {
            event,
            stamp: by.map_or(self.state.stamp, |by| by.stamp),
            subject,
            named: self.state.inst(subject).map(|i| i.id),
            actors: by.map_or(Syms::new(), |by| by.actors.clone()),
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
