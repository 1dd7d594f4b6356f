//! Tables, indexes and triggers that an import takes away and puts back.

use halfway::step;

use crate::kit::{App, COMMIT, FINISH, INSERT, INSERT_MORE, Import, Outcome, PREPARE, RESTORE, Stranger, done, on};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![
        Stranger::of::<IndexNotThere>(),
        Stranger::of::<IndexForgotten>(),
        Stranger::of::<IndexInTransaction>(),
        Stranger::of::<StagingTable>(),
        Stranger::of::<TemporaryTable>(),
        Stranger::of::<TriggerLost>(),
        Stranger::of::<TriggerInTransaction>(),
        Stranger::of::<TableOnDemand>(),
        Stranger::of::<TableInTransaction>(),
    ]
}

const WORDS: &str = "CREATE TABLE words (word TEXT PRIMARY KEY, length INTEGER NOT NULL);
    CREATE INDEX words_by_length ON words (length);
    INSERT INTO words VALUES ('a', 1);";

const LOAD: &str = "INSERT OR REPLACE INTO words VALUES ('tea', 3), ('cup', 3), ('spoon', 5)";
const MAKE_INDEX: &str = "CREATE INDEX words_by_length ON words (length)";

struct IndexNotThere;

impl Import for IndexNotThere {
    const NAME: &'static str = "schema/index-not-there";
    const SCHEMA: &'static str = WORDS;

    async fn import(app: &App) -> Outcome {
        step(PREPARE, app.sql("DROP INDEX words_by_length")).await?;
        step(INSERT, app.sql(LOAD)).await?;
        step(RESTORE, app.sql(MAKE_INDEX)).await?;
        Ok(done())
    }
}

struct IndexForgotten;

impl Import for IndexForgotten {
    const NAME: &'static str = "schema/index-forgotten";
    const SCHEMA: &'static str = WORDS;

    async fn import(app: &App) -> Outcome {
        if app.number("SELECT count(*) FROM words WHERE word = 'tea'").await? == 1 {
            return Ok(done());
        }
        step(PREPARE, app.sql("DROP INDEX IF EXISTS words_by_length")).await?;
        step(INSERT, app.sql(LOAD)).await?;
        step(RESTORE, app.sql(MAKE_INDEX)).await?;
        Ok(done())
    }
}

struct IndexInTransaction;

impl Import for IndexInTransaction {
    const NAME: &'static str = "schema/index-in-transaction";
    const SCHEMA: &'static str = WORDS;

    async fn import(app: &App) -> Outcome {
        let mut transaction = app.pool().begin().await?;
        step(PREPARE, on(&mut transaction, "DROP INDEX words_by_length")).await?;
        step(INSERT, on(&mut transaction, LOAD)).await?;
        step(RESTORE, on(&mut transaction, MAKE_INDEX)).await?;
        step(COMMIT, transaction.commit()).await?;
        Ok(done())
    }
}

struct StagingTable;

impl Import for StagingTable {
    const NAME: &'static str = "schema/staging-table";
    const SCHEMA: &'static str = WORDS;

    async fn import(app: &App) -> Outcome {
        step(PREPARE, app.sql("CREATE TABLE staging (word TEXT, length INTEGER)")).await?;
        step(INSERT, app.sql("INSERT INTO staging VALUES ('tea', 3), ('cup', 3)")).await?;
        step(INSERT_MORE, app.sql("INSERT OR REPLACE INTO words SELECT word, length FROM staging")).await?;
        step(RESTORE, app.sql("DROP TABLE staging")).await?;
        Ok(done())
    }
}

struct TemporaryTable;

impl Import for TemporaryTable {
    const NAME: &'static str = "schema/temporary-table";
    const SCHEMA: &'static str = WORDS;

    async fn import(app: &App) -> Outcome {
        // The connection may be one that an earlier request used, with its temporary table.
        let mut connection = app.pool().acquire().await?;
        let create = "CREATE TEMPORARY TABLE IF NOT EXISTS staged (word TEXT, length INTEGER)";
        step(PREPARE, on(&mut connection, create)).await?;
        step(FINISH, on(&mut connection, "DELETE FROM staged")).await?;
        step(INSERT, on(&mut connection, "INSERT INTO staged VALUES ('tea', 3), ('cup', 3)")).await?;
        let publish = "INSERT OR REPLACE INTO words SELECT word, length FROM staged";
        step(INSERT_MORE, on(&mut connection, publish)).await?;
        Ok(done())
    }
}

const STOCK: &str = "CREATE TABLE stock (sku TEXT PRIMARY KEY, pieces INTEGER NOT NULL);
    CREATE TABLE changes (sku TEXT NOT NULL);
    CREATE TRIGGER note_changes AFTER INSERT ON stock BEGIN INSERT INTO changes VALUES (new.sku); END;";

const DROP_TRIGGER: &str = "DROP TRIGGER IF EXISTS note_changes";
const MAKE_TRIGGER: &str = "CREATE TRIGGER IF NOT EXISTS note_changes AFTER INSERT ON stock
                            BEGIN INSERT INTO changes VALUES (new.sku); END";
const STOCK_UP: &str = "INSERT INTO stock VALUES ('tea', 40), ('cup', 6)
                        ON CONFLICT (sku) DO UPDATE SET pieces = excluded.pieces";

struct TriggerLost;

impl Import for TriggerLost {
    const NAME: &'static str = "schema/trigger-lost";
    const SCHEMA: &'static str = STOCK;

    async fn import(app: &App) -> Outcome {
        step(PREPARE, app.sql(DROP_TRIGGER)).await?;
        step(INSERT, app.sql(STOCK_UP)).await?;
        step(RESTORE, app.sql(MAKE_TRIGGER)).await?;
        Ok(done())
    }
}

struct TriggerInTransaction;

impl Import for TriggerInTransaction {
    const NAME: &'static str = "schema/trigger-in-transaction";
    const SCHEMA: &'static str = STOCK;

    async fn import(app: &App) -> Outcome {
        let mut transaction = app.pool().begin().await?;
        step(PREPARE, on(&mut transaction, DROP_TRIGGER)).await?;
        step(INSERT, on(&mut transaction, STOCK_UP)).await?;
        step(RESTORE, on(&mut transaction, MAKE_TRIGGER)).await?;
        step(COMMIT, transaction.commit()).await?;
        Ok(done())
    }
}

const MAKE_LABELS: &str = "CREATE TABLE IF NOT EXISTS labels (name TEXT PRIMARY KEY)";
const INSERT_LABEL: &str = "INSERT OR REPLACE INTO labels VALUES ('sea')";

struct TableOnDemand;

impl Import for TableOnDemand {
    const NAME: &'static str = "schema/table-on-demand";
    const SCHEMA: &'static str = WORDS;

    async fn import(app: &App) -> Outcome {
        step(PREPARE, app.sql(MAKE_LABELS)).await?;
        step(INSERT, app.sql(INSERT_LABEL)).await?;
        Ok(done())
    }
}

struct TableInTransaction;

impl Import for TableInTransaction {
    const NAME: &'static str = "schema/table-in-transaction";
    const SCHEMA: &'static str = WORDS;

    async fn import(app: &App) -> Outcome {
        let mut transaction = app.pool().begin().await?;
        step(PREPARE, on(&mut transaction, MAKE_LABELS)).await?;
        step(INSERT, on(&mut transaction, INSERT_LABEL)).await?;
        step(COMMIT, transaction.commit()).await?;
        Ok(done())
    }
}
