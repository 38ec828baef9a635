//! Conditions, sets and values, resolved and typed.

mod compare;
mod lasting;
mod past;
mod sets;
mod values;

use crate::hir::collect::Builder;
use crate::hir::error::ResolveError;
use crate::hir::names::{Ctx, Meaning};
use crate::ir::{Cond, Expr, Place, Set, Type};
use crate::syntax::ast::{self, Atom, CountKind};
use past::{Narrowed, fraction_of};
use sets::is_one;
pub use values::at_least;

impl Builder<'_> {
    /// Resolves a condition.
    pub fn cond(&mut self, cond: &ast::Cond, ctx: &Ctx) -> Cond {
        match cond {
            ast::Cond::Or(list, _) => Cond::Any(list.iter().map(|c| self.cond(c, ctx)).collect()),
            ast::Cond::And(list, _) => Cond::All(list.iter().map(|c| self.cond(c, ctx)).collect()),
            ast::Cond::Not(inner, _) => Cond::Not(Box::new(self.cond(inner, ctx))),
            ast::Cond::Test(test) => self.test(test, ctx),
        }
    }

    /// What a condition means where a set or events could stand as well: `(chair or co-chair)`.
    pub fn meaning(&mut self, cond: &ast::Cond, ctx: &Ctx) -> Option<Meaning> {
        match cond {
            ast::Cond::Or(list, _) => {
                let mut parts: Option<Vec<Meaning>> = Some(Vec::new());
                for part in list {
                    let part = match part {
                        // What is broken was complained about, and makes the whole so.
                        ast::Cond::Test(test) if is_plain(test) => {
                            Some(self.noun_meaning(&test.noun, ctx)?)
                        }
                        _ => None,
                    };
                    parts = parts.zip(part).map(|(mut parts, part)| {
                        parts.push(part);
                        parts
                    });
                }
                match parts.and_then(|parts| self.unite(parts, ctx)) {
                    Some(meaning) => Some(meaning),
                    None => Some(Meaning::Holds(self.cond(cond, ctx))),
                }
            }
            ast::Cond::Test(test) if is_plain(test) && test.noun.compare.is_none() => {
                self.noun_meaning(&test.noun, ctx)
            }
            _ => Some(Meaning::Holds(self.cond(cond, ctx))),
        }
    }

    /// A noun without count or comparison, as a set or events where it is one.
    fn noun_meaning(&mut self, noun: &ast::Noun, ctx: &Ctx) -> Option<Meaning> {
        let meaning = self.atom(&noun.atom, ctx)?;
        let mut meaning = meaning;
        let mut by = noun.by.as_ref();
        if ctx.trigger
            && let Meaning::Events { arms, .. } = &mut meaning
            && let Some(one) = by.filter(|by| is_one(by))
        {
            let who = self.who(one, ctx)?;
            for arm in arms {
                arm.also(Cond::DoneBy(who.clone()));
            }
            by = None;
        }
        if by.is_some() || noun.window.is_some() {
            let cond = self.noun(noun, None, meaning, ctx);
            return Some(Meaning::Holds(cond));
        }
        let Some(filter) = &noun.filter else {
            return Some(meaning);
        };
        Some(match meaning {
            Meaning::Events { arms, place } => Meaning::Events {
                arms: self.narrow(arms, filter, ctx),
                place,
            },
            other => {
                let (set, elem) = self.as_set(other, noun.span, ctx)?;
                let cond = self.filter_on_element(filter, &elem, ctx);
                Meaning::Many {
                    set: Set::Where(Box::new(set), Box::new(cond)),
                    elem,
                    roles: Vec::new(),
                    place: None,
                }
            }
        })
    }

    /// What an atom means.
    pub fn atom(&mut self, atom: &Atom, ctx: &Ctx) -> Option<Meaning> {
        match atom {
            Atom::Path { exactly, path } => self.path(path, ctx, *exactly),
            Atom::Group(cond, _) => self.meaning(cond, ctx),
        }
    }

    fn test(&mut self, test: &ast::Test, ctx: &Ctx) -> Cond {
        // In a scenario: `5 creation.yes in sdk`, `no lead in sdk`.
        if let Some(ast::Window::Period(path)) = &test.noun.window
            && let Some(Meaning::Value(id, Type::Instance(kinds))) =
                self.cast_member(&path.dotted())
            && let Some(&kind) = kinds.first()
        {
            let mut inner = test.clone();
            inner.noun.window = None;
            let at = Ctx {
                levels: self.levels(kind, Place::Of(Box::new(id))),
                ..ctx.clone()
            };
            return self.test(&inner, &at);
        }
        if let Some(count) = &test.count
            && let Some((text, share)) = fraction_of(count)
        {
            return self.share(test, &text, share, ctx);
        }
        let Some(meaning) = self.atom(&test.noun.atom, ctx) else {
            return nothing();
        };
        let Some(held) = &test.held else {
            return self.counted(test, meaning, ctx);
        };
        let Some(duration) = self.duration(held, ctx) else {
            return nothing();
        };
        self.held(test, meaning, duration, ctx)
    }

    /// A test without `for`.
    fn counted(&mut self, test: &ast::Test, meaning: Meaning, ctx: &Ctx) -> Cond {
        if test.distinct {
            let Some(count) = &test.count else {
                return nothing();
            };
            let Some(bounds) = self.bounds(count, ctx) else {
                return nothing();
            };
            let Some((set, _)) = self.as_set(meaning, test.noun.span, ctx) else {
                return nothing();
            };
            return Cond::Count {
                set,
                distinct: true,
                bounds,
            };
        }
        self.noun(&test.noun, test.count.as_ref(), meaning, ctx)
    }

    /// A noun with its count, comparison, actors, filter and window.
    fn noun(
        &mut self,
        noun: &ast::Noun,
        count: Option<&ast::Count>,
        meaning: Meaning,
        ctx: &Ctx,
    ) -> Cond {
        if let Some((op, value)) = &noun.compare {
            return self.compare(noun, count, meaning, *op, value, ctx);
        }
        match meaning {
            Meaning::Events { arms, place } => {
                let arms = match &noun.filter {
                    Some(filter) => self.narrow(arms, filter, ctx),
                    None => arms,
                };
                let narrowed = Narrowed {
                    by: noun.by.as_ref(),
                    window: noun.window.as_ref(),
                };
                self.happened(arms, place, count, &narrowed, ctx)
            }
            Meaning::State(place, _, state) => Cond::State(place, vec![state]),
            Meaning::Holds(cond) => match count.map(|c| &c.kind) {
                None | Some(CountKind::Some) => cond,
                Some(CountKind::No) => Cond::Not(Box::new(cond)),
                Some(_) => {
                    self.complain(ResolveError::Mismatch {
                        span: noun.span,
                        expected: "something that can be counted".to_owned(),
                        found: "a condition".to_owned(),
                        help: None,
                    });
                    nothing()
                }
            },
            Meaning::Decision(..) | Meaning::Clause(..) | Meaning::Calendar(..) => {
                let name = words(noun);
                let help = match meaning {
                    Meaning::Clause(..) => format!("say which: `{name}.missed`, `{name}.broken` …"),
                    Meaning::Calendar(..) => {
                        format!("say which date: `{name}.start`, `{name}.end` …")
                    }
                    _ => format!("say which: `{name}.passed`, `{name}.opened` …"),
                };
                self.complain(ResolveError::Wrong {
                    name,
                    span: noun.span,
                    is: meaning.describe(),
                    wanted: "one of its parts".to_owned(),
                    help: Some(help),
                });
                nothing()
            }
            Meaning::Value(expr, _) if count.is_none() && noun.filter.is_none() => {
                Cond::Filled(expr)
            }
            other => self.counted_set(noun, count, other, ctx),
        }
    }

    /// The person that a bare role speaks of: E's person, the holder, or who did E.
    fn subject(&self, ctx: &Ctx) -> Option<Expr> {
        if ctx.element.is_some() {
            return Some(Expr::Element);
        }
        match &ctx.subject {
            Some(subject) => Some(subject.clone()),
            None => ctx.asked.map(|_| Expr::Actor),
        }
    }
}

/// A condition that says nothing, put where a mistake was reported.
fn nothing() -> Cond {
    Cond::All(Vec::new())
}

fn is_plain(test: &ast::Test) -> bool {
    test.count.is_none() && test.held.is_none() && test.noun.compare.is_none() && !test.distinct
}

/// The words of a noun, for messages.
fn words(noun: &ast::Noun) -> String {
    match &noun.atom {
        Atom::Path { path, .. } => path.dotted(),
        Atom::Group(..) => "( … )".to_owned(),
    }
}
