//! File operations from outside: seen without anyone naming them, broken, and lost with the power.
//!
//! Linux with 64 bits only, as the feature itself.
#![cfg(all(target_os = "linux", target_pointer_width = "64"))]

#[path = "file_operations/ledger.rs"]
mod ledger;
#[path = "file_operations/touches.rs"]
mod touches;

use std::collections::BTreeSet;

use halfway::fault::FaultClass;
use halfway::harness::{Explored, Settings, replay};
use halfway::judge::{Criterion, Grade};
use halfway::observe::Answer;
use halfway::story::{Ending, Event, Story};
use halfway::{Error, Flow, Subject, explore};
use ledger::{Journal, Ledger, Synchronous};
use touches::{Touches, Way};

const OF_OPERATIONS: [FaultClass; 3] = [FaultClass::DiskError, FaultClass::Torn, FaultClass::PowerLoss];

fn explored<F: Flow>(flow: F, request: F::Request, classes: &[FaultClass]) -> Explored {
    let explored = explore(flow, request).faults(classes.iter().copied()).depth(1).run().expect("the harness can tell");
    assert!(explored.not_fired.is_empty(), "{:?}", explored.not_fired);
    explored
}

fn played<F: Flow>(flow: F, request: F::Request, faults: &str) -> Story {
    let subject = Subject::new(flow, request);
    let schedule = format!("{} {faults}", subject.name()).parse().expect(faults);
    replay(&subject, &schedule, &Settings::default()).unwrap_or_else(|error| panic!("{faults}: {error}"))
}

/// The flow without faults, and its file operations.
fn unharmed(flow: Touches) -> Story {
    let subject = Subject::new(flow, ());
    let settings = Settings { faults: FaultClass::ALL.into_iter().collect(), ..Settings::default() };
    let nothing = subject.name().parse().expect("a schedule without faults");
    replay(&subject, &nothing, &settings).expect("it runs")
}

fn answer(story: &Story) -> &Answer {
    let answer = story.trunk.iter().rev().find_map(|event| match event {
        Event::Ended(Ending::Answered(answer)) => Some(answer),
        _ => None,
    });
    answer.expect("the request was answered")
}

/// Every file operation of the first attempt, with its step: `commit#1/write@world.sqlite-wal#1`.
fn operations(story: &Story) -> Vec<String> {
    let of_event = |event: &Event| match event {
        Event::Step(step) => {
            let inside = |operation: &halfway::story::OperationRecord| {
                format!("{}#{}/{}#{}", step.step, step.occurrence, operation.operation, operation.occurrence)
            };
            step.operations.iter().map(inside).collect()
        }
        Event::Operation(operation) => vec![format!("{}#{}", operation.operation, operation.occurrence)],
        _ => Vec::new(),
    };
    story.trunk.iter().flat_map(of_event).collect()
}

#[test]
fn an_error_of_the_disk_is_the_databases_own_error() {
    for (faults, said) in [
        ("commit#1/write@world.sqlite-wal#1:before=disk-error:enospc", "(code: 13) database or disk is full"),
        ("commit#1/write@world.sqlite-wal#1:before=disk-error:eio", "(code: 778) disk I/O error"),
        ("commit#1/sync@world.sqlite-wal#1:before=disk-error:eio", "(code: 1034) disk I/O error"),
        ("commit#1/write@world.sqlite-wal#1:during=torn:enospc", "(code: 13) database or disk is full"),
    ] {
        let story = played(Ledger::new(Journal::Wal, Synchronous::Full), 2, faults);
        let Answer::Failure(failure) = answer(&story) else { panic!("{faults}: {:?}", answer(&story)) };
        assert!(failure.contains(said), "{faults}: {failure}");
        assert_eq!(story.verdict[&Criterion::RetryConverges], Grade::Held, "{faults}: the next transaction works");
    }
    let story = played(
        Ledger::new(Journal::Wal, Synchronous::Full),
        2,
        "boot/open@world.sqlite#1:before=disk-error:emfile-onwards",
    );
    let told = format!("{:?}", story.trunk);
    assert!(told.contains("(code: 14) unable to open database file"), "{told}");
}

#[test]
fn a_short_write_is_finished_by_whoever_knows_how() {
    let story =
        played(Ledger::new(Journal::Wal, Synchronous::Full), 2, "commit#1/write@world.sqlite-wal#1:during=torn:short");
    assert!(answer(&story).is_success(), "{:?}", answer(&story));
    assert!(story.verdict.values().all(|grade| *grade == Grade::Held), "{:?}", story.verdict);
}

#[test]
fn a_database_that_syncs_survives_a_loss_of_power() {
    for (journal, synchronous) in [(Journal::Wal, Synchronous::Full), (Journal::Delete, Synchronous::Extra)] {
        let ledger = Ledger::new(journal, synchronous);
        let explored = explored(ledger, 3, &FaultClass::ALL);
        let strategy = &explored.report.strategies[0];
        let worst = strategy.cells.iter().map(|cell| cell.grade).max();
        assert!(worst <= Some(Grade::HealedByRecovery), "{ledger:?}: {:#?}", explored.report.findings);
        let tried: BTreeSet<&str> =
            strategy.cells.iter().filter(|cell| cell.cases > 0).map(|cell| cell.fault.name()).collect();
        assert!(OF_OPERATIONS.iter().all(|class| tried.contains(class.name())), "{tried:?}");
    }
}

#[test]
fn a_database_that_does_not_sync_loses_what_it_acknowledged() {
    for (journal, synchronous) in [
        (Journal::Wal, Synchronous::Off),
        (Journal::Wal, Synchronous::Normal),
        // The journal is gone, and its directory is not synced: it may come back, and undo what was committed.
        (Journal::Delete, Synchronous::Full),
    ] {
        let ledger = Ledger::new(journal, synchronous);
        let explored = explored(ledger, 3, &[FaultClass::PowerLoss]);
        let lost = explored.report.findings.iter().find(|finding| finding.criterion == Criterion::FailureSurfaced);
        let lost = lost.unwrap_or_else(|| panic!("{ledger:?}: no lost commit was found"));
        assert!(lost.schedule.contains(" @answer:after=power-loss"), "{ledger:?}: {}", lost.schedule);
        assert_eq!(lost.moment, "after-recovery", "{ledger:?}: a start does not bring it back");
        let crash = self::explored(ledger, 3, &[FaultClass::Crash]);
        assert_eq!(crash.report.strategies[0].worst(Criterion::FailureSurfaced), Some(Grade::Held), "{ledger:?}");
    }
}

#[test]
fn a_database_that_does_not_sync_may_be_damaged() {
    let ledger = Ledger::new(Journal::Delete, Synchronous::Off);
    let explored = explored(ledger, 40, &[FaultClass::PowerLoss]);
    let found = explored.report.findings.iter().find(|finding| finding.criterion == Criterion::AllOrNothing);
    let found = found.expect("it is found");
    assert_eq!(found.grade, Grade::Violated, "{found:?}");
    let damaged = played(ledger, 40, found.schedule.split_once(' ').expect("a fault").1);
    let told = format!("{:?}", damaged.continuations);
    assert!(told.contains("the database is damaged: "), "{told}");
}

#[test]
fn every_function_of_the_standard_library_is_seen() {
    let story = played(Touches(Way::Seen), (), "touch-all#1/create@a.txt#1:before=crash");
    assert_eq!(operations(&story), ["touch-all#1/create@a.txt#1"], "nothing counts after a crash");

    let story = unharmed(Touches(Way::Seen));
    let expected = touches::EXPECTED.map(|operation| format!("touch-all#1/{operation}"));
    assert_eq!(operations(&story), expected);

    // A loss of power is told from a record that has to be complete: it is compared with what is there.
    explored(Touches(Way::Seen), (), &[FaultClass::PowerLoss]);
}

#[test]
fn a_number_that_is_given_out_again_is_not_the_file_that_it_was() {
    let story = unharmed(Touches(Way::GivesBack));
    let expected = ["mkdir@gone#1", "open@gone#1", "rmdir@gone#1"].map(|operation| format!("touch-all#1/{operation}"));
    assert_eq!(operations(&story), expected);
}

#[test]
fn each_error_is_what_the_standard_library_says_it_is() {
    for (errno, said) in [
        ("enospc", "No space left on device (os error 28)"),
        ("eio", "Input/output error (os error 5)"),
        ("edquot", "Disk quota exceeded (os error 122)"),
        ("eacces", "Permission denied (os error 13)"),
        ("erofs", "Read-only file system (os error 30)"),
        ("emfile", "Too many open files (os error 24)"),
    ] {
        let story = played(Touches(Way::Seen), (), &format!("touch-all#1/create@a.txt#1:before=disk-error:{errno}"));
        assert_eq!(answer(&story), &Answer::Failure(said.to_owned()));
    }
}

#[test]
fn a_full_disk_stays_full_until_the_attempt_is_over() {
    let story = played(Touches(Way::Stubborn), (), "touch-all#1/create@a.txt#1:before=disk-error:enospc-onwards");
    let told = format!("{:?}", operations(&story));
    assert_eq!(answer(&story), &Answer::Failure("No space left on device (os error 28)".to_owned()));
    assert_eq!(operations(&story).len(), 3, "it tries three times: {told}");
    let story = played(Touches(Way::Stubborn), (), "touch-all#1/create@a.txt#1:before=disk-error:enospc");
    assert!(answer(&story).is_success(), "once is no obstacle to it");
}

#[test]
fn what_another_process_writes_is_not_seen_and_that_is_noticed() {
    let run =
        |classes: &[FaultClass]| explore(Touches(Way::Outside), ()).faults(classes.iter().copied()).depth(1).run();
    let error = run(&[FaultClass::PowerLoss]).expect_err("a loss of power cannot be told");
    assert!(
        matches!(&error, Error::OperationsMissed { difference, .. } if difference.ends_with("outside.txt")),
        "{error}"
    );
    // A crash can be carried out, where it cannot be told.
    let crashes = run(&[FaultClass::Crash]).expect("crashes can be told");
    assert!(crashes.report.totals.cases > 3);
}

#[test]
fn a_failed_sync_is_not_made_good_by_the_next_one() {
    let story = played(Touches(Way::SyncsTwice), (), "touch-all#1/sync@a.txt#1:before=disk-error:failed-sync");
    assert!(answer(&story).is_success(), "the second sync says that all is well");
    let told = format!("{:?}", story.trunk);
    assert!(told.contains("PowerLost"), "{told}");
    assert_ne!(story.verdict[&Criterion::AllOrNothing], Grade::Held, "what the first sync lost is gone");
}

#[test]
fn a_schedule_with_a_file_operation_reads_back_and_names_what_is_there() {
    let explored = explored(Ledger::new(Journal::Wal, Synchronous::Off), 2, &OF_OPERATIONS);
    assert!(!explored.report.findings.is_empty());
    for finding in &explored.report.findings {
        let faults = finding.schedule.split_once(' ').expect("a fault").1;
        let story = played(Ledger::new(Journal::Wal, Synchronous::Off), 2, faults);
        assert_eq!(story.verdict.get(&finding.criterion), Some(&finding.grade), "{}", finding.schedule);
    }
}
