//! `govc simulate` beside the loop written by hand, in turns, on one trace.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use govc::run::Report;
use sha2::{Digest, Sha256};

use crate::measure::{self, Cost};
use crate::wg1::{self, Verdict};
use crate::{Format, How};

/// Where traces and reports are put.
const FOLDER: &str = env!("CARGO_TARGET_TMPDIR");

/// Measures one size of WG1, and compares what comes of it with the reference.
pub fn wg1(name: &str, how: &How) -> Result<(), String> {
    let size = wg1::named(name).ok_or_else(|| format!("there is no size `{name}`"))?;
    let trace = Path::new(FOLDER).join(format!("wg1-{name}.jsonl"));
    let sum = written(&trace, |out| wg1::write(size, out)).map_err(|e| e.to_string())?;
    if sum != size.sha256 {
        return Err(format!(
            "{name}: the trace has the sha256 {sum}, where {} is asked for",
            size.sha256
        ));
    }
    println!(
        "wg1 {name}: {} events of {} groups, {}, sha256 as it should be",
        grouped(size.events),
        grouped(size.groups),
        memory(fs::metadata(&trace).map_err(|e| e.to_string())?.len()),
    );

    let report = Path::new(FOLDER).join(format!("wg1-{name}.report"));
    let floor = Path::new(FOLDER).join(format!("wg1-{name}.floor"));
    let this = std::env::current_exe().map_err(|e| e.to_string())?;
    let by_hand = [
        this.into(),
        "floor".into(),
        "wg1".into(),
        trace.clone().into(),
    ];
    let mut costs = [Vec::new(), Vec::new()];
    for _ in 0..how.runs.max(1) {
        costs[0].push(simulate(wg1::RULES, how.format, &trace, &report)?);
        costs[1].push(measure::run(&by_hand, &floor)?);
    }
    let ratio = table(size.events, &costs);

    let read: Verdict = serde_json::from_slice(&fs::read(&floor).map_err(|e| e.to_string())?)
        .map_err(|e| e.to_string())?;
    same("the loop", read, size.reference)?;
    if how.format != Format::Json {
        simulate(wg1::RULES, Format::Json, &trace, &report)?;
    }
    same("simulate", found(&report)?, size.reference.found())?;
    simulate(wg1::COUNTED, Format::Json, &trace, &report)?;
    same(
        "simulate, with the stays in each state,",
        found(&report)?,
        size.reference,
    )?;
    println!(
        "  the verdict of both is that of the reference: {}\n",
        shown(size.reference)
    );
    for path in [&report, &floor] {
        fs::remove_file(path).map_err(|e| e.to_string())?;
    }
    match how.at_most {
        Some(most) if ratio > most => {
            Err(format!("{ratio:.2} times the floor is more than {most}"))
        }
        _ => Ok(()),
    }
}

/// What a report comes to.
fn found(report: &Path) -> Result<Verdict, String> {
    let text = fs::read(report).map_err(|e| e.to_string())?;
    let report: Report = serde_json::from_slice(&text).map_err(|e| e.to_string())?;
    wg1::verdict(report.events, &report.findings)
}

fn same(who: &str, found: Verdict, reference: Verdict) -> Result<(), String> {
    if found == reference {
        return Ok(());
    }
    Err(format!(
        "{who} comes to\n{}\nwhere the reference is\n{}",
        shown(found),
        shown(reference)
    ))
}

fn shown(verdict: Verdict) -> String {
    serde_json::to_string(&verdict).unwrap()
}

/// What `govc simulate` costs, its report written to a file.
pub fn simulate(rules: &str, format: Format, trace: &Path, report: &Path) -> Result<Cost, String> {
    let rules = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(rules);
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
        trace.into(),
    ];
    let cost = measure::run(&command, report)?;
    // 1: there are violations.
    match cost.status {
        Some(0 | 1) => Ok(cost),
        status => Err(format!("govc simulate exited with {status:?}")),
    }
}

/// Writes a file, unless it is there already, and says its sha256.
pub fn written(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<String> {
    if !path.exists() {
        let unfinished = path.with_extension("unfinished");
        let mut out = BufWriter::with_capacity(256 << 10, File::create(&unfinished)?);
        write(&mut out)?;
        out.flush()?;
        fs::rename(&unfinished, path)?;
    }
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
    Ok(sum
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// Prints what both cost, and says how many times the processor time of the loop it is.
pub fn table(events: u64, [engine, floor]: &[Vec<Cost>; 2]) -> f64 {
    println!("                   CPU time   spread             an event   peak memory");
    let mut least = [(0.0, 0.0); 2];
    for (index, (who, costs)) in [("govc simulate", engine), ("by hand", floor)]
        .into_iter()
        .enumerate()
    {
        let seconds = |cost: &Cost| cost.cpu.as_secs_f64();
        let best = costs.iter().map(seconds).fold(f64::INFINITY, f64::min);
        let worst = costs.iter().map(seconds).fold(0.0, f64::max);
        let peak = costs.iter().map(|cost| cost.peak).max().unwrap_or(0);
        println!(
            "  {who:<13} {best:>9.3} s   {best:.3}–{worst:.3} s   {:>8}   {:>11}",
            time(best / events as f64),
            memory(peak),
        );
        least[index] = (best, peak as f64);
    }
    let [(engine, more), (floor, less)] = least;
    println!(
        "  times         {:>9.2}                                     {:>9.2}",
        engine / floor,
        more / less
    );
    engine / floor
}

fn time(seconds: f64) -> String {
    let time = Duration::from_secs_f64(seconds);
    if time < Duration::from_micros(1) {
        format!("{:.0} ns", seconds * 1e9)
    } else {
        format!("{:.2} µs", seconds * 1e6)
    }
}

/// Bytes, in millions of them.
fn memory(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// A number with its digits in threes.
pub fn grouped(number: u64) -> String {
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
