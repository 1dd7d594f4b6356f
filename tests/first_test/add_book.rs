use halfway::{BoxError, Flow, World};
use sqlx::SqlitePool;

pub(crate) struct AddBook;

impl Flow for AddBook {
    type Request = &'static str;
    type Response = ();
    type Error = sqlx::Error;
    type App = SqlitePool;

    fn flow(&self) -> &str { "add-book" }
    fn strategy(&self) -> &str { "as-it-is" }

    async fn prepare(&self, world: &World, _title: &&'static str) -> Result<(), BoxError> {
        let pool = SqlitePool::connect(world.database_url()).await?;
        let schema = "CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT NOT NULL UNIQUE);
            CREATE TABLE book_authors (book_id INTEGER NOT NULL REFERENCES books (id), name TEXT NOT NULL);";
        sqlx::raw_sql(schema).execute(&pool).await?;
        pool.close().await;
        Ok(())
    }

    async fn boot(&self, world: &World) -> Result<SqlitePool, BoxError> {
        Ok(SqlitePool::connect(world.database_url()).await?)
    }

    async fn import(&self, pool: &SqlitePool, title: &&'static str) -> Result<(), sqlx::Error> {
        // In your test: a call of your application.
        let book = sqlx::query("INSERT INTO books (title) VALUES (?)").bind(*title).execute(pool).await?;
        let author = sqlx::query("INSERT INTO book_authors VALUES (?, 'Umberto Eco')").bind(book.last_insert_rowid());
        author.execute(pool).await.map(drop)
    }
}
