//! Duties of which the record cannot show whether they are kept: for each instance one note, with the
//! periods that are left undecided.

use super::eval::Trail;
use super::finding::{Finding, Positions, Severity};
use super::moment::Truth;
use super::observe::Seen;
use super::state::Inst;
use super::step::{Run, With};
use super::value::Sym;
use super::words::event_name;
use crate::ids::{ClauseId, EventId};
use crate::ir::Duty;
use crate::time::Instant;

/// Why it is not known whether a duty is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// The record shows none of the acts that would meet it.
    Acts,
    /// It shows some, and not all of them.
    OtherActs,
    /// It does not show what its `if` asks for.
    Guard,
    /// It leaves out what its `if` asks for.
    Unsaid,
    /// What it shows does not settle its `if`.
    Unsettled,
}

/// What is left undecided of one duty of an instance.
#[derive(Debug, Clone)]
pub(crate) struct Doubt {
    since: Instant,
    why: Why,
    events: Positions,
    /// The periods, or the days since which it may be overdue.
    periods: Vec<String>,
}

impl Run<'_> {
    /// Whether the record cannot show an event.
    fn is_unseen(&self, event: EventId) -> bool {
        self.p.observed.events.get(event.index()) == Some(&Seen::Never)
    }

    /// Whether something would meet a duty too that the record cannot show.
    pub fn other_acts(&self, duty: &Duty) -> Option<Why> {
        let unseen = duty.arms.iter().any(|arm| self.is_unseen(arm.event));
        unseen.then_some(Why::OtherActs)
    }

    /// Whether the `if` of a duty for each period holds, and why that is not known.
    pub fn doubted_guard(
        &mut self,
        duty: &Duty,
        inst: Inst,
        holder: Option<Sym>,
    ) -> (Truth, Option<Why>) {
        let trail = Trail::new();
        let ctx = With::now(holder).ctx(self.p, self.state, inst, &trail);
        let truth = ctx.guard(duty.guard.as_ref());
        let wake = trail.wake.get();
        self.state.wake(inst, wake);
        let why = match truth {
            Truth::Unknown if trail.unobserved.get() => Some(Why::Guard),
            Truth::Unknown if trail.unsaid.get() => Some(Why::Unsaid),
            Truth::Unknown => Some(Why::Unsettled),
            _ => None,
        };
        (truth, why)
    }

    /// Keeps in mind that it is not known whether a duty is kept, in this period where one is named.
    #[cold]
    pub fn doubt(&mut self, duty: &Duty, inst: Inst, why: Why, period: Option<String>) {
        let instance = self.state.instances.get(inst.index());
        let since = self.state.stamp.at;
        let doubts = self.state.doubts.entry((duty.clause, inst));
        let doubt = doubts.or_insert_with(|| Doubt {
            since,
            why,
            events: instance.map_or(Positions::new(), |i| i.events.clone()),
            periods: Vec::new(),
        });
        if let Some(period) = period
            && !doubt.periods.contains(&period)
        {
            doubt.periods.push(period);
        }
    }

    /// The observation ends: what was left undecided is noted.
    pub fn report_doubts(&mut self) {
        for ((clause, inst), doubt) in std::mem::take(&mut self.state.doubts) {
            let text = self.clause_text(clause);
            let unseen = match doubt.why {
                Why::Acts => format!("whether `{text}` is done is not in the record"),
                Why::OtherActs => self.unseen_acts(clause, text),
                Why::Guard => format!("what `{text}` asks for is not in the record"),
                Why::Unsaid => format!("the record leaves out what would settle `{text}`"),
                Why::Unsettled => format!("what was observed does not settle `{text}`"),
            };
            let verdict = match doubt.periods.is_empty() {
                true => "it is not judged",
                false => "undecided",
            };
            let finding = Finding {
                severity: Severity::Note,
                message: format!("{unseen}: {verdict}").into(),
                events: doubt.events,
                periods: doubt.periods,
                ..self.finding(clause, Some(inst), None, doubt.since)
            };
            self.out.push(finding);
        }
    }

    /// That some acts by which a clause is met are not in the record, in words.
    fn unseen_acts(&self, clause: ClauseId, text: &str) -> String {
        let mut names: Vec<String> = Vec::new();
        let duties = self.p.model.duties.iter().filter(|d| d.clause == clause);
        for arm in duties.flat_map(|duty| &duty.arms) {
            let name = format!("`{}`", event_name(self.p.model, arm.event));
            if self.is_unseen(arm.event) && !names.contains(&name) {
                names.push(name);
            }
        }
        let are = if names.len() == 1 { "is" } else { "are" };
        let names = names.join(" and ");
        format!("{names}, by which `{text}` is met too, {are} not in the record")
    }
}
