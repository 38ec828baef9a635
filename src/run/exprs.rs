//! Values and places: what an expression gives, as far as it is known.

use super::compare::{constant, span};
use super::eval::{Ctx, Spot};
use super::moment::Truth;
use super::reads::kinds_of;
use super::state::Inst;
use super::value::{Sym, Value};
use crate::ids::*;
use crate::ir::{Cell, Const, Expr, Place, Row, Type};
use crate::time::{Duration, Instant, Stamp};

impl Ctx<'_> {
    /// The value of an expression; `None` where it is not known.
    pub fn value(&self, expr: &Expr) -> Option<Value> {
        match expr {
            Expr::Const(value) => Some(constant(value)),
            Expr::Param(field) => {
                let value = self.act.and_then(|act| act.fields.get(field.index()));
                self.known(value.cloned().unwrap_or_default())
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
            Expr::Subject => {
                let subject = self.act.and_then(|act| self.id(act.subject));
                Some(subject.map_or(Value::Empty, Value::Name))
            }
            Expr::Elements(set) => {
                let sure = self.members(set).list.into_iter();
                let sure = sure.filter(|(_, truth)| *truth == Truth::Yes);
                Some(Value::List(sure.map(|(value, _)| value).collect()))
            }
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
            Expr::LastParam(log, place, field) => {
                let value = self.last(*log, place, |last| {
                    last.fields.get(field.index()).cloned().unwrap_or_default()
                })?;
                self.known(value)
            }
            Expr::LastActor(log, place) => self.last(*log, place, |last| names(&last.actors)),
            Expr::LastWhen(log, place) => self.last(*log, place, |last| Value::Date(last.at.at)),
            Expr::Element => Some(self.element.cloned().unwrap_or_default()),
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
                match self.row {
                    Some((meant, index)) if meant == *calendar => {
                        let table = self.p.model.calendars.get(calendar.index());
                        self.cell_of(table.and_then(|c| c.rows.get(index)), *cell)
                    }
                    _ => self.cell(*calendar, *cell, self.now()),
                }
            }
            Expr::CellAt(calendar, cell, of) => {
                let of = self.value(of)?;
                match span(self.p, &of) {
                    Some((at, _)) => self.cell(*calendar, *cell, at),
                    None => Some(Value::Empty),
                }
            }
            Expr::Today => {
                self.until(self.p.zone.end_of_day(self.now()));
                Some(self.today())
            }
        }
    }

    /// A cell of the row that holds an instant. No row or a blank cell says nothing.
    fn cell(&self, calendar: CalendarId, cell: Cell, at: Instant) -> Option<Value> {
        self.cell_of(self.p.row(calendar, at).map(|(_, row)| row), cell)
    }

    fn cell_of(&self, row: Option<&Row>, cell: Cell) -> Option<Value> {
        let value = row.and_then(|row| self.p.cell(row, cell));
        if value.is_none() {
            self.undecided();
        }
        value
    }

    pub fn id(&self, inst: Inst) -> Option<Sym> {
        self.s.inst(inst).map(|i| i.id)
    }

    pub fn field(&self, inst: Inst, field: FieldId) -> Option<Value> {
        let instance = self.s.inst(inst)?;
        match instance.fields.get(field.index()) {
            Some(Value::Empty) | None => {}
            Some(value) => return self.known(value.clone()),
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

    /// A value, unless it is one that nobody knows.
    fn known(&self, value: Value) -> Option<Value> {
        if value == Value::Unknown {
            self.trail.unsaid.set(true);
            self.undecided();
            return None;
        }
        Some(value)
    }

    /// An attribute of a person.
    pub fn attribute(&self, person: Sym, field: FieldId) -> Option<Value> {
        let known = self.s.people.get(&person);
        match known.and_then(|p| p.attributes.get(field.index())) {
            Some(Value::Empty) | None => {}
            Some(value) => return self.known(value.clone()),
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

    pub fn write(&self, value: &Value, text: &mut String) {
        match value {
            Value::Empty | Value::Unknown => {}
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

    pub fn today(&self) -> Value {
        Value::Date(Stamp {
            at: self.p.zone.start_of_day(self.now()),
            day: true,
        })
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
    pub fn instance_of(&self, expr: &Expr, value: &Value) -> Option<Inst> {
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

    pub fn kinds_of(&self, expr: &Expr, own: KindId) -> Option<Vec<KindId>> {
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
}

fn names(list: &[Sym]) -> Value {
    Value::List(list.iter().map(|&sym| Value::Name(sym)).collect())
}
