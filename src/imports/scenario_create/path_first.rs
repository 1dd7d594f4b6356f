//! `path-first`: the path is known before the row is, so it is inserted with it; then the file is written.
//!
//! One effect less than as found, and the answer is complete. Its weakness: from the insert to the end of the write the
//! row names a file that is not there, and nobody comes back to mend that.

use std::path::Path;

use sqlx::SqliteConnection;

use super::FLOW;
use crate::imports::scenarios::answers::Scenario;
use crate::imports::scenarios::app::App;
use crate::imports::scenarios::context_files::{make_directory, write_context};
use crate::imports::scenarios::create_request::CreateScenario;
use crate::imports::scenarios::error::ScenarioError;
use crate::imports::scenarios::new_scenario::NewScenario;
use crate::imports::scenarios::promises::{self, Storage};
use crate::imports::scenarios::schema::{self, Schema};
use crate::imports::scenarios::store::insert_scenario;
use crate::{BoxError, Flow, Rules, World};

/// Insert the row with its path, write the file.
#[derive(Clone, Copy, Debug, Default)]
pub struct PathFirst;

impl Flow for PathFirst {
    type Request = CreateScenario;
    type Response = Scenario;
    type Error = ScenarioError;
    type App = App;

    fn flow(&self) -> &'static str {
        FLOW
    }

    fn strategy(&self) -> &'static str {
        "path-first"
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

/// The steps for one scenario.
pub(crate) async fn create(
    conn: &mut SqliteConnection,
    dir: &Path,
    new: &NewScenario,
) -> Result<Scenario, ScenarioError> {
    let scenario = Scenario::draw_with_path(new);
    insert_scenario(conn, &scenario).await?;
    if let (Some(context), Some(path)) = (&new.evaluator_context, &scenario.evaluator_context_path) {
        make_directory(dir, path).await?;
        write_context(dir, path, context).await?;
    }
    Ok(scenario)
}
