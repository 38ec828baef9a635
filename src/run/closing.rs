//! When a case closes: at its deadline, early, or as the record says; and what then happens.

use std::sync::Arc;

use foldhash::HashSet;

use super::ballots::Ballots;
use super::decision::{Closed, Upshot};
use super::finding::{Finding, Positions, Severity};
use super::outcome::tally_words;
use super::state::{Happening, Inst, NoteKey};
use super::step::Run;
use super::value::Value;
use crate::ids::*;
use crate::ir::{Decision, EventSource, Fixed};

impl Run<'_> {
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

    pub fn follow_case(&mut self, inst: Inst, at: usize, day_end: bool) {
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
        let deadline = case.due.filter(|_| !due);
        let pending = deadline.is_some();
        let claimed = !case.claims.is_empty();
        // Something else may have woken the instance before.
        if let Some(deadline) = deadline {
            self.due(inst, deadline);
        }
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
                Upshot::Known(outcome) => self.close(decision, inst, at, outcome, None),
                Upshot::Unknown => self.undecided_case(decision, inst, at),
            }
            return;
        }
        if decision.early {
            let electorate = self.electorate(inst, at);
            let nobody = electorate.is_some_and(|e| e.len() == 0 && !e.open);
            if nobody {
                if self.state.notes.insert(NoteKey::NoVoters(id, inst)) {
                    let message = format!("nobody may vote on `{}`", decision.name);
                    self.note(decision.clause, Some(inst), None, message, &[]);
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

    pub fn close_late(&mut self, decision: &Decision, inst: Inst, at: usize) {
        let Some(case) = self.state.inst(inst).and_then(|i| i.cases.get(at)) else {
            return;
        };
        let Some(due) = case.due.filter(|_| case.late.is_none()) else {
            return;
        };
        let finding = Finding {
            severity: Severity::Advisory,
            message: format!("the vote on `{}` should be closed by now", decision.name).into(),
            to: None,
            events: case.events.clone(),
            ..self.finding(decision.clause, Some(inst), None, due.at)
        };
        if let Some(case) = self.state.inst_mut(inst).and_then(|i| i.cases.get_mut(at)) {
            case.late = Some(Box::new(finding));
        }
    }

    /// What cannot be computed stays open, until the record says how it came out.
    pub fn undecided_case(&mut self, decision: &Decision, inst: Inst, at: usize) {
        if self
            .state
            .notes
            .insert(NoteKey::Undecided(decision.clause, inst, None))
        {
            let message = format!(
                "what was observed does not settle the vote on `{}`: its outcome is taken as recorded",
                decision.name
            );
            self.note(decision.clause, Some(inst), None, message, &[]);
        }
        let case = self.state.inst(inst).and_then(|i| i.cases.get(at));
        let claim = case.and_then(|c| c.claims.first().cloned());
        if let Some(claim) = claim {
            let outcome = self.claimed(&claim);
            self.close(decision, inst, at, outcome, Some(claim));
        }
    }

    pub fn claimed(&self, claim: &Happening) -> Option<u32> {
        match self.p.model.events.get(claim.event.index())?.source {
            EventSource::Outcome(_, index) => Some(index),
            _ => None,
        }
    }

    /// Claims of an outcome while nothing else closes the case.
    pub fn weigh_claims(&mut self, decision: &Decision, inst: Inst, at: usize, pending: bool) {
        let result = self.result(decision, inst, at);
        if result == Upshot::Unknown {
            self.undecided_case(decision, inst, at);
            return;
        }
        let case = self.state.inst_mut(inst).and_then(|i| i.cases.get_mut(at));
        let claims = case.map_or(Vec::new(), |c| std::mem::take(&mut c.claims));
        for claim in claims {
            let agrees = result == Upshot::Known(self.claimed(&claim));
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

    /// The first claim of a case that says what came out.
    fn agreeing(&self, inst: Inst, at: usize, outcome: u32) -> Option<&Happening> {
        let case = self.state.inst(inst)?.cases.get(at)?;
        let mut claims = case.claims.iter().map(Arc::as_ref);
        claims.find(|claim| self.claimed(claim) == Some(outcome))
    }

    /// Notes a result that follows from the ballots, and whether the record has it too.
    fn borne_out(
        &mut self,
        decision: &Decision,
        inst: Inst,
        at: usize,
        outcome: u32,
        claim: Option<Happening>,
    ) {
        if self.result(decision, inst, at) != Upshot::Known(Some(outcome)) {
            return;
        }
        let (_, count) = self.count(decision, inst, at);
        let tally = tally_words(decision, &count);
        let needed = self.needed(inst, at);
        let takes = needed
            .as_ref()
            .map_or(String::new(), |n| format!("; {n} are needed"));
        let (said, events) = match &claim {
            Some(claim) => (
                format!("{}, which the ballots bear out", self.deed(claim)),
                claim.positions.clone(),
            ),
            None => {
                let name = decision.outcomes.get(outcome as usize);
                let name = name.map_or("", |outcome| outcome.name.as_str());
                let case = self.state.inst(inst).and_then(|i| i.cases.get(at));
                (
                    format!("the vote on `{}` came out as `{name}`", decision.name),
                    case.map_or(Positions::new(), |case| case.events.clone()),
                )
            }
        };
        let at = claim.map_or(self.state.now, |claim| claim.stamp.at);
        let finding = Finding {
            severity: Severity::Note,
            message: format!("{said} ({tally}){takes}").into(),
            events,
            found: Some(tally),
            required: needed,
            ..self.finding(decision.clause, Some(inst), None, at)
        };
        self.out.push(finding);
    }

    /// What a case needs to pass, in words.
    fn needed(&self, inst: Inst, at: usize) -> Option<String> {
        let case = self.state.inst(inst)?.cases.get(at)?;
        let passes = case.passes.as_ref()?.words()?;
        match case.quorum.as_ref().and_then(super::tally::Rule::words) {
            Some(quorum) => Some(format!("{passes}, with {quorum},")),
            None => Some(passes),
        }
    }

    /// A case closes. Claims that agree are absorbed; others have no effect.
    pub fn close(
        &mut self,
        decision: &Decision,
        inst: Inst,
        at: usize,
        outcome: Option<u32>,
        by: Option<Arc<Happening>>,
    ) {
        let (_, count) = self.count(decision, inst, at);
        let electorate = self.electorate(inst, at);
        if let Some(outcome) = outcome.filter(|_| self.p.kept) {
            let claim = by.as_deref().or_else(|| self.agreeing(inst, at, outcome));
            let claim = claim.cloned();
            self.borne_out(decision, inst, at, outcome, claim);
        }
        let Some(instance) = self.state.inst_mut(inst) else {
            return;
        };
        let Some(case) = instance.cases.get_mut(at) else {
            return;
        };
        let id = case.decision;
        let params = case.params.clone();
        let opened_at = case.opened_at;
        let votes = std::mem::replace(&mut case.votes, Ballots::none(0));
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
            for vote in votes.all().iter().filter(|v| !electorate.has(v.voter)) {
                let message = format!(
                    "{} may not vote on `{}`: the ballot does not count",
                    self.state.names.text(vote.voter),
                    decision.name
                );
                let finding = Finding {
                    message: message.into(),
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
        let mut known: HashSet<u32> = events.iter().copied().collect();
        let cast = votes.all().iter().flat_map(|vote| &vote.events);
        events.extend(cast.copied().filter(|position| known.insert(*position)));
        let event = outcome
            .and_then(|o| decision.outcomes.get(o as usize))
            .map(|o| o.event);
        let before = self.state.queue.len();
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
                    self.note(decision.clause, Some(inst), None, message, &events);
                }
            }
        }
        if let Some(closed) = self.event_of(EventSource::Closed(id)) {
            let args = params.into_iter().enumerate();
            let args = args.map(|(at, value)| (FieldId::new(at), value)).collect();
            self.emit(closed, inst, args, by, None);
        }
        for act in self.state.queue.iter_mut().skip(before) {
            act.computed = true;
            act.stamp = self.state.stamp;
            act.rules_of = Some(opened_at);
            if by.is_none() {
                act.positions = Positions::from_slice(&events);
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

    /// Takes a case out; its lateness ends with it.
    pub fn remove_case(&mut self, inst: Inst, at: usize, outcome: Option<u32>) {
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

    pub fn remember(
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

    pub fn emit_closed(&mut self, id: DecisionId, inst: Inst, act: &Happening) {
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
        if let Some(last) = self.state.queue.back_mut() {
            last.computed = true;
        }
    }
}
