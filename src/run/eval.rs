//! Conditions: whether they hold, as far as the observed span can settle it, and until when that
//! answer stands if nothing happens.
//!
//! Invariant: looking changes nothing. What an answer leaves behind is in its [`Trail`].

use std::cell::Cell;
use std::cmp::Ordering;

use super::compare::{order, same, span};
use super::moment::{Moment, Truth};
use super::observe::Seen;
use super::program::Program;
use super::state::{Happening, Inst, Instance, State};
use super::value::{Sym, Value};
use crate::ids::*;
use crate::ir::{Bounds, Cond, Expr, Op, Place, Scope};
use crate::time::{Duration, Instant, Stamp};

/// What an answer leaves behind.
#[derive(Debug)]
pub(crate) struct Trail {
    /// The next instant at which the answer may change by itself.
    pub wake: Cell<Instant>,
    /// It asked for something that the record cannot show.
    pub unobserved: Cell<bool>,
    /// It asked for something before the observation.
    pub undecided: Cell<bool>,
    /// It asked for a value that the record says is not known, or leaves out.
    pub unsaid: Cell<bool>,
    /// It asked for who did something that nobody is said to have done.
    pub no_actor: Cell<bool>,
}

impl Trail {
    pub fn new() -> Trail {
        Trail {
            wake: Cell::new(Instant::MAX),
            unobserved: Cell::new(false),
            undecided: Cell::new(false),
            unsaid: Cell::new(false),
            no_actor: Cell::new(false),
        }
    }
}

/// From where a condition is judged.
#[derive(Clone, Copy)]
pub(crate) struct Ctx<'a> {
    pub p: &'a Program<'a>,
    pub s: &'a State,
    /// The instance the rule speaks of.
    pub this: Inst,
    /// The holder, in a rule for each.
    pub holder: Option<Sym>,
    /// The event being judged.
    pub act: Option<&'a Happening>,
    /// The element that a `where` looks at.
    pub element: Option<&'a Value>,
    /// Judged of a settled instant: calendar periods are the last closed ones, and a number that is
    /// wanted in a time is wanted only once so much time has been spent.
    pub settled: bool,
    /// A term of office is judged: it begins anew when the role is given anew.
    pub term: bool,
    /// The holding whose beginning is judged: it makes nobody eligible for itself.
    pub begun: Option<(RoleId, Inst, Sym)>,
    /// The row of its calendar that is meant, where it is not the present one.
    pub row: Option<(CalendarId, usize)>,
    pub trail: &'a Trail,
}

/// Where a place leads.
pub(crate) enum Spot {
    At(Inst),
    Nowhere,
    Unknown,
}

impl<'a> Ctx<'a> {
    pub fn new(p: &'a Program<'a>, s: &'a State, this: Inst, trail: &'a Trail) -> Ctx<'a> {
        Ctx {
            p,
            s,
            this,
            holder: None,
            act: None,
            element: None,
            settled: false,
            term: false,
            begun: None,
            row: None,
            trail,
        }
    }

    pub fn now(&self) -> Instant {
        self.s.now
    }

    /// The answer may change at this instant.
    pub fn until(&self, at: Instant) {
        if at > self.s.now && at < self.trail.wake.get() {
            self.trail.wake.set(at);
        }
    }

    pub fn unobserved(&self) -> Truth {
        self.trail.unobserved.set(true);
        Truth::Unknown
    }

    pub fn undecided(&self) -> Truth {
        self.trail.undecided.set(true);
        Truth::Unknown
    }

    /// Whether an optional condition holds.
    pub fn guard(&self, cond: Option<&Cond>) -> Truth {
        cond.map_or(Truth::Yes, |c| self.holds(c))
    }

    /// Whether a condition holds.
    pub fn holds(&self, cond: &Cond) -> Truth {
        match cond {
            Cond::All(list) => {
                let mut all = Truth::Yes;
                for cond in list {
                    all = all.min(self.holds(cond));
                    if all == Truth::No {
                        break;
                    }
                }
                all
            }
            Cond::Any(list) => {
                let mut any = Truth::No;
                for cond in list {
                    any = any.max(self.holds(cond));
                    if any == Truth::Yes {
                        break;
                    }
                }
                any
            }
            Cond::Not(inner) => self.holds(inner).negate(),
            Cond::Count {
                set,
                distinct,
                bounds,
            } => {
                let (least, most) = self.count(set, *distinct);
                self.within(least, most, bounds)
            }
            Cond::Among { set, among, bounds } => self.among(set, among, bounds.as_ref()),
            Cond::Happened {
                log,
                place,
                about,
                by,
                window,
                bounds,
            } => self.happened(*log, place, about, by.as_ref(), window, bounds),
            Cond::Share {
                part,
                whole,
                place,
                window,
                num,
                den,
                strict,
            } => self.share(*part, *whole, place, window, (*num, *den, *strict)),
            Cond::Portion {
                part,
                whole,
                num,
                den,
                strict,
            } => self.portion(part, whole, (*num, *den, *strict)),
            Cond::DoneBy(by) => match self.act {
                Some(act) if act.actors.is_empty() => {
                    self.trail.unsaid.set(true);
                    self.undecided()
                }
                Some(act) => self.done_by(by, &act.actors),
                None => Truth::No,
            },
            Cond::Silent {
                log,
                place,
                entry,
                about,
                duration,
            } => self.silent(*log, place, *entry, about, duration),
            Cond::Held(clock, place, duration) => self.held(*clock, place, duration),
            Cond::Tenure {
                who,
                roles,
                place,
                duration,
            } => self.tenure(who, roles, place.as_ref(), duration),
            Cond::Beyond {
                who,
                role,
                place,
                calendar,
                rows,
            } => self.beyond(who, *role, place, *calendar, *rows),
            Cond::In(expr, set) => match self.value(expr) {
                None => Truth::Unknown,
                Some(Value::List(list)) => {
                    let mut all = Truth::of(!list.is_empty());
                    for value in list.iter() {
                        all = all.min(self.contains(set, value));
                    }
                    all
                }
                Some(value) => self.contains(set, &value),
            },
            Cond::State(place, states) => match self.spot(place) {
                Spot::At(inst) => match self.s.inst(inst) {
                    // How it began, and so in which state it is, the record does not say.
                    Some(instance) if instance.unbegun => {
                        self.trail.unsaid.set(true);
                        self.undecided()
                    }
                    instance => Truth::of(instance.is_some_and(|i| states.contains(&i.state))),
                },
                Spot::Nowhere => Truth::No,
                Spot::Unknown => self.undecided(),
            },
            Cond::Compare(a, op, b) => self.compare(a, *op, b),
            Cond::Filled(expr) => match self.value(expr) {
                None => Truth::Unknown,
                Some(Value::Flag(flag)) => Truth::of(flag),
                Some(Value::Text(text)) => Truth::of(!text.is_empty()),
                Some(value) => Truth::of(!value.is_empty()),
            },
        }
    }

    fn compare(&self, a: &Expr, op: Op, b: &Expr) -> Truth {
        let (left, right) = match (a, b) {
            (Expr::Today, other) | (other, Expr::Today) => {
                // The answer changes with the days of the other side, not with every day.
                let today = self.today();
                let value = self.value(other);
                if let Some((from, to)) = value.as_ref().and_then(|v| span(self.p, v)) {
                    self.until(self.p.zone.start_of_day(from));
                    self.until(self.p.zone.end_of_day(to));
                }
                if matches!(a, Expr::Today) {
                    (Some(today), value)
                } else {
                    (value, Some(today))
                }
            }
            _ => (self.value(a), self.value(b)),
        };
        let (Some(left), Some(right)) = (left, right) else {
            return Truth::Unknown;
        };
        if left.is_empty() || right.is_empty() {
            return Truth::of(op == Op::Ne);
        }
        match op {
            Op::Eq => Truth::of(same(self.p, self.s, &left, &right)),
            Op::Ne => Truth::of(!same(self.p, self.s, &left, &right)),
            _ => {
                let ordering = order(self.p, &left, &right);
                Truth::of(ordering.is_some_and(|o| match op {
                    Op::Lt => o == Ordering::Less,
                    Op::Le => o != Ordering::Greater,
                    Op::Gt => o == Ordering::Greater,
                    _ => o != Ordering::Less,
                }))
            }
        }
    }

    /// Whether a number, known to lie between two, is within bounds.
    pub fn within(&self, least: u64, most: Option<u64>, bounds: &Bounds) -> Truth {
        let Some(min) = self.number(&bounds.min) else {
            return self.undecided();
        };
        let max = match &bounds.max {
            None => None,
            Some(expr) => match self.number(expr) {
                Some(max) => Some(max),
                None => return self.undecided(),
            },
        };
        let enough = |n: i64| if bounds.strict { n > min } else { n >= min };
        let low = clamp(least);
        let high = most.map_or(i64::MAX, clamp);
        let above = if enough(low) {
            Truth::Yes
        } else if enough(high) {
            Truth::Unknown
        } else {
            Truth::No
        };
        let below = match max {
            None => Truth::Yes,
            Some(max) if high <= max => Truth::Yes,
            Some(max) if low <= max => Truth::Unknown,
            Some(_) => Truth::No,
        };
        above.min(below)
    }

    fn held(&self, clock: ClockId, place: &Place, duration: &Expr) -> Truth {
        let Some(inst) = self.asked(place) else {
            return self.undecided();
        };
        let (Some(declared), Some(instance)) =
            (self.p.model.clocks.get(clock.index()), self.s.inst(inst))
        else {
            return Truth::No;
        };
        if !declared.states.is_empty() && !declared.states.contains(&instance.state) {
            return Truth::No;
        }
        let ctx = Ctx {
            this: inst,
            holder: None,
            act: None,
            element: None,
            ..*self
        };
        let truth = ctx.holds(&declared.cond);
        if truth != Truth::Yes {
            return truth;
        }
        let Some(duration) = self.duration(duration) else {
            return self.undecided();
        };
        let slot = self.p.clock_slot.get(clock.index());
        let data = slot.and_then(|&slot| instance.clocks.get(slot));
        let since = data
            .and_then(|d| d.since)
            .unwrap_or(Moment::exact(self.s.stamp));
        self.aged(since, duration)
    }

    /// Whether a moment is so long ago; remembers when that changes.
    pub fn aged(&self, since: Moment, duration: Duration) -> Truth {
        let (truth, wake) = since.aged(&self.p.zone, duration, self.now());
        self.until(wake);
        if truth == Truth::Unknown {
            self.undecided();
        }
        truth
    }

    fn tenure(
        &self,
        who: &Expr,
        roles: &[RoleId],
        place: Option<&Place>,
        duration: &Expr,
    ) -> Truth {
        let Some(value) = self.value(who) else {
            return Truth::Unknown;
        };
        let Some(duration) = self.duration(duration) else {
            return self.undecided();
        };
        let parties: Vec<Sym> = self.parties(&value);
        if parties.is_empty() {
            return Truth::No;
        }
        let inst = match place {
            None => None,
            Some(place) => match self.spot(place) {
                Spot::At(inst) => Some(inst),
                Spot::Nowhere => return Truth::No,
                Spot::Unknown => return self.undecided(),
            },
        };
        let mut all = Truth::Yes;
        for party in parties {
            all = all.min(self.tenure_of(party, roles, inst, duration));
        }
        all
    }

    /// Whether a party has held a role beyond so many rows of a calendar.
    fn beyond(
        &self,
        who: &Expr,
        role: RoleId,
        place: &Place,
        calendar: CalendarId,
        rows: u32,
    ) -> Truth {
        let Some(value) = self.value(who) else {
            return Truth::Unknown;
        };
        let inst = match self.spot(place) {
            Spot::At(inst) => self.place_of_role(role, inst),
            Spot::Nowhere => return Truth::No,
            Spot::Unknown => return self.undecided(),
        };
        let holdings = self.s.holders(self.p, role, inst);
        let mut any = Truth::No;
        for party in self.parties(&value) {
            let Some(holding) = holdings.iter().find(|h| h.holder == party) else {
                if self.role_seen(role) != Truth::Yes {
                    any = any.max(self.unseen_role(&[role]));
                }
                continue;
            };
            any = any.max(self.beyond_rows(holding.renewed, calendar, rows));
        }
        any
    }

    /// Whether so many rows have ended, counted from the one in which something began.
    fn beyond_rows(&self, since: Moment, calendar: CalendarId, rows: u32) -> Truth {
        let table = self.p.model.calendars.get(calendar.index());
        let table = table.map_or(&[][..], |c| c.rows.as_slice());
        let Some((first, _)) = self.p.row(calendar, since.at.at) else {
            return self.undecided();
        };
        let last = first.saturating_add(rows.max(1) as usize - 1);
        match table.get(last) {
            Some(row) if row.end.at <= self.now() => Truth::Yes,
            Some(row) => {
                self.until(row.end.at);
                if since.is_exact() {
                    Truth::No
                } else {
                    self.undecided()
                }
            }
            // The calendar does not go so far.
            None => Truth::No,
        }
    }

    fn tenure_of(
        &self,
        who: Sym,
        roles: &[RoleId],
        inst: Option<Inst>,
        duration: Duration,
    ) -> Truth {
        let union = self
            .p
            .unions
            .iter()
            .position(|u| u.roles == roles && u.anywhere == inst.is_none());
        let since = match (union, inst, roles) {
            (Some(union), ..) => self.s.unions.get(&(union, who, inst)).copied(),
            (None, Some(inst), [role]) => {
                let inst = self.place_of_role(*role, inst);
                let holdings = self.s.holders(self.p, *role, inst);
                let holding = holdings.iter().find(|h| h.holder == who);
                holding.map(|h| if self.term { h.renewed } else { h.since })
            }
            _ => None,
        };
        let mut seen = Truth::Yes;
        for role in roles {
            seen = seen.min(self.role_seen(*role));
        }
        match since {
            Some(since) => {
                let truth = self.aged(since, duration);
                // A holding of an unobserved role is known of by chance; its age is a lower bound.
                if truth == Truth::No && seen != Truth::Yes {
                    return self.unobserved();
                }
                truth
            }
            None if seen == Truth::Yes => Truth::No,
            None => self.unseen_role(roles),
        }
    }

    /// The instance whose holders of a role are meant, seen from another.
    pub fn place_of_role(&self, role: RoleId, inst: Inst) -> Inst {
        let declared = self.p.model.roles.get(role.index());
        match (declared, self.s.inst(inst)) {
            (Some(role), Some(instance)) if role.kind != instance.kind => {
                self.s.within(self.p, inst, role.kind).unwrap_or(inst)
            }
            _ => inst,
        }
    }

    /// Whether all holdings of a role are known now.
    pub fn role_seen(&self, role: RoleId) -> Truth {
        let seen = self.p.observed.roles.get(role.index()).copied();
        match seen.unwrap_or(Seen::Always) {
            Seen::Always => Truth::Yes,
            Seen::Never if self.s.given_roles.contains(&role) => Truth::Yes,
            Seen::Never => Truth::No,
            Seen::Begin => Truth::Yes,
            Seen::From(at) if at <= self.now() => Truth::Yes,
            Seen::From(at) => {
                self.until(at);
                Truth::Unknown
            }
        }
    }

    /// Says that the holdings of a role are not all known.
    pub fn unseen_role(&self, roles: &[RoleId]) -> Truth {
        let never = roles.iter().any(|role| {
            let seen = self.p.observed.roles.get(role.index());
            seen == Some(&Seen::Never) && !self.s.given_roles.contains(role)
        });
        if never {
            self.unobserved()
        } else {
            self.undecided()
        }
    }

    /// Whether a rule stands at an instance: its state, its dates, and nothing silences it.
    pub fn stands(&self, clause: ClauseId, scope: &Scope) -> bool {
        self.s.inst(self.this).is_some_and(|i| in_scope(scope, i))
            && self.in_force(clause)
            && !self.silenced(clause)
    }

    /// Whether a clause is in force: now, or when the case opened of which an act is the outcome.
    pub fn in_force(&self, clause: ClauseId) -> bool {
        let at = self.act.and_then(|act| act.rules_of);
        self.p.in_force(clause, at.unwrap_or(self.now()))
    }

    /// Whether a clause that overrides this one holds.
    pub fn silenced(&self, clause: ClauseId) -> bool {
        let Some(list) = self.p.overriders.get(clause.index()) else {
            return false;
        };
        list.iter().any(|by| {
            let Some(inst) = self.s.within(self.p, self.this, by.scope.kind) else {
                return false;
            };
            let ctx = Ctx {
                this: inst,
                element: None,
                ..*self
            };
            by.clause != clause
                && self.s.inst(inst).is_some_and(|i| in_scope(by.scope, i))
                && self.in_force(by.clause)
                && ctx.guard(by.guard) == Truth::Yes
        })
    }
}

/// Whether an instance is in the states in which a rule stands. No rule does where it is not known how
/// the life began.
pub(crate) fn in_scope(scope: &Scope, instance: &Instance) -> bool {
    let is_known = !instance.gone && !instance.unbegun;
    is_known && (scope.states.is_empty() || scope.states.contains(&instance.state))
}

fn clamp(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The stamp of an instant, a day where it begins one.
pub(crate) fn stamp_at(zone: &crate::time::Zone, at: Instant) -> Stamp {
    Stamp {
        at,
        day: zone.start_of_day(at) == at,
    }
}
