//! What the flows that create scenarios share: requests, answers, the schema, single effects and promises.
//!
//! A scenario here is the seed application's own entity: what a voice or chat agent is tested with, and, if it has one, the
//! context that an evaluator reads. Nothing here puts effects in an order, with one exception: [`settle`], because the
//! start of the application undoes what any request left. The order is what a strategy is; it is told in
//! [`scenario_create`](super::scenario_create) and [`scenario_import`](super::scenario_import).

pub mod answers;
pub mod app;
pub mod create_request;
pub mod error;
pub mod import_request;
pub mod new_scenario;
pub mod running;
pub mod settle;

pub(crate) mod context_files;
pub(crate) mod csv_file;
pub(crate) mod durable_files;
pub(crate) mod intents;
pub(crate) mod plan;
pub(crate) mod promises;
pub(crate) mod requests;
pub(crate) mod schema;
pub(crate) mod store;

#[cfg(test)]
pub(crate) mod testing;
