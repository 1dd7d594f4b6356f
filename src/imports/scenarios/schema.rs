//! What exists before the first request: tables, earlier scenarios, the folder of contexts.
//!
//! Nothing here is a step: it happens once, before anything is broken. The connection is closed at the end, so that the
//! database is one file at rest.

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{ConnectOptions, Connection};
use uuid::Uuid;

use super::context_files::FOLDER;
use crate::{BoxError, World};

/// Which tables a strategy needs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Schema {
    /// Scenarios; a context is a file.
    Files,
    /// Scenarios; a context is a column.
    Inline,
    /// Scenarios with files, the intents of running requests, and the answers to old ones.
    IntentLog,
}

const SCENARIOS: &str = "CREATE TABLE scenarios (
    id TEXT PRIMARY KEY NOT NULL,
    title TEXT NOT NULL,
    prompt TEXT NOT NULL,
    description TEXT,
    mode TEXT NOT NULL CHECK (mode IN ('phone', 'chat')),
    category TEXT,
    evaluator_context_path TEXT,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
)";
const CONTEXT_COLUMN: &str = "ALTER TABLE scenarios ADD COLUMN evaluator_context TEXT";
const INTENTS: &str = "CREATE TABLE intents (
    scenario_id TEXT PRIMARY KEY NOT NULL,
    request_id TEXT NOT NULL,
    path TEXT NOT NULL,
    abandoned INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
)";
const REQUESTS: &str = "CREATE TABLE requests (
    request_id TEXT PRIMARY KEY NOT NULL,
    digest TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
)";

impl Schema {
    const fn statements(self) -> &'static [&'static str] {
        match self {
            Self::Files => &[SCENARIOS],
            Self::Inline => &[SCENARIOS, CONTEXT_COLUMN],
            Self::IntentLog => &[SCENARIOS, INTENTS, REQUESTS],
        }
    }
}

/// Creates the tables, a scenario of each of these titles, and the folder of contexts.
pub(crate) async fn prepare(world: &World, schema: Schema, existing: &[String]) -> Result<(), BoxError> {
    std::fs::create_dir_all(world.dir().join(FOLDER))?;
    let options: SqliteConnectOptions = world.database_url().parse()?;
    let mut conn = options.create_if_missing(true).journal_mode(SqliteJournalMode::Wal).connect().await?;
    for &statement in schema.statements() {
        sqlx::query(statement).execute(&mut conn).await?;
    }
    for title in existing {
        sqlx::query("INSERT INTO scenarios (id, title, prompt, mode) VALUES (?, ?, 'It was here before.', 'phone')")
            .bind(Uuid::now_v7().to_string())
            .bind(title)
            .execute(&mut conn)
            .await?;
    }
    conn.close().await?;
    Ok(())
}
