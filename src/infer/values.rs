//! What values say by themselves: that they are the time of the run, or hold an id.

use std::collections::BTreeSet;

use crate::observe::instant::{Written, counted_in, written_in};
use crate::observe::{Observation, Table, Value};
use crate::roles::without_uuids;
use crate::rules::Column;

/// When something took place: from and to, in seconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    /// The first second.
    pub(crate) from: f64,
    /// The last.
    pub(crate) to: f64,
}

/// A clock may be cut to the second, and a text rounded.
const SLACK: f64 = 1.0;
const DAY: f64 = 86_400.0;
/// Zones are apart by quarters of an hour, and ahead of UTC by 14 hours at most.
const QUARTER: f64 = 900.0;
const FURTHEST: f64 = 14.0 * 3_600.0;
/// Seconds, milliseconds, microseconds, nanoseconds.
const UNITS: [f64; 4] = [1.0, 1e3, 1e6, 1e9];
/// The Julian day on which 1970 began.
const JULIAN: f64 = 2_440_587.5;

impl Span {
    fn holds(self, seconds: f64) -> bool {
        (self.from - SLACK..=self.to + SLACK).contains(&seconds)
    }

    /// Whether a point in time, as it is written, lies within; where no zone is said, in any zone.
    fn holds_written(self, written: &Written) -> bool {
        match (written.has_time, written.zone) {
            (true, Some(ahead)) => self.holds(written.seconds - ahead),
            (true, None) => {
                // Of the time in UTC the nearest quarters decide.
                let quarters = ((written.seconds - self.from) / QUARTER).round() * QUARTER;
                quarters.abs() <= FURTHEST && self.holds(written.seconds - quarters)
            }
            (false, _) => (self.from - FURTHEST - DAY..=self.to + FURTHEST).contains(&written.seconds),
        }
    }

    fn holds_number(self, number: f64) -> bool {
        UNITS.iter().any(|unit| self.holds(number / unit)) || self.holds((number - JULIAN) * DAY)
    }

    /// The times within that stand in a text, from left to right.
    pub(super) fn found_in(self, text: &str) -> Vec<Written> {
        let mut found: Vec<Written> = written_in(text).into_iter().chain(counted_in(text)).collect();
        found.retain(|written| self.holds_written(written));
        found.sort_by_key(|written| written.start);
        found
    }

    /// Whether a value is a time within, or a text that holds one.
    pub(super) fn is_told_by(self, value: &Value) -> bool {
        match value {
            Value::Integer(_) | Value::Real(_) => value.as_number().is_some_and(|number| self.holds_number(number)),
            Value::Text(text) => {
                text.parse().is_ok_and(|number| self.holds_number(number)) || !self.found_in(text).is_empty()
            }
            Value::Null | Value::Blob(_) => false,
        }
    }
}

/// The values of a column in one world; none where it is not there.
pub(super) fn values<'w>(world: &'w Observation, column: &Column) -> impl Iterator<Item = &'w Value> {
    let table = world.tables.get(&column.table);
    let found = table.and_then(|table| Some((table, table.column(&column.column)?)));
    found.into_iter().flat_map(|(table, at)| table.rows.iter().map(move |row| &row[at]))
}

/// The rows that are not there, exactly so, in the world before.
pub(super) fn new_rows<'w>(before: &Observation, name: &str, table: &'w Table) -> Vec<&'w Vec<Value>> {
    let old = before.tables.get(name);
    table.rows.iter().filter(|row| !old.is_some_and(|old| old.rows.contains(row))).collect()
}

/// The values of a column, sorted, each as a text that tells it from all others.
pub(super) fn sorted(world: &Observation, column: &Column, written: impl Fn(&Value) -> String) -> Vec<String> {
    let mut all: Vec<String> = values(world, column).map(written).collect();
    all.sort_unstable();
    all
}

/// A value as it is.
pub(super) fn plain(value: &Value) -> String {
    format!("{value:?}")
}

/// A value without the ids that it holds.
pub(super) fn without_ids(value: &Value, ids: &BTreeSet<&str>) -> String {
    match value {
        Value::Text(text) => {
            let mut text = without_uuids(text);
            for id in ids.iter().filter(|id| text.contains(**id)).collect::<Vec<_>>() {
                text = text.replace(*id, "{}");
            }
            text
        }
        other => plain(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_the_run_is_known_in_each_way_to_write_it() {
        // 2024-03-01, 12:00:00 to 12:00:03 in UTC.
        let span = Span { from: 1_709_294_400.0, to: 1_709_294_403.0 };
        let told: [Value; 20] = [
            1_709_294_401_i64.into(),
            1_709_294_401_250_i64.into(),
            1_709_294_401.25.into(),
            2_460_371.000_015.into(),
            "2024-03-01T12:00:02Z".into(),
            "2024-03-01 12:00:02".into(),
            "2024-03-01 17:30:02".into(),
            "2024-03-01".into(),
            "2024-03-01T14:00:02+02:00".into(),
            r#"{"at":"2024-03-01T12:00:02.5Z"}"#.into(),
            1_709_294_399_i64.into(),
            1_709_294_404_i64.into(),
            "2024-03-02".into(),
            "2024-03-01 12:00:02.123456789 UTC".into(),
            "Fri, 01 Mar 2024 12:00:02 +0000".into(),
            "Friday, 01-Mar-24 12:00:02 GMT".into(),
            "Fri Mar  1 12:00:02 2024".into(),
            "Fri, 01 Mar 2024 14:00:02 +0200".into(),
            "1709294401".into(),
            r#"{"at":1709294401250}"#.into(),
        ];
        for value in told {
            assert!(span.is_told_by(&value), "{value}");
        }
        let others: [Value; 15] = [
            1_709_294_300_i64.into(),
            12_i64.into(),
            Value::Null,
            "2024-03-01T12:00:02+02:00".into(),
            "2024-03-01 12:07:02".into(),
            "2023-03-01 12:00:02".into(),
            "2024-02-20".into(),
            "2024-03-03 12:00:02".into(),
            "at noon".into(),
            1_709_294_398_i64.into(),
            1_709_294_405_i64.into(),
            "2024-03-03".into(),
            "Fri, 01 Mar 2024 12:00:02 +0200".into(),
            "Fri, 01 Mar 2019 12:00:02 +0000".into(),
            r#"{"at":1609294401250}"#.into(),
        ];
        for value in others {
            assert!(!span.is_told_by(&value), "{value}");
        }
    }
}
