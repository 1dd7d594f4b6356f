//! What the harness has to decline: nothing could be said about it that is true.

use halfway::{Rules, step};

use crate::kit::{App, Fail, INSERT, Import, Outcome, Stranger, WRITE, done};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![Stranger::of::<MisspeltRule>(), Stranger::of::<AlwaysFails>(), Stranger::of::<RandomContent>()]
}

struct MisspeltRule;

impl Import for MisspeltRule {
    const NAME: &'static str = "declined/misspelt-rule";
    const SCHEMA: &'static str = "CREATE TABLE docs (key TEXT PRIMARY KEY, path TEXT)";

    async fn import(app: &App) -> Outcome {
        step(INSERT, app.sql("INSERT OR REPLACE INTO docs VALUES ('k1', NULL)")).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().row_needs_file("docs", "pth")
    }
}

struct AlwaysFails;

impl Import for AlwaysFails {
    const NAME: &'static str = "declined/always-fails";

    async fn import(app: &App) -> Outcome {
        step(WRITE, app.write("draft.txt", "dear Sir")).await?;
        Err(Fail::Refused("out of stamps"))
    }
}

struct RandomContent;

impl Import for RandomContent {
    const NAME: &'static str = "declined/random-content";

    async fn import(app: &App) -> Outcome {
        let nanos = std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_nanos());
        step(WRITE, app.write("stamp.txt", &format!("printed at {nanos}"))).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().file_stands_alone("stamp.txt")
    }
}
