//! What a name after a dot means.

use super::events::events;
use super::{Ctx, Elem, Meaning};
use crate::hir::Entity;
use crate::hir::collect::Builder;
use crate::hir::error::ResolveError;
use crate::ids::*;
use crate::ir::{Arm, Cell, Expr, Keep, Place, Set, Type};
use crate::source::Span;
use crate::syntax::ast::Name;

impl Builder<'_> {
    pub(super) fn member(
        &mut self,
        of: Meaning,
        name: &Name,
        ctx: &Ctx,
        upto: Span,
        exactly: bool,
    ) -> Option<Meaning> {
        let text = name.text.as_str();
        let whole = of.clone();
        let found = match of {
            Meaning::Calendar(calendar, of) => self
                .cell(calendar, text)
                .map(|cell| Meaning::Value(cell_at(calendar, cell, of), Type::Date)),
            Meaning::Value(Expr::Cell(calendar, Cell::Span(column)), _) => {
                end_of_span(text, column)
                    .map(|cell| Meaning::Value(cell_at(calendar, cell, None), Type::Date))
            }
            Meaning::Value(Expr::CellAt(calendar, Cell::Span(column), of), _) => {
                end_of_span(text, column)
                    .map(|cell| Meaning::Value(cell_at(calendar, cell, Some(*of)), Type::Date))
            }
            // `received.release-cycle`: the row that holds that date.
            Meaning::Value(expr, Type::Date) => match self.visible(ctx.kind, text) {
                Some((_, Entity::Calendar(calendar))) => {
                    Some(Meaning::Calendar(calendar, Some(expr)))
                }
                _ => None,
            },
            Meaning::Value(expr, Type::Person) => self.attribute(text).map(|(attribute, ty)| {
                Meaning::Value(Expr::Attribute(Box::new(expr), attribute), ty)
            }),
            Meaning::Value(expr, Type::Instance(kinds)) => {
                let place = match expr {
                    Expr::This(place) => place,
                    expr => Place::Of(Box::new(expr)),
                };
                let found = kinds
                    .iter()
                    .find_map(|&kind| self.in_namespace(kind, &place, name, ctx, exactly));
                match (found, kinds.as_slice()) {
                    (None, [kind]) if text == "added" => {
                        Some(events(self.kind_added(*kind), place))
                    }
                    (found, _) => found,
                }
            }
            Meaning::Value(expr, Type::List(inner)) => {
                let elem = Elem::of(&inner);
                self.member_of_set(Set::Values(expr), &elem, text)
            }
            Meaning::Many {
                set: Set::Body(kind),
                ..
            } => self.in_namespace(kind, &Place::Within(kind), name, ctx, exactly),
            Meaning::Many {
                set,
                elem,
                roles,
                place,
            } => match (text, roles.first()) {
                ("added" | "removed", Some(role)) => {
                    let declared = &self.spec.roles[role.index()];
                    let event = if text == "added" {
                        declared.added
                    } else {
                        declared.removed
                    };
                    let kind = declared.kind;
                    Some(events(event, place.unwrap_or(Place::Within(kind))))
                }
                _ => self.member_of_set(set, &elem, text),
            },
            Meaning::Events { arms, place } => self.member_of_event(&arms, place, name, ctx),
            Meaning::Decision(decision, place) => {
                let events_of = self.spec.events.iter();
                let wanted = format!("{}.{text}", self.spec.decisions[decision.index()].name);
                let found = events_of
                    .enumerate()
                    .find(|(_, e)| e.source.decision() == Some(decision) && e.name == wanted);
                found.map(|(index, _)| events(EventId::new(index), place))
            }
            Meaning::Kind(kind) => match text {
                "added" => {
                    let added = self.kind_added(kind);
                    Some(events(added, Place::Within(kind)))
                }
                _ => {
                    let level = ctx.levels.iter().find(|(known, _)| *known == kind);
                    match level.map(|(_, place)| place.clone()) {
                        Some(place) => self.in_namespace(kind, &place, name, ctx, exactly),
                        None if ctx.record => {
                            self.in_namespace(kind, &Place::Within(kind), name, ctx, exactly)
                        }
                        None => self.of_whichever(kind, name, upto, exactly)?,
                    }
                }
            },
            Meaning::Clause(kind, clause, place) => {
                let which = ["missed", "met", "broken", "mended"];
                let which = which.into_iter().find(|w| *w == text);
                which.map(|which| events(self.clause_event(kind, &clause, which), place))
            }
            Meaning::State(..) | Meaning::Holds(_) | Meaning::Value(..) | Meaning::Broken => None,
        };
        if found.is_none() {
            let parts = self.parts(&whole);
            let mut error = ResolveError::unknown(
                "part",
                name,
                parts.iter().map(String::as_str),
                format!("in {}", whole.describe()),
            );
            if let ResolveError::Unknown { help, .. } = &mut error
                && (1..=12).contains(&parts.len())
            {
                let parts: Vec<String> = parts.iter().map(|p| format!("`{p}`")).collect();
                *help = Some(format!("write one of its parts: {}", parts.join(", ")));
            }
            self.complain(error);
        }
        found
    }

    /// What a name means of whichever instance of a kind: who holds a role, what is in a field, what
    /// happens. Nothing inside where there is no such name, nothing at all after a complaint.
    pub(super) fn of_whichever(
        &mut self,
        kind: KindId,
        name: &Name,
        upto: Span,
        exactly: bool,
    ) -> Option<Option<Meaning>> {
        let text = name.text.as_str();
        let any = Place::Within(kind);
        let Some(entity) = self.entity(kind, text) else {
            let mut named = self.named.iter();
            let known = named.any(|(k, n)| *k == kind && n.text == text);
            return Some(known.then(|| Meaning::Clause(kind, text.to_owned(), any)));
        };
        match entity {
            Entity::Role(role) => Some(Some(self.role_meaning(role, None, exactly))),
            // Heard, not looked up.
            Entity::Event(event) => Some(Some(events(event, any))),
            Entity::Decision(decision) => Some(Some(Meaning::Decision(decision, any))),
            Entity::Field(_) => {
                let all = Set::Instances(kind, None);
                Some(self.member_of_set(all, &Elem::Instance(vec![kind]), text))
            }
            _ => {
                let kind = self.spec.kinds[kind.index()].name.clone();
                self.complain(ResolveError::Missing {
                    what: format!("which {kind} is meant by `{kind}.{text}`"),
                    span: upto.merge(name.span),
                    help: format!(
                        "ask how many there are, `some {kind} where {text}`, or put the clause into \
                         `each {kind} {{ … }}`"
                    ),
                });
                None
            }
        }
    }

    /// The names that can stand after the dot.
    pub(super) fn parts(&self, of: &Meaning) -> Vec<String> {
        let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let of_elem = |elem: &Elem| match elem {
            Elem::Person => self
                .spec
                .attributes
                .iter()
                .map(|a| a.name.clone())
                .collect(),
            Elem::Instance(kinds) => kinds.iter().flat_map(|k| self.names_in(*k)).collect(),
            Elem::Value(_) => Vec::new(),
        };
        match of {
            Meaning::Calendar(calendar, _) => {
                let columns = &self.spec.calendars[calendar.index()].columns;
                [words(&["start", "end"]), columns.clone()].concat()
            }
            Meaning::Value(Expr::Cell(..) | Expr::CellAt(..), _) => words(&["start", "end"]),
            Meaning::Value(_, Type::Date) => {
                let calendars = self.spec.calendars.iter();
                calendars.map(|c| c.name.clone()).collect()
            }
            Meaning::Value(_, Type::Instance(kinds)) => {
                let named = kinds.iter().flat_map(|k| self.names_in(*k));
                named.chain(words(&["name"])).collect()
            }
            Meaning::Value(_, ty) => of_elem(&Elem::of(ty)),
            Meaning::Many {
                set: Set::Body(kind),
                ..
            } => self.names_in(*kind),
            Meaning::Many { elem, roles, .. } => {
                let life: &[&str] = if roles.is_empty() {
                    &[]
                } else {
                    &["added", "removed"]
                };
                [of_elem(elem), words(life)].concat()
            }
            Meaning::Events { arms, .. } => {
                let event = arms.first().map(|arm| &self.spec.events[arm.event.index()]);
                let fields = event.into_iter().flat_map(|e| &e.fields);
                let fields = fields.map(|f| f.name.clone());
                fields.chain(words(&["by", "date"])).collect()
            }
            Meaning::Decision(decision, _) => {
                let name = format!("{}.", self.spec.decisions[decision.index()].name);
                let events = self.spec.events.iter();
                let own = events.filter(|e| e.source.decision() == Some(*decision));
                let parts = own.filter_map(|e| e.name.strip_prefix(&name));
                // How it ends comes first: that is asked for most.
                let mut parts: Vec<String> = parts.map(str::to_owned).collect();
                let ballots = parts.len().min(8);
                parts.rotate_left(ballots);
                parts
            }
            Meaning::Kind(kind) => [self.names_in(*kind), words(&["added"])].concat(),
            Meaning::Clause(..) => words(&["missed", "met", "broken", "mended"]),
            Meaning::State(..) | Meaning::Holds(_) | Meaning::Broken => Vec::new(),
        }
    }

    pub(super) fn names_in(&self, kind: KindId) -> Vec<String> {
        self.spec.kinds[kind.index()]
            .names
            .keys()
            .cloned()
            .collect()
    }

    pub(super) fn attribute(&self, name: &str) -> Option<(FieldId, Type)> {
        let attributes = &self.spec.attributes;
        let index = attributes.iter().position(|a| a.name == name)?;
        Some((FieldId::new(index), attributes[index].ty.clone()))
    }

    pub(super) fn member_of_set(&mut self, set: Set, elem: &Elem, text: &str) -> Option<Meaning> {
        match elem {
            Elem::Person => self.attribute(text).map(|(attribute, ty)| Meaning::Many {
                set: Set::Attribute(Box::new(set), attribute),
                elem: Elem::of(&ty),
                roles: Vec::new(),
                place: None,
            }),
            Elem::Instance(kinds) => {
                let found = kinds
                    .iter()
                    .find_map(|&k| self.entity(k, text).map(|e| (k, e)));
                match found? {
                    (_, Entity::Role(role)) => {
                        self.mention(role);
                        Some(Meaning::Many {
                            set: Set::HoldersOf(Box::new(set), role),
                            elem: Elem::Person,
                            roles: vec![role],
                            place: None,
                        })
                    }
                    (kind, Entity::Field(field)) => {
                        let ty = &self.spec.kinds[kind.index()].fields[field.index()].ty;
                        Some(Meaning::Many {
                            elem: Elem::of(ty),
                            set: Set::FieldOf(Box::new(set), field),
                            roles: Vec::new(),
                            place: None,
                        })
                    }
                    _ => None,
                }
            }
            Elem::Value(_) => None,
        }
    }

    /// `E.f`, `E.by`, `E.date`: of the event being judged, else of its last occurrence.
    pub(super) fn member_of_event(
        &mut self,
        arms: &[Arm],
        place: Place,
        name: &Name,
        ctx: &Ctx,
    ) -> Option<Meaning> {
        let [arm] = arms else { return None };
        let event = arm.event;
        let judged = ctx.event == Some(event);
        let list = Type::List(Box::new(Type::Person));
        let log = |builder: &mut Self| {
            let kind = builder.spec.events[event.index()].kind;
            builder.log(
                kind,
                arms.to_vec(),
                Keep {
                    instants: false,
                    people: false,
                    fields: true,
                    every: false,
                },
            )
        };
        match name.text.as_str() {
            "by" if judged => Some(Meaning::Value(Expr::Actor, list)),
            "by" => Some(Meaning::Value(Expr::LastActor(log(self), place), list)),
            "date" if judged => Some(Meaning::Value(Expr::When, Type::Date)),
            "date" => Some(Meaning::Value(Expr::LastWhen(log(self), place), Type::Date)),
            text => {
                let fields = &self.spec.events[event.index()].fields;
                let index = fields.iter().position(|f| f.name == text)?;
                let ty = fields[index].ty.clone();
                let field = FieldId::new(index);
                let expr = if judged {
                    Expr::Param(field)
                } else {
                    Expr::LastParam(log(self), place, field)
                };
                Some(Meaning::Value(expr, ty))
            }
        }
    }
}

/// A cell of the row that holds the present, or a date.
pub(super) fn cell_at(calendar: CalendarId, cell: Cell, of: Option<Expr>) -> Expr {
    match of {
        None => Expr::Cell(calendar, cell),
        Some(of) => Expr::CellAt(calendar, cell, Box::new(of)),
    }
}

/// The first or the last day of a column.
pub(super) fn end_of_span(name: &str, column: u32) -> Option<Cell> {
    match name {
        "start" => Some(Cell::First(column)),
        "end" => Some(Cell::Last(column)),
        _ => None,
    }
}
