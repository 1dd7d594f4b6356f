//! SQLite as the database of a world: its URL, its files, and a dump of it from outside: its schema and all its tables.
//!
//! Left out: what the engine keeps for itself (`sqlite_...`: the last numbers that it gave out, its statistics) and the
//! tables in which a virtual table keeps what it holds: that is looked at through the virtual table, where the engine
//! that is compiled in knows its kind.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, Row};

use super::reach;
use crate::disk::text_of;
use crate::error::{Error, Result};
use crate::observe::{ObjectKind, Observation, Schema, SchemaObject, Table, Value};

/// The URL under which `sqlx` opens the file, and creates it.
pub(crate) fn url(database: &Path) -> String {
    format!("sqlite://{}?mode=rwc", database.display())
}

/// Whether a file is SQLite's index of the write-ahead log: mapped memory, made anew by whoever opens the database.
pub(crate) fn is_shared_memory(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "sqlite-shm")
}

/// Tables by name.
type Tables = BTreeMap<String, Table>;

/// What was found at the path of a database.
pub(crate) enum Found {
    /// A database, or nothing: then it has no tables.
    Tables(Tables, Arc<Schema>),
    /// Something that is no database, or no longer: what, in words.
    Damage(String),
}

/// What an earlier look saw, and what nobody wants to see.
#[derive(Clone, Copy)]
pub(crate) struct Sight<'s> {
    /// Values and schemas that are as they were are shared with it.
    pub(crate) earlier: &'s Observation,
    /// The tables that are left out, by name.
    pub(crate) ignored: &'s BTreeSet<String>,
}

/// So long somebody may keep the database locked. Whoever only has something to finish is done by then: the threads of an
/// application are at rest before its world is looked at.
const PATIENCE: Duration = Duration::from_millis(250);

/// All that is in the database. SQLite's own recovery is done first, where it is needed.
///
/// Where somebody keeps the database locked, or the file or its folder cannot be written, a copy is looked at, in `spare`:
/// that is what the next process would find.
///
/// # Errors
/// When neither can be read, and nobody knows why.
pub(crate) fn dump(database: &Path, spare: &Path, sight: Sight<'_>) -> Result<Found> {
    match fs::metadata(database) {
        Err(_) => return Ok(Found::Tables(Tables::new(), Arc::default())),
        Ok(found) if found.is_dir() => return Ok(Found::Damage("a directory stands in its place".to_owned())),
        Ok(found) if !found.is_file() => return Ok(Found::Damage("what stands in its place is no file".to_owned())),
        Ok(_) => {}
    }
    let error = match dump_all(database, sight).or_else(damage) {
        Ok(found) => return Ok(found),
        Err(error) => error,
    };
    let copy = reach::Spare::of_files(database, spare);
    let found = copy.as_ref().ok().map(|copy| dump_all(copy.path(), sight).or_else(damage));
    match found {
        Some(Ok(found)) => Ok(found),
        Some(Err(source)) => Err(Error::Dump { path: database.to_owned(), source }),
        None => Err(Error::Dump { path: database.to_owned(), source: error }),
    }
}

/// Not that it cannot be read is an error of the harness, but that nobody knows why.
fn damage(error: rusqlite::Error) -> rusqlite::Result<Found> {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Ok(Found::Damage(error.to_string())),
        _ => Err(error),
    }
}

fn dump_all(database: &Path, sight: Sight<'_>) -> rusqlite::Result<Found> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags)?;
    connection.busy_timeout(PATIENCE)?;
    // Looking must not change what is looked at: without this the last connection to close empties the log.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;

    let objects = objects(&connection, sight.ignored)?;
    let mut tables = Tables::new();
    for Object { kind, name, sql, .. } in &objects {
        if *kind != ObjectKind::Table {
            continue;
        }
        match dump_table(&connection, name, sight.earlier.tables.get(name)) {
            Ok(table) => drop(tables.insert(name.clone(), table)),
            // Of a kind that is not compiled in, or empty without the table of others that it shows.
            Err(error) if is_virtual(sql) && error.sqlite_error_code() == Some(ErrorCode::Unknown) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Found::Tables(tables, schema(objects, &sight.earlier.schema)))
}

/// A line of the engine's own table of all that there is.
struct Object {
    kind: ObjectKind,
    name: String,
    table: String,
    sql: String,
}

/// Everything that somebody made, and that is to be seen, in the order of kinds and names.
fn objects(connection: &Connection, ignored: &BTreeSet<String>) -> rusqlite::Result<Vec<Object>> {
    let mut all = connection.prepare(
        "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )?;
    let mut objects = Vec::new();
    let mut cursor = all.query([])?;
    while let Some(row) = cursor.next()? {
        let text = |at: usize| Ok::<_, rusqlite::Error>(row.get_ref(at)?.as_bytes().map(text_of).unwrap_or_default());
        let kind_name = text(0)?;
        let Some(kind) = ObjectKind::ALL.into_iter().find(|kind| kind.name() == kind_name) else { continue };
        objects.push(Object { kind, name: text(1)?, table: text(2)?, sql: text(3)? });
    }
    // Only then are there tables that hold what another one shows.
    if objects.iter().any(|object| object.kind == ObjectKind::Table && is_virtual(&object.sql)) {
        let mut shadows =
            connection.prepare("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'")?;
        let shadows = shadows.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<BTreeSet<String>>>()?;
        objects.retain(|object| !shadows.contains(&object.table));
    }
    objects.retain(|object| !ignored.iter().any(|name| name.eq_ignore_ascii_case(&object.table)));
    objects.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    Ok(objects)
}

/// Whether this is how a virtual table is made: the engine keeps these words as they are written here.
fn is_virtual(sql: &str) -> bool {
    sql.get(..20).is_some_and(|begin| begin.eq_ignore_ascii_case("CREATE VIRTUAL TABLE"))
}

/// The earlier schema, where nothing is otherwise.
fn schema(objects: Vec<Object>, earlier: &Arc<Schema>) -> Arc<Schema> {
    let known = earlier.objects.iter().map(|((kind, name), known)| (*kind, name.as_str(), known.table(), known.sql()));
    let found =
        objects.iter().map(|object| (object.kind, object.name.as_str(), object.table.as_str(), object.sql.as_str()));
    if known.eq(found) {
        return Arc::clone(earlier);
    }
    let made =
        objects.into_iter().map(|Object { kind, name, table, sql }| ((kind, name), SchemaObject::new(table, sql)));
    Arc::new(Schema { objects: made.collect() })
}

fn dump_table(connection: &Connection, name: &str, earlier: Option<&Table>) -> rusqlite::Result<Table> {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let error = match select(connection, &format!("SELECT * FROM main.{}", quoted(name)), earlier) {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::Unknown) => error,
        other => return other,
    };
    // A column that is computed may be so with a function of the application's own, or of what it cannot be computed of.
    let mut stored = connection.prepare("SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0")?;
    let stored = stored.query_map([name], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    let stored: Vec<String> = stored.iter().map(|name| quoted(name)).collect();
    let sql = format!("SELECT {} FROM main.{}", stored.join(", "), quoted(name));
    select(connection, &sql, earlier).map_err(|_| error)
}

fn select(connection: &Connection, sql: &str, earlier: Option<&Table>) -> rusqlite::Result<Table> {
    let mut all = connection.prepare(sql)?;
    let columns: Vec<String> = all.column_names().into_iter().map(str::to_owned).collect();
    let mut rows: Vec<Vec<Value>> = Vec::with_capacity(earlier.map_or(0, |earlier| earlier.rows.len()));
    let mut cursor = all.query([])?;
    while let Some(row) = cursor.next()? {
        // A value is most often the one that was there, or the one in the row above.
        let before = earlier.and_then(|earlier| earlier.rows.get(rows.len()));
        let values = read_row(row, columns.len(), before, rows.last())?;
        rows.push(values);
    }
    drop(cursor);
    Ok(Table { columns, rows })
}

fn read_row(
    row: &Row<'_>,
    columns: usize,
    before: Option<&Vec<Value>>,
    above: Option<&Vec<Value>>,
) -> rusqlite::Result<Vec<Value>> {
    let mut values = Vec::with_capacity(columns);
    for at in 0..columns {
        let likely = [before, above].into_iter().flatten().filter_map(|row| row.get(at));
        values.push(read_value(row.get_ref(at)?, likely));
    }
    Ok(values)
}

fn read_value<'v>(value: ValueRef<'_>, mut likely: impl Iterator<Item = &'v Value>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(bytes) => {
            let known = likely.find(|known| matches!(known, Value::Text(text) if text.as_bytes() == bytes));
            known.cloned().unwrap_or_else(|| Value::Text(text_of(bytes).into()))
        }
        ValueRef::Blob(bytes) => {
            let known = likely.find(|known| matches!(known, Value::Blob(blob) if **blob == *bytes));
            known.cloned().unwrap_or_else(|| Value::Blob(bytes.into()))
        }
    }
}
