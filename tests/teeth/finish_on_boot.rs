//! `scenario-create/finish-on-boot` and its mutants: the intent holds the row, and whoever finds its file finishes it.
//!
//! A file gets its final name when it is whole and synced, and not before: that name is the proof. Only an attempt that saw an
//! error is undone: what a failed sync did not write, a later one does not write either, although it succeeds.

use std::path::{Path, PathBuf};

use halfway::imports::scenario_create::IntentLog as Declared;
use halfway::imports::scenarios::answers::Scenario;
use halfway::imports::scenarios::create_request::CreateScenario;
use halfway::imports::scenarios::error::ScenarioError;
use halfway::{BoxError, Flow, Rules, Step, Subject, World, step};
use sqlx::{Connection, SqliteConnection};
use uuid::Uuid;

use super::app::{App, ForeignKeys};
use super::context_file::{self as disk, FOLDER, directory_of};
use super::scenario_rows::{
    BEGIN_PUBLISH, COMMIT_PUBLISH, context_of, find_answer, insert_scenario, record_answer, scenario_of,
};

const RECORD_INTENT: Step = Step::new("record-intent");
const CLEAR_INTENT: Step = Step::new("clear-intent");
const ABANDON_INTENTS: Step = Step::new("abandon-intents");
const LIST_INTENTS: Step = Step::new("list-intents");

/// The one change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mutation {
    None,
    RenameBeforeSync,
    WrittenInPlace,
    TemporaryTakenForComplete,
    FinishedWithoutAnswer,
    IntentClearedApart,
    FinishDoesNotSync,
    SuccessBeforePublication,
    SharedTemporary,
}

use Mutation as M;

const ALL: [(Mutation, &str); 9] = [
    (M::None, "finish-on-boot"),
    (M::RenameBeforeSync, "rename-before-sync"),
    (M::WrittenInPlace, "written-in-place"),
    (M::TemporaryTakenForComplete, "temporary-taken-for-complete"),
    (M::FinishedWithoutAnswer, "finished-without-answer"),
    (M::IntentClearedApart, "intent-cleared-apart"),
    (M::FinishDoesNotSync, "finish-does-not-sync"),
    (M::SuccessBeforePublication, "success-before-publication"),
    (M::SharedTemporary, "shared-temporary"),
];

/// The good strategy, then its mutants.
pub(crate) fn subjects() -> Vec<Subject> {
    ALL.map(|(mutation, name)| Subject::new(FinishOnBoot { mutation, name }, CreateScenario::example())).into()
}

struct FinishOnBoot {
    mutation: Mutation,
    name: &'static str,
}

/// A scenario that was begun.
struct Intent {
    request_id: String,
    scenario: Scenario,
    /// It is to be undone, even if its file is there.
    is_abandoned: bool,
}

/// Who publishes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Attempt,
    Recovery,
}

impl Intent {
    fn path(&self) -> &str {
        self.scenario.evaluator_context_path.as_deref().expect("every scenario here has a context")
    }
}

impl Flow for FinishOnBoot {
    type Request = CreateScenario;
    type Response = Scenario;
    type Error = ScenarioError;
    type App = App;

    fn flow(&self) -> &'static str {
        "scenario-create"
    }

    fn strategy(&self) -> &'static str {
        self.name
    }

    async fn prepare(&self, world: &World, request: &CreateScenario) -> Result<(), BoxError> {
        Declared.prepare(world, request).await?;
        let mut conn = SqliteConnection::connect(world.database_url()).await?;
        sqlx::query("ALTER TABLE intents ADD COLUMN scenario TEXT NOT NULL DEFAULT ''").execute(&mut conn).await?;
        Ok(conn.close().await?)
    }

    async fn boot(&self, world: &World) -> Result<App, BoxError> {
        let app = App::connect(world, ForeignKeys::Checked).await?;
        self.finish(&mut *app.connection().await?, &app.dir, None).await?;
        Ok(app)
    }

    async fn import(&self, app: &App, request: &CreateScenario) -> Result<Scenario, ScenarioError> {
        let mut conn = app.connection().await?;
        self.finish(&mut conn, &app.dir, Some(&request.request_id)).await?;
        if let Some(answer) = find_answer(&mut conn, &request.request_id).await? {
            return Ok(answer);
        }
        let scenario = scenario_of(request, Uuid::now_v7());
        let intent = Intent { request_id: request.request_id.clone(), scenario, is_abandoned: false };
        let attempt = self.attempt(&mut conn, &app.dir, &intent, context_of(request)).await;
        drop(conn);
        if attempt.is_err()
            && let Ok(mut conn) = app.connection().await
        {
            // The caller hears of the first failure; what this one leaves, the retry undoes, or the next start.
            let _ = self.undo(&mut conn, &app.dir, &request.request_id).await;
        }
        attempt.map(|()| intent.scenario)
    }

    fn rules(&self, request: &CreateScenario) -> Rules {
        Declared.rules(request)
    }
}

impl FinishOnBoot {
    async fn attempt(
        &self,
        conn: &mut SqliteConnection,
        dir: &Path,
        intent: &Intent,
        context: &str,
    ) -> Result<(), ScenarioError> {
        record(conn, intent).await?;
        let (place, temporary) = (dir.join(intent.path()), self.temporary(dir, intent));
        disk::make_new_directory(&place).await?;
        disk::sync_parent(dir).await?;
        let file = disk::open_temporary(&temporary).await?;
        disk::write(&file, context).await?;
        if self.mutation == M::RenameBeforeSync {
            disk::rename(&temporary, &place).await?;
            disk::sync(&file).await?;
        } else {
            disk::sync(&file).await?;
            disk::rename(&temporary, &place).await?;
        }
        disk::sync_directory(&place).await?;
        let published = self.publish(conn, intent, By::Attempt).await;
        if self.mutation == M::SuccessBeforePublication { Ok(()) } else { published }
    }

    /// Where the context is written before it gets its name.
    fn temporary(&self, dir: &Path, intent: &Intent) -> PathBuf {
        let place = dir.join(intent.path());
        if self.mutation == M::WrittenInPlace {
            place
        } else if self.mutation == M::SharedTemporary {
            dir.join(FOLDER).join("context.txt.new")
        } else {
            place.with_extension("txt.new")
        }
    }

    async fn publish(&self, conn: &mut SqliteConnection, intent: &Intent, by: By) -> Result<(), ScenarioError> {
        let mut tx = step(BEGIN_PUBLISH, conn.begin_with("BEGIN IMMEDIATE")).await?;
        insert_scenario(&mut tx, &intent.scenario).await?;
        if !(self.mutation == M::FinishedWithoutAnswer && by == By::Recovery) {
            record_answer(&mut tx, &intent.request_id, &intent.scenario).await?;
        }
        if self.mutation != M::IntentClearedApart {
            clear(&mut tx, intent).await?;
        }
        step(COMMIT_PUBLISH, tx.commit()).await?;
        if self.mutation == M::IntentClearedApart {
            clear(conn, intent).await?;
        }
        Ok(())
    }

    /// Publishes what has its file, and undoes what has not: of one request or of all.
    async fn finish(
        &self,
        conn: &mut SqliteConnection,
        dir: &Path,
        request_id: Option<&str>,
    ) -> Result<(), ScenarioError> {
        for intent in list(conn, request_id).await? {
            if self.is_complete(dir, &intent).await? {
                if self.mutation != M::FinishDoesNotSync {
                    disk::sync_directory(&dir.join(intent.path())).await?;
                }
                self.publish(conn, &intent, By::Recovery).await?;
            } else {
                let place = dir.join(intent.path());
                disk::remove(&self.temporary(dir, &intent)).await?;
                disk::remove(&place).await?;
                disk::remove_directory(directory_of(&place)).await?;
                disk::sync_parent(dir).await?;
                clear(conn, &intent).await?;
            }
        }
        Ok(())
    }

    /// Undoes what a failed attempt did, unless it was published. Nobody finishes it any more from the first statement on.
    async fn undo(&self, conn: &mut SqliteConnection, dir: &Path, request_id: &str) -> Result<(), ScenarioError> {
        let abandon = sqlx::query("UPDATE intents SET abandoned = 1 WHERE request_id = ?").bind(request_id);
        step(ABANDON_INTENTS, abandon.execute(&mut *conn)).await?;
        self.finish(conn, dir, Some(request_id)).await
    }

    async fn is_complete(&self, dir: &Path, intent: &Intent) -> std::io::Result<bool> {
        if intent.is_abandoned {
            return Ok(false);
        }
        let (place, temporary) = (dir.join(intent.path()), self.temporary(dir, intent));
        if self.mutation == M::TemporaryTakenForComplete && disk::is_there(&temporary).await? {
            disk::rename(&temporary, &place).await?;
        }
        disk::is_there(&place).await
    }
}

async fn record(conn: &mut SqliteConnection, intent: &Intent) -> Result<(), sqlx::Error> {
    let scenario = serde_json::to_string(&intent.scenario).expect("a scenario is texts");
    let record = sqlx::query("INSERT INTO intents (scenario_id, request_id, path, scenario) VALUES (?, ?, ?, ?)")
        .bind(&intent.scenario.id)
        .bind(&intent.request_id)
        .bind(intent.path())
        .bind(scenario);
    step(RECORD_INTENT, record.execute(conn)).await.map(drop)
}

async fn clear(conn: &mut SqliteConnection, intent: &Intent) -> Result<(), sqlx::Error> {
    let clear = sqlx::query("DELETE FROM intents WHERE scenario_id = ?").bind(&intent.scenario.id);
    step(CLEAR_INTENT, clear.execute(conn)).await.map(drop)
}

async fn list(conn: &mut SqliteConnection, request_id: Option<&str>) -> Result<Vec<Intent>, ScenarioError> {
    let list = "SELECT request_id, scenario, abandoned FROM intents
        WHERE request_id = coalesce(?, request_id) ORDER BY rowid";
    let rows: Vec<(String, String, bool)> =
        step(LIST_INTENTS, sqlx::query_as(list).bind(request_id).fetch_all(conn)).await?;
    let intent = |(request_id, scenario, is_abandoned): (String, String, bool)| match serde_json::from_str(&scenario) {
        Ok(scenario) => Ok(Intent { request_id, scenario, is_abandoned }),
        Err(source) => Err(ScenarioError::StoredAnswer { request_id, source }),
    };
    rows.into_iter().map(intent).collect()
}
