//! The values of a run, and the names in it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::ids::RoleId;
use crate::time::{Duration, Stamp};

/// An interned name: of a person, an instance or a word of a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sym(pub u32);

/// The names of a run. The same name has the same number throughout.
#[derive(Debug, Clone, Default)]
pub struct Names {
    texts: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, Sym>,
    /// By name: where a trace first names it as a group.
    places: Vec<Option<Box<str>>>,
}

impl Names {
    /// The number of a name, new or known.
    pub fn intern(&mut self, text: &str) -> Sym {
        if let Some(&sym) = self.numbers.get(text) {
            return sym;
        }
        let sym = Sym(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        let text: Arc<str> = text.into();
        self.texts.push(text.clone());
        self.numbers.insert(text, sym);
        sym
    }

    /// The number of a name that is known.
    pub fn find(&self, text: &str) -> Option<Sym> {
        self.numbers.get(text).copied()
    }

    /// Where a trace first names it as a group, in words: `line 7, column 41` or `events[3].group`.
    pub fn place(&self, sym: Sym) -> Option<&str> {
        self.places.get(sym.0 as usize)?.as_deref()
    }

    /// Keeps where a trace first names a group.
    pub fn found_at(&mut self, sym: Sym, place: String) {
        let index = sym.0 as usize;
        if index >= self.places.len() {
            self.places.resize(index + 1, None);
        }
        if let Some(slot) = self.places.get_mut(index) {
            slot.get_or_insert(place.into());
        }
    }

    /// The name of a number.
    pub fn text(&self, sym: Sym) -> &str {
        self.texts.get(sym.0 as usize).map_or("", |t| t)
    }
}

/// A value at run time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Value {
    /// Nothing was given.
    #[default]
    Empty,
    /// It is not known what.
    Unknown,
    /// A person, an instance, or a word of a closed list.
    Name(Sym),
    /// A text or link.
    Text(Arc<str>),
    /// A whole number.
    Number(i64),
    /// True or false.
    Flag(bool),
    /// A date or an instant.
    Date(Stamp),
    /// All days from the first to the second, both included.
    Dates(Stamp, Stamp),
    /// A duration.
    Duration(Duration),
    /// A role.
    Role(RoleId),
    /// A list.
    List(Arc<[Value]>),
}

impl Value {
    /// Whether nothing is there: an empty value or a list without elements; what is there is not
    /// known either of an unknown one.
    pub fn is_empty(&self) -> bool {
        match self {
            Value::Empty | Value::Unknown => true,
            Value::List(list) => list.is_empty(),
            _ => false,
        }
    }
}
