//! What a name means where it stands. The innermost scope comes first: the element or
//! occurrence of a `where`, the parameters of the event, the group, what encloses it, the document.

use crate::diag::{Code, Diagnostic};
use crate::ids::*;
use crate::ir::{Arm, Cell, Cond, Const, EventSource, Expr, Form, Keep, Log, Place, Set, Type};
use crate::source::Span;
use crate::syntax::ast::{self, Name, Path};

use super::Entity;
use super::collect::{Block, Builder, ClauseEvent};
use super::error::ResolveError;

/// How many definitions may be put in where they are used, in all: each doubling counts.
const MAX_EXPANDED: usize = 20_000;
/// How many definitions may be put into one another.
const MAX_NESTED: usize = 32;

/// What the elements of a set are.
#[derive(Debug, Clone, PartialEq)]
pub enum Elem {
    /// Persons.
    Person,
    /// Instances of one of these kinds.
    Instance(Vec<KindId>),
    /// Other values.
    Value(Type),
}

impl Elem {
    /// The elements of a list or set of this type.
    pub fn of(ty: &Type) -> Elem {
        match ty {
            Type::Person => Elem::Person,
            Type::Instance(kinds) => Elem::Instance(kinds.clone()),
            Type::List(inner) => Elem::of(inner),
            other => Elem::Value(other.clone()),
        }
    }

    /// The type of one element.
    pub fn ty(&self) -> Type {
        match self {
            Elem::Person => Type::Person,
            Elem::Instance(kinds) => Type::Instance(kinds.clone()),
            Elem::Value(ty) => ty.clone(),
        }
    }
}

/// Where a condition stands.
#[derive(Debug, Clone)]
pub struct Ctx {
    /// The kind whose instances [`Place::This`] is.
    pub kind: KindId,
    /// The namespaces, innermost first, and the instance that each speaks of.
    pub levels: Vec<(KindId, Place)>,
    /// The states of the enclosing `state` block.
    pub states: Option<StateId>,
    /// The role of the enclosing `role R { }`.
    pub role: Option<RoleId>,
    /// The role of the enclosing `each R { }`.
    pub each: Option<RoleId>,
    /// The event whose parameters are in scope.
    pub event: Option<EventId>,
    /// What a `where` over a set looks at.
    pub element: Option<Elem>,
    /// The person that the rule is about: E's `person`, or the holder.
    pub subject: Option<Expr>,
    /// In a `to` block: windows are counted from the last occurrence of this event.
    pub asked: Option<EventId>,
    /// In a mapping: the record's events come first.
    pub record: bool,
    /// In a trigger: `E by R` is each time one of R does E, and not whether it has happened.
    pub trigger: bool,
}

/// What a path means.
#[derive(Debug, Clone)]
pub enum Meaning {
    /// One value.
    Value(Expr, Type),
    /// A set.
    Many {
        /// The set.
        set: Set,
        /// Its elements.
        elem: Elem,
        /// The role it is, with the rungs above it where it stands on a ladder.
        roles: Vec<RoleId>,
        /// The place of that role; `None`: anywhere.
        place: Option<Place>,
    },
    /// Events, all of one subject.
    Events {
        /// Which.
        arms: Vec<Arm>,
        /// Their subject.
        place: Place,
    },
    /// A state.
    State(Place, KindId, StateId),
    /// A condition.
    Holds(Cond),
    /// A kind.
    Kind(KindId),
    /// A decision.
    Decision(DecisionId, Place),
    /// A clause, by its `as` name.
    Clause(KindId, String, Place),
    /// A calendar: the row that holds the present, or a date.
    Calendar(CalendarId, Option<Expr>),
    /// What was complained about already.
    Broken,
}

impl Meaning {
    /// What it is, in words.
    pub fn describe(&self) -> String {
        match self {
            Meaning::Value(_, ty) => format!("a {}", type_name(ty)),
            Meaning::Many {
                set: Set::Body(_), ..
            } => "a body".to_owned(),
            Meaning::Many { roles, .. } if !roles.is_empty() => "a role".to_owned(),
            Meaning::Many { .. } => "a set".to_owned(),
            Meaning::Events { .. } => "an event".to_owned(),
            Meaning::State(..) => "a state".to_owned(),
            Meaning::Holds(_) => "a condition".to_owned(),
            Meaning::Kind(_) => "a kind".to_owned(),
            Meaning::Decision(..) => "a decision".to_owned(),
            Meaning::Clause(..) => "a clause".to_owned(),
            Meaning::Calendar(..) => "a calendar".to_owned(),
            Meaning::Broken => "nothing".to_owned(),
        }
    }
}

/// A cell of the row that holds the present, or a date.
fn cell_at(calendar: CalendarId, cell: Cell, of: Option<Expr>) -> Expr {
    match of {
        None => Expr::Cell(calendar, cell),
        Some(of) => Expr::CellAt(calendar, cell, Box::new(of)),
    }
}

/// The first or the last day of a column.
fn end_of_span(name: &str, column: u32) -> Option<Cell> {
    match name {
        "start" => Some(Cell::First(column)),
        "end" => Some(Cell::Last(column)),
        _ => None,
    }
}

/// A type in words.
pub fn type_name(ty: &Type) -> String {
    match ty {
        Type::Text => "text".to_owned(),
        Type::Link => "link".to_owned(),
        Type::Number => "number".to_owned(),
        Type::Flag => "flag".to_owned(),
        Type::Date => "date".to_owned(),
        Type::Duration => "duration".to_owned(),
        Type::Person => "person".to_owned(),
        Type::Instance(_) => "group".to_owned(),
        Type::Role(_) => "role".to_owned(),
        Type::Choice(words) => format!("choice of {}", words.join(", ")),
        Type::List(inner) => format!("list of {}", type_name(inner)),
    }
}

impl Builder<'_> {
    /// The context of a rule in a block.
    pub fn ctx(&self, block: &Block) -> Ctx {
        let kind = block.kind();
        let mut ctx = Ctx {
            kind,
            levels: self.levels(kind, Place::This),
            states: None,
            role: None,
            each: None,
            event: None,
            element: None,
            subject: None,
            asked: None,
            record: *block == Block::Trace,
            trigger: false,
        };
        ctx.states = block.state();
        let mut at = block;
        while let Block::To(inner) | Block::In(_, inner) = at {
            at = inner;
        }
        match at {
            Block::Role(_, role) => ctx.role = Some(*role),
            Block::EachRole(_, role) => {
                ctx.each = Some(*role);
                ctx.subject = Some(Expr::Holder);
            }
            _ => {}
        }
        ctx
    }

    /// The namespaces that are visible from a kind, innermost first.
    pub fn levels(&self, kind: KindId, place: Place) -> Vec<(KindId, Place)> {
        let mut levels = vec![(kind, place)];
        let mut at = self.enclosing(kind);
        while let Some(kind) = at {
            levels.push((kind, Place::Within(kind)));
            at = self.enclosing(kind);
        }
        levels
    }

    /// Resolves a type as written.
    pub fn resolve_type(&mut self, kind: KindId, ty: &ast::Type) -> Type {
        let Some(first) = ty.paths.first() else {
            return Type::Text;
        };
        if let Some(of) = &ty.of {
            if first.dotted() != "list" {
                self.complain(ResolveError::Mismatch {
                    span: first.span,
                    expected: "`list of …`".to_owned(),
                    found: format!("`{} of …`", first.dotted()),
                    help: Some(format!("write `list of {}`", of.dotted())),
                });
            }
            let inner = ast::Type {
                paths: vec![of.clone()],
                of: None,
                span: of.span,
            };
            return Type::List(Box::new(self.resolve_type(kind, &inner)));
        }
        let kinds: Option<Vec<KindId>> = ty.paths.iter().map(|p| self.kind_at(p)).collect();
        if let Some(kinds) = kinds {
            return Type::Instance(kinds);
        }
        if ty.paths.len() > 1 {
            return Type::Choice(ty.paths.iter().map(Path::dotted).collect());
        }
        let builtin = match first.dotted().as_str() {
            "text" => Some(Type::Text),
            "link" => Some(Type::Link),
            "number" => Some(Type::Number),
            "flag" => Some(Type::Flag),
            "date" => Some(Type::Date),
            "duration" => Some(Type::Duration),
            "person" => Some(Type::Person),
            _ => None,
        };
        if let Some(ty) = builtin {
            return ty;
        }
        let Some(name) = first.parts.first() else {
            return Type::Text;
        };
        match self.entity_at(kind, first) {
            Some(Entity::Ladder(ladder)) => {
                let rungs = self.spec.ladders[ladder.index()].rungs.clone();
                return Type::Role(rungs);
            }
            Some(Entity::Role(role)) => {
                self.mention(role);
                return Type::Role(vec![role]);
            }
            Some(Entity::Define(index)) => {
                let roles = self.roles_of_define(index, 0);
                if !roles.is_empty() {
                    return Type::Role(roles);
                }
            }
            _ => {}
        }
        let mut names: Vec<String> = [
            "text", "number", "flag", "date", "duration", "person", "link",
        ]
        .map(str::to_owned)
        .to_vec();
        names.extend(self.kind_names());
        let mut error = ResolveError::unknown(
            "type",
            name,
            names.iter().map(String::as_str),
            "(there are text, number, flag, date, duration, person, link, kinds, ladders, \
             `list of …`, and closed lists `a | b`)",
        );
        // What other languages call it.
        let usual = match name.text.to_lowercase().as_str() {
            "string" | "str" => Some("text"),
            "int" | "integer" | "float" | "count" => Some("number"),
            "bool" | "boolean" => Some("flag"),
            "time" | "datetime" | "timestamp" => Some("date"),
            "people" | "persons" | "member" | "user" => Some("person"),
            "url" | "uri" => Some("link"),
            _ => None,
        };
        if let (Some(usual), ResolveError::Unknown { nearest, .. }) = (usual, &mut error) {
            *nearest = Some(usual.to_owned());
        }
        self.complain(error);
        Type::Text
    }

    fn kind_at(&self, path: &Path) -> Option<KindId> {
        match self.entity_at(self.document, path) {
            Some(Entity::Kind(kind)) => Some(kind),
            _ => None,
        }
    }

    /// The roles that a definition unites, where it unites nothing but roles.
    fn roles_of_define(&self, index: usize, depth: usize) -> Vec<RoleId> {
        let Some(define) = self.defines.get(index) else {
            return Vec::new();
        };
        let parts: Vec<&ast::Cond> = match &define.cond {
            ast::Cond::Or(list, _) => list.iter().collect(),
            other => vec![other],
        };
        let mut roles = Vec::new();
        for part in parts {
            let Some(name) = super::collect::bare_name(part) else {
                return Vec::new();
            };
            match self.visible(define.kind, &name.text) {
                Some((_, Entity::Role(role))) => roles.push(role),
                Some((_, Entity::Define(inner))) if depth < 16 => {
                    roles.extend(self.roles_of_define(inner, depth + 1));
                }
                _ => return Vec::new(),
            }
        }
        roles
    }

    /// A constant of a wanted type.
    pub fn constant(&mut self, value: &ast::Value, ty: &Type) -> Option<Const> {
        let ctx = self.ctx(&Block::Kind(KindId::DOCUMENT));
        let (expr, found) = self.value(value, &ctx, Some(ty))?;
        if !fits(&found, ty) {
            self.complain(ResolveError::Mismatch {
                span: value.span(),
                expected: format!("a {}", type_name(ty)),
                found: format!("a {}", type_name(&found)),
                help: None,
            });
            return None;
        }
        match constant_of(&expr) {
            Some(constant) => Some(constant),
            None => {
                self.complain(ResolveError::Mismatch {
                    span: value.span(),
                    expected: "a constant".to_owned(),
                    found: "something that depends on the record".to_owned(),
                    help: None,
                });
                None
            }
        }
    }

    /// The rungs of a role's ladder from this one up; the role alone where it is on none.
    pub fn up_set(&self, role: RoleId) -> Vec<RoleId> {
        for ladder in &self.spec.ladders {
            if let Some(at) = ladder.rungs.iter().position(|&r| r == role) {
                return ladder.rungs[at..].to_vec();
            }
        }
        vec![role]
    }

    /// A role as a set, seen at a place.
    pub fn role_meaning(&mut self, role: RoleId, place: Option<Place>, exactly: bool) -> Meaning {
        self.mention(role);
        let rungs = self.up_set(role);
        let scope = self.spec.roles[role.index()].kind;
        let holders = |rung: RoleId| match &place {
            Some(place) if self.spec.roles[rung.index()].kind == scope => {
                Set::Holders(rung, place.clone())
            }
            _ => Set::HoldersAnywhere(rung),
        };
        let set = if exactly {
            let above = rungs
                .iter()
                .skip(1)
                .map(|&r| holders(r))
                .collect::<Vec<_>>();
            if above.is_empty() {
                holders(role)
            } else {
                let higher = Cond::In(Expr::Element, Set::Union(above));
                Set::Where(
                    Box::new(holders(role)),
                    Box::new(Cond::Not(Box::new(higher))),
                )
            }
        } else if rungs.len() == 1 {
            holders(role)
        } else {
            Set::Union(rungs.iter().map(|&r| holders(r)).collect())
        };
        let declared = &self.spec.roles[role.index()];
        let elem = if declared.holders.is_empty() {
            Elem::Person
        } else {
            Elem::Instance(declared.holders.clone())
        };
        Meaning::Many {
            set,
            elem,
            roles: if exactly { vec![role] } else { rungs },
            place,
        }
    }

    /// What a path means here, or nothing after a complaint.
    pub fn path(&mut self, path: &Path, ctx: &Ctx, exactly: bool) -> Option<Meaning> {
        let (first, rest) = path.parts.split_first()?;
        let mut meaning = match self.head(first, ctx, exactly && rest.is_empty()) {
            Some(meaning) => meaning,
            None => {
                self.unknown_name(first, ctx);
                return None;
            }
        };
        let mut upto = first.span;
        for (index, part) in rest.iter().enumerate() {
            let last = index + 1 == rest.len();
            if matches!(meaning, Meaning::Broken) {
                return None;
            }
            meaning = self.member(meaning, part, ctx, upto, exactly && last)?;
            upto = upto.merge(part.span);
        }
        match meaning {
            Meaning::Broken => None,
            meaning => Some(meaning),
        }
    }

    fn unknown_name(&mut self, name: &Name, ctx: &Ctx) {
        let mut known: Vec<String> = Vec::new();
        if let Some(event) = ctx.event {
            let fields = &self.spec.events[event.index()].fields;
            known.extend(fields.iter().map(|f| f.name.clone()));
        }
        for (kind, _) in &ctx.levels {
            known.extend(self.spec.kinds[kind.index()].names.keys().cloned());
        }
        if ctx.element == Some(Elem::Person) {
            known.extend(self.spec.attributes.iter().map(|a| a.name.clone()));
        }
        let place = match self.spec.kinds[ctx.kind.index()].name.as_str() {
            "" => "in this spec".to_owned(),
            kind => format!("in `{kind}` or in the document"),
        };
        let mut error =
            ResolveError::unknown("name", name, known.iter().map(String::as_str), place);
        if let (Some(elsewhere), ResolveError::Unknown { nearest, help, .. }) =
            (self.elsewhere(name, ctx), &mut error)
        {
            *nearest = None;
            *help = Some(elsewhere);
        }
        self.complain(error);
    }

    /// Where a name is declared that is not visible here, and how to reach it.
    fn elsewhere(&self, name: &Name, ctx: &Ctx) -> Option<String> {
        let text = &name.text;
        let visible = |kind: KindId| ctx.levels.iter().any(|(k, _)| *k == kind);
        let mut kinds = self.spec.kinds.iter().enumerate().skip(1);
        let (kind, entity) = kinds.find_map(|(index, kind)| {
            let entity = kind.names.get(text).map(|(entity, _)| *entity)?;
            (!visible(KindId::new(index))).then_some((&kind.name, entity))
        })?;
        Some(match entity {
            Entity::Role(_) | Entity::Event(_) => format!(
                "`{kind}` has it: write `{kind}.{text}`, or put the clause into `each {kind} {{ … }}`"
            ),
            _ => format!("`{kind}` has it: put the clause into `each {kind} {{ … }}`"),
        })
    }

    fn head(&mut self, name: &Name, ctx: &Ctx, exactly: bool) -> Option<Meaning> {
        let text = name.text.as_str();
        if let Some(meaning) = self.of_element(name, ctx, exactly) {
            return Some(meaning);
        }
        if let Some(event) = ctx.event {
            let declared = &self.spec.events[event.index()];
            if let Some(index) = declared.fields.iter().position(|f| f.name == text) {
                let field = &declared.fields[index];
                // What a `to` block declares is stored before the block is judged.
                let level = ctx.levels.iter().find(|(kind, _)| *kind == declared.kind);
                let expr = match (field.stores, level) {
                    (Some(stored), Some((_, place))) if ctx.asked == Some(event) => {
                        Expr::Field(place.clone(), stored)
                    }
                    _ => Expr::Param(FieldId::new(index)),
                };
                return Some(Meaning::Value(expr, field.ty.clone()));
            }
        }
        if let Some(role) = ctx.role {
            let declared = &self.spec.roles[role.index()];
            let event = match text {
                "added" => Some(declared.added),
                "removed" => Some(declared.removed),
                _ => None,
            };
            if let Some(event) = event {
                return Some(events(event, Place::This));
            }
        }
        match text {
            "this" => {
                let (kind, place) = ctx.levels.first()?.clone();
                return Some(Meaning::Value(
                    Expr::This(place),
                    Type::Instance(vec![kind]),
                ));
            }
            "self" => return Some(self.self_meaning(ctx)),
            "today" => return Some(Meaning::Value(Expr::Today, Type::Date)),
            "true" | "false" => {
                let flag = Const::Flag(text == "true");
                return Some(Meaning::Value(Expr::Const(flag), Type::Flag));
            }
            "anyone" => {
                return Some(Meaning::Many {
                    set: Set::Anyone,
                    elem: Elem::Person,
                    roles: Vec::new(),
                    place: None,
                });
            }
            _ => {}
        }
        if ctx.record {
            let record = self.spec.record.as_ref();
            if let Some(&(event, _)) = record.and_then(|r| r.names.get(text)) {
                return Some(events(event, Place::Within(KindId::DOCUMENT)));
            }
        }
        for (kind, place) in &ctx.levels {
            if let Some(meaning) = self.in_namespace(*kind, place, name, ctx, exactly) {
                return Some(meaning);
            }
        }
        self.cast_member(text)
    }

    /// A person or an instance of the scenario at hand.
    pub fn cast_member(&self, name: &str) -> Option<Meaning> {
        let ty = self.cast.get(name)?.clone();
        let id = Const::Name(name.to_owned());
        Some(Meaning::Value(Expr::Const(id), ty))
    }

    fn of_element(&mut self, name: &Name, ctx: &Ctx, exactly: bool) -> Option<Meaning> {
        match ctx.element.as_ref()? {
            Elem::Person => {
                let attributes = &self.spec.attributes;
                let index = attributes.iter().position(|a| a.name == name.text)?;
                let ty = attributes[index].ty.clone();
                let of = Box::new(Expr::Element);
                Some(Meaning::Value(Expr::Attribute(of, FieldId::new(index)), ty))
            }
            Elem::Instance(kinds) => {
                let place = Place::Of(Box::new(Expr::Element));
                let kinds = kinds.clone();
                kinds
                    .iter()
                    .find_map(|&kind| self.in_namespace(kind, &place, name, ctx, exactly))
            }
            Elem::Value(_) => None,
        }
    }

    /// `self`.
    fn self_meaning(&self, ctx: &Ctx) -> Meaning {
        match (&ctx.element, &ctx.subject) {
            (Some(elem), _) => Meaning::Value(Expr::Element, elem.ty()),
            (None, _) if ctx.each.is_some() => Meaning::Value(Expr::Holder, Type::Person),
            (None, Some(subject)) => Meaning::Value(subject.clone(), Type::Person),
            (None, None) => Meaning::Value(Expr::Actor, Type::List(Box::new(Type::Person))),
        }
    }

    /// What a name means in one namespace, seen at a place.
    fn in_namespace(
        &mut self,
        kind: KindId,
        place: &Place,
        name: &Name,
        ctx: &Ctx,
        exactly: bool,
    ) -> Option<Meaning> {
        let Some(entity) = self.entity(kind, &name.text) else {
            if name.text == "name" && kind != KindId::DOCUMENT {
                return Some(Meaning::Value(Expr::NameOf(place.clone()), Type::Text));
            }
            let named = self.named.iter();
            let clause = named
                .filter(|(k, _)| *k == kind)
                .find(|(_, n)| n.text == name.text)?;
            return Some(Meaning::Clause(kind, clause.1.text.clone(), place.clone()));
        };
        Some(match entity {
            Entity::Field(field) => {
                let ty = self.spec.kinds[kind.index()].fields[field.index()]
                    .ty
                    .clone();
                Meaning::Value(Expr::Field(place.clone(), field), ty)
            }
            Entity::Role(role) => {
                let scope = self.spec.roles[role.index()].kind;
                let place = (scope == kind).then(|| place.clone());
                self.role_meaning(role, place, exactly)
            }
            Entity::Event(event) => events(event, place.clone()),
            Entity::State(state) => Meaning::State(place.clone(), kind, state),
            Entity::Define(index) => return self.expand(index, kind, place, name, ctx),
            Entity::Decision(decision) => Meaning::Decision(decision, place.clone()),
            Entity::Kind(id) => match self.spec.kinds[id.index()].form {
                Form::Body => Meaning::Many {
                    set: Set::Body(id),
                    elem: Elem::Person,
                    roles: Vec::new(),
                    place: Some(Place::Within(id)),
                },
                _ => Meaning::Kind(id),
            },
            Entity::Calendar(calendar) => Meaning::Calendar(calendar, None),
            Entity::Ladder(ladder) => {
                let rungs = self.spec.ladders[ladder.index()].rungs.clone();
                let place = Place::Within(kind);
                let sets = rungs.iter().map(|&r| Set::Holders(r, place.clone()));
                Meaning::Many {
                    set: Set::Union(sets.collect()),
                    elem: Elem::Person,
                    roles: rungs,
                    place: Some(place),
                }
            }
        })
    }

    /// Expands a definition where it is used.
    fn expand(
        &mut self,
        index: usize,
        kind: KindId,
        place: &Place,
        name: &Name,
        ctx: &Ctx,
    ) -> Option<Meaning> {
        if let Some(at) = self.expanding.iter().position(|&e| e == index) {
            if !self.circular.contains(&index) {
                let circle = self.expanding[at..].to_vec();
                let defined = self.defines.get(index).map_or(name.span, |d| d.name.span);
                self.circular.extend(circle);
                self.complain(ResolveError::Circular {
                    name: name.text.clone(),
                    span: defined,
                    needed: name.span,
                });
            }
            return Some(Meaning::Broken);
        }
        if self.circular.contains(&index) {
            return Some(Meaning::Broken);
        }
        self.expanded += 1;
        if self.expanded > MAX_EXPANDED || self.expanding.len() >= MAX_NESTED {
            if !self.overgrown {
                self.overgrown = true;
                self.problems.push(
                    Diagnostic::new(
                        Code::TooDeep,
                        format!(
                            "`{}` is defined through too many other definitions",
                            name.text
                        ),
                        name.span,
                        "put in here",
                    )
                    .with_help("define less through other definitions"),
                );
            }
            return Some(Meaning::Broken);
        }
        let cond = self.defines.get(index)?.cond.clone();
        let inner = Ctx {
            levels: self.levels(kind, place.clone()),
            event: None,
            role: None,
            ..ctx.clone()
        };
        self.expanding.push(index);
        let meaning = self.meaning(&cond, &inner);
        self.expanding.pop();
        let meaning = meaning.unwrap_or(Meaning::Broken);
        if let Meaning::Events {
            place: Place::Within(of),
            ..
        } = &meaning
            && self.defined_outside(*of, &inner)
        {
            let of = self.spec.kinds[of.index()].name.clone();
            self.complain(ResolveError::Conflict {
                what: format!(
                    "`{}` is defined outside `{of}`, of the events of every {of}",
                    name.text
                ),
                span: name.span,
                label: "of the one at hand, or of every one?",
                help: format!(
                    "define it in `each {of} {{ … }}`, where it speaks of the one at hand"
                ),
            });
            return Some(Meaning::Broken);
        }
        Some(meaning)
    }

    /// Whether a kind encloses the rule at hand, or is its own, but not what is being resolved: in a
    /// definition that stands outside, it means every one and not the one at hand.
    pub fn defined_outside(&self, kind: KindId, ctx: &Ctx) -> bool {
        let around = kind == ctx.kind || self.encloses(kind, ctx.kind);
        let many = !matches!(
            self.spec.kinds[kind.index()].form,
            Form::Body | Form::Document
        );
        around && many && ctx.levels.iter().all(|(known, _)| *known != kind)
    }

    fn member(
        &mut self,
        of: Meaning,
        name: &Name,
        ctx: &Ctx,
        upto: Span,
        exactly: bool,
    ) -> Option<Meaning> {
        let text = name.text.as_str();
        let whole = of.clone();
        let found = match of {
            Meaning::Calendar(calendar, of) => self
                .cell(calendar, text)
                .map(|cell| Meaning::Value(cell_at(calendar, cell, of), Type::Date)),
            Meaning::Value(Expr::Cell(calendar, Cell::Span(column)), _) => {
                end_of_span(text, column)
                    .map(|cell| Meaning::Value(cell_at(calendar, cell, None), Type::Date))
            }
            Meaning::Value(Expr::CellAt(calendar, Cell::Span(column), of), _) => {
                end_of_span(text, column)
                    .map(|cell| Meaning::Value(cell_at(calendar, cell, Some(*of)), Type::Date))
            }
            // `received.release-cycle`: the row that holds that date.
            Meaning::Value(expr, Type::Date) => match self.visible(ctx.kind, text) {
                Some((_, Entity::Calendar(calendar))) => {
                    Some(Meaning::Calendar(calendar, Some(expr)))
                }
                _ => None,
            },
            Meaning::Value(expr, Type::Person) => self.attribute(text).map(|(attribute, ty)| {
                Meaning::Value(Expr::Attribute(Box::new(expr), attribute), ty)
            }),
            Meaning::Value(expr, Type::Instance(kinds)) => {
                let place = match expr {
                    Expr::This(place) => place,
                    expr => Place::Of(Box::new(expr)),
                };
                let found = kinds
                    .iter()
                    .find_map(|&kind| self.in_namespace(kind, &place, name, ctx, exactly));
                match (found, kinds.as_slice()) {
                    (None, [kind]) if text == "added" => {
                        Some(events(self.kind_added(*kind), place))
                    }
                    (found, _) => found,
                }
            }
            Meaning::Value(expr, Type::List(inner)) => {
                let elem = Elem::of(&inner);
                self.member_of_set(Set::Values(expr), &elem, text)
            }
            Meaning::Many {
                set: Set::Body(kind),
                ..
            } => self.in_namespace(kind, &Place::Within(kind), name, ctx, exactly),
            Meaning::Many {
                set,
                elem,
                roles,
                place,
            } => match (text, roles.first()) {
                ("added" | "removed", Some(role)) => {
                    let declared = &self.spec.roles[role.index()];
                    let event = if text == "added" {
                        declared.added
                    } else {
                        declared.removed
                    };
                    let kind = declared.kind;
                    Some(events(event, place.unwrap_or(Place::Within(kind))))
                }
                _ => self.member_of_set(set, &elem, text),
            },
            Meaning::Events { arms, place } => self.member_of_event(&arms, place, name, ctx),
            Meaning::Decision(decision, place) => {
                let events_of = self.spec.events.iter();
                let wanted = format!("{}.{text}", self.spec.decisions[decision.index()].name);
                let found = events_of
                    .enumerate()
                    .find(|(_, e)| decision_of(e.source) == Some(decision) && e.name == wanted);
                found.map(|(index, _)| events(EventId::new(index), place))
            }
            Meaning::Kind(kind) => match text {
                "added" => {
                    let added = self.kind_added(kind);
                    Some(events(added, Place::Within(kind)))
                }
                _ => {
                    let level = ctx.levels.iter().find(|(known, _)| *known == kind);
                    match level.map(|(_, place)| place.clone()) {
                        Some(place) => self.in_namespace(kind, &place, name, ctx, exactly),
                        None if ctx.record => {
                            self.in_namespace(kind, &Place::Within(kind), name, ctx, exactly)
                        }
                        None => self.of_whichever(kind, name, upto, exactly)?,
                    }
                }
            },
            Meaning::Clause(kind, clause, place) => {
                let which = ["missed", "met", "broken", "mended"];
                let which = which.into_iter().find(|w| *w == text);
                which.map(|which| events(self.clause_event(kind, &clause, which), place))
            }
            Meaning::State(..) | Meaning::Holds(_) | Meaning::Value(..) | Meaning::Broken => None,
        };
        if found.is_none() {
            let parts = self.parts(&whole);
            let mut error = ResolveError::unknown(
                "part",
                name,
                parts.iter().map(String::as_str),
                format!("in {}", whole.describe()),
            );
            if let ResolveError::Unknown { help, .. } = &mut error
                && (1..=12).contains(&parts.len())
            {
                let parts: Vec<String> = parts.iter().map(|p| format!("`{p}`")).collect();
                *help = Some(format!("write one of its parts: {}", parts.join(", ")));
            }
            self.complain(error);
        }
        found
    }

    /// What a name means of whichever instance of a kind: who holds a role, what is in a field, what
    /// happens. Nothing inside where there is no such name, nothing at all after a complaint.
    fn of_whichever(
        &mut self,
        kind: KindId,
        name: &Name,
        upto: Span,
        exactly: bool,
    ) -> Option<Option<Meaning>> {
        let text = name.text.as_str();
        let any = Place::Within(kind);
        let Some(entity) = self.entity(kind, text) else {
            let mut named = self.named.iter();
            let known = named.any(|(k, n)| *k == kind && n.text == text);
            return Some(known.then(|| Meaning::Clause(kind, text.to_owned(), any)));
        };
        match entity {
            Entity::Role(role) => Some(Some(self.role_meaning(role, None, exactly))),
            // Heard, not looked up.
            Entity::Event(event) => Some(Some(events(event, any))),
            Entity::Decision(decision) => Some(Some(Meaning::Decision(decision, any))),
            Entity::Field(_) => {
                let all = Set::Instances(kind, None);
                Some(self.member_of_set(all, &Elem::Instance(vec![kind]), text))
            }
            _ => {
                let kind = self.spec.kinds[kind.index()].name.clone();
                self.complain(ResolveError::Missing {
                    what: format!("which {kind} is meant by `{kind}.{text}`"),
                    span: upto.merge(name.span),
                    help: format!(
                        "ask how many there are, `some {kind} where {text}`, or put the clause into \
                         `each {kind} {{ … }}`"
                    ),
                });
                None
            }
        }
    }

    /// The names that can stand after the dot.
    fn parts(&self, of: &Meaning) -> Vec<String> {
        let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let of_elem = |elem: &Elem| match elem {
            Elem::Person => self
                .spec
                .attributes
                .iter()
                .map(|a| a.name.clone())
                .collect(),
            Elem::Instance(kinds) => kinds.iter().flat_map(|k| self.names_in(*k)).collect(),
            Elem::Value(_) => Vec::new(),
        };
        match of {
            Meaning::Calendar(calendar, _) => {
                let columns = &self.spec.calendars[calendar.index()].columns;
                [words(&["start", "end"]), columns.clone()].concat()
            }
            Meaning::Value(Expr::Cell(..) | Expr::CellAt(..), _) => words(&["start", "end"]),
            Meaning::Value(_, Type::Date) => {
                let calendars = self.spec.calendars.iter();
                calendars.map(|c| c.name.clone()).collect()
            }
            Meaning::Value(_, Type::Instance(kinds)) => {
                let named = kinds.iter().flat_map(|k| self.names_in(*k));
                named.chain(words(&["name"])).collect()
            }
            Meaning::Value(_, ty) => of_elem(&Elem::of(ty)),
            Meaning::Many {
                set: Set::Body(kind),
                ..
            } => self.names_in(*kind),
            Meaning::Many { elem, roles, .. } => {
                let life: &[&str] = if roles.is_empty() {
                    &[]
                } else {
                    &["added", "removed"]
                };
                [of_elem(elem), words(life)].concat()
            }
            Meaning::Events { arms, .. } => {
                let event = arms.first().map(|arm| &self.spec.events[arm.event.index()]);
                let fields = event.into_iter().flat_map(|e| &e.fields);
                let fields = fields.map(|f| f.name.clone());
                fields.chain(words(&["by", "date"])).collect()
            }
            Meaning::Decision(decision, _) => {
                let name = format!("{}.", self.spec.decisions[decision.index()].name);
                let events = self.spec.events.iter();
                let own = events.filter(|e| decision_of(e.source) == Some(*decision));
                let parts = own.filter_map(|e| e.name.strip_prefix(&name));
                // How it ends comes first: that is asked for most.
                let mut parts: Vec<String> = parts.map(str::to_owned).collect();
                let ballots = parts.len().min(8);
                parts.rotate_left(ballots);
                parts
            }
            Meaning::Kind(kind) => [self.names_in(*kind), words(&["added"])].concat(),
            Meaning::Clause(..) => words(&["missed", "met", "broken", "mended"]),
            Meaning::State(..) | Meaning::Holds(_) | Meaning::Broken => Vec::new(),
        }
    }

    fn names_in(&self, kind: KindId) -> Vec<String> {
        self.spec.kinds[kind.index()]
            .names
            .keys()
            .cloned()
            .collect()
    }

    fn attribute(&self, name: &str) -> Option<(FieldId, Type)> {
        let attributes = &self.spec.attributes;
        let index = attributes.iter().position(|a| a.name == name)?;
        Some((FieldId::new(index), attributes[index].ty.clone()))
    }

    fn member_of_set(&mut self, set: Set, elem: &Elem, text: &str) -> Option<Meaning> {
        match elem {
            Elem::Person => self.attribute(text).map(|(attribute, ty)| Meaning::Many {
                set: Set::Attribute(Box::new(set), attribute),
                elem: Elem::of(&ty),
                roles: Vec::new(),
                place: None,
            }),
            Elem::Instance(kinds) => {
                let found = kinds
                    .iter()
                    .find_map(|&k| self.entity(k, text).map(|e| (k, e)));
                match found? {
                    (_, Entity::Role(role)) => {
                        self.mention(role);
                        Some(Meaning::Many {
                            set: Set::HoldersOf(Box::new(set), role),
                            elem: Elem::Person,
                            roles: vec![role],
                            place: None,
                        })
                    }
                    (kind, Entity::Field(field)) => {
                        let ty = &self.spec.kinds[kind.index()].fields[field.index()].ty;
                        Some(Meaning::Many {
                            elem: Elem::of(ty),
                            set: Set::FieldOf(Box::new(set), field),
                            roles: Vec::new(),
                            place: None,
                        })
                    }
                    _ => None,
                }
            }
            Elem::Value(_) => None,
        }
    }

    /// `E.f`, `E.by`, `E.date`: of the event being judged, else of its last occurrence.
    fn member_of_event(
        &mut self,
        arms: &[Arm],
        place: Place,
        name: &Name,
        ctx: &Ctx,
    ) -> Option<Meaning> {
        let [arm] = arms else { return None };
        let event = arm.event;
        let judged = ctx.event == Some(event);
        let list = Type::List(Box::new(Type::Person));
        let log = |builder: &mut Self| {
            let kind = builder.spec.events[event.index()].kind;
            builder.log(
                kind,
                arms.to_vec(),
                Keep {
                    instants: false,
                    people: false,
                    fields: true,
                    every: false,
                },
            )
        };
        match name.text.as_str() {
            "by" if judged => Some(Meaning::Value(Expr::Actor, list)),
            "by" => Some(Meaning::Value(Expr::LastActor(log(self), place), list)),
            "date" if judged => Some(Meaning::Value(Expr::When, Type::Date)),
            "date" => Some(Meaning::Value(Expr::LastWhen(log(self), place), Type::Date)),
            text => {
                let fields = &self.spec.events[event.index()].fields;
                let index = fields.iter().position(|f| f.name == text)?;
                let ty = fields[index].ty.clone();
                let field = FieldId::new(index);
                let expr = if judged {
                    Expr::Param(field)
                } else {
                    Expr::LastParam(log(self), place, field)
                };
                Some(Meaning::Value(expr, ty))
            }
        }
    }

    fn kind_added(&mut self, kind: KindId) -> EventId {
        self.spec.kinds[kind.index()].added.unwrap_or(EventId(0))
    }

    /// The event of a clause, made when it is first asked for.
    fn clause_event(&mut self, kind: KindId, clause: &str, which: &'static str) -> EventId {
        let key = (kind, clause.to_owned());
        let known = self
            .clause_events
            .iter()
            .find(|e| e.clause == key && e.which == which);
        if let Some(known) = known {
            return known.event;
        }
        let event = EventId::new(self.spec.events.len());
        let span = self
            .named
            .iter()
            .find(|(k, n)| *k == kind && n.text == clause)
            .map_or(Span::default(), |(_, n)| n.span);
        let source = match which {
            "missed" => EventSource::Missed(ClauseId(0)),
            "met" => EventSource::Met(ClauseId(0)),
            "broken" => EventSource::Broken(ClauseId(0)),
            _ => EventSource::Mended(ClauseId(0)),
        };
        self.spec.events.push(super::Event {
            name: format!("{clause}.{which}"),
            spelled: format!("{clause}.{which}"),
            span,
            kind,
            fields: Vec::new(),
            source,
        });
        self.clause_events.push(ClauseEvent {
            clause: key,
            which,
            event,
        });
        event
    }

    /// The log that keeps these occurrences, new or known; a known one keeps what is needed too.
    pub fn log(&mut self, kind: KindId, arms: Vec<Arm>, keep: Keep) -> LogId {
        let logs = &mut self.spec.logs;
        if let Some(at) = logs.iter().position(|l| l.kind == kind && l.arms == arms) {
            let known = &mut logs[at].keep;
            known.instants |= keep.instants;
            known.people |= keep.people;
            known.fields |= keep.fields;
            known.every |= keep.every;
            return LogId::new(at);
        }
        logs.push(Log { kind, arms, keep });
        LogId::new(logs.len() - 1)
    }
}

fn events(event: EventId, place: Place) -> Meaning {
    Meaning::Events {
        arms: vec![Arm {
            event,
            filter: None,
        }],
        place,
    }
}

fn decision_of(source: EventSource) -> Option<DecisionId> {
    match source {
        EventSource::Opened(id)
        | EventSource::Closed(id)
        | EventSource::Withdrawn(id)
        | EventSource::Ballot(id, _)
        | EventSource::Outcome(id, _) => Some(id),
        _ => None,
    }
}

fn constant_of(expr: &Expr) -> Option<Const> {
    match expr {
        Expr::Const(constant) => Some(constant.clone()),
        Expr::List(list) => {
            let list: Option<Vec<Const>> = list.iter().map(constant_of).collect();
            list.map(Const::List)
        }
        _ => None,
    }
}

/// Whether a value of type `found` can stand where `wanted` is wanted.
pub fn fits(found: &Type, wanted: &Type) -> bool {
    match (found, wanted) {
        (Type::Text | Type::Link, Type::Text | Type::Link) => true,
        (Type::Choice(_), Type::Choice(_)) => true,
        (Type::Choice(_), Type::Text) => true,
        (Type::Instance(a), Type::Instance(b)) => a.iter().any(|k| b.contains(k)),
        (Type::Role(a), Type::Role(b)) => a.iter().any(|r| b.contains(r)),
        (Type::List(a), Type::List(b)) => fits(a, b),
        (Type::Person, Type::Instance(_)) | (Type::Instance(_), Type::Person) => false,
        (a, b) => a == b,
    }
}
