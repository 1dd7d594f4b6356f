//! The same question gets the same answer: on any number of threads, with or without pruning, and when it is asked again.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use halfway::fault::FaultClass;
use halfway::harness::{Explored, Settings, explore_all};
use halfway::imports::{Requests, subjects};
use halfway::judge::Grade;
use halfway::report::{Report, json};
use halfway::{Pruning, Silent, Subject};

fn of_flow(flow: &str) -> Vec<Subject> {
    let subjects = subjects(&Requests::default()).into_iter();
    subjects.filter(|subject| subject.flow() == flow).collect()
}

fn explored(subjects: &[Subject], settings: &Settings) -> Explored {
    explore_all(subjects, settings, &Silent).expect("the harness can tell")
}

/// The report as programs read it, but for the times.
fn timeless(explored: Explored) -> String {
    assert!(explored.not_fired.is_empty(), "{:?}", explored.not_fired);
    let mut report: Report = explored.report;
    (report.totals.seconds, report.totals.cases_per_second) = (0.0, 0.0);
    json::render(&report)
}

/// One exploration on one thread, then one on each of the other numbers of threads.
fn check_threads(subjects: &[Subject], settings: &Settings, others: &[usize]) {
    let on = |jobs: usize| {
        let jobs = NonZeroUsize::new(jobs).expect("not 0");
        timeless(explored(subjects, &Settings { jobs, ..settings.clone() }))
    };
    let first = on(1);
    for &jobs in others {
        let other = on(jobs);
        let difference = first.lines().zip(other.lines()).find(|(first, other)| first != other);
        assert_eq!(difference, None, "{} on {jobs} threads", subjects[0].flow());
        assert_eq!(first.len(), other.len(), "{} on {jobs} threads", subjects[0].flow());
    }
}

#[test]
fn the_report_does_not_depend_on_threads_or_on_the_run() {
    // The intent log has five times as many cases as the other four together.
    let (long, short): (Vec<_>, Vec<_>) =
        of_flow("scenario-create").into_iter().partition(|subject| subject.strategy() == "intent-log");
    check_threads(&short, &Settings::default(), &[2, 5, 5]);
    check_threads(&long, &Settings::default(), &[5]);
    check_threads(&of_flow("chapter-import"), &Settings { depth: 1, ..Settings::default() }, &[2, 5, 5]);
}

#[test]
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
fn the_report_does_not_depend_on_threads_where_file_operations_are_broken() {
    let faults = FaultClass::ALL.into_iter().collect();
    let settings = Settings { depth: 1, faults, ..Settings::default() };
    let names = ["scenario-create/intent-log", "scenario-import/path-first", "chapter-import/upsert"];
    for name in names {
        let flow = name.split('/').next().expect("a flow");
        let one: Vec<Subject> = of_flow(flow).into_iter().filter(|subject| subject.name() == name).collect();
        check_threads(&one, &settings, &[3]);
    }
}

/// What two reports have to agree on: the grade, the number of cases and the number of breaches, cell by cell.
fn cells(report: &Report) -> BTreeMap<String, (Grade, u64, u64)> {
    let of_strategy = |strategy: &halfway::report::StrategyReport| {
        let name = format!("{}/{}", strategy.flow, strategy.strategy);
        let cells = strategy.cells.iter().map(move |cell| {
            let key = format!("{name} {} {} {}", cell.fault.name(), cell.depth, cell.criterion);
            (key, (cell.grade, cell.cases, cell.violations))
        });
        cells.collect::<Vec<_>>()
    };
    report.strategies.iter().flat_map(of_strategy).collect()
}

#[test]
fn pruning_loses_nothing() {
    // The intent log has five times as many cases as the other four together, and would have all of them run.
    let subjects: Vec<Subject> =
        of_flow("scenario-create").into_iter().filter(|subject| subject.strategy() != "intent-log").collect();
    assert_eq!(subjects.len(), 4);
    let with = |pruning| explored(&subjects, &Settings { pruning, ..Settings::default() }).report;
    let (pruned, whole) = (with(Pruning::EqualWorlds), with(Pruning::Off));

    assert!(pruned.totals.pruned > 0, "nothing was pruned, and nothing was compared");
    assert!(pruned.totals.cases < whole.totals.cases);
    let covered = |report: &Report| report.totals.cases + report.totals.pruned;
    assert_eq!(covered(&pruned), covered(&whole), "pruned cases are counted");
    let (pruned, whole) = (cells(&pruned), cells(&whole));
    assert!(pruned.len() > 100);
    for (cell, found) in &whole {
        assert_eq!(pruned.get(cell), Some(found), "{cell}");
    }
    assert_eq!(pruned.len(), whole.len());
}
