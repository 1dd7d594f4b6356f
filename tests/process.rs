//! An emulated crash leaves what a crash leaves: at every point of every strategy a process of its own is really killed,
//! and the two worlds are the same by role.
#![cfg(all(target_os = "linux", target_pointer_width = "64"))]

use halfway::fault::FaultClass;
use halfway::harness::{Killable, Killed, Settings, explore_all, kill};
use halfway::imports::{Requests, subjects};
use halfway::report::CellFault;
use halfway::{Error, Silent, Subject};

fn settings(program: &str) -> Settings {
    let killable = Killable { program: program.into(), arguments: Vec::new() };
    // Crashes at the steps and, since torn writes are among them, at every file operation.
    let faults = [FaultClass::Crash, FaultClass::Torn].into();
    Settings { depth: 1, faults, killable: Some(killable), ..Settings::default() }
}

const HALFWAY: &str = env!("CARGO_BIN_EXE_halfway");

fn of_flow(flow: &str) -> Vec<Subject> {
    subjects(&Requests::default()).into_iter().filter(|subject| subject.flow() == flow).collect()
}

/// Kills a process at every point of every strategy of a flow.
fn check(flow: &str, crashes_at_least: u64) {
    let explored = explore_all(&of_flow(flow), &settings(HALFWAY), &Silent);
    let explored = explored.unwrap_or_else(|error| panic!("{error}"));
    assert!(explored.not_fired.is_empty(), "{:?}", explored.not_fired);
    for strategy in &explored.report.strategies {
        let crash = CellFault::Class(FaultClass::Crash);
        let crashes = strategy.cells.iter().filter(|cell| cell.fault == crash).map(|cell| cell.cases).max();
        assert!(crashes >= Some(crashes_at_least), "{}: {crashes:?} crashes", strategy.strategy);
    }
}

#[test]
fn at_every_point_of_scenario_create_a_killed_process_leaves_the_same_world() {
    check("scenario-create", 10);
}

#[test]
fn at_every_point_of_scenario_import_a_killed_process_leaves_the_same_world() {
    check("scenario-import", 30);
}

#[test]
fn at_every_point_of_chapter_import_a_killed_process_leaves_the_same_world() {
    check("chapter-import", 80);
}

#[test]
fn a_process_can_be_killed_in_recovery_and_in_the_retry_too() {
    let subjects = of_flow("scenario-create");
    let subject = subjects.iter().find(|subject| subject.strategy() == "intent-log").expect("it is there");
    let killed = |faults: &str| {
        let schedule = format!("{} {faults}", subject.name()).parse().expect(faults);
        kill(subject, &schedule, &settings(HALFWAY)).unwrap_or_else(|error| panic!("{faults}: {error}"))
    };
    for faults in [
        "rename-context#1:after=crash boot/forget-intent#1:before=crash",
        "rename-context#1:after=crash boot/forget-intent#1/write@world.sqlite-wal#2:during=torn:crash",
        "rename-context#1:before=error retry/write-temporary#1:after=crash",
        "retry/find-answer#1:after=crash",
        "insert-scenario#1:before=error forget-intent#1:before=crash",
        "write-temporary#1:after=crash boot/remove-leftover#1:before=crash boot/remove-leftover#1:before=crash",
    ] {
        assert_eq!(killed(faults), Killed::LeavesTheSame, "{faults}");
    }
    for faults in ["rename-context#1:before=error", "rename-context#1:before=error impatient/find-answer#1:after=crash"]
    {
        assert_eq!(killed(faults), Killed::Impossible, "{faults}");
    }
}

#[test]
fn a_process_that_is_not_killed_proves_nothing() {
    let error = explore_all(&of_flow("scenario-create"), &settings("/bin/true"), &Silent).expect_err("nobody dies");
    assert!(matches!(&error, Error::NotKilled { status, .. } if status == "exit status: 0"), "{error}");
}

#[test]
fn another_world_than_the_emulated_one_is_an_error() {
    // A program that does nothing but die leaves what was there before, whatever the point.
    let dir = std::env::temp_dir().join(format!("halfway-test-{}", std::process::id()));
    std::fs::write(&dir, "#!/bin/sh\nkill -9 $$\n").expect("a script");
    std::fs::set_permissions(&dir, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("it can be run");
    let error = explore_all(&of_flow("scenario-create"), &settings(&dir.to_string_lossy()), &Silent);
    std::fs::remove_file(&dir).expect("it is there");
    let error = error.expect_err("the worlds differ");
    assert!(matches!(&error, Error::NotACrash { .. }), "{error}");
}
