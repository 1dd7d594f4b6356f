//! `undo-on-error`: as found, and an error deletes what was done for the row that failed. It ends the import.
//!
//! Its weaknesses: that of its namesake, and that the rows before the one that failed stay. When the file is sent again
//! they are skipped, so that the answer to the retry does not say where they are.

use super::FLOW;
use crate::imports::scenario_create::undo_on_error::create;
use crate::imports::scenarios::answers::ImportAnswer;
use crate::imports::scenarios::app::App;
use crate::imports::scenarios::error::ScenarioError;
use crate::imports::scenarios::import_request::ImportScenarios;
use crate::imports::scenarios::plan::plan;
use crate::imports::scenarios::promises::{self, Storage};
use crate::imports::scenarios::schema::{self, Schema};
use crate::imports::scenarios::store::list_titles;
use crate::{BoxError, Flow, Rules, World};

/// As found, and an error deletes the row that failed and its file.
#[derive(Clone, Copy, Debug, Default)]
pub struct UndoOnError;

impl Flow for UndoOnError {
    type Request = ImportScenarios;
    type Response = ImportAnswer;
    type Error = ScenarioError;
    type App = App;

    fn flow(&self) -> &'static str {
        FLOW
    }

    fn strategy(&self) -> &'static str {
        "undo-on-error"
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
        Ok(ImportAnswer::complete(&created, &plan.skipped_titles))
    }

    fn first_parts(&self, request: &ImportScenarios, parts: usize) -> Option<ImportScenarios> {
        request.first_parts(parts)
    }

    fn rules(&self, request: &ImportScenarios) -> Rules {
        promises::of_import(Storage::File, &request.expected())
    }
}
