//! A book has a folder, whose path a column holds once the book is there; no rule says so.

use std::fs;

use halfway::{Rules, step};

use crate::kit::{
    App, DELETE, FINISH, Fail, INSERT, Import, MAKE_FOLDER, Outcome, REMOVE, Stranger, WRITE, WRITE_MORE, done,
    or_not_there,
};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![Stranger::of::<FolderSwept>(), Stranger::of::<FolderForgotten>()]
}

const BOOKS: &str = "CREATE TABLE books (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL UNIQUE,
                     path TEXT NOT NULL DEFAULT '')";
const FOLDERS_OF_INTENTS: &str = "SELECT 'Franz Kafka/' || title || ' (' || id || ')' FROM books WHERE path = ''";

async fn store(app: &App) -> Outcome {
    step(INSERT, app.sql("INSERT INTO books (title) VALUES ('Metamorphosis')")).await?;
    let folder = app.text(FOLDERS_OF_INTENTS).await?.expect("it is there");
    step(MAKE_FOLDER, app.make_folder(&folder)).await?;
    step(WRITE, app.write(&format!("{folder}/cover.jpg"), "a beetle")).await?;
    step(WRITE_MORE, app.write(&format!("{folder}/Metamorphosis.epub"), "as Gregor Samsa awoke")).await?;
    step(FINISH, app.sql_with("UPDATE books SET path = ?", &[&folder])).await?;
    Ok(done())
}

async fn is_done(app: &App) -> Result<bool, Fail> {
    Ok(app.text("SELECT title FROM books WHERE path <> ''").await?.is_some())
}

fn author(dir: &std::path::Path) -> std::io::Result<()> {
    fs::create_dir(dir.join("Franz Kafka"))
}

struct FolderSwept;

impl Import for FolderSwept {
    const NAME: &'static str = "library/folder-swept";
    const SCHEMA: &'static str = BOOKS;

    fn files(dir: &std::path::Path) -> std::io::Result<()> {
        author(dir)
    }

    async fn boot(app: &App) -> Result<(), Fail> {
        for folder in app.texts(FOLDERS_OF_INTENTS).await? {
            step(REMOVE, async { or_not_there(fs::remove_dir_all(app.dir.join(folder))) }).await?;
        }
        step(DELETE, app.sql("DELETE FROM books WHERE path = ''")).await?;
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

struct FolderForgotten;

impl Import for FolderForgotten {
    const NAME: &'static str = "library/folder-forgotten";
    const SCHEMA: &'static str = BOOKS;

    fn files(dir: &std::path::Path) -> std::io::Result<()> {
        author(dir)
    }

    async fn boot(app: &App) -> Result<(), Fail> {
        step(DELETE, app.sql("DELETE FROM books WHERE path = ''")).await?;
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
