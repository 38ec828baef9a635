//! What a name means where it stands. The innermost scope comes first: the element or
//! occurrence of a `where`, the parameters of the event, the group, what encloses it, the document.

mod events;
mod heads;
mod members;
mod types;

use crate::hir::Entity;
use crate::hir::collect::{Block, Builder};
use crate::hir::error::ResolveError;
use crate::ids::*;
use crate::ir::{Arm, Cond, Expr, Place, Set, Type};
use crate::syntax::ast::{Name, Path};
pub use types::{fits, type_name};

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

    /// The state of this name, which a kind must have.
    pub fn state_named(&mut self, kind: KindId, name: &Name) -> Option<StateId> {
        if let Some(Entity::State(state)) = self.entity(kind, &name.text) {
            return Some(state);
        }
        let declared = &self.spec.kinds[kind.index()];
        let states: Vec<String> = declared.states.iter().map(|s| s.name.clone()).collect();
        let place = match declared.name.as_str() {
            "" => "in the document".to_owned(),
            kind => format!("in {kind}"),
        };
        self.complain(ResolveError::unknown(
            "state",
            name,
            states.iter().map(String::as_str),
            place,
        ));
        None
    }

    /// The instance of whose holders a rule speaks where it only names a role.
    pub fn place_of_role(&self, role: RoleId, ctx: &Ctx) -> Place {
        let kind = self.spec.roles[role.index()].kind;
        if kind == ctx.kind {
            Place::This
        } else {
            Place::Within(kind)
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
}
