//! An import that makes up a short name for its file: only two runs show that it is made up.

use std::hash::{BuildHasher as _, RandomState};
use std::process::ExitCode;

use halfway::report::Expect;
use halfway::{BoxError, Flow, Subject, World};
use sqlx::SqlitePool;

struct StoreCover;

pub(crate) struct App {
    pool: SqlitePool,
    folder: std::path::PathBuf,
}

impl Flow for StoreCover {
    type Request = String;
    type Response = ();
    type Error = BoxError;
    type App = App;

    fn flow(&self) -> &'static str {
        "store-cover"
    }

    fn strategy(&self) -> &'static str {
        "file-first"
    }

    async fn prepare(&self, world: &World, _title: &String) -> Result<(), BoxError> {
        let pool = SqlitePool::connect(world.database_url()).await?;
        sqlx::raw_sql("CREATE TABLE covers (title TEXT PRIMARY KEY, path TEXT NOT NULL)").execute(&pool).await?;
        pool.close().await;
        Ok(())
    }

    async fn boot(&self, world: &World) -> Result<App, BoxError> {
        let pool = SqlitePool::connect(world.database_url()).await?;
        Ok(App { pool, folder: world.dir().to_owned() })
    }

    async fn import(&self, app: &App, title: &String) -> Result<(), BoxError> {
        let name = format!("covers/{}.png", made_up());
        std::fs::create_dir_all(app.folder.join("covers"))?;
        std::fs::write(app.folder.join(&name), b"PNG")?;
        let insert = sqlx::query("INSERT OR REPLACE INTO covers VALUES (?, ?)").bind(title).bind(name);
        insert.execute(&app.pool).await?;
        Ok(())
    }
}

/// Five letters, others each time.
fn made_up() -> String {
    let mut random = RandomState::new().hash_one(0);
    let mut letter = || {
        let letter = char::from(b'a' + u8::try_from(random % 26).expect("below 26"));
        random /= 26;
        letter
    };
    (0..5).map(|_| letter()).collect()
}

pub(crate) fn main() -> ExitCode {
    halfway::command([Subject::readable(StoreCover, "The night ferry".to_owned()).expect(Expect::Caught)])
}
