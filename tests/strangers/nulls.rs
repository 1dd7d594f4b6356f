//! Columns that differ from run to run, and are null while something is open: a time, a lock, a lease.

use halfway::{Rules, step};

use crate::kit::{App, COMMIT, DELETE, FINISH, Fail, INSERT, Import, Outcome, SWEEP, Stranger, UPDATE, done, on};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![
        Stranger::of::<FinishedTogether>(),
        Stranger::of::<FinishedLater>(),
        Stranger::of::<LockLeft>(),
        Stranger::of::<LockOfTheRequest>(),
        Stranger::of::<DeletedThenReplaced>(),
        Stranger::of::<DeletedInTransaction>(),
        Stranger::of::<LeaseNeverEnded>(),
    ]
}

const REPORTS: &str = "CREATE TABLE reports (key TEXT PRIMARY KEY, rows INTEGER NOT NULL, finished_at TEXT)";

struct FinishedTogether;

impl Import for FinishedTogether {
    const NAME: &'static str = "nulls/finished-together";
    const SCHEMA: &'static str = REPORTS;

    async fn import(app: &App) -> Outcome {
        let upsert = "INSERT INTO reports VALUES ('k1', 3, CURRENT_TIMESTAMP)
                      ON CONFLICT (key) DO UPDATE SET rows = excluded.rows, finished_at = excluded.finished_at";
        step(INSERT, app.sql(upsert)).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().generated("reports", "finished_at")
    }
}

struct FinishedLater;

impl Import for FinishedLater {
    const NAME: &'static str = "nulls/finished-later";
    const SCHEMA: &'static str = REPORTS;

    async fn import(app: &App) -> Outcome {
        let insert = "INSERT INTO reports (key, rows) VALUES ('k1', 3) ON CONFLICT (key) DO NOTHING";
        if step(INSERT, app.sql(insert)).await? == 1 {
            step(FINISH, app.sql("UPDATE reports SET finished_at = CURRENT_TIMESTAMP WHERE key = 'k1'")).await?;
        }
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().generated("reports", "finished_at")
    }
}

struct LockLeft;

impl Import for LockLeft {
    const NAME: &'static str = "nulls/lock-left";
    const SCHEMA: &'static str = "CREATE TABLE pages (id TEXT PRIMARY KEY, body TEXT NOT NULL, locked_at TEXT);
        INSERT INTO pages VALUES ('home', 'old', NULL);";

    async fn import(app: &App) -> Outcome {
        let lock = "UPDATE pages SET locked_at = CURRENT_TIMESTAMP WHERE id = 'home' AND locked_at IS NULL";
        if step(INSERT, app.sql(lock)).await? == 0 {
            return Err(Fail::Refused("somebody else is editing this page"));
        }
        step(UPDATE, app.sql("UPDATE pages SET body = 'new' WHERE id = 'home'")).await?;
        step(FINISH, app.sql("UPDATE pages SET locked_at = NULL WHERE id = 'home'")).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().generated("pages", "locked_at")
    }
}

struct LockOfTheRequest;

impl Import for LockOfTheRequest {
    const NAME: &'static str = "nulls/lock-of-the-request";
    const SCHEMA: &'static str =
        "CREATE TABLE pages (id TEXT PRIMARY KEY, body TEXT NOT NULL, locked_at TEXT, locked_by TEXT);
         INSERT INTO pages VALUES ('home', 'old', NULL, NULL);";

    async fn boot(app: &App) -> Result<(), Fail> {
        let free = "UPDATE pages SET locked_at = NULL, locked_by = NULL WHERE locked_by IS NOT NULL";
        step(SWEEP, app.sql(free)).await?;
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        let lock = "UPDATE pages SET locked_at = CURRENT_TIMESTAMP, locked_by = 'request-1'
                    WHERE id = 'home' AND (locked_by IS NULL OR locked_by = 'request-1')";
        if step(INSERT, app.sql(lock)).await? == 0 {
            return Err(Fail::Refused("somebody else is editing this page"));
        }
        let finish = "UPDATE pages SET body = 'new', locked_at = NULL, locked_by = NULL
                      WHERE id = 'home' AND locked_by = 'request-1'";
        step(FINISH, app.sql(finish)).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().generated("pages", "locked_at")
    }
}

const PRICES: &str = "CREATE TABLE prices (sku TEXT, version INTEGER, cents INTEGER NOT NULL, deleted_at TEXT,
                                           PRIMARY KEY (sku, version));
    INSERT INTO prices VALUES ('tea', 1, 250, NULL);";

const MARK: &str = "UPDATE prices SET deleted_at = CURRENT_TIMESTAMP
                    WHERE sku = 'tea' AND version = 1 AND deleted_at IS NULL";
const REPLACE: &str = "INSERT INTO prices VALUES ('tea', 2, 275, NULL) ON CONFLICT (sku, version) DO NOTHING";

struct DeletedThenReplaced;

impl Import for DeletedThenReplaced {
    const NAME: &'static str = "nulls/deleted-then-replaced";
    const SCHEMA: &'static str = PRICES;

    async fn import(app: &App) -> Outcome {
        step(DELETE, app.sql(MARK)).await?;
        step(INSERT, app.sql(REPLACE)).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().generated("prices", "deleted_at")
    }
}

struct DeletedInTransaction;

impl Import for DeletedInTransaction {
    const NAME: &'static str = "nulls/deleted-in-transaction";
    const SCHEMA: &'static str = PRICES;

    async fn import(app: &App) -> Outcome {
        let mut transaction = app.pool().begin().await?;
        step(DELETE, on(&mut transaction, MARK)).await?;
        step(INSERT, on(&mut transaction, REPLACE)).await?;
        step(COMMIT, transaction.commit()).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().generated("prices", "deleted_at")
    }
}

struct LeaseNeverEnded;

impl Import for LeaseNeverEnded {
    const NAME: &'static str = "nulls/lease-never-ended";
    const SCHEMA: &'static str = "CREATE TABLE mails (key TEXT PRIMARY KEY, sent INTEGER NOT NULL, lease_until TEXT);
        INSERT INTO mails VALUES ('k1', 0, NULL);";

    async fn import(app: &App) -> Outcome {
        let lease = "UPDATE mails SET lease_until = datetime('now', '+60 seconds')
                     WHERE key = 'k1' AND lease_until IS NULL";
        if step(INSERT, app.sql(lease)).await? == 1 {
            step(UPDATE, app.sql("UPDATE mails SET sent = 1 WHERE key = 'k1'")).await?;
            step(FINISH, app.sql("UPDATE mails SET lease_until = NULL WHERE key = 'k1'")).await?;
        }
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().generated("mails", "lease_until")
    }
}
