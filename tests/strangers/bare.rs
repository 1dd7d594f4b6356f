//! Flows without a step: what they do shows in nothing but their file operations.

use std::io;
use std::path::Path;

use halfway::Rules;

use crate::kit::{App, Fail, Import, Outcome, Stranger, done, on};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![
        Stranger::of::<OneRow>(),
        Stranger::of::<TwoRows>(),
        Stranger::of::<TwoRowsInTransaction>(),
        Stranger::of::<FileByRename>(),
        Stranger::of::<FileInPlace>(),
        Stranger::of::<FileThenRow>(),
        Stranger::of::<FileThenRowSwept>(),
        Stranger::of::<Nothing>(),
        Stranger::of::<AwaitedTask>(),
    ]
}

const NOTES: &str = "CREATE TABLE notes (name TEXT PRIMARY KEY, body TEXT NOT NULL);
    INSERT INTO notes VALUES ('old', 'was here before');";

struct OneRow;

impl Import for OneRow {
    const NAME: &'static str = "bare/one-row";
    const SCHEMA: &'static str = NOTES;

    async fn import(app: &App) -> Outcome {
        app.sql("INSERT OR REPLACE INTO notes VALUES ('new', 'good morning')").await?;
        Ok(done())
    }
}

struct TwoRows;

impl Import for TwoRows {
    const NAME: &'static str = "bare/two-rows";
    const SCHEMA: &'static str = NOTES;

    async fn import(app: &App) -> Outcome {
        app.sql("INSERT OR REPLACE INTO notes VALUES ('first', 'good morning')").await?;
        app.sql("INSERT OR REPLACE INTO notes VALUES ('second', 'good night')").await?;
        Ok(done())
    }
}

struct TwoRowsInTransaction;

impl Import for TwoRowsInTransaction {
    const NAME: &'static str = "bare/two-rows-in-transaction";
    const SCHEMA: &'static str = NOTES;

    async fn import(app: &App) -> Outcome {
        let mut transaction = app.pool().begin().await?;
        on(&mut transaction, "INSERT OR REPLACE INTO notes VALUES ('first', 'good morning')").await?;
        on(&mut transaction, "INSERT OR REPLACE INTO notes VALUES ('second', 'good night')").await?;
        transaction.commit().await?;
        Ok(done())
    }
}

/// The whole file under another name, then its own.
fn write_and_rename(dir: &Path, name: &str) -> io::Result<()> {
    let part = dir.join(format!("{name}.part"));
    std::fs::write(&part, "all of it, or nothing")?;
    std::fs::rename(&part, dir.join(name))
}

struct FileByRename;

impl Import for FileByRename {
    const NAME: &'static str = "bare/file-by-rename";

    async fn boot(app: &App) -> Result<(), Fail> {
        Ok(app.remove("out.json.part").await?)
    }

    async fn import(app: &App) -> Outcome {
        write_and_rename(&app.dir, "out.json")?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().file_stands_alone("out.json")
    }
}

struct FileInPlace;

impl Import for FileInPlace {
    const NAME: &'static str = "bare/file-in-place";

    fn files(dir: &Path) -> io::Result<()> {
        std::fs::write(dir.join("config.json"), "{\"theme\":\"light\"}")
    }

    async fn import(app: &App) -> Outcome {
        std::fs::write(app.dir.join("config.json"), "{\"theme\":\"dark\"}")?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().file_stands_alone("config.json")
    }
}

const SCANS: &str = "CREATE TABLE scans (key TEXT PRIMARY KEY, path TEXT NOT NULL)";

fn scan_rules() -> Rules {
    Rules::new().row_needs_file("scans", "path").file_needs_row("scans", "scans", "path")
}

struct FileThenRow;

impl Import for FileThenRow {
    const NAME: &'static str = "bare/file-then-row";
    const SCHEMA: &'static str = SCANS;

    fn files(dir: &Path) -> io::Result<()> {
        std::fs::create_dir(dir.join("scans"))
    }

    async fn import(app: &App) -> Outcome {
        std::fs::write(app.dir.join("scans/k1.pdf"), "a page")?;
        app.sql("INSERT OR REPLACE INTO scans VALUES ('k1', 'scans/k1.pdf')").await?;
        Ok(done())
    }

    fn rules() -> Rules {
        scan_rules()
    }
}

struct FileThenRowSwept;

impl Import for FileThenRowSwept {
    const NAME: &'static str = "bare/file-then-row-swept";
    const SCHEMA: &'static str = SCANS;

    fn files(dir: &Path) -> io::Result<()> {
        std::fs::create_dir(dir.join("scans"))
    }

    async fn boot(app: &App) -> Result<(), Fail> {
        let files = app.list("scans")?;
        let known = app.texts("SELECT path FROM scans").await?;
        for path in files.iter().map(|name| format!("scans/{name}")) {
            if !known.contains(&path) {
                app.remove(&path).await?;
            }
        }
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        write_and_rename(&app.dir.join("scans"), "k1.pdf")?;
        app.sql("INSERT OR REPLACE INTO scans VALUES ('k1', 'scans/k1.pdf')").await?;
        Ok(done())
    }

    fn rules() -> Rules {
        scan_rules()
    }
}

struct Nothing;

impl Import for Nothing {
    const NAME: &'static str = "bare/nothing";

    async fn import(_app: &App) -> Outcome {
        Ok(done())
    }
}

struct AwaitedTask;

impl Import for AwaitedTask {
    const NAME: &'static str = "bare/awaited-task";

    async fn boot(app: &App) -> Result<(), Fail> {
        Ok(app.remove("out.csv.part").await?)
    }

    async fn import(app: &App) -> Outcome {
        let dir = app.dir.clone();
        tokio::spawn(async move { write_and_rename(&dir, "out.csv") }).await??;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().file_stands_alone("out.csv")
    }
}
