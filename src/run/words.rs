//! What findings say: sentences that a committee chair understands, without dates.

use std::sync::Arc;

use super::eval::{Ctx, Spot};
use super::moment::Truth;
use super::program::Program;
use super::state::{Happening, Inst};
use super::step::Run;
use super::value::Sym;
use crate::ids::*;
use crate::ir::{Bounds, Cite, Cond, Duty, Expr, Model, Place, Set};

/// What findings say that is the same each time, put into words once.
#[derive(Debug, Clone)]
pub(crate) struct Wording {
    /// By clause: its name.
    clauses: Vec<Arc<str>>,
    /// By clause: where the document says so.
    cites: Vec<Arc<[String]>>,
    /// By event: as a clause names it.
    events: Vec<Arc<str>>,
    /// By event: where the document says who may bring it about.
    permits: Vec<Arc<[String]>>,
    /// By duty: that it is overdue, and that it was never done.
    overdue: Vec<(Arc<str>, Arc<str>)>,
    no_text: Arc<str>,
    no_cites: Arc<[String]>,
}

impl Wording {
    pub fn of(model: &Model) -> Wording {
        let clauses = model.clauses.iter();
        let cites = clauses
            .clone()
            .map(|clause| clause.cite.iter().map(cite).collect());
        let mut permits = vec![Vec::new(); model.events.len()];
        for permit in &model.permits {
            let clause = model.clauses.get(permit.clause.index());
            let Some(all) = permits.get_mut(permit.arm.event.index()) else {
                continue;
            };
            for cite in clause.into_iter().flat_map(|clause| &clause.cite).map(cite) {
                if !all.contains(&cite) {
                    all.push(cite);
                }
            }
        }
        let overdue = model.duties.iter().map(|duty| {
            let clause = model.clauses.get(duty.clause.index());
            let text = clause.map_or("", |clause| clause.text.as_str());
            let overdue: Arc<str> = format!("{} is overdue: {text}", acts(model, duty)).into();
            let never = never_done(&overdue);
            (overdue, never)
        });
        Wording {
            cites: cites.collect(),
            clauses: clauses.map(|clause| clause.name.as_str().into()).collect(),
            events: (0..model.events.len())
                .map(|index| event_clause(model, EventId::new(index)).into())
                .collect(),
            permits: permits.into_iter().map(Arc::from).collect(),
            overdue: overdue.collect(),
            no_text: Arc::from(""),
            no_cites: Arc::default(),
        }
    }

    /// The name of a clause.
    pub fn clause(&self, clause: ClauseId) -> Arc<str> {
        self.clauses
            .get(clause.index())
            .unwrap_or(&self.no_text)
            .clone()
    }

    /// Where the document says what a clause says.
    pub fn cites(&self, clause: ClauseId) -> Arc<[String]> {
        self.cites
            .get(clause.index())
            .unwrap_or(&self.no_cites)
            .clone()
    }

    /// Nothing.
    pub fn no_text(&self) -> Arc<str> {
        self.no_text.clone()
    }

    /// The document says nothing.
    pub fn no_cites(&self) -> Arc<[String]> {
        self.no_cites.clone()
    }

    /// An event as its clause names it: `WG.disband`; for the document its own name.
    pub fn event(&self, event: EventId) -> Arc<str> {
        self.events
            .get(event.index())
            .unwrap_or(&self.no_text)
            .clone()
    }

    /// Where the document says who may bring an event about.
    pub fn permits(&self, event: EventId) -> Arc<[String]> {
        self.permits
            .get(event.index())
            .unwrap_or(&self.no_cites)
            .clone()
    }

    /// That a duty is overdue.
    pub fn overdue(&self, duty: usize) -> Arc<str> {
        let overdue = self.overdue.get(duty).map(|(overdue, _)| overdue);
        overdue.unwrap_or(&self.no_text).clone()
    }

    /// That what is said to be overdue was never done.
    pub fn never_done(&self, message: &Arc<str>) -> Arc<str> {
        let mut known = self.overdue.iter();
        match known.find(|(overdue, _)| Arc::ptr_eq(overdue, message)) {
            Some((_, never)) => never.clone(),
            None => never_done(message),
        }
    }
}

fn never_done(message: &str) -> Arc<str> {
    format!("{message}; it was never done").into()
}

/// A citation in words: document, heading, number.
fn cite(cite: &Cite) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(cite.source.clone());
    parts.extend(cite.heading.as_ref().map(|h| format!("\"{h}\"")));
    if !cite.label.is_empty() {
        parts.push(cite.label.clone());
    }
    parts.join(" ")
}

/// On which side of its bounds a number lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Below,
    Above,
    Neither,
}

/// What was counted and what was wanted.
#[derive(Debug, Clone)]
pub(crate) struct Numbers {
    pub found: String,
    pub required: String,
    pub what: String,
    pub side: Side,
}

impl Numbers {
    /// "1 lead, where 2..3 are required".
    pub fn sentence(&self) -> String {
        let verb = if self.required == "1" || self.required == "at least 1" {
            "is"
        } else {
            "are"
        };
        let found = if self.found == "0" {
            "no"
        } else {
            self.found.as_str()
        };
        format!(
            "{found} {}, where {} {verb} required",
            self.what, self.required
        )
    }
}

impl Ctx<'_> {
    /// The number that makes a condition fail, where it is one number.
    pub fn numbers(&self, cond: &Cond) -> Option<Numbers> {
        match cond {
            Cond::All(list) => {
                let failing = list.iter().find(|c| self.holds(c) == Truth::No);
                self.numbers(failing?)
            }
            Cond::Count {
                set,
                distinct,
                bounds,
            } => {
                let (n, _) = self.count(set, *distinct);
                let what = describe(self.p, set, n)?;
                let what = if *distinct {
                    format!("different {what}")
                } else {
                    what
                };
                self.counted(n, bounds, what)
            }
            Cond::Happened {
                log,
                place,
                about,
                by: None,
                window,
                bounds,
            } => {
                let n = self.times(*log, place, about, window)?;
                let declared = self.p.model.logs.get(log.index())?;
                let names = declared
                    .arms
                    .iter()
                    .map(|arm| event_name(self.p.model, arm.event));
                let what = names.collect::<Vec<_>>().join(" or ");
                self.counted(n, bounds, what)
            }
            Cond::Share {
                part,
                whole,
                place,
                window,
                num,
                den,
                strict,
            } => {
                let (part, whole_n) = self.shares(*part, *whole, place, window)?;
                let declared = self.p.model.logs.get(whole.index())?;
                let names = declared
                    .arms
                    .iter()
                    .map(|arm| event_name(self.p.model, arm.event));
                let more = if *strict { "more than" } else { "at least" };
                Some(Numbers {
                    found: format!("{part} of {whole_n}"),
                    required: format!("{more} {num}/{den}"),
                    what: names.collect::<Vec<_>>().join(" or "),
                    side: Side::Below,
                })
            }
            Cond::Portion {
                part,
                whole,
                num,
                den,
                strict,
            } => {
                let ((part, _), (n, _)) = (self.count(part, false), self.count(whole, false));
                let more = if *strict { "more than" } else { "at least" };
                Some(Numbers {
                    found: format!("{part} of {n}"),
                    required: format!("{more} {num}/{den}"),
                    what: describe(self.p, whole, n)?,
                    side: Side::Below,
                })
            }
            _ => None,
        }
    }

    fn counted(&self, n: u64, bounds: &Bounds, what: String) -> Option<Numbers> {
        let min = self.number(&bounds.min)?;
        let max = match &bounds.max {
            None => None,
            Some(expr) => Some(self.number(expr)?),
        };
        let found = i64::try_from(n).unwrap_or(i64::MAX);
        let low = if bounds.strict {
            found <= min
        } else {
            found < min
        };
        let side = if low {
            Side::Below
        } else if max.is_some_and(|max| found > max) {
            Side::Above
        } else {
            Side::Neither
        };
        Some(Numbers {
            found: n.to_string(),
            required: required(min, max, bounds.strict),
            what,
            side,
        })
    }
}

/// Bounds in words.
pub(crate) fn required(min: i64, max: Option<i64>, strict: bool) -> String {
    match (min, max) {
        (min, None) if strict => format!("more than {min}"),
        (min, None) => format!("at least {min}"),
        (0, Some(0)) => "none".to_owned(),
        (0, Some(max)) if !strict => format!("at most {max}"),
        (min, Some(max)) if strict => format!("more than {min}, at most {max}"),
        (min, Some(max)) if min == max => min.to_string(),
        (min, Some(max)) => format!("{min}..{max}"),
    }
}

/// The plural of a name, where it has a plain one.
fn plural(name: &str, n: u64) -> String {
    let plain = name.ends_with(|c: char| c.is_ascii_lowercase() && !"sxzyh".contains(c));
    if n != 1 && plain {
        format!("{name}s")
    } else {
        name.to_owned()
    }
}

/// What so many of a set are called.
pub(crate) fn describe(p: &Program<'_>, set: &Set, n: u64) -> Option<String> {
    let model = p.model;
    match set {
        Set::Holders(role, _) | Set::HoldersAnywhere(role) | Set::HoldersOf(_, role) => {
            model.roles.get(role.index()).map(|r| plural(&r.name, n))
        }
        Set::Body(kind) | Set::Instances(kind, _) => {
            model.kinds.get(kind.index()).map(|k| plural(&k.name, n))
        }
        Set::Attribute(inner, field) => {
            let inner = describe(p, inner, 2)?;
            let field = model.attributes.get(field.index())?;
            Some(format!("{} among {inner}", plural(&field.name, n)))
        }
        Set::Where(inner, _) => describe(p, inner, n).map(|inner| format!("such {inner}")),
        Set::Union(list) => {
            let names: Option<Vec<String>> = list.iter().map(|s| describe(p, s, n)).collect();
            names.map(|names| names.join(" or "))
        }
        Set::FieldOf(inner, _) => describe(p, inner, n),
        Set::Values(Expr::Field(Place::This, _)) | Set::Values(_) | Set::Anyone => None,
    }
}

fn event_clause(model: &Model, event: EventId) -> String {
    let Some(declared) = model.events.get(event.index()) else {
        return String::new();
    };
    let kind = model.kinds.get(declared.kind.index());
    let kind = kind.map_or("", |k| k.name.as_str());
    // `K.added` carries the name of its kind already.
    if kind.is_empty() || declared.name.starts_with(&format!("{kind}.")) {
        declared.name.clone()
    } else {
        format!("{kind}.{}", declared.name)
    }
}

/// An event's own name.
pub(crate) fn event_name(model: &Model, event: EventId) -> &str {
    model.events.get(event.index()).map_or("", |e| &e.name)
}

/// The acts of a duty, in words.
pub(crate) fn acts(model: &Model, duty: &Duty) -> String {
    let mut names: Vec<String> = Vec::new();
    for arm in &duty.arms {
        let name = format!("`{}`", event_name(model, arm.event));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(" or ")
}

impl<'a> Run<'a> {
    /// What a clause says.
    pub fn clause_text(&self, clause: ClauseId) -> &'a str {
        let declared = self.p.model.clauses.get(clause.index());
        declared.map_or("", |c| &c.text)
    }

    /// Names, joined as in a sentence.
    pub fn names(&self, list: &[Sym]) -> String {
        let names: Vec<&str> = list.iter().map(|&s| self.state.names.text(s)).collect();
        match names.as_slice() {
            [] => String::new(),
            [one] => (*one).to_owned(),
            [all @ .., last] => format!("{} and {last}", all.join(", ")),
        }
    }

    /// Who did what, to whom: "TSC did `disband`", "`lead.added` of ann".
    pub fn deed(&self, act: &Happening) -> String {
        let name = event_name(self.p.model, act.event);
        let about = self.about(act);
        let of = match about {
            Some(who) => format!(" of {}", self.state.names.text(who)),
            None => String::new(),
        };
        if act.actors.is_empty() {
            format!("`{name}`{of} happened")
        } else {
            format!("{} did `{name}`{of}", self.names(&act.actors))
        }
    }

    /// Whom an event is about.
    pub fn about(&self, act: &Happening) -> Option<Sym> {
        let trail = super::eval::Trail::new();
        let ctx = Ctx::new(self.p, self.state, act.subject, &trail);
        ctx.about(act.event, &act.fields)
    }

    /// The person that a finding about an act concerns: whom it is about, else who did it.
    pub fn concerned(&self, act: &Happening) -> Option<Sym> {
        self.about(act).or_else(|| act.actors.first().copied())
    }

    /// The name of the role or set that owes something, where nobody is in it.
    pub fn empty_bearer(&self, set: &Set, inst: Inst, holder: Option<Sym>) -> Option<String> {
        let trail = super::eval::Trail::new();
        let mut ctx = Ctx::new(self.p, self.state, inst, &trail);
        ctx.holder = holder;
        if let Set::Holders(_, place) = set
            && !matches!(ctx.spot(place), Spot::At(_))
        {
            return None;
        }
        if matches!(set, Set::Body(_) | Set::Values(_)) || !ctx.is_nobody(set) {
            return None;
        }
        describe(self.p, set, 1)
    }
}
