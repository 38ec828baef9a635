//! What must be so at every settled instant: a breach is one finding, from when it began (or from
//! the end of its grace) until it was mended.

use super::coverage::Part;
use super::eval::Trail;
use super::finding::Finding;
use super::moment::{Deadline, Truth};
use super::state::{ANYTHING, Inst};
use super::step::{Run, With};
use super::value::Sym;
use super::words::{Numbers, Side};
use crate::ir::{Cond, Expr, Invariant, Place};
use crate::time::Instant;

/// What is known of one invariant at one instance.
#[derive(Debug, Clone)]
pub(crate) struct InvariantSlot {
    /// What it was when it was last judged.
    pub last: Option<Truth>,
    /// Until when that stands, if nothing happens.
    pub until: Instant,
    pub breach: Option<Box<Breach>>,
}

impl Default for InvariantSlot {
    fn default() -> InvariantSlot {
        InvariantSlot {
            last: None,
            until: Instant::MIN,
            breach: None,
        }
    }
}

/// An invariant that does not hold.
#[derive(Debug, Clone)]
pub(crate) struct Breach {
    side: Side,
    /// When the grace ends.
    grace: Option<Deadline>,
    /// The finding, ready but for its end; counted once the grace has ended.
    finding: Finding,
    counts: bool,
}

impl Run<'_> {
    /// Judges an invariant at an instance, and for each holder where it says so.
    pub fn judge_invariant(&mut self, index: usize, inst: Inst) {
        let p = self.p;
        let (Some(rule), Some(&slot)) =
            (p.model.invariants.get(index), p.invariant_slot.get(index))
        else {
            return;
        };
        if self.stays_as_judged(index, slot, inst) {
            return;
        }
        let holders = self.each(&rule.scope, inst);
        if rule.scope.each.is_some() {
            // Who no longer holds the role is no longer judged.
            let slots = self.state.inst(inst).and_then(|i| i.invariants.get(slot));
            let gone: Vec<Sym> = slots.map_or(Vec::new(), |s| {
                let known = s.each.keys().copied();
                known.filter(|h| !holders.contains(&Some(*h))).collect()
            });
            for holder in gone {
                self.end_breach(index, inst, Some(holder), true);
            }
        }
        for holder in holders {
            self.judge_for(index, rule, slot, inst, holder);
        }
    }

    /// Whether nothing that an invariant looks at has changed since it was last judged. When it is to
    /// be looked at by itself is then said again.
    fn stays_as_judged(&mut self, index: usize, slot: usize, inst: Inst) -> bool {
        let Some(&Some(logs)) = self.p.invariant_logs.get(index) else {
            return false;
        };
        let Some(instance) = self.state.inst(inst) else {
            return false;
        };
        let known = instance.invariants.get(slot).map(|slots| &slots.one);
        let now = self.state.now;
        let stays = |known: &&InvariantSlot| {
            let waits = known.breach.as_ref().is_some_and(|breach| !breach.counts);
            known.last.is_some() && now < known.until && !waits
        };
        let Some(known) = known.filter(stays) else {
            return false;
        };
        if instance.changed & logs != 0
            || instance.changed == ANYTHING
            || self.state.coverage.is_kept()
        {
            return false;
        }
        let until = known.until;
        self.state.wake(inst, until);
        true
    }

    fn judge_for(
        &mut self,
        index: usize,
        rule: &Invariant,
        slot: usize,
        inst: Inst,
        holder: Option<Sym>,
    ) {
        let p = self.p;
        let with = With::settled(holder);
        let trail = Trail::new();
        let mut ctx = with.ctx(p, self.state, inst, &trail);
        ctx.term = is_term(rule);
        let mut judged = Truth::No;
        let mut holds = Truth::Yes;
        let stands = ctx.stands(rule.clause, &rule.scope);
        if stands {
            judged = ctx.guard(rule.guard.as_ref());
            if judged != Truth::No {
                holds = ctx.holds(&rule.cond);
            }
        }
        let broken = judged == Truth::Yes && holds == Truth::No;
        let numbers = if broken {
            ctx.numbers(&rule.cond)
        } else {
            None
        };
        let open = (judged != Truth::No && holds == Truth::Unknown)
            || (judged == Truth::Unknown && holds != Truth::Yes);
        // What is wanted only after some time has passed is not undecided.
        let open = open && (trail.unobserved.get() || trail.undecided.get());
        let wake = trail.wake.get();
        self.state.wake(inst, wake);
        if open {
            self.note_unknown(rule.clause, inst, &trail, &with);
        }
        if stands {
            let guarded = rule.guard.is_some();
            let coverage = &mut self.state.coverage;
            coverage.guard(rule.clause, guarded, judged == Truth::Yes);
            if judged != Truth::No {
                coverage.touch(Part::Invariant(index));
            }
        }
        let side = numbers.as_ref().map_or(Side::Neither, |n| n.side);
        let slots = self
            .state
            .inst_mut(inst)
            .and_then(|i| i.invariants.get_mut(slot));
        let Some(known) = slots.map(|s| s.get_mut(holder)) else {
            return;
        };
        let before = known.last;
        known.until = wake;
        known.last = Some(match (broken, open) {
            (true, _) => Truth::No,
            (_, true) => Truth::Unknown,
            _ => Truth::Yes,
        });
        let turned = known.breach.as_ref().is_some_and(|breach| {
            matches!(
                (breach.side, side),
                (Side::Below, Side::Above) | (Side::Above, Side::Below)
            )
        });
        let breached = known.breach.is_some();
        if breached && (!broken || turned) {
            self.end_breach(index, inst, holder, false);
        }
        if broken && (!breached || turned) {
            self.begin_breach(rule, slot, inst, holder, before, numbers);
        }
        self.end_grace(index, inst, holder, false);
    }

    fn begin_breach(
        &mut self,
        rule: &Invariant,
        slot: usize,
        inst: Inst,
        holder: Option<Sym>,
        before: Option<Truth>,
        numbers: Option<Numbers>,
    ) {
        let p = self.p;
        let stamp = self.state.stamp;
        let now = self.state.now;
        let with = With::now(holder);
        let trail = Trail::new();
        let ctx = with.ctx(p, self.state, inst, &trail);
        let grace = rule.grace.as_ref().and_then(|expr| ctx.duration(expr));
        let grace = grace.map(|d| Deadline::of(&p.zone, p.zone.add(stamp, d)));
        let Some(instance) = self.state.inst(inst) else {
            return;
        };
        // What was so when the observation began, or became known only now, may be older.
        let in_force_now = p
            .model
            .clauses
            .get(rule.clause.index())
            .is_some_and(|c| c.from.is_some_and(|from| from.at == now));
        let told = instance.opened_at == Some(now);
        let first = before.is_none() && instance.entered.earliest.at < now && !in_force_now;
        let or_earlier = match before {
            Some(Truth::Unknown) => true,
            None => first && (self.state.fresh || told || !instance.entered.is_exact()),
            Some(_) => told,
        };
        let text = self.clause_text(rule.clause);
        let message = match (&rule.responsibility, &numbers) {
            (Some(duty), _) => {
                let whom = match &rule.cond {
                    Cond::Count { set, .. } => super::words::describe(p, set, 1),
                    _ => None,
                };
                match whom {
                    Some(whom) => format!("there is no {whom} to {duty}"),
                    None => format!("there is nobody to {duty}"),
                }
            }
            (None, Some(numbers)) => numbers.sentence(),
            (None, None) => format!("this does not hold: {text}"),
        };
        let from = grace.map_or(now, |g| g.at);
        let finding = Finding {
            message: message.into(),
            to: None,
            or_earlier,
            events: instance.events.clone(),
            found: numbers.as_ref().map(|n| n.found.clone()),
            required: numbers.as_ref().map(|n| n.required.clone()),
            ..self.finding(rule.clause, Some(inst), holder, from)
        };
        if let Some(deadline) = grace {
            self.due(inst, deadline);
        }
        let breach = Breach {
            side: numbers.map_or(Side::Neither, |n| n.side),
            grace,
            finding,
            counts: false,
        };
        let slots = self
            .state
            .inst_mut(inst)
            .and_then(|i| i.invariants.get_mut(slot));
        if let Some(known) = slots.map(|s| s.get_mut(holder)) {
            known.breach = Some(Box::new(breach));
        }
    }

    /// A breach counts once its grace has ended: at the end of a day, or at an instant.
    pub fn end_grace(&mut self, index: usize, inst: Inst, holder: Option<Sym>, day_end: bool) {
        let p = self.p;
        let now = self.state.now;
        let Some(&slot) = p.invariant_slot.get(index) else {
            return;
        };
        let slots = self
            .state
            .inst_mut(inst)
            .and_then(|i| i.invariants.get_mut(slot));
        let Some(known) = slots.map(|s| s.get_mut(holder)) else {
            return;
        };
        let Some(breach) = known.breach.as_mut() else {
            return;
        };
        let over = match breach.grace {
            None => !day_end,
            Some(grace) if day_end => grace.day && grace.at <= now,
            Some(grace) => grace.at <= now,
        };
        if breach.counts {
            return;
        }
        if !over {
            // Something else may have woken the instance before.
            if let Some(grace) = breach.grace {
                self.due(inst, grace);
            }
            return;
        }
        breach.counts = true;
        let clause = p.model.invariants.get(index).map(|rule| rule.clause);
        let said = clause.and_then(|clause| p.said.get(clause.index()));
        if let Some(event) = said.and_then(|s| s.broken) {
            self.say(event, inst, holder);
        }
    }

    /// A breach ends: it was mended, or is no longer judged.
    pub fn end_breach(&mut self, index: usize, inst: Inst, holder: Option<Sym>, forget: bool) {
        let p = self.p;
        let now = self.state.now;
        let Some(&slot) = p.invariant_slot.get(index) else {
            return;
        };
        let Some(instance) = self.state.inst_mut(inst) else {
            return;
        };
        let mending: Vec<u32> = if instance.events_at == now {
            instance.events.to_vec()
        } else {
            Vec::new()
        };
        let Some(slots) = instance.invariants.get_mut(slot) else {
            return;
        };
        let breach = slots.get_mut(holder).breach.take();
        if forget && let Some(holder) = holder {
            slots.each.remove(&holder);
        }
        let Some(breach) = breach else { return };
        if !breach.counts {
            return;
        }
        let mut finding = breach.finding;
        finding.to = Some(now.max(finding.from));
        for position in mending {
            if !finding.events.contains(&position) {
                finding.events.push(position);
            }
        }
        self.out.push(finding);
        let clause = p.model.invariants.get(index).map(|rule| rule.clause);
        let said = clause.and_then(|clause| p.said.get(clause.index()));
        if let Some(event) = said.and_then(|s| s.mended) {
            self.say(event, inst, holder);
        }
    }

    /// Reports the breaches at an instance that last.
    pub fn report_breaches(&mut self, inst: Inst) {
        let Some(instance) = self.state.inst_mut(inst) else {
            return;
        };
        for slots in &mut instance.invariants {
            let all = std::iter::once(&mut slots.one).chain(slots.each.values_mut());
            for known in all {
                let breach = known.breach.take();
                if let Some(breach) = breach.filter(|b| b.counts) {
                    self.out.push(breach.finding);
                }
            }
        }
    }

    /// An event that the run itself says: a duty was missed, a rule was broken.
    pub fn say(&mut self, event: crate::ids::EventId, inst: Inst, holder: Option<Sym>) {
        let declared = self.p.model.events.get(event.index());
        let Some(declared) = declared else { return };
        let Some(at) = self.state.within(self.p, inst, declared.kind) else {
            return;
        };
        let args = match (declared.about, holder) {
            (Some(about), Some(holder)) => vec![(about, super::Value::Name(holder))],
            _ => Vec::new(),
        };
        self.emit(event, at, args, None, None);
    }

    /// Asks for an instance to be looked at when a deadline passes.
    pub fn due(&mut self, inst: Inst, deadline: Deadline) {
        if deadline.at == Instant::MAX {
            return;
        }
        if deadline.day {
            let at = deadline.at.max(Instant(self.state.now.0.saturating_add(1)));
            self.state.next = self.state.next.min(at);
            self.state.day_ends.insert((at, inst));
        } else if deadline.at > self.state.now {
            self.state.wake(inst, deadline.at);
        } else {
            self.state.mark(inst);
        }
    }
}

/// Whether a rule is the term of office of a role: none of its holders has held it for so long.
fn is_term(rule: &Invariant) -> bool {
    let Cond::Not(inner) = &rule.cond else {
        return false;
    };
    match inner.as_ref() {
        Cond::Tenure {
            who: Expr::Holder,
            roles,
            place: Some(Place::This),
            ..
        } => rule
            .scope
            .each
            .is_some_and(|each| roles.as_slice() == [each]),
        _ => false,
    }
}
