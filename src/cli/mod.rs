//! The command line: one file for each subcommand, and the only code that touches the world.
//!
//! What a command is about goes to standard output, once it is all known; everything else goes to
//! standard error. A reader that hangs up is no mistake of ours.
//!
//! | exit code | means |
//! |---|---|
//! | 0 | clean |
//! | 1 | findings: errors in a spec, violations in a trace |
//! | 2 | could not run: usage, files, a trace that cannot be read |
//! | 3 | reserved: undecided |

mod check;
mod compile;
mod explain;
mod files;
mod simulate;
mod spec;
mod test;

use std::ffi::OsString;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use govc::diag::Code;
use govc::run::{Report, report};

/// Checks, compiles and simulates rules of governance written in .gov.
#[derive(Debug, Parser)]
#[command(
    name = "govc",
    version,
    about,
    after_help = "Exit codes: 0 clean, 1 findings, 2 could not run, 3 reserved.",
    subcommand_required = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    /// Colour the output
    #[arg(long, global = true, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    color: When,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check that rules make sense
    Check(CheckArgs),
    /// Compile rules to the IR, a JSON document
    Compile(CompileArgs),
    /// Run a history against rules: which clause was broken, when, and where the document says so
    Simulate(SimulateArgs),
    /// Run scenarios: do the rules say what their stories expect?
    Test(TestArgs),
    /// Explain a code such as GOV0603
    Explain(ExplainArgs),
}

#[derive(Debug, Args)]
struct CheckArgs {
    /// Files of rules (.gov, or compiled); `-` reads standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// How to show the messages
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Args)]
struct CompileArgs {
    /// The file of rules; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Write here and not to standard output
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct SimulateArgs {
    /// The trace: JSON or JSON lines; `-` reads standard input
    #[arg(value_name = "TRACE")]
    trace: PathBuf,

    /// The rules, or the mapping of a record (.gov, or compiled); else the trace itself names them
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,

    /// How to show the report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Events that the mapping of a record does not list are errors
    #[arg(long)]
    strict: bool,

    /// What the document states without an RFC 2119 word counts as `should`
    #[arg(long)]
    lower_will: bool,

    /// Note what was kept, too: what was asked of acts, duties met in time, results of votes
    #[arg(long)]
    kept: bool,

    /// Take an event older than the one before at the time of that one, with a note
    #[arg(long)]
    allow_late: bool,
}

#[derive(Debug, Args)]
struct TestArgs {
    /// Files of rules with scenarios in them or beside them (.gov)
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Run only the scenarios whose name holds this text
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,

    /// Show only the scenarios that fail
    #[arg(short, long)]
    quiet: bool,

    /// How to show what came out
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Args)]
struct ExplainArgs {
    /// The number or name of a code: GOV0603 or unknown-event
    #[arg(value_name = "CODE")]
    code: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum When {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl When {
    fn on(self, terminal: bool) -> bool {
        match self {
            When::Always => true,
            When::Never => false,
            When::Auto => {
                let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
                let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
                terminal && !dumb && !set("NO_COLOR")
            }
        }
    }
}

/// Where colours are wanted.
#[derive(Debug, Clone, Copy)]
struct Colors {
    out: bool,
    err: bool,
}

/// What a command has to say.
#[derive(Debug, Default)]
struct Outcome {
    out: String,
    /// A report for machines, which may be too long to be held as a text; it follows `out`.
    report: Option<Report>,
    err: String,
    status: u8,
}

const FINDINGS: u8 = 1;
const FAILED: u8 = 2;

impl Outcome {
    /// The command could not run.
    fn failed(err: impl Into<String>) -> Outcome {
        Outcome {
            err: err.into(),
            status: FAILED,
            ..Outcome::default()
        }
    }

    /// The command could not run, for this reason.
    fn error(code: Code, message: &str, help: Option<&str>) -> Outcome {
        let mut err = format!("error[{}]: {message}\n", code.number());
        if let Some(help) = help {
            err.push_str(&format!("  = help: {help}\n"));
        }
        Outcome::failed(err)
    }
}

/// Runs the command that the arguments ask for, and writes what it says.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let outcome = match Cli::try_parse_from(args) {
        Ok(cli) => {
            let colors = Colors {
                out: cli.color.on(io::stdout().is_terminal()),
                err: cli.color.on(io::stderr().is_terminal()),
            };
            match cli.command {
                Command::Check(args) => check::run(&args, colors),
                Command::Compile(args) => compile::run(&args, colors),
                Command::Simulate(args) => simulate::run(&args, colors),
                Command::Test(args) => test::run(&args, colors),
                Command::Explain(args) => explain::run(&args),
            }
        }
        Err(error) => {
            let text = error.render().to_string();
            // `--help` and `--version` are no mistakes: they are what was asked for.
            if error.use_stderr() {
                Outcome::failed(text)
            } else {
                Outcome {
                    out: text,
                    ..Outcome::default()
                }
            }
        }
    };
    write(&outcome)
}

fn write(outcome: &Outcome) -> ExitCode {
    let mut status = outcome.status;
    let mut err = io::stderr().lock();
    // Where standard error cannot be written to either, nobody is left to be told.
    let _ = err.write_all(outcome.err.as_bytes());
    let mut out = io::stdout().lock();
    let written = out
        .write_all(outcome.out.as_bytes())
        .and_then(|()| match &outcome.report {
            Some(report) => {
                let mut buffer = BufWriter::with_capacity(64 << 10, &mut out);
                report::write_json(report, &mut buffer)?;
                buffer.flush()
            }
            None => Ok(()),
        })
        .and_then(|()| out.flush());
    if let Err(error) = written
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        let _ = writeln!(
            err,
            "error[{}]: standard output cannot be written: {}",
            Code::CannotWrite.number(),
            files::reason(&error)
        );
        status = FAILED;
    }
    ExitCode::from(status)
}
