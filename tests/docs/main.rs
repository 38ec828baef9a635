//! The documents tell the truth: their examples compile as they are marked, what they name exists,
//! and the output they show is what the built program says.
//!
//! `document` takes a document apart; `reference` looks at that of the language and its examples,
//! `names` at what any document names, `console` at what it shows of the program.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod console;
mod document;
mod names;
mod reference;

use std::fs;
use std::path::PathBuf;

/// The reference of the language.
pub const REFERENCE: &str = "grammar/README.md";

/// The documents that a stranger reads, relative to the root.
pub fn documents() -> Vec<String> {
    let mut list: Vec<String> = ["README.md", "CHANGELOG.md", REFERENCE]
        .map(str::to_owned)
        .to_vec();
    let examples = files("examples", &["README.md"]);
    let names = examples.iter().map(|p| p.strip_prefix(root()).unwrap());
    list.extend(names.map(|p| p.to_str().unwrap().replace('\\', "/")));
    list
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files under a folder whose names end in one of these ways.
pub fn files(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
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
