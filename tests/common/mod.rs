//! What several tests need: compiling a file of the repository with what it imports.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use govc::Compiled;
use govc::source::Sources;

/// The repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Compiles a file of the repository, named relative to its root.
pub fn compile(path: &str) -> (Sources, Compiled) {
    let mut sources = Sources::default();
    let text = fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    let first = sources.add(path, text);
    let mut load = |wanted: &str, from: &str| {
        let folder = Path::new(from).parent().unwrap();
        let name = tidy(&folder.join(wanted));
        let text = fs::read_to_string(root().join(&name)).map_err(|e| e.to_string())?;
        Ok((name, text))
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
