//! Decisions: cases open, ballots are cast, and when an instant settles a case may close.

use std::sync::Arc;

use super::admit::Verdict;
use super::ballots::{Ballots, Choice, Vote};
use super::compare::same;
use super::eval::{Ctx, Trail};
use super::finding::{Finding, Positions};
use super::moment::{Deadline, Truth};
use super::observe::Seen;
use super::state::{Happening, Inst, NoteKey};
use super::step::{Run, With};
use super::tally::{Rule, fix};
use super::value::{Sym, Value};
use crate::ids::*;
use crate::ir::{Ballot, Cond, Decision, EventSource, Fixed, Set};
use crate::time::Instant;

/// An open case.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub decision: DecisionId,
    pub params: Vec<Value>,
    pub opened_at: Instant,
    pub events: Positions,
    /// Who may vote, where that is fixed at opening.
    pub electorate: Option<Electorate>,
    pub quorum: Option<Rule>,
    pub passes: Option<Rule>,
    pub due: Option<Deadline>,
    pub votes: Ballots,
    pub claims: Vec<Arc<Happening>>,
    /// It should have closed.
    pub late: Option<Box<Finding>>,
}

/// How the last case of a decision ended.
#[derive(Debug, Clone)]
pub(crate) struct Closed {
    pub decision: DecisionId,
    pub params: Vec<Value>,
    pub outcome: Option<u32>,
}

/// Who may vote.
#[derive(Debug, Clone)]
pub(crate) struct Electorate {
    voters: Arc<[Sym]>,
    /// There may be others.
    pub open: bool,
}

impl Electorate {
    /// The electorate that the members of a set make.
    pub fn of(ctx: &Ctx<'_>, set: &Set) -> Electorate {
        let members = ctx.members(set);
        let uncertain = members.list.iter().any(|(_, t)| *t != Truth::Yes);
        let voters = members.list.iter().filter_map(|(v, _)| ctx.sym(v));
        let mut voters: Vec<Sym> = voters.collect();
        voters.sort_unstable();
        Electorate {
            voters: voters.into(),
            open: members.open || uncertain,
        }
    }

    /// Whether somebody is known to be one of them.
    pub fn has(&self, who: Sym) -> bool {
        self.voters.binary_search(&who).is_ok()
    }

    /// How many of them are known.
    pub fn len(&self) -> u64 {
        self.voters.len() as u64
    }
}

/// How a case comes out, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Upshot {
    Unknown,
    Known(Option<u32>),
}

/// Whether a rule is satisfied, for an option where there are any, given what holds in the world.
pub(crate) type Holds<'a> = dyn Fn(&Rule, Option<usize>, &dyn Fn(&Cond) -> Truth) -> Truth + 'a;

/// The number of an outcome.
pub(crate) fn outcome_named(decision: &Decision, name: &str) -> Option<u32> {
    let at = decision.outcomes.iter().position(|o| o.name == name)?;
    u32::try_from(at).ok()
}

impl Run<'_> {
    pub fn decision(&self, id: DecisionId) -> Option<&'_ Decision> {
        self.p.model.decisions.get(id.index())
    }

    pub fn event_of(&self, source: EventSource) -> Option<EventId> {
        let at = self.p.model.events.iter().position(|e| e.source == source);
        at.map(EventId::new)
    }

    pub fn same_params(&self, a: &[Value], b: &[Value]) -> bool {
        a.len() == b.len()
            && a.iter()
                .zip(b)
                .all(|(a, b)| a.is_empty() && b.is_empty() || same(self.p, self.state, a, b))
    }

    pub fn params(&self, decision: &Decision, act: &Happening) -> Vec<Value> {
        let n = decision.params as usize;
        act.fields.iter().take(n).cloned().collect()
    }

    /// The open case that an event speaks of: of its parameters, or the only one where it gives none.
    pub fn case_of(&self, id: DecisionId, act: &Happening) -> Option<(Inst, usize)> {
        let decision = self.decision(id)?;
        let inst = self.state.within(self.p, act.subject, decision.kind)?;
        let params = self.params(decision, act);
        let cases = &self.state.inst(inst)?.cases;
        let own = |c: &Case| c.decision == id && self.same_params(&c.params, &params);
        if let Some(at) = cases.iter().position(own) {
            return Some((inst, at));
        }
        if params.iter().all(Value::is_empty) {
            let mut all = cases.iter().enumerate().filter(|(_, c)| c.decision == id);
            if let (Some((at, _)), None) = (all.next(), all.next()) {
                return Some((inst, at));
            }
        }
        None
    }

    pub fn seen(&self, event: Option<EventId>) -> bool {
        let seen = event.and_then(|e| self.p.observed.events.get(e.index()));
        seen.is_some_and(|s| *s != Seen::Never)
    }

    /// Whether the ballots of a decision can be observed at all.
    pub fn ballots_seen(&self, id: DecisionId) -> bool {
        let events = self.p.model.events.iter().enumerate();
        let mut ballots =
            events.filter(|(_, e)| matches!(e.source, EventSource::Ballot(d, _) if d == id));
        ballots.any(|(at, _)| self.seen(Some(EventId::new(at))))
    }

    /// A finding about an act that has no effect on a decision.
    pub fn void(
        &mut self,
        decision: &Decision,
        act: &Happening,
        who: Option<Sym>,
        message: String,
    ) {
        let person = who.or_else(|| act.actors.first().copied());
        let clause = decision.clause;
        let inst = self.state.within(self.p, act.subject, decision.kind);
        let finding = Finding {
            message: message.into(),
            events: act.positions.clone(),
            ..self.finding(clause, inst, person, act.stamp.at)
        };
        self.out.push(finding);
    }

    /// What a decision itself says of an event: it may be void, or be kept until the case closes.
    pub fn gate(&mut self, act: &mut Happening) -> Option<Verdict> {
        let p = self.p;
        let event = p.model.events.get(act.event.index())?;
        if act.computed || !self.governs(event.source, act) {
            return None;
        }
        match event.source {
            EventSource::Opened(id) => {
                let decision = p.model.decisions.get(id.index())?;
                self.case_of_exactly(id, act)?;
                let message = format!(
                    "{}, while that vote is open; it has no effect",
                    self.deed(act)
                );
                self.void(decision, act, None, message);
                Some(Verdict::Void)
            }
            EventSource::Withdrawn(id) => {
                let decision = p.model.decisions.get(id.index())?;
                if self.case_of(id, act).is_some() {
                    return None;
                }
                let message = format!("{}, but no such vote is open", self.deed(act));
                self.void(decision, act, None, message);
                Some(Verdict::Void)
            }
            // The run says so itself.
            EventSource::Closed(_) => Some(Verdict::Absorbed),
            EventSource::Ballot(id, ballot) => {
                let decision = p.model.decisions.get(id.index())?;
                self.ballot_gate(id, decision, ballot, act)
            }
            EventSource::Outcome(id, index) => {
                let decision = p.model.decisions.get(id.index())?;
                if decision.passes.is_none() {
                    self.recorded_gate(id, decision, act)
                } else {
                    self.claim_gate(id, decision, index, act)
                }
            }
            _ => None,
        }
    }

    /// Whether a decision has a say in an event: it is in force, or was when the case opened.
    fn governs(&self, source: EventSource, act: &Happening) -> bool {
        let Some(id) = source.decision() else {
            return false;
        };
        let clause = self.decision(id).map(|d| d.clause);
        clause.is_some_and(|clause| self.p.in_force(clause, self.state.now))
            || self.case_of(id, act).is_some()
    }

    pub fn case_of_exactly(&self, id: DecisionId, act: &Happening) -> Option<usize> {
        let decision = self.decision(id)?;
        let inst = self.state.within(self.p, act.subject, decision.kind)?;
        let params = self.params(decision, act);
        let cases = &self.state.inst(inst)?.cases;
        cases
            .iter()
            .position(|c| c.decision == id && self.same_params(&c.params, &params))
    }

    pub fn ballot_gate(
        &mut self,
        id: DecisionId,
        decision: &Decision,
        ballot: Ballot,
        act: &mut Happening,
    ) -> Option<Verdict> {
        if self.case_of(id, act).is_none() {
            if self.seen(Some(decision.opened)) {
                let message = format!(
                    "{}, but no such vote is open; the ballot does not count",
                    self.deed(act)
                );
                self.void(decision, act, None, message);
                return Some(Verdict::Void);
            }
            if self.state.notes.insert(NoteKey::Event(decision.opened)) {
                let message = format!(
                    "the record does not show when votes on `{}` open: the first ballot opens one",
                    decision.name
                );
                self.note(decision.clause, None, None, message, &act.positions);
            }
            self.open_case(id, act);
        }
        if act.actors.is_empty() {
            let message = format!(
                "{}: nobody is named who voted; it does not count",
                self.deed(act)
            );
            let inst = self.state.within(self.p, act.subject, decision.kind);
            self.note(decision.clause, inst, None, message, &act.positions);
            return Some(Verdict::Void);
        }
        if self.choice(decision, ballot, act).is_none() {
            let message = format!("{}: it does not say what was voted for", self.deed(act));
            self.void(decision, act, None, message);
            return Some(Verdict::Void);
        }
        if decision.fixed == Fixed::Close {
            return None;
        }
        let (inst, at) = self.case_of(id, act)?;
        let electorate = self.electorate(inst, at)?;
        let outside: Vec<Sym> = act
            .actors
            .iter()
            .copied()
            .filter(|a| !electorate.open && !electorate.has(*a))
            .collect();
        for who in &outside {
            let message = format!(
                "{} may not vote on `{}`: the ballot does not count",
                self.state.names.text(*who),
                decision.name
            );
            self.void(decision, act, Some(*who), message);
        }
        act.actors.retain(|a| !outside.contains(a));
        act.actors.is_empty().then_some(Verdict::Void)
    }

    /// A recorded outcome of a decision that only the record decides.
    pub fn recorded_gate(
        &mut self,
        id: DecisionId,
        decision: &Decision,
        act: &Happening,
    ) -> Option<Verdict> {
        let set = decision.electorate.as_ref()?;
        let case = self.case_of(id, act);
        if let Some((inst, at)) = case
            && decision.soft
            && let Some(case) = self.state.inst_mut(inst).and_then(|i| i.cases.get_mut(at))
            && let Some(late) = case.late.take()
        {
            let mut finding = *late;
            finding.to = Some(act.stamp.at.max(finding.from));
            finding.events.extend_from_slice(&act.positions);
            self.out.push(finding);
        }
        if act.emitted && act.actors.is_empty() {
            return None;
        }
        let inst = self.state.within(self.p, act.subject, decision.kind)?;
        let trail = Trail::new();
        let with = With::act(act, None);
        let ctx = with.ctx(self.p, self.state, inst, &trail);
        if act.actors.is_empty() {
            trail.no_actor.set(true);
            self.note_unknown(decision.clause, inst, &trail, &with);
            return None;
        }
        let insider = act.actors.iter().any(|&actor| {
            ctx.is_body_behind(set, actor) || ctx.contains(set, &Value::Name(actor)) != Truth::No
        });
        if insider {
            return None;
        }
        let message = format!(
            "{}, without a say in `{}`; it has no effect",
            self.deed(act),
            decision.name
        );
        self.void(decision, act, None, message);
        Some(Verdict::Void)
    }

    /// A recorded outcome of a decision whose ballots decide.
    pub fn claim_gate(
        &mut self,
        id: DecisionId,
        decision: &Decision,
        index: u32,
        act: &Happening,
    ) -> Option<Verdict> {
        if !self.ballots_seen(id) {
            let inst = self.state.within(self.p, act.subject, decision.kind)?;
            let key = NoteKey::Unobserved(decision.clause, inst);
            if self.state.notes.insert(key) {
                let message = format!(
                    "the ballots on `{}` are not in the record: its outcome is taken as recorded",
                    decision.name
                );
                let events = act.positions.to_vec();
                self.note(decision.clause, Some(inst), None, message, &events);
            }
            return None;
        }
        if let Some((inst, at)) = self.case_of(id, act) {
            if let Some(case) = self.state.inst_mut(inst).and_then(|i| i.cases.get_mut(at)) {
                case.claims.push(Arc::new(act.clone()));
            }
            self.state.touch(inst, &act.positions);
            return Some(Verdict::Absorbed);
        }
        if self.last_outcome(id, decision, act) == Some(Some(index)) {
            // The record says what the ballots had decided.
            self.store(act);
            return Some(Verdict::Absorbed);
        }
        // Its ballots may stand further down in the same change.
        self.state.claims.push(act.clone());
        Some(Verdict::Absorbed)
    }

    /// The change is complete: what was claimed before there was a vote is held against its ballots,
    /// or no such vote was open.
    pub fn weigh_early_claims(&mut self) {
        let p = self.p;
        for act in std::mem::take(&mut self.state.claims) {
            let source = p.model.events.get(act.event.index()).map(|e| e.source);
            let Some(EventSource::Outcome(id, _)) = source else {
                continue;
            };
            let Some(decision) = p.model.decisions.get(id.index()) else {
                continue;
            };
            if let Some((inst, at)) = self.case_of(id, &act) {
                self.state.touch(inst, &act.positions);
                if let Some(case) = self.state.inst_mut(inst).and_then(|i| i.cases.get_mut(at)) {
                    case.claims.push(Arc::new(act));
                }
                continue;
            }
            let why = match self.last_outcome(id, decision, &act) {
                Some(Some(other)) => {
                    let name = decision.outcomes.get(other as usize);
                    format!(
                        "but the vote came out as `{}`",
                        name.map_or("", |o| o.name.as_str())
                    )
                }
                Some(None) => "but the vote came out as nothing".to_owned(),
                None => "but no such vote was open".to_owned(),
            };
            let message = format!("{}, {why}; it has no effect", self.deed(&act));
            self.void(decision, &act, None, message);
        }
    }

    /// How the last such vote came out, where one has closed.
    fn last_outcome(
        &self,
        id: DecisionId,
        decision: &Decision,
        act: &Happening,
    ) -> Option<Option<u32>> {
        let inst = self.state.within(self.p, act.subject, decision.kind)?;
        let params = self.params(decision, act);
        let mut closed = self.state.inst(inst)?.closed.iter().rev();
        let closed = closed.find(|c| c.decision == id && self.same_params(&c.params, &params));
        closed.map(|c| c.outcome)
    }

    pub fn choice(&self, decision: &Decision, ballot: Ballot, act: &Happening) -> Option<Choice> {
        match ballot {
            Ballot::Yes => Some(Choice::Yes),
            Ballot::Against => Some(Choice::Against),
            Ballot::Abstain => Some(Choice::Abstain),
            Ballot::Recused => Some(Choice::Recused),
            Ballot::Named => {
                let word = match act.fields.last()? {
                    Value::Name(sym) => self.state.names.text(*sym),
                    Value::Text(text) => text,
                    _ => return None,
                };
                if decision.options
                    && let Some(option) = outcome_named(decision, word)
                {
                    return Some(Choice::Option(option));
                }
                match word {
                    "yes" if !decision.options => Some(Choice::Yes),
                    "against" | "no" => Some(Choice::Against),
                    "abstain" => Some(Choice::Abstain),
                    "recused" => Some(Choice::Recused),
                    _ => None,
                }
            }
        }
    }

    /// What an event of a decision does.
    pub fn decision_event(&mut self, source: EventSource, act: &Happening) {
        let p = self.p;
        if !act.computed && !self.governs(source, act) {
            return;
        }
        match source {
            EventSource::Opened(id) => self.open_case(id, act),
            EventSource::Ballot(id, ballot) => {
                let Some(decision) = p.model.decisions.get(id.index()) else {
                    return;
                };
                let Some(choice) = self.choice(decision, ballot, act) else {
                    return;
                };
                let Some((inst, at)) = self.case_of(id, act) else {
                    return;
                };
                let case = self.state.inst_mut(inst).and_then(|i| i.cases.get_mut(at));
                let Some(case) = case else { return };
                for &voter in &act.actors {
                    let electorate = case.electorate.as_ref();
                    case.votes.cast(Vote {
                        voter,
                        choice,
                        events: act.positions.clone(),
                        counts: electorate.is_none_or(|e| e.open || e.has(voter)),
                    });
                }
                self.state.touch(inst, &act.positions);
            }
            EventSource::Withdrawn(id) => {
                if let Some((inst, at)) = self.case_of(id, act) {
                    self.remove_case(inst, at, None);
                    self.emit_closed(id, inst, act);
                }
            }
            EventSource::Outcome(id, index) if !act.computed => {
                let part = super::coverage::Part::Outcome(id, index);
                self.state.coverage.touch(part);
                let Some(decision) = p.model.decisions.get(id.index()) else {
                    return;
                };
                let case = self.case_of(id, act);
                let inst = self.state.within(p, act.subject, decision.kind);
                match (case, inst) {
                    (Some((inst, at)), _) => self.remove_case(inst, at, Some(index)),
                    (None, Some(inst)) => {
                        let params = self.params(decision, act);
                        self.remember(inst, id, params, Some(index));
                    }
                    (None, None) => return,
                }
                if let Some(inst) = inst {
                    self.emit_closed(id, inst, act);
                }
            }
            _ => {}
        }
    }

    pub fn open_case(&mut self, id: DecisionId, act: &Happening) {
        let p = self.p;
        let Some(decision) = p.model.decisions.get(id.index()) else {
            return;
        };
        let Some(inst) = self.state.within(p, act.subject, decision.kind) else {
            return;
        };
        let trail = Trail::new();
        let ctx = With::act(act, None).ctx(p, self.state, inst, &trail);
        let electorate = match (&decision.electorate, decision.fixed) {
            (Some(set), Fixed::Open) => Some(Electorate::of(&ctx, set)),
            _ => None,
        };
        let number = |expr: &crate::ir::Expr| ctx.number(expr);
        let quorum = decision.quorum.as_ref().map(|q| fix(q, &number));
        let passes = decision.passes.as_ref().map(|q| fix(q, &number));
        let after = decision.after.as_ref().and_then(|expr| {
            let duration = ctx.duration(expr)?;
            Some(Deadline::of(&p.zone, p.zone.add(act.stamp, duration)))
        });
        let on = decision
            .on
            .as_ref()
            .and_then(|expr| match ctx.value(expr)? {
                Value::Date(stamp) | Value::Dates(_, stamp) => Some(Deadline::of(&p.zone, stamp)),
                _ => None,
            });
        let due = match (after, on) {
            (Some(a), Some(b)) => Some(if b.at < a.at { b } else { a }),
            (a, b) => a.or(b),
        };
        let options = if decision.options {
            decision.outcomes.len()
        } else {
            0
        };
        let case = Case {
            decision: id,
            params: self.params(decision, act),
            opened_at: self.state.now,
            events: act.positions.clone(),
            electorate,
            quorum,
            passes,
            due,
            votes: Ballots::none(options),
            claims: Vec::new(),
            late: None,
        };
        if let Some(instance) = self.state.inst_mut(inst) {
            instance.cases.push(case);
        }
        self.state.touch(inst, &act.positions);
        if let Some(due) = due {
            self.due(inst, due);
        }
    }
}
