//! `govc test`: do the rules say what the scenarios expect?

use std::fmt::Write;

use govc::diag::Code;
use govc::run::coverage::{self, Coverage, Gap};
use govc::scenario::{self, Outcome as Ran};
use serde_json::json;

use super::spec::{self, Loaded};
use super::{Colors, FAILED, FINDINGS, Format, Outcome, TestArgs};

pub fn run(args: &TestArgs, colors: Colors) -> Outcome {
    let mut outcome = Outcome::default();
    let mut all: Vec<(String, Vec<Ran>)> = Vec::new();
    let mut text = String::new();
    for path in &args.files {
        let loaded = match spec::load(path) {
            Ok(loaded) => loaded,
            Err(message) => {
                outcome.err += &Outcome::error(Code::CannotRead, &message, None).err;
                outcome.status = FAILED;
                continue;
            }
        };
        outcome.err += &loaded.to_text(colors.err);
        let Some(model) = loaded.usable() else {
            outcome.status = FAILED;
            continue;
        };
        let wanted = |name: &str| {
            args.filter
                .as_ref()
                .is_none_or(|f| name.contains(f.as_str()))
        };
        let chosen = loaded.scenarios.iter().filter(|s| wanted(&s.name));
        let ran: Vec<Ran> = chosen.map(|s| scenario::run(model, s)).collect();
        let mut coverage = Coverage::default();
        for one in &ran {
            show(&loaded, one, args.quiet, colors.out, &mut text);
            coverage.merge(&one.coverage);
        }
        if args.filter.is_none() {
            let gaps = coverage::gaps(model, &coverage);
            show_gaps(&loaded.name, &gaps, args.quiet, &mut text);
        }
        all.push((loaded.name.clone(), ran));
    }
    let total = all.iter().flat_map(|(_, ran)| ran);
    let (passed, failed) = total.fold((0, 0), |(passed, failed), one| {
        if one.differences.is_empty() {
            (passed + 1, failed)
        } else {
            (passed, failed + 1)
        }
    });
    if failed > 0 {
        outcome.status = outcome.status.max(FINDINGS);
    }
    outcome.out = match args.format {
        Format::Text => {
            let _ = writeln!(text, "\n{passed} passed, {failed} failed");
            text
        }
        Format::Json => to_json(&all),
    };
    outcome
}

fn show(loaded: &Loaded, one: &Ran, quiet: bool, color: bool, text: &mut String) {
    let paint = |code: &str, word: &str| {
        if color {
            format!("\u{1b}[{code}m{word}\u{1b}[0m")
        } else {
            word.to_owned()
        }
    };
    let Some(first) = one.differences.first() else {
        if !quiet {
            let _ = writeln!(text, "{} {}", paint("32", "ok  "), one.name);
        }
        return;
    };
    let _ = writeln!(text, "{} {}", paint("31", "FAIL"), one.name);
    let source = loaded.sources.get(first.span.source);
    let (line, column) = source.map_or((0, 0), |s| s.line_column(first.span.start));
    let name = source.map_or("", |s| s.name.as_str());
    let said = source.map_or("", |s| s.slice(first.span));
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let _ = writeln!(text, "     {name}:{line}:{column}: {said}");
    let _ = writeln!(text, "     {}", first.text);
    let more = one.differences.len() - 1;
    if more > 0 {
        let s = if more == 1 { "" } else { "s" };
        let _ = writeln!(text, "     and {more} more difference{s}");
    }
}

/// What no scenario touched.
fn show_gaps(name: &str, gaps: &[Gap], quiet: bool, text: &mut String) {
    let shares = gaps
        .iter()
        .filter(|gap| gap.all > 0)
        .map(|gap| format!("{} of {} {}", gap.touched, gap.all, gap.what));
    let shares: Vec<String> = shares.collect();
    let _ = writeln!(text, "\n{name}: {} touched", shares.join(", "));
    if quiet {
        return;
    }
    for gap in gaps.iter().filter(|gap| !gap.missing.is_empty()) {
        let _ = writeln!(text, "  {} not touched:", gap.what);
        for missing in &gap.missing {
            let _ = writeln!(text, "    {missing}");
        }
    }
}

fn to_json(all: &[(String, Vec<Ran>)]) -> String {
    let files = all.iter().map(|(name, ran)| {
        let scenarios = ran.iter().map(|one| {
            json!({
                "name": one.name,
                "cites": one.cites,
                "passed": one.differences.is_empty(),
                "differences": one.differences.iter().map(|d| &d.text).collect::<Vec<_>>(),
                "findings": one.findings,
            })
        });
        json!({"file": name, "scenarios": scenarios.collect::<Vec<_>>()})
    });
    let document = json!({
        "format": "govc-scenarios",
        "version": 1,
        "files": files.collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}
