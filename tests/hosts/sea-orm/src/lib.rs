//! Photos: a row for each, and a row for each of its tags.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, Database, DatabaseConnection, DbErr, EntityTrait, QueryFilter, Set,
    TransactionTrait,
};

pub mod photo {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "photos")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub title: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod tag {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "tags")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub photo: i32,
        pub tag: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub struct Photos(DatabaseConnection);

impl Photos {
    pub async fn open(url: &str) -> Result<Self, DbErr> {
        let connection = Database::connect(url).await?;
        connection
            .execute_unprepared(
                "CREATE TABLE IF NOT EXISTS photos (id INTEGER PRIMARY KEY, title TEXT NOT NULL UNIQUE);
                 CREATE TABLE IF NOT EXISTS tags (id INTEGER PRIMARY KEY, photo INTEGER NOT NULL REFERENCES photos (id),
                     tag TEXT NOT NULL);",
            )
            .await?;
        Ok(Self(connection))
    }

    /// Two statements, each its own transaction.
    pub async fn add_in_two(&self, title: &str) -> Result<(), DbErr> {
        insert(&self.0, title).await
    }

    /// One transaction, which finds what is there already.
    pub async fn add(&self, title: &str) -> Result<(), DbErr> {
        let transaction = self.0.begin().await?;
        if photo::Entity::find().filter(photo::Column::Title.eq(title)).one(&transaction).await?.is_none() {
            insert(&transaction, title).await?;
        }
        transaction.commit().await
    }
}

async fn insert(connection: &impl ConnectionTrait, title: &str) -> Result<(), DbErr> {
    let photo = photo::ActiveModel { title: Set(title.to_owned()), ..Default::default() }.insert(connection).await?;
    let tag = tag::ActiveModel { photo: Set(photo.id), tag: Set("new".to_owned()), ..Default::default() };
    tag.insert(connection).await.map(drop)
}
