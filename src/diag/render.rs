//! Messages for people, with the lines they are about, and for programs, as JSON.
//!
//! Invariant: the only user of `codespan_reporting`, and no message is worded here.

use std::ops::Range;

use codespan_reporting::diagnostic as codespan;
use codespan_reporting::files::{self, Files};
use codespan_reporting::term::{self, Config, Styles, StylesWriter, termcolor::Ansi};
use serde_json::{Value, json};

use super::{Diagnostic, Fix, Label, Severity};
use crate::source::{Source, SourceId, Sources, Span};

/// All messages as text, each with the lines it points at.
pub fn to_text(sources: &Sources, diagnostics: &[Diagnostic], color: bool) -> String {
    let config = Config {
        tab_width: 2,
        ..Config::default()
    };
    let view = View::new(sources);
    let mut out = Vec::new();
    for diagnostic in diagnostics {
        let message = message(sources, diagnostic);
        // Writing to memory fails only for a file that is not there, and those have no labels.
        let _ = if color {
            let styles = Styles::default();
            let mut writer = StylesWriter::new(Ansi::new(&mut out), &styles);
            term::emit_to_write_style(&mut writer, &config, &view, &message)
        } else {
            term::emit_to_io_write(&mut out, &config, &view, &message)
        };
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// All messages as a JSON array. Lines and columns count from 1, columns in characters; ends are
/// exclusive.
pub fn to_json(sources: &Sources, diagnostics: &[Diagnostic]) -> Value {
    diagnostics
        .iter()
        .map(|diagnostic| {
            let mut object = json!({
                "code": diagnostic.code.number(),
                "name": diagnostic.code.name(),
                "severity": severity(diagnostic),
                "message": diagnostic.title,
                "label": diagnostic.primary.as_ref().map(|label| &label.text),
                "related": diagnostic.secondary.iter().map(|label| {
                    let mut related = json!({ "label": label.text });
                    place(sources, Some(label.span), &mut related);
                    related
                }).collect::<Vec<_>>(),
                "notes": diagnostic.notes,
                "help": diagnostic.help,
                "fix": diagnostic.fix.as_ref().map(|fix| {
                    let mut edit = json!({ "text": fix.text });
                    place(sources, Some(fix.span), &mut edit);
                    edit
                }),
            });
            let primary = diagnostic.primary.as_ref().map(|label| label.span);
            place(sources, primary, &mut object);
            object
        })
        .collect()
}

/// Adds file, line and column to an object; nulls where there is no place.
fn place(sources: &Sources, span: Option<Span>, object: &mut Value) {
    let found = span.and_then(|span| sources.get(span.source).map(|source| (source, span)));
    let (start, end) = match found {
        Some((source, span)) => {
            let range = clamp(source, span);
            let at = |offset: usize| source.line_column(u32::try_from(offset).unwrap_or(u32::MAX));
            (Some(at(range.start)), Some(at(range.end)))
        }
        None => (None, None),
    };
    object["file"] = json!(found.map(|(source, _)| &source.name));
    object["line"] = json!(start.map(|(line, _)| line));
    object["column"] = json!(start.map(|(_, column)| column));
    object["end_line"] = json!(end.map(|(line, _)| line));
    object["end_column"] = json!(end.map(|(_, column)| column));
}

fn severity(diagnostic: &Diagnostic) -> &'static str {
    match diagnostic.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// The same message in the terms of the renderer.
fn message(sources: &Sources, diagnostic: &Diagnostic) -> codespan::Diagnostic<SourceId> {
    let message = match diagnostic.severity() {
        Severity::Error => codespan::Diagnostic::error(),
        Severity::Warning => codespan::Diagnostic::warning(),
    };
    let label = |style, label: &Label| {
        let source = sources.get(label.span.source)?;
        let range = clamp(source, label.span);
        Some(codespan::Label::new(style, label.span.source, range).with_message(&label.text))
    };
    let primary = diagnostic.primary.iter();
    let secondary = diagnostic.secondary.iter();
    let labels = primary
        .filter_map(|l| label(codespan::LabelStyle::Primary, l))
        .chain(secondary.filter_map(|l| label(codespan::LabelStyle::Secondary, l)))
        .collect();
    let mut notes = diagnostic.notes.clone();
    let help = help(sources, diagnostic.help.as_deref(), diagnostic.fix.as_ref());
    notes.extend(help.map(|help| format!("help: {help}")));
    message
        .with_code(diagnostic.code.number())
        .with_message(&diagnostic.title)
        .with_labels(labels)
        .with_notes(notes)
}

/// The proposal in words; the edit too, unless the words say it already.
fn help(sources: &Sources, help: Option<&str>, fix: Option<&Fix>) -> Option<String> {
    let edit = fix.and_then(|fix| {
        let old = sources.get(fix.span.source)?.slice(fix.span);
        let new = fix.text.trim();
        if new.contains('\n') || old.contains('\n') || help.is_some_and(|h| h.contains(new)) {
            return None;
        }
        Some(match (old.is_empty(), new.is_empty()) {
            (_, true) => format!("remove `{old}`"),
            (true, _) => format!("insert `{new}`"),
            _ => format!("replace `{old}` by `{new}`"),
        })
    });
    match (help, edit) {
        (Some(help), Some(edit)) => Some(format!("{help}\n      {edit}")),
        (help, edit) => help.map(str::to_owned).or(edit),
    }
}

/// The bytes of a span, made to fit the text: within it, and between characters.
fn clamp(source: &Source, span: Span) -> Range<usize> {
    let fit = |mut at: usize| {
        at = at.min(source.text.len());
        while !source.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = fit(span.start as usize);
    start..fit(span.end as usize).max(start)
}

/// The sources as the renderer wants to see them.
struct View<'s> {
    sources: &'s Sources,
    /// Where the lines of each begin.
    lines: Vec<Vec<usize>>,
}

impl<'s> View<'s> {
    fn new(sources: &'s Sources) -> View<'s> {
        let lines = sources
            .iter()
            .map(|(_, source)| files::line_starts(&source.text).collect())
            .collect();
        View { sources, lines }
    }

    fn get(&self, id: SourceId) -> Result<&Source, files::Error> {
        self.sources.get(id).ok_or(files::Error::FileMissing)
    }

    fn starts(&self, id: SourceId) -> Result<&[usize], files::Error> {
        let starts = self.lines.get(id.0 as usize);
        starts.map(Vec::as_slice).ok_or(files::Error::FileMissing)
    }
}

impl<'a> Files<'a> for View<'_> {
    type FileId = SourceId;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: SourceId) -> Result<&'a str, files::Error> {
        Ok(&self.get(id)?.name)
    }

    fn source(&'a self, id: SourceId) -> Result<&'a str, files::Error> {
        Ok(&self.get(id)?.text)
    }

    fn line_index(&'a self, id: SourceId, byte: usize) -> Result<usize, files::Error> {
        let starts = self.starts(id)?;
        Ok(starts.partition_point(|&start| start <= byte).max(1) - 1)
    }

    fn line_range(&'a self, id: SourceId, line: usize) -> Result<Range<usize>, files::Error> {
        let starts = self.starts(id)?;
        let length = self.get(id)?.text.len();
        let start = |line: usize| starts.get(line).copied().unwrap_or(length);
        Ok(start(line)..start(line + 1))
    }
}
