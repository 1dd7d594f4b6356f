//! Which values are made up anew in each run: ids, and others, such as times.

use std::collections::BTreeSet;

use super::Draft;
use super::rule::Rule;
use super::schema::Making;
use super::values::{new_rows, plain, sorted, values, without_ids};
use crate::observe::{Answer, Observation, Value};
use crate::rules::Column;

/// Ids first: what is left of a text without them may be the same in both runs.
pub(super) fn infer(draft: &mut Draft) {
    for column in unknown(draft) {
        let making = Making::of(draft.runs.results[0], &column.table);
        let is_key = making.is_unique(&column.column) || is_referred_to(draft, &column);
        if making.is_counted(&column.column) && counts_on(draft, &column) {
            draft.add(&Rule::GeneratedId(column), "the database counts it");
        } else if is_key && differs(draft, &column) && is_told_apart(draft, &column) {
            draft.add(&Rule::GeneratedId(column), "it is a key, and differs between two runs without faults");
        }
    }
    for column in unknown(draft) {
        let is_id = differs_beside_ids(draft, &column) && is_told_apart(draft, &column);
        if is_id && !is_time_of_the_run(draft, &column) && is_met_elsewhere(draft, &column) {
            let because = "it differs between two runs without faults, and stands elsewhere as well";
            draft.add(&Rule::GeneratedId(column), because);
        }
    }
    for column in unknown(draft) {
        let making = Making::of(draft.runs.results[0], &column.table);
        if is_time_of_the_run(draft, &column) {
            draft.add(&Rule::Generated(column), "it holds the time of the run");
        } else if making.is_time(&column.column) {
            draft.add(&Rule::Generated(column), "its default is the time");
        } else if differs_beside_ids(draft, &column) {
            draft.add(&Rule::Generated(column), "it differs between two runs without faults");
        }
    }
}

/// What a first start makes up anew, such as how long a migration took.
pub(super) fn of_first_starts(draft: &mut Draft) {
    for column in unknown(draft) {
        let starts = draft.runs.starts;
        let is_time = starts.iter().any(|world| is_time_of_new_rows(draft, draft.runs.bare, world, &column));
        let [one, other] = starts.map(|world| sorted(world, &column, |value| without_ids(value, &BTreeSet::new())));
        if is_time || one != other {
            draft.add(&Rule::Generated(column), "it differs between two first starts, or holds their time");
        }
    }
}

/// The columns of which nothing is known yet. One that names rows of another table is as that table's id is.
fn unknown(draft: &Draft) -> Vec<Column> {
    let names_rows = |column: &Column| draft.rules.references.iter().any(|reference| reference.child == *column);
    draft.columns().into_iter().filter(|column| !draft.is_generated(column) && !names_rows(column)).collect()
}

fn differs(draft: &Draft, column: &Column) -> bool {
    let [one, other] = draft.runs.results.map(|world| sorted(world, column, plain));
    one != other
}

fn differs_beside_ids(draft: &Draft, column: &Column) -> bool {
    let [one, other] = draft.runs.results.map(|world| {
        let ids = ids(draft, world);
        sorted(world, column, |value| without_ids(value, &ids))
    });
    one != other
}

/// The texts that are ids in a world, as far as they are known: a shorter one would be found by chance.
fn ids<'w>(draft: &Draft, world: &'w Observation) -> BTreeSet<&'w str> {
    let columns = draft.rules.generated_ids.iter();
    columns.flat_map(|column| values(world, column)).filter_map(Value::as_text).filter(|id| id.len() >= 8).collect()
}

/// Whether no two rows have the same value, and each has one.
fn is_told_apart(draft: &Draft, column: &Column) -> bool {
    draft.runs.results.iter().all(|world| {
        let all = sorted(world, column, plain);
        let is_id = |value: &Value| matches!(value, Value::Integer(_) | Value::Text(_) | Value::Blob(_));
        !all.is_empty() && all.windows(2).all(|pair| pair[0] != pair[1]) && values(world, column).all(is_id)
    })
}

fn is_referred_to(draft: &Draft, column: &Column) -> bool {
    draft.rules.references.iter().any(|reference| reference.parent == *column)
}

/// Whether a value stands in another column, in the path of a file or in the answer. A short one does so by chance.
fn is_met_elsewhere(draft: &Draft, column: &Column) -> bool {
    let world = draft.runs.results[0];
    let answer = match &world.answer {
        Some(Answer::Success(answer)) => answer.to_string(),
        _ => String::new(),
    };
    let others: Vec<Column> = draft.columns().into_iter().filter(|other| other != column).collect();
    let mut ids = values(world, column).filter_map(Value::as_text).filter(|id| id.len() >= 8);
    ids.any(|id| {
        answer.contains(id)
            || world.files.keys().any(|path| path.contains(id))
            || others.iter().any(|other| values(world, other).any(|value| value.as_text() == Some(id)))
    })
}

/// Whether the rows that are new have the numbers that come next.
fn counts_on(draft: &Draft, column: &Column) -> bool {
    let number = |value: &Value| match value {
        Value::Integer(number) => Some(*number),
        _ => None,
    };
    let old: BTreeSet<i64> = values(draft.runs.before, column).filter_map(number).collect();
    draft.runs.results.iter().all(|world| {
        let new: Vec<i64> = values(world, column).filter_map(number).filter(|id| !old.contains(id)).collect();
        let (least, most) = (new.iter().min(), new.iter().max());
        let count = i64::try_from(new.len()).unwrap_or(i64::MAX);
        least
            .zip(most)
            .is_none_or(|(least, most)| most - least + 1 == count && old.last().is_none_or(|old| old < least))
    })
}

/// Whether a row that is new holds a time at which all this took place.
fn is_time_of_the_run(draft: &Draft, column: &Column) -> bool {
    draft.runs.results.iter().any(|world| is_time_of_new_rows(draft, draft.runs.before, world, column))
}

fn is_time_of_new_rows(draft: &Draft, before: &Observation, world: &Observation, column: &Column) -> bool {
    let Some(table) = world.tables.get(&column.table) else { return false };
    let Some(at) = table.column(&column.column) else { return false };
    let rows = new_rows(before, &column.table, table);
    rows.into_iter().any(|row| draft.runs.during.is_told_by(&row[at]))
}
