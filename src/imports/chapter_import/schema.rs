//! The tables of the podcast application, and what is in them before anybody imports chapters.
//!
//! All strategies share the tables, so that their worlds can be compared; the one that keys its jobs by request has
//! three more columns for that in `import_jobs`.

use serde::Serialize;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{Connection, SqliteConnection};

use super::ChapterImport;
use super::input::read_transcript;
use crate::{BoxError, World};

/// What the application keeps of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Jobs {
    /// One job per attempt; nothing says which request it was for.
    PerAttempt,
    /// One job per request, with the digest of the request and the answer that it was given.
    PerRequest,
}

const TABLES: &str = "
    CREATE TABLE episodes (
        id TEXT PRIMARY KEY NOT NULL,
        title TEXT NOT NULL
    );
    CREATE TABLE chapters (
        id TEXT PRIMARY KEY NOT NULL,
        episode_id TEXT NOT NULL REFERENCES episodes (id),
        title TEXT NOT NULL,
        start_ms INTEGER NOT NULL,
        end_ms INTEGER NOT NULL CHECK (end_ms >= start_ms),
        position INTEGER NOT NULL,
        UNIQUE (episode_id, position)
    );
    CREATE TABLE segments (
        id TEXT PRIMARY KEY NOT NULL,
        episode_id TEXT NOT NULL REFERENCES episodes (id),
        start_ms INTEGER NOT NULL,
        end_ms INTEGER NOT NULL,
        speaker TEXT,
        body TEXT NOT NULL,
        chapter_id TEXT REFERENCES chapters (id)
    );
    CREATE INDEX segments_by_start ON segments (episode_id, start_ms);
    CREATE TABLE import_jobs (
        id TEXT PRIMARY KEY NOT NULL,
        episode_id TEXT NOT NULL REFERENCES episodes (id),
        status TEXT NOT NULL CHECK (status IN ('pending', 'processing', 'completed', 'failed')),
        error TEXT,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL
    );";

const JOBS_PER_REQUEST: &str = "
    ALTER TABLE import_jobs ADD COLUMN request_id TEXT;
    ALTER TABLE import_jobs ADD COLUMN request_digest TEXT;
    ALTER TABLE import_jobs ADD COLUMN chapters INTEGER;
    ALTER TABLE import_jobs ADD COLUMN linked_segments INTEGER;
    CREATE UNIQUE INDEX import_jobs_by_request ON import_jobs (request_id);";

const INSERT_SEGMENTS: &str = "
    INSERT INTO segments (id, episode_id, start_ms, end_ms, speaker, body)
    SELECT value ->> 'id', ?1, value ->> 'start_ms', value ->> 'end_ms', value ->> 'speaker', value ->> 'body'
    FROM json_each(?2)";

#[derive(Serialize)]
struct SegmentRow<'a> {
    id: String,
    start_ms: i64,
    end_ms: i64,
    speaker: Option<&'a str>,
    body: &'a str,
}

/// Builds the schema and the request's episode with its segments, in one transaction, and closes its connection.
pub(super) async fn prepare(world: &World, request: &ChapterImport, jobs: Jobs) -> Result<(), BoxError> {
    let segments = read_transcript(&request.transcript_json)?;
    let rows = segments.iter().enumerate().map(|(index, segment)| SegmentRow {
        id: format!("segment-{:04}", index + 1),
        start_ms: segment.start_ms,
        end_ms: segment.end_ms,
        speaker: segment.speaker.as_deref(),
        body: &segment.body,
    });
    let rows = serde_json::to_string(&rows.collect::<Vec<_>>())?;

    let options: SqliteConnectOptions = world.database_url().parse()?;
    // The mode is a property of the database file: whoever opens it later finds it.
    let options = options.create_if_missing(true).foreign_keys(true).journal_mode(SqliteJournalMode::Wal);
    let mut conn = SqliteConnection::connect_with(&options).await?;
    let mut tx = conn.begin().await?;
    sqlx::raw_sql(TABLES).execute(&mut *tx).await?;
    match jobs {
        Jobs::PerAttempt => {}
        Jobs::PerRequest => {
            sqlx::raw_sql(JOBS_PER_REQUEST).execute(&mut *tx).await?;
        }
    }
    let episode = "INSERT INTO episodes (id, title) VALUES (?1, ?2)";
    sqlx::query(episode).bind(&request.episode_id).bind(&request.episode_title).execute(&mut *tx).await?;
    sqlx::query(INSERT_SEGMENTS).bind(&request.episode_id).bind(rows).execute(&mut *tx).await?;
    tx.commit().await?;
    conn.close().await?;
    Ok(())
}
