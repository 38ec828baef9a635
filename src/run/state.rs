//! The whole world of a run: names, persons, instances and what is pending for each.
//!
//! Invariant: whatever is iterated is ordered, so that the same inputs always give the same
//! findings; maps without order are for lookups only. Instances are numbered in the order in which
//! they first appear.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::Occurrence;
use super::calendar::{NO_PRESENT, Presents};
use super::coverage::Coverage;
use super::decision::{Case, Closed};
use super::doubt::Doubt;
use super::duty::DutySlot;
use super::finding::Positions;
use super::invariant::InvariantSlot;
use super::moment::{Moment, Truth};
use super::past::{Latest, Numbers};
use super::program::Program;
use super::quiet::Quiet;
use super::value::{Names, Sym, Syms, Value};
use crate::ids::*;
use crate::time::{Instant, Stamp};

/// An instance, counted in the order of appearance; number 0 is the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Inst(pub u32);

impl Inst {
    /// The document.
    pub const DOCUMENT: Inst = Inst(0);

    #[inline]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The state of the world in a run.
#[derive(Debug, Clone)]
pub struct State {
    /// The names of persons, instances and words. Interned by whoever feeds the run.
    pub names: Names,
    pub(crate) now: Instant,
    /// The stamp of what happens now.
    pub(crate) stamp: Stamp,
    /// The first instant of the present local day, and the first after it.
    pub(crate) day: (Instant, Instant),
    /// The present calendar periods.
    pub(crate) presents: Presents,
    /// When the observation began.
    pub(crate) begun: Option<Instant>,
    pub(crate) ended: bool,
    /// Whether the present instant still has to settle.
    pub(crate) open: bool,
    /// Before then nothing happens by itself.
    pub(crate) next: Instant,
    /// Nothing has settled yet: what is so was so before.
    pub(crate) fresh: bool,
    /// The change to which the last occurrence belongs.
    pub(crate) change: Option<u64>,
    /// Counts all that happens.
    pub(crate) seq: u64,
    pub(crate) instances: Vec<Instance>,
    /// By instance, as far as they have settled once.
    pub(crate) quiet: Vec<Quiet>,
    pub(crate) index: HashMap<(KindId, Sym), Inst>,
    pub(crate) by_kind: Vec<Vec<Inst>>,
    /// By name: the latest instance of that name, and its kind.
    latest: Vec<Option<(Inst, KindId)>>,
    /// By kind: the first instances that were said to begin, and not only mentioned.
    announced: Vec<Vec<Inst>>,
    pub(crate) people: HashMap<Sym, Person>,
    /// Since when someone has held one of the roles of a union, in an instance or anywhere.
    pub(crate) unions: HashMap<(usize, Sym, Option<Inst>), Moment>,
    /// What ended in the present instant: taken up again at once, it has no break.
    pub(crate) ended_now: Vec<(RoleId, Inst, Sym, Moment)>,
    pub(crate) unions_ended: Vec<(usize, Sym, Option<Inst>, Moment)>,
    /// Instances to be looked at when an instant settles, and at the end of a day.
    pub(crate) wakes: BTreeSet<(Instant, Inst)>,
    pub(crate) day_ends: BTreeSet<(Instant, Inst)>,
    /// When something owed may be due, the earliest first; an interval that has begun anew meanwhile
    /// is found out only then ([`Run::next_timer`](super::step::Run)).
    pub(crate) timers: BinaryHeap<Reverse<(Instant, Inst)>>,
    /// The first of the timers, where it has been seen that something is due then.
    pub(crate) seen: Option<(Instant, Inst)>,
    /// How many of the program's turns have passed.
    pub(crate) turned: usize,
    /// What has been brought about and has still to happen, first in first out.
    pub(crate) queue: VecDeque<Happening>,
    /// Instances that changed and have not been followed up, and all that changed in this instant.
    pub(crate) dirty: Vec<Inst>,
    pub(crate) touched: Vec<Inst>,
    pub(crate) retries: Vec<Retry>,
    /// What the record tells of the present change, as far as it has been read.
    pub(crate) pending: Vec<Occurrence>,
    /// Claims of how a vote came out that came before any ballot of their change.
    pub(crate) claims: Vec<Happening>,
    pub(crate) notes: HashSet<NoteKey>,
    /// Duties of instances that are left undecided: noted at the end, all periods together.
    pub(crate) doubts: BTreeMap<(ClauseId, Inst), Doubt>,
    /// Roles of which a snapshot gave holdings.
    pub(crate) given_roles: BTreeSet<RoleId>,
    /// Fields that a snapshot gave.
    pub(crate) given_fields: BTreeSet<(KindId, FieldId)>,
    /// Which parts of the model were touched, where that is asked for.
    pub coverage: Coverage,
}

/// What makes a note the same as one that was given already.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum NoteKey {
    Unobserved(ClauseId, Inst),
    Undecided(ClauseId, Inst, Option<Sym>),
    NoActor(ClauseId),
    Uncertain(ClauseId, Inst),
    NoVoters(DecisionId, Inst),
    Company(Sym, FieldId),
    Event(EventId),
    Unbegun(Sym),
}

/// What is known of a person.
#[derive(Debug, Clone, Default)]
pub(crate) struct Person {
    pub attributes: Vec<Value>,
    pub held: Vec<(RoleId, Inst)>,
}

/// A holding of a role in an instance.
#[derive(Debug, Clone)]
pub(crate) struct Holding {
    pub holder: Sym,
    pub since: Moment,
    /// When it was last given: a term is counted from then.
    pub renewed: Moment,
}

/// An instance of a kind. What is looked at whenever something happens to it comes last, to lie in as
/// few lines of the cache as may be.
#[derive(Debug, Clone)]
pub(crate) struct Instance {
    /// When its life began.
    pub began: Moment,
    pub fields: Vec<Value>,
    /// By role of the kind.
    pub holders: Vec<Vec<Holding>>,
    pub clocks: Vec<ClockData>,
    pub invariants: Vec<Slots<InvariantSlot>>,
    pub becomes: Vec<Slots<BecomesSlot>>,
    pub closed: Vec<Closed>,
    /// Something in this instant only told what was already so.
    pub opened_at: Option<Instant>,
    /// By log of the kind.
    pub logs: Vec<LogData>,
    /// Acts of which more are needed: permit, and who has done it so far.
    pub partials: Vec<(usize, Syms)>,
    pub cases: Vec<Case>,
    /// A duty of which nothing is known has none.
    pub duties: Vec<Slots<Option<DutySlot>>>,
    /// When it entered its present state, and the count of all things then.
    pub entered: Moment,
    pub entered_seq: u64,
    /// When it is to be looked at next; `MAX` where nothing is due.
    pub wake: Instant,
    /// Its earliest timer; `MAX` where it has none.
    pub timer: Instant,
    /// The positions of the events that last touched it, and the instant at which they did.
    pub events: Positions,
    pub events_at: Instant,
    pub parent: Option<Inst>,
    pub kind: KindId,
    pub id: Sym,
    pub state: StateId,
    pub is_final: bool,
    /// It belongs to an earlier life of what encloses it, and is no more.
    pub gone: bool,
    /// The record mentions it and has not said how it began: nothing is judged of it.
    pub unbegun: bool,
    pub dirty: bool,
    pub touched: bool,
    /// What has changed since its rules were last judged, one bit for each log; all of them, where it
    /// is something else.
    pub changed: u64,
}

/// Something other than that there is more in a log.
pub(crate) const ANYTHING: u64 = u64::MAX;

/// One slot, or one for each holder of a role.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slots<T> {
    pub one: T,
    pub each: BTreeMap<Sym, T>,
}

impl<T> Slots<Option<T>> {
    /// Whether this is so of any that is kept.
    pub fn any(&self, so: impl Fn(&T) -> bool) -> bool {
        let each = || self.each.values().flatten().any(&so);
        self.one.as_ref().is_some_and(&so) || !self.each.is_empty() && each()
    }
}

impl Slots<Option<DutySlot>> {
    /// When the first of what is owed, after an instant, is due.
    pub fn next_due(&self, after: Instant) -> Option<Instant> {
        let one = self.one.as_ref().and_then(|slot| slot.next_due(after));
        if self.each.is_empty() {
            return one;
        }
        let each = self.each.values().flatten();
        let each = each.filter_map(|slot| slot.next_due(after));
        each.chain(one).min()
    }
}

impl<T: Default> Slots<T> {
    pub fn get_mut(&mut self, holder: Option<Sym>) -> &mut T {
        match holder {
            None => &mut self.one,
            Some(holder) => self.each.entry(holder).or_default(),
        }
    }
}

/// Whether the condition of a reaction held when it was last looked at.
#[derive(Debug, Clone, Default)]
pub(crate) struct BecomesSlot {
    pub last: Option<Truth>,
    /// When it last fired.
    pub fired: Option<Instant>,
    pub entered_seq: u64,
}

/// Since when the condition of a clock has held.
#[derive(Debug, Clone, Default)]
pub(crate) struct ClockData {
    pub since: Option<Moment>,
    /// The truth when it was last looked at; `None`: never, or outside its states.
    pub last: Option<Truth>,
}

/// What a log keeps.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogData {
    /// How many are certain, and how many more are possible.
    pub count: u64,
    pub possible: u64,
    /// The last that is possible.
    pub last_possible: Option<Moment>,
    /// The same when the present state was entered.
    pub count_at_entry: u64,
    pub possible_at_entry: u64,
    /// How many there are in each window of which only the number is asked.
    pub numbers: Numbers,
    /// The last about each and by each, where silence is asked of them.
    pub about: Latest,
    pub done_by: Latest,
    /// Those that some condition may look at one by one, in order.
    pub entries: VecDeque<Entry>,
    pub last: Option<Last>,
}

/// One occurrence in a log.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub at: Moment,
    pub seq: u64,
    pub certain: bool,
    pub about: Option<Sym>,
    pub actors: Box<[Sym]>,
    /// Which event it was and its fields, where these are compared.
    pub deed: Option<Box<(EventId, Vec<Value>)>>,
}

/// The last certain occurrence in a log.
#[derive(Debug, Clone)]
pub(crate) struct Last {
    pub at: Moment,
    pub fields: Vec<Value>,
    pub actors: Syms,
}

/// Something that happens, with its subject found.
#[derive(Debug, Clone)]
pub(crate) struct Happening {
    pub event: EventId,
    pub stamp: Stamp,
    pub subject: Inst,
    /// The subject as the record names it.
    pub named: Option<Sym>,
    pub actors: Syms,
    pub fields: Vec<Value>,
    /// Positions in the trace: its own, or those of what it follows from.
    pub positions: Positions,
    pub opening: bool,
    pub seq: u64,
    /// It follows from a rule, and so needs no permission.
    pub emitted: bool,
    /// The run itself says so: the outcome of a vote.
    pub computed: bool,
    /// The clauses that were in force then judge it: a case keeps those under which it opened.
    pub rules_of: Option<Instant>,
    pub chain: Option<Arc<Chain>>,
}

/// The reactions from which something follows, innermost first.
#[derive(Debug, Clone)]
pub(crate) struct Chain {
    pub reaction: usize,
    pub inst: Inst,
    pub before: Option<Arc<Chain>>,
}

impl Chain {
    pub fn has(mut chain: &Option<Arc<Chain>>, reaction: usize, inst: Inst) -> bool {
        while let Some(link) = chain {
            if link.reaction == reaction && link.inst == inst {
                return true;
            }
            chain = &link.before;
        }
        false
    }
}

/// A check that failed and is tried once more.
#[derive(Debug, Clone)]
pub(crate) struct Retry {
    pub check: usize,
    pub inst: Inst,
    pub holder: Option<Sym>,
    pub act: Arc<Happening>,
    /// What it was when the act happened.
    pub first: Truth,
}

/// How many instances a name that was only mentioned is compared to, at most.
const MAX_LIKE: usize = 1000;

impl State {
    /// The world before anything is known of it: the document and the bodies.
    pub fn new(program: &Program<'_>) -> State {
        let never = Stamp::instant(Instant::MIN);
        let mut state = State {
            names: Names::default(),
            now: Instant::MIN,
            stamp: never,
            day: (Instant::MIN, Instant::MIN),
            presents: NO_PRESENT,
            begun: None,
            ended: false,
            open: false,
            next: Instant::MIN,
            fresh: true,
            change: None,
            seq: 0,
            instances: Vec::new(),
            quiet: Vec::new(),
            index: HashMap::new(),
            by_kind: vec![Vec::new(); program.model.kinds.len()],
            latest: Vec::new(),
            announced: vec![Vec::new(); program.model.kinds.len()],
            people: HashMap::new(),
            unions: HashMap::new(),
            ended_now: Vec::new(),
            unions_ended: Vec::new(),
            wakes: BTreeSet::new(),
            day_ends: BTreeSet::new(),
            timers: BinaryHeap::new(),
            seen: None,
            turned: 0,
            queue: VecDeque::new(),
            dirty: Vec::new(),
            touched: Vec::new(),
            retries: Vec::new(),
            pending: Vec::new(),
            claims: Vec::new(),
            coverage: Coverage::default(),
            notes: HashSet::new(),
            doubts: BTreeMap::new(),
            given_roles: BTreeSet::new(),
            given_fields: BTreeSet::new(),
        };
        for (index, kind) in program.model.kinds.iter().enumerate() {
            let id = KindId::new(index);
            if program.is_single(id) {
                let name = state.names.intern(&kind.name);
                let parent = (index > 0).then_some(Inst::DOCUMENT);
                state.create(program, id, name, parent, Moment::by(never));
            }
        }
        state
    }

    /// The present instant.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// The ids of all instances of a kind that have appeared, in order, with the number of their
    /// state.
    pub fn instances_of(&self, kind: KindId) -> Vec<(Sym, StateId)> {
        let list = self.by_kind.get(kind.index());
        let all = list.into_iter().flatten();
        all.filter_map(|&i| self.inst(i))
            .map(|i| (i.id, i.state))
            .collect()
    }

    #[inline]
    pub(crate) fn inst(&self, inst: Inst) -> Option<&Instance> {
        self.instances.get(inst.index())
    }

    #[inline]
    pub(crate) fn inst_mut(&mut self, inst: Inst) -> Option<&mut Instance> {
        self.instances.get_mut(inst.index())
    }

    /// Begins a life.
    pub(crate) fn create(
        &mut self,
        program: &Program<'_>,
        kind: KindId,
        id: Sym,
        parent: Option<Inst>,
        began: Moment,
    ) -> Inst {
        let inst = Inst(u32::try_from(self.instances.len()).unwrap_or(u32::MAX));
        let instance = Instance::new(program, kind, id, parent, began, self.seq);
        self.instances.push(instance);
        self.index.insert((kind, id), inst);
        let at = id.0 as usize;
        if at >= self.latest.len() {
            self.latest.resize(at + 1, None);
        }
        if let Some(latest) = self.latest.get_mut(at) {
            *latest = Some((inst, kind));
        }
        if let Some(announced) = self.announced.get_mut(kind.index())
            && announced.len() < MAX_LIKE
        {
            announced.push(inst);
        }
        if let Some(list) = self.by_kind.get_mut(kind.index()) {
            list.push(inst);
        }
        inst
    }

    /// The instance of a kind with this id.
    pub(crate) fn named(&self, kind: KindId, id: Sym) -> Option<Inst> {
        let latest = self.latest_named(kind, id);
        latest.or_else(|| self.index.get(&(kind, id)).copied())
    }

    /// An instance is no longer meant by its name.
    pub(crate) fn forget(&mut self, inst: Inst) {
        if let Some(instance) = self.inst(inst) {
            let (kind, id) = (instance.kind, instance.id);
            self.index.remove(&(kind, id));
            if let Some(latest) = self.latest.get_mut(id.0 as usize) {
                latest.take_if(|(latest, _)| *latest == inst);
            }
        }
    }

    /// The instance that was last named so.
    pub(crate) fn latest_of(&self, id: Sym) -> Option<Inst> {
        let latest = self.latest.get(id.0 as usize)?;
        latest.map(|(inst, _)| inst)
    }

    /// The same, where no instance of another kind has been named so since.
    pub(crate) fn latest_named(&self, kind: KindId, id: Sym) -> Option<Inst> {
        let latest = self.latest.get(id.0 as usize).copied().flatten();
        latest.filter(|(_, k)| *k == kind).map(|(inst, _)| inst)
    }

    /// An instance that has just begun was only mentioned. Returns those of its kind that were said
    /// to begin, the first of them.
    pub(crate) fn only_mentioned(&mut self, inst: Inst) -> &[Inst] {
        let kind = self.inst(inst).map_or(KindId::DOCUMENT, |i| i.kind);
        let Some(announced) = self.announced.get_mut(kind.index()) else {
            return &[];
        };
        announced.pop_if(|last| *last == inst);
        announced
    }

    /// The one instance of the document or a body.
    pub(crate) fn single(&self, kind: KindId) -> Option<Inst> {
        self.by_kind.get(kind.index())?.first().copied()
    }

    /// The instance of this kind that is `inst` or encloses it.
    pub(crate) fn within(&self, program: &Program<'_>, inst: Inst, kind: KindId) -> Option<Inst> {
        if program.is_single(kind) {
            return self.single(kind);
        }
        let mut at = Some(inst);
        for _ in 0..=program.model.kinds.len() {
            let here = at?;
            let instance = self.inst(here)?;
            if instance.kind == kind {
                return Some(here);
            }
            at = instance.parent;
        }
        None
    }

    /// The living instances of a kind, in order.
    pub(crate) fn living(&self, kind: KindId) -> impl Iterator<Item = Inst> + '_ {
        let list = self.by_kind.get(kind.index());
        let all = list.into_iter().flatten().copied();
        all.filter(|&i| self.inst(i).is_some_and(|i| !i.is_final))
    }

    /// What an instance encloses, however deep.
    pub(crate) fn enclosed(&self, inst: Inst) -> Vec<Inst> {
        let mut inside = vec![inst];
        // What encloses comes before what it encloses.
        for (index, instance) in self.instances.iter().enumerate() {
            if instance
                .parent
                .is_some_and(|parent| inside.contains(&parent))
            {
                inside.push(Inst(u32::try_from(index).unwrap_or(u32::MAX)));
            }
        }
        inside.split_off(1)
    }

    /// The holders of a role in an instance.
    pub(crate) fn holders(&self, program: &Program<'_>, role: RoleId, inst: Inst) -> &[Holding] {
        let slot = program.role_slot.get(role.index()).copied();
        let instance = self.inst(inst).filter(|i| {
            let declared = program.model.roles.get(role.index());
            declared.is_some_and(|r| r.kind == i.kind)
        });
        match (instance, slot) {
            (Some(instance), Some(slot)) => instance.holders.get(slot).map_or(&[], Vec::as_slice),
            _ => &[],
        }
    }

    /// Marks an instance as changed, by these events.
    pub(crate) fn touch(&mut self, inst: Inst, positions: &[u32]) {
        self.touch_in(inst, positions, ANYTHING);
    }

    /// The same, where only this about it has changed ([`Instance::changed`]).
    pub(crate) fn touch_in(&mut self, inst: Inst, positions: &[u32], changed: u64) {
        self.sync(inst);
        self.caused(inst, positions);
        self.mark_in(inst, changed);
    }

    /// Keeps the events of this instant that concerned an instance.
    pub(crate) fn caused(&mut self, inst: Inst, positions: &[u32]) {
        let now = self.now;
        let Some(instance) = self.instances.get_mut(inst.index()) else {
            return;
        };
        if !positions.is_empty() {
            if instance.events_at != now {
                instance.events_at = now;
                instance.events.clear();
            }
            for position in positions {
                if !instance.events.contains(position) {
                    instance.events.push(*position);
                }
            }
        }
    }

    /// Marks an instance as one to be looked at.
    pub(crate) fn mark(&mut self, inst: Inst) {
        self.mark_in(inst, ANYTHING);
    }

    /// The same, where only this about it has changed: nothing, where time has passed.
    pub(crate) fn mark_in(&mut self, inst: Inst, changed: u64) {
        self.open = true;
        self.stir(inst);
        let Some(instance) = self.instances.get_mut(inst.index()) else {
            return;
        };
        instance.changed |= changed;
        if !instance.dirty {
            instance.dirty = true;
            self.dirty.push(inst);
        }
        if !instance.touched {
            instance.touched = true;
            self.touched.push(inst);
        }
    }

    /// Sets a timer: something that an instance owes is due then.
    pub(crate) fn time(&mut self, inst: Inst, at: Instant) {
        if let Some(instance) = self.instances.get_mut(inst.index())
            && at < instance.timer
        {
            instance.timer = at;
            self.next = self.next.min(at);
            self.timers.push(Reverse((at, inst)));
        }
    }

    /// An instance's timer has gone off; it is set to what is due after now.
    pub(crate) fn time_again(&mut self, inst: Inst) {
        let now = self.now;
        self.seen = None;
        self.sync(inst);
        let Some(instance) = self.instances.get_mut(inst.index()) else {
            return;
        };
        instance.timer = Instant::MAX;
        let due = instance.next_due(now);
        if let Some(due) = due {
            self.time(inst, due);
        }
    }

    /// When a timer next goes off, as far as that is before `until`: nothing may be due then any
    /// more, and the timer is set to when something is.
    pub(crate) fn next_timer(&mut self, program: &Program<'_>, until: Instant) -> Instant {
        while let Some(&Reverse((at, inst))) = self.timers.peek() {
            if at > until || program.one_by_one || self.seen == Some((at, inst)) {
                return at;
            }
            let due = self.first_due(inst);
            let Some(instance) = self.instances.get_mut(inst.index()) else {
                return at;
            };
            // An older timer of the instance, or one that nothing stands behind any more.
            if instance.timer == at && due.is_some_and(|due| due <= at) {
                self.seen = Some((at, inst));
                return at;
            }
            if instance.timer != at {
                self.timers.pop();
            } else if let Some(due) = due {
                instance.timer = due;
                if let Some(mut first) = self.timers.peek_mut() {
                    *first = Reverse((due, inst));
                }
            } else {
                instance.timer = Instant::MAX;
                self.timers.pop();
            }
        }
        Instant::MAX
    }

    /// Asks for an instance to be looked at when a later instant settles.
    pub(crate) fn wake(&mut self, inst: Inst, at: Instant) {
        if at == Instant::MAX {
            return;
        }
        let at = at.max(Instant(self.now.0.saturating_add(1)));
        let Some(instance) = self.instances.get_mut(inst.index()) else {
            return;
        };
        if at < instance.wake {
            if instance.wake != Instant::MAX {
                self.wakes.remove(&(instance.wake, inst));
            }
            instance.wake = at;
            self.next = self.next.min(at);
            self.wakes.insert((at, inst));
        }
    }
}

impl Instance {
    /// When the first of what it owes, after an instant, is due: at an instant, and not at the end of
    /// a day.
    pub fn next_due(&self, after: Instant) -> Option<Instant> {
        let mut next = None;
        for slots in &self.duties {
            if let Some(due) = slots.next_due(after) {
                next = Some(next.map_or(due, |next: Instant| next.min(due)));
            }
        }
        next
    }

    pub fn new(
        program: &Program<'_>,
        kind: KindId,
        id: Sym,
        parent: Option<Inst>,
        began: Moment,
        seq: u64,
    ) -> Instance {
        let declared = program.model.kinds.get(kind.index());
        let rules = program.kinds.get(kind.index());
        let count = |pick: fn(&super::program::KindRules) -> &Vec<usize>| {
            rules.map_or(0, |r| pick(r).len())
        };
        Instance {
            kind,
            id,
            parent,
            state: declared.map_or(StateId(0), |k| k.initial),
            is_final: declared
                .is_some_and(|k| k.states.get(k.initial.index()).is_some_and(|s| s.is_final)),
            gone: false,
            unbegun: false,
            began,
            entered: began,
            entered_seq: seq,
            fields: vec![Value::Empty; declared.map_or(0, |k| k.fields.len())],
            holders: vec![Vec::new(); count(|r| &r.roles)],
            logs: vec![LogData::default(); count(|r| &r.logs)],
            clocks: vec![ClockData::default(); count(|r| &r.clocks)],
            invariants: vec![Slots::default(); count(|r| &r.invariants)],
            duties: vec![Slots::default(); count(|r| &r.duties)],
            becomes: vec![Slots::default(); count(|r| &r.becomes)],
            cases: Vec::new(),
            closed: Vec::new(),
            partials: Vec::new(),
            wake: Instant::MAX,
            timer: Instant::MAX,
            events: Positions::new(),
            events_at: Instant::MIN,
            dirty: false,
            touched: false,
            changed: ANYTHING,
            opened_at: None,
        }
    }
}
