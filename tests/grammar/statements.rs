//! The statements of the real side.

use sqlx::query::{Query, QueryScalar};
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, Sqlite};

use super::named::{Names, WrittenRow};
use super::program::{Change, Table, Which};

type Statement = Query<'static, Sqlite, SqliteArguments>;

pub(crate) fn insert(table: Table, row: &WrittenRow) -> Statement {
    bind_row(format!("INSERT INTO {} (id, state, path, parent) VALUES (?, ?, ?, ?)", table.name()), row)
}

pub(crate) fn upsert(table: Table, row: &WrittenRow) -> Statement {
    let sql = format!(
        "INSERT INTO {} (id, state, path, parent) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
         SET state = excluded.state, path = excluded.path, parent = excluded.parent",
        table.name()
    );
    bind_row(sql, row)
}

fn bind_row(sql: String, row: &WrittenRow) -> Statement {
    let query = sqlx::query(AssertSqlSafe(sql)).bind(row.id.clone()).bind(row.state);
    query.bind(row.path.clone()).bind(row.parent.clone())
}

pub(crate) fn update(names: &Names, table: Table, which: Which, change: Change) -> Statement {
    let (column, value) = match change {
        Change::State(state) => ("state", Some(state.name().to_owned())),
        Change::Path(path) => ("path", path.map(|path| names.path(path))),
    };
    let (condition, wanted) = condition(names, table, which);
    let sql = format!("UPDATE {} SET {column} = ? WHERE {condition}", table.name());
    sqlx::query(AssertSqlSafe(sql)).bind(value).bind(wanted)
}

pub(crate) fn delete(names: &Names, table: Table, which: Which) -> Statement {
    let (condition, wanted) = condition(names, table, which);
    sqlx::query(AssertSqlSafe(format!("DELETE FROM {} WHERE {condition}", table.name()))).bind(wanted)
}

/// The id of the oldest such row.
pub(crate) fn select(
    names: &Names,
    table: Table,
    which: Which,
) -> QueryScalar<'static, Sqlite, String, SqliteArguments> {
    let (condition, wanted) = condition(names, table, which);
    let sql = format!("SELECT id FROM {} WHERE {condition} ORDER BY rowid LIMIT 1", table.name());
    sqlx::query_scalar(AssertSqlSafe(sql)).bind(wanted)
}

fn condition(names: &Names, table: Table, which: Which) -> (&'static str, String) {
    match which {
        Which::Key(key) => ("id = ?", names.id(table, key)),
        Which::State(state) => ("state = ?", state.name().to_owned()),
    }
}
