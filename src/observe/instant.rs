//! Points in time, as values and texts write them.

mod named_month;

const DAY: f64 = 86_400.0;

/// A point in time that stands in a text, such as `2024-05-06T07:08:09.123Z` or `2024-05-06`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Written {
    /// Where it begins, in bytes.
    pub(crate) start: usize,
    /// Where it ends, in bytes.
    pub(crate) end: usize,
    /// The seconds since 1970, read as if it were written in UTC.
    pub(crate) seconds: f64,
    /// Whether there is a time of the day.
    pub(crate) has_time: bool,
    /// By how many seconds the zone is ahead of UTC, where that is said.
    pub(crate) zone: Option<f64>,
}

/// All that stand in a text, from left to right. A word that goes on before or behind one is none.
pub(crate) fn written_in(text: &str) -> Vec<Written> {
    let mut all = dates_in(text.as_bytes());
    all.extend(named_month::dates_in(text.as_bytes()));
    all.sort_by_key(|written| written.start);
    all
}

/// Numbers that may be seconds since 1970, or parts of them by thousands: whether one is a time only shows beside others.
pub(crate) fn counted_in(text: &str) -> Vec<Written> {
    /// So many digits have the seconds from 2001 to 2286.
    const DIGITS: usize = 10;
    let bytes = text.as_bytes();
    let mut all = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let digits = count_digits(&bytes[at..]);
        let fraction = match bytes.get(at + digits) {
            Some(b'.') if digits == DIGITS => count_digits(&bytes[at + digits + 1..]),
            _ => 0,
        };
        let end = at + digits + if fraction > 0 { fraction + 1 } else { 0 };
        let unit = match digits.checked_sub(DIGITS) {
            Some(0) => 1.0,
            Some(3) => 1e3,
            Some(6) => 1e6,
            Some(9) => 1e9,
            _ => 0.0,
        };
        let is_alone = (at == 0 || !bytes[at - 1].is_ascii_alphanumeric())
            && !bytes.get(end).is_some_and(u8::is_ascii_alphanumeric);
        if let Some(number) =
            text.get(at..end).filter(|_| is_alone && unit > 0.0).and_then(|text| text.parse::<f64>().ok())
        {
            all.push(Written { start: at, end, seconds: number / unit, has_time: true, zone: Some(0.0) });
        }
        at = end;
    }
    all
}

fn count_digits(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Those with a year, a month and a day in numbers.
fn dates_in(bytes: &[u8]) -> Vec<Written> {
    let mut all: Vec<Written> = Vec::new();
    let mut at = 0;
    while at + 10 <= bytes.len() {
        // A year ends with a hyphen; most of any text is passed over here.
        if bytes[at + 4] != b'-' || !bytes[at].is_ascii_digit() || (at > 0 && bytes[at - 1].is_ascii_alphanumeric()) {
            at += 1;
            continue;
        }
        let found =
            written_at(&bytes[at..]).filter(|(length, ..)| !bytes.get(at + length).is_some_and(u8::is_ascii_digit));
        match found {
            Some((length, seconds, has_time, zone)) => {
                all.push(Written { start: at, end: at + length, seconds, has_time, zone });
                at += length;
            }
            None => at += 1,
        }
    }
    all
}

/// The length of what stands at the beginning, its seconds, whether a time of the day is there, and the zone.
fn written_at(bytes: &[u8]) -> Option<(usize, f64, bool, Option<f64>)> {
    let date = bytes.get(..10).filter(|date| date[4] == b'-' && date[7] == b'-')?;
    let (year, month, day) = (digits(&date[..4])?, digits(&date[5..7])?, digits(&date[8..10])?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let date = f64::from(days(year, month, day)) * DAY;
    let Some((length, time, zone)) = time_at(&bytes[10..]) else { return Some((10, date, false, None)) };
    Some((10 + length, date + time, true, zone))
}

/// A time of the day behind a date.
fn time_at(bytes: &[u8]) -> Option<(usize, f64, Option<f64>)> {
    let [b'T' | b't' | b' ', rest @ ..] = bytes else { return None };
    let (length, seconds) = clock_at(rest)?;
    let (zone, of_zone) = zone_at(&rest[length..]).unzip();
    Some((1 + length + of_zone.unwrap_or(0), seconds, zone))
}

/// A time of the day, without a zone: its length and its seconds.
fn clock_at(bytes: &[u8]) -> Option<(usize, f64)> {
    let two = |at: usize| digits(bytes.get(at..at + 2)?);
    let (hour, minute) = (two(0)?, two(3).filter(|_| bytes[2] == b':')?);
    let mut length = 5;
    let mut seconds = f64::from(hour * 3_600 + minute * 60);
    let has_seconds = bytes.get(length) == Some(&b':');
    if let Some(second) = two(length + 1).filter(|_| has_seconds) {
        seconds += f64::from(second);
        length += 3;
        if bytes.get(length) == Some(&b'.') {
            let fraction = count_digits(&bytes[length + 1..]);
            let text = std::str::from_utf8(&bytes[length..=length + fraction]).ok()?;
            seconds += format!("0{text}0").parse::<f64>().ok()?;
            length += 1 + fraction;
        }
    }
    Some((length, seconds))
}

/// The zone behind a time, and its length, with the space before it where there is one.
fn zone_at(bytes: &[u8]) -> Option<(f64, usize)> {
    let ends = |rest: &[u8]| !rest.first().is_some_and(u8::is_ascii_alphanumeric);
    match bytes {
        [b'Z' | b'z', ..] => Some((0.0, 1)),
        [b'U', b'T', b'C', rest @ ..] | [b'G', b'M', b'T', rest @ ..] if ends(rest) => Some((0.0, 3)),
        [b' ', rest @ ..] if !rest.starts_with(b"Z") && !rest.starts_with(b"z") && !rest.starts_with(b" ") => {
            zone_at(rest).map(|(zone, length)| (zone, length + 1))
        }
        [sign @ (b'+' | b'-'), rest @ ..] => {
            let hours = digits(rest.get(..2)?)?;
            let has_colon = rest.get(2) == Some(&b':');
            let at = if has_colon { 3 } else { 2 };
            let minutes = rest.get(at..at + 2).and_then(digits);
            let length = 1 + if minutes.is_some() { at + 2 } else { 2 };
            let ahead = f64::from(hours * 3_600 + minutes.unwrap_or(0) * 60);
            Some((if *sign == b'-' { -ahead } else { ahead }, length))
        }
        _ => None,
    }
}

/// The number that these digits write.
fn digits(bytes: &[u8]) -> Option<i32> {
    bytes.iter().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i32::from(byte - b'0')))
}

/// The days since 1970.
fn days(year: i32, month: i32, day: i32) -> i32 {
    // A year begins in March, so that the day that is sometimes there comes last.
    let (years, months) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = years * 365 + years.div_euclid(4) - years.div_euclid(100) + years.div_euclid(400);
    days + (months * 153 + 2) / 5 + day - 719_469
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, f64, Option<f64>)]) {
        let found = written_in(text);
        let found: Vec<_> = found.iter().map(|at| (&text[at.start..at.end], at.seconds, at.zone)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_time_is_found_wherever_it_stands() {
        check("1970-01-01T00:00:00Z", &[("1970-01-01T00:00:00Z", 0.0, Some(0.0))]);
        check("2024-02-29 23:59:59.5", &[("2024-02-29 23:59:59.5", 1_709_251_199.5, None)]);
        check("2024-03-01", &[("2024-03-01", 1_709_251_200.0, None)]);
        check(
            r#"{"a":"1970-01-02T00:00+01:30","b":"1970-01-01t00:00:01-0100"}"#,
            &[("1970-01-02T00:00+01:30", 86_400.0, Some(5_400.0)), ("1970-01-01t00:00:01-0100", 1.0, Some(-3_600.0))],
        );
        check("from 1970-01-02 to 1970-01-03.", &[("1970-01-02", 86_400.0, None), ("1970-01-03", 172_800.0, None)]);
        check("1970-01-01T7", &[("1970-01-01", 0.0, None)]);
    }

    #[test]
    fn a_zone_may_stand_behind_a_space() {
        check(
            "1970-01-02 00:00:00.123456789 UTC",
            &[("1970-01-02 00:00:00.123456789 UTC", 86_400.123_456_789, Some(0.0))],
        );
        check("1970-01-02 00:00:00 +01:00.", &[("1970-01-02 00:00:00 +01:00", 86_400.0, Some(3_600.0))]);
        check("1970-01-02T00:00:01GMT", &[("1970-01-02T00:00:01GMT", 86_401.0, Some(0.0))]);
        check("1970-01-02 00:00:01 UTCX", &[("1970-01-02 00:00:01", 86_401.0, None)]);
        check("1970-01-02 00:00:01 - 3", &[("1970-01-02 00:00:01", 86_401.0, None)]);
    }

    #[test]
    fn a_month_may_stand_there_by_its_name() {
        let day = 86_400.0;
        for text in [
            "Fri, 02 Jan 1970 00:00:00 +0000",
            "Fri, 2 Jan 1970 00:00:00 GMT",
            "2 Jan 1970 00:00:00 +0000",
            "Friday, 02-Jan-70 00:00:00 GMT",
            "Fri Jan  2 00:00:00 UTC 1970",
        ] {
            check(&format!("at {text}, or so"), &[(text, day, Some(0.0))]);
        }
        check("Fri Jan  2 00:00:00 1970", &[("Fri Jan  2 00:00:00 1970", day, None)]);
        check("Fri, 02 Jan 1970 01:30 +0130", &[("Fri, 02 Jan 1970 01:30 +0130", day + 5_400.0, Some(5_400.0))]);
        check(
            "1970-01-02 and 3 Jan 1970 00:00:00 GMT",
            &[("1970-01-02", day, None), ("3 Jan 1970 00:00:00 GMT", 2.0 * day, Some(0.0))],
        );
        for text in [
            "January",
            "2 Jan",
            "Jan 2",
            "02 Jan 1970",
            "32 Jan 1970 00:00:00",
            "2 Jane 1970 00:00:00",
            "ä Jan ä",
            "Fri Jan 2 1970",
        ] {
            check(text, &[]);
        }
    }

    #[test]
    fn a_number_of_seconds_or_of_parts_of_them_may_be_a_time() {
        let found = |text: &str| {
            counted_in(text).iter().map(|at| (text[at.start..at.end].to_owned(), at.seconds)).collect::<Vec<_>>()
        };
        assert_eq!(
            found("at 1709294401, 1709294401250 and 1709294401.5."),
            [
                ("1709294401".to_owned(), 1_709_294_401.0),
                ("1709294401250".to_owned(), 1_709_294_401.25),
                ("1709294401.5".to_owned(), 1_709_294_401.5),
            ]
        );
        assert_eq!(found("a1709294401 17092944 17092944012 1709294401b"), []);
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        for text in [
            "",
            "1970-13-01",
            "1970-01-32",
            "1970-01/01",
            "x1970-01-01",
            "1970-01-011",
            "1970/01/01",
            "12345-01-01",
            "1970-1-01ä",
        ] {
            check(text, &[]);
        }
    }
}
