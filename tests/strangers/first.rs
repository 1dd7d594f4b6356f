//! The very first start: tables, folders, migrations, default rows.

use halfway::{Rules, step};

use crate::kit::{
    App, COMMIT, Fail, INSERT, Import, MAKE_FOLDER, Outcome, PREPARE, RESTORE, Stranger, UPDATE, done, on,
};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![
        Stranger::of::<TablesAndFolders>(),
        Stranger::of::<MigrationInTwo>(),
        Stranger::of::<MigrationInTransaction>(),
        Stranger::of::<StartsAtSecondTime>(),
        Stranger::of::<DefaultRows>(),
    ]
}

struct TablesAndFolders;

impl Import for TablesAndFolders {
    const NAME: &'static str = "first/tables-and-folders";

    async fn boot(app: &App) -> Result<(), Fail> {
        step(PREPARE, app.sql("CREATE TABLE IF NOT EXISTS docs (key TEXT PRIMARY KEY, path TEXT)")).await?;
        step(RESTORE, app.sql("CREATE INDEX IF NOT EXISTS docs_by_path ON docs (path)")).await?;
        step(MAKE_FOLDER, app.make_folder("docs")).await?;
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        step(INSERT, app.sql("INSERT OR REPLACE INTO docs VALUES ('k1', NULL)")).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().row_needs_file("docs", "path").file_needs_row("docs", "docs", "path")
    }
}

const VERSIONED: &str = "CREATE TABLE docs (key TEXT PRIMARY KEY);
    CREATE TABLE meta (version INTEGER NOT NULL);
    INSERT INTO docs VALUES ('k0');
    INSERT INTO meta VALUES (1);";

const ADD_COLUMN: &str = "ALTER TABLE docs ADD COLUMN language TEXT NOT NULL DEFAULT 'en'";
const RAISE_VERSION: &str = "UPDATE meta SET version = 2";
const INSERT_DOC: &str = "INSERT OR REPLACE INTO docs (key, language) VALUES ('k1', 'no')";

struct MigrationInTwo;

impl Import for MigrationInTwo {
    const NAME: &'static str = "first/migration-in-two";
    const SCHEMA: &'static str = VERSIONED;

    async fn boot(app: &App) -> Result<(), Fail> {
        if app.number("SELECT version FROM meta").await? < 2 {
            step(PREPARE, app.sql(ADD_COLUMN)).await?;
            step(UPDATE, app.sql(RAISE_VERSION)).await?;
        }
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        step(INSERT, app.sql(INSERT_DOC)).await?;
        Ok(done())
    }
}

struct MigrationInTransaction;

impl Import for MigrationInTransaction {
    const NAME: &'static str = "first/migration-in-transaction";
    const SCHEMA: &'static str = VERSIONED;

    async fn boot(app: &App) -> Result<(), Fail> {
        if app.number("SELECT version FROM meta").await? < 2 {
            let mut transaction = app.pool().begin().await?;
            step(PREPARE, on(&mut transaction, ADD_COLUMN)).await?;
            step(UPDATE, on(&mut transaction, RAISE_VERSION)).await?;
            step(COMMIT, transaction.commit()).await?;
        }
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        step(INSERT, app.sql(INSERT_DOC)).await?;
        Ok(done())
    }
}

struct StartsAtSecondTime;

impl Import for StartsAtSecondTime {
    const NAME: &'static str = "first/starts-at-second-time";

    async fn boot(app: &App) -> Result<(), Fail> {
        if app.number("SELECT count(*) FROM sqlite_schema WHERE name = 'docs'").await? == 0 {
            app.sql("CREATE TABLE docs (key TEXT PRIMARY KEY, language TEXT)").await?;
            return Err(Fail::Refused("the database was set up; start the application again"));
        }
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        step(INSERT, app.sql(INSERT_DOC)).await?;
        Ok(done())
    }
}

struct DefaultRows;

impl Import for DefaultRows {
    const NAME: &'static str = "first/default-rows";
    const SCHEMA: &'static str = "CREATE TABLE docs (key TEXT PRIMARY KEY, language TEXT);
        CREATE TABLE settings (name TEXT NOT NULL, value TEXT NOT NULL);";

    async fn boot(app: &App) -> Result<(), Fail> {
        step(PREPARE, app.sql("INSERT INTO settings VALUES ('theme', 'light')")).await?;
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        step(INSERT, app.sql(INSERT_DOC)).await?;
        Ok(done())
    }
}
