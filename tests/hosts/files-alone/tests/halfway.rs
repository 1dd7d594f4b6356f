//! In place is faulty: the file is emptied before it is written, and a crash between the two loses the old notes for good.
//! Beside the old one is sound: whatever happens, one of the two is there whole, and the next start removes the rest.

use files_alone::Notes;
use halfway::judge::{Criterion, Grade};
use halfway::{explore, BoxError, Flow, World};

struct AddNote {
    in_place: bool,
}

impl Flow for AddNote {
    type Request = &'static str;
    type Response = ();
    type Error = std::io::Error;
    type App = Notes;

    fn flow(&self) -> &str {
        "add-note"
    }

    fn strategy(&self) -> &str {
        if self.in_place { "in-place" } else { "beside" }
    }

    async fn prepare(&self, world: &World, _line: &&'static str) -> Result<(), BoxError> {
        Ok(std::fs::write(world.dir().join("notes.txt"), "buy milk\n")?)
    }

    async fn boot(&self, world: &World) -> Result<Notes, BoxError> {
        Ok(Notes::open(world.dir().to_owned())?)
    }

    async fn import(&self, notes: &Notes, line: &&'static str) -> Result<(), std::io::Error> {
        if self.in_place { notes.add_in_place(line) } else { notes.add(line) }
    }
}

#[test]
fn notes_written_in_place_are_lost() {
    let report = explore(AddNote { in_place: true }, "buy bread").run().expect("it can tell").report;
    assert_eq!(report.strategies[0].worst(Criterion::AllOrNothing), Some(Grade::Violated));
    assert!(report.findings.iter().any(|found| found.schedule.contains("@notes.txt#1")), "{:#?}", report.findings);
}

#[test]
fn notes_written_beside_the_old_ones_hold() {
    explore(AddNote { in_place: false }, "buy bread").assert_holds();
}
