//! The oracle both ways: it accepts the good and catches the bad, rule by rule and criterion by criterion.

mod answers;
mod compared_answers;
mod grades;
mod layouts;
mod links;
mod rows_and_files;
mod rule_check;
mod views;
mod worlds;

use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::observe::{Answer, Entry, Table};
use crate::rules::{Object, Span, StoredIn, Target};

const CONTEXT: &str = "be polite";
const PATH: &str = "context/6f9619ff-8b86-4011-b42d-00c04fc964ff/context.txt";
const ID: &str = "6f9619ff-8b86-4011-b42d-00c04fc964ff";
const AGAIN: &str = "0190a2b4-5c6d-7e8f-9a0b-1c2d3e4f5a6b";
const OTHER: &str = "c0ffee00-1234-4abc-8def-0123456789ab";

fn rules() -> Rules {
    let span = Span {
        child: "segments".into(),
        position: "start".into(),
        link: "chapter_id".into(),
        parent: "chapters".into(),
        id: "id".into(),
        from: "from".into(),
        to: "to".into(),
        scope: "episode".into(),
    };
    let served = Target::Resource {
        address: "/scenarios/{id}/context".into(),
        id: Column::new("scenarios", "id"),
        column: "context".into(),
        content: CONTEXT.as_bytes().into(),
    };
    let element = Object::Element { array: "/created".into(), key: "title".into(), value: "Late".into() };
    Rules::new()
        .generated_id("scenarios", "id")
        .generated_id("jobs", "id")
        .generated("scenarios", "created_at")
        .log("jobs")
        .generated_id("chapters", "id")
        .reference("segments", "chapter_id", "chapters", "id")
        .needs_child("chapters", "id", "segments", "chapter_id")
        .linked_by_span(span)
        .row_needs_file("scenarios", "path")
        .file_needs_row("context", "scenarios", "path")
        .settles("jobs", "state", ["completed", "failed"])
        .row_stores("scenarios", ("title", "Late"), StoredIn::File { path_column: "path".into() }, CONTEXT.as_bytes())
        .row_stores("scenarios", ("title", "Late"), StoredIn::Column { column: "context".into() }, CONTEXT.as_bytes())
        .answer_carries(Object::Answer, "id", Target::Row(Column::new("scenarios", "id")))
        .answer_carries(Object::Answer, "path", Target::File(CONTEXT.as_bytes().into()))
        .answer_carries(element, "address", served)
}

fn table(columns: &[&str], rows: &[&[Value]]) -> Table {
    let columns = columns.iter().map(|&column| column.to_owned()).collect();
    Table { columns, rows: rows.iter().map(|row| row.to_vec()).collect() }
}

fn before() -> Observation {
    let segment = |start: i64| vec![1.into(), start.into(), Value::Null];
    let segments = [segment(0), segment(5), segment(10)];
    let segments: Vec<&[Value]> = segments.iter().map(Vec::as_slice).collect();
    let tables = [
        ("scenarios", table(&["id", "title", "path", "context", "created_at"], &[])),
        ("chapters", table(&["id", "episode", "from", "to"], &[])),
        ("segments", table(&["episode", "start", "chapter_id"], &segments)),
        ("jobs", table(&["id", "state"], &[])),
    ];
    Observation {
        tables: tables.into_iter().map(|(name, table)| (name.to_owned(), table)).collect(),
        files: [("context".to_owned(), Entry::EmptyDirectory)].into(),
        ..Observation::default()
    }
}

fn success() -> Answer {
    let address = format!("/scenarios/{ID}/context");
    Answer::Success(json!({"id": ID, "path": PATH, "created": [{"title": "Late", "address": address}]}))
}

/// The whole result, acknowledged.
fn result() -> Observation {
    let mut world = before();
    rows(&mut world, "scenarios").push(vec![ID.into(), "Late".into(), PATH.into(), CONTEXT.into(), 17_i64.into()]);
    rows(&mut world, "chapters").push(vec![21.into(), 1.into(), 0.into(), 10.0.into()]);
    rows(&mut world, "chapters").push(vec![22.into(), 1.into(), 10.into(), Value::Null]);
    for (row, chapter) in rows(&mut world, "segments").iter_mut().zip([21, 21, 22]) {
        row[2] = chapter.into();
    }
    rows(&mut world, "jobs").push(vec![31.into(), "completed".into()]);
    world.files = [(PATH.to_owned(), Entry::File(CONTEXT.as_bytes().into()))].into();
    world.answer = Some(success());
    world
}

/// The same in another run: ids and times are others.
fn again() -> Observation {
    let mut world = result();
    let path = PATH.replace(ID, AGAIN);
    for row in rows(&mut world, "scenarios") {
        *row = vec![AGAIN.into(), "Late".into(), path.as_str().into(), CONTEXT.into(), 18_i64.into()];
    }
    world.files = [(path, Entry::File(CONTEXT.as_bytes().into()))].into();
    let answer = serde_json::to_string(&world.answer).expect("an answer is JSON").replace(ID, AGAIN);
    world.answer = serde_json::from_str(&answer).expect("an answer is JSON");
    world
}

fn reference() -> Reference {
    Reference::new(&rules(), before(), [result(), again()])
}

fn rows<'a>(world: &'a mut Observation, table: &str) -> &'a mut Vec<Vec<Value>> {
    &mut world.tables.get_mut(table).expect("a table of the world").rows
}

fn breaches(moment: Moment, world: &Observation) -> Breaches {
    judge(&reference(), moment, world, Words::Told).breaches
}

type Change = fn(&mut Observation);

/// The evidence for this criterion, after a change to the result.
#[track_caller]
fn check(criterion: Criterion, change: Change, expected: &[&str]) {
    let mut world = result();
    change(&mut world);
    let found = breaches(Moment::AfterRetry, &world).remove(&criterion).unwrap_or_default();
    assert_eq!(found, expected);
}

fn put(world: &mut Observation, path: &str, content: &str) {
    world.files.insert(path.to_owned(), Entry::File(content.as_bytes().into()));
}

#[test]
fn the_result_breaks_nothing_at_any_moment() {
    for moment in [Moment::AtRest, Moment::AfterRecovery, Moment::AfterRetry] {
        assert_eq!(breaches(moment, &result()), Breaches::new());
    }
}

#[test]
fn the_world_before_breaks_nothing_but_what_a_retry_owes() {
    for answer in [None, Some(Answer::Failure("no".into()))] {
        let world = Observation { answer, ..before() };
        assert_eq!(breaches(Moment::AtRest, &world), Breaches::new());
        let broken: Vec<Criterion> = breaches(Moment::AfterRetry, &world).into_keys().collect();
        assert_eq!(broken, [Criterion::RetrySucceeds, Criterion::RetryConverges]);
    }
}
