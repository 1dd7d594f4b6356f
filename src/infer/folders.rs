//! Which column names folders, each with the files of its row.

use std::collections::BTreeSet;

use super::Draft;
use super::on_disk::{files, unexplained};
use super::rule::Rule;
use super::values::values;
use crate::observe::{Entry, Observation, Value};
use crate::rules::Column;
use crate::rules::pattern::escaped;

/// Columns whose texts are all paths of folders, each of a row of its own, that the request makes.
pub(super) fn infer(draft: &mut Draft) {
    for column in draft.columns() {
        let held = draft.rules.row_needs_file.contains(&column) || draft.rules.paths_below.contains_key(&column);
        let Some(base) = base(draft, &column).filter(|_| !held && is_told_apart(draft, &column)) else { continue };
        let is_below = |path: &str, text: &str| is_below(path, &joined(&base, text));
        let world = draft.runs.results[0];
        let is_explained = |path: &&str| texts(world, &column).any(|text| is_below(path, text));
        if !unexplained(draft, world).iter().any(is_explained) {
            continue;
        }
        let has_file = |world: &Observation, text: &str| files(world).any(|path| is_below(path, text));
        let needs_file =
            draft.worlds().into_iter().all(|world| texts(world, &column).all(|text| has_file(world, text)));
        let pattern = joined(&escaped(&base), &format!("{{{}}}/**", column.column));
        draft.add(
            &Rule::FileNamedAfterRow(column.table.clone(), pattern.clone()),
            format!("{} of {} holds the paths of folders", column.column, column.table),
        );
        if needs_file {
            let because = format!("there is a file in the folder of each row of {}", column.table);
            draft.add(&Rule::RowNeedsFileAt(column.table, pattern), because);
        }
    }
}

/// The texts in a column that can be paths.
fn texts<'w>(world: &'w Observation, column: &Column) -> impl Iterator<Item = &'w str> {
    values(world, column).filter_map(Value::as_text).filter(|text| !text.is_empty())
}

/// The folder to which the paths in a column are relative; none where one of its values is no folder, where the request
/// makes none of them, or where one of those is a single word, which may be called like a folder by chance.
fn base(draft: &Draft, column: &Column) -> Option<String> {
    let all_are_texts = |world| values(world, column).all(|value| *value == Value::Null || value.as_text().is_some());
    if !draft.worlds().into_iter().all(all_are_texts) {
        return None;
    }
    let mut common: Option<BTreeSet<String>> = None;
    for world in draft.worlds() {
        for text in texts(world, column) {
            let bases = bases(world, text);
            common = Some(match common {
                None => bases,
                Some(common) => common.intersection(&bases).cloned().collect(),
            });
        }
    }
    let base = common?.into_iter().next()?;
    let before = draft.runs.before;
    let is_new = |text: &&str| !before.files.keys().any(|path| is_below(path, &joined(&base, text)));
    let new = draft.runs.results.map(|world| texts(world, column).filter(is_new).collect::<BTreeSet<&str>>());
    let is_path = |text: &&str| text.contains('/');
    new.iter().all(|new| !new.is_empty() && new.iter().all(is_path)).then_some(base)
}

/// The folders below which there is something at this path.
fn bases(world: &Observation, text: &str) -> BTreeSet<String> {
    let mut bases = BTreeSet::new();
    for path in world.files.keys() {
        for (at, _) in path.match_indices(text) {
            let ends = path.as_bytes().get(at + text.len()).is_none_or(|&next| next == b'/');
            let is_folder = ends && (at + text.len() < path.len() || world.files[path] == Entry::EmptyDirectory);
            if is_folder && at == 0 {
                bases.insert(String::new());
            } else if is_folder && path.as_bytes()[at - 1] == b'/' {
                bases.insert(path[..at - 1].to_owned());
            }
        }
    }
    bases
}

fn joined(base: &str, path: &str) -> String {
    if base.is_empty() { path.to_owned() } else { format!("{base}/{path}") }
}

fn is_below(path: &str, folder: &str) -> bool {
    path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether no two rows name the same folder, or one within another.
fn is_told_apart(draft: &Draft, column: &Column) -> bool {
    draft.worlds().into_iter().all(|world| {
        let all: Vec<&str> = texts(world, column).collect();
        all.iter()
            .enumerate()
            .all(|(at, text)| all.iter().enumerate().all(|(other, path)| at == other || !is_below(path, text)))
    })
}
