//! Photos: a row for each, and a row for each of its tags.

use std::fmt;
use std::path::Path;
use std::sync::Mutex;

use halfway::{step, Step};
use rusqlite::Connection;

#[derive(Debug)]
pub enum PhotoError {
    Database(rusqlite::Error),
    NoTitle,
}

impl fmt::Display for PhotoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(error) => write!(f, "the photo is not stored: {error}"),
            Self::NoTitle => f.write_str("a photo has a title"),
        }
    }
}

impl std::error::Error for PhotoError {}

impl From<rusqlite::Error> for PhotoError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl halfway::StepError for PhotoError {
    type Source = rusqlite::Error;
}

pub struct Photos(Mutex<Connection>);

const STORE_PHOTO: Step = Step::new("store-photo");
const STORE_TAG: Step = Step::new("store-tag");

impl Photos {
    pub fn open(database: &Path) -> Result<Self, PhotoError> {
        let connection = Connection::open(database)?;
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS photos (id INTEGER PRIMARY KEY, title TEXT NOT NULL UNIQUE);
             CREATE TABLE IF NOT EXISTS tags (photo INTEGER NOT NULL REFERENCES photos (id), tag TEXT NOT NULL);",
        )?;
        Ok(Self(Mutex::new(connection)))
    }

    /// Two statements, each its own transaction.
    pub fn add_in_two(&self, title: &str) -> Result<(), PhotoError> {
        let connection = self.0.lock().expect("nobody panicked");
        connection.execute("INSERT INTO photos (title) VALUES (?1)", [title])?;
        connection.execute("INSERT INTO tags SELECT id, 'new' FROM photos WHERE title = ?1", [title])?;
        Ok(())
    }

    /// The same, with a name for each.
    pub async fn add_in_steps(&self, title: &str) -> Result<(), PhotoError> {
        if title.is_empty() {
            return Err(PhotoError::NoTitle);
        }
        let run = |sql: &'static str| async move {
            Ok::<_, PhotoError>(self.0.lock().expect("nobody panicked").execute(sql, [title]).map(drop)?)
        };
        step(STORE_PHOTO, run("INSERT INTO photos (title) VALUES (?1)")).await?;
        step(STORE_TAG, run("INSERT INTO tags SELECT id, 'new' FROM photos WHERE title = ?1")).await
    }

    /// One transaction, which finds what is there already.
    pub fn add(&self, title: &str) -> Result<(), PhotoError> {
        let mut connection = self.0.lock().expect("nobody panicked");
        let transaction = connection.transaction()?;
        if transaction.execute("INSERT OR IGNORE INTO photos (title) VALUES (?1)", [title])? == 1 {
            transaction.execute("INSERT INTO tags SELECT id, 'new' FROM photos WHERE title = ?1", [title])?;
        }
        Ok(transaction.commit()?)
    }
}
