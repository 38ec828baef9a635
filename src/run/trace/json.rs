//! Objects, lists and scalars of JSON, each with the place where it stands.
//!
//! The syntax is serde_json's; what is added is the byte at which every key and value begins, so
//! that a message can point at it. A value is kept as its own text and read when its type is known.

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;
use smallvec::SmallVec;

/// Deepest nesting of lists and objects within one value.
pub(super) const MAX_DEPTH: usize = 64;

/// One `"key": value` of an object.
#[derive(Debug, Clone)]
pub(super) struct Member<'a> {
    /// The key, its escapes read.
    pub key: Cow<'a, str>,
    /// The byte at which the key (inside its quotes) begins.
    pub key_at: usize,
    /// The value as written.
    pub value: Raw<'a>,
}

/// The members of an object; those of most events need no memory of their own.
pub(super) type Members<'a> = SmallVec<[Member<'a>; 8]>;

/// A value as written, and the byte at which it begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Raw<'a> {
    /// The text of the value, without space around it.
    pub text: &'a str,
    /// Where it begins.
    pub at: usize,
}

/// Why a text is not JSON.
#[derive(Debug, Clone)]
pub(super) struct Syntax {
    /// The byte at which it stops being JSON.
    pub at: usize,
    /// What is wrong there, or what was expected.
    pub message: String,
    /// The text ends too early.
    pub ends: bool,
    /// It ends in the middle of a text in quotes.
    pub in_text: bool,
}

/// The byte of `whole` at which its part `part` begins.
fn place(whole: &str, part: &str) -> usize {
    (part.as_ptr() as usize)
        .wrapping_sub(whole.as_ptr() as usize)
        .min(whole.len())
}

struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// An object being read: `text` begins at the byte `base`.
struct Object<'a> {
    text: &'a str,
    base: usize,
}

impl<'de> DeserializeSeed<'de> for Object<'de> {
    type Value = Members<'de>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'de> {
    type Value = Members<'de>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Members::new();
        while let Some((Key(key), raw)) = map.next_entry::<Key<'de>, &'de RawValue>()? {
            let value = Raw {
                text: raw.get(),
                at: self.base + place(self.text, raw.get()),
            };
            let key_at = match &key {
                Cow::Borrowed(borrowed) => self.base + place(self.text, borrowed),
                Cow::Owned(_) => value.at,
            };
            members.push(Member { key, key_at, value });
        }
        Ok(members)
    }
}

struct List<'a>(Vec<&'a RawValue>);

impl<'de> Deserialize<'de> for List<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Elements;
        impl<'de> Visitor<'de> for Elements {
            type Value = List<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = seq.next_element()? {
                    elements.push(element);
                }
                Ok(List(elements))
            }
        }
        deserializer.deserialize_seq(Elements)
    }
}

/// The members of the object that `text` is; `base` is the byte at which `text` begins.
pub(super) fn object(text: &str, base: usize) -> Result<Members<'_>, Syntax> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let members = Object { text, base }.deserialize(&mut reader);
    let members = members.and_then(|members| reader.end().map(|()| members));
    members.map_err(|error| Syntax::of(text, base, &error))
}

/// The elements of the list that `text` is; `base` is the byte at which `text` begins.
pub(super) fn list(text: &str, base: usize) -> Result<Vec<Raw<'_>>, Syntax> {
    let List(elements) =
        serde_json::from_str(text).map_err(|error| Syntax::of(text, base, &error))?;
    Ok(elements
        .into_iter()
        .map(|raw| Raw {
            text: raw.get(),
            at: base + place(text, raw.get()),
        })
        .collect())
}

/// Whether `text` is one value of JSON.
pub(super) fn validate(text: &str, base: usize) -> Result<(), Syntax> {
    serde_json::from_str::<IgnoredAny>(text)
        .map(|_| ())
        .map_err(|error| Syntax::of(text, base, &error))
}

impl Syntax {
    fn of(text: &str, base: usize, error: &serde_json::Error) -> Syntax {
        let line_start: usize = text
            .split_inclusive('\n')
            .take(error.line().saturating_sub(1))
            .map(str::len)
            .sum();
        let full = error.to_string();
        let message = full.split(" at line ").next().unwrap_or(&full);
        // Of this one mistake serde_json tells the place before.
        let back = usize::from(!message.starts_with("control character"));
        let mut at = (line_start + error.column().saturating_sub(back)).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        Syntax {
            at: base + at,
            message: message.to_owned(),
            ends: error.is_eof(),
            in_text: error.is_eof() && message.ends_with("string"),
        }
    }
}

/// A value, read as far as JSON itself says.
#[derive(Debug, Clone)]
pub(super) enum Scalar<'a> {
    Null,
    Flag(bool),
    /// As written.
    Number(&'a str),
    Text(Cow<'a, str>),
    /// Not read yet.
    List,
    /// Not read yet.
    Object,
}

impl<'a> Raw<'a> {
    /// The bytes it takes up.
    pub fn span(self) -> std::ops::Range<usize> {
        self.at..self.at + self.text.len()
    }

    /// The value, read.
    pub fn read(self) -> Result<Scalar<'a>, Syntax> {
        Ok(match self.text.as_bytes().first() {
            Some(b'"') => Scalar::Text(match self.text.get(1..self.text.len() - 1) {
                Some(inner) if !inner.contains('\\') => Cow::Borrowed(inner),
                _ => Cow::Owned(
                    serde_json::from_str(self.text)
                        .map_err(|error| Syntax::of(self.text, self.at, &error))?,
                ),
            }),
            Some(b'[') => Scalar::List,
            Some(b'{') => Scalar::Object,
            Some(b't') => Scalar::Flag(true),
            Some(b'f') => Scalar::Flag(false),
            Some(b'n') | None => Scalar::Null,
            Some(_) => Scalar::Number(self.text),
        })
    }

    /// Whether lists and objects nest deeper in it than [`MAX_DEPTH`].
    pub fn too_deep(self) -> bool {
        self.text.starts_with(['[', '{']) && crate::ir::wire::depth(self.text) > MAX_DEPTH
    }

    /// The value in words: `the number 7`, `the text "x"`.
    pub fn found(self) -> String {
        match self.read() {
            Ok(Scalar::Null) => "null".to_owned(),
            Ok(Scalar::Flag(flag)) => format!("`{flag}`"),
            Ok(Scalar::Number(number)) => format!("the number {}", short(number)),
            Ok(Scalar::Text(text)) if text.is_empty() => "an empty text".to_owned(),
            Ok(Scalar::Text(text)) => format!("the text `{}`", short(&text)),
            Ok(Scalar::List) => "a list".to_owned(),
            Ok(Scalar::Object) => "an object".to_owned(),
            Err(_) => "something else".to_owned(),
        }
    }
}

/// At most 40 characters of `text`, made safe to show.
pub(super) fn short(text: &str) -> String {
    let mut shown: String = text.chars().take(40).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    crate::run::report::clean(&shown).into_owned()
}
