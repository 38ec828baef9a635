//! `govc compile`: the rules as the IR that everything else reads.

use govc::diag::Code;
use govc::ir::wire;

use super::{Colors, CompileArgs, FINDINGS, Outcome, files, spec};

pub fn run(args: &CompileArgs, colors: Colors) -> Outcome {
    let loaded = match spec::load(&args.file) {
        Ok(loaded) => loaded,
        Err(message) => return Outcome::error(Code::CannotRead, &message, None),
    };
    // Standard output is for the IR alone.
    let mut outcome = Outcome {
        err: loaded.to_text(colors.err),
        ..Outcome::default()
    };
    let Some(model) = loaded.usable() else {
        outcome.status = FINDINGS;
        return outcome;
    };
    let text = wire::to_json(model);
    let Some(path) = &args.output else {
        outcome.out = text;
        return outcome;
    };
    if let Err(error) = files::write(path, &text) {
        let (name, reason) = (files::name(path), files::reason(&error));
        let message = format!("`{name}` cannot be written: {reason}");
        let failed = Outcome::error(Code::CannotWrite, &message, None);
        outcome.err += &failed.err;
        outcome.status = failed.status;
    }
    outcome
}
