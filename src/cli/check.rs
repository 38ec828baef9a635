//! `govc check`: do the rules make sense?

use govc::diag::{Code, Severity, render};
use serde_json::json;

use super::spec::{self, Loaded};
use super::{CheckArgs, Colors, FAILED, FINDINGS, Format, Outcome};

pub fn run(args: &CheckArgs, colors: Colors) -> Outcome {
    let mut outcome = Outcome::default();
    let mut files = Vec::new();
    for path in &args.files {
        let loaded = match spec::load(path) {
            Ok(loaded) => loaded,
            Err(message) => {
                // The other files are checked all the same.
                outcome.err += &Outcome::error(Code::CannotRead, &message, None).err;
                outcome.status = FAILED;
                continue;
            }
        };
        if loaded.usable().is_none() {
            outcome.status = outcome.status.max(FINDINGS);
        }
        match args.format {
            Format::Text => {
                outcome.out += &loaded.to_text(colors.out);
                outcome.out += &summary(&loaded);
            }
            Format::Json => {
                let mut problems = render::to_json(&loaded.sources, &loaded.problems);
                if let Some(list) = problems.as_array_mut() {
                    list.extend(loaded.wire.iter().map(|error| error.to_json(&loaded.name)));
                }
                files.push(json!({
                    "file": loaded.name,
                    "clauses": loaded.clauses,
                    "diagnostics": problems,
                }));
            }
        }
    }
    if args.format == Format::Json {
        let document = json!({
            "format": "govc-diagnostics",
            "version": 1,
            "files": files,
        });
        outcome.out = format!("{document:#}\n");
    }
    outcome
}

/// `istio.gov: 61 clauses, no problems`
fn summary(loaded: &Loaded) -> String {
    let count = |severity| {
        let of = |problem: &&_| govc::diag::Diagnostic::severity(problem) == severity;
        loaded.problems.iter().filter(of).count()
    };
    let errors = count(Severity::Error) + loaded.wire.len();
    let warnings = count(Severity::Warning);
    let of = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let problems = match (errors, warnings) {
        (0, 0) => "no problems".to_owned(),
        (0, n) => of(n, "warning"),
        (n, 0) => of(n, "error"),
        (n, m) => format!("{}, {}", of(n, "error"), of(m, "warning")),
    };
    let clauses = of(loaded.clauses, "clause");
    format!("{}: {clauses}, {problems}\n", loaded.name)
}
