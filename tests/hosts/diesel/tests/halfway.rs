//! In two statements is faulty: after the first one alone the photo has no tag, and the retry is refused, since the title
//! is there. In one transaction is sound.

use halfway::judge::{Criterion, Grade};
use halfway::{explore, BoxError, Flow, World};
use host_diesel::Photos;

struct AddPhoto {
    in_two: bool,
}

impl Flow for AddPhoto {
    type Request = &'static str;
    type Response = ();
    type Error = diesel::result::Error;
    type App = Photos;

    fn flow(&self) -> &str {
        "add-photo"
    }

    fn strategy(&self) -> &str {
        if self.in_two { "in-two" } else { "in-one" }
    }

    async fn prepare(&self, _world: &World, _title: &&'static str) -> Result<(), BoxError> {
        Ok(())
    }

    async fn boot(&self, world: &World) -> Result<Photos, BoxError> {
        Ok(Photos::open(world.database_file().and_then(|file| file.to_str()).expect("it is a file"))?)
    }

    async fn import(&self, photos: &Photos, title: &&'static str) -> Result<(), diesel::result::Error> {
        if self.in_two { photos.add_in_two(title) } else { photos.add(title) }
    }
}

#[test]
fn two_statements_are_caught_without_a_step() {
    let report = explore(AddPhoto { in_two: true }, "Rome").depth(1).run().expect("it can tell").report;
    assert_eq!(report.strategies[0].worst(Criterion::RetrySucceeds), Some(Grade::Violated));
    let found: Vec<&str> = report.findings.iter().map(|found| found.schedule.as_str()).collect();
    assert!(found.iter().any(|line| line.contains("insert-into-tags#1:before=")), "{found:#?}");
}

#[test]
fn one_transaction_holds() {
    explore(AddPhoto { in_two: false }, "Rome").assert_holds();
}
