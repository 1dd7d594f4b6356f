//! Connections and transactions, as people hold them.

use halfway::step;
use sqlx::Connection;

use crate::kit::{App, COMMIT, FINISH, INSERT, INSERT_MORE, Import, Outcome, PREPARE, Stranger, done, on};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![
        Stranger::of::<TwoConnections>(),
        Stranger::of::<TransactionAcrossAwait>(),
        Stranger::of::<ReadInTransaction>(),
        Stranger::of::<BeginByHand>(),
        Stranger::of::<SavepointSwallows>(),
    ]
}

const BOOKINGS: &str = "CREATE TABLE bookings (key TEXT PRIMARY KEY, seats INTEGER NOT NULL);
    CREATE TABLE guests (name TEXT PRIMARY KEY, booking TEXT NOT NULL);";
const BOOK: &str = "INSERT OR REPLACE INTO bookings VALUES ('k1', 1)";
const GUEST: &str = "INSERT OR REPLACE INTO guests VALUES ('Ada', 'k1')";

struct TwoConnections;

impl Import for TwoConnections {
    const NAME: &'static str = "pools/two-connections";
    const SCHEMA: &'static str = BOOKINGS;

    async fn import(app: &App) -> Outcome {
        let mut one = app.pool().acquire().await?;
        let mut other = app.pool().acquire().await?;
        step(INSERT, on(&mut one, BOOK)).await?;
        step(INSERT_MORE, on(&mut other, GUEST)).await?;
        Ok(done())
    }
}

struct TransactionAcrossAwait;

impl Import for TransactionAcrossAwait {
    const NAME: &'static str = "pools/transaction-across-await";
    const SCHEMA: &'static str = BOOKINGS;

    async fn import(app: &App) -> Outcome {
        let mut transaction = app.pool().begin().await?;
        step(INSERT, on(&mut transaction, BOOK)).await?;
        // A request to somebody else, say.
        tokio::task::yield_now().await;
        step(INSERT_MORE, on(&mut transaction, GUEST)).await?;
        step(COMMIT, transaction.commit()).await?;
        Ok(done())
    }
}

struct ReadInTransaction;

impl Import for ReadInTransaction {
    const NAME: &'static str = "pools/read-in-transaction";
    const SCHEMA: &'static str = BOOKINGS;

    async fn import(app: &App) -> Outcome {
        // To write after a read, the transaction has to be one that writes from the beginning.
        let mut transaction = app.pool().begin_with("BEGIN IMMEDIATE").await?;
        let there: i64 =
            sqlx::query_scalar("SELECT count(*) FROM bookings WHERE key = 'k1'").fetch_one(&mut *transaction).await?;
        if there == 0 {
            step(INSERT, on(&mut transaction, BOOK)).await?;
            step(INSERT_MORE, on(&mut transaction, GUEST)).await?;
        }
        step(COMMIT, transaction.commit()).await?;
        Ok(done())
    }
}

struct BeginByHand;

impl Import for BeginByHand {
    const NAME: &'static str = "pools/begin-by-hand";
    const SCHEMA: &'static str = BOOKINGS;

    async fn import(app: &App) -> Outcome {
        step(PREPARE, app.sql("BEGIN")).await?;
        step(INSERT, app.sql(BOOK)).await?;
        step(INSERT_MORE, app.sql(GUEST)).await?;
        step(COMMIT, app.sql("COMMIT")).await?;
        Ok(done())
    }
}

struct SavepointSwallows;

impl Import for SavepointSwallows {
    const NAME: &'static str = "pools/savepoint-swallows";
    const SCHEMA: &'static str = BOOKINGS;

    async fn import(app: &App) -> Outcome {
        let mut transaction = app.pool().begin().await?;
        step(INSERT, on(&mut transaction, BOOK)).await?;
        let mut inner = transaction.begin().await?;
        // If it fails the guest was there already, one hopes.
        if step(INSERT_MORE, on(&mut inner, GUEST)).await.is_ok() {
            step(FINISH, inner.commit()).await?;
        } else {
            inner.rollback().await?;
        }
        step(COMMIT, transaction.commit()).await?;
        Ok(done())
    }
}
