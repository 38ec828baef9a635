//! Where a document leaves a choice, the charter says one reading in one line, and another reading is
//! one line away.
//!
//! `examples/readings.md` lists the choices: the words of the charter, and what to write instead. Each
//! other reading is written into the charter here: it is still a charter, and the story that
//! the table names tells the two apart.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;

use govc::scenario::{self, Outcome};

/// How many places there are where the documents leave a choice.
const CHOICES: usize = 99;

/// A row of the table.
struct Choice<'a> {
    id: &'a str,
    folder: &'a str,
    written: String,
    instead: String,
    story: &'a str,
}

/// The lines of code in a cell, one below the other.
fn code(cell: &str) -> String {
    let lines: Vec<&str> = cell
        .split("<br>")
        .map(|line| line.trim().trim_matches('`'))
        .collect();
    lines.join("\n")
}

/// A text with one blank where the charter aligns with several.
fn narrow(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.join(" ")
    });
    let mut narrow = lines.collect::<Vec<_>>().join("\n");
    narrow.push('\n');
    narrow
}

fn choices(table: &str) -> Vec<Choice<'_>> {
    let rows = table.lines().filter(|line| line.starts_with("| A-"));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [id, _, folder, written, instead, story] = cells[..] else {
            panic!("{row}");
        };
        Choice {
            id,
            folder,
            written: code(written),
            instead: code(instead),
            story,
        }
    })
    .collect()
}

/// The story of this name, told by the charter as `change` makes it.
fn told(folder: &str, story: &str, change: &dyn Fn(String) -> String) -> Result<Outcome, String> {
    let (sources, compiled) =
        common::compile_as(&format!("examples/{folder}/scenarios.gov"), change);
    let Some(model) = &compiled.model else {
        return Err(common::messages(&sources, &compiled));
    };
    let mut stories = compiled.scenarios.iter();
    let found = stories.find(|scenario| scenario.name == story);
    found
        .map(|found| scenario::run(model, found))
        .ok_or_else(|| format!("no story is called \"{story}\""))
}

/// What is wrong with a row.
fn complaint(choice: &Choice<'_>) -> Option<String> {
    let path = format!("examples/{0}/{0}.gov", choice.folder);
    let places = narrow(&common::read(&path))
        .matches(&choice.written)
        .count();
    // A decision on each kind of group says the same threshold.
    if places == 0 || places > 2 {
        return Some(format!("its words stand in {places} places of {path}"));
    }
    let change = |text: String| narrow(&text).replace(&choice.written, &choice.instead);
    let (sources, compiled) = common::compile_as(&path, &change);
    if compiled.model.is_none() {
        return Some(common::messages(&sources, &compiled));
    }
    if choice.story == "–" {
        return None;
    }
    let plain = told(choice.folder, choice.story, &|text| text);
    let other = told(choice.folder, choice.story, &change);
    match (plain, other) {
        (Err(why), _) | (_, Err(why)) => Some(why),
        (Ok(plain), Ok(other)) => {
            let same = plain.differences == other.differences && plain.findings == other.findings;
            same.then(|| format!("\"{}\" comes out as before", choice.story))
        }
    }
}

#[test]
fn another_reading_is_one_line_away() {
    let table = common::read("examples/readings.md");
    let mut complaints = Vec::new();
    for choice in choices(&table).iter().filter(|choice| choice.folder != "–") {
        if let Some(why) = complaint(choice) {
            complaints.push(format!("{}: {why}", choice.id));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn every_choice_is_listed() {
    let table = common::read("examples/readings.md");
    let listed: BTreeSet<&str> = choices(&table).iter().map(|choice| choice.id).collect();
    let wanted: Vec<String> = (1..=CHOICES)
        .map(|number| format!("A-{number:02}"))
        .collect();
    let wanted: BTreeSet<&str> = wanted.iter().map(String::as_str).collect();
    assert_eq!(listed, wanted);
}
