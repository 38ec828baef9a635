//! Second pass: each sentence becomes rules. Here a clause is told from another by its first word.

mod acts;
mod clauses;
mod duties;
mod effects;
mod holds;
mod norms;
mod phrases;
mod steps;

use crate::hir::collect::{Block, Builder};
use crate::hir::error::ResolveError;
use crate::hir::{Entity, Said};
use crate::ir::{Arm, Cond, Expr, Modality, Place};
use crate::source::Span;
use crate::syntax::ast::{self, Clause as Node, Deed, Head, Modal, Tail};
use crate::time::Stamp;

/// What the blocks around a clause say of it.
#[derive(Debug, Clone, Default)]
pub struct Outer {
    /// The state or event of the enclosing block, for derived names.
    pub path: Vec<String>,
    /// In force from.
    pub from: Option<Stamp>,
    /// In force until.
    pub until: Option<Stamp>,
    /// The event of the enclosing `to` block, and its `if`.
    pub to: Option<(Vec<Arm>, Option<ast::Cond>)>,
}

impl Builder<'_> {
    /// Resolves the clauses of a block.
    pub fn rules(
        &mut self,
        clauses: &[Node],
        block: &Block,
        outer: &Outer,
        section: &mut Option<String>,
    ) {
        for clause in clauses {
            self.rule(clause, block, outer, section);
        }
    }

    fn rule(&mut self, clause: &Node, block: &Block, outer: &Outer, section: &mut Option<String>) {
        let outer = self.dated(clause, outer);
        match &clause.head {
            Head::Error | Head::Governance(..) | Head::Source(..) | Head::Timezone(_) => {}
            Head::Import(..) => {}
            Head::Section(text) => *section = Some(text.value.clone()),
            Head::Note(text) => {
                self.remark(
                    clause,
                    block,
                    &outer,
                    section,
                    &format!("note-{}", slug(&text.value)),
                );
            }
            Head::Kind(_, name, _) => {
                let inner = self.block_of(clause, block);
                self.cited(clause, &inner, &outer, section, "is");
                let _ = name;
                self.children(clause, &inner, &outer, section);
            }
            Head::Each(name) => {
                let inner = self.block_of(clause, block);
                if inner == Block::Skip {
                    let mut names = self.kind_names();
                    names.extend(self.spec.roles.iter().map(|r| r.name.clone()));
                    self.complain(ResolveError::unknown(
                        "kind or role",
                        name,
                        names.iter().map(String::as_str),
                        "in this spec",
                    ));
                    return;
                }
                self.children(clause, &inner, &outer, section);
            }
            Head::Role { name, .. } => {
                let inner = self.block_of(clause, block);
                self.cited(clause, block, &outer, section, &name.text);
                let mut within = outer.clone();
                within.path.push(name.text.clone());
                self.children(clause, &inner, &within, section);
            }
            Head::State(name, _) => {
                let inner = self.block_of(clause, block);
                self.cited(clause, block, &outer, section, &name.text);
                let mut within = outer.clone();
                within.path.push(name.text.clone());
                self.children(clause, &inner, &within, section);
            }
            Head::Ladder(name, _) => self.cited(clause, block, &outer, section, &name.text),
            Head::Event(_) | Head::Define(..) => {
                let what = slug(self.words(clause.head_span).as_str());
                self.cited(clause, block, &outer, section, &what);
                if let Head::Define(name, cond) = &clause.head
                    && let Some(Entity::Define(index)) = self.entity(block.kind(), &name.text)
                    && !self.circular.contains(&index)
                {
                    // Resolved here once, so that a mistake in an unused definition is seen.
                    let ctx = self.ctx(block);
                    self.expanding.push(index);
                    self.meaning(cond, &ctx);
                    self.expanding.pop();
                }
            }
            Head::Seats(_) => {}
            Head::To(act, guard) => {
                let Some((arms, place)) = self.arms_of_act(act, block) else {
                    return;
                };
                let mut within = outer.clone();
                if let Deed::Event(path) = &act.deed {
                    within.path.push(path.dotted());
                }
                let ctx = self.ctx(block);
                let span = act.span;
                let Some(mut on) = self.of_one(arms, &place, &ctx, span) else {
                    return;
                };
                if let Some(filter) = &act.filter {
                    on = self.narrow(on, filter, &ctx);
                }
                if let Some(by) = &act.by {
                    for arm in &mut on {
                        let asked = self.asked(block, arm.event);
                        let Some(who) = self.who(by, &asked) else {
                            return;
                        };
                        arm.also(Cond::DoneBy(who));
                    }
                }
                within.to = Some((on, guard.clone()));
                self.children(
                    clause,
                    &Block::To(Box::new(block.clone())),
                    &within,
                    section,
                );
            }
            Head::Norm { .. } => self.norm(clause, block, &outer, section),
            Head::Have { .. } => self.have(clause, block, &outer, section),
            Head::HaveField { .. } => self.have_field(clause, block, &outer, section),
            Head::On { .. } => self.on(clause, block, &outer, section),
            Head::Decision { name, .. } => {
                let id = self.clause(clause, block, &outer, section, &name.text, Modality::None);
                if let Some(id) = id {
                    self.decision(clause, block, id);
                }
            }
            Head::Trace(_) => self.trace(clause, &outer, section),
            Head::Term(duration) => self.term(clause, duration, block, &outer, section),
            Head::Calendar(_) => {}
            Head::Scenario(name) => self.scenario(clause, name),
            Head::Options(_)
            | Head::Quorum(_)
            | Head::Passes(..)
            | Head::Fails(_)
            | Head::Closes { .. }
            | Head::Tie(_) => self.misplaced(clause, "in a decision"),
            Head::Grant(..) | Head::Revoke(..) | Head::Set(..) | Head::Do(..) => {
                self.misplaced(
                    clause,
                    "in the block of an `on`, or of an act, that says when",
                );
            }
            Head::Read(..) => self.misplaced(clause, "in a trace or calendar"),
            Head::Given { .. }
            | Head::Story { .. }
            | Head::Finding { .. }
            | Head::Expect(..)
            | Head::Nothing(_) => self.misplaced(clause, "in a scenario"),
        }
    }

    fn misplaced(&mut self, clause: &Node, belongs: &str) {
        let words = self.words(clause.head_span);
        let word = words.split_whitespace().next().unwrap_or("this");
        self.complain(ResolveError::Misplaced {
            word: word.to_owned(),
            span: clause.head_span,
            belongs: belongs.to_owned(),
        });
    }

    fn children(
        &mut self,
        clause: &Node,
        block: &Block,
        outer: &Outer,
        section: &mut Option<String>,
    ) {
        if let Some(body) = &clause.body {
            self.rules(&body.clauses, block, outer, section);
        }
    }

    /// The dates of a clause, its own or those of the blocks around it.
    fn dated(&mut self, clause: &Node, outer: &Outer) -> Outer {
        let mut dated = outer.clone();
        for tail in &clause.tails {
            match tail {
                Tail::From(date) => dated.from = self.date(date).or(dated.from),
                Tail::Until(date) => dated.until = self.date(date).or(dated.until),
                _ => {}
            }
        }
        dated
    }

    /// `term D`: nobody holds the role beyond it without being given it again.
    fn term(
        &mut self,
        node: &Node,
        duration: &ast::Duration,
        block: &Block,
        outer: &Outer,
        section: &Option<String>,
    ) {
        let Block::Role(kind, role) = block else {
            self.misplaced(node, "in a role");
            return;
        };
        let id = self.clause(node, block, outer, section, "term", Modality::None);
        let Some(id) = id else { return };
        let ctx = self.ctx(block);
        let scope = self.scope(&Block::EachRole(*kind, *role), false);
        if let ast::Duration::Literal(n, unit) = duration
            && let Some((_, Entity::Calendar(calendar))) = self.visible(*kind, &unit.text)
        {
            let over = Cond::Beyond {
                who: Expr::Holder,
                role: *role,
                place: Place::This,
                calendar,
                rows: u32::try_from(n.value).unwrap_or(u32::MAX).max(1),
            };
            let said = Said::Hold {
                cond: Cond::Not(Box::new(over)),
                grace: None,
                responsibility: None,
            };
            self.push_scoped(id, scope, false, None, said);
            return;
        }
        let Some(duration) = self.duration(duration, &ctx) else {
            return;
        };
        let over = Cond::Tenure {
            who: Expr::Holder,
            roles: vec![*role],
            place: Some(Place::This),
            duration,
        };
        let said = Said::Hold {
            cond: Cond::Not(Box::new(over)),
            grace: None,
            responsibility: None,
        };
        self.push_scoped(id, scope, false, None, said);
    }

    /// The words of a span on one line.
    pub fn words(&self, span: Span) -> String {
        let text = self.sources.get(span.source).map_or("", |s| s.slice(span));
        let lines = text
            .lines()
            .map(|line| line.split('#').next().unwrap_or(""));
        let joined: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
        joined.join(" ")
    }

    /// A clause that carries a citation and says nothing to judge.
    fn cited(
        &mut self,
        clause: &Node,
        block: &Block,
        outer: &Outer,
        section: &mut Option<String>,
        derived: &str,
    ) {
        if clause.tails.iter().any(|t| matches!(t, Tail::Cite(..))) {
            self.remark(clause, block, outer, section, derived);
        }
    }

    fn remark(
        &mut self,
        clause: &Node,
        block: &Block,
        outer: &Outer,
        section: &mut Option<String>,
        derived: &str,
    ) {
        let id = self.clause(clause, block, outer, section, derived, Modality::None);
        if let Some(id) = id {
            self.push(id, block, None, Said::Remark);
        }
    }
}

/// The modality of a modal verb.
pub fn modality(modal: Modal) -> Modality {
    match modal {
        Modal::Must => Modality::Must,
        Modal::Will => Modality::Will,
        Modal::Should => Modality::Should,
        Modal::May | Modal::MayOnly => Modality::May,
    }
}

/// The first six words of a text as a name.
pub fn slug(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower
        .split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '-' || c == '_'))
        .map(|word| word.trim_matches(|c| c == '.' || c == '-'))
        .filter(|word| !word.is_empty());
    words.take(6).collect::<Vec<_>>().join("-")
}
