//! Times in answers: one that is made up anew in each run may be the same in two that are over within a second.

use serde_json::Value as Json;

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

/// The seconds since 1970 of a text like `2024-05-06T07:08:09.123Z`, in whatever zone.
fn seconds_of_text(text: &str) -> Option<f64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i32>().ok();
    let separators = [(4, "-"), (7, "-"), (13, ":"), (16, ":")];
    let is_like_one = separators.iter().all(|&(at, separator)| text.get(at..=at) == Some(separator));
    if !is_like_one || !matches!(text.get(10..=10), Some("T" | " " | "t")) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let fraction =
        text[19..].strip_prefix('.').map_or("", |rest| rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or(""));
    let fraction = format!("0.{fraction}0").parse::<f64>().ok()?;
    // A year begins in March, so that the day that is sometimes there comes last.
    let (years, months) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = years * 365 + years.div_euclid(4) - years.div_euclid(100) + years.div_euclid(400);
    let days = days + (months * 153 + 2) / 5 + day;
    let seconds = f64::from(hour * 3_600 + minute * 60 + second);
    Some(f64::from(days - 719_469) * DAY + seconds + fraction)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_time_is_a_little_later_within_a_day_and_never_earlier() {
        assert_eq!(seconds_of_text("1970-01-01T00:00:00Z"), Some(0.0));
        assert_eq!(seconds_of_text("2024-02-29 23:59:59.5"), Some(1_709_251_199.5));
        let later = |was: Json, is: Json| is_a_little_later(&was, &is);
        assert!(later(json!("2024-02-29T23:59:59Z"), json!("2024-03-01T00:00:01Z")));
        assert!(later(json!("2024-12-31T23:59:59+02:00"), json!("2025-01-01T00:00:00.001+02:00")));
        assert!(!later(json!("2024-02-29T23:59:59Z"), json!("2024-02-29T23:59:58Z")), "it is earlier");
        assert!(!later(json!("2024-02-29T00:00:00Z"), json!("2024-03-01T00:00:00Z")), "a day is a day");
        assert!(!later(json!("2024-02-29"), json!("2024-03-01")) && !later(json!("a"), json!("b")));
        assert!(later(json!(1_700_000_000), json!(1_700_000_060)) && later(json!(1.7e12), json!(1.7e12 + 9.0)));
        assert!(!later(json!(4), json!(5)) && !later(json!(1_700_000_000), json!(1_600_000_000)));
        assert!(!later(json!(1_700_000_000), json!("2024-02-29T23:59:58Z")));
    }
}
