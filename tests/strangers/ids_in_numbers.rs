//! Ids that are numbers, and one that follows from the request.

use halfway::{Rules, step};
use serde_json::json;

use crate::kit::{App, COMMIT, INSERT, INSERT_MORE, Import, Outcome, Stranger, done, on};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![
        Stranger::of::<AutoincrementReplaced>(),
        Stranger::of::<AutoincrementLinked>(),
        Stranger::of::<WrongParent>(),
        Stranger::of::<DerivedFromRequest>(),
    ]
}

const ORDERS: &str = "CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE);
    CREATE TABLE items (order_id INTEGER NOT NULL, sku TEXT NOT NULL, PRIMARY KEY (order_id, sku));";

struct AutoincrementReplaced;

impl Import for AutoincrementReplaced {
    const NAME: &'static str = "ids/autoincrement-replaced";
    const SCHEMA: &'static str = ORDERS;

    async fn import(app: &App) -> Outcome {
        let mut transaction = app.pool().begin().await?;
        on(&mut transaction, "DELETE FROM orders WHERE key = 'k1'").await?;
        step(INSERT, on(&mut transaction, "INSERT INTO orders (key) VALUES ('k1')")).await?;
        step(COMMIT, transaction.commit()).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().generated_id("orders", "id")
    }
}

struct AutoincrementLinked;

impl Import for AutoincrementLinked {
    const NAME: &'static str = "ids/autoincrement-linked";
    const SCHEMA: &'static str = ORDERS;

    async fn import(app: &App) -> Outcome {
        let mut transaction = app.pool().begin().await?;
        let forget = "DELETE FROM items WHERE order_id IN (SELECT id FROM orders WHERE key = 'k1')";
        on(&mut transaction, forget).await?;
        on(&mut transaction, "DELETE FROM orders WHERE key = 'k1'").await?;
        step(INSERT, on(&mut transaction, "INSERT INTO orders (key) VALUES ('k1')")).await?;
        let items = "INSERT INTO items SELECT id, 'tea' FROM orders WHERE key = 'k1'
                     UNION ALL SELECT id, 'cup' FROM orders WHERE key = 'k1'";
        step(INSERT_MORE, on(&mut transaction, items)).await?;
        step(COMMIT, transaction.commit()).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        let rules = Rules::new().generated_id("orders", "id");
        rules.reference("items", "order_id", "orders", "id").needs_child("orders", "id", "items", "order_id")
    }
}

struct WrongParent;

impl Import for WrongParent {
    const NAME: &'static str = "ids/wrong-parent";
    const SCHEMA: &'static str = "CREATE TABLE albums (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL);
        CREATE TABLE tracks (title TEXT PRIMARY KEY, album_id INTEGER NOT NULL);
        INSERT INTO albums (title) VALUES ('Best of'), ('Best of');
        INSERT INTO tracks VALUES ('one', 1), ('two', 2);";

    async fn import(app: &App) -> Outcome {
        let link = "INSERT INTO tracks
                    SELECT 'new', id FROM albums
                    WHERE true
                    ORDER BY (SELECT count(*) FROM tracks WHERE album_id = albums.id), id DESC LIMIT 1
                    ON CONFLICT (title) DO UPDATE SET album_id = excluded.album_id";
        step(INSERT, app.sql(link)).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().generated_id("albums", "id").reference("tracks", "album_id", "albums", "id")
    }
}

struct DerivedFromRequest;

impl Import for DerivedFromRequest {
    const NAME: &'static str = "ids/derived-from-request";
    const SCHEMA: &'static str = "CREATE TABLE memos (id TEXT PRIMARY KEY, body TEXT NOT NULL)";

    async fn import(app: &App) -> Outcome {
        // As a version 5 would be made of the request's key: the same in each attempt.
        let id = "74738ff5-5367-5958-9aee-98fffdcd1876";
        step(INSERT, app.sql_with("INSERT OR REPLACE INTO memos VALUES (?, 'hello')", &[id])).await?;
        Ok(json!({ "id": id }))
    }
}
