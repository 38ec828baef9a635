//! Values in a scenario, where a name may be somebody of the cast.

use crate::ids::*;
use crate::ir::{Const, Expr, Form, Type};
use crate::syntax::ast::{self, Name, Path};

use crate::hir::Entity;
use crate::hir::collect::{Block, Builder};
use crate::hir::error::ResolveError;
use crate::hir::names::fits;

impl Builder<'_> {
    /// A value in a scenario: names are ids of persons and instances where such are wanted.
    pub(super) fn scene_value(&mut self, value: &ast::Value, ty: &Type) -> Option<Const> {
        match (value, ty) {
            (ast::Value::Path(path), Type::Person | Type::Instance(_)) => {
                match (ty, path.parts.as_slice()) {
                    (Type::Person, [name]) => self.person(name),
                    (Type::Instance(kinds), _) if !self.is_instance(path, kinds) => {
                        self.no_instance(path, kinds);
                        return None;
                    }
                    _ => {}
                }
                Some(Const::Name(path.dotted()))
            }
            (ast::Value::Path(path), Type::Text | Type::Link) => Some(Const::Text(path.dotted())),
            (ast::Value::List(list, _), Type::List(inner)) => {
                let items: Option<Vec<Const>> =
                    list.iter().map(|v| self.scene_value(v, inner)).collect();
                items.map(Const::List)
            }
            (single, Type::List(inner)) => {
                let one = self.scene_value(single, inner)?;
                Some(Const::List(vec![one]))
            }
            _ => {
                let ctx = self.ctx(&Block::Kind(self.document));
                let (expr, found) = self.value(value, &ctx, Some(ty))?;
                let constant = match expr {
                    Expr::Const(constant) if fits(&found, ty) => Some(constant),
                    _ => None,
                };
                if constant.is_none() {
                    self.mismatched(value.span(), ty, &found);
                }
                constant
            }
        }
    }

    /// Whether a name stands for an instance of one of these kinds: of the cast, or a body.
    fn is_instance(&self, path: &Path, kinds: &[KindId]) -> bool {
        match self.cast.get(&path.dotted()) {
            Some(Type::Instance(own)) => own.iter().any(|kind| kinds.contains(kind)),
            Some(_) => false,
            None => matches!(
                self.entity_at(self.document, path),
                Some(Entity::Kind(kind))
                    if kinds.contains(&kind) && self.spec.kinds[kind.index()].form == Form::Body
            ),
        }
    }

    fn no_instance(&mut self, path: &Path, kinds: &[KindId]) {
        let fitting = self.cast.iter().filter(|(_, ty)| match ty {
            Type::Instance(own) => own.iter().any(|kind| kinds.contains(kind)),
            _ => false,
        });
        let known: Vec<String> = fitting.map(|(name, _)| name.clone()).collect();
        let wanted: Vec<&str> = kinds
            .iter()
            .filter_map(|k| self.spec.kinds.get(k.index()))
            .map(|k| k.name.as_str())
            .collect();
        let name = Name {
            text: path.dotted(),
            span: path.span,
        };
        self.complain(ResolveError::unknown(
            "group",
            &name,
            known.iter().map(String::as_str),
            format!("in this scenario (wanted: {})", wanted.join(" or ")),
        ));
    }
}
