//! The effects on the table of scenarios: each function is one statement and one step.

use sqlx::SqliteConnection;

use super::answers::Scenario;
use crate::{Step, step};

/// Inserts the row of a scenario.
pub(crate) const INSERT_SCENARIO: Step = Step::new("insert-scenario");
/// Sets the path of a scenario that is there.
pub(crate) const UPDATE_PATH: Step = Step::new("update-path");
/// Reads a scenario back.
pub(crate) const READ_SCENARIO: Step = Step::new("read-scenario");
/// Deletes a scenario, if it is there.
pub(crate) const DELETE_SCENARIO: Step = Step::new("delete-scenario");
/// Reads all titles.
pub(crate) const LIST_TITLES: Step = Step::new("list-titles");

/// Inserts the row, with its path if it has one.
pub(crate) async fn insert_scenario(conn: &mut SqliteConnection, scenario: &Scenario) -> Result<(), sqlx::Error> {
    let insert = sqlx::query(
        "INSERT INTO scenarios (id, title, prompt, description, mode, category, evaluator_context_path)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&scenario.id)
    .bind(&scenario.title)
    .bind(&scenario.prompt)
    .bind(&scenario.description)
    .bind(&scenario.mode)
    .bind(&scenario.category)
    .bind(&scenario.evaluator_context_path);
    step(INSERT_SCENARIO, insert.execute(conn)).await.map(drop)
}

/// Inserts the row with the context in it.
pub(crate) async fn insert_with_context(
    conn: &mut SqliteConnection,
    scenario: &Scenario,
    context: Option<&str>,
) -> Result<(), sqlx::Error> {
    let insert = sqlx::query(
        "INSERT INTO scenarios (id, title, prompt, description, mode, category, evaluator_context)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&scenario.id)
    .bind(&scenario.title)
    .bind(&scenario.prompt)
    .bind(&scenario.description)
    .bind(&scenario.mode)
    .bind(&scenario.category)
    .bind(context);
    step(INSERT_SCENARIO, insert.execute(conn)).await.map(drop)
}

/// Sets the path of the scenario's context.
pub(crate) async fn update_path(conn: &mut SqliteConnection, id: &str, path: &str) -> Result<(), sqlx::Error> {
    let update = sqlx::query("UPDATE scenarios SET evaluator_context_path = ? WHERE id = ?").bind(path).bind(id);
    step(UPDATE_PATH, update.execute(conn)).await.map(drop)
}

/// Reads the scenario as it is stored.
pub(crate) async fn read_scenario(conn: &mut SqliteConnection, id: &str) -> Result<Scenario, sqlx::Error> {
    let read = sqlx::query_as(
        "SELECT id, title, prompt, description, mode, category, evaluator_context_path FROM scenarios WHERE id = ?",
    )
    .bind(id);
    let (id, title, prompt, description, mode, category, evaluator_context_path) =
        step(READ_SCENARIO, read.fetch_one(conn)).await?;
    Ok(Scenario { id, title, prompt, description, mode, category, evaluator_context_path })
}

/// Deletes the scenario. One that is not there is deleted already.
pub(crate) async fn delete_scenario(conn: &mut SqliteConnection, id: &str) -> Result<(), sqlx::Error> {
    let delete = sqlx::query("DELETE FROM scenarios WHERE id = ?").bind(id);
    step(DELETE_SCENARIO, delete.execute(conn)).await.map(drop)
}

/// The titles of all scenarios.
pub(crate) async fn list_titles(conn: &mut SqliteConnection) -> Result<Vec<String>, sqlx::Error> {
    step(LIST_TITLES, sqlx::query_scalar("SELECT title FROM scenarios").fetch_all(conn)).await
}
