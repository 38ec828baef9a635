//! The IR as versioned JSON: `{"format": "govc-ir", "version": 1, "model": { … }}`.
//!
//! Whoever reads a model from here may trust it: [`from_json`] refuses fields it does not know,
//! other versions, numbers that point nowhere and conditions nested without measure, so that a
//! model from somebody else cannot make a run panic. [`schema()`] is published as `schema.json`.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::*;
use crate::diag::Code;
use crate::time::Zone;

/// The `format` of every IR.
pub const FORMAT: &str = "govc-ir";
/// The `version` of every IR that this program writes and reads.
pub const VERSION: u32 = 1;
/// The deepest nesting of a condition, a type or a constant.
pub const MAX_DEPTH: usize = 64;
/// The deepest nesting of the JSON, which a condition of [`MAX_DEPTH`] cannot exceed.
const MAX_JSON_DEPTH: usize = MAX_DEPTH * 6 + 16;
/// How many errors are told of one IR.
const MAX_ERRORS: usize = 20;

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
    fn new(code: Code, message: impl Into<String>) -> WireError {
        WireError {
            code,
            message: message.into(),
            path: String::new(),
            place: None,
            help: None,
        }
    }

    fn syntax(error: &serde_json::Error) -> WireError {
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
fn depth(text: &str) -> usize {
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

/// What in a model points nowhere or contradicts itself; nothing for every model that was lowered
/// from rules.
pub fn validate(model: &Model) -> Vec<WireError> {
    let mut validator = Validator {
        model,
        path: vec!["model".to_owned()],
        counted: 0,
        errors: Vec::new(),
    };
    validator.model();
    validator.errors
}

/// What the names in a condition stand for.
#[derive(Clone, Copy)]
struct Context<'a> {
    /// The kind of [`Place::This`].
    kind: KindId,
    /// The events one of which is being judged; nothing where that is not known.
    events: Option<&'a [EventId]>,
}

struct Validator<'m> {
    model: &'m Model,
    path: Vec<String>,
    /// The index of the element that [`Validator::each`] is at.
    counted: usize,
    errors: Vec<WireError>,
}

impl Validator<'_> {
    fn at(&mut self, step: impl Into<String>, f: impl FnOnce(&mut Self)) {
        self.path.push(step.into());
        f(self);
        self.path.pop();
    }

    fn each<T>(&mut self, name: &str, list: &[T], mut f: impl FnMut(&mut Self, &T)) {
        for (index, item) in list.iter().enumerate() {
            self.counted = index;
            self.at(format!("{name}[{index}]"), |v| f(v, item));
        }
    }

    fn error(&mut self, message: impl Into<String>) {
        if self.errors.len() < MAX_ERRORS {
            let mut error = WireError::new(Code::IrInvalid, message);
            error.path = self.path.join(".");
            self.errors.push(error);
        }
    }

    fn index(&mut self, what: &str, index: usize, len: usize) -> bool {
        let fits = index < len;
        if !fits {
            self.error(format!("there is no {what} {index}: there are {len}"));
        }
        fits
    }

    fn clause(&mut self, id: ClauseId) {
        self.index("clause", id.index(), self.model.clauses.len());
    }

    fn kind(&mut self, id: KindId) -> bool {
        self.index("kind", id.index(), self.model.kinds.len())
    }

    fn role(&mut self, id: RoleId) {
        self.index("role", id.index(), self.model.roles.len());
    }

    fn event(&mut self, id: EventId) -> bool {
        self.index("event", id.index(), self.model.events.len())
    }

    /// An event that must say of itself where it comes from.
    fn event_of(&mut self, id: EventId, source: EventSource) -> bool {
        if !self.event(id) {
            return false;
        }
        let says = self.model.events.get(id.index()).map(|event| event.source);
        let fits = says == Some(source);
        if !fits {
            self.error(format!("event {id} does not come from here"));
        }
        fits
    }

    fn log(&mut self, id: LogId) -> bool {
        self.index("log", id.index(), self.model.logs.len())
    }

    fn origin(&mut self, origin: Origin) {
        self.index("file", origin.file as usize, self.model.files.len());
    }

    /// A state of a kind.
    fn state(&mut self, kind: KindId, state: StateId) {
        let Some(kind) = self.model.kinds.get(kind.index()) else {
            return; // told where the kind is named
        };
        self.index("state", state.index(), kind.states.len());
    }

    /// A parameter of one of these events.
    fn param(&mut self, events: &[EventId], field: FieldId) {
        let fields = events
            .iter()
            .filter_map(|id| self.model.events.get(id.index()))
            .map(|event| event.fields.len());
        let most = fields.max().unwrap_or(0);
        self.index("parameter", field.index(), most);
    }

    fn model(&mut self) {
        let model = self.model;
        if Zone::find(&model.timezone).is_none() {
            self.at("timezone", |v| {
                v.error(format!("there is no time zone `{}`", v.model.timezone));
            });
        }
        self.each("clauses", &model.clauses, |v, clause| {
            v.origin(clause.origin);
            v.each("overrides", &clause.overrides, |v, id| v.clause(*id));
        });
        let mut names: Vec<&str> = model.clauses.iter().map(|c| c.name.as_str()).collect();
        names.sort_unstable();
        if let Some(twice) = names
            .windows(2)
            .find_map(|w| (w.first() == w.last()).then(|| w.first()))
            .flatten()
        {
            self.error(format!("two clauses are called `{twice}`"));
        }
        self.acyclic("clauses", "overrides", model.clauses.len(), |index| {
            let clause = model.clauses.get(index);
            clause.map_or_else(Vec::new, |c| {
                c.overrides.iter().map(|id| id.index()).collect()
            })
        });
        self.kinds();
        self.each("attributes", &model.attributes, |v, field| {
            v.field(field, None);
        });
        self.each("roles", &model.roles, |v, role| {
            let id = RoleId::new(v.counted);
            v.at("kind", |v| {
                v.kind(role.kind);
            });
            v.each("holders", &role.holders, |v, kind| {
                v.kind(*kind);
            });
            for (name, event, source) in [
                ("added", role.added, EventSource::RoleAdded(id)),
                ("removed", role.removed, EventSource::RoleRemoved(id)),
            ] {
                v.at(name, |v| {
                    if v.event_of(event, source) {
                        v.param(&[event], FieldId(0));
                    }
                });
            }
            v.origin(role.origin);
        });
        self.each("ladders", &model.ladders, |v, ladder| {
            v.each("rungs", &ladder.rungs, |v, role| v.role(*role));
        });
        self.each("calendars", &model.calendars, |v, calendar| {
            v.each("rows", &calendar.rows, |v, row| {
                if row.cells.len() != calendar.columns.len() {
                    v.error(format!(
                        "there are {} columns, but {} cells",
                        calendar.columns.len(),
                        row.cells.len()
                    ));
                }
                if row.end.at <= row.start.at {
                    v.error("this row ends before it begins");
                }
            });
            if !calendar.rows.is_sorted_by_key(|row| row.start.at) {
                v.error("the rows are not in the order of their start");
            }
        });
        self.each("events", &model.events, |v, event| v.event_row(event));
        self.each("decisions", &model.decisions, |v, decision| {
            v.decision(decision);
        });
        self.each("logs", &model.logs, |v, log| {
            v.at("kind", |v| {
                v.kind(log.kind);
            });
            v.each("arms", &log.arms, |v, arm| v.arm(arm, log.kind));
        });
        self.each("clocks", &model.clocks, |v, clock| {
            v.at("kind", |v| {
                v.kind(clock.kind);
            });
            v.each("states", &clock.states, |v, s| v.state(clock.kind, *s));
            let context = Context {
                kind: clock.kind,
                events: None,
            };
            v.at("cond", |v| v.cond(&clock.cond, context, 0));
        });
        self.acyclic("clocks", "cond", model.clocks.len(), |index| {
            let mut clocks = Vec::new();
            if let Some(clock) = model.clocks.get(index) {
                visit::cond(&clock.cond, &mut |part| {
                    if let visit::Part::Cond(Cond::Held(id, ..)) = part {
                        clocks.push(id.index());
                    }
                });
            }
            clocks
        });
        self.rules();
        self.at("analysis", |v| {
            if model.analysis.len() != model.kinds.len() {
                v.error(format!(
                    "there are {} kinds, but what is known is of {}",
                    model.kinds.len(),
                    model.analysis.len()
                ));
            }
        });
        self.each("analysis", &model.analysis, |v, kind| {
            v.each("listens", &kind.listens, |v, event| {
                v.event(*event);
            });
        });
    }

    fn kinds(&mut self) {
        let model = self.model;
        match model.kinds.first() {
            Some(kind) if kind.form == Form::Document => {}
            _ => self.at("kinds", |v| v.error("kind 0 must be the document")),
        }
        self.each("kinds", &model.kinds, |v, kind| {
            let id = KindId::new(v.counted);
            if let Some(parent) = kind.parent {
                v.at("parent", |v| {
                    v.kind(parent);
                });
            }
            v.at("initial", |v| {
                v.index("state", kind.initial.index(), kind.states.len());
            });
            v.each("states", &kind.states, |v, state| v.origin(state.origin));
            v.each("fields", &kind.fields, |v, field| v.field(field, None));
            if let Some(event) = kind.added {
                v.at("added", |v| {
                    v.event_of(event, EventSource::KindAdded(id));
                });
            }
            v.origin(kind.origin);
        });
        let documents = model
            .kinds
            .iter()
            .skip(1)
            .filter(|k| k.form == Form::Document);
        if documents.count() > 0 {
            self.at("kinds", |v| v.error("there is more than one document"));
        }
        self.acyclic("kinds", "parent", model.kinds.len(), |index| {
            let parent = model.kinds.get(index).and_then(|kind| kind.parent);
            parent.into_iter().map(|id| id.index()).collect()
        });
    }

    fn event_row(&mut self, event: &Event) {
        let model = self.model;
        self.at("kind", |v| {
            v.kind(event.kind);
        });
        let kind = model.kinds.get(event.kind.index());
        self.each("fields", &event.fields, |v, field| v.field(field, kind));
        if let Some(about) = event.about {
            self.at("about", |v| {
                v.index("parameter", about.index(), event.fields.len());
            });
        }
        self.origin(event.origin);
        self.at("source", |v| match event.source {
            EventSource::Declared | EventSource::Record => {}
            EventSource::RoleAdded(role) | EventSource::RoleRemoved(role) => v.role(role),
            EventSource::KindAdded(kind) => {
                v.kind(kind);
            }
            EventSource::Opened(id)
            | EventSource::Closed(id)
            | EventSource::Withdrawn(id)
            | EventSource::Ballot(id, _)
            | EventSource::Outcome(id, _) => {
                if !v.index("decision", id.index(), model.decisions.len()) {
                    return;
                }
                let Some(decision) = model.decisions.get(id.index()) else {
                    return;
                };
                if let EventSource::Outcome(_, outcome) = event.source {
                    v.index("outcome", outcome as usize, decision.outcomes.len());
                }
                let mut needed = decision.params as usize;
                if matches!(event.source, EventSource::Ballot(_, Ballot::Named)) {
                    needed = needed.saturating_add(1);
                }
                if event.fields.len() < needed {
                    v.error(format!(
                        "an event of this decision has at least {needed} parameters"
                    ));
                }
            }
            EventSource::Missed(id)
            | EventSource::Met(id)
            | EventSource::Broken(id)
            | EventSource::Mended(id) => v.clause(id),
        });
    }

    /// A field; of an event whose subject is of kind `stores`.
    fn field(&mut self, field: &Field, stores: Option<&Kind>) {
        self.at("ty", |v| v.ty(&field.ty, 0));
        if let Some(default) = &field.default {
            self.at("default", |v| v.constant(default, 0));
        }
        if let Some(stored) = field.stores {
            let len = stores.map_or(0, |kind| kind.fields.len());
            self.at("stores", |v| {
                v.index("field", stored.index(), len);
            });
        }
    }

    fn deep(&mut self, depth: usize) -> bool {
        let deep = depth > MAX_DEPTH;
        if deep {
            self.error(format!("this nests deeper than {MAX_DEPTH} levels"));
        }
        deep
    }

    fn ty(&mut self, ty: &Type, depth: usize) {
        if self.deep(depth) {
            return;
        }
        match ty {
            Type::Instance(kinds) => {
                for kind in kinds {
                    self.kind(*kind);
                }
            }
            Type::Role(roles) => {
                for role in roles {
                    self.role(*role);
                }
            }
            Type::List(of) => self.ty(of, depth + 1),
            _ => {}
        }
    }

    fn constant(&mut self, constant: &Const, depth: usize) {
        if self.deep(depth) {
            return;
        }
        match constant {
            Const::Role(role) => self.role(*role),
            Const::List(list) => {
                for element in list {
                    self.constant(element, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn decision(&mut self, decision: &Decision) {
        let kind = decision.kind;
        let id = DecisionId::new(self.counted);
        self.clause(decision.clause);
        self.at("kind", |v| {
            v.kind(kind);
        });
        let opened = [decision.opened];
        self.at("opened", |v| {
            v.event_of(decision.opened, EventSource::Opened(id));
        });
        let context = Context {
            kind,
            events: Some(&opened),
        };
        if let Some(set) = &decision.electorate {
            self.at("electorate", |v| v.set(set, context, 0));
        }
        if decision.outcomes.is_empty() {
            self.error("a decision has at least one outcome");
        }
        self.each("outcomes", &decision.outcomes, |v, outcome| {
            let source = EventSource::Outcome(id, u32::try_from(v.counted).unwrap_or(u32::MAX));
            v.event_of(outcome.event, source);
            if let Some(target) = outcome.target {
                v.state(kind, target);
            }
        });
        for (name, cond) in [("quorum", &decision.quorum), ("passes", &decision.passes)] {
            if let Some(cond) = cond {
                self.at(name, |v| v.vote(cond, context, 0));
            }
        }
        for (name, expr) in [("after", &decision.after), ("on", &decision.on)] {
            if let Some(expr) = expr {
                self.at(name, |v| v.expr(expr, context, 0));
            }
        }
        match &decision.tie {
            None => {}
            Some(Tie::Outcome(outcome)) => self.at("tie", |v| {
                v.index("outcome", *outcome as usize, decision.outcomes.len());
            }),
            Some(Tie::By(set)) => self.at("tie", |v| v.set(set, context, 0)),
        }
    }

    fn vote(&mut self, cond: &VoteCond, context: Context<'_>, depth: usize) {
        if self.deep(depth) {
            return;
        }
        match cond {
            VoteCond::All(list) | VoteCond::Any(list) => {
                for cond in list {
                    self.vote(cond, context, depth + 1);
                }
            }
            VoteCond::Tally { quota, .. } => match quota {
                Quota::AtLeast(expr) | Quota::MoreThan(expr) | Quota::AtMost(expr) => {
                    self.expr(expr, context, depth + 1);
                }
                Quota::Fraction { den, .. } => self.denominator(*den),
                Quota::AllBut(..) => {}
            },
            VoteCond::World(cond) => self.cond(cond, context, depth + 1),
        }
    }

    fn denominator(&mut self, den: u32) {
        if den == 0 {
            self.error("a fraction has the denominator 0");
        }
    }

    fn rules(&mut self) {
        let model = self.model;
        self.each("permits", &model.permits, |v, rule| {
            v.clause(rule.clause);
            v.scope(&rule.scope);
            let kind = rule.scope.kind;
            v.at("arm", |v| v.arm(&rule.arm, kind));
            v.by(rule.by.as_ref(), kind, Some(&[rule.arm.event]));
            v.guard(rule.guard.as_ref(), kind, Some(&[rule.arm.event]));
            v.target(rule.target, kind);
            v.actions(&rule.actions, kind, Some(&[rule.arm.event]));
        });
        self.each("prohibitions", &model.prohibitions, |v, rule| {
            v.clause(rule.clause);
            v.scope(&rule.scope);
            let kind = rule.scope.kind;
            v.at("arm", |v| v.arm(&rule.arm, kind));
            v.by(rule.by.as_ref(), kind, Some(&[rule.arm.event]));
            v.guard(rule.guard.as_ref(), kind, Some(&[rule.arm.event]));
        });
        self.each("caps", &model.caps, |v, rule| {
            v.clause(rule.clause);
            v.scope(&rule.scope);
            v.at("log", |v| {
                v.log(rule.log);
            });
            v.each("events", &rule.events, |v, event| {
                v.event(*event);
            });
            let context = Context {
                kind: rule.scope.kind,
                events: Some(&rule.events),
            };
            v.at("max", |v| v.expr(&rule.max, context, 0));
            v.at("period", |v| v.period(rule.period));
        });
        self.each("checks", &model.checks, |v, rule| {
            v.clause(rule.clause);
            v.scope(&rule.scope);
            let kind = rule.scope.kind;
            v.at("arm", |v| v.arm(&rule.arm, kind));
            v.guard(rule.guard.as_ref(), kind, Some(&[rule.arm.event]));
            let context = Context {
                kind,
                events: Some(&[rule.arm.event]),
            };
            v.at("cond", |v| v.cond(&rule.cond, context, 0));
        });
        self.each("invariants", &model.invariants, |v, rule| {
            v.clause(rule.clause);
            v.scope(&rule.scope);
            let kind = rule.scope.kind;
            v.guard(rule.guard.as_ref(), kind, None);
            let context = Context { kind, events: None };
            v.at("cond", |v| v.cond(&rule.cond, context, 0));
            if let Some(grace) = &rule.grace {
                v.at("grace", |v| v.expr(grace, context, 0));
            }
        });
        self.each("duties", &model.duties, |v, duty| v.duty(duty));
        self.each("reactions", &model.reactions, |v, rule| {
            v.clause(rule.clause);
            v.scope(&rule.scope);
            let kind = rule.scope.kind;
            let mut event = None;
            v.at("trigger", |v| match &rule.trigger {
                Trigger::Event(arm) => {
                    event = Some([arm.event]);
                    v.arm(arm, kind);
                }
                Trigger::Becomes(cond) => {
                    let context = Context { kind, events: None };
                    v.cond(cond, context, 0);
                }
            });
            let events = event.as_ref().map(<[EventId; 1]>::as_slice);
            v.guard(rule.guard.as_ref(), kind, events);
            v.target(rule.target, kind);
            v.actions(&rule.actions, kind, events);
        });
    }

    fn duty(&mut self, duty: &Duty) {
        self.clause(duty.clause);
        self.scope(&duty.scope);
        let kind = duty.scope.kind;
        self.each("arms", &duty.arms, |v, arm| v.arm(arm, kind));
        let acts: Vec<EventId> = duty.arms.iter().map(|arm| arm.event).collect();
        let mut triggers: Vec<EventId> = match &duty.arises {
            Arises::After(arms) => arms.iter().map(|arm| arm.event).collect(),
            _ => Vec::new(),
        };
        // A bearer is looked at when the duty arises, and when somebody acts.
        triggers.extend(&acts);
        let context = Context {
            kind,
            events: Some(&triggers),
        };
        self.by(duty.by.as_ref(), kind, Some(&triggers));
        self.guard(duty.guard.as_ref(), kind, Some(&triggers));
        self.at("arises", |v| match &duty.arises {
            Arises::Entry => {}
            Arises::After(arms) => {
                for arm in arms {
                    v.arm(arm, kind);
                }
            }
            Arises::While(cond) => v.cond(cond, context, 0),
            Arises::Every(expr) => v.expr(expr, context, 0),
            Arises::Per(bounds, period) => {
                v.bounds(bounds, context, 0);
                v.period(*period);
            }
            Arises::Ended(period, names) => {
                v.period(*period);
                for (act, field) in names {
                    v.event(*act);
                    v.param(&[*act], *field);
                }
            }
        });
        if let Some(except) = &duty.except {
            self.at("except", |v| v.expr(except, context, 0));
        }
        self.at("due", |v| match &duty.due {
            Due::Open | Due::EndOfDay => {}
            Due::Within(expr) | Due::ByDate(expr, _) => v.expr(expr, context, 0),
            Due::Before(arms) => {
                for arm in arms {
                    v.arm(arm, kind);
                }
            }
        });
        self.matches(&duty.matches);
    }

    fn matches(&mut self, matches: &[Match]) {
        self.each("matches", matches, |v, pair| {
            v.event(pair.trigger);
            v.event(pair.act);
            for (trigger, act) in &pair.fields {
                v.param(&[pair.trigger], *trigger);
                v.param(&[pair.act], *act);
            }
        });
    }

    fn scope(&mut self, scope: &Scope) {
        self.at("scope", |v| {
            v.kind(scope.kind);
            v.each("states", &scope.states, |v, s| v.state(scope.kind, *s));
            if let Some(role) = scope.each {
                v.role(role);
            }
        });
    }

    fn arm(&mut self, arm: &Arm, kind: KindId) {
        self.event(arm.event);
        if let Some(filter) = &arm.filter {
            let context = Context {
                kind,
                events: Some(&[arm.event]),
            };
            self.at("filter", |v| v.cond(filter, context, 0));
        }
    }

    fn by(&mut self, who: Option<&Who>, kind: KindId, events: Option<&[EventId]>) {
        if let Some(who) = who {
            self.at("by", |v| v.set(&who.set, Context { kind, events }, 0));
        }
    }

    fn guard(&mut self, guard: Option<&Cond>, kind: KindId, events: Option<&[EventId]>) {
        if let Some(guard) = guard {
            self.at("guard", |v| v.cond(guard, Context { kind, events }, 0));
        }
    }

    fn target(&mut self, target: Option<StateId>, kind: KindId) {
        if let Some(target) = target {
            self.at("target", |v| v.state(kind, target));
        }
    }

    fn actions(&mut self, actions: &[Action], kind: KindId, events: Option<&[EventId]>) {
        let context = Context { kind, events };
        self.each("actions", actions, |v, action| match action {
            Action::Grant(role, place, set) | Action::Revoke(role, place, set) => {
                match role {
                    RoleRef::Role(role) => v.role(*role),
                    RoleRef::Value(expr) => v.expr(expr, context, 0),
                }
                v.place(place, context, 0);
                v.set(set, context, 0);
            }
            Action::SetField(place, field, expr) => {
                v.place(place, context, 0);
                v.field_of(place, *field, context);
                v.expr(expr, context, 0);
            }
            Action::SetAttribute(person, attribute, expr) => {
                v.expr(person, context, 0);
                v.attribute(*attribute);
                v.expr(expr, context, 0);
            }
            Action::Emit { event, place, args } => {
                v.event(*event);
                v.place(place, context, 0);
                for (field, expr) in args {
                    v.param(&[*event], *field);
                    v.expr(expr, context, 0);
                }
            }
        });
    }

    // -- conditions

    /// The kind of an instance, where the place alone says it.
    fn kind_of(place: &Place, context: Context<'_>) -> Option<KindId> {
        match place {
            Place::This => Some(context.kind),
            Place::Within(kind) => Some(*kind),
            Place::Of(_) => None,
        }
    }

    fn field_of(&mut self, place: &Place, field: FieldId, context: Context<'_>) {
        let kinds = self.model.kinds.iter().enumerate();
        let only = Self::kind_of(place, context);
        let fields = kinds
            .filter(|(index, _)| only.is_none_or(|kind| kind.index() == *index))
            .map(|(_, kind)| kind.fields.len());
        let most = fields.max().unwrap_or(0);
        self.index("field", field.index(), most);
    }

    fn attribute(&mut self, id: FieldId) {
        self.index("attribute", id.index(), self.model.attributes.len());
    }

    fn log_param(&mut self, log: LogId, field: FieldId) {
        if !self.log(log) {
            return;
        }
        let arms = self.model.logs.get(log.index()).map(|log| &log.arms);
        let events: Vec<EventId> = arms.into_iter().flatten().map(|arm| arm.event).collect();
        self.param(&events, field);
    }

    fn place(&mut self, place: &Place, context: Context<'_>, depth: usize) {
        match place {
            Place::This => {}
            Place::Within(kind) => {
                self.kind(*kind);
            }
            Place::Of(expr) => self.expr(expr, context, depth + 1),
        }
    }

    fn expr(&mut self, expr: &Expr, context: Context<'_>, depth: usize) {
        if self.deep(depth) {
            return;
        }
        match expr {
            Expr::Const(constant) => self.constant(constant, depth),
            Expr::Param(field) => match context.events {
                Some(events) => self.param(events, *field),
                None => self.error("no event is being judged here whose parameter this could be"),
            },
            Expr::Field(place, field) => {
                self.place(place, context, depth);
                self.field_of(place, *field, context);
            }
            Expr::Attribute(of, attribute) => {
                self.expr(of, context, depth + 1);
                self.attribute(*attribute);
            }
            Expr::LastParam(log, place, field) => {
                self.log_param(*log, *field);
                self.place(place, context, depth);
            }
            Expr::LastActor(log, place) | Expr::LastWhen(log, place) => {
                self.log(*log);
                self.place(place, context, depth);
            }
            Expr::This(place) | Expr::NameOf(place) => self.place(place, context, depth),
            Expr::Template(list) | Expr::List(list) => {
                for expr in list {
                    self.expr(expr, context, depth + 1);
                }
            }
            Expr::Cell(id, cell) => self.cell(*id, *cell),
            Expr::CellAt(id, cell, of) => {
                self.cell(*id, *cell);
                self.expr(of, context, depth + 1);
            }
            Expr::Elements(set) => self.set(set, context, depth + 1),
            Expr::Actor
            | Expr::When
            | Expr::Subject
            | Expr::Element
            | Expr::Holder
            | Expr::Today => {}
        }
    }

    fn set(&mut self, set: &Set, context: Context<'_>, depth: usize) {
        if self.deep(depth) {
            return;
        }
        match set {
            Set::Holders(role, place) => {
                self.role(*role);
                self.place(place, context, depth);
            }
            Set::HoldersAnywhere(role) => self.role(*role),
            Set::Body(kind) => {
                self.kind(*kind);
            }
            Set::Values(expr) => self.expr(expr, context, depth + 1),
            Set::Instances(kind, place) => {
                self.kind(*kind);
                if let Some(place) = place {
                    self.place(place, context, depth);
                }
            }
            Set::Union(list) => {
                for set in list {
                    self.set(set, context, depth + 1);
                }
            }
            Set::Where(set, cond) => {
                self.set(set, context, depth + 1);
                self.cond(cond, context, depth + 1);
            }
            Set::Attribute(set, attribute) => {
                self.set(set, context, depth + 1);
                self.attribute(*attribute);
            }
            Set::HoldersOf(set, role) => {
                self.set(set, context, depth + 1);
                self.role(*role);
            }
            Set::FieldOf(set, field) => {
                self.set(set, context, depth + 1);
                let most = self.model.kinds.iter().map(|k| k.fields.len()).max();
                self.index("field", field.index(), most.unwrap_or(0));
            }
            Set::Anyone => {}
        }
    }

    fn bounds(&mut self, bounds: &Bounds, context: Context<'_>, depth: usize) {
        self.expr(&bounds.min, context, depth + 1);
        if let Some(max) = &bounds.max {
            self.expr(max, context, depth + 1);
        }
    }

    fn about(&mut self, about: &About, context: Context<'_>, depth: usize) {
        match about {
            About::Any => {}
            About::Person(expr) => self.expr(expr, context, depth + 1),
            About::DoneBy(set) => self.set(set, context, depth + 1),
        }
    }

    fn window(&mut self, window: &Window, context: Context<'_>, depth: usize) {
        match window {
            Window::SinceLast { last, matches } => {
                self.log(*last);
                self.matches(matches);
            }
            Window::Last(expr) => self.expr(expr, context, depth + 1),
            Window::Period(period) => self.period(*period),
            Window::Life | Window::Entry => {}
        }
    }

    fn cell(&mut self, id: CalendarId, cell: Cell) {
        self.calendar(id);
        let calendar = self.model.calendars.get(id.index());
        let columns = calendar.map_or(0, |calendar| calendar.columns.len());
        if let Cell::Span(column) | Cell::First(column) | Cell::Last(column) = cell {
            self.index("column", column as usize, columns);
        }
    }

    fn calendar(&mut self, id: CalendarId) {
        self.index("calendar", id.index(), self.model.calendars.len());
    }

    fn period(&mut self, period: Period) {
        if let Period::Cycle(calendar) = period {
            self.calendar(calendar);
        }
    }

    fn cond(&mut self, cond: &Cond, context: Context<'_>, depth: usize) {
        if self.deep(depth) {
            return;
        }
        match cond {
            Cond::All(list) | Cond::Any(list) => {
                for cond in list {
                    self.cond(cond, context, depth + 1);
                }
            }
            Cond::Not(cond) => self.cond(cond, context, depth + 1),
            Cond::Count { set, bounds, .. } => {
                self.set(set, context, depth + 1);
                self.bounds(bounds, context, depth);
            }
            Cond::Among { set, among, bounds } => {
                self.set(set, context, depth + 1);
                self.set(among, context, depth + 1);
                if let Some(bounds) = bounds {
                    self.bounds(bounds, context, depth);
                }
            }
            Cond::Happened {
                log,
                place,
                about,
                by,
                window,
                bounds,
            } => {
                self.log(*log);
                self.place(place, context, depth);
                self.about(about, context, depth);
                if let Some(by) = by {
                    self.set(&by.set, context, depth + 1);
                }
                self.window(window, context, depth);
                self.bounds(bounds, context, depth);
            }
            Cond::Share {
                part,
                whole,
                place,
                window,
                den,
                ..
            } => {
                self.log(*part);
                self.log(*whole);
                self.place(place, context, depth);
                self.window(window, context, depth);
                self.denominator(*den);
            }
            Cond::Portion {
                part, whole, den, ..
            } => {
                self.set(part, context, depth + 1);
                self.set(whole, context, depth + 1);
                self.denominator(*den);
            }
            Cond::DoneBy(by) => self.set(&by.set, context, depth + 1),
            Cond::Silent {
                log,
                place,
                about,
                duration,
                ..
            } => {
                self.log(*log);
                self.place(place, context, depth);
                self.about(about, context, depth);
                self.expr(duration, context, depth + 1);
            }
            Cond::Held(clock, place, duration) => {
                self.index("clock", clock.index(), self.model.clocks.len());
                self.place(place, context, depth);
                self.expr(duration, context, depth + 1);
            }
            Cond::Tenure {
                who,
                roles,
                place,
                duration,
            } => {
                self.expr(who, context, depth + 1);
                for role in roles {
                    self.role(*role);
                }
                if let Some(place) = place {
                    self.place(place, context, depth);
                }
                self.expr(duration, context, depth + 1);
            }
            Cond::Beyond {
                who,
                role,
                place,
                calendar,
                ..
            } => {
                self.expr(who, context, depth + 1);
                self.role(*role);
                self.place(place, context, depth);
                self.calendar(*calendar);
            }
            Cond::In(expr, set) => {
                self.expr(expr, context, depth + 1);
                self.set(set, context, depth + 1);
            }
            Cond::State(place, states) => {
                self.place(place, context, depth);
                if let Some(kind) = Self::kind_of(place, context) {
                    for state in states {
                        self.state(kind, *state);
                    }
                }
            }
            Cond::Compare(left, _, right) => {
                self.expr(left, context, depth + 1);
                self.expr(right, context, depth + 1);
            }
            Cond::Filled(expr) => self.expr(expr, context, depth + 1),
        }
    }

    /// Nothing leads back to itself.
    fn acyclic(&mut self, list: &str, by: &str, len: usize, next: impl Fn(usize) -> Vec<usize>) {
        #[derive(Clone, Copy, PartialEq)]
        enum Mark {
            New,
            Open,
            Done,
        }
        let mut marks = vec![Mark::New; len];
        for start in 0..len {
            if marks.get(start) != Some(&Mark::New) {
                continue;
            }
            // A stack of our own: an untrusted chain may be as long as the model.
            let mut stack = vec![(start, next(start))];
            if let Some(mark) = marks.get_mut(start) {
                *mark = Mark::Open;
            }
            while let Some((node, rest)) = stack.last_mut() {
                let node = *node;
                let Some(to) = rest.pop() else {
                    stack.pop();
                    if let Some(mark) = marks.get_mut(node) {
                        *mark = Mark::Done;
                    }
                    continue;
                };
                match marks.get_mut(to) {
                    Some(Mark::Open) => {
                        self.at(format!("{list}[{node}]"), |v| {
                            v.at(by, |v| v.error("this leads back to itself"));
                        });
                    }
                    Some(mark @ Mark::New) => {
                        *mark = Mark::Open;
                        stack.push((to, next(to)));
                    }
                    Some(Mark::Done) | None => {}
                }
            }
        }
    }
}
