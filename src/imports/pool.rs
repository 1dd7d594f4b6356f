//! The connections of a running application.

use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqliteConnection};

/// Opens the database, once to begin with, so that a start fails where a request would.
pub(crate) async fn open(options: SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    let options = options.foreign_keys(true).synchronous(SqliteSynchronous::Full).busy_timeout(Duration::from_secs(5));
    SqlitePoolOptions::new()
        // One writer at a time is all that SQLite has. And a request that was dropped is rolled back before the next one gets
        // the connection: with another connection the next could meet what the dropped one has not given up yet.
        .max_connections(1)
        // A file does not hang up: neither a test before use nor a task that closes old connections earns its keep.
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(|conn, _| Box::pin(expect_writable(conn)))
        .after_release(|conn, _| Box::pin(is_fit_for_the_next(conn)))
        .connect_with(options)
        .await
}

/// Where SQLite may not open a file for writing it opens it for reading, and says nothing until somebody writes: a start
/// would succeed, and no request after it. This begins to write, and has nothing to write.
async fn expect_writable(conn: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query("PRAGMA incremental_vacuum(1)").execute(conn).await.map(drop)
}

/// Whether a connection that comes back can serve another request. A commit that failed may have ended the transaction
/// in the engine and not in the driver: then the rollback fails as well, and the connection could never begin another.
async fn is_fit_for_the_next(conn: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    if conn.is_in_transaction() {
        // A rollback that is still on its way is over once this answers.
        conn.ping().await?;
    }
    Ok(!conn.is_in_transaction())
}
