//! Decisions: every outcome leads somewhere, every quorum can be met, every vote ends, no tie is left
//! open.

use std::collections::BTreeSet;

use crate::hir::{Decision, Outcome, Said, Spec};
use crate::ids::*;
use crate::ir::{
    Arises, Const, Denominator, EventSource, Expr, Place, Quota, Set, Tally, Trigger, VoteCond,
};
use crate::source::Span;

use super::error::CheckError;
use super::{events, roles};

/// Judges the decisions.
pub fn decisions(spec: &Spec, heard: &BTreeSet<EventId>, found: &mut Vec<CheckError>) {
    let moving = moving(spec);
    let followed = followed(spec);
    for (index, decision) in spec.decisions.iter().enumerate() {
        let id = DecisionId::new(index);
        outcomes(spec, id, decision, heard, &moving, &followed, found);
        ends(decision, found);
        ties(spec, decision, found);
        reach(spec, decision, found);
    }
}

// ---------------------------------------------------------------- where outcomes lead

/// The events that move a state.
fn moving(spec: &Spec) -> BTreeSet<EventId> {
    let mut moving = BTreeSet::new();
    for rule in &spec.rules {
        match &rule.said {
            Said::Permit {
                arms,
                target: Some(_),
                ..
            } => moving.extend(arms.iter().map(|arm| arm.event)),
            Said::React {
                trigger,
                target: Some(_),
                ..
            } => match trigger {
                Trigger::Event(arm) => {
                    moving.insert(arm.event);
                }
                Trigger::Becomes(cond) => moving.extend(events::asked(spec, cond)),
            },
            _ => {}
        }
    }
    moving
}

/// The events of which something follows by itself, or after which something is owed.
fn followed(spec: &Spec) -> BTreeSet<EventId> {
    let mut followed = BTreeSet::new();
    for rule in &spec.rules {
        match &rule.said {
            Said::React { trigger, .. } => match trigger {
                Trigger::Event(arm) => {
                    followed.insert(arm.event);
                }
                Trigger::Becomes(cond) => followed.extend(events::asked(spec, cond)),
            },
            Said::Owe {
                arises: Arises::After(arms),
                ..
            } => followed.extend(arms.iter().map(|arm| arm.event)),
            _ => {}
        }
    }
    followed
}

/// Where one outcome moves a state, each of the others leads somewhere or is said to lead nowhere: a
/// group that is left hanging is forgotten, not meant (S-03).
fn outcomes(
    spec: &Spec,
    id: DecisionId,
    decision: &Decision,
    heard: &BTreeSet<EventId>,
    moving: &BTreeSet<EventId>,
    followed: &BTreeSet<EventId>,
    found: &mut Vec<CheckError>,
) {
    let heard = |event: EventId| heard.contains(&event);
    let moves = |o: &&Outcome| o.target.is_some() || moving.contains(&o.event);
    let closed = spec.events.iter().enumerate().any(|(index, event)| {
        event.source == EventSource::Closed(id) && followed.contains(&EventId::new(index))
    });
    let leads = decision.outcomes.iter().find(moves);
    let Some(leads) = leads else {
        let used = closed || decision.outcomes.iter().any(|o| heard(o.event));
        if decision.passes.is_none() && !used {
            found.push(CheckError::NothingFollows {
                decision: decision.name.clone(),
                span: decision.span,
            });
        }
        return;
    };
    for outcome in &decision.outcomes {
        let possible = match outcome.name.as_str() {
            "no-quorum" => decision.quorum.is_some(),
            _ => true,
        };
        // `fails`, with no state: unless it passes, nothing changes.
        let fails = decision.outcomes.iter().find(|o| o.name == "failed");
        let said = matches!(outcome.name.as_str(), "failed" | "no-quorum")
            && decision.fails
            && fails.is_some_and(|o| o.target.is_none());
        if possible && !said && !closed && !moves(&outcome) && !heard(outcome.event) {
            let kind = &spec.kinds[decision.kind.index()];
            found.push(CheckError::ForgottenOutcome {
                decision: decision.name.clone(),
                outcome: outcome.name.clone(),
                options: decision.options,
                span: outcome.span,
                leads: leads.name.clone(),
                state: kind.states[kind.initial().index()].name.clone(),
            });
        }
    }
}

/// A vote on which nothing puts an end stays open until somebody records how it ended (S-01).
fn ends(decision: &Decision, found: &mut Vec<CheckError>) {
    if let (Some((_, span)), false) = (&decision.passes, decision.closes) {
        found.push(CheckError::NeverCloses {
            decision: decision.name.clone(),
            span: decision.span,
            passes: *span,
        });
    }
}

// ---------------------------------------------------------------- ties

fn ties(spec: &Spec, decision: &Decision, found: &mut Vec<CheckError>) {
    let Some((passes, span)) = &decision.passes else {
        return;
    };
    let voters = decision.electorate.as_ref();
    let voters = voters.and_then(|set| roles::most(spec, set));
    if decision.options {
        let options = decision.outcomes.iter().filter(|o| o.name != "no-quorum");
        if options.count() > 1 && decision.tie.is_none() && !takes_most(passes, voters) {
            found.push(CheckError::TieWithoutDefault {
                decision: decision.name.clone(),
                span: *span,
                options: decision
                    .outcomes
                    .iter()
                    .take(2)
                    .map(|o| o.name.clone())
                    .collect(),
            });
        }
    } else if tied(passes, voters) {
        found.push(CheckError::TieMeets {
            decision: decision.name.clone(),
            span: *span,
        });
    }
}

/// Whether whatever satisfies this has more than half of the ballots cast, so that nothing else can
/// satisfy it too.
fn takes_most(cond: &VoteCond, voters: Option<u32>) -> bool {
    match cond {
        VoteCond::All(list) => list.iter().any(|c| takes_most(c, voters)),
        VoteCond::Any(list) => !list.is_empty() && list.iter().all(|c| takes_most(c, voters)),
        VoteCond::World(_) => false,
        VoteCond::Tally {
            what: Tally::Yes,
            quota,
        } => match quota {
            Quota::Fraction {
                num, den, strict, ..
            } => {
                let (twice, den) = (u64::from(*num) * 2, u64::from(*den));
                twice > den || (twice == den && *strict)
            }
            Quota::AllBut(n, of) => match whole(*of, voters) {
                Some(whole) => whole.saturating_sub(u64::from(*n)) * 2 > whole,
                None => *n == 0,
            },
            Quota::AtLeast(_) | Quota::MoreThan(_) => match (least(quota), voters) {
                (Some(n), Some(voters)) => n.saturating_mul(2) > u64::from(voters),
                _ => false,
            },
            Quota::AtMost(_) => false,
        },
        VoteCond::Tally { .. } => false,
    }
}

/// Whether as many ballots against as for can satisfy this. A number of ballots, or a share of all
/// voters below the half, is not meant to outnumber anybody; half of the whole is.
fn tied(cond: &VoteCond, voters: Option<u32>) -> bool {
    match cond {
        VoteCond::All(list) => {
            let refused = |c: &VoteCond| takes_most(c, voters) || none_against(c);
            list.iter().any(|c| tied(c, voters)) && !list.iter().any(refused)
        }
        VoteCond::Any(list) => list.iter().any(|c| tied(c, voters)),
        VoteCond::World(_) => false,
        VoteCond::Tally {
            what: Tally::Yes,
            quota,
        } => match quota {
            Quota::Fraction {
                num,
                den,
                strict,
                of,
            } => {
                let (twice, den) = (u64::from(*num) * 2, u64::from(*den));
                match of {
                    Denominator::Cast | Denominator::Present => {
                        twice < den || (twice == den && !strict)
                    }
                    Denominator::Electorate | Denominator::Seats(_) => twice == den && !strict,
                }
            }
            Quota::AllBut(n, of) => whole(*of, voters)
                .is_some_and(|whole| whole > 0 && whole.saturating_sub(u64::from(*n)) * 2 == whole),
            Quota::AtLeast(_) | Quota::MoreThan(_) => match (least(quota), voters) {
                (Some(n), Some(voters)) => n > 0 && n.checked_mul(2) == Some(u64::from(voters)),
                _ => false,
            },
            Quota::AtMost(_) => false,
        },
        VoteCond::Tally { .. } => false,
    }
}

fn none_against(cond: &VoteCond) -> bool {
    match cond {
        VoteCond::Tally {
            what: Tally::Against,
            quota: Quota::AtMost(max),
        } => number(max) == Some(0),
        VoteCond::All(list) => list.iter().any(none_against),
        _ => false,
    }
}

fn whole(of: Denominator, voters: Option<u32>) -> Option<u64> {
    match of {
        Denominator::Seats(n) => Some(u64::from(n)),
        Denominator::Electorate => voters.map(u64::from),
        Denominator::Cast | Denominator::Present => None,
    }
}

// ---------------------------------------------------------------- what can be reached

/// How many may vote at most, and what says so.
struct Most {
    voters: u32,
    span: Span,
    says: String,
}

fn reach(spec: &Spec, decision: &Decision, found: &mut Vec<CheckError>) {
    let most = most(spec, decision);
    let parts = [
        ("quorum", &decision.quorum),
        ("threshold", &decision.passes),
    ];
    for (what, part) in parts {
        let Some((cond, span)) = part else { continue };
        if let Some(most) = &most
            && let Some(needed) = beyond(cond, u64::from(most.voters))
        {
            found.push(CheckError::OutOfReach {
                decision: decision.name.clone(),
                what,
                needed,
                span: *span,
                bound: (most.says.clone(), most.span),
            });
        } else if vacuous(cond) {
            found.push(CheckError::AlwaysMet {
                decision: decision.name.clone(),
                what,
                span: *span,
            });
        }
    }
}

/// How many may vote at most: the seats of the roles that vote, or what a rule about them says.
fn most(spec: &Spec, decision: &Decision) -> Option<Most> {
    let electorate = decision.electorate.as_ref()?;
    if let Some(voters) = roles::most(spec, electorate) {
        let role = decision.electorate_role.map(|r| &spec.roles[r.index()]);
        let seats = if voters == 1 { "seat" } else { "seats" };
        return Some(match role {
            Some(role) => Most {
                voters,
                span: role.span,
                says: format!("but `{}` has {voters} {seats}", role.name),
            },
            None => Most {
                voters,
                span: decision.span,
                says: format!("but those who vote have {voters} {seats}"),
            },
        });
    }
    let mut inner = electorate;
    while let Set::Where(set, _) = inner {
        inner = set;
    }
    let Set::Holders(role, _) = inner else {
        return None;
    };
    bound(spec, *role)
}

/// The most holders that the rules allow a role, in whichever living state allows most.
fn bound(spec: &Spec, role: RoleId) -> Option<Most> {
    let kind = spec.roles[role.index()].kind;
    let mut most: Option<Most> = None;
    for state in spec.kinds[kind.index()].living() {
        let bounds = spec.rules.iter().filter_map(|rule| {
            let clause = &spec.clauses[rule.clause.index()];
            let stands = rule.scope.kind == kind
                && rule.scope.each.is_none()
                && rule.scope.states.contains(&state)
                && rule.guard.is_none()
                && clause.from.is_none()
                && clause.until.is_none();
            let Said::Hold {
                cond: crate::ir::Cond::Count { set, bounds, .. },
                ..
            } = &rule.said
            else {
                return None;
            };
            let own = matches!(set, Set::Holders(r, Place::This) if *r == role);
            let max = number(bounds.max.as_ref()?)?;
            (stands && own).then(|| Most {
                voters: u32::try_from(max).unwrap_or(u32::MAX),
                span: clause.span,
                says: format!("but there are at most {max}"),
            })
        });
        let here = bounds.min_by_key(|b| b.voters)?;
        if most.as_ref().is_none_or(|m| here.voters > m.voters) {
            most = Some(here);
        }
    }
    most.filter(|m| m.voters > 0)
}

/// The number of ballots that is needed, where so many may not vote.
fn beyond(cond: &VoteCond, voters: u64) -> Option<u64> {
    match cond {
        VoteCond::All(list) => list.iter().find_map(|c| beyond(c, voters)),
        VoteCond::Any(list) => {
            let each: Option<Vec<u64>> = list.iter().map(|c| beyond(c, voters)).collect();
            each?.into_iter().min()
        }
        VoteCond::World(_) => None,
        VoteCond::Tally { quota, .. } => least(quota).filter(|n| *n > voters),
    }
}

/// Whether this holds whatever the ballots.
fn vacuous(cond: &VoteCond) -> bool {
    match cond {
        VoteCond::All(list) => !list.is_empty() && list.iter().all(vacuous),
        VoteCond::Any(list) => list.iter().any(vacuous),
        VoteCond::World(_) => false,
        VoteCond::Tally { quota, .. } => match quota {
            Quota::AtLeast(_) => least(quota) == Some(0),
            Quota::Fraction { num, strict, .. } => *num == 0 && !strict,
            Quota::AllBut(n, Denominator::Seats(seats)) => n >= seats,
            _ => false,
        },
    }
}

/// The number of ballots that a quota needs, where it is written.
fn least(quota: &Quota) -> Option<u64> {
    match quota {
        Quota::AtLeast(n) => number(n),
        Quota::MoreThan(n) => number(n).map(|n| n.saturating_add(1)),
        _ => None,
    }
}

fn number(expr: &Expr) -> Option<u64> {
    match expr {
        Expr::Const(Const::Number(n)) => u64::try_from(*n).ok(),
        _ => None,
    }
}
