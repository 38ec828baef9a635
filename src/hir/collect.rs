//! First pass: what there is. Kinds, then roles and states, then fields, events and decisions;
//! each later step needs the names of the earlier ones.

use crate::diag::Diagnostic;
use crate::ids::*;
use crate::ir::{Ballot, Document, EventSource, Fixed, Form, Type};
use crate::source::Span;
use crate::syntax::ast::{self, Clause as Node, Head, KindWord, Name, Tail};
use crate::time::Zone;

use super::error::ResolveError;
use super::{Decision, Entity, Event, Field, Kind, Ladder, Outcome, Record, Role, Spec, State};

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

    fn collect_header(&mut self, clauses: &[Node]) {
        let mut governed = None;
        for clause in clauses {
            match &clause.head {
                Head::Governance(name, _) if governed.is_some() => {
                    self.complain(ResolveError::Twice {
                        name: "governance".to_owned(),
                        span: name.span,
                        first: governed.unwrap_or_default(),
                        help: "leave one of them out, or put it into a file of its own".to_owned(),
                    });
                }
                Head::Governance(name, title) if self.document == KindId::DOCUMENT => {
                    governed = Some(name.span);
                    self.spec.name = name.text.clone();
                    self.spec.title = title.value.clone();
                }
                Head::Source(name, title) => self.spec.sources.push(Document {
                    name: name.text.clone(),
                    title: title.value.clone(),
                }),
                Head::Timezone(text) => match Zone::find(&text.value) {
                    Some(zone) if self.document == KindId::DOCUMENT => self.spec.zone = zone,
                    Some(zone) if zone == self.spec.zone => {}
                    Some(_) => self.complain(ResolveError::Conflict {
                        what: "an imported spec has the time zone of the one that imports it"
                            .to_owned(),
                        span: text.span,
                        label: "another zone",
                        help: "write the same `timezone` in both: they are run in one world, \
                               with one calendar"
                            .to_owned(),
                    }),
                    None => self.complain(ResolveError::BadValue {
                        what: "time zone",
                        text: text.value.clone(),
                        span: text.span,
                    }),
                },
                _ => {}
            }
        }
    }

    fn collect_kinds(&mut self, clauses: &[Node], parent: KindId) {
        let mut enclosed = Vec::new();
        for clause in clauses {
            let Head::Kind(word, name, within) = &clause.head else {
                continue;
            };
            let known = self.entity(self.document, &name.text);
            let id = match (word, known) {
                (KindWord::Body, Some(Entity::Kind(id)))
                    if self.spec.kinds[id.index()].form == Form::Body =>
                {
                    id
                }
                _ => {
                    let id = KindId::new(self.spec.kinds.len());
                    if !self.declare(self.document, name, Entity::Kind(id)) {
                        continue;
                    }
                    self.spec.kinds.push(Kind {
                        name: name.text.clone(),
                        span: name.span,
                        form: match word {
                            KindWord::Body => Form::Body,
                            KindWord::Group => Form::Group,
                            KindWord::Thing => Form::Thing,
                        },
                        parent: Some(parent),
                        module: false,
                        states: Vec::new(),
                        fields: Vec::new(),
                        added: None,
                        names: Default::default(),
                    });
                    id
                }
            };
            enclosed.extend(within.as_ref().map(|within| (id, within)));
            if let Some(body) = &clause.body {
                self.collect_kinds(&body.clauses, id);
            }
        }
        // The order of the text says nothing: what encloses may stand below.
        for (id, within) in enclosed {
            match self.entity(self.document, &within.text) {
                Some(Entity::Kind(outer)) if !self.encloses(id, outer) => {
                    self.spec.kinds[id.index()].parent = Some(outer);
                }
                Some(Entity::Kind(_)) => self.complain(ResolveError::Circular {
                    name: self.spec.kinds[id.index()].name.clone(),
                    span: self.spec.kinds[id.index()].span,
                    needed: within.span,
                }),
                _ => {
                    let names = self.kind_names();
                    self.complain(ResolveError::unknown(
                        "kind",
                        within,
                        names.iter().map(String::as_str),
                        "in this spec",
                    ));
                }
            }
        }
    }

    /// Makes the body that an imported spec is: its document is a namespace of its own.
    pub fn add_module(&mut self, name: &Name, importer: KindId) -> KindId {
        let id = KindId::new(self.spec.kinds.len());
        self.spec.kinds[importer.index()]
            .names
            .entry(name.text.clone())
            .or_insert((Entity::Kind(id), name.span));
        self.spec.kinds.push(Kind {
            name: name.text.clone(),
            span: name.span,
            form: Form::Body,
            parent: Some(KindId::DOCUMENT),
            module: true,
            states: Vec::new(),
            fields: Vec::new(),
            added: None,
            names: Default::default(),
        });
        id
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

    fn kind_called(&self, name: &Name) -> Option<KindId> {
        match self.entity(self.document, &name.text) {
            Some(Entity::Kind(id)) => Some(id),
            _ => None,
        }
    }

    fn collect_roles(&mut self, clauses: &[Node], block: &Block) {
        let kind = block.kind();
        for clause in clauses {
            match &clause.head {
                Head::Role {
                    name,
                    spelled,
                    scope,
                    holder,
                } => {
                    let at = match scope {
                        Some(scope) => match self.kind_called(scope) {
                            Some(id) => id,
                            None => {
                                let names = self.kind_names();
                                self.complain(ResolveError::unknown(
                                    "kind",
                                    scope,
                                    names.iter().map(String::as_str),
                                    "in this spec",
                                ));
                                continue;
                            }
                        },
                        None => kind,
                    };
                    let known = match scope {
                        Some(_) => self.entity(at, &name.text),
                        None => self.visible(at, &name.text).map(|(_, e)| e),
                    };
                    // A role is taken up again with its block; a second bare line declares it twice.
                    let again = clause.body.is_some() && matches!(known, Some(Entity::Role(_)));
                    if !again {
                        let role = self.add_role(at, name, spelled, holder.as_ref());
                        // `role reviewer in Module` is known where it is declared too: used bare, it
                        // means any scope.
                        if let (Some(role), true) = (role, at != kind) {
                            self.declare(kind, name, Entity::Role(role));
                        }
                    }
                }
                Head::State(name, mark) => self.add_state(kind, name, mark.as_ref()),
                Head::Calendar(name) => self.add_calendar(kind, name, clause),
                _ => {}
            }
            for tail in &clause.tails {
                if let Tail::As(name) = tail {
                    self.named.push((kind, name.clone()));
                }
            }
            if let Some(body) = &clause.body {
                let inner = self.block_of(clause, block);
                self.collect_roles(&body.clauses, &inner);
            }
        }
    }

    /// Ladders come after roles: a rung is a role that is declared, or else one that this declares.
    fn collect_ladders(&mut self, clauses: &[Node], block: &Block) {
        let kind = block.kind();
        for clause in clauses {
            if let Head::Ladder(name, rungs) = &clause.head {
                let mut roles = Vec::new();
                for rung in rungs {
                    match self.entity(kind, &rung.text) {
                        Some(Entity::Role(role)) => roles.push(role),
                        _ => roles.extend(self.add_role(kind, rung, &[], None)),
                    }
                }
                roles.iter().for_each(|&role| self.mention(role));
                let id = LadderId::new(self.spec.ladders.len());
                if self.declare(kind, name, Entity::Ladder(id)) {
                    self.spec.ladders.push(Ladder {
                        name: name.text.clone(),
                        rungs: roles,
                    });
                }
            }
            if let Some(body) = &clause.body {
                let inner = self.block_of(clause, block);
                if matches!(inner, Block::Kind(_)) {
                    self.collect_ladders(&body.clauses, &inner);
                }
            }
        }
    }

    /// The kinds that hold roles, now that all kinds and roles are known.
    fn collect_holders(&mut self) {
        for (role, kind, ty) in std::mem::take(&mut self.holders) {
            let mut holders = Vec::new();
            for path in &ty.paths {
                match self.entity_at(kind, path) {
                    Some(Entity::Kind(id)) => holders.push(id),
                    Some(Entity::Role(of)) => {
                        self.spec.roles[role.index()].persons = true;
                        self.mention(of);
                    }
                    _ => {
                        if let Some(name) = path.parts.last() {
                            let names = self.kind_names();
                            self.complain(ResolveError::unknown(
                                "kind",
                                name,
                                names.iter().map(String::as_str),
                                "in this spec",
                            ));
                        }
                    }
                }
            }
            let events = [
                self.spec.roles[role.index()].added,
                self.spec.roles[role.index()].removed,
            ];
            for event in events {
                if let (Some(field), false) = (
                    self.spec.events[event.index()].fields.first_mut(),
                    holders.is_empty(),
                ) {
                    field.ty = Type::Instance(holders.clone());
                }
            }
            self.spec.roles[role.index()].holders = holders;
        }
    }

    fn add_state(&mut self, kind: KindId, name: &Name, mark: Option<&Name>) {
        let (initial, is_final) = match mark.map(|m| m.text.as_str()) {
            Some("initial") => (true, false),
            Some("final") => (false, true),
            Some(_) => {
                if let Some(mark) = mark {
                    self.complain(ResolveError::unknown(
                        "mark of a state",
                        mark,
                        ["initial", "final"],
                        "(there are `initial` and `final`)",
                    ));
                }
                (false, false)
            }
            None => (false, false),
        };
        if let Some(Entity::State(id)) = self.entity(kind, &name.text) {
            let state = &mut self.spec.kinds[kind.index()].states[id.index()];
            state.initial |= initial;
            state.is_final |= is_final;
            return;
        }
        if kind == KindId::DOCUMENT {
            self.complain(ResolveError::Misplaced {
                word: "state".to_owned(),
                span: name.span,
                belongs: "in a group, body or thing".to_owned(),
            });
            return;
        }
        let id = StateId::new(self.spec.kinds[kind.index()].states.len());
        if self.declare(kind, name, Entity::State(id)) {
            self.spec.kinds[kind.index()].states.push(State {
                name: name.text.clone(),
                span: name.span,
                initial,
                is_final,
            });
        }
    }

    fn add_role(
        &mut self,
        kind: KindId,
        name: &Name,
        spelled: &[ast::Text],
        holder: Option<&ast::Type>,
    ) -> Option<RoleId> {
        let id = RoleId::new(self.spec.roles.len());
        if !self.declare(kind, name, Entity::Role(id)) {
            return None;
        }
        for text in spelled {
            // A record that says so must mean one role.
            let mut others = self.spec.roles.iter().filter(|r| r.kind == kind);
            if let Some(first) = others.find(|r| r.spelled.contains(&text.value)) {
                let first = first.span;
                self.complain(ResolveError::Twice {
                    name: text.value.clone(),
                    span: text.span,
                    first,
                    help: "leave one of them out".to_owned(),
                });
            }
        }
        if let Some(ty) = holder {
            self.holders.push((id, kind, ty.clone()));
        }
        let person = Field {
            name: "person".to_owned(),
            span: name.span,
            spelled: "person".to_owned(),
            ty: Type::Person,
            default: None,
            stores: None,
        };
        let event = |what: &str, source| Event {
            name: format!("{}.{what}", name.text),
            spelled: format!("{}.{what}", name.text),
            span: name.span,
            kind,
            fields: vec![person.clone()],
            source,
        };
        let added = EventId::new(self.spec.events.len());
        let removed = EventId::new(self.spec.events.len() + 1);
        self.spec
            .events
            .push(event("added", EventSource::RoleAdded(id)));
        self.spec
            .events
            .push(event("removed", EventSource::RoleRemoved(id)));
        let mut all = vec![name.text.clone()];
        all.extend(spelled.iter().map(|t| t.value.clone()));
        self.spec.roles.push(Role {
            name: name.text.clone(),
            span: name.span,
            spelled: all,
            kind,
            holders: Vec::new(),
            persons: false,
            seats: None,
            named: false,
            added,
            removed,
        });
        Some(id)
    }

    fn collect_events(&mut self, clauses: &[Node], block: &Block) {
        if *block == Block::Skip {
            return;
        }
        let kind = block.kind();
        for clause in clauses {
            match &clause.head {
                Head::Event(events) => {
                    for event in events {
                        self.add_event(kind, event, *block == Block::Trace);
                    }
                }
                Head::Define(name, cond) => {
                    let index = self.defines.len();
                    if self.declare(kind, name, Entity::Define(index)) {
                        self.defines.push(Define {
                            name: name.clone(),
                            kind,
                            cond: cond.clone(),
                        });
                    }
                }
                Head::HaveField {
                    name, ty, default, ..
                } => self.add_field(block, name, ty, default.as_ref()),
                Head::Seats(number) => match block {
                    Block::Role(_, role) => {
                        let seats = u32::try_from(number.value).ok();
                        self.spec.roles[role.index()].seats = seats;
                    }
                    _ => self.complain(ResolveError::Misplaced {
                        word: "seats".to_owned(),
                        span: clause.head_span,
                        belongs: "in a role".to_owned(),
                    }),
                },
                Head::Decision { .. } => self.add_decision(kind, clause),
                Head::Trace(name) => self.open_record(name),
                _ => {}
            }
            if let Some(body) = &clause.body {
                let inner = self.block_of(clause, block);
                self.collect_events(&body.clauses, &inner);
            }
        }
    }

    fn open_record(&mut self, name: &ast::Text) {
        if let Some(record) = &self.spec.record {
            let first = record.span;
            self.complain(ResolveError::Twice {
                name: "trace".to_owned(),
                span: name.span,
                first,
                help: "put both records into one block, or into files of their own".to_owned(),
            });
            return;
        }
        self.spec.record = Some(Record {
            name: name.value.clone(),
            span: name.span,
            reads: Default::default(),
            subjects: Vec::new(),
            unknown: Vec::new(),
            names: Default::default(),
        });
    }

    fn add_event(&mut self, kind: KindId, decl: &ast::EventDecl, recorded: bool) {
        let Some(name) = decl.path.parts.first() else {
            return;
        };
        if decl.path.parts.len() > 1 {
            self.complain(ResolveError::Conflict {
                what: format!("`{}` cannot be declared", decl.path.dotted()),
                span: decl.path.span,
                label: "a name with a dot",
                help: "events with a dot come with a role, a decision or a clause; declare the \
                       event where it belongs and give it a plain name"
                    .to_owned(),
            });
            return;
        }
        if !recorded && LIFE.contains(&name.text.as_str()) {
            self.complain(ResolveError::Conflict {
                what: format!(
                    "`{}` is a life event, which things have by themselves",
                    name.text
                ),
                span: name.span,
                label: "declared once more",
                help: "choose another name".to_owned(),
            });
            return;
        }
        let id = EventId::new(self.spec.events.len());
        let spelled = decl
            .spelled
            .as_ref()
            .map_or_else(|| name.text.clone(), |t| t.value.clone());
        if recorded {
            if let Some(record) = &mut self.spec.record {
                if let Some((_, first)) = record.names.get(&name.text) {
                    let first = *first;
                    self.complain(ResolveError::Twice {
                        name: name.text.clone(),
                        span: name.span,
                        first,
                        help: "leave one of them out".to_owned(),
                    });
                    return;
                }
                record.names.insert(name.text.clone(), (id, name.span));
            }
        } else if !self.declare(kind, name, Entity::Event(id)) {
            return;
        }
        let fields = self.params(kind, &decl.params, recorded);
        self.spec.events.push(Event {
            name: name.text.clone(),
            spelled,
            span: name.span,
            kind,
            fields,
            source: if recorded {
                EventSource::Record
            } else {
                EventSource::Declared
            },
        });
    }

    /// Where a type is looked up that an event of a record names: a role of the spec needs no group
    /// before it, where only one group has a role of that name.
    fn scope_of_type(&self, kind: KindId, ty: &ast::Type) -> KindId {
        let path = ty.of.as_ref().or(ty.paths.first());
        let Some(path) = path.filter(|path| self.entity_at(kind, path).is_none()) else {
            return kind;
        };
        let [name] = path.parts.as_slice() else {
            return kind;
        };
        let kinds = (0..self.spec.kinds.len()).map(KindId::new);
        let mut found = kinds.filter(|&kind| {
            matches!(
                self.entity(kind, &name.text),
                Some(Entity::Role(_) | Entity::Ladder(_) | Entity::Define(_))
            )
        });
        match (found.next(), found.next()) {
            (Some(only), None) => only,
            _ => kind,
        }
    }

    fn params(&mut self, kind: KindId, params: &[ast::Param], recorded: bool) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        for param in params {
            if let Some(first) = fields.iter().find(|f| f.name == param.name.text) {
                let first = first.span;
                self.complain(ResolveError::Twice {
                    name: param.name.text.clone(),
                    span: param.name.span,
                    first,
                    help: "rename one of them".to_owned(),
                });
                continue;
            }
            let scope = if recorded {
                self.scope_of_type(kind, &param.ty)
            } else {
                kind
            };
            let ty = self.resolve_type(scope, &param.ty);
            fields.push(Field {
                name: param.name.text.clone(),
                span: param.name.span,
                spelled: param
                    .spelled
                    .as_ref()
                    .map_or_else(|| param.name.text.clone(), |t| t.value.clone()),
                ty,
                default: None,
                stores: None,
            });
        }
        fields
    }

    fn add_field(
        &mut self,
        block: &Block,
        name: &Name,
        ty: &ast::Type,
        default: Option<&ast::Value>,
    ) {
        let kind = block.kind();
        let ty = self.resolve_type(kind, ty);
        let default = default.and_then(|value| self.constant(value, &ty));
        let field = Field {
            name: name.text.clone(),
            span: name.span,
            spelled: name.text.clone(),
            ty,
            default,
            stores: None,
        };
        if *block == Block::Person {
            let known = self.spec.attributes.iter().find(|f| f.name == name.text);
            if let Some(first) = known.map(|f| f.span) {
                self.complain(ResolveError::Twice {
                    name: name.text.clone(),
                    span: name.span,
                    first,
                    help: "leave one of them out".to_owned(),
                });
            } else {
                self.spec.attributes.push(field);
            }
            return;
        }
        let id = FieldId::new(self.spec.kinds[kind.index()].fields.len());
        if self.declare(kind, name, Entity::Field(id)) {
            self.spec.kinds[kind.index()].fields.push(field);
        }
    }

    fn add_decision(&mut self, kind: KindId, clause: &Node) {
        let Head::Decision {
            name,
            params,
            fixed,
            ..
        } = &clause.head
        else {
            return;
        };
        let id = DecisionId::new(self.spec.decisions.len());
        if !self.declare(kind, name, Entity::Decision(id)) {
            return;
        }
        let fixed = match fixed.as_ref().map(|f| (f, f.text.as_str())) {
            None | Some((_, "open")) => Fixed::Open,
            Some((_, "close")) => Fixed::Close,
            Some((_, "all-times")) => Fixed::AllTimes,
            Some((word, _)) => {
                self.complain(ResolveError::unknown(
                    "moment",
                    word,
                    ["open", "close", "all-times"],
                    "(an electorate is fixed at `open`, `close` or `all-times`)",
                ));
                Fixed::Open
            }
        };
        let params = self.params(kind, params, false);
        let body: &[Node] = clause.body.as_ref().map_or(&[], |b| &b.clauses);
        let mut options: Vec<Name> = Vec::new();
        for inner in body {
            if let Head::Options(list) = &inner.head {
                options.extend(list.iter().map(|(name, _)| name.clone()));
            }
        }
        let add = |builder: &mut Self, what: &str, source, extra: Option<Field>| {
            let event = EventId::new(builder.spec.events.len());
            let mut fields = params.clone();
            fields.extend(extra);
            builder.spec.events.push(Event {
                name: format!("{}.{what}", name.text),
                spelled: format!("{}.{what}", name.text),
                span: name.span,
                kind,
                fields,
                source,
            });
            event
        };
        let opened = add(self, "opened", EventSource::Opened(id), None);
        add(self, "closed", EventSource::Closed(id), None);
        add(self, "withdrawn", EventSource::Withdrawn(id), None);
        let ballots = [
            ("yes", Ballot::Yes),
            ("against", Ballot::Against),
            ("abstain", Ballot::Abstain),
            ("recused", Ballot::Recused),
        ];
        for (what, ballot) in ballots {
            add(self, what, EventSource::Ballot(id, ballot), None);
        }
        let mut words: Vec<String> = options.iter().map(|o| o.text.clone()).collect();
        let more = ["yes", "against", "abstain", "recused"];
        words.extend(more.iter().map(|w| (*w).to_owned()));
        let choice = Field {
            name: "choice".to_owned(),
            span: name.span,
            spelled: "choice".to_owned(),
            ty: Type::Choice(words),
            default: None,
            stores: None,
        };
        let named = EventSource::Ballot(id, Ballot::Named);
        add(self, "voted", named, Some(choice));
        let is_options = !options.is_empty();
        let mut names: Vec<(String, Span)> = if is_options {
            options.iter().map(|o| (o.text.clone(), o.span)).collect()
        } else {
            vec![
                ("passed".to_owned(), name.span),
                ("failed".to_owned(), name.span),
            ]
        };
        names.push(("no-quorum".to_owned(), name.span));
        let mut outcomes = Vec::new();
        for (index, (what, span)) in names.into_iter().enumerate() {
            let number = u32::try_from(index).unwrap_or(u32::MAX);
            let event = add(self, &what, EventSource::Outcome(id, number), None);
            outcomes.push(Outcome {
                name: what,
                span,
                event,
                target: None,
            });
        }
        self.spec.decisions.push(Decision {
            name: name.text.clone(),
            span: name.span,
            clause: ClauseId(0),
            kind,
            params: u32::try_from(params.len()).unwrap_or(0),
            electorate: None,
            electorate_role: None,
            fixed,
            outcomes,
            options: is_options,
            quorum: None,
            passes: None,
            early: false,
            after: None,
            on: None,
            soft: false,
            closes: false,
            fails: false,
            tie: None,
            opened,
        });
    }

    /// `to E { must have f: T }` makes f an optional parameter of E, whose value is stored in the
    /// group's field before the block is judged.
    fn collect_parameters(&mut self, clauses: &[Node], block: &Block) {
        if *block == Block::Skip {
            return;
        }
        for clause in clauses {
            let Some(body) = &clause.body else { continue };
            let inner = self.block_of(clause, block);
            if let Head::To(act, _) = &clause.head {
                let kind = block.kind();
                let arms = self.arms_of_act(act, block).map(|(arms, _)| arms);
                for event in arms.into_iter().flatten().map(|arm| arm.event) {
                    if self.spec.events[event.index()].kind != kind {
                        continue;
                    }
                    for child in &body.clauses {
                        self.add_parameter(kind, event, child);
                    }
                }
            }
            self.collect_parameters(&body.clauses, &inner);
        }
    }

    fn add_parameter(&mut self, kind: KindId, event: EventId, child: &Node) {
        let name = match &child.head {
            Head::HaveField { name, .. } => name,
            Head::Have { cond, .. } => match bare_name(cond) {
                Some(name) => name,
                None => return,
            },
            _ => return,
        };
        let Some(Entity::Field(field)) = self.entity(kind, &name.text) else {
            return;
        };
        let declared = self.spec.kinds[kind.index()].fields[field.index()].clone();
        let event = &mut self.spec.events[event.index()];
        if event.fields.iter().any(|f| f.name == name.text) {
            return;
        }
        event.fields.push(Field {
            default: None,
            stores: Some(field),
            ..declared
        });
    }

    fn add_kind_event(&mut self, kind: KindId) {
        let declared = &self.spec.kinds[kind.index()];
        let bodily = matches!(declared.form, Form::Document | Form::Body);
        if bodily || declared.added.is_some() {
            return;
        }
        let fields = declared
            .fields
            .iter()
            .enumerate()
            .map(|(index, field)| Field {
                default: None,
                stores: Some(FieldId::new(index)),
                ..field.clone()
            });
        let event = Event {
            name: format!("{}.added", declared.name),
            spelled: format!("{}.added", declared.name),
            span: declared.span,
            kind,
            fields: fields.collect(),
            source: EventSource::KindAdded(kind),
        };
        self.spec.kinds[kind.index()].added = Some(EventId::new(self.spec.events.len()));
        self.spec.events.push(event);
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
