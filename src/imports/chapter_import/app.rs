//! What the running application holds: a pool of connections.

use sqlx::Sqlite;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

use crate::World;
use crate::imports::pool;

/// The running application.
pub struct App {
    pool: SqlitePool,
}

impl App {
    /// Opens the database that [`super::schema`] built, and connects once, so that a start fails where a request would.
    pub(super) async fn start(world: &World) -> Result<Self, sqlx::Error> {
        let options: SqliteConnectOptions = world.database_url().parse()?;
        let pool = pool::open(options).await?;
        Ok(Self { pool })
    }

    /// A connection for one request. It is taken outside of any step: the first thing that a step does is its statement.
    pub(super) async fn connection(&self) -> Result<PoolConnection<Sqlite>, sqlx::Error> {
        self.pool.acquire().await
    }
}
