//! What the tests of these flows share: a world in a temporary directory, and what is left in it.
//!
//! The harness itself is not used here: these tests hold the flows to what they do undisturbed, and the strategies'
//! promises to the worlds that the tests lay out by hand.

use std::collections::BTreeMap;
use std::fs;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};
use tempfile::TempDir;

use crate::{Flow, World};

use super::context_files::FOLDER;

/// Runs a test's future as an application would: on one thread, with a clock.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(future)
}

/// A world that goes with the value.
pub(crate) struct TempWorld {
    pub(crate) world: World,
    _dir: TempDir,
}

impl TempWorld {
    /// The world of a request, before it.
    pub(crate) async fn prepared<F: Flow>(flow: &F, request: &F::Request) -> Self {
        let dir = TempDir::new().expect("a directory");
        let world = World::new(format!("sqlite://{}", dir.path().join("app.db").display()), dir.path());
        flow.prepare(&world, request).await.expect("prepared");
        Self { world, _dir: dir }
    }

    /// The files below the folder of contexts, directories left out, by path.
    pub(crate) fn files(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        for directory in fs::read_dir(self.world.dir().join(FOLDER)).expect("the folder is there") {
            let directory = directory.expect("listed");
            for file in fs::read_dir(directory.path()).expect("a directory for each scenario") {
                let file = file.expect("listed").path();
                let path = file.strip_prefix(self.world.dir()).expect("below it").to_string_lossy().into_owned();
                files.insert(path, fs::read_to_string(file).expect("a text"));
            }
        }
        files
    }

    /// How many directories are in the folder of contexts.
    pub(crate) fn directories(&self) -> usize {
        fs::read_dir(self.world.dir().join(FOLDER)).expect("the folder is there").count()
    }

    /// A connection of the test's own.
    pub(crate) async fn connect(&self) -> SqliteConnection {
        let options: SqliteConnectOptions = self.world.database_url().parse().expect("a URL");
        options.connect().await.expect("connected")
    }

    /// Runs a statement.
    pub(crate) async fn execute(&self, statement: &str) {
        let mut conn = self.connect().await;
        sqlx::query(AssertSqlSafe(statement)).execute(&mut conn).await.expect("executed");
        conn.close().await.expect("closed");
    }

    /// A number that the database is asked for.
    pub(crate) async fn count(&self, query: &str) -> i64 {
        let mut conn = self.connect().await;
        let count = sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(&mut conn).await.expect("counted");
        conn.close().await.expect("closed");
        count
    }

    /// Titles of all scenarios, each with this column.
    pub(crate) async fn scenarios(&self, column: &str) -> BTreeMap<String, Option<String>> {
        let mut conn = self.connect().await;
        let query = format!("SELECT title, {column} FROM scenarios");
        let rows: Vec<(String, Option<String>)> =
            sqlx::query_as(AssertSqlSafe(query)).fetch_all(&mut conn).await.expect("read");
        conn.close().await.expect("closed");
        rows.into_iter().collect()
    }
}
