//! The classics on the disk: intents, temporary files, undoing, manifests, moving, appending.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use halfway::{Rules, step};

use crate::kit::{
    App, COMMIT, DELETE, FINISH, Fail, INSERT, INSERT_MORE, Import, Outcome, REMOVE, RENAME, SWEEP, Stranger, WRITE,
    WRITE_MORE, done, on,
};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![
        Stranger::of::<Intent>(),
        Stranger::of::<IntentAfterFile>(),
        Stranger::of::<SyncedRename>(),
        Stranger::of::<UnsyncedRename>(),
        Stranger::of::<UndoOnError>(),
        Stranger::of::<ManifestLast>(),
        Stranger::of::<ManifestFirst>(),
        Stranger::of::<Append>(),
    ]
}

const DOCS: &str = "CREATE TABLE docs (key TEXT PRIMARY KEY, path TEXT NOT NULL);
    CREATE TABLE intents (path TEXT PRIMARY KEY);";
const INTEND: &str = "INSERT INTO intents VALUES ('docs/k1.txt') ON CONFLICT (path) DO NOTHING";
const FORGET: &str = "DELETE FROM intents WHERE path = 'docs/k1.txt'";
const PUBLISH: &str = "INSERT INTO docs VALUES ('k1', 'docs/k1.txt') ON CONFLICT (key) DO NOTHING";

fn folder(dir: &Path) -> io::Result<()> {
    std::fs::create_dir(dir.join("docs"))
}

fn doc_rules() -> Rules {
    Rules::new().row_needs_file("docs", "path").file_needs_row("docs", "docs", "path")
}

/// Removes what intents name, then the intents.
async fn undo(app: &App) -> Result<(), Fail> {
    for path in app.texts("SELECT path FROM intents ORDER BY path").await? {
        step(REMOVE, app.remove(&path)).await?;
        step(SWEEP, app.sql_with("DELETE FROM intents WHERE path = ?", &[&path])).await?;
    }
    Ok(())
}

/// The row, and the end of its intent.
async fn publish(app: &App) -> Outcome {
    let mut transaction = app.pool().begin().await?;
    step(INSERT_MORE, on(&mut transaction, PUBLISH)).await?;
    step(DELETE, on(&mut transaction, FORGET)).await?;
    step(COMMIT, transaction.commit()).await?;
    Ok(done())
}

struct Intent;

impl Import for Intent {
    const NAME: &'static str = "classics/intent";
    const SCHEMA: &'static str = DOCS;

    fn files(dir: &Path) -> io::Result<()> {
        folder(dir)
    }

    async fn boot(app: &App) -> Result<(), Fail> {
        undo(app).await
    }

    async fn import(app: &App) -> Outcome {
        if app.number("SELECT count(*) FROM docs WHERE key = 'k1'").await? == 1 {
            return Ok(done());
        }
        step(INSERT, app.sql(INTEND)).await?;
        step(WRITE, app.write("docs/k1.txt", "hello")).await?;
        publish(app).await
    }

    fn rules() -> Rules {
        doc_rules()
    }
}

struct IntentAfterFile;

impl Import for IntentAfterFile {
    const NAME: &'static str = "classics/intent-after-file";
    const SCHEMA: &'static str = DOCS;

    fn files(dir: &Path) -> io::Result<()> {
        folder(dir)
    }

    async fn boot(app: &App) -> Result<(), Fail> {
        undo(app).await
    }

    async fn import(app: &App) -> Outcome {
        if app.number("SELECT count(*) FROM docs WHERE key = 'k1'").await? == 1 {
            return Ok(done());
        }
        step(WRITE, app.write("docs/k1.txt", "hello")).await?;
        step(INSERT, app.sql(INTEND)).await?;
        publish(app).await
    }

    fn rules() -> Rules {
        doc_rules()
    }
}

struct SyncedRename;

impl Import for SyncedRename {
    const NAME: &'static str = "classics/synced-rename";

    async fn boot(app: &App) -> Result<(), Fail> {
        Ok(step(SWEEP, app.remove("state.json.new")).await?)
    }

    async fn import(app: &App) -> Outcome {
        let write = async {
            let mut file = File::create(app.dir.join("state.json.new"))?;
            file.write_all(b"{\"version\":2}")?;
            file.sync_all()
        };
        step(WRITE, write).await?;
        step(RENAME, app.rename("state.json.new", "state.json")).await?;
        step(FINISH, async { File::open(&app.dir)?.sync_all() }).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().file_stands_alone("state.json")
    }
}

struct UnsyncedRename;

impl Import for UnsyncedRename {
    const NAME: &'static str = "classics/unsynced-rename";

    async fn boot(app: &App) -> Result<(), Fail> {
        Ok(step(SWEEP, app.remove("state.json.new")).await?)
    }

    async fn import(app: &App) -> Outcome {
        step(WRITE, app.write("state.json.new", "{\"version\":2}")).await?;
        step(RENAME, app.rename("state.json.new", "state.json")).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().file_stands_alone("state.json")
    }
}

struct UndoOnError;

impl Import for UndoOnError {
    const NAME: &'static str = "classics/undo-on-error";
    const SCHEMA: &'static str = DOCS;

    fn files(dir: &Path) -> io::Result<()> {
        folder(dir)
    }

    async fn import(app: &App) -> Outcome {
        step(INSERT, app.sql("INSERT INTO docs VALUES ('k1', 'docs/k1.txt')")).await?;
        if let Err(error) = step(WRITE, app.write("docs/k1.txt", "hello")).await {
            step(REMOVE, app.remove("docs/k1.txt")).await?;
            step(DELETE, app.sql("DELETE FROM docs WHERE key = 'k1'")).await?;
            return Err(error.into());
        }
        Ok(done())
    }

    fn rules() -> Rules {
        doc_rules()
    }
}

fn manifest_rules() -> Rules {
    Rules::new().file_stands_alone("a.csv").file_stands_alone("b.csv").file_stands_alone("manifest.json")
}

const MANIFEST: &str = "[\"a.csv\",\"b.csv\"]";

async fn parts(app: &App) -> io::Result<()> {
    step(WRITE, app.write("a.csv", "1;2\n")).await?;
    step(WRITE_MORE, app.write("b.csv", "3;4\n")).await
}

struct ManifestLast;

impl Import for ManifestLast {
    const NAME: &'static str = "classics/manifest-last";

    async fn boot(app: &App) -> Result<(), Fail> {
        if !app.has("manifest.json") {
            for name in ["manifest.json.new", "a.csv", "b.csv"] {
                step(SWEEP, app.remove(name)).await?;
            }
        }
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        if !app.has("manifest.json") {
            parts(app).await?;
            step(FINISH, app.write("manifest.json.new", MANIFEST)).await?;
            step(RENAME, app.rename("manifest.json.new", "manifest.json")).await?;
        }
        Ok(done())
    }

    fn rules() -> Rules {
        manifest_rules()
    }
}

struct ManifestFirst;

impl Import for ManifestFirst {
    const NAME: &'static str = "classics/manifest-first";

    async fn import(app: &App) -> Outcome {
        step(FINISH, app.write("manifest.json", MANIFEST)).await?;
        parts(app).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        manifest_rules()
    }
}

struct Append;

impl Import for Append {
    const NAME: &'static str = "classics/append";

    fn files(dir: &Path) -> io::Result<()> {
        std::fs::write(dir.join("journal.log"), "monday: rain\n")
    }

    async fn import(app: &App) -> Outcome {
        let append = async {
            let mut log = File::options().append(true).open(app.dir.join("journal.log"))?;
            log.write_all(b"tuesday: sun\n")
        };
        step(WRITE, append).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().file_stands_alone("journal.log")
    }
}
