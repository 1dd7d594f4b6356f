//! Runs a test that explores for one case alone: `HALFWAY_REPLAY='…' cargo test NAME -- --nocapture`.

use std::env;

use unicode_width::UnicodeWidthStr;

use crate::harness::{Settings, replay};
use crate::report::story;
use crate::schedule::{Schedule, ScheduleError};
use crate::story::Story;
use crate::subject::Subject;

/// The case to play instead of all, as a report prints it.
const REPLAY: &str = "HALFWAY_REPLAY";
/// How many parts of the request are sent, if the report says so.
const FIRST: &str = "HALFWAY_FIRST";

/// How wide a story is, in columns.
const WIDTH: usize = 100;

/// The package that `cargo test` has to run, if cargo or cargo-nextest has named it to the test.
pub(super) fn package() -> Option<String> {
    env::var("CARGO_PKG_NAME").ok().filter(|package| !package.is_empty())
}

/// The name of the test that is running, if its thread has it.
pub(super) fn test() -> Option<String> {
    let thread = std::thread::current();
    let name = thread.name()?;
    let is_of_a_runtime = name.starts_with("tokio-") || name.starts_with("halfway-") || name == "main";
    (!is_of_a_runtime).then(|| name.to_owned())
}

/// Plays the case that the environment names, if it is one of this subject, and tells its story.
///
/// # Panics
/// When the line in the environment is no case, or the case cannot be played.
#[track_caller]
pub(super) fn replayed(subject: &Subject, settings: &Settings) -> Option<Story> {
    let line = env::var(REPLAY).ok().filter(|line| !line.trim().is_empty())?;
    let schedule: Schedule = line.parse().unwrap_or_else(|error| panic!("{}", underlined(line.trim(), &error)));
    let name = format!("{}/{}", schedule.flow, schedule.strategy);
    if name != subject.name() {
        eprintln!("halfway: {REPLAY} names {name}, and this is {}: it is explored as a whole", subject.name());
        return None;
    }
    let first = env::var(FIRST).ok().map(|first| {
        first.parse().unwrap_or_else(|_| panic!("{FIRST}: a number of rows or chapters, and not {first:?}"))
    });
    let smaller =
        first.map(|first| subject.first_parts(first).unwrap_or_else(|| panic!("{FIRST}: the request has no more")));
    let told = replay(smaller.as_ref().unwrap_or(subject), &schedule, settings)
        .unwrap_or_else(|error| panic!("could not tell: {}", crate::error::in_full(&error)));
    println!("{}", story::render(&told, WIDTH));
    Some(told)
}

/// The mistake in the line, and its place.
fn underlined(line: &str, error: &ScheduleError) -> String {
    let at = line.find(error.place()).unwrap_or(0);
    let (before, marks) = (line[..at].width(), error.place().width().max(1));
    format!("{REPLAY}: {}\n  {line}\n  {:before$}{}", error.problem(), "", "^".repeat(marks))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, told: &str) {
        let error = line.parse::<Schedule>().expect_err(line);
        assert_eq!(underlined(line, &error), told);
    }

    #[test]
    fn a_mistake_is_underlined_where_it_is() {
        check(
            "a/b c#1:before=crash d:befor=crash",
            "HALFWAY_REPLAY: unknown edge \"befor\"; did you mean \"before\"?\n  \
             a/b c#1:before=crash d:befor=crash\n  \
             \u{20}                    ^^^^^^^",
        );
        check("über", "HALFWAY_REPLAY: a schedule starts with FLOW/STRATEGY\n  über\n  ^^^^");
    }
}
