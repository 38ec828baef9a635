//! Every statement of the five documents has a clause, a story that breaks it and one that keeps it.
//!
//! The table in `examples/requirements.md` is generated here: `GOVC_UPDATE=1 cargo test --test
//! requirements` writes it anew, and without that the test compares.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use govc::scenario::Outcome;

/// The documents: the prefix of their ids, how many statements they have, and their folder.
const DOCUMENTS: [(&str, usize, &str, &str); 5] = [
    ("FLY", 58, "flyte", "flyte.gov"),
    ("TKR", 77, "tikv", "tikv.gov"),
    ("IST", 61, "istio", "istio.gov"),
    ("OSD", 63, "openstack", "openstack.gov"),
    ("TKW", 33, "tikv-wg", "tikv-wg.gov"),
];

/// The parts of a scenario's name: the ids it is about and which sort it is.
fn parts(name: &str) -> Option<(Vec<&str>, &str)> {
    let (head, _) = name.split_once(": ")?;
    for sort in ["violated", "kept", "not a breach"] {
        if let Some(ids) = head.strip_suffix(sort) {
            return Some((ids.split(',').map(str::trim).collect(), sort));
        }
    }
    None
}

struct Document {
    prefix: &'static str,
    count: usize,
    folder: &'static str,
    clauses: BTreeMap<String, Vec<String>>,
    outcomes: Vec<Outcome>,
    complaints: Vec<String>,
}

fn load(prefix: &'static str, count: usize, folder: &'static str, charter: &str) -> Document {
    let mut complaints = Vec::new();
    let (sources, compiled) = common::compile(&format!("examples/{folder}/{charter}"));
    let messages = common::messages(&sources, &compiled);
    if !messages.is_empty() {
        complaints.push(messages);
    }
    let (sources, compiled) = common::compile(&format!("examples/{folder}/scenarios.gov"));
    let mut clauses: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut outcomes = Vec::new();
    match &compiled.model {
        None => complaints.push(common::messages(&sources, &compiled)),
        Some(model) => {
            for clause in &model.clauses {
                for cite in &clause.cite {
                    let list = clauses.entry(cite.label.clone()).or_default();
                    list.push(clause.name.clone());
                }
            }
            for scenario in &compiled.scenarios {
                outcomes.push(govc::scenario::run(model, scenario));
            }
        }
    }
    Document {
        prefix,
        count,
        folder,
        clauses,
        outcomes,
        complaints,
    }
}

/// A source that the checker refuses and its corrected twin, for what no story can show.
fn statics(folder: &str, id: &str) -> Option<Result<(), String>> {
    let at = |which: &str| format!("examples/{folder}/static/{id}-{which}.gov");
    if !common::root().join(at("refused")).exists() {
        return None;
    }
    let (sources, compiled) = common::compile(&at("accepted"));
    if compiled.model.is_none() {
        return Some(Err(common::messages(&sources, &compiled)));
    }
    let (_, compiled) = common::compile(&at("refused"));
    if compiled.model.is_some() {
        return Some(Err(format!("{} is accepted", at("refused"))));
    }
    Some(Ok(()))
}

fn judge(document: &Document, table: &mut String) -> Vec<String> {
    let mut complaints = document.complaints.clone();
    for outcome in &document.outcomes {
        for difference in &outcome.differences {
            complaints.push(format!("\"{}\": {}", outcome.name, difference.text));
        }
        match parts(&outcome.name) {
            None => complaints.push(format!(
                "\"{}\" does not say which ids it is about, and whether they are violated or kept",
                outcome.name
            )),
            Some((ids, _)) => {
                for id in ids {
                    if !outcome.cites.iter().any(|cite| cite == id) {
                        complaints.push(format!("\"{}\" does not cite {id}", outcome.name));
                    }
                }
            }
        }
    }
    for number in 1..=document.count {
        let id = format!("{}-{number:02}", document.prefix);
        let empty = Vec::new();
        let clauses = document.clauses.get(&id).unwrap_or(&empty);
        if clauses.is_empty() {
            complaints.push(format!("no clause cites {id}"));
        }
        let about = |sort: &str| -> Vec<&Outcome> {
            let outcomes = document.outcomes.iter();
            outcomes
                .filter(|o| {
                    parts(&o.name).is_some_and(|(ids, s)| s == sort && ids.contains(&id.as_str()))
                })
                .collect()
        };
        let violated = about("violated");
        let harmless = about("not a breach");
        let kept = about("kept");
        for outcome in &violated {
            // The finding comes from a clause that carries the id, not from another one.
            let own = outcome.findings.iter().any(|finding| {
                clauses.iter().any(|clause| *clause == *finding.clause)
                    || finding
                        .cite
                        .iter()
                        .any(|cite| cite.split([' ', ',']).any(|word| word == id))
            });
            if !own {
                complaints.push(format!("\"{}\" has no finding of {id}", outcome.name));
            }
        }
        for outcome in harmless.iter().chain(&kept) {
            if !outcome.findings.is_empty() {
                complaints.push(format!("\"{}\" has a finding", outcome.name));
            }
        }
        let fixed = statics(document.folder, &id);
        if let Some(Err(why)) = &fixed {
            complaints.push(format!("{id}: {why}"));
        }
        if violated.is_empty() && harmless.is_empty() && fixed.is_none() {
            complaints.push(format!("nothing violates {id}"));
        }
        if kept.is_empty() && fixed.is_none() {
            complaints.push(format!("nothing keeps {id}"));
        }
        let names: Vec<String> = clauses.iter().map(|c| format!("`{c}`")).collect();
        let sort = match (&fixed, violated.len(), harmless.len()) {
            (Some(_), ..) => "refused source",
            (None, 0, _) => "not a breach",
            _ => "violated",
        };
        let (bad, good) = match &fixed {
            Some(_) => (1, 1),
            None => (violated.len() + harmless.len(), kept.len()),
        };
        let all = violated.iter().chain(&harmless).chain(&kept);
        let failed = all.filter(|o| !o.differences.is_empty()).count();
        let result = match (failed, bad, good) {
            (0, 1.., 1..) => "passes",
            (0, ..) => "missing",
            _ => "fails",
        };
        let _ = writeln!(
            table,
            "| {id} | {} | {sort}: {bad} | {good} | {result} |",
            names.join(", ")
        );
    }
    complaints
}

#[test]
fn every_statement_is_said_broken_and_kept() {
    let mut table = String::from(
        "# The statements of the five documents\n\n\
         Generated by `GOVC_UPDATE=1 cargo test --test requirements`: each statement's id, the clauses\n\
         that say it, how many scenarios violate it (or show what is no breach, or which source the\n\
         checker refuses), how many keep it, and whether they all come out as they say.\n\n\
         | id | clauses | against it | kept | result |\n|---|---|---|---|---|\n",
    );
    let mut complaints = Vec::new();
    for (prefix, count, folder, charter) in DOCUMENTS {
        let document = load(prefix, count, folder, charter);
        complaints.extend(judge(&document, &mut table));
    }
    let path = common::root().join("examples/requirements.md");
    if std::env::var_os("GOVC_UPDATE").is_some() {
        fs::write(&path, &table).unwrap();
    }
    assert!(
        complaints.is_empty(),
        "{} complaints:\n{}",
        complaints.len(),
        complaints.join("\n")
    );
    let known = fs::read_to_string(&path).unwrap_or_default();
    assert!(known == table, "examples/requirements.md is out of date");
}
