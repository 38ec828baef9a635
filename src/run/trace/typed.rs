//! Values as their types want them.

use std::fmt;
use std::ops::Range;

use super::json::{Member, Raw, Scalar, Syntax, short};
use crate::diag::{Code, suggest};
use crate::ir::{Field, Model, Type};
use crate::run::{Names, Syms, Value};
use crate::time::{Duration, Instant, Stamp, Zone};

/// Something wrong with a record, and where.
#[derive(Debug, Clone)]
pub(super) struct Bad {
    pub code: Code,
    pub message: String,
    /// The bytes meant.
    pub span: Range<usize>,
    /// The key of the member meant.
    pub key: Option<String>,
    pub notes: Vec<String>,
    pub help: Option<String>,
}

impl Bad {
    pub fn new(code: Code, message: impl Into<String>, span: Range<usize>) -> Bad {
        Bad {
            code,
            message: message.into(),
            span,
            key: None,
            notes: Vec::new(),
            help: None,
        }
    }

    pub fn key(mut self, key: &str) -> Bad {
        self.key = Some(key.to_owned());
        self
    }

    pub fn note(mut self, note: impl Into<String>) -> Bad {
        self.notes.push(note.into());
        self
    }

    pub fn help(mut self, help: impl Into<String>) -> Bad {
        self.help = Some(help.into());
        self
    }

    pub fn maybe_help(mut self, help: Option<String>) -> Bad {
        self.help = help.or(self.help);
        self
    }
}

impl From<Syntax> for Bad {
    fn from(syntax: Syntax) -> Bad {
        Bad::new(
            Code::TraceSyntax,
            format!("this is not JSON: {}", syntax.message),
            syntax.at..syntax.at + 1,
        )
    }
}

/// What a value is, in a message.
#[derive(Debug, Clone, Copy)]
pub(super) enum What<'a> {
    /// "`since`".
    Key(&'a str),
    /// "the time of `meet`".
    Time(&'a str),
    /// "`present` of `meet`".
    Field(&'a str, &'a str),
    /// "each element of `present` of `meet`".
    Each(&'a What<'a>),
}

impl fmt::Display for What<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Key(key) => write!(f, "`{}`", short(key)),
            What::Time(event) => write!(f, "the time of `{}`", short(event)),
            What::Field(key, event) => write!(f, "`{}` of `{}`", short(key), short(event)),
            What::Each(list) => write!(f, "each element of {list}"),
        }
    }
}

/// What is needed to read a value.
pub(super) struct Reader<'a> {
    pub model: &'a Model,
    pub zone: &'a Zone,
    pub names: &'a mut Names,
    /// A record of somebody else: ids may be numbers, times may be epoch seconds.
    pub foreign: bool,
    /// The text by which the record says that nothing is known.
    pub empty: Option<&'a str>,
    /// The texts by which it says that a value is not known; the empty one is what is left out.
    pub unknown: &'a [String],
}

impl Reader<'_> {
    /// The value of type `ty` that `raw` is. `what` names it in messages.
    pub fn value(&mut self, ty: &Type, raw: Raw<'_>, what: What<'_>) -> Result<Value, Bad> {
        let scalar = self.scalar(raw)?;
        if self.says_unknown(&scalar) {
            return Ok(Value::Unknown);
        }
        if raw.text == "null" {
            return Ok(self.left_out());
        }
        let wrong = |help: Option<String>| {
            let expected = expected(self.model, ty);
            let message = format!("{what} must be {expected}, but is {}", raw.found());
            Err(Bad::new(Code::WrongType, message, raw.span()).maybe_help(help))
        };
        Ok(match (ty, scalar) {
            (_, Scalar::Null) => Value::Empty,
            (Type::Text | Type::Link, Scalar::Text(text)) => Value::Text(text.as_ref().into()),
            (Type::Text | Type::Link, Scalar::Number(number)) => {
                return wrong(Some(format!("write `\"{}\"`", short(number))));
            }
            (Type::Number, Scalar::Number(text)) => Value::Number(number(text, raw, what)?),
            (Type::Number, Scalar::Text(text)) if text.parse::<i64>().is_ok() => {
                return wrong(Some(format!("write `{text}` without quotes")));
            }
            (Type::Flag, Scalar::Flag(flag)) => Value::Flag(flag),
            (Type::Flag, Scalar::Text(text)) if matches!(&*text, "true" | "false") => {
                return wrong(Some(format!("write `{text}` without quotes")));
            }
            (Type::Date, Scalar::Text(text)) => self.dates(&text, raw, what)?,
            (Type::Date, Scalar::Number(number)) if self.foreign => {
                Value::Date(epoch(number, raw, what)?)
            }
            (Type::Duration, Scalar::Text(text)) => match Duration::parse(&text) {
                Some(duration) => Value::Duration(duration),
                None => {
                    return wrong(Some(
                        "one number and one unit: `3 months`, `72 hours`, `P3M`, `PT72H`"
                            .to_owned(),
                    ));
                }
            },
            (Type::Person | Type::Instance(_), Scalar::Text(text)) if !text.is_empty() => {
                Value::Name(self.names.intern(&text))
            }
            (Type::Person | Type::Instance(_), Scalar::Number(id))
                if self.foreign && id.bytes().all(|b| b.is_ascii_digit()) =>
            {
                Value::Name(self.names.intern(id))
            }
            (Type::Person | Type::Instance(_), Scalar::List) => {
                return wrong(Some("only one can stand here".to_owned()));
            }
            (Type::Role(roles), Scalar::Text(text)) => {
                let known = roles
                    .iter()
                    .filter_map(|&id| Some((id, self.model.roles.get(id.index())?)));
                let mut words: Vec<String> = Vec::new();
                for (id, role) in known {
                    let kind = self.model.kinds.get(role.kind.index());
                    let full = kind.map(|k| format!("{}.{}", k.name, role.name));
                    if role.name == *text
                        || role.spelled.iter().any(|s| *s == *text)
                        || full.is_some_and(|full| full == *text)
                    {
                        return Ok(Value::Role(id));
                    }
                    for word in std::iter::once(&role.name).chain(&role.spelled) {
                        if !words.contains(word) {
                            words.push(word.clone());
                        }
                    }
                }
                return Err(unknown_word(&text, raw, what, &words));
            }
            (Type::Choice(words), Scalar::Text(text)) => {
                if words.iter().any(|word| *word == *text) {
                    Value::Name(self.names.intern(&text))
                } else {
                    return Err(unknown_word(&text, raw, what, words));
                }
            }
            (Type::List(of), Scalar::List) => {
                let elements = super::json::list(raw.text, raw.at)?;
                let mut values = Vec::with_capacity(elements.len());
                for element in elements {
                    let value = self.value(of, element, What::Each(&what))?;
                    if value != Value::Empty {
                        values.push(value);
                    }
                }
                Value::List(values.into())
            }
            (Type::List(_), _) => {
                return wrong(Some(format!("write `[{}]`", short(raw.text))));
            }
            _ => return wrong(None),
        })
    }

    /// A value as JSON says it, and null where the record says that nothing is known.
    fn scalar<'a>(&self, raw: Raw<'a>) -> Result<Scalar<'a>, Syntax> {
        Ok(match raw.read()? {
            Scalar::Text(text) if self.empty == Some(&*text) => Scalar::Null,
            scalar => scalar,
        })
    }

    fn says_unknown(&self, scalar: &Scalar<'_>) -> bool {
        let text = match scalar {
            Scalar::Text(text) => text.as_ref(),
            Scalar::Number(number) => number,
            _ => return false,
        };
        self.unknown.iter().any(|unknown| unknown == text)
    }

    /// What a field holds that a record leaves out.
    pub fn left_out(&self) -> Value {
        match self.unknown.iter().any(String::is_empty) {
            true => Value::Unknown,
            false => Value::Empty,
        }
    }

    /// The value of a field that is spelled by several of the record's: `"{group}/{meeting}"`. Where
    /// one of them is no name, text or number, it is left out.
    pub fn composed(&mut self, field: &Field, members: &[Member<'_>]) -> Value {
        let mut text = String::new();
        let mut rest = field.spelled.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let (key, after) = after.split_once('}').unwrap_or((after, ""));
            let member = members.iter().find(|m| m.key == key);
            match member.map(|m| self.scalar(m.value)) {
                Some(Ok(Scalar::Text(part))) if !part.is_empty() => text.push_str(&part),
                Some(Ok(Scalar::Number(part))) => text.push_str(part),
                _ => return self.left_out(),
            }
            rest = after;
        }
        text.push_str(rest);
        match field.ty {
            Type::Person | Type::Instance(_) => Value::Name(self.names.intern(&text)),
            _ => Value::Text(text.into()),
        }
    }

    /// A date, an instant, or the days `2025-10-01..2025-10-08`.
    fn dates(&self, text: &str, raw: Raw<'_>, what: What<'_>) -> Result<Value, Bad> {
        if let Some((first, last)) = text.split_once("..") {
            let first = self.stamp(first.trim(), raw, what)?;
            let last = self.stamp(last.trim(), raw, what)?;
            return Ok(Value::Dates(first, last));
        }
        self.stamp(text, raw, what).map(Value::Date)
    }

    fn stamp(&self, text: &str, raw: Raw<'_>, what: What<'_>) -> Result<Stamp, Bad> {
        match self.zone.parse(text) {
            Some(stamp) => Ok(stamp),
            None => Err(no_time(text, raw, what)),
        }
    }

    /// A moment: RFC 3339, a date, or, in a record, epoch seconds. `None` where it is null.
    pub fn time(&self, raw: Raw<'_>, what: What<'_>) -> Result<Option<Stamp>, Bad> {
        match raw.read()? {
            Scalar::Null => Ok(None),
            Scalar::Text(text) => self.stamp(&text, raw, what).map(Some),
            Scalar::Number(number) if self.foreign => epoch(number, raw, what).map(Some),
            _ => {
                let message = format!("{what} must be a date or time, but is {}", raw.found());
                Err(Bad::new(Code::WrongType, message, raw.span()).help(TIME_HELP))
            }
        }
    }

    /// The name of a person or group. `None` where it is null.
    pub fn name(&mut self, raw: Raw<'_>, what: What<'_>) -> Result<Option<crate::run::Sym>, Bad> {
        match self.scalar(raw)? {
            Scalar::Null => Ok(None),
            Scalar::Text(text) if !text.is_empty() => Ok(Some(self.names.intern(&text))),
            Scalar::Number(id) if self.foreign && id.bytes().all(|b| b.is_ascii_digit()) => {
                Ok(Some(self.names.intern(id)))
            }
            _ => {
                let message = format!("{what} must be a name, but is {}", raw.found());
                Err(Bad::new(Code::WrongType, message, raw.span()))
            }
        }
    }

    /// A name or a list of names.
    pub fn people(&mut self, raw: Raw<'_>, what: What<'_>) -> Result<Syms, Bad> {
        if !raw.text.starts_with('[') {
            return Ok(self.name(raw, what)?.into_iter().collect());
        }
        let mut people = Syms::new();
        for element in super::json::list(raw.text, raw.at)? {
            if let Some(person) = self.name(element, What::Each(&what))?
                && !people.contains(&person)
            {
                people.push(person);
            }
        }
        Ok(people)
    }
}

const TIME_HELP: &str =
    "write a date, `2025-01-14`, or a time with its offset, `2025-01-14T12:00:00Z`";

/// A type in words.
pub(super) fn expected(model: &Model, ty: &Type) -> String {
    match ty {
        Type::Text => "a text".to_owned(),
        Type::Link => "a link, as text".to_owned(),
        Type::Number => "a whole number".to_owned(),
        Type::Flag => "true or false".to_owned(),
        Type::Date => "a date or time, as text".to_owned(),
        Type::Duration => "a duration, as text".to_owned(),
        Type::Person => "the name of a person".to_owned(),
        Type::Instance(kinds) => {
            let names: Vec<&str> = kinds
                .iter()
                .filter_map(|k| model.kinds.get(k.index()))
                .map(|k| k.name.as_str())
                .collect();
            format!("the name of a {}", names.join(" or "))
        }
        Type::Role(_) => "a role, as text".to_owned(),
        Type::Choice(words) => format!("one of {}", listed(words)),
        Type::List(of) => format!("a list whose elements are each {}", expected(model, of)),
    }
}

/// `a`, `b`, `c`, at most eight of them.
pub(super) fn listed<S: AsRef<str>>(words: &[S]) -> String {
    let mut shown: Vec<String> = words
        .iter()
        .take(8)
        .map(|word| format!("`{}`", short(word.as_ref())))
        .collect();
    if words.len() > shown.len() {
        shown.push("…".to_owned());
    }
    shown.join(", ")
}

/// "did you mean `x`?", where one is near.
pub(super) fn did_you_mean<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    // A word of this length is no slip of a name, and measuring it would take its square.
    if word.len() > 200 {
        return None;
    }
    suggest::nearest(word, candidates).map(|near| format!("did you mean `{near}`?"))
}

fn unknown_word(text: &str, raw: Raw<'_>, what: What<'_>, words: &[String]) -> Bad {
    let message = format!("{what} cannot be `{}`", short(text));
    Bad::new(Code::UnknownWord, message, raw.span())
        .note(format!("it is one of {}", listed(words)))
        .maybe_help(did_you_mean(text, words.iter().map(String::as_str)))
}

fn number(text: &str, raw: Raw<'_>, what: What<'_>) -> Result<i64, Bad> {
    if let Ok(number) = text.parse() {
        return Ok(number);
    }
    let bad = |message: String| Bad::new(Code::NumberOutOfRange, message, raw.span());
    if text.contains(['.', 'e', 'E']) {
        let whole = text
            .split_once('.')
            .filter(|(_, fraction)| fraction.bytes().all(|b| b == b'0'))
            .map(|(whole, _)| format!("write `{}`", short(whole)));
        return Err(bad(format!(
            "{what} must be a whole number, but is {}",
            short(text)
        ))
        .maybe_help(whole));
    }
    let message = format!("{what} is too large a number: {}", short(text));
    Err(bad(message).note(format!("numbers go from {} to {}", i64::MIN, i64::MAX)))
}

/// Seconds since 1970-01-01T00:00:00Z, with up to six decimals.
fn epoch(text: &str, raw: Raw<'_>, what: What<'_>) -> Result<Stamp, Bad> {
    let bad = |message: &str| {
        Bad::new(
            Code::NotATime,
            format!("{what} is no time: {message}"),
            raw.span(),
        )
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if text.contains(['e', 'E']) {
        return Err(bad("epoch seconds stand without an exponent"));
    }
    let seconds = whole.parse::<i64>().ok();
    let Some(start) = seconds.and_then(Instant::from_second) else {
        let millis = seconds.and_then(|s| Instant::from_second(s / 1000));
        return Err(match millis {
            Some(_) => bad("so many seconds lie beyond the year 9999")
                .help("these look like milliseconds: divide by 1000"),
            None => bad("so many seconds lie beyond the year 9999"),
        });
    };
    let digits: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let micros: i64 = digits.parse().unwrap_or(0);
    let signed = if whole.starts_with('-') {
        -micros
    } else {
        micros
    };
    Ok(Stamp::instant(Instant(start.0.saturating_add(signed))))
}

/// Why a text is no time.
fn no_time(text: &str, raw: Raw<'_>, what: What<'_>) -> Bad {
    let bad = |message: String| Bad::new(Code::NotATime, message, raw.span());
    let shown = short(text);
    let shape: String = text
        .chars()
        .take(10)
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    if shape == "0000-00-00" {
        let day = text.get(..10).unwrap_or("");
        let exists = Zone::utc().parse(day).is_some();
        if !exists {
            return bad(format!("{what}: there is no day {day}")).maybe_help(last_day(day));
        }
        if Zone::utc().parse(&format!("{text}Z")).is_some() {
            return bad(format!("{what} is a time without an offset: `{shown}`"))
                .help(format!("write `{shown}Z` for UTC, or add the offset"));
        }
    }
    if !text.is_empty() && text.len() <= 13 && text.bytes().all(|b| b.is_ascii_digit()) {
        return bad(format!("{what} is no date or time: `{shown}`"))
            .help("epoch seconds stand without quotes, and only in a mapped record");
    }
    bad(format!("{what} is no date or time: `{shown}`")).help(TIME_HELP)
}

/// "February 2025 has 28 days", for a day after the last of its month.
fn last_day(day: &str) -> Option<String> {
    let month = day.get(..8)?;
    (28..=31u32)
        .rev()
        .map(|n| format!("{month}{n}"))
        .find(|day| Zone::utc().parse(day).is_some())
        .map(|last| format!("the last day of that month is {last}"))
}
