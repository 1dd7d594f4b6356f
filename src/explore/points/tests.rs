//! Each fault at each place where it changes anything, and none anywhere else.

use super::*;
use crate::explore::bounds::Pruning;
use crate::schedule::{OperationRun, StepRun};
use crate::step::Step;

fn bounds(first: &[FaultClass], further: &[FaultClass]) -> Bounds {
    Bounds {
        depth: 2,
        faults: first.iter().copied().collect(),
        further: further.iter().copied().collect(),
        engine_opens: false,
        pruning: Pruning::EqualWorlds,
        killable: None,
    }
}

fn record(resource: Resource, outcome: StepOutcome, seen: Option<Seen>) -> StepTrace {
    StepTrace { step: Step::new("s"), occurrence: 2, resource, outcome, seen }
}

fn operation(call: Call, path: &str, bytes: Option<usize>, outcome: OperationOutcome) -> OperationTrace {
    let run = OperationRun { call, path: path.to_owned(), occurrence: 1 };
    OperationTrace { within: None, run, extent: bytes.map(|bytes| (bytes, 0)), outcome }
}

fn on_operations(operations: Vec<OperationTrace>) -> Trace {
    Trace { operations, ..Trace::default() }
}

fn told(faults: &[PlannedFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn hit() -> PlannedFault {
    let point = Point::of_step("s", 2, Edge::Before);
    PlannedFault { phase: Phase::Attempt, point, fault: Fault::Crash }
}

#[track_caller]
fn check_step(record: &StepTrace, causes: Causes, expected: &str) {
    let faults = faults_at(Phase::Attempt, record, &FaultClass::ALL.into_iter().collect(), causes);
    let faults: Vec<String> =
        faults.iter().map(|planned| format!("{}={}", planned.point.edge, planned.fault)).collect();
    assert_eq!(faults.join(" "), expected);
}

#[test]
fn what_can_happen_at_a_step_depends_on_how_it_went() {
    let check = |resource, outcome, causes, expected| check_step(&record(resource, outcome, None), causes, expected);
    check(
        Resource::Database,
        StepOutcome::Done,
        Causes::All,
        "before=error before=error:busy before=error:disk-full before=outage before=cancel before=panic \
         before=crash during=cancel during=crash after=lost-ack after=cancel after=panic after=crash",
    );
    check(
        Resource::Disk,
        StepOutcome::Failed("no".to_owned()),
        Causes::All,
        "before=error before=error:disk-full before=error:denied before=outage before=cancel before=panic \
         before=crash during=cancel during=crash after=cancel after=panic after=crash",
    );
    check(Resource::Disk, StepOutcome::Outage, Causes::Usual, "before=cancel before=panic before=crash");
    check(Resource::Disk, StepOutcome::Unfinished, Causes::All, "");
    check(Resource::Disk, StepOutcome::Hit(hit()), Causes::All, "");
    check(
        Resource::Disk,
        StepOutcome::Done,
        Causes::Usual,
        "before=error before=outage before=cancel before=panic before=crash during=cancel during=crash \
         after=lost-ack after=cancel after=panic after=crash",
    );
}

#[test]
fn a_statement_is_given_up_on_another_thread_only_and_has_an_end_only_where_it_is_over() {
    let check = |is_apart, is_over, expected| {
        let seen = Some(Seen { words: "INSERT INTO books", is_apart, is_over });
        check_step(&record(Resource::Statement, StepOutcome::Done, seen), Causes::All, expected);
    };
    check(true, true, "before=error before=crash after=cancel after=crash");
    check(false, true, "before=error before=crash after=crash");
    check(true, false, "before=error before=crash");
    check(false, false, "before=error before=crash");
}

#[test]
fn the_list_of_what_can_happen_knows_each_resource() {
    let told =
        |resource| applicable(resource).map(|(edge, fault)| format!("{edge}={fault}")).collect::<Vec<_>>().join(" ");
    assert_eq!(told(Resource::Statement), "before=error before=crash after=cancel after=crash");
    let disk = "before=error before=error:disk-full before=error:denied before=outage before=cancel before=panic \
                before=crash during=cancel during=crash after=lost-ack after=cancel after=panic after=crash";
    assert_eq!(told(Resource::Disk), disk);
    let database = disk.replace("error:disk-full before=error:denied", "error:busy before=error:disk-full");
    assert_eq!(told(Resource::Database), database);
}

/// The faults of these classes at these operations, all causes or the usual one.
#[track_caller]
fn check_operations(operations: &[OperationTrace], classes: &[FaultClass], causes: Causes, expected: &str) {
    let faults = match causes {
        Causes::All => first_faults(&bounds(classes, &[]), Phase::Boot, &on_operations(operations.to_vec())),
        Causes::Usual => {
            let trace = on_operations(operations.to_vec());
            further_faults(&bounds(&[], classes), Phase::Boot, &trace, causes)
        }
    };
    assert_eq!(told(&faults), expected);
}

#[test]
fn what_can_happen_at_a_file_operation_depends_on_what_it_does() {
    use FaultClass::{Crash, DiskError, PowerLoss, Torn};
    let sync = [operation(Call::Sync, "f", None, OperationOutcome::Done)];
    let errors = "boot/sync@f#1:before=disk-error:eio boot/sync@f#1:before=disk-error:eio-onwards \
                  boot/sync@f#1:before=disk-error:enospc boot/sync@f#1:before=disk-error:enospc-onwards \
                  boot/sync@f#1:before=disk-error:edquot boot/sync@f#1:before=disk-error:edquot-onwards \
                  boot/sync@f#1:before=disk-error:failed-sync";
    check_operations(&sync, &[DiskError], Causes::All, errors);
    let usual = "boot/sync@f#1:before=disk-error:eio boot/sync@f#1:before=disk-error:failed-sync";
    check_operations(&sync, &[DiskError], Causes::Usual, usual);
    let write = |bytes| [operation(Call::Write, "f", bytes, OperationOutcome::Done)];
    let torn = "boot/write@f#1:during=torn:short boot/write@f#1:during=torn:enospc boot/write@f#1:during=torn:crash";
    check_operations(&write(Some(2)), &[Torn], Causes::All, torn);
    check_operations(&write(Some(3)), &[Torn], Causes::Usual, torn);
    check_operations(&write(Some(1)), &[Torn], Causes::All, "");
    check_operations(&write(Some(0)), &[Torn], Causes::All, "");
    check_operations(&write(None), &[Torn], Causes::All, "");
    // Crashes alone are tried at steps.
    check_operations(&write(Some(2)), &[Crash], Causes::All, "");
    let crash = "boot/write@f#1:before=crash boot/write@f#1:after=crash";
    let all = format!("boot/write@f#1:before=crash {torn} boot/write@f#1:after=crash");
    check_operations(&write(Some(2)), &[Crash, Torn], Causes::All, &all);
    check_operations(&write(Some(2)), &[Crash, PowerLoss], Causes::All, crash);
    let power = |edge| {
        ["power-loss", "power-loss:names", "power-loss:data"]
            .map(|loss| format!("boot/write@f#1:{edge}={loss}"))
            .join(" ")
    };
    let power = [power("before"), power("after")].join(" ");
    check_operations(&write(Some(2)), &[PowerLoss], Causes::Usual, &power);
    check_operations(&write(Some(2)), &[PowerLoss], Causes::All, "");
}

#[test]
fn an_operation_that_fails_anyhow_can_only_be_the_last() {
    use FaultClass::{Crash, DiskError, PowerLoss, Torn};
    let classes = [Crash, DiskError, PowerLoss, Torn];
    let failed = [operation(Call::Write, "f", Some(2), OperationOutcome::Failed("no".to_owned()))];
    check_operations(&failed, &classes, Causes::All, "boot/write@f#1:before=crash");
    let usual = "boot/write@f#1:before=crash boot/write@f#1:before=power-loss boot/write@f#1:before=power-loss:names \
                 boot/write@f#1:before=power-loss:data";
    check_operations(&failed, &classes, Causes::Usual, usual);
    let hit = [operation(Call::Write, "f", Some(2), OperationOutcome::Hit(hit()))];
    check_operations(&hit, &classes, Causes::All, "");
}

#[test]
fn an_operation_inside_a_step_is_named_with_it() {
    let within = Some(StepRun { step: "s".to_owned(), occurrence: 2 });
    let inside = OperationTrace { within, ..operation(Call::Sync, "f", None, OperationOutcome::Done) };
    let classes = [FaultClass::Crash, FaultClass::PowerLoss];
    check_operations(&[inside], &classes, Causes::All, "boot/s#2/sync@f#1:before=crash boot/s#2/sync@f#1:after=crash");
}

#[test]
fn files_of_the_engine_always_open_where_that_is_asked_for() {
    let done = |call, path: &str| operation(call, path, None, OperationOutcome::Done);
    let operations = vec![
        done(Call::Open, "world.sqlite"),
        done(Call::Create, "world.sqlite-wal"),
        done(Call::Open, "other.db"),
        done(Call::Open, "other.db-journal"),
        done(Call::Sync, "world.sqlite"),
        done(Call::Open, "notes.txt"),
        done(Call::Open, "notes.txt-shm-not"),
        done(Call::Open, "alone.db"),
    ];
    let broken = |engine_opens, classes: &[FaultClass]| {
        let bounds = Bounds { engine_opens, ..bounds(&[], classes) };
        let faults = further_faults(&bounds, Phase::Boot, &on_operations(operations.clone()), Causes::Usual);
        let places = faults.iter().map(|planned| planned.point.to_string());
        let mut places: Vec<String> = places.map(|point| point.replace(":before", "").replace(":after", "")).collect();
        places.dedup();
        places.join(" ")
    };
    let others = "sync@world.sqlite#1 open@notes.txt#1 open@notes.txt-shm-not#1 open@alone.db#1";
    assert_eq!(broken(true, &[FaultClass::DiskError]), others);
    let all =
        "open@world.sqlite#1 create@world.sqlite-wal#1 open@other.db#1 open@other.db-journal#1 ".to_owned() + others;
    assert_eq!(broken(false, &[FaultClass::DiskError]), all);
    assert_eq!(broken(true, &[FaultClass::Crash, FaultClass::Torn]), all, "they can be the last all the same");
}

#[test]
fn first_and_further_faults_have_classes_of_their_own() {
    let trace = Trace { steps: vec![record(Resource::Disk, StepOutcome::Done, None)], ..Trace::default() };
    let bounds = bounds(&[FaultClass::LostAck], &[FaultClass::Outage]);
    assert_eq!(told(&first_faults(&bounds, Phase::Retry, &trace)), "retry/s#2:after=lost-ack");
    assert_eq!(told(&further_faults(&bounds, Phase::Retry, &trace, Causes::Usual)), "retry/s#2:before=outage");
    assert_eq!(told(&further_faults(&bounds, Phase::Retry, &trace, Causes::All)), "retry/s#2:before=outage");
}

#[test]
fn after_the_answer_a_process_is_killed_once_and_the_power_goes_later() {
    let classes = FaultClass::ALL;
    let all = |phase| told(&first_faults(&bounds(&classes, &[]), phase, &Trace::default()));
    let usual = |phase| told(&further_faults(&bounds(&[], &classes), phase, &Trace::default(), Causes::Usual));
    assert_eq!(all(Phase::Attempt), "@answer:after=crash");
    assert_eq!([all(Phase::FirstBoot), all(Phase::Boot), all(Phase::Retry), all(Phase::Impatient)], [""; 4]);
    assert_eq!(usual(Phase::Attempt), "@answer:after=power-loss");
    assert_eq!(usual(Phase::Retry), "retry/@answer:after=power-loss");
    assert_eq!(usual(Phase::Impatient), "impatient/@answer:after=power-loss");
    assert_eq!([usual(Phase::FirstBoot), usual(Phase::Boot)], [""; 2]);
    let without = first_faults(&bounds(&[FaultClass::Error], &[]), Phase::Attempt, &Trace::default());
    assert_eq!(told(&without), "");
}
