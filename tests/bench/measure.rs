//! What a process costs: processor time and peak memory, as the system counts them.

use std::ffi::OsString;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What one run of a process cost.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Cost {
    /// Processor time, that spent in the system included.
    pub cpu: Duration,
    /// The most memory that it held, in bytes.
    pub peak: u64,
    /// With what it exited; `None`: by a signal.
    pub status: Option<i32>,
}

/// Runs a command and writes what it prints to a file.
///
/// The system tells what all children of a process together cost, so each is run by a process that has
/// no other: this program once more, which calls [`alone`].
pub fn run(command: &[OsString], output: &Path) -> Result<Cost, String> {
    let this = std::env::current_exe().map_err(|e| e.to_string())?;
    let told = Command::new(this)
        .arg("alone")
        .arg(output)
        .arg("--")
        .args(command)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| e.to_string())?;
    if !told.status.success() {
        return Err("it could not be measured".to_owned());
    }
    serde_json::from_slice(&told.stdout).map_err(|e| e.to_string())
}

/// Runs a command and prints what it cost.
#[cfg(unix)]
pub fn alone(command: &[OsString], output: &Path) -> Result<(), String> {
    use nix::sys::resource::{UsageWho, getrusage};

    let (program, arguments) = command.split_first().ok_or("there is nothing to run")?;
    let output = File::create(output).map_err(|e| e.to_string())?;
    let status = Command::new(program)
        .args(arguments)
        .stdout(output)
        .status()
        .map_err(|e| format!("{}: {e}", program.display()))?;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|e| e.to_string())?;
    let [user, system] = [usage.user_time(), usage.system_time()]
        .map(|time| Duration::new(time.tv_sec() as u64, time.tv_usec() as u32 * 1000));
    // Bytes on macOS, and thousands of them elsewhere.
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    let cost = Cost {
        cpu: user + system,
        peak: usage.max_rss() as u64 * unit,
        status: status.code(),
    };
    println!(
        "{}",
        serde_json::to_string(&cost).map_err(|e| e.to_string())?
    );
    Ok(())
}

#[cfg(not(unix))]
pub fn alone(_: &[OsString], _: &Path) -> Result<(), String> {
    Err("what a process costs is asked of Unix only".to_owned())
}
