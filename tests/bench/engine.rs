//! The benchmark of the engine: how much more it costs to judge a trace by rules than by a loop that
//! somebody writes for these rules only. `README.md` beside this file shows what to call, and what came
//! of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr
)]

mod compare;
mod instructions;
mod measure;
mod random;
mod wg1;
mod wg2;
mod wg2_by_hand;

use std::ffi::OsString;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Measures `govc simulate` beside a loop written by hand
#[derive(Debug, Parser)]
#[command(name = "engine")]
struct Cli {
    #[command(subcommand)]
    command: Command,

    /// What cargo passes to every benchmark
    #[arg(long, global = true, hide = true)]
    bench: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Both workloads in all the sizes that `README.md` shows
    All {
        #[command(flatten)]
        how: How,
    },
    /// The lifecycle of many working groups
    Wg1 {
        /// s, x, t, m100, m or l
        #[arg(default_values = ["s", "x", "t"], value_name = "SIZE")]
        sizes: Vec<String>,

        #[command(flatten)]
        how: How,
    },
    /// Windows, months, votes, inactivity, distinct attributes, duties
    Wg2 {
        /// So many groups over so many years, as in `100x2`
        #[arg(default_values = ["100x2", "1000x2"], value_name = "SIZE")]
        sizes: Vec<String>,

        #[command(flatten)]
        how: How,
    },
    /// How many instructions an event takes, and whether that is more than it was
    Instructions,
    /// The loop written by hand
    #[command(hide = true)]
    ByHand { workload: Workload, trace: PathBuf },
    /// Runs a command and prints what it cost
    #[command(hide = true)]
    Alone {
        output: PathBuf,
        #[arg(last = true)]
        command: Vec<OsString>,
    },
}

/// The sizes that are shown: those of WG1 that the reference has; of WG2, ten times the groups and four
/// times the years, twice.
const WG1: [&str; 6] = ["s", "x", "t", "m100", "m", "l"];
const WG2: [&str; 5] = ["100x2", "1000x2", "10000x2", "100x8", "100x32"];

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Workload {
    Wg1,
    Wg2,
}

/// How it is measured.
#[derive(Debug, Clone, Args)]
struct How {
    /// How often each is run, in turns
    #[arg(long, default_value_t = 5, value_name = "N")]
    runs: usize,

    /// The format of the report that is measured
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,

    /// Fail where the processor time is more than so many times that of the loop
    #[arg(long, value_name = "TIMES")]
    at_most: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

fn main() -> ExitCode {
    let all = |sizes: &[&str]| {
        sizes
            .iter()
            .map(|&size| size.to_owned())
            .collect::<Vec<_>>()
    };
    let done = match Cli::parse().command {
        Command::All { how } => table(&all(&WG1), &how, compare::wg1)
            .and_then(|()| table(&all(&WG2), &how, compare::wg2)),
        Command::Wg1 { sizes, how } => table(&sizes, &how, compare::wg1),
        Command::Wg2 { sizes, how } => table(&sizes, &how, compare::wg2),
        Command::Instructions => instructions::count(),
        Command::ByHand { workload, trace } => by_hand(workload, &trace),
        Command::Alone { output, command } => measure::alone(&command, &output),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn table(
    sizes: &[String],
    how: &How,
    row: fn(&str, &How) -> Result<(), String>,
) -> Result<(), String> {
    println!("{}", compare::HEAD);
    sizes.iter().try_for_each(|size| row(size, how))?;
    println!("\nWhat was found is in each size what it should be.");
    Ok(())
}

/// Prints what the loop makes of a trace.
fn by_hand(workload: Workload, trace: &Path) -> Result<(), String> {
    let trace = File::open(trace).map_err(|e| e.to_string())?;
    let trace = BufReader::with_capacity(64 << 10, trace);
    let verdict = match workload {
        Workload::Wg1 => wg1::floor(trace).map(|verdict| serde_json::to_string(&verdict)),
        Workload::Wg2 => wg2_by_hand::judge(trace).map(|verdict| serde_json::to_string(&verdict)),
    };
    let verdict = verdict.map_err(|e| e.to_string())?;
    println!("{}", verdict.map_err(|e| e.to_string())?);
    Ok(())
}
