//! How a report is written as JSON: each of its members on a line of its own, and each element of its
//! lists. So a finding is one line, which can be searched for and compared.

use std::io;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use super::finding::{Finding, Report, Severity};

/// The depth down to which each part has a line of its own.
const LINES: usize = 2;

/// Writes a report, without a line break at the end.
pub(super) fn write(report: &Report, to: &mut impl io::Write) -> io::Result<()> {
    let whole = Report {
        findings: Vec::new(),
        notes: report.notes.clone(),
        unmapped: report.unmapped.clone(),
        format: report.format.clone(),
        spec: report.spec.clone(),
        ..*report
    };
    let mut text = Vec::new();
    let mut writer = Serializer::with_formatter(&mut text, Lines::default());
    whole.serialize(&mut writer)?;
    // The findings are the last of its members, and stand before these.
    let end = text.len().saturating_sub(b"]\n}".len());
    to.write_all(text.get(..end).unwrap_or_default())?;
    let mut alike = Alike::default();
    for (index, finding) in report.findings.iter().enumerate() {
        text.clear();
        text.extend_from_slice(if index == 0 { b"\n    " } else { b",\n    " });
        alike.write(finding, &mut text)?;
        to.write_all(&text)?;
    }
    to.write_all(if report.findings.is_empty() {
        b"]\n}"
    } else {
        b"\n  ]\n}"
    })
}

/// How many beginnings of findings are kept.
const KEPT: usize = 8;

/// Most findings say what others say, of another group at another time: how such a finding begins is
/// kept, as it is written.
#[derive(Debug, Default)]
struct Alike {
    kept: Vec<Beginning>,
    /// Where the next is kept.
    next: usize,
}

#[derive(Debug)]
struct Beginning {
    clause: Arc<str>,
    severity: Severity,
    message: Arc<str>,
    text: Vec<u8>,
}

impl Beginning {
    fn is_of(&self, finding: &Finding) -> bool {
        Arc::ptr_eq(&self.message, &finding.message)
            && Arc::ptr_eq(&self.clause, &finding.clause)
            && self.severity == finding.severity
    }
}

impl Alike {
    fn write(&mut self, finding: &Finding, text: &mut Vec<u8>) -> io::Result<()> {
        let numbers = finding.found.is_some() || finding.required.is_some();
        if numbers || finding.or_earlier || !finding.periods.is_empty() {
            let mut writer = Serializer::with_formatter(text, Lines::inside());
            return Ok(finding.serialize(&mut writer)?);
        }
        let at = match self.kept.iter().position(|kept| kept.is_of(finding)) {
            Some(at) => at,
            None => self.keep(finding)?,
        };
        text.extend_from_slice(self.kept.get(at).map_or(&[], |kept| kept.text.as_slice()));
        member(text, "group", &finding.group)?;
        member(text, "person", &finding.person)?;
        member(text, "from", &finding.from)?;
        member(text, "to", &finding.to)?;
        member(text, "cite", &finding.cite)?;
        member(text, "events", &finding.events)?;
        text.push(b'}');
        Ok(())
    }

    fn keep(&mut self, finding: &Finding) -> io::Result<usize> {
        let mut text = b"{\"clause\": ".to_vec();
        serde_json::to_writer(&mut text, &finding.clause)?;
        member(&mut text, "severity", &finding.severity)?;
        member(&mut text, "message", &finding.message)?;
        let beginning = Beginning {
            clause: finding.clause.clone(),
            severity: finding.severity,
            message: finding.message.clone(),
            text,
        };
        let at = self.next;
        self.next = (at + 1) % KEPT;
        match self.kept.get_mut(at) {
            Some(kept) => *kept = beginning,
            None => self.kept.push(beginning),
        }
        Ok(at)
    }
}

/// One more member of an object that stands on one line.
fn member(text: &mut Vec<u8>, name: &str, value: &impl Serialize) -> io::Result<()> {
    text.extend_from_slice(b", \"");
    text.extend_from_slice(name.as_bytes());
    text.extend_from_slice(b"\": ");
    let mut writer = Serializer::with_formatter(text, Lines::inside());
    Ok(value.serialize(&mut writer)?)
}

/// Breaks lines in the outermost object and in what it holds, and nowhere else.
#[derive(Debug, Default)]
struct Lines {
    /// How many objects and lists are open.
    depth: usize,
    /// What was written last has parts.
    filled: bool,
}

impl Lines {
    /// Within an element of a list of the outermost object, which stands on one line.
    fn inside() -> Lines {
        Lines {
            depth: LINES,
            filled: false,
        }
    }

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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::run::finding::{Positions, TraceNote};
    use crate::time::Instant;

    /// What is kept of findings alike makes no difference to how they are written.
    #[test]
    fn findings_are_written_as_the_rest_of_the_report() {
        let (clause, message): (Arc<str>, Arc<str>) = ("a.b".into(), "\"late\"\n".into());
        let finding = |n: u32| Finding {
            clause: clause.clone(),
            severity: [Severity::Violation, Severity::Note][n as usize % 2],
            message: match n % 3 {
                0 => message.clone(),
                _ => format!("of {n}").into(),
            },
            group: (!n.is_multiple_of(4)).then(|| format!("g\u{7}{n}").into()),
            person: n.is_multiple_of(5).then(|| "ann".into()),
            from: Instant(i64::from(n) * 86_400_500_000),
            to: (!n.is_multiple_of(3)).then_some(Instant(i64::from(n) * 90_000_000_000)),
            or_earlier: n % 7 == 6,
            cite: (0..n % 3).map(|n| format!("S-{n}")).collect(),
            events: (0..n % 6).collect::<Positions>(),
            found: (n % 11 == 10).then(|| "2".to_owned()),
            required: (n % 11 == 10).then(|| "3".to_owned()),
            periods: (0..n % 13 / 12).map(|n| n.to_string()).collect(),
        };
        for size in [0, 1, 200] {
            let report = Report {
                format: Report::FORMAT.to_owned(),
                version: Report::VERSION,
                spec: "S".to_owned(),
                observed_from: Some(Instant(0)),
                observed_to: None,
                events: 7,
                unmapped: [("x".to_owned(), 2)].into(),
                notes: vec![TraceNote {
                    message: "n".to_owned(),
                    count: 1,
                    events: vec![1, 2],
                }],
                findings: (0..size).map(finding).collect(),
            };
            let mut plain = Vec::new();
            let mut writer = Serializer::with_formatter(&mut plain, Lines::default());
            report.serialize(&mut writer).unwrap();
            let mut kept = Vec::new();
            write(&report, &mut kept).unwrap();
            let read: Report = serde_json::from_slice(&kept).unwrap();
            assert_eq!(read, report);
            let text = |bytes| String::from_utf8(bytes).unwrap();
            assert_eq!(text(kept), text(plain));
        }
    }
}
