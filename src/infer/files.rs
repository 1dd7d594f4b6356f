//! Which file belongs to which row: by a path that a column holds, by a folder that it names, or by a path that is made of
//! the row's values.

use std::collections::BTreeSet;

use super::on_disk::{files, unexplained};
use super::rule::Rule;
use super::values::values;
use super::{Draft, folders, named};
use crate::observe::{Observation, Value};
use crate::roles::without_uuids;
use crate::rules::Column;

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
    folders::infer(draft);
    named::infer(draft);
    // No file that is left belongs to a row.
    let alone = alone(draft);
    for path in &alone {
        draft.add(&Rule::FileStandsAlone(path.clone()), "a run without faults leaves it, and no row speaks of it");
    }
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
        .filter(|(_, value)| **value != Value::Null && value.as_text() != Some(""))
        .collect();
    let bases = |&(world, value): &(&Observation, &Value)| -> BTreeSet<String> {
        let Some(text) = value.as_text() else { return BTreeSet::new() };
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
    let mut folders = draft
        .worlds()
        .into_iter()
        .flat_map(|world| values(world, column))
        .filter_map(Value::as_text)
        .filter(|text| !text.is_empty())
        .map(|text| {
            let path = draft.rules.path_in(column, text);
            path.split_once('/').map_or(String::new(), |(folder, _)| folder.to_owned())
        });
    let Some(first) = folders.next() else { return String::new() };
    if folders.all(|folder| folder == first) { first } else { String::new() }
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
