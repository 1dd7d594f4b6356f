//! What each strategy does when all goes well, and what it leaves when a statement fails: the failure is the database's
//! own, raised by a trigger.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;

use super::*;
use crate::{Flow, World};

pub(super) trait Strategy:
    Flow<Request = ChapterImport, Response = Imported, Error = ImportError, App = App>
{
}

impl<F: Flow<Request = ChapterImport, Response = Imported, Error = ImportError, App = App>> Strategy for F {}

/// A prepared world; its directory goes when it does.
pub(super) struct Prepared {
    pub(super) world: World,
    _dir: TempDir,
}

/// What there is: chapters, linked segments, and the jobs' states in the order in which they were created.
#[derive(Debug, PartialEq)]
pub(super) struct Left {
    chapters: u32,
    linked: u32,
    jobs: Vec<String>,
}

pub(super) fn left(chapters: u32, linked: u32, jobs: &[&str]) -> Left {
    Left { chapters, linked, jobs: jobs.iter().map(ToString::to_string).collect() }
}

pub(super) fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(test)
}

pub(super) async fn prepared(strategy: &impl Strategy, request: &ChapterImport) -> Prepared {
    let dir = tempfile::tempdir().expect("a directory");
    let url = format!("sqlite://{}", dir.path().join("world.db").display());
    let world = World::new(url, dir.path());
    strategy.prepare(&world, request).await.expect("prepared");
    Prepared { world, _dir: dir }
}

impl Prepared {
    async fn connection(&self) -> SqliteConnection {
        let options: SqliteConnectOptions = self.world.database_url().parse().expect("a URL");
        SqliteConnection::connect_with(&options).await.expect("connected")
    }

    pub(super) async fn execute(&self, sql: &'static str) {
        sqlx::raw_sql(sql).execute(&mut self.connection().await).await.expect(sql);
    }

    pub(super) async fn text(&self, sql: &'static str) -> String {
        sqlx::query_scalar(sql).fetch_one(&mut self.connection().await).await.expect(sql)
    }

    async fn number(&self, sql: &'static str) -> u32 {
        sqlx::query_scalar(sql).fetch_one(&mut self.connection().await).await.expect(sql)
    }

    pub(super) async fn jobs(&self, column: &'static str) -> Vec<String> {
        let list = sqlx::AssertSqlSafe(format!("SELECT coalesce({column}, '') FROM import_jobs ORDER BY rowid"));
        sqlx::query_scalar(list).fetch_all(&mut self.connection().await).await.expect("jobs")
    }

    pub(super) async fn left(&self) -> Left {
        Left {
            chapters: self.number("SELECT count(*) FROM chapters").await,
            linked: self.number("SELECT count(*) FROM segments WHERE chapter_id IS NOT NULL").await,
            jobs: self.jobs("status").await,
        }
    }
}

pub(super) fn message(result: Result<Imported, ImportError>) -> String {
    result.expect_err("a failure").to_string()
}

pub(super) const REFUSED: &str = "Episode already has 12 chapters. Delete them first to re-import.";

/// How a world is broken: no link can be set, or no job completed.
const LINKS_FAIL: &str = "
    CREATE TRIGGER fault BEFORE UPDATE OF chapter_id ON segments WHEN NEW.chapter_id IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'no link today'); END";
const COMPLETION_FAILS: &str = "
    CREATE TRIGGER fault BEFORE UPDATE ON import_jobs WHEN NEW.status = 'completed'
    BEGIN SELECT RAISE(ABORT, 'no end today'); END";

/// Imports with a fault, then without. Both times: what is left. In the end: the retry's error, or none.
async fn fail_and_retry(strategy: impl Strategy, fault: &'static str) -> (Left, Left, String) {
    let request = ChapterImport::example();
    let prepared = prepared(&strategy, &request).await;
    prepared.execute(fault).await;
    let app = strategy.boot(&prepared.world).await.expect("booted");
    let error = message(strategy.import(&app, &request).await);
    assert!(error.contains("today"), "{error}");
    assert_eq!(prepared.jobs("error").await, [error], "the job tells what the caller is told");
    let after_fault = prepared.left().await;
    prepared.execute("DROP TRIGGER fault").await;
    let retry = strategy.import(&app, &request).await.err().map(|error| error.to_string());
    (after_fault, prepared.left().await, retry.unwrap_or_default())
}

#[test]
fn when_links_fail_each_strategy_leaves_what_its_documentation_says() {
    run(async {
        let done = || left(12, 600, &["failed", "completed"]);
        let stuck = || left(12, 0, &["failed"]);
        let expected = (stuck(), stuck(), REFUSED.to_owned());
        assert_eq!(fail_and_retry(AsFound, LINKS_FAIL).await, expected);
        let expected = (left(0, 0, &["failed"]), done(), String::new());
        assert_eq!(fail_and_retry(OneTransaction, LINKS_FAIL).await, expected);
        assert_eq!(fail_and_retry(UndoOnError, LINKS_FAIL).await, expected);
        let expected = (stuck(), done(), String::new());
        assert_eq!(fail_and_retry(Upsert, LINKS_FAIL).await, expected);
        let expected = (left(0, 0, &["failed"]), left(12, 600, &["completed"]), String::new());
        assert_eq!(fail_and_retry(OneTransactionUpsert, LINKS_FAIL).await, expected);
    });
}

#[test]
fn when_the_job_cannot_be_completed_each_strategy_leaves_what_its_documentation_says() {
    run(async {
        let done = || left(12, 600, &["failed", "completed"]);
        let stuck = || left(12, 600, &["failed"]);
        let expected = (stuck(), stuck(), REFUSED.to_owned());
        assert_eq!(fail_and_retry(AsFound, COMPLETION_FAILS).await, expected);
        assert_eq!(fail_and_retry(OneTransaction, COMPLETION_FAILS).await, expected);
        let expected = (left(0, 0, &["failed"]), done(), String::new());
        assert_eq!(fail_and_retry(UndoOnError, COMPLETION_FAILS).await, expected);
        let expected = (stuck(), done(), String::new());
        assert_eq!(fail_and_retry(Upsert, COMPLETION_FAILS).await, expected);
        let expected = (left(0, 0, &["failed"]), left(12, 600, &["completed"]), String::new());
        assert_eq!(fail_and_retry(OneTransactionUpsert, COMPLETION_FAILS).await, expected);
    });
}

/// Imports the example, and sends it again as another client would. Answers the error of that, or none.
async fn import_twice(strategy: impl Strategy) -> String {
    let request = ChapterImport::example();
    let prepared = prepared(&strategy, &request).await;
    let app = strategy.boot(&prepared.world).await.expect("booted");
    let answer = strategy.import(&app, &request).await.expect("imported");
    assert_eq!((answer.chapters, answer.linked_segments), (12, 600));
    assert_eq!(prepared.jobs("id").await, [answer.job_id]);
    assert_eq!(prepared.left().await, left(12, 600, &["completed"]));
    let elsewhere = "
        SELECT count(*) FROM segments JOIN chapters ON chapters.id = chapter_id
        WHERE NOT (segments.start_ms >= chapters.start_ms AND segments.start_ms < chapters.end_ms)";
    assert_eq!(prepared.number(elsewhere).await, 0, "each segment is linked to the chapter in which it starts");
    assert_eq!(prepared.number("SELECT max(end_ms) FROM chapters").await, 3_915_000, "the end of the transcript");
    let again = strategy.import(&app, &request.with_request_id("request-0002")).await;
    assert_eq!(prepared.number("SELECT count(*) FROM chapters").await, 12);
    again.err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn a_second_import_is_refused_by_those_that_guard_and_carried_out_by_upsert() {
    run(async {
        assert_eq!(import_twice(AsFound).await, REFUSED);
        assert_eq!(import_twice(OneTransaction).await, REFUSED);
        assert_eq!(import_twice(UndoOnError).await, REFUSED);
        assert_eq!(import_twice(Upsert).await, "");
        assert_eq!(import_twice(OneTransactionUpsert).await, REFUSED);
    });
}

#[test]
fn a_file_that_is_refused_leaves_nothing() {
    async fn check(strategy: impl Strategy) {
        let mut request = ChapterImport::example();
        request.chapters_json = r#"{"version":"1.2.0","chapters":[{"startTime":-1,"title":"a"}]}"#.to_owned();
        let prepared = prepared(&strategy, &request).await;
        let app = strategy.boot(&prepared.world).await.expect("booted");
        let error = message(strategy.import(&app, &request).await);
        assert_eq!(error, "chapters[0].startTime: -1 is negative; a start is at or after 0");
        assert_eq!(prepared.left().await, left(0, 0, &[]));
    }
    run(async {
        check(AsFound).await;
        check(OneTransaction).await;
        check(UndoOnError).await;
        check(Upsert).await;
        check(OneTransactionUpsert).await;
    });
}

#[test]
fn the_rules_name_columns_that_are_there() {
    run(async {
        let prepared = prepared(&AsFound, &ChapterImport::example()).await;
        let rules = rules();
        let span = &rules.spans[0];
        let spanned = [&span.position, &span.link, &span.scope].map(|column| Column::new(&span.child, column));
        let spanning = [&span.id, &span.from, &span.to, &span.scope].map(|column| Column::new(&span.parent, column));
        let referring = rules.references.iter().flat_map(|reference| [&reference.child, &reference.parent]);
        let named = rules.generated_ids.iter().chain(&rules.generated).chain(rules.settles.keys()).chain(referring);
        for Column { table, column } in named.chain(&spanned).chain(&spanning) {
            let there = "SELECT count(*) FROM pragma_table_info(?1) WHERE name = ?2";
            let mut conn = prepared.connection().await;
            let there: u32 =
                sqlx::query_scalar(there).bind(table).bind(column).fetch_one(&mut conn).await.expect("info");
            assert_eq!(there, 1, "{table}.{column}");
        }
    });
}

const TRANSCRIPT: &str = r#"{"version":"1.0.0","segments":[
    {"startTime":0,"endTime":1,"body":"a"},{"startTime":1,"endTime":2,"body":"b"},
    {"startTime":2,"endTime":3,"body":"c"},{"startTime":3,"endTime":4,"body":"d"}]}"#;

pub(super) fn small(chapters: &str) -> ChapterImport {
    ChapterImport::new(format!(r#"{{"version":"1.2.0","chapters":[{chapters}]}}"#), TRANSCRIPT)
}

/// The title of each segment's chapter, in the order of the segments.
pub(super) async fn links(prepared: &Prepared) -> Vec<String> {
    let titles = "
        SELECT coalesce((SELECT title FROM chapters WHERE id = chapter_id), '-') FROM segments ORDER BY start_ms";
    sqlx::query_scalar(titles).fetch_all(&mut prepared.connection().await).await.expect("titles")
}

#[test]
fn an_upsert_updates_inserts_and_deletes_until_the_last_file_is_what_there_is() {
    run(async {
        let first = small(r#"{"startTime":0,"title":"A"},{"startTime":1,"title":"B"},{"startTime":3,"title":"C"}"#);
        let prepared = prepared(&Upsert, &first).await;
        let app = Upsert.boot(&prepared.world).await.expect("booted");
        Upsert.import(&app, &first).await.expect("imported");
        assert_eq!(links(&prepared).await, ["A", "B", "B", "C"]);
        let second = small(r#"{"startTime":1,"title":"D","endTime":2},{"startTime":2,"title":"E","endTime":3}"#);
        let answer = Upsert.import(&app, &second).await.expect("imported");
        assert_eq!((answer.chapters, answer.linked_segments), (2, 2));
        assert_eq!(links(&prepared).await, ["-", "D", "E", "-"]);
        Upsert.import(&app, &first).await.expect("imported");
        assert_eq!(links(&prepared).await, ["A", "B", "B", "C"]);
        assert_eq!(prepared.left().await, left(3, 4, &["completed"; 3]));
    });
}

#[test]
fn where_chapters_overlap_the_last_one_in_order_takes_the_segment() {
    run(async {
        let request = small(r#"{"startTime":1,"title":"B","endTime":3},{"startTime":0,"title":"A","endTime":9}"#);
        let prepared = prepared(&AsFound, &request).await;
        let app = AsFound.boot(&prepared.world).await.expect("booted");
        let answer = AsFound.import(&app, &request).await.expect("imported");
        assert_eq!(answer.linked_segments, 4);
        assert_eq!(links(&prepared).await, ["A", "B", "B", "A"]);
    });
}

#[test]
fn a_last_chapter_after_all_segments_ends_where_it_starts() {
    run(async {
        let request = small(r#"{"startTime":1,"title":"A"},{"startTime":9,"title":"B"}"#);
        let prepared = prepared(&AsFound, &request).await;
        let app = AsFound.boot(&prepared.world).await.expect("booted");
        AsFound.import(&app, &request).await.expect("imported");
        assert_eq!(prepared.number("SELECT end_ms FROM chapters WHERE title = 'B'").await, 9000);
        assert_eq!(links(&prepared).await, ["-", "A", "A", "A"]);
    });
}
