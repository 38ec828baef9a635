//! How many instructions an event more takes, counted by Valgrind: a number that another load on the
//! machine does not change, and so one that a change can be held to.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::compare::FOLDER;
use crate::{wg1, wg2};

/// The most instructions for an event more, its findings and their report included. To be lowered when
/// the engine takes fewer.
const WG1_EACH: f64 = 4_400.0;
const WG2_EACH: f64 = 31_500.0;

/// Counts for both workloads, and fails where there are more than allowed.
pub fn count() -> Result<(), String> {
    let mut trace = Vec::new();
    wg1::write(20_000, 100, &mut trace).map_err(|e| e.to_string())?;
    let first = each("wg1", wg1::RULES, &trace, WG1_EACH);
    trace.clear();
    wg2::write(10, 8, &mut trace).map_err(|e| e.to_string())?;
    first.and(each("wg2", wg2::RULES, &trace, WG2_EACH))
}

/// Runs all of a trace and the first half of it; the difference leaves out what it takes to start.
fn each(name: &str, rules: &str, trace: &[u8], most: f64) -> Result<(), String> {
    let events = trace.iter().filter(|byte| **byte == b'\n').count();
    let lines = trace.split_inclusive(|byte| *byte == b'\n');
    let half: usize = lines.take(events / 2).map(<[u8]>::len).sum();
    let path = Path::new(FOLDER).join(format!("{name}.instructions.jsonl"));
    let taken = |part: &[u8]| {
        fs::write(&path, part).map_err(|e| e.to_string())?;
        instructions(rules, &path)
    };
    let more = taken(trace)?.saturating_sub(taken(&trace[..half])?);
    fs::remove_file(&path).map_err(|e| e.to_string())?;
    let each = more as f64 / (events - events / 2) as f64;
    println!("{name}: {each:.0} instructions for an event more, of {most:.0} that are allowed");
    if each > most {
        return Err(format!(
            "{name}: an event takes more instructions than it did"
        ));
    }
    Ok(())
}

/// How many instructions `govc simulate` takes for a trace.
fn instructions(rules: &str, trace: &Path) -> Result<u64, String> {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join(rules);
    let told = Command::new("valgrind")
        .args([
            "--tool=cachegrind",
            "--cache-sim=no",
            "--cachegrind-out-file=/dev/null",
        ])
        .arg(env!("CARGO_BIN_EXE_govc"))
        .args(["simulate", "--format", "json", "--spec"])
        .args([&rules, trace])
        .output()
        .map_err(|e| format!("Valgrind counts the instructions, and cannot be started: {e}"))?;
    // Among what it says is a line like `==7== I   refs:      1,234,567`.
    let said = String::from_utf8_lossy(&told.stderr);
    let line = said.lines().find_map(|line| line.split_once(" refs:"));
    let digits = line.map(|(_, number)| number.replace([',', ' '], ""));
    digits
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| format!("Valgrind does not say how many instructions it counted:\n{said}"))
}
