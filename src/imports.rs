//! The reference flows.

pub mod scenario_create;
pub mod scenario_import;
pub mod scenarios;
