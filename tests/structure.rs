//! The borders of the house: which module may see which, and what the library must not touch.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

/// The modules of the library, and what each may use (beside itself).
const BORDERS: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("ids", &[]),
    ("time", &[]),
    ("diag", &["source"]),
    ("syntax", &["source", "diag"]),
    ("ir", &["ids", "time", "diag"]),
    ("hir", &["source", "diag", "syntax", "ids", "time", "ir"]),
    (
        "check",
        &["source", "diag", "syntax", "ids", "time", "ir", "hir"],
    ),
    ("lower", &["source", "ids", "time", "ir", "hir", "check"]),
    ("run", &["ids", "time", "ir", "diag"]),
    ("scenario", &["source", "ids", "time", "ir", "hir", "run"]),
];

/// What only the command line may use.
const WORLD: &[&str] = &[
    "std::fs",
    "std::env",
    "std::process",
    "std::net",
    "std::thread",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "println!",
    "eprintln!",
    "stdin()",
    "stdout()",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(dir: &Path, into: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

/// The module of the library that a file belongs to; `None` for the root and the command line.
fn module_of(path: &Path) -> Option<String> {
    let inside = path.strip_prefix(root().join("src")).unwrap();
    let first = inside.components().next().unwrap().as_os_str();
    let name = first.to_str().unwrap().trim_end_matches(".rs").to_owned();
    (!["lib", "main", "cli"].contains(&name.as_str())).then_some(name)
}

/// The text without comments and without what only tests use.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap().to_owned();
    text.lines()
        .map(|line| match line.find("//") {
            Some(at) if !line[..at].contains('"') => &line[..at],
            _ => line,
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// The modules that a piece of code names through `crate::`.
fn named(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in code.split("crate::").skip(1) {
        if let Some(group) = part.strip_prefix('{') {
            let group = group.split('}').next().unwrap();
            for item in group.split(',') {
                found.push(item.trim().split("::").next().unwrap().to_owned());
            }
        } else {
            let word: String = part
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            found.push(word);
        }
    }
    found
}

#[test]
fn modules_look_one_way() {
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    let modules: Vec<&str> = BORDERS.iter().map(|(name, _)| *name).collect();
    let mut breaches = Vec::new();
    for path in files {
        let Some(module) = module_of(&path) else {
            continue;
        };
        let border = BORDERS.iter().find(|(name, _)| *name == module);
        let (_, may) = border.unwrap_or_else(|| panic!("`{module}` has no border in this test"));
        for used in named(&code(&path)) {
            let known = modules.contains(&used.as_str());
            if known && used != module && !may.contains(&used.as_str()) {
                breaches.push(format!("{} uses crate::{used}", path.display()));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn the_library_touches_no_file_clock_or_environment() {
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    let mut breaches = Vec::new();
    for path in files {
        let library = module_of(&path).is_some() || path.ends_with("lib.rs");
        if !library {
            continue;
        }
        let code = code(&path);
        for word in WORLD {
            if code.contains(word) {
                breaches.push(format!("{} uses {word}", path.display()));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn only_one_file_knows_each_tool() {
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    for (tool, place) in [
        ("codespan_reporting", "diag/render.rs"),
        ("lalrpop_util", "syntax"),
        ("logos", "syntax"),
        ("jiff", "time/mod.rs"),
    ] {
        for path in &files {
            if code(path).contains(&format!("{tool}::")) {
                let inside = path.strip_prefix(root().join("src")).unwrap();
                assert!(
                    inside.starts_with(place),
                    "{} uses {tool}, which belongs to {place}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn every_code_has_a_page_that_begins_with_its_number() {
    let mut numbers = Vec::new();
    for code in govc::diag::Code::ALL {
        let heading = format!("# {}: ", code.number());
        assert!(
            code.page().starts_with(&heading),
            "the page of {} does not begin with `{heading}`",
            code.number()
        );
        numbers.push(code.number());
    }
    let mut sorted = numbers.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(numbers, sorted, "codes stand in order, each once");
}

#[test]
fn the_top_level_is_as_it_was_agreed() {
    let agreed = [
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "CHANGELOG.md",
        "LICENSE",
        "grammar",
        "src",
        "examples",
        "tests",
        "editors",
        "target",
    ];
    for entry in fs::read_dir(root()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            name.starts_with('.') || agreed.contains(&name.as_str()),
            "`{name}` is not agreed on at the top level"
        );
    }
}
