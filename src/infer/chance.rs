//! Whether a pattern of paths says something of rows, or fits the only file that there is by chance.
//!
//! It says something where the values differ between two runs and the rest of the path does not, or where several rows
//! have such a file. Where one row has one file, the rest of the path must not be the value of another row that is new:
//! `{name}/Metamorphosis (1)/cover.jpg` is a file of this author only as long as this is his book. And a number must not be
//! the id of a row of another table as well.

use std::collections::BTreeSet;

use super::Draft;
use super::named::{Made, is_word, rows_of};
use super::names::is_plural_of;
use super::on_disk::files;
use super::values::{new_rows, values};
use crate::observe::{Observation, Value};
use crate::rules::Column;

/// A shorter text is part of any path.
const SHORTEST: usize = 4;
/// What follows the last dot of a name says what kind of file it is, where it is no longer.
const KIND: usize = 5;

/// Whether the files show that the values in their paths are those of the rows.
pub(super) fn is_specific(draft: &Draft, made: &Made) -> bool {
    let [one, other] = draft.runs.results.map(|world| Found::of(world, made));
    let differs = !one.values.is_subset(&other.values) && !other.values.is_subset(&one.values);
    if differs {
        return true;
    }
    let is_number = one.values.iter().flatten().all(|value| value.bytes().all(|byte| byte.is_ascii_digit()));
    if is_number {
        return rivals(draft, made, &one).next().is_none();
    }
    let holds_another = |others| one.rests.iter().any(|rest| holds_another_row(draft, made, rest, others));
    match (one.values.len() > 1, made.path.is_open()) {
        // All of them have the rest of the path.
        (true, false) => true,
        (true, true) => !holds_another(Others::ButChildren),
        (false, _) => !holds_another(Others::All),
    }
}

/// The files of a world that the pattern fits.
struct Found {
    /// What stands in the holes.
    values: BTreeSet<Vec<String>>,
    /// What stands around them.
    rests: Vec<Rest>,
}

/// What is left of a path without the values of the row, in its segments, and which row that is.
struct Rest {
    segments: Vec<String>,
    row: usize,
}

impl Found {
    fn of(world: &Observation, made: &Made) -> Self {
        let mut found = Self { values: BTreeSet::new(), rests: Vec::new() };
        for path in files(world) {
            let Some(taken) = made.path.fit(path) else { continue };
            let Some(row) = rows_of(world, made, path).next() else { continue };
            found.values.insert(taken.iter().map(|taken| path[taken.start..taken.end].to_owned()).collect());
            let (mut rest, mut from) = (String::new(), 0);
            for taken in &taken {
                rest.extend([&path[from..taken.start], "\0"]);
                from = taken.end;
            }
            rest.push_str(without_kind(&path[from..]));
            found.rests.push(Rest { segments: rest.split('/').map(str::to_owned).collect(), row });
        }
        found
    }
}

fn without_kind(path: &str) -> &str {
    match path.rsplit_once('.') {
        Some((before, kind)) if kind.len() <= KIND && !kind.contains('/') => before,
        Some(_) | None => path,
    }
}

/// Which rows are others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Others {
    All,
    /// Those that do not refer to the table: what does may have its files in the folder of the row.
    ButChildren,
}

/// Whether a segment begins with a text that the request put into a row, and into no other place of the row itself.
fn holds_another_row(draft: &Draft, made: &Made, rest: &Rest, others: Others) -> bool {
    let world = draft.runs.results[0];
    let own = world.tables.get(&made.column.table).map(|table| &table.rows[rest.row]);
    let begins_with = |text: &str| {
        text.len() >= SHORTEST
            && rest.segments.iter().any(|segment| segment.starts_with(text) && is_word(segment, 0, text.len()))
    };
    let is_child = |table: &str| {
        let mut references = draft.rules.references.iter();
        references.any(|reference| reference.child.table == table && reference.parent.table == made.column.table)
    };
    let tables = draft.tables(world).into_iter();
    tables.filter(|(name, _)| others == Others::All || !is_child(name)).any(|(name, table)| {
        new_rows(draft.runs.before, name, table).into_iter().any(|row| {
            row.iter().enumerate().any(|(at, value)| {
                let was_there =
                    || values(draft.runs.before, &Column::new(name, &table.columns[at])).any(|old| old == value);
                value.as_text().is_some_and(begins_with) && !own.is_some_and(|own| own.contains(value)) && !was_there()
            })
        })
    })
}

/// The other columns with counted ids that hold all of these numbers in each world, unless the path says whose they are.
fn rivals<'d>(draft: &'d Draft, made: &'d Made, found: &'d Found) -> impl Iterator<Item = &'d Column> + 'd {
    let names = move |table: &str| {
        let segments = found.rests.iter().flat_map(|rest| &rest.segments);
        let mut words = segments.flat_map(|segment| segment.split(|letter: char| !letter.is_alphanumeric()));
        words.any(|word| is_plural_of(table, word) || word.eq_ignore_ascii_case(table))
    };
    let is_named = names(&made.column.table);
    let others = draft.rules.generated_ids.iter().filter(|column| column.table != made.column.table);
    others
        .filter(|column| !draft.rules.logs.contains(&column.table))
        .filter(move |column| !is_named || names(&column.table))
        .filter(|column| draft.worlds().into_iter().all(|world| has_all(world, column, made)))
}

/// Whether a column has all numbers that stand in the paths of a world.
fn has_all(world: &Observation, column: &Column, made: &Made) -> bool {
    let is_number = |value: &&Value| matches!(value, Value::Integer(_));
    let numbers: BTreeSet<String> = values(world, column).filter(is_number).map(ToString::to_string).collect();
    Found::of(world, made).values.iter().flatten().all(|number| numbers.contains(number))
}
