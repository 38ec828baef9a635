//! First pass: what there is. Kinds, then roles and states, then fields, events and decisions;
//! each later step needs the names of the earlier ones.

mod decisions;
mod events;
mod kinds;
mod roles;

use crate::diag::Diagnostic;
use crate::hir::error::ResolveError;
use crate::hir::{Entity, Kind, Spec, State};
use crate::ids::*;
use crate::ir::{Form, Type};
use crate::source::Span;
use crate::syntax::ast::{self, Clause as Node, Head, Name};
use crate::time::Zone;

/// What roles, groups, decisions and clauses say by themselves: no name for a declared event.
pub const LIFE: [&str; 18] = [
    "added",
    "removed",
    "opened",
    "closed",
    "withdrawn",
    "yes",
    "no",
    "against",
    "abstain",
    "recused",
    "voted",
    "passed",
    "failed",
    "no-quorum",
    "met",
    "missed",
    "broken",
    "mended",
];

/// A condition with a name, expanded where it is used.
#[derive(Debug, Clone)]
pub struct Define {
    /// Its name.
    pub name: Name,
    /// The kind whose namespace it is in.
    pub kind: KindId,
    /// The condition.
    pub cond: ast::Cond,
}

/// What a block of clauses speaks of.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// The document, or a kind.
    Kind(KindId),
    /// `each person`
    Person,
    /// A state of a kind.
    State(KindId, StateId),
    /// `role R { }`
    Role(KindId, RoleId),
    /// `each R { }`, in a kind.
    EachRole(KindId, RoleId),
    /// The block of a role in that of a state, or the other way round.
    In(StateId, Box<Block>),
    /// `to E { }`, in another block.
    To(Box<Block>),
    /// `decision D { }`
    Decision(KindId, DecisionId),
    /// `trace "…" { }`
    Trace,
    /// A block whose clauses are not resolved: an error was reported, or it is not built.
    Skip,
}

impl Block {
    /// The kind in which the block stands.
    pub fn kind(&self) -> KindId {
        match self {
            Block::Kind(kind)
            | Block::State(kind, _)
            | Block::Role(kind, _)
            | Block::EachRole(kind, _)
            | Block::Decision(kind, _) => *kind,
            Block::To(inner) | Block::In(_, inner) => inner.kind(),
            Block::Person | Block::Trace | Block::Skip => KindId::DOCUMENT,
        }
    }

    /// The state of the kind in which the clauses of the block stand, where it is a certain one.
    pub fn state(&self) -> Option<StateId> {
        match self {
            Block::State(_, state) | Block::In(state, _) => Some(*state),
            Block::To(inner) => inner.state(),
            _ => None,
        }
    }

    /// The same block in a state of its kind, if it is in one.
    fn during(self, kind: KindId, state: Option<StateId>) -> Block {
        match state {
            Some(state) if self.kind() == kind => Block::In(state, Box::new(self)),
            _ => self,
        }
    }
}

/// The spec under construction.
pub struct Builder<'a> {
    /// What is built so far.
    pub spec: Spec,
    /// The document of the file at hand: [`KindId::DOCUMENT`], or the body that an imported spec is.
    pub document: KindId,
    /// The persons and instances of the scenario at hand.
    pub cast: std::collections::BTreeMap<String, Type>,
    /// The text of the tables that the calendars of the file at hand read, by the name written.
    pub tables: std::collections::BTreeMap<String, String>,
    /// Complaints so far.
    pub problems: Vec<Diagnostic>,
    /// The definitions.
    pub defines: Vec<Define>,
    /// How many definitions were put in where they are used.
    pub expanded: usize,
    /// Whether it was said that these are too many.
    pub overgrown: bool,
    /// The definitions being expanded, innermost last.
    pub expanding: Vec<usize>,
    /// The definitions that need themselves, and were complained about.
    pub circular: Vec<usize>,
    /// The text of all files, for the words of clauses.
    pub sources: &'a crate::source::Sources,
    /// Every `as` name, before clauses are numbered: kind, name, place.
    pub named: Vec<(KindId, Name)>,
    /// What holds roles, before all kinds are known.
    pub holders: Vec<(RoleId, KindId, ast::Type)>,
    /// Which clause overrides which, before they are looked up.
    pub overrides: Vec<(ClauseId, ast::Path)>,
    /// Events of duties and rules asked for before their clause is numbered.
    pub clause_events: Vec<ClauseEvent>,
}

/// An event of a clause: `monthly-meeting.missed`.
#[derive(Debug, Clone)]
pub struct ClauseEvent {
    /// The kind and the clause's `as` name.
    pub clause: (KindId, String),
    /// `missed`, `met`, `broken` or `mended`.
    pub which: &'static str,
    /// The event that stands for it.
    pub event: EventId,
}

impl<'a> Builder<'a> {
    /// An empty spec.
    pub fn new(sources: &'a crate::source::Sources) -> Builder<'a> {
        let document = Kind {
            name: String::new(),
            span: Span::default(),
            form: Form::Document,
            parent: None,
            module: false,
            states: Vec::new(),
            fields: Vec::new(),
            added: None,
            names: Default::default(),
        };
        Builder {
            spec: Spec {
                name: String::new(),
                title: String::new(),
                zone: Zone::utc(),
                sources: Vec::new(),
                kinds: vec![document],
                attributes: Vec::new(),
                roles: Vec::new(),
                ladders: Vec::new(),
                calendars: Vec::new(),
                events: Vec::new(),
                decisions: Vec::new(),
                logs: Vec::new(),
                clocks: Vec::new(),
                clauses: Vec::new(),
                rules: Vec::new(),
                record: None,
                scenarios: Vec::new(),
            },
            cast: Default::default(),
            tables: Default::default(),
            document: KindId::DOCUMENT,
            problems: Vec::new(),
            defines: Vec::new(),
            expanded: 0,
            overgrown: false,
            expanding: Vec::new(),
            circular: Vec::new(),
            sources,
            named: Vec::new(),
            holders: Vec::new(),
            overrides: Vec::new(),
            clause_events: Vec::new(),
        }
    }

    /// Adds a complaint.
    pub fn complain(&mut self, error: ResolveError) {
        self.problems.push(error.to_diagnostic());
    }

    /// Collects all declarations of the clauses of one file.
    pub fn collect(&mut self, clauses: &[Node]) {
        let document = self.document;
        self.collect_header(clauses);
        self.collect_kinds(clauses, document);
        self.collect_roles(clauses, &Block::Kind(document));
        self.collect_ladders(clauses, &Block::Kind(document));
        self.collect_holders();
        for kind in &mut self.spec.kinds {
            if kind.states.is_empty() {
                kind.states.push(State {
                    name: String::new(),
                    span: kind.span,
                    initial: true,
                    is_final: false,
                });
            }
        }
        self.collect_events(clauses, &Block::Kind(document));
        self.collect_parameters(clauses, &Block::Kind(document));
        for index in 0..self.spec.kinds.len() {
            self.add_kind_event(KindId::new(index));
        }
    }

    /// Puts a name into a kind's namespace, or complains that it is there already.
    pub fn declare(&mut self, kind: KindId, name: &Name, entity: Entity) -> bool {
        let names = &mut self.spec.kinds[kind.index()].names;
        if let Some((known, first)) = names.get(&name.text) {
            let (known, first, text) = (*known, *first, &name.text);
            let help = match (known, entity) {
                (Entity::Kind(_), Entity::Kind(_)) => {
                    format!("to add to it, write `each {text}`; else rename one of them")
                }
                (Entity::Field(_), Entity::Field(_)) => {
                    format!("say its type once: `must have {text}` asks for it again")
                }
                (Entity::Role(_), Entity::Role(_)) => {
                    format!("leave one out; to add to it, write a block: `role {text} {{ … }}`")
                }
                _ => "rename one of them".to_owned(),
            };
            self.complain(ResolveError::Twice {
                name: name.text.clone(),
                span: name.span,
                first,
                help,
            });
            return false;
        }
        names.insert(name.text.clone(), (entity, name.span));
        true
    }

    /// What a name stands for in this one namespace.
    pub fn entity(&self, kind: KindId, name: &str) -> Option<Entity> {
        let kind = self.spec.kinds.get(kind.index())?;
        kind.names.get(name).map(|(entity, _)| *entity)
    }

    /// What a name stands for in this namespace or one that encloses it.
    pub fn visible(&self, kind: KindId, name: &str) -> Option<(KindId, Entity)> {
        let mut at = Some(kind);
        while let Some(kind) = at {
            if let Some(entity) = self.entity(kind, name) {
                return Some((kind, entity));
            }
            at = self.enclosing(kind);
        }
        None
    }

    /// The kind that encloses a kind; the document encloses all others.
    pub fn enclosing(&self, kind: KindId) -> Option<KindId> {
        let declared = self.spec.kinds.get(kind.index());
        if kind == KindId::DOCUMENT || declared.is_some_and(|k| k.module) {
            return None;
        }
        let parent = declared.and_then(|k| k.parent);
        Some(parent.unwrap_or(KindId::DOCUMENT))
    }

    /// Whether `outer` is `inner` or encloses it.
    pub fn encloses(&self, outer: KindId, inner: KindId) -> bool {
        let mut at = Some(inner);
        while let Some(kind) = at {
            if kind == outer {
                return true;
            }
            at = self.enclosing(kind);
        }
        false
    }

    /// What a dotted name stands for, through the documents of imported specs.
    pub fn entity_at(&self, kind: KindId, path: &ast::Path) -> Option<Entity> {
        let (last, modules) = path.parts.split_last()?;
        let mut at = None;
        for part in modules {
            let found = match at {
                None => self.visible(kind, &part.text).map(|(_, e)| e),
                Some(module) => self.entity(module, &part.text),
            };
            match found {
                Some(Entity::Kind(id)) if self.spec.kinds[id.index()].module => at = Some(id),
                _ => return None,
            }
        }
        match at {
            None => self.visible(kind, &last.text).map(|(_, e)| e),
            Some(module) => self.entity(module, &last.text),
        }
    }

    /// The name of a kind as clauses show it, with the imported spec it belongs to before it.
    pub fn qualified(&self, kind: KindId) -> String {
        let name = self.spec.kinds[kind.index()].name.clone();
        let mut at = kind;
        while let Some(outer) = self.enclosing(at) {
            at = outer;
        }
        match self.spec.kinds.get(at.index()) {
            Some(module) if module.module && at != kind => format!("{}.{name}", module.name),
            _ => name,
        }
    }

    /// The names of all kinds but the document.
    pub fn kind_names(&self) -> Vec<String> {
        let kinds = self.spec.kinds.iter().skip(1);
        kinds.map(|k| k.name.clone()).collect()
    }

    /// The block that a clause opens, as far as declarations are concerned.
    pub fn block_of(&mut self, clause: &Node, outer: &Block) -> Block {
        let kind = outer.kind();
        match &clause.head {
            Head::Kind(_, name, _) => match self.entity(self.document, &name.text) {
                Some(Entity::Kind(id)) => Block::Kind(id),
                _ => Block::Skip,
            },
            Head::Each(name) if name.text == "person" => Block::Person,
            Head::Each(name) => match self.visible(kind, &name.text) {
                Some((_, Entity::Kind(id))) => Block::Kind(id),
                // A role scoped to something deeper speaks of that.
                Some((_, Entity::Role(role))) => {
                    self.mention(role);
                    let scope = self.spec.roles[role.index()].kind;
                    let at = if self.encloses(scope, kind) {
                        kind
                    } else {
                        scope
                    };
                    Block::EachRole(at, role).during(kind, outer.state())
                }
                _ => Block::Skip,
            },
            Head::Role { name, scope, .. } => {
                let at = scope.as_ref().and_then(|s| self.kind_called(s));
                let at = at.unwrap_or(kind);
                match self.visible(at, &name.text) {
                    Some((_, Entity::Role(role))) => {
                        Block::Role(at, role).during(kind, outer.state())
                    }
                    _ => Block::Skip,
                }
            }
            Head::State(name, _) => match self.entity(kind, &name.text) {
                Some(Entity::State(state)) => match outer {
                    Block::Role(..) | Block::EachRole(..) => {
                        outer.clone().during(kind, Some(state))
                    }
                    _ => Block::State(kind, state),
                },
                _ => Block::Skip,
            },
            Head::To(..) => Block::To(Box::new(outer.clone())),
            Head::Decision { name, .. } => match self.entity(kind, &name.text) {
                Some(Entity::Decision(id)) => Block::Decision(kind, id),
                _ => Block::Skip,
            },
            Head::Trace(_) => Block::Trace,
            Head::Norm { .. } | Head::On { .. } => outer.clone(),
            _ => Block::Skip,
        }
    }

    /// Notes that a role is named elsewhere than where it is declared.
    pub fn mention(&mut self, role: RoleId) {
        if let Some(role) = self.spec.roles.get_mut(role.index()) {
            role.named = true;
        }
    }
}

/// The name that a condition is, where it is nothing but a name.
pub fn bare_name(cond: &ast::Cond) -> Option<&Name> {
    let ast::Cond::Test(test) = cond else {
        return None;
    };
    let plain = test.count.is_none()
        && test.held.is_none()
        && test.noun.compare.is_none()
        && test.noun.by.is_none()
        && test.noun.filter.is_none()
        && test.noun.window.is_none();
    match &test.noun.atom {
        ast::Atom::Path {
            exactly: false,
            path,
        } if plain && path.parts.len() == 1 => path.parts.first(),
        _ => None,
    }
}
