//! Rows that lack the rows or files that they need.

use std::collections::HashSet;
use std::fmt::Write;

use super::Scene;
use super::evidence::{Evidence, sorted};
use crate::observe::{Entry, Value};
use crate::roles::count;
use crate::rules::pattern::Pattern;
use crate::rules::{Column, FileOfRow, claims};

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
        let path_in = |path| scene.rules.path_in(column, path);
        let is_there =
            |path| matches!(scene.now.observation.at(&path_in(path)), Some(Entry::File(_) | Entry::Database));
        for (row, value) in scene.values(column) {
            let problem = match value {
                Value::Null => continue,
                // Where a column may not be null, this is how a row says that it has no file.
                Value::Text(path) if path.is_empty() => continue,
                Value::Text(path) if is_there(path) => continue,
                Value::Text(path) => format!("names a file that is not there: {}", scene.names.path(&path_in(path))),
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

/// Rows without a file at the path that a pattern makes of them.
pub(super) fn without_named_file(scene: &Scene) -> Vec<Evidence> {
    let files = &scene.now.observation.files;
    let is_file = |path: &str| matches!(scene.now.observation.at(path), Some(Entry::File(_) | Entry::Database));
    let is_there = |pattern: &Pattern| match pattern.only() {
        Some(path) => is_file(path),
        None => files.keys().any(|path| pattern.fit(path).is_some() && is_file(path)),
    };
    let mut evidence = Vec::new();
    for rule in &scene.rules.row_needs_file_at {
        for (row, patterns) in scene.named_by_rows(rule) {
            let Some(wanted) = patterns.first().filter(|_| !patterns.iter().any(is_there)) else { continue };
            let path = scene.names.path(&wanted.to_string());
            let sentence = format!("{} has no file at {path}", scene.names.row(&rule.table, row));
            let places = scene.rows(&rule.table, &[row]);
            evidence.push(Evidence::said(sentence).of_rule(claims::row_needs_file_at(rule)).at(places));
        }
    }
    sorted(evidence)
}

impl<'a> Scene<'a> {
    /// Each row with the paths that the pattern makes of it: of bytes there is more than one way to write them. A row that
    /// lacks a value has no path.
    pub(super) fn named_by_rows(&self, rule: &'a FileOfRow) -> impl Iterator<Item = (usize, Vec<Pattern>)> {
        let table = self.now.observation.tables.get(&rule.table);
        let rows = table.into_iter().flat_map(|table| table.rows.iter().map(move |row| (table, row)));
        rows.enumerate().filter_map(|(at, (table, row))| {
            let filled = |way: Way| rule.path.filled(|hole| written(&row[table.column(hole.column.as_deref()?)?], way));
            let mut patterns: Vec<Pattern> = [Way::Hyphens, Way::Digits].into_iter().filter_map(filled).collect();
            patterns.dedup();
            (!patterns.is_empty()).then_some((at, patterns))
        })
    }
}

/// How bytes are written in a path.
#[derive(Clone, Copy)]
enum Way {
    /// As a UUID, where they are as many.
    Hyphens,
    /// As hexadecimal digits.
    Digits,
}

/// A value as a path holds it.
fn written(value: &Value, way: Way) -> Option<String> {
    match (value, way) {
        (Value::Null, _) => None,
        (Value::Text(text), _) if text.is_empty() => None,
        (Value::Text(text), _) => Some(text.to_string()),
        (Value::Integer(_) | Value::Real(_), _) => Some(value.to_string()),
        (Value::Blob(bytes), way) => {
            let digits = hexadecimal(bytes);
            Some(match way {
                Way::Hyphens if bytes.len() == 16 => {
                    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
                }
                Way::Hyphens | Way::Digits => digits,
            })
        }
    }
}

/// Bytes as hexadecimal digits.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
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
