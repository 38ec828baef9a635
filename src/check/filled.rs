//! What the rules say of a role that might have no holder: that it has one, or what is so when it
//! has none. The one place that knows; the lints about empty roles all ask here.
//!
//! Nothing here proves that a role is held, because anybody can leave at any time. It asks whether the
//! document has thought of it: a role is taken care of where some clause
//!
//! - says that there are holders (`must have some lead`, a responsibility, which needs a bearer), in
//!   each state in which they are needed;
//! - says that all holders of another role hold this one too, and that one is taken care of;
//! - says what follows when there are none (`after no lead for 6 weeks`, `if no lead`), or when one
//!   leaves (`on lead.removed`);
//! - gives the role on each way into the state, and none takes it away;
//! - says that there need be nobody: `may have no lead`.
//!
//! Beside that the place itself may say it: a guard `if some lead`, an act that only a lead can do.
//! A body is its members, so the only role of a body is never empty. A role of another document is
//! that document's affair.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::hir::{Rule, Said, Spec};
use crate::ids::*;
use crate::ir::visit::{self, Part};
use crate::ir::{
    Action, Arises, Arm, Bounds, Cond, Const, EventSource, Expr, Form, Place, RoleRef, Scope, Set,
    Trigger,
};

/// Where somebody is needed.
pub struct Need<'a> {
    /// By this clause.
    pub clause: ClauseId,
    /// In these states of this kind.
    pub scope: &'a Scope,
    /// Where all of these hold.
    pub conds: Vec<&'a Cond>,
    /// After one of these acts; empty: whenever.
    pub after: &'a [Arm],
}

/// Whether the rules take care of it that a set has a member where one is needed, or say what is so
/// where it has none. True of what does not consist of the holders of roles.
pub fn filled(spec: &Spec, set: &Set, need: &Need<'_>) -> bool {
    match roles(set) {
        Some(roles) => held(spec, &roles, need, &Asked::default()),
        None => true,
    }
}

/// The roles whose holders a set consists of; `None` where others may be in it.
pub fn roles(set: &Set) -> Option<BTreeSet<RoleId>> {
    match set {
        Set::Holders(role, _) | Set::HoldersAnywhere(role) | Set::HoldersOf(_, role) => {
            Some(BTreeSet::from([*role]))
        }
        Set::Where(inner, _) => roles(inner),
        Set::Union(list) => {
            let parts: Option<Vec<_>> = list.iter().map(roles).collect();
            Some(parts?.into_iter().flatten().collect())
        }
        _ => None,
    }
}

/// The conditions that all hold where this one does.
pub fn conjuncts<'a>(cond: &'a Cond, into: &mut Vec<&'a Cond>) {
    match cond {
        Cond::All(list) => list.iter().for_each(|c| conjuncts(c, into)),
        other => into.push(other),
    }
}

/// The states in which a rule stands, of those only that its guard names where it names any.
pub fn stands(rule: &Rule) -> Vec<StateId> {
    let mut states = rule.scope.states.clone();
    let mut guards = Vec::new();
    rule.guard.iter().for_each(|g| conjuncts(g, &mut guards));
    for guard in guards {
        if let Some(list) = state_of(guard, rule.scope.kind, rule.scope.kind) {
            states.retain(|s| list.contains(s));
        }
    }
    states
}

/// What is known already: roles that imply each other in a circle are asked for once.
type Asked = RefCell<BTreeMap<BTreeSet<RoleId>, bool>>;

fn held(spec: &Spec, roles: &BTreeSet<RoleId>, need: &Need<'_>, asked: &Asked) -> bool {
    let here = spec.clauses[need.clause.index()].span.source;
    let elsewhere = |r: &RoleId| spec.roles[r.index()].span.source != here;
    if roles.is_empty() || roles.iter().any(elsewhere) {
        return true;
    }
    if let Some(known) = asked.borrow().get(roles) {
        return *known;
    }
    asked.borrow_mut().insert(roles.clone(), false);
    let each = need.scope.each.is_some_and(|role| roles.contains(&role));
    let said = |c: &&Cond| some(spec, c, roles);
    let held = each
        || need.conds.iter().any(said)
        || (!need.after.is_empty() && need.after.iter().all(|arm| brings(spec, arm, roles)))
        || whole_body(spec, roles)
        || in_states(spec, roles, need, asked);
    asked.borrow_mut().insert(roles.clone(), held);
    held
}

/// Whether these are all the roles of a body.
fn whole_body(spec: &Spec, roles: &BTreeSet<RoleId>) -> bool {
    roles.iter().any(|role| {
        let kind = spec.roles[role.index()].kind;
        let mut of_kind = (0..spec.roles.len()).map(RoleId::new);
        spec.kinds[kind.index()].form == Form::Body
            && of_kind.all(|r| spec.roles[r.index()].kind != kind || roles.contains(&r))
    })
}

// ---------------------------------------------------------------- what conditions and acts imply

/// Whether one of these roles has a holder where this holds.
fn some(spec: &Spec, cond: &Cond, roles: &BTreeSet<RoleId>) -> bool {
    match cond {
        Cond::All(list) => list.iter().any(|c| some(spec, c, roles)),
        Cond::Any(list) => !list.is_empty() && list.iter().all(|c| some(spec, c, roles)),
        Cond::Count { set, bounds, .. } => positive(bounds) && within(set, roles),
        Cond::Among {
            set,
            among,
            bounds: Some(bounds),
        } => positive(bounds) && (within(set, roles) || within(among, roles)),
        Cond::In(_, set) => within(set, roles),
        Cond::Happened { by: Some(who), .. } => within(&who.set, roles),
        Cond::Tenure { roles: held, .. } => held.iter().all(|r| roles.contains(r)),
        Cond::Held(clock, ..) => some(spec, &spec.clocks[clock.index()].cond, roles),
        Cond::Not(inner) => none(inner, roles),
        _ => false,
    }
}

/// Whether this asks that nobody holds any of these roles, or of some of them.
fn none(cond: &Cond, roles: &BTreeSet<RoleId>) -> bool {
    match cond {
        Cond::Count { set, bounds, .. } => {
            bounds.max == Some(Expr::Const(Const::Number(0)))
                && !matches!(set, Set::Where(..))
                && within(set, roles)
        }
        Cond::Not(inner) => match &**inner {
            Cond::Count { set, bounds, .. } => {
                positive(bounds) && !matches!(set, Set::Where(..)) && within(set, roles)
            }
            _ => false,
        },
        _ => false,
    }
}

/// Whether a set consists of holders of these roles, or of something that each of them has.
fn within(set: &Set, of: &BTreeSet<RoleId>) -> bool {
    match set {
        Set::Attribute(inner, _) => within(inner, of),
        Set::Where(inner, _) => within(inner, of),
        set => roles(set).is_some_and(|r| !r.is_empty() && r.is_subset(of)),
    }
}

/// Whether a number within these bounds is above 0. A number in a field is taken to be.
fn positive(bounds: &Bounds) -> bool {
    match bounds.min {
        Expr::Const(Const::Number(n)) => n > 0 || (n == 0 && bounds.strict),
        _ => true,
    }
}

/// Whether somebody holds one of these roles once this act has been done: it gives the role, or only
/// a holder can do it.
fn brings(spec: &Spec, arm: &Arm, roles: &BTreeSet<RoleId>) -> bool {
    let given = match spec.events[arm.event.index()].source {
        EventSource::RoleAdded(role) => roles.contains(&role),
        _ => false,
    };
    let narrowed = arm.filter.as_ref().is_some_and(|f| some(spec, f, roles));
    let mut only = false;
    let mut others = false;
    for rule in &spec.rules {
        if let Said::Permit {
            arms,
            by,
            exclusive,
            ..
        } = &rule.said
            && arms.iter().any(|a| a.event == arm.event)
        {
            only |= exclusive;
            others |= !by.as_ref().is_some_and(|who| within(&who.set, roles));
        }
    }
    given || narrowed || (only && !others)
}

// ---------------------------------------------------------------- what is said of the states

/// Whether something is said of these roles in the states in which they are needed. In each of them,
/// where the need names its states; where it stands for the whole life of a group, in one: that is
/// then the state it is about.
fn in_states(spec: &Spec, roles: &BTreeSet<RoleId>, need: &Need<'_>, asked: &Asked) -> bool {
    let kinds: BTreeSet<KindId> = roles.iter().map(|r| spec.roles[r.index()].kind).collect();
    let all = |kind: KindId, said: &dyn Fn(StateId) -> bool| {
        let living = spec.kinds[kind.index()].living();
        let states = states(spec, kind, need);
        match states.len() < living.len() {
            true => !states.is_empty() && states.iter().all(|s| said(*s)),
            false => states.iter().any(|s| said(*s)),
        }
    };
    let speaks = |kind: KindId, state: StateId| {
        let mut rules = spec.rules.iter();
        rules.any(|rule| speaks(spec, rule, roles, (kind, state), need, asked))
    };
    kinds.iter().any(|&kind| {
        all(kind, &|state| {
            speaks(kind, state) || (kind == need.scope.kind && given(spec, roles, kind, state))
        })
    }) || all(need.scope.kind, &|state| {
        given(spec, roles, need.scope.kind, state)
    })
}

/// The living states of a kind in which somebody is needed.
fn states(spec: &Spec, kind: KindId, need: &Need<'_>) -> Vec<StateId> {
    let mut states = spec.kinds[kind.index()].living();
    if need.scope.kind == kind {
        states.retain(|s| need.scope.states.contains(s));
    }
    for cond in &need.conds {
        if let Some(list) = state_of(cond, kind, need.scope.kind) {
            states.retain(|s| list.contains(s));
        }
    }
    states
}

/// The states that a condition names, where it is about those of the kind.
fn state_of(cond: &Cond, kind: KindId, this: KindId) -> Option<Vec<StateId>> {
    match cond {
        Cond::State(Place::This, list) if kind == this => Some(list.clone()),
        Cond::State(Place::Within(k), list) if kind == *k => Some(list.clone()),
        Cond::Any(list) => {
            let parts: Option<Vec<_>> = list.iter().map(|c| state_of(c, kind, this)).collect();
            parts.map(|p| p.concat())
        }
        _ => None,
    }
}

/// Whether a clause takes care of these roles in a state.
fn speaks(
    spec: &Spec,
    rule: &Rule,
    of: &BTreeSet<RoleId>,
    (kind, state): (KindId, StateId),
    need: &Need<'_>,
    asked: &Asked,
) -> bool {
    let until = |id: ClauseId| spec.clauses[id.index()].until;
    let lapses = match (until(rule.clause), until(need.clause)) {
        (Some(rule), Some(need)) => rule.at < need.at,
        (Some(_), None) => true,
        (None, _) => false,
    };
    let own = rule.scope.kind == kind;
    if lapses || (own && !rule.scope.states.contains(&state)) {
        return false;
    }
    // What is said only if something holds is said here where that holds too.
    let mut guards = Vec::new();
    rule.guard.iter().for_each(|g| conjuncts(g, &mut guards));
    let plain = guards.iter().all(|g| {
        let in_state = state_of(g, kind, rule.scope.kind).is_some_and(|l| l.contains(&state));
        in_state || need.conds.contains(g)
    });
    let too = |set: &Set| {
        roles(set).is_some_and(|others| &others != of && held(spec, &others, need, asked))
    };
    let said = match &rule.said {
        Said::Hold { cond, .. } => {
            plain
                && match (rule.scope.each, cond) {
                    (
                        None,
                        Cond::Among {
                            set,
                            among,
                            bounds: None,
                        },
                    ) => within(among, of) && too(set),
                    (None, cond) => some(spec, cond, of),
                    (Some(role), Cond::In(Expr::Holder, set)) => {
                        within(set, of) && too(&Set::HoldersAnywhere(role))
                    }
                    _ => false,
                }
        }
        Said::Admit {
            cond: Cond::Count { set, .. },
        } => roles(set).is_some_and(|admitted| of.is_subset(&admitted)),
        Said::React { trigger, .. } => match trigger {
            Trigger::Event(arm) => leaves(spec, arm, of),
            Trigger::Becomes(cond) => asks_for_none(spec, cond, of),
        },
        Said::Owe { arises, .. } => match arises {
            Arises::After(arms) => arms.iter().any(|arm| leaves(spec, arm, of)),
            Arises::While(cond) => asks_for_none(spec, cond, of),
            _ => false,
        },
        _ => false,
    };
    said || guards.iter().any(|g| asks_for_none(spec, g, of))
}

/// Whether an act is that somebody loses one of these roles.
fn leaves(spec: &Spec, arm: &Arm, roles: &BTreeSet<RoleId>) -> bool {
    match spec.events[arm.event.index()].source {
        EventSource::RoleRemoved(role) => roles.contains(&role),
        _ => false,
    }
}

/// Whether a condition asks somewhere that nobody holds any of these roles.
fn asks_for_none(spec: &Spec, cond: &Cond, roles: &BTreeSet<RoleId>) -> bool {
    let mut found = false;
    visit::cond(cond, &mut |part| match part {
        Part::Cond(Cond::Held(clock, ..)) => {
            found |= none(&spec.clocks[clock.index()].cond, roles);
        }
        Part::Cond(cond) => found |= none(cond, roles),
        _ => {}
    });
    found
}

/// Whether each way into a state gives somebody one of these roles, and nothing takes it away.
fn given(spec: &Spec, roles: &BTreeSet<RoleId>, kind: KindId, state: StateId) -> bool {
    let of = |role: &RoleRef| matches!(role, RoleRef::Role(r) if roles.contains(r));
    let grants = |actions: &[Action]| {
        let mut actions = actions.iter();
        actions.any(|a| matches!(a, Action::Grant(role, ..) if of(role)))
    };
    let follows = |event: EventId| {
        spec.rules.iter().any(|rule| match &rule.said {
            Said::React {
                trigger: Trigger::Event(arm),
                actions,
                ..
            } => arm.event == event && arm.filter.is_none() && grants(actions),
            _ => false,
        })
    };
    let mut ways = Vec::new();
    if spec.kinds[kind.index()].initial() == state {
        ways.push(spec.kinds[kind.index()].added.is_some_and(follows));
    }
    for rule in &spec.rules {
        let (Said::Permit {
            target, actions, ..
        }
        | Said::React {
            target, actions, ..
        }) = &rule.said
        else {
            continue;
        };
        let taken = |a: &Action| matches!(a, Action::Revoke(role, ..) if of(role));
        if actions.iter().any(taken) && !grants(actions) {
            return false;
        }
        if rule.scope.kind == kind && *target == Some(state) {
            ways.push(grants(actions));
        }
    }
    for decision in spec.decisions.iter().filter(|d| d.kind == kind) {
        let mut outcomes = decision.outcomes.iter();
        ways.extend(
            outcomes
                .by_ref()
                .filter(|o| o.target == Some(state))
                .map(|o| follows(o.event)),
        );
    }
    !ways.is_empty() && ways.iter().all(|way| *way)
}
