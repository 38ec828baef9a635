//! Why a text is no usable IR, and how that is said.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::diag::Code;

/// Why a text is no usable IR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireError {
    /// The registered code.
    pub code: Code,
    /// What is wrong: lower case, no full stop, user text in backticks.
    pub message: String,
    /// Where: a path such as `model.events[3].kind`; empty where `place` says it.
    pub path: String,
    /// Line and column, from 1, where the text itself is wrong.
    pub place: Option<(usize, usize)>,
    /// A proposal.
    pub help: Option<String>,
}

impl WireError {
    pub(super) fn new(code: Code, message: impl Into<String>) -> WireError {
        WireError {
            code,
            message: message.into(),
            path: String::new(),
            place: None,
            help: None,
        }
    }

    pub(super) fn syntax(error: &serde_json::Error) -> WireError {
        let full = error.to_string();
        let message = full.rsplit_once(" at line ").map_or(full.as_str(), |m| m.0);
        let message = match message.strip_prefix("EOF while parsing") {
            Some(rest) => format!("the input ends in the middle of{rest}"),
            None => message.to_owned(),
        };
        WireError {
            place: Some((error.line(), error.column().max(1))),
            ..WireError::new(Code::IrSyntax, message)
        }
    }

    /// The error for people, in the look of the other diagnostics; `name` is that of the file.
    pub fn to_text(&self, name: &str) -> String {
        let mut text = format!(
            "error[{}]: {}\n  ┌─ {name}",
            self.code.number(),
            self.message
        );
        if let Some((line, column)) = self.place {
            let _ = write!(text, ":{line}:{column}");
        }
        text.push('\n');
        let path = Some(&self.path).filter(|path| !path.is_empty());
        let lines = path
            .map(|path| format!("at {path}"))
            .into_iter()
            .chain(self.help.as_ref().map(|help| format!("help: {help}")));
        for (index, line) in lines.enumerate() {
            if index == 0 {
                text.push_str("  │\n");
            }
            let _ = writeln!(text, "  = {line}");
        }
        text.push('\n');
        text
    }

    /// The error as JSON, in the shape of the other diagnostics.
    pub fn to_json(&self, name: &str) -> Value {
        json!({
            "code": self.code.number(),
            "name": self.code.name(),
            "severity": "error",
            "message": self.message,
            "file": name,
            "line": self.place.map(|p| p.0),
            "column": self.place.map(|p| p.1),
            "path": self.path,
            "help": self.help,
        })
    }
}
