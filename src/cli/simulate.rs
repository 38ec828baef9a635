//! `govc simulate`: a history against the rules.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Cursor};
use std::path::{Path, PathBuf};

use govc::diag::Code;
use govc::run::trace::{self, Options};
use govc::run::{self, report};

use super::{Colors, FINDINGS, Format, Outcome, SimulateArgs, files, spec};

pub fn run(args: &SimulateArgs, colors: Colors) -> Outcome {
    simulate(args, colors).unwrap_or_else(|error| {
        let (name, reason) = (files::name(&args.trace), files::reason(&error));
        let message = format!("`{name}` cannot be read: {reason}");
        Outcome::error(Code::CannotRead, &message, None)
    })
}

/// An error where the trace cannot be opened.
fn simulate(args: &SimulateArgs, colors: Colors) -> io::Result<Outcome> {
    let mut input = Input::open(&args.trace)?;
    let name = files::name(&args.trace);
    let (path, help) = match &args.spec {
        Some(path) => (path.clone(), None),
        None => match trace::spec_of(input.pass()?) {
            Some(spec) => (
                beside(&args.trace, &spec),
                Some(format!("`spec` in `{name}` is a path relative to it")),
            ),
            None => {
                let message = format!("`{name}` names no spec");
                let help = "say which rules it is judged by: --spec FILE";
                return Ok(Outcome::error(Code::NoSpec, &message, Some(help)));
            }
        },
    };
    let loaded = match spec::load(&path) {
        Ok(loaded) => loaded,
        Err(message) => {
            return Ok(Outcome::error(Code::CannotRead, &message, help.as_deref()));
        }
    };
    // What is to be said about the rules is not what this command is about.
    let chatter = loaded.to_text(colors.err);
    let Some(model) = loaded.usable() else {
        return Ok(Outcome::failed(chatter));
    };
    let reads_openings = model.record.as_ref().is_some_and(|r| r.opening.is_some());
    let observed = if reads_openings {
        trace::observation(model, input.pass()?)
    } else {
        Default::default()
    };
    let options = run::Options {
        trace: Options {
            strict: args.strict,
            allow_late: args.allow_late,
            ..Options::default()
        },
        lower_will: args.lower_will,
        kept: args.kept,
        observed,
        ..run::Options::default()
    };
    Ok(
        match run::simulate(model, input.last_pass()?, &name, options) {
            Ok(report) => {
                let status = if report.fails() { FINDINGS } else { 0 };
                let (out, report) = match args.format {
                    Format::Text => (report::to_text(&report, model, colors.out), None),
                    Format::Json => (String::new(), Some(report)),
                };
                Outcome {
                    out,
                    report,
                    err: chatter,
                    status,
                }
            }
            Err(errors) => Outcome::failed(chatter + &errors.to_text(colors.err)),
        },
    )
}

/// The path of a spec that a trace names, relative to the trace.
fn beside(trace: &Path, spec: &str) -> PathBuf {
    match trace.parent().filter(|_| !files::is_stdin(trace)) {
        Some(directory) => directory.join(spec),
        None => PathBuf::from(spec),
    }
}

/// A trace that may have to be read more than once.
enum Input {
    File(PathBuf),
    /// Standard input or a pipe: it can be read only once, and is kept if it must be read again.
    Once(PathBuf),
    Kept(Vec<u8>),
}

/// How much of a file is read at once.
const BUFFER: usize = 256 << 10;

impl Input {
    fn open(path: &Path) -> io::Result<Input> {
        if files::is_stdin(path) {
            return Ok(Input::Once(path.to_owned()));
        }
        let found = fs::metadata(path)?;
        if found.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        Ok(if found.is_file() {
            Input::File(path.to_owned())
        } else {
            Input::Once(path.to_owned())
        })
    }

    /// Reads it from the beginning; it will be read again.
    fn pass(&mut self) -> io::Result<Box<dyn BufRead + '_>> {
        if let Input::Once(path) = self {
            *self = Input::Kept(files::read(path)?);
        }
        self.last_pass()
    }

    /// Reads it from the beginning, for the last time.
    fn last_pass(&self) -> io::Result<Box<dyn BufRead + '_>> {
        Ok(match self {
            Input::Once(path) if files::is_stdin(path) => Box::new(io::stdin().lock()),
            Input::File(path) | Input::Once(path) => {
                Box::new(BufReader::with_capacity(BUFFER, File::open(path)?))
            }
            Input::Kept(bytes) => Box::new(Cursor::new(bytes)),
        })
    }
}
