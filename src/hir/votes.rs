//! Decisions: who may vote, what passes, when it ends, where each outcome leads.

use crate::ids::*;
use crate::ir::{Denominator, Expr, Quota, Set, Tally, Tie, VoteCond};
use crate::source::Span;
use crate::syntax::ast::{self, Amount, Atom, Clause as Node, Closing, CountKind, Head, TieBreak};

use super::collect::{Block, Builder};
use super::error::ResolveError;
use super::names::{Ctx, Meaning};
use super::{Entity, Outcome};

impl Builder<'_> {
    /// Resolves a decision and its block.
    pub fn decision(&mut self, node: &Node, block: &Block, clause: ClauseId) {
        let Head::Decision {
            name, electorate, ..
        } = &node.head
        else {
            return;
        };
        let kind = block.kind();
        let Some(Entity::Decision(id)) = self.entity(kind, &name.text) else {
            return;
        };
        self.spec.decisions[id.index()].clause = clause;
        let opened = self.spec.decisions[id.index()].opened;
        let ctx = Ctx {
            event: Some(opened),
            ..self.ctx(block)
        };
        if let Some(noun) = electorate {
            let cond = ast::Cond::Test(Box::new(ast::Test {
                count: None,
                of: false,
                distinct: false,
                noun: noun.clone(),
                held: None,
                span: noun.span,
            }));
            let meaning = self.meaning(&cond, &ctx);
            let role = match &meaning {
                Some(Meaning::Many { roles, set, .. }) if !matches!(set, Set::Where(..)) => {
                    roles.first().copied().filter(|_| roles.len() == 1)
                }
                _ => None,
            };
            let set = meaning.and_then(|m| self.as_set(m, noun.span, &ctx));
            let decision = &mut self.spec.decisions[id.index()];
            decision.electorate = set.map(|(set, _)| set);
            decision.electorate_role = role;
        }
        let body: &[Node] = node.body.as_ref().map_or(&[], |b| &b.clauses);
        for inner in body {
            self.part(inner, kind, id, &ctx);
        }
    }

    fn part(&mut self, node: &Node, kind: KindId, id: DecisionId, ctx: &Ctx) {
        match &node.head {
            Head::Options(options) => {
                for (name, target) in options {
                    self.lead(kind, id, &name.text, target.as_ref());
                }
            }
            Head::Quorum(cond) => {
                let quorum = self.vote(cond, id, ctx, Tally::Present);
                self.spec.decisions[id.index()].quorum = Some((quorum, cond.span()));
            }
            Head::Passes(cond, target) => {
                let passes = self.vote(cond, id, ctx, Tally::Yes);
                let decision = &mut self.spec.decisions[id.index()];
                let options = decision.options;
                decision.passes = Some((passes, cond.span()));
                match (target, options) {
                    (Some(name), true) => self.complain(ResolveError::Conflict {
                        what: "a decision with options leads where each option says".to_owned(),
                        span: name.span,
                        label: "one state for all options",
                        help: "write `options form -> approved, …`".to_owned(),
                    }),
                    (target, _) => self.lead(kind, id, "passed", target.as_ref()),
                }
            }
            Head::Fails(target) => {
                self.spec.decisions[id.index()].fails = true;
                self.lead(kind, id, "failed", target.as_ref());
            }
            Head::Closes { should, parts } => self.closes(id, *should, parts, ctx),
            Head::Tie(tie) => self.tie(id, tie, node.head_span, ctx),
            Head::Note(_) | Head::Error => {}
            _ => {
                let words = self.words(node.head_span);
                self.complain(ResolveError::Misplaced {
                    word: words.split_whitespace().next().unwrap_or("").to_owned(),
                    span: node.head_span,
                    belongs: "outside of decisions".to_owned(),
                });
            }
        }
    }

    fn outcome(&mut self, id: DecisionId, name: &str) -> Option<&mut Outcome> {
        let outcomes = &mut self.spec.decisions[id.index()].outcomes;
        outcomes.iter_mut().find(|o| o.name == name)
    }

    fn lead(&mut self, kind: KindId, id: DecisionId, outcome: &str, target: Option<&ast::Name>) {
        let Some(name) = target else { return };
        let Some(state) = self.state_named(kind, name) else {
            return;
        };
        if let Some(outcome) = self.outcome(id, outcome) {
            outcome.target = Some(state);
            outcome.span = name.span;
        }
    }

    fn closes(&mut self, id: DecisionId, should: bool, parts: &[Closing], ctx: &Ctx) {
        self.spec.decisions[id.index()].closes = true;
        self.spec.decisions[id.index()].soft |= should;
        for part in parts {
            match part {
                Closing::Word(name) if name.text == "early" => {
                    self.spec.decisions[id.index()].early = true;
                }
                Closing::Word(name) => self.complain(ResolveError::unknown(
                    "way to close",
                    name,
                    ["early"],
                    "(a decision closes `early`, `after 14 days` or `on` a date)",
                )),
                Closing::After(duration) => {
                    let after = self.duration(duration, ctx);
                    self.spec.decisions[id.index()].after = after;
                }
                Closing::On(path) => {
                    let value = ast::Value::Path(path.clone());
                    let date = crate::ir::Type::Date;
                    match self.value(&value, ctx, Some(&date)) {
                        Some((expr, crate::ir::Type::Date)) => {
                            self.spec.decisions[id.index()].on = Some(expr);
                        }
                        Some((_, found)) => self.complain(ResolveError::Mismatch {
                            span: path.span,
                            expected: "a date".to_owned(),
                            found: format!("a {}", super::names::type_name(&found)),
                            help: None,
                        }),
                        None => {}
                    }
                }
            }
        }
    }

    fn tie(&mut self, id: DecisionId, tie: &TieBreak, span: Span, ctx: &Ctx) {
        if !self.spec.decisions[id.index()].options {
            self.complain(ResolveError::Conflict {
                what: "`tie` breaks a tie between options, and this decision has none".to_owned(),
                span,
                label: "yes or no, no options",
                help: "leave it out: yes and against cannot tie where a `majority` passes"
                    .to_owned(),
            });
            return;
        }
        let resolved = match tie {
            TieBreak::Outcome(name) => {
                let outcomes = &self.spec.decisions[id.index()].outcomes;
                match outcomes.iter().position(|o| o.name == name.text) {
                    Some(at) => Some(Tie::Outcome(u32::try_from(at).unwrap_or(0))),
                    None => {
                        let names: Vec<String> = outcomes.iter().map(|o| o.name.clone()).collect();
                        self.complain(ResolveError::unknown(
                            "outcome",
                            name,
                            names.iter().map(String::as_str),
                            "in this decision",
                        ));
                        None
                    }
                }
            }
            TieBreak::By(who) => self.who(who, ctx).map(|w| Tie::By(w.set)),
        };
        self.spec.decisions[id.index()].tie = resolved;
    }

    /// A condition on the tally.
    fn vote(&mut self, cond: &ast::Cond, id: DecisionId, ctx: &Ctx, what: Tally) -> VoteCond {
        match cond {
            ast::Cond::And(list, _) => {
                VoteCond::All(list.iter().map(|c| self.vote(c, id, ctx, what)).collect())
            }
            ast::Cond::Or(list, _) => {
                VoteCond::Any(list.iter().map(|c| self.vote(c, id, ctx, what)).collect())
            }
            ast::Cond::Not(..) => VoteCond::World(self.cond(cond, ctx)),
            ast::Cond::Test(test) => {
                if let Atom::Group(inner, _) = &test.noun.atom
                    && test.count.is_none()
                {
                    return self.vote(inner, id, ctx, what);
                }
                self.vote_test(test, id, ctx, what)
            }
        }
    }

    fn vote_test(&mut self, test: &ast::Test, id: DecisionId, ctx: &Ctx, what: Tally) -> VoteCond {
        let word = match &test.noun.atom {
            Atom::Path { path, .. } if path.parts.len() == 1 => path.dotted(),
            _ => String::new(),
        };
        let Some(count) = &test.count else {
            return VoteCond::World(self.cond(&ast::Cond::Test(Box::new(test.clone())), ctx));
        };
        let empty = VoteCond::All(Vec::new());
        let whole = self.denominator(&word, id, test.noun.span);
        let shares = matches!(
            count.kind,
            CountKind::Majority
                | CountKind::Supermajority
                | CountKind::All
                | CountKind::AllBut(_)
                | CountKind::AtLeast(Amount::Fraction(..))
                | CountKind::MoreThan(Amount::Fraction(..))
        );
        let is_word = matches!(
            word.as_str(),
            "electorate" | "cast" | "present" | "seats" | "yes" | "against" | "abstain"
        );
        if !is_word {
            if shares
                && matches!(count.kind, CountKind::AtLeast(_) | CountKind::MoreThan(_))
                && test.of
                || matches!(count.kind, CountKind::Majority | CountKind::Supermajority)
            {
                let names = ["electorate", "cast", "present", "seats"];
                if let Atom::Path { path, .. } = &test.noun.atom
                    && let Some(name) = path.parts.first()
                {
                    let near = crate::diag::suggest::nearest(&name.text, names);
                    self.complain(match near {
                        Some(_) => ResolveError::unknown("whole", name, names, "of a vote"),
                        None => ResolveError::Wrong {
                            name: path.dotted(),
                            span: path.span,
                            is: "no whole of a vote".to_owned(),
                            wanted: "`electorate`, `cast`, `present` or `seats`".to_owned(),
                            help: Some(
                                "write `of electorate` for all who may vote, `of cast` for the \
                                 ballots for and against"
                                    .to_owned(),
                            ),
                        },
                    });
                }
                return empty;
            }
            return VoteCond::World(self.cond(&ast::Cond::Test(Box::new(test.clone())), ctx));
        }
        if let Some(filter) = &test.noun.filter {
            self.complain(ResolveError::Conflict {
                what: "a whole cannot be narrowed where it is counted".to_owned(),
                span: filter.span,
                label: "narrows the whole",
                help: "name the electorate with `define`, and vote by that".to_owned(),
            });
            return empty;
        }
        if shares {
            if !test.of {
                let text = self.words(count.span);
                let (of, at) = match (word.as_str(), count.span.end) {
                    // What is there lacks nothing but `of`.
                    ("electorate" | "cast" | "present" | "seats", at) => (
                        format!("{text} of {word}"),
                        Span {
                            start: at,
                            ..count.span
                        },
                    ),
                    _ => (format!("{text} of cast"), count.span.merge(test.noun.span)),
                };
                let edit = if at.start == at.end {
                    " of"
                } else {
                    of.as_str()
                };
                self.complain(ResolveError::Fraction {
                    span: count.span,
                    fix: Some((at, edit.to_owned())),
                    help: if at.start == at.end {
                        format!("write `{of}`")
                    } else {
                        format!(
                            "write `{text} of electorate`, `{text} of cast` or `{text} of present`"
                        )
                    },
                    text,
                });
                return empty;
            }
            let Some(of) = whole else {
                if !matches!(word.as_str(), "electorate" | "cast" | "present" | "seats") {
                    self.complain(ResolveError::Wrong {
                        name: word,
                        span: test.noun.span,
                        is: "a kind of ballot".to_owned(),
                        wanted: "a whole".to_owned(),
                        help: Some("write `of electorate`, `of cast` or `of present`".to_owned()),
                    });
                }
                return empty;
            };
            let quota = self.share_quota(&count.kind, of, count.span);
            return quota.map_or(empty, |quota| VoteCond::Tally { what, quota });
        }
        let counted = match word.as_str() {
            "yes" => Tally::Yes,
            "against" => Tally::Against,
            "abstain" => Tally::Abstain,
            "cast" => Tally::Cast,
            "present" => Tally::Present,
            _ => {
                self.complain(ResolveError::Wrong {
                    name: word,
                    span: test.noun.span,
                    is: "a whole".to_owned(),
                    wanted: "ballots that are counted".to_owned(),
                    help: Some("count `yes`, `against`, `abstain`, `cast` or `present`".to_owned()),
                });
                return empty;
            }
        };
        let quota = match &count.kind {
            CountKind::AtLeast(amount) => self.amount(amount, count.span, ctx).map(Quota::AtLeast),
            CountKind::MoreThan(amount) => {
                self.amount(amount, count.span, ctx).map(Quota::MoreThan)
            }
            CountKind::AtMost(amount) => self.amount(amount, count.span, ctx).map(Quota::AtMost),
            CountKind::No => Some(Quota::AtMost(Expr::Const(crate::ir::Const::Number(0)))),
            CountKind::Some => Some(Quota::AtLeast(Expr::Const(crate::ir::Const::Number(1)))),
            _ => {
                let words = self.words(count.span);
                self.complain(ResolveError::Mismatch {
                    span: count.span,
                    expected: "a threshold".to_owned(),
                    found: format!("exactly {words}"),
                    help: Some(format!("write `at least {words}`")),
                });
                None
            }
        };
        quota.map_or(empty, |quota| VoteCond::Tally {
            what: counted,
            quota,
        })
    }

    fn denominator(&mut self, word: &str, id: DecisionId, span: Span) -> Option<Denominator> {
        match word {
            "electorate" => Some(Denominator::Electorate),
            "cast" => Some(Denominator::Cast),
            "present" => Some(Denominator::Present),
            "seats" => {
                let role = self.spec.decisions[id.index()].electorate_role;
                let seats = role.and_then(|role| self.spec.roles[role.index()].seats);
                if seats.is_none() {
                    self.complain(ResolveError::Missing {
                        what: "the number of seats".to_owned(),
                        span,
                        help: "write `seats 7` in the role that votes, or take `of electorate`"
                            .to_owned(),
                    });
                }
                seats.map(Denominator::Seats)
            }
            _ => None,
        }
    }

    fn share_quota(&mut self, kind: &CountKind, of: Denominator, span: Span) -> Option<Quota> {
        let fraction = |num: u32, den: u32, strict: bool| Quota::Fraction {
            num,
            den,
            strict,
            of,
        };
        match kind {
            CountKind::Majority => Some(fraction(1, 2, true)),
            CountKind::Supermajority => Some(fraction(2, 3, false)),
            CountKind::All => Some(Quota::AllBut(0, of)),
            CountKind::AllBut(n) => Some(Quota::AllBut(
                u32::try_from(n.value).unwrap_or(u32::MAX),
                of,
            )),
            CountKind::AtLeast(Amount::Fraction(num, den))
            | CountKind::MoreThan(Amount::Fraction(num, den)) => {
                let strict = matches!(kind, CountKind::MoreThan(_));
                match (u32::try_from(num.value), u32::try_from(den.value)) {
                    (Ok(num), Ok(den)) if den > 0 && num <= den => Some(fraction(num, den, strict)),
                    _ => {
                        self.complain(ResolveError::BadValue {
                            what: "fraction between nothing and the whole",
                            text: format!("{}/{}", num.value, den.value),
                            span,
                        });
                        None
                    }
                }
            }
            _ => None,
        }
    }
}
