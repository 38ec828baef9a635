//! Small files with inline marks: `# ~ GOV0203` on the line of a message's first label. Marks are
//! matched both ways: none may be missing, and none may be extra.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;
use std::fs;

use govc::source::Sources;
use proptest::prelude::*;

fn files(folder: &str) -> Vec<(String, String)> {
    let path = common::root().join("tests/corpus").join(folder);
    let mut found: Vec<(String, String)> = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "gov"))
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap();
            (
                format!("{folder}/{name}"),
                fs::read_to_string(&path).unwrap(),
            )
        })
        .collect();
    found.sort();
    found
}

fn check(folder: &str) {
    let mut complaints = Vec::new();
    let files = files(folder);
    assert!(files.len() > 5, "the corpus is there");
    for (name, text) in files {
        let mut wanted = BTreeSet::new();
        for (line, content) in (1..).zip(text.lines()) {
            if let Some((_, marks)) = content.split_once("# ~ ") {
                wanted.extend(marks.split_whitespace().map(|code| (line, code.to_owned())));
            }
        }
        let mut sources = Sources::default();
        let root = sources.add(name.as_str(), text.as_str());
        let compiled = govc::compile(&mut sources, root, &mut |_, _| Err("not there".to_owned()));
        let found: BTreeSet<(usize, String)> = compiled
            .problems
            .iter()
            .map(|p| {
                let place = p.place();
                let (line, _) = sources.get(place.source).unwrap().line_column(place.start);
                (line, p.code.number().to_owned())
            })
            .collect();
        for (line, code) in wanted.difference(&found) {
            complaints.push(format!("{name}:{line}: {code} is missing"));
        }
        for (line, code) in found.difference(&wanted) {
            complaints.push(format!("{name}:{line}: {code} is extra"));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Every code of names, types, decisions and lifecycles has a file that shows it.
#[test]
fn every_code_has_a_file() {
    let mut marked = String::new();
    for folder in ["resolve", "check"] {
        for (_, text) in files(folder) {
            marked.push_str(&text);
        }
    }
    for code in govc::diag::Code::ALL {
        let number = code.number();
        let phase = ["GOV02", "GOV03", "GOV04", "GOV05"];
        // A mapping needs a record, an import a second file.
        let elsewhere = ["GOV0209", "GOV0210"].contains(&number);
        let here = phase.iter().any(|p| number.starts_with(p)) && !elsewhere;
        assert!(!here || marked.contains(number), "no file shows {number}");
    }
}

#[test]
fn names_types_and_values() {
    check("resolve");
}

#[test]
fn what_can_be_known_at_once() {
    check("check");
}

/// What a few messages look like: the source, then the messages.
#[test]
fn the_look_of_messages() {
    for name in [
        "resolve/misspelt_role.gov",
        "resolve/number_of_a_share.gov",
        "resolve/two_norms_one_name.gov",
        "resolve/several_mistakes_several_messages.gov",
        "resolve/definition_through_a_union.gov",
        "resolve/overrides_in_a_circle.gov",
        "check/outcome_that_leads_nowhere.gov",
        "check/arrows_left_out.gov",
        "check/quorum_above_the_seats.gov",
        "check/role_that_nothing_names.gov",
        "check/roles_in_a_ring.gov",
        "check/events_without_end.gov",
    ] {
        let text = fs::read_to_string(common::root().join("tests/corpus").join(name)).unwrap();
        let mut sources = Sources::default();
        let root = sources.add(name, text.as_str());
        let compiled = govc::compile(&mut sources, root, &mut |_, _| Err("not there".to_owned()));
        let messages = common::messages(&sources, &compiled);
        insta::with_settings!({prepend_module_to_snapshot => false, snapshot_path => "snapshots"}, {
            let file = name.replace(['/', '.'], "_");
            insta::assert_snapshot!(file, format!("{text}\n----\n{messages}"));
        });
    }
}

/// A charter with words dropped, doubled or swapped.
fn mutated(text: &str, cuts: &[(u16, u8)]) -> String {
    let mut words: Vec<&str> = text.split_inclusive(char::is_whitespace).collect();
    for &(at, what) in cuts {
        if words.is_empty() {
            break;
        }
        let at = usize::from(at) % words.len();
        match what % 3 {
            0 => {
                words.remove(at);
            }
            1 => words.insert(at, words[at]),
            _ => {
                let other = (at + 1 + usize::from(what)) % words.len();
                words.swap(at, other);
            }
        }
    }
    words.concat()
}

/// The charters and the corpus.
fn texts() -> Vec<String> {
    let charters = ["istio", "flyte", "openstack", "tikv-wg"];
    let charters = charters.map(|c| common::root().join(format!("examples/{c}/{c}.gov")));
    let mut texts: Vec<String> = charters
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    for folder in ["resolve", "check"] {
        texts.extend(files(folder).into_iter().map(|(_, text)| text));
    }
    texts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn mutated_charters_compile_or_complain(
        text in prop::sample::select(texts()),
        cuts in prop::collection::vec((any::<u16>(), any::<u8>()), 1..6),
    ) {
        let text = mutated(&text, &cuts);
        let mut sources = Sources::default();
        let root = sources.add("mutated.gov", text);
        let compiled = govc::compile(&mut sources, root, &mut |_, _| Err("not there".to_owned()));
        prop_assert!(compiled.model.is_some() || !compiled.problems.is_empty());
    }
}
