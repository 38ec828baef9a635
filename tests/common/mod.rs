//! What several tests need: compiling a file of the repository with what it imports, and running a
//! history through it.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use govc::Compiled;
use govc::run::{Options, report, trace};
use govc::source::Sources;
use serde_json::Value;

/// The repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a file of the repository.
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Compiles a file of the repository, named relative to its root.
pub fn compile(path: &str) -> (Sources, Compiled) {
    compile_as(path, &|text| text)
}

/// Compiles a file of the repository, it and what it imports changed as is said.
pub fn compile_as(path: &str, change: &dyn Fn(String) -> String) -> (Sources, Compiled) {
    let mut sources = Sources::default();
    let first = sources.add(path, change(read(path)));
    let mut load = |wanted: &str, from: &str| {
        let folder = Path::new(from).parent().unwrap();
        let name = tidy(&folder.join(wanted));
        let text = fs::read_to_string(root().join(&name)).map_err(|e| e.to_string())?;
        Ok((name, change(text)))
    };
    let compiled = govc::compile(&mut sources, first, &mut load);
    (sources, compiled)
}

/// A path without `..`.
fn tidy(path: &Path) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.to_str().unwrap().split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The messages of a compilation, for a failing test to show.
pub fn messages(sources: &Sources, compiled: &Compiled) -> String {
    govc::diag::render::to_text(sources, &compiled.problems, false)
}

/// Runs a log through a mapping of the repository; the report as JSON. With `kept`, what was
/// asked of acts and was so is noted too.
pub fn simulate(mapping: &str, log: &str, kept: bool) -> Value {
    simulate_compiled(&compile(mapping), log, kept)
}

/// Runs a log through what has been compiled.
pub fn simulate_compiled(
    (sources, compiled): &(Sources, Compiled),
    log: &str,
    kept: bool,
) -> Value {
    let model = compiled
        .model
        .as_ref()
        .unwrap_or_else(|| panic!("{}", messages(sources, compiled)));
    let options = Options {
        observed: trace::observation(model, Cursor::new(log)),
        kept,
        ..Default::default()
    };
    let report = govc::run::simulate(model, Cursor::new(log), "log", options)
        .unwrap_or_else(|errors| panic!("{}", errors.to_text(false)));
    serde_json::from_str(&report::to_json(&report)).unwrap()
}

/// The findings of a report.
pub fn findings(report: &Value) -> &Vec<Value> {
    report["findings"].as_array().unwrap()
}

/// What the script `tests/oracle/NAME.py` has counted.
pub fn counted(name: &str) -> Value {
    serde_json::from_str(&read(&format!("tests/oracle/{name}.expected.json"))).unwrap()
}

/// A log with the lines of each commit, which `key` tells, in the opposite order. What begins and ends
/// the observation stays where it is.
pub fn turned_round(log: &str, key: &str) -> String {
    let mut lines: Vec<&str> = log.lines().collect();
    let commit = |line: &&str| -> Value {
        let line: Value = serde_json::from_str(line).unwrap();
        let name = line["event"].as_str().unwrap();
        if line[key].is_null() || name.starts_with("observation_") {
            return line;
        }
        serde_json::json!([line[key], line["at"], line["time"]])
    };
    for commit in lines.chunk_by_mut(|a, b| commit(a) == commit(b)) {
        commit.reverse();
    }
    lines.join("\n")
}
