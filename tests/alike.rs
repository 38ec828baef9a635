//! Records that are written like one before are read by a look at their values alone. Whatever stands
//! there, that comes to the same as reading each by itself.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test"
)]

mod support;

use govc::ir::Model;
use govc::run::trace::{Options, Reading, TraceReader};
use govc::run::{Input, Names, Sym};
use proptest::prelude::*;
use support::{model, record_model};

/// What a trace yields: inputs, what was noticed, and the names by number with their places.
type Told = (Vec<Input>, Reading, Vec<(String, Option<String>)>);

/// Everything a trace yields, or what is wrong with it.
fn told(model: &Model, trace: &[u8], long_way: bool) -> Result<Told, String> {
    let options = Options {
        allow_late: true,
        long_way,
        ..Options::default()
    };
    let mut names = Names::default();
    let mut reader = TraceReader::new(model, trace, "t.json", options);
    let mut inputs = Vec::new();
    while let Some(input) = reader.next(&mut names).map_err(|e| e.to_text(true))? {
        inputs.push(input);
    }
    let named = (0..).map(Sym).map(|sym| {
        let place = names.place(sym).map(str::to_owned);
        (names.text(sym).to_owned(), place)
    });
    // Names are not empty.
    let named = named.take_while(|(name, _)| !name.is_empty()).collect();
    Ok((inputs, reader.reading(), named))
}

/// Both ways, over a trace as lines and as a document. Returns whether the lines can be read.
fn same(model: &Model, lines: &[Vec<u8>]) -> bool {
    let as_lines = lines.join(&b'\n');
    let document = [b"[".as_slice(), &lines.join(b",\n".as_slice()), b"]"].concat();
    let [good, _] = [&as_lines, &document].map(|trace| {
        let short = told(model, trace, false);
        let long = told(model, trace, true);
        assert_eq!(short, long, "\n{}", String::from_utf8_lossy(trace));
        short.is_ok()
    });
    good
}

/// A model, and the members of a record that it can read.
type Sample = (Model, Vec<(&'static str, &'static str)>);

fn samples() -> Vec<Sample> {
    let native = vec![
        ("time", r#""2025-02-01""#),
        ("event", r#""SIG.meet""#),
        ("group", r#""sdk""#),
        ("by", r#""ann""#),
        ("present", "3"),
        ("public", "true"),
        ("kind", r#""regular""#),
        ("change", r#""c1""#),
        ("opening", "false"),
    ];
    let record = vec![
        ("at", "1738368000"),
        ("what", r#""lead_added""#),
        ("team", r#""sdk""#),
        ("author", r#""ann""#),
        ("person", r#""bo""#),
        ("company", r#""Acme""#),
        ("tx", r#""t1""#),
        ("initial", "false"),
        ("note", "null"),
        ("size", "7"),
    ];
    vec![(model(), native), (record_model(), record)]
}

/// How the parts of an object may be set apart: after `{`, before and after `:`, after `,`, before `}`.
const SPACES: [[&str; 5]; 4] = [
    ["", "", "", "", ""],
    ["", "", " ", " ", ""],
    [" ", " ", "\t", "  ", " "],
    ["\r", "", "  ", "\r", "\r"],
];

fn object(members: &[(&str, &[u8])], [open, before, after, next, close]: [&str; 5]) -> Vec<u8> {
    let mut text = format!("{{{open}").into_bytes();
    for (index, (key, value)) in members.iter().enumerate() {
        if index > 0 {
            text.extend_from_slice(format!(",{next}").as_bytes());
        }
        text.extend_from_slice(format!("\"{key}\"{before}:{after}").as_bytes());
        text.extend_from_slice(value);
    }
    text.extend_from_slice(format!("{close}}}").as_bytes());
    text
}

fn bytes<'a>(members: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a [u8])> {
    let as_bytes = members.iter().map(|(key, value)| (*key, value.as_bytes()));
    as_bytes.collect()
}

/// What may stand where a value should: values of every type, and what is none.
fn values() -> Vec<Vec<u8>> {
    #[rustfmt::skip]
    let texts = [
        // Numbers, and what looks like one.
        "0", "7", "-1", "-7", "1738368000", "1738368001", "-1738368000", "999999999999999999",
        "9999999999999999999", "99999999999999999999", "-9223372036854775808",
        "9223372036854775807", "9223372036854775808", "123456789012345678",
        "1234567890123456789", "0001", "01", "00", "-0", "-01", "0.0", "-0.0", "1.0", "1.5",
        "1738368000.25", "1.", ".5", "1e3", "1E3", "1e", "1e-2", "+1", "-", "--1", "0x10", "1_000",
        "1 2", "1a", "1:", "NaN", "-Infinity",
        // Words.
        "true", "false", "null", "True", "nul", "nulll", "truefalse", "t", "none", "null null",
        // Texts.
        r#""""#, r#"" ""#, r#""sdk""#, r#""bo""#, r#""N/A""#, r#""regular""#, r#""meet""#,
        r#""SIG.meet""#, r#""lead_removed""#, r#""group_added""#, r#""size_said""#, r#""other""#,
        r#""observation_start""#, r#""observation_end""#, r#""2025-02-01""#, r#""2025-02-02""#,
        r#""2025-02-01T12:00:00Z""#, r#""2025-13-01""#, r#""1738368000""#, r#""a\"b""#, r#""\\""#,
        r#""a\\""#, r#""\"""#, r#""\u0041nn""#, r#""\ud83d\ude00""#, r#""\ud83d""#, r#""\x""#,
        r#""\n""#, "\"a\tb\"", "\"a\nb\"", "\"a\rb\"", "\"a\u{0}b\"", "\"\u{0}\"", "\"\u{1}\"",
        "\"\u{1f}\"", "\"abcdefg\u{1f}\"", "\"\u{7f}\"", "\"\u{80}\"", "\"é\"", "\"日本語の名前\"",
        "\"aaaaaaaé\"", "\"aaaaaaé\"", "\"\u{2028}\"", "\"\u{feff}\"", "\"😀\"", "\"!\"", "\"#\"",
        "\"[\"", "\"]\"", "\"{\"", "\"}\"", "\"},{\"", "\":\"", "\",\"",
        // No texts.
        "\"open", "\"a\"b\"", "\"a\" \"b\"", "'a'", "a", "\"", "\"\"\"", "\"a\"\"", "\"a\\\"",
        // Parts.
        "[]", "[\"ann\", \"bo\"]", "[1", "{}", "{\"a\": 1}", "{\"time\": 1}", "[[]]",
        // More than one member, or less.
        "", " ", ",", "1,", "1,\"x\":2", "\"a\",\"person\":\"b\"", "\"a\"}", "\"a\"}}", "\"a\"}{",
        "1}", "1]", "true,", "null}\n{\"a\":1", "/* */1", "1 // x",
    ];
    let mut values: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    // What ends a text, at each place in eight bytes and the next eight.
    for length in 0..17 {
        for stop in [
            "", "\\\\", "\u{1f}", "\u{0}", "\\", "\n", "é", "\u{7f}", "\u{80}",
        ] {
            values.push(format!("\"{}{stop}z\"", "x".repeat(length)).into_bytes());
        }
    }
    // Bytes that are no text.
    values.extend([b"\"\xff\"".to_vec(), b"\"\xc3\"".to_vec(), b"\xff".to_vec()]);
    values
}

#[test]
fn any_value_in_any_place() {
    let (mut good, mut wrong) = (0, 0);
    for (model, members) in samples() {
        let plain = bytes(&members);
        for place in 0..members.len() {
            let spaces = SPACES[place % SPACES.len()];
            let before = object(&plain, spaces);
            for value in values() {
                let mut changed = plain.clone();
                changed[place].1 = &value;
                let odd = object(&changed, spaces);
                let mut lines = vec![before.clone(); 5];
                lines[2] = odd.clone();
                lines[3] = odd;
                match same(&model, &lines) {
                    true => good += 1,
                    false => wrong += 1,
                }
            }
        }
    }
    // Else this would say little.
    assert!(good > 1000 && wrong > 1000, "{good} good, {wrong} wrong");
}

#[test]
fn any_keys_in_any_order() {
    for (model, members) in samples() {
        let plain = bytes(&members);
        let first = object(&plain, SPACES[0]);
        let mut others: Vec<Vec<u8>> = Vec::new();
        for spaces in SPACES {
            for place in 0..plain.len() {
                let mut less = plain.clone();
                let (key, value) = less.remove(place);
                others.push(object(&less, spaces));
                // The same key again: behind, before, with nothing in it.
                for again in [value, b"null", b"\"x\""] {
                    let mut twice = plain.clone();
                    twice.push((key, again));
                    others.push(object(&twice, spaces));
                    twice.rotate_right(1);
                    others.push(object(&twice, spaces));
                }
                for swapped in 0..plain.len() {
                    let mut turned = plain.clone();
                    turned.swap(place, swapped);
                    others.push(object(&turned, spaces));
                }
                for named in [
                    &key[..key.len() - 1],
                    &format!("{key}s"),
                    "",
                    "\\u0061t",
                    "é",
                    "a\u{0}",
                ] {
                    let mut renamed = plain.clone();
                    renamed[place].0 = named;
                    others.push(object(&renamed, spaces));
                    let mut more = plain.clone();
                    more.insert(place, (named, value));
                    others.push(object(&more, spaces));
                }
            }
            others.push(object(&[], spaces));
        }
        let text = String::from_utf8(first.clone()).unwrap();
        let ends = [
            " ", "\r", "\t", "\u{c}", "\u{b}", "\u{a0}", "\u{0}", ",", "}", "{}", "x", "1", "null",
            "\"",
        ];
        for end in ends {
            others.push(format!("{text}{end}").into_bytes());
            others.push(format!("{end}{text}").into_bytes());
        }
        for cut in 0..text.len() {
            others.push(text.as_bytes()[..cut].to_vec());
            others.push(text.as_bytes()[cut..].to_vec());
        }
        others.push(text.replace("}", ",}").into_bytes());
        others.push(text.replacen('{', "{,", 1).into_bytes());
        others.push(text.replacen(',', ",,", 1).into_bytes());
        others.push(text.replacen(',', ";", 1).into_bytes());
        for other in others {
            let lines = [
                first.clone(),
                first.clone(),
                other.clone(),
                other,
                first.clone(),
            ];
            same(&model, &lines);
        }
    }
}

/// More ways to write a record than are remembered, in turn.
#[test]
fn more_shapes_than_are_kept() {
    for (model, members) in samples() {
        let plain = bytes(&members);
        let mut lines = Vec::new();
        for round in 0..3 {
            for first in 0..plain.len() {
                for spaces in SPACES {
                    let mut turned = plain.clone();
                    turned.rotate_left((first * (round + 1)) % plain.len());
                    lines.push(object(&turned, spaces));
                }
            }
        }
        assert!(same(&model, &lines));
    }
}

/// Lines of which most are plain, and some are not.
fn line(sample: usize) -> impl Strategy<Value = Vec<u8>> {
    let count = samples()[sample].1.len();
    let odd = (any::<prop::sample::Index>(), any::<prop::sample::Index>());
    let odd = prop::collection::vec(odd, 0..3);
    let left_out = prop::option::weighted(0.2, any::<prop::sample::Index>());
    (0..4usize, odd, left_out, 0..6usize).prop_map(move |(spaces, odd, left_out, turn)| {
        let (_, members) = &samples()[sample];
        let values = values();
        let mut members = bytes(members);
        for (place, value) in &odd {
            let value: &Vec<u8> = value.get(&values);
            members[place.index(count)].1 = value;
        }
        if turn == 0 {
            members.swap(0, 3);
        }
        if let Some(place) = left_out {
            members.remove(place.index(count));
        }
        object(&members, SPACES[spaces % 3])
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_lines_one_after_the_other(
        native in prop::collection::vec(line(0), 1..12),
        record in prop::collection::vec(line(1), 1..12),
    ) {
        same(&model(), &native);
        same(&record_model(), &record);
    }
}
