//! govc: rules of governance, checked, compiled and simulated.
//!
//! # The house
//!
//! ```text
//!             .gov text                                    trace (JSON)
//!                │                                              │
//!   syntax::parse│  tokens, balanced braces, the tree as written │
//!                ▼                                              │
//!   hir::from_ast│  the rules as meant: names are numbers        │
//!                ▼                                              │
//!   check::check │  what can be known before anything happens    │
//!                ▼                                              │
//!   lower::lower │  each sentence taken apart into machines      │
//!                ▼                                              ▼
//!             ir::Model ───────────────────────────────► run::step, folded
//!                                                               │
//!                                                               ▼
//!                                                         run::Report
//! ```
//!
//! Five calls make the pipeline, and [`compile`] is the first four of them:
//!
//! | phase | call | yields |
//! |---|---|---|
//! | read | [`syntax::parse`] | a tree, never a failure, and problems |
//! | resolve | [`hir::from_ast`] | a [`hir::Spec`] and problems |
//! | check | [`check::check`] | a [`check::Checked`] where no problem is an error |
//! | lower | [`lower::lower`] | an [`ir::Model`]; it cannot fail |
//! | run | [`run::step::step`] | the next state and findings |
//!
//! # What holds throughout
//!
//! - The library opens no file and reads no clock and no environment: a loader is passed to
//!   [`compile`], a reader to [`run::trace`]. Only the command line
//!   (`src/cli`) touches the world.
//! - Modules look one way: `source, ids, time ← diag ← syntax ← ir ← hir ← check ← lower`, and
//!   `ir ← run`; `cli` sees all. The IR is a vocabulary that resolution already speaks: a condition
//!   whose names are numbers has nothing left to lower. `run` never sees a tree or a spec.
//! - A [`diag::Diagnostic`] complains about input; a [`run::Finding`] is output. They are two types.
//! - Messages have registered codes ([`diag::codes`]), each with a page, a failing example and a
//!   corrected one, both run by the tests.
//! - After resolution nothing compares names. Maps whose order can reach output are ordered.
//! - Nothing panics on any input: lints forbid `unwrap`, `expect` and `panic!`, and property tests
//!   feed the readers whatever bytes they like.
//!
//! Deliberately absent: an interner shared by the phases, a visitor framework, incremental
//! parsing (whole files are small), and a second meaning of the rules beside [`run::step`].

pub mod check;
pub mod diag;
pub mod hir;
pub mod ids;
pub mod ir;
pub mod lower;
pub mod run;
pub mod scenario;
pub mod source;
pub mod syntax;
pub mod time;

use diag::{Code, Diagnostic};
use source::{SourceId, Sources};
use syntax::ast::Head;

/// What [`compile`] yields.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The model; `None` where there are errors.
    pub model: Option<ir::Model>,
    /// The messages, sorted by place.
    pub problems: Vec<Diagnostic>,
    /// How many clauses the rules have.
    pub clauses: usize,
    /// The scenarios.
    pub scenarios: Vec<hir::scenario::Scenario>,
}

/// Fetches what a file imports: given the path as written and the name of the file that imports it,
/// the name to show in messages and the text, or why it cannot be had.
pub type Load<'a> = dyn FnMut(&str, &str) -> Result<(String, String), String> + 'a;

/// Compiles the file `root`, already among the sources, and what it imports.
///
/// Invariant: this reads no file; `load` does, if anything does.
pub fn compile(sources: &mut Sources, root: SourceId, load: &mut Load<'_>) -> Compiled {
    let mut problems = Vec::new();
    let mut units = Vec::new();
    let mut path = Vec::new();
    read(sources, root, load, &mut path, &mut units, &mut problems);
    let (spec, more) = hir::from_ast(sources, &units);
    problems.extend(more);
    let clauses = spec.clauses.len();
    let scenarios = spec.scenarios.clone();
    let (checked, mut problems) = check::check(spec, root, problems);
    let mut model = checked.map(|checked| lower::lower(&checked, sources));
    // Definitions put into definitions can nest deeper than any text does.
    if let Some(error) = model
        .as_ref()
        .and_then(|m| ir::wire::validate(m).into_iter().next())
    {
        let place = source::Span::new(root, 0, 0);
        problems.push(
            Diagnostic::new(
                Code::TooDeep,
                "the rules nest too deep once their definitions are put in",
                place,
                format!("{} ({})", error.message, error.path),
            )
            .with_help("define less through other definitions"),
        );
        model = None;
    }
    Compiled {
        model,
        problems,
        clauses,
        scenarios,
    }
}

/// Parses a file and, before it, what it imports. `path` is the chain of files that led here.
fn read(
    sources: &mut Sources,
    source: SourceId,
    load: &mut Load<'_>,
    path: &mut Vec<SourceId>,
    units: &mut Vec<hir::SourceUnit>,
    problems: &mut Vec<Diagnostic>,
) {
    let (name, text) = sources
        .get(source)
        .map(|s| (s.name.clone(), s.text.clone()))
        .unwrap_or_default();
    let parsed = syntax::parse(source, &text);
    problems.extend(parsed.problems);
    path.push(source);
    let mut imports = Vec::new();
    for clause in &parsed.file.clauses {
        let Head::Import(_, from) = &clause.head else {
            continue;
        };
        let refuse = |why: String| {
            Diagnostic::new(
                Code::ImportFailed,
                format!("`{}` cannot be imported", from.value),
                from.span,
                why,
            )
            .with_help("name a file that is there, relative to this one")
        };
        let found = load(&from.value, &name).map(|(found, text)| {
            let known = sources.iter().find(|(_, s)| s.name == found);
            match known.map(|(id, _)| id) {
                Some(id) => id,
                None => sources.add(found, text),
            }
        });
        imports.push(match found {
            Ok(id) if path.contains(&id) => {
                problems.push(refuse("it imports this file in turn".to_owned()));
                None
            }
            Ok(_) if path.len() > 32 => {
                problems.push(refuse("it is imported through too many files".to_owned()));
                None
            }
            Ok(id) => {
                if !units.iter().any(|u| u.source == id) {
                    read(sources, id, load, path, units, problems);
                }
                Some(id)
            }
            Err(why) => {
                problems.push(refuse(why));
                None
            }
        });
    }
    path.pop();
    let mut tables = std::collections::BTreeMap::new();
    for from in hir::calendar::tables(&parsed.file) {
        match load(&from.value, &name) {
            Ok((_, text)) => {
                tables.insert(from.value.clone(), text);
            }
            Err(why) => problems.push(
                Diagnostic::new(
                    Code::ImportFailed,
                    format!("`{}` cannot be read", from.value),
                    from.span,
                    why,
                )
                .with_help("name a file that is there, relative to this one"),
            ),
        }
    }
    units.push(hir::SourceUnit {
        source,
        file: parsed.file,
        tables,
        imports,
    });
}
