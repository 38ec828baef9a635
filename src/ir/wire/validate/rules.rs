//! The rules: where each stands, whom it names, and what it brings about.

use super::{Context, Validator};
use crate::ids::*;
use crate::ir::*;

impl Validator<'_> {
    pub(super) fn rules(&mut self) {
        let model = self.model;
        self.each("permits", &model.permits, |v, rule| {
            v.act(rule.clause, &rule.scope, &rule.arm, rule.guard.as_ref());
            let kind = rule.scope.kind;
            v.by(rule.by.as_ref(), kind, Some(&[rule.arm.event]));
            v.target(rule.target, kind);
            v.actions(&rule.actions, kind, Some(&[rule.arm.event]));
        });
        self.each("prohibitions", &model.prohibitions, |v, rule| {
            v.act(rule.clause, &rule.scope, &rule.arm, rule.guard.as_ref());
            v.by(rule.by.as_ref(), rule.scope.kind, Some(&[rule.arm.event]));
        });
        self.each("caps", &model.caps, |v, rule| {
            v.clause(rule.clause);
            v.scope(&rule.scope);
            v.at("log", |v| {
                v.log(rule.log);
            });
            v.each("events", &rule.events, |v, event| {
                v.event(*event);
            });
            let context = Context {
                kind: rule.scope.kind,
                events: Some(&rule.events),
            };
            v.at("max", |v| v.expr(&rule.max, context, 0));
            v.at("period", |v| v.period(rule.period));
        });
        self.each("checks", &model.checks, |v, rule| {
            v.act(rule.clause, &rule.scope, &rule.arm, rule.guard.as_ref());
            let context = Context {
                kind: rule.scope.kind,
                events: Some(&[rule.arm.event]),
            };
            v.at("cond", |v| v.cond(&rule.cond, context, 0));
        });
        self.each("invariants", &model.invariants, |v, rule| {
            v.clause(rule.clause);
            v.scope(&rule.scope);
            let kind = rule.scope.kind;
            v.guard(rule.guard.as_ref(), kind, None);
            let context = Context { kind, events: None };
            v.at("cond", |v| v.cond(&rule.cond, context, 0));
            if let Some(grace) = &rule.grace {
                v.at("grace", |v| v.expr(grace, context, 0));
            }
        });
        self.each("duties", &model.duties, |v, duty| v.duty(duty));
        self.each("reactions", &model.reactions, |v, rule| {
            v.clause(rule.clause);
            v.scope(&rule.scope);
            let kind = rule.scope.kind;
            let mut event = None;
            v.at("trigger", |v| match &rule.trigger {
                Trigger::Event(arm) => {
                    event = Some([arm.event]);
                    v.arm(arm, kind);
                }
                Trigger::Becomes(cond) => {
                    let context = Context { kind, events: None };
                    v.cond(cond, context, 0);
                }
            });
            let events = event.as_ref().map(<[EventId; 1]>::as_slice);
            v.guard(rule.guard.as_ref(), kind, events);
            v.target(rule.target, kind);
            v.actions(&rule.actions, kind, events);
        });
    }

    /// What every rule says that is judged when its event happens.
    fn act(&mut self, clause: ClauseId, scope: &Scope, arm: &Arm, guard: Option<&Cond>) {
        self.clause(clause);
        self.scope(scope);
        self.at("arm", |v| v.arm(arm, scope.kind));
        self.guard(guard, scope.kind, Some(&[arm.event]));
    }

    fn duty(&mut self, duty: &Duty) {
        self.clause(duty.clause);
        self.scope(&duty.scope);
        let kind = duty.scope.kind;
        self.each("arms", &duty.arms, |v, arm| v.arm(arm, kind));
        let acts: Vec<EventId> = duty.arms.iter().map(|arm| arm.event).collect();
        let mut triggers: Vec<EventId> = match &duty.arises {
            Arises::After(arms) => arms.iter().map(|arm| arm.event).collect(),
            _ => Vec::new(),
        };
        // A bearer is looked at when the duty arises, and when somebody acts.
        triggers.extend(&acts);
        let context = Context {
            kind,
            events: Some(&triggers),
        };
        self.by(duty.by.as_ref(), kind, Some(&triggers));
        self.guard(duty.guard.as_ref(), kind, Some(&triggers));
        self.at("arises", |v| match &duty.arises {
            Arises::Entry => {}
            Arises::After(arms) => {
                for arm in arms {
                    v.arm(arm, kind);
                }
            }
            Arises::While(cond) => v.cond(cond, context, 0),
            Arises::Every(expr) => v.expr(expr, context, 0),
            Arises::Per(bounds, period) => {
                v.bounds(bounds, context, 0);
                v.period(*period);
            }
            Arises::Ended(period, names) => {
                v.period(*period);
                for (act, field) in names {
                    v.event(*act);
                    v.param(&[*act], *field);
                }
            }
        });
        if let Some(except) = &duty.except {
            self.at("except", |v| v.expr(except, context, 0));
        }
        self.at("due", |v| match &duty.due {
            Due::Open | Due::EndOfDay => {}
            Due::Within(expr) | Due::ByDate(expr, _) => v.expr(expr, context, 0),
            Due::Before(arms) => {
                for arm in arms {
                    v.arm(arm, kind);
                }
            }
        });
        self.matches(&duty.matches);
    }

    pub(super) fn matches(&mut self, matches: &[Match]) {
        self.each("matches", matches, |v, pair| {
            v.event(pair.trigger);
            v.event(pair.act);
            for (trigger, act) in &pair.fields {
                v.param(&[pair.trigger], *trigger);
                v.param(&[pair.act], *act);
            }
        });
    }

    fn scope(&mut self, scope: &Scope) {
        self.at("scope", |v| {
            v.kind(scope.kind);
            v.each("states", &scope.states, |v, s| v.state(scope.kind, *s));
            if let Some(role) = scope.each {
                v.role(role);
            }
        });
    }

    pub(super) fn arm(&mut self, arm: &Arm, kind: KindId) {
        self.event(arm.event);
        if let Some(filter) = &arm.filter {
            let context = Context {
                kind,
                events: Some(&[arm.event]),
            };
            self.at("filter", |v| v.cond(filter, context, 0));
        }
    }

    fn by(&mut self, who: Option<&Who>, kind: KindId, events: Option<&[EventId]>) {
        if let Some(who) = who {
            self.at("by", |v| v.set(&who.set, Context { kind, events }, 0));
        }
    }

    fn guard(&mut self, guard: Option<&Cond>, kind: KindId, events: Option<&[EventId]>) {
        if let Some(guard) = guard {
            self.at("guard", |v| v.cond(guard, Context { kind, events }, 0));
        }
    }

    fn target(&mut self, target: Option<StateId>, kind: KindId) {
        if let Some(target) = target {
            self.at("target", |v| v.state(kind, target));
        }
    }

    fn actions(&mut self, actions: &[Action], kind: KindId, events: Option<&[EventId]>) {
        let context = Context { kind, events };
        self.each("actions", actions, |v, action| match action {
            Action::Grant(role, place, set) | Action::Revoke(role, place, set) => {
                match role {
                    RoleRef::Role(role) => v.role(*role),
                    RoleRef::Value(expr) => v.expr(expr, context, 0),
                }
                v.place(place, context, 0);
                v.set(set, context, 0);
            }
            Action::SetField(place, field, expr) => {
                v.place(place, context, 0);
                v.field_of(place, *field, context);
                v.expr(expr, context, 0);
            }
            Action::SetAttribute(person, attribute, expr) => {
                v.expr(person, context, 0);
                v.attribute(*attribute);
                v.expr(expr, context, 0);
            }
            Action::Emit { event, place, args } => {
                v.event(*event);
                v.place(place, context, 0);
                for (field, expr) in args {
                    v.param(&[*event], *field);
                    v.expr(expr, context, 0);
                }
            }
        });
    }
}
