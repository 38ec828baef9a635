//! What documents name exists: codes, paths, folders of examples.

use std::fs;
use std::path::{Path, PathBuf};

use govc::diag::Code;

use super::document::{Document, codes, ticked};
use super::{REFERENCE, documents, files, read, root};

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
        let folder = path.parent().unwrap();
        let folder = folder.strip_prefix(root().join("examples")).unwrap();
        let name = folder.to_string_lossy().replace('\\', "/");
        if !name.is_empty() {
            let link = format!("[{name}]({name}/README.md)");
            assert!(index.contains(&link), "{name} is not in the index");
        }
    }
}
