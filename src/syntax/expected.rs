//! What could have stood there, in words; and words that were meant for others.

use super::token::{CONTINUERS, OPENERS};
use crate::diag::suggest::nearest;

/// How many things a message lists.
const CAP: usize = 5;

/// What the parser would have taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// A new clause could begin.
    pub clause: bool,
    /// A name could stand here.
    pub name: bool,
    /// Other things, in words; reserved words and signs stand in backticks.
    others: Vec<String>,
    /// The reserved words among them.
    words: Vec<&'static str>,
}

impl Expected {
    /// Out of the parser generator's list, whose entries are the terminals of the grammar.
    pub fn new(terminals: &[String]) -> Expected {
        let mut expected = Expected {
            // Every place that takes this opener takes them all.
            clause: terminals.iter().any(|t| t == "\"governance\""),
            ..Expected::default()
        };
        for terminal in terminals {
            let bare = terminal.trim_matches('"');
            let described = match bare {
                "NAME" => {
                    expected.name = true;
                    continue;
                }
                "TEXT" => "a text in quotes",
                "NUMBER" => "a number",
                "DATE" => "a date",
                "LABEL" => "a label",
                "CITATION" => "a citation",
                "DAY" => continue,
                _ => "",
            };
            if !described.is_empty() {
                expected.others.push(described.to_owned());
                continue;
            }
            let word = OPENERS.iter().chain(CONTINUERS).find(|w| **w == bare);
            if OPENERS.contains(&bare) && expected.clause {
                continue;
            }
            expected.words.extend(word);
            expected.others.push(format!("`{bare}`"));
        }
        // Things with a description before words, words before signs.
        expected.others.sort_by_key(|o| match o.as_bytes() {
            [b'`', b'a'..=b'z', ..] => 1,
            [b'`', ..] => 2,
            _ => 0,
        });
        expected
    }

    /// `a name, \`if\` or \`->\``
    pub fn list(&self) -> String {
        let mut all: Vec<&str> = Vec::new();
        if self.name {
            all.push("a name");
        }
        if self.clause && self.others.len() >= CAP {
            all.push("a new clause");
        }
        all.extend(self.others.iter().map(String::as_str));
        if self.clause && self.others.len() < CAP {
            all.push("a new clause");
        }
        let more = all.len() > CAP;
        all.truncate(if more { CAP - 1 } else { CAP });
        let last = if more {
            "something else"
        } else {
            all.pop().unwrap_or("the end of the file")
        };
        if all.is_empty() {
            last.to_owned()
        } else {
            format!("{} or {last}", all.join(", "))
        }
    }

    /// The reserved word that `word` was probably meant to be, where one could stand here.
    pub fn meant(&self, word: &str) -> Option<&'static str> {
        let openers = if self.clause { OPENERS } else { &[] };
        let candidates = || self.words.iter().chain(openers).copied();
        synonym(word)
            .filter(|s| candidates().any(|c| s.split(' ').next() == Some(c)))
            .or_else(|| nearest(word, candidates()).and_then(|n| candidates().find(|c| *c == n)))
    }
}

/// The opener that a word at the beginning of a clause was probably meant to be.
pub fn meant_opener(word: &str) -> Option<&'static str> {
    synonym(word)
        .filter(|s| OPENERS.iter().any(|o| s.split(' ').next() == Some(*o)))
        .or_else(|| nearest(word, OPENERS.iter().copied()).and_then(|n| find(OPENERS, n)))
}

fn find(table: &[&'static str], word: &str) -> Option<&'static str> {
    table.iter().copied().find(|w| *w == word)
}

/// What people write who know other documents or languages.
fn synonym(word: &str) -> Option<&'static str> {
    const SYNONYMS: &[(&str, &str)] = &[
        ("shall", "must"),
        ("required", "must"),
        ("can", "may"),
        ("cannot", "must not"),
        ("ought", "should"),
        ("recommended", "should"),
        ("when", "if"),
        ("while", "if"),
        ("unless", "if not"),
        ("whenever", "after"),
        ("always", "must"),
        ("include", "import"),
        ("use", "import"),
        ("let", "define"),
        ("def", "define"),
        ("chapter", "section"),
        ("heading", "section"),
        ("comment", "note"),
        ("committee", "body"),
        ("board", "body"),
        ("council", "body"),
        ("team", "group"),
        ("type", "thing"),
        ("object", "thing"),
        ("office", "role"),
        ("position", "role"),
        ("vote", "decision"),
        ("motion", "decision"),
        ("ballot", "decision"),
        ("choices", "options"),
        ("threshold", "passes"),
        ("deadline", "closes"),
        ("test", "scenario"),
        ("assert", "expect"),
        ("phase", "state"),
        ("assign", "set"),
        ("since", "from"),
    ];
    SYNONYMS
        .iter()
        .find(|(theirs, _)| theirs.eq_ignore_ascii_case(word))
        .map(|(_, ours)| *ours)
}
