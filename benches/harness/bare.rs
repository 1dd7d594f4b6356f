//! The attempt and the retry alone: no harness, no fresh world, no restart, nobody who looks.

use std::path::Path;
use std::time::{Duration, Instant};

use halfway::Flow;
use halfway::schedule::PlannedFault;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use crate::by_hand::{Checks, attempt, break_at, runtime, world};

/// Runs the attempts and retries of all cases on one application; between them the world is put back, which does not count.
pub(crate) fn microseconds_per_case<F: Flow>(
    flow: &F,
    request: &F::Request,
    checks: &Checks,
    planned: &[PlannedFault],
    parent: &Path,
) -> f64 {
    let dir = tempfile::tempdir_in(parent).expect("a temporary directory");
    let (runtime, world) = (runtime(), world(dir.path()));
    runtime.block_on(flow.prepare(&world, request)).expect("prepared");
    let app = runtime.block_on(flow.boot(&world)).expect("booted");
    let mut spent = Duration::ZERO;
    for fault in planned {
        let failpoint = break_at(fault);
        let begin = Instant::now();
        let first = attempt(&runtime, flow, &app, request);
        let second = attempt(&runtime, flow, &app, request);
        spent += begin.elapsed();
        assert!(!first && second, "{fault}: the attempt fails, the retry succeeds");
        fail::remove(failpoint);
        runtime.block_on(async {
            let mut connection = SqliteConnection::connect(world.database_url()).await.expect("connected");
            sqlx::raw_sql(AssertSqlSafe(checks.reset)).execute(&mut connection).await.expect("put back");
            connection.close().await.expect("closed");
        });
        if let Some(folder) = checks.folder {
            let folder = world.dir().join(folder);
            std::fs::remove_dir_all(&folder).expect("emptied");
            std::fs::create_dir(&folder).expect("made again");
        }
    }
    spent.as_secs_f64() * 1e6 / crate::count(planned.len())
}
