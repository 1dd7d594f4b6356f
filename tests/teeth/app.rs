//! What a process of the strategies here holds: connections, and where its files are.

use std::path::PathBuf;
use std::time::Duration;

use halfway::World;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Sqlite, SqliteConnection};

/// Whether the database refuses a row that names one that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ForeignKeys {
    /// It does.
    Checked,
    /// It does not, as SQLite left to itself.
    Unchecked,
}

/// The running application.
pub(crate) struct App {
    pool: SqlitePool,
    /// Never used. While it is open, the pool can close a connection that is of no use any more without being the last to
    /// do so: SQLite would tidy up its log then, after the answer, at a moment that nobody waits for.
    _keeper: SqliteConnection,
    /// The directory of its files.
    pub(crate) dir: PathBuf,
}

impl App {
    /// Connects, and recovers nothing.
    pub(crate) async fn connect(world: &World, foreign_keys: ForeignKeys) -> Result<Self, sqlx::Error> {
        let options: SqliteConnectOptions = world.database_url().parse()?;
        let options = options
            .foreign_keys(foreign_keys == ForeignKeys::Checked)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5));
        let mut keeper = options.connect().await?;
        // What has never read anything does not count for SQLite.
        sqlx::query("SELECT count(*) FROM sqlite_master").fetch_one(&mut keeper).await?;
        let pool = SqlitePoolOptions::new()
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .after_release(|conn, _| Box::pin(is_at_rest(conn)))
            .connect_with(options)
            .await?;
        Ok(Self { pool, _keeper: keeper, dir: world.dir().to_owned() })
    }

    /// A connection. Taken outside of steps: the first thing that a step does is its statement.
    pub(crate) async fn connection(&self) -> Result<PoolConnection<Sqlite>, sqlx::Error> {
        self.pool.acquire().await
    }
}

/// Whether a connection that comes back can serve somebody else: not, if its transaction cannot be ended.
async fn is_at_rest(conn: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    if conn.is_in_transaction() {
        // The rollback of a dropped transaction is over once this answers.
        conn.ping().await?;
    }
    Ok(!conn.is_in_transaction())
}
