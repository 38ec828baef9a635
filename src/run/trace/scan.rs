//! A scanner of flat objects that are written like one read before.
//!
//! What stands around the values of a record, its [`Frame`], is mostly what stood around those of
//! the one before. An object with the frame of one that was JSON, and plain values, is JSON too, and
//! has the same keys. Plain is less than JSON allows, and read as JSON does: texts without escapes,
//! whole numbers of few digits, `true`, `false` and `null`.

use smallvec::SmallVec;

use super::json::Member;

/// A value without escapes, fractions or parts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Plain<'a> {
    Null,
    Flag(bool),
    Number(i64),
    Text(&'a str),
}

/// The values of a flat object, in order.
pub(super) type Values<'a> = SmallVec<[Plain<'a>; 8]>;

/// What stands around the values of an object: `{"ts": `, `, "name": `, and last `}`.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// Before each value.
    before: Vec<Box<str>>,
    /// After the last of them.
    end: Box<str>,
}

/// The longest frame, in bytes.
const MAX_FRAME: usize = 4096;

/// Whether an object has a certain frame.
pub(super) enum Fit {
    /// It has, and its values are plain.
    Yes,
    /// It has another one.
    No,
    /// It begins like the frame, and then has a value that is not plain.
    Odd,
}

impl Frame {
    /// The frame of the object `text`, which begins at the byte `base` and has these members.
    /// Nothing where that is long, for frames are kept.
    pub fn of(text: &str, base: usize, members: &[Member<'_>]) -> Option<Frame> {
        let values: usize = members.iter().map(|member| member.value.text.len()).sum();
        if text.len().saturating_sub(values) > MAX_FRAME {
            return None;
        }
        let mut at = 0;
        let before = members.iter().map(|member| {
            let start = member.value.at.checked_sub(base)?;
            let before = text.get(at..start)?.into();
            at = start + member.value.text.len();
            Some(before)
        });
        let before = before.collect::<Option<_>>()?;
        let end = text.get(at..)?.into();
        Some(Frame { before, end })
    }

    /// Whether `text` has this frame; if so, its values go to `values`.
    #[inline]
    pub fn read<'a>(&self, text: &'a str, values: &mut Values<'a>) -> Fit {
        let mut rest = text;
        for before in &self.before {
            let Some(at_value) = rest.strip_prefix(&**before) else {
                return Fit::No;
            };
            let Some((value, after)) = plain(at_value) else {
                return Fit::Odd;
            };
            values.push(value);
            rest = after;
        }
        if *rest == *self.end {
            Fit::Yes
        } else {
            Fit::No
        }
    }
}

/// The plain value with which `text` begins, and what follows.
#[inline]
fn plain(text: &str) -> Option<(Plain<'_>, &str)> {
    match text.as_bytes().first()? {
        b'"' => {
            let inner = text.get(1..)?;
            let (text, rest) = inner.split_at_checked(closing(inner.as_bytes())?)?;
            Some((Plain::Text(text), rest.get(1..)?))
        }
        b'-' | b'0'..=b'9' => number(text),
        _ => {
            let words = [
                ("null", Plain::Null),
                ("true", Plain::Flag(true)),
                ("false", Plain::Flag(false)),
            ];
            let mut words = words.into_iter();
            words.find_map(|(word, value)| Some((value, text.strip_prefix(word)?)))
        }
    }
}

/// The whole number with which `text` begins, and what follows: no fraction and no exponent.
#[inline]
fn number(text: &str) -> Option<(Plain<'_>, &str)> {
    // So many digits are certain to fit.
    const MAX_DIGITS: usize = 18;
    let digits = text.strip_prefix('-').unwrap_or(text);
    let negative = digits.len() < text.len();
    let (mut number, mut count) = (0, 0);
    for byte in digits.bytes() {
        if !byte.is_ascii_digit() {
            break;
        }
        if count == MAX_DIGITS {
            return None;
        }
        number = number * 10 + i64::from(byte - b'0');
        count += 1;
    }
    // `0` stands alone, and `-0` is no whole number to JSON.
    if count == 0 || digits.starts_with('0') && (negative || count > 1) {
        return None;
    }
    let rest = digits.get(count..)?;
    let number = if negative { -number } else { number };
    (!rest.starts_with(['.', 'e', 'E'])).then_some((Plain::Number(number), rest))
}

/// Where the quote stands that ends a text without escapes.
#[inline]
fn closing(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = bytes.get(at..)?;
        if let Some(eight) = rest.first_chunk() {
            let stop = first_stop(u64::from_le_bytes(*eight));
            at += stop;
            if stop == 8 {
                continue;
            }
        } else {
            at += rest.iter().position(|&byte| is_stop(byte))?;
        }
        return (bytes.get(at) == Some(&b'"')).then_some(at);
    }
}

/// Whether a text cannot simply go on with this byte: a quote, a backslash or a control character.
fn is_stop(byte: u8) -> bool {
    byte == b'"' || byte == b'\\' || byte < 0x20
}

/// The first of eight bytes, the lowest first, that [is a stop](is_stop); eight where none is.
#[inline]
fn first_stop(bytes: u64) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    // A byte below `n` borrows from its highest bit, unless it had that bit. The byte above one that
    // borrowed may be taken for a stop too, but the first stop is right.
    let below = |bytes: u64, n: u64| bytes.wrapping_sub(ONES * n) & !bytes & HIGH;
    let is = |byte: u8| below(bytes ^ (ONES * u64::from(byte)), 1);
    let stops = below(bytes, 0x20) | is(b'"') | is(b'\\');
    stops.trailing_zeros() as usize / 8
}
