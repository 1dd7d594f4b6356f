//! Times in answers: one that is made up anew in each run may be the same in two that are over within a second.

use serde_json::Value as Json;

use crate::observe::instant::written_in;

const DAY: f64 = 86_400.0;

/// Whether both are times, and the second is later than the first, by less than a day: so is a time of the same flow's in
/// a later case.
pub(super) fn is_a_little_later(was: &Json, is: &Json) -> bool {
    match (was, is) {
        (Json::String(was), Json::String(is)) => {
            seconds_of_text(was).zip(seconds_of_text(is)).is_some_and(|(was, is)| is_later(was, is))
        }
        (Json::Number(was), Json::Number(is)) => {
            let numbers = was.as_f64().zip(is.as_f64());
            numbers
                .is_some_and(|(was, is)| UNITS.iter().any(|&unit| is_in(was, unit) && is_later(was / unit, is / unit)))
        }
        _ => false,
    }
}

fn is_later(was: f64, is: f64) -> bool {
    (0.0..DAY).contains(&(is - was))
}

/// Seconds, milliseconds, microseconds, nanoseconds.
const UNITS: [f64; 4] = [1.0, 1e3, 1e6, 1e9];

/// Whether a number of this unit is a time since 2017, and before 2100.
fn is_in(number: f64, unit: f64) -> bool {
    (1.5e9..4.1e9).contains(&(number / unit))
}

/// The seconds since 1970 of a text that is a point in time, in whatever zone.
fn seconds_of_text(text: &str) -> Option<f64> {
    let first = written_in(text).into_iter().next()?;
    (first.start == 0 && first.has_time).then_some(first.seconds)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_time_is_a_little_later_within_a_day_and_never_earlier() {
        let later = |was: Json, is: Json| is_a_little_later(&was, &is);
        assert!(later(json!("2024-02-29T23:59:59Z"), json!("2024-03-01T00:00:01Z")));
        assert!(later(json!("2024-12-31T23:59:59+02:00"), json!("2025-01-01T00:00:00.001+02:00")));
        assert!(!later(json!("2024-02-29T23:59:59Z"), json!("2024-02-29T23:59:58Z")), "it is earlier");
        assert!(!later(json!("2024-02-29T00:00:00Z"), json!("2024-03-01T00:00:00Z")), "a day is a day");
        assert!(!later(json!("2024-02-29"), json!("2024-03-01")) && !later(json!("a"), json!("b")));
        assert!(!later(json!("2024-02-29"), json!("2024-02-29")), "a date is no time");
        assert!(
            !later(json!("at 2024-02-29T23:59:58Z"), json!("at 2024-02-29T23:59:59Z")),
            "it is a text with a time in it"
        );
        assert!(later(json!(1_700_000_000), json!(1_700_000_060)) && later(json!(1.7e12), json!(1.7e12 + 9.0)));
        assert!(!later(json!(4), json!(5)) && !later(json!(1_700_000_000), json!(1_600_000_000)));
        assert!(!later(json!(1_700_000_000), json!("2024-02-29T23:59:58Z")));
    }
}
