//! What is made up anew inside files.

use super::Draft;
use super::rule::Rule;
use super::values::values;
use crate::observe::{Entry, Observation, Value};
use crate::roles::without_uuids;
use crate::rules::Column;
use crate::rules::pattern::{Hole, escaped};

/// So much of what stands before a place tells it from others.
const BEFORE: usize = 24;

/// Times of the run, and what else differs between two runs in one line of a file that both leave.
pub(super) fn infer(draft: &mut Draft) {
    let [one, other] = draft.runs.results;
    let mut found: Vec<(String, String, &str)> = Vec::new();
    for (path, text) in texts(one) {
        if draft.runs.before.files.get(path) == one.files.get(path) {
            continue;
        }
        let pattern = with_stars(draft, one, path);
        for line in text.lines() {
            for written in draft.runs.during.found_in(line) {
                let place = place(line, written.start, written.end);
                found.extend(place.map(|place| (pattern.clone(), place, "the time of the run stands there")));
            }
        }
        let Some(again) = of_other_run(draft, other, path, &pattern) else { continue };
        if text.lines().count() != again.lines().count() {
            continue;
        }
        for (line, again) in text.lines().zip(again.lines()) {
            let is_told = found.iter().any(|(files, place, _)| *files == pattern && line.contains(before_hole(place)));
            if without_uuids(line) != without_uuids(again) && !is_told {
                let (start, end) = difference(line, again);
                let place = place(line, start, end);
                found.extend(
                    place.map(|place| (pattern.clone(), place, "it differs there between two runs without faults")),
                );
            }
        }
    }
    found.dedup();
    for (files, place, because) in found {
        draft.add(&Rule::GeneratedInFiles(files, place), because);
    }
}

fn texts(world: &Observation) -> impl Iterator<Item = (&str, &str)> {
    world.files.iter().filter_map(|(path, entry)| match entry {
        Entry::File(bytes) => Some((path.as_str(), std::str::from_utf8(bytes).ok()?)),
        _ => None,
    })
}

/// The text of that file in the other run: at the same path, or at the only one that the pattern with stars is made of.
fn of_other_run<'w>(draft: &Draft, other: &'w Observation, path: &str, pattern: &str) -> Option<&'w str> {
    if let Some((_, text)) = texts(other).find(|(known, _)| *known == path) {
        return Some(text);
    }
    let mut alike = texts(other).filter(|(known, _)| with_stars(draft, other, known) == pattern);
    alike.next().filter(|_| alike.next().is_none()).map(|(_, text)| text)
}

/// The path with stars where it is made up anew: where a UUID stands, the values of a row, or the folder that one names.
fn with_stars(draft: &Draft, world: &Observation, path: &str) -> String {
    for named in &draft.rules.file_named_after_row {
        let column = |hole: &Hole| Some(Column::new(&named.table, hole.column.as_deref()?));
        let columns: Vec<Column> = named.path.holes().filter_map(column).collect();
        // A text with several segments is a folder, which no hole takes as a whole.
        let texts = columns.iter().flat_map(|column| values(world, column)).filter_map(Value::as_text);
        let folders: Vec<&str> = texts.filter(|text| text.contains('/')).collect();
        if let Some(folder) = folders.iter().find(|folder| path.contains(&format!("{folder}/"))) {
            let stars = vec!["*"; folder.split('/').count()].join("/");
            return path.replacen(folder, &stars, 1);
        }
        if !folders.is_empty() {
            continue;
        }
        let Some(taken) = named.path.fit(path).filter(|taken| !taken.is_empty()) else { continue };
        let (mut stars, mut from) = (String::new(), 0);
        for taken in taken {
            stars.extend([&path[from..taken.start], "*"]);
            from = taken.end;
        }
        return stars + &path[from..];
    }
    without_uuids(path).replace("{}", "*")
}

/// The pattern of a place in a line; none where nothing around it tells it from others.
fn place(line: &str, start: usize, end: usize) -> Option<String> {
    let mut from = start.saturating_sub(BEFORE);
    while !line.is_char_boundary(from) {
        from += 1;
    }
    let before = &line[from..start];
    let after = after(line, start, end);
    let is_whole_line = before.is_empty() && after.is_empty();
    (!before.is_empty() || is_whole_line).then(|| format!("{}{{}}{}", escaped(before), escaped(after)))
}

/// So much of what follows the place that it is not found earlier, within the place itself; nothing where all of the line is
/// not enough: then the place goes on to the end of the line.
fn after(line: &str, start: usize, end: usize) -> &str {
    let rest = &line[end..];
    let ends = rest.char_indices().map(|(at, letter)| &rest[..at + letter.len_utf8()]);
    let mut enough = ends.filter(|after| line[start..].find(after) == Some(end - start));
    enough.next().unwrap_or_default()
}

/// What stands before the hole of a pattern, as it stands in the text.
fn before_hole(place: &str) -> &str {
    place.split_once("{}").map_or(place, |(before, _)| before)
}

/// Where two lines differ, in the first one: from where to where.
fn difference(one: &str, other: &str) -> (usize, usize) {
    let is_same = |(one, other): &(char, char)| one == other;
    let start: usize = one.chars().zip(other.chars()).take_while(is_same).map(|(letter, _)| letter.len_utf8()).sum();
    let backwards = one[start..].chars().rev().zip(other[start..].chars().rev());
    let end: usize = backwards.take_while(is_same).map(|(letter, _)| letter.len_utf8()).sum();
    (start, one.len() - end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_by_what_stands_around_it() {
        let line = r#"{"made":"2024-03-01","by":{}}"#;
        assert_eq!(place(line, 9, 19).as_deref(), Some(r#"{{"made":"{}""#));
        assert_eq!(place("now", 0, 3).as_deref(), Some("{}"));
        assert_eq!(place("now and", 0, 3), None);
        let long = format!("é{}7", "x".repeat(BEFORE - 1));
        assert_eq!(
            place(&long, BEFORE + 1, BEFORE + 2),
            Some(format!("{}{{}}", "x".repeat(BEFORE - 1))),
            "a whole letter"
        );
        // The hole ends where what follows it stands first: that must not be within the time.
        let line = "made 2024-03-01 12:00:01 by Eco";
        assert_eq!(place(line, 5, 24).as_deref(), Some("made {} b"));
        assert_eq!(place("made 2024-03-01 12:00:01 ", 5, 24).as_deref(), Some("made {}"));
        assert_eq!(difference("took 12 ms", "took 7 ms"), (5, 7));
        assert_eq!(difference("aa", "aaa"), (2, 2));
    }
}
