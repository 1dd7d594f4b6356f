//! What is right of each way is said before it, with the reason, and was written before the first run.

use std::sync::Arc;

use axum::body::{to_bytes, Body};
use axum::http::Request;
use axum::Router;
use halfway::harness::Explored;
use halfway::judge::{Criterion, Grade};
use halfway::report::text;
use halfway::{explore, BoxError, Flow, Rules, World};
use host_own_error::{router, FileThenRow, RowThenFile, SCHEMA};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool};
use tower::ServiceExt;

#[derive(Clone, Copy)]
enum Way {
    /// Faulty: where the file cannot be written, its row stays (`no-orphan-rows`), and a retry meets the row
    /// (`retry-succeeds`). An error of the first statement is no fault of the flow: nothing is there yet.
    RowThenFile,
    /// Sound: what an attempt leaves is a file, which the next start removes and the next attempt writes anew.
    FileThenRow,
}

struct Upload(&'static str);

#[derive(Debug)]
struct Refused(String);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

async fn connect(world: &World) -> Result<SqlitePool, BoxError> {
    let options: SqliteConnectOptions = world.database_url().parse()?;
    Ok(SqlitePool::connect_with(options.journal_mode(SqliteJournalMode::Wal)).await?)
}

impl Flow for Way {
    type Request = Upload;
    type Response = serde_json::Value;
    type Error = Refused;
    type App = Router;

    fn flow(&self) -> &str {
        "documents"
    }

    fn strategy(&self) -> &str {
        match self {
            Self::RowThenFile => "row-then-file",
            Self::FileThenRow => "file-then-row",
        }
    }

    async fn prepare(&self, world: &World, _upload: &Upload) -> Result<(), BoxError> {
        let pool = connect(world).await?;
        sqlx::raw_sql(SCHEMA).execute(&pool).await?;
        pool.close().await;
        tokio::fs::create_dir(world.dir().join("documents")).await?;
        Ok(())
    }

    async fn boot(&self, world: &World) -> Result<Router, BoxError> {
        let (pool, dir) = (connect(world).await?, world.dir().to_owned());
        Ok(match self {
            Self::RowThenFile => router(Arc::new(RowThenFile { pool, dir })),
            Self::FileThenRow => {
                let documents = FileThenRow { pool, dir };
                documents.sweep().await?;
                router(Arc::new(documents))
            }
        })
    }

    async fn import(&self, app: &Router, upload: &Upload) -> Result<serde_json::Value, Refused> {
        let request = Request::post("/documents/7f3a").body(Body::from(upload.0)).expect("a request");
        let response = app.clone().oneshot(request).await.expect("axum answers");
        let is_success = response.status().is_success();
        let body = to_bytes(response.into_body(), 1 << 16).await.map_err(|error| Refused(error.to_string()))?;
        if !is_success {
            return Err(Refused(String::from_utf8_lossy(&body).into_owned()));
        }
        serde_json::from_slice(&body).map_err(|error| Refused(error.to_string()))
    }

    fn rules(&self, _upload: &Upload) -> Rules {
        Rules::new().row_needs_file("documents", "path").file_needs_row("documents", "documents", "path")
    }
}

const UPLOAD: Upload = Upload("Naturally, a manuscript");

fn found(explored: &Explored, criterion: Criterion) -> Vec<(Grade, &str)> {
    let of_it = explored.report.findings.iter().filter(|finding| finding.criterion == criterion);
    of_it.map(|finding| (finding.grade, finding.schedule.as_str())).collect()
}

#[test]
fn the_row_first_is_caught_at_the_file() {
    let explored = explore(Way::RowThenFile, UPLOAD).run().expect("halfway can tell");
    let shown = text::render(&explored.report, 100);
    let witness = "documents/row-then-file write-file#1:before=error";
    for criterion in [Criterion::NoOrphanRows, Criterion::RetrySucceeds] {
        assert!(found(&explored, criterion).contains(&(Grade::Violated, witness)), "{criterion:?}\n{shown}");
    }
    let held = explored.report.strategies[0].worst(Criterion::FailureSurfaced);
    assert_eq!(held, Some(Grade::Held), "{shown}");
    assert_eq!(explored.report.strategies[0].steps, ["insert-row", "write-file"], "{shown}");
}

#[test]
fn the_file_first_holds() {
    explore(Way::FileThenRow, UPLOAD).assert_holds();
}

/// The fault at a step whose error is the application's own reaches the caller as what `From` makes of the database's.
#[test]
fn an_injected_error_comes_as_the_error_of_ones_own() {
    let subject = halfway::Subject::new(Way::RowThenFile, UPLOAD);
    let schedule = "documents/row-then-file insert-row#1:before=error".parse().expect("a schedule");
    let story =
        halfway::harness::replay(&subject, &schedule, &halfway::harness::Settings::default()).expect("it plays");
    let told = format!("{story:?}");
    assert!(told.contains("the database: error communicating with database: connection reset by peer"), "{told}");
}
