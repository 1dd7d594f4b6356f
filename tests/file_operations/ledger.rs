//! A flow that is nothing but a database: rows in one transaction, acknowledged after the commit.

use halfway::{BoxError, Flow, Rules, Step, World, step};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

/// How the database keeps its promises.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ledger {
    journal: Journal,
    synchronous: Synchronous,
}

/// Where changes stand before they are in the database's file, or what it held before them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Journal {
    /// A write-ahead log.
    Wal,
    /// A rollback journal, deleted by the commit.
    Delete,
}

/// What is synced.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Synchronous {
    Off,
    Normal,
    Full,
    Extra,
}

const BEGIN: Step = Step::new("begin");
const INSERT: Step = Step::new("insert");
const COMMIT: Step = Step::new("commit");

impl Ledger {
    pub(crate) const fn new(journal: Journal, synchronous: Synchronous) -> Self {
        Self { journal, synchronous }
    }

    async fn connect(&self, world: &World) -> Result<SqlitePool, sqlx::Error> {
        let options: SqliteConnectOptions = world.database_url().parse()?;
        let journal = match self.journal {
            Journal::Wal => SqliteJournalMode::Wal,
            Journal::Delete => SqliteJournalMode::Delete,
        };
        let synchronous = match self.synchronous {
            Synchronous::Off => SqliteSynchronous::Off,
            Synchronous::Normal => SqliteSynchronous::Normal,
            Synchronous::Full => SqliteSynchronous::Full,
            Synchronous::Extra => SqliteSynchronous::Extra,
        };
        let options = options.journal_mode(journal).synchronous(synchronous);
        SqlitePoolOptions::new().test_before_acquire(false).connect_with(options).await
    }
}

impl Flow for Ledger {
    /// How many rows.
    type Request = i64;
    type Response = ();
    type Error = sqlx::Error;
    type App = SqlitePool;

    fn flow(&self) -> &'static str {
        "ledger"
    }

    fn strategy(&self) -> &'static str {
        "one-transaction"
    }

    async fn prepare(&self, world: &World, _rows: &i64) -> Result<(), BoxError> {
        let pool = self.connect(world).await?;
        sqlx::raw_sql("CREATE TABLE entries (id INTEGER PRIMARY KEY, text TEXT NOT NULL)").execute(&pool).await?;
        // Enough that an insert changes pages that are there.
        sqlx::query(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) \
                     INSERT INTO entries SELECT -i, hex(zeroblob(100)) FROM n",
        )
        .execute(&pool)
        .await?;
        pool.close().await;
        Ok(())
    }

    async fn boot(&self, world: &World) -> Result<SqlitePool, BoxError> {
        let pool = self.connect(world).await?;
        // SQLite opens a file for reading where it may not write to it; this begins to write, and has nothing to write.
        sqlx::query("PRAGMA incremental_vacuum(1)").execute(&pool).await?;
        Ok(pool)
    }

    async fn import(&self, pool: &SqlitePool, rows: &i64) -> Result<(), sqlx::Error> {
        let mut transaction = step(BEGIN, pool.begin()).await?;
        for row in 1..=*rows {
            let insert = sqlx::query("INSERT INTO entries VALUES (?, ?) ON CONFLICT DO NOTHING");
            step(INSERT, insert.bind(row).bind("x".repeat(200)).execute(&mut *transaction)).await?;
        }
        step(COMMIT, transaction.commit()).await
    }

    fn rules(&self, _rows: &i64) -> Rules {
        Rules::new()
    }
}
