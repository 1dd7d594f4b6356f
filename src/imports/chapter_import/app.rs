//! What the running application holds: a pool of connections.

use std::time::Duration;

use sqlx::Sqlite;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

use crate::World;

/// The running application.
pub struct App {
    pool: SqlitePool,
}

impl App {
    /// Opens the database that [`super::schema`] built, and connects once, so that a start fails where a request would.
    pub(super) async fn start(world: &World) -> Result<Self, sqlx::Error> {
        let options: SqliteConnectOptions = world.database_url().parse()?;
        let options =
            options.foreign_keys(true).synchronous(SqliteSynchronous::Full).busy_timeout(Duration::from_secs(5));
        let pool = SqlitePoolOptions::new()
            // One writer at a time is all that SQLite has; and the connection that comes back is the one that goes out again.
            .max_connections(1)
            // A file does not hang up: neither a test before use nor a task that closes old connections earns its keep.
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options)
            .await?;
        Ok(Self { pool })
    }

    /// A connection for one request. It is taken outside of any step: the first thing that a step does is its statement.
    pub(super) async fn connection(&self) -> Result<PoolConnection<Sqlite>, sqlx::Error> {
        self.pool.acquire().await
    }
}
