//! `inline-column`: each context is a column of its row, and all rows are inserted in one transaction.
//!
//! The titles are read within it, so that nobody comes in between. Its weakness: a client that was not told of the success
//! sends the file again, every title is skipped, and the answer to that does not say where the scenarios are.

use sqlx::Connection;

use super::FLOW;
use crate::imports::scenario_create::inline_column::create;
use crate::imports::scenarios::answers::ImportAnswer;
use crate::imports::scenarios::app::App;
use crate::imports::scenarios::error::ScenarioError;
use crate::imports::scenarios::import_request::ImportScenarios;
use crate::imports::scenarios::plan::plan;
use crate::imports::scenarios::promises::{self, Storage};
use crate::imports::scenarios::schema::{self, Schema};
use crate::imports::scenarios::store::list_titles;
use crate::{BoxError, Flow, Rules, Step, World, step};

/// Begins the transaction, and takes the right to write at once: waiting for it later could fail.
pub(crate) const BEGIN_IMPORT: Step = Step::new("begin-import");
/// Commits it.
pub(crate) const COMMIT_IMPORT: Step = Step::new("commit-import");

/// Contexts are columns; all rows in one transaction.
#[derive(Clone, Copy, Debug, Default)]
pub struct InlineColumn;

impl Flow for InlineColumn {
    type Request = ImportScenarios;
    type Response = ImportAnswer;
    type Error = ScenarioError;
    type App = App;

    fn flow(&self) -> &'static str {
        FLOW
    }

    fn strategy(&self) -> &'static str {
        "inline-column"
    }

    async fn prepare(&self, world: &World, request: &ImportScenarios) -> Result<(), BoxError> {
        schema::prepare(world, Schema::Inline, &request.existing).await
    }

    async fn boot(&self, world: &World) -> Result<App, BoxError> {
        App::boot(world).await
    }

    async fn import(&self, app: &App, request: &ImportScenarios) -> Result<ImportAnswer, ScenarioError> {
        let rows = request.rows()?;
        let mut conn = app.connection().await?;
        let mut tx = step(BEGIN_IMPORT, conn.begin_with("BEGIN IMMEDIATE")).await?;
        let plan = plan(&rows, &list_titles(&mut tx).await?);
        let mut created = Vec::new();
        for new in &plan.created {
            created.push(create(&mut tx, new).await?);
        }
        step(COMMIT_IMPORT, tx.commit()).await?;
        Ok(ImportAnswer::complete(&created, &plan.skipped_titles))
    }

    fn first_parts(&self, request: &ImportScenarios, parts: usize) -> Option<ImportScenarios> {
        request.first_parts(parts)
    }

    fn rules(&self, request: &ImportScenarios) -> Rules {
        promises::of_import(Storage::Column, &request.expected())
    }
}
