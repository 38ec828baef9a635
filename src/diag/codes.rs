//! The registry of codes: number, name, severity, since when, and the page that explains it.
//!
//! `GOV01xx` reading, `02` names, `03` types and units, `04` decisions, `05` lifecycles and
//! duties, `06` traces, `09` files and internal. A code is never used again for something else. It
//! lands together with its page in `explain/`, which holds a failing example that yields exactly
//! this code and a corrected one that is clean; a test runs both.

use super::Severity;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $name:literal, $severity:ident, $since:literal;)*) => {
        /// A registered code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// All codes, in the order of their numbers.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// `GOV0203`
            pub fn number(self) -> &'static str {
                match self { $(Code::$variant => $number,)* }
            }

            /// `unknown-name`
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }

            /// How grave it is.
            pub fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity,)* }
            }

            /// The version that first had it.
            pub fn since(self) -> &'static str {
                match self { $(Code::$variant => $since,)* }
            }

            /// The page that explains it, in Markdown.
            pub fn page(self) -> &'static str {
                match self { $(Code::$variant => include_str!(concat!("explain/", $number, ".md")),)* }
            }
        }
    };
}

impl Code {
    /// The code of this number or name, letter case ignored.
    pub fn find(word: &str) -> Option<Code> {
        Code::ALL
            .iter()
            .copied()
            .find(|c| c.number().eq_ignore_ascii_case(word) || c.name().eq_ignore_ascii_case(word))
    }
}

codes! {
    /// A token that cannot stand where it stands.
    UnexpectedToken = "GOV0101", "unexpected-token", Error, "0.1.0";
    /// A character or literal that belongs to nothing.
    UnknownCharacter = "GOV0102", "unknown-character", Error, "0.1.0";
    /// A text without its closing quote.
    UnclosedText = "GOV0103", "unclosed-text", Error, "0.1.0";
    /// A brace or parenthesis without its partner.
    UnbalancedBrace = "GOV0104", "unbalanced-brace", Error, "0.1.0";
    /// Nested deeper than anything sensible.
    TooDeep = "GOV0105", "nested-too-deep", Error, "0.1.0";
    /// A number too large to hold.
    NumberTooLarge = "GOV0106", "number-too-large", Error, "0.1.0";
    /// A file that is not UTF-8.
    NotUtf8 = "GOV0107", "not-utf8", Error, "0.1.0";
    /// A first word that opens no clause.
    UnknownClause = "GOV0108", "unknown-clause", Error, "0.1.0";
    /// `and` and `or` mixed without parentheses.
    MixedAndOr = "GOV0109", "mixed-and-or", Error, "0.1.0";
    /// A reserved word where a name must stand.
    ReservedName = "GOV0110", "reserved-name", Error, "0.1.0";
    /// A name that stands for nothing.
    UnknownName = "GOV0201", "unknown-name", Error, "0.1.0";
    /// A name declared twice.
    DeclaredTwice = "GOV0202", "declared-twice", Error, "0.1.0";
    /// A name that stands for something else than is wanted.
    WrongKindOfName = "GOV0203", "wrong-kind-of-name", Error, "0.1.0";
    /// A clause in a block where it does not belong.
    MisplacedClause = "GOV0204", "misplaced-clause", Error, "0.1.0";
    /// Two clauses with one name.
    SameClauseName = "GOV0205", "same-clause-name", Error, "0.1.0";
    /// A definition that needs itself.
    CircularDefinition = "GOV0206", "circular-definition", Error, "0.1.0";
    /// Something that must be said and is not.
    Missing = "GOV0208", "missing", Error, "0.1.0";
    /// A mapping that fits several kinds.
    AmbiguousKind = "GOV0209", "ambiguous-kind", Error, "0.1.0";
    /// A file that cannot be imported.
    ImportFailed = "GOV0210", "import-failed", Error, "0.1.0";
    /// Parts of a clause that do not go together.
    Conflict = "GOV0211", "conflicting-parts", Error, "0.1.0";
    /// Types that do not fit.
    TypeMismatch = "GOV0301", "type-mismatch", Error, "0.1.0";
    /// A fraction without its denominator.
    BareFraction = "GOV0302", "bare-fraction", Error, "0.1.0";
    /// A date, zone or unit that does not exist.
    BadValue = "GOV0303", "bad-value", Error, "0.1.0";
    /// An outcome that leads nowhere, beside one that leads to a state.
    ForgottenOutcome = "GOV0401", "forgotten-outcome", Error, "0.1.0";
    /// A decision from which nothing follows.
    NothingFollows = "GOV0402", "nothing-follows", Warning, "0.1.0";
    /// A vote on which nothing puts an end.
    NeverCloses = "GOV0403", "never-closes", Warning, "0.1.0";
    /// A tie between options that nothing breaks.
    TieWithoutDefault = "GOV0404", "tie-without-default", Error, "0.1.0";
    /// A threshold that a tie can meet.
    TieMeets = "GOV0405", "tie-passes", Warning, "0.1.0";
    /// A quorum or threshold above the number of voters.
    OutOfReach = "GOV0406", "out-of-reach", Error, "0.1.0";
    /// A quorum or threshold that asks for nothing.
    AlwaysMet = "GOV0407", "always-met", Warning, "0.1.0";
    /// A state that nothing leads to.
    UnreachableState = "GOV0501", "unreachable-state", Warning, "0.1.0";
    /// A state with no way out that is not final.
    StuckState = "GOV0502", "stuck-state", Warning, "0.1.0";
    /// A lifecycle with two beginnings, or one that ends where it begins.
    BadStart = "GOV0503", "bad-start", Error, "0.1.0";
    /// An event that nothing listens to.
    UnheardEvent = "GOV0504", "unheard-event", Warning, "0.1.0";
    /// A role that nothing else names.
    UnusedRole = "GOV0505", "unused-role", Warning, "0.1.0";
    /// A role that nobody can get.
    UnobtainableRole = "GOV0506", "unobtainable-role", Warning, "0.1.0";
    /// One act that leads to two states.
    TwoTargets = "GOV0507", "two-targets", Error, "0.1.0";
    /// One act that may lead to two states.
    PerhapsTwoTargets = "GOV0508", "perhaps-two-targets", Warning, "0.1.0";
    /// Events that bring each other about without end.
    EndlessEvents = "GOV0509", "endless-events", Error, "0.1.0";
    /// Two clauses that cannot both be kept.
    Opposites = "GOV0510", "opposite-clauses", Error, "0.1.0";
    /// A clock that another always beats.
    BeatenClock = "GOV0511", "beaten-clock", Warning, "0.1.0";
    /// A duty of a role that may have no holder.
    NoBearer = "GOV0512", "perhaps-no-bearer", Warning, "0.1.0";
    /// An approval that may wait for nobody.
    NoApprover = "GOV0513", "perhaps-no-approver", Warning, "0.1.0";
    /// A condition on all of a set that may be empty.
    OfNobody = "GOV0514", "all-of-nobody", Warning, "0.1.0";
    /// A trace that is not JSON.
    TraceSyntax = "GOV0601", "trace-syntax", Error, "0.1.0";
    /// A trace that ends in the middle.
    Truncated = "GOV0602", "truncated-trace", Error, "0.1.0";
    /// An event that the spec, or with `--strict` the mapping, does not have.
    UnknownEvent = "GOV0603", "unknown-event", Error, "0.1.0";
    /// A key that an event or header does not have.
    UnknownKey = "GOV0604", "unknown-key", Error, "0.1.0";
    /// An event without a time.
    MissingTime = "GOV0605", "missing-time", Error, "0.1.0";
    /// A time or date that does not exist.
    NotATime = "GOV0606", "not-a-time", Error, "0.1.0";
    /// An event older than the one before.
    OutOfOrder = "GOV0607", "out-of-order", Error, "0.1.0";
    /// A value of another type than is wanted.
    WrongType = "GOV0608", "wrong-type", Error, "0.1.0";
    /// A word that is none of those that can stand there.
    UnknownWord = "GOV0609", "unknown-word", Error, "0.1.0";
    /// A key that stands twice in one object.
    RepeatedKey = "GOV0610", "repeated-key", Error, "0.1.0";
    /// A number too large, or with a fraction where a whole one is wanted.
    NumberOutOfRange = "GOV0611", "number-out-of-range", Error, "0.1.0";
    /// A value nested deeper than anything sensible.
    TraceTooDeep = "GOV0612", "trace-too-deep", Error, "0.1.0";
    /// A line or document longer than can be held.
    LineTooLong = "GOV0613", "line-too-long", Error, "0.1.0";
    /// A trace that is not UTF-8.
    TraceNotUtf8 = "GOV0614", "trace-not-utf8", Error, "0.1.0";
    /// A group that is missing, unknown or of another kind than the event wants.
    WrongSubject = "GOV0615", "wrong-subject", Error, "0.1.0";
    /// An event before the observation began or after it ended.
    OutsideObservation = "GOV0616", "outside-observation", Error, "0.1.0";
    /// Something in a trace that is no event.
    NotAnEvent = "GOV0617", "not-an-event", Error, "0.1.0";
    /// A header of another format or version.
    UnknownFormat = "GOV0618", "unknown-format", Error, "0.1.0";
    /// An event that only a run can say.
    ComputedEvent = "GOV0619", "computed-event", Error, "0.1.0";
    /// A trace in which nothing stands.
    EmptyTrace = "GOV0620", "empty-trace", Error, "0.1.0";
    /// A file that cannot be read.
    CannotRead = "GOV0901", "cannot-read", Error, "0.1.0";
    /// A file that cannot be written.
    CannotWrite = "GOV0902", "cannot-write", Error, "0.1.0";
    /// A trace without a spec to judge it by.
    NoSpec = "GOV0903", "no-spec", Error, "0.1.0";
    /// A code that is not registered.
    UnknownCode = "GOV0904", "unknown-code", Error, "0.1.0";
    /// An IR that is not JSON, or not of its shape.
    IrSyntax = "GOV0905", "ir-syntax", Error, "0.1.0";
    /// An IR of another format or version.
    IrVersion = "GOV0906", "ir-version", Error, "0.1.0";
    /// An IR whose parts do not fit together.
    IrInvalid = "GOV0907", "ir-invalid", Error, "0.1.0";
}
