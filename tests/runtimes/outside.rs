//! Steps that take no part in any case.

use std::sync::atomic::{AtomicBool, Ordering};

use halfway::harness::replay;
use halfway::{Error, Subject, explore};

use super::script::{FIRST, SECOND, Script, write};
use super::{one_file, settings};

/// Both ways of looking say that it is outside.
fn check(script: Script) {
    let is_told = |error: &Error| match error {
        Error::StepOutside { step, subject } => *step == "second" && subject == "files/script",
        _ => false,
    };
    let error = explore(script, ()).depth(1).run().expect_err("a step runs where nothing can break it");
    assert!(is_told(&error), "{error}");
    assert!(error.to_string().contains("halfway::inherit"), "{error}");
    let schedule = "files/script first#1:before=error".parse().expect("a schedule");
    let error = replay(&Subject::new(script, ()), &schedule, &settings()).expect_err("as above");
    assert!(is_told(&error), "{error}");
}

#[test]
fn a_step_in_a_task_that_does_not_inherit_is_an_error() {
    check(Script::new(|app| {
        Box::pin(async {
            let dir = app.dir.clone();
            let task = tokio::spawn(async move { write(SECOND, dir.join("b.txt")).await });
            write(FIRST, app.dir.join("a.txt")).await?;
            task.await.expect("it does not panic")
        })
    }));
}

#[test]
fn a_step_on_a_blocking_thread_that_does_not_inherit_is_an_error() {
    check(Script::new(|app| {
        Box::pin(async {
            let (dir, runtime) = (app.dir.clone(), tokio::runtime::Handle::current());
            write(FIRST, app.dir.join("a.txt")).await?;
            let task = move || runtime.block_on(write(SECOND, dir.join("b.txt")));
            tokio::task::spawn_blocking(task).await.expect("it does not panic")
        })
    }));
}

#[test]
fn a_step_in_a_runtime_of_the_applications_own_is_an_error() {
    check(Script::new(|app| {
        Box::pin(async {
            let dir = app.dir.clone();
            write(FIRST, app.dir.join("a.txt")).await?;
            let own = tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name("my-own").build()?;
            let task = own.spawn(async move { write(SECOND, dir.join("b.txt")).await });
            let written = task.await.expect("it does not panic");
            own.shutdown_background();
            written
        })
    }));
}

#[test]
fn a_step_that_another_test_makes_meanwhile_is_none_of_ours() {
    static IS_OVER: AtomicBool = AtomicBool::new(false);
    let other = std::thread::spawn(|| {
        let dir = tempfile::tempdir().expect("there is room");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("a runtime");
        while !IS_OVER.load(Ordering::SeqCst) {
            let path = dir.path().join("b.txt");
            let task = runtime.spawn(async move { write(SECOND, path).await });
            runtime.block_on(task).expect("it does not panic").expect("it is not broken");
        }
    });
    explore(one_file(), ()).depth(2).assert_holds();
    IS_OVER.store(true, Ordering::SeqCst);
    other.join().expect("the other test is not disturbed");
}
