//! Which column names rows of which table.

use std::collections::BTreeSet;

use super::Draft;
use super::names::is_plural_of;
use super::rule::Rule;
use super::schema::Making;
use super::values::{plain, values};
use crate::observe::Value;
use crate::rules::{Column, Reference};

/// Foreign keys, and columns that are called after a table and name its rows in each world.
pub(super) fn infer(draft: &mut Draft) {
    for child in draft.columns() {
        if draft.rules.references.iter().any(|reference| reference.child == child) {
            continue;
        }
        let declared = of_schema(draft, &child).map(|parent| (parent, "a foreign key of the schema"));
        let named =
            || of_name(draft, &child).map(|parent| (parent, "its name, and each of its values is one of those ids"));
        let Some((parent, because)) = declared.or_else(named) else { continue };
        let reference = Reference { child, parent };
        if draft.worlds().into_iter().all(|world| {
            let ids: BTreeSet<String> = values(world, &reference.parent).map(plain).collect();
            values(world, &reference.child).all(|value| *value == Value::Null || ids.contains(&plain(value)))
        }) {
            draft.add(&Rule::Reference(reference), because);
        }
    }
}

fn of_schema(draft: &Draft, child: &Column) -> Option<Column> {
    let making = Making::of(draft.runs.results[0], &child.table);
    let (_, parent, id) = making.references().find(|(name, ..)| name.eq_ignore_ascii_case(&child.column))?;
    let parent = table_called(draft, |name| name.eq_ignore_ascii_case(parent))?;
    let id = match id {
        Some(id) => id.to_owned(),
        None => Making::of(draft.runs.results[0], &parent).key()?.to_owned(),
    };
    column_called(draft, &parent, &id)
}

/// `book_id` and `bookId` name a row of `books` by its key, and so does `book` in another table.
fn of_name(draft: &Draft, child: &Column) -> Option<Column> {
    let name = child.column.strip_suffix("_id").or_else(|| child.column.strip_suffix("Id"));
    let is_called_so = |table: &str| {
        let (word, may_be_own) = name.map_or((child.column.as_str(), false), |name| (name, true));
        let is_called_so = table.eq_ignore_ascii_case(word) || is_plural_of(table, word);
        is_called_so && (may_be_own || table != child.table)
    };
    let parent = table_called(draft, is_called_so)?;
    let key = Making::of(draft.runs.results[0], &parent).key()?.to_owned();
    let has_values = draft.worlds().into_iter().any(|world| values(world, child).any(|value| *value != Value::Null));
    column_called(draft, &parent, &key).filter(|_| has_values)
}

fn table_called(draft: &Draft, is_it: impl Fn(&str) -> bool) -> Option<String> {
    let tables = draft.tables(draft.runs.results[0]);
    tables.into_iter().map(|(name, _)| name).find(|name| is_it(name)).map(str::to_owned)
}

fn column_called(draft: &Draft, table: &str, column: &str) -> Option<Column> {
    let columns = &draft.runs.results[0].tables.get(table)?.columns;
    columns.iter().find(|name| name.eq_ignore_ascii_case(column)).map(|name| Column::new(table, name))
}
