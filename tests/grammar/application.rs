//! The real side: a program as a flow, with rows in SQLite and files on disk.

use std::path::PathBuf;
use std::time::Duration;

use halfway::{BoxError, Flow, Rules, Step, World, step};
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, Connection, Sqlite, SqliteConnection};

use super::declared::declare;
use super::named::Names;
use super::program::{Answer, Effect, Folder, Found, Journal, OnError, Part, Program, Seed, Table, What};
use super::start;
use super::statements::{delete, insert, select, update, upsert};

const BEGIN: Step = Step::new("begin");
const COMMIT: Step = Step::new("commit");
const INSERT_ROW: Step = Step::new("insert-row");
const UPSERT_ROW: Step = Step::new("upsert-row");
const UPDATE_ROWS: Step = Step::new("update-rows");
const DELETE_ROWS: Step = Step::new("delete-rows");
const WRITE_FILE: Step = Step::new("write-file");
const RENAME_FILE: Step = Step::new("rename-file");
const REMOVE_FILE: Step = Step::new("remove-file");
const MAKE_FOLDER: Step = Step::new("make-folder");
const REMOVE_FOLDER: Step = Step::new("remove-folder");
const REMOVE_TREE: Step = Step::new("remove-tree");
const CHECK_ROWS: Step = Step::new("check-rows");

/// A program that is carried out.
pub(crate) struct Application(pub(crate) Program);

/// What the process holds.
pub(crate) struct App {
    pool: SqlitePool,
    pub(crate) dir: PathBuf,
}

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("the database")]
    Database(#[from] sqlx::Error),
    #[error("the disk")]
    Disk(#[from] std::io::Error),
    #[error("it is there already")]
    Refused,
}

impl App {
    async fn connect(world: &World, journal: Journal) -> Result<Self, sqlx::Error> {
        let options: SqliteConnectOptions = world.database_url().parse()?;
        let options = options.journal_mode(match journal {
            Journal::Rollback => SqliteJournalMode::Delete,
            Journal::WriteAhead => SqliteJournalMode::Wal,
        });
        let pool = SqlitePoolOptions::new()
            .test_before_acquire(false)
            .after_release(|conn, _| Box::pin(is_at_rest(conn)))
            .connect_with(options.busy_timeout(Duration::from_secs(5)))
            .await?;
        Ok(Self { pool, dir: world.dir().to_owned() })
    }

    pub(crate) async fn connection(&self) -> Result<PoolConnection<Sqlite>, sqlx::Error> {
        self.pool.acquire().await
    }
}

/// Whether a connection that comes back can serve somebody else: a rollback that is still on its way is over by then.
async fn is_at_rest(conn: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    if conn.is_in_transaction() {
        conn.ping().await?;
    }
    Ok(!conn.is_in_transaction())
}

impl Flow for Application {
    type Request = ();
    type Response = serde_json::Value;
    type Error = Failure;
    type App = App;

    fn flow(&self) -> &'static str {
        "grammar"
    }

    fn strategy(&self) -> &'static str {
        "drawn"
    }

    async fn prepare(&self, world: &World, (): &()) -> Result<(), BoxError> {
        let app = App::connect(world, self.0.journal).await?;
        let mut conn = app.connection().await?;
        for table in Table::ALL {
            let columns = "id TEXT PRIMARY KEY, state TEXT NOT NULL, path TEXT, parent TEXT";
            let create = format!("CREATE TABLE {} ({columns})", table.name());
            sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut *conn).await?;
        }
        for folder in self.0.folders() {
            std::fs::create_dir(app.dir.join(folder.name()))?;
        }
        let names = Names::of_seeds(&self.0);
        for seed in &self.0.seeds {
            match *seed {
                Seed::Row(table, key, cells) => {
                    upsert(table, &names.row(table, key, cells)).execute(&mut *conn).await?;
                }
                Seed::File(path, content) => {
                    if path.folder == Folder::Own {
                        std::fs::create_dir_all(app.dir.join(names.own_folder(path.doc)))?;
                    }
                    std::fs::write(app.dir.join(names.path(path)), content.text())?;
                }
            }
        }
        drop(conn);
        app.pool.close().await;
        Ok(())
    }

    async fn boot(&self, world: &World) -> Result<App, BoxError> {
        let app = App::connect(world, self.0.journal).await?;
        let mut conn = app.connection().await?;
        for statement in &self.0.boot {
            start::carry_out(*statement, &app, &mut conn).await?;
        }
        drop(conn);
        Ok(app)
    }

    async fn import(&self, app: &App, (): &()) -> Result<serde_json::Value, Failure> {
        let names = Names::of_attempt(&self.0);
        let result = self.carry_out(app, &names).await;
        if result.is_err() {
            self.undo(app, &names).await;
        }
        result
    }

    fn rules(&self, (): &()) -> Rules {
        declare(&self.0)
    }
}

impl Application {
    async fn carry_out(&self, app: &App, names: &Names) -> Result<serde_json::Value, Failure> {
        let mut conn = app.connection().await?;
        for part in &self.0.import {
            match part {
                Part::One(effect) => {
                    if let Some(answer) = try_effect(*effect, app, names, &mut conn).await? {
                        return Ok(answer);
                    }
                }
                Part::Transaction(effects) => {
                    let mut transaction = step(BEGIN, conn.begin()).await?;
                    for effect in effects {
                        if let Some(answer) = try_effect(*effect, app, names, &mut transaction).await? {
                            return Ok(answer);
                        }
                    }
                    step(COMMIT, transaction.commit()).await?;
                }
            }
        }
        Ok(answer(names, self.0.answer))
    }

    /// What fails in here is not told: the failure that led here is.
    async fn undo(&self, app: &App, names: &Names) {
        let Ok(mut conn) = app.connection().await else {
            return;
        };
        for effect in &self.0.undo {
            if try_effect(*effect, app, names, &mut conn).await.is_err() {
                return;
            }
        }
    }
}

async fn try_effect(
    effect: Effect,
    app: &App,
    names: &Names,
    conn: &mut SqliteConnection,
) -> Result<Option<serde_json::Value>, Failure> {
    let result = carry_out(effect.what, app, names, conn).await;
    match effect.on_error {
        OnError::GoesOn => Ok(result.unwrap_or(None)),
        OnError::Fails => result,
    }
}

/// Carries out one effect. An answer is there where the import goes no further.
async fn carry_out(
    what: What,
    app: &App,
    names: &Names,
    conn: &mut SqliteConnection,
) -> Result<Option<serde_json::Value>, Failure> {
    let at = |path| app.dir.join(names.path(path));
    let folder = |key| app.dir.join(names.own_folder(key));
    match what {
        What::Insert(table, key, cells) => {
            step(INSERT_ROW, insert(table, &names.row(table, key, cells)).execute(conn)).await?;
        }
        What::Upsert(table, key, cells) => {
            step(UPSERT_ROW, upsert(table, &names.row(table, key, cells)).execute(conn)).await?;
        }
        What::Update(table, which, change) => {
            step(UPDATE_ROWS, update(names, table, which, change).execute(conn)).await?;
        }
        What::Delete(table, which) => {
            step(DELETE_ROWS, delete(names, table, which).execute(conn)).await?;
        }
        What::Write(path, content) => step(WRITE_FILE, async { std::fs::write(at(path), content.text()) }).await?,
        What::Rename(from, to) => step(RENAME_FILE, async { std::fs::rename(at(from), at(to)) }).await?,
        What::Remove(path) => step(REMOVE_FILE, async { std::fs::remove_file(at(path)) }).await?,
        What::MakeFolder(key) => step(MAKE_FOLDER, async { std::fs::create_dir_all(folder(key)) }).await?,
        What::RemoveFolder(key) => step(REMOVE_FOLDER, async { std::fs::remove_dir(folder(key)) }).await?,
        What::RemoveTree(key) => step(REMOVE_TREE, async { std::fs::remove_dir_all(folder(key)) }).await?,
        What::Check(table, which, found) => {
            if let Some(id) = step(CHECK_ROWS, select(names, table, which).fetch_optional(conn)).await? {
                return match found {
                    Found::Refuses => Err(Failure::Refused),
                    Found::Answers(said) => Ok(Some(answer(names, said))),
                    Found::AnswersWithIt => Ok(Some(serde_json::json!({ "doc": id }))),
                };
            }
        }
    }
    Ok(None)
}

fn answer(names: &Names, answer: Answer) -> serde_json::Value {
    match answer {
        Answer::Nothing => serde_json::Value::Null,
        Answer::Word(word) => serde_json::json!({ "word": word }),
        Answer::Doc(key) => serde_json::json!({ "doc": names.id(Table::Docs, key) }),
        Answer::File(path) => serde_json::json!({ "path": names.path(path) }),
    }
}
