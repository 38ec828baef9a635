//! Conditions with the sets, values and instances in them, and the logs and clocks that they ask.

use super::{Context, Validator};
use crate::ids::*;
use crate::ir::*;
use crate::time::Unit;

impl Validator<'_> {
    /// What the model remembers for its conditions.
    pub(super) fn logs_and_clocks(&mut self) {
        let model = self.model;
        self.each("logs", &model.logs, |v, log| {
            v.at("kind", |v| {
                v.kind(log.kind);
            });
            v.each("arms", &log.arms, |v, arm| v.arm(arm, log.kind));
        });
        self.each("clocks", &model.clocks, |v, clock| {
            v.at("kind", |v| {
                v.kind(clock.kind);
            });
            v.each("states", &clock.states, |v, s| v.state(clock.kind, *s));
            let context = Context {
                kind: clock.kind,
                events: None,
            };
            v.at("cond", |v| v.cond(&clock.cond, context, 0));
        });
        self.acyclic("clocks", "cond", model.clocks.len(), |index| {
            let mut clocks = Vec::new();
            if let Some(clock) = model.clocks.get(index) {
                visit::cond(&clock.cond, &mut |part| {
                    if let visit::Part::Cond(Cond::Held(id, ..)) = part {
                        clocks.push(id.index());
                    }
                });
            }
            clocks
        });
    }

    pub(super) fn cond(&mut self, cond: &Cond, context: Context<'_>, depth: usize) {
        if self.deep(depth) {
            return;
        }
        match cond {
            Cond::All(list) | Cond::Any(list) => {
                for cond in list {
                    self.cond(cond, context, depth + 1);
                }
            }
            Cond::Not(cond) => self.cond(cond, context, depth + 1),
            Cond::Count { set, bounds, .. } => {
                self.set(set, context, depth + 1);
                self.bounds(bounds, context, depth);
            }
            Cond::Among { set, among, bounds } => {
                self.set(set, context, depth + 1);
                self.set(among, context, depth + 1);
                if let Some(bounds) = bounds {
                    self.bounds(bounds, context, depth);
                }
            }
            Cond::Happened {
                log,
                place,
                about,
                by,
                window,
                bounds,
            } => {
                self.log(*log);
                self.place(place, context, depth);
                self.about(about, context, depth);
                if let Some(by) = by {
                    self.set(&by.set, context, depth + 1);
                }
                self.window(window, context, depth);
                self.bounds(bounds, context, depth);
            }
            Cond::Share {
                part,
                whole,
                place,
                window,
                den,
                ..
            } => {
                self.log(*part);
                self.log(*whole);
                self.place(place, context, depth);
                self.window(window, context, depth);
                self.denominator(*den);
            }
            Cond::Portion {
                part, whole, den, ..
            } => {
                self.set(part, context, depth + 1);
                self.set(whole, context, depth + 1);
                self.denominator(*den);
            }
            Cond::DoneBy(by) => self.set(&by.set, context, depth + 1),
            Cond::Silent {
                log,
                place,
                about,
                duration,
                ..
            } => {
                self.log(*log);
                self.place(place, context, depth);
                self.about(about, context, depth);
                self.expr(duration, context, depth + 1);
            }
            Cond::Held(clock, place, duration) => {
                self.index("clock", clock.index(), self.model.clocks.len());
                self.place(place, context, depth);
                self.expr(duration, context, depth + 1);
            }
            Cond::Tenure {
                who,
                roles,
                place,
                duration,
            } => {
                self.expr(who, context, depth + 1);
                for role in roles {
                    self.role(*role);
                }
                if let Some(place) = place {
                    self.place(place, context, depth);
                }
                self.expr(duration, context, depth + 1);
            }
            Cond::Beyond {
                who,
                role,
                place,
                calendar,
                ..
            } => {
                self.expr(who, context, depth + 1);
                self.role(*role);
                self.place(place, context, depth);
                self.calendar(*calendar);
            }
            Cond::In(expr, set) => {
                self.expr(expr, context, depth + 1);
                self.set(set, context, depth + 1);
            }
            Cond::State(place, states) => {
                self.place(place, context, depth);
                if let Some(kind) = Self::kind_of(place, context) {
                    for state in states {
                        self.state(kind, *state);
                    }
                }
            }
            Cond::Compare(left, _, right) => {
                self.expr(left, context, depth + 1);
                self.expr(right, context, depth + 1);
            }
            Cond::Filled(expr) => self.expr(expr, context, depth + 1),
        }
    }

    pub(super) fn set(&mut self, set: &Set, context: Context<'_>, depth: usize) {
        if self.deep(depth) {
            return;
        }
        match set {
            Set::Holders(role, place) => {
                self.role(*role);
                self.place(place, context, depth);
            }
            Set::HoldersAnywhere(role) => self.role(*role),
            Set::Body(kind) => {
                self.kind(*kind);
            }
            Set::Values(expr) => self.expr(expr, context, depth + 1),
            Set::Instances(kind, place) => {
                self.kind(*kind);
                if let Some(place) = place {
                    self.place(place, context, depth);
                }
            }
            Set::Union(list) => {
                for set in list {
                    self.set(set, context, depth + 1);
                }
            }
            Set::Where(set, cond) => {
                self.set(set, context, depth + 1);
                self.cond(cond, context, depth + 1);
            }
            Set::Attribute(set, attribute) => {
                self.set(set, context, depth + 1);
                self.attribute(*attribute);
            }
            Set::HoldersOf(set, role) => {
                self.set(set, context, depth + 1);
                self.role(*role);
            }
            Set::FieldOf(set, field) => {
                self.set(set, context, depth + 1);
                let most = self.model.kinds.iter().map(|k| k.fields.len()).max();
                self.index("field", field.index(), most.unwrap_or(0));
            }
            Set::Anyone => {}
        }
    }

    pub(super) fn expr(&mut self, expr: &Expr, context: Context<'_>, depth: usize) {
        if self.deep(depth) {
            return;
        }
        match expr {
            Expr::Const(constant) => self.constant(constant, depth),
            Expr::Param(field) => match context.events {
                Some(events) => self.param(events, *field),
                None => self.error("no event is being judged here whose parameter this could be"),
            },
            Expr::Field(place, field) => {
                self.place(place, context, depth);
                self.field_of(place, *field, context);
            }
            Expr::Attribute(of, attribute) => {
                self.expr(of, context, depth + 1);
                self.attribute(*attribute);
            }
            Expr::LastParam(log, place, field) => {
                self.log_param(*log, *field);
                self.place(place, context, depth);
            }
            Expr::LastActor(log, place) | Expr::LastWhen(log, place) => {
                self.log(*log);
                self.place(place, context, depth);
            }
            Expr::This(place) | Expr::NameOf(place) => self.place(place, context, depth),
            Expr::Template(list) | Expr::List(list) => {
                for expr in list {
                    self.expr(expr, context, depth + 1);
                }
            }
            Expr::Cell(id, cell) => self.cell(*id, *cell),
            Expr::CellAt(id, cell, of) => {
                self.cell(*id, *cell);
                self.expr(of, context, depth + 1);
            }
            Expr::Elements(set) => self.set(set, context, depth + 1),
            Expr::Actor
            | Expr::When
            | Expr::Subject
            | Expr::Element
            | Expr::Holder
            | Expr::Today => {}
        }
    }

    pub(super) fn place(&mut self, place: &Place, context: Context<'_>, depth: usize) {
        match place {
            Place::This => {}
            Place::Within(kind) => {
                self.kind(*kind);
            }
            Place::Of(expr) => self.expr(expr, context, depth + 1),
        }
    }

    /// The kind of an instance, where the place alone says it.
    fn kind_of(place: &Place, context: Context<'_>) -> Option<KindId> {
        match place {
            Place::This => Some(context.kind),
            Place::Within(kind) => Some(*kind),
            Place::Of(_) => None,
        }
    }

    pub(super) fn field_of(&mut self, place: &Place, field: FieldId, context: Context<'_>) {
        let kinds = self.model.kinds.iter().enumerate();
        let only = Self::kind_of(place, context);
        let fields = kinds
            .filter(|(index, _)| only.is_none_or(|kind| kind.index() == *index))
            .map(|(_, kind)| kind.fields.len());
        let most = fields.max().unwrap_or(0);
        self.index("field", field.index(), most);
    }

    fn log_param(&mut self, log: LogId, field: FieldId) {
        if !self.log(log) {
            return;
        }
        let arms = self.model.logs.get(log.index()).map(|log| &log.arms);
        let events: Vec<EventId> = arms.into_iter().flatten().map(|arm| arm.event).collect();
        self.param(&events, field);
    }

    pub(super) fn bounds(&mut self, bounds: &Bounds, context: Context<'_>, depth: usize) {
        self.expr(&bounds.min, context, depth + 1);
        if let Some(max) = &bounds.max {
            self.expr(max, context, depth + 1);
        }
    }

    fn about(&mut self, about: &About, context: Context<'_>, depth: usize) {
        match about {
            About::Any => {}
            About::Person(expr) => self.expr(expr, context, depth + 1),
            About::DoneBy(set) => self.set(set, context, depth + 1),
        }
    }

    fn window(&mut self, window: &Window, context: Context<'_>, depth: usize) {
        match window {
            Window::SinceLast { last, matches } => {
                self.log(*last);
                self.matches(matches);
            }
            Window::Last(expr) => self.expr(expr, context, depth + 1),
            Window::Period(period) => self.period(*period),
            Window::Life | Window::Entry => {}
        }
    }

    pub(super) fn period(&mut self, period: Period) {
        match period {
            Period::Cycle(calendar) => self.calendar(calendar),
            // A run looks at each period that begins: of seconds there are too many.
            Period::Unit(unit) if !Unit::PERIODS.contains(&unit) => {
                self.error(format!("a {} is no calendar period", unit.name()));
            }
            Period::Unit(_) => {}
        }
    }

    fn cell(&mut self, id: CalendarId, cell: Cell) {
        self.calendar(id);
        let calendar = self.model.calendars.get(id.index());
        let columns = calendar.map_or(0, |calendar| calendar.columns.len());
        if let Cell::Span(column) | Cell::First(column) | Cell::Last(column) = cell {
            self.index("column", column as usize, columns);
        }
    }

    pub(super) fn denominator(&mut self, den: u32) {
        if den == 0 {
            self.error("a fraction has the denominator 0");
        }
    }
}
