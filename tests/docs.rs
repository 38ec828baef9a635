//! The documents tell the truth: their examples compile as they are marked, what they name exists,
//! and the output they show is what the built program says.
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

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use govc::diag::{Code, Severity, render};
use govc::ir::Model;
use govc::run;
use govc::source::{SourceId, Sources};
use govc::syntax;
use govc::syntax::token::{CONTINUERS, OPENERS};

const REFERENCE: &str = "grammar/README.md";

/// The documents that a stranger reads, relative to the root.
fn documents() -> Vec<String> {
    let mut list: Vec<String> = ["README.md", "CHANGELOG.md", REFERENCE]
        .map(str::to_owned)
        .to_vec();
    let examples = files("examples", &["README.md"]);
    let names = examples.iter().map(|p| p.strip_prefix(root()).unwrap());
    list.extend(names.map(|p| p.to_str().unwrap().replace('\\', "/")));
    list
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

// ---------------------------------------------------------------- what a document consists of

/// A fenced block: the line it begins on, what stands after the ticks, and the lines inside.
struct Fence {
    line: usize,
    mark: String,
    text: String,
}

/// Something that stands alone in a document: a heading, a paragraph, a list, a table.
struct Block {
    line: usize,
    text: String,
}

/// A document, taken apart.
struct Document {
    fences: Vec<Fence>,
    blocks: Vec<Block>,
}

impl Document {
    fn of(text: &str) -> Document {
        let mut document = Document {
            fences: Vec::new(),
            blocks: Vec::new(),
        };
        let mut fence: Option<Fence> = None;
        let mut fresh = true;
        for (at, line) in text.lines().enumerate() {
            let ticks = line.trim_start().starts_with("```");
            match (&mut fence, ticks) {
                (None, true) => {
                    let mark = line.trim_start().trim_start_matches('`').trim();
                    fence = Some(Fence {
                        line: at + 1,
                        mark: mark.to_owned(),
                        text: String::new(),
                    });
                    fresh = true;
                }
                (Some(_), true) => document.fences.extend(fence.take()),
                (Some(open), false) => {
                    open.text.push_str(line);
                    open.text.push('\n');
                }
                (None, false) if line.trim().is_empty() => fresh = true,
                (None, false) => match document.blocks.last_mut() {
                    Some(block) if !fresh => {
                        block.text.push('\n');
                        block.text.push_str(line);
                    }
                    _ => {
                        document.blocks.push(Block {
                            line: at + 1,
                            text: line.to_owned(),
                        });
                        fresh = false;
                    }
                },
            }
        }
        assert!(fence.is_none(), "a fence is never closed");
        document
    }

    /// What stands between single ticks outside fences.
    fn ticked(&self) -> Vec<&str> {
        let mut found = Vec::new();
        for block in &self.blocks {
            found.extend(ticked(&block.text));
        }
        found
    }
}

fn ticked(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The ids that a text mentions: `lang.roles.tenure`, in brackets or not.
fn ids(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("lang.") {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/')) {
            continue;
        }
        let rest = &text[at..];
        let end = rest
            .find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c)));
        let id = rest[..end.unwrap_or(rest.len())].trim_end_matches(['.', '-']);
        if id.matches('.').count() >= 2 {
            found.push(id);
        }
    }
    found
}

/// The codes that a text mentions.
fn codes(text: &str) -> BTreeSet<&str> {
    let at = text.match_indices("GOV").map(|(at, _)| &text[at..]);
    let digits = |rest: &&str| {
        rest.get(3..7)
            .is_some_and(|d| d.bytes().all(|b| b.is_ascii_digit()))
    };
    at.filter(digits).map(|rest| &rest[..7]).collect()
}

/// All files under a folder whose names end in one of these ways.
fn files(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

// ---------------------------------------------------------------- the reference

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
        if path.ends_with("tests/docs.rs") {
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

// ---------------------------------------------------------------- what is named exists

#[test]
fn every_code_that_is_named_exists() {
    let mut places: Vec<PathBuf> = documents().iter().map(|d| root().join(d)).collect();
    places.extend(files("src", &[".rs", ".md"]));
    let mut wrong = Vec::new();
    for path in places {
        // This page is about codes that do not exist.
        if path.ends_with("GOV0904.md") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for code in codes(&text) {
            if Code::find(code).is_none() {
                wrong.push(format!("{}: {code}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "no such code:\n{}", wrong.join("\n"));
}

/// Whether something between ticks looks like the path of a file or folder.
fn is_path(word: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    let ending = Path::new(word).extension().and_then(|e| e.to_str());
    let known = [
        "md", "gov", "rs", "jsonl", "json", "toml", "lalrpop", "py", "sh",
    ];
    word.chars().all(plain)
        && (word.contains('/') && !word.starts_with('/')
            || ending.is_some_and(|e| known.contains(&e)))
}

#[test]
fn every_path_that_is_named_exists() {
    let mut wrong = Vec::new();
    let mut check = |document: &str, folder: &Path, word: &str| {
        let here = folder.join(word).exists() || root().join(word).exists();
        if !here {
            wrong.push(format!("{document}: `{word}`"));
        }
    };
    for name in &documents() {
        if name == REFERENCE {
            continue;
        }
        let text = read(name);
        let document = Document::of(&text);
        let path = root().join(name);
        let folder = path.parent().unwrap();
        for word in document.ticked().into_iter().filter(|w| is_path(w)) {
            check(name, folder, word);
        }
        for (_, target) in text
            .match_indices("](")
            .map(|(at, _)| text.split_at(at + 2))
        {
            let target = target.split([')', '#']).next().unwrap();
            if !target.is_empty() && !target.contains("://") {
                check(name, folder, target);
            }
        }
    }
    let crate_docs: String = read("src/lib.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("//!"))
        .collect();
    for word in ticked(&crate_docs).into_iter().filter(|w| is_path(w)) {
        check("src/lib.rs", &root().join("src"), word);
    }
    assert!(wrong.is_empty(), "no such path:\n{}", wrong.join("\n"));
}

/// Every folder of examples that says what it is stands in the index.
#[test]
fn the_index_of_examples_is_whole() {
    let index = read("examples/README.md");
    for path in files("examples", &["README.md"]) {
        let folder = path.parent().unwrap().file_name().unwrap();
        let name = folder.to_string_lossy();
        if name != "examples" {
            let link = format!("[{name}]({name}/README.md)");
            assert!(index.contains(&link), "{name} is not in the index");
        }
    }
}

// ---------------------------------------------------------------- what the program says

/// The output of a command line as documents show it: `govc …` or `cargo run --release -- …`, with
/// standard output before standard error.
fn output(command: &str) -> String {
    let ran = run(command);
    format!(
        "{}{}",
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr)
    )
}

fn run(command: &str) -> std::process::Output {
    let words: Vec<&str> = command.split_whitespace().collect();
    let (program, args) = match words.as_slice() {
        ["govc", args @ ..] => (env!("CARGO_BIN_EXE_govc"), args),
        ["cargo", "run", "--release", "--", args @ ..] => (env!("CARGO_BIN_EXE_govc"), args),
        ["python3", args @ ..] => ("python3", args),
        _ => panic!("`{command}` is no command that documents show"),
    };
    Command::new(program)
        .args(args)
        .current_dir(root())
        .env("NO_COLOR", "1")
        .output()
        .unwrap_or_else(|error| panic!("{command}: {error}"))
}

/// Whether the lines shown are those of the output; `…` alone on a line stands for any number.
fn shows(shown: &[&str], whole: &[&str]) -> bool {
    match shown.split_first() {
        None => whole.is_empty(),
        Some((first, rest)) if first.trim() == "…" => {
            (0..=whole.len()).any(|at| shows(rest, &whole[at..]))
        }
        Some((first, rest)) => whole
            .split_first()
            .is_some_and(|(line, whole)| first.trim_end() == line.trim_end() && shows(rest, whole)),
    }
}

#[test]
fn every_console_block_shows_what_the_program_says() {
    for name in &documents() {
        let document = Document::of(&read(name));
        for fence in document.fences.iter().filter(|f| f.mark == "console") {
            let place = format!("{name}:{}", fence.line);
            let mut commands = fence.text.split("$ ");
            assert_eq!(
                commands.next(),
                Some(""),
                "{place}: a console block begins with `$ `"
            );
            for command in commands {
                let (command, shown) = command.split_once('\n').unwrap();
                let shown: Vec<&str> = shown.trim_end().lines().collect();
                // What is shown without output is to be run, not to be compared.
                if shown.is_empty() {
                    continue;
                }
                let whole = output(command);
                let lines: Vec<&str> = whole.trim_end().lines().collect();
                assert!(
                    shows(&shown, &lines),
                    "{place}: `{command}` says\n\n{whole}\nand not\n\n{}",
                    shown.join("\n")
                );
            }
        }
    }
}

/// The commands that documents tell to run do run: they find the files they name.
#[test]
fn every_command_to_run_runs() {
    for name in &documents() {
        let document = Document::of(&read(name));
        let fences = document.fences.iter().filter(|f| f.mark == "sh");
        for command in fences.flat_map(|f| f.text.lines()) {
            if command.starts_with("govc ") || command.starts_with("cargo run ") {
                let status = run(command).status.code();
                assert!(
                    matches!(status, Some(0 | 1)),
                    "{name}: `{command}`: {status:?}"
                );
            }
        }
    }
}

/// A block of plain text in the first document is part of what one of its commands says.
#[test]
fn every_picture_is_what_the_program_says() {
    for name in ["README.md"] {
        let document = Document::of(&read(name));
        let commands = document.fences.iter().filter(|f| f.mark == "sh");
        let commands: Vec<&str> = commands.flat_map(|f| f.text.lines()).collect();
        for fence in document.fences.iter().filter(|f| f.mark == "text") {
            let said = commands.iter().filter(|c| c.contains(" -- "));
            assert!(
                said.map(|c| output(c))
                    .any(|said| said.contains(&fence.text)),
                "{name}:{}: no command of this document says\n\n{}",
                fence.line,
                fence.text
            );
        }
    }
}

/// `govc explain`, `govc check` and so on, wherever documents name them.
#[test]
fn every_command_that_is_named_exists() {
    let mut named = BTreeSet::new();
    for name in &documents() {
        let text = read(name);
        for (at, _) in text.match_indices("govc ") {
            let before = text[..at].chars().next_back();
            let word = text[at + 5..]
                .split(|c: char| !c.is_ascii_lowercase())
                .next();
            if matches!(before, Some('`' | ' ')) && text[..at].ends_with(['`', '$', ' ']) {
                named.extend(word.filter(|w| !w.is_empty()).map(str::to_owned));
            }
        }
    }
    let help = output("govc --help");
    let known: BTreeSet<&str> = help
        .lines()
        .filter_map(|l| l.split_whitespace().next())
        .collect();
    let real: Vec<&String> = named
        .iter()
        .filter(|n| !known.contains(n.as_str()))
        .collect();
    assert!(real.is_empty(), "no such command: {real:?}");
    assert!(named.len() > 3);
}

/// The table in the words of `examples/istio/README.md`, made from the report.
#[test]
fn the_figures_about_istio_are_those_of_the_report() {
    use serde_json::Value;
    let report = output(
        "govc simulate examples/istio/events.jsonl --spec examples/istio/community.gov --format json",
    );
    let report: Value = serde_json::from_str(&report).unwrap();
    let time = |value: &Value| {
        let instant: govc::time::Instant = serde_json::from_value(value.clone()).unwrap();
        instant.0
    };
    let day = 86_400 * 1_000_000;
    let mut rows: BTreeMap<(String, &str), (u32, i64)> = BTreeMap::new();
    let mut longest = 0;
    for finding in report["findings"].as_array().unwrap() {
        if finding["severity"] != "violation" {
            continue;
        }
        let number = || finding["found"].as_str().unwrap().parse::<u32>().unwrap();
        let broken = match finding["clause"].as_str().unwrap() {
            "WorkingGroup.two-or-three" if number() > 3 => "more than 3 leads",
            "WorkingGroup.two-or-three" => "fewer than 2 leads",
            "WorkingGroup.two-orgs" => "fewer than 2 organisations",
            other => panic!("nothing is said about {other}"),
        };
        let to = if finding["to"].is_null() {
            &report["observed_to"]
        } else {
            &finding["to"]
        };
        let lasted = time(to) - time(&finding["from"]);
        longest = longest.max(lasted);
        let group = finding["group"].as_str().unwrap().to_owned();
        let row = rows.entry((group, broken)).or_default();
        *row = (row.0 + 1, row.1 + lasted);
    }
    let text = read("examples/istio/README.md");
    let shown: BTreeSet<&str> = text
        .lines()
        .filter(|l| l.contains("fewer") || l.contains("more than 3"))
        .filter(|l| l.starts_with('|'))
        .collect();
    let made: BTreeSet<String> = rows
        .iter()
        .map(|((group, broken), (times, lasted))| {
            format!("| {group} | {broken} | {times} | {} |", lasted / day)
        })
        .collect();
    assert_eq!(shown, made.iter().map(String::as_str).collect());
    let rule: govc::time::Instant = serde_json::from_value("2017-12-01T23:35:47Z".into()).unwrap();
    for figure in [longest / day, (time(&report["observed_to"]) - rule.0) / day] {
        assert!(text.contains(&format!("{figure} days")), "{figure} days");
    }
}
