//! Where text comes from: source files, places in them, and line numbers.
//!
//! Invariant: nothing here opens a file. A source is handed in as text.

use serde::{Deserialize, Serialize};

/// The number of a file among the [`Sources`] of one compilation.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct SourceId(pub u32);

/// A half-open range of bytes in one source: `start..end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The file.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span of the bytes `start..end` of `source`.
    pub fn new(source: SourceId, start: usize, end: usize) -> Span {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span {
            source,
            start: clamp(start),
            end: clamp(end.max(start)),
        }
    }

    /// The smallest span that holds both, which must be of one file.
    ///
    /// ```text
    /// self   ----
    /// other         -----
    /// merge  ------------
    /// ```
    pub fn merge(self, other: Span) -> Span {
        Span {
            source: self.source,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// The bytes as a range of `usize`.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The empty span at the beginning of this one.
    pub fn at_start(self) -> Span {
        Span {
            end: self.start,
            ..self
        }
    }
}

/// One file: its name as the user gave it, its text, and where its lines begin.
#[derive(Debug, Clone)]
pub struct Source {
    /// The name shown in messages.
    pub name: String,
    /// The whole text.
    pub text: String,
    lines: Vec<u32>,
}

impl Source {
    /// A source of this name and text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Source {
        let text = text.into();
        let mut lines = vec![0];
        for (at, byte) in text.bytes().enumerate() {
            if byte == b'\n' {
                lines.push(u32::try_from(at + 1).unwrap_or(u32::MAX));
            }
        }
        Source {
            name: name.into(),
            text,
            lines,
        }
    }

    /// Line and column of a byte offset, both counted from 1; columns count characters.
    pub fn line_column(&self, offset: u32) -> (usize, usize) {
        let line = self.lines.partition_point(|&start| start <= offset).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0) as usize;
        let upto = self
            .text
            .get(start..offset as usize)
            .map_or(0, |s| s.chars().count());
        (line, upto + 1)
    }

    /// The text of a span, or nothing where the span does not fit this source.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }
}

/// All the files of one compilation, in the order in which they were read.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Adds a file and returns its number.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        let id = SourceId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(Source::new(name, text));
        id
    }

    /// The file of this number.
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.files.get(id.0 as usize)
    }

    /// All files with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        (0u32..).map(SourceId).zip(self.files.iter())
    }
}
