//! Looking ahead, before inputs are judged. It changes nothing.

use std::cmp::Reverse;

use super::Input;
use super::program::Program;
use super::quiet::Quiet;
use super::state::{Inst, State};

impl State {
    /// Looks at what these inputs will need, and the timers that go off meanwhile, before anything of
    /// it is judged: memory answers many questions together sooner than one after the other.
    pub(crate) fn look_ahead(&self, program: &Program<'_>, inputs: &[Input]) {
        let mut seen = 0;
        for input in inputs {
            let Input::Occur(occurrence) = input else {
                continue;
            };
            let Some(inst) = occurrence.subject.and_then(|id| self.latest_of(id)) else {
                continue;
            };
            let routine = program.routines.get(occurrence.event.index());
            seen += self.look_at(inst, |quiet| {
                routine.is_some_and(|(_, routine)| quiet.plan(routine).is_some())
            });
        }
        // The first levels of the heap hold most of those that go off first.
        for Reverse((at, inst)) in self.timers.iter().take(inputs.len() / 3) {
            seen += self.look_at(*inst, |quiet| quiet.waits(*at));
        }
        std::hint::black_box(seen);
    }

    /// Looks at an instance; where this holds, only at what the short way needs.
    fn look_at(&self, inst: Inst, plain: impl Fn(&Quiet) -> bool) -> usize {
        let quiet = self.quiet.get(inst.index());
        if let Some(quiet) = quiet.filter(|quiet| plain(quiet)) {
            return quiet.look();
        }
        let Some(instance) = self.inst(inst) else {
            return 0;
        };
        let mut seen = usize::from(instance.is_final) + usize::from(instance.entered.at.day);
        seen += instance.logs.len() + instance.partials.len();
        for slots in &instance.duties {
            let Some(slot) = &slots.one else { continue };
            let first = slot.items.first();
            seen += usize::from(slot.inside) + usize::from(slot.fit.is_some());
            seen += first.map_or(0, |item| usize::from(item.late.is_some()));
        }
        seen
    }
}
