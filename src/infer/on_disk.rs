//! The files of a world, and those of which no rule speaks yet.

use std::collections::BTreeSet;

use super::Draft;
use super::values::values;
use crate::observe::{Entry, Observation, Value};

/// Everything in a world that is no directory, and no database.
pub(super) fn files(world: &Observation) -> impl Iterator<Item = &str> {
    let is_file = |entry: &Entry| !matches!(entry, Entry::EmptyDirectory | Entry::Database);
    world.files.iter().filter(move |(_, entry)| is_file(entry)).map(|(path, _)| path.as_str())
}

/// The files of a world of which no rule speaks, and that are not as they were before.
pub(super) fn unexplained<'w>(draft: &Draft, world: &'w Observation) -> Vec<&'w str> {
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
