//! `govc explain`: the page of a code.

use govc::diag::{Code, suggest};

use super::{ExplainArgs, Outcome};

pub fn run(args: &ExplainArgs) -> Outcome {
    let word = args.code.trim();
    if let Some(code) = Code::find(word) {
        return Outcome {
            out: code.page().to_owned(),
            ..Outcome::default()
        };
    }
    let names = Code::ALL
        .iter()
        .flat_map(|code| [code.number(), code.name()]);
    let near = Some(word)
        .filter(|word| word.len() < 100)
        .and_then(|word| suggest::nearest(word, names));
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "a code is a number such as GOV0603, or its name".to_owned(),
    };
    let message = format!("there is no code `{}`", word.escape_debug());
    Outcome::error(Code::UnknownCode, &message, Some(&help))
}
