//! What was so at the start: instances and their fields, holdings, attributes of persons.

use crate::ids::*;
use crate::ir::Type;
use crate::syntax::ast::{self, Name, Path};
use crate::time::Stamp;

use super::{Given, Scenario};
use crate::hir::Entity;
use crate::hir::collect::Builder;
use crate::hir::error::ResolveError;
use crate::hir::names::Meaning;

impl Builder<'_> {
    pub(super) fn given(
        &mut self,
        name: &Name,
        path: &Path,
        place: Option<&Name>,
        target: Option<&Name>,
        since: Option<Stamp>,
    ) -> Option<Given> {
        if let Some(Entity::Kind(kind)) = self.entity_at(self.document, path) {
            let state = target.and_then(|target| self.state_named(kind, target));
            return Some(Given::Instance {
                id: name.text.clone(),
                kind,
                parent: place.map(|p| p.text.clone()),
                state,
                fields: Vec::new(),
                since,
            });
        }
        let ctx = self.scene_ctx(place);
        match self.path(path, &ctx, true)? {
            Meaning::Many { roles, .. } if roles.len() == 1 => Some(Given::Holding {
                role: *roles.first()?,
                place: place.map(|p| p.text.clone()),
                holder: name.text.clone(),
                since,
            }),
            other => {
                self.complain(ResolveError::Wrong {
                    name: path.dotted(),
                    span: path.span,
                    is: other.describe(),
                    wanted: "a kind or a role".to_owned(),
                    help: None,
                });
                None
            }
        }
    }

    /// `set sdk.quorum-size = 3`: a field of a given instance, or an attribute of a person.
    pub(super) fn given_value(&mut self, path: &Path, value: &ast::Value, scenario: &mut Scenario) {
        let [id, field] = path.parts.as_slice() else {
            let [name] = path.parts.as_slice() else {
                return;
            };
            self.document_value(name, value, scenario);
            return;
        };
        if let Some(at) = scenario.rows.iter().position(|(name, ..)| *name == id.text) {
            self.given_cell(field, value, &mut scenario.rows[at]);
            return;
        }
        match self.cast.get(&id.text).cloned() {
            Some(Type::Instance(kinds)) => {
                let found = kinds
                    .iter()
                    .find_map(|&kind| match self.entity(kind, &field.text) {
                        Some(Entity::Field(f)) => Some((kind, f)),
                        _ => None,
                    });
                let Some((kind, f)) = found else {
                    let names = kinds.first().map(|k| &self.spec.kinds[k.index()].names);
                    let names: Vec<String> =
                        names.map_or(Vec::new(), |n| n.keys().cloned().collect());
                    self.complain(ResolveError::unknown(
                        "field",
                        field,
                        names.iter().map(String::as_str),
                        format!("of `{}`", id.text),
                    ));
                    return;
                };
                let ty = self.spec.kinds[kind.index()].fields[f.index()].ty.clone();
                let Some(value) = self.scene_value(value, &ty) else {
                    return;
                };
                for given in &mut scenario.given {
                    if let Given::Instance {
                        id: known, fields, ..
                    } = given
                        && *known == id.text
                    {
                        fields.push((f, value.clone()));
                    }
                }
            }
            _ => {
                let index = self
                    .spec
                    .attributes
                    .iter()
                    .position(|a| a.name == field.text);
                let Some(index) = index else {
                    let names: Vec<String> = self
                        .spec
                        .attributes
                        .iter()
                        .map(|a| a.name.clone())
                        .collect();
                    self.complain(ResolveError::unknown(
                        "attribute",
                        field,
                        names.iter().map(String::as_str),
                        "of persons",
                    ));
                    return;
                };
                self.person(id);
                let ty = self.spec.attributes[index].ty.clone();
                if let Some(value) = self.scene_value(value, &ty) {
                    scenario.given.push(Given::Attribute {
                        person: id.text.clone(),
                        attribute: FieldId::new(index),
                        value,
                    });
                }
            }
        }
    }

    /// `set wg-limit = 12`: a field of the document.
    fn document_value(&mut self, name: &Name, value: &ast::Value, scenario: &mut Scenario) {
        let Some(Entity::Field(field)) = self.entity(KindId::DOCUMENT, &name.text) else {
            let names = &self.spec.kinds[0].names;
            let names: Vec<String> = names.keys().cloned().collect();
            self.complain(ResolveError::unknown(
                "field",
                name,
                names.iter().map(String::as_str),
                "of the document",
            ));
            return;
        };
        let ty = self.spec.kinds[0].fields[field.index()].ty.clone();
        if let Some(value) = self.scene_value(value, &ty) {
            scenario.given.push(Given::Instance {
                id: String::new(),
                kind: KindId::DOCUMENT,
                parent: None,
                state: None,
                fields: vec![(field, value)],
                since: None,
            });
        }
    }
}
