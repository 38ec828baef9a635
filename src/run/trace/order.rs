//! When the records of a trace count: one after the other, within what was observed.

use std::collections::VecDeque;

use super::error::TraceError;
use super::json::{Raw, short};
use super::judge::Judge;
use super::typed::{Bad, What};
use crate::diag::Code;
use crate::run::{Input, Names};
use crate::time::{Instant, Stamp};

/// The latest event read.
#[derive(Debug)]
pub(super) struct Last {
    pub at: Stamp,
    pub position: u32,
    pub name: String,
}

impl Last {
    pub fn new(at: Stamp, position: u32, name: &str) -> Last {
        let name = name.to_owned();
        Last { at, position, name }
    }

    #[inline]
    pub fn set(&mut self, at: Stamp, position: u32, name: &str) {
        self.at = at;
        self.position = position;
        self.name.clear();
        self.name.push_str(name);
    }
}

impl Judge<'_> {
    /// The time of a record. `None` where it has none, or where that is `bad`.
    pub(super) fn time(
        &mut self,
        raw: Option<Raw<'_>>,
        name: &str,
        names: &mut Names,
        bad: &mut Vec<Bad>,
    ) -> Option<Stamp> {
        let raw = raw?;
        match self.reader(names).time(raw, What::Time(name)) {
            Ok(stamp) => stamp,
            Err(wrong) => {
                bad.push(wrong.key(self.envelope.time));
                None
            }
        }
    }

    /// The time at which a record counts, after those before it.
    pub(super) fn in_order(
        &mut self,
        time: Stamp,
        name: &str,
        raw: Option<Raw<'_>>,
        bad: &mut Vec<Bad>,
    ) -> Option<Stamp> {
        let span = raw.map_or(0..1, Raw::span);
        let key = self.envelope.time;
        let mut time = time;
        if let Some(last) = &self.last
            && time.at < last.at.at
        {
            let message = format!(
                "event {}, `{}` at {}, is older than event {}, `{}` at {}",
                self.position,
                short(name),
                self.show(time),
                last.position,
                short(&last.name),
                self.show(last.at),
            );
            if !self.options.allow_late {
                bad.push(
                        Bad::new(Code::OutOfOrder, message, span)
                            .key(key)
                            .note("events stand in the order of their times; a date is the beginning of its day")
                            .help("sort the trace, or take late events at the later time with --allow-late"),
                    );
                return None;
            }
            time = last.at;
            self.note(
                "an event older than the one before was taken at the time of that one".to_owned(),
            );
        }
        if let Some(from) = self.from.filter(|&from| time.at < from) {
            let message = format!(
                "`{}` at {} is before the observation began, {}",
                short(name),
                self.show(time),
                self.show(Stamp::instant(from))
            );
            bad.push(
                Bad::new(Code::OutsideObservation, message, span)
                    .key(key)
                    .help("what was so before belongs into `given`, or `observed` began earlier"),
            );
            return None;
        }
        if let Some(stopped) = self.stopped {
            let message = format!(
                "`{}` stands after event {stopped}, which ended the observation",
                short(name)
            );
            bad.push(Bad::new(Code::OutsideObservation, message, span).key(key));
            return None;
        }
        if let Some(until) = self.until.filter(|&until| time.at > until) {
            let message = format!(
                "`{}` at {} is after the observation ended, {}",
                short(name),
                self.show(time),
                self.show(Stamp::instant(until))
            );
            bad.push(
                Bad::new(Code::OutsideObservation, message, span)
                    .key(key)
                    .help("`observed` ends no earlier than the last event"),
            );
            return None;
        }
        match &mut self.last {
            Some(last) => last.set(time, self.position, name),
            None => self.last = Some(Last::new(time, self.position, name)),
        }
        Some(time)
    }

    fn show(&self, stamp: Stamp) -> String {
        if stamp.day {
            self.zone.date(stamp.at)
        } else {
            self.zone.show(stamp.at)
        }
    }

    /// The observation begins, if it has not.
    pub(super) fn begin(&mut self, at: Instant, queue: &mut VecDeque<Input>) {
        if self.begun.is_none() {
            self.begun = Some(at);
            queue.push_back(Input::Begin(at));
            queue.extend(self.given.drain(..).map(Input::Given));
        }
    }

    /// The record that begins the observation.
    pub(super) fn start(
        &mut self,
        at: Instant,
        name: &str,
        raw: Raw<'_>,
        bad: &mut Vec<Bad>,
        queue: &mut VecDeque<Input>,
    ) {
        if self.begun.is_some() && self.from.is_none() {
            let message = format!(
                "`{}` begins the observation, but events stand before it",
                short(name)
            );
            bad.push(Bad::new(Code::OutsideObservation, message, raw.span()));
        } else {
            self.begin(at, queue);
        }
    }

    /// The trace has ended, and with it the observation.
    pub(super) fn end(&mut self, queue: &mut VecDeque<Input>) -> Result<(), Box<TraceError>> {
        let last = self.until.or(self.last.as_ref().map(|last| last.at.at));
        let Some(end) = last.or(self.begun) else {
            if self.given.is_empty() {
                return Ok(());
            }
            let mut error = TraceError::whole(
                Code::EmptyTrace,
                "the trace says what was so, but not when: it has no events",
            );
            error.help = Some("add `\"observed\": {\"from\": …, \"until\": …}`".to_owned());
            return Err(Box::new(error));
        };
        self.begin(end, queue);
        self.ended = Some(end);
        queue.push_back(Input::End(end));
        Ok(())
    }
}
