//! The reference flows.

pub mod chapter_import;
pub mod scenario_create;
pub mod scenario_import;
pub mod scenarios;
