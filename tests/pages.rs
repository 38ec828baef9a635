//! Every page of a code is true: its wrong example yields exactly that code, its right one nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use govc::diag::Code;
use govc::source::Sources;

/// The first ```gov fence after a heading.
fn fence<'a>(page: &'a str, heading: &str) -> Option<&'a str> {
    let (_, after) = page.split_once(&format!("\n## {heading}\n"))?;
    let section = after.split("\n## ").next()?;
    let (_, code) = section.split_once("```gov\n")?;
    code.split("```").next()
}

fn codes(text: &str) -> Vec<&'static str> {
    let mut sources = Sources::default();
    let root = sources.add("page.gov", text);
    let compiled = govc::compile(&mut sources, root, &mut |_, _| Err("not there".to_owned()));
    let mut codes: Vec<&str> = compiled.problems.iter().map(|p| p.code.number()).collect();
    codes.dedup();
    codes
}

/// Pages without an example in `.gov`, and why.
fn exempt(code: Code) -> bool {
    let number = code.number();
    // Pages about reading show fragments, which `parse.rs` holds to the parser. A file that is not
    // UTF-8 cannot be shown; an import needs a second file; traces and files are
    // no `.gov`, and are tested with the readers of those.
    matches!(code, Code::ImportFailed)
        || number.starts_with("GOV01")
        || number.starts_with("GOV06")
        || number.starts_with("GOV09")
}

#[test]
fn every_page_is_true() {
    let mut complaints = Vec::new();
    for &code in Code::ALL {
        if exempt(code) {
            continue;
        }
        let number = code.number();
        match fence(code.page(), "Wrong").map(codes) {
            Some(found) if found == [number] => {}
            found => complaints.push(format!("{number} wrong: {found:?}")),
        }
        match fence(code.page(), "Right").map(codes) {
            Some(found) if found.is_empty() => {}
            found => complaints.push(format!("{number} right: {found:?}")),
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
