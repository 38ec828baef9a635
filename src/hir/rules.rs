//! Second pass: each sentence becomes rules. The names of clauses are given here.

use crate::ids::*;
use crate::ir::{
    About, Action, Arises, Arm, Cite, Cond, Due, EventSource, Expr, Form, Keep, Match, Modality,
    Period, Place, Quantity, RoleRef, Scope, Set, Trigger, Type, Who, Window,
};
use crate::source::Span;
use crate::syntax::ast::{
    self, Clause as Node, CountKind, Deed, Head, Modal, Path, Phrase, PhraseKind, Tail,
};
use crate::time::{Duration, Stamp, Unit};

use super::collect::{Block, Builder, bare_name};
use super::error::ResolveError;
use super::names::{Ctx, Meaning, fits, type_name};
use super::terms::at_least;
use super::{Clause, Entity, Rule, Said};

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

/// The phrases of a clause, each at most once.
#[derive(Default)]
struct Phrases<'a> {
    guard: Option<&'a ast::Cond>,
    every: Option<(&'a ast::Duration, Option<&'a Path>)>,
    per: Option<(&'a ast::Count, &'a ast::Name)>,
    within: Option<(&'a ast::Duration, Span)>,
    after: Option<&'a ast::Cond>,
    before: Option<(Option<&'a (ast::Number, ast::Name)>, &'a ast::Cond)>,
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

    /// Numbers a clause. `None` where an identical one stands in the same block already (then the
    /// citations are united), or where the name is taken (then there was a complaint).
    pub fn clause(
        &mut self,
        clause: &Node,
        block: &Block,
        outer: &Outer,
        section: &Option<String>,
        derived: &str,
        modality: Modality,
    ) -> Option<ClauseId> {
        let kind = self.qualified(block.kind());
        let own = clause.tails.iter().find_map(|tail| match tail {
            Tail::As(name) => Some(name.text.clone()),
            _ => None,
        });
        let mut parts: Vec<&str> = Vec::new();
        if !kind.is_empty() {
            parts.push(&kind);
        }
        match &own {
            Some(own) => parts.push(own),
            None => {
                parts.extend(outer.path.iter().map(String::as_str));
                parts.push(derived);
            }
        }
        let name = parts.join(".");
        let text = self.words(clause.head_span);
        let cite = self.citations(clause, section);
        if let Some(at) = self.spec.clauses.iter().position(|c| c.name == name) {
            let known = &mut self.spec.clauses[at];
            if own.is_none() && asks(&known.text) == asks(&text) {
                for one in cite {
                    if !known.cite.contains(&one) {
                        known.cite.push(one);
                    }
                }
                return None;
            }
            let first = known.span;
            self.complain(ResolveError::SameName {
                name,
                span: clause.head_span,
                first,
            });
            return None;
        }
        let id = ClauseId::new(self.spec.clauses.len());
        self.spec.clauses.push(Clause {
            name,
            modality,
            text,
            cite,
            span: clause.head_span,
            from: outer.from,
            until: outer.until,
            overrides: Vec::new(),
        });
        Some(id)
    }

    fn citations(&self, clause: &Node, section: &Option<String>) -> Vec<Cite> {
        let mut cites = Vec::new();
        for tail in &clause.tails {
            let Tail::Cite(list, _) = tail else { continue };
            for citation in list {
                let source = self.spec.sources.iter().find(|s| s.name == citation.label);
                let heading = citation.heading.as_ref().map(|h| h.value.clone());
                cites.push(Cite {
                    source: source.map(|s| s.name.clone()),
                    heading: heading.or_else(|| section.clone()),
                    label: if source.is_some() {
                        String::new()
                    } else {
                        citation.label.clone()
                    },
                });
            }
        }
        cites
    }

    fn push(&mut self, clause: ClauseId, block: &Block, guard: Option<Cond>, said: Said) {
        let scope = self.scope(block, false);
        let in_state = matches!(block, Block::State(..) | Block::In(..));
        self.spec.rules.push(Rule {
            clause,
            scope,
            in_state,
            guard,
            said,
        });
    }

    /// Where a rule stands. Permissions outside `state` blocks stand in every state.
    fn scope(&self, block: &Block, permit: bool) -> Scope {
        let kind = block.kind();
        let declared = &self.spec.kinds[kind.index()];
        let mut at = block;
        while let Block::To(inner) | Block::In(_, inner) = at {
            at = inner;
        }
        let states = match block.state() {
            Some(state) => vec![state],
            None if permit => declared.all_states(),
            None => declared.living(),
        };
        let each = match at {
            Block::EachRole(_, role) => Some(*role),
            _ => None,
        };
        Scope { kind, states, each }
    }

    fn push_scoped(
        &mut self,
        clause: ClauseId,
        scope: Scope,
        in_state: bool,
        guard: Option<Cond>,
        said: Said,
    ) {
        self.spec.rules.push(Rule {
            clause,
            scope,
            in_state,
            guard,
            said,
        });
    }

    /// The events that an act names, narrowed by nothing, and their subject.
    pub fn arms_of_act(&mut self, act: &ast::Act, block: &Block) -> Option<(Vec<Arm>, Place)> {
        let ctx = self.ctx(block);
        match &act.deed {
            Deed::Event(path) => self.arms(path, &ctx),
            Deed::Text(text) => {
                self.complain(ResolveError::Wrong {
                    name: text.value.clone(),
                    span: text.span,
                    is: "a text".to_owned(),
                    wanted: "an event".to_owned(),
                    help: None,
                });
                None
            }
        }
    }

    /// Narrows what is heard to the instance that a field names, where one does.
    fn of_one(
        &mut self,
        mut arms: Vec<Arm>,
        place: &Place,
        ctx: &Ctx,
        span: Span,
    ) -> Option<Vec<Arm>> {
        let Place::Of(named) = place else {
            return Some(arms);
        };
        for arm in &mut arms {
            let of = self.spec.events[arm.event.index()].kind;
            let single = matches!(
                self.spec.kinds[ctx.kind.index()].form,
                Form::Document | Form::Body
            );
            let near = of == ctx.kind || self.encloses(of, ctx.kind) || self.encloses(ctx.kind, of);
            if near && !single {
                let own = self.spec.kinds[ctx.kind.index()].name.clone();
                let of = self.spec.kinds[of.index()].name.clone();
                self.complain(ResolveError::Conflict {
                    what: format!("a {own} does not hear what happens in another {of}"),
                    span,
                    label: "happens elsewhere",
                    help: "let the other say so: `on EVENT { do FIELD.EVENT }` brings about an \
                           event of whom a field of its own names"
                        .to_owned(),
                });
                return None;
            }
            arm.also(Cond::Compare(
                Expr::Subject,
                crate::ir::Op::Eq,
                named.as_ref().clone(),
            ));
        }
        Some(arms)
    }

    /// In a rule for each holder: a trigger about a person says whether it is the holder's own.
    fn whose(&mut self, arms: &[Arm], ctx: &Ctx, span: Span) -> bool {
        if ctx.each.is_none() {
            return true;
        }
        for arm in arms {
            let event = &self.spec.events[arm.event.index()];
            let Some(about) = event.about() else { continue };
            let mut said = false;
            if let Some(filter) = &arm.filter {
                crate::ir::visit::cond(filter, &mut |part| {
                    if let crate::ir::visit::Part::Expr(expr) = part {
                        said |= *expr == Expr::Param(about) || *expr == Expr::Holder;
                    }
                });
            }
            if !said {
                let field = event.fields[about.index()].name.clone();
                self.complain(ResolveError::Missing {
                    what: "of whom this is, of the holder or of anybody,".to_owned(),
                    span,
                    help: format!(
                        "write `where {field} = self` where it is to be the holder's own, and \
                         `where {field}` where anybody's is meant"
                    ),
                });
                return false;
            }
        }
        true
    }

    /// The events that a path names, and their subject.
    fn arms(&mut self, path: &Path, ctx: &Ctx) -> Option<(Vec<Arm>, Place)> {
        match self.path(path, ctx, false)? {
            Meaning::Events { arms, place } => Some((arms, place)),
            other => {
                let name = path.dotted();
                let help = match &other {
                    Meaning::Many { roles, .. } if !roles.is_empty() => format!(
                        "name what is done, and by whom: `must meet by {name}`; somebody getting \
                         the role is `{name}.added`"
                    ),
                    Meaning::Decision(..) => {
                        format!("say which of its events: `{name}.opened`, `{name}.passed` …")
                    }
                    Meaning::Clause(..) => {
                        format!("say which of its events: `{name}.missed`, `{name}.broken` …")
                    }
                    Meaning::Kind(_) => format!("say which of its events: `{name}.added`"),
                    _ => "name an event, or declare one with `event`".to_owned(),
                };
                self.complain(ResolveError::Wrong {
                    name,
                    span: path.span,
                    is: other.describe(),
                    wanted: "an event".to_owned(),
                    help: Some(help),
                });
                None
            }
        }
    }

    fn phrases<'p>(&mut self, phrases: &'p [Phrase]) -> Phrases<'p> {
        let mut found = Phrases::default();
        for phrase in phrases {
            let twice = match &phrase.kind {
                PhraseKind::If(cond) => found.guard.replace(cond).is_some(),
                PhraseKind::Every(duration, except) => {
                    found.every.replace((duration, except.as_ref())).is_some()
                }
                PhraseKind::Per(count, period) => found.per.replace((count, period)).is_some(),
                PhraseKind::Within(duration) => {
                    found.within.replace((duration, phrase.span)).is_some()
                }
                PhraseKind::After(cond) => found.after.replace(cond).is_some(),
                PhraseKind::Before(offset, cond) => {
                    found.before.replace((offset.as_ref(), cond)).is_some()
                }
            };
            if twice {
                self.complain(ResolveError::Conflict {
                    what: "this part is said twice".to_owned(),
                    span: phrase.span,
                    label: "said again",
                    help: "leave one of them out, or write two clauses".to_owned(),
                });
            }
        }
        found
    }

    /// The context inside a `to` block, for one of its events.
    fn asked(&self, block: &Block, event: EventId) -> Ctx {
        let about = self.spec.events[event.index()].about();
        let base = self.ctx(block);
        Ctx {
            event: Some(event),
            asked: Some(event),
            subject: about.map(Expr::Param).or(base.subject.clone()),
            states: None,
            ..base
        }
    }

    /// `must have C`, `must be C`.
    fn have(&mut self, node: &Node, block: &Block, outer: &Outer, section: &Option<String>) {
        let Head::Have {
            modal,
            not,
            cond,
            phrases,
            ..
        } = &node.head
        else {
            return;
        };
        let derived = slug(&self.words(cond.span()));
        let Some(id) = self.clause(node, block, outer, section, &derived, modality(*modal)) else {
            return;
        };
        self.overriding(id, node);
        let said = self.phrases(phrases);
        self.only_if_and_within(&said, node);
        if matches!(modal, Modal::May | Modal::MayOnly) {
            self.complain(ResolveError::Conflict {
                what: "a permission to have something says nothing".to_owned(),
                span: node.head_span,
                label: "permits, and declares nothing",
                help:
                    "write a type after it, `may have x: text`, to declare a field; or `must have`"
                        .to_owned(),
            });
            return;
        }
        if let Some((arms, to_guard)) = &outer.to {
            if let Some((_, span)) = said.within {
                self.complain(ResolveError::Conflict {
                    what: "`within` says nothing in a `to` block".to_owned(),
                    span,
                    label: "a time where none passes",
                    help: "what a `to` block asks is judged when the event happens; leave \
                           `within` out"
                        .to_owned(),
                });
            }
            for arm in arms.clone() {
                let ctx = self.asked(block, arm.event);
                let held = self.cond(cond, &ctx);
                let cond = negate(held, *not);
                let guard = self.guards(&[to_guard.as_ref(), said.guard], &ctx);
                self.push(id, block, guard, Said::Check { on: arm, cond });
            }
            return;
        }
        let ctx = self.ctx(block);
        let held = self.cond(cond, &ctx);
        let cond = negate(held, *not);
        let guard = self.guards(&[said.guard], &ctx);
        let grace = said.within.and_then(|(d, _)| self.duration(d, &ctx));
        self.push(
            id,
            block,
            guard,
            Said::Hold {
                cond,
                grace,
                responsibility: None,
            },
        );
    }

    fn only_if_and_within(&mut self, said: &Phrases<'_>, node: &Node) {
        let extra = said.every.is_some()
            || said.per.is_some()
            || said.after.is_some()
            || said.before.is_some();
        if extra {
            self.complain(ResolveError::Conflict {
                what: "a state of affairs takes `if` and `within`, no other time".to_owned(),
                span: node.head_span,
                label: "takes another time",
                help: "say `must E …` of an event, or leave the other times out".to_owned(),
            });
        }
    }

    fn guards(&mut self, parts: &[Option<&ast::Cond>], ctx: &Ctx) -> Option<Cond> {
        let mut conds: Vec<Cond> = parts
            .iter()
            .flatten()
            .map(|cond| self.cond(cond, ctx))
            .collect();
        match conds.len() {
            0 => None,
            1 => conds.pop(),
            _ => Some(Cond::All(conds)),
        }
    }

    /// `must have f: T`, `may have f: T = v`: the field is declared already; is it required?
    fn have_field(&mut self, node: &Node, block: &Block, outer: &Outer, section: &Option<String>) {
        let Head::HaveField {
            modal,
            not,
            name,
            phrases,
            ..
        } = &node.head
        else {
            return;
        };
        if *not {
            self.complain(ResolveError::Conflict {
                what: "a field that must not be is no field".to_owned(),
                span: node.head_span,
                label: "declared and ruled out",
                help: format!("write `must not have {}` without a type", name.text),
            });
            return;
        }
        if *block == Block::Person {
            if *modal != Modal::May {
                let name = &name.text;
                self.complain(ResolveError::Conflict {
                    what: "persons are not declared, so there is nobody who must have this"
                        .to_owned(),
                    span: node.head_span,
                    label: "asked of everybody",
                    help: format!(
                        "write `may have {name}: …` here, and ask it of those who hold a role: \
                         `must have no ROLE where not {name}`"
                    ),
                });
            }
            return;
        }
        let Some(id) = self.clause(node, block, outer, section, &name.text, modality(*modal))
        else {
            return;
        };
        let said = self.phrases(phrases);
        self.only_if_and_within(&said, node);
        let field = match self.entity(block.kind(), &name.text) {
            Some(Entity::Field(field)) if !matches!(modal, Modal::May | Modal::MayOnly) => field,
            _ => {
                self.push(id, block, None, Said::Remark);
                return;
            }
        };
        let filled = Cond::Filled(Expr::Field(Place::This, field));
        if let Some((arms, to_guard)) = &outer.to {
            for arm in arms.clone() {
                let ctx = self.asked(block, arm.event);
                let guard = self.guards(&[to_guard.as_ref(), said.guard], &ctx);
                let cond = filled.clone();
                self.push(id, block, guard, Said::Check { on: arm, cond });
            }
            return;
        }
        let ctx = self.ctx(block);
        let guard = self.guards(&[said.guard], &ctx);
        let grace = said.within.and_then(|(d, _)| self.duration(d, &ctx));
        self.push(
            id,
            block,
            guard,
            Said::Hold {
                cond: filled,
                grace,
                responsibility: None,
            },
        );
    }

    /// Notes the clauses that this one overrides; they are looked up when all are numbered.
    fn overriding(&mut self, id: ClauseId, node: &Node) {
        for tail in &node.tails {
            if let Tail::Overrides(path) = tail {
                self.overrides.push((id, path.clone()));
            }
        }
    }

    /// Looks up the overridden clauses: by full name, or by name within the same kind.
    pub fn resolve_overrides(&mut self) {
        for (id, path) in std::mem::take(&mut self.overrides) {
            let name = path.dotted();
            let own = &self.spec.clauses[id.index()].name;
            let sibling = own
                .rsplit_once('.')
                .map(|(kind, _)| format!("{kind}.{name}"));
            let found = self
                .spec
                .clauses
                .iter()
                .position(|c| c.name == name || Some(&c.name) == sibling.as_ref());
            match found.map(ClauseId::new) {
                Some(other) if other == id => self.complain(ResolveError::OverrideCircle {
                    names: vec![name],
                    spans: vec![path.span],
                }),
                Some(other) => self.spec.clauses[id.index()].overrides.push(other),
                None => {
                    // Clauses of the same kind are known by their names alone.
                    let own = self.spec.clauses[id.index()].name.clone();
                    let kind = own.rsplit_once('.').map_or("", |(kind, _)| kind);
                    let names: Vec<String> = self
                        .spec
                        .clauses
                        .iter()
                        .flat_map(|c| {
                            let short = c.name.strip_prefix(kind).and_then(|n| n.strip_prefix('.'));
                            [short.map(str::to_owned), Some(c.name.clone())]
                        })
                        .flatten()
                        .filter(|n| *n != own)
                        .collect();
                    let name = ast::Name {
                        text: name,
                        span: path.span,
                    };
                    self.complain(ResolveError::unknown(
                        "clause",
                        &name,
                        names.iter().map(String::as_str),
                        "in this spec",
                    ));
                }
            }
        }
        self.refuse_circles();
    }

    /// Clauses that override each other in a circle leave nothing in force.
    fn refuse_circles(&mut self) {
        let mut told: Vec<ClauseId> = Vec::new();
        for start in (0..self.spec.clauses.len()).map(ClauseId::new) {
            if told.contains(&start) {
                continue;
            }
            // The clauses reached, each with the one before it.
            let mut reached: Vec<(ClauseId, Option<usize>)> = vec![(start, None)];
            let mut at = 0;
            while let Some(&(clause, _)) = reached.get(at) {
                let overridden = self.spec.clauses[clause.index()].overrides.clone();
                if overridden.contains(&start) {
                    let mut circle = Vec::new();
                    let mut here = Some(at);
                    while let Some((clause, before)) = here.and_then(|h| reached.get(h).copied()) {
                        circle.push(clause);
                        here = before;
                    }
                    circle.reverse();
                    let clauses = circle.iter().map(|c| &self.spec.clauses[c.index()]);
                    let error = ResolveError::OverrideCircle {
                        names: clauses.clone().map(|c| c.name.clone()).collect(),
                        spans: clauses.map(|c| c.span).collect(),
                    };
                    self.complain(error);
                    told.extend(circle);
                    break;
                }
                for more in overridden {
                    if !reached.iter().any(|(known, _)| *known == more) {
                        reached.push((more, Some(at)));
                    }
                }
                at += 1;
            }
        }
    }

    /// `must E …`, `may E …`, `must not E …`, `must "text" by R`.
    fn norm(&mut self, node: &Node, block: &Block, outer: &Outer, section: &Option<String>) {
        let Head::Norm {
            modal, not, act, ..
        } = &node.head
        else {
            return;
        };
        let derived = match &act.deed {
            Deed::Event(path) if *not => format!("not-{}", path.dotted()),
            Deed::Event(path) => path.dotted(),
            Deed::Text(text) => slug(&text.value),
        };
        let Some(id) = self.clause(node, block, outer, section, &derived, modality(*modal)) else {
            return;
        };
        self.overriding(id, node);
        if *block == Block::Person {
            self.misplaced(node, "in a group, a role or the document");
            return;
        }
        if *not && matches!(modal, Modal::May | Modal::MayOnly) {
            self.complain(ResolveError::Conflict {
                what: "`may not` can be read as forbidden and as optional".to_owned(),
                span: node.head_span,
                label: "forbidden or optional?",
                help: "write `must not` for what is forbidden".to_owned(),
            });
            return;
        }
        match (&act.deed, &outer.to) {
            (Deed::Text(text), _) => self.responsibility(id, node, text, block),
            (Deed::Event(_), Some((arms, guard))) => {
                let (arms, guard) = (arms.clone(), guard.clone());
                self.step(id, node, block, &arms, guard.as_ref());
            }
            (Deed::Event(path), None) => self.deed(id, node, path, block),
        }
    }

    /// A responsibility: nobody can see it done, but it needs a bearer.
    fn responsibility(&mut self, id: ClauseId, node: &Node, text: &ast::Text, block: &Block) {
        let Head::Norm {
            modal,
            act,
            phrases,
            target,
            ..
        } = &node.head
        else {
            return;
        };
        if let Some(target) = target {
            self.complain(ResolveError::Conflict {
                what: "a responsibility is never seen done, and leads nowhere".to_owned(),
                span: target.span,
                label: "cannot be reached",
                help: "name an event instead of a text".to_owned(),
            });
        }
        if matches!(modal, Modal::May | Modal::MayOnly) {
            self.push(id, block, None, Said::Remark);
            return;
        }
        let ctx = self.ctx(block);
        let set = match (&act.by, ctx.role, ctx.each) {
            (Some(who), _, _) => self.who(who, &ctx).map(|w| w.set),
            (None, Some(role), _) => {
                let kind = self.spec.roles[role.index()].kind;
                let place = if kind == ctx.kind {
                    Place::This
                } else {
                    Place::Within(kind)
                };
                Some(Set::Holders(role, place))
            }
            (None, None, Some(_)) => {
                self.push(id, block, None, Said::Remark);
                return;
            }
            (None, None, None) => {
                self.complain(ResolveError::Missing {
                    what: "who answers for this".to_owned(),
                    span: text.span,
                    help: "write `by …` after it, or put it into a `role` block".to_owned(),
                });
                return;
            }
        };
        let Some(set) = set else { return };
        let said = self.phrases(phrases);
        self.only_if_and_within(&said, node);
        let guard = self.guards(&[said.guard], &ctx);
        let grace = said.within.and_then(|(d, _)| self.duration(d, &ctx));
        let cond = Cond::Count {
            set,
            distinct: false,
            bounds: at_least(1),
        };
        let responsibility = Some(text.value.clone());
        self.push(
            id,
            block,
            guard,
            Said::Hold {
                cond,
                grace,
                responsibility,
            },
        );
    }

    /// A step in a `to` block: it has happened since the last time.
    fn step(
        &mut self,
        id: ClauseId,
        node: &Node,
        block: &Block,
        arms: &[Arm],
        to_guard: Option<&ast::Cond>,
    ) {
        let Head::Norm {
            modal,
            not,
            act,
            phrases,
            target,
        } = &node.head
        else {
            return;
        };
        let Deed::Event(path) = &act.deed else { return };
        if matches!(modal, Modal::May | Modal::MayOnly) || target.is_some() {
            self.complain(ResolveError::Conflict {
                what: "a `to` block says what must be so, not what may be done".to_owned(),
                span: node.head_span,
                label: "permits something",
                help: "move this clause out of the block".to_owned(),
            });
            return;
        }
        let said = self.phrases(phrases);
        self.only_if_and_within(&said, node);
        for arm in arms {
            let ctx = self.asked(block, arm.event);
            let Some((done, place)) = self.arms(path, &ctx) else {
                return;
            };
            let done = match &act.filter {
                Some(filter) => self.narrow(done, filter, &ctx),
                None => done,
            };
            let by = match &act.by {
                Some(who) => match self.who(who, &ctx) {
                    Some(who) => Some(who),
                    None => return,
                },
                None => None,
            };
            let matches = self.matches(std::slice::from_ref(arm), &done);
            let last = self.last_time(arm.event, !matches.is_empty());
            let window = Window::SinceLast { last, matches };
            let cond = self.done_since(done, place, by, window, &ctx);
            let guard = self.guards(&[to_guard, said.guard], &ctx);
            self.push(
                id,
                block,
                guard,
                Said::Check {
                    on: arm.clone(),
                    cond: negate(cond, *not),
                },
            );
        }
    }

    /// The log from whose last occurrence a `to` block counts: E's own, or for the outcome of a
    /// decision its previous closing.
    fn last_time(&mut self, event: EventId, matched: bool) -> LogId {
        let source = self.spec.events[event.index()].source;
        let counted = match source {
            EventSource::Outcome(decision, _) => {
                let events = self.spec.events.iter();
                let closed = events
                    .enumerate()
                    .find(|(_, e)| e.source == EventSource::Closed(decision));
                closed.map_or(event, |(at, _)| EventId::new(at))
            }
            _ => event,
        };
        let kind = self.spec.events[counted.index()].kind;
        let people = self.spec.events[counted.index()].about().is_some();
        let arm = Arm {
            event: counted,
            filter: None,
        };
        let keep = Keep {
            instants: people || matched,
            people,
            fields: false,
            every: matched,
        };
        self.log(kind, vec![arm], keep)
    }

    fn done_since(
        &mut self,
        arms: Vec<Arm>,
        place: Place,
        by: Option<Who>,
        window: Window,
        ctx: &Ctx,
    ) -> Cond {
        let about = self.about_of(&arms, ctx);
        let keep = Keep {
            instants: true,
            people: by.is_some() || about != About::Any,
            fields: false,
            every: matches!(&window, Window::SinceLast { matches, .. } if !matches.is_empty()),
        };
        let (log, place) = self.log_for(arms, place, keep, ctx);
        Cond::Happened {
            log,
            place,
            about,
            by,
            window,
            bounds: at_least(1),
        }
    }

    /// A norm about an event, outside `to` blocks.
    fn deed(&mut self, id: ClauseId, node: &Node, path: &Path, block: &Block) {
        let Head::Norm {
            modal,
            not,
            act,
            phrases,
            target,
        } = &node.head
        else {
            return;
        };
        let ctx = self.ctx(block);
        let Some((arms, place)) = self.arms(path, &ctx) else {
            return;
        };
        let arms = match &act.filter {
            Some(filter) => self.narrow(arms, filter, &ctx),
            None => arms,
        };
        // A permission or prohibition speaks of the act itself: `self` is whom it is about.
        let subject = match modal {
            _ if ctx.each.is_some() => None,
            Modal::May | Modal::MayOnly => self.common_subject(&arms),
            _ if *not => self.common_subject(&arms),
            _ => None,
        };
        let acting = Ctx {
            subject: subject.or(ctx.subject.clone()),
            ..ctx.clone()
        };
        let mut by = match &act.by {
            Some(who) => match self.who(who, &acting) {
                Some(who) => Some(who),
                None => return,
            },
            None => None,
        };
        let mut arms = arms;
        if by.is_none()
            && let Some(role) = ctx.role
        {
            let kind = self.spec.roles[role.index()].kind;
            let place = if kind == ctx.kind {
                Place::This
            } else {
                Place::Within(kind)
            };
            by = Some(Who {
                quantity: Quantity::AtLeast(1),
                set: Set::Holders(role, place),
            });
        }
        if ctx.each.is_some() {
            let mut concerned = false;
            for arm in &mut arms {
                if let Some(about) = self.spec.events[arm.event.index()].about() {
                    concerned = true;
                    let is_holder = Cond::In(Expr::Param(about), Set::Values(Expr::Holder));
                    arm.filter = Some(match arm.filter.take() {
                        Some(filter) => Cond::All(vec![filter, is_holder]),
                        None => is_holder,
                    });
                }
            }
            if by.is_none() && !concerned {
                by = Some(Who {
                    quantity: Quantity::AtLeast(1),
                    set: Set::Values(Expr::Holder),
                });
            }
        }
        let state = match target {
            Some(name) => match self.target(block.kind(), name) {
                Some(state) => Some(state),
                None => return,
            },
            None => None,
        };
        let said = self.phrases(phrases);
        let Some(arms) = self.of_one(arms, &place, &ctx, path.span) else {
            return;
        };
        if *not {
            self.prohibit(id, node, block, arms, by, &said);
            return;
        }
        if let Some((count, period)) = said.per
            && let CountKind::AtMost(amount) = &count.kind
        {
            self.cap(id, block, arms, amount, count.span, period, &ctx);
            return;
        }
        let body: &[Node] = node.body.as_ref().map_or(&[], |b| &b.clauses);
        match modal {
            Modal::May | Modal::MayOnly => {
                if said.every.is_some() || said.per.is_some() || said.within.is_some() {
                    self.complain(ResolveError::Conflict {
                        what: "a permission has no due date".to_owned(),
                        span: node.head_span,
                        label: "may be done, and has a time",
                        help: "write `if` for when it may be done, or `must` where it is owed"
                            .to_owned(),
                    });
                }
                // What `if` asks of an act may speak of the act's own fields.
                let acting = match arms.as_slice() {
                    [arm] => Ctx {
                        event: Some(arm.event),
                        ..ctx.clone()
                    },
                    _ => ctx.clone(),
                };
                let after = said.after.map(|c| self.standing(c, &acting));
                let guard = self.guards(&[said.guard], &acting);
                let guard = both(guard, after);
                let exclusive = *modal == Modal::MayOnly || state.is_some();
                self.permit(id, block, arms, by, exclusive, state, guard, body);
            }
            Modal::Must | Modal::Will | Modal::Should => {
                self.owe(id, node, block, arms, by, state, &said, body);
            }
        }
    }

    /// Whom acts are about, where all of them say so in the same parameter.
    fn common_subject(&self, arms: &[Arm]) -> Option<Expr> {
        let mut fields = arms
            .iter()
            .map(|arm| self.spec.events[arm.event.index()].about());
        let first = fields.next()??;
        fields
            .all(|field| field == Some(first))
            .then_some(Expr::Param(first))
    }

    fn target(&mut self, kind: KindId, name: &ast::Name) -> Option<StateId> {
        match self.entity(kind, &name.text) {
            Some(Entity::State(state)) => Some(state),
            _ => {
                let declared = &self.spec.kinds[kind.index()];
                let states: Vec<String> = declared.states.iter().map(|s| s.name.clone()).collect();
                let place = match declared.name.as_str() {
                    "" => "in the document".to_owned(),
                    kind => format!("in {kind}"),
                };
                self.complain(ResolveError::unknown(
                    "state",
                    name,
                    states.iter().map(String::as_str),
                    place,
                ));
                None
            }
        }
    }

    fn prohibit(
        &mut self,
        id: ClauseId,
        node: &Node,
        block: &Block,
        arms: Vec<Arm>,
        by: Option<Who>,
        said: &Phrases<'_>,
    ) {
        let extra = said.every.is_some()
            || said.per.is_some()
            || said.within.is_some()
            || said.before.is_some();
        if extra {
            self.complain(ResolveError::Conflict {
                what: "a prohibition takes `if` and `after`, no due date".to_owned(),
                span: node.head_span,
                label: "must not be done, and has a time",
                help: "leave the time out".to_owned(),
            });
        }
        let ctx = self.ctx(block);
        let after = said.after.map(|c| self.standing(c, &ctx));
        let guard = self.guards(&[said.guard], &ctx);
        self.push(id, block, both(guard, after), Said::Prohibit { arms, by });
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one clause")]
    fn cap(
        &mut self,
        id: ClauseId,
        block: &Block,
        arms: Vec<Arm>,
        amount: &ast::Amount,
        span: Span,
        period: &ast::Name,
        ctx: &Ctx,
    ) {
        let Some(max) = self.amount(amount, span, ctx) else {
            return;
        };
        let path = Path {
            parts: vec![period.clone()],
            span: period.span,
        };
        let Some(period) = self.period(&path) else {
            return;
        };
        let events = arms.iter().map(|arm| arm.event).collect();
        let keep = Keep {
            instants: true,
            people: false,
            fields: false,
            every: false,
        };
        let (log, _) = self.log_for(arms, Place::This, keep, ctx);
        self.push(
            id,
            block,
            None,
            Said::Cap {
                log,
                events,
                max,
                period,
            },
        );
    }

    /// One permit for each event, since what it brings about speaks of that event's fields.
    #[expect(clippy::too_many_arguments, reason = "the parts of one clause")]
    fn permit(
        &mut self,
        id: ClauseId,
        block: &Block,
        arms: Vec<Arm>,
        by: Option<Who>,
        exclusive: bool,
        target: Option<StateId>,
        guard: Option<Cond>,
        body: &[Node],
    ) {
        let scope = self.scope(block, true);
        let in_state = matches!(block, Block::State(..) | Block::In(..));
        for arm in arms {
            let actions = self.actions(body, block, Some(arm.event));
            let said = Said::Permit {
                arms: vec![arm],
                by: by.clone(),
                exclusive,
                target,
                actions,
            };
            self.push_scoped(id, scope.clone(), in_state, guard.clone(), said);
        }
    }

    /// A duty; a power too where it moves a state, a permission of its bearer where it names one.
    #[expect(clippy::too_many_arguments, reason = "the parts of one clause")]
    fn owe(
        &mut self,
        id: ClauseId,
        node: &Node,
        block: &Block,
        arms: Vec<Arm>,
        by: Option<Who>,
        target: Option<StateId>,
        said: &Phrases<'_>,
        body: &[Node],
    ) {
        let ctx = self.ctx(block);
        let guard = self.guards(&[said.guard], &ctx);
        let mut arises = Arises::Entry;
        let mut due = Due::Open;
        let mut matches = Vec::new();
        let mut power = None;
        let mut excepted = None;
        if let Some((duration, except)) = said.every {
            if let Some(path) = except {
                excepted = self.excepted(path, &ctx);
            }
            let Some(duration) = self.duration(duration, &ctx) else {
                return;
            };
            arises = Arises::Every(duration);
        }
        if let Some((count, period)) = said.per {
            let path = Path {
                parts: vec![period.clone()],
                span: period.span,
            };
            let (Some(bounds), Some(unit)) = (self.bounds(count, &ctx), self.period(&path)) else {
                return;
            };
            arises = Arises::Per(bounds, unit);
        }
        if (said.every.is_some() || said.per.is_some())
            && (said.after.is_some() || said.within.is_some() || said.before.is_some())
            || said.every.is_some() && said.per.is_some()
        {
            self.complain(ResolveError::Conflict {
                what: "a periodic duty is due by its period alone".to_owned(),
                span: node.head_span,
                label: "due by its period and otherwise",
                help: "write two clauses".to_owned(),
            });
            return;
        }
        if let Some(after) = said.after
            && let Some((name, period)) = self.ended_period(after, &ctx)
        {
            if let Some(target) = target {
                let state = &self.spec.kinds[block.kind().index()].states[target.index()].name;
                let help = format!(
                    "say both in clauses of their own: `must EVENT after {name}`, and `may EVENT -> \
                     {state}`"
                );
                self.complain(ResolveError::Conflict {
                    what: "a period ends again and again, and a state is left once".to_owned(),
                    span: after.span(),
                    label: "owed for each period, and a way out",
                    help,
                });
                return;
            }
            arises = Arises::Ended(period, self.naming(&arms, &name));
        } else if let Some(after) = said.after {
            match self.trigger_arms(after, &ctx) {
                Some((triggers, place)) => {
                    if !self.whose(&triggers, &ctx, after.span()) {
                        return;
                    }
                    let Some(triggers) = self.of_one(triggers, &place, &ctx, after.span()) else {
                        return;
                    };
                    matches = self.matches(&triggers, &arms);
                    let keep = Keep {
                        instants: true,
                        people: false,
                        fields: false,
                        every: false,
                    };
                    let (log, place) = self.log_for(triggers.clone(), place, keep, &ctx);
                    power = Some(Cond::Happened {
                        log,
                        place,
                        about: About::Any,
                        by: None,
                        window: if ctx.states.is_some() {
                            Window::Entry
                        } else {
                            Window::Life
                        },
                        bounds: at_least(1),
                    });
                    arises = Arises::After(triggers);
                }
                None => {
                    let cond = self.standing(after, &ctx);
                    power = Some(cond.clone());
                    arises = Arises::While(cond);
                }
            }
            if target.is_some() {
                due = Due::EndOfDay;
            }
        }
        if let Some((within, _)) = said.within {
            let Some(duration) = self.duration(within, &ctx) else {
                return;
            };
            due = Due::Within(duration);
        }
        if let Some((offset, cond)) = said.before {
            match self.before(offset, cond, &ctx) {
                Some(before) => due = before,
                None => return,
            }
        }
        let end_of_day = node.tails.iter().any(|tail| match tail {
            Tail::UntilName(name) if name.text == "end-of-day" => true,
            Tail::UntilName(name) => {
                self.complain(ResolveError::unknown(
                    "moment",
                    name,
                    ["end-of-day"],
                    "(there is `end-of-day`)",
                ));
                false
            }
            _ => false,
        });
        if target.is_some() || by.is_some() {
            let empowered = if target.is_some() {
                both(guard.clone(), power)
            } else {
                guard.clone()
            };
            self.permit(
                id,
                block,
                arms.clone(),
                by.clone(),
                target.is_some(),
                target,
                empowered,
                body,
            );
        } else if !body.is_empty() {
            self.permit(
                id,
                block,
                arms.clone(),
                None,
                false,
                None,
                guard.clone(),
                body,
            );
        }
        self.push(
            id,
            block,
            guard,
            Said::Owe {
                arms,
                by,
                arises,
                due,
                end_of_day,
                matches,
                except: excepted,
                moves: target.is_some(),
            },
        );
    }

    /// The calendar or unit that a condition is nothing but the name of, and what it is called.
    fn ended_period(&mut self, cond: &ast::Cond, ctx: &Ctx) -> Option<(String, Period)> {
        let name = bare_name(cond)?;
        let period = match self.visible(ctx.kind, &name.text) {
            Some((_, Entity::Calendar(calendar))) => Period::Cycle(calendar),
            Some(_) => return None,
            None => match Unit::find(&name.text)? {
                unit @ (Unit::Day | Unit::Week | Unit::Month | Unit::Year) => Period::Unit(unit),
                _ => return None,
            },
        };
        Some((name.text.clone(), period))
    }

    /// The parameters by which acts say for which period they are: those of its name.
    fn naming(&self, acts: &[Arm], period: &str) -> Vec<(EventId, FieldId)> {
        let of = |arm: &Arm| {
            let fields = &self.spec.events[arm.event.index()].fields;
            let at = fields.iter().position(|f| {
                f.name == period && matches!(f.ty, Type::Text | Type::Number | Type::Choice(_))
            })?;
            Some((arm.event, FieldId::new(at)))
        };
        acts.iter().filter_map(of).collect()
    }

    /// The dates that do not count in a largest gap.
    fn excepted(&mut self, path: &Path, ctx: &Ctx) -> Option<Expr> {
        match self.path(path, ctx, false)? {
            Meaning::Value(expr, Type::Date) => Some(expr),
            Meaning::Value(expr, Type::List(inner)) if *inner == Type::Date => Some(expr),
            other => {
                self.complain(ResolveError::Wrong {
                    name: path.dotted(),
                    span: path.span,
                    is: other.describe(),
                    wanted: "dates".to_owned(),
                    help: Some("name a field of type `list of date`".to_owned()),
                });
                None
            }
        }
    }

    /// The events of a trigger, where it is nothing but events.
    fn trigger_arms(&mut self, cond: &ast::Cond, ctx: &Ctx) -> Option<(Vec<Arm>, Place)> {
        match cond {
            ast::Cond::Test(test)
                if test.count.is_none()
                    && test.held.is_none()
                    && test.noun.compare.is_none()
                    && test.noun.window.is_none() => {}
            ast::Cond::Or(..) => {}
            _ => return None,
        }
        let before = self.problems.len();
        let ctx = Ctx {
            trigger: true,
            ..ctx.clone()
        };
        let meaning = self.meaning(cond, &ctx);
        match meaning {
            Some(Meaning::Events { arms, place }) => Some((arms, place)),
            _ => {
                // What was complained about will be said once more when it is resolved as a condition.
                self.problems.truncate(before);
                None
            }
        }
    }

    /// A condition after which something may or must be done: a date is one too, once it is past.
    fn standing(&mut self, cond: &ast::Cond, ctx: &Ctx) -> Cond {
        if let ast::Cond::Test(test) = cond
            && test.count.is_none()
            && test.held.is_none()
            && test.noun.compare.is_none()
        {
            let before = self.problems.len();
            if let Some(Meaning::Value(expr, Type::Date)) = self.atom(&test.noun.atom, ctx) {
                return Cond::Compare(Expr::Today, crate::ir::Op::Gt, expr);
            }
            self.problems.truncate(before);
        }
        self.cond(cond, ctx)
    }

    fn before(
        &mut self,
        offset: Option<&(ast::Number, ast::Name)>,
        cond: &ast::Cond,
        ctx: &Ctx,
    ) -> Option<Due> {
        let offset = match offset {
            Some((n, unit)) => match (u32::try_from(n.value), Unit::find(&unit.text)) {
                (Ok(count), Some(unit)) => Some(Duration { count, unit }),
                _ => {
                    self.complain(ResolveError::BadValue {
                        what: "duration",
                        text: format!("{} {}", n.value, unit.text),
                        span: unit.span,
                    });
                    return None;
                }
            },
            None => None,
        };
        if let Some((arms, place)) = self.trigger_arms(cond, ctx) {
            let arms = self.of_one(arms, &place, ctx, cond.span())?;
            if offset.is_some() {
                self.complain(ResolveError::Conflict {
                    what: "nobody knows in advance when an event will happen".to_owned(),
                    span: cond.span(),
                    label: "an event, not a date",
                    help: "write `before` without a duration, or name a date".to_owned(),
                });
                return None;
            }
            return Some(Due::Before(arms));
        }
        let named = match cond {
            ast::Cond::Test(test) if test.held.is_none() && test.count.is_none() => {
                self.atom(&test.noun.atom, ctx)?
            }
            _ => Meaning::Holds(self.cond(cond, ctx)),
        };
        match named {
            Meaning::Value(expr, Type::Date) => Some(Due::ByDate(expr, offset)),
            other => {
                self.complain(ResolveError::Wrong {
                    name: self.words(cond.span()),
                    span: cond.span(),
                    is: other.describe(),
                    wanted: "an event or a date".to_owned(),
                    help: Some(
                        "nobody knows in advance when a condition will become true: name an \
                         event or a date; or say as a rule what must have happened while it holds, \
                         `must have EVENT if CONDITION`"
                            .to_owned(),
                    ),
                });
                None
            }
        }
    }

    /// The fields by which an act answers a trigger.
    fn matches(&self, triggers: &[Arm], acts: &[Arm]) -> Vec<Match> {
        let mut list = Vec::new();
        for trigger in triggers {
            for act in acts {
                let from = &self.spec.events[trigger.event.index()].fields;
                let to = &self.spec.events[act.event.index()].fields;
                let mut fields = Vec::new();
                for (i, a) in from.iter().enumerate() {
                    let identifies = matches!(
                        a.ty,
                        Type::Person | Type::Instance(_) | Type::Text | Type::Link
                    );
                    let same = to
                        .iter()
                        .position(|b| b.name == a.name && fits(&b.ty, &a.ty));
                    if let (true, Some(j)) = (identifies, same) {
                        fields.push((FieldId::new(i), FieldId::new(j)));
                    }
                }
                if !fields.is_empty() {
                    list.push(Match {
                        trigger: trigger.event,
                        act: act.event,
                        fields,
                    });
                }
            }
        }
        list
    }

    /// `on C if G -> S { … }`
    fn on(&mut self, node: &Node, block: &Block, outer: &Outer, section: &Option<String>) {
        let Head::On {
            trigger,
            guard,
            target,
        } = &node.head
        else {
            return;
        };
        let derived = format!("on-{}", slug(&self.words(trigger.span())));
        let Some(id) = self.clause(node, block, outer, section, &derived, Modality::None) else {
            return;
        };
        let state = match target {
            Some(name) => match self.target(block.kind(), name) {
                Some(state) => Some(state),
                None => return,
            },
            None => None,
        };
        let ctx = self.ctx(block);
        let body: &[Node] = node.body.as_ref().map_or(&[], |b| &b.clauses);
        if state.is_none() && body.is_empty() {
            self.complain(ResolveError::Missing {
                what: "what follows".to_owned(),
                span: node.head_span,
                help: "write `-> state`, or a block with `grant`, `revoke`, `set` or `do`"
                    .to_owned(),
            });
            return;
        }
        match self.trigger_arms(trigger, &ctx) {
            Some((arms, place)) => {
                if !self.whose(&arms, &ctx, trigger.span()) {
                    return;
                }
                let Some(arms) = self.of_one(arms, &place, &ctx, trigger.span()) else {
                    return;
                };
                for arm in arms {
                    let inner = Ctx {
                        event: Some(arm.event),
                        ..ctx.clone()
                    };
                    let guard = self.guards(&[guard.as_ref()], &inner);
                    let actions = self.actions(body, block, Some(arm.event));
                    let said = Said::React {
                        trigger: Trigger::Event(arm),
                        target: state,
                        actions,
                        recorded: false,
                    };
                    self.push(id, block, guard, said);
                }
            }
            None => {
                let cond = self.cond(trigger, &ctx);
                let guard = self.guards(&[guard.as_ref()], &ctx);
                let actions = self.actions(body, block, None);
                let said = Said::React {
                    trigger: Trigger::Becomes(cond),
                    target: state,
                    actions,
                    recorded: false,
                };
                self.push(id, block, guard, said);
            }
        }
    }

    /// The effects in a block.
    pub fn actions(&mut self, body: &[Node], block: &Block, event: Option<EventId>) -> Vec<Action> {
        let ctx = Ctx {
            event,
            subject: event
                .and_then(|e| self.spec.events[e.index()].about())
                .map(Expr::Param),
            ..self.ctx(block)
        };
        body.iter()
            .filter_map(|node| match &node.head {
                Head::Grant(role, to) => {
                    let (role, place) = self.role_ref(role, &ctx)?;
                    let set = self.people(to, &ctx)?;
                    Some(Action::Grant(role, place, set))
                }
                Head::Revoke(role, from) => {
                    let (role, place) = self.role_ref(role, &ctx)?;
                    let set = self.people(from, &ctx)?;
                    Some(Action::Revoke(role, place, set))
                }
                Head::Set(path, value) => self.assign(path, value, &ctx),
                Head::Do(path, args) => self.emit(path, args, &ctx),
                Head::Error => None,
                _ => {
                    self.misplaced(
                        node,
                        "outside: here stand `grant`, `revoke`, `set` and `do`",
                    );
                    None
                }
            })
            .collect()
    }

    fn people(&mut self, path: &Path, ctx: &Ctx) -> Option<Set> {
        let meaning = self.path(path, ctx, false)?;
        self.as_set(meaning, path.span, ctx).map(|(set, _)| set)
    }

    fn role_ref(&mut self, path: &Path, ctx: &Ctx) -> Option<(RoleRef, Place)> {
        match self.path(path, ctx, true)? {
            // `assets.owner`: in each of the groups that the list holds.
            Meaning::Many {
                set: Set::HoldersOf(within, role),
                ..
            } => {
                let list = match *within {
                    Set::Values(list) => list,
                    other => Expr::Elements(Box::new(other)),
                };
                Some((RoleRef::Role(role), Place::Of(Box::new(list))))
            }
            Meaning::Many { roles, place, .. } if !roles.is_empty() => {
                let role = *roles.first()?;
                let kind = self.spec.roles[role.index()].kind;
                let seen = kind == ctx.kind || self.encloses(kind, ctx.kind);
                // Of no one group at hand, it is the role in each of them.
                let place = place.unwrap_or_else(|| match seen {
                    true => Place::Within(kind),
                    false => Place::Of(Box::new(Expr::Elements(Box::new(Set::Instances(
                        kind, None,
                    ))))),
                });
                Some((RoleRef::Role(role), place))
            }
            Meaning::Value(expr, Type::Role(roles)) => {
                let role = *roles.first()?;
                let kind = self.spec.roles[role.index()].kind;
                let place = if kind == ctx.kind {
                    Place::This
                } else {
                    Place::Within(kind)
                };
                Some((RoleRef::Value(expr), place))
            }
            other => {
                self.complain(ResolveError::Wrong {
                    name: path.dotted(),
                    span: path.span,
                    is: other.describe(),
                    wanted: "a role".to_owned(),
                    help: None,
                });
                None
            }
        }
    }

    fn assign(&mut self, path: &Path, value: &ast::Value, ctx: &Ctx) -> Option<Action> {
        // Left of `set` is never a parameter of the event, but a path may go through one.
        let plain = path.parts.len() == 1;
        let left = Ctx {
            event: ctx.event.filter(|_| !plain),
            ..ctx.clone()
        };
        let Meaning::Value(target, ty) = self.path(path, &left, false)? else {
            self.complain(ResolveError::Wrong {
                name: path.dotted(),
                span: path.span,
                is: "no field".to_owned(),
                wanted: "a field that can be set".to_owned(),
                help: None,
            });
            return None;
        };
        let (expr, found) = self.value(value, ctx, Some(&ty))?;
        if !fits(&found, &ty) {
            self.complain(ResolveError::Mismatch {
                span: value.span(),
                expected: format!("a {}", type_name(&ty)),
                found: format!("a {}", type_name(&found)),
                help: None,
            });
            return None;
        }
        match target {
            Expr::Field(place, field) => Some(Action::SetField(place, field, expr)),
            Expr::Attribute(of, attribute) => Some(Action::SetAttribute(*of, attribute, expr)),
            _ => {
                self.complain(ResolveError::Wrong {
                    name: path.dotted(),
                    span: path.span,
                    is: "a value of the moment".to_owned(),
                    wanted: "a field that can be set".to_owned(),
                    help: None,
                });
                None
            }
        }
    }

    fn emit(&mut self, path: &Path, args: &[ast::Arg], ctx: &Ctx) -> Option<Action> {
        // The record's own events come first in a mapping, but what is done is the spec's.
        let spec_only = Ctx {
            record: false,
            ..ctx.clone()
        };
        // A parameter is whose event it is, never an event.
        let of_param = path.parts.len() > 1
            && ctx.event.is_some_and(|event| {
                let fields = &self.spec.events[event.index()].fields;
                path.parts
                    .first()
                    .is_some_and(|p| fields.iter().any(|f| f.name == p.text))
            });
        let inner = Ctx {
            event: ctx.event.filter(|_| of_param),
            ..spec_only
        };
        let (arms, place) = self.arms(path, &inner)?;
        let [arm] = arms.as_slice() else {
            self.complain(ResolveError::Conflict {
                what: "one event is done at a time".to_owned(),
                span: path.span,
                label: "several events",
                help: "write a `do` for each".to_owned(),
            });
            return None;
        };
        let event = arm.event;
        let mut list = Vec::new();
        for (index, arg) in args.iter().enumerate() {
            let fields = &self.spec.events[event.index()].fields;
            let field = match &arg.name {
                Some(name) => match fields.iter().position(|f| f.name == name.text) {
                    Some(at) => at,
                    None => {
                        let names: Vec<String> = fields.iter().map(|f| f.name.clone()).collect();
                        let error = ResolveError::unknown(
                            "field",
                            name,
                            names.iter().map(String::as_str),
                            format!("in `{}`", path.dotted()),
                        );
                        self.complain(error);
                        continue;
                    }
                },
                None => index,
            };
            let Some(declared) = fields.get(field) else {
                let taken = fields.len();
                let values = if taken == 1 { "value" } else { "values" };
                self.complain(ResolveError::Mismatch {
                    span: arg.value.span(),
                    expected: format!("at most {taken} {values} for `{}`", path.dotted()),
                    found: "one more".to_owned(),
                    help: Some("leave it out, or declare a field for it".to_owned()),
                });
                continue;
            };
            let ty = declared.ty.clone();
            let Some((expr, found)) = self.value(&arg.value, ctx, Some(&ty)) else {
                continue;
            };
            if fits(&found, &ty) {
                list.push((FieldId::new(field), expr));
            } else {
                self.complain(ResolveError::Mismatch {
                    span: arg.value.span(),
                    expected: format!("a {}", type_name(&ty)),
                    found: format!("a {}", type_name(&found)),
                    help: None,
                });
            }
        }
        Some(Action::Emit {
            event,
            place,
            args: list,
        })
    }
}

fn negate(cond: Cond, not: bool) -> Cond {
    if not { Cond::Not(Box::new(cond)) } else { cond }
}

fn both(a: Option<Cond>, b: Option<Cond>) -> Option<Cond> {
    match (a, b) {
        (Some(a), Some(b)) => Some(Cond::All(vec![a, b])),
        (a, b) => a.or(b),
    }
}

/// What a clause asks, without the type that it may declare: `must have topic: text` and
/// `must have topic` ask the same.
fn asks(text: &str) -> &str {
    match text.split_once(':') {
        Some((before, _)) if !before.contains(['"', '(']) => before.trim_end(),
        _ => text,
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
