//! What a process remembers: cases are taken for one by their worlds, and memory is no part of a world.
//!
//! A witness that was put together from such cases may not happen. Then what it stands for is run one by one, and the run
//! goes on.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use halfway::fault::FaultClass;
use halfway::judge::{Criterion, Grade};
use halfway::report::CellFault;
use halfway::{BoxError, Flow, Rules, Step, World, explore, step};

/// Greets a guest once for each process, then lets him in. The greeting leaves nothing in the world. Where it fails for a
/// guest who comes again, a complaint is left.
struct Doorman;

#[derive(Default)]
struct App {
    dir: PathBuf,
    has_greeted: AtomicBool,
    asked: AtomicU32,
}

const GREET: Step = Step::new("greet");
const LET_IN: Step = Step::new("let-in");

impl Flow for Doorman {
    type Request = ();
    type Response = ();
    type Error = io::Error;
    type App = App;

    fn flow(&self) -> &'static str {
        "door"
    }

    fn strategy(&self) -> &'static str {
        "greets-once"
    }

    async fn prepare(&self, _world: &World, _request: &()) -> Result<(), BoxError> {
        Ok(())
    }

    async fn boot(&self, world: &World) -> Result<App, BoxError> {
        Ok(App { dir: world.dir().to_owned(), ..App::default() })
    }

    async fn import(&self, app: &App, _request: &()) -> Result<(), io::Error> {
        let times = app.asked.fetch_add(1, Ordering::SeqCst);
        if !app.has_greeted.load(Ordering::SeqCst) {
            let greeted = step(GREET, async {
                app.has_greeted.store(true, Ordering::SeqCst);
                Ok(())
            });
            if let Err(error) = greeted.await {
                if times == 1 {
                    std::fs::write(app.dir.join("complaint.txt"), "twice, and no greeting")?;
                }
                return Err(error);
            }
        }
        step(LET_IN, async { std::fs::write(app.dir.join("guest.txt"), "in") }).await
    }

    fn rules(&self, _request: &()) -> Rules {
        Rules::new().file_stands_alone("guest.txt")
    }
}

#[test]
fn a_witness_that_memory_makes_impossible_costs_no_finding_and_no_run() {
    let classes = [FaultClass::Error, FaultClass::LostAck];
    let explored = explore(Doorman, ()).faults(classes).depth(2).run().expect("the run goes on");
    let strategy = &explored.report.strategies[0];
    let cell = |class| {
        let cells = strategy.cells.iter().filter(|cell| cell.criterion == Criterion::NoOrphanFiles && cell.depth == 2);
        cells.filter(|cell| cell.fault == CellFault::Class(class)).map(|cell| cell.grade).max()
    };
    // Error, and error again: the guest is not greeted twice, and complains.
    assert_eq!(cell(FaultClass::Error), Some(Grade::Violated));
    // After a lost acknowledgement the greeting is remembered, and no second one can fail.
    assert_eq!(cell(FaultClass::LostAck), Some(Grade::Held));
    assert!(explored.not_fired.is_empty());
    assert!(strategy.notes.iter().any(|note| note.contains("run one by one")), "{:?}", strategy.notes);
}
