//! The oracle both ways: it accepts the good and catches the bad, rule by rule and criterion by criterion.

use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::observe::{Answer, Entry, Table};
use crate::rules::{Object, Place, Span, Target};

const CONTEXT: &str = "be polite";
const PATH: &str = "context/6f9619ff-8b86-4011-b42d-00c04fc964ff/context.txt";
const ID: &str = "6f9619ff-8b86-4011-b42d-00c04fc964ff";
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
        .settles("jobs", "state", &["completed", "failed"])
        .row_stores("scenarios", ("title", "Late"), Place::File { path_column: "path".into() }, CONTEXT.as_bytes())
        .row_stores("scenarios", ("title", "Late"), Place::Column { column: "context".into() }, CONTEXT.as_bytes())
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
        answer: None,
    }
}

fn success() -> Answer {
    let address = format!("/scenarios/{ID}/context");
    Answer::Success(json!({"id": ID, "path": PATH, "created": [{"title": "Late", "address": address}]}))
}

/// The whole result, acknowledged.
fn result() -> Observation {
    let mut world = before();
    rows(&mut world, "scenarios").push(vec![ID.into(), "Late".into(), PATH.into(), CONTEXT.into(), 17.into()]);
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

fn rows<'a>(world: &'a mut Observation, table: &str) -> &'a mut Vec<Vec<Value>> {
    &mut world.tables.get_mut(table).expect("a table of the world").rows
}

fn breaches(moment: Moment, world: &Observation) -> Breaches {
    judge(&rules(), &Reference::new(&rules(), before(), result()), moment, world, Words::Told).breaches
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

#[test]
fn the_rules_of_these_tests_name_columns_that_are_there() {
    assert_eq!(names_without_column(&rules(), &result()), Vec::<String>::new());
    let misspelt = rules().log("job").row_needs_file("scenarios", "pfad").settles("tasks", "state", &[]);
    assert_eq!(
        names_without_column(&misspelt, &result()),
        [
            "the rules name a table that is not there: job",
            "the rules name a column that is not there: pfad of scenarios",
            "the rules name a column that is not there: state of tasks",
        ]
    );
}

#[test]
fn every_failure_is_told_and_success_only_when_everything_is_there() {
    let criterion = Criterion::FailureSurfaced;
    let missing = "success was answered, and something is missing";
    check(criterion, |world| world.answer = Some(Answer::Failure("disk full".into())), &[]);
    check(criterion, |world| world.answer = None, &[]);
    check(criterion, |world| world.answer = Some(Answer::Panicked { message: "x".into(), injected: true }), &[]);
    check(criterion, |world| world.answer = Some(Answer::NotBooted("x".into())), &[]);
    check(
        criterion,
        |world| world.answer = Some(Answer::Panicked { message: format!("no {ID}"), injected: false }),
        &["the flow panicked: \"no <scenarios-1>\""],
    );
    check(criterion, |world| world.answer = Some(Answer::Hung { deadline_ms: 10_000 }), &["no answer within 10 s"]);
    check(
        criterion,
        |world| rows(world, "segments")[0][2] = Value::Null,
        &[missing, "segments: segments-1 changed: chapter_id was chapters-1, is null"],
    );
    check(
        criterion,
        |world| rows(world, "jobs").clear(),
        &[missing, "jobs: 1 row fewer: jobs-1 (state \"completed\")"],
    );
    check(
        criterion,
        |world| drop(world.files.remove(PATH)),
        &[missing, "file gone: context/<scenarios-1>/context.txt (9 bytes)"],
    );
    check(criterion, |world| rows(world, "jobs").push(vec![32.into(), "failed".into()]), &[]);
    check(criterion, |world| put(world, "left.tmp", "x"), &[]);
}

fn answer(world: &mut Observation) -> &mut serde_json::Value {
    match world.answer.as_mut() {
        Some(Answer::Success(answer)) => answer,
        _ => panic!("the result is acknowledged"),
    }
}

#[test]
fn a_success_answer_carries_what_it_promises() {
    let criterion = Criterion::ResponseComplete;
    check(criterion, |world| world.answer = Some(Answer::Failure("no".into())), &[]);
    check(criterion, |world| answer(world)["path"] = json!(null), &["the answer lacks path"]);
    check(criterion, |world| answer(world)["path"] = json!(""), &["path of the answer is empty"]);
    check(criterion, |world| answer(world)["path"] = json!(7), &["path of the answer is no text"]);
    check(
        criterion,
        |world| answer(world)["path"] = json!("elsewhere"),
        &["path of the answer leads to a file that is not there"],
    );
    check(criterion, |world| put(world, PATH, "be"), &["path of the answer leads to only 2 of 9 bytes"]);
    check(criterion, |world| put(world, PATH, "be polity"), &["path of the answer leads to 9 bytes, but other ones"]);
    check(
        criterion,
        |world| answer(world)["id"] = json!(OTHER),
        &["id of the answer leads to a row of scenarios that is not there"],
    );
    check(
        criterion,
        |world| answer(world)["created"] = json!([{"title": "Early"}]),
        &["the answer lacks the element of /created with title \"Late\""],
    );
    let element = "address of the element of /created with title \"Late\"";
    check(
        criterion,
        |world| answer(world)["created"][0]["address"] = json!("/else/where"),
        &[&format!("{element} is no address like /scenarios/{{id}}/context")],
    );
    check(
        criterion,
        |world| answer(world)["created"][0]["address"] = json!("/scenarios/1/context"),
        &[&format!("{element} leads to a row of scenarios that is not there")],
    );
    check(
        criterion,
        |world| rows(world, "scenarios")[0][3] = Value::Null,
        &[&format!("{element} leads to scenarios-1 without context")],
    );
    check(
        criterion,
        |world| rows(world, "scenarios")[0][3] = "be".into(),
        &[&format!("{element} leads to only 2 of 9 bytes")],
    );
}

#[test]
fn an_id_in_an_answer_may_be_a_number_or_stand_for_bytes() {
    let uuid = Value::Blob((0..16).collect::<Vec<u8>>().into());
    for (id, written, is_found) in [
        (5.into(), json!(5), true),
        (5.into(), json!("5"), true),
        (5.into(), json!(6), false),
        (uuid.clone(), json!("00010203-0405-0607-0809-0a0b0c0d0e0f"), true),
        (uuid, json!("00010203-0405-0607-0809-0a0b0c0d0e00"), false),
    ] {
        let rules = Rules::new().answer_carries(Object::Answer, "id", Target::Row(Column::new("rows", "id")));
        let tables: BTreeMap<_, _> = [("rows".to_owned(), table(&["id"], &[&[id]]))].into();
        let answer = Some(Answer::Success(json!({"id": written})));
        let world = Observation { tables, answer, ..Observation::default() };
        let reference = Reference::new(&rules, world.clone(), world.clone());
        let breaches = judge(&rules, &reference, Moment::AtRest, &world, Words::Told).breaches;
        assert_eq!(breaches.is_empty(), is_found, "{written}");
    }
}

#[test]
fn no_row_lacks_the_rows_it_needs() {
    let criterion = Criterion::NoOrphanRows;
    check(
        criterion,
        |world| rows(world, "segments")[0][2] = 99.into(),
        &[
            "segments-1 is without the row of chapters that chapter_id names",
            "chapters-1 lacks 1 row of segments that lies within",
        ],
    );
    check(
        criterion,
        |world| rows(world, "segments").iter_mut().for_each(|row| row[2] = Value::Null),
        &[
            "2 rows (chapters-1 and chapters-2) are without a row of segments",
            "2 chapters (chapters-1 and chapters-2) lack 3 rows of segments that lie within",
        ],
    );
    check(
        criterion,
        |world| rows(world, "segments")[0][2] = 22.into(),
        &["segments-1 is linked to a row of chapters outside of which it lies"],
    );
    // Not in the same episode, or in no chapter at all: nothing to be linked to.
    check(criterion, |world| rows(world, "segments").push(vec![2.into(), 0.into(), Value::Null]), &[]);
    check(criterion, |world| rows(world, "segments").push(vec![1.into(), (-1).into(), Value::Null]), &[]);
    // The first position that is no longer within is not within.
    check(
        criterion,
        |world| rows(world, "segments")[2][2] = 21.into(),
        &[
            "chapters-2 is without a row of segments",
            "segments-3 is linked to a row of chapters outside of which it lies",
        ],
    );
}

#[test]
fn no_row_lacks_its_complete_file() {
    let criterion = Criterion::NoOrphanRows;
    let file = "context/<scenarios-1>/context.txt";
    check(
        criterion,
        |world| drop(world.files.remove(PATH)),
        &[
            &format!("scenarios-1 names a file that is not there: {file}"),
            &format!("scenarios-1 lacks its file {file}"),
        ],
    );
    check(
        criterion,
        |world| drop(world.files.insert(PATH.to_owned(), Entry::EmptyDirectory)),
        &[
            &format!("scenarios-1 names a file that is not there: {file}"),
            &format!("scenarios-1 has an empty directory for its file {file}"),
        ],
    );
    check(criterion, |world| put(world, PATH, "be"), &[&format!("scenarios-1 has only 2 of 9 bytes in {file}")]);
    check(criterion, |world| put(world, PATH, ""), &[&format!("scenarios-1 has nothing instead of 9 bytes in {file}")]);
    check(
        criterion,
        |world| rows(world, "scenarios")[0][2] = Value::Null,
        &["scenarios-1 has no path, so its content is lost"],
    );
    check(
        criterion,
        |world| rows(world, "scenarios")[0][3] = "be polite and kind".into(),
        &["scenarios-1 has 18 bytes that are not the 9 sent in context"],
    );
}

#[test]
fn every_file_belongs_to_a_row() {
    let criterion = Criterion::NoOrphanFiles;
    check(criterion, |world| put(world, "context/x.tmp", "1"), &["context/x.tmp (1 byte) belongs to no row"]);
    // A row holds its path, but the folder is not declared.
    check(
        criterion,
        |world| {
            put(world, "contexts/x", "1");
            rows(world, "scenarios").push(vec![
                OTHER.into(),
                "Early".into(),
                "contexts/x".into(),
                Value::Null,
                3.into(),
            ]);
        },
        &["contexts/x (1 byte) belongs to no row"],
    );
    check(
        criterion,
        |world| rows(world, "scenarios").clear(),
        &["context/<id>/context.txt (9 bytes) belongs to no row"],
    );
    check(
        criterion,
        |world| drop(world.files.insert(format!("context/{OTHER}"), Entry::EmptyDirectory)),
        &["the empty directory context/<id> belongs to no row"],
    );
    check(criterion, |world| drop(world.files.insert("context".to_owned(), Entry::EmptyDirectory)), &[]);
    // What was there before, as it was, belongs to whomever it belonged to; changed, it does not.
    let mut old = before();
    put(&mut old, "old.txt", "as it was");
    let reference = Reference::new(&rules(), old.clone(), result());
    for (content, sentences) in [("as it was", vec![]), ("changed", vec!["old.txt (7 bytes) belongs to no row"])] {
        put(&mut old, "old.txt", content);
        let mut breaches = judge(&rules(), &reference, Moment::AtRest, &old, Words::Told).breaches;
        assert_eq!(breaches.remove(&criterion).unwrap_or_default(), sentences);
    }
}

#[test]
fn no_job_stays_unfinished() {
    let criterion = Criterion::NoStuckJob;
    check(criterion, |world| rows(world, "jobs")[0][1] = "failed".into(), &[]);
    check(
        criterion,
        |world| rows(world, "jobs").push(vec![32.into(), "processing".into()]),
        &["jobs-2 is \"processing\" and nobody runs it"],
    );
    check(criterion, |world| rows(world, "jobs")[0][1] = Value::Null, &["jobs-1 is null and nobody runs it"]);
}

#[test]
fn all_or_nothing_allows_no_mixture() {
    let criterion = Criterion::AllOrNothing;
    let mixture = "this is neither what was there before nor the whole result";
    let not_there = "success was answered, and this is not the result";
    check(criterion, |world| world.answer = None, &[]);
    check(criterion, |world| rows(world, "jobs").push(vec![32.into(), "failed".into()]), &[]);
    check(
        criterion,
        |world| {
            *world = Observation { answer: None, ..before() };
            rows(world, "scenarios").push(vec![ID.into(), "Late".into(), Value::Null, Value::Null, 3.into()]);
        },
        &[mixture, "scenarios: 1 row more: scenarios-1 (title \"Late\")"],
    );
    check(
        criterion,
        |world| {
            world.answer = None;
            rows(world, "jobs").clear();
            rows(world, "chapters").clear();
            rows(world, "scenarios").clear();
            world.files.clear();
        },
        &[
            mixture,
            "segments: 3 rows changed: chapter_id was null, is a row that is not there",
            "file gone: context (an empty directory)",
        ],
    );
    check(
        criterion,
        |world| *world = Observation { answer: Some(success()), ..before() },
        &[
            not_there,
            "chapters: 2 rows fewer: chapters-1 (episode 1, from 0, to 10) and chapters-2 (episode 1, from 10)",
            "jobs: 1 row fewer: jobs-1 (state \"completed\")",
            "scenarios: 1 row fewer: scenarios-1 (title \"Late\", path \"context/<scenarios-1>/context.txt\", context \
             \"be polite\")",
            "segments: 3 rows changed: chapter_id was chapters-1 and chapters-2, is null",
            "file more: context (an empty directory)",
            "file gone: context/<scenarios-1>/context.txt (9 bytes)",
        ],
    );
}

#[test]
fn a_log_never_holds_less() {
    let mut old = before();
    rows(&mut old, "jobs").push(vec![30.into(), "failed".into()]);
    let reference = Reference::new(&rules(), old.clone(), result());
    let broken = |world: &Observation| {
        judge(&rules(), &reference, Moment::AtRest, world, Words::Told).breaches.contains_key(&Criterion::AllOrNothing)
    };
    assert!(!broken(&old));
    assert!(broken(&before()), "the log has lost what it held before");
}

#[test]
fn the_retry_succeeds() {
    let criterion = Criterion::RetrySucceeds;
    check(
        criterion,
        |world| world.answer = Some(Answer::Failure(format!("scenario {ID} exists\nasked by {OTHER}"))),
        &["the retry was refused: \"scenario <scenarios-1> exists\\nasked by <id>\""],
    );
    check(
        criterion,
        |world| world.answer = Some(Answer::Panicked { message: "oh".into(), injected: false }),
        &["the retry panicked: \"oh\""],
    );
    check(
        criterion,
        |world| world.answer = Some(Answer::Hung { deadline_ms: 1_500 }),
        &["the retry hangs: no answer within 1500 ms"],
    );
    check(
        criterion,
        |world| world.answer = Some(Answer::NotBooted("no such table".into())),
        &["the application does not start: \"no such table\""],
    );
    check(criterion, |world| world.answer = None, &["the retry got no answer"]);
}

#[test]
fn the_retry_converges() {
    let criterion = Criterion::RetryConverges;
    check(criterion, |world| rows(world, "jobs").push(vec![32.into(), "failed".into()]), &[]);
    check(criterion, |world| rows(world, "scenarios")[0][4] = 99.into(), &[]);
    check(
        criterion,
        |world| {
            rows(world, "jobs").push(vec![32.into(), "failed".into()]);
            rows(world, "scenarios").push(vec![OTHER.into(), "Late".into(), Value::Null, Value::Null, 3.into()]);
        },
        &["scenarios: 1 row more: scenarios-1 (title \"Late\")"],
    );
    check(
        criterion,
        |world| put(world, &format!("context/.{OTHER}.tmp"), "12"),
        &["file more: context/.<id>.tmp (2 bytes)"],
    );
}

/// What is broken at rest, after recovery and after the retry of the restarted, and after that of the impatient client.
#[track_caller]
fn check_grade(moments: [&str; 4], expected: Grade) {
    let criterion = Criterion::NoStuckJob;
    let breaches = |state: &str| match state {
        "clean" => Some(Breaches::new()),
        "-" => None,
        evidence => Some(BTreeMap::from([(criterion, vec![evidence.to_owned()])])),
    };
    let [at_rest, after_recovery, after_retry, impatient] = moments.map(breaches);
    let restarted = after_recovery.as_ref().zip(after_retry.as_ref());
    let restarted = restarted.map(|(after_recovery, after_retry)| Restarted { after_recovery, after_retry });
    let trail = Trail { at_rest: at_rest.as_slice(), restarted, impatient: impatient.as_ref() };
    let grades = grade(trail);
    assert_eq!(grades[&criterion], expected, "{moments:?}");
    assert_eq!(trail.last_breach(criterion).is_none(), expected == Grade::Held, "{moments:?}");
    let goes_on = restarted.is_some() || impatient.is_some();
    assert_eq!(grades.contains_key(&Criterion::RetrySucceeds), goes_on);
    assert_eq!(grades.contains_key(&Criterion::RetryConverges), goes_on);
    assert_eq!(grades.len(), if goes_on { 8 } else { 6 });
}

#[test]
fn a_grade_is_as_good_as_the_worse_of_both_continuations() {
    check_grade(["clean", "clean", "clean", "clean"], Grade::Held);
    check_grade(["clean", "-", "-", "-"], Grade::Held);
    check_grade(["broken", "-", "-", "-"], Grade::Violated);
    check_grade(["broken", "clean", "clean", "clean"], Grade::HealedByRecovery);
    check_grade(["broken", "clean", "clean", "-"], Grade::HealedByRecovery);
    check_grade(["broken", "broken", "clean", "clean"], Grade::HealedByRetry);
    check_grade(["clean", "broken", "clean", "clean"], Grade::HealedByRetry);
    check_grade(["broken", "-", "-", "clean"], Grade::HealedByRetry);
    check_grade(["broken", "clean", "clean", "broken"], Grade::Violated);
    check_grade(["broken", "clean", "broken", "clean"], Grade::Violated);
    check_grade(["clean", "clean", "clean", "broken"], Grade::Violated);
}

#[test]
fn the_last_breach_is_the_one_that_nothing_healed() {
    let criterion = Criterion::NoStuckJob;
    let breaches = |evidence: &str| BTreeMap::from([(criterion, vec![evidence.to_owned()])]);
    let at_rest = [breaches("first"), breaches("second"), Breaches::new()];
    let (after_recovery, after_retry, impatient) = (breaches("recovered"), breaches("retried"), breaches("impatient"));
    let clean = Breaches::new();
    let trail = |recovered, retried, impatient| Trail {
        at_rest: &at_rest,
        restarted: Some(Restarted { after_recovery: recovered, after_retry: retried }),
        impatient: Some(impatient),
    };
    for (trail, moment, branch, evidence) in [
        (trail(&after_recovery, &after_retry, &impatient), Moment::AfterRetry, Branch::Restarted, "retried"),
        (trail(&after_recovery, &clean, &impatient), Moment::AfterRetry, Branch::Impatient, "impatient"),
        (trail(&after_recovery, &clean, &clean), Moment::AfterRecovery, Branch::Restarted, "recovered"),
        (trail(&clean, &clean, &clean), Moment::AtRest, Branch::Trunk, "second"),
    ] {
        let evidence = [evidence.to_owned()];
        assert_eq!(trail.last_breach(criterion), Some(Breach { moment, branch, evidence: &evidence }));
    }
}

#[test]
fn a_file_that_stands_alone_needs_no_row_and_its_neighbour_does() {
    let alone = Rules::new().file_stands_alone("notes/today.txt");
    let orphans = |paths: &[&str]| {
        let files = paths.iter().map(|path| ((*path).to_owned(), Entry::File(b"x".as_slice().into())));
        let world = Observation { files: files.collect(), ..Observation::default() };
        let reference = Reference::new(&alone, Observation::default(), world.clone());
        let judged = judge(&alone, &reference, Moment::AtRest, &world, Words::Told);
        judged.breaches.get(&Criterion::NoOrphanFiles).cloned().unwrap_or_default()
    };
    assert_eq!(orphans(&["notes/today.txt"]), [""; 0]);
    assert_eq!(orphans(&["notes/today.txt", "notes/today.txt~"]), ["notes/today.txt~ (1 byte) belongs to no row"]);
}
