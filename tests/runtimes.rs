//! What runs where: tasks, threads, runtimes and pools of an application, and those of whoever calls the harness.

#[path = "runtimes/background.rs"]
mod background;
#[path = "runtimes/left_behind.rs"]
mod left_behind;
#[path = "runtimes/order.rs"]
mod order;
#[path = "runtimes/outside.rs"]
mod outside;
#[path = "runtimes/pool.rs"]
mod pool;
#[path = "runtimes/script.rs"]
mod script;

use std::time::Duration;

use halfway::fault::FaultClass;
use halfway::harness::{Settings, replay};
use halfway::judge::{Criterion, Grade};
use halfway::observe::Answer;
use halfway::story::{Ending, Event, Story};
use halfway::{Subject, explore};
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

/// The files that are there at rest and were not there before.
fn left(story: &Story) -> Vec<String> {
    let observed = story.trunk.iter().find_map(|event| match event {
        Event::Observed { left, .. } => Some(left.join(" ")),
        Event::Began(_) | Event::Step(_) | Event::Operation(_) | Event::Ended(_) => None,
    });
    let words = observed.expect("the world was looked at");
    words.split(' ').filter(|word| word.contains(".txt")).map(str::to_owned).collect()
}

/// One file, in one effect.
fn one_file() -> Script {
    Script::new(|app| Box::pin(async { write(FIRST, app.dir.join("a.txt")).await }))
}

/// Two files, one after the other.
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
    explore(one_file(), ()).depth(2).assert_holds();
    assert_eq!(left(&played(two_files(), "second#1:before=crash")), ["a.txt"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_in_a_runtime_of_several_threads_can_explore() {
    explore(one_file(), ()).depth(2).assert_holds();
    assert_eq!(left(&played(two_files(), "second#1:before=crash")), ["a.txt"]);
}

/// Goes round and round without ever waiting, where a file is there.
fn spins(app: &script::App) -> script::Local<'_, std::io::Result<()>> {
    Box::pin(async {
        let (a, b) = (app.dir.join("a.txt"), app.dir.join("b.txt"));
        while a.exists() && !b.exists() {
            std::hint::spin_loop();
        }
        write(FIRST, a).await?;
        write(SECOND, b).await
    })
}

#[test]
fn a_loop_that_never_waits_hangs_and_holds_nothing_up() {
    let deadline = Duration::from_millis(300);
    let subject = Subject::new(Script::new(spins), ());
    let schedule = "files/script second#1:before=crash".parse().expect("a schedule");
    let settings = Settings { deadline, ..Settings::default() };
    let story = replay(&subject, &schedule, &settings).expect("the harness can tell");
    let is_hung = |event: &Event| matches!(event, Event::Ended(Ending::Answered(Answer::Hung { deadline_ms: 300 })));
    assert!(story.continuations.iter().all(|continued| continued.events.iter().any(is_hung)), "{story:#?}");
    assert_eq!(story.verdict[&Criterion::RetrySucceeds], Grade::Violated);

    // The cases in which nothing goes round are judged as ever, whether or not a thread is left behind.
    let explored = explore(Script::new(spins), ()).depth(1).deadline(deadline).faults([FaultClass::LostAck]).run();
    let report = explored.expect("the harness can tell").report;
    assert_eq!(report.strategies[0].worst(Criterion::RetrySucceeds), Some(Grade::Violated));
    assert_eq!(report.totals.not_fired, 0);
}

/// Panics on injection in the request, in a task, and on a blocking thread. The test below looks at what it prints.
#[test]
fn panics_everywhere() {
    let script = Script::new(|app| {
        Box::pin(async {
            let (a, b, runtime) = (app.dir.join("a.txt"), app.dir.join("b.txt"), tokio::runtime::Handle::current());
            let task = tokio::spawn(halfway::inherit(write(FIRST, a)));
            task.await.map_err(std::io::Error::other)??;
            let closure = halfway::inherit_blocking(move || runtime.block_on(write(SECOND, b)));
            tokio::task::spawn_blocking(closure).await.map_err(std::io::Error::other)??;
            write(script::THIRD, app.dir.join("c.txt")).await
        })
    });
    let explored = explore(script, ()).depth(1).faults([FaultClass::Panic]).run().expect("the harness can tell");
    assert_eq!(explored.report.totals.cases, 7);
    let _ = std::thread::spawn(|| panic!("a panic of somebody else's")).join();
}

#[test]
fn injected_panics_print_nothing_and_all_others_do() {
    let test = std::process::Command::new(std::env::current_exe().expect("this is a program"))
        .args(["--exact", "--nocapture", "panics_everywhere"])
        .output()
        .expect("it can be started");
    let said = String::from_utf8_lossy(&test.stderr);
    assert!(test.status.success(), "{said}");
    assert_eq!(said.matches("panicked at").count(), 1, "{said}");
    assert!(said.contains("a panic of somebody else's"), "{said}");
}

#[test]
fn whoever_blocks_in_place_needs_a_runtime_of_several_threads_and_is_told_so() {
    let blocks = Script::new(|app| {
        Box::pin(async {
            let path = app.dir.join("a.txt");
            tokio::task::block_in_place(|| std::fs::write(app.dir.join("b.txt"), "x"))?;
            write(FIRST, path).await
        })
    });
    let error = explore(blocks, ()).depth(1).run().expect_err("it cannot run").to_string();
    assert!(error.contains("Exploration::multi_thread"), "{error}");
    assert!(!error.contains("Panicked {"), "{error}");
    let explored = explore(blocks, ()).depth(1).multi_thread().run().expect("the harness can tell");
    assert!(explored.not_fired.is_empty());
}
