//! How a report is written as JSON: each of its members on a line of its own, and each element of its
//! lists. So a finding is one line, which can be searched for and compared.

use std::io;

use serde_json::ser::Formatter;

/// The depth down to which each part has a line of its own.
const LINES: usize = 2;

/// Breaks lines in the outermost object and in what it holds, and nowhere else.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// How many objects and lists are open.
    depth: usize,
    /// What was written last has parts.
    filled: bool,
}

impl Lines {
    fn open<W: io::Write + ?Sized>(&mut self, to: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.filled = false;
        to.write_all(bracket)
    }

    fn close<W: io::Write + ?Sized>(&mut self, to: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        if self.filled && self.depth < LINES {
            self.line(to)?;
        }
        self.filled = true;
        to.write_all(bracket)
    }

    fn part<W: io::Write + ?Sized>(&mut self, to: &mut W, first: bool) -> io::Result<()> {
        let apart = self.depth <= LINES;
        match (first, apart) {
            (true, _) => {}
            (false, true) => to.write_all(b",")?,
            (false, false) => to.write_all(b", ")?,
        }
        if apart {
            self.line(to)?;
        }
        Ok(())
    }

    fn line<W: io::Write + ?Sized>(&self, to: &mut W) -> io::Result<()> {
        let indented: &[u8] = match self.depth {
            0 => b"\n",
            1 => b"\n  ",
            _ => b"\n    ",
        };
        to.write_all(indented)
    }
}

impl Formatter for Lines {
    fn begin_array<W: io::Write + ?Sized>(&mut self, to: &mut W) -> io::Result<()> {
        self.open(to, b"[")
    }

    fn end_array<W: io::Write + ?Sized>(&mut self, to: &mut W) -> io::Result<()> {
        self.close(to, b"]")
    }

    fn begin_array_value<W: io::Write + ?Sized>(
        &mut self,
        to: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.part(to, first)
    }

    fn end_array_value<W: io::Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }

    fn begin_object<W: io::Write + ?Sized>(&mut self, to: &mut W) -> io::Result<()> {
        self.open(to, b"{")
    }

    fn end_object<W: io::Write + ?Sized>(&mut self, to: &mut W) -> io::Result<()> {
        self.close(to, b"}")
    }

    fn begin_object_key<W: io::Write + ?Sized>(
        &mut self,
        to: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.part(to, first)
    }

    fn begin_object_value<W: io::Write + ?Sized>(&mut self, to: &mut W) -> io::Result<()> {
        to.write_all(b": ")
    }

    fn end_object_value<W: io::Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }
}
