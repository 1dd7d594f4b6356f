//! Option C: no guard; a re-import updates what is there, chapter by chapter, and sets the links anew.
//!
//! A retry always comes through and ends where it should. What stays: until somebody sends that retry there may be new
//! chapters with the old links or with none, and the job of an attempt that died is `processing` for ever.

use sqlx::{Connection, SqliteConnection};

use super::app::App;
use super::input::{self, Chapter};
use super::jobs::{self, COMPLETE_JOB, CREATE_JOB, FAIL_JOB, START_JOB};
use super::schema::{self, Jobs};
use super::store::{
    self, BEGIN_CHAPTERS, BEGIN_LINKS, CLEAR_LINKS, CLEAR_SURPLUS_LINKS, COMMIT_CHAPTERS, COMMIT_LINKS, DELETE_SURPLUS,
    LINK_SEGMENTS, UPSERT_CHAPTERS,
};
use super::{ChapterImport, FLOW, ImportError, Imported, count, rules};
use crate::{BoxError, Flow, Rules, World, step};

/// Strategy `upsert`.
#[derive(Clone, Copy, Debug)]
pub struct Upsert;

impl Flow for Upsert {
    type Request = ChapterImport;
    type Response = Imported;
    type Error = ImportError;
    type App = App;

    fn flow(&self) -> &'static str {
        FLOW
    }

    fn strategy(&self) -> &'static str {
        "upsert"
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

        let job_id = step(CREATE_JOB, jobs::create_job(&mut conn, episode_id)).await?;
        match carry_out(&mut conn, &job_id, episode_id, &chapters).await {
            Ok(linked_segments) => Ok(Imported { job_id, chapters: count(&chapters), linked_segments }),
            Err(error) => {
                // The caller is told what went wrong first; a job that cannot be told either stays as it is.
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
    step(UPSERT_CHAPTERS, store::upsert_chapters(&mut tx, episode_id, chapters)).await?;
    step(CLEAR_SURPLUS_LINKS, store::clear_surplus_links(&mut tx, episode_id, chapters)).await?;
    step(DELETE_SURPLUS, store::delete_surplus(&mut tx, episode_id, chapters)).await?;
    step(COMMIT_CHAPTERS, tx.commit()).await?;

    let mut tx = step(BEGIN_LINKS, conn.begin()).await?;
    step(CLEAR_LINKS, store::clear_links(&mut tx, episode_id)).await?;
    let linked = step(LINK_SEGMENTS, store::link_segments(&mut tx, episode_id)).await?;
    step(COMMIT_LINKS, tx.commit()).await?;

    step(COMPLETE_JOB, jobs::complete_job(conn, job_id)).await?;
    Ok(linked)
}
