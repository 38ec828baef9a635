//! `govc simulate` beside the loop written by hand, in turns, on one trace; and what comes of both.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use govc::run::Report;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::measure::{self, Cost};
use crate::{Format, How, wg1, wg2};

/// Where traces and reports are put.
pub const FOLDER: &str = env!("CARGO_TARGET_TMPDIR");

/// The head of the table that [`wg1`] and [`wg2`] print, a row for each size.
pub const HEAD: &str = "\
| size | events | groups | `govc simulate`: CPU time | an event | peak memory | by hand: CPU time | an event | peak memory | times |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|";

/// Measures one size of WG1, and compares what comes of it with the reference.
pub fn wg1(name: &str, how: &How) -> Result<(), String> {
    let size = wg1::named(name).ok_or_else(|| format!("WG1 has no size `{name}`"))?;
    let trace = Path::new(FOLDER).join(format!("wg1-{name}.jsonl"));
    if !trace.exists() {
        written(&trace, |out| wg1::write(size.events, size.groups, out))
            .map_err(|e| e.to_string())?;
    }
    let sum = sha256(&trace).map_err(|e| e.to_string())?;
    if sum != size.sha256 {
        return Err(format!(
            "WG1 {name}: the trace has the sha256 {sum}, where {} is asked for",
            size.sha256
        ));
    }
    let race = Race {
        workload: "wg1",
        size: name,
        rules: wg1::RULES,
        trace: &trace,
        events: size.events,
        groups: size.groups,
    };
    let by_hand = race.run(how)?;
    same("WG1 by hand", &by_hand, &size.reference)?;
    let found = |report: Report| wg1::verdict(report.events, &report.findings);
    same("WG1", &found(race.measured(how)?)?, &size.reference.found())?;
    // The stays in each state show the rest of the verdict.
    let counted = race.report(wg1::COUNTED)?;
    same("WG1", &found(counted)?, &size.reference)
}

/// Measures one size of WG2, and compares what comes of it with what the loop makes of it.
pub fn wg2(name: &str, how: &How) -> Result<(), String> {
    let numbers = name.split_once('x').and_then(|(groups, years)| {
        let (groups, years) = (groups.parse().ok()?, years.parse().ok()?);
        (groups > 0 && (1..=1000).contains(&years)).then_some((groups, years))
    });
    let (groups, years) =
        numbers.ok_or_else(|| format!("a size of WG2 is GROUPSxYEARS, which `{name}` is not"))?;
    let trace = Path::new(FOLDER).join(format!("wg2-{name}.jsonl"));
    let mut events = 0;
    let write = |out: &mut BufWriter<File>| {
        events = wg2::write(groups, years, out)?;
        Ok(())
    };
    written(&trace, write).map_err(|e| e.to_string())?;
    let race = Race {
        workload: "wg2",
        size: name,
        rules: wg2::RULES,
        trace: &trace,
        events,
        groups: u64::from(groups),
    };
    let by_hand: wg2::Verdict = race.run(how)?;
    let report = race.measured(how)?;
    let found = wg2::verdict(report.events, &report.findings);
    same("WG2", &found, &by_hand)
}

fn same<V: std::fmt::Debug + PartialEq>(who: &str, found: &V, reference: &V) -> Result<(), String> {
    if found == reference {
        return Ok(());
    }
    Err(format!(
        "{who}: it comes to\n{found:#?}\nwhere it should be\n{reference:#?}"
    ))
}

/// Both on one trace.
struct Race<'a> {
    workload: &'a str,
    size: &'a str,
    rules: &'a str,
    trace: &'a Path,
    events: u64,
    groups: u64,
}

impl Race<'_> {
    /// Runs both in turns, prints a row of the table, and says what the loop came to. The last report
    /// stays.
    fn run<V: DeserializeOwned>(&self, how: &How) -> Result<V, String> {
        let this = std::env::current_exe().map_err(|e| e.to_string())?;
        let loop_by_hand: [OsString; 4] = [
            this.into(),
            "by-hand".into(),
            self.workload.into(),
            self.trace.into(),
        ];
        let (report, verdict) = (self.output("report"), self.output("verdict"));
        let (mut engine, mut by_hand) = (Vec::new(), Vec::new());
        for _ in 0..how.runs.max(1) {
            engine.push(self.simulate(self.rules, how.format, &report)?);
            by_hand.push(measure::run(&loop_by_hand, &verdict)?);
        }
        let ratio = best(&engine) / best(&by_hand);
        let side = |costs: &[Cost]| {
            let seconds = costs.iter().map(|cost| cost.cpu.as_secs_f64());
            format!(
                "{:.3}–{:.3} s | {:.0} ns | {:.1} MB",
                best(costs),
                seconds.fold(0.0, f64::max),
                best(costs) * 1e9 / self.events as f64,
                costs.iter().map(|cost| cost.peak).max().unwrap_or(0) as f64 / 1e6,
            )
        };
        println!(
            "| {} | {} | {} | {} | {} | {ratio:.2} |",
            self.size,
            grouped(self.events),
            grouped(self.groups),
            side(&engine),
            side(&by_hand),
        );
        let text = fs::read(&verdict).map_err(|e| e.to_string())?;
        fs::remove_file(verdict).map_err(|e| e.to_string())?;
        match how.at_most {
            Some(most) if ratio > most => Err(format!(
                "{} {}: {ratio:.2} times what the loop takes is more than {most}",
                self.workload, self.size
            )),
            _ => serde_json::from_slice(&text).map_err(|e| e.to_string()),
        }
    }

    /// The report of the run that was measured last; one for people says too little, and it is run anew.
    fn measured(&self, how: &How) -> Result<Report, String> {
        match how.format {
            Format::Text => self.report(self.rules),
            Format::Json => self.read(),
        }
    }

    /// What is found by some rules.
    fn report(&self, rules: &str) -> Result<Report, String> {
        self.simulate(rules, Format::Json, &self.output("report"))?;
        self.read()
    }

    fn read(&self) -> Result<Report, String> {
        let path = self.output("report");
        let text = fs::read(&path).map_err(|e| e.to_string())?;
        fs::remove_file(&path).map_err(|e| e.to_string())?;
        serde_json::from_slice(&text).map_err(|e| e.to_string())
    }

    /// What `govc simulate` costs, its report written to a file.
    fn simulate(&self, rules: &str, format: Format, report: &Path) -> Result<Cost, String> {
        let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join(rules);
        let format = match format {
            Format::Text => "text",
            Format::Json => "json",
        };
        let command: [OsString; 7] = [
            env!("CARGO_BIN_EXE_govc").into(),
            "simulate".into(),
            "--spec".into(),
            rules.into(),
            "--format".into(),
            format.into(),
            self.trace.into(),
        ];
        let cost = measure::run(&command, report)?;
        // 1: there are violations.
        match cost.status {
            Some(0 | 1) => Ok(cost),
            status => Err(format!("govc simulate exited with {status:?}")),
        }
    }

    fn output(&self, what: &str) -> PathBuf {
        Path::new(FOLDER).join(format!("{}-{}.{what}", self.workload, self.size))
    }
}

/// The least processor time, in seconds: whatever else the machine does only adds to it.
fn best(costs: &[Cost]) -> f64 {
    let seconds = costs.iter().map(|cost| cost.cpu.as_secs_f64());
    seconds.fold(f64::INFINITY, f64::min)
}

/// Writes a file; one that is there is whole.
fn written(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    let mut out = BufWriter::with_capacity(256 << 10, File::create(&unfinished)?);
    write(&mut out)?;
    out.flush()?;
    fs::rename(&unfinished, path)
}

fn sha256(path: &Path) -> io::Result<String> {
    let mut sum = Sha256::new();
    let mut text = BufReader::with_capacity(256 << 10, File::open(path)?);
    loop {
        let block = text.fill_buf()?;
        if block.is_empty() {
            break;
        }
        sum.update(block);
        let read = block.len();
        text.consume(read);
    }
    let bytes = sum.finalize();
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A number with its digits in threes.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}
