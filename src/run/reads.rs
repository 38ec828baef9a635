//! What the conditions of a model look at: which kinds, which logs, whose tenure.

use super::past::{Past, asked};
use super::program::{Program, Union};
use crate::ids::*;
use crate::ir::visit::{self, Part};
use crate::ir::{
    About, Arises, Cond, Due, EventSource, Expr, Invariant, Model, Place, Scope, Set, Trigger,
    Window,
};

/// Something that shows all the parts of some conditions.
type Walk<'a, 'm> = dyn FnMut(&mut dyn FnMut(Part<'m>)) + 'a;

impl<'m> Program<'m> {
    /// Finds out what the conditions of the rules of each kind look at, and what those that will be
    /// asked look back at.
    pub(crate) fn read_conditions(&mut self, more: &[(KindId, Cond)]) {
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
                    Arises::Entry | Arises::After(_) | Arises::Ended(..) => {}
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
        // A rule for each holder is another when the holders are.
        for (_, scope, _) in standing(model) {
            let role = scope.each.and_then(|role| model.roles.get(role.index()));
            let Some(kind) = role.map(|r| r.kind).filter(|kind| *kind != scope.kind) else {
                continue;
            };
            let below = self.encloses(kind, scope.kind);
            if let Some(rules) = self.kinds.get_mut(kind.index()) {
                let readers = if below {
                    &mut rules.read_below
                } else {
                    &mut rules.read_by
                };
                readers.push(scope.kind);
            }
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
        let mut pasts = std::mem::take(&mut self.pasts);
        let mut matched = Vec::new();
        let mut told = Vec::new();
        let mut unions = Vec::new();
        let mut people = Vec::new();
        every_cond(model, &mut |own, part| {
            if let Part::Expr(Expr::LastParam(log, ..) | Expr::LastActor(log, _)) = part {
                told.push(*log);
            }
            if let Part::Cond(Cond::Happened {
                log,
                window: Window::SinceLast { last, matches },
                ..
            }) = part
                && !matches.is_empty()
            {
                matched.extend([*log, *last]);
            }
            if let Part::Cond(cond) = part {
                asked(model, own, cond, &mut pasts);
                people_of(cond, &mut people);
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
        for (kind, cond) in more {
            visit::cond(cond, &mut |part| {
                if let Part::Cond(cond) = part {
                    asked(model, *kind, cond, &mut pasts);
                    people_of(cond, &mut people);
                }
            });
        }
        for cap in &model.caps {
            if let Some(past) = pasts.get_mut(cap.log.index()) {
                past.number_in(cap.period);
            }
        }
        if self.one_by_one {
            for past in &mut pasts {
                *past = Past {
                    all: true,
                    ..Past::default()
                };
            }
        }
        self.pasts = pasts;
        for log in people {
            if let Some(keep) = self.keep.get_mut(log.index()) {
                keep.people = true;
            }
        }
        for log in matched {
            if let Some(keep) = self.keep.get_mut(log.index()) {
                keep.every = true;
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

    /// The bit of a log among those of its kind; none where there are too many.
    pub(crate) fn log_bit(&self, log: usize) -> Option<u64> {
        let slot = u32::try_from(*self.log_slot.get(log)?).ok()?;
        1u64.checked_shl(slot)
    }

    /// The logs that an invariant looks at, one bit for each of its instance; `None` where it looks at
    /// anything else that may change but its instance, or stands only for a time.
    pub(crate) fn own_logs(&self, rule: &Invariant) -> Option<u64> {
        let own = rule.scope.kind;
        let clause = self.model.clauses.get(rule.clause.index())?;
        let alone = self.overriders.get(rule.clause.index())?.is_empty();
        if clause.from.is_some() || clause.until.is_some() || !alone || rule.scope.each.is_some() {
            return None;
        }
        let bit = |log: LogId| {
            let declared = self.model.logs.get(log.index())?;
            let bit = self.log_bit(log.index())?;
            (declared.kind == own).then_some(bit)
        };
        let look = |part: Part<'_>| match part {
            Part::Cond(Cond::Happened {
                log,
                about: About::Any,
                by: None,
                window: Window::Life | Window::Entry | Window::Last(_) | Window::Period(_),
                ..
            }) => bit(*log),
            Part::Cond(Cond::Silent {
                log,
                about: About::Any,
                ..
            }) => bit(*log),
            Part::Cond(Cond::Share { part, whole, .. }) => Some(bit(*part)? | bit(*whole)?),
            Part::Cond(
                Cond::All(_)
                | Cond::Any(_)
                | Cond::Not(_)
                | Cond::Count { .. }
                | Cond::Portion { .. }
                | Cond::State(..)
                | Cond::Filled(_),
            )
            | Part::Expr(Expr::Const(_) | Expr::Field(..) | Expr::Element)
            | Part::Set(Set::Attribute(..) | Set::Where(..) | Set::Union(_))
            | Part::Place(Place::This) => Some(0),
            Part::Set(Set::Holders(role, _)) => {
                let declared = self.model.roles.get(role.index())?;
                (declared.kind == own).then_some(0)
            }
            _ => None,
        };
        let mut all = Some(0);
        let mut add = |part: Part<'_>| all = all.zip(look(part)).map(|(all, one)| all | one);
        if let Some(guard) = &rule.guard {
            visit::cond(guard, &mut add);
        }
        visit::cond(&rule.cond, &mut add);
        if let Some(grace) = &rule.grace {
            visit::expr(grace, &mut add);
        }
        all
    }

    /// Whether a condition asks for something that happens only when a case closes.
    pub(crate) fn asks_for_outcome(&self, cond: &Cond) -> bool {
        let closes = |log: LogId| {
            let arms = self.model.logs.get(log.index()).map(|log| &log.arms);
            arms.into_iter().flatten().any(|arm| {
                let event = self.model.events.get(arm.event.index());
                event.is_some_and(|e| {
                    matches!(e.source, EventSource::Outcome(..) | EventSource::Closed(_))
                })
            })
        };
        let mut found = false;
        visit::cond(cond, &mut |part| match part {
            Part::Cond(Cond::Happened { log, .. } | Cond::Silent { log, .. })
            | Part::Expr(
                Expr::LastParam(log, ..) | Expr::LastActor(log, _) | Expr::LastWhen(log, _),
            ) => found |= closes(*log),
            _ => {}
        });
        found
    }

    fn reads(&mut self, own: KindId, walk: &mut Walk<'_, 'm>) {
        let mut any: Vec<KindId> = Vec::new();
        let mut around: Vec<KindId> = Vec::new();
        let mut attributes = false;
        let mut values = false;
        let mut far = false;
        let model = self.model;
        let role_kind = |role: RoleId| model.roles.get(role.index()).map(|r| r.kind);
        let mut clocks: Vec<ClockId> = Vec::new();
        let mut look = |part: Part<'m>, clocks: &mut Vec<ClockId>| match part {
            Part::Cond(Cond::Held(clock, place, _)) if *place != Place::This => {
                clocks.push(*clock);
            }
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
        };
        walk(&mut |part| look(part, &mut clocks));
        // What the clock of another instance looks at is looked at through it. Each is taken once.
        let mut at = 0;
        while let Some(clock) = clocks.get(at).and_then(|c| model.clocks.get(c.index())) {
            let mut more = Vec::new();
            visit::cond(&clock.cond, &mut |part| look(part, &mut more));
            for one in more {
                if !clocks.contains(&one) {
                    clocks.push(one);
                }
            }
            at += 1;
        }
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
}

/// All rules that stand somewhere: clause, scope and guard.
pub(crate) fn standing(model: &Model) -> impl Iterator<Item = (ClauseId, &Scope, Option<&Cond>)> {
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

/// Calls `f` for every part of every condition of a model, with the kind whose rules say it.
fn every_cond<'m>(model: &'m Model, f: &mut dyn FnMut(KindId, Part<'m>)) {
    for (_, scope, guard) in standing(model) {
        if let Some(guard) = guard {
            visit::cond(guard, &mut |part| f(scope.kind, part));
        }
    }
    for clock in &model.clocks {
        visit::cond(&clock.cond, &mut |part| f(clock.kind, part));
    }
    for log in &model.logs {
        let f = &mut |part| f(log.kind, part);
        log.arms.iter().for_each(|arm| visit::arm(arm, f));
    }
    for permit in &model.permits {
        let f = &mut |part| f(permit.scope.kind, part);
        visit::arm(&permit.arm, f);
        permit.by.iter().for_each(|by| visit::who(by, f));
        permit.actions.iter().for_each(|a| visit::action(a, f));
    }
    for rule in &model.prohibitions {
        let f = &mut |part| f(rule.scope.kind, part);
        visit::arm(&rule.arm, f);
        rule.by.iter().for_each(|by| visit::who(by, f));
    }
    for check in &model.checks {
        let f = &mut |part| f(check.scope.kind, part);
        visit::arm(&check.arm, f);
        visit::cond(&check.cond, f);
    }
    for rule in &model.invariants {
        let f = &mut |part| f(rule.scope.kind, part);
        visit::cond(&rule.cond, f);
        rule.grace.iter().for_each(|grace| visit::expr(grace, f));
    }
    for cap in &model.caps {
        visit::expr(&cap.max, &mut |part| f(cap.scope.kind, part));
    }
    for duty in &model.duties {
        let f = &mut |part| f(duty.scope.kind, part);
        duty.arms.iter().for_each(|arm| visit::arm(arm, f));
        duty.by.iter().for_each(|by| visit::who(by, f));
        match &duty.arises {
            Arises::After(arms) => arms.iter().for_each(|arm| visit::arm(arm, f)),
            Arises::While(cond) => visit::cond(cond, f),
            Arises::Every(every) => visit::expr(every, f),
            Arises::Per(bounds, _) => visit::bounds(bounds, f),
            Arises::Entry | Arises::Ended(..) => {}
        }
        match &duty.due {
            Due::Before(arms) => arms.iter().for_each(|arm| visit::arm(arm, f)),
            Due::Within(expr) | Due::ByDate(expr, _) => visit::expr(expr, f),
            Due::Open | Due::EndOfDay => {}
        }
    }
    for reaction in &model.reactions {
        let f = &mut |part| f(reaction.scope.kind, part);
        match &reaction.trigger {
            Trigger::Event(arm) => visit::arm(arm, f),
            Trigger::Becomes(cond) => visit::cond(cond, f),
        }
        reaction.actions.iter().for_each(|a| visit::action(a, f));
    }
    for decision in &model.decisions {
        let f = &mut |part| f(decision.kind, part);
        decision.electorate.iter().for_each(|s| visit::set(s, f));
        for expr in [&decision.after, &decision.on].into_iter().flatten() {
            visit::expr(expr, f);
        }
        for cond in [&decision.quorum, &decision.passes].into_iter().flatten() {
            super::tally::worlds(cond, &mut |world| visit::cond(world, f));
        }
    }
}

/// The logs of which a condition asks whom their occurrences concern.
fn people_of(cond: &Cond, logs: &mut Vec<LogId>) {
    match cond {
        Cond::Happened {
            log,
            about,
            by,
            window,
            ..
        } => {
            if *about != About::Any || by.is_some() {
                logs.push(*log);
            }
            if let Window::SinceLast { last, .. } = window {
                logs.push(*last);
            }
        }
        Cond::Silent { log, about, .. } if *about != About::Any => logs.push(*log),
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
        Expr::Elements(set) => kinds_in(model, set, own),
        _ => None,
    }
}

/// The kinds of instances that can be in a set, where it alone says so.
fn kinds_in(model: &Model, set: &Set, own: KindId) -> Option<Vec<KindId>> {
    match set {
        Set::Instances(kind, _) => Some(vec![*kind]),
        Set::Where(set, _) => kinds_in(model, set, own),
        Set::Values(expr) => kinds_of(model, expr, own),
        Set::Holders(role, _) | Set::HoldersAnywhere(role) | Set::HoldersOf(_, role) => {
            model.roles.get(role.index()).map(|r| r.holders.clone())
        }
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
