//! Tables of other kinds, and paths that name a place on this machine.

use halfway::{Rules, step};

use crate::kit::{App, COMMIT, Fail, INSERT, INSERT_MORE, Import, Outcome, SWEEP, Stranger, WRITE, done, on};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![
        Stranger::of::<SearchIndex>(),
        Stranger::of::<WithoutRowid>(),
        Stranger::of::<WithoutRowidInTwo>(),
        Stranger::of::<AbsolutePath>(),
    ]
}

struct SearchIndex;

impl Import for SearchIndex {
    const NAME: &'static str = "layouts/search-index";
    const SCHEMA: &'static str = "CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT NOT NULL);
        CREATE VIRTUAL TABLE article_text USING fts5 (title);";

    async fn import(app: &App) -> Outcome {
        let mut transaction = app.pool().begin().await?;
        let insert = "INSERT INTO articles VALUES (1, 'The night the ferry did not come') ON CONFLICT DO NOTHING";
        if step(INSERT, on(&mut transaction, insert)).await? == 1 {
            let index = "INSERT INTO article_text (rowid, title) SELECT id, title FROM articles WHERE id = 1";
            step(INSERT_MORE, on(&mut transaction, index)).await?;
        }
        step(COMMIT, transaction.commit()).await?;
        Ok(done())
    }
}

const SCORES: &str = "CREATE TABLE scores (game TEXT, player TEXT, points INTEGER NOT NULL,
                                           PRIMARY KEY (game, player)) WITHOUT ROWID;
    INSERT INTO scores VALUES ('chess', 'Ada', 1);";

struct WithoutRowid;

impl Import for WithoutRowid {
    const NAME: &'static str = "layouts/without-rowid";
    const SCHEMA: &'static str = SCORES;

    async fn import(app: &App) -> Outcome {
        let upsert = "INSERT OR REPLACE INTO scores VALUES ('go', 'Ada', 12), ('go', 'Bob', 9)";
        step(INSERT, app.sql(upsert)).await?;
        Ok(done())
    }
}

struct WithoutRowidInTwo;

impl Import for WithoutRowidInTwo {
    const NAME: &'static str = "layouts/without-rowid-in-two";
    const SCHEMA: &'static str = SCORES;

    async fn import(app: &App) -> Outcome {
        step(INSERT, app.sql("INSERT OR REPLACE INTO scores VALUES ('go', 'Ada', 12)")).await?;
        step(INSERT_MORE, app.sql("INSERT OR REPLACE INTO scores VALUES ('go', 'Bob', 9)")).await?;
        Ok(done())
    }
}

struct AbsolutePath;

impl AbsolutePath {
    fn path(app: &App, name: &str) -> String {
        app.dir.join("docs").join(name).to_string_lossy().into_owned()
    }
}

impl Import for AbsolutePath {
    const NAME: &'static str = "layouts/absolute-path";
    const SCHEMA: &'static str = "CREATE TABLE docs (key TEXT PRIMARY KEY, path TEXT NOT NULL)";

    fn files(dir: &std::path::Path) -> std::io::Result<()> {
        std::fs::create_dir(dir.join("docs"))
    }

    async fn boot(app: &App) -> Result<(), Fail> {
        let known = app.texts("SELECT path FROM docs").await?;
        for name in app.list("docs")? {
            if !known.contains(&Self::path(app, &name)) {
                step(SWEEP, app.remove(&format!("docs/{name}"))).await?;
            }
        }
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        step(WRITE, app.write("docs/k1.txt", "hello")).await?;
        let path = Self::path(app, "k1.txt");
        step(INSERT, app.sql_with("INSERT OR REPLACE INTO docs VALUES ('k1', ?)", &[&path])).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().row_needs_file("docs", "path").file_needs_row("docs", "docs", "path")
    }
}
