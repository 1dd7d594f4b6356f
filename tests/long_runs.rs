//! A run that is stopped, wherever that is, and gone on with, ends as if nobody had stopped it.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use halfway::harness::{Explored, Settings, explore_all, resume};
use halfway::imports::{Requests, subjects};
use halfway::report::{Report, json};
use halfway::{Progress, Silent, Subject};

fn of_flow(flow: &str) -> Vec<Subject> {
    subjects(&Requests::default()).into_iter().filter(|subject| subject.flow() == flow).collect()
}

fn settings() -> Settings {
    Settings { depth: 1, jobs: NonZeroUsize::MIN, ..Settings::default() }
}

/// Stops a run after so many cases, and hears what it is told.
struct Stopper {
    cases: usize,
    done: AtomicUsize,
    found: AtomicUsize,
    begun: AtomicUsize,
    interrupted: Arc<AtomicBool>,
}

impl Stopper {
    fn after(cases: usize, interrupted: &Arc<AtomicBool>) -> Self {
        let zero = AtomicUsize::default;
        Self { cases, done: zero(), found: zero(), begun: zero(), interrupted: Arc::clone(interrupted) }
    }
}

impl Progress for Stopper {
    fn began(&self, _subject: &str, number: usize, subjects: usize) {
        assert_eq!(subjects, 5);
        assert_eq!(self.begun.fetch_add(1, Ordering::Relaxed) + 1, number);
    }

    fn planned(&self, _subject: &str, _cases: usize) {}

    fn done(&self) {
        if self.done.fetch_add(1, Ordering::Relaxed) + 1 == self.cases {
            self.interrupted.store(true, Ordering::Relaxed);
        }
    }

    fn found(&self, findings: usize) {
        self.found.fetch_add(findings, Ordering::Relaxed);
    }
}

/// The report as programs read it, but for the times.
fn timeless(explored: Explored) -> String {
    let mut report: Report = explored.report;
    (report.totals.seconds, report.totals.cases_per_second) = (0.0, 0.0);
    json::render(&report)
}

#[test]
fn a_run_that_is_stopped_anywhere_goes_on_to_the_same_report() {
    let subjects = of_flow("scenario-create");
    let hearing = Stopper::after(usize::MAX, &Arc::default());
    let whole = explore_all(&subjects, &settings(), &hearing).expect("the harness can tell");
    let (cases, found) = (hearing.done.into_inner(), hearing.found.into_inner());
    assert_eq!(found, whole.report.findings.len(), "what is told on the way is what is reported");
    let whole = timeless(whole);

    let mut explored_before = Vec::new();
    for stop in [1, cases / 4, cases / 2, cases * 3 / 4, cases - 1] {
        let interrupted = Arc::new(AtomicBool::new(false));
        let stopper = Stopper::after(stop, &interrupted);
        let stopping = Settings { interrupted, ..settings() };
        let first = explore_all(&subjects, &stopping, &stopper).expect("a stopped run is reported");
        let partial = first.report.partial.as_ref().unwrap_or_else(|| panic!("not all is there after {stop} cases"));
        let done = first.report.strategies.len();
        assert_eq!(partial.missing, subjects[done..].iter().map(Subject::name).collect::<Vec<_>>());
        assert!(!first.is_as_expected(), "nobody knows of the rest");
        explored_before.push(done);

        let saved = json::parse(&json::render(&first.report)).expect("it can be read back");
        let resumed = resume(saved, &subjects, &settings(), &Silent).expect("it goes on");
        assert!(resumed.is_as_expected());
        assert_eq!(timeless(resumed), whole, "after {stop} cases");
    }
    assert_eq!(explored_before.first(), Some(&0), "one was stopped before anything was done");
    assert!(explored_before.iter().any(|&done| done > 1), "one was stopped after much was done: {explored_before:?}");
}

#[test]
fn a_run_does_not_go_on_with_another_one() {
    let subjects = of_flow("scenario-create");
    let stopping = Settings { interrupted: Arc::new(AtomicBool::new(true)), ..settings() };
    let begun = || explore_all(&subjects, &stopping, &Silent).expect("a stopped run is reported").report;
    let refused = |begun: Report, subjects: &[Subject], settings: &Settings, says: &str| {
        let error = resume(begun, subjects, settings, &Silent).expect_err(says).to_string();
        assert!(error.contains(says), "{error} does not say {says:?}");
    };
    refused(begun(), &subjects, &Settings { depth: 2, ..settings() }, "--depth: 1; and is to go on with --depth: 2");
    refused(begun(), &subjects, &Settings { seed: 3, ..settings() }, "--seed: 0; and is to go on with --seed: 3");
    let faults = [halfway::fault::FaultClass::Crash].into();
    refused(begun(), &subjects, &Settings { faults, ..settings() }, "go on with --faults: crash;");
    let deadline = std::time::Duration::from_millis(1500);
    refused(begun(), &subjects, &Settings { deadline, ..settings() }, "go on with --deadline: 1500 ms");
    refused(begun(), &subjects[..4], &settings(), "strategies: scenario-create/as-found scenario-create/undo-on-error");
    let requests = [("--csv".to_owned(), "0".repeat(64))].into();
    refused(
        begun(),
        &subjects,
        &Settings { requests, ..settings() },
        "files: none; and is to go on with files: --csv 0",
    );
    let complete = Report { partial: None, ..begun() };
    refused(complete, &subjects, &settings(), "the report is complete, and nothing is missing");
}
