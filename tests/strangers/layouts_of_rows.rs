//! How rows can be laid out: states that are numbers, ids inside of texts, times and counts inside of files, full text.

use std::io;
use std::path::Path;

use halfway::{Rules, step};

use crate::kit::{
    App, COMMIT, DELETE, FINISH, Fail, INSERT, INSERT_MORE, Import, Outcome, SWEEP, Stranger, WRITE, done, on,
};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![
        Stranger::of::<IntegerState>(),
        Stranger::of::<IntegerStateSwept>(),
        Stranger::of::<IdInPayload>(),
        Stranger::of::<IdInPayloadStale>(),
        Stranger::of::<TimeInManifest>(),
        Stranger::of::<CountInManifest>(),
        Stranger::of::<SearchIndexRebuilt>(),
    ]
}

const JOBS: &str = "CREATE TABLE jobs (key TEXT PRIMARY KEY, state INTEGER NOT NULL);
    INSERT INTO jobs VALUES ('k0', 3);";

async fn job(app: &App) -> Outcome {
    step(INSERT, app.sql("INSERT INTO jobs VALUES ('k1', 1) ON CONFLICT (key) DO NOTHING")).await?;
    step(FINISH, app.sql("UPDATE jobs SET state = 2 WHERE key = 'k1'")).await?;
    Ok(done())
}

fn job_rules() -> Rules {
    Rules::new().settles("jobs", "state", [2, 3])
}

struct IntegerState;

impl Import for IntegerState {
    const NAME: &'static str = "layouts/integer-state";
    const SCHEMA: &'static str = JOBS;

    async fn import(app: &App) -> Outcome {
        job(app).await
    }

    fn rules() -> Rules {
        job_rules()
    }
}

struct IntegerStateSwept;

impl Import for IntegerStateSwept {
    const NAME: &'static str = "layouts/integer-state-swept";
    const SCHEMA: &'static str = JOBS;

    async fn boot(app: &App) -> Result<(), Fail> {
        step(SWEEP, app.sql("DELETE FROM jobs WHERE state = 1")).await?;
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        job(app).await
    }

    fn rules() -> Rules {
        job_rules()
    }
}

const DOCUMENTS: &str = "CREATE TABLE documents (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL);
    CREATE TABLE jobs (key TEXT PRIMARY KEY, payload TEXT NOT NULL);
    INSERT INTO documents (title) VALUES ('Terms');
    INSERT INTO jobs VALUES ('k0', 'print document 1 twice');";

/// Replaces the document, then says in the job what to print.
async fn print(app: &App, say: &'static str) -> Outcome {
    let mut transaction = app.pool().begin().await?;
    step(DELETE, on(&mut transaction, "DELETE FROM documents WHERE title = 'Letter'")).await?;
    step(INSERT, on(&mut transaction, "INSERT INTO documents (title) VALUES ('Letter')")).await?;
    step(INSERT_MORE, on(&mut transaction, say)).await?;
    step(COMMIT, transaction.commit()).await?;
    Ok(done())
}

fn print_rules() -> Rules {
    let rules = Rules::new().generated_id("documents", "id");
    rules.text_names_row("jobs", "payload", "document {id}", "documents")
}

struct IdInPayload;

impl Import for IdInPayload {
    const NAME: &'static str = "layouts/id-in-payload";
    const SCHEMA: &'static str = DOCUMENTS;

    async fn import(app: &App) -> Outcome {
        let say = "INSERT OR REPLACE INTO jobs
                   SELECT 'k1', 'print document ' || id || ' once' FROM documents WHERE title = 'Letter'";
        print(app, say).await
    }

    fn rules() -> Rules {
        print_rules()
    }
}

struct IdInPayloadStale;

impl Import for IdInPayloadStale {
    const NAME: &'static str = "layouts/id-in-payload-stale";
    const SCHEMA: &'static str = DOCUMENTS;

    async fn import(app: &App) -> Outcome {
        let say = "INSERT OR IGNORE INTO jobs
                   SELECT 'k1', 'print document ' || id || ' once' FROM documents WHERE title = 'Letter'";
        print(app, say).await
    }

    fn rules() -> Rules {
        print_rules()
    }
}

fn now() -> u128 {
    std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_nanos())
}

struct TimeInManifest;

impl Import for TimeInManifest {
    const NAME: &'static str = "layouts/time-in-manifest";

    fn files(dir: &Path) -> io::Result<()> {
        std::fs::create_dir(dir.join("exports"))?;
        std::fs::write(dir.join("exports/first.json"), "{\"rows\":1,\"exportedAt\":\"17\"}")
    }

    async fn import(app: &App) -> Outcome {
        let manifest = format!("{{\"rows\":2,\"exportedAt\":\"{}\"}}", now());
        step(WRITE, app.write("exports/second.json", &manifest)).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        let rules = Rules::new().file_stands_alone("exports/first.json").file_stands_alone("exports/second.json");
        rules.generated_in_files("exports/*.json", "\"exportedAt\":\"{}\"")
    }
}

struct CountInManifest;

impl Import for CountInManifest {
    const NAME: &'static str = "layouts/count-in-manifest";
    const SCHEMA: &'static str = "CREATE TABLE words (word TEXT PRIMARY KEY)";

    async fn import(app: &App) -> Outcome {
        let inserted = step(INSERT, app.sql("INSERT OR IGNORE INTO words VALUES ('tea'), ('cup')")).await?;
        let manifest = format!("{{\"rows\":{inserted},\"exportedAt\":\"{}\"}}", now());
        step(WRITE, app.write("manifest.json", &manifest)).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        let rules = Rules::new().file_stands_alone("manifest.json");
        rules.generated_in_files("manifest.json", "\"exportedAt\":\"{}\"")
    }
}

struct SearchIndexRebuilt;

impl Import for SearchIndexRebuilt {
    const NAME: &'static str = "layouts/search-index-rebuilt";
    const SCHEMA: &'static str = "CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT NOT NULL);
        CREATE VIRTUAL TABLE article_text USING fts5 (title);";

    async fn import(app: &App) -> Outcome {
        let mut transaction = app.pool().begin().await?;
        let upsert = "INSERT OR REPLACE INTO articles VALUES (1, 'The night the ferry did not come')";
        step(INSERT, on(&mut transaction, upsert)).await?;
        step(DELETE, on(&mut transaction, "DELETE FROM article_text WHERE rowid = 1")).await?;
        let index = "INSERT INTO article_text (rowid, title) SELECT id, title FROM articles WHERE id = 1";
        step(INSERT_MORE, on(&mut transaction, index)).await?;
        step(COMMIT, transaction.commit()).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().ignore_table("article_text_data").ignore_table("article_text_idx")
    }
}
