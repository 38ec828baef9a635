//! Reading: what must parse, what is said about what does not, and that nothing breaks the reader.
//!
//! `corpus/parse` holds files without a mistake. `corpus/recover` holds files with mistakes: a
//! comment `# ~ GOV0101` demands that message on its line, `# ~^ GOV0101` on the line above;
//! no message may be missing and none may be there that is not marked. Their first line,
//! `# sound: 7`, says how many clauses must survive.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use govc::diag::{Code, render};
use govc::source::{SourceId, Sources};
use govc::syntax::ast::{self, Clause, Cond, Head, Tail, Value};
use govc::syntax::{Parsed, parse};
use proptest::prelude::*;

/// The files of a corpus, sorted.
fn corpus(name: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/corpus")
        .join(name);
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

fn read(text: &str) -> Parsed {
    parse(SourceId(0), text)
}

/// The clauses that were understood, blocks included.
fn sound(clauses: &[Clause]) -> usize {
    clauses
        .iter()
        .map(|clause| {
            let inside = clause.body.as_ref().map_or(0, |b| sound(&b.clauses));
            inside + usize::from(clause.head != Head::Error)
        })
        .sum()
}

/// The messages as a reader sees them.
fn messages(name: &str, text: &str) -> String {
    let mut sources = Sources::default();
    let id = sources.add(name, text);
    render::to_text(&sources, &parse(id, text).problems, false)
}

// ---------------------------------------------------------------- the corpora

#[test]
fn the_charters_parse() {
    for path in corpus("parse") {
        let name = path.file_name().unwrap().to_string_lossy();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(messages(&name, &text), "", "{name}");
        assert!(sound(&read(&text).file.clauses) > 0, "{name}");
    }
}

/// Line to codes, as the marks demand.
fn marks(text: &str) -> BTreeMap<usize, Vec<String>> {
    let mut marks: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (at, line) in text.lines().enumerate() {
        let (line, codes) = match (line.split_once("# ~^ "), line.split_once("# ~ ")) {
            (Some((_, codes)), _) => (at, codes),
            (_, Some((_, codes))) => (at + 1, codes),
            _ => continue,
        };
        let entry = marks.entry(line).or_default();
        entry.extend(codes.split_whitespace().map(str::to_owned));
        entry.sort();
    }
    marks
}

#[test]
fn mistakes_are_reported_where_they_are_and_cost_nothing_else() {
    for path in corpus("recover") {
        let name = path.file_name().unwrap().to_string_lossy();
        let text = fs::read_to_string(&path).unwrap();
        let mut sources = Sources::default();
        let id = sources.add(name.clone(), &*text);
        let parsed = parse(id, &text);

        let mut found: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for problem in &parsed.problems {
            let (line, _) = sources.get(id).unwrap().line_column(problem.place().start);
            let codes = found.entry(line).or_default();
            codes.push(problem.code.number().to_owned());
            codes.sort();
        }
        assert_eq!(marks(&text), found, "{name}: marks left, messages right");

        let expected = text
            .lines()
            .next()
            .and_then(|l| l.strip_prefix("# sound: "));
        let expected: usize = expected.expect(&name).parse().expect(&name);
        assert_eq!(
            expected,
            sound(&parsed.file.clauses),
            "{name}: sound clauses"
        );
    }
}

/// The look of the messages: source, then messages.
#[test]
fn the_look() {
    for name in [
        "brace_lost_in_block",
        "citations",
        "mixed",
        "parentheses",
        "unclosed_text",
        "unexpected",
        "unfinished",
        "unknown_clause",
        "words_of_other_languages",
    ] {
        let file = format!("{name}.gov");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/recover");
        let text = fs::read_to_string(folder.join(&file)).unwrap();
        let shown = format!("SOURCE\n\n{text}\nERROR\n\n{}", messages(&file, &text));
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("syntax_{name}"), shown);
        });
    }
}

// ---------------------------------------------------------------- the pages of the codes

/// The fences of a page by the heading they stand under.
fn fences(page: &str) -> BTreeMap<&str, String> {
    let mut fences = BTreeMap::new();
    let (mut heading, mut inside) = ("", false);
    for line in page.lines() {
        match line {
            "```gov" => inside = true,
            "```" => inside = false,
            _ if inside => {
                let text: &mut String = fences.entry(heading).or_default();
                text.push_str(line);
                text.push('\n');
            }
            _ => heading = line.strip_prefix("## ").unwrap_or(heading),
        }
    }
    fences
}

#[test]
fn every_code_of_reading_has_a_page_that_is_true() {
    for code in Code::ALL.iter().filter(|c| c.number().starts_with("GOV01")) {
        let page = code.page();
        let first = page.lines().next().unwrap_or("");
        assert!(
            first.starts_with(&format!("# {}: ", code.number())),
            "{first}"
        );
        let fences = fences(page);
        if *code == Code::NotUtf8 {
            assert!(fences.is_empty(), "{first}");
            continue;
        }
        let problems = read(&fences["Wrong"]).problems;
        assert!(!problems.is_empty(), "{first}");
        assert!(
            problems.iter().all(|p| p.code == *code),
            "{first}: {problems:#?}"
        );
        assert_eq!(messages("right.gov", &fences["Right"]), "", "{first}");
    }
}

// ---------------------------------------------------------------- fixes

/// The text with all fixes applied, from the end to the beginning.
fn mend(text: &str) -> String {
    let mut fixes: Vec<_> = read(text)
        .problems
        .into_iter()
        .filter_map(|p| p.fix)
        .collect();
    fixes.sort_by_key(|fix| (fix.span.start, fix.span.end));
    let mut mended = text.to_owned();
    for fix in fixes.iter().rev() {
        mended.replace_range(fix.span.range(), &fix.text);
    }
    mended
}

#[test]
fn what_a_fix_proposes_is_clean() {
    for text in [
        "decision a {\n  qorum all of electorate\n}\n",
        "role lead { seats 7\n",
        "group A {\n  role lead\ngroup B { }\n",
        "role lead }\n",
        "section \"Leads\n",
        "define a = b && !c\n",
        "define a = b and c or d\n",
        "on a if x ≥ 3 → b;\n",
        "role 'a'\n// comment\n",
        "term 3d\n",
        "note “a \"b\" c”\n",
        "event a(from: text)\n",
        "must meet evry 2 weeks\n",
        "note \"a\\b\"\n",
        "define a = (b or c\n",
        "must a [IST-01\n",
    ] {
        let text = text.replace("role 'a'", "role a 'a'");
        assert_ne!(messages("wrong.gov", &text), "", "{text}");
        let mended = mend(&text);
        assert_eq!(
            messages("mended.gov", &mended),
            "",
            "{text}\nbecame\n{mended}"
        );
    }
}

// ---------------------------------------------------------------- the tree

fn first(text: &str) -> Clause {
    let parsed = read(text);
    assert_eq!(messages("first.gov", text), "");
    parsed.file.clauses.into_iter().next().unwrap()
}

fn condition(text: &str) -> Cond {
    match first(&format!("quorum {text}")).head {
        Head::Quorum(cond) => cond,
        other => panic!("{other:?}"),
    }
}

#[test]
fn hyphens_digits_and_dates_are_told_apart() {
    let Head::Define(name, _) = first("define R-5 = release-cycle.R-5.end").head else {
        panic!()
    };
    assert_eq!(name.text, "R-5");
    let Head::Set(_, Value::Dates(from, to)) = first("set x = 2025-10-01..2025-10-08").head else {
        panic!()
    };
    assert_eq!((&*from.text, &*to.text), ("2025-10-01", "2025-10-08"));
    for date in [
        "2025-03-01",
        "2025-03-01T12:00Z",
        "2020-05-12T22:26:55Z",
        "2020-05-12T22:26:55.125+02:00",
        "2020-05-12T22:26-05:30",
    ] {
        let clause = first(&format!("role a from {date}"));
        assert!(matches!(&clause.tails[..], [Tail::From(d)] if d.text == date));
        let Head::Story { dates, path, .. } = first(&format!("{date}, {date} R-5.added")).head
        else {
            panic!()
        };
        assert_eq!((dates.len(), &*dates[0].text), (2, date));
        assert_eq!(path.dotted(), "R-5.added");
    }
}

#[test]
fn lists_and_citations_are_told_apart() {
    let clause = first("set x = [a, b] [4.2(1), Art. 7, § 3, wgp \"Leads\", #12]");
    assert!(matches!(&clause.head, Head::Set(_, Value::List(list, _)) if list.len() == 2));
    let [Tail::Cite(entries, _)] = &clause.tails[..] else {
        panic!("{:?}", clause.tails)
    };
    let labels: Vec<&str> = entries.iter().map(|e| &*e.label).collect();
    assert_eq!(labels, ["4.2(1)", "Art. 7", "§ 3", "wgp", "#12"]);
    assert_eq!(entries[3].heading.as_ref().unwrap().value, "Leads");
}

#[test]
fn and_or_are_lists_and_parentheses_are_kept() {
    assert!(matches!(condition("a and b and not c"), Cond::And(list, _) if list.len() == 3));
    let Cond::Or(list, _) = condition("a or (b and c) or d") else {
        panic!()
    };
    let Cond::Test(test) = &list[1] else { panic!() };
    assert!(matches!(&test.noun.atom, ast::Atom::Group(c, _) if matches!(**c, Cond::And(..))));
}

#[test]
fn counts_and_denominators() {
    use ast::CountKind as Kind;
    let count = |text: &str| match condition(text) {
        Cond::Test(test) => test.count.map(|count| count.kind),
        other => panic!("{other:?}"),
    };
    assert!(matches!(
        count("at least 2/3 of seats"),
        Some(Kind::AtLeast(ast::Amount::Fraction(..)))
    ));
    assert!(matches!(count("all but 2 of electorate"), Some(Kind::AllBut(n)) if n.value == 2));
    assert!(matches!(count("all of electorate"), Some(Kind::All)));
    assert!(matches!(count("2..3 lead"), Some(Kind::Range(_, Some(_)))));
    assert!(matches!(count("1.. lead"), Some(Kind::Range(_, None))));
    assert!(matches!(count("no against"), Some(Kind::No)));
    assert!(count("endorse.by.org").is_none());
}

#[test]
fn escapes_are_resolved_and_comments_kept() {
    let parsed = read("# one\nnote \"a\\\"b\\\\c\\n\\td\" # two  \n");
    let Head::Note(text) = &parsed.file.clauses[0].head else {
        panic!()
    };
    assert_eq!(text.value, "a\"b\\c\n\td");
    let comments: Vec<_> = parsed
        .comments
        .iter()
        .map(|c| (&*c.text, c.own_line))
        .collect();
    assert_eq!(comments, [("# one", true), ("# two", false)]);
}

#[test]
fn spans_reach_from_the_first_word_to_the_last_brace() {
    let text = "  role a as b [C] { term 1 year }  ";
    let clause = &read(text).file.clauses[0];
    assert_eq!(&text[clause.head_span.range()], "role a");
    assert_eq!(&text[clause.span.range()], text.trim());
    assert_eq!(
        &text[clause.body.as_ref().unwrap().span.range()],
        "{ term 1 year }"
    );
}

/// Whatever has a span, has one that begins with its first word and ends with its last.
#[test]
fn no_span_reaches_into_the_space_around() {
    for path in corpus("parse") {
        let text = fs::read_to_string(&path).unwrap();
        let tree = format!("{:?}", read(&text).file);
        let mut spans = 0;
        for span in tree.split("Span { source: SourceId(0), start: ").skip(1) {
            let (start, rest) = span.split_once(", end: ").unwrap();
            let (end, _) = rest.split_once(' ').unwrap();
            let slice = &text[start.parse().unwrap()..end.parse().unwrap()];
            assert!(!slice.is_empty(), "{path:?} {start}");
            assert_eq!(slice, slice.trim(), "{path:?}");
            spans += 1;
        }
        assert!(spans > 0);
    }
}

// ---------------------------------------------------------------- messages as data

#[test]
fn json_counts_columns_in_characters() {
    let mut sources = Sources::default();
    let text = "note \"äöü\" stat\n";
    let id = sources.add("a.gov", text);
    let json = render::to_json(&sources, &parse(id, text).problems);
    let message = &json[0];
    assert_eq!(message["code"], "GOV0101");
    assert_eq!(message["name"], "unexpected-token");
    assert_eq!(message["severity"], "error");
    assert_eq!(message["file"], "a.gov");
    assert_eq!(
        (&message["line"], &message["column"]),
        (&1.into(), &12.into())
    );
    assert_eq!(
        (&message["end_line"], &message["end_column"]),
        (&1.into(), &16.into())
    );
    assert_eq!(message["help"], "did you mean `state`?");
    assert_eq!(message["fix"]["text"], "state");
    assert_eq!(message["fix"]["column"], 12);
}

#[test]
fn colour_is_only_colour() {
    let mut sources = Sources::default();
    let text = "rol a\n";
    let id = sources.add("a.gov", text);
    let problems = parse(id, text).problems;
    let plain = render::to_text(&sources, &problems, false);
    let colored = render::to_text(&sources, &problems, true);
    assert!(colored.contains('\u{1b}'));
    let mut stripped = String::new();
    let mut chars = colored.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            chars.find(|c| *c == 'm');
        } else {
            stripped.push(c);
        }
    }
    assert_eq!(plain, stripped);
}

// ---------------------------------------------------------------- nothing breaks it

/// Runs on a stack far smaller than usual, so that recursion over the input would show.
fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new()
        .stack_size(768 * 1024)
        .spawn(run);
    thread.unwrap().join().unwrap();
}

#[test]
fn depth_is_bounded() {
    on_a_small_stack(|| {
        let deep = |text: String| {
            let parsed = read(&text);
            let codes: Vec<Code> = parsed.problems.iter().map(|p| p.code).collect();
            assert!(codes.contains(&Code::TooDeep), "{codes:?}");
            parsed
        };
        let nested = |n: usize, open: &str, inside: &str, close: &str| {
            format!("{}{inside}{}", open.repeat(n), close.repeat(n))
        };
        let many = 200_000;
        let parsed = deep(format!("define a = {}", nested(many, "(", "b", ")")));
        assert_eq!(parsed.problems.len(), 1);
        deep(format!("define a = {}", "(".repeat(many)));
        deep(format!("define a = {} b", "not ".repeat(many)));
        let some = 10_000;
        deep(format!("define a = {}", nested(some, "not (", "b", ")")));
        deep(format!(
            "define a = {}",
            nested(some, "not some (not not ", "b", ")")
        ));
        deep(format!("set a = {}", nested(some, "[", "b", "]")));
        deep(format!("set a = {}", nested(some, "([", "b", "])")));
        deep(nested(some, "group a { ", "", "}"));
        deep("group a { ".repeat(some));
        deep(format!(
            "must a where {}",
            nested(some, "(not a = ", "b", ")")
        ));
        deep(format!("must a by {}", nested(some, "(a by ", "b", ")")));
    });
}

#[test]
fn length_is_not() {
    on_a_small_stack(|| {
        let chain = |joint: &str| format!("define a = b{}", format!(" {joint} b").repeat(100_000));
        for text in [
            chain("and"),
            chain("or"),
            format!("define a = b{}", ".b".repeat(20_000)),
            format!("set a = [b{}]", ", b".repeat(20_000)),
            format!("must a{}", " if b".repeat(20_000)),
            format!("role a{}", " as b".repeat(20_000)),
            "role a ".repeat(20_000),
        ] {
            assert!(read(&text).problems.is_empty());
        }
        assert_eq!(read(&"a b ".repeat(20_000)).problems.len(), 1);
        assert_eq!(read(&"qorum\n".repeat(1_000)).problems.len(), 1_000);
        assert_eq!(read(&"@ ".repeat(20_000)).problems.len(), 20_000);
        read(&"} ".repeat(20_000));
        read(&"must (\n".repeat(5_000));
        read(&"x [ {\n".repeat(5_000));
    });
}

/// Reads, renders, and looks at the invariants that hold for every text.
fn survives(text: &str) {
    let mut sources = Sources::default();
    let id = sources.add("any.gov", text);
    let parsed = parse(id, text);
    for problem in &parsed.problems {
        let place = problem.place().range();
        assert!(text.get(place.clone()).is_some(), "{place:?} in {text:?}");
        if let Some(fix) = &problem.fix {
            assert!(text.get(fix.span.range()).is_some(), "{fix:?} in {text:?}");
        }
    }
    fn lost(clauses: &[Clause]) -> bool {
        clauses.iter().any(|c| {
            c.head == Head::Error || c.body.as_ref().is_some_and(|body| lost(&body.clauses))
        })
    }
    assert!(
        !lost(&parsed.file.clauses) || !parsed.problems.is_empty(),
        "{text:?}"
    );
    render::to_text(&sources, &parsed.problems, true);
    render::to_json(&sources, &parsed.problems);
}

/// Words, signs and oddities, of which random texts are made.
fn token() -> impl Strategy<Value = &'static str> {
    let mut words = govc::syntax::OPENERS.to_vec();
    words.extend(govc::syntax::CONTINUERS);
    words.extend("a b-2 R-5 lead.org 1 2/3 2..3 1.. 2025-03-01 2025-03-01T12:00Z".split(' '));
    words
        .extend("{ } ( ) [ ] , : . .. / | -> = != < <= > >= == ; & ! # // \" ' “ é § %".split(' '));
    words.extend([
        "\n",
        "\n  ",
        "\"text\"",
        "\"open",
        "[IST-01]",
        "# note\n",
        "99999999999999999999",
    ]);
    proptest::sample::select(words)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        survives(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_text(text in "\\PC{0,200}") {
        survives(&text);
    }

    #[test]
    fn any_tokens(tokens in proptest::collection::vec(token(), 0..120), glue in "|( )|(\n)") {
        survives(&tokens.join(&glue));
    }

    #[test]
    fn any_change_to_a_charter(
        which in 0usize..10,
        at in any::<prop::sample::Index>(),
        length in 0usize..40,
        insert in proptest::collection::vec(token(), 0..4),
    ) {
        let files = corpus("parse");
        let text = fs::read_to_string(&files[which % files.len()]).unwrap();
        let boundary = |mut at: usize| {
            while !text.is_char_boundary(at) { at -= 1; }
            at
        };
        let start = boundary(at.index(text.len()));
        let end = boundary((start + length).min(text.len()));
        let mut changed = text.clone();
        changed.replace_range(start..end.max(start), &insert.join(" "));
        survives(&changed);
    }
}
