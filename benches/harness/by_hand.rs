//! The cases as a person writes them down in a test, without the harness.
//!
//! For each: a scenario of `fail`, a fresh directory, the schema and the data, the application, the fault; a look at the
//! tables; the application again, a look; the same request again, a look. And all of that once more for the client that
//! does not wait for a restart: one test is one course of events.

use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use fail::FailScenario;
use halfway::schedule::PlannedFault;
use halfway::{Flow, World};
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use tokio::runtime::{Builder, Runtime};

/// What a person would look at.
pub(crate) struct Checks {
    /// Queries for one number each. The first counts what is published.
    pub(crate) counts: &'static [&'static str],
    /// Statements after which the database is as before the request.
    pub(crate) reset: &'static str,
    /// The folder of the files, if there are any.
    pub(crate) folder: Option<&'static str>,
}

/// The numbers that a look gives: those of the queries, then how many files and bytes there are.
type Counts = Vec<i64>;

/// Who sends the request again.
#[derive(Clone, Copy)]
enum Client {
    Restarted,
    Impatient,
}

/// Runs all cases, one after the other.
pub(crate) fn cases_per_second<F: Flow>(
    flow: &F,
    request: &F::Request,
    checks: &Checks,
    planned: &[PlannedFault],
    parent: &Path,
) -> f64 {
    let (before, after) = reference(flow, request, checks, parent);
    let begin = Instant::now();
    for fault in planned {
        for client in [Client::Restarted, Client::Impatient] {
            case(flow, request, checks, fault, client, parent, (&before, &after));
        }
    }
    crate::count(planned.len()) / begin.elapsed().as_secs_f64()
}

/// What is there before the request, and after it when nothing breaks.
fn reference<F: Flow>(flow: &F, request: &F::Request, checks: &Checks, parent: &Path) -> (Counts, Counts) {
    let dir = tempfile::tempdir_in(parent).expect("a temporary directory");
    let (runtime, world) = (runtime(), world(dir.path()));
    runtime.block_on(flow.prepare(&world, request)).expect("prepared");
    let before = look(&runtime, &world, checks);
    let app = runtime.block_on(flow.boot(&world)).expect("booted");
    assert!(attempt(&runtime, flow, &app, request), "the import works when nothing breaks it");
    (before, look(&runtime, &world, checks))
}

fn case<F: Flow>(
    flow: &F,
    request: &F::Request,
    checks: &Checks,
    fault: &PlannedFault,
    client: Client,
    parent: &Path,
    (before, after): (&Counts, &Counts),
) {
    let scenario = FailScenario::setup();
    let dir = tempfile::tempdir_in(parent).expect("a temporary directory");
    let (runtime, world) = (runtime(), world(dir.path()));
    runtime.block_on(flow.prepare(&world, request)).expect("prepared");
    let app = runtime.block_on(flow.boot(&world)).expect("booted");

    let failpoint = break_at(fault);
    assert!(!attempt(&runtime, flow, &app, request), "{fault}: the failure is told");
    fail::remove(failpoint);
    let at_rest = look(&runtime, &world, checks);
    assert!([before[0], after[0]].contains(&at_rest[0]), "{fault}: nothing or everything is published");

    let app = match client {
        Client::Restarted => {
            drop(app);
            let app = runtime.block_on(flow.boot(&world)).expect("booted again");
            let recovered = look(&runtime, &world, checks);
            assert!(
                recovered == *before || recovered == *after,
                "{fault}: nothing or everything is there: {recovered:?}"
            );
            app
        }
        Client::Impatient => app,
    };
    assert!(attempt(&runtime, flow, &app, request), "{fault}: the retry succeeds");
    assert_eq!(look(&runtime, &world, checks), *after, "{fault}: the retry converges");
    drop(app);
    scenario.teardown();
}

/// A runtime, as each test of tokio has its own.
pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// A world in this directory.
pub(crate) fn world(dir: &Path) -> World {
    let files = dir.join("files");
    std::fs::create_dir(&files).expect("a directory for the files");
    World::new(format!("sqlite://{}?mode=rwc", dir.join("world.sqlite").display()), files)
}

/// Puts the fault into the registry of `fail`, under the name that a step has outside of the harness. Returns the name.
pub(crate) fn break_at(planned: &PlannedFault) -> String {
    let run = planned.point.place.step().expect("the bench breaks steps");
    let skipped = match run.occurrence - 1 {
        0 => String::new(),
        earlier => format!("{earlier}*off->"),
    };
    let name = format!("{}:{}", run.step, planned.point.edge);
    fail::cfg(&name, &format!("{skipped}1*return({})", planned.fault)).expect("well formed");
    name
}

/// Sends the request. Whether it succeeded; a panic is a failure, and is not printed.
pub(crate) fn attempt<F: Flow>(runtime: &Runtime, flow: &F, app: &F::App, request: &F::Request) -> bool {
    static QUIET: AtomicBool = AtomicBool::new(false);
    static HOOK: std::sync::Once = std::sync::Once::new();
    HOOK.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.load(Ordering::Relaxed) {
                loud(info);
            }
        }));
    });
    QUIET.store(true, Ordering::Relaxed);
    let answer = panic::catch_unwind(AssertUnwindSafe(|| runtime.block_on(flow.import(app, request))));
    QUIET.store(false, Ordering::Relaxed);
    matches!(answer, Ok(Ok(_)))
}

fn look(runtime: &Runtime, world: &World, checks: &Checks) -> Counts {
    let mut counts = runtime.block_on(async {
        let mut connection = SqliteConnection::connect(world.database_url()).await.expect("connected");
        let mut counts = Vec::new();
        for query in checks.counts {
            counts.push(sqlx::query_scalar(AssertSqlSafe(*query)).fetch_one(&mut connection).await.expect("counted"));
        }
        connection.close().await.expect("closed");
        counts
    });
    if let Some(folder) = checks.folder {
        let mut files = [0, 0];
        count_files(&world.dir().join(folder), &mut files);
        counts.extend(files);
    }
    counts
}

fn count_files(folder: &Path, counts: &mut [i64; 2]) {
    for entry in std::fs::read_dir(folder).expect("listed") {
        let path = entry.expect("listed").path();
        if path.is_dir() {
            count_files(&path, counts);
        } else {
            counts[0] += 1;
            counts[1] += i64::try_from(std::fs::read(&path).expect("read").len()).expect("a small file");
        }
    }
}
