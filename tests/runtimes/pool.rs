//! A pool of connections as sqlx makes it, ten of them, each given back in background.

use halfway::fault::FaultClass;
use halfway::report::Report;
use halfway::{BoxError, Flow, Rules, Step, World, explore, step};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions};

/// Six statements, each on whatever connection the pool gives.
#[derive(Clone, Copy, Debug)]
struct Statements {
    journal: SqliteJournalMode,
    connections: Option<u32>,
}

const INSERT: Step = Step::new("insert");
const COUNT: Step = Step::new("count");

impl Statements {
    fn options(self, world: &World) -> Result<SqliteConnectOptions, sqlx::Error> {
        Ok(world.database_url().parse::<SqliteConnectOptions>()?.journal_mode(self.journal))
    }
}

impl Flow for Statements {
    type Request = ();
    type Response = i64;
    type Error = sqlx::Error;
    type App = SqlitePool;

    fn flow(&self) -> &'static str {
        "statements"
    }

    fn strategy(&self) -> &'static str {
        "pooled"
    }

    async fn prepare(&self, world: &World, (): &()) -> Result<(), BoxError> {
        let pool = SqlitePoolOptions::new().connect_with(self.options(world)?).await?;
        sqlx::raw_sql("CREATE TABLE entries (id INTEGER PRIMARY KEY, text TEXT NOT NULL)").execute(&pool).await?;
        pool.close().await;
        Ok(())
    }

    async fn boot(&self, world: &World) -> Result<SqlitePool, BoxError> {
        let options = SqlitePoolOptions::new();
        let options = self.connections.into_iter().fold(options, SqlitePoolOptions::max_connections);
        Ok(options.connect_with(self.options(world)?).await?)
    }

    async fn import(&self, pool: &SqlitePool, (): &()) -> Result<i64, sqlx::Error> {
        for row in 1..=5 {
            let insert = sqlx::query("INSERT INTO entries VALUES (?, 'x') ON CONFLICT DO NOTHING").bind(row);
            step(INSERT, insert.execute(pool)).await?;
        }
        step(COUNT, sqlx::query_scalar("SELECT count(*) FROM entries").fetch_one(pool)).await
    }

    fn rules(&self, (): &()) -> Rules {
        Rules::new()
    }
}

fn report(journal: SqliteJournalMode, connections: Option<u32>) -> Report {
    let flow = Statements { journal, connections };
    let explored = explore(flow, ()).depth(1).faults(FaultClass::ALL).run();
    let explored = explored.unwrap_or_else(|error| panic!("{flow:?}: {error}"));
    assert!(explored.not_fired.is_empty(), "{flow:?}: {:?}", explored.not_fired);
    let mut report = explored.report;
    assert_eq!(report.totals.retried, 0, "{flow:?}: a pool is no reason to take the order for another");
    (report.totals.seconds, report.totals.cases_per_second) = (0.0, 0.0);
    report
}

/// How often each is explored; `HALFWAY_POOL_RUNS` says otherwise.
fn runs() -> usize {
    std::env::var("HALFWAY_POOL_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(3)
}

#[test]
fn ten_connections_give_the_report_that_one_gives_run_after_run() {
    for journal in [SqliteJournalMode::Wal, SqliteJournalMode::Delete] {
        let one = report(journal, Some(1));
        assert!(one.totals.cases > 100, "{:?}", one.totals);
        let one = format!("{one:#?}");
        for run in 0..runs() {
            let ten = format!("{:#?}", report(journal, None));
            let differs = ten.lines().zip(one.lines()).enumerate().find(|(_, (ten, one))| ten != one);
            let around = |at: usize| ten.lines().skip(at.saturating_sub(20)).take(40).collect::<Vec<_>>().join("\n");
            if let Some((at, (_, known))) = differs {
                panic!("{journal:?}, run {run}: instead of {known:?} there is, among others:\n{}", around(at));
            }
            assert_eq!(ten.len(), one.len(), "{journal:?}, run {run}");
        }
    }
}
