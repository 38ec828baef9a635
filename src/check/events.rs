//! Events: what listens to them, and which set each other off without end.

use std::collections::{BTreeMap, BTreeSet};

use crate::hir::{Rule, Said, Spec};
use crate::ids::*;
use crate::ir::{Action, Arises, Arm, Cond, Due, EventSource, RoleRef, Trigger};

use super::error::CheckError;

/// The events to which some clause listens: a permission, a prohibition, a duty, what must be so
/// when they happen, what follows from them, or a condition that asks for them.
pub fn heard(spec: &Spec) -> BTreeSet<EventId> {
    let mut heard = BTreeSet::new();
    for log in &spec.logs {
        heard.extend(log.arms.iter().map(|arm| arm.event));
    }
    for rule in &spec.rules {
        heard.extend(of_rule(rule));
    }
    for (index, event) in spec.events.iter().enumerate() {
        // What an event brings with it is stored in the group.
        if event.fields.iter().any(|f| f.stores.is_some()) {
            heard.insert(EventId::new(index));
        }
    }
    heard
}

/// The events that a sentence names, beside those in its conditions.
fn of_rule(rule: &Rule) -> Vec<EventId> {
    let of = |arms: &[Arm]| arms.iter().map(|arm| arm.event).collect::<Vec<_>>();
    match &rule.said {
        Said::Hold { .. } | Said::Admit { .. } | Said::Remark => Vec::new(),
        Said::Check { on, .. } => vec![on.event],
        Said::Prohibit { arms, .. } | Said::Permit { arms, .. } => of(arms),
        Said::Cap { events, .. } => events.clone(),
        Said::Owe {
            arms, arises, due, ..
        } => {
            let mut all = of(arms);
            if let Arises::After(arms) = arises {
                all.extend(of(arms));
            }
            if let Due::Before(arms) = due {
                all.extend(of(arms));
            }
            all
        }
        Said::React { trigger, .. } => match trigger {
            Trigger::Event(arm) => vec![arm.event],
            Trigger::Becomes(_) => Vec::new(),
        },
    }
}

/// Events to which nothing listens.
pub fn unheard(spec: &Spec, heard: &BTreeSet<EventId>, found: &mut Vec<CheckError>) {
    for (index, event) in spec.events.iter().enumerate() {
        if event.source == EventSource::Declared && !heard.contains(&EventId::new(index)) {
            found.push(CheckError::UnheardEvent {
                event: event.name.clone(),
                span: event.span,
            });
        }
    }
}

/// One event brings about another, by this rule.
struct Brings {
    event: EventId,
    clause: ClauseId,
}

/// Events that bring each other about would never come to rest.
pub fn circles(spec: &Spec, found: &mut Vec<CheckError>) {
    let mut brings: BTreeMap<EventId, Vec<Brings>> = BTreeMap::new();
    for rule in &spec.rules {
        let (causes, actions) = match &rule.said {
            Said::Permit { arms, actions, .. } => (arms.as_slice(), actions),
            Said::React {
                trigger: Trigger::Event(arm),
                actions,
                ..
            } => (std::slice::from_ref(arm), actions),
            _ => continue,
        };
        for arm in causes {
            let list = brings.entry(arm.event).or_default();
            for event in actions.iter().filter_map(|a| brought(spec, a)) {
                list.push(Brings {
                    event,
                    clause: rule.clause,
                });
            }
        }
    }
    let mut told: BTreeSet<EventId> = BTreeSet::new();
    for &start in brings.keys() {
        if told.contains(&start) {
            continue;
        }
        let Some(circle) = circle_from(start, &brings) else {
            continue;
        };
        told.extend(circle.iter().map(|(event, _)| *event));
        let name = |event: EventId| spec.events[event.index()].name.clone();
        let clause = |id: ClauseId| &spec.clauses[id.index()];
        let Some((_, first)) = circle.first() else {
            continue;
        };
        found.push(CheckError::Circle {
            events: circle.iter().map(|(event, _)| name(*event)).collect(),
            span: clause(*first).span,
            others: circle
                .iter()
                .skip(1)
                .map(|(_, c)| clause(*c).span)
                .collect(),
        });
    }
}

fn brought(spec: &Spec, action: &Action) -> Option<EventId> {
    match action {
        Action::Emit { event, .. } => Some(*event),
        Action::Grant(RoleRef::Role(role), ..) => Some(spec.roles[role.index()].added),
        Action::Revoke(RoleRef::Role(role), ..) => Some(spec.roles[role.index()].removed),
        _ => None,
    }
}

/// The shortest way from an event back to itself: each event on it, with the clause that leads on.
fn circle_from(
    start: EventId,
    brings: &BTreeMap<EventId, Vec<Brings>>,
) -> Option<Vec<(EventId, ClauseId)>> {
    let mut from: BTreeMap<EventId, (EventId, ClauseId)> = BTreeMap::new();
    let mut queue = vec![start];
    let mut at = 0;
    while let Some(&event) = queue.get(at) {
        at += 1;
        for next in brings.get(&event).into_iter().flatten() {
            if next.event == start {
                let mut way = vec![(event, next.clause)];
                let mut here = event;
                while let Some(&(before, clause)) = from.get(&here) {
                    way.push((before, clause));
                    here = before;
                }
                way.reverse();
                return Some(way);
            }
            if let std::collections::btree_map::Entry::Vacant(slot) = from.entry(next.event) {
                slot.insert((event, next.clause));
                queue.push(next.event);
            }
        }
    }
    None
}

/// The events whose occurrences a condition asks for.
pub fn asked(spec: &Spec, cond: &Cond) -> BTreeSet<EventId> {
    use crate::ir::Expr;
    use crate::ir::visit::{self, Part};
    let mut logs: Vec<LogId> = Vec::new();
    let mut clocks: Vec<ClockId> = Vec::new();
    let mut at = 0;
    let look = |part: Part<'_>, logs: &mut Vec<LogId>, clocks: &mut Vec<ClockId>| match part {
        Part::Cond(Cond::Happened { log, .. } | Cond::Silent { log, .. }) => logs.push(*log),
        Part::Cond(Cond::Share { part, whole, .. }) => logs.extend([*part, *whole]),
        Part::Cond(Cond::Held(clock, ..)) if !clocks.contains(clock) => clocks.push(*clock),
        Part::Expr(Expr::LastParam(log, ..) | Expr::LastActor(log, _) | Expr::LastWhen(log, _)) => {
            logs.push(*log)
        }
        _ => {}
    };
    visit::cond(cond, &mut |part| look(part, &mut logs, &mut clocks));
    while let Some(&clock) = clocks.get(at) {
        at += 1;
        let inner = &spec.clocks[clock.index()].cond;
        visit::cond(inner, &mut |part| look(part, &mut logs, &mut clocks));
    }
    let arms = logs.iter().flat_map(|log| &spec.logs[log.index()].arms);
    arms.map(|arm| arm.event).collect()
}
