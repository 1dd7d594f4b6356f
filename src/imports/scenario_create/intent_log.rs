//! `intent-log`: say what will be put on disk, put it there, then publish the row and the answer in one transaction.
//!
//! 1. A request that was carried out gets its answer again.
//! 2. What an earlier attempt of this request left is undone.
//! 3. The intent is committed: from here to the publication it is the memory of what is on disk.
//! 4. The context goes to its place, whole and synced.
//! 5. One transaction inserts the row, deletes the intent and stores the answer.
//!
//! Until the commit of the last step there is no scenario; from then on there is all of it. An error undoes the attempt
//! at once, as well as it can; after a crash the start of the application does. What it costs: two tables, and a sync of
//! each file and directory.

use std::slice;

use sqlx::SqliteConnection;

use super::FLOW;
use crate::imports::scenarios::answers::Scenario;
use crate::imports::scenarios::create_request::CreateScenario;
use crate::imports::scenarios::error::ScenarioError;
use crate::imports::scenarios::intents::{
    self, Intent, Published, begin_publish, commit_publish, intents, write_contexts,
};
use crate::imports::scenarios::new_scenario::NewScenario;
use crate::imports::scenarios::promises::{self, Storage};
use crate::imports::scenarios::requests::{RequestKey, find_answer, record_answer};
use crate::imports::scenarios::schema::{self, Schema};
use crate::imports::scenarios::settle::{IntentLogApp, Whose, settle};
use crate::imports::scenarios::store::insert_scenario;
use crate::{BoxError, Flow, Rules, World};

/// Say what will be put on disk, put it there, publish in one transaction.
#[derive(Clone, Copy, Debug, Default)]
pub struct IntentLog;

impl Flow for IntentLog {
    type Request = CreateScenario;
    type Response = Scenario;
    type Error = ScenarioError;
    type App = IntentLogApp;

    fn flow(&self) -> &'static str {
        FLOW
    }

    fn strategy(&self) -> &'static str {
        "intent-log"
    }

    async fn prepare(&self, world: &World, _request: &CreateScenario) -> Result<(), BoxError> {
        schema::prepare(world, Schema::IntentLog, &[]).await
    }

    async fn boot(&self, world: &World) -> Result<IntentLogApp, BoxError> {
        IntentLogApp::boot(world).await
    }

    async fn import(&self, log: &IntentLogApp, request: &CreateScenario) -> Result<Scenario, ScenarioError> {
        let new = request.scenario()?;
        let key = RequestKey { id: request.request_id.clone(), digest: request.digest() };
        let _turn = log.running.take_turn(&key.id)?;
        let mut conn = log.app.connection().await?;
        if let Some(answer) = find_answer(&mut conn, &key).await? {
            return Ok(answer);
        }
        settle(&mut conn, &log.app.dir, Whose::Request(&key.id)).await?;
        let attempt = attempt(&mut conn, log, &key, &new).await;
        drop(conn);
        if attempt.is_err() {
            log.settle_failed_attempt(&key.id).await;
        }
        attempt
    }

    fn rules(&self, request: &CreateScenario) -> Rules {
        promises::with_intent_log(promises::of_creation(Storage::File, request.scenario().ok().as_ref()))
    }
}

async fn attempt(
    conn: &mut SqliteConnection,
    log: &IntentLogApp,
    key: &RequestKey,
    new: &NewScenario,
) -> Result<Scenario, ScenarioError> {
    let scenario = Scenario::draw_with_path(new);
    let intents = intents(slice::from_ref(&scenario), slice::from_ref(new));
    intents::record(conn, &key.id, &intents).await?;
    write_contexts(&log.app.dir, &intents).await?;
    match publish(conn, key, &intents, &scenario).await? {
        Published::Now(answer) => Ok(answer),
        Published::Earlier(answer) => {
            log.settle_failed_attempt(&key.id).await;
            Ok(answer)
        }
    }
}

/// Publishes the scenario, unless the request was published meanwhile.
async fn publish(
    conn: &mut SqliteConnection,
    key: &RequestKey,
    intents: &[Intent<'_>],
    scenario: &Scenario,
) -> Result<Published<Scenario>, ScenarioError> {
    let mut tx = begin_publish(conn).await?;
    if let Some(answer) = find_answer(&mut tx, key).await? {
        return Ok(Published::Earlier(answer));
    }
    insert_scenario(&mut tx, scenario).await?;
    intents::clear(&mut tx, &key.id, intents).await?;
    record_answer(&mut tx, key, scenario).await?;
    commit_publish(tx).await?;
    Ok(Published::Now(scenario.clone()))
}
