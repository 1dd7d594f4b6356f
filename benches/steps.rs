//! How a run grows with the steps of a flow: 100, 300 and 1,000 rows, each inserted by a step of its own within one
//! transaction, every fault alone.
//!
//! Each case makes the attempt up to its fault, and then the retry, so that the work of the flow itself grows with the
//! square of its steps. What is printed beside it is what the flow's own work would take at least: half of an attempt and
//! two retries for each case. The rest is halfway's.

use std::time::{Duration, Instant};

use halfway::harness::{Settings, explore_all};
use halfway::{BoxError, Flow, Progress, Rules, Step, Subject, World, step};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool};

const ROWS: [i64; 3] = [100, 300, 1_000];

fn main() {
    // `cargo test --benches` only wants to know that this starts.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    println!(
        "{:>6} {:>8} {:>8} {:>10} {:>14} {:>16}",
        "steps", "cases", "pruned", "time", "for each case", "the flow's own"
    );
    for rows in ROWS {
        let settings = Settings { depth: 1, ..Settings::default() };
        let begin = Instant::now();
        let explored = explore_all(&[Subject::new(Ledger, rows)], &settings, &Dots).expect("the harness can tell");
        let (time, totals) = (begin.elapsed(), &explored.report.totals);
        assert!(explored.is_as_expected(), "{}", halfway::report::text::render(&explored.report, 100));
        let cases = u32::try_from(totals.cases).expect("few enough");
        let own = own_work(rows) * 5 / 2;
        println!(
            "{rows:>6} {:>8} {:>8} {:>8.2} s {:>11.2} ms {:>13.2} ms",
            totals.cases,
            totals.pruned,
            time.as_secs_f64(),
            (time / cases).as_secs_f64() * 1e3,
            own.as_secs_f64() * 1e3 / f64::from(u32::try_from(settings.jobs.get()).expect("few threads").min(2)),
        );
    }
}

/// One attempt by itself.
fn own_work(rows: i64) -> Duration {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a directory");
    let world = World::new(format!("sqlite://{}?mode=rwc", dir.path().join("world.sqlite").display()), dir.path());
    runtime.block_on(async {
        Ledger.prepare(&world, &rows).await.expect("a schema");
        let app = Ledger.boot(&world).await.expect("it starts");
        let begin = Instant::now();
        Ledger.import(&app, &rows).await.expect("it is stored");
        begin.elapsed()
    })
}

/// Says that a long run goes on.
struct Dots;

impl Progress for Dots {
    fn planned(&self, subject: &str, cases: usize) {
        eprintln!("{subject}: {cases} more cases");
    }

    fn done(&self) {}
}

/// Stores numbers, all of them or none.
struct Ledger;

const BEGIN: Step = Step::new("begin");
const INSERT: Step = Step::new("insert");
const COMMIT: Step = Step::new("commit");

impl Flow for Ledger {
    type Request = i64;
    type Response = i64;
    type Error = sqlx::Error;
    type App = SqlitePool;

    fn flow(&self) -> &'static str {
        "ledger"
    }

    fn strategy(&self) -> &'static str {
        "one-transaction"
    }

    async fn prepare(&self, world: &World, _rows: &i64) -> Result<(), BoxError> {
        let pool = connect(world).await?;
        sqlx::query("CREATE TABLE numbers (number INTEGER PRIMARY KEY, name TEXT NOT NULL)").execute(&pool).await?;
        pool.close().await;
        Ok(())
    }

    async fn boot(&self, world: &World) -> Result<SqlitePool, BoxError> {
        Ok(connect(world).await?)
    }

    async fn import(&self, pool: &SqlitePool, rows: &i64) -> Result<i64, sqlx::Error> {
        let mut transaction = step(BEGIN, pool.begin()).await?;
        for number in 0..*rows {
            let insert = sqlx::query("INSERT OR REPLACE INTO numbers (number, name) VALUES (?, ?)");
            let insert = insert.bind(number).bind(format!("number {number}"));
            step(INSERT, insert.execute(&mut *transaction)).await?;
        }
        step(COMMIT, transaction.commit()).await?;
        Ok(*rows)
    }

    fn rules(&self, _rows: &i64) -> Rules {
        Rules::new()
    }
}

async fn connect(world: &World) -> Result<SqlitePool, sqlx::Error> {
    let options: SqliteConnectOptions = world.database_url().parse()?;
    SqlitePool::connect_with(options.journal_mode(SqliteJournalMode::Wal)).await
}
