//! `chapter-import/undo-on-error` and its mutants: chapters, then links; an error deletes both and fails the job.
//!
//! The job's id is drawn before the job is created, so that a creation that was not told can be failed, too. Good under one
//! error or one lost acknowledgement, and under nothing else: no undo runs in a process that is gone.

use halfway::imports::chapter_import::input::{Chapter, read_chapters};
use halfway::imports::chapter_import::{ChapterImport, ImportError, UndoOnError as Declared};
use halfway::{BoxError, Flow, Rules, Step, Subject, World, step};
use sqlx::{Connection, SqliteConnection};
use uuid::Uuid;

use super::app::{App, ForeignKeys};
use super::chapter_rows::{self as rows, Imported, OnConflict};

const CREATE_JOB: Step = Step::new("create-job");
const BEGIN_CHAPTERS: Step = Step::new("begin-chapters");
const COMMIT_CHAPTERS: Step = Step::new("commit-chapters");
const BEGIN_LINKS: Step = Step::new("begin-links");
const COMMIT_LINKS: Step = Step::new("commit-links");
const CLOSE_JOB: Step = Step::new("close-job");
const BEGIN_UNDO: Step = Step::new("begin-undo");
const UNDO_CHAPTERS: Step = Step::new("undo-chapters");
const COMMIT_UNDO: Step = Step::new("commit-undo");

/// The one change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mutation {
    None,
    UndoForgetsLinks,
    UndoForgetsChapters,
    UndoForgetsJob,
    UndoSwallowsError,
    JobCreatedOutsideTheUndo,
}

use Mutation as M;

const ALL: [(Mutation, &str); 6] = [
    (M::None, "undo-on-error"),
    (M::UndoForgetsLinks, "undo-forgets-links"),
    (M::UndoForgetsChapters, "undo-forgets-chapters"),
    (M::UndoForgetsJob, "undo-forgets-job"),
    (M::UndoSwallowsError, "undo-swallows-error"),
    (M::JobCreatedOutsideTheUndo, "job-created-outside-the-undo"),
];

/// The good strategy, then its mutants.
pub(crate) fn subjects() -> Vec<Subject> {
    ALL.map(|(mutation, name)| Subject::new(UndoOnError { mutation, name }, rows::request())).into()
}

struct UndoOnError {
    mutation: Mutation,
    name: &'static str,
}

impl Flow for UndoOnError {
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
        Declared.prepare(world, request).await
    }

    async fn boot(&self, world: &World) -> Result<App, BoxError> {
        Ok(App::connect(world, ForeignKeys::Checked).await?)
    }

    async fn import(&self, app: &App, request: &ChapterImport) -> Result<Imported, ImportError> {
        let chapters = read_chapters(&request.chapters_json)?;
        let mut conn = app.connection().await?;
        let there = rows::count_chapters(&mut conn, &request.episode_id).await?;
        if there > 0 {
            return Err(ImportError::AlreadyImported { chapters: there });
        }
        let answer = Imported { job_id: Uuid::now_v7().to_string(), chapters: rows::count(&chapters) };
        if self.mutation == M::JobCreatedOutsideTheUndo {
            create_job(&mut conn, &answer.job_id, &request.episode_id).await?;
        }
        let Err(error) = self.carry_out(&mut conn, &answer.job_id, &request.episode_id, &chapters).await else {
            return Ok(answer);
        };
        // Neither of the two keeps the other from being tried; the caller hears of the first failure.
        let _ = self.undo(&mut conn, &request.episode_id).await;
        if self.mutation != M::UndoForgetsJob {
            let _ = close_job(&mut conn, &answer.job_id, "failed").await;
        }
        if self.mutation == M::UndoSwallowsError { Ok(answer) } else { Err(error.into()) }
    }

    fn rules(&self, request: &ChapterImport) -> Rules {
        Declared.rules(request)
    }
}

impl UndoOnError {
    async fn carry_out(
        &self,
        conn: &mut SqliteConnection,
        job_id: &str,
        episode_id: &str,
        chapters: &[Chapter],
    ) -> Result<(), sqlx::Error> {
        if self.mutation != M::JobCreatedOutsideTheUndo {
            create_job(conn, job_id, episode_id).await?;
        }
        let mut tx = step(BEGIN_CHAPTERS, conn.begin()).await?;
        rows::insert_chapters(&mut tx, episode_id, chapters, OnConflict::Fail).await?;
        step(COMMIT_CHAPTERS, tx.commit()).await?;

        let mut tx = step(BEGIN_LINKS, conn.begin()).await?;
        rows::link_segments(&mut tx, episode_id, chapters).await?;
        step(COMMIT_LINKS, tx.commit()).await?;
        close_job(conn, job_id, "completed").await
    }

    async fn undo(&self, conn: &mut SqliteConnection, episode_id: &str) -> Result<(), sqlx::Error> {
        let mut tx = step(BEGIN_UNDO, conn.begin()).await?;
        if self.mutation != M::UndoForgetsLinks {
            rows::clear_links(&mut tx, episode_id).await?;
        }
        if self.mutation != M::UndoForgetsChapters {
            let delete = sqlx::query("DELETE FROM chapters WHERE episode_id = ?").bind(episode_id);
            step(UNDO_CHAPTERS, delete.execute(&mut *tx)).await?;
        }
        step(COMMIT_UNDO, tx.commit()).await
    }
}

async fn create_job(conn: &mut SqliteConnection, job_id: &str, episode_id: &str) -> Result<(), sqlx::Error> {
    let create = "
        INSERT INTO import_jobs (id, episode_id, status, created_at, updated_at)
        VALUES (?, ?, 'processing', datetime('now', 'subsec'), datetime('now', 'subsec'))";
    step(CREATE_JOB, sqlx::query(create).bind(job_id).bind(episode_id).execute(conn)).await.map(drop)
}

async fn close_job(conn: &mut SqliteConnection, job_id: &str, status: &str) -> Result<(), sqlx::Error> {
    let close = sqlx::query("UPDATE import_jobs SET status = ? WHERE id = ?").bind(status).bind(job_id);
    step(CLOSE_JOB, close.execute(conn)).await.map(drop)
}
