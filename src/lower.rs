//! Lowering: each sentence is taken apart into the machines that judge it. It cannot fail.

use std::collections::BTreeSet;

use crate::check::Checked;
use crate::hir::{self, Said};
use crate::ids::*;
use crate::source::{Sources, Span};

use crate::ir::visit::{self, Part};
use crate::ir::*;

/// The model of a checked spec.
pub fn lower(checked: &Checked, sources: &Sources) -> Model {
    let spec = checked.spec();
    let origin = |span: Span| origin(sources, span);
    let field = |f: &hir::Field| Field {
        name: f.name.clone(),
        spelled: f.spelled.clone(),
        ty: f.ty.clone(),
        default: f.default.clone(),
        stores: f.stores,
    };
    let mut model = Model {
        name: spec.name.clone(),
        title: spec.title.clone(),
        timezone: spec.zone.name().to_owned(),
        files: sources.iter().map(|(_, s)| s.name.clone()).collect(),
        sources: spec.sources.clone(),
        clauses: spec
            .clauses
            .iter()
            .map(|c| Clause {
                name: c.name.clone(),
                modality: c.modality,
                text: c.text.clone(),
                cite: c.cite.clone(),
                origin: origin(c.span),
                from: c.from,
                until: c.until,
                overrides: c.overrides.clone(),
            })
            .collect(),
        kinds: spec
            .kinds
            .iter()
            .map(|k| Kind {
                name: k.name.clone(),
                form: k.form,
                parent: k.parent,
                states: k
                    .states
                    .iter()
                    .map(|s| State {
                        name: s.name.clone(),
                        is_final: s.is_final,
                        origin: origin(s.span),
                    })
                    .collect(),
                initial: k.initial(),
                fields: k.fields.iter().map(field).collect(),
                added: k.added,
                origin: origin(k.span),
            })
            .collect(),
        attributes: spec.attributes.iter().map(field).collect(),
        roles: spec
            .roles
            .iter()
            .map(|r| Role {
                name: r.name.clone(),
                spelled: r.spelled.clone(),
                kind: r.kind,
                holders: r.holders.clone(),
                seats: r.seats,
                added: r.added,
                removed: r.removed,
                origin: origin(r.span),
            })
            .collect(),
        ladders: spec
            .ladders
            .iter()
            .map(|l| Ladder {
                name: l.name.clone(),
                rungs: l.rungs.clone(),
            })
            .collect(),
        events: spec
            .events
            .iter()
            .map(|e| Event {
                name: e.name.clone(),
                spelled: e.spelled.clone(),
                kind: e.kind,
                fields: e.fields.iter().map(field).collect(),
                about: e.about(),
                source: e.source,
                origin: origin(e.span),
            })
            .collect(),
        calendars: spec.calendars.clone(),
        decisions: spec.decisions.iter().map(decision).collect(),
        logs: spec.logs.clone(),
        clocks: spec.clocks.clone(),
        permits: Vec::new(),
        prohibitions: Vec::new(),
        caps: Vec::new(),
        checks: Vec::new(),
        invariants: Vec::new(),
        duties: Vec::new(),
        reactions: Vec::new(),
        record: spec.record.as_ref().map(record),
        analysis: Vec::new(),
    };
    for rule in &spec.rules {
        sentence(rule, &mut model);
    }
    model.analysis = analyse(&model);
    model
}

fn origin(sources: &Sources, span: Span) -> Origin {
    let place = sources.get(span.source).map(|s| s.line_column(span.start));
    let (line, column) = place.unwrap_or((1, 1));
    Origin {
        file: span.source.0,
        start: span.start,
        end: span.end,
        line: u32::try_from(line).unwrap_or(u32::MAX),
        column: u32::try_from(column).unwrap_or(u32::MAX),
    }
}

fn decision(d: &hir::Decision) -> Decision {
    Decision {
        name: d.name.clone(),
        clause: d.clause,
        kind: d.kind,
        electorate: d.electorate.clone(),
        fixed: d.fixed,
        params: d.params,
        outcomes: d
            .outcomes
            .iter()
            .map(|o| Outcome {
                name: o.name.clone(),
                event: o.event,
                target: o.target,
            })
            .collect(),
        options: d.options,
        quorum: d.quorum.as_ref().map(|(q, _)| q.clone()),
        passes: d.passes.as_ref().map(|(p, _)| p.clone()),
        early: d.early,
        after: d.after.clone(),
        on: d.on.clone(),
        soft: d.soft,
        tie: d.tie.clone(),
        opened: d.opened,
    }
}

fn record(r: &hir::Record) -> Record {
    let read = |name: &str| r.reads.get(name).map(|(from, _)| from.clone());
    Record {
        name: r.name.clone(),
        time: read("time").unwrap_or_default(),
        event: read("name").unwrap_or_default(),
        subject: r.subjects.iter().map(|(from, _)| from.clone()).collect(),
        actor: read("actor"),
        change: read("change"),
        opening: read("opening"),
        start: read("start"),
        stop: read("stop"),
        empty: read("empty"),
        unknown: r.unknown.clone(),
    }
}

/// One sentence.
fn sentence(rule: &hir::Rule, model: &mut Model) {
    let clause = rule.clause;
    let scope = rule.scope.clone();
    let guard = rule.guard.clone();
    match rule.said.clone() {
        Said::Admit { .. } | Said::Remark => {}
        Said::Hold {
            cond,
            grace,
            responsibility,
        } => model.invariants.push(Invariant {
            clause,
            scope,
            guard,
            cond,
            grace,
            responsibility,
        }),
        Said::Check { on, cond } => model.checks.push(Check {
            clause,
            scope,
            arm: on,
            guard,
            cond,
        }),
        Said::Prohibit { arms, by } => {
            for arm in arms {
                model.prohibitions.push(Prohibition {
                    clause,
                    scope: scope.clone(),
                    arm,
                    by: by.clone(),
                    guard: guard.clone(),
                });
            }
        }
        Said::Cap {
            log,
            events,
            max,
            period,
        } => model.caps.push(Cap {
            clause,
            scope,
            log,
            events,
            max,
            period,
        }),
        Said::Permit {
            arms,
            by,
            exclusive,
            target,
            actions,
        } => {
            for arm in arms {
                model.permits.push(Permit {
                    clause,
                    scope: scope.clone(),
                    arm,
                    by: by.clone(),
                    guard: guard.clone(),
                    exclusive,
                    target,
                    actions: actions.clone(),
                });
            }
        }
        Said::Owe {
            arms,
            by,
            arises,
            due,
            end_of_day,
            matches,
            except,
            moves,
        } => model.duties.push(Duty {
            clause,
            scope,
            arms,
            by,
            guard,
            arises,
            due,
            matches,
            moves,
            end_of_day,
            except,
        }),
        Said::React {
            trigger,
            target,
            actions,
            recorded,
        } => model.reactions.push(Reaction {
            clause,
            scope,
            trigger,
            guard,
            target,
            actions,
            recorded,
        }),
    }
}

/// Which events can change what the rules of each kind say, and whether its instances are independent.
fn analyse(model: &Model) -> Vec<KindAnalysis> {
    let mut listens: Vec<BTreeSet<EventId>> = vec![BTreeSet::new(); model.kinds.len()];
    let mut foreign: Vec<bool> = vec![false; model.kinds.len()];
    let mut hear = |kind: KindId, event: EventId| {
        if let Some(set) = listens.get_mut(kind.index()) {
            set.insert(event);
        }
    };
    for log in &model.logs {
        log.arms.iter().for_each(|arm| hear(log.kind, arm.event));
    }
    for permit in &model.permits {
        hear(permit.scope.kind, permit.arm.event);
    }
    for rule in &model.prohibitions {
        hear(rule.scope.kind, rule.arm.event);
    }
    for check in &model.checks {
        hear(check.scope.kind, check.arm.event);
    }
    for cap in &model.caps {
        cap.events.iter().for_each(|&e| hear(cap.scope.kind, e));
    }
    for duty in &model.duties {
        let kind = duty.scope.kind;
        duty.arms.iter().for_each(|arm| hear(kind, arm.event));
        let more: &[Arm] = match (&duty.arises, &duty.due) {
            (Arises::After(arms), _) => arms,
            (_, Due::Before(arms)) => arms,
            _ => &[],
        };
        more.iter().for_each(|arm| hear(kind, arm.event));
    }
    for reaction in &model.reactions {
        if let Trigger::Event(arm) = &reaction.trigger {
            hear(reaction.scope.kind, arm.event);
        }
    }
    for (index, event) in model.events.iter().enumerate() {
        let own = !matches!(event.source, EventSource::Declared | EventSource::Record);
        if own {
            hear(event.kind, EventId::new(index));
        }
    }
    let mut look = |kind: KindId, part: Part<'_>| {
        let outside = match part {
            Part::Set(Set::Instances(..) | Set::HoldersAnywhere(_) | Set::HoldersOf(..)) => true,
            Part::Place(Place::Of(_)) => true,
            Part::Place(Place::Within(at)) => *at != KindId::DOCUMENT && *at != kind,
            _ => false,
        };
        if let Some(flag) = foreign.get_mut(kind.index()) {
            *flag |= outside;
        }
    };
    for rule in &model.invariants {
        let kind = rule.scope.kind;
        visit::cond(&rule.cond, &mut |part| look(kind, part));
        rule.guard
            .iter()
            .for_each(|g| visit::cond(g, &mut |part| look(kind, part)));
    }
    for check in &model.checks {
        let kind = check.scope.kind;
        visit::cond(&check.cond, &mut |part| look(kind, part));
    }
    for permit in &model.permits {
        let kind = permit.scope.kind;
        permit
            .guard
            .iter()
            .for_each(|g| visit::cond(g, &mut |part| look(kind, part)));
        for action in &permit.actions {
            visit::action(action, &mut |part| look(kind, part));
        }
    }
    for reaction in &model.reactions {
        for action in &reaction.actions {
            visit::action(action, &mut |part| look(reaction.scope.kind, part));
        }
    }
    listens
        .into_iter()
        .zip(foreign)
        .map(|(listens, foreign)| KindAnalysis {
            listens: listens.into_iter().collect(),
            independent: !foreign,
        })
        .collect()
}
