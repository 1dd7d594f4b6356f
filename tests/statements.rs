//! Statements of SQL are points by themselves: halfway hears them from the engine, and the code names nothing.
//!
//! Each flow stands for a way to reach SQLite. What is right of it is said before the flow, with the reason.

use halfway::fault::FaultClass;
use halfway::harness::{Explored, Settings, explore_all, replay};
use halfway::judge::{Criterion, Grade};
use halfway::report::{CellFault, Expect, text};
use halfway::{BoxError, Flow, Rules, Silent, Step, Subject, World, explore, step};
use sqlx::SqlitePool;

/// Adds a book and its author.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Shelve {
    /// Two statements, each its own transaction. Faulty: an error of the second, or a kill between the two, leaves a book
    /// without an author, and the retry is refused, since the book is there.
    InTwo,
    /// Both in one transaction, and a second request finds its own work. Sound: there is no moment at which half is there.
    InOne,
    /// In two, and an error of the second takes the first back. Faulty: a caller who hangs up between the two, and a kill
    /// there, leave the book; an error alone leaves nothing.
    TakesBack,
    /// In one transaction, and the answer does not wait for what becomes of it: an error of the commit is a success.
    /// Faulty: the answer lies.
    SwallowsTheCommit,
    /// In two, by a trigger of the database in one: the author comes with the book. Sound: a statement is atomic, its
    /// triggers included.
    ByTrigger,
    /// The row is given back by the statement that makes it. In two; faulty as `InTwo`.
    Returning,
}

const SCHEMA: &str = "
    CREATE TABLE books (id TEXT PRIMARY KEY, title TEXT NOT NULL);
    CREATE TABLE book_authors (book_id TEXT NOT NULL REFERENCES books (id), name TEXT NOT NULL, UNIQUE (book_id, name));
";

impl Flow for Shelve {
    type Request = ();
    type Response = ();
    type Error = sqlx::Error;
    type App = SqlitePool;

    fn flow(&self) -> &'static str {
        "shelve"
    }

    fn strategy(&self) -> &'static str {
        match self {
            Self::InTwo => "in-two",
            Self::InOne => "in-one",
            Self::TakesBack => "takes-back",
            Self::SwallowsTheCommit => "swallows-the-commit",
            Self::ByTrigger => "by-trigger",
            Self::Returning => "returning",
        }
    }

    async fn prepare(&self, world: &World, _request: &()) -> Result<(), BoxError> {
        let pool = SqlitePool::connect(world.database_url()).await?;
        sqlx::raw_sql("PRAGMA journal_mode = WAL").execute(&pool).await?;
        sqlx::raw_sql(SCHEMA).execute(&pool).await?;
        if *self == Self::ByTrigger {
            let trigger = "CREATE TRIGGER author AFTER INSERT ON books BEGIN INSERT INTO book_authors VALUES (new.id, 'Eco'); END";
            sqlx::raw_sql(trigger).execute(&pool).await?;
        }
        pool.close().await;
        Ok(())
    }

    async fn boot(&self, world: &World) -> Result<SqlitePool, BoxError> {
        Ok(SqlitePool::connect(world.database_url()).await?)
    }

    async fn import(&self, pool: &SqlitePool, _request: &()) -> Result<(), sqlx::Error> {
        const BOOK: &str = "INSERT INTO books VALUES ('b1', 'The Name of the Rose')";
        const AUTHOR: &str = "INSERT INTO book_authors VALUES ('b1', 'Eco')";
        match self {
            Self::InTwo => {
                sqlx::query(BOOK).execute(pool).await?;
                sqlx::query(AUTHOR).execute(pool).await?;
            }
            Self::InOne => {
                let mut transaction = pool.begin().await?;
                sqlx::query("INSERT OR IGNORE INTO books VALUES ('b1', 'The Name of the Rose')")
                    .execute(&mut *transaction)
                    .await?;
                sqlx::query("INSERT OR IGNORE INTO book_authors VALUES ('b1', 'Eco')")
                    .execute(&mut *transaction)
                    .await?;
                transaction.commit().await?;
            }
            Self::TakesBack => {
                sqlx::query(BOOK).execute(pool).await?;
                if let Err(error) = sqlx::query(AUTHOR).execute(pool).await {
                    sqlx::query("DELETE FROM books WHERE id = 'b1'").execute(pool).await?;
                    return Err(error);
                }
            }
            Self::SwallowsTheCommit => {
                let mut transaction = pool.begin().await?;
                sqlx::query("INSERT OR IGNORE INTO books VALUES ('b1', 'The Name of the Rose')")
                    .execute(&mut *transaction)
                    .await?;
                sqlx::query("INSERT OR IGNORE INTO book_authors VALUES ('b1', 'Eco')")
                    .execute(&mut *transaction)
                    .await?;
                let _ = transaction.commit().await;
            }
            Self::ByTrigger => {
                sqlx::query("INSERT OR IGNORE INTO books VALUES ('b1', 'The Name of the Rose')").execute(pool).await?;
            }
            Self::Returning => {
                let book = format!("{BOOK} RETURNING id");
                let id: String = sqlx::query_scalar(sqlx::AssertSqlSafe(book)).fetch_one(pool).await?;
                sqlx::query("INSERT INTO book_authors VALUES (?, 'Eco')").bind(id).execute(pool).await?;
            }
        }
        Ok(())
    }

    fn rules(&self, _request: &()) -> Rules {
        Rules::new().reference("book_authors", "book_id", "books", "id")
    }
}

fn explored(shelve: Shelve) -> Explored {
    explore(shelve, ()).run().expect("halfway can tell")
}

fn worst(explored: &Explored, criterion: Criterion, class: FaultClass) -> Option<Grade> {
    let cells = explored.report.strategies[0].cells.iter();
    let of_it = cells.filter(|cell| cell.criterion == criterion && cell.fault == CellFault::Class(class));
    of_it.map(|cell| cell.grade).max()
}

fn shown(explored: &Explored) -> String {
    text::render(&explored.report, 100)
}

#[test]
fn two_statements_are_caught_between_them() {
    let explored = explored(Shelve::InTwo);
    let shown = shown(&explored);
    for class in [FaultClass::Error, FaultClass::Cancel, FaultClass::Crash] {
        assert_eq!(worst(&explored, Criterion::AllOrNothing, class), Some(Grade::Violated), "{class:?}\n{shown}");
        assert_eq!(worst(&explored, Criterion::RetrySucceeds, class), Some(Grade::Violated), "{class:?}\n{shown}");
    }
    assert!(shown.contains("error before INSERT INTO book_authors #1"), "{shown}");
    let strategy = &explored.report.strategies[0];
    assert_eq!(strategy.steps, ["insert-into-books", "insert-into-book-authors"]);
    assert!(strategy.notes[0].contains("SQL statements"), "{:?}", strategy.notes);
}

#[test]
fn one_transaction_holds() {
    let explored = explored(Shelve::InOne);
    let strategy = &explored.report.strategies[0];
    assert!(explored.is_as_expected(), "{}", shown(&explored));
    // Where SQLite rolls a transaction back by itself, sqlx does not know it, and begins the next one with a savepoint.
    assert_eq!(strategy.steps, ["insert-into-books", "insert-into-book-authors", "commit", "release"]);
    // Each statement, each of its edges, alone and in pairs, and the file operations.
    assert!(explored.report.totals.cases + explored.report.totals.pruned > 100, "{}", shown(&explored));
}

#[test]
fn a_caller_who_hangs_up_is_no_error() {
    let explored = explored(Shelve::TakesBack);
    let shown = shown(&explored);
    let grade = |class| worst(&explored, Criterion::AllOrNothing, class);
    assert_eq!(grade(FaultClass::Cancel), Some(Grade::Violated), "{shown}");
    assert_eq!(grade(FaultClass::Crash), Some(Grade::Violated), "{shown}");
    // One error alone is taken back; a second one, of the cleanup, is not.
    let alone = explored.report.strategies[0].cells.iter().find(|cell| {
        (cell.criterion, cell.fault, cell.depth) == (Criterion::AllOrNothing, CellFault::Class(FaultClass::Error), 1)
    });
    assert_eq!(alone.map(|cell| cell.grade), Some(Grade::Held), "{shown}");
    assert_eq!(grade(FaultClass::Error), Some(Grade::Violated), "{shown}");
}

#[test]
fn a_commit_that_fails_is_a_fault_of_its_own() {
    let explored = explored(Shelve::SwallowsTheCommit);
    assert_eq!(
        worst(&explored, Criterion::FailureSurfaced, FaultClass::Error),
        Some(Grade::Violated),
        "{}",
        shown(&explored)
    );
    assert!(shown(&explored).contains("error before COMMIT #1"), "{}", shown(&explored));
}

#[test]
fn what_a_trigger_does_belongs_to_its_statement() {
    let explored = explored(Shelve::ByTrigger);
    assert!(explored.is_as_expected(), "{}", shown(&explored));
    assert_eq!(explored.report.strategies[0].steps, ["insert-into-books"]);
}

#[test]
fn a_statement_that_gives_rows_back_is_one_statement() {
    let explored = explored(Shelve::Returning);
    assert_eq!(explored.report.strategies[0].steps, ["insert-into-books", "insert-into-book-authors"]);
    assert_eq!(
        worst(&explored, Criterion::AllOrNothing, FaultClass::Error),
        Some(Grade::Violated),
        "{}",
        shown(&explored)
    );
}

#[test]
fn what_was_found_at_a_statement_is_found_again() {
    let explored = explored(Shelve::InTwo);
    for found in &explored.report.findings {
        let subject = Subject::new(Shelve::InTwo, ()).expect(Expect::Caught);
        let schedule = found.schedule.parse().expect("a schedule");
        let story = replay(&subject, &schedule, &Settings::default()).expect(&found.schedule);
        assert_eq!(story.verdict.get(&found.criterion), Some(&found.grade), "{}", found.schedule);
    }
}

#[test]
fn the_number_of_jobs_changes_nothing() {
    let report = |jobs: usize| {
        let settings = Settings { jobs: jobs.try_into().expect("not none"), ..Settings::default() };
        let subject = Subject::new(Shelve::TakesBack, ()).expect(Expect::Caught);
        let mut explored = explore_all(&[subject], &settings, &Silent).expect("halfway can tell");
        explored.report.totals.seconds = 0.0;
        explored.report.totals.cases_per_second = 0.0;
        halfway::report::json::render(&explored.report)
    };
    let alone = report(1);
    for jobs in [2, 5] {
        let beside = report(jobs);
        let first = alone.lines().zip(beside.lines()).position(|(one, other)| one != other);
        let around = |text: &str| {
            let at = first.unwrap_or_default();
            text.lines().skip(at.saturating_sub(3)).take(7).map(|line| wrapped(line) + "\n").collect::<String>()
        };
        assert!(alone == beside, "{jobs} jobs, line {first:?}\n{}\nand\n{}", around(&alone), around(&beside));
    }
}

fn wrapped(line: &str) -> String {
    line.chars().take(400).collect()
}

/// A sync library on the thread of the request. Two statements: faulty, as above; the request cannot be given up in the
/// middle of one, since nobody else is there to do it.
struct Sync;

impl Flow for Sync {
    type Request = ();
    type Response = ();
    type Error = rusqlite::Error;
    type App = std::cell::RefCell<rusqlite::Connection>;

    fn flow(&self) -> &'static str {
        "shelve"
    }

    fn strategy(&self) -> &'static str {
        "sync"
    }

    async fn prepare(&self, world: &World, _request: &()) -> Result<(), BoxError> {
        open(world)?.execute_batch(SCHEMA)?;
        Ok(())
    }

    async fn boot(&self, world: &World) -> Result<Self::App, BoxError> {
        Ok(open(world)?.into())
    }

    async fn import(&self, app: &Self::App, _request: &()) -> Result<(), rusqlite::Error> {
        let connection = app.borrow_mut();
        connection.execute("INSERT INTO books VALUES ('b1', 'Baudolino')", [])?;
        connection.execute("INSERT INTO book_authors VALUES ('b1', 'Eco')", [])?;
        Ok(())
    }

    fn rules(&self, _request: &()) -> Rules {
        Rules::new().reference("book_authors", "book_id", "books", "id")
    }
}

fn open(world: &World) -> rusqlite::Result<rusqlite::Connection> {
    let path = world.database_url().trim_start_matches("sqlite://").split('?').next().unwrap_or_default().to_owned();
    rusqlite::Connection::open(path)
}

#[test]
fn a_library_on_the_thread_of_the_request_is_heard_too() {
    let explored = explore(Sync, ()).run().expect("halfway can tell");
    let shown = shown(&explored);
    for class in [FaultClass::Error, FaultClass::Crash] {
        assert_eq!(worst(&explored, Criterion::AllOrNothing, class), Some(Grade::Violated), "{class:?}\n{shown}");
    }
    assert_eq!(worst(&explored, Criterion::AllOrNothing, FaultClass::Cancel), None, "{shown}");
}

/// A step for the file; the row is made outside of any step. Faulty: the row fails, and the caller is told of a success.
struct Mixed;

const WRITE_COVER: Step = Step::new("write-cover");

impl Flow for Mixed {
    type Request = ();
    type Response = ();
    type Error = std::io::Error;
    type App = (SqlitePool, std::path::PathBuf);

    fn flow(&self) -> &'static str {
        "shelve"
    }

    fn strategy(&self) -> &'static str {
        "mixed"
    }

    async fn prepare(&self, world: &World, _request: &()) -> Result<(), BoxError> {
        let pool = SqlitePool::connect(world.database_url()).await?;
        sqlx::raw_sql(SCHEMA).execute(&pool).await?;
        pool.close().await;
        Ok(())
    }

    async fn boot(&self, world: &World) -> Result<Self::App, BoxError> {
        Ok((SqlitePool::connect(world.database_url()).await?, world.dir().to_owned()))
    }

    async fn import(&self, (pool, dir): &Self::App, _request: &()) -> Result<(), std::io::Error> {
        step(WRITE_COVER, async { std::fs::write(dir.join("b1.jpg"), "a rose") }).await?;
        let _ = sqlx::query("INSERT OR IGNORE INTO books VALUES ('b1', 'Baudolino')").execute(pool).await;
        Ok(())
    }

    fn rules(&self, _request: &()) -> Rules {
        Rules::new().file_stands_alone("b1.jpg")
    }
}

#[test]
fn statements_outside_of_steps_are_broken_beside_steps() {
    let explored = explore(Mixed, ()).run().expect("halfway can tell");
    let found = explored.report.findings.iter().find(|found| found.criterion == Criterion::FailureSurfaced);
    let found = found.unwrap_or_else(|| panic!("the answer lies\n{}", shown(&explored)));
    assert_eq!(found.schedule, "shelve/mixed insert-into-books#1:before=error");
}
