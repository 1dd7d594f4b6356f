//! Saved reports: `halfway report` writes one in another format, `halfway diff` compares two, `halfway merge` puts several
//! together.

use std::path::Path;

use super::args::{Diff as Asked, Merge, Report as Typed};
use super::deliver::{Aside, deliver};
use super::{Exit, Failure, output};
use crate::report::diff::{Diff, compare};
use crate::report::text::diff;
use crate::report::{self, Report, json};

/// Writes a saved report. That it was written is all that the exit code says: whether the run was as expected, the run
/// itself has said.
pub(super) fn report(typed: &Typed) -> Result<Exit, Failure> {
    let report = read(&typed.file)?;
    let change = typed.baseline.as_deref().map(read).transpose()?.map(|before| compare(&before, &report));
    deliver(&report, change.as_ref(), &typed.to, Aside::Nothing)?;
    Ok(Exit::AsExpected)
}

/// Puts saved reports together. The exit code is that of one run.
pub(super) fn merge(typed: &Merge) -> Result<Exit, Failure> {
    let parts = typed.files.iter().map(|file| read(file)).collect::<Result<Vec<Report>, Failure>>()?;
    let whole = report::merge(parts).map_err(Failure::Input)?;
    deliver(&whole, None, &typed.to, Aside::Summary)?;
    let is_as_expected = whole.strategies.iter().all(|strategy| strategy.as_expected);
    Ok(match (whole.totals.not_fired, is_as_expected) {
        (1.., _) => Exit::CouldNotTell,
        (0, true) => Exit::AsExpected,
        (0, false) => Exit::NotAsExpected,
    })
}

/// Says what changed from one saved report to another.
pub(super) fn diff(typed: &Asked) -> Result<Exit, Failure> {
    let change = compare(&read(&typed.before)?, &read(&typed.after)?);
    output::print(&diff::render(&change, output::width()))?;
    Ok(exit(&change))
}

/// What a change means for the exit code.
pub(super) fn exit(change: &Diff) -> Exit {
    match (change.compared, change.worse.as_slice()) {
        (0, _) => Exit::CouldNotTell,
        (_, []) => Exit::AsExpected,
        (_, [_, ..]) => Exit::NotAsExpected,
    }
}

/// A report that was saved as JSON.
pub(super) fn read(path: &Path) -> Result<Report, Failure> {
    let place = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| Failure::Input(format!("read {place}: {error}")))?;
    json::parse(&text).map_err(|error| Failure::Input(format!("{place}: {error}")))
}
