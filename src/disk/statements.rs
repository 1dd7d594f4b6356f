//! The statements of the database engine in this process, heard by way of its connections.
//!
//! The application's SQLite is the one that the harness links, whatever library opens it. An extension that is loaded
//! automatically reaches each new connection; where its database lies under a watched directory, the engine tells from
//! then on where a statement begins and where it ends. It does so on the thread that carries the statement out.
//!
//! Not heard: an application that traces its connections itself takes the place of this. Source:
//! <https://www.sqlite.org/c3ref/auto_extension.html> and <https://www.sqlite.org/c3ref/trace_v2.html>.

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::sync::Once;

use rusqlite::ffi::{self, sqlite3, sqlite3_stmt};

use super::watch::{self, Statement};

/// The engine tells that a statement begins. The bindings spell the type of these numbers in another way in each version.
const BEGINS: c_uint = 0x01;
/// It tells that one ends.
const ENDS: c_uint = 0x02;

/// Hears, from now on, each connection that is opened.
pub(super) fn hear() {
    static HEARD: Once = Once::new();
    HEARD.call_once(|| {
        let entry = on_open as *const ();
        #[expect(clippy::missing_transmute_annotations, reason = "the type is another one in each version")]
        // SAFETY: the engine calls the function as it is declared below. Each version of the bindings spells its type in
        // another way.
        unsafe {
            ffi::sqlite3_auto_extension(Some(std::mem::transmute(entry)))
        };
    });
}

/// A connection was opened.
unsafe extern "C" fn on_open(db: *mut sqlite3, _: *mut *mut c_char, _: *const c_void) -> c_int {
    if !watch::any() || watch::is_unwatched() {
        return ffi::SQLITE_OK;
    }
    // SAFETY: the connection is open, and its main database is attached by now.
    let path = unsafe { ffi::sqlite3_db_filename(db, c"main".as_ptr()) };
    // SAFETY: what the engine gives is a text, or nothing.
    let entry = unsafe { text(path) }.and_then(|path| watch::find(path.to_bytes()));
    if let Some((entry, _)) = entry {
        // No pointer: a number, so that a connection may outlive whoever listens.
        let number = std::ptr::without_provenance_mut(entry.number());
        // SAFETY: the function is there as long as the program is.
        unsafe { ffi::sqlite3_trace_v2(db, BEGINS | ENDS, Some(on_statement), number) };
    }
    ffi::SQLITE_OK
}

/// A statement begins or ends.
unsafe extern "C" fn on_statement(
    what: c_uint,
    number: *mut c_void,
    statement: *mut c_void,
    said: *mut c_void,
) -> c_int {
    if watch::is_unwatched() {
        return 0;
    }
    let Some(entry) = watch::numbered(number.addr()) else { return 0 };
    let statement: *mut sqlite3_stmt = statement.cast();
    if what == ENDS {
        // SAFETY: the engine names a statement that is there.
        let is_over = unsafe { ffi::sqlite3_stmt_busy(statement) } == 0;
        entry.statement_ends(statement.addr(), is_over);
        return 0;
    }
    // SAFETY: likewise.
    let sql = unsafe { ffi::sqlite3_sql(statement) };
    // A trigger, or a statement inside of one, is told by a comment.
    if !std::ptr::eq(sql, said.cast()) {
        return 0;
    }
    // SAFETY: the statement is there; its text lives as long as it does, and the name of the database as long as the
    // connection.
    let (db, sql, path, is_read) = unsafe {
        let db = ffi::sqlite3_db_handle(statement);
        let path = text(ffi::sqlite3_db_filename(db, c"main".as_ptr()));
        (db, text(sql), path, ffi::sqlite3_stmt_readonly(statement) != 0)
    };
    let (Some(sql), Some(database)) = (sql, path.and_then(|path| entry.below(path.to_bytes()))) else { return 0 };
    let sql = &*sql.to_string_lossy();
    let heard = Statement { number: statement.addr(), sql, database: &database, only_reads: is_read };
    if entry.statement_begins(&heard) {
        // SAFETY: the connection is that of the statement. The engine gives the statement up at its next look.
        unsafe { ffi::sqlite3_interrupt(db) };
    }
    0
}

/// A text of the engine's, if there is one.
///
/// # Safety
/// The pointer is null, or leads to a text that ends with a zero and lives long enough.
unsafe fn text<'t>(text: *const c_char) -> Option<&'t CStr> {
    // SAFETY: said above.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) })
}
