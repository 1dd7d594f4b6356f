//! Files under names that are made up anew each time, and that look like any other name: five letters.

use std::hash::{BuildHasher as _, RandomState};

use halfway::{Rules, step};

use crate::kit::{App, Fail, INSERT, Import, Outcome, REMOVE, SWEEP, Stranger, UPDATE, WRITE, done};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![
        Stranger::of::<FileFirstSwept>(),
        Stranger::of::<FileFirstLeft>(),
        Stranger::of::<ReplacesAtOnce>(),
        Stranger::of::<ReplacesAtLast>(),
        Stranger::of::<TwoForOne>(),
    ]
}

const COVERS: &str = "CREATE TABLE covers (title TEXT PRIMARY KEY, path TEXT NOT NULL)";
const FRONT: &str = "CREATE TABLE covers (title TEXT PRIMARY KEY, path TEXT NOT NULL);
                     INSERT INTO covers VALUES ('Emma', 'covers/front.png')";

/// Another name each time, of five letters.
fn made_up() -> String {
    let mut random = RandomState::new().hash_one(0);
    let mut letter = || {
        let letter = b"abcdefghijklmnopqrstuvwxyz"[usize::try_from(random % 26).expect("below 26")];
        random /= 26;
        char::from(letter)
    };
    let name: String = (0..5).map(|_| letter()).collect();
    format!("covers/{name}.png")
}

/// Removes what no row names.
async fn sweep(app: &App) -> Result<(), Fail> {
    let known = app.texts("SELECT path FROM covers").await?;
    for path in app.list("covers")?.iter().map(|name| format!("covers/{name}")) {
        if !known.contains(&path) {
            step(SWEEP, app.remove(&path)).await?;
        }
    }
    Ok(())
}

/// Stores a cover of which nothing is there yet.
async fn store(app: &App) -> Outcome {
    if app.text("SELECT path FROM covers WHERE title = 'Emma'").await?.is_none() {
        let path = made_up();
        step(WRITE, app.write(&path, "PNG")).await?;
        step(INSERT, app.sql_with("INSERT INTO covers VALUES ('Emma', ?)", &[&path])).await?;
    }
    Ok(done())
}

fn rules() -> Rules {
    Rules::new()
        .generated_id("covers", "path")
        .row_needs_file("covers", "path")
        .file_needs_row("covers", "covers", "path")
}

struct FileFirstSwept;

impl Import for FileFirstSwept {
    const NAME: &'static str = "made-up/file-first-swept";
    const SCHEMA: &'static str = COVERS;

    fn files(dir: &std::path::Path) -> std::io::Result<()> {
        std::fs::create_dir(dir.join("covers"))
    }

    async fn boot(app: &App) -> Result<(), Fail> {
        sweep(app).await
    }

    async fn import(app: &App) -> Outcome {
        sweep(app).await?;
        store(app).await
    }

    fn rules() -> Rules {
        rules()
    }
}

struct FileFirstLeft;

impl Import for FileFirstLeft {
    const NAME: &'static str = "made-up/file-first-left";
    const SCHEMA: &'static str = COVERS;

    fn files(dir: &std::path::Path) -> std::io::Result<()> {
        std::fs::create_dir(dir.join("covers"))
    }

    async fn import(app: &App) -> Outcome {
        store(app).await
    }

    fn rules() -> Rules {
        rules()
    }
}

/// The cover that is there before, under a name that is always the same.
fn front(dir: &std::path::Path) -> std::io::Result<()> {
    std::fs::create_dir(dir.join("covers"))?;
    std::fs::write(dir.join("covers/front.png"), "PNG")
}

struct ReplacesAtOnce;

impl Import for ReplacesAtOnce {
    const NAME: &'static str = "made-up/replaces-at-once";
    const SCHEMA: &'static str = FRONT;

    fn files(dir: &std::path::Path) -> std::io::Result<()> {
        front(dir)
    }

    async fn import(app: &App) -> Outcome {
        step(REMOVE, app.remove("covers/front.png")).await?;
        let path = made_up();
        step(WRITE, app.write(&path, "PNG")).await?;
        step(UPDATE, app.sql_with("UPDATE covers SET path = ?", &[&path])).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        rules()
    }
}

struct ReplacesAtLast;

impl Import for ReplacesAtLast {
    const NAME: &'static str = "made-up/replaces-at-last";
    const SCHEMA: &'static str = FRONT;

    fn files(dir: &std::path::Path) -> std::io::Result<()> {
        front(dir)
    }

    async fn boot(app: &App) -> Result<(), Fail> {
        sweep(app).await
    }

    async fn import(app: &App) -> Outcome {
        let path = made_up();
        step(WRITE, app.write(&path, "PNG")).await?;
        step(UPDATE, app.sql_with("UPDATE covers SET path = ?", &[&path])).await?;
        sweep(app).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        rules()
    }
}

struct TwoForOne;

impl Import for TwoForOne {
    const NAME: &'static str = "made-up/two-for-one";
    const SCHEMA: &'static str = "CREATE TABLE covers (title TEXT NOT NULL, path TEXT NOT NULL)";

    fn files(dir: &std::path::Path) -> std::io::Result<()> {
        std::fs::create_dir(dir.join("covers"))
    }

    async fn boot(app: &App) -> Result<(), Fail> {
        sweep(app).await
    }

    async fn import(app: &App) -> Outcome {
        sweep(app).await?;
        let path = made_up();
        step(WRITE, app.write(&path, "PNG")).await?;
        step(INSERT, app.sql_with("INSERT INTO covers VALUES ('Emma', ?)", &[&path])).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        rules()
    }
}
