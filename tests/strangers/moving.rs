//! A file is moved from one folder to another, and its row says where it is.

use std::io;
use std::path::Path;

use halfway::{Rules, step};

use crate::kit::{App, Fail, Import, Outcome, RENAME, SWEEP, Stranger, UPDATE, done};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![Stranger::of::<MoveThenRow>(), Stranger::of::<RowThenMove>(), Stranger::of::<MoveFinishedAtBoot>()]
}

const LETTERS: &str = "CREATE TABLE letters (key TEXT PRIMARY KEY, path TEXT NOT NULL);
    INSERT INTO letters VALUES ('k0', 'inbox/k0.txt'), ('k1', 'inbox/k1.txt');";
const ARCHIVE: &str = "UPDATE letters SET path = 'archive/k1.txt' WHERE key = 'k1'";

fn letters(dir: &Path) -> io::Result<()> {
    std::fs::create_dir(dir.join("inbox"))?;
    std::fs::create_dir(dir.join("archive"))?;
    std::fs::write(dir.join("inbox/k0.txt"), "dear Ada")?;
    std::fs::write(dir.join("inbox/k1.txt"), "dear Bob")
}

fn letter_rules() -> Rules {
    let rules = Rules::new().row_needs_file("letters", "path");
    rules.file_needs_row("inbox", "letters", "path").file_needs_row("archive", "letters", "path")
}

struct MoveThenRow;

impl Import for MoveThenRow {
    const NAME: &'static str = "classics/move-then-row";
    const SCHEMA: &'static str = LETTERS;

    fn files(dir: &Path) -> io::Result<()> {
        letters(dir)
    }

    async fn import(app: &App) -> Outcome {
        step(RENAME, app.rename("inbox/k1.txt", "archive/k1.txt")).await?;
        step(UPDATE, app.sql(ARCHIVE)).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        letter_rules()
    }
}

struct RowThenMove;

impl Import for RowThenMove {
    const NAME: &'static str = "classics/row-then-move";
    const SCHEMA: &'static str = LETTERS;

    fn files(dir: &Path) -> io::Result<()> {
        letters(dir)
    }

    async fn import(app: &App) -> Outcome {
        step(UPDATE, app.sql(ARCHIVE)).await?;
        if app.has("inbox/k1.txt") {
            step(RENAME, app.rename("inbox/k1.txt", "archive/k1.txt")).await?;
        }
        Ok(done())
    }

    fn rules() -> Rules {
        letter_rules()
    }
}

struct MoveFinishedAtBoot;

impl Import for MoveFinishedAtBoot {
    const NAME: &'static str = "classics/move-finished-at-boot";
    const SCHEMA: &'static str = LETTERS;

    fn files(dir: &Path) -> io::Result<()> {
        letters(dir)
    }

    async fn boot(app: &App) -> Result<(), Fail> {
        for path in app.texts("SELECT path FROM letters WHERE path LIKE 'archive/%' ORDER BY path").await? {
            let before = path.replace("archive/", "inbox/");
            if app.has(&before) {
                step(SWEEP, app.rename(&before, &path)).await?;
            }
        }
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        step(UPDATE, app.sql(ARCHIVE)).await?;
        if app.has("inbox/k1.txt") {
            step(RENAME, app.rename("inbox/k1.txt", "archive/k1.txt")).await?;
        }
        Ok(done())
    }

    fn rules() -> Rules {
        letter_rules()
    }
}
