//! Which file belongs to which row: by a path that a column holds, or by one that is made of the row's values.

use std::collections::BTreeSet;

use super::Draft;
use super::rule::Rule;
use super::schema::Making;
use super::values::values;
use crate::observe::{Entry, Observation, Value};
use crate::roles::without_uuids;
use crate::rules::Column;
use crate::rules::pattern::Pattern;

/// A text that is shorter stands in a path by chance.
const SHORTEST: usize = 8;

/// What is wrong with a column that names files from the root of the file system on.
pub(super) fn expect_relative_paths(draft: &Draft) -> Result<(), String> {
    for column in draft.columns() {
        let world = draft.runs.results[0];
        let leads_here = |text: &str| {
            text.starts_with('/')
                && files(world).any(|path| text.strip_suffix(path).is_some_and(|rest| rest.ends_with('/')))
        };
        if let Some(path) = values(world, &column).filter_map(Value::as_text).find(|text| leads_here(text)) {
            return Err(format!(
                "{} of {} holds absolute paths, such as {path}: halfway goes on in a copy of the world after a crash, where they \
                 lead to the old one. Let your application store paths relative to its folder, which it gets at its start; or \
                 declare the rules yourself, beginning with `Rules::new()`",
                column.column, column.table
            ));
        }
    }
    Ok(())
}

pub(super) fn infer(draft: &mut Draft) {
    columns_with_paths(draft);
    paths_made_of_rows(draft);
    // No file that is left belongs to a row.
    let alone = alone(draft);
    for path in &alone {
        draft.add(&Rule::FileStandsAlone(path.clone()), "a run without faults leaves it, and no row speaks of it");
    }
}

/// Everything in a world that is no directory, and no database.
fn files(world: &Observation) -> impl Iterator<Item = &str> {
    let is_file = |entry: &Entry| !matches!(entry, Entry::EmptyDirectory | Entry::Database);
    world.files.iter().filter(move |(_, entry)| is_file(entry)).map(|(path, _)| path.as_str())
}

/// Columns whose texts are all paths of files, below one folder.
fn columns_with_paths(draft: &mut Draft) {
    for column in draft.columns() {
        let Some(base) = base(draft, &column) else { continue };
        if !base.is_empty() && !draft.rules.paths_below.contains_key(&column) {
            let because = format!("its texts are paths of files below {base}");
            draft.add(&Rule::PathsBelow(column.clone(), base), because);
        }
        let folder = folder_of(draft, &column);
        if !draft.rules.row_needs_file.contains(&column) {
            draft.add(&Rule::RowNeedsFile(column.clone()), "each of its texts is the path of a file");
        }
        if !draft.rules.file_needs_row.iter().any(|needs| needs.path == column) {
            draft.add(&Rule::FileNeedsRow(folder, column), "it holds the paths of the files there");
        }
    }
}

/// The folder to which the paths in a column are relative; none where its texts are no paths.
fn base(draft: &Draft, column: &Column) -> Option<String> {
    if let Some(base) = draft.rules.paths_below.get(column) {
        return Some(base.clone());
    }
    let texts: Vec<(&Observation, &Value)> = draft
        .worlds()
        .into_iter()
        .flat_map(|world| values(world, column).map(move |value| (world, value)))
        .filter(|(_, value)| **value != Value::Null)
        .collect();
    let bases = |&(world, value): &(&Observation, &Value)| -> BTreeSet<String> {
        let Some(text) = value.as_text().filter(|text| !text.is_empty()) else { return BTreeSet::new() };
        let below = |path: &str| path.strip_suffix(text)?.strip_suffix('/').map(str::to_owned);
        let found = files(world).filter_map(|path| if path == text { Some(String::new()) } else { below(path) });
        found.collect()
    };
    let mut common: Option<BTreeSet<String>> = None;
    for text in &texts {
        let bases = bases(text);
        common = Some(match common {
            None => bases,
            Some(common) => common.intersection(&bases).cloned().collect(),
        });
    }
    common?.into_iter().next()
}

/// The uppermost folder in which all files are that a column names.
fn folder_of(draft: &Draft, column: &Column) -> String {
    let mut folders =
        draft.worlds().into_iter().flat_map(|world| values(world, column)).filter_map(Value::as_text).map(|text| {
            let path = draft.rules.path_in(column, text);
            path.split_once('/').map_or(String::new(), |(folder, _)| folder.to_owned())
        });
    let Some(first) = folders.next() else { return String::new() };
    if folders.all(|folder| folder == first) { first } else { String::new() }
}

/// Files of which no rule speaks, whose paths are made of the values of rows.
fn paths_made_of_rows(draft: &mut Draft) {
    for pattern in patterns(draft) {
        let fits = Pattern::of_paths(&pattern.path);
        let is_made_of_rows = draft.runs.results.iter().all(|world| {
            let mut meant = files(world).filter(|path| fits.fit(path).is_some()).peekable();
            meant.peek().is_some() && meant.all(|path| is_made_of_a_row(world, &pattern.table, &fits, path))
        });
        if !is_made_of_rows || unexplained(draft, draft.runs.results[0]).iter().all(|path| fits.fit(path).is_none()) {
            continue;
        }
        let needs_file = draft.worlds().into_iter().all(|world| each_row_has_a_file(world, &pattern.table, &fits));
        draft.add(
            &Rule::FileNamedAfterRow(pattern.table.clone(), pattern.path.clone()),
            format!("each file there has the values of a row of {} in its path", pattern.table),
        );
        if needs_file {
            let because = format!("each row of {} has such a file", pattern.table);
            draft.add(&Rule::RowNeedsFileAt(pattern.table, pattern.path), because);
        }
    }
}

/// A pattern of paths that may be made of the rows of a table.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Made {
    table: String,
    path: String,
}

/// The patterns that fit a file without a rule, the narrow ones first.
fn patterns(draft: &Draft) -> Vec<Made> {
    let world = draft.runs.results[0];
    let (mut exact, mut open) = (BTreeSet::new(), BTreeSet::new());
    for path in unexplained(draft, world) {
        for column in draft.columns().into_iter().filter(|column| names_files(draft, column)) {
            let generated = draft.rules.generated_ids.contains(&column);
            let values = values(world, &column).filter_map(|value| match value {
                Value::Integer(number) if generated => Some(number.to_string()),
                Value::Text(text) if generated || text.len() >= SHORTEST => Some(text.to_string()),
                _ => None,
            });
            for value in values {
                let table = || column.table.clone();
                exact.extend(with_hole(path, &value, &column.column).map(|path| Made { table: table(), path }));
                open.extend(folder_with_hole(path, &value, &column.column).map(|path| Made { table: table(), path }));
            }
        }
    }
    exact.into_iter().chain(open).collect()
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

/// Everything below the folder that is called like the value.
fn folder_with_hole(path: &str, value: &str, column: &str) -> Option<String> {
    let segments: Vec<&str> = path.split('/').collect();
    let at = segments.iter().position(|segment| *segment == value).filter(|at| at + 1 < segments.len())?;
    let above: Vec<String> = segments[..at].iter().map(|segment| escaped(segment)).collect();
    Some(above.into_iter().chain([format!("{{{column}}}"), "**".to_owned()]).collect::<Vec<_>>().join("/"))
}

/// As it stands in a pattern.
fn escaped(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// The pattern as a row of a table fills it, for each row that has all the values.
fn filled<'w>(world: &'w Observation, table: &str, pattern: &'w Pattern) -> impl Iterator<Item = Pattern> + 'w {
    let table = world.tables.get(table);
    table.into_iter().flat_map(move |table| {
        table.rows.iter().filter_map(move |row| {
            pattern.filled(|hole| match &row[table.column(hole.column.as_deref()?)?] {
                Value::Text(text) => Some(text.to_string()),
                Value::Integer(number) => Some(number.to_string()),
                Value::Null | Value::Real(_) | Value::Blob(_) => None,
            })
        })
    })
}

fn is_made_of_a_row(world: &Observation, table: &str, pattern: &Pattern, path: &str) -> bool {
    filled(world, table, pattern).any(|filled| filled.fit(path).is_some())
}

fn each_row_has_a_file(world: &Observation, table: &str, pattern: &Pattern) -> bool {
    filled(world, table, pattern).all(|filled| files(world).any(|path| filled.fit(path).is_some()))
}

/// The files of a world of which no rule speaks, and that are not as they were before.
fn unexplained<'w>(draft: &Draft, world: &'w Observation) -> Vec<&'w str> {
    let rules = &draft.rules;
    let held: BTreeSet<String> = rules
        .file_needs_row
        .iter()
        .flat_map(|needs| {
            values(world, &needs.path).filter_map(Value::as_text).map(|text| rules.path_in(&needs.path, text))
        })
        .map(|path| path.trim_start_matches("./").to_owned())
        .collect();
    let is_named = |path: &str| rules.file_named_after_row.iter().any(|named| named.path.fit(path).is_some());
    let is_as_before = |path: &str| draft.runs.before.files.get(path) == world.files.get(path);
    files(world)
        .filter(|path| !held.contains(*path) && !is_named(path) && !rules.stands_alone(path) && !is_as_before(path))
        .collect()
}

/// The paths of the files that no row speaks of; with stars where they differ between the runs.
fn alone(draft: &Draft) -> BTreeSet<String> {
    let [one, other] =
        draft.runs.results.map(|world| unexplained(draft, world).into_iter().collect::<BTreeSet<&str>>());
    let in_both = one.intersection(&other).map(|&path| path.to_owned());
    let masked = |paths: &BTreeSet<&str>| -> BTreeSet<String> {
        paths
            .iter()
            .map(|path| without_uuids(path))
            .filter(|path| path.contains("{}"))
            .map(|path| path.replace("{}", "*"))
            .collect()
    };
    in_both.chain(masked(&one).intersection(&masked(&other)).cloned()).collect()
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
        assert_eq!(folder_with_hole("docs/7/a.txt", "7", "id").as_deref(), Some("docs/{id}/**"));
        assert_eq!(folder_with_hole("docs/7", "7", "id"), None);
    }
}
