//! Whether two abstract worlds are the same but for the ids that were made up: every renaming is tried.

use std::collections::BTreeMap;

use super::abstract_world::{AbstractWorld, FilePath, Id, Row};
use super::pending::{A_FOLDER_THAT_IS_FILLED_IS_MISSING, WHAT_IS_THERE_NEED_NOT_FIT_TOGETHER};
use super::program::{Content, Folder, Program, Rule, Table};

type Renaming = BTreeMap<Id, Id>;

/// How much of the one world has to be in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Demand {
    /// The other holds no more, but for what is beyond the expected in a log.
    All,
    /// The other may hold more.
    AtLeast,
}

/// Whether the world is the expected one.
pub(crate) fn is_same(program: &Program, world: &AbstractWorld, expected: &AbstractWorld) -> bool {
    let same_counts = Table::ALL.into_iter().filter(|table| !is_log(program, *table)).all(|table| {
        world.database.rows(table).len() == expected.database.rows(table).len()
    });
    same_counts && world.files.len() == expected.files.len() && can_be_renamed(program, world, expected, Demand::All)
}

/// Whether all rows and files of the expected world are in this one.
pub(crate) fn holds_all_of(program: &Program, world: &AbstractWorld, expected: &AbstractWorld) -> bool {
    let is_filled = |folder: &Folder| expected.is_empty(*folder) && !world.is_empty(*folder);
    if A_FOLDER_THAT_IS_FILLED_IS_MISSING && expected.folders.iter().any(is_filled) {
        return false;
    }
    if WHAT_IS_THERE_NEED_NOT_FIT_TOGETHER {
        return each_by_itself(expected).all(|part| can_be_renamed(program, world, &part, Demand::AtLeast));
    }
    can_be_renamed(program, world, expected, Demand::AtLeast)
}

/// Each row and each file, with the rows that it refers to and nothing else.
fn each_by_itself(expected: &AbstractWorld) -> impl Iterator<Item = AbstractWorld> {
    let with_what_it_names = |mut part: AbstractWorld, names: Vec<Id>| {
        let mut open = names;
        while let Some(id) = open.pop() {
            let named = expected.database.rows(Table::Docs).iter().find(|row| row.id == id);
            let named = named.filter(|row| !part.database.has(Table::Docs, row.id));
            if let Some(row) = named {
                open.extend(row.names());
                part.database.upsert(Table::Docs, *row);
            }
        }
        part
    };
    let rows = Table::ALL.into_iter().flat_map(move |table| {
        expected.database.rows(table).iter().map(move |row| {
            let mut part = AbstractWorld::default();
            part.database.upsert(table, *row);
            with_what_it_names(part, row.names())
        })
    });
    let files = expected.files.iter().map(move |(path, content)| {
        let mut part = AbstractWorld::default();
        part.files.insert(*path, *content);
        with_what_it_names(part, vec![path.doc])
    });
    rows.chain(files)
}

fn is_log(program: &Program, table: Table) -> bool {
    program.rules.contains(&Rule::IsLog(table))
}

fn can_be_renamed(program: &Program, world: &AbstractWorld, expected: &AbstractWorld, demand: Demand) -> bool {
    let generated = program.generated.iter().flat_map(|&table| {
        expected.database.rows(table).iter().map(move |row| (table, *row))
    });
    let rows: Vec<(Table, Row)> = generated.collect();
    // What is named and not there is not there in the other world either.
    if named_in_vain(expected).any(|id| has(world, id)) {
        return false;
    }
    try_all(&rows, world, &mut Renaming::new(), &|renaming| {
        let rows_fit = Table::ALL.into_iter().all(|table| {
            let expected = expected.database.rows(table).iter().map(|row| renamed_row(*row, renaming)).collect();
            let actual = world.database.rows(table).to_vec();
            let may_hold_more = demand == Demand::AtLeast || is_log(program, table);
            fits(expected, actual, may_hold_more)
        });
        let files = expected.files.iter().map(|(path, content)| (renamed_path(*path, renaming), *content)).collect();
        let actual: Vec<(FilePath, Content)> = world.files.iter().map(|(path, content)| (*path, *content)).collect();
        rows_fit && fits(files, actual, demand == Demand::AtLeast)
    })
}

/// The ids that were made up and stand where no row has them.
fn named_in_vain(world: &AbstractWorld) -> impl Iterator<Item = Id> {
    let rows = Table::ALL.into_iter().flat_map(|table| world.database.rows(table)).flat_map(Row::names);
    rows.chain(world.files.keys().map(|path| path.doc)).filter(|id| !matches!(id, Id::Given(_)) && !has(world, *id))
}

fn has(world: &AbstractWorld, id: Id) -> bool {
    Table::ALL.into_iter().any(|table| world.database.has(table, id))
}

/// Tries every way to give each of these rows another row of the world as its part.
fn try_all(
    rows: &[(Table, Row)],
    world: &AbstractWorld,
    renaming: &mut Renaming,
    fits: &impl Fn(&Renaming) -> bool,
) -> bool {
    let Some(((table, row), rest)) = rows.split_first() else {
        return fits(renaming);
    };
    world.database.rows(*table).iter().any(|other| {
        let is_free = !renaming.values().any(|taken| *taken == other.id);
        // No renaming changes what is in the column `state`.
        if !is_free || other.state != row.state {
            return false;
        }
        renaming.insert(row.id, other.id);
        let is_found = try_all(rest, world, renaming, fits);
        renaming.remove(&row.id);
        is_found
    })
}

fn renamed(id: Id, renaming: &Renaming) -> Id {
    renaming.get(&id).copied().unwrap_or(id)
}

fn renamed_path(path: FilePath, renaming: &Renaming) -> FilePath {
    FilePath { doc: renamed(path.doc, renaming), ..path }
}

fn renamed_row(row: Row, renaming: &Renaming) -> Row {
    Row {
        id: renamed(row.id, renaming),
        path: row.path.map(|path| renamed_path(path, renaming)),
        parent: row.parent.map(|parent| renamed(parent, renaming)),
        ..row
    }
}

/// Whether each of the expected is among the actual, and, unless there may be more, the other way round.
fn fits<T: PartialEq>(expected: Vec<T>, mut actual: Vec<T>, may_hold_more: bool) -> bool {
    for wanted in expected {
        let Some(at) = actual.iter().position(|found| *found == wanted) else {
            return false;
        };
        actual.swap_remove(at);
    }
    may_hold_more || actual.is_empty()
}
