//! Reads a table of TOML key by key, and keeps the place of everything.
//!
//! Whatever is not as it should be is noted, and reading goes on: a file tells all of its mistakes at once. Which keys
//! there are is the business of those who read.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::mistakes::Mistake;
use crate::fault::UnknownName;

/// A value with its place.
pub(crate) type Value<'d> = Spanned<DeValue<'d>>;

/// A text of the file, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) place: Range<usize>,
}

/// A table whose keys are known.
pub(crate) struct Keys<'d> {
    table: &'d DeTable<'d>,
    /// Where the table is said to begin: its header, or the whole of it where it stands in a line.
    pub(crate) place: Range<usize>,
    /// What the keys were meant to be that are not known: they are not missing, too.
    meant: Vec<String>,
}

impl<'d> Keys<'d> {
    /// The table; a key that is not known is a mistake.
    pub(crate) fn new(
        table: &'d DeTable<'d>,
        place: Range<usize>,
        known: &[&str],
        mistakes: &mut Vec<Mistake>,
    ) -> Self {
        let mut meant = Vec::new();
        for (key, _) in table {
            if !known.contains(&&**key.get_ref()) {
                let unknown = UnknownName::new("key", key.get_ref(), known.iter().copied());
                mistakes.push(Mistake::unknown(key.span(), &unknown));
                meant.extend(unknown.suggestion().map(str::to_owned));
            }
        }
        Self { table, place, meant }
    }

    /// The value of a key, if it is there.
    pub(crate) fn get(&self, key: &str) -> Option<&'d Value<'d>> {
        self.entry(key).map(|(_, value)| value)
    }

    /// A key and its value, if it is there.
    pub(crate) fn entry(&self, key: &str) -> Option<(&'d Spanned<DeString<'d>>, &'d Value<'d>)> {
        self.table.iter().find(|(name, _)| *name.get_ref() == key)
    }

    /// The value of a key that must be there.
    pub(crate) fn required(&self, key: &str, what: &str, mistakes: &mut Vec<Mistake>) -> Option<&'d Value<'d>> {
        let value = self.get(key);
        if value.is_none() && !self.meant.iter().any(|meant| meant == key) {
            mistakes.push(Mistake::new(self.place.clone(), format!("the key \"{key}\" is missing"), what));
        }
        value
    }

    /// A text that must be there and say something.
    pub(crate) fn text(&self, key: &str, what: &str, mistakes: &mut Vec<Mistake>) -> Option<Text> {
        let text = text(self.required(key, what, mistakes)?, what, mistakes)?;
        if text.text.trim().is_empty() {
            mistakes.push(Mistake::new(text.place.clone(), format!("\"{key}\" is empty"), what));
            return None;
        }
        Some(text)
    }
}

/// The value as a text.
pub(crate) fn text(value: &Value<'_>, what: &str, mistakes: &mut Vec<Mistake>) -> Option<Text> {
    let Some(text) = value.get_ref().as_str() else {
        mistakes.push(wrong_type(value, "a text", what));
        return None;
    };
    Some(Text { text: text.to_owned(), place: value.span() })
}

/// The value as a list of texts.
pub(crate) fn texts(value: &Value<'_>, what: &str, mistakes: &mut Vec<Mistake>) -> Option<Vec<Text>> {
    let Some(values) = value.get_ref().as_array() else {
        mistakes.push(wrong_type(value, "a list of texts", what));
        return None;
    };
    let read: Vec<Text> = values.iter().filter_map(|value| text(value, what, mistakes)).collect();
    (read.len() == values.len()).then_some(read)
}

/// The value as a table.
pub(crate) fn table<'d>(value: &'d Value<'d>, what: &str, mistakes: &mut Vec<Mistake>) -> Option<&'d DeTable<'d>> {
    let table = value.get_ref().as_table();
    if table.is_none() {
        mistakes.push(wrong_type(value, "a table", what));
    }
    table
}

/// What is said of a value that is something else.
pub(crate) fn wrong_type(value: &Value<'_>, wanted: &str, what: &str) -> Mistake {
    let found = match value.get_ref() {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    Mistake::new(value.span(), format!("this is {found}, and has to be {wanted}"), what)
}

/// The place of a part of a text within the file; the whole text where it is not written as it reads.
pub(crate) fn place_within(source: &str, text: &Text, part: Range<usize>) -> Range<usize> {
    let written = source.get(text.place.clone()).unwrap_or_default();
    match written.find(&text.text) {
        Some(begin) => text.place.start + begin + part.start..text.place.start + begin + part.end,
        None => text.place.clone(),
    }
}

/// The value as JSON, which has no times.
pub(crate) fn json(value: &Value<'_>, mistakes: &mut Vec<Mistake>) -> Option<serde_json::Value> {
    let before = mistakes.len();
    let json = json_of(value, mistakes);
    (mistakes.len() == before).then_some(json)
}

fn json_of(value: &Value<'_>, mistakes: &mut Vec<Mistake>) -> serde_json::Value {
    let mut number = |number: Option<serde_json::Number>| {
        if number.is_none() {
            let remedy = "a decimal number that a computer can hold";
            mistakes.push(Mistake::new(value.span(), "this number cannot be sent as JSON", remedy));
        }
        number.map_or(serde_json::Value::Null, serde_json::Value::Number)
    };
    match value.get_ref() {
        DeValue::String(text) => serde_json::Value::from(&**text),
        DeValue::Integer(integer) => {
            let integer = i64::from_str_radix(integer.as_str(), integer.radix());
            number(integer.ok().map(serde_json::Number::from))
        }
        DeValue::Float(float) => number(float.as_str().parse().ok().and_then(serde_json::Number::from_f64)),
        DeValue::Boolean(boolean) => serde_json::Value::from(*boolean),
        DeValue::Datetime(_) => {
            mistakes.push(wrong_type(value, "a text or a number", "JSON has no times; put it in quotes"));
            serde_json::Value::Null
        }
        DeValue::Array(values) => values.iter().map(|value| json_of(value, mistakes)).collect(),
        DeValue::Table(table) => {
            let fields = table.iter().map(|(key, value)| (key.get_ref().to_string(), json_of(value, mistakes)));
            serde_json::Value::Object(fields.collect())
        }
    }
}
