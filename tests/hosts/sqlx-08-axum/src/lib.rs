//! Photos: a row for each, and its picture in a file.

use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::Router;
use halfway::{step, Step};
use sqlx::SqlitePool;

#[async_trait::async_trait]
pub trait Store: Send + Sync {
    async fn add(&self, title: &str, picture: &[u8]) -> anyhow::Result<()>;
}

/// The row first, then the file.
pub struct RowFirst {
    pub pool: SqlitePool,
    pub dir: PathBuf,
}

#[async_trait::async_trait]
impl Store for RowFirst {
    async fn add(&self, title: &str, picture: &[u8]) -> anyhow::Result<()> {
        let path = format!("pictures/{title}.jpg");
        let insert = sqlx::query("INSERT INTO photos (title, path) VALUES (?, ?)").bind(title).bind(&path);
        insert.execute(&self.pool).await?;
        tokio::fs::write(self.dir.join(path), picture).await?;
        Ok(())
    }
}

const INSERT: Step = Step::new("insert");
const WRITE: Step = Step::new("write");

/// The same, with a name for each effect: one fails with an error of sqlx, the other with one of anyhow.
pub struct RowFirstInSteps(pub RowFirst);

#[async_trait::async_trait]
impl Store for RowFirstInSteps {
    async fn add(&self, title: &str, picture: &[u8]) -> anyhow::Result<()> {
        let path = format!("pictures/{title}.jpg");
        let insert = sqlx::query("INSERT INTO photos (title, path) VALUES (?, ?)").bind(title).bind(&path);
        step(INSERT, insert.execute(&self.0.pool)).await?;
        step(WRITE, async { anyhow::Ok(tokio::fs::write(self.0.dir.join(&path), picture).await?) }).await
    }
}

/// The picture in the row.
pub struct InRow(pub SqlitePool);

#[async_trait::async_trait]
impl Store for InRow {
    async fn add(&self, title: &str, picture: &[u8]) -> anyhow::Result<()> {
        let insert = sqlx::query("INSERT OR IGNORE INTO photos (title, picture) VALUES (?, ?)").bind(title).bind(picture);
        insert.execute(&self.0).await?;
        Ok(())
    }
}

pub async fn connect(url: &str) -> sqlx::Result<SqlitePool> {
    let pool = SqlitePool::connect(url).await?;
    let photos = "CREATE TABLE IF NOT EXISTS photos (id INTEGER PRIMARY KEY, title TEXT NOT NULL UNIQUE, path TEXT, picture BLOB)";
    sqlx::query(photos).execute(&pool).await?;
    Ok(pool)
}

pub fn router(store: Arc<dyn Store>) -> Router {
    Router::new().route("/photos/{title}", post(upload)).with_state(store)
}

async fn upload(
    State(store): State<Arc<dyn Store>>,
    Path(title): Path<String>,
    picture: axum::body::Bytes,
) -> Result<StatusCode, (StatusCode, String)> {
    match store.add(&title, &picture).await {
        Ok(()) => Ok(StatusCode::CREATED),
        Err(error) => Err((StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}"))),
    }
}
