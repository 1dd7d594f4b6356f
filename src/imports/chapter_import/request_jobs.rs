//! The statements about jobs that are keyed by the request, each below the name of its step: one job per request.
//!
//! Only [`complete_job`] makes a job `completed`, inside the transaction of the import; no other statement here touches a
//! job that is.

use sha2::{Digest, Sha256};
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::{ChapterImport, ImportError, Imported};
use crate::Step;

/// Closes the jobs of a process that is gone.
pub(super) const CLOSE_JOBS: Step = Step::new("close-jobs");

pub(super) async fn close_jobs(conn: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let close = "
        UPDATE import_jobs
        SET status = 'failed', error = 'interrupted by a restart', updated_at = datetime('now', 'subsec')
        WHERE status IN ('pending', 'processing')";
    sqlx::query(close).execute(conn).await?;
    Ok(())
}

/// Creates the request's job, or starts it again where an earlier attempt came to nothing.
pub(super) const CLAIM_JOB: Step = Step::new("claim-job");

pub(super) async fn claim_job(
    conn: &mut SqliteConnection,
    request: &ChapterImport,
    digest: &str,
) -> Result<(), sqlx::Error> {
    let claim = "
        INSERT INTO import_jobs (id, episode_id, status, created_at, updated_at, request_id, request_digest)
        VALUES (?1, ?2, 'processing', datetime('now', 'subsec'), datetime('now', 'subsec'), ?3, ?4)
        ON CONFLICT (request_id)
        DO UPDATE SET status = 'processing', error = NULL, updated_at = excluded.updated_at
        WHERE status <> 'completed' AND request_digest = excluded.request_digest";
    sqlx::query(claim)
        .bind(Uuid::now_v7().to_string())
        .bind(&request.episode_id)
        .bind(&request.request_id)
        .bind(digest)
        .execute(conn)
        .await?;
    Ok(())
}

/// Reads what is known of the request.
pub(super) const READ_JOB: Step = Step::new("read-job");

/// What is known of a request.
pub(super) struct KnownRequest {
    /// Its job.
    pub(super) job_id: String,
    /// What was asked.
    pub(super) digest: String,
    /// What was answered, once the job is completed.
    pub(super) answer: Option<Imported>,
}

pub(super) async fn read_job(
    conn: &mut SqliteConnection,
    request: &ChapterImport,
) -> Result<KnownRequest, sqlx::Error> {
    let read = "SELECT id, request_digest, chapters, linked_segments FROM import_jobs WHERE request_id = ?1";
    let (job_id, digest, chapters, linked_segments): (String, String, Option<u32>, Option<u32>) =
        sqlx::query_as(read).bind(&request.request_id).fetch_one(conn).await?;
    let answer = chapters.zip(linked_segments).map(|(chapters, linked_segments)| Imported {
        job_id: job_id.clone(),
        chapters,
        linked_segments,
    });
    Ok(KnownRequest { job_id, digest, answer })
}

/// Counts the chapters that stand there because of a completed import. Others are what an import left behind that never
/// was completed, by this strategy or by the one before it: nobody was told that they are there.
pub(super) async fn count_completed_chapters(
    conn: &mut SqliteConnection,
    episode_id: &str,
) -> Result<i64, sqlx::Error> {
    let count = "
        SELECT count(*) FROM chapters
        WHERE episode_id = ?1
            AND EXISTS (SELECT 1 FROM import_jobs WHERE episode_id = ?1 AND status = 'completed')";
    sqlx::query_scalar(count).bind(episode_id).fetch_one(conn).await
}

/// Says that the job is done, and keeps the answer.
pub(super) async fn complete_job(conn: &mut SqliteConnection, answer: &Imported) -> Result<(), sqlx::Error> {
    let complete = "
        UPDATE import_jobs
        SET status = 'completed', error = NULL, chapters = ?2, linked_segments = ?3,
            updated_at = datetime('now', 'subsec')
        WHERE id = ?1";
    sqlx::query(complete).bind(&answer.job_id).bind(answer.chapters).bind(answer.linked_segments).execute(conn).await?;
    Ok(())
}

/// Says that the job failed, and why: unless it is completed, or another file's.
pub(super) async fn fail_job(
    conn: &mut SqliteConnection,
    request: &ChapterImport,
    digest: &str,
    error: &ImportError,
) -> Result<(), sqlx::Error> {
    let fail = "
        UPDATE import_jobs SET status = 'failed', error = ?3, updated_at = datetime('now', 'subsec')
        WHERE request_id = ?1 AND request_digest = ?2 AND status <> 'completed'";
    sqlx::query(fail).bind(&request.request_id).bind(digest).bind(error.to_string()).execute(conn).await?;
    Ok(())
}

/// Tells one file for one episode from another.
pub(super) fn digest(request: &ChapterImport) -> String {
    let mut sha = Sha256::new();
    // The length keeps the two texts apart.
    sha.update((request.episode_id.len() as u64).to_le_bytes());
    sha.update(&request.episode_id);
    sha.update(&request.chapters_json);
    format!("{:x}", sha.finalize())
}
