//! SQLite as the database of a world: its URL, its files, and a dump of all its tables from outside.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use crate::error::{Error, Result};
use crate::observe::{Table, Value};

/// The URL under which `sqlx` opens the file, and creates it.
pub(crate) fn url(database: &Path) -> String {
    format!("sqlite://{}?mode=rwc", database.display())
}

/// Whether a file is SQLite's index of the write-ahead log: mapped memory, made anew by whoever opens the database.
pub(crate) fn is_shared_memory(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "sqlite-shm")
}

/// Whether the database could be opened, and does not hold what a database holds.
pub(crate) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase))
}

/// Tables by name.
type Tables = BTreeMap<String, Table>;

/// All tables but the engine's own. SQLite's own recovery is done first, where it is needed. Values that are as in the
/// earlier tables, row by row, are shared with them.
pub(crate) fn dump(database: &Path, earlier: &Tables) -> Result<Tables> {
    if !database.exists() {
        return Ok(Tables::new());
    }
    dump_tables(database, earlier).map_err(|source| Error::Dump { path: database.to_owned(), source })
}

fn dump_tables(database: &Path, earlier: &Tables) -> rusqlite::Result<Tables> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    // Looking must not change what is looked at: without this the last connection to close empties the log.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;

    let mut names = connection.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )?;
    let names = names.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    let tables = names.into_iter().map(|name| {
        let table = dump_table(&connection, &name, earlier.get(&name))?;
        Ok((name, table))
    });
    tables.collect()
}

fn dump_table(connection: &Connection, name: &str, earlier: Option<&Table>) -> rusqlite::Result<Table> {
    let mut all = connection.prepare(&format!("SELECT * FROM \"{}\"", name.replace('"', "\"\"")))?;
    let columns: Vec<String> = all.column_names().into_iter().map(str::to_owned).collect();
    let mut rows: Vec<Vec<Value>> = Vec::with_capacity(earlier.map_or(0, |earlier| earlier.rows.len()));
    let mut cursor = all.query([])?;
    while let Some(row) = cursor.next()? {
        // A value is most often the one that was there, or the one in the row above.
        let before = earlier.and_then(|earlier| earlier.rows.get(rows.len()));
        let above = rows.last();
        let mut values = Vec::with_capacity(columns.len());
        for at in 0..columns.len() {
            let likely = [before, above].into_iter().flatten().filter_map(|row| row.get(at));
            values.push(read_value(row.get_ref(at)?, likely));
        }
        rows.push(values);
    }
    drop(cursor);
    Ok(Table { columns, rows })
}

fn read_value<'v>(value: ValueRef<'_>, mut likely: impl Iterator<Item = &'v Value>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(bytes) => {
            let known = likely.find(|known| matches!(known, Value::Text(text) if text.as_bytes() == bytes));
            known.cloned().unwrap_or_else(|| Value::Text(String::from_utf8_lossy(bytes).into()))
        }
        ValueRef::Blob(bytes) => {
            let known = likely.find(|known| matches!(known, Value::Blob(blob) if **blob == *bytes));
            known.cloned().unwrap_or_else(|| Value::Blob(bytes.into()))
        }
    }
}
