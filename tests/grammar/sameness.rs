//! Whether two abstract worlds are the same but for the ids that were made up: every renaming is tried.

use std::collections::BTreeMap;

use super::abstract_world::{AbstractWorld, FilePath, Id, Row};
use super::pending::WHAT_IS_THERE_NEED_NOT_FIT_TOGETHER;
use super::program::{Content, Program, Rule, Table};

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
    let same_counts = Table::ALL
        .into_iter()
        .filter(|table| !is_log(program, *table))
        .all(|table| world.database.rows(table).len() == expected.database.rows(table).len());
    same_counts
        && world.files.len() == expected.files.len()
        && can_be_renamed(program, world, expected, Demand::All, Renaming::new())
}

/// Whether all rows and files of the expected world are in this one.
pub(crate) fn holds_all_of(program: &Program, world: &AbstractWorld, expected: &AbstractWorld) -> bool {
    if WHAT_IS_THERE_NEED_NOT_FIT_TOGETHER {
        let as_many = |part: &Part| places(program, world, part) >= places(program, expected, part);
        return each_by_itself(expected).iter().all(as_many);
    }
    can_be_renamed(program, world, expected, Demand::AtLeast, Renaming::new())
}

/// Whether the row of the one world is that of the other, with all that it refers to. An id that was not made up says so
/// itself.
pub(crate) fn is_one_row(
    program: &Program,
    (world, id): (&AbstractWorld, Id),
    (expected, wanted): (&AbstractWorld, Id),
) -> bool {
    if matches!(wanted, Id::Given(_)) || matches!(id, Id::Given(_)) {
        return id == wanted;
    }
    let is_it =
        |part: &Part| part.id == wanted && Table::ALL.into_iter().any(|table| part.world.database.has(table, wanted));
    let start = Renaming::from([(wanted, id)]);
    let fits = |part: &Part| can_be_renamed(program, world, &part.world, Demand::AtLeast, start.clone());
    each_by_itself(expected).iter().filter(|part| part.world.files.is_empty() && is_it(part)).any(fits)
}

/// A row or a file, with the rows that it refers to and nothing else.
struct Part {
    world: AbstractWorld,
    /// The id of the row, or that in the path of the file.
    id: Id,
}

/// How many rows or files of the world the part can be, each by itself.
fn places(program: &Program, world: &AbstractWorld, part: &Part) -> usize {
    let tables = program.generated.iter();
    let Some(&table) = tables.into_iter().find(|table| part.world.database.has(**table, part.id)) else {
        return usize::from(can_be_renamed(program, world, &part.world, Demand::AtLeast, Renaming::new()));
    };
    let candidates = world.database.rows(table).iter().map(|row| Renaming::from([(part.id, row.id)]));
    candidates.filter(|start| can_be_renamed(program, world, &part.world, Demand::AtLeast, start.clone())).count()
}

fn each_by_itself(expected: &AbstractWorld) -> Vec<Part> {
    let with_what_it_names = |mut world: AbstractWorld, mut open: Vec<Id>, id: Id| {
        while let Some(id) = open.pop() {
            let named = expected.database.rows(Table::Docs).iter().find(|row| row.id == id);
            if let Some(row) = named.filter(|row| !world.database.has(Table::Docs, row.id)) {
                open.extend(row.names());
                world.database.upsert(Table::Docs, *row);
            }
        }
        Part { world, id }
    };
    let rows = Table::ALL.into_iter().flat_map(|table| {
        expected.database.rows(table).iter().map(move |row| {
            let mut world = AbstractWorld::default();
            world.database.upsert(table, *row);
            with_what_it_names(world, row.names(), row.id)
        })
    });
    let files = expected.files.iter().map(|(path, content)| {
        let mut world = AbstractWorld::default();
        world.files.insert(*path, *content);
        with_what_it_names(world, vec![path.doc], path.doc)
    });
    let folders = expected.own_folders.iter().map(|doc| {
        let own_folders = [*doc].into();
        with_what_it_names(AbstractWorld { own_folders, ..AbstractWorld::default() }, vec![*doc], *doc)
    });
    rows.chain(files).chain(folders).collect()
}

fn is_log(program: &Program, table: Table) -> bool {
    program.rules.contains(&Rule::IsLog(table))
}

fn can_be_renamed(
    program: &Program,
    world: &AbstractWorld,
    expected: &AbstractWorld,
    demand: Demand,
    mut renaming: Renaming,
) -> bool {
    let generated =
        program.generated.iter().flat_map(|&table| expected.database.rows(table).iter().map(move |row| (table, *row)));
    let rows: Vec<(Table, Row)> = generated.filter(|(_, row)| !renaming.contains_key(&row.id)).collect();
    // What is named and not there is not there in the other world either.
    if named_in_vain(expected).any(|id| has(world, id)) {
        return false;
    }
    try_all(&rows, world, &mut renaming, &|renaming| {
        let rows_fit = Table::ALL.into_iter().all(|table| {
            let expected = expected.database.rows(table).iter().map(|row| renamed_row(*row, renaming)).collect();
            let actual = world.database.rows(table).to_vec();
            let may_hold_more = demand == Demand::AtLeast || is_log(program, table);
            fits(expected, actual, may_hold_more)
        });
        let files = expected.files.iter().map(|(path, content)| (renamed_path(*path, renaming), *content)).collect();
        let actual: Vec<(FilePath, Content)> = world.files.iter().map(|(path, content)| (*path, *content)).collect();
        let folders = expected.own_folders.iter().map(|doc| renamed(*doc, renaming)).collect();
        rows_fit
            && fits(files, actual, demand == Demand::AtLeast)
            && fits(folders, world.own_folders.iter().copied().collect(), demand == Demand::AtLeast)
    })
}

/// The ids that were made up and stand where no row has them.
fn named_in_vain(world: &AbstractWorld) -> impl Iterator<Item = Id> {
    let rows = Table::ALL.into_iter().flat_map(|table| world.database.rows(table)).flat_map(Row::names);
    let files = world.files.keys().map(|path| path.doc);
    rows.chain(files)
        .chain(world.own_folders.iter().copied())
        .filter(|id| !matches!(id, Id::Given(_)) && !has(world, *id))
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
