//! What there is: kinds of groups with their states and fields, roles and ladders, and the types of
//! values.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Origin;
use crate::ids::*;
use crate::time::{Duration, Stamp};

/// What a kind is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// The document itself: kind 0, one instance, always there.
    Document,
    /// One instance, always there, named like the kind; it can act.
    Body,
    /// Many instances, each with a life.
    Group,
    /// The same, but no group of people.
    Thing,
}

/// A kind of group: a state machine with typed fields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// Its name; empty for the document.
    pub name: String,
    /// What it is.
    pub form: Form,
    /// The kind of the instance that encloses each of its instances. The document encloses the rest.
    pub parent: Option<KindId>,
    /// Its states; never empty (a kind without declared states has one, without a name).
    pub states: Vec<State>,
    /// The state in which an instance begins.
    pub initial: StateId,
    /// Its fields.
    pub fields: Vec<Field>,
    /// The event `K.added`; `None` for document and bodies.
    pub added: Option<EventId>,
    /// Its place.
    pub origin: Origin,
}

/// A state of a kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Its name.
    pub name: String,
    /// Whether life ends in it.
    pub is_final: bool,
    /// Its place.
    pub origin: Origin,
}

/// A role: who holds something. A holding is (role, scope, holder, since, until).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// How records spell it, the name included.
    pub spelled: Vec<String>,
    /// The kind of instance that a holding belongs to.
    pub kind: KindId,
    /// The kinds of instances that hold it; empty where persons do.
    pub holders: Vec<KindId>,
    /// The number of seats, where fixed.
    pub seats: Option<u32>,
    /// The event `R.added`. Its first field is the holder.
    pub added: EventId,
    /// The event `R.removed`. Its first field is the holder.
    pub removed: EventId,
    /// Its place.
    pub origin: Origin,
}

/// An order of roles, from the lowest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ladder {
    /// Its name.
    pub name: String,
    /// Its rungs, from the lowest.
    pub rungs: Vec<RoleId>,
}

/// A typed variable of a kind or person, or a parameter of an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// How records spell it; the name, where nothing else is said.
    pub spelled: String,
    /// Its type.
    pub ty: Type,
    /// Its value where none is given.
    pub default: Option<Const>,
    /// For a parameter of an event: the field of the subject in which a given value is stored.
    pub stores: Option<FieldId>,
}

/// A type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Type {
    /// Free text.
    Text,
    /// A link; text that is compared as written.
    Link,
    /// A whole number.
    Number,
    /// True or false.
    Flag,
    /// A date or an instant.
    Date,
    /// A duration.
    Duration,
    /// A person.
    Person,
    /// An instance of one of these kinds.
    Instance(Vec<KindId>),
    /// One of these roles, as a value.
    Role(Vec<RoleId>),
    /// One of these words.
    Choice(Vec<String>),
    /// A list.
    List(Box<Type>),
}

/// A constant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Const {
    /// A text, link or choice.
    Text(String),
    /// A person or an instance, by its id (in scenarios only).
    Name(String),
    /// A whole number.
    Number(i64),
    /// True or false.
    Flag(bool),
    /// A date or an instant.
    Date(Stamp),
    /// All days from the first to the second, both included.
    Dates(Stamp, Stamp),
    /// A duration.
    Duration(Duration),
    /// A role as a value.
    Role(RoleId),
    /// A list.
    List(Vec<Const>),
}
