//! What happened.

use crate::ids::*;
use crate::ir::{EventSource, Type};
use crate::source::Span;
use crate::syntax::ast::{self, Name, Path};
use crate::time::Stamp;

use super::Act;
use crate::hir::collect::Builder;
use crate::hir::error::ResolveError;
use crate::hir::names::Meaning;

impl Builder<'_> {
    pub(super) fn act(
        &mut self,
        at: Stamp,
        span: Span,
        path: &Path,
        args: &[ast::Arg],
        place: Option<&Name>,
        actors: &[Name],
    ) -> Option<Act> {
        if let Some(place) = place
            && !matches!(self.cast.get(&place.text), Some(Type::Instance(_)))
        {
            let kinds = self.kinds_with(path);
            let names: Vec<String> = kinds
                .iter()
                .map(|k| self.spec.kinds[k.index()].name.clone())
                .collect();
            if names.len() > 1 {
                self.complain(ResolveError::Ambiguous {
                    kinds: names,
                    span: place.span,
                });
            } else {
                let known: Vec<String> = self.cast.keys().cloned().collect();
                self.complain(ResolveError::unknown(
                    "group",
                    place,
                    known.iter().map(String::as_str),
                    "in this scenario",
                ));
            }
            return None;
        }
        let ctx = self.scene_ctx(place);
        let arms = match self.path(path, &ctx, false)? {
            Meaning::Events { arms, .. } => arms,
            other => {
                self.complain(ResolveError::Wrong {
                    name: path.dotted(),
                    span: path.span,
                    is: other.describe(),
                    wanted: "an event".to_owned(),
                    help: None,
                });
                return None;
            }
        };
        let event = arms.first()?.event;
        let mut fields = Vec::new();
        for (index, arg) in args.iter().enumerate() {
            let declared = self.spec.events[event.index()].fields.clone();
            let position = match &arg.name {
                Some(name) => declared.iter().position(|f| f.name == name.text),
                None => Some(index),
            };
            let Some((position, field)) = position.and_then(|p| Some((p, declared.get(p)?))) else {
                let names: Vec<String> = declared.iter().map(|f| f.name.clone()).collect();
                let name = arg.name.clone().unwrap_or(Name {
                    text: format!("{}", index + 1),
                    span: arg.value.span(),
                });
                self.complain(ResolveError::unknown(
                    "field",
                    &name,
                    names.iter().map(String::as_str),
                    format!("of `{}`", path.dotted()),
                ));
                continue;
            };
            let ty = match (self.held_by_persons(event, position), &arg.value) {
                (true, ast::Value::Path(path)) if self.is_person(path) => Type::Person,
                _ => field.ty.clone(),
            };
            if let Some(value) = self.scene_value(&arg.value, &ty) {
                fields.push((FieldId::new(position), value));
            }
        }
        Some(Act {
            at,
            span,
            event,
            place: place.map(|p| p.text.clone()),
            actors: actors.iter().map(|a| a.text.clone()).collect(),
            fields,
        })
    }

    /// Whether a parameter is the holder of a role that groups and persons hold.
    fn held_by_persons(&self, event: EventId, position: usize) -> bool {
        match self.spec.events[event.index()].source {
            EventSource::RoleAdded(role) | EventSource::RoleRemoved(role) => {
                position == 0 && self.spec.roles[role.index()].persons
            }
            _ => false,
        }
    }

    fn is_person(&self, path: &Path) -> bool {
        self.cast.get(&path.dotted()) == Some(&Type::Person)
    }
}
