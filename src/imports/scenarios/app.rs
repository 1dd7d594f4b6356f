//! What a process of the application holds.

use std::path::PathBuf;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, Sqlite, SqliteConnection};

use crate::{BoxError, World};

/// What a process of the application holds: connections, and where its files are.
#[derive(Debug)]
pub struct App {
    pub(crate) pool: SqlitePool,
    pub(crate) dir: PathBuf,
}

/// A connection that goes back to its pool.
pub(crate) type Conn = sqlx::pool::PoolConnection<Sqlite>;

impl App {
    /// Connects to the world, and recovers nothing: what an earlier process left stays.
    pub(crate) async fn boot(world: &World) -> Result<Self, BoxError> {
        let options: SqliteConnectOptions = world.database_url().parse()?;
        let options = options
            .create_if_missing(false)
            .foreign_keys(true)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5));
        let pool = SqlitePoolOptions::new()
            // One writer at a time is all that SQLite has; and the connection that comes back is the one that goes out again.
            .max_connections(1)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .after_release(|conn, _| Box::pin(is_fit_for_the_next(conn)))
            .connect_with(options)
            .await?;
        Ok(Self { pool, dir: world.dir().to_owned() })
    }

    /// A connection. One serves a whole request; acquired outside of steps, so that a step is its statement and nothing
    /// else.
    pub(crate) async fn connection(&self) -> Result<Conn, sqlx::Error> {
        self.pool.acquire().await
    }
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
