//! Calendars, their rows, and the periods that are counted in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::CalendarId;
use crate::time::{Stamp, Unit};

/// A calendar of cycles: a row a cycle, a column a named date or span of days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// Its name.
    pub name: String,
    /// The names of its columns, beside start and end.
    pub columns: Vec<String>,
    /// Its rows, by their start.
    pub rows: Vec<Row>,
}

/// A row of a calendar: it holds the instants from its start up to, not including, its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What it is called, where the calendar names its rows.
    pub name: Option<String>,
    /// Its first instant.
    pub start: Stamp,
    /// The first instant after it.
    pub end: Stamp,
    /// A cell for each column: the first and the last day, which may be the same; `None`: blank.
    pub cells: Vec<Option<(Stamp, Stamp)>>,
}

/// What of a calendar's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cell {
    /// Its start.
    Start,
    /// Its end.
    End,
    /// All days of a column.
    Span(u32),
    /// The first day of a column.
    First(u32),
    /// The last day of a column.
    Last(u32),
}

/// A calendar period: of a unit, or a cycle of a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Period {
    /// A day, week, month or year of the zone.
    Unit(Unit),
    /// A row of a calendar. Instants in no row are in no period.
    Cycle(CalendarId),
}
