//! One of the reference flows as a server: what `tests/agreement.rs` breaks as a program, to compare with the flow itself.
//!
//! `reference_server FLOW STRATEGY prepare` makes the world in the working folder; without `prepare` it serves there, and
//! each request, whatever it says, is the flow's example.

use std::env;
use std::error::Error;
use std::process::exit;
use std::rc::Rc;

use halfway::imports::{Requests, chapter_import, scenario_create};
use halfway::{Flow, World};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, http};
use hyper_util::rt::TokioIo;
use sqlx::{Connection as _, SqliteConnection};
use tokio::net::TcpListener;
use tokio::task::{LocalSet, spawn_local};

type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

fn main() -> Outcome {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(LocalSet::new().run_until(serve_flow(&words)))
}

async fn serve_flow(words: &[&str]) -> Outcome {
    let Requests { create, chapters, .. } = Requests::default();
    let [flow, strategy, rest @ ..] = words else { return Err("say which flow, and which strategy".into()) };
    let prepares = rest == ["prepare"];
    match (*flow, *strategy) {
        ("scenario-create", "as-found") => run(scenario_create::AsFound, create, prepares).await,
        ("scenario-create", "undo-on-error") => run(scenario_create::UndoOnError, create, prepares).await,
        ("scenario-create", "inline-column") => run(scenario_create::InlineColumn, create, prepares).await,
        ("scenario-create", "path-first") => run(scenario_create::PathFirst, create, prepares).await,
        ("scenario-create", "intent-log") => run(scenario_create::IntentLog, create, prepares).await,
        ("chapter-import", "as-found") => run(chapter_import::AsFound, chapters, prepares).await,
        ("chapter-import", "one-transaction") => run(chapter_import::OneTransaction, chapters, prepares).await,
        ("chapter-import", "undo-on-error") => run(chapter_import::UndoOnError, chapters, prepares).await,
        ("chapter-import", "upsert") => run(chapter_import::Upsert, chapters, prepares).await,
        ("chapter-import", "one-transaction-upsert") => {
            run(chapter_import::OneTransactionUpsert, chapters, prepares).await
        }
        _ => Err(format!("there is no {flow}/{strategy}").into()),
    }
}

async fn run<F: Flow>(flow: F, request: F::Request, prepares: bool) -> Outcome {
    let world = World::new("sqlite://rows.sqlite", ".");
    if prepares {
        flow.prepare(&world, &request).await?;
        // The log of the database is there from the beginning, as it is where the flow prepares its world itself.
        let mut connection = SqliteConnection::connect(world.database_url()).await?;
        sqlx::query("SELECT count(*) FROM sqlite_schema").execute(&mut connection).await?;
        exit(0)
    }
    let app = flow.boot(&world).await?;
    let served = Rc::new((flow, app, request));
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    loop {
        let (stream, _) = listener.accept().await?;
        let served = Rc::clone(&served);
        let answer = service_fn(move |_: Request<Incoming>| answer(Rc::clone(&served)));
        spawn_local(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
    }
}

async fn answer<F: Flow>(
    served: Rc<(F, F::App, F::Request)>,
) -> Result<Response<http_body_util::Full<Bytes>>, http::Error> {
    let (flow, app, request) = &*served;
    let (status, said) = match flow.import(app, request).await {
        Ok(answer) => (201, serde_json::to_string(&answer).unwrap_or_default()),
        Err(error) => (500, error.into().to_string()),
    };
    Response::builder().status(status).body(said.into())
}
