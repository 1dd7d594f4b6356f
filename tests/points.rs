//! Where a flow can be broken: without steps at its file operations, outside of its steps as well, and never nowhere.

use std::io;
use std::path::PathBuf;

use halfway::fault::FaultClass;
use halfway::harness::Explored;
use halfway::judge::{Criterion, Grade};
use halfway::report::CellFault;
use halfway::{BoxError, Error, Flow, Rules, Step, World, explore, step};

/// Stores a page of a book. How is what differs; none of them but the last names a step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Print {
    /// Under its own name, at once whole: a temporary file, synced and renamed; a start removes what is left of one.
    RenamesIt,
    /// Straight into its place.
    WritesInPlace,
    /// Not at all.
    DoesNothing,
    /// A step for the page; before it, outside of any step, a lock is taken and given back.
    LocksOutsideOfSteps,
}

const WRITE_PAGE: Step = Step::new("write-page");

impl Flow for Print {
    type Request = ();
    type Response = ();
    type Error = io::Error;
    type App = PathBuf;

    fn flow(&self) -> &'static str {
        "print"
    }

    fn strategy(&self) -> &'static str {
        "page"
    }

    async fn prepare(&self, _world: &World, _request: &()) -> Result<(), BoxError> {
        Ok(())
    }

    async fn boot(&self, world: &World) -> Result<PathBuf, BoxError> {
        let draft = world.dir().join("page.new");
        if draft.exists() {
            std::fs::remove_file(draft)?;
        }
        Ok(world.dir().to_owned())
    }

    async fn import(&self, dir: &PathBuf, _request: &()) -> Result<(), io::Error> {
        let (page, draft) = (dir.join("page.txt"), dir.join("page.new"));
        let text = "It was a dark and stormy night.";
        match self {
            Self::RenamesIt => {
                let written = std::fs::write(&draft, text).and_then(|()| std::fs::rename(&draft, &page));
                if written.is_err() {
                    let _ = std::fs::remove_file(&draft);
                }
                written
            }
            Self::WritesInPlace => std::fs::write(&page, text),
            Self::DoesNothing => Ok(()),
            Self::LocksOutsideOfSteps => {
                let lock = dir.join("lock");
                drop(std::fs::File::create_new(&lock)?);
                std::fs::remove_file(&lock)?;
                step(WRITE_PAGE, async { std::fs::write(&page, text) }).await
            }
        }
    }

    fn rules(&self, _request: &()) -> Rules {
        Rules::new().file_stands_alone("page.txt")
    }
}

fn explored(print: Print) -> Explored {
    explore(print, ()).run().expect("the harness can tell")
}

const BY_OPERATIONS: &str = "it names no step: halfway broke its file operations instead, one fault in each case";

#[test]
fn a_flow_without_steps_is_broken_at_its_file_operations() {
    let sound = explored(Print::RenamesIt);
    assert!(sound.is_as_expected(), "{}", halfway::report::text::render(&sound.report, 100));
    assert_eq!(sound.report.strategies[0].notes, [BY_OPERATIONS]);
    assert!(sound.report.totals.cases > 20, "{} cases", sound.report.totals.cases);

    let faulty = explored(Print::WritesInPlace);
    let strategy = &faulty.report.strategies[0];
    assert_eq!(strategy.notes, [BY_OPERATIONS]);
    // The file is there and empty, or half written; the retry writes it anew.
    assert_eq!(strategy.worst(Criterion::AllOrNothing), Some(Grade::HealedByRetry));
    let witness = faulty.report.findings.iter().find(|found| found.criterion == Criterion::AllOrNothing);
    assert!(witness.expect("a finding").schedule.contains("@page.txt#1"), "{witness:?}");
}

#[test]
fn a_flow_that_passes_no_point_does_not_hold() {
    let error = explore(Print::DoesNothing, ()).run().expect_err("there is nothing to break");
    assert!(matches!(error, Error::NothingToBreak { .. }), "{error}");
    let said = error.to_string();
    assert!(said.starts_with("print/page: there is nothing to break: the attempt names no step"), "{said}");
    assert!(said.contains("halfway::step"), "{said}");
}

/// With steps in the code only steps are broken; but what a kill leaves between two effects is real wherever they are.
#[test]
fn a_crash_outside_of_any_step_is_tried_in_every_run() {
    let explored = explored(Print::LocksOutsideOfSteps);
    let found = explored.report.findings.iter().find(|found| found.criterion == Criterion::RetrySucceeds);
    let found = found.expect("a lock that nobody gives back");
    assert_eq!(found.schedule, "print/page create@lock#1:after=crash");
    assert_eq!((found.fault, found.grade), (CellFault::Class(FaultClass::Crash), Grade::Violated));
}

/// Does nothing, under any name.
struct Named(&'static str);

impl Flow for Named {
    type Request = ();
    type Response = ();
    type Error = io::Error;
    type App = ();

    fn flow(&self) -> &'static str {
        self.0
    }

    fn strategy(&self) -> &'static str {
        "as-it-is"
    }

    async fn prepare(&self, _world: &World, _request: &()) -> Result<(), BoxError> {
        Ok(())
    }

    async fn boot(&self, _world: &World) -> Result<(), BoxError> {
        Ok(())
    }

    async fn import(&self, _app: &(), _request: &()) -> Result<(), io::Error> {
        Ok(())
    }
}

#[test]
fn a_name_that_does_not_fit_into_a_schedule_is_an_error() {
    for name in ["Add Book", "", "add_book", "a/b"] {
        let error = explore(Named(name), ()).run().expect_err("no schedule can name it");
        assert!(matches!(error, Error::Name { what: "flow", .. }), "{name}: {error}");
    }
}
