//! Cases drawn at random: the same seed draws the same, on any number of threads, and what is found can be seen again.

use std::num::NonZeroUsize;

use halfway::fault::FaultClass;
use halfway::harness::{Explored, Settings, explore_all, replay};
use halfway::imports::{Requests, subjects};
use halfway::judge::Grade;
use halfway::report::{Finding, Report, json};
use halfway::schedule::Schedule;
use halfway::{Silent, Subject};

fn named(names: &[&str]) -> Vec<Subject> {
    subjects(&Requests::default()).into_iter().filter(|subject| names.contains(&&*subject.name())).collect()
}

fn explored(subjects: &[Subject], settings: &Settings) -> Explored {
    let explored = explore_all(subjects, settings, &Silent).expect("the harness can tell");
    assert!(explored.not_fired.is_empty(), "{:?}", explored.not_fired);
    explored
}

/// The report as programs read it, but for the times.
fn timeless(explored: Explored) -> String {
    let mut report: Report = explored.report;
    (report.totals.seconds, report.totals.cases_per_second) = (0.0, 0.0);
    json::render(&report)
}

fn drawing(cases: u64, seed: u64, jobs: usize) -> Settings {
    let jobs = NonZeroUsize::new(jobs).expect("not 0");
    Settings { random: Some(cases), seed, depth: 3, jobs, ..Settings::default() }
}

#[test]
fn the_same_seed_gives_the_same_report_on_any_number_of_threads() {
    let subjects = named(&["scenario-create/undo-on-error", "chapter-import/upsert"]);
    let on = |seed, jobs| timeless(explored(&subjects, &drawing(40, seed, jobs)));
    let first = on(7, 1);
    for jobs in [2, 5] {
        assert!(on(7, jobs) == first, "on {jobs} threads");
    }
    assert!(on(8, 1) != first, "another seed draws other cases");
    // What is drawn for a strategy does not depend on which others there are.
    let alone = explored(&subjects[1..], &drawing(40, 7, 2)).report;
    let both: Report = json::parse(&first).expect("a report");
    assert_eq!(both.strategies[1], alone.strategies[0]);
}

#[test]
fn so_many_cases_are_drawn_with_any_number_of_faults() {
    let report = explored(&named(&["scenario-create/path-first"]), &drawing(300, 1, 2)).report;
    assert_eq!((report.totals.cases, report.totals.pruned), (301, 0));
    let cells = || report.strategies[0].cells.iter().filter(|cell| cell.criterion.name() == "all-or-nothing");
    assert_eq!(cells().map(|cell| cell.cases).sum::<u64>(), 301);
    for depth in 0..=3 {
        assert!(cells().any(|cell| cell.depth == depth), "no case had {depth} faults");
    }
    for class in FaultClass::OF_STEPS {
        assert!(cells().any(|cell| cell.fault.name() == class.name()), "no case began with {class}");
    }
}

#[test]
fn what_is_known_to_break_is_found_and_seen_again() {
    let subjects = named(&["scenario-create/undo-on-error", "scenario-create/intent-log", "scenario-import/as-found"]);
    let settings = drawing(60, 3, 2);
    let found = explored(&subjects, &settings);
    assert!(
        found.is_as_expected(),
        "{:?}",
        found.report.strategies.iter().map(|one| one.as_expected).collect::<Vec<_>>()
    );
    assert!(found.report.findings.iter().any(|finding| finding.grade == Grade::Violated));
    for finding in &found.report.findings {
        let name = format!("{}/{}", finding.flow, finding.strategy);
        let subject = subjects.iter().find(|subject| subject.name() == name).expect("it was explored");
        let schedule: Schedule = finding.schedule.parse().expect("a schedule");
        let parts = finding.shrunk_from.as_ref().and_then(|shrunk| shrunk.first);
        let part = parts.map(|parts| subject.first_parts(parts).expect("a part of the request"));
        let story = replay(part.as_ref().unwrap_or(subject), &schedule, &settings).expect("every fault happens again");
        assert_eq!(story.verdict.get(&finding.criterion), Some(&finding.grade), "{}", finding.replay);
    }
}

#[test]
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
fn file_operations_and_losses_of_power_are_drawn_too() {
    let settings = Settings { faults: FaultClass::ALL.into(), ..drawing(100, 5, 2) };
    let report = explored(&named(&["scenario-create/path-first"]), &settings).report;
    for class in [FaultClass::Crash, FaultClass::DiskError, FaultClass::Torn, FaultClass::PowerLoss] {
        let mut cells = report.strategies[0].cells.iter();
        assert!(cells.any(|cell| cell.fault.name() == class.name()), "no case began with {class}");
    }
}

/// The verdict of the case with these faults, if they all happen.
fn grade(subject: &Subject, schedule: &Schedule, finding: &Finding) -> Option<Grade> {
    let story = replay(subject, schedule, &Settings::default()).ok()?;
    story.verdict.get(&finding.criterion).copied()
}

#[test]
fn a_finding_cannot_be_made_smaller_by_hand_and_keeps_what_it_was() {
    let subjects = named(&["scenario-import/undo-on-error", "chapter-import/undo-on-error"]);
    let report = explored(&subjects, &drawing(60, 11, 2)).report;
    let (mut fewer, mut earlier, mut part) = (0, 0, 0);
    for finding in &report.findings {
        let name = format!("{}/{}", finding.flow, finding.strategy);
        let whole = subjects.iter().find(|subject| subject.name() == name).expect("it was explored");
        let first = finding.shrunk_from.as_ref().and_then(|shrunk| shrunk.first);
        let schedule: Schedule = finding.schedule.parse().expect("a schedule");
        let small = first.map(|parts| whole.first_parts(parts).expect("a part of the request"));
        let sent = small.as_ref().unwrap_or(whole);
        // With every single fault left out, the same request does not show it.
        for at in 0..schedule.faults.len() {
            let mut without = schedule.clone();
            without.faults.remove(at);
            let shows = !without.faults.is_empty() && grade(whole, &without, finding) == Some(finding.grade);
            assert!(!shows, "{} is not needed: {}", schedule.faults[at], finding.replay);
        }
        if let Some(shrunk) = &finding.shrunk_from {
            let before: Schedule = shrunk.schedule.parse().expect("a schedule");
            assert_eq!(grade(whole, &before, finding), Some(finding.grade), "{}", shrunk.replay);
            assert_eq!(grade(sent, &schedule, finding), Some(finding.grade), "{}", finding.replay);
            assert_ne!((&shrunk.schedule, first), (&finding.schedule, None), "it is smaller than it was");
            fewer += usize::from(schedule.faults.len() < before.faults.len());
            earlier += usize::from(shrunk.because.iter().any(|because| because.contains(" can be ")));
            part += usize::from(first.is_some());
        }
        // One part is enough, or it was tried.
        if first.is_none_or(|parts| parts > 1)
            && let Some(one) = whole.first_parts(1)
        {
            let of_one = grade(&one, &schedule, finding);
            assert_ne!(of_one, Some(finding.grade), "one part is enough: {}", finding.replay);
        }
    }
    assert!(fewer > 0 && earlier > 0 && part > 0, "{fewer} with fewer faults, {earlier} earlier, {part} with a part");
}
