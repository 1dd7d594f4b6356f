//! Each case counts once, in the cell of its first fault, with its own grade, whichever case stands for it.

use super::*;
use crate::explore::graph::Start;
use crate::fault::FaultClass;
use crate::judge::Breaches;
use crate::schedule::Schedule;

const CRITERION: Criterion = Criterion::NoOrphanRows;

fn fault(typed: &str) -> PlannedFault {
    let schedule: Schedule = format!("a/b {typed}").parse().expect(typed);
    schedule.faults.into_iter().next().expect(typed)
}

fn clean() -> Breaches {
    Breaches::new()
}

fn broken() -> Breaches {
    [(CRITERION, vec!["a row".to_owned()])].into()
}

fn retry(after_retry: Breaches) -> Retry {
    Retry { after_retry, after_restart: None }
}

fn node() -> Node {
    Node {
        start: Start::Template,
        replayed: Vec::new(),
        at_rest: Vec::new(),
        restarted: None,
        ready: None,
        paths: BTreeMap::new(),
    }
}

/// A node at which the process is down: what a start and a retry leave, and the node where the retry begins.
fn down(after_recovery: Breaches, after_retry: Breaches, ready: Option<usize>) -> Node {
    let restarted = Some(Restart { after_recovery, retry: retry(after_retry) });
    Node { restarted, ready: ready.map(NodeId), ..node() }
}

/// A case that leaves a row, and leads to these nodes.
fn ran(from: usize, typed: &str, down: usize, alive: Option<usize>, cleanup: Option<usize>) -> Ran {
    Ran {
        from: NodeId(from),
        fault: fault(typed),
        at_rest: vec![broken()],
        impatient: alive.map(|_| retry(clean())),
        down: NodeId(down),
        alive: alive.map(NodeId),
        cleanup: cleanup.map(NodeId),
    }
}

/// Two first faults that leave one world, and further faults in the start, in the retry, in the impatient retry and in the
/// cleanup. Only what comes of the world of a crash in the retry is never mended.
fn explored() -> (Vec<Node>, Vec<Ran>) {
    let nodes = vec![
        node(),
        down(clean(), clean(), Some(2)),
        node(),
        node(),
        node(),
        down(broken(), clean(), None),
        down(broken(), broken(), None),
    ];
    let ran = vec![
        ran(0, "s#1:before=error", 1, Some(3), Some(4)),
        ran(0, "s#1:before=crash", 1, None, None),
        ran(1, "boot/t#1:before=crash", 5, None, None),
        ran(2, "retry/s#1:before=crash", 6, None, None),
        ran(3, "impatient/s#1:before=crash", 5, None, None),
        ran(4, "u#1:before=crash", 5, None, None),
        ran(5, "boot/t#1:after=crash", 6, None, None),
    ];
    (nodes, ran)
}

fn tallied(depth: usize) -> (Tally, u64) {
    let (mut nodes, ran) = explored();
    let mut tally = Tally::default();
    let covered = tally.with_faults(&mut nodes, &ran, depth);
    (tally, covered)
}

/// A cell of the criterion: its worst grade, cases, violations, and witness.
fn told(tally: &Tally, class: FaultClass, faults: usize) -> String {
    let Some(cell) = tally.cells.get(&(CellFault::Class(class), faults, CRITERION)) else { return String::new() };
    let witness = cell.witness.iter().flatten().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    format!("{} {}/{}: {witness}", cell.grade, cell.violations, cell.cases)
}

#[test]
fn cases_with_one_fault_are_those_that_were_run() {
    let (tally, covered) = tallied(1);
    assert_eq!(covered, 2);
    assert_eq!(told(&tally, FaultClass::Error, 1), "healed-by-recovery 0/1: s#1:before=error");
    assert_eq!(told(&tally, FaultClass::Crash, 1), "healed-by-recovery 0/1: s#1:before=crash");
    assert_eq!(told(&tally, FaultClass::Crash, 2), "");
}

#[test]
fn a_case_stands_for_each_way_to_the_node_from_which_it_goes_on() {
    let (tally, covered) = tallied(2);
    // From the world of both: two starts and two retries. After the error alone: the impatient retry and the cleanup.
    assert_eq!(covered, 2 + 4 + 2);
    let witness = "s#1:before=error retry/s#1:before=crash";
    assert_eq!(told(&tally, FaultClass::Error, 2), format!("violated 1/4: {witness}"));
    let witness = "s#1:before=crash retry/s#1:before=crash";
    assert_eq!(told(&tally, FaultClass::Crash, 2), format!("violated 1/2: {witness}"));
    let worst_first = &tally.cells[&(CellFault::Class(FaultClass::Error), 1, CRITERION)];
    assert_eq!(worst_first.violations, 0, "cases with more faults do not count there");
}

#[test]
fn a_third_fault_goes_on_from_what_the_second_left() {
    let (tally, covered) = tallied(3);
    // Node 5 is reached by two starts, by the impatient retry, and by the cleanup.
    assert_eq!(covered, 8 + 4);
    let witness = "s#1:before=error boot/t#1:before=crash boot/t#1:after=crash";
    assert_eq!(told(&tally, FaultClass::Error, 3), format!("violated 3/3: {witness}"));
    let witness = "s#1:before=crash boot/t#1:before=crash boot/t#1:after=crash";
    assert_eq!(told(&tally, FaultClass::Crash, 3), format!("violated 1/1: {witness}"));
    assert_eq!(told(&tally, FaultClass::Crash, 2).split(':').next(), Some("violated 1/2"));
}

#[test]
fn of_equal_grades_the_first_witness_stays() {
    let mut tally = Tally::default();
    let grades = |grade| [(CRITERION, grade)].into();
    for (typed, grade) in [
        ("s#1:before=error", Grade::Held),
        ("s#2:before=error", Grade::HealedByRetry),
        ("s#3:before=error", Grade::HealedByRetry),
        ("s#4:before=error", Grade::HealedByRecovery),
        ("s#5:before=error", Grade::Violated),
        ("s#6:before=error", Grade::Violated),
    ] {
        tally.case(&[fault(typed)], &grades(grade));
        let expected = match typed {
            "s#1:before=error" => "held 0/1: ",
            "s#2:before=error" => "healed-by-retry 0/2: s#2:before=error",
            "s#3:before=error" => "healed-by-retry 0/3: s#2:before=error",
            "s#4:before=error" => "healed-by-retry 0/4: s#2:before=error",
            "s#5:before=error" => "violated 1/5: s#5:before=error",
            _ => "violated 2/6: s#5:before=error",
        };
        assert_eq!(told(&tally, FaultClass::Error, 1), expected);
    }
    tally.case(&[], &grades(Grade::Violated));
    assert_eq!(tally.cells.len(), 1, "a case without any fault says nothing new");
}

#[test]
fn the_run_without_faults_has_cells_of_its_own() {
    let judged = |breaches: Breaches| crate::judge::Judgement {
        breaches,
        broken: BTreeMap::new(),
        fingerprint: crate::roles::Canonical::new(
            &crate::roles::Lens::new(&crate::rules::Rules::new()),
            &crate::observe::Observation::default(),
        )
        .fingerprint(),
    };
    let mut tally = Tally::default();
    tally.without_faults(&faultless(judged(clean()), judged(broken())));
    let cell = &tally.cells[&(CellFault::None, 0, CRITERION)];
    assert_eq!((cell.grade, cell.cases, cell.violations), (Grade::Violated, 1, 1));
    assert_eq!(cell.witness.as_deref(), Some(&[][..]));
    let held = &tally.cells[&(CellFault::None, 0, Criterion::AllOrNothing)];
    assert_eq!((held.grade, held.cases, held.violations), (Grade::Held, 1, 0));
    assert_eq!(held.witness, None);
}

fn faultless(at_rest: crate::judge::Judgement, after_restart: crate::judge::Judgement) -> Faultless {
    Faultless {
        // Its stand-in has none.
        #[cfg(feature = "harness")]
        trace: crate::inject::Trace::default(),
        at_rest,
        after_restart,
    }
}

/// The cases that stand behind a cell, at most so many.
fn stood(class: FaultClass, faults: usize, wanted: Grade, most: usize) -> Vec<String> {
    let (nodes, ran) = explored();
    let cases = stood_for(&nodes, &ran, (CellFault::Class(class), faults, CRITERION), wanted, most);
    let line = |case: Vec<PlannedFault>| case.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    cases.into_iter().map(line).collect()
}

#[test]
fn the_cases_behind_a_cell_are_named_one_by_one() {
    use FaultClass::{Crash, Error, Outage};
    assert_eq!(stood(Error, 1, Grade::HealedByRecovery, 9), ["s#1:before=error"]);
    assert_eq!(stood(Crash, 1, Grade::HealedByRecovery, 9), ["s#1:before=crash"]);
    assert_eq!(stood(Outage, 1, Grade::HealedByRecovery, 9), [""; 0]);
    assert_eq!(stood(Error, 1, Grade::Violated, 9), [""; 0]);
    assert_eq!(stood(Error, 0, Grade::Violated, 9), [""; 0], "there is always a fault");
    let healed = [
        "s#1:before=error boot/t#1:before=crash",
        "s#1:before=error impatient/s#1:before=crash",
        "s#1:before=error u#1:before=crash",
    ];
    assert_eq!(stood(Error, 2, Grade::HealedByRetry, 9), healed);
    assert_eq!(stood(Error, 2, Grade::HealedByRetry, 2), healed[..2]);
    assert_eq!(stood(Error, 2, Grade::HealedByRetry, 0), [""; 0]);
    assert_eq!(stood(Crash, 2, Grade::HealedByRetry, 9), ["s#1:before=crash boot/t#1:before=crash"]);
    assert_eq!(stood(Crash, 2, Grade::Violated, 9), ["s#1:before=crash retry/s#1:before=crash"]);
    let violated = healed.map(|case| format!("{case} boot/t#1:after=crash"));
    assert_eq!(stood(Error, 3, Grade::Violated, 9), violated);
    assert_eq!(stood(Error, 3, Grade::Violated, 1), violated[..1]);
    assert_eq!(stood(Error, 3, Grade::Violated, 2), violated[..2]);
}
