//! The file as written. Nothing here is resolved: a name is a name, whatever it may mean.
//!
//! Every clause has one shape: a head that opens with a reserved word, tails, and perhaps a block
//! of clauses. What could not be parsed is a [`Head::Error`], always present, so that later
//! phases see all the sound clauses around it.

use crate::source::Span;

/// A whole file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct File {
    /// Its clauses in order.
    pub clauses: Vec<Clause>,
}

/// One clause: `Head Tail* [ "{" Clause* "}" ]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    /// What it says.
    pub head: Head,
    /// The span of the head alone, from its reserved word on.
    pub head_span: Span,
    /// Names, dates and citations after the head, in the order written.
    pub tails: Vec<Tail>,
    /// The block, where there is one.
    pub body: Option<Body>,
    /// All of it.
    pub span: Span,
}

/// A block in braces.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// Its clauses in order.
    pub clauses: Vec<Clause>,
    /// From brace to brace.
    pub span: Span,
}

/// A plain name, hyphens included: `two-or-three`.
#[derive(Debug, Clone)]
pub struct Name {
    /// The name.
    pub text: String,
    /// Its place; ignored by equality.
    pub span: Span,
}

impl PartialEq for Name {
    fn eq(&self, other: &Name) -> bool {
        self.text == other.text
    }
}
impl Eq for Name {}

/// Names joined by dots: `lead.org`, `endorse.by.org`. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The parts; the reserved word `by` may stand as a later part (the actor of an event).
    pub parts: Vec<Name>,
    /// All of it.
    pub span: Span,
}

impl Path {
    /// The path as written.
    pub fn dotted(&self) -> String {
        let parts: Vec<&str> = self.parts.iter().map(|p| p.text.as_str()).collect();
        parts.join(".")
    }
}

/// A text in quotes, escapes resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Without its quotes.
    pub value: String,
    /// With its quotes.
    pub span: Span,
}

/// A whole number. A literal too large for the type is reported by the lexer and becomes the maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    /// Its value, never negative.
    pub value: i64,
    /// Its place.
    pub span: Span,
}

/// A date or instant as written: `2025-03-01`, `2025-03-01T12:00Z`. Whether it exists is judged later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Date {
    /// As written.
    pub text: String,
    /// Its place.
    pub span: Span,
}

/// `Number Name`, or a path to a field that holds a duration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Duration {
    /// `3 months`
    Literal(Number, Name),
    /// `meeting-period`
    Path(Path),
}

/// What stands after a head.
#[derive(Debug, Clone, PartialEq)]
pub enum Tail {
    /// `as two-or-three`
    As(Name),
    /// `overrides SIG.pr-first`
    Overrides(Path),
    /// `from 2020-05-12`
    From(Date),
    /// `until 2021-01-01`
    Until(Date),
    /// `until end-of-day`: rounds a deadline up to the end of its day
    UntilName(Name),
    /// `[IST-34, wgp "Leads"]`
    Cite(Vec<Citation>, Span),
}

/// One entry of a citation. The label is free: an id, `4.2(1)`, `Art. 7`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// An id, a document's own number, or the name of a source.
    pub label: String,
    /// The heading in that source.
    pub heading: Option<Text>,
    /// Its place.
    pub span: Span,
}

/// What a clause says.
#[derive(Debug, Clone, PartialEq)]
pub enum Head {
    /// What could not be parsed.
    Error,

    // the document
    /// `governance Istio "Istio Working Group Processes"`
    Governance(Name, Text),
    /// `source wgp "WORKING-GROUP-PROCESSES.md"`
    Source(Name, Text),
    /// `timezone UTC`, `timezone "Europe/Paris"`
    Timezone(Text),
    /// `import Istio from "istio.gov"`
    Import(Name, Text),
    /// `section "Leads"`
    Section(Text),
    /// `note "…"`
    Note(Text),

    // what there is
    /// `body TOC`, `group WG in SIG`, `thing Asset`
    Kind(KindWord, Name, Option<Name>),
    /// `each WorkingGroup`, `each person`, `each member`
    Each(Name),
    /// `role tact-sig-liaison "tact-sig", "infra" in Module: Type`
    Role {
        /// The role.
        name: Name,
        /// How records spell it.
        spelled: Vec<Text>,
        /// The kind that each holding is scoped to.
        scope: Option<Name>,
        /// What holds it, where not a person.
        holder: Option<Type>,
    },
    /// `ladder developer contributor < reviewer < committer`
    Ladder(Name, Vec<Name>),
    /// `term 1 release-cycle`
    Term(Duration),
    /// `seats 7`
    Seats(Number),
    /// `state proposed initial`
    State(Name, Option<Name>),
    /// `event propose, nominated(person: person)`
    Event(Vec<EventDecl>),
    /// `define leads = chair or co-chair`
    Define(Name, Cond),
    /// `calendar release-cycle`
    Calendar(Name),

    // what is decided
    /// `decision formation(person: person) by TOC.seat at close`
    Decision {
        /// The decision.
        name: Name,
        /// What it is about.
        params: Vec<Param>,
        /// Who may vote.
        electorate: Option<Noun>,
        /// When that is fixed: `open`, `close`, `all-times`.
        fixed: Option<Name>,
    },
    /// `options form -> approved, subgroup, subsume`
    Options(Vec<(Name, Option<Name>)>),
    /// `quorum at least 1/2 of electorate`
    Quorum(Cond),
    /// `passes majority of cast -> active`
    Passes(Cond, Option<Name>),
    /// `fails -> rejected`
    Fails(Option<Name>),
    /// `closes early`, `closes after 14 days`, `should closes on deadline`
    Closes {
        /// `should` before it: a late closing is an advisory.
        should: bool,
        /// Its parts in order.
        parts: Vec<Closing>,
    },
    /// `tie status-quo`, `tie by chair`
    Tie(TieBreak),

    // what ought to be
    /// `must E by R every D -> S`
    Norm {
        /// The modality.
        modal: Modal,
        /// `not` after it.
        not: bool,
        /// What is done.
        act: Act,
        /// Conditions and times.
        phrases: Vec<Phrase>,
        /// The state it leads to.
        target: Option<Name>,
    },
    /// `must have 2..3 lead`, `must be member for 1 year`
    Have {
        /// The modality.
        modal: Modal,
        /// `not` after it.
        not: bool,
        /// Whether it is spelled `be`.
        be: bool,
        /// What must hold.
        cond: Cond,
        /// Conditions and times.
        phrases: Vec<Phrase>,
    },
    /// `must have mission: text`, `may have wg-limit: number = 12`
    HaveField {
        /// The modality.
        modal: Modal,
        /// `not` after it.
        not: bool,
        /// The field.
        name: Name,
        /// Its type.
        ty: Type,
        /// Its value where none is given.
        default: Option<Value>,
        /// Conditions and times.
        phrases: Vec<Phrase>,
    },
    /// `to nominated if C { … }`
    To(Act, Option<Cond>),

    // what follows by itself
    /// `on creation.passed if C -> active`
    On {
        /// The trigger.
        trigger: Cond,
        /// The guard.
        guard: Option<Cond>,
        /// The state it leads to.
        target: Option<Name>,
    },
    /// `grant lead to person`
    Grant(Path, Path),
    /// `revoke lead from person`
    Revoke(Path, Path),
    /// `set person.org = company`
    Set(Path, Value),
    /// `do nominated(person)`
    Do(Path, Vec<Arg>),

    // records and tests
    /// `trace "istio/community"`
    Trace(Text),
    /// `read R-5 from "r5_start" for 1 week`
    Read(Name, Text, Option<Duration>),
    /// `scenario "one lead for three weeks"`
    Scenario(Text),
    /// `given ann, bo: lead in security -> active`
    Given {
        /// Who or what.
        names: Vec<Name>,
        /// The role, kind or calendar.
        path: Path,
        /// The group.
        place: Option<Name>,
        /// The state it is in.
        target: Option<Name>,
    },
    /// `2025-04-10, 2025-05-11 lead.removed(bo) in security by ann, cy`
    Story {
        /// When.
        dates: Vec<Date>,
        /// What.
        path: Path,
        /// With what.
        args: Vec<Arg>,
        /// Where.
        place: Option<Name>,
        /// By whom.
        actors: Vec<Name>,
    },
    /// `finding two-or-three in security by ann`
    Finding {
        /// The clause.
        path: Path,
        /// The group.
        place: Option<Name>,
        /// The person.
        person: Option<Name>,
    },
    /// `expect sdk.retired at 2025-07-20`
    Expect(Cond, Date),
    /// `nothing else`
    Nothing(Option<Name>),
}

/// `body`, `group` or `thing`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KindWord {
    /// There is exactly one.
    Body,
    /// There are many, each with a life.
    Group,
    /// The same as a group, but no group of people.
    Thing,
}

/// How strongly a norm binds (RFC 2119).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modal {
    /// A breach is a violation.
    Must,
    /// The document states it flatly: a `must` that one switch lowers.
    Will,
    /// A breach is an advisory.
    Should,
    /// Permitted.
    May,
    /// Permitted so and only so.
    MayOnly,
}

/// One event of an `event` clause.
#[derive(Debug, Clone, PartialEq)]
pub struct EventDecl {
    /// Its name; dotted where it belongs to something else.
    pub path: Path,
    /// How records spell it.
    pub spelled: Option<Text>,
    /// Its fields.
    pub params: Vec<Param>,
    /// All of it.
    pub span: Span,
}

/// A typed field: `person: person "who"`.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: Type,
    /// How records spell it.
    pub spelled: Option<Text>,
}

/// `Path ["of" Path] {"|" Path}`: `text`, `list of person`, `high | low`.
#[derive(Debug, Clone, PartialEq)]
pub struct Type {
    /// The alternatives; one, where there is no bar.
    pub paths: Vec<Path>,
    /// The element of `list of X`.
    pub of: Option<Path>,
    /// All of it.
    pub span: Span,
}

/// An argument, by name or by place.
#[derive(Debug, Clone, PartialEq)]
pub struct Arg {
    /// The field.
    pub name: Option<Name>,
    /// Its value.
    pub value: Value,
}

/// One part of `closes`.
#[derive(Debug, Clone, PartialEq)]
pub enum Closing {
    /// A plain word, `early`.
    Word(Name),
    /// `after 14 days`
    After(Duration),
    /// `on deadline`
    On(Path),
}

/// How a tie is broken.
#[derive(Debug, Clone, PartialEq)]
pub enum TieBreak {
    /// This outcome.
    Outcome(Name),
    /// Somebody decides.
    By(Who),
}

/// What is done: an event, or a responsibility in words; by whom; which occurrences.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    /// The deed.
    pub deed: Deed,
    /// By whom.
    pub by: Option<Who>,
    /// Which occurrences.
    pub filter: Option<Filter>,
    /// All of it.
    pub span: Span,
}

/// The deed of an act.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// An event, or a definition that unites events.
    Event(Path),
    /// A responsibility that nobody can see done.
    Text(Text),
}

/// `each lead`, `2 of committer`, `some PMC`, `(lead or note-taker)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Who {
    /// `each` before it.
    pub each: bool,
    /// How many.
    pub count: Option<Count>,
    /// Of whom.
    pub atom: Box<Atom>,
    /// All of it.
    pub span: Span,
}

/// A condition or a time on a norm.
#[derive(Debug, Clone, PartialEq)]
pub struct Phrase {
    /// What it says.
    pub kind: PhraseKind,
    /// From its first word on.
    pub span: Span,
}

/// What a phrase says.
#[derive(Debug, Clone, PartialEq)]
pub enum PhraseKind {
    /// `if C`
    If(Cond),
    /// `every D except holidays`
    Every(Duration, Option<Path>),
    /// `at least 1 per month`
    Per(Count, Name),
    /// `within D`
    Within(Duration),
    /// `after C`
    After(Cond),
    /// `before C`, `2 weeks before C`
    Before(Option<(Number, Name)>, Cond),
}

/// A condition. `and` and `or` are lists; a parenthesised condition is an [`Atom::Group`].
#[derive(Debug, Clone, PartialEq)]
pub enum Cond {
    /// `a or b`: two or more.
    Or(Vec<Cond>, Span),
    /// `a and b`: two or more.
    And(Vec<Cond>, Span),
    /// `not a`
    Not(Box<Cond>, Span),
    /// Anything else.
    Test(Box<Test>),
}

impl Cond {
    /// All of it.
    pub fn span(&self) -> Span {
        match self {
            Cond::Or(_, span) | Cond::And(_, span) | Cond::Not(_, span) => *span,
            Cond::Test(test) => test.span,
        }
    }
}

/// `[Count ["of"] ["distinct"]] Noun ["for" Duration]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// How many.
    pub count: Option<Count>,
    /// `of` after the count: what follows is a denominator or a whole.
    pub of: bool,
    /// `distinct` after it.
    pub distinct: bool,
    /// What is counted or stated.
    pub noun: Noun,
    /// `for D`: it has held that long.
    pub held: Option<Duration>,
    /// All of it.
    pub span: Span,
}

/// A name with what narrows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Noun {
    /// The name, or a condition in parentheses.
    pub atom: Atom,
    /// `= value` and the like.
    pub compare: Option<(RelOp, Value)>,
    /// `by 2 of committer`
    pub by: Option<Who>,
    /// `where public`
    pub filter: Option<Filter>,
    /// `in last 1 year`, `in month`
    pub window: Option<Window>,
    /// All of it.
    pub span: Span,
}

/// A path, or a condition in parentheses.
#[derive(Debug, Clone, PartialEq)]
pub enum Atom {
    /// `lead`, `exactly committer`
    Path {
        /// `exactly` before it.
        exactly: bool,
        /// The path.
        path: Path,
    },
    /// `( … )`
    Group(Box<Cond>, Span),
}

impl Atom {
    /// All of it.
    pub fn span(&self) -> Span {
        match self {
            Atom::Path { path, .. } => path.span,
            Atom::Group(_, span) => *span,
        }
    }
}

/// `where [not] Atom [op Value]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// `not` before it.
    pub not: bool,
    /// What is asked.
    pub atom: Box<Atom>,
    /// The comparison.
    pub compare: Option<(RelOp, Box<Value>)>,
    /// Without the word `where`.
    pub span: Span,
}

/// Which occurrences count.
#[derive(Debug, Clone, PartialEq)]
pub enum Window {
    /// `in last 1 year`
    Last(Duration),
    /// `in month`, `in release-cycle`
    Period(Path),
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelOp {
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
    /// `among`
    Among,
}

/// How many.
#[derive(Debug, Clone, PartialEq)]
pub struct Count {
    /// The count.
    pub kind: CountKind,
    /// Its place.
    pub span: Span,
}

/// How many, in kind.
#[derive(Debug, Clone, PartialEq)]
pub enum CountKind {
    /// `no`
    No,
    /// `some`
    Some,
    /// `all`
    All,
    /// `all but 2`
    AllBut(Number),
    /// `2`: exactly two; after `by`, at least two
    Number(Number),
    /// `2..3`, `1..`
    Range(Number, Option<Number>),
    /// `majority`: more than half
    Majority,
    /// `supermajority`: at least two thirds
    Supermajority,
    /// `at least 2`, `at least 2/3`
    AtLeast(Amount),
    /// `at most 1`
    AtMost(Amount),
    /// `more than 8`, `more than 1/2`
    MoreThan(Amount),
}

/// The amount after `at least` and its like.
#[derive(Debug, Clone, PartialEq)]
pub enum Amount {
    /// `2`
    Number(Number),
    /// `2/3`
    Fraction(Number, Number),
    /// `wg-limit`
    Path(Path),
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A name: field, choice, flag, `today`, `this` …
    Path(Path),
    /// `"text"`, a template where it has `{path}`
    Text(Text),
    /// `12`
    Number(Number),
    /// `3 months`
    Duration(Number, Name),
    /// `2025-03-01`
    Date(Date),
    /// `2025-10-01..2025-10-08`, both days included
    Dates(Date, Date),
    /// `( … )`
    Cond(Box<Cond>, Span),
    /// `[a, b]`
    List(Vec<Value>, Span),
}

impl Value {
    /// All of it.
    pub fn span(&self) -> Span {
        match self {
            Value::Path(path) => path.span,
            Value::Text(text) => text.span,
            Value::Number(number) => number.span,
            Value::Duration(number, unit) => number.span.merge(unit.span),
            Value::Date(date) => date.span,
            Value::Dates(from, to) => from.span.merge(to.span),
            Value::Cond(_, span) | Value::List(_, span) => *span,
        }
    }
}
