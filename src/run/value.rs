//! The values of a run, and the names in it.

use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::ids::RoleId;
use crate::time::{Duration, Stamp};

/// An interned name: of a person, an instance or a word of a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sym(pub u32);

/// The names of a run. The same name has the same number throughout.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// All names, one after the other, and where each ends.
    texts: String,
    ends: Vec<usize>,
    numbers: HashTable<Named>,
    hasher: RandomState,
    /// By name: where a trace first names it as a group; and whether that is known.
    places: Vec<Option<Box<str>>>,
    placed: Vec<bool>,
}

/// A name and its number. Short names stand in the table itself, where they are found at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Named {
    head: Head,
    sym: Sym,
}

/// The beginning of a text, and how long it is, as far as that fits.
type Head = [u8; 12];

/// How long a text may be to stand in its head.
const SHORT: usize = 11;

#[inline]
fn head(text: &[u8]) -> Head {
    let mut head = [0; 12];
    for (place, byte) in head.iter_mut().zip(text.iter().take(SHORT)) {
        *place = *byte;
    }
    head[SHORT] = u8::try_from(text.len()).unwrap_or(u8::MAX);
    head
}

impl Names {
    /// The number of a name, new or known.
    pub fn intern(&mut self, text: &str) -> Sym {
        let hash = self.hasher.hash_one(text.as_bytes());
        match self.find_hashed(hash, text.as_bytes()) {
            Some(sym) => sym,
            None => self.add(hash, text),
        }
    }

    /// The number of a name, new or known; `None` where it is not UTF-8.
    #[inline]
    pub fn intern_bytes(&mut self, text: &[u8]) -> Option<Sym> {
        let hash = self.hasher.hash_one(text);
        match self.find_hashed(hash, text) {
            Some(sym) => Some(sym),
            None => str::from_utf8(text).ok().map(|text| self.add(hash, text)),
        }
    }

    /// Gives a name that is new its number.
    fn add(&mut self, hash: u64, text: &str) -> Sym {
        let sym = Sym(u32::try_from(self.ends.len()).unwrap_or(u32::MAX));
        self.texts.push_str(text);
        self.ends.push(self.texts.len());
        let (texts, ends, hasher) = (&self.texts, &self.ends, &self.hasher);
        let rehash = |named: &Named| hasher.hash_one(part(texts, ends, named.sym).as_bytes());
        let head = head(text.as_bytes());
        self.numbers
            .insert_unique(hash, Named { head, sym }, rehash);
        sym
    }

    /// The number of a name that is known.
    pub fn find(&self, text: &str) -> Option<Sym> {
        self.find_hashed(self.hasher.hash_one(text.as_bytes()), text.as_bytes())
    }

    #[inline]
    fn find_hashed(&self, hash: u64, text: &[u8]) -> Option<Sym> {
        let head = head(text);
        let long = |sym: Sym| text.len() > SHORT && self.text(sym).as_bytes() != text;
        let same = |named: &Named| named.head == head && !long(named.sym);
        self.numbers.find(hash, same).map(|named| named.sym)
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
        if index >= self.placed.len() {
            self.placed.resize(index + 1, false);
        }
        if let Some(placed) = self.placed.get_mut(index) {
            *placed = true;
        }
    }

    /// Whether it is known where a trace first names it as a group.
    #[inline]
    pub fn is_placed(&self, sym: Sym) -> bool {
        self.placed.get(sym.0 as usize) == Some(&true)
    }

    /// The name of a number.
    pub fn text(&self, sym: Sym) -> &str {
        part(&self.texts, &self.ends, sym)
    }
}

/// One of the names that stand one after the other.
#[inline]
fn part<'a>(texts: &'a str, ends: &[usize], sym: Sym) -> &'a str {
    let index = sym.0 as usize;
    let start = index.checked_sub(1).and_then(|before| ends.get(before));
    let end = ends.get(index);
    end.and_then(|&end| texts.get(start.copied().unwrap_or(0)..end))
        .unwrap_or("")
}

/// Some names, such as those of who did something; few need no memory of their own.
pub type Syms = smallvec::SmallVec<[Sym; 4]>;

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
