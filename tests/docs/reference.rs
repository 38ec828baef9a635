//! The reference of the language: its paragraphs have ids, its examples are as they are marked.
//!
//! Fences of the language reference are marked after the language:
//!
//! | mark | the text |
//! |---|---|
//! | `gov` | is a whole spec without a complaint, and its scenarios come out as they say |
//! | `gov,file=guild.gov` | the same, and later fences may import it by that name |
//! | `gov,fragment` | the same, once `governance Example "An example"` stands before it |
//! | | (both may be warned about what they leave out) |
//! | `gov,fails=GOV0302` | draws this complaint, and no complaint of another code |
//! | `gov,warns=GOV0512` | the same of a warning, and is no error |
//! | `json,file=days.json` | is a table that later fences may read by that name |
//! | `json,trace=guild.gov` | can be run against that spec |
//! | `text,report` | is the report of the trace before it |
//! | `text` | is anything else |

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use govc::diag::{Severity, render};
use govc::ir::Model;
use govc::run;
use govc::source::{SourceId, Sources};
use govc::syntax;
use govc::syntax::token::{CONTINUERS, OPENERS};

use super::document::{Document, codes, ids};
use super::{REFERENCE, documents, files, read, root};

/// The ids at the beginning of the reference's paragraphs, with their lines.
fn paragraphs(document: &Document) -> Vec<(usize, &str)> {
    let blocks = document.blocks.iter();
    blocks
        .filter_map(|block| {
            let id = block.text.strip_prefix('[')?.split(']').next()?;
            Some((block.line, id))
        })
        .filter(|(_, id)| id.starts_with("lang"))
        .collect()
}

#[test]
fn each_paragraph_has_an_id_of_its_own() {
    let document = Document::of(&read(REFERENCE));
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (line, id) in paragraphs(&document) {
        let parts: Vec<&str> = id.split('.').collect();
        let word = |part: &&str| {
            part.starts_with(|c: char| c.is_ascii_lowercase())
                && part
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
                && !part.ends_with('-')
        };
        if parts.len() != 3 || parts[0] != "lang" || !parts.iter().all(word) {
            wrong.push(format!(
                "{REFERENCE}:{line}: `{id}` is no id such as lang.roles.tenure"
            ));
        }
        if let Some(first) = seen.insert(id, line) {
            wrong.push(format!(
                "{REFERENCE}:{line}: `{id}` stands at line {first} already"
            ));
        }
    }
    // Headings, lists and tables belong to the paragraph before them; all else has an id.
    let mut inside = false;
    for block in &document.blocks {
        let first = block.text.chars().next().unwrap_or(' ');
        let continues =
            matches!(first, '#' | '|' | '-' | '>' | ' ') || block.text.starts_with("1. ");
        if block.text.starts_with("# ") || block.text.starts_with("## ") {
            inside = block.text.starts_with("## ");
        } else if inside && !continues && !block.text.starts_with("[lang.") {
            wrong.push(format!(
                "{REFERENCE}:{}: a paragraph without an id",
                block.line
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen.len() > 100, "only {} paragraphs", seen.len());
}

#[test]
fn every_id_that_is_mentioned_exists() {
    let document = Document::of(&read(REFERENCE));
    let known: BTreeSet<&str> = paragraphs(&document)
        .into_iter()
        .map(|(_, id)| id)
        .collect();
    let mut places: Vec<PathBuf> = documents().iter().map(|d| root().join(d)).collect();
    places.extend(files("src", &[".rs", ".md"]));
    places.extend(files("tests", &[".rs", ".gov", ".md"]));
    places.extend(files("grammar", &[".lalrpop"]));
    places.extend(files("examples", &[".gov"]));
    let mut wrong = Vec::new();
    for path in places {
        if path.starts_with(root().join("tests/docs")) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for id in ids(&text) {
            if !known.contains(id) {
                wrong.push(format!("{}: {id}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "no such paragraph:\n{}", wrong.join("\n"));
}

/// What the fences of the reference make together: files that later ones import or read.
#[derive(Default)]
struct Library(BTreeMap<String, String>);

/// What came of a text.
struct Compiled {
    model: Option<Model>,
    codes: BTreeSet<&'static str>,
    /// The errors, as a reader sees them, and where scenarios came out otherwise.
    shown: String,
    /// The warnings, as a reader sees them.
    warned: String,
}

impl Library {
    /// Compiles a text, and runs its scenarios where it is clean.
    fn compile(&self, text: &str) -> Compiled {
        let mut sources = Sources::default();
        let root = sources.add("example.gov", text);
        let compiled = govc::compile(&mut sources, root, &mut |path, _| {
            let text = self.0.get(path).ok_or("there is no such file")?;
            Ok((path.to_owned(), text.clone()))
        });
        let model = compiled.model;
        let (errors, warnings): (Vec<_>, Vec<_>) = compiled
            .problems
            .into_iter()
            .partition(|p| p.severity() == Severity::Error);
        let mut shown = render::to_text(&sources, &errors, false);
        let warned = render::to_text(&sources, &warnings, false);
        for told in &compiled.scenarios {
            let Some(model) = &model else { break };
            let ran = govc::scenario::run(model, told);
            for difference in ran.differences {
                let said = sources.get(difference.span.source).unwrap();
                let said = said.slice(difference.span);
                shown.push_str(&format!("{}: {said}: {}\n", ran.name, difference.text));
            }
        }
        Compiled {
            model,
            codes: errors.iter().map(|p| p.code.number()).collect(),
            shown,
            warned,
        }
    }

    /// Runs a trace against a spec, and shows the report or why it cannot be read.
    fn simulate(&self, spec: &str, trace: &str) -> Result<String, String> {
        let text = self.0.get(spec).ok_or("no fence has that name")?;
        let compiled = self.compile(text);
        let model = compiled.model.ok_or(compiled.shown)?;
        let options = run::Options {
            observed: run::trace::observation(&model, trace.as_bytes()),
            ..run::Options::default()
        };
        match run::simulate(&model, trace.as_bytes(), "trace", options) {
            Ok(report) => Ok(run::report::to_text(&report, &model, false)),
            Err(errors) => Err(errors.to_text(false)),
        }
    }
}

#[test]
fn every_example_of_the_reference_is_as_it_is_marked() {
    let document = Document::of(&read(REFERENCE));
    let mut library = Library::default();
    let mut report = String::new();
    let mut wrong = Vec::new();
    for fence in &document.fences {
        let whole = fence.text.lines().any(|l| l.starts_with("governance "));
        let headed = match whole {
            true => fence.text.clone(),
            false => format!("governance Example \"An example\"\n{}", fence.text),
        };
        let (mark, of) = fence.mark.split_once('=').unwrap_or((&fence.mark, ""));
        let complaint = match mark {
            "gov" => {
                let compiled = library.compile(&fence.text);
                compiled.shown + &compiled.warned
            }
            "gov,fragment" => library.compile(&headed).shown,
            "gov,file" => {
                library.0.insert(of.to_owned(), fence.text.clone());
                library.compile(&fence.text).shown
            }
            "gov,fails" => {
                let compiled = library.compile(&headed);
                match compiled.codes == BTreeSet::from([of]) {
                    true => String::new(),
                    false => format!("should draw {of} alone\n{}", compiled.shown),
                }
            }
            "gov,warns" => {
                let compiled = library.compile(&headed);
                let alone = codes(&compiled.warned) == BTreeSet::from([of]);
                match compiled.model.is_some() && alone {
                    true => String::new(),
                    false => format!(
                        "should draw {of} alone\n{}{}",
                        compiled.shown, compiled.warned
                    ),
                }
            }
            "json,file" => {
                library.0.insert(of.to_owned(), fence.text.clone());
                String::new()
            }
            "json,trace" => match library.simulate(of, &fence.text) {
                Ok(text) => {
                    report = text;
                    String::new()
                }
                Err(errors) => errors,
            },
            "text,report" if fence.text == report => String::new(),
            "text,report" => format!("the report is\n{report}"),
            "text" => String::new(),
            _ => format!("unknown mark `{}`", fence.mark),
        };
        if !complaint.is_empty() {
            wrong.push(format!("{REFERENCE}:{}: {complaint}", fence.line));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(document.fences.len() > 60);
}

/// The words in the first fence after a paragraph.
fn words_after<'d>(document: &'d Document, id: &str) -> BTreeSet<&'d str> {
    let paragraphs = paragraphs(document);
    let line = paragraphs
        .iter()
        .find(|(_, i)| *i == id)
        .map(|(line, _)| *line);
    let line = line.unwrap_or_else(|| panic!("no paragraph {id}"));
    let fence = document.fences.iter().find(|f| f.line > line).unwrap();
    fence.text.split_whitespace().collect()
}

#[test]
fn the_reserved_words_are_the_lexer_s() {
    let document = Document::of(&read(REFERENCE));
    for (id, words) in [
        ("lang.words.openers", OPENERS),
        ("lang.words.continuers", CONTINUERS),
    ] {
        let shown = words_after(&document, id);
        let known: BTreeSet<&str> = words.iter().copied().collect();
        assert_eq!(shown, known, "{id}");
    }
}

/// Every reserved word that opens a clause stands first in some example.
#[test]
fn every_opener_has_an_example() {
    let document = Document::of(&read(REFERENCE));
    let mut seen = BTreeSet::new();
    for fence in document.fences.iter().filter(|f| f.mark.starts_with("gov")) {
        let lexed = syntax::lexer::lex(SourceId(0), &fence.text);
        seen.extend(lexed.tokens.iter().filter_map(|l| l.token.word()));
    }
    let missing: Vec<_> = OPENERS
        .iter()
        .chain(CONTINUERS)
        .filter(|w| !seen.contains(*w))
        .collect();
    assert!(missing.is_empty(), "no example uses {missing:?}");
}
