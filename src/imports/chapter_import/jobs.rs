//! The statements about jobs that strategies share, each below the name of its step: one job per attempt.
//!
//! A job tells the people who watch imports how one went. It is a log: nothing that an import decides depends on it.

use sqlx::SqliteConnection;
use uuid::Uuid;

use super::ImportError;
use crate::Step;

/// Creates the job, pending.
pub(super) const CREATE_JOB: Step = Step::new("create-job");

/// Creates a job and answers its id.
pub(super) async fn create_job(conn: &mut SqliteConnection, episode_id: &str) -> Result<String, sqlx::Error> {
    let create = "
        INSERT INTO import_jobs (id, episode_id, status, created_at, updated_at)
        VALUES (?1, ?2, 'pending', datetime('now', 'subsec'), datetime('now', 'subsec'))";
    let id = Uuid::now_v7().to_string();
    sqlx::query(create).bind(&id).bind(episode_id).execute(conn).await?;
    Ok(id)
}

/// Says that somebody is at work on the job.
pub(super) const START_JOB: Step = Step::new("start-job");

pub(super) async fn start_job(conn: &mut SqliteConnection, job_id: &str) -> Result<(), sqlx::Error> {
    let start = "UPDATE import_jobs SET status = 'processing', updated_at = datetime('now', 'subsec') WHERE id = ?1";
    sqlx::query(start).bind(job_id).execute(conn).await?;
    Ok(())
}

/// Says that the job is done.
pub(super) const COMPLETE_JOB: Step = Step::new("complete-job");

pub(super) async fn complete_job(conn: &mut SqliteConnection, job_id: &str) -> Result<(), sqlx::Error> {
    let complete = "UPDATE import_jobs SET status = 'completed', updated_at = datetime('now', 'subsec') WHERE id = ?1";
    sqlx::query(complete).bind(job_id).execute(conn).await?;
    Ok(())
}

/// Says that the job failed, and why.
pub(super) const FAIL_JOB: Step = Step::new("fail-job");

pub(super) async fn fail_job(
    conn: &mut SqliteConnection,
    job_id: &str,
    error: &ImportError,
) -> Result<(), sqlx::Error> {
    let fail = "
        UPDATE import_jobs SET status = 'failed', error = ?2, updated_at = datetime('now', 'subsec') WHERE id = ?1";
    sqlx::query(fail).bind(job_id).bind(error.to_string()).execute(conn).await?;
    Ok(())
}
