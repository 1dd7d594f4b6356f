//! Work that goes on when the request is over.

use std::sync::atomic::{AtomicUsize, Ordering};

use halfway::judge::{Criterion, Grade};
use halfway::observe::Answer;
use halfway::story::{Ending, Event, StepOutcome, Story};
use halfway::{explore, inherit, inherit_blocking};

use super::script::{App, FIRST, Job, Local, SECOND, Script, THIRD, Worker, write};
use super::{left, played};

/// Spawns a task that writes two files one after the other, and writes a third itself.
fn spawns() -> Script {
    Script::new(|app| {
        Box::pin(async {
            let dir = app.dir.clone();
            tokio::spawn(inherit(async move {
                // The request is answered in the meantime.
                for _ in 0..20 {
                    tokio::task::yield_now().await;
                }
                write(FIRST, dir.join("a.txt")).await?;
                tokio::task::yield_now().await;
                write(SECOND, dir.join("b.txt")).await
            }));
            write(THIRD, app.dir.join("c.txt")).await
        })
    })
}

/// The steps up to the first look, with their ends.
fn steps(story: &Story) -> Vec<(&str, &StepOutcome)> {
    let until_seen = story.trunk.iter().take_while(|event| !matches!(event, Event::Observed { .. }));
    let steps = until_seen.filter_map(|event| match event {
        Event::Step(step) => Some((step.step.as_str(), &step.outcome)),
        _ => None,
    });
    steps.collect()
}

fn ending(story: &Story) -> &Ending {
    let ended = story.trunk.iter().find_map(|event| match event {
        Event::Ended(ending) => Some(ending),
        _ => None,
    });
    ended.expect("the attempt ended")
}

fn is_success(ending: &Ending) -> bool {
    matches!(ending, Ending::Answered(answer) if answer.is_success())
}

#[test]
fn whatever_becomes_of_a_request_what_it_spawned_goes_on_to_its_end() {
    for (fault, is_c_written) in [
        ("third#1:before=cancel", false),
        ("third#1:during=cancel", true),
        ("third#1:after=panic", true),
        ("third#1:before=error", false),
    ] {
        let story = played(spawns(), fault);
        let written: &[&str] = if is_c_written { &["a.txt", "b.txt", "c.txt"] } else { &["a.txt", "b.txt"] };
        assert_eq!(left(&story), written, "{fault}");
        let steps = steps(&story);
        assert_eq!(steps.iter().map(|(step, _)| *step).collect::<Vec<_>>(), ["third", "first", "second"], "{fault}");
        assert!(steps[1..].iter().all(|(_, outcome)| **outcome == StepOutcome::Done), "{fault}: {steps:?}");
    }
    // An answer does not wait for it, and the world is looked at when it is done.
    let story = played(spawns(), "second#1:after=lost-ack");
    assert!(is_success(ending(&story)));
    assert_eq!(left(&story), ["a.txt", "b.txt", "c.txt"]);
}

#[test]
fn a_crash_ends_what_was_spawned_too() {
    let story = played(spawns(), "third#1:after=crash");
    assert_eq!(left(&story), ["c.txt"]);
    // It hits in the background, after the answer, which the caller keeps.
    let story = played(spawns(), "second#1:before=crash");
    assert!(is_success(ending(&story)), "{:?}", ending(&story));
    assert_eq!(left(&story), ["a.txt", "c.txt"]);
    assert_eq!(
        story.verdict[&Criterion::FailureSurfaced],
        Grade::Violated,
        "success was told, and a file is not there"
    );
}

#[test]
fn a_cancel_at_a_step_of_a_spawned_task_hits_the_request_and_not_the_task() {
    /// Waits for what it spawned.
    fn waits() -> Script {
        Script::new(|app| {
            Box::pin(async {
                let dir = app.dir.clone();
                let task = tokio::spawn(inherit(async move { write(FIRST, dir.join("a.txt")).await }));
                task.await.expect("it does not panic")?;
                write(SECOND, app.dir.join("b.txt")).await
            })
        })
    }
    for fault in ["first#1:before=cancel", "first#1:during=cancel", "first#1:after=cancel"] {
        let story = played(waits(), fault);
        assert_eq!(*ending(&story), Ending::Cancelled, "{fault}");
        assert_eq!(
            left(&story),
            ["a.txt"],
            "{fault}: the task wrote its file, and the request did not go on to its own"
        );
    }
}

#[test]
fn a_panic_in_a_spawned_task_is_the_fault_whoever_passes_it_on() {
    let unwraps = Script::new(|app| {
        Box::pin(async {
            let dir = app.dir.clone();
            tokio::spawn(inherit(async move { write(FIRST, dir.join("a.txt")).await })).await.unwrap()
        })
    });
    let resumes = Script::new(|app| {
        Box::pin(async {
            let dir = app.dir.clone();
            let task = tokio::spawn(inherit(async move { write(FIRST, dir.join("a.txt")).await }));
            task.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
        })
    });
    for script in [unwraps, resumes] {
        let story = played(script, "first#1:before=panic");
        let Ending::Answered(Answer::Panicked { injected, message }) = ending(&story) else {
            panic!("{:?}", ending(&story))
        };
        assert!(injected, "{message}");
        explore(script, ()).depth(1).assert_holds();
    }
}

#[test]
fn a_closure_on_another_thread_takes_part() {
    static THERE: AtomicUsize = AtomicUsize::new(0);
    struct Leaves;
    impl Drop for Leaves {
        fn drop(&mut self) {
            THERE.fetch_sub(1, Ordering::SeqCst);
        }
    }
    let blocking = Script::new(|app| {
        Box::pin(async {
            let (dir, runtime) = (app.dir.clone(), tokio::runtime::Handle::current());
            let closure = inherit_blocking(move || {
                THERE.fetch_add(1, Ordering::SeqCst);
                let _leaves = Leaves;
                runtime.block_on(write(FIRST, dir.join("a.txt")))
            });
            tokio::task::spawn_blocking(closure).await.expect("it does not panic")?;
            write(SECOND, app.dir.join("b.txt")).await
        })
    });
    let story = played(blocking, "first#1:before=error");
    assert!(left(&story).is_empty());
    let story = played(blocking, "first#1:after=crash");
    assert_eq!(left(&story), ["a.txt"]);
    // A process that is gone leaves no thread behind.
    for _ in 0..100 {
        if THERE.load(Ordering::SeqCst) == 0 {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("{} threads never come back", THERE.load(Ordering::SeqCst));
}

/// A file of its own, and one that the worker writes.
fn queues(app: &App) -> Local<'_, std::io::Result<()>> {
    Box::pin(async {
        write(FIRST, app.dir.join("a.txt")).await?;
        app.open.fetch_add(1, Ordering::SeqCst);
        let job = Job(app.dir.join("b.txt"));
        let _ = app.jobs.as_ref().expect("there is a worker").send(job);
        Ok(())
    })
}

#[test]
fn the_world_is_looked_at_when_the_worker_is_at_rest_and_faults_hit_in_its_work() {
    let script = Script { boot: |_| Worker::One, ..Script::new(queues) };
    let story = played(script, "third#1:before=crash");
    assert!(is_success(ending(&story)), "{:?}", ending(&story));
    assert_eq!(left(&story), ["a.txt"]);
    assert_eq!(story.verdict[&Criterion::FailureSurfaced], Grade::Violated, "what was accepted is lost");

    let report = explore(script, ()).depth(1).run().expect("the harness can tell").report;
    let finding = report.findings.iter().find(|finding| finding.criterion == Criterion::FailureSurfaced);
    assert!(finding.expect("found").schedule.contains("third#1"), "{finding:?}");

    // A worker that takes its jobs up again at the next start keeps what was accepted, at the latest then.
    let takes_up = Script {
        boot: |dir| {
            if dir.join("a.txt").exists() && !dir.join("b.txt").exists() {
                std::fs::write(dir.join("b.txt"), "x").expect("there is room");
            }
            Worker::One
        },
        ..script
    };
    let explored = explore(takes_up, ()).depth(1).faults([halfway::fault::FaultClass::Crash]).run();
    let worst = explored.expect("the harness can tell").report.strategies[0].worst(Criterion::RetryConverges);
    assert_eq!(worst, Some(Grade::Held));
}

#[test]
fn a_task_without_an_end_is_told_with_its_remedy() {
    let endless = Script::new(|app| {
        Box::pin(async {
            tokio::spawn(inherit(std::future::pending::<()>()));
            write(FIRST, app.dir.join("a.txt")).await
        })
    });
    let error = explore(endless, ()).deadline(std::time::Duration::from_millis(200)).run().expect_err("it never rests");
    let text = error.to_string();
    assert!(text.contains("1 spawned with halfway::inherit still there"), "{text}");
    assert!(text.contains("halfway::inherit_worker"), "{text}");
}
