//! Decisions: cases open, ballots are cast, and when an instant settles a case may close.

use std::sync::Arc;

use super::admit::Verdict;
use super::compare::same;
use super::eval::Trail;
use super::finding::{Finding, Severity};
use super::moment::{Deadline, Truth};
use super::observe::Seen;
use super::state::{Happening, Inst, NoteKey};
use super::step::{Run, With};
use super::tally::{Count, Rule, fix};
use super::value::{Sym, Value};
use crate::ids::*;
use crate::ir::{Ballot, Cond, Decision, EventSource, Fixed, Tie};
use crate::time::Instant;

/// An open case.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    decision: DecisionId,
    params: Vec<Value>,
    opened_at: Instant,
    events: Vec<u32>,
    /// Who may vote, where that is fixed at opening.
    electorate: Option<Electorate>,
    quorum: Option<Rule>,
    passes: Option<Rule>,
    due: Option<Deadline>,
    votes: Vec<Vote>,
    claims: Vec<Arc<Happening>>,
    /// It should have closed.
    late: Option<Box<Finding>>,
}

/// How the last case of a decision ended.
#[derive(Debug, Clone)]
pub(crate) struct Closed {
    decision: DecisionId,
    params: Vec<Value>,
    outcome: Option<u32>,
}

#[derive(Debug, Clone)]
struct Vote {
    voter: Sym,
    choice: Choice,
    events: Vec<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    Yes,
    Against,
    Abstain,
    Recused,
    Option(u32),
}

/// Who may vote.
#[derive(Debug, Clone)]
struct Electorate {
    voters: Vec<Sym>,
    /// There may be others.
    open: bool,
}

/// How a case comes out, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Result {
    Unknown,
    Known(Option<u32>),
}

/// Whether a rule is satisfied, for an option where there are any, given what holds in the world.
type Holds<'a> = dyn Fn(&Rule, Option<usize>, &dyn Fn(&Cond) -> Truth) -> Truth + 'a;

fn outcome_named(decision: &Decision, name: &str) -> Option<u32> {
    let at = decision.outcomes.iter().position(|o| o.name == name)?;
    u32::try_from(at).ok()
}

impl Run<'_> {
    fn decision(&self, id: DecisionId) -> Option<&'_ Decision> {
        self.p.model.decisions.get(id.index())
    }

    fn event_of(&self, source: EventSource) -> Option<EventId> {
        let at = self.p.model.events.iter().position(|e| e.source == source);
        at.map(EventId::new)
    }

    fn same_params(&self, a: &[Value], b: &[Value]) -> bool {
        a.len() == b.len()
            && a.iter()
                .zip(b)
                .all(|(a, b)| a.is_empty() && b.is_empty() || same(self.p, self.state, a, b))
    }

    fn params(&self, decision: &Decision, act: &Happening) -> Vec<Value> {
        let n = decision.params as usize;
        act.fields.iter().take(n).cloned().collect()
    }

    /// The open case that an event speaks of: of its parameters, or the only one where it gives none.
    fn case_of(&self, id: DecisionId, act: &Happening) -> Option<(Inst, usize)> {
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

    fn seen(&self, event: Option<EventId>) -> bool {
        let seen = event.and_then(|e| self.p.observed.events.get(e.index()));
        seen.is_some_and(|s| *s != Seen::Never)
    }

    /// Whether the ballots of a decision can be observed at all.
    fn ballots_seen(&self, id: DecisionId) -> bool {
        let events = self.p.model.events.iter().enumerate();
        let mut ballots =
            events.filter(|(_, e)| matches!(e.source, EventSource::Ballot(d, _) if d == id));
        ballots.any(|(at, _)| self.seen(Some(EventId::new(at))))
    }

    /// A finding about an act that has no effect on a decision.
    fn void(&mut self, decision: &Decision, act: &Happening, who: Option<Sym>, message: String) {
        let person = who.or_else(|| act.actors.first().copied());
        let clause = decision.clause;
        let inst = self.state.within(self.p, act.subject, decision.kind);
        let finding = Finding {
            message,
            events: act.positions.clone(),
            ..self.finding(clause, inst, person, act.stamp.at)
        };
        self.out.push(finding);
    }

    /// What a decision itself says of an event: it may be void, or be kept until the case closes.
    pub fn gate(&mut self, act: &mut Happening) -> Option<Verdict> {
        let p = self.p;
        let event = p.model.events.get(act.event.index())?;
        if act.computed {
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

    fn case_of_exactly(&self, id: DecisionId, act: &Happening) -> Option<usize> {
        let decision = self.decision(id)?;
        let inst = self.state.within(self.p, act.subject, decision.kind)?;
        let params = self.params(decision, act);
        let cases = &self.state.inst(inst)?.cases;
        cases
            .iter()
            .position(|c| c.decision == id && self.same_params(&c.params, &params))
    }

    fn ballot_gate(
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
                self.note(decision.clause, None, None, message, act.positions.clone());
            }
            self.open_case(id, act);
        }
        if act.actors.is_empty() {
            let message = format!(
                "{}: nobody is named who voted; it does not count",
                self.deed(act)
            );
            let inst = self.state.within(self.p, act.subject, decision.kind);
            self.note(decision.clause, inst, None, message, act.positions.clone());
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
            .filter(|a| !electorate.voters.contains(a) && !electorate.open)
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
    fn recorded_gate(
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
            finding.events.extend(&act.positions);
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
    fn claim_gate(
        &mut self,
        id: DecisionId,
        decision: &Decision,
        index: u32,
        act: &Happening,
    ) -> Option<Verdict> {
        if !self.ballots_seen(id) {
            if self
                .state
                .notes
                .insert(NoteKey::Unobserved(decision.clause))
            {
                let message = format!(
                    "the ballots on `{}` are not in the record: its outcome is taken as recorded",
                    decision.name
                );
                self.note(decision.clause, None, None, message, act.positions.clone());
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
        let inst = self.state.within(self.p, act.subject, decision.kind)?;
        let params = self.params(decision, act);
        let closed = self.state.inst(inst).and_then(|i| {
            let mut closed = i.closed.iter().rev();
            closed.find(|c| c.decision == id && self.same_params(&c.params, &params))
        });
        let outcome = closed.map(|c| c.outcome);
        if outcome == Some(Some(index)) {
            // The record says what the ballots had decided.
            self.store(act);
            return Some(Verdict::Absorbed);
        }
        let why = match outcome {
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
        let message = format!("{}, {why}; it has no effect", self.deed(act));
        self.void(decision, act, None, message);
        Some(Verdict::Void)
    }

    fn choice(&self, decision: &Decision, ballot: Ballot, act: &Happening) -> Option<Choice> {
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
                    let vote = Vote {
                        voter,
                        choice,
                        events: act.positions.clone(),
                    };
                    match case.votes.iter_mut().find(|v| v.voter == voter) {
                        // The later ballot replaces the former.
                        Some(former) => *former = vote,
                        None => case.votes.push(vote),
                    }
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

    fn remember(
        &mut self,
        inst: Inst,
        decision: DecisionId,
        params: Vec<Value>,
        outcome: Option<u32>,
    ) {
        let Some(instance) = self.state.inst(inst) else {
            return;
        };
        let known = instance
            .closed
            .iter()
            .position(|c| c.decision == decision && self.same_params(&c.params, &params));
        let closed = Closed {
            decision,
            params,
            outcome,
        };
        let Some(instance) = self.state.inst_mut(inst) else {
            return;
        };
        match known.and_then(|at| instance.closed.get_mut(at)) {
            Some(known) => *known = closed,
            None => instance.closed.push(closed),
        }
    }

    /// Takes a case out; its lateness ends with it.
    fn remove_case(&mut self, inst: Inst, at: usize, outcome: Option<u32>) {
        let Some(instance) = self.state.inst_mut(inst) else {
            return;
        };
        if at >= instance.cases.len() {
            return;
        }
        let case = instance.cases.remove(at);
        if let Some(late) = case.late {
            let mut finding = *late;
            finding.to = Some(self.state.now.max(finding.from));
            self.out.push(finding);
        }
        self.remember(inst, case.decision, case.params, outcome);
        self.state.mark(inst);
    }

    fn emit_closed(&mut self, id: DecisionId, inst: Inst, act: &Happening) {
        let Some(event) = self.event_of(EventSource::Closed(id)) else {
            return;
        };
        let Some(decision) = self.decision(id) else {
            return;
        };
        let params = self.params(decision, act);
        let args = params.into_iter().enumerate();
        let args = args.map(|(at, value)| (FieldId::new(at), value)).collect();
        self.emit(event, inst, args, Some(act), act.chain.clone());
        if let Some(last) = self.queue.back_mut() {
            last.computed = true;
        }
    }

    fn open_case(&mut self, id: DecisionId, act: &Happening) {
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
            (Some(set), Fixed::Open) => {
                let members = ctx.members(set);
                let uncertain = members.list.iter().any(|(_, t)| *t != Truth::Yes);
                Some(Electorate {
                    voters: members
                        .list
                        .iter()
                        .filter_map(|(v, _)| ctx.sym(v))
                        .collect(),
                    open: members.open || uncertain,
                })
            }
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
        let case = Case {
            decision: id,
            params: self.params(decision, act),
            opened_at: self.state.now,
            events: act.positions.clone(),
            electorate,
            quorum,
            passes,
            due,
            votes: Vec::new(),
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

    /// Who may vote on a case now.
    fn electorate(&self, inst: Inst, at: usize) -> Option<Electorate> {
        let case = self.state.inst(inst)?.cases.get(at)?;
        if let Some(fixed) = &case.electorate {
            return Some(fixed.clone());
        }
        let decision = self.decision(case.decision)?;
        let set = decision.electorate.as_ref()?;
        let trail = Trail::new();
        let ctx = With::now(None).ctx(self.p, self.state, inst, &trail);
        let members = ctx.members(set);
        let uncertain = members.list.iter().any(|(_, t)| *t != Truth::Yes);
        Some(Electorate {
            voters: members
                .list
                .iter()
                .filter_map(|(v, _)| ctx.sym(v))
                .collect(),
            open: members.open || uncertain,
        })
    }

    /// Follows up the open cases of an instance: at the end of a day, or when an instant settles.
    pub fn follow_cases(&mut self, inst: Inst, day_end: bool) {
        let mut at = 0;
        loop {
            let cases = self.state.inst(inst).map_or(0, |i| i.cases.len());
            if at >= cases {
                return;
            }
            self.follow_case(inst, at, day_end);
            let left = self.state.inst(inst).map_or(0, |i| i.cases.len());
            if left >= cases {
                at += 1;
            }
        }
    }

    fn follow_case(&mut self, inst: Inst, at: usize, day_end: bool) {
        let p = self.p;
        let now = self.state.now;
        let Some(case) = self.state.inst(inst).and_then(|i| i.cases.get(at)) else {
            return;
        };
        let id = case.decision;
        let Some(decision) = p.model.decisions.get(id.index()) else {
            return;
        };
        let due = case.due.is_some_and(|d| d.at <= now && (d.day || !day_end));
        let pending = case.due.is_some() && !due;
        let claimed = !case.claims.is_empty();
        let opened_now = case.opened_at == now;
        if due && decision.soft {
            self.close_late(decision, inst, at);
        }
        if decision.passes.is_none() {
            if due && !decision.soft {
                self.close(decision, inst, at, None, None);
            }
            return;
        }
        if due && !decision.soft {
            match self.result(decision, inst, at) {
                Result::Known(outcome) => self.close(decision, inst, at, outcome, None),
                Result::Unknown => self.undecided_case(decision, inst, at),
            }
            return;
        }
        if decision.early && !opened_now {
            let electorate = self.electorate(inst, at);
            let nobody = electorate.is_some_and(|e| e.voters.is_empty() && !e.open);
            if nobody {
                if self.state.notes.insert(NoteKey::NoVoters(id, inst)) {
                    let message = format!("nobody may vote on `{}`", decision.name);
                    self.note(decision.clause, Some(inst), None, message, Vec::new());
                }
            } else if let Some(outcome) = self.settled_result(decision, inst, at) {
                self.close(decision, inst, at, Some(outcome), None);
                return;
            }
        }
        if claimed && !day_end {
            self.weigh_claims(decision, inst, at, pending && !decision.soft);
        }
    }

    fn close_late(&mut self, decision: &Decision, inst: Inst, at: usize) {
        let Some(case) = self.state.inst(inst).and_then(|i| i.cases.get(at)) else {
            return;
        };
        let Some(due) = case.due.filter(|_| case.late.is_none()) else {
            return;
        };
        let finding = Finding {
            severity: Severity::Advisory,
            message: format!("the vote on `{}` should be closed by now", decision.name),
            to: None,
            events: case.events.clone(),
            ..self.finding(decision.clause, Some(inst), None, due.at)
        };
        if let Some(case) = self.state.inst_mut(inst).and_then(|i| i.cases.get_mut(at)) {
            case.late = Some(Box::new(finding));
        }
    }

    /// What cannot be computed stays open, until the record says how it came out.
    fn undecided_case(&mut self, decision: &Decision, inst: Inst, at: usize) {
        if self
            .state
            .notes
            .insert(NoteKey::Undecided(decision.clause, inst, None))
        {
            let message = format!(
                "what was observed does not settle the vote on `{}`: its outcome is taken as recorded",
                decision.name
            );
            self.note(decision.clause, Some(inst), None, message, Vec::new());
        }
        let case = self.state.inst(inst).and_then(|i| i.cases.get(at));
        let claim = case.and_then(|c| c.claims.first().cloned());
        if let Some(claim) = claim {
            let outcome = self.claimed(&claim);
            self.close(decision, inst, at, outcome, Some(claim));
        }
    }

    fn claimed(&self, claim: &Happening) -> Option<u32> {
        match self.p.model.events.get(claim.event.index())?.source {
            EventSource::Outcome(_, index) => Some(index),
            _ => None,
        }
    }

    /// Claims of an outcome while nothing else closes the case.
    fn weigh_claims(&mut self, decision: &Decision, inst: Inst, at: usize, pending: bool) {
        let result = self.result(decision, inst, at);
        if result == Result::Unknown {
            self.undecided_case(decision, inst, at);
            return;
        }
        let case = self.state.inst_mut(inst).and_then(|i| i.cases.get_mut(at));
        let claims = case.map_or(Vec::new(), |c| std::mem::take(&mut c.claims));
        for claim in claims {
            let agrees = result == Result::Known(self.claimed(&claim));
            if agrees && !pending {
                // Put back with the others, to be absorbed with it.
                self.close(decision, inst, at, self.claimed(&claim), Some(claim));
                return;
            }
            let (_, count) = self.count(decision, inst, at);
            let why = if pending {
                "while the vote is still open".to_owned()
            } else {
                format!(
                    "which the ballots do not bear out ({})",
                    tally_words(decision, &count)
                )
            };
            let message = format!("{}, {why}; it has no effect", self.deed(&claim));
            self.void(decision, &claim, None, message);
        }
    }

    /// The ballots of a case, counted, and how many voters remain.
    fn count(&self, decision: &Decision, inst: Inst, at: usize) -> (u64, Count) {
        let mut count = Count::default();
        let Some(case) = self.state.inst(inst).and_then(|i| i.cases.get(at)) else {
            return (0, count);
        };
        if decision.options {
            count.options = vec![0; decision.outcomes.len()];
        }
        let electorate = self.electorate(inst, at);
        let may_vote = |who: Sym| match &electorate {
            None => true,
            Some(e) => e.open || e.voters.contains(&who),
        };
        let mut voted: u64 = 0;
        let mut recused: u64 = 0;
        for vote in case.votes.iter().filter(|v| may_vote(v.voter)) {
            match vote.choice {
                Choice::Yes => count.yes += 1,
                Choice::Against => count.against += 1,
                Choice::Abstain => count.abstain += 1,
                Choice::Recused => {
                    recused += 1;
                    continue;
                }
                Choice::Option(option) => {
                    if let Some(n) = count.options.get_mut(option as usize) {
                        *n += 1;
                    }
                }
            }
            voted += 1;
        }
        let remaining = match &electorate {
            Some(e) if !e.open => {
                let all = (e.voters.len() as u64).saturating_sub(recused);
                count.electorate = Some(all);
                all.saturating_sub(voted)
            }
            _ => 1 << 40,
        };
        (remaining, count)
    }

    /// How a case would come out, by its ballots now.
    fn result(&self, decision: &Decision, inst: Inst, at: usize) -> Result {
        let (_, count) = self.count(decision, inst, at);
        self.outcome(decision, inst, at, &|rule, option, world| {
            count.satisfies(rule, option, world)
        })
    }

    fn outcome(&self, decision: &Decision, inst: Inst, at: usize, holds: &Holds<'_>) -> Result {
        let Some(case) = self.state.inst(inst).and_then(|i| i.cases.get(at)) else {
            return Result::Unknown;
        };
        let Some(passes) = &case.passes else {
            return Result::Unknown;
        };
        let trail = Trail::new();
        let ctx = With::now(None).ctx(self.p, self.state, inst, &trail);
        let world = |cond: &Cond| ctx.holds(cond);
        let failed = outcome_named(decision, "failed");
        if let Some(quorum) = &case.quorum {
            match holds(quorum, None, &world) {
                Truth::Yes => {}
                Truth::Unknown => return Result::Unknown,
                Truth::No => {
                    return Result::Known(outcome_named(decision, "no-quorum").or(failed));
                }
            }
        }
        if !decision.options {
            return match holds(passes, None, &world) {
                Truth::Yes => Result::Known(outcome_named(decision, "passed")),
                Truth::No => Result::Known(failed),
                Truth::Unknown => Result::Unknown,
            };
        }
        let mut winners: Vec<u32> = Vec::new();
        for (option, outcome) in decision.outcomes.iter().enumerate() {
            if matches!(outcome.name.as_str(), "no-quorum" | "failed") {
                continue;
            }
            match holds(passes, Some(option), &world) {
                Truth::Yes => winners.extend(u32::try_from(option).ok()),
                Truth::No => {}
                Truth::Unknown => return Result::Unknown,
            }
        }
        match winners.as_slice() {
            [] => Result::Known(failed),
            [one] => Result::Known(Some(*one)),
            several => match &decision.tie {
                None => Result::Known(None),
                Some(Tie::Outcome(outcome)) => Result::Known(Some(*outcome)),
                Some(Tie::By(set)) => {
                    let deciders = ctx.people_in(set);
                    let decided = deciders.iter().find_map(|who| {
                        let vote = case.votes.iter().find(|v| v.voter == *who)?;
                        match vote.choice {
                            Choice::Option(option) if several.contains(&option) => Some(option),
                            _ => None,
                        }
                    });
                    Result::Known(decided)
                }
            },
        }
    }

    /// The outcome that no completion of the remaining ballots can change.
    fn settled_result(&self, decision: &Decision, inst: Inst, at: usize) -> Option<u32> {
        let (remaining, count) = self.count(decision, inst, at);
        let settled = self.outcome(decision, inst, at, &|rule, option, world| {
            count.settled(remaining, rule, option, world)
        });
        match settled {
            Result::Known(Some(outcome)) => {
                // The one who breaks a tie may still vote otherwise.
                let tied = matches!(decision.tie, Some(Tie::By(_))) && remaining > 0;
                (!tied).then_some(outcome)
            }
            Result::Known(None) => None,
            Result::Unknown if remaining <= 12 && !decision.options => count.every_way(
                remaining,
                &|count| match self.outcome(decision, inst, at, &|rule, option, world| {
                    count.satisfies(rule, option, world)
                }) {
                    Result::Known(outcome) => outcome,
                    Result::Unknown => None,
                },
            ),
            Result::Unknown => None,
        }
    }

    /// A case closes. Claims that agree are absorbed; others have no effect.
    fn close(
        &mut self,
        decision: &Decision,
        inst: Inst,
        at: usize,
        outcome: Option<u32>,
        by: Option<Arc<Happening>>,
    ) {
        let (_, count) = self.count(decision, inst, at);
        let electorate = self.electorate(inst, at);
        let Some(instance) = self.state.inst_mut(inst) else {
            return;
        };
        let Some(case) = instance.cases.get_mut(at) else {
            return;
        };
        let id = case.decision;
        let params = case.params.clone();
        let opened_at = case.opened_at;
        let votes = std::mem::take(&mut case.votes);
        let mut claims = std::mem::take(&mut case.claims);
        let mut events = case.events.clone();
        if let Some(by) = &by {
            claims.retain(|c| c.seq != by.seq || c.positions != by.positions);
        }
        if let Some(outcome) = outcome {
            let part = super::coverage::Part::Outcome(id, outcome);
            self.state.coverage.touch(part);
        }
        let name = outcome.and_then(|o| decision.outcomes.get(o as usize));
        let name = name.map_or("nothing", |o| o.name.as_str()).to_owned();
        if decision.fixed != Fixed::Open
            && let Some(electorate) = electorate.filter(|e| !e.open)
        {
            for vote in votes
                .iter()
                .filter(|v| !electorate.voters.contains(&v.voter))
            {
                let message = format!(
                    "{} may not vote on `{}`: the ballot does not count",
                    self.state.names.text(vote.voter),
                    decision.name
                );
                let finding = Finding {
                    message,
                    events: vote.events.clone(),
                    ..self.finding(
                        decision.clause,
                        Some(inst),
                        Some(vote.voter),
                        self.state.now,
                    )
                };
                self.out.push(finding);
            }
        }
        let mut agreeing = by;
        for claim in claims {
            if self.claimed(&claim) == outcome {
                if agreeing.is_none() {
                    agreeing = Some(claim);
                }
                continue;
            }
            let message = format!(
                "{}, but the vote came out as `{name}` ({}); it has no effect",
                self.deed(&claim),
                tally_words(decision, &count)
            );
            self.void(decision, &claim, None, message);
        }
        self.remove_case(inst, at, outcome);
        for vote in &votes {
            for position in &vote.events {
                if !events.contains(position) {
                    events.push(*position);
                }
            }
        }
        let event = outcome
            .and_then(|o| decision.outcomes.get(o as usize))
            .map(|o| o.event);
        let before = self.queue.len();
        let by = agreeing.as_deref();
        match event {
            Some(event) => {
                let args: Vec<(FieldId, Value)> = match by {
                    Some(claim) => claim.fields.clone(),
                    None => params.clone(),
                }
                .into_iter()
                .enumerate()
                .map(|(at, value)| (FieldId::new(at), value))
                .collect();
                self.emit(event, inst, args, by, None);
            }
            None => {
                if decision.passes.is_some() {
                    let message = format!(
                        "the vote on `{}` ended without an outcome ({})",
                        decision.name,
                        tally_words(decision, &count)
                    );
                    self.note(decision.clause, Some(inst), None, message, events.clone());
                }
            }
        }
        if let Some(closed) = self.event_of(EventSource::Closed(id)) {
            let args = params.into_iter().enumerate();
            let args = args.map(|(at, value)| (FieldId::new(at), value)).collect();
            self.emit(closed, inst, args, by, None);
        }
        for act in self.queue.iter_mut().skip(before) {
            act.computed = true;
            act.stamp = self.state.stamp;
            act.rules_of = Some(opened_at);
            if by.is_none() {
                act.positions.clone_from(&events);
            }
        }
    }

    /// Reports the cases that should have closed.
    pub fn close_cases(&mut self, inst: Inst) {
        let Some(instance) = self.state.inst_mut(inst) else {
            return;
        };
        for case in &mut instance.cases {
            if let Some(late) = case.late.take() {
                self.out.push(*late);
            }
        }
    }
}

fn tally_words(decision: &Decision, count: &Count) -> String {
    let mut parts: Vec<String> = Vec::new();
    if decision.options {
        for (outcome, n) in decision.outcomes.iter().zip(&count.options) {
            if *n > 0 {
                parts.push(format!("{n} {}", outcome.name));
            }
        }
    } else {
        parts.push(format!("{} yes", count.yes));
    }
    parts.push(format!("{} against", count.against));
    if count.abstain > 0 {
        parts.push(format!("{} abstained", count.abstain));
    }
    match count.electorate {
        Some(all) => format!("{} of {all} who may vote", parts.join(", ")),
        None => parts.join(", "),
    }
}
