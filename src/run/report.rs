//! The report of a run: put in order, as JSON for machines and as text for people.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::io;

use super::finding::{Finding, Report, Severity, TraceNote};
use super::lines;
use super::trace::Reading;
use crate::ir::Model;
use crate::time::{Instant, Zone};

/// Puts the findings of a run in order and joins them with what was noticed in reading its trace.
pub fn assemble(model: &Model, mut findings: Vec<Finding>, reading: Reading) -> Report {
    let place: HashMap<&str, usize> = model
        .clauses
        .iter()
        .enumerate()
        .map(|(index, clause)| (clause.name.as_str(), index))
        .collect();
    // Acts that no clause permits are named by their event; they follow the clauses.
    let order = |f: &Finding| place.get(&*f.clause).copied().unwrap_or(usize::MAX);
    // Nothing tells two findings apart that are equal in all of this.
    let cmp = |a: &Finding, b: &Finding| {
        a.from
            .cmp(&b.from)
            .then_with(|| (order(a), &a.clause).cmp(&(order(b), &b.clause)))
            .then_with(|| (&a.group, &a.person).cmp(&(&b.group, &b.person)))
            .then_with(|| (a.to.is_none(), a.to).cmp(&(b.to.is_none(), b.to)))
            .then_with(|| {
                (a.severity, &a.events, &a.message).cmp(&(b.severity, &b.events, &b.message))
            })
            .then_with(|| (&a.found, &a.required).cmp(&(&b.found, &b.required)))
    };
    // Findings are large, and most differ in when they began.
    let begun = findings.iter().map(|finding| finding.from);
    let mut sorted: Vec<(Instant, usize)> = begun.zip(0..).collect();
    sorted.sort_unstable_by(|(from, a), (later, b)| {
        from.cmp(later)
            .then_with(|| match (findings.get(*a), findings.get(*b)) {
                (Some(a), Some(b)) => cmp(a, b),
                _ => a.cmp(b),
            })
    });
    let mut order: Vec<usize> = sorted.into_iter().map(|(_, at)| at).collect();
    for first in 0..order.len() {
        // Along each cycle of the order, every finding is swapped to its place.
        let mut place = first;
        while let Some(at) = order.get_mut(place) {
            let at = std::mem::replace(at, place);
            if at == first {
                break;
            }
            findings.swap(place, at);
            place = at;
        }
    }
    Report {
        format: Report::FORMAT.to_owned(),
        version: Report::VERSION,
        spec: model.name.clone(),
        observed_from: reading.observed_from,
        observed_to: reading.observed_to,
        events: reading.events,
        unmapped: reading.unmapped,
        notes: reading.notes,
        findings,
    }
}

/// The report as JSON: a line for each finding, and a line break at the end.
pub fn to_json(report: &Report) -> String {
    let mut text = Vec::new();
    // A report is made of texts, numbers and lists, none of which JSON refuses.
    let written = write_json(report, &mut text);
    written
        .ok()
        .and_then(|()| String::from_utf8(text).ok())
        .unwrap_or_default()
}

/// Writes the report as [`to_json`] gives it, without holding the text.
pub fn write_json(report: &Report, mut to: impl io::Write) -> io::Result<()> {
    lines::write(report, &mut to)?;
    to.write_all(b"\n")
}

/// The report for people, in the time zone of the spec: each finding in the order of its
/// beginning, then the notes, then a table of the clauses, then one line that says it all.
pub fn to_text(report: &Report, model: &Model, color: bool) -> String {
    let zone = Zone::find(&model.timezone).unwrap_or_else(Zone::utc);
    let mut text = Text {
        out: String::new(),
        paint: Paint(color),
        zone: &zone,
        end: report.observed_to,
    };
    let grave = |f: &&Finding| f.severity != Severity::Note;
    for finding in report.findings.iter().filter(grave) {
        text.finding(finding);
        text.out.push('\n');
    }
    text.notes(report);
    text.reading(report);
    text.table(report);
    text.last_line(report);
    text.out
}

struct Text<'a> {
    out: String,
    paint: Paint,
    zone: &'a Zone,
    end: Option<Instant>,
}

impl Text<'_> {
    fn finding(&mut self, finding: &Finding) {
        let (style, word) = match finding.severity {
            Severity::Violation => (Style::Error, "violation"),
            Severity::Advisory => (Style::Warning, "advisory"),
            Severity::Note => (Style::Note, "note"),
        };
        let head = self.paint.put(style, word);
        self.head(&head, finding);
        self.out.push_str("  ");
        let who: Vec<Cow<'_, str>> = [&finding.group, &finding.person]
            .into_iter()
            .flatten()
            .map(|name| clean(name))
            .collect();
        if !who.is_empty() {
            let who = self.paint.put(Style::Strong, &who.join(", "));
            let _ = write!(self.out, "{who}: ");
        }
        self.out.push_str(&clean(&finding.message));
        let numbers: Vec<String> = [("found", &finding.found), ("required", &finding.required)]
            .into_iter()
            .filter_map(|(word, value)| Some((word, value.as_deref()?)))
            .filter(|(_, value)| !says(&finding.message, value))
            .map(|(word, value)| format!("{word} {}", clean(value)))
            .collect();
        if !numbers.is_empty() {
            let _ = write!(self.out, " ({})", numbers.join(", "));
        }
        let _ = write!(self.out, "\n  {}", self.span(finding));
        if !finding.events.is_empty() {
            let events = events_listed(&finding.events);
            let _ = write!(self.out, "  {}", self.paint.put(Style::Frame, &events));
        }
        self.out.push('\n');
    }

    /// The notes, each text once, with all whom it concerns.
    fn notes(&mut self, report: &Report) {
        let mut groups: Vec<(&Finding, Vec<String>)> = Vec::new();
        let mut places: HashMap<(&str, &str), usize> = HashMap::new();
        let notes = report
            .findings
            .iter()
            .filter(|f| f.severity == Severity::Note);
        for note in notes {
            let place = *places
                .entry((&note.clause, &note.message))
                .or_insert_with(|| {
                    groups.push((note, Vec::new()));
                    groups.len() - 1
                });
            let who = [&note.group, &note.person];
            let mut parts: Vec<String> = who
                .into_iter()
                .flatten()
                .map(|name| clean(name).into_owned())
                .collect();
            match note.periods.as_slice() {
                [] => parts.push(self.zone.date(note.from)),
                periods => parts.push(format!("for {}", clean(&periods.join(", ")))),
            }
            if !note.events.is_empty() {
                parts.push(events_listed(&note.events));
            }
            if let Some((_, concerned)) = groups.get_mut(place) {
                concerned.push(parts.join(", "));
            }
        }
        for (note, concerned) in &groups {
            let head = self.paint.put(Style::Note, "note");
            self.head(&head, note);
            let _ = writeln!(self.out, "  {}", clean(&note.message));
            let shown: Vec<&str> = concerned.iter().take(8).map(String::as_str).collect();
            let mut shown = shown.join("; ");
            if concerned.len() > 8 {
                let _ = write!(shown, "; and {} more", concerned.len() - 8);
            }
            let _ = writeln!(self.out, "  {}\n", self.paint.put(Style::Frame, &shown));
        }
    }

    /// The first line: severity, clause, citation.
    fn head(&mut self, severity: &str, finding: &Finding) {
        let clause = self.paint.put(Style::Strong, &clean(&finding.clause));
        let _ = write!(self.out, "{severity} {clause}");
        if !finding.cite.is_empty() {
            let cite = format!("[{}]", clean(&finding.cite.join("; ")));
            let _ = write!(self.out, "  {}", self.paint.put(Style::Frame, &cite));
        }
        self.out.push('\n');
    }

    /// When a finding was, and how long.
    fn span(&self, finding: &Finding) -> String {
        let from = finding.from;
        let earlier = if finding.or_earlier {
            " or earlier"
        } else {
            ""
        };
        match finding.to {
            Some(to) if to == from => format!("on {}{earlier}", self.moment(from)),
            Some(to) => {
                let least = if finding.or_earlier { "at least " } else { "" };
                format!(
                    "from {}{earlier} until {} ({least}{})",
                    self.moment(from),
                    self.moment(to),
                    span_between(from, to)
                )
            }
            None => {
                let lasted = match self.end {
                    Some(end) if end > from => {
                        let least = if finding.or_earlier {
                            ", at least "
                        } else {
                            ", "
                        };
                        format!("{least}{} so far", span_between(from, end))
                    }
                    _ => String::new(),
                };
                format!(
                    "since {}{earlier}{lasted}, still so at the end",
                    self.moment(from)
                )
            }
        }
    }

    /// A moment in the zone of the spec: a date where it is the beginning of a day.
    fn moment(&self, at: Instant) -> String {
        let date = self.zone.date(at);
        if self.zone.start_of_day(at) == at {
            return date;
        }
        let shown = self.zone.show(at);
        let time = shown.get(date.len() + 1..date.len() + 9).unwrap_or("");
        format!("{date} {time} {}", self.zone.name())
    }

    /// What was read otherwise than it stands.
    fn reading(&mut self, report: &Report) {
        let mut lines = Vec::new();
        if !report.unmapped.is_empty() {
            let total: u64 = report.unmapped.values().sum();
            let mut names: Vec<String> = report
                .unmapped
                .iter()
                .take(8)
                .map(|(name, count)| format!("{} ({count})", clean(name)))
                .collect();
            if report.unmapped.len() > names.len() {
                names.push("…".to_owned());
            }
            let (s, are) = if total == 1 { ("", "is") } else { ("s", "are") };
            lines.push(format!(
                "{total} event{s} that the mapping does not list {are} passed over: {}",
                names.join(", ")
            ));
        }
        for note in &report.notes {
            let s = if note.count == 1 { "" } else { "s" };
            let more = if note.count > note.events.len() as u64 {
                ", …"
            } else {
                ""
            };
            lines.push(format!(
                "{} (event{s} {}{more})",
                clean(&note.message),
                numbers_listed(&note.events)
            ));
        }
        let head = self.paint.put(Style::Note, "trace");
        for line in &lines {
            let _ = writeln!(self.out, "{head} {line}");
        }
        if !lines.is_empty() {
            self.out.push('\n');
        }
    }

    fn table(&mut self, report: &Report) {
        #[derive(Default)]
        struct Row {
            counts: [u64; 3],
            longest: i64,
            total: i64,
            lasting: bool,
        }
        let mut rows: Vec<(&str, Row)> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        // The notes last: the table is looked at for what was broken.
        let is_note = |f: &&Finding| f.severity == Severity::Note;
        let grave = report.findings.iter().filter(|f| !is_note(f));
        for finding in grave.chain(report.findings.iter().filter(is_note)) {
            let index = *places.entry(&finding.clause).or_insert_with(|| {
                rows.push((&finding.clause, Row::default()));
                rows.len() - 1
            });
            let Some((_, row)) = rows.get_mut(index) else {
                continue;
            };
            let (column, timed) = match finding.severity {
                Severity::Violation => (0, true),
                Severity::Advisory => (1, true),
                Severity::Note => (2, false),
            };
            if let Some(count) = row.counts.get_mut(column) {
                *count += 1;
            }
            if timed {
                let to = finding.to.or(report.observed_to).unwrap_or(finding.from);
                let lasted = to.0.saturating_sub(finding.from.0).max(0);
                row.longest = row.longest.max(lasted);
                row.total = row.total.saturating_add(lasted);
                row.lasting |= finding.to.is_none();
            }
        }
        if rows.is_empty() {
            return;
        }
        let mut lines = vec![[
            "clause".to_owned(),
            "violations".to_owned(),
            "advisories".to_owned(),
            "notes".to_owned(),
            "longest".to_owned(),
            "in total".to_owned(),
        ]];
        let count = |n: u64| {
            if n == 0 {
                "–".to_owned()
            } else {
                n.to_string()
            }
        };
        for (clause, row) in &rows {
            let [violations, advisories, notes] = row.counts;
            let time = |micros| {
                if violations + advisories == 0 || row.total == 0 {
                    "–".to_owned()
                } else {
                    span_of(micros)
                }
            };
            lines.push([
                clean(clause).into_owned(),
                count(violations),
                count(advisories),
                count(notes),
                time(row.longest),
                time(row.total) + if row.lasting { " +" } else { "" },
            ]);
        }
        let mut widths = [0; 6];
        for line in &lines {
            for (width, cell) in widths.iter_mut().zip(line) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let lasting = rows.iter().any(|(_, row)| row.lasting);
        for (index, line) in lines.iter().enumerate() {
            let mut shown = String::new();
            for (column, (cell, width)) in line.iter().zip(widths).enumerate() {
                let pad = " ".repeat(width.saturating_sub(cell.chars().count()));
                match column {
                    0 => shown.extend([cell.as_str(), &pad]),
                    1..=3 => shown.extend(["  ", &pad, cell]),
                    _ => shown.extend(["  ", cell, &pad]),
                }
            }
            let shown = shown.trim_end();
            let style = if index == 0 {
                Style::Frame
            } else {
                Style::Plain
            };
            let _ = writeln!(self.out, "{}", self.paint.put(style, shown));
        }
        if lasting {
            let foot = self.paint.put(Style::Frame, "+ still so at the end");
            let _ = writeln!(self.out, "{foot}");
        }
        self.out.push('\n');
    }

    fn last_line(&mut self, report: &Report) {
        let count = |severity| {
            report
                .findings
                .iter()
                .filter(|f| f.severity == severity)
                .count()
        };
        let (violations, advisories, notes) = (
            count(Severity::Violation),
            count(Severity::Advisory),
            count(Severity::Note),
        );
        let of =
            |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        let mut line = if report.findings.is_empty() {
            self.paint.put(Style::Good, "no findings")
        } else {
            let style = match (violations, advisories) {
                (0, 0) => Style::Good,
                (0, _) => Style::Warning,
                _ => Style::Error,
            };
            let counts = format!(
                "{}, {}, {}",
                of(violations, "violation", "violations"),
                of(advisories, "advisory", "advisories"),
                of(notes, "note", "notes"),
            );
            self.paint.put(style, &counts)
        };
        let s = if report.events == 1 { "" } else { "s" };
        let _ = write!(line, " in {} event{s}", report.events);
        if let (Some(from), Some(to)) = (report.observed_from, report.observed_to) {
            let _ = write!(line, ", {} … {}", self.zone.date(from), self.zone.date(to));
        }
        let _ = writeln!(self.out, "{line}");
    }
}

/// Whether a sentence has a number in it, in digits or as "no".
fn says(sentence: &str, number: &str) -> bool {
    sentence.contains(number) || number == "0" && sentence.starts_with("no ")
}

/// `events 3, 7, 8`.
fn events_listed(events: &[u32]) -> String {
    let s = if events.len() == 1 { "" } else { "s" };
    format!("event{s} {}", numbers_listed(events))
}

/// `3, 7, 8`, at most twelve of them.
fn numbers_listed(numbers: &[u32]) -> String {
    let mut shown: Vec<String> = numbers.iter().take(12).map(u32::to_string).collect();
    if numbers.len() > shown.len() {
        shown.push("…".to_owned());
    }
    shown.join(", ")
}

fn span_between(from: Instant, to: Instant) -> String {
    span_of(to.0.saturating_sub(from.0))
}

/// A length of exact time by its two largest units: `320 days, 5 hours`.
fn span_of(micros: i64) -> String {
    const UNITS: [(i64, &str); 4] = [
        (86_400, "day"),
        (3_600, "hour"),
        (60, "minute"),
        (1, "second"),
    ];
    let mut rest = micros / 1_000_000;
    let mut parts = Vec::new();
    for (index, (seconds, name)) in UNITS.iter().enumerate() {
        let n = rest / seconds;
        rest %= seconds;
        if n > 0 {
            parts.push((
                index,
                format!("{n} {name}{}", if n == 1 { "" } else { "s" }),
            ));
        }
    }
    // Two units that follow one another; minutes beside days say nothing.
    let first = parts.first().map_or(0, |(index, _)| *index);
    let shown: Vec<String> = parts
        .into_iter()
        .filter(|(index, _)| *index <= first + 1)
        .map(|(_, text)| text)
        .collect();
    if shown.is_empty() {
        return "less than a second".to_owned();
    }
    shown.join(", ")
}

/// A text of somebody else's, safe to show on a terminal: control characters and those that turn
/// the direction of writing are spelled out.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    let odd =
        |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if !text.contains(odd) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if odd(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// Colours, where they are wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint(pub bool);

/// What a colour means.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Style {
    /// As it is.
    Plain,
    /// An error or violation.
    Error,
    /// A warning or advisory.
    Warning,
    /// A note.
    Note,
    /// All is well.
    Good,
    /// What the eye should find.
    Strong,
    /// What stands around.
    Frame,
}

impl Paint {
    /// `text` in this style.
    pub fn put(self, style: Style, text: &str) -> String {
        let code = match style {
            Style::Plain => "",
            Style::Error => "1;31",
            Style::Warning => "1;33",
            Style::Note => "1;36",
            Style::Good => "1;32",
            Style::Strong => "1",
            Style::Frame => "2",
        };
        if !self.0 || code.is_empty() {
            return text.to_owned();
        }
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

impl TraceNote {
    /// How many events a note names; the rest are counted.
    pub const MAX_EVENTS: usize = 10;
}
