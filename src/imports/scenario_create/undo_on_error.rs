//! `undo-on-error`: as found, and whoever sees an error deletes what was done so far.
//!
//! Its weakness: the undoing is code that runs only while the process lives and the resources answer. A crash, a client
//! that hangs up, or an outage that caused the error in the first place leaves everything where it was.

use std::path::Path;

use sqlx::SqliteConnection;

use super::FLOW;
use crate::imports::scenarios::answers::Scenario;
use crate::imports::scenarios::app::App;
use crate::imports::scenarios::context_files::{
    context_path, make_directory, remove_context, remove_directory, write_context,
};
use crate::imports::scenarios::create_request::CreateScenario;
use crate::imports::scenarios::error::ScenarioError;
use crate::imports::scenarios::new_scenario::NewScenario;
use crate::imports::scenarios::promises::{self, Storage};
use crate::imports::scenarios::schema::{self, Schema};
use crate::imports::scenarios::store::{delete_scenario, insert_scenario, read_scenario, update_path};
use crate::{BoxError, Flow, Rules, World};

/// As found, and an error deletes the row and the file.
#[derive(Clone, Copy, Debug, Default)]
pub struct UndoOnError;

impl Flow for UndoOnError {
    type Request = CreateScenario;
    type Response = Scenario;
    type Error = ScenarioError;
    type App = App;

    fn flow(&self) -> &'static str {
        FLOW
    }

    fn strategy(&self) -> &'static str {
        "undo-on-error"
    }

    async fn prepare(&self, world: &World, _request: &CreateScenario) -> Result<(), BoxError> {
        schema::prepare(world, Schema::Files, &[]).await
    }

    async fn boot(&self, world: &World) -> Result<App, BoxError> {
        App::boot(world).await
    }

    async fn import(&self, app: &App, request: &CreateScenario) -> Result<Scenario, ScenarioError> {
        let new = request.scenario()?;
        let mut conn = app.connection().await?;
        create(&mut conn, &app.dir, &new).await
    }

    fn rules(&self, request: &CreateScenario) -> Rules {
        promises::of_creation(Storage::File, request.scenario().ok().as_ref())
    }
}

/// The steps for one scenario. The caller hears of the first error: that the undoing failed as well would tell nothing
/// about why the request did.
pub(crate) async fn create(
    conn: &mut SqliteConnection,
    dir: &Path,
    new: &NewScenario,
) -> Result<Scenario, ScenarioError> {
    let scenario = Scenario::draw(new);
    match create_all(conn, dir, new, &scenario).await {
        Ok(stored) => Ok(stored),
        Err(error) => {
            let _ = undo(conn, dir, new, &scenario.id).await;
            Err(error)
        }
    }
}

async fn create_all(
    conn: &mut SqliteConnection,
    dir: &Path,
    new: &NewScenario,
    scenario: &Scenario,
) -> Result<Scenario, ScenarioError> {
    insert_scenario(conn, scenario).await?;
    if let Some(context) = &new.evaluator_context {
        let path = context_path(&scenario.id);
        make_directory(dir, &path).await?;
        write_context(dir, &path, context).await?;
        update_path(conn, &scenario.id, &path).await?;
    }
    Ok(read_scenario(conn, &scenario.id).await?)
}

/// The row goes first: should its deletion fail, it keeps its file. Each effect may have happened or not, whatever its
/// error said, so that everything is deleted that may be there.
async fn undo(conn: &mut SqliteConnection, dir: &Path, new: &NewScenario, id: &str) -> Result<(), ScenarioError> {
    delete_scenario(conn, id).await?;
    if new.evaluator_context.is_some() {
        let path = context_path(id);
        remove_context(dir, &path).await?;
        remove_directory(dir, &path).await?;
    }
    Ok(())
}
