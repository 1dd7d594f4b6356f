//! Points in time with a month by its English name: in mails (RFC 2822), in HTTP (RFC 9110 and the older RFC 850), and as C
//! and `date` write them.

use super::{DAY, Written, clock_at, days, digits, zone_at};

const MONTHS: [&[u8; 3]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// All that stand in a text, from left to right.
pub(super) fn dates_in(bytes: &[u8]) -> Vec<Written> {
    let mut all: Vec<Written> = Vec::new();
    for at in 1..bytes.len().saturating_sub(3) {
        // A month stands behind a space or a hyphen.
        if !matches!(bytes[at - 1], b' ' | b'-') || !bytes[at].is_ascii_uppercase() {
            continue;
        }
        let name = &bytes[at..at + 3];
        let Some(month) = (1..).zip(MONTHS).find(|(_, month)| name == *month).map(|(number, _)| number) else {
            continue;
        };
        let found = day_first(bytes, at, month).or_else(|| month_first(bytes, at, month));
        let goes_on = |end: usize| bytes.get(end).is_some_and(u8::is_ascii_alphanumeric);
        all.extend(found.filter(|found| !goes_on(found.end)));
    }
    all
}

/// `Fri, 27 Nov 2026 17:00:00 +0000`, `27 Nov 2026 17:00 GMT`, `Friday, 27-Nov-26 17:00:00 GMT`.
fn day_first(bytes: &[u8], month_at: usize, month: i32) -> Option<Written> {
    let between = bytes[month_at - 1];
    let before = &bytes[..month_at - 1];
    let length = before.iter().rev().take(2).take_while(|byte| byte.is_ascii_digit()).count();
    let day_at = before.len() - length;
    let day = digits(&before[day_at..]).filter(|day| length > 0 && (1..=31).contains(day))?;
    let start = match before[..day_at].strip_suffix(b", ").map(weekday_before) {
        Some(Some(start)) => start,
        Some(None) | None if day_at > 0 && before[day_at - 1].is_ascii_alphanumeric() => return None,
        Some(None) | None => day_at,
    };
    let rest = bytes.get(month_at + 3..).filter(|rest| rest.first() == Some(&between))?;
    let (year, of_year) = year_at(&rest[1..])?;
    let clock = rest.get(1 + of_year..).filter(|rest| rest.first() == Some(&b' '))?.get(1..)?;
    let (of_clock, time) = clock_at(clock)?;
    let (zone, of_zone) = zone_at(&clock[of_clock..]).unzip();
    let end = month_at + 3 + 1 + of_year + 1 + of_clock + of_zone.unwrap_or(0);
    Some(Written { start, end, seconds: f64::from(days(year, month, day)) * DAY + time, has_time: true, zone })
}

/// `Fri Nov 27 17:00:00 2026`, with a zone before the year or without one.
fn month_first(bytes: &[u8], month_at: usize, month: i32) -> Option<Written> {
    let start = bytes[..month_at].strip_suffix(b" ").and_then(weekday_before)?;
    let rest = bytes.get(month_at + 3..)?.strip_prefix(b" ")?;
    let padded = rest.strip_prefix(b" ").unwrap_or(rest);
    let length = padded.iter().take(2).take_while(|byte| byte.is_ascii_digit()).count();
    let day = digits(padded.get(..length)?).filter(|day| length > 0 && (1..=31).contains(day))?;
    let clock = padded[length..].strip_prefix(b" ")?;
    let (of_clock, time) = clock_at(clock)?;
    let behind = &clock[of_clock..];
    let (zone, of_zone) = zone_at(behind).unzip();
    // A year is no zone, and stands behind one.
    let behind = behind.get(of_zone.unwrap_or(0)..)?.strip_prefix(b" ")?;
    let (year, of_year) = year_at(behind).filter(|(_, length)| *length == 4)?;
    let end = bytes.len() - behind.len() + of_year;
    Some(Written { start, end, seconds: f64::from(days(year, month, day)) * DAY + time, has_time: true, zone })
}

/// A year of four digits, or of two, which is one from 1970 to 2069; and its length.
fn year_at(bytes: &[u8]) -> Option<(i32, usize)> {
    let length = bytes.iter().take(5).take_while(|byte| byte.is_ascii_digit()).count();
    let year = digits(&bytes[..length])?;
    match length {
        4 => Some((year, 4)),
        2 => Some((if year < 70 { 2_000 + year } else { 1_900 + year }, 2)),
        _ => None,
    }
}

/// Where the weekday begins with which this text ends, whole or its first three letters.
fn weekday_before(bytes: &[u8]) -> Option<usize> {
    let is_whole = |start: usize| start == 0 || !bytes[start - 1].is_ascii_alphanumeric();
    let names = WEEKDAYS.iter().flat_map(|day| [*day, &day[..3]]);
    names
        .filter(|day| bytes.ends_with(day.as_bytes()))
        .map(|day| bytes.len() - day.len())
        .find(|&start| is_whole(start))
}
