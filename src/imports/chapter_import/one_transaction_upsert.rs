//! The recommended strategy: guard, chapters, links and the job's completion in one transaction, keyed by the request.
//!
//! The job *is* the request: its row holds the request's id, the digest of what was asked, and in the end the answer. It
//! is completed by the same commit that publishes chapters and links, so neither is ever there without the other, and a
//! client that never heard of that commit is given the same answer again.
//!
//! Before and after that transaction the job is only news for those who watch: `processing` before it, `failed` after
//! an error, and at a start `failed` for the jobs of a process that is gone. That last one takes for granted that one
//! process at a time serves a database; with more of them a job would need an owner and a lease.

use sqlx::{Connection, SqliteConnection};

use super::app::App;
use super::input::{self, Chapter};
use super::jobs::{COMPLETE_JOB, FAIL_JOB};
use super::request_jobs::{self, CLAIM_JOB, CLOSE_JOBS, READ_JOB};
use super::schema::{self, Jobs};
use super::store::{
    self, BEGIN_IMPORT, CLEAR_LINKS, COMMIT_IMPORT, COUNT_CHAPTERS, DELETE_SURPLUS, LINK_SEGMENTS, UPSERT_CHAPTERS,
};
use super::{ChapterImport, FLOW, ImportError, Imported, count, refuse_if_any, rules};
use crate::{BoxError, Flow, Rules, World, step};

/// Strategy `one-transaction-upsert`.
#[derive(Clone, Copy, Debug)]
pub struct OneTransactionUpsert;

impl Flow for OneTransactionUpsert {
    type Request = ChapterImport;
    type Response = Imported;
    type Error = ImportError;
    type App = App;

    fn flow(&self) -> &'static str {
        FLOW
    }

    fn strategy(&self) -> &'static str {
        "one-transaction-upsert"
    }

    async fn prepare(&self, world: &World, request: &ChapterImport) -> Result<(), BoxError> {
        schema::prepare(world, request, Jobs::PerRequest).await
    }

    async fn boot(&self, world: &World) -> Result<App, BoxError> {
        let app = App::start(world).await?;
        let mut conn = app.connection().await?;
        step(CLOSE_JOBS, request_jobs::close_jobs(&mut conn)).await?;
        drop(conn);
        Ok(app)
    }

    async fn import(&self, app: &App, request: &ChapterImport) -> Result<Imported, ImportError> {
        let chapters = input::read_chapters(&request.chapters_json)?;
        let digest = request_jobs::digest(request);
        let mut conn = app.connection().await?;

        let result = carry_out(&mut conn, request, &digest, &chapters).await;
        if let Err(error) = &result {
            // The caller is told what went wrong first. A job that cannot be told stays as it is, until the retry
            // claims it or the next start closes it.
            let _ = step(FAIL_JOB, request_jobs::fail_job(&mut conn, request, &digest, error)).await;
        }
        result
    }

    fn first_parts(&self, request: &ChapterImport, parts: usize) -> Option<ChapterImport> {
        request.first_parts(parts)
    }

    fn rules(&self, _request: &ChapterImport) -> Rules {
        rules()
    }
}

/// Claims the job, and then does everything that counts in one transaction. An error on the way drops that, which undoes
/// it; so does the answer from an earlier attempt, after which there is nothing to commit.
async fn carry_out(
    conn: &mut SqliteConnection,
    request: &ChapterImport,
    digest: &str,
    chapters: &[Chapter],
) -> Result<Imported, ImportError> {
    let episode_id = &request.episode_id;
    step(CLAIM_JOB, request_jobs::claim_job(conn, request, digest)).await?;

    // Immediate: of two imports the second waits here, and then sees what the first one did.
    let mut tx = step(BEGIN_IMPORT, conn.begin_with("BEGIN IMMEDIATE")).await?;
    let known = step(READ_JOB, request_jobs::read_job(&mut tx, request)).await?;
    if known.digest != digest {
        return Err(ImportError::RequestReused { request_id: request.request_id.clone() });
    }
    if let Some(answer) = known.answer {
        return Ok(answer);
    }
    refuse_if_any(step(COUNT_CHAPTERS, request_jobs::count_completed_chapters(&mut tx, episode_id)).await?)?;

    step(UPSERT_CHAPTERS, store::upsert_chapters(&mut tx, episode_id, chapters)).await?;
    step(CLEAR_LINKS, store::clear_links(&mut tx, episode_id)).await?;
    step(DELETE_SURPLUS, store::delete_surplus(&mut tx, episode_id, chapters)).await?;
    let linked_segments = step(LINK_SEGMENTS, store::link_segments(&mut tx, episode_id)).await?;
    let answer = Imported { job_id: known.job_id, chapters: count(chapters), linked_segments };
    step(COMPLETE_JOB, request_jobs::complete_job(&mut tx, &answer)).await?;
    step(COMMIT_IMPORT, tx.commit()).await?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::chapter_import::tests::{Prepared, REFUSED, left, links, message, prepared, run, small};

    async fn started(request: &ChapterImport) -> (Prepared, App) {
        let prepared = prepared(&OneTransactionUpsert, request).await;
        let app = OneTransactionUpsert.boot(&prepared.world).await.expect("booted");
        (prepared, app)
    }

    #[test]
    fn the_same_request_gets_the_same_answer_and_changes_nothing() {
        run(async {
            let request = ChapterImport::example();
            let (prepared, app) = started(&request).await;
            let first = OneTransactionUpsert.import(&app, &request).await.expect("imported");
            let ids = "SELECT group_concat(id) FROM chapters";
            let before = prepared.text(ids).await;
            let second = OneTransactionUpsert.import(&app, &request).await.expect("answered");
            assert_eq!(first, second);
            assert_eq!(prepared.text(ids).await, before);
            assert_eq!(prepared.left().await, left(12, 600, &["completed"]));
        });
    }

    #[test]
    fn a_request_id_is_good_for_one_file_and_one_episode_only() {
        run(async {
            let request = ChapterImport::example();
            let (prepared, app) = started(&request).await;
            OneTransactionUpsert.import(&app, &request).await.expect("imported");
            let other_file = ChapterImport { chapters_json: format!("{} ", request.chapters_json), ..request.clone() };
            let reused = "request request-0001 was sent before with another file or episode; \
                send this one under an id of its own";
            assert_eq!(message(OneTransactionUpsert.import(&app, &other_file).await), reused);
            prepared.execute("INSERT INTO episodes VALUES ('episode-0002', 'Another')").await;
            let other_episode = ChapterImport { episode_id: "episode-0002".to_owned(), ..request };
            assert_eq!(message(OneTransactionUpsert.import(&app, &other_episode).await), reused);
            assert_eq!(prepared.left().await, left(12, 600, &["completed"]));
            assert_eq!(prepared.jobs("error").await, [""], "the refusals are no failure of the first request");
        });
    }

    #[test]
    fn a_reused_id_is_refused_even_where_its_import_failed_and_leaves_that_job_alone() {
        run(async {
            let request = ChapterImport::example();
            let (prepared, app) = started(&request).await;
            OneTransactionUpsert.import(&app, &request).await.expect("imported");
            prepared.execute("UPDATE import_jobs SET status = 'failed', error = 'x', chapters = NULL").await;
            let other_file = ChapterImport { chapters_json: format!("{} ", request.chapters_json), ..request };
            let error = OneTransactionUpsert.import(&app, &other_file).await.expect_err("reused");
            assert!(matches!(error, ImportError::RequestReused { .. }), "{error}");
            assert_eq!(prepared.jobs("error").await, ["x"]);
        });
    }

    #[test]
    fn a_second_request_for_an_imported_episode_is_refused_and_its_job_says_so() {
        run(async {
            let request = ChapterImport::example();
            let (prepared, app) = started(&request).await;
            OneTransactionUpsert.import(&app, &request).await.expect("imported");
            let second = request.with_request_id("request-0002");
            assert_eq!(message(OneTransactionUpsert.import(&app, &second).await), REFUSED);
            assert_eq!(prepared.jobs("error").await, ["", REFUSED]);
            assert_eq!(prepared.left().await, left(12, 600, &["completed", "failed"]));
            prepared.execute("UPDATE segments SET chapter_id = NULL; DELETE FROM chapters").await;
            OneTransactionUpsert.import(&app, &second).await.expect("imported once the chapters are gone");
            assert_eq!(prepared.left().await, left(12, 600, &["completed", "completed"]));
        });
    }

    #[test]
    fn what_an_import_left_that_never_was_completed_is_updated_in_place() {
        run(async {
            let request = small(r#"{"startTime":0,"title":"A"},{"startTime":2,"title":"B"}"#);
            let (prepared, app) = started(&request).await;
            prepared
                .execute(
                    "INSERT INTO chapters VALUES ('old-0', 'episode-0001', 'x', 0, 9000, 0),
                        ('old-1', 'episode-0001', 'y', 9000, 9000, 1), ('old-2', 'episode-0001', 'z', 1, 1, 2);
                    UPDATE segments SET chapter_id = 'old-2'",
                )
                .await;
            OneTransactionUpsert.import(&app, &request).await.expect("imported");
            assert_eq!(links(&prepared).await, ["A", "A", "B", "B"]);
            assert_eq!(prepared.text("SELECT group_concat(id ORDER BY position) FROM chapters").await, "old-0,old-1");
        });
    }

    #[test]
    fn a_start_closes_the_jobs_that_nobody_runs_and_no_others() {
        run(async {
            let request = ChapterImport::example();
            let (prepared, app) = started(&request).await;
            OneTransactionUpsert.import(&app, &request).await.expect("imported");
            prepared
                .execute(
                    "INSERT INTO import_jobs (id, episode_id, status, created_at, updated_at)
                    SELECT value, 'episode-0001', value, '', '' FROM json_each('[\"pending\", \"processing\"]')",
                )
                .await;
            OneTransactionUpsert.boot(&prepared.world).await.expect("booted");
            assert_eq!(prepared.jobs("status").await, ["completed", "failed", "failed"]);
            let why = "interrupted by a restart";
            assert_eq!(prepared.jobs("error").await, ["", why, why]);
        });
    }

    #[test]
    fn a_completed_job_is_not_called_failed_when_its_client_is() {
        run(async {
            let request = ChapterImport::example();
            let (prepared, app) = started(&request).await;
            OneTransactionUpsert.import(&app, &request).await.expect("imported");
            // What the error path does when the commit happened and its acknowledgement was lost.
            let lost = ImportError::Database(sqlx::Error::WorkerCrashed);
            let mut conn = app.connection().await.expect("a connection");
            request_jobs::fail_job(&mut conn, &request, &request_jobs::digest(&request), &lost).await.expect("tried");
            assert_eq!(prepared.left().await, left(12, 600, &["completed"]));
        });
    }

    #[test]
    fn two_requests_at_once_under_one_id_get_one_answer() {
        run(async {
            let request = ChapterImport::example();
            let (prepared, app) = started(&request).await;
            let (one, other) =
                tokio::join!(OneTransactionUpsert.import(&app, &request), OneTransactionUpsert.import(&app, &request));
            assert_eq!(one.expect("imported"), other.expect("answered"));
            assert_eq!(prepared.left().await, left(12, 600, &["completed"]));
        });
    }
}
