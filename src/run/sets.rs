//! Sets: who is in them, how many they are, and whether an act was done by them.

use foldhash::HashMap;

use super::compare::same;
use super::eval::{Ctx, Spot};
use super::moment::Truth;
use super::program::Program;
use super::state::{Inst, State};
use super::value::{Sym, Syms, Value};
use crate::ids::*;
use crate::ir::{Bounds, Quantity, Set, Who};

/// What is in a set, in order; what is only possibly in it is marked.
pub(crate) struct Members {
    pub list: Vec<(Value, Truth)>,
    /// There may be others.
    pub open: bool,
    /// Where each name is in the list, as far as it consists of nothing else and is long.
    names: Option<HashMap<Sym, usize>>,
}

/// From how many members on names are looked up instead of being gone through.
const MANY: usize = 16;

impl Members {
    fn none() -> Members {
        Members {
            list: Vec::new(),
            open: false,
            names: None,
        }
    }

    /// Where each is, if there are many and all are names: two names are the same where their numbers
    /// are.
    fn names(&mut self) -> Option<&mut HashMap<Sym, usize>> {
        let members = self.list.len();
        if members == MANY && self.names.is_none() {
            let all = self.list.iter().enumerate();
            let names = all.filter_map(|(at, (value, _))| match value {
                Value::Name(name) => Some((*name, at)),
                _ => None,
            });
            self.names = Some(names.collect());
        }
        self.names.as_mut().filter(|names| names.len() == members)
    }

    fn add(&mut self, ctx: &Ctx<'_>, value: Value, truth: Truth) {
        if value.is_empty() {
            return;
        }
        if let Value::Name(name) = value
            && let Some(names) = self.names()
        {
            let next = names.len();
            let at = *names.entry(name).or_insert(next);
            match self.list.get_mut(at) {
                Some((_, known)) => *known = (*known).max(truth),
                None => self.list.push((value, truth)),
            }
            return;
        }
        let known = self
            .list
            .iter_mut()
            .find(|(known, _)| same(ctx.p, ctx.s, known, &value));
        match known {
            Some((_, known)) => *known = (*known).max(truth),
            None => self.list.push((value, truth)),
        }
    }
}

impl Ctx<'_> {
    /// What is in a set.
    pub fn members(&self, set: &Set) -> Members {
        let mut members = Members::none();
        match set {
            Set::Holders(role, place) => match self.spot(place) {
                Spot::At(inst) => self.holders_in(*role, inst, &mut members),
                Spot::Nowhere => {}
                Spot::Unknown => {
                    self.undecided();
                    members.open = true;
                }
            },
            Set::HoldersAnywhere(role) => {
                if let Some(declared) = self.p.model.roles.get(role.index()) {
                    for inst in self.s.living(declared.kind) {
                        for holding in self.s.holders(self.p, *role, inst) {
                            members.add(self, Value::Name(holding.holder), Truth::Yes);
                        }
                    }
                }
                self.close(*role, &mut members);
            }
            Set::Body(kind) => {
                if let Some(inst) = self.s.single(*kind)
                    && let Some(rules) = self.p.kinds.get(kind.index())
                {
                    for &role in &rules.roles {
                        self.holders_in(RoleId::new(role), inst, &mut members);
                    }
                }
            }
            Set::Values(expr) => match self.value(expr) {
                None => members.open = true,
                Some(Value::List(list)) => {
                    for value in list.iter() {
                        members.add(self, value.clone(), Truth::Yes);
                    }
                }
                Some(value) => members.add(self, value, Truth::Yes),
            },
            Set::Instances(kind, place) => {
                let around = match place.as_ref().map(|place| self.spot(place)) {
                    None => None,
                    Some(Spot::At(inst)) => Some(inst),
                    Some(Spot::Nowhere) => return members,
                    Some(Spot::Unknown) => {
                        self.undecided();
                        members.open = true;
                        return members;
                    }
                };
                for inst in self.s.living(*kind) {
                    if around.is_none_or(|around| self.encloses(around, inst))
                        && let Some(instance) = self.s.inst(inst)
                    {
                        members.list.push((Value::Name(instance.id), Truth::Yes));
                    }
                }
            }
            Set::Union(list) => {
                for set in list {
                    let part = self.members(set);
                    members.open |= part.open;
                    for (value, truth) in part.list {
                        members.add(self, value, truth);
                    }
                }
            }
            Set::Where(inner, cond) => {
                let all = self.members(inner);
                members.open = all.open;
                for (value, truth) in all.list {
                    let fits = self.with(&value).holds(cond);
                    if fits != Truth::No {
                        members.list.push((value, truth.min(fits)));
                    }
                }
            }
            Set::Attribute(inner, field) => {
                let all = self.members(inner);
                members.open = all.open;
                for (value, truth) in all.list {
                    let Some(person) = self.sym(&value) else {
                        continue;
                    };
                    match self.attribute(person, *field) {
                        Some(Value::List(list)) => {
                            let values = list.iter().cloned();
                            members.list.extend(values.map(|v| (v, truth)));
                        }
                        Some(value) => members.list.push((value, truth)),
                        // Somebody has one value, or none.
                        None => members.list.push((Value::Unknown, Truth::Unknown)),
                    }
                }
            }
            Set::HoldersOf(inner, role) => {
                let all = self.members(inner);
                members.open = all.open;
                let kind = self.p.model.roles.get(role.index()).map(|r| r.kind);
                for (value, truth) in all.list {
                    let id = self.sym(&value);
                    let inst = id.zip(kind).and_then(|(id, kind)| self.s.named(kind, id));
                    let Some(inst) = inst else { continue };
                    for holding in self.s.holders(self.p, *role, inst) {
                        members.add(self, Value::Name(holding.holder), truth);
                    }
                    self.close(*role, &mut members);
                }
            }
            Set::FieldOf(inner, field) => {
                let all = self.members(inner);
                members.open = all.open;
                for (value, truth) in all.list {
                    let Some(inst) = self.instance_in(inner, &value) else {
                        continue;
                    };
                    let at = Ctx {
                        this: inst,
                        ..*self
                    };
                    let expr = crate::ir::Expr::Field(crate::ir::Place::This, *field);
                    match at.value(&expr) {
                        None => members.open = true,
                        Some(Value::List(list)) => {
                            for value in list.iter() {
                                members.add(self, value.clone(), truth);
                            }
                        }
                        Some(value) => members.add(self, value, truth),
                    }
                }
            }
            Set::Anyone => members.open = true,
        }
        members
    }

    fn holders_in(&self, role: RoleId, inst: Inst, members: &mut Members) {
        for holding in self.s.holders(self.p, role, inst) {
            members.add(self, Value::Name(holding.holder), Truth::Yes);
        }
        self.close(role, members);
    }

    /// Leaves a set open where the holdings of a role are not all known.
    fn close(&self, role: RoleId, members: &mut Members) {
        if self.role_seen(role) != Truth::Yes {
            self.unseen_role(&[role]);
            members.open = true;
        }
    }

    fn with<'e>(&'e self, element: &'e Value) -> Ctx<'e> {
        let mut ctx: Ctx<'e> = *self;
        ctx.element = Some(element);
        ctx
    }

    fn encloses(&self, outer: Inst, inner: Inst) -> bool {
        if outer == Inst::DOCUMENT {
            return true;
        }
        let Some(kind) = self.s.inst(outer).map(|i| i.kind) else {
            return false;
        };
        self.s.within(self.p, inner, kind) == Some(outer)
    }

    /// The instance that an element of a set is.
    fn instance_in(&self, set: &Set, value: &Value) -> Option<Inst> {
        let sym = self.sym(value)?;
        match set {
            Set::Instances(kind, _) => self.s.named(*kind, sym),
            Set::Where(inner, _) => self.instance_in(inner, value),
            _ => self.any_named(sym),
        }
    }

    /// Whether a value is in a set. A body is in itself, since it can act.
    pub fn contains(&self, set: &Set, value: &Value) -> Truth {
        if value.is_empty() {
            return Truth::No;
        }
        match set {
            Set::Anyone => Truth::Yes,
            Set::Holders(role, place) => {
                let inst = match self.spot(place) {
                    Spot::At(inst) => inst,
                    Spot::Nowhere => return Truth::No,
                    Spot::Unknown => return self.undecided(),
                };
                let Some(sym) = self.sym(value) else {
                    return Truth::No;
                };
                let holdings = self.s.holders(self.p, *role, inst);
                let held = holdings.iter().any(|h| h.holder == sym);
                self.holds_role(*role, held && self.begun != Some((*role, inst, sym)))
            }
            Set::HoldersAnywhere(role) => {
                let Some(sym) = self.sym(value) else {
                    return Truth::No;
                };
                let person = self.s.people.get(&sym);
                let held = person.is_some_and(|person| {
                    let mut held = person.held.iter().filter(|(r, _)| r == role);
                    held.any(|&(r, inst)| self.begun != Some((r, inst, sym)))
                });
                self.holds_role(*role, held)
            }
            Set::Body(kind) => {
                let Some(inst) = self.s.single(*kind) else {
                    return Truth::No;
                };
                let sym = self.sym(value);
                if sym.is_some() && sym == self.s.inst(inst).map(|i| i.id) {
                    return Truth::Yes;
                }
                let mut any = Truth::No;
                for &role in self.p.kinds.get(kind.index()).map_or(&[][..], |k| &k.roles) {
                    let role = RoleId::new(role);
                    let holdings = self.s.holders(self.p, role, inst);
                    let mut held = holdings.iter().filter(|h| Some(h.holder) == sym);
                    let held = held.any(|h| self.begun != Some((role, inst, h.holder)));
                    any = any.max(self.holds_role(role, held));
                }
                any
            }
            Set::Union(list) => {
                let mut any = Truth::No;
                for set in list {
                    any = any.max(self.contains(set, value));
                    if any == Truth::Yes {
                        break;
                    }
                }
                any
            }
            Set::Where(inner, cond) => {
                let there = self.contains(inner, value);
                if there == Truth::No {
                    return Truth::No;
                }
                there.min(self.with(value).holds(cond))
            }
            _ => {
                let members = self.members(set);
                let mut found = Truth::of(false);
                for (member, truth) in &members.list {
                    if same(self.p, self.s, member, value) {
                        found = found.max(*truth);
                    }
                }
                if found == Truth::No && members.open {
                    return Truth::Unknown;
                }
                found
            }
        }
    }

    fn holds_role(&self, role: RoleId, held: bool) -> Truth {
        if held {
            return Truth::Yes;
        }
        match self.role_seen(role) {
            Truth::Yes => Truth::No,
            _ => self.unseen_role(&[role]),
        }
    }

    /// How many are in a set: at least, and at most where that is known.
    pub fn count(&self, set: &Set, distinct: bool) -> (u64, Option<u64>) {
        if let (Set::Holders(role, _), Spot::At(inst)) = (set, self.spot_of(set)) {
            let n = self.s.holders(self.p, *role, inst).len() as u64;
            if self.role_seen(*role) == Truth::Yes {
                return (n, Some(n));
            }
            self.unseen_role(&[*role]);
            return (n, None);
        }
        let members = self.members(set);
        let mut seen: Vec<(&Value, Truth)> = Vec::new();
        for (value, truth) in &members.list {
            // Each empty value is distinct.
            let known = seen
                .iter_mut()
                .find(|(known, _)| distinct && one_and_the_same(self.p, self.s, known, value));
            match known {
                Some((_, known)) => *known = (*known).max(*truth),
                None => seen.push((value, *truth)),
            }
        }
        let least = seen.iter().filter(|(_, t)| *t == Truth::Yes).count() as u64;
        let most = (!members.open).then_some(seen.len() as u64);
        (least, most)
    }

    /// Whether those in a set are such a share of those in another, which has them all.
    pub fn portion(&self, part: &Set, whole: &Set, (num, den, strict): (u32, u32, bool)) -> Truth {
        let ((part, part_most), (whole, whole_most)) =
            (self.count(part, false), self.count(whole, false));
        let reaches = |part: u64, whole: u64| {
            let left = u128::from(part) * u128::from(den);
            let right = u128::from(whole) * u128::from(num);
            whole > 0 && if strict { left > right } else { left >= right }
        };
        let (Some(part_most), Some(whole_most)) = (part_most, whole_most) else {
            return self.undecided();
        };
        // At worst all who are in doubt are in the whole and do not satisfy; at best none but those who do.
        let least = reaches(part, whole_most.max(part));
        let most = reaches(part_most, whole.max(part_most));
        match (least, most) {
            (true, true) => Truth::Yes,
            (false, false) => Truth::No,
            _ => self.undecided(),
        }
    }

    fn spot_of(&self, set: &Set) -> Spot {
        match set {
            Set::Holders(_, place) => self.spot(place),
            _ => Spot::Unknown,
        }
    }

    /// How many of a set are in another. All of nobody are.
    pub fn among(&self, set: &Set, among: &Set, bounds: Option<&Bounds>) -> Truth {
        let members = self.members(set);
        let mut least = 0;
        let mut most = 0;
        // A body is there as a whole where it is named itself.
        for body in self.bodies(set) {
            match self.contains(among, &Value::Name(body)) {
                Truth::Yes if bounds.is_none() => return Truth::Yes,
                Truth::Yes => {
                    least += 1;
                    most += 1;
                }
                Truth::Unknown => most += 1,
                Truth::No => {}
            }
        }
        let mut all = if members.open {
            Truth::Unknown
        } else {
            Truth::Yes
        };
        for (value, truth) in &members.list {
            let there = self.contains(among, value);
            // Who is only possibly in the set leaves it open, if he is not among the others.
            all = all.min(there.max(match truth {
                Truth::Yes => Truth::No,
                _ => Truth::Unknown,
            }));
            match (*truth).min(there) {
                Truth::Yes => {
                    least += 1;
                    most += 1;
                }
                Truth::Unknown => most += 1,
                Truth::No => {}
            }
        }
        if self.is_there_as_a_whole(set, among) {
            least = members.list.len().max(1) as u64;
            most = most.max(least);
            all = Truth::Yes;
        }
        match bounds {
            None => all,
            Some(bounds) => self.within(least, (!members.open).then_some(most), bounds),
        }
    }

    /// Whether a set is a body that is itself in another: where it acts, all of it does.
    fn is_there_as_a_whole(&self, set: &Set, among: &Set) -> bool {
        let Set::Body(kind) = set else { return false };
        let body = self.s.single(*kind).and_then(|i| self.s.inst(i));
        body.is_some_and(|b| self.contains(among, &Value::Name(b.id)) == Truth::Yes)
    }

    /// Whether parties are as many of a set as are asked for. Nobody named: unknown.
    pub fn done_by(&self, who: &Who, actors: &[Sym]) -> Truth {
        if actors.is_empty() {
            self.trail.no_actor.set(true);
            self.undecided();
            return Truth::Unknown;
        }
        // What a body does, it does as a whole.
        let acts_as_whole = |actor: &Sym| self.is_body_of(&who.set, *actor);
        if actors.iter().any(acts_as_whole) {
            return Truth::Yes;
        }
        match who.quantity {
            Quantity::AtLeast(n) => {
                let mut seen = Syms::new();
                let (mut least, mut most) = (0, 0);
                for &actor in actors {
                    if seen.contains(&actor) {
                        continue;
                    }
                    seen.push(actor);
                    match self.contains(&who.set, &Value::Name(actor)) {
                        Truth::Yes => {
                            least += 1;
                            most += 1;
                        }
                        Truth::Unknown => most += 1,
                        Truth::No => {}
                    }
                }
                if least >= n {
                    Truth::Yes
                } else if most >= n {
                    Truth::Unknown
                } else {
                    Truth::No
                }
            }
            Quantity::Each => {
                let mut any = Truth::No;
                for &actor in actors {
                    any = any.max(self.contains(&who.set, &Value::Name(actor)));
                }
                any
            }
            Quantity::All => {
                let members = self.members(&who.set);
                if members.list.is_empty() {
                    return if members.open {
                        Truth::Unknown
                    } else {
                        Truth::No
                    };
                }
                let mut all = if members.open {
                    Truth::Unknown
                } else {
                    Truth::Yes
                };
                for (value, truth) in &members.list {
                    let did = self.sym(value).is_some_and(|sym| actors.contains(&sym));
                    if !did {
                        all = all.min(truth.negate());
                    }
                }
                all
            }
        }
    }

    /// The bodies that a set means, by name.
    fn bodies(&self, set: &Set) -> Vec<Sym> {
        match set {
            Set::Body(kind) => {
                let inst = self.s.single(*kind).and_then(|i| self.s.inst(i));
                inst.map(|i| i.id).into_iter().collect()
            }
            Set::Union(list) => list.iter().flat_map(|set| self.bodies(set)).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether a party is the body that a set means.
    pub fn is_body_of(&self, set: &Set, actor: Sym) -> bool {
        match set {
            Set::Body(kind) => {
                let inst = self.s.single(*kind);
                inst.and_then(|i| self.s.inst(i))
                    .is_some_and(|i| i.id == actor)
            }
            Set::Union(list) => list.iter().any(|set| self.is_body_of(set, actor)),
            Set::Where(inner, _) => self.is_body_of(inner, actor),
            _ => false,
        }
    }

    /// Whether a party is the body whose role's holders a set is made of.
    pub fn is_body_behind(&self, set: &Set, actor: Sym) -> bool {
        let body = |kind: KindId| {
            self.p.is_single(kind)
                && self
                    .s
                    .single(kind)
                    .and_then(|i| self.s.inst(i))
                    .is_some_and(|i| i.id == actor && kind != KindId::DOCUMENT)
        };
        match set {
            Set::Body(kind) => body(*kind),
            Set::Holders(role, _) | Set::HoldersAnywhere(role) => {
                let role = self.p.model.roles.get(role.index());
                role.is_some_and(|r| body(r.kind))
            }
            Set::Union(list) => list.iter().any(|set| self.is_body_behind(set, actor)),
            Set::Where(inner, _) => self.is_body_behind(inner, actor),
            _ => false,
        }
    }

    /// Whether nobody is in a set, for certain.
    pub fn is_nobody(&self, set: &Set) -> bool {
        self.count(set, false) == (0, Some(0))
    }

    /// The persons in a set, for certain.
    pub fn people_in(&self, set: &Set) -> Vec<Sym> {
        let members = self.members(set);
        let certain = members.list.iter().filter(|(_, t)| *t == Truth::Yes);
        certain.filter_map(|(v, _)| self.sym(v)).collect()
    }
}

/// Whether two values count as one where distinct ones are counted: texts are compared without
/// regard to letter case, since the same organisation is written in several ways.
fn one_and_the_same(p: &Program<'_>, s: &State, a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => a == b || a.to_lowercase() == b.to_lowercase(),
        _ => same(p, s, a, b),
    }
}
