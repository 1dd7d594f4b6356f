//! The log of intents: what a request is about to put on disk, said in the database first.
//!
//! An intent is recorded before its directory is made, and deleted in the transaction that publishes its scenario. So
//! whatever is on disk belongs to a scenario or to an intent, at every moment. Each function is one part of that story;
//! the order is told where the strategy is. What becomes of an intent that nobody works on is the business of
//! [`super::settle`].

use std::path::Path;

use sqlx::{Connection, QueryBuilder, Sqlite, SqliteConnection, Transaction};

use super::answers::Scenario;
use super::durable_files::{
    make_new_directory, rename_context, sync_directory, sync_parent, sync_temporary, write_temporary,
};
use super::error::ScenarioError;
use super::new_scenario::NewScenario;
use crate::{Step, step};

/// Records the intents of a request: one statement for all of them.
pub(crate) const RECORD_INTENT: Step = Step::new("record-intent");
/// Begins the transaction that publishes, and takes the right to write at once: waiting for it later could fail.
pub(crate) const BEGIN_PUBLISH: Step = Step::new("begin-publish");
/// Deletes the intents of a request, within that transaction.
pub(crate) const CLEAR_INTENT: Step = Step::new("clear-intent");
/// Commits it: the moment at which the import happens.
pub(crate) const COMMIT_PUBLISH: Step = Step::new("commit-publish");

/// A context that is about to be written.
#[derive(Clone, Debug)]
pub(crate) struct Intent<'a> {
    scenario_id: &'a str,
    path: &'a str,
    context: &'a str,
}

/// How a publication came out, with the answer.
#[derive(Clone, Debug)]
pub(crate) enum Published<T> {
    /// It happened.
    Now(T),
    /// It was there: the client hung up during the commit, and sent the request again before that was through. What this
    /// attempt put on disk is not needed.
    Earlier(T),
}

/// The intents behind these scenarios: one for each that has a context, and therefore a path.
pub(crate) fn intents<'a>(scenarios: &'a [Scenario], created: &'a [NewScenario]) -> Vec<Intent<'a>> {
    let pairs = scenarios.iter().zip(created);
    let intent = |(scenario, new): (&'a Scenario, &'a NewScenario)| {
        let (path, context) = scenario.evaluator_context_path.as_deref().zip(new.evaluator_context.as_deref())?;
        Some(Intent { scenario_id: &scenario.id, path, context })
    };
    pairs.filter_map(intent).collect()
}

/// Says what is about to be put on disk. All intents in one statement: a request has all of them or none.
pub(crate) async fn record(
    conn: &mut SqliteConnection,
    request_id: &str,
    intents: &[Intent<'_>],
) -> Result<(), sqlx::Error> {
    if intents.is_empty() {
        return Ok(());
    }
    let mut insert = QueryBuilder::<Sqlite>::new("INSERT INTO intents (scenario_id, request_id, path) ");
    insert.push_values(intents, |mut row, intent| {
        row.push_bind(intent.scenario_id).push_bind(request_id).push_bind(intent.path);
    });
    step(RECORD_INTENT, insert.build().execute(conn)).await.map(drop)
}

/// Puts the contexts at their places, on disk to stay.
pub(crate) async fn write_contexts(dir: &Path, intents: &[Intent<'_>]) -> std::io::Result<()> {
    if intents.is_empty() {
        return Ok(());
    }
    for intent in intents {
        make_new_directory(dir, intent.path).await?;
    }
    sync_parent(dir).await?;
    for intent in intents {
        let temporary = write_temporary(dir, intent.path, intent.context).await?;
        sync_temporary(temporary).await?;
        rename_context(dir, intent.path).await?;
        sync_directory(dir, intent.path).await?;
    }
    Ok(())
}

/// Begins the transaction that publishes.
pub(crate) async fn begin_publish(conn: &mut SqliteConnection) -> Result<Transaction<'_, Sqlite>, sqlx::Error> {
    step(BEGIN_PUBLISH, conn.begin_with("BEGIN IMMEDIATE")).await
}

/// Commits it.
pub(crate) async fn commit_publish(tx: Transaction<'_, Sqlite>) -> Result<(), sqlx::Error> {
    step(COMMIT_PUBLISH, tx.commit()).await
}

/// Deletes the request's intents, within the transaction that publishes their scenarios, and makes sure that nobody has
/// undone them. Others of the same request may be there: those of a client that hung up while they were being recorded.
/// Nothing was written for them, since that begins once the record is acknowledged.
pub(crate) async fn clear(
    tx: &mut SqliteConnection,
    request_id: &str,
    intents: &[Intent<'_>],
) -> Result<(), ScenarioError> {
    if intents.is_empty() {
        return Ok(());
    }
    let clear = sqlx::query_scalar("DELETE FROM intents WHERE request_id = ? AND NOT abandoned RETURNING scenario_id")
        .bind(request_id);
    let cleared: Vec<String> = step(CLEAR_INTENT, clear.fetch_all(tx)).await?;
    let all_there = intents.iter().all(|intent| cleared.iter().any(|id| id == intent.scenario_id));
    if all_there { Ok(()) } else { Err(ScenarioError::Abandoned) }
}
