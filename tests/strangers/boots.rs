//! What a start of the application does to what is there: to what was never finished, and to what was acknowledged.

use halfway::{Rules, step};

use crate::kit::{
    App, COMMIT, FINISH, Fail, INSERT, Import, Outcome, PREPARE, RENAME, SWEEP, Stranger, UPDATE, WRITE, done, on,
};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![
        Stranger::of::<SweepUnfinished>(),
        Stranger::of::<SweepEverything>(),
        Stranger::of::<TruncateReport>(),
        Stranger::of::<RotateReport>(),
        Stranger::of::<CreateOnce>(),
        Stranger::of::<ResetCounter>(),
        Stranger::of::<RecomputeCounter>(),
        Stranger::of::<SweepOrphanFiles>(),
    ]
}

const UPLOADS: &str = "CREATE TABLE uploads (key TEXT PRIMARY KEY, status TEXT NOT NULL);
    INSERT INTO uploads VALUES ('k0', 'archived');";

async fn upload(app: &App) -> Outcome {
    step(INSERT, app.sql("INSERT INTO uploads VALUES ('k1', 'pending') ON CONFLICT (key) DO NOTHING")).await?;
    step(FINISH, app.sql("UPDATE uploads SET status = 'done' WHERE key = 'k1'")).await?;
    Ok(done())
}

fn upload_rules() -> Rules {
    Rules::new().settles("uploads", "status", ["done", "archived"])
}

struct SweepUnfinished;

impl Import for SweepUnfinished {
    const NAME: &'static str = "boots/sweep-unfinished";
    const SCHEMA: &'static str = UPLOADS;

    async fn boot(app: &App) -> Result<(), Fail> {
        step(SWEEP, app.sql("DELETE FROM uploads WHERE status = 'pending'")).await?;
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        upload(app).await
    }

    fn rules() -> Rules {
        upload_rules()
    }
}

struct SweepEverything;

impl Import for SweepEverything {
    const NAME: &'static str = "boots/sweep-everything";
    const SCHEMA: &'static str = UPLOADS;

    async fn boot(app: &App) -> Result<(), Fail> {
        step(SWEEP, app.sql("DELETE FROM uploads WHERE status <> 'archived'")).await?;
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        upload(app).await
    }

    fn rules() -> Rules {
        upload_rules()
    }
}

struct TruncateReport;

impl Import for TruncateReport {
    const NAME: &'static str = "boots/truncate-report";

    async fn boot(app: &App) -> Result<(), Fail> {
        std::fs::File::create(app.dir.join("report.txt"))?;
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        step(WRITE, app.write("report.txt", "42 rows\n")).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().file_stands_alone("report.txt")
    }
}

struct RotateReport;

impl Import for RotateReport {
    const NAME: &'static str = "boots/rotate-report";

    async fn boot(app: &App) -> Result<(), Fail> {
        if app.has("report.csv") {
            app.rename("report.csv", "report.csv.old").await?;
        }
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        step(WRITE, app.write("report.csv", "name;price\n")).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().file_stands_alone("report.csv").file_stands_alone("report.csv.old")
    }
}

struct CreateOnce;

impl Import for CreateOnce {
    const NAME: &'static str = "boots/create-once";
    const SCHEMA: &'static str = UPLOADS;

    async fn boot(app: &App) -> Result<(), Fail> {
        app.sql("CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT)").await?;
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        step(INSERT, app.sql("INSERT OR REPLACE INTO uploads VALUES ('k1', 'done')")).await?;
        Ok(done())
    }
}

const INVOICES: &str = "CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
    CREATE TABLE invoices (key TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE);
    INSERT INTO counters VALUES ('invoice', 7);";

/// Takes the next number, once for each key.
async fn invoice(app: &App) -> Outcome {
    let mut transaction = app.pool().begin().await?;
    let next = "INSERT INTO invoices (key, number) SELECT 'k1', value + 1 FROM counters WHERE name = 'invoice'
                ON CONFLICT (key) DO NOTHING";
    if step(INSERT, on(&mut transaction, next)).await? == 1 {
        step(UPDATE, on(&mut transaction, "UPDATE counters SET value = value + 1 WHERE name = 'invoice'")).await?;
    }
    step(COMMIT, transaction.commit()).await?;
    Ok(done())
}

struct ResetCounter;

impl Import for ResetCounter {
    const NAME: &'static str = "boots/reset-counter";
    const SCHEMA: &'static str = INVOICES;

    async fn boot(app: &App) -> Result<(), Fail> {
        step(PREPARE, app.sql("INSERT OR REPLACE INTO counters VALUES ('invoice', 7)")).await?;
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        invoice(app).await
    }
}

struct RecomputeCounter;

impl Import for RecomputeCounter {
    const NAME: &'static str = "boots/recompute-counter";
    const SCHEMA: &'static str = INVOICES;

    async fn boot(app: &App) -> Result<(), Fail> {
        let recompute = "UPDATE counters SET value = (SELECT coalesce(max(number), 7) FROM invoices)
                         WHERE name = 'invoice'";
        step(PREPARE, app.sql(recompute)).await?;
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        invoice(app).await
    }
}

struct SweepOrphanFiles;

impl Import for SweepOrphanFiles {
    const NAME: &'static str = "boots/sweep-orphan-files";
    const SCHEMA: &'static str = "CREATE TABLE photos (key TEXT PRIMARY KEY, path TEXT NOT NULL)";

    fn files(dir: &std::path::Path) -> std::io::Result<()> {
        std::fs::create_dir(dir.join("photos"))
    }

    async fn boot(app: &App) -> Result<(), Fail> {
        let files = app.list("photos")?;
        let known = app.texts("SELECT path FROM photos").await?;
        for path in files.iter().map(|name| format!("photos/{name}")) {
            if !known.contains(&path) {
                step(SWEEP, app.remove(&path)).await?;
            }
        }
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        step(WRITE, app.write("photos/k1.jpg.part", "a photo")).await?;
        step(RENAME, app.rename("photos/k1.jpg.part", "photos/k1.jpg")).await?;
        step(INSERT, app.sql("INSERT OR REPLACE INTO photos VALUES ('k1', 'photos/k1.jpg')")).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().row_needs_file("photos", "path").file_needs_row("photos", "photos", "path")
    }
}
