//! Work in tasks and threads of its own: with its case and without, awaited and not.

use halfway::{Rules, inherit, step};

use crate::kit::{App, Fail, INSERT, INSERT_MORE, Import, Outcome, RENAME, Stranger, WRITE, done};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![
        Stranger::of::<StepOutside>(),
        Stranger::of::<InheritAwaited>(),
        Stranger::of::<InheritDetached>(),
        Stranger::of::<AnswerBeforeJoin>(),
        Stranger::of::<Blocking>(),
        Stranger::of::<SpawnedFinishes>(),
        Stranger::of::<HalfSpawned>(),
    ]
}

fn alone() -> Rules {
    Rules::new().file_stands_alone("feed.xml")
}

struct StepOutside;

impl Import for StepOutside {
    const NAME: &'static str = "tasks/step-outside";

    async fn import(app: &App) -> Outcome {
        let app = app.clone();
        tokio::spawn(async move { step(WRITE, app.write("feed.xml", "<feed/>")).await }).await??;
        Ok(done())
    }

    fn rules() -> Rules {
        alone()
    }
}

struct InheritAwaited;

impl Import for InheritAwaited {
    const NAME: &'static str = "tasks/inherit-awaited";

    async fn boot(app: &App) -> Result<(), Fail> {
        Ok(app.remove("feed.xml.part").await?)
    }

    async fn import(app: &App) -> Outcome {
        let app = app.clone();
        let work = async move {
            step(WRITE, app.write("feed.xml.part", "<feed/>")).await?;
            step(RENAME, app.rename("feed.xml.part", "feed.xml")).await
        };
        tokio::spawn(inherit(work)).await??;
        Ok(done())
    }

    fn rules() -> Rules {
        alone()
    }
}

struct InheritDetached;

impl Import for InheritDetached {
    const NAME: &'static str = "tasks/inherit-detached";

    async fn import(app: &App) -> Outcome {
        let app = app.clone();
        tokio::spawn(inherit(async move { step(WRITE, app.write("feed.xml", "<feed/>")).await }));
        Ok(done())
    }

    fn rules() -> Rules {
        alone()
    }
}

const LINES: &str = "CREATE TABLE lines (number INTEGER PRIMARY KEY, text TEXT NOT NULL)";

struct AnswerBeforeJoin;

impl Import for AnswerBeforeJoin {
    const NAME: &'static str = "tasks/answer-before-join";
    const SCHEMA: &'static str = LINES;

    async fn import(app: &App) -> Outcome {
        let app = app.clone();
        let work = async move { step(INSERT, app.sql("INSERT OR REPLACE INTO lines VALUES (1, 'one')")).await };
        // The task is waited for, and what came of it is not looked at.
        let _ = tokio::spawn(inherit(work)).await;
        Ok(done())
    }
}

struct Blocking;

impl Import for Blocking {
    const NAME: &'static str = "tasks/blocking";

    async fn boot(app: &App) -> Result<(), Fail> {
        Ok(app.remove("feed.xml.part").await?)
    }

    async fn import(app: &App) -> Outcome {
        let (part, whole) = (app.dir.join("feed.xml.part"), app.dir.join("feed.xml"));
        let work = move || {
            std::fs::write(&part, "<feed/>")?;
            std::fs::rename(&part, &whole)
        };
        step(WRITE, async { tokio::task::spawn_blocking(work).await.map_err(std::io::Error::other)? }).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        alone()
    }
}

struct SpawnedFinishes;

impl Import for SpawnedFinishes {
    const NAME: &'static str = "tasks/spawned-finishes";
    const SCHEMA: &'static str = LINES;

    async fn import(app: &App) -> Outcome {
        let app = app.clone();
        let work = async move {
            step(INSERT, app.sql("INSERT OR REPLACE INTO lines VALUES (1, 'one')")).await?;
            step(INSERT_MORE, app.sql("INSERT OR REPLACE INTO lines VALUES (2, 'two')")).await
        };
        tokio::spawn(inherit(work)).await??;
        Ok(done())
    }
}

struct HalfSpawned;

impl Import for HalfSpawned {
    const NAME: &'static str = "tasks/half-spawned";
    const SCHEMA: &'static str = LINES;

    async fn import(app: &App) -> Outcome {
        step(INSERT, app.sql("INSERT OR REPLACE INTO lines VALUES (1, 'one')")).await?;
        let app = app.clone();
        let rest = async move { step(INSERT_MORE, app.sql("INSERT OR REPLACE INTO lines VALUES (2, 'two')")).await };
        tokio::spawn(inherit(rest)).await??;
        Ok(done())
    }
}
