//! Option B: as found, and on an error the episode's links and chapters are deleted again, in one transaction.
//!
//! The guard let this import pass, so whatever chapters the episode has by now are taken for this import's own. What
//! stays: an undo needs a process that lives and a database that answers. After a crash, a cancelled request or an outage
//! nobody undoes anything. And of two imports that pass the guard together, one undoes what the other did.

use sqlx::{Connection, SqliteConnection};

use super::app::App;
use super::input::{self, Chapter};
use super::jobs::{self, COMPLETE_JOB, CREATE_JOB, FAIL_JOB, START_JOB};
use super::schema::{self, Jobs};
use super::store::{
    self, BEGIN_CHAPTERS, BEGIN_LINKS, COMMIT_CHAPTERS, COMMIT_LINKS, COUNT_CHAPTERS, INSERT_CHAPTERS, LINK_SEGMENTS,
};
use super::{ChapterImport, FLOW, ImportError, Imported, count, refuse_if_any, rules};
use crate::{BoxError, Flow, Rules, Step, World, step};

/// Begins the transaction of the undo.
pub(super) const BEGIN_UNDO: Step = Step::new("begin-undo");
/// Takes the links away that this import set.
pub(super) const UNDO_LINKS: Step = Step::new("undo-links");
/// Deletes the chapters that this import inserted.
pub(super) const UNDO_CHAPTERS: Step = Step::new("undo-chapters");
/// Commits the undo.
pub(super) const COMMIT_UNDO: Step = Step::new("commit-undo");

/// Strategy `undo-on-error`.
#[derive(Clone, Copy, Debug)]
pub struct UndoOnError;

impl Flow for UndoOnError {
    type Request = ChapterImport;
    type Response = Imported;
    type Error = ImportError;
    type App = App;

    fn flow(&self) -> &'static str {
        FLOW
    }

    fn strategy(&self) -> &'static str {
        "undo-on-error"
    }

    async fn prepare(&self, world: &World, request: &ChapterImport) -> Result<(), BoxError> {
        schema::prepare(world, request, Jobs::PerAttempt).await
    }

    async fn boot(&self, world: &World) -> Result<App, BoxError> {
        Ok(App::start(world).await?)
    }

    async fn import(&self, app: &App, request: &ChapterImport) -> Result<Imported, ImportError> {
        let chapters = input::read_chapters(&request.chapters_json)?;
        let mut conn = app.connection().await?;
        let episode_id = &request.episode_id;

        refuse_if_any(step(COUNT_CHAPTERS, store::count_chapters(&mut conn, episode_id)).await?)?;
        let job_id = step(CREATE_JOB, jobs::create_job(&mut conn, episode_id)).await?;
        match carry_out(&mut conn, &job_id, episode_id, &chapters).await {
            Ok(linked_segments) => Ok(Imported { job_id, chapters: count(&chapters), linked_segments }),
            Err(error) => {
                // Neither of the two keeps the other from being tried; the caller is told what went wrong first.
                let _ = undo(&mut conn, episode_id).await;
                let _ = step(FAIL_JOB, jobs::fail_job(&mut conn, &job_id, &error)).await;
                Err(error)
            }
        }
    }

    fn first_parts(&self, request: &ChapterImport, parts: usize) -> Option<ChapterImport> {
        request.first_parts(parts)
    }

    fn rules(&self, _request: &ChapterImport) -> Rules {
        rules()
    }
}

async fn carry_out(
    conn: &mut SqliteConnection,
    job_id: &str,
    episode_id: &str,
    chapters: &[Chapter],
) -> Result<u32, ImportError> {
    step(START_JOB, jobs::start_job(conn, job_id)).await?;

    let mut tx = step(BEGIN_CHAPTERS, conn.begin()).await?;
    step(INSERT_CHAPTERS, store::insert_chapters(&mut tx, episode_id, chapters)).await?;
    step(COMMIT_CHAPTERS, tx.commit()).await?;

    let mut tx = step(BEGIN_LINKS, conn.begin()).await?;
    let linked = step(LINK_SEGMENTS, store::link_segments(&mut tx, episode_id)).await?;
    step(COMMIT_LINKS, tx.commit()).await?;

    step(COMPLETE_JOB, jobs::complete_job(conn, job_id)).await?;
    Ok(linked)
}

async fn undo(conn: &mut SqliteConnection, episode_id: &str) -> Result<(), sqlx::Error> {
    let mut tx = step(BEGIN_UNDO, conn.begin()).await?;
    step(UNDO_LINKS, store::clear_links(&mut tx, episode_id)).await?;
    step(UNDO_CHAPTERS, store::delete_chapters(&mut tx, episode_id)).await?;
    step(COMMIT_UNDO, tx.commit()).await
}
