//! What a start of the real side does.

use halfway::{BoxError, Step, step};
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::application::App;
use super::program::{Folder, Start, State, Table};

const LIST_FILES: Step = Step::new("list-files");
const LIST_ROWS: Step = Step::new("list-rows");
const SWEEP_FILE: Step = Step::new("sweep-file");
const SWEEP_FOLDER: Step = Step::new("sweep-folder");
const SWEEP_ROW: Step = Step::new("sweep-row");
const FINISH_ROW: Step = Step::new("finish-row");
const CLOSE_ROWS: Step = Step::new("close-rows");
const DROP_ROWS: Step = Step::new("drop-rows");
const LOOK_FOR_ROWS: Step = Step::new("look-for-rows");

/// Id, state and path of a row of `docs`.
type Doc = (String, String, Option<String>);

/// Carries out one statement of a start.
pub(crate) async fn carry_out(start: Start, app: &App, conn: &mut SqliteConnection) -> Result<(), BoxError> {
    match start {
        Start::SweepFiles(folder) => {
            let files = step(LIST_FILES, async { list(app, folder, Kind::File) }).await?;
            let docs = docs(conn).await?;
            for path in files {
                if !docs.iter().any(|(_, _, held)| held.as_deref() == Some(path.as_str())) {
                    step(SWEEP_FILE, async { std::fs::remove_file(app.dir.join(&path)) }).await?;
                }
            }
        }
        Start::SweepFolders => {
            let folders = step(LIST_FILES, async { list(app, Folder::Files, Kind::Folder) }).await?;
            let docs = docs(conn).await?;
            for path in folders {
                if !docs.iter().any(|(id, _, _)| path.ends_with(&format!("/{id}"))) {
                    step(SWEEP_FOLDER, async { std::fs::remove_dir_all(app.dir.join(&path)) }).await?;
                }
            }
        }
        Start::SweepRows => {
            for (id, _, path) in docs(conn).await? {
                if path.is_some_and(|path| !app.dir.join(path).exists()) {
                    let delete = sqlx::query("DELETE FROM docs WHERE id = ?").bind(id);
                    step(SWEEP_ROW, delete.execute(&mut *conn)).await?;
                }
            }
        }
        Start::Finish(state) => finish(state, app, conn).await?,
        Start::Close(table, from, to) => {
            let sql = format!("UPDATE {} SET state = ? WHERE state = ?", table.name());
            let update = sqlx::query(AssertSqlSafe(sql)).bind(to.name()).bind(from.name());
            step(CLOSE_ROWS, update.execute(conn)).await?;
        }
        Start::Drop(table, state) => {
            let delete = sqlx::query(AssertSqlSafe(format!("DELETE FROM {} WHERE state = ?", table.name())));
            step(DROP_ROWS, delete.bind(state.name()).execute(conn)).await?;
        }
        Start::DropUnparented(table) => {
            let condition = "parent IS NOT NULL AND parent NOT IN (SELECT id FROM docs)";
            let delete = format!("DELETE FROM {} WHERE {condition}", table.name());
            step(DROP_ROWS, sqlx::query(AssertSqlSafe(delete)).execute(conn)).await?;
        }
        Start::RefuseWhen(table, state) => {
            let sql = format!("SELECT count(*) FROM {} WHERE state = ?", table.name());
            let count = sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql)).bind(state.name());
            if step(LOOK_FOR_ROWS, count.fetch_one(conn)).await? > 0 {
                return Err(format!("a row of {} is {}", table.name(), state.name()).into());
            }
        }
    }
    Ok(())
}

async fn finish(state: State, app: &App, conn: &mut SqliteConnection) -> Result<(), BoxError> {
    for (id, found, path) in docs(conn).await? {
        if found != state.name() {
            continue;
        }
        let is_there = path.is_some_and(|path| app.dir.join(path).exists());
        let statement = if is_there {
            sqlx::query("UPDATE docs SET state = ? WHERE id = ?").bind(State::Done.name())
        } else {
            sqlx::query("DELETE FROM docs WHERE id = ?")
        };
        step(FINISH_ROW, statement.bind(id).execute(&mut *conn)).await?;
    }
    Ok(())
}

async fn docs(conn: &mut SqliteConnection) -> Result<Vec<Doc>, sqlx::Error> {
    let sql = format!("SELECT id, state, path FROM {} ORDER BY rowid", Table::Docs.name());
    step(LIST_ROWS, sqlx::query_as(AssertSqlSafe(sql)).fetch_all(conn)).await
}

/// What is listed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
}

/// The paths of all of that kind in the folder, sorted.
fn list(app: &App, folder: Folder, kind: Kind) -> std::io::Result<Vec<String>> {
    let folder_path = app.dir.join(folder.name());
    if !folder_path.exists() {
        return Ok(Vec::new());
    }
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder_path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() == (kind == Kind::Folder) {
            paths.push(format!("{}/{}", folder.name(), entry.file_name().to_string_lossy()));
        }
    }
    paths.sort();
    Ok(paths)
}
