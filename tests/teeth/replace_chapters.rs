//! `chapter-import/replace` and its mutants: a re-import over the chapters of an earlier one, in one transaction.
//!
//! The earlier import made three chapters, this one makes two, so that one is surplus. Every chapter has segments, before
//! and after. The database does not check foreign keys: what the code forgets, nobody refuses.

use halfway::imports::chapter_import::input::{Chapter, read_chapters};
use halfway::imports::chapter_import::{ChapterImport, ImportError, OneTransactionUpsert as Declared};
use halfway::{BoxError, Flow, Rules, Step, Subject, World, step};
use sqlx::{Connection, SqliteConnection};

use super::app::{App, ForeignKeys};
use super::chapter_rows::{self as rows, BEGIN_IMPORT, COMMIT_IMPORT, Imported, OnConflict, Touches};

const DELETE_SURPLUS: Step = Step::new("delete-surplus");

/// The earlier import: its chapters end elsewhere, and the third reaches behind those of the request.
const EARLIER: &str = "
    INSERT INTO import_jobs (id, episode_id, status, created_at, updated_at, request_id, chapters)
    VALUES ('earlier-job', 'episode-0001', 'completed', '', '', 'request-0000', 3);
    INSERT INTO chapters (id, episode_id, title, start_ms, end_ms, position) VALUES
        ('earlier-0', 'episode-0001', 'Ramp', 0, 8000, 0),
        ('earlier-1', 'episode-0001', 'Light', 8000, 20000, 1),
        ('earlier-2', 'episode-0001', 'Thanks', 20000, 30000, 2);
    UPDATE segments SET chapter_id =
        (SELECT id FROM chapters WHERE segments.start_ms >= chapters.start_ms AND segments.start_ms < chapters.end_ms);";

/// The one change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mutation {
    None,
    SurplusLeft,
    LinksSurviveTheirChapter,
    UpsertKeepsTheOld,
    SurplusDeletedAfterCommit,
    LinksClearedFirst,
}

use Mutation as M;

const ALL: [(Mutation, &str); 6] = [
    (M::None, "replace"),
    (M::SurplusLeft, "surplus-left"),
    (M::LinksSurviveTheirChapter, "links-survive-their-chapter"),
    (M::UpsertKeepsTheOld, "upsert-keeps-the-old"),
    (M::SurplusDeletedAfterCommit, "surplus-deleted-after-commit"),
    (M::LinksClearedFirst, "links-cleared-first"),
];

/// The good strategy, then its mutants.
pub(crate) fn subjects() -> Vec<Subject> {
    ALL.map(|(mutation, name)| Subject::new(Replace { mutation, name }, rows::request())).into()
}

struct Replace {
    mutation: Mutation,
    name: &'static str,
}

impl Flow for Replace {
    type Request = ChapterImport;
    type Response = Imported;
    type Error = ImportError;
    type App = App;

    fn flow(&self) -> &'static str {
        "chapter-import"
    }

    fn strategy(&self) -> &'static str {
        self.name
    }

    async fn prepare(&self, world: &World, request: &ChapterImport) -> Result<(), BoxError> {
        Declared.prepare(world, request).await?;
        let mut conn = SqliteConnection::connect(world.database_url()).await?;
        sqlx::raw_sql(EARLIER).execute(&mut conn).await?;
        Ok(conn.close().await?)
    }

    async fn boot(&self, world: &World) -> Result<App, BoxError> {
        let app = App::connect(world, ForeignKeys::Unchecked).await?;
        rows::close_jobs(&mut *app.connection().await?, Touches::Unfinished).await?;
        Ok(app)
    }

    async fn import(&self, app: &App, request: &ChapterImport) -> Result<Imported, ImportError> {
        let chapters = read_chapters(&request.chapters_json)?;
        let mut conn = app.connection().await?;
        let result = self.carry_out(&mut conn, request, &chapters).await;
        if let Err(error) = &result {
            // The caller hears of the first failure; a job that cannot be told is claimed by the retry, or closed by boot.
            let _ = rows::fail_job(&mut conn, request, &error.to_string(), Touches::Unfinished).await;
        }
        Ok(result?)
    }

    fn rules(&self, request: &ChapterImport) -> Rules {
        Declared.rules(request).needs_child("chapters", "id", "segments", "chapter_id")
    }
}

impl Replace {
    async fn carry_out(
        &self,
        conn: &mut SqliteConnection,
        request: &ChapterImport,
        chapters: &[Chapter],
    ) -> Result<Imported, sqlx::Error> {
        let episode_id = &request.episode_id;
        rows::claim_job(conn, request).await?;
        if self.mutation == M::LinksClearedFirst {
            rows::clear_links(conn, episode_id).await?;
        }
        let mut tx = step(BEGIN_IMPORT, conn.begin_with("BEGIN IMMEDIATE")).await?;
        let (job_id, imported) = rows::read_job(&mut tx, request).await?;
        if let Some(chapters) = imported {
            return Ok(Imported { job_id, chapters });
        }
        let on_conflict = if self.mutation == M::UpsertKeepsTheOld { OnConflict::Keep } else { OnConflict::Update };
        rows::insert_chapters(&mut tx, episode_id, chapters, on_conflict).await?;
        if !matches!(self.mutation, M::LinksSurviveTheirChapter | M::LinksClearedFirst) {
            rows::clear_links(&mut tx, episode_id).await?;
        }
        if !matches!(self.mutation, M::SurplusLeft | M::SurplusDeletedAfterCommit) {
            delete_surplus(&mut tx, episode_id, chapters).await?;
        }
        rows::link_segments(&mut tx, episode_id, chapters).await?;
        let answer = Imported { job_id, chapters: rows::count(chapters) };
        rows::complete_job(&mut tx, &answer).await?;
        step(COMMIT_IMPORT, tx.commit()).await?;
        if self.mutation == M::SurplusDeletedAfterCommit {
            delete_surplus(conn, episode_id, chapters).await?;
        }
        Ok(answer)
    }
}

/// Deletes the chapters beyond those that were imported.
async fn delete_surplus(
    conn: &mut SqliteConnection,
    episode_id: &str,
    chapters: &[Chapter],
) -> Result<(), sqlx::Error> {
    let delete = sqlx::query("DELETE FROM chapters WHERE episode_id = ? AND position >= ?");
    step(DELETE_SURPLUS, delete.bind(episode_id).bind(rows::count(chapters)).execute(conn)).await.map(drop)
}
