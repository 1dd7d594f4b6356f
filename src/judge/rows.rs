//! Rows that lack the rows or files that they need.

use std::collections::HashSet;

use super::Scene;
use super::evidence::{Evidence, sorted};
use crate::observe::{Entry, Value};
use crate::roles::count;
use crate::rules::{Column, claims};

/// A value by which one row names another. Looked up only: no hash order gets out.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Key<'a> {
    Integer(i64),
    Real(u64),
    Text(&'a str),
    Blob(&'a [u8]),
}

impl<'a> Key<'a> {
    /// The key that a value is; null names nothing.
    pub(super) fn of(value: &'a Value) -> Option<Self> {
        match value {
            Value::Null => None,
            Value::Integer(number) => Some(Self::Integer(*number)),
            Value::Real(number) => Some(Self::Real(number.to_bits())),
            Value::Text(text) => Some(Self::Text(text)),
            Value::Blob(bytes) => Some(Self::Blob(bytes)),
        }
    }
}

/// Rows that name a parent that is not there.
pub(super) fn without_parent(scene: &Scene) -> Vec<Evidence> {
    let orphans = scene.rules.references.iter().filter_map(|reference| {
        let orphans = not_among(scene, &reference.child, &reference.parent);
        let (child, parent) = (&reference.child, &reference.parent);
        let which = named(scene, child, &orphans)?;
        let sentence = format!("{which} without the row of {} that {} names", parent.table, child.column);
        Some(Evidence::said(sentence).of_rule(reference.claim()).at(scene.rows(&child.table, &orphans)))
    });
    orphans.collect()
}

/// Parents that have no child.
pub(super) fn without_child(scene: &Scene) -> Vec<Evidence> {
    let childless = scene.rules.needs_child.iter().filter_map(|needs| {
        let childless = not_among(scene, &needs.parent, &needs.child);
        let which = named(scene, &needs.parent, &childless)?;
        let sentence = format!("{which} without a row of {}", needs.child.table);
        Some(Evidence::said(sentence).of_rule(needs.claim()).at(scene.rows(&needs.parent.table, &childless)))
    });
    childless.collect()
}

/// Rows that name a file that is not there.
pub(super) fn without_file(scene: &Scene) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    for column in &scene.rules.row_needs_file {
        let is_there = |path: &str| matches!(scene.now.observation.at(path), Some(Entry::File(_) | Entry::Database));
        for (row, value) in scene.values(column) {
            let problem = match value {
                Value::Null => continue,
                Value::Text(path) if is_there(path) => continue,
                Value::Text(path) => format!("names a file that is not there: {}", scene.names.path(path)),
                Value::Integer(_) | Value::Real(_) | Value::Blob(_) => {
                    format!("has a {} that is no path", column.column)
                }
            };
            let sentence = format!("{} {problem}", scene.names.row(&column.table, row));
            let places = scene.rows(&column.table, &[row]);
            evidence.push(Evidence::said(sentence).of_rule(claims::row_needs_file(column)).at(places));
        }
    }
    sorted(evidence)
}

/// The rows whose value, where there is one, does not occur in the other column.
fn not_among(scene: &Scene, column: &Column, other: &Column) -> Vec<usize> {
    let known: HashSet<Key> = scene.values(other).filter_map(|(_, value)| Key::of(value)).collect();
    let keys = scene.values(column).filter_map(|(row, value)| Some((row, Key::of(value)?)));
    keys.filter(|(_, key)| !known.contains(key)).map(|(row, _)| row).collect()
}

/// So many rows, and which ones.
fn named(scene: &Scene, column: &Column, rows: &[usize]) -> Option<String> {
    let names = || scene.names.rows(&column.table, rows);
    match rows.len() {
        0 => None,
        1 => Some(format!("{} is", names())),
        many => Some(format!("{} ({}) are", count(many, "row", "rows"), names())),
    }
}
