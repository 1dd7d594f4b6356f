//! What changed between two runs, and what follows for which strategy to choose.

use halfway::fault::FaultClass;
use halfway::judge::{Criterion, Grade};
use halfway::report::diff::{Diff, compare};
use halfway::report::recommend::{RULE, recommend};
use halfway::report::text::diff;
use halfway::report::{CellFault, Report};

use crate::{check, fixture};

/// The report after a change to the cells of one criterion of one strategy.
fn with(strategy: usize, criterion: Criterion, change: impl Fn(CellFault, u32) -> Option<Grade>) -> Report {
    let mut report = fixture::report();
    for cell in &mut report.strategies[strategy].cells {
        if let Some(grade) = change(cell.fault, cell.depth).filter(|_| cell.criterion == criterion) {
            cell.grade = grade;
            cell.witness = (grade != Grade::Held).then(|| "chapter-import/upsert create-job#1:before=crash".into());
        }
    }
    report
}

fn counts(change: &Diff) -> (usize, usize) {
    (change.worse.len(), change.better.len())
}

#[test]
fn a_run_is_no_worse_than_itself() {
    let change = compare(&fixture::report(), &fixture::report());
    assert_eq!((counts(&change), change.apart.as_slice()), ((0, 0), [].as_slice()));
    assert!(change.compared > 500, "{}", change.compared);
}

#[test]
fn what_is_worse_one_way_is_better_the_other_way() {
    let crash = CellFault::Class(FaultClass::Crash);
    let broken = with(3, Criterion::RetrySucceeds, |fault, _| (fault == crash).then_some(Grade::Violated));
    let worse = compare(&fixture::report(), &broken);
    assert_eq!(counts(&worse), (1, 0));
    let shift = &worse.worse[0];
    assert_eq!((shift.strategy.as_str(), shift.criterion), ("upsert", Criterion::RetrySucceeds));
    assert_eq!((shift.was, shift.is, shift.depth), (Grade::Held, Grade::Violated, 1));
    assert_eq!(shift.faults, [crash]);
    assert_eq!(shift.replay.as_deref(), Some("halfway replay 'chapter-import/upsert create-job#1:before=crash'"));
    let better = compare(&broken, &fixture::report());
    assert_eq!(counts(&better), (0, 1));
    assert_eq!((better.better[0].was, better.better[0].is), (Grade::Violated, Grade::Held));
}

#[test]
fn a_breach_that_takes_fewer_faults_is_worse() {
    let error = CellFault::Class(FaultClass::Error);
    let twice = |grade_of_one: Grade| {
        with(3, Criterion::RetrySucceeds, move |fault, depth| {
            (fault == error).then_some(if depth == 1 { grade_of_one } else { Grade::Violated })
        })
    };
    let change = compare(&twice(Grade::Held), &twice(Grade::Violated));
    assert_eq!(counts(&change), (1, 0));
    assert_eq!(change.worse[0].depth, 1);
    // The worst that became of it is told, not the first that is a little worse.
    let change = compare(&fixture::report(), &twice(Grade::HealedByRecovery));
    assert_eq!((change.worse[0].is, change.worse[0].depth), (Grade::Violated, 2));
}

#[test]
fn what_only_one_run_tried_is_told_and_not_compared() {
    let mut small = with(3, Criterion::RetrySucceeds, |_, depth| (depth == 2).then_some(Grade::Violated));
    small.options.depth = 1;
    small.options.faults.retain(|class| *class != FaultClass::Panic);
    small.strategies.remove(0);
    for strategy in &mut small.strategies {
        strategy.cells.retain(|cell| cell.depth < 2 && cell.fault != CellFault::Class(FaultClass::Panic));
    }
    let change = compare(&fixture::report(), &small);
    assert_eq!(counts(&change), (0, 0));
    assert_eq!(
        change.apart,
        [
            "cases with more than 1 faults, which were tried only before",
            "faults that were tried only before: panic",
            "strategies that were tried only before: chapter-import/as-found",
        ]
    );
    small.strategies.clear();
    assert_eq!(compare(&fixture::report(), &small).compared, 0);
}

#[test]
fn a_change_is_told_with_its_witness() {
    let crash = CellFault::Class(FaultClass::Crash);
    let is = with(3, Criterion::RetrySucceeds, |fault, _| (fault != crash).then_some(Grade::Violated));
    let mut was = with(0, Criterion::NoOrphanFiles, |fault, _| (fault == crash).then_some(Grade::HealedByRetry));
    was.options.depth = 3;
    check("change-text-100", &diff::render(&compare(&was, &is), 100));
    check("change-text-none-80", &diff::render(&compare(&is, &is), 80));
}

#[test]
fn a_recommendation_follows_from_the_matrix_by_its_rule() {
    let chosen = |report: &Report| -> Vec<Option<String>> {
        recommend(report).iter().map(|flow| flow.choice.map(|choice| choice.strategy.clone())).collect()
    };
    let some = |name: &str| Some(name.to_owned());
    let report = fixture::report();
    assert_eq!(chosen(&report), [some("one-transaction-upsert"), some("intent-log"), some("intent-log")]);
    assert!(RULE.contains("fewest healed"));

    // Violated, or not as expected: no candidate.
    let surprising = fixture::surprising_report();
    let mut told = surprising.clone();
    told.totals.not_fired = 0;
    let recommended = recommend(&told);
    assert_eq!(recommended[0].choice.map(|choice| choice.strategy.as_str()), None);
    assert_eq!(
        recommended[0].reason,
        "none: no strategy that is as expected keeps every promise; one-transaction-upsert violates the fewest \
         (retry-succeeds)"
    );
    assert_eq!(chosen(&told)[1], some("intent-log"), "what was to be caught and holds is a surprise, and no choice");
    // A run that could not tell recommends nothing.
    assert_eq!(chosen(&surprising), [None, None, None]);

    // Fewest healed, then fewest steps.
    let mut report = report;
    let mut rival = report.strategies[4].clone();
    rival.strategy = "rival".into();
    report.strategies.insert(0, rival);
    assert_eq!(chosen(&report)[0], some("rival"), "of equals the first");
    report.strategies[0].steps.push("one-more".into());
    assert_eq!(chosen(&report)[0], some("one-transaction-upsert"));
    report.strategies[0].cells.retain(|cell| cell.grade == Grade::Held);
    assert_eq!(chosen(&report)[0], some("rival"), "fewer healed outweigh more steps");
}
