//! The statements about chapters and segments that strategies share, each below the name of its step.
//!
//! A strategy decides which of them run, in which order and in which transaction; nothing here begins or commits one,
//! but the names for that are here too, because strategies share them.

use serde::Serialize;
use sqlx::{AssertSqlSafe, SqliteConnection};
use uuid::Uuid;

use super::input::Chapter;
use crate::Step;

/// Begins the transaction of the chapters.
pub(super) const BEGIN_CHAPTERS: Step = Step::new("begin-chapters");
/// Commits the chapters.
pub(super) const COMMIT_CHAPTERS: Step = Step::new("commit-chapters");
/// Begins the transaction of the links.
pub(super) const BEGIN_LINKS: Step = Step::new("begin-links");
/// Commits the links.
pub(super) const COMMIT_LINKS: Step = Step::new("commit-links");
/// Begins the one transaction of chapters and links.
pub(super) const BEGIN_IMPORT: Step = Step::new("begin-import");
/// Commits chapters and links.
pub(super) const COMMIT_IMPORT: Step = Step::new("commit-import");

/// Counts the chapters of the episode.
pub(super) const COUNT_CHAPTERS: Step = Step::new("count-chapters");

pub(super) async fn count_chapters(conn: &mut SqliteConnection, episode_id: &str) -> Result<i64, sqlx::Error> {
    let count = "SELECT count(*) FROM chapters WHERE episode_id = ?1";
    sqlx::query_scalar(count).bind(episode_id).fetch_one(conn).await
}

/// Inserts all chapters, with new ids.
pub(super) const INSERT_CHAPTERS: Step = Step::new("insert-chapters");

// A last chapter with an open end reaches to the end of the last segment: the statement looks it up where it is.
const INSERT: &str = "
    INSERT INTO chapters (id, episode_id, title, start_ms, end_ms, position)
    SELECT value ->> 'id', ?1, value ->> 'title', value ->> 'start_ms',
        coalesce(
            value ->> 'end_ms',
            max(value ->> 'start_ms', coalesce((
                SELECT end_ms FROM segments WHERE episode_id = ?1 ORDER BY start_ms DESC, id DESC LIMIT 1
            ), 0))
        ),
        value ->> 'position'
    FROM json_each(?2)";

pub(super) async fn insert_chapters(
    conn: &mut SqliteConnection,
    episode_id: &str,
    chapters: &[Chapter],
) -> Result<(), sqlx::Error> {
    sqlx::query(INSERT).bind(episode_id).bind(rows_as_json(chapters)).execute(conn).await?;
    Ok(())
}

/// Inserts the chapters, or updates those that stand at their positions: these keep their ids.
pub(super) const UPSERT_CHAPTERS: Step = Step::new("upsert-chapters");

// `WHERE true` tells the parser that `ON CONFLICT` does not belong to the `FROM`.
const OR_UPDATE: &str = "
    WHERE true
    ON CONFLICT (episode_id, position)
    DO UPDATE SET title = excluded.title, start_ms = excluded.start_ms, end_ms = excluded.end_ms";

pub(super) async fn upsert_chapters(
    conn: &mut SqliteConnection,
    episode_id: &str,
    chapters: &[Chapter],
) -> Result<(), sqlx::Error> {
    let upsert = AssertSqlSafe(format!("{INSERT}{OR_UPDATE}"));
    sqlx::query(upsert).bind(episode_id).bind(rows_as_json(chapters)).execute(conn).await?;
    Ok(())
}

/// Deletes the chapters beyond those that were imported. Nothing may be linked to them.
pub(super) const DELETE_SURPLUS: Step = Step::new("delete-surplus");

pub(super) async fn delete_surplus(
    conn: &mut SqliteConnection,
    episode_id: &str,
    chapters: &[Chapter],
) -> Result<(), sqlx::Error> {
    let delete = "DELETE FROM chapters WHERE episode_id = ?1 AND position >= ?2";
    sqlx::query(delete).bind(episode_id).bind(position(chapters.len())).execute(conn).await?;
    Ok(())
}

/// Takes away the links to the chapters beyond those that were imported, so that these can be deleted.
pub(super) const CLEAR_SURPLUS_LINKS: Step = Step::new("clear-surplus-links");

pub(super) async fn clear_surplus_links(
    conn: &mut SqliteConnection,
    episode_id: &str,
    chapters: &[Chapter],
) -> Result<(), sqlx::Error> {
    let clear = "
        UPDATE segments SET chapter_id = NULL
        WHERE episode_id = ?1 AND chapter_id IN (SELECT id FROM chapters WHERE episode_id = ?1 AND position >= ?2)";
    sqlx::query(clear).bind(episode_id).bind(position(chapters.len())).execute(conn).await?;
    Ok(())
}

/// Links each segment to the chapter in which it starts, and says how many there were.
pub(super) const LINK_SEGMENTS: Step = Step::new("link-segments");

// Where chapters overlap, the last of them in order takes the segment: the same one in every run. Overlaps are rare, and
// are found once instead of for every segment.
const LINK: &str = "
    WITH overlaps AS MATERIALIZED (
        SELECT earlier.id, later.start_ms, later.end_ms
        FROM chapters AS earlier JOIN chapters AS later
            ON later.episode_id = ?1 AND later.position > earlier.position AND later.start_ms < earlier.end_ms
        WHERE earlier.episode_id = ?1
    )
    UPDATE segments SET chapter_id = chapters.id FROM chapters
    WHERE chapters.episode_id = ?1 AND segments.episode_id = ?1
        AND segments.start_ms >= chapters.start_ms AND segments.start_ms < chapters.end_ms
        AND NOT EXISTS (
            SELECT 1 FROM overlaps
            WHERE overlaps.id = chapters.id
                AND segments.start_ms >= overlaps.start_ms AND segments.start_ms < overlaps.end_ms
        )";

pub(super) async fn link_segments(conn: &mut SqliteConnection, episode_id: &str) -> Result<u32, sqlx::Error> {
    let linked = sqlx::query(LINK).bind(episode_id).execute(conn).await?.rows_affected();
    Ok(u32::try_from(linked).expect("a transcript has far fewer segments"))
}

/// Takes all links of the episode away, before they are set anew.
pub(super) const CLEAR_LINKS: Step = Step::new("clear-links");

pub(super) async fn clear_links(conn: &mut SqliteConnection, episode_id: &str) -> Result<(), sqlx::Error> {
    let clear = "UPDATE segments SET chapter_id = NULL WHERE episode_id = ?1 AND chapter_id IS NOT NULL";
    sqlx::query(clear).bind(episode_id).execute(conn).await?;
    Ok(())
}

/// Deletes all chapters of the episode. Nothing may be linked to them.
pub(super) async fn delete_chapters(conn: &mut SqliteConnection, episode_id: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM chapters WHERE episode_id = ?1").bind(episode_id).execute(conn).await?;
    Ok(())
}

#[derive(Serialize)]
struct ChapterRow<'a> {
    id: String,
    title: &'a str,
    start_ms: i64,
    end_ms: Option<i64>,
    position: i64,
}

/// The chapters as the one parameter of a statement that takes any number of them.
fn rows_as_json(chapters: &[Chapter]) -> String {
    let rows = chapters.iter().enumerate().map(|(index, chapter)| ChapterRow {
        id: Uuid::now_v7().to_string(),
        title: &chapter.title,
        start_ms: chapter.start_ms,
        end_ms: chapter.end_ms,
        position: position(index),
    });
    serde_json::to_string(&rows.collect::<Vec<_>>()).expect("texts and numbers are always JSON")
}

fn position(index: usize) -> i64 {
    i64::try_from(index).expect("there are at most as many chapters as a file may hold")
}
