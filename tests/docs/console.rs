//! What documents show of the program is what it says.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use super::document::Document;
use super::{documents, read, root};

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
