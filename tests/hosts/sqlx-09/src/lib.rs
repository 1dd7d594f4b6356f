//! Photos: a row for each, and a row for each of its tags.

use sqlx::SqlitePool;

pub struct Photos(SqlitePool);

impl Photos {
    pub async fn open(url: &str) -> Result<Self, sqlx::Error> {
        let pool = SqlitePool::connect(url).await?;
        sqlx::raw_sql(
            "CREATE TABLE IF NOT EXISTS photos (id INTEGER PRIMARY KEY, title TEXT NOT NULL UNIQUE);
             CREATE TABLE IF NOT EXISTS tags (photo INTEGER NOT NULL REFERENCES photos (id), tag TEXT NOT NULL);",
        )
        .execute(&pool)
        .await?;
        Ok(Self(pool))
    }

    /// Two statements, each its own transaction.
    pub async fn add_in_two(&self, title: &str) -> Result<(), sqlx::Error> {
        let photo = sqlx::query("INSERT INTO photos (title) VALUES (?)").bind(title).execute(&self.0).await?;
        sqlx::query("INSERT INTO tags VALUES (?, 'new')").bind(photo.last_insert_rowid()).execute(&self.0).await?;
        Ok(())
    }

    /// One transaction, which finds what is there already.
    pub async fn add(&self, title: &str) -> Result<(), sqlx::Error> {
        let mut transaction = self.0.begin().await?;
        let photo =
            sqlx::query("INSERT OR IGNORE INTO photos (title) VALUES (?)").bind(title).execute(&mut *transaction).await?;
        if photo.rows_affected() == 1 {
            let tag = sqlx::query("INSERT INTO tags VALUES (?, 'new')").bind(photo.last_insert_rowid());
            tag.execute(&mut *transaction).await?;
        }
        transaction.commit().await
    }
}
