//! Which file belongs to which row, by a path that is made of the values of the row.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::on_disk::{files, unexplained};
use super::rule::Rule;
use super::schema::Making;
use super::values::values;
use super::{Draft, chance};
use crate::observe::{Observation, Value};
use crate::rules::Column;
use crate::rules::pattern::{Pattern, escaped};

/// A text that is shorter stands in a path by chance.
const SHORTEST: usize = 8;

/// Files of which no rule speaks, whose paths are made of the values of rows, and not by chance.
pub(super) fn infer(draft: &mut Draft) {
    for made in candidates(draft) {
        let is_made_of_rows = draft.runs.results.iter().all(|world| {
            let mut meant = files(world).filter(|path| made.path.fit(path).is_some()).peekable();
            meant.peek().is_some() && meant.all(|path| rows_of(world, &made, path).next().is_some())
        });
        if !is_made_of_rows
            || unexplained(draft, draft.runs.results[0]).iter().all(|path| made.path.fit(path).is_none())
            || !chance::is_specific(draft, &made)
        {
            continue;
        }
        let needs_file = draft.worlds().into_iter().all(|world| each_row_has_a_file(world, &made));
        let (table, path) = (made.column.table.clone(), made.path.to_string());
        draft.add(
            &Rule::FileNamedAfterRow(table.clone(), path.clone()),
            format!("each file there has the values of a row of {table} in its path"),
        );
        if needs_file {
            let because = format!("each row of {table} has such a file");
            draft.add(&Rule::RowNeedsFileAt(table, path), because);
        }
    }
}

/// A pattern of paths that may be made of the values in a column.
pub(super) struct Made {
    pub(super) column: Column,
    pub(super) path: Pattern,
}

/// The patterns that fit a file without a rule, the narrow ones first.
fn candidates(draft: &Draft) -> Vec<Made> {
    let [world, other] = draft.runs.results;
    let (mut exact, mut within, mut open) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for path in unexplained(draft, world) {
        for column in draft.columns().into_iter().filter(|column| names_files(draft, column)) {
            let generated = draft.rules.generated_ids.contains(&column);
            let again: BTreeSet<String> = values(other, &column).filter_map(written).collect();
            let found = values(world, &column).filter(|value| match value {
                Value::Integer(_) => generated,
                Value::Text(text) => generated || text.len() >= SHORTEST,
                Value::Null | Value::Real(_) | Value::Blob(_) => false,
            });
            for value in found.filter_map(written) {
                let put = |path: String| (column.clone(), path);
                exact.extend(with_hole(path, &value, &column.column).map(put));
                // What differs stands nowhere by chance.
                if !again.contains(&value) {
                    within.extend(with_holes(path, &value, &column.column).map(put));
                }
                open.extend(folder_with_hole(path, &value, &column.column).map(put));
            }
        }
    }
    let all = exact.into_iter().chain(within).chain(open);
    all.map(|(column, path)| Made { column, path: Pattern::of_paths(&path) }).collect()
}

/// Whether a column tells its rows apart, so that a path can name one by it.
fn names_files(draft: &Draft, column: &Column) -> bool {
    let is_key = || Making::of(draft.runs.results[0], &column.table).is_unique(&column.column);
    draft.rules.generated_ids.contains(column) || is_key()
}

/// The path with a hole where the value is a segment, or the stem of one; and where the folder above is how it begins.
fn with_hole(path: &str, value: &str, column: &str) -> Option<String> {
    let mut segments: Vec<String> = path.split('/').map(escaped).collect();
    let value = escaped(value);
    let is_whole = |rest: &str| rest.is_empty() || rest.starts_with(['.', '-', '_']);
    let at = segments.iter().position(|segment| segment.strip_prefix(&*value).is_some_and(is_whole))?;
    segments[at] = format!("{{{column}}}{}", &segments[at][value.len()..]);
    let begins_it = |above: &usize| {
        let above = &*segments[*above];
        value.starts_with(above) && above.len() <= 4
    };
    if let Some(above) = at.checked_sub(1).filter(begins_it) {
        segments[above] = format!("{{{column}:{}}}", segments[above].chars().count());
    }
    Some(segments.join("/"))
}

/// The path with a hole wherever the value is a word of its own.
fn with_holes(path: &str, value: &str, column: &str) -> Option<String> {
    let (mut pattern, mut rest) = (String::new(), 0);
    for (at, _) in path.match_indices(value).filter(|&(at, _)| is_word(path, at, value.len())) {
        let _ = write!(pattern, "{}{{{column}}}", escaped(&path[rest..at]));
        rest = at + value.len();
    }
    (rest > 0).then(|| pattern + &escaped(&path[rest..]))
}

/// Whether no letter and no digit goes on before or behind this part of a text.
pub(super) fn is_word(text: &str, at: usize, length: usize) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric();
    !text[..at].ends_with(is_part) && !text[at + length..].starts_with(is_part)
}

/// Everything below the folder that is called like the value.
fn folder_with_hole(path: &str, value: &str, column: &str) -> Option<String> {
    let segments: Vec<&str> = path.split('/').collect();
    let at = segments.iter().position(|segment| *segment == value).filter(|at| at + 1 < segments.len())?;
    let above: Vec<String> = segments[..at].iter().map(|segment| escaped(segment)).collect();
    Some(above.into_iter().chain([format!("{{{column}}}"), "**".to_owned()]).collect::<Vec<_>>().join("/"))
}

/// The rows of the table of which the pattern makes this path.
pub(super) fn rows_of<'w>(world: &'w Observation, made: &'w Made, path: &'w str) -> impl Iterator<Item = usize> + 'w {
    filled(world, made).filter(|(_, filled)| filled.fit(path).is_some()).map(|(row, _)| row)
}

/// The pattern as each row fills it that has all the values.
fn filled<'w>(world: &'w Observation, made: &'w Made) -> impl Iterator<Item = (usize, Pattern)> + 'w {
    let table = world.tables.get(&made.column.table);
    table.into_iter().flat_map(move |table| {
        table.rows.iter().enumerate().filter_map(move |(at, row)| {
            let filled = made.path.filled(|hole| written(&row[table.column(hole.column.as_deref()?)?]));
            filled.map(|filled| (at, filled))
        })
    })
}

/// A value as a path holds it.
fn written(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.to_string()).filter(|text| !text.is_empty()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Null | Value::Real(_) | Value::Blob(_) => None,
    }
}

fn each_row_has_a_file(world: &Observation, made: &Made) -> bool {
    filled(world, made).all(|(_, filled)| files(world).any(|path| filled.fit(path).is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_made_of_a_value_where_it_is_a_segment_or_begins_one() {
        let of = |path, value| with_hole(path, value, "id");
        assert_eq!(of("docs/7.txt", "7").as_deref(), Some("docs/{id}.txt"));
        assert_eq!(of("docs/17.txt", "7"), None);
        assert_eq!(of("docs/7/a.txt", "7").as_deref(), Some("docs/{id}/a.txt"));
        assert_eq!(of("docs/7-thumb.png", "7").as_deref(), Some("docs/{id}-thumb.png"));
        assert_eq!(of("docs/abcdef.txt", "abcdef").as_deref(), Some("docs/{id}.txt"));
        assert_eq!(of("blobs/ab/abcdef.bin", "abcdef").as_deref(), Some("blobs/{id:2}/{id}.bin"));
        assert_eq!(of("a{b}/abcdefgh", "abcdefgh").as_deref(), Some("a{{b}}/{id}"));
        assert_eq!(with_holes("docs/b (7)/7.txt", "7", "id").as_deref(), Some("docs/b ({id})/{id}.txt"));
        assert_eq!(with_holes("docs/b (17)/v7.txt", "7", "id"), None);
        assert_eq!(folder_with_hole("docs/7/a.txt", "7", "id").as_deref(), Some("docs/{id}/**"));
        assert_eq!(folder_with_hole("docs/7", "7", "id"), None);
    }
}
