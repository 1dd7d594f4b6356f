//! The answers to requests that were carried out: the same request gets the same answer again.
//!
//! Rows stay. How long a caller may wait before it repeats a request is a decision of the application's owners, and so is
//! when old rows are deleted.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::SqliteConnection;

use super::error::ScenarioError;
use crate::{Step, step};

/// Looks for the answer to a request.
pub(crate) const FIND_ANSWER: Step = Step::new("find-answer");
/// Stores the answer to a request.
pub(crate) const RECORD_ANSWER: Step = Step::new("record-answer");

/// A request as it is recognised when it comes again.
#[derive(Clone, Debug)]
pub(crate) struct RequestKey {
    /// The id that its caller gave it.
    pub(crate) id: String,
    /// A digest of its content.
    pub(crate) digest: String,
}

/// The answer that was given to this request, if it was carried out. Another request under the same id is an error.
pub(crate) async fn find_answer<T: DeserializeOwned>(
    conn: &mut SqliteConnection,
    key: &RequestKey,
) -> Result<Option<T>, ScenarioError> {
    let find = sqlx::query_as("SELECT digest, answer FROM requests WHERE request_id = ?").bind(&key.id);
    let found: Option<(String, String)> = step(FIND_ANSWER, find.fetch_optional(conn)).await?;
    match found {
        None => Ok(None),
        Some((digest, _)) if digest != key.digest => Err(ScenarioError::RequestReused { request_id: key.id.clone() }),
        Some((_, answer)) => serde_json::from_str(&answer)
            .map(Some)
            .map_err(|source| ScenarioError::StoredAnswer { request_id: key.id.clone(), source }),
    }
}

/// Stores the answer.
pub(crate) async fn record_answer(
    conn: &mut SqliteConnection,
    key: &RequestKey,
    answer: &impl Serialize,
) -> Result<(), sqlx::Error> {
    let answer = serde_json::to_string(answer).expect("an answer is texts and numbers");
    let record = sqlx::query("INSERT INTO requests (request_id, digest, answer) VALUES (?, ?, ?)")
        .bind(&key.id)
        .bind(&key.digest)
        .bind(answer);
    step(RECORD_ANSWER, record.execute(conn)).await.map(drop)
}
