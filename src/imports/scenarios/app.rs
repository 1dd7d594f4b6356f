//! What a process of the application holds.

use std::path::PathBuf;

use sqlx::Sqlite;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

use crate::imports::pool;
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
        let pool = pool::open(options.create_if_missing(false)).await?;
        Ok(Self { pool, dir: world.dir().to_owned() })
    }

    /// A connection. One serves a whole request; acquired outside of steps, so that a step is its statement and nothing
    /// else.
    pub(crate) async fn connection(&self) -> Result<Conn, sqlx::Error> {
        self.pool.acquire().await
    }
}
