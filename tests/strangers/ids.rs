//! What is an id, and what only looks like one: digits of hashes, constant UUIDs, states.

use halfway::{Rules, step};
use serde_json::json;
use uuid::Uuid;

use crate::kit::{App, FINISH, Fail, INSERT, Import, Outcome, REMOVE, SWEEP, Stranger, WRITE, done};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![
        Stranger::of::<ContentHashKey>(),
        Stranger::of::<HashOfNothing>(),
        Stranger::of::<NilTenant>(),
        Stranger::of::<TenantLost>(),
        Stranger::of::<StatusLikeHex>(),
        Stranger::of::<ConstantsSwapped>(),
        Stranger::of::<UuidV7>(),
        Stranger::of::<UuidFile>(),
    ]
}

struct ContentHashKey;

impl Import for ContentHashKey {
    const NAME: &'static str = "ids/content-hash-key";
    const SCHEMA: &'static str = "CREATE TABLE blobs (md5 TEXT PRIMARY KEY, content TEXT NOT NULL)";

    async fn import(app: &App) -> Outcome {
        let insert = "INSERT INTO blobs VALUES ('5d41402abc4b2a76b9719d911017c592', 'hello') ON CONFLICT DO NOTHING";
        step(INSERT, app.sql(insert)).await?;
        Ok(done())
    }
}

struct HashOfNothing;

impl Import for HashOfNothing {
    const NAME: &'static str = "ids/hash-of-nothing";
    const SCHEMA: &'static str = "CREATE TABLE blobs (title TEXT PRIMARY KEY, md5 TEXT NOT NULL)";

    async fn import(app: &App) -> Outcome {
        // The body of the request was read to its end by the first statement: the second one hashes nothing.
        let upsert = "INSERT INTO blobs VALUES ('greeting', '5d41402abc4b2a76b9719d911017c592')
                      ON CONFLICT (title) DO UPDATE SET md5 = 'd41d8cd98f00b204e9800998ecf8427e'";
        step(INSERT, app.sql(upsert)).await?;
        Ok(done())
    }
}

const TENANTS: &str = "CREATE TABLE notes (key TEXT PRIMARY KEY, tenant TEXT NOT NULL);
    INSERT INTO notes VALUES ('k0', '00000000-0000-0000-0000-000000000000'),
                             ('k9', '6f0a3a52-5a4e-4b52-9c7e-0d6c6a0f7b11');";

struct NilTenant;

impl Import for NilTenant {
    const NAME: &'static str = "ids/nil-tenant";
    const SCHEMA: &'static str = TENANTS;

    async fn import(app: &App) -> Outcome {
        let upsert = "INSERT INTO notes VALUES ('k1', '00000000-0000-0000-0000-000000000000')
                      ON CONFLICT (key) DO UPDATE SET tenant = excluded.tenant";
        step(INSERT, app.sql(upsert)).await?;
        Ok(done())
    }
}

struct TenantLost;

impl Import for TenantLost {
    const NAME: &'static str = "ids/tenant-lost";
    const SCHEMA: &'static str = TENANTS;

    async fn import(app: &App) -> Outcome {
        let upsert = "INSERT INTO notes VALUES ('k1', '6f0a3a52-5a4e-4b52-9c7e-0d6c6a0f7b11')
                      ON CONFLICT (key) DO UPDATE SET tenant = '00000000-0000-0000-0000-000000000000'";
        step(INSERT, app.sql(upsert)).await?;
        Ok(done())
    }
}

struct StatusLikeHex;

impl Import for StatusLikeHex {
    const NAME: &'static str = "ids/status-like-hex";
    const SCHEMA: &'static str = "CREATE TABLE banners (key TEXT PRIMARY KEY, status TEXT NOT NULL)";

    async fn import(app: &App) -> Outcome {
        let insert = "INSERT INTO banners VALUES ('k1', 'added') ON CONFLICT (key) DO NOTHING";
        if step(INSERT, app.sql(insert)).await? == 1 {
            step(FINISH, app.sql("UPDATE banners SET status = 'faded' WHERE key = 'k1'")).await?;
        }
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().settles("banners", "status", ["faded"])
    }
}

const ADA: &str = "a3bb189e-8bf9-3888-9912-ace4e6543002";
const BOB: &str = "b7c1d1b0-41d5-4e0c-9f8d-3c1f0f6f2a77";

struct ConstantsSwapped;

impl Import for ConstantsSwapped {
    const NAME: &'static str = "ids/constants-swapped";
    const SCHEMA: &'static str = "CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT NOT NULL);
        CREATE TABLE seats (side TEXT PRIMARY KEY, person TEXT NOT NULL);
        INSERT INTO people VALUES ('a3bb189e-8bf9-3888-9912-ace4e6543002', 'Ada'),
                                  ('b7c1d1b0-41d5-4e0c-9f8d-3c1f0f6f2a77', 'Bob');";

    async fn import(app: &App) -> Outcome {
        let taken = app.number("SELECT count(*) FROM seats").await?;
        let (left, right) = if taken == 0 { (ADA, BOB) } else { (BOB, ADA) };
        let upsert = "INSERT INTO seats VALUES ('left', ?), ('right', ?)
                      ON CONFLICT (side) DO UPDATE SET person = excluded.person";
        step(INSERT, app.sql_with(upsert, &[left, right])).await?;
        Ok(done())
    }

    fn rules() -> Rules {
        Rules::new().reference("seats", "person", "people", "id")
    }
}

struct UuidV7;

impl Import for UuidV7 {
    const NAME: &'static str = "ids/uuid-v7";
    const SCHEMA: &'static str = "CREATE TABLE memos (id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE)";

    async fn import(app: &App) -> Outcome {
        let id = Uuid::now_v7().to_string();
        let insert = "INSERT INTO memos VALUES (?, 'k1') ON CONFLICT (key) DO NOTHING";
        step(INSERT, app.sql_with(insert, &[&id])).await?;
        let stored = app.text("SELECT id FROM memos WHERE key = 'k1'").await?;
        Ok(json!({ "id": stored }))
    }

    fn rules() -> Rules {
        Rules::new().generated_id("memos", "id")
    }
}

struct UuidFile;

impl Import for UuidFile {
    const NAME: &'static str = "ids/uuid-file";
    const SCHEMA: &'static str =
        "CREATE TABLE memos (id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, path TEXT NOT NULL)";

    fn files(dir: &std::path::Path) -> std::io::Result<()> {
        std::fs::create_dir(dir.join("memos"))
    }

    async fn boot(app: &App) -> Result<(), Fail> {
        let files = app.list("memos")?;
        let known = app.texts("SELECT path FROM memos").await?;
        for path in files.iter().map(|name| format!("memos/{name}")) {
            if !known.contains(&path) {
                step(SWEEP, app.remove(&path)).await?;
            }
        }
        Ok(())
    }

    async fn import(app: &App) -> Outcome {
        let id = uuid_v4().to_string();
        let path = format!("memos/{id}.txt");
        step(WRITE, app.write(&path, "remember the milk")).await?;
        let insert = "INSERT INTO memos VALUES (?, 'k1', ?) ON CONFLICT (key) DO NOTHING";
        let inserted = step(INSERT, app.sql_with(insert, &[&id, &path])).await;
        if !matches!(inserted, Ok(1))
            && app.text("SELECT path FROM memos WHERE key = 'k1'").await? != Some(path.clone())
        {
            step(REMOVE, app.remove(&path)).await?;
        }
        inserted?;
        Ok(done())
    }

    fn rules() -> Rules {
        let rules = Rules::new().generated_id("memos", "id");
        rules.row_needs_file("memos", "path").file_needs_row("memos", "memos", "path")
    }
}

/// A random UUID, made of the random digits of one that holds the time.
fn uuid_v4() -> Uuid {
    let mut bytes = [0; 16];
    let (one, other) = (Uuid::now_v7().into_bytes(), Uuid::now_v7().into_bytes());
    bytes[..8].copy_from_slice(&one[8..]);
    bytes[8..].copy_from_slice(&other[8..]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}
