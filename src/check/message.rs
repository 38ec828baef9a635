//! The messages for what checking complains about.

use crate::diag::{Code, Diagnostic};

use super::error::{CheckError, Closed};

impl CheckError {
    /// The message for it.
    pub fn to_diagnostic(&self) -> Diagnostic {
        match self {
            CheckError::ForgottenOutcome {
                decision,
                outcome,
                options,
                span,
                leads,
                state,
            } => {
                let help = match outcome.as_str() {
                    "no-quorum" => format!(
                        "say where that leads, `on {decision}.no-quorum -> {state}`, or write \
                         `fails` alone if nothing changes unless it passes"
                    ),
                    "failed" => "say where that leads, `fails -> …`, or write `fails` alone if \
                                 nothing changes then"
                        .to_owned(),
                    "passed" => "say where that leads: `passes … -> …`".to_owned(),
                    outcome => format!(
                        "say where that leads, `{outcome} -> …`; `{outcome} -> {state}` if the \
                         group stays there"
                    ),
                };
                let label = match (options, outcome.as_str()) {
                    (true, "no-quorum") | (false, _) => format!("what if it ends as `{outcome}`?"),
                    (true, _) => "this leads nowhere".to_owned(),
                };
                Diagnostic::new(
                    Code::ForgottenOutcome,
                    format!("the outcome `{outcome}` of `{decision}` leads nowhere"),
                    *span,
                    label,
                )
                .with_note(format!(
                    "`{leads}` leads to a state, so each way in which the vote can end says what \
                     becomes of the group"
                ))
                .with_help(help)
            }
            CheckError::NothingFollows { decision, span } => Diagnostic::new(
                Code::NothingFollows,
                format!("nothing follows from `{decision}`"),
                *span,
                "no clause asks how this ends",
            )
            .with_note("a decision without `passes` ends as it is recorded, and judges nothing")
            .with_help(format!(
                "say what passes, where an outcome leads, or what needs it: `on {decision}.passed …`"
            )),
            CheckError::NeverCloses {
                decision,
                span,
                passes,
            } => Diagnostic::new(
                Code::NeverCloses,
                format!("nothing says when the vote on `{decision}` ends"),
                *span,
                "this may stay open for good",
            )
            .with_secondary(*passes, "ballots are counted against this at the end")
            .with_note("without `closes`, a vote is open until its result is recorded")
            .with_help(
                "write `closes after 14 days`, `closes early` (once the result is settled), or both",
            ),
            CheckError::TieWithoutDefault {
                decision,
                span,
                options,
            } => {
                let both = match options.as_slice() {
                    [a, b, ..] => format!("`{a}` and `{b}` can both reach this"),
                    _ => "several options can reach this".to_owned(),
                };
                Diagnostic::new(
                    Code::TieWithoutDefault,
                    format!("nothing says how a tie in `{decision}` is broken"),
                    *span,
                    both,
                )
                .with_note("only what takes more than half of the ballots cannot tie")
                .with_help(
                    "write `tie` and an option, `tie by` somebody, or let a `majority of cast` pass",
                )
            }
            CheckError::TieMeets { decision, span } => Diagnostic::new(
                Code::TieMeets,
                format!("a tie is enough to pass `{decision}`"),
                *span,
                "as many against as for can meet this",
            )
            .with_note("`at least 1/2` holds where yes and against are equal, `majority` does not")
            .with_help("write `majority of …` if a tie is to fail"),
            CheckError::OutOfReach {
                decision,
                what,
                needed,
                span,
                bound: (says, bound),
            } => Diagnostic::new(
                Code::OutOfReach,
                format!("the {what} of `{decision}` can never be met"),
                *span,
                format!("needs {needed}"),
            )
            .with_secondary(*bound, says.clone())
            .with_note("nobody votes twice, so no more ballots count than there are voters")
            .with_help("lower the number, raise the other, or take a share: `majority of electorate`"),
            CheckError::AlwaysMet {
                decision,
                what,
                span,
            } => Diagnostic::new(
                Code::AlwaysMet,
                format!("the {what} of `{decision}` is met whatever the ballots"),
                *span,
                "this asks for nothing",
            )
            .with_help(match *what {
                "quorum" => "leave it out, or ask for at least one",
                _ => "ask for at least one; `no against` says that silence is consent",
            }),
            CheckError::Unreachable {
                kind,
                states,
                initial: (initial, initial_span),
            } => {
                let names: Vec<String> = states.iter().map(|(n, _)| format!("`{n}`")).collect();
                let title = match names.as_slice() {
                    [] => String::new(),
                    [one] => format!("nothing leads to the state {one} of `{kind}`"),
                    [before @ .., last] => format!(
                        "nothing leads to the states {} and {last} of `{kind}`",
                        before.join(", ")
                    ),
                };
                let mut spans = states.iter().map(|(_, span)| *span);
                let first = spans.next().unwrap_or_default();
                let name = states.first().map_or("", |(name, _)| name);
                let diagnostic =
                    Diagnostic::new(Code::UnreachableState, title, first, "never entered")
                        .with_secondary(*initial_span, format!("`{kind}` begins in `{initial}`"))
                        .with_note("a state is reached by `-> state` on an act, an outcome or an `on`")
                        .with_help(format!(
                            "write `-> {name}` where something leads there, or leave the state out"
                        ));
                spans.fold(diagnostic, |diagnostic, span| {
                    diagnostic.with_secondary(span, "nor this one")
                })
            }
            CheckError::Stuck { kind, state, span } => Diagnostic::new(
                Code::StuckState,
                format!("nothing leads out of the state `{state}` of `{kind}`"),
                *span,
                "never left, and not final",
            )
            .with_note("where life ends, the state is `final`: duties and rules end with it")
            .with_help(format!(
                "write `state {state} final`, or say what leads on from there"
            )),
            CheckError::TwoStarts {
                kind,
                first: (first, first_span),
                second: (second, second_span),
            } => Diagnostic::new(
                Code::BadStart,
                format!("`{kind}` begins both in `{first}` and in `{second}`"),
                *second_span,
                "marked `initial` too",
            )
            .with_secondary(*first_span, "the first one marked `initial`")
            .with_note("a group begins in one state")
            .with_help("leave one of the marks out"),
            CheckError::FinalStart {
                kind,
                state,
                span,
                said,
            } => Diagnostic::new(
                Code::BadStart,
                format!("`{kind}` ends where it begins, in `{state}`"),
                *span,
                if *said {
                    "initial and final at once"
                } else {
                    "the first state, so life begins here"
                },
            )
            .with_note("a group begins in the state marked `initial`, else in the first one")
            .with_help("mark another state `initial`"),
            CheckError::UnheardEvent { event, span } => Diagnostic::new(
                Code::UnheardEvent,
                format!("nothing listens to `{event}`"),
                *span,
                "no clause speaks of this event",
            )
            .with_note("it can happen, but nothing is judged then and nothing follows")
            .with_help(
                "say who may do it, what it needs or what follows from it, or leave it out",
            ),
            CheckError::UnusedRole { role, span, near } => {
                let diagnostic = Diagnostic::new(
                    Code::UnusedRole,
                    format!("nothing else names the role `{role}`"),
                    *span,
                    "declared, and never used",
                )
                .with_note("`role` with a new name makes a new role; with a known one it adds to it");
                match near {
                    Some(near) => diagnostic
                        .with_help(format!("did you mean `{near}`?"))
                        .with_fix(*span, near.clone()),
                    None => diagnostic
                        .with_help("say what its holders may or must do, or leave it out"),
                }
            }
            CheckError::ForbiddenRole { role, span, by } => Diagnostic::new(
                Code::UnobtainableRole,
                format!("nobody can get the role `{role}`"),
                *span,
                "a role that stays empty",
            )
            .with_secondary(*by, "it is given to nobody")
            .with_help("say when, by whom or to whom it must not be given"),
            CheckError::ClosedRole {
                role,
                span,
                by,
                how,
                givers,
            } => {
                let (does, help) = match how {
                    Closed::Giving => (
                        "give it",
                        format!("say who else may give it, `may {role}.added by …`, or what grants it"),
                    ),
                    Closed::Asking => (
                        "can do this",
                        format!(
                            "say who else can do it or what grants the role, or ask it only where \
                             there is one, `if some {role}`"
                        ),
                    ),
                };
                let (givers, own) = match givers.as_slice() {
                    [one] if one == role => (format!("`{one}`"), true),
                    list => {
                        let list: Vec<String> = list.iter().map(|g| format!("`{g}`")).collect();
                        (list.join(" and "), false)
                    }
                };
                let label = if own {
                    format!("only those {does} who hold it already")
                } else {
                    format!("only {givers} {does}, and nobody can get those either")
                };
                Diagnostic::new(
                    Code::UnobtainableRole,
                    format!("nobody can become the first `{role}`"),
                    *span,
                    "a role that stays empty",
                )
                .with_secondary(*by, label)
                .with_note("a trace can begin with holders, but nothing here makes a first one")
                .with_help(help)
            }
            CheckError::TwoTargets {
                event,
                first: (first, first_span),
                second: (second, second_span),
                certain,
            } => {
                let (code, title) = if *certain {
                    (
                        Code::TwoTargets,
                        format!("`{event}` leads to `{first}` and to `{second}` at once"),
                    )
                } else {
                    (
                        Code::PerhapsTwoTargets,
                        format!("`{event}` may lead to `{first}` and to `{second}` at once"),
                    )
                };
                Diagnostic::new(code, title, *second_span, format!("leads to `{second}`"))
                    .with_secondary(*first_span, format!("leads to `{first}`"))
                    .with_note(if *certain {
                        "one act moves a group to one state"
                    } else {
                        "where both stand open, the first is taken, and that is a finding"
                    })
                    .with_help("tell them apart with `if` or `where`, or let one say `overrides`")
            }
            CheckError::Circle {
                events,
                span,
                others,
            } => {
                let mut way: Vec<String> = events.iter().map(|e| format!("`{e}`")).collect();
                way.extend(events.first().map(|e| format!("`{e}`")));
                let first = events.first().map_or("", String::as_str);
                let diagnostic = Diagnostic::new(
                    Code::EndlessEvents,
                    format!("`{first}` brings itself about"),
                    *span,
                    "this sets it off",
                )
                .with_note(format!("one leads to the next without end: {}", way.join(", ")))
                .with_help("take one of the effects out");
                others.iter().fold(diagnostic, |diagnostic, other| {
                    diagnostic.with_secondary(*other, "and this leads on")
                })
            }
            CheckError::Opposites {
                first: (_, first_span),
                second: (second, second_span),
            } => Diagnostic::new(
                Code::Opposites,
                format!("`{second}` cannot be kept together with another clause"),
                *second_span,
                "this demands one thing",
            )
            .with_secondary(*first_span, "this the opposite, of the same groups")
            .with_note("which of two clauses goes first is written, never guessed from their order")
            .with_help("let one say `overrides` and the other's name, or when each of them holds"),
            CheckError::BeatenClock {
                span,
                long,
                short,
                by,
            } => Diagnostic::new(
                Code::BeatenClock,
                format!("this wait of {long} never ends: one of {short} is always over before it"),
                *span,
                format!("waits for {long}"),
            )
            .with_secondary(*by, format!("leaves the state after {short}"))
            .with_note("whatever lets this one run lets the other run too")
            .with_help(format!(
                "wait for less than {short} here, or for more there, or let this one stand in a \
                 state to which the other leads"
            )),
            CheckError::NoBearer {
                act,
                span,
                role: (role, declared),
            } => Diagnostic::new(
                Code::NoBearer,
                format!("`{act}` is owed by {}, and nothing says that there is one", a(role)),
                *span,
                "owed by nobody, where nobody holds the role",
            )
            .with_secondary(*declared, "nobody need hold this")
            .with_note("a duty that nobody bears is overdue, and nobody is late")
            .with_help(somebody(role)),
            CheckError::NoApprover {
                what,
                span,
                role: (role, declared),
            } => Diagnostic::new(
                Code::NoApprover,
                format!("`{what}` waits for {}, and nothing says that there is one", a(role)),
                *span,
                "nobody can do this, where nobody holds the role",
            )
            .with_secondary(*declared, "nobody need hold this")
            .with_help(somebody(role)),
            CheckError::OfNobody {
                whom: (whom, declared),
                span,
            } => Diagnostic::new(
                Code::OfNobody,
                format!("what is asked of all `{whom}` holds where there are none"),
                *span,
                "lets this through where there is nobody to ask",
            )
            .with_secondary(*declared, "this may be empty")
            .with_note("all of nobody is true; only `by all` is not fulfilled by nobody")
            .with_help(format!(
                "ask for `some` beside `all`, write `if` and when it is asked, or say elsewhere \
                 that `{whom}` is there"
            )),
        }
    }
}

/// A role as the title of a message names it: a `lead`, a `chair` or an `organizer`.
fn a(roles: &str) -> String {
    let one = |role: &str| match role.starts_with(['a', 'e', 'i', 'o', 'A', 'E', 'I', 'O']) {
        true => format!("an `{role}`"),
        false => format!("a `{role}`"),
    };
    let names: Vec<String> = roles.split(" or ").map(one).collect();
    names.join(" or ")
}

/// How it is said that a role is held, or what is so where it is not.
fn somebody(roles: &str) -> String {
    let set = match roles.contains(" or ") {
        true => format!("({roles})"),
        false => roles.to_owned(),
    };
    format!(
        "write `must have some {set}`; `if some {set}` here; what follows from `no {set}`; or, if \
         that is meant, `may have no {set}`"
    )
}
