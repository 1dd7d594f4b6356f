//! The single effects on scenarios and on the answers to requests, each one statement and one step.

use halfway::imports::scenarios::answers::Scenario;
use halfway::imports::scenarios::create_request::CreateScenario;
use halfway::imports::scenarios::error::ScenarioError;
use halfway::{Step, step};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::context_file::context_path;

const INSERT_SCENARIO: Step = Step::new("insert-scenario");
const FIND_ANSWER: Step = Step::new("find-answer");
const RECORD_ANSWER: Step = Step::new("record-answer");

/// The begin of the transaction that publishes.
pub(crate) const BEGIN_PUBLISH: Step = Step::new("begin-publish");
/// The commit of that transaction.
pub(crate) const COMMIT_PUBLISH: Step = Step::new("commit-publish");

/// A scenario of this request, under this id, with the path that its context is going to have.
pub(crate) fn scenario_of(request: &CreateScenario, id: Uuid) -> Scenario {
    let id = id.to_string();
    Scenario {
        title: request.title.clone(),
        prompt: request.prompt.clone(),
        description: request.description.clone(),
        mode: request.mode.name().to_owned(),
        category: request.category.clone(),
        evaluator_context_path: Some(context_path(&id)),
        id,
    }
}

/// The context of a request. Those here all have one.
pub(crate) fn context_of(request: &CreateScenario) -> &str {
    request.evaluator_context.as_deref().expect("the example has a context")
}

/// Inserts the row, with its path if it has one.
pub(crate) async fn insert_scenario(conn: &mut SqliteConnection, scenario: &Scenario) -> Result<(), sqlx::Error> {
    let insert = "INSERT INTO scenarios (id, title, prompt, description, mode, category, evaluator_context_path)
        VALUES (?, ?, ?, ?, ?, ?, ?)";
    let insert = sqlx::query(insert)
        .bind(&scenario.id)
        .bind(&scenario.title)
        .bind(&scenario.prompt)
        .bind(&scenario.description)
        .bind(&scenario.mode)
        .bind(&scenario.category)
        .bind(&scenario.evaluator_context_path);
    step(INSERT_SCENARIO, insert.execute(conn)).await.map(drop)
}

/// The answer to a request that was carried out.
pub(crate) async fn find_answer<T: DeserializeOwned>(
    conn: &mut SqliteConnection,
    request_id: &str,
) -> Result<Option<T>, ScenarioError> {
    let find = sqlx::query_scalar("SELECT answer FROM requests WHERE request_id = ?").bind(request_id);
    let found: Option<String> = step(FIND_ANSWER, find.fetch_optional(conn)).await?;
    let unreadable = |source| ScenarioError::StoredAnswer { request_id: request_id.to_owned(), source };
    found.map(|answer| serde_json::from_str(&answer).map_err(unreadable)).transpose()
}

/// Stores the answer to a request. One client sends one request here, so that its content needs no digest.
pub(crate) async fn record_answer(
    conn: &mut SqliteConnection,
    request_id: &str,
    answer: &impl Serialize,
) -> Result<(), sqlx::Error> {
    let answer = serde_json::to_string(answer).expect("an answer is texts and numbers");
    let record = sqlx::query("INSERT INTO requests (request_id, digest, answer) VALUES (?, '', ?)");
    step(RECORD_ANSWER, record.bind(request_id).bind(answer).execute(conn)).await.map(drop)
}
