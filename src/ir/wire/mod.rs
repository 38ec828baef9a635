//! The IR as versioned JSON: `{"format": "govc-ir", "version": 1, "model": { … }}`.
//!
//! Whoever reads a model from here may trust it: [`from_json`] refuses fields it does not know,
//! other versions, numbers that point nowhere and conditions nested without measure, so that a
//! model from somebody else cannot make a run panic. [`schema()`] is published as `schema.json`.

mod error;
mod validate;

pub use error::WireError;
pub use validate::validate;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Model;
use crate::diag::Code;

/// The `format` of every IR.
pub const FORMAT: &str = "govc-ir";
/// The `version` of every IR that this program writes and reads.
pub const VERSION: u32 = 1;
/// The deepest nesting of a condition, a type or a constant.
pub const MAX_DEPTH: usize = 64;
/// The deepest nesting of the JSON, which a condition of [`MAX_DEPTH`] cannot exceed.
const MAX_JSON_DEPTH: usize = MAX_DEPTH * 6 + 16;

/// The document around a model.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "govc-ir")]
struct Envelope<M> {
    /// Always `govc-ir`.
    format: String,
    /// The version of the format.
    version: u32,
    /// The rules.
    model: M,
}

/// The model as JSON: pretty, with a line break at the end.
pub fn to_json(model: &Model) -> String {
    let envelope = Envelope {
        format: FORMAT.to_owned(),
        version: VERSION,
        model,
    };
    // A model is made of texts, numbers and lists, none of which JSON refuses.
    let mut text = serde_json::to_string_pretty(&envelope).unwrap_or_default();
    text.push('\n');
    text
}

/// The model that a JSON text holds, if every part of it can be trusted.
pub fn from_json(text: &str) -> Result<Model, Vec<WireError>> {
    #[derive(Deserialize)]
    struct Head {
        format: Option<Value>,
        version: Option<Value>,
    }
    if depth(text) > MAX_JSON_DEPTH {
        let message = format!("this IR nests deeper than {MAX_JSON_DEPTH} levels");
        return Err(vec![WireError::new(Code::IrInvalid, message)]);
    }
    if !text.trim_ascii_start().starts_with('{') {
        let error = WireError::new(Code::IrSyntax, "this is no IR: an IR is a JSON object");
        return Err(vec![error]);
    }
    // Whatever may follow: a trace that is taken for an IR is told so.
    let mut deserializer = serde_json::Deserializer::from_str(text);
    deserializer.disable_recursion_limit();
    let head =
        Head::deserialize(&mut deserializer).map_err(|error| vec![WireError::syntax(&error)])?;
    let Some(format) = head.format else {
        let mut error = WireError::new(Code::IrSyntax, "this is no IR: it has no `format`");
        error.help = Some(format!("an IR begins with {{\"format\": \"{FORMAT}\""));
        return Err(vec![error]);
    };
    if format != FORMAT {
        let message = format!("this is no IR: its format is {format}, not \"{FORMAT}\"");
        return Err(vec![WireError::new(Code::IrVersion, message)]);
    }
    let version = head.version.unwrap_or_default();
    if version != VERSION {
        let message =
            format!("this IR is of version {version}, and this program reads version {VERSION}");
        let mut error = WireError::new(Code::IrVersion, message);
        error.help = Some("compile the rules again with this program".to_owned());
        return Err(vec![error]);
    }
    let envelope: Envelope<Model> = read(text)?;
    let errors = validate(&envelope.model);
    if errors.is_empty() {
        Ok(envelope.model)
    } else {
        Err(errors)
    }
}

fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Vec<WireError>> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    // The depth has been measured; serde_json's own limit is below ours.
    deserializer.disable_recursion_limit();
    T::deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| vec![WireError::syntax(&error)])
}

/// How deep lists and objects nest in a text, if it is JSON.
pub(crate) fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The JSON Schema of the document.
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(Envelope<Model>).to_value();
    for (field, value) in [("format", json!(FORMAT)), ("version", json!(VERSION))] {
        if let Some(field) = schema.pointer_mut(&format!("/properties/{field}")) {
            field["const"] = value;
        }
    }
    schema
}
