//! Rows that hold content of the request: whether it is there, byte for byte.

use super::Scene;
use super::evidence::{Evidence, RowOrFile, sorted};
use crate::observe::{Entry, Value};
use crate::roles::{grouped, size_of};
use crate::rules::{Column, Stored, StoredIn};

/// Rows whose content is missing or is not what was sent.
pub(super) fn not_stored(scene: &Scene) -> Vec<Evidence> {
    sorted(scene.rules.stored.iter().flat_map(|stored| rows_without_content(scene, stored)).collect())
}

/// The column in which the content, or its path, is.
pub(super) fn column(stored: &Stored) -> Column {
    match &stored.place {
        StoredIn::File { path_column: column } | StoredIn::Column { column } => Column::new(&stored.key.table, column),
    }
}

/// What is wrong with this content; nothing, when it is the one that is wanted.
pub(super) fn mismatch(found: &[u8], wanted: &[u8]) -> Option<String> {
    if found == wanted {
        None
    } else if found.is_empty() {
        Some(format!("nothing instead of {}", size_of(wanted.len())))
    } else if wanted.starts_with(found) {
        Some(format!("only {} of {}", grouped(found.len()), size_of(wanted.len())))
    } else if wanted.len() == found.len() {
        Some(format!("{}, but other ones", size_of(found.len())))
    } else {
        Some(format!("{} that are not the {} sent", size_of(found.len()), grouped(wanted.len())))
    }
}

fn rows_without_content(scene: &Scene, stored: &Stored) -> Vec<Evidence> {
    let place = column(stored);
    let meant = scene.values(&stored.key).filter(|(_, key)| key.as_text() == Some(&stored.value));
    let places: Vec<&Value> = scene.values(&place).map(|(_, value)| value).collect();
    let problem = |(row, _): (usize, &Value)| {
        let value = *places.get(row)?;
        let problem = match &stored.place {
            StoredIn::File { .. } => wrong_file(scene, &place, value, &stored.content),
            StoredIn::Column { column } => wrong_value(column, value, &stored.content),
        };
        let sentence = format!("{} {}", scene.names.row(&place.table, row), problem?);
        let file = match (&stored.place, value.as_text()) {
            (StoredIn::File { .. }, Some(path)) if !path.is_empty() => {
                Some(RowOrFile::File(scene.rules.path_in(&place, path).into_owned()))
            }
            (StoredIn::File { .. } | StoredIn::Column { .. }, _) => None,
        };
        let places = scene.rows(&place.table, &[row]).into_iter().chain(file);
        Some(Evidence::said(sentence).of_rule(stored.claim()).at(places))
    };
    meant.filter_map(problem).collect()
}

fn wrong_file(scene: &Scene, column: &Column, path: &Value, content: &[u8]) -> Option<String> {
    let Some(path) = path.as_text().filter(|path| !path.is_empty()) else {
        return Some(format!("has no {}, so its content is lost", column.column));
    };
    let path = scene.rules.path_in(column, path);
    let shown = || scene.names.path(&path);
    match scene.now.observation.at(&path) {
        Some(Entry::File(found)) => mismatch(found, content).map(|what| format!("has {what} in {}", shown())),
        Some(Entry::EmptyDirectory) => Some(format!("has an empty directory for its file {}", shown())),
        Some(other @ (Entry::Database | Entry::Link(_) | Entry::Special(_) | Entry::Unreadable(_))) => {
            Some(format!("has {} for its file {}", scene.names.entry(other), shown()))
        }
        None => Some(format!("lacks its file {}", shown())),
    }
}

fn wrong_value(column: &str, value: &Value, content: &[u8]) -> Option<String> {
    match value {
        Value::Text(text) => mismatch(text.as_bytes(), content),
        Value::Blob(bytes) => mismatch(bytes, content),
        Value::Null | Value::Integer(_) | Value::Real(_) => mismatch(&[], content),
    }
    .map(|what| format!("has {what} in {column}"))
}
