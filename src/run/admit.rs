//! Whether an event may happen: powers and permissions, prohibitions, caps, and the checks of `to`
//! blocks. All are judged of the state before it.

use std::sync::Arc;

use super::coverage::Part;
use super::eval::Trail;
use super::finding::{Finding, Severity};
use super::moment::Truth;
use super::state::{Happening, Inst, Retry};
use super::step::{Run, With};
use super::value::{Sym, Syms};
use super::words::event_name;
use crate::ids::*;
use crate::ir::{About, EventSource, Permit, Place, Quantity, Window};

/// A permit that covers an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Open {
    pub permit: usize,
    pub inst: Inst,
    pub holder: Option<Sym>,
}

/// The permits that cover an act; more than two are rare.
pub(crate) type Opens = smallvec::SmallVec<[Open; 2]>;

/// What becomes of an act.
pub(crate) enum Verdict {
    /// It counts; these permits say what it brings about.
    Stands(Opens),
    /// It has no effect.
    Void,
    /// It is taken note of elsewhere: a claim, until the case closes.
    Absorbed,
    /// More must do it before it takes place.
    Partial,
}

impl<'a> Run<'a> {
    /// Judges an act, and stores its parameters where it counts.
    pub fn admit(&mut self, act: &mut Happening) -> Verdict {
        if let Some(verdict) = self.gate(act) {
            return verdict;
        }
        let open = if act.emitted {
            self.authority(act)
        } else {
            match self.permitted(act) {
                Ok(open) => open,
                Err(verdict) => return verdict,
            }
        };
        let rules = self.p.events.get(act.event.index());
        // What few events have is kept out of the way of all the others.
        if rules.is_some_and(|rules| !rules.prohibitions.is_empty()) {
            self.prohibitions(act);
        }
        if rules.is_some_and(|rules| !rules.caps.is_empty()) {
            self.caps(act);
        }
        self.store(act);
        if rules.is_some_and(|rules| !rules.checks.is_empty()) {
            self.checks(act);
        }
        Verdict::Stands(open)
    }

    /// The permits that cover an act; or that none does.
    fn permitted(&mut self, act: &mut Happening) -> Result<Opens, Verdict> {
        let p = self.p;
        let Some(rules) = p.events.get(act.event.index()) else {
            return Ok(Opens::new());
        };
        if rules.permits.is_empty() {
            return Ok(Opens::new());
        }
        let mut certain = Opens::new();
        let mut possible: Vec<(Open, Trail)> = Vec::new();
        let mut partial: Vec<Open> = Vec::new();
        let there = self.in_state_of(act, &rules.permits_in);
        let (mut exclusive, mut moves) = match there {
            // They always stand.
            Some(_) => (rules.exclusive, rules.moves),
            None => (false, false),
        };
        if there.is_none() {
            for permit in rules.permits.iter().filter_map(|&n| p.model.permits.get(n)) {
                let in_force = p.in_force(permit.clause, self.state.now);
                exclusive |= permit.exclusive && in_force;
                moves |= permit.target.is_some() && in_force;
            }
        }
        for open in self.candidates(act, there.unwrap_or(&rules.permits)) {
            let Some(permit) = p.model.permits.get(open.permit) else {
                continue;
            };
            let trail = Trail::new();
            let (truth, by) = self.covers(permit, open, act, &trail);
            match truth.min(by) {
                Truth::Yes => certain.push(open),
                Truth::Unknown => possible.push((open, trail)),
                Truth::No if truth != Truth::No && self.counts(permit, open, act) => {
                    partial.push(open);
                }
                Truth::No => {}
            }
        }
        if certain.is_empty() && possible.is_empty() && !partial.is_empty() {
            certain = self.accumulate(&partial, act)?;
        }
        if certain.is_empty() {
            for (open, trail) in possible {
                if let Some(permit) = p.model.permits.get(open.permit) {
                    let with = With::act(act, open.holder);
                    self.note_unknown(permit.clause, open.inst, &trail, &with);
                }
                certain.push(open);
            }
        }
        if certain.is_empty() && exclusive {
            self.not_permitted(act, moves);
            return if moves {
                Err(Verdict::Void)
            } else {
                Ok(Opens::new())
            };
        }
        if self.parts_ways(&certain) {
            let finding = Finding {
                message: format!(
                    "{}, which leads to two states at once; it has no effect",
                    self.deed(act)
                )
                .into(),
                cite: self.p.wording.permits(act.event),
                ..self.event_finding(act, Severity::Violation)
            };
            self.out.push(finding);
            return Err(Verdict::Void);
        }
        for open in &certain {
            self.state.coverage.touch(Part::Permit(open.permit));
        }
        Ok(certain)
    }

    /// Where permits stand that may cover an act: each instance that it concerns, in a state in which
    /// the permit stands, and each holder there.
    fn candidates(&self, act: &Happening, permits: &[usize]) -> Opens {
        let mut all = Opens::new();
        for &permit in permits {
            let Some(scope) = self.p.model.permits.get(permit).map(|permit| &permit.scope) else {
                continue;
            };
            for inst in self.reach(act, scope.kind) {
                if !self.in_states(scope, inst) {
                    continue;
                }
                let open = |holder| Open {
                    permit,
                    inst,
                    holder,
                };
                all.extend(self.each(scope, inst).into_iter().map(open));
            }
        }
        all
    }

    /// Of rules by state of the subject, those for the state that it is in.
    fn in_state_of(&self, act: &Happening, by_state: &'a [Vec<usize>]) -> Option<&'a [usize]> {
        let instance = self.state.inst(act.subject)?;
        let kind = self.p.model.events.get(act.event.index())?.kind;
        let there = by_state.get(instance.state.index())?;
        (instance.kind == kind && !self.state.coverage.is_kept()).then_some(there)
    }

    /// Whether a permit covers an act but for who did it, and whether those may.
    fn covers(
        &self,
        permit: &Permit,
        open: Open,
        act: &Happening,
        trail: &Trail,
    ) -> (Truth, Truth) {
        let ctx = With::act(act, open.holder).ctx(self.p, self.state, open.inst, trail);
        if !ctx.stands(permit.clause, &permit.scope) {
            return (Truth::No, Truth::No);
        }
        let truth = ctx.guard(permit.arm.filter.as_ref());
        if truth == Truth::No {
            return (Truth::No, Truth::No);
        }
        let by = match &permit.by {
            None => Truth::Yes,
            Some(by) => ctx.done_by(by, &act.actors),
        };
        (truth.min(ctx.guard(permit.guard.as_ref())), by)
    }

    /// Whether an act by too few counts towards one by enough.
    fn counts(&self, permit: &Permit, open: Open, act: &Happening) -> bool {
        let Some(by) = &permit.by else { return false };
        let joint = match by.quantity {
            Quantity::AtLeast(n) => n > 1,
            Quantity::All => true,
            Quantity::Each => false,
        };
        if !joint || permit.target.is_none() {
            return false;
        }
        let trail = Trail::new();
        let ctx = With::act(act, open.holder).ctx(self.p, self.state, open.inst, &trail);
        let mut actors = act.actors.iter();
        actors.any(|&a| ctx.contains(&by.set, &super::Value::Name(a)) != Truth::No)
    }

    /// Adds who did it to those who did it before. It takes place with the last one needed.
    #[inline(never)]
    fn accumulate(&mut self, partial: &[Open], act: &mut Happening) -> Result<Opens, Verdict> {
        let p = self.p;
        let mut done = Opens::new();
        let mut all = Syms::new();
        for open in partial {
            let Some(permit) = p.model.permits.get(open.permit) else {
                continue;
            };
            let Some(instance) = self.state.inst_mut(open.inst) else {
                continue;
            };
            let at = match instance
                .partials
                .iter()
                .position(|(i, _)| *i == open.permit)
            {
                Some(at) => at,
                None => {
                    instance.partials.push((open.permit, Syms::new()));
                    instance.partials.len() - 1
                }
            };
            let Some((_, actors)) = instance.partials.get_mut(at) else {
                continue;
            };
            for actor in &act.actors {
                if !actors.contains(actor) {
                    actors.push(*actor);
                }
            }
            let actors = actors.clone();
            let trail = Trail::new();
            let ctx = With::act(act, open.holder).ctx(p, self.state, open.inst, &trail);
            let enough = permit
                .by
                .as_ref()
                .is_none_or(|by| ctx.done_by(by, &actors) != Truth::No);
            if enough {
                done.push(*open);
                for actor in actors {
                    if !all.contains(&actor) {
                        all.push(actor);
                    }
                }
                if let Some(instance) = self.state.inst_mut(open.inst) {
                    instance.partials.retain(|(i, _)| *i != open.permit);
                }
            }
        }
        if done.is_empty() {
            return Err(Verdict::Partial);
        }
        act.actors = all;
        Ok(done)
    }

    /// Whether permits lead one instance to different states.
    fn parts_ways(&self, open: &[Open]) -> bool {
        let target = |o: &Open| self.p.model.permits.get(o.permit).and_then(|p| p.target);
        open.iter().enumerate().any(|(at, one)| {
            let others = open.iter().skip(at + 1);
            let mut others = others.filter(|other| other.inst == one.inst);
            let own = target(one);
            own.is_some() && others.any(|other| target(other).is_some_and(|t| Some(t) != own))
        })
    }

    /// A finding named by its event, lest another permission rename it.
    #[inline(never)]
    fn not_permitted(&mut self, act: &Happening, void: bool) {
        let effect = if void { "; it has no effect" } else { "" };
        let finding = Finding {
            clause: self.p.wording.event(act.event),
            message: format!("{}, which no clause permits now{effect}", self.deed(act)).into(),
            cite: self.p.wording.permits(act.event),
            ..self.event_finding(act, Severity::Violation)
        };
        self.out.push(finding);
    }

    /// The permits that say what an act brings about that needs no permission: those that
    /// fit, else those whose state it is.
    pub fn authority(&self, act: &Happening) -> Opens {
        let p = self.p;
        let mut fitting = Opens::new();
        let mut standing = Opens::new();
        let Some(rules) = p.events.get(act.event.index()) else {
            return fitting;
        };
        for open in self.candidates(act, &rules.permits) {
            let Some(permit) = p.model.permits.get(open.permit) else {
                continue;
            };
            let trail = Trail::new();
            let ctx = With::act(act, open.holder).ctx(p, self.state, open.inst, &trail);
            if !ctx.stands(permit.clause, &permit.scope)
                || ctx.guard(permit.arm.filter.as_ref()) == Truth::No
            {
                continue;
            }
            standing.push(open);
            if ctx.guard(permit.guard.as_ref()) != Truth::No {
                fitting.push(open);
            }
        }
        if fitting.is_empty() {
            standing
        } else {
            fitting
        }
    }

    #[inline(never)]
    fn prohibitions(&mut self, act: &Happening) {
        let p = self.p;
        let Some(rules) = p.events.get(act.event.index()) else {
            return;
        };
        let there = self.in_state_of(act, &rules.prohibitions_in);
        for &index in there.unwrap_or(&rules.prohibitions) {
            let Some(rule) = p.model.prohibitions.get(index) else {
                continue;
            };
            self.state.coverage.touch(Part::Prohibition(index));
            for inst in self.reach(act, rule.scope.kind) {
                if !self.in_states(&rule.scope, inst) {
                    continue;
                }
                for holder in self.each(&rule.scope, inst) {
                    let with = With::act(act, holder);
                    let done = self.judge(
                        rule.clause,
                        inst,
                        |ctx| {
                            if !ctx.stands(rule.clause, &rule.scope) {
                                return Truth::No;
                            }
                            let fits = ctx.guard(rule.arm.filter.as_ref());
                            let fits = fits.min(ctx.guard(rule.guard.as_ref()));
                            match &rule.by {
                                Some(by) if fits != Truth::No => {
                                    fits.min(ctx.done_by(by, &act.actors))
                                }
                                _ => fits,
                            }
                        },
                        &with,
                    );
                    if done == Truth::Yes {
                        let text = self.clause_text(rule.clause);
                        let finding = Finding {
                            message: format!("{}, against this: {text}", self.deed(act)).into(),
                            events: act.positions.clone(),
                            ..self.act_finding(rule.clause, inst, act)
                        };
                        self.out.push(finding);
                    }
                }
            }
        }
    }

    /// A finding about a clause that an act concerns.
    fn act_finding(&self, clause: ClauseId, inst: Inst, act: &Happening) -> Finding {
        let mut finding = self.finding(clause, Some(inst), self.concerned(act), act.stamp.at);
        if finding.group.is_none() {
            finding.group = self.group_name(act.subject);
        }
        finding
    }

    #[inline(never)]
    fn caps(&mut self, act: &Happening) {
        let p = self.p;
        for &index in p.events.get(act.event.index()).map_or(&[][..], |e| &e.caps) {
            let Some(cap) = p.model.caps.get(index) else {
                continue;
            };
            let Some(log) = p.model.logs.get(cap.log.index()) else {
                continue;
            };
            for inst in self.reach(act, cap.scope.kind) {
                let keeper = match self.state.within(p, inst, log.kind) {
                    Some(keeper) => Some(keeper),
                    None => self.reach(act, log.kind).into_iter().next(),
                };
                for holder in self.each(&cap.scope, inst) {
                    let trail = Trail::new();
                    let with = With::act(act, holder);
                    let ctx = with.ctx(p, self.state, inst, &trail);
                    if !ctx.stands(cap.clause, &cap.scope) {
                        continue;
                    }
                    let Some(max) = ctx.number(&cap.max) else {
                        continue;
                    };
                    let Some(keeper) = keeper else { continue };
                    let at = with.ctx(p, self.state, keeper, &trail);
                    let counted = log
                        .arms
                        .iter()
                        .filter(|arm| arm.event == act.event)
                        .any(|arm| at.guard(arm.filter.as_ref()) == Truth::Yes);
                    if !counted {
                        continue;
                    }
                    let window = Window::Period(cap.period);
                    let before = at.times(cap.log, &Place::This, &About::Any, &window);
                    let n = i64::try_from(before.unwrap_or(0))
                        .unwrap_or(i64::MAX)
                        .saturating_add(1);
                    self.state.coverage.touch(Part::Cap(index));
                    if n <= max {
                        continue;
                    }
                    let unit = p.period_name(cap.period);
                    let name = event_name(p.model, act.event);
                    let finding = Finding {
                        message: format!(
                            "{}, number {n} of its {unit}, where at most {max} `{name}` are allowed",
                            self.deed(act)
                        ).into(),
                        events: act.positions.clone(),
                        found: Some(n.to_string()),
                        required: Some(format!("at most {max}")),
                        ..self.act_finding(cap.clause, inst, act)
                    };
                    self.out.push(finding);
                }
            }
        }
    }

    #[inline(never)]
    fn checks(&mut self, act: &Happening) {
        let p = self.p;
        let mut shared: Option<Arc<Happening>> = None;
        for &index in p
            .events
            .get(act.event.index())
            .map_or(&[][..], |e| &e.checks)
        {
            let Some(check) = p.model.checks.get(index) else {
                continue;
            };
            for inst in self.reach(act, check.scope.kind) {
                if !self.in_states(&check.scope, inst) {
                    continue;
                }
                for holder in self.each(&check.scope, inst) {
                    let trail = Trail::new();
                    let ctx = With::act(act, holder).ctx(p, self.state, inst, &trail);
                    if !ctx.stands(check.clause, &check.scope) {
                        continue;
                    }
                    let asked = ctx
                        .guard(check.arm.filter.as_ref())
                        .min(ctx.guard(check.guard.as_ref()));
                    let holds = ctx.holds(&check.cond);
                    let guarded = check.guard.is_some();
                    let coverage = &mut self.state.coverage;
                    coverage.guard(check.clause, guarded, asked == Truth::Yes);
                    if asked == Truth::No {
                        continue;
                    }
                    coverage.touch(Part::Check(index));
                    if holds == Truth::Yes {
                        if asked == Truth::Yes {
                            self.kept(check.clause, inst, act);
                        }
                        continue;
                    }
                    let first = match asked {
                        Truth::Yes => holds,
                        _ => Truth::Unknown,
                    };
                    let act = shared.get_or_insert_with(|| Arc::new(act.clone()));
                    self.state.retries.push(Retry {
                        check: index,
                        inst,
                        holder,
                        act: act.clone(),
                        first,
                    });
                }
            }
        }
    }

    /// Notes a check that was kept, where that is asked for.
    #[cold]
    fn kept(&mut self, clause: ClauseId, inst: Inst, act: &Happening) {
        if !self.p.kept {
            return;
        }
        let text = self.clause_text(clause);
        let finding = Finding {
            severity: super::finding::Severity::Note,
            message: format!("{}, and this was so: {text}", self.deed(act)).into(),
            events: act.positions.clone(),
            ..self.act_finding(clause, inst, act)
        };
        self.out.push(finding);
    }

    /// The holding that an act has begun.
    fn begun_by(&self, act: &Happening) -> Option<(RoleId, Inst, Sym)> {
        let event = self.p.model.events.get(act.event.index())?;
        let EventSource::RoleAdded(role) = event.source else {
            return None;
        };
        let Some(super::Value::Name(holder)) = act.fields.first() else {
            return None;
        };
        let holdings = self.state.holders(self.p, role, act.subject);
        let held = holdings.iter().find(|h| h.holder == *holder)?;
        (held.since.at == act.stamp).then_some((role, act.subject, *holder))
    }

    /// Checks that failed are tried once more: the order within a change means nothing. Those
    /// that ask how a vote came out wait until the instant is over, since it closes only then.
    pub fn retry_checks(&mut self, over: bool) {
        let p = self.p;
        for retry in std::mem::take(&mut self.state.retries) {
            let Some(check) = p.model.checks.get(retry.check) else {
                continue;
            };
            if !over && p.asks_for_outcome(&check.cond) {
                self.state.retries.push(retry);
                continue;
            }
            let act = retry.act.as_ref();
            let trail = Trail::new();
            let with = With::act(act, retry.holder);
            let mut ctx = with.ctx(p, self.state, retry.inst, &trail);
            ctx.begun = self.begun_by(act);
            let holds = ctx.holds(&check.cond);
            if holds == Truth::Yes {
                self.kept(check.clause, retry.inst, act);
                continue;
            }
            if holds == Truth::Unknown || retry.first == Truth::Unknown {
                if holds == Truth::No {
                    // It was not known when it happened, and what came after decides nothing.
                    ctx.undecided();
                }
                self.note_unknown(check.clause, retry.inst, &trail, &with);
                continue;
            }
            let numbers = ctx.numbers(&check.cond);
            let text = self.clause_text(check.clause);
            let deed = self.deed(act);
            let message = match &numbers {
                Some(numbers) => format!("{deed} with {}", numbers.sentence()),
                None => format!("{deed}, although this was not so: {text}"),
            };
            let finding = Finding {
                message: message.into(),
                events: act.positions.clone(),
                found: numbers.as_ref().map(|n| n.found.clone()),
                required: numbers.map(|n| n.required),
                ..self.act_finding(check.clause, retry.inst, act)
            };
            self.out.push(finding);
        }
    }
}
