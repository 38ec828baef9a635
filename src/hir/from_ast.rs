//! From the tree as written to the rules as meant: collect what there is, then resolve each clause.

use crate::diag::{self, Code, Diagnostic};
use crate::ids::*;
use crate::ir::EventSource;
use crate::source::{SourceId, Sources};
use crate::syntax::ast::{File, Head};

use super::Spec;
use super::collect::{Block, Builder};
use super::error::ResolveError;
use super::rules::Outer;

/// One parsed file.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Its number.
    pub source: SourceId,
    /// Its tree.
    pub file: File,
}

/// Resolves the files of one compilation: what is imported first, the file asked for last.
/// Always yields a spec, as far as it goes, beside the complaints.
pub fn from_ast(sources: &Sources, units: &[Unit]) -> (Spec, Vec<Diagnostic>) {
    let mut builder = Builder::new(sources);
    imports(&mut builder, units);
    for unit in units {
        builder.collect(&unit.file.clauses);
    }
    for unit in units {
        let mut section = None;
        let document = Block::Kind(KindId::DOCUMENT);
        builder.rules(
            &unit.file.clauses,
            &document,
            &Outer::default(),
            &mut section,
        );
    }
    clause_events(&mut builder);
    if builder.spec.name.is_empty() {
        let place = units.last().map(|u| crate::source::Span::new(u.source, 0, 0));
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

/// Only the mapping of a record imports, for now, and only the spec it maps to.
fn imports(builder: &mut Builder<'_>, units: &[Unit]) {
    for unit in units {
        let maps = unit
            .file
            .clauses
            .iter()
            .any(|c| matches!(c.head, Head::Trace(_)));
        let mut seen = false;
        for clause in &unit.file.clauses {
            let Head::Import(name, _) = &clause.head else {
                continue;
            };
            if !maps {
                builder.not_built("an import between specs", clause.head_span);
                continue;
            }
            if seen {
                builder.not_built("a mapping of several specs", clause.head_span);
            }
            seen = true;
            let governed = units.iter().find_map(|u| {
                u.file.clauses.iter().find_map(|c| match &c.head {
                    Head::Governance(name, _) => Some(name.text.clone()),
                    _ => None,
                })
            });
            if let Some(governed) = governed.filter(|g| *g != name.text) {
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
        }
    }
}

/// Gives the events of duties and rules the number of their clause, now that all are numbered.
fn clause_events(builder: &mut Builder<'_>) {
    for asked in builder.clause_events.clone() {
        let kind = &builder.spec.kinds[asked.clause.0.index()].name;
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
