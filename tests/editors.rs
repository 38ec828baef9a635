//! The editors' grammars know the words that the lexer knows, no fewer and no more.
//!
//! Needs nothing but Rust: the word lists are read out of the grammars' files. That the grammars
//! colour what they should is tested by `editors/test.sh`, in the real tokenizer and in real editors.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use govc::source::{Source, SourceId};
use govc::syntax::lexer::lex;
use govc::syntax::parse;
use govc::syntax::token::{CONTINUERS, OPENERS};
use serde_json::Value;

/// Line and column, both from 1, and the word there.
type Place = (usize, usize, String);

type Outcome = Result<(), Box<dyn Error>>;

const TEXTMATE: &str = "editors/vscode/syntaxes/gov.tmLanguage.json";
const CHARTER: &str = "editors/vscode/tests/snapshots/charter.gov";
const SNAPSHOT: &str = "editors/vscode/tests/snapshots/charter.gov.snap";
const SNIPPETS: &str = "editors/vscode/snippets/gov.json";
const VIM: &str = "editors/vim/syntax/gov.vim";
const LOCKFILE: &str = "editors/vscode/package-lock.json";

/// The scopes of reserved words; a unit is none, and has its own scope under the second.
const RESERVED_SCOPES: &[&str] = &[
    "keyword.control.",
    "keyword.other.",
    "keyword.operator.logical.",
];

/// How a pattern of reserved words begins and how its first group ends.
const WORD_START: &str = r"(?<![\w-])(";
const WORD_END: &str = r")(?!-?\w)";

#[test]
fn textmate_knows_the_openers() -> Outcome {
    compare(TEXTMATE, &textmate_words("openers")?, OPENERS)
}

#[test]
fn textmate_knows_the_continuers() -> Outcome {
    compare(TEXTMATE, &textmate_words("continuers")?, CONTINUERS)
}

#[test]
fn vim_knows_the_openers() -> Outcome {
    compare(VIM, &vim_words("govOpen")?, OPENERS)
}

#[test]
fn vim_knows_the_continuers() -> Outcome {
    compare(VIM, &vim_words("govMid")?, CONTINUERS)
}

/// The snapshot is what VS Code's own tokenizer made of a charter that uses every word
/// (`editors/test.sh` holds it to that, and Vim to the snapshot). The lexer sees reserved words in
/// the same places, so no pattern takes a word from another and no name is taken for one.
#[test]
fn the_snapshot_has_the_lexer_s_words_in_the_lexer_s_places() -> Outcome {
    let text = read(CHARTER)?;
    let source = Source::new(CHARTER, text.as_str());
    let lexed: BTreeSet<Place> = lex(SourceId(0), &text)
        .tokens
        .iter()
        .filter_map(|lexeme| {
            let (line, column) = source.line_column(u32::try_from(lexeme.start).ok()?);
            Some((line, column, lexeme.token.word()?.to_owned()))
        })
        .collect();
    let coloured = snapshot_keywords()?;

    let show = |(line, column, word): &Place| format!("{line}:{column} `{word}`");
    let plain: Vec<String> = lexed.difference(&coloured).map(show).collect();
    let surplus: Vec<String> = coloured.difference(&lexed).map(show).collect();
    assert!(
        plain.is_empty() && surplus.is_empty(),
        "{SNAPSHOT}\n  reserved, but not shown as keywords: {}\n  keywords, but not reserved: {}",
        plain.join(", "),
        surplus.join(", "),
    );

    let used: BTreeSet<&str> = lexed.iter().map(|(_, _, word)| word.as_str()).collect();
    let unused: Vec<&str> = OPENERS
        .iter()
        .chain(CONTINUERS)
        .copied()
        .filter(|word| !used.contains(word))
        .collect();
    assert!(
        unused.is_empty(),
        "{CHARTER} uses every reserved word, but not: {}. Add a clause, then `npm run test:update` \
         in editors/vscode",
        unused.join(", ")
    );
    Ok(())
}

#[test]
fn the_charter_and_the_snippets_are_read_without_a_complaint() -> Outcome {
    let mut texts = vec![(CHARTER.to_owned(), read(CHARTER)?)];
    let snippets: Value = serde_json::from_str(&read(SNIPPETS)?)?;
    for (title, snippet) in snippets.as_object().into_iter().flatten() {
        let lines = snippet["body"].as_array().into_iter().flatten();
        let body: Vec<&str> = lines.filter_map(Value::as_str).collect();
        texts.push((format!("{SNIPPETS}: {title}"), filled_in(&body.join("\n"))));
    }
    assert!(texts.len() > 1, "{SNIPPETS}: no snippets");
    for (name, text) in &texts {
        let problems: Vec<String> = parse(SourceId(0), text)
            .problems
            .into_iter()
            .map(|problem| problem.title)
            .collect();
        assert!(
            problems.is_empty(),
            "{name}: {}\n{text}",
            problems.join("; ")
        );
    }
    Ok(())
}

/// Where a package comes from is a matter of who installs it.
#[test]
fn the_lockfile_names_no_addresses_of_packages() -> Outcome {
    let lock = read(LOCKFILE)?;
    assert!(
        !lock.contains("\"resolved\""),
        "{LOCKFILE} names download addresses: remove its \"resolved\" lines"
    );
    Ok(())
}

fn compare(file: &str, found: &[String], table: &[&str]) -> Outcome {
    let expected: BTreeSet<&str> = table.iter().copied().collect();
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for word in found {
        if !seen.insert(word.as_str()) {
            problems.push(format!("`{word}` stands there twice"));
        }
    }
    for word in expected.difference(&seen) {
        problems.push(format!("`{word}` is missing: the lexer reserves it"));
    }
    for word in seen.difference(&expected) {
        problems.push(format!(
            "`{word}` is one too many: the lexer does not reserve it here"
        ));
    }
    assert!(problems.is_empty(), "{file}:\n  {}", problems.join("\n  "));
    Ok(())
}

/// The words of one part of the TextMate grammar's repository.
fn textmate_words(part: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let grammar: Value = serde_json::from_str(&read(TEXTMATE)?)?;
    let patterns = grammar["repository"][part]["patterns"]
        .as_array()
        .ok_or_else(|| format!("{TEXTMATE}: repository.{part}.patterns is no list"))?;
    let mut words = Vec::new();
    for pattern in patterns {
        let regex = pattern["match"]
            .as_str()
            .or(pattern["begin"].as_str())
            .ok_or_else(|| format!("{TEXTMATE}: {part}: neither match nor begin: {pattern}"))?;
        let list = regex
            .strip_prefix(WORD_START)
            .and_then(|rest| rest.split_once(WORD_END))
            .ok_or_else(|| {
                format!("{TEXTMATE}: {part}: not `{WORD_START}word|word{WORD_END}`: {regex}")
            })?
            .0;
        for word in list.split('|') {
            words.push(plain(TEXTMATE, word)?);
        }
    }
    Ok(words)
}

/// The words of the `syntax keyword` groups whose name begins so.
fn vim_words(prefix: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let mut words = Vec::new();
    for line in read(VIM)?.lines() {
        let mut parts = line.split_whitespace();
        if parts.next() != Some("syntax") || parts.next() != Some("keyword") {
            continue;
        }
        if !parts.next().is_some_and(|group| group.starts_with(prefix)) {
            continue;
        }
        let options = |part: &&str| part.contains('=') || *part == "skipwhite";
        for word in parts.take_while(|part| !options(part)) {
            words.push(plain(VIM, word)?);
        }
    }
    Ok(words)
}

/// A snippet's body as the editor first shows it: `${2:lead}` is `lead`, `${1|must,will|}` is
/// `must`, `$0` is nothing.
fn filled_in(body: &str) -> String {
    let mut parts = body.split('$');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        if let Some((stop, rest)) = part.strip_prefix('{').and_then(|part| part.split_once('}')) {
            let default = stop.trim_start_matches(|c: char| c.is_ascii_digit());
            text.push_str(match default.strip_prefix('|') {
                Some(choices) => choices.split([',', '|']).next().unwrap_or_default(),
                None => default.strip_prefix(':').unwrap_or_default(),
            });
            text.push_str(rest);
        } else {
            text.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
        }
    }
    text
}

fn plain(file: &str, word: &str) -> Result<String, Box<dyn Error>> {
    if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        Ok(word.to_owned())
    } else {
        Err(format!("{file}: `{word}` is no plain word").into())
    }
}

/// The words that the tokenizer gave the scope of a reserved word, and where. In a snapshot a line
/// of source begins with `>`; under it, lines of `#`, blanks, `^` under the text, and the scopes.
fn snapshot_keywords() -> Result<BTreeSet<Place>, Box<dyn Error>> {
    let mut keywords = BTreeSet::new();
    let mut source: Vec<char> = Vec::new();
    let mut line = 0;
    for row in read(SNAPSHOT)?.lines() {
        if let Some(text) = row.strip_prefix('>') {
            source = text.chars().collect();
            line += 1;
        } else if let Some(marks) = row.strip_prefix('#') {
            let start = marks.chars().take_while(|c| *c == ' ').count();
            let length = marks.chars().skip(start).take_while(|c| *c == '^').count();
            let reserved = marks.split(' ').any(|scope| {
                RESERVED_SCOPES
                    .iter()
                    .any(|reserved| scope.starts_with(reserved))
                    && !scope.starts_with("keyword.other.unit.")
            });
            if reserved {
                let word = source.iter().skip(start).take(length).collect();
                keywords.insert((line, start + 1, word));
            }
        }
    }
    Ok(keywords)
}

fn read(path: &str) -> Result<String, Box<dyn Error>> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()).into())
}
