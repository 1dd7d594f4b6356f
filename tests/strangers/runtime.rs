//! Side by side, again and again, for ever, in time.

use std::time::Duration;

use halfway::{Rules, inherit, step};

use crate::kit::{
    App, COMMIT, FINISH, Fail, INSERT, INSERT_MORE, Import, Outcome, Stranger, WRITE, WRITE_MORE, done, on,
};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![
        Stranger::of::<JoinTwoFiles>(),
        Stranger::of::<JoinTwoRows>(),
        Stranger::of::<TwoTasks>(),
        Stranger::of::<EndlessWait>(),
        Stranger::of::<ThreeTries>(),
        Stranger::of::<ThreeTriesInsert>(),
        Stranger::of::<TimeOut>(),
    ]
}

struct JoinTwoFiles;

impl Import for JoinTwoFiles {
    const NAME: &'static str = "runtime/join-two-files";

    async fn import(app: &App) -> Outcome {
        let page = step(WRITE, app.write("page.html", "<link href=page.css>"));
        let style = step(WRITE_MORE, app.write("page.css", "p { color: navy }"));
        tokio::try_join!(page, style)?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().file_stands_alone("page.html").file_stands_alone("page.css")
    }
}

const POINTS: &str = "CREATE TABLE points (name TEXT PRIMARY KEY, x INTEGER NOT NULL)";
const LEFT: &str = "INSERT OR REPLACE INTO points VALUES ('left', 1)";
const RIGHT: &str = "INSERT OR REPLACE INTO points VALUES ('right', 2)";

struct JoinTwoRows;

impl Import for JoinTwoRows {
    const NAME: &'static str = "runtime/join-two-rows";
    const SCHEMA: &'static str = POINTS;

    async fn import(app: &App) -> Outcome {
        tokio::try_join!(step(INSERT, app.sql(LEFT)), step(INSERT_MORE, app.sql(RIGHT)))?;
        Ok(done())
    }
}

struct TwoTasks;

impl Import for TwoTasks {
    const NAME: &'static str = "runtime/two-tasks";
    const SCHEMA: &'static str = POINTS;

    async fn import(app: &App) -> Outcome {
        let (one, other) = (app.clone(), app.clone());
        let one = tokio::spawn(inherit(async move { step(INSERT, one.sql(LEFT)).await }));
        let other = tokio::spawn(inherit(async move { step(INSERT_MORE, other.sql(RIGHT)).await }));
        one.await??;
        other.await??;
        Ok(done())
    }
}

struct EndlessWait;

impl Import for EndlessWait {
    const NAME: &'static str = "runtime/endless-wait";
    const SCHEMA: &'static str = "CREATE TABLE jobs (key TEXT PRIMARY KEY, state TEXT NOT NULL)";

    async fn import(app: &App) -> Outcome {
        if step(INSERT, app.sql("INSERT INTO jobs VALUES ('k1', 'running') ON CONFLICT DO NOTHING")).await? == 1 {
            step(FINISH, app.sql("UPDATE jobs SET state = 'done' WHERE key = 'k1'")).await?;
        }
        // Somebody else may be at it.
        while app.text("SELECT state FROM jobs WHERE key = 'k1'").await?.as_deref() == Some("running") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().settles("jobs", "state", ["done"])
    }
}

/// Tries a statement up to three times.
async fn persistently(app: &App, statement: &'static str) -> Result<u64, Fail> {
    for _ in 0..2 {
        if let Ok(changed) = step(INSERT, app.sql(statement)).await {
            return Ok(changed);
        }
    }
    Ok(step(INSERT, app.sql(statement)).await?)
}

struct ThreeTries;

impl Import for ThreeTries {
    const NAME: &'static str = "runtime/three-tries";
    const SCHEMA: &'static str = POINTS;

    async fn import(app: &App) -> Outcome {
        persistently(app, LEFT).await?;
        Ok(done())
    }
}

struct ThreeTriesInsert;

impl Import for ThreeTriesInsert {
    const NAME: &'static str = "runtime/three-tries-insert";
    const SCHEMA: &'static str = "CREATE TABLE clicks (id INTEGER PRIMARY KEY AUTOINCREMENT, button TEXT NOT NULL)";

    async fn import(app: &App) -> Outcome {
        persistently(app, "INSERT INTO clicks (button) VALUES ('buy')").await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().generated_id("clicks", "id")
    }
}

struct TimeOut;

impl Import for TimeOut {
    const NAME: &'static str = "runtime/time-out";
    const SCHEMA: &'static str = POINTS;

    async fn import(app: &App) -> Outcome {
        let work = async {
            let mut transaction = app.pool().begin().await?;
            step(INSERT, on(&mut transaction, LEFT)).await?;
            step(INSERT_MORE, on(&mut transaction, RIGHT)).await?;
            step(COMMIT, transaction.commit()).await
        };
        match tokio::time::timeout(Duration::from_secs(60), work).await {
            Ok(worked) => worked?,
            Err(_) => return Err(Fail::Refused("it took too long")),
        }
        Ok(done())
    }
}
