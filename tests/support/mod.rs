//! A small charter as a model, written by hand: what the tests of traces and of the wire read.

#![allow(dead_code, reason = "each test crate uses a part")]

use govc::ids::*;
use govc::ir::*;
use govc::time::{Duration, Unit};

const SIG: KindId = KindId(1);
const WG: KindId = KindId(2);
const TSC: KindId = KindId(3);
const LEAD: RoleId = RoleId(0);
const MEMBER: RoleId = RoleId(1);

fn origin() -> Origin {
    Origin {
        file: 0,
        start: 0,
        end: 0,
        line: 1,
        column: 1,
    }
}

/// A field spelled like its name.
pub fn field(name: &str, ty: Type) -> Field {
    Field {
        name: name.to_owned(),
        spelled: name.to_owned(),
        ty,
        default: None,
        stores: None,
    }
}

/// An event spelled like its name.
pub fn event(name: &str, kind: KindId, fields: Vec<Field>, source: EventSource) -> Event {
    Event {
        name: name.to_owned(),
        spelled: name.to_owned(),
        kind,
        fields,
        about: None,
        source,
        origin: origin(),
    }
}

fn kind(name: &str, form: Form, states: &[&str], fields: Vec<Field>) -> Kind {
    Kind {
        name: name.to_owned(),
        form,
        parent: None,
        states: states
            .iter()
            .map(|name| State {
                name: (*name).to_owned(),
                is_final: *name == "retired",
                origin: origin(),
            })
            .collect(),
        initial: StateId(0),
        fields,
        added: None,
        origin: origin(),
    }
}

fn words(words: &[&str]) -> Type {
    Type::Choice(words.iter().map(|w| (*w).to_owned()).collect())
}

fn clause(name: &str, modality: Modality, text: &str, label: &str) -> Clause {
    Clause {
        name: name.to_owned(),
        modality,
        text: text.to_owned(),
        cite: vec![Cite {
            source: None,
            heading: Some("Leads".to_owned()),
            label: label.to_owned(),
        }],
        origin: origin(),
        from: None,
        until: None,
        overrides: Vec::new(),
    }
}

/// A charter of SIGs (proposed, active, retired) and WGs with leads, and a TSC with members.
pub fn model() -> Model {
    let person = || field("person", Type::Person);
    let mut sig = kind(
        "SIG",
        Form::Group,
        &["proposed", "active", "retired"],
        vec![field("topic", Type::Text), field("quorum", Type::Number)],
    );
    sig.added = Some(EventId(0));
    let mut wg = kind("WG", Form::Group, &["active", "retired"], vec![]);
    wg.added = Some(EventId(1));
    let events = vec![
        event(
            "SIG.added",
            SIG,
            vec![field("topic", Type::Text)],
            EventSource::KindAdded(SIG),
        ),
        event("WG.added", WG, vec![], EventSource::KindAdded(WG)),
        event(
            "lead.added",
            SIG,
            vec![person()],
            EventSource::RoleAdded(LEAD),
        ),
        event(
            "lead.removed",
            SIG,
            vec![person()],
            EventSource::RoleRemoved(LEAD),
        ),
        event(
            "member.added",
            TSC,
            vec![person()],
            EventSource::RoleAdded(MEMBER),
        ),
        event(
            "member.removed",
            TSC,
            vec![person()],
            EventSource::RoleRemoved(MEMBER),
        ),
        event(
            "meet",
            SIG,
            vec![
                field("present", Type::Number),
                field("public", Type::Flag),
                field("kind", words(&["regular", "extra"])),
                field("attendees", Type::List(Box::new(Type::Person))),
            ],
            EventSource::Declared,
        ),
        event("meet", WG, vec![], EventSource::Declared),
        event(
            "report",
            WG,
            vec![field("link", Type::Link)],
            EventSource::Declared,
        ),
        event(
            "leave",
            SIG,
            vec![
                person(),
                field("length", Type::Duration),
                field("back", Type::Date),
                Field {
                    spelled: "to".to_owned(),
                    ..field("next", Type::Person)
                },
            ],
            EventSource::Declared,
        ),
        event(
            "promoted",
            KindId::DOCUMENT,
            vec![person(), field("into", Type::Role(vec![LEAD, MEMBER]))],
            EventSource::Declared,
        ),
        event(
            "monthly.missed",
            SIG,
            vec![],
            EventSource::Missed(ClauseId(1)),
        ),
        event("decided", TSC, vec![], EventSource::Declared),
    ];
    let lead = Role {
        name: "lead".to_owned(),
        spelled: vec!["lead".to_owned(), "Chair Person".to_owned()],
        kind: SIG,
        holders: vec![],
        seats: None,
        added: EventId(2),
        removed: EventId(3),
        origin: origin(),
    };
    let member = Role {
        name: "member".to_owned(),
        spelled: vec!["member".to_owned()],
        kind: TSC,
        holders: vec![],
        seats: Some(9),
        added: EventId(4),
        removed: EventId(5),
        origin: origin(),
    };
    let number = |n| Expr::Const(Const::Number(n));
    Model {
        name: "Small".to_owned(),
        title: "A small charter".to_owned(),
        timezone: "UTC".to_owned(),
        files: vec!["small.gov".to_owned()],
        sources: vec![],
        clauses: vec![
            clause(
                "SIG.two-or-three",
                Modality::Must,
                "must have 2..3 lead",
                "S-1",
            ),
            clause(
                "SIG.monthly",
                Modality::Should,
                "should meet every 1 month",
                "S-2",
            ),
        ],
        kinds: vec![
            kind("", Form::Document, &[""], vec![]),
            sig,
            wg,
            kind("TSC", Form::Body, &[""], vec![]),
        ],
        attributes: vec![field("org", Type::Text)],
        roles: vec![lead, member],
        ladders: vec![],
        calendars: vec![],
        events,
        decisions: vec![],
        logs: vec![],
        clocks: vec![],
        permits: vec![],
        prohibitions: vec![],
        caps: vec![],
        checks: vec![],
        invariants: vec![Invariant {
            clause: ClauseId(0),
            scope: Scope {
                kind: SIG,
                states: vec![StateId(1)],
                each: None,
            },
            guard: None,
            cond: Cond::Count {
                set: Set::Holders(LEAD, Place::This),
                distinct: false,
                bounds: Bounds {
                    min: number(2),
                    max: Some(number(3)),
                    strict: false,
                },
            },
            grace: None,
            responsibility: None,
        }],
        duties: vec![Duty {
            clause: ClauseId(1),
            scope: Scope {
                kind: SIG,
                states: vec![StateId(1)],
                each: None,
            },
            arms: vec![Arm {
                event: EventId(6),
                filter: None,
            }],
            by: None,
            guard: None,
            arises: Arises::Every(Expr::Const(Const::Duration(Duration {
                count: 1,
                unit: Unit::Month,
            }))),
            due: Due::Open,
            matches: vec![],
            moves: false,
            end_of_day: false,
            except: None,
        }],
        reactions: vec![],
        record: None,
        analysis: (0..4)
            .map(|_| KindAnalysis {
                listens: vec![],
                independent: true,
            })
            .collect(),
    }
}

/// The same charter with a mapping of a record.
pub fn record_model() -> Model {
    let mut model = model();
    let at = model.events.len();
    let recorded = |name: &str, fields| event(name, KindId::DOCUMENT, fields, EventSource::Record);
    model.events.extend([
        recorded("group_added", vec![field("topic", Type::Text)]),
        recorded(
            "lead_added",
            vec![field("person", Type::Person), field("company", Type::Text)],
        ),
        recorded("lead_removed", vec![field("person", Type::Person)]),
        recorded("size_said", vec![field("size", Type::Number)]),
    ]);
    model.reactions.push(Reaction {
        clause: ClauseId(0),
        scope: Scope {
            kind: SIG,
            states: vec![],
            each: None,
        },
        trigger: Trigger::Event(Arm {
            event: EventId::new(at + 1),
            filter: None,
        }),
        guard: None,
        target: None,
        actions: vec![Action::Grant(
            RoleRef::Role(LEAD),
            Place::This,
            Set::Values(Expr::Param(FieldId(0))),
        )],
        recorded: true,
    });
    model.record = Some(Record {
        name: "small/log".to_owned(),
        time: "at".to_owned(),
        event: "what".to_owned(),
        subject: vec!["team".to_owned()],
        actor: Some("author".to_owned()),
        change: Some("tx".to_owned()),
        opening: Some("initial".to_owned()),
        start: Some("observation_start".to_owned()),
        stop: Some("observation_end".to_owned()),
        empty: Some("N/A".to_owned()),
        unknown: Vec::new(),
    });
    model
}

/// The charter of the examples in the pages of codes.
pub const CHARTER: &str = r#"
governance Small "A small charter"

group SIG {
  state active initial
  role lead
  event meet(present: number, kind: regular | extra, attendees: list of person)

  state active {
    must have 1..3 lead       as leads    [S-1]
    should meet every 1 month as monthly  [S-2]
  }
}

body TSC {
  event decided
  may decided                               [S-3]
}
"#;

/// Compiles rules that import nothing.
pub fn compile(text: &str) -> Model {
    let mut sources = govc::source::Sources::default();
    let root = sources.add("charter.gov", text);
    let compiled = govc::compile(&mut sources, root, &mut |_, _| Err("no".to_owned()));
    let problems = govc::diag::render::to_text(&sources, &compiled.problems, false);
    compiled
        .model
        .ok_or(problems)
        .expect("the charter compiles")
}

/// The fences of one section of a page: their language and text.
pub fn fences(page: &str, section: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut here = false;
    let mut open: Option<(String, String)> = None;
    for line in page.lines() {
        if let Some((language, mut text)) = open.take() {
            if line == "```" {
                found.push((language, text));
            } else {
                text.push_str(line);
                text.push('\n');
                open = Some((language, text));
            }
        } else if let Some(heading) = line.strip_prefix("## ") {
            here = heading == section;
        } else if let (true, Some(language)) = (here, line.strip_prefix("```")) {
            open = Some((language.to_owned(), String::new()));
        }
    }
    found
}
