//! Files that are named after a number that the database counts, with no rule that says so.

use halfway::{Rules, step};

use crate::kit::{App, DELETE, FINISH, Fail, INSERT, Import, Outcome, REMOVE, Stranger, WRITE, done};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![Stranger::of::<IntentSwept>(), Stranger::of::<IntentForgotten>()]
}

const DOCS: &str = "CREATE TABLE docs (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL UNIQUE, path TEXT,
                    state TEXT NOT NULL)";
const FILES_OF_INTENTS: &str = "SELECT 'files/' || id || '.txt' FROM docs WHERE state = 'new'";

/// Writes down what is to come, does it, and says that it is done.
async fn store(app: &App) -> Outcome {
    step(INSERT, app.sql("INSERT INTO docs (title, state) VALUES ('Emma', 'new')")).await?;
    let path = app.text(FILES_OF_INTENTS).await?.expect("it is there");
    step(WRITE, app.write(&path, "Emma Woodhouse")).await?;
    step(FINISH, app.sql("UPDATE docs SET path = 'files/' || id || '.txt', state = 'done'")).await?;
    Ok(done())
}

async fn is_done(app: &App) -> Result<bool, Fail> {
    Ok(app.text("SELECT path FROM docs WHERE state = 'done'").await?.is_some())
}

struct IntentSwept;

impl IntentSwept {
    async fn sweep(app: &App) -> Result<(), Fail> {
        for path in app.texts(FILES_OF_INTENTS).await?.iter().filter(|path| app.has(path)) {
            step(REMOVE, app.remove(path)).await?;
        }
        step(DELETE, app.sql("DELETE FROM docs WHERE state = 'new'")).await?;
        Ok(())
    }
}

impl Import for IntentSwept {
    const NAME: &'static str = "counted/intent-swept";
    const SCHEMA: &'static str = DOCS;

    fn files(dir: &std::path::Path) -> std::io::Result<()> {
        std::fs::create_dir(dir.join("files"))
    }

    async fn boot(app: &App) -> Result<(), Fail> {
        Self::sweep(app).await
    }

    async fn import(app: &App) -> Outcome {
        if is_done(app).await? {
            return Ok(done());
        }
        Self::sweep(app).await?;
        store(app).await
    }

    fn rules() -> Rules {
        Rules::inferred()
    }
}

struct IntentForgotten;

impl Import for IntentForgotten {
    const NAME: &'static str = "counted/intent-forgotten";
    const SCHEMA: &'static str = DOCS;

    fn files(dir: &std::path::Path) -> std::io::Result<()> {
        std::fs::create_dir(dir.join("files"))
    }

    async fn boot(app: &App) -> Result<(), Fail> {
        step(DELETE, app.sql("DELETE FROM docs WHERE state = 'new'")).await?;
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        if is_done(app).await? {
            return Ok(done());
        }
        Self::boot(app).await?;
        store(app).await
    }

    fn rules() -> Rules {
        Rules::inferred()
    }
}
