//! Stores documents: a row and a file each. A handler of axum calls a service, and the service has steps.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use halfway::{step, Step};
use sqlx::SqlitePool;
use tokio::io::AsyncWriteExt;

pub const SCHEMA: &str = "CREATE TABLE documents (key TEXT PRIMARY KEY, path TEXT NOT NULL)";

const INSERT_ROW: Step = Step::new("insert-row");
const UPSERT_ROW: Step = Step::new("upsert-row");
const WRITE_FILE: Step = Step::new("write-file");
const WRITE_TEMPORARY: Step = Step::new("write-temporary");
const RENAME_FILE: Step = Step::new("rename-file");
const SYNC_FOLDER: Step = Step::new("sync-folder");

#[derive(Debug)]
pub enum StoreError {
    Database(sqlx::Error),
    Disk(std::io::Error),
}

/// The one line that an error of one's own takes.
#[rustfmt::skip]
impl halfway::StepError for StoreError { type Source = sqlx::Error; }

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        Self::Disk(error)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(error) => write!(f, "the database: {error}"),
            Self::Disk(error) => write!(f, "the disk: {error}"),
        }
    }
}

impl std::error::Error for StoreError {}

impl IntoResponse for StoreError {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}

#[async_trait]
pub trait Documents: Send + Sync {
    /// Stores a document, and returns where it lies.
    async fn store(&self, key: &str, text: &str) -> Result<String, StoreError>;
}

pub fn router(documents: Arc<dyn Documents>) -> Router {
    Router::new().route("/documents/{key}", post(store)).with_state(documents)
}

async fn store(
    State(documents): State<Arc<dyn Documents>>,
    Path(key): Path<String>,
    text: String,
) -> Result<Json<serde_json::Value>, StoreError> {
    let path = documents.store(&key, &text).await?;
    Ok(Json(serde_json::json!({ "path": path })))
}

/// The row first, then the file.
pub struct RowThenFile {
    pub pool: SqlitePool,
    pub dir: PathBuf,
}

#[async_trait]
impl Documents for RowThenFile {
    async fn store(&self, key: &str, text: &str) -> Result<String, StoreError> {
        let path = format!("documents/{key}.txt");
        step(INSERT_ROW, async {
            let insert = sqlx::query("INSERT INTO documents (key, path) VALUES (?, ?)").bind(key).bind(&path);
            insert.execute(&self.pool).await.map_err(StoreError::from)
        })
        .await?;
        step(WRITE_FILE, tokio::fs::write(self.dir.join(&path), text)).await?;
        Ok(path)
    }
}

/// The whole file first, under a name that follows from the key; then the row, which an earlier attempt may have made.
pub struct FileThenRow {
    pub pool: SqlitePool,
    pub dir: PathBuf,
}

impl FileThenRow {
    /// Removes the files that no row names. At the start, when no request is under way.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        let rows: Vec<String> = sqlx::query_scalar("SELECT path FROM documents").fetch_all(&self.pool).await?;
        let mut files = tokio::fs::read_dir(self.dir.join("documents")).await?;
        while let Some(file) = files.next_entry().await? {
            let path = format!("documents/{}", file.file_name().to_string_lossy());
            if !rows.contains(&path) {
                tokio::fs::remove_file(file.path()).await?;
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Documents for FileThenRow {
    async fn store(&self, key: &str, text: &str) -> Result<String, StoreError> {
        let path = format!("documents/{key}.txt");
        let temporary = self.dir.join(format!("{path}.tmp"));
        step(WRITE_TEMPORARY, async {
            let mut file = tokio::fs::File::create(&temporary).await?;
            file.write_all(text.as_bytes()).await?;
            file.sync_all().await
        })
        .await?;
        step(RENAME_FILE, tokio::fs::rename(&temporary, self.dir.join(&path))).await?;
        step(SYNC_FOLDER, async { tokio::fs::File::open(self.dir.join("documents")).await?.sync_all().await }).await?;
        step(UPSERT_ROW, async {
            let upsert = "INSERT INTO documents (key, path) VALUES (?, ?) ON CONFLICT (key) DO NOTHING";
            sqlx::query(upsert).bind(key).bind(&path).execute(&self.pool).await.map_err(StoreError::from)
        })
        .await?;
        Ok(path)
    }
}
