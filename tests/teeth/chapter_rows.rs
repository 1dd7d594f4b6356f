//! The single effects on chapters, segments and jobs that several strategies share, each one statement and one step; and
//! what is asked of them.

use halfway::imports::chapter_import::ChapterImport;
use halfway::imports::chapter_import::input::Chapter;
use halfway::{Step, step};
use serde::Serialize;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};
use uuid::Uuid;

const COUNT_CHAPTERS: Step = Step::new("count-chapters");
const INSERT_CHAPTERS: Step = Step::new("insert-chapters");
const LINK_SEGMENTS: Step = Step::new("link-segments");
const CLEAR_LINKS: Step = Step::new("clear-links");
const CLAIM_JOB: Step = Step::new("claim-job");
const READ_JOB: Step = Step::new("read-job");
const COMPLETE_JOB: Step = Step::new("complete-job");
const FAIL_JOB: Step = Step::new("fail-job");
const CLOSE_JOBS: Step = Step::new("close-jobs");

/// The begin of the transaction that imports.
pub(crate) const BEGIN_IMPORT: Step = Step::new("begin-import");
/// The commit of that transaction.
pub(crate) const COMMIT_IMPORT: Step = Step::new("commit-import");

/// Two chapters over the first half minute, and four segments, the last of which lies behind them.
pub(crate) fn request() -> ChapterImport {
    let chapters = r#"{"version":"1.2.0","chapters":[
        {"startTime":0,"endTime":10,"title":"Casting off"},{"startTime":10,"endTime":20,"title":"Open water"}]}"#;
    let transcript = r#"{"version":"1.0.0","segments":[
        {"startTime":0,"endTime":8,"body":"The ramp goes up."},
        {"startTime":9,"endTime":11,"body":"Then the harbour light is behind us."},
        {"startTime":12,"endTime":19,"body":"There is nothing ahead."},
        {"startTime":25,"endTime":29,"body":"Thank you for listening."}]}"#;
    ChapterImport::new(chapters, transcript)
}

/// The answer to an import that succeeded.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Imported {
    pub(crate) job_id: String,
    pub(crate) chapters: i64,
}

/// How many chapters an import makes.
pub(crate) fn count(chapters: &[Chapter]) -> i64 {
    i64::try_from(chapters.len()).expect("a file has at most 500 chapters")
}

/// Counts the chapters of the episode.
pub(crate) async fn count_chapters(conn: &mut SqliteConnection, episode_id: &str) -> Result<i64, sqlx::Error> {
    let count = sqlx::query_scalar("SELECT count(*) FROM chapters WHERE episode_id = ?").bind(episode_id);
    step(COUNT_CHAPTERS, count.fetch_one(conn)).await
}

/// What becomes of a chapter that is at the same position already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnConflict {
    /// It is an error.
    Fail,
    /// The old row is made the new chapter.
    Update,
    /// The old row stays as it is.
    Keep,
}

/// Inserts all chapters in one statement.
pub(crate) async fn insert_chapters(
    conn: &mut SqliteConnection,
    episode_id: &str,
    chapters: &[Chapter],
    on_conflict: OnConflict,
) -> Result<(), sqlx::Error> {
    let mut insert =
        QueryBuilder::<Sqlite>::new("INSERT INTO chapters (id, episode_id, title, start_ms, end_ms, position) ");
    insert.push_values((0_i64..).zip(chapters), |mut row, (position, chapter)| {
        row.push_bind(Uuid::now_v7().to_string()).push_bind(episode_id).push_bind(&chapter.title);
        row.push_bind(chapter.start_ms).push_bind(end_of(chapter)).push_bind(position);
    });
    insert.push(match on_conflict {
        OnConflict::Fail => "",
        OnConflict::Update => {
            " ON CONFLICT (episode_id, position)
            DO UPDATE SET title = excluded.title, start_ms = excluded.start_ms, end_ms = excluded.end_ms"
        }
        OnConflict::Keep => " ON CONFLICT (episode_id, position) DO NOTHING",
    });
    step(INSERT_CHAPTERS, insert.build().execute(conn)).await.map(drop)
}

/// Links the segments of each of these chapters: one statement for each.
pub(crate) async fn link_segments(
    conn: &mut SqliteConnection,
    episode_id: &str,
    chapters: &[Chapter],
) -> Result<(), sqlx::Error> {
    let link = "
        UPDATE segments SET chapter_id = (SELECT id FROM chapters WHERE episode_id = ?1 AND position = ?2)
        WHERE episode_id = ?1 AND start_ms >= ?3 AND start_ms < ?4";
    for (position, chapter) in (0_i64..).zip(chapters) {
        let link = sqlx::query(link).bind(episode_id).bind(position).bind(chapter.start_ms).bind(end_of(chapter));
        step(LINK_SEGMENTS, link.execute(&mut *conn)).await?;
    }
    Ok(())
}

/// Takes all links of the episode away.
pub(crate) async fn clear_links(conn: &mut SqliteConnection, episode_id: &str) -> Result<(), sqlx::Error> {
    let clear = sqlx::query("UPDATE segments SET chapter_id = NULL WHERE episode_id = ?").bind(episode_id);
    step(CLEAR_LINKS, clear.execute(conn)).await.map(drop)
}

/// Creates the request's job, or starts it again where an earlier attempt came to nothing.
pub(crate) async fn claim_job(conn: &mut SqliteConnection, request: &ChapterImport) -> Result<(), sqlx::Error> {
    let claim = "
        INSERT INTO import_jobs (id, episode_id, status, created_at, updated_at, request_id)
        VALUES (?, ?, 'processing', datetime('now', 'subsec'), datetime('now', 'subsec'), ?)
        ON CONFLICT (request_id) DO UPDATE SET status = 'processing', error = NULL WHERE status <> 'completed'";
    let claim = sqlx::query(claim).bind(Uuid::now_v7().to_string()).bind(&request.episode_id).bind(&request.request_id);
    step(CLAIM_JOB, claim.execute(conn)).await.map(drop)
}

/// The request's job, and how many chapters it imported, once it did.
pub(crate) async fn read_job(
    conn: &mut SqliteConnection,
    request: &ChapterImport,
) -> Result<(String, Option<i64>), sqlx::Error> {
    let read = "SELECT id, chapters FROM import_jobs WHERE request_id = ?";
    step(READ_JOB, sqlx::query_as(read).bind(&request.request_id).fetch_one(conn)).await
}

/// Says that the job is done, and keeps the answer.
pub(crate) async fn complete_job(conn: &mut SqliteConnection, answer: &Imported) -> Result<(), sqlx::Error> {
    let complete = "UPDATE import_jobs SET status = 'completed', error = NULL, chapters = ? WHERE id = ?";
    let complete = sqlx::query(complete).bind(answer.chapters).bind(&answer.job_id);
    step(COMPLETE_JOB, complete.execute(conn)).await.map(drop)
}

/// Which jobs a statement about jobs that came to nothing touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Touches {
    /// Those that are not over.
    Unfinished,
    /// All.
    All,
}

/// Says that the request's job failed, and why.
pub(crate) async fn fail_job(
    conn: &mut SqliteConnection,
    request: &ChapterImport,
    why: &str,
    touches: Touches,
) -> Result<(), sqlx::Error> {
    let fail = match touches {
        Touches::Unfinished => {
            "UPDATE import_jobs SET status = 'failed', error = ? WHERE request_id = ? AND status <> 'completed'"
        }
        Touches::All => "UPDATE import_jobs SET status = 'failed', error = ? WHERE request_id = ?",
    };
    step(FAIL_JOB, sqlx::query(fail).bind(why).bind(&request.request_id).execute(conn)).await.map(drop)
}

/// Closes the jobs of a process that is gone.
pub(crate) async fn close_jobs(conn: &mut SqliteConnection, touches: Touches) -> Result<(), sqlx::Error> {
    let close = match touches {
        Touches::Unfinished => "UPDATE import_jobs SET status = 'failed' WHERE status IN ('pending', 'processing')",
        Touches::All => "UPDATE import_jobs SET status = 'failed'",
    };
    step(CLOSE_JOBS, sqlx::query(close).execute(conn)).await.map(drop)
}

fn end_of(chapter: &Chapter) -> i64 {
    chapter.end_ms.expect("the chapters here say where they end")
}
