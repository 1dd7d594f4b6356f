//! A shelf of books, one of which is added: which rules follow from it, and which no longer do where it is otherwise.

mod library;
mod otherwise;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::observe::{Answer, Entry, ObjectKind, Schema, SchemaObject, Value};

const SCHEMA: [(&str, &str); 4] = [
    (
        "books",
        "CREATE TABLE books (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL UNIQUE, cover TEXT NOT NULL,
            created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)",
    ),
    (
        "book_authors",
        "CREATE TABLE book_authors (book_id INTEGER NOT NULL REFERENCES books (id), name TEXT, token TEXT)",
    ),
    ("jobs", "CREATE TABLE jobs (id TEXT PRIMARY KEY, book TEXT NOT NULL, status TEXT NOT NULL, seen_at INTEGER)"),
    ("import_log", "CREATE TABLE import_log (line TEXT NOT NULL)"),
];

/// 2024-03-01, 12:00:00 to 12:00:03 in UTC.
const DURING: Span = Span { from: 1_709_294_400.0, to: 1_709_294_403.0 };
const NOON: i64 = 1_709_294_401;

/// The world before the request, and after two runs without faults.
type Worlds = [Observation; 3];

fn put(world: &mut Observation, path: &str, content: &str) {
    world.files.insert(path.to_owned(), Entry::File(content.as_bytes().into()));
}

fn add(world: &mut Observation, table: &str, row: &[Value]) {
    world.tables.get_mut(table).expect("a table of the shelf").rows.push(row.to_vec());
}

/// Makes a table, without rows.
fn make(world: &mut Observation, table: &str, columns: &[&str], sql: &str) {
    let columns = columns.iter().map(|&column| column.to_owned()).collect();
    world.tables.insert(table.to_owned(), Table { columns, rows: Vec::new() });
    let of_table = SchemaObject::new(table, sql);
    Arc::make_mut(&mut world.schema).objects.insert((ObjectKind::Table, table.to_owned()), of_table);
}

fn before() -> Observation {
    let mut world = Observation { schema: Arc::new(Schema::default()), ..Observation::default() };
    let columns: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("books", ["id", "title", "cover", "created_at"].as_slice()),
        ("book_authors", ["book_id", "name", "token"].as_slice()),
        ("jobs", ["id", "book", "status", "seen_at"].as_slice()),
        ("import_log", ["line"].as_slice()),
    ]);
    for (table, sql) in SCHEMA {
        make(&mut world, table, columns[table], sql);
    }
    add(&mut world, "books", &[1.into(), "Foucault's Pendulum".into(), "old.png".into(), "2020-01-01 00:00:00".into()]);
    add(&mut world, "book_authors", &[1.into(), "Eco".into(), "old".into()]);
    for path in ["covers/old.png", "texts/1.txt", "settings.toml"] {
        put(&mut world, path, "old");
    }
    world
}

/// What a run leaves, whose made-up values begin so.
fn result(run: &str) -> Observation {
    let mut world = before();
    let cover = format!("{run}-cover.png");
    let made = format!("{run}-token");
    add(
        &mut world,
        "books",
        &[2.into(), "The Name of the Rose".into(), cover.as_str().into(), "2024-03-01 12:00:01".into()],
    );
    add(&mut world, "book_authors", &[2.into(), "Eco".into(), made.as_str().into()]);
    let job = format!("{run}-job");
    add(&mut world, "jobs", &[job.as_str().into(), "The Name of the Rose".into(), "done".into(), NOON.into()]);
    add(&mut world, "import_log", &["shelved The Name of the Rose".into()]);
    put(&mut world, &format!("covers/{cover}"), "a picture");
    put(&mut world, "texts/2.txt", "Naturally, a manuscript");
    world.answer = Some(Answer::Success(json!({"id": 2})));
    world
}

fn worlds() -> Worlds {
    [before(), result("aaaaaaaa"), result("bbbbbbbb")]
}

fn inferred(declared: &Rules, [before, one, other]: &Worlds) -> Result<(Rules, Vec<Inferred>), String> {
    infer(declared, &Runs { bare: before, starts: [before, before], before, results: [one, other], during: DURING })
}

fn told(declared: &Rules, worlds: &Worlds) -> Vec<String> {
    as_rust(&inferred(declared, worlds).expect("it can be meant").1)
}

/// What is no longer inferred, and what is inferred beside the rest, where the worlds are otherwise.
#[track_caller]
fn check(change: impl Fn(&mut Worlds), gone: &[&str], new: &[&str]) {
    let mut worlds = worlds();
    change(&mut worlds);
    let (was, is) = (told(&Rules::inferred(), &self::worlds()), told(&Rules::inferred(), &worlds));
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|rule| !those.contains(rule)).cloned().collect()
    };
    assert_eq!((only(&was, &is), only(&is, &was)), (owned(gone), owned(new)));
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

/// From the shelf by hand: `books.id` is counted and named by `book_authors.book_id`; `jobs.id` is a key and differs;
/// `books.cover` differs, and is the name of a file in `covers`; `book_authors.token` differs and is met nowhere else;
/// `created_at` and `seen_at` hold the time; `texts/2.txt` is made of an id; `import_log` is a log by its name, and
/// `jobs` is one since each attempt has a row with its state. `settings.toml` is as it was, and needs no rule.
const RULES: [(&str, &str); 14] = [
    (r#".reference("book_authors", "book_id", "books", "id")"#, "a foreign key of the schema"),
    (r#".log("import_log")"#, "its name"),
    (r#".log("jobs")"#, "its name and its states: it has a row for each attempt"),
    (r#".generated_id("books", "id")"#, "the database counts it"),
    (r#".generated_id("jobs", "id")"#, "it is a key, and differs between two runs without faults"),
    (r#".generated_id("books", "cover")"#, "it differs between two runs without faults, and stands elsewhere as well"),
    (r#".generated("book_authors", "token")"#, "it differs between two runs without faults"),
    (r#".generated("books", "created_at")"#, "it holds the time of the run"),
    (r#".generated("jobs", "seen_at")"#, "it holds the time of the run"),
    (r#".paths_below("books", "cover", "covers")"#, "its texts are paths of files below covers"),
    (r#".row_needs_file("books", "cover")"#, "each of its texts is the path of a file"),
    (r#".file_needs_row("covers", "books", "cover")"#, "it holds the paths of the files there"),
    (
        r#".file_named_after_row("books", "texts/{id}.txt")"#,
        "each file there has the values of a row of books in its path",
    ),
    (r#".row_needs_file_at("books", "texts/{id}.txt")"#, "each row of books has such a file"),
];

#[test]
fn the_rules_follow_from_the_shelf_each_with_its_reason() {
    let (rules, inferred) = inferred(&Rules::inferred(), &worlds()).expect("it can be meant");
    let told = as_rust(&inferred);
    let told: Vec<(&str, &str)> =
        told.iter().zip(&inferred).map(|(rule, inferred)| (rule.as_str(), inferred.because.as_str())).collect();
    let (last, others) = told.split_last().expect("there are some");
    assert_eq!(others, RULES);
    assert!(last.0.starts_with(r#".settles("jobs", "status", &["done", "aborted", "#), "{last:?}");
    assert!(last.1.starts_with("a finished run leaves \"done\"; "), "{last:?}");
    let states = &rules.settles[&Column::new("jobs", "status")];
    assert!(states.len() == 24 && states.contains(&"failed".into()), "{states:?}");
    assert!(rules.logs.contains("jobs") && rules.row_needs_file.contains(&Column::new("books", "cover")));
    assert_eq!(told.len(), as_rust(&inferred).len());
}

#[test]
fn the_rules_are_toml_a_method_at_a_time() {
    let toml = as_toml(&inferred(&Rules::inferred(), &worlds()).expect("it can be meant").1);
    assert!(
        toml.starts_with("[rules]\nreference = [\n    [\"book_authors\", \"book_id\", \"books\", \"id\"],\n]\n"),
        "{toml}"
    );
    assert!(toml.contains("log = [\n    [\"import_log\"],\n    [\"jobs\"],\n]\n"), "{toml}");
    assert!(toml.contains("settles = [\n    [\"jobs\", \"status\", [\"done\", "), "{toml}");
    assert_eq!(quoted_as_rust("a\"b\\c\n\td"), r#".log("a\"b\\c\n\td")"#);
}

fn quoted_as_rust(table: &str) -> String {
    as_rust(&[Rule::Log(table.to_owned()).inferred(String::new())]).concat()
}

#[test]
fn nothing_is_inferred_where_nobody_asks_for_it() {
    let declared = Rules::new().log("jobs");
    let (rules, told) = inferred(&declared, &worlds()).expect("it can be meant");
    assert_eq!((&rules.logs, told.len()), (&declared.logs, 0));
    let said = inferred(&Rules::new().not_inferred("jobs"), &worlds()).expect_err("nothing is inferred");
    assert_eq!(
        said,
        "`not_inferred(\"jobs\")` switches nothing off: halfway infers rules of nothing; rules are inferred where they \
         begin with `Rules::inferred()`"
    );
}

#[test]
fn a_rule_is_switched_off_by_its_subject_and_a_subject_that_is_none_is_told() {
    let off = |subject: &str| told(&Rules::inferred().not_inferred(subject), &worlds());
    let all = told(&Rules::inferred(), &worlds());
    for (subject, rule) in [
        ("import_log", r#".log("import_log")"#),
        ("jobs.seen_at", r#".generated("jobs", "seen_at")"#),
        ("jobs.id", r#".generated_id("jobs", "id")"#),
    ] {
        let left: Vec<&String> = all.iter().filter(|other| *other != rule).collect();
        assert_eq!(off(subject).iter().collect::<Vec<_>>(), left, "{subject}");
    }
    assert!(!off("jobs.status").iter().any(|rule| rule.contains("settles")));
    let of_texts: Vec<String> = off("texts/{id}.txt").into_iter().filter(|rule| rule.contains("texts/")).collect();
    assert_eq!(of_texts, [r#".file_stands_alone("texts/2.txt")"#]);
    let said = inferred(&Rules::inferred().not_inferred("jobs.stat"), &worlds()).expect_err("there is no such rule");
    assert_eq!(
        said,
        "`not_inferred(\"jobs.stat\")` switches nothing off: halfway infers rules of book_authors.book_id, import_log, \
         jobs, books.id, jobs.id, books.cover, book_authors.token, books.created_at, jobs.seen_at, books.cover, \
         texts/{id}.txt, jobs.status"
    );
}

#[test]
fn what_is_declared_is_not_inferred_as_well() {
    let declared = Rules::inferred()
        .reference("book_authors", "book_id", "books", "id")
        .log("import_log")
        .generated("jobs", "id")
        .generated_id("books", "cover")
        .paths_below("books", "cover", "covers")
        .row_needs_file("books", "cover")
        .file_needs_row("covers", "books", "cover")
        .file_named_after_row("books", "texts/{id}.txt")
        .settles("jobs", "status", ["done"]);
    assert_eq!(
        told(&declared, &worlds()),
        [
            r#".log("jobs")"#,
            r#".generated_id("books", "id")"#,
            r#".generated("book_authors", "token")"#,
            r#".generated("books", "created_at")"#,
            r#".generated("jobs", "seen_at")"#,
        ]
    );
    let ignored = told(&Rules::inferred().ignore_table("jobs"), &worlds());
    assert!(!ignored.iter().any(|rule| rule.contains("jobs")), "{ignored:?}");
}
