//! `inline-column`: the context is a column of the row, and there is no file.
//!
//! One statement, which is a transaction of its own: there is no halfway. Its weakness: the statement happens again when
//! the request does. A client that was not told of the success makes a second scenario.

use sqlx::SqliteConnection;

use super::FLOW;
use crate::imports::scenarios::answers::Scenario;
use crate::imports::scenarios::app::App;
use crate::imports::scenarios::create_request::CreateScenario;
use crate::imports::scenarios::error::ScenarioError;
use crate::imports::scenarios::new_scenario::NewScenario;
use crate::imports::scenarios::promises::{self, Storage, context_address};
use crate::imports::scenarios::schema::{self, Schema};
use crate::imports::scenarios::store::insert_with_context;
use crate::{BoxError, Flow, Rules, World};

/// The context is a column of the row.
#[derive(Clone, Copy, Debug, Default)]
pub struct InlineColumn;

impl Flow for InlineColumn {
    type Request = CreateScenario;
    type Response = Scenario;
    type Error = ScenarioError;
    type App = App;

    fn flow(&self) -> &'static str {
        FLOW
    }

    fn strategy(&self) -> &'static str {
        "inline-column"
    }

    async fn prepare(&self, world: &World, _request: &CreateScenario) -> Result<(), BoxError> {
        schema::prepare(world, Schema::Inline, &[]).await
    }

    async fn boot(&self, world: &World) -> Result<App, BoxError> {
        App::boot(world).await
    }

    async fn import(&self, app: &App, request: &CreateScenario) -> Result<Scenario, ScenarioError> {
        let new = request.scenario()?;
        let mut conn = app.connection().await?;
        create(&mut conn, &new).await
    }

    fn rules(&self, request: &CreateScenario) -> Rules {
        promises::of_creation(Storage::Column, request.scenario().ok().as_ref())
    }
}

/// The steps for one scenario.
pub(crate) async fn create(conn: &mut SqliteConnection, new: &NewScenario) -> Result<Scenario, ScenarioError> {
    let mut scenario = Scenario::draw(new);
    insert_with_context(conn, &scenario, new.evaluator_context.as_deref()).await?;
    scenario.evaluator_context_path = new.evaluator_context.is_some().then(|| context_address(&scenario.id));
    Ok(scenario)
}
