//! Loading a spec: a `.gov` file with what it imports, or a compiled IR.

use std::path::{Path, PathBuf};

use govc::diag::{self, Code, Diagnostic, render};
use govc::ir::{Model, wire};
use govc::source::{Sources, Span};

use super::files;

/// A spec, as far as it could be had.
pub struct Loaded {
    /// Its name in messages.
    pub name: String,
    /// The files it was read from.
    pub sources: Sources,
    /// What is to be said about it.
    pub problems: Vec<Diagnostic>,
    /// What is to be said about it where it is an IR.
    pub wire: Vec<wire::WireError>,
    /// The model; nothing where there are errors.
    pub model: Option<Model>,
    /// How many clauses it has.
    pub clauses: usize,
    /// Its scenarios.
    pub scenarios: Vec<govc::hir::scenario::Scenario>,
}

impl Loaded {
    /// The model, if it can be used.
    pub fn usable(&self) -> Option<&Model> {
        let errors = diag::any_error(&self.problems) || !self.wire.is_empty();
        self.model.as_ref().filter(|_| !errors)
    }

    /// All there is to be said about it, for people.
    pub fn to_text(&self, color: bool) -> String {
        let mut text = render::to_text(&self.sources, &self.problems, color);
        for error in &self.wire {
            text.push_str(&error.to_text(&self.name));
        }
        text
    }
}

/// Loads the spec in this file; an error where it cannot be read at all.
pub fn load(path: &Path) -> Result<Loaded, String> {
    let name = files::name(path);
    let bytes = files::read(path)
        .map_err(|error| format!("`{name}` cannot be read: {}", files::reason(&error)))?;
    let mut loaded = Loaded {
        name: name.clone(),
        sources: Sources::default(),
        problems: Vec::new(),
        wire: Vec::new(),
        model: None,
        clauses: 0,
        scenarios: Vec::new(),
    };
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            let byte = bytes.get(at).copied().unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            let source = loaded.sources.add(name.clone(), text);
            let span = Span::new(source, at, at + '\u{fffd}'.len_utf8());
            let label = format!("the byte {byte:#04x} at offset {at} belongs to nothing");
            let problem = Diagnostic::new(Code::NotUtf8, "this file is not UTF-8", span, label)
                .with_help("save it as UTF-8");
            loaded.problems.push(problem);
            return Ok(loaded);
        }
    };
    // A clause begins with a word; an IR is an object.
    if text.trim_ascii_start().starts_with('{') {
        match wire::from_json(&text) {
            Ok(model) => {
                loaded.clauses = model.clauses.len();
                loaded.model = Some(model);
            }
            Err(errors) => loaded.wire = errors,
        }
        return Ok(loaded);
    }
    let root = loaded.sources.add(name.clone(), text);
    let mut imports = Imports::new(path, name);
    let compiled = govc::compile(&mut loaded.sources, root, &mut |path, from| {
        imports.load(path, from)
    });
    loaded.problems = compiled.problems;
    loaded.clauses = compiled.clauses;
    loaded.scenarios = compiled.scenarios;
    loaded.model = compiled.model;
    Ok(loaded)
}

/// The files read so far: where each really lies, and the name under which it was first read.
struct Imports {
    names: Vec<(PathBuf, String)>,
}

impl Imports {
    fn new(root: &Path, name: String) -> Imports {
        let real = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        Imports {
            names: vec![(real, name)],
        }
    }

    /// Reads the file that the one named `from` imports as `path`: its name and text.
    fn load(&mut self, path: &str, from: &str) -> Result<(String, String), String> {
        // Standard input lies nowhere: what it imports is relative to the working directory.
        let file = Path::new(from).parent().unwrap_or(Path::new("")).join(path);
        let bytes = files::read(&file).map_err(|error| files::reason(&error))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            format!("it is not UTF-8: the byte at offset {at} belongs to nothing")
        })?;
        let real = file.canonicalize().unwrap_or_else(|_| file.clone());
        // A file that was read before keeps its name, by which the compiler knows it again.
        if let Some((_, name)) = self.names.iter().find(|(known, _)| *known == real) {
            return Ok((name.clone(), text));
        }
        let name = files::name(&file);
        self.names.push((real, name.clone()));
        Ok((name, text))
    }
}
