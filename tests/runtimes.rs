//! What runs where: tasks, threads, runtimes and pools of an application, and those of whoever calls the harness.

#[path = "runtimes/background.rs"]
mod background;
#[path = "runtimes/outside.rs"]
mod outside;
#[path = "runtimes/script.rs"]
mod script;

use std::time::Duration;

use halfway::explore;
use halfway::harness::{Settings, replay};
use halfway::story::{Event, Story};
use halfway::Subject;
use script::{FIRST, SECOND, Script, write};

/// The story of a case in which these faults hit.
fn played(script: Script, faults: &str) -> Story {
    let subject = Subject::new(script, ());
    let schedule = format!("{} {faults}", subject.name()).parse().expect(faults);
    replay(&subject, &schedule, &settings()).unwrap_or_else(|error| panic!("{faults}: {error}"))
}

fn settings() -> Settings {
    Settings { deadline: Duration::from_secs(3), ..Settings::default() }
}

/// What is there at rest that was not there before.
fn left(story: &Story) -> Vec<&str> {
    let observed = story.trunk.iter().find_map(|event| match event {
        Event::Observed { left, .. } => Some(left.iter().map(String::as_str).collect()),
        Event::Began(_) | Event::Step(_) | Event::Operation(_) | Event::Ended(_) => None,
    });
    observed.expect("the world was looked at")
}

/// Two files, one after the other; a start with only the first in it does not matter.
fn two_files() -> Script {
    Script::new(|app| {
        Box::pin(async {
            write(FIRST, app.dir.join("a.txt")).await?;
            write(SECOND, app.dir.join("b.txt")).await
        })
    })
}

#[tokio::test]
async fn a_test_in_a_runtime_of_one_thread_can_explore() {
    explore(two_files(), ()).depth(1).assert_caught();
    assert_eq!(left(&played(two_files(), "second#1:before=crash")).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_in_a_runtime_of_several_threads_can_explore() {
    explore(two_files(), ()).depth(1).assert_caught();
    assert_eq!(left(&played(two_files(), "second#1:before=crash")).len(), 1);
}
