//! From the tree as written to the rules as meant: collect what there is, then resolve each clause.

use crate::diag::{self, Code, Diagnostic};
use crate::ids::*;
use crate::ir::EventSource;
use crate::source::{SourceId, Sources};
use crate::syntax::ast::{File, Head};

use super::collect::{Block, Builder};
use super::error::ResolveError;
use super::rules::Outer;
use super::{Entity, Spec};

/// One parsed file.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Its number.
    pub source: SourceId,
    /// Its tree.
    pub file: File,
    /// The tables that its calendars read, by the name written.
    pub tables: std::collections::BTreeMap<String, String>,
    /// The files that its `import` clauses name, in their order; `None` where one could not be had.
    pub imports: Vec<Option<SourceId>>,
}

/// Resolves the files of one compilation: what is imported first, the file asked for last.
/// Always yields a spec, as far as it goes, beside the complaints.
pub fn from_ast(sources: &Sources, units: &[Unit]) -> (Spec, Vec<Diagnostic>) {
    let mut builder = Builder::new(sources);
    let documents = documents(&mut builder, units);
    // What is imported is read first, and has to fit the zone of the document.
    for (unit, document) in units.iter().zip(&documents) {
        if *document == KindId::DOCUMENT {
            builder.collect_zone(&unit.file.clauses);
        }
    }
    for (unit, document) in units.iter().zip(&documents) {
        builder.document = *document;
        builder.tables = unit.tables.clone();
        builder.collect(&unit.file.clauses);
    }
    for (unit, document) in units.iter().zip(&documents) {
        builder.document = *document;
        let mut section = None;
        let block = Block::Kind(*document);
        builder.rules(&unit.file.clauses, &block, &Outer::default(), &mut section);
    }
    clause_events(&mut builder);
    builder.resolve_overrides();
    if builder.spec.name.is_empty() {
        let place = units
            .last()
            .map(|u| crate::source::Span::new(u.source, 0, 0));
        builder.complain(ResolveError::Missing {
            what: "the name of the governance".to_owned(),
            span: place.unwrap_or_default(),
            help: "begin the file with `governance Name \"Title\"`".to_owned(),
        });
    }
    let mut problems = builder.problems;
    diag::sort(&mut problems);
    (builder.spec, problems)
}

/// Which document each file speaks in: the file asked for, and the spec that it maps a record to, in
/// the one document; every other imported spec in a body of its own.
fn documents(builder: &mut Builder<'_>, units: &[Unit]) -> Vec<KindId> {
    let mut documents: Vec<Option<KindId>> = vec![None; units.len()];
    if let Some(last) = documents.last_mut() {
        *last = Some(KindId::DOCUMENT);
    }
    for (at, unit) in units.iter().enumerate().rev() {
        let Some(here) = documents[at] else { continue };
        // A file without a governance of its own (a mapping, scenarios) speaks within what it imports.
        let maps = !unit
            .file
            .clauses
            .iter()
            .any(|c| matches!(c.head, Head::Governance(..)));
        let heads = unit.file.clauses.iter().filter_map(|c| match &c.head {
            Head::Import(name, _) => Some(name),
            _ => None,
        });
        for (name, target) in heads.zip(&unit.imports) {
            let Some(target) = units.iter().position(|u| Some(u.source) == *target) else {
                continue;
            };
            let governed = units[target]
                .file
                .clauses
                .iter()
                .find_map(|c| match &c.head {
                    Head::Governance(name, _) => Some(name.text.clone()),
                    _ => None,
                });
            if maps && let Some(governed) = governed.filter(|g| *g != name.text) {
                builder.problems.push(
                    Diagnostic::new(
                        Code::UnknownName,
                        format!("unknown governance `{}`", name.text),
                        name.span,
                        format!("the imported file calls itself `{governed}`"),
                    )
                    .with_help(format!("did you mean `{governed}`?"))
                    .with_fix(name.span, governed),
                );
            }
            match documents[target] {
                Some(known) => {
                    builder.spec.kinds[here.index()]
                        .names
                        .entry(name.text.clone())
                        .or_insert((Entity::Kind(known), name.span));
                }
                None if maps => documents[target] = Some(here),
                None => documents[target] = Some(builder.add_module(name, here)),
            }
        }
    }
    documents
        .into_iter()
        .map(|d| d.unwrap_or(KindId::DOCUMENT))
        .collect()
}

/// Gives the events of duties and rules the number of their clause, now that all are numbered.
fn clause_events(builder: &mut Builder<'_>) {
    for asked in builder.clause_events.clone() {
        let kind = builder.qualified(asked.clause.0);
        let name = match kind.as_str() {
            "" => asked.clause.1.clone(),
            kind => format!("{kind}.{}", asked.clause.1),
        };
        let clause = builder.spec.clauses.iter().position(|c| c.name == name);
        let Some(clause) = clause.map(ClauseId::new) else {
            continue;
        };
        let event = &mut builder.spec.events[asked.event.index()];
        event.source = match asked.which {
            "missed" => EventSource::Missed(clause),
            "met" => EventSource::Met(clause),
            "broken" => EventSource::Broken(clause),
            _ => EventSource::Mended(clause),
        };
    }
}
