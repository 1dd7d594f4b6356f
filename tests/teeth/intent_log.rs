//! `scenario-import/intent-log` and its mutants: say what will be put on disk, put it there, publish in one transaction.
//!
//! Recovery undoes. An intent is on disk before its directory is, and goes with the commit that publishes its scenario.

use std::path::{Path, PathBuf};

use halfway::imports::scenario_import::IntentLog as Declared;
use halfway::imports::scenarios::answers::ImportAnswer;
use halfway::imports::scenarios::error::ScenarioError;
use halfway::imports::scenarios::import_request::ImportScenarios;
use halfway::{BoxError, Flow, Rules, Step, Subject, World, step};
use sqlx::{Connection, QueryBuilder, Sqlite, SqliteConnection};

use super::app::{App, ForeignKeys};
use super::context_file::{self as disk, directory_of};
use super::import_work::{Context, Work, plan, read, request};
use super::scenario_rows::{BEGIN_PUBLISH, COMMIT_PUBLISH, find_answer, insert_scenario, record_answer};

const LIST_TITLES: Step = Step::new("list-titles");
const RECORD_INTENTS: Step = Step::new("record-intents");
const CLEAR_INTENTS: Step = Step::new("clear-intents");
const ABANDON_INTENTS: Step = Step::new("abandon-intents");
const LIST_ABANDONED: Step = Step::new("list-abandoned");
const FORGET_INTENTS: Step = Step::new("forget-intents");

/// Where a mutant puts its temporary files.
const ELSEWHERE: &str = "incoming";

/// The one change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mutation {
    None,
    NoFileSync,
    NoDirectorySync,
    NoParentSync,
    TemporaryElsewhere,
    IntentClearedBeforeRename,
    IntentAfterFile,
    IntentClearedAfterCommit,
    ForgottenBeforeRemoved,
    RetryDoesNotSettle,
    AnswerAfterCommit,
    RequestIdIgnored,
    PublishedWithoutTransaction,
    UndoAsksNobody,
    RenameErrorIgnored,
    SyncErrorIgnored,
    ShortWriteIgnored,
    RemovalNotSynced,
    AnswerRecounted,
    TitlesNotReadAgain,
    AnswerLookedUpOutside,
    PublicationUnguarded,
}

use Mutation as M;

const ALL: [(Mutation, &str); 22] = [
    (M::None, "intent-log"),
    (M::NoFileSync, "no-file-sync"),
    (M::NoDirectorySync, "no-directory-sync"),
    (M::NoParentSync, "no-parent-sync"),
    (M::TemporaryElsewhere, "temporary-elsewhere"),
    (M::IntentClearedBeforeRename, "intent-cleared-before-rename"),
    (M::IntentAfterFile, "intent-after-file"),
    (M::IntentClearedAfterCommit, "intent-cleared-after-commit"),
    (M::ForgottenBeforeRemoved, "forgotten-before-removed"),
    (M::RetryDoesNotSettle, "retry-does-not-settle"),
    (M::AnswerAfterCommit, "answer-after-commit"),
    (M::RequestIdIgnored, "request-id-ignored"),
    (M::PublishedWithoutTransaction, "published-without-transaction"),
    (M::UndoAsksNobody, "undo-asks-nobody"),
    (M::RenameErrorIgnored, "rename-error-ignored"),
    (M::SyncErrorIgnored, "sync-error-ignored"),
    (M::ShortWriteIgnored, "short-write-ignored"),
    (M::RemovalNotSynced, "removal-not-synced"),
    (M::AnswerRecounted, "answer-recounted"),
    (M::TitlesNotReadAgain, "titles-not-read-again"),
    (M::AnswerLookedUpOutside, "answer-looked-up-outside"),
    (M::PublicationUnguarded, "publication-unguarded"),
];

/// The good strategy, then its mutants.
pub(crate) fn subjects() -> Vec<Subject> {
    ALL.map(|(mutation, name)| Subject::new(IntentLog { mutation, name }, request())).into()
}

struct IntentLog {
    mutation: Mutation,
    name: &'static str,
}

/// How a publication came out.
enum Published {
    Now(ImportAnswer),
    /// Another process did it meanwhile.
    Earlier(ImportAnswer),
}

impl Flow for IntentLog {
    type Request = ImportScenarios;
    type Response = ImportAnswer;
    type Error = ScenarioError;
    type App = App;

    fn flow(&self) -> &'static str {
        "scenario-import"
    }

    fn strategy(&self) -> &'static str {
        self.name
    }

    async fn prepare(&self, world: &World, request: &ImportScenarios) -> Result<(), BoxError> {
        Declared.prepare(world, request).await?;
        Ok(std::fs::create_dir(world.dir().join(ELSEWHERE))?)
    }

    fn first_parts(&self, request: &ImportScenarios, rows: usize) -> Option<ImportScenarios> {
        const ONE_ROW: &str =
            "title,prompt,description,evaluator_context,mode,category\nNight,Ask.,,What to know,chat,\n";
        (rows == 1).then(|| ImportScenarios { csv: ONE_ROW.into(), ..request.clone() })
    }

    async fn boot(&self, world: &World) -> Result<App, BoxError> {
        let app = App::connect(world, ForeignKeys::Checked).await?;
        self.settle(&mut *app.connection().await?, &app.dir, None).await?;
        Ok(app)
    }

    async fn import(&self, app: &App, request: &ImportScenarios) -> Result<ImportAnswer, ScenarioError> {
        let rows = read(&request.csv);
        let request_id = request.request_id.as_str();
        let mut conn = app.connection().await?;
        if let Some(answer) = self.find(&mut conn, request_id).await? {
            return Ok(answer);
        }
        if self.mutation != M::RetryDoesNotSettle {
            self.settle(&mut conn, &app.dir, Some(request_id)).await?;
        }
        let plan = plan(&rows, &list_titles(&mut conn).await?);
        let work = Work::new(request_id, &rows, plan);
        let attempt = self.attempt(&mut conn, &app.dir, &work).await;
        drop(conn);
        if attempt.is_err() {
            // The caller hears of the first failure; what this one leaves, the retry settles, or the next start.
            let _ = self.undo(app, &work).await;
        }
        attempt
    }

    fn rules(&self, request: &ImportScenarios) -> Rules {
        Declared.rules(request)
    }
}

impl IntentLog {
    async fn find(&self, conn: &mut SqliteConnection, request_id: &str) -> Result<Option<ImportAnswer>, ScenarioError> {
        if self.mutation == M::RequestIdIgnored {
            return Ok(None);
        }
        let found: Option<ImportAnswer> = find_answer(conn, request_id).await?;
        if self.mutation == M::AnswerRecounted {
            return Ok(found.map(|answer| ImportAnswer { created: 0, created_titles: Vec::new(), ..answer }));
        }
        Ok(found)
    }

    async fn attempt(
        &self,
        conn: &mut SqliteConnection,
        dir: &Path,
        work: &Work<'_>,
    ) -> Result<ImportAnswer, ScenarioError> {
        if self.mutation != M::IntentAfterFile {
            record_intents(conn, work).await?;
        }
        self.make_directories(dir, work).await?;
        for context in &work.contexts {
            self.write_context(conn, dir, work, context).await?;
        }
        if self.mutation == M::IntentAfterFile {
            record_intents(conn, work).await?;
        }
        match self.publish(conn, work).await? {
            Published::Now(answer) => Ok(answer),
            Published::Earlier(answer) => {
                let _ = self.settle(conn, dir, Some(work.request_id)).await;
                Ok(answer)
            }
        }
    }

    async fn make_directories(&self, dir: &Path, work: &Work<'_>) -> std::io::Result<()> {
        for context in &work.contexts {
            disk::make_new_directory(&dir.join(&context.path)).await?;
        }
        if self.mutation == M::NoParentSync { Ok(()) } else { disk::sync_parent(dir).await }
    }

    /// Puts one context at its place, whole and synced.
    async fn write_context(
        &self,
        conn: &mut SqliteConnection,
        dir: &Path,
        work: &Work<'_>,
        context: &Context,
    ) -> Result<(), ScenarioError> {
        let (place, temporary) = (dir.join(&context.path), self.temporary(dir, context));
        let file = disk::open_temporary(&temporary).await?;
        if self.mutation == M::ShortWriteIgnored {
            disk::write_once(&file, &context.text).await?;
        } else {
            disk::write(&file, &context.text).await?;
        }
        if self.mutation == M::SyncErrorIgnored {
            let _ = disk::sync(&file).await;
        } else if self.mutation != M::NoFileSync {
            disk::sync(&file).await?;
        }
        if self.mutation == M::IntentClearedBeforeRename {
            clear_intents(conn, work.request_id).await?;
        }
        if self.mutation == M::RenameErrorIgnored {
            let _ = disk::rename(&temporary, &place).await;
        } else {
            disk::rename(&temporary, &place).await?;
        }
        if self.mutation != M::NoDirectorySync {
            disk::sync_directory(&place).await?;
        }
        Ok(())
    }

    /// Where a context is written before it gets its name.
    fn temporary(&self, dir: &Path, context: &Context) -> PathBuf {
        if self.mutation == M::TemporaryElsewhere {
            dir.join(ELSEWHERE).join(&context.scenario_id)
        } else {
            dir.join(&context.path).with_extension("txt.new")
        }
    }

    async fn publish(&self, conn: &mut SqliteConnection, work: &Work<'_>) -> Result<Published, ScenarioError> {
        let published = if self.mutation == M::PublishedWithoutTransaction {
            self.publish_within(conn, work).await?
        } else {
            let mut tx = step(BEGIN_PUBLISH, conn.begin_with("BEGIN IMMEDIATE")).await?;
            let published = self.publish_within(&mut tx, work).await?;
            step(COMMIT_PUBLISH, tx.commit()).await?;
            published
        };
        if self.mutation == M::IntentClearedAfterCommit {
            clear_intents(conn, work.request_id).await?;
        }
        if self.mutation == M::AnswerAfterCommit {
            record_answer(conn, work.request_id, &work.answer()).await?;
        }
        Ok(published)
    }

    async fn publish_within(&self, tx: &mut SqliteConnection, work: &Work<'_>) -> Result<Published, ScenarioError> {
        if self.mutation != M::AnswerLookedUpOutside
            && let Some(answer) = self.find(tx, work.request_id).await?
        {
            return Ok(Published::Earlier(answer));
        }
        if self.mutation != M::TitlesNotReadAgain && plan(work.rows, &list_titles(tx).await?) != work.plan {
            return Err(ScenarioError::TitlesChanged);
        }
        for scenario in &work.scenarios {
            insert_scenario(tx, scenario).await?;
        }
        if !matches!(self.mutation, M::IntentClearedBeforeRename | M::IntentClearedAfterCommit) {
            let cleared = clear_intents(tx, work.request_id).await?;
            // More than that are those of a client that hung up while they were being recorded.
            if cleared < work.contexts.len() as u64 && self.mutation != M::PublicationUnguarded {
                return Err(ScenarioError::Abandoned);
            }
        }
        let answer = work.answer();
        if self.mutation != M::AnswerAfterCommit {
            record_answer(tx, work.request_id, &answer).await?;
        }
        Ok(Published::Now(answer))
    }

    /// Undoes a failed attempt.
    async fn undo(&self, app: &App, work: &Work<'_>) -> Result<(), ScenarioError> {
        let mut conn = app.connection().await?;
        if self.mutation == M::UndoAsksNobody {
            for context in &work.contexts {
                disk::remove_with_files(directory_of(&app.dir.join(&context.path))).await?;
            }
            disk::sync_parent(&app.dir).await?;
            return Ok(clear_intents(&mut conn, work.request_id).await.map(drop)?);
        }
        self.settle(&mut conn, &app.dir, Some(work.request_id)).await
    }

    /// Undoes what intents name, of one request or of all, and forgets them.
    async fn settle(
        &self,
        conn: &mut SqliteConnection,
        dir: &Path,
        request_id: Option<&str>,
    ) -> Result<(), ScenarioError> {
        let abandoned = abandon_intents(conn, request_id).await?;
        if abandoned.is_empty() {
            return Ok(());
        }
        if self.mutation == M::ForgottenBeforeRemoved {
            forget_intents(conn, &abandoned).await?;
        }
        for (_, path) in &abandoned {
            disk::remove_with_files(directory_of(&dir.join(path))).await?;
        }
        if self.mutation != M::RemovalNotSynced {
            disk::sync_parent(dir).await?;
        }
        if self.mutation != M::ForgottenBeforeRemoved {
            forget_intents(conn, &abandoned).await?;
        }
        Ok(())
    }
}

async fn list_titles(conn: &mut SqliteConnection) -> Result<Vec<String>, sqlx::Error> {
    step(LIST_TITLES, sqlx::query_scalar("SELECT title FROM scenarios").fetch_all(conn)).await
}

async fn record_intents(conn: &mut SqliteConnection, work: &Work<'_>) -> Result<(), sqlx::Error> {
    if work.contexts.is_empty() {
        return Ok(());
    }
    let mut insert = QueryBuilder::<Sqlite>::new("INSERT INTO intents (scenario_id, request_id, path) ");
    insert.push_values(&work.contexts, |mut row, context| {
        row.push_bind(&context.scenario_id).push_bind(work.request_id).push_bind(&context.path);
    });
    step(RECORD_INTENTS, insert.build().execute(conn)).await.map(drop)
}

/// Deletes the intents of a request that nobody has abandoned, and says how many there were.
async fn clear_intents(conn: &mut SqliteConnection, request_id: &str) -> Result<u64, sqlx::Error> {
    let clear = sqlx::query("DELETE FROM intents WHERE request_id = ? AND NOT abandoned").bind(request_id);
    Ok(step(CLEAR_INTENTS, clear.execute(conn)).await?.rows_affected())
}

/// Keeps intents from being published, and says of which scenarios they are, in the order of their recording.
async fn abandon_intents(
    conn: &mut SqliteConnection,
    request_id: Option<&str>,
) -> Result<Vec<(String, String)>, sqlx::Error> {
    let abandon = sqlx::query("UPDATE intents SET abandoned = 1 WHERE request_id = coalesce(?, request_id)");
    step(ABANDON_INTENTS, abandon.bind(request_id).execute(&mut *conn)).await?;
    // Not one statement that returns what it changes: its caller wakes at the first row, and whether it is committed by
    // then differs from run to run.
    let list = "SELECT scenario_id, path FROM intents
        WHERE abandoned AND request_id = coalesce(?, request_id) ORDER BY rowid";
    step(LIST_ABANDONED, sqlx::query_as(list).bind(request_id).fetch_all(conn)).await
}

async fn forget_intents(conn: &mut SqliteConnection, abandoned: &[(String, String)]) -> Result<(), sqlx::Error> {
    let mut forget = QueryBuilder::<Sqlite>::new("DELETE FROM intents WHERE scenario_id IN ");
    forget.push_tuples(abandoned, |mut row, (scenario_id, _)| {
        row.push_bind(scenario_id);
    });
    step(FORGET_INTENTS, forget.build().execute(conn)).await.map(drop)
}
