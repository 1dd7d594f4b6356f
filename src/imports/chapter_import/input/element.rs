//! One element of a list in a document: its fields, and how their place is called when one of them is wrong.

use serde_json::{Map, Value};

use super::{InputError, MAX_TIME_S};

/// One element of a list: its fields, and how its place is called in messages.
pub(super) struct Element<'a> {
    list: &'static str,
    index: usize,
    fields: &'a Map<String, Value>,
}

impl<'a> Element<'a> {
    pub(super) fn new(list: &'static str, index: usize, element: &'a Value) -> Result<Self, InputError> {
        match element {
            Value::Object(fields) => Ok(Self { list, index, fields }),
            other => Err(InputError::new(format!("{list}[{index}]"), format!("{other} is no object"))),
        }
    }

    pub(super) fn error(&self, field: &str, problem: impl Into<String>) -> InputError {
        InputError::new(format!("{}[{}].{field}", self.list, self.index), problem)
    }

    /// The field's value; a field that is null is not there.
    fn optional(&self, field: &str) -> Option<&'a Value> {
        self.fields.get(field).filter(|value| !value.is_null())
    }

    pub(super) fn required(&self, field: &str) -> Result<&'a Value, InputError> {
        self.optional(field).ok_or_else(|| self.error(field, "missing"))
    }

    pub(super) fn text(&self, field: &str) -> Result<Option<String>, InputError> {
        match self.optional(field) {
            None => Ok(None),
            // SQLite ends a text at a NUL, here and there: what is stored would depend on who reads it.
            Some(Value::String(text)) if text.contains('\0') => Err(self.error(field, "holds a NUL character")),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(self.error(field, format!("{other} is no text"))),
        }
    }

    pub(super) fn start_ms(&self) -> Result<i64, InputError> {
        self.time_ms("startTime", self.required("startTime")?, "a start is at or after 0")
    }

    pub(super) fn end_ms(&self, start_ms: i64) -> Result<Option<i64>, InputError> {
        let Some(end) = self.optional("endTime") else { return Ok(None) };
        let end_ms = self.time_ms("endTime", end, "an end is at or after its start")?;
        if end_ms < start_ms {
            return Err(self.error("endTime", format!("{end} is before the start")));
        }
        Ok(Some(end_ms))
    }

    fn time_ms(&self, field: &str, value: &Value, lower_bound: &str) -> Result<i64, InputError> {
        let Some(seconds) = value.as_f64().filter(|seconds| seconds.is_finite()) else {
            return Err(self.error(field, format!("{value} is no number of seconds")));
        };
        if seconds < 0.0 {
            return Err(self.error(field, format!("{value} is negative; {lower_bound}")));
        }
        if seconds > MAX_TIME_S {
            return Err(self.error(field, format!("{value} is later than {MAX_TIME_S} seconds")));
        }
        #[expect(clippy::cast_possible_truncation, reason = "between 0 and a thousand times the latest time")]
        Ok((seconds * 1000.0).round() as i64)
    }
}
