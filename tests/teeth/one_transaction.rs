//! `chapter-import/one-transaction-upsert` and its mutants: all that counts in one transaction, keyed by the request.

use halfway::imports::chapter_import::input::{Chapter, read_chapters};
use halfway::imports::chapter_import::{ChapterImport, ImportError, OneTransactionUpsert as Declared};
use halfway::{BoxError, Flow, Rules, Step, Subject, World, step};
use sqlx::{Connection, SqliteConnection};

use super::app::{App, ForeignKeys};
use super::chapter_rows::{self as rows, BEGIN_IMPORT, COMMIT_IMPORT, Imported, OnConflict, Touches};

const LOOK_FOR_WORK: Step = Step::new("look-for-work");

/// The one change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mutation {
    None,
    JobClosedApart,
    LinksApart,
    BootClosesNoJob,
    RequestIdIgnored,
    FailureOverwritesCompletion,
    BootClosesCompletedJobs,
    SuccessBeforeCommit,
    ProcessingIsRefused,
    BeginDeferred,
    JobReadOutside,
}

use Mutation as M;

const ALL: [(Mutation, &str); 11] = [
    (M::None, "one-transaction-upsert"),
    (M::JobClosedApart, "job-closed-apart"),
    (M::LinksApart, "links-apart"),
    (M::BootClosesNoJob, "boot-closes-no-job"),
    (M::RequestIdIgnored, "request-id-ignored"),
    (M::FailureOverwritesCompletion, "failure-overwrites-completion"),
    (M::BootClosesCompletedJobs, "boot-closes-completed-jobs"),
    (M::SuccessBeforeCommit, "success-before-commit"),
    (M::ProcessingIsRefused, "processing-is-refused"),
    (M::BeginDeferred, "begin-deferred"),
    (M::JobReadOutside, "job-read-outside"),
];

/// The good strategy, then its mutants.
pub(crate) fn subjects() -> Vec<Subject> {
    ALL.map(|(mutation, name)| Subject::new(OneTransaction { mutation, name }, rows::request())).into()
}

struct OneTransaction {
    mutation: Mutation,
    name: &'static str,
}

impl Flow for OneTransaction {
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
        let app = App::connect(world, ForeignKeys::Checked).await?;
        let mut conn = app.connection().await?;
        if self.mutation != M::BootClosesNoJob {
            rows::close_jobs(&mut conn, self.touched_unless(M::BootClosesCompletedJobs)).await?;
        }
        drop(conn);
        Ok(app)
    }

    async fn import(&self, app: &App, request: &ChapterImport) -> Result<Imported, ImportError> {
        let chapters = read_chapters(&request.chapters_json)?;
        let mut conn = app.connection().await?;
        let result = self.carry_out(&mut conn, request, &chapters).await;
        if let Err(error) = &result {
            let touches = self.touched_unless(M::FailureOverwritesCompletion);
            // The caller hears of the first failure; a job that cannot be told is claimed by the retry, or closed by boot.
            let _ = rows::fail_job(&mut conn, request, &error.to_string(), touches).await;
        }
        result
    }

    fn rules(&self, request: &ChapterImport) -> Rules {
        Declared.rules(request)
    }
}

impl OneTransaction {
    /// The jobs that a statement touches: those that are not over, unless this is the mutation.
    fn touched_unless(&self, mutation: Mutation) -> Touches {
        if self.mutation == mutation { Touches::All } else { Touches::Unfinished }
    }

    async fn carry_out(
        &self,
        conn: &mut SqliteConnection,
        request: &ChapterImport,
        chapters: &[Chapter],
    ) -> Result<Imported, ImportError> {
        if self.mutation == M::ProcessingIsRefused {
            refuse_if_processing(conn, request).await?;
        }
        rows::claim_job(conn, request).await?;
        let known = if self.mutation == M::JobReadOutside { Some(rows::read_job(conn, request).await?) } else { None };
        // Immediate: of two imports the second waits here, and then sees what the first one did.
        let begin = if self.mutation == M::BeginDeferred { "BEGIN DEFERRED" } else { "BEGIN IMMEDIATE" };
        let mut tx = step(BEGIN_IMPORT, conn.begin_with(begin)).await?;
        let (job_id, imported) = match known {
            Some(known) => known,
            None => rows::read_job(&mut tx, request).await?,
        };
        if let Some(chapters) = imported
            && self.mutation != M::RequestIdIgnored
        {
            return Ok(Imported { job_id, chapters });
        }
        let there = rows::count_chapters(&mut tx, &request.episode_id).await?;
        if there > 0 {
            return Err(ImportError::AlreadyImported { chapters: there });
        }
        let answer = Imported { job_id, chapters: rows::count(chapters) };
        rows::insert_chapters(&mut tx, &request.episode_id, chapters, OnConflict::Fail).await?;
        if self.mutation != M::LinksApart {
            rows::link_segments(&mut tx, &request.episode_id, chapters).await?;
        }
        if self.mutation != M::JobClosedApart {
            rows::complete_job(&mut tx, &answer).await?;
        }
        let committed = step(COMMIT_IMPORT, tx.commit()).await;
        if self.mutation != M::SuccessBeforeCommit {
            committed?;
        }
        if self.mutation == M::LinksApart {
            rows::link_segments(conn, &request.episode_id, chapters).await?;
        }
        if self.mutation == M::JobClosedApart {
            rows::complete_job(conn, &answer).await?;
        }
        Ok(answer)
    }
}

/// What a mutant takes for a sign that somebody is at work.
async fn refuse_if_processing(conn: &mut SqliteConnection, request: &ChapterImport) -> Result<(), ImportError> {
    let look = "SELECT count(*) FROM import_jobs WHERE request_id = ? AND status = 'processing'";
    let look = sqlx::query_scalar(look).bind(&request.request_id);
    let at_work: i64 = step(LOOK_FOR_WORK, look.fetch_one(conn)).await?;
    if at_work > 0 { Err(ImportError::RequestReused { request_id: request.request_id.clone() }) } else { Ok(()) }
}
