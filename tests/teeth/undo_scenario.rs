//! `scenario-create/undo-on-error` and its mutants: row, directory, file, path; an error deletes what may be there.
//!
//! The world has a scenario of yesterday, of the same title and with the same context. Good under one error or one lost
//! acknowledgement, and under nothing else: no undo runs in a process that is gone.

use std::path::Path;

use halfway::imports::scenario_create::UndoOnError as Declared;
use halfway::imports::scenarios::answers::Scenario;
use halfway::imports::scenarios::create_request::CreateScenario;
use halfway::imports::scenarios::error::ScenarioError;
use halfway::{BoxError, Flow, Rules, Step, Subject, World, step};
use sqlx::{Connection, SqliteConnection};
use uuid::Uuid;

use super::app::{App, ForeignKeys};
use super::context_file::{self as disk, context_path, directory_of};
use super::scenario_rows::{context_of, insert_scenario, scenario_of};

const UPDATE_PATH: Step = Step::new("update-path");
const READ_SCENARIO: Step = Step::new("read-scenario");
const DELETE_SCENARIO: Step = Step::new("delete-scenario");

/// The scenario that is there before.
const YESTERDAY: &str = "yesterday";

/// The one change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mutation {
    None,
    UndoForgetsFile,
    UndoForgetsRow,
    UndoByTitle,
    UndoSwallowsError,
    UndoTrustsTheError,
    AnswerBeforeLastStep,
}

use Mutation as M;

const ALL: [(Mutation, &str); 7] = [
    (M::None, "undo-on-error"),
    (M::UndoForgetsFile, "undo-forgets-file"),
    (M::UndoForgetsRow, "undo-forgets-row"),
    (M::UndoByTitle, "undo-by-title"),
    (M::UndoSwallowsError, "undo-swallows-error"),
    (M::UndoTrustsTheError, "undo-trusts-the-error"),
    (M::AnswerBeforeLastStep, "answer-before-last-step"),
];

/// The good strategy, then its mutants.
pub(crate) fn subjects() -> Vec<Subject> {
    ALL.map(|(mutation, name)| Subject::new(UndoOnError { mutation, name }, CreateScenario::example())).into()
}

struct UndoOnError {
    mutation: Mutation,
    name: &'static str,
}

impl Flow for UndoOnError {
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
        let path = context_path(YESTERDAY);
        let file = world.dir().join(&path);
        std::fs::create_dir(directory_of(&file))?;
        std::fs::write(file, context_of(request))?;
        let insert = "INSERT INTO scenarios (id, title, prompt, mode, evaluator_context_path)
            VALUES (?, ?, 'It was here before.', 'phone', ?)";
        let mut conn = SqliteConnection::connect(world.database_url()).await?;
        sqlx::query(insert).bind(YESTERDAY).bind(&request.title).bind(path).execute(&mut conn).await?;
        Ok(conn.close().await?)
    }

    async fn boot(&self, world: &World) -> Result<App, BoxError> {
        Ok(App::connect(world, ForeignKeys::Checked).await?)
    }

    async fn import(&self, app: &App, request: &CreateScenario) -> Result<Scenario, ScenarioError> {
        let scenario = scenario_of(request, Uuid::now_v7());
        let mut conn = app.connection().await?;
        match self.create(&mut conn, &app.dir, &scenario, context_of(request)).await {
            Ok(answer) => Ok(answer),
            Err(Failed { error, inserted }) => {
                // The caller hears of the first failure: that the undo failed, too, would not tell why.
                let _ = self.undo(&mut conn, &app.dir, &scenario, inserted).await;
                if self.mutation == M::UndoSwallowsError { Ok(scenario) } else { Err(error) }
            }
        }
    }

    fn rules(&self, request: &CreateScenario) -> Rules {
        Declared.rules(request)
    }
}

/// An error, and what the code saw done before it.
struct Failed {
    error: ScenarioError,
    inserted: Inserted,
}

/// Whether the insert said that it was done.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inserted {
    No,
    Yes,
}

impl UndoOnError {
    async fn create(
        &self,
        conn: &mut SqliteConnection,
        dir: &Path,
        scenario: &Scenario,
        context: &str,
    ) -> Result<Scenario, Failed> {
        let row = Scenario { evaluator_context_path: None, ..scenario.clone() };
        let insert = insert_scenario(conn, &row).await;
        insert.map_err(|error| Failed { error: error.into(), inserted: Inserted::No })?;
        self.complete(conn, dir, row, context).await.map_err(|error| Failed { error, inserted: Inserted::Yes })
    }

    async fn complete(
        &self,
        conn: &mut SqliteConnection,
        dir: &Path,
        row: Scenario,
        context: &str,
    ) -> Result<Scenario, ScenarioError> {
        let path = context_path(&row.id);
        let file = dir.join(&path);
        disk::make_directory(&file).await?;
        disk::write(&disk::open_temporary(&file).await?, context).await?;
        let update = sqlx::query("UPDATE scenarios SET evaluator_context_path = ? WHERE id = ?").bind(&path);
        step(UPDATE_PATH, update.bind(&row.id).execute(&mut *conn)).await?;
        if self.mutation == M::AnswerBeforeLastStep { Ok(row) } else { Ok(read(conn, row).await?) }
    }

    /// Each effect may have happened or not, whatever its error said.
    async fn undo(
        &self,
        conn: &mut SqliteConnection,
        dir: &Path,
        scenario: &Scenario,
        inserted: Inserted,
    ) -> Result<(), ScenarioError> {
        let delete = if self.mutation == M::UndoByTitle {
            sqlx::query("DELETE FROM scenarios WHERE title = ?").bind(&scenario.title)
        } else {
            sqlx::query("DELETE FROM scenarios WHERE id = ?").bind(&scenario.id)
        };
        let is_trusted = self.mutation == M::UndoTrustsTheError && inserted == Inserted::No;
        if self.mutation != M::UndoForgetsRow && !is_trusted {
            step(DELETE_SCENARIO, delete.execute(conn)).await?;
        }
        if self.mutation != M::UndoForgetsFile {
            let file = dir.join(context_path(&scenario.id));
            disk::remove(&file).await?;
            disk::remove_directory(directory_of(&file)).await?;
        }
        Ok(())
    }
}

/// The scenario, with its path as it is stored.
async fn read(conn: &mut SqliteConnection, row: Scenario) -> Result<Scenario, sqlx::Error> {
    let read = sqlx::query_scalar("SELECT evaluator_context_path FROM scenarios WHERE id = ?").bind(&row.id);
    let evaluator_context_path = step(READ_SCENARIO, read.fetch_one(conn)).await?;
    Ok(Scenario { evaluator_context_path, ..row })
}
