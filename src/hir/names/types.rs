//! Types as written, constants, and what fits where.

use crate::hir::Entity;
use crate::hir::collect::{Block, Builder};
use crate::hir::error::ResolveError;
use crate::ids::*;
use crate::ir::{Const, Expr, Type};
use crate::source::Span;
use crate::syntax::ast::{self, Path};

impl Builder<'_> {
    /// Resolves a type as written.
    pub fn resolve_type(&mut self, kind: KindId, ty: &ast::Type) -> Type {
        let Some(first) = ty.paths.first() else {
            return Type::Text;
        };
        if let Some(of) = &ty.of {
            if first.dotted() != "list" {
                self.complain(ResolveError::Mismatch {
                    span: first.span,
                    expected: "`list of …`".to_owned(),
                    found: format!("`{} of …`", first.dotted()),
                    help: Some(format!("write `list of {}`", of.dotted())),
                });
            }
            let inner = ast::Type {
                paths: vec![of.clone()],
                of: None,
                span: of.span,
            };
            return Type::List(Box::new(self.resolve_type(kind, &inner)));
        }
        let kinds: Option<Vec<KindId>> = ty.paths.iter().map(|p| self.kind_at(p)).collect();
        if let Some(kinds) = kinds {
            return Type::Instance(kinds);
        }
        if ty.paths.len() > 1 {
            return Type::Choice(ty.paths.iter().map(Path::dotted).collect());
        }
        let builtin = match first.dotted().as_str() {
            "text" => Some(Type::Text),
            "link" => Some(Type::Link),
            "number" => Some(Type::Number),
            "flag" => Some(Type::Flag),
            "date" => Some(Type::Date),
            "duration" => Some(Type::Duration),
            "person" => Some(Type::Person),
            _ => None,
        };
        if let Some(ty) = builtin {
            return ty;
        }
        let Some(name) = first.parts.first() else {
            return Type::Text;
        };
        match self.entity_at(kind, first) {
            Some(Entity::Ladder(ladder)) => {
                let rungs = self.spec.ladders[ladder.index()].rungs.clone();
                return Type::Role(rungs);
            }
            Some(Entity::Role(role)) => {
                self.mention(role);
                return Type::Role(vec![role]);
            }
            Some(Entity::Define(index)) => {
                let roles = self.roles_of_define(index, 0);
                if !roles.is_empty() {
                    return Type::Role(roles);
                }
            }
            _ => {}
        }
        let mut names: Vec<String> = [
            "text", "number", "flag", "date", "duration", "person", "link",
        ]
        .map(str::to_owned)
        .to_vec();
        names.extend(self.kind_names());
        let mut error = ResolveError::unknown(
            "type",
            name,
            names.iter().map(String::as_str),
            "(there are text, number, flag, date, duration, person, link, kinds, ladders, \
             `list of …`, and closed lists `a | b`)",
        );
        // What other languages call it.
        let usual = match name.text.to_lowercase().as_str() {
            "string" | "str" => Some("text"),
            "int" | "integer" | "float" | "count" => Some("number"),
            "bool" | "boolean" => Some("flag"),
            "time" | "datetime" | "timestamp" => Some("date"),
            "people" | "persons" | "member" | "user" => Some("person"),
            "url" | "uri" => Some("link"),
            _ => None,
        };
        if let (Some(usual), ResolveError::Unknown { nearest, .. }) = (usual, &mut error) {
            *nearest = Some(usual.to_owned());
        }
        self.complain(error);
        Type::Text
    }

    pub(super) fn kind_at(&self, path: &Path) -> Option<KindId> {
        match self.entity_at(self.document, path) {
            Some(Entity::Kind(kind)) => Some(kind),
            _ => None,
        }
    }

    /// The roles that a definition unites, where it unites nothing but roles.
    pub(super) fn roles_of_define(&self, index: usize, depth: usize) -> Vec<RoleId> {
        let Some(define) = self.defines.get(index) else {
            return Vec::new();
        };
        let parts: Vec<&ast::Cond> = match &define.cond {
            ast::Cond::Or(list, _) => list.iter().collect(),
            other => vec![other],
        };
        let mut roles = Vec::new();
        for part in parts {
            let Some(name) = crate::hir::collect::bare_name(part) else {
                return Vec::new();
            };
            match self.visible(define.kind, &name.text) {
                Some((_, Entity::Role(role))) => roles.push(role),
                Some((_, Entity::Define(inner))) if depth < 16 => {
                    roles.extend(self.roles_of_define(inner, depth + 1));
                }
                _ => return Vec::new(),
            }
        }
        roles
    }

    /// Complains of a value that is not of the type that is wanted.
    pub fn mismatched(&mut self, span: Span, wanted: &Type, found: &Type) {
        self.complain(ResolveError::Mismatch {
            span,
            expected: format!("a {}", type_name(wanted)),
            found: format!("a {}", type_name(found)),
            help: None,
        });
    }

    /// A constant of a wanted type.
    pub fn constant(&mut self, value: &ast::Value, ty: &Type) -> Option<Const> {
        let ctx = self.ctx(&Block::Kind(KindId::DOCUMENT));
        let (expr, found) = self.value(value, &ctx, Some(ty))?;
        if !fits(&found, ty) {
            self.mismatched(value.span(), ty, &found);
            return None;
        }
        match constant_of(&expr) {
            Some(constant) => Some(constant),
            None => {
                self.complain(ResolveError::Mismatch {
                    span: value.span(),
                    expected: "a constant".to_owned(),
                    found: "something that depends on the record".to_owned(),
                    help: None,
                });
                None
            }
        }
    }
}

/// A type in words.
pub fn type_name(ty: &Type) -> String {
    match ty {
        Type::Text => "text".to_owned(),
        Type::Link => "link".to_owned(),
        Type::Number => "number".to_owned(),
        Type::Flag => "flag".to_owned(),
        Type::Date => "date".to_owned(),
        Type::Duration => "duration".to_owned(),
        Type::Person => "person".to_owned(),
        Type::Instance(_) => "group".to_owned(),
        Type::Role(_) => "role".to_owned(),
        Type::Choice(words) => format!("choice of {}", words.join(", ")),
        Type::List(inner) => format!("list of {}", type_name(inner)),
    }
}

pub(super) fn constant_of(expr: &Expr) -> Option<Const> {
    match expr {
        Expr::Const(constant) => Some(constant.clone()),
        Expr::List(list) => {
            let list: Option<Vec<Const>> = list.iter().map(constant_of).collect();
            list.map(Const::List)
        }
        _ => None,
    }
}

/// Whether a value of type `found` can stand where `wanted` is wanted.
pub fn fits(found: &Type, wanted: &Type) -> bool {
    match (found, wanted) {
        (Type::Text | Type::Link, Type::Text | Type::Link) => true,
        (Type::Choice(_), Type::Choice(_)) => true,
        (Type::Choice(_), Type::Text) => true,
        (Type::Instance(a), Type::Instance(b)) => a.iter().any(|k| b.contains(k)),
        (Type::Role(a), Type::Role(b)) => a.iter().any(|r| b.contains(r)),
        (Type::List(a), Type::List(b)) => fits(a, b),
        (Type::Person, Type::Instance(_)) | (Type::Instance(_), Type::Person) => false,
        (a, b) => a == b,
    }
}
