//! The one meaning of a model: (model, state, input) to (state, findings).
//!
//! Within an instant: each event is judged against the state before it, then applied, then
//! what it leads to; and when the instant has passed it settles: timers, then conditions and
//! decisions, until quiet, and the rules last. Which file does what:
//!
//! | file | part |
//! |---|---|
//! | `admit` | whether an event may happen: powers, prohibitions, caps, checks |
//! | `apply`, `holdings` | what it does: fields, logs, states, holdings |
//! | `quiet` | the short way through all this for an event that changes next to nothing |
//! | `react` | what follows from it by itself |
//! | `reach` | whom it concerns |
//! | `duty`, `owed`, `overdue`, `doubt` | what is owed: when it stands, how it is met, when it is late or undecided |
//! | `decision`, `outcome`, `closing`, `tally` | cases, ballots, how they come out |
//! | `invariant` | what must be so at every settled instant |
//! | `settle` | the passing of time, and the order in which all that is followed up |
//! | `eval`, `sets`, `exprs`, `happened` | whether conditions hold |
//! | `program`, `reads`, `observe` | what is worked out of the model once |
//!
//! Invariant: no input makes a step panic, and the same inputs give the same findings.

use std::sync::Arc;

use super::eval::{Ctx, Trail};
use super::finding::{Finding, Positions, Severity};
use super::moment::{Moment, Truth};
use super::program::Program;
use super::state::{Happening, Inst, NoteKey, State};
use super::value::{Sym, Value};
use super::{Given, Input, Occurrence};
use crate::ids::*;
use crate::ir::Cond;
use crate::time::{Instant, Stamp};

/// One step of a run. Findings are pushed when they are complete: those of a moment at once,
/// lasting ones when they end, or at [`Input::End`]. An input that is older than the one before
/// counts as simultaneous with it.
pub fn step(program: &Program<'_>, state: &mut State, input: Input, out: &mut Vec<Finding>) {
    if state.ended {
        return;
    }
    let mut run = Run::new(program, state, out);
    match input {
        Input::Begin(at) => run.begin(at),
        Input::Given(given) => run.given(given),
        Input::Occur(occurrence) => run.read(occurrence),
        Input::End(at) => {
            run.complete_change();
            if run.state.begun.is_none() {
                run.begin(at);
            }
            run.advance(at, true);
            run.end();
        }
    }
}

/// Lets time pass to an instant and settles it, as if something that concerns nobody happened then.
pub fn advance(program: &Program<'_>, state: &mut State, to: Instant, out: &mut Vec<Finding>) {
    if state.ended {
        return;
    }
    let mut run = Run::new(program, state, out);
    run.complete_change();
    if run.state.begun.is_none() {
        run.begin(to);
    }
    run.advance(to, true);
}

/// Whether a condition holds of an instance now; of the document, where none is named. `None`: what
/// was observed does not say. Meant for settled instants ([`advance`]). What no rule looks back at is
/// not kept, unless it was said that it will be asked for
/// ([`Options::asked`](super::program::Options::asked)).
pub fn ask(
    program: &Program<'_>,
    state: &State,
    cond: &Cond,
    of: Option<(KindId, Sym)>,
) -> Option<bool> {
    let inst = match of {
        None => Inst::DOCUMENT,
        Some((kind, id)) => match program.is_single(kind) {
            true => state.single(kind)?,
            false => state.named(kind, id)?,
        },
    };
    let trail = Trail::new();
    match Ctx::new(program, state, inst, &trail).holds(cond) {
        Truth::Yes => Some(true),
        Truth::No => Some(false),
        Truth::Unknown => None,
    }
}

/// A step at work.
pub(crate) struct Run<'a> {
    pub p: &'a Program<'a>,
    pub state: &'a mut State,
    pub out: &'a mut Vec<Finding>,
    /// How much may still be brought about in this step.
    pub budget: u32,
}

/// How much one input may bring about, against models that never come to rest.
const BUDGET: u32 = 100_000;

impl<'a> Run<'a> {
    fn new(p: &'a Program<'a>, state: &'a mut State, out: &'a mut Vec<Finding>) -> Run<'a> {
        Run {
            p,
            state,
            out,
            budget: BUDGET,
        }
    }

    /// Something is told. What a record tells of one change waits until all of it has been read.
    fn read(&mut self, occurrence: Occurrence) {
        let at = occurrence.at.at;
        let same = |first: &Occurrence| first.change == occurrence.change && first.at.at == at;
        if !self.state.pending.first().is_none_or(same) {
            self.complete_change();
        }
        if self.state.begun.is_none() {
            self.begin(at);
        }
        self.advance(at, false);
        if self.p.begins.is_empty() {
            self.occur(occurrence);
        } else {
            self.state.pending.push(occurrence);
        }
    }

    /// What a change tells happens: first that lives begin, then the rest as it was written down,
    /// since the order of that means nothing.
    fn complete_change(&mut self) {
        let mut pending = std::mem::take(&mut self.state.pending);
        if pending.len() > 1 {
            pending.sort_by_key(|occurrence| !self.is_beginning(occurrence));
        }
        for occurrence in pending.drain(..) {
            self.budget = BUDGET;
            self.occur(occurrence);
        }
        self.state.pending = pending;
    }

    /// Whether an occurrence may say how something began that is not there.
    fn is_beginning(&self, occurrence: &Occurrence) -> bool {
        let kinds = self.p.begins.get(&occurrence.event);
        let Some((id, kinds)) = occurrence.subject.zip(kinds) else {
            return false;
        };
        !kinds.iter().any(|&kind| {
            let inst = self.state.named(kind, id);
            let instance = inst.and_then(|inst| self.state.inst(inst));
            instance.is_some_and(|instance| !instance.is_final && !instance.unbegun)
        })
    }

    fn begin(&mut self, at: Instant) {
        self.state.begun = Some(at);
        self.state.now = at;
        let stamp = super::eval::stamp_at(&self.p.zone, at);
        self.state.stamp = stamp;
        // The document and the bodies were there before.
        for index in 0..self.p.model.kinds.len() {
            let kind = KindId::new(index);
            if !self.p.is_single(kind) {
                continue;
            }
            if let Some(inst) = self.state.single(kind) {
                if let Some(instance) = self.state.inst_mut(inst) {
                    instance.began = Moment::by(stamp);
                    instance.entered = Moment::by(stamp);
                }
                self.state.mark(inst);
            }
        }
        let turns = &self.p.turns;
        self.state.turned = turns.partition_point(|(turn, _)| *turn <= at);
    }

    fn given(&mut self, given: Given) {
        if self.state.begun.is_none() {
            let since = match &given {
                Given::Instance { since, .. } | Given::Holding { since, .. } => *since,
                Given::Attribute { .. } => None,
            };
            self.begin(since.map_or(Instant(0), |s| s.at));
        }
        let begin = super::eval::stamp_at(&self.p.zone, self.state.now);
        let moment = |since: Option<Stamp>| since.map_or(Moment::by(begin), Moment::exact);
        match given {
            Given::Instance {
                kind,
                id,
                parent,
                state,
                fields,
                since,
            } => self.given_instance(kind, id, parent, state, fields, since.map(Moment::exact)),
            Given::Holding {
                role,
                subject,
                holder,
                since,
            } => {
                let role = RoleId(role);
                let Some(declared) = self.p.model.roles.get(role.index()) else {
                    return;
                };
                let inst = match subject {
                    _ if self.p.is_single(declared.kind) => self.state.single(declared.kind),
                    Some(id) => match self.state.named(declared.kind, id) {
                        Some(inst) => Some(inst),
                        None => {
                            let parent = self.parent_of(declared.kind, None);
                            let began = Moment::by(begin);
                            Some(self.state.create(self.p, declared.kind, id, parent, began))
                        }
                    },
                    None => None,
                };
                let Some(inst) = inst else { return };
                self.state.given_roles.insert(role);
                self.hold(role, inst, holder, moment(since));
                self.state.mark(inst);
            }
            Given::Attribute {
                person,
                attribute,
                value,
            } => self.set_attribute(person, FieldId(attribute), value),
        }
    }

    fn given_instance(
        &mut self,
        kind: KindId,
        id: Sym,
        parent: Option<Sym>,
        state: Option<u32>,
        fields: Vec<(u32, Value)>,
        since: Option<Moment>,
    ) {
        let begin = Moment::by(super::eval::stamp_at(&self.p.zone, self.state.now));
        let Some(declared) = self.p.model.kinds.get(kind.index()) else {
            return;
        };
        let known = match self.p.is_single(kind) {
            true => self.state.single(kind),
            false => self.state.named(kind, id),
        };
        let fresh = known.is_none();
        let inst = match known {
            Some(inst) => inst,
            None => {
                let parent = self.parent_of(kind, parent);
                let began = since.unwrap_or(begin);
                self.state.create(self.p, kind, id, parent, began)
            }
        };
        for (field, _) in &fields {
            self.state.given_fields.insert((kind, FieldId(*field)));
        }
        let entered = state.is_some() || since.is_some() || fresh;
        if let Some(instance) = self.state.inst_mut(inst) {
            if let Some(state) = state.filter(|&s| declared.states.get(s as usize).is_some()) {
                instance.state = StateId(state);
            }
            let now = declared.states.get(instance.state.index());
            instance.is_final = now.is_some_and(|s| s.is_final);
            if entered {
                instance.entered = since.unwrap_or(begin);
            }
            for (field, value) in fields {
                if let Some(slot) = instance.fields.get_mut(field as usize) {
                    *slot = value;
                }
            }
        }
        self.state.mark(inst);
    }

    /// The instance that encloses a new one of a kind: as named, else the only one it can be.
    pub fn parent_of(&mut self, kind: KindId, named: Option<Sym>) -> Option<Inst> {
        let outer = self.p.enclosing(kind)?;
        if self.p.is_single(outer) {
            return self.state.single(outer);
        }
        if let Some(named) = named {
            return self.state.named(outer, named);
        }
        let mut living = self.state.living(outer);
        let only = living.next();
        match living.next() {
            None => only,
            Some(_) => None,
        }
    }

    /// Judges a condition; gives notes of what could not be decided.
    pub fn judge(
        &mut self,
        clause: ClauseId,
        inst: Inst,
        look: impl Fn(&Ctx<'_>) -> Truth,
        with: &With<'_>,
    ) -> Truth {
        let trail = Trail::new();
        let ctx = with.ctx(self.p, self.state, inst, &trail);
        let truth = look(&ctx);
        if with.settled || with.wakes {
            let wake = trail.wake.get();
            self.state.wake(inst, wake);
        }
        if truth == Truth::Unknown {
            self.note_unknown(clause, inst, &trail, with);
        }
        truth
    }

    /// Says that a clause could not be judged: once, or once for each instance.
    #[cold]
    pub fn note_unknown(&mut self, clause: ClauseId, inst: Inst, trail: &Trail, with: &With<'_>) {
        let text = self.clause_text(clause);
        let positions = self.positions(inst, with.act).to_vec();
        if trail.unobserved.get() {
            if self.state.notes.insert(NoteKey::Unobserved(clause, inst)) {
                let message =
                    format!("what `{text}` asks for is not in the record: it is not judged");
                self.note(clause, Some(inst), None, message, &positions);
            }
        } else if trail.no_actor.get() {
            if self.state.notes.insert(NoteKey::NoActor(clause)) {
                let message = format!(
                    "the trace does not say who did it: `{text}` is taken to be kept wherever it asks"
                );
                self.note(clause, None, None, message, &positions);
            }
        } else if trail.undecided.get() {
            // What is asked of a person is another question for each.
            let person = match with.act {
                Some(act) => self.about(act),
                None => with.holder,
            };
            let key = NoteKey::Undecided(clause, inst, person);
            if self.state.notes.insert(key) {
                let why = if trail.unsaid.get() {
                    "the record leaves out what would settle"
                } else {
                    "what was observed does not settle"
                };
                let message = format!("{why} `{text}`: undecided");
                self.note(clause, Some(inst), person, message, &positions);
            }
        }
    }

    /// The positions of what caused a thing: the event being judged, else what last touched the
    /// instance.
    pub fn positions<'b>(&'b self, inst: Inst, act: Option<&'b Happening>) -> &'b [u32] {
        match act {
            Some(act) => &act.positions,
            None => {
                let instance = self.state.inst(inst);
                instance.map_or(&[], |i| &i.events)
            }
        }
    }

    /// Adds a note about a clause.
    #[cold]
    pub fn note(
        &mut self,
        clause: ClauseId,
        inst: Option<Inst>,
        person: Option<Sym>,
        message: String,
        events: &[u32],
    ) {
        let finding = Finding {
            severity: Severity::Note,
            message: message.into(),
            events: events.into(),
            ..self.finding(clause, inst, person, self.state.stamp.at)
        };
        self.out.push(finding);
    }

    /// A finding about a clause at a moment, to be filled in.
    pub fn finding(
        &self,
        clause: ClauseId,
        inst: Option<Inst>,
        person: Option<Sym>,
        at: Instant,
    ) -> Finding {
        let wording = &self.p.wording;
        Finding {
            clause: wording.clause(clause),
            severity: self.p.severity(clause),
            message: wording.no_text(),
            group: inst.and_then(|inst| self.group_name(inst)),
            person: person.map(|p| self.state.names.text(p).into()),
            from: at,
            to: Some(at),
            or_earlier: false,
            cite: wording.cites(clause),
            events: Positions::new(),
            found: None,
            required: None,
            periods: Vec::new(),
        }
    }

    /// The name of an instance in findings; the document has none.
    pub fn group_name(&self, inst: Inst) -> Option<Arc<str>> {
        let instance = self.state.inst(inst)?;
        if inst == Inst::DOCUMENT {
            return None;
        }
        Some(self.state.names.text(instance.id).into())
    }
}

/// With what in view a condition is judged.
#[derive(Default, Clone)]
pub(crate) struct With<'a> {
    pub holder: Option<Sym>,
    pub act: Option<&'a Happening>,
    pub settled: bool,
    /// The instance is to be looked at again when the answer may change.
    pub wakes: bool,
}

impl<'a> With<'a> {
    /// With an event in view.
    pub fn act(act: &'a Happening, holder: Option<Sym>) -> With<'a> {
        With {
            holder,
            act: Some(act),
            ..With::default()
        }
    }

    /// At a settled instant.
    pub fn settled(holder: Option<Sym>) -> With<'a> {
        With {
            holder,
            settled: true,
            wakes: true,
            ..With::default()
        }
    }

    /// Now, to be looked at again.
    pub fn now(holder: Option<Sym>) -> With<'a> {
        With {
            holder,
            wakes: true,
            ..With::default()
        }
    }

    pub fn ctx<'c>(&self, p: &'c Program<'c>, s: &'c State, inst: Inst, trail: &'c Trail) -> Ctx<'c>
    where
        'a: 'c,
    {
        let mut ctx = Ctx::new(p, s, inst, trail);
        ctx.holder = self.holder;
        ctx.act = self.act;
        ctx.settled = self.settled;
        ctx
    }
}
