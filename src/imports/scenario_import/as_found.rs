//! `as-found`: for each row, insert it, write its file, update it. The first error ends the import.
//!
//! No transaction. What was done before the error stays, and its titles are skipped when the file is sent again.

use super::FLOW;
use crate::imports::scenario_create::as_found::create;
use crate::imports::scenarios::answers::ImportAnswer;
use crate::imports::scenarios::app::App;
use crate::imports::scenarios::error::ScenarioError;
use crate::imports::scenarios::import_request::ImportScenarios;
use crate::imports::scenarios::plan::plan;
use crate::imports::scenarios::promises::{self, Storage};
use crate::imports::scenarios::schema::{self, Schema};
use crate::imports::scenarios::store::list_titles;
use crate::{BoxError, Flow, Rules, World};

/// Row by row: insert, write the file, update.
#[derive(Clone, Copy, Debug, Default)]
pub struct AsFound;

impl Flow for AsFound {
    type Request = ImportScenarios;
    type Response = ImportAnswer;
    type Error = ScenarioError;
    type App = App;

    fn flow(&self) -> &'static str {
        FLOW
    }

    fn strategy(&self) -> &'static str {
        "as-found"
    }

    async fn prepare(&self, world: &World, request: &ImportScenarios) -> Result<(), BoxError> {
        schema::prepare(world, Schema::Files, &request.existing).await
    }

    async fn boot(&self, world: &World) -> Result<App, BoxError> {
        App::boot(world).await
    }

    async fn import(&self, app: &App, request: &ImportScenarios) -> Result<ImportAnswer, ScenarioError> {
        let rows = request.rows()?;
        let mut conn = app.connection().await?;
        let plan = plan(&rows, &list_titles(&mut conn).await?);
        let mut created = Vec::new();
        for new in &plan.created {
            created.push(create(&mut conn, &app.dir, new).await?);
        }
        Ok(ImportAnswer::titles(&created, &plan.skipped_titles))
    }

    fn first_parts(&self, request: &ImportScenarios, parts: usize) -> Option<ImportScenarios> {
        request.first_parts(parts)
    }

    fn rules(&self, request: &ImportScenarios) -> Rules {
        promises::of_import(Storage::File, &request.expected())
    }
}
