//! A model made ready to run: what each event and each kind concerns, computed once.
//!
//! Invariant: a program holds nothing of a run. The same program serves any number of states.

use std::collections::BTreeMap;

use super::finding::Severity;
use super::observe::{Observed, observe};
use crate::ids::*;
use crate::ir::visit::{self, Part};
use crate::ir::{
    About, Arises, Cond, Due, EventSource, Expr, Form, Keep, Modality, Model, Place, Scope, Set,
    Trigger, Window,
};
use crate::time::{Instant, Zone};

/// Something that shows all the parts of some conditions.
type Walk<'a, 'm> = dyn FnMut(&mut dyn FnMut(Part<'m>)) + 'a;

/// How to run a model.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What the document states without `must` (`will`) is only advised.
    pub lower_will: bool,
    /// Checks that were kept are noted too.
    pub kept: bool,
    /// Of the record's events whose first record only states what was already so (an opening): when
    /// that is, and so their observation begins. The others are observed from the beginning.
    pub observed: BTreeMap<EventId, Instant>,
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
    pub(crate) events: Vec<EventRules>,
    pub(crate) kinds: Vec<KindRules>,
    pub(crate) role_slot: Vec<usize>,
    pub(crate) log_slot: Vec<usize>,
    pub(crate) clock_slot: Vec<usize>,
    pub(crate) invariant_slot: Vec<usize>,
    pub(crate) duty_slot: Vec<usize>,
    pub(crate) reaction_slot: Vec<usize>,
    /// What each log must keep: what the model says, and what the conditions that read it need.
    pub(crate) keep: Vec<Keep>,
    pub(crate) unions: Vec<Union>,
    pub(crate) unions_of: Vec<Vec<usize>>,
    pub(crate) said: Vec<Said>,
    pub(crate) overriders: Vec<Vec<Overrider<'m>>>,
    /// When clauses come into force or leave it, and the kinds they concern, in order of time.
    pub(crate) turns: Vec<(Instant, KindId)>,
    /// Kinds with rules that look at attributes of persons who hold nothing there.
    pub(crate) attribute_readers: Vec<KindId>,
    pub(crate) observed: Observed,
}

impl<'m> Program<'m> {
    /// Makes a model ready to run.
    pub fn new(model: &'m Model, options: Options) -> Program<'m> {
        let mut program = Program {
            model,
            zone: Zone::find(&model.timezone).unwrap_or_else(Zone::utc),
            lower_will: options.lower_will,
            kept: options.kept,
            events: vec![EventRules::default(); model.events.len()],
            kinds: vec![KindRules::default(); model.kinds.len()],
            role_slot: Vec::new(),
            log_slot: Vec::new(),
            clock_slot: Vec::new(),
            invariant_slot: Vec::new(),
            duty_slot: Vec::new(),
            reaction_slot: Vec::new(),
            keep: model.logs.iter().map(|l| l.keep.clone()).collect(),
            unions: Vec::new(),
            unions_of: vec![Vec::new(); model.roles.len()],
            said: vec![Said::default(); model.clauses.len()],
            overriders: vec![Vec::new(); model.clauses.len()],
            turns: Vec::new(),
            attribute_readers: Vec::new(),
            observed: observe(model, &options.observed),
        };
        program.index_kinds();
        program.index_events();
        program.index_clauses();
        program.read_conditions();
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

    /// Finds out what the conditions of the rules of each kind look at.
    fn read_conditions(&mut self) {
        let model = self.model;
        for clock in &model.clocks {
            self.reads(clock.kind, &mut |f| visit::cond(&clock.cond, f));
        }
        for rule in &model.invariants {
            self.reads(rule.scope.kind, &mut |f| {
                if let Some(guard) = &rule.guard {
                    visit::cond(guard, f);
                }
                visit::cond(&rule.cond, f);
                if let Some(grace) = &rule.grace {
                    visit::expr(grace, f);
                }
            });
        }
        for duty in &model.duties {
            self.reads(duty.scope.kind, &mut |f| {
                if let Some(guard) = &duty.guard {
                    visit::cond(guard, f);
                }
                if let Some(by) = &duty.by {
                    visit::who(by, f);
                }
                match &duty.arises {
                    Arises::While(cond) => visit::cond(cond, f),
                    Arises::Every(expr) => visit::expr(expr, f),
                    Arises::Per(bounds, _) => visit::bounds(bounds, f),
                    Arises::Entry | Arises::After(_) => {}
                }
                match &duty.due {
                    Due::Within(expr) | Due::ByDate(expr, _) => visit::expr(expr, f),
                    Due::Open | Due::EndOfDay | Due::Before(_) => {}
                }
            });
        }
        for reaction in &model.reactions {
            if let Trigger::Becomes(cond) = &reaction.trigger {
                self.reads(reaction.scope.kind, &mut |f| {
                    visit::cond(cond, f);
                    if let Some(guard) = &reaction.guard {
                        visit::cond(guard, f);
                    }
                });
            }
        }
        for decision in &model.decisions {
            self.reads(decision.kind, &mut |f| {
                if let Some(set) = &decision.electorate {
                    visit::set(set, f);
                }
            });
        }
        let guards: Vec<(KindId, &Cond)> = standing(model)
            .filter(|(clause, ..)| {
                let clause = model.clauses.get(clause.index());
                clause.is_some_and(|c| !c.overrides.is_empty())
            })
            .filter_map(|(_, scope, guard)| guard.map(|g| (scope.kind, g)))
            .collect();
        for (kind, guard) in guards {
            self.reads(kind, &mut |f| visit::cond(guard, f));
        }
        // Conditions that are only judged at an event count as well, for what logs must keep.
        let mut needs = Vec::new();
        let mut told = Vec::new();
        let mut unions = Vec::new();
        every_cond(model, &mut |part| {
            if let Part::Expr(Expr::LastParam(log, ..) | Expr::LastActor(log, _)) = part {
                told.push(*log);
            }
            if let Part::Cond(cond) = part {
                needs_of(cond, &mut needs);
                if let Cond::Tenure { roles, place, .. } = cond
                    && (roles.len() > 1 || place.is_none())
                {
                    let union = Union {
                        roles: roles.clone(),
                        anywhere: place.is_none(),
                    };
                    if !unions.contains(&union) {
                        unions.push(union);
                    }
                }
            }
        });
        for (log, instants, people) in needs {
            if let Some(keep) = self.keep.get_mut(log.index()) {
                keep.instants |= instants;
                keep.people |= people;
            }
        }
        for log in told {
            if let Some(keep) = self.keep.get_mut(log.index()) {
                keep.fields = true;
            }
        }
        for (index, union) in unions.iter().enumerate() {
            for role in &union.roles {
                if let Some(list) = self.unions_of.get_mut(role.index()) {
                    list.push(index);
                }
            }
        }
        self.unions = unions;
        self.attribute_readers.sort_unstable();
        self.attribute_readers.dedup();
        for kind in &mut self.kinds {
            kind.read_by.sort_unstable();
            kind.read_by.dedup();
            kind.read_below.sort_unstable();
            kind.read_below.dedup();
        }
    }

    fn reads(&mut self, own: KindId, walk: &mut Walk<'_, 'm>) {
        let mut any: Vec<KindId> = Vec::new();
        let mut around: Vec<KindId> = Vec::new();
        let mut attributes = false;
        let mut values = false;
        let mut far = false;
        let model = self.model;
        let role_kind = |role: RoleId| model.roles.get(role.index()).map(|r| r.kind);
        walk(&mut |part| match part {
            Part::Place(Place::Within(kind)) => around.push(*kind),
            Part::Place(Place::Of(expr)) => match kinds_of(model, expr, own) {
                Some(kinds) => any.extend(kinds),
                None => far = true,
            },
            Part::Place(Place::This) => {}
            Part::Set(Set::HoldersAnywhere(role)) | Part::Set(Set::HoldersOf(_, role)) => {
                any.extend(role_kind(*role));
            }
            Part::Set(Set::Body(kind)) | Part::Set(Set::Instances(kind, _)) => any.push(*kind),
            Part::Set(Set::FieldOf(..)) => far = true,
            Part::Set(Set::Attribute(..)) => attributes = true,
            Part::Set(Set::Values(_)) => values = true,
            Part::Expr(Expr::Attribute(..)) => attributes = true,
            Part::Cond(Cond::Tenure {
                roles, place: None, ..
            }) => any.extend(roles.iter().filter_map(|r| role_kind(*r))),
            _ => {}
        });
        if far {
            any.extend((0..model.kinds.len()).map(KindId::new));
        }
        // Who holds something is found through his holdings; whom only a field names is not.
        if attributes && values {
            self.attribute_readers.push(own);
        }
        for kind in around {
            if kind == own {
                continue;
            }
            if self.encloses(kind, own) {
                if let Some(rules) = self.kinds.get_mut(kind.index()) {
                    rules.read_below.push(own);
                }
            } else {
                any.push(kind);
            }
        }
        for kind in any {
            if kind == own && self.is_single(own) {
                continue;
            }
            if let Some(rules) = self.kinds.get_mut(kind.index()) {
                rules.read_by.push(own);
            }
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

/// All rules that stand somewhere: clause, scope and guard.
fn standing(model: &Model) -> impl Iterator<Item = (ClauseId, &Scope, Option<&Cond>)> {
    let permits = model
        .permits
        .iter()
        .map(|r| (r.clause, &r.scope, r.guard.as_ref()));
    let prohibitions = model
        .prohibitions
        .iter()
        .map(|r| (r.clause, &r.scope, r.guard.as_ref()));
    let caps = model.caps.iter().map(|r| (r.clause, &r.scope, None));
    let checks = model
        .checks
        .iter()
        .map(|r| (r.clause, &r.scope, r.guard.as_ref()));
    let invariants = model
        .invariants
        .iter()
        .map(|r| (r.clause, &r.scope, r.guard.as_ref()));
    let duties = model
        .duties
        .iter()
        .map(|r| (r.clause, &r.scope, r.guard.as_ref()));
    let reactions = model
        .reactions
        .iter()
        .map(|r| (r.clause, &r.scope, r.guard.as_ref()));
    permits
        .chain(prohibitions)
        .chain(caps)
        .chain(checks)
        .chain(invariants)
        .chain(duties)
        .chain(reactions)
}

/// Calls `f` for every part of every condition of a model.
fn every_cond<'m>(model: &'m Model, f: &mut dyn FnMut(Part<'m>)) {
    for (_, _, guard) in standing(model) {
        if let Some(guard) = guard {
            visit::cond(guard, f);
        }
    }
    for clock in &model.clocks {
        visit::cond(&clock.cond, f);
    }
    for log in &model.logs {
        log.arms.iter().for_each(|arm| visit::arm(arm, f));
    }
    for permit in &model.permits {
        visit::arm(&permit.arm, f);
        permit.by.iter().for_each(|by| visit::who(by, f));
        permit.actions.iter().for_each(|a| visit::action(a, f));
    }
    for rule in &model.prohibitions {
        visit::arm(&rule.arm, f);
        rule.by.iter().for_each(|by| visit::who(by, f));
    }
    for check in &model.checks {
        visit::arm(&check.arm, f);
        visit::cond(&check.cond, f);
    }
    for rule in &model.invariants {
        visit::cond(&rule.cond, f);
        rule.grace.iter().for_each(|grace| visit::expr(grace, f));
    }
    for cap in &model.caps {
        visit::expr(&cap.max, f);
    }
    for duty in &model.duties {
        duty.arms.iter().for_each(|arm| visit::arm(arm, f));
        duty.by.iter().for_each(|by| visit::who(by, f));
        match &duty.arises {
            Arises::After(arms) => arms.iter().for_each(|arm| visit::arm(arm, f)),
            Arises::While(cond) => visit::cond(cond, f),
            Arises::Every(every) => visit::expr(every, f),
            Arises::Per(bounds, _) => visit::bounds(bounds, f),
            Arises::Entry => {}
        }
        match &duty.due {
            Due::Before(arms) => arms.iter().for_each(|arm| visit::arm(arm, f)),
            Due::Within(expr) | Due::ByDate(expr, _) => visit::expr(expr, f),
            Due::Open | Due::EndOfDay => {}
        }
    }
    for reaction in &model.reactions {
        match &reaction.trigger {
            Trigger::Event(arm) => visit::arm(arm, f),
            Trigger::Becomes(cond) => visit::cond(cond, f),
        }
        reaction.actions.iter().for_each(|a| visit::action(a, f));
    }
    for decision in &model.decisions {
        decision.electorate.iter().for_each(|s| visit::set(s, f));
        for expr in [&decision.after, &decision.on].into_iter().flatten() {
            visit::expr(expr, f);
        }
        for cond in [&decision.quorum, &decision.passes].into_iter().flatten() {
            super::tally::worlds(cond, &mut |world| visit::cond(world, f));
        }
    }
}

/// Which logs a condition needs instants and people of.
fn needs_of(cond: &Cond, needs: &mut Vec<(LogId, bool, bool)>) {
    match cond {
        Cond::Happened {
            log,
            about,
            by,
            window,
            ..
        } => {
            let people = *about != About::Any || by.is_some();
            let plain = matches!(window, Window::Life | Window::Entry);
            needs.push((*log, people || !plain, people));
            if let Window::SinceLast(last) = window {
                needs.push((*last, true, true));
            }
        }
        Cond::Silent { log, about, .. } => {
            let people = *about != About::Any;
            needs.push((*log, people, people));
        }
        Cond::Share {
            part,
            whole,
            window,
            ..
        } => {
            let plain = matches!(window, Window::Life | Window::Entry);
            needs.push((*part, !plain, false));
            needs.push((*whole, !plain, false));
        }
        _ => {}
    }
}

/// The kinds of instances that an expression can give, where its place alone says so.
pub(crate) fn kinds_of(model: &Model, expr: &Expr, own: KindId) -> Option<Vec<KindId>> {
    let of_type = |ty: &crate::ir::Type| match ty {
        crate::ir::Type::Instance(kinds) => Some(kinds.clone()),
        crate::ir::Type::List(inner) => match inner.as_ref() {
            crate::ir::Type::Instance(kinds) => Some(kinds.clone()),
            _ => None,
        },
        _ => None,
    };
    match expr {
        Expr::Field(place, field) => {
            let kinds = kinds_at(model, place, own)?;
            let [kind] = kinds.as_slice() else {
                return None;
            };
            let declared = model.kinds.get(kind.index())?;
            of_type(&declared.fields.get(field.index())?.ty)
        }
        Expr::Attribute(_, field) => of_type(&model.attributes.get(field.index())?.ty),
        Expr::LastParam(log, _, field) => {
            let arm = model.logs.get(log.index())?.arms.first()?;
            let event = model.events.get(arm.event.index())?;
            of_type(&event.fields.get(field.index())?.ty)
        }
        Expr::This(place) => kinds_at(model, place, own),
        _ => None,
    }
}

/// The kinds of instances that a place can be.
pub(crate) fn kinds_at(model: &Model, place: &Place, own: KindId) -> Option<Vec<KindId>> {
    match place {
        Place::This => Some(vec![own]),
        Place::Within(kind) => Some(vec![*kind]),
        Place::Of(expr) => kinds_of(model, expr, own),
    }
}
