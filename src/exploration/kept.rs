//! Writes the reports of tests into the folder that the environment names: a CI merges those of several machines.

use std::env;
use std::fs;
use std::path::PathBuf;

use super::again::test;
use crate::report::{Report, json};

/// The folder.
const OUT: &str = "HALFWAY_OUT";

/// Writes a report into the folder, if the environment names one.
///
/// # Panics
/// When it cannot be written: a later merge would miss it.
#[track_caller]
pub(super) fn keep(report: &Report) {
    let Some(folder) = env::var_os(OUT).filter(|folder| !folder.is_empty()).map(PathBuf::from) else { return };
    // Two tests of one strategy leave two reports.
    let test = test().map_or(String::new(), |test| format!(".{}", test.replace("::", ".")));
    for strategy in &report.strategies {
        let file = folder.join(format!("{}.{}{test}.json", strategy.flow, strategy.strategy));
        let written = fs::create_dir_all(&folder).and_then(|()| fs::write(&file, json::render(report)));
        written.unwrap_or_else(|error| panic!("{OUT}: write {}: {error}", file.display()));
    }
}
