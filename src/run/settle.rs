//! The passing of time: days that end, instants that settle, and the end of the observation.

use std::cmp::Reverse;

use super::eval::in_scope;
use super::moment::{Moment, Truth};
use super::state::Inst;
use super::step::{Run, With};
use super::value::Sym;
use crate::ids::*;
use crate::ir::Trigger;
use crate::time::{Instant, Stamp};

/// Keeps the memory of a list that was taken and is done with.
fn reuse<T>(list: &mut Vec<T>, mut done: Vec<T>) {
    done.clear();
    if list.is_empty() {
        *list = done;
    }
}

/// How often what follows may itself be followed up within one instant.
const ROUNDS: usize = 200;

impl Run<'_> {
    /// Lets time pass to an instant: the instants between settle, and so does this one where it is
    /// `inclusive`; otherwise more is to happen in it.
    pub fn advance(&mut self, to: Instant, inclusive: bool) {
        let to = to.max(self.state.now);
        if to < self.state.next && !self.state.open && !inclusive && !self.p.one_by_one {
            self.enter(to);
            return;
        }
        loop {
            let day_end = self
                .state
                .day_ends
                .first()
                .map_or(Instant::MAX, |(at, _)| *at);
            let wake = self.state.wakes.first().map_or(Instant::MAX, |(at, _)| *at);
            let wake = wake.min(self.state.next_timer(self.p, to));
            let turn = self.p.turns.get(self.state.turned);
            let turn = turn.map_or(Instant::MAX, |(at, _)| *at);
            let later = wake.min(turn);
            let stop = day_end.min(later).min(to);
            if self.state.open && stop > self.state.now {
                self.settle();
                continue;
            }
            if day_end <= to && day_end <= later {
                self.enter(day_end);
                self.end_of_day();
            } else if later < to || inclusive && later <= to {
                self.enter(later);
                self.settle();
            } else {
                self.state.next = day_end.min(later);
                break;
            }
        }
        self.enter(to);
        if inclusive && self.state.open {
            self.settle();
        }
    }

    /// The present is now this instant.
    fn enter(&mut self, at: Instant) {
        if at <= self.state.now {
            return;
        }
        self.state.now = at;
        if at >= self.state.day.1 {
            self.state.day = (self.p.zone.start_of_day(at), self.p.zone.end_of_day(at));
        }
        self.state.turn_periods(self.p);
        self.state.stamp = Stamp {
            at,
            day: at == self.state.day.0,
        };
        self.state.change = None;
        self.state.ended_now.clear();
        self.state.unions_ended.clear();
    }

    /// A day has ended: what was due on it is late, before anything that is stamped with the next.
    fn end_of_day(&mut self) {
        self.state.stamp = Stamp {
            at: self.state.now,
            day: true,
        };
        let mut due: Vec<Inst> = Vec::new();
        while let Some(&(at, inst)) = self.state.day_ends.first() {
            if at > self.state.now {
                break;
            }
            self.state.day_ends.pop_first();
            if !due.contains(&inst) {
                due.push(inst);
            }
        }
        due.sort_unstable();
        for &inst in &due {
            self.state.sync(inst);
        }
        self.for_rules(
            &due,
            |k| &k.duties,
            |run, index, inst| {
                run.pass_duty(index, inst, true);
            },
        );
        self.for_rules(
            &due,
            |k| &k.invariants,
            |run, index, inst| {
                for holder in run.breach_holders(index, inst) {
                    run.end_grace(index, inst, holder, true);
                }
            },
        );
        for &inst in &due {
            self.follow_cases(inst, true);
            self.state.mark_in(inst, 0);
        }
        self.drain();
    }

    /// The timer of a duty, and what follows from it before the next one: a duty whose state was left
    /// by then is not missed.
    fn pass_duty(&mut self, index: usize, inst: Inst, day_end: bool) {
        if self.is_timed(index, inst) {
            self.time_is_up(index, inst, day_end);
        }
    }

    #[inline(never)]
    fn time_is_up(&mut self, index: usize, inst: Inst, day_end: bool) {
        let duty = self.p.model.duties.get(index);
        let left = duty.is_some_and(|duty| {
            let instance = self.state.inst(inst);
            instance.is_some_and(|i| !in_scope(&duty.scope, i))
        });
        if left {
            self.follow_duty(index, inst);
        } else {
            self.time_duty(index, inst, day_end);
        }
        self.drain();
    }

    fn breach_holders(&self, index: usize, inst: Inst) -> Vec<Option<Sym>> {
        let slot = self.p.invariant_slot.get(index).copied();
        let slots = slot.and_then(|slot| self.state.inst(inst)?.invariants.get(slot));
        slots.map_or(Vec::new(), |s| {
            let each = s.each.keys().copied().map(Some);
            std::iter::once(None).chain(each).collect()
        })
    }

    /// Does something for the rules of the kinds of some instances with those instances: in the
    /// order of declaration, then of instances.
    #[inline(never)]
    fn for_rules(
        &mut self,
        insts: &[Inst],
        pick: fn(&super::program::KindRules) -> &Vec<usize>,
        act: fn(&mut Self, usize, Inst),
    ) {
        let p = self.p;
        let rules = |run: &Self, inst: Inst| {
            let kind = run.state.inst(inst).map(|i| i.kind);
            let rules = kind.and_then(|kind| p.kinds.get(kind.index()));
            rules.map_or(&[][..], |r| pick(r).as_slice())
        };
        if let [inst] = insts {
            for &rule in rules(self, *inst) {
                act(self, rule, *inst);
            }
            return;
        }
        let mut all: Vec<(usize, Inst)> = Vec::new();
        for &inst in insts {
            all.extend(rules(self, inst).iter().map(|&rule| (rule, inst)));
        }
        all.sort_unstable();
        for (rule, inst) in all {
            act(self, rule, inst);
        }
    }

    /// The present instant has passed: timers, conditions and decisions until quiet, then the
    /// checks once more, then the rules.
    pub fn settle(&mut self) {
        if self.is_settled() {
            self.state.fresh = false;
            self.state.open = false;
            return;
        }
        self.weigh_early_claims();
        // What the rules' own events bring about is followed up too; the rules are judged of the end.
        for _ in 0..ROUNDS {
            self.until_quiet();
            self.retry_checks(true);
            let mut touched = std::mem::take(&mut self.state.touched);
            for &inst in &touched {
                if let Some(instance) = self.state.inst_mut(inst) {
                    instance.touched = false;
                }
            }
            touched.sort_unstable();
            touched.dedup();
            for &inst in &touched {
                self.state.sync(inst);
            }
            self.for_rules(&touched, |k| &k.invariants, Run::judge_invariant);
            for &inst in &touched {
                if let Some(instance) = self.state.inst_mut(inst) {
                    instance.changed = 0;
                }
            }
            self.drain();
            for &inst in &touched {
                self.state.rest(self.p, inst);
            }
            reuse(&mut self.state.touched, touched);
            if self.state.dirty.is_empty() {
                break;
            }
        }
        self.state.fresh = false;
        self.state.open = false;
    }

    /// Whether nothing has changed since the last instant, and no time has come.
    fn is_settled(&mut self) -> bool {
        let now = self.state.now;
        let state = &*self.state;
        let quiet = state.dirty.is_empty() && state.touched.is_empty();
        let quiet = quiet && state.retries.is_empty() && state.claims.is_empty();
        let turn = self.p.turns.get(state.turned);
        quiet
            && state.wakes.first().is_none_or(|(at, _)| *at > now)
            && turn.is_none_or(|(at, _)| *at > now)
            && self.state.next_timer(self.p, now) > now
    }

    fn until_quiet(&mut self) {
        for _ in 0..ROUNDS {
            self.wake_up();
            if self.state.dirty.is_empty() {
                return;
            }
            let mut batch = std::mem::take(&mut self.state.dirty);
            for &inst in &batch {
                if let Some(instance) = self.state.inst_mut(inst) {
                    instance.dirty = false;
                }
            }
            self.add_readers(&mut batch);
            batch.sort_unstable();
            batch.dedup();
            for &inst in &batch {
                self.state.sync(inst);
            }
            self.for_rules(
                &batch,
                |k| &k.duties,
                |run, index, inst| {
                    run.pass_duty(index, inst, false);
                },
            );
            self.for_rules(&batch, |k| &k.clocks, Run::run_clock);
            self.for_rules(&batch, |k| &k.duties, Run::follow_duty);
            for &inst in &batch {
                self.follow_cases(inst, false);
            }
            self.drain();
            self.for_rules(&batch, |k| &k.becomes, Run::follow_becomes);
            self.drain();
            reuse(&mut self.state.dirty, batch);
        }
        // Rules that never come to rest were reported as loops; what is left waits for the next instant.
        for inst in std::mem::take(&mut self.state.dirty) {
            if let Some(instance) = self.state.inst_mut(inst) {
                instance.dirty = false;
            }
        }
    }

    /// Marks the instances whose time has come.
    fn wake_up(&mut self) {
        let now = self.state.now;
        while let Some(&(at, inst)) = self.state.wakes.first() {
            if at > now {
                break;
            }
            self.state.wakes.pop_first();
            if let Some(instance) = self.state.inst_mut(inst)
                && instance.wake == at
            {
                instance.wake = Instant::MAX;
                self.state.mark_in(inst, 0);
            }
        }
        while self.state.next_timer(self.p, now) <= now {
            let Some(Reverse((_, inst))) = self.state.timers.pop() else {
                break;
            };
            self.state.time_again(inst);
            self.state.mark_in(inst, 0);
        }
        while let Some(&(at, kind)) = self.p.turns.get(self.state.turned) {
            if at > now {
                break;
            }
            self.state.turned += 1;
            let all = self.state.by_kind.get(kind.index()).cloned();
            for inst in all.into_iter().flatten() {
                self.state.mark(inst);
            }
        }
    }

    /// Adds the instances whose rules look at those that changed.
    fn add_readers(&mut self, batch: &mut Vec<Inst>) {
        let p = self.p;
        let mut any: Vec<KindId> = Vec::new();
        let mut more: Vec<Inst> = Vec::new();
        for &inst in batch.iter() {
            let Some(kind) = self.state.inst(inst).map(|i| i.kind) else {
                continue;
            };
            let Some(rules) = p.kinds.get(kind.index()) else {
                continue;
            };
            any.extend(&rules.read_by);
            for &below in &rules.read_below {
                let around = |i: &Inst| self.state.within(p, *i, kind) == Some(inst);
                more.extend(self.state.living(below).filter(around));
            }
        }
        any.sort_unstable();
        any.dedup();
        for kind in any {
            more.extend(self.state.living(kind));
        }
        for inst in more {
            if let Some(instance) = self.state.inst_mut(inst)
                && !instance.touched
            {
                instance.touched = true;
                self.state.touched.push(inst);
            }
            batch.push(inst);
        }
    }

    /// Since when the condition of a clock holds.
    fn run_clock(&mut self, index: usize, inst: Inst) {
        let p = self.p;
        let (Some(clock), Some(&slot)) = (p.model.clocks.get(index), p.clock_slot.get(index))
        else {
            return;
        };
        let Some(instance) = self.state.inst(inst) else {
            return;
        };
        let counts = !instance.is_final
            && (clock.states.is_empty() || clock.states.contains(&instance.state));
        let truth = counts.then(|| {
            let trail = super::eval::Trail::new();
            let ctx = With::now(None).ctx(p, self.state, inst, &trail);
            let truth = ctx.holds(&clock.cond);
            (truth, trail.wake.get())
        });
        let now = Moment::exact(self.state.stamp);
        let start = if clock.states.is_empty() {
            instance.began
        } else {
            instance.entered
        };
        let fresh = self.state.fresh;
        let told = instance.opened_at == Some(self.state.now);
        // What a snapshot shows has been so since the last change it shows, at the latest.
        let shown = instance
            .holders
            .iter()
            .flatten()
            .fold(start.at, |latest, h| {
                super::moment::latest(latest, h.since.at)
            });
        let always = p.model.tells_own_events();
        let data = instance.clocks.get(slot).cloned().unwrap_or_default();
        let since = match truth {
            Some((Truth::Yes, _)) => Some(match (data.since, data.last) {
                (Some(since), _) => since,
                // It was not known whether it held.
                (None, Some(Truth::Unknown)) => Moment {
                    at: now.at,
                    earliest: start.earliest,
                },
                (None, None) if start.at.at >= self.state.now && !told => start,
                (None, None) if fresh && always && start.is_exact() => Moment {
                    at: shown,
                    earliest: start.earliest,
                },
                (None, None) if fresh || told => Moment {
                    at: now.at,
                    earliest: start.earliest,
                },
                (None, _) => now,
            }),
            _ => None,
        };
        let wake = truth.map_or(Instant::MAX, |(_, wake)| wake);
        if let Some(data) = self
            .state
            .inst_mut(inst)
            .and_then(|i| i.clocks.get_mut(slot))
        {
            data.since = since;
            data.last = truth.map(|(truth, _)| truth);
        }
        self.state.wake(inst, wake);
    }

    /// A reaction to a condition that becomes true; one that is true already when its state is
    /// entered counts as becoming so.
    fn follow_becomes(&mut self, index: usize, inst: Inst) {
        let p = self.p;
        let (Some(reaction), Some(&slot)) =
            (p.model.reactions.get(index), p.reaction_slot.get(index))
        else {
            return;
        };
        let Trigger::Becomes(cond) = &reaction.trigger else {
            return;
        };
        let holders = self.each(&reaction.scope, inst);
        if reaction.scope.each.is_some()
            && let Some(slots) = self
                .state
                .inst_mut(inst)
                .and_then(|i| i.becomes.get_mut(slot))
        {
            slots
                .each
                .retain(|holder, _| holders.contains(&Some(*holder)));
        }
        for holder in holders {
            let Some(instance) = self.state.inst(inst) else {
                return;
            };
            let entered = instance.entered_seq;
            let told = self.state.fresh || instance.opened_at == Some(self.state.now);
            let with = With::now(holder);
            let stands = in_scope(&reaction.scope, instance);
            let truth = if stands {
                self.judge(
                    reaction.clause,
                    inst,
                    |ctx| {
                        if !ctx.stands(reaction.clause, &reaction.scope) {
                            return Truth::No;
                        }
                        ctx.holds(cond)
                    },
                    &with,
                )
            } else {
                Truth::No
            };
            let now = self.state.now;
            let slots = self
                .state
                .inst_mut(inst)
                .and_then(|i| i.becomes.get_mut(slot));
            let Some(known) = slots.map(|s| s.get_mut(holder)) else {
                continue;
            };
            let fresh_state = known.entered_seq != entered && reaction.scope.states.len() == 1;
            let was = known.last == Some(Truth::Yes) && !fresh_state;
            known.last = Some(truth);
            known.entered_seq = entered;
            if truth != Truth::Yes || was || told {
                continue;
            }
            let again = known.fired == Some(now);
            known.fired = Some(now);
            let guard = self.judge(
                reaction.clause,
                inst,
                |ctx| ctx.guard(reaction.guard.as_ref()),
                &with,
            );
            let guarded = reaction.guard.is_some();
            let coverage = &mut self.state.coverage;
            coverage.guard(reaction.clause, guarded, guard == Truth::Yes);
            if guard != Truth::Yes {
                continue;
            }
            coverage.touch(super::coverage::Part::Reaction(index));
            let events = self.positions(inst, None).into();
            if again {
                self.loop_found(reaction.clause, inst, events);
                continue;
            }
            self.perform(&reaction.actions, inst, holder, None, None);
            if let Some(target) = reaction.target {
                let at = Moment::exact(self.state.stamp);
                self.state.seq += 1;
                self.move_to(inst, target, at, &[]);
                self.state.mark(inst);
            }
            self.drain();
        }
    }

    /// The observation ends: what is still open is reported.
    pub fn end(&mut self) {
        for index in 0..self.state.instances.len() {
            let inst = Inst(u32::try_from(index).unwrap_or(u32::MAX));
            self.state.sync(inst);
            self.report_breaches(inst);
            self.close_duties(inst, true);
            self.close_cases(inst);
        }
        self.report_doubts();
        self.state.ended = true;
    }
}
