//! Tasks that run side by side.

use std::sync::atomic::{AtomicUsize, Ordering};

use halfway::fault::FaultClass;
use halfway::judge::{Criterion, Grade};
use halfway::{Error, explore, inherit};

use super::script::{FIRST, SECOND, Script, THIRD, write};

/// How often a request was made in this process; the tests that count use one script each.
fn is_odd(made: &AtomicUsize) -> bool {
    made.fetch_add(1, Ordering::SeqCst) % 2 == 1
}

/// Two tasks, which come in the one order and the other by turns.
fn by_turns() -> Script {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    Script::new(|app| {
        Box::pin(async {
            let (a, b) = (app.dir.join("a.txt"), app.dir.join("b.txt"));
            let (first, second) = (inherit(write(FIRST, a)), inherit(write(SECOND, b)));
            let tasks = if is_odd(&MADE) {
                let first = tokio::spawn(first);
                [first, tokio::spawn(second)]
            } else {
                let second = tokio::spawn(second);
                [second, tokio::spawn(first)]
            };
            for task in tasks {
                task.await.map_err(std::io::Error::other)??;
            }
            write(THIRD, app.dir.join("c.txt")).await
        })
    })
}

#[test]
fn tasks_that_come_in_another_order_each_time_are_judged_all_the_same() {
    for classes in [vec![FaultClass::Crash], FaultClass::OF_STEPS.to_vec(), FaultClass::ALL.to_vec()] {
        let explored = explore(by_turns(), ()).depth(1).faults(classes).run().expect("the harness can tell");
        assert!(explored.not_fired.is_empty(), "{:?}", explored.not_fired);
        // One file of two is a mixture, in whichever order they come.
        let worst = explored.report.strategies[0].worst(Criterion::AllOrNothing);
        assert!(worst > Some(Grade::Held), "{worst:?}");
        let worst = explored.report.strategies[0].worst(Criterion::RetryConverges);
        assert_eq!(worst, Some(Grade::Held), "the request writes the same files again");
    }
}

#[test]
fn pairs_of_faults_are_found_in_whatever_order_they_come() {
    let explored = explore(by_turns(), ()).depth(2).faults([FaultClass::Error, FaultClass::Crash]).run();
    let explored = explored.expect("the harness can tell");
    assert!(explored.not_fired.is_empty(), "{:?}", explored.not_fired);
    assert_eq!(explored.report.strategies[0].worst(Criterion::RetryConverges), Some(Grade::Held));
}

#[test]
fn another_set_of_steps_is_another_run_in_whatever_order() {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    let erratic = Script::new(|app| {
        Box::pin(async {
            write(FIRST, app.dir.join("a.txt")).await?;
            let last = if is_odd(&MADE) { SECOND } else { THIRD };
            write(last, app.dir.join("b.txt")).await
        })
    });
    let error = explore(erratic, ()).depth(1).run().expect_err("its steps differ");
    assert!(matches!(error, Error::NotDeterministic { .. }), "{error}");
}

#[test]
fn a_flow_that_only_once_leaves_a_step_out_is_not_taken_for_one_whose_order_changes() {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    // The runs without faults are the first; then it leaves out what the whole run has.
    let forgets = Script::new(|app| {
        Box::pin(async {
            write(FIRST, app.dir.join("a.txt")).await?;
            if MADE.fetch_add(1, Ordering::SeqCst) < 3 {
                write(SECOND, app.dir.join("b.txt")).await?;
            }
            write(THIRD, app.dir.join("c.txt")).await
        })
    });
    let explored = explore(forgets, ()).depth(1).faults([FaultClass::Error]).jobs(std::num::NonZeroUsize::MIN).run();
    let is_told = match &explored {
        Err(error) => matches!(error, Error::NotDeterministic { .. }),
        Ok(explored) => !explored.not_fired.is_empty(),
    };
    assert!(is_told, "{explored:?}");
}
