//! `scenario-create/sweep-on-boot` and its mutants: the whole file first, then its row; what has no row is swept.
//!
//! The id of the scenario follows from the request, so that a retry writes over what the attempt before it left. Boot
//! removes what no retry came back for.

use std::path::Path;

use halfway::imports::scenario_create::IntentLog as Declared;
use halfway::imports::scenarios::answers::Scenario;
use halfway::imports::scenarios::create_request::CreateScenario;
use halfway::imports::scenarios::error::ScenarioError;
use halfway::{BoxError, Flow, Rules, Step, Subject, World, step};
use sha2::{Digest, Sha256};
use sqlx::{Connection, SqliteConnection};
use uuid::Uuid;

use super::app::{App, ForeignKeys};
use super::context_file::{self as disk, FOLDER};
use super::scenario_rows::{
    BEGIN_PUBLISH, COMMIT_PUBLISH, context_of, find_answer, insert_scenario, record_answer, scenario_of,
};

const LIST_ROWS: Step = Step::new("list-rows");

/// The one change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mutation {
    None,
    SweepMisreadsPaths,
    SweepKnowsOneFile,
    NewIdOnRetry,
    RowBeforeFile,
    DirectoryMustBeNew,
    PartAcceptedByRetry,
    WriteAppends,
    SweepListsRowsFirst,
}

use Mutation as M;

const ALL: [(Mutation, &str); 9] = [
    (M::None, "sweep-on-boot"),
    (M::SweepMisreadsPaths, "sweep-misreads-paths"),
    (M::SweepKnowsOneFile, "sweep-knows-one-file"),
    (M::NewIdOnRetry, "new-id-on-retry"),
    (M::RowBeforeFile, "row-before-file"),
    (M::DirectoryMustBeNew, "directory-must-be-new"),
    (M::PartAcceptedByRetry, "part-accepted-by-retry"),
    (M::WriteAppends, "write-appends"),
    (M::SweepListsRowsFirst, "sweep-lists-rows-first"),
];

/// The good strategy, then its mutants.
pub(crate) fn subjects() -> Vec<Subject> {
    ALL.map(|(mutation, name)| Subject::new(SweepOnBoot { mutation, name }, CreateScenario::example())).into()
}

struct SweepOnBoot {
    mutation: Mutation,
    name: &'static str,
}

impl Flow for SweepOnBoot {
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
        Declared.prepare(world, request).await
    }

    async fn boot(&self, world: &World) -> Result<App, BoxError> {
        let app = App::connect(world, ForeignKeys::Checked).await?;
        self.sweep(&mut *app.connection().await?, &app.dir).await?;
        Ok(app)
    }

    async fn import(&self, app: &App, request: &CreateScenario) -> Result<Scenario, ScenarioError> {
        let mut conn = app.connection().await?;
        if let Some(answer) = find_answer(&mut conn, &request.request_id).await? {
            return Ok(answer);
        }
        let id = if self.mutation == M::NewIdOnRetry { Uuid::now_v7() } else { id_of(&request.request_id) };
        let scenario = scenario_of(request, id);
        if self.mutation == M::RowBeforeFile {
            publish(&mut conn, &request.request_id, &scenario).await?;
            self.write_context(&app.dir, &scenario, context_of(request)).await?;
        } else {
            self.write_context(&app.dir, &scenario, context_of(request)).await?;
            publish(&mut conn, &request.request_id, &scenario).await?;
        }
        Ok(scenario)
    }

    fn rules(&self, request: &CreateScenario) -> Rules {
        Declared.rules(request)
    }
}

impl SweepOnBoot {
    /// Puts the context at its place, whole and synced, whatever was there.
    async fn write_context(&self, dir: &Path, scenario: &Scenario, context: &str) -> std::io::Result<()> {
        let place = dir.join(scenario.evaluator_context_path.as_deref().expect("every scenario here has a context"));
        let temporary = place.with_extension("txt.new");
        if self.mutation == M::DirectoryMustBeNew {
            disk::make_new_directory(&place).await?;
        } else {
            disk::make_directory(&place).await?;
        }
        disk::sync_parent(dir).await?;
        if !(self.mutation == M::PartAcceptedByRetry && disk::is_there(&temporary).await?) {
            let file = if self.mutation == M::WriteAppends {
                disk::open_to_append(&temporary).await?
            } else {
                disk::open_temporary(&temporary).await?
            };
            disk::write(&file, context).await?;
            disk::sync(&file).await?;
        }
        disk::rename(&temporary, &place).await?;
        disk::sync_directory(&place).await
    }

    /// Removes the directories that belong to no row. Nobody else is at work: this is the start.
    async fn sweep(&self, conn: &mut SqliteConnection, dir: &Path) -> Result<(), ScenarioError> {
        let folder = dir.join(FOLDER);
        let (directories, owners) = if self.mutation == M::SweepListsRowsFirst {
            let owners = self.owners(conn).await?;
            (disk::list(&folder).await?, owners)
        } else {
            (disk::list(&folder).await?, self.owners(conn).await?)
        };
        for directory in directories {
            let is_owned = owners.iter().any(|owner| directory.file_name() == Some(owner.as_ref()));
            if is_owned {
                continue;
            }
            if self.mutation == M::SweepKnowsOneFile {
                disk::remove(&directory.join("context.txt")).await?;
                disk::remove_directory(&directory).await?;
            } else {
                disk::remove_with_files(&directory).await?;
            }
        }
        Ok(disk::sync_parent(dir).await?)
    }

    /// The names of the directories that belong to a row.
    async fn owners(&self, conn: &mut SqliteConnection) -> Result<Vec<String>, sqlx::Error> {
        let list = if self.mutation == M::SweepMisreadsPaths {
            "SELECT evaluator_context_path FROM scenarios"
        } else {
            "SELECT id FROM scenarios"
        };
        step(LIST_ROWS, sqlx::query_scalar(list).fetch_all(conn)).await
    }
}

/// The id of the scenario of a request: the same on every attempt.
fn id_of(request_id: &str) -> Uuid {
    let digest = Sha256::digest(request_id);
    Uuid::from_slice(&digest[..16]).expect("sixteen bytes")
}

async fn publish(conn: &mut SqliteConnection, request_id: &str, scenario: &Scenario) -> Result<(), sqlx::Error> {
    let mut tx = step(BEGIN_PUBLISH, conn.begin_with("BEGIN IMMEDIATE")).await?;
    insert_scenario(&mut tx, scenario).await?;
    record_answer(&mut tx, request_id, scenario).await?;
    step(COMMIT_PUBLISH, tx.commit()).await
}
