//! SQLite as the database of a world: its URL, its files, and a dump of it from outside: its schema and all its tables.
//!
//! Left out: what the engine keeps for itself (`sqlite_...`: the last numbers that it gave out, its statistics) and the
//! tables in which a virtual table keeps what it holds: that is looked at through the virtual table, where the engine
//! that is compiled in knows its kind.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
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

/// Looks at the databases of a world, one after the other.
pub(crate) struct Looking<'l> {
    /// Values and schemas that are as they were are shared with it.
    earlier: &'l Observation,
    /// The tables that are left out, by name.
    ignored: &'l BTreeSet<String>,
    /// Where a copy of a database can be made.
    spare: PathBuf,
    seen: Seen,
}

/// What was found in databases.
#[derive(Default)]
struct Seen {
    tables: Tables,
    objects: Vec<Object>,
}

/// So long somebody may keep the database locked. Whoever only has something to finish is done by then: the threads of an
/// application are at rest before its world is looked at.
const PATIENCE: Duration = Duration::from_millis(250);

/// By how much the numbers that a database has given out are moved on, and by how much more from table to table: then a
/// number says whose it is.
const MOVED: i64 = 40;
const APART: i64 = 7;

/// Has the database go on counting from a later number, in each table that never gives a number out twice. What it keeps for
/// that is no part of what is looked at.
pub(crate) fn move_counters(database: &Path) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags)?;
    let counted = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'";
    let tables = connection.prepare(counted)?.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    let moved = (0..).map(|nth| MOVED + nth * APART);
    for (table, moved) in tables.iter().zip(moved) {
        let known = "UPDATE sqlite_sequence SET seq = seq + ?1 WHERE name = ?2";
        if connection.execute(known, (moved, table))? == 0 {
            connection.execute("INSERT INTO sqlite_sequence (seq, name) VALUES (?1, ?2)", (moved, table))?;
        }
    }
    Ok(())
}

impl<'l> Looking<'l> {
    /// Nothing was looked at yet.
    pub(crate) fn new(earlier: &'l Observation, ignored: &'l BTreeSet<String>, spare: PathBuf) -> Self {
        Self { earlier, ignored, spare, seen: Seen::default() }
    }

    /// Looks at the world's own database. SQLite's own recovery is done first, where it is needed. Returns what is damaged.
    ///
    /// Where somebody keeps it locked, or the file or its folder cannot be written, a copy is looked at: that is what the
    /// next process would find.
    ///
    /// # Errors
    /// When neither can be read, and nobody knows why.
    pub(crate) fn at(&mut self, database: &Path) -> Result<Option<String>> {
        match fs::metadata(database) {
            Err(_) => return Ok(None),
            Ok(found) if found.is_dir() => return Ok(Some("a directory stands in its place".to_owned())),
            Ok(found) if !found.is_file() => return Ok(Some("what stands in its place is no file".to_owned())),
            Ok(_) => {}
        }
        let error = match self.read(database, "") {
            Ok(seen) => return Ok(self.learn(seen)),
            Err(error) => error,
        };
        if let Some(damage) = damage(&error) {
            return Ok(Some(damage));
        }
        match self.copied(database, "") {
            Some(Ok(seen)) => Ok(self.learn(seen)),
            Some(Err(source)) => damage(&source)
                .map_or_else(|| Err(Error::Dump { path: database.to_owned(), source }), |damage| Ok(Some(damage))),
            None => Err(Error::Dump { path: database.to_owned(), source: error }),
        }
    }

    /// Looks at a copy of a database of the application's own, whose tables get this before their names. Returns whether it
    /// is one that can be read.
    pub(crate) fn beside(&mut self, database: &Path, prefix: &str) -> Readable {
        match self.copied(database, prefix) {
            Some(Ok(seen)) => {
                self.learn(seen);
                Readable::Yes
            }
            Some(Err(_)) | None => Readable::No,
        }
    }

    /// All that was seen. The schema is the earlier one, where nothing is otherwise.
    pub(crate) fn end(self) -> (Tables, Arc<Schema>) {
        let Self { earlier, mut seen, .. } = self;
        seen.objects.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
        (seen.tables, schema(seen.objects, &earlier.schema))
    }

    fn learn(&mut self, seen: Seen) -> Option<String> {
        self.seen.tables.extend(seen.tables);
        self.seen.objects.extend(seen.objects);
        None
    }

    fn copied(&self, database: &Path, prefix: &str) -> Option<rusqlite::Result<Seen>> {
        let copy = reach::Spare::of_files(database, &self.spare).ok()?;
        Some(self.read(copy.path(), prefix))
    }

    fn read(&self, database: &Path, prefix: &str) -> rusqlite::Result<Seen> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(database, flags)?;
        connection.busy_timeout(PATIENCE)?;
        // Looking must not change what is looked at: without this the last connection to close empties the log.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        // All tables at one instant, and locked once. It ends with the connection.
        connection.execute_batch("BEGIN")?;

        let mut objects = objects(&connection)?;
        let is_ignored = |table: &str| {
            let table = format!("{prefix}{table}");
            self.ignored.iter().any(|name| name.eq_ignore_ascii_case(&table))
        };
        objects.retain(|object| !is_ignored(&object.table));
        let mut tables = Tables::new();
        for Object { name, sql, .. } in objects.iter().filter(|object| object.kind == ObjectKind::Table) {
            let called = format!("{prefix}{name}");
            match dump_table(&connection, name, self.earlier.tables.get(&called)) {
                Ok(table) => drop(tables.insert(called, table)),
                // Of a kind that is not compiled in, or without the table of others that it shows.
                Err(error) if is_virtual(sql) && error.sqlite_error_code() == Some(ErrorCode::Unknown) => {}
                Err(error) => return Err(error),
            }
        }
        for object in &mut objects {
            object.name.insert_str(0, prefix);
            object.table.insert_str(0, prefix);
        }
        Ok(Seen { tables, objects })
    }
}

/// Whether a database can be read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readable {
    /// It can.
    Yes,
    /// It cannot, or it is none.
    No,
}

/// What is wrong with a database that could be opened, and does not hold what one holds: not that it cannot be read is an
/// error of the harness, but that nobody knows why.
fn damage(error: &rusqlite::Error) -> Option<String> {
    let is_damage = matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase));
    is_damage.then(|| error.to_string())
}

/// A line of the engine's own table of all that there is.
struct Object {
    kind: ObjectKind,
    name: String,
    table: String,
    sql: String,
}

/// Everything that somebody made, and that the engine does not keep for itself.
fn objects(connection: &Connection) -> rusqlite::Result<Vec<Object>> {
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
    Ok(objects)
}

/// Whether this is how a virtual table is made: the engine keeps these words as they are written here.
fn is_virtual(sql: &str) -> bool {
    sql.get(..20).is_some_and(|begin| begin.eq_ignore_ascii_case("CREATE VIRTUAL TABLE"))
}

/// The earlier schema, where it is the same.
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
