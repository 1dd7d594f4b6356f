//! Many rows: in one transaction, and in one for each.

use halfway::step;

use crate::kit::{App, COMMIT, INSERT, Import, Outcome, Stranger, done};

pub(crate) fn strangers() -> Vec<Stranger> {
    vec![Stranger::of::<OneTransaction>(), Stranger::of::<Autocommit>()]
}

const READINGS: &str = "CREATE TABLE readings (number INTEGER PRIMARY KEY, celsius REAL NOT NULL)";
const INSERT_READING: &str = "INSERT OR REPLACE INTO readings VALUES (?, ?)";

struct OneTransaction;

impl Import for OneTransaction {
    const NAME: &'static str = "many/one-transaction";
    const SCHEMA: &'static str = READINGS;

    async fn import(app: &App) -> Outcome {
        let mut transaction = app.pool().begin().await?;
        let insert_all = async {
            for number in 0..200_i32 {
                let query = sqlx::query(INSERT_READING).bind(number).bind(f64::from(number) / 10.0);
                query.execute(&mut *transaction).await?;
            }
            Ok::<_, sqlx::Error>(())
        };
        step(INSERT, insert_all).await?;
        step(COMMIT, transaction.commit()).await?;
        Ok(done())
    }
}

struct Autocommit;

impl Import for Autocommit {
    const NAME: &'static str = "many/autocommit";
    const SCHEMA: &'static str = READINGS;

    async fn import(app: &App) -> Outcome {
        for number in 0..40_i32 {
            let query = sqlx::query(INSERT_READING).bind(number).bind(f64::from(number) / 10.0);
            step(INSERT, query.execute(app.pool())).await?;
        }
        Ok(done())
    }
}
