//! What the first name of a path means.

use super::events::events;
use super::{Ctx, Elem, Meaning};
use crate::diag::{Code, Diagnostic};
use crate::hir::Entity;
use crate::hir::collect::Builder;
use crate::hir::error::ResolveError;
use crate::ids::*;
use crate::ir::{Const, Expr, Form, Place, Set, Type};
use crate::syntax::ast::Name;

/// How many definitions may be put in where they are used, in all: each doubling counts.
const MAX_EXPANDED: usize = 20_000;

/// How many definitions may be put into one another.
const MAX_NESTED: usize = 32;

impl Builder<'_> {
    pub(super) fn unknown_name(&mut self, name: &Name, ctx: &Ctx) {
        let mut known: Vec<String> = Vec::new();
        if let Some(event) = ctx.event {
            let fields = &self.spec.events[event.index()].fields;
            known.extend(fields.iter().map(|f| f.name.clone()));
        }
        for (kind, _) in &ctx.levels {
            known.extend(self.spec.kinds[kind.index()].names.keys().cloned());
        }
        if ctx.element == Some(Elem::Person) {
            known.extend(self.spec.attributes.iter().map(|a| a.name.clone()));
        }
        let place = match self.spec.kinds[ctx.kind.index()].name.as_str() {
            "" => "in this spec".to_owned(),
            kind => format!("in `{kind}` or in the document"),
        };
        let mut error =
            ResolveError::unknown("name", name, known.iter().map(String::as_str), place);
        if let (Some(elsewhere), ResolveError::Unknown { nearest, help, .. }) =
            (self.elsewhere(name, ctx), &mut error)
        {
            *nearest = None;
            *help = Some(elsewhere);
        }
        self.complain(error);
    }

    /// Where a name is declared that is not visible here, and how to reach it.
    pub(super) fn elsewhere(&self, name: &Name, ctx: &Ctx) -> Option<String> {
        let text = &name.text;
        let visible = |kind: KindId| ctx.levels.iter().any(|(k, _)| *k == kind);
        let mut kinds = self.spec.kinds.iter().enumerate().skip(1);
        let (kind, entity) = kinds.find_map(|(index, kind)| {
            let entity = kind.names.get(text).map(|(entity, _)| *entity)?;
            (!visible(KindId::new(index))).then_some((&kind.name, entity))
        })?;
        Some(match entity {
            Entity::Role(_) | Entity::Event(_) => format!(
                "`{kind}` has it: write `{kind}.{text}`, or put the clause into `each {kind} {{ … }}`"
            ),
            _ => format!("`{kind}` has it: put the clause into `each {kind} {{ … }}`"),
        })
    }

    pub(super) fn head(&mut self, name: &Name, ctx: &Ctx, exactly: bool) -> Option<Meaning> {
        let text = name.text.as_str();
        if let Some(meaning) = self.of_element(name, ctx, exactly) {
            return Some(meaning);
        }
        if let Some(event) = ctx.event {
            let declared = &self.spec.events[event.index()];
            if let Some(index) = declared.fields.iter().position(|f| f.name == text) {
                let field = &declared.fields[index];
                // What a `to` block declares is stored before the block is judged.
                let level = ctx.levels.iter().find(|(kind, _)| *kind == declared.kind);
                let expr = match (field.stores, level) {
                    (Some(stored), Some((_, place))) if ctx.asked == Some(event) => {
                        Expr::Field(place.clone(), stored)
                    }
                    _ => Expr::Param(FieldId::new(index)),
                };
                return Some(Meaning::Value(expr, field.ty.clone()));
            }
        }
        if let Some(role) = ctx.role {
            let declared = &self.spec.roles[role.index()];
            let event = match text {
                "added" => Some(declared.added),
                "removed" => Some(declared.removed),
                _ => None,
            };
            if let Some(event) = event {
                return Some(events(event, Place::This));
            }
        }
        match text {
            "this" => {
                let (kind, place) = ctx.levels.first()?.clone();
                return Some(Meaning::Value(
                    Expr::This(place),
                    Type::Instance(vec![kind]),
                ));
            }
            "self" => return Some(self.self_meaning(ctx)),
            "today" => return Some(Meaning::Value(Expr::Today, Type::Date)),
            "true" | "false" => {
                let flag = Const::Flag(text == "true");
                return Some(Meaning::Value(Expr::Const(flag), Type::Flag));
            }
            "anyone" => {
                return Some(Meaning::Many {
                    set: Set::Anyone,
                    elem: Elem::Person,
                    roles: Vec::new(),
                    place: None,
                });
            }
            _ => {}
        }
        if ctx.record {
            let record = self.spec.record.as_ref();
            if let Some(&(event, _)) = record.and_then(|r| r.names.get(text)) {
                return Some(events(event, Place::Within(KindId::DOCUMENT)));
            }
        }
        for (kind, place) in &ctx.levels {
            if let Some(meaning) = self.in_namespace(*kind, place, name, ctx, exactly) {
                return Some(meaning);
            }
        }
        self.cast_member(text)
    }

    /// A person or an instance of the scenario at hand.
    pub fn cast_member(&self, name: &str) -> Option<Meaning> {
        let ty = self.cast.get(name)?.clone();
        let id = Const::Name(name.to_owned());
        Some(Meaning::Value(Expr::Const(id), ty))
    }

    pub(super) fn of_element(&mut self, name: &Name, ctx: &Ctx, exactly: bool) -> Option<Meaning> {
        match ctx.element.as_ref()? {
            Elem::Person => {
                let attributes = &self.spec.attributes;
                let index = attributes.iter().position(|a| a.name == name.text)?;
                let ty = attributes[index].ty.clone();
                let of = Box::new(Expr::Element);
                Some(Meaning::Value(Expr::Attribute(of, FieldId::new(index)), ty))
            }
            Elem::Instance(kinds) => {
                let place = Place::Of(Box::new(Expr::Element));
                let kinds = kinds.clone();
                kinds
                    .iter()
                    .find_map(|&kind| self.in_namespace(kind, &place, name, ctx, exactly))
            }
            Elem::Value(_) => None,
        }
    }

    /// `self`.
    pub(super) fn self_meaning(&self, ctx: &Ctx) -> Meaning {
        match (&ctx.element, &ctx.subject) {
            (Some(elem), _) => Meaning::Value(Expr::Element, elem.ty()),
            (None, _) if ctx.each.is_some() => Meaning::Value(Expr::Holder, Type::Person),
            (None, Some(subject)) => Meaning::Value(subject.clone(), Type::Person),
            (None, None) => Meaning::Value(Expr::Actor, Type::List(Box::new(Type::Person))),
        }
    }

    /// What a name means in one namespace, seen at a place.
    pub(super) fn in_namespace(
        &mut self,
        kind: KindId,
        place: &Place,
        name: &Name,
        ctx: &Ctx,
        exactly: bool,
    ) -> Option<Meaning> {
        let Some(entity) = self.entity(kind, &name.text) else {
            if name.text == "name" && kind != KindId::DOCUMENT {
                return Some(Meaning::Value(Expr::NameOf(place.clone()), Type::Text));
            }
            let named = self.named.iter();
            let clause = named
                .filter(|(k, _)| *k == kind)
                .find(|(_, n)| n.text == name.text)?;
            return Some(Meaning::Clause(kind, clause.1.text.clone(), place.clone()));
        };
        Some(match entity {
            Entity::Field(field) => {
                let ty = self.spec.kinds[kind.index()].fields[field.index()]
                    .ty
                    .clone();
                Meaning::Value(Expr::Field(place.clone(), field), ty)
            }
            Entity::Role(role) => {
                let scope = self.spec.roles[role.index()].kind;
                let place = (scope == kind).then(|| place.clone());
                self.role_meaning(role, place, exactly)
            }
            Entity::Event(event) => events(event, place.clone()),
            Entity::State(state) => Meaning::State(place.clone(), kind, state),
            Entity::Define(index) => return self.expand(index, kind, place, name, ctx),
            Entity::Decision(decision) => Meaning::Decision(decision, place.clone()),
            Entity::Kind(id) => match self.spec.kinds[id.index()].form {
                Form::Body => Meaning::Many {
                    set: Set::Body(id),
                    elem: Elem::Person,
                    roles: Vec::new(),
                    place: Some(Place::Within(id)),
                },
                _ => Meaning::Kind(id),
            },
            Entity::Calendar(calendar) => Meaning::Calendar(calendar, None),
            Entity::Ladder(ladder) => {
                let rungs = self.spec.ladders[ladder.index()].rungs.clone();
                let place = Place::Within(kind);
                let sets = rungs.iter().map(|&r| Set::Holders(r, place.clone()));
                Meaning::Many {
                    set: Set::Union(sets.collect()),
                    elem: Elem::Person,
                    roles: rungs,
                    place: Some(place),
                }
            }
        })
    }

    /// Expands a definition where it is used.
    pub(super) fn expand(
        &mut self,
        index: usize,
        kind: KindId,
        place: &Place,
        name: &Name,
        ctx: &Ctx,
    ) -> Option<Meaning> {
        if let Some(at) = self.expanding.iter().position(|&e| e == index) {
            if !self.circular.contains(&index) {
                let circle = self.expanding[at..].to_vec();
                let defined = self.defines.get(index).map_or(name.span, |d| d.name.span);
                self.circular.extend(circle);
                self.complain(ResolveError::Circular {
                    name: name.text.clone(),
                    span: defined,
                    needed: name.span,
                });
            }
            return Some(Meaning::Broken);
        }
        if self.circular.contains(&index) {
            return Some(Meaning::Broken);
        }
        self.expanded += 1;
        if self.expanded > MAX_EXPANDED || self.expanding.len() >= MAX_NESTED {
            if !self.overgrown {
                self.overgrown = true;
                self.problems.push(
                    Diagnostic::new(
                        Code::TooDeep,
                        format!(
                            "`{}` is defined through too many other definitions",
                            name.text
                        ),
                        name.span,
                        "put in here",
                    )
                    .with_help("define less through other definitions"),
                );
            }
            return Some(Meaning::Broken);
        }
        let cond = self.defines.get(index)?.cond.clone();
        let inner = Ctx {
            levels: self.levels(kind, place.clone()),
            event: None,
            role: None,
            ..ctx.clone()
        };
        self.expanding.push(index);
        let meaning = self.meaning(&cond, &inner);
        self.expanding.pop();
        let meaning = meaning.unwrap_or(Meaning::Broken);
        if let Meaning::Events {
            place: Place::Within(of),
            ..
        } = &meaning
            && self.defined_outside(*of, &inner)
        {
            let of = self.spec.kinds[of.index()].name.clone();
            self.complain(ResolveError::Conflict {
                what: format!(
                    "`{}` is defined outside `{of}`, of the events of every {of}",
                    name.text
                ),
                span: name.span,
                label: "of the one at hand, or of every one?",
                help: format!(
                    "define it in `each {of} {{ … }}`, where it speaks of the one at hand"
                ),
            });
            return Some(Meaning::Broken);
        }
        Some(meaning)
    }

    /// Whether a kind encloses the rule at hand, or is its own, but not what is being resolved: in a
    /// definition that stands outside, it means every one and not the one at hand.
    pub fn defined_outside(&self, kind: KindId, ctx: &Ctx) -> bool {
        let around = kind == ctx.kind || self.encloses(kind, ctx.kind);
        let many = !matches!(
            self.spec.kinds[kind.index()].form,
            Form::Body | Form::Document
        );
        around && many && ctx.levels.iter().all(|(known, _)| *known != kind)
    }
}
