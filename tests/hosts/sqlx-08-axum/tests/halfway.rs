//! The row first is faulty: a crash before the file is written leaves a row that names no file, and the retry is refused,
//! since the title is there; with steps or without. The picture in the row is sound.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::Router;
use halfway::judge::{Criterion, Grade};
use halfway::{explore, BoxError, Flow, World};
use sqlx_08_axum::{connect, router, InRow, RowFirst, RowFirstInSteps, Store};
use tower::ServiceExt;

#[derive(Clone, Copy)]
enum Way {
    RowFirst,
    InSteps,
    InRow,
}

impl Flow for Way {
    type Request = &'static str;
    type Response = ();
    type Error = BoxError;
    type App = Router;

    fn flow(&self) -> &str {
        "upload-photo"
    }

    fn strategy(&self) -> &str {
        match self {
            Self::RowFirst => "row-first",
            Self::InSteps => "in-steps",
            Self::InRow => "in-row",
        }
    }

    async fn prepare(&self, world: &World, _title: &&'static str) -> Result<(), BoxError> {
        Ok(std::fs::create_dir(world.dir().join("pictures"))?)
    }

    async fn boot(&self, world: &World) -> Result<Router, BoxError> {
        let pool = connect(world.database_url()).await?;
        let row_first = RowFirst { pool: pool.clone(), dir: world.dir().to_owned() };
        let store: Arc<dyn Store> = match self {
            Self::RowFirst => Arc::new(row_first),
            Self::InSteps => Arc::new(RowFirstInSteps(row_first)),
            Self::InRow => Arc::new(InRow(pool)),
        };
        Ok(router(store))
    }

    async fn import(&self, server: &Router, title: &&'static str) -> Result<(), BoxError> {
        let request = Request::post(format!("/photos/{title}")).body(Body::from("a picture"))?;
        let response = server.clone().oneshot(request).await?;
        if response.status() == StatusCode::CREATED { Ok(()) } else { Err(response.status().to_string().into()) }
    }
}

fn findings(way: Way) -> Vec<String> {
    let report = explore(way, "Rome").depth(1).run().expect("it can tell").report;
    let strategy = &report.strategies[0];
    assert_eq!(strategy.worst(Criterion::RetrySucceeds), Some(Grade::Violated));
    assert_eq!(strategy.worst(Criterion::NoOrphanRows), Some(Grade::Violated), "{:#?}", strategy.inferred);
    report.findings.into_iter().map(|found| found.schedule).collect()
}

#[test]
fn a_row_before_its_file_is_caught_without_a_step() {
    let found = findings(Way::RowFirst);
    assert!(found.iter().any(|line| line.contains("insert-into-photos#1:after=crash")), "{found:#?}");
}

#[test]
fn a_row_before_its_file_is_caught_by_its_steps() {
    let found = findings(Way::InSteps);
    assert!(found.iter().any(|line| line.contains("write#1:before=error")), "{found:#?}");
}

#[test]
fn a_picture_in_its_row_holds() {
    explore(Way::InRow, "Rome").assert_holds();
}
