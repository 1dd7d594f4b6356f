//! A run that is stopped before its end, and one that goes on where another was stopped.
//!
//! The report holds a prefix of the strategies that were asked for: each is explored to its end, or it is missing. Not
//! verified: that the strategies themselves are those of the first run. If a flow changed in between, the report shows
//! it half as it was and half as it is.

use std::collections::BTreeMap;

use super::Settings;
use crate::error::{Error, Result};
use crate::report::{Options, Partial, Report};
use crate::subject::Subject;

/// The part that is missing when a run is stopped before it has explored these subjects.
pub(super) fn partial(missing: &[Subject], settings: &Settings) -> Partial {
    Partial {
        missing: missing.iter().map(Subject::name).collect(),
        deadline_ms: deadline_ms(settings),
        requests: settings.requests.clone(),
    }
}

/// Takes up a report that was saved when its run was stopped: its strategies stay, the missing ones can follow.
///
/// # Errors
/// When nothing is missing, or the run was asked for something else.
pub(super) fn take_up(
    mut begun: Report,
    subjects: &[Subject],
    options: &Options,
    settings: &Settings,
) -> Result<Report> {
    let Some(partial) = begun.partial.take() else {
        return Err(Error::NotTheSameRun("the report is complete, and nothing is missing".to_owned()));
    };
    let done = begun.strategies.iter().map(|done| format!("{}/{}", done.flow, done.strategy));
    let was: Vec<String> = done.chain(partial.missing).collect();
    let is: Vec<String> = subjects.iter().map(Subject::name).collect();
    let asked_for = |options: &Options, deadline_ms: u64, requests: &BTreeMap<String, String>, names: &[String]| {
        [
            ("--backend", options.backend.clone()),
            ("--depth", options.depth.to_string()),
            ("--faults", options.faults.iter().map(|class| class.name()).collect::<Vec<_>>().join(",")),
            ("--random", options.random.map_or(String::new(), |cases| cases.to_string())),
            ("--seed", options.seed.to_string()),
            ("--deadline", format!("{deadline_ms} ms")),
            (
                "files",
                requests.iter().map(|(option, digest)| format!("{option} {digest}")).collect::<Vec<_>>().join(" "),
            ),
            ("strategies", names.join(" ")),
        ]
    };
    let before = asked_for(&begun.options, partial.deadline_ms, &partial.requests, &was);
    let now = asked_for(options, deadline_ms(settings), &settings.requests, &is);
    match before.into_iter().zip(now).find(|(before, now)| before != now) {
        None => Ok(begun),
        Some(((what, was), (_, is))) => {
            let named = |value: String| if value.is_empty() { "none".to_owned() } else { value };
            Err(Error::NotTheSameRun(format!(
                "it was made with {what}: {}; and is to go on with {what}: {}; say the same as then",
                named(was),
                named(is)
            )))
        }
    }
}

fn deadline_ms(settings: &Settings) -> u64 {
    u64::try_from(settings.deadline.as_millis()).unwrap_or(u64::MAX)
}
