//! How files can be laid out: below a folder, named after an id, a folder for each row, sharded by prefix.

use std::io;
use std::path::Path;

use halfway::{Rules, step};

use crate::kit::{App, COMMIT, Fail, INSERT, Import, MAKE_FOLDER, Outcome, SWEEP, Stranger, WRITE, done, or_not_there};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![
        Stranger::of::<BelowAFolder>(),
        Stranger::of::<BelowAFolderSwept>(),
        Stranger::of::<NamedAfterId>(),
        Stranger::of::<NamedAfterIdInTransaction>(),
        Stranger::of::<FolderPerRow>(),
        Stranger::of::<FolderPerRowSwept>(),
        Stranger::of::<Sharded>(),
        Stranger::of::<ShardedSwept>(),
    ]
}

const IMAGES: &str = "CREATE TABLE images (key TEXT PRIMARY KEY, path TEXT NOT NULL);
    INSERT INTO images VALUES ('k0', 'sea.png');";

fn image(dir: &Path) -> io::Result<()> {
    std::fs::create_dir(dir.join("media"))?;
    std::fs::write(dir.join("media/sea.png"), "the sea")
}

const INSERT_IMAGE: &str = "INSERT OR REPLACE INTO images VALUES ('k1', 'sky.png')";

fn image_rules() -> Rules {
    let rules = Rules::new().paths_below("images", "path", "media");
    rules.row_needs_file("images", "path").file_needs_row("media", "images", "path")
}

struct BelowAFolder;

impl Import for BelowAFolder {
    const NAME: &'static str = "layouts/below-a-folder";
    const SCHEMA: &'static str = IMAGES;

    fn files(dir: &Path) -> io::Result<()> {
        image(dir)
    }

    async fn import(app: &App) -> Outcome {
        step(INSERT, app.sql(INSERT_IMAGE)).await?;
        step(WRITE, app.write("media/sky.png", "the sky")).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        image_rules()
    }
}

struct BelowAFolderSwept;

impl Import for BelowAFolderSwept {
    const NAME: &'static str = "layouts/below-a-folder-swept";
    const SCHEMA: &'static str = IMAGES;

    fn files(dir: &Path) -> io::Result<()> {
        image(dir)
    }

    async fn boot(app: &App) -> Result<(), Fail> {
        let known = app.texts("SELECT path FROM images").await?;
        for name in app.list("media")?.iter().filter(|name| !known.contains(name)) {
            step(SWEEP, app.remove(&format!("media/{name}"))).await?;
        }
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        step(WRITE, app.write("media/sky.png", "the sky")).await?;
        step(INSERT, app.sql(INSERT_IMAGE)).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        image_rules()
    }
}

const DOCS: &str = "CREATE TABLE docs (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE)";

/// Makes the row, or finds it, and gives its number.
const INSERT_DOC: &str = "INSERT INTO docs (key) VALUES ('k1') ON CONFLICT (key) DO UPDATE SET key = excluded.key
                          RETURNING id";

fn doc_rules() -> Rules {
    let rules = Rules::new().generated_id("docs", "id");
    rules.row_needs_file_at("docs", "docs/{id}.txt").file_named_after_row("docs", "docs/{id}.txt")
}

struct NamedAfterId;

impl Import for NamedAfterId {
    const NAME: &'static str = "layouts/named-after-id";
    const SCHEMA: &'static str = DOCS;

    fn files(dir: &Path) -> io::Result<()> {
        std::fs::create_dir(dir.join("docs"))
    }

    async fn import(app: &App) -> Outcome {
        let id: i64 = step(INSERT, sqlx::query_scalar(INSERT_DOC).fetch_one(app.pool())).await?;
        step(WRITE, app.write(&format!("docs/{id}.txt"), "hello")).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        doc_rules()
    }
}

struct NamedAfterIdInTransaction;

impl Import for NamedAfterIdInTransaction {
    const NAME: &'static str = "layouts/named-after-id-in-transaction";
    const SCHEMA: &'static str = DOCS;

    fn files(dir: &Path) -> io::Result<()> {
        std::fs::create_dir(dir.join("docs"))
    }

    async fn boot(app: &App) -> Result<(), Fail> {
        let known = app.texts("SELECT id || '.txt' FROM docs").await?;
        for name in app.list("docs")?.iter().filter(|name| !known.contains(name)) {
            step(SWEEP, app.remove(&format!("docs/{name}"))).await?;
        }
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        let mut transaction = app.pool().begin().await?;
        let id: i64 = step(INSERT, sqlx::query_scalar(INSERT_DOC).fetch_one(&mut *transaction)).await?;
        step(WRITE, app.write(&format!("docs/{id}.txt"), "hello")).await?;
        step(COMMIT, transaction.commit()).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        doc_rules()
    }
}

const ALBUMS: &str = "CREATE TABLE albums (id TEXT PRIMARY KEY); INSERT INTO albums VALUES ('a0');";

fn album(dir: &Path) -> io::Result<()> {
    std::fs::create_dir_all(dir.join("albums/a0"))?;
    std::fs::write(dir.join("albums/a0/cover.jpg"), "a cover")
}

async fn new_album(app: &App) -> Outcome {
    step(MAKE_FOLDER, app.make_folder("albums/a1")).await?;
    step(WRITE, app.write("albums/a1/cover.jpg", "another cover")).await?;
    step(INSERT, app.sql("INSERT OR REPLACE INTO albums VALUES ('a1')")).await?;
    Ok(done())
}

fn album_rules() -> Rules {
    Rules::new().file_named_after_row("albums", "albums/{id}/**").row_needs_file_at("albums", "albums/{id}/cover.jpg")
}

struct FolderPerRow;

impl Import for FolderPerRow {
    const NAME: &'static str = "layouts/folder-per-row";
    const SCHEMA: &'static str = ALBUMS;

    fn files(dir: &Path) -> io::Result<()> {
        album(dir)
    }

    async fn import(app: &App) -> Outcome {
        new_album(app).await
    }

    fn rules() -> Rules {
        album_rules()
    }
}

struct FolderPerRowSwept;

impl Import for FolderPerRowSwept {
    const NAME: &'static str = "layouts/folder-per-row-swept";
    const SCHEMA: &'static str = ALBUMS;

    fn files(dir: &Path) -> io::Result<()> {
        album(dir)
    }

    async fn boot(app: &App) -> Result<(), Fail> {
        let known = app.texts("SELECT id FROM albums").await?;
        for name in app.list("albums")?.iter().filter(|name| !known.contains(name)) {
            let folder = app.dir.join("albums").join(name);
            step(SWEEP, async { std::fs::remove_dir_all(folder) }).await?;
        }
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        new_album(app).await
    }

    fn rules() -> Rules {
        album_rules()
    }
}

const BLOBS: &str = "CREATE TABLE blobs (hash TEXT PRIMARY KEY);
    INSERT INTO blobs VALUES ('7d793037a0760186574b0282f2f435e7');";

fn blob(dir: &Path) -> io::Result<()> {
    std::fs::create_dir_all(dir.join("blobs/7d"))?;
    std::fs::write(dir.join("blobs/7d/7d793037a0760186574b0282f2f435e7.bin"), "world")
}

async fn new_blob(app: &App) -> Outcome {
    step(MAKE_FOLDER, app.make_folder("blobs/5d")).await?;
    step(WRITE, app.write("blobs/5d/5d41402abc4b2a76b9719d911017c592.bin", "hello")).await?;
    step(INSERT, app.sql("INSERT OR REPLACE INTO blobs VALUES ('5d41402abc4b2a76b9719d911017c592')")).await?;
    Ok(done())
}

fn blob_rules() -> Rules {
    let pattern = "blobs/{hash:2}/{hash}.bin";
    Rules::new().row_needs_file_at("blobs", pattern).file_named_after_row("blobs", pattern)
}

struct Sharded;

impl Import for Sharded {
    const NAME: &'static str = "layouts/sharded";
    const SCHEMA: &'static str = BLOBS;

    fn files(dir: &Path) -> io::Result<()> {
        blob(dir)
    }

    async fn import(app: &App) -> Outcome {
        new_blob(app).await
    }

    fn rules() -> Rules {
        blob_rules()
    }
}

struct ShardedSwept;

impl Import for ShardedSwept {
    const NAME: &'static str = "layouts/sharded-swept";
    const SCHEMA: &'static str = BLOBS;

    fn files(dir: &Path) -> io::Result<()> {
        blob(dir)
    }

    async fn boot(app: &App) -> Result<(), Fail> {
        let known = app.texts("SELECT hash || '.bin' FROM blobs").await?;
        for shard in app.list("blobs")? {
            let folder = format!("blobs/{shard}");
            for name in app.list(&folder)?.iter().filter(|name| !known.contains(name)) {
                step(SWEEP, app.remove(&format!("{folder}/{name}"))).await?;
            }
            if app.list(&folder)?.is_empty() {
                step(SWEEP, async { or_not_there(std::fs::remove_dir(app.dir.join(folder))) }).await?;
            }
        }
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        new_blob(app).await
    }

    fn rules() -> Rules {
        blob_rules()
    }
}
