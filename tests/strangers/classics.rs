//! The classics in the database: outbox, upsert, idempotency keys, counters, logs.

use halfway::{Rules, step};

use crate::kit::{
    App, COMMIT, DELETE, FINISH, Fail, INSERT, INSERT_MORE, Import, Outcome, SWEEP, Stranger, UPDATE, WRITE, done, on,
};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![
        Stranger::of::<Outbox>(),
        Stranger::of::<OutboxApart>(),
        Stranger::of::<CheckThenInsert>(),
        Stranger::of::<Upsert>(),
        Stranger::of::<DeleteThenInsert>(),
        Stranger::of::<ReplaceInTransaction>(),
        Stranger::of::<KeyBeforeWork>(),
        Stranger::of::<KeyAfterWork>(),
        Stranger::of::<KeyWithWork>(),
        Stranger::of::<Counter>(),
        Stranger::of::<AuditLog>(),
    ]
}

const ORDERS: &str = "CREATE TABLE orders (key TEXT PRIMARY KEY, cents INTEGER NOT NULL);
    CREATE TABLE outbox (key TEXT PRIMARY KEY);";
const ORDER: &str = "INSERT INTO orders VALUES ('k1', 250) ON CONFLICT (key) DO NOTHING";
const EVENT: &str = "INSERT INTO outbox VALUES ('k1')";

/// Sends what is in the outbox; the same event sent twice is the same file.
async fn relay(app: &App) -> Result<(), Fail> {
    for key in app.texts("SELECT key FROM outbox ORDER BY key").await? {
        step(WRITE, app.write(&format!("order-{key}.json"), "{\"ordered\":true}")).await?;
        step(SWEEP, app.sql_with("DELETE FROM outbox WHERE key = ?", &[&key])).await?;
    }
    Ok(())
}

struct Outbox;

impl Import for Outbox {
    const NAME: &'static str = "classics/outbox";
    const SCHEMA: &'static str = ORDERS;

    async fn boot(app: &App) -> Result<(), Fail> {
        relay(app).await
    }

    async fn import(app: &App) -> Outcome {
        let mut transaction = app.pool().begin().await?;
        if step(INSERT, on(&mut transaction, ORDER)).await? == 1 {
            step(INSERT_MORE, on(&mut transaction, EVENT)).await?;
        }
        step(COMMIT, transaction.commit()).await?;
        relay(app).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().file_stands_alone("order-k1.json")
    }
}

struct OutboxApart;

impl Import for OutboxApart {
    const NAME: &'static str = "classics/outbox-apart";
    const SCHEMA: &'static str = ORDERS;

    async fn boot(app: &App) -> Result<(), Fail> {
        relay(app).await
    }

    async fn import(app: &App) -> Outcome {
        if step(INSERT, app.sql(ORDER)).await? == 1 {
            step(INSERT_MORE, app.sql(EVENT)).await?;
        }
        relay(app).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().file_stands_alone("order-k1.json")
    }
}

const PEOPLE: &str = "CREATE TABLE people (name TEXT NOT NULL, town TEXT NOT NULL);
    INSERT INTO people VALUES ('Bob', 'Oslo');";

struct CheckThenInsert;

impl Import for CheckThenInsert {
    const NAME: &'static str = "classics/check-then-insert";
    const SCHEMA: &'static str = PEOPLE;

    async fn import(app: &App) -> Outcome {
        if app.number("SELECT count(*) FROM people WHERE name = 'Ada'").await? == 0 {
            step(INSERT, app.sql("INSERT INTO people VALUES ('Ada', 'Bergen')")).await?;
        }
        Ok(done())
    }
}

struct Upsert;

impl Import for Upsert {
    const NAME: &'static str = "classics/upsert";
    const SCHEMA: &'static str = "CREATE TABLE people (name TEXT PRIMARY KEY, town TEXT NOT NULL);
        INSERT INTO people VALUES ('Ada', 'Oslo');";

    async fn import(app: &App) -> Outcome {
        let upsert =
            "INSERT INTO people VALUES ('Ada', 'Bergen') ON CONFLICT (name) DO UPDATE SET town = excluded.town";
        step(INSERT, app.sql(upsert)).await?;
        Ok(done())
    }
}

const MENU: &str = "CREATE TABLE dishes (position INTEGER PRIMARY KEY, name TEXT NOT NULL);
    INSERT INTO dishes VALUES (1, 'soup'), (2, 'bread'), (3, 'tea');";
const CLEAR: &str = "DELETE FROM dishes";
const FILL: &str = "INSERT INTO dishes VALUES (1, 'salad'), (2, 'cake')";

struct DeleteThenInsert;

impl Import for DeleteThenInsert {
    const NAME: &'static str = "classics/delete-then-insert";
    const SCHEMA: &'static str = MENU;

    async fn import(app: &App) -> Outcome {
        step(DELETE, app.sql(CLEAR)).await?;
        step(INSERT, app.sql(FILL)).await?;
        Ok(done())
    }
}

struct ReplaceInTransaction;

impl Import for ReplaceInTransaction {
    const NAME: &'static str = "classics/replace-in-transaction";
    const SCHEMA: &'static str = MENU;

    async fn import(app: &App) -> Outcome {
        let mut transaction = app.pool().begin().await?;
        step(DELETE, on(&mut transaction, CLEAR)).await?;
        step(INSERT, on(&mut transaction, FILL)).await?;
        step(COMMIT, transaction.commit()).await?;
        Ok(done())
    }
}

const PAYMENTS: &str = "CREATE TABLE keys (key TEXT PRIMARY KEY);
    CREATE TABLE payments (id INTEGER PRIMARY KEY AUTOINCREMENT, cents INTEGER NOT NULL);";
const KEY: &str = "INSERT INTO keys VALUES ('k1') ON CONFLICT (key) DO NOTHING";
const PAY: &str = "INSERT INTO payments (cents) VALUES (250)";

fn payment_rules() -> Rules {
    Rules::new().generated_id("payments", "id")
}

struct KeyBeforeWork;

impl Import for KeyBeforeWork {
    const NAME: &'static str = "classics/key-before-work";
    const SCHEMA: &'static str = PAYMENTS;

    async fn import(app: &App) -> Outcome {
        if step(INSERT, app.sql(KEY)).await? == 1 {
            step(INSERT_MORE, app.sql(PAY)).await?;
        }
        Ok(done())
    }

    fn rules() -> Rules {
        payment_rules()
    }
}

struct KeyAfterWork;

impl Import for KeyAfterWork {
    const NAME: &'static str = "classics/key-after-work";
    const SCHEMA: &'static str = PAYMENTS;

    async fn import(app: &App) -> Outcome {
        if app.number("SELECT count(*) FROM keys WHERE key = 'k1'").await? == 0 {
            step(INSERT, app.sql(PAY)).await?;
            step(FINISH, app.sql(KEY)).await?;
        }
        Ok(done())
    }

    fn rules() -> Rules {
        payment_rules()
    }
}

struct KeyWithWork;

impl Import for KeyWithWork {
    const NAME: &'static str = "classics/key-with-work";
    const SCHEMA: &'static str = PAYMENTS;

    async fn import(app: &App) -> Outcome {
        let mut transaction = app.pool().begin().await?;
        if step(INSERT, on(&mut transaction, KEY)).await? == 1 {
            step(INSERT_MORE, on(&mut transaction, PAY)).await?;
        }
        step(COMMIT, transaction.commit()).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        payment_rules()
    }
}

struct Counter;

impl Import for Counter {
    const NAME: &'static str = "classics/counter";
    const SCHEMA: &'static str = "CREATE TABLE visits (page TEXT PRIMARY KEY, count INTEGER NOT NULL);
        INSERT INTO visits VALUES ('home', 41);";

    async fn import(app: &App) -> Outcome {
        step(UPDATE, app.sql("UPDATE visits SET count = count + 1 WHERE page = 'home'")).await?;
        Ok(done())
    }
}

struct AuditLog;

impl Import for AuditLog {
    const NAME: &'static str = "classics/audit-log";
    const SCHEMA: &'static str = "CREATE TABLE people (name TEXT PRIMARY KEY, town TEXT NOT NULL);
        CREATE TABLE audit (line TEXT NOT NULL);";

    async fn import(app: &App) -> Outcome {
        let mut transaction = app.pool().begin().await?;
        step(INSERT, on(&mut transaction, "INSERT OR REPLACE INTO people VALUES ('Ada', 'Bergen')")).await?;
        step(INSERT_MORE, on(&mut transaction, "INSERT INTO audit VALUES ('Ada moves to Bergen')")).await?;
        step(COMMIT, transaction.commit()).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().log("audit")
    }
}
