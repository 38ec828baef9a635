//! From when the events of a record are observed: a pass over the whole trace before it is read.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;

use super::Options;
use super::json::{self, Raw, Scalar};
use super::judge::Judge;
use super::records::Records;
use super::typed::What;
use crate::diag::Code;
use crate::ids::EventId;
use crate::ir::Model;
use crate::run::Names;
use crate::time::Instant;

/// From when each event of a record is observed, where that is not the whole time: the time of its
/// first record, if that one is an opening. A pass over the whole trace, before it is read;
/// what cannot be read is passed over, for reading will complain about it.
pub fn observation(model: &Model, input: impl BufRead) -> BTreeMap<EventId, Instant> {
    let mut observed = BTreeMap::new();
    let Some(record) = model.record.as_ref() else {
        return observed;
    };
    let Some(opening) = record.opening.as_deref() else {
        return observed;
    };
    let judge = Judge::new(model, Options::default());
    let mut seen = vec![false; model.events.len()];
    let mut unseen: BTreeSet<EventId> = judge.events.values().flatten().copied().collect();
    let mut records = Records::new(input, &record.event);
    if records.open().is_err() {
        return observed;
    }
    let mut names = Names::default();
    loop {
        let place = match records.advance() {
            Ok(Some(place)) => place,
            Ok(None) => return observed,
            Err(error) if error.code == Code::CannotRead => return observed,
            Err(_) => continue,
        };
        let text = records.text().get(place.range.clone()).unwrap_or("");
        let Ok(members) = json::object(text.trim_ascii(), 0) else {
            continue;
        };
        let find = |key: &str| members.iter().find(|m| m.key == key).map(|m| m.value);
        let Some(Ok(Scalar::Text(name))) = find(&record.event).map(Raw::read) else {
            continue;
        };
        let Some(&event) = judge.events.get(&*name).and_then(|ids| ids.first()) else {
            continue;
        };
        match seen.get_mut(event.index()) {
            Some(seen) if !*seen => *seen = true,
            _ => continue,
        }
        unseen.remove(&event);
        let is_opening = find(opening).is_some_and(|raw| raw.text == "true");
        let reader = judge.reader(&mut names);
        let time = find(&record.time).map(|raw| reader.time(raw, What::Time("")));
        if let (true, Some(Ok(Some(stamp)))) = (is_opening, time) {
            observed.insert(event, stamp.at);
        }
        if unseen.is_empty() {
            return observed;
        }
    }
}
