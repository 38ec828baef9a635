//! Which acts a clause speaks of: what it names, whose, and what sets it off.

use crate::hir::collect::{Block, Builder};
use crate::hir::error::ResolveError;
use crate::hir::names::{Ctx, Meaning, fits};
use crate::ids::*;
use crate::ir::{Arm, Cond, Expr, Form, Match, Place, Type};
use crate::source::Span;
use crate::syntax::ast::{self, Deed, Path};

impl Builder<'_> {
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
    pub(super) fn of_one(
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
    pub(super) fn whose(&mut self, arms: &[Arm], ctx: &Ctx, span: Span) -> bool {
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

    /// The events that a path names, those of them that a `where` admits, and their subject.
    pub(super) fn arms_where(
        &mut self,
        path: &Path,
        filter: Option<&ast::Filter>,
        ctx: &Ctx,
    ) -> Option<(Vec<Arm>, Place)> {
        let (arms, place) = self.arms(path, ctx)?;
        let arms = match filter {
            Some(filter) => self.narrow(arms, filter, ctx),
            None => arms,
        };
        Some((arms, place))
    }

    /// The events that a path names, and their subject.
    pub(super) fn arms(&mut self, path: &Path, ctx: &Ctx) -> Option<(Vec<Arm>, Place)> {
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

    /// Whom acts are about, where all of them say so in the same parameter.
    pub(super) fn common_subject(&self, arms: &[Arm]) -> Option<Expr> {
        let mut fields = arms
            .iter()
            .map(|arm| self.spec.events[arm.event.index()].about());
        let first = fields.next()??;
        fields
            .all(|field| field == Some(first))
            .then_some(Expr::Param(first))
    }

    /// The parameters by which acts say for which period they are: those of its name.
    pub(super) fn naming(&self, acts: &[Arm], period: &str) -> Vec<(EventId, FieldId)> {
        let of = |arm: &Arm| {
            let fields = &self.spec.events[arm.event.index()].fields;
            let at = fields.iter().position(|f| {
                f.name == period && matches!(f.ty, Type::Text | Type::Number | Type::Choice(_))
            })?;
            Some((arm.event, FieldId::new(at)))
        };
        acts.iter().filter_map(of).collect()
    }

    /// The events of a trigger, where it is nothing but events.
    pub(super) fn trigger_arms(
        &mut self,
        cond: &ast::Cond,
        ctx: &Ctx,
    ) -> Option<(Vec<Arm>, Place)> {
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
    pub(super) fn standing(&mut self, cond: &ast::Cond, ctx: &Ctx) -> Cond {
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

    /// The fields by which an act answers a trigger.
    pub(super) fn matches(&self, triggers: &[Arm], acts: &[Arm]) -> Vec<Match> {
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
}
