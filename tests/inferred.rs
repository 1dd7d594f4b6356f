//! A flow without rules and without steps is judged by what halfway infers of it.
//!
//! What is right of each way is said before it, with the reason; the rules that follow from the flow are in a list.

use std::path::{Path, PathBuf};

use halfway::judge::{Criterion, Grade};
use halfway::report::{Report, as_rust, as_toml, text};
use halfway::{BoxError, Flow, Rules, World, explore};
use sqlx::SqlitePool;

/// Adds a book with its author, its cover and its text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Shelf {
    /// The files first, then all rows in one transaction, which finds what an earlier attempt made; a start and each request
    /// begin with removing the files that no row names. Sound: what an attempt leaves is files, and whatever comes next
    /// removes them. (Two earlier ways were none, and were found guilty: to sweep at the start alone leaves a file for as
    /// long as the process lives; to sweep after a failed commit removes the files of a row that is there after the next
    /// start, since the commit is in the log and only its sync failed.)
    Sweeps,
    /// The same without the sweep. Faulty: a crash between the cover and the commit leaves a cover that no row names, and
    /// the retry makes another one.
    DoesNotSweep,
    /// The row of the book first, in a transaction of its own, then the files. Faulty: a crash between them leaves a row
    /// whose files are not there.
    RowFirst,
    /// A job is put down as running before the work, and as done with it. A start does not look at it. Faulty: a crash
    /// between the two leaves a job that runs for ever.
    ForgetsItsJob,
}

const SCHEMA: &str = "
    CREATE TABLE books (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL UNIQUE, cover TEXT NOT NULL,
        created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP);
    CREATE TABLE book_authors (book_id INTEGER NOT NULL REFERENCES books (id), name TEXT NOT NULL, token TEXT NOT NULL);
    CREATE TABLE jobs (id TEXT PRIMARY KEY, book TEXT NOT NULL, status TEXT NOT NULL, seen_at INTEGER);
    CREATE TABLE import_log (line TEXT NOT NULL);
    INSERT INTO books (title, cover, created_at) VALUES ('Foucault''s Pendulum', 'old.png', '2020-01-01 00:00:00');
    INSERT INTO book_authors VALUES (1, 'Eco', 'old');
";

struct App {
    pool: SqlitePool,
    dir: PathBuf,
}

/// Something that no other run has: random enough for a test, and no UUID.
fn token() -> String {
    use std::hash::{BuildHasher, RandomState};
    format!("t{:x}", RandomState::new().hash_one(std::process::id()))
}

impl App {
    async fn add(&self, way: Shelf, title: &str) -> Result<i64, BoxError> {
        let job = token();
        if way == Shelf::ForgetsItsJob {
            let known: Option<i64> = sqlx::query_scalar("SELECT id FROM books WHERE title = ?")
                .bind(title)
                .fetch_optional(&self.pool)
                .await?;
            if let Some(id) = known {
                return Ok(id);
            }
            sqlx::query("INSERT INTO jobs VALUES (?, ?, 'running', unixepoch())")
                .bind(&job)
                .bind(title)
                .execute(&self.pool)
                .await?;
        }
        let cover = format!("{}.png", token());
        if way == Shelf::RowFirst {
            let book = "INSERT OR REPLACE INTO books (title, cover) VALUES (?, ?) RETURNING id";
            let id: i64 = sqlx::query_scalar(book).bind(title).bind(&cover).fetch_one(&self.pool).await?;
            self.write_files(&cover, id)?;
            self.author(&self.pool, id).await?;
            return Ok(id);
        }
        let mut transaction = self.pool.begin().await?;
        let known: Option<i64> = sqlx::query_scalar("SELECT id FROM books WHERE title = ?")
            .bind(title)
            .fetch_optional(&mut *transaction)
            .await?;
        if let Some(id) = known {
            return Ok(id);
        }
        let book = "INSERT INTO books (title, cover) VALUES (?, ?) RETURNING id";
        let id: i64 = sqlx::query_scalar(book).bind(title).bind(&cover).fetch_one(&mut *transaction).await?;
        self.write_files(&cover, id)?;
        self.author(&mut *transaction, id).await?;
        sqlx::query("INSERT INTO import_log VALUES (?)")
            .bind(format!("shelved {title}"))
            .execute(&mut *transaction)
            .await?;
        let done = match way {
            Shelf::ForgetsItsJob => "UPDATE jobs SET status = 'done' WHERE id = ? AND book = ?",
            _ => "INSERT INTO jobs VALUES (?, ?, 'done', unixepoch())",
        };
        sqlx::query(done).bind(&job).bind(title).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(id)
    }

    fn write_files(&self, cover: &str, id: i64) -> std::io::Result<()> {
        std::fs::write(self.dir.join("covers").join(cover), "a picture")?;
        std::fs::write(self.dir.join("texts").join(format!("{id}.txt")), "Naturally, a manuscript")
    }

    async fn author<'e>(&self, executor: impl sqlx::SqliteExecutor<'e>, id: i64) -> Result<(), sqlx::Error> {
        let author = "INSERT INTO book_authors VALUES (?, 'Eco', ?)";
        sqlx::query(author).bind(id).bind(token()).execute(executor).await.map(drop)
    }

    /// Removes the files that no row names.
    async fn sweep(&self) -> Result<(), BoxError> {
        let covers: Vec<String> = sqlx::query_scalar("SELECT cover FROM books").fetch_all(&self.pool).await?;
        let texts: Vec<String> = sqlx::query_scalar("SELECT id || '.txt' FROM books").fetch_all(&self.pool).await?;
        for (folder, named) in [("covers", covers), ("texts", texts)] {
            for entry in std::fs::read_dir(self.dir.join(folder))? {
                let entry = entry?;
                if !named.iter().any(|name| entry.file_name().to_str() == Some(name)) {
                    std::fs::remove_file(entry.path())?;
                }
            }
        }
        Ok(())
    }
}

fn put_old_files(dir: &Path) -> std::io::Result<()> {
    for (folder, file) in [("covers", "old.png"), ("texts", "1.txt")] {
        std::fs::create_dir(dir.join(folder))?;
        std::fs::write(dir.join(folder).join(file), "old")?;
    }
    std::fs::write(dir.join("settings.toml"), "language = 'it'")
}

impl Flow for Shelf {
    type Request = &'static str;
    type Response = i64;
    type Error = Refused;
    type App = App;

    fn flow(&self) -> &'static str {
        "shelf"
    }

    fn strategy(&self) -> &'static str {
        match self {
            Self::Sweeps => "sweeps",
            Self::DoesNotSweep => "does-not-sweep",
            Self::RowFirst => "row-first",
            Self::ForgetsItsJob => "forgets-its-job",
        }
    }

    async fn prepare(&self, world: &World, _title: &&'static str) -> Result<(), BoxError> {
        let pool = SqlitePool::connect(world.database_url()).await?;
        sqlx::raw_sql("PRAGMA journal_mode = WAL").execute(&pool).await?;
        sqlx::raw_sql(SCHEMA).execute(&pool).await?;
        pool.close().await;
        Ok(put_old_files(world.dir())?)
    }

    async fn boot(&self, world: &World) -> Result<App, BoxError> {
        let app = App { pool: SqlitePool::connect(world.database_url()).await?, dir: world.dir().to_owned() };
        if matches!(self, Self::Sweeps | Self::ForgetsItsJob) {
            app.sweep().await?;
        }
        Ok(app)
    }

    async fn import(&self, app: &App, title: &&'static str) -> Result<i64, Refused> {
        if *self != Self::Sweeps {
            return app.add(*self, title).await.map_err(Refused);
        }
        app.sweep().await.map_err(Refused)?;
        app.add(*self, title).await.map_err(Refused)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("refused")]
struct Refused(#[source] BoxError);

fn explored(shelf: Shelf) -> Report {
    let explored =
        explore(shelf, "The Name of the Rose").depth(1).run().unwrap_or_else(|error| panic!("{shelf:?}: {error}"));
    assert!(explored.not_fired.is_empty(), "{:?}", explored.not_fired);
    explored.report
}

fn worst(report: &Report, criterion: Criterion) -> Option<Grade> {
    report.strategies[0].worst(criterion)
}

/// From the flow by hand, one by one: `books.id` is counted and named by `book_authors.book_id`; `jobs.id` is a key and
/// differs; `books.cover` differs, and is the name of a file in `covers`; `book_authors.token` differs and is met nowhere
/// else; `created_at` has the time for its default, and `seen_at` holds it; `texts/2.txt` is made of an id; `status` is
/// `done` in the end; `import_log` is a log by its name, and `jobs` is one since each attempt has a row with its state. `settings.toml` is as it was, and needs no rule.
const RULES: [&str; 14] = [
    r#".reference("book_authors", "book_id", "books", "id")"#,
    r#".log("import_log")"#,
    r#".log("jobs")"#,
    r#".generated_id("books", "id")"#,
    r#".generated_id("jobs", "id")"#,
    r#".generated_id("books", "cover")"#,
    r#".generated("book_authors", "token")"#,
    r#".generated("books", "created_at")"#,
    r#".generated("jobs", "seen_at")"#,
    r#".paths_below("books", "cover", "covers")"#,
    r#".row_needs_file("books", "cover")"#,
    r#".file_needs_row("covers", "books", "cover")"#,
    r#".file_named_after_row("books", "texts/{id}.txt")"#,
    r#".row_needs_file_at("books", "texts/{id}.txt")"#,
];

#[test]
fn the_rules_follow_from_the_flow() {
    let report = explored(Shelf::Sweeps);
    let inferred = as_rust(&report.strategies[0].inferred);
    let (settles, others): (Vec<&String>, Vec<&String>) =
        inferred.iter().partition(|rule| rule.starts_with(".settles"));
    assert_eq!(others, RULES);
    assert_eq!(settles.len(), 1, "{settles:?}");
    assert!(settles[0].starts_with(r#".settles("jobs", "status", &["done", "#), "{settles:?}");
    let toml = as_toml(&report.strategies[0].inferred);
    assert!(toml.contains("reference = [\n    [\"book_authors\", \"book_id\", \"books\", \"id\"],\n]\n"), "{toml}");
    toml.parse::<toml::Table>().expect("it is TOML");
}

#[test]
fn a_sound_flow_holds_by_inferred_rules() {
    let report = explored(Shelf::Sweeps);
    let worst = Criterion::ALL.into_iter().filter_map(|criterion| worst(&report, criterion)).max();
    assert!(worst < Some(Grade::Violated), "{}", text::render(&report, 100));
    assert!(report.totals.cases > 30, "{} cases", report.totals.cases);
}

#[test]
fn a_faulty_flow_is_found_guilty_of_what_is_wrong_with_it() {
    let orphan = explored(Shelf::DoesNotSweep);
    assert_eq!(worst(&orphan, Criterion::NoOrphanFiles), Some(Grade::Violated), "{}", text::render(&orphan, 100));
    let row = explored(Shelf::RowFirst);
    assert!(worst(&row, Criterion::NoOrphanRows) >= Some(Grade::HealedByRetry), "{}", text::render(&row, 100));
    let job = explored(Shelf::ForgetsItsJob);
    assert_eq!(worst(&job, Criterion::NoStuckJob), Some(Grade::Violated), "{}", text::render(&job, 100));
}

#[test]
fn an_inferred_rule_is_switched_off_by_one_call_and_a_declared_one_wins() {
    let off = Rules::inferred().not_inferred("jobs.status");
    let report =
        explore(Shelf::ForgetsItsJob, "The Name of the Rose").rules(off).depth(1).run().expect("it can tell").report;
    // Without a rule that says where a job may stay, none can be found stuck: that is no promise that held.
    assert_eq!(worst(&report, Criterion::NoStuckJob), None, "{}", text::render(&report, 100));
    assert!(text::render(&report, 100).contains("·: not judged"));
    assert!(report.strategies[0].cells.iter().any(|cell| cell.criterion == Criterion::NoStuckJob));

    let declared = Rules::inferred().settles("jobs", "status", ["running", "done"]).generated("jobs", "id");
    let report = explore(Shelf::ForgetsItsJob, "The Name of the Rose")
        .rules(declared)
        .depth(1)
        .run()
        .expect("it can tell")
        .report;
    let inferred = as_rust(&report.strategies[0].inferred);
    assert!(!inferred.iter().any(|rule| rule.contains("status") || rule.contains("\"jobs\", \"id\"")), "{inferred:?}");
    assert_eq!(worst(&report, Criterion::NoStuckJob), Some(Grade::Held));

    let unknown =
        explore(Shelf::Sweeps, "The Name of the Rose").rules(Rules::inferred().not_inferred("jobs.stat")).run();
    let said = unknown.expect_err("there is no such rule").to_string();
    assert!(
        said.contains("`not_inferred(\"jobs.stat\")` switches nothing off") && said.contains("jobs.status"),
        "{said}"
    );
}

#[test]
fn the_report_tells_what_was_inferred_so_that_it_can_be_pasted() {
    let report = explored(Shelf::Sweeps);
    let told = text::render(&report, 100);
    assert!(told.contains("halfway infers these rules for shelf/sweeps:\n    Rules::new()\n"), "{told}");
    assert!(told.contains("        // a foreign key of the schema\n        .reference("), "{told}");
    for format in [halfway::report::markdown::render(&report, None), halfway::report::html::render(&report)] {
        assert!(format.contains("Rules that halfway infers for ") && format.contains("row_needs_file_at"), "{format}");
    }
}

/// A start that migrates puts down how long that took. Sound: the start is one transaction, and so is the request; how long
/// it took is another value in each first start, and nobody's promise.
struct Measures;

impl Flow for Measures {
    type Request = ();
    type Response = ();
    type Error = sqlx::Error;
    type App = SqlitePool;

    fn flow(&self) -> &'static str {
        "notes"
    }

    fn strategy(&self) -> &'static str {
        "measures"
    }

    async fn prepare(&self, _world: &World, _request: &()) -> Result<(), BoxError> {
        Ok(())
    }

    async fn boot(&self, world: &World) -> Result<SqlitePool, BoxError> {
        let pool = SqlitePool::connect(world.database_url()).await?;
        let mut transaction = pool.begin().await?;
        let schema = "CREATE TABLE IF NOT EXISTS notes (text TEXT PRIMARY KEY);
            CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, took TEXT NOT NULL, at INTEGER NOT NULL);";
        sqlx::raw_sql(schema).execute(&mut *transaction).await?;
        let put_down = "INSERT OR IGNORE INTO migrations VALUES ('first', ?, unixepoch())";
        sqlx::query(put_down).bind(token()).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(pool)
    }

    async fn import(&self, pool: &SqlitePool, _request: &()) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT OR IGNORE INTO notes VALUES ('buy milk')").execute(pool).await.map(drop)
    }
}

#[test]
fn what_a_first_start_makes_up_anew_is_no_difference() {
    for rules in [Rules::inferred(), Rules::new()] {
        let report = explore(Measures, ()).rules(rules).depth(1).run().expect("it can tell").report;
        assert!(report.strategies[0].as_expected, "{}", text::render(&report, 100));
        let inferred = as_rust(&report.strategies[0].inferred);
        for column in ["took", "at"] {
            assert!(inferred.contains(&format!(".generated(\"migrations\", \"{column}\")")), "{inferred:?}");
        }
        let told = text::render(&report, 100);
        let line = "        // of tables that the request leaves as they are\n        \
                    .generated(\"migrations\", \"took\").generated(\"migrations\", \"at\")\n";
        assert!(told.contains(line), "{told}");
    }
}
