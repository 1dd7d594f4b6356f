//! Photos: a row for each, and a row for each of its tags.

use std::error::Error;
use std::sync::Mutex;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

diesel::table! {
    photos (id) {
        id -> Integer,
        title -> Text,
    }
}

diesel::table! {
    tags (photo) {
        photo -> Integer,
        tag -> Text,
    }
}

pub struct Photos(Mutex<SqliteConnection>);

impl Photos {
    pub fn open(database: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let mut connection = SqliteConnection::establish(database)?;
        connection.batch_execute(
            "CREATE TABLE IF NOT EXISTS photos (id INTEGER PRIMARY KEY NOT NULL, title TEXT NOT NULL UNIQUE);
             CREATE TABLE IF NOT EXISTS tags (photo INTEGER NOT NULL REFERENCES photos (id), tag TEXT NOT NULL);",
        )?;
        Ok(Self(Mutex::new(connection)))
    }

    /// Two statements, each its own transaction.
    pub fn add_in_two(&self, title: &str) -> QueryResult<()> {
        let connection = &mut *self.0.lock().expect("nobody panicked");
        diesel::insert_into(photos::table).values(photos::title.eq(title)).execute(connection)?;
        tag(connection, title)
    }

    /// One transaction, which finds what is there already.
    pub fn add(&self, title: &str) -> QueryResult<()> {
        let connection = &mut *self.0.lock().expect("nobody panicked");
        connection.transaction(|connection| {
            let photo = diesel::insert_or_ignore_into(photos::table).values(photos::title.eq(title));
            if photo.execute(connection)? == 1 {
                tag(connection, title)?;
            }
            Ok(())
        })
    }
}

fn tag(connection: &mut SqliteConnection, title: &str) -> QueryResult<()> {
    let photo: i32 = photos::table.filter(photos::title.eq(title)).select(photos::id).first(connection)?;
    diesel::insert_into(tags::table).values((tags::photo.eq(photo), tags::tag.eq("new"))).execute(connection).map(drop)
}
