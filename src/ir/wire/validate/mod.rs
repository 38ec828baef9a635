//! Whether every number in a model points somewhere, and whatever else a run takes for granted.
//!
//! Here stands the walk over the tables of the model and what all of it needs: the path, the errors,
//! the numbers of things, and that nothing leads back to itself. `things` looks at kinds, roles,
//! calendars and events, `rules` at the rules, `decisions` at votes, `conditions` at what is inside
//! all of these.

mod conditions;
mod decisions;
mod rules;
mod things;

use super::{MAX_DEPTH, WireError};
use crate::diag::Code;
use crate::ids::*;
use crate::ir::*;
use crate::time::Zone;

/// How many errors are told of one IR.
const MAX_ERRORS: usize = 20;

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

    fn deep(&mut self, depth: usize) -> bool {
        let deep = depth > MAX_DEPTH;
        if deep {
            self.error(format!("this nests deeper than {MAX_DEPTH} levels"));
        }
        deep
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
        self.roles();
        self.calendars();
        self.each("events", &model.events, |v, event| v.event_row(event));
        self.each("decisions", &model.decisions, |v, decision| {
            v.decision(decision);
        });
        self.logs_and_clocks();
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

    fn calendar(&mut self, id: CalendarId) {
        self.index("calendar", id.index(), self.model.calendars.len());
    }

    fn attribute(&mut self, id: FieldId) {
        self.index("attribute", id.index(), self.model.attributes.len());
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

    fn origin(&mut self, origin: Origin) {
        self.index("file", origin.file as usize, self.model.files.len());
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
