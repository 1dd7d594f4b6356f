//! The whole command for flows of one's own. In an application this is a test without a harness: `tests/imports.rs`.
//!
//! `cargo run --example own_command -- --help` says what it can do.

use std::process::ExitCode;

use halfway::report::Expect;
use halfway::{BoxError, Flow, Subject, World};
use sqlx::SqlitePool;

/// What a client orders.
#[derive(serde::Deserialize)]
struct Order {
    number: String,
    items: Vec<String>,
}

/// Stores an order, and a row for each of its items.
enum PlaceOrder {
    /// Each row by itself.
    RowByRow,
    /// All of them in one transaction, which finds an order that is there.
    InOneTransaction,
}

impl Flow for PlaceOrder {
    type Request = Order;
    type Response = usize;
    type Error = sqlx::Error;
    type App = SqlitePool;

    fn flow(&self) -> &'static str {
        "place-order"
    }

    fn strategy(&self) -> &'static str {
        match self {
            Self::RowByRow => "row-by-row",
            Self::InOneTransaction => "in-one-transaction",
        }
    }

    async fn prepare(&self, world: &World, _order: &Order) -> Result<(), BoxError> {
        let pool = SqlitePool::connect(world.database_url()).await?;
        let schema = "CREATE TABLE orders (number TEXT PRIMARY KEY);
            CREATE TABLE items (order_number TEXT NOT NULL REFERENCES orders (number), name TEXT NOT NULL);";
        sqlx::raw_sql(schema).execute(&pool).await?;
        pool.close().await;
        Ok(())
    }

    async fn boot(&self, world: &World) -> Result<SqlitePool, BoxError> {
        Ok(SqlitePool::connect(world.database_url()).await?)
    }

    async fn import(&self, pool: &SqlitePool, order: &Order) -> Result<usize, sqlx::Error> {
        const ORDER: &str = "INSERT INTO orders VALUES (?)";
        const ITEM: &str = "INSERT INTO items VALUES (?, ?)";
        match self {
            Self::RowByRow => {
                sqlx::query(ORDER).bind(&order.number).execute(pool).await?;
                for item in &order.items {
                    sqlx::query(ITEM).bind(&order.number).bind(item).execute(pool).await?;
                }
            }
            Self::InOneTransaction => {
                let mut transaction = pool.begin().await?;
                let known = sqlx::query("SELECT 1 FROM orders WHERE number = ?").bind(&order.number);
                if known.fetch_optional(&mut *transaction).await?.is_none() {
                    sqlx::query(ORDER).bind(&order.number).execute(&mut *transaction).await?;
                    for item in &order.items {
                        sqlx::query(ITEM).bind(&order.number).bind(item).execute(&mut *transaction).await?;
                    }
                }
                transaction.commit().await?;
            }
        }
        Ok(order.items.len())
    }
}

pub(crate) fn main() -> ExitCode {
    let order = || Order { number: "2024-17".to_owned(), items: vec!["bread".to_owned(), "milk".to_owned()] };
    halfway::command([
        Subject::readable(PlaceOrder::RowByRow, order()).expect(Expect::Caught),
        Subject::readable(PlaceOrder::InOneTransaction, order()),
    ])
}
