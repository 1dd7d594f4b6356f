//! In two statements is faulty: after the first one alone the photo has no tag, and the retry is refused, since the title
//! is there. So it is in two steps, where an error of the application's own is injected. In one transaction is sound.

use halfway::judge::{Criterion, Grade};
use halfway::{explore, BoxError, Flow, World};
use rusqlite_032::{PhotoError, Photos};

#[derive(Clone, Copy, PartialEq)]
enum Way {
    InTwo,
    InSteps,
    InOne,
}

impl Flow for Way {
    type Request = &'static str;
    type Response = ();
    type Error = PhotoError;
    type App = Photos;

    fn flow(&self) -> &str {
        "add-photo"
    }

    fn strategy(&self) -> &str {
        match self {
            Self::InTwo => "in-two",
            Self::InSteps => "in-steps",
            Self::InOne => "in-one",
        }
    }

    async fn prepare(&self, _world: &World, _title: &&'static str) -> Result<(), BoxError> {
        Ok(())
    }

    async fn boot(&self, world: &World) -> Result<Photos, BoxError> {
        Ok(Photos::open(world.database_file().expect("it is a file"))?)
    }

    async fn import(&self, photos: &Photos, title: &&'static str) -> Result<(), PhotoError> {
        match self {
            Self::InTwo => photos.add_in_two(title),
            Self::InSteps => photos.add_in_steps(title).await,
            Self::InOne => photos.add(title),
        }
    }
}

fn findings(way: Way) -> Vec<String> {
    let report = explore(way, "Rome").depth(1).run().expect("it can tell").report;
    assert_eq!(report.strategies[0].worst(Criterion::RetrySucceeds), Some(Grade::Violated));
    report.findings.into_iter().map(|found| found.schedule).collect()
}

#[test]
fn two_statements_are_caught_without_a_step() {
    let found = findings(Way::InTwo);
    assert!(found.iter().any(|line| line.contains("insert-into-tags#1:before=")), "{found:#?}");
}

#[test]
fn two_steps_are_caught_by_an_error_of_ones_own() {
    let found = findings(Way::InSteps);
    assert!(found.iter().any(|line| line.contains("store-tag#1:before=error")), "{found:#?}");
}

#[test]
fn one_transaction_holds() {
    explore(Way::InOne, "Rome").assert_holds();
}
