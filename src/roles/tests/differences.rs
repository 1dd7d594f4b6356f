//! What is told first, what is named, and how far two worlds are apart.

use super::*;
use crate::roles::comparison::Extras;
use crate::roles::difference::extent_between;

fn table(columns: &[&str], rows: &[&[Value]]) -> Table {
    let columns = columns.iter().map(|&column| column.to_owned()).collect();
    Table { columns, rows: rows.iter().map(|row| row.to_vec()).collect() }
}

fn world(tables: &[(&str, Table)], files: &[(String, Entry)]) -> Observation {
    let tables = tables.iter().map(|(name, table)| ((*name).to_owned(), table.clone())).collect();
    Observation { tables, files: files.iter().cloned().collect(), ..Observation::default() }
}

fn of_value(value: Value) -> Table {
    table(&["name", "value"], &[&["x".into(), value]])
}

#[test]
fn a_value_that_is_gone_is_told_before_one_that_is_another() {
    let lens = Lens::new(&Rules::new());
    let values =
        |a: Value, b: Value, c: Value| world(&[("a", of_value(a)), ("b", of_value(b)), ("c", of_value(c))], &[]);
    let told = difference(&lens, &values(1.into(), 1.into(), Value::Null), &values(2.into(), Value::Null, 1.into()));
    let [a, b, c] = [
        "a: a-1 changed: value was 1, is 2",
        "b: b-1 changed: value was 1, is null",
        "c: c-1 changed: value was null, is 1",
    ];
    assert_eq!(told, [b, a, c]);
}

#[test]
fn what_concerns_the_fewest_is_told_first() {
    let lens = Lens::new(&Rules::new());
    let rows = |count: i64| (0..count).map(|row| vec![Value::from(row)]).collect::<Vec<_>>();
    let names = |count: i64| Table { columns: vec!["name".to_owned()], rows: rows(count) };
    let file = |name: &str| (name.to_owned(), Entry::File(name.as_bytes().into()));
    let before = world(&[("a", names(0)), ("b", names(0))], &[]);
    let now = world(&[("a", names(3)), ("b", names(2))], &[file("x.txt")]);
    let told = difference(&lens, &before, &now);
    let subjects: Vec<&str> = told.iter().filter_map(|sentence| sentence.split(':').next()).collect();
    assert_eq!(subjects, ["file more", "b", "a"]);
}

#[test]
fn a_row_that_only_connects_others_is_told_by_them() {
    let rules = Rules::new()
        .generated_id("books", "id")
        .generated_id("authors", "id")
        .generated_id("links", "id")
        .reference("links", "book", "books", "id")
        .reference("links", "author", "authors", "id");
    let named = |id: i64| table(&["id", "name"], &[&[id.into(), "x".into()]]);
    let links = |rows: &[&[Value]]| table(&["id", "book", "author", "note"], rows);
    let tables = |links| world(&[("authors", named(7)), ("books", named(8)), ("links", links)], &[]);
    let link = |note: Value| tables(links(&[&[9.into(), 8.into(), 7.into(), note]]));
    let told = |note: Value| difference(&Lens::new(&rules), &tables(links(&[])), &link(note));
    assert_eq!(told(Value::Null), ["links: 1 row more: links-1 (book books-1, author authors-1)"]);
    assert_eq!(told("y".into()), ["links: 1 row more: links-1 (note \"y\")"]);
}

#[test]
fn empty_directories_are_told_apart_from_files() {
    let lens = Lens::new(&Rules::new());
    let files = [
        ("a".to_owned(), Entry::EmptyDirectory),
        ("b".to_owned(), Entry::EmptyDirectory),
        ("c".to_owned(), Entry::File(b"x".as_slice().into())),
    ];
    let told = difference(&lens, &world(&[], &[]), &world(&[], &files));
    assert_eq!(told, ["file more: c (1 byte)", "2 empty directories more: a and b (they count as files do)"]);
}

#[test]
fn each_row_and_each_file_counts_once() {
    let rules = Rules::new();
    let lens = Lens::new(&rules);
    let rows = |from: i64, count: i64| {
        let rows = (from..from + count).map(|row| vec![format!("name {row}").as_str().into(), 1.into()]).collect();
        Table { columns: vec!["name".to_owned(), "value".to_owned()], rows }
    };
    let changed = |table: Table| {
        let rows = table.rows.into_iter().map(|row| vec![row[0].clone(), 2.into()]).collect();
        Table { columns: table.columns, rows }
    };
    let files = |kind: &str, count: usize, text: &str| {
        let file = |at: usize| (format!("{kind}/{at}"), Entry::File(format!("{text} {at}").as_bytes().into()));
        (0..count).map(file).collect::<Vec<_>>()
    };
    let from = world(
        &[("a", rows(0, 1)), ("b", rows(0, 0)), ("c", rows(0, 3))],
        &[files("gone", 4, "x"), files("changed", 6, "x")].concat(),
    );
    let to = world(
        &[("a", rows(0, 0)), ("b", rows(0, 2)), ("c", changed(rows(0, 3)))],
        &[files("new", 5, "x"), files("changed", 6, "y")].concat(),
    );
    let forms = [Canonical::new(&lens, &from), Canonical::new(&lens, &to)];
    let seen = |observation, form| Seen { lens: &lens, observation, form };
    let extent = extent_between(seen(&from, &forms[0]), seen(&to, &forms[1]), Extras::Told);
    assert_eq!(extent, 1 + 2 + 3 + 4 + 5 + 6);
}
