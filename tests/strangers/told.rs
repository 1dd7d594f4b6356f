//! Fields of an answer that are declared as free to differ.

use halfway::{Rules, step};
use serde_json::json;

use crate::kit::{App, INSERT, Import, Outcome, Stranger};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![Stranger::of::<TimeInAnswer>(), Stranger::of::<CreatedOrNot>(), Stranger::of::<OnlyOneFieldIsFree>()]
}

const TAGS: &str = "CREATE TABLE tags (name TEXT PRIMARY KEY)";
const INSERT_TAG: &str = "INSERT INTO tags VALUES ('sea') ON CONFLICT (name) DO NOTHING";

fn now() -> u128 {
    std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_nanos())
}

struct TimeInAnswer;

impl Import for TimeInAnswer {
    const NAME: &'static str = "told/time-in-answer";
    const SCHEMA: &'static str = TAGS;

    async fn import(app: &App) -> Outcome {
        step(INSERT, app.sql(INSERT_TAG)).await?;
        Ok(json!({ "tags": [{ "name": "sea", "readAt": now().to_string() }] }))
    }

    fn rules() -> Rules {
        Rules::new().answer_may_differ("/tags/*/readAt")
    }
}

struct CreatedOrNot;

impl Import for CreatedOrNot {
    const NAME: &'static str = "told/created-or-not";
    const SCHEMA: &'static str = TAGS;

    async fn import(app: &App) -> Outcome {
        let created = step(INSERT, app.sql(INSERT_TAG)).await? == 1;
        Ok(json!({ "name": "sea", "created": created }))
    }

    fn rules() -> Rules {
        Rules::new().answer_may_differ("/created")
    }
}

struct OnlyOneFieldIsFree;

impl Import for OnlyOneFieldIsFree {
    const NAME: &'static str = "told/only-one-field-is-free";
    const SCHEMA: &'static str = TAGS;

    async fn import(app: &App) -> Outcome {
        let created = step(INSERT, app.sql(INSERT_TAG)).await?;
        Ok(json!({ "created": created, "at": now().to_string() }))
    }

    fn rules() -> Rules {
        Rules::new().answer_may_differ("/at")
    }
}
