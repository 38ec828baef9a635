//! Conditions: whether they hold, as far as the observed span can settle it, and until when that
//! answer stands if nothing happens.
//!
//! Invariant: looking changes nothing. What an answer leaves behind is in its [`Trail`].

use std::cell::Cell;
use std::cmp::Ordering;

use super::compare::{constant, order, same, span};
use super::moment::{Moment, Truth};
use super::observe::Seen;
use super::program::{Program, kinds_of};
use super::state::{Happening, Inst, Instance, State};
use super::value::{Sym, Value};
use crate::ids::*;
use crate::ir::{Bounds, Cond, Const, Expr, Op, Place, Scope, Type};
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
    /// It asked for who did something that nobody is said to have done.
    pub no_actor: Cell<bool>,
}

impl Trail {
    pub fn new() -> Trail {
        Trail {
            wake: Cell::new(Instant::MAX),
            unobserved: Cell::new(false),
            undecided: Cell::new(false),
            no_actor: Cell::new(false),
        }
    }
}

/// From where a condition is judged.
#[derive(Clone)]
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
    pub element: Option<Value>,
    /// Judged of a settled instant: calendar periods are the last closed ones, and a number that is
    /// wanted in a time is wanted only once so much time has been spent.
    pub settled: bool,
    /// A term of office is judged: it begins anew when the role is given anew.
    pub term: bool,
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
                Spot::At(inst) => {
                    let state = self.s.inst(inst).map(|i| i.state);
                    Truth::of(state.is_some_and(|s| states.contains(&s)))
                }
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
            ..self.clone()
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
                ..self.clone()
            };
            by.clause != clause
                && self.s.inst(inst).is_some_and(|i| in_scope(by.scope, i))
                && self.in_force(by.clause)
                && ctx.guard(by.guard) == Truth::Yes
        })
    }

    /// Where a place leads.
    pub fn spot(&self, place: &Place) -> Spot {
        match place {
            Place::This => Spot::At(self.this),
            Place::Within(kind) => match self.s.within(self.p, self.this, *kind) {
                Some(inst) => Spot::At(inst),
                None => Spot::Unknown,
            },
            Place::Of(expr) => match self.value(expr) {
                None => Spot::Unknown,
                Some(value) => match self.instance_of(expr, &value) {
                    Some(inst) => Spot::At(inst),
                    None => Spot::Nowhere,
                },
            },
        }
    }

    /// The instances at a place: more than one where a list of them is named.
    pub fn spots(&self, place: &Place) -> Vec<Inst> {
        if let Place::Of(expr) = place
            && let Some(Value::List(list)) = self.value(expr)
        {
            let each = list.iter().filter_map(|one| self.instance_of(expr, one));
            return each.collect();
        }
        self.asked(place).into_iter().collect()
    }

    /// The instance at a place, where one is known there.
    pub fn asked(&self, place: &Place) -> Option<Inst> {
        match self.spot(place) {
            Spot::At(inst) => Some(inst),
            Spot::Nowhere | Spot::Unknown => None,
        }
    }

    /// The instance that a value names.
    fn instance_of(&self, expr: &Expr, value: &Value) -> Option<Inst> {
        let sym = match value {
            Value::List(list) => match list.as_ref() {
                [one] => self.sym(one)?,
                _ => return None,
            },
            one => self.sym(one)?,
        };
        let own = self.s.inst(self.this)?.kind;
        match self.kinds_of(expr, own) {
            Some(kinds) => kinds.iter().find_map(|&kind| self.s.named(kind, sym)),
            None => self.any_named(sym),
        }
    }

    /// The first instance of any kind with this id.
    pub fn any_named(&self, sym: Sym) -> Option<Inst> {
        let kinds = 0..self.p.model.kinds.len();
        kinds
            .map(KindId::new)
            .find_map(|kind| self.s.named(kind, sym))
    }

    fn kinds_of(&self, expr: &Expr, own: KindId) -> Option<Vec<KindId>> {
        let ty = match expr {
            Expr::Param(field) => {
                let event = self.p.model.events.get(self.act?.event.index())?;
                &event.fields.get(field.index())?.ty
            }
            _ => return kinds_of(self.p.model, expr, own),
        };
        match ty {
            Type::Instance(kinds) => Some(kinds.clone()),
            Type::List(inner) => match inner.as_ref() {
                Type::Instance(kinds) => Some(kinds.clone()),
                _ => None,
            },
            _ => None,
        }
    }

    /// The name that a value is.
    pub fn sym(&self, value: &Value) -> Option<Sym> {
        match value {
            Value::Name(sym) => Some(*sym),
            Value::Text(text) => self.s.names.find(text),
            _ => None,
        }
    }

    /// The names that a value is: one, or those of a list.
    pub fn parties(&self, value: &Value) -> Vec<Sym> {
        match value {
            Value::List(list) => list.iter().filter_map(|v| self.sym(v)).collect(),
            one => self.sym(one).into_iter().collect(),
        }
    }

    fn today(&self) -> Value {
        Value::Date(Stamp {
            at: self.p.zone.start_of_day(self.now()),
            day: true,
        })
    }

    /// The value of an expression; `None` where it is not known.
    pub fn value(&self, expr: &Expr) -> Option<Value> {
        match expr {
            Expr::Const(value) => Some(constant(value)),
            Expr::Param(field) => {
                let value = self.act.and_then(|act| act.fields.get(field.index()));
                Some(value.cloned().unwrap_or_default())
            }
            Expr::Actor => match self.act {
                Some(act) if act.actors.is_empty() => {
                    self.trail.no_actor.set(true);
                    self.undecided();
                    None
                }
                Some(act) => Some(names(&act.actors)),
                None => Some(Value::Empty),
            },
            Expr::When => Some(self.act.map_or(Value::Empty, |act| Value::Date(act.stamp))),
            Expr::Field(place, field) => match self.spot(place) {
                Spot::At(inst) => self.field(inst, *field),
                Spot::Nowhere => Some(Value::Empty),
                Spot::Unknown => {
                    self.undecided();
                    None
                }
            },
            Expr::Attribute(of, field) => {
                let of = self.value(of)?;
                match self.parties(&of).as_slice() {
                    [] => Some(Value::Empty),
                    [one] => self.attribute(*one, *field),
                    several => {
                        let mut list = Vec::new();
                        for one in several {
                            list.push(self.attribute(*one, *field)?);
                        }
                        Some(Value::List(list.into()))
                    }
                }
            }
            Expr::LastParam(log, place, field) => self.last(*log, place, |last| {
                last.fields.get(field.index()).cloned().unwrap_or_default()
            }),
            Expr::LastActor(log, place) => self.last(*log, place, |last| names(&last.actors)),
            Expr::LastWhen(log, place) => self.last(*log, place, |last| Value::Date(last.at.at)),
            Expr::Element => Some(self.element.clone().unwrap_or_default()),
            Expr::Holder => Some(self.holder.map_or(Value::Empty, Value::Name)),
            Expr::This(place) => match self.spot(place) {
                Spot::At(inst) => Some(self.id(inst).map_or(Value::Empty, Value::Name)),
                Spot::Nowhere => Some(Value::Empty),
                Spot::Unknown => {
                    self.undecided();
                    None
                }
            },
            Expr::NameOf(place) => match self.spot(place) {
                Spot::At(inst) => {
                    let id = self.id(inst);
                    Some(id.map_or(Value::Empty, |id| Value::Text(self.s.names.text(id).into())))
                }
                Spot::Nowhere => Some(Value::Empty),
                Spot::Unknown => {
                    self.undecided();
                    None
                }
            },
            Expr::Template(parts) => {
                let mut text = String::new();
                for part in parts {
                    let value = self.value(part)?;
                    self.write(&value, &mut text);
                }
                Some(Value::Text(text.into()))
            }
            Expr::List(list) => {
                let mut values = Vec::new();
                for expr in list {
                    match self.value(expr)? {
                        Value::List(inner) => values.extend(inner.iter().cloned()),
                        Value::Empty => {}
                        value => values.push(value),
                    }
                }
                Some(Value::List(values.into()))
            }
            Expr::Cell(calendar, cell) => {
                self.until(self.p.row_turn(*calendar, self.now()));
                let row = self.p.row(*calendar, self.now());
                let value = row.and_then(|(_, row)| self.p.cell(row, *cell));
                if value.is_none() {
                    // No row or a blank cell says nothing.
                    self.undecided();
                }
                value
            }
            Expr::Today => {
                self.until(self.p.zone.end_of_day(self.now()));
                Some(self.today())
            }
        }
    }

    fn id(&self, inst: Inst) -> Option<Sym> {
        self.s.inst(inst).map(|i| i.id)
    }

    fn field(&self, inst: Inst, field: FieldId) -> Option<Value> {
        let instance = self.s.inst(inst)?;
        match instance.fields.get(field.index()) {
            Some(Value::Empty) | None => {}
            Some(value) => return Some(value.clone()),
        }
        let declared = self.p.model.kinds.get(instance.kind.index());
        let declared = declared.and_then(|k| k.fields.get(field.index()));
        if let Some(default) = declared.and_then(|f| f.default.as_ref()) {
            return Some(constant(default));
        }
        let kind = self.p.observed.fields.get(instance.kind.index());
        let seen = kind.and_then(|k| k.get(field.index())).copied();
        if seen.unwrap_or(true) || self.s.given_fields.contains(&(instance.kind, field)) {
            return Some(Value::Empty);
        }
        self.unobserved();
        None
    }

    /// An attribute of a person.
    pub fn attribute(&self, person: Sym, field: FieldId) -> Option<Value> {
        let known = self.s.people.get(&person);
        match known.and_then(|p| p.attributes.get(field.index())) {
            Some(Value::Empty) | None => {}
            Some(value) => return Some(value.clone()),
        }
        let declared = self.p.model.attributes.get(field.index());
        if let Some(default) = declared.and_then(|f| f.default.as_ref()) {
            return Some(constant(default));
        }
        if self.p.observed.attributes.get(field.index()) == Some(&false) {
            self.unobserved();
            return None;
        }
        Some(Value::Empty)
    }

    fn write(&self, value: &Value, text: &mut String) {
        match value {
            Value::Empty => {}
            Value::Name(sym) => text.push_str(self.s.names.text(*sym)),
            Value::Text(part) => text.push_str(part),
            Value::Number(n) => text.push_str(&n.to_string()),
            Value::Flag(flag) => text.push_str(if *flag { "true" } else { "false" }),
            Value::Date(stamp) if stamp.day => text.push_str(&self.p.zone.date(stamp.at)),
            Value::Date(stamp) => text.push_str(&self.p.zone.show(stamp.at)),
            Value::Dates(from, to) => {
                text.push_str(&self.p.zone.date(from.at));
                text.push_str("..");
                text.push_str(&self.p.zone.date(to.at));
            }
            Value::Duration(duration) => text.push_str(&duration.to_string()),
            Value::Role(role) => {
                let declared = self.p.model.roles.get(role.index());
                text.push_str(declared.map_or("", |r| r.name.as_str()));
            }
            Value::List(list) => {
                for (index, value) in list.iter().enumerate() {
                    if index > 0 {
                        text.push_str(", ");
                    }
                    self.write(value, text);
                }
            }
        }
    }

    /// A whole number; `None` where there is none or it is not known.
    pub fn number(&self, expr: &Expr) -> Option<i64> {
        match expr {
            Expr::Const(Const::Number(n)) => Some(*n),
            _ => match self.value(expr)? {
                Value::Number(n) => Some(n),
                _ => None,
            },
        }
    }

    /// A duration; `None` where there is none or it is not known.
    pub fn duration(&self, expr: &Expr) -> Option<Duration> {
        match expr {
            Expr::Const(Const::Duration(duration)) => Some(*duration),
            _ => match self.value(expr)? {
                Value::Duration(duration) => Some(duration),
                _ => None,
            },
        }
    }
}

/// Whether an instance is in the states in which a rule stands.
pub(crate) fn in_scope(scope: &Scope, instance: &Instance) -> bool {
    scope.states.is_empty() || scope.states.contains(&instance.state)
}

fn names(list: &[Sym]) -> Value {
    Value::List(list.iter().map(|&sym| Value::Name(sym)).collect())
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
