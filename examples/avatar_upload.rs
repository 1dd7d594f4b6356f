//! An import of one's own under the harness: an avatar is a row, a file, and the row again.
//!
//! `cargo run --example avatar_upload` shows what the first version leaves behind, and that the second holds.
//! `cargo test --example avatar_upload` asserts both.

use std::io::Write;
use std::path::{Path, PathBuf};

use halfway::{BoxError, Flow, Rules, Step, World, explore, step};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions};

/// What the client sends. The key is the client's own: it sends the same one again on a retry.
struct Upload {
    key: &'static str,
    user: &'static str,
    image: &'static [u8],
}

#[derive(serde::Serialize)]
struct Uploaded {
    path: String,
}

#[derive(Debug, thiserror::Error)]
enum UploadError {
    #[error("store the avatar's row")]
    Database(#[from] sqlx::Error),
    #[error("store the avatar's file")]
    Disk(#[from] std::io::Error),
}

struct App {
    pool: SqlitePool,
    dir: PathBuf,
}

const SCHEMA: &str = "
    CREATE TABLE avatars (key TEXT PRIMARY KEY, user TEXT NOT NULL, path TEXT);
";

async fn connect(world: &World) -> Result<App, sqlx::Error> {
    let options: SqliteConnectOptions = world.database_url().parse()?;
    let options = options.journal_mode(SqliteJournalMode::Wal);
    // A connection is handed out as it is: the statement itself is then the first thing that a step does.
    let pool = SqlitePoolOptions::new().test_before_acquire(false).connect_with(options).await?;
    Ok(App { pool, dir: world.dir().to_owned() })
}

async fn prepare(world: &World) -> Result<(), BoxError> {
    let app = connect(world).await?;
    sqlx::raw_sql(SCHEMA).execute(&app.pool).await?;
    app.pool.close().await;
    std::fs::create_dir(world.dir().join("avatars"))?;
    Ok(())
}

/// Which row and which file belong together.
fn rules() -> Rules {
    Rules::new().row_needs_file("avatars", "path").file_needs_row("avatars", "avatars", "path")
}

const INSERT_ROW: Step = Step::new("insert-row");
const WRITE_FILE: Step = Step::new("write-file");
const SET_PATH: Step = Step::new("set-path");

/// The first version: a row, a file, and the row again.
struct RowFileRow;

impl Flow for RowFileRow {
    type Request = Upload;
    type Response = Uploaded;
    type Error = UploadError;
    type App = App;

    fn flow(&self) -> &'static str {
        "avatar-upload"
    }

    fn strategy(&self) -> &'static str {
        "row-file-row"
    }

    async fn prepare(&self, world: &World, _upload: &Upload) -> Result<(), BoxError> {
        prepare(world).await
    }

    async fn boot(&self, world: &World) -> Result<App, BoxError> {
        Ok(connect(world).await?)
    }

    async fn import(&self, app: &App, upload: &Upload) -> Result<Uploaded, UploadError> {
        let path = format!("avatars/{}.png", upload.key);
        let mut connection = app.pool.acquire().await?;
        let insert = sqlx::query("INSERT INTO avatars (key, user) VALUES (?, ?)").bind(upload.key).bind(upload.user);
        step(INSERT_ROW, insert.execute(&mut *connection)).await?;
        step(WRITE_FILE, async { std::fs::write(app.dir.join(&path), upload.image) }).await?;
        let update = sqlx::query("UPDATE avatars SET path = ? WHERE key = ?").bind(&path).bind(upload.key);
        step(SET_PATH, update.execute(&mut *connection)).await?;
        Ok(Uploaded { path })
    }

    fn rules(&self, _upload: &Upload) -> Rules {
        rules()
    }
}

const WRITE_TEMPORARY: Step = Step::new("write-temporary");
const RENAME_FILE: Step = Step::new("rename-file");
const SYNC_DIRECTORY: Step = Step::new("sync-directory");
const UPSERT_ROW: Step = Step::new("upsert-row");
const LIST_FILES: Step = Step::new("list-files");
const LIST_ROWS: Step = Step::new("list-rows");
const REMOVE_FILE: Step = Step::new("remove-file");

/// The repair: the whole file first, under a name that follows from the key; then the row, once, by its key. What a
/// file without a row is, the next start knows: an upload that did not get that far.
struct FileThenRow;

impl FileThenRow {
    /// Removes files that no row names. Only at the start, when no upload is under way; the disk is listed before the
    /// rows, so that a row that comes in between could not be missed.
    async fn sweep(app: &App) -> Result<(), UploadError> {
        let folder = app.dir.join("avatars");
        let files = step(LIST_FILES, async { list(&folder) }).await?;
        let mut connection = app.pool.acquire().await?;
        let rows = sqlx::query_scalar::<_, String>("SELECT path FROM avatars").fetch_all(&mut *connection);
        let rows = step(LIST_ROWS, rows).await?;
        for file in files {
            let path = format!("avatars/{file}");
            if !rows.contains(&path) {
                step(REMOVE_FILE, async { std::fs::remove_file(app.dir.join(&path)) }).await?;
            }
        }
        Ok(())
    }
}

fn list(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn write_and_sync(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

impl Flow for FileThenRow {
    type Request = Upload;
    type Response = Uploaded;
    type Error = UploadError;
    type App = App;

    fn flow(&self) -> &'static str {
        "avatar-upload"
    }

    fn strategy(&self) -> &'static str {
        "file-then-row"
    }

    async fn prepare(&self, world: &World, _upload: &Upload) -> Result<(), BoxError> {
        prepare(world).await
    }

    async fn boot(&self, world: &World) -> Result<App, BoxError> {
        let app = connect(world).await?;
        Self::sweep(&app).await?;
        Ok(app)
    }

    async fn import(&self, app: &App, upload: &Upload) -> Result<Uploaded, UploadError> {
        let path = format!("avatars/{}.png", upload.key);
        let temporary = app.dir.join(format!("{path}.tmp"));
        step(WRITE_TEMPORARY, async { write_and_sync(&temporary, upload.image) }).await?;
        step(RENAME_FILE, async { std::fs::rename(&temporary, app.dir.join(&path)) }).await?;
        // Without this the row may outlive a loss of power, and the file's name not.
        step(SYNC_DIRECTORY, async { std::fs::File::open(app.dir.join("avatars"))?.sync_all() }).await?;
        let upsert = "INSERT INTO avatars (key, user, path) VALUES (?, ?, ?)
                      ON CONFLICT (key) DO UPDATE SET path = excluded.path";
        let mut connection = app.pool.acquire().await?;
        let upsert = sqlx::query(upsert).bind(upload.key).bind(upload.user).bind(&path);
        step(UPSERT_ROW, upsert.execute(&mut *connection)).await?;
        Ok(Uploaded { path })
    }

    fn rules(&self, _upload: &Upload) -> Rules {
        rules()
    }
}

const UPLOAD: Upload = Upload { key: "7f3a", user: "ada", image: b"\x89PNG and so on" };

fn main() {
    let found = explore(RowFileRow, UPLOAD).run().expect("the harness can tell");
    println!("{}", halfway::report::text::render(&found.report, 100));
    explore(FileThenRow, UPLOAD).assert_holds();
    println!("file-then-row holds");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_version_is_found_faulty() {
        explore(RowFileRow, UPLOAD).assert_caught();
    }

    #[test]
    fn the_repair_holds() {
        explore(FileThenRow, UPLOAD).assert_holds();
    }

    #[test]
    #[cfg(all(target_os = "linux", target_pointer_width = "64"))]
    fn the_repair_holds_when_file_operations_fail_and_when_the_power_goes() {
        use halfway::fault::FaultClass;
        explore(FileThenRow, UPLOAD).faults(FaultClass::ALL).depth(1).assert_holds();
    }

    #[test]
    #[should_panic(expected = "VIOLATED")]
    fn the_first_version_would_fail_its_test_with_the_report() {
        explore(RowFileRow, UPLOAD).assert_holds();
    }
}
