//! Running scenarios: the story is fed to the one `step`, and what comes out is compared with what
//! was expected.

use std::collections::BTreeSet;

use crate::hir::scenario::{Act, Expected, Given, Scenario};
use crate::ids::KindId;
use crate::ir::{Const, Model};
use crate::run::coverage::Coverage;
use crate::run::finding::{Finding, Severity};
use crate::run::program::{Options, Program};
use crate::run::state::State;
use crate::run::step::{advance, ask, step};
use crate::run::value::{Names, Value};
use crate::run::{self, Input, Occurrence};
use crate::source::Span;
use crate::time::{Instant, Stamp, Zone};

/// What came of a scenario.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The scenario's name.
    pub name: String,
    /// Its place.
    pub span: Span,
    /// The labels it cites.
    pub cites: Vec<String>,
    /// Where the story and what is expected differ; empty where it passed.
    pub differences: Vec<Difference>,
    /// All findings of its clauses, in the order in which they came out.
    pub findings: Vec<Finding>,
    /// What of the model it touched.
    pub coverage: Coverage,
}

/// A place where what came out is not what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The expectation in the file.
    pub span: Span,
    /// What differs, in a sentence.
    pub text: String,
}

/// Runs one scenario.
pub fn run(model: &Model, scenario: &Scenario) -> Outcome {
    if scenario.rows.is_empty() {
        return run_with(model, scenario);
    }
    // The rows of a scenario stand instead of those that the spec reads.
    let mut model = model.clone();
    for (index, calendar) in model.calendars.iter_mut().enumerate() {
        let own = scenario
            .rows
            .iter()
            .filter(|(_, id, _)| id.index() == index);
        calendar.rows = own.map(|(_, _, row)| row.clone()).collect();
        calendar.rows.sort_by_key(|row| row.start);
    }
    run_with(&model, scenario)
}

fn run_with(model: &Model, scenario: &Scenario) -> Outcome {
    let expected = scenario.expects.iter();
    let options = Options {
        asked: expected
            .map(|e| (KindId::DOCUMENT, e.cond.clone()))
            .collect(),
        ..Options::default()
    };
    let program = Program::new(model, options);
    let zone = Zone::find(&model.timezone).unwrap_or_else(Zone::utc);
    let mut state = State::new(&program);
    state.coverage = Coverage::kept();
    let mut found = Vec::new();
    let mut differences = Vec::new();

    let begin = begin(scenario, &mut differences);
    step(&program, &mut state, Input::Begin(begin), &mut found);
    for given in &scenario.given {
        let given = input_of(given, &mut state.names);
        step(&program, &mut state, Input::Given(given), &mut found);
    }
    let mut expects: Vec<_> = scenario.expects.iter().collect();
    expects.sort_by_key(|e| e.at.at);
    let mut expects = expects.into_iter().peekable();
    let ask_until = |state: &mut State,
                     expects: &mut std::iter::Peekable<std::vec::IntoIter<_>>,
                     found: &mut Vec<Finding>,
                     differences: &mut Vec<Difference>,
                     before: Option<Instant>| {
        while let Some(expect) =
            expects.next_if(|e: &&crate::hir::scenario::Expect| before.is_none_or(|b| e.at.at < b))
        {
            advance(&program, state, expect.at.at, found);
            let answer = ask(&program, state, &expect.cond, None);
            if answer != Some(true) {
                let date = zone.date(expect.at.at);
                let text = match answer {
                    Some(_) => format!("this does not hold at {date}"),
                    None => format!("whether this holds at {date} is undecided"),
                };
                differences.push(Difference {
                    span: expect.span,
                    text,
                });
            }
        }
    };
    for (index, act) in scenario.story.iter().enumerate() {
        ask_until(
            &mut state,
            &mut expects,
            &mut found,
            &mut differences,
            Some(act.at.at),
        );
        let occurrence = occurrence_of(act, index, model, &mut state.names);
        step(&program, &mut state, Input::Occur(occurrence), &mut found);
    }
    ask_until(&mut state, &mut expects, &mut found, &mut differences, None);
    let end = end(scenario, begin);
    step(&program, &mut state, Input::End(end), &mut found);

    let judged = judged(model, scenario);
    found.retain(|f| f.severity != Severity::Note && is_judged(f, &judged, &scenario.cites));
    found.sort_by(|a, b| {
        let key = |f: &Finding| (f.from, f.clause.clone(), f.group.clone(), f.person.clone());
        key(a).cmp(&key(b))
    });
    differences.extend(compare(scenario, &found, &zone));
    differences.sort_by_key(|d| d.span);
    Outcome {
        name: scenario.name.clone(),
        span: scenario.span,
        cites: scenario.cites.clone(),
        differences,
        findings: found,
        coverage: state.coverage,
    }
}

/// The observation begins when the last of what is given has begun, at the latest with the story.
fn begin(scenario: &Scenario, differences: &mut Vec<Difference>) -> Instant {
    let since = scenario.given.iter().filter_map(|given| match given {
        Given::Instance { since, .. } | Given::Holding { since, .. } => *since,
        Given::Attribute { .. } => None,
    });
    let last = since.map(|s| s.at).max();
    let first = scenario.story.first();
    let asked = scenario.expects.iter().map(|e| e.at.at).min();
    match (last, first) {
        (Some(last), Some(first)) if last > first.at.at => {
            differences.push(Difference {
                span: first.span,
                text: "this happens before what is given has begun; what begins later is an \
                       event of the story"
                    .to_owned(),
            });
            first.at.at
        }
        (Some(last), _) => last,
        (None, Some(first)) => asked.map_or(first.at.at, |a| a.min(first.at.at)),
        (None, None) => asked.unwrap_or(Instant(0)),
    }
}

/// The observation ends where the scenario says, else with the last date in it.
fn end(scenario: &Scenario, begin: Instant) -> Instant {
    if let Some(until) = scenario.until {
        return until.at.max(begin);
    }
    let story = scenario.story.iter().map(|a| a.at.at);
    let expects = scenario.expects.iter().map(|e| e.at.at);
    let findings = scenario
        .findings
        .iter()
        .flat_map(|f| [f.from, f.until])
        .flatten()
        .map(|s| s.at);
    let last = story.chain(expects).chain(findings).max();
    last.map_or(begin, |last| last.max(begin))
}

/// The names of the clauses that carry one of the scenario's labels.
fn judged(model: &Model, scenario: &Scenario) -> BTreeSet<String> {
    model
        .clauses
        .iter()
        .filter(|c| {
            c.cite
                .iter()
                .any(|cite| scenario.cites.contains(&cite.label))
        })
        .map(|c| c.name.clone())
        .collect()
}

fn is_judged(finding: &Finding, judged: &BTreeSet<String>, cites: &[String]) -> bool {
    if cites.is_empty() || judged.contains(&*finding.clause) {
        return true;
    }
    // An act that no clause permits is named by its event and carries the citations of its permits.
    let mut words = finding
        .cite
        .iter()
        .flat_map(|cite| cite.split([' ', ',']))
        .map(|word| word.trim_matches(['[', ']']));
    words.any(|word| cites.iter().any(|c| c == word))
}

fn compare(scenario: &Scenario, found: &[Finding], zone: &Zone) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut left: Vec<&Finding> = found.iter().collect();
    let mut unmet = Vec::new();
    for expected in &scenario.findings {
        match left.iter().position(|f| agrees(expected, f)) {
            Some(at) => {
                left.remove(at);
            }
            None => unmet.push(expected),
        }
    }
    for expected in unmet {
        let near = left.iter().position(|f| *f.clause == *expected.clause);
        let text = match near {
            Some(at) => {
                let finding = left.remove(at);
                format!("expected this finding, found {}", describe(finding, zone))
            }
            None => "expected this finding, and it did not come out".to_owned(),
        };
        differences.push(Difference {
            span: expected.span,
            text,
        });
    }
    if let Some(span) = scenario.nothing {
        for finding in left {
            differences.push(Difference {
                span,
                text: format!(
                    "nothing else was expected, found {}",
                    describe(finding, zone)
                ),
            });
        }
    }
    differences
}

fn agrees(expected: &Expected, finding: &Finding) -> bool {
    let same_end = match expected.until {
        Some(until) => finding.to == Some(until.at),
        None => finding.to.is_none() || finding.to == Some(finding.from),
    };
    *expected.clause == *finding.clause
        && expected
            .group
            .as_ref()
            .is_none_or(|g| finding.group.as_deref() == Some(g))
        && expected
            .person
            .as_ref()
            .is_none_or(|p| finding.person.as_deref() == Some(p))
        && expected.from.is_none_or(|from| from.at == finding.from)
        && same_end
}

/// A finding in the words of a scenario.
fn describe(finding: &Finding, zone: &Zone) -> String {
    let show = |at: Instant| {
        if zone.start_of_day(at) == at {
            zone.date(at)
        } else {
            zone.show(at)
        }
    };
    let mut text = format!("`{}`", finding.clause);
    if let Some(group) = &finding.group {
        text.push_str(&format!(" in {group}"));
    }
    if let Some(person) = &finding.person {
        text.push_str(&format!(" by {person}"));
    }
    text.push_str(&format!(" from {}", show(finding.from)));
    match finding.to {
        Some(to) if to != finding.from => text.push_str(&format!(" until {}", show(to))),
        Some(_) => {}
        None => text.push_str(", lasting"),
    }
    text.push_str(&format!(" ({})", finding.message));
    text
}

fn value_of(constant: &Const, names: &mut Names) -> Value {
    match constant {
        Const::Text(text) => Value::Text(text.as_str().into()),
        Const::Name(id) => Value::Name(names.intern(id)),
        Const::Number(n) => Value::Number(*n),
        Const::Flag(flag) => Value::Flag(*flag),
        Const::Date(stamp) => Value::Date(*stamp),
        Const::Dates(from, to) => Value::Dates(*from, *to),
        Const::Duration(duration) => Value::Duration(*duration),
        Const::Role(role) => Value::Role(*role),
        Const::List(list) => {
            let values: Vec<Value> = list.iter().map(|c| value_of(c, names)).collect();
            Value::List(values.into())
        }
    }
}

/// A value for a field of this type: the words of a closed list are names at run time.
fn typed(constant: &Const, ty: &crate::ir::Type, names: &mut Names) -> Value {
    match (constant, ty) {
        (Const::Text(word), crate::ir::Type::Choice(_)) => Value::Name(names.intern(word)),
        (Const::List(list), crate::ir::Type::List(inner)) => {
            let values: Vec<Value> = list.iter().map(|c| typed(c, inner, names)).collect();
            Value::List(values.into())
        }
        _ => value_of(constant, names),
    }
}

fn input_of(given: &Given, names: &mut Names) -> run::Given {
    match given {
        Given::Instance {
            id,
            kind,
            parent,
            state,
            fields,
            since,
        } => run::Given::Instance {
            kind: *kind,
            id: names.intern(id),
            parent: parent.as_ref().map(|p| names.intern(p)),
            state: state.map(|s| s.0),
            fields: fields
                .iter()
                .map(|(field, value)| (field.0, value_of(value, names)))
                .collect(),
            since: *since,
        },
        Given::Holding {
            role,
            place,
            holder,
            since,
        } => run::Given::Holding {
            role: role.0,
            subject: place.as_ref().map(|p| names.intern(p)),
            holder: names.intern(holder),
            since: *since,
        },
        Given::Attribute {
            person,
            attribute,
            value,
        } => run::Given::Attribute {
            person: names.intern(person),
            attribute: attribute.0,
            value: value_of(value, names),
        },
    }
}

fn occurrence_of(act: &Act, index: usize, model: &Model, names: &mut Names) -> Occurrence {
    let event = model.events.get(act.event.index());
    let count = event.map_or(0, |e| e.fields.len());
    let mut fields = vec![Value::Empty; count];
    for (field, value) in &act.fields {
        let ty = event
            .and_then(|e| e.fields.get(field.index()))
            .map(|f| &f.ty);
        if let (Some(slot), Some(ty)) = (fields.get_mut(field.index()), ty) {
            *slot = typed(value, ty, names);
        }
    }
    let stamp: Stamp = act.at;
    Occurrence {
        at: stamp,
        event: act.event,
        subject: act.place.as_ref().map(|p| names.intern(p)),
        actors: act.actors.iter().map(|a| names.intern(a)).collect(),
        fields,
        position: u32::try_from(index + 1).unwrap_or(u32::MAX),
        change: u64::try_from(index).unwrap_or(u64::MAX),
        opening: false,
    }
}
