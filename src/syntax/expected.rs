//! What could have stood there, in words; and words that were meant for others.

use super::token::{CONTINUERS, OPENERS};
use crate::diag::suggest::nearest;

/// How many things a message lists.
const CAP: usize = 6;

/// Terminals that are told in one phrase where they all could stand. Those that are looked for,
/// those that go with them, what to say.
const FAMILIES: &[(&[&str], &[&str], &[&str])] = &[
    (
        &["exactly", "not", "majority"],
        &[
            "NAME",
            "NUMBER",
            "(",
            "seats",
            "no",
            "some",
            "all",
            "supermajority",
            "at",
            "more",
        ],
        &["a condition"],
    ),
    (&["exactly", "seats", "NAME"], &["("], &["a name"]),
    (
        &["every", "within"],
        &[
            "if",
            "after",
            "before",
            "NUMBER",
            "no",
            "some",
            "all",
            "majority",
            "supermajority",
            "at",
            "more",
        ],
        &["a condition or time"],
    ),
    (
        &["majority", "supermajority"],
        &["NUMBER", "no", "some", "all", "at", "more"],
        &["a count"],
    ),
    (
        &["overrides", "until", "CITATION"],
        &["as", "from"],
        &["`as`", "a citation"],
    ),
    (
        &["!=", "among"],
        &["=", "<", "<=", ">", ">="],
        &["a comparison"],
    ),
    (
        &["NAME", "TEXT", "NUMBER", "DATE", "["],
        &["("],
        &["a value"],
    ),
];

/// What the parser would have taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// A new clause could begin.
    pub clause: bool,
    /// A name could stand here.
    pub name: bool,
    /// All of it in words; reserved words and signs stand in backticks.
    all: Vec<String>,
    /// The reserved words that could go on with the clause.
    words: Vec<&'static str>,
}

impl Expected {
    /// Out of the parser generator's list, whose entries are the terminals of the grammar.
    pub fn new(terminals: &[String]) -> Expected {
        let mut bare: Vec<&str> = terminals.iter().map(|t| t.trim_matches('"')).collect();
        let name = bare.contains(&"NAME");
        // Every place that takes this opener takes them all.
        let clause = bare.contains(&"governance");
        if clause {
            bare.retain(|t| !OPENERS.contains(t) && *t != "DAY");
        }
        let reserved = OPENERS.iter().chain(CONTINUERS);
        let words = reserved.copied().filter(|w| bare.contains(w)).collect();

        let mut told: Vec<&str> = Vec::new();
        for (looked_for, others, phrases) in FAMILIES {
            if looked_for.iter().all(|t| bare.contains(t)) {
                bare.retain(|t| !looked_for.contains(t) && !others.contains(t));
                told.extend(*phrases);
            }
        }
        let mut all = Vec::new();
        for (terminal, description) in [
            ("NAME", "a name"),
            ("TEXT", "a text in quotes"),
            ("NUMBER", "a number"),
            ("DATE", "a date"),
            ("LABEL", "a label"),
            ("DAY", "a date"),
            ("CITATION", "a citation"),
        ] {
            if bare.contains(&terminal) {
                bare.retain(|t| *t != terminal);
                all.push(description.to_owned());
            }
        }
        let (words_left, signs): (Vec<&str>, Vec<&str>) = bare
            .iter()
            .partition(|t| t.starts_with(|c: char| c.is_ascii_lowercase()));
        all.extend(words_left.iter().map(|t| format!("`{t}`")));
        all.extend(told.iter().map(|t| (*t).to_owned()));
        all.extend(signs.iter().map(|t| format!("`{t}`")));
        if clause {
            all.push("a new clause".to_owned());
        }
        Expected {
            clause,
            name,
            all,
            words,
        }
    }

    /// Whether a name could stand here and nothing else.
    pub fn only_name(&self) -> bool {
        self.name && self.all.len() == 1
    }

    /// `a name, \`if\` or \`->\``
    pub fn list(&self) -> String {
        let mut all: Vec<&str> = self.all.iter().map(String::as_str).collect();
        let last = if all.len() > CAP {
            all.truncate(CAP - 1);
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
            .or_else(|| near(word, candidates()))
    }
}

/// The opener that a word at the beginning of a clause was probably meant to be.
pub fn meant_opener(word: &str) -> Option<&'static str> {
    synonym(word)
        .filter(|s| OPENERS.iter().any(|o| s.split(' ').next() == Some(*o)))
        .or_else(|| near(word, OPENERS.iter().copied()))
}

/// The nearest of the candidates, the far too long and far too short left out beforehand.
fn near(word: &str, candidates: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let length = word.chars().count();
    let limit = (length / 3).max(1);
    let candidates: Vec<_> = candidates
        .filter(|candidate| candidate.len().abs_diff(length) <= limit)
        .collect();
    let found = nearest(word, candidates.iter().copied())?;
    candidates.into_iter().find(|candidate| *candidate == found)
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
