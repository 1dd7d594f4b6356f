//! Work that is accepted, and done when the caller has got his answer.

use std::sync::atomic::Ordering;
use std::time::Duration;

use halfway::{BoxError, Flow, Rules, Subject, World, inherit, step};
use serde_json::{Value, json};

use crate::kit::{App, FINISH, Fail, Hosted, INSERT, Import, Outcome, Pool, Stranger, on};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![resting::<Resumed>(), resting::<Forgotten>(), resting::<OnlyInMemory>()]
}

fn resting<I: Import>() -> Stranger {
    Stranger { name: I::NAME, subject: |pool: Pool| Subject::new(Resting(Hosted::<I>::with(pool)), ()) }
}

/// An application that is at rest when none of its tasks is at work.
struct Resting<I>(Hosted<I>);

impl<I: Import> Flow for Resting<I> {
    type Request = ();
    type Response = Value;
    type Error = Fail;
    type App = App;

    fn flow(&self) -> &str {
        self.0.flow()
    }

    fn strategy(&self) -> &str {
        self.0.strategy()
    }

    async fn prepare(&self, world: &World, (): &()) -> Result<(), BoxError> {
        self.0.prepare(world, &()).await
    }

    async fn boot(&self, world: &World) -> Result<App, BoxError> {
        self.0.boot(world).await
    }

    async fn import(&self, app: &App, (): &()) -> Outcome {
        self.0.import(app, &()).await
    }

    async fn at_rest(&self, app: &App) {
        while app.memory.count.load(Ordering::SeqCst) > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    fn rules(&self, (): &()) -> Rules {
        self.0.rules(&())
    }
}

/// A task at work, for as long as it is there.
struct Busy(App);

impl Busy {
    fn new(app: &App) -> Self {
        app.memory.count.fetch_add(1, Ordering::SeqCst);
        Self(app.clone())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.memory.count.fetch_sub(1, Ordering::SeqCst);
    }
}

const JOBS: &str = "CREATE TABLE jobs (key TEXT PRIMARY KEY, state TEXT NOT NULL)";

fn job_rules() -> Rules {
    Rules::new().settles("jobs", "state", ["done"]).success_means_accepted()
}

/// Does what is queued.
async fn work(app: &App) -> Result<u64, sqlx::Error> {
    step(FINISH, app.sql("UPDATE jobs SET state = 'done' WHERE state = 'queued'")).await
}

/// Queues the job, and lets somebody begin with it.
async fn accept(app: &App) -> Outcome {
    step(INSERT, app.sql("INSERT INTO jobs VALUES ('k1', 'queued') ON CONFLICT (key) DO NOTHING")).await?;
    let busy = Busy::new(app);
    // When it fails the job stays queued; who takes it up then is another question.
    tokio::spawn(inherit(async move { work(&busy.0).await }));
    Ok(json!({ "accepted": "k1" }))
}

struct Resumed;

impl Import for Resumed {
    const NAME: &'static str = "accepted/resumed";
    const SCHEMA: &'static str = JOBS;

    async fn boot(app: &App) -> Result<(), Fail> {
        work(app).await?;
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        accept(app).await
    }

    fn rules() -> Rules {
        job_rules()
    }
}

struct Forgotten;

impl Import for Forgotten {
    const NAME: &'static str = "accepted/forgotten";
    const SCHEMA: &'static str = JOBS;

    async fn import(app: &App) -> Outcome {
        accept(app).await
    }

    fn rules() -> Rules {
        job_rules()
    }
}

struct OnlyInMemory;

impl Import for OnlyInMemory {
    const NAME: &'static str = "accepted/only-in-memory";
    const SCHEMA: &'static str = JOBS;

    async fn import(app: &App) -> Outcome {
        let busy = Busy::new(app);
        let work = async move {
            let mut connection = busy.0.pool().acquire().await?;
            step(INSERT, on(&mut connection, "INSERT OR REPLACE INTO jobs VALUES ('k1', 'done')")).await
        };
        tokio::spawn(inherit(work));
        Ok(json!({ "accepted": "k1" }))
    }

    fn rules() -> Rules {
        job_rules()
    }
}
