//! Calendars: tables of cycles, published elsewhere and read as they are.

use crate::ids::*;
use crate::ir::{Calendar, Cell, Const, Row, Type};
use crate::source::Span;
use crate::syntax::ast::{self, Clause as Node, File, Head, Name, Text};
use crate::time::{Duration, Stamp, Unit};

use super::Entity;
use super::collect::Builder;
use super::error::ResolveError;
use super::scenario::Scenario;

/// The tables that the calendars of a file read.
pub fn tables(file: &File) -> Vec<Text> {
    let calendars = file
        .clauses
        .iter()
        .filter(|c| matches!(c.head, Head::Calendar(_)));
    let reads = calendars.flat_map(|c| c.body.iter().flat_map(|b| &b.clauses));
    reads
        .filter_map(|c| match &c.head {
            Head::Read(name, from, _) if name.text == "file" => Some(from.clone()),
            _ => None,
        })
        .collect()
}

/// What a calendar reads.
#[derive(Default)]
struct Reads {
    file: Option<Text>,
    rows: Option<Text>,
    name: Option<Text>,
    start: Option<Text>,
    end: Option<Text>,
    columns: Vec<(Name, Text, Option<Duration>)>,
}

impl Builder<'_> {
    /// Declares a calendar and reads its table, where it names one.
    pub fn add_calendar(&mut self, kind: KindId, name: &Name, node: &Node) {
        let id = CalendarId::new(self.spec.calendars.len());
        if !self.declare(kind, name, Entity::Calendar(id)) {
            return;
        }
        let mut reads = Reads::default();
        for clause in node.body.iter().flat_map(|b| &b.clauses) {
            let Head::Read(what, from, span) = &clause.head else {
                if !matches!(clause.head, Head::Error | Head::Note(_)) {
                    self.complain(ResolveError::Misplaced {
                        word: self.words(clause.head_span),
                        span: clause.head_span,
                        belongs: "outside: in a calendar stands `read`".to_owned(),
                    });
                }
                continue;
            };
            match what.text.as_str() {
                "file" => reads.file = Some(from.clone()),
                "rows" => reads.rows = Some(from.clone()),
                "name" => reads.name = Some(from.clone()),
                "start" => reads.start = Some(from.clone()),
                "end" => reads.end = Some(from.clone()),
                _ => {
                    let length = span.as_ref().and_then(|d| self.column_length(d));
                    reads.columns.push((what.clone(), from.clone(), length));
                }
            }
        }
        let text = reads
            .file
            .as_ref()
            .and_then(|f| self.tables.get(&f.value).cloned());
        let rows = match text {
            Some(text) => self.table(&text, &reads, name.span),
            None => Vec::new(),
        };
        self.spec.calendars.push(Calendar {
            name: name.text.clone(),
            columns: reads.columns.iter().map(|(n, ..)| n.text.clone()).collect(),
            rows,
        });
    }

    fn column_length(&mut self, duration: &ast::Duration) -> Option<Duration> {
        let (what, text, span) = match duration {
            ast::Duration::Literal(n, unit) => {
                match (Unit::find(&unit.text), u32::try_from(n.value)) {
                    (Some(unit), Ok(count)) => return Some(Duration { count, unit }),
                    _ => ("unit", unit.text.clone(), unit.span),
                }
            }
            ast::Duration::Path(path) => ("duration", path.dotted(), path.span),
        };
        self.complain(ResolveError::BadValue { what, text, span });
        None
    }

    fn bad_table(&mut self, what: String, span: Span) {
        self.complain(ResolveError::Conflict {
            what,
            span,
            label: "read here",
            help: "a calendar reads a list of rows, each an object with its dates".to_owned(),
        });
    }

    fn table(&mut self, text: &str, reads: &Reads, at: Span) -> Vec<Row> {
        let file = reads.file.as_ref().map_or(at, |f| f.span);
        let json: serde_json::Value = match serde_json::from_str(text) {
            Ok(json) => json,
            Err(error) => {
                self.bad_table(format!("the table is no JSON: {error}"), file);
                return Vec::new();
            }
        };
        let list = match &reads.rows {
            Some(key) => json.get(&key.value),
            None => Some(&json),
        };
        let Some(list) = list.and_then(|l| l.as_array()) else {
            let span = reads.rows.as_ref().map_or(file, |r| r.span);
            self.bad_table("the table has no list of rows there".to_owned(), span);
            return Vec::new();
        };
        let (Some(start), Some(end)) = (&reads.start, &reads.end) else {
            self.complain(ResolveError::Missing {
                what: "where a row of the table starts or ends".to_owned(),
                span: at,
                help: "write `read start from \"…\"` and `read end from \"…\"`".to_owned(),
            });
            return Vec::new();
        };
        let mut rows = Vec::new();
        for entry in list {
            let dates = (self.cell_date(entry, start), self.cell_date(entry, end));
            // A row without a start or an end holds no instant.
            let (Some(start), Some(end)) = dates else {
                continue;
            };
            let mut cells = Vec::new();
            for (_, from, length) in &reads.columns {
                let first = self.cell_date(entry, from);
                cells.push(first.map(|first| (first, self.last_day(first, *length))));
            }
            let name = reads.name.as_ref().and_then(|n| self.row_name(entry, n));
            rows.push(Row {
                name,
                start,
                end,
                cells,
            });
        }
        rows.sort_by_key(|row| row.start);
        rows
    }

    /// What a row is called: a text, or a whole number as it is written.
    fn row_name(&mut self, row: &serde_json::Value, column: &Text) -> Option<String> {
        match nested(row, &column.value)? {
            serde_json::Value::Null => None,
            serde_json::Value::String(text) => Some(text.clone()),
            serde_json::Value::Number(number) if number.is_i64() => Some(number.to_string()),
            other => {
                self.complain(ResolveError::BadValue {
                    what: "name of a row",
                    text: other.to_string(),
                    span: column.span,
                });
                None
            }
        }
    }

    fn last_day(&self, first: Stamp, length: Option<Duration>) -> Stamp {
        let Some(length) = length else { return first };
        let after = self.spec.zone.add(first, length);
        let day = Duration {
            count: 1,
            unit: Unit::Day,
        };
        self.spec.zone.sub(after, day)
    }

    fn cell_date(&mut self, row: &serde_json::Value, column: &Text) -> Option<Stamp> {
        let value = nested(row, &column.value)?;
        if value.is_null() {
            return None;
        }
        let stamp = self.spec.zone.parse(value.as_str().unwrap_or_default());
        if stamp.is_none() {
            self.complain(ResolveError::BadValue {
                what: "date",
                text: value.to_string(),
                span: column.span,
            });
        }
        stamp
    }

    /// A part of a calendar's row.
    pub fn cell(&self, calendar: CalendarId, name: &str) -> Option<Cell> {
        match name {
            "start" => Some(Cell::Start),
            "end" => Some(Cell::End),
            _ => {
                let columns = &self.spec.calendars.get(calendar.index())?.columns;
                let at = columns.iter().position(|c| c == name)?;
                Some(Cell::Span(u32::try_from(at).ok()?))
            }
        }
    }

    /// `given flamingo: release-cycle from 2024-10-03 until 2025-04-02`
    pub fn given_row(
        &mut self,
        node: &Node,
        names: &[Name],
        calendar: CalendarId,
        from: Option<Stamp>,
        until: Option<Stamp>,
        scenario: &mut Scenario,
    ) {
        let (Some(start), Some(end)) = (from, until) else {
            self.complain(ResolveError::Missing {
                what: "when the cycle begins and ends".to_owned(),
                span: node.head_span,
                help: "write `from` a date and `until` a date after it".to_owned(),
            });
            return;
        };
        let columns = self.spec.calendars[calendar.index()].columns.len();
        for name in names {
            let row = Row {
                name: Some(name.text.clone()),
                start,
                end,
                cells: vec![None; columns],
            };
            scenario.rows.push((name.text.clone(), calendar, row));
        }
    }

    /// `set flamingo.R-5 = 2025-02-24..2025-03-02`
    pub fn given_cell(
        &mut self,
        column: &Name,
        value: &ast::Value,
        (_, calendar, row): &mut (String, CalendarId, Row),
    ) {
        let columns = self.spec.calendars[calendar.index()].columns.clone();
        let Some(at) = columns.iter().position(|c| *c == column.text) else {
            self.complain(ResolveError::unknown(
                "column",
                column,
                columns.iter().map(String::as_str),
                "in this calendar",
            ));
            return;
        };
        match self.constant(value, &Type::Date) {
            Some(Const::Date(day)) => row.cells[at] = Some((day, day)),
            Some(Const::Dates(from, to)) => row.cells[at] = Some((from, to)),
            _ => {}
        }
    }
}

/// The value of a key. A dot leads into a nested object, unless the key itself has one.
fn nested<'a>(row: &'a serde_json::Value, key: &str) -> Option<&'a serde_json::Value> {
    row.get(key).or_else(|| {
        let mut parts = key.split('.');
        parts.try_fold(row, |at, part| at.get(part))
    })
}
