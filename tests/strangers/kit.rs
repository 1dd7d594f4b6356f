//! What all strangers have in common: an application with a pool, a folder and a memory, and a flow around it.
//!
//! It decides nothing of what a stranger does. Each of them says in [`Import`] what is his own; [`Hosted`] makes a
//! [`Flow`] of it, with one of the pools that people use.

use std::collections::BTreeSet;
use std::io;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64};
use std::sync::{Arc, Mutex};

use halfway::{BoxError, Flow, Rules, Step, Subject, World};
use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions};

pub(crate) const INSERT: Step = Step::new("insert-row");
pub(crate) const INSERT_MORE: Step = Step::new("insert-more");
pub(crate) const UPDATE: Step = Step::new("update-row");
pub(crate) const FINISH: Step = Step::new("finish-row");
pub(crate) const DELETE: Step = Step::new("delete-row");
pub(crate) const COMMIT: Step = Step::new("commit");
pub(crate) const WRITE: Step = Step::new("write-file");
pub(crate) const WRITE_MORE: Step = Step::new("write-more");
pub(crate) const RENAME: Step = Step::new("rename-file");
pub(crate) const REMOVE: Step = Step::new("remove-file");
pub(crate) const MAKE_FOLDER: Step = Step::new("make-folder");
pub(crate) const PREPARE: Step = Step::new("prepare-schema");
pub(crate) const RESTORE: Step = Step::new("restore-schema");
pub(crate) const SWEEP: Step = Step::new("sweep");

/// Which connections a stranger uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pool {
    /// One connection.
    One,
    /// As in `examples/avatar_upload.rs`: a write-ahead log, and connections that are not tried before they are used.
    Example,
    /// As sqlx makes it when nothing is said.
    Default,
    /// There is no database.
    Files,
}

impl Pool {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Example => "example",
            Self::Default => "default",
            Self::Files => "files",
        }
    }

    async fn open(self, world: &World) -> Result<Option<SqlitePool>, sqlx::Error> {
        let options: SqliteConnectOptions = world.database_url().parse()?;
        let pool = match self {
            Self::One => SqlitePoolOptions::new().max_connections(1).connect_with(options).await?,
            Self::Example => {
                let options = options.journal_mode(SqliteJournalMode::Wal);
                SqlitePoolOptions::new().test_before_acquire(false).connect_with(options).await?
            }
            Self::Default => SqlitePoolOptions::new().connect_with(options).await?,
            Self::Files => return Ok(None),
        };
        Ok(Some(pool))
    }
}

/// What a process remembers, for those strangers that rely on it.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) flag: AtomicBool,
    pub(crate) count: AtomicI64,
    pub(crate) keys: Mutex<BTreeSet<String>>,
}

/// A stranger's application.
#[derive(Clone)]
pub(crate) struct App {
    pool: Option<SqlitePool>,
    pub(crate) dir: PathBuf,
    pub(crate) memory: Arc<Memory>,
}

impl App {
    pub(crate) async fn start(pool: Pool, world: &World) -> Result<Self, sqlx::Error> {
        Ok(Self { pool: pool.open(world).await?, dir: world.dir().to_owned(), memory: Arc::default() })
    }

    pub(crate) fn pool(&self) -> &SqlitePool {
        self.pool.as_ref().expect("the stranger's truth says that he has a database")
    }

    /// Carries out a statement on any connection, and tells how many rows it changed.
    pub(crate) async fn sql(&self, statement: &'static str) -> Result<u64, sqlx::Error> {
        Ok(sqlx::query(statement).execute(self.pool()).await?.rows_affected())
    }

    /// The same with texts for its question marks.
    pub(crate) async fn sql_with(&self, statement: &'static str, texts: &[&str]) -> Result<u64, sqlx::Error> {
        let mut query = sqlx::query(statement);
        for text in texts {
            query = query.bind((*text).to_owned());
        }
        Ok(query.execute(self.pool()).await?.rows_affected())
    }

    /// The first text that a query gives.
    pub(crate) async fn text(&self, query: &'static str) -> Result<Option<String>, sqlx::Error> {
        sqlx::query_scalar(query).fetch_optional(self.pool()).await
    }

    /// All texts that a query gives.
    pub(crate) async fn texts(&self, query: &'static str) -> Result<Vec<String>, sqlx::Error> {
        sqlx::query_scalar(query).fetch_all(self.pool()).await
    }

    /// The number that a query gives.
    pub(crate) async fn number(&self, query: &'static str) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar(query).fetch_one(self.pool()).await
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        std::fs::symlink_metadata(self.dir.join(path)).is_ok()
    }

    pub(crate) fn write(&self, path: &str, content: &str) -> impl Future<Output = io::Result<()>> {
        let (path, content) = (self.dir.join(path), content.to_owned());
        async move { std::fs::write(path, content) }
    }

    pub(crate) fn rename(&self, from: &str, to: &str) -> impl Future<Output = io::Result<()>> {
        let (from, to) = (self.dir.join(from), self.dir.join(to));
        async move { std::fs::rename(from, to) }
    }

    /// Removes a file; that it is not there is as good.
    pub(crate) fn remove(&self, path: &str) -> impl Future<Output = io::Result<()>> {
        let path = self.dir.join(path);
        async move { or_not_there(std::fs::remove_file(path)) }
    }

    /// Makes a folder and those above it, where they are not there.
    pub(crate) fn make_folder(&self, path: &str) -> impl Future<Output = io::Result<()>> {
        let path = self.dir.join(path);
        async move { std::fs::create_dir_all(path) }
    }

    /// What a folder holds, sorted.
    pub(crate) fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let entries = std::fs::read_dir(self.dir.join(folder))?;
        let name = |entry: io::Result<std::fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
        let mut names = entries.map(name).collect::<io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    }
}

pub(crate) fn or_not_there(result: io::Result<()>) -> io::Result<()> {
    result.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

/// Carries out a statement on this connection, and tells how many rows it changed.
pub(crate) async fn on(connection: &mut SqliteConnection, statement: &'static str) -> Result<u64, sqlx::Error> {
    Ok(sqlx::query(statement).execute(connection).await?.rows_affected())
}

/// Why a request was not carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fail {
    #[error("use the database")]
    Database(#[from] sqlx::Error),
    #[error("use the disk")]
    Disk(#[from] io::Error),
    #[error("a task was lost")]
    Task(#[from] tokio::task::JoinError),
    #[error("{0}")]
    Refused(&'static str),
}

/// What a request comes to.
pub(crate) type Outcome = Result<Value, Fail>;

/// The answer of those who have nothing to say but that it is done.
pub(crate) fn done() -> Value {
    json!({ "done": true })
}

/// What is a stranger's own.
pub(crate) trait Import: Send + Sync + 'static {
    /// His name: THEME/FLOW.
    const NAME: &'static str;
    /// The tables, and the rows that are there before the request.
    const SCHEMA: &'static str = "";

    /// Makes the files that are there before the request.
    fn files(_dir: &Path) -> io::Result<()> {
        Ok(())
    }

    /// What the application does at each start.
    async fn boot(_app: &App) -> Result<(), Fail> {
        Ok(())
    }

    /// What a request does.
    async fn import(app: &App) -> Outcome;

    /// What belongs together.
    fn rules() -> Rules {
        Rules::new()
    }
}

/// A stranger's import as a flow.
pub(crate) struct Hosted<I> {
    pub(crate) pool: Pool,
    import: PhantomData<fn() -> I>,
}

impl<I: Import> Hosted<I> {
    pub(crate) fn with(pool: Pool) -> Self {
        Self { pool, import: PhantomData }
    }
}

impl<I: Import> Flow for Hosted<I> {
    type Request = ();
    type Response = Value;
    type Error = Fail;
    type App = App;

    fn flow(&self) -> &str {
        I::NAME.split_once('/').map_or(I::NAME, |(theme, _)| theme)
    }

    fn strategy(&self) -> &str {
        I::NAME.split_once('/').map_or(I::NAME, |(_, flow)| flow)
    }

    async fn prepare(&self, world: &World, (): &()) -> Result<(), BoxError> {
        if !I::SCHEMA.is_empty() {
            let app = App::start(self.pool, world).await?;
            sqlx::raw_sql(I::SCHEMA).execute(app.pool()).await?;
            app.pool().close().await;
        }
        Ok(I::files(world.dir())?)
    }

    async fn boot(&self, world: &World) -> Result<App, BoxError> {
        let app = App::start(self.pool, world).await?;
        I::boot(&app).await?;
        Ok(app)
    }

    async fn import(&self, app: &App, (): &()) -> Outcome {
        I::import(app).await
    }

    fn rules(&self, (): &()) -> Rules {
        I::rules()
    }
}

/// One of the corpus: a name, and the flow for a kind of pool.
pub(crate) struct Stranger {
    pub(crate) name: &'static str,
    pub(crate) subject: fn(Pool) -> Subject,
}

impl Stranger {
    pub(crate) fn of<I: Import>() -> Self {
        Self { name: I::NAME, subject: |pool| Subject::new(Hosted::<I>::with(pool), ()) }
    }
}
