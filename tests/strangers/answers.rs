//! What the caller is told, the first time and when he asks again.

use halfway::{Rules, step};
use serde_json::json;
use uuid::Uuid;

use crate::kit::{App, INSERT, Import, Outcome, Stranger};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![
        Stranger::of::<AnotherRow>(),
        Stranger::of::<CountOnRetry>(),
        Stranger::of::<ElementTwice>(),
        Stranger::of::<LacksAField>(),
        Stranger::of::<IdInAddress>(),
        Stranger::of::<CountedFromRows>(),
    ]
}

const PLANS: &str = "CREATE TABLE plans (id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, title TEXT NOT NULL);
    INSERT INTO plans VALUES ('0190a1b2-0000-7000-8000-000000000001', 'k0', 'Plan');";

const INSERT_PLAN: &str = "INSERT INTO plans VALUES (?, 'k1', 'Plan') ON CONFLICT (key) DO NOTHING";

struct AnotherRow;

impl Import for AnotherRow {
    const NAME: &'static str = "answers/another-row";
    const SCHEMA: &'static str = PLANS;

    async fn import(app: &App) -> Outcome {
        let id = Uuid::now_v7().to_string();
        if step(INSERT, app.sql_with(INSERT_PLAN, &[&id])).await? == 1 {
            return Ok(json!({ "id": id }));
        }
        let stored = app.text("SELECT id FROM plans WHERE title = 'Plan' ORDER BY key LIMIT 1").await?;
        Ok(json!({ "id": stored }))
    }

    fn rules() -> Rules {
        Rules::new().generated_id("plans", "id")
    }
}

const CITIES: &str = "CREATE TABLE cities (name TEXT PRIMARY KEY, path TEXT NOT NULL)";

const INSERT_CITIES: &str = "INSERT INTO cities VALUES ('Oslo', '/no/oslo'), ('Bergen', '/no/bergen')
                             ON CONFLICT (name) DO NOTHING";

struct CountOnRetry;

impl Import for CountOnRetry {
    const NAME: &'static str = "answers/count-on-retry";
    const SCHEMA: &'static str = CITIES;

    async fn import(app: &App) -> Outcome {
        let imported = step(INSERT, app.sql(INSERT_CITIES)).await?;
        Ok(json!({ "imported": imported }))
    }
}

struct ElementTwice;

impl Import for ElementTwice {
    const NAME: &'static str = "answers/element-twice";
    const SCHEMA: &'static str = CITIES;

    async fn import(app: &App) -> Outcome {
        let mut names = app.texts("SELECT name FROM cities ORDER BY name").await?;
        step(INSERT, app.sql(INSERT_CITIES)).await?;
        names.extend(["Bergen".to_owned(), "Oslo".to_owned()]);
        Ok(json!({ "cities": names }))
    }
}

struct LacksAField;

impl Import for LacksAField {
    const NAME: &'static str = "answers/lacks-a-field";
    const SCHEMA: &'static str = CITIES;

    async fn import(app: &App) -> Outcome {
        if step(INSERT, app.sql(INSERT_CITIES)).await? == 0 {
            return Ok(json!({ "name": "Oslo" }));
        }
        Ok(json!({ "name": "Oslo", "path": "/no/oslo" }))
    }
}

struct IdInAddress;

impl Import for IdInAddress {
    const NAME: &'static str = "answers/id-in-address";
    const SCHEMA: &'static str = PLANS;

    async fn import(app: &App) -> Outcome {
        let id = Uuid::now_v7().to_string();
        step(INSERT, app.sql_with(INSERT_PLAN, &[&id])).await?;
        let stored = app.text("SELECT id FROM plans WHERE key = 'k1'").await?.unwrap_or_default();
        Ok(json!({ "plan": { "href": format!("/plans/{stored}/edit"), "title": "Plan" } }))
    }

    fn rules() -> Rules {
        Rules::new().generated_id("plans", "id")
    }
}

struct CountedFromRows;

impl Import for CountedFromRows {
    const NAME: &'static str = "answers/counted-from-rows";
    const SCHEMA: &'static str = CITIES;

    async fn import(app: &App) -> Outcome {
        step(INSERT, app.sql(INSERT_CITIES)).await?;
        let there = app.number("SELECT count(*) FROM cities WHERE name IN ('Oslo', 'Bergen')").await?;
        Ok(json!({ "cities": there }))
    }
}
