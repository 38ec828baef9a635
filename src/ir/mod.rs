//! The rules as a flat set of state machines: all that the simulator, the checker and the
//! diagrams read.
//!
//! A [`Model`] is complete: whoever has it needs no source. Everything lives in an *instance* of a
//! [`Kind`]; the document itself is the one instance of kind 0, so that a rule of the whole project
//! and a rule of a group are one thing. A kind is a state machine; what happens is an [`Event`]
//! whose subject is an instance. Rules come in seven shapes, each a small fixed machine:
//!
//! | rule | judged | a breach is |
//! |---|---|---|
//! | [`Permit`] | when its event happens | a finding; the act is void where it would move a state |
//! | [`Prohibition`] | when its event happens | a finding; the act stands |
//! | [`Cap`] | when its event happens | a finding; the act stands |
//! | [`Check`] | when its event happens, once more at the end of the instant | a finding |
//! | [`Invariant`] | when an instant has settled | a finding with a beginning and an end |
//! | [`Duty`] | at its due date | a finding from then until it is met |
//! | [`Decision`] | when an instant has settled | (an outcome, which is an event) |
//!
//! and a [`Reaction`] is what follows by itself. Conditions are trees over what is held now
//! ([`Set`]), what has happened ([`Log`]) and since when something has held ([`Clock`]).
//!
//! Invariant: nothing in this module is about text; names are kept for messages only.

pub mod visit;
pub mod wire;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::*;
use crate::time::{Duration, Stamp, Unit};

/// All the rules of one spec, and of the record mapping that imports it, where there is one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The name of the governance.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The time zone of its dates and days: an IANA name, `UTC`, or `AoE`.
    pub timezone: String,
    /// The names of the files that [`Origin::file`] counts.
    pub files: Vec<String>,
    /// The documents that citations name.
    pub sources: Vec<Document>,
    /// The clauses, in the order of the text.
    pub clauses: Vec<Clause>,
    /// The kinds; number 0 is the document.
    pub kinds: Vec<Kind>,
    /// The attributes of persons.
    pub attributes: Vec<Field>,
    /// The roles.
    pub roles: Vec<Role>,
    /// The ladders.
    pub ladders: Vec<Ladder>,
    /// The calendars.
    pub calendars: Vec<Calendar>,
    /// The event table.
    pub events: Vec<Event>,
    /// The decisions.
    pub decisions: Vec<Decision>,
    /// The occurrences that conditions ask for.
    pub logs: Vec<Log>,
    /// Since when conditions have held.
    pub clocks: Vec<Clock>,
    /// Powers and permissions.
    pub permits: Vec<Permit>,
    /// Prohibitions.
    pub prohibitions: Vec<Prohibition>,
    /// Caps: at most so many of an event in a period.
    pub caps: Vec<Cap>,
    /// What must be so when an event happens.
    pub checks: Vec<Check>,
    /// What must be so at every settled instant.
    pub invariants: Vec<Invariant>,
    /// What is owed.
    pub duties: Vec<Duty>,
    /// What follows by itself.
    pub reactions: Vec<Reaction>,
    /// How a record is read; `None` where the trace is of the spec's own events.
    pub record: Option<Record>,
    /// Which events each kind listens to, and whether its instances are independent.
    pub analysis: Vec<KindAnalysis>,
}

impl Model {
    /// Whether a trace tells of the spec's own events: there is no mapping, or one that declares no
    /// events and only names the fields.
    pub fn tells_own_events(&self) -> bool {
        let mut events = self.events.iter();
        !events.any(|event| event.source == EventSource::Record)
    }
}

/// A document that citations name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Its short name.
    pub name: String,
    /// Its title or file.
    pub title: String,
}

/// A place in the source.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The file, counted in [`Model::files`].
    pub file: u32,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// How strongly a clause binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Modality {
    /// A breach is a violation.
    Must,
    /// A breach is a violation, unless `will` is lowered to an advisory.
    Will,
    /// A breach is an advisory.
    Should,
    /// A permission.
    May,
    /// A clause without modality (a decision, a transition): a breach is a violation.
    None,
}

/// One sentence of the charter: what findings name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Its stable name, unique: `WorkingGroup.two-or-three`.
    pub name: String,
    /// Its modality.
    pub modality: Modality,
    /// What it says, as written, on one line, without name and citation.
    pub text: String,
    /// Where the document says so.
    pub cite: Vec<Cite>,
    /// Its place.
    pub origin: Origin,
    /// In force from this moment (`None`: always).
    pub from: Option<Stamp>,
    /// In force before this moment (`None`: for good).
    pub until: Option<Stamp>,
    /// The clauses it silences while it holds.
    pub overrides: Vec<ClauseId>,
}

/// A place in a cited document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cite {
    /// The document, where one is named.
    pub source: Option<String>,
    /// The heading: of the citation, else of the section.
    pub heading: Option<String>,
    /// The id or number; empty where only a source and heading are named.
    pub label: String,
}

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

/// A calendar of cycles: a row a cycle, a column a named date or span of days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// Its name.
    pub name: String,
    /// The names of its columns, beside start and end.
    pub columns: Vec<String>,
    /// Its rows, by their start.
    pub rows: Vec<Row>,
}

/// A row of a calendar: it holds the instants from its start up to, not including, its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What it is called, where the calendar names its rows.
    pub name: Option<String>,
    /// Its first instant.
    pub start: Stamp,
    /// The first instant after it.
    pub end: Stamp,
    /// A cell for each column: the first and the last day, which may be the same; `None`: blank.
    pub cells: Vec<Option<(Stamp, Stamp)>>,
}

/// What of a calendar's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cell {
    /// Its start.
    Start,
    /// Its end.
    End,
    /// All days of a column.
    Span(u32),
    /// The first day of a column.
    First(u32),
    /// The last day of a column.
    Last(u32),
}

/// A calendar period: of a unit, or a cycle of a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Period {
    /// A day, week, month or year of the zone.
    Unit(Unit),
    /// A row of a calendar. Instants in no row are in no period.
    Cycle(CalendarId),
}

/// A row of the event table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Its name: `nominated`, `lead.added`, `formation.form`.
    pub name: String,
    /// How records spell it; the name, where nothing else is said.
    pub spelled: String,
    /// The kind of its subject. For an event of the record this is the document: each of its
    /// reactions says by its own scope which instance it concerns.
    pub kind: KindId,
    /// Its parameters.
    pub fields: Vec<Field>,
    /// The parameter that holds whom it is about.
    pub about: Option<FieldId>,
    /// Where it comes from.
    pub source: EventSource,
    /// Its place.
    pub origin: Origin,
}

/// Where an event comes from, and so what it does by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EventSource {
    /// Declared by the spec.
    Declared,
    /// Declared by the mapping of a record.
    Record,
    /// A holding begins.
    RoleAdded(RoleId),
    /// A holding ends.
    RoleRemoved(RoleId),
    /// An instance begins.
    KindAdded(KindId),
    /// A case opens.
    Opened(DecisionId),
    /// A case closes; said by the run beside the outcome.
    Closed(DecisionId),
    /// A case is withdrawn.
    Withdrawn(DecisionId),
    /// A ballot, or any ballot where it is `voted`: its last field is then the choice.
    Ballot(DecisionId, Ballot),
    /// An outcome, counted in [`Decision::outcomes`]: computed, or claimed by the record.
    Outcome(DecisionId, u32),
    /// A duty was missed; said by the run.
    Missed(ClauseId),
    /// A duty was met; said by the run.
    Met(ClauseId),
    /// A rule was broken; said by the run.
    Broken(ClauseId),
    /// A rule holds again; said by the run.
    Mended(ClauseId),
}

/// What a ballot says.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Ballot {
    /// For.
    Yes,
    /// Against.
    Against,
    /// Present, but neither.
    Abstain,
    /// Out of the electorate.
    Recused,
    /// `voted`: any of the above or an option, by the event's last field.
    Named,
}

/// One kind of occurrence: an event, and which of its occurrences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// The event.
    pub event: EventId,
    /// Which occurrences, judged when the event occurs, with its fields.
    pub filter: Option<Cond>,
}

impl Arm {
    /// Narrows it by one more condition.
    pub fn also(&mut self, cond: Cond) {
        self.filter = Some(match self.filter.take() {
            Some(known) => Cond::All(vec![known, cond]),
            None => cond,
        });
    }
}

/// The occurrences that conditions ask for, kept per instance of a kind. An event whose subject
/// encloses instances of `kind` is offered to each of them that lives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// The kind whose instances keep it.
    pub kind: KindId,
    /// What is kept.
    pub arms: Vec<Arm>,
    /// What of each occurrence is needed.
    pub keep: Keep,
}

/// What of each occurrence a log keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Keep {
    /// Every instant; else the number, the first and the last.
    pub instants: bool,
    /// Whom it was about and who did it, of every occurrence.
    pub people: bool,
    /// The fields of the last occurrence.
    pub fields: bool,
    /// The fields of every occurrence.
    pub every: bool,
}

/// Since when a condition has held without a break, per instance of a kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// The kind.
    pub kind: KindId,
    /// Counted from the entry into these states at the earliest; empty: from the beginning of the life.
    pub states: Vec<StateId>,
    /// The condition.
    pub cond: Cond,
}

/// Where a rule stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// The kind of whose instances it speaks.
    pub kind: KindId,
    /// The states in which it stands. For a rule outside every `state` block: all but the final
    /// ones; for a permission: all.
    pub states: Vec<StateId>,
    /// One of the rule for each present holder of this role (`each R { }`).
    pub each: Option<RoleId>,
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

/// An event, permitted under conditions. Once an exclusive permit exists for an event (in any
/// state), an occurrence that no open permit covers is a finding, and void if one of the
/// permits moves a state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Permit {
    /// The clause.
    pub clause: ClauseId,
    /// Where it stands.
    pub scope: Scope,
    /// The event and which occurrences.
    pub arm: Arm,
    /// By whom; `None`: anybody.
    pub by: Option<Who>,
    /// `if`, and for a power `after`: judged at the act.
    pub guard: Option<Cond>,
    /// `may only`, or a power.
    pub exclusive: bool,
    /// The state it leads to: then it is a power.
    pub target: Option<StateId>,
    /// What the act brings about.
    pub actions: Vec<Action>,
}

/// An event that must not happen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prohibition {
    /// The clause.
    pub clause: ClauseId,
    /// Where it stands.
    pub scope: Scope,
    /// The event and which occurrences.
    pub arm: Arm,
    /// By whom; `None`: anybody.
    pub by: Option<Who>,
    /// `if`.
    pub guard: Option<Cond>,
}

/// At most so many occurrences in a calendar period, per instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// The clause.
    pub clause: ClauseId,
    /// Where it stands.
    pub scope: Scope,
    /// What is counted, together.
    pub log: LogId,
    /// The events of that log.
    pub events: Vec<EventId>,
    /// So many.
    pub max: Expr,
    /// In this period.
    pub period: Period,
}

/// What must be so when an event happens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The clause.
    pub clause: ClauseId,
    /// Where it stands.
    pub scope: Scope,
    /// The event and which occurrences.
    pub arm: Arm,
    /// `if`.
    pub guard: Option<Cond>,
    /// What must be so.
    pub cond: Cond,
}

/// What must be so at every settled instant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Invariant {
    /// The clause.
    pub clause: ClauseId,
    /// Where it stands.
    pub scope: Scope,
    /// `if`: it is judged while this holds.
    pub guard: Option<Cond>,
    /// What must be so.
    pub cond: Cond,
    /// The grace: a breach counts when it has lasted so long.
    pub grace: Option<Expr>,
    /// A responsibility: the condition is that it has a bearer.
    pub responsibility: Option<String>,
}

/// What is owed: idle, pending, met or overdue, per instance (and holder, where scope says each).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    /// The clause.
    pub clause: ClauseId,
    /// Where it stands.
    pub scope: Scope,
    /// The acts that meet it.
    pub arms: Vec<Arm>,
    /// Who owes it; `None`: the instance.
    pub by: Option<Who>,
    /// `if`.
    pub guard: Option<Cond>,
    /// When it arises.
    pub arises: Arises,
    /// When it is due.
    pub due: Due,
    /// Which fields of a trigger and an act must agree.
    pub matches: Vec<Match>,
    /// Whether its act moves the state (then it lapses silently when the state is left otherwise).
    pub moves: bool,
    /// Deadlines are rounded up to the end of their day.
    pub end_of_day: bool,
    /// Dates that do not count: a gap is longer by the days of these that fall into it.
    pub except: Option<Expr>,
}

/// When a duty arises.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Arises {
    /// When its state is entered (outside a `state` block: when the life begins); met for good by
    /// the first fitting act.
    Entry,
    /// At each occurrence.
    After(Vec<Arm>),
    /// When a condition becomes true; it stands while the condition does.
    While(Cond),
    /// On entry, and again at each fitting act: the largest gap allowed.
    Every(Expr),
    /// In each calendar period spent wholly in the state: so many.
    Per(Bounds, Period),
    /// Once a calendar period has ended that was spent in the state at its end: one for each. The
    /// parameters are those of its acts that name the period which an act is about; one that names
    /// none answers the oldest.
    Ended(Period, Vec<(EventId, FieldId)>),
}

/// When a duty is due.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Due {
    /// At the end of the record.
    Open,
    /// So long after it arose.
    Within(Expr),
    /// At the end of the local day on which it arose.
    EndOfDay,
    /// On or before a date; not owed while there is none. Of what is owed for a calendar period, a
    /// cell is that of its row.
    ByDate(Expr, Option<Duration>),
    /// Before the next occurrence.
    Before(Vec<Arm>),
}

/// Which fields of a trigger and an act must agree, where both are filled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// The trigger.
    pub trigger: EventId,
    /// The act.
    pub act: EventId,
    /// Pairs of a field of the trigger and one of the act.
    pub fields: Vec<(FieldId, FieldId)>,
}

/// What follows by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reaction {
    /// The clause.
    pub clause: ClauseId,
    /// Where it stands.
    pub scope: Scope,
    /// What sets it off.
    pub trigger: Trigger,
    /// `if`, judged then.
    pub guard: Option<Cond>,
    /// The state it leads to.
    pub target: Option<StateId>,
    /// What it brings about.
    pub actions: Vec<Action>,
    /// Whether it belongs to the mapping of a record: it may begin the life of its subject, and holds
    /// in every state.
    pub recorded: bool,
}

/// What sets a reaction off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// Each occurrence.
    Event(Arm),
    /// A condition becomes true.
    Becomes(Cond),
}

/// A role, named or given as a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RoleRef {
    /// This role.
    Role(RoleId),
    /// The role that the value is.
    Value(Expr),
}

/// One effect. An effect on nobody does nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// A holding begins, for each: the event `R.added`.
    Grant(RoleRef, Place, Set),
    /// A holding ends, for each: the event `R.removed`.
    Revoke(RoleRef, Place, Set),
    /// A field of an instance is set.
    SetField(Place, FieldId, Expr),
    /// An attribute of a person is set.
    SetAttribute(Expr, FieldId, Expr),
    /// An event happens, by the same actors.
    Emit {
        /// The event.
        event: EventId,
        /// Its subject.
        place: Place,
        /// Its parameters.
        args: Vec<(FieldId, Expr)>,
    },
}

/// A decision: a case opens, ballots are cast, it closes with an outcome. One open case per instance
/// and parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Its name.
    pub name: String,
    /// The clause.
    pub clause: ClauseId,
    /// The kind whose instances decide it.
    pub kind: KindId,
    /// Who may vote; `None`: unsaid.
    pub electorate: Option<Set>,
    /// When that is fixed.
    pub fixed: Fixed,
    /// How many parameters the case has; each event of the decision begins with them.
    pub params: u32,
    /// Its outcomes: `passed`, `failed`, `no-quorum`, or the named options (then `no-quorum` last).
    pub outcomes: Vec<Outcome>,
    /// Whether the outcomes are named options.
    pub options: bool,
    /// The quorum.
    pub quorum: Option<VoteCond>,
    /// What passes; `None`: the outcome is what the body records.
    pub passes: Option<VoteCond>,
    /// It closes as soon as the result can no longer change.
    pub early: bool,
    /// It closes so long after opening.
    pub after: Option<Expr>,
    /// It closes on this date.
    pub on: Option<Expr>,
    /// Closing late is an advisory: a recorded outcome after the deadline stands.
    pub soft: bool,
    /// How a tie between options is broken.
    pub tie: Option<Tie>,
    /// The event that opens a case.
    pub opened: EventId,
}

/// When an electorate is fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fixed {
    /// When the case opens.
    Open,
    /// When it closes.
    Close,
    /// At no time: whoever belongs to it when voting and when closing.
    AllTimes,
}

/// An outcome of a decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// The event that says so.
    pub event: EventId,
    /// The state it leads to.
    pub target: Option<StateId>,
}

/// How a tie between options is broken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Tie {
    /// This outcome, counted in [`Decision::outcomes`].
    Outcome(u32),
    /// The ballot of one of these decides.
    By(Set),
}

/// A condition on the tally of a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum VoteCond {
    /// All of them.
    All(Vec<VoteCond>),
    /// One of them.
    Any(Vec<VoteCond>),
    /// A tally reaches a quota.
    Tally {
        /// What is counted. With options, `Yes` is the ballots for the option.
        what: Tally,
        /// How many are needed.
        quota: Quota,
    },
    /// A condition on the world, judged at closing.
    World(Cond),
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Tally {
    /// Ballots for.
    Yes,
    /// Ballots against.
    Against,
    /// Abstentions.
    Abstain,
    /// Ballots for and against.
    Cast,
    /// Ballots for, against and abstentions.
    Present,
}

/// A whole of which a share is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Denominator {
    /// All who may vote.
    Electorate,
    /// Ballots for and against.
    Cast,
    /// Ballots for, against and abstentions.
    Present,
    /// The seats of the role, filled or not.
    Seats(u32),
}

/// How many are needed, exactly: fractions are compared by cross-multiplication.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Quota {
    /// At least so many.
    AtLeast(Expr),
    /// More than so many.
    MoreThan(Expr),
    /// At most so many; `no against` is at most 0.
    AtMost(Expr),
    /// At least (or more than, where strict) this fraction of a whole.
    Fraction {
        /// Numerator.
        num: u32,
        /// Denominator of the fraction, positive.
        den: u32,
        /// More than, not at least.
        strict: bool,
        /// Of what.
        of: Denominator,
    },
    /// All but so many of a whole.
    AllBut(u32, Denominator),
}

/// How a record is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// What it is a record of.
    pub name: String,
    /// The field that holds the time: RFC 3339 or a date, or a number of epoch seconds.
    pub time: String,
    /// The field that holds the event's name.
    pub event: String,
    /// The fields that hold the subject: of each event the first one that it has.
    pub subject: Vec<String>,
    /// The field that holds who did it.
    pub actor: Option<String>,
    /// The field whose equal values join contiguous records into one change.
    pub change: Option<String>,
    /// The field that is true where a record only states what was already so.
    pub opening: Option<String>,
    /// The name of the event that begins the observation.
    pub start: Option<String>,
    /// The name of the event that ends the observation.
    pub stop: Option<String>,
    /// The text by which the record says that there is nothing: such a value is empty.
    pub empty: Option<String>,
    /// The texts by which the record says that a value is not known; an empty text stands for what
    /// is left out.
    pub unknown: Vec<String>,
}

/// What is known of a kind before any run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KindAnalysis {
    /// The events that can change what its rules say, in order.
    pub listens: Vec<EventId>,
    /// Whether no rule of an instance looks at another instance, so that a run can be cut by instance.
    pub independent: bool,
}
