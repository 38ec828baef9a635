//! A scanner of flat objects that are written like one read before.
//!
//! What stands around the values of a record, its [`Frame`], is mostly what stood around those of
//! the one before. An object with the frame of one that was JSON, and plain values, is JSON too, and
//! has the same keys. Plain is less than JSON allows, and read as JSON does: texts without escapes,
//! whole numbers of few digits, `true`, `false` and `null`. It is looked for in bytes that may be the
//! beginning of anything.

use smallvec::SmallVec;

use super::json::Member;

/// A value without escapes, fractions or parts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Plain<'a> {
    Null,
    Flag(bool),
    Number(i64),
    /// In UTF-8.
    Text(&'a [u8]),
}

/// The values of a flat object, in order.
pub(super) type Values<'a> = SmallVec<[Plain<'a>; 8]>;

/// What stands around the values of an object: `{"ts": `, `, "name": `, and last `}` and the end of
/// the line, where it is one.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// Before each value.
    before: Vec<Box<[u8]>>,
    /// After the last of them.
    end: Box<[u8]>,
    /// Whether that is the end of a line too.
    is_line: bool,
}

/// The longest frame, in bytes.
const MAX_FRAME: usize = 4096;

/// Whether an object has a certain frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fit {
    /// It has, and its values are plain; so many bytes are what it takes up.
    Yes(usize),
    /// It has another one.
    No,
    /// It begins like the frame, and then has a value that is not plain.
    Odd,
}

impl Frame {
    /// The frame of the object with which `text` begins. The text begins at the byte `base` and goes
    /// on to the end of the line, and the object has these members. Nothing where it is long, for
    /// frames are kept.
    pub fn of(text: &str, base: usize, members: &[Member<'_>]) -> Option<Frame> {
        let values: usize = members.iter().map(|member| member.value.text.len()).sum();
        if text.len().saturating_sub(values) > MAX_FRAME {
            return None;
        }
        let mut at = 0;
        let before = members.iter().map(|member| {
            let start = member.value.at.checked_sub(base)?;
            let before = text.get(at..start)?.as_bytes().into();
            at = start + member.value.text.len();
            Some(before)
        });
        let before = before.collect::<Option<_>>()?;
        let end = text.get(at..)?.as_bytes();
        Some(Frame {
            before,
            end: end.into(),
            is_line: end.ends_with(b"\n"),
        })
    }

    /// Whether the object with which `text` begins has this frame; if so, its values go to `values`.
    /// Without the end of a line in the frame, nothing may follow.
    #[inline]
    pub fn read<'a>(&self, text: &'a [u8], values: &mut Values<'a>) -> Fit {
        let mut rest = text;
        for before in &self.before {
            let Some(at_value) = after(rest, before) else {
                return Fit::No;
            };
            let Some((value, next)) = plain(at_value) else {
                return Fit::Odd;
            };
            values.push(value);
            rest = next;
        }
        match after(rest, &self.end) {
            Some(next) if next.is_empty() || self.is_line => Fit::Yes(text.len() - next.len()),
            _ => Fit::No,
        }
    }
}

/// What follows the beginning of `text`, if that is as expected.
#[inline]
fn after<'a>(text: &'a [u8], expected: &[u8]) -> Option<&'a [u8]> {
    let (start, rest) = text.split_at_checked(expected.len())?;
    (start == expected).then_some(rest)
}

/// The plain value with which `text` begins, and what follows.
#[inline]
fn plain(text: &[u8]) -> Option<(Plain<'_>, &[u8])> {
    match text {
        [b'"', inner @ ..] => {
            let (text, rest) = inner.split_at_checked(closing(inner)?)?;
            let sound = text.is_ascii() || std::str::from_utf8(text).is_ok();
            sound.then_some((Plain::Text(text), rest.get(1..)?))
        }
        [b'-' | b'0'..=b'9', ..] => number(text),
        _ => {
            let words = [
                (b"null".as_slice(), Plain::Null),
                (b"true", Plain::Flag(true)),
                (b"false", Plain::Flag(false)),
            ];
            let mut words = words.into_iter();
            words.find_map(|(word, value)| Some((value, text.strip_prefix(word)?)))
        }
    }
}

/// The whole number with which `text` begins, and what follows: no fraction and no exponent.
#[inline]
fn number(text: &[u8]) -> Option<(Plain<'_>, &[u8])> {
    // So many digits are certain to fit.
    const MAX_DIGITS: usize = 18;
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let (mut number, mut count) = (0i64, 0);
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        number = number.wrapping_mul(10).wrapping_add(i64::from(digit));
        count += 1;
    }
    let rest = digits.get(count..)?;
    // `0` stands alone, and `-0` is no whole number to JSON.
    let leading_zero = digits.first() == Some(&b'0') && (negative || count > 1);
    let goes_on = matches!(rest.first(), Some(b'.' | b'e' | b'E'));
    if leading_zero || goes_on || !(1..=MAX_DIGITS).contains(&count) {
        return None;
    }
    let number = if negative { -number } else { number };
    Some((Plain::Number(number), rest))
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
