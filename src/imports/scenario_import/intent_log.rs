//! `intent-log`: say what will be put on disk, put it there, then publish all rows and the answer in one transaction.
//!
//! 1. A request that was carried out gets its answer again.
//! 2. What an earlier attempt of this request left is undone.
//! 3. The titles are read: they decide which rows become scenarios.
//! 4. The intents are committed, one for each context: from here to the publication they are the memory of what is on
//!    disk.
//! 5. The contexts go to their places, whole and synced.
//! 6. One transaction makes sure that the titles still decide the same, inserts the rows, deletes the intents and stores
//!    the answer.
//!
//! Until the commit of the last step there is no scenario of this file; from then on there are all. An error undoes the
//! attempt at once, as well as it can; after a crash the start of the application does. What it costs: two tables, a sync
//! of each file and directory, and a caller who is sent back when somebody else's titles come in between.

use sqlx::SqliteConnection;

use super::FLOW;
use crate::imports::scenarios::answers::{ImportAnswer, Scenario};
use crate::imports::scenarios::error::ScenarioError;
use crate::imports::scenarios::import_request::ImportScenarios;
use crate::imports::scenarios::intents::{
    self, Intent, Published, begin_publish, commit_publish, intents, write_contexts,
};
use crate::imports::scenarios::new_scenario::NewScenario;
use crate::imports::scenarios::plan::{Plan, plan};
use crate::imports::scenarios::promises::{self, Storage};
use crate::imports::scenarios::requests::{RequestKey, find_answer, record_answer};
use crate::imports::scenarios::schema::{self, Schema};
use crate::imports::scenarios::settle::{IntentLogApp, Whose, settle};
use crate::imports::scenarios::store::{insert_scenario, list_titles};
use crate::{BoxError, Flow, Rules, World};

/// Say what will be put on disk, put it there, publish all rows in one transaction.
#[derive(Clone, Copy, Debug, Default)]
pub struct IntentLog;

impl Flow for IntentLog {
    type Request = ImportScenarios;
    type Response = ImportAnswer;
    type Error = ScenarioError;
    type App = IntentLogApp;

    fn flow(&self) -> &'static str {
        FLOW
    }

    fn strategy(&self) -> &'static str {
        "intent-log"
    }

    async fn prepare(&self, world: &World, request: &ImportScenarios) -> Result<(), BoxError> {
        schema::prepare(world, Schema::IntentLog, &request.existing).await
    }

    async fn boot(&self, world: &World) -> Result<IntentLogApp, BoxError> {
        IntentLogApp::boot(world).await
    }

    async fn import(&self, log: &IntentLogApp, request: &ImportScenarios) -> Result<ImportAnswer, ScenarioError> {
        let rows = request.rows()?;
        let key = RequestKey { id: request.request_id.clone(), digest: request.digest() };
        let _turn = log.running.take_turn(&key.id)?;
        let mut conn = log.app.connection().await?;
        if let Some(answer) = find_answer(&mut conn, &key).await? {
            return Ok(answer);
        }
        settle(&mut conn, &log.app.dir, Whose::Request(&key.id)).await?;
        let attempt = attempt(&mut conn, log, &key, &rows).await;
        drop(conn);
        if attempt.is_err() {
            log.settle_failed_attempt(&key.id).await;
        }
        attempt
    }

    fn first_parts(&self, request: &ImportScenarios, parts: usize) -> Option<ImportScenarios> {
        request.first_parts(parts)
    }

    fn rules(&self, request: &ImportScenarios) -> Rules {
        promises::with_intent_log(promises::of_import(Storage::File, &request.expected()))
    }
}

async fn attempt(
    conn: &mut SqliteConnection,
    log: &IntentLogApp,
    key: &RequestKey,
    rows: &[NewScenario],
) -> Result<ImportAnswer, ScenarioError> {
    let plan = plan(rows, &list_titles(conn).await?);
    let scenarios: Vec<_> = plan.created.iter().map(Scenario::draw_with_path).collect();
    let intents = intents(&scenarios, &plan.created);
    intents::record(conn, &key.id, &intents).await?;
    write_contexts(&log.app.dir, &intents).await?;
    match publish(conn, key, &Publication { rows, plan: &plan, scenarios: &scenarios, intents: &intents }).await? {
        Published::Now(answer) => Ok(answer),
        Published::Earlier(answer) => {
            log.settle_failed_attempt(&key.id).await;
            Ok(answer)
        }
    }
}

/// What is to be published.
struct Publication<'a> {
    rows: &'a [NewScenario],
    plan: &'a Plan,
    scenarios: &'a [Scenario],
    intents: &'a [Intent<'a>],
}

/// Publishes the scenarios, unless the request was published meanwhile.
async fn publish(
    conn: &mut SqliteConnection,
    key: &RequestKey,
    publication: &Publication<'_>,
) -> Result<Published<ImportAnswer>, ScenarioError> {
    let mut tx = begin_publish(conn).await?;
    if let Some(answer) = find_answer(&mut tx, key).await? {
        return Ok(Published::Earlier(answer));
    }
    if plan(publication.rows, &list_titles(&mut tx).await?) != *publication.plan {
        return Err(ScenarioError::TitlesChanged);
    }
    for scenario in publication.scenarios {
        insert_scenario(&mut tx, scenario).await?;
    }
    intents::clear(&mut tx, &key.id, publication.intents).await?;
    let answer = ImportAnswer::complete(publication.scenarios, &publication.plan.skipped_titles);
    record_answer(&mut tx, key, &answer).await?;
    commit_publish(tx).await?;
    Ok(Published::Now(answer))
}
