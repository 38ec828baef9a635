//! A model at run, and its findings as short lines.

use govc::ids::*;
use govc::ir::{Cond, Model};
use govc::run::finding::{Finding, Severity};
use govc::run::program::Options;
use govc::run::value::{Sym, Value};
use govc::run::{Given, Input, Occurrence, Program, State, advance, ask, step};
use govc::time::Instant;

use crate::build::{at, instant};

/// A model at run.
pub struct World<'m> {
    pub program: Program<'m>,
    pub state: State,
    pub found: Vec<Finding>,
    position: u32,
    change: u64,
}

impl<'m> World<'m> {
    pub fn new(model: &'m Model) -> World<'m> {
        World::with(model, Options::default())
    }

    pub fn with(model: &'m Model, options: Options) -> World<'m> {
        let program = Program::new(model, options);
        let state = State::new(&program);
        World {
            program,
            state,
            found: Vec::new(),
            position: 0,
            change: 0,
        }
    }

    pub fn name(&mut self, text: &str) -> Sym {
        self.state.names.intern(text)
    }

    pub fn feed(&mut self, input: Input) {
        step(&self.program, &mut self.state, input, &mut self.found);
    }

    pub fn begin(&mut self, when: &str) -> &mut Self {
        self.feed(Input::Begin(instant(when)));
        self
    }

    pub fn given(&mut self, kind: KindId, id: &str, state: u32, since: Option<&str>) -> &mut Self {
        let id = self.name(id);
        self.feed(Input::Given(Given::Instance {
            kind,
            id,
            parent: None,
            state: Some(state),
            fields: Vec::new(),
            since: since.map(at),
        }));
        self
    }

    pub fn holds(
        &mut self,
        role: RoleId,
        group: Option<&str>,
        who: &[&str],
        since: Option<&str>,
    ) -> &mut Self {
        let subject = group.map(|g| self.name(g));
        for who in who {
            let holder = self.name(who);
            self.feed(Input::Given(Given::Holding {
                role: role.0,
                subject,
                holder,
                since: since.map(at),
            }));
        }
        self
    }

    /// Something happens, as a change of its own.
    pub fn on(&mut self, when: &str, event: EventId, group: &str) -> &mut Self {
        self.by(when, event, group, &[], &[])
    }

    pub fn about(&mut self, when: &str, event: EventId, group: &str, who: &str) -> &mut Self {
        let who = Value::Name(self.name(who));
        self.by(when, event, group, &[], &[who])
    }

    pub fn by(
        &mut self,
        when: &str,
        event: EventId,
        group: &str,
        actors: &[&str],
        fields: &[Value],
    ) -> &mut Self {
        self.change += 1;
        self.also(when, event, group, actors, fields)
    }

    /// Something happens in the same change as the last.
    pub fn also(
        &mut self,
        when: &str,
        event: EventId,
        group: &str,
        actors: &[&str],
        fields: &[Value],
    ) -> &mut Self {
        self.occur(when, event, group, actors, fields, false)
    }

    /// What was so already.
    pub fn opening(
        &mut self,
        when: &str,
        event: EventId,
        group: &str,
        fields: &[Value],
    ) -> &mut Self {
        self.change += 1;
        self.occur(when, event, group, &[], fields, true)
    }

    fn occur(
        &mut self,
        when: &str,
        event: EventId,
        group: &str,
        actors: &[&str],
        fields: &[Value],
        opening: bool,
    ) -> &mut Self {
        self.position += 1;
        let subject = (!group.is_empty()).then(|| self.name(group));
        let actors = actors.iter().map(|a| self.name(a)).collect();
        let occurrence = Occurrence {
            at: at(when),
            event,
            subject,
            actors,
            fields: fields.to_vec(),
            position: self.position,
            change: self.change,
            opening,
        };
        self.feed(Input::Occur(occurrence));
        self
    }

    /// Lets time pass.
    pub fn wait(&mut self, when: &str) -> &mut Self {
        advance(
            &self.program,
            &mut self.state,
            instant(when),
            &mut self.found,
        );
        self
    }

    pub fn end(&mut self, when: &str) -> &mut Self {
        self.feed(Input::End(instant(when)));
        self
    }

    pub fn asks(&mut self, cond: &Cond, kind: KindId, id: &str) -> Option<bool> {
        let id = self.name(id);
        ask(&self.program, &self.state, cond, Some((kind, id)))
    }

    pub fn in_state(&mut self, kind: KindId, id: &str) -> u32 {
        let id = self.name(id);
        let all = self.state.instances_of(kind);
        all.iter().find(|(i, _)| *i == id).map_or(99, |(_, s)| s.0)
    }

    /// The findings that are no notes: clause, whom, from, to; in order.
    pub fn findings(&self) -> Vec<String> {
        let mut list: Vec<String> = self
            .found
            .iter()
            .filter(|f| f.severity != Severity::Note)
            .map(show)
            .collect();
        list.sort();
        list
    }

    pub fn notes(&self) -> Vec<String> {
        let notes = self.found.iter().filter(|f| f.severity == Severity::Note);
        let mut list: Vec<String> = notes.map(show).collect();
        list.sort();
        list
    }

    pub fn only(&self) -> &Finding {
        let grave: Vec<&Finding> = self
            .found
            .iter()
            .filter(|f| f.severity != Severity::Note)
            .collect();
        assert_eq!(grave.len(), 1, "{:?}", self.found);
        grave[0]
    }
}

/// `clause group person from..to`, times without seconds and midnights as dates.
pub fn show(finding: &Finding) -> String {
    let time = |i: Instant| {
        let text = i.to_string();
        match text.strip_suffix("T00:00:00Z") {
            Some(date) => date.to_owned(),
            None => text.replace(":00Z", "Z"),
        }
    };
    let mut text = finding.clause.to_string();
    for part in [&finding.group, &finding.person].into_iter().flatten() {
        text.push(' ');
        text.push_str(part);
    }
    text.push(' ');
    text.push_str(&time(finding.from));
    match finding.to {
        Some(to) if to == finding.from => {}
        Some(to) => {
            text.push_str("..");
            text.push_str(&time(to));
        }
        None => text.push_str(".."),
    }
    if finding.or_earlier {
        text.push_str(" or earlier");
    }
    text
}
