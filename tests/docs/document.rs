//! What a document consists of, and what its words mention.

use std::collections::BTreeSet;

/// A fenced block: the line it begins on, what stands after the ticks, and the lines inside.
pub struct Fence {
    pub line: usize,
    pub mark: String,
    pub text: String,
}

/// Something that stands alone in a document: a heading, a paragraph, a list, a table.
pub struct Block {
    pub line: usize,
    pub text: String,
}

/// A document, taken apart.
pub struct Document {
    pub fences: Vec<Fence>,
    pub blocks: Vec<Block>,
}

impl Document {
    pub fn of(text: &str) -> Document {
        let mut document = Document {
            fences: Vec::new(),
            blocks: Vec::new(),
        };
        let mut fence: Option<Fence> = None;
        let mut fresh = true;
        for (at, line) in text.lines().enumerate() {
            let ticks = line.trim_start().starts_with("```");
            match (&mut fence, ticks) {
                (None, true) => {
                    let mark = line.trim_start().trim_start_matches('`').trim();
                    fence = Some(Fence {
                        line: at + 1,
                        mark: mark.to_owned(),
                        text: String::new(),
                    });
                    fresh = true;
                }
                (Some(_), true) => document.fences.extend(fence.take()),
                (Some(open), false) => {
                    open.text.push_str(line);
                    open.text.push('\n');
                }
                (None, false) if line.trim().is_empty() => fresh = true,
                (None, false) => match document.blocks.last_mut() {
                    Some(block) if !fresh => {
                        block.text.push('\n');
                        block.text.push_str(line);
                    }
                    _ => {
                        document.blocks.push(Block {
                            line: at + 1,
                            text: line.to_owned(),
                        });
                        fresh = false;
                    }
                },
            }
        }
        assert!(fence.is_none(), "a fence is never closed");
        document
    }

    /// What stands between single ticks outside fences.
    pub fn ticked(&self) -> Vec<&str> {
        let mut found = Vec::new();
        for block in &self.blocks {
            found.extend(ticked(&block.text));
        }
        found
    }
}

pub fn ticked(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The ids that a text mentions: `lang.roles.tenure`, in brackets or not.
pub fn ids(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("lang.") {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/')) {
            continue;
        }
        let rest = &text[at..];
        let end = rest
            .find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c)));
        let id = rest[..end.unwrap_or(rest.len())].trim_end_matches(['.', '-']);
        if id.matches('.').count() >= 2 {
            found.push(id);
        }
    }
    found
}

/// The codes that a text mentions.
pub fn codes(text: &str) -> BTreeSet<&str> {
    let at = text.match_indices("GOV").map(|(at, _)| &text[at..]);
    let digits = |rest: &&str| {
        rest.get(3..7)
            .is_some_and(|d| d.bytes().all(|b| b.is_ascii_digit()))
    };
    at.filter(digits).map(|rest| &rest[..7]).collect()
}
