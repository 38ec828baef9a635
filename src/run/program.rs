//! A model made ready to run: what each event and each kind concerns, computed once.
//!
//! Invariant: a program holds nothing of a run. The same program serves any number of states.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::Severity;
use super::observe::{Observed, observe};
use super::past::Past;
use super::quiet::Routine;
use super::reads::standing;
use super::words::Wording;
use crate::ids::*;
use crate::ir::{
    Action, Arises, Cond, Const, Due, Duty, Event, EventSource, Expr, Form, Keep, Modality, Model,
    Place, Reaction, Scope, Trigger,
};
use crate::time::{Duration, Instant, Zone};

/// How to run a model.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What the document states without `must` (`will`) is only advised.
    pub lower_will: bool,
    /// What was kept is noted too: checks, duties met in time but for plain intervals, and results of
    /// votes that the ballots bear out.
    pub kept: bool,
    /// Of the record's events whose first record only states what was already so (an opening): when
    /// that is, and so their observation begins. The others are observed from the beginning.
    pub observed: BTreeMap<EventId, Instant>,
    /// Conditions beside those of the model that will be asked of the state ([`ask`](super::ask)), of an
    /// instance of which kind: what they look back at is kept too.
    pub asked: Vec<(KindId, Cond)>,
    /// Whatever could be cut short goes the long way: no event is taken as routine, no interval
    /// begins anew but by following up its duty, whoever has a timer is looked at, each rule is judged
    /// in whatever state and whatever has changed, whatever happens is kept for ever and gone through
    /// whenever it is counted, and so are ballots. The findings are the same, later. For tests.
    pub one_by_one: bool,
}

/// How the instances of one kind lie to the subject of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    /// There is one instance.
    Single,
    /// The subject itself.
    Same,
    /// The instance that encloses the subject.
    Up,
    /// All that the subject encloses.
    Down,
    /// All within the innermost instance of this kind that encloses the subject.
    Beside(KindId),
}

/// What concerns an event, as indices into the model's tables, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct EventRules {
    pub permits: Vec<usize>,
    /// One of the permits is exclusive.
    pub exclusive: bool,
    /// One of the permits moves a state.
    pub moves: bool,
    pub prohibitions: Vec<usize>,
    /// By state of the subject: those of the permits and of the prohibitions that may say something
    /// there; empty where that cannot be told beforehand.
    pub permits_in: Vec<Vec<usize>>,
    pub prohibitions_in: Vec<Vec<usize>>,
    pub caps: Vec<usize>,
    pub checks: Vec<usize>,
    pub logs: Vec<usize>,
    pub reactions: Vec<usize>,
    /// Duties that it may meet.
    pub acts: Vec<usize>,
    /// Duties that it may trigger.
    pub triggers: Vec<usize>,
    /// Duties that are due before it.
    pub limits: Vec<usize>,
}

/// What concerns the instances of a kind, as indices into the model's tables, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct KindRules {
    pub roles: Vec<usize>,
    pub logs: Vec<usize>,
    pub clocks: Vec<usize>,
    pub invariants: Vec<usize>,
    pub duties: Vec<usize>,
    /// Reactions to a condition that becomes true.
    pub becomes: Vec<usize>,
    /// Kinds with rules that look at any instance of this kind.
    pub read_by: Vec<KindId>,
    /// Kinds with rules that look at the instance of this kind that encloses them.
    pub read_below: Vec<KindId>,
}

/// Roles of which the holding of any, without a break, is asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Union {
    pub roles: Vec<RoleId>,
    /// In whatever instance; else in one.
    pub anywhere: bool,
}

/// The events that a clause has.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Said {
    pub missed: Option<EventId>,
    pub met: Option<EventId>,
    pub broken: Option<EventId>,
    pub mended: Option<EventId>,
}

/// A rule that silences another clause while it stands.
#[derive(Debug, Clone)]
pub(crate) struct Overrider<'m> {
    pub clause: ClauseId,
    pub scope: &'m Scope,
    pub guard: Option<&'m Cond>,
}

/// A model made ready to run.
#[derive(Debug, Clone)]
pub struct Program<'m> {
    pub(crate) model: &'m Model,
    pub(crate) zone: Zone,
    pub(crate) lower_will: bool,
    pub(crate) kept: bool,
    pub(crate) one_by_one: bool,
    pub(crate) wording: Wording,
    pub(crate) events: Vec<EventRules>,
    pub(crate) kinds: Vec<KindRules>,
    pub(crate) role_slot: Vec<usize>,
    pub(crate) log_slot: Vec<usize>,
    pub(crate) clock_slot: Vec<usize>,
    pub(crate) invariant_slot: Vec<usize>,
    pub(crate) duty_slot: Vec<usize>,
    pub(crate) reaction_slot: Vec<usize>,
    /// By duty and state: whether its `if` holds there, where that is always the same.
    pub(crate) duty_guards: Vec<Vec<Option<bool>>>,
    /// By invariant: the logs of its instance that it looks at, one bit for each, where that is all
    /// that it looks at but the instance itself.
    pub(crate) invariant_logs: Vec<Option<u64>>,
    /// What each log must keep: what the model says, and what the conditions that read it need.
    pub(crate) keep: Vec<Keep>,
    /// What of the past each log must keep, by the conditions that read it.
    pub(crate) pasts: Vec<Past>,
    pub(crate) unions: Vec<Union>,
    pub(crate) unions_of: Vec<Vec<usize>>,
    pub(crate) said: Vec<Said>,
    pub(crate) overriders: Vec<Vec<Overrider<'m>>>,
    /// When clauses come into force or leave it, and the kinds they concern, in order of time.
    pub(crate) turns: Vec<(Instant, KindId)>,
    /// Kinds with rules that look at attributes of persons who hold nothing there.
    pub(crate) attribute_readers: Vec<KindId>,
    pub(crate) observed: Observed,
    /// By event: the kind of its subject, and in which states it is routine.
    pub(crate) routines: Vec<(KindId, Routine)>,
    /// By event of a record: the kinds of which it may say how a life began.
    pub(crate) begins: BTreeMap<EventId, Vec<KindId>>,
    /// The kinds whose instances know routine events.
    pub(crate) routine_kinds: BTreeSet<KindId>,
}

impl<'m> Program<'m> {
    /// Makes a model ready to run.
    pub fn new(model: &'m Model, options: Options) -> Program<'m> {
        let mut program = Program {
            model,
            zone: Zone::find(&model.timezone).unwrap_or_else(Zone::utc),
            lower_will: options.lower_will,
            kept: options.kept,
            one_by_one: options.one_by_one,
            wording: Wording::of(model),
            events: vec![EventRules::default(); model.events.len()],
            kinds: vec![KindRules::default(); model.kinds.len()],
            role_slot: Vec::new(),
            log_slot: Vec::new(),
            clock_slot: Vec::new(),
            invariant_slot: Vec::new(),
            duty_slot: Vec::new(),
            reaction_slot: Vec::new(),
            duty_guards: Vec::new(),
            invariant_logs: Vec::new(),
            keep: model.logs.iter().map(|l| l.keep.clone()).collect(),
            pasts: vec![Past::default(); model.logs.len()],
            unions: Vec::new(),
            unions_of: vec![Vec::new(); model.roles.len()],
            said: vec![Said::default(); model.clauses.len()],
            overriders: vec![Vec::new(); model.clauses.len()],
            turns: Vec::new(),
            attribute_readers: Vec::new(),
            observed: observe(model, &options.observed),
            routines: Vec::new(),
            begins: BTreeMap::new(),
            routine_kinds: BTreeSet::new(),
        };
        program.index_kinds();
        program.index_events();
        program.index_clauses();
        program.index_beginnings();
        program.read_conditions(&options.asked);
        if !program.one_by_one {
            let events = model.events.iter().enumerate();
            let routine = |(index, event): (usize, &Event)| {
                (event.kind, program.routine(EventId::new(index)))
            };
            program.routines = events.map(routine).collect();
            let by_state = model
                .events
                .iter()
                .zip(&program.events)
                .map(|(event, rules)| {
                    let permits = program.by_state(event, &rules.permits, |index| {
                        let permit = model.permits.get(index)?;
                        Some((permit.clause, &permit.scope, &permit.guard))
                    });
                    let prohibitions = program.by_state(event, &rules.prohibitions, |index| {
                        let rule = model.prohibitions.get(index)?;
                        Some((rule.clause, &rule.scope, &rule.guard))
                    });
                    (permits, prohibitions)
                });
            let by_state: Vec<_> = by_state.collect();
            for (rules, (permits, prohibitions)) in program.events.iter_mut().zip(by_state) {
                rules.permits_in = permits;
                rules.prohibitions_in = prohibitions;
            }
            let logs = model.invariants.iter().map(|rule| program.own_logs(rule));
            program.invariant_logs = logs.collect();
            let guards = model.duties.iter().map(|duty| program.guard_by_state(duty));
            program.duty_guards = guards.collect();
            let all = program.routines.iter();
            let kinds = all.filter(|(_, states)| states.iter().any(Option::is_some));
            program.routine_kinds = kinds.map(|(kind, _)| *kind).collect();
        }
        program
    }

    /// The model.
    pub fn model(&self) -> &'m Model {
        self.model
    }

    /// Its time zone.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    fn index_kinds(&mut self) {
        let model = self.model;
        let kinds = &mut self.kinds;
        let mut place =
            |kind: KindId, index: usize, pick: fn(&mut KindRules) -> &mut Vec<usize>| {
                let Some(rules) = kinds.get_mut(kind.index()) else {
                    return 0;
                };
                let list = pick(rules);
                list.push(index);
                list.len() - 1
            };
        for (index, role) in model.roles.iter().enumerate() {
            let slot = place(role.kind, index, |k| &mut k.roles);
            self.role_slot.push(slot);
        }
        for (index, log) in model.logs.iter().enumerate() {
            let slot = place(log.kind, index, |k| &mut k.logs);
            self.log_slot.push(slot);
        }
        for (index, clock) in model.clocks.iter().enumerate() {
            let slot = place(clock.kind, index, |k| &mut k.clocks);
            self.clock_slot.push(slot);
        }
        for (index, rule) in model.invariants.iter().enumerate() {
            let slot = place(rule.scope.kind, index, |k| &mut k.invariants);
            self.invariant_slot.push(slot);
        }
        for (index, duty) in model.duties.iter().enumerate() {
            let slot = place(duty.scope.kind, index, |k| &mut k.duties);
            self.duty_slot.push(slot);
        }
        for (index, reaction) in model.reactions.iter().enumerate() {
            let slot = match reaction.trigger {
                Trigger::Becomes(_) => place(reaction.scope.kind, index, |k| &mut k.becomes),
                Trigger::Event(_) => 0,
            };
            self.reaction_slot.push(slot);
        }
    }

    fn index_events(&mut self) {
        let model = self.model;
        let events = &mut self.events;
        let mut place =
            |event: EventId, index: usize, pick: fn(&mut EventRules) -> &mut Vec<usize>| {
                if let Some(rules) = events.get_mut(event.index()) {
                    let list = pick(rules);
                    if list.last() != Some(&index) {
                        list.push(index);
                    }
                }
            };
        for (index, permit) in model.permits.iter().enumerate() {
            place(permit.arm.event, index, |e| &mut e.permits);
        }
        for (index, rule) in model.prohibitions.iter().enumerate() {
            place(rule.arm.event, index, |e| &mut e.prohibitions);
        }
        for (index, cap) in model.caps.iter().enumerate() {
            for &event in &cap.events {
                place(event, index, |e| &mut e.caps);
            }
        }
        for (index, check) in model.checks.iter().enumerate() {
            place(check.arm.event, index, |e| &mut e.checks);
        }
        for (index, log) in model.logs.iter().enumerate() {
            for arm in &log.arms {
                place(arm.event, index, |e| &mut e.logs);
            }
        }
        for (index, reaction) in model.reactions.iter().enumerate() {
            if let Trigger::Event(arm) = &reaction.trigger {
                place(arm.event, index, |e| &mut e.reactions);
            }
        }
        for (index, duty) in model.duties.iter().enumerate() {
            for arm in &duty.arms {
                place(arm.event, index, |e| &mut e.acts);
            }
            if let Arises::After(arms) = &duty.arises {
                for arm in arms {
                    place(arm.event, index, |e| &mut e.triggers);
                }
            }
            if let Due::Before(arms) = &duty.due {
                for arm in arms {
                    place(arm.event, index, |e| &mut e.limits);
                }
            }
        }
        for permit in &model.permits {
            if let Some(rules) = self.events.get_mut(permit.arm.event.index()) {
                rules.exclusive |= permit.exclusive;
                rules.moves |= permit.target.is_some();
            }
        }
    }

    fn index_clauses(&mut self) {
        let model = self.model;
        for (index, event) in model.events.iter().enumerate() {
            let id = EventId::new(index);
            let (clause, pick): (ClauseId, fn(&mut Said) -> &mut Option<EventId>) =
                match event.source {
                    EventSource::Missed(clause) => (clause, |s| &mut s.missed),
                    EventSource::Met(clause) => (clause, |s| &mut s.met),
                    EventSource::Broken(clause) => (clause, |s| &mut s.broken),
                    EventSource::Mended(clause) => (clause, |s| &mut s.mended),
                    _ => continue,
                };
            if let Some(said) = self.said.get_mut(clause.index()) {
                *pick(said) = Some(id);
            }
        }
        for (clause, scope, guard) in standing(model) {
            let Some(said) = model.clauses.get(clause.index()) else {
                continue;
            };
            for silenced in &said.overrides {
                if let Some(list) = self.overriders.get_mut(silenced.index()) {
                    list.push(Overrider {
                        clause,
                        scope,
                        guard,
                    });
                }
            }
            for stamp in [said.from, said.until].into_iter().flatten() {
                self.turns.push((stamp.at, scope.kind));
                // Whom it silences is judged anew as well.
                for silenced in &said.overrides {
                    let others = standing(model).filter(|(c, ..)| c == silenced);
                    self.turns
                        .extend(others.map(|(_, scope, _)| (stamp.at, scope.kind)));
                }
            }
        }
        self.turns.sort_unstable();
        self.turns.dedup();
    }

    fn index_beginnings(&mut self) {
        let model = self.model;
        for reaction in &model.reactions {
            if let Trigger::Event(arm) = &reaction.trigger
                && self.begins_life(reaction)
            {
                let kinds = self.begins.entry(arm.event).or_default();
                if !kinds.contains(&reaction.scope.kind) {
                    kinds.push(reaction.scope.kind);
                }
            }
        }
    }

    /// Whether a reaction of a mapping says how a life begins: with `do K.added`, or by leading to a
    /// state that is not final.
    pub(crate) fn begins_life(&self, reaction: &Reaction) -> bool {
        let Some(kind) = self.model.kinds.get(reaction.scope.kind.index()) else {
            return false;
        };
        let target = reaction.target.and_then(|t| kind.states.get(t.index()));
        let leads = target.is_some_and(|state| !state.is_final);
        let adds = || {
            reaction.actions.iter().any(|action| match action {
                Action::Emit {
                    event,
                    place: Place::This | Place::Within(_),
                    ..
                } => Some(*event) == kind.added,
                _ => false,
            })
        };
        reaction.recorded && !self.is_single(reaction.scope.kind) && (leads || adds())
    }

    /// Whether the record can say how instances of a kind begin.
    pub(crate) fn tells_beginnings(&self, kind: KindId) -> bool {
        self.begins.values().any(|kinds| kinds.contains(&kind))
    }

    /// The interval of a duty that is owed once in each, where nothing can change it.
    pub(crate) fn plain_every(&self, duty: &Duty) -> Option<Duration> {
        let plain = duty.except.is_none() && duty.by.is_none() && duty.scope.each.is_none();
        match &duty.arises {
            Arises::Every(Expr::Const(Const::Duration(every))) if plain && !self.one_by_one => {
                Some(*every)
            }
            _ => None,
        }
    }

    /// The kind that encloses a kind; the document encloses all others.
    pub(crate) fn enclosing(&self, kind: KindId) -> Option<KindId> {
        if kind == KindId::DOCUMENT {
            return None;
        }
        let declared = self.model.kinds.get(kind.index())?;
        Some(declared.parent.unwrap_or(KindId::DOCUMENT))
    }

    /// Whether `outer` encloses `inner`.
    pub(crate) fn encloses(&self, outer: KindId, inner: KindId) -> bool {
        let mut at = self.enclosing(inner);
        // The depth of kinds is bounded by their number.
        for _ in 0..=self.model.kinds.len() {
            match at {
                Some(kind) if kind == outer => return true,
                Some(kind) => at = self.enclosing(kind),
                None => return false,
            }
        }
        false
    }

    /// Whether a kind has one instance, always there.
    pub(crate) fn is_single(&self, kind: KindId) -> bool {
        let declared = self.model.kinds.get(kind.index());
        declared.is_some_and(|k| matches!(k.form, Form::Document | Form::Body))
    }

    /// How the instances of `scope` lie to a subject of kind `subject`.
    pub(crate) fn relation(&self, subject: KindId, scope: KindId) -> Relation {
        if subject == scope && !self.is_single(scope) {
            return Relation::Same;
        }
        if self.is_single(scope) {
            return Relation::Single;
        }
        if self.encloses(scope, subject) {
            return Relation::Up;
        }
        if self.encloses(subject, scope) {
            return Relation::Down;
        }
        let mut at = self.enclosing(subject);
        for _ in 0..=self.model.kinds.len() {
            match at {
                Some(kind) if self.encloses(kind, scope) => return Relation::Beside(kind),
                Some(kind) => at = self.enclosing(kind),
                None => break,
            }
        }
        Relation::Beside(KindId::DOCUMENT)
    }

    /// How grave a breach of a clause is.
    pub(crate) fn severity(&self, clause: ClauseId) -> Severity {
        let modality = self.model.clauses.get(clause.index()).map(|c| c.modality);
        match modality {
            Some(Modality::Should) => Severity::Advisory,
            Some(Modality::Will) if self.lower_will => Severity::Advisory,
            _ => Severity::Violation,
        }
    }

    /// Whether a clause is in force.
    pub(crate) fn in_force(&self, clause: ClauseId, now: Instant) -> bool {
        self.model.clauses.get(clause.index()).is_none_or(|c| {
            c.from.is_none_or(|from| from.at <= now) && c.until.is_none_or(|until| now < until.at)
        })
    }
}
