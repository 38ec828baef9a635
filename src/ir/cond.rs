//! Conditions, and what they are made of: instances, values, sets of them, and how many of a set.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Cell, Const, Match, Period};
use crate::ids::*;

/// A condition. It is true, false, or unknown where the observed span cannot settle it (Kleene).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cond {
    /// All of them; true of none.
    All(Vec<Cond>),
    /// One of them; false of none.
    Any(Vec<Cond>),
    /// Not.
    Not(Box<Cond>),
    /// The number of elements of a set, or of their distinct values, is within bounds.
    Count {
        /// The set.
        set: Set,
        /// Count distinct values.
        distinct: bool,
        /// The bounds.
        bounds: Bounds,
    },
    /// How many of `set` are in `among`: all of them, or a number within bounds. All of nobody holds.
    Among {
        /// Whose elements are counted.
        set: Set,
        /// Where they are looked up.
        among: Set,
        /// `None`: all.
        bounds: Option<Bounds>,
    },
    /// The number of occurrences in a log is within bounds.
    Happened {
        /// The log.
        log: LogId,
        /// The instance that keeps it.
        place: Place,
        /// Whom they must concern.
        about: About,
        /// Who did them: so many different members of the set, whose membership is judged now.
        by: Option<Who>,
        /// Which count.
        window: Window,
        /// The bounds; ignored where `by` is given.
        bounds: Bounds,
    },
    /// The share of occurrences in the first log among those in the second is at least, or more
    /// than, a fraction. A share of nothing does not hold.
    Share {
        /// Those that satisfy.
        part: LogId,
        /// The whole.
        whole: LogId,
        /// The instance that keeps both.
        place: Place,
        /// Which count.
        window: Window,
        /// Numerator.
        num: u32,
        /// Denominator, positive.
        den: u32,
        /// More than, not at least.
        strict: bool,
    },
    /// The elements of the first set are at least, or more than, a fraction of those of the second,
    /// which has them all. A share of nothing does not hold.
    Portion {
        /// Those that satisfy.
        part: Set,
        /// The whole.
        whole: Set,
        /// Numerator.
        num: u32,
        /// Denominator, positive.
        den: u32,
        /// More than, not at least.
        strict: bool,
    },
    /// The event being judged was done by so many different members of a set. Where nobody is said
    /// to have done it, this is unknown.
    DoneBy(Who),
    /// The last occurrence in a log, or the beginning of the life (in a `state` block: the entry
    /// into the state), is at least so long ago.
    Silent {
        /// The log.
        log: LogId,
        /// The instance that keeps it.
        place: Place,
        /// Counted from the entry into the present state at the earliest.
        entry: bool,
        /// Whom they must concern.
        about: About,
        /// So long.
        duration: Expr,
    },
    /// A condition has held for so long, and holds now.
    Held(ClockId, Place, Expr),
    /// A party has held one of these roles for so long without a break, and holds it now.
    Tenure {
        /// The party.
        who: Expr,
        /// The roles: one, or a rung of a ladder and those above it.
        roles: Vec<RoleId>,
        /// Where; `None`: anywhere.
        place: Option<Place>,
        /// So long.
        duration: Expr,
    },
    /// A party has held a role beyond so many rows of a calendar, the one of its beginning included.
    Beyond {
        /// The party.
        who: Expr,
        /// The role.
        role: RoleId,
        /// Where.
        place: Place,
        /// The calendar.
        calendar: CalendarId,
        /// So many rows, at least 1.
        rows: u32,
    },
    /// A value (each value of a list) is in a set.
    In(Expr, Set),
    /// An instance is in one of these states.
    State(Place, Vec<StateId>),
    /// A comparison.
    Compare(Expr, Op, Expr),
    /// A value is there; a list has an element; a flag is true.
    Filled(Expr),
}

/// An instance, seen from where a rule stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The instance the rule speaks of.
    This,
    /// The instance of this kind that is `This` or encloses it; the document for kind 0; the one
    /// instance of a body.
    Within(KindId),
    /// The instance that an expression gives.
    Of(Box<Expr>),
}

/// A value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Expr {
    /// A constant.
    Const(Const),
    /// A parameter of the event being judged.
    Param(FieldId),
    /// Who did the event being judged: a list of parties.
    Actor,
    /// When the event being judged happened.
    When,
    /// The instance whose event is being judged.
    Subject,
    /// A field of an instance.
    Field(Place, FieldId),
    /// An attribute of a person.
    Attribute(Box<Expr>, FieldId),
    /// A parameter of the last occurrence in a log; empty where there is none.
    LastParam(LogId, Place, FieldId),
    /// Who did the last occurrence in a log.
    LastActor(LogId, Place),
    /// When the last occurrence in a log happened.
    LastWhen(LogId, Place),
    /// The element that a `where` over a set looks at.
    Element,
    /// The holder, in a rule for each holder of a role.
    Holder,
    /// The instance.
    This(Place),
    /// The name (id) of an instance, as text.
    NameOf(Place),
    /// A text with values in it.
    Template(Vec<Expr>),
    /// A list of the values.
    List(Vec<Expr>),
    /// The elements of a set, as a list.
    Elements(Box<Set>),
    /// The date of the current instant.
    Today,
    /// A cell of the calendar's row that holds the current instant; empty where there is none.
    Cell(CalendarId, Cell),
    /// A cell of the calendar's row that holds this date; empty where there is none.
    CellAt(CalendarId, Cell, Box<Expr>),
}

/// A set of persons, instances or values, ordered by first appearance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Set {
    /// The holders of a role in an instance.
    Holders(RoleId, Place),
    /// The holders of a role in whatever instance.
    HoldersAnywhere(RoleId),
    /// All holders of a body's roles, and the body itself as an actor.
    Body(KindId),
    /// The values of an expression: the elements of a list, or the one value, or none.
    Values(Expr),
    /// The living instances of a kind; those enclosed by an instance, where it has a place.
    Instances(KindId, Option<Place>),
    /// What is in one of them.
    Union(Vec<Set>),
    /// The elements for which a condition holds ([`Expr::Element`]).
    Where(Box<Set>, Box<Cond>),
    /// An attribute of each person; empty values are each distinct.
    Attribute(Box<Set>, FieldId),
    /// The holders of a role in each instance.
    HoldersOf(Box<Set>, RoleId),
    /// A field of each instance.
    FieldOf(Box<Set>, FieldId),
    /// Everybody. Cannot be counted.
    Anyone,
}

/// How many.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// At least.
    pub min: Expr,
    /// At most.
    pub max: Option<Expr>,
    /// `more than`: the minimum itself is not enough.
    pub strict: bool,
}

/// By whom.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Who {
    /// How many different members of the set.
    pub quantity: Quantity,
    /// The set.
    pub set: Set,
}

/// How many members of a set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// At least so many different ones; 1 is anybody.
    AtLeast(u32),
    /// Every one; not satisfied over nobody.
    All,
    /// Every one for himself: a duty apiece.
    Each,
}

/// Which occurrences of a log count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Window {
    /// Since the life of the instance began.
    Life,
    /// Since the instance entered its present state.
    Entry,
    /// In a `to` block: after its event last happened, else since the life began. Of whom `About`
    /// asks, it is the last time about the same person.
    SinceLast {
        /// The log of that event.
        last: LogId,
        /// Which fields of that event (the trigger) and of what is asked for (the act) must agree;
        /// the last time is the last one that agrees in the same fields.
        matches: Vec<Match>,
    },
    /// In the last so long, both ends included.
    Last(Box<Expr>),
    /// In the current calendar period.
    Period(Period),
}

/// Whom an occurrence must concern.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// Whomever.
    Any,
    /// It is about this person.
    Person(Expr),
    /// One of these did it, as membership is when it is asked.
    DoneBy(Set),
}

/// A comparison. `=` and `<` are false where a side is empty, `!=` is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Op {
    /// `=`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}
